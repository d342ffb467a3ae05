//! The one shape of an aggregate: two pure functions over its own history.

use std::fmt::Debug;

use crate::Rejection;
use crate::catalogue::{CommandFamily, EventFamily};
use crate::ids::{Category, ProjectId, StreamId};

/// An aggregate: what it has become (`self`), what it decides, how an event changes it.
///
/// Neither function knows a clock, randomness or anything outside its arguments.
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

    /// Takes an event into account. Accepts every event of its own history.
    fn evolve(&mut self, event: &Self::Event);

    /// The project it belongs to, once known.
    fn project(&self) -> Option<ProjectId>;

    /// Other aggregates that must exist before `command` is decided.
    fn references(command: &Self::Command) -> Vec<StreamId> {
        let _ = command;
        Vec::new()
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
