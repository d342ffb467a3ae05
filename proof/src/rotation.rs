//! A log changes its key: the statement that both keys sign, and how a holder of an older key follows it.

use domain::ids::LogId;

use crate::note::{Algorithm, KeyError, Note, NoteError, SigningKey, VerifyingKey};

/// First line of a statement.
const TITLE: &str = "waybill key rotation";

/// Why a statement does not hand over from one key to another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RotationError {
    /// It is not a note that both keys have signed.
    #[error("the statement cannot be trusted")]
    Note(#[from] NoteError),
    /// One of its keys is none.
    #[error("the statement names no key")]
    Key(#[from] KeyError),
    /// Its text is not that of a statement about this log.
    #[error("expected a statement of a key rotation of log `{expected}`")]
    Text {
        /// The log.
        expected: LogId,
    },
    /// One of the two keys has not signed.
    #[error("expected the signatures of both keys, got those of {actual}")]
    OneSided {
        /// How many have.
        actual: usize,
    },
}

/// A log's change of key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The key before.
    pub old: VerifyingKey,
    /// The key since.
    pub new: VerifyingKey,
}

/// The statement, signed by both keys.
///
/// # Errors
/// Never for keys with different names or points; the note says why otherwise.
pub fn statement(log: LogId, old: &SigningKey, new: &SigningKey) -> Result<Note, NoteError> {
    let text = format!("{TITLE}\n{log}\n{}\n{}\n", old.verifying_key(), new.verifying_key());
    Note::signed(text, &[old, new])
}

/// Reads a statement and checks both signatures.
///
/// # Errors
/// Where it is of another log, not a statement, or not signed by both keys.
pub fn verify(statement: &[u8], log: LogId) -> Result<Rotation, RotationError> {
    let note = Note::parse(statement)?;
    let wrong = || RotationError::Text { expected: log };
    let lines: Vec<&str> = note.text().lines().collect();
    let [TITLE, of, old, new] = lines[..] else { return Err(wrong()) };
    if of != log.to_string() {
        return Err(wrong());
    }
    let keys: [VerifyingKey; 2] = [old.parse()?, new.parse()?];
    if keys.iter().any(|key| key.algorithm() != Algorithm::Ed25519) {
        return Err(wrong());
    }
    let signers = note.signers(&keys)?.len();
    if signers != keys.len() {
        return Err(RotationError::OneSided { actual: signers });
    }
    let [old, new] = keys;
    Ok(Rotation { old, new })
}

/// The keys that hold for whoever holds `pinned`: those, and every one that one of them was changed for, in turn.
/// No key is in the answer twice.
#[must_use]
pub fn follow(pinned: &[VerifyingKey], rotations: &[Rotation]) -> Vec<VerifyingKey> {
    let mut known: Vec<VerifyingKey> = Vec::new();
    let add = |known: &mut Vec<VerifyingKey>, key: &VerifyingKey| {
        if !known.contains(key) {
            known.push(key.clone());
        }
    };
    pinned.iter().for_each(|key| add(&mut known, key));
    let mut at = 0;
    while at < known.len() {
        let newer = rotations.iter().filter(|rotation| rotation.old == known[at]);
        newer
            .map(|rotation| rotation.new.clone())
            .collect::<Vec<_>>()
            .iter()
            .for_each(|key| add(&mut known, key));
        at += 1;
    }
    known
}

#[cfg(test)]
mod tests {
    use domain::Ulid;

    use super::*;

    fn log() -> LogId {
        LogId::from(Ulid(7))
    }

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(format!("waybill/{}", log()), &[seed; 32]).unwrap()
    }

    fn rotation(old: u8, new: u8) -> Rotation {
        let note = statement(log(), &key(old), &key(new)).unwrap();
        verify(note.encode().as_bytes(), log()).unwrap()
    }

    #[test]
    fn both_keys_sign_what_both_are() {
        let note = statement(log(), &key(1), &key(2)).unwrap();
        let expected = format!(
            "waybill key rotation\n{}\n{}\n{}\n",
            log(),
            key(1).verifying_key(),
            key(2).verifying_key()
        );
        assert_eq!(note.text(), expected);
        assert_eq!(
            (&rotation(1, 2).old, &rotation(1, 2).new),
            (key(1).verifying_key(), key(2).verifying_key())
        );
    }

    #[test]
    fn a_statement_of_one_key_of_another_log_or_altered_is_refused() {
        let text = statement(log(), &key(1), &key(2)).unwrap().text().to_owned();
        let one = Note::signed(text.clone(), &[&key(1)]).unwrap();
        assert_eq!(verify(one.encode().as_bytes(), log()), Err(RotationError::OneSided { actual: 1 }));
        let none = Note::signed(text.clone(), &[&key(3)]).unwrap();
        assert!(matches!(verify(none.encode().as_bytes(), log()), Err(RotationError::Note(_))));
        let both = |text: &str| Note::signed(text, &[&key(1), &key(2)]).unwrap().encode();
        let other = LogId::from(Ulid(8));
        assert_eq!(verify(both(&text).as_bytes(), other), Err(RotationError::Text { expected: other }));
        for wrong in [format!("{text}more\n"), text.replace("waybill key", "some key"), "\n".into()] {
            assert_eq!(verify(both(&wrong).as_bytes(), log()), Err(RotationError::Text { expected: log() }));
        }
        let mut altered = both(&text).into_bytes();
        altered[40] ^= 1;
        assert!(verify(&altered, log()).is_err());
    }

    #[test]
    fn rotations_lead_on_and_never_back() {
        let rotations = [rotation(2, 3), rotation(1, 2), rotation(5, 6), rotation(3, 1)];
        let of = |seed: u8| key(seed).verifying_key().clone();
        assert_eq!(follow(&[of(1), of(1)], &rotations), [of(1), of(2), of(3)]);
        assert_eq!(follow(&[of(6)], &rotations), [of(6)]);
        assert_eq!(follow(&[], &rotations), []);
    }
}
