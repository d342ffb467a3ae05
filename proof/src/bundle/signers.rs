//! Who signed a bundle's checkpoint, and whether any of them counts.

use bytes::Bytes;
use domain::log::LogEvent;
use domain::values::Timestamp;
use domain::{Event, StreamId};

use super::parts::Keys;
use super::report::{Held, Report, Signer, Standing};
use super::verify::Trust;
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::cosignature;
use crate::note::{Algorithm, Note, NoteError, VerifyingKey};
use crate::origin::{Origin, OriginError};
use crate::record::RawRecord;
use crate::rotation::{self, Rotation};

/// Why a checkpoint says nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignedError {
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Origin(#[from] OriginError),
}

/// A checkpoint whose text could be read.
pub(super) struct Signed {
    pub(super) checkpoint: Checkpoint,
    pub(super) held: Held,
}

/// Reads the checkpoint and says who signed it.
pub(super) fn check(
    bytes: &Bytes,
    bundled: &Keys,
    rotations: &[RawRecord],
    trust: &Trust,
    report: &mut Report,
) -> Result<Signed, SignedError> {
    let note = Note::parse(bytes).map_err(CheckpointError::Note)?;
    let checkpoint = Checkpoint::parse(note.text())?;
    let origin: Origin = checkpoint.origin.parse()?;
    let time = checkpoint.extension("time").and_then(|time| time.parse().ok());
    let held =
        Held { log: origin.log, epoch: origin.epoch, size: checkpoint.size, root: checkpoint.root, time };
    report.checkpoint = Some(held.clone());
    let rotations = statements(rotations, &origin, report);
    let ring = ring(&origin, bundled, &rotations, trust, report);
    let keys: Vec<VerifyingKey> = ring.iter().map(|(key, _)| key.clone()).collect();
    match note.signers(&keys) {
        Ok(signers) => {
            for key in signers {
                let standing = ring.iter().find(|(other, _)| other == key).expect("it is of the ring").1;
                report.key_known |= standing != Standing::Unknown;
                let witnessed_at = witnessed_at(&note, key);
                report.signers.push(Signer { key: key.to_string(), standing, witnessed_at });
            }
        }
        Err(NoteError::Unknown { .. }) => {
            report.note("nobody whose key is known, or in the bundle, signed the checkpoint");
        }
        Err(error) => report.altered(None, format!("the checkpoint is not as it was signed: {error}")),
    }
    Ok(Signed { checkpoint, held })
}

fn witnessed_at(note: &Note, key: &VerifyingKey) -> Option<Timestamp> {
    let signature = note.signatures().iter().find(|signature| signature.is_of(key))?;
    let seconds = cosignature::seconds(signature).filter(|_| key.algorithm() == Algorithm::CosignatureV1)?;
    Some(Timestamp::from_millis(i64::try_from(seconds).ok()?.checked_mul(1000)?))
}

/// Every key that may have signed, each once, with why it counts.
fn ring(
    origin: &Origin,
    bundled: &Keys,
    rotations: &[Rotation],
    trust: &Trust,
    report: &mut Report,
) -> Vec<(VerifyingKey, Standing)> {
    // A key is good for the log that bears its name, and for no other.
    let name = origin.key_name();
    let speaks = |key: &VerifyingKey| key.algorithm() == Algorithm::CosignatureV1 || key.name() == name;
    let mut ring: Vec<(VerifyingKey, Standing)> = Vec::new();
    let mut add = |key: VerifyingKey, standing| {
        if speaks(&key) && !ring.iter().any(|(other, _)| *other == key) {
            ring.push((key, standing));
        }
    };
    let followed = rotation::follow(&trust.keys, rotations);
    trust.keys.iter().for_each(|key| add(key.clone(), Standing::Given));
    followed.into_iter().for_each(|key| add(key, Standing::Followed));
    let own = if trust.bundled { Standing::Bundled } else { Standing::Unknown };
    for (texts, standing) in [(&bundled.log, own), (&bundled.witnesses, Standing::Unknown)] {
        for text in texts {
            match text.parse::<VerifyingKey>() {
                Ok(key) => add(key, standing),
                Err(error) => {
                    report.altered(None, format!("`keys.json` has something that is no key: {error}"));
                }
            }
        }
    }
    ring
}

/// The log's changes of key, from their records.
fn statements(records: &[RawRecord], origin: &Origin, report: &mut Report) -> Vec<Rotation> {
    let mut rotations = Vec::new();
    for record in records {
        let position = Some(record.position());
        let statement = statement(record, origin);
        match statement.map(|statement| rotation::verify(statement.as_bytes(), origin.log)) {
            Some(Ok(rotation)) => rotations.push(rotation),
            Some(Err(error)) => {
                report.altered(position, format!("a change of key is not what it says: {error}"));
            }
            None => report.altered(position, "`rotations.bin` holds something else than a change of key"),
        }
    }
    rotations
}

/// The signed statement of a change of key.
fn statement(record: &RawRecord, origin: &Origin) -> Option<String> {
    if record.stream() != StreamId::from(origin.log) {
        return None;
    }
    let (category, version) = (record.stream().category, record.schema_version());
    match Event::decode(category, record.type_id(), version, record.payload()) {
        Ok(Event::Log(LogEvent::SigningKeyRotated(rotated))) => Some(rotated.statement),
        _ => None,
    }
}

/// A text of the bundle for a terminal: cut, and without control characters.
pub(super) fn plain(text: &str, characters: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(characters).collect()
}
