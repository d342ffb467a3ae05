//! What witnesses have seen of this log: their cosignatures, held against the log before they are shown.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::extract::State;
use journal::Journal;
use proof::{Checkpoint, Note, VerifyingKey};
use schemars::JsonSchema;
use serde::Serialize;

use crate::problem::{Code, Problem};
use crate::state::App;

/// Witnesses that count, and the largest checkpoint that one of them has cosigned, which the log keeps.
#[derive(Debug, Default)]
pub(crate) struct Witnessed {
    pub(crate) keys: Vec<VerifyingKey>,
    last: Mutex<Option<(u64, Note)>>,
    /// Held while a cosigned checkpoint is made durable: readers do not wait for the disk.
    keeping: Mutex<()>,
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
    /// What these witnesses have cosigned of the log before, as far as it still holds. Reads the log: blocks.
    pub(crate) fn by(keys: Vec<VerifyingKey>, journal: &Journal) -> Self {
        let witnessed = Self { keys, ..Self::default() };
        let kept = journal.cosigned().filter(|_| !witnessed.keys.is_empty());
        if let Some(Err(problem)) = kept.map(|note| witnessed.recall(journal, note.as_bytes())) {
            // Such as after a restore, which begins another epoch, or where a witness is no longer named.
            tracing::warn!(reason = problem.detail, "what witnesses cosigned before is not shown");
        }
        witnessed
    }
    fn recall(&self, journal: &Journal, bytes: &[u8]) -> Result<(), Problem> {
        let (size, offered) = self.check(journal, bytes)?;
        let (note, _) = self.joined(size, &offered, journal);
        *self.last() = note.map(|note| (size, note));
        Ok(())
    }
    fn last(&self) -> MutexGuard<'_, Option<(u64, Note)>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// The largest cosigned checkpoint.
    pub(crate) fn shown(&self) -> Option<String> {
        self.last().as_ref().map(|(_, note)| note.encode())
    }
    /// A checkpoint with the cosignatures that it has got.
    pub(crate) fn beside(&self, note: String) -> String {
        let last = self.last();
        let same = |seen: &Note| Note::parse(note.as_bytes()).is_ok_and(|note| note.text() == seen.text());
        last.as_ref().filter(|(_, seen)| same(seen)).map(|(_, seen)| seen.encode()).unwrap_or(note)
    }

    /// Takes a cosigned checkpoint; it is durable before anybody sees it.
    fn take(&self, journal: &Journal, bytes: &[u8]) -> Result<Taken, Problem> {
        let (size, offered) = self.check(journal, bytes)?;
        let _one_at_a_time = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        let (note, witnesses) = self.joined(size, &offered, journal);
        if let Some(note) = note {
            journal.keep_cosigned(&note.encode())?;
            *self.last() = Some((size, note));
        }
        Ok(Taken { size, witnesses: witnesses.iter().map(ToString::to_string).collect() })
    }

    /// A checkpoint that this log signed, of a tree that it still has, and that a witness that counts has cosigned; with
    /// its size.
    fn check(&self, journal: &Journal, bytes: &[u8]) -> Result<(u64, Note), Problem> {
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
        offered.signers(&self.keys).map_err(|error| {
            Problem::new(
                Code::InvalidBody,
                error.to_string(),
                "name the witness's key with `serve --witness`",
            )
        })?;
        Ok((checkpoint.size, offered))
    }

    /// The note to keep, with what is verified and no other signature that somebody put under it, and who has cosigned
    /// it; no note where a larger one is kept.
    fn joined(&self, size: u64, offered: &Note, journal: &Journal) -> (Option<Note>, Vec<&VerifyingKey>) {
        let signers = offered.signers(&self.keys).unwrap_or_default();
        let signers: Vec<_> = self.keys.iter().filter(|key| signers.contains(key)).collect();
        let name = proof::Origin { log: journal.identity().log_id, epoch: 1 }.key_name();
        let mut note = match &*self.last() {
            Some((_, seen)) if seen.text() == offered.text() => seen.clone(),
            Some((larger, _)) if *larger > size => return (None, signers),
            _ => Note::new(offered.text()).expect("it is the text of a note"),
        };
        let counts = |signature: &&proof::note::Signature| {
            signature.name == name || signers.iter().any(|key| signature.is_of(key))
        };
        offered.signatures().iter().filter(counts).for_each(|signature| note.push(signature.clone()));
        let is_under = |key: &&VerifyingKey| note.signatures().iter().any(|it| it.is_of(key));
        let witnesses = self.keys.iter().filter(is_under).collect();
        (Some(note), witnesses)
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

    fn keys(seeds: &[u8]) -> Vec<VerifyingKey> {
        seeds.iter().map(|seed| cosignature::verifying_key(&witness(*seed))).collect()
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
        let seen = Witnessed::by(keys(&[1, 2]), journal);
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
        assert_eq!(seen.shown().unwrap(), shown.encode());
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

    #[test]
    fn what_was_cosigned_outlives_the_process_and_only_what_still_holds_is_shown() {
        let dir = tempfile::tempdir().unwrap();
        let open = || engine::Engine::open(dir.path(), Options::default()).unwrap();
        let engine = open();
        engine.rotate_key().unwrap();
        let note = engine.journal().checkpoint_now().unwrap();
        let shown = {
            let seen = Witnessed::by(keys(&[1, 2]), engine.journal());
            seen.take(engine.journal(), cosigned(&note, &[1, 2]).as_bytes()).unwrap();
            seen.shown().unwrap()
        };
        engine.close().unwrap();
        drop(engine);
        let engine = open();
        let journal = engine.journal();
        assert_eq!(Witnessed::by(keys(&[1, 2]), journal).shown().unwrap(), shown);
        let one = Witnessed::by(keys(&[2]), journal).shown().unwrap();
        assert_eq!(Note::parse(one.as_bytes()).unwrap().signatures().len(), 2, "the log and one witness");
        for none in [keys(&[]), keys(&[3])] {
            assert_eq!(Witnessed::by(none, journal).shown(), None);
        }
        assert!(journal.verify(|_| {}).is_sound());
        for wrong in ["", "no note", &shown.replace("waybill/", "waybull/")] {
            journal.keep_cosigned(wrong).unwrap();
            assert_eq!(Witnessed::by(keys(&[1, 2]), journal).shown(), None, "{wrong}");
        }
        assert!(journal.keep_cosigned(&"x".repeat(1 << 20)).is_err(), "it is bounded");
    }
}
