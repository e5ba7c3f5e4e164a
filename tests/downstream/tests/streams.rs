//! Streams of two invented formats: compiled, they do what the interpreter does with every chunk, odd ones included.

#![allow(clippy::expect_used, clippy::panic)]

use outcrop::converse::ConverseStreamOutput;
use outcrop::runtime::json::Value;
use outcrop::runtime::tree::Tree;
use outcrop::runtime::{Call, Code, Codec, Error};
use outcrop::stream::{Decoder, Encoder};
use outcrop_tests::families;

#[allow(clippy::pedantic, missing_docs, unreachable_pub, dead_code)]
mod tide {
    include!(concat!(env!("OUT_DIR"), "/tide.rs"));
}
#[allow(clippy::pedantic, missing_docs, unreachable_pub, dead_code)]
mod spring {
    include!(concat!(env!("OUT_DIR"), "/spring.rs"));
}

fn interpreted(name: &str) -> families::Loaded {
    let mut sources = families::sources();
    sources.add("families/tide.yaml", include_str!("invented/tide.yaml"));
    sources.add("families/spring.yaml", include_str!("invented/spring.yaml"));
    families::load(&sources, name)
}

type Outcome = (Vec<Tree>, Result<Vec<String>, (Code, String)>);

/// What came out before the end or the first error, and the report's lines.
fn run(codec: &dyn Codec, call: &Call<'_>, decode: bool, items: &[Vec<u8>]) -> Outcome {
    let mut out = Vec::new();
    let mut through = || -> Result<Vec<String>, Error> {
        let mut stream = if decode { codec.stream_decoder(call)? } else { codec.stream_encoder(call)? };
        let mut take = |item: &[u8]| out.push(Tree::parse(item).expect("JSON"));
        for item in items {
            stream.push(item, &mut take)?;
        }
        let report = stream.finish(&mut take)?;
        Ok(report.losses.iter().map(|l| format!("{} {}", l.fate.as_str(), l.path)).collect())
    };
    let report = through().map_err(|e| (e.code, e.path));
    (out, report)
}

fn compare(name: &str, codec: &dyn Codec, call: &Call<'_>, decode: bool, items: &[Vec<u8>]) {
    let interpreter = interpreted(name);
    let (ours, theirs) = (run(codec, call, decode, items), run(&*interpreter.codec, call, decode, items));
    let shown = items.iter().map(|i| String::from_utf8_lossy(i)).collect::<Vec<_>>().join("\n");
    assert_eq!(Tree::list(ours.0).difference(&Tree::list(theirs.0)), None, "{shown}");
    assert_eq!(ours.1, theirs.1, "{shown}");
}

fn items(json: &str) -> Vec<Vec<u8>> {
    let list = Tree::parse_text(json).expect("JSON");
    list.as_list().expect("a list").iter().map(|i| i.to_string().into_bytes()).collect()
}

const RISE: &str = r#"{"is":"rise","who":"assistant","log":"a"}"#;
const END: &str = r#"{"is":"ebb","why":"end_turn"},{"is":"calm"}"#;

#[test]
fn odd_chunks_are_heard_as_the_interpreter_hears_them() {
    let call = Call { model: "tide.low", ..Call::default() };
    let open = r#"{"is":"crest","at":4,"of":{"kind":"text","text":""}}"#;
    let foam = r#"{"is":"foam","at":4,"of":{"kind":"text","text":"Hi"}}"#;
    let metrics = r#""amazon-bedrock-invocationMetrics":{"inputTokenCount":2,"outputTokenCount":9,"invocationLatency":40,"new":1}"#;
    let streams = [
        // Blocks, unknown chunks and blocks, calls without ids, metrics alone, the sentinel.
        format!(
            r#"[{RISE},{{"is":"lull"}},{{"is":"crest","at":4,"of":{{"kind":"text","text":"Hi"}}}},{foam},{{"is":"break","at":4}},
            {{"is":"spray","wet":1.50}},{{"is":"crest","at":6,"of":{{"kind":"call","tool":"look"}}}},
            {{"is":"foam","at":6,"of":{{"kind":"call","json":"{{}}"}}}},{{"is":"break","at":6}},
            {{"is":"crest","at":7,"of":{{"kind":"call","tool":"hear"}}}},{{"is":"break","at":7}},
            {{"is":"ebb","why":"tool_use","note":"n","drops":{{"out":3}}}},{{"is":"calm"}},{{{metrics}}},"[DONE]"]"#
        ),
        format!(
            r#"[{RISE},{{"is":"crest","at":0,"of":{{"kind":"shell","x":1}}}},{{"is":"foam","at":0,"of":{{"kind":"sand"}}}},{{"is":"break","at":0}},{END}]"#
        ),
        // The service beside a known chunk, an unknown one, and one that says nothing.
        format!(
            r#"[{RISE},{open},{{"is":"foam","at":4,"of":{{"kind":"text","text":"x"}},{metrics}}},{{"is":"break","at":4}},{{"is":"spray","wet":1,{metrics}}},{{"is":"lull",{metrics}}},{END}]"#
        ),
        format!(
            r#"[{RISE},{{"is":"ebb","why":"end_turn","amazon-bedrock-guardrailAction":"INTERVENED"}},{{"is":"calm","amazon-bedrock-guardrailAction":"NONE"}}]"#
        ),
        format!(
            r#"[{RISE},{{"amazon-bedrock-trace":{{"guardrail":{{"actionReason":"r","input":{{"g":1}},"outputs":[1],"new":2}}}}}},{END}]"#
        ),
        // A service member that is not as documented.
        format!(r#"[{RISE},{{"is":"calm","amazon-bedrock-guardrailAction":"SNOOZED"}}]"#),
        format!(r#"[{RISE},{{"amazon-bedrock-invocationMetrics":[]}}]"#),
        // Order.
        format!("[{foam}]"),
        format!("[{RISE},{RISE}]"),
        format!(r#"[{RISE},{open},{{"is":"break","at":4}},{foam}]"#),
        format!("[{RISE},{END},{foam}]"),
        format!(r#"[{RISE},{{"is":"wreck","said":"rocks"}}]"#),
        format!(r#"[{{"is":"wreck","said":"x"}},{RISE}]"#),
        format!("[{RISE},{open}]"),
        format!(r#"[{RISE},{{"is":"ebb","why":"end_turn"}}]"#),
        "[]".to_owned(),
        r#"["[DONE]"]"#.to_owned(),
        r#"["what"]"#.to_owned(),
        "[{}]".to_owned(),
        // Additional fields: the last value of each, objects merged, null says nothing.
        format!(r#"[{RISE},{{"is":"rise","who":"assistant"}}]"#),
        format!(
            r#"[{RISE},{{"is":"lull","a":1,"o":{{"x":1}}}},{{"is":"lull","a":1,"o":{{"y":2}}}},{{"is":"lull","a":2,"o":{{"x":1}}}},{{"is":"lull","a":1,"b":null}},{{"is":"lull","b":3}},{{"is":"lull","b":null}},{END}]"#
        ),
    ];
    for stream in &streams {
        compare("tide", &tide::Family, &call, true, &items(stream));
    }
}

#[test]
fn events_are_written_as_the_interpreter_writes_them() {
    let call = Call { model: "tide.low", ..Call::default() };
    let chunks = items(&format!(
        r#"[{RISE},{{"is":"crest","at":4,"of":{{"kind":"text","text":"Hi"}}}},{{"is":"break","at":4}},{{"is":"spray","wet":1}},
        {{"is":"crest","at":6,"of":{{"kind":"call","tool":"look"}}}},{{"is":"foam","at":6,"of":{{"kind":"call","json":"{{}}"}}}},
        {{"is":"break","at":6}},{END}]"#
    ));
    let mut events = Vec::new();
    let mut decoder: Decoder<'_> = tide::stream_decoder(&call);
    for chunk in &chunks {
        decoder.push_typed(chunk, &mut |event| events.push(event.to_json())).expect("a good chunk");
    }
    decoder.finish_typed(&mut |event| events.push(event.to_json())).expect("a good stream");
    compare("tide", &tide::Family, &call, false, &events);
    // Another id than the one that is made when it is read.
    let renamed: Vec<Vec<u8>> =
        events.iter().map(|e| String::from_utf8_lossy(e).replace("call_0", "mine").into_bytes()).collect();
    compare("tide", &tide::Family, &call, false, &renamed);
    let _: Encoder<'_> = tide::stream_encoder(&call).expect("an encoder");
}

#[test]
fn an_answer_may_come_whole_and_counts_in_headers() {
    let header = |name: &str, value: &str| (format!("X-Amzn-Bedrock-{name}"), value.to_owned());
    let headers =
        [header("Input-Token-Count", "3"), header("Output-Token-Count", "4"), header("Invocation-Latency", "x")];
    let call = Call { model: "spring.cold", headers: &headers, ..Call::default() };
    for stream in [
        r#"[{"id":"i","jars":[{"water":"Cold.","end":"end_turn"}]}]"#,
        r#"[{"drip":"Co"},{"drip":"ld."},{"dry":"end_turn"}]"#,
        r#"[{"drip":"Co","amazon-bedrock-invocationMetrics":{"inputTokenCount":7}},{"dry":"end_turn"}]"#,
        r#"[{"drip":"Co"},{"id":"i","jars":[{"water":"Cold.","end":"end_turn"}]}]"#,
        r#"[{"drop":"Co"}]"#,
        r#"[{"drip":""},{"drip":"a"},{"drip":""},{"drip":"b\n"},{"dry":"end_turn"}]"#,
    ] {
        compare("spring", &spring::Family, &call, true, &items(stream));
    }
}

/// Texts between the quotes of one chunk after another: what chunks have in common is not read again, and no text may
/// profit from that.
#[test]
fn a_run_of_deltas_is_read_as_if_each_chunk_stood_alone() {
    let call = Call { model: "tide.low", ..Call::default() };
    let chunk = |text: &str| format!(r#"{{"is":"foam","at":4,"of":{{"kind":"text","text":"{text}"}}}}"#).into_bytes();
    let mut start = items(&format!(r#"[{RISE},{{"is":"crest","at":4,"of":{{"kind":"text","text":""}}}}]"#));
    start.extend(["a", "b", "c"].map(chunk));
    let end = items(&format!("[{END}]"));
    let texts: &[&[u8]] = &[
        b"",
        b"plain",
        b"\\n\\\"q\\\"",
        b"\\u00e9\\ud83d\\ude00",
        b"\xc3\xa9",
        b"\\",
        b"\\\\",
        b"\\u12",
        b"\\ud83d",
        b"\\x",
        b"a\"b",
        b"a\",\"x\":\"b",
        b"\",\"text\":\"",
        b"a\nb",
        b"\x01",
        b"\xff",
        b"\xc3",
        b"a\"}}, {\"a\":{\"b\":\"",
        b"\"",
        b"\\\"",
    ];
    for text in texts {
        let mut good = start.clone();
        let mut odd = br#"{"is":"foam","at":4,"of":{"kind":"text","text":""#.to_vec();
        odd.extend_from_slice(text);
        odd.extend_from_slice(br#""}}"#);
        good.push(odd);
        good.push(chunk("after"));
        good.push(br#" {"is":"foam","at":4,"of":{"kind":"text","text":"spaced"}} "#.to_vec());
        good.push(br#"{"is":"foam","at":5,"of":{"kind":"text","text":"other block"}}"#.to_vec());
        compare("tide", &tide::Family, &call, true, &good);
        good.truncate(good.len() - 1);
        good.extend(end.iter().cloned());
        compare("tide", &tide::Family, &call, true, &good);
    }
}

#[test]
fn typed_events_borrow_their_texts() {
    let call = Call { model: "spring.cold", ..Call::default() };
    let mut decoder = spring::stream_decoder(&call);
    let chunk = br#"{"drip":"Cold\n"}"#;
    let mut seen = 0;
    for _ in 0..3 {
        decoder
            .push_typed(chunk, &mut |event| {
                if let ConverseStreamOutput::ContentBlockDelta(e) = event
                    && let outcrop::converse::ContentBlockDelta::Text(text) = &e.delta
                {
                    assert_eq!((text.as_raw(), text.text().as_ref()), (Some("Cold\\n"), "Cold\n"));
                    seen += 1;
                }
            })
            .expect("a good chunk");
    }
    assert_eq!(seen, 3);
}
