//! Whole prompts: turns rendered by a grammar of the family, and read back.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::{At, Decode, Encode, Spec, member};
use crate::json::{Cursor, List, Result, Str};
use crate::prompt::{Grammar, Piece, Plan, Renderer, find};
use crate::{Error, Fate};

/// The prompt grammars of a family; the first that is not only read is the default.
#[derive(Debug)]
pub struct Prompts {
    grammars: &'static [Grammar<'static>],
    plans: OnceLock<Vec<Plan<'static>>>,
}

impl Prompts {
    /// These grammars. What follows from them is worked out when it is needed first.
    #[must_use]
    pub const fn new(grammars: &'static [Grammar<'static>]) -> Self {
        Self { grammars, plans: OnceLock::new() }
    }

    fn plans(&self) -> &[Plan<'static>] {
        self.plans.get_or_init(|| self.grammars.iter().map(Plan::new).collect())
    }
}

impl Spec {
    /// The grammar of a model.
    fn prompt(&'static self, model: &str) -> Option<&'static Plan<'static>> {
        let grammars = self.prompts.grammars;
        let index = match self.model(model).and_then(|m| m.prompt) {
            Some(name) => grammars.iter().position(|g| g.name == name),
            None => grammars.iter().position(|g| !g.decode_only),
        };
        self.prompts.plans().get(index?)
    }
}

/// A prompt being written.
#[derive(Debug)]
pub struct Prompt<'o> {
    renderer: Renderer<'o, 'static>,
    /// The native member's name and colon.
    key: &'static str,
    /// Whether the first turn is the leading system turn.
    system: bool,
    images: bool,
    /// How many blocks the turns have together.
    room: usize,
    /// How many turns began, and how many blocks of the last one there are.
    turns: usize,
    blocks: usize,
    /// Blocks that are no texts, by turn and position: what stands behind their place. Turns without blocks have none.
    others: Vec<(usize, usize, &'static str)>,
}

impl<'o> Prompt<'o> {
    /// Begins a prompt in the grammar of the call's model, as a member; none if the family has no grammar. It will have so
    /// many turns, and blocks that need so much room.
    #[must_use]
    pub fn new(
        cx: &Encode<'_>,
        o: &'o mut Vec<u8>,
        key: &'static str,
        turns: usize,
        blocks: impl Iterator<Item = usize>,
    ) -> Option<Self> {
        let plan = cx.spec.prompt(cx.call.model)?;
        let (count, bytes) =
            blocks.fold((0, 0), |(count, bytes): (usize, usize), n| (count + 1, bytes.saturating_add(n)));
        member(o, key);
        o.push(b'"');
        let mut renderer = Renderer::new(plan, cx.call.escape, o);
        renderer.reserve(turns, count, bytes);
        let images = plan.has_images();
        Some(Self { renderer, key, system: false, images, room: count, turns: 0, blocks: 0, others: Vec::new() })
    }
    /// How much room a text needs.
    #[must_use]
    pub fn room(text: &Str<'_>) -> usize {
        text.as_raw().or(text.as_plain()).map_or(0, str::len)
    }
    /// Begins the leading system turn.
    pub fn system(&mut self) {
        self.system = true;
        self.begin();
        self.renderer.turn("system");
    }
    /// Begins a turn.
    pub fn turn(&mut self, role: &str) {
        self.begin();
        self.renderer.turn(role);
    }
    /// Ends the turn before.
    fn begin(&mut self) {
        if self.turns > 0 && self.blocks == 0 {
            self.others.push((self.turns - 1, 0, ""));
        }
        self.turns += 1;
        self.blocks = 0;
    }
    /// Notes a block that is no text.
    fn other(&mut self, step: &'static str) {
        // Once is enough.
        self.others.reserve(if self.others.is_empty() { self.room } else { 1 });
        self.others.push((self.turns.saturating_sub(1), self.blocks, step));
        self.blocks += 1;
    }
    /// Adds a text.
    pub fn text(&mut self, text: &Str<'_>) {
        self.blocks += 1;
        match text.as_raw() {
            Some(raw) => self.renderer.checked_text(raw),
            None => self.renderer.text(&text.text()),
        }
    }
    /// Whether the grammar has places for images.
    #[must_use]
    pub fn has_images(&self) -> bool {
        self.images
    }
    /// Leaves the place of an image, which is kept for the member that holds images.
    pub fn image<T>(&mut self, image: T, kept: &mut Vec<T>) {
        self.other(".image");
        self.renderer.image();
        // Once is enough.
        kept.reserve(if kept.is_empty() { self.room } else { 1 });
        kept.push(image);
    }
    /// Passes over a block that does not go into the prompt.
    pub fn skip(&mut self) {
        self.other(".");
        self.renderer.skip();
    }
    /// Ends the prompt.
    pub fn finish(&mut self, cx: &mut Encode<'_>) -> std::result::Result<(), Error> {
        self.begin();
        let (system, others) = (self.system, &self.others);
        let path = |turn: usize, block: usize| {
            // They come in order.
            let found = others.binary_search_by_key(&(turn, block), |(turn, block, _)| (*turn, *block));
            let step = found.ok().and_then(|i| others.get(i)).map_or(".text", |(.., step)| step);
            let turn = match (system, turn) {
                (true, 0) => "system".to_owned(),
                _ => format!("messages[{}]", turn.saturating_sub(usize::from(system))),
            };
            let content = if turn == "system" { "" } else { ".content" };
            match step {
                "" => turn,
                "." => format!("{turn}{content}[{block}]"),
                step => format!("{turn}{content}[{block}]{step}"),
            }
        };
        // Each of its losses is at a block of its own, so none has been reported before.
        let o = self.renderer.finish(&mut cx.report, &path).map_err(|e| e.native(name_of(self.key)))?;
        o.push(b'"');
        Ok(())
    }
}

/// The name in a member's name and colon.
fn name_of(key: &'static str) -> String {
    Str::raw(key.trim_end_matches(':').trim_matches('"')).text().into_owned()
}

/// A turn of a prompt: its role and its blocks; none is the place of an image.
pub type ReadTurn<'a> = (&'static str, List<'a, Option<Str<'a>>>);

/// Reads a prompt.
pub fn read_prompt<'a>(c: &mut Cursor<'a>, cx: &mut Decode<'a>, at: &At<'_>) -> Result<List<'a, ReadTurn<'a>>> {
    let text = c.plain_str()?;
    let Some(own) = cx.spec.prompt(cx.call.model) else { return Ok(List::default()) };
    let found = find(own, cx.spec.prompts.plans(), text, cx.call.escape);
    if !found.exact {
        cx.lose(Fate::Approximated, at.to_string(), "this is not the prompt grammar of the model");
    }
    let arena = c.arena();
    let mut out = arena.list();
    for content in &found.contents {
        let mut blocks = arena.list();
        for piece in found.pieces(content) {
            blocks.push(match piece {
                Piece::Text(Cow::Borrowed(text)) => Some(Str::plain(text)),
                Piece::Text(Cow::Owned(text)) => Some(Str::plain(arena.str(&text))),
                Piece::Image => None,
            });
        }
        out.push((content.role, blocks.finish()));
    }
    Ok(out.finish())
}
