//! Stop reasons of answers that hold calls, where the format says why they ended in the same words as without.

use outcrop_runtime::Fate;
use outcrop_runtime::cx::{Encode, lose};
use outcrop_runtime::json::Str;
use outcrop_runtime::stops::{self, TOLD_BY_CALLS, WithCalls};

use crate::converse::{ContentBlock, ConverseOutput, ConverseResponse};

/// Whether an answer holds calls.
fn holds_calls(answer: &ConverseResponse<'_>) -> bool {
    let is_call = |block: &ContentBlock<'_>| matches!(block, ContentBlock::ToolUse(_));
    matches!(&answer.output, ConverseOutput::Message(message) if message.content.iter().any(is_call))
}

/// After decoding: the answer with what its stop reason means.
#[must_use]
pub fn read<'a>(mut answer: ConverseResponse<'a>, rows: &'static [WithCalls<'static>]) -> ConverseResponse<'a> {
    if let Some(said) = &answer.stop_reason {
        let reason = stops::read(rows.iter().copied(), holds_calls(&answer), &said.to_str().text());
        answer.stop_reason = reason.map(|reason| Str::plain(reason).into()).or(answer.stop_reason);
    }
    answer
}

/// Before encoding: the answer with the stop reason that the format has, if that is another one.
#[must_use]
pub fn written<'a>(
    answer: &ConverseResponse<'a>,
    rows: &'static [WithCalls<'static>],
    cx: &mut Encode<'_>,
) -> Option<ConverseResponse<'a>> {
    let said = answer.stop_reason.as_ref()?;
    let stop = stops::written(rows.iter().copied(), holds_calls(answer), &said.to_str().text())?;
    if !stop.exact {
        lose(&mut cx.report, Fate::Approximated, "stopReason".to_owned(), TOLD_BY_CALLS);
    }
    Some(ConverseResponse { stop_reason: Some(Str::plain(stop.reason).into()), ..answer.clone() })
}
