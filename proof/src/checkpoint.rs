//! Checkpoints: what a log says about itself under its signature (<https://c2sp.org/tlog-checkpoint>).

use crate::hash::Hash;
use crate::note::{Note, NoteError, SigningKey, VerifyingKey};
use crate::tile::decimal;

/// Why bytes are not a checkpoint, or not one of the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note cannot be trusted.
    #[error("the note cannot be trusted")]
    Note(#[from] NoteError),
    /// The signed text is not that of a checkpoint.
    #[error("expected {expected} in line {line} of a checkpoint")]
    Line {
        /// What belongs there.
        expected: &'static str,
        /// The line, from 1.
        line: usize,
    },
    /// It is of another log, or of another epoch of it.
    #[error("expected a checkpoint of `{expected}`, got one of `{actual}`")]
    Origin {
        /// The log.
        expected: String,
        /// Its origin.
        actual: String,
    },
}

/// A log's size and root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which tree it is of.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// Root of the tree.
    pub root: Hash,
    /// Further lines, none empty.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// The text that is signed: origin, size, root and extensions, a line each.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root);
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }
    /// From the text of a note.
    ///
    /// # Errors
    /// Where it is not that of a checkpoint.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let wrong = |line, expected| CheckpointError::Line { expected, line };
        let text = text.strip_suffix('\n').ok_or_else(|| wrong(1, "a newline"))?;
        let lines: Vec<&str> = text.split('\n').collect();
        let line = |at: usize| lines.get(at).copied().filter(|line| !line.is_empty());
        let origin = line(0).ok_or_else(|| wrong(1, "an origin"))?;
        let size = line(1).and_then(decimal).ok_or_else(|| wrong(2, "a number of leaves"))?;
        let root = line(2).and_then(|root| root.parse().ok()).ok_or_else(|| wrong(3, "a root"))?;
        let extensions = lines[3..].iter().enumerate().map(|(at, line)| {
            if line.is_empty() { Err(wrong(at + 4, "something")) } else { Ok((*line).to_owned()) }
        });
        Ok(Self { origin: origin.to_owned(), size, root, extensions: extensions.collect::<Result<_, _>>()? })
    }
    /// A note of it, signed by every one of `keys`.
    ///
    /// # Errors
    /// Where the origin or an extension has control characters.
    pub fn sign(&self, keys: &[&SigningKey]) -> Result<Note, NoteError> {
        Note::signed(self.encode(), keys)
    }
    /// From the bytes of a note that one of `keys` has signed, of the log that `origin` names.
    ///
    /// # Errors
    /// Where no known key has signed it, a known key's signature does not fit, or it is of another log.
    pub fn open(bytes: &[u8], origin: &str, keys: &[VerifyingKey]) -> Result<(Self, Note), CheckpointError> {
        let (note, _) = Note::open(bytes, keys)?;
        let checkpoint = Self::parse(note.text())?;
        if checkpoint.origin == origin {
            Ok((checkpoint, note))
        } else {
            Err(CheckpointError::Origin { expected: origin.to_owned(), actual: checkpoint.origin })
        }
    }
    /// The value of the extension line `name value`, the first where there are several.
    #[must_use]
    pub fn extension(&self, name: &str) -> Option<&str> {
        self.extensions.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
    }
}
