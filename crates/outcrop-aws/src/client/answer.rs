//! One answer.

use std::time::{Duration, Instant};

use aws_sdk_bedrockruntime::operation::RequestId as _;
use aws_sdk_bedrockruntime::operation::converse::ConverseOutput;
use outcrop_runtime::Report;
use outcrop_runtime::usage::Source;

use super::{Client, encode, invoke};
use crate::Error;
use crate::convert::converse_input;
use crate::types::{ConverseRequest, ConverseResponse, TokenUsage};

/// An answer, and what is known of the call beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Converse {
    /// The answer.
    pub response: ConverseResponse,
    /// The family whose format was spoken; none if the call went to the service's own Converse.
    pub family: Option<&'static str>,
    /// What of the request did not go through unchanged.
    pub sent: Report,
    /// What of the answer did not go through unchanged, and who said the token counts.
    pub report: Report,
    /// The service's id of the request.
    pub request_id: Option<String>,
    /// From the call to the whole answer, retries included, as measured here. The service's own measure is
    /// `response.metrics`.
    pub elapsed: Duration,
}

impl Converse {
    /// The token counts; none if nobody said any.
    #[must_use]
    pub fn usage(&self) -> Option<&TokenUsage> {
        self.response.usage.as_ref()
    }

    /// Who said a count, by its name (`inputTokens`).
    #[must_use]
    pub fn usage_source(&self, name: &str) -> Option<Source> {
        self.report.usage.source(name)
    }
}

pub(super) async fn converse(client: &Client, model_id: &str, request: ConverseRequest) -> Result<Converse, Error> {
    let begun = Instant::now();
    let Some(format) = client.settings.format(model_id)? else {
        return pass_through(client, model_id, request, begun).await;
    };
    let sent = encode::request(&format, &client.settings.call(&format, &[]), &request)?;
    drop(request);
    let native = invoke::invoke(&client.sdk, model_id, sent.body, sent.headers).await?;
    let call = client.settings.call(&format, &native.headers);
    let (response, report) = encode::response(&format, &call, &native.body)
        .map_err(|e| Error::from(e).in_request(native.request_id.as_deref()))?;
    Ok(Converse {
        response,
        family: Some(format.entry.spec.family),
        sent: sent.report,
        report,
        request_id: native.request_id,
        elapsed: begun.elapsed(),
    })
}

async fn pass_through(
    client: &Client,
    model_id: &str,
    request: ConverseRequest,
    begun: Instant,
) -> Result<Converse, Error> {
    let input = converse_input(request)?.model_id(model_id);
    let output: ConverseOutput = input.send_with(&client.sdk).await?;
    let request_id = output.request_id().map(str::to_owned);
    Ok(Converse {
        response: output.try_into()?,
        family: None,
        sent: Report::default(),
        report: Report::default(),
        request_id,
        elapsed: begun.elapsed(),
    })
}
