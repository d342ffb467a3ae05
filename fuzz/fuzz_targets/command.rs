//! libFuzzer on the decoder `command`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kit::fuzzed::run("command", input));
