//! Typed codecs between the native InvokeModel formats of Amazon Bedrock and Converse.

#[rustfmt::skip]
mod generated;

pub use generated::*;
pub use outcrop_runtime as runtime;
