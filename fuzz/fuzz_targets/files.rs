//! libFuzzer on the decoder `files`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kit::fuzzed::run("files", input));
