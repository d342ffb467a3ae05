//! libFuzzer on the decoder `import`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kit::fuzzed::run("import", input));
