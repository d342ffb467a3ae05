//! Evidence of a run: everything that the log holds of it, and what proves that, in one file.

use domain::ids::{RunId, StreamVersion};
use domain::values::Timestamp;
use domain::{Recorded, StreamId};
use journal::{Journal, ProveError, RawRecord, ReadError};
use proof::bundle::{self, BuildError};
use proof::tile::{self, TileId};
use proof::{Hash, Nodes, Note, VerifyingKey};
use vault::Vault;

use crate::prove::{checkpoint_of, signed_over};
use crate::story::{self, Style};
use crate::{decode, keys};

/// Columns of the story in the report.
const WIDTH: usize = 110;

/// Why there is no evidence of a run.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The log has no such run.
    #[error("there is no run `{run}`")]
    Unknown {
        /// The run.
        run: RunId,
    },
    /// None of its events is signed yet.
    #[error("expected a checkpoint over run `{run}`, got one over {signed} events, all before it")]
    Unsigned {
        /// The run.
        run: RunId,
        /// Events of the last signed tree.
        signed: u64,
    },
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Read(#[from] ReadError),
    /// The log has signed nothing, or a tile cannot be read.
    #[error("the events cannot be proven")]
    Prove(#[from] ProveError),
    /// The bundle cannot be made.
    #[error("the bundle cannot be made")]
    Build(#[from] BuildError<ProveError>),
}

/// Who makes a bundle, and with what.
#[derive(Debug, Clone)]
pub struct Maker {
    /// When.
    pub made_at: Timestamp,
    /// Version of the software.
    pub software: String,
    /// A checkpoint of this log with signatures of witnesses, which is used where it covers the whole run; the bytes
    /// of a signed note.
    pub witnessed: Option<String>,
    /// Keys of these witnesses.
    pub witness_keys: Vec<VerifyingKey>,
    /// What opens sealed text in the report; the records have it sealed.
    pub vault: Vault,
}

/// The bundle of a run, as far as it is signed; a log that is open for writing signs it first. Blocks.
///
/// # Errors
/// Where there is no such run, none of it is signed, or the log or a tile cannot be read.
pub fn evidence(journal: &Journal, run: RunId, maker: &Maker) -> Result<Vec<u8>, EvidenceError> {
    let mut records = journal.read_stream(StreamId::from(run), StreamVersion(0), usize::MAX)?;
    let end = records.last().ok_or(EvidenceError::Unknown { run })?.position().0 + 1;
    let note = checkpoint(journal, end, maker)?;
    let signed = checkpoint_of(&note).size;
    records.retain(|record| record.position().0 < signed);
    if records.is_empty() {
        return Err(EvidenceError::Unsigned { run, signed });
    }
    let keys = keys(journal)?;
    let log_keys = keys.all();
    let mut rotations = keys.records;
    rotations.retain(|record| record.position().0 < signed);
    let evidence = bundle::Evidence {
        story: Some(told(&records, &maker.vault)),
        records,
        rotations,
        checkpoint: Note::parse(note.as_bytes()).expect("the log keeps what it could read"),
        log_keys,
        witness_keys: maker.witness_keys.clone(),
        made_at: maker.made_at,
        software: maker.software.clone(),
    };
    Ok(bundle::build(&evidence, &Stored { journal, size: signed })?)
}

/// The checkpoint to prove by: one that witnesses have seen says more than one that is newer.
fn checkpoint(journal: &Journal, end: u64, maker: &Maker) -> Result<String, ProveError> {
    match &maker.witnessed {
        Some(note) if checkpoint_of(note).size >= end => Ok(note.clone()),
        _ => signed_over(journal, end),
    }
}

/// The story as Markdown: set in, so that nothing an agent wrote is taken for markup.
fn told(records: &[RawRecord], vault: &Vault) -> String {
    let mut events: Vec<Recorded> = records.iter().filter_map(|record| decode(record).ok()).collect();
    events.iter_mut().for_each(|event| vault.reveal_event(&mut event.event));
    let mut text = Vec::new();
    let style = Style { width: WIDTH, colour: false, full: false };
    story::tell(events, None, style, &mut text).expect("memory takes what is written");
    let text = String::from_utf8_lossy(&text);
    let lines =
        text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") });
    format!("## The story\n\n{}", lines.collect::<String>())
}

/// The nodes of a signed tree, from its tiles.
struct Stored<'a> {
    journal: &'a Journal,
    size: u64,
}

impl Nodes for Stored<'_> {
    type Error = ProveError;
    fn node(&self, level: u8, index: u64) -> Result<Hash, ProveError> {
        let beyond = || ProveError::Beyond { signed: self.size, size: (index + 1) << level };
        let (id, range) = TileId::of_node(level, index, self.size).ok_or_else(beyond)?;
        let unusable = |reason: String| ProveError::Tile { path: id.path(), reason };
        let bytes = self.journal.tile(&id.path())?.ok_or_else(|| unusable("it is missing".into()))?;
        let hashes = tile::decode_tile(&bytes, id.width).map_err(|error| unusable(error.to_string()))?;
        Ok(tile::perfect_root(&hashes[range]))
    }
}

#[cfg(test)]
mod tests {
    use domain::Event;
    use domain::run::{RunEvent, RunStarted};
    use journal::Options;
    use proof::{Outcome, Trust};

    use super::*;
    use crate::testing::{append, rotate};

    fn maker() -> Maker {
        let made_at = Timestamp::from_millis(1_790_000_000_000);
        Maker {
            made_at,
            software: "0.1.0".into(),
            witnessed: None,
            witness_keys: Vec::new(),
            vault: Vault::memory(),
        }
    }

    fn run(byte: u8) -> RunId {
        RunId::from_bytes([byte; 16])
    }

    fn lived() -> Journal {
        let journal = Journal::memory(Options::default());
        let started = Event::Run(RunEvent::from(RunStarted {})).encode();
        for round in 0..700 {
            append(&journal, run(1 + u8::from(round % 7 == 0)), &[(301, 1, &started), (301, 1, &started)]);
        }
        journal
    }

    #[test]
    fn a_run_is_proven_whole_by_whoever_holds_an_earlier_key() {
        let journal = lived();
        let trust = Trust { keys: journal.verifying_key().into_iter().collect(), ..Trust::default() };
        rotate(&journal);
        let bytes = evidence(&journal, run(2), &maker()).unwrap();
        let report = bundle::verify(&bytes.into(), &trust).unwrap();
        assert_eq!(report.findings.outcome(), Outcome::Verified, "{report:?}");
        assert_eq!((report.events, report.streams[0].stream), (200, StreamId::from(run(2))));
    }

    #[test]
    fn a_checkpoint_that_witnesses_saw_is_used_where_it_covers_the_run() {
        let journal = lived();
        let seen = journal.checkpoint_now().unwrap();
        let size = checkpoint_of(&seen).size;
        append(&journal, run(1), &[(301, 1, b"")]);
        journal.checkpoint_now().unwrap();
        let maker = Maker { witnessed: Some(seen), ..maker() };
        let trust = Trust { bundled: true, ..Trust::default() };
        let of = |run| bundle::verify(&evidence(&journal, run, &maker).unwrap().into(), &trust).unwrap();
        assert_eq!(of(run(2)).checkpoint.unwrap().size, size);
        assert_eq!(of(run(1)).checkpoint.unwrap().size, size + 1);
    }

    #[test]
    fn there_is_no_evidence_of_nothing() {
        assert!(matches!(evidence(&lived(), run(9), &maker()), Err(EvidenceError::Unknown { .. })));
    }

    #[test]
    fn what_an_agent_wrote_cannot_leave_the_story() {
        let journal = lived();
        let records = journal.read_stream(StreamId::from(run(2)), StreamVersion(0), 10).unwrap();
        let story = told(&records, &Vault::memory());
        let set_in = |line: &str| line.is_empty() || line.starts_with("    ") || line == "## The story";
        assert!(story.lines().all(set_in), "{story}");
    }
}
