//! Lets the SDK's retry settings depend on what went wrong.

use std::time::Duration;

use aws_sdk_bedrockruntime::config::interceptors::{
    BeforeTransmitInterceptorContextMut, FinalizerInterceptorContextRef,
};
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_bedrockruntime::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use tokio::time::Instant;

use super::Policy;
use super::classifier::error_of;
use crate::error::Class;

/// Changes number of attempts and longest backoff for the next attempt: a model that is not ready is asked for minutes, and
/// a wait that a server asks for is not cut. The SDK reads its settings anew after every attempt.
#[derive(Debug)]
pub struct Patience {
    longest_wait: Duration,
    not_ready: Duration,
}

/// The settings of a call as they were, and when it began.
#[derive(Debug)]
struct Begin {
    config: RetryConfig,
    at: Instant,
}

impl Storable for Begin {
    type Storer = StoreReplace<Self>;
}

impl Patience {
    /// With the times of a policy.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        Self { longest_wait: policy.longest_wait, not_ready: policy.not_ready }
    }
}

#[dyn_dispatch_hint]
impl Intercept for Patience {
    fn name(&self) -> &'static str {
        "outcrop patience"
    }

    fn modify_before_retry_loop(
        &self,
        _: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(config) = cfg.load::<RetryConfig>().cloned() {
            cfg.interceptor_state().store_put(Begin { config, at: Instant::now() });
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        ctx: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(begin) = cfg.load::<Begin>() else { return Ok(()) };
        let Some(error) = error_of(ctx.response()) else { return Ok(()) };
        let mut config = begin.config.clone();
        if error.class() == Class::ModelNotReady && begin.at.elapsed() < self.not_ready {
            let attempts = cfg.load::<RequestAttempts>().map_or(0, RequestAttempts::attempts);
            let more = config.max_attempts().max(attempts.saturating_add(1));
            config = config.with_max_attempts(more);
        }
        if let Some(wait) = error.retry_after().filter(|wait| *wait <= self.longest_wait) {
            // With the second that jitter may add. Made anew, for the SDK's retry behaviour of 2026 would cut the wait to its
            // own backoff and five seconds.
            let longest = config.max_backoff().max(wait + Duration::from_secs(1));
            config = RetryConfig::standard()
                .with_retry_mode(config.mode())
                .with_reconnect_mode(config.reconnect_mode())
                .with_initial_backoff(config.initial_backoff())
                .with_max_attempts(config.max_attempts())
                .with_max_backoff(longest);
        }
        cfg.interceptor_state().store_put(config);
        Ok(())
    }
}
