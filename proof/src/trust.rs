//! Whose signatures count: keys that a verifier holds, keys that follow from them, and all the others.

use domain::ids::LogId;
use domain::log::LogEvent;
use domain::values::Timestamp;
use domain::{Event, StreamId};
use serde::{Serialize, Serializer};

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::cosignature;
use crate::hash::Hash;
use crate::note::{Algorithm, Note, NoteError, VerifyingKey};
use crate::origin::{Origin, OriginError};
use crate::record::RawRecord;
use crate::rotation::{self, Rotation, RotationError};
use crate::verdict::Findings;

/// What a verifier holds.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Keys of logs and of witnesses, from elsewhere than what is verified.
    pub keys: Vec<VerifyingKey>,
    /// Whether keys that come with what is verified count too: then it is proven that it is whole, not whose log it
    /// is of.
    pub bundled: bool,
    /// How old the checkpoint may be; any age where there is none.
    pub freshness: Option<Freshness>,
}

/// How old a checkpoint may be.
#[derive(Debug, Clone, Copy)]
pub struct Freshness {
    /// What time it is.
    pub now: Timestamp,
    /// Largest age, in milliseconds.
    pub max_age_ms: u64,
}

/// Why a signature counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// The verifier was given this key.
    Given,
    /// The log changed a given key for this one, by a statement that both signed.
    Followed,
    /// The key came along and was accepted because the verifier asked for that.
    Bundled,
    /// The key came along, and nobody vouches for it.
    Unknown,
}

/// A key that signed a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// The key, as `name+id+base64`.
    pub key: String,
    /// Why it counts.
    pub standing: Standing,
    /// When a witness saw the checkpoint; none where the key is the log's own.
    pub witnessed_at: Option<Timestamp>,
}

/// A checkpoint of a log of ours, as far as it can be read without any key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The log.
    pub log: LogId,
    /// Its epoch.
    pub epoch: u64,
    /// Events that the log had.
    pub size: u64,
    /// Root of its tree.
    #[serde(serialize_with = "as_text")]
    pub root: Hash,
    /// When the log signed it, as it says.
    pub time: Option<Timestamp>,
}

fn as_text<S: Serializer>(hash: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(hash)
}

/// Why a checkpoint says nothing.
#[derive(Debug, thiserror::Error)]
pub enum HeldError {
    /// It is no checkpoint.
    #[error("expected a signed checkpoint")]
    Checkpoint(#[from] CheckpointError),
    /// It is of something else than a log of ours.
    #[error("expected a checkpoint of a log")]
    Origin(#[from] OriginError),
}

impl Held {
    /// Reads a signed checkpoint. Says nothing about its signatures: that is for [`judge`].
    ///
    /// # Errors
    /// Where the bytes are not the checkpoint of a log.
    pub fn read(bytes: &[u8]) -> Result<(Note, Checkpoint, Self), HeldError> {
        let note = Note::parse(bytes).map_err(CheckpointError::Note)?;
        let checkpoint = Checkpoint::parse(note.text())?;
        let origin: Origin = checkpoint.origin.parse()?;
        let time = checkpoint.extension("time").and_then(|time| time.parse().ok());
        let (log, epoch, size, root) = (origin.log, origin.epoch, checkpoint.size, checkpoint.root);
        Ok((note, checkpoint, Self { log, epoch, size, root, time }))
    }
}

/// Says which known keys signed a checkpoint and whether one of them counts, and whether it is fresh enough.
/// `bundled` are keys that came along, each with whether it is the log's own; `rotations` the log's changes of key.
pub fn judge(
    note: &Note,
    held: &Held,
    bundled: &[VerifyingKey],
    rotations: &[Rotation],
    trust: &Trust,
    findings: &mut Findings,
) -> Vec<Signer> {
    judge_age(held, trust, findings);
    let ring = ring(held, bundled, rotations, trust);
    let keys: Vec<VerifyingKey> = ring.iter().map(|(key, _)| key.clone()).collect();
    let signers = match note.signers(&keys) {
        Ok(signers) => signers,
        Err(NoteError::Unknown { .. }) => {
            findings.note("no key that is known or came along has signed the checkpoint");
            return Vec::new();
        }
        Err(error) => {
            findings.altered(None, format!("the checkpoint is not as it was signed: {error}"));
            return Vec::new();
        }
    };
    let signer = |key: &VerifyingKey| {
        let standing = ring.iter().find(|(other, _)| other == key).expect("it is of the ring").1;
        Signer { key: key.to_string(), standing, witnessed_at: witnessed_at(note, key) }
    };
    let signers: Vec<_> = signers.into_iter().map(signer).collect();
    findings.key_known = signers.iter().any(|signer| signer.standing != Standing::Unknown);
    signers
}

fn judge_age(held: &Held, trust: &Trust, findings: &mut Findings) {
    let Some(freshness) = trust.freshness else { return };
    let age_ms = held.time.map(|time| freshness.now.since_ms(time));
    findings.stale = Some(age_ms.is_none_or(|age| age > freshness.max_age_ms));
    match held.time {
        None => findings.note("the checkpoint does not say when it was signed"),
        Some(time) if time > freshness.now => {
            findings.note("the checkpoint is signed for a time that has not come yet");
        }
        Some(_) => {}
    }
}

/// Every key that may have signed, each once, with why it counts.
fn ring(
    held: &Held,
    bundled: &[VerifyingKey],
    rotations: &[Rotation],
    trust: &Trust,
) -> Vec<(VerifyingKey, Standing)> {
    // A log's key is good for the log whose name it bears, and for no other. A witness may see any log.
    let name = Origin { log: held.log, epoch: held.epoch }.key_name();
    let is_witness = |key: &VerifyingKey| key.algorithm() == Algorithm::CosignatureV1;
    let mut ring: Vec<(VerifyingKey, Standing)> = Vec::new();
    let mut add = |key: &VerifyingKey, standing| {
        if (is_witness(key) || key.name() == name) && !ring.iter().any(|(other, _)| other == key) {
            ring.push((key.clone(), standing));
        }
    };
    trust.keys.iter().for_each(|key| add(key, Standing::Given));
    rotation::follow(&trust.keys, rotations).iter().for_each(|key| add(key, Standing::Followed));
    let own = |key: &VerifyingKey| {
        if trust.bundled && !is_witness(key) { Standing::Bundled } else { Standing::Unknown }
    };
    bundled.iter().for_each(|key| add(key, own(key)));
    ring
}

fn witnessed_at(note: &Note, key: &VerifyingKey) -> Option<Timestamp> {
    let signature = note.signatures().iter().find(|signature| signature.is_of(key))?;
    let seconds = cosignature::seconds(signature).filter(|_| key.algorithm() == Algorithm::CosignatureV1)?;
    Some(Timestamp::from_millis(i64::try_from(seconds).ok()?.checked_mul(1000)?))
}

/// The change of key that a record of the log's own stream holds; `None` where it holds something else.
#[must_use]
pub fn rotation_in(record: &RawRecord, log: LogId) -> Option<Result<Rotation, RotationError>> {
    if record.stream() != StreamId::from(log) {
        return None;
    }
    let (category, version) = (record.stream().category, record.schema_version());
    match Event::decode(category, record.type_id(), version, record.payload()) {
        Ok(Event::Log(LogEvent::SigningKeyRotated(rotated))) => {
            Some(rotation::verify(rotated.statement.as_bytes(), log))
        }
        _ => None,
    }
}
