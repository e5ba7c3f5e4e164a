//! Equality by meaning.

use super::{Object, Tree};

impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        self.difference(other).is_none()
    }
}

impl Tree {
    /// Path of the first difference in meaning, or none. Members are compared in any order, numbers by value.
    #[must_use]
    pub fn difference(&self, other: &Tree) -> Option<String> {
        let mut path = String::new();
        differs(self, other, &mut path).then(|| if path.is_empty() { ".".to_owned() } else { path })
    }

    /// A text that two values have in common if and only if they are equal.
    #[must_use]
    pub fn by_meaning(&self) -> String {
        let mut out = String::new();
        meaning(self, &mut out);
        out
    }
}

fn meaning(tree: &Tree, out: &mut String) {
    match tree {
        Tree::Num(text) => match Decimal::of(text) {
            Some(d) => {
                let sign = if d.negative { "-" } else { "" };
                out.extend([sign, &d.digits, "e", &d.exponent.to_string()]);
            }
            None => out.push_str(text),
        },
        Tree::Arr(a) => {
            out.push('[');
            for item in &a.items {
                meaning(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Tree::Obj(o) => {
            out.push('{');
            for (name, value) in sorted(o) {
                super::write_str(name, out);
                out.push(':');
                meaning(value, out);
                out.push(',');
            }
            out.push('}');
        }
        leaf => out.push_str(&leaf.to_string()),
    }
}

/// Whether two differ; `path` is then left at the place.
fn differs(a: &Tree, b: &Tree, path: &mut String) -> bool {
    match (a, b) {
        (Tree::Null, Tree::Null) => false,
        (Tree::Bool(a), Tree::Bool(b)) => a != b,
        (Tree::Num(a), Tree::Num(b)) => !same_number(a, b),
        (Tree::Str(a), Tree::Str(b)) => a != b,
        (Tree::Arr(a), Tree::Arr(b)) => {
            let length = path.len();
            for (i, (a, b)) in a.items.iter().zip(&b.items).enumerate() {
                index(path, i);
                if differs(a, b, path) {
                    return true;
                }
                path.truncate(length);
            }
            if a.items.len() != b.items.len() {
                index(path, a.items.len().min(b.items.len()));
                return true;
            }
            false
        }
        (Tree::Obj(a), Tree::Obj(b)) => objects_differ(a, b, path),
        _ => true,
    }
}

fn index(path: &mut String, i: usize) {
    path.push('[');
    path.push_str(&i.to_string());
    path.push(']');
}

fn objects_differ(a: &Object, b: &Object, path: &mut String) -> bool {
    let (a, b) = (sorted(a), sorted(b));
    let length = path.len();
    let step = |path: &mut String, name: &str| {
        if length > 0 {
            path.push('.');
        }
        path.push_str(name);
    };
    for (i, (name, value)) in a.iter().enumerate() {
        step(path, name);
        match b.get(i) {
            Some((other, _)) if other < name => {
                path.truncate(length);
                step(path, other);
                return true;
            }
            Some((other, theirs)) if other == name => {
                if differs(value, theirs, path) {
                    return true;
                }
            }
            _ => return true,
        }
        path.truncate(length);
    }
    match b.get(a.len()) {
        Some((name, _)) => {
            step(path, name);
            true
        }
        None => false,
    }
}

fn sorted(object: &Object) -> Vec<(&str, &Tree)> {
    let mut members: Vec<_> = object.members.iter().map(|(n, v)| (n.as_str(), v)).collect();
    members.sort_by_key(|(n, _)| *n);
    members
}

/// Whether two JSON numbers mean the same, exactly.
#[must_use]
pub fn same_number(a: &str, b: &str) -> bool {
    a == b || matches!((Decimal::of(a), Decimal::of(b)), (Some(a), Some(b)) if a == b)
}

/// The number as an integer if it is one and fits.
pub(super) fn integer(text: &str) -> Option<i64> {
    let d = Decimal::of(text)?;
    let zeros = usize::try_from(d.exponent).ok().filter(|z| *z <= 19)?;
    let sign = if d.negative { "-" } else { "" };
    format!("{sign}{}{}", if d.digits.is_empty() { "0" } else { &d.digits }, "0".repeat(zeros)).parse().ok()
}

/// `±digits × 10^exponent` without leading or trailing zeros; zero has no digits.
#[derive(PartialEq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn of(text: &str) -> Option<Self> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |t| (true, t));
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((m, e)) => (m, e.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let digits = all.trim_start_matches('0');
        let kept = digits.trim_end_matches('0');
        if kept.is_empty() {
            return Some(Self { negative: false, digits: String::new(), exponent: 0 });
        }
        let shift = i64::try_from(digits.len() - kept.len()).ok()? - i64::try_from(fraction.len()).ok()?;
        Some(Self { negative, digits: kept.to_owned(), exponent: exponent.checked_add(shift)? })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Tree;

    fn tree(text: &str) -> Tree {
        Tree::parse_text(text).unwrap()
    }

    #[test]
    fn numbers_are_compared_by_value() {
        for (a, b) in [("28.0", "28"), ("1e2", "100"), ("-0.0", "0"), ("1.50", "15E-1"), ("0", "0e3")] {
            assert_eq!(tree(a), tree(b));
            assert_eq!(tree(a).by_meaning(), tree(b).by_meaning());
        }
        assert_ne!(tree("0.1"), tree("0.10000000000000000001"));
        assert_ne!(tree("0.1").by_meaning(), tree("0.10000000000000000001").by_meaning());
        assert_eq!(tree("2.8e1").as_int(), Some(28));
        assert_eq!(tree("28.5").as_int(), None);
        assert_eq!(tree("1e999999").as_int(), None);
    }

    #[test]
    fn the_first_difference_is_named() {
        let a = tree(r#"{"a":[1,{"b":2}],"c":3}"#);
        assert_eq!(a.difference(&tree(r#"{"c":3,"a":[1,{"b":2}]}"#)), None);
        assert_eq!(a.by_meaning(), tree(r#"{"c":3,"a":[1,{"b":2}]}"#).by_meaning());
        assert_ne!(tree(r#"{"a":[1],"c":3}"#).by_meaning(), tree(r#"{"a":["1"],"c":3}"#).by_meaning());
        assert_eq!(a.difference(&tree(r#"{"a":[1,{"b":4}],"c":3}"#)).as_deref(), Some("a[1].b"));
        assert_eq!(a.difference(&tree(r#"{"a":[1],"c":3}"#)).as_deref(), Some("a[1]"));
        assert_eq!(a.difference(&tree(r#"{"a":[1,{"b":2}]}"#)).as_deref(), Some("c"));
        assert_eq!(tree("{}").difference(&a).as_deref(), Some("a"));
    }

    #[test]
    fn source_text_survives_until_it_is_touched() {
        let text = r#"{ "b" : 1.50, "a":[ 1 , 2],"e":"\u0041\/" }"#;
        let mut a = tree(text);
        assert_eq!(a.to_string(), text);
        let Tree::Obj(o) = &mut a else { panic!() };
        o.set("z", Tree::Null);
        assert_eq!(a.to_string(), r#"{"b":1.50,"a":[ 1 , 2],"e":"A/","z":null}"#);
        a.forget_source();
        assert_eq!(a.to_string(), r#"{"b":1.50,"a":[1,2],"e":"A/","z":null}"#);
    }

    #[test]
    fn text_that_is_not_json_is_refused_with_its_place() {
        for bad in
            ["", "[1,]", "{\"a\":01}", "nul", "1 2", "\"\n\"", "{\"a\"}", "[", "\"\\ud800\"", "+1", "1.", "\"\\x\""]
        {
            assert_eq!(Tree::parse_text(bad).unwrap_err().code.as_str(), "malformed-json", "{bad}");
        }
        let e = Tree::parse_text(r#"{"a":[{"b":1,"c":2,"b":3}]}"#).unwrap_err();
        assert_eq!((e.code.as_str(), e.path.as_str()), ("duplicate-member", "a[0].b"));
        assert_eq!(Tree::parse(b"\"\xff\"").unwrap_err().code.as_str(), "malformed-json");
    }

    #[test]
    fn nesting_is_bounded() {
        let nest = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert!(Tree::parse_text(&nest(128)).is_ok());
        assert_eq!(Tree::parse_text(&nest(129)).unwrap_err().code.as_str(), "too-large");
        assert_eq!(Tree::parse_text(&"[".repeat(1_000_000)).unwrap_err().code.as_str(), "too-large");
    }

    #[test]
    fn escapes_print_as_they_were_meant() {
        let a = tree(r#""\u00e9\ud83d\ude00\b\f\n\r\t\u0001\"\\""#);
        assert_eq!(a.as_str(), Some("é😀\u{8}\u{c}\n\r\t\u{1}\"\\"));
        assert_eq!(a.to_string(), "\"é😀\\b\\f\\n\\r\\t\\u0001\\\"\\\\\"");
    }
}
