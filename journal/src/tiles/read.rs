//! Proofs and tiles for readers, up to the last signed checkpoint.

use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use domain::ids::Position;
use proof::entry::StandIn;
use proof::tile::{self, BundleId, TileId};
use proof::tree::{self, Nodes};
use proof::{Hash, ProofError};

use super::{CHECKPOINT, TileStore, Tiles, stored_bundle, stored_tile};

/// Why there is no proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProveError {
    /// The last checkpoint does not reach that far: it comes within a second.
    #[error("expected a tree of at most {signed} events, the last one signed, got {size}")]
    Beyond {
        /// Events of the last signed tree.
        signed: u64,
        /// Events asked for.
        size: u64,
    },
    /// The question has no answer.
    #[error("there is no such proof")]
    Proof(#[from] ProofError),
    /// A tile is not there or not whole.
    #[error("`{path}` cannot be used: {reason}")]
    Tile {
        /// Its path below the folder of tiles.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// The nodes of a tree of that many leaves.
pub(crate) struct TileNodes<'a> {
    pub(crate) tiles: &'a Tiles,
    pub(crate) size: u64,
}

impl Nodes for TileNodes<'_> {
    type Error = ProveError;
    fn node(&self, level: u8, index: u64) -> Result<Hash, ProveError> {
        let (id, range) = TileId::of_node(level, index, self.size)
            .ok_or(ProveError::Beyond { signed: self.size, size: (index + 1) << level })?;
        Ok(tile::perfect_root(&self.tiles.hashes(id)?[range]))
    }
}

/// The nodes of a stored tree of that many leaves, without any held in memory.
pub(crate) struct StoredNodes<'a> {
    pub(crate) store: &'a dyn TileStore,
    pub(crate) size: u64,
}

impl Nodes for StoredNodes<'_> {
    type Error = ProveError;
    fn node(&self, level: u8, index: u64) -> Result<Hash, ProveError> {
        let (id, range) = TileId::of_node(level, index, self.size)
            .ok_or(ProveError::Beyond { signed: self.size, size: (index + 1) << level })?;
        let (hashes, _) = stored_tile(self.store, id)?;
        Ok(tile::perfect_root(&hashes[range]))
    }
}

impl Tiles {
    /// The nodes of the tree of `size` leaves, which must be signed.
    fn nodes(&self, size: u64) -> Result<TileNodes<'_>, ProveError> {
        let signed = self.signed().map_or(0, |signed| signed.checkpoint.size);
        if size > signed {
            return Err(ProveError::Beyond { signed, size });
        }
        // Partial tiles are kept for the signed size only; those of a smaller tree are parts of them.
        Ok(TileNodes { tiles: self, size: signed })
    }

    pub(crate) fn root_at(&self, size: u64) -> Result<Hash, ProveError> {
        tree::root_at(&self.nodes(size)?, size)
    }

    pub(crate) fn inclusion(&self, position: Position, size: u64) -> Result<Vec<Hash>, ProveError> {
        if position.0 >= size {
            return Err(ProofError::Beyond { index: position.0, size }.into());
        }
        tree::inclusion_proof(&self.nodes(size)?, position.0, size)
    }

    pub(crate) fn consistency(&self, from: u64, to: u64) -> Result<Vec<Hash>, ProveError> {
        if from > to {
            return Err(ProofError::Backwards { from, to }.into());
        }
        if from == 0 {
            return Err(ProofError::Empty.into());
        }
        tree::consistency_proof(&self.nodes(to)?, from, to)
    }

    /// The file of the tree at a path as C2SP names it; `None` where the last signed tree has no such file.
    pub(crate) fn file(&self, path: &str) -> Result<Option<Bytes>, ProveError> {
        let size = self.signed().map_or(0, |signed| signed.checkpoint.size);
        let failed = |error: std::io::Error| unusable(path, &error);
        if path == CHECKPOINT {
            return Ok(self.signed().map(|signed| Bytes::copy_from_slice(signed.note.as_bytes())));
        }
        if let Ok(id) = TileId::parse(path) {
            let hashes = size.checked_shr(8 * u32::from(id.level)).unwrap_or(0);
            let within =
                id.index.checked_mul(tile::WIDTH).is_some_and(|at| at + u64::from(id.width) <= hashes);
            return if within {
                self.hashes(id).map(|it| Some(tile::encode_tile(&it).into()))
            } else {
                Ok(None)
            };
        }
        if let Ok(id) = BundleId::parse(path) {
            let within = id.index.checked_mul(tile::WIDTH).is_some_and(|at| at + u64::from(id.width) <= size);
            return if within { self.bundle(id).map(Some) } else { Ok(None) };
        }
        let is_record = path.strip_prefix("records/").is_some_and(|name| Hash::from_hex(name).is_ok());
        if is_record { self.store.read(path).map_err(failed) } else { Ok(None) }
    }

    /// The hashes of a tile of the last signed tree.
    pub(crate) fn hashes(&self, id: TileId) -> Result<Arc<[Hash]>, ProveError> {
        let full =
            |tiles: &Self| tiles.full.lock().unwrap_or_else(PoisonError::into_inner).get(&id.full()).cloned();
        if let Some(hashes) = full(self) {
            return Ok(if id.is_full() { hashes } else { hashes[..usize::from(id.width)].into() });
        }
        let (hashes, stored) = stored_tile(self.store.as_ref(), id)?;
        let hashes: Arc<[Hash]> = hashes.into();
        if stored == 256 {
            self.full.lock().unwrap_or_else(PoisonError::into_inner).put(id.full(), Arc::clone(&hashes));
        }
        Ok(if hashes.len() == usize::from(id.width) {
            hashes
        } else {
            hashes[..usize::from(id.width)].into()
        })
    }

    /// The bytes of a bundle of the last signed tree.
    pub(crate) fn bundle(&self, id: BundleId) -> Result<Bytes, ProveError> {
        stored_bundle(self.store.as_ref(), id)
    }

    /// The record behind a stand-in.
    pub(crate) fn long_record(&self, stand_in: &StandIn) -> Result<Bytes, ProveError> {
        let path = stand_in.path();
        let bytes = self.store.read(&path).map_err(|error| unusable(&path, &error))?;
        let bytes = bytes.ok_or_else(|| unusable(&path, &"it is missing"))?;
        if stand_in.fits(&bytes) { Ok(bytes) } else { Err(unusable(&path, &"its bytes were altered")) }
    }
}

pub(super) fn unusable(path: &str, reason: &dyn std::fmt::Display) -> ProveError {
    ProveError::Tile { path: path.to_owned(), reason: reason.to_string() }
}
