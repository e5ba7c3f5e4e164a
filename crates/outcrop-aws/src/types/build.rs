//! The short ways to what programs say most.

use super::{
    Blob, CachePointBlock, CachePointType, ContentBlock, ConverseOutput, ConverseRequest, ConverseResponse, Document,
    DocumentBlock, DocumentSource, ImageBlock, ImageFormat, ImageSource, InferenceConfiguration, Message,
    PromptVariableValues, Role, Status, SystemContentBlock, Tool, ToolConfiguration, ToolInputSchema, ToolResultBlock,
    ToolResultContentBlock, ToolSpecification, ToolUseBlock,
};

impl ConverseRequest {
    /// A conversation of these messages.
    #[must_use]
    pub fn of(messages: impl Into<Vec<Message>>) -> Self {
        Self { messages: Some(messages.into()), ..Self::default() }
    }

    /// One turn of the user.
    #[must_use]
    pub fn user(content: impl Into<Content>) -> Self {
        Self::of([Message::user(content)])
    }

    /// The same with one more instruction to the model.
    #[must_use]
    pub fn system(mut self, text: impl Into<String>) -> Self {
        self.system.get_or_insert_default().push(SystemContentBlock::Text(text.into()));
        self
    }

    /// The same with one more message.
    #[must_use]
    pub fn message(mut self, message: Message) -> Self {
        self.messages.get_or_insert_default().push(message);
        self
    }

    /// The same with one more tool.
    #[must_use]
    pub fn tool(mut self, tool: impl Into<Tool>) -> Self {
        self.tool_config.get_or_insert_with(|| ToolConfiguration::new([])).tools.push(tool.into());
        self
    }

    /// The same with a limit of the answer's tokens.
    #[must_use]
    pub fn max_tokens(mut self, tokens: i64) -> Self {
        self.inference().max_tokens = Some(tokens);
        self
    }

    /// The same at a temperature.
    #[must_use]
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.inference().temperature = Some(temperature);
        self
    }

    fn inference(&mut self) -> &mut InferenceConfiguration {
        self.inference_config.get_or_insert_default()
    }
}

impl ConverseResponse {
    /// The message, if that is what the answer is.
    #[must_use]
    pub fn message(&self) -> Option<&Message> {
        match &self.output {
            ConverseOutput::Message(message) => Some(message),
            ConverseOutput::Unknown { .. } => None,
        }
    }

    /// The text of the answer: that of all its text blocks, one after the other.
    #[must_use]
    pub fn text(&self) -> String {
        self.message().map(Message::text).unwrap_or_default()
    }

    /// The calls of tools, in order.
    pub fn tool_uses(&self) -> impl Iterator<Item = &ToolUseBlock> {
        self.message().into_iter().flat_map(Message::tool_uses)
    }
}

impl Message {
    /// A turn of the user.
    #[must_use]
    pub fn user(content: impl Into<Content>) -> Self {
        Self::new(Role::User, content.into().0)
    }

    /// A turn of the assistant.
    #[must_use]
    pub fn assistant(content: impl Into<Content>) -> Self {
        Self::new(Role::Assistant, content.into().0)
    }

    /// The text of all its text blocks, one after the other.
    #[must_use]
    pub fn text(&self) -> String {
        let texts = self.content.iter().filter_map(|block| match block {
            ContentBlock::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// The calls of tools, in order.
    pub fn tool_uses(&self) -> impl Iterator<Item = &ToolUseBlock> {
        self.content.iter().filter_map(|block| match block {
            ContentBlock::ToolUse(call) => Some(call),
            _ => None,
        })
    }
}

/// What a turn holds: a text, a block, or several.
#[derive(Debug, Clone, PartialEq)]
pub struct Content(Vec<ContentBlock>);

impl From<Vec<ContentBlock>> for Content {
    fn from(blocks: Vec<ContentBlock>) -> Self {
        Self(blocks)
    }
}
impl<const N: usize> From<[ContentBlock; N]> for Content {
    fn from(blocks: [ContentBlock; N]) -> Self {
        Self(blocks.into())
    }
}
impl From<ContentBlock> for Content {
    fn from(block: ContentBlock) -> Self {
        Self(vec![block])
    }
}
impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::from(ContentBlock::from(text))
    }
}
impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::from(ContentBlock::from(text))
    }
}

impl ContentBlock {
    /// A picture.
    #[must_use]
    pub fn image(format: impl Into<ImageFormat>, bytes: impl Into<Blob>) -> Self {
        Self::Image(ImageBlock::new(format, ImageSource::Bytes(bytes.into())))
    }

    /// A document, under the name by which the conversation calls it.
    #[must_use]
    pub fn document(name: impl Into<String>, format: impl Into<super::DocumentFormat>, bytes: impl Into<Blob>) -> Self {
        let document = DocumentBlock::new(name, DocumentSource::Bytes(bytes.into()));
        Self::Document(DocumentBlock { format: Some(format.into()), ..document })
    }

    /// What is before it may be cached.
    #[must_use]
    pub fn cache_point() -> Self {
        Self::CachePoint(CachePointBlock::new(CachePointType::Default))
    }

    /// The answer to a tool's call.
    #[must_use]
    pub fn tool_result(call: &ToolUseBlock, content: impl Into<ToolResultContentBlock>) -> Self {
        Self::ToolResult(ToolResultBlock::new(call.tool_use_id.as_str(), [content.into()]))
    }

    /// That a tool's call failed, and why.
    #[must_use]
    pub fn tool_error(call: &ToolUseBlock, why: impl Into<String>) -> Self {
        let result = ToolResultBlock::new(call.tool_use_id.as_str(), [ToolResultContentBlock::Text(why.into())]);
        Self::ToolResult(ToolResultBlock { status: Some(Status::Error), ..result })
    }
}

impl ToolSpecification {
    /// A tool with the JSON Schema of its input.
    #[must_use]
    pub fn of(name: impl Into<String>, description: impl Into<String>, schema: Document) -> Self {
        Self { description: Some(description.into()), ..Self::new(name, ToolInputSchema::Json(schema)) }
    }
}

/// The obvious arm of a union.
macro_rules! arms {
    ($($from:ty => $union:ident::$arm:ident,)*) => {$(
        impl From<$from> for $union {
            fn from(value: $from) -> Self {
                Self::$arm(value.into())
            }
        }
    )*};
}
arms! {
    &str => ContentBlock::Text,
    String => ContentBlock::Text,
    ImageBlock => ContentBlock::Image,
    DocumentBlock => ContentBlock::Document,
    ToolUseBlock => ContentBlock::ToolUse,
    ToolResultBlock => ContentBlock::ToolResult,
    &str => SystemContentBlock::Text,
    String => SystemContentBlock::Text,
    &str => ToolResultContentBlock::Text,
    String => ToolResultContentBlock::Text,
    Document => ToolResultContentBlock::Json,
    ImageBlock => ToolResultContentBlock::Image,
    &str => PromptVariableValues::Text,
    String => PromptVariableValues::Text,
    ToolSpecification => Tool::ToolSpec,
    Document => ToolInputSchema::Json,
}
