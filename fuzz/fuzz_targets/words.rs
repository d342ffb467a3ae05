//! libFuzzer on the decoder `words`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kit::fuzzed::run("words", input));
