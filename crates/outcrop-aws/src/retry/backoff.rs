//! How long to wait between attempts, and how many there may be over all calls.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_bedrockruntime::config::retry::RetryConfig;

/// The wait before attempt `made + 1`: a random part of the first wait doubled with every attempt, up to the longest.
pub(super) fn backoff(config: &RetryConfig, made: u32) -> Duration {
    let doubled = 2_u32.checked_pow(made.saturating_sub(1)).and_then(|n| config.initial_backoff().checked_mul(n));
    doubled.unwrap_or(config.max_backoff()).min(config.max_backoff()).mul_f64(fastrand::f64())
}

/// What a retry costs.
const COST: usize = 5;

/// Retries that all calls share: each costs, success gives back. When it is used up, failures are not sent again, so that
/// trouble for all does not become several times the traffic.
#[derive(Debug)]
pub(super) struct Budget {
    left: AtomicUsize,
    capacity: usize,
}

impl Budget {
    pub(super) fn new(capacity: usize) -> Self {
        Self { left: AtomicUsize::new(capacity), capacity }
    }

    /// Takes a retry out of it; false if there is none left.
    pub(super) fn take(&self) -> bool {
        self.left.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(COST)).is_ok()
    }

    /// After success: gives one back, and what a retry of this call took.
    pub(super) fn succeed(&self, retried: bool) {
        let more = if retried { COST } else { 1 };
        let add = |left: usize| Some(left.saturating_add(more).min(self.capacity));
        // It never fails: `add` always gives a value.
        let _ = self.left.fetch_update(Ordering::AcqRel, Ordering::Acquire, add);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_a_random_part_of_what_doubles_up_to_a_cap() {
        let config = RetryConfig::standard();
        for (made, most) in [(1, 1), (2, 2), (3, 4), (5, 16), (6, 20), (33, 20), (u32::MAX, 20)] {
            let waits: Vec<Duration> = (0..200).map(|_| backoff(&config, made)).collect();
            assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(most)), "{made}");
            assert!(waits.iter().any(|wait| *wait > Duration::from_millis(most * 500)), "{made}");
            assert!(waits.iter().any(|wait| *wait < Duration::from_millis(most * 500)), "{made}");
        }
    }

    #[test]
    fn a_budget_is_used_up_and_earned_back() {
        let budget = Budget::new(12);
        assert!(budget.take() && budget.take() && !budget.take());
        budget.succeed(true);
        assert!(budget.take() && !budget.take());
        for _ in 0..100 {
            budget.succeed(false);
        }
        assert!(budget.take() && budget.take() && !budget.take(), "no more than its capacity");
    }
}
