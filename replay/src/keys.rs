//! The keys of a log: the one that signs, and those before it, as the log's own events tell.

use domain::StreamId;
use domain::ids::StreamVersion;
use journal::{Journal, RawRecord, ReadError};
use proof::VerifyingKey;
use proof::rotation::Rotation;
use proof::trust::rotation_in;

/// Public keys of a log.
#[derive(Debug, Clone, Default)]
pub struct LogKeys {
    /// The one that signs; `None` where the data folder has none.
    pub current: Option<VerifyingKey>,
    /// Those before it, oldest first.
    pub earlier: Vec<VerifyingKey>,
    /// Every change that both of its keys have signed, in order.
    pub rotations: Vec<Rotation>,
    /// The records of these changes.
    pub records: Vec<RawRecord>,
}

impl LogKeys {
    /// All keys, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<VerifyingKey> {
        self.earlier.iter().chain(&self.current).cloned().collect()
    }
}

/// The keys of a log. A change that does not hold is left out: to say so is for a verification.
///
/// # Errors
/// Where the log cannot be read.
pub fn keys(journal: &Journal) -> Result<LogKeys, ReadError> {
    let log = journal.identity().log_id;
    let mut keys = LogKeys { current: journal.verifying_key(), ..LogKeys::default() };
    for record in journal.read_stream(StreamId::from(log), StreamVersion(0), usize::MAX)? {
        let Some(Ok(rotation)) = rotation_in(&record, log) else { continue };
        if keys.current.as_ref() != Some(&rotation.old) && !keys.earlier.contains(&rotation.old) {
            keys.earlier.push(rotation.old.clone());
        }
        keys.rotations.push(rotation);
        keys.records.push(record);
    }
    Ok(keys)
}
