//! Events as a commit that the log takes.

use domain::ids::{CommitId, ProjectId};
use domain::{Event, Expected, Fingerprint};
use journal::{NewCommit, NewEvent};

use crate::execute::Envelope;

/// The commit that an accepted command leads to.
pub(crate) fn new_commit(
    envelope: &Envelope,
    commit: CommitId,
    fingerprint: Fingerprint,
    expected: Expected,
    project: Option<ProjectId>,
    events: &[Event],
) -> NewCommit {
    NewCommit {
        stream: envelope.stream,
        expected,
        commit,
        fingerprint,
        actor: envelope.actor,
        causation: envelope.causation,
        correlation: envelope.correlation,
        project,
        occurred_at: envelope.occurred_at,
        events: events.iter().map(stored).collect(),
    }
}

/// An event as the log takes it.
pub(crate) fn stored(event: &Event) -> NewEvent {
    NewEvent { type_id: event.type_id(), schema_version: event.schema_version(), payload: event.encode() }
}
