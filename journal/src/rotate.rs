//! A new key for the log: an event that both keys have signed, and only then the key file.

use domain::ids::LogId;
use domain::{Actor, Category, Expected, Fingerprint, StreamId};
use proof::{SigningKey, VerifyingKey, rotation};

use crate::commit::{NewCommit, NewEvent};
use crate::error::{AppendError, OpenError, ReadError};
use crate::journal::Journal;
use crate::keys;
use crate::tiles::rotation_commit;

/// A change of the log's key, for the event that records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChange {
    /// The key before.
    pub old: VerifyingKey,
    /// The key since.
    pub new: VerifyingKey,
    /// A signed note that names both, with the signatures of both.
    pub statement: String,
}

/// Why the key was not changed. Unless it says otherwise, the old one goes on signing.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The log has no key that it could sign with: it is open for reading only.
    #[error("the log is open for reading only")]
    ReadOnly,
    /// The seed gives a key that is or was the log's.
    #[error("expected a new key, got `{key}`, which is or was the log's")]
    Used {
        /// The key.
        key: VerifyingKey,
    },
    /// A key file could not be written. Where the event is in the log, the next start finishes the change.
    #[error("the key could not be stored")]
    Store(#[from] OpenError),
    /// The event could not be appended. Where that is uncertain, the next start finds out and finishes the change.
    #[error("the change could not be recorded")]
    Append(#[from] AppendError),
    /// The log could not be read.
    #[error("the log could not be read")]
    Read(#[from] ReadError),
}

impl Journal {
    /// Changes the key that signs checkpoints to the one of `seed`, 32 bytes of good randomness such as
    /// [`crate::random_seed`] gives. `event` makes the event that records it; it is a commit of its own on the stream
    /// of the log itself. Whenever the process ends in between, the next start has one key or the other, and the one
    /// that the log names.
    ///
    /// Blocks until everything is durable: not for async contexts.
    ///
    /// # Errors
    /// Where the key is not a new one, or where the log or a key file cannot be written.
    pub fn rotate_key(
        &self,
        seed: &[u8; 32],
        event: impl FnOnce(&KeyChange) -> NewEvent,
    ) -> Result<KeyChange, RotateError> {
        let (shared, log_id) = (self.shared(), self.identity().log_id);
        if shared.options.read_only {
            return Err(RotateError::ReadOnly);
        }
        let tiles = &shared.tiles;
        let _one_at_a_time = tiles.rotating.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let keys = tiles.keys().ok_or(RotateError::ReadOnly)?;
        let old = keys.signing.clone().ok_or(RotateError::ReadOnly)?;
        let new = SigningKey::from_seed(keys::name(log_id), seed).expect("the name has no space and no plus");
        let commit = rotation_commit(log_id, new.verifying_key());
        if old.verifying_key() == new.verifying_key() || self.find_commit(commit)?.is_some() {
            return Err(RotateError::Used { key: new.verifying_key().clone() });
        }
        let change = change(log_id, &old, &new);
        keys.prepare(&new)?;
        let event = event(&change);
        match self.append(NewCommit { commit, events: vec![event], ..empty(log_id) }).wait() {
            Ok(_) => {}
            Err(error) => {
                // After a failed write only the next start can tell whether the event is in the log.
                if !matches!(error, AppendError::Poisoned { .. }) {
                    keys.drop_prepared()?;
                }
                return Err(error.into());
            }
        }
        tiles.replace_key(new)?;
        // The old key has signed the checkpoint so far; until the new one has, its public half stays known.
        if self.checkpoint_now().is_ok() {
            tiles.publish_key()?;
        }
        Ok(change)
    }
}

fn change(log_id: LogId, old: &SigningKey, new: &SigningKey) -> KeyChange {
    let statement = rotation::statement(log_id, old, new)
        .expect("the keys differ and the text has no control characters");
    KeyChange {
        old: old.verifying_key().clone(),
        new: new.verifying_key().clone(),
        statement: statement.encode(),
    }
}

/// A commit of the log itself, without events.
fn empty(log_id: LogId) -> NewCommit {
    NewCommit {
        stream: StreamId::new(Category(0), log_id.ulid()),
        expected: Expected::Any,
        commit: domain::ids::CommitId::from_bytes([0; 16]),
        fingerprint: Fingerprint::default(),
        actor: Actor::System,
        causation: None,
        correlation: None,
        project: None,
        occurred_at: None,
        events: Vec::new(),
    }
}
