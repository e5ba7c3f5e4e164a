//! Sending again what is worth it: more than the SDK does, and nothing twice.
//!
//! The SDK retries throttling, 5xx answers and lost connections. [`Policy::apply`] gives a client of it what is missing for
//! Bedrock, through the SDK's own extension points, for all operations alike:
//!
//! | what | the SDK alone | with a policy |
//! |---|---|---|
//! | `ModelErrorException` (424), `ModelTimeoutException` (408) | never | as any other fault |
//! | 429, 408 or 529 without a type, from gateways | never | as throttling or a fault |
//! | `ModelNotReadyException` | as throttling: 3 attempts | until [`Policy::not_ready`] is over (5 minutes) |
//! | `Retry-After` | ignored | waited for, if it is not above [`Policy::longest_wait`]; else no retry, and the error tells the wait |
//! | `x-amz-retry-after` | cut to the longest backoff | the same |
//! | "too many tokens per day" | 3 attempts in vain | not retried |
//! | a stream whose first frame is an exception | never: the status was 200 | [`Streams`] |
//!
//! Waits grow exponentially with full jitter up to a cap, as the SDK's do; in its adaptive mode its rate limiter decides them. A budget (the SDK's token bucket) keeps many
//! failing calls from becoming many more.
//!
//! ```
//! use outcrop_aws::retry::Policy;
//!
//! let builder = aws_sdk_bedrockruntime::Config::builder();
//! let builder = Policy::default().attempts(5).apply(builder);
//! # let _ = builder;
//! ```

mod backoff;
mod classifier;
mod patience;
mod streams;

use std::time::Duration;

use aws_sdk_bedrockruntime::config::Builder;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};

pub use classifier::Classifier;
pub use patience::Patience;
pub use streams::{Begun, Streams};

/// What is sent again, how often, and how long is waited.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Attempts and backoff, as the SDK has them: at most 3 attempts in all; 1 second doubling up to 20, each wait a random
    /// part of it.
    pub sdk: RetryConfig,
    /// The longest wait that a server may ask for (60 seconds). If it asks for more, the call fails at once and the error
    /// says when.
    pub longest_wait: Duration,
    /// How long a model that is not ready is asked again, whatever the number of attempts (5 minutes). Zero: like any fault.
    pub not_ready: Duration,
    /// Capacity of an own budget for retries, of which one costs 5 (10 after a timeout, a 408 or a 424) and is given back by
    /// success. None: the SDK's, 500, shared by all its clients of this service and region. Streams always have an own one.
    pub budget: Option<usize>,
}

impl Default for Policy {
    fn default() -> Self {
        Self::of(RetryConfig::standard())
    }
}

impl Policy {
    /// Around the SDK's own settings, such as those that it finds in `AWS_MAX_ATTEMPTS`, `AWS_RETRY_MODE` and profiles.
    #[must_use]
    pub fn of(sdk: RetryConfig) -> Self {
        Self { sdk, longest_wait: Duration::from_mins(1), not_ready: Duration::from_mins(5), budget: None }
    }

    /// At most so many attempts in all, the first included; 1 switches retries off, patience with models that are not ready
    /// included.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.sdk = self.sdk.with_max_attempts(attempts.max(1));
        if attempts <= 1 {
            self.not_ready = Duration::ZERO;
        }
        self
    }

    /// The same with another longest wait that a server may ask for.
    #[must_use]
    pub fn longest_wait(mut self, wait: Duration) -> Self {
        self.longest_wait = wait;
        self
    }

    /// The same with another patience for models that are not ready.
    #[must_use]
    pub fn not_ready(mut self, patience: Duration) -> Self {
        self.not_ready = patience;
        self
    }

    /// The same with an own budget.
    #[must_use]
    pub fn budget(mut self, capacity: usize) -> Self {
        self.budget = Some(capacity);
        self
    }

    /// Registers all of it with the configuration of a client.
    #[must_use]
    pub fn apply(&self, builder: Builder) -> Builder {
        let builder = builder
            .retry_config(self.sdk.clone())
            .retry_classifier(Classifier::new(self))
            .interceptor(Patience::new(self));
        match self.budget {
            Some(capacity) => {
                let bucket = TokenBucket::builder().capacity(capacity).build();
                builder.retry_partition(RetryPartition::custom("outcrop").token_bucket(bucket).build())
            }
            None => builder,
        }
    }
}
