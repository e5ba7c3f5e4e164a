//! Numbers for `/metrics`, in the text format of Prometheus.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;

use outcrop_runtime::Report;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use tracing::debug;

use crate::reply;

type Labels = Vec<(&'static str, String)>;

/// What is counted.
#[derive(Debug)]
pub(crate) struct Telemetry {
    registry: Mutex<Registry>,
    requests: Family<Labels, Counter>,
    seconds: Family<Labels, Histogram>,
    faults: Family<Labels, Counter>,
    losses: Family<Labels, Counter>,
    in_flight: Gauge,
    connections: Gauge,
    frames: Counter,
    bytes_in: Counter<u64, AtomicU64>,
    bytes_out: Counter<u64, AtomicU64>,
}

/// What is translated: between two formats by a gateway, between a model's own and Converse by whoever answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Translated {
    /// Requests.
    Request,
    /// Answers that are no streams.
    Answer,
    /// Streams.
    Stream,
}

impl Translated {
    fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Answer => "answer",
            Self::Stream => "stream",
        }
    }
}

/// Something that goes on; it counts until it is dropped.
#[derive(Debug)]
pub(crate) struct Going(Gauge);

impl Going {
    fn of(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Telemetry {
    pub(crate) fn new() -> Self {
        // From 0.1 ms to 100 s.
        let histogram = || Histogram::new(exponential_buckets(0.0001, 10f64.sqrt(), 13));
        let told = Self {
            registry: Mutex::new(Registry::with_prefix("outcrop")),
            requests: Family::default(),
            seconds: Family::new_with_constructor(histogram),
            faults: Family::default(),
            losses: Family::default(),
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            frames: Counter::default(),
            bytes_in: Counter::default(),
            bytes_out: Counter::default(),
        };
        {
            let mut registry = told.registry.lock().unwrap_or_else(PoisonError::into_inner);
            registry.register("requests", "Requests by operation and HTTP status", told.requests.clone());
            registry.register("answer_seconds", "Time to the head of the answer", told.seconds.clone());
            registry.register("faults", "Faults that were made, by name", told.faults.clone());
            registry.register(
                "losses",
                "What translations did not carry over unchanged, by what was translated and what became of it",
                told.losses.clone(),
            );
            registry.register("in_flight", "Requests that are being answered", told.in_flight.clone());
            registry.register("connections", "Open connections", told.connections.clone());
            registry.register("frames", "Frames of streams that were sent", told.frames.clone());
            registry.register("request_bytes", "Bytes of request bodies", told.bytes_in.clone());
            registry.register("answer_bytes", "Bytes of answers", told.bytes_out.clone());
        }
        told
    }

    pub(crate) fn connection(&self) -> Going {
        Going::of(&self.connections)
    }

    pub(crate) fn request(&self) -> Going {
        Going::of(&self.in_flight)
    }

    pub(crate) fn answered(&self, operation: &'static str, status: u16, seconds: f64) {
        let operation = ("operation", operation.to_owned());
        self.requests.get_or_create(&vec![operation.clone(), ("status", status.to_string())]).inc();
        self.seconds.get_or_create(&vec![operation]).observe(seconds);
    }

    pub(crate) fn fault(&self, name: &'static str) {
        self.faults.get_or_create(&vec![("fault", name.to_owned())]).inc();
    }

    /// Counts what a translation of something lost, each loss by its kind. It comes back as the value of a header.
    pub(crate) fn lost(&self, of: Translated, report: &Report) -> Option<String> {
        for loss in &report.losses {
            let labels = vec![("of", of.as_str().to_owned()), ("kind", loss.fate.as_str().to_owned())];
            self.losses.get_or_create(&labels).inc();
        }
        reply::losses(report)
    }

    /// Counts and logs what a stream lost: its head, where an answer would say it, has long been sent.
    pub(crate) fn lost_in_stream(&self, done: &'static str, report: &Report) {
        if let Some(losses) = self.lost(Translated::Stream, report) {
            debug!(losses, "{done}");
        }
    }

    pub(crate) fn frame(&self, bytes: usize) {
        self.frames.inc();
        self.bytes_out.inc_by(bytes as u64);
    }

    pub(crate) fn body(&self, bytes: usize) {
        self.bytes_in.inc_by(bytes as u64);
    }

    pub(crate) fn whole(&self, bytes: usize) {
        self.bytes_out.inc_by(bytes as u64);
    }

    /// All of it as text.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        // Writing to a string does not fail.
        let _ = encode(&mut out, &registry);
        out
    }
}
