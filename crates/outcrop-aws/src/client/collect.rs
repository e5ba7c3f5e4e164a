//! The events of a stream to the answer that they add up to.

use outcrop_runtime::fold::Fold;
use outcrop_runtime::{Error, Tree};

use super::ConverseEvent;
use crate::types::{ContentBlockDelta, ContentBlockDeltaEvent, ConverseResponse, ReasoningContentBlockDelta};

/// An answer that grows event by event. Stretches of text, which are nearly all that comes, are joined as they are; what is
/// rare goes through the fold of the core.
#[derive(Default)]
pub(super) struct Collect {
    fold: Fold,
    /// The stretch that is being joined.
    stretch: Option<ContentBlockDeltaEvent>,
}

impl Collect {
    pub(super) fn push(&mut self, event: ConverseEvent) -> Result<(), Error> {
        match event {
            ConverseEvent::ContentBlockDelta(delta) => {
                if self.stretch.as_mut().is_none_or(|stretch| !join(stretch, &delta)) {
                    self.flush()?;
                    self.stretch = Some(delta);
                }
                Ok(())
            }
            other => {
                self.flush()?;
                self.fold(&other)
            }
        }
    }

    pub(super) fn finish(mut self) -> Result<ConverseResponse, Error> {
        self.flush()?;
        ConverseResponse::from_json(self.fold.finish()?.to_string().as_bytes())
    }

    fn flush(&mut self) -> Result<(), Error> {
        match self.stretch.take() {
            Some(stretch) => self.fold(&ConverseEvent::ContentBlockDelta(stretch)),
            None => Ok(()),
        }
    }

    fn fold(&mut self, event: &ConverseEvent) -> Result<(), Error> {
        self.fold.push(&Tree::parse(&event.to_json())?)
    }
}

/// Adds a delta to one before it if both are of the same text.
fn join(stretch: &mut ContentBlockDeltaEvent, next: &ContentBlockDeltaEvent) -> bool {
    use ContentBlockDelta::{ReasoningContent, Text, ToolUse};
    if stretch.content_block_index != next.content_block_index {
        return false;
    }
    let (all, more) = match (&mut stretch.delta, &next.delta) {
        (Text(all), Text(more)) => (all, more),
        (ToolUse(all), ToolUse(more)) => (&mut all.input, &more.input),
        (
            ReasoningContent(ReasoningContentBlockDelta::Text(all)),
            ReasoningContent(ReasoningContentBlockDelta::Text(more)),
        ) => (all, more),
        _ => return false,
    };
    all.push_str(more);
    true
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
