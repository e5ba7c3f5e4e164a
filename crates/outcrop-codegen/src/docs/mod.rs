//! Documentation from specs: a reference page per family and the table of families. The only user of handlebars.

mod page;
mod rows;
mod table;

pub use page::family_page;
pub(crate) use rows::type_text;
pub use table::families_table;
