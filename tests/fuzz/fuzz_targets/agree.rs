//! Compiled codecs do what the interpreter does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use outcrop_tests::fuzzing;

fuzz_target!(|data: &[u8]| fuzzing::agree(data));
