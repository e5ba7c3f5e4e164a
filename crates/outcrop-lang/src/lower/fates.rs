//! What becomes of façade leaves that no field maps.

use super::Cx;
use super::table::{self, Table};
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Fate, Span};
use crate::node::NodeKind;

impl Cx {
    pub(super) fn fates(&mut self, table: &Table<'_>) -> Vec<Fate> {
        let mut fates = Vec::new();
        for node in table.list("unsupported", &mut self.faults) {
            if let Some(text) = table::text(node, "unsupported", &mut self.faults) {
                fates.extend(self.fate(&text, node.span, None));
            }
        }
        if let Some(node) = table.get("dropped")
            && let NodeKind::Seq(_) = node.kind
        {
            let fault = Diagnostic::new(Code::NoReason, node.span, "`dropped:` gives a reason for every pattern")
                .help("write `pattern: reason`");
            self.faults.push(fault);
            return fates;
        }
        for (key, node) in table.map("dropped", &mut self.faults) {
            let reason = node.as_str().unwrap_or("").to_owned();
            if reason.trim().is_empty() {
                self.fault(Code::NoReason, key.span, format!("`{}` is dropped without a reason", key.text));
            }
            fates.extend(self.fate(&key.text, key.span, Some(reason)));
        }
        fates
    }

    fn fate(&mut self, text: &str, span: Span, dropped: Option<String>) -> Option<Fate> {
        let pattern: Vec<String> = text.split('.').map(str::to_owned).collect();
        if pattern.iter().any(|name| name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_')) {
            let fault = Diagnostic::new(Code::BadPath, span, format!("`{text}` is no run of member names"))
                .help("write façade member names with dots between, such as `toolResult.status`");
            self.faults.push(fault);
            return None;
        }
        Some(Fate { pattern, dropped, span })
    }
}
