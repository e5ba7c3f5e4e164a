//! The typed client with a real SDK client over real HTTP.

#![allow(clippy::duplicate_mod, clippy::expect_used, clippy::panic, clippy::unwrap_used, unreachable_pub, missing_docs)]

#[path = "../../examples/loopback/mod.rs"]
mod loopback;

mod again;
mod calls;
mod canned;
mod door;
mod examples;
mod frugal;
mod observed;
mod own;
mod streams;
mod support;
