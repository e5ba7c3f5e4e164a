//! One native string that holds several kinds of blocks.

use std::borrow::Cow;

use super::{At, Decode, Encode};
use crate::json::{Cursor, Str, write};
use crate::regions::{LACKS_LEAD, Region, join, lacks_lead, split};
use crate::{Code, Error, Fate};

/// Whether a text can hold none of the tags, told by the bytes that could begin one.
fn is_tagless(regions: &[Region<'_>], raw: &str) -> bool {
    !regions.iter().any(|r| r.implied || !r.lead.is_empty())
        && memchr::memmem::find(raw.as_bytes(), b"\\u").is_none()
        && regions
            .iter()
            .flat_map(|r| [r.open, r.close])
            .filter_map(|tag| tag.bytes().next())
            .all(|b| memchr::memchr(b, raw.as_bytes()).is_none())
}

/// Splits a string and gives each part with the index of its region.
pub fn regions<'a>(
    c: &Cursor<'a>,
    text: Str<'a>,
    regions: &'static [Region<'static>],
    mut out: impl FnMut(usize, Str<'a>),
) {
    if text.is_empty() {
        return;
    }
    if text.as_raw().is_some_and(|raw| is_tagless(regions, raw)) {
        out(regions.len().saturating_sub(1), text);
        return;
    }
    let plain: &'a str = c.arena().str(&text.text());
    for (index, part) in split(regions, plain) {
        out(
            index,
            match part {
                Cow::Borrowed(part) => Str::plain(part),
                Cow::Owned(part) => Str::plain(c.arena().str(&part)),
            },
        );
    }
}

/// Reports a string whose plain text does not begin as it always does.
pub fn led(cx: &mut Decode<'_>, at: &At<'_>, text: &Str<'_>, regions: &[Region<'_>]) {
    if lacks_lead(regions, &text.text()) {
        cx.lose(Fate::Approximated, at.to_string(), LACKS_LEAD);
    }
}

/// A part of a string: index of its region, text, and where it comes from: position in the list and path in there.
pub type RegionPart<'s, 'v> = (usize, &'s Str<'v>, usize, &'static str);

/// Writes a text that is all there is, if it can hold no tag.
pub fn write_plain(o: &mut Vec<u8>, regions: &'static [Region<'static>], text: &Str<'_>) -> bool {
    let plain = !text.is_empty() && text.as_raw().is_some_and(|raw| is_tagless(regions, raw));
    if plain {
        text.write_json(o);
    }
    plain
}

/// Joins parts into one string.
pub fn write_regions(
    o: &mut Vec<u8>,
    regions: &'static [Region<'static>],
    parts: &[RegionPart<'_, '_>],
    cx: &mut Encode<'_>,
    at: &At<'_>,
) -> Result<(), Error> {
    let texts: Vec<(usize, Cow<'_, str>)> = parts.iter().map(|(index, text, ..)| (*index, text.text())).collect();
    let texts: Vec<(usize, &str)> = texts.iter().map(|(index, text)| (*index, &**text)).collect();
    let joined = join(regions, &texts).map_err(|part| {
        let path = match parts.get(part) {
            Some((_, _, index, step)) => at.index(*index).key(step).to_string(),
            None => at.to_string(),
        };
        Error::new(
            Code::ReservedMarker,
            "the text would be read as a tagged region, or stands before one; change the text or the order of blocks",
        )
        .at(path)
    })?;
    if joined.approximated {
        cx.approximated(at, "texts that are empty or of one kind run together");
    }
    write::string(o, &joined.text);
    Ok(())
}
