//! Fields: the line that says a member's native type and where its value lives in Converse.

use super::expr::type_of;
use super::table::{self, Table};
use super::{Cx, View, view_name};
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Default_, Field, Lens, Letters, Literal, Path, Range, Step, Struct, Ty, TypeDef, TypeKind, Way};
use crate::keys;
use crate::node::{Key, Node, NodeKind};

/// What the keys that give a field its type say.
struct Typing {
    ty: Ty,
    required: bool,
    nullable: bool,
    /// A nested object over the same façade value.
    group: bool,
}

impl Cx {
    pub(super) fn field(&mut self, key: &Key, node: &Node, place: &str, view: &View) -> Option<Field> {
        if let NodeKind::Str(_) = node.kind {
            let typed = self.expr(node)?;
            let mut field = plain(key, typed.ty);
            field.required = typed.required;
            field.nullable = typed.nullable;
            return Some(field);
        }
        if !matches!(node.kind, NodeKind::Map(_)) {
            let fault = Diagnostic::new(
                Code::WrongKind,
                node.span,
                format!("a field is a type such as `string!`, or a mapping; not {}", node.kind_name()),
            );
            self.faults.push(fault);
            return None;
        }
        let table = Table::new(node, &keys::FIELD, &mut self.faults)?;
        let place = format!("{place}.{}", key.text);
        let place_node = table.get("as");
        let path = place_node.and_then(|node| self.path(node));
        let take = table.get("take");
        let inner = match &path {
            Some(path) => self.view_at(view, path),
            None if place_node.is_some() => None,
            None => view.clone(),
        };
        let typing = self.typing(key, &table, &place, inner);
        let lens = self.lens(&table, path, place_node.is_some(), typing.as_ref().is_some_and(|t| t.group));
        let doc = table.text_or_empty("doc", &mut self.faults);
        let since = table.text_or_empty("since", &mut self.faults);
        let aliases = table.texts("aliases", &mut self.faults);
        let constant = table.get("const").map(Node::literal);
        let default = table.get("else").map(|node| self.default(node));
        let way = self.way(&table);
        let with = table.text("with", &mut self.faults);
        let empty = table.get("empty").map(Node::literal);
        let absent = table.get("absent").map(Node::literal);
        let map = if table.has("map") {
            Some(self.value_map(&table))
        } else {
            for stray in ["unknown", "reads", "when"] {
                if let Some((stray, _)) = table.entry(stray) {
                    self.fault(Code::MissingKey, stray.span, format!("`{}:` belongs to a `map:`", stray.text));
                }
            }
            None
        };
        let typing = typing?;
        Some(Field {
            aliases,
            doc,
            since,
            required: typing.required,
            nullable: typing.nullable,
            lens,
            lens_span: place_node.or(take).map_or(key.span, |node| node.span),
            constant,
            default,
            map,
            way,
            with,
            empty,
            absent,
            ..plain(key, typing.ty)
        })
    }

    fn typing(&mut self, key: &Key, table: &Table<'_>, place: &str, view: View) -> Option<Typing> {
        let bare = |ty| Typing { ty, required: false, nullable: false, group: false };
        let (type_, fields, only) = (table.entry("type"), table.entry("fields"), table.entry("only"));
        let given: Vec<&Key> = [type_, fields, only].into_iter().flatten().map(|(key, _)| key).collect();
        if let [first, second, ..] = given.as_slice() {
            let fault =
                Diagnostic::new(Code::Conflict, second.span, format!("`{}:` beside `{}:`", second.text, first.text))
                    .help("keep the one that says what the member holds");
            self.faults.push(fault);
        }
        let mut typing = if let Some((_, node)) = fields {
            let id = self.hoist(place, key.span, |cx, _| cx.object(node, place, &view));
            Typing { group: true, nullable: true, ..bare(Ty::Named(id)) }
        } else if let Some((_, node)) = only {
            let item = if node.as_map().is_some() {
                Ty::Named(self.hoist(place, key.span, |cx, _| cx.object(node, place, &view)))
            } else {
                self.expr(node)?.ty
            };
            let optional = table.flag("optional", &mut self.faults);
            if let (Some((more, _)), Some((optional, _))) = (table.entry("more"), table.entry("optional")) {
                let message = "a list that may have more elements has a first one";
                let fault =
                    Diagnostic::new(Code::Conflict, optional.span, message).label(more.span, "it may have more");
                self.faults.push(fault);
            }
            let more = table.word("more", &[("keep", ())], &mut self.faults).is_some();
            let group = matches!(&item, Ty::Named(id) if node.as_map().is_some() || self.structs.contains(id));
            Typing { group, ..bare(Ty::Only { item: Box::new(item), optional, more }) }
        } else if let Some((_, node)) = type_ {
            if node.as_map().is_some() {
                bare(self.payload(node, place, view)?)
            } else {
                let expr = self.expr(node)?;
                Typing { required: expr.required, nullable: expr.nullable, ..bare(expr.ty) }
            }
        } else if table.has("map") {
            bare(Ty::Str(Range::default()))
        } else if let Some(node) = table.get("const") {
            bare(type_of(&node.literal()))
        } else {
            if !["type", "fields", "only", "const"].iter().any(|key| table.misspelt(key)) {
                let message = format!("nothing says what type `{}` has", key.text);
                let fault = Diagnostic::new(Code::MissingKey, key.span, message)
                    .help("add `type:`, or `fields:` for a nested object");
                self.faults.push(fault);
            }
            return None;
        };
        self.refine(&mut typing.ty, table);
        Some(typing)
    }

    /// A struct written in place.
    fn object(&mut self, node: &Node, place: &str, view: &View) -> TypeDef {
        let entries = table::entries(node, "fields", &mut self.faults);
        let fields = self.fields(entries, place, view);
        let kind = TypeKind::Struct(Struct { view: view_name(view), fields, ..Struct::default() });
        TypeDef { name: String::new(), doc: String::new(), span: node.span, kind }
    }

    /// Keys that say more about a base type.
    fn refine(&mut self, ty: &mut Ty, table: &Table<'_>) {
        let wrap = table.entry("wrap");
        let is_wrapped = table.flag("wrap", &mut self.faults);
        let media = table.entry("media");
        let rows = table.map("media", &mut self.faults);
        let pairs: Vec<(String, String)> = rows
            .iter()
            .filter_map(|(key, node)| Some((key.text.clone(), table::text(node, "media", &mut self.faults)?)))
            .collect();
        let mut inner = ty;
        while let Ty::List(item, _) | Ty::OneOrList(item) | Ty::Map(item) | Ty::Only { item, .. } = inner {
            inner = item;
        }
        if let Some((key, node)) = table.entry("letters") {
            let text = table::text(node, "letters", &mut self.faults).unwrap_or_default();
            match (Letters::parse(&text), &*inner) {
                (Ok(letters), Ty::Str(range)) => *inner = Ty::Spelt(range.clone(), letters),
                (Err(why), _) => self.fault(Code::BadLetters, node.span, why),
                (Ok(_), _) => self.fault(Code::Conflict, key.span, "`letters:` belongs to `string`"),
            }
        }
        match (inner, wrap, media) {
            (Ty::Base64 { wrap }, _, None) => *wrap = is_wrapped,
            (base64 @ Ty::Base64 { .. }, None, Some(_)) => *base64 = Ty::Media(pairs),
            (Ty::DataUrl(table), None, _) => *table = pairs,
            (_, None, None) => {}
            (Ty::Base64 { .. }, Some((key, _)), Some(_)) => {
                self.fault(Code::Conflict, key.span, "`wrap:` and `media:` exclude each other");
            }
            (_, Some((key, _)), _) => self.fault(Code::Conflict, key.span, "`wrap:` belongs to `base64`"),
            (_, None, Some((key, _))) => {
                self.fault(Code::Conflict, key.span, "`media:` belongs to `data_url` or `base64`");
            }
        }
    }

    fn lens(&mut self, table: &Table<'_>, path: Option<Path>, has_as: bool, group: bool) -> Lens {
        let join = table.entry("join");
        let Some((_, node)) = table.entry("take") else {
            if let Some((join, _)) = join {
                self.fault(Code::MissingKey, join.span, "`join:` belongs to `take:`");
            }
            return match path {
                Some(path) => Lens::Path(path),
                None if group && !has_as => Lens::Group,
                None => Lens::Extra,
            };
        };
        let arms =
            table::list(node, "take", &mut self.faults).iter().filter_map(|node| self.arm(node)).collect::<Vec<_>>();
        if arms.is_empty() {
            self.fault(Code::WrongKind, node.span, "`take:` lists at least one arm");
        }
        let path = path.unwrap_or_else(|| Path(vec![Step::Member("content".to_owned())]));
        Lens::Take { path, arms, join: table.text_or_empty("join", &mut self.faults) }
    }

    fn default(&mut self, node: &Node) -> Default_ {
        match node.as_str().and_then(|text| text.strip_prefix('$')) {
            None => Default_::Literal(node.literal()),
            Some("model.id") => Default_::ModelId,
            Some(name) => match name.strip_prefix("model.") {
                Some(limit) if !limit.is_empty() => Default_::Limit(limit.to_owned()),
                _ => {
                    let fault =
                        Diagnostic::new(Code::BadWord, node.span, format!("`${name}` is no value that a call has"))
                            .help("there are `$model.id` and `$model.<limit>`");
                    self.faults.push(fault);
                    Default_::Literal(Literal::Null)
                }
            },
        }
    }
}

/// A field without mapping.
fn plain(key: &Key, ty: Ty) -> Field {
    Field {
        key: key.text.clone(),
        aliases: Vec::new(),
        doc: String::new(),
        since: String::new(),
        span: key.span,
        ty,
        required: false,
        nullable: false,
        lens: Lens::Extra,
        lens_span: key.span,
        constant: None,
        default: None,
        map: None,
        way: Way::Both,
        with: None,
        empty: None,
        absent: None,
    }
}
