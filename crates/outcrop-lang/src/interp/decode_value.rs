//! Native to Converse: values by type.

use outcrop_runtime::{Error, Kind, Tree};

use super::at::At;
use super::decode::wrong;
use super::{Cx, scalar, stream};
use crate::ir::{Tag, TextOrList, Ty, TypeKind};

/// The error of an element that stands where its list should be, and so has no number.
pub(crate) fn bare(mut error: Error, at: &At<'_>) -> Error {
    if let Some(rest) = error.native_path.strip_prefix(&at.index(0).path()) {
        error.native_path = at.path() + rest;
    }
    error
}

impl<'a> Cx<'a> {
    /// The façade value of a native value; none if it stands for nothing.
    pub(crate) fn decode_value(
        &mut self,
        ty: &'a Ty,
        empty: Option<Tree>,
        value: Tree,
        at: &At<'_>,
    ) -> Result<Option<Tree>, Error> {
        match ty {
            Ty::Named(id) => self.decode_named(*id, value, at),
            Ty::List(item, _) => match value {
                Tree::Arr(a) => self.decode_items(item, a.into_items(), at).map(|i| Some(Tree::list(i))),
                other => Err(wrong(&other, "a list", at)),
            },
            Ty::OneOrList(item) => {
                let items = match value {
                    Tree::Arr(a) => a.into_items(),
                    one if self.union_of(item).is_none() => {
                        let one = self.decode_value(item, None, one, at)?;
                        return Ok(Some(Tree::list(one.into_iter().collect())));
                    }
                    one => vec![one],
                };
                self.decode_items(item, items, at).map(|i| Some(Tree::list(i)))
            }
            Ty::Only { item, optional, more } => match self.single(value, (*optional, *more), at)? {
                Some(one) => self.decode_value(item, empty, one, &at.index(0)),
                None => Ok(None),
            },
            Ty::Map(item) => match value {
                Tree::Obj(o) => {
                    let mut out = Vec::with_capacity(o.len());
                    for (name, value) in o.into_members() {
                        if let Some(value) = self.decode_value(item, None, value, &at.member(&name))? {
                            out.push((name, value));
                        }
                    }
                    Ok(Some(Tree::object(out)))
                }
                other => Err(wrong(&other, "an object", at)),
            },
            Ty::Prompt => self.decode_prompt(&value, at).map(Some),
            Ty::DataUrl(media) => super::media::decode_data_url(media, &value, at).map(Some),
            Ty::Media(media) => self.decode_media(media, &value, at).map(Some),
            Ty::Json => Ok(Some(value)),
            _ => scalar::to_facade(ty, &value, empty).map(Some).map_err(|e| e.native(at.path())),
        }
    }

    fn decode_named(&mut self, id: usize, value: Tree, at: &At<'_>) -> Result<Option<Tree>, Error> {
        let Some(def) = self.family.types.get(id) else { return Ok(None) };
        match &def.kind {
            TypeKind::Struct(s) => match value {
                Tree::Obj(object) => {
                    let mut out = Tree::object(Vec::new());
                    self.decode_struct(s, &[], object, &mut out, at)?;
                    Ok(Some(out))
                }
                other => Err(wrong(&other, "an object", at)),
            },
            TypeKind::Union(u) => Ok(self.decode_union(u, value, at)?.map(|(_, tree)| tree)),
            TypeKind::TextOrList(t) => self.decode_text_or_list(t, value, at).map(Some),
            // What a fragment holds depends on those before it.
            TypeKind::Regions(_) if self.kind == Kind::Stream => match value {
                Tree::Str(_) => Ok(Some(stream::fragment(id, value))),
                other => Err(wrong(&other, "a string", at)),
            },
            TypeKind::Regions(regions) => self.decode_regions(regions, &value, at).map(Some),
            TypeKind::Map(map) => self.decode_mapped(map, &[], value, at).map(Some),
        }
    }

    fn decode_items(&mut self, item: &'a Ty, items: Vec<Tree>, at: &At<'_>) -> Result<Vec<Tree>, Error> {
        if let Some(u) = self.union_of(item) {
            return self.decode_arms(u, items, at);
        }
        let mut out = Vec::with_capacity(items.len());
        for (i, value) in items.into_iter().enumerate() {
            out.extend(self.decode_value(item, None, value, &at.index(i))?);
        }
        Ok(out)
    }

    fn decode_text_or_list(&mut self, t: &'a TextOrList, value: Tree, at: &At<'_>) -> Result<Tree, Error> {
        let Some(TypeKind::Union(u)) = self.family.types.get(t.item).map(|d| &d.kind) else { return Ok(Tree::Null) };
        match value {
            Tree::Arr(a) => self.decode_arms(u, a.into_items(), at).map(Tree::list),
            Tree::Str(text) if text.is_empty() => Ok(Tree::list(Vec::new())),
            Tree::Str(text) => match self.text_item(t, &text) {
                Some(item) => {
                    Ok(Tree::list(self.decode_union(u, item, at)?.map(|(_, tree)| tree).into_iter().collect()))
                }
                None => Err(wrong(&Tree::Str(text), "a list", at)),
            },
            one @ Tree::Obj(_) => self.decode_arms(u, vec![one], at).map(Tree::list).map_err(|e| bare(e, at)),
            other => Err(wrong(&other, "a string or a list", at)),
        }
    }

    /// The element that a bare string stands for.
    pub(crate) fn text_item(&self, t: &TextOrList, text: &str) -> Option<Tree> {
        let TypeKind::Union(u) = &self.family.types.get(t.item)?.kind else { return None };
        let (index, case) = u.cases.iter().enumerate().find(|(_, c)| c.name == t.case)?;
        let inner = match self.case_struct(case) {
            Some(s) => {
                let field = s.fields.iter().find(|f| matches!(f.ty, Ty::Str(_)) && f.constant.is_none())?;
                Tree::arm(field.key.as_str(), Tree::str(text))
            }
            None => Tree::str(text),
        };
        Some(match (&u.tag, inner) {
            (Tag::External, inner) => Tree::arm(case.value.as_str(), inner),
            (Tag::Internal { key, absent }, Tree::Obj(mut o)) => {
                if *absent != Some(index) {
                    o.members_mut().insert(0, (key.clone(), Tree::str(case.value.as_str())));
                }
                Tree::Obj(o)
            }
            (_, inner) => inner,
        })
    }

    /// The text of an element that a bare string could stand for.
    pub(crate) fn bare_text(&self, t: &TextOrList, item: &Tree) -> Option<String> {
        let text = strings(item)
            .into_iter()
            .find(|text| !text.is_empty() && self.text_item(t, text).as_ref() == Some(item))?;
        Some(text.to_owned())
    }
}

/// All strings in a small value.
fn strings(tree: &Tree) -> Vec<&str> {
    match tree {
        Tree::Str(s) => vec![s],
        Tree::Obj(o) => o.members().iter().flat_map(|(_, v)| strings(v)).collect(),
        _ => Vec::new(),
    }
}
