//! libFuzzer on the decoder `payload`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kit::fuzzed::run("payload", input));
