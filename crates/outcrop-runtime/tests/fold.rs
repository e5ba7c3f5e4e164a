//! Events of a stream add up to the response.
#![allow(clippy::unwrap_used)]

use outcrop_runtime::fold::fold;
use outcrop_runtime::{Code, Tree};

fn events(json: &str) -> Vec<Tree> {
    Tree::parse_text(json).unwrap().as_list().unwrap().to_vec()
}

fn content(deltas: &str) -> Tree {
    let all = format!(
        r#"[{{"messageStart":{{"role":"assistant"}}}},{deltas},{{"messageStop":{{"stopReason":"end_turn"}}}}]"#
    );
    let response = fold(&events(&all)).unwrap();
    response.get("output").and_then(|o| o.get("message")).and_then(|m| m.get("content")).cloned().unwrap()
}

#[test]
fn a_whole_stream_adds_up() {
    let stream = r#"[
        {"messageStart":{"role":"assistant"}},
        {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"h"}}}},
        {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"m"}}}},
        {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"s"}}}},
        {"contentBlockStop":{"contentBlockIndex":0}},
        {"contentBlockStart":{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t","name":"w"}}}},
        {"contentBlockDelta":{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"a\""}}}},
        {"contentBlockDelta":{"contentBlockIndex":1,"delta":{"toolUse":{"input":":1}"}}}},
        {"contentBlockStop":{"contentBlockIndex":1}},
        {"messageStop":{"stopReason":"tool_use","additionalModelResponseFields":{"id":"x"}}},
        {"metadata":{"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":4}}}
    ]"#;
    let wanted = r#"{
        "output":{"message":{"role":"assistant","content":[
            {"reasoningContent":{"reasoningText":{"text":"hm","signature":"s"}}},
            {"toolUse":{"toolUseId":"t","name":"w","input":{"a":1}}}
        ]}},
        "stopReason":"tool_use","additionalModelResponseFields":{"id":"x"},
        "usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":4}
    }"#;
    assert_eq!(fold(&events(stream)).unwrap(), Tree::parse_text(wanted).unwrap());
}

#[test]
fn arguments_that_are_no_json_stay_text_and_none_are_an_empty_object() {
    let call = r#"{"contentBlockStart":{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"t","name":"w"}}}}"#;
    assert_eq!(content(call), Tree::parse_text(r#"[{"toolUse":{"toolUseId":"t","name":"w","input":{}}}]"#).unwrap());
    let cut = r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"toolUse":{"input":"{\"a"}}}}"#;
    let wanted = r#"[{"toolUse":{"toolUseId":"t","name":"w","input":"{\"a"}}]"#;
    assert_eq!(content(&format!("{call},{cut}")), Tree::parse_text(wanted).unwrap());
}

#[test]
fn a_citation_before_its_text_makes_a_block_with_citations() {
    let deltas = r#"
        {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"citation":{"title":"T"}}}},
        {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"x"}}}"#;
    let wanted = r#"[{"citationsContent":{"content":[{"text":"x"}],"citations":[{"title":"T"}]}}]"#;
    assert_eq!(content(deltas), Tree::parse_text(wanted).unwrap());
}

#[test]
fn a_stream_that_breaks_off_is_an_error() {
    for stream in [
        r#"[{"messageStart":{"role":"assistant"}}]"#,
        r#"[{"messageStart":{"role":"assistant"}},{"modelStreamErrorException":{"message":"oops"}}]"#,
    ] {
        assert_eq!(fold(&events(stream)).unwrap_err().code, Code::StreamTruncated);
    }
}
