//! One answer.

use aws_sdk_bedrockruntime::operation::RequestId as _;
use outcrop_runtime::Report;
use tracing::Instrument as _;

use super::{Client, encode, invoke};
use crate::Error;
use crate::convert::converse_input;
use crate::observe::{Finished, Operation, Told};
use crate::select::Format;
use crate::types::{ConverseRequest, ConverseResponse};
use crate::usage::Usage;

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
}

pub(super) async fn converse(client: &Client, model_id: &str, request: ConverseRequest) -> Result<Converse, Error> {
    let format = client.settings.format(model_id);
    let family = format.as_ref().ok().and_then(Option::as_ref).map(|format| format.entry.spec.family);
    let call = client.start(Operation::Converse, model_id, family, Some(&request));
    let run = async {
        match format? {
            Some(format) => native(client, model_id, &format, request).await,
            // Rare, and its future is the largest.
            None => Box::pin(pass_through(client, model_id, request)).await,
        }
    };
    // On the heap: the futures of the SDK are large, and every layer of a caller's would move them.
    match Box::pin(run).instrument(call.span().clone()).await {
        Ok(Answered { response, sent, report, request_id }) => {
            let call = call.finish(Told::of(&response, report.usage).end(request_id));
            Ok(Converse { response, family, sent, report, call })
        }
        Err(e) => {
            let e = client.about(e, model_id);
            call.fail(&e);
            Err(e)
        }
    }
}

async fn native(client: &Client, model_id: &str, format: &Format, request: ConverseRequest) -> Result<Answered, Error> {
    let sent = encode::request(format, &client.settings.call(format, &[]), &request)?;
    drop(request);
    let native = invoke::whole(client, model_id, sent.body, sent.headers).await?;
    let call = client.settings.call(format, &native.headers);
    let (response, report) = encode::response(format, &call, &native.body)
        .map_err(|e| Error::from(e).in_request(native.request_id.as_deref()))?;
    Ok(Answered { response, sent: sent.report, report, request_id: native.request_id })
}

async fn pass_through(client: &Client, model_id: &str, request: ConverseRequest) -> Result<Answered, Error> {
    let output = converse_input(request)?.model_id(model_id).send_with(&client.sdk).await?;
    let request_id = output.request_id().map(str::to_owned);
    Ok(Answered { response: output.try_into()?, sent: Report::default(), report: Report::default(), request_id })
}
