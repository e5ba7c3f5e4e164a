//! Turns that are written as one object: a struct over `Turn` whose role is a member is a union that this member tells apart.

use crate::ir::{
    Case, CaseBody, Field, Lens, Literal, Path, Span, Step, Struct, Tag, Ty, TypeDef, TypeKind, Union, Unknown,
    ValueMap, Way,
};

const TURN: &str = "Turn";
const CONTENT: &str = "TurnContent";
const ROLES: [&str; 3] = ["system", "user", "assistant"];

/// Makes those structs unions.
pub(super) fn by_role(types: &mut [TypeDef]) {
    let unions: Vec<(usize, Union)> = types
        .iter()
        .enumerate()
        .filter_map(|(id, def)| match &def.kind {
            TypeKind::Struct(record) if record.view == TURN => Some((id, union(types, record)?)),
            _ => None,
        })
        .collect();
    for (id, union) in unions {
        if let Some(def) = types.get_mut(id) {
            def.kind = TypeKind::Union(union);
        }
    }
}

/// The union that a struct is; none if its role is not told by a member with a closed set of values.
fn union(types: &[TypeDef], record: &Struct) -> Option<Union> {
    let at = record.fields.iter().position(is_role)?;
    let role = record.fields.get(at)?;
    let mut fields = record.fields.clone();
    fields.remove(at);
    let body = Struct { view: CONTENT.to_owned(), fields, assume: record.assume.clone(), ..Struct::default() };
    let cases = rows(types, role)?.into_iter().map(|row| case(role, row, body.clone())).collect();
    Some(Union {
        view: TURN.to_owned(),
        tag: Tag::Internal { key: role.key.clone(), absent: None },
        cases,
        words: Vec::new(),
        unknown: Unknown::Refuse,
        trailing: Vec::new(),
        blocks: record.blocks,
        join: Vec::new(),
    })
}

/// Whether a member says the role, in both directions and for every turn.
fn is_role(field: &Field) -> bool {
    let leads = |path: &Path| matches!(path.0.as_slice(), [Step::Member(name)] if name == "role");
    let is_plain = field.constant.is_none() && field.default.is_none() && field.absent.is_none();
    matches!(&field.lens, Lens::Path(path) if leads(path))
        && field.required
        && field.way == Way::Both
        && field.aliases.is_empty()
        && is_plain
}

/// A value of the member, the role that it means, and where that is said.
struct Row {
    value: String,
    role: String,
    way: Way,
    span: Span,
}

fn rows(types: &[TypeDef], field: &Field) -> Option<Vec<Row>> {
    let map = match (&field.map, &field.ty) {
        (Some(map), Ty::Str(_)) => map,
        (None, Ty::Named(id)) => match &types.get(*id)?.kind {
            TypeKind::Map(map) => map,
            _ => return None,
        },
        (None, Ty::Str(_)) => {
            let row =
                |role: &str| Row { value: role.to_owned(), role: role.to_owned(), way: Way::Both, span: field.span };
            return Some(ROLES.map(row).into());
        }
        _ => return None,
    };
    if map.open || !map.when.is_empty() {
        return None;
    }
    let both = map.rows.iter().map(|row| (row, Way::Both));
    let all = both.chain(map.reads.iter().map(|row| (row, Way::Decode)));
    all.enumerate().map(|(at, (row, way))| Some(Row { way, span: span(map, at), ..texts(row)? })).collect()
}

fn span(map: &ValueMap, at: usize) -> Span {
    map.row_spans.get(at).copied().unwrap_or(map.span)
}

fn texts(row: &(Literal, Literal)) -> Option<Row> {
    match row {
        (Literal::Str(value), Literal::Str(role)) if ROLES.contains(&role.as_str()) => {
            Some(Row { value: value.clone(), role: role.clone(), way: Way::Both, span: Span::default() })
        }
        _ => None,
    }
}

fn case(field: &Field, row: Row, body: Struct) -> Case {
    let Row { value, role, way, span } = row;
    Case {
        name: value.clone(),
        value,
        doc: field.doc.clone(),
        span,
        arm: Some(Path(vec![Step::Member(role)])),
        arm_span: field.lens_span,
        body: CaseBody::Struct(body),
        way,
        where_: Vec::new(),
        has: Vec::new(),
        each: None,
        signal: None,
    }
}
