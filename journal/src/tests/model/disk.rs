//! A store whose process can crash: what was synced stays, what was not may go; the index may lag or be lost.

use std::sync::{Arc, Mutex};

use domain::StreamId;
use domain::ids::{CommitId, Position};
use domain::values::Timestamp;

use crate::error::ReadError;
use crate::group::Tail;
use crate::index::Generation;
use crate::options::LogIdentity;
use crate::store::memory::MemoryStore;
use crate::store::{Store, StoreError, StoredBlock};
use crate::tests::kit::NOW;

#[derive(Default)]
struct Saved {
    identity: Option<LogIdentity>,
    durable: Vec<StoredBlock>,
    /// Groups that are written and not synced.
    pending: Vec<Vec<StoredBlock>>,
    index: Vec<Generation>,
    fails: bool,
}

/// What outlives the process.
#[derive(Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<Saved>>);

impl Disk {
    pub(crate) fn open(&self) -> CrashingStore {
        let inner = MemoryStore::new(Timestamp::from_millis(NOW));
        let mut saved = self.0.lock().unwrap();
        let identity = saved.identity.get_or_insert_with(|| inner.identity()).clone();
        inner.append(&saved.durable).unwrap();
        for generation in &saved.index {
            inner.index(generation).unwrap();
        }
        let end = saved.durable.last().map_or(0, |block| {
            block.first + u64::from(crate::block::decode_header(&block.bytes).unwrap().count)
        });
        let indexed_to = saved.index.last().map_or(0, Generation::end);
        CrashingStore { inner, disk: self.clone(), identity, end, indexed_to }
    }

    /// What was written and not synced stays whole, or is gone; with it, sometimes, the index.
    pub(crate) fn crash(&self, keeps: bool) {
        let mut saved = self.0.lock().unwrap();
        saved.fails = false;
        let pending = std::mem::take(&mut saved.pending);
        if keeps {
            saved.durable.extend(pending.into_iter().flatten());
        } else {
            let half = saved.index.len() / 2;
            saved.index.truncate(half);
        }
    }

    pub(crate) fn fail_next_sync(&self) {
        self.0.lock().unwrap().fails = true;
    }
}

pub(crate) struct CrashingStore {
    inner: MemoryStore,
    disk: Disk,
    identity: LogIdentity,
    end: u64,
    indexed_to: u64,
}

impl Store for CrashingStore {
    fn identity(&self) -> LogIdentity {
        self.identity.clone()
    }
    fn notes(&self) -> Vec<String> {
        self.inner.notes()
    }
    fn end(&self) -> u64 {
        self.end
    }
    fn append(&self, blocks: &[StoredBlock]) -> Result<(), StoreError> {
        self.disk.0.lock().unwrap().pending.push(blocks.to_vec());
        self.inner.append(blocks)
    }
    fn sync(&self) -> Result<(), StoreError> {
        let mut saved = self.disk.0.lock().unwrap();
        if saved.fails {
            return Err(StoreError("the disk is gone".into()));
        }
        let pending = std::mem::take(&mut saved.pending);
        saved.durable.extend(pending.into_iter().flatten());
        Ok(())
    }
    fn floor(&self, position: u64) -> Result<Option<StoredBlock>, ReadError> {
        self.inner.floor(position)
    }
    fn ceiling(&self, position: u64) -> Result<Option<StoredBlock>, ReadError> {
        self.inner.ceiling(position)
    }
    fn following(&self, position: u64, max_bytes: usize) -> Result<Vec<StoredBlock>, ReadError> {
        self.inner.following(position, max_bytes)
    }
    fn find_commit(&self, commit: CommitId) -> Result<Option<Position>, StoreError> {
        self.inner.find_commit(commit)
    }
    fn find_stream(&self, stream: StreamId) -> Result<Option<Tail>, StoreError> {
        self.inner.find_stream(stream)
    }
    fn index(&self, generation: &Generation) -> Result<(), StoreError> {
        self.disk.0.lock().unwrap().index.push(generation.clone());
        self.inner.index(generation)
    }
    fn indexed_to(&self) -> u64 {
        self.indexed_to
    }
}
