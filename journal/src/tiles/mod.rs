//! The tree over all records as tiles and signed checkpoints, written behind the commits.

pub(crate) mod builder;
mod file;
mod memory;
mod open;
mod read;
mod signal;
mod source;
mod store;
mod stored;
mod thread;

#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use lru::LruCache;
use proof::tile::TileId;
use proof::{Checkpoint, Hash, Note, SigningKey, VerifyingKey};

pub(crate) use file::{FileTiles, replace_file, sync_folder};
pub(crate) use memory::MemoryTiles;
pub(crate) use open::{Anchor, anchor, in_memory, is_rotated, of_kept, open, rotation_commit, settle_keys};
pub use read::ProveError;
pub(crate) use read::StoredNodes;
pub(crate) use source::Source;
pub(crate) use store::TileStore;
pub(crate) use stored::{stored_bundle, stored_tile};
pub(crate) use thread::{Tiler, spawn};

use crate::error::{OpenError, ReadError};
use crate::keys::Keys;
use builder::Builder;
use signal::Signal;

/// Name of the file with the last signed checkpoint.
pub(crate) const CHECKPOINT: &str = "checkpoint";
/// Name of the file with the last checkpoint that witnesses have cosigned.
pub(crate) const COSIGNED: &str = "cosigned";

/// Full tiles of hashes held for proofs: 4 MiB.
const CACHED_TILES: NonZeroUsize = NonZeroUsize::new(512).expect("it is not 0");

/// The last signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signed {
    /// The signed note.
    pub(crate) note: String,
    pub(crate) checkpoint: Checkpoint,
}

impl Signed {
    /// Whether that key signed it.
    fn is_of(&self, key: &VerifyingKey) -> bool {
        let note = Note::parse(self.note.as_bytes()).expect("it was encoded from a note");
        note.signatures().iter().any(|signature| signature.is_of(key))
    }
}

/// What the tiles thread and whoever reads proofs share.
pub(crate) struct Tiles {
    pub(crate) store: Box<dyn TileStore>,
    /// `None` where the log is open for reading and has no key that fits.
    pub(crate) keys: Option<RwLock<Keys>>,
    /// Held while the key is changed.
    pub(crate) rotating: Mutex<()>,
    pub(crate) origin: String,
    pub(crate) signed: RwLock<Option<Arc<Signed>>>,
    pub(crate) signal: Signal,
    /// Where the thread begins.
    start: Mutex<Builder>,
    /// What was remarkable at opening.
    pub(crate) notes: Vec<String>,
    /// What is wrong with the key files of a log that is open for reading.
    pub(crate) key_fault: Option<String>,
    /// How long the log was, where that was recorded in the earlier layout only.
    pub(crate) anchor: Option<Anchor>,
    full: Mutex<LruCache<TileId, Arc<[Hash]>>>,
    failing: Mutex<Option<String>>,
}

/// How far signed checkpoints are, and why they are behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointStatus {
    /// Leaves of the last signed tree; 0 before the first one.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// Durable events that it does not cover yet; usually those of the last second.
    pub behind_events: u64,
    /// Why tiles or checkpoints cannot be written at present; they are tried again.
    pub failing: Option<String>,
}

impl Tiles {
    fn new(
        store: Box<dyn TileStore>,
        keys: Option<Keys>,
        origin: String,
        signed: Option<Signed>,
        start: Builder,
        notes: Vec<String>,
    ) -> Self {
        Self {
            store,
            keys: keys.map(RwLock::new),
            rotating: Mutex::default(),
            origin,
            signed: RwLock::new(signed.map(Arc::new)),
            signal: Signal::default(),
            start: Mutex::new(start),
            notes,
            key_fault: None,
            anchor: None,
            full: Mutex::new(LruCache::new(CACHED_TILES)),
            failing: Mutex::default(),
        }
    }

    /// The last signed checkpoint.
    pub(crate) fn signed(&self) -> Option<Arc<Signed>> {
        self.signed.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The keys as they are now; `None` where there are none.
    pub(crate) fn keys(&self) -> Option<Keys> {
        self.keys.as_ref().map(|keys| keys.read().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Signs with the key that was written down from now on.
    pub(crate) fn replace_key(&self, next: SigningKey) -> Result<(), OpenError> {
        let Some(keys) = &self.keys else { return Ok(()) };
        keys.write().unwrap_or_else(PoisonError::into_inner).replace(next)
    }

    /// Writes the public half of the key.
    pub(crate) fn publish_key(&self) -> Result<(), OpenError> {
        let Some(keys) = &self.keys else { return Ok(()) };
        keys.write().unwrap_or_else(PoisonError::into_inner).publish()
    }

    /// Keys that may have signed the last checkpoint.
    pub(crate) fn known_keys(&self) -> Vec<VerifyingKey> {
        self.keys().map(|keys| keys.candidates()).unwrap_or_default()
    }

    /// Reads the key files once more.
    pub(crate) fn check_keys(
        &self,
        is_rotated: impl Fn(&VerifyingKey) -> Result<bool, ReadError>,
    ) -> Result<(), String> {
        if let Some(fault) = &self.key_fault {
            return Err(fault.clone());
        }
        self.keys().map_or(Ok(()), |keys| keys.check(is_rotated).map_err(|error| error.to_string()))
    }

    /// The public half of the key.
    pub(crate) fn verifying_key(&self) -> Option<VerifyingKey> {
        self.keys().map(|keys| keys.verifying)
    }

    pub(crate) fn status(&self, durable: u64) -> CheckpointStatus {
        let signed = self.signed();
        let (size, root) = signed
            .map_or((0, proof::hash::EMPTY_ROOT), |signed| (signed.checkpoint.size, signed.checkpoint.root));
        CheckpointStatus { size, root, behind_events: durable.saturating_sub(size), failing: self.failing() }
    }

    /// Why tiles or checkpoints cannot be written at present.
    pub(crate) fn failing(&self) -> Option<String> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads tiles from the store again.
    pub(crate) fn forget_cached(&self) {
        self.full.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn set_failing(&self, reason: Option<String>) {
        *self.failing.lock().unwrap_or_else(PoisonError::into_inner) = reason;
    }
}
