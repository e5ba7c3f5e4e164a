//! Why answers end, where the format says it in the same words with calls and without.
//!
//! Clients run tools when `stopReason` says `tool_use`, so it has to say that. On such a wire only the calls themselves do.

/// Stop reasons of Converse: what one word of the format means in answers without calls, and in answers that hold some.
pub type WithCalls<'r> = (&'r str, &'r str);

/// Why a stop reason reads back as another one.
pub const TOLD_BY_CALLS: &str = "the format tells by its calls alone whether an answer ended for them";

/// What a stop reason that was read means.
#[must_use]
pub fn read<'r>(rows: impl IntoIterator<Item = WithCalls<'r>>, holds_calls: bool, reason: &str) -> Option<&'r str> {
    rows.into_iter().find(|(plain, _)| holds_calls && *plain == reason).map(|(_, with)| with)
}

/// A stop reason as the format has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written<'r> {
    /// The reason that stands for it.
    pub reason: &'r str,
    /// Whether it reads back as it was.
    pub exact: bool,
}

/// What is written for a stop reason.
#[must_use]
pub fn written<'r>(
    rows: impl IntoIterator<Item = WithCalls<'r>>,
    holds_calls: bool,
    reason: &str,
) -> Option<Written<'r>> {
    rows.into_iter().find_map(|(plain, with)| match reason {
        _ if reason == with => Some(Written { reason: plain, exact: holds_calls }),
        _ if reason == plain => Some(Written { reason: plain, exact: !holds_calls }),
        _ => None,
    })
}
