//! Type expressions to native types: names resolved, brackets given to the types that have them.

use super::Cx;
use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Range, Ty};
use crate::node::Node;
use crate::ty::{self, Bracket, Head};

const BASES: &[&str] = &[
    "string",
    "int",
    "float",
    "bool",
    "json",
    "base64",
    "json_text",
    "data_url",
    "prompt",
    "list",
    "one_or_list",
    "map",
];

/// A lowered type expression.
pub(super) struct Typed {
    pub(super) ty: Ty,
    pub(super) required: bool,
    pub(super) nullable: bool,
}

impl Cx {
    /// Lowers the type expression in a scalar.
    pub(super) fn expr(&mut self, node: &Node) -> Option<Typed> {
        match ty::parse(node) {
            Ok(expr) => {
                let ty = self.head(&expr.head)?;
                Some(Typed { ty, required: expr.required, nullable: expr.nullable })
            }
            Err(fault) => {
                self.faults.push(*fault);
                None
            }
        }
    }

    fn head(&mut self, head: &Head) -> Option<Ty> {
        let mut range = match &head.bracket {
            None => None,
            Some(Bracket::Range(range, span)) => Some((range.clone(), *span)),
            Some(Bracket::Words(_, span)) => {
                self.fault(Code::BadType, *span, "brackets hold a range such as `1..64`");
                None
            }
        };
        let mut ranged = || range.take().map(|(range, _)| range).unwrap_or_default();
        let takes_arg = matches!(head.name.as_str(), "list" | "one_or_list" | "map");
        let ty = if takes_arg {
            let Some(arg) = &head.arg else {
                let fault = Diagnostic::new(Code::BadType, head.span, format!("`{}` needs an element type", head.name))
                    .help(format!("write `{}<string>`, for example", head.name));
                self.faults.push(fault);
                return None;
            };
            let item = Box::new(self.head(arg)?);
            if let (Ty::Named(id), true) = (item.as_ref(), head.name != "map") {
                self.elements.insert(*id);
            }
            match head.name.as_str() {
                "list" => Ty::List(item, ranged()),
                "map" => Ty::Map(item),
                _ => Ty::OneOrList(item),
            }
        } else {
            if let Some(arg) = &head.arg {
                self.fault(Code::BadType, arg.span, format!("`{}` has no element type", head.name));
            }
            match head.name.as_str() {
                "string" => Ty::Str(ranged()),
                "int" => Ty::Int(ranged()),
                "float" => Ty::Float(ranged()),
                "bool" => Ty::Bool,
                "json" => Ty::Json,
                "base64" => Ty::Base64 { wrap: false },
                "json_text" => Ty::JsonText,
                "data_url" => Ty::DataUrl(Vec::new()),
                "prompt" => Ty::Prompt,
                name => {
                    let id = self.names.get(name).copied();
                    if id.is_none() {
                        let known = self.names.keys().map(String::as_str).chain(BASES.iter().copied());
                        let fault = Diagnostic::new(Code::UnknownType, head.span, format!("there is no type `{name}`"))
                            .suggest(name, known);
                        self.faults.push(fault);
                    }
                    Ty::Named(id?)
                }
            }
        };
        if let Some((_, span)) = range {
            self.fault(Code::BadType, span, format!("`{}` has no range", head.name));
        }
        Some(ty)
    }
}

/// The type of values that a constant belongs to, for fields that give no type.
pub(super) fn type_of(literal: &crate::ir::Literal) -> Ty {
    use crate::ir::Literal;
    match literal {
        Literal::Str(_) => Ty::Str(Range::default()),
        Literal::Bool(_) => Ty::Bool,
        Literal::Num(text) if text.bytes().all(|b| b.is_ascii_digit() || b == b'-') => Ty::Int(Range::default()),
        Literal::Num(_) => Ty::Float(Range::default()),
        Literal::Null | Literal::List(_) | Literal::Object(_) => Ty::Json,
    }
}
