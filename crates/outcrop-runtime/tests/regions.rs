//! Regions: any cutting into chunks reads the same, and what is written reads back.
#![allow(clippy::unwrap_used)]

use outcrop_runtime::Code;
use outcrop_runtime::regions::{Region, Splitter, Wrapper, join, lacks_lead, split};

const PLAIN: Region<'static> = Region { open: "", close: "", at_start: false, implied: false, lead: "" };
const REASONING: Region<'static> =
    Region { open: "<reasoning>", close: "</reasoning>", at_start: true, implied: false, lead: "" };
const THINK: Region<'static> = Region { open: "<think>", close: "</think>", at_start: true, implied: true, lead: "" };
const ANYWHERE: Region<'static> = Region { open: "[[", close: "]]", at_start: false, implied: false, lead: "" };

const LED: Region<'static> = Region { lead: "x[", ..PLAIN };

const LISTS: &[&[Region<'static>]] = &[
    &[REASONING, PLAIN],
    &[THINK, PLAIN],
    &[ANYWHERE, PLAIN],
    &[REASONING, ANYWHERE, PLAIN],
    &[LED],
    &[REASONING, LED],
    &[THINK, ANYWHERE, LED],
];

fn parts(regions: &[Region<'_>], text: &str) -> Vec<(usize, String)> {
    split(regions, text).into_iter().map(|(region, text)| (region, text.into_owned())).collect()
}

/// Reads chunks and runs pieces of the same region together.
fn read(regions: &[Region<'_>], chunks: &[String]) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut add = |region, text: &str| match found.last_mut() {
        Some((last, all)) if *last == region => all.push_str(text),
        _ => found.push((region, text.to_owned())),
    };
    let mut splitter = Splitter::new(regions);
    for chunk in chunks {
        splitter.push(chunk, &mut add);
    }
    splitter.finish(&mut add);
    found
}

fn owned(chunks: &[&str]) -> Vec<String> {
    chunks.iter().map(|c| (*c).to_owned()).collect()
}

#[test]
fn tags_are_found_whole_split_or_repeated() {
    let wanted = [(0, "hm".to_owned()), (1, "Ok".to_owned())];
    let list = &[REASONING, PLAIN];
    assert_eq!(parts(list, "<reasoning>hm</reasoning>Ok"), wanted);
    assert_eq!(read(list, &owned(&["<reas", "oning>hm</rea", "soning>Ok"])), wanted);
    assert_eq!(read(list, &owned(&["<reasoning>h</reasoning>", "<reasoning>m</reasoning>", "Ok"])), wanted);
}

#[test]
fn an_implied_region_begins_without_its_tag() {
    let list = &[THINK, PLAIN];
    assert_eq!(parts(list, "hm</think>\n\nOk"), [(0, "hm".to_owned()), (1, "\n\nOk".to_owned())]);
    assert_eq!(parts(list, "<think>hm</think>Ok"), [(0, "hm".to_owned()), (1, "Ok".to_owned())]);
    assert_eq!(parts(list, "cut off"), [(0, "cut off".to_owned())]);
    assert_eq!(join(list, &[(1, "Ok")]).unwrap().text, "</think>Ok");
    assert_eq!(join(list, &[(0, "cut off")]).unwrap().text, "cut off");
}

#[test]
fn a_region_at_the_start_is_no_region_later() {
    let list = &[REASONING, PLAIN];
    assert_eq!(parts(list, "a<reasoning>b"), [(1, "a<reasoning>b".to_owned())]);
    assert_eq!(join(list, &[(1, "a<reasoning>b")]).unwrap().text, "a<reasoning>b");
    // Written first then, and said so; a stream cannot go back and refuses.
    let moved = join(list, &[(1, "a"), (0, "b")]).unwrap();
    assert_eq!((moved.text.as_str(), moved.approximated), ("<reasoning>b</reasoning>a", true));
    let mut wrapper = Wrapper::new(list);
    wrapper.push(1, "a").unwrap();
    assert!(wrapper.push(0, "b").is_err());
}

#[test]
fn plain_text_has_its_lead_once_on_the_wire_and_never_here() {
    let list = &[THINK, LED];
    assert_eq!(parts(list, "hm</think>x[x[Ok"), [(0, "hm".to_owned()), (1, "x[Ok".to_owned())]);
    assert_eq!(read(list, &owned(&["</think>x", "[", "Ok"])), [(1, "Ok".to_owned())]);
    assert_eq!(join(list, &[(0, "hm"), (1, "Ok")]).unwrap().text, "hm</think>x[Ok");
    let mut wrapper = Wrapper::new(&list[..]);
    assert_eq!([wrapper.push(1, "O").unwrap(), wrapper.push(1, "k").unwrap()], ["</think>x[O", "k"]);
    for (text, lacks) in [("x[Ok", false), ("x", true), ("Ok", true), ("", false), ("x[", false)] {
        assert_eq!(lacks_lead(&[LED], text), lacks, "{text}");
    }
    assert!(!lacks_lead(&[PLAIN], "Ok"));
}

#[test]
fn text_that_reads_as_a_region_is_refused() {
    let list = &[REASONING, PLAIN];
    assert_eq!(join(list, &[(1, "<reasoning>x")]), Err(0));
    assert_eq!(join(list, &[(0, "a</reasoning>b"), (1, "c")]), Err(0));
    assert_eq!(join(list, &[(1, "<reas"), (1, "oning>x")]), Err(0));
    let mut wrapper = Wrapper::new(&list[..]);
    wrapper.push(1, "<reas").unwrap();
    assert_eq!(wrapper.push(1, "oning>x").unwrap_err().code, Code::ReservedMarker);
}

#[test]
fn a_closing_tag_in_a_fragment_is_cut_as_it_might_have_come() {
    let list = &[REASONING, PLAIN];
    let whole = "a</reasoning></reasoning>b</reas";
    for at in 0..=whole.len() {
        let (one, other) = whole.split_at(at);
        let mut wrapper = Wrapper::new(&list[..]);
        let mut chunks: Vec<String> = [one, other].iter().map(|part| wrapper.push(0, part).unwrap()).collect();
        chunks.push(wrapper.push(1, "c").unwrap());
        wrapper.finish().unwrap();
        assert_eq!(read(list, &chunks), [(0, whole.to_owned()), (1, "c".to_owned())], "cut at {at}");
    }
}

#[test]
fn neighbours_of_one_region_run_together_and_say_so() {
    let joined = join(&[REASONING, PLAIN], &[(0, "a"), (0, "b"), (1, "c")]).unwrap();
    assert_eq!((joined.text.as_str(), joined.approximated), ("<reasoning>ab</reasoning>c", true));
}

fn hostile(rng: &mut fastrand::Rng) -> String {
    let bits =
        ["<reasoning>", "</reasoning>", "<think>", "</think>", "[[", "]]", "<reas", "</th", "[", "]", "x", "\n", "é"];
    (0..rng.usize(0..6)).map(|_| bits[rng.usize(0..bits.len())]).collect()
}

fn cut(rng: &mut fastrand::Rng, text: &str) -> Vec<String> {
    let mut chunks = vec![String::new()];
    for c in text.chars() {
        if rng.u8(0..3) == 0 {
            chunks.push(String::new());
        }
        chunks.last_mut().unwrap().push(c);
    }
    chunks
}

#[test]
fn any_cutting_reads_the_same() {
    let mut rng = fastrand::Rng::with_seed(5);
    for case in 0..20_000 {
        let regions = LISTS[case % LISTS.len()];
        let text = hostile(&mut rng);
        let chunks = cut(&mut rng, &text);
        assert_eq!(read(regions, &chunks), parts(regions, &text), "{text:?} as {chunks:?}");
    }
}

#[test]
fn what_is_written_reads_back_or_is_refused() {
    let mut rng = fastrand::Rng::with_seed(9);
    let mut written = 0;
    for case in 0..20_000 {
        let regions = LISTS[case % LISTS.len()];
        let deltas: Vec<(usize, String)> =
            (0..rng.usize(0..5)).map(|_| (rng.usize(0..regions.len()), hostile(&mut rng))).collect();
        let runs = |parts: &[(usize, String)]| {
            let mut runs: Vec<(usize, String)> = Vec::new();
            for (region, text) in parts.iter().filter(|(_, t)| !t.is_empty()) {
                match runs.last_mut() {
                    Some((last, all)) if last == region => all.push_str(text),
                    _ => runs.push((*region, text.clone())),
                }
            }
            runs
        };
        let wanted = runs(&deltas);
        // As one string, what can only stand at the start comes first.
        let mut ordered = deltas.clone();
        ordered.sort_by_key(|(region, _)| !(regions[*region].at_start || regions[*region].implied));
        let wanted_whole = runs(&ordered);
        let borrowed: Vec<(usize, &str)> = deltas.iter().map(|(r, t)| (*r, t.as_str())).collect();
        if let Ok(joined) = join(regions, &borrowed) {
            written += 1;
            assert_eq!(parts(regions, &joined.text), wanted_whole);
        }
        let mut wrapper = Wrapper::new(regions);
        let chunks: Result<Vec<String>, _> = deltas.iter().map(|(r, t)| wrapper.push(*r, t)).collect();
        if let (Ok(chunks), Ok(())) = (chunks, wrapper.finish()) {
            assert_eq!(read(regions, &chunks), wanted, "{chunks:?}");
        }
    }
    assert!(written > 5_000, "{written} written");
}

/// Chunks that pass as a whole are those that the splitter would give whole, and passing them leaves it as it is.
#[test]
fn a_chunk_that_passes_is_one_piece_of_the_region_that_is_on() {
    let pieces = ["a", " b ", "<", "<re", "asoning>", "</reasoning>", "<think>", "</think>", "[[", "[", "]]", "]", "é"];
    let mut rng = fastrand::Rng::with_seed(5);
    let mut passed = 0;
    for round in 0..4_000 {
        let regions = LISTS[round % LISTS.len()];
        let mut splitter = Splitter::new(regions);
        for _ in 0..6 {
            let chunk: String = (0..rng.usize(1..4)).map(|_| pieces[rng.usize(..pieces.len())]).collect();
            let whole = splitter.passes(&chunk);
            let (before, mut given) = (splitter.clone(), Vec::new());
            splitter.push(&chunk, &mut |region, text| given.push((region, text.to_owned())));
            if let Some(region) = whole {
                passed += 1;
                assert_eq!(given, [(region, chunk.clone())]);
                assert_eq!(format!("{before:?}"), format!("{splitter:?}"));
            }
        }
    }
    assert!(passed > 1_000, "only {passed}");
    let mut plain = Splitter::new(LISTS[0]);
    plain.push("text", &mut |_, _| {});
    assert_eq!(plain.passes("more"), Some(1));
    assert_eq!(plain.passes(r"\u003creasoning>"), None, "an escape may hide a tag");
}
