//! Whole prompts: turns rendered by a grammar of the family, and read back.

use super::{At, Decode, Encode, Spec};
use crate::json::{Cursor, Result, Str, write};
use crate::prompt::{Grammar, Piece, Renderer, read};
use crate::{Error, Fate, Report};

impl Spec {
    /// The grammar of a model: its own, else the first that is not only read.
    #[must_use]
    pub fn grammar(&self, model: &str) -> Option<&'static Grammar<'static>> {
        match self.model(model).and_then(|m| m.prompt) {
            Some(name) => self.prompts.iter().find(|g| g.name == name),
            None => self.prompts.iter().find(|g| !g.decode_only),
        }
    }
}

/// A prompt being written.
#[allow(missing_debug_implementations)]
pub struct Prompt {
    renderer: Renderer<'static>,
    /// Whether the first turn is the leading system turn.
    system: bool,
    images: bool,
    /// How many turns began, and how many blocks of the last one there are.
    turns: usize,
    blocks: usize,
    /// Blocks that are no texts, by turn and position: what stands behind their place. Turns without blocks have none.
    others: Vec<(usize, usize, &'static str)>,
}

impl Prompt {
    /// An empty prompt in the grammar of the call's model; none if the family has no grammar.
    #[must_use]
    pub fn new(cx: &Encode<'_>) -> Option<Self> {
        let grammar = cx.spec.grammar(cx.call.model)?;
        Some(Self {
            renderer: Renderer::new_raw(*grammar, cx.call.escape),
            system: false,
            images: grammar.image.is_some(),
            turns: 0,
            blocks: 0,
            others: Vec::new(),
        })
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
        self.others.push((self.turns.saturating_sub(1), self.blocks, step));
        self.blocks += 1;
    }
    /// Adds a text.
    pub fn text(&mut self, text: &Str<'_>) {
        self.blocks += 1;
        match text.as_raw() {
            Some(raw) => self.renderer.raw_text(raw),
            None => self.renderer.text(&text.text()),
        }
    }
    /// Whether the grammar has places for images.
    #[must_use]
    pub fn has_images(&self) -> bool {
        self.images
    }
    /// Leaves the place of an image.
    pub fn image(&mut self) {
        self.other(".image");
        self.renderer.image();
    }
    /// Passes over a block that does not go into the prompt.
    pub fn skip(&mut self) {
        self.other(".");
        self.renderer.skip();
    }
    /// Writes the prompt as a JSON string.
    pub fn finish(mut self, o: &mut Vec<u8>, cx: &mut Encode<'_>) -> std::result::Result<(), Error> {
        self.begin();
        let (system, others) = (self.system, self.others);
        let path = |turn: usize, block: usize| {
            let step = others.iter().find(|(t, b, _)| (*t, *b) == (turn, block)).map_or(".text", |(.., step)| step);
            let turn = match (system, turn) {
                (true, 0) => "system".to_owned(),
                _ => format!("messages[{}]", turn - usize::from(system)),
            };
            let content = if turn == "system" { "" } else { ".content" };
            match step {
                "" => turn,
                "." => format!("{turn}{content}[{block}]"),
                step => format!("{turn}{content}[{block}]{step}"),
            }
        };
        let mut report = Report::default();
        let text = self.renderer.finish(&mut report, &path)?;
        for loss in report.losses {
            super::lose(&mut cx.report, loss.fate, loss.path, &loss.why);
        }
        write::quoted(o, &text);
        Ok(())
    }
}

/// A turn of a prompt: its role and its blocks; none is the place of an image.
pub type ReadTurn<'a> = (&'static str, Vec<Option<Str<'a>>>);

/// Reads a prompt.
pub fn read_prompt<'a>(c: &mut Cursor<'a>, cx: &mut Decode<'a>, at: &At<'_>) -> Result<Vec<ReadTurn<'a>>> {
    let text = c.plain_str()?;
    let Some(own) = cx.spec.grammar(cx.call.model) else { return Ok(Vec::new()) };
    let others: Vec<Grammar<'static>> = cx.spec.prompts.iter().filter(|g| g.name != own.name).copied().collect();
    let reading = read(own, &others, text, cx.call.escape);
    if !reading.exact {
        cx.lose(Fate::Approximated, at.to_string(), "this is not the prompt grammar of the model");
    }
    let mut out = Vec::with_capacity(reading.turns.len());
    for turn in reading.turns {
        let texts = turn.pieces.into_iter().filter_map(|piece| match piece {
            Piece::Text(text) if text.is_empty() => None,
            Piece::Text(std::borrow::Cow::Borrowed(text)) => Some(Some(Str::plain(text))),
            Piece::Text(std::borrow::Cow::Owned(text)) => Some(Some(Str::plain(c.arena().str(&text)))),
            Piece::Image => Some(None),
        });
        out.push((turn.role, texts.collect()));
    }
    Ok(out)
}
