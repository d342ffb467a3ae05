//! What fuzzing keeps is replayed, and what is near it is tried: no decoder panics, whatever comes.

use std::time::{Duration, Instant};

use kit::mutate::{Dice, mended, mutated};
use kit::{corpus, fuzzed, root};

/// Inputs near those kept that each decoder is tried with here; `cargo xtask fuzz` tries as many as there is time for.
const NEAR: u64 = 600;
/// The whole corpus, in bytes: small enough for the repository.
const CORPUS_MAX_BYTES: u64 = 1 << 20;

#[test]
fn every_input_that_is_kept_and_many_near_them_break_no_decoder() {
    let (mut kept, mut near, mut bytes) = (0, 0, 0);
    for (name, decode) in fuzzed::TARGETS {
        let inputs = corpus::load(name);
        assert!(!inputs.is_empty(), "{name} has no inputs");
        for input in &inputs {
            decode(input);
        }
        let (mut dice, began) = (Dice(7), Instant::now());
        for _ in 0..NEAR {
            let input = mutated(&inputs, &mut dice, corpus::INPUT_MAX_BYTES);
            decode(&mended(name, input));
            near += 1;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{name} is slow: {:?}", began.elapsed());
        kept += inputs.len();
        bytes += std::fs::metadata(corpus::path(name)).expect("it was just read").len();
    }
    println!("{kept} inputs kept ({bytes} bytes), {near} near them, {} decoders", fuzzed::TARGETS.len());
    assert!(kept > 500 && bytes < CORPUS_MAX_BYTES, "{kept} inputs, {bytes} bytes");
}

#[test]
fn every_decoder_has_a_target_for_libfuzzer_and_nothing_else_lies_there() {
    let names = |folder: &str, suffix: &str| {
        let files = std::fs::read_dir(root().join("fuzz").join(folder)).expect("the folder is there");
        let name = |file: std::io::Result<std::fs::DirEntry>| {
            let name = file.expect("it can be listed").file_name().into_string().expect("UTF-8");
            match name.strip_suffix(suffix) {
                Some(name) => name.to_owned(),
                None => panic!("{name} in {folder}"),
            }
        };
        let mut names: Vec<_> = files.map(name).collect();
        names.sort();
        names
    };
    let mut known: Vec<_> = fuzzed::TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    known.sort();
    assert_eq!(names("fuzz_targets", ".rs"), known);
    assert_eq!(names("corpus", ".txt"), known);
    let manifest = std::fs::read_to_string(root().join("fuzz/Cargo.toml")).expect("it is there");
    for name in known {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
    }
}
