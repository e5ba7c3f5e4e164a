//! Random façade values, drawn from the façade's own types: nothing here knows a member by name.

use fastrand::Rng;
use outcrop_lang::ir::{Facade, FacadeKind, FacadeMember, FacadeTy};
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
    /// The source of randomness; seeded by the caller.
    pub rng: Rng,
}

impl<'a> Random<'a> {
    /// A generator with a seed.
    #[must_use]
    pub fn new(facade: &'a Facade, seed: u64) -> Self {
        Self { facade, rng: Rng::with_seed(seed) }
    }

    /// A value of the named façade type.
    pub fn value(&mut self, name: &str) -> Tree {
        self.named(name, 0)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.rng.usize(..from.len())]
    }

    fn named(&mut self, name: &str, depth: usize) -> Tree {
        let Some(ty) = self.facade.types.get(name) else { panic!("the façade has no type {name}") };
        let members: Vec<&FacadeMember> = ty.members.iter().filter(|m| !m.is_virtual).collect();
        match ty.kind {
            FacadeKind::Union => {
                let leaf = |m: &&&FacadeMember| !matches!(m.ty, FacadeTy::Named(_) | FacadeTy::List(_));
                let shallow: Vec<&&FacadeMember> = members.iter().filter(leaf).collect();
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
                        out.push((m.name.clone(), self.member(m, depth)));
                    }
                }
                Tree::object(out)
            }
        }
    }

    fn member(&mut self, m: &FacadeMember, depth: usize) -> Tree {
        match (&m.ty, m.name.as_str()) {
            (FacadeTy::Str, n) if n.ends_with("Id") => Tree::str(self.pick(IDS)),
            (FacadeTy::Str, "name") => Tree::str(self.pick(NAMES)),
            (ty, _) => self.of(ty, depth + 1),
        }
    }

    fn of(&mut self, ty: &FacadeTy, depth: usize) -> Tree {
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
