//! Faults that nobody asked for: drawn by a seed, as a file says.
//!
//! ```yaml
//! faults:
//!   - { fault: throttle, rate: 0.1 }
//!   - { fault: stream-cut-after=5, rate: 0.05, operation: converse-stream, model: "us.*" }
//! ```

use std::sync::{Mutex, PoisonError};

use outcrop_runtime::model_id::Glob;

use super::parse::{Fault, parse};
use crate::ask::{Ask, Operation};
use crate::config::Text;
use crate::files::{File, list};
use crate::server::StartError;

/// Rules, and the dice.
#[derive(Debug)]
pub(super) struct Random {
    rules: Vec<Rule>,
    dice: Mutex<fastrand::Rng>,
}

#[derive(Debug)]
struct Rule {
    faults: Vec<Fault>,
    rate: f64,
    operation: Option<Operation>,
    model: Option<String>,
}

impl Random {
    pub(super) fn read(text: &Text, seed: u64) -> Result<Self, StartError> {
        let (file, node) = File::read(text, "faults")?;
        let top = file.members(&node, &["seed", "faults"])?;
        let seed = top.count("seed")?.unwrap_or(seed);
        let mut rules = Vec::new();
        for node in top.get("faults").map(list).unwrap_or_default() {
            let rule = file.members(node, &["fault", "rate", "operation", "model"])?;
            let text = rule.text("fault")?.ok_or_else(|| file.fault(node, "a rule needs a `fault`"))?;
            let faults = parse(text).map_err(|why| file.fault(node, why))?;
            let rate = rule.number("rate")?.unwrap_or(1.0);
            if rate > 1.0 {
                return Err(file.fault(node, "`rate` is the share of requests, from 0 to 1"));
            }
            let operation = rule.word("operation", &Operation::ALL.map(Operation::path))?;
            let operation = operation.and_then(Operation::of_path);
            rules.push(Rule { faults, rate, operation, model: rule.text("model")?.map(str::to_owned) });
        }
        Ok(Self { rules, dice: Mutex::new(fastrand::Rng::with_seed(seed)) })
    }

    /// The faults that a request meets. One die is thrown for each rule that is about it.
    pub(super) fn draw(&self, ask: &Ask) -> Vec<Fault> {
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        let mut drawn = Vec::new();
        for rule in &self.rules {
            let about = rule.operation.is_none_or(|operation| operation == ask.operation)
                && rule.model.as_deref().is_none_or(|model| Glob(model).matches(&ask.id));
            if about && dice.f64() < rule.rate {
                drawn.extend(rule.faults.iter().cloned());
            }
        }
        drawn
    }
}
