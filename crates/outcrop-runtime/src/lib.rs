//! Family-independent machinery: errors and reports, JSON, prompts, regions, streams. No YAML, no I/O, no async.

pub mod answers;
pub mod base64;
mod codec;
pub mod cx;
mod error;
pub mod event_stream;
pub mod flat_schema;
pub mod fold;
pub mod json;
pub mod json_text;
mod letters;
mod literals;
pub mod model_id;
mod outline;
mod place;
pub mod prompt;
pub mod regions;
mod report;
pub mod resolve;
pub mod rules;
pub mod stops;
pub mod tracker;
pub mod tree;
pub mod unfold;
pub mod usage;

pub use codec::{Call, Codec, Kind, Output, StreamCodec};
pub use error::{Code, Error};
pub use letters::Letters;
pub use place::Place;
pub use report::{Fate, Loss, Report};
pub use tree::Tree;
