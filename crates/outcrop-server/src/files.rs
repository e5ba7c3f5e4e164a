//! YAML and JSON files of the caller's: read with positions, so that every fault names its line.

use outcrop_lang::diag::{self, Source, Style};
use outcrop_lang::node::{Node, NodeKind};
use outcrop_lang::yaml;

use crate::config::Text;
use crate::server::StartError;

/// A file.
pub(crate) struct File {
    path: String,
    text: String,
}

impl File {
    /// Reads a text; `what` it is goes into messages.
    pub(crate) fn read(text: &Text, what: &str) -> Result<(Self, Node), StartError> {
        let (path, text) = match text {
            Text::Inline(text) => (what.to_owned(), text.clone()),
            Text::File(path) => {
                let shown = path.display().to_string();
                let text = std::fs::read_to_string(path)
                    .map_err(|e| StartError(format!("reading the {what} {shown}: {e}; check the path")))?;
                (shown, text)
            }
        };
        let (node, faults) = yaml::parse(&text, 0);
        let file = Self { path, text };
        match node {
            Some(node) if faults.is_empty() => Ok((file, node)),
            _ => {
                let source = Source { path: file.path.clone(), text: file.text.clone() };
                let told = diag::render(&faults, &[source], Style::Plain);
                Err(StartError(format!("the {what} is not usable; mend it:\n{told}")))
            }
        }
    }

    /// A fault at a place.
    pub(crate) fn fault(&self, node: &Node, why: impl AsRef<str>) -> StartError {
        self.fault_at(node.span.start as usize, why)
    }

    fn fault_at(&self, at: usize, why: impl AsRef<str>) -> StartError {
        let before = self.text.get(..at.min(self.text.len())).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        StartError(format!("{}:{line}:{column}: {}", self.path, why.as_ref()))
    }

    /// A mapping with no other keys than these.
    pub(crate) fn members<'n>(&self, node: &'n Node, known: &[&str]) -> Result<Members<'_, 'n>, StartError> {
        let entries = node.as_map().ok_or_else(|| {
            self.fault(node, format!("expected a mapping with {}, found {}", told(known), node.kind_name()))
        })?;
        for (key, _) in entries {
            if !known.contains(&key.text.as_str()) {
                let hint = diag::did_you_mean(&key.text, known.iter().copied());
                let hint = hint.map_or_else(|| format!("there is {}", told(known)), |n| format!("did you mean `{n}`?"));
                return Err(self.fault_at(key.span.start as usize, format!("unknown key `{}`; {hint}", key.text)));
            }
        }
        Ok(Members { file: self, node })
    }

    /// A text.
    pub(crate) fn text<'n>(&self, node: &'n Node) -> Result<&'n str, StartError> {
        node.as_str().ok_or_else(|| self.fault(node, format!("expected text, found {}", node.kind_name())))
    }

    /// A number of at least zero.
    pub(crate) fn number(&self, node: &Node) -> Result<f64, StartError> {
        let number = match &node.kind {
            NodeKind::Num(text) => text.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0),
            _ => None,
        };
        number.ok_or_else(|| self.fault(node, format!("expected a number of at least 0, found {}", node.kind_name())))
    }

    /// A whole number of at least zero.
    pub(crate) fn count(&self, node: &Node) -> Result<u64, StartError> {
        let number = match &node.kind {
            NodeKind::Num(text) => text.parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| self.fault(node, format!("expected a whole number, found {}", node.kind_name())))
    }
}

/// A list; a value that is none is a list of itself.
pub(crate) fn list(node: &Node) -> &[Node] {
    match &node.kind {
        NodeKind::Seq(items) => items,
        _ => std::slice::from_ref(node),
    }
}

fn told(known: &[&str]) -> String {
    format!("`{}`", known.join("`, `"))
}

/// A mapping whose keys are known.
pub(crate) struct Members<'f, 'n> {
    file: &'f File,
    node: &'n Node,
}

impl<'n> Members<'_, 'n> {
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.node.get(key).filter(|node| node.kind != NodeKind::Null)
    }

    pub(crate) fn text(&self, key: &str) -> Result<Option<&'n str>, StartError> {
        self.get(key).map(|node| self.file.text(node)).transpose()
    }

    pub(crate) fn number(&self, key: &str) -> Result<Option<f64>, StartError> {
        self.get(key).map(|node| self.file.number(node)).transpose()
    }

    pub(crate) fn count(&self, key: &str) -> Result<Option<u64>, StartError> {
        self.get(key).map(|node| self.file.count(node)).transpose()
    }

    /// A member that must be one of a few words.
    pub(crate) fn word(&self, key: &str, words: &[&str]) -> Result<Option<&'n str>, StartError> {
        match self.text(key)? {
            Some(word) if !words.contains(&word) => {
                let node = self.get(key).unwrap_or(self.node);
                Err(self.file.fault(node, format!("unknown `{key}`: `{word}`; there is {}", told(words))))
            }
            word => Ok(word),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_their_line() {
        let read = |text: &str| File::read(&Text::Inline(text.to_owned()), "script");
        let (file, node) = read("a: 1\nbs:\n  - x\n").unwrap();
        let fault = file.members(&node, &["a", "b"]).err().unwrap().0;
        assert_eq!(fault, "script:2:1: unknown key `bs`; did you mean `b`?");
        let twice = read("a: 1\na: 2\n").err().unwrap().0;
        assert!(twice.contains("the key `a` is there twice") && twice.contains("script:2"), "{twice}");
        let (file, node) = read("{\"a\": -1}").unwrap();
        assert_eq!(
            file.members(&node, &["a"]).unwrap().count("a").unwrap_err().0,
            "script:1:7: expected a whole number, found a number"
        );
    }
}
