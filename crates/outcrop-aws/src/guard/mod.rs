//! Inputs far above the usual size, caught before they are sent and paid.
//!
//! A loop that appends to its own prompt, a document put in twice, a log pasted whole: such inputs are valid and expensive.
//! [`SpikeGuard`] learns how large the inputs of a label usually are (bytes, and tokens once an answer has told) and reports
//! or refuses one that is many times larger. It is an interceptor of the SDK, an observer, and a function to be called.
//!
//! ```
//! use outcrop_aws::guard::{Size, SpikeGuard};
//!
//! let guard = SpikeGuard::refusing().factor(10.0).after(5);
//! for _ in 0..5 {
//!     guard.check("summaries", Size::bytes(30_000))?;
//! }
//! assert!(guard.check("summaries", Size::bytes(40_000))?.is_none());
//! assert!(guard.check("summaries", Size::bytes(900_000)).is_err());
//! # Ok::<(), outcrop_aws::Error>(())
//! ```

mod hooks;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Class, Error};

/// How large an input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Bytes of the body, or of whatever the caller counts alike every time.
    pub bytes: u64,
    /// Tokens, if they are known beforehand.
    pub tokens: Option<u64>,
}

impl Size {
    /// A size in bytes.
    #[must_use]
    pub fn bytes(bytes: u64) -> Self {
        Self { bytes, tokens: None }
    }
}

/// An input far above the usual size of its label.
#[derive(Debug, Clone, PartialEq)]
pub struct Spike {
    /// Whose input it is.
    pub label: String,
    /// How large it is.
    pub size: Size,
    /// How large inputs of the label usually are, in bytes.
    pub usual_bytes: f64,
    /// The same in tokens, if answers have told.
    pub usual_tokens: Option<f64>,
}

impl fmt::Display for Spike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { label, size, usual_bytes, usual_tokens } = self;
        write!(f, "the input of `{label}` has {} bytes, and usually {usual_bytes:.0}", size.bytes)?;
        if let (Some(tokens), Some(usual)) = (size.tokens, usual_tokens) {
            write!(f, " ({tokens} tokens, and usually {usual:.0})")?;
        }
        Ok(())
    }
}

/// Watches the size of inputs. Clones share what was learnt.
#[derive(Clone)]
pub struct SpikeGuard {
    learnt: Arc<Mutex<Learnt>>,
    rule: Rule,
    label: Option<Arc<str>>,
    told: Option<Arc<Told>>,
}

/// Hears of spikes.
type Told = dyn Fn(&Spike) + Send + Sync;

#[derive(Debug, Clone, Copy)]
struct Rule {
    refuse: bool,
    factor: f64,
    after: u64,
    never_below: u64,
    labels: usize,
}

/// The weight of a new value, once enough have come.
const WEIGHT: f64 = 0.05;
/// The longest label that is told apart, in bytes: model ids can be longer, and are cut.
const LABEL: usize = 256;

/// A running mean: plain at first, then one that forgets.
#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    of: f64,
    count: u64,
}

impl Mean {
    fn add(&mut self, value: u64) {
        self.count = self.count.saturating_add(1);
        let weight = (1.0 / self.count as f64).max(WEIGHT);
        self.of += (value as f64 - self.of) * weight;
    }
}

#[derive(Debug, Default)]
struct Usual {
    bytes: Mean,
    tokens: Mean,
    used: u64,
}

#[derive(Debug, Default)]
struct Learnt {
    labels: BTreeMap<Box<str>, Usual>,
    clock: u64,
}

impl Learnt {
    /// What is known of a label. If there are too many labels, the one that was not used for longest goes.
    fn of(&mut self, label: &str, most: usize) -> &mut Usual {
        self.clock += 1;
        if !self.labels.contains_key(label) && self.labels.len() >= most.max(1) {
            let oldest = self.labels.iter().min_by_key(|(_, usual)| usual.used).map(|(label, _)| label.clone());
            oldest.and_then(|label| self.labels.remove(&label));
        }
        let usual = self.labels.entry(label.into()).or_default();
        usual.used = self.clock;
        usual
    }
}

impl SpikeGuard {
    /// Reports spikes (as a `tracing` warning, and to [`SpikeGuard::on_spike`]) and lets them through.
    #[must_use]
    pub fn reporting() -> Self {
        let rule = Rule { refuse: false, factor: 10.0, after: 20, never_below: 16 * 1024, labels: 1000 };
        Self { learnt: Arc::default(), rule, label: None, told: None }
    }

    /// Reports spikes and refuses them with an error of class `input-spike`. A label whose inputs have really grown needs
    /// [`SpikeGuard::forget`]: what is refused is not learnt.
    #[must_use]
    pub fn refusing() -> Self {
        let mut guard = Self::reporting();
        guard.rule.refuse = true;
        guard
    }

    /// How many times the usual size is a spike (10).
    #[must_use]
    pub fn factor(mut self, factor: f64) -> Self {
        self.rule.factor = factor;
        self
    }

    /// After how many inputs of a label its usual size is known (20).
    #[must_use]
    pub fn after(mut self, inputs: u64) -> Self {
        self.rule.after = inputs.max(1);
        self
    }

    /// Inputs of at most so many bytes are never spikes (16 KiB).
    #[must_use]
    pub fn never_below(mut self, bytes: u64) -> Self {
        self.rule.never_below = bytes;
        self
    }

    /// How many labels are remembered (1000): more push out those that were not used for longest.
    #[must_use]
    pub fn labels(mut self, labels: usize) -> Self {
        self.rule.labels = labels;
        self
    }

    /// Calls this with every spike, too. It must not block.
    #[must_use]
    pub fn on_spike(mut self, told: impl Fn(&Spike) + Send + Sync + 'static) -> Self {
        self.told = Some(Arc::new(told));
        self
    }

    /// The same guard for inputs of one label, to be given to a client or to a single call as an interceptor. Without a label
    /// an interceptor goes by the model id.
    #[must_use]
    pub fn labelled(&self, label: &str) -> Self {
        Self { label: Some(label.into()), ..self.clone() }
    }

    /// Checks an input and learns its size. Gives the spike that was let through, or the error if it is to be refused.
    pub fn check(&self, label: &str, size: Size) -> Result<Option<Spike>, Error> {
        let label = cut(label);
        let mut learnt = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        let usual = learnt.of(label, self.rule.labels);
        let spike = self.rule.spike(label, size, usual);
        if spike.is_none() || !self.rule.refuse {
            usual.bytes.add(size.bytes);
        }
        drop(learnt);
        let Some(spike) = spike else { return Ok(None) };
        tracing::warn!(
            label,
            bytes = size.bytes,
            usual_bytes = spike.usual_bytes,
            refused = self.rule.refuse,
            "input spike"
        );
        if let Some(told) = &self.told {
            told(&spike);
        }
        if self.rule.refuse { Err(Error::new(Class::InputSpike, spike.to_string())) } else { Ok(Some(spike)) }
    }

    /// Learns how many tokens the input of a label had.
    pub fn learn_tokens(&self, label: &str, tokens: u64) {
        let mut learnt = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        learnt.of(cut(label), self.rule.labels).tokens.add(tokens);
    }

    /// Forgets a label's usual size.
    pub fn forget(&self, label: &str) {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner).labels.remove(cut(label));
    }
}

impl Rule {
    fn spike(&self, label: &str, size: Size, usual: &Usual) -> Option<Spike> {
        let known = |mean: &Mean| (mean.count >= self.after).then_some(mean.of);
        let above = |value: u64, mean: Option<f64>| mean.is_some_and(|mean| value as f64 > mean * self.factor);
        let (bytes, tokens) = (known(&usual.bytes), known(&usual.tokens));
        let is_spike = size.bytes > self.never_below
            && (above(size.bytes, bytes) || size.tokens.is_some_and(|value| above(value, tokens)));
        is_spike.then(|| Spike { label: label.to_owned(), size, usual_bytes: usual.bytes.of, usual_tokens: tokens })
    }
}

fn cut(label: &str) -> &str {
    label.get(..label.floor_char_boundary(LABEL)).unwrap_or(label)
}

impl fmt::Debug for SpikeGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpikeGuard").field("rule", &self.rule).field("label", &self.label).finish_non_exhaustive()
    }
}
