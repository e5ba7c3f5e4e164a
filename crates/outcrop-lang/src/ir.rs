//! The checked intermediate representation: the contract between the front end and everything behind it.
//!
//! Desugared and closed: `extends` and `patch` are applied, every name is resolved to an index, every `as:` is a parsed
//! [`Path`]. The interpreter executes it and the generator compiles it; neither ever sees YAML.

use std::collections::BTreeMap;
use std::sync::Arc;

/// A place in a spec file, for diagnostics: byte offsets into the text of one of the files that were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span {
    /// Index of the file in the order it was read (the family first, then its dialects).
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// One family, ready to run.
#[derive(Debug, Clone)]
pub struct Family {
    /// Kebab-case name.
    pub name: String,
    /// One line for tables.
    pub title: String,
    /// URL of the documentation the spec was written from.
    pub source: String,
    /// Prose for the reference page.
    pub doc: String,
    /// Root types of the chat operation.
    pub chat: Operation,
    /// All types; a [`TypeId`] is an index into this list.
    pub types: Vec<TypeDef>,
    /// Prompt grammars; the first is the default.
    pub prompts: Vec<Grammar>,
    /// Whether tool-call ids are on the wire.
    pub tool_ids: ToolIds,
    /// What becomes of façade leaves that no field maps.
    pub fates: Vec<Fate>,
    /// Catalogue entries.
    pub models: Vec<Model>,
    /// Executable examples.
    pub examples: Vec<Example>,
    /// The façade that the paths refer to.
    pub facade: Arc<Facade>,
}

/// Index into [`Family::types`].
pub type TypeId = usize;

/// Root types of an operation.
#[derive(Debug, Clone, Copy, Default)]
pub struct Operation {
    /// The InvokeModel request body.
    pub request: Option<TypeId>,
    /// The InvokeModel response body.
    pub response: Option<TypeId>,
    /// One chunk of InvokeModelWithResponseStream.
    pub stream: Option<TypeId>,
}

/// A named (or inline) native type.
#[derive(Debug, Clone)]
pub struct TypeDef {
    /// Name in the spec; inline types are named after their place (`Request.thinking`).
    pub name: String,
    /// Prose for the reference page.
    pub doc: String,
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: TypeKind,
}

/// The forms of a native type.
#[derive(Debug, Clone)]
pub enum TypeKind {
    /// A JSON object with known members.
    Struct(Struct),
    /// One of several shapes, each standing for a façade arm.
    Union(Union),
    /// A string, or a list of `item`.
    TextOrList(TextOrList),
    /// A table of values.
    Map(ValueMap),
    /// One string that carries several kinds of façade blocks.
    Regions(Vec<Region>),
}

/// A native object.
#[derive(Debug, Clone, Default)]
pub struct Struct {
    /// Façade type that the paths are relative to: a type name, or the type expression of a payload without one
    /// (`string`, `list<json>`). Empty when no path leads out of the struct, or when the view is unknown.
    pub view: String,
    /// Members in the order they are written.
    pub fields: Vec<Field>,
    /// Façade values that the wire never says: path and value.
    pub assume: Vec<(Path, Literal)>,
    /// Only for `view: Signal` roots: how blocks are delimited.
    pub blocks: Blocks,
    /// Only for `view: Signal` roots: signals that share one chunk when encoding.
    pub join: Vec<Signal>,
}

/// A member of a native object.
#[derive(Debug, Clone)]
pub struct Field {
    /// Native member name.
    pub key: String,
    /// Other names read.
    pub aliases: Vec<String>,
    /// Documentation.
    pub doc: String,
    /// Since when the service knows it.
    pub since: String,
    /// Where it stands.
    pub span: Span,
    /// Native type.
    pub ty: Ty,
    /// Must be there when decoding, is always written when encoding.
    pub required: bool,
    /// `null` is read as absent.
    pub nullable: bool,
    /// How it relates to the façade.
    pub lens: Lens,
    /// Where `as:` or `take:` stands (the field itself if it has none).
    pub lens_span: Span,
    /// Value always written.
    pub constant: Option<Literal>,
    /// Value written when the façade has none.
    pub default: Option<Default_>,
    /// Value map written in place.
    pub map: Option<ValueMap>,
    /// Directions in which it takes part.
    pub way: Way,
    /// Written only when this sibling is.
    pub with: Option<String>,
    /// What an empty string reads as.
    pub empty: Option<Literal>,
    /// What an absent member reads as; that value is written by leaving the member out.
    pub absent: Option<Literal>,
}

/// How a field's value relates to the façade value of its struct.
#[derive(Debug, Clone)]
pub enum Lens {
    /// No counterpart: lives in the additional fields at its native place.
    Extra,
    /// A nested native object over the same façade value.
    Group,
    /// The value at a façade path.
    Path(Path),
    /// The blocks of these arms out of the list at `path`, in order.
    Take {
        /// The façade list (`content` unless `as:` says otherwise).
        path: Path,
        /// Dotted arms that are taken.
        arms: Vec<Path>,
        /// For strings: what stands between several texts.
        join: String,
    },
}

/// A dotted façade path, relative to a view. Empty: the view itself (`.`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub struct Path(pub Vec<Step>);

/// A step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// A member or arm, virtual ones (`turns`, `rest`, `call` …) too.
    Member(String),
    /// The single element of a list.
    Only,
    /// The element of a list of objects in which a member is this text.
    Pick {
        /// The member.
        member: String,
        /// Its value.
        value: String,
    },
}

/// A native type expression, ranges kept.
#[derive(Debug, Clone)]
pub enum Ty {
    /// Text; length range in characters.
    Str(Range),
    /// Integer.
    Int(Range),
    /// Number.
    Float(Range),
    /// Boolean.
    Bool,
    /// Any value, opaque.
    Json,
    /// Base64 text; `wrap`: the façade holds the base64 of the native text.
    Base64 {
        /// See above.
        wrap: bool,
    },
    /// Base64 text over `{format, source.bytes}`; how the text begins and the format that it means.
    Media(Vec<(String, String)>),
    /// JSON inside a string.
    JsonText,
    /// `data:` URL over `{format, source.bytes}`; media type and format.
    DataUrl(Vec<(String, String)>),
    /// A prompt in one of the family's grammars.
    Prompt,
    /// A named or inline type.
    Named(TypeId),
    /// A list; range of its length.
    List(Box<Ty>, Range),
    /// A list that may be written as a bare element.
    OneOrList(Box<Ty>),
    /// A list with exactly one element (`optional`: or none), standing for the element.
    Only {
        /// The element.
        item: Box<Ty>,
        /// Whether the list may be empty.
        optional: bool,
    },
    /// An object with free keys.
    Map(Box<Ty>),
}

/// An inclusive numeric range; numbers as written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Range {
    /// Least.
    pub min: Option<f64>,
    /// Greatest.
    pub max: Option<f64>,
}

/// A scalar or JSON constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// JSON null.
    Null,
    /// Boolean.
    Bool(bool),
    /// Number, as written.
    Num(String),
    /// Text.
    Str(String),
    /// List.
    List(Vec<Literal>),
    /// Object, in order.
    Object(Vec<(String, Literal)>),
}

/// What an absent façade value becomes.
#[derive(Debug, Clone, PartialEq)]
pub enum Default_ {
    /// A constant.
    Literal(Literal),
    /// The model id of the call.
    ModelId,
    /// A limit of the model's catalogue entry.
    Limit(String),
}

/// Directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Way {
    /// Both.
    #[default]
    Both,
    /// Native to Converse only.
    Decode,
    /// Converse to native only.
    Encode,
}

/// A union.
#[derive(Debug, Clone)]
pub struct Union {
    /// Façade type of the whole.
    pub view: String,
    /// How the wire tells the cases apart.
    pub tag: Tag,
    /// Cases in order of preference.
    pub cases: Vec<Case>,
    /// Bare strings: word and arm.
    pub words: Vec<(String, Path)>,
    /// What becomes of unknown tags.
    pub unknown: Unknown,
    /// Façade blocks that become members of the element before them.
    pub trailing: Vec<Trailing>,
    /// Only for `view: Signal` roots.
    pub blocks: Blocks,
    /// Only for `view: Signal` roots.
    pub join: Vec<Signal>,
}

/// How the cases of a union are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    /// A member holds the tag; `absent`: index of the case that is written without it.
    Internal {
        /// The member.
        key: String,
        /// Case for a missing tag.
        absent: Option<usize>,
    },
    /// An object with one key, the case's name.
    External,
    /// By the members present.
    Shape,
}

/// A case of a union.
#[derive(Debug, Clone)]
pub struct Case {
    /// Key in the spec.
    pub name: String,
    /// Tag value on the wire.
    pub value: String,
    /// Documentation.
    pub doc: String,
    /// Where it stands.
    pub span: Span,
    /// Façade arm; none keeps the view.
    pub arm: Option<Path>,
    /// Where the arm stands (the case itself if it has none).
    pub arm_span: Span,
    /// What the case holds: a struct (fields beside the tag, or the payload of an external tag) or a payload type.
    pub body: CaseBody,
    /// Directions.
    pub way: Way,
    /// Façade members of the payload that must (and will) have these values.
    pub where_: Vec<(Path, Literal)>,
    /// Native members that must be present for decoding to choose it.
    pub has: Vec<String>,
    /// Over `Turn` views: one native element per block of this arm.
    pub each: Option<Path>,
    /// Stream cases without mapped members.
    pub signal: Option<CaseSignal>,
}

/// What a case holds.
#[derive(Debug, Clone)]
pub enum CaseBody {
    /// Members; the struct's view is the arm's payload.
    Struct(Struct),
    /// A single value over the arm's payload.
    Value(Ty),
}

/// Stream cases without mapped members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseSignal {
    /// The last chunk.
    End,
    /// Nothing.
    None,
}

/// What becomes of unknown tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// Kept whole as the façade arm `native`.
    Keep,
    /// Ignored, and reported.
    Skip,
    /// An error.
    Refuse,
}

/// A façade block that becomes a member of the element before it.
#[derive(Debug, Clone)]
pub struct Trailing {
    /// Native member.
    pub key: String,
    /// Its type, over the arm's payload.
    pub ty: Ty,
    /// The façade arm.
    pub arm: Path,
    /// Names of the cases that can carry it; empty: all.
    pub on: Vec<String>,
    /// Where it stands.
    pub span: Span,
}

/// String or list.
#[derive(Debug, Clone)]
pub struct TextOrList {
    /// Element type (a union).
    pub item: TypeId,
    /// Name of the case that a bare string stands for.
    pub case: String,
    /// Canonical form.
    pub text_if_single: bool,
}

/// A table of values.
#[derive(Debug, Clone, Default)]
pub struct ValueMap {
    /// Native and façade value, a bijection.
    pub rows: Vec<(Literal, Literal)>,
    /// Further readings.
    pub reads: Vec<(Literal, Literal)>,
    /// Keep raw values that are in no row.
    pub open: bool,
    /// Whether the spec says what becomes of raw values that are in no row.
    pub stated: bool,
    /// Rows that depend on a sibling.
    pub when: Vec<When>,
    /// Where it stands.
    pub span: Span,
    /// Where the rows stand: those of `rows`, then `reads`, then of each `when`. May be shorter.
    pub row_spans: Vec<Span>,
}

/// Rows that depend on a sibling of the field.
#[derive(Debug, Clone)]
pub struct When {
    /// Native sibling.
    pub field: String,
    /// What it must be; none: present, not null, not empty.
    pub is: Option<Literal>,
    /// Native and façade value.
    pub rows: Vec<(Literal, Literal)>,
}

/// A region of a string.
#[derive(Debug, Clone)]
pub struct Region {
    /// Façade arm in a content block.
    pub arm: Path,
    /// Arm in a content block delta.
    pub delta: Path,
    /// Opening tag; empty for plain text.
    pub open: String,
    /// Closing tag.
    pub close: String,
    /// Only before any plain text.
    pub at_start: bool,
    /// The opening tag is already in the prompt.
    pub implied: bool,
}

/// How a stream delimits blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Blocks {
    /// Open and close are on the wire.
    #[default]
    Explicit,
    /// A change of kind or key closes and opens; `stop` closes.
    Implicit,
    /// As explicit, but a close followed by the same kind of text goes on in the same block.
    Merge,
}

/// The signals of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// Message start.
    Start,
    /// Block opens.
    Open,
    /// Block delta.
    Delta,
    /// Block closes.
    Close,
    /// Stop reason.
    Stop,
    /// Token counts.
    Usage,
    /// The stream breaks off.
    Fail,
    /// The last chunk.
    End,
}

/// A prompt grammar.
#[derive(Debug, Clone, Default)]
pub struct Grammar {
    /// Name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// Literal at the very start.
    pub begin: String,
    /// Leading literal left out at position 0.
    pub elide: String,
    /// Role (`system`, `user`, `assistant`) and its literals.
    pub turns: Vec<TurnGrammar>,
    /// The turn left open at the end.
    pub cue: String,
    /// Strings that content must never contain.
    pub markers: Vec<String>,
    /// Escape instead of refusing.
    pub escape: bool,
    /// Placeholder of an image.
    pub image: Option<String>,
    /// Only read.
    pub decode_only: bool,
}

/// The literals of one role.
#[derive(Debug, Clone, Default)]
pub struct TurnGrammar {
    /// Role.
    pub role: String,
    /// Before the text.
    pub open: String,
    /// In place of `open` when the turn is the cue and has no text.
    pub bare: Option<String>,
    /// Before the text when the turn follows one of that role.
    pub open_after: Vec<(String, String)>,
    /// After the text.
    pub close: String,
    /// Where it stands.
    pub span: Span,
}

/// Whether tool-call ids are on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ToolIds {
    /// They are.
    #[default]
    Wire,
    /// They are made, in order of appearance.
    Positional,
}

/// What becomes of façade leaves that match `pattern` and that no field maps.
#[derive(Debug, Clone)]
pub struct Fate {
    /// A run of member names.
    pub pattern: Vec<String>,
    /// Reason for dropping; none refuses.
    pub dropped: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// A catalogue entry.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// Glob on the base model id.
    pub pattern: String,
    /// Display name.
    pub name: String,
    /// Prompt grammar.
    pub prompt: Option<String>,
    /// Named limits.
    pub limits: BTreeMap<String, u64>,
    /// Feature words.
    pub capabilities: Vec<String>,
    /// Where it stands.
    pub span: Span,
}

/// An executable example.
#[derive(Debug, Clone)]
pub struct Example {
    /// Unique identifier.
    pub id: String,
    /// What it shows.
    pub doc: String,
    /// Model id of the call.
    pub model: String,
    /// Directions it claims.
    pub way: Way,
    /// Which body it shows.
    pub kind: ExampleKind,
    /// Native side (a list of chunks for streams), as JSON text.
    pub native: Option<String>,
    /// Converse side (a list of events for streams), as JSON text.
    pub converse: Option<String>,
    /// HTTP headers of the native side.
    pub headers: Vec<(String, String)>,
    /// Expected refusal: code and façade path.
    pub error: Option<(String, String)>,
    /// Façade paths that the report must name.
    pub report: Vec<String>,
    /// Where it stands.
    pub span: Span,
}

/// Which body an example shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExampleKind {
    /// Request body.
    Request,
    /// Response body.
    Response,
    /// Stream.
    Stream,
}

/// The façade: Converse, as read from `specs/facade/converse.yaml`.
#[derive(Debug, Clone, Default)]
pub struct Facade {
    /// Types by name.
    pub types: BTreeMap<String, FacadeType>,
    /// Request members that travel as InvokeModel headers.
    pub request_headers: Vec<Header>,
    /// Response headers that fill façade members the body left empty.
    pub response_headers: Vec<Header>,
    /// Members that the service has in every family's bodies.
    pub side_keys: SideKeys,
    /// Fates of leaves that no InvokeModel body has; those of a family come before them.
    pub fates: Vec<Fate>,
}

/// Members that the service adds to bodies of every family, beside the family's own.
#[derive(Debug, Clone, Default)]
pub struct SideKeys {
    /// In request bodies, over `ConverseRequest`.
    pub request: Vec<SideKey>,
    /// In response bodies, over `ConverseResponse`.
    pub response: Vec<SideKey>,
    /// In chunks, over `Signal`.
    pub stream: Vec<SideKey>,
}

/// A member that the service adds.
#[derive(Debug, Clone)]
pub struct SideKey {
    /// The member. Its inline types are among [`Family::types`].
    pub field: Field,
    /// What it says replaces what the body says; else it fills façade members that the body left empty.
    pub wins: bool,
}

/// A façade type.
#[derive(Debug, Clone)]
pub struct FacadeType {
    /// Documentation.
    pub doc: String,
    /// Struct or union.
    pub kind: FacadeKind,
    /// The type that this is another view of (`Turn` of `Message`): a value of that type can be seen as this one.
    pub view_of: Option<FacadeTy>,
    /// Members or arms, in the order Converse prints them.
    pub members: Vec<FacadeMember>,
    /// Where it stands.
    pub span: Span,
}

/// The forms of a façade type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FacadeKind {
    /// Object.
    Struct,
    /// Object with exactly one member.
    Union,
}

/// A member or arm of a façade type.
#[derive(Debug, Clone)]
pub struct FacadeMember {
    /// Name.
    pub name: String,
    /// Type.
    pub ty: FacadeTy,
    /// Required by the service model.
    pub required: bool,
    /// Not in the JSON: made from other members (section 4 of the language reference). A dotted name (`messages.last`)
    /// is a virtual member of the list that the first part names.
    pub is_virtual: bool,
    /// Computed as the sum of these siblings when absent.
    pub sum_of: Vec<String>,
    /// Documentation.
    pub doc: String,
}

/// A façade type expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FacadeTy {
    /// Text.
    Str,
    /// Open enum; known values.
    Enum(Vec<String>),
    /// Integer.
    Int,
    /// Number.
    Float,
    /// Boolean.
    Bool,
    /// Any JSON value.
    Json,
    /// Base64 text.
    Blob,
    /// List.
    List(Box<FacadeTy>),
    /// Object with free keys.
    Map(Box<FacadeTy>),
    /// Named type.
    Named(String),
}

/// A façade member bound to an HTTP header.
#[derive(Debug, Clone)]
pub struct Header {
    /// Header name, lower case.
    pub name: String,
    /// Façade path from the root.
    pub path: Path,
    /// Value type.
    pub ty: Ty,
    /// Value map.
    pub map: Option<ValueMap>,
}
