//! Type expressions, as written: `list<string(1..)>(..20)!|null`. Names are resolved elsewhere.

use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Range, Span};
use crate::node::Node;

/// A type expression with its suffixes.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeExpr {
    /// The type without `!` and `|null`.
    pub head: Head,
    /// `!`
    pub required: bool,
    /// `|null`
    pub nullable: bool,
}

/// A name, its argument and what stands in its brackets.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// Name of a base type, a type constructor or a declared type.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// What stands between `<` and `>`.
    pub arg: Option<Box<Head>>,
    /// What stands between `(` and `)`.
    pub bracket: Option<Bracket>,
}

/// The contents of round brackets.
#[derive(Debug, Clone, PartialEq)]
pub enum Bracket {
    /// `1..64`, either end may be missing.
    Range(Range, Span),
    /// `a|b|c`
    Words(Vec<String>, Span),
}

/// Nesting of `<`.
const MAX_DEPTH: usize = 16;

/// Parses the type expression in a scalar.
pub fn parse(node: &Node) -> Result<TypeExpr, Box<Diagnostic>> {
    let Some(text) = node.as_str() else {
        return Err(Box::new(Diagnostic::new(
            Code::WrongKind,
            node.span,
            format!("a type is text such as `string!` or `list<Name>`, not {}", node.kind_name()),
        )));
    };
    let mut parser = Parser { text, at: 0, node };
    let head = parser.head(0)?;
    let required = parser.eat("!");
    let nullable = parser.eat("|null");
    if parser.at < text.len() {
        let rest = parser.rest().to_owned();
        let fault = parser.fault(parser.at, text.len(), format!("`{rest}` cannot follow here"));
        return Err(if rest.starts_with('?') {
            Box::new(fault.help("members are optional unless marked `!`; write `|null` if null stands for absent"))
        } else if rest.starts_with(' ') {
            Box::new(fault.help("a type expression has no spaces"))
        } else if rest.contains('!') && nullable {
            Box::new(fault.help("`!` comes before `|null`"))
        } else {
            Box::new(fault)
        });
    }
    Ok(TypeExpr { head, required, nullable })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    node: &'a Node,
}

type Parsed<T> = Result<T, Box<Diagnostic>>;

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn span(&self, start: usize, end: usize) -> Span {
        inner_span(self.node, self.text, start, end)
    }

    fn fault(&self, start: usize, end: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Code::BadType, self.span(start, end), message)
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn head(&mut self, depth: usize) -> Parsed<Head> {
        let start = self.at;
        let len =
            self.rest().find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(self.rest().len());
        if len == 0 {
            let end = self.text.len();
            return Err(Box::new(self.fault(start, end, "a type name is missing here")));
        }
        if depth > MAX_DEPTH {
            return Err(Box::new(self.fault(start, self.text.len(), "the type nests too deep")));
        }
        let name = self.rest().get(..len).unwrap_or("").to_owned();
        self.at += len;
        let span = self.span(start, self.at);
        let arg = if self.eat("<") {
            let arg = self.head(depth + 1)?;
            if !self.eat(">") {
                let fault = self.fault(self.at, self.text.len(), "`>` is missing here");
                return Err(Box::new(if self.rest().starts_with('!') || self.rest().starts_with("|null") {
                    fault.help("elements have neither `!` nor `|null`")
                } else {
                    fault
                }));
            }
            Some(Box::new(arg))
        } else {
            None
        };
        let bracket = if self.eat("(") { Some(self.bracket()?) } else { None };
        Ok(Head { name, span, arg, bracket })
    }

    fn bracket(&mut self) -> Parsed<Bracket> {
        let start = self.at;
        let Some(len) = self.rest().find(')') else {
            return Err(Box::new(self.fault(start, self.text.len(), "`)` is missing")));
        };
        let inside = self.rest().get(..len).unwrap_or("");
        self.at += len + 1;
        let span = self.span(start, start + len);
        if let Some((min, max)) = inside.split_once("..") {
            let number = |text: &str, at: usize| -> Parsed<Option<f64>> {
                match text {
                    "" => Ok(None),
                    _ => match text.parse::<f64>() {
                        Ok(value) if value.is_finite() => Ok(Some(value)),
                        _ => Err(Box::new(self.fault(at, at + text.len(), format!("`{text}` is no number")))),
                    },
                }
            };
            let min = number(min, start)?;
            let max = number(max, start + len - max.len())?;
            if let (Some(least), Some(greatest)) = (min, max)
                && least > greatest
            {
                return Err(Box::new(Diagnostic::new(Code::BadRange, span, format!("no value lies in `{inside}`"))));
            }
            return Ok(Bracket::Range(Range { min, max }, span));
        }
        if inside.parse::<f64>().is_ok() {
            return Err(Box::new(
                self.fault(start, start + len, format!("`{inside}` is no range"))
                    .help(format!("write `{inside}..{inside}`, `{inside}..` or `..{inside}`")),
            ));
        }
        let words: Vec<String> = inside.split('|').map(|word| word.trim().to_owned()).collect();
        if words.iter().any(String::is_empty) {
            return Err(Box::new(self.fault(start, start + len, "an empty word")));
        }
        Ok(Bracket::Words(words, span))
    }
}

/// The place of a part of a scalar's text in the file. Exact for plain and simple quoted scalars; the whole scalar when
/// escapes or line breaks stand between text and place.
pub(crate) fn inner_span(node: &Node, text: &str, start: usize, end: usize) -> Span {
    let width = (node.span.end - node.span.start) as usize;
    let quote = match width.checked_sub(text.len()) {
        Some(0) => 0,
        Some(2) => 1,
        _ => return node.span,
    };
    let base = node.span.start + quote;
    Span { file: node.span.file, start: base + start as u32, end: base + end.max(start) as u32 }
}
