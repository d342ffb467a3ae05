//! Random operations and crashes against a plain vector: the log must give the same answers.
//!
//! A seed decides everything. `WAYBILL_MODEL_SEEDS` says how many are tried, `WAYBILL_MODEL_FIRST` which is the
//! first; a failure names its seed.

mod disk;
mod operations;
mod plain;

use std::path::PathBuf;

use tempfile::TempDir;

use self::disk::Disk;
use self::operations::{Dice, Run};
use super::kit::{open, options};
use crate::Journal;
use crate::store::Store;

/// Seeds of an ordinary test run, on the store in memory.
const SEEDS: u64 = 150;
/// Of so many seeds one is tried on sled as well.
const ON_SLED: u64 = 25;

/// Where a log lives while it is closed, opened and crashed.
pub(super) enum Place {
    Memory(Disk),
    Sled(TempDir),
}

impl Place {
    fn open(&self) -> Journal {
        match self {
            Self::Memory(disk) => {
                let store = disk.open();
                // Their tree is built anew from the log at each opening, and must be the same.
                let tiles = crate::tiles::in_memory(&store.identity());
                Journal::start(Box::new(store), tiles, options()).unwrap()
            }
            Self::Sled(dir) => open(dir.path()),
        }
    }
    /// Ends the process as it were. What was written and not synced may be lost, or not.
    fn crash(&self, journal: Journal, keeps: bool) {
        journal.shared().index.abandon();
        drop(journal);
        if let Self::Memory(disk) = self {
            disk.crash(keeps);
        }
    }
    fn fail_next_sync(&self) -> bool {
        match self {
            Self::Memory(disk) => {
                disk.fail_next_sync();
                true
            }
            Self::Sled(_) => false,
        }
    }
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// Names the seed of a failure.
struct Seed(u64, &'static str);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the model differs: WAYBILL_MODEL_FIRST={} WAYBILL_MODEL_SEEDS=1 ({})", self.0, self.1);
        }
    }
}

fn seeds() -> std::ops::Range<u64> {
    let first = number("WAYBILL_MODEL_FIRST", 1);
    first..first + number("WAYBILL_MODEL_SEEDS", SEEDS)
}

#[test]
fn a_log_in_memory_answers_as_a_vector_does() {
    for seed in seeds() {
        let _named = Seed(seed, "memory");
        Run::new(Place::Memory(Disk::default()), Dice::new(seed)).live(60);
    }
}

#[test]
fn a_log_on_sled_answers_as_a_vector_does() {
    let seeds = seeds();
    for seed in seeds.clone().filter(|seed| seed % ON_SLED == 0 || seeds.end - seeds.start == 1) {
        let _named = Seed(seed, "sled");
        let dir = tempfile::tempdir_in(scratch()).unwrap();
        Run::new(Place::Sled(dir), Dice::new(seed)).live(60);
    }
}

/// Memory where there is some: thousands of logs wear a disk out, and no power is cut here.
fn scratch() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}
