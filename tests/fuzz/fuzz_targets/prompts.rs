//! Any conversation through a prompt grammar: no turn is forged.
#![no_main]

use libfuzzer_sys::fuzz_target;
use outcrop_tests::fuzzing_prompts;

fuzz_target!(|data: &[u8]| fuzzing_prompts::prompts(data));
