//! Frames of `application/vnd.amazon.eventstream`, in memory: checksums verified, payloads not copied.

use crate::json::{Arena, Cursor};
use crate::{Code, Error};

/// Prelude, its checksum, and the checksum of the frame.
const FRAME: usize = 16;
/// The largest frame that is taken: the format's own payload limit and its headers.
const LIMIT: usize = (16 << 20) + (128 << 10) + FRAME;
/// The header type of a text, the only one that the service sends here.
const TEXT: u8 = 7;

/// A frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'b> {
    /// `:message-type`: `event`, `exception` or `error`.
    pub message: &'b str,
    /// `:event-type` or `:exception-type`; `chunk` is a part of a model's own stream.
    pub event: &'b str,
    /// What it carries.
    pub payload: &'b [u8],
}

/// The first frame of `bytes` and what is behind it; none if the frame is not there to its end yet.
pub fn first(bytes: &[u8]) -> Result<Option<(Frame<'_>, &[u8])>, Error> {
    let Some(prelude) = bytes.first_chunk::<12>() else { return Ok(None) };
    let (total, headers) = (word(prelude, 0), word(prelude, 4));
    let mut sum = crc32fast::Hasher::new();
    sum.update(prelude.first_chunk::<8>().map_or(&[], |b| b));
    if sum.clone().finalize() as usize != word(prelude, 8) || total > LIMIT || total < FRAME + headers {
        return Err(damaged("the frame begins wrongly"));
    }
    let Some((frame, rest)) = bytes.split_at_checked(total) else { return Ok(None) };
    let (body, end) = frame.split_at_checked(total - 4).unwrap_or_default();
    sum.update(body.get(8..).unwrap_or_default());
    if sum.finalize() as usize != word(end, 0) {
        return Err(damaged("the checksum of the frame is wrong"));
    }
    let (headers, payload) = body.get(12..).and_then(|b| b.split_at_checked(headers)).unwrap_or_default();
    let mut frame = Frame { message: "", event: "", payload };
    read_headers(headers, &mut frame).ok_or_else(|| damaged("the headers of the frame are no texts"))?;
    Ok(Some((frame, rest)))
}

fn word(bytes: &[u8], at: usize) -> usize {
    let word = bytes.get(at..).and_then(|b| b.first_chunk::<4>());
    word.map_or(0, |w| u32::from_be_bytes(*w) as usize)
}

fn read_headers<'b>(mut bytes: &'b [u8], frame: &mut Frame<'b>) -> Option<()> {
    while let Some((&length, rest)) = bytes.split_first() {
        let (name, rest) = rest.split_at_checked(usize::from(length))?;
        let ([kind, high, low], rest) = rest.split_first_chunk::<3>()?;
        let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([*high, *low])))?;
        if *kind != TEXT {
            return None;
        }
        match name {
            b":message-type" => frame.message = str::from_utf8(value).ok()?,
            b":event-type" | b":exception-type" => frame.event = str::from_utf8(value).ok()?,
            _ => {}
        }
        bytes = rest;
    }
    Some(())
}

/// Decodes the chunk in the payload of a `chunk` frame (`{"bytes":"…","p":"…"}`, in any order) onto `chunk`.
pub fn chunk(payload: &[u8], chunk: &mut Vec<u8>) -> Result<(), Error> {
    let arena = Arena::new();
    let base64 = match usual(payload) {
        Some(base64) => base64,
        None => any(payload, &arena)?.as_bytes(),
    };
    chunk.clear();
    base64_simd::STANDARD.decode_append(base64, chunk).map_err(|_| damaged("`bytes` of a chunk frame is not base64"))
}

/// The base64 of a payload in the one form that the service writes: no white space, padding of letters and digits.
fn usual(payload: &[u8]) -> Option<&[u8]> {
    let rest = payload.strip_prefix(b"{\"bytes\":\"")?;
    // What is no base64 up to the quote fails to decode.
    let (base64, rest) = rest.split_at_checked(memchr::memchr(b'"', rest)?)?;
    if rest == b"\"}" {
        return Some(base64);
    }
    let padding = rest.strip_prefix(b"\",\"p\":\"")?.strip_suffix(b"\"}")?;
    padding.iter().all(u8::is_ascii_alphanumeric).then_some(base64)
}

/// The base64 of a payload in any form.
fn any<'a>(payload: &'a [u8], arena: &'a Arena) -> Result<&'a str, Error> {
    let read = || {
        let (mut c, mut found) = (Cursor::new(payload, arena)?, None);
        let mut next = c.first_key()?;
        while let Some(key) = next {
            if key == "bytes" {
                found = Some(c.plain_str()?);
            } else {
                c.skip()?;
            }
            next = c.next_key()?;
        }
        c.end()?;
        Ok(found)
    };
    let base64 = read().map_err(|e: crate::json::JsonError| e.in_native(payload))?;
    base64.ok_or_else(|| damaged("a chunk frame without `bytes`"))
}

/// Appends a frame, to make streams for tests and measurements.
pub fn write(out: &mut Vec<u8>, frame: &Frame<'_>) {
    let mut headers = Vec::new();
    for (name, value) in [(":event-type", frame.event), (":message-type", frame.message)] {
        headers.push(name.len() as u8);
        headers.extend_from_slice(name.as_bytes());
        headers.push(TEXT);
        headers.extend_from_slice(&(value.len() as u16).to_be_bytes());
        headers.extend_from_slice(value.as_bytes());
    }
    let start = out.len();
    let total = FRAME + headers.len() + frame.payload.len();
    for word in [total, headers.len()] {
        out.extend_from_slice(&(word as u32).to_be_bytes());
    }
    let sum = |out: &[u8]| crc32fast::hash(out.get(start..).unwrap_or_default()).to_be_bytes();
    out.extend_from_slice(&sum(out));
    out.extend_from_slice(&headers);
    out.extend_from_slice(frame.payload);
    out.extend_from_slice(&sum(out));
}

#[cold]
fn damaged(what: &str) -> Error {
    Error::new(Code::StreamTruncated, format!("{what}; read the stream again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut out, &Frame { message: "event", event: "chunk", payload });
        out
    }

    #[test]
    fn what_is_written_is_read_and_its_chunk_is_decoded() {
        let mut bytes = framed(br#"{"p":"abc","bytes":"e30="}"#);
        bytes.extend_from_slice(&framed(b"{}"));
        let (frame, rest) = first(&bytes).unwrap().unwrap();
        assert_eq!((frame.message, frame.event), ("event", "chunk"));
        let mut out = b"old".to_vec();
        chunk(frame.payload, &mut out).unwrap();
        assert_eq!(out, b"{}");
        assert_eq!(first(rest).unwrap().unwrap().1, b"");
        chunk(br#"{"bytes":"e30=","p":"abC1"}"#, &mut out).unwrap();
        chunk(br#"{"bytes":"e30=","p":"\u0061"}"#, &mut out).unwrap();
        assert_eq!(out, b"{}");
        assert!(chunk(br#"{"bytes":"e30=","p":"\x"}"#, &mut out).is_err());
        assert!(chunk(b"{}", &mut out).is_err() && chunk(br#"{"bytes":"?"}"#, &mut out).is_err());
    }

    #[test]
    fn a_frame_that_is_cut_is_waited_for_and_a_damaged_one_is_refused() {
        let bytes = framed(b"{}");
        for n in 0..bytes.len() {
            assert_eq!(first(&bytes[..n]).unwrap(), None, "{n}");
            let mut bad = bytes.clone();
            bad[n] ^= 1;
            assert!(first(&bad).is_err(), "{n}");
        }
    }
}
