//! Random native bodies, drawn from a family's own types: valid by the spec, with unknown members and elements mixed in.

use fastrand::Rng;
use outcrop_lang::ir::{
    Case, CaseBody, Family, Field, Lens, Literal, Struct, Tag, TextOrList, Ty, TypeId, TypeKind, Union, Unknown,
    ValueMap, Way,
};
use outcrop_runtime::tree::Tree;

const TEXTS: &[&str] = &["Ahoy", "two  words", "größer 潮", "{ brace", "\"quoted\"", " ", "at 7"];
const NUMBERS: &[&str] = &["0", "1", "3", "28.0", "0.25", "12345"];

/// A generator of native bodies.
pub struct Native<'f> {
    family: &'f Family,
    rng: Rng,
}

impl<'f> Native<'f> {
    /// A generator with a seed.
    #[must_use]
    pub fn new(family: &'f Family, seed: u64) -> Self {
        Self { family, rng: Rng::with_seed(seed) }
    }

    /// A body of a root type.
    pub fn body(&mut self, id: TypeId) -> Tree {
        self.named(id, 0)
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.u32(..100) < percent
    }

    fn text(&mut self) -> String {
        TEXTS[self.rng.usize(..TEXTS.len())].to_owned()
    }

    fn named(&mut self, id: TypeId, depth: usize) -> Tree {
        let family = self.family;
        match &family.types[id].kind {
            TypeKind::Struct(s) => Tree::object(self.members(s, &[], depth)),
            TypeKind::Union(u) => self.arm(u, depth),
            TypeKind::TextOrList(t) => self.text_or_list(t, depth),
            TypeKind::Map(map) => self.row(map),
            TypeKind::Regions(regions) => {
                let mut text = String::new();
                for region in regions {
                    if self.chance(60) {
                        let open = if region.implied { "" } else { region.open.as_str() };
                        let lead = if self.chance(70) { region.lead.as_str() } else { "" };
                        text.extend([lead, open, "Ahoy", region.close.as_str()]);
                    }
                }
                Tree::str(text)
            }
        }
    }

    fn text_or_list(&mut self, t: &TextOrList, depth: usize) -> Tree {
        match &self.family.types[t.item].kind {
            TypeKind::Union(u) if self.chance(60) => {
                Tree::list((0..self.rng.usize(..3)).map(|_| self.arm(u, depth + 1)).collect())
            }
            _ => Tree::Str(self.text()),
        }
    }

    fn members(&mut self, s: &'f Struct, wanted: &[String], depth: usize) -> Vec<(String, Tree)> {
        let mut out = Vec::new();
        for field in s.fields.iter().filter(|f| f.way != Way::Encode) {
            let must = field.required || wanted.contains(&field.key);
            if must || self.chance(if depth > 6 { 5 } else { 55 }) {
                let key = match field.aliases.first() {
                    Some(alias) if !must && self.chance(10) => alias.clone(),
                    _ => field.key.clone(),
                };
                let null = field.nullable && !wanted.contains(&field.key) && self.chance(15);
                let value = if null { Tree::Null } else { self.field(field, depth) };
                out.push((key, value));
            }
        }
        if depth > 0 && self.chance(4) && !s.view.is_empty() {
            out.push(("x_unknown".to_owned(), Tree::arm("kept", Tree::Num("1.50".to_owned()))));
        }
        out
    }

    fn field(&mut self, field: &'f Field, depth: usize) -> Tree {
        match (&field.constant, &field.map) {
            (Some(literal), _) if self.chance(90) || !matches!(field.lens, Lens::Extra) => literal_tree(literal),
            (_, Some(map)) => self.row(map),
            _ => self.value(&field.ty, depth + 1),
        }
    }

    fn row(&mut self, map: &ValueMap) -> Tree {
        if map.open && self.chance(10) {
            return Tree::str("a_new_word");
        }
        let rows: Vec<&(Literal, Literal)> = map.rows.iter().chain(&map.reads).collect();
        literal_tree(&rows[self.rng.usize(..rows.len())].0)
    }

    fn value(&mut self, ty: &'f Ty, depth: usize) -> Tree {
        match ty {
            Ty::Str(_) | Ty::Prompt => Tree::Str(self.text()),
            // What the format allows, and what looks like a spelling.
            Ty::Spelt(_, letters) => {
                let allowed: Vec<char> = letters.chars().chars().collect();
                let length = 1 + self.rng.usize(..6);
                let mut name: String = (0..length).map(|_| allowed[self.rng.usize(..allowed.len())]).collect();
                if self.chance(30) {
                    name.push_str(&outcrop_runtime::Letters::of(letters.bits, letters.mark).spell("\u{e9}"));
                }
                Tree::Str(name)
            }
            Ty::Int(range) => Tree::Num(
                if range.min.is_some_and(|m| m > 0.0) { "28.0" } else { ["0", "3", "28"][self.rng.usize(..3)] }
                    .to_owned(),
            ),
            Ty::Float(range) => match (range.min, range.max) {
                (min, max) if min.unwrap_or(0.0) > 0.25 || max.unwrap_or(1.0) < 0.25 => {
                    Tree::Num(min.or(max).unwrap_or(0.0).to_string())
                }
                _ => Tree::Num("0.25".to_owned()),
            },
            Ty::Bool => Tree::Bool(self.rng.bool()),
            Ty::Json => self.json(0),
            Ty::Base64 { .. } => Tree::str("QWhveQ=="),
            Ty::Media(rows) => {
                Tree::str(rows.first().map_or("QWhv", |(b, _)| if b.len() % 4 == 0 { b } else { "iVBORw0KGgo=" }))
            }
            Ty::JsonText => Tree::Str(if self.chance(80) { self.json(0).to_string() } else { self.text() }),
            Ty::DataUrl(rows) => Tree::Str(format!("data:{};base64,QWhveQ==", rows.first().map_or("", |(m, _)| m))),
            Ty::Named(id) => self.named(*id, depth),
            Ty::List(item, range) => {
                // Least lengths are small and not negative.
                #[allow(clippy::cast_sign_loss)]
                let least = range.min.map_or(0, |m| m as usize);
                let n = if depth > 6 { least } else { self.rng.usize(least..least + 3) };
                Tree::list((0..n).map(|_| self.value(item, depth + 1)).collect())
            }
            Ty::OneOrList(item) if self.chance(30) => self.value(item, depth + 1),
            Ty::OneOrList(item) => Tree::list((0..self.rng.usize(..3)).map(|_| self.value(item, depth + 1)).collect()),
            Ty::Only { item, optional, more } => {
                let none = *optional && self.chance(20);
                let further = if *more && self.chance(30) { self.rng.usize(1..3) } else { 0 };
                Tree::list(
                    (0..usize::from(!none) + if none { 0 } else { further })
                        .map(|_| self.value(item, depth + 1))
                        .collect(),
                )
            }
            Ty::Map(item) => {
                Tree::object((0..self.rng.usize(..3)).map(|i| (format!("k{i}"), self.value(item, depth + 1))).collect())
            }
        }
    }

    fn json(&mut self, depth: usize) -> Tree {
        match self.rng.u32(if depth > 2 { 0..4 } else { 0..6 }) {
            0 => Tree::Null,
            1 => Tree::Bool(self.rng.bool()),
            2 => Tree::Num(NUMBERS[self.rng.usize(..NUMBERS.len())].to_owned()),
            3 => Tree::Str(self.text()),
            4 => Tree::list((0..self.rng.usize(..3)).map(|_| self.json(depth + 1)).collect()),
            _ => Tree::object((0..self.rng.usize(..3)).map(|i| (format!("m{i}"), self.json(depth + 1))).collect()),
        }
    }

    fn arm(&mut self, u: &'f Union, depth: usize) -> Tree {
        if !u.words.is_empty() && (u.cases.is_empty() || self.chance(40)) {
            return Tree::str(u.words[self.rng.usize(..u.words.len())].0.as_str());
        }
        if u.unknown == Unknown::Keep && self.chance(5) {
            return match &u.tag {
                Tag::Internal { key, .. } => {
                    Tree::object(vec![(key.clone(), Tree::str("x_new")), ("more".to_owned(), self.json(0))])
                }
                _ => Tree::arm("x_new", self.json(0)),
            };
        }
        let cases: Vec<(usize, &Case)> = u.cases.iter().enumerate().filter(|(_, c)| c.way != Way::Encode).collect();
        let (index, case) = cases[self.rng.usize(..cases.len())];
        let inner = match &case.body {
            CaseBody::Struct(s) => Tree::object(self.members(s, &case.has, depth)),
            CaseBody::Value(ty) => self.value(ty, depth),
        };
        let mut whole = match (&u.tag, inner) {
            (Tag::Internal { key, absent }, Tree::Obj(mut o)) => {
                if *absent != Some(index) {
                    o.members_mut().insert(0, (key.clone(), Tree::str(case.value.as_str())));
                }
                Tree::Obj(o)
            }
            (Tag::External, inner) => Tree::arm(case.value.as_str(), inner),
            (_, inner) => inner,
        };
        for trailing in u.trailing.iter().filter(|t| t.on.is_empty() || t.on.contains(&case.name)) {
            if let (Tree::Obj(o), true) = (&mut whole, self.rng.u32(..100) < 15) {
                o.set(trailing.key.as_str(), self.value(&trailing.ty, depth + 1));
            }
        }
        whole
    }
}

fn literal_tree(literal: &Literal) -> Tree {
    match literal {
        Literal::Null => Tree::Null,
        Literal::Bool(b) => Tree::Bool(*b),
        Literal::Num(n) => Tree::Num(n.clone()),
        Literal::Str(s) => Tree::str(s.as_str()),
        Literal::List(items) => Tree::list(items.iter().map(literal_tree).collect()),
        Literal::Object(members) => Tree::object(members.iter().map(|(n, v)| (n.clone(), literal_tree(v))).collect()),
    }
}
