//! A new key for the log, recorded as an event of the log itself.

use domain::Event;
use domain::log::{LogEvent, SigningKeyRotated};
use journal::{KeyChange, NewEvent, RotateError};

use crate::Engine;

impl Engine {
    /// Changes the key that signs checkpoints to a new one. Blocks until everything is durable: not for async
    /// contexts.
    ///
    /// # Errors
    /// Where the log or a key file cannot be written; the old key goes on then, or the next start finishes the change.
    pub fn rotate_key(&self) -> Result<KeyChange, RotateError> {
        self.journal().rotate_key(&journal::random_seed(), event)
    }
}

fn event(change: &KeyChange) -> NewEvent {
    let event = Event::Log(LogEvent::from(SigningKeyRotated {
        old_key: change.old.to_string(),
        new_key: change.new.to_string(),
        statement: change.statement.clone(),
    }));
    NewEvent { type_id: event.type_id(), schema_version: event.schema_version(), payload: event.encode() }
}

#[cfg(test)]
mod tests {
    use journal::Options;

    use super::*;
    use crate::decode;

    #[test]
    fn the_change_is_an_event_that_names_both_keys() {
        let engine = Engine::memory(Options::default()).unwrap();
        let change = engine.rotate_key().unwrap();
        let records = engine.journal().read(None, 10, usize::MAX).unwrap();
        let Event::Log(LogEvent::SigningKeyRotated(stored)) = decode(&records[1]).unwrap().event else {
            panic!("{records:?}");
        };
        assert_eq!((stored.old_key, stored.new_key), (change.old.to_string(), change.new.to_string()));
        assert_eq!(stored.statement, change.statement);
        assert_eq!(engine.journal().verifying_key(), Some(change.new));
    }
}
