//! What is read, in bounds: nothing that stands on standard input can take all memory, and nothing of it is cut off silently.

use std::io::{BufRead, Read};

use outcrop_runtime::{Code, Error};

/// Longest body, line or job: InvokeModel takes 25,000,000 bytes, escapes may multiply that by six, and a job says a little more.
pub(crate) const LIMIT: usize = 160 << 20;

/// Input that is over the limit.
pub(crate) fn too_large(what: &str) -> Error {
    Error::new(Code::TooLarge, format!("{what} is over {LIMIT} bytes; send less at a time"))
}

/// Reads one line without its end; a line over the limit is read to its end and cut one byte beyond the limit.
pub(crate) fn line(input: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    let mut any = false;
    loop {
        let chunk = input.fill_buf()?;
        if chunk.is_empty() {
            return Ok(any);
        }
        any = true;
        let (used, ends) = match chunk.iter().position(|&b| b == b'\n') {
            Some(at) => (at + 1, true),
            None => (chunk.len(), false),
        };
        let room = (LIMIT + 1).saturating_sub(line.len());
        let text = chunk.get(..used - usize::from(ends)).unwrap_or_default();
        line.extend_from_slice(text.get(..text.len().min(room)).unwrap_or_default());
        input.consume(used);
        if ends {
            return Ok(true);
        }
    }
}

/// The lines that say something; one over the limit is an error in its place.
pub(crate) fn lines(mut input: impl BufRead) -> impl Iterator<Item = Result<Vec<u8>, Error>> {
    std::iter::from_fn(move || {
        loop {
            let mut text = Vec::new();
            match line(&mut input, &mut text) {
                Ok(false) => return None,
                Ok(true) if text.len() > LIMIT => return Some(Err(too_large("a line of the stream"))),
                Ok(true) if text.iter().all(u8::is_ascii_whitespace) => {}
                Ok(true) => return Some(Ok(text)),
                Err(e) => {
                    return Some(Err(Error::new(Code::MalformedJson, format!("reading standard input failed: {e}"))));
                }
            }
        }
    })
}

/// All of the input, as text.
pub(crate) fn text(input: impl Read) -> Result<String, Error> {
    let mut bytes = Vec::new();
    // One byte more than may be there shows that there was more.
    let read = input.take(LIMIT as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|e| Error::new(Code::MalformedJson, format!("reading standard input failed: {e}")))?;
    if bytes.len() > LIMIT {
        return Err(too_large("the body"));
    }
    let valid = String::from_utf8(bytes);
    valid.map_err(|e| Error::new(Code::MalformedJson, format!("the body is not UTF-8 ({e}); send UTF-8")))
}
