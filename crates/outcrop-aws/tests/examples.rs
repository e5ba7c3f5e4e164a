//! The examples run, and do what they say.

#![allow(clippy::duplicate_mod, clippy::pedantic, dead_code, unreachable_pub)]

#[path = "../examples/chat.rs"]
mod chat;
#[path = "../examples/quickstart.rs"]
mod quickstart;
#[path = "../examples/tools.rs"]
mod tools;

#[tokio::test]
async fn the_quickstart_answers_over_invoke_model() {
    let mut out = Vec::new();
    quickstart::run(&mut out).await.unwrap();
    let out = String::from_utf8(out).unwrap();
    let mut lines = out.lines();
    assert_eq!(lines.next(), Some("Bismuth melts in hot water."));
    assert_eq!(lines.next(), Some("12 tokens in, 7 out"));
    assert_eq!(lines.next(), Some("over the wire: POST /model/meta.llama3-8b-instruct-v1%3A0/invoke"));
    assert!(lines.next().unwrap().starts_with(r#"{"prompt":"<|begin_of_text|>"#), "{out}");
}

#[tokio::test]
async fn the_chat_streams_and_remembers() {
    let mut out = Vec::new();
    chat::run(&mut "Hello there.\nOnce more.\n\n".as_bytes(), &mut out).await.unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "> You say: Hello there.\n> You say: Once more.\n> ");
}

#[tokio::test]
async fn a_tool_is_called_and_its_result_is_used() {
    let mut out = Vec::new();
    tools::run(&mut out).await.unwrap();
    let expected = "model: I look it up.\nweather: 9 degrees in Oslo\nmodel: It is 9 degrees in Oslo.\n";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}
