//! libFuzzer on the decoder `note`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kit::fuzzed::run("note", input));
