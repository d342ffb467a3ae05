//! T03, T04, T05: power cuts that lose, keep, reorder and tear what was written and not flushed.
//!
//! The writer works on a file system whose disk remembers every write and flush. A cut may come after any of
//! them: what was flushed is there, and of everything after it an arbitrary part, down to single sectors.

use std::path::Path;

use anyhow::Result;

use super::driver::{Found, Told, Writer};
use super::image::{self, Image};
use super::random::Random;
use super::recorder::{Operation, Recorder};
use super::report::Finding;
use super::{Bench, Drill};

pub(crate) const DRILL: Drill =
    Drill { name: "lost", what: "power cuts that lose and tear unflushed writes", short: 20, long: 500, run };

/// Cuts of one recording.
const CUTS: u32 = 20;
/// Recordings that go on from what the last cut of the one before left.
const CHAIN: u32 = 3;
const SECTOR: usize = 512;
/// The first block of the file system holds its superblock; disks write such a block whole.
const SUPERBLOCK: usize = 4_096;
/// What reaches the file in one piece; holes stay holes.
const CHUNK: usize = 1 << 16;
static ZEROES: [u8; CHUNK] = [0; CHUNK];

fn run(bench: &Bench) -> Result<Finding> {
    let mut finding = Finding::default();
    let mut base = Vec::new();
    let mut acked = 0;
    for recording in 0..bench.rounds.div_ceil(CUTS) {
        if recording % CHAIN == 0 {
            acked = 0;
            base = match image::blank(&bench.memory) {
                Ok(image) => image,
                Err(error) => return Ok(Finding::skipped(format!("needs root and mkfs.ext4: {error:#}"))),
            };
        }
        let mut random = bench.random(recording * CUTS);
        let recorded = match record(bench, &base, &mut random) {
            Ok(recorded) => recorded,
            Err(error) if recording == 0 => {
                return Ok(Finding::skipped(format!("needs root, FUSE and loop devices: {error:#}")));
            }
            Err(error) => return Err(error),
        };
        let cuts = CUTS.min(bench.rounds - recording * CUTS);
        let mut session =
            Session { bench, finding: &mut finding, recorded: &recorded, acked, durable: base, flushed: 0 };
        session.cuts(cuts, recording, &mut random)?;
        (base, acked) = (session.durable, session.acked);
        if !finding.failures.is_empty() {
            break;
        }
    }
    Ok(finding)
}

/// What a writer did to its disk.
struct Recorded {
    operations: Vec<Operation>,
    told: Told,
}

fn record(bench: &Bench, base: &[u8], random: &mut Random) -> Result<Recorded> {
    let recorder = Recorder::start(&bench.memory.join("recorder"), base.to_vec())?;
    let image = Image::mount(recorder.file(), bench.memory.join("recorded"))?;
    let (window, commits) = *random.pick(&[(1, 60), (10, 400), (100, 1_500)]);
    let mut command = bench.write(&image.folder().join("data"), window);
    if random.below(2) == 0 {
        command.arg("--leave");
    }
    let told =
        Writer::marked(command.args(["--commits", &commits.to_string()]), recorder.counter())?.ended()?;
    let operations = recorder.operations();
    drop(image);
    Ok(Recorded { operations, told })
}

struct Session<'a> {
    bench: &'a Bench,
    finding: &'a mut Finding,
    recorded: &'a Recorded,
    /// Commits that must be there before the first operation.
    acked: u64,
    /// What is on the disk for certain after the first `flushed` operations.
    durable: Vec<u8>,
    flushed: usize,
}

impl Session<'_> {
    /// Cuts in the order of their moments; the last one is what the next recording goes on from.
    fn cuts(&mut self, cuts: u32, recording: u32, random: &mut Random) -> Result<()> {
        let operations = &self.recorded.operations;
        let mut moments: Vec<u64> = (0..cuts).map(|_| random.below(operations.len() as u64 + 1)).collect();
        moments.sort_unstable();
        let before = self.acked;
        if recording == 0 {
            self.control()?;
        }
        for (nth, moment) in moments.into_iter().enumerate() {
            let moment = usize::try_from(moment)?;
            self.flush_until(moment);
            let left = self.left(moment, random);
            let acked = before.max(self.recorded.told.commits_by(moment));
            let what =
                format!("recording {recording}, cut {nth} after operation {moment} of {}", operations.len());
            self.check(&left, acked, &what)?;
            if nth + 1 == cuts as usize {
                (self.durable, self.acked) = (left, acked);
            }
        }
        self.finding.add("commits acked", self.recorded.told.acked.len() as u64);
        self.finding.add("disk operations", operations.len() as u64);
        if let Some(error) = &self.recorded.told.error {
            self.finding.fail(format!("recording {recording}: the writer said: {error}"));
        }
        Ok(())
    }

    /// A disk that keeps nothing must be seen to lose something: else a drill that passes says nothing.
    fn control(&mut self) -> Result<()> {
        let found = self.look(&self.durable)?;
        if found.broken_promise(self.recorded.told.commits()).is_none() {
            self.finding.fail("a disk that kept nothing was taken for sound".into());
        }
        self.finding.add("controls seen to fail", 1);
        Ok(())
    }

    /// Applies everything up to the last flush before `moment`.
    fn flush_until(&mut self, moment: usize) {
        let operations = &self.recorded.operations[..moment];
        let flush =
            operations.iter().rposition(|operation| *operation == Operation::Flush).map_or(0, |at| at + 1);
        for operation in operations.get(self.flushed..flush).unwrap_or_default() {
            if let Operation::Write { at, bytes } = operation {
                self.durable[*at..*at + bytes.len()].copy_from_slice(bytes);
            }
        }
        self.flushed = self.flushed.max(flush);
    }

    /// The disk after a cut at `moment`: what was not flushed is there in part.
    fn left(&self, moment: usize, random: &mut Random) -> Vec<u8> {
        let mut image = self.durable.clone();
        // All gone, all there, or any part: of every write, and of every sector of it.
        let (writes, sectors) =
            *random.pick(&[(0, 0), (100, 100), (50, 100), (90, 100), (10, 100), (60, 50), (95, 90)]);
        for operation in &self.recorded.operations[self.flushed..moment] {
            let Operation::Write { at, bytes } = operation else { continue };
            if random.below(100) >= writes {
                continue;
            }
            let mut kept = true;
            for (nth, sector) in bytes.chunks(SECTOR).enumerate() {
                let start = at + nth * SECTOR;
                // The superblock is there whole or not at all: of a torn one ext4 itself says that it is lost.
                if nth == 0 || start >= SUPERBLOCK {
                    kept = random.below(100) < sectors;
                }
                if kept {
                    image[start..start + sector.len()].copy_from_slice(sector);
                }
            }
        }
        image
    }

    fn look(&self, left: &[u8]) -> Result<Found> {
        let file = self.bench.memory.join("left.img");
        write_sparse(&file, left)?;
        let image = Image::mount(file, self.bench.memory.join("left"))?;
        self.bench.check(&image.folder().join("data"), &["--leave"])
    }

    fn check(&mut self, left: &[u8], acked: u64, what: &str) -> Result<()> {
        let found = self.look(left)?;
        self.finding.add("cuts", 1);
        self.finding.add("commits beyond the last answer", found.commits.saturating_sub(acked));
        if let Some(broken) = found.broken_promise(acked) {
            let kept = self.bench.disk.join(format!("left-{}.img", self.finding.failures.len()));
            write_sparse(&kept, left)?;
            self.finding.fail(format!("{what}: {broken}; the disk: {}", kept.display()));
        }
        Ok(())
    }
}

fn write_sparse(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::os::unix::fs::FileExt;
    let file = std::fs::File::create(path)?;
    file.set_len(bytes.len() as u64)?;
    for (nth, chunk) in bytes.chunks(CHUNK).enumerate() {
        if *chunk != ZEROES[..chunk.len()] {
            file.write_all_at(chunk, (nth * CHUNK) as u64)?;
        }
    }
    Ok(())
}
