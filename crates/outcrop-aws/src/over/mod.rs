//! The SDK's own client, speaking InvokeModel: an interceptor between its Converse operations and the wire.
//!
//! - `going`: a call that is translated, from its request to its answer.
//! - `direct`: whether a request can be encoded as the SDK's types.
//! - `operation`: the operations and their paths.
//! - `request`: the Converse request is encoded, once a call, and becomes one of InvokeModel before it is signed.
//! - `answer`: the body of an answer is collected, then translated.
//! - `stream`: the event stream is translated frame by frame (`crate::frames`).
//! - `report`: what is told of losses and refusals.
//! - `watch`: what observers hear of the call; `pass` listens to streams of the service's own Converse.

mod answer;
mod direct;
mod going;
mod operation;
mod pass;
mod report;
mod request;
mod stream;
mod watch;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextMut, BeforeSerializationInterceptorContextMut,
    BeforeTransmitInterceptorContextMut, FinalizerInterceptorContextMut, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::OrchestratorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use outcrop::registry::Entry;
use outcrop::runtime::resolve::{Resolve, Target};

use crate::headers;
use crate::observe::{self, Observers};
use crate::select::Select;
use report::Observer;
pub use report::{Translated, TranslationError};
use request::Claim;
use watch::{Hearing, Watched};

/// Runs `converse()` and `converse_stream()` of an unmodified `aws_sdk_bedrockruntime::Client` over InvokeModel and
/// InvokeModelWithResponseStream: `.interceptor(ConverseOverInvoke::new())` on the client's configuration, or on one call
/// with `.customize()`, where it replaces the client's.
///
/// Calls to models whose format is not known go to Converse as they are, as do all other operations. See the crate's page
/// for what moves where, and for limits.
///
/// ```
/// use aws_sdk_bedrockruntime::{Client, config::{BehaviorVersion, Config}};
/// use outcrop_aws::ConverseOverInvoke;
///
/// let config = Config::builder().behavior_version(BehaviorVersion::latest()).interceptor(ConverseOverInvoke::new());
/// let client = Client::from_conf(config.build());
/// # drop(client);
/// ```
#[derive(Clone, Default)]
pub struct ConverseOverInvoke {
    settings: Arc<Settings>,
}

/// By which other interceptors know this one.
const NAME: &str = "ConverseOverInvoke";

/// How calls are translated.
#[derive(Clone, Default)]
struct Settings {
    select: Select,
    strict: bool,
    escape: bool,
    observer: Option<Observer>,
    calls: Observers,
}

impl ConverseOverInvoke {
    /// For every model whose format is compiled in.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }

    /// Refuses what would otherwise be reported as dropped or approximated.
    #[must_use]
    pub fn strict(self, strict: bool) -> Self {
        self.with(|s| s.strict = strict)
    }

    /// Escapes markers of a prompt grammar that texts contain, instead of refusing the text.
    #[must_use]
    pub fn escape(self, escape: bool) -> Self {
        self.with(|s| s.escape = escape)
    }

    /// Translates only the models for which `chosen` is true, by the id that the caller uses; the others go to Converse. A
    /// chosen model whose format is not known is refused instead of passed through.
    #[must_use]
    pub fn only(self, chosen: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.with(|s| s.select.only(chosen))
    }

    /// Says what an id stands for that does not say it itself, such as the ARN of a provisioned, imported or Marketplace
    /// model. `*` stands for any text; the most specific line wins.
    #[must_use]
    pub fn target(self, id: impl AsRef<str>, target: Target) -> Self {
        self.with(|s| s.select.target(id.as_ref(), target))
    }

    /// A resolver that is asked before lines of [`target`](Self::target) and patterns of families. It must not wait: look
    /// up what a service knows of an ARN beforehand.
    #[must_use]
    pub fn resolver(self, resolver: impl Resolve + Send + Sync + 'static) -> Self {
        self.with(|s| s.select.resolver(resolver))
    }

    /// A family of your own, from `outcrop::family!` and [`entry!`](crate::entry). It comes before those that are compiled in.
    #[must_use]
    pub fn family(self, family: &'static Entry) -> Self {
        self.with(|s| s.select.family(family))
    }

    /// Takes the report of every translation: what was lost, and who said the token counts. Without an observer each loss
    /// is an event of `tracing` with the target `outcrop_aws::loss`. What calls took is told by
    /// [`call_observer`](Self::call_observer).
    #[must_use]
    pub fn observer(self, observer: impl Fn(&Translated<'_>) + Send + Sync + 'static) -> Self {
        self.with(|s| s.observer = Some(Arc::new(observer)))
    }

    /// Tells an observer of every call of Converse, translated or not: usage, cost, latencies, failures. Several are told
    /// one after the other. A call is one whatever its attempts, and that of a stream ends with the stream. With observers or
    /// without, every call is a `tracing` span. See [`observe`].
    ///
    /// ```
    /// use outcrop_aws::ConverseOverInvoke;
    /// use outcrop_aws::observe::{Finished, Info, Observer};
    ///
    /// struct Bill;
    /// impl Observer for Bill {
    ///     fn finished(&self, call: &Info, end: &Finished) {
    ///         let cost = end.cost.map_or("unknown".into(), |cost| cost.to_string());
    ///         println!("{}: {:?} tokens, {cost}", call.model_id, end.usage.total.map(|count| count.tokens));
    ///     }
    /// }
    /// let interceptor = ConverseOverInvoke::new().call_observer(Bill);
    /// # drop(interceptor);
    /// ```
    #[must_use]
    pub fn call_observer(self, observer: impl observe::Observer + 'static) -> Self {
        self.with(|s| s.calls = s.calls.and(observer))
    }
}

impl fmt::Debug for ConverseOverInvoke {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings { strict, escape, observer, calls, .. } = &*self.settings;
        let observed = observer.is_some();
        f.debug_struct("ConverseOverInvoke")
            .field("strict", strict)
            .field("escape", escape)
            .field("observed", &observed)
            .field("calls", calls)
            .finish_non_exhaustive()
    }
}

#[dyn_dispatch_hint]
impl Intercept for ConverseOverInvoke {
    fn name(&self) -> &'static str {
        NAME
    }

    fn modify_before_serialization(
        &self,
        _context: &mut BeforeSerializationInterceptorContextMut<'_>,
        components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        request::claim(&self.settings, components, cfg)
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        request::claimed(&self.settings, cfg).map_or(Ok(()), |claim| claim.rewrite(context.request_mut()))
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response_mut();
        // Errors are the same for both operations.
        let claim = request::claimed(&self.settings, cfg).filter(|_| response.status().is_success());
        let Some(claim) = claim.filter(Claim::take_answer) else { return Ok(()) };
        let watched = claim.watched();
        let Some(going) = claim.going() else {
            if watched.as_ref().is_some_and(Watched::streams) {
                let hearing = Hearing::new(watched, response);
                let body = response.take_body();
                *response.body_mut() = pass::body(body, hearing);
            }
            return Ok(());
        };
        let headers = headers::told(response.headers());
        let body = response.take_body();
        *response.body_mut() = match going.format.entry.streams.filter(|_| going.streams) {
            Some(plan) => stream::body(body, plan, going, &headers, Hearing::new(watched, response)),
            None => answer::body(body, going, headers),
        };
        // It is the length of the body that was.
        response.headers_mut().remove("content-length");
        Ok(())
    }

    fn modify_before_attempt_completion(
        &self,
        context: &mut FinalizerInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // The SDK takes a body that fails for a fault of the network, and would pay for the same answer again.
        if let Some(slot @ Err(_)) = context.output_or_error_mut()
            && let Some(error) = slot.as_ref().err().and_then(|e| translation_error(e))
        {
            let error = error.clone();
            *slot = Err(OrchestratorError::other(error));
        }
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(watched) = request::claimed(&self.settings, cfg).and_then(|claim| claim.watched()) {
            watched.over(context);
        }
        Ok(())
    }
}

/// The translation error in a chain of sources.
fn translation_error<'e>(mut error: &'e (dyn StdError + 'static)) -> Option<&'e TranslationError> {
    loop {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        error = error.source()?;
    }
}
