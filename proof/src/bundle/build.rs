//! Making a bundle.

use std::collections::BTreeMap;

use bytes::Bytes;
use domain::StreamId;
use domain::values::Timestamp;

use super::archive::pack;
use super::parts::{FORMAT, Keys, Manifest, Proofs, StreamPart};
use super::{README_TEXT, derive};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::note::{Note, VerifyingKey};
use crate::origin::{Origin, OriginError};
use crate::record::RawRecord;
use crate::tree::{Nodes, ProofError, batch_proof};

/// What a bundle is made of.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Every record of the streams, in the order of the log.
    pub records: Vec<RawRecord>,
    /// The records of the log's changes of key, in their order, below the checkpoint.
    pub rotations: Vec<RawRecord>,
    /// The signed checkpoint, with cosignatures where there are some; all records are below its size.
    pub checkpoint: Note,
    /// Public keys of the log, oldest first.
    pub log_keys: Vec<VerifyingKey>,
    /// Public keys of witnesses whose cosignatures the checkpoint has.
    pub witness_keys: Vec<VerifyingKey>,
    /// When the bundle is made.
    pub made_at: Timestamp,
    /// Version of the software that makes it.
    pub software: String,
    /// What the caller has to tell of the run, as Markdown, for the report.
    pub story: Option<String>,
}

/// Why no bundle was made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError<E: std::error::Error + 'static> {
    /// There is nothing to prove.
    #[error("expected at least one record, got none")]
    Empty,
    /// The checkpoint is none.
    #[error("the checkpoint cannot be read")]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint is not of a log of ours.
    #[error("the checkpoint is of something else")]
    Origin(#[from] OriginError),
    /// The tree's nodes cannot be had, or records are not in order and below the checkpoint.
    #[error("the records cannot be proven")]
    Nodes(#[source] E),
}

/// The bytes of a bundle. `nodes` are those of the log's tree, at least as far as the checkpoint. The same evidence
/// gives the same bytes.
///
/// # Errors
/// Where there is no record, the checkpoint is none of a log, or a record cannot be proven under it.
pub fn build<N: Nodes + ?Sized>(evidence: &Evidence, nodes: &N) -> Result<Vec<u8>, BuildError<N::Error>>
where
    N::Error: From<ProofError> + std::error::Error + 'static,
{
    if evidence.records.is_empty() {
        return Err(BuildError::Empty);
    }
    let checkpoint = Checkpoint::parse(evidence.checkpoint.text())?;
    let origin: Origin = checkpoint.origin.parse()?;
    let mut positions: Vec<u64> =
        evidence.records.iter().chain(&evidence.rotations).map(|record| record.position().0).collect();
    positions.sort_unstable();
    positions.dedup();
    let proof = batch_proof(nodes, &positions, checkpoint.size).map_err(BuildError::Nodes)?;
    let manifest = Manifest {
        format: FORMAT,
        log: origin.log,
        epoch: origin.epoch,
        streams: streams(&evidence.records),
        made_at: evidence.made_at,
        software: evidence.software.clone(),
    };
    let text = |keys: &[VerifyingKey]| keys.iter().map(ToString::to_string).collect();
    let keys = Keys { log: text(&evidence.log_keys), witnesses: text(&evidence.witness_keys) };
    let lines: Vec<_> = evidence.records.iter().map(derive::line).collect();
    let events: String = lines.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect();
    let report = derive::report(&manifest, &checkpoint, &lines, evidence.story.as_deref());
    let proofs =
        serde_json::to_string(&Proofs::of(checkpoint.size, &proof)).expect("plain data is always JSON");
    let files = [
        README_TEXT.into(),
        derive::pretty(&manifest).into(),
        evidence.checkpoint.encode().into(),
        derive::pretty(&keys).into(),
        joined(&evidence.records),
        joined(&evidence.rotations),
        format!("{proofs}\n").into(),
        derive::schemas(&evidence.records).into(),
        events.into(),
        report.into(),
    ];
    Ok(pack(&files, evidence.made_at))
}

fn joined(records: &[RawRecord]) -> Bytes {
    let mut bytes = Vec::with_capacity(records.iter().map(|record| record.bytes().len()).sum());
    records.iter().for_each(|record| bytes.extend_from_slice(record.bytes()));
    bytes.into()
}

/// What each stream has among the records, in the order in which they begin.
pub(super) fn streams(records: &[RawRecord]) -> Vec<StreamPart> {
    let mut places: BTreeMap<StreamId, usize> = BTreeMap::new();
    let mut parts: Vec<StreamPart> = Vec::new();
    for record in records {
        let (stream, position) = (record.stream(), record.position());
        let place = *places.entry(stream).or_insert_with(|| {
            let (events, last_version) = (0, record.version());
            let part = StreamPart {
                stream,
                events,
                last_version,
                first_position: position,
                last_position: position,
            };
            parts.push(part);
            parts.len() - 1
        });
        let part = &mut parts[place];
        part.events += 1;
        (part.last_version, part.last_position) = (record.version(), position);
    }
    parts
}
