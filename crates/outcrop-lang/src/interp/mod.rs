//! The reference interpreter: executes a family's IR on JSON trees.
//!
//! It is written for clarity, not speed, and is the oracle for generated code. Consumption is linear: encoding *takes*
//! façade leaves and decoding *takes* native members, so that a value can only be mapped, kept, reported or refused –
//! never forgotten.

mod at;
mod calls;
mod codec;
mod decode;
mod decode_union;
mod decode_value;
mod encode;
mod encode_take;
mod encode_turn;
mod encode_union;
mod encode_value;
pub mod facade;
mod fates;
mod finish;
mod headers;
mod media;
mod model;
mod native;
mod node;
mod obey;
mod patch;
mod place;
mod prompts;
mod scalar;
mod schemas;
mod second;
mod stops;
mod stream;
mod tagged;
mod turns;
mod values;

use std::collections::BTreeSet;
use std::sync::Mutex;

use outcrop_runtime::answers::Repeats;
use outcrop_runtime::{Call, Kind, Report};

pub use at::{At, Key};
pub use model::find as find_model;
pub use node::{Node, Rest, Value};
pub use patch::{Extras, Patch};

use crate::ir::{Case, CaseBody, Family, Model, Path, Span, Step, Struct, Ty, TypeKind, Union};

/// A family that is executed rather than compiled.
#[derive(Debug)]
pub struct Interp {
    family: Family,
    repeats: Repeats,
    uses_turns: bool,
    covered: Option<Mutex<BTreeSet<Span>>>,
}

impl Interp {
    /// An interpreter of a family.
    #[must_use]
    pub fn new(family: Family) -> Self {
        let uses = |name: &str| {
            family.types.iter().any(|t| t.kind.structs().any(|s| s.fields.iter().any(|f| begins(f, name))))
        };
        let crate::ir::Repeats { name, input } = family.repeats();
        Self { repeats: Repeats { name, input }, uses_turns: uses("turns"), family, covered: None }
    }

    /// An interpreter that records which fields, cases, rows and fates it executed.
    #[must_use]
    pub fn recording(family: Family) -> Self {
        Self { covered: Some(Mutex::default()), ..Self::new(family) }
    }

    /// The family.
    #[must_use]
    pub fn family(&self) -> &Family {
        &self.family
    }

    /// Spans of what was executed so far; empty unless recording.
    #[must_use]
    pub fn covered(&self) -> BTreeSet<Span> {
        self.covered.as_ref().and_then(|c| c.lock().ok().map(|c| c.clone())).unwrap_or_default()
    }

    /// The state of one translation.
    pub(crate) fn cx<'a>(&'a self, kind: Kind, call: &Call<'a>, encoding: bool) -> Cx<'a> {
        Cx {
            family: &self.family,
            call: *call,
            kind,
            encoding,
            model: find_model(&self.family.models, call.model),
            repeats: self.repeats,
            uses_turns: self.uses_turns,
            report: Report::default(),
            extras: Extras::default(),
            left: Vec::new(),
            images: Vec::new(),
            held: stream::Held::default(),
            covered: self.covered.as_ref().map(|_| BTreeSet::new()),
        }
    }

    /// Adds what one translation executed.
    pub(crate) fn keep_coverage(&self, cx: &mut Cx<'_>) {
        if let (Some(all), Some(new)) = (&self.covered, cx.covered.take())
            && let Ok(mut all) = all.lock()
        {
            all.extend(new);
        }
    }
}

/// Whether a field's path begins with a member.
fn begins(field: &crate::ir::Field, name: &str) -> bool {
    matches!(&field.lens, crate::ir::Lens::Path(Path(steps)) if matches!(steps.first(), Some(Step::Member(m)) if m == name))
}

/// The state of one translation.
pub(crate) struct Cx<'a> {
    /// The family.
    pub family: &'a Family,
    /// The circumstances.
    pub call: Call<'a>,
    /// Which body.
    pub kind: Kind,
    /// Whether Converse is read and native written.
    pub encoding: bool,
    /// Catalogue entry of the model.
    pub model: Option<&'a Model>,
    /// What results are written with of the call that they answer.
    pub repeats: Repeats,
    /// Whether instructions are turns of the conversation.
    pub uses_turns: bool,
    /// What did not go through unchanged.
    pub report: Report,
    /// Decoding: members that no field mapped.
    pub extras: Extras,
    /// Encoding: what was taken out of lists and is yet to be judged.
    pub left: Vec<Node>,
    /// Encoding: images that a prompt left holes for.
    pub images: Vec<Node>,
    /// Encoding streams: what chunks share.
    pub held: stream::Held<'a>,
    covered: Option<BTreeSet<Span>>,
}

impl<'a> Cx<'a> {
    /// Records that something was executed.
    pub(crate) fn cover(&mut self, span: Option<Span>) {
        if let (Some(covered), Some(span)) = (&mut self.covered, span) {
            covered.insert(span);
        }
    }

    /// The struct that a type names.
    pub(crate) fn struct_of(&self, ty: &Ty) -> Option<&'a Struct> {
        match ty {
            Ty::Named(id) => match &self.family.types.get(*id)?.kind {
                TypeKind::Struct(s) => Some(s),
                _ => None,
            },
            _ => None,
        }
    }

    /// The union that a type names.
    pub(crate) fn union_of(&self, ty: &Ty) -> Option<&'a Union> {
        match ty {
            Ty::Named(id) => match &self.family.types.get(*id)?.kind {
                TypeKind::Union(u) => Some(u),
                _ => None,
            },
            _ => None,
        }
    }

    /// The members of a case, its own or those of the struct that it names.
    pub(crate) fn case_struct(&self, case: &'a Case) -> Option<&'a Struct> {
        match &case.body {
            CaseBody::Struct(s) => Some(s),
            CaseBody::Value(ty) => self.struct_of(ty),
        }
    }

    /// The type of one block of a taken list; none for strings that hold several.
    pub(crate) fn item_type<'t>(&self, ty: &'t Ty) -> Option<Item<'t>>
    where
        'a: 't,
    {
        match ty {
            Ty::List(item, _) | Ty::OneOrList(item) | Ty::Only { item, .. } => Some(Item::Type(item)),
            Ty::Named(id) => match &self.family.types.get(*id)?.kind {
                TypeKind::TextOrList(t) => Some(Item::Id(t.item)),
                TypeKind::Regions(_) => None,
                _ => Some(Item::Id(*id)),
            },
            ty => Some(Item::Type(ty)),
        }
    }

    /// Whether a type looks at a whole block rather than at the payload of its arm.
    pub(crate) fn views_block(&self, item: &Item<'_>, arms: &[Path]) -> bool {
        let id = match item {
            Item::Id(id) | Item::Type(Ty::Named(id)) => *id,
            Item::Type(_) => return false,
        };
        let view = match self.family.types.get(id).map(|t| &t.kind) {
            Some(TypeKind::Struct(s)) => &s.view,
            Some(TypeKind::Union(u)) => &u.view,
            _ => return true,
        };
        arms.iter().all(|arm| place::has_arm(&self.family.facade, view, arm))
    }
}

/// The type of a list's elements.
pub(crate) enum Item<'t> {
    Type(&'t Ty),
    Id(usize),
}
