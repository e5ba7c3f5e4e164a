//! Real clients before the local endpoint: boto3 and the AWS SDK for JavaScript, unmodified and pinned.
//!
//! `tests/clients/install.sh` installs both. Where they are not, the tests say so and pass; `OUTCROP_CLIENTS=required`
//! makes that a failure. One process of each client makes all calls of a test; what comes back is what the client itself
//! read, and is judged here.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![expect(clippy::disallowed_types, reason = "lines of clients, where neither order nor spelling matter")]

mod cases;
mod clients;
mod endpoint;
mod faults;
mod matrix;
mod programs;
mod replay;
mod streams;
mod tools;
