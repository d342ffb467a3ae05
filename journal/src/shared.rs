//! What the handle, the writer and the index thread share.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use domain::ids::Position;
use tokio::sync::watch;

use crate::cache::BlockCache;
use crate::error::{OpenError, ReadError};
use crate::in_flight::InFlight;
use crate::index::Index;
use crate::options::{LogIdentity, Options};
use crate::queue::Queue;
use crate::read::Walks;
use crate::space::{Full, Space};
use crate::status::{Counters, LogStatus, Signs};
use crate::store::Store;
use crate::tiles::Tiles;
use crate::watchdog::Leash;
use crate::writer::Stage;

pub(crate) struct Shared {
    pub(crate) store: Box<dyn Store>,
    pub(crate) tiles: Tiles,
    pub(crate) identity: LogIdentity,
    pub(crate) notes: Vec<String>,
    pub(crate) options: Options,
    pub(crate) queue: Queue,
    pub(crate) cache: BlockCache,
    pub(crate) walks: Walks,
    pub(crate) index: Index,
    pub(crate) stage: Stage,
    pub(crate) watermark: watch::Sender<Option<Position>>,
    pub(crate) in_flight: InFlight,
    pub(crate) leash: Leash,
    counters: Mutex<Counters>,
    poisoned: OnceLock<String>,
    /// Tells those who wait for a failure.
    failure: watch::Sender<Option<String>>,
}

impl Shared {
    pub(crate) fn new(store: Box<dyn Store>, tiles: Tiles, options: Options) -> Result<Self, OpenError> {
        let identity = store.identity();
        let mut notes = store.notes();
        notes.extend_from_slice(&tiles.notes);
        let shared = Self {
            identity,
            queue: Queue::new(&options),
            cache: BlockCache::new(options.block_cache_bytes),
            walks: Walks::default(),
            index: Index::new(store.indexed_to()),
            watermark: watch::Sender::new(store.end().checked_sub(1).map(Position)),
            in_flight: InFlight::default(),
            leash: Leash::default(),
            stage: Stage::new(store.end(), options.fence.clone()),
            counters: Mutex::new(Counters::new()),
            poisoned: OnceLock::new(),
            failure: watch::Sender::new(None),
            notes,
            tiles,
            store,
            options,
        };
        match shared.rebuild_index() {
            Err(error) if !shared.options.read_only => Err(error.into()),
            _ => Ok(shared),
        }
    }

    /// Indexes what was appended after the last write of the index.
    fn rebuild_index(&self) -> Result<(), ReadError> {
        let end = self.store.end();
        let mut next = self.store.indexed_to();
        while next < end {
            let block = self.block_at(Position(next))?;
            self.index.add_block(&block, next);
            next = block.end();
            if !self.options.read_only && !self.is_critical() {
                self.index.write_full(self.store.as_ref());
            }
        }
        Ok(())
    }

    pub(crate) fn poison(&self, reason: &str) {
        if self.poisoned.set(reason.to_owned()).is_ok() {
            tracing::error!(reason, "the log's writer stopped; reads go on");
            self.store.abandon();
            self.failure.send_replace(Some(reason.to_owned()));
        }
    }
    pub(crate) fn failure(&self) -> watch::Receiver<Option<String>> {
        self.failure.subscribe()
    }
    /// Why there is no room for so many bytes.
    pub(crate) fn full(&self, bytes: u64) -> Option<Full> {
        self.store.space().and_then(|space| space.admit(bytes).err())
    }
    /// Whether what is written behind the commits has to wait for room on the disk.
    pub(crate) fn is_critical(&self) -> bool {
        self.store.space().is_some_and(Space::is_critical)
    }
    pub(crate) fn poisoned(&self) -> Option<String> {
        self.poisoned.get().cloned()
    }
    pub(crate) fn count_group(&self, bytes: usize, sync: Duration) {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner).group(bytes, sync);
    }
    pub(crate) fn status(&self) -> LogStatus {
        let counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        let durable = self.watermark.borrow().map_or(0, |last| last.0 + 1);
        let (queued_commits, queued_bytes) = self.queue.waiting();
        let space = self.store.space().map(Space::status);
        let writing = self.in_flight.age();
        let signs = Signs {
            last_sync: counters.last_sync(),
            writing,
            slow_sync: self.options.slow_sync,
            crowded: self.queue.is_crowded(),
            space,
        };
        LogStatus {
            log_id: self.identity.log_id,
            epoch: self.identity.epoch,
            watermark: *self.watermark.borrow(),
            durability: self.identity.durability,
            poisoned: self.poisoned(),
            checkpoint: self.tiles.status(durable),
            read_only: self.options.read_only,
            fsync: counters.fsync(),
            groups: counters.groups,
            bytes: counters.bytes,
            queued_bytes,
            queued_commits,
            writing_us: writing.map_or(0, |time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX)),
            space,
            degraded: signs.degraded(),
        }
    }
}
