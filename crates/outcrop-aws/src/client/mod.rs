//! The typed client: Converse as plain types over the InvokeModel operations of an SDK client.
//!
//! ```no_run
//! # async fn run(model_id: &str) -> Result<(), outcrop_aws::Error> {
//! use outcrop_aws::Client;
//! use outcrop_aws::types::ConverseRequest;
//!
//! let client = Client::from_env().await;
//! let answer = client.converse(model_id, ConverseRequest::user("Name a metal.")).await?;
//! println!("{}", answer.response.text());
//! # Ok(())
//! # }
//! ```
//!
//! A call resolves the model id to a family, encodes the request for it, calls `InvokeModel` or
//! `InvokeModelWithResponseStream` through the SDK (credentials, signatures, retries and timeouts are the SDK's), and
//! decodes the answer. What Converse has in the body and InvokeModel in headers (guardrail, trace, tier, latency, metadata)
//! is sent as headers, which are signed; token counts and latencies that the service tells in headers are in the answer.
//!
//! | | |
//! |---|---|
//! | [`Client::converse`] | one answer: [`Converse`], with the reports of both translations |
//! | [`Client::converse_stream`] | events as they come: [`ConverseStream`], or all of them as one answer |
//! | [`Client::invoke`], [`Client::invoke_stream`] | the model's own bodies, untranslated |
//!
//! **Which format.** The id says the model and the model its family, where it can. For ids that say nothing, as those of
//! imported models and of provisioned throughput, [`Builder::target`] names the base model or the family; families of your
//! own come in through [`Builder::family`]. An id that leads nowhere is refused before anything is sent, unless
//! [`Builder::pass_through`] lets such calls go to the service's own Converse.
//!
//! **What does not fit.** A request that the format cannot say is refused before anything is sent
//! ([`Class::Refused`](crate::error::Class::Refused), with the place and the remedy). What changes on the way is in
//! [`Converse::sent`] and [`Converse::report`]; [`Builder::strict`] refuses that too.
//!
//! **Streams** are read as fast as the caller takes events, and no faster. One that fails before its first event is opened
//! again ([`Builder::retry`]), never later: nothing that was handed out is asked for twice. One that is silent for too long
//! ends with an error ([`Builder::idle`]). One that breaks off gives the events that came, then the error; dropping a stream
//! closes the connection.
//!
//! **What a call took** is in [`Converse::call`]: tokens and who counted them, what they cost, latencies, the request's id.
//! [`Builder::observer`] hears of it for all calls; every call is a `tracing` span. No word of prompts or answers is in
//! either.

mod answer;
mod begin;
mod builder;
mod chunks;
mod collect;
mod door;
mod encode;
mod invoke;
mod native;
mod opened;
mod stream;

use std::sync::Arc;

use aws_sdk_bedrockruntime::Client as Sdk;

pub use answer::Converse;
pub use builder::Builder;
pub use invoke::{InvokeStream, Invoked};
pub use stream::{ConverseEvent, ConverseStream};

use crate::Error;
use crate::observe::{Asked, Begun, Call, Operation};
use crate::types::ConverseRequest;
use builder::Settings;
use door::Door;

/// Converse over InvokeModel, as plain types. Cheap to clone: clones share the SDK's client and the settings.
#[derive(Debug, Clone)]
pub struct Client {
    sdk: Sdk,
    door: Arc<Door>,
    settings: Arc<Settings>,
}

impl Client {
    /// Over a client of the SDK, with the settings of [`Builder`] as they are by default.
    #[must_use]
    pub fn new(sdk: Sdk) -> Self {
        Self::builder().build(sdk)
    }

    /// With region, credentials and all else as the environment and the profile say.
    pub async fn from_env() -> Self {
        Self::builder().from_env().await
    }

    /// Settings for a client.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The SDK's client.
    #[must_use]
    pub fn sdk(&self) -> &Sdk {
        &self.sdk
    }

    /// Asks a model for one answer. `model_id` is a model's id, an inference profile or an ARN.
    ///
    /// # Errors
    ///
    /// [`Class::Refused`](crate::error::Class::Refused) if the id leads to no family, or the request does not go into its
    /// format: then nothing has been sent. All else comes from the call.
    pub async fn converse(
        &self,
        model_id: impl Into<String>,
        request: impl Into<ConverseRequest>,
    ) -> Result<Converse, Error> {
        let (model_id, request) = (model_id.into(), request.into());
        answer::converse(self, &model_id, request).await
    }

    /// Asks a model for an answer that comes in events.
    ///
    /// # Errors
    ///
    /// As of [`Client::converse`]; what happens after the stream has begun is among its items.
    pub async fn converse_stream(
        &self,
        model_id: impl Into<String>,
        request: impl Into<ConverseRequest>,
    ) -> Result<ConverseStream, Error> {
        let (model_id, request) = (model_id.into(), request.into());
        begin::converse_stream(self, &model_id, request).await
    }

    /// Sends a model its own body, and gives back its own.
    ///
    /// # Errors
    ///
    /// Those of the call.
    pub async fn invoke(&self, model_id: impl Into<String>, body: impl Into<Vec<u8>>) -> Result<Invoked, Error> {
        invoke::invoke(self, &model_id.into(), body.into()).await
    }

    /// Sends a model its own body, and gives its chunks as they come.
    ///
    /// # Errors
    ///
    /// Those of the call; what happens after the stream has begun is among its items.
    pub async fn invoke_stream(
        &self,
        model_id: impl Into<String>,
        body: impl Into<Vec<u8>>,
    ) -> Result<InvokeStream, Error> {
        invoke::stream(self, &model_id.into(), body.into()).await
    }

    /// An error with what is known of its call.
    fn about(&self, error: Error, model_id: &str) -> Error {
        error.on(model_id, self.region())
    }

    /// What is asked, for observers.
    fn asked<'a>(
        &'a self,
        operation: Operation,
        model_id: &'a str,
        family: Option<&'a str>,
        request: Option<&ConverseRequest>,
    ) -> Asked<'a> {
        let config = request.and_then(|request| request.inference_config.as_ref());
        Asked {
            operation,
            model_id,
            family,
            region: self.region(),
            max_tokens: config.and_then(|config| config.max_tokens),
            temperature: config.and_then(|config| config.temperature),
            top_p: config.and_then(|config| config.top_p),
        }
    }

    /// Starts a call that is answered at once: tells the observers.
    fn begin(&self, asked: &Asked<'_>) -> Begun {
        Begun::start(asked, &self.settings.observers)
    }

    /// Starts a call that is answered with a stream: tells the observers.
    fn start(&self, asked: &Asked<'_>) -> Call {
        Call::start(asked.info(), &self.settings.observers)
    }

    fn region(&self) -> Option<&str> {
        self.sdk.config().region().map(AsRef::as_ref)
    }
}
