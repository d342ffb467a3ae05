//! libFuzzer on the decoder `manifest`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kit::fuzzed::run("manifest", input));
