//! The log's own history: which writer opened it, and when it was restored or repaired.

use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, ProjectId};
use crate::{Decider, Rejection};

events! {
    /// Everything that can happen to the log itself.
    pub enum LogEvent {
        1 => WriterStarted 1;
    }
}

commands! {
    /// The log takes no commands: its events come from whoever opens it.
    pub enum LogCommand {}
}

plain! {
    /// A process opened the log and began to write: everything after it comes from this writer.
    ///
    /// It stands before the writer's first commit, so that opening alone changes nothing.
    struct WriterStarted {
        /// Bumped by every restore and repair; older positions are void.
        epoch: u64,
        /// Version of the software that writes.
        software: String,
        /// How commits are made durable, as `/readyz` names it.
        durability: String,
    }
}

/// The log, as far as its own events tell.
#[derive(Debug, Clone, Default)]
pub struct Log;

impl Decider for Log {
    const CATEGORY: Category = Category(0);
    type Command = LogCommand;
    type Event = LogEvent;

    fn decide(&self, command: &LogCommand) -> Result<Vec<LogEvent>, Rejection> {
        match *command {}
    }
    fn evolve(&mut self, event: &LogEvent) {
        match event {
            LogEvent::WriterStarted(_) => {}
        }
    }
    fn project(&self) -> Option<ProjectId> {
        None
    }
}

/// One of every event.
pub(crate) fn samples() -> Vec<LogEvent> {
    vec![WriterStarted { epoch: 1, software: "0.1.0".into(), durability: "fdatasync".into() }.into()]
}
