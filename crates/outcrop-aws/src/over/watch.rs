//! A call as observers hear of it, from its serialisation to the end of its answer, over all attempts.
//!
//! It lives in the claim of the call, in the SDK's bag, and from its answer on in the body of a stream, too. If both are gone before it has
//! ended, its caller dropped it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_bedrockruntime::config::Region;
use aws_sdk_bedrockruntime::operation::RequestId as _;
use aws_sdk_bedrockruntime::operation::converse::ConverseInput;
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamInput;
use aws_sdk_bedrockruntime::types::InferenceConfiguration;
use aws_smithy_eventstream::frame::read_message_from;
use aws_smithy_runtime_api::client::interceptors::context::{FinalizerInterceptorContextRef, Input};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::config_bag::ConfigBag;
use outcrop::runtime::usage::Sources;
use tracing::Span;
use tracing::level_filters::LevelFilter;

use super::Settings;
use crate::convert::widened;
use crate::error::{Error, Facts, seen};
use crate::observe::{Asked, Call, Operation, Told};

/// A call to whose end somebody listens. Clones are of the same call.
#[derive(Clone)]
pub(super) struct Watched(Arc<Inner>);

struct Inner {
    streams: bool,
    state: Mutex<State>,
}

struct State {
    /// None after its end.
    call: Option<Call>,
    /// Who said the counts of a whole answer.
    sources: Sources,
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").field("streams", &self.0.streams).finish_non_exhaustive()
    }
}

/// What the SDK is asked; none if it is neither of Converse's operations.
pub(super) fn asked(input: &Input) -> Option<Asked<'_>> {
    let (operation, model_id, config) = match (input.downcast_ref::<ConverseInput>(), input.downcast_ref()) {
        (Some(input), _) => (Operation::Converse, input.model_id(), input.inference_config()),
        (None, Some(input)) => {
            let input: &ConverseStreamInput = input;
            (Operation::ConverseStream, input.model_id(), input.inference_config())
        }
        (None, None) => return None,
    };
    Some(Asked {
        operation,
        model_id: model_id.unwrap_or_default(),
        family: None,
        region: None,
        max_tokens: config.and_then(InferenceConfiguration::max_tokens).map(Into::into),
        temperature: config.and_then(InferenceConfiguration::temperature).map(widened),
        top_p: config.and_then(InferenceConfiguration::top_p).map(widened),
    })
}

/// Starts a call, if anybody listens.
pub(super) fn start(asked: Asked<'_>, settings: &Settings, parent: &Span, cfg: &ConfigBag) -> Option<Watched> {
    // To look for the region in the bag is dear.
    if settings.calls.is_empty() && LevelFilter::current() < LevelFilter::INFO {
        return None;
    }
    let region = cfg.load::<Region>().map(AsRef::as_ref);
    let call = Call::start_if_heard(&Asked { region, ..asked }, &settings.calls, parent)?;
    let state = Mutex::new(State { call: Some(call), sources: Sources::default() });
    Some(Watched(Arc::new(Inner { streams: asked.operation.is_stream(), state })))
}

impl Watched {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the answer is a stream.
    pub(super) fn streams(&self) -> bool {
        self.0.streams
    }

    /// Its span.
    pub(super) fn span(&self) -> Span {
        self.state().call.as_ref().map_or_else(Span::none, |call| call.span().clone())
    }

    /// Who said the counts of a whole answer.
    pub(super) fn sources(&self, sources: Sources) {
        self.state().sources = sources;
    }

    /// The SDK's part is over: with that the call has failed, or been answered, or a stream has begun.
    pub(super) fn over(&self, context: &FinalizerInterceptorContextRef<'_>) {
        match (context.output_or_error(), context.response()) {
            (Some(Err(error)), _) => self.fail(|| seen::failed(error, context)),
            (Some(Ok(_)), Some(response)) if !self.0.streams => {
                let (call, sources) = self.take();
                let mut told = Told::default();
                told.read(response.body().bytes().unwrap_or_default(), sources);
                call.map(|call| call.finish(told.end(response.request_id().map(str::to_owned))));
            }
            _ => {}
        }
    }

    /// The call, which ends.
    fn take(&self) -> (Option<Call>, Sources) {
        let mut state = self.state();
        (state.call.take(), state.sources)
    }

    fn fail(&self, error: impl FnOnce() -> Error) {
        if let (Some(call), _) = self.take() {
            let error = error().on(&call.info().model_id, call.info().region.as_deref());
            call.fail(&error);
        }
    }
}

/// Hears the events of a stream as they are handed out.
pub(super) struct Hearing {
    /// None if nobody listens, and after the end.
    watched: Option<Watched>,
    begun: bool,
    told: Told,
    /// The payload of the last event: who said its counts is known after it.
    metadata: Vec<u8>,
    request_id: Option<String>,
}

impl Hearing {
    /// Of the stream that is the body of an answer.
    pub(super) fn new(watched: Option<Watched>, response: &HttpResponse) -> Self {
        let request_id = watched.as_ref().and_then(|_| response.request_id()).map(str::to_owned);
        Self { watched, begun: false, told: Told::default(), metadata: Vec::new(), request_id }
    }

    /// Whether somebody listens.
    pub(super) fn listens(&self) -> bool {
        self.watched.is_some()
    }

    /// Whether the model has said that it stops.
    pub(super) fn has_stopped(&self) -> bool {
        self.told.has_stopped()
    }

    /// An event of Converse.
    pub(super) fn event(&mut self, name: &str, payload: &[u8]) {
        let Some(watched) = &self.watched else { return };
        if !self.begun {
            self.begun = true;
            if let Some(call) = &mut watched.state().call {
                call.event();
            }
        }
        match name {
            "messageStop" => self.told.read(payload, Sources::default()),
            "metadata" => payload.clone_into(&mut self.metadata),
            _ => {}
        }
    }

    /// The answer is whole.
    pub(super) fn finish(&mut self, sources: Sources) {
        let Some(watched) = self.watched.take() else { return };
        if !self.metadata.is_empty() {
            self.told.read(&self.metadata, sources);
        }
        let end = std::mem::take(&mut self.told).end(self.request_id.take());
        watched.take().0.map(|call| call.finish(end));
    }

    /// An exception or error, as its frame.
    pub(super) fn exception(&mut self, frame: &[u8]) {
        self.fault(|| match read_message_from(frame) {
            Ok(message) => Error::of(Facts::of_message(&message)),
            Err(e) => seen::broken(&e),
        });
    }

    /// The stream cannot be read, or it or its connection has ended too early.
    pub(super) fn fault(&mut self, error: impl FnOnce() -> Error) {
        if let Some(watched) = self.watched.take() {
            watched.fail(|| error().in_request(self.request_id.as_deref()));
        }
    }
}
