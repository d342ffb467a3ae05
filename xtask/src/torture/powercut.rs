//! T03, T04: power cuts while writing, while recovering, and again before anyone has looked.
//!
//! The writer is stopped and the file beneath its file system copied: what was submitted to the disk survives,
//! what was not forced out is gone. The log must open, with everything that was acknowledged.

use anyhow::Result;

use super::driver::Writer;
use super::image::Image;
use super::random::Random;
use super::report::Finding;
use super::{Bench, Drill};

pub(crate) const DRILL: Drill =
    Drill { name: "powercut", what: "power cuts by copies of a mounted image", short: 6, long: 500, run };

/// Longest life of a writer.
const LIFE_MS: u64 = 300;
/// A cut within this time hits the recovery.
const RECOVERY_MS: u64 = 40;
/// Cuts until a log is begun anew, at most.
const FRESH_EVERY: u64 = 12;

struct State<'a> {
    bench: &'a Bench,
    finding: Finding,
    live: Image,
    /// Commits that must be there.
    acked: u64,
    /// Images so far, for their names.
    images: u64,
}

fn run(bench: &Bench) -> Result<Finding> {
    let live = match Image::make(&bench.memory, "image-0") {
        Ok(live) => live,
        Err(error) => {
            return Ok(Finding::skipped(format!("needs root, mkfs.ext4 and loop devices: {error:#}")));
        }
    };
    let mut state = State { bench, finding: Finding::default(), live, acked: 0, images: 0 };
    for round in 0..bench.rounds {
        state.round(round)?;
        if !state.finding.failures.is_empty() {
            break;
        }
    }
    Ok(state.finding)
}

impl State<'_> {
    fn round(&mut self, round: u32) -> Result<()> {
        let mut random = self.bench.random(round);
        if random.below(FRESH_EVERY) == 0 {
            self.images += 1;
            self.live = Image::make(&self.bench.memory, &format!("image-{}", self.images))?;
            self.acked = 0;
        }
        let window = *random.pick(&[1, 10, 100]);
        // A new log is also cut while it is made.
        let opened = self.acked > 0 || random.below(3) > 0;
        self.cut(&mut random, window, LIFE_MS, opened)?;
        self.finding.add(&format!("cuts with {window} under way"), 1);
        if random.below(3) == 0 {
            self.cut(&mut random, 1, RECOVERY_MS, false)?;
            self.finding.add("cuts while recovering", 1);
        }
        if random.below(5) == 0 {
            self.finding.add("cut again unseen", 1);
            return Ok(());
        }
        self.check(round)
    }

    /// Lets a writer live for up to `life_ms`, from its start or from when it has `opened`, and cuts the power.
    fn cut(&mut self, random: &mut Random, window: u64, life_ms: u64, opened: bool) -> Result<()> {
        let mut writer = Writer::start(&mut self.bench.write(&self.live.folder().join("data"), window))?;
        if opened {
            writer.until(|told| told.opened.is_some())?;
        }
        std::thread::sleep(random.up_to_ms(life_ms));
        writer.stop(random.below(2) == 0)?;
        self.images += 1;
        let (folder, name) = (&self.bench.memory, format!("image-{}", self.images));
        let cut = self.live.cut(folder, &name, &folder.join("before.img"))?;
        let told = writer.kill()?;
        self.live = cut;
        self.finding.add("commits acked", told.acked.len() as u64);
        self.acked = self.acked.max(told.commits());
        if let Some(error) = told.error {
            self.finding.fail(format!("the writer said: {error}"));
        }
        Ok(())
    }

    fn check(&mut self, round: u32) -> Result<()> {
        let found = self.bench.check(&self.live.folder().join("data"), &["--leave"])?;
        if let Some(broken) = found.broken_promise(self.acked) {
            let kept = self.bench.memory.join("before.img");
            self.finding.fail(format!("round {round}: {broken}; the disk after the cut: {}", kept.display()));
        }
        self.finding.add("checked", 1);
        self.finding.add("commits beyond the last answer", found.commits.saturating_sub(self.acked));
        self.acked = self.acked.max(found.commits);
        Ok(())
    }
}
