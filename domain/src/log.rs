//! The log's own history: which writer opened it, and when it was restored or repaired.

use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, ProjectId};
use crate::{Decider, Rejection};

events! {
    /// Everything that can happen to the log itself.
    pub enum LogEvent {
        1 => WriterStarted 1;
        2 => SigningKeyRotated 1;
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

plain! {
    /// The key that signs the log's checkpoints was changed: checkpoints after it are signed by the new one.
    struct SigningKeyRotated {
        /// The key before, as `name+id+base64`.
        old_key: String,
        /// The key since, as `name+id+base64`.
        new_key: String,
        /// A C2SP signed note that names log and keys, with the signatures of both keys: whoever trusts the old key
        /// can trust the new one.
        statement: String,
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
            LogEvent::WriterStarted(_) | LogEvent::SigningKeyRotated(_) => {}
        }
    }
    fn project(&self) -> Option<ProjectId> {
        None
    }
}

/// One of every event.
pub(crate) fn samples() -> Vec<LogEvent> {
    vec![
        WriterStarted { epoch: 1, software: "0.1.0".into(), durability: "fdatasync".into() }.into(),
        SigningKeyRotated {
            old_key: "waybill/01JD0000000000000000000000+0a0b0c0d+AQ==".into(),
            new_key: "waybill/01JD0000000000000000000000+1a1b1c1d+AQ==".into(),
            statement: "waybill key rotation\n".into(),
        }
        .into(),
    ]
}
