//! Which native types can hold which façade values.

use crate::ir::{FacadeTy, Family, Literal, Path, Step, Ty, TypeId, TypeKind};

/// Answers for one family.
pub(super) struct Fits<'f> {
    pub(super) family: &'f Family,
}

impl Fits<'_> {
    /// Whether a native type can hold the values of a façade type.
    pub(super) fn ty(&self, ty: &Ty, there: &FacadeTy) -> bool {
        match (ty, there) {
            (Ty::Named(id), there) => self.named(*id, there),
            (Ty::Only { item, .. }, there) => self.ty(item, there),
            (Ty::List(item, _) | Ty::OneOrList(item), FacadeTy::List(element))
            | (Ty::Map(item), FacadeTy::Map(element)) => self.ty(item, element),
            (Ty::DataUrl(_) | Ty::Media(_), there) => {
                let has = |name: &str| self.family.facade.member(there, name).is_some();
                has("format") && has("source")
            }
            // A prompt holds turns: a list whose elements are told apart by who speaks.
            (Ty::Prompt, there) => match there {
                FacadeTy::List(turn) => self.view("Turn", turn) || self.view("Message", turn),
                _ => false,
            },
            (ty, there) => scalar(ty, there),
        }
    }

    fn named(&self, id: TypeId, there: &FacadeTy) -> bool {
        let Some(def) = self.family.types.get(id) else { return true };
        match &def.kind {
            TypeKind::Struct(record) => self.view(&record.view, there),
            TypeKind::Union(union) => self.view(&union.view, there),
            TypeKind::TextOrList(list) => match there {
                FacadeTy::List(element) => self.named(list.item, element),
                _ => false,
            },
            TypeKind::Map(map) => map.rows.iter().chain(&map.reads).all(|(_, facade)| Self::literal(facade, there)),
            TypeKind::Regions(regions) => {
                let (element, is_delta) = match there {
                    FacadeTy::List(element) => (element.as_ref(), false),
                    other => (other, true),
                };
                let leads = |path: &Path| self.family.facade.walk(element, path).is_ok();
                regions.iter().all(|region| leads(if is_delta { &region.delta } else { &region.arm }))
            }
        }
    }

    fn view(&self, view: &str, there: &FacadeTy) -> bool {
        view.is_empty() || self.family.facade.fits(there, view)
    }

    /// Whether a type can hold the blocks of some arms: as elements, or as payloads when there is one arm.
    pub(super) fn taken(&self, ty: &Ty, element: &FacadeTy, payloads: &[FacadeTy]) -> bool {
        let list = FacadeTy::List(Box::new(element.clone()));
        match ty {
            Ty::Str(_) => payloads.iter().all(|payload| self.ty(ty, payload)),
            Ty::List(item, _) | Ty::OneOrList(item) => {
                self.ty(item, element) || payloads.iter().all(|payload| self.ty(item, payload))
            }
            Ty::Only { item, .. } => self.ty(item, element) || payloads.iter().all(|payload| self.ty(item, payload)),
            // A value that is no list has room for one block, of one arm.
            Ty::Named(_) if self.ty(ty, &list) => true,
            _ => matches!(payloads, [payload] if self.ty(ty, payload)),
        }
    }

    /// Whether a literal is a value of a façade type. Null stands for absence, so it is a value of every type.
    pub(super) fn literal(literal: &Literal, there: &FacadeTy) -> bool {
        match (literal, there) {
            (Literal::Num(text), FacadeTy::Int) => !text.contains(['.', 'e', 'E']),
            (Literal::List(items), FacadeTy::List(element)) => items.iter().all(|item| Self::literal(item, element)),
            (literal, there) => matches!(
                (literal, there),
                (Literal::Null, _)
                    | (_, FacadeTy::Json)
                    | (Literal::Str(_), FacadeTy::Str | FacadeTy::Enum(_) | FacadeTy::Blob)
                    | (Literal::Bool(_), FacadeTy::Bool)
                    | (Literal::Num(_), FacadeTy::Float)
                    | (Literal::Object(_), FacadeTy::Named(_) | FacadeTy::Map(_))
            ),
        }
    }

    /// A native type as a spec writes it.
    pub(super) fn name(&self, ty: &Ty) -> String {
        match ty {
            Ty::Str(_) | Ty::Spelt(..) => "string".to_owned(),
            Ty::Int(_) => "int".to_owned(),
            Ty::Float(_) => "float".to_owned(),
            Ty::Bool => "bool".to_owned(),
            Ty::Json => "json".to_owned(),
            Ty::Base64 { .. } | Ty::Media(_) => "base64".to_owned(),
            Ty::JsonText => "json_text".to_owned(),
            Ty::DataUrl(_) => "data_url".to_owned(),
            Ty::Prompt => "prompt".to_owned(),
            Ty::Named(id) => self.family.types.get(*id).map_or_else(String::new, |def| def.name.clone()),
            Ty::List(item, _) => format!("list<{}>", self.name(item)),
            Ty::OneOrList(item) => format!("one_or_list<{}>", self.name(item)),
            Ty::Only { item, .. } => format!("only {}", self.name(item)),
            Ty::Map(item) => format!("map<{}>", self.name(item)),
        }
    }
}

/// JSON is opaque on either side.
fn scalar(ty: &Ty, there: &FacadeTy) -> bool {
    matches!(
        (ty, there),
        (Ty::Json, _)
            | (_, FacadeTy::Json)
            | (Ty::Str(_), FacadeTy::Str | FacadeTy::Enum(_))
            | (Ty::Spelt(..), FacadeTy::Str)
            | (Ty::Int(_), FacadeTy::Int | FacadeTy::Float)
            | (Ty::Float(_), FacadeTy::Float)
            | (Ty::Bool, FacadeTy::Bool)
            | (Ty::Base64 { .. }, FacadeTy::Blob)
            | (Ty::JsonText, FacadeTy::Map(_))
    )
}

/// The member names of a path; steps into lists have none.
pub(super) fn names(path: &Path) -> impl Iterator<Item = &str> {
    path.0.iter().filter_map(|step| match step {
        Step::Member(name) => Some(name.as_str()),
        Step::Only | Step::Pick { .. } => None,
    })
}
