//! Fields of type `prompt`: turns to text and back by the grammar of the model.

use outcrop_runtime::prompt::{self, Piece, Plan, Renderer};
use outcrop_runtime::{Error, Fate, Report, Tree};

use super::Cx;
use super::at::At;
use super::decode::wrong;
use super::node::{Node, Rest, Value};
use crate::ir::Grammar;

/// A grammar with the tables that the runtime borrows.
struct Tables<'g> {
    grammar: &'g Grammar,
    markers: Vec<&'g str>,
    after: Vec<Vec<(&'g str, &'g str)>>,
}

impl<'g> Tables<'g> {
    fn new(grammar: &'g Grammar) -> Self {
        let after = grammar.turns.iter().map(|t| t.open_after.iter().map(|(r, o)| (r.as_str(), o.as_str())).collect());
        Self { grammar, markers: grammar.markers.iter().map(String::as_str).collect(), after: after.collect() }
    }
    fn turns(&self) -> Vec<prompt::TurnGrammar<'_>> {
        let with = self.grammar.turns.iter().zip(&self.after);
        with.map(|(t, after)| prompt::TurnGrammar {
            role: &t.role,
            open: &t.open,
            bare: t.bare.as_deref(),
            open_after: after,
            close: &t.close,
            place: match &t.into {
                Some(into) => prompt::TurnPlace::Into(into),
                None if t.at_start => prompt::TurnPlace::Start,
                None => prompt::TurnPlace::Any,
            },
        })
        .collect()
    }
    fn with<'t>(&'t self, turns: &'t [prompt::TurnGrammar<'t>]) -> prompt::Grammar<'t> {
        let g = self.grammar;
        prompt::Grammar {
            name: &g.name,
            begin: &g.begin,
            elide: &g.elide,
            turns,
            cue: &g.cue,
            markers: &self.markers,
            escape: g.escape,
            image: g.image.as_deref(),
            decode_only: g.decode_only,
        }
    }
}

impl<'a> Cx<'a> {
    /// The grammar of the model of this call.
    fn grammar(&self) -> Option<&'a Grammar> {
        let named = self.model.and_then(|m| m.prompt.as_ref());
        let all = &self.family.prompts;
        match named {
            Some(name) => all.iter().find(|g| g.name == *name),
            None => all.iter().find(|g| !g.decode_only),
        }
    }

    /// Renders the turns of a list; images become holes and are kept for the fields that carry them.
    pub(crate) fn encode_prompt(&mut self, node: &mut Node, at: &At<'_>) -> Result<Option<Tree>, Error> {
        let Some(grammar) = self.grammar() else { return Ok(None) };
        self.cover(Some(grammar.span));
        let tables = Tables::new(grammar);
        let turns = tables.turns();
        let plan = Plan::new(&tables.with(&turns));
        let mut written = Vec::new();
        let mut out = Renderer::new(&plan, self.call.escape, &mut written);
        let mut paths: Vec<Vec<String>> = Vec::new();
        let mut images = Vec::new();
        for turn in node.items_mut().into_iter().flatten() {
            let role = turn.role().unwrap_or_default().to_owned();
            out.turn(&role);
            let mut places = Vec::new();
            if let Some(role) = turn.member_mut("role") {
                role.rest = Rest::Silent;
            }
            for block in turn.member_mut("content").and_then(Node::items_mut).into_iter().flatten() {
                let before = places.len();
                if let Some(text) = block.member_mut("text").filter(|n| n.as_str().is_some()) {
                    out.text(text.as_str().unwrap_or_default());
                    places.push(text.at.clone());
                    text.value = Value::Taken;
                } else if grammar.image.is_some()
                    && let Some(image) = block.remove("image")
                {
                    out.image();
                    places.push(image.at.clone());
                    images.push(image);
                }
                if places.len() == before {
                    // The fates judge it first, so that the refusal names what the format cannot say.
                    let mut rest = block.clone();
                    self.judge(&mut rest).map_err(|e| match self.fate_of(&e.path) {
                        Some(_) => e,
                        None => e.at(block.first_member()),
                    })?;
                    out.skip();
                    places.push(block.at.clone());
                }
            }
            if places.is_empty() {
                places.push(turn.at.clone());
            }
            paths.push(places);
        }
        let place = |turn: usize, block: usize| {
            paths.get(turn).and_then(|t| t.get(block).or(t.first())).cloned().unwrap_or_default()
        };
        let mut report = Report::default();
        out.finish(&mut report, &place).map_err(|e| e.native(at.path()))?;
        let text = prompt::json_text(&String::from_utf8_lossy(&written))?.into_owned();
        for loss in report.losses {
            self.lose(loss.fate, &loss.path, &loss.why);
        }
        self.images.extend(images);
        Ok(Some(Tree::Str(text)))
    }

    /// Reads a prompt into turns.
    pub(crate) fn decode_prompt(&mut self, value: &Tree, at: &At<'_>) -> Result<Tree, Error> {
        let Tree::Str(text) = value else { return Err(wrong(value, "a string", at)) };
        let Some(own) = self.grammar() else { return Ok(Tree::list(Vec::new())) };
        self.cover(Some(own.span));
        let tables: Vec<Tables<'_>> = std::iter::once(own)
            .chain(self.family.prompts.iter().filter(|g| g.name != own.name))
            .map(Tables::new)
            .collect();
        let turns: Vec<_> = tables.iter().map(Tables::turns).collect();
        let plans: Vec<_> = tables.iter().zip(&turns).map(|(t, turns)| Plan::new(&t.with(turns))).collect();
        let Some((own, others)) = plans.split_first() else { return Ok(Tree::list(Vec::new())) };
        let reading = prompt::read(own, others, text, self.call.escape);
        if !reading.exact {
            self.lose(Fate::Approximated, &at.path(), "this is not the prompt grammar of the model");
        }
        let turns = reading.turns.into_iter().map(|turn| {
            let blocks = turn.pieces.into_iter().filter_map(|piece| match piece {
                Piece::Text(text) if text.is_empty() => None,
                Piece::Text(text) => Some(Tree::arm("text", Tree::str(text))),
                Piece::Image => Some(Tree::arm(HOLE, Tree::Null)),
            });
            Tree::object(vec![
                ("role".to_owned(), Tree::str(turn.role)),
                ("content".to_owned(), Tree::list(blocks.collect())),
            ])
        });
        Ok(Tree::list(turns.collect()))
    }

    /// Puts the images of a decoded request into the holes that its prompt left.
    pub(crate) fn fill_holes(&mut self, request: &mut Tree) {
        let Tree::Obj(o) = request else { return };
        let given = match o.remove("images") {
            Some(Tree::Arr(a)) => a.into_items(),
            _ => Vec::new(),
        };
        let mut images = given.into_iter();
        // The turns, the messages, or those before the last: wherever a prompt was read to.
        let name = if o.get("turns").is_some() { "turns" } else { "messages" };
        let turns = match o.get_mut(name) {
            Some(Tree::Obj(parts)) => parts.get_mut("rest"),
            other => other,
        };
        let Some(Tree::Arr(turns)) = turns else { return };
        let turns = turns.items_mut();
        let mut empty = false;
        for turn in turns.iter_mut() {
            let Some(blocks) = blocks_of(turn) else { continue };
            blocks.retain_mut(|block| {
                if block.get(HOLE).is_none() {
                    return true;
                }
                let image = images.next();
                empty |= image.is_none();
                image.is_some_and(|image| {
                    *block = Tree::arm("image", image);
                    true
                })
            });
        }
        if empty {
            self.lose(Fate::Approximated, "prompt", "the prompt has more places for images than there are images");
        }
        let rest: Vec<Tree> = images.map(|image| Tree::arm("image", image)).collect();
        if !rest.is_empty() {
            self.lose(Fate::Approximated, "images", "there are more images than places for them in the prompt");
            match turns.last_mut().and_then(blocks_of) {
                Some(blocks) => blocks.extend(rest),
                None => turns.push(Tree::object(vec![
                    ("role".to_owned(), Tree::str("user")),
                    ("content".to_owned(), Tree::list(rest)),
                ])),
            }
        }
    }
}

/// Stands for an image until it is known which.
const HOLE: &str = "\0image";

fn blocks_of(turn: &mut Tree) -> Option<&mut Vec<Tree>> {
    match turn {
        Tree::Obj(o) => match o.get_mut("content") {
            Some(Tree::Arr(a)) => Some(a.items_mut()),
            _ => None,
        },
        _ => None,
    }
}
