//! libFuzzer on the decoder `entry`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kit::fuzzed::run("entry", input));
