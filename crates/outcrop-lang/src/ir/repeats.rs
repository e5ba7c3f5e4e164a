//! What the results of a format repeat of the call that they answer.

use super::{Family, Field, Lens, Path, Step, Ty, TypeId, TypeKind};

/// What results repeat of a call; of nothing, their order tells which call they answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeats {
    /// The name of the tool.
    pub name: bool,
    /// The input of the call.
    pub input: bool,
}

impl Repeats {
    const NOTHING: Self = Self { name: false, input: false };
    /// The whole call.
    pub const ALL: Self = Self { name: true, input: true };

    /// Whether there is anything that results repeat.
    #[must_use]
    pub fn any(self) -> bool {
        self.name || self.input
    }
}

/// The member of a result that stands for its call.
const CALL: &str = "call";

impl Family {
    /// What is mapped of the calls of results.
    #[must_use]
    pub fn repeats(&self) -> Repeats {
        let mut found = Repeats::NOTHING;
        for field in self.types.iter().flat_map(|def| def.kind.structs()).flat_map(|s| &s.fields) {
            let Lens::Path(Path(steps)) = &field.lens else { continue };
            if let [first, rest @ ..] = steps.as_slice()
                && is(first, CALL)
            {
                add(&mut found, self.of(field, rest));
            }
        }
        found
    }

    /// JSON Pointers to the lists of turns in a native request.
    #[must_use]
    pub fn turn_lists(&self) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(id) = self.chat.request {
            self.lists_below(id, "", &mut found);
        }
        found
    }

    fn lists_below(&self, id: TypeId, path: &str, found: &mut Vec<String>) {
        let TypeKind::Struct(s) = &self.types[id].kind else { return };
        for field in &s.fields {
            let path = format!("{path}/{}", field.key.replace('~', "~0").replace('/', "~1"));
            match (&field.lens, &field.ty) {
                (Lens::Group, Ty::Named(id)) => self.lists_below(*id, &path, found),
                (Lens::Path(Path(steps)), Ty::Named(id)) if steps.is_empty() => self.lists_below(*id, &path, found),
                (Lens::Path(Path(steps)), _)
                    if steps.first().is_some_and(|step| is(step, "messages") || is(step, "turns")) =>
                {
                    found.push(path);
                }
                _ => {}
            }
        }
    }

    /// What of a call a field says at a path from it.
    fn of(&self, field: &Field, path: &[Step]) -> Repeats {
        match path {
            [first, ..] => Repeats { name: is(first, "name"), input: is(first, "input") },
            [] => match &field.ty {
                Ty::Named(id) => self.of_type(*id),
                _ => Repeats::ALL,
            },
        }
    }

    fn of_type(&self, id: TypeId) -> Repeats {
        let TypeKind::Struct(s) = &self.types[id].kind else { return Repeats::ALL };
        s.fields.iter().fold(Repeats::NOTHING, |mut found, field| {
            match &field.lens {
                Lens::Path(Path(steps)) => add(&mut found, self.of(field, steps.as_slice())),
                Lens::Group => add(&mut found, self.of(field, &[])),
                Lens::Take { .. } | Lens::Extra => {}
            }
            found
        })
    }
}

fn add(found: &mut Repeats, more: Repeats) {
    *found = Repeats { name: found.name || more.name, input: found.input || more.input };
}

fn is(step: &Step, wanted: &str) -> bool {
    matches!(step, Step::Member(name) if name == wanted)
}
