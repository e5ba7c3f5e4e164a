//! The tool of the conversation.

use anyhow::Context as _;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, Tool, ToolConfiguration, ToolInputSchema, ToolResultBlock, ToolResultContentBlock, ToolSpecification,
    ToolUseBlock,
};
use aws_smithy_types::{Document, Number};
use outcrop::runtime::Tree;

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
    let tree = Tree::parse_text(if text.is_empty() { "{}" } else { text }).context("arguments of a call")?;
    Ok(from_tree(&tree))
}

fn from_tree(tree: &Tree) -> Document {
    match tree {
        Tree::Null => Document::Null,
        Tree::Bool(b) => Document::Bool(*b),
        Tree::Num(n) => Document::Number(match (n.parse(), n.parse()) {
            (Ok(n), _) => Number::PosInt(n),
            (_, Ok(n)) => Number::NegInt(n),
            _ => Number::Float(n.parse().unwrap_or_default()),
        }),
        Tree::Str(s) => Document::String(s.clone()),
        Tree::Arr(items) => Document::Array(items.items().iter().map(from_tree).collect()),
        Tree::Obj(o) => Document::Object(o.members().iter().map(|(n, t)| (n.clone(), from_tree(t))).collect()),
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
