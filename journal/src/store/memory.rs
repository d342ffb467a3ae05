//! Blocks in a map: for tests, and for logs that need not outlive the process.

use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock};

use bytes::Bytes;
use domain::StreamId;
use domain::ids::{CommitId, LogId, Position};
use domain::values::Timestamp;

use super::{Store, StoreError, StoredBlock};
use crate::error::ReadError;
use crate::group::Tail;
use crate::index::Generation;
use crate::lock::new_log_id;
use crate::options::LogIdentity;

pub(crate) struct MemoryStore {
    identity: LogIdentity,
    /// Events that were put into it before it is opened.
    end: u64,
    blocks: RwLock<BTreeMap<u64, Bytes>>,
    commits: RwLock<HashMap<CommitId, Position>>,
    streams: RwLock<HashMap<StreamId, Tail>>,
}

impl MemoryStore {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self::of(new_log_id(now))
    }

    pub(crate) fn of(log_id: LogId) -> Self {
        Self::in_epoch(log_id, 1)
    }

    pub(crate) fn in_epoch(log_id: LogId, epoch: u64) -> Self {
        Self {
            identity: LogIdentity { log_id, epoch, durability: "memory" },
            end: 0,
            blocks: RwLock::default(),
            commits: RwLock::default(),
            streams: RwLock::default(),
        }
    }

    /// With so many events in its blocks, which an opening finds.
    pub(crate) fn holding(self, end: u64) -> Self {
        Self { end, ..self }
    }
}

fn stored((first, bytes): (&u64, &Bytes)) -> StoredBlock {
    StoredBlock { first: *first, bytes: bytes.clone() }
}

impl Store for MemoryStore {
    fn identity(&self) -> LogIdentity {
        self.identity.clone()
    }
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
    fn end(&self) -> u64 {
        self.end
    }
    fn append(&self, blocks: &[StoredBlock]) -> Result<(), StoreError> {
        let mut held = self.blocks.write().unwrap_or_else(PoisonError::into_inner);
        held.extend(blocks.iter().map(|block| (block.first, block.bytes.clone())));
        Ok(())
    }
    fn sync(&self) -> Result<(), StoreError> {
        Ok(())
    }
    fn floor(&self, position: u64) -> Result<Option<StoredBlock>, ReadError> {
        let blocks = self.blocks.read().unwrap_or_else(PoisonError::into_inner);
        Ok(blocks.range(..=position).next_back().map(stored))
    }
    fn ceiling(&self, position: u64) -> Result<Option<StoredBlock>, ReadError> {
        let blocks = self.blocks.read().unwrap_or_else(PoisonError::into_inner);
        Ok(blocks.range(position..).next().map(stored))
    }
    fn following(&self, position: u64, max_bytes: usize) -> Result<Vec<StoredBlock>, ReadError> {
        let blocks = self.blocks.read().unwrap_or_else(PoisonError::into_inner);
        if !blocks.contains_key(&position) {
            return Ok(Vec::new());
        }
        let mut bytes = 0;
        let within = |block: &StoredBlock| {
            let before = bytes;
            bytes += block.bytes.len();
            before < max_bytes
        };
        Ok(blocks.range(position..).map(stored).take_while(within).collect())
    }
    fn find_commit(&self, commit: CommitId) -> Result<Option<Position>, StoreError> {
        Ok(self.commits.read().unwrap_or_else(PoisonError::into_inner).get(&commit).copied())
    }
    fn find_stream(&self, stream: StreamId) -> Result<Option<Tail>, StoreError> {
        Ok(self.streams.read().unwrap_or_else(PoisonError::into_inner).get(&stream).copied())
    }
    fn index(&self, generation: &Generation) -> Result<(), StoreError> {
        let mut commits = self.commits.write().unwrap_or_else(PoisonError::into_inner);
        commits.extend(generation.commits().iter().map(|(id, position)| (*id, *position)));
        let mut streams = self.streams.write().unwrap_or_else(PoisonError::into_inner);
        streams.extend(generation.streams().iter().map(|(id, tail)| (*id, *tail)));
        Ok(())
    }
    fn indexed_to(&self) -> u64 {
        0
    }
}
