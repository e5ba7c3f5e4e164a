//! The guard as an interceptor of the SDK, and as an observer.

use std::sync::Arc;

use aws_sdk_bedrockruntime::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_bedrockruntime::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_bedrockruntime::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_types::config_bag::{Storable, StoreReplace};

use super::{Size, SpikeGuard};
use crate::observe::{Finished, Info, Observer};

/// The label of a call, kept between its hooks.
#[derive(Debug)]
struct Label(Arc<str>);

impl Storable for Label {
    type Storer = StoreReplace<Self>;
}

#[dyn_dispatch_hint]
impl Intercept for SpikeGuard {
    fn name(&self) -> &'static str {
        "outcrop input guard"
    }

    // Once a call, before its first attempt and before any translation of the body.
    fn read_after_serialization(
        &self,
        ctx: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = ctx.request();
        let model = || request.uri().split("/model/").nth(1).and_then(|rest| rest.split('/').next());
        let Some(label) = self.label.clone().or_else(|| model().map(Into::into)) else { return Ok(()) };
        if let Some(bytes) = request.body().content_length() {
            self.check(&label, Size::bytes(bytes))?;
        }
        cfg.interceptor_state().store_put(Label(label));
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        ctx: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let tokens = ctx.response().headers().get("x-amzn-bedrock-input-token-count");
        if let (Some(label), Some(tokens)) = (cfg.load::<Label>(), tokens.and_then(|text| text.parse().ok())) {
            self.learn_tokens(&label.0, tokens);
        }
        Ok(())
    }
}

/// Learns the tokens of inputs from finished calls, under the guard's label or the model id.
impl Observer for SpikeGuard {
    fn finished(&self, call: &Info, end: &Finished) {
        if let Some(tokens) = end.usage.prompt() {
            self.learn_tokens(self.label.as_deref().unwrap_or(&call.model_id), tokens);
        }
    }
}
