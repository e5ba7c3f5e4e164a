//! What generated encoders call to write members, elements, and blocks that become members.

use std::borrow::Cow;

use super::{At, Encode};
use crate::json::{Json, List, Str, scan, write};
use crate::{Code, Error};

/// In place of a case index: nothing was written.
pub const NONE: usize = usize::MAX;
/// In place of a case index: something that is no case was written.
pub const WORD: usize = usize::MAX - 1;

/// A comma, unless an object, a list or a member has just been opened.
#[inline]
pub fn sep(o: &mut Vec<u8>) {
    if !matches!(o.last(), None | Some(b'{' | b'[' | b':')) {
        o.push(b',');
    }
}

/// A member's name and colon (perhaps with more behind it), separated from what is before.
#[inline]
pub fn member(o: &mut Vec<u8>, text: &str) {
    write::separator(o);
    write::raw(o, text);
}

/// Whether a member got a value since `mark`; if not, its name is taken back.
#[inline]
pub fn kept(o: &mut Vec<u8>, mark: usize) -> bool {
    if o.last() == Some(&b':') {
        o.truncate(mark);
        return false;
    }
    true
}

/// Makes a list of exactly one element with nothing but a text a bare string, and an empty list an empty string.
/// `head` is what stands before the text.
pub(super) fn bare(o: &mut Vec<u8>, start: usize, head: &str) {
    let list = o.get(start..).unwrap_or_default();
    if list == b"[]" {
        o.truncate(start);
        o.extend_from_slice(b"\"\"");
        return;
    }
    let braces = head.bytes().filter(|b| *b == b'{').count();
    // What follows the text: its quote, the braces, the bracket.
    let tail = braces + 2;
    let Some(quote) =
        list.len().checked_sub(tail).filter(|quote| list.starts_with(head.as_bytes()) && *quote > head.len())
    else {
        return;
    };
    let ends = list.get(quote + 1..).and_then(|rest| rest.split_last());
    if !ends.is_some_and(|(last, inner)| *last == b']' && inner.iter().all(|b| *b == b'}'))
        || !scan::string_end(list, head.len()).is_ok_and(|(end, _)| end == quote)
    {
        return;
    }
    let end = o.len() - tail;
    o.truncate(end + 1);
    // The closing quote stays; what stood before the text goes, but for its quote.
    o.drain(start..start + head.len() - 1);
}

/// Reopens the last element for a member, if it is of one of the cases that can carry it.
pub fn attach(o: &mut Vec<u8>, last: &mut usize, on: &[usize], at: &At<'_>) -> Result<(), Error> {
    if on.contains(last) && o.last() == Some(&b'}') {
        o.pop();
        *last = NONE;
        return Ok(());
    }
    Err(Error::new(
        Code::NothingToAttach,
        "the format attaches this to the element before it, and there is none that can carry it; move it or leave it out",
    )
    .at(at.to_string()))
}

/// The leading system turn.
#[derive(Debug)]
pub struct SystemTurn<'s, T> {
    /// What it holds.
    pub content: &'s [T],
}

impl<'s, T> SystemTurn<'s, T> {
    /// The turn of a list of system blocks.
    #[must_use]
    pub fn new(content: &'s [T]) -> Self {
        Self { content }
    }
}

/// The blocks that say something; they are copied only if there are others between them.
#[must_use]
pub fn said<'s, T: Clone>(all: Option<&'s List<'_, T>>, says: impl Fn(&T) -> bool) -> Cow<'s, [T]> {
    let all: &[T] = all.map(|all| &**all).unwrap_or_default();
    if all.iter().all(&says) { Cow::Borrowed(all) } else { all.iter().filter(|x| says(x)).cloned().collect() }
}

/// What one turn wrote: the first and the last of its cases, and whether its blocks kept their order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Written {
    first: Option<(usize, bool)>,
    last: usize,
    block: usize,
    mixed: bool,
}

/// The role of a turn and the last of its cases.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ended {
    role: u8,
    case: usize,
}

impl Written {
    /// An element of a case was written; `each`: it stands for one block.
    pub fn wrote(&mut self, case: usize, each: bool) {
        self.first = self.first.or(Some((case, each)));
        self.last = case;
    }
    /// The block at a position of the turn was written.
    pub fn block(&mut self, index: usize) {
        self.mixed |= index < self.block;
        self.block = index;
    }
    /// Whether the blocks kept their order.
    #[must_use]
    pub fn is_sorted(&self) -> bool {
        !self.mixed
    }
    /// Whether this turn reads back as a part of the one before.
    #[must_use]
    pub fn joins(&self, before: &Ended, role: &str) -> bool {
        let Some((first, each)) = self.first else { return false };
        before.role == code(role) && (before.case < first || before.case == first && each)
    }
    /// How the turn ends.
    #[must_use]
    pub fn ends(&self, role: &str) -> Ended {
        Ended { role: if self.first.is_some() { code(role) } else { 0 }, case: self.last }
    }
}

/// Roles that have turns, as numbers.
fn code(role: &str) -> u8 {
    match role {
        "system" => 1,
        "user" => 2,
        "assistant" => 3,
        _ => 4,
    }
}

/// Several texts that become one string.
#[derive(Debug)]
pub struct Texts {
    join: &'static str,
    count: usize,
    start: usize,
}

impl Texts {
    /// Opens the string.
    pub fn new(o: &mut Vec<u8>, join: &'static str) -> Self {
        o.push(b'"');
        Self { join, count: 0, start: o.len() }
    }
    fn next(&mut self, o: &mut Vec<u8>) {
        if self.count > 0 {
            write::escape(o, self.join);
        }
        self.count += 1;
    }
    /// Adds a text.
    pub fn push(&mut self, o: &mut Vec<u8>, text: &Str<'_>) {
        self.next(o);
        text.write_contents(o);
    }
    /// Adds a JSON value as its text; a JSON string as what it says.
    pub fn push_json(&mut self, o: &mut Vec<u8>, json: &Json<'_>) {
        self.next(o);
        let text = json.as_str();
        match text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
            Some(contents) => write::raw(o, contents),
            None => write::escape(o, text),
        }
    }
    /// Closes the string; `required`: it is written even if it is empty, otherwise it is taken back.
    pub fn close(self, o: &mut Vec<u8>, cx: &mut Encode<'_>, at: &At<'_>, required: bool) {
        if self.count > 1 {
            cx.approximated(at, "several texts become one");
        }
        if o.len() == self.start && !required {
            o.pop();
        } else {
            o.push(b'"');
        }
    }
}
