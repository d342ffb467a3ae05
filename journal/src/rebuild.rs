//! A log written anew from the entries of its tree, which every record is checked against.

use std::path::{Path, PathBuf};

use bytes::{Bytes, BytesMut};
use domain::ids::Position;
use proof::Hash;
use proof::entry::StandIn;
use proof::tile::{self, BundleId};

use crate::block;
use crate::error::OpenError;
use crate::options::Options;
use crate::record::{RawRecord, RecordError};
use crate::store::{Store, StoreError, StoredBlock};
use crate::tiles::builder::{Builder, Piece};
use crate::tiles::{TileStore, stored_bundle};

/// Bytes of blocks that are written together.
const WRITE_BYTES: usize = 4 << 20;

/// Why a log could not be written anew.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// There is no signed checkpoint that says what the log was.
    #[error("the checkpoint `{path}` cannot be used: {reason}")]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Entries are missing or damaged, and nothing else has them.
    #[error("the entries from position {position} on cannot be used: {reason}")]
    Entries {
        /// The first one.
        position: Position,
        /// What is wrong with them.
        reason: String,
    },
    /// An entry is no record.
    #[error("the entry at position {position} is no record")]
    Record {
        /// Its position.
        position: Position,
        /// What is wrong with it.
        source: RecordError,
    },
    /// A record says that it stands elsewhere.
    #[error("expected the record of position {expected}, got that of {actual}")]
    Position {
        /// From its place in the tree.
        expected: Position,
        /// As it says.
        actual: Position,
    },
    /// The entries are not those of the tree that was signed.
    #[error("expected root {expected} over {size} events, got {actual}")]
    Root {
        /// Number of events.
        size: u64,
        /// As it was signed.
        expected: Hash,
        /// As computed.
        actual: Hash,
    },
    /// A folder could not be opened, or a key not be read.
    #[error("a data folder could not be used")]
    Open(#[from] OpenError),
    /// The storage engine failed.
    #[error("storage failed: {reason}")]
    Store {
        /// What it said.
        reason: String,
    },
    /// A file or folder could not be used.
    #[error("`{path}` cannot be used")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl RebuildError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

impl From<StoreError> for RebuildError {
    fn from(error: StoreError) -> Self {
        Self::Store { reason: error.0 }
    }
}

/// How a log that is written anew is opened: it sets nothing aside before it is in its place.
pub(crate) fn options() -> Options {
    Options { reserve_bytes: Some(0), ballast_bytes: Some(0), ..Options::default() }
}

/// Takes records in order into a new store, and builds their tree.
pub(crate) struct Rebuild<'a> {
    /// `None` where only the tree is wanted.
    store: Option<&'a dyn Store>,
    pub(crate) builder: Builder,
    body: BytesMut,
    count: u32,
    waiting: Vec<StoredBlock>,
    waiting_bytes: usize,
}

impl<'a> Rebuild<'a> {
    pub(crate) fn new(store: Option<&'a dyn Store>) -> Self {
        Self {
            store,
            builder: Builder::default(),
            body: BytesMut::new(),
            count: 0,
            waiting: Vec::new(),
            waiting_bytes: 0,
        }
    }

    /// Takes the record of the next position; `put` gets what became full of the tree.
    pub(crate) fn take(
        &mut self,
        record: Bytes,
        put: &mut impl FnMut(Piece, &[u8]) -> Result<(), RebuildError>,
    ) -> Result<(), RebuildError> {
        let position = Position(self.builder.size());
        let record = RawRecord::parse(record).map_err(|source| RebuildError::Record { position, source })?;
        if record.position() != position {
            return Err(RebuildError::Position { expected: position, actual: record.position() });
        }
        if !self.body.is_empty() && self.body.len() + record.bytes().len() > block::TARGET_LEN {
            self.seal()?;
        }
        self.body.extend_from_slice(record.bytes());
        self.count += 1;
        self.builder.push(record.bytes(), put)
    }

    fn seal(&mut self) -> Result<(), RebuildError> {
        if self.count == 0 {
            return Ok(());
        }
        let (body, count) = (self.body.split(), std::mem::take(&mut self.count));
        // The record being taken is not in the tree yet.
        let first = self.builder.size() - u64::from(count);
        let stored = StoredBlock { first, bytes: block::encode(Position(first), count, &body) };
        self.waiting_bytes += stored.bytes.len();
        self.waiting.push(stored);
        if self.waiting_bytes >= WRITE_BYTES { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), RebuildError> {
        if let Some(store) = self.store {
            store.append(&self.waiting)?;
            store.sync()?;
        }
        self.waiting.clear();
        self.waiting_bytes = 0;
        Ok(())
    }

    /// Makes everything taken durable.
    pub(crate) fn finish(&mut self) -> Result<(), RebuildError> {
        self.seal()?;
        self.write()
    }

    /// Compares the tree with what was signed.
    pub(crate) fn check_root(&self, expected: Hash) -> Result<(), RebuildError> {
        let actual = self.builder.root();
        if actual == expected {
            return Ok(());
        }
        Err(RebuildError::Root { size: self.builder.size(), expected, actual })
    }
}

/// The records of a bundle of a tree, read from its entries and, for long ones, from beside them.
pub(crate) fn records(tiles: &dyn TileStore, id: BundleId) -> Result<Vec<Bytes>, RebuildError> {
    let position = Position(id.index * tile::WIDTH);
    let wrong = |reason: String| RebuildError::Entries { position, reason };
    let bundle = stored_bundle(tiles, id).map_err(|error| wrong(error.to_string()))?;
    let entries = tile::decode_bundle(&bundle, id.width).map_err(|error| wrong(error.to_string()))?;
    let record = |entry: Bytes| match StandIn::parse(&entry) {
        None => Ok(entry),
        Some(stand_in) => {
            let path = stand_in.path();
            let bytes = tiles.read(&path).map_err(|error| wrong(format!("`{path}`: {error}")))?;
            bytes
                .filter(|bytes| stand_in.fits(bytes))
                .ok_or_else(|| wrong(format!("`{path}` is missing or damaged")))
        }
    };
    entries.into_iter().map(record).collect()
}
