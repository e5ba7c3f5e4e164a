//! Native to Converse: cases to arms.

use outcrop_runtime::{Code, Error, Fate, Kind, Tree};

use super::at::At;
use super::decode::{wrap, wrong};
use super::{Cx, place, values};
use crate::ir::{Case, CaseBody, Literal, Path, Step, Struct, Tag, Union, Unknown, Way};

impl<'a> Cx<'a> {
    /// Elements to arms: members that trail become blocks, elements that belong together become one turn.
    pub(crate) fn decode_arms(&mut self, u: &'a Union, items: Vec<Tree>, at: &At<'_>) -> Result<Vec<Tree>, Error> {
        let mut out: Vec<Tree> = Vec::with_capacity(items.len());
        let mut last: Option<(usize, &'a Case)> = None;
        for (i, mut item) in items.into_iter().enumerate() {
            let at = at.index(i);
            let mut after = Vec::new();
            if let Some((_, case)) = self.case_for(u, &item)
                && let Tree::Obj(o) = &mut item
            {
                for t in u.trailing.iter().filter(|t| t.on.is_empty() || t.on.contains(&case.name)) {
                    match o.get(&t.key) {
                        None => {}
                        // An absent member and a null one are the same here.
                        Some(Tree::Null) => {
                            o.remove(&t.key);
                        }
                        Some(_) => {
                            self.cover(Some(t.span));
                            let value = o.remove(&t.key).unwrap_or_default();
                            let payload = self.decode_value(&t.ty, None, value, &at.member(&t.key))?;
                            after.extend(payload.map(|p| wrap(&t.arm, p)));
                        }
                    }
                }
            }
            let case = match self.decode_union(u, item, &at)? {
                Some((case, tree)) => {
                    self.empty_turn(u, case, &tree, &at);
                    let says_something = tree.get("content").is_some_and(|c| !c.is_empty());
                    if self.joins(last, case, u) && says_something {
                        append_turn(&mut out, tree);
                    } else {
                        out.push(tree);
                    }
                    // Nothing belongs to a turn without blocks.
                    case.filter(|_| says_something || u.view != "Turn")
                }
                None => None,
            };
            out.extend(after);
            last = case.and_then(|c| u.cases.get(c).map(|case| (c, case)));
        }
        Ok(out)
    }

    /// Whether an element belongs to the turn of the one before it.
    fn joins(&self, last: Option<(usize, &Case)>, case: Option<usize>, u: &Union) -> bool {
        let (Some((before, last)), Some(now)) = (last, case) else { return false };
        // A case that is only read is another spelling of a whole turn, not a part of one.
        let Some(case) = u.cases.get(now).filter(|c| c.way == Way::Both && last.way == Way::Both) else { return false };
        let (before, now) = (self.family.rank(u, before), self.family.rank(u, now));
        u.view == "Turn" && last.arm == case.arm && (before < now || before == now && case.each.is_some())
    }

    /// A turn without blocks is written as the last case of its role.
    fn empty_turn(&mut self, u: &Union, case: Option<usize>, turn: &Tree, at: &At<'_>) {
        let Some(read) = case.and_then(|c| u.cases.get(c)).filter(|_| u.view == "Turn") else { return };
        let empty = turn.get("content").is_none_or(Tree::is_empty);
        let last = u.cases.iter().rposition(|c| c.arm == read.arm && c.each.is_none() && c.way != Way::Decode);
        if empty && last != case {
            self.lose(Fate::Approximated, &at.path(), "an element without content reads back as another kind");
        }
    }

    /// The case that reads a native value.
    pub(crate) fn case_for(&self, u: &'a Union, value: &Tree) -> Option<(usize, &'a Case)> {
        let index = match &u.tag {
            Tag::Shape => self.shape_case(u, value)?,
            Tag::Internal { key, absent } => match value.as_object()?.get(key) {
                None => (*absent)?,
                Some(tag) => tagged(u, |c| tag.as_str() == Some(c.value.as_str()), value)?,
            },
            Tag::External => {
                let o = value.as_object()?;
                tagged(u, |c| o.get(&c.value).is_some_and(|v| !matches!(v, Tree::Null)), value)?
            }
        };
        u.cases.get(index).map(|c| (index, c))
    }

    /// For unions without tag: the first case that fits the members.
    pub(crate) fn shape_case(&self, u: &'a Union, value: &Tree) -> Option<usize> {
        u.cases.iter().position(|c| {
            c.way != Way::Encode
                && has_all(c, value)
                && match (self.case_struct(c), &c.body, value) {
                    (Some(s), _, Tree::Obj(o)) => {
                        let reads =
                            |name: &str| s.fields.iter().any(|f| f.key == name || f.aliases.iter().any(|a| a == name));
                        let has = |name: &String| o.get(name).is_some();
                        o.members().iter().all(|(name, _)| reads(name) || u.trailing.iter().any(|t| t.key == *name))
                            && s.fields.iter().filter(|f| f.required).all(|f| has(&f.key) || f.aliases.iter().any(has))
                            && constants(s).all(|(key, c)| o.get(key).is_none_or(|v| values::is(v, c)))
                    }
                    (None, CaseBody::Value(ty), value) => self.kind_fits(ty, value),
                    _ => false,
                }
        })
    }

    /// The façade arm of a native value and its case; none if it is ignored.
    pub(crate) fn decode_union(
        &mut self,
        u: &'a Union,
        value: Tree,
        at: &At<'_>,
    ) -> Result<Option<(Option<usize>, Tree)>, Error> {
        if let Tree::Str(word) = &value
            && let Some((_, arm)) = u.words.iter().find(|(w, _)| w == word)
        {
            return Ok(Some((None, wrap(arm, Tree::object(Vec::new())))));
        }
        let Some((index, case)) = self.case_for(u, &value) else { return self.unknown(u, value, at) };
        self.cover(Some(case.span));
        let payload = match (&u.tag, value) {
            (Tag::Internal { key, .. }, Tree::Obj(mut o)) => {
                o.remove(key);
                self.decode_body(case, Tree::Obj(o), at)?
            }
            (Tag::External, Tree::Obj(mut o)) => {
                let inner = o.remove(&case.value).unwrap_or_default();
                let payload = self.decode_body(case, inner, &at.member(&case.value))?;
                for (name, value) in o.into_members() {
                    self.extras.put(at, &name, value);
                }
                payload
            }
            (_, value) => self.decode_body(case, value, at)?,
        };
        let Some(mut payload) = payload else { return Ok(None) };
        for (path, literal) in &case.where_ {
            place::put(&mut payload, &path.0, values::tree(literal));
        }
        if let Some(each) = &case.each {
            payload = Tree::arm("content", Tree::list(vec![wrap(each, payload)]));
        }
        let tree = match &case.arm {
            None => payload,
            Some(arm) if u.view == "Turn" => turn(arm, payload),
            Some(arm) => wrap(arm, payload),
        };
        Ok(Some((Some(index), tree)))
    }

    fn decode_body(&mut self, case: &'a Case, value: Tree, at: &At<'_>) -> Result<Option<Tree>, Error> {
        match (self.case_struct(case), &case.body, value) {
            (Some(s), _, Tree::Obj(object)) => {
                let mut out = Tree::object(Vec::new());
                self.decode_struct(s, &[], object, &mut out, at)?;
                Ok(Some(out))
            }
            (Some(_), _, other) => Err(wrong(&other, "an object", at)),
            (None, CaseBody::Value(ty), value) => self.decode_value(ty, None, value, at),
            (None, CaseBody::Struct(_), _) => Ok(None),
        }
    }

    fn unknown(&mut self, u: &Union, value: Tree, at: &At<'_>) -> Result<Option<(Option<usize>, Tree)>, Error> {
        let tag = match &u.tag {
            Tag::Internal { key, .. } => value.get(key).and_then(Tree::as_str).map(str::to_owned),
            Tag::External => value.as_object().and_then(|o| o.members().first()).map(|(name, _)| name.clone()),
            Tag::Shape => None,
        };
        let place_name = tag.clone().unwrap_or_default();
        let name = tag.or_else(|| value.as_str().map(str::to_owned)).unwrap_or_default();
        match u.unknown {
            Unknown::Keep => match at {
                // In a list it stays in its place; elsewhere its place is known by name.
                At::Member(up, key) if self.kind != Kind::Stream => {
                    self.extras.put(up, key, value);
                    Ok(None)
                }
                _ => Ok(Some((None, Tree::arm("native", value)))),
            },
            Unknown::Skip => {
                // A chunk has no path: it goes by its name, if it has one.
                let place = match at {
                    At::Root if self.kind == Kind::Stream && place_name.is_empty() => "chunk".to_owned(),
                    At::Root => place_name,
                    _ => at.path(),
                };
                self.lose(Fate::Dropped, &place, &format!("the spec does not know `{name}`"));
                Ok(None)
            }
            Unknown::Refuse => {
                let known: Vec<String> = u.cases.iter().map(|c| format!("`{}`", c.value)).collect();
                let told = match &u.tag {
                    Tag::Shape => "no case of this format has this shape".to_owned(),
                    _ if !name.is_empty() => format!("no case of this format is told by `{name}`"),
                    Tag::Internal { key, .. } => {
                        format!("the member `{key}` tells the cases apart, and no text is there")
                    }
                    Tag::External => "no member tells the case".to_owned(),
                };
                let why = format!("{told}; send one of {}", known.join(", "));
                Err(Error::new(Code::UnknownTag, why).native(at.path()))
            }
        }
    }
}

fn has_all(case: &Case, value: &Tree) -> bool {
    case.has.iter().all(|name| value.get(name).is_some_and(|v| !matches!(v, Tree::Null)))
}

/// What members always say, where they are there.
fn constants(s: &Struct) -> impl Iterator<Item = (&str, &Literal)> {
    s.fields.iter().filter_map(|f| Some((f.key.as_str(), f.constant.as_ref()?)))
}

/// A turn: a message with its role.
fn turn(arm: &Path, payload: Tree) -> Tree {
    let role = match arm.0.first() {
        Some(Step::Member(name)) => name.as_str(),
        _ => "",
    };
    let mut members = vec![("role".to_owned(), Tree::str(role))];
    if let Tree::Obj(o) = payload {
        members.extend(o.into_members());
    }
    Tree::object(members)
}

fn append_turn(out: &mut [Tree], turn: Tree) {
    if let (Some(last), Tree::Obj(mut o)) = (out.last_mut(), turn) {
        let content = o.remove("content").unwrap_or_else(|| Tree::list(Vec::new()));
        place::put(last, &[Step::Member("content".to_owned())], content);
    }
}

/// The first case of a tag whose members are there.
fn tagged(u: &Union, is: impl Fn(&Case) -> bool, value: &Tree) -> Option<usize> {
    u.cases.iter().position(|c| {
        let body = if u.tag == Tag::External { value.get(&c.value).unwrap_or(value) } else { value };
        c.way != Way::Encode && is(c) && has_all(c, body)
    })
}
