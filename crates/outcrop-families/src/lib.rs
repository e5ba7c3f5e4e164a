//! The families with a format of their own: a module for each, behind the feature of its name. Use them through
//! [`outcrop`](https://docs.rs/outcrop), which knows them by model id.

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

// Without families there is nothing.
#[allow(unused_imports, unreachable_pub)]
pub use generated::*;
