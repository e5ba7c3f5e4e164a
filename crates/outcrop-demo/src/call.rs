//! One call: a request of the SDK, and its answer as blocks.

use std::error::Error as StdError;
use std::time::Instant;

use aws_sdk_bedrockruntime::types::builders::ToolUseBlockBuilder;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ContentBlockDelta, ContentBlockStart, ConverseOutput, ConverseStreamOutput, InferenceConfiguration,
    Message, SystemContentBlock, ToolConfiguration, ToolUseBlock,
};

use crate::outcome::Call;
use crate::show::Show;
use crate::tool;
use crate::wire::Wire;

/// Whatever stopped it.
pub(crate) type Fault = Box<dyn StdError + Send + Sync>;

/// What is asked.
pub(crate) struct Asked<'a> {
    pub(crate) model: &'a str,
    pub(crate) messages: Vec<Message>,
    pub(crate) system: Option<&'static str>,
    pub(crate) tools: Option<ToolConfiguration>,
}

impl Asked<'_> {
    fn system(&self) -> Option<Vec<SystemContentBlock>> {
        self.system.map(|text| vec![SystemContentBlock::Text(text.to_owned())])
    }

    fn limits() -> InferenceConfiguration {
        InferenceConfiguration::builder().max_tokens(200).temperature(0.5).build()
    }
}

/// The blocks of the answer as a stream brings them, and what the call was like.
pub(crate) async fn stream(wire: &Wire, asked: Asked<'_>, show: &mut Show) -> Result<(Vec<ContentBlock>, Call), Fault> {
    let (mut call, started) = (Call { streamed: true, ..Call::default() }, Instant::now());
    let request = wire.client.converse_stream().model_id(asked.model).set_system(asked.system());
    let request = request.set_tool_config(asked.tools).inference_config(Asked::limits());
    let mut stream = request.set_messages(Some(asked.messages)).send().await?.stream;
    let mut answer = Answer::default();
    while let Some(event) = stream.recv().await? {
        if call.first.is_zero() {
            call.first = started.elapsed();
        }
        match event {
            ConverseStreamOutput::Metadata(metadata) => {
                if let Some(usage) = metadata.usage {
                    call.tokens = [usage.input_tokens, usage.output_tokens];
                }
            }
            event => answer.take(event, show)?,
        }
    }
    call.total = started.elapsed();
    (call.converse, call.native) = (wire.converse.take(), wire.native.take());
    Ok((answer.blocks, call))
}

/// The same where the format has no streams.
pub(crate) async fn whole(wire: &Wire, asked: Asked<'_>, show: &mut Show) -> Result<(Vec<ContentBlock>, Call), Fault> {
    let (mut call, started) = (Call::default(), Instant::now());
    let request = wire.client.converse().model_id(asked.model).set_system(asked.system());
    let request = request.set_tool_config(asked.tools).inference_config(Asked::limits());
    let answer = request.set_messages(Some(asked.messages)).send().await?;
    (call.first, call.total) = (started.elapsed(), started.elapsed());
    if let Some(usage) = &answer.usage {
        call.tokens = [usage.input_tokens, usage.output_tokens];
    }
    let blocks = match answer.output {
        Some(ConverseOutput::Message(message)) => message.content,
        _ => Vec::new(),
    };
    blocks.iter().filter_map(|block| block.as_text().ok()).for_each(|text| show.piece(text));
    (call.converse, call.native) = (wire.converse.take(), wire.native.take());
    Ok((blocks, call))
}

/// An answer as far as it has come.
#[derive(Default)]
struct Answer {
    blocks: Vec<ContentBlock>,
    used: Option<ToolUseBlockBuilder>,
    input: String,
}

impl Answer {
    fn take(&mut self, event: ConverseStreamOutput, show: &mut Show) -> Result<(), Fault> {
        match event {
            ConverseStreamOutput::ContentBlockStart(start) => {
                if let Some(ContentBlockStart::ToolUse(start)) = start.start {
                    show.piece(&format!("{}(", start.name));
                    self.used = Some(ToolUseBlock::builder().tool_use_id(start.tool_use_id).name(start.name));
                }
            }
            ConverseStreamOutput::ContentBlockDelta(delta) => match delta.delta {
                Some(ContentBlockDelta::Text(text)) => {
                    show.piece(&text);
                    match self.blocks.last_mut() {
                        Some(ContentBlock::Text(whole)) => whole.push_str(&text),
                        _ => self.blocks.push(ContentBlock::Text(text)),
                    }
                }
                Some(ContentBlockDelta::ToolUse(delta)) => {
                    show.piece(&delta.input);
                    self.input.push_str(&delta.input);
                }
                _ => {}
            },
            ConverseStreamOutput::ContentBlockStop(_) => {
                if let Some(used) = self.used.take() {
                    show.piece(") ");
                    let input = tool::document(&std::mem::take(&mut self.input))?;
                    self.blocks.push(ContentBlock::ToolUse(used.input(input).build()?));
                }
            }
            _ => {}
        }
        Ok(())
    }
}
