//! The last checkpoint that a witness cosigned, kept in a file.

use std::io::ErrorKind;
use std::path::Path;

use proof::{Checkpoint, Note, VerifyingKey};

use crate::failure::{Exit, Failure};

/// What was seen last.
#[derive(Debug)]
pub(super) struct State {
    pub(super) checkpoint: Checkpoint,
}

impl State {
    /// Reads the file; `None` where nothing was seen yet. It bears this witness's own cosignature, so that nobody
    /// puts another past in its place.
    pub(super) fn read(path: &Path, own: &VerifyingKey) -> Result<Option<Self>, Failure> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::from(error).while_doing(format!("`{}`", path.display()))),
        };
        let read = || {
            let (note, _) = Note::open(&bytes, std::slice::from_ref(own))?;
            Ok::<_, proof::CheckpointError>(Self { checkpoint: Checkpoint::parse(note.text())? })
        };
        read().map(Some).map_err(|error| {
            Failure::from(error)
                .of(Exit::Failed)
                .while_doing(format!("`{}` is not what this witness cosigned last", path.display()))
                .hint(
                    "give the key that wrote it, or restore the file; without it, what was seen is forgotten",
                )
        })
    }
}
