//! The Rust types to emit, between the IR and tokens: façade and native types end up in the same few shapes.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// A type in emitted code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RustTy {
    /// `Str<'a>`.
    Str,
    /// `i64`.
    Int,
    /// `Num<'a>`.
    Num,
    /// `bool`.
    Bool,
    /// `Json<'a>`.
    Json,
    /// An emitted type; whether it has a lifetime.
    Named(Ident, bool),
    /// `List<'a, T>`.
    List(Box<RustTy>),
    /// `List<'a, T>` that may be read from a bare element.
    OneOrList(Box<RustTy>),
    /// `Map<'a, T>`.
    Map(Box<RustTy>),
    /// `One<'a, T>`, for types that contain themselves.
    One(Box<RustTy>),
}

impl RustTy {
    /// The type in source text.
    #[must_use]
    pub fn tokens(&self) -> TokenStream {
        match self {
            Self::Str => quote!(Str<'a>),
            Self::Int => quote!(i64),
            Self::Num => quote!(Num<'a>),
            Self::Bool => quote!(bool),
            Self::Json => quote!(Json<'a>),
            Self::Named(name, true) => quote!(#name<'a>),
            Self::Named(name, false) => quote!(#name),
            Self::List(item) | Self::OneOrList(item) => {
                let item = item.tokens();
                quote!(List<'a, #item>)
            }
            Self::Map(item) => {
                let item = item.tokens();
                quote!(Map<'a, #item>)
            }
            Self::One(item) => {
                let item = item.tokens();
                quote!(One<'a, #item>)
            }
        }
    }

    /// Whether values of this type borrow.
    #[must_use]
    pub fn borrows(&self) -> bool {
        !matches!(self, Self::Int | Self::Bool | Self::Named(_, false))
    }

    /// The named type that a value of this type contains directly, not behind a list or pointer.
    #[must_use]
    pub fn inline_name(&self) -> Option<&Ident> {
        match self {
            Self::Named(name, _) => Some(name),
            _ => None,
        }
    }
}

/// One emitted type.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its name.
    pub ident: Ident,
    /// Its documentation.
    pub doc: String,
    /// What it is.
    pub kind: ItemKind,
}

/// The forms of an emitted type.
#[derive(Debug, Clone)]
pub enum ItemKind {
    /// A struct.
    Struct(Shape),
    /// An object with one member, named after the variant.
    External(External),
    /// An object that names its variant in a member.
    Internal(Internal),
    /// Told apart by the members present or the JSON type.
    ByShape(ByShape),
    /// A string or a list.
    TextOrList(RustTy),
    /// A set of words.
    Words(Words),
}

impl ItemKind {
    /// Whether the type borrows.
    #[must_use]
    pub fn has_lifetime(&self) -> bool {
        !matches!(self, Self::Words(words) if words.other.is_none())
    }
}

/// A JSON object with known members.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    /// A member with a fixed value that comes first: the tag. `write` is false if it is only read.
    pub tag: Option<TagMember>,
    /// Members in the order they are written.
    pub members: Vec<Member>,
    /// The field for unknown members.
    pub extra: Option<Ident>,
}

/// The tag of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagMember {
    /// Member name.
    pub key: String,
    /// Value.
    pub value: String,
    /// Whether it is written.
    pub written: bool,
}

/// A member of a [`Shape`].
#[derive(Debug, Clone)]
pub struct Member {
    /// Field name.
    pub ident: Ident,
    /// Member name.
    pub key: String,
    /// Other names read.
    pub aliases: Vec<String>,
    /// Type.
    pub ty: RustTy,
    /// Always there.
    pub required: bool,
    /// `null` is read as absent (and written if the member is required).
    pub nullable: bool,
    /// Documentation.
    pub doc: String,
}

impl Member {
    /// Whether the field is an `Option`.
    #[must_use]
    pub fn is_option(&self) -> bool {
        !self.required || self.nullable
    }
}

/// A variant that holds a value.
#[derive(Debug, Clone)]
pub struct Variant {
    /// Its name.
    pub ident: Ident,
    /// Member name or tag value.
    pub key: String,
    /// Type of its value.
    pub ty: RustTy,
    /// Documentation.
    pub doc: String,
}

/// A variant for a bare string.
#[derive(Debug, Clone)]
pub struct Word {
    /// Its name.
    pub ident: Ident,
    /// The string.
    pub text: String,
    /// Documentation.
    pub doc: String,
}

/// What an object with one member may be.
#[derive(Debug, Clone)]
pub struct External {
    /// Variants by member name.
    pub variants: Vec<Variant>,
    /// Bare strings.
    pub words: Vec<Word>,
    /// How unknown members are kept.
    pub unknown: UnknownForm,
}

/// How a union keeps what no variant knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownForm {
    /// `Unknown { name, value }`: name and value of the one member.
    NameAndValue,
    /// `Unknown(Json)`: the whole value.
    Whole,
    /// Not at all.
    Refused,
}

/// What an object with a tag may be.
#[derive(Debug, Clone)]
pub struct Internal {
    /// Tag member.
    pub tag: String,
    /// Variants by tag value; their types are structs that know the tag.
    pub variants: Vec<Variant>,
    /// The variant for a missing tag.
    pub absent: Option<Ident>,
    /// Bare strings.
    pub words: Vec<Word>,
    /// How unknown tags are kept.
    pub unknown: UnknownForm,
}

/// What is told apart without a tag.
#[derive(Debug, Clone)]
pub struct ByShape {
    /// Variants in order of preference.
    pub variants: Vec<ShapeVariant>,
    /// Bare strings.
    pub words: Vec<Word>,
    /// How the rest is kept.
    pub unknown: UnknownForm,
}

/// A variant of [`ByShape`].
#[derive(Debug, Clone)]
pub struct ShapeVariant {
    /// The variant.
    pub variant: Variant,
    /// When it is chosen.
    pub when: ShapeTest,
}

/// When a [`ShapeVariant`] is chosen.
#[derive(Debug, Clone)]
pub enum ShapeTest {
    /// First bytes of the JSON value.
    FirstByte(Vec<u8>),
    /// An object with all of the first and none but these: required and optional member names.
    Members(Vec<String>, Vec<String>),
    /// Any value.
    Any,
}

/// A set of words.
#[derive(Debug, Clone)]
pub struct Words {
    /// The words.
    pub words: Vec<Word>,
    /// The variant for any other text.
    pub other: Option<Ident>,
}
