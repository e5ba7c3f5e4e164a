//! Tests live in `tests/tests`; this library holds what they share.

#![allow(clippy::expect_used, clippy::panic, clippy::missing_panics_doc)]

pub mod families;
