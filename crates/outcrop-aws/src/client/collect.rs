//! The events of a stream to the answer that they add up to: what the core's fold makes of them, without a tree.

mod block;
mod opaque;
#[cfg(test)]
mod places;
#[cfg(test)]
mod random;

use std::collections::BTreeMap;

use outcrop_runtime::fold::Fold;
use outcrop_runtime::{Error, Tree};

use super::ConverseEvent;
use crate::types::{
    ContentBlockDeltaEvent, ContentBlockStartEvent, ConverseMetrics, ConverseOutput, ConverseResponse,
    ConverseStreamMetadataEvent, ConverseStreamMetrics, ConverseStreamTrace, ConverseTrace, Document, Message,
    MessageStartEvent, MessageStopEvent, Role, StopReason,
};
use block::{Block, says_something};

/// An answer that grows event by event. Texts go from the events into it. What is rare is the core's to add up, and then it
/// adds up all: arms that a stream does not know may be known in an answer, and an answer that cannot be read has its place.
#[derive(Default)]
pub(super) struct Collect {
    role: Option<Role>,
    blocks: BTreeMap<i64, Block>,
    /// There once the message has stopped.
    stop_reason: Option<StopReason>,
    additional: Option<Document>,
    metadata: ConverseStreamMetadataEvent,
    /// What came of the rare.
    rare: Option<Fold>,
    /// Some free JSON may be too deep for an answer.
    deep: bool,
}

impl Collect {
    pub(super) fn push(&mut self, event: ConverseEvent) -> Result<(), Error> {
        if opaque::is_in(&event) {
            self.deep |= opaque::is_deep(&event)?;
        }
        match event {
            ConverseEvent::MessageStart(event) => self.role = Some(event.role),
            ConverseEvent::ContentBlockStart(event) => {
                let index = event.content_block_index;
                if let Some(start) = self.block(index).start(event.start) {
                    let rare = ContentBlockStartEvent { start, content_block_index: index, extra: event.extra };
                    self.push_rare(&ConverseEvent::ContentBlockStart(rare))?;
                }
            }
            ConverseEvent::ContentBlockDelta(event) => {
                let index = event.content_block_index;
                if let Some(delta) = self.block(index).delta(event.delta) {
                    let rare = ContentBlockDeltaEvent { delta, content_block_index: index, extra: event.extra };
                    self.push_rare(&ConverseEvent::ContentBlockDelta(rare))?;
                }
            }
            ConverseEvent::ContentBlockStop(_) => {}
            ConverseEvent::MessageStop(event) => {
                self.stop_reason = Some(event.stop_reason);
                replace(&mut self.additional, event.additional_model_response_fields);
            }
            ConverseEvent::Metadata(event) => {
                replace(&mut self.metadata.usage, event.usage);
                replace(&mut self.metadata.metrics, event.metrics);
                replace(&mut self.metadata.trace, event.trace);
                replace(&mut self.metadata.performance_config, event.performance_config);
                replace(&mut self.metadata.service_tier, event.service_tier);
            }
            // Nothing of an answer, or the end of the stream.
            event @ (ConverseEvent::ModelStreamErrorException(_) | ConverseEvent::Unknown { .. }) => {
                push(&mut Fold::default(), &event)?;
            }
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<ConverseResponse, Error> {
        let usual = self.stop_reason.is_some() && self.rare.is_none() && !self.deep;
        if !usual || !self.blocks.values_mut().all(Block::settle) {
            return self.finish_rare();
        }
        let message = Message {
            content: self.blocks.into_values().map(Block::finish).collect(),
            ..Message::new(self.role.unwrap_or(Role::Assistant), Vec::new())
        };
        let metadata = self.metadata;
        Ok(ConverseResponse {
            stop_reason: self.stop_reason,
            additional_model_response_fields: self.additional.filter(says_something),
            usage: metadata.usage,
            metrics: metadata
                .metrics
                .map(|ConverseStreamMetrics { latency_ms, extra }| ConverseMetrics { latency_ms, extra }),
            trace: metadata.trace.map(|ConverseStreamTrace { guardrail, prompt_router, extra }| ConverseTrace {
                guardrail,
                prompt_router,
                extra,
            }),
            performance_config: metadata.performance_config,
            service_tier: metadata.service_tier,
            ..ConverseResponse::new(ConverseOutput::Message(message))
        })
    }

    fn block(&mut self, index: i64) -> &mut Block {
        self.blocks.entry(index).or_default()
    }

    /// The core's kinds of parts do not depend on each other, and of starts the last one counts: so what is rare may be added
    /// up before all else.
    fn push_rare(&mut self, event: &ConverseEvent) -> Result<(), Error> {
        push(self.rare.get_or_insert_default(), event)
    }

    /// The same answer, or what is wrong with it, by the core.
    #[cold]
    fn finish_rare(self) -> Result<ConverseResponse, Error> {
        let mut fold = self.rare.unwrap_or_default();
        if let Some(role) = self.role {
            push(&mut fold, &ConverseEvent::MessageStart(MessageStartEvent::new(role)))?;
        }
        for (index, block) in self.blocks {
            block.into_events(index).iter().try_for_each(|event| push(&mut fold, event))?;
        }
        if let Some(stop_reason) = self.stop_reason {
            let stop = MessageStopEvent {
                additional_model_response_fields: self.additional,
                ..MessageStopEvent::new(stop_reason)
            };
            push(&mut fold, &ConverseEvent::MessageStop(stop))?;
        }
        push(&mut fold, &ConverseEvent::Metadata(self.metadata))?;
        ConverseResponse::from_json(fold.finish()?.to_string().as_bytes())
    }
}

fn push(fold: &mut Fold, event: &ConverseEvent) -> Result<(), Error> {
    fold.push(&Tree::parse(&event.to_json())?)
}

/// What is said later counts.
fn replace<T>(old: &mut Option<T>, new: Option<T>) {
    if new.is_some() {
        *old = new;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcrop_runtime::fold::fold;

    const EVENTS: [&str; 17] = [
        r#"{"messageStart":{"role":"assistant"}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"Met"}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"als."}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"a"}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"b"}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"text":"Tin \"and\" "}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":2,"delta":{"text":"gold"}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"text":"lead"}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"text":""}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"citation":{"title":"Ores"}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":1,"delta":{"text":"."}}}"#,
        r#"{"contentBlockStart":{"contentBlockIndex":3,"start":{"toolUse":{"toolUseId":"t","name":"weigh"}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":3,"delta":{"toolUse":{"input":"{\"n\":1"}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":3,"delta":{"toolUse":{"input":".50}"}}}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":4,"delta":{"novelty":{"a":1}}}}"#,
        r#"{"messageStop":{"stopReason":"tool_use"}}"#,
        r#"{"metadata":{"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":4}}}"#,
    ];

    #[test]
    fn what_is_collected_is_what_the_core_folds() {
        let events = EVENTS.map(|event| ConverseEvent::from_json(event.as_bytes()).unwrap());
        let mut collect = Collect::default();
        for event in events {
            collect.push(event).unwrap();
        }
        let trees = EVENTS.map(|event| Tree::parse_text(event).unwrap());
        let folded = fold(&trees).unwrap().to_string();
        assert_eq!(collect.finish().unwrap(), ConverseResponse::from_json(folded.as_bytes()).unwrap());
        assert!(
            folded.contains(r#""text":"Tin \"and\" lead.""#) && folded.contains(r#""input":{"n":1.50}"#),
            "{folded}"
        );
    }

    #[test]
    fn what_is_not_whole_is_no_answer() {
        let mut collect = Collect::default();
        for event in &EVENTS[..6] {
            collect.push(ConverseEvent::from_json(event.as_bytes()).unwrap()).unwrap();
        }
        assert_eq!(collect.finish().unwrap_err().code, outcrop_runtime::Code::StreamTruncated);
    }
}
