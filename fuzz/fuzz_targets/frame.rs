//! libFuzzer on the decoder `frame`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kit::fuzzed::run("frame", input));
