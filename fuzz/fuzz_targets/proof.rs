//! libFuzzer on the decoder `proof`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kit::fuzzed::run("proof", input));
