//! ConverseStream events to the Converse response that they add up to.

mod block;

use std::collections::BTreeMap;

use crate::tree::Object;
use crate::{Code, Error, Tree};
use block::Block;
pub use block::arguments;

/// A response that grows event by event.
#[derive(Debug, Clone, Default)]
pub struct Fold {
    role: Option<Tree>,
    blocks: BTreeMap<i64, Block>,
    /// Members of the response itself.
    rest: Object,
    stopped: bool,
}

/// Adds up all events of a stream. A stream that breaks off is an error.
pub fn fold<'e>(events: impl IntoIterator<Item = &'e Tree>) -> Result<Tree, Error> {
    let mut fold = Fold::default();
    events.into_iter().try_for_each(|event| fold.push(event))?;
    fold.finish()
}

impl Fold {
    /// Adds an event: an object with one member named after the event type.
    pub fn push(&mut self, event: &Tree) -> Result<(), Error> {
        let Some([(name, body)]) = event.as_object().map(Object::members) else {
            return Err(Error::new(Code::WrongType, "an event is an object with one member; send one event at a time"));
        };
        match name.as_str() {
            "messageStart" => self.role = body.get("role").cloned(),
            "contentBlockStart" => self.block(name, body)?.start(body.get("start")),
            "contentBlockDelta" => self.block(name, body)?.delta(body.get("delta")),
            "messageStop" => {
                self.stopped = true;
                self.copy(body, &["stopReason", "additionalModelResponseFields"]);
            }
            "metadata" => self.copy(body, &["usage", "metrics", "trace", "performanceConfig", "serviceTier"]),
            exception if exception.ends_with("Exception") => {
                let message = body.get("message").and_then(Tree::as_str).unwrap_or("no message");
                return Err(Error::new(
                    Code::StreamTruncated,
                    format!("the stream broke off with {exception}: {message}; call again"),
                ));
            }
            // The end of a block adds nothing; unknown chunks are no part of the answer.
            _ => {}
        }
        Ok(())
    }

    /// The content blocks so far.
    #[must_use]
    pub fn content(&self) -> Tree {
        Tree::list(self.blocks.values().cloned().map(Block::finish).collect())
    }

    /// The response.
    pub fn finish(self) -> Result<Tree, Error> {
        if !self.stopped {
            return Err(Error::new(
                Code::StreamTruncated,
                "the stream ended before the message stopped; treat the answer as incomplete and call again",
            ));
        }
        let content = self.blocks.into_values().map(Block::finish).collect();
        let message = Tree::object(vec![
            ("role".to_owned(), self.role.unwrap_or_else(|| Tree::str("assistant"))),
            ("content".to_owned(), Tree::list(content)),
        ]);
        let mut members = vec![("output".to_owned(), Tree::arm("message", message))];
        members.extend(self.rest.into_members());
        Ok(Tree::object(members))
    }

    fn block(&mut self, event: &str, body: &Tree) -> Result<&mut Block, Error> {
        let index = body.get("contentBlockIndex").and_then(Tree::as_int).ok_or_else(|| {
            Error::new(Code::MissingMember, "the event does not say which block it is about; send `contentBlockIndex`")
                .at(format!("{event}.contentBlockIndex"))
        })?;
        Ok(self.blocks.entry(index).or_default())
    }

    fn copy(&mut self, body: &Tree, names: &[&str]) {
        for name in names {
            if let Some(value) = body.get(name) {
                self.rest.set(*name, value.clone());
            }
        }
    }
}
