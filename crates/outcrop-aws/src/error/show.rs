//! Errors as people read them.

use std::fmt;

use super::{Class, Elsewhere, Error};

/// The most of a message that [`fmt::Display`] shows, in bytes; [`Error::message`] has all of it.
const SHOWN: usize = 2_000;

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("class", &inner.class)
            .field("code", &inner.facts.code)
            .field("status", &inner.facts.status)
            .field("request_id", &inner.facts.request_id)
            .field("message", &inner.message)
            .field("model", &inner.model)
            .field("region", &inner.region)
            .field("violations", &inner.violations)
            .field("denied", &inner.denied)
            .field("elsewhere", &inner.elsewhere)
            .field("retry_after", &inner.facts.retry_after)
            .field("body_bytes", &inner.facts.body.len())
            .field("source", &inner.source)
            .finish()
    }
}

impl fmt::Display for Error {
    /// One line: class, what was said, what it means, what to do, and where it happened.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        write!(f, "{}: ", inner.class)?;
        line(f, inner.message.trim().trim_end_matches('.'))?;
        if inner.class != Class::Refused {
            write!(f, ". {} What to do: {}", inner.class.means(), self.remedy())?;
            elsewhere(f, &inner.elsewhere)?;
        }
        let status = inner.facts.status.map(|status| format!("HTTP {status}"));
        let request = self.request_id().map(|id| format!("request {id}"));
        let model = inner.model.as_ref().map(|model| format!("model {model}"));
        let mut parts = [model.as_deref(), self.region(), self.code(), status.as_deref(), request.as_deref()]
            .into_iter()
            .flatten()
            .peekable();
        if parts.peek().is_some() {
            f.write_str(" [")?;
            for (at, part) in parts.enumerate() {
                f.write_str(if at == 0 { "" } else { ", " })?;
                line(f, part)?;
            }
            f.write_str("]")?;
        }
        Ok(())
    }
}

/// Text of others on one line: a message cannot forge lines of a log.
fn line(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    use fmt::Write as _;
    for (at, c) in text.char_indices() {
        if at >= SHOWN {
            return f.write_str(" …");
        }
        f.write_char(if c.is_control() { ' ' } else { c })?;
    }
    Ok(())
}

/// Where the model can be called instead.
fn elsewhere(f: &mut fmt::Formatter<'_>, elsewhere: &Elsewhere) -> fmt::Result {
    const MOST: usize = 8;
    let mut list = |what: &str, of: &[&str]| match of {
        [] => Ok(()),
        of if of.len() > MOST => {
            write!(f, "; {what}: {} and {} more", of.get(..MOST).unwrap_or(of).join(", "), of.len() - MOST)
        }
        of => write!(f, "; {what}: {}", of.join(", ")),
    };
    list("profiles", &elsewhere.profiles)?;
    list("regions", &elsewhere.regions)?;
    match elsewhere.ends {
        Some(day) => write!(f, "; its last day: {day}"),
        None => Ok(()),
    }
}
