//! Native bodies against the types of a family's spec. What cannot be judged for certain (shapes that several cases
//! share, texts with a grammar of their own) is left to the codec.

use outcrop_lang::ir::{Case, CaseBody, Family, Field, JsonKind, Range, Tag, Ty, TypeKind, Union, Unknown};
use outcrop_runtime::Tree;
use outcrop_runtime::cx::Validator;
use outcrop_runtime::tree::Object;

use super::words::{Wanted, What};
use super::{MOST, Place, Step};

/// The violations of a request, as they are told. `strict`: members that no type has are violations.
pub(super) fn violations(family: &Family, body: &Tree, strict: bool, validator: Validator) -> Vec<String> {
    let mut walk = Walk { family, strict, validator, at: Place::default(), found: Vec::new() };
    if let Some(root) = family.chat.request {
        walk.named(root, body, true);
    }
    walk.found
}

struct Walk<'f> {
    family: &'f Family,
    strict: bool,
    validator: Validator,
    at: Place,
    found: Vec<String>,
}

impl Walk<'_> {
    fn report(&mut self, what: What) {
        if self.found.len() < MOST {
            self.found.push(what.told(&self.at, self.validator));
        }
    }

    fn within(&mut self, step: Step, judge: impl FnOnce(&mut Self)) {
        self.at.0.push(step);
        judge(self);
        self.at.0.pop();
    }

    fn expect(&mut self, wanted: Wanted, value: &Tree) {
        self.report(What::of_type(wanted, value));
    }

    /// Whether a value whose type says no more of it is of its kind.
    fn kind(&mut self, kind: JsonKind, value: &Tree) {
        match (kind, value) {
            (JsonKind::Text, Tree::Str(_)) | (JsonKind::Bool, Tree::Bool(_)) => {}
            (JsonKind::Text, other) => self.expect(Wanted::String, other),
            (JsonKind::Bool, other) => self.expect(Wanted::Boolean, other),
            (JsonKind::Int, other) => self.expect(Wanted::Integer, other),
            (JsonKind::Float, other) => self.expect(Wanted::Number, other),
            (JsonKind::List, other) => self.expect(Wanted::List, other),
            (JsonKind::Object, other) => self.expect(Wanted::Object, other),
            (JsonKind::Any | JsonKind::OneOrList | JsonKind::Named, _) => {}
        }
    }

    fn ty(&mut self, ty: &Ty, value: &Tree) {
        match (ty, value) {
            // Whether null means that nothing is there is for the codec to say.
            (_, Tree::Null) | (Ty::Json, _) => {}
            (Ty::Str(range) | Ty::Spelt(range, _), Tree::Str(text)) => self.length(range, text),
            (Ty::Int(range), Tree::Num(text)) if value.as_int().is_some() => self.number(range, text),
            (Ty::Float(range), Tree::Num(text)) => self.number(range, text),
            (Ty::List(item, range), Tree::Arr(list)) => self.list(item, range, list.items()),
            (Ty::Only { item, .. } | Ty::OneOrList(item), Tree::Arr(list)) => {
                self.list(item, &Range::default(), list.items());
            }
            (Ty::OneOrList(item), value) => self.ty(item, value),
            (Ty::Map(item), Tree::Obj(object)) => {
                for (name, value) in object.members() {
                    self.within(Step::Key(name.clone()), |walk| walk.ty(item, value));
                }
            }
            (Ty::Named(id), value) => self.named(*id, value, false),
            (plain, value) => self.kind(plain.json_kind(), value),
        }
    }

    fn list(&mut self, item: &Ty, range: &Range, items: &[Tree]) {
        let count = items.len();
        if let Some((least, most)) = outside(range, count) {
            self.report(What::Items { least, most, count });
        }
        for (index, value) in items.iter().enumerate() {
            self.within(Step::Index(index), |walk| walk.ty(item, value));
        }
    }

    fn length(&mut self, range: &Range, text: &str) {
        let count = text.chars().count();
        if let Some((least, most)) = outside(range, count) {
            self.report(What::Length { least, most, count });
        }
    }

    fn number(&mut self, range: &Range, text: &str) {
        let Ok(number) = text.parse::<f64>() else { return };
        if let Some(min) = range.min.filter(|min| number < *min) {
            self.report(What::Low(text.to_owned(), min));
        }
        if let Some(max) = range.max.filter(|max| number > *max) {
            self.report(What::High(text.to_owned(), max));
        }
    }

    fn named(&mut self, id: usize, value: &Tree, root: bool) {
        let Some(ty) = self.family.types.get(id) else { return };
        match &ty.kind {
            TypeKind::Struct(body) => self.object(&body.fields, value, &[], root),
            TypeKind::Union(union) => self.union(union, value),
            TypeKind::TextOrList(text) => match value {
                Tree::Str(_) => {}
                Tree::Arr(list) => self.list(&Ty::Named(text.item), &Range::default(), list.items()),
                // One part is read without its list.
                Tree::Obj(_) => self.named(text.item, value, false),
                other => self.expect(Wanted::List, other),
            },
            TypeKind::Regions(_) if value.as_str().is_none() => self.expect(Wanted::String, value),
            TypeKind::Regions(_) | TypeKind::Map(_) => {}
        }
    }

    /// An object with these fields, and `others` beside them.
    fn object(&mut self, fields: &[Field], value: &Tree, others: &[&str], root: bool) {
        let Tree::Obj(object) = value else { return self.expect(Wanted::Object, value) };
        let is = |field: &Field, name: &str| field.key == name || field.aliases.iter().any(|alias| alias == name);
        for field in fields.iter().filter(|field| field.required) {
            if !object.members().iter().any(|(name, _)| is(field, name)) {
                self.report(What::Required(field.key.clone()));
            }
        }
        for (name, value) in object.members() {
            if let Some(field) = fields.iter().find(|field| is(field, name)) {
                self.within(Step::Key(name.clone()), |walk| walk.ty(&field.ty, value));
            } else if self.strict && !others.contains(&name.as_str()) && !(root && self.is_side(name)) {
                self.report(What::Extraneous(name.clone()));
            }
        }
    }

    /// Whether the service has this member in the bodies of all families.
    fn is_side(&self, name: &str) -> bool {
        self.family.facade.side_keys.request.iter().any(|side| side.field.key == name)
    }

    fn union(&mut self, union: &Union, value: &Tree) {
        if let Tree::Str(text) = value {
            if union.words.is_empty() {
                self.expect(Wanted::Object, value);
            } else if union.unknown == Unknown::Refuse && !union.words.iter().any(|(word, _)| word == text) {
                self.report(What::NoSuchValue(text.to_owned()));
            }
            return;
        }
        let Tree::Obj(object) = value else { return self.expect(Wanted::Object, value) };
        let mut others: Vec<&str> = union.trailing.iter().map(|trailing| trailing.key.as_str()).collect();
        match &union.tag {
            Tag::Internal { key, absent } => {
                let tag = object.get(key).and_then(Tree::as_str);
                let known = |case: &&Case| match tag {
                    Some(tag) => case.value == tag,
                    None => {
                        absent.and_then(|index| union.cases.get(index)).is_some_and(|other| std::ptr::eq(*case, other))
                    }
                };
                // Several cases may share a tag: the one that fits is meant, and what the others have is known as well.
                let cases: Vec<&Case> = union.cases.iter().filter(known).collect();
                let case = cases.iter().find(|case| fits(case, object)).or(cases.last());
                others.push(key);
                others.extend(cases.iter().flat_map(|case| fields(case)).map(|field| field.key.as_str()));
                match (case, tag) {
                    (Some(case), _) => self.case(case, value, &others),
                    (None, None) if object.get(key).is_none() => self.report(What::Required(key.clone())),
                    (None, Some(tag)) if union.unknown == Unknown::Refuse => {
                        self.within(Step::Key(key.clone()), |walk| {
                            walk.report(What::NoSuchValue(tag.to_owned()));
                        });
                    }
                    _ => {}
                }
            }
            Tag::External => {
                let known = |name: &str| union.cases.iter().find(|case| case.value == name);
                for (name, value) in object.members() {
                    match known(name) {
                        Some(case) => self.within(Step::Key(name.clone()), |walk| match &case.body {
                            CaseBody::Struct(body) => walk.object(&body.fields, value, &[], false),
                            CaseBody::Value(ty) => walk.ty(ty, value),
                        }),
                        None if others.contains(&name.as_str()) => {}
                        None if self.strict => {
                            self.report(What::Extraneous(name.clone()));
                        }
                        None => {}
                    }
                }
            }
            // Several cases may share a shape, so only one that fits without doubt is judged.
            Tag::Shape => {
                let certain = |case: &&Case| fields(case).iter().any(|field| field.required) && fits(case, object);
                let mut fitting = union.cases.iter().filter(certain);
                if let (Some(case), None) = (fitting.next(), fitting.next()) {
                    others.extend(union.cases.iter().flat_map(fields).map(|field| field.key.as_str()));
                    self.case(case, value, &others);
                }
            }
        }
    }

    fn case(&mut self, case: &Case, value: &Tree, others: &[&str]) {
        match &case.body {
            CaseBody::Struct(body) => self.object(&body.fields, value, others, false),
            CaseBody::Value(_) => {}
        }
    }
}

/// The members of a case.
fn fields(case: &Case) -> &[Field] {
    match &case.body {
        CaseBody::Struct(body) => &body.fields,
        CaseBody::Value(_) => &[],
    }
}

/// Whether an object has what a case must have.
fn fits(case: &Case, object: &Object) -> bool {
    let there = |name: &String| object.get(name).is_some();
    let mut required = fields(case).iter().filter(|field| field.required);
    case.has.iter().all(there) && required.all(|field| there(&field.key) || field.aliases.iter().any(there))
}

/// The bound of a range that a count is outside of.
fn outside(range: &Range, count: usize) -> Option<(Option<f64>, Option<f64>)> {
    let least = range.min.filter(|min| (count as f64) < *min);
    let most = range.max.filter(|max| (count as f64) > *max);
    (least.is_some() || most.is_some()).then_some((least, most))
}
