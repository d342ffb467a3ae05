//! Logs for tests: events of any layout, and changes of key.

use domain::ids::{CommitId, RunId, SchemaVersion, TypeId};
use domain::log::{LogEvent, SigningKeyRotated};
use domain::{Actor, Event, Expected, Fingerprint, StreamId};
use journal::{Journal, KeyChange, NewCommit, NewEvent};

/// One commit on a run: type, layout, payload of each event.
pub(crate) fn append(journal: &Journal, run: RunId, events: &[(u16, u16, &[u8])]) {
    let nth = journal.watermark().map_or(0, |last| last.0 + 1);
    let commit = NewCommit {
        stream: StreamId::from(run),
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
    journal.append(commit).wait().expect("a log in memory takes everything");
}

/// A change of key as the engine records it.
pub(crate) fn rotate(journal: &Journal) -> KeyChange {
    rotate_with(journal, None)
}

/// As [`rotate`], with another statement than the one that both keys signed.
pub(crate) fn rotate_with(journal: &Journal, statement: Option<&str>) -> KeyChange {
    let event = |change: &KeyChange| {
        let event = Event::Log(LogEvent::from(SigningKeyRotated {
            old_key: change.old.to_string(),
            new_key: change.new.to_string(),
            statement: statement.map_or_else(|| change.statement.clone(), str::to_owned),
        }));
        NewEvent { type_id: event.type_id(), schema_version: event.schema_version(), payload: event.encode() }
    };
    journal.rotate_key(&journal::random_seed(), event).expect("the key is a new one")
}
