//! Errors, retries, usage and observation of calls: with the real SDK, and time that is paused where there is time.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, unreachable_pub)]

mod canned;
mod errors;
mod guard;
mod loopback;
mod observe;
mod page;
mod retries;
mod streams;
#[cfg(feature = "opentelemetry")]
mod telemetry;
mod texts;
mod usage;
