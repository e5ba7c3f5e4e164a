//! The AWS SDK for Bedrock over InvokeModel.

// Names and prose in generated code are those of the formats.
#[allow(clippy::doc_markdown)]
#[rustfmt::skip]
mod generated;

pub mod client;
mod convert;
mod entry;
pub mod error;
mod over;
mod select;
pub mod types;

pub use client::Client;
pub use error::Error;
pub use over::{ConverseOverInvoke, Translated, TranslationError};
