//! Members of Converse that only the service says in whole bodies: beside the members of the format, and in headers. They
//! are the same for all families, so their functions are emitted once, beside the façade's types, and bodies call them.

use outcrop_lang::ir::{
    FacadeMember, FacadeTy, Family, Field, Header, Lens, Literal, Path, Step, Struct, Ty, TypeKind, Way,
};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::assemble;
use super::decode::{Members, Object, Reader};
use super::places::{Hop, named, resolve};
use super::root::{Part, header, is_plain_header, read_header};
use super::scope::Scope;
use super::{decode_value, encode, rep, unmapped};
use crate::emit::facade::FacadeShapes;
use crate::emit::shape::{ItemKind, RustTy};
use crate::names;

/// Such a member.
pub(crate) struct Owned {
    /// The member of the whole façade value.
    pub(crate) name: String,
    /// Members of bodies that say it.
    pub(crate) fields: Vec<Field>,
    /// Headers that do.
    pub(crate) headers: Vec<Header>,
}

/// Where families find the functions.
fn module() -> TokenStream {
    quote!(converse::stream::service)
}

impl Owned {
    /// What a function for it is called.
    fn function(&self, part: Part, what: &str) -> Ident {
        format_ident!("{what}{}_{}", part.word(), names::field_ident(&self.name))
    }

    /// What its state is called while a body is read.
    fn state(&self, part: Part) -> Ident {
        names::type_ident(&format!("{}.{}", part.word(), self.name))
    }

    /// Reading a body: the state, what takes a member that the format does not list, and the value in the end.
    pub(crate) fn reads(&self, part: Part, var: &Ident) -> (TokenStream, Option<TokenStream>, TokenStream) {
        let module = module();
        if self.fields.is_empty() {
            let read = self.function(part, "");
            return (TokenStream::new(), None, quote!(#module::#read(c, cx)?));
        }
        let state = self.state(part);
        let declare = quote!(let mut #var = #module::#state::default(););
        (declare, Some(quote!(#var.read(c, cx, at, key)?)), quote!(#var.finish(c, cx)?))
    }

    /// Writing a body: its members, and then its headers with what is left of it.
    pub(crate) fn writes(&self, part: Part) -> (Option<TokenStream>, TokenStream) {
        let (module, write, tell) = (module(), self.function(part, "write_"), self.function(part, "tell_"));
        let write = self.fields.iter().any(|f| f.way != Way::Decode).then(|| quote!(#module::#write(v, o, cx)?;));
        (write, quote!(#module::#tell(v, cx, &mut headers)?;))
    }
}

/// The members that only the service says in bodies of a family, whose own fields are these.
pub(crate) fn owned(family: &Family, part: Part, fields: &[Field], assume: &[(Path, Literal)]) -> Vec<Owned> {
    let mut taken: Vec<&str> = assume.iter().filter_map(|(path, _)| first(path)).collect();
    let whole = fields.iter().try_for_each(|field| firsts(family, field, &mut taken));
    let keys = part.side(family);
    let (wins, plain): (Vec<_>, Vec<_>) = keys.iter().partition(|key| key.wins);
    let won = wins.iter().try_for_each(|key| firsts(family, &key.field, &mut taken));
    if whole.is_none() || won.is_none() {
        return Vec::new();
    }
    let mut out: Vec<Owned> = Vec::new();
    let of = |name: &str, out: &mut Vec<Owned>| {
        out.iter().position(|o| o.name == name).unwrap_or_else(|| {
            out.push(Owned { name: name.to_owned(), fields: Vec::new(), headers: Vec::new() });
            out.len() - 1
        })
    };
    for key in plain {
        let mut said = Vec::new();
        let whole = firsts(family, &key.field, &mut said);
        match said.as_slice() {
            // A member that says nothing to Converse, or several things, stays where it is.
            [one, others @ ..] if whole.is_some() && others.iter().all(|other| other == one) => {
                let at = of(one, &mut out);
                out.get_mut(at).into_iter().for_each(|o| o.fields.push(key.field.clone()));
            }
            _ => taken.extend(said),
        }
    }
    for header in part.headers(family) {
        if let Some(name) = first(&header.path) {
            let at = of(name, &mut out);
            out.get_mut(at).into_iter().for_each(|o| o.headers.push(header.clone()));
        }
    }
    out.retain(|o| !taken.contains(&o.name.as_str()));
    out
}

fn first(path: &Path) -> Option<&str> {
    match path.0.first() {
        Some(Step::Member(name)) => Some(name),
        _ => None,
    }
}

/// The first steps of the façade paths that a field maps; none if that may be anything.
fn firsts<'f>(family: &'f Family, field: &'f Field, out: &mut Vec<&'f str>) -> Option<()> {
    let inner = |ty: &Ty, out: &mut Vec<&'f str>| {
        let ty = match ty {
            Ty::Only { item, .. } => item,
            ty => ty,
        };
        let Ty::Named(id) = ty else { return None };
        let TypeKind::Struct(s) = &family.types.get(*id)?.kind else { return None };
        out.extend(s.assume.iter().filter_map(|(path, _)| first(path)));
        s.fields.iter().try_for_each(|field| firsts(family, field, out))
    };
    match &field.lens {
        Lens::Extra => Some(()),
        Lens::Group => inner(&field.ty, out),
        Lens::Path(path) if path.0.is_empty() => inner(&field.ty, out),
        Lens::Path(path) | Lens::Take { path, .. } => {
            out.push(first(path)?);
            Some(())
        }
    }
}

/// The functions for the bodies of a part.
pub(crate) fn emit(family: &Family, part: Part, shapes: &FacadeShapes) -> TokenStream {
    let mut scope = Scope::new(family);
    let mut out: TokenStream = wins(&mut scope, part, shapes);
    for owned in owned(family, part, &[], &[]) {
        let view = part.view_ty();
        let Some(place) =
            named(scope.facade, &view).and_then(|(_, def)| def.members.iter().find(|m| m.name == owned.name))
        else {
            continue;
        };
        out.extend(reader(&mut scope, part, shapes, &owned, place));
        out.extend(writer(&mut scope, part, &owned, place));
    }
    let functions = super::functions(&mut scope);
    let functions = functions.iter().map(|(_, function)| function);
    quote!(#out #(#functions)*)
}

/// A member of the service whose value replaces what the body says.
pub(crate) fn win(part: Part, field: &Field) -> TokenStream {
    let (module, function) = (module(), win_function(part, field));
    quote!(#module::#function(c, cx, at)?)
}

fn win_function(part: Part, field: &Field) -> Ident {
    format_ident!("{}_{}", part.word(), rep::plain(&field.key))
}

fn wins(scope: &mut Scope<'_>, part: Part, shapes: &FacadeShapes) -> TokenStream {
    let (family, view) = (scope.family, part.view_ty());
    let mut out = TokenStream::new();
    for key in part.side(family).iter().filter(|key| key.wins && key.field.way != Way::Encode) {
        let field = &key.field;
        let Lens::Path(path) = &field.lens else { continue };
        let (Some(target), Some(ty)) = (resolve(scope.facade, &view, path), rust_of(scope, shapes, &view, path)) else {
            continue;
        };
        let value = decode_value::perhaps(scope, field, &target.ty).unwrap_or_else(|| {
            let value = decode_value::field(scope, field, &target.ty, &field.key);
            quote!(Some(#value))
        });
        let (function, doc) =
            (win_function(part, field), format!(" Reads the value of `{}` of a {}.", field.key, part.word()));
        out.extend(quote! {
            #[doc = #doc]
            pub fn #function<'a>(c: &mut Cursor<'a>, cx: &mut Decode<'a>, at: &At<'_>) -> Result<Option<#ty>> {
                Ok(#value)
            }
        });
    }
    out
}

fn reader(
    scope: &mut Scope<'_>,
    part: Part,
    shapes: &FacadeShapes,
    owned: &Owned,
    member: &FacadeMember,
) -> TokenStream {
    let view = part.view_ty();
    let mut reader = Reader::default();
    let fields: Vec<Field> = owned.fields.iter().filter(|f| f.way != Way::Encode).cloned().collect();
    let object = Object::of(&fields, &view, "service");
    let Members { arms, .. } = super::decode::members(scope, &object, &mut reader, &fields);
    let mut heads = TokenStream::new();
    for header in &owned.headers {
        let Some(target) = resolve(scope.facade, &view, &header.path) else { continue };
        let slot = reader.slots.of(&header.path);
        let (value, name) = (read_header(scope, header, &target.ty), &header.name);
        heads.extend(if is_plain_header(header, &target.ty) {
            quote!(cx.header_slot(c, #name, &mut #slot);)
        } else {
            quote!(if #slot.is_none() && let Some(text) = cx.header(#name) { #slot = #value; })
        });
    }
    let paths: Vec<Path> = reader.slots.paths().to_vec();
    let below: Vec<(&[Step], usize)> =
        paths.iter().enumerate().filter_map(|(i, path)| Some((path.0.get(1..)?, i))).collect();
    let value = assemble::node(scope, &member.ty, &below);
    let types: Vec<TokenStream> = paths.iter().filter_map(|path| rust_of(scope, shapes, &view, path)).collect();
    let slots: Vec<Ident> = (0..paths.len()).map(|i| format_ident!("s{i}")).collect();
    let (Some(ty), true) = (rust_of(scope, shapes, &view, &rep::path(&owned.name)), types.len() == slots.len()) else {
        scope.refuse(&owned.name, "a member of the service of this type");
        return TokenStream::new();
    };
    let doc = format!(" What the service says as `{}` in a {}.", owned.name, part.word());
    if fields.is_empty() {
        let (function, declare) = (owned.function(part, ""), reader.slots.declare());
        return quote! {
            #[doc = #doc]
            pub fn #function<'a>(c: &Cursor<'a>, cx: &mut Decode<'a>) -> Result<Option<#ty>> {
                #declare
                #heads
                Ok(#value)
            }
        };
    }
    let state = owned.state(part);
    let seen: Vec<Ident> = (0..reader.flags()).map(|i| format_ident!("seen{i}")).collect();
    let keys = fields.iter().flat_map(|f| std::iter::once(&f.key).chain(&f.aliases));
    quote! {
        #[doc = #doc]
        #[derive(Debug, Default)]
        pub struct #state<'a> {
            #(#slots: Option<#types>,)*
            #(#seen: bool,)*
            life: std::marker::PhantomData<&'a ()>,
        }
        impl<'a> #state<'a> {
            /// Reads the value at the cursor, if it is of such a member.
            pub fn read(&mut self, c: &mut Cursor<'a>, cx: &mut Decode<'a>, at: &At<'_>, key: &str) -> Result<bool> {
                if ![#(#keys),*].contains(&key) {
                    return Ok(false);
                }
                let Self { #(mut #slots,)* #(mut #seen,)* life } = std::mem::take(self);
                match key {
                    #(#arms)*
                    _ => {}
                }
                *self = Self { #(#slots,)* #(#seen,)* life };
                Ok(true)
            }
            /// What was said, in headers as well.
            pub fn finish(self, c: &Cursor<'a>, cx: &mut Decode<'a>) -> Result<Option<#ty>> {
                let Self { #(mut #slots,)* .. } = self;
                #heads
                Ok(#value)
            }
        }
    }
}

fn writer(scope: &mut Scope<'_>, part: Part, owned: &Owned, member: &FacadeMember) -> TokenStream {
    let view = part.view_ty();
    let ty = rep::elided(&view);
    let fields: Vec<Field> = owned.fields.iter().filter(|f| f.way != Way::Decode).cloned().collect();
    let mut mapped = unmapped::paths(scope, &view, &fields);
    mapped.extend(owned.headers.iter().map(|h| h.path.clone()));
    let write = (!fields.is_empty()).then(|| {
        let s = Struct { fields: fields.clone(), ..Struct::default() };
        let known: Vec<Path> = owned.headers.iter().map(|h| h.path.clone()).collect();
        let members = encode::object(scope, &s, &view, None, part.word(), &known, true);
        let (function, doc) =
            (owned.function(part, "write_"), format!(" Writes what is said of `{}` in a body.", owned.name));
        quote! {
            #[doc = #doc]
            pub fn #function(v: &#ty, o: &mut Vec<u8>, cx: &mut Encode<'_>) -> std::result::Result<(), Error> {
                let at = &At::ROOT;
                #members
                Ok(())
            }
        }
    });
    let headers: Vec<TokenStream> = owned.headers.iter().map(|h| header(scope, &view, h)).collect();
    let below: Vec<&[Step]> = mapped.iter().filter_map(|path| path.0.get(1..)).collect();
    let left = unmapped::node(scope, &member.ty, &below, &quote!(x), &owned.name);
    let field = rep::field(&owned.name);
    let left = match (left.is_empty(), rep::is_option(member)) {
        (true, _) => left,
        (false, true) => quote!(if let Some(x) = &v.#field { #left }),
        (false, false) => quote!({ let x = &v.#field; #left }),
    };
    let (function, doc) = (
        owned.function(part, "tell_"),
        format!(" Says the rest of `{}` in headers, and settles the fate of what is left.", owned.name),
    );
    quote! {
        #write
        #[doc = #doc]
        pub fn #function(v: &#ty, cx: &mut Encode<'_>, headers: &mut Vec<(String, String)>) -> std::result::Result<(), Error> {
            let at = &At::ROOT;
            #(#headers)*
            #left
            Ok(())
        }
    }
}

/// The Rust type of what is at a façade path.
fn rust_of(scope: &Scope<'_>, shapes: &FacadeShapes, view: &FacadeTy, path: &Path) -> Option<TokenStream> {
    let place = resolve(scope.facade, view, path)?;
    let Some(Hop::Member(owner, member)) = place.hops.last() else { return None };
    let ItemKind::Struct(shape) = &shapes.types.get(*owner)?.kind else { return None };
    Some(qualified(&shape.members.iter().find(|m| m.key == member.name)?.ty))
}

/// A type of the façade from outside of its module.
fn qualified(ty: &RustTy) -> TokenStream {
    match ty {
        RustTy::Named(name, true) => quote!(converse::#name<'a>),
        RustTy::Named(name, false) => quote!(converse::#name),
        RustTy::List(item) | RustTy::OneOrList(item) => {
            let item = qualified(item);
            quote!(List<'a, #item>)
        }
        RustTy::Map(item) => {
            let item = qualified(item);
            quote!(Map<'a, #item>)
        }
        RustTy::One(item) => {
            let item = qualified(item);
            quote!(One<'a, #item>)
        }
        plain => plain.tokens(),
    }
}
