//! When a server wants to be asked again.

use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// The wait that headers ask for: `x-amz-retry-after` (milliseconds) of the service, else `Retry-After` (seconds or an
/// HTTP date, RFC 9110 §10.2.3) of anything on the way. None if there is neither, or what is there cannot be read.
/// A date in the past is a wait of zero.
#[must_use]
pub fn retry_after<'h>(get: impl Fn(&str) -> Option<&'h str>, now: SystemTime) -> Option<Duration> {
    let milliseconds = get("x-amz-retry-after").and_then(|text| text.trim().parse::<u64>().ok());
    if let Some(milliseconds) = milliseconds {
        return Some(Duration::from_millis(milliseconds));
    }
    let text = get("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = SystemTime::try_from(DateTime::from_str(text, Format::HttpDate).ok()?).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}
