//! Keys that a bundle brings along.

use bytes::Bytes;

use super::parts::Keys;
use super::report::Report;
use crate::checkpoint::Checkpoint;
use crate::note::VerifyingKey;
use crate::record::RawRecord;
use crate::rotation::Rotation;
use crate::trust::{Held, HeldError, Trust, judge, rotation_in};

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
) -> Result<Signed, HeldError> {
    let (note, checkpoint, held) = Held::read(bytes)?;
    report.checkpoint = Some(held.clone());
    let rotations = statements(rotations, &held, report);
    let bundled = keys(bundled, report);
    report.signers = judge(&note, &held, &bundled, &rotations, trust, &mut report.findings);
    Ok(Signed { checkpoint, held })
}

fn keys(bundled: &Keys, report: &mut Report) -> Vec<VerifyingKey> {
    let mut keys = Vec::new();
    for text in bundled.log.iter().chain(&bundled.witnesses) {
        match text.parse() {
            Ok(key) => keys.push(key),
            Err(error) => {
                report.findings.altered(None, format!("`keys.json` has something that is no key: {error}"));
            }
        }
    }
    keys
}

/// The log's changes of key, from their records.
fn statements(records: &[RawRecord], held: &Held, report: &mut Report) -> Vec<Rotation> {
    let mut rotations = Vec::new();
    for record in records {
        let position = Some(record.position());
        match rotation_in(record, held.log) {
            Some(Ok(rotation)) => rotations.push(rotation),
            Some(Err(error)) => {
                report.findings.altered(position, format!("a change of key is not what it says: {error}"));
            }
            None => {
                let what = "`rotations.bin` holds something else than a change of key";
                report.findings.altered(position, what);
            }
        }
    }
    rotations
}
