//! Where commits and streams stand, kept out of the commit path: in memory first, in the store a little later.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use domain::StreamId;
use domain::ids::{CommitId, Position};

use crate::block::Block;
use crate::error::ReadError;
use crate::group::Tail;
use crate::shared::Shared;
use crate::store::{Store, StoreError};

/// Entries after which a generation is handed to the store.
const GENERATION_ENTRIES: usize = 32 * 1024;
/// Generations in memory before the writer waits for the store.
const MAX_FROZEN: usize = 12;
/// How far the stored index may be behind.
const LAG: Duration = Duration::from_millis(900);

/// By ids: their hashes are seeded anew for every map and shown to nobody.
pub(crate) type ById<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// What a group adds to the index; no commit and no stream comes twice.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    /// Position of each commit's first event.
    pub(crate) commits: Vec<(CommitId, Position)>,
    /// Last event of each stream.
    pub(crate) streams: Vec<(StreamId, Tail)>,
    /// The first position after them.
    pub(crate) end: u64,
}

/// Index entries of consecutive positions.
#[derive(Debug, Default, Clone)]
pub(crate) struct Generation {
    commits: ById<CommitId, Position>,
    /// The greatest id of a commit: most that are looked for were made later, and lie above it.
    greatest: Option<CommitId>,
    streams: ById<StreamId, Tail>,
    end: u64,
}

impl Generation {
    /// None yet, with the room that the one before took.
    fn after(before: &Self) -> Self {
        Self {
            commits: ById::with_capacity_and_hasher(before.commits.len(), Default::default()),
            greatest: None,
            streams: ById::with_capacity_and_hasher(before.streams.len(), Default::default()),
            end: before.end,
        }
    }
    /// The first position that is not indexed.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }
    pub(crate) fn len(&self) -> usize {
        self.commits.len() + self.streams.len()
    }
    /// Position of each commit's first event.
    pub(crate) fn commits(&self) -> &ById<CommitId, Position> {
        &self.commits
    }
    /// Last event of each stream.
    pub(crate) fn streams(&self) -> &ById<StreamId, Tail> {
        &self.streams
    }
    fn commit(&self, commit: CommitId) -> Option<Position> {
        if Some(commit) > self.greatest { None } else { self.commits.get(&commit).copied() }
    }
    pub(crate) fn add(&mut self, entries: Entries) {
        self.greatest = self.greatest.max(entries.commits.iter().map(|(commit, _)| *commit).max());
        self.commits.extend(entries.commits);
        self.streams.extend(entries.streams);
        self.end = entries.end;
    }
    /// Adds the events of `block` from position `from`.
    pub(crate) fn add_block(&mut self, block: &Block, from: u64) {
        let skip = usize::try_from(from.saturating_sub(block.first().0)).unwrap_or(usize::MAX);
        for record in block.records_from(skip) {
            if record.commit_index() == 0 {
                self.greatest = self.greatest.max(Some(record.commit()));
                self.commits.insert(record.commit(), record.position());
            }
            self.streams.insert(record.stream(), Tail::of(&record));
        }
        self.end = block.end();
    }
}

#[derive(Default)]
struct Overlay {
    active: Generation,
    /// Oldest first; each leaves once the store has it.
    frozen: VecDeque<Arc<Generation>>,
}

#[derive(Default)]
struct Signal {
    work: bool,
    finish: bool,
    abandon: bool,
    failure: Option<String>,
}

/// The overlay before the stored index.
pub(crate) struct Index {
    overlay: RwLock<Overlay>,
    signal: Mutex<Signal>,
    wake: Condvar,
    written: Condvar,
}

impl Index {
    pub(crate) fn new(indexed_to: u64) -> Self {
        let active = Generation { end: indexed_to, ..Generation::default() };
        let overlay = RwLock::new(Overlay { active, frozen: VecDeque::new() });
        Self { overlay, signal: Mutex::default(), wake: Condvar::new(), written: Condvar::new() }
    }

    /// Position of the commit's first event.
    pub(crate) fn commit(&self, store: &dyn Store, commit: CommitId) -> Result<Option<Position>, ReadError> {
        let recent = self.recent(|generation| generation.commit(commit));
        if recent.is_some() { Ok(recent) } else { Ok(store.find_commit(commit)?) }
    }

    /// The stream's last event.
    pub(crate) fn stream(&self, store: &dyn Store, stream: StreamId) -> Result<Option<Tail>, ReadError> {
        let recent = self.recent(|generation| generation.streams.get(&stream).copied());
        if recent.is_some() { Ok(recent) } else { Ok(store.find_stream(stream)?) }
    }

    fn recent<T>(&self, find: impl Fn(&Generation) -> Option<T>) -> Option<T> {
        let overlay = self.overlay.read().unwrap_or_else(PoisonError::into_inner);
        find(&overlay.active).or_else(|| overlay.frozen.iter().rev().find_map(|frozen| find(frozen)))
    }

    pub(crate) fn add_block(&self, block: &Block, from: u64) {
        self.overlay.write().unwrap_or_else(PoisonError::into_inner).active.add_block(block, from);
    }

    /// Adds what was just made durable. Waits where the store is far behind, so that memory stays bounded.
    pub(crate) fn add(&self, entries: Entries) {
        let frozen = {
            let mut overlay = self.overlay.write().unwrap_or_else(PoisonError::into_inner);
            overlay.active.add(entries);
            if overlay.active.len() < GENERATION_ENTRIES {
                return;
            }
            freeze(&mut overlay);
            overlay.frozen.len()
        };
        let mut signal = self.signal();
        signal.work = true;
        self.wake.notify_one();
        if frozen > MAX_FROZEN {
            let behind = |signal: &mut Signal| signal.work && signal.failure.is_none();
            drop(self.written.wait_while(signal, behind).unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Hands full generations to the store on the calling thread; the first failure is kept.
    pub(crate) fn write_full(&self, store: &dyn Store) {
        let full =
            self.overlay.read().unwrap_or_else(PoisonError::into_inner).active.len() >= GENERATION_ENTRIES;
        if full {
            self.write(store);
        }
    }

    /// Hands everything to the store; gives the first position that is not indexed.
    fn write(&self, store: &dyn Store) {
        freeze(&mut self.overlay.write().unwrap_or_else(PoisonError::into_inner));
        while self.failure().is_none() {
            let oldest = self.overlay.read().unwrap_or_else(PoisonError::into_inner).frozen.front().cloned();
            let Some(oldest) = oldest else { return };
            match store.index(&oldest) {
                Ok(()) => {
                    self.overlay.write().unwrap_or_else(PoisonError::into_inner).frozen.pop_front();
                }
                Err(error) => self.fail(&error),
            }
        }
    }

    fn fail(&self, error: &StoreError) {
        self.signal().failure.get_or_insert(error.to_string());
    }

    /// Why the stored index stays behind.
    pub(crate) fn failure(&self) -> Option<String> {
        self.signal().failure.clone()
    }

    /// Lets the thread write everything and end.
    pub(crate) fn finish(&self) {
        self.signal().finish = true;
        self.wake.notify_one();
    }

    /// Lets the thread end without writing, as a crash would.
    #[cfg(test)]
    pub(crate) fn abandon(&self) {
        self.signal().abandon = true;
    }

    fn signal(&self) -> MutexGuard<'_, Signal> {
        self.signal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for work, at most [`LAG`]; gives whether to finish, or `None` to end at once.
    fn wait(&self) -> Option<bool> {
        let idle = |signal: &mut Signal| !signal.work && !signal.finish && !signal.abandon;
        let (mut signal, _) =
            self.wake.wait_timeout_while(self.signal(), LAG, idle).unwrap_or_else(PoisonError::into_inner);
        signal.work = false;
        (!signal.abandon).then_some(signal.finish)
    }
}

fn freeze(overlay: &mut Overlay) {
    if overlay.active.len() > 0 {
        let empty = Generation::after(&overlay.active);
        overlay.frozen.push_back(Arc::new(std::mem::replace(&mut overlay.active, empty)));
    }
}

/// Starts the thread that writes the index behind the commits.
pub(crate) fn spawn(shared: &Arc<Shared>) -> JoinHandle<()> {
    let shared = Arc::clone(shared);
    let guarded = move || {
        // A writer that waits for this thread must not wait for ever.
        if catch_unwind(AssertUnwindSafe(|| run(&shared))).is_err() {
            let error = StoreError("the storage engine panicked".into());
            shared.index.fail(&error);
            shared.poison(&format!("the index could not be written: {error}"));
            shared.index.written.notify_all();
        }
    };
    let name = "journal-index".to_owned();
    std::thread::Builder::new().name(name).spawn(guarded).expect("the system has a thread left")
}

fn run(shared: &Shared) {
    while let Some(finish) = shared.index.wait() {
        if let Some(reason) = shared.poisoned() {
            // What failed is not written to again, not even to leave it tidy.
            shared.index.fail(&StoreError(format!("the writer stopped: {reason}")));
            shared.index.written.notify_all();
            return;
        }
        if shared.is_critical() {
            // Appends are refused meanwhile, so that what waits here does not grow.
            shared.index.written.notify_all();
            if finish {
                return;
            }
            continue;
        }
        shared.index.write(shared.store.as_ref());
        shared.index.written.notify_all();
        if let Some(reason) = shared.index.failure() {
            // Without the store the overlay would grow without bound.
            shared.poison(&format!("the index could not be written: {reason}"));
            return;
        }
        if finish {
            if let Err(error) = shared.store.settle() {
                shared.poison(&error.to_string());
            }
            return;
        }
    }
}
