//! Why something stays sealed, or cannot be.

use std::io;
use std::path::{Path, PathBuf};

use domain::erasure::Subject;

/// Why the vault cannot be opened or written.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The system refused.
    #[error("`{path}` cannot be read or written")]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("expected {expected} in `{path}`, got something else")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
    /// Others may read a file of keys.
    #[error("expected mode 600 of `{path}`, got {mode:o}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// There are wrapped keys, and no master key.
    #[error("the master key `{path}` is missing, and {keys} keys are wrapped with it")]
    NoMaster {
        /// Where it should lie.
        path: PathBuf,
        /// Keys that nobody can use.
        keys: usize,
    },
    /// Another master key wrapped them.
    #[error("expected master key {expected}, which wrapped `{path}`, got {actual}")]
    WrongMaster {
        /// The wrapped key.
        path: PathBuf,
        /// The master key that wrapped it.
        expected: String,
        /// The one there is.
        actual: String,
    },
    /// It was opened for reading only.
    #[error("the vault was opened for reading only")]
    ReadOnly,
    /// The person or project is erased, and nothing is sealed for it again under that key.
    #[error("the key was destroyed: what it sealed is erased")]
    Destroyed,
}

impl VaultError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Io { .. } => "look at the disk and at whose the folder is",
            Self::Malformed { .. } => "put the file back from where you keep it",
            Self::Open { .. } => "chmod 600 it, and change what it guards: others could read it",
            Self::NoMaster { .. } | Self::WrongMaster { .. } => {
                "put `keys/master.key` back from where you keep it. Where it is lost, so is what was sealed: move the \
                 folder `vault` away, start, and set every secret anew"
            }
            Self::ReadOnly => "stop the server, or ask it",
            Self::Destroyed => "set it anew where it is wanted",
        }
    }
}

/// Why a secret does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The key is nowhere here: the secret was sealed elsewhere, or the folder `vault` was lost.
    #[error("key `{0}` is not in the vault")]
    MissingKey(String),
    /// The key was destroyed on purpose.
    #[error("key `{key}` was destroyed: {subject} is erased")]
    DestroyedKey {
        /// The key.
        key: String,
        /// Whose it was.
        subject: Subject,
    },
    /// The key is there, and wrapped with another master key.
    #[error("key `{0}` is wrapped with a master key that is not here")]
    WrongMaster(String),
    /// Bytes, name or project are not those of sealing.
    #[error("what key `{0}` sealed was altered, or is of another place")]
    Altered(String),
}
