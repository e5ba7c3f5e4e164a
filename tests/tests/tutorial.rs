//! The tutorial is executed: its pieces are cut out of the page, put together, checked and run, with no Rust written for the format.

#![allow(clippy::expect_used, clippy::panic)]

use std::path::Path;

use outcrop_lang::{check, diag, load_family};
use outcrop_runtime::tree::Tree;
use outcrop_runtime::{Call, Kind};
use outcrop_tests::families;

fn spec() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/tutorial.md");
    let text = std::fs::read_to_string(page).expect("the tutorial").replace("\r\n", "\n");
    let pieces: Vec<&str> = text.split("```yaml\n").skip(1).map(|p| p.split("```").next().expect("an end")).collect();
    assert_eq!(pieces.len(), 6, "one piece a step");
    // The second and later pieces of `types:` go on where the former stopped.
    pieces.concat()
}

#[test]
fn the_pieces_of_the_tutorial_are_a_spec_without_faults() {
    let mut sources = families::sources();
    sources.add("families/harbor-chat.yaml", spec());
    let loaded = load_family(&sources, "harbor-chat");
    let mut faults = loaded.diagnostics;
    faults.extend(loaded.family.iter().flat_map(check::all));
    assert!(faults.is_empty(), "{}", diag::render(&faults, &loaded.files_read, diag::Style::Plain));
}

#[test]
fn the_new_family_translates_what_its_author_never_wrote_down() {
    let mut sources = families::sources();
    sources.add("families/harbor-chat.yaml", spec());
    let harbor = families::load(&sources, "harbor-chat");
    let call = Call { model: "harbor.chat-large", ..Call::default() };

    let native = br#"{"turns":[{"who":"human","parts":[{"kind":"text","body":"Hi"},{"kind":"chart","depth":[3.20,4]}]}],"berth":"north"}"#;
    let converse = harbor.codec.decode(Kind::Request, &call, native).expect("a legal body");
    let again = harbor.codec.encode(Kind::Request, &call, &converse.body).expect("goes back");
    assert_eq!(again.body, native, "unknown parts and members survive, byte for byte");

    let image =
        br#"{"messages":[{"role":"user","content":[{"image":{"format":"png","source":{"bytes":"iVBORw0="}}}]}]}"#;
    let refused = harbor.codec.encode(Kind::Request, &call, image).expect_err("the format has no images");
    assert_eq!(refused.code.as_str(), "unsupported");
    assert!(refused.path.starts_with("messages[0].content[0].image"), "{refused}");

    let stopped = harbor.codec.decode(Kind::Response, &call, br#"{"reply":[],"ended":"fog"}"#).expect("open value");
    assert_eq!(Tree::parse(&stopped.body).expect("JSON").get("stopReason").and_then(Tree::as_str), Some("fog"));
}
