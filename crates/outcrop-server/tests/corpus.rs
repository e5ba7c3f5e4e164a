//! Recorded requests, where they are at hand: what the service took is taken, in the echo and in the replay.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod support;

use std::path::PathBuf;

use base64_simd::STANDARD;
use outcrop_runtime::Tree;
use outcrop_server::{Backend, Config};
use support::{echo, start};

/// Recordings whose models no spec describes, or that were recorded by something that changed their bodies.
fn recordings() -> Option<(PathBuf, Vec<Tree>)> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let folder = std::env::var_os("OUTCROP_CORPUS").map_or_else(beside, PathBuf::from);
    let path = folder.join("recorded.jsonl");
    if !path.is_file() {
        println!("no recordings at hand (set OUTCROP_CORPUS); nothing to compare");
        return None;
    }
    let text = std::fs::read_to_string(&path).expect("the recordings are UTF-8");
    Some((path, text.lines().map(|line| Tree::parse_text(line).expect("a recording is JSON")).collect()))
}

fn member<'t>(line: &'t Tree, name: &str) -> &'t str {
    line.get(name).and_then(Tree::as_str).unwrap_or_default()
}

fn operation(line: &Tree) -> &'static str {
    match member(line, "api") {
        "invoke" => "invoke",
        "invoke_stream" => "invoke-with-response-stream",
        "converse" => "converse",
        _ => "converse-stream",
    }
}

#[tokio::test]
async fn what_the_service_took_is_taken() {
    let Some((_, lines)) = recordings() else { return };
    let endpoint = echo().await;
    let (mut taken, mut faults) = (0, Vec::new());
    for line in &lines {
        let answered = line.get("status").and_then(Tree::as_int) == Some(200);
        let Some(request) = line.get("request").filter(|body| answered && body.as_object().is_some()) else { continue };
        // A recorder's own marks are no documents' names.
        let marked = request.to_string().contains("document-REDACTED");
        if marked
            || outcrop::registry::resolve(member(line, "model_id")).is_err()
            || line.get("elided").is_some_and(|e| !e.is_empty())
        {
            continue;
        }
        let answer = endpoint.ask(member(line, "model_id"), operation(line), request.to_string()).await;
        if answer.status == 200 {
            taken += 1;
        } else {
            faults.push(format!("{} ({}): {}", member(line, "id"), member(line, "family_guess"), answer.failure().2));
        }
    }
    assert!(faults.is_empty(), "{} refused, {taken} taken:\n{}", faults.len(), faults.join("\n"));
    assert!(taken > 300, "{taken}");
}

#[tokio::test]
async fn what_was_recorded_is_said_again() {
    let Some((path, lines)) = recordings() else { return };
    let endpoint = start(Config { backend: Backend::Replay(path), ..Config::default() }).await;
    let mut said = 0;
    for line in &lines {
        let Some(request) = line.get("request").filter(|body| body.as_object().is_some()) else { continue };
        let (frames, body) =
            (member(line, "stream_frames_b64"), line.get("response").filter(|b| !matches!(b, Tree::Null)));
        if frames.is_empty() && body.is_none() {
            continue;
        }
        let answer = endpoint.ask(member(line, "model_id"), operation(line), request.to_string()).await;
        let status = line.get("status").and_then(Tree::as_int);
        // Of requests that were recorded more than once the answers take turns.
        let same = if frames.is_empty() {
            Some(&answer.json()) == body
        } else {
            STANDARD.decode_to_vec(frames).unwrap() == answer.body
        };
        let twice = lines
            .iter()
            .filter(|l| l.get("request") == Some(request) && l.get("model_id") == line.get("model_id"))
            .count()
            > 1;
        assert!((same && status == Some(answer.status.into())) || twice, "{}: {answer:?}", member(line, "id"));
        said += 1;
    }
    assert!(said > 400, "{said}");
}
