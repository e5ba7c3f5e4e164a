//! Which names a text mentions.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// The names in a text that may mean other pieces: not members, and not what the text itself binds unless it is called.
pub(crate) fn mention(tokens: TokenStream, found: &mut BTreeSet<String>) {
    let (mut names, mut bound) = (BTreeSet::new(), BTreeSet::new());
    walk(tokens, &mut names, &mut bound, found);
    found.extend(names.into_iter().filter(|name| !bound.contains(name)));
}

fn walk(
    tokens: TokenStream,
    names: &mut BTreeSet<String>,
    bound: &mut BTreeSet<String>,
    called: &mut BTreeSet<String>,
) {
    let mut before = Before::Other;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let now = match &token {
            TokenTree::Punct(p) if p.as_char() == '.' => Before::Dot,
            TokenTree::Ident(ident) if ident == "let" => Before::Let,
            TokenTree::Ident(ident) if ident == "mut" && before == Before::Let => Before::Let,
            TokenTree::Ident(ident) if before != Before::Dot => {
                let name = ident.to_string();
                match tokens.peek() {
                    Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
                        called.insert(name);
                    }
                    Some(TokenTree::Punct(p)) if p.as_char() == ':' && p.spacing() == Spacing::Alone => {
                        bound.insert(name);
                    }
                    _ if before == Before::Let => {
                        bound.insert(name);
                    }
                    _ => {
                        names.insert(name);
                    }
                }
                Before::Other
            }
            TokenTree::Group(group) => {
                walk(group.stream(), names, bound, called);
                Before::Other
            }
            _ => Before::Other,
        };
        before = now;
    }
}

/// What stands before a token.
#[derive(PartialEq)]
enum Before {
    Dot,
    Let,
    Other,
}
