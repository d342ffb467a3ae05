//! A backup pulled from a server on another machine: nothing that it says is believed unless a known key has signed it.

use std::io;
use std::path::Path;

use bytes::Bytes;
use proof::note::Algorithm;
use proof::rotation::{self, Rotation};
use proof::{Checkpoint, Note, Origin, VerifyingKey};

use crate::backup::{BackupError, BackupReport, Secrets, Source, copy};
use crate::keys::Keys;
use crate::rebuild::RebuildError;
use crate::tiles::{CHECKPOINT, TileStore};
use crate::verify::Progress;

/// Gives a file of the signed tree by its path as C2SP tlog-tiles names it, and `cosigned`; `None` where there is none.
pub type Fetch = Box<dyn Fn(&str) -> io::Result<Option<Bytes>> + Send + Sync>;

/// A log that is read from afar.
pub struct Remote {
    /// Its files.
    pub fetch: Fetch,
    /// The key that it says it signs with.
    pub key: Option<VerifyingKey>,
    /// Its changes of key, each signed by both.
    pub rotations: Vec<Rotation>,
}

/// Why the key counts that has signed what was pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PulledTrust {
    /// It was given, or follows from one that was.
    Given,
    /// It is that of the backup before, or follows from it.
    Kept,
    /// The server named it: nobody else vouches for it yet. The next time it is the one of the backup before.
    FirstUse,
}

/// What was pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullReport {
    /// What was copied.
    pub backup: BackupReport,
    /// The key that signed it.
    pub key: VerifyingKey,
    /// Why it counts.
    pub trust: PulledTrust,
}

/// As [`crate::backup`], from a running server: only what is new is fetched, every event is hashed as it comes, and
/// the backup counts once the root of its tree is one that a known key has signed. Without `keys` that key is the one of
/// the backup in `to`, or, for a new one, the one that the server names. The secret key never leaves the server.
///
/// # Errors
/// Where no key that counts has signed, the log does not extend what is there, or something cannot be read or written.
pub fn pull(
    remote: Remote,
    keys: &[VerifyingKey],
    to: &Path,
    progress: impl FnMut(Progress),
) -> Result<PullReport, BackupError> {
    let Remote { fetch, key, rotations } = remote;
    let tiles = Fetched(fetch);
    let path = Path::new(CHECKPOINT);
    let wrong = |reason: String| RebuildError::Checkpoint { path: path.to_owned(), reason };
    let note = tiles.read(CHECKPOINT).map_err(RebuildError::io(path))?;
    let note = note.ok_or_else(|| wrong("the log has signed none yet".into()))?;
    let parsed = Note::parse(&note).map_err(|error| wrong(error.to_string()))?;
    let checkpoint = Checkpoint::parse(parsed.text()).map_err(|error| wrong(error.to_string()))?;
    let origin = checkpoint.origin.parse::<Origin>().map_err(|error| wrong(error.to_string()))?;
    let (trusted, trust) = trusted(keys, key, to, origin);
    let name = origin.key_name();
    let own = |key: &VerifyingKey| key.name() == name && key.algorithm() == Algorithm::Ed25519;
    let known: Vec<_> = rotation::follow(&trusted, &rotations).into_iter().filter(own).collect();
    let key = match parsed.signers(&known) {
        Ok(signers) => signers.first().copied().cloned(),
        Err(proof::NoteError::Unknown { .. }) => None,
        Err(error) => return Err(wrong(error.to_string()).into()),
    };
    let Some(key) = key else {
        let names =
            |names: Vec<String>| if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
        let expected = names(trusted.iter().map(ToString::to_string).collect());
        let signed = parsed.signatures().iter().map(|it| format!("{}+{:08x}", it.name, it.key_id)).collect();
        return Err(BackupError::UnknownKey { expected, actual: names(signed) });
    };
    let keys = Keys::known(key.clone());
    let source = Source { tiles: &tiles, note, checkpoint, keys, secrets: Secrets::Leave };
    Ok(PullReport { backup: copy(&source, to, progress)?, key, trust })
}

/// The keys to begin with, and why they count.
fn trusted(
    given: &[VerifyingKey],
    named: Option<VerifyingKey>,
    to: &Path,
    origin: Origin,
) -> (Vec<VerifyingKey>, PulledTrust) {
    if !given.is_empty() {
        return (given.to_vec(), PulledTrust::Given);
    }
    // A backup of another log is refused later, by its name.
    match Keys::public(&to.join("keys"), origin.log) {
        Some(kept) => (vec![kept.verifying], PulledTrust::Kept),
        None => (named.into_iter().collect(), PulledTrust::FirstUse),
    }
}

/// Files that are fetched. Nothing is written there.
struct Fetched(Fetch);

impl TileStore for Fetched {
    fn read(&self, path: &str) -> io::Result<Option<Bytes>> {
        (self.0)(path)
    }
    fn write(&self, _: &str, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
    fn replace(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.write(path, bytes)
    }
    fn prune(&self, _: &str, _: Option<&str>) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
    fn list(&self) -> io::Result<Vec<String>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
