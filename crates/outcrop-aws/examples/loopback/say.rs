//! Models with little to say, for examples: whatever family the id of a request names.

use outcrop::registry;
use outcrop::runtime::Tree;

use super::{Answer, Loopback, reply};

/// Says the same to everybody.
pub async fn answering(text: &'static str) -> Loopback {
    any(move |_| answer(&[text_block(text)], "end_turn")).await
}

/// Repeats what the user said last.
pub async fn repeating() -> Loopback {
    any(|converse| {
        let said = last(converse).iter().filter_map(|block| block.get("text")?.as_str()).collect::<String>();
        answer(&[text_block(&format!("You say: {said}"))], "end_turn")
    })
    .await
}

/// Calls a tool, and says what came of it.
pub async fn calling(tool: &'static str, input: &'static str) -> Loopback {
    any(move |converse| {
        let results = last(converse).iter().filter_map(|block| block.get("toolResult")?.get("content")?.as_list());
        let texts: Vec<&str> = results.flatten().filter_map(|part| part.get("text")?.as_str()).collect();
        if texts.is_empty() {
            let call = format!(r#"{{"toolUse":{{"toolUseId":"call_1","name":"{tool}","input":{input}}}}}"#);
            return answer(&[text_block("I look it up."), call], "tool_use");
        }
        answer(&[text_block(&format!("It is {}.", texts.join(" and ")))], "end_turn")
    })
    .await
}

/// Speaks the format of whatever model is asked.
async fn any(say: impl Fn(&Tree) -> Tree + Send + Sync + 'static) -> Loopback {
    Loopback::start(move |request| match registry::by_model(&request.model()) {
        Some((entry, _)) => reply(entry, request, &say),
        None => Answer::error(400, "ValidationException", "The provided model identifier is invalid."),
    })
    .await
}

fn last(converse: &Tree) -> &[Tree] {
    let turn = converse.get("messages").and_then(Tree::as_list).and_then(|turns| turns.last());
    turn.and_then(|turn| turn.get("content")).and_then(Tree::as_list).unwrap_or_default()
}

fn text_block(text: &str) -> String {
    Tree::arm("text", Tree::str(text)).to_string()
}

fn answer(content: &[String], stop: &str) -> Tree {
    let content = content.join(",");
    let answer = format!(
        r#"{{"output":{{"message":{{"role":"assistant","content":[{content}]}}}},"stopReason":"{stop}",
            "usage":{{"inputTokens":12,"outputTokens":7,"totalTokens":19}}}}"#
    );
    Tree::parse_text(&answer).expect("an answer is JSON")
}
