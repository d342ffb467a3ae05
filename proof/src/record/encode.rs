//! Writing a record.

use domain::ids::{CommitId, CorrelationId, Position, ProjectId, SchemaVersion, StreamVersion, TypeId};
use domain::values::Timestamp;
use domain::{Actor, Fingerprint, StreamId};

use super::{Chain, FORMAT, HAS_OCCURRED_AT, HEADER_LEN, MAGIC, NO_POSITION, OVERHEAD};

/// Everything a record is made of.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// Place in the log.
    pub position: Position,
    /// Place in the stream.
    pub version: StreamVersion,
    /// The stream.
    pub stream: StreamId,
    /// Number of the event type.
    pub type_id: TypeId,
    /// Version of the payload's layout.
    pub schema_version: SchemaVersion,
    /// Place in the commit.
    pub commit_index: u16,
    /// Events in the commit.
    pub commit_size: u16,
    /// Who caused it.
    pub actor: Actor,
    /// [`domain::Expected::kind`] of the commit.
    pub expectation: u8,
    /// The project.
    pub project: Option<ProjectId>,
    /// The commit.
    pub commit: CommitId,
    /// The commit that led to it.
    pub causation: Option<CommitId>,
    /// The run or session.
    pub correlation: Option<CorrelationId>,
    /// When it was recorded.
    pub time: Timestamp,
    /// When it happened, where that differs.
    pub occurred_at: Option<Timestamp>,
    /// Fingerprint of the command.
    pub fingerprint: Fingerprint,
    /// Position of the stream's previous event.
    pub previous: Option<Position>,
    /// Hash of the stream's previous record.
    pub chain: Chain,
    /// The encoded event, below 4 GiB.
    pub payload: &'a [u8],
}

/// Appends the stored form of `parts` to `into`.
///
/// # Panics
/// Where the payload is 4 GiB or longer; commits are bounded far below.
pub fn encode(parts: &Parts<'_>, into: &mut Vec<u8>) {
    let start = into.len();
    let length = OVERHEAD + parts.payload.len();
    into.reserve(length);
    into.extend_from_slice(&header(parts, length));
    into.extend_from_slice(parts.payload);
    let crc = crc32c::crc32c(&into[start..]);
    into.extend_from_slice(&crc.to_le_bytes());
    debug_assert_eq!(into.len() - start, length);
}

fn header(parts: &Parts<'_>, length: usize) -> [u8; HEADER_LEN] {
    let mut bytes = [0; HEADER_LEN];
    let mut at = 0;
    let mut put = |field: &[u8]| {
        bytes[at..at + field.len()].copy_from_slice(field);
        at += field.len();
    };
    let number = |bytes: usize| u32::try_from(bytes).expect("a commit is at most 1 MiB").to_le_bytes();
    let (actor_kind, actor_id) = parts.actor.to_parts();
    let flags = if parts.occurred_at.is_some() { HAS_OCCURRED_AT } else { 0 };
    put(&MAGIC);
    put(&[FORMAT, flags]);
    put(&number(length));
    put(&parts.position.0.to_le_bytes());
    put(&parts.version.0.to_le_bytes());
    put(&parts.stream.category.0.to_le_bytes());
    put(&parts.type_id.0.to_le_bytes());
    put(&parts.schema_version.0.to_le_bytes());
    put(&parts.commit_index.to_le_bytes());
    put(&parts.commit_size.to_le_bytes());
    put(&[actor_kind, parts.expectation]);
    put(&number(parts.payload.len()));
    put(&parts.stream.id.0.to_be_bytes());
    put(&parts.project.map_or([0; 16], ProjectId::to_bytes));
    put(&parts.commit.to_bytes());
    put(&actor_id);
    put(&parts.causation.map_or([0; 16], CommitId::to_bytes));
    put(&parts.correlation.map_or([0; 16], CorrelationId::to_bytes));
    put(&parts.time.millis().to_le_bytes());
    put(&parts.occurred_at.map_or(0, Timestamp::millis).to_le_bytes());
    put(&parts.fingerprint.0.to_le_bytes());
    put(&parts.previous.map_or(NO_POSITION, |position| position.0).to_le_bytes());
    put(&parts.chain);
    debug_assert_eq!(at, HEADER_LEN);
    bytes
}
