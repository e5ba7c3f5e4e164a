//! The Outcrop spec language: YAML text to a checked [`ir`], with diagnostics; no tokens, no I/O.
//!
//! ```
//! use outcrop_lang::{Sources, check_family, diag};
//!
//! let sources: Sources = [
//!     ("converse.yaml", "spec: 1\nfacade: small\ntypes: { Ask: { fields: { text: string! } } }\n"),
//!     ("acme.yaml", "spec: 1\nfamily: acme\noperations: { chat: { request: Ask } }\n\
//!         types: { Ask: { view: Ask, fields: { prompt: { type: strin!, as: text } } } }\n"),
//! ]
//! .into_iter()
//! .collect();
//! let loaded = check_family(&sources, "acme");
//! let text = diag::render(&loaded.diagnostics, &loaded.files_read, diag::Style::Plain);
//! assert!(text.contains("error[E201]: there is no type `strin`"));
//! assert!(text.contains("did you mean `string`?"));
//! ```
//!
//! The way of a spec: [`yaml`] makes a spanned tree of each file, `extends:` and `patch:` make one tree of them, lowering makes
//! the [`ir`], and [`check`] proves what can be proved without running it. All of them collect faults and stop at none.

pub mod check;
pub mod codes;
pub mod diag;
#[cfg(feature = "interp")]
pub mod features;
#[cfg(feature = "interp")]
pub mod interp;
pub mod ir;
pub mod keys;
mod load;
mod lower;
pub mod node;
mod patch;
pub mod path;
mod print;
mod request_path;
mod resolve;
pub mod schema;
pub mod ty;
pub mod yaml;

pub use load::{Loaded, Sources, check_family, family_names, flatten, load_family};
