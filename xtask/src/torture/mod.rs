//! `cargo xtask torture`: faults by the thousand, from a seed, and a table of what they left.

mod backup;
mod copies;
mod driver;
mod flip;
mod folder;
mod image;
mod judge;
mod kill;
mod lost;
mod mixed;
mod model;
mod options;
mod powercut;
mod random;
mod recorder;
mod repair;
mod report;
mod serve;
mod slow;
mod space;
mod syscalls;
mod torn;
mod two;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, bail};

use crate::shell::{cargo, run, say, target_dir};

pub(crate) use options::Options;
use random::Random;
use report::{Finding, Report};

/// A kind of fault, and how often it is made.
pub(crate) struct Drill {
    name: &'static str,
    /// What it does, in a line of the usage text.
    what: &'static str,
    short: u32,
    long: u32,
    run: fn(&Bench) -> Result<Finding>,
}

/// Every drill, in the order in which they run.
pub(crate) const DRILLS: [Drill; 15] = [
    kill::DRILL,
    serve::DRILL,
    two::DRILL,
    mixed::DRILL,
    flip::DRILL,
    torn::DRILL,
    powercut::DRILL,
    lost::DRILL,
    syscalls::DRILL,
    copies::DRILL,
    space::DRILL,
    slow::DRILL,
    backup::DRILL,
    repair::DRILL,
    model::DRILL,
];

/// What a drill works with.
pub(crate) struct Bench {
    /// The seed of this drill.
    pub(crate) seed: u64,
    pub(crate) rounds: u32,
    /// The driver's binary.
    pub(crate) driver: PathBuf,
    /// The product's binary.
    pub(crate) waybill: PathBuf,
    /// An empty folder on a real disk, removed at the end unless something failed.
    pub(crate) disk: PathBuf,
    /// The same in memory, where there is room.
    pub(crate) memory: PathBuf,
}

impl Bench {
    /// The same once more, for a part of a drill.
    pub(crate) fn again(&self) -> Self {
        let (driver, waybill) = (self.driver.clone(), self.waybill.clone());
        let (disk, memory) = (self.disk.clone(), self.memory.clone());
        Self { seed: self.seed, rounds: self.rounds, driver, waybill, disk, memory }
    }

    /// The numbers of a round: the same whichever rounds ran before. Long runs say how far they are.
    pub(crate) fn random(&self, round: u32) -> Random {
        if round > 0 && round.is_multiple_of(100) {
            say(&format!("  {round} of {} rounds", self.rounds));
        }
        Random::of(self.seed, u64::from(round))
    }
}

/// Builds what is run, runs the drills, and prints a table.
///
/// # Errors
/// Nothing could be built, or a drill failed.
pub(crate) fn torture(options: &Options) -> Result<()> {
    say(&format!("seed {}; the same again with --seed {0}", options.seed));
    let target = target_dir()?;
    say("building the driver and the product");
    // The tests' own build is theirs and everyone's: nothing of it is built a second time.
    let (what, built) = if options.debug {
        (&["--workspace", "--all-targets"][..], "debug")
    } else {
        (&["--release", "-p", "waybill", "-p", "waybill-tests", "--bins"][..], "release")
    };
    run(cargo(&["build", "--locked", "--quiet"]).args(what))?;
    let programs = Programs::keep(&target, built)?;
    let mut report = Report::new(options.seed);
    for drill in options.drills() {
        let rounds = options.rounds(drill);
        if rounds == 0 {
            continue;
        }
        say(&format!("{}: {rounds} rounds, {}", drill.name, drill.what));
        let bench = bench(options.seed, drill, rounds, &target, &programs)?;
        let began = Instant::now();
        // What one of them cannot do must not hide what the others found.
        let finding = (drill.run)(&bench).unwrap_or_else(|error| Finding::failed(format!("{error:#}")));
        if finding.failures.is_empty() {
            remove(&bench)?;
        }
        report.add(drill.name, rounds, began.elapsed(), finding);
    }
    folder::remove(&programs.0)?;
    report.print(options.json)?;
    match report.failed().as_slice() {
        [] => Ok(()),
        failed => bail!("{} failed, seed {}", failed.join(", "), options.seed),
    }
}

/// Copies of the programs, so that a long run does not change horses when something is built meanwhile.
struct Programs(PathBuf);

impl Programs {
    fn keep(target: &Path, built: &str) -> Result<Self> {
        let kept = Self(target.join(format!("torture-programs-{}", std::process::id())));
        folder::fresh(&kept.0)?;
        for name in ["torture", "waybill"] {
            std::fs::copy(target.join(built).join(name), kept.0.join(name))?;
        }
        Ok(kept)
    }
}

fn bench(seed: u64, drill: &Drill, rounds: u32, target: &Path, programs: &Programs) -> Result<Bench> {
    let name = format!("torture-{}-{}", drill.name, std::process::id());
    let bench = Bench {
        seed: seed ^ drill.name.bytes().fold(0, |hash: u64, byte| hash.rotate_left(7) ^ u64::from(byte)),
        rounds,
        driver: programs.0.join("torture"),
        waybill: programs.0.join("waybill"),
        disk: target.join(&name),
        memory: folder::in_memory(&name, target),
    };
    for folder in [&bench.disk, &bench.memory] {
        folder::fresh(folder)?;
    }
    Ok(bench)
}

fn remove(bench: &Bench) -> Result<()> {
    for folder in [&bench.disk, &bench.memory] {
        folder::remove(folder)?;
    }
    Ok(())
}

/// One line per drill, for the usage text.
pub(crate) fn usage() -> String {
    DRILLS
        .iter()
        .map(|drill| {
            format!(
                "                   {:<9} {} ({}; long: {})\n",
                drill.name, drill.what, drill.short, drill.long
            )
        })
        .collect()
}
