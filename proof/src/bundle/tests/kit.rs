//! A small log with a run in it, and bundles of that run.

use bytes::Bytes;
use domain::ids::{CommitId, LogId, Position, RunId, SchemaVersion, StreamVersion, TypeId};
use domain::run::{AgentLineUnrecognised, RunEvent};
use domain::values::Timestamp;
use domain::{Actor, Event, Fingerprint, StreamId, Ulid, aggregates};

use crate::bundle::{Evidence, Report, build, verify};
use crate::checkpoint::Checkpoint;
use crate::entry::leaf;
use crate::note::{SigningKey, VerifyingKey};
use crate::order::Tail;
use crate::origin::Origin;
use crate::record::{Parts, RawRecord, encode};
use crate::tests::kit::Tree;
use crate::trust::Trust;

pub(super) const NOW: i64 = 1_763_680_000_000;

pub(super) fn origin() -> Origin {
    Origin { log: LogId::from(Ulid(7)), epoch: 1 }
}

pub(super) fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(origin().key_name(), &[seed; 32]).unwrap()
}

pub(super) fn public(seed: u8) -> VerifyingKey {
    key(seed).verifying_key().clone()
}

pub(super) fn trusting(keys: &[VerifyingKey]) -> Trust {
    Trust { keys: keys.to_vec(), ..Trust::default() }
}

/// A log under construction.
#[derive(Default)]
pub(super) struct Log {
    pub(super) records: Vec<RawRecord>,
    pub(super) tree: Tree,
}

impl Log {
    /// Appends a commit of encoded events: type, layout, payload.
    pub(super) fn commit(&mut self, stream: StreamId, events: &[(TypeId, SchemaVersion, Vec<u8>)]) {
        let commit = CommitId::from(Ulid(1_000 + self.records.len() as u128));
        for (index, (type_id, schema_version, payload)) in events.iter().enumerate() {
            let last = self.records.iter().rev().find(|record| record.stream() == stream).map(Tail::of);
            let parts = Parts {
                position: Position(self.records.len() as u64),
                version: StreamVersion(last.map_or(0, |last| last.version.0 + 1)),
                stream,
                type_id: *type_id,
                schema_version: *schema_version,
                commit_index: u16::try_from(index).unwrap(),
                commit_size: u16::try_from(events.len()).unwrap(),
                actor: Actor::Operator,
                expectation: 0,
                project: None,
                commit,
                causation: None,
                correlation: None,
                time: Timestamp::from_millis(NOW),
                occurred_at: None,
                fingerprint: Fingerprint(1),
                previous: last.map(|last| last.position),
                chain: last.map_or([0; 16], |last| last.chain),
                payload,
            };
            let mut bytes = Vec::new();
            encode(&parts, &mut bytes);
            self.tree.push(leaf(&bytes));
            self.records.push(RawRecord::parse(bytes.into()).unwrap());
        }
    }
    pub(super) fn append(&mut self, stream: StreamId, events: &[Event]) {
        let encoded: Vec<_> =
            events.iter().map(|event| (event.type_id(), event.schema_version(), event.encode())).collect();
        self.commit(stream, &encoded);
    }
    pub(super) fn of(&self, stream: StreamId) -> Vec<RawRecord> {
        self.records.iter().filter(|record| record.stream() == stream).cloned().collect()
    }
    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            origin: origin().to_string(),
            size: self.records.len() as u64,
            root: self.tree.frontier.root(),
            extensions: vec![format!("time {}", Timestamp::from_millis(NOW))],
        }
    }
    /// Evidence of the run, signed by key 1.
    pub(super) fn evidence(&self) -> Evidence {
        Evidence {
            records: self.of(run()),
            rotations: vec![],
            checkpoint: self.checkpoint().sign(&[&key(1)]).unwrap(),
            log_keys: vec![public(1)],
            witness_keys: vec![],
            made_at: Timestamp::from_millis(NOW + 5_000),
            software: "0.1.0".into(),
            story: None,
        }
    }
    pub(super) fn bundle(&self, evidence: &Evidence) -> Bytes {
        build(evidence, &self.tree).unwrap().into()
    }
}

pub(super) fn run() -> StreamId {
    RunId::from(Ulid(42)).into()
}

/// A run between events of another one, with a commit of several events, a long record, and an end.
pub(super) fn log() -> Log {
    let mut log = Log::default();
    let other: StreamId = RunId::from(Ulid(43)).into();
    let aggregates = aggregates();
    let samples = aggregates.iter().find(|it| it.name == "run").map(|it| (it.samples)()).unwrap();
    let is_end = |event: &&Event| crate::bundle::derive::ends_run(event).is_some();
    for (at, event) in samples.iter().filter(|event| !is_end(event)).take(20).enumerate() {
        log.append(run(), std::slice::from_ref(event));
        if at % 3 == 0 {
            log.append(other, std::slice::from_ref(event));
        }
    }
    log.append(run(), &samples[..3]);
    let long = AgentLineUnrecognised { origin: "x".into(), raw: "y".repeat(70_000), length: 70_000 };
    log.append(run(), &[Event::Run(RunEvent::from(long))]);
    let end: Vec<_> = samples.iter().filter(|event| event.name() == "RunCancelled").cloned().collect();
    log.append(run(), &end[..1]);
    log.append(other, &samples[..1]);
    log
}

/// A log of few events, so that all of a bundle can be gone through. It has no sample of a catalogue, which may change.
pub(super) fn small() -> Log {
    let mut log = Log::default();
    let line = |number: u64| {
        let raw = format!("line {number}");
        let length = raw.len() as u64;
        Event::Run(AgentLineUnrecognised { origin: format!("session.jsonl:{number}"), raw, length }.into())
    };
    log.append(run(), &[line(1), line(2)]);
    log.append(RunId::from(Ulid(43)).into(), &[line(3)]);
    log.append(run(), &[line(4)]);
    log
}

#[track_caller]
pub(super) fn check(bundle: &Bytes, trust: &Trust) -> Report {
    verify(bundle, trust).expect("the bundle is of this format")
}

/// What was found, in few words.
pub(super) fn shown(report: &Report) -> String {
    let faults = report.findings.faults.iter().map(|fault| match fault.position {
        Some(position) => format!("{position}: {}\n", fault.what),
        None => format!("{}\n", fault.what),
    });
    format!(
        "{:?} {:?} {:?}\n{}",
        report.findings.outcome(),
        report.findings.nothing_altered,
        report.findings.nothing_missing,
        faults.collect::<String>()
    )
}
