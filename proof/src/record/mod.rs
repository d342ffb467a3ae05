//! One stored event: a fixed header, the payload, a checksum. The layout is in `docs/formats.md`.

mod encode;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use domain::ids::{CommitId, CorrelationId, Position, ProjectId, SchemaVersion, StreamVersion, TypeId};
use domain::values::Timestamp;
use domain::{Actor, Category, Fingerprint, Meta, StreamId, Ulid};
use sha2::{Digest, Sha256};

pub use encode::{Parts, encode};

/// Bytes before the payload.
pub const HEADER_LEN: usize = 184;
/// Bytes beside the payload: header and checksum.
pub const OVERHEAD: usize = HEADER_LEN + CRC_LEN;
/// First bytes of every record.
pub const MAGIC: [u8; 2] = *b"WB";
/// Version of the layout.
pub const FORMAT: u8 = 1;

const CRC_LEN: usize = 4;
const HAS_OCCURRED_AT: u8 = 1;
const NO_POSITION: u64 = u64::MAX;

/// Link to the previous record of a stream: first 16 bytes of its SHA-256, zero for the first.
pub type Chain = [u8; 16];

/// Why bytes are not a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// There are fewer bytes than a record needs.
    #[error("expected at least {expected} bytes, got {actual}")]
    Short {
        /// Bytes needed.
        expected: usize,
        /// Bytes there.
        actual: usize,
    },
    /// The first bytes are not those of a record.
    #[error("expected a record to begin with `WB`, got {actual:?}")]
    Magic {
        /// The first bytes.
        actual: [u8; 2],
    },
    /// The layout is of a later release.
    #[error("expected record format {FORMAT}, got {actual}")]
    Format {
        /// The format.
        actual: u8,
    },
    /// The two lengths contradict each other or the bytes there.
    #[error("expected a record of {expected} bytes, got {actual}")]
    Length {
        /// Length that follows from the payload's or the header.
        expected: usize,
        /// Length found.
        actual: usize,
    },
    /// The bytes were altered.
    #[error("expected checksum {expected:08x}, got {actual:08x}")]
    Checksum {
        /// As stored.
        expected: u32,
        /// As computed.
        actual: u32,
    },
    /// The actor is of a kind that this release does not know.
    #[error("expected an actor kind that this release knows, got {actual}")]
    Actor {
        /// The kind.
        actual: u8,
    },
}

/// Length of the record that begins `bytes`, header checked as far as it bears on the length.
///
/// # Errors
/// Where no whole record begins there.
pub fn length(bytes: &[u8]) -> Result<usize, RecordError> {
    if bytes.len() < OVERHEAD {
        return Err(RecordError::Short { expected: OVERHEAD, actual: bytes.len() });
    }
    if bytes[..2] != MAGIC {
        return Err(RecordError::Magic { actual: [bytes[0], bytes[1]] });
    }
    if bytes[2] != FORMAT {
        return Err(RecordError::Format { actual: bytes[2] });
    }
    let length = u32::from_le_bytes(array(bytes, 4)) as usize;
    let payload = u32::from_le_bytes(array(bytes, 36)) as usize;
    if Some(length) != payload.checked_add(OVERHEAD) {
        return Err(RecordError::Length { expected: payload.saturating_add(OVERHEAD), actual: length });
    }
    if bytes.len() < length {
        return Err(RecordError::Short { expected: length, actual: bytes.len() });
    }
    Ok(length)
}

/// The link that the next record of the stream carries: from the whole stored record `bytes`.
#[must_use]
pub fn chain(bytes: &[u8]) -> Chain {
    array(&Sha256::digest(bytes), 0)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N].try_into().expect("a range of N bytes has N bytes")
}

/// A stored record; cheap to clone, fields are read where they stand.
#[derive(Clone, PartialEq, Eq)]
pub struct RawRecord(Bytes);

impl RawRecord {
    /// From the exact bytes of one record, checksum checked.
    ///
    /// # Errors
    /// Where they are not a record, or were altered.
    pub fn parse(bytes: Bytes) -> Result<Self, RecordError> {
        let length = length(&bytes)?;
        if length != bytes.len() {
            return Err(RecordError::Length { expected: length, actual: bytes.len() });
        }
        let record = Self(bytes);
        record.check()?;
        Ok(record)
    }
    /// From bytes whose length was checked and which a checksum around them covers.
    #[must_use]
    pub fn trusted(bytes: Bytes) -> Self {
        debug_assert_eq!(length(&bytes), Ok(bytes.len()));
        Self(bytes)
    }
    /// Recomputes the checksum.
    ///
    /// # Errors
    /// Where it differs from the stored one.
    pub fn check(&self) -> Result<(), RecordError> {
        let (covered, stored) = self.0.split_at(self.0.len() - CRC_LEN);
        let (expected, actual) = (u32::from_le_bytes(array(stored, 0)), crc32c::crc32c(covered));
        if expected == actual { Ok(()) } else { Err(RecordError::Checksum { expected, actual }) }
    }
    /// The exact stored bytes.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.0
    }
    /// Place in the log.
    #[must_use]
    pub fn position(&self) -> Position {
        Position(self.u64(8))
    }
    /// Place in the stream.
    #[must_use]
    pub fn version(&self) -> StreamVersion {
        StreamVersion(self.u64(16))
    }
    /// The stream.
    #[must_use]
    pub fn stream(&self) -> StreamId {
        StreamId::new(Category(self.u16(24)), Ulid(u128::from_be_bytes(self.id(40))))
    }
    /// Number of the event type.
    #[must_use]
    pub fn type_id(&self) -> TypeId {
        TypeId(self.u16(26))
    }
    /// Version of the payload's layout.
    #[must_use]
    pub fn schema_version(&self) -> SchemaVersion {
        SchemaVersion(self.u16(28))
    }
    /// Place in the commit, from 0.
    #[must_use]
    pub fn commit_index(&self) -> u16 {
        self.u16(30)
    }
    /// Number of events in the commit.
    #[must_use]
    pub fn commit_size(&self) -> u16 {
        self.u16(32)
    }
    /// [`domain::Expected::kind`] of the commit; may be a kind of a later release.
    #[must_use]
    pub fn expectation(&self) -> u8 {
        self.0[35]
    }
    /// The project.
    #[must_use]
    pub fn project(&self) -> Option<ProjectId> {
        self.optional(56).map(ProjectId::from_bytes)
    }
    /// The commit.
    #[must_use]
    pub fn commit(&self) -> CommitId {
        CommitId::from_bytes(self.id(72))
    }
    /// Who caused it.
    ///
    /// # Errors
    /// Where the kind is one that this release does not know.
    pub fn actor(&self) -> Result<Actor, RecordError> {
        let kind = self.0[34];
        Actor::from_parts(kind, self.id(88)).ok_or(RecordError::Actor { actual: kind })
    }
    /// The commit that led to it.
    #[must_use]
    pub fn causation(&self) -> Option<CommitId> {
        self.optional(104).map(CommitId::from_bytes)
    }
    /// The run or session it belongs to.
    #[must_use]
    pub fn correlation(&self) -> Option<CorrelationId> {
        self.optional(120).map(CorrelationId::from_bytes)
    }
    /// When it was recorded.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        Timestamp::from_millis(i64::from_le_bytes(array(&self.0, 136)))
    }
    /// When it happened, where that differs.
    #[must_use]
    pub fn occurred_at(&self) -> Option<Timestamp> {
        (self.0[3] & HAS_OCCURRED_AT != 0)
            .then(|| Timestamp::from_millis(i64::from_le_bytes(array(&self.0, 144))))
    }
    /// Fingerprint of the command.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(self.u64(152))
    }
    /// Position of the stream's previous event.
    #[must_use]
    pub fn previous(&self) -> Option<Position> {
        let position = self.u64(160);
        (position != NO_POSITION).then_some(Position(position))
    }
    /// Hash of the stream's previous record.
    #[must_use]
    pub fn chain(&self) -> Chain {
        self.id(168)
    }
    /// The encoded event.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.0[HEADER_LEN..self.0.len() - CRC_LEN]
    }
    /// The whole envelope.
    ///
    /// # Errors
    /// Where the actor is of a kind that this release does not know.
    pub fn meta(&self) -> Result<Meta, RecordError> {
        Ok(Meta {
            position: self.position(),
            stream: self.stream(),
            version: self.version(),
            type_id: self.type_id(),
            schema_version: self.schema_version(),
            time: self.time(),
            occurred_at: self.occurred_at(),
            commit: self.commit(),
            commit_index: self.commit_index(),
            commit_size: self.commit_size(),
            actor: self.actor()?,
            causation: self.causation(),
            correlation: self.correlation(),
            project: self.project(),
        })
    }

    fn u16(&self, at: usize) -> u16 {
        u16::from_le_bytes(array(&self.0, at))
    }
    fn u64(&self, at: usize) -> u64 {
        u64::from_le_bytes(array(&self.0, at))
    }
    fn id(&self, at: usize) -> [u8; 16] {
        array(&self.0, at)
    }
    fn optional(&self, at: usize) -> Option<[u8; 16]> {
        Some(self.id(at)).filter(|id| *id != [0; 16])
    }
}

impl std::fmt::Debug for RawRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RawRecord({} {} v{})", self.position(), self.stream(), self.version())
    }
}
