//! Committed blocks in order, without pushing out of the cache what readers want.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::ids::Position;

use crate::block::{self, Block};
use crate::cache::BlockCache;
use crate::error::ReadError;
use crate::store::{Store, StoredBlock};

/// Stored bytes fetched at once.
const AHEAD_BYTES: usize = 1 << 20;

/// Goes through the log block by block.
#[derive(Default)]
pub(crate) struct Source {
    ahead: VecDeque<StoredBlock>,
}

impl Source {
    /// The block that holds `position`, which must be durable: from the cache right after its commit, else from
    /// the store.
    pub(crate) fn block(
        &mut self,
        store: &dyn Store,
        cache: Option<&BlockCache>,
        position: u64,
    ) -> Result<Arc<Block>, ReadError> {
        if let Some(block) = cache.and_then(|cache| cache.get(Position(position))) {
            return Ok(block);
        }
        while self.ahead.front().is_some_and(|stored| stored.first < position) {
            self.ahead.pop_front();
        }
        if self.ahead.is_empty() {
            self.ahead.extend(store.following(position, AHEAD_BYTES)?);
        }
        let stored = match self.ahead.pop_front() {
            Some(stored) if stored.first == position => stored,
            _ => store.floor(position)?.ok_or(ReadError::Missing { position: Position(position) })?,
        };
        let first = Position(stored.first);
        let block =
            block::decode(stored.bytes).map_err(|source| ReadError::Block { position: first, source })?;
        if block.get(Position(position)).is_none() {
            return Err(ReadError::Missing { position: Position(position) });
        }
        Ok(Arc::new(block))
    }
}
