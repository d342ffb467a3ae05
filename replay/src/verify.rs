//! Checks a whole log: every byte as the journal promises it, and every payload as an event.

use domain::ids::{Position, StreamVersion};
use domain::log::{Log, LogEvent};
use domain::values::Timestamp;
use domain::{Decider, Event, StreamId};
use journal::{Journal, Progress, RawRecord, SignedTree, VerifyOptions, VerifyReport};
use proof::VerifyingKey;
use proof::rotation::{self, Rotation};
use serde::Serialize;

use crate::decode::decode;

/// Faults that a report lists; more are only counted.
const MAX_FAULTS: usize = 100;

/// Something that is wrong at one position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Where.
    pub position: Position,
    /// What, as a fragment of a sentence.
    pub what: String,
}

/// What a verification found. The keys are stable.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Nothing altered and nothing missing.
    pub verified: bool,
    /// Every byte is as it was written, and every payload of a known layout fits it.
    ///
    /// None where that cannot be told: no signature of a known key says what was written.
    pub nothing_altered: Option<bool>,
    /// Every position, version and commit is whole, up to what was signed last. None where that cannot be told.
    pub nothing_missing: Option<bool>,
    /// Events read.
    pub events: u64,
    /// Streams seen.
    pub streams: u64,
    /// Commits seen.
    pub commits: u64,
    /// Blocks read.
    pub blocks: u64,
    /// Bytes of all records.
    pub bytes: u64,
    /// Bytes of all blocks as stored.
    pub stored_bytes: u64,
    /// When the first event was recorded.
    pub first_time: Option<Timestamp>,
    /// When the last event was recorded.
    pub last_time: Option<Timestamp>,
    /// The signed checkpoint that the log was compared with.
    pub checkpoint: Option<Signed>,
    /// The earlier checkpoint that the log was found to extend.
    pub since: Option<Signed>,
    /// Whether there is a checkpoint that no known key has signed.
    pub unknown_key: bool,
    /// Events of a type, layout or actor that this release does not know. They are whole, and no fault.
    pub unknown_events: u64,
    /// Events whose payload does not fit its layout.
    pub malformed_events: u64,
    /// Number of all faults.
    pub fault_count: u64,
    /// The first 100 faults, by position.
    pub faults: Vec<Finding>,
    /// Remarks that are no faults.
    pub notes: Vec<String>,
}

/// A signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signed {
    /// Events that it covers.
    pub size: u64,
    /// Root of their tree, in base64.
    pub root: String,
    /// When it was signed, as it says.
    pub time: Option<String>,
    /// The key that signed it, as `name+id+base64`.
    pub key: String,
}

impl From<SignedTree> for Signed {
    fn from(signed: SignedTree) -> Self {
        Self { size: signed.size, root: signed.root.to_string(), time: signed.time, key: signed.key }
    }
}

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing altered, nothing missing.
    Verified,
    /// Something was altered, whatever else.
    Altered,
    /// Nothing was altered, but something is missing, or may be.
    Incomplete,
    /// It is signed, but by no key that is known.
    UnknownKey,
}

impl Verdict {
    /// Exit code of the process.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Verified => 0,
            Self::Altered => 1,
            Self::Incomplete => 3,
            Self::UnknownKey => 4,
        }
    }
}

impl Report {
    /// The answer in one word.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match (self.nothing_altered, self.nothing_missing) {
            (Some(true), Some(true)) => Verdict::Verified,
            (Some(false), _) => Verdict::Altered,
            (_, Some(false)) => Verdict::Incomplete,
            _ if self.unknown_key => Verdict::UnknownKey,
            _ => Verdict::Incomplete,
        }
    }
    /// Adds what the journal found to what was found in payloads.
    fn join(&mut self, stored: VerifyReport) {
        let altered = self.fault_count > 0;
        self.nothing_altered = if altered { Some(false) } else { stored.nothing_altered };
        self.nothing_missing = stored.nothing_missing;
        self.unknown_key = stored.unknown_key;
        (self.events, self.streams, self.blocks) = (stored.events, stored.streams, stored.blocks);
        (self.bytes, self.stored_bytes) = (stored.bytes, stored.stored_bytes);
        self.checkpoint = stored.checkpoint.map(Signed::from);
        self.since = stored.since.map(Signed::from);
        self.fault_count += stored.fault_count;
        let faults = stored.faults.into_iter();
        self.faults.extend(faults.map(|fault| Finding { position: fault.position, what: fault.what }));
        self.faults.sort_by_key(|fault| fault.position);
        self.faults.truncate(MAX_FAULTS);
        self.notes.extend(stored.notes);
        self.verified = self.verdict() == Verdict::Verified;
    }
    fn altered(&mut self, position: Position, what: String) {
        self.nothing_altered = Some(false);
        self.fault_count += 1;
        // The journal may find others that come first.
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Finding { position, what });
        }
    }
    fn take(&mut self, record: &RawRecord) {
        let time = record.time();
        self.first_time.get_or_insert(time);
        self.last_time = Some(time);
        self.commits += u64::from(record.commit_index() == 0);
        match decode(record) {
            Ok(_) => {}
            Err(fault) if fault.is_unknown() => self.unknown_events += 1,
            Err(fault) => {
                self.malformed_events += 1;
                let reason =
                    std::error::Error::source(&fault).map_or_else(|| fault.to_string(), ToString::to_string);
                self.altered(record.position(), reason);
            }
        }
    }
}

/// What is to be verified, and what is taken for granted. The default is the whole log by its own key.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Keys that the log may be signed with, for whoever has them from elsewhere; a key that one of them was changed
    /// for counts too. Without any, the key in the data folder counts.
    pub keys: Vec<VerifyingKey>,
    /// An earlier checkpoint, the bytes of a signed note: the log must extend it, and only events after it are read.
    pub since: Option<Vec<u8>>,
    /// Only this stream, such as one run.
    pub stream: Option<StreamId>,
}

/// Reads everything stored and checks what the journal promises, and every payload. `progress` is called about every
/// ten thousand events.
pub fn verify(journal: &Journal, progress: impl FnMut(Progress)) -> Report {
    verify_scope(journal, &Scope::default(), progress)
}

/// As [`verify`], for less than everything or by keys from elsewhere.
pub fn verify_scope(journal: &Journal, scope: &Scope, progress: impl FnMut(Progress)) -> Report {
    let mut report = Report::default();
    let rotations = rotations(journal, &mut report);
    let options = VerifyOptions {
        keys: rotation::follow(&scope.keys, &rotations),
        since: scope.since.clone(),
        retired: rotations.iter().map(|rotation| rotation.old.clone()).collect(),
    };
    let stored = match scope.stream {
        Some(stream) => journal.verify_stream(stream, &options, |record| report.take(record)),
        None => journal.verify_with(&options, |record| report.take(record), progress),
    };
    report.join(stored);
    report
}

/// Every change of the log's key, as the log's own stream tells; a statement that does not hold is a fault.
fn rotations(journal: &Journal, report: &mut Report) -> Vec<Rotation> {
    let log = journal.identity().log_id;
    let stream = StreamId::new(Log::CATEGORY, log.ulid());
    // A stream that cannot be read is a fault that the verification itself finds.
    let records = journal.read_stream(stream, StreamVersion(0), usize::MAX).unwrap_or_default();
    let mut rotations = Vec::new();
    for record in records {
        let Ok(Event::Log(LogEvent::SigningKeyRotated(rotated))) = decode(&record).map(|it| it.event) else {
            continue;
        };
        match rotation::verify(rotated.statement.as_bytes(), log) {
            Ok(rotation) => rotations.push(rotation),
            Err(error) => report.altered(record.position(), format!("the change of keys: {error}")),
        }
    }
    rotations
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use domain::ids::{CommitId, RunId, SchemaVersion, TypeId};
    use domain::log::SigningKeyRotated;
    use domain::run::{RunEvent, RunStarted};
    use domain::{Actor, Event, Expected, Fingerprint, StreamId};
    use journal::{NewCommit, NewEvent, Options};

    use super::*;

    fn append(journal: &Journal, events: &[(u16, u16, &[u8])]) {
        let nth = journal.watermark().map_or(0, |last| last.0 + 1);
        let commit = NewCommit {
            stream: StreamId::from(RunId::from_bytes([1; 16])),
            expected: Expected::Any,
            commit: CommitId::from_bytes((u128::from(nth) + 1).to_be_bytes()),
            fingerprint: Fingerprint(nth),
            actor: Actor::Importer,
            causation: None,
            correlation: None,
            project: None,
            occurred_at: None,
            events: events
                .iter()
                .map(|(type_id, version, payload)| NewEvent {
                    type_id: TypeId(*type_id),
                    schema_version: SchemaVersion(*version),
                    payload: payload.to_vec(),
                })
                .collect(),
        };
        journal.append(commit).wait().unwrap();
    }

    #[test]
    fn a_sound_log_is_verified_although_a_later_release_wrote_some_of_it() {
        let journal = Journal::memory(Options::default());
        let started = Event::Run(RunEvent::from(RunStarted {}));
        append(&journal, &[(301, 1, &started.encode()), (301, 1, &started.encode())]);
        append(&journal, &[(60_000, 1, b"?"), (301, 900, b"?")]);
        let last = Cell::new(Progress { events: 0, of: 0 });
        let report = verify(&journal, |now| last.set(now));
        assert_eq!((report.events, report.commits, report.streams), (4, 2, 1));
        assert_eq!((report.unknown_events, report.malformed_events, report.fault_count), (2, 0, 0));
        assert_eq!(report.verdict(), Verdict::Verified);
        assert!(report.verified && report.first_time <= report.last_time && report.first_time.is_some());
        assert_eq!(last.get(), Progress { events: 4, of: 4 });
    }

    #[test]
    fn a_payload_that_does_not_fit_is_a_fault_with_its_position() {
        let journal = Journal::memory(Options::default());
        append(&journal, &[(301, 1, b""), (302, 1, b"\xff\xff")]);
        let report = verify(&journal, |_| {});
        assert_eq!((report.verdict(), report.malformed_events), (Verdict::Altered, 1));
        assert_eq!(report.faults[0].position, Position(1));
        assert!(report.faults[0].what.contains("BranchCreated"), "{:?}", report.faults);
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!((&json["nothing_missing"], &json["verified"]), (&true.into(), &false.into()));
    }

    #[test]
    fn each_verdict_has_its_exit_code() {
        let codes = [Verdict::Verified, Verdict::Altered, Verdict::Incomplete].map(Verdict::exit_code);
        assert_eq!(codes, [0, 1, 3]);
    }

    /// A change of keys as the engine records it.
    fn rotate(journal: &Journal, statement: Option<&str>) -> journal::KeyChange {
        let event = |change: &journal::KeyChange| {
            let event = Event::Log(LogEvent::from(SigningKeyRotated {
                old_key: change.old.to_string(),
                new_key: change.new.to_string(),
                statement: statement.map_or_else(|| change.statement.clone(), str::to_owned),
            }));
            NewEvent {
                type_id: event.type_id(),
                schema_version: event.schema_version(),
                payload: event.encode(),
            }
        };
        journal.rotate_key(&journal::random_seed(), event).unwrap()
    }

    #[test]
    fn a_key_from_elsewhere_counts_through_every_change_and_another_one_is_unknown() {
        let journal = Journal::memory(Options::default());
        let pinned = journal.verifying_key().unwrap();
        append(&journal, &[(301, 1, b"")]);
        let earlier = journal.checkpoint_now().unwrap().into_bytes();
        for _ in 0..3 {
            rotate(&journal, None);
        }
        let scope = Scope { keys: vec![pinned.clone()], ..Scope::default() };
        let report = verify_scope(&journal, &scope, |_| {});
        assert_eq!((report.verdict(), report.events), (Verdict::Verified, 4), "{report:?}");
        assert_eq!(report.checkpoint.as_ref().unwrap().key, journal.verifying_key().unwrap().to_string());
        let scope = Scope { since: Some(earlier), ..scope };
        let report = verify_scope(&journal, &scope, |_| {});
        assert_eq!((report.verdict(), report.events), (Verdict::Verified, 3), "{report:?}");
        assert_eq!(
            (report.since.as_ref().unwrap().size, &report.since.unwrap().key),
            (1, &pinned.to_string())
        );
        let other = Journal::memory(Options::default()).verifying_key().unwrap();
        let report = verify_scope(&journal, &Scope { keys: vec![other], ..Scope::default() }, |_| {});
        assert_eq!((report.verdict(), report.nothing_altered), (Verdict::UnknownKey, None), "{report:?}");
        assert_eq!(report.verdict().exit_code(), 4);
    }

    #[test]
    fn a_change_of_keys_that_the_old_key_did_not_sign_is_a_fault() {
        let journal = Journal::memory(Options::default());
        rotate(&journal, Some("waybill key rotation\n"));
        let report = verify(&journal, |_| {});
        assert_eq!((report.verdict(), report.faults[0].position), (Verdict::Altered, Position(0)));
        assert!(report.faults[0].what.contains("change of keys"), "{:?}", report.faults);
    }

    #[test]
    fn one_stream_is_verified_alone_against_the_signed_tree() {
        let journal = Journal::memory(Options::default());
        for _ in 0..300 {
            append(&journal, &[(301, 1, b"")]);
        }
        journal.checkpoint_now().unwrap();
        let stream = StreamId::from(RunId::from_bytes([1; 16]));
        let scope = |stream| Scope { stream: Some(stream), ..Scope::default() };
        let report = verify_scope(&journal, &scope(stream), |_| {});
        assert_eq!((report.verdict(), report.events, report.streams), (Verdict::Verified, 300, 1));
        let none = StreamId::from(RunId::from_bytes([2; 16]));
        let report = verify_scope(&journal, &scope(none), |_| {});
        assert_eq!((report.events, report.streams), (0, 0));
    }
}
