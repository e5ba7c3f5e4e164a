//! Which façade places a type maps, seen from a root: the walk behind the coverage check.

use super::fits::names;
use super::leaves::Leaf;
use super::places::{Place, plain};
use crate::ir::{
    Case, CaseBody, FacadeTy, Family, Field, Lens, Path, Step, Struct, Ty, TypeDef, TypeId, TypeKind, Union, Unknown,
    Way,
};
use std::collections::BTreeSet;

/// The view that sees a message as a union by its role.
const TURN: &str = "Turn";

/// The places that are mapped.
pub(super) struct Reach<'f> {
    family: &'f Family,
    /// Requests must be written, so what is only read does not count.
    encoding: bool,
    covered: BTreeSet<Leaf>,
    met: BTreeSet<(TypeId, Place)>,
}

impl<'f> Reach<'f> {
    pub(super) fn new(family: &'f Family, encoding: bool) -> Self {
        Self { family, encoding, covered: BTreeSet::new(), met: BTreeSet::new() }
    }

    /// Whether a leaf, or something above it as a whole, is mapped.
    pub(super) fn covers(&self, leaf: &Leaf) -> bool {
        (1..=leaf.len()).filter_map(|length| leaf.get(..length)).any(|place| self.covered.contains(place))
    }

    pub(super) fn root(&mut self, id: TypeId) {
        if let Some(view) = self.family.types.get(id).and_then(view_of) {
            self.named(id, &view, &Vec::new());
        }
    }

    /// A member of the service's own beside the root's.
    pub(super) fn side_key(&mut self, field: &Field, root: TypeId) {
        if let Some(view) = self.family.types.get(root).and_then(view_of) {
            self.field(field, &view, &Vec::new());
        }
    }

    /// A single path from the root.
    pub(super) fn path(&mut self, root: TypeId, path: &Path) {
        if self.family.types.get(root).is_some() {
            self.cover(&join(&Vec::new(), path));
        }
    }

    /// Marks a place, in the words of the plain façade.
    fn cover(&mut self, place: &Place) {
        if let Some(plain) = plain(place) {
            self.covered.insert(plain);
        }
    }

    fn ty(&mut self, ty: &Ty, there: &FacadeTy, place: &Place) {
        match (ty, there) {
            // A view of opaque JSON maps it whole.
            (_, FacadeTy::Json) => self.cover(place),
            (Ty::Named(id), _) => self.named(*id, there, place),
            (Ty::List(item, _) | Ty::OneOrList(item), FacadeTy::List(element))
            | (Ty::Map(item), FacadeTy::Map(element)) => self.ty(item, element, place),
            (Ty::Only { item, .. }, _) => self.ty(item, there, place),
            (Ty::DataUrl(_) | Ty::Media(_), _) => {
                for members in [&["format"][..], &["source", "bytes"]] {
                    self.cover(&below(place, members.iter().copied()));
                }
            }
            (Ty::Prompt, _) => {
                let turns = if place.is_empty() { vec!["turns".to_owned()] } else { place.clone() };
                self.cover(&below(&turns, ["role"].into_iter()));
                for role in ["system", "user", "assistant"] {
                    self.cover(&below(&turns, [role, "content", "text"].into_iter()));
                }
            }
            _ => self.cover(place),
        }
    }

    fn named(&mut self, id: TypeId, there: &FacadeTy, place: &Place) {
        let Some(def) = self.family.types.get(id) else { return };
        if !self.met.insert((id, place.clone())) {
            return;
        }
        match (&def.kind, there) {
            (TypeKind::Struct(record), _) => self.record(record, place),
            (TypeKind::Union(union), _) => self.union(union, place, None),
            (TypeKind::TextOrList(list), FacadeTy::List(element)) => self.named(list.item, element, place),
            (TypeKind::Regions(regions), _) => {
                let is_list = matches!(there, FacadeTy::List(_));
                for region in regions {
                    self.cover(&join(place, if is_list { &region.arm } else { &region.delta }));
                }
            }
            (TypeKind::TextOrList(_) | TypeKind::Map(_), _) => self.cover(place),
        }
    }

    fn record(&mut self, record: &Struct, place: &Place) {
        let Some(view) = FacadeTy::of_view(&record.view) else { return };
        for (path, _) in &record.assume {
            self.cover(&join(place, path));
        }
        for field in &record.fields {
            self.field(field, &view, place);
        }
    }

    fn field(&mut self, field: &Field, view: &FacadeTy, place: &Place) {
        if self.encoding && field.way == Way::Decode {
            return;
        }
        match &field.lens {
            Lens::Extra => {}
            Lens::Group => self.ty(&field.ty, view, place),
            Lens::Path(path) => {
                self.picked(path, place);
                if let Ok(there) = self.family.facade.walk(view, path) {
                    let place = join(place, path);
                    if field.map.is_some() { self.cover(&place) } else { self.ty(&field.ty, &there, &place) }
                }
            }
            Lens::Take { path, arms, .. } => {
                if let Ok(FacadeTy::List(element)) = self.family.facade.walk(view, path) {
                    let place = join(place, path);
                    for arm in arms {
                        self.taken(&field.ty, &element, arm, &place);
                    }
                }
            }
        }
    }

    /// An element that is picked by a member says that member.
    fn picked(&mut self, path: &Path, place: &Place) {
        for (index, step) in path.0.iter().enumerate() {
            if let Step::Pick { member, .. } = step {
                let list = Path(path.0.iter().take(index).cloned().collect());
                self.cover(&below(&join(place, &list), [member.as_str()].into_iter()));
            }
        }
    }

    /// The blocks of one arm: mapped by a union over the blocks, or by a type over the payload.
    fn taken(&mut self, ty: &Ty, element: &FacadeTy, arm: &Path, place: &Place) {
        let Ok(payload) = self.family.facade.walk(element, arm) else { return };
        let item = match ty {
            Ty::List(item, _) | Ty::OneOrList(item) | Ty::Only { item, .. } => item,
            other => other,
        };
        let Ty::Named(id) = item else {
            return self.ty(item, &payload, &join(place, arm));
        };
        let id = match self.family.types.get(*id).map(|def| &def.kind) {
            Some(TypeKind::TextOrList(list)) => list.item,
            _ => *id,
        };
        match self.family.types.get(id).map(|def| &def.kind) {
            Some(TypeKind::Union(union)) if self.family.facade.fits(element, &union.view) => {
                self.union(union, place, Some(arm));
            }
            Some(TypeKind::Regions(regions)) => {
                for region in regions.iter().filter(|region| region.arm.0.starts_with(&arm.0)) {
                    self.cover(&join(place, &region.arm));
                }
            }
            Some(TypeKind::Struct(record)) if self.family.facade.fits(element, &record.view) => {
                self.record(record, place);
            }
            _ => self.named(id, &payload, &join(place, arm)),
        }
    }

    fn union(&mut self, union: &Union, place: &Place, only: Option<&Path>) {
        let wanted = |arm: &Path| only.is_none_or(|only| arm.0.starts_with(&only.0) || only.0.starts_with(&arm.0));
        for case in union.cases.iter().filter(|case| case.arm.as_ref().is_none_or(&wanted)) {
            if !(self.encoding && case.way == Way::Decode) {
                self.case(case, &union.view, place);
            }
        }
        if union.view == TURN {
            self.cover(&below(place, ["role"].into_iter()));
        }
        for (_, arm) in union.words.iter().filter(|(_, arm)| wanted(arm)) {
            self.cover(&join(place, arm));
        }
        for trailing in &union.trailing {
            let place = join(place, &trailing.arm);
            let there =
                FacadeTy::of_view(&union.view).and_then(|view| self.family.facade.walk(&view, &trailing.arm).ok());
            if let Some(there) = there {
                self.ty(&trailing.ty, &there, &place);
            }
        }
        if union.unknown == Unknown::Keep {
            self.cover(&below(place, ["native"].into_iter()));
        }
    }

    fn case(&mut self, case: &Case, view: &str, place: &Place) {
        let Some(mut payload) = FacadeTy::of_view(view) else { return };
        let mut place = place.clone();
        let content = Path(vec![Step::Member("content".to_owned())]);
        let steps = [case.arm.as_ref(), case.each.as_ref().map(|_| &content), case.each.as_ref()];
        for step in steps.into_iter().flatten() {
            let here = match payload {
                FacadeTy::List(element) => *element,
                other => other,
            };
            let Ok(there) = self.family.facade.walk(&here, step) else { return };
            payload = there;
            place = join(&place, step);
        }
        for (path, _) in &case.where_ {
            self.cover(&join(&place, path));
        }
        let is_empty =
            |ty: &FacadeTy| matches!(ty, FacadeTy::Named(_)) && self.family.facade.members(ty).next().is_none();
        if is_empty(&payload) {
            // That the arm is there is all there is.
            self.cover(&place);
        }
        match &case.body {
            CaseBody::Struct(record) => self.record(record, &place),
            CaseBody::Value(ty) => self.ty(ty, &payload, &place),
        }
    }
}

fn view_of(def: &TypeDef) -> Option<FacadeTy> {
    match &def.kind {
        TypeKind::Struct(record) => FacadeTy::of_view(&record.view),
        TypeKind::Union(union) => FacadeTy::of_view(&union.view),
        _ => None,
    }
}

fn join(place: &Place, path: &Path) -> Place {
    below(place, names(path))
}

fn below<'n>(place: &Place, members: impl Iterator<Item = &'n str>) -> Place {
    place.iter().cloned().chain(members.map(str::to_owned)).collect()
}
