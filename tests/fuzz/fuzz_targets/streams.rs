//! Any bytes, cut at line breaks, as chunks and as events of any family's stream, interpreted, compiled and typed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use outcrop_tests::fuzzing;

fuzz_target!(|data: &[u8]| fuzzing::streams(data));
