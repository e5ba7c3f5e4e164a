//! From checked specs to Rust: pure functions from the IR to source text. No I/O, and no emitter can fail.
//!
//! # The shape of what is generated
//!
//! Every typed value implements `outcrop_runtime::json::Value<'a>`: `parse(&mut Cursor<'a>)`, `write(&self, &mut Vec<u8>)`,
//! `from_json`, `to_json`. One lifetime serves both directions: parsed values borrow from the input (`Str`, `Num`, `Json`)
//! and from the cursor's arena (`List`, `Map`); values that a program builds own what they hold.
//!
//! | spec | Rust |
//! |---|---|
//! | struct | `struct ToolUseBlock<'a> { pub name: Str<'a>, pub input: Json<'a>, …, pub extra: Extra<'a> }`; `Default` if every required member has one |
//! | required member | `T`; any other member `Option<T>`. Converse's `null` reads as absent, a native one where the spec says so |
//! | union of Converse | `enum ContentBlock<'a> { Text(Str<'a>), Image(ImageBlock<'a>), …, Unknown { name: Str<'a>, value: Json<'a> } }` |
//! | enum, map of words | `enum StopReason<'a> { EndTurn, …, Other(Str<'a>) }` with `as_known()`, `to_str()`, `From<Str>`; closed maps have no `Other` |
//! | native union | `enum Block<'a> { Text(BlockText<'a>), …, Unknown(Json<'a>) }`: a variant per tag on the wire, a struct per variant |
//! | native union as the chunk of a stream, told apart by its one member | a struct with an optional member per case |
//! | text or list | `enum Content<'a> { Text(Str<'a>), List(List<'a, Block<'a>>) }` |
//! | string, blob, `json_text`, `data_url`, `prompt`, regions | `Str<'a>`, still escaped as it stood in the input |
//! | int / float / bool / json | `i64` / `Num<'a>` / `bool` / `Json<'a>` |
//! | list, `one_or_list`, `only` / map | `List<'a, T>` (derefs to a slice) / `Map<'a, T>` |
//! | type that contains itself | `One<'a, T>` where it does |
//!
//! The law of all of them: `parse(print(n)) == n`, unknown members included. Converse types are also `IntoOwned`.
//!
//! Identifiers come from [`names`]: member `maxTokens` is the field `max_tokens`, arm `toolUse` the variant `ToolUse`.

pub mod catalogue;
pub mod conformance;
pub mod docs;
pub mod emit;
pub mod names;
mod output;
mod parallel;
mod share;

pub use emit::codec::{faults, unsupported};
pub use output::{Crates, Options, Output, family_module, family_source, generate, owned};
pub use parallel::in_parallel;
