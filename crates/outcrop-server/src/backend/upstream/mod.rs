//! Another endpoint answers: a gateway between what was asked and what it speaks.
//!
//! Where both sides speak the same, bodies go through as they are. Otherwise a request is read into Converse and written
//! in the format of the model that answers, and the answer comes back the same way; streams chunk by chunk, each as soon
//! as it is there, and no faster than the caller takes them.

mod client;
mod stream;

use std::sync::Arc;

use bytes::Bytes;
use outcrop_runtime::{Call, Kind, Report, Tree};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::ask::{Ask, Operation};
use crate::config::{Speak, Upstream};
use crate::failure::Failure;
use crate::models::{Format, Models, broken, refused};
use crate::reply::{self, Answer, Whole};
use crate::server::StartError;
use crate::telemetry::{Telemetry, Translated};
use crate::validate;
use client::{Client, Reached};

/// What stays as it is in an id: letters, digits and these.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A gateway.
pub(crate) struct Gateway {
    client: Client,
    speak: Speak,
    telemetry: Arc<Telemetry>,
}

/// How the answer comes back.
pub(super) struct Way {
    /// The model that answers, and its format; none if it answers in Converse.
    pub(super) theirs: Option<(&'static outcrop::registry::Entry, String)>,
    /// The model that was asked, and its format; none if it was asked in Converse.
    pub(super) ours: Option<(&'static outcrop::registry::Entry, String)>,
    /// Where losses are counted.
    pub(super) telemetry: Arc<Telemetry>,
}

impl Gateway {
    pub(crate) fn new(upstream: &Upstream, telemetry: Arc<Telemetry>) -> Result<Self, StartError> {
        Ok(Self { client: Client::new(upstream)?, speak: upstream.speak, telemetry })
    }

    pub(crate) async fn answer(&self, models: &Arc<Models>, ask: &Ask) -> Result<Answer, Failure> {
        let route = models.route(&ask.id);
        let to = route.to.as_deref().unwrap_or(&ask.id);
        let speak = route.speak.unwrap_or(self.speak);
        let same = to == ask.id;
        let native = ask.operation.is_native();
        // Counting, and what both sides speak alike, is passed on. A plain pass needs no format.
        let alike = match (native, speak) {
            _ if ask.operation == Operation::CountTokens => true,
            (true, Speak::Native) => same,
            (false, Speak::Converse) => true,
            _ => false,
        };
        if alike {
            return self.pass(ask, to).await;
        }
        let ours = if native { Some(models.of_body(&ask.id, Kind::Request, &ask.body)?) } else { None };
        let theirs = match speak {
            Speak::Native => Some(models.to_write(to)?),
            Speak::Converse => None,
        };
        if let (Some(ours), Some(theirs)) = (&ours, &theirs)
            && std::ptr::eq(ours.family.entry, theirs.family.entry)
            && ours.known.and_then(|m| m.prompt) == theirs.known.and_then(|m| m.prompt)
        {
            return self.pass(ask, to).await;
        }
        let (body, headers, losses) = self.request(ask, ours.as_ref(), theirs.as_ref())?;
        let operation = match (theirs.is_some(), ask.operation.streams()) {
            (true, true) => Operation::InvokeStream,
            (true, false) => Operation::Invoke,
            (false, true) => Operation::ConverseStream,
            (false, false) => Operation::Converse,
        };
        let reached = self.client.ask(ask, &path(to, operation), &headers, body).await?;
        let own = |format: Format<'_>| (format.family.entry, format.model);
        let way = Way { theirs: theirs.map(own), ours: ours.map(own), telemetry: Arc::clone(&self.telemetry) };
        let answer = if ask.operation.streams() {
            Answer::Stream(stream::translated(reached.stream()?, way, self.client.idle), Vec::new())
        } else {
            let headers = reached.call_headers();
            let body = reached.collect(self.client.idle).await?;
            Answer::Whole(way.whole(&body, &headers)?)
        };
        Ok(answer.telling(reply::request_losses(losses)))
    }

    /// The request to send: body, headers, and what was lost on the way.
    fn request(
        &self,
        ask: &Ask,
        ours: Option<&Format<'_>>,
        theirs: Option<&Format<'_>>,
    ) -> Result<(Bytes, Headers, Option<String>), Failure> {
        let headers = ask.call_headers();
        let lost = |report: &Report| self.telemetry.lost(Translated::Request, report);
        let mut losses = None;
        let converse = match ours {
            Some(format) => {
                let call = Call { model: &format.model, headers: &headers, ..Call::default() };
                let read = validate::native(format, &call, &ask.body, crate::config::Unknown::Take)?;
                losses = lost(&read.report);
                Bytes::from(read.body)
            }
            None => {
                validate::json(&ask.body)?;
                ask.body.clone()
            }
        };
        let Some(format) = theirs else { return Ok((converse, Vec::new(), losses)) };
        let call = Call { model: &format.model, escape: true, ..Call::default() };
        let said = format.family.entry.codec.encode(Kind::Request, &call, &converse).map_err(|e| refused(&e))?;
        let more = lost(&said.report);
        let losses = reply::one_after_the_other(losses.into_iter().chain(more));
        Ok((Bytes::from(said.body), said.headers, losses))
    }

    /// The same bytes, both ways.
    async fn pass(&self, ask: &Ask, to: &str) -> Result<Answer, Failure> {
        let headers = ask.call_headers();
        let reached = self.client.ask(ask, &path(to, ask.operation), &headers, ask.body.clone()).await?;
        if ask.operation.streams() {
            return Ok(Answer::Stream(stream::plain(reached.stream()?, self.client.idle), Vec::new()));
        }
        let headers = reached.call_headers();
        Ok(Answer::Whole(Whole { status: 200, headers, body: reached.collect(self.client.idle).await? }))
    }
}

fn path(id: &str, operation: Operation) -> String {
    format!("/model/{}/{}", utf8_percent_encode(id, SEGMENT), operation.path())
}

/// Headers by name and value.
type Headers = Vec<(String, String)>;

impl Way {
    /// An answer that is no stream.
    fn whole(&self, body: &[u8], headers: &[(String, String)]) -> Result<Whole, Failure> {
        let lost = |report: &Report| self.telemetry.lost(Translated::Answer, report);
        let mut losses = Vec::new();
        let converse = match &self.theirs {
            Some((entry, model)) => {
                let call = Call { model, headers, ..Call::default() };
                let read = entry.codec.decode(Kind::Response, &call, body).map_err(|e| broken(&e))?;
                losses.extend(lost(&read.report));
                Bytes::from(read.body)
            }
            None => Bytes::copy_from_slice(body),
        };
        let mut whole = match &self.ours {
            None => Whole::json(converse),
            Some((entry, model)) => {
                let call = Call { model, ..Call::default() };
                let said = entry.codec.encode(Kind::Response, &call, &converse).map_err(|e| broken(&e))?;
                losses.extend(lost(&said.report));
                let mut headers = said.headers;
                if let Ok(tree) = Tree::parse(&converse) {
                    headers.extend(super::convert::counts(&tree, &headers));
                }
                Whole { status: 200, headers, body: Bytes::from(said.body) }
            }
        };
        whole.headers.extend(reply::answer_losses(losses));
        Ok(whole)
    }
}

impl Reached {
    /// The headers that say something of the body.
    fn call_headers(&self) -> Headers {
        let said = self.headers.iter().filter(|(name, _)| name.as_str().starts_with("x-amzn-bedrock-"));
        said.filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))).collect()
    }
}
