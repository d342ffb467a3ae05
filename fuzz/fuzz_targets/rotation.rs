//! libFuzzer on the decoder `rotation`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kit::fuzzed::run("rotation", input));
