//! What the log needs of a storage engine, and the engines.

mod engine;
mod filter;
#[cfg(test)]
mod leaves;
mod manifest;
pub(crate) mod memory;
mod merge;
mod parts;
pub(crate) mod raw;
mod reach;
mod runs;
pub(crate) mod sled;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use domain::StreamId;
use domain::ids::{CommitId, Position};

use crate::error::ReadError;
use crate::group::Tail;
use crate::index::Generation;
use crate::options::LogIdentity;
use crate::space::Space;

/// A whole block as stored, its parts joined.
#[derive(Debug, Clone)]
pub(crate) struct StoredBlock {
    /// Position of its first record, as the key says.
    pub(crate) first: u64,
    pub(crate) bytes: Bytes,
}

/// What a storage engine said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct StoreError(pub(crate) String);

impl From<StoreError> for ReadError {
    fn from(error: StoreError) -> Self {
        Self::Store { reason: error.0 }
    }
}

/// A storage engine. Only the writer appends and syncs; only the index thread indexes.
pub(crate) trait Store: Send + Sync + 'static {
    fn identity(&self) -> LogIdentity;
    /// What was remarkable at opening.
    fn notes(&self) -> Vec<String>;
    /// Number of events found at opening.
    fn end(&self) -> u64;
    /// Writes all blocks or none; they are durable after the next [`Self::sync`] only.
    fn append(&self, blocks: &[StoredBlock]) -> Result<(), StoreError>;
    /// Makes everything appended survive a power cut.
    fn sync(&self) -> Result<(), StoreError>;
    /// The block with the largest first position that is not above `position`.
    fn floor(&self, position: u64) -> Result<Option<StoredBlock>, ReadError>;
    /// The block with the smallest first position that is not below `position`.
    fn ceiling(&self, position: u64) -> Result<Option<StoredBlock>, ReadError>;
    /// Blocks in order, the first of which begins exactly at `position`: up to about `max_bytes`, none where
    /// no block begins there. A damaged block ends it, or is the error where it is the first.
    fn following(&self, position: u64, max_bytes: usize) -> Result<Vec<StoredBlock>, ReadError>;
    fn find_commit(&self, commit: CommitId) -> Result<Option<Position>, StoreError>;
    fn find_stream(&self, stream: StreamId) -> Result<Option<Tail>, StoreError>;
    /// Adds index entries; they need not be durable before the next start, which adds them again.
    fn index(&self, generation: &Generation) -> Result<(), StoreError>;
    /// The first position that was not indexed at opening.
    fn indexed_to(&self) -> u64;
    /// What its files said about themselves before it was opened, where that was asked for.
    fn scan(&self) -> Option<&raw::StoreScan> {
        None
    }
    /// The disk that it writes to.
    fn space(&self) -> Option<&Space> {
        None
    }
    /// Whether it can still be relied on, as far as can be told without writing.
    fn health(&self) -> Result<(), StoreError> {
        Ok(())
    }
    /// Nothing more will be written: makes the next start quick.
    fn settle(&self) -> Result<(), StoreError> {
        Ok(())
    }
    /// Writing has failed: nothing is written any more, not even at the end.
    fn abandon(&self) {}
}
