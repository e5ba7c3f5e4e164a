//! What the chunks of a stream share while they are encoded: additional fields, and a string with regions.

use super::{At, Encode, merge};
use crate::json::{Str, write};
use crate::regions::{Region, Wrapper};
use crate::{Code, Error, Fate, Report, Tree};

/// State that chunks share.
#[derive(Debug, Clone, Default)]
pub struct Held {
    filled: Vec<String>,
    wrapper: Option<Wrapper<'static>>,
}

impl Encode<'_> {
    /// What a trial may change.
    #[must_use]
    pub fn before(&self) -> (Held, Report) {
        (self.held.clone(), self.report.clone())
    }

    /// Undoes a trial.
    pub fn undo(&mut self, before: (Held, Report)) {
        (self.held, self.report) = before;
    }

    /// The additional fields are known: chunks still to come may say them.
    pub fn give_extras(&mut self, extras: &str) -> Result<(), Error> {
        let tree = Tree::parse_text(extras)?;
        if !matches!(tree, Tree::Obj(_) | Tree::Null) {
            let why = format!("additional fields are an object, not {}; send an object of native members", tree.kind());
            return Err(Error::new(Code::WrongType, why).at("messageStop.additionalModelResponseFields"));
        }
        self.extras = Some(tree).filter(|t| !t.is_empty() && !matches!(t, Tree::Null));
        Ok(())
    }

    /// Adds what an additional field says of a member that was written at `mark`, or was not. Whether it says anything.
    #[inline]
    pub fn hold(&mut self, o: &mut Vec<u8>, mark: usize, key: &str, name: &str) -> Result<bool, Error> {
        if self.extras.is_none() { Ok(false) } else { self.fill(o, mark, key, name) }
    }

    #[cold]
    fn fill(&mut self, o: &mut Vec<u8>, mark: usize, key: &str, name: &str) -> Result<bool, Error> {
        let Some(value) = self.extras.as_ref().and_then(|e| e.get(name)).cloned() else { return Ok(false) };
        self.held.filled.push(name.to_owned());
        let written = o.get(mark..).unwrap_or_default();
        let written = written.strip_prefix(b",").unwrap_or(written).strip_prefix(key.as_bytes());
        let mut whole = Tree::object(Vec::new());
        if let (Some(text), Tree::Obj(object)) = (written, &mut whole) {
            object.set(name, Tree::parse(text)?);
        }
        merge::member(&mut whole, name, value, name).map_err(|e| e.at(self.extra_path()))?;
        o.truncate(mark);
        super::member(o, key);
        o.extend_from_slice(whole.get(name).cloned().unwrap_or_default().to_string().as_bytes());
        Ok(true)
    }

    /// Reports additional fields that no chunk said.
    pub(super) fn unfilled(&mut self) {
        let Some(Tree::Obj(extras)) = self.extras.take() else { return };
        for (name, _) in extras.members().iter().filter(|(name, _)| !self.held.filled.contains(name)) {
            let path = format!("messageStop.additionalModelResponseFields.{name}");
            super::lose(&mut self.report, Fate::Dropped, path, "no chunk that is still to come says it");
        }
    }

    /// Writes a fragment of a string with regions.
    pub fn fragment(
        &mut self,
        o: &mut Vec<u8>,
        regions: &'static [Region<'static>],
        index: usize,
        text: &Str<'_>,
        at: &At<'_>,
    ) -> Result<(), Error> {
        let wrapper = self.held.wrapper.get_or_insert_with(|| Wrapper::new(regions));
        let native = wrapper.push(index, &text.text()).map_err(|e| e.at(at.to_string()))?;
        write::string(o, &native);
        Ok(())
    }

    /// Ends the string with regions.
    pub(super) fn end_regions(&mut self) -> Result<(), Error> {
        self.held.wrapper.as_mut().map_or(Ok(()), Wrapper::finish)
    }
}
