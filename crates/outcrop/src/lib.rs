//! Typed codecs between the native InvokeModel formats of Amazon Bedrock and Converse.
//!
//! Everything under [`converse`] and the family modules is generated from the specs by `cargo xtask gen`; each family is a
//! cargo feature of its name, all of them on by default.
//!
//! # Typed values
//!
//! ```
//! use outcrop::converse::{ContentBlock, ConverseRequest, Message};
//! use outcrop::meta_llama;
//! use outcrop::runtime::{Call, json::Arena};
//!
//! let question = Message::new("user", vec![ContentBlock::Text("Name a metal.".into())]);
//! let request = ConverseRequest { messages: Some(vec![question].into()), ..ConverseRequest::default() };
//! let call = Call { model: "meta.llama3-8b-instruct-v1:0", ..Call::default() };
//!
//! let native = meta_llama::encode_request(&request, &call)?;
//! assert!(native.body.starts_with(br#"{"prompt":"<|begin_of_text|>"#));
//! assert!(native.report.losses.is_empty());
//!
//! let arena = Arena::default();
//! let (back, _report) = meta_llama::decode_request(&native.body, &arena, &call)?;
//! assert_eq!(back.messages, request.messages);
//! # Ok::<(), outcrop::runtime::Error>(())
//! ```
//!
//! # JSON in, JSON out
//!
//! ```
//! use outcrop::runtime::{Call, Codec as _, Kind};
//!
//! let model = "us.anthropic.claude-3-7-sonnet-20250219-v1:0";
//! let (family, _entry) = outcrop::registry::by_model(model).expect("a family knows this id");
//! let call = Call { model, ..Call::default() };
//! let answer = br#"{"id":"m1","type":"message","role":"assistant","model":"x","content":[{"type":"text","text":"Tin"}],
//!                   "stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":1}}"#;
//! let converse = family.codec.decode(Kind::Response, &call, answer)?;
//! assert!(converse.body.starts_with(br#"{"output":{"message":{"role":"assistant","content":[{"text":"Tin"}]}}"#));
//! # Ok::<(), outcrop::runtime::Error>(())
//! ```
//!
//! A refusal is an [`Error`](runtime::Error) with a stable code, the path in Converse, the path in the native body and the
//! remedy. What did not go through unchanged is in the [`Report`](runtime::Report) of every translation.

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

pub use generated::*;
#[cfg(feature = "macros")]
pub use outcrop_macros::family;
pub use outcrop_runtime as runtime;
