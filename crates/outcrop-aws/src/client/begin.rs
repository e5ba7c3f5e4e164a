//! How an answer in events begins.

use aws_sdk_bedrockruntime::operation::RequestId as _;
use outcrop::stream::Decoder;
use outcrop_runtime::{Output, Report, cx};
use tracing::{Instrument as _, Span};

use super::chunks::Chunks;
use super::encode::{self, Asked};
use super::opened::{Opened, Running};
use super::{Client, ConverseStream, invoke};
use crate::Error;
use crate::convert::converse_stream_input;
use crate::observe::Operation;
use crate::select::Format;
use crate::types::ConverseRequest;

/// A stream whose first part is there.
pub(super) struct Begun {
    pub(super) from: Running,
    /// None if the events are the service's own.
    pub(super) decoder: Option<Decoder<'static>>,
    /// What of the request did not go through unchanged.
    pub(super) sent: Report,
}

pub(super) async fn converse_stream(
    client: &Client,
    model_id: &str,
    request: ConverseRequest,
) -> Result<ConverseStream, Error> {
    let format = client.settings.format(model_id);
    let family = format.as_ref().ok().and_then(Option::as_ref).map(|format| format.entry.spec.family);
    let call = client.start(&client.asked(Operation::ConverseStream, model_id, family, Some(&request)));
    let format = format.and_then(|format| match format {
        Some(format) if format.entry.streams.is_none() => Err(cx::no_operation(format.entry.spec)),
        found => Ok(found),
    });
    let asked = call.span().in_scope(|| encode::ask(&client.settings, format, request));
    let opened = match asked {
        Ok(Asked::Native(format, sent)) => native(client, call.span(), model_id, &format, sent).await,
        // Rare, and its future is the largest.
        Ok(Asked::Converse(request)) => {
            Box::pin(pass_through(client, model_id, *request)).instrument(call.span().clone()).await
        }
        Err(refused) => Err(refused.into()),
    };
    match opened {
        Ok(begun) => Ok(ConverseStream::new(client, call, family, begun)),
        Err(e) => {
            let e = client.about(e, model_id);
            call.fail(&e);
            Err(e)
        }
    }
}

async fn native(client: &Client, span: &Span, model_id: &str, format: &Format, sent: Output) -> Result<Begun, Error> {
    let from = invoke::open(client, span, model_id, sent.body, sent.headers).await?;
    let call = client.settings.call(format, from.headers());
    let decoder = format.entry.streams.map(|plan| Decoder::owned(plan, &call));
    Ok(Begun { from, decoder, sent: sent.report })
}

async fn pass_through(client: &Client, model_id: &str, request: ConverseRequest) -> Result<Begun, Error> {
    let input = converse_stream_input(request)?.model_id(model_id);
    let once = || async {
        let output = input.clone().send_with(&client.sdk).await?;
        let request_id = output.request_id().map(str::to_owned);
        Ok(Opened { chunks: Chunks::converse(output.stream), headers: Vec::new(), request_id })
    };
    let from = Running::start(client, once).await?;
    Ok(Begun { from, decoder: None, sent: Report::default() })
}
