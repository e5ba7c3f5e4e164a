//! Any text as a spec file: diagnostics, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use outcrop_tests::fuzzing;

fuzz_target!(|text: &str| fuzzing::spec(text));
