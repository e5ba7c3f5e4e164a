//! Printing JSON: pieces onto a byte vector.

use super::scan;

/// Appends a text as it is.
#[inline]
pub fn raw(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

/// A comma, unless an object or list has just been opened.
pub fn separator(out: &mut Vec<u8>) {
    if !matches!(out.last(), Some(b'{' | b'[')) {
        out.push(b',');
    }
}

/// A JSON string from its escaped contents.
pub fn quoted(out: &mut Vec<u8>, contents: &str) {
    out.reserve(contents.len() + 2);
    out.push(b'"');
    raw(out, contents);
    out.push(b'"');
}

/// A JSON string from plain text.
pub fn string(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    escape(out, text);
    out.push(b'"');
}

/// What stands between the quotes of a JSON string, from plain text.
pub fn escape(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut from = 0;
    loop {
        let end = scan::plain_end(bytes, from);
        out.extend_from_slice(bytes.get(from..end).unwrap_or_default());
        let Some(&b) = bytes.get(end) else { return };
        match b {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                let hex = |n: u8| if n < 10 { b'0' + n } else { b'a' + n - 10 };
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(b >> 4), hex(b & 15)]);
            }
        }
        from = end + 1;
    }
}

/// An integer.
pub fn int(out: &mut Vec<u8>, n: i64) {
    raw(out, itoa::Buffer::new().format(n));
}
