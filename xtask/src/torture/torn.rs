//! T05, T12: torn, truncated, swapped, repeated and old pieces of files.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::folder::{copy, files, kind, of_any_kind};
use super::random::Random;
use super::report::Finding;
use super::{Bench, Drill};

pub(crate) const DRILL: Drill = Drill {
    name: "torn",
    what: "truncated, zeroed, swapped, repeated and old pieces",
    short: 44,
    long: 550,
    run,
};

const COMMITS: u64 = 2_500;
const BLOCK: u64 = 4_096;
const SECTOR: u64 = 512;
/// A segment of the storage engine.
const SEGMENT: u64 = 8 << 20;

/// What is done to a file: its path, its length, its older copy.
pub(crate) struct Victim<'a> {
    pub(crate) path: &'a Path,
    pub(crate) length: u64,
    pub(crate) old: &'a Path,
}

pub(crate) type Damage = fn(&mut Random, &Victim<'_>) -> Result<()>;

pub(crate) const DAMAGES: [(&str, Damage); 10] = [
    ("truncated", |random, victim| truncate(victim.path, random.below(victim.length))),
    ("zeroed block", |random, victim| fill(victim, BLOCK, random, false)),
    ("zeroed sector", |random, victim| fill(victim, SECTOR, random, false)),
    ("noise", |random, victim| fill(victim, BLOCK, random, true)),
    ("swapped blocks", |random, victim| swap(victim, BLOCK, random)),
    ("swapped sectors", |random, victim| swap(victim, SECTOR, random)),
    ("repeated segment", |random, victim| repeat(victim, SEGMENT, random)),
    ("repeated block", |random, victim| repeat(victim, BLOCK, random)),
    (
        "old file",
        |_, victim| if victim.old.exists() { copy(victim.old, victim.path) } else { remove(victim) },
    ),
    ("removed", |_, victim| remove(victim)),
];

fn run(bench: &Bench) -> Result<Finding> {
    let mut finding = Finding::default();
    let at = |name: &str| bench.memory.join(name);
    let (base, old, damaged) = (at("base"), at("old"), at("damaged"));
    bench.written(&base, COMMITS)?;
    copy(&base, &old)?;
    bench.written(&base, COMMITS)?;
    copy(&base, &at("sound"))?;
    let whole = bench.whole(&at("sound"))?;
    rolled_back(bench, &mut finding, &old, &base.join("tiles/checkpoint"))?;
    let files = files(&base)?;
    let (large, _) = files.iter().max_by_key(|(_, length)| length).expect("a data folder has files");
    for round in 0..bench.rounds {
        let mut random = bench.random(round);
        let (name, damage) = &DAMAGES[round as usize % DAMAGES.len()];
        // Half of it goes where the events are.
        let path: &PathBuf = if random.below(2) == 0 { large } else { &of_any_kind(&mut random, &files).0 };
        copy(&base, &damaged)?;
        let victim = Victim {
            path: &damaged.join(path),
            length: std::fs::metadata(base.join(path))?.len(),
            old: &old.join(path),
        };
        damage(&mut random, &victim)?;
        if std::fs::read(victim.path).ok() == Some(std::fs::read(base.join(path))?) {
            finding.add("as it was before", 1);
            continue;
        }
        let what = format!("round {round}: {name}, {}", path.display());
        bench.count(&mut finding, &kind(path), &what, &damaged, whole)?;
    }
    Ok(finding)
}

/// A whole folder from an older day is a sound log: only a checkpoint that was kept elsewhere can tell.
fn rolled_back(bench: &Bench, finding: &mut Finding, old: &Path, newer: &Path) -> Result<()> {
    let rolled = bench.memory.join("rolled");
    copy(old, &rolled)?;
    let checkpoint = newer.to_string_lossy();
    let found = bench.check(&rolled, &["--read-only", "--since", &checkpoint])?;
    match found.verified {
        Some(false) => finding.add("whole folder rolled back, told by a kept checkpoint", 1),
        _ => finding.fail("a rolled back folder was taken to extend a newer checkpoint".into()),
    }
    let found = bench.check(&rolled, &[])?;
    match found.broken_promise(COMMITS) {
        None => finding.add("without one it opens as of then", 1),
        Some(broken) => finding.fail(format!("an older copy of the folder is not sound: {broken}")),
    }
    Ok(())
}

fn open(path: &Path) -> Result<File> {
    Ok(File::options().read(true).write(true).open(path)?)
}

fn truncate(path: &Path, length: u64) -> Result<()> {
    Ok(open(path)?.set_len(length)?)
}

fn remove(victim: &Victim<'_>) -> Result<()> {
    Ok(std::fs::remove_file(victim.path)?)
}

/// The start of a random piece; the last one may be shorter.
fn piece(random: &mut Random, length: u64, size: u64) -> u64 {
    random.below(length.div_ceil(size)) * size
}

fn read(file: &File, at: u64, size: u64, length: u64) -> Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(size.min(length - at))?];
    file.read_exact_at(&mut bytes, at)?;
    Ok(bytes)
}

fn fill(victim: &Victim<'_>, size: u64, random: &mut Random, noise: bool) -> Result<()> {
    let file = open(victim.path)?;
    let at = piece(random, victim.length, size);
    let mut bytes = read(&file, at, size, victim.length)?;
    for byte in &mut bytes {
        *byte = if noise { random.next().to_le_bytes()[0] } else { 0 };
    }
    Ok(file.write_all_at(&bytes, at)?)
}

fn swap(victim: &Victim<'_>, size: u64, random: &mut Random) -> Result<()> {
    let file = open(victim.path)?;
    let (one, other) = (piece(random, victim.length, size), piece(random, victim.length, size));
    let (first, second) = (read(&file, one, size, victim.length)?, read(&file, other, size, victim.length)?);
    let shared = first.len().min(second.len());
    file.write_all_at(&second[..shared], one)?;
    Ok(file.write_all_at(&first[..shared], other)?)
}

fn repeat(victim: &Victim<'_>, size: u64, random: &mut Random) -> Result<()> {
    let file = open(victim.path)?;
    let (from, to) = (piece(random, victim.length, size), piece(random, victim.length, size));
    let bytes = read(&file, from, size, victim.length)?;
    let room = usize::try_from(victim.length - to)?.min(bytes.len());
    Ok(file.write_all_at(&bytes[..room], to)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_damage_changes_a_file_and_keeps_to_its_bounds() {
        let dir = crate::shell::target_dir().unwrap().join(format!("torn-test-{}", std::process::id()));
        super::super::folder::fresh(&dir).unwrap();
        let (path, old) = (dir.join("file"), dir.join("old"));
        let content: Vec<u8> = (0..50_000_u32).map(|at| u8::try_from(at * 7 / 16 % 251).unwrap()).collect();
        std::fs::write(&old, &content[..20_000]).unwrap();
        for (name, damage) in DAMAGES {
            let changed = (0..20).any(|round| {
                std::fs::write(&path, &content).unwrap();
                let victim = Victim { path: &path, length: content.len() as u64, old: &old };
                damage(&mut Random::of(round, 5), &victim).unwrap();
                let after = std::fs::read(&path).unwrap_or_default();
                assert!(after.len() <= content.len(), "{name} makes it longer");
                after != content
            });
            // One segment is all there is in a file this short.
            assert!(changed || name == "repeated segment", "{name} changes nothing");
        }
        super::super::folder::remove(&dir).unwrap();
    }
}
