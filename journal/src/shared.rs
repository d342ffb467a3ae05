//! What the handle, the writer and the index thread share.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use domain::ids::Position;
use tokio::sync::watch;

use crate::cache::BlockCache;
use crate::error::{OpenError, ReadError};
use crate::index::Index;
use crate::options::{LogIdentity, Options};
use crate::queue::Queue;
use crate::read::Walks;
use crate::status::{Counters, LogStatus};
use crate::store::Store;
use crate::tiles::Tiles;

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
    pub(crate) watermark: watch::Sender<Option<Position>>,
    counters: Mutex<Counters>,
    poisoned: OnceLock<String>,
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
            counters: Mutex::new(Counters::new()),
            poisoned: OnceLock::new(),
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
            if !self.options.read_only {
                self.index.write_full(self.store.as_ref());
            }
        }
        Ok(())
    }

    pub(crate) fn poison(&self, reason: &str) {
        if self.poisoned.set(reason.to_owned()).is_ok() {
            tracing::error!(reason, "the log's writer stopped; reads go on");
        }
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
        }
    }
}
