//! Paths: every place that a spec names exists in the façade, and the native type beside it can hold what is there.

use super::{fits::Fits, structs};
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{
    Case, CaseBody, FacadeTy, Family, Field, Lens, Literal, Path, Span, Step, Struct, ToolIds, TypeKind, Union, Way,
};

/// Checks the paths of every type.
pub fn check(family: &Family, faults: &mut Vec<Diagnostic>) {
    let mut checker = Paths { family, fits: Fits { family }, faults };
    for def in &family.types {
        for record in structs(def) {
            checker.record(record, def.span);
        }
        if let TypeKind::Union(union) = &def.kind {
            checker.union(union, def.span);
        }
    }
}

struct Paths<'f, 'd> {
    family: &'f Family,
    fits: Fits<'f>,
    faults: &'d mut Vec<Diagnostic>,
}

impl Paths<'_, '_> {
    fn record(&mut self, record: &Struct, span: Span) {
        let Some(view) = FacadeTy::of_view(&record.view) else { return };
        for (path, literal) in &record.assume {
            self.literal_at(&view, path, literal, span);
        }
        for field in &record.fields {
            match &field.lens {
                Lens::Path(path) => {
                    if let Some(there) = self.lead(&view, path, field.lens_span, Code::UnknownPath) {
                        self.field(field, path, &there);
                        self.repeated_call(path, field.lens_span);
                    }
                }
                Lens::Take { path, arms, .. } => {
                    if let Some(there) = self.lead(&view, path, field.lens_span, Code::UnknownPath) {
                        self.take(field, path, arms, &there);
                    }
                }
                Lens::Extra | Lens::Group => {}
            }
        }
    }

    /// Results that repeat their call are paired with it by what the two say; ids on the wire would be a second answer.
    fn repeated_call(&mut self, path: &Path, span: Span) {
        let is_call = path.0.iter().any(|step| matches!(step, Step::Member(name) if name == "call"));
        if is_call && self.family.tool_ids == ToolIds::Wire {
            let fault =
                Diagnostic::new(Code::UnknownPath, span, "a result has its `call` only where calls have no ids")
                    .help("map `toolUseId`; or say `tool_ids: positional` if the wire has no ids");
            self.faults.push(fault);
        }
    }

    /// Where a path leads; a fault if that is nowhere.
    fn lead(&mut self, view: &FacadeTy, path: &Path, span: Span, code: Code) -> Option<FacadeTy> {
        let facade = &self.family.facade;
        let (index, here) = match facade.walk(view, path) {
            Ok(there) => return Some(there),
            Err(fault) => fault,
        };
        let fault = match path.0.get(index) {
            Some(Step::Member(name)) => {
                let members: Vec<&str> = facade.members(&here).map(|member| member.name.as_str()).collect();
                let what = if code == Code::NotAnArm { "arm" } else { "member" };
                let fault = Diagnostic::new(code, span, format!("`{here}` has no {what} `{name}`"))
                    .suggest(name, members.iter().copied());
                match (fault.help.is_empty(), members.as_slice()) {
                    (true, []) => fault.help(format!("`{here}` has no members at all")),
                    (true, members) => fault.help(format!("it has `{}`", members.join("`, `"))),
                    (false, _) => fault,
                }
            }
            _ => Diagnostic::new(
                Code::OnlyOnScalar,
                span,
                format!("`{here}` is no list, so nothing in it can be picked"),
            ),
        };
        self.faults.push(fault);
        None
    }

    fn field(&mut self, field: &Field, path: &Path, there: &FacadeTy) {
        if let Some(map) = &field.map {
            for (row, (_, literal)) in map.rows.iter().chain(&map.reads).enumerate() {
                let span = map.row_spans.get(row).copied().unwrap_or(field.span);
                self.literal(literal, there, span);
            }
            return;
        }
        if !self.fits.ty(&field.ty, there) {
            self.mismatch(field, &path.to_string(), there);
        }
    }

    fn mismatch(&mut self, field: &Field, place: &str, there: &FacadeTy) {
        let native = self.fits.name(&field.ty);
        let message = format!("`{}` is `{native}`, which does not fit the `{there}` at `{place}`", field.key);
        self.faults.push(Diagnostic::new(Code::TypeMismatch, field.lens_span, message));
    }

    fn take(&mut self, field: &Field, path: &Path, arms: &[Path], there: &FacadeTy) {
        let FacadeTy::List(element) = there else {
            let message = format!("`{path}` is `{there}`, and `take:` takes blocks out of a list");
            self.faults.push(Diagnostic::new(Code::TypeMismatch, field.lens_span, message));
            return;
        };
        let mut payloads = Vec::new();
        for arm in arms {
            match self.lead(element, arm, field.lens_span, Code::NotAnArm) {
                Some(payload) => payloads.push(payload),
                None => return,
            }
        }
        if !self.fits.taken(&field.ty, element, &payloads) {
            self.mismatch(field, &path.to_string(), there);
        }
    }

    fn union(&mut self, union: &Union, span: Span) {
        let Some(view) = FacadeTy::of_view(&union.view) else { return };
        for case in &union.cases {
            self.case(case, &view);
        }
        for (word, arm) in &union.words {
            let Some(FacadeTy::Named(payload)) = self.lead(&view, arm, span, Code::NotAnArm) else { continue };
            let members = self.family.facade.types.get(&payload).map_or(&[][..], |def| &def.members);
            if let Some(member) = members.iter().find(|member| member.required) {
                let message =
                    format!("the bare word `{word}` cannot say the `{}` that `{payload}` requires", member.name);
                let fault = Diagnostic::new(Code::TypeMismatch, span, message);
                self.faults.push(fault.help("words stand for arms without members; make it a case"));
            }
        }
        for trailing in &union.trailing {
            if let Some(there) = self.lead(&view, &trailing.arm, trailing.span, Code::NotAnArm)
                && !self.fits.ty(&trailing.ty, &there)
            {
                let native = self.fits.name(&trailing.ty);
                let message = format!("`{}` is `{native}`, which does not fit the `{there}`", trailing.key);
                self.faults.push(Diagnostic::new(Code::TypeMismatch, trailing.span, message));
            }
        }
    }

    fn case(&mut self, case: &Case, view: &FacadeTy) {
        let mut payload = view.clone();
        if let Some(arm) = &case.arm {
            match self.lead(view, arm, case.arm_span, Code::NotAnArm) {
                Some(there) => payload = there,
                None => return,
            }
        }
        if let Some(each) = &case.each {
            let content = Path(vec![Step::Member("content".to_owned())]);
            let Some(FacadeTy::List(block)) = self.lead(&payload, &content, case.span, Code::UnknownPath) else {
                return;
            };
            match self.lead(&block, each, case.span, Code::NotAnArm) {
                Some(there) => payload = there,
                None => return,
            }
        }
        for (path, literal) in &case.where_ {
            self.literal_at(&payload, path, literal, case.span);
        }
        if let CaseBody::Value(ty) = &case.body
            && case.way != Way::Decode
            && !self.fits.ty(ty, &payload)
        {
            let message = format!("`{}` is `{}`, which does not fit the `{payload}`", case.name, self.fits.name(ty));
            self.faults.push(Diagnostic::new(Code::TypeMismatch, case.span, message));
        }
    }

    fn literal_at(&mut self, view: &FacadeTy, path: &Path, literal: &Literal, span: Span) {
        if let Some(there) = self.lead(view, path, span, Code::UnknownPath) {
            self.literal(literal, &there, span);
        }
    }

    /// A façade value that the spec spells out. Enums are open, but a value that is a letter away from a known one is
    /// a slip.
    fn literal(&mut self, literal: &Literal, there: &FacadeTy, span: Span) {
        let text = super::maps::text(literal);
        if !Fits::literal(literal, there) {
            let message = format!("`{text}` is no `{there}`");
            self.faults.push(Diagnostic::new(Code::LiteralMismatch, span, message));
        } else if let (FacadeTy::Enum(words), Literal::Str(word)) = (there, literal)
            && !words.contains(word)
            && let Some(close) = crate::diag::did_you_mean(word, words.iter().map(String::as_str))
        {
            let message = format!("`{word}` is none of the values that Converse knows here");
            self.faults
                .push(Diagnostic::new(Code::LiteralMismatch, span, message).help(format!("did you mean `{close}`?")));
        }
    }
}
