//! libFuzzer on the decoder `body`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kit::fuzzed::run("body", input));
