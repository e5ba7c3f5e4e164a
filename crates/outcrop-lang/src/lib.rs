//! The Outcrop spec language: YAML text to a checked [`ir`], with diagnostics; no tokens, no I/O.

pub mod check;
pub mod codes;
pub mod diag;
pub mod ir;
pub mod keys;
pub mod schema;
