//! The Outcrop spec language: YAML text to a checked [`ir`], with diagnostics; no tokens, no I/O.

pub mod check;
pub mod codes;
pub mod diag;
#[cfg(feature = "interp")]
pub mod interp;
pub mod ir;
pub mod keys;
mod load;
mod lower;
pub mod node;
mod patch;
pub mod path;
mod print;
mod resolve;
pub mod schema;
pub mod ty;
pub mod yaml;

pub use load::{Loaded, Sources, check_family, family_names, flatten, load_family};
