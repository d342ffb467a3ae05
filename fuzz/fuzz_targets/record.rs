//! libFuzzer on the decoder `record`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kit::fuzzed::run("record", input));
