//! Streams: each chunk is read into what it says, which drives the façade's stream decoder.

use outcrop_lang::ir::{
    Blocks, CaseSignal, FacadeTy, Family, Field, Lens, Literal, Path, Region, Step, Struct, ToolIds, TypeKind, Way,
};
use proc_macro2::TokenStream;
use quote::quote;

use super::decode::{Object, read};
use super::scope::Scope;
use super::{decode_take, decode_union, said};

/// The views whose strings blocks grow by.
const GROWING: &[&str] = &["Signal", "ContentBlockDelta", "ToolUseBlockDelta", "ReasoningContentBlockDelta"];

fn signal() -> FacadeTy {
    FacadeTy::Named("Signal".to_owned())
}

fn is_member(path: &Path, name: &str) -> bool {
    matches!(path.0.first(), Some(Step::Member(first)) if first == name)
}

/// The bodies of all structs of a family, those of cases too.
pub(crate) fn structs(family: &Family) -> impl Iterator<Item = &Struct> {
    family.types.iter().flat_map(|def| def.kind.structs())
}

/// The reader of the family's chunks, and what its streams are like.
pub(crate) fn decoder(scope: &mut Scope<'_>) -> TokenStream {
    let family = scope.family;
    let Some(id) = family.chat.stream else { return TokenStream::new() };
    let def = scope.def(id);
    let (blocks, read) = match &def.kind {
        TypeKind::Struct(s) => (s.blocks, structure(scope, s, &def.name)),
        TypeKind::Union(u) => (u.blocks, decode_union::chunk(scope, u, &signal(), &def.name)),
        _ => return scope.refuse(&def.name, "a chunk that is no object"),
    };
    let plan = plan(scope, blocks, &def.kind);
    quote! {
        #plan
        /// Reads one chunk.
        fn read<'a>(c: &mut Cursor<'a>, cx: &mut Decode<'a>, heard: &mut converse::stream::Heard<'a>) -> Result<()> {
            let at = &At::ROOT;
            let converse::stream::Heard { said, beside } = heard;
            #read
            Ok(())
        }
    }
}

fn structure(scope: &mut Scope<'_>, s: &Struct, place: &str) -> TokenStream {
    let view = signal();
    // That a stream ended is known at its end.
    let (stop, given): (Vec<_>, Vec<_>) = s.assume.iter().cloned().partition(|(path, _)| path.is_stop());
    let object = Object { given, root: true, ..Object::of(&s.fields, &view, place) };
    let read = read(scope, &object);
    let assumed = stop.iter().filter_map(|(_, reason)| match reason {
        Literal::Str(reason) => Some(quote!(beside.assumed_stop = Some(#reason);)),
        _ => None,
    });
    quote!(#(#assumed)* #read)
}

/// The regions of text deltas.
fn regions_of(family: &Family) -> Vec<Region> {
    let fields = structs(family).filter(|s| s.view == "Signal").flat_map(|s| &s.fields);
    let found =
        fields.filter(|f| matches!(&f.lens, Lens::Path(p) if is_member(p, "delta"))).find_map(|f| match &f.ty {
            outcrop_lang::ir::Ty::Named(id) => match family.types.get(*id).map(|t| &t.kind) {
                Some(TypeKind::Regions(regions)) => Some(regions.clone()),
                _ => None,
            },
            _ => None,
        });
    found.unwrap_or_default()
}

/// Whether a member of any chunk that is read says who speaks.
fn says_start(family: &Family) -> bool {
    let maps = |f: &Field| matches!(&f.lens, Lens::Path(p) if f.way != Way::Encode && is_member(p, "start"));
    let root = family.chat.stream.and_then(|id| family.types.get(id)).map(|def| &def.kind);
    let starts = matches!(root, Some(TypeKind::Union(u))
        if u.cases.iter().any(|c| c.signal == Some(CaseSignal::Start) && c.way != Way::Encode));
    starts || structs(family).filter(|s| s.view == "Signal").flat_map(|s| &s.fields).any(maps)
}

fn plan(scope: &mut Scope<'_>, blocks: Blocks, root: &TypeKind) -> TokenStream {
    let family = scope.family;
    let blocks = match blocks {
        Blocks::Explicit => quote!(Explicit),
        Blocks::Implicit => quote!(Implicit),
        Blocks::Merge => quote!(Merge),
    };
    let says_end = matches!(root, TypeKind::Union(u)
        if u.cases.iter().any(|c| c.signal == Some(CaseSignal::End) && c.way != Way::Encode));
    let regions = regions_of(family);
    let table = decode_take::region_table(&regions);
    let mut deltas = Vec::new();
    for region in &regions {
        let names: Vec<&str> =
            region.delta.0.iter().map(|s| if let Step::Member(m) = s { m.as_str() } else { "" }).collect();
        deltas.push(match names.as_slice() {
            ["text"] => quote!(Text),
            ["reasoningContent", "text"] => quote!(Reasoning),
            _ => return scope.refuse("regions", "a region in a stream that is neither text nor reasoning"),
        });
    }
    let (says_start, positional) = (says_start(family), family.tool_ids == ToolIds::Positional);
    let with_calls = super::stops::rows(family, true);
    let steady = said::is_steady(scope, GROWING);
    quote! {
        /// What streams of the family are like.
        pub static PLAN: converse::stream::Plan = converse::stream::Plan {
            spec: &SPEC,
            read,
            blocks: Blocks::#blocks,
            says_start: #says_start,
            says_end: #says_end,
            positional: #positional,
            with_calls: &[#(#with_calls),*],
            steady: #steady,
            regions: &#table,
            deltas: &[#(Block::#deltas),*],
        };
    }
}
