//! Aggregates in memory, ahead of the log by what is submitted and not yet durable.
//!
//! The writer takes commits in the order of submission and stops for good at the first failure, so deciding
//! on a state that is ahead is safe as long as no answer leaves before the log has caught up.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ids::StreamVersion;
use domain::{Expected, State, StreamId};
use journal::{Journal, ReadError};
use lru::LruCache;

use crate::decode::{DecodeFault, decode};

const SHARDS: usize = 64;
const AGGREGATES_PER_SHARD: NonZeroUsize = NonZeroUsize::new(1024).expect("not 0");
const EVENTS_PER_READ: usize = 4096;

/// Why an aggregate could not be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// This build knows no such kind of aggregate.
    #[error("unknown kind of stream `{0}`")]
    UnknownCategory(StreamId),
    /// The log could not be read.
    #[error("stream could not be read")]
    Read(#[from] ReadError),
    /// An event of the stream could not be read.
    #[error("stream could not be folded")]
    Decode(#[from] DecodeFault),
}

/// One aggregate: its state and last version, both as of the last submission.
pub(crate) struct Aggregate {
    pub(crate) state: State,
    pub(crate) version: Option<StreamVersion>,
    /// Commits submitted whose answer has not come.
    pub(crate) in_flight: u32,
    /// Set when a submission failed: whoever holds it loads it again.
    pub(crate) stale: bool,
}

impl Aggregate {
    /// What whoever decided on it expects of its stream.
    pub(crate) fn expected(&self) -> Expected {
        self.version.map_or(Expected::None, Expected::Exact)
    }
}

pub(crate) type Slot = Arc<Mutex<Aggregate>>;

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere leaves the value as it was between two statements, which every user of it tolerates.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The aggregates in use, least recently used ones dropped.
pub(crate) struct Aggregates {
    shards: Vec<Mutex<LruCache<StreamId, Slot>>>,
}

impl Aggregates {
    pub(crate) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::new(LruCache::new(AGGREGATES_PER_SHARD))).collect() }
    }
    fn shard(&self, stream: StreamId) -> MutexGuard<'_, LruCache<StreamId, Slot>> {
        // The low bits of a ULID are random.
        let low = stream.to_bytes()[StreamId::LEN - 1];
        lock(&self.shards[usize::from(low) % SHARDS])
    }
    pub(crate) fn get(&self, stream: StreamId) -> Option<Slot> {
        self.shard(stream).get(&stream).cloned()
    }
    /// Puts a loaded aggregate in, unless another loader was first.
    pub(crate) fn put(&self, stream: StreamId, loaded: Aggregate) -> Slot {
        let mut shard = self.shard(stream);
        if let Some(slot) = shard.get(&stream) {
            return slot.clone();
        }
        // An aggregate with commits in flight must stay: a second copy loaded from the log would lag behind.
        let evicted = shard.push(stream, Arc::new(Mutex::new(loaded)));
        if let Some((old, slot)) = evicted
            && old != stream
            && Arc::strong_count(&slot) > 1
        {
            lock(&slot).stale = true;
        }
        shard.get(&stream).cloned().expect("it was put in under this lock")
    }
    /// Forgets an aggregate whose submission failed.
    pub(crate) fn drop_stale(&self, stream: StreamId, slot: &Slot) {
        lock(slot).stale = true;
        let mut shard = self.shard(stream);
        if shard.peek(&stream).is_some_and(|held| Arc::ptr_eq(held, slot)) {
            shard.pop(&stream);
        }
    }
}

/// Folds a stream from the log.
pub(crate) fn load(journal: &Journal, stream: StreamId) -> Result<Aggregate, LoadError> {
    let mut state = State::initial(stream.category).ok_or(LoadError::UnknownCategory(stream))?;
    let mut version = None;
    loop {
        let from = version.map_or(StreamVersion(0), |StreamVersion(last)| StreamVersion(last + 1));
        let records = journal.read_stream(stream, from, EVENTS_PER_READ)?;
        for record in &records {
            state.evolve(&decode(record)?.event);
            version = Some(record.version());
        }
        if records.len() < EVENTS_PER_READ {
            return Ok(Aggregate { state, version, in_flight: 0, stale: false });
        }
    }
}
