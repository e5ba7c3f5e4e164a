//! JSON without a tree: a checking pull [`Cursor`] whose values are slices of the input, and the value types that
//! generated structs are made of. Parsing allocates from an [`Arena`] only; printing appends to a byte vector.
//!
//! Little is marked `inline`: a call per value costs nothing measurable, while code that is copied into every generated
//! parser makes crates that use it compile half as long again.

mod arena;
mod blocks;
mod cursor;
mod extra;
mod fault;
mod list;
pub mod member;
mod number;
mod owned;
mod raw;
mod same;
mod scalars;
pub(crate) mod scan;
mod text;
mod value;
mod view;
pub mod write;

pub use arena::{Arena, ListBuilder};
pub use cursor::{Cursor, MAX_DEPTH, Mark};
pub use extra::{Extra, ExtraBuilder, Map};
pub use fault::{Fault, JsonError, Result, path_at};
pub use list::{List, One};
pub use number::Num;
pub use owned::IntoOwned;
pub use raw::Json;
pub(crate) use same::same;
pub use text::Str;
pub use value::Value;
pub use view::View;
