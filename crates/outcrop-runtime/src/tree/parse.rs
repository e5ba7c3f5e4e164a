//! Text to tree: the whole JSON grammar, nesting bounded, duplicate members refused.

use std::sync::Arc;

use super::{Array, Object, Raw, Tree};
use crate::{Code, Error};

/// Deepest nesting of lists and objects that is read.
pub const MAX_DEPTH: usize = 128;

impl Tree {
    /// Reads one JSON value from bytes. Errors carry the path inside the document in `path`.
    pub fn parse(bytes: &[u8]) -> Result<Tree, Error> {
        match simdutf8::compat::from_utf8(bytes) {
            Ok(text) => Self::parse_text(text),
            Err(e) => Err(Error::new(
                Code::MalformedJson,
                format!("byte {} is not UTF-8; send JSON encoded as UTF-8", e.valid_up_to()),
            )),
        }
    }

    /// Reads one JSON value from text.
    pub fn parse_text(text: &str) -> Result<Tree, Error> {
        let mut p = Parser { source: Arc::from(text), at: 0, depth: 0 };
        p.space();
        let tree = p.value()?;
        p.space();
        if p.peek().is_some() { Err(p.malformed("more text after the value")) } else { Ok(tree) }
    }
}

struct Parser {
    source: Arc<str>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<u8> {
        self.source.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let hit = self.peek() == Some(byte);
        self.at += usize::from(hit);
        hit
    }

    fn malformed(&self, what: &str) -> Error {
        Error::new(Code::MalformedJson, format!("{what} at byte {}; send one valid JSON value", self.at))
    }

    fn unexpected(&self, wanted: &str) -> Error {
        match self.peek() {
            None => self.malformed(&format!("the text ends where {wanted} is expected")),
            Some(_) => self.malformed(&format!("{wanted} is expected")),
        }
    }

    fn value(&mut self) -> Result<Tree, Error> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => self.string().map(Tree::Str),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Tree::Bool(true)),
            Some(b'f') => self.word("false", Tree::Bool(false)),
            Some(b'n') => self.word("null", Tree::Null),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Tree, Error>) -> Result<Tree, Error> {
        if self.depth == MAX_DEPTH {
            return Err(Error::new(
                Code::TooLarge,
                format!("nesting is deeper than {MAX_DEPTH} at byte {}; flatten the value", self.at),
            ));
        }
        self.depth += 1;
        let start = self.at;
        self.at += 1;
        let mut tree = read(self)?;
        self.depth -= 1;
        let raw = Some(Raw { source: self.source.clone(), start, end: self.at });
        match &mut tree {
            Tree::Arr(Array { raw: r, .. }) | Tree::Obj(Object { raw: r, .. }) => *r = raw,
            _ => {}
        }
        Ok(tree)
    }

    fn list(&mut self) -> Result<Tree, Error> {
        let mut items = Vec::new();
        self.space();
        if self.eat(b']') {
            return Ok(Tree::list(items));
        }
        loop {
            self.space();
            let index = items.len();
            items.push(self.value().map_err(|e| below(e, &format!("[{index}]")))?);
            self.space();
            if self.eat(b']') {
                return Ok(Tree::list(items));
            }
            if !self.eat(b',') {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
    }

    fn object(&mut self) -> Result<Tree, Error> {
        let mut members: Vec<(String, Tree)> = Vec::new();
        self.space();
        if self.eat(b'}') {
            return Ok(Tree::object(members));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a member name"));
            }
            let name = self.string()?;
            self.space();
            if !self.eat(b':') {
                return Err(self.unexpected("`:`"));
            }
            self.space();
            let value = match self.value() {
                Ok(value) => value,
                Err(e) => return Err(below(e, &name)),
            };
            members.push((name, value));
            self.space();
            if self.eat(b'}') {
                return match duplicate(&members) {
                    Some(name) => Err(Error::new(
                        Code::DuplicateMember,
                        format!("the member `{name}` occurs twice in one object; name it once"),
                    )
                    .at(name)),
                    None => Ok(Tree::object(members)),
                };
            }
            if !self.eat(b',') {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
    }

    fn word(&mut self, word: &str, tree: Tree) -> Result<Tree, Error> {
        if self.source.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            self.at += word.len();
            Ok(tree)
        } else {
            Err(self.unexpected("a value"))
        }
    }

    fn digits(&mut self) -> Result<(), Error> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.unexpected("a digit")) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Tree, Error> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            self.digits()?;
        }
        Ok(Tree::Num(self.source.get(start..self.at).unwrap_or_default().to_owned()))
    }

    fn string(&mut self) -> Result<String, Error> {
        self.at += 1;
        let mut out = String::new();
        let mut start = self.at;
        loop {
            match self.peek() {
                None => return Err(self.unexpected("the closing quote")),
                Some(b'"') => {
                    out.push_str(self.source.get(start..self.at).unwrap_or_default());
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    out.push_str(self.source.get(start..self.at).unwrap_or_default());
                    self.at += 1;
                    out.push(self.escape()?);
                    start = self.at;
                }
                Some(0..0x20) => return Err(self.malformed("a control character must be escaped")),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<char, Error> {
        let c = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.unexpected("an escape")),
        };
        self.at += 1;
        Ok(c)
    }

    fn unicode(&mut self) -> Result<char, Error> {
        let high = self.hex()?;
        let code = if (0xD800..0xDC00).contains(&high) && self.eat(b'\\') {
            if !self.eat(b'u') {
                return Err(self.malformed("half of a surrogate pair"));
            }
            let low = self.hex()?;
            if !(0xDC00..0xE000).contains(&low) {
                return Err(self.malformed("half of a surrogate pair"));
            }
            0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
        } else {
            high
        };
        char::from_u32(code).ok_or_else(|| self.malformed("half of a surrogate pair"))
    }

    fn hex(&mut self) -> Result<u32, Error> {
        let digits = self.source.as_bytes().get(self.at..self.at + 4).unwrap_or_default();
        let value = digits.iter().try_fold(0, |n, d| char::from(*d).to_digit(16).map(|d| n * 16 + d));
        match value {
            Some(value) if digits.len() == 4 => {
                self.at += 4;
                Ok(value)
            }
            _ => Err(self.malformed("`\\u` needs four hexadecimal digits")),
        }
    }
}

/// Puts a step before the path of an error.
fn below(mut e: Error, step: &str) -> Error {
    e.path = match e.path.as_str() {
        "" => step.to_owned(),
        rest if rest.starts_with('[') => format!("{step}{rest}"),
        rest => format!("{step}.{rest}"),
    };
    e
}

/// A name that occurs twice. Sorting keeps hostile objects with very many members cheap.
fn duplicate(members: &[(String, Tree)]) -> Option<String> {
    let mut names: Vec<&str> = members.iter().map(|(n, _)| n.as_str()).collect();
    names.sort_unstable();
    names.windows(2).find(|w| w.first() == w.last()).and_then(|w| w.first()).map(|n| (*n).to_owned())
}
