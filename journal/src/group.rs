//! Commits that become durable together: checked, given positions and versions, encoded into blocks.
//!
//! The next group is made while the one before is written, by whoever has time for it.

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
use crate::index::{ById, Entries};
use crate::options::{Fence, LogIdentity};
use crate::queue::Request;
use crate::record::{self, Chain, OVERHEAD, Parts, RawRecord};
use crate::shared::Shared;
use crate::space::Full;
use crate::store::StoredBlock;
use crate::writer::{Answers, Stored};

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

/// Streams whose last record is remembered.
const TAILS: NonZeroUsize = NonZeroUsize::new(1 << 16).expect("it is not 0");

/// Room that a block in the making has from the start, so that it does not grow in steps.
const BODY_ROOM: usize = block::TARGET_LEN + 16 * 1024;

/// Commits that the marks of any group may have room for.
const ROOM_MIN: usize = 1024;

/// What a group that is not indexed yet knows.
#[derive(Default)]
struct Marks {
    /// Its commits, for repetitions.
    commits: ById<CommitId, (Receipt, Fingerprint)>,
    /// The greatest id among them: most that are looked for were made later, and lie above it.
    greatest: Option<CommitId>,
    /// Last records of its streams: the cache of tails is bounded and may drop them.
    streams: ById<StreamId, Tail>,
}

impl Marks {
    /// Those of the next group take the room of a former one, as long as that is of their size.
    fn clear(&mut self) {
        let ample = |len: usize, room: usize| room > ROOM_MIN && len < room / 16;
        if ample(self.commits.len(), self.commits.capacity()) {
            *self = Self::default();
        }
        self.greatest = None;
        self.commits.clear();
        self.streams.clear();
    }
    fn commit(&self, commit: CommitId) -> Option<&(Receipt, Fingerprint)> {
        if Some(commit) > self.greatest { None } else { self.commits.get(&commit) }
    }
}

/// The group in the making.
pub(crate) struct Draft {
    tails: Tails,
    fence: Option<Fence>,
    now: Timestamp,
    /// The first free position.
    next: u64,
    marks: Marks,
    /// Of the group that is being written.
    before: Marks,
    index: Entries,
    blocks: Vec<(Block, StoredBlock)>,
    body: Vec<u8>,
    /// Where blocks are compressed.
    room: Vec<u8>,
    ends: Vec<u32>,
    answers: Answers,
    /// Commits and bytes taken in.
    taken: (usize, usize),
}

impl Draft {
    pub(crate) fn new(end: u64, fence: Option<Fence>) -> Self {
        Self {
            tails: Tails::new(TAILS),
            fence,
            now: Timestamp::from_millis(0),
            next: end,
            marks: Marks::default(),
            before: Marks::default(),
            index: Entries::default(),
            blocks: Vec::new(),
            body: Vec::new(),
            room: Vec::new(),
            ends: Vec::new(),
            answers: Answers::default(),
            taken: (0, 0),
        }
    }

    /// Takes in what waits, as far as one group may hold it. A log that has failed refuses it at once.
    pub(crate) fn absorb(&mut self, shared: &Shared) {
        let requests = shared.queue.drain(self.taken);
        if requests.is_empty() {
            return;
        }
        if let Some(reason) = shared.poisoned() {
            let mut refused = Answers { bell: self.answers.bell, ..Answers::default() };
            for (request, _) in requests {
                refused.refuse(request);
            }
            return refused.fail(&reason, &shared.stage.bells);
        }
        if self.is_empty() {
            self.now = (shared.options.clock)();
        }
        let full = shared.full(requests.iter().map(|(_, bytes)| *bytes as u64).sum());
        for (request, bytes) in requests {
            self.taken = (self.taken.0 + 1, self.taken.1 + bytes);
            match request {
                Request::Commit(commit, answer) => {
                    answer.taken(self.answers.bell);
                    let result = self.add(shared, &commit, full);
                    self.answers.commits.push((answer, result));
                }
                Request::Barrier(answer) => self.answers.barriers.push(answer),
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.taken == (0, 0)
    }

    /// Takes a commit in, or says why not; then the group is as before.
    ///
    /// A full disk takes nothing new; what is in the log already is answered as ever.
    fn add(
        &mut self,
        shared: &Shared,
        commit: &NewCommit,
        full: Option<Full>,
    ) -> Result<Receipt, AppendError> {
        // Before the version: a repeated commit has moved its stream itself.
        if let Some((receipt, fingerprint)) = self.known(shared, commit.commit)? {
            return repeated(commit, receipt, fingerprint);
        }
        if let Some(Full { free, reserve }) = full {
            return Err(AppendError::NoSpace { free, reserve });
        }
        let tail = self.tail(shared, commit.stream)?;
        let actual = tail.map(|tail| tail.version);
        if !commit.expected.is_met_by(actual) {
            return Err(AppendError::Conflict { stream: commit.stream, expected: commit.expected, actual });
        }
        if let Some(fence) = self.fence.as_ref() {
            let fence = self.fence_commit(&shared.identity, fence);
            let tail = self.tail(shared, fence.stream)?;
            self.write(&fence, tail);
            self.fence = None;
        }
        // The fence may have gone to the same stream.
        let tail = self.tail(shared, commit.stream)?;
        Ok(self.write(commit, tail))
    }

    fn known(
        &self,
        shared: &Shared,
        commit: CommitId,
    ) -> Result<Option<(Receipt, Fingerprint)>, AppendError> {
        match self.marks.commit(commit).or_else(|| self.before.commit(commit)) {
            Some(known) => Ok(Some(*known)),
            None => shared.find_commit(commit).map_err(|error| unreadable(&error)),
        }
    }

    fn tail(&mut self, shared: &Shared, stream: StreamId) -> Result<Option<Tail>, AppendError> {
        let recent = self.marks.streams.get(&stream).or_else(|| self.tails.0.get(&stream));
        if let Some(tail) = recent.or_else(|| self.before.streams.get(&stream)) {
            return Ok(Some(*tail));
        }
        shared.index.stream(shared.store.as_ref(), stream).map_err(|error| unreadable(&error))
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
        self.marks.streams.insert(commit.stream, tail);
        self.marks.greatest = self.marks.greatest.max(Some(commit.commit));
        self.marks.commits.insert(commit.commit, (receipt, commit.fingerprint));
        self.index.commits.push((commit.commit, first));
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
        if self.body.capacity() == 0 {
            self.body.reserve_exact(BODY_ROOM);
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
        let first = self.next - self.ends.len() as u64;
        let count = u32::try_from(self.ends.len()).expect("a block holds far fewer records");
        let stored = StoredBlock {
            first,
            bytes: block::encode_in(&mut self.room, Position(first), count, &self.body),
        };
        // The copy is as long as the records; the room is used again.
        let body = Bytes::copy_from_slice(&self.body);
        self.blocks.push((Block::new(first, body, self.ends.clone()), stored));
        self.body.clear();
        self.ends.clear();
    }

    /// Hands out everything taken in, with its answers; `None` where there is nothing.
    pub(crate) fn take(&mut self) -> Option<(Stored, Answers)> {
        if self.is_empty() {
            return None;
        }
        self.seal();
        self.index.streams.reserve_exact(self.marks.streams.len());
        for (stream, tail) in &self.marks.streams {
            self.index.streams.push((*stream, *tail));
            self.tails.0.put(*stream, *tail);
        }
        self.index.end = self.next;
        self.taken = (0, 0);
        // The group before this one is in the index by now.
        std::mem::swap(&mut self.before, &mut self.marks);
        self.marks.clear();
        let room = Vec::with_capacity(self.index.commits.len());
        let following = Entries { commits: room, ..Entries::default() };
        let (blocks, index) =
            (std::mem::take(&mut self.blocks), std::mem::replace(&mut self.index, following));
        let next = Answers { bell: 1 - self.answers.bell, ..Answers::default() };
        Some((Stored { blocks, index, next: self.next }, std::mem::replace(&mut self.answers, next)))
    }

    /// The commit that marks this process in the log: its id follows from the log and the position.
    fn fence_commit(&self, identity: &LogIdentity, fence: &Fence) -> NewCommit {
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
fn repeated(commit: &NewCommit, receipt: Receipt, fingerprint: Fingerprint) -> Result<Receipt, AppendError> {
    if fingerprint != commit.fingerprint || receipt.stream != commit.stream {
        return Err(AppendError::Reused { commit: commit.commit });
    }
    Ok(Receipt { duplicate: true, ..receipt })
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
