//! The Converse side: JSON to checked nodes, and decoded trees to the form that Converse prints.

use outcrop_runtime::tree::Object;
use outcrop_runtime::{Code, Error, Kind, Tree, base64};

use super::at;
use super::node::{Node, Rest};
use crate::ir::{Facade, FacadeKind, FacadeTy, FacadeType};

/// Name of the façade type of a body.
#[must_use]
pub fn root(kind: Kind) -> &'static str {
    match kind {
        Kind::Request => "ConverseRequest",
        Kind::Response => "ConverseResponse",
        Kind::Stream => "ConverseStreamOutput",
    }
}

/// Checks a Converse body and gives it back with everything it held, unknown members too.
pub fn check(kind: Kind, tree: &Tree, facade: &Facade) -> Result<Tree, Error> {
    node(facade, kind, tree.clone()).map(|mut n| n.take())
}

/// A Converse body as nodes.
pub fn node(facade: &Facade, kind: Kind, tree: Tree) -> Result<Node, Error> {
    if matches!(tree, Tree::Null) {
        return Err(wrong("", "an object", &tree));
    }
    let build = Build { facade, required: true };
    build.value(&FacadeTy::Named(root(kind).to_owned()), tree, String::new())
}

/// How façade values are checked.
#[derive(Clone, Copy)]
struct Build<'f> {
    facade: &'f Facade,
    /// Whether required members must be there: events of a stream are checked by the stream.
    required: bool,
}

fn wrong(at: &str, wanted: &str, tree: &Tree) -> Error {
    Error::new(Code::WrongType, format!("Converse has {wanted} here, not {}; send {wanted}", tree.kind())).at(at)
}

impl Build<'_> {
    fn value(self, ty: &FacadeTy, tree: Tree, at: String) -> Result<Node, Error> {
        let expected = match (ty, &tree) {
            (_, Tree::Null)
            | (FacadeTy::Json, _)
            | (FacadeTy::Str | FacadeTy::Enum(_), Tree::Str(_))
            | (FacadeTy::Float, Tree::Num(_))
            | (FacadeTy::Bool, Tree::Bool(_)) => None,
            (FacadeTy::Int, Tree::Num(n)) if super::scalar::integer(n).is_some() => None,
            (FacadeTy::Blob, Tree::Str(s)) => {
                if !base64::is_valid(s) {
                    return Err(
                        Error::new(Code::BadEncoding, "this is not base64; send the bytes as standard base64").at(at)
                    );
                }
                None
            }
            (FacadeTy::Str | FacadeTy::Enum(_), _) => Some("a string"),
            (FacadeTy::Blob, _) => Some("base64 text"),
            (FacadeTy::Int, _) => Some("an integer"),
            (FacadeTy::Float, _) => Some("a number"),
            (FacadeTy::Bool, _) => Some("a boolean"),
            (FacadeTy::List(item), _) => {
                let Tree::Arr(a) = tree else { return Err(wrong(&at, "a list", &tree)) };
                let mut items = Vec::with_capacity(a.items().len());
                for (order, tree) in a.into_items().into_iter().enumerate() {
                    items.push(Node { order, ..self.value(item, tree, format!("{at}[{order}]"))? });
                }
                return Ok(Node::list(at, items));
            }
            (FacadeTy::Map(item), _) => {
                let Tree::Obj(o) = tree else { return Err(wrong(&at, "an object", &tree)) };
                return members(o, &at, |_, tree, path| self.value(item, tree, path)).map(|m| Node::object(at, m));
            }
            (FacadeTy::Named(name), _) => {
                return match self.facade.types.get(name) {
                    Some(ty) => self.named(ty, tree, at),
                    None => Ok(Node::leaf(at, tree)),
                };
            }
        };
        match expected {
            Some(wanted) => Err(wrong(&at, wanted, &tree)),
            None => Ok(Node {
                text: matches!(ty, FacadeTy::Str),
                json: matches!(ty, FacadeTy::Json),
                ..Node::leaf(at, tree)
            }),
        }
    }

    fn named(self, ty: &FacadeType, tree: Tree, at: String) -> Result<Node, Error> {
        let Tree::Obj(object) = tree else { return Err(wrong(&at, "an object", &tree)) };
        if object.len() == 1 && object.get("native").is_some() {
            return members(object, &at, |_, tree, path| Ok(Node { json: true, ..Node::leaf(path, tree) }))
                .map(|m| Node::object(at, m));
        }
        let union = ty.kind == FacadeKind::Union;
        let is_json = |name: &str| ty.members.iter().any(|m| m.name == *name && m.ty == FacadeTy::Json);
        let mut arms = object.members().iter().filter(|(n, v)| !matches!(v, Tree::Null) || is_json(n)).map(|(n, _)| n);
        let (first, surplus) = (arms.next(), arms.next());
        if union && (first.is_none() || surplus.is_some()) {
            let mut path = at;
            if let Some(surplus) = surplus {
                at::member(&mut path, surplus);
            }
            let message = format!("a union has exactly one member, not {}; send one of its arms", object.len());
            return Err(Error::new(Code::WrongType, message).at(path));
        }
        drop(arms);
        if let Some(missing) = ty
            .members
            .iter()
            .find(|m| self.required && !union && m.required && !m.is_virtual && object.get(&m.name).is_none())
        {
            let mut path = at;
            at::member(&mut path, &missing.name);
            return Err(Error::new(Code::MissingMember, "Converse requires this member; add it").at(path));
        }
        let sums: Vec<&str> = ty
            .members
            .iter()
            .filter(|m| {
                !m.sum_of.is_empty() && object.get(&m.name).is_some_and(|t| t.as_int() == sum(&object, &m.sum_of))
            })
            .map(|m| m.name.as_str())
            .collect();
        let members = members(object, &at, |name, tree, path| {
            let mut node = match ty.members.iter().find(|m| m.name == name && !m.is_virtual) {
                // An arm says something even when there is nothing in it.
                Some(m) if union && is_hollow(&tree) => {
                    self.value(&m.ty, tree.clone(), path.clone())?;
                    Node { json: m.ty == FacadeTy::Json, ..Node::leaf(path, tree) }
                }
                Some(m) => self.value(&m.ty, tree, path)?,
                None => Node::leaf(path, tree),
            };
            if sums.contains(&name) {
                node.rest = Rest::Silent;
            }
            Ok(node)
        })?;
        Ok(Node::object(at, members))
    }
}

fn members(
    object: Object,
    at: &str,
    mut build: impl FnMut(&str, Tree, String) -> Result<Node, Error>,
) -> Result<Vec<(String, Node)>, Error> {
    let mut out = Vec::with_capacity(object.len());
    for (name, tree) in object.into_members() {
        let mut path = at.to_owned();
        at::member(&mut path, &name);
        let node = build(&name, tree, path)?;
        out.push((name, node));
    }
    Ok(out)
}

/// Whether there is no scalar in a container.
fn is_hollow(tree: &Tree) -> bool {
    match tree {
        Tree::Arr(a) => a.items().iter().all(is_hollow),
        Tree::Obj(o) => o.members().iter().all(|(_, v)| is_hollow(v)),
        _ => false,
    }
}

/// The sum of the members that are there; none if no member is.
pub(crate) fn sum(object: &Object, names: &[String]) -> Option<i64> {
    let mut values = names.iter().filter_map(|n| object.get(n)).map(Tree::as_int);
    let first = values.next()??;
    values.try_fold(first, |sum, v| sum.checked_add(v?))
}
