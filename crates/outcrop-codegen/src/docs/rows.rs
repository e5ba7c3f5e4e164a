//! Rows of the tables on a family's page: a type becomes a table of its members, cases or values.

use outcrop_lang::ir::{
    Case, CaseBody, Default_, Family, Field, Lens, Literal, Path, Range, Step, Struct, Tag, Ty, TypeDef, TypeId,
    TypeKind, Union, ValueMap, Way,
};
use serde::Serialize;

/// A table for one type.
#[derive(Serialize)]
pub(super) struct TypeTable {
    name: String,
    doc: String,
    intro: String,
    members: Vec<Row>,
    values: Vec<(String, String)>,
}

#[derive(Serialize)]
struct Row {
    member: String,
    ty: String,
    converse: String,
    note: String,
}

/// Tables of the types that a root reaches, in order of first use.
pub(super) fn tables(family: &Family, root: Option<TypeId>) -> Vec<TypeTable> {
    let mut order = Vec::new();
    if let Some(root) = root {
        reach(family, root, &mut order);
    }
    order.iter().filter_map(|id| family.types.get(*id)).map(|t| table(family, t)).collect()
}

fn reach(family: &Family, id: TypeId, order: &mut Vec<TypeId>) {
    if order.contains(&id) {
        return;
    }
    order.push(id);
    let Some(def) = family.types.get(id) else { return };
    match &def.kind {
        TypeKind::Struct(s) => reach_fields(family, s, order),
        TypeKind::Union(u) => {
            for case in &u.cases {
                match &case.body {
                    CaseBody::Struct(s) => reach_fields(family, s, order),
                    CaseBody::Value(ty) => reach_ty(family, ty, order),
                }
            }
            for t in &u.trailing {
                reach_ty(family, &t.ty, order);
            }
        }
        TypeKind::TextOrList(t) => reach(family, t.item, order),
        TypeKind::Map(_) | TypeKind::Regions(_) => {}
    }
}

fn reach_fields(family: &Family, s: &Struct, order: &mut Vec<TypeId>) {
    for f in &s.fields {
        reach_ty(family, &f.ty, order);
    }
}

fn reach_ty(family: &Family, ty: &Ty, order: &mut Vec<TypeId>) {
    match ty {
        Ty::Named(id) => reach(family, *id, order),
        Ty::List(t, _) | Ty::OneOrList(t) | Ty::Map(t) | Ty::Only { item: t, .. } => reach_ty(family, t, order),
        _ => {}
    }
}

fn table(family: &Family, def: &TypeDef) -> TypeTable {
    let mut t = TypeTable {
        name: def.name.clone(),
        doc: def.doc.clone(),
        intro: String::new(),
        members: Vec::new(),
        values: Vec::new(),
    };
    match &def.kind {
        TypeKind::Struct(s) => {
            t.intro = format!("Stands for Converse `{}`.", s.view);
            t.members = s.fields.iter().map(|f| row(family, f, "")).collect();
        }
        TypeKind::Union(u) => union(family, u, &mut t),
        TypeKind::TextOrList(x) => {
            let item = family.types.get(x.item).map_or("", |d| d.name.as_str());
            t.intro = format!("A string, or a list of {item}; a string is one `{}`.", x.case);
            t.intro += if x.text_if_single { " Written as a string when it can be." } else { " Written as a list." };
        }
        TypeKind::Map(map) => {
            t.values = values(map);
            if map.open {
                "Other values are kept as they are.".clone_into(&mut t.intro);
            }
        }
        TypeKind::Regions(regions) => {
            "One string that holds several kinds of blocks, in this order.".clone_into(&mut t.intro);
            t.values = regions
                .iter()
                .map(|r| {
                    let tags =
                        if r.open.is_empty() { "plain text".to_owned() } else { format!("{} … {}", r.open, r.close) };
                    (tags, path(&r.arm))
                })
                .collect();
        }
    }
    t
}

fn union(family: &Family, u: &Union, t: &mut TypeTable) {
    let how = match &u.tag {
        Tag::Internal { key, .. } => format!("told apart by `{key}`"),
        Tag::External => "an object with one member".to_owned(),
        Tag::Shape => "told apart by its members".to_owned(),
    };
    t.intro = format!("One of Converse `{}`, {how}.", u.view);
    for (word, arm) in &u.words {
        t.members.push(Row {
            member: format!("\"{word}\""),
            ty: "word".to_owned(),
            converse: path(arm),
            note: String::new(),
        });
    }
    for case in &u.cases {
        t.members.push(case_row(family, case));
        if let CaseBody::Struct(s) = &case.body {
            t.members.extend(s.fields.iter().map(|f| row(family, f, &format!("{}.", case.name))));
        }
    }
    for x in &u.trailing {
        t.members.push(Row {
            member: x.key.clone(),
            ty: type_text(family, &x.ty),
            converse: path(&x.arm),
            note: "a Converse block of its own, after this element".to_owned(),
        });
    }
}

fn case_row(family: &Family, case: &Case) -> Row {
    let ty = match &case.body {
        CaseBody::Struct(_) => format!("`{}`", case.value),
        CaseBody::Value(ty) => type_text(family, ty),
    };
    let mut note = case.doc.clone();
    way(case.way, &mut note);
    Row { member: format!("**{}**", case.name), ty, converse: case.arm.as_ref().map(path).unwrap_or_default(), note }
}

fn row(family: &Family, f: &Field, prefix: &str) -> Row {
    let mut note = f.doc.clone();
    let mut add = |text: String| {
        if !note.is_empty() {
            note.push(' ');
        }
        note.push_str(&text);
    };
    if let Some(c) = &f.constant {
        add(format!("Always `{}`.", literal(c)));
    }
    match &f.default {
        Some(Default_::Literal(v)) => add(format!("`{}` when Converse has none.", literal(v))),
        Some(Default_::ModelId) => add("The model id when Converse has none.".to_owned()),
        Some(Default_::Limit(name)) => add(format!("The model's `{name}` when Converse has none.")),
        None => {}
    }
    if !f.aliases.is_empty() {
        add(format!("Also read as `{}`.", f.aliases.join("`, `")));
    }
    if let Some(map) = &f.map {
        let rows: Vec<String> = values(map).iter().map(|(n, c)| format!("{n} = {c}")).collect();
        add(format!("Values: {}.", rows.join(", ")));
    }
    if !f.since.is_empty() {
        add(format!("Since {}.", f.since));
    }
    way(f.way, &mut note);
    let converse = match &f.lens {
        Lens::Extra if f.constant.is_some() => String::new(),
        Lens::Extra => "additional fields".to_owned(),
        Lens::Group => String::new(),
        Lens::Path(p) => path(p),
        Lens::Take { arms, .. } => arms.iter().map(path).collect::<Vec<_>>().join(", "),
    };
    let mut ty = type_text(family, &f.ty);
    if f.required {
        ty.push_str(", required");
    }
    Row { member: format!("{prefix}{}", f.key), ty, converse, note }
}

fn way(way: Way, note: &mut String) {
    note.push_str(match way {
        Way::Both => "",
        Way::Decode => " Only read.",
        Way::Encode => " Only written.",
    });
}

fn values(map: &ValueMap) -> Vec<(String, String)> {
    let cell = |(n, c): &(Literal, Literal)| (literal(n), literal(c));
    let mut rows: Vec<_> = map.rows.iter().chain(&map.reads).map(cell).collect();
    for when in &map.when {
        let is = when.is.as_ref().map_or_else(|| "present".to_owned(), literal);
        rows.extend(when.rows.iter().map(|(n, c)| (format!("{} with `{}` {is}", literal(n), when.field), literal(c))));
    }
    rows
}

/// A type expression as the spec language writes it.
pub(crate) fn type_text(family: &Family, ty: &Ty) -> String {
    match ty {
        Ty::Str(r) => ranged("string", r),
        Ty::Spelt(r, letters) => format!("{} of `{}`", ranged("string", r), letters.chars()),
        Ty::Int(r) => ranged("int", r),
        Ty::Float(r) => ranged("float", r),
        Ty::Bool => "bool".to_owned(),
        Ty::Json => "json".to_owned(),
        Ty::Base64 { .. } | Ty::Media(_) => "base64".to_owned(),
        Ty::JsonText => "json_text".to_owned(),
        Ty::DataUrl(_) => "data_url".to_owned(),
        Ty::Prompt => "prompt".to_owned(),
        Ty::Named(id) => family.types.get(*id).map(|d| d.name.clone()).unwrap_or_default(),
        Ty::List(t, r) => ranged(&format!("list of {}", type_text(family, t)), r),
        Ty::OneOrList(t) => format!("{0} or list of {0}", type_text(family, t)),
        Ty::Only { item, more: true, .. } => format!("list; its first, {}", type_text(family, item)),
        Ty::Only { item, .. } => format!("list of one {}", type_text(family, item)),
        Ty::Map(t) => format!("map of {}", type_text(family, t)),
    }
}

fn ranged(name: &str, r: &Range) -> String {
    match (r.min, r.max) {
        (None, None) => name.to_owned(),
        (min, max) => {
            let end = |v: Option<f64>| v.map(|v| v.to_string()).unwrap_or_default();
            format!("{name} {}..{}", end(min), end(max))
        }
    }
}

/// A façade path as the spec language writes it.
pub(super) fn path(p: &Path) -> String {
    let mut out = String::new();
    for step in &p.0 {
        match step {
            Step::Member(name) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(name);
            }
            Step::Only => out.push_str("[only]"),
            Step::Pick { member, value } => {
                out.extend(["[", member, "=", value, "]"]);
            }
        }
    }
    if out.is_empty() { "(itself)".to_owned() } else { out }
}

fn literal(l: &Literal) -> String {
    match l {
        Literal::Null => "null".to_owned(),
        Literal::Bool(b) => b.to_string(),
        Literal::Num(n) => n.clone(),
        Literal::Str(s) if s.is_empty() => "\"\"".to_owned(),
        Literal::Str(s) => s.clone(),
        Literal::List(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Literal::Object(members) => {
            format!(
                "{{{}}}",
                members.iter().map(|(k, v)| format!("{k}: {}", literal(v))).collect::<Vec<_>>().join(", ")
            )
        }
    }
}
