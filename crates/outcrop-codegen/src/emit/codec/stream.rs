//! Streams: each chunk is read as a `Signal`, and signals drive the runtime's tracker.

use outcrop_lang::ir::{Blocks, FacadeTy, Family, Field, Lens, Path, Region, SideKey, Step, Struct, TypeKind, Way};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::decode::{Object, read};
use super::scope::{Instance, Job, Scope};
use super::{decode_take, rep};

fn signal() -> FacadeTy {
    FacadeTy::Named("Signal".to_owned())
}

fn is_member(path: &Path, name: &str) -> bool {
    matches!(path.0.first(), Some(Step::Member(first)) if first == name)
}

/// The bodies of all structs of a family, those of cases too.
pub(crate) fn structs(family: &Family) -> impl Iterator<Item = &Struct> {
    family.types.iter().flat_map(|def| match &def.kind {
        TypeKind::Struct(s) => vec![s],
        TypeKind::Union(u) => u
            .cases
            .iter()
            .filter_map(|c| match &c.body {
                outcrop_lang::ir::CaseBody::Struct(s) => Some(s),
                outcrop_lang::ir::CaseBody::Value(_) => None,
            })
            .collect(),
        _ => Vec::new(),
    })
}

/// The decoder of the family's streams.
pub(crate) fn decoder(scope: &mut Scope<'_>) -> TokenStream {
    let family = scope.family;
    let Some(id) = family.chat.stream else { return TokenStream::new() };
    let def = scope.def(id);
    let (blocks, read) = match &def.kind {
        TypeKind::Struct(s) => (s.blocks, {
            let f = want(scope, id);
            quote!(out(#f(c, cx, at)?);)
        }),
        TypeKind::Union(u) => (u.blocks, {
            let f = want(scope, id);
            quote!(#f(c, cx, at, out)?;)
        }),
        _ => return scope.refuse(&def.name, "a chunk that is no object"),
    };
    let signals = || structs(family).filter(|s| s.view == "Signal");
    let maps = |name: &str| {
        signals()
            .flat_map(|s| &s.fields)
            .any(|f| matches!(&f.lens, Lens::Path(p) if f.way != Way::Encode && is_member(p, name)))
    };
    if maps("whole") {
        scope.refuse(&def.name, "a stream that repeats the whole answer");
    }
    if family.tool_ids == outcrop_lang::ir::ToolIds::Positional {
        scope.refuse(&def.name, "tool-call ids that are not on the wire");
    }
    let says_start = maps("start");
    let says_end = match &def.kind {
        TypeKind::Union(u) => {
            u.cases.iter().any(|c| c.signal == Some(outcrop_lang::ir::CaseSignal::End) && c.way != Way::Encode)
        }
        _ => false,
    };
    let regions: Vec<Region> = regions_of(family);
    let side: Vec<&SideKey> = family.facade.side_keys.stream.iter().filter(|k| k.field.way != Way::Encode).collect();
    let mut side_functions = TokenStream::new();
    let mut side_calls = TokenStream::new();
    for (i, key) in side.iter().enumerate() {
        let f = format_ident!("side{i}");
        let fields: Vec<Field> = vec![key.field.clone()];
        let view = signal();
        let read = self::read_side(scope, &fields, &view);
        let (name, wins) = (&key.field.key, key.wins);
        side_functions.extend(quote! {
            fn #f<'a>(c: &mut Cursor<'a>, cx: &mut Decode<'a>) -> Result<converse::Signal<'a>> {
                let at = &At::ROOT;
                #read
            }
        });
        side_calls.extend(quote! {
            if let Some(value) = cx.take_extra(#name) {
                let text = arena.str(&format!("{{{:?}:{}}}", #name, value.as_str()));
                let mut c = Cursor::over(text, arena);
                let s = #f(&mut c, &mut cx).map_err(|e| e.in_native(item))?;
                signal(&s, state, Source::Metrics, #wins, out)?;
            }
        });
    }
    let side_names = side.iter().map(|k| &k.field.key);
    let plan = plan(family, blocks, says_start, says_end, &regions);
    let glue = glue();
    quote! {
        #plan
        /// Reads one chunk. A signal is large: it goes to where it stays.
        fn body<'a>(c: &mut Cursor<'a>, cx: &mut Decode<'a>, out: &mut dyn FnMut(converse::Signal<'a>)) -> Result<()> {
            let at = &At::ROOT;
            #read
            Ok(())
        }
        #side_functions
        /// A chunk that holds nothing but what the service adds.
        fn keep_all<'a>(item: &'a [u8], arena: &'a Arena, cx: &mut Decode<'a>) -> std::result::Result<(), Error> {
            let mut read = || {
                let mut c = Cursor::new(item, arena)?;
                rt::object(&mut c, |c, key| cx.extra(c, &At::ROOT, key))?;
                c.end()
            };
            read().map_err(|e: JsonError| e.in_native(item))
        }
        #glue

        /// A stream being decoded.
        pub struct StreamDecoder<'c> {
            call: Call<'c>,
            state: rt::StreamState,
            /// Memory of the chunk that is being read.
            arena: Arena,
        }

        impl<'c> StreamDecoder<'c> {
            /// At the beginning of a stream.
            pub fn new(call: &Call<'c>) -> Self {
                Self { call: *call, state: rt::StreamState::new(&PLAN), arena: Arena::new() }
            }
        }

        impl StreamCodec for StreamDecoder<'_> {
            fn push(&mut self, item: &[u8], out: &mut dyn FnMut(&[u8])) -> std::result::Result<(), Error> {
                let Self { call, state, arena } = self;
                arena.reset();
                let arena = &*arena;
                let mut cx = Decode::new(&SPEC, call);
                if rt::is_done(item) {
                    return Ok(());
                }
                let said = rt::says_more(item, &[#(#side_names),*]);
                if said {
                    let mut found = None;
                    let mut read = || {
                        let mut c = Cursor::new(item, arena)?;
                        body(&mut c, &mut cx, &mut |s| found = Some(s))?;
                        c.end()
                    };
                    read().map_err(|e: JsonError| e.in_native(item))?;
                    if let Some(s) = &found {
                        signal(s, state, Source::Chunk, false, out)?;
                    }
                } else {
                    keep_all(item, arena, &mut cx)?;
                }
                state.ended(cx.ended);
                #side_calls
                let extras = cx.extras(&Cursor::over("", arena));
                state.keep(extras, std::mem::take(&mut cx.report));
                Ok(())
            }
            fn finish(&mut self, out: &mut dyn FnMut(&[u8])) -> std::result::Result<Report, Error> {
                self.state.finish(&self.call, out)
            }
        }
    }
}

fn want(scope: &mut Scope<'_>, id: usize) -> proc_macro2::Ident {
    scope.want(Instance { job: Job::Decode, id, view: signal(), known: Vec::new(), single: false })
}

fn read_side(scope: &mut Scope<'_>, fields: &[Field], view: &FacadeTy) -> TokenStream {
    scope.absolute = true;
    let read = read(
        scope,
        &Object {
            fields,
            view,
            tag: None,
            trailing: &[],
            outer: view,
            given: Vec::new(),
            place: "side",
            only: None,
            side: None,
        },
    );
    scope.absolute = false;
    let value = rep::or_fallback(scope, view, quote!(value), "chunk");
    quote!(#read Ok(#value))
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

fn plan(family: &Family, blocks: Blocks, says_start: bool, says_end: bool, regions: &[Region]) -> TokenStream {
    let blocks = match blocks {
        Blocks::Explicit => quote!(Explicit),
        Blocks::Implicit => quote!(Implicit),
        Blocks::Merge => quote!(Merge),
    };
    let table = decode_take::region_table(regions);
    let deltas = regions.iter().map(|r| {
        let names: Vec<&str> =
            r.delta.0.iter().filter_map(|s| if let Step::Member(m) = s { Some(m.as_str()) } else { None }).collect();
        let open: String = names.iter().map(|n| format!("{{\"{n}\":")).collect();
        let close = "}".repeat(names.len());
        let kind = if names.first() == Some(&"reasoningContent") { quote!(Reasoning) } else { quote!(Text) };
        quote!((Block::#kind, #open, #close))
    });
    let counts = family.facade.response_headers.iter().filter_map(|h| match h.path.0.as_slice() {
        [Step::Member(first), Step::Member(member)] => Some((&h.name, first, member)),
        _ => None,
    });
    let counts = counts.map(|(name, first, member)| quote!((#name, #first, #member)));
    quote! {
        static PLAN: rt::StreamPlan = rt::StreamPlan {
            blocks: Blocks::#blocks,
            says_start: #says_start,
            says_end: #says_end,
            regions: &#table,
            deltas: &[#(#deltas),*],
            counts: &[#(#counts),*],
        };
    }
}

/// From signals to the tracker; the same for every family.
fn glue() -> TokenStream {
    quote! {
        fn signal(s: &converse::Signal<'_>, state: &mut rt::StreamState, source: Source, wins: bool, out: &mut dyn FnMut(&[u8])) -> std::result::Result<(), Error> {
            if let Some(message) = s.fail.as_ref().and_then(|f| f.message.as_ref()) {
                state.fail(message, out);
            }
            if let Some(role) = s.start.as_ref().and_then(|x| x.role.as_ref()) {
                state.start(role, out)?;
            }
            let key = rt::block_key(s.key.as_ref());
            if let Some(open) = &s.open && let Some(block) = &open.block {
                opens(block, rt::block_key(open.key.as_ref()).or(key), state, out)?;
            }
            if let Some(delta) = &s.delta && let Some(value) = &delta.value {
                grows(value, rt::block_key(delta.key.as_ref()).or(key), state, out)?;
            }
            if let Some(close) = &s.close && (close.key.is_some() || key.is_some()) {
                state.close(rt::block_key(close.key.as_ref()).or(key), out)?;
            }
            for part in s.parts.iter().flat_map(|x| x.iter()) {
                signal(part, state, source, wins, out)?;
            }
            if let Some(reason) = s.stop.as_ref().and_then(|x| x.reason.as_ref()) {
                state.stop(reason, wins, out)?;
            }
            if let Some(usage) = &s.usage {
                state.counts(
                    &[
                        ("inputTokens", usage.input_tokens),
                        ("outputTokens", usage.output_tokens),
                        ("totalTokens", usage.total_tokens),
                        ("cacheReadInputTokens", usage.cache_read_input_tokens),
                        ("cacheWriteInputTokens", usage.cache_write_input_tokens),
                    ],
                    source,
                );
                if usage.cache_details.is_some() || !usage.extra.is_empty() {
                    state.usage(usage, source);
                }
            }
            if let Some(latency) = s.latency {
                state.metadata("metrics", &converse::ConverseStreamMetrics { latency_ms: latency, extra: Extra::EMPTY }, source);
            }
            if let Some(trace) = &s.trace {
                state.metadata("trace", trace, source);
            }
            if let Some(config) = &s.performance_config {
                state.metadata("performanceConfig", config, source);
            }
            if let Some(tier) = &s.service_tier {
                state.metadata("serviceTier", tier, source);
            }
            Ok(())
        }

        fn opens(block: &converse::BlockStart<'_>, key: Option<i64>, state: &mut rt::StreamState, out: &mut dyn FnMut(&[u8])) -> std::result::Result<(), Error> {
            use converse::BlockStart as Start;
            match block {
                Start::Text(text) => {
                    state.open::<bool>(key, Block::Text, None, out)?;
                    if !text.is_empty() {
                        grows(&converse::ContentBlockDelta::Text(text.share()), key, state, out)?;
                    }
                }
                Start::ReasoningContent(delta) => {
                    state.open::<bool>(key, Block::Reasoning, None, out)?;
                    if !is_blank(delta) {
                        state.delta(key, Block::Reasoning, &converse::ContentBlockDelta::ReasoningContent(delta.clone()), false, out)?;
                    }
                }
                Start::Citation(_) => state.open::<bool>(key, Block::Text, None, out)?,
                Start::ToolUse(_) => state.open(key, Block::ToolUse, Some(block), out)?,
                Start::ToolResult(_) => state.open(key, Block::ToolResult, Some(block), out)?,
                Start::Image(_) => state.open(key, Block::Image, Some(block), out)?,
                _ => state.open(key, Block::Other, Some(block), out)?,
            }
            Ok(())
        }

        fn is_blank(delta: &converse::ReasoningContentBlockDelta<'_>) -> bool {
            use converse::ReasoningContentBlockDelta as Delta;
            match delta {
                Delta::Text(text) | Delta::Signature(text) | Delta::RedactedContent(text) => text.is_empty(),
                Delta::Unknown { .. } => false,
            }
        }

        fn grows(value: &converse::ContentBlockDelta<'_>, key: Option<i64>, state: &mut rt::StreamState, out: &mut dyn FnMut(&[u8])) -> std::result::Result<(), Error> {
            use converse::ContentBlockDelta as Delta;
            let (block, empty) = match value {
                Delta::Text(text) if state.has_regions() => return state.text(key, text, out),
                Delta::Text(text) => (Block::Text, text.is_empty()),
                Delta::Citation(_) => (Block::Text, false),
                Delta::ReasoningContent(delta) => (Block::Reasoning, is_blank(delta)),
                Delta::ToolUse(delta) => (Block::ToolUse, delta.input.is_empty()),
                Delta::ToolResult(_) => (Block::ToolResult, false),
                Delta::Image(_) => (Block::Image, false),
                _ => (Block::Other, false),
            };
            state.delta(key, block, value, empty, out)
        }
    }
}
