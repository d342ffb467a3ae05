//! T13: files of two logs in one folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::folder::{copy, files, kind, kinds};
use super::judge::{Fate, Whole};
use super::random::Random;
use super::report::Finding;
use super::{Bench, Drill};

pub(crate) const DRILL: Drill =
    Drill { name: "mixed", what: "files of two logs in one folder", short: 12, long: 200, run };

const COMMITS: u64 = 1_000;

fn run(bench: &Bench) -> Result<Finding> {
    let mut finding = Finding::default();
    let at = |name: &str| bench.memory.join(name);
    // The same history twice: only what tells the logs apart can tell their files apart.
    let (one, other) = (at("one"), at("other"));
    let mut whole = Vec::new();
    for (dir, commits) in [(&one, COMMITS), (&other, COMMITS + COMMITS / 2)] {
        bench.written(dir, commits)?;
        copy(dir, &at("sound"))?;
        whole.push(bench.whole(&at("sound"))?);
    }
    let both: BTreeMap<PathBuf, u64> = files(&one)?.into_iter().chain(files(&other)?).collect();
    let both: Vec<_> = both.into_iter().collect();
    for round in 0..bench.rounds {
        let mut random = bench.random(round);
        let mixed = at("mixed");
        copy(&one, &mixed)?;
        let taken = taken(&mut random, &both, round as usize);
        for name in &taken {
            take(&other, &mixed, name)?;
        }
        let fate = either(bench, &mixed, &whole)?;
        finding.add(fate.name(), 1);
        if let Fate::Missed(why) = fate {
            let kept = bench.disk.join(format!("missed-{round}"));
            copy(&mixed, &kept)?;
            finding
                .fail(format!("round {round}: {taken:?} of another log: {why}; kept as {}", kept.display()));
        }
    }
    Ok(finding)
}

/// Each kind of files alone first; then any kinds, or any files.
fn taken<'a>(random: &mut Random, both: &'a [(PathBuf, u64)], round: usize) -> Vec<&'a PathBuf> {
    let kinds = kinds(both);
    let chosen: Vec<_> = match kinds.get(round) {
        Some(kind) => vec![kind],
        None => kinds.iter().filter(|_| random.below(2) == 0).collect(),
    };
    let by_file = round >= kinds.len() && random.below(3) == 0;
    let mut take = |path: &Path| if by_file { random.below(2) == 0 } else { chosen.contains(&&kind(path)) };
    both.iter().map(|(path, _)| path).filter(|path| take(path)).collect()
}

/// Replaces a file by the other log's, or removes it where the other has none.
fn take(other: &Path, mixed: &Path, name: &Path) -> Result<()> {
    let target = mixed.join(name);
    if other.join(name).exists() {
        std::fs::create_dir_all(target.parent().expect("it lies in a folder"))?;
        return copy(&other.join(name), &target);
    }
    Ok(std::fs::remove_file(target)?)
}

/// Enough files of the other log are the other log.
fn either(bench: &Bench, mixed: &Path, whole: &[Whole]) -> Result<Fate> {
    let mut fate = Fate::Harmless;
    for whole in whole {
        fate = bench.judge(mixed, *whole)?;
        if !matches!(fate, Fate::Missed(_)) {
            break;
        }
    }
    Ok(fate)
}
