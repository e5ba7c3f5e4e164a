//! Unions: cases, tags, words and trailing members.

use super::table::{self, Table};
use super::{Cx, View, view_name};
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{
    Case, CaseBody, CaseSignal, FacadeTy, Literal, Path, Step, Struct, Tag, Trailing, TypeId, Union, Unknown,
};
use crate::keys;
use crate::node::{Key, Node, NodeKind};

impl Cx {
    pub(super) fn union(&mut self, id: TypeId, place: &str, table: &Table<'_>, inherited: View) -> Union {
        let view = match table.get("view") {
            Some(node) => self.named_view(node),
            None => inherited,
        };
        let entries = table.map("cases", &mut self.faults);
        let cases: Vec<Case> = entries.iter().filter_map(|(key, node)| self.case(key, node, place, &view)).collect();
        let words: Vec<(String, Path)> = table
            .map("words", &mut self.faults)
            .iter()
            .filter_map(|(key, node)| Some((key.text.clone(), self.arm(node)?)))
            .collect();
        let tag = self.tag(table, &cases, !words.is_empty());
        let trailing = table
            .map("trailing", &mut self.faults)
            .iter()
            .filter_map(|(key, node)| self.trailing(key, node, place, &view))
            .collect();
        let unknown = [("keep", Unknown::Keep), ("skip", Unknown::Skip), ("refuse", Unknown::Refuse)];
        let unknown = table.word("unknown", &unknown, &mut self.faults).unwrap_or_else(|| {
            self.undecided.push(id);
            Unknown::Refuse
        });
        let (blocks, join) = self.blocks(table);
        Union { view: view_name(&view), tag, cases, words, unknown, trailing, blocks, join }
    }

    fn tag(&mut self, table: &Table<'_>, cases: &[Case], has_words: bool) -> Tag {
        match table.get("tag") {
            None => {
                if !(cases.is_empty() && has_words) {
                    let span = table.head();
                    let fault = Diagnostic::new(Code::MissingKey, span, "a union needs `tag:`").help(
                        "name the member that tells the cases apart, or say `external` (an object with one key) or `shape` (by the members present)",
                    );
                    self.faults.push(fault);
                }
                Tag::Shape
            }
            Some(Node { kind: NodeKind::Str(word), .. }) => match word.as_str() {
                "external" => Tag::External,
                "shape" => Tag::Shape,
                key => Tag::Internal { key: key.to_owned(), absent: None },
            },
            Some(node) => {
                let Some(table) = Table::new(node, &keys::TAG, &mut self.faults) else { return Tag::Shape };
                let key = table.need("key", &mut self.faults).and_then(|n| table::text(n, "key", &mut self.faults));
                let absent = table.get("absent").and_then(|node| {
                    let name = table::text(node, "absent", &mut self.faults)?;
                    let index = cases.iter().position(|case| case.name == name);
                    if index.is_none() {
                        let fault = Diagnostic::new(Code::UnknownCase, node.span, format!("there is no case `{name}`"))
                            .suggest(&name, cases.iter().map(|case| case.name.as_str()));
                        self.faults.push(fault);
                    }
                    index
                });
                Tag::Internal { key: key.unwrap_or_default(), absent }
            }
        }
    }

    fn case(&mut self, key: &Key, node: &Node, place: &str, view: &View) -> Option<Case> {
        let table = Table::new(node, &keys::CASE, &mut self.faults)?;
        let place = format!("{place}.{}", key.text);
        let doc = table.text_or_empty("doc", &mut self.faults);
        let value = table.text("value", &mut self.faults).unwrap_or_else(|| key.text.clone());
        let way = self.way(&table);
        let arm_node = table.get("arm");
        let arm = arm_node.and_then(|node| self.arm(node));
        let each = table.get("each").and_then(|node| self.arm(node));
        let payload = self.payload_view(view, arm.as_ref(), each.as_ref());
        let entries = table.map("where", &mut self.faults);
        let where_ = self.path_values(entries);
        let has = table.texts("has", &mut self.faults);
        let words = [("start", CaseSignal::Start), ("end", CaseSignal::End), ("none", CaseSignal::None)];
        let signal = table.word("signal", &words, &mut self.faults);
        let mut body = self.case_body(&table, &place, payload);
        // Who speaks in an answer needs no saying.
        if let (Some(CaseSignal::Start), CaseBody::Struct(record)) = (signal, &mut body) {
            let role = Path(["start", "role"].map(|name| Step::Member(name.to_owned())).to_vec());
            record.assume.push((role, Literal::Str("assistant".to_owned())));
        }
        let arm_span = arm_node.map_or(key.span, |node| node.span);
        Some(Case {
            name: key.text.clone(),
            value,
            doc,
            span: key.span,
            arm,
            arm_span,
            body,
            way,
            where_,
            has,
            each,
            signal,
        })
    }

    fn case_body(&mut self, table: &Table<'_>, place: &str, payload: View) -> CaseBody {
        if let Some(node) = table.get("type") {
            for stray in ["fields", "assume"] {
                if let Some((key, _)) = table.entry(stray) {
                    self.fault(Code::Conflict, key.span, format!("a case has `{stray}:` or `type:`, not both"));
                }
            }
            return match self.payload(node, place, payload) {
                Some(ty) => CaseBody::Value(ty),
                None => CaseBody::Struct(Struct::default()),
            };
        }
        let entries = table.map("fields", &mut self.faults);
        let fields = self.fields(entries, place, &payload);
        let entries = table.map("assume", &mut self.faults);
        let assume = self.path_values(entries);
        CaseBody::Struct(Struct { view: view_name(&payload), fields, assume, ..Struct::default() })
    }

    /// What a case's paths are relative to: the payload of its arm; of each block, if it is written once per block.
    fn payload_view(&self, view: &View, arm: Option<&Path>, each: Option<&Path>) -> View {
        let here = match arm {
            Some(arm) => self.view_at(view, arm),
            None => view.clone(),
        };
        match each {
            None => here,
            Some(each) => {
                let content = Path(vec![Step::Member("content".to_owned())]);
                match self.view_at(&here, &content)? {
                    FacadeTy::List(block) => self.view_at(&Some(*block), each),
                    _ => None,
                }
            }
        }
    }

    fn trailing(&mut self, key: &Key, node: &Node, place: &str, view: &View) -> Option<Trailing> {
        let table = Table::new(node, &keys::TRAILING, &mut self.faults)?;
        let arm = table.need("arm", &mut self.faults).and_then(|node| self.arm(node));
        let payload = arm.as_ref().and_then(|arm| self.view_at(view, arm));
        let place = format!("{place}.{}", key.text);
        let ty = table.need("type", &mut self.faults).and_then(|node| self.payload(node, &place, payload));
        let on = table.texts("after", &mut self.faults);
        Some(Trailing { key: key.text.clone(), ty: ty?, arm: arm?, on, span: key.span })
    }
}
