//! Converse as plain Rust types: `String`, `Vec`, `Option`, `i64`, `f64`, enums.
//!
//! Their JSON is Converse JSON, and that of the types of [`outcrop::converse`], which they are views of: [`Owned::view`]
//! borrows one of those from a value here, and encoding it for a family costs no more than if it had been parsed;
//! [`Owned::own`] makes a value here of one of those. [`ConverseRequest::to_json`] and [`ConverseRequest::from_json`] (every
//! type has them) go that way; `Serialize` and `Deserialize` do too, and work with any format of serde.
//!
//! ```
//! use outcrop_aws::types::{ContentBlock, ConverseRequest, InferenceConfiguration, Message};
//!
//! let request = ConverseRequest {
//!     inference_config: Some(InferenceConfiguration { max_tokens: Some(200), ..InferenceConfiguration::default() }),
//!     ..ConverseRequest::user("Name a metal.")
//! };
//! let json = request.to_json();
//! assert_eq!(ConverseRequest::from_json(&json)?, request);
//! assert_eq!(serde_json::from_slice::<ConverseRequest>(&json).unwrap(), request);
//! # Ok::<(), outcrop_runtime::Error>(())
//! ```
//!
//! Nothing that JSON says is lost: members that this version does not know are in `extra`, arms and words in `Unknown`,
//! and free JSON is kept as its text ([`Document`]), so that the order of members and the spelling of numbers survive.
//! Numbers of the format are `i64` and `f64`, as JSON has them, where the SDK has `i32` and `f32`.
//!
//! The types are here and not in the crate `outcrop` because they convert to and from those of the SDK (`TryFrom`, both
//! ways), which only the crate that defines them may say; and because programs on the core have no need of serde.

mod blob;
mod build;
mod document;
pub(crate) mod json;
mod map;
pub(crate) mod owned;
pub(crate) mod transcode;

#[doc(inline)]
pub use crate::generated::types::*;
pub use blob::Blob;
pub use build::Content;
pub use document::Document;
pub use map::Map;
pub use owned::Owned;
