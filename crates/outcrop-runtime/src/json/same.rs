//! Whether two JSON texts mean the same.

use super::scan;
use crate::Tree;

/// Whether two texts mean the same. Trees are built only of those that could: nearly all pairs differ in their shape.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a == b
        || shape(a.as_bytes()) == shape(b.as_bytes())
            && matches!((Tree::parse_text(a), Tree::parse_text(b)), (Ok(a), Ok(b)) if a == b)
}

/// How many strings, objects, lists, and separators a text has; whatever means the same has as many.
fn shape(json: &[u8]) -> [usize; 4] {
    let [mut strings, mut objects, mut lists, mut separators] = [0; 4];
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => {
                strings += 1;
                // What is no JSON is the same as nothing; the trees say so.
                at = scan::string_end(json, at + 1).map_or(json.len(), |(end, _)| end);
            }
            b'{' => objects += 1,
            b'[' => lists += 1,
            b',' | b':' => separators += 1,
            _ => {}
        }
        at += 1;
    }
    [strings, objects, lists, separators]
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn texts_mean_the_same_whatever_their_spelling() {
        assert!(same(r#"{"a":[1,"x\n"],"b":{}}"#, r#" { "b" : { }, "a" : [ 1.0, "\u0078\u000a" ] } "#));
        assert!(same(r#""[{,:""#, r#""\u005b{,:""#));
        for (a, b) in [("{}", "[]"), (r#"{"a":1}"#, r#"{"a":2}"#), (r#"{"a":1}"#, r#"{"b":1}"#), ("1", "true")] {
            assert!(!same(a, b), "{a} {b}");
        }
        assert!(!same(r#"{"a":1,"a":1}"#, r#"{"a":1,"a":1 }"#));
    }
}
