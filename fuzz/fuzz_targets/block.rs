//! libFuzzer on the decoder `block`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kit::fuzzed::run("block", input));
