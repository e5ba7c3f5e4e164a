//! Façade members that travel as HTTP headers of InvokeModel.

use outcrop_runtime::{Error, Fate, Kind, Tree};

use super::at::At;
use super::node::{Node, Value};
use super::{Cx, place, scalar, values};
use crate::ir::{Header, Ty};

impl<'a> Cx<'a> {
    fn headers(&self) -> &'a [Header] {
        match self.kind {
            Kind::Request => &self.family.facade.request_headers,
            Kind::Response | Kind::Stream => &self.family.facade.response_headers,
        }
    }

    /// Fills façade members from headers; what the body says wins.
    pub(crate) fn decode_headers(&mut self, out: &mut Tree) -> Result<(), Error> {
        for header in self.headers() {
            let given = self.call.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(&header.name));
            let Some((_, text)) = given.filter(|_| !place::has(out, &header.path.0)) else { continue };
            let value = match (&header.ty, &header.map) {
                (_, Some(map)) => {
                    Some(self.decode_mapped(map, &[], Tree::str(text.as_str()), &At::Root.member(&header.name))?)
                }
                (Ty::Str(_), None) => Some(Tree::str(text.as_str())),
                (Ty::JsonText, None) => scalar::to_facade(&Ty::JsonText, &Tree::str(text.as_str()), None).ok(),
                (ty, None) => Tree::parse_text(text).ok().and_then(|t| scalar::checked(ty, &t).ok()),
            };
            if let Some(value) = value {
                place::put(out, &header.path.0, value);
            } else {
                let why = format!("the header is not {}", scalar::name(&header.ty));
                self.lose(Fate::Dropped, &header.name, &why);
            }
        }
        Ok(())
    }

    /// Takes what is left for the headers.
    pub(crate) fn encode_headers(&mut self, root: &mut Node) -> Result<Vec<(String, String)>, Error> {
        let mut out = Vec::new();
        for header in self.headers() {
            let Some(node) = root.find(&header.path.0)?.filter(|n| n.is_present()) else { continue };
            let tree = node.tree();
            let value = match &header.map {
                Some(map) => match values::to_native(map, &tree) {
                    Some((_, value)) => value,
                    None if map.open => tree,
                    None => continue,
                },
                None => scalar::to_native(&header.ty, &tree)
                    .map_err(|e| e.at(node.at.clone()).native(header.name.clone()))?,
            };
            node.value = Value::Taken;
            let text = match value {
                Tree::Str(text) => text,
                other => other.to_string(),
            };
            out.push((header.name.clone(), text));
        }
        Ok(out)
    }
}
