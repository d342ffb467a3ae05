//! Checks a whole log: every byte as the journal promises it, and every payload as an event.

use domain::ids::Position;
use domain::values::Timestamp;
use journal::{Journal, Progress, RawRecord, ReadError};
use serde::Serialize;

use crate::decode::decode;

/// Faults that a report lists; more are only counted.
const MAX_FAULTS: usize = 100;
/// Events read at a time.
const PAGE_EVENTS: usize = 4_096;
const PAGE_BYTES: usize = 4 * 1024 * 1024;
/// Positions tried behind a block that cannot be read; a block holds far fewer events.
const MAX_HOP: u64 = 4_096;

/// Something that is wrong at one position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Where.
    pub position: Position,
    /// What, as a fragment of a sentence.
    pub what: String,
}

/// What a verification found. The keys are stable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    fn altered(&mut self, position: Position, what: String) {
        self.nothing_altered = Some(false);
        self.fault_count += 1;
        self.faults.push(Finding { position, what });
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

/// Reads everything stored, twice: once for the journal's own promises, once for the payloads. `progress` is
/// called about every ten thousand events, with the events of both passes.
pub fn verify(journal: &Journal, mut progress: impl FnMut(Progress)) -> Report {
    let stored = journal.verify(|now| progress(Progress { events: now.events, of: now.of * 2 }));
    let faults =
        stored.faults.into_iter().map(|fault| Finding { position: fault.position, what: fault.what });
    let mut report = Report {
        verified: false,
        nothing_altered: stored.nothing_altered,
        nothing_missing: stored.nothing_missing,
        events: stored.events,
        streams: stored.streams,
        commits: 0,
        blocks: stored.blocks,
        bytes: stored.bytes,
        stored_bytes: stored.stored_bytes,
        first_time: None,
        last_time: None,
        checkpoint: stored.checkpoint.map(|signed| Signed {
            size: signed.size,
            root: signed.root.to_string(),
            time: signed.time,
            key: signed.key,
        }),
        unknown_key: stored.unknown_key,
        unknown_events: 0,
        malformed_events: 0,
        fault_count: stored.fault_count,
        faults: faults.collect(),
        notes: stored.notes,
    };
    payloads(journal, &mut report, &mut progress);
    report.faults.sort_by_key(|fault| fault.position);
    report.faults.truncate(MAX_FAULTS);
    report.verified = report.verdict() == Verdict::Verified;
    report
}

fn payloads(journal: &Journal, report: &mut Report, progress: &mut impl FnMut(Progress)) {
    let events = report.events;
    let (mut after, mut read) = (None, 0);
    loop {
        let page = match journal.read(after, PAGE_EVENTS, PAGE_BYTES) {
            Ok(page) => page,
            Err(error) => match hop(journal, after) {
                Some(position) => {
                    after = Some(position);
                    continue;
                }
                None => return unread(report, after, &error),
            },
        };
        let Some(last) = page.last() else { return };
        after = Some(last.position());
        page.iter().for_each(|record| report.take(record));
        read += page.len() as u64;
        progress(Progress { events: events + read, of: events * 2 });
    }
}

/// The last position that the block behind `after` makes unreadable; `None` where nothing readable follows.
fn hop(journal: &Journal, after: Option<Position>) -> Option<Position> {
    let first = after.map_or(0, |after| after.0 + 1);
    let end = journal.watermark()?.0;
    let behind = (first..end.min(first + MAX_HOP)).map(Position);
    behind.into_iter().find(|position| journal.read(Some(*position), 1, 1).is_ok())
}

/// What stops the second pass is a fault of the first already, unless the log is being changed meanwhile.
fn unread(report: &mut Report, after: Option<Position>, error: &ReadError) {
    let from = after.map_or(0, |after| after.0 + 1);
    if report.fault_count == 0 {
        report.altered(Position(from), error.to_string());
    }
    report.notes.push(format!("payloads from position {from} on could not be read"));
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use domain::ids::{CommitId, RunId, SchemaVersion, TypeId};
    use domain::run::{RunEvent, RunStarted};
    use domain::{Actor, Event, Expected, Fingerprint, StreamId};
    use journal::{NewCommit, NewEvent, Options};

    use super::*;

    fn append(journal: &Journal, events: &[(u16, u16, &[u8])]) {
        let nth = journal.watermark().map_or(0, |last| last.0 + 1);
        let commit = NewCommit {
            stream: StreamId::from(RunId::from_bytes([1; 16])),
            expected: Expected::Any,
            commit: CommitId::from_bytes([u8::try_from(nth).unwrap(); 16]),
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
        assert_eq!(last.get(), Progress { events: 8, of: 8 });
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
}
