//! Whether an answer is worth another attempt: the SDK's extension point, for every operation.

use std::time::Duration;

use aws_sdk_bedrockruntime::config::interceptors::InterceptorContext;
use aws_sdk_bedrockruntime::config::retry::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::retries::ErrorKind;
use aws_smithy_runtime_api::client::retries::classifiers::RetryClassifierPriority;

use super::Policy;
use crate::error::{Error, Raw as _};

/// Classifies by the answer itself (status, type, text, headers), so that one does for all operations.
#[derive(Debug)]
pub struct Classifier {
    longest_wait: Duration,
}

impl Classifier {
    /// With the longest wait of a policy.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        Self { longest_wait: policy.longest_wait }
    }

    fn action(&self, error: &Error) -> RetryAction {
        let status = error.status();
        if !error.is_retryable() {
            // The SDK would send these again for their status alone. What else fails for good is left to it: it knows
            // when clocks are to blame.
            let futile = status == 429 || status >= 500;
            return if futile { RetryAction::RetryForbidden } else { RetryAction::NoActionIndicated };
        }
        let kind = match status {
            429 => ErrorKind::ThrottlingError,
            408 | 424 => ErrorKind::TransientError,
            _ => ErrorKind::ServerError,
        };
        match error.retry_after() {
            Some(wait) if wait > self.longest_wait => RetryAction::RetryForbidden,
            Some(wait) => RetryAction::retryable_error_with_explicit_delay(kind, jittered(wait)),
            None => RetryAction::retryable_error(kind),
        }
    }
}

/// Never sooner than asked, and not all at the same moment.
pub(super) fn jittered(wait: Duration) -> Duration {
    wait + wait.mul_f64(fastrand::f64() / 10.0).min(Duration::from_secs(1))
}

/// The error of an answer that is none of success; none for answers of success and where there was none.
pub(super) fn error_of(response: Option<&HttpResponse>) -> Option<Error> {
    let response = response.filter(|response| !response.status().is_success())?;
    Some(Error::of(response.facts()))
}

impl ClassifyRetry for Classifier {
    fn classify_retry(&self, ctx: &InterceptorContext) -> RetryAction {
        if !ctx.is_failed() {
            return RetryAction::NoActionIndicated;
        }
        error_of(ctx.response()).map_or(RetryAction::NoActionIndicated, |error| self.action(&error))
    }

    fn name(&self) -> &'static str {
        "outcrop"
    }

    fn priority(&self) -> RetryClassifierPriority {
        // Last, so that its waits are not overruled.
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Class;

    fn action(status: u16, headers: &[(&'static str, &'static str)], message: &str) -> RetryAction {
        let body = format!(r#"{{"message":"{message}"}}"#);
        let error = Error::answered(status, headers.iter().copied(), body.as_bytes());
        Classifier::new(&Policy::default()).action(&error)
    }

    #[test]
    fn what_the_sdk_forgets_is_retried_and_what_is_futile_is_not() {
        let kind = |kind| RetryAction::retryable_error(kind);
        assert_eq!(action(424, &[], ""), kind(ErrorKind::TransientError));
        assert_eq!(action(408, &[], ""), kind(ErrorKind::TransientError));
        assert_eq!(action(429, &[], ""), kind(ErrorKind::ThrottlingError));
        assert_eq!(action(529, &[], ""), kind(ErrorKind::ServerError));
        assert_eq!(action(429, &[], "Too many tokens per day, please wait"), RetryAction::RetryForbidden);
        assert_eq!(action(500, &[], "required use-case form"), RetryAction::RetryForbidden);
        assert_eq!(action(400, &[], ""), RetryAction::NoActionIndicated);
        assert_eq!(action(403, &[], ""), RetryAction::NoActionIndicated);
    }

    #[test]
    fn a_wait_is_honoured_if_it_is_not_too_long() {
        let RetryAction::RetryIndicated(reason) = action(503, &[("retry-after", "30")], "") else {
            panic!("it is retried")
        };
        let aws_smithy_runtime_api::client::retries::classifiers::RetryReason::RetryableError { retry_after, .. } =
            reason
        else {
            panic!("it has a reason")
        };
        let wait = retry_after.unwrap();
        assert!(wait >= Duration::from_secs(30) && wait <= Duration::from_secs(31), "{wait:?}");
        assert_eq!(action(503, &[("retry-after", "61")], ""), RetryAction::RetryForbidden);
    }

    #[test]
    fn the_classes_of_429_are_all_throttling_to_the_sdk() {
        assert_eq!(Class::ModelNotReady.status(), 429);
    }
}
