//! The items of the module of a body, by what may be done with them.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};

use crate::emit::split::{items, keyword, without_visibility};

/// The items of a module's text.
#[derive(Debug, Default)]
pub(crate) struct Items {
    /// Functions: name, whether the module shows it, and text without the visibility.
    pub(crate) functions: Vec<(Ident, bool, TokenStream)>,
    /// Imports and names for types: what functions need around them.
    pub(crate) ambient: TokenStream,
    /// Everything else.
    pub(crate) rest: TokenStream,
    /// Names that everything else defines.
    pub(crate) names: BTreeSet<String>,
}

impl Items {
    /// Splits a text into its items.
    pub(crate) fn of(tokens: TokenStream) -> Self {
        let mut all = Self::default();
        for item in items(tokens) {
            match keyword(&item) {
                Some((word, _)) if word == "use" || word == "type" => all.ambient.extend(item),
                Some((word, Some(name))) if word == "fn" => {
                    let (shown, item) = without_visibility(item);
                    all.functions.push((name, shown, item));
                }
                Some((_, name)) => {
                    all.names.extend(name.map(|n| n.to_string()));
                    all.rest.extend(item);
                }
                None => all.rest.extend(item),
            }
        }
        all
    }
}
