//! What witnesses have seen of this log: their cosignatures, held against the log before they are shown.

use std::sync::{Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use journal::Journal;
use proof::{Checkpoint, Note, VerifyingKey};
use schemars::JsonSchema;
use serde::Serialize;

use crate::problem::{Code, Problem};
use crate::state::App;

/// Witnesses that count, and the largest checkpoint that one of them has cosigned. Gone with the process: witnesses
/// come again.
#[derive(Debug, Default)]
pub(crate) struct Witnessed {
    pub(crate) keys: Vec<VerifyingKey>,
    last: Mutex<Option<(u64, Note)>>,
}

/// What is known of a checkpoint that was cosigned.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Taken {
    /// Events of the checkpoint.
    size: u64,
    /// Keys of the witnesses that have cosigned it, as `name+id+base64`.
    witnesses: Vec<String>,
}

impl Witnessed {
    pub(crate) fn by(keys: Vec<VerifyingKey>) -> Self {
        Self { keys, last: Mutex::default() }
    }
    /// The largest cosigned checkpoint.
    pub(crate) fn last(&self) -> Option<String> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(_, note)| note.encode())
    }
    /// A checkpoint with the cosignatures that it has got.
    pub(crate) fn beside(&self, note: String) -> String {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |seen: &Note| Note::parse(note.as_bytes()).is_ok_and(|note| note.text() == seen.text());
        last.as_ref().filter(|(_, seen)| same(seen)).map(|(_, seen)| seen.encode()).unwrap_or(note)
    }

    /// Takes a cosigned checkpoint: one that this log signed, of a tree that it still has.
    fn take(&self, journal: &Journal, bytes: &[u8]) -> Result<Taken, Problem> {
        let hint = "send a checkpoint of this log as `waybill witness` cosigns it";
        let wrong = |error: &dyn std::fmt::Display| Problem::new(Code::InvalidBody, error.to_string(), hint);
        let offered = Note::parse(bytes).map_err(|error| wrong(&error))?;
        let checkpoint = Checkpoint::parse(offered.text()).map_err(|error| wrong(&error))?;
        offered.signers(&replay::keys(journal)?.all()).map_err(|error| wrong(&error))?;
        let identity = journal.identity();
        let origin = proof::Origin { log: identity.log_id, epoch: identity.epoch }.to_string();
        if checkpoint.origin != origin {
            return Err(wrong(&format!("expected a checkpoint of `{origin}`, got `{}`", checkpoint.origin)));
        }
        if journal.root_at(checkpoint.size)? != checkpoint.root {
            // Signed by this log, and not its history: somebody else has its key.
            tracing::error!(size = checkpoint.size, root = %checkpoint.root, "a witness saw another history of this log");
            return Err(wrong(&"the checkpoint is of another history of this log"));
        }
        let signers = offered.signers(&self.keys).map_err(|error| {
            Problem::new(
                Code::InvalidBody,
                error.to_string(),
                "name the witness's key with `serve --witness`",
            )
        })?;
        Ok(self.keep(checkpoint.size, &offered, &signers, journal))
    }

    /// Keeps what is verified, and no other signature that somebody put under it.
    fn keep(&self, size: u64, offered: &Note, signers: &[&VerifyingKey], journal: &Journal) -> Taken {
        let own = journal.identity().log_id;
        let name = proof::Origin { log: own, epoch: 1 }.key_name();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let mut note = match last.take() {
            Some((_, seen)) if seen.text() == offered.text() => seen,
            Some((larger, seen)) if larger > size => {
                *last = Some((larger, seen));
                return Taken { size, witnesses: signers.iter().map(ToString::to_string).collect() };
            }
            _ => Note::new(offered.text()).expect("it is the text of a note"),
        };
        let counts = |signature: &&proof::note::Signature| {
            signature.name == name || signers.iter().any(|key| signature.is_of(key))
        };
        offered.signatures().iter().filter(counts).for_each(|signature| note.push(signature.clone()));
        let witnesses = self.keys.iter().filter(|key| note.signatures().iter().any(|it| it.is_of(key)));
        let witnesses = witnesses.map(ToString::to_string).collect();
        *last = Some((size, note));
        Taken { size, witnesses }
    }
}

/// `POST /v1/log/cosignatures`
pub(crate) async fn offer(State(app): State<App>, body: axum::body::Bytes) -> Result<Json<Taken>, Problem> {
    let taken = tokio::task::spawn_blocking(move || app.witnessed.take(app.engine.journal(), &body)).await;
    Ok(Json(taken.map_err(|error| Problem::internal(&error))??))
}

#[cfg(test)]
mod tests {
    use journal::Options;
    use proof::{SigningKey, cosignature};

    use super::*;

    fn witness(seed: u8) -> SigningKey {
        SigningKey::from_seed(format!("witness.example/{seed}"), &[seed; 32]).unwrap()
    }

    fn cosigned(note: &str, witnesses: &[u8]) -> String {
        let mut note = Note::parse(note.as_bytes()).unwrap();
        witnesses.iter().for_each(|seed| cosignature::cosign(&mut note, &witness(*seed), 7));
        note.encode()
    }

    #[test]
    fn cosignatures_of_known_witnesses_are_shown_with_the_checkpoint_and_no_others() {
        let engine = engine::Engine::memory(Options::default()).unwrap();
        let journal = engine.journal();
        let seen = Witnessed::by([1, 2].map(|seed| cosignature::verifying_key(&witness(seed))).into());
        let empty = journal.checkpoint_now().unwrap();
        engine.rotate_key().unwrap();
        let note = journal.checkpoint_now().unwrap();
        assert_eq!(seen.beside(note.clone()), note);
        assert_eq!(seen.take(journal, cosigned(&note, &[1, 3]).as_bytes()).unwrap().witnesses.len(), 1);
        assert_eq!(seen.take(journal, cosigned(&note, &[2]).as_bytes()).unwrap().witnesses.len(), 2);
        let shown = Note::parse(seen.beside(note.clone()).as_bytes()).unwrap();
        assert_eq!(shown.signatures().len(), 3, "the log and both witnesses");
        // An older one changes nothing.
        seen.take(journal, cosigned(&empty, &[1]).as_bytes()).unwrap();
        assert_eq!(seen.last().unwrap(), shown.encode());
        for (wrong, what) in [
            (cosigned(&note, &[3]), "known key"),
            (note.replace("waybill/", "waybull/"), "known key"),
            ("no note".to_owned(), "signed note"),
        ] {
            let problem = seen.take(journal, wrong.as_bytes()).unwrap_err();
            assert!(problem.detail.contains(what), "{problem:?}");
        }
        let other = engine::Engine::memory(Options::default()).unwrap();
        let foreign = cosigned(&other.journal().checkpoint_now().unwrap(), &[1]);
        assert!(seen.take(journal, foreign.as_bytes()).is_err());
    }
}
