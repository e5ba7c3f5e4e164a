//! The renderer against a model that is simple enough to be right: unescape everything, write the prompt down, look for
//! each marker at each place, read the whole back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::expect_fun_call, clippy::indexing_slicing)]

mod grammars;

use std::fmt::Write;

use grammars::{ALL, LLAMA3, LLAMA4};
use outcrop_runtime::prompt::{Grammar, Piece, Plan, Renderer, TurnGrammar, TurnPlace, escape, json_text, read};
use outcrop_runtime::{Code, Error, Report};

/// A block of a turn.
#[derive(Debug, Clone)]
enum Block {
    /// Plain text, given as it is.
    Text(String),
    /// Plain text, given in this spelling.
    Spelt(String, String),
    Image,
    Skipped,
}

type Conversation<'g> = Vec<(&'g str, Vec<Block>)>;
type Place = (usize, usize);

/// A prompt as the model writes it: each byte with the block that it comes from, if from any.
#[derive(Default)]
struct Page {
    text: String,
    from: Vec<Option<Place>>,
}

impl Page {
    fn put(&mut self, text: &str, place: Option<Place>) {
        self.text.push_str(text);
        self.from.resize(self.text.len(), place);
    }
}

fn opening<'g>(g: &Grammar<'g>, turn: &TurnGrammar<'g>, before: Option<&str>) -> String {
    let named = turn.open_after.iter().find(|(role, _)| Some(*role) == before);
    let open = named.map_or(turn.open, |(_, open)| open);
    if before.is_some() { open.to_owned() } else { at_start(g, open) }
}

fn at_start(g: &Grammar<'_>, open: &str) -> String {
    let whole = format!("{}{open}", g.begin);
    whole.strip_prefix(g.elide).map_or(whole.clone(), str::to_owned)
}

/// The blocks of a turn, escaped if need be, and what they say.
fn content(g: &Grammar<'_>, ordinal: usize, blocks: &[Block], escaping: bool) -> Page {
    let mut page = Page::default();
    // Adjacent texts are one text.
    let mut run: Vec<(String, Place)> = Vec::new();
    let end = |run: &mut Vec<(String, Place)>, page: &mut Page| {
        let run: Vec<_> = run.drain(..).filter(|(text, _)| !text.is_empty()).collect();
        let whole: String = run.iter().map(|(text, _)| text.as_str()).collect();
        let escaped = if escaping { escape(&whole, g.markers) } else { whole.as_str().into() };
        if escaped == whole {
            for (text, place) in &run {
                page.put(text, Some(*place));
            }
        } else {
            page.put(&escaped, Some(run[0].1));
        }
    };
    for (block, what) in blocks.iter().enumerate() {
        match what {
            Block::Text(text) | Block::Spelt(text, _) => run.push((text.clone(), (ordinal, block))),
            Block::Image => {
                end(&mut run, &mut page);
                page.put(g.image.unwrap_or_default(), None);
            }
            Block::Skipped => {}
        }
    }
    end(&mut run, &mut page);
    page
}

/// The prompt and the turns that it must read back as.
fn write(g: &Grammar<'_>, conversation: &Conversation<'_>, escaping: bool) -> (Page, Vec<(String, String)>) {
    let mut turns: Vec<(&TurnGrammar<'_>, Page, String)> = Vec::new();
    for (ordinal, (role, blocks)) in conversation.iter().enumerate() {
        let turn = g.turns.iter().find(|t| t.role == *role).unwrap();
        let page = content(g, ordinal, blocks, escaping);
        let own = turn.open.len().min(opening(g, turn, None).len());
        if turns.is_empty() && own == 0 && page.text.trim().is_empty() {
            continue;
        }
        let says = blocks.iter().map(|block| match block {
            Block::Text(text) | Block::Spelt(text, _) => text.as_str(),
            Block::Image => "[image]",
            Block::Skipped => "",
        });
        turns.push((turn, page, says.collect()));
    }
    while turns.last().is_some_and(|(turn, page, _)| turn.role == g.cue && page.text.is_empty()) {
        turns.pop();
    }
    let mut out = Page::default();
    for (index, (turn, page, _)) in turns.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| turns[before].0);
        out.put(before.map_or("", |b| b.close), None);
        out.put(&opening(g, turn, before.map(|b| b.role)), None);
        for (at, c) in page.text.char_indices() {
            out.put(c.encode_utf8(&mut [0; 4]), page.from[at]);
        }
    }
    let cue = g.turns.iter().find(|t| t.role == g.cue);
    match (turns.last(), cue) {
        (None, cue) => out.put(&at_start(g, cue.map_or("", |t| t.bare.unwrap_or(t.open))), None),
        (Some((last, ..)), cue) if last.role != g.cue => {
            out.put(last.close, None);
            let open = |cue: &TurnGrammar<'_>| cue.bare.map_or_else(|| opening(g, cue, Some(last.role)), str::to_owned);
            out.put(&cue.map_or(String::new(), open), None);
        }
        _ => {}
    }
    (out, turns.into_iter().map(|(turn, _, says)| (turn.role.to_owned(), says)).collect())
}

/// The first text that a marker runs into.
fn marked(g: &Grammar<'_>, page: &Page) -> Option<Place> {
    (0..page.text.len()).filter(|at| page.text.is_char_boundary(*at)).find_map(|at| {
        let here = g.markers.iter().copied().chain(g.image).filter(|m| page.text[at..].starts_with(m));
        let longest = here.map(str::len).max()?;
        page.from[at..at + longest].iter().flatten().next().copied()
    })
}

/// Whether the prompt reads back as these turns.
fn reads(plan: &Plan<'_>, text: &str, turns: &[(String, String)], escaping: bool) -> bool {
    let reading = read(plan, &[], text, escaping);
    let piece = |p: &Piece<'_>| match p {
        Piece::Text(text) => text.clone().into_owned(),
        Piece::Image => "[image]".to_owned(),
    };
    let read = reading.turns.iter().map(|t| (t.role.to_owned(), t.pieces.iter().map(piece).collect::<String>()));
    reading.exact && read.eq(turns.iter().cloned())
}

fn path(turn: usize, block: usize) -> String {
    format!("{turn}.{block}")
}

fn render(plan: &Plan<'_>, conversation: &Conversation<'_>, escaping: bool) -> Result<String, Error> {
    let mut out = b"before".to_vec();
    let mut r = Renderer::new(plan, escaping, &mut out);
    for (role, blocks) in conversation {
        r.turn(role);
        for block in blocks {
            match block {
                Block::Text(text) => r.text(text),
                Block::Spelt(_, raw) => r.raw_text(raw),
                Block::Image => r.image(),
                Block::Skipped => r.skip(),
            }
        }
    }
    r.finish(&mut Report::default(), &path)?;
    Ok(String::from_utf8(out).unwrap().strip_prefix("before").unwrap().to_owned())
}

/// Compares the renderer with the model; says whether the conversation is written.
fn compare(g: &Grammar<'_>, plan: &Plan<'_>, conversation: &Conversation<'_>, escaping: bool) -> bool {
    let (page, turns) = write(g, conversation, escaping);
    let rendered = render(plan, conversation, escaping);
    let context = || format!("{g:?}\n{conversation:?}\nescaping {escaping}: {:?}\n{rendered:?}", page.text);
    if let Some((turn, block)) = marked(g, &page) {
        let error = rendered.as_ref().expect_err(&context());
        assert_eq!(
            (error.code, error.path.as_str()),
            (Code::ReservedMarker, path(turn, block).as_str()),
            "{}",
            context()
        );
        return false;
    }
    // A prompt without turns has no content; what it reads as is the grammar's business.
    if !turns.is_empty() && !reads(plan, &page.text, &turns, escaping) {
        assert_eq!(rendered.as_ref().expect_err(&context()).code, Code::ReservedMarker);
        return false;
    }
    if turns.is_empty() && rendered.is_err() {
        return false;
    }
    assert_eq!(json_text(rendered.as_ref().expect(&context())).unwrap(), page.text, "{}", context());
    true
}

/// Spells a text as the inside of a JSON string in any of the ways there are.
fn spell(rng: &mut fastrand::Rng, text: &str) -> String {
    let needless = [0, 0, 3, 30, 100][rng.usize(..5)];
    let mut out = String::new();
    for c in text.chars() {
        let short = match c {
            '"' | '\\' | '/' => Some(c),
            '\u{8}' => Some('b'),
            '\u{c}' => Some('f'),
            '\n' => Some('n'),
            '\r' => Some('r'),
            '\t' => Some('t'),
            _ => None,
        };
        let must = c < ' ' || c == '"' || c == '\\';
        match short {
            Some(short) if must && rng.u8(..100) >= needless || c == '/' && rng.u8(..100) < needless => {
                out.extend(['\\', short]);
            }
            _ if must || rng.u8(..100) < needless => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    if rng.bool() { write!(out, "\\u{unit:04x}") } else { write!(out, "\\u{unit:04X}") }.unwrap();
                }
            }
            _ => out.push(c),
        }
    }
    out
}

/// A text made of what an attacker would try.
fn hostile(rng: &mut fastrand::Rng, literals: &[&str]) -> String {
    let mut text = String::new();
    for _ in 0..rng.usize(0..5) {
        let whole = literals[rng.usize(..literals.len())];
        let cuts: Vec<usize> = whole.char_indices().map(|(i, _)| i).chain([whole.len()]).collect();
        let cut = cuts[rng.usize(..cuts.len())];
        match rng.u8(..9) {
            0 => text.push_str(whole),
            1 => text.push_str(&whole[..cut]),
            2 => text.push_str(&whole[cut..]),
            3 => text.push(['\u{2060}', '\n', '\\', '"'][rng.usize(..4)]),
            4 => text.push(' '),
            // Looks like an escape, and is none.
            5 => write!(text, "\\u{:04x}", whole.chars().next().map_or(0, u32::from)).unwrap(),
            _ => text.push_str("wörd"),
        }
    }
    text
}

fn conversation<'g>(rng: &mut fastrand::Rng, g: &Grammar<'g>) -> Conversation<'g> {
    let turns = g.turns.iter().flat_map(|t| [t.open, t.close].into_iter().chain(t.bare));
    let literals: Vec<&str> = g.markers.iter().copied().chain(turns).chain([g.begin, g.elide]).chain(g.image).collect();
    let block = |rng: &mut fastrand::Rng| {
        let text = hostile(rng, &literals);
        match rng.u8(..12) {
            0 if g.image.is_some() => Block::Image,
            1 => Block::Skipped,
            2 => Block::Text(String::new()),
            n if n % 2 == 0 => Block::Text(text),
            _ => {
                let raw = spell(rng, &text);
                assert_eq!(json_text(&raw).unwrap(), text);
                Block::Spelt(text, raw)
            }
        }
    };
    let turn = |rng: &mut fastrand::Rng| {
        let blocks = (0..rng.usize(0..4)).map(|_| block(rng)).collect();
        (g.turns[rng.usize(..g.turns.len())].role, blocks)
    };
    (0..rng.usize(0..5)).map(|_| turn(rng)).collect()
}

#[test]
fn real_grammars_are_written_as_the_model_writes_them() {
    let mut rng = fastrand::Rng::with_seed(5);
    let plans: Vec<Plan<'_>> = ALL.iter().map(Plan::new).collect();
    let mut written = 0;
    for case in 0..20_000 {
        let (g, plan) = (&ALL[case % ALL.len()], &plans[case % ALL.len()]);
        let conversation = conversation(&mut rng, g);
        written += usize::from(compare(g, plan, &conversation, rng.u8(..4) == 0));
    }
    assert!((4_000..16_000).contains(&written), "{written} written");
}

/// A few characters that run into each other, and into what JSON makes of them.
fn tag(rng: &mut fastrand::Rng) -> &'static str {
    const PARTS: [&str; 16] =
        ["<u>", "<b>", "<e>", "<s>", "<", ">", "u", "\n", "</", "/", "\"", "\\", "é", "\u{1f600}", "\u{8}", "0"];
    let text: String = (0..rng.usize(0..3)).map(|_| PARTS[rng.usize(..PARTS.len())]).collect();
    text.leak()
}

fn random_grammar(rng: &mut fastrand::Rng) -> Grammar<'static> {
    let turn = |rng: &mut fastrand::Rng, role| TurnGrammar {
        role,
        open: tag(rng),
        bare: (rng.u8(..6) == 0).then(|| tag(rng)),
        open_after: if rng.u8(..4) == 0 { vec![("user", tag(rng))].leak() } else { &[] },
        close: tag(rng),
        place: TurnPlace::Any,
    };
    let turns: Vec<_> = ["system", "user", "assistant"].into_iter().map(|role| turn(rng, role)).collect();
    let image = (rng.u8(..3) == 0).then(|| tag(rng)).filter(|hole| !hole.is_empty());
    let literals = turns.iter().flat_map(|t| [t.open, t.close]).filter(|t| !t.is_empty());
    let mut markers: Vec<&str> = literals.filter(|_| rng.u8(..4) > 0).collect();
    if rng.u8(..3) == 0 {
        markers.push(tag(rng));
    }
    Grammar {
        name: "random",
        begin: if rng.u8(..3) == 0 { tag(rng) } else { "" },
        elide: if rng.u8(..4) == 0 { "\n" } else { "" },
        turns: turns.leak(),
        cue: if rng.u8(..8) == 0 { "" } else { "assistant" },
        markers: markers.leak(),
        escape: false,
        image,
        decode_only: false,
    }
}

#[test]
fn any_grammar_is_written_as_the_model_writes_it() {
    let mut rng = fastrand::Rng::with_seed(9);
    let mut written = 0;
    for _ in 0..1_500 {
        let g = random_grammar(&mut rng);
        let plan = Plan::new(&g);
        for _ in 0..20 {
            let conversation = conversation(&mut rng, &g);
            written += usize::from(compare(&g, &plan, &conversation, rng.u8(..4) == 0));
        }
    }
    assert!(written > 5_000, "{written} written");
}

#[test]
fn a_marker_in_or_across_huge_texts_is_found() {
    let mut rng = fastrand::Rng::with_seed(2);
    for filler in ["word ", "<", "\\", "<|", "\u{1f600}", "\"\n"] {
        let huge = filler.repeat(40_000 / filler.len());
        for (g, marker) in [(&LLAMA3, "<|eot_id|>"), (&LLAMA4, "<|image|>")] {
            let plan = Plan::new(g);
            for cut in [0, 1, 5, marker.len()] {
                let (head, tail) = (format!("{huge}{}", &marker[..cut]), format!("{}{huge}", &marker[cut..]));
                let spelt = spell(&mut rng, &tail);
                let blocks = vec![Block::Text(head), Block::Spelt(tail, spelt)];
                let error = render(&plan, &vec![("user", blocks)], false).unwrap_err();
                let at = path(0, usize::from(cut == 0));
                assert_eq!((error.code, error.path), (Code::ReservedMarker, at), "{filler:?} {cut}");
            }
            let (raw, image) = (spell(&mut rng, &huge), Block::Image);
            let blocks = vec![Block::Text(huge.clone()), image, Block::Spelt(huge.clone(), raw)];
            for escaping in [false, true] {
                let prompt = render(&plan, &vec![("user", blocks.clone())], escaping).unwrap();
                assert!(json_text(&prompt).unwrap().contains(&format!("{huge}<|image|>{huge}<")), "{filler:?}");
            }
        }
    }
}

#[test]
fn an_escape_that_json_does_not_know_is_refused() {
    let plan = Plan::new(&LLAMA3);
    for raw in ["\\", r"a\x", r"\u12", r"\ud800", r"\ud800\u0041", r"\udc00", r"\u003", r"\u00g0"] {
        let blocks = vec![Block::Text("fine".to_owned()), Block::Spelt(String::new(), raw.to_owned())];
        let error = render(&plan, &vec![("user", blocks)], false).unwrap_err();
        assert_eq!((error.code, error.path.as_str()), (Code::MalformedJson, "0.1"), "{raw}");
    }
}

#[test]
fn a_refusal_names_the_marker() {
    let blocks = vec![Block::Spelt("<|eot_id|>".to_owned(), r"\u003c|eot_id|>".to_owned())];
    let error = render(&Plan::new(&LLAMA3), &vec![("user", blocks)], false).unwrap_err();
    assert!(error.message.contains("`<|eot_id|>`") && error.message.contains("`llama3`"), "{error}");
}
