//! A log in memory from the records of one that is kept in another form, for reading only.

use std::path::Path;

use domain::ids::LogId;
use proof::{Checkpoint, Note, Origin, VerifyingKey};

use crate::error::OpenError;
use crate::journal::Journal;
use crate::options::Options;
use crate::rebuild::{Rebuild, RebuildError};
use crate::store::memory::MemoryStore;
use crate::tiles::builder::Piece;
use crate::tiles::{self, MemoryTiles, Signed, TileStore};

/// What is known of the log beside its records.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its id.
    pub log: LogId,
    /// Its epoch.
    pub epoch: u64,
    /// Signed checkpoints of it, the oldest first.
    pub signed: Vec<KeptCheckpoint>,
}

/// A signed checkpoint.
#[derive(Debug, Clone)]
pub struct KeptCheckpoint {
    /// The note.
    pub note: String,
    /// The public key that has to have signed it; without one the signature is not looked at.
    pub key: Option<String>,
}

/// Why records are no log.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// A checkpoint is none, is of another log, or was not signed by the key that came with it.
    #[error("a checkpoint cannot be used: {reason}")]
    Checkpoint {
        /// What is wrong with it.
        reason: String,
    },
    /// There are fewer records than were signed.
    #[error("expected the {signed} events that were signed, got {actual}")]
    Missing {
        /// Events of the signed tree.
        signed: u64,
        /// Records there are.
        actual: u64,
    },
    /// The records are not those of the log.
    #[error("the records are not those that were signed")]
    Records(#[from] RebuildError),
    /// There is no opening it.
    #[error("the log in memory could not be opened")]
    Open(#[from] OpenError),
}

/// A checkpoint that was read, and whose signature fits where there is a key.
struct Read {
    signed: Signed,
    key: Option<VerifyingKey>,
}

impl Journal {
    /// A log in memory of `records`, all of a log from its first one on, for reading only. The tree is built anew: at
    /// the size of every checkpoint its root must be the one that was signed. The last of them is that of the log.
    /// Proofs are given as of any log; entries of tiles are not held once more.
    ///
    /// # Errors
    /// What the iterator gives, and what [`KeptError`] lists.
    pub fn of_records<E: From<KeptError>>(
        kept: &Kept,
        records: impl IntoIterator<Item = Result<Vec<u8>, E>>,
    ) -> Result<Self, E> {
        let mut waiting = kept.checkpoints().map_err(E::from)?.into_iter().peekable();
        let store = MemoryStore::in_epoch(kept.log, kept.epoch);
        let tiles = MemoryTiles::default();
        let mut put = |piece: Piece, bytes: &[u8]| {
            if !matches!(piece, Piece::Tile(_)) {
                return Ok(());
            }
            let path = piece.path();
            tiles.write(&path, bytes).map_err(RebuildError::io(Path::new(&path)))
        };
        let mut rebuild = Rebuild::new(Some(&store));
        let (mut records, mut reached, mut before) = (records.into_iter(), None, 0);
        loop {
            let size = rebuild.builder.size();
            while let Some(read) = waiting.next_if(|read| read.signed.checkpoint.size == size) {
                rebuild.check_root(read.signed.checkpoint.root).map_err(KeptError::from)?;
                rebuild.builder.partials(before, &mut put).map_err(KeptError::from)?;
                (reached, before) = (Some(read), size);
            }
            let Some(record) = records.next() else { break };
            rebuild.take(record?.into(), &mut put).map_err(KeptError::from)?;
        }
        let end = rebuild.builder.size();
        if let Some(Read { signed, .. }) = waiting.next() {
            return Err(KeptError::Missing { signed: signed.checkpoint.size, actual: end }.into());
        }
        rebuild.finish().map_err(KeptError::from)?;
        drop(rebuild);
        let (signed, key) = reached.map_or((None, None), |read| (Some(read.signed), read.key));
        let tiles = tiles::of_kept(&store, tiles, signed, key);
        let options = Options { read_only: true, ..Options::default() };
        let opened = Self::start(Box::new(store.holding(end)), tiles, options);
        opened.map_err(|error| KeptError::from(error).into())
    }
}

impl Kept {
    /// The checkpoints, by size.
    fn checkpoints(&self) -> Result<Vec<Read>, KeptError> {
        let origin = Origin { log: self.log, epoch: self.epoch };
        let mut all: Vec<Read> =
            self.signed.iter().map(|signed| signed.read(origin)).collect::<Result<_, _>>()?;
        all.sort_by_key(|read| read.signed.checkpoint.size);
        Ok(all)
    }
}

impl KeptCheckpoint {
    fn read(&self, origin: Origin) -> Result<Read, KeptError> {
        let wrong = |reason: String| KeptError::Checkpoint { reason };
        let expected = origin.to_string();
        let Some(key) = &self.key else {
            let note = Note::parse(self.note.as_bytes()).map_err(|error| wrong(error.to_string()))?;
            let checkpoint = Checkpoint::parse(note.text()).map_err(|error| wrong(error.to_string()))?;
            if checkpoint.origin != expected {
                return Err(wrong(format!(
                    "expected one of `{expected}`, got one of `{}`",
                    checkpoint.origin
                )));
            }
            return Ok(Read { signed: Signed { note: note.encode(), checkpoint }, key: None });
        };
        let key: VerifyingKey = key.parse().map_err(|error| wrong(format!("its key: {error}")))?;
        if key.name() != origin.key_name() {
            return Err(wrong(format!(
                "expected a key of `{}`, got one of `{}`",
                origin.key_name(),
                key.name()
            )));
        }
        let opened = Checkpoint::open(self.note.as_bytes(), &expected, std::slice::from_ref(&key));
        let (checkpoint, note) = opened.map_err(|error| wrong(error.to_string()))?;
        Ok(Read { signed: Signed { note: note.encode(), checkpoint }, key: Some(key) })
    }
}
