#![doc = include_str!("../README.md")]

// Names and prose in generated code are those of the formats, and one rule fits matches of one arm and of thirty.
#[allow(
    clippy::doc_markdown,
    clippy::elidable_lifetime_names,
    clippy::similar_names,
    clippy::single_match_else,
    clippy::wildcard_imports
)]
#[rustfmt::skip]
mod generated;

#[cfg(feature = "catalogue")]
pub mod catalogue;
mod simple;

pub use generated::*;
#[cfg(feature = "macros")]
pub use outcrop_macros::family;
pub use outcrop_runtime as runtime;
pub use simple::{prompt, prompt_with};
