#![doc = include_str!("../README.md")]

// Names and prose in generated code are those of the formats.
#[allow(clippy::doc_markdown)]
#[rustfmt::skip]
mod generated;

mod convert;
pub mod error;
mod over;
mod select;
pub mod types;

pub use error::Error;
pub use over::{ConverseOverInvoke, Translated, TranslationError};
