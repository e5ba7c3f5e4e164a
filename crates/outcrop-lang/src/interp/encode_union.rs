//! Converse to native: arms to cases.

use outcrop_runtime::{Code, Error, Fate, Tree};

use super::at::At;
use super::node::{Node, Value};
use super::patch::Patch;
use super::{Cx, values};
use crate::ir::{Case, CaseBody, Field, Lens, Step, Struct, Tag, Union, Unknown, Way};

impl<'a> Cx<'a> {
    /// The native value of one arm; none if the arm is dropped.
    pub(crate) fn encode_union(
        &mut self,
        u: &'a Union,
        node: &mut Node,
        patch: &mut Patch,
        at: &At<'_>,
    ) -> Result<Option<Tree>, Error> {
        if u.view == "Turn" {
            return self.encode_one_turn(u, node, patch, at);
        }
        if u.unknown == Unknown::Keep
            && let Some(native) = self.encode_kept(u, node, at)?
        {
            return Ok(Some(native));
        }
        for (word, arm) in &u.words {
            if let Some(payload) = node.find(&arm.0)?
                && (payload.is_spent() || super::place::is_empty_value(payload))
            {
                payload.value = Value::Taken;
                return Ok(Some(Tree::str(word.as_str())));
            }
        }
        for (index, case) in u.cases.iter().enumerate() {
            if case.way != Way::Decode && self.matches(case, node) {
                return self.encode_case(u, index, case, node, patch, at).map(Some);
            }
        }
        // One without members is gone with it all the same.
        if matches!(&node.value, Value::Object(members) if members.is_empty()) {
            node.value = Value::Leaf(Tree::Bool(true));
        }
        self.judge(node)?;
        Ok(None)
    }

    /// What decoding kept whole. It goes back unchanged, and must not mean something that the spec knows.
    pub(crate) fn encode_kept(&mut self, u: &'a Union, node: &mut Node, at: &At<'_>) -> Result<Option<Tree>, Error> {
        let Some(kept) = node.member_mut("native").filter(|n| n.is_present()) else {
            return Ok(None);
        };
        let native = kept.take();
        let place = kept.at.clone();
        if self.case_for(u, &native).is_some() {
            self.check_union(u, &native, at).map_err(|e| {
                let message = format!("this reads as an element that the format knows, and {}", e.message);
                Error::new(Code::Unsupported, message).at(place.clone()).native(at.path())
            })?;
            self.lose(Fate::Approximated, &place, "this reads back as an element that the format knows");
        }
        Ok(Some(native))
    }

    /// Whether a façade value belongs to a case.
    pub(crate) fn matches(&self, case: &'a Case, node: &Node) -> bool {
        let arm: &[Step] = case.arm.as_ref().map_or(&[], |p| &p.0);
        if !node.has(arm) {
            return false;
        }
        let has_all = case.where_.iter().all(|(path, literal)| {
            let whole: Vec<Step> = arm.iter().chain(&path.0).cloned().collect();
            node.value_at(&whole).is_some_and(|t| values::is(&t, literal))
        });
        has_all
            && (case.arm.is_some()
                || match self.case_struct(case) {
                    Some(s) => self.has_required(s, node),
                    None => true,
                })
    }

    /// Whether all façade values that a struct requires are there.
    fn has_required(&self, s: &'a Struct, node: &Node) -> bool {
        s.fields
            .iter()
            .filter(|f| f.way != Way::Decode && f.required && f.constant.is_none() && f.default.is_none())
            .all(|f| match &f.lens {
                Lens::Extra => true,
                Lens::Path(path) => node.has(&path.0),
                Lens::Group => self.group_struct(f).is_none_or(|s| self.has_required(s, node)),
                Lens::Take { path, arms, .. } => {
                    node.list_at(&path.0).is_some_and(|items| items.iter().any(|n| arms.iter().any(|a| n.has_arm(a))))
                }
            })
    }

    pub(crate) fn group_struct(&self, field: &'a Field) -> Option<&'a Struct> {
        self.struct_of(match &field.ty {
            crate::ir::Ty::Only { item, .. } => item,
            ty => ty,
        })
    }

    pub(crate) fn encode_case(
        &mut self,
        u: &'a Union,
        index: usize,
        case: &'a Case,
        node: &mut Node,
        patch: &mut Patch,
        at: &At<'_>,
    ) -> Result<Tree, Error> {
        self.cover(Some(case.span));
        let place = node.at.clone();
        let arm: &[Step] = case.arm.as_ref().map_or(&[], |p| &p.0);
        take_role(node, arm);
        let Some(payload) = node.find(arm)? else { return Ok(Tree::Null) };
        if case.way == Way::Encode {
            self.lose(Fate::Approximated, &payload.at, "it goes through in a form that reads back differently");
        }
        for (path, _) in &case.where_ {
            if let Some(n) = payload.find(&path.0)? {
                n.value = Value::Taken;
            }
        }
        let native = self.encode_tagged(u, index, case, payload, patch, at)?;
        payload.settle();
        if u.tag == Tag::Shape && case.way == Way::Both && self.shape_case(u, &native) != Some(index) {
            self.lose(Fate::Approximated, &place, "the native form reads back as another kind");
        }
        Ok(native)
    }

    /// The payload of a case with its tag.
    pub(crate) fn encode_tagged(
        &mut self,
        u: &'a Union,
        index: usize,
        case: &'a Case,
        payload: &mut Node,
        patch: &mut Patch,
        at: &At<'_>,
    ) -> Result<Tree, Error> {
        match &u.tag {
            Tag::Internal { key, absent } => {
                // The tag itself is never an additional field.
                let _ = patch.member(key);
                let mut members = Vec::new();
                if *absent != Some(index) {
                    members.push((key.clone(), Tree::str(case.value.as_str())));
                }
                match self.case_struct(case) {
                    Some(s) => members.extend(self.encode_object(s, &[], payload, patch, at)?),
                    None => {
                        if let CaseBody::Value(ty) = &case.body
                            && let Some(Tree::Obj(o)) = self.encode_value(ty, payload, patch, at)?
                        {
                            members.extend(o.into_members());
                        }
                    }
                }
                Ok(Tree::object(members))
            }
            Tag::External => {
                let mut inner = patch.member(&case.value);
                let value = self.encode_body(case, payload, &mut inner, &at.member(&case.value))?;
                let mut members = vec![(case.value.clone(), value)];
                members.extend(self.rest_of(patch, at)?);
                Ok(Tree::object(members))
            }
            Tag::Shape => self.encode_body(case, payload, patch, at),
        }
    }

    fn encode_body(
        &mut self,
        case: &'a Case,
        payload: &mut Node,
        patch: &mut Patch,
        at: &At<'_>,
    ) -> Result<Tree, Error> {
        match (&case.body, self.case_struct(case)) {
            (_, Some(s)) => self.encode_object(s, &[], payload, patch, at).map(Tree::object),
            (CaseBody::Value(ty), None) => Ok(self.encode_value(ty, payload, patch, at)?.unwrap_or_default()),
            (CaseBody::Struct(_), None) => Ok(Tree::object(Vec::new())),
        }
    }

    /// The elements of a list of arms: blocks that trail, turns that spread over several elements.
    pub(crate) fn encode_arms(
        &mut self,
        u: &'a Union,
        nodes: &mut [Node],
        patch: &mut Patch,
        at: &At<'_>,
    ) -> Result<Vec<Tree>, Error> {
        let mut out: Vec<Tree> = Vec::new();
        let mut last: Option<usize> = None;
        // Additional fields for members of the last element that are still to come.
        let mut after = Patch::default();
        for node in nodes {
            if let Some(trailing) = u.trailing.iter().find(|t| node.has_arm(&t.arm)) {
                self.cover(Some(trailing.span));
                let carries =
                    |i: usize| u.cases.get(i).is_some_and(|c| trailing.on.is_empty() || trailing.on.contains(&c.name));
                let index = out.len().saturating_sub(1);
                let target = match out.last_mut() {
                    Some(Tree::Obj(o)) if last.is_some_and(carries) && o.get(&trailing.key).is_none() => o,
                    _ => {
                        let place = node.find(&trailing.arm.0)?.map_or_else(String::new, |n| n.at.clone());
                        return Err(Error::new(
                            Code::NothingToAttach,
                            "the format attaches this to the element before it, and there is none that can carry it; move it or leave it out",
                        )
                        .at(place)
                        .native(at.path()));
                    }
                };
                if let Some(payload) = node.find(&trailing.arm.0)? {
                    let at = at.index(index);
                    let place = at.member(&trailing.key);
                    let mut part = after.member(&trailing.key);
                    let value = self.encode_value(&trailing.ty, payload, &mut part, &place)?;
                    self.no_rest(&mut part, &place)?;
                    payload.settle();
                    if let Some(value) = value {
                        target.set(trailing.key.as_str(), value);
                    }
                }
                continue;
            }
            if u.view == "Turn" {
                last = self.encode_turn(u, node, patch, at, last, &mut out)?;
                continue;
            }
            add_rest(&mut after, &mut out);
            let mut part = patch.element(out.len());
            after = part.split(u.trailing.iter().map(|t| t.key.as_str()));
            let case = u.cases.iter().position(|c| c.way != Way::Decode && self.matches(c, node));
            let place = at.index(out.len());
            if let Some(native) = self.encode_union(u, node, &mut part, &place)? {
                self.no_rest(&mut part, &place)?;
                out.push(native);
                last = case;
            }
        }
        add_rest(&mut after, &mut out);
        Ok(out)
    }

    /// Additional members of an object that no field has.
    pub(crate) fn rest_of(&self, patch: &mut Patch, at: &At<'_>) -> Result<Vec<(String, Tree)>, Error> {
        if patch.dangles() {
            self.no_rest(patch, at)?;
        }
        Ok(patch.rest())
    }

    /// An additional field that reaches into an element where nothing takes it.
    pub(crate) fn no_rest(&self, part: &mut Patch, at: &At<'_>) -> Result<(), Error> {
        match part.take() {
            None => Ok(()),
            Some(_) => Err(misplaced(at).at(self.extra_path())),
        }
    }
}

/// An additional field that leads nowhere.
pub(crate) fn misplaced(at: &At<'_>) -> Error {
    let why = "an additional field reaches into a value that has no such place; leave it out";
    Error::new(Code::ConflictingField, why).native(at.path())
}

/// The role of a turn is its arm: choosing the arm consumes it.
pub(crate) fn take_role(node: &mut Node, arm: &[Step]) {
    if let [Step::Member(name), ..] = arm
        && node.role().is_some_and(|r| r == name)
        && let Some(role) = node.member_mut("role")
    {
        // Kept readable until the turn is done, but no longer missed.
        role.rest = super::node::Rest::Silent;
    }
}

/// Additional members of the last element that no block after it had a part in.
fn add_rest(after: &mut Patch, out: &mut [Tree]) {
    if let Some(Tree::Obj(o)) = out.last_mut() {
        for (name, value) in after.rest() {
            o.set(name, value);
        }
    }
}
