//! Stored records become events.

use domain::catalogue::DecodeError;
use domain::ids::Position;
use domain::{Event, Recorded};
use journal::{RawRecord, RecordError};

/// Why a stored record is not an event of this release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeFault {
    /// The header holds something unknown.
    #[error("the header at position {position} cannot be read")]
    Header {
        /// Where.
        position: Position,
        /// Why.
        source: RecordError,
    },
    /// The payload is unknown, or does not fit its layout.
    #[error("the event at position {position} cannot be read")]
    Payload {
        /// Where.
        position: Position,
        /// Why.
        source: DecodeError,
    },
}

impl DecodeFault {
    /// Where the record stands.
    #[must_use]
    pub const fn position(&self) -> Position {
        match self {
            Self::Header { position, .. } | Self::Payload { position, .. } => *position,
        }
    }
    /// Whether a later release may have written it: then nothing is wrong with the log.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        match self {
            Self::Header { source, .. } => matches!(source, RecordError::Actor { .. }),
            Self::Payload { source, .. } => !matches!(source, DecodeError::Malformed { .. }),
        }
    }
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        if self.is_unknown() {
            "a later release wrote it: use that release, or export the raw records"
        } else {
            "run `waybill verify`; the record's bytes are not what this release writes"
        }
    }
}

/// The event that a stored record holds.
///
/// # Errors
/// Where actor, type or layout are unknown to this release, or the payload does not fit its layout.
pub fn decode(record: &RawRecord) -> Result<Recorded, DecodeFault> {
    let position = record.position();
    let meta = record.meta().map_err(|source| DecodeFault::Header { position, source })?;
    let event = Event::decode(meta.stream.category, meta.type_id, meta.schema_version, record.payload())
        .map_err(|source| DecodeFault::Payload { position, source })?;
    Ok(Recorded { meta, event })
}
