//! Type expressions and paths: what is wrong is said where it stands.

use crate::common::{family, load, messages, pointed};

fn fault(expression: &str) -> (String, String) {
    let loaded = load(&family(&format!("Ask:\n  fields:\n    f: {expression}\nOther: {{ fields: {{}} }}\n")));
    assert_eq!(loaded.diagnostics.len(), 1, "{expression}: {:?}", messages(&loaded));
    let message = messages(&loaded).remove(0);
    (message.replacen(" 7: ", ": ", 1), pointed(&loaded, 0).to_owned())
}

#[test]
fn faults_of_expressions_point_at_the_part_that_is_wrong() {
    for (expression, message, part) in [
        ("strin", "E201: there is no type `strin` | did you mean `string`?", "strin"),
        ("list<Othr>!", "E201: there is no type `Othr` | did you mean `Other`?", "Othr"),
        ("\"list<Othr>\"", "E201: there is no type `Othr` | did you mean `Other`?", "Othr"),
        ("list", "E108: `list` needs an element type | write `list<string>`, for example", "list"),
        ("string<int>", "E108: `string` has no element type", "int"),
        ("bool(1..2)", "E108: `bool` has no range", "1..2"),
        ("int(3)", "E108: `3` is no range | write `3..3`, `3..` or `..3`", "3"),
        ("int(5..1)", "E112: no value lies in `5..1`", "5..1"),
        ("int(a..1)", "E108: `a` is no number", "a"),
        ("int(1..b)", "E108: `b` is no number", "b"),
        ("int(1..", "E108: `)` is missing", "1.."),
        ("string(a|b)", "E108: brackets hold a range such as `1..64`", "a|b"),
        (
            "string?",
            "E108: `?` cannot follow here | members are optional unless marked `!`; write `|null` if null stands for absent",
            "?",
        ),
        ("string|null!", "E108: `!` cannot follow here | `!` comes before `|null`", "!"),
        ("string !", "E108: ` !` cannot follow here | a type expression has no spaces", " !"),
        ("list<string!>", "E108: `>` is missing here | elements have neither `!` nor `|null`", "!>"),
        ("list<string", "E108: `>` is missing here", ""),
        ("list<>", "E108: a type name is missing here", ">"),
    ] {
        assert_eq!(fault(expression), (message.to_owned(), part.to_owned()), "{expression}");
    }
}

#[test]
fn endless_expressions_are_refused() {
    let (message, _) = fault(&("list<".repeat(5000) + "string"));
    assert_eq!(message, "E108: the type nests too deep");
}

#[test]
fn faults_of_paths_point_at_the_part_that_is_wrong() {
    for (path, message, part) in [
        ("a..b", "E109: a member name is missing here", ".b"),
        ("a.b[0]", "E109: `[0]` is neither `[only]` nor `[member=text]`", "0]"),
        ("a.b[only", "E109: `]` is missing", "[only"),
        ("a b", "E109: ` ` cannot stand here", " b"),
        ("\"\"", "E109: a member name is missing here", ""),
        ("a[=x]", "E109: `[=x]` is neither `[only]` nor `[member=text]`", "=x]"),
    ] {
        let quoted = if path.starts_with('"') { path.to_owned() } else { format!("\"{path}\"") };
        assert_eq!(
            fault(&format!("{{ type: string, as: {quoted} }}")),
            (message.to_owned(), part.to_owned()),
            "{path}"
        );
    }
}
