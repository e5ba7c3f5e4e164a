//! What a family knows as data: fates, catalogue, prompt grammars.

use outcrop_lang::ir::{
    Family, Fate, Field, Keys, Lens, Model, Rule, RuleForm, RuleMember, Ty, TypeId, TypeKind, Validator,
};
use proc_macro2::TokenStream;
use quote::quote;

use super::prompts;
use crate::names::type_ident;

/// The constant `SPEC`.
pub(crate) fn emit(family: &Family) -> TokenStream {
    // The family's own come first and win ties.
    let fates = family.fates.iter().chain(&family.facade.fates).map(fate);
    let models = family.models.iter().map(model);
    let rules = family.rules.iter().map(rule);
    let watches = family.rules.iter().map(watch);
    let unwatched = unwatched(family);
    let prompts = prompts::table(family);
    let name = &family.name;
    let grows = grows(family);
    let validator = match family.validator {
        Validator::Schema => quote!(rt::Validator::Schema),
        Validator::Dotted => quote!(rt::Validator::Dotted),
    };
    quote! {
        /// What the family knows as data.
        pub static SPEC: Spec = Spec { family: #name, fates: &[#(#fates),*], models: &[#(#models),*], rules: &[#(#rules),*], watches: &[#(#watches),*], unwatched: #unwatched, prompts: #prompts, grows: &[#(#grows),*], validator: #validator };
    }
}

/// Pointers to the lists of bodies whose further elements live in the additional fields.
fn grows(family: &Family) -> Vec<String> {
    let chat = &family.chat;
    let mut found = Vec::new();
    for root in [chat.request, chat.response].into_iter().flatten() {
        grows_below(family, root, "", &mut found);
    }
    found.sort();
    found.dedup();
    found
}

fn is_group(field: &Field) -> bool {
    matches!(field.lens, Lens::Group)
}

fn grows_below(family: &Family, id: TypeId, path: &str, found: &mut Vec<String>) {
    let Some(TypeKind::Struct(s)) = family.types.get(id).map(|def| &def.kind) else { return };
    for field in &s.fields {
        let path = format!("{path}/{}", field.key.replace('~', "~0").replace('/', "~1"));
        match &field.ty {
            Ty::Named(id) if is_group(field) => grows_below(family, *id, &path, found),
            Ty::Only { item, more, .. } => {
                if let (Ty::Named(id), true) = (&**item, is_group(field)) {
                    grows_below(family, *id, &format!("{path}/0"), found);
                }
                if *more {
                    found.push(path);
                }
            }
            _ => {}
        }
    }
}

fn fate(fate: &Fate) -> TokenStream {
    let pattern = &fate.pattern;
    let dropped = match &fate.dropped {
        Some(why) => quote!(Some(#why)),
        None => quote!(None),
    };
    quote!(FateRule { pattern: &[#(#pattern),*], dropped: #dropped })
}

fn model(model: &Model) -> TokenStream {
    let Model { pattern, name, limits, capabilities, prompt, preferred, rules, .. } = model;
    let prompt = option(prompt.as_ref().map(|prompt| quote!(#prompt)));
    let resource = option(model.resource.as_deref().map(|word| {
        let kind = type_ident(word);
        quote!(rt::Resource::#kind)
    }));
    let bodies = option(model.bodies.as_ref().map(|bodies| {
        let [request, response, stream] = [&bodies.request, &bodies.response, &bodies.stream].map(keys);
        quote!(rt::Bodies { request: #request, response: #response, stream: #stream })
    }));
    let limits = limits.iter().map(|(name, limit)| quote!((#name, #limit)));
    quote!(Model {
        pattern: #pattern,
        resource: #resource,
        bodies: #bodies,
        preferred: #preferred,
        name: #name,
        prompt: #prompt,
        limits: &[#(#limits),*],
        capabilities: &[#(#capabilities),*],
        rules: &[#(#rules),*]
    })
}

fn rule(rule: &Rule) -> TokenStream {
    let form = match rule.form {
        RuleForm::OneOf => quote!(OneOf),
        RuleForm::NoneOf => quote!(NoneOf),
        RuleForm::Needs => quote!(Needs),
        RuleForm::Refuses => quote!(Refuses),
        RuleForm::AtMost => quote!(AtMost),
        RuleForm::Ignores => quote!(Ignores),
    };
    let Rule { values, limit, why, .. } = rule;
    let members = rule.members.iter().map(|member| {
        let RuleMember { native, facade, .. } = member;
        quote!(rt::Member { native: #native, facade: #facade })
    });
    let when = rule.when.iter().map(|(member, values)| {
        let native = &member.native;
        quote!((#native, std::borrow::Cow::Borrowed(&[#(#values),*])))
    });
    quote!(rt::Rule {
        form: rt::Form::#form,
        members: std::borrow::Cow::Borrowed(&[#(#members),*]),
        values: std::borrow::Cow::Borrowed(&[#(#values),*]),
        limit: #limit,
        when: std::borrow::Cow::Borrowed(&[#(#when),*]),
        why: #why
    })
}

/// One of 64 bits for the name of a member, the same in all families so that they can share code. Names that share a bit
/// cost a look.
pub(crate) fn bit(name: &str) -> u64 {
    let hash =
        name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    1 << (hash >> 58)
}

/// The member of the whole body that a rule's path begins with.
fn first(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or_default()
}

fn watch(rule: &Rule) -> TokenStream {
    let all = rule.when.iter().fold(0, |bits, (member, _)| bits | bit(first(&member.native)));
    let any = match rule.form {
        // Absence is what breaks it.
        RuleForm::Needs => u64::MAX,
        _ => rule.members.iter().fold(0, |bits, member| bits | bit(first(&member.native))),
    };
    quote!(rt::Watch { all: #all, any: #any })
}

/// Names that rules ask for and no field of the request has: nothing tells whether they are there.
fn unwatched(family: &Family) -> u64 {
    let body = family.chat.request.and_then(|id| family.types.get(id));
    let fields = match body.map(|def| &def.kind) {
        Some(TypeKind::Struct(s)) => s.fields.as_slice(),
        _ => &[],
    };
    let asked = family.rules.iter().flat_map(|r| r.when.iter().map(|(member, _)| member).chain(&r.members));
    let others = asked.map(|member| first(&member.native)).filter(|name| !fields.iter().any(|f| f.key == *name));
    others.fold(0, |bits, name| bits | bit(name))
}

fn keys(keys: &Keys) -> TokenStream {
    let Keys { has, lacks } = keys;
    quote!(rt::Keys { has: &[#(#has),*], lacks: &[#(#lacks),*] })
}

fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(|| quote!(None), |value| quote!(Some(#value)))
}
