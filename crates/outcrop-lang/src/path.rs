//! Façade paths: `a.b`, `a[only].c`, `.`; and where they lead.

use crate::codes::Code;
use crate::diag::Diagnostic;
use crate::ir::{Facade, FacadeMember, FacadeTy, Path, Step};
use crate::node::Node;
use crate::ty::inner_span;
use std::fmt;

/// Parses the path in a scalar.
pub fn parse(node: &Node) -> Result<Path, Box<Diagnostic>> {
    let Some(text) = node.as_str() else {
        let message = format!("a path is text such as `a.b` or `.`, not {}", node.kind_name());
        return Err(Box::new(Diagnostic::new(Code::WrongKind, node.span, message)));
    };
    parse_text(text).map_err(|(at, message)| {
        Box::new(Diagnostic::new(Code::BadPath, inner_span(node, text, at, text.len()), message))
    })
}

/// Parses a path; the error is an offset and a message.
pub fn parse_text(text: &str) -> Result<Path, (usize, String)> {
    if text == "." {
        return Ok(Path::default());
    }
    let mut steps = Vec::new();
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or("");
        let len = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
        if len == 0 {
            return Err((at, "a member name is missing here".to_owned()));
        }
        steps.push(Step::Member(rest.get(..len).unwrap_or("").to_owned()));
        at += len;
        if let Some(inside) = text.get(at..).and_then(|rest| rest.strip_prefix('[')) {
            let Some(end) = inside.find(']') else { return Err((at, "`]` is missing".to_owned())) };
            steps.push(bracket(inside.get(..end).unwrap_or("")).map_err(|message| (at + 1, message))?);
            at += end + 2;
        }
        match text.get(at..).unwrap_or("").chars().next() {
            None => return Ok(Path(steps)),
            Some('.') => at += 1,
            Some(other) => return Err((at, format!("`{other}` cannot stand here"))),
        }
    }
}

/// What stands in square brackets.
fn bracket(inside: &str) -> Result<Step, String> {
    match inside.split_once('=') {
        None if inside == "only" => Ok(Step::Only),
        Some((member, value)) if !member.is_empty() && member.chars().all(is_name) => {
            Ok(Step::Pick { member: member.to_owned(), value: value.to_owned() })
        }
        _ => Err(format!("`[{inside}]` is neither `[only]` nor `[member=text]`")),
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str(".");
        }
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Member(name) if index == 0 => f.write_str(name)?,
                Step::Member(name) => write!(f, ".{name}")?,
                Step::Only => f.write_str("[only]")?,
                Step::Pick { member, value } => write!(f, "[{member}={value}]")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for FacadeTy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FacadeTy::Str => f.write_str("string"),
            FacadeTy::Enum(words) => write!(f, "enum({})", words.join("|")),
            FacadeTy::Int => f.write_str("int"),
            FacadeTy::Float => f.write_str("float"),
            FacadeTy::Bool => f.write_str("bool"),
            FacadeTy::Json => f.write_str("json"),
            FacadeTy::Blob => f.write_str("blob"),
            FacadeTy::List(item) => write!(f, "list<{item}>"),
            FacadeTy::Map(item) => write!(f, "map<{item}>"),
            FacadeTy::Named(name) => f.write_str(name),
        }
    }
}

impl FacadeTy {
    /// The type that a `view` stands for: the reverse of `Display`. An unknown view is `None`.
    #[must_use]
    pub fn of_view(view: &str) -> Option<Self> {
        let inner = |prefix: &str| view.strip_prefix(prefix).and_then(|rest| rest.strip_suffix('>'));
        Some(match view {
            "" => return None,
            "string" => FacadeTy::Str,
            "int" => FacadeTy::Int,
            "float" => FacadeTy::Float,
            "bool" => FacadeTy::Bool,
            "json" => FacadeTy::Json,
            "blob" => FacadeTy::Blob,
            _ => {
                if let Some(item) = inner("list<") {
                    FacadeTy::List(Box::new(Self::of_view(item)?))
                } else if let Some(item) = inner("map<") {
                    FacadeTy::Map(Box::new(Self::of_view(item)?))
                } else if let Some(words) = view.strip_prefix("enum(").and_then(|rest| rest.strip_suffix(')')) {
                    FacadeTy::Enum(words.split('|').map(str::to_owned).collect())
                } else {
                    FacadeTy::Named(view.to_owned())
                }
            }
        })
    }
}

impl Facade {
    /// Where a path leads from a view. The error is the index of the step that leads nowhere, and the type it starts at.
    pub fn walk(&self, view: &FacadeTy, path: &Path) -> Result<FacadeTy, (usize, FacadeTy)> {
        let mut here = view.clone();
        let mut index = 0;
        while let Some(step) = path.0.get(index) {
            let next = match step {
                Step::Only | Step::Pick { .. } => match &here {
                    FacadeTy::List(item) => Some((item.as_ref().clone(), 1)),
                    _ => None,
                },
                Step::Member(name) => {
                    // Virtual members of lists are declared with the list's name before them: `messages.last`.
                    let dotted = match path.0.get(index + 1) {
                        Some(Step::Member(second)) => self.member(&here, &format!("{name}.{second}")),
                        _ => None,
                    };
                    match dotted {
                        Some(member) => Some((member.ty.clone(), 2)),
                        None => self.member(&here, name).map(|member| (member.ty.clone(), 1)),
                    }
                }
            };
            match next {
                Some((ty, steps)) => {
                    here = ty;
                    index += steps;
                }
                None => return Err((index, here)),
            }
        }
        Ok(here)
    }

    /// The member or arm of that name, as [`Self::members`] lists them.
    #[must_use]
    pub fn member(&self, ty: &FacadeTy, name: &str) -> Option<&FacadeMember> {
        self.members(ty).find(|member| member.name == name)
    }

    /// All members or arms; also those of types that are other views of this one, and of the one that this is a view of.
    pub fn members<'f>(&'f self, ty: &FacadeTy) -> impl Iterator<Item = &'f FacadeMember> {
        let named = |ty: &FacadeTy| match ty {
            FacadeTy::Named(name) => self.types.get(name),
            _ => None,
        };
        let own = named(ty);
        let below = own.and_then(|def| def.view_of.as_ref()).and_then(named);
        let ty = ty.clone();
        let above = self.types.values().filter(move |other| other.view_of.as_ref() == Some(&ty));
        own.into_iter().chain(below).chain(above).flat_map(|def| &def.members)
    }

    /// Whether a value of this façade type can be looked at through that view.
    #[must_use]
    pub fn fits(&self, ty: &FacadeTy, view: &str) -> bool {
        match FacadeTy::of_view(view) {
            Some(wanted) if wanted == *ty => true,
            Some(FacadeTy::Named(name)) => self.types.get(&name).is_some_and(|def| def.view_of.as_ref() == Some(ty)),
            _ => false,
        }
    }
}
