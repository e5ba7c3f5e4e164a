//! Block signals of a chunk to block events.

use outcrop_runtime::regions::Splitter;
use outcrop_runtime::tracker::Block;
use outcrop_runtime::tree::Object;
use outcrop_runtime::unfold::unfold;
use outcrop_runtime::{Error, Tree};

use super::{Decoder, Out, give};
use crate::interp::at::At;
use crate::interp::decode::{wrap, wrong};
use crate::interp::stream::{FRAGMENT, arm_of, kind_of, positional};
use crate::interp::tagged;
use crate::ir::{Region, ToolIds, TypeId, TypeKind};

impl Decoder<'_> {
    /// Opens, deltas and closes of one struct.
    pub(super) fn blocks(&mut self, said: &Object, out: Out<'_>) -> Result<(), Error> {
        let key = |signal: &Tree| signal.get("key").or(said.get("key")).and_then(Tree::as_int);
        if let Some(open) = said.get("open") {
            for (arm, payload) in open.get("block").and_then(Tree::as_object).map(Object::members).unwrap_or_default() {
                self.open(key(open), arm, payload, out)?;
            }
        }
        if let Some(delta) = said.get("delta") {
            for (arm, payload) in delta.get("value").and_then(Tree::as_object).map(Object::members).unwrap_or_default()
            {
                self.delta(key(delta), arm, payload, out)?;
            }
        }
        if let Some(close) = said.get("close") {
            let cx = &self.cx;
            self.tracker.close(key(close), &mut |e| give(cx, e, out))?;
        }
        Ok(())
    }

    fn open(&mut self, key: Option<i64>, arm: &str, payload: &Tree, out: Out<'_>) -> Result<(), Error> {
        let block = kind_of(arm);
        self.flush(out)?;
        if !block.is_announced() {
            let cx = &self.cx;
            self.tracker.open(key, block, None::<Tree>, &mut |e| give(cx, e, out))?;
            return if payload.is_blank() { Ok(()) } else { self.delta(key, arm, payload, out) };
        }
        if self.opened.as_ref().is_some_and(|(k, opened)| *k == key && key.is_some() && repeats(payload, opened)) {
            return Ok(());
        }
        let mut start = payload.clone();
        if let Tree::Obj(call) = &mut start
            && block == Block::ToolUse
            && self.interp.family().tool_ids == ToolIds::Positional
        {
            call.members_mut().insert(0, ("toolUseId".to_owned(), Tree::Str(positional(self.calls))));
            self.calls += 1;
        }
        self.opened = Some((key, payload.clone()));
        self.streamed.push(block);
        let cx = &self.cx;
        self.tracker.open(key, block, Some(Tree::arm(arm, start)), &mut |e| give(cx, e, out))
    }

    fn delta(&mut self, key: Option<i64>, arm: &str, payload: &Tree, out: Out<'_>) -> Result<(), Error> {
        match (arm, payload) {
            (FRAGMENT, Tree::Arr(fragment)) => {
                if let [id, text] = fragment.items() {
                    let id = id.as_int().and_then(|n| usize::try_from(n).ok()).unwrap_or_default();
                    self.fragment(key, id, text, out)?;
                }
                Ok(())
            }
            // Text and seal of reasoning are deltas of their own.
            ("reasoningContent", Tree::Obj(parts)) if parts.len() > 1 => parts
                .members()
                .iter()
                .try_for_each(|(name, part)| self.add(key, arm, Tree::arm(name.as_str(), part.clone()), out)),
            _ => self.add(key, arm, payload.clone(), out),
        }
    }

    fn add(&mut self, key: Option<i64>, arm: &str, payload: Tree, out: Out<'_>) -> Result<(), Error> {
        let (block, blank) = (kind_of(arm), payload.is_blank());
        if !blank {
            self.streamed.push(block);
            self.streamed.dedup();
        }
        let cx = &self.cx;
        self.tracker.delta(key, block, Tree::arm(arm, payload), blank, &mut |e| give(cx, e, out))
    }

    /// A fragment of a string with regions.
    fn fragment(&mut self, key: Option<i64>, id: TypeId, text: &Tree, out: Out<'_>) -> Result<(), Error> {
        let Tree::Str(text) = text else { return Err(wrong(text, "a string", &At::Root)) };
        let Some(TypeKind::Regions(table)) = self.interp.family().types.get(id).map(|t| &t.kind) else { return Ok(()) };
        let splitter = self.splitters.entry(id).or_insert_with(|| Splitter::new(tagged::runtime(table)));
        let mut parts = Vec::new();
        splitter.push(text, &mut |region, text| parts.push((region, text.to_owned())));
        self.regions(key, table, parts, out)
    }

    fn regions(
        &mut self,
        key: Option<i64>,
        table: &[Region],
        parts: Vec<(usize, String)>,
        out: Out<'_>,
    ) -> Result<(), Error> {
        for (region, text) in parts {
            let Some(region) = table.get(region) else { continue };
            if let Some((arm, payload)) = arm_of(&wrap(&region.delta, Tree::Str(text))) {
                self.add(key, arm, payload.clone(), out)?;
            }
        }
        Ok(())
    }

    /// Text that was held back is text after all: something else comes.
    pub(super) fn flush(&mut self, out: Out<'_>) -> Result<(), Error> {
        let mut held = Vec::new();
        for (id, splitter) in &mut self.splitters {
            splitter.finish(&mut |region, text| held.push((*id, region, text.to_owned())));
        }
        for (id, region, text) in held {
            if let Some(TypeKind::Regions(table)) = self.interp.family().types.get(id).map(|t| &t.kind) {
                self.regions(None, table, vec![(region, text)], out)?;
            }
        }
        Ok(())
    }

    /// Blocks of a repetition of the whole answer, if none of their kind was streamed.
    pub(super) fn whole(&mut self, blocks: &[Tree], out: Out<'_>) -> Result<(), Error> {
        let before = self.streamed.clone();
        for block in blocks {
            let Some((kind, start, deltas)) = unfold(block) else { continue };
            if before.contains(&kind) {
                continue;
            }
            self.opened = None;
            match start.as_ref().and_then(arm_of) {
                Some((arm, payload)) => self.open(None, arm, payload, out)?,
                None => self.streamed.push(kind),
            }
            for (arm, payload) in deltas.iter().filter_map(arm_of) {
                self.delta(None, arm, payload, out)?;
            }
            let cx = &self.cx;
            self.tracker.close(None, &mut |e| give(cx, e, out))?;
        }
        Ok(())
    }
}

/// Whether an opening says nothing but what was said before.
fn repeats(payload: &Tree, opened: &Tree) -> bool {
    let members = payload.as_object().map(Object::members).unwrap_or_default();
    members.iter().all(|(name, value)| value.is_blank() || opened.get(name) == Some(value))
}
