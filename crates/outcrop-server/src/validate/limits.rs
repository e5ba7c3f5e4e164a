//! Ranges, lengths and letters of Converse members, as the service model has them.

/// What a member must keep to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limit {
    /// A number from … to ….
    Number(f64, f64),
    /// So many characters, elements or entries.
    Length(usize, usize),
    /// Of a list or map: so many characters in each element.
    Each(usize, usize),
    /// Characters that a text is made of: a pattern for people, and whether one is among them.
    Letters(&'static str, fn(char) -> bool),
    /// A text of this beginning.
    Begins(&'static str),
    /// An enum that takes other words as well.
    Open,
}

const MAX: usize = usize::MAX;
const NAME: Limit = Limit::Letters("[a-zA-Z0-9_-]+", |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
const CALL: Limit =
    Limit::Letters("[a-zA-Z0-9_.:-]+", |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-'));
const METADATA: Limit = Limit::Letters("[a-zA-Z0-9\\s:_@$#=/+,-.]{0,256}", |c| {
    c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || ":_@$#=/+,-.".contains(c)
});

/// Type, member and limit.
const LIMITS: &[(&str, &str, Limit)] = &[
    ("InferenceConfiguration", "maxTokens", Limit::Number(1.0, f64::INFINITY)),
    ("InferenceConfiguration", "temperature", Limit::Number(0.0, 1.0)),
    ("InferenceConfiguration", "topP", Limit::Number(0.0, 1.0)),
    ("InferenceConfiguration", "stopSequences", Limit::Length(0, 2500)),
    ("InferenceConfiguration", "stopSequences", Limit::Each(1, MAX)),
    ("ToolConfiguration", "tools", Limit::Length(1, MAX)),
    ("ToolSpecification", "name", Limit::Length(1, 64)),
    ("ToolSpecification", "name", NAME),
    ("ToolSpecification", "description", Limit::Length(1, MAX)),
    ("SpecificToolChoice", "name", Limit::Length(1, 64)),
    ("SpecificToolChoice", "name", NAME),
    ("SystemTool", "name", Limit::Length(1, 64)),
    ("SystemTool", "name", NAME),
    ("ToolUseBlock", "name", Limit::Length(1, 64)),
    ("ToolUseBlock", "name", NAME),
    ("ToolUseBlock", "toolUseId", Limit::Length(1, 64)),
    ("ToolUseBlock", "toolUseId", CALL),
    ("ToolUseBlock", "type", Limit::Open),
    ("ToolResultBlock", "toolUseId", Limit::Length(1, 64)),
    ("ToolResultBlock", "toolUseId", CALL),
    ("SystemContentBlock", "text", Limit::Length(1, MAX)),
    ("DocumentBlock", "name", Limit::Length(1, 200)),
    ("ImageSource", "bytes", Limit::Length(1, MAX)),
    ("DocumentSource", "bytes", Limit::Length(1, MAX)),
    ("VideoSource", "bytes", Limit::Length(1, MAX)),
    ("AudioSource", "bytes", Limit::Length(1, MAX)),
    ("GuardrailConverseImageSource", "bytes", Limit::Length(1, MAX)),
    ("S3Location", "uri", Limit::Length(1, 1024)),
    ("S3Location", "uri", Limit::Begins("s3://")),
    ("OutputConfig", "effort", Limit::Length(0, 16)),
    ("GuardrailConfiguration", "guardrailIdentifier", Limit::Length(0, 2048)),
    ("ToolReference", "type", Limit::Length(1, 64)),
    ("ToolReference", "name", Limit::Length(1, 128)),
    ("ToolReference", "serverName", Limit::Length(1, 128)),
    ("ConverseRequest", "requestMetadata", Limit::Length(1, 16)),
    ("ConverseRequest", "requestMetadata", Limit::Each(0, 256)),
    ("ConverseRequest", "requestMetadata", METADATA),
    ("ConverseRequest", "additionalModelResponseFieldPaths", Limit::Length(0, 10)),
    ("ConverseRequest", "additionalModelResponseFieldPaths", Limit::Each(1, 256)),
];

/// The limits of a member.
pub(super) fn of<'m>(ty: &'m str, member: &'m str) -> impl Iterator<Item = Limit> + 'm {
    LIMITS.iter().filter(move |(t, m, _)| *t == ty && *m == member).map(|(.., limit)| *limit)
}
