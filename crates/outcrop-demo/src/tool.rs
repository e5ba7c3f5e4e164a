//! The tool of the conversation.

use anyhow::Context as _;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, Tool, ToolConfiguration, ToolInputSchema, ToolResultBlock, ToolResultContentBlock, ToolSpecification,
    ToolUseBlock,
};
use aws_smithy_types::{Document, Number};
use serde_json::Value;

/// What it says, whatever it is asked.
pub(crate) const TIDE: &str = "06:41, 3.20 m";

/// What the model is told of it.
pub(crate) fn tide() -> anyhow::Result<ToolConfiguration> {
    let schema = r#"{"type":"object","properties":{"quay":{"type":"string"}},"required":["quay"]}"#;
    let tool = ToolSpecification::builder()
        .name("tide")
        .description("High water at a quay")
        .input_schema(ToolInputSchema::Json(document(schema)?));
    Ok(ToolConfiguration::builder().tools(Tool::ToolSpec(tool.build()?)).build()?)
}

/// Its answer to a call.
pub(crate) fn result(used: &ToolUseBlock) -> anyhow::Result<ContentBlock> {
    let content = ToolResultContentBlock::Text(TIDE.to_owned());
    let result = ToolResultBlock::builder().tool_use_id(&used.tool_use_id).content(content);
    Ok(ContentBlock::ToolResult(result.build()?))
}

/// JSON text as the SDK wants it; no text is an empty object.
pub(crate) fn document(text: &str) -> anyhow::Result<Document> {
    let value: Value =
        serde_json::from_str(if text.is_empty() { "{}" } else { text }).context("arguments of a call")?;
    Ok(from_json(value))
}

fn from_json(value: Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(b) => Document::Bool(b),
        Value::Number(n) => Document::Number(match (n.as_u64(), n.as_i64()) {
            (Some(n), _) => Number::PosInt(n),
            (_, Some(n)) => Number::NegInt(n),
            _ => Number::Float(n.as_f64().unwrap_or_default()),
        }),
        Value::String(s) => Document::String(s),
        Value::Array(items) => Document::Array(items.into_iter().map(from_json).collect()),
        Value::Object(members) => Document::Object(members.into_iter().map(|(n, v)| (n, from_json(v))).collect()),
    }
}

/// The arguments of a call, for people.
pub(crate) fn shown(input: &Document) -> String {
    match input {
        Document::Object(members) => {
            let shown = members.iter().map(|(name, value)| format!("{name}: {}", shown(value)));
            shown.collect::<Vec<_>>().join(", ")
        }
        Document::String(text) => format!("{text:?}"),
        Document::Bool(b) => b.to_string(),
        Document::Number(n) => n.to_f64_lossy().to_string(),
        Document::Array(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Document::Null => "null".to_owned(),
    }
}
