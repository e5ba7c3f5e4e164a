//! The front end from outside: texts in, families and diagnostics out.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are parts of tests")]

mod common;
mod converse;
mod expressions;
mod extends;
mod fields;
mod files;
mod hostile;
mod types;
mod yaml;
