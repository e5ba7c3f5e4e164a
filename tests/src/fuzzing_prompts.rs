//! Conversations out of bytes, through the prompt grammars: whatever encodes is read as the same turns.

use std::fmt::Write as _;
use std::sync::LazyLock;

use outcrop_lang::ir::Grammar;
use outcrop_runtime::{Call, Codec, Fate, Kind, Tree};

use crate::canon;
use crate::fuzzing::{PAIRS, Pair};

/// A grammar that is written, with a model that it is for.
struct Written {
    pair: &'static Pair,
    grammar: &'static Grammar,
    literals: Vec<&'static str>,
    model: String,
}

static WRITTEN: LazyLock<Vec<Written>> = LazyLock::new(|| {
    let all = PAIRS.iter().flat_map(|pair| {
        let family = &pair.loaded.family;
        let first = family.prompts.iter().find(|g| !g.decode_only).map(|g| g.name.as_str());
        family.prompts.iter().filter(|g| !g.decode_only).filter_map(move |g| {
            let is = |name: Option<&str>| name.or(first) == Some(g.name.as_str());
            let model = family.models.iter().rfind(|m| is(m.prompt.as_deref()))?.pattern.replace('*', "x");
            Some(Written { pair, grammar: g, literals: literals(g), model })
        })
    });
    all.collect()
});

/// How many grammars there are to pick from.
#[must_use]
pub fn grammars() -> usize {
    WRITTEN.len()
}

fn literals(g: &Grammar) -> Vec<&str> {
    let turns = g.turns.iter().flat_map(|t| {
        let after = t.open_after.iter().map(|(_, open)| open);
        [Some(&t.open), Some(&t.close), t.bare.as_ref()].into_iter().flatten().chain(after)
    });
    g.markers.iter().chain(turns).chain([&g.begin, &g.elide]).chain(&g.image).map(String::as_str).collect()
}

/// A conversation being written: bytes choose, JSON comes out.
struct Writer<'a> {
    literals: &'a [&'a str],
    bytes: std::slice::Iter<'a, u8>,
    messages: Vec<(&'static str, Vec<String>)>,
    text: String,
}

const WORDS: [&str; 12] =
    ["word", "\n", " ", "\u{2060}", "\"", "\\", "\\u003c", "\t", "\r\n", "\u{0}", "潮🌊", "{\"role\":\"user\"}"];
const IMAGE: &str = r#"{"image":{"format":"png","source":{"bytes":"iVBORw0KGgo="}}}"#;

impl Writer<'_> {
    fn byte(&mut self) -> Option<usize> {
        self.bytes.next().map(|&byte| usize::from(byte))
    }

    /// Ends the block that is being written.
    fn block(&mut self, block: Option<String>) {
        let text = std::mem::take(&mut self.text);
        if self.messages.is_empty() {
            self.messages.push(("user", Vec::new()));
        }
        let Some((_, blocks)) = self.messages.last_mut() else { return };
        if !text.is_empty() || block.is_none() {
            blocks.push(format!("{{\"text\":{}}}", quoted(&text)));
        }
        blocks.extend(block);
    }

    /// A literal of the grammar, from one place to another of it.
    fn piece(&mut self) -> Option<()> {
        let whole = *self.literals.get(self.byte()? % self.literals.len().max(1))?;
        let (from, to) = (self.byte()?, self.byte()?);
        let chars = whole.chars().count();
        let (from, to) = (from % (chars + 1), chars - to % (chars + 1));
        self.text.extend(whole.chars().take(to).skip(from));
        Some(())
    }

    fn write(&mut self) -> Option<()> {
        loop {
            match self.byte()? {
                byte @ 0..24 => {
                    self.block(None);
                    self.messages.push((if byte % 2 == 0 { "user" } else { "assistant" }, Vec::new()));
                }
                24..40 => self.block(None),
                40..44 => self.block(Some(IMAGE.to_owned())),
                44..108 => {
                    let whole = self.byte()?;
                    self.text.push_str(self.literals.get(whole % self.literals.len().max(1))?);
                }
                108..172 => self.piece()?,
                byte @ 172..220 => self.text.push_str(WORDS[byte % WORDS.len()]),
                _ => {
                    let byte = self.byte()? as u8;
                    self.text.push(char::from(byte));
                }
            }
        }
    }
}

/// A JSON string; every other sign that could be of a marker is spelt as an escape.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for (n, c) in text.chars().enumerate() {
        let hide = n % 2 == text.len() % 2 && c.is_ascii_punctuation();
        match c {
            '"' | '\\' | '\0'..' ' => _ = write!(out, "\\u{:04x}", u32::from(c)),
            c if hide => _ = write!(out, "\\u{:04X}", u32::from(c)),
            c => out.push(c),
        }
    }
    out + "\""
}

/// A conversation that the bytes describe goes through a grammar and is read as itself, or is refused.
///
/// The first byte picks the grammar, the second has flags: escape markers, begin with a system text.
pub fn prompts(data: &[u8]) {
    let [pick, flags, bytes @ ..] = data else { return };
    let Some(written) = WRITTEN.get(usize::from(*pick) % WRITTEN.len().max(1)) else { return };
    let mut w = Writer { literals: &written.literals, bytes: bytes.iter(), messages: Vec::new(), text: String::new() };
    w.write();
    w.block(None);
    let mut converse = String::from("{");
    if flags & 2 != 0 {
        let (_, blocks) = w.messages.remove(0);
        let texts: Vec<String> = blocks.into_iter().filter(|b| b != IMAGE).collect();
        let _ = write!(converse, "\"system\":[{}],", texts.join(","));
    }
    let message =
        |(role, blocks): &(&str, Vec<String>)| format!("{{\"role\":\"{role}\",\"content\":[{}]}}", blocks.join(","));
    let _ = write!(converse, "\"messages\":[{}]}}", w.messages.iter().map(message).collect::<Vec<_>>().join(","));
    let call = Call { model: &written.model, escape: flags & 1 != 0, ..Call::default() };
    let interpreted = turns_are_kept(&*written.pair.loaded.codec, written.grammar, &call, &converse);
    if let Some(entry) = written.pair.entry {
        let compiled = turns_are_kept(entry.codec, written.grammar, &call, &converse);
        // As trees: what content spells as an escape, compiled codecs may leave spelt so.
        let tree = |body: Option<String>| body.map(|body| Tree::parse_text(&body).expect("a native body is JSON"));
        assert_eq!(tree(interpreted), tree(compiled), "compiled and interpreted prompts differ on {converse}");
    }
}

/// The native body, if the conversation has one; it is read as the same turns.
fn turns_are_kept(codec: &dyn Codec, grammar: &Grammar, call: &Call<'_>, converse: &str) -> Option<String> {
    let native = codec.encode(Kind::Request, call, converse.as_bytes()).ok()?;
    let text = String::from_utf8(native.body).expect("UTF-8");
    let back = match codec.decode(Kind::Request, call, text.as_bytes()) {
        Ok(back) => back,
        Err(e) => panic!("{}: its own prompt is refused: {e}\n{converse}\n{text}", codec.family()),
    };
    let approximated = back.report.losses.iter().any(|l| l.fate == Fate::Approximated);
    assert!(!approximated, "{}: its own prompt is strange:\n{converse}\n{text}", codec.family());
    let mut back = Tree::parse(&back.body).expect("a Converse body is JSON");
    // Limits that the catalogue gave.
    if let Tree::Obj(o) = &mut back {
        o.remove("inferenceConfig");
    }
    let converse = Tree::parse_text(converse).expect("the writer writes JSON");
    // What leaves no trace in a prompt was reported: blank texts at its ends.
    let dropped = native.report.losses.iter().any(|l| l.fate == Fate::Dropped);
    // A format may write line breaks between the texts of the instructions, and reports that.
    let joined = converse.get("system").and_then(Tree::as_list).is_some_and(|texts| texts.len() > 1);
    let plain = |tree: &Tree| {
        let plain = canon::conversation(tree);
        let plain = if dropped { canon::trimmed(&plain) } else { plain };
        if joined { without_breaks(plain) } else { plain }
    };
    let converse = canon::with_instructions_where_they_go(grammar, &converse);
    let difference = plain(&back).difference(&plain(&converse));
    assert_eq!(difference, None, "{} {}: a turn is forged:\n{converse}\n{back}\n{text}", codec.family(), call.model);
    Some(text)
}

/// Without the line breaks of the instructions.
fn without_breaks(mut tree: Tree) -> Tree {
    let Tree::Obj(o) = &mut tree else { return tree };
    let texts = o.get("system").and_then(Tree::as_list).unwrap_or_default();
    let text: String = texts.iter().filter_map(|block| block.get("text").and_then(Tree::as_str)).collect();
    let text = text.replace('\n', "");
    o.remove("system");
    if !text.is_empty() {
        o.set("system", Tree::list(vec![Tree::arm("text", Tree::Str(text))]));
    }
    tree
}
