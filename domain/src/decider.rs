//! The one shape of an aggregate: pure functions over its own history, and over what it asks of others.

use std::collections::BTreeMap;
use std::fmt::Debug;

use crate::catalogue::{CommandFamily, EventFamily};
use crate::ids::{Category, ProjectId, StreamId};
use crate::{Rejection, State};

/// An aggregate: what it has become (`self`), what it decides, how an event changes it.
///
/// No function knows a clock, randomness or anything outside its arguments.
pub trait Decider: Clone + Debug + Default + Send + Sync + 'static {
    /// The aggregate's kind; the number is stored and permanent.
    const CATEGORY: Category;
    /// What can be asked of it.
    type Command: CommandFamily;
    /// What can have happened to it.
    type Event: EventFamily;

    /// The events that `command` leads to, or why it is refused.
    ///
    /// # Errors
    /// The rule that refuses the command; nothing has changed.
    fn decide(&self, command: &Self::Command) -> Result<Vec<Self::Event>, Rejection>;

    /// As [`Decider::decide`], with the aggregates that [`Decider::consults`] names at hand. What an event
    /// owes to another aggregate it carries itself (ids and versions): folding never asks another stream.
    ///
    /// # Errors
    /// The rule that refuses the command; nothing has changed.
    fn decide_among(&self, command: &Self::Command, others: &Others) -> Result<Vec<Self::Event>, Rejection> {
        let _ = others;
        self.decide(command)
    }

    /// Takes an event into account. Accepts every event of its own history.
    fn evolve(&mut self, event: &Self::Event);

    /// The project it belongs to, once known.
    fn project(&self) -> Option<ProjectId>;

    /// Whether other projects may name it too, as a learning that was made global.
    fn is_global(&self) -> bool {
        false
    }

    /// Other aggregates that must exist, in the same project, before `command` is decided. A command that makes
    /// the aggregate part of a project names that project here.
    fn references(command: &Self::Command) -> Vec<StreamId> {
        let _ = command;
        Vec::new()
    }

    /// Aggregates on whose state `command` is decided: they must exist, in the same project, and are handed to
    /// [`Decider::decide_among`] as of deciding.
    fn consults(&self, command: &Self::Command) -> Vec<StreamId> {
        let _ = command;
        Vec::new()
    }

    /// Values that only one aggregate may hold at a time, and that `command` takes.
    fn claims(command: &Self::Command) -> Vec<Claim> {
        let _ = command;
        Vec::new()
    }

    /// Whether it holds what `claim` stands for. It holds what its accepted commands claimed, until an event
    /// of its own gives it up.
    fn holds(&self, claim: &Claim) -> bool {
        let _ = claim;
        false
    }
}

/// A value that only one aggregate may hold at a time: a project's slug, the document of a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// What kind of value it is, as people read it: `project slug`. Stored, and so permanent.
    pub scope: &'static str,
    /// The value; unique within its scope, so one of a project begins with the project's id.
    pub key: String,
}

impl Claim {
    /// The value `key` among those of `scope`.
    #[must_use]
    pub fn new(scope: &'static str, key: impl Into<String>) -> Self {
        Self { scope, key: key.into() }
    }
}

/// The states of the aggregates that a command is decided on, beside its own.
#[derive(Debug, Clone, Default)]
pub struct Others(BTreeMap<StreamId, State>);

impl Others {
    /// The state of the aggregate `stream`, where it was asked for.
    #[must_use]
    pub fn get(&self, stream: impl Into<StreamId>) -> Option<&State> {
        self.0.get(&stream.into())
    }
    /// The aggregate of that id.
    ///
    /// # Errors
    /// One that was not asked for, or another kind of aggregate.
    pub fn of<D: Decider>(&self, id: impl Into<StreamId>) -> Result<&D, Rejection> {
        let stream = id.into();
        let found = self.0.get(&stream).and_then(State::of);
        found.ok_or_else(|| Rejection::UnknownReference { reference: stream.to_string() })
    }
    /// Adds the state of an aggregate.
    pub fn insert(&mut self, stream: impl Into<StreamId>, state: impl Into<State>) {
        self.0.insert(stream.into(), state.into());
    }
}

impl<S: Into<StreamId>, T: Into<State>> FromIterator<(S, T)> for Others {
    fn from_iter<I: IntoIterator<Item = (S, T)>>(states: I) -> Self {
        Self(states.into_iter().map(|(stream, state)| (stream.into(), state.into())).collect())
    }
}

/// The state after `history`.
pub fn fold<'a, D: Decider>(history: impl IntoIterator<Item = &'a D::Event>) -> D
where
    D::Event: 'a,
{
    let mut state = D::default();
    for event in history {
        state.evolve(event);
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{LearningId, RunId};
    use crate::learning::Learning;
    use crate::run::Run;

    #[test]
    fn others_are_found_by_id_and_kind() {
        let (run, learning) = (RunId::from_bytes([1; 16]), LearningId::from_bytes([1; 16]));
        let mut others: Others = [(run, Run::default())].into_iter().collect();
        assert!(others.of::<Run>(run).is_ok());
        assert!(matches!(others.get(run), Some(State::Run(_))));
        let missing = others.of::<Learning>(learning).unwrap_err();
        assert_eq!(missing, Rejection::UnknownReference { reference: format!("learning-{learning}") });
        others.insert(learning, Learning::default());
        assert!(others.of::<Learning>(learning).is_ok());
        // An aggregate under the id of another kind is a defect of the caller, and refused all the same.
        assert!(others.of::<Run>(StreamId::from(learning)).is_err());
    }
}
