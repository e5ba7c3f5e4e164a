//! An unmodified SDK client over InvokeModel: with real HTTP, and without a network where time is of the essence.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, unreachable_pub)]

#[path = "../../examples/loopback/mod.rs"]
mod loopback;

mod canned;
mod corpus;
mod direct;
mod families;
mod faults;
mod frugal;
mod heard;
mod line;
mod many;
mod observed;
mod own;
mod passed;
mod requests;
mod retries;
mod spans;
mod stalled;
mod streams;
mod support;
