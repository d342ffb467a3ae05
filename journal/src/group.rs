//! Commits that become durable together: checked, given positions and versions, encoded into blocks.

use std::collections::HashMap;
use std::num::NonZeroUsize;

use bytes::Bytes;
use domain::ids::{CommitId, Position, StreamVersion};
use domain::values::Timestamp;
use domain::{Actor, Category, Expected, Fingerprint, StreamId};
use lru::LruCache;
use sha2::{Digest, Sha256};

use crate::block::{self, Block};
use crate::commit::{NewCommit, NewEvent, Receipt, StreamHead};
use crate::error::{AppendError, ReadError};
use crate::index::Generation;
use crate::options::Fence;
use crate::record::{self, Chain, OVERHEAD, Parts, RawRecord};
use crate::shared::Shared;
use crate::store::StoredBlock;
use crate::writer::Stored;

/// Category of the log's own stream.
const LOG_CATEGORY: Category = Category(0);

/// The streams that were written last, with what the next record of each needs.
pub(crate) struct Tails(LruCache<StreamId, Tail>);

/// The last record of a stream, with what the next one needs of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tail {
    pub(crate) version: StreamVersion,
    pub(crate) position: Position,
    /// The link that the next record carries.
    pub(crate) chain: Chain,
}

impl Tail {
    pub(crate) fn of(record: &RawRecord) -> Self {
        let chain = record::chain(record.bytes());
        Self { version: record.version(), position: record.position(), chain }
    }
    pub(crate) fn head(&self) -> StreamHead {
        StreamHead { version: self.version, position: self.position }
    }
}

impl Tails {
    pub(crate) fn new(capacity: NonZeroUsize) -> Self {
        Self(LruCache::new(capacity))
    }
}

/// A group in the making.
pub(crate) struct Group<'a> {
    shared: &'a Shared,
    tails: &'a mut Tails,
    fence: &'a mut Option<Fence>,
    now: Timestamp,
    next: u64,
    /// Commits of this group, for repetitions inside it.
    commits: HashMap<CommitId, (Receipt, Fingerprint)>,
    /// Last records of this group's streams: the cache of tails is bounded and may drop them.
    streams: HashMap<StreamId, Tail>,
    index: Generation,
    blocks: Vec<(Block, StoredBlock)>,
    body: Vec<u8>,
    ends: Vec<u32>,
}

impl<'a> Group<'a> {
    pub(crate) fn new(
        shared: &'a Shared,
        tails: &'a mut Tails,
        fence: &'a mut Option<Fence>,
        next: u64,
    ) -> Self {
        let now = (shared.options.clock)();
        Self {
            shared,
            tails,
            fence,
            now,
            next,
            commits: HashMap::new(),
            streams: HashMap::new(),
            index: Generation::default(),
            blocks: Vec::new(),
            body: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Takes a commit in, or says why not; then the group is as before.
    pub(crate) fn add(&mut self, commit: &NewCommit) -> Result<Receipt, AppendError> {
        // Before the version: a repeated commit has moved its stream itself.
        if let Some((receipt, fingerprint)) = self.known(commit.commit)? {
            return repeated(commit, receipt, fingerprint);
        }
        let tail = self.tail(commit.stream)?;
        let actual = tail.map(|tail| tail.version);
        if !commit.expected.is_met_by(actual) {
            return Err(AppendError::Conflict { stream: commit.stream, expected: commit.expected, actual });
        }
        if let Some(fence) = self.fence.as_ref() {
            let fence = self.fence_commit(fence);
            let tail = self.tail(fence.stream)?;
            self.write(&fence, tail);
            *self.fence = None;
        }
        // The fence may have gone to the same stream.
        let tail = self.tail(commit.stream)?;
        Ok(self.write(commit, tail))
    }

    fn known(&self, commit: CommitId) -> Result<Option<(Receipt, Fingerprint)>, AppendError> {
        match self.commits.get(&commit) {
            Some(known) => Ok(Some(*known)),
            None => self.shared.find_commit(commit).map_err(|error| unreadable(&error)),
        }
    }

    fn tail(&mut self, stream: StreamId) -> Result<Option<Tail>, AppendError> {
        if let Some(tail) = self.streams.get(&stream).or_else(|| self.tails.0.get(&stream)) {
            return Ok(Some(*tail));
        }
        self.shared.index.stream(self.shared.store.as_ref(), stream).map_err(|error| unreadable(&error))
    }

    fn write(&mut self, commit: &NewCommit, mut tail: Option<Tail>) -> Receipt {
        let first = Position(self.next);
        for (index, event) in commit.events.iter().enumerate() {
            tail = Some(self.write_event(commit, index, event, tail));
        }
        let tail = tail.expect("a commit without events was refused at submission");
        let (version, position) = (tail.version, tail.position);
        let receipt =
            Receipt { commit: commit.commit, stream: commit.stream, version, position, duplicate: false };
        self.streams.insert(commit.stream, tail);
        self.commits.insert(commit.commit, (receipt, commit.fingerprint));
        self.index.commits.insert(commit.commit, first);
        receipt
    }

    fn write_event(
        &mut self,
        commit: &NewCommit,
        index: usize,
        event: &NewEvent,
        tail: Option<Tail>,
    ) -> Tail {
        let length = OVERHEAD + event.payload.len();
        if !self.body.is_empty() && self.body.len() + length > block::TARGET_LEN {
            self.seal();
        }
        let start = self.body.len();
        let count = |number: usize| u16::try_from(number).expect("a commit is at most 65,535 events");
        let parts = Parts {
            position: Position(self.next),
            version: StreamVersion(tail.map_or(0, |tail| tail.version.0 + 1)),
            stream: commit.stream,
            type_id: event.type_id,
            schema_version: event.schema_version,
            commit_index: count(index),
            commit_size: count(commit.events.len()),
            actor: commit.actor,
            expectation: commit.expected.kind(),
            project: commit.project,
            commit: commit.commit,
            causation: commit.causation,
            correlation: commit.correlation,
            time: self.now,
            occurred_at: commit.occurred_at,
            fingerprint: commit.fingerprint,
            previous: tail.map(|tail| tail.position),
            chain: tail.map_or([0; 16], |tail| tail.chain),
            payload: &event.payload,
        };
        record::encode(&parts, &mut self.body);
        self.ends.push(u32::try_from(self.body.len()).expect("a block is at most 1 MiB and a bit"));
        self.next += 1;
        Tail { version: parts.version, position: parts.position, chain: record::chain(&self.body[start..]) }
    }

    /// Closes the block in the making.
    fn seal(&mut self) {
        if self.ends.is_empty() {
            return;
        }
        let (body, ends) = (std::mem::take(&mut self.body), std::mem::take(&mut self.ends));
        let first = self.next - ends.len() as u64;
        let count = u32::try_from(ends.len()).expect("a block holds far fewer records");
        let stored = StoredBlock { first, bytes: block::encode(Position(first), count, &body) };
        self.blocks.push((Block::new(first, Bytes::from(body), ends), stored));
    }

    /// The blocks and index entries of everything taken in.
    pub(crate) fn finish(mut self) -> Stored {
        self.seal();
        for (stream, tail) in &self.streams {
            self.index.streams.insert(*stream, *tail);
            self.tails.0.put(*stream, *tail);
        }
        self.index.end = self.next;
        Stored { blocks: self.blocks, index: self.index, next: self.next }
    }

    /// The commit that marks this process in the log: its id follows from the log and the position.
    fn fence_commit(&self, fence: &Fence) -> NewCommit {
        let identity = &self.shared.identity;
        let mut hasher = Sha256::new();
        hasher.update(b"waybill fence");
        hasher.update(identity.log_id.to_bytes());
        hasher.update(self.next.to_be_bytes());
        let digest = hasher.finalize();
        let id: [u8; 16] = digest[..16].try_into().expect("SHA-256 gives 32 bytes");
        NewCommit {
            stream: StreamId::new(LOG_CATEGORY, identity.log_id.ulid()),
            expected: Expected::Any,
            commit: CommitId::from_bytes(id),
            fingerprint: Fingerprint::default(),
            actor: Actor::System,
            causation: None,
            correlation: None,
            project: None,
            occurred_at: None,
            events: vec![fence(identity)],
        }
    }
}

/// The answer to a commit whose id is in the log.
fn repeated(
    commit: &NewCommit,
    receipt: Receipt,
    fingerprint: Fingerprint,
) -> Result<Receipt, AppendError> {
    if fingerprint != commit.fingerprint || receipt.stream != commit.stream {
        return Err(AppendError::Reused { commit: commit.commit });
    }
    Ok(Receipt { duplicate: true, ..receipt })
}

impl Shared {
    /// The answer to a commit that needs nothing written; `None` where it is new.
    pub(crate) fn known_answer(&self, commit: &NewCommit) -> Option<Result<Receipt, AppendError>> {
        match self.find_commit(commit.commit) {
            Ok(known) => known.map(|(receipt, fingerprint)| repeated(commit, receipt, fingerprint)),
            Err(error) => Some(Err(unreadable(&error))),
        }
    }
}

fn unreadable(error: &ReadError) -> AppendError {
    let mut reason = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        reason = format!("{reason}: {cause}");
        source = cause.source();
    }
    AppendError::Unreadable { reason }
}
