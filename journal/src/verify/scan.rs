//! All stored blocks in order, damaged ones as what is wrong with them.

use std::collections::VecDeque;

use crate::block::{self, Block};
use crate::error::ReadError;
use crate::store::{Store, StoredBlock};

/// Stored bytes fetched at once.
const AHEAD_BYTES: usize = 4 << 20;

/// Goes through the log, past anything that is damaged.
pub(super) struct Scan {
    from: u64,
    ahead: VecDeque<StoredBlock>,
}

/// A block and its stored length, or where something is wrong and what.
pub(super) type Found = Result<(Block, u64), (u64, String)>;

impl Scan {
    /// From the first block that begins at or after `from`.
    pub(super) fn from(from: u64) -> Self {
        Self { from, ahead: VecDeque::new() }
    }

    /// The next block below `end`.
    pub(super) fn next(&mut self, store: &dyn Store, end: u64) -> Option<Found> {
        let stored = match self.fetch(store) {
            Ok(stored) => stored?,
            Err(error) => return Some(Err(self.unreadable(&error))),
        };
        if stored.first >= end {
            return None;
        }
        let (first, stored_len) = (stored.first, stored.bytes.len() as u64);
        self.from = first.saturating_add(1);
        Some(match block::decode(stored.bytes) {
            Ok(block) if block.first().0 == first => {
                self.from = block.end();
                Ok((block, stored_len))
            }
            Ok(block) => Err((first, format!("the block says that it begins at {}", block.first()))),
            Err(error) => Err((first, format!("the block is damaged: {}", with_sources(&error)))),
        })
    }

    fn fetch(&mut self, store: &dyn Store) -> Result<Option<StoredBlock>, ReadError> {
        while let Some(stored) = self.ahead.pop_front() {
            if stored.first >= self.from {
                return Ok(Some(stored));
            }
        }
        // Where no block begins exactly there, or a damaged one does, each is looked at alone.
        self.ahead.extend(store.following(self.from, AHEAD_BYTES).unwrap_or_default());
        match self.ahead.pop_front() {
            Some(stored) => Ok(Some(stored)),
            None => store.ceiling(self.from),
        }
    }

    /// A block that could not be fetched; it is passed over.
    fn unreadable(&mut self, error: &ReadError) -> (u64, String) {
        let position = match error {
            ReadError::Block { position, .. } | ReadError::Missing { position } => position.0,
            _ => self.from,
        };
        // An engine that fails as a whole would fail for every position after.
        let whole = matches!(error, ReadError::Store { .. });
        self.from = if whole { u64::MAX } else { position.saturating_add(1) };
        (position, with_sources(error))
    }
}

pub(super) fn with_sources(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", with_sources(source)),
        None => error.to_string(),
    }
}
