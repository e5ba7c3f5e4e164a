//! The state of encoding one body: fates of what has no place, limits, additional fields, and the report.

use crate::outline::Spans;

use super::fates::Met;
use super::spec::Spec;
use super::write_value::Measure;
use super::{At, Decode, merge};
use crate::json::{Arena, Cursor, Extra, Json, Result as JsonResult, Value};
use crate::{Call, Code, Error, Fate, Kind, Place, Report, Tree};

/// What reads a native body, and gives the Converse value as JSON; nothing, if the format is only written.
pub type Reads = for<'a> fn(&mut Cursor<'a>, &mut Decode<'a>) -> JsonResult<Vec<u8>>;

/// State of encoding one body.
#[derive(Debug)]
pub struct Encode<'c> {
    /// Constants of the family.
    pub spec: &'static Spec,
    /// The circumstances.
    pub call: Call<'c>,
    /// What did not go through unchanged.
    pub report: Report,
    pub(super) kind: Kind,
    /// While a copy is written, nobody misses what is left of it.
    silent: bool,
    /// A chunk lacks what it requires, because the value for it is dropped.
    hollow: bool,
    /// Additional fields; read only if there are any.
    pub(super) extras: Option<Tree>,
    /// Where values are printed to look at them.
    pub(super) scratch: Vec<u8>,
    /// What the chunks of a stream share.
    pub(super) held: super::Held,
    /// Places of elements that decoding kept whole.
    pub(super) kept: Vec<String>,
    /// Texts that stand for lists; noted only if additional fields could reach into them.
    pub(super) bares: Vec<super::bare::Bare>,
    /// Where large members of the body are, for rules to pass over.
    pub(super) spans: Spans,
    /// Bits of the names that members of the body have.
    pub(super) there: u64,
    /// Ids of calls are not on the wire: their places tell them.
    hides_ids: bool,
}

impl<'c> Encode<'c> {
    /// The state for a call.
    #[must_use]
    pub fn new(spec: &'static Spec, call: &Call<'c>, kind: Kind) -> Self {
        Self {
            spec,
            call: *call,
            report: Report::default(),
            kind,
            silent: false,
            hollow: false,
            extras: None,
            scratch: Vec::new(),
            held: super::Held::default(),
            kept: Vec::new(),
            bares: Vec::new(),
            spans: Spans::new(),
            there: spec.unwatched,
            hides_ids: false,
        }
    }

    /// Takes the additional fields of the Converse value.
    #[inline]
    pub fn take_extras(&mut self, extras: Option<&Json<'_>>) -> Result<(), Error> {
        match extras {
            Some(extras) if !matches!(extras.as_str(), "{}" | "null") => self.read_extras(extras),
            _ => Ok(()),
        }
    }

    #[inline(never)]
    fn read_extras(&mut self, extras: &Json<'_>) -> Result<(), Error> {
        let tree = Tree::parse_text(extras.as_str())?;
        if !matches!(tree, Tree::Obj(_)) {
            let why = format!("additional fields are an object, not {}; send an object of native members", tree.kind());
            return Err(Error::new(Code::WrongType, why).at(self.extra_path()));
        }
        self.extras = Some(tree);
        Ok(())
    }

    /// The path of the additional fields in this kind of body.
    #[must_use]
    pub fn extra_path(&self) -> &'static str {
        match self.kind {
            Kind::Request => "additionalModelRequestFields",
            Kind::Response | Kind::Stream => "additionalModelResponseFields",
        }
    }

    /// The model id of the call.
    #[must_use]
    pub fn model(&self) -> &'c str {
        self.call.model
    }

    /// A limit of the model.
    #[must_use]
    pub fn limit(&self, name: &str) -> Option<u64> {
        self.spec.model(self.call.model)?.limits.iter().find(|(n, _)| *n == name).map(|(_, limit)| *limit)
    }

    /// Whether the additional fields give the native member at this path.
    #[must_use]
    #[inline]
    pub fn has_extra(&self, path: &[&str]) -> bool {
        let Some(mut tree) = self.extras.as_ref() else { return false };
        for name in path {
            match tree.get(name) {
                Some(inner) => tree = inner,
                None => return false,
            }
        }
        true
    }

    /// Checks the kind and range of an additional field that the format documents.
    #[inline]
    pub fn check_extra(&self, path: &[&str], sample: &str, min: Option<f64>, max: Option<f64>) -> Result<(), Error> {
        match &self.extras {
            None => Ok(()),
            Some(tree) => self.check_given(tree, path, sample, min, max),
        }
    }

    #[inline(never)]
    fn check_given(
        &self,
        mut tree: &Tree,
        path: &[&str],
        sample: &str,
        min: Option<f64>,
        max: Option<f64>,
    ) -> Result<(), Error> {
        for name in path {
            match tree.get(name) {
                Some(inner) => tree = inner,
                None => return Ok(()),
            }
        }
        merge::check(tree, sample, min, max, self.kind == Kind::Request).map_err(|e| {
            let place = path.join(".") + &e.native_path;
            e.at(self.extra_path()).native(place)
        })
    }

    /// Puts the additional fields into the finished body. `keys`: members that the body may have. Whether any of them
    /// reaches into what the body had.
    pub(super) fn merge_extras(&mut self, body: &mut Vec<u8>, keys: &[&str]) -> Result<bool, Error> {
        let Some(extras) = self.extras.take() else { return Ok(false) };
        let merged = merge::into(body, extras, keys, self.spec.grows).map_err(|e| e.at(self.extra_path()))?;
        if merged != merge::Merged::Appended {
            self.spans.clear();
        }
        Ok(merged == merge::Merged::Within)
    }

    /// Takes what was reported when results were linked to their calls, and whether that settled the ids of both.
    pub fn linked(&mut self, report: Report, hides_ids: bool) {
        self.report = report;
        self.hides_ids = hides_ids;
    }

    /// Notes that a member was written from `from` on, if it was: by the bit of its name.
    #[inline]
    pub fn wrote(&mut self, o: &[u8], from: usize, bit: u64) {
        self.there |= if o.len() > from { bit } else { 0 };
    }

    /// As [`Self::wrote`], and where it is; `key` with its colon.
    #[inline]
    pub fn passed(&mut self, o: &[u8], from: usize, key: &str, bit: u64) {
        let start = from + usize::from(o.get(from) == Some(&b',')) + key.len();
        if o.len() > start {
            debug_assert_eq!(o.get(start - key.len()..start), Some(key.as_bytes()), "one member was written");
            self.there |= bit;
            self.spans.push((start, o.len()));
        }
    }

    /// Enforces a range; only requests have them.
    #[inline]
    pub fn within(&self, value: Measure, min: Option<f64>, max: Option<f64>, at: &At<'_>) -> Result<(), Error> {
        let value = value.0;
        if self.kind != Kind::Request
            || min.is_none_or(|m| value >= m) && max.is_none_or(|m| value <= m) && !value.is_nan()
        {
            return Ok(());
        }
        Err(merge::out_of_range(value, min, max).at(at.to_string()))
    }

    /// Whether what no field maps is passed over from now on; gives how it was before.
    pub fn silence(&mut self, silent: bool) -> bool {
        std::mem::replace(&mut self.silent, silent)
    }

    /// Settles the fate of a façade value that no field maps.
    #[cold]
    pub fn unmapped<'v>(&mut self, at: &At<'_>, value: &impl Value<'v>) -> Result<(), Error> {
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        value.write(&mut text);
        let settled = self.settle(at, &text);
        self.scratch = text;
        settled
    }

    /// Refuses an object that is there and lacks a required member: its façade path (none if it travels in the additional
    /// fields) and its name.
    #[inline]
    pub fn lacking(&self, at: &At<'_>, lack: Option<(&str, &str)>) -> Result<(), Error> {
        let Some((path, key)) = lack else { return Ok(()) };
        Err(super::absent(&at.key(if path.is_empty() { self.extra_path() } else { path }), key))
    }

    /// The error for a required member of a chunk whose value is there, but was dropped.
    #[cold]
    pub fn hollow(&mut self, at: &At<'_>, key: &str) -> Error {
        self.hollow = true;
        super::absent(at, key)
    }

    /// Whether a chunk was written; one without what it requires is not, and its signal goes unsaid.
    pub fn said(&mut self, written: Result<bool, Error>) -> Result<bool, Error> {
        let hollow = std::mem::take(&mut self.hollow);
        if hollow && written.is_err() { Ok(false) } else { written }
    }

    pub(super) fn settle(&mut self, at: &At<'_>, text: &[u8]) -> Result<(), Error> {
        let arena = Arena::new();
        // What is no JSON is what somebody put together wrongly; it counts as one value.
        let Ok(mut c) = Cursor::new(text, &arena) else { return self.unmapped_leaf(at) };
        self.judge(&mut c, at)
    }

    /// Settles the fate of a façade value that is one whole, whatever is in it.
    #[cold]
    pub fn unmapped_leaf(&mut self, at: &At<'_>) -> Result<(), Error> {
        self.judge_leaf(at.place()).map_err(|(_, error)| error)
    }

    /// Whether additional fields reach into lists.
    pub(super) fn is_pointed(&self) -> bool {
        matches!(&self.extras, Some(Tree::Obj(extras)) if extras.members().iter().any(|(name, _)| name.starts_with('/')))
    }

    /// Additional fields go by the names that are written.
    pub fn rename_extras(&mut self, aliases: &[(&str, &str)]) {
        let Some(Tree::Obj(extras)) = &mut self.extras else { return };
        for (alias, name) in aliases {
            if extras.get(name).is_none()
                && let Some(value) = extras.remove(alias)
            {
                extras.set(*name, value);
            }
        }
    }

    /// Settles the fate of members that Converse does not know.
    #[cold]
    pub fn unknown(&mut self, at: &At<'_>, members: &Extra<'_>) -> Result<(), Error> {
        self.unknown_but(at, members, &[])
    }

    /// Reports a null that reads back as the absent member that it is written as.
    #[cold]
    pub fn null_is_absent(&mut self, at: &At<'_>) {
        super::lose(&mut self.report, Fate::Approximated, at.to_string(), "null is the same as absent here");
    }

    /// As [`Self::unknown`], but some names are mapped.
    #[cold]
    pub fn unknown_but(&mut self, at: &At<'_>, members: &Extra<'_>, mapped: &[&str]) -> Result<(), Error> {
        for (name, value) in members {
            let name = name.text();
            if !mapped.contains(&&*name) && value.as_str() != "null" {
                self.judge_leaf(at.key(&name).place()).map_err(|(_, error)| error)?;
            }
        }
        Ok(())
    }

    /// Judges all leaves of the value at the cursor. One whose refusal is declared is named before one that is merely
    /// unknown. What we have printed ourselves is well formed.
    fn judge(&mut self, c: &mut Cursor<'_>, at: &At<'_>) -> Result<(), Error> {
        let mut refused = None;
        self.judge_below(c, at, &mut refused);
        refused.map_or(Ok(()), |(_, error)| Err(error))
    }

    fn judge_below(&mut self, c: &mut Cursor<'_>, at: &At<'_>, refused: &mut Option<(bool, Error)>) {
        match c.peek().unwrap_or_default() {
            b'[' => {
                let (mut index, mut more) = (0, c.first_item().unwrap_or(false));
                while more {
                    self.judge_below(c, &at.index(index), refused);
                    index += 1;
                    more = c.next_item().unwrap_or(false);
                }
            }
            b'{' => {
                let mut next = c.first_key().unwrap_or(None);
                while let Some(name) = next {
                    if self.hides_ids && name == "toolUseId" {
                        c.skip().ok();
                    } else {
                        self.judge_below(c, &at.key(name), refused);
                    }
                    next = c.next_key().unwrap_or(None);
                }
            }
            first => {
                c.skip().ok();
                if first != b'n'
                    && let Err((declared, error)) = self.judge_leaf(at.place())
                    && refused.as_ref().is_none_or(|(before, _)| declared && !before)
                {
                    *refused = Some((declared, error));
                }
            }
        }
    }

    /// As [`Self::unmapped_leaf`], of a list of plain values in a whole body, which share their fate.
    pub(super) fn unmapped_list(&mut self, at: &At<'_>) -> Result<(), Error> {
        let path = at.place();
        match self.spec.fate_of(&path) {
            // The fate's place ends before any index.
            Some(fate) if !self.silent => self.meet(path, Some(fate)).map_err(|(_, error)| error),
            _ => self.unmapped_leaf(&at.index(0)),
        }
    }

    fn judge_leaf(&mut self, path: Place) -> Result<(), (bool, Error)> {
        if self.silent {
            return Ok(());
        }
        let best = self.spec.fate_of(&path);
        self.meet(path, best)
    }

    /// What becomes of the leaf at a path, given where its fate was found and why it is dropped.
    fn meet(&mut self, mut path: Place, best: Option<Met>) -> Result<(), (bool, Error)> {
        if self.kind == Kind::Stream {
            let event = super::event_path(&path);
            // The place where the fate was found, as far as the event has it.
            let below = best.and_then(|(end, _)| path.get(end..)).unwrap_or_default();
            path = event.strip_suffix(below).unwrap_or(&event).into();
        } else if let Some((end, _)) = best {
            path.truncate(end);
        }
        if let Some((_, Some(reason))) = best {
            super::lose(&mut self.report, Fate::Dropped, path, reason);
            return Ok(());
        }
        let why = format!("the {} format cannot express this; leave it out", self.spec.family);
        Err((best.is_some(), Error::new(Code::Unsupported, why).at(String::from(path))))
    }

    /// A place as the caller knows it: chunks are written from signals, and those come from events.
    fn place(&self, at: &At<'_>) -> Place {
        let path = at.place();
        if self.kind == Kind::Stream { super::event_path(&path).into() } else { path }
    }

    /// Reports a value that differs from the one that the format always means.
    #[cold]
    pub fn assumed(&mut self, at: &At<'_>) {
        let place = self.place(at);
        super::lose(&mut self.report, Fate::Dropped, place, "the format always means something else");
    }

    /// Reports that a default stands in for a value that nobody said. In streams every chunk has its own, and none is news.
    #[cold]
    pub fn defaulted(&mut self, at: &At<'_>) {
        if self.kind != Kind::Stream {
            let place = self.place(at);
            super::lose(&mut self.report, Fate::Synthesised, place, "the default of the format");
        }
    }

    /// Reports that the limit of the model stands in for a value.
    pub fn synthesised(&mut self, at: &At<'_>) {
        let place = self.place(at);
        super::lose(&mut self.report, Fate::Synthesised, place, "the limit of the model");
    }

    /// Reports a value that goes through in a form that reads back differently.
    #[cold]
    pub fn approximated(&mut self, at: &At<'_>, why: &'static str) {
        let place = self.place(at);
        super::lose(&mut self.report, Fate::Approximated, place, why);
    }

    /// The report, after strict mode has had its say.
    pub fn finish(mut self) -> Result<Report, Error> {
        self.report.sort();
        if self.call.strict {
            self.report.strict()?;
        }
        Ok(self.report)
    }
}
