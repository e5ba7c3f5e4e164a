//! The AWS SDK for Bedrock over InvokeModel.

pub mod error;

pub use error::Error;
