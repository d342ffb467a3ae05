//! What witnesses have cosigned of the log: one signed note beside the checkpoint, as durable as it.

use proof::{Checkpoint, CheckpointError as Unusable, NoteError, VerifyingKey};

use crate::error::CheckpointError;
use crate::journal::Journal;
use crate::tiles::{COSIGNED, StoredNodes, TileStore};

/// Largest file that is read: a log's signature and those of a hundred witnesses fit many times.
const MAX_BYTES: usize = 64 << 10;

impl Journal {
    /// The cosigned checkpoint that was kept last. Nobody has checked what the file holds.
    #[must_use]
    pub fn cosigned(&self) -> Option<String> {
        read(self.shared().tiles.store.as_ref())
    }

    /// Keeps a cosigned checkpoint in place of the one before; durable on return. Whoever calls this has checked that
    /// it is one of this log. Blocks.
    ///
    /// # Errors
    /// Where it is too long, cannot be written, or the log is open for reading only.
    pub fn keep_cosigned(&self, note: &str) -> Result<(), CheckpointError> {
        let failed = |reason: String| CheckpointError { reason };
        if self.shared().options.read_only {
            return Err(failed("the log is open for reading only".into()));
        }
        if note.len() > MAX_BYTES {
            return Err(failed(format!("expected at most {MAX_BYTES} bytes, got {}", note.len())));
        }
        let replaced = self.shared().tiles.store.replace(COSIGNED, note.as_bytes());
        replaced.map_err(|error| failed(format!("`tiles/{COSIGNED}` cannot be written: {error}")))
    }
}

/// The file, where it is there and no longer than one can be.
pub(crate) fn read(tiles: &dyn TileStore) -> Option<String> {
    let bytes = tiles.read(COSIGNED).ok().flatten().filter(|bytes| bytes.len() <= MAX_BYTES)?;
    String::from_utf8(bytes.to_vec()).ok()
}

/// What the cosigned checkpoint says about the signed tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It is a beginning of the tree, or there is none.
    Fits,
    /// It says nothing: it is of another epoch, or of a key that is not known here.
    Other(String),
    /// A witness saw more events than are signed now.
    More(String),
    /// A witness saw another history, or somebody altered the file.
    Contradicts(String),
}

/// Holds the cosigned checkpoint against the one that was signed last. The log's own signature under it counts: the
/// witness's is for whoever has its key.
pub(crate) fn compare(tiles: &dyn TileStore, signed: &Checkpoint, keys: &[VerifyingKey]) -> Seen {
    let altered = |reason: &dyn std::fmt::Display| Seen::Contradicts(format!("`{COSIGNED}`: {reason}"));
    match tiles.read(COSIGNED) {
        Ok(None) => return Seen::Fits,
        Ok(Some(_)) => {}
        Err(error) => return altered(&error),
    }
    let Some(note) = read(tiles) else { return altered(&"it is no note") };
    let seen = match proof::Note::open(note.as_bytes(), keys) {
        Ok((note, _)) => match Checkpoint::parse(note.text()) {
            Ok(seen) => seen,
            Err(error) => return altered(&error),
        },
        Err(NoteError::Unknown { .. }) => {
            return Seen::Other(format!("`{COSIGNED}` is signed by no key that is known here"));
        }
        Err(error) => return altered(&Unusable::from(error)),
    };
    if seen.origin != signed.origin {
        return Seen::Other(format!("`{COSIGNED}` is of `{}`", seen.origin));
    }
    if seen.size > signed.size {
        return Seen::More(format!("witnesses have seen {} events, signed are {}", seen.size, signed.size));
    }
    let nodes = StoredNodes { store: tiles, size: signed.size };
    match proof::tree::root_at(&nodes, seen.size) {
        Ok(root) if root == seen.root => Seen::Fits,
        Ok(root) => altered(&format!(
            "witnesses have seen root {} over {} events, the log has {root}",
            seen.root, seen.size
        )),
        Err(error) => Seen::Other(format!("`{COSIGNED}` could not be compared: {error}")),
    }
}
