//! The AWS SDK for Bedrock over InvokeModel.

mod over;
mod select;

pub use over::{ConverseOverInvoke, Translated, TranslationError};
