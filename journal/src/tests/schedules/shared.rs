//! What the writer shares, over a store that is a list and fails when it is told to.

use std::sync::Mutex as Plain;
use std::time::Duration;

use domain::ids::Position;
use tokio::sync::watch;

use super::in_flight::InFlight;
use super::queue::Queue;
use super::sync::{Arc, AtomicU8, Condvar, Mutex, OnceLock, Ordering};
use super::writer::Stage;
use crate::block::Block;
use crate::index::Entries;
use crate::options::Options;
use crate::store::{StoreError, StoredBlock};

/// Which call of the store fails, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fails {
    Never,
    AppendAt(u32),
    SyncAt(u32),
    /// The sync comes back only once it is let go.
    HangsAt(u32),
}

#[derive(Default)]
struct Calls {
    appends: u32,
    syncs: u32,
    failed: bool,
    after: u32,
    /// First free position of what was appended, and of what is durable.
    appended: u64,
    synced: u64,
}

/// Counts calls; every call is a point at which others may run.
pub(crate) struct Store {
    fails: Fails,
    calls: Plain<Calls>,
    /// Whether a sync hangs, and whether it was let go.
    gate: Mutex<(bool, bool)>,
    moved: Condvar,
    point: AtomicU8,
}

impl Store {
    /// A point at which others may run. Not a yield: then they always would.
    fn others(&self) {
        self.point.load(Ordering::SeqCst);
    }
    pub(crate) fn append(&self, blocks: &[StoredBlock]) -> Result<(), StoreError> {
        self.others();
        let mut calls = self.calls.lock().unwrap();
        calls.appends += 1;
        calls.after += u32::from(calls.failed);
        if self.fails == Fails::AppendAt(calls.appends) {
            calls.failed = true;
            return Err(StoreError("append failed".into()));
        }
        for block in blocks {
            assert_eq!(block.first, calls.appended, "groups are written in order");
            calls.appended += u64::from(block.bytes[0]);
        }
        Ok(())
    }
    pub(crate) fn sync(&self) -> Result<(), StoreError> {
        self.others();
        let number = {
            let mut calls = self.calls.lock().unwrap();
            calls.syncs += 1;
            calls.after += u32::from(calls.failed);
            calls.failed |= self.fails == Fails::SyncAt(calls.syncs);
            calls.syncs
        };
        match self.fails {
            Fails::SyncAt(at) if at == number => Err(StoreError("fdatasync failed".into())),
            Fails::HangsAt(at) if at == number => {
                let mut gate = self.gate.lock().unwrap();
                gate.0 = true;
                self.moved.notify_all();
                while !gate.1 {
                    gate = self.moved.wait(gate).unwrap();
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// As [`crate::shared::Shared`], as far as the writer needs it.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) queue: Queue,
    pub(crate) stage: Stage,
    pub(crate) in_flight: InFlight,
    pub(crate) watermark: watch::Sender<Option<Position>>,
    pub(crate) cache: Ignores,
    pub(crate) index: Ignores,
    poisoned: OnceLock<String>,
}

/// Takes what readers would read.
pub(crate) struct Ignores;

impl Ignores {
    #[expect(clippy::unused_self, reason = "it stands in for the block cache")]
    pub(crate) fn put(&self, _: Arc<Block>) {}
    #[expect(clippy::unused_self, reason = "it stands in for the index")]
    pub(crate) fn add(&self, _: Entries) {}
}

impl Shared {
    pub(super) fn new(fails: Fails) -> Self {
        let (gate, moved) = (Mutex::new((false, false)), Condvar::new());
        Self {
            store: Store { fails, calls: Plain::default(), gate, moved, point: AtomicU8::new(0) },
            queue: Queue::new(&Options { group_commits: 2, ..Options::default() }),
            stage: Stage::new(0, None),
            in_flight: InFlight::default(),
            watermark: watch::Sender::new(None),
            cache: Ignores,
            index: Ignores,
            poisoned: OnceLock::new(),
        }
    }
    pub(crate) fn poison(&self, reason: &str) {
        let _ = self.poisoned.set(reason.to_owned());
        self.store.calls.lock().unwrap().failed = true;
    }
    pub(crate) fn poisoned(&self) -> Option<String> {
        self.poisoned.get().cloned()
    }
    pub(crate) fn count_group(&self, _: usize, _: Duration) {
        // The group that was synced is the one that is published next.
        let mut calls = self.store.calls.lock().unwrap();
        calls.synced = calls.appended;
    }
    pub(super) fn is_synced(&self, position: Position) -> bool {
        self.store.calls.lock().unwrap().synced > position.0
    }
    /// Events that are durable.
    pub(super) fn stored(&self) -> u64 {
        self.store.calls.lock().unwrap().synced
    }
    pub(super) fn calls_after_failure(&self) -> u32 {
        self.store.calls.lock().unwrap().after
    }
    pub(super) fn wait_for_hang(&self) {
        let mut gate = self.store.gate.lock().unwrap();
        while !gate.0 {
            gate = self.store.moved.wait(gate).unwrap();
        }
    }
    pub(super) fn is_let_go(&self) -> bool {
        self.store.gate.lock().unwrap().1
    }
    pub(super) fn let_go(&self) {
        self.store.gate.lock().unwrap().1 = true;
        self.store.moved.notify_all();
    }
}
