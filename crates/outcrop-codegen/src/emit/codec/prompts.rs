//! Fields that hold a whole prompt, and the family's grammars as constants.

use outcrop_lang::ir::{FacadeTy, Family, Field, Path, Step, Ty};
use proc_macro2::TokenStream;
use quote::quote;

use super::assemble::Slots;
use super::rep;
use super::scope::Scope;

/// Which turns a prompt holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turns {
    /// The instructions and all messages.
    All,
    /// The messages.
    Messages,
    /// The messages before the last.
    Rest,
}

impl Turns {
    fn of(path: &Path) -> Option<Self> {
        match path.0.as_slice() {
            [Step::Member(name)] if name == "turns" => Some(Self::All),
            [Step::Member(name)] if name == "messages" => Some(Self::Messages),
            [Step::Member(name), Step::Member(rest)] if name == "messages" && rest == "rest" => Some(Self::Rest),
            _ => None,
        }
    }
}

/// Whether a field holds the images that a prompt left places for.
pub(crate) fn is_images(path: &Path) -> bool {
    matches!(path.0.as_slice(), [Step::Member(name)] if name == "images")
}

/// Whether an object has a prompt, so that its encoder keeps images aside.
pub(crate) fn has_prompt(fields: &[Field]) -> bool {
    fields.iter().any(|f| matches!(f.ty, Ty::Prompt))
}

/// Statements that write a prompt.
pub(crate) fn encode_field(scope: &mut Scope<'_>, path: &Path, field: &Field, key: &str, place: &str) -> TokenStream {
    let Some(turns) = Turns::of(path) else { return scope.refuse(place, "a prompt over what are no turns") };
    let system = (turns == Turns::All).then(|| {
        let blank = super::system_turn::is_blank();
        quote! {
            if let Some(x) = v.system.as_ref().filter(|x| x.iter().any(|x| !#blank)) {
                let at = &at.key("system");
                prompt.system();
                for (i, x) in x.iter().enumerate() {
                    if #blank {
                        prompt.skip();
                    } else if let converse::SystemContentBlock::Text(text) = x {
                        prompt.text(text);
                    } else {
                        cx.unmapped_block(&at.index(i), x)?;
                        prompt.skip();
                    }
                }
            }
        }
    });
    let all = quote!(v.messages.iter().flat_map(|x| x.iter()));
    let said = match turns {
        Turns::All | Turns::Messages => all,
        Turns::Rest => quote!(#all.take(v.messages.as_ref().map_or(0, |x| x.len().saturating_sub(1)))),
    };
    // There is no turn before the last where there is one turn.
    let there = match turns {
        Turns::All => TokenStream::new(),
        Turns::Messages => quote!(v.messages.is_some() &&),
        Turns::Rest => quote!(v.messages.as_ref().is_some_and(|x| x.len() > 1) &&),
    };
    let (name, step) = (&field.key, super::encode::dotted(path));
    let missing = (field.required && turns != Turns::All).then(|| {
        let is_there = if turns == Turns::Rest { quote!(x.len() > 1) } else { quote!(true) };
        quote!(if !v.messages.as_ref().is_some_and(|x| #is_there) { return Err(rt::absent(&at.key(#step), #name)); })
    });
    quote! {
        #missing
        let turns = #said;
        let blocks = turns.clone().flat_map(|x| x.content.iter()).map(|x| match x {
            converse::ContentBlock::Text(text) => rt::Prompt::room(text),
            _ => 0,
        });
        if #there let Some(mut prompt) = rt::Prompt::new(cx, o, #key, turns.clone().count(), blocks) {
            #system
            let messages = at.key("messages");
            for (n, x) in turns.enumerate() {
                let at = &messages.index(n);
                if !x.extra.is_empty() {
                    cx.unknown(at, &x.extra)?;
                }
                let at = &at.key("content");
                prompt.turn(&x.role.to_str().text());
                for (i, x) in x.content.iter().enumerate() {
                    match x {
                        converse::ContentBlock::Text(text) => prompt.text(text),
                        converse::ContentBlock::Image(image) if prompt.has_images() => {
                            prompt.image((n, i, image), &mut prompt_images);
                        }
                        _ => {
                            cx.unmapped_block(&at.index(i), x)?;
                            prompt.skip();
                        }
                    }
                }
            }
            prompt.finish(cx)?;
        }
    }
}

/// Statements that write the images that a prompt left places for.
pub(crate) fn encode_images(scope: &mut Scope<'_>, field: &Field, key: &str, place: &str) -> TokenStream {
    let Ty::List(item, _) = &field.ty else { return scope.refuse(place, "images that are no list") };
    let write = super::encode_value::value(scope, item, &FacadeTy::Named("ImageBlock".into()), Vec::new(), place);
    quote! {
        if !prompt_images.is_empty() {
            rt::member(o, #key);
            o.push(b'[');
            for (n, i, x) in &prompt_images {
                let x: &converse::ImageBlock<'_> = x;
                let at = &at.key("messages");
                let at = &at.index(*n);
                let at = &at.key("content");
                let at = &at.index(*i);
                let at = &at.key("image");
                rt::sep(o);
                #write
            }
            o.push(b']');
        }
    }
}

/// Reading a prompt: statements for its member, the variables that they need, and what is done when all members are read.
pub(crate) fn decode_field(
    scope: &mut Scope<'_>,
    slots: &mut Slots,
    path: &Path,
    place: &str,
) -> (TokenStream, TokenStream) {
    let Some(turns) = Turns::of(path) else {
        return (scope.refuse(place, "a prompt over what are no turns"), TokenStream::new());
    };
    let all = turns == Turns::All;
    let set_system = all.then(|| {
        let slot = slots.of(&rep::path("system"));
        quote!(#slot = if systems > 0 { Some(system.finish()) } else { None };)
    });
    let messages_slot = if all { slots.of(&rep::path("messages")) } else { slots.of(path) };
    let late = quote! {
        let given: Option<List<'a, converse::ImageBlock<'a>>> = prompt_images;
        let mut images = given.iter().flat_map(|x| x.iter());
        if let Some(turns) = prompt_turns {
            let mut system = c.arena().list();
            let mut systems = 0;
            let mut messages = c.arena().list();
            let mut empty = false;
            let count = turns.len();
            for (n, (role, blocks)) in turns.iter().enumerate() {
                let role = *role;
                if #all && role == "system" && messages.is_empty() {
                    systems += 1;
                    for text in blocks.iter().flatten() {
                        system.push(converse::SystemContentBlock::Text(text.clone()));
                    }
                    continue;
                }
                let mut content = c.arena().list();
                for block in blocks.iter() {
                    match block {
                        Some(text) => content.push(converse::ContentBlock::Text(text.clone())),
                        None => match images.next() {
                            Some(image) => content.push(converse::ContentBlock::Image(image.clone())),
                            None => empty = true,
                        },
                    }
                }
                if n + 1 == count {
                    let mut more = false;
                    for image in images.by_ref() {
                        more = true;
                        content.push(converse::ContentBlock::Image(image.clone()));
                    }
                    if more {
                        cx.surplus_images();
                    }
                }
                messages.push(converse::Message { role: Str::plain(role).into(), content: content.finish(), extra: Extra::EMPTY });
            }
            if empty {
                cx.missing_images();
            }
            cx.systems(systems);
            #set_system
            #messages_slot = Some(messages.finish());
        }
    };
    (quote!(prompt_turns = Some(rt::read_prompt(c, cx, at)?);), late)
}

/// Statements that read the images that a prompt left places for.
pub(crate) fn decode_images(scope: &mut Scope<'_>, field: &Field, place: &str) -> TokenStream {
    let target = FacadeTy::List(Box::new(FacadeTy::Named("ImageBlock".into())));
    let value = super::decode_value::value(scope, &field.ty, &target, place);
    quote!(prompt_images = Some(#value);)
}

/// The grammars as a constant expression.
pub(crate) fn table(family: &Family) -> TokenStream {
    let grammars = family.prompts.iter().map(|g| {
        let turns = g.turns.iter().map(|t| {
            let after = t.open_after.iter().map(|(role, text)| quote!((#role, #text)));
            let (role, open, close) = (&t.role, &t.open, &t.close);
            let bare = option(t.bare.as_deref());
            let place = match &t.into {
                Some(into) => quote!(Into(#into)),
                None if t.at_start => quote!(Start),
                None => quote!(Any),
            };
            quote!(TurnGrammar {
                role: #role,
                open: #open,
                bare: #bare,
                open_after: &[#(#after),*],
                close: #close,
                place: TurnPlace::#place,
            })
        });
        let (name, begin, elide, cue, markers, escape, decode_only) =
            (&g.name, &g.begin, &g.elide, &g.cue, &g.markers, g.escape, g.decode_only);
        let image = option(g.image.as_deref());
        quote!(Grammar {
            name: #name, begin: #begin, elide: #elide, turns: &[#(#turns),*], cue: #cue,
            markers: &[#(#markers),*], escape: #escape, image: #image, decode_only: #decode_only
        })
    });
    quote!(rt::Prompts::new(&[#(#grammars),*]))
}

fn option(text: Option<&str>) -> TokenStream {
    match text {
        Some(text) => quote!(Some(#text)),
        None => quote!(None),
    }
}
