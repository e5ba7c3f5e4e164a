//! Decoding of texts that hold something: JSON, base64, data URLs.

use std::borrow::Cow;

use crate::json::{Cursor, Fault, Json, JsonError, Num, Result, Str};
use crate::{Letters, Tree, base64};

const NOT_BASE64: &Fault =
    &Fault { code: crate::Code::BadEncoding, what: "this is not standard base64", unsaid: false };
const NOT_DATA_URL: &Fault =
    &Fault { code: crate::Code::BadEncoding, what: "this is not a base64 data URL", unsaid: false };
const UNKNOWN_MEDIA: &Fault =
    &Fault { code: crate::Code::UnknownValue, what: "the media type is not one that the format knows", unsaid: false };

/// JSON inside a string. Empty text reads as `empty`; text that is no JSON stays text.
pub fn json_text<'a>(c: &mut Cursor<'a>, empty: &'static str) -> Result<Json<'a>> {
    c.peek()?;
    let start = c.position();
    let text = c.str()?;
    if text.is_empty() {
        return Ok(Json::checked(empty));
    }
    let plain = text.plain_in(c.arena());
    let trimmed = plain.trim_matches([' ', '\n', '\r', '\t']);
    let mut inner = Cursor::over(trimmed, c.arena());
    if !trimmed.starts_with('"') && distinct(&mut inner).and_then(|()| inner.end()).is_ok() {
        return Ok(Json::checked(trimmed));
    }
    // A JSON string is quoted only if it could not travel bare; otherwise it is text: the string as it stands.
    if trimmed.starts_with('"')
        && let Some(Tree::Str(inner)) = crate::json_text::value(plain)
        && inner != plain
    {
        return Ok(Json::checked(c.arena().str(&Tree::str(inner).to_string())));
    }
    let end = c.position();
    Ok(Json::checked(c.slice(start, end)))
}

/// Passes over a value whose objects must not name a member twice.
pub(super) fn distinct(c: &mut Cursor<'_>) -> Result<()> {
    match c.peek()? {
        b'{' => {
            let mut names = c.arena().list();
            let mut next = c.first_key()?;
            while let Some(name) = next {
                names.push(name);
                distinct(c)?;
                next = c.next_key()?;
            }
            let names = names.as_slice();
            // Few names are compared each with each; many are sorted.
            let twice = if names.len() <= 16 {
                names.iter().enumerate().any(|(i, name)| names.iter().skip(i + 1).any(|other| other == name))
            } else {
                let mut sorted = names.to_vec();
                sorted.sort_unstable();
                sorted.windows(2).any(|w| w.first() == w.last())
            };
            if twice { Err(c.error(&Fault::DUPLICATE)) } else { Ok(()) }
        }
        b'[' => {
            let mut more = c.first_item()?;
            while more {
                distinct(c)?;
                more = c.next_item()?;
            }
            Ok(())
        }
        _ => c.skip(),
    }
}

/// A JSON value as its text.
pub fn json_as_text<'a>(c: &mut Cursor<'a>) -> Result<Str<'a>> {
    let json = c.json()?;
    Ok(Str::plain(c.arena().str(json.as_str())))
}

/// Base64, checked.
pub fn base64<'a>(c: &mut Cursor<'a>) -> Result<Str<'a>> {
    c.peek()?;
    let start = c.position();
    let text = c.str()?;
    if base64::is_valid(&text.text()) { Ok(text) } else { Err(JsonError::new(NOT_BASE64, start)) }
}

/// A text of which the format allows few characters: what it spells.
pub fn spelt<'a>(c: &mut Cursor<'a>, letters: &Letters) -> Result<Str<'a>> {
    let text = c.str()?;
    let plain = text.text();
    Ok(match letters.read(&plain) {
        Cow::Borrowed(_) => text,
        Cow::Owned(read) => Str::plain(c.arena().str(&read)),
    })
}

/// A text as the format allows it.
#[must_use]
pub fn spell<'t>(text: &'t str, letters: &Letters) -> Str<'t> {
    match letters.spell(text) {
        Cow::Borrowed(text) => Str::plain(text),
        Cow::Owned(text) => Str::from(text),
    }
}

/// The base64 of a text.
pub fn wrap<'a>(c: &mut Cursor<'a>) -> Result<Str<'a>> {
    let text = c.str()?;
    Ok(Str::plain(c.arena().str(&base64::encode(text.text().as_bytes()))))
}

/// A `data:` URL: format and base64.
pub fn data_url<'a>(c: &mut Cursor<'a>, media: &[(&'static str, &'static str)]) -> Result<(Str<'a>, Str<'a>)> {
    c.peek()?;
    let start = c.position();
    let text = c.plain_str()?;
    let Some((kind, data)) = text.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")) else {
        return Err(JsonError::new(NOT_DATA_URL, start));
    };
    let Some((_, format)) = media.iter().find(|(m, _)| m.eq_ignore_ascii_case(kind)) else {
        return Err(JsonError::new(UNKNOWN_MEDIA, start));
    };
    if !base64::is_valid(data) {
        return Err(JsonError::new(NOT_BASE64, start));
    }
    Ok((Str::plain(format), Str::plain(data)))
}

/// Base64 whose beginning tells its format; other beginnings read as the first row.
pub fn media<'a>(c: &mut Cursor<'a>, rows: &[(&'static str, &'static str)]) -> Result<(Str<'a>, Str<'a>, bool)> {
    let text = base64(c)?;
    let plain = text.text();
    let known = rows.iter().find(|(head, _)| plain.starts_with(head));
    let format = known.or(rows.first()).map_or("", |(_, format)| format);
    let sure = known.is_some();
    drop(plain);
    Ok((Str::plain(format), text, sure))
}

/// A whole number, as a number.
pub fn whole<'a>(c: &mut Cursor<'a>) -> Result<Num<'a>> {
    c.peek()?;
    let start = c.position();
    let n = c.num()?;
    match n.as_i64() {
        Some(_) => Ok(n),
        None => Err(JsonError::new(&const { Fault::wrong_type("a whole number") }, start)),
    }
}
