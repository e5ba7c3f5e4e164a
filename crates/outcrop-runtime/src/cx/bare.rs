//! Lists of one text that are written as the text alone.

use std::collections::BTreeSet;

use super::{Encode, bare, pointer};
use crate::Kind;
use crate::json::{Str, scan};

/// A string in the body that stands for a list, and what the list has before the text.
pub(super) type Bare = (usize, &'static str);

impl Encode<'_> {
    /// Writes the text of a list that holds nothing else; `head` is what stands before it in the list.
    pub fn bare_text(&mut self, o: &mut Vec<u8>, text: &Str<'_>, head: &'static str) {
        if self.is_reached() {
            self.bares.push((o.len(), head));
        }
        text.write_json(o);
    }

    /// Makes the list that begins at `start` a bare string, if it is such a list.
    pub fn bare(&mut self, o: &mut Vec<u8>, start: usize, head: &'static str) {
        bare(o, start, head);
        if self.is_reached() && o.get(start) == Some(&b'"') {
            self.bares.push((start, head));
        }
    }

    /// Whether additional fields may reach into what is written.
    fn is_reached(&self) -> bool {
        self.extras.is_some() && self.kind != Kind::Stream
    }

    /// Additional fields that reach into a list need it, so that texts there are written as lists after all.
    pub(super) fn open_texts(&mut self, o: &mut Vec<u8>) {
        let bares = std::mem::take(&mut self.bares);
        let extras = self.extras.as_ref().and_then(crate::Tree::as_object).map(crate::tree::Object::members);
        let wanted: BTreeSet<&str> = extras.unwrap_or_default().iter().map(|(name, _)| name.as_str()).collect();
        let reached = |pointer: &String| {
            let below = format!("{pointer}/");
            wanted.range(below.as_str()..).next().is_some_and(|name| name.starts_with(&below))
        };
        let starts: Vec<usize> = bares.iter().map(|(start, _)| *start).collect();
        let reached: Vec<bool> = pointers(o, &starts).iter().map(reached).collect();
        // From the last to the first, so that places stay what they are.
        for ((start, head), _) in bares.into_iter().zip(reached).rev().filter(|(_, reached)| *reached) {
            let text = o.get(start..).unwrap_or_default();
            let Ok((end, _)) = scan::string_end(text, 1) else { continue };
            // An empty text stands for an empty list, which nothing reaches into.
            if text.first() != Some(&b'"') || end == 1 {
                continue;
            }
            let braces = head.bytes().filter(|b| *b == b'{').count();
            let tail = std::iter::repeat_n(b'}', braces).chain([b']']);
            o.splice(start + end + 1..=start + end, tail);
            o.splice(start..=start, head.bytes());
        }
    }
}

/// A step on the way to a value.
enum Step {
    Index(usize),
    Key(String),
}

/// The places, as JSON pointers, of the values that begin at these bytes of a body.
fn pointers(body: &[u8], starts: &[usize]) -> Vec<String> {
    let (mut steps, mut out): (Vec<Step>, Vec<String>) = (Vec::new(), Vec::new());
    let (mut at, mut starts) = (0, starts.iter().peekable());
    while let (Some(byte), Some(next)) = (body.get(at), starts.peek()) {
        if **next <= at {
            let names: Vec<String> = steps
                .iter()
                .map(|step| match step {
                    Step::Index(n) => n.to_string(),
                    Step::Key(name) => name.clone(),
                })
                .collect();
            out.push(pointer(&names.iter().map(String::as_str).collect::<Vec<_>>()));
            starts.next();
            continue;
        }
        match byte {
            b'{' => steps.push(Step::Key(String::new())),
            b'[' => steps.push(Step::Index(0)),
            b'}' | b']' => drop(steps.pop()),
            b',' => {
                if let Some(Step::Index(n)) = steps.last_mut() {
                    *n += 1;
                }
            }
            b'"' => {
                let end = scan::string_end(body, at + 1).map_or(body.len(), |(end, _)| end);
                if let (Some(b':'), Some(Step::Key(key))) = (body.get(end + 1), steps.last_mut()) {
                    let raw = body.get(at + 1..end).and_then(|raw| std::str::from_utf8(raw).ok()).unwrap_or_default();
                    *key = Str::raw(raw).text().into_owned();
                }
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    out
}
