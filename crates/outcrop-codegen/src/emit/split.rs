//! The items of emitted text, told apart without parsing it.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

const KEYWORDS: [&str; 10] = ["use", "type", "fn", "static", "const", "struct", "enum", "impl", "mod", "trait"];

/// The items of a text: each ends with its block or its semicolon.
pub(crate) fn items(tokens: TokenStream) -> Vec<TokenStream> {
    let mut items = Vec::new();
    let mut item: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let is_brace = matches!(&token, TokenTree::Group(g) if g.delimiter() == Delimiter::Brace);
        let is_semicolon = matches!(&token, TokenTree::Punct(p) if p.as_char() == ';');
        item.push(token);
        if is_semicolon || is_brace && !ends_with_semicolon(&item) {
            items.push(item.drain(..).collect());
        }
    }
    if !item.is_empty() {
        items.push(item.into_iter().collect());
    }
    items
}

/// The keyword of an item, and the name after it. Only an implementation has none.
pub(crate) fn keyword(item: &TokenStream) -> Option<(Ident, Option<Ident>)> {
    let mut tokens = item.clone().into_iter();
    let keyword = tokens.find_map(|token| match token {
        TokenTree::Ident(word) if is_keyword(&word) => Some(word),
        _ => None,
    })?;
    let name = match tokens.next() {
        Some(TokenTree::Ident(name)) if keyword != "impl" => Some(name),
        _ => None,
    };
    Some((keyword, name))
}

/// Takes the visibility of an item away. Whether it had one.
pub(crate) fn without_visibility(item: TokenStream) -> (bool, TokenStream) {
    let (mut found, mut inside) = (false, false);
    let keep = |token: &TokenTree| match token {
        TokenTree::Ident(word) if word == "pub" && !found => {
            (found, inside) = (true, true);
            false
        }
        // `pub(super)`.
        TokenTree::Group(group) if inside && group.delimiter() == Delimiter::Parenthesis => false,
        _ => {
            inside = false;
            true
        }
    };
    let item = item.into_iter().filter(keep).collect();
    (found, item)
}

/// Gives an item without visibility one, after its attributes.
pub(crate) fn with_visibility(item: &TokenStream, visibility: &TokenStream) -> TokenStream {
    let mut out = TokenStream::new();
    let mut given = false;
    for token in item.clone() {
        if !given && matches!(token, TokenTree::Ident(_)) {
            out.extend(visibility.clone());
            given = true;
        }
        out.extend([token]);
    }
    out
}

fn is_keyword(word: &Ident) -> bool {
    KEYWORDS.iter().any(|k| word == k)
}

/// Whether a brace does not end the item that begins like this.
fn ends_with_semicolon(item: &[TokenTree]) -> bool {
    let keyword = item.iter().find_map(|token| match token {
        TokenTree::Ident(word) if is_keyword(word) => Some(word),
        _ => None,
    });
    keyword.is_some_and(|word| ["use", "type", "static", "const"].iter().any(|k| word == k))
}
