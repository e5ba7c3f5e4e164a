//! Bytes with a media type: `data:` URLs, and base64 text that is told apart by how it begins.

use outcrop_runtime::{Code, Error, Fate, Tree, base64};

use super::Cx;
use super::at::At;
use super::decode::wrong;
use super::node::{Node, Value};

impl Cx<'_> {
    /// `{format, source.bytes}` as a `data:` URL.
    pub(crate) fn encode_data_url(
        &mut self,
        media: &[(String, String)],
        node: &mut Node,
        at: &At<'_>,
    ) -> Result<Option<Tree>, Error> {
        let Some((native, data)) = self.media_parts(media, node, at)? else { return Ok(None) };
        Ok(Some(Tree::Str(format!("data:{native};base64,{data}"))))
    }

    /// `{format, source.bytes}` as base64 text.
    pub(crate) fn encode_media(
        &mut self,
        media: &[(String, String)],
        node: &mut Node,
        at: &At<'_>,
    ) -> Result<Option<Tree>, Error> {
        let place = node.at.clone();
        let Some((begin, data)) = self.media_parts(media, node, at)? else { return Ok(None) };
        let reads = media.iter().find(|(b, _)| data.starts_with(b.as_str())).or(media.first());
        if reads.is_some_and(|(b, _)| *b != begin) {
            self.lose(Fate::Approximated, &place, "the bytes begin like another format");
        }
        Ok(Some(Tree::Str(data)))
    }

    /// The row of the format and the data; none if the whole was dropped.
    fn media_parts(
        &mut self,
        media: &[(String, String)],
        node: &mut Node,
        at: &At<'_>,
    ) -> Result<Option<(String, String)>, Error> {
        let place = node.at.clone();
        let bytes =
            node.member_mut("source").and_then(|s| s.member_mut("bytes")).and_then(|b| b.as_str().map(str::to_owned));
        let Some(data) = bytes else {
            self.judge(node)?;
            return Ok(None);
        };
        let format = node.member("format").and_then(Node::as_str).unwrap_or_default().to_owned();
        let Some((native, _)) = media.iter().find(|(_, f)| *f == format) else {
            let known: Vec<String> = media.iter().map(|(_, f)| format!("`{f}`")).collect();
            return Err(Error::new(
                Code::UnknownValue,
                format!("the format has no `{format}` here; send one of {}", known.join(", ")),
            )
            .at(format!("{place}.format"))
            .native(at.path()));
        };
        for path in [&["format"] as &[&str], &["source", "bytes"]] {
            let leaf = path.iter().try_fold(&mut *node, |n, name| n.member_mut(name));
            if let Some(leaf) = leaf {
                leaf.value = Value::Taken;
            }
        }
        Ok(Some((native.clone(), data)))
    }

    /// Base64 text as `{format, source.bytes}`.
    pub(crate) fn decode_media(
        &mut self,
        media: &[(String, String)],
        value: &Tree,
        at: &At<'_>,
    ) -> Result<Tree, Error> {
        let Tree::Str(data) = value else { return Err(wrong(value, "base64 text", at)) };
        if !base64::is_valid(data) {
            return Err(Error::new(Code::BadEncoding, "this is not base64; send the bytes as standard base64")
                .native(at.path()));
        }
        if let Some((_, format)) = media.iter().find(|(begin, _)| data.starts_with(begin.as_str())) {
            return Ok(block(format, data));
        }
        self.lose(Fate::Approximated, &at.path(), "the bytes do not begin like any known format");
        Ok(block(media.first().map_or("", |(_, f)| f), data))
    }
}

fn block(format: &str, data: &str) -> Tree {
    Tree::object(vec![
        ("format".to_owned(), Tree::str(format)),
        ("source".to_owned(), Tree::arm("bytes", Tree::str(data))),
    ])
}

/// A `data:` URL as `{format, source.bytes}`.
pub(crate) fn decode_data_url(media: &[(String, String)], value: &Tree, at: &At<'_>) -> Result<Tree, Error> {
    let Tree::Str(url) = value else { return Err(wrong(value, "a data URL", at)) };
    let bad = |message: String| Error::new(Code::BadEncoding, message).native(at.path());
    let parts = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    let Some((kind, data)) = parts else {
        return Err(bad("this is not a `data:<media type>;base64,` URL; send the bytes in one".to_owned()));
    };
    if !base64::is_valid(data) {
        return Err(bad("the data of this URL is not base64; send standard base64".to_owned()));
    }
    if let Some((_, format)) = media.iter().find(|(m, _)| m.eq_ignore_ascii_case(kind)) {
        Ok(block(format, data))
    } else {
        let known: Vec<String> = media.iter().map(|(m, _)| format!("`{m}`")).collect();
        Err(Error::new(
            Code::UnknownValue,
            format!("the media type `{kind}` is not known here; send one of {}", known.join(", ")),
        )
        .native(at.path()))
    }
}
