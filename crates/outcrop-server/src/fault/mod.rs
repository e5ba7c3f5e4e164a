//! Faults on request: what is asked for by the header `x-outcrop-fault`, by a file, or by a script.

mod apply;
mod counter;
mod parse;
mod random;

use std::time::Duration;

pub(crate) use apply::{half, stream, trickle};
pub(crate) use parse::{Fault, parse};

use crate::ask::{self, Ask};
use crate::config::Config;
use crate::failure::Failure;
use crate::server::StartError;
use counter::Counter;
use parse::What;
use random::Random;

/// What is to go wrong with one request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// The names of the faults, for counting.
    pub(crate) names: Vec<&'static str>,
    /// Time before anything else.
    pub(crate) latency: Duration,
    /// Never answer.
    pub(crate) stall: bool,
    /// Close the connection without an answer.
    pub(crate) reset: bool,
    /// Answer so.
    pub(crate) failure: Option<Failure>,
    /// What becomes of a stream, or of the body of an answer.
    pub(crate) stream: Option<StreamFault>,
}

/// What goes wrong within an answer, once so many frames have gone out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StreamFault {
    /// An exception frame ends it.
    Error { after: usize, failure: Failure },
    /// The connection is cut between two frames.
    Cut { after: usize },
    /// The connection is cut in the middle of a frame.
    CutInside { after: usize },
    /// It ends in good order, too early.
    End { after: usize },
    /// The checksum of a message is wrong.
    CorruptCrc { after: usize },
    /// The checksum of a prelude is wrong.
    CorruptPrelude { after: usize },
    /// A frame of a type that no client knows is put in.
    UnknownEvent { after: usize },
    /// Nothing comes any more.
    Stall { after: usize },
    /// A few bytes at a time.
    Trickle { bytes: usize, pause: Duration },
}

impl Plan {
    /// Adds a fault.
    pub(crate) fn add(&mut self, fault: &Fault, streams: bool) {
        self.names.push(fault.name);
        match &fault.what {
            What::Latency(time) => self.latency += *time,
            What::Stall => self.stall = true,
            What::Reset => self.reset = true,
            What::Failure { failure, in_stream: true } if streams => {
                self.stream = Some(StreamFault::Error { after: 0, failure: failure.clone() });
            }
            What::Failure { failure, .. } => self.failure = Some(failure.clone()),
            What::Stream(StreamFault::Error { failure, .. }) if !streams => self.failure = Some(failure.clone()),
            What::Stream(fault) => self.stream = Some(fault.clone()),
        }
    }

    /// Both plans; the other one wins.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.stream = other.stream.or(self.stream);
        self.reset |= other.reset;
        self
    }
}

/// Where faults come from, and how often they have been met.
#[derive(Debug)]
pub(crate) struct Faults {
    counter: Counter,
    random: Option<Random>,
}

impl Faults {
    pub(crate) fn new(config: &Config) -> Result<Self, StartError> {
        let random = config.faults.as_ref().map(|text| Random::read(text, config.seed)).transpose()?;
        Ok(Self { counter: Counter::default(), random })
    }

    /// What is to go wrong with a request.
    pub(crate) fn plan(&self, ask: &Ask) -> Result<Plan, Failure> {
        let mut plan = Plan::default();
        let streams = ask.operation.streams();
        for fault in self.random.iter().flat_map(|random| random.draw(ask)) {
            if self.meets(&fault, ask) {
                plan.add(&fault, streams);
            }
        }
        for value in ask.headers.get_all(ask::FAULT) {
            let text = value.to_str().map_err(|_| bad("the header x-outcrop-fault is not ASCII"))?;
            for fault in parse(text).map_err(|why| bad(&why))? {
                if self.meets(&fault, ask) {
                    plan.add(&fault, streams);
                }
            }
        }
        Ok(plan)
    }

    /// Whether a fault that happens a few times only happens now.
    fn meets(&self, fault: &Fault, ask: &Ask) -> bool {
        let Some(most) = fault.attempts else { return true };
        // Retries of one call share an id; of clients that send none, calls to one path do.
        let call = ask.header("amz-sdk-invocation-id").unwrap_or("");
        let key = fault.key.as_deref().unwrap_or(call);
        self.counter.next(&format!("{key}\n{}\n{}\n{}", ask.id, ask.operation.path(), fault.text)) <= most
    }
}

fn bad(why: &str) -> Failure {
    Failure::invalid(format!("x-outcrop-fault: {why}"))
}
