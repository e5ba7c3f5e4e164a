//! Any bytes as request and response body of any family, interpreted and compiled, in both directions.
#![no_main]

use libfuzzer_sys::fuzz_target;
use outcrop_tests::fuzzing;

fuzz_target!(|data: &[u8]| fuzzing::bodies(data));
