//! Where the values of checked JSON are. Nothing is checked again: texts are passed over at the speed of memchr, so that
//! asking a large body for a few members costs little. On JSON that is not well formed the answers mean nothing.

use smallvec::SmallVec;

use crate::json::{Arena, Cursor};

/// Names and values of an object, as they stand.
pub(crate) type Members<'a> = SmallVec<[(&'a str, &'a str); 24]>;

/// Names and values of an object's members; none of anything else. The arena holds names that are spelt with escapes.
pub(crate) fn members<'a>(object: &'a str, arena: &'a Arena) -> Members<'a> {
    let mut found = Members::new();
    let Some(mut at) = inside(object, b'{') else { return found };
    while object.as_bytes().get(at) == Some(&b'"') {
        let end = pass(object, at);
        let name = object.get(at..end).unwrap_or_default();
        let plain = if name.contains('\\') {
            Cursor::over(name, arena).str().map(|name| arena.str(&name.text())).unwrap_or_default()
        } else {
            name.trim_matches('"')
        };
        let from = past(object, end, b':');
        let to = pass(object, from);
        found.push((plain, object.get(from..to).unwrap_or_default()));
        at = past(object, to, b',');
    }
    found
}

/// The last element of a list; none of an empty one, or of anything else.
pub(crate) fn last_item(list: &str) -> Option<&str> {
    let (mut at, mut item) = (inside(list, b'[')?, None);
    while list.as_bytes().get(at).is_some_and(|b| *b != b']') {
        let end = pass(list, at);
        item = list.get(at..end);
        at = past(list, end, b',');
    }
    item
}

/// The text of the value at a dotted path, where `[last]` is the last element of a list; none if it is absent or null.
pub(crate) fn at<'a>(top: &[(&'a str, &'a str)], path: &str, arena: &'a Arena) -> Option<&'a str> {
    let mut value = None;
    for step in path.split('.') {
        let (name, last) = step.strip_suffix("[last]").map_or((step, false), |name| (name, true));
        let named = |members: &[(&'a str, &'a str)]| members.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
        let found = match value {
            None => named(top)?,
            Some(object) => named(&members(object, arena))?,
        };
        value = Some(if last { last_item(found)? } else { found });
    }
    value.filter(|value| *value != "null")
}

/// The first place in an object or list.
fn inside(text: &str, opener: u8) -> Option<usize> {
    let at = space(text, 0);
    (text.as_bytes().get(at) == Some(&opener)).then(|| space(text, at + 1))
}

/// The place after white space.
fn space(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at + rest.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(rest.len())
}

/// The place after a separator, if it is next, and white space.
fn past(text: &str, at: usize, separator: u8) -> usize {
    let at = space(text, at);
    if text.as_bytes().get(at) == Some(&separator) { space(text, at + 1) } else { at }
}

/// The end of the value that begins here. It is behind its beginning, or the end of the text.
fn pass(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    match bytes.get(at) {
        Some(b'"') => quote_end(bytes, at),
        Some(b'{' | b'[') => {
            let (mut at, mut depth) = (at, 0_usize);
            while let Some(b) = bytes.get(at) {
                match b {
                    b'"' => {
                        at = quote_end(bytes, at);
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => {
                        depth -= 1;
                        if depth == 0 {
                            return at + 1;
                        }
                    }
                    _ => {}
                }
                at += 1;
            }
            at
        }
        Some(_) => {
            let scalar = |b: &u8| b.is_ascii_whitespace() || matches!(b, b',' | b'}' | b']');
            let rest = bytes.get(at + 1..).unwrap_or_default();
            at + 1 + rest.iter().position(scalar).unwrap_or(rest.len())
        }
        None => bytes.len(),
    }
}

/// The place after the closing quote of the text that begins here.
fn quote_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes.get(at) == Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(object: &str) -> Vec<(String, String)> {
        let arena = Arena::new();
        members(object, &arena).iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn members_are_found_as_they_stand() {
        let object = " { \"a\" : [1, {\"}\": \"]\\\"\"}] ,\"b\\u0063\":-1.5e3,\n\"\":{},\"d\":\"\\\\\",\"e\":null }";
        let expected =
            [("a", "[1, {\"}\": \"]\\\"\"}]"), ("bc", "-1.5e3"), ("", "{}"), ("d", "\"\\\\\""), ("e", "null")];
        assert_eq!(found(object), expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
        assert!(found("{}").is_empty() && found("[{}]").is_empty() && found("7").is_empty());
    }

    #[test]
    fn the_last_item_of_a_list_is_found() {
        assert_eq!(last_item("[1, [2,3] , {\"a\":[4]} ]"), Some("{\"a\":[4]}"));
        assert_eq!(last_item("[\"x,]\"]"), Some("\"x,]\""));
        assert_eq!((last_item("[ ]"), last_item("{}")), (None, None));
    }

    #[test]
    fn damaged_json_ends_the_walk() {
        let whole = r#"{"a":[1,{"b":"c\\"}],"d":"e","f":[[]]}"#;
        let cuts = (0..whole.len()).map(|n| whole.get(..n).unwrap_or_default().to_owned());
        for text in cuts.chain(["{\"a\"}".into(), "{\"a\":}".into(), "{\"a\":]]}".into(), "[}".into(), "[,]".into()]) {
            let arena = Arena::new();
            assert!(members(&text, &arena).len() <= 4, "{text}");
            let _ = last_item(&text);
        }
    }
}
