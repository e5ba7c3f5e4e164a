//! Fields that hold a whole prompt, and the family's grammars as constants.

use outcrop_lang::ir::{FacadeTy, Family, Path, Step};
use proc_macro2::TokenStream;
use quote::quote;

use super::scope::Scope;

fn is_supported(scope: &Scope<'_>, path: &Path) -> bool {
    let turns = matches!(path.0.as_slice(), [Step::Member(name)] if name == "turns");
    turns && scope.family.prompts.iter().all(|g| g.image.is_none())
}

/// Statements that write a prompt.
pub(crate) fn encode_field(scope: &mut Scope<'_>, view: &FacadeTy, path: &Path, key: &str, place: &str) -> TokenStream {
    let _ = view;
    if !is_supported(scope, path) {
        return scope.refuse(place, "a prompt with images, or over another view than `turns`");
    }
    quote! {
        if let Some(mut prompt) = rt::Prompt::new(cx) {
            if let Some(x) = v.system.as_ref().filter(|x| !x.is_empty()) {
                let at = &at.key("system");
                prompt.system();
                for (i, x) in x.iter().enumerate() {
                    if let converse::SystemContentBlock::Text(text) = x {
                        prompt.text(text);
                    } else {
                        cx.unmapped(&at.index(i), x)?;
                        prompt.skip();
                    }
                }
            }
            let messages = at.key("messages");
            for (i, x) in v.messages.iter().flat_map(|x| x.iter()).enumerate() {
                let at = &messages.index(i);
                let at = &at.key("content");
                prompt.turn(&x.role.to_str().text());
                if !x.extra.is_empty() {
                    cx.unknown(&messages.index(i), &x.extra)?;
                }
                for (i, x) in x.content.iter().enumerate() {
                    if let converse::ContentBlock::Text(text) = x {
                        prompt.text(text);
                    } else {
                        cx.unmapped(&at.index(i), x)?;
                        prompt.skip();
                    }
                }
            }
            rt::member(o, #key);
            prompt.finish(o, cx)?;
        }
    }
}

/// An expression that reads a prompt into system and messages.
pub(crate) fn decode_value(scope: &mut Scope<'_>, view: &FacadeTy, path: &Path, place: &str) -> TokenStream {
    let _ = view;
    if !is_supported(scope, path) {
        scope.refuse(place, "a prompt with images, or over another view than `turns`");
        return quote!(return Err(rt::not_generated(c)));
    }
    quote! {{
        let mut system = c.arena().list();
        let mut systems = 0;
        let mut messages = c.arena().list();
        for (role, texts) in rt::read_prompt(c, cx, at)? {
            if role == "system" && messages.is_empty() {
                systems += 1;
                for text in texts {
                    system.push(converse::SystemContentBlock::Text(text));
                }
            } else {
                let mut content = c.arena().list();
                for text in texts {
                    content.push(converse::ContentBlock::Text(text));
                }
                messages.push(converse::Message { role: Str::plain(role).into(), content: content.finish(), extra: Extra::EMPTY });
            }
        }
        cx.systems(systems);
        (if systems > 0 { Some(system.finish()) } else { None }, messages.finish())
    }}
}

/// The grammars as a constant expression.
pub(crate) fn table(family: &Family) -> TokenStream {
    let grammars = family.prompts.iter().map(|g| {
        let turns = g.turns.iter().map(|t| {
            let after = t.open_after.iter().map(|(role, text)| quote!((#role, #text)));
            let (role, open, close) = (&t.role, &t.open, &t.close);
            let bare = option(t.bare.as_deref());
            quote!(TurnGrammar { role: #role, open: #open, bare: #bare, open_after: &[#(#after),*], close: #close })
        });
        let (name, begin, elide, cue, markers, escape, decode_only) =
            (&g.name, &g.begin, &g.elide, &g.cue, &g.markers, g.escape, g.decode_only);
        let image = option(g.image.as_deref());
        quote!(Grammar {
            name: #name, begin: #begin, elide: #elide, turns: &[#(#turns),*], cue: #cue,
            markers: &[#(#markers),*], escape: #escape, image: #image, decode_only: #decode_only
        })
    });
    quote!(&[#(#grammars),*])
}

fn option(text: Option<&str>) -> TokenStream {
    match text {
        Some(text) => quote!(Some(#text)),
        None => quote!(None),
    }
}
