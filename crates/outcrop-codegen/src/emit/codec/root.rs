//! The four bodies of a family and its [`Codec`](outcrop_runtime::Codec).

use outcrop_lang::ir::{
    FacadeTy, Family, Field, Header, Lens, Literal, Path, SideKey, Struct, ToolIds, Ty, TypeKind, Way,
};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::decode::{Object, read};
use super::decode_side::Side;
use super::encode::{found, object};
use super::places::resolve;
use super::scope::Scope;
use super::service_body::{self, Owned};
use super::{literal, rep, unmapped, virtuals};

/// One direction of one body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    request: bool,
    decode: bool,
}

/// All of them.
pub(crate) const PARTS: [Part; 4] = [
    Part { name: "encode_request", request: true, decode: false },
    Part { name: "decode_request", request: true, decode: true },
    Part { name: "encode_response", request: false, decode: false },
    Part { name: "decode_response", request: false, decode: true },
];

impl Part {
    fn view(self) -> &'static str {
        if self.request { "ConverseRequest" } else { "ConverseResponse" }
    }
    fn extras(self) -> &'static str {
        if self.request { "additionalModelRequestFields" } else { "additionalModelResponseFields" }
    }
    /// Whether it is the direction to the native body.
    pub(crate) fn writes(self) -> bool {
        !self.decode
    }
    /// `request` or `response`.
    pub(crate) fn word(self) -> &'static str {
        if self.request { "request" } else { "response" }
    }
    /// The façade value.
    pub(crate) fn view_ty(self) -> FacadeTy {
        FacadeTy::Named(self.view().to_owned())
    }
    /// The service's members.
    pub(crate) fn side(self, family: &Family) -> &[SideKey] {
        let keys = &family.facade.side_keys;
        if self.request { &keys.request } else { &keys.response }
    }
    /// The service's headers.
    pub(crate) fn headers(self, family: &Family) -> &[Header] {
        if self.request { &family.facade.request_headers } else { &family.facade.response_headers }
    }
    /// Whether the body is a list of one.
    fn is_listed(self, family: &Family) -> bool {
        !self.request && family.chat.listed
    }

    fn exists(self, family: &Family) -> bool {
        if self.request { family.chat.request.is_some() } else { family.chat.response.is_some() }
    }
}

/// The function of a part.
pub(crate) fn emit(scope: &mut Scope<'_>, part: Part) -> TokenStream {
    let family = scope.family;
    let Some(id) = (if part.request { family.chat.request } else { family.chat.response }) else {
        return TokenStream::new();
    };
    let def = scope.def(id);
    let TypeKind::Struct(s) = &def.kind else {
        return scope.refuse(&def.name, "a body that is no object");
    };
    let mut owned = service_body::owned(family, part, &s.fields, &s.assume);
    let is_own = |key: &String| s.fields.iter().any(|f| f.key == *key);
    // What the format lists itself is the format's.
    owned.retain(|o| !o.fields.iter().any(|f| is_own(&f.key)));
    let is_owned = |key: &String| owned.iter().any(|o| o.fields.iter().any(|f| f.key == *key));
    let side = part.side(family).iter().filter(|k| !is_own(&k.field.key) && !is_owned(&k.field.key));
    let side: Vec<_> = side.collect();
    let headers =
        part.headers(family).iter().filter(|h| !owned.iter().any(|o| o.headers.iter().any(|own| own.name == h.name)));
    let headers: Vec<Header> = headers.cloned().collect();
    if part.decode {
        let plain = side.iter().filter(|k| !k.wins && k.field.way != Way::Encode).map(|k| k.field.clone());
        let fields: Vec<Field> = s.fields.iter().cloned().chain(plain).collect();
        let wins = side.iter().filter(|k| k.wins && k.field.way != Way::Encode).map(|k| k.field.clone()).collect();
        decoder(scope, part, s, &fields, Side { wins, headers, extras: part.extras(), owned, part }, &def.name)
    } else {
        let added = side.iter().filter(|k| k.field.way != Way::Decode).map(|k| k.field.clone());
        let fields = s.fields.iter().cloned().chain(added).collect();
        encoder(scope, part, &Struct { fields, ..s.clone() }, &def.name, &headers, &owned)
    }
}

fn decoder(scope: &mut Scope<'_>, part: Part, s: &Struct, fields: &[Field], side: Side, place: &str) -> TokenStream {
    let view = part.view_ty();
    let read = read(
        scope,
        &Object {
            fields,
            view: &view,
            tag: None,
            trailing: &[],
            outer: &view,
            given: s.assume.clone(),
            place,
            only: None,
            side: Some(&side),
            root: false,
        },
    );
    let counted = super::counts::told(scope.facade, &view);
    let value = rep::or_fallback(scope, &view, quote!(value), "");
    let ty = rep::rust(&view);
    let value = super::stops::read(scope.family, part, value);
    let settled = if scope.family.tool_ids == ToolIds::Positional {
        let (repeats, lists) = (virtuals::repeats(scope.family), scope.family.turn_lists());
        quote!(let value = #value; rt::settle_calls(&value, #repeats, &[#(#lists),*], c, cx))
    } else {
        quote!(Ok(#value))
    };
    let (name, whole) = if part.is_listed(scope.family) {
        let whole = quote! {
            /// The only element of a list.
            pub(super) fn body<'a>(c: &mut Cursor<'a>, cx: &mut Decode<'a>) -> Result<#ty> {
                let mut value = None;
                rt::only(c, &At::ROOT, false, |c, _| {
                    value = Some(element(c, cx)?);
                    Ok(())
                })?;
                value.ok_or_else(|| rt::missing(c, &const { Fault::unsaid("output") }))
            }
        };
        (format_ident!("element"), whole)
    } else {
        (format_ident!("body"), TokenStream::new())
    };
    quote! {
        #whole
        pub(super) fn #name<'a>(c: &mut Cursor<'a>, cx: &mut Decode<'a>) -> Result<#ty> {
            let at = &At::ROOT;
            #read
            #counted
            #settled
        }
    }
}

fn encoder(
    scope: &mut Scope<'_>,
    part: Part,
    s: &Struct,
    place: &str,
    headers: &[Header],
    owned: &[Owned],
) -> TokenStream {
    let view = part.view_ty();
    let mut known: Vec<Path> = headers.iter().map(|h| h.path.clone()).collect();
    known.push(rep::path(part.extras()));
    known.extend(owned.iter().map(|o| rep::path(&o.name)));
    let leftovers = unmapped::check(scope, &view, &s.fields, &s.assume, &known);
    let members = object(scope, s, &view, None, place, &known, true);
    let open: Vec<&Header> = headers.iter().filter(|h| !covers(scope, &view, &s.fields, &h.path)).collect();
    let headers: Vec<_> = open.into_iter().map(|h| header(scope, &view, h)).collect();
    let ty = rep::rust(&view);
    let ty = &ty;
    let extras = rep::field(part.extras());
    let kind = if part.request { quote!(Request) } else { quote!(Response) };
    let keys = s.fields.iter().chain(owned.iter().flat_map(|o| &o.fields)).map(|f| &f.key);
    let (writes, tells): (Vec<_>, Vec<_>) = owned.iter().map(|o| o.writes(part)).unzip();
    let writes: Vec<_> = writes.into_iter().flatten().collect();
    let hidden = scope.family.tool_ids == ToolIds::Positional;
    let (mut link, mut linked) = (TokenStream::new(), TokenStream::new());
    if hidden || scope.family.repeats().any() {
        let repeats = virtuals::repeats(scope.family);
        let name = rep::named(part.view());
        let has_calls = if part.request {
            quote!(v.messages.iter().flat_map(|all| all.iter()).flat_map(|message| message.content.iter()).any(is_call))
        } else {
            quote!(
                matches!(&v.output, converse::ConverseOutput::Message(message) if message.content.iter().any(is_call))
            )
        };
        // Most bodies have no calls, and linking takes a tree.
        link = quote! {
            let is_call = |x: &converse::ContentBlock<'_>| {
                matches!(x, converse::ContentBlock::ToolUse(_) | converse::ContentBlock::ToolResult(_))
            };
            let (arena, mut renamed) = (Arena::new(), Report::default());
            let (linked, parsed);
            let v = if #has_calls {
                linked = rt::link_calls(v, #hidden, #repeats, &mut renamed)?;
                parsed = #name::from_json(&linked, &arena)?;
                &parsed
            } else {
                v
            };
        };
        linked = quote!(cx.linked(renamed, #hidden););
    }
    let heads = (part.request && virtuals::uses_turns(scope.family)).then(|| {
        let name = rep::named(part.view());
        quote! {
            if v.messages.iter().flat_map(|x| x.iter()).next().is_some_and(|x| &*x.role.to_str().text() == "system") {
                return rt::join_heads(v, call, |text, call| {
                    body(&#name::from_json(text, &Arena::new())?, spec, call, room, read)
                });
            }
        }
    });
    let order = virtuals::last_turn(scope, &s.fields);
    let before = virtuals::turns_before(scope, &view, &s.fields);
    let aliases = s.fields.iter().flat_map(|f| f.aliases.iter().map(|a| (a, &f.key)));
    let aliases: Vec<_> = aliases.map(|(alias, key)| quote!((#alias, #key))).collect();
    let (read_again, listed) = if part.is_listed(scope.family) {
        // What is read again is the element.
        let again = quote!({
            let _ = read;
            |c, cx| super::decode_response::element(c, cx).map(|x| x.to_json())
        });
        (again, quote!(o.insert(0, b'['); o.push(b']');))
    } else {
        (quote!(read), TokenStream::new())
    };
    let stops = super::stops::written(scope.family, part);
    let rename = (!aliases.is_empty()).then(|| quote!(cx.rename_extras(&[#(#aliases),*]);));
    quote! {
        pub(super) fn body<'a>(v: &#ty, spec: &'static Spec, call: &Call<'_>, room: usize, read: rt::Reads) -> std::result::Result<Output, Error> {
            #heads
            #link
            let mut context = Encode::new(spec, call, Kind::#kind);
            let cx = &mut context;
            cx.take_extras(v.#extras.as_ref())?;
            #linked
            #stops
            #rename
            let at = &At::ROOT;
            #order
            #before
            let mut body = Vec::with_capacity(room);
            let o = &mut body;
            o.push(b'{');
            #members
            #(#writes)*
            o.push(b'}');
            let mut headers: Vec<(String, String)> = Vec::new();
            #(#headers)*
            #leftovers
            #(#tells)*
            cx.complete(o, &[#(#keys),*], #read_again)?;
            #listed
            Ok(Output { body, headers, report: context.finish()? })
        }
    }
}

/// Whether fields carry the façade leaf at a path.
fn covers(scope: &Scope<'_>, view: &FacadeTy, fields: &[Field], path: &Path) -> bool {
    fields.iter().filter(|f| f.way != Way::Decode).any(|f| match &f.lens {
        Lens::Path(own) => match path.0.strip_prefix(own.0.as_slice()) {
            Some([]) => true,
            Some(rest) => match &f.ty {
                Ty::Named(id) => match &scope.def(*id).kind {
                    TypeKind::Struct(s) => covers(scope, view, &s.fields, &Path(rest.to_vec())),
                    _ => true,
                },
                _ => true,
            },
            None => false,
        },
        Lens::Group => {
            let ty = match &f.ty {
                Ty::Only { item, .. } => item,
                ty => ty,
            };
            match ty {
                Ty::Named(id) => match &scope.def(*id).kind {
                    TypeKind::Struct(s) => covers(scope, view, &s.fields, path),
                    _ => false,
                },
                _ => false,
            }
        }
        Lens::Extra | Lens::Take { .. } => false,
    })
}

/// Statements that give a façade value to a header.
pub(crate) fn header(scope: &mut Scope<'_>, view: &FacadeTy, header: &Header) -> TokenStream {
    let Some(place) = resolve(scope.facade, view, &header.path) else {
        return scope.refuse(&header.name, "a header of a place that is none");
    };
    let found = found(&place, &quote!(v), &quote!(x));
    let name = &header.name;
    let text = match (&place.ty, &header.ty) {
        (FacadeTy::Enum(_), _) => quote!(x.to_str().text().into_owned()),
        (FacadeTy::Str, _) => quote!(x.text().into_owned()),
        (FacadeTy::Int, _) => quote!(x.to_string()),
        _ => quote!(rt::header_json(x)),
    };
    let map = header.map.as_ref().map(|map| {
        let arms = map.rows.iter().filter_map(|(native, facade)| match (native, facade) {
            (Literal::Str(native), Literal::Str(facade)) => Some(quote!(#facade => #native.to_owned(),)),
            _ => None,
        });
        quote!(let text = match text.as_str() { #(#arms)* _ => text };)
    });
    quote! {
        if #found {
            let text: String = #text;
            #map
            headers.push((#name.to_owned(), text));
        }
    }
}

/// Whether a header holds JSON that is the façade value.
pub(crate) fn is_plain_header(header: &Header, target: &FacadeTy) -> bool {
    header.map.is_none()
        && !matches!(target, FacadeTy::Str | FacadeTy::Enum(_))
        && matches!(header.ty, Ty::Int(_) | Ty::Float(_) | Ty::JsonText | Ty::Json)
}

/// An expression of type `Option`: the value of a header of text `text` for a façade type.
pub(crate) fn read_header(scope: &mut Scope<'_>, header: &Header, target: &FacadeTy) -> TokenStream {
    match (&header.map, target, &header.ty) {
        (Some(map), _, _) => {
            let mut arms = TokenStream::new();
            for (native, facade) in map.rows.iter().chain(&map.reads) {
                let Literal::Str(native) = native else { continue };
                let value = literal::facade(scope, facade, target);
                arms.extend(quote!(#native => Some(#value),));
            }
            let other = if map.open {
                let text = rep::enumerated(target, quote!(Str::plain(text)));
                quote!(Some(#text))
            } else {
                quote!(None)
            };
            quote!(match text { #arms _ => #other })
        }
        (None, FacadeTy::Str | FacadeTy::Enum(_), _) => {
            let text = rep::enumerated(target, quote!(Str::plain(text)));
            quote!(Some(#text))
        }
        (None, _, Ty::Int(_) | Ty::Float(_) | Ty::JsonText | Ty::Json) => {
            let name = &header.name;
            quote!(cx.header_value(c, #name, text))
        }
        _ => scope.refuse(&header.name, "a header of this type"),
    }
}

/// The typed functions, and the implementation on bytes.
pub(crate) fn codec(family: &Family, parts: &[(Part, bool)], streams: bool, events: bool) -> TokenStream {
    let stream_encoder = if events {
        quote!(Ok(Box::new(converse::stream::Encoder::new(&encode_stream::WRITERS, call)?)))
    } else {
        quote!(Err(rt::no_operation(&SPEC)))
    };
    let stream_decoder = if streams {
        quote!(Ok(Box::new(converse::stream::Decoder::new(&decode_stream::PLAN, call))))
    } else {
        quote!(Err(rt::no_operation(&SPEC)))
    };
    let has = |request: bool, decode: bool| {
        parts.iter().any(|(p, whole)| p.request == request && p.decode == decode && *whole && p.exists(family))
    };
    // What reads a finished body again.
    let reads = |request: bool| {
        let f = if request { quote!(decode_request) } else { quote!(decode_response) };
        if has(request, true) {
            quote!(|c, cx| #f::body(c, cx).map(|x| x.to_json()))
        } else {
            quote!(|_, _| Ok(Vec::new()))
        }
    };
    let typed = parts.iter().filter(|(p, whole)| *whole && p.exists(family)).map(|(part, _)| {
        let (name, ty) = (format_ident!("{}", part.name), rep::named(part.view()));
        if part.decode {
            let obeying = part.request.then(|| quote!(.and_then(|read| rt::obeying(&SPEC, call, input, read))));
            let doc = format!(" Reads the native {}: the Converse value, and what did not go through unchanged.", if part.request { "request" } else { "response" });
            quote! {
                #[doc = #doc]
                pub fn #name<'a>(input: &'a [u8], arena: &'a Arena, call: &Call<'a>) -> std::result::Result<(#ty<'a>, Report), Error> {
                    rt::decoded(&SPEC, input, arena, call, #name::body)#obeying
                }
            }
        } else {
            let reads = reads(part.request);
            let doc = format!(" Writes the native {}.", if part.request { "request" } else { "response" });
            quote! {
                #[doc = #doc]
                pub fn #name(value: &#ty<'_>, call: &Call<'_>) -> std::result::Result<Output, Error> {
                    #name::body(value, &SPEC, call, rt::ROOM, #reads)
                }
            }
        }
    });
    let name = &family.name;
    let encode = |request: bool| {
        if !has(request, false) {
            return quote!(Err(rt::no_operation(&SPEC)));
        }
        let f = if request { quote!(encode_request) } else { quote!(encode_response) };
        let reads = reads(request);
        quote!(rt::encoded(&SPEC, converse, &Arena::for_input(converse.len()), call, (#f::body, #reads)))
    };
    let decode = |request: bool, check: bool| {
        if !has(request, true) {
            return quote!(Err(rt::no_operation(&SPEC)));
        }
        let f = if request { quote!(decode_request) } else { quote!(decode_response) };
        let way = if check { quote!(checked) } else { quote!(translated) };
        // Headers and model outlive this call, so they may be borrowed as long as the input.
        let read = quote!(rt::#way(&SPEC, native, &Arena::for_input(native.len()), call, #f::body));
        if request { quote!(#read.and_then(|read| rt::obeying(&SPEC, call, native, read))) } else { read }
    };
    let (encode_request, encode_response) = (encode(true), encode(false));
    let (decode_request, decode_response) = (decode(true, false), decode(false, false));
    let (check_request, check_response) = (decode(true, true), decode(false, true));
    let check_chunk = if streams {
        quote!(converse::stream::check(&decode_stream::PLAN, call, native))
    } else {
        quote!(Err(rt::no_operation(&SPEC)))
    };
    let typed_streams = [
        streams.then(|| {
            quote! {
                /// Chunks to events, typed or as JSON.
                #[must_use]
                pub fn stream_decoder<'c>(call: &Call<'c>) -> converse::stream::Decoder<'c> {
                    converse::stream::Decoder::new(&decode_stream::PLAN, call)
                }
            }
        }),
        events.then(|| {
            quote! {
                /// Events, typed or as JSON, to chunks.
                pub fn stream_encoder<'c>(call: &Call<'c>) -> std::result::Result<converse::stream::Encoder<'c>, Error> {
                    converse::stream::Encoder::new(&encode_stream::WRITERS, call)
                }
            }
        }),
    ];
    let typed_streams = typed_streams.into_iter().flatten();
    let plan = if streams { quote!(Some(&decode_stream::PLAN)) } else { quote!(None) };
    quote! {
        /// The codecs on bytes.
        #[derive(Debug, Clone, Copy, Default)]
        pub struct Family;

        impl Codec for Family {
            fn family(&self) -> &str {
                #name
            }
            fn encode(&self, kind: Kind, call: &Call<'_>, converse: &[u8]) -> std::result::Result<Output, Error> {
                match kind {
                    Kind::Request => #encode_request,
                    Kind::Response => #encode_response,
                    Kind::Stream => Err(rt::no_operation(&SPEC)),
                }
            }
            fn decode(&self, kind: Kind, call: &Call<'_>, native: &[u8]) -> std::result::Result<Output, Error> {
                match kind {
                    Kind::Request => #decode_request,
                    Kind::Response => #decode_response,
                    Kind::Stream => Err(rt::no_operation(&SPEC)),
                }
            }
            fn check(&self, kind: Kind, call: &Call<'_>, native: &[u8]) -> std::result::Result<Output, Error> {
                match kind {
                    Kind::Request => #check_request,
                    Kind::Response => #check_response,
                    Kind::Stream => #check_chunk,
                }
            }
            fn stream_decoder<'a>(&'a self, call: &Call<'a>) -> std::result::Result<Box<dyn StreamCodec + 'a>, Error> {
                #stream_decoder
            }
            fn stream_encoder<'a>(&'a self, call: &Call<'a>) -> std::result::Result<Box<dyn StreamCodec + 'a>, Error> {
                #stream_encoder
            }
        }
        #(#typed)*
        #(#typed_streams)*
        /// What streams of the family are like.
        pub static STREAMS: Option<&'static converse::stream::Plan> = #plan;
    }
}
