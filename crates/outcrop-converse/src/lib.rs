//! Converse as Rust types, and the state that its streams need between two chunks, whatever the family. Use them through
//! [`outcrop`](https://docs.rs/outcrop), which adds the families.

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

pub mod stops;
pub mod stream;

pub use generated::*;
