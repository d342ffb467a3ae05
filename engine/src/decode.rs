//! A stored record becomes an event.

use domain::catalogue::DecodeError;
use domain::ids::Position;
use domain::{Event, Recorded};
use journal::{RawRecord, RecordError};

/// Why a stored record is not an event of this build.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeFault {
    /// The record's envelope cannot be read.
    #[error("the record at position {position} cannot be read")]
    Record {
        /// Its position.
        position: Position,
        /// What is wrong with it.
        source: RecordError,
    },
    /// The record's payload cannot be read.
    #[error("the event at position {position} cannot be read")]
    Event {
        /// Its position.
        position: Position,
        /// What is wrong with it.
        source: DecodeError,
    },
}

impl DecodeFault {
    /// Whether a newer build wrote it: nothing is wrong with the bytes.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(
            self,
            Self::Event { source: DecodeError::UnknownType { .. } | DecodeError::UnknownLayout { .. }, .. }
        )
    }
}

/// The event that a record holds.
///
/// # Errors
/// An envelope or payload that this build cannot read.
pub fn decode(record: &RawRecord) -> Result<Recorded, DecodeFault> {
    let position = record.position();
    let meta = record.meta().map_err(|source| DecodeFault::Record { position, source })?;
    let event = Event::decode(meta.stream.category, meta.type_id, meta.schema_version, record.payload())
        .map_err(|source| DecodeFault::Event { position, source })?;
    Ok(Recorded { meta, event })
}
