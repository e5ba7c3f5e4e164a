//! Standard base64 with padding.

/// Whether text is standard base64.
#[must_use]
pub fn is_valid(text: &str) -> bool {
    base64_simd::STANDARD.check(text.as_bytes()).is_ok()
}

/// The text of bytes.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

/// The bytes of text; none if it is not base64.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    base64_simd::STANDARD.decode_to_vec(text.as_bytes()).ok()
}

/// Appends the bytes of text; none if it is not base64.
pub(crate) fn decode_to(out: &mut Vec<u8>, text: &str) -> Option<()> {
    base64_simd::STANDARD.decode_append(text.as_bytes(), out).ok()
}
