//! libFuzzer on the decoder `bundle`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kit::fuzzed::run("bundle", input));
