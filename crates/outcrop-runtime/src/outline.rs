//! Where the values of checked JSON are. Values are passed over at the speed of their bytes, so that asking a large
//! body for a few members costs little. On JSON that is not well formed the answers mean nothing.

use smallvec::SmallVec;

use crate::json::{Arena, Cursor, scan};

/// Where a value begins and ends.
pub(crate) type Span = (usize, usize);
/// Values of a body whose places are known, in order.
pub(crate) type Spans = SmallVec<[Span; 4]>;
/// Names and values of an object, as they stand.
pub(crate) type Members<'a> = SmallVec<[(&'a [u8], &'a [u8]); 24]>;

/// Names and values of an object's members; none of anything else. The arena holds names that are spelt with escapes.
pub(crate) fn members<'a>(object: &'a [u8], arena: &'a Arena) -> Members<'a> {
    let mut found = Members::new();
    find_members(object, &[], arena, &mut found);
    found
}

/// As [`members`]; `known`: where some of the values are.
pub(crate) fn find_members<'a>(object: &'a [u8], known: &[Span], arena: &'a Arena, found: &mut Members<'a>) {
    let Some(mut at) = inside(object, b'{') else { return };
    let mut known = known.iter().peekable();
    while object.get(at) == Some(&b'"') {
        let (name, end) = match scan::short_end(object, at + 1) {
            Some(end) => (object.get(at + 1..end).unwrap_or_default(), end + 1),
            None => name(object, at, arena),
        };
        let from = past(object, end, b':');
        let to = match known.next_if(|(start, _)| *start <= from) {
            Some((start, to)) => {
                debug_assert_eq!((*start, *to), (from, pass(object, from)), "the value is where it was written");
                *to
            }
            None => pass(object, from),
        };
        found.push((name, object.get(from..to).unwrap_or_default()));
        at = past(object, to, b',');
    }
}

/// The name that begins here, which may be spelt with escapes, and the place after it.
#[cold]
fn name<'a>(object: &'a [u8], at: usize, arena: &'a Arena) -> (&'a [u8], usize) {
    let end = quote_end(object, at);
    let text = std::str::from_utf8(object.get(at..end).unwrap_or_default()).unwrap_or_default();
    let name = Cursor::over(text, arena).plain_str();
    (name.unwrap_or_default().as_bytes(), end)
}

/// The last element of a list; none of an empty one, or of anything else.
pub(crate) fn last_item(list: &[u8]) -> Option<&[u8]> {
    let (mut at, mut item) = (inside(list, b'[')?, None);
    while list.get(at).is_some_and(|b| *b != b']') {
        let end = pass(list, at);
        item = list.get(at..end);
        at = past(list, end, b',');
    }
    item
}

/// The text of the value at a dotted path, where `[last]` is the last element of a list; none if it is absent or null.
pub(crate) fn at<'a>(top: &[(&'a [u8], &'a [u8])], path: &str, arena: &'a Arena) -> Option<&'a [u8]> {
    let mut value = None;
    for step in path.split('.') {
        let (name, last) = step.strip_suffix("[last]").map_or((step, false), |name| (name, true));
        let named =
            |members: &[(&[u8], &'a [u8])]| members.iter().find(|(n, _)| *n == name.as_bytes()).map(|(_, v)| *v);
        let found = match value {
            None => named(top)?,
            Some(object) => named(&members(object, arena))?,
        };
        value = Some(if last { last_item(found)? } else { found });
    }
    value.filter(|value| *value != b"null")
}

/// The first place in an object or list.
fn inside(text: &[u8], opener: u8) -> Option<usize> {
    let at = space(text, 0);
    (text.get(at) == Some(&opener)).then(|| space(text, at + 1))
}

/// The place after white space.
fn space(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(|b| *b <= b' ') {
        at += 1;
    }
    at
}

/// The place after a separator, if it is next, and white space.
fn past(text: &[u8], at: usize, separator: u8) -> usize {
    let at = space(text, at);
    if text.get(at) == Some(&separator) { space(text, at + 1) } else { at }
}

/// The end of the value that begins here. It is behind its beginning, or the end of the text.
fn pass(bytes: &[u8], at: usize) -> usize {
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
            let mut end = at + 1;
            while bytes.get(end).is_some_and(|b| !matches!(b, b',' | b'}' | b']' | b' ' | b'\n' | b'\t' | b'\r')) {
                end += 1;
            }
            end
        }
        None => bytes.len(),
    }
}

/// The place after the closing quote of the text that begins here.
fn quote_end(bytes: &[u8], at: usize) -> usize {
    let short = scan::short_end(bytes, at + 1);
    let end = short.or_else(|| scan::string_end(bytes, at + 1).ok().map(|(end, _)| end));
    end.map_or(bytes.len(), |end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(object: &str) -> Vec<(String, String)> {
        let arena = Arena::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        members(object.as_bytes(), &arena).iter().map(|(n, v)| (text(n), text(v))).collect()
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
    fn known_values_are_passed_over() {
        let (object, arena) = (br#"{"a":[1,2],"b":3}"#, Arena::new());
        let mut found = Members::new();
        find_members(object, &[(5, 10)], &arena, &mut found);
        assert_eq!(found.as_slice(), [(b"a".as_slice(), b"[1,2]".as_slice()), (b"b", b"3")]);
    }

    #[test]
    fn the_last_item_of_a_list_is_found() {
        assert_eq!(last_item(b"[1, [2,3] , {\"a\":[4]} ]"), Some(b"{\"a\":[4]}".as_slice()));
        assert_eq!(last_item(b"[\"x,]\"]"), Some(b"\"x,]\"".as_slice()));
        assert_eq!((last_item(b"[ ]"), last_item(b"{}")), (None, None));
    }

    #[test]
    fn damaged_json_ends_the_walk() {
        let whole = r#"{"a":[1,{"b":"c\\"}],"d":"e","f":[[]]}"#;
        let cuts = (0..whole.len()).map(|n| whole.get(..n).unwrap_or_default().to_owned());
        for text in cuts.chain(["{\"a\"}".into(), "{\"a\":}".into(), "{\"a\":]]}".into(), "[}".into(), "[,]".into()]) {
            let arena = Arena::new();
            assert!(members(text.as_bytes(), &arena).len() <= 4, "{text}");
            let _ = last_item(text.as_bytes());
        }
    }
}
