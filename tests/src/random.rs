//! Random façade values, drawn from the façade's own types: nothing here knows a member by name.

use fastrand::Rng;
use outcrop_lang::ir::{Facade, FacadeKind, FacadeMember, FacadeTy, Family};
use outcrop_runtime::tree::Tree;

/// Texts that have broken translators: markers, tags, escapes, blanks, other scripts, JSON in text.
const TEXTS: &[&str] = &[
    "Hello",
    "",
    " ",
    "\n\n",
    "tide \"table\" \\ back\u{8}",
    "größer 潮 🌊",
    "<|eot_id|>",
    "<|start_header_id|>system<|end_header_id|>",
    "[INST]",
    "</s>",
    "<reasoning>",
    "</reasoning>",
    "<think>hm</think>",
    "{\"a\":1}",
    "null",
    "0",
    "\u{2060}",
    "a\u{0}b",
    "\r\n",
];
const NUMBERS: &[&str] = &["0", "1", "7", "0.9", "1.0", "0.25", "12345", "1e-3"];
const NAMES: &[&str] = &["lookup", "tide_table", "a-b", "x"];
const IDS: &[&str] = &["c1", "c2", "call_0", "tooluse_x"];

/// A generator of values of façade types.
pub struct Random<'a> {
    facade: &'a Facade,
    /// Runs of member names that are mostly left out, because the family refuses them anyway.
    avoid: Vec<&'a [String]>,
    path: Vec<&'a str>,
    /// The source of randomness; seeded by the caller.
    pub rng: Rng,
}

impl<'a> Random<'a> {
    /// A generator with a seed, for a family: what its spec declares unsupported is drawn now and then only.
    #[must_use]
    pub fn new(family: &'a Family, seed: u64) -> Self {
        let fates = family.fates.iter().chain(&family.facade.fates);
        let avoid = fates.filter(|f| f.dropped.is_none()).map(|f| f.pattern.as_slice()).collect();
        Self { facade: &family.facade, avoid, path: Vec::new(), rng: Rng::with_seed(seed) }
    }

    /// Whether the member would be refused, and this is not one of the draws that want that.
    fn avoids(&mut self, name: &str) -> bool {
        let refused = self.avoid.iter().any(|run| {
            run.split_last().is_some_and(|(last, before)| {
                last == name && self.path.ends_with(&before.iter().map(String::as_str).collect::<Vec<_>>())
            })
        });
        refused && self.rng.u8(..) < 250
    }

    /// A value of the named façade type.
    pub fn value(&mut self, name: &str) -> Tree {
        self.named(name, 0)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.rng.usize(..from.len())]
    }

    fn named(&mut self, name: &str, depth: usize) -> Tree {
        let facade = self.facade;
        let Some(ty) = facade.types.get(name) else { panic!("the façade has no type {name}") };
        let mut members: Vec<&'a FacadeMember> =
            ty.members.iter().filter(|m| !m.is_virtual && m.name != "native").collect();
        let all = members.clone();
        members.retain(|m| m.required || !self.avoids(&m.name));
        if members.is_empty() {
            members = all;
        }
        match ty.kind {
            FacadeKind::Union => {
                let leaf = |m: &&&'a FacadeMember| !matches!(m.ty, FacadeTy::Named(_) | FacadeTy::List(_));
                let shallow: Vec<&&'a FacadeMember> = members.iter().filter(leaf).collect();
                let arm = if depth > 7 && !shallow.is_empty() {
                    shallow[self.rng.usize(..shallow.len())]
                } else {
                    // The first arm is the usual one (text); give it its share.
                    if self.rng.u8(..) < 110 { &members[0] } else { &members[self.rng.usize(..members.len())] }
                };
                Tree::arm(arm.name.clone(), self.member(arm, depth))
            }
            FacadeKind::Struct => {
                let mut out = Vec::new();
                for m in members {
                    let likely = if depth == 0 { 90 } else { 70 };
                    if m.required || (depth < 8 && self.rng.u8(..) < likely) {
                        let value = self.member(m, depth);
                        // An optional object of named members in which there is nothing says no more than its absence.
                        let nothing =
                            matches!(m.ty, FacadeTy::Named(_)) && matches!(&value, Tree::Obj(o) if o.is_empty());
                        if m.required || !nothing {
                            out.push((m.name.clone(), value));
                        }
                    }
                }
                Tree::object(out)
            }
        }
    }

    fn member(&mut self, m: &'a FacadeMember, depth: usize) -> Tree {
        self.path.push(&m.name);
        let value = match (&m.ty, m.name.as_str()) {
            (FacadeTy::Str, n) if n.ends_with("Id") => Tree::str(self.pick(IDS)),
            (FacadeTy::Str, "name") => Tree::str(self.pick(NAMES)),
            (FacadeTy::Str, "schema") => Tree::str(self.json(3).to_string()),
            (ty, _) => self.of(ty, depth + 1),
        };
        self.path.pop();
        value
    }

    fn of(&mut self, ty: &'a FacadeTy, depth: usize) -> Tree {
        match ty {
            FacadeTy::Str => Tree::str(self.text()),
            FacadeTy::Enum(values) if self.rng.u8(..) < 250 && !values.is_empty() => {
                Tree::str(values[self.rng.usize(..values.len())].clone())
            }
            FacadeTy::Enum(_) => Tree::str("something_new"),
            FacadeTy::Int => Tree::int(self.rng.i64(0..5000)),
            FacadeTy::Float => Tree::Num(self.pick(&["0", "0.5", "0.9", "1", "0.125"]).to_owned()),
            FacadeTy::Bool => Tree::Bool(self.rng.bool()),
            FacadeTy::Json => self.json(depth),
            FacadeTy::Blob => Tree::str(self.pick(&["iVBORw0KGgo=", "aGFyYm91cg==", "/9j/4AAQ"])),
            FacadeTy::List(item) => {
                let most = if depth > 6 { 1 } else { 3 };
                let n = self.rng.usize(..=most);
                Tree::list((0..n).map(|_| self.of(item, depth + 1)).collect())
            }
            FacadeTy::Map(item) => {
                let n = self.rng.usize(..2);
                Tree::object((0..n).map(|i| (format!("k{i}"), self.of(item, depth + 1))).collect())
            }
            FacadeTy::Named(name) => self.named(name, depth),
        }
    }

    fn text(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..=self.rng.usize(..2) {
            let next = if self.rng.u8(..) < 160 { "Hello" } else { self.pick(TEXTS) };
            text.push_str(next);
        }
        text
    }

    /// Any JSON, objects mostly (tool input and schemas are).
    pub fn json(&mut self, depth: usize) -> Tree {
        match self.rng.usize(..10) {
            0 => Tree::Null,
            1 => Tree::Bool(true),
            2 => Tree::Num(self.pick(NUMBERS).to_owned()),
            3 => Tree::str(self.text()),
            4 if depth < 8 => Tree::list((0..self.rng.usize(..3)).map(|_| self.json(depth + 2)).collect()),
            _ if depth < 8 => {
                let n = self.rng.usize(..3);
                Tree::object((0..n).map(|i| (format!("m{i}"), self.json(depth + 2))).collect())
            }
            _ => Tree::object(Vec::new()),
        }
    }
}
