//! The bodies that are tried, in the words of Converse.

use outcrop_runtime::Kind;

use super::Feature;

/// How a feature is found out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Probe {
    /// There is a form of chunks.
    Stream,
    /// All of these parts, each in one of its forms.
    Bodies(&'static [&'static [Trial]]),
}

/// A body that has the feature, and its twin without.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trial {
    /// A content block of the user, before the text.
    Block(&'static str),
    /// Members of the request.
    Members(&'static str),
    /// Turns before the last, and members of the request that they need.
    Turns(&'static str, &'static str),
    /// Content blocks of the answer, before its text.
    Answer(&'static str),
    /// Content blocks of the answer, after its text: the order that formats keep which have calls beside the text.
    Calls(&'static str),
}

impl Trial {
    pub(super) fn kind(&self) -> Kind {
        if matches!(self, Self::Answer(_) | Self::Calls(_)) { Kind::Response } else { Kind::Request }
    }

    pub(super) fn with(&self, beside: &str) -> String {
        match self {
            Self::Block(block) => request("", &format!("{beside}{block},"), ""),
            Self::Members(members) => request("", beside, members),
            Self::Turns(turns, members) => request(turns, beside, members),
            Self::Answer(blocks) => answer(blocks, "", "end_turn", ""),
            Self::Calls(blocks) => answer("", blocks, "tool_use", ""),
        }
    }

    pub(super) fn without(&self, beside: &str) -> String {
        match self {
            Self::Answer(_) | Self::Calls(_) => answer("", "", "end_turn", ""),
            _ => request("", beside, ""),
        }
    }
}

fn request(turns: &str, before: &str, members: &str) -> String {
    format!(r#"{{"messages":[{turns}{{"role":"user","content":[{before}{{"text":"Name a metal."}}]}}]{members}}}"#)
}

/// An answer with content blocks before and after its text and with members after its reason.
pub(super) fn answer(before: &str, after: &str, reason: &str, members: &str) -> String {
    let content = format!(r#"{before}{{"text":"Tin."}}{after}"#);
    let message = format!(r#"{{"message":{{"role":"assistant","content":[{content}]}}}}"#);
    format!(r#"{{"output":{message},"stopReason":"{reason}"{members}}}"#)
}

/// Token counts of an answer.
pub(super) const COUNTS: &str = r#","usage":{"inputTokens":3,"outputTokens":2,"totalTokens":5}"#;

/// What a request may have beside its text because some format does not do without.
pub(super) const BESIDE: &[&str] = &[
    "",
    r#"{"image":{"format":"png","source":{"bytes":"iVBORw0KGgo="}}},"#,
    r#"{"video":{"format":"mp4","source":{"bytes":"AAAA"}}},"#,
];

macro_rules! media {
    ($arm:literal: $($format:literal $bytes:literal),+) => {
        Probe::Bodies(&[&[$(
            Trial::Block(concat!(
                r#"{""#, $arm, r#"":{"format":""#, $format, r#"","source":{"bytes":""#, $bytes, r#""}}}"#
            )),
            Trial::Block(concat!(
                r#"{""#, $arm, r#"":{"format":""#, $format, r#"","source":{"s3Location":{"uri":"s3://a/b"}}}}"#
            )),
        )+]])
    };
}

macro_rules! tools {
    ($more:literal) => {
        concat!(
            r#","toolConfig":{"tools":[{"toolSpec":{"name":"weigh","description":"Weighs.","inputSchema":{"json":{"type":"object","properties":{"of":{"type":"string","description":"What."}},"required":["of"]}}}}]"#,
            $more,
            "}"
        )
    };
}

macro_rules! schema {
    ($name:literal) => {
        concat!(
            r#","outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"#,
            $name,
            r#""schema":"{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"}},\"required\":[\"name\"],\"additionalProperties\":false}"}}}}"#
        )
    };
}

/// A call, its result, and what the model made of it.
const TURNS: &str = concat!(
    r#"{"role":"user","content":[{"text":"Weigh tin."}]},"#,
    r#"{"role":"assistant","content":[{"toolUse":{"toolUseId":"call00001","name":"weigh","input":{"of":"tin"}}}]},"#,
    r#"{"role":"user","content":[{"toolResult":{"toolUseId":"call00001","content":[{"text":"7.3"}]}}]},"#,
    r#"{"role":"assistant","content":[{"text":"It is 7.3."}]},"#
);

/// All features.
pub(super) const FEATURES: &[Feature] = &[
    Feature { name: "streaming", head: "stream", doc: "answers in chunks", word: "streaming", probe: Probe::Stream },
    Feature {
        name: "system",
        head: "system",
        doc: "instructions",
        word: "system",
        probe: Probe::Bodies(&[&[Trial::Members(r#","system":[{"text":"Be brief."}]"#)]]),
    },
    Feature {
        name: "images",
        head: "image",
        doc: "pictures in requests",
        word: "images",
        probe: media!("image": "png" "iVBORw0KGgo=", "jpeg" "/9j/AAAA"),
    },
    Feature {
        name: "documents",
        head: "doc",
        doc: "documents in requests",
        word: "documents",
        probe: Probe::Bodies(&[&[
            Trial::Block(r#"{"document":{"format":"pdf","name":"a","source":{"bytes":"AAAA"}}}"#),
            Trial::Block(r#"{"document":{"format":"txt","name":"a","source":{"text":"Tin is soft."}}}"#),
        ]]),
    },
    Feature {
        name: "video",
        head: "video",
        doc: "films in requests",
        word: "video",
        probe: media!("video": "mp4" "AAAA"),
    },
    Feature {
        name: "audio",
        head: "audio",
        doc: "sound in requests",
        word: "audio",
        probe: media!("audio": "mp3" "AAAA", "wav" "AAAA"),
    },
    Feature {
        name: "tools",
        head: "tools",
        doc: "tools, calls and results",
        word: "tools",
        probe: Probe::Bodies(&[
            &[Trial::Members(tools!(""))],
            &[Trial::Turns(TURNS, tools!(""))],
            &[Trial::Calls(r#",{"toolUse":{"toolUseId":"call00001","name":"weigh","input":{"of":"tin"}}}"#)],
        ]),
    },
    Feature {
        name: "tool_choice",
        head: "choice",
        doc: "the choice of a tool: the model's, any, a certain one",
        word: "tool_choice",
        probe: Probe::Bodies(&[
            &[Trial::Members(tools!(r#","toolChoice":{"auto":{}}"#))],
            &[Trial::Members(tools!(r#","toolChoice":{"any":{}}"#))],
            &[Trial::Members(tools!(r#","toolChoice":{"tool":{"name":"weigh"}}"#))],
        ]),
    },
    Feature {
        name: "parallel_tools",
        head: "parallel",
        doc: "several calls in one turn",
        word: "tools",
        probe: Probe::Bodies(&[&[Trial::Calls(concat!(
            r#",{"toolUse":{"toolUseId":"call00001","name":"weigh","input":{"of":"tin"}}}"#,
            r#",{"toolUse":{"toolUseId":"call00002","name":"weigh","input":{"of":"iron"}}}"#
        ))]]),
    },
    Feature {
        name: "reasoning",
        head: "reasoning",
        doc: "reasoning in answers",
        word: "reasoning",
        probe: Probe::Bodies(&[&[
            Trial::Answer(r#"{"reasoningContent":{"reasoningText":{"text":"Soft ones first."}}},"#),
            Trial::Answer(r#"{"reasoningContent":{"reasoningText":{"text":"Soft.","signature":"c2ln"}}},"#),
        ]]),
    },
    Feature {
        name: "prompt_caching",
        head: "cache",
        doc: "cache points in prompts",
        word: "prompt_caching",
        probe: Probe::Bodies(&[&[
            Trial::Members(r#","system":[{"text":"Be brief."},{"cachePoint":{"type":"default"}}]"#),
            Trial::Turns(
                r#"{"role":"user","content":[{"text":"Ready?"},{"cachePoint":{"type":"default"}}]},{"role":"assistant","content":[{"text":"Yes."}]},"#,
                "",
            ),
        ]]),
    },
    Feature {
        name: "structured_output",
        head: "schema",
        doc: "answers that follow a JSON schema",
        word: "structured_output",
        probe: Probe::Bodies(&[&[Trial::Members(schema!(r#""name":"metal","#)), Trial::Members(schema!(""))]]),
    },
    Feature {
        name: "stop_sequences",
        head: "stop",
        doc: "words that end an answer",
        word: "",
        probe: Probe::Bodies(&[&[Trial::Members(r#","inferenceConfig":{"stopSequences":["END"]}"#)]]),
    },
    Feature {
        name: "effort",
        head: "effort",
        doc: "how hard to think",
        word: "effort",
        probe: Probe::Bodies(&[&[Trial::Members(r#","outputConfig":{"effort":"low"}"#)]]),
    },
    Feature {
        name: "sampling",
        head: "sampling",
        doc: "limit of tokens, temperature, top p",
        word: "sampling",
        probe: Probe::Bodies(&[
            &[Trial::Members(r#","inferenceConfig":{"maxTokens":9}"#)],
            &[Trial::Members(r#","inferenceConfig":{"temperature":0.5}"#)],
            &[Trial::Members(r#","inferenceConfig":{"topP":0.5}"#)],
        ]),
    },
    Feature {
        name: "citations",
        head: "citations",
        doc: "sources in answers",
        word: "citations",
        probe: Probe::Bodies(&[&[Trial::Answer(
            r#"{"citationsContent":{"content":[{"text":"Tin melts early."}],"citations":[{"title":"Metals","sourceContent":[{"text":"Tin melts early."}],"location":{"documentChar":{"documentIndex":0,"start":0,"end":9}}}]}},"#,
        )]]),
    },
];
