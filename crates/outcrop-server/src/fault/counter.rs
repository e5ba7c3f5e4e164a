//! How often something was met.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// So many keys are remembered; the oldest are forgotten first.
const MOST: usize = 10_000;

/// Counts by key.
#[derive(Debug, Default)]
pub(crate) struct Counter(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    counts: BTreeMap<String, u64>,
    order: VecDeque<String>,
}

impl Counter {
    /// Counts a key once more: 1 for the first time.
    pub(crate) fn next(&self, key: &str) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = state.counts.get_mut(key) {
            *count += 1;
            return *count;
        }
        if state.order.len() >= MOST
            && let Some(oldest) = state.order.pop_front()
        {
            state.counts.remove(&oldest);
        }
        state.order.push_back(key.to_owned());
        state.counts.insert(key.to_owned(), 1);
        1
    }
}

#[cfg(test)]
mod tests {
    use super::{Counter, MOST};

    #[test]
    fn keys_are_counted_and_the_oldest_forgotten() {
        let counter = Counter::default();
        assert_eq!([counter.next("a"), counter.next("a"), counter.next("b")], [1, 2, 1]);
        for i in 0..MOST {
            counter.next(&i.to_string());
        }
        assert_eq!(counter.next("a"), 1);
        assert!(counter.0.lock().unwrap().counts.len() <= MOST);
    }
}
