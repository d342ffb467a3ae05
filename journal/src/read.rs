//! Reading: by position, in order, by stream. Never above the watermark.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use domain::ids::{CommitId, Position, StreamVersion};
use domain::{Fingerprint, StreamId};
use lru::LruCache;

use crate::block::{self, Block};
use crate::commit::Receipt;
use crate::error::ReadError;
use crate::record::RawRecord;
use crate::shared::Shared;
use crate::store::StoredBlock;

/// Stored bytes fetched at once by a reader that goes on in order.
const AHEAD_BYTES: usize = 1 << 20;

impl Shared {
    /// The first position that is not durable.
    fn durable_end(&self) -> u64 {
        self.watermark.borrow().map_or(0, |last| last.0 + 1)
    }

    /// The block that holds `position`, from the cache or from the store. It must be durable.
    pub(crate) fn block_at(&self, position: Position) -> Result<Arc<Block>, ReadError> {
        if let Some(block) = self.cache.get(position) {
            return Ok(block);
        }
        let stored = self.stored_at(position)?;
        self.decode(stored, position)
    }

    /// Decodes the block that should hold `position`, and keeps it for others.
    fn decode(&self, stored: StoredBlock, position: Position) -> Result<Arc<Block>, ReadError> {
        let first = Position(stored.first);
        let block =
            block::decode(stored.bytes).map_err(|source| ReadError::Block { position: first, source })?;
        if block.get(position).is_none() {
            return Err(ReadError::Missing { position });
        }
        let block = Arc::new(block);
        self.cache.put(Arc::clone(&block));
        Ok(block)
    }

    fn stored_at(&self, position: Position) -> Result<StoredBlock, ReadError> {
        self.store.floor(position.0)?.ok_or(ReadError::Missing { position })
    }

    pub(crate) fn record_at(&self, position: Position) -> Result<RawRecord, ReadError> {
        self.block_at(position)?.get(position).ok_or(ReadError::Missing { position })
    }

    pub(crate) fn get(&self, position: Position) -> Result<Option<RawRecord>, ReadError> {
        if position.0 >= self.durable_end() { Ok(None) } else { self.record_at(position).map(Some) }
    }

    pub(crate) fn read(
        &self,
        after: Option<Position>,
        max_events: usize,
        max_bytes: usize,
    ) -> Result<Vec<RawRecord>, ReadError> {
        let end = self.durable_end();
        let mut next = after.map_or(0, |after| after.0.saturating_add(1));
        let (mut records, mut bytes) = (Vec::new(), 0_usize);
        let mut ahead = VecDeque::new();
        while next < end && records.len() < max_events {
            let block = self.next_block(Position(next), &mut ahead, max_bytes.saturating_sub(bytes))?;
            let skip = usize::try_from(next - block.first().0).unwrap_or(usize::MAX);
            for record in block.records_from(skip).take(max_events - records.len()) {
                bytes += record.bytes().len();
                if bytes > max_bytes && !records.is_empty() {
                    return Ok(records);
                }
                records.push(record);
            }
            next = block.end();
        }
        Ok(records)
    }

    /// As [`Self::block_at`], with blocks fetched ahead that are decoded when it is their turn.
    fn next_block(
        &self,
        position: Position,
        ahead: &mut VecDeque<StoredBlock>,
        max_bytes: usize,
    ) -> Result<Arc<Block>, ReadError> {
        if let Some(block) = self.cache.get(position) {
            return Ok(block);
        }
        while ahead.front().is_some_and(|stored| stored.first < position.0) {
            ahead.pop_front();
        }
        if ahead.is_empty() {
            ahead.extend(self.store.following(position.0, max_bytes.min(AHEAD_BYTES))?);
        }
        match ahead.pop_front() {
            Some(stored) if stored.first == position.0 => self.decode(stored, position),
            _ => self.block_at(position),
        }
    }

    pub(crate) fn read_blocks(
        &self,
        after: Option<Position>,
        max_bytes: usize,
    ) -> Result<Vec<Bytes>, ReadError> {
        let end = self.durable_end();
        let mut next = after.map_or(0, |after| after.0.saturating_add(1));
        let (mut blocks, mut bytes) = (Vec::new(), 0_usize);
        let mut ahead = VecDeque::new();
        while next < end {
            if ahead.is_empty() {
                ahead.extend(self.store.following(next, max_bytes.saturating_sub(bytes).min(AHEAD_BYTES))?);
            }
            let stored = match ahead.pop_front() {
                Some(stored) if stored.first == next => stored,
                _ => self.stored_at(Position(next))?,
            };
            let first = Position(stored.first);
            let header = block::decode_header(&stored.bytes)
                .map_err(|source| ReadError::Block { position: first, source })?;
            let following = first.0.saturating_add(u64::from(header.count));
            if header.first != first || following <= next {
                return Err(ReadError::Missing { position: Position(next) });
            }
            bytes += stored.bytes.len();
            if bytes > max_bytes && !blocks.is_empty() {
                break;
            }
            blocks.push(stored.bytes);
            next = following;
        }
        Ok(blocks)
    }

    pub(crate) fn find_commit(&self, commit: CommitId) -> Result<Option<(Receipt, Fingerprint)>, ReadError> {
        let Some(position) = self.index.commit(self.store.as_ref(), commit)? else { return Ok(None) };
        let first = self.record_at(position)?;
        if first.commit() != commit {
            let reason = format!("expected the start of commit `{commit}`, found `{}`", first.commit());
            return Err(ReadError::Stream { stream: first.stream(), position, reason });
        }
        let rest = u64::from(first.commit_size().saturating_sub(first.commit_index() + 1));
        let receipt = Receipt {
            commit,
            stream: first.stream(),
            version: StreamVersion(first.version().0 + rest),
            position: Position(position.0 + rest),
            duplicate: false,
        };
        Ok(Some((receipt, first.fingerprint())))
    }

    pub(crate) fn read_stream(
        &self,
        stream: StreamId,
        from: StreamVersion,
        limit: usize,
    ) -> Result<Vec<RawRecord>, ReadError> {
        let Some(head) = self.index.stream(self.store.as_ref(), stream)? else { return Ok(Vec::new()) };
        if from > head.version || limit == 0 {
            return Ok(Vec::new());
        }
        let walk = self.walk_back(stream, from, head.version, head.position)?;
        walk.from(from).take(limit).map(|position| self.stream_record(stream, Position(position))).collect()
    }

    fn stream_record(&self, stream: StreamId, position: Position) -> Result<RawRecord, ReadError> {
        let record = self.record_at(position)?;
        if record.stream() == stream {
            return Ok(record);
        }
        Err(ReadError::Stream {
            stream,
            position,
            reason: format!("expected its record, found one of `{}`", record.stream()),
        })
    }

    /// Positions of the stream's events from version `from` to its head, by its links or from the last walk.
    fn walk_back(
        &self,
        stream: StreamId,
        from: StreamVersion,
        head: StreamVersion,
        head_position: Position,
    ) -> Result<Arc<Walk>, ReadError> {
        let known = self.walks.get(stream);
        if let Some(walk) = known.as_ref().filter(|walk| walk.first <= from.0 && walk.end() > head.0) {
            return Ok(Arc::clone(walk));
        }
        let mut backwards = Vec::new();
        let (mut version, mut position) = (head.0, head_position);
        loop {
            if let Some(walk) =
                known.as_ref().filter(|walk| walk.first <= from.0 && walk.end() == version + 1)
            {
                return Ok(self.walks.put(stream, walk.extended(&backwards)));
            }
            backwards.push(position.0);
            if version == from.0 {
                break;
            }
            let record = self.stream_record(stream, position)?;
            let previous =
                record.previous().filter(|previous| *previous < position && record.version().0 == version);
            let Some(previous) = previous else {
                let reason = format!(
                    "expected version {version} with a link back, found version {}",
                    record.version()
                );
                return Err(ReadError::Stream { stream, position, reason });
            };
            position = previous;
            version -= 1;
        }
        backwards.reverse();
        Ok(self.walks.put(stream, Walk { first: from.0, positions: backwards }))
    }
}

/// Where the events of a stream stand, from version `first`.
pub(crate) struct Walk {
    first: u64,
    positions: Vec<u64>,
}

impl Walk {
    fn end(&self) -> u64 {
        self.first + self.positions.len() as u64
    }
    fn from(&self, version: StreamVersion) -> impl Iterator<Item = u64> + '_ {
        let skip = usize::try_from(version.0 - self.first).unwrap_or(usize::MAX);
        self.positions.iter().copied().skip(skip)
    }
    fn extended(&self, backwards: &[u64]) -> Self {
        let positions = self.positions.iter().chain(backwards.iter().rev()).copied().collect();
        Self { first: self.first, positions }
    }
}

/// The last walks, so that reading a long stream page by page does not walk all of it for each page.
pub(crate) struct Walks(Mutex<(LruCache<StreamId, Arc<Walk>>, usize)>);

impl Default for Walks {
    fn default() -> Self {
        Self(Mutex::new((LruCache::unbounded(), 0)))
    }
}

impl Walks {
    /// Positions held together: 8 MiB.
    const MAX_POSITIONS: usize = 1 << 20;

    fn get(&self, stream: StreamId) -> Option<Arc<Walk>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.get(&stream).cloned()
    }
    fn put(&self, stream: StreamId, walk: Walk) -> Arc<Walk> {
        let walk = Arc::new(walk);
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (walks, held) = &mut *state;
        // The entry itself costs about as much as 16 positions.
        let size = |walk: &Walk| walk.positions.len() + 16;
        *held += size(&walk);
        if let Some(old) = walks.put(stream, Arc::clone(&walk)) {
            *held -= size(&old);
        }
        while *held > Self::MAX_POSITIONS {
            let Some((_, old)) = walks.pop_lru() else { break };
            *held -= size(&old);
        }
        walk
    }
}
