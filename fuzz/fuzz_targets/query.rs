//! libFuzzer on the decoder `query`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kit::fuzzed::run("query", input));
