//! Checks a whole log: every byte as the journal promises it, and every payload as an event.

use domain::ids::{Position, StreamVersion};
use domain::log::{Log, LogEvent};
use domain::values::Timestamp;
use domain::{Decider, Event, StreamId};
use journal::{Journal, Progress, RawRecord, SignedTree, VerifyOptions, VerifyReport};
use proof::VerifyingKey;
use proof::rotation::{self, Rotation};
use proof::trust::Freshness;
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
    /// Whether the checkpoint is older than was asked for; none where nothing was asked.
    pub stale: Option<bool>,
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
    /// Nothing altered, nothing missing, but signed longer ago than was asked for.
    Stale,
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
            Self::Stale => 5,
        }
    }
}

impl Report {
    /// The answer in one word.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match (self.nothing_altered, self.nothing_missing) {
            (Some(true), Some(true)) if matches!(self.stale, Some(true)) => Verdict::Stale,
            (Some(true), Some(true)) => Verdict::Verified,
            (Some(false), _) => Verdict::Altered,
            (_, Some(false)) => Verdict::Incomplete,
            _ if self.unknown_key => Verdict::UnknownKey,
            _ => Verdict::Incomplete,
        }
    }
    /// Adds what the journal found to what was found in payloads.
    fn join(&mut self, stored: VerifyReport, freshness: Option<Freshness>) {
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
        self.stale = freshness.map(|freshness| self.is_older(freshness));
        self.verified = self.verdict() == Verdict::Verified;
    }
    /// Without a time, nobody can say that it is young enough.
    fn is_older(&self, than: Freshness) -> bool {
        let time = self.checkpoint.as_ref().and_then(|signed| signed.time.as_ref()?.parse().ok());
        time.is_none_or(|time: Timestamp| than.now.since_ms(time) > than.max_age_ms)
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
    /// How old the checkpoint may be; any age where there is none.
    pub freshness: Option<Freshness>,
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
    report.join(stored, scope.freshness);
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

    use domain::ids::RunId;
    use domain::run::{RunEvent, RunStarted};
    use journal::Options;

    use super::*;
    use crate::testing;

    fn append(journal: &Journal, events: &[(u16, u16, &[u8])]) {
        testing::append(journal, RunId::from_bytes([1; 16]), events);
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
        use Verdict::{Altered, Incomplete, Stale, UnknownKey, Verified};
        let codes = [Verified, Altered, Incomplete, UnknownKey, Stale].map(Verdict::exit_code);
        assert_eq!(codes, [0, 1, 3, 4, 5]);
    }

    #[test]
    fn a_log_that_was_signed_too_long_ago_is_stale_and_never_more_than_that() {
        let journal = Journal::memory(Options::default());
        append(&journal, &[(301, 1, b"")]);
        let note = journal.checkpoint_now().unwrap();
        let signed = crate::prove::signed_at(&crate::prove::checkpoint_of(&note)).unwrap();
        let at = |ms: i64, max_age_ms| {
            let now = Timestamp::from_millis(signed.millis() + ms);
            let scope = Scope { freshness: Some(Freshness { now, max_age_ms }), ..Scope::default() };
            verify_scope(&journal, &scope, |_| {})
        };
        assert_eq!((at(1_000, 1_000).verdict(), at(1_000, 1_000).stale), (Verdict::Verified, Some(false)));
        assert_eq!((at(1_001, 1_000).verdict(), at(1_001, 1_000).verified), (Verdict::Stale, false));
        append(&journal, &[(302, 1, b"\xff\xff")]);
        assert_eq!(at(5_000, 1_000).verdict(), Verdict::Altered);
    }

    #[test]
    fn a_key_from_elsewhere_counts_through_every_change_and_another_one_is_unknown() {
        let journal = Journal::memory(Options::default());
        let pinned = journal.verifying_key().unwrap();
        append(&journal, &[(301, 1, b"")]);
        let earlier = journal.checkpoint_now().unwrap().into_bytes();
        for _ in 0..3 {
            testing::rotate(&journal);
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
        testing::rotate_with(&journal, Some("waybill key rotation\n"));
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
