//! Bytes in, bytes out.

use std::collections::BTreeSet;

use outcrop_runtime::usage::{COUNTS, Source, Sources};
use outcrop_runtime::{Call, Code, Codec, Error, Kind, Output, StreamCodec, Tree};

use super::at::At;
use super::patch::Patch;
use super::{Cx, Interp, facade, finish, stream};
use crate::ir::{FacadeTy, SideKey, TypeId, TypeKind};

impl Interp {
    fn root(&self, kind: Kind) -> Result<TypeId, Error> {
        let chat = &self.family.chat;
        let id = match kind {
            Kind::Request => chat.request,
            Kind::Response => chat.response,
            Kind::Stream => chat.stream,
        };
        id.ok_or_else(|| {
            Error::new(
                Code::NoOperation,
                format!("the {} format describes no such body; use another kind", self.family.name),
            )
        })
    }

    /// Members that the service adds to bodies of a kind.
    pub(crate) fn side_keys(&self, kind: Kind) -> &[SideKey] {
        let keys = &self.family.facade.side_keys;
        match kind {
            Kind::Request => &keys.request,
            Kind::Response => &keys.response,
            Kind::Stream => &keys.stream,
        }
    }

    fn finish(&self, cx: &mut Cx<'_>, body: &Tree, headers: Vec<(String, String)>) -> Result<Output, Error> {
        self.keep_coverage(cx);
        cx.report.sort();
        if cx.call.strict {
            cx.report.strict()?;
        }
        Ok(Output { body: body.to_string().into_bytes(), headers, report: std::mem::take(&mut cx.report) })
    }

    /// Judges a native request by the rules on the model; what was found is executed, whatever comes of it.
    fn obey(&self, cx: &mut Cx<'_>, native: &str) -> Result<(), Error> {
        let judged = cx.obey(native);
        self.keep_coverage(cx);
        cx.covered = self.covered.as_ref().map(|_| BTreeSet::new());
        judged
    }

    /// Whether a body is a list of one.
    fn is_listed(&self, kind: Kind) -> bool {
        kind == Kind::Response && self.family.chat.listed
    }

    fn encode_tree<'a>(&'a self, cx: &mut Cx<'a>, converse: Tree) -> Result<(Tree, Vec<(String, String)>), Error> {
        let id = self.root(cx.kind)?;
        let mut root = facade::node(&self.family.facade, cx.kind, converse)?;
        let extra = cx.extra_path();
        let fields = root.remove(extra).map(|mut n| n.take()).unwrap_or_default();
        let mut patch = Patch::read(fields, extra)?;
        cx.write_stop(&mut root);
        cx.announce_turns(&mut root)?;
        cx.link_calls(&mut root)?;
        let body = match self.family.types.get(id).map(|t| &t.kind) {
            Some(TypeKind::Struct(s)) => {
                Tree::object(cx.encode_object(s, self.side_keys(cx.kind), &mut root, &mut patch, &At::Root)?)
            }
            Some(TypeKind::Union(u)) => cx.encode_union(u, &mut root, &mut patch, &At::Root)?.unwrap_or_default(),
            _ => Tree::Null,
        };
        cx.no_rest(&mut patch, &At::Root)?;
        let headers = cx.encode_headers(&mut root)?;
        cx.judge(&mut root)?;
        for mut node in std::mem::take(&mut cx.left) {
            cx.judge(&mut node)?;
        }
        Ok((body, headers))
    }
}

/// The only element of a list.
fn element(tree: Tree) -> Result<Tree, Error> {
    let wrong = |tree: &Tree| super::decode::wrong(tree, "a list", &At::Root);
    let Tree::Arr(list) = tree else { return Err(wrong(&tree)) };
    let mut items = list.into_items();
    match (items.pop(), items.is_empty()) {
        (Some(only), true) => Ok(only),
        (only, _) => {
            let count = items.len() + usize::from(only.is_some());
            let why = format!("the format has one answer in its list, not {count}; ask for one");
            Err(Error::new(Code::NotSingle, why))
        }
    }
}

/// The place of an error in the list.
fn in_element(mut error: Error) -> Error {
    let dot = if error.native_path.is_empty() || error.native_path.starts_with('[') { "" } else { "." };
    error.native_path = format!("[0]{dot}{}", error.native_path);
    error
}

/// The token counts of an answer.
fn counts(body: &Tree) -> [Option<i64>; 5] {
    let usage = body.as_object().and_then(|body| body.get("usage")).and_then(Tree::as_object);
    COUNTS.map(|name| usage.and_then(|usage| usage.get(name)).and_then(Tree::as_int))
}

impl Codec for Interp {
    fn family(&self) -> &str {
        &self.family.name
    }

    fn encode(&self, kind: Kind, call: &Call<'_>, converse: &[u8]) -> Result<Output, Error> {
        let mut cx = self.cx(kind, call, true);
        let (mut body, headers) = self.encode_tree(&mut cx, Tree::parse(converse)?)?;
        if self.is_listed(kind) {
            body = Tree::list(vec![body]);
        }
        if kind == Kind::Request {
            self.obey(&mut cx, &body.to_string())?;
        }
        self.finish(&mut cx, &body, headers)
    }

    fn decode(&self, kind: Kind, call: &Call<'_>, native: &[u8]) -> Result<Output, Error> {
        let mut cx = self.cx(kind, call, false);
        let id = self.root(kind)?;
        let mut tree =
            Tree::parse(native).map_err(|e| Error { native_path: e.path.clone(), path: String::new(), ..e })?;
        if self.is_listed(kind) {
            tree = element(tree)?;
        }
        let place = |e| if self.is_listed(kind) { in_element(e) } else { e };
        let mut body = cx.decode_root(id, tree, self.side_keys(kind)).map_err(place)?;
        let said = counts(&body);
        if Sources::adds_up(said.map(|count| count.map(|n| (n, Source::Body))))
            && let Tree::Obj(members) = &mut body
            && let Some(Tree::Obj(usage)) = members.get_mut("usage")
        {
            // It adds up what is known when the headers are read, too.
            usage.remove("totalTokens");
        }
        cx.decode_headers(&mut body)?;
        cx.read_stop(&mut body);
        let ty = FacadeTy::Named(facade::root(kind).to_owned());
        let body = finish::finish(&self.family.facade, &ty, body);
        let mut said = said.into_iter().map(|count| if count.is_some() { Source::Body } else { Source::Header });
        cx.report.usage = Sources::of(counts(&body).map(|count| count.zip(said.next())));
        facade::check(kind, &body, &self.family.facade).map_err(|e| {
            let message = format!("Converse needs more than the body says: {}", e.message);
            Error { message, ..e }
        })?;
        let out = self.finish(&mut cx, &body, Vec::new())?;
        if kind == Kind::Request {
            // It has been parsed, so it is UTF-8.
            self.obey(&mut self.cx(kind, call, false), std::str::from_utf8(native).unwrap_or_default())?;
        }
        Ok(out)
    }

    fn check(&self, kind: Kind, call: &Call<'_>, native: &[u8]) -> Result<Output, Error> {
        if kind == Kind::Stream {
            let chunk =
                Tree::parse(native).map_err(|e| Error { native_path: e.path.clone(), path: String::new(), ..e })?;
            let body = chunk.to_string().into_bytes();
            stream::Decoder::new(self, self.root(kind)?, call).check(chunk)?;
            return Ok(Output { body, ..Output::default() });
        }
        // Nothing is translated, so nothing is lost.
        self.decode(kind, &Call { strict: false, ..*call }, native)?;
        Ok(Output { body: native.trim_ascii().to_vec(), ..Output::default() })
    }

    fn stream_decoder<'a>(&'a self, call: &Call<'a>) -> Result<Box<dyn StreamCodec + 'a>, Error> {
        Ok(Box::new(stream::Decoder::new(self, self.root(Kind::Stream)?, call)))
    }

    fn stream_encoder<'a>(&'a self, call: &Call<'a>) -> Result<Box<dyn StreamCodec + 'a>, Error> {
        Ok(Box::new(stream::Encoder::new(self, self.root(Kind::Stream)?, call)))
    }
}
