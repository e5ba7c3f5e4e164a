//! A value that satisfies a JSON Schema, the simplest that does.

use outcrop_runtime::Tree;
use outcrop_runtime::tree::Object;

use super::pattern::of_pattern;
use crate::json::{items, text};

/// Bounds, so that no schema makes us write a book.
const DEEPEST: usize = 24;
const MOST_ITEMS: u64 = 64;
pub(super) const LONGEST: u64 = 10_000;
const MOST_NODES: usize = 2_000;

/// Makes values. Texts without other wishes say what the user said.
pub(super) struct Sampler<'s> {
    root: &'s Tree,
    told: &'s str,
    nodes: usize,
    depth: usize,
}

impl<'s> Sampler<'s> {
    /// For a schema with its definitions.
    pub(super) fn new(root: &'s Tree, told: &'s str) -> Self {
        Self { root, told, nodes: 0, depth: 0 }
    }

    /// A value for a schema, which is the root or a part of it. The input of a tool is an object, whatever its schema says.
    pub(super) fn sample(mut self, schema: &Tree) -> Tree {
        match self.value(schema) {
            object @ Tree::Obj(_) => object,
            _ if schema.get("type").is_none() => Tree::object(Vec::new()),
            other => other,
        }
    }

    fn value(&mut self, schema: &Tree) -> Tree {
        self.nodes += 1;
        if self.depth >= DEEPEST || self.nodes >= MOST_NODES {
            return Tree::Null;
        }
        self.depth += 1;
        let value = self.within(schema);
        self.depth -= 1;
        value
    }

    fn within(&mut self, schema: &Tree) -> Tree {
        if schema.as_object().is_none() {
            return Tree::object(Vec::new());
        }
        if let Some(target) = schema.get("$ref").and_then(Tree::as_str) {
            return match self.definition(target) {
                Some(target) => self.value(&target),
                None => Tree::object(Vec::new()),
            };
        }
        if let Some(value) = schema.get("const") {
            return value.clone();
        }
        if let Some(value) = items(schema, "enum").first() {
            return value.clone();
        }
        for name in ["oneOf", "anyOf"] {
            // What stands beside the cases holds for each of them.
            if let Some(case) = items(schema, name).iter().find(|case| !is_null(case)) {
                return self.value(&merged(schema, case, name));
            }
        }
        if let Some((first, rest)) = items(schema, "allOf").split_first() {
            let all = rest.iter().fold(self.resolved(first), |all, part| merged(&all, &self.resolved(part), ""));
            return self.value(&merged(schema, &all, "allOf"));
        }
        if let Some(value) =
            items(schema, "examples").first().or_else(|| schema.get("default")).filter(|v| !matches!(v, Tree::Null))
        {
            return value.clone();
        }
        match kind(schema) {
            "string" => Tree::Str(self.string(schema)),
            "integer" => number(schema, true),
            "number" => number(schema, false),
            "boolean" => Tree::Bool(true),
            "null" => Tree::Null,
            "array" => self.array(schema),
            _ => self.object(schema),
        }
    }

    fn resolved(&self, schema: &Tree) -> Tree {
        let target = schema.get("$ref").and_then(Tree::as_str).and_then(|target| self.definition(target));
        target.unwrap_or_else(|| schema.clone())
    }

    /// `#/$defs/Name`.
    fn definition(&self, target: &str) -> Option<Tree> {
        let steps = target.strip_prefix('#')?.split('/').filter(|step| !step.is_empty());
        let step = |tree: &'s Tree, step: &str| tree.get(&step.replace("~1", "/").replace("~0", "~"));
        steps.clone().try_fold(self.root, step).cloned()
    }

    fn object(&mut self, schema: &Tree) -> Tree {
        let properties = schema.get("properties").and_then(Tree::as_object).map(Object::members).unwrap_or_default();
        let required: Vec<&str> = items(schema, "required").iter().filter_map(Tree::as_str).collect();
        let least = bound(schema, "minProperties").unwrap_or(0).min(MOST_ITEMS);
        let mut members = Vec::new();
        for (name, schema) in properties {
            // Where nothing is required, what there is says more than nothing does.
            if required.contains(&name.as_str()) || (required.is_empty() && self.depth == 1) {
                members.push((name.clone(), self.value(schema)));
            }
        }
        let open = schema.get("additionalProperties").cloned().unwrap_or(Tree::Bool(true));
        for name in required {
            if !members.iter().any(|(known, _)| known == name) {
                members.push((name.to_owned(), self.value(&open)));
            }
        }
        for (name, schema) in properties {
            if (members.len() as u64) < least && !members.iter().any(|(known, _)| known == name) {
                members.push((name.clone(), self.value(schema)));
            }
        }
        while (members.len() as u64) < least {
            let name = format!("key{}", members.len());
            members.push((name, self.value(&open)));
        }
        Tree::object(members)
    }

    fn array(&mut self, schema: &Tree) -> Tree {
        let first = items(schema, "prefixItems");
        let least = bound(schema, "minItems").unwrap_or(0).min(MOST_ITEMS).max(first.len() as u64);
        let item = schema.get("items").cloned();
        let unique = schema.get("uniqueItems") == Some(&Tree::Bool(true));
        let mut list: Vec<Tree> = first.iter().map(|schema| self.value(schema)).collect();
        while (list.len() as u64) < least {
            let value = match &item {
                Some(item) if unique => self.other(item, list.len()),
                Some(item) => self.value(item),
                None => Tree::Num(list.len().to_string()),
            };
            list.push(value);
        }
        Tree::list(list)
    }

    /// A value that differs by its index, where that is easy.
    fn other(&mut self, schema: &Tree, index: usize) -> Tree {
        if let Some(value) = items(schema, "enum").get(index) {
            return value.clone();
        }
        match self.value(schema) {
            Tree::Str(text) if index > 0 => Tree::Str(format!("{text} {index}")),
            Tree::Num(n) if index > 0 => n.parse::<f64>().map_or(Tree::Num(n), |n| float(n + index as f64)),
            other => other,
        }
    }

    fn string(&self, schema: &Tree) -> String {
        let (min, max) = (bound(schema, "minLength").unwrap_or(0), bound(schema, "maxLength").unwrap_or(LONGEST));
        if let Some(made) = schema.get("pattern").and_then(Tree::as_str).and_then(|pattern| of_pattern(pattern, min)) {
            return made;
        }
        let known = match text(schema, "format") {
            "date-time" => "2026-01-31T12:00:00Z",
            "date" => "2026-01-31",
            "time" => "12:00:00Z",
            "duration" => "P1D",
            "email" | "idn-email" => "someone@example.com",
            "hostname" | "idn-hostname" => "example.com",
            "ipv4" => "192.0.2.1",
            "ipv6" => "2001:db8::1",
            "uri" | "url" | "iri" => "https://example.com/",
            "uri-reference" => "/path",
            "uuid" => "00000000-0000-4000-8000-000000000000",
            "json-pointer" => "/path",
            "regex" => ".*",
            _ => "",
        };
        if !known.is_empty() {
            return known.to_owned();
        }
        let mut made: String = self.told.chars().take(usize::try_from(max.min(200)).unwrap_or(200)).collect();
        let missing = min.min(LONGEST).saturating_sub(made.chars().count() as u64);
        made.extend(std::iter::repeat_n('x', usize::try_from(missing).unwrap_or(0)));
        made
    }
}

fn is_null(schema: &Tree) -> bool {
    text(schema, "type") == "null" || matches!(schema.get("const"), Some(Tree::Null))
}

/// The type: the first that is not null, or the one that the other words speak of.
fn kind(schema: &Tree) -> &str {
    match schema.get("type") {
        Some(Tree::Str(name)) => name,
        Some(Tree::Arr(names)) => {
            names.items().iter().filter_map(Tree::as_str).find(|name| *name != "null").unwrap_or("null")
        }
        _ => {
            let has = |names: &[&str]| names.iter().any(|name| schema.get(name).is_some());
            if has(&["items", "prefixItems", "minItems"]) {
                "array"
            } else if has(&["minimum", "maximum", "multipleOf", "exclusiveMinimum"]) {
                "number"
            } else if has(&["pattern", "minLength", "maxLength", "format"]) {
                "string"
            } else {
                "object"
            }
        }
    }
}

fn bound(schema: &Tree, name: &str) -> Option<u64> {
    schema.get(name).and_then(Tree::as_int).and_then(|n| u64::try_from(n).ok())
}

/// The members of both schemas; properties and required names add up, of others the second has its way.
fn merged(base: &Tree, other: &Tree, without: &str) -> Tree {
    let mut members: Vec<(String, Tree)> = base
        .as_object()
        .map(Object::members)
        .unwrap_or_default()
        .iter()
        .filter(|(n, _)| n != without)
        .cloned()
        .collect();
    for (name, value) in other.as_object().map(Object::members).unwrap_or_default() {
        match (members.iter_mut().find(|(known, _)| known == name), name.as_str()) {
            (Some((_, Tree::Obj(known))), "properties") => {
                for (name, value) in value.as_object().map(Object::members).unwrap_or_default() {
                    known.set(name.clone(), value.clone());
                }
            }
            (Some((_, Tree::Arr(known))), "required") => {
                known.items_mut().extend(value.as_list().unwrap_or_default().iter().cloned());
            }
            (Some((_, known)), _) => *known = value.clone(),
            (None, _) => members.push((name.clone(), value.clone())),
        }
    }
    Tree::object(members)
}

/// The least number that is allowed, or 1, or the greatest below.
fn number(schema: &Tree, whole: bool) -> Tree {
    let of = |name: &str| schema.get(name).and_then(Tree::as_f64);
    let step = of("multipleOf").filter(|step| *step > 0.0);
    let unit = step.unwrap_or(if whole { 1.0 } else { 0.5 });
    let min = of("minimum").into_iter().chain(of("exclusiveMinimum").map(|min| min + unit)).reduce(f64::max);
    let max = of("maximum").into_iter().chain(of("exclusiveMaximum").map(|max| max - unit)).reduce(f64::min);
    let mut value = 1.0_f64.max(min.unwrap_or(f64::MIN)).min(max.unwrap_or(f64::MAX));
    if let Some(min) = min {
        value = value.max(min);
    }
    let unit = step.or(whole.then_some(1.0));
    if let Some(unit) = unit {
        let up = (value / unit).ceil() * unit;
        value = if max.is_some_and(|max| up > max) { (value / unit).floor() * unit } else { up };
    }
    float(value)
}

fn float(value: f64) -> Tree {
    if value.fract() == 0.0 && value.abs() < 9e15 { Tree::int(value as i64) } else { Tree::Num(value.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::Sampler;
    use outcrop_runtime::Tree;

    fn sample(schema: &str) -> String {
        let schema = Tree::parse_text(schema).unwrap();
        Sampler::new(&schema, "rain in Lima").sample(&schema).to_string()
    }

    #[test]
    fn values_satisfy_their_schema() {
        for (schema, wanted) in [
            (
                r#"{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}},"required":["a"]}"#,
                r#"{"a":"rain in Lima"}"#,
            ),
            (
                r#"{"type":"object","properties":{"a":{"type":"string","maxLength":4},"n":{"type":["null","number"],"minimum":2.5}}}"#,
                r#"{"a":"rain","n":2.5}"#,
            ),
            (
                r##"{"type":"object","properties":{"p":{"$ref":"#/$defs/P"}},"required":["p"],"$defs":{"P":{"enum":["x","y"]}}}"##,
                r#"{"p":"x"}"#,
            ),
            (
                r#"{"type":"object","properties":{"l":{"type":"array","items":{"type":"integer","minimum":3},"minItems":2,"uniqueItems":true}},"required":["l"]}"#,
                r#"{"l":[3,4]}"#,
            ),
            (
                r#"{"type":"object","properties":{"z":{"type":"string","pattern":"^[0-9]{3}-(a|b)+$"}},"required":["z"]}"#,
                r#"{"z":"000-a"}"#,
            ),
            (
                r#"{"type":"object","properties":{"v":{"anyOf":[{"type":"null"},{"type":"integer","multipleOf":5,"minimum":7}]}},"required":["v","w"]}"#,
                r#"{"v":10,"w":{}}"#,
            ),
            (
                r#"{"allOf":[{"properties":{"a":{"const":1}},"required":["a"]},{"properties":{"b":{"type":"string","format":"date"}},"required":["b"]}]}"#,
                r#"{"a":1,"b":"2026-01-31"}"#,
            ),
            (
                r#"{"type":"object","properties":{"n":{"type":"integer","exclusiveMaximum":-3}},"required":["n"]}"#,
                r#"{"n":-4}"#,
            ),
            ("true", "{}"),
            ("{}", "{}"),
        ] {
            assert_eq!(sample(schema), wanted, "{schema}");
        }
    }

    #[test]
    fn no_schema_makes_it_go_on_for_ever() {
        let itself = r##"{"type":"object","properties":{"p":{"$ref":"#"},"q":{"$ref":"#"},"r":{"$ref":"#"}},"required":["p","q","r"]}"##;
        assert!(sample(itself).len() < 500_000);
        assert!(
            sample(r#"{"type":"object","properties":{"p":{"type":"string","minLength":1e12}},"required":["p"]}"#).len()
                < 20_000
        );
        assert!(
            sample(r#"{"type":"array","minItems":1000000000,"items":{"type":"array","minItems":1000000000}}"#).len()
                < 500_000
        );
        assert!(
            sample(r#"{"type":"object","properties":{"p":{"pattern":"((a{900}){900}){900}"}},"required":["p"]}"#).len()
                < 20_000
        );
    }
}
