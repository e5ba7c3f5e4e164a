//! What generated encoders call to write single values.

use super::read_text::distinct;
use super::{At, Encode};
use crate::json::{Arena, Cursor, Json, List, Num, Str, Value, write};
use crate::{Code, Error, Tree, base64};

/// What a range is about.
#[derive(Debug, Clone, Copy)]
pub struct Measure(pub(super) f64);

impl Measure {
    /// The length of a text in characters.
    #[must_use]
    pub fn length(text: &Str<'_>) -> Self {
        Self(text.text().chars().count() as f64)
    }
    /// An integer.
    #[must_use]
    pub fn integer(n: &i64) -> Self {
        Self(*n as f64)
    }
    /// A number.
    #[must_use]
    pub fn number(n: &Num<'_>) -> Self {
        Self(n.as_f64())
    }
    /// The number of elements.
    #[must_use]
    pub fn count<T>(list: &List<'_, T>) -> Self {
        Self(list.len() as f64)
    }
}

/// The error for a native member that is required and has no value.
#[cold]
#[must_use]
pub fn absent(at: &At<'_>, key: &str) -> Error {
    let path = at.to_string();
    Error::new(Code::MissingMember, format!("the format requires `{key}`; give `{path}`")).at(path)
}

/// The error for a list that must have one element.
#[cold]
#[must_use]
pub fn not_single(at: &At<'_>) -> Error {
    Error::new(Code::NotSingle, "the format has room for one element and there are several; send one")
        .at(at.to_string())
}

/// The error for a word that a closed table does not know.
#[cold]
#[must_use]
pub fn unknown_word(text: &Str<'_>, at: &At<'_>) -> Error {
    Error::new(Code::UnknownValue, format!("the format has no word for `{text}`; send another value"))
        .at(at.to_string())
}

/// The error for a boolean that a closed table does not know.
#[cold]
#[must_use]
pub fn unknown_flag(flag: bool, at: &At<'_>) -> Error {
    Error::new(Code::UnknownValue, format!("the format has no word for `{flag}`; send another value"))
        .at(at.to_string())
}

/// The error for any other value that a closed table does not know.
#[cold]
#[must_use]
pub fn unknown_of<'v>(value: &impl Value<'v>, at: &At<'_>) -> Error {
    let text = value.to_json();
    let text = String::from_utf8_lossy(&text);
    Error::new(Code::UnknownValue, format!("the format has no word for `{text}`; send another value"))
        .at(at.to_string())
}

/// The single element of a list; none if it is empty.
pub fn single<'l, T>(list: &'l [T], at: &At<'_>) -> Result<Option<&'l T>, Error> {
    if list.len() > 1 { Err(not_single(at)) } else { Ok(list.first()) }
}

/// Whether a value is this text.
#[must_use]
pub fn says<'v>(value: &impl Value<'v>, text: &str) -> bool {
    let json = value.to_json();
    json.strip_prefix(b"\"").and_then(|j| j.strip_suffix(b"\"")) == Some(text.as_bytes())
}

/// Whether a value is this JSON.
#[must_use]
pub fn equals<'v>(value: &impl Value<'v>, json: &str) -> bool {
    std::str::from_utf8(&value.to_json()).is_ok_and(|own| crate::json::same(own, json))
}

/// A plain text as a JSON string.
pub fn plain_string(o: &mut Vec<u8>, text: &str) {
    write::string(o, text);
}

/// A limit.
pub fn number(o: &mut Vec<u8>, n: u64) {
    write::raw(o, &n.to_string());
}

/// A number that must be whole.
pub fn write_whole(o: &mut Vec<u8>, n: &Num<'_>, at: &At<'_>) -> Result<(), Error> {
    let Some(n) = n.as_i64() else {
        return Err(
            Error::new(Code::WrongType, "the format has an integer here; send a whole number").at(at.to_string())
        );
    };
    write::int(o, n);
    Ok(())
}

/// The JSON value that a text holds.
pub fn json_of_text(o: &mut Vec<u8>, text: &Str<'_>, at: &At<'_>) -> Result<(), Error> {
    let (plain, arena) = (text.text(), Arena::new());
    let mut c = Cursor::over(&plain, &arena);
    distinct(&mut c).and_then(|()| c.end()).map_err(|e| {
        let e = e.in_facade(plain.as_bytes());
        let code = if e.code == Code::MalformedJson { Code::WrongType } else { e.code };
        Error::new(code, format!("Converse has JSON in this text, and {}", e.message)).at(at.path())
    })?;
    write::raw(o, plain.trim());
    Ok(())
}

/// A JSON value as its text; a JSON string as what it says, unless that would read as another value.
pub fn text_of_json(o: &mut Vec<u8>, json: &Json<'_>) {
    let text = json.as_str();
    if !text.starts_with('"') {
        return write::string(o, text);
    }
    match Tree::parse_text(text) {
        Ok(Tree::Str(inner)) => write::string(o, &crate::json_text::of_string(&inner)),
        _ => write::string(o, text),
    }
}

fn bad_base64(at: &At<'_>) -> Error {
    Error::new(Code::BadEncoding, "this is not base64; send the bytes as standard base64").at(at.to_string())
}

/// Base64, checked.
pub fn write_base64(o: &mut Vec<u8>, text: &Str<'_>, at: &At<'_>) -> Result<(), Error> {
    if !base64::is_valid(&text.text()) {
        return Err(bad_base64(at));
    }
    text.write_json(o);
    Ok(())
}

impl Encode<'_> {
    /// The text whose base64 this is.
    pub fn unwrap(&mut self, o: &mut Vec<u8>, text: &Str<'_>, at: &At<'_>) -> Result<(), Error> {
        let bytes = &mut self.scratch;
        bytes.clear();
        base64::decode_to(bytes, &text.text()).ok_or_else(|| bad_base64(at))?;
        let text = simdutf8::basic::from_utf8(bytes)
            .map_err(|_| Error::new(Code::BadEncoding, "the bytes are not UTF-8 text; send text").at(at.path()))?;
        write::string(o, text);
        Ok(())
    }
}

/// The row of a format.
fn row<'r>(
    rows: &'r [(&'r str, &'r str)],
    format: Option<Str<'_>>,
    bytes: &Str<'_>,
    at: &At<'_>,
) -> Result<&'r str, Error> {
    let format = format.unwrap_or_default();
    let Some((begin, _)) = rows.iter().find(|(_, f)| format == **f) else {
        return Err(unknown_word(&format, &at.key("format")));
    };
    if base64::is_valid(&bytes.text()) { Ok(begin) } else { Err(bad_base64(&at.key("source.bytes"))) }
}

/// A `data:` URL.
pub fn write_data_url(
    o: &mut Vec<u8>,
    media: &[(&str, &str)],
    format: Option<Str<'_>>,
    bytes: &Str<'_>,
    _cx: &mut Encode<'_>,
    at: &At<'_>,
) -> Result<(), Error> {
    let kind = row(media, format, bytes, at)?;
    write::raw(o, "\"data:");
    write::raw(o, kind);
    write::raw(o, ";base64,");
    bytes.write_contents(o);
    o.push(b'"');
    Ok(())
}

/// Base64 text whose beginning says its format.
pub fn write_media(
    o: &mut Vec<u8>,
    media: &[(&str, &str)],
    format: Option<Str<'_>>,
    bytes: &Str<'_>,
    cx: &mut Encode<'_>,
    at: &At<'_>,
) -> Result<(), Error> {
    let begin = row(media, format, bytes, at)?;
    let data = bytes.text();
    let reads = media.iter().find(|(b, _)| data.starts_with(b)).or(media.first());
    if reads.is_some_and(|(b, _)| *b != begin) {
        cx.approximated(at, "the bytes begin like another format");
    }
    bytes.write_json(o);
    Ok(())
}
