//! `waybill witness`: cosigns the checkpoints of another's log, and refuses one that contradicts what was seen.

mod source;
mod state;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clap::Args;
use proof::note::Algorithm;
use proof::rotation::Rotation;
use proof::trust::Held;
use proof::{Checkpoint, Note, NoteError, SigningKey, VerifyingKey, cosignature, rotation, tree};
use serde::Serialize;

use crate::cli::{Form, Global};
use crate::failure::{Exit, Failure};
use crate::trust::{self, Age};
use crate::{figures, files, output, table};
use source::{Source, Tiles, Wanting};
use state::State;

/// Looks at a folder whose tiles change under the reader.
const LOOKS_MAX: u32 = 5;

/// Cosign another log's checkpoints, and refuse one that does not extend the last one seen
///
/// What a witness has cosigned cannot be taken back by whoever runs the log: a later checkpoint must extend it, and
/// where one does not, the witness signs nothing, keeps both as evidence and ends with code 1. Run it on another
/// machine, under another's control. The cosignature is that of c2sp.org/tlog-cosignature, version 1.
#[derive(Debug, Args)]
pub(crate) struct Witness {
    /// The log: a server such as http://127.0.0.1:8377, a data folder, or a folder of tiles
    #[arg(long, value_name = "URL|DIR")]
    of: String,
    /// The witness's secret key; `waybill keys new` makes one
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The log's public key, from whoever runs it: its text, or @FILE with one on each line; may be repeated
    #[arg(long = "log-key", value_name = "KEY|@FILE", required = true)]
    log_keys: Vec<String>,
    /// Where the last cosigned checkpoint is kept, one file for each log [default: the key's file and `.seen`]
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Go on, and look again after so long, such as 10s
    #[arg(long, value_name = "TIME", conflicts_with = "once")]
    every: Option<Age>,
    /// Look once; so it is where --every is not given
    #[arg(long)]
    once: bool,
    /// Write the cosigned checkpoint to a file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Hand the cosigned checkpoint to the server, which shows it where it was started with --witness
    #[arg(long)]
    offer: bool,
}

/// A cosigned checkpoint.
#[derive(Debug, Serialize)]
struct Cosigned {
    #[serde(flatten)]
    held: Held,
    /// Events of the checkpoint seen before, which this one extends.
    since: Option<u64>,
    witness: String,
    checkpoint: String,
}

/// What is needed for every look.
struct Watch {
    source: Source,
    key: SigningKey,
    pinned: Vec<VerifyingKey>,
    /// Keys that a pinned one was changed for, as far as they were needed.
    followed: Mutex<Vec<VerifyingKey>>,
    state: PathBuf,
}

impl Witness {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        if self.offer && !self.of.starts_with("http:") {
            let failure = Failure::usage("only a server can be offered a cosignature");
            return Err(failure.hint("give --of an address, or hand over the file of --out"));
        }
        let mut state = self.key.clone().into_os_string();
        state.push(".seen");
        let watch = Watch {
            source: Source::of(&self.of, global)?,
            key: secret(&self.key)?,
            pinned: trust::keys(&self.log_keys)?,
            followed: Mutex::default(),
            state: self.state.clone().unwrap_or_else(|| state.into()),
        };
        loop {
            let looked = self.turn(&watch, global.output).await;
            let Some(every) = self.every else { return looked.map(|()| Exit::Done) };
            match looked {
                Ok(()) => {}
                // A log that cannot be reached now may be later; one that contradicts itself never recovers.
                Err(failure) if failure.exit == Exit::Unreachable => eprint!("{failure}"),
                Err(failure) => return Err(failure),
            }
            tokio::time::sleep(Duration::from_millis(every.ms)).await;
        }
    }

    async fn turn(&self, watch: &Watch, form: Form) -> Result<(), Failure> {
        let cosigned = watch.look().await?;
        self.tell(&cosigned, form)?;
        if self.offer { watch.source.offer(&cosigned.checkpoint).await } else { Ok(()) }
    }

    fn tell(&self, cosigned: &Cosigned, form: Form) -> Result<(), Failure> {
        if let Some(path) = &self.out {
            files::replace(path, cosigned.checkpoint.as_bytes(), files::PUBLIC)?;
        }
        output::document(form, cosigned, || {
            cosigned.table(self.out.as_deref(), output::colours(&std::io::stdout()))
        })
    }
}

impl Cosigned {
    fn table(&self, out: Option<&Path>, colours: bool) -> String {
        let events = figures::count(self.held.size);
        let verdict = match self.since {
            Some(since) => {
                format!(
                    "Cosigned: the log of {events} events extends the one of {} seen before.",
                    figures::count(since)
                )
            }
            None => format!("Cosigned: the log of {events} events, the first one seen."),
        };
        let mut facts = proof::verdict::checkpoint_facts(Some(&self.held), &[]);
        facts.retain(|(name, _)| *name != "signed by");
        facts.push(("witness", self.witness.clone()));
        facts.extend(out.map(|path| ("written to", path.display().to_string())));
        let facts: Vec<_> = facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let mut text = format!("{}\n\n{}", output::bold(&verdict, colours), table::pairs(&facts, colours));
        if out.is_none() {
            text.push_str(&format!("\n{}", self.checkpoint));
        }
        text
    }
}

fn secret(path: &Path) -> Result<SigningKey, Failure> {
    use std::os::unix::fs::PermissionsExt;
    let text = String::from_utf8_lossy(&trust::read(path)?).into_owned();
    let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let message =
            format!("`{}` should be for its owner alone, mode 600, has mode {mode:o}", path.display());
        return Err(Failure::usage(message).hint("others may have read it: make a new key, or chmod 600 it"));
    }
    SigningKey::from_secret_text(text.trim()).map_err(|error| {
        let hint = "`waybill keys new NAME --out FILE` makes a key";
        Failure::from(error).of(Exit::Usage).while_doing(format!("`{}`", path.display())).hint(hint)
    })
}

impl Watch {
    /// Fetches the checkpoint, holds it against the one seen before, and cosigns it.
    async fn look(&self) -> Result<Cosigned, Failure> {
        let seen = State::read(&self.state, &cosignature::verifying_key(&self.key))?;
        let mut looks = 1;
        loop {
            let bytes = self.source.fetch("checkpoint").await?;
            let bytes = bytes.ok_or_else(|| {
                Failure::new(Exit::Unreachable, "the log has signed no checkpoint yet")
                    .hint("try again in a second")
            })?;
            let (note, checkpoint, held) = Held::read(&bytes)?;
            self.check_signature(&note, &held).await?;
            match self.extends(seen.as_ref(), &checkpoint).await {
                Ok(()) => return self.cosign(note, held, seen.as_ref()),
                Err(Refusal::Moved) if looks < LOOKS_MAX => looks += 1,
                Err(Refusal::Moved) => {
                    return Err(Failure::new(Exit::Unreachable, "the log's tiles do not fit its checkpoint")
                        .hint("the folder may be a copy that is not whole: try again, or ask the server"));
                }
                Err(Refusal::Contradiction(what)) => {
                    return Err(self.refuse(&what, &bytes, &checkpoint, seen.as_ref()));
                }
                Err(Refusal::Other(failure)) => return Err(failure),
            }
        }
    }

    fn followed(&self) -> MutexGuard<'_, Vec<VerifyingKey>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The log's own key must have signed: one that was given, or one that it was changed for.
    async fn check_signature(&self, note: &Note, held: &Held) -> Result<(), Failure> {
        let name = proof::Origin { log: held.log, epoch: held.epoch }.key_name();
        let own = |key: &VerifyingKey| key.name() == name && key.algorithm() == Algorithm::Ed25519;
        let mut keys: Vec<_> = self.pinned.iter().filter(|key| own(key)).cloned().collect();
        keys.extend(self.followed().iter().filter(|key| own(key)).cloned());
        if matches!(note.signers(&keys), Err(NoteError::Unknown { .. })) && !keys.is_empty() {
            let enough = |found: &[Rotation]| note.signers(&rotation::follow(&keys, found)).is_ok();
            let rotations = self.source.rotations(held.log, held.size, enough).await?;
            keys = rotation::follow(&keys, &rotations);
            if note.signers(&keys).is_ok() {
                self.followed().clone_from(&keys);
            }
        }
        match note.signers(&keys) {
            Ok(_) => Ok(()),
            Err(error @ NoteError::Unknown { .. }) => Err(Failure::new(Exit::UnknownKey, error.to_string())
                .while_doing("nothing was cosigned")
                .hint("give the log's key with --log-key; after a change of key, the new one too")),
            Err(error) => Err(Failure::new(Exit::Failed, error.to_string())
                .while_doing("REFUSED: the checkpoint is not as it was signed")
                .hint(
                    "somebody altered it on its way, or the log does not hold its key: ask whoever runs it",
                )),
        }
    }

    async fn extends(&self, seen: Option<&State>, now: &Checkpoint) -> Result<(), Refusal> {
        let Some(State { checkpoint: seen, .. }) = seen else { return Ok(()) };
        let contradiction = |what: String| Err(Refusal::Contradiction(what));
        if seen.origin != now.origin {
            return contradiction(format!("expected `{}`, got `{}`", seen.origin, now.origin));
        }
        if now.size < seen.size {
            return contradiction(format!("the log had {} events, and now shows {}", seen.size, now.size));
        }
        if now.size == seen.size && now.root != seen.root {
            let (expected, actual) = (seen.root, now.root);
            return contradiction(format!("of {} events, expected root {expected}, got {actual}", now.size));
        }
        if now.size == seen.size || seen.size == 0 {
            return Ok(());
        }
        let mut tiles = Tiles::new(now.size);
        let proof = loop {
            match tree::consistency_proof(&tiles, seen.size, now.size) {
                Ok(proof) => break proof,
                Err(Wanting::Tile(id)) => {
                    tiles.insert(id, self.source.tile(id).await?.ok_or(Refusal::Moved)?);
                }
                Err(Wanting::Proof(error)) => return contradiction(error.to_string()),
            }
        };
        tree::verify_consistency(seen.size, &seen.root, now.size, &now.root, &proof)
            .or_else(|error| contradiction(format!("of {} and {} events: {error}", seen.size, now.size)))
    }

    /// What is signed must be remembered first: it may never be contradicted.
    fn cosign(&self, mut note: Note, held: Held, seen: Option<&State>) -> Result<Cosigned, Failure> {
        let seconds = u64::try_from(trust::now().millis() / 1_000).unwrap_or(0);
        cosignature::cosign(&mut note, &self.key, seconds);
        let checkpoint = note.encode();
        files::replace(&self.state, checkpoint.as_bytes(), files::PUBLIC)?;
        let witness = cosignature::verifying_key(&self.key).to_string();
        Ok(Cosigned { held, since: seen.map(|seen| seen.checkpoint.size), witness, checkpoint })
    }

    /// Says what differs, and keeps the other checkpoint: both together show that the log contradicts itself.
    fn refuse(&self, what: &str, note: &[u8], now: &Checkpoint, seen: Option<&State>) -> Failure {
        let mut path = self.state.clone().into_os_string();
        path.push(".refused");
        let path = PathBuf::from(path);
        let kept = match files::replace(&path, note, files::PUBLIC) {
            Ok(()) => format!("kept as `{}`", path.display()),
            Err(failure) => failure.message,
        };
        let line = |checkpoint: &Checkpoint| {
            let time = checkpoint.extension("time").unwrap_or("no time");
            format!(
                "{}, {} events, root {}, signed at {time}",
                checkpoint.origin, checkpoint.size, checkpoint.root
            )
        };
        let before =
            seen.map_or_else(String::new, |seen| format!("\n  seen before: {}", line(&seen.checkpoint)));
        let message = format!(
            "REFUSED: this log does not extend the one seen before: {what}{before}\n  shown now:   {}\n  nothing was cosigned",
            figures::line(&line(now), 400)
        );
        Failure::new(Exit::Failed, message).hint(format!(
            "both checkpoints are signed by the log: the one seen is `{}`, the other {kept}; ask whoever runs the log; \
             where it was restored on purpose, begin anew with another --state",
            self.state.display()
        ))
    }
}

/// Why a checkpoint is not cosigned.
enum Refusal {
    /// It contradicts what was seen.
    Contradiction(String),
    /// The tiles are those of another checkpoint by now.
    Moved,
    /// It cannot be told.
    Other(Failure),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

#[cfg(test)]
mod tests;
