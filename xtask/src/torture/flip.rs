//! T11: single flipped bits in any file of a data folder.

use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::folder::{copy, files, kind, of_any_kind};
use super::random::Random;
use super::report::Finding;
use super::{Bench, Drill};

pub(crate) const DRILL: Drill =
    Drill { name: "flip", what: "single flipped bits in any file", short: 60, long: 1_000, run };

const COMMITS: u64 = 4_000;

fn run(bench: &Bench) -> Result<Finding> {
    let mut finding = Finding::default();
    let (base, damaged) = (bench.memory.join("base"), bench.memory.join("damaged"));
    bench.written(&base, COMMITS)?;
    let sound = bench.memory.join("sound");
    copy(&base, &sound)?;
    let whole = bench.whole(&sound)?;
    let files = files(&base)?;
    for round in 0..bench.rounds {
        let mut random = bench.random(round);
        let (path, byte) = place(&mut random, &files, round % 2 == 0);
        let bit = random.below(8);
        copy(&base, &damaged)?;
        flip(&damaged.join(path), byte, bit)?;
        let what = format!("round {round}: bit {bit} of byte {byte} of {}", path.display());
        bench.count(&mut finding, &kind(path), &what, &damaged, whole)?;
    }
    Ok(finding)
}

/// A byte of any file: by their lengths, or every kind of file as often as the others.
fn place<'a>(random: &mut Random, files: &'a [(PathBuf, u64)], by_length: bool) -> (&'a Path, u64) {
    if by_length {
        let mut byte = random.below(files.iter().map(|(_, length)| length).sum());
        for (path, length) in files {
            if byte < *length {
                return (path, byte);
            }
            byte -= length;
        }
    }
    let (path, length) = of_any_kind(random, files);
    (path, random.below(*length))
}

fn flip(path: &Path, byte: u64, bit: u64) -> Result<()> {
    let file = std::fs::File::options().read(true).write(true).open(path)?;
    let mut value = [0];
    file.read_exact_at(&mut value, byte)?;
    file.write_all_at(&[value[0] ^ (1 << bit)], byte)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_hit_and_no_byte_lies_outside() {
        let files = [(PathBuf::from("large"), 1_000), (PathBuf::from("small"), 3)];
        let mut random = Random::of(1, 2);
        let mut hits = [0; 2];
        for round in 0..1_000 {
            let (path, byte) = place(&mut random, &files, round % 2 == 0);
            let index = usize::from(path == Path::new("small"));
            assert!(byte < files[index].1);
            hits[index] += 1;
        }
        assert!(hits[1] > 150 && hits[0] > 500, "{hits:?}");
    }

    #[test]
    fn one_bit_is_flipped_and_flipped_back() {
        let path = crate::shell::target_dir().unwrap().join(format!("flip-test-{}", std::process::id()));
        std::fs::write(&path, [0, 0, 0]).unwrap();
        flip(&path, 1, 7).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), [0, 128, 0]);
        flip(&path, 1, 7).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), [0, 0, 0]);
        std::fs::remove_file(path).unwrap();
    }
}
