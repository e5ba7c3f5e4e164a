//! Native bodies that are more than what their fields say: elements that were kept whole, and additional fields that reach
//! into lists. They are read again before they are given away.

use super::{At, Decode, Encode, Reads};
use crate::json::{Arena, Cursor, Json, Value};
use crate::{Code, Error, Kind, Tree};

/// What an element that was kept whole is called.
const KEPT: &str = "native";

impl Encode<'_> {
    /// Writes an element that decoding kept whole.
    pub fn keeps(&mut self, o: &mut Vec<u8>, element: &Json<'_>, at: &At<'_>) {
        super::sep(o);
        element.write(o);
        // Chunks are given away at once.
        if self.kind != Kind::Stream {
            self.kept.push(at.key(KEPT).path());
        }
    }

    /// Puts the additional fields into the finished body, and reads it again where that could have made it another one.
    /// `keys`: members that the body may have.
    pub fn complete(&mut self, o: &mut Vec<u8>, keys: &[&str], read: Reads) -> Result<(), Error> {
        if self.extras.is_some() {
            self.there = u64::MAX;
        }
        self.merged(o, keys, read)?;
        if self.kind == Kind::Request {
            self.obey(o)?;
        }
        Ok(())
    }

    /// Judges the finished body by the rules on the model.
    fn obey(&mut self, body: &[u8]) -> Result<(), Error> {
        for (rule, member) in self.spec.judge(self.call.model, body, self.there, &self.spans)? {
            super::lose(&mut self.report, crate::Fate::Dropped, member.facade, crate::rules::ignored(rule));
        }
        Ok(())
    }

    fn merged(&mut self, o: &mut Vec<u8>, keys: &[&str], read: Reads) -> Result<(), Error> {
        if self.is_pointed() {
            self.spans.clear();
            self.open_texts(o);
        }
        let pointed = self.merge_extras(o, keys)?;
        if !pointed && self.kept.is_empty() {
            return Ok(());
        }
        let arena = Arena::for_input(o.len());
        let again = || read(&mut Cursor::new(o, &arena)?, &mut Decode::new(self.spec, &self.call));
        let again = again();
        let kept = std::mem::take(&mut self.kept);
        match (again, kept.first()) {
            (Ok(converse), Some(_)) if !converse.is_empty() => self.look_for(&kept, &Tree::parse(&converse)?),
            (Ok(_), _) => {}
            (Err(e), Some(first)) if !pointed => {
                let e = e.in_native(o);
                let why = format!("this reads as an element that the format knows, and {}", e.message);
                let place = kept.iter().find(|p| same_place(p, &e.native_path)).unwrap_or(first);
                return Err(Error::new(Code::Unsupported, why).at(place.as_str()).native(e.native_path));
            }
            // What reaches into the body must leave it one that the format knows.
            (Err(e), _) => return Err(e.in_native(o).at(self.extra_path())),
        }
        Ok(())
    }

    /// Reports what was kept whole and is not read back as such.
    fn look_for(&mut self, kept: &[String], converse: &Tree) {
        let mut left = count(converse);
        if left >= kept.len() {
            return;
        }
        let lost: Vec<&String> = kept.iter().filter(|path| at(converse, path).is_none()).collect();
        for path in lost {
            if left < kept.len() {
                left += 1;
                let why = "this reads back as an element that the format knows";
                super::lose(&mut self.report, crate::Fate::Approximated, path.clone(), why);
            }
        }
    }
}

/// Whether the places of an element on both sides have the same indexes.
fn same_place(converse: &str, native: &str) -> bool {
    let numbers = |path: &str| -> Vec<usize> { path.split(['[', ']']).filter_map(|part| part.parse().ok()).collect() };
    let (ours, theirs) = (numbers(converse), numbers(native));
    !ours.is_empty() && theirs.starts_with(&ours)
}

/// How many elements are kept whole.
fn count(tree: &Tree) -> usize {
    match tree {
        Tree::Arr(items) => items.items().iter().map(count).sum(),
        Tree::Obj(o) => match o.members() {
            [(name, _)] if name == KEPT => 1,
            members => members.iter().map(|(_, value)| count(value)).sum(),
        },
        _ => 0,
    }
}

/// The value at a path.
fn at<'t>(tree: &'t Tree, path: &str) -> Option<&'t Tree> {
    let mut place = tree;
    for step in path.split(['.', '[']) {
        place = match step.strip_suffix(']').and_then(|n| n.parse::<usize>().ok()) {
            Some(i) => place.as_list()?.get(i)?,
            None => place.get(step)?,
        };
    }
    Some(place)
}
