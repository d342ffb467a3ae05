//! The inputs that fuzzing keeps: a text file a decoder, an input a line, in base64.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::root;

/// Largest input that is kept.
pub const INPUT_MAX_BYTES: usize = 48 << 10;

/// Where the inputs of a decoder are kept.
#[must_use]
pub fn path(target: &str) -> PathBuf {
    root().join("fuzz").join("corpus").join(format!("{target}.txt"))
}

/// The inputs of a decoder.
///
/// # Panics
/// There are none, or a line is no base64.
#[must_use]
pub fn load(target: &str) -> Vec<Vec<u8>> {
    let path = path(target);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| STANDARD.decode(line).expect("a line is base64")).collect()
}

/// Keeps these inputs, each once, the smallest first.
///
/// # Errors
/// Where they cannot be written.
pub fn save(target: &str, inputs: impl IntoIterator<Item = Vec<u8>>) -> std::io::Result<usize> {
    let sorted: BTreeSet<_> = inputs.into_iter().map(|input| (input.len(), input)).collect();
    let kept: Vec<_> = sorted.into_iter().filter(|(length, _)| *length <= INPUT_MAX_BYTES).collect();
    let mut text = format!("# Inputs of the decoder `{target}`, base64; `cargo xtask fuzz` adds to them.\n");
    for (_, input) in &kept {
        writeln!(text, "{}", STANDARD.encode(input)).expect("a text takes what is written");
    }
    std::fs::write(path(target), text)?;
    Ok(kept.len())
}
