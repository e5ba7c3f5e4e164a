//! One answer.

use aws_sdk_bedrockruntime::operation::RequestId as _;
use outcrop_runtime::Report;
use tracing::Instrument as _;

use super::Client;
use super::encode::{self, Asked};
use super::invoke::{self, Whole};
use crate::Error;
use crate::codec;
use crate::convert::converse_input;
use crate::observe::{Finished, Operation, Told};
use crate::select::Format;
use crate::types::{ConverseRequest, ConverseResponse};
use crate::usage::{Rates, Usage};

/// An answer, and what is known of the call beside it.
#[derive(Debug, Clone)]
pub struct Converse {
    /// The answer.
    pub response: ConverseResponse,
    /// The family whose format was spoken; none if the call went to the service's own Converse.
    pub family: Option<&'static str>,
    /// What of the request did not go through unchanged.
    pub sent: Report,
    /// What of the answer did not go through unchanged, and who said the token counts.
    pub report: Report,
    /// What the call took: tokens and who counted them, cost, latencies, and the id of the request.
    pub call: Finished,
}

impl Converse {
    /// The tokens, and who counted them.
    #[must_use]
    pub fn usage(&self) -> &Usage {
        &self.call.usage
    }
}

/// An answer before its call is over.
struct Answered {
    response: ConverseResponse,
    sent: Report,
    report: Report,
    request_id: Option<String>,
    rates: Option<Rates>,
}

pub(super) async fn converse(client: &Client, model_id: &str, request: ConverseRequest) -> Result<Converse, Error> {
    let format = client.settings.format(model_id);
    let family = format.as_ref().ok().and_then(Option::as_ref).map(|format| format.entry.spec.family);
    let call = client.begin(&client.asked(Operation::Converse, model_id, family, Some(&request)));
    let asked = call.span().in_scope(|| encode::ask(&client.settings, format, request));
    let answered = match asked {
        Ok(Asked::Native(format, sent)) => {
            let native = invoke::whole(client, call.span(), model_id, sent.body, sent.headers).await;
            native.and_then(|native| call.span().in_scope(|| read(client, model_id, &format, sent.report, native)))
        }
        // Rare, and its future is the largest.
        Ok(Asked::Converse(request)) => {
            Box::pin(pass_through(client, model_id, *request)).instrument(call.span().clone()).await
        }
        Err(refused) => Err(refused.into()),
    };
    match answered {
        Ok(Answered { response, sent, report, request_id, rates }) => {
            let call = call.finish(rates, Told::of(&response, report.usage).end(request_id));
            Ok(Converse { response, family, sent, report, call })
        }
        Err(e) => {
            let e = client.about(e, model_id);
            call.fail(&e);
            Err(e)
        }
    }
}

fn read(client: &Client, model_id: &str, format: &Format, sent: Report, native: Whole) -> Result<Answered, Error> {
    let Whole { body, headers, request_id } = native;
    let read = codec::decode_response(format, &client.settings.call(format, &headers), &body);
    let (response, report) = read.map_err(|e| Error::from(e).in_request(request_id.as_deref()))?;
    Ok(Answered { response, sent, report, request_id, rates: format.rates(model_id, client.region()) })
}

async fn pass_through(client: &Client, model_id: &str, request: ConverseRequest) -> Result<Answered, Error> {
    let output = converse_input(request)?.model_id(model_id).send_with(&client.sdk).await?;
    let request_id = output.request_id().map(str::to_owned);
    let (sent, report) = (Report::default(), Report::default());
    let rates = Rates::of(model_id, client.region());
    Ok(Answered { response: output.try_into()?, sent, report, request_id, rates })
}
