//! How calls of InvokeModel go through the SDK: its hooks put in the headers that a format wants sent and signed, take out
//! those that tell of the answer, and take the body of a stream, whose chunks need not go through the SDK's types.
//!
//! An interceptor of one call makes the SDK put the configuration of that call together anew, which takes a tenth of all that
//! a call does. So there is one client of the SDK with these hooks, made for the second call out of the one that was given: the
//! first has found out with what HTTP client and what cache of identities that one works, which both share from then on.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Context;

use aws_sdk_bedrockruntime::Client as Sdk;
use aws_sdk_bedrockruntime::config::interceptors::{
    BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextMut,
};
use aws_sdk_bedrockruntime::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_bedrockruntime::error::BoxError;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::identity::SharedIdentityCache;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use tracing::Span;

use super::native::{Native, Rest};
use crate::headers;

/// What a call gives to the hooks, and takes from them. Clones are of the same call, be it for another attempt.
#[derive(Debug, Clone, Default)]
pub(super) struct Exchange(Arc<Mutex<Parts>>);

/// The parts of it.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Headers that are sent.
    sent: Vec<(String, String)>,
    /// Headers of the answer, once it has begun.
    pub(super) told: Vec<(String, String)>,
    /// Whether the body of the answer is taken from the SDK, to read its frames.
    streams: bool,
    /// That body, once it has begun.
    pub(super) stream: Option<Box<Native>>,
}

tokio::task_local! {
    /// Of the call whose future is being polled: the SDK runs its hooks within.
    static EXCHANGE: Exchange;
}

impl Exchange {
    /// Of a call that sends these headers, and is answered with a stream or not.
    pub(super) fn new(sent: Vec<(String, String)>, streams: bool) -> Self {
        Self(Arc::new(Mutex::new(Parts { sent, streams, ..Parts::default() })))
    }

    /// Waits for the call within a span. It stays where it is: the futures of the SDK are large, and every layer of callers
    /// moves them.
    pub(super) async fn over<F: Future>(&self, span: &Span, mut call: Pin<&mut F>) -> F::Output {
        let poll = |cx: &mut Context<'_>| {
            let _within = span.enter();
            EXCHANGE.sync_scope(self.clone(), || call.as_mut().poll(cx))
        };
        poll_fn(poll).await
    }

    /// What there is of it.
    pub(super) fn parts(&self) -> MutexGuard<'_, Parts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The client of the SDK that has the hooks.
#[derive(Debug, Default)]
pub(super) struct Door {
    shared: Arc<OnceLock<Shared>>,
    client: OnceLock<Sdk>,
}

/// What clients share so that they are as one.
#[derive(Debug)]
struct Shared {
    http: Option<SharedHttpClient>,
    identities: SharedIdentityCache,
}

impl Door {
    /// A client to call, and the hooks if it does not have them.
    pub(super) fn of<'c>(&'c self, sdk: &'c Sdk) -> (&'c Sdk, Option<Hooks>) {
        let Some(shared) = self.shared.get() else { return (sdk, Some(Hooks { finds: Some(self.shared.clone()) })) };
        let with_hooks = || {
            let mut config = sdk.config().to_builder();
            config.push_interceptor(SharedInterceptor::permanent(Hooks { finds: None }));
            config.set_http_client(shared.http.clone());
            config.set_identity_cache(shared.identities.clone());
            Sdk::from_conf(config.build())
        };
        (self.client.get_or_init(with_hooks), None)
    }
}

/// Interceptor of the calls of typed clients.
#[derive(Debug)]
pub(super) struct Hooks {
    /// Where what is found goes.
    finds: Option<Arc<OnceLock<Shared>>>,
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for Hooks {
    fn name(&self) -> &'static str {
        "outcrop call"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        exchange(|exchange| {
            for (name, value) in &exchange.sent {
                context.request_mut().headers_mut().try_insert(name.clone(), value.clone())?;
            }
            Ok(())
        })
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        components: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(found) = &self.finds {
            let (http, identities) = (components.http_client(), components.identity_cache());
            found.get_or_init(|| Shared { http, identities });
        }
        exchange(|exchange| {
            let response = context.response_mut();
            exchange.told = headers::told(response.headers());
            // An error is the SDK's to read.
            exchange.stream = (exchange.streams && response.status().is_success()).then(|| {
                let rest = Rest::default();
                Box::new(Native::new(std::mem::replace(response.body_mut(), rest.clone().into()), rest))
            });
            Ok(())
        })
    }
}

/// Lets a hook have its call's; without one there is nothing to do.
fn exchange(hook: impl FnOnce(&mut Parts) -> Result<(), BoxError>) -> Result<(), BoxError> {
    EXCHANGE.try_with(|exchange| hook(&mut exchange.parts())).unwrap_or(Ok(()))
}
