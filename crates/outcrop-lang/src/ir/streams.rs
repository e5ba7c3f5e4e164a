//! What stream types say beyond their members, and why answers end.

use super::{Case, CaseBody, Family, Field, Lens, Literal, Path, Step, Struct, Ty, TypeKind, Way};

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

/// How chunks say the input of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Input {
    /// In fragments of its text.
    #[default]
    Fragments,
    /// As one value, once it is whole.
    Whole,
    /// As one value, together with the opening of the call.
    WithCall,
}

impl Family {
    /// How chunks say the input of calls.
    #[must_use]
    pub fn input(&self) -> Input {
        let mut found = Input::Fragments;
        for s in self.types.iter().flat_map(|def| def.kind.structs()) {
            let mut fields = Vec::new();
            self.over_same(s, &mut fields, 0);
            let value = |f: &&Field| match s.view.as_str() {
                "Signal" => is_path(f, &["delta", "value", "toolUse", "input"]),
                "ContentBlockDelta" => is_path(f, &["toolUse", "input"]),
                "ToolUseBlockDelta" => is_path(f, &["input"]),
                _ => false,
            };
            if fields.iter().filter(|f| matches!(f.ty, Ty::Json)).any(value) {
                let opens = |f: &&Field| begins(f, &["open", "block"]);
                let with_call = s.view == "Signal" && fields.iter().any(opens);
                found = if with_call { Input::WithCall } else { found.max_of(Input::Whole) };
            }
        }
        let value = |case: &Case| {
            matches!(case.body, CaseBody::Value(Ty::Json))
                && case.arm.as_ref().is_some_and(|arm| names(arm) == ["toolUse", "input"])
        };
        let whole = self.types.iter().any(
            |def| matches!(&def.kind, TypeKind::Union(u) if u.view == "ContentBlockDelta" && u.cases.iter().any(value)),
        );
        if whole { found.max_of(Input::Whole) } else { found }
    }

    /// The members of an object that are written, those of groups over the same view too.
    fn over_same<'f>(&'f self, s: &'f Struct, out: &mut Vec<&'f Field>, depth: usize) {
        for field in s.fields.iter().filter(|f| f.way != Way::Decode) {
            let ty = if let Ty::Only { item, .. } = &field.ty { item } else { &field.ty };
            let same = match &field.lens {
                Lens::Group => true,
                Lens::Path(path) => path.0.is_empty(),
                Lens::Extra | Lens::Take { .. } => false,
            };
            match ty {
                Ty::Named(id) if same && depth < 8 => {
                    if let Some(TypeKind::Struct(inner)) = self.types.get(*id).map(|def| &def.kind) {
                        self.over_same(inner, out, depth + 1);
                    }
                }
                _ => out.push(field),
            }
        }
    }

    /// What stop reasons become in answers that hold calls: each reason, and what it becomes. `stream`: of streams.
    #[must_use]
    pub fn with_calls(&self, stream: bool) -> Vec<(String, String)> {
        let (view, path): (_, &[&str]) =
            if stream { ("Signal", &["stop", "reason"]) } else { ("ConverseResponse", &["stopReason"]) };
        let structs = self.types.iter().flat_map(|def| def.kind.structs()).filter(|s| s.view == view);
        let mut found = Vec::new();
        for field in structs.flat_map(|s| &s.fields).filter(|f| is_path(f, path)) {
            let map = match (&field.map, &field.ty) {
                (Some(map), _) => map,
                (None, Ty::Named(id)) => match self.types.get(*id).map(|def| &def.kind) {
                    Some(TypeKind::Map(map)) => map,
                    _ => continue,
                },
                _ => continue,
            };
            for (native, with) in &map.with_calls {
                let plain = map.rows.iter().find(|(own, _)| own == native).map(|(_, plain)| plain);
                if let (Some(Literal::Str(plain)), Literal::Str(with)) = (plain, with)
                    && !found.iter().any(|(before, _)| before == plain)
                {
                    found.push((plain.clone(), with.clone()));
                }
            }
        }
        found
    }
}

impl Input {
    fn max_of(self, other: Self) -> Self {
        if self == Self::Fragments { other } else { self }
    }
}

fn names(path: &Path) -> Vec<&str> {
    path.0.iter().map(|step| if let Step::Member(name) = step { name.as_str() } else { "" }).collect()
}

fn is_path(field: &Field, wanted: &[&str]) -> bool {
    matches!(&field.lens, Lens::Path(path) if names(path) == wanted)
}

fn begins(field: &Field, wanted: &[&str]) -> bool {
    matches!(&field.lens, Lens::Path(path) if names(path).starts_with(wanted))
}
