//! Other aggregates that a command names: they exist in the same project, and their states are at hand.

use domain::ids::ProjectId;
use domain::{Command, Others, Rejection, State, StreamId};

use crate::Engine;
use crate::aggregates::{Slot, load, lock};
use crate::execute::ExecuteError;

/// The project that the aggregate `stream` belongs to, or that `command` makes it part of; `None` where neither
/// says so, and then nothing can be foreign.
pub(crate) fn project_of(stream: StreamId, state: &State, references: &[StreamId]) -> Option<ProjectId> {
    let named = || references.iter().find_map(|reference| reference.as_project());
    state.project().or_else(|| stream.as_project()).or_else(named)
}

/// The aggregates that a command is decided on, beside its own.
#[derive(Default)]
pub(crate) struct Consulted {
    pub(crate) others: Others,
    /// Whether any of them is ahead of what is durable.
    pub(crate) ahead: bool,
}

fn unknown(stream: StreamId) -> ExecuteError {
    Rejection::UnknownReference { reference: stream.to_string() }.into()
}

/// Whether something of `theirs` may be named from `ours`. What is foreign does not exist for who asks.
fn is_near(stream: StreamId, theirs: Option<ProjectId>, ours: Option<ProjectId>) -> bool {
    ours.is_none() || theirs.or_else(|| stream.as_project()) == ours
}

/// Whether an aggregate may be named from `ours`: it is near, or shared with every project.
fn may_be_named(stream: StreamId, state: &State, ours: Option<ProjectId>) -> bool {
    state.is_global() || is_near(stream, state.project(), ours)
}

impl Engine {
    /// Checks that what `command` refers to exists, and in the same project or shared with all.
    pub(crate) fn check_references(
        &self,
        stream: StreamId,
        slot: &Slot,
        command: &Command,
    ) -> Result<(), ExecuteError> {
        let references = command.references();
        if references.is_empty() {
            return Ok(());
        }
        let ours = project_of(stream, &lock(slot).state, &references);
        for reference in references {
            if !self.exists_near(reference, ours)? {
                return Err(unknown(reference));
            }
        }
        Ok(())
    }

    fn exists_near(&self, stream: StreamId, ours: Option<ProjectId>) -> Result<bool, ExecuteError> {
        if let Some(slot) = self.aggregates().get(stream) {
            let aggregate = lock(&slot);
            if aggregate.version.is_some() {
                return Ok(may_be_named(stream, &aggregate.state, ours));
            }
        }
        let Some(head) = self.journal().stream_head(stream)? else { return Ok(false) };
        // Every record says which project it belongs to: only what another project may share is folded.
        let Some(record) = self.journal().get(head.position)? else { return Ok(false) };
        if is_near(stream, record.project(), ours) {
            return Ok(true);
        }
        let slot = self.aggregates().put(stream, load(self.journal(), stream)?);
        let aggregate = lock(&slot);
        Ok(may_be_named(stream, &aggregate.state, ours))
    }

    /// The states of `streams`, others' submissions included. No lock is held beyond each look.
    pub(crate) async fn consult(
        &self,
        streams: &[StreamId],
        ours: Option<ProjectId>,
    ) -> Result<Consulted, ExecuteError> {
        let mut consulted = Consulted::default();
        for stream in streams.iter().copied() {
            let slot = self.fresh_slot(stream).await?;
            let aggregate = lock(&slot);
            let state = &aggregate.state;
            if aggregate.version.is_none() || !may_be_named(stream, state, ours) {
                return Err(unknown(stream));
            }
            consulted.others.insert(stream, aggregate.state.clone());
            consulted.ahead |= aggregate.in_flight > 0;
        }
        Ok(consulted)
    }

    /// The aggregate as [`Engine::slot`] gives it, loaded again where it is known to differ from the log.
    pub(crate) async fn fresh_slot(&self, stream: StreamId) -> Result<Slot, ExecuteError> {
        let slot = self.slot(stream).await?;
        if !lock(&slot).stale {
            return Ok(slot);
        }
        self.aggregates().drop_stale(stream, &slot);
        self.slot(stream).await
    }
}
