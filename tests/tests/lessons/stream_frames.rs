//! Frames of the event stream that chunks come in.

use outcrop_runtime::event_stream::{Frame, chunk, first, write};

fn stream() -> Vec<u8> {
    let mut bytes = Vec::new();
    for payload in [
        r#"{"bytes":"eyJhIjoxfQ==","p":"abcdefghijk"}"#,
        r#"{"p":"ab","bytes":"eyJhIjoyfQ=="}"#,
        r#"{"bytes":"eyJhIjozfQ=="}"#,
    ] {
        write(&mut bytes, &Frame { message: "event", event: "chunk", payload: payload.as_bytes() });
    }
    bytes
}

#[test]
fn a_payload_has_bytes_and_padding_and_no_member_chunk() {
    let bytes = stream();
    let (mut rest, mut chunks) = (bytes.as_slice(), Vec::new());
    while let Some((frame, behind)) = first(rest).expect("whole frames") {
        let mut out = Vec::new();
        chunk(frame.payload, &mut out).expect("a chunk");
        chunks.push(String::from_utf8(out).expect("UTF-8"));
        rest = behind;
    }
    assert_eq!(chunks, [r#"{"a":1}"#, r#"{"a":2}"#, r#"{"a":3}"#]);
    assert!(
        chunk(br#"{"chunk":{"bytes":"eyJhIjoxfQ=="}}"#, &mut Vec::new()).is_err(),
        "another shape is no empty chunk"
    );
}

#[test]
fn a_read_from_the_network_may_hold_several_frames_or_a_part_of_one() {
    let bytes = stream();
    for size in [1, 7, 50, bytes.len()] {
        let (mut held, mut frames) = (Vec::new(), 0);
        for read in bytes.chunks(size) {
            held.extend_from_slice(read);
            while let Some((_, rest)) = first(&held).expect("no damage") {
                frames += 1;
                held = rest.to_vec();
            }
        }
        assert_eq!((frames, held.len()), (3, 0), "reads of {size} bytes");
    }
}

/// A frame with headers of any name. The checksum is the one of zip files.
fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let sum = |bytes: &[u8]| {
        let step = |c: u32, _| if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 };
        !bytes.iter().fold(!0_u32, |crc, b| (0..8).fold(crc ^ u32::from(*b), step))
    };
    let length = |n: usize| u32::try_from(n).expect("short").to_be_bytes();
    let mut block = Vec::new();
    for (name, value) in headers {
        block.push(u8::try_from(name.len()).expect("short"));
        block.extend_from_slice(name.as_bytes());
        block.push(7);
        block.extend_from_slice(&u16::try_from(value.len()).expect("short").to_be_bytes());
        block.extend_from_slice(value.as_bytes());
    }
    let mut bytes = [length(16 + block.len() + payload.len()), length(block.len())].concat();
    bytes.extend_from_slice(&sum(&bytes).to_be_bytes());
    bytes.extend_from_slice(&block);
    bytes.extend_from_slice(payload);
    bytes.extend_from_slice(&sum(&bytes).to_be_bytes());
    bytes
}

#[test]
fn an_error_behind_the_status_200_is_an_exception_with_a_message() {
    let payload = br#"{"message":"Too many tokens"}"#;
    let headers = [
        (":exception-type", "throttlingException"),
        (":content-type", "application/json"),
        (":message-type", "exception"),
    ];
    let bytes = frame(&headers, payload);
    let (got, rest) = first(&bytes).expect("a frame").expect("whole");
    assert_eq!(
        (got.message, got.event, got.payload, rest),
        ("exception", "throttlingException", &payload[..], &[][..])
    );
    let mut damaged = bytes;
    *damaged.last_mut().expect("bytes") ^= 1;
    assert!(first(&damaged).is_err(), "a wrong checksum is no frame");
}
