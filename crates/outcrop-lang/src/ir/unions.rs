//! Unions and the other types that stand for one of several things.

use super::{Blocks, Family, Lens, Literal, Path, Signal, Span, Struct, Ty, TypeId, TypeKind, Way};

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

impl Family {
    /// The place of a case among the elements of one turn. Cases that are written in place of each other have the same: the
    /// first of them needs other blocks beside those that they share.
    #[must_use]
    pub fn rank(&self, union: &Union, index: usize) -> usize {
        let case = |index: usize| union.cases.get(index).filter(|case| case.each.is_none() && case.way == Way::Both);
        let instead = |first: &Case, then: &Case| {
            let (Some(a), Some(b)) = (self.members(first), self.members(then)) else { return false };
            let taken: Vec<&Path> = a.taken().collect();
            first.arm == then.arm
                && a.needed_blocks().next().is_some()
                && b.needed_blocks().next().is_none()
                && b.taken().next().is_some()
                && b.taken().all(|arm| taken.contains(&arm))
        };
        match index.checked_sub(1).and_then(|before| case(before).zip(case(index))) {
            Some((first, then)) if instead(first, then) => index - 1,
            _ => index,
        }
    }

    /// The struct that a case is.
    fn members<'f>(&'f self, case: &'f Case) -> Option<&'f Struct> {
        match &case.body {
            CaseBody::Struct(s) => Some(s),
            CaseBody::Value(Ty::Named(id)) => match &self.types.get(*id)?.kind {
                TypeKind::Struct(s) => Some(s),
                _ => None,
            },
            CaseBody::Value(_) => None,
        }
    }
}

impl Struct {
    /// The arms of the blocks that its members take.
    fn taken(&self) -> impl Iterator<Item = &Path> {
        let arms = self.fields.iter().filter_map(|field| match &field.lens {
            Lens::Take { arms, .. } => Some(arms),
            _ => None,
        });
        arms.flatten()
    }
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

/// What a stream case says by being there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseSignal {
    /// The message starts.
    Start,
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
    /// What plain text begins with that is not part of it.
    pub lead: String,
}
