#![doc = include_str!("../README.md")]

// Names and prose in generated code are those of the formats.
#[allow(clippy::doc_markdown)]
#[rustfmt::skip]
mod generated;

pub mod client;
mod codec;
pub mod config;
mod convert;
mod entry;
pub mod error;
mod frames;
pub mod guard;
mod headers;
pub mod idle;
pub mod observe;
mod over;
pub mod retry;
mod select;
pub mod types;
pub mod usage;

pub use client::Client;
pub use error::Error;
pub use over::{ConverseOverInvoke, Translated, TranslationError};
