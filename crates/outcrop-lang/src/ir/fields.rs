//! Native objects and their members.

use super::{Blocks, FacadeTy, Family, Literal, Signal, Span, Ty, TypeKind, ValueMap};

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

impl Field {
    /// Whether it only reads what a sibling says as well, so that it yields to that one. `there` is what its path leads to.
    #[must_use]
    pub fn is_second(&self, siblings: &[Self], there: Option<&FacadeTy>) -> bool {
        let Lens::Path(path) = &self.lens else { return false };
        let plain =
            matches!(there, Some(FacadeTy::Str | FacadeTy::Enum(_) | FacadeTy::Int | FacadeTy::Float | FacadeTy::Bool));
        let members = path.0.iter().all(|step| matches!(step, Step::Member(_)));
        // What is absent says something there, so it cannot yield.
        let settles = |field: &Self| field.constant.is_none() && field.absent.is_none();
        let first = |field: &Self| {
            field.way != Way::Encode && settles(field) && matches!(&field.lens, Lens::Path(p) if p == path)
        };
        plain
            && members
            && self.way == Way::Decode
            && settles(self)
            && siblings.iter().any(|field| field.key != self.key && first(field))
    }
}

impl Struct {
    /// The arms of which each member needs a block, where it is a list that may not be empty.
    pub fn needed_blocks(&self) -> impl Iterator<Item = &[Path]> {
        self.fields.iter().filter(|f| f.way != Way::Decode && f.required).filter_map(|field| {
            match (&field.lens, &field.ty) {
                (Lens::Take { arms, .. }, Ty::List(_, range)) if range.min.is_some_and(|least| least >= 1.0) => {
                    Some(arms.as_slice())
                }
                _ => None,
            }
        })
    }

    /// Why an answer ended whose chunks do not say it.
    #[must_use]
    pub fn assumed_stop(&self) -> Option<&Literal> {
        self.assume.iter().find(|(path, _)| path.is_stop()).map(|(_, reason)| reason)
    }
}

impl Path {
    /// Whether it leads to why an answer ended, from what a chunk says.
    #[must_use]
    pub fn is_stop(&self) -> bool {
        matches!(self.0.as_slice(), [Step::Member(stop), Step::Member(reason)] if stop == "stop" && reason == "reason")
    }
}

impl Family {
    /// Whether a field is a group that always says the same: it has constants, and nothing in it is mapped.
    #[must_use]
    pub fn is_constant(&self, field: &Field) -> bool {
        let ty = match &field.ty {
            Ty::Only { item, optional: false, .. } => item,
            ty => ty,
        };
        let (Lens::Group, Ty::Named(id)) = (&field.lens, ty) else { return false };
        let Some(TypeKind::Struct(s)) = self.types.get(*id).map(|def| &def.kind) else { return false };
        let says = |field: &Field| field.constant.is_some() || self.is_constant(field);
        s.fields.iter().any(says) && s.fields.iter().all(|field| says(field) || matches!(field.lens, Lens::Extra))
    }
}

impl Field {
    /// Whether a default that is written reads back as a value of Converse. An empty text is no block.
    #[must_use]
    pub fn reads_back(&self, default: &Literal) -> bool {
        let Lens::Path(path) = &self.lens else { return false };
        let block = path.0.iter().any(|step| !matches!(step, Step::Member(_)));
        default.says_something() || matches!(default, Literal::Str(_)) && self.empty.is_none() && !block
    }
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
