//! The last two events: all that came with any chunk is known.

use outcrop_runtime::cx::{Block, Decode, Source};
use outcrop_runtime::json::{Arena, Cursor, Extra, Json, Str};
use outcrop_runtime::regions::{LACKS_LEAD, Splitter};
use outcrop_runtime::stops;
use outcrop_runtime::{Call, Code, Error, Fate, Report, Tree};

use super::service;
use super::sink::Sink;
use super::state::{State, give};
use crate::converse::{ConverseStreamMetadataEvent, ConverseStreamMetrics, ConverseStreamOutput, MessageStopEvent};

impl State {
    /// Ends the stream.
    pub(super) fn finish(&mut self, call: &Call<'_>, sink: &mut Sink<'_>) -> Result<Report, Error> {
        if !self.failed {
            // Where the service steps in, it may leave out the model's own reason.
            if self.verdict.is_some() && self.tracker.is_started() && !self.tracker.is_stopped() {
                self.flush(sink)?;
                self.tracker.stop(&mut |e| give(e, sink))?;
            }
            if let Some(reason) = self.assumed
                && self.tracker.is_started()
                && !self.tracker.is_stopped()
            {
                self.stop(Str::plain(reason).into(), sink)?;
            }
            self.tracker.finish()?;
            if self.plan.says_end && !self.ended {
                let why = "the stream ended before its last chunk; treat the answer as incomplete and call again";
                return Err(Error::new(Code::StreamTruncated, why));
            }
            if self.splitter.as_ref().is_some_and(Splitter::lacks_lead) {
                outcrop_runtime::cx::lose(&mut self.report, Fate::Approximated, "chunk", LACKS_LEAD);
            }
            if let Some(said) = &self.stop {
                let rows = self.plan.with_calls.iter().copied();
                let holds = self.streamed.contains(&Block::ToolUse);
                if let Some(reason) = stops::read(rows, holds, &said.to_str().text()) {
                    self.stop = Some(Str::plain(reason).into());
                }
            }
            let reason = self.verdict.take().or(self.stop.take());
            let extras = std::mem::take(&mut self.extras);
            let extras = (!extras.is_empty()).then(|| Tree::Obj(extras).to_string());
            let event = MessageStopEvent {
                stop_reason: reason.unwrap_or_else(|| Str::default().into()),
                additional_model_response_fields: extras.map(Json::new).transpose()?,
                extra: Extra::EMPTY,
            };
            sink.event(ConverseStreamOutput::MessageStop(event));
            self.metadata(call, sink)?;
        }
        self.report.sort();
        if call.strict {
            self.report.strict()?;
        }
        Ok(std::mem::take(&mut self.report))
    }

    fn metadata(&mut self, call: &Call<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let arena = Arena::new();
        let mut cx = Decode::new(self.plan.spec, call);
        let headers = service::headers(&Cursor::over("", &arena), &mut cx).map_err(|e| e.in_native(b""))?;
        let headers = headers.unwrap_or_default();
        if let Some(usage) = &headers.usage {
            self.facts.usage(usage, Source::Header);
        }
        for loss in cx.report.losses {
            outcrop_runtime::cx::lose(&mut self.report, loss.fate, loss.path, loss.why);
        }
        let metrics =
            self.facts.latency.take().map(|latency_ms| ConverseStreamMetrics { latency_ms, extra: Extra::EMPTY });
        let usage = self.facts.tokens()?;
        if let Some(usage) = &usage {
            self.report.usage = self.facts.sources(usage);
        }
        let event = ConverseStreamMetadataEvent {
            usage,
            metrics: metrics.or(headers.metrics),
            trace: self.facts.trace.take().or(headers.trace),
            performance_config: self.facts.performance_config.take().or(headers.performance_config),
            service_tier: self.facts.service_tier.take().or(headers.service_tier),
            extra: Extra::EMPTY,
        };
        sink.event(ConverseStreamOutput::Metadata(event));
        Ok(())
    }
}
