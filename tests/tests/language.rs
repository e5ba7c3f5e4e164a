//! What single forms of the language mean, on one small format: one behaviour per test.

#![allow(clippy::expect_used, clippy::panic)]

use outcrop_lang::interp::Interp;
use outcrop_lang::load_family;
use outcrop_runtime::{Call, Codec, Error, Kind, Output, Tree};
use outcrop_tests::families;

const SPEC: &str = r#"
spec: 1
family: kettle
title: Kettle
source: https://example.com/kettle
doc: A format made up for tests.
operations: { chat: { request: Brew, response: Cup } }
types:
  Brew:
    doc: Request.
    view: ConverseRequest
    fields:
      version: { type: int!, const: 3, doc: Version. }
      limit: { type: int(1..)!, as: inferenceConfig.maxTokens, aliases: [max], else: $model.max_output_tokens, doc: Limit. }
      talk: { type: list<Line>!, as: turns, doc: Turns. }
      heat:
        doc: Sampling.
        fields:
          degrees: { type: float(0..1), as: inferenceConfig.temperature, doc: Heat. }
          steam: { type: int(0..9), doc: Without a counterpart. }
  Line:
    doc: A turn.
    view: Turn
    tag: who
    unknown: refuse
    cases:
      rules: { arm: system, doc: Instructions., fields: { parts: { type: list<Part>!, take: [text], doc: Content. } } }
      result: { arm: user, each: toolResult, doc: A result., fields: { of: { type: string!, as: toolUseId, doc: Call. }, says: { type: json_text!, as: "content[only].json", doc: Result. } } }
      guest: { arm: user, doc: User., fields: { parts: { type: list<Part>!, take: [text], doc: Content. } } }
      host: { arm: assistant, doc: Model., fields: { parts: { type: list<Part>, take: [text], doc: Content. }, calls: { type: list<Order>, take: [toolUse], doc: Calls. } } }
  Part:
    doc: A piece.
    view: ContentBlock
    tag: kind
    unknown: keep
    cases:
      text: { arm: text, doc: Text., fields: { body: { type: string!, as: ., doc: Text. } } }
  Order:
    doc: A call.
    view: ToolUseBlock
    fields:
      id: { type: string!, as: toolUseId, doc: Id. }
      name: { type: string!, as: name, doc: Name. }
      with: { type: json_text!, as: input, doc: Arguments. }
  Cup:
    doc: Response.
    view: ConverseResponse
    assume: { output.message.role: assistant }
    fields:
      parts: { type: list<Part>!, as: output.message.content, doc: Content. }
      why: { type: string, as: stopReason, map: { full: max_tokens, done: end_turn }, reads: { end: end_turn }, unknown: other, doc: Reason. }
unsupported: [image, document, video, audio, guardContent, cachePoint, reasoningContent, citationsContent, searchResult, toolConfig, toolAddition, toolRemoval, topP, outputConfig, toolResult.content]
dropped: { toolResult.status: not here, toolUse.type: not here, toolResult.type: not here, stopSequences: not here, usage: not counted }
models: [{ match: acme.kettle-*, name: Kettle, limits: { max_output_tokens: 77 } }]
examples: []
"#;

fn kettle() -> Interp {
    let mut sources = families::sources();
    sources.add("kettle.yaml", SPEC);
    Interp::recording(load_family(&sources, "kettle.yaml").family.expect("the spec is read"))
}

const CALL: Call<'_> = Call { model: "us.acme.kettle-1", headers: &[], strict: false, escape: false };

fn encode(converse: &str) -> Result<Output, Error> {
    kettle().encode(Kind::Request, &CALL, converse.as_bytes())
}

fn decode(native: &str) -> Result<Output, Error> {
    kettle().decode(Kind::Request, &CALL, native.as_bytes())
}

#[track_caller]
fn same(output: Result<Output, Error>, wanted: &str) {
    let got = Tree::parse(&output.expect("translated").body).expect("JSON");
    let wanted = Tree::parse_text(wanted).expect("JSON");
    assert_eq!(got.difference(&wanted), None, "{got}\n{wanted}");
}

#[track_caller]
fn refused(output: Result<Output, Error>, code: &str, path: &str, native: &str) {
    let e = output.expect_err("refused");
    assert_eq!((e.code.as_str(), e.path.as_str(), e.native_path.as_str()), (code, path, native), "{e}");
}

const HI: &str = r#"{"role":"user","content":[{"text":"hi"}]}"#;
const GUEST: &str = r#"{"who":"guest","parts":[{"kind":"text","body":"hi"}]}"#;

#[test]
fn unknown_members_come_back_at_their_places() {
    let native = r#"{"version":2,"limit":5,"talk":[{"who":"guest","parts":[{"kind":"text","body":"hi","tone":"low"}]}],"heat":{"steam":4,"x":[1.50]},"y":null}"#;
    let converse = format!(
        r#"{{"messages":[{HI}],"inferenceConfig":{{"maxTokens":5}},
           "additionalModelRequestFields":{{"version":2,"/talk/0/parts/0/tone":"low","heat":{{"steam":4,"x":[1.50]}},"y":null}}}}"#
    );
    same(decode(native), &converse);
    same(encode(&converse), native);
}

#[test]
fn additional_fields_replace_constants_and_defaults_but_not_mapped_values() {
    let with = |config: &str, extra: &str| {
        encode(&format!(r#"{{"messages":[{HI}]{config},"additionalModelRequestFields":{{{extra}}}}}"#))
    };
    same(with("", r#""version":4,"max":9"#), &format!(r#"{{"version":4,"limit":9,"talk":[{GUEST}]}}"#));
    same(
        with(r#","inferenceConfig":{"maxTokens":9}"#, r#""limit":9.0"#),
        &format!(r#"{{"version":3,"limit":9,"talk":[{GUEST}]}}"#),
    );
    refused(
        with(r#","inferenceConfig":{"maxTokens":9}"#, r#""limit":8"#),
        "conflicting-field",
        "additionalModelRequestFields",
        "limit",
    );
}

#[test]
fn additional_fields_are_checked_where_the_spec_knows_them() {
    let with = |extra: &str| encode(&format!(r#"{{"messages":[{HI}],"additionalModelRequestFields":{{{extra}}}}}"#));
    refused(with(r#""heat":{"steam":10}"#), "out-of-range", "additionalModelRequestFields", "heat.steam");
    refused(with(r#""/talk/7/x":1"#), "conflicting-field", "additionalModelRequestFields", "talk");
}

#[test]
fn a_limit_comes_from_the_catalogue_and_is_reported() {
    let out = encode(&format!(r#"{{"messages":[{HI}]}}"#)).expect("translated");
    assert_eq!(Tree::parse(&out.body).expect("JSON").get("limit").and_then(Tree::as_int), Some(77));
    let loss = out.report.losses.first().expect("reported");
    assert_eq!((loss.fate.as_str(), loss.path.as_str()), ("synthesised", "inferenceConfig.maxTokens"));
    let other = Call { model: "other", ..CALL };
    let body = format!(r#"{{"messages":[{HI}]}}"#);
    refused(
        kettle().encode(Kind::Request, &other, body.as_bytes()),
        "missing-member",
        "inferenceConfig.maxTokens",
        "limit",
    );
}

#[test]
fn unknown_elements_stay_in_their_places() {
    let native = r#"{"version":3,"limit":5,"talk":[{"who":"guest","parts":[{"kind":"smell","of":"tea"},{"kind":"text","body":"hi"}]}]}"#;
    let converse = r#"{"messages":[{"role":"user","content":[{"native":{"kind":"smell","of":"tea"}},{"text":"hi"}]}],"inferenceConfig":{"maxTokens":5}}"#;
    same(decode(native), converse);
    same(encode(converse), native);
}

#[test]
fn results_are_elements_of_their_own_and_read_back_as_one_turn() {
    let native = r#"{"version":3,"limit":5,"talk":[{"who":"rules","parts":[{"kind":"text","body":"be brief"}]},
        {"who":"host","calls":[{"id":"a","name":"boil","with":"{}"}]},{"who":"result","of":"a","says":"[1]"},{"who":"guest","parts":[{"kind":"text","body":"so?"}]}]}"#;
    let converse = r#"{"system":[{"text":"be brief"}],"inferenceConfig":{"maxTokens":5},"messages":[
        {"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"boil","input":{}}}]},
        {"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"json":[1]}]}},{"text":"so?"}]}]}"#;
    same(decode(native), converse);
    same(encode(converse), native);
}

#[test]
fn what_the_format_cannot_say_is_refused_or_reported_by_name() {
    let image = r#"{"image":{"format":"png","source":{"bytes":"QWhv"}}}"#;
    let body = format!(r#"{{"messages":[{{"role":"user","content":[{{"text":"hi"}},{image}]}}]}}"#);
    refused(encode(&body), "unsupported", "messages[0].content[1].image", "");
    let body = format!(r#"{{"messages":[{HI}],"inferenceConfig":{{"maxTokens":1,"stopSequences":["x"]}}}}"#);
    let out = encode(&body).expect("translated");
    assert_eq!(out.report.losses.first().map(|l| l.path.as_str()), Some("inferenceConfig.stopSequences"));
    let strict = Call { strict: true, ..CALL };
    refused(kettle().encode(Kind::Request, &strict, body.as_bytes()), "strict", "inferenceConfig.stopSequences", "");
    let unknown = format!(r#"{{"messages":[{HI}],"inferenceConfig":{{"maxTokens":1}},"novelty":{{"a":1}}}}"#);
    refused(encode(&unknown), "unsupported", "novelty", "");
}

#[test]
fn errors_name_both_places() {
    let body = format!(r#"{{"messages":[{HI}],"inferenceConfig":{{"maxTokens":1,"temperature":2}}}}"#);
    refused(encode(&body), "out-of-range", "inferenceConfig.temperature", "heat.degrees");
    refused(decode(r#"{"version":3,"limit":5,"talk":[{"who":"ghost"}]}"#), "unknown-tag", "", "talk[0]");
    refused(decode(r#"{"version":3,"limit":"5","talk":[]}"#), "wrong-type", "", "limit");
    refused(decode(r#"{"version":3,"limit":5}"#), "missing-member", "", "talk");
    refused(decode(r#"{"version":3,"limit":5,"talk":[{"who":1,"who":2}]}"#), "duplicate-member", "", "talk[0].who");
}

#[test]
fn tables_read_more_than_they_write() {
    let interp = kettle();
    let reason = |native: &str| {
        let body = format!(r#"{{"parts":[],"why":"{native}"}}"#);
        let out = interp.decode(Kind::Response, &CALL, body.as_bytes()).expect("translated");
        let back = interp.encode(Kind::Response, &CALL, &out.body).expect("translated");
        let text = |body: &[u8], name: &str| {
            Tree::parse(body).expect("JSON").get(name).and_then(Tree::as_str).unwrap_or_default().to_owned()
        };
        (text(&out.body, "stopReason"), text(&back.body, "why"))
    };
    assert_eq!(reason("end"), ("end_turn".to_owned(), "done".to_owned()));
    assert_eq!(reason("cold"), ("cold".to_owned(), "cold".to_owned()));
}

#[test]
fn members_that_travel_in_headers_do() {
    let body = format!(
        r#"{{"messages":[{HI}],"inferenceConfig":{{"maxTokens":1}},"guardrailConfig":{{"guardrailIdentifier":"g"}}}}"#
    );
    let out = encode(&body).expect("translated");
    assert_eq!(out.headers, [("x-amzn-bedrock-guardrailidentifier".to_owned(), "g".to_owned())]);
    let call = Call { headers: &out.headers, ..CALL };
    same(kettle().decode(Kind::Request, &call, &out.body), &body);
    let headers = [("X-Amzn-Bedrock-Input-Token-Count".to_owned(), "12".to_owned())];
    let call = Call { headers: &headers, ..CALL };
    let out = kettle().decode(Kind::Response, &call, br#"{"parts":[]}"#).expect("translated");
    let usage = Tree::parse(&out.body).expect("JSON").get("usage").cloned().unwrap_or_default();
    assert_eq!(usage.to_string(), r#"{"inputTokens":12,"totalTokens":12}"#);
}

#[test]
fn what_was_executed_is_recorded() {
    let interp = kettle();
    assert!(interp.covered().is_empty());
    interp.decode(Kind::Response, &CALL, br#"{"parts":[],"why":"full"}"#).expect("translated");
    let few = interp.covered().len();
    interp
        .decode(Kind::Response, &CALL, br#"{"parts":[{"kind":"text","body":"x"}],"why":"done"}"#)
        .expect("translated");
    assert!(interp.covered().len() > few);
}
