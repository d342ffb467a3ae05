//! Proofs of a log, each with the signed checkpoint that it leads to, and what a stranger can make of them.

use domain::ids::Position;
use journal::{Journal, ProveError};
use proof::trust::{Held, HeldError, Signer, Trust, judge};
use proof::{Checkpoint, Findings, Hash, ProofError, tree};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::keys::LogKeys;

/// A signed checkpoint, and that it extends a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Anchor {
    /// The signed note (<https://c2sp.org/tlog-checkpoint>).
    pub checkpoint: String,
    /// Proof that its tree begins with the tree that is spoken of; empty where it is the same one. Hashes in base64.
    pub checkpoint_proof: Vec<String>,
}

/// That an event is in a tree (RFC 6962, section 2.1.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Inclusion {
    /// The event.
    pub position: u64,
    /// Events of the tree.
    pub size: u64,
    /// SHA-256 over 0x00 and the stored record, in base64; a record of more than 65,535 bytes has a stand-in.
    pub leaf: String,
    /// Root of the tree, in base64.
    pub root: String,
    /// Siblings on the way from leaf to root, in base64.
    pub proof: Vec<String>,
    /// What signs it.
    #[serde(flatten)]
    pub anchor: Anchor,
}

/// That a tree begins with an earlier one (RFC 6962, section 2.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Consistency {
    /// Events of the earlier tree.
    pub from: u64,
    /// Its root, in base64.
    pub from_root: String,
    /// Events of the later tree.
    pub to: u64,
    /// Its root, in base64.
    pub to_root: String,
    /// Nodes from which both roots follow, in base64.
    pub proof: Vec<String>,
    /// What signs it.
    #[serde(flatten)]
    pub anchor: Anchor,
}

/// What a checked proof shows.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    /// The answers, and what they rest on.
    #[serde(flatten)]
    pub findings: Findings,
    /// The checkpoint, where it could be read.
    pub checkpoint: Option<Held>,
    /// Keys that signed it.
    pub signers: Vec<Signer>,
}

/// Proof that the event at `position` is in the tree of the first `size` events, or of all that are signed. Signs
/// what is durable where the event is not signed yet and the log is open for writing. Blocks.
///
/// # Errors
/// Where there is no such event or tree, or it is not signed, or a tile cannot be read.
pub fn inclusion(journal: &Journal, position: Position, size: Option<u64>) -> Result<Inclusion, ProveError> {
    let note = signed_over(journal, size.unwrap_or(position.0.saturating_add(1)))?;
    let signed = checkpoint_of(&note);
    let size = size.unwrap_or(signed.size);
    let proof = texts(&journal.inclusion(position, size)?);
    let record = journal.get(position).ok().flatten();
    let leaf = record.map(|record| proof::entry::leaf(record.bytes()));
    let missing = || ProveError::Proof(ProofError::Beyond { index: position.0, size });
    let (leaf, root) = (leaf.ok_or_else(missing)?.to_string(), journal.root_at(size)?.to_string());
    let anchor = anchor(journal, note, size, signed.size)?;
    Ok(Inclusion { position: position.0, size, leaf, root, proof, anchor })
}

/// Proof that the tree of the first `to` events, or of all that are signed, begins with that of the first `from`.
/// Signs and blocks as [`inclusion`] does.
///
/// # Errors
/// Where `from` is 0 or above `to`, or there is no such tree, or a tile cannot be read.
pub fn consistency(journal: &Journal, from: u64, to: Option<u64>) -> Result<Consistency, ProveError> {
    let note = signed_over(journal, to.unwrap_or(from))?;
    let signed = checkpoint_of(&note);
    let to = to.unwrap_or(signed.size);
    let proof = texts(&journal.consistency(from, to)?);
    let (from_root, to_root) = (journal.root_at(from)?.to_string(), journal.root_at(to)?.to_string());
    let anchor = anchor(journal, note, to, signed.size)?;
    Ok(Consistency { from, from_root, to, to_root, proof, anchor })
}

/// The last checkpoint, over at least `size` events if they are durable.
pub(crate) fn signed_over(journal: &Journal, size: u64) -> Result<String, ProveError> {
    let covered = |note: &String| checkpoint_of(note).size >= size;
    let durable = journal.watermark().map_or(0, |last| last.0 + 1);
    if let Some(note) = journal.checkpoint().filter(|note| covered(note) || size > durable) {
        return Ok(note);
    }
    // A log that cannot sign now still has what it signed before.
    let note = journal.checkpoint_now().ok().or_else(|| journal.checkpoint());
    note.ok_or(ProveError::Beyond { signed: 0, size })
}

pub(crate) fn checkpoint_of(note: &str) -> Checkpoint {
    let note = proof::Note::parse(note.as_bytes()).expect("the log keeps what it could read");
    Checkpoint::parse(note.text()).expect("the log keeps what it could read")
}

fn anchor(journal: &Journal, checkpoint: String, size: u64, signed: u64) -> Result<Anchor, ProveError> {
    let checkpoint_proof =
        if size == signed || size == 0 { Vec::new() } else { texts(&journal.consistency(size, signed)?) };
    Ok(Anchor { checkpoint, checkpoint_proof })
}

fn texts(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(ToString::to_string).collect()
}

/// Why a proof shows nothing.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("`{actual}` is no hash")]
    Hash { actual: String },
    #[error("the leaf is that of another record: expected {expected}, got {actual}")]
    Leaf { expected: Hash, actual: Hash },
    #[error("the proof does not hold: {0}")]
    Proof(#[from] ProofError),
    #[error("the checkpoint does not extend the tree: {0}")]
    Anchor(#[source] ProofError),
}

fn hash(text: &str) -> Result<Hash, Fault> {
    text.parse().map_err(|_| Fault::Hash { actual: text.chars().take(80).collect() })
}

fn hashes(texts: &[String]) -> Result<Vec<Hash>, Fault> {
    texts.iter().map(|text| hash(text)).collect()
}

impl Inclusion {
    /// Checks the proof with nothing but the record's leaf ([`proof::entry::leaf`]) and the keys in `trust`; `own`
    /// are keys that the log itself gives.
    #[must_use]
    pub fn check(&self, leaf: &Hash, own: &LogKeys, trust: &Trust) -> Shown {
        shown(&self.anchor, own, trust, |signed| self.holds(leaf, signed))
    }
    fn holds(&self, leaf: &Hash, signed: &Checkpoint) -> Result<(), Fault> {
        let (root, actual) = (hash(&self.root)?, hash(&self.leaf)?);
        if actual != *leaf {
            return Err(Fault::Leaf { expected: *leaf, actual });
        }
        tree::verify_inclusion(self.position, self.size, leaf, &hashes(&self.proof)?, &root)?;
        self.anchor.extends(self.size, &root, signed)
    }
}

impl Consistency {
    /// Checks the proof with nothing but the keys in `trust`; `own` are keys that the log itself gives.
    #[must_use]
    pub fn check(&self, own: &LogKeys, trust: &Trust) -> Shown {
        shown(&self.anchor, own, trust, |signed| self.holds(signed))
    }
    fn holds(&self, signed: &Checkpoint) -> Result<(), Fault> {
        let (from_root, to_root) = (hash(&self.from_root)?, hash(&self.to_root)?);
        tree::verify_consistency(self.from, &from_root, self.to, &to_root, &hashes(&self.proof)?)?;
        self.anchor.extends(self.to, &to_root, signed)
    }
}

impl Anchor {
    fn extends(&self, size: u64, root: &Hash, signed: &Checkpoint) -> Result<(), Fault> {
        let proof = hashes(&self.checkpoint_proof)?;
        tree::verify_consistency(size, root, signed.size, &signed.root, &proof).map_err(Fault::Anchor)
    }
}

fn shown(
    anchor: &Anchor,
    own: &LogKeys,
    trust: &Trust,
    holds: impl FnOnce(&Checkpoint) -> Result<(), Fault>,
) -> Shown {
    let mut findings = Findings::default();
    let (checkpoint, signers) = match Held::read(anchor.checkpoint.as_bytes()) {
        Ok((note, checkpoint, held)) => {
            let signers = judge(&note, &held, &own.all(), &own.rotations, trust, &mut findings);
            if let Err(fault) = holds(&checkpoint) {
                findings.altered(None, fault.to_string());
            }
            (Some(held), signers)
        }
        Err(error) => {
            findings.altered(None, with_source(&error));
            (None, Vec::new())
        }
    };
    findings.settle();
    Shown { findings, checkpoint, signers }
}

fn with_source(error: &HeldError) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

/// When the checkpoint of a note says that it was signed.
#[cfg(test)]
pub(crate) fn signed_at(checkpoint: &Checkpoint) -> Option<domain::values::Timestamp> {
    checkpoint.extension("time").and_then(|time| time.parse().ok())
}

#[cfg(test)]
mod tests {
    use domain::ids::RunId;
    use journal::Options;
    use proof::Outcome;

    use super::*;
    use crate::testing::append;

    fn journal(events: u64) -> Journal {
        let journal = Journal::memory(Options::default());
        for _ in 0..events {
            append(&journal, RunId::from_bytes([1; 16]), &[(301, 1, b"")]);
        }
        journal
    }

    fn leaf(journal: &Journal, position: u64) -> Hash {
        proof::entry::leaf(journal.get(Position(position)).unwrap().unwrap().bytes())
    }

    fn pinned(journal: &Journal) -> Trust {
        Trust { keys: journal.verifying_key().into_iter().collect(), ..Trust::default() }
    }

    #[test]
    fn every_event_is_proven_in_every_tree_and_in_no_other_place() {
        let journal = journal(20);
        let trust = pinned(&journal);
        for size in [1, 2, 7, 8, 13, 20] {
            for position in 0..size {
                let proof = inclusion(&journal, Position(position), Some(size)).unwrap();
                let shown = proof.check(&leaf(&journal, position), &LogKeys::default(), &trust);
                assert_eq!(shown.findings.outcome(), Outcome::Verified, "{position} of {size}: {shown:?}");
                let wrong = proof.check(&leaf(&journal, (position + 1) % 20), &LogKeys::default(), &trust);
                assert_eq!(wrong.findings.outcome(), Outcome::Altered);
                let moved = Inclusion { position: position + 1, ..proof };
                let moved = moved.check(&leaf(&journal, position), &LogKeys::default(), &trust);
                assert_eq!(moved.findings.outcome(), Outcome::Altered);
            }
        }
    }

    #[test]
    fn a_tree_extends_every_earlier_one_and_the_checkpoint_extends_it() {
        let journal = journal(20);
        let trust = pinned(&journal);
        for (from, to) in [(1, 1), (1, 20), (7, 8), (8, 19), (20, 20)] {
            let proof = consistency(&journal, from, Some(to)).unwrap();
            assert_eq!(proof.check(&LogKeys::default(), &trust).findings.outcome(), Outcome::Verified);
            let other = Consistency { from_root: leaf(&journal, 0).to_string(), ..proof.clone() };
            if from > 1 {
                assert_eq!(other.check(&LogKeys::default(), &trust).findings.outcome(), Outcome::Altered);
            }
            let mut cut = proof;
            cut.anchor.checkpoint_proof.push(cut.to_root.clone());
            assert_eq!(cut.check(&LogKeys::default(), &trust).findings.outcome(), Outcome::Altered);
        }
    }

    #[test]
    fn a_key_counts_through_its_changes_and_a_strangers_does_not() {
        let journal = journal(3);
        let trust = pinned(&journal);
        crate::testing::rotate(&journal);
        let proof = inclusion(&journal, Position(1), None).unwrap();
        let keys = crate::keys(&journal).unwrap();
        assert_eq!((keys.earlier.clone(), keys.all().len()), (trust.keys.clone(), 2));
        let of =
            |keys: &LogKeys, trust: &Trust| proof.check(&leaf(&journal, 1), keys, trust).findings.outcome();
        assert_eq!(of(&keys, &trust), Outcome::Verified);
        assert_eq!(of(&LogKeys::default(), &trust), Outcome::UnknownKey, "the change is not known");
        assert_eq!(of(&keys, &Trust::default()), Outcome::UnknownKey);
        assert_eq!(of(&keys, &Trust { bundled: true, ..Trust::default() }), Outcome::Verified);
        let stranger = pinned(&self::journal(1));
        assert_eq!(of(&keys, &stranger), Outcome::UnknownKey);
    }

    #[test]
    fn what_is_not_there_has_no_proof() {
        let journal = journal(3);
        journal.checkpoint_now().unwrap();
        assert!(matches!(
            inclusion(&journal, Position(3), None),
            Err(ProveError::Proof(_) | ProveError::Beyond { .. })
        ));
        assert_eq!(inclusion(&journal, Position(0), Some(9)), Err(ProveError::Beyond { signed: 3, size: 9 }));
        assert!(matches!(consistency(&journal, 0, None), Err(ProveError::Proof(ProofError::Empty))));
        assert!(matches!(
            consistency(&journal, 3, Some(2)),
            Err(ProveError::Proof(ProofError::Backwards { .. }))
        ));
    }
}
