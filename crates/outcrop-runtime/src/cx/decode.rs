//! The state of decoding one body: additional fields, and the report.

use std::borrow::Cow;

use super::At;
use super::memo::Memo;
use super::spec::Spec;
use crate::json::{Arena, Cursor, Json, ListBuilder, Result, Value, scan, write};
use crate::tree::Object;
use crate::usage::{Source, Sources};
use crate::{Call, Error, Fate, Place, Report, Tree};

/// State of decoding one body.
#[derive(Debug)]
pub struct Decode<'a> {
    /// Constants of the family.
    pub spec: &'static Spec,
    /// The circumstances.
    pub call: Call<'a>,
    /// What did not go through unchanged.
    pub report: Report,
    /// Whether a chunk was the last one.
    pub ended: bool,
    /// Kept in the arena: bodies with many unmapped members are common.
    extras: Option<ListBuilder<'a, Kept<'a>>>,
    /// Whether all of them are members of the body itself, and go by their names.
    flat: bool,
    /// In a stream, the additional fields of the chunks before.
    pub(super) memo: Option<Memo>,
}

/// An additional field: the way to it, and its text.
#[derive(Debug)]
struct Kept<'a> {
    way: Way<'a>,
    value: &'a str,
}

/// The steps to an additional field.
#[derive(Debug)]
enum Way<'a> {
    /// A member of the body itself.
    Name(&'a str),
    /// Through objects.
    Names(&'a [&'a str]),
    /// Through lists too: then it goes by pointer.
    Pointer(&'a [&'a str]),
}

impl<'a> Way<'a> {
    fn steps(&self) -> &[&'a str] {
        match self {
            Self::Name(name) => std::slice::from_ref(name),
            Self::Names(steps) | Self::Pointer(steps) => steps,
        }
    }
}

impl<'a> Decode<'a> {
    /// The state for a call.
    #[must_use]
    pub fn new(spec: &'static Spec, call: &Call<'a>) -> Self {
        Self { spec, call: *call, report: Report::default(), ended: false, extras: None, flat: true, memo: None }
    }

    /// Keeps the member `key` of the object at `at`, whose value is at the cursor.
    pub fn extra(&mut self, c: &mut Cursor<'a>, at: &At<'_>, key: &'a str) -> Result<()> {
        if self.memo.is_some() {
            return self.extra_here(c, &at.key(key));
        }
        let value = c.raw()?;
        self.keep(c.arena(), at, Some(key), value);
        Ok(())
    }

    /// Keeps the value at the cursor, which is at `at`.
    pub fn extra_here(&mut self, c: &mut Cursor<'a>, at: &At<'_>) -> Result<()> {
        if self.again(c, at) {
            return Ok(());
        }
        let value = c.raw()?;
        self.keep(c.arena(), at, None, value);
        Ok(())
    }

    /// Keeps the elements behind the one that the cursor has just passed; ends the list.
    pub fn further(&mut self, c: &mut Cursor<'a>, at: &At<'_>) -> Result<()> {
        let mut index = 0;
        while c.next_item()? {
            index += 1;
            self.extra_here(c, &at.index(index))?;
        }
        Ok(())
    }

    /// As [`Self::extra`] for a member that the format documents: it comes once, and its value is of a kind (told by a
    /// sample of its first byte).
    pub fn extra_field(
        &mut self,
        c: &mut Cursor<'a>,
        at: &At<'_>,
        seen: &mut bool,
        key: &'static str,
        sample: &'static str,
    ) -> Result<()> {
        super::once(seen, c)?;
        super::expect_kind(c, sample)?;
        self.extra(c, at, key)
    }

    /// As [`Self::extra_field`], where `null` is as good as absent.
    pub fn extra_or_null(
        &mut self,
        c: &mut Cursor<'a>,
        at: &At<'_>,
        seen: &mut bool,
        key: &'static str,
        sample: &'static str,
    ) -> Result<()> {
        super::once(seen, c)?;
        if c.null()? {
            return Ok(());
        }
        super::expect_kind(c, sample)?;
        self.extra(c, at, key)
    }

    fn keep(&mut self, arena: &'a Arena, at: &At<'_>, key: Option<&'a str>, value: &'a str) {
        let way = match key {
            // Members of the body itself are most of what is kept.
            Some(key) if at.is_root() && !key.starts_with('/') => Way::Name(key),
            _ => {
                let way = way(arena, at, key);
                self.flat &= matches!(way, Way::Name(_));
                way
            }
        };
        if let (Some(memo), Some(name)) = (&mut self.memo, way.steps().first()) {
            memo.forget(name);
        }
        self.extras.get_or_insert_with(|| arena.list_of(8)).push(Kept { way, value });
    }

    /// Reads the member `key`, which comes once and always has this value of a kind; another value is kept.
    pub fn constant(
        &mut self,
        c: &mut Cursor<'a>,
        at: &At<'_>,
        seen: &mut bool,
        key: &'static str,
        (sample, text): (&'static str, &'static str),
    ) -> Result<()> {
        super::once(seen, c)?;
        super::expect_kind(c, sample)?;
        if c.passes(text) {
            return Ok(());
        }
        let value = c.raw()?;
        if !crate::json::same(value, text) {
            self.keep(c.arena(), at, Some(key), value);
        }
        Ok(())
    }

    /// As [`Self::constant`], for the value at `at`.
    pub fn constant_here(&mut self, c: &mut Cursor<'a>, at: &At<'_>, text: &str) -> Result<()> {
        if c.passes(text) {
            return Ok(());
        }
        let value = c.raw()?;
        if !crate::json::same(value, text) {
            self.keep(c.arena(), at, None, value);
        }
        Ok(())
    }

    /// Reports an unknown element that was passed over. A chunk has no path: it goes by its name.
    #[cold]
    pub fn skipped(&mut self, at: &At<'_>, name: &str) {
        let place = if at.is_root() { name.to_owned() } else { at.to_string() };
        self.lose(Fate::Dropped, place, "the format does not know this; it was ignored");
    }

    /// Reports a member that says something else than one that counts more.
    #[cold]
    pub fn unheard(&mut self, at: &At<'_>) {
        self.lose(Fate::Dropped, at.to_string(), "another member says something else");
    }

    /// Reports bytes whose format is a guess.
    #[cold]
    pub fn guessed(&mut self, at: &At<'_>) {
        self.lose(Fate::Approximated, at.to_string(), "the bytes do not begin like any known format");
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let mut headers = self.call.headers.iter();
        headers.find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The JSON value of a header, read as a façade value; one that does not fit is reported.
    pub fn header_value<T: Value<'a>>(&mut self, c: &Cursor<'a>, name: &str, text: &'a str) -> Option<T> {
        let mut inner = Cursor::over(text, c.arena());
        let value = T::parse(&mut inner).and_then(|value| inner.end().map(|()| value));
        if value.is_err() {
            self.lose(Fate::Dropped, name.to_owned(), "the header is not of the documented type");
        }
        value.ok()
    }

    /// As [`Self::header_value`], of the header with this name, if nothing else has said the value.
    pub fn header_slot<T: Value<'a>>(&mut self, c: &Cursor<'a>, name: &str, slot: &mut Option<T>) {
        if slot.is_none()
            && let Some(text) = self.header(name)
        {
            *slot = self.header_value(c, name, text);
        }
    }

    /// Tells who said the counts of an answer: the body said those of `said`, headers the others. Both are in the order of
    /// [`crate::usage::COUNTS`].
    pub fn counted(&mut self, said: [bool; 5], counts: [Option<i64>; 5]) {
        let mut said = said.into_iter();
        let sources = counts.map(|count| {
            let source = if said.next() == Some(true) { Source::Body } else { Source::Header };
            count.map(|n| (n, source))
        });
        self.report.usage = Sources::of(sources);
    }

    /// The report, after strict mode has had its say.
    pub fn finish(mut self) -> std::result::Result<Report, Error> {
        self.report.sort();
        if self.call.strict {
            self.report.strict()?;
        }
        Ok(self.report)
    }

    /// Reports places for images that no image fills.
    #[cold]
    pub fn missing_images(&mut self) {
        let why = "the prompt has more places for images than there are images";
        self.lose(Fate::Approximated, "prompt".to_owned(), why);
    }

    /// Reports images that no place in the prompt holds.
    #[cold]
    pub fn surplus_images(&mut self) {
        let why = "there are more images than places for them in the prompt";
        self.lose(Fate::Approximated, "images".to_owned(), why);
    }

    /// Reports a leading system turn that holds nothing.
    #[cold]
    pub fn empty_system(&mut self) {
        self.lose(Fate::Approximated, "messages".to_owned(), "an empty turn of the system says nothing");
    }

    /// Reports an element without content that is not of the case that turns without content are written as.
    #[cold]
    pub fn empty_turn(&mut self, at: &At<'_>) {
        self.lose(Fate::Approximated, at.to_string(), "an element without content reads back as another kind");
    }

    /// Reports that several leading system turns became one.
    pub fn systems(&mut self, turns: usize) {
        if turns > 1 {
            self.lose(Fate::Approximated, "messages".to_owned(), "several leading system turns become one");
        }
    }

    /// Reports that the last turn of the user is missing.
    #[cold]
    pub fn no_last_turn(&mut self) {
        let why = "without a last turn of the user the one before becomes it";
        self.lose(Fate::Approximated, "messages".to_owned(), why);
    }

    /// Reports a loss once.
    pub fn lose(&mut self, fate: Fate, path: impl Into<Place>, why: impl Into<Cow<'static, str>>) {
        super::lose(&mut self.report, fate, path, why);
    }

    /// A chunk begins: what the ones before said is known.
    pub fn remember(&mut self, memo: &mut Memo) {
        self.memo = Some(std::mem::take(memo).rewound());
    }

    /// The additional fields of a chunk that are news. Gives the memory back.
    #[inline]
    pub fn news(&mut self, memo: &mut Memo) -> Option<Object> {
        if let Some(known) = self.memo.take() {
            *memo = known;
        }
        self.extras.take().filter(|e| !e.is_empty()).map(|e| learn(&e.finish(), memo))
    }

    /// The additional fields that were kept, as the façade's value.
    #[must_use]
    pub fn extras(&mut self, c: &Cursor<'a>) -> Option<Json<'a>> {
        let extras = self.extras.take().filter(|e| !e.is_empty())?.finish();
        if !std::mem::replace(&mut self.flat, true) {
            return Some(Json::checked(c.arena().str(&nested(&extras).to_string())));
        }
        let name = |e: &Kept<'a>| e.way.steps().first().copied().unwrap_or("");
        let room = extras.iter().map(|e| name(e).len() + e.value.len() + 4).sum::<usize>() + 2;
        let mut flat = c.arena().text(room);
        for extra in &extras {
            let name = name(extra);
            flat.push_str(if flat.is_empty() { "{\"" } else { ",\"" });
            if scan::is_plain(name) {
                flat.push_str(name);
            } else {
                let mut escaped = Vec::new();
                write::escape(&mut escaped, name);
                flat.push_str(std::str::from_utf8(&escaped).unwrap_or_default());
            }
            flat.push_str("\":");
            flat.push_str(extra.value);
        }
        flat.push('}');
        Some(Json::checked(flat.into_bump_str()))
    }
}

/// Additional fields of a chunk; single ones are remembered.
#[cold]
fn learn(extras: &[Kept<'_>], memo: &mut Memo) -> Object {
    for extra in extras {
        match &extra.way {
            Way::Name(name) => memo.set(name, extra.value),
            Way::Names(steps) => steps.first().into_iter().for_each(|name| memo.forget(name)),
            Way::Pointer(_) => {}
        }
    }
    match nested(extras) {
        Tree::Obj(fields) => fields,
        _ => Object::default(),
    }
}

/// The way to a place and to a member there.
fn way<'a>(arena: &'a Arena, at: &At<'_>, key: Option<&'a str>) -> Way<'a> {
    let (mut steps, mut in_list) = (arena.list(), false);
    at.walk(&mut |name, index| match name {
        Some(name) => steps.push(arena.str(name)),
        None => {
            in_list = true;
            steps.push(arena.str(&index.to_string()));
        }
    });
    if let Some(key) = key {
        steps.push(key);
    }
    let steps = steps.into_slice();
    match steps {
        // A name that looks like a pointer would be read as one.
        [first, ..] if in_list || first.starts_with('/') => Way::Pointer(steps),
        [name] => Way::Name(name),
        _ => Way::Names(steps),
    }
}

/// Additional fields of inner objects: in objects of the same names, or by pointer through lists.
fn nested(extras: &[Kept<'_>]) -> Tree {
    let mut root = Object::default();
    for extra in extras {
        let value = Tree::parse_text(extra.value).unwrap_or_default();
        match &extra.way {
            Way::Pointer(steps) => root.set(super::pointer(steps), value),
            way => nest(&mut root, way.steps(), value),
        }
    }
    Tree::Obj(root)
}

fn nest(object: &mut Object, steps: &[&str], value: Tree) {
    let Some((name, rest)) = steps.split_first() else { return };
    if rest.is_empty() {
        object.set(*name, value);
        return;
    }
    if !matches!(object.get(name), Some(Tree::Obj(_))) {
        object.set(*name, Tree::object(Vec::new()));
    }
    if let Some(Tree::Obj(inner)) = object.get_mut(name) {
        nest(inner, rest, value);
    }
}
