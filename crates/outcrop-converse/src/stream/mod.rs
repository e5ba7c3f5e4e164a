//! Streams over the façade types, whatever the family: chunks to ConverseStream events, and back.
//!
//! A family's generated code knows how its chunks look, and nothing else: reading one, it fills [`Said`] in place, and
//! writing, it turns a `Signal` into a chunk. What is the same for all families is here once, as ordinary code.
//!
//! Events are typed first: [`Decoder::push_typed`] gives values whose texts are borrowed from the chunk, still escaped.
//! The byte form prints the same events; a delta of text, which is nearly every event, is printed without being built.
//!
//! Chunks of a run of deltas differ in their text alone. So what stood around the text of the last chunk is compared
//! whole (`run`), and what the last chunk said beside that need not be read again.

mod blocks;
mod chunk;
mod counts;
mod decoder;
mod encoder;
mod last;
mod run;
mod said;
mod several;
mod sink;
mod state;
mod writer;

pub use crate::generated::service;
pub use chunk::{Told, Unknown, is_chunk, other, unknown};
pub use decoder::{Decoder, Plan, check};
pub use encoder::Encoder;
pub use said::{Beside, Delta, Heard, Said};
pub use several::several;
pub use sink::Typed;
pub use writer::Writers;
