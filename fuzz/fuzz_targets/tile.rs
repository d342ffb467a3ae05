//! libFuzzer on the decoder `tile`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kit::fuzzed::run("tile", input));
