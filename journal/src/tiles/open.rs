//! What is checked before a log is opened: that it is the one whose tree was signed last, and not a shorter one.

use std::path::Path;
use std::sync::PoisonError;

use bytes::Bytes;
use domain::ids::{CommitId, LogId, Position};
use proof::origin::OriginError;
use proof::tile::{self, BundleId, TileId};
use proof::{Checkpoint, Note, Origin, VerifyingKey, entry};

use super::builder::Builder;
use super::{CHECKPOINT, FileTiles, MemoryTiles, Signed, Source, TileStore, Tiles};
use crate::earlier;
use crate::error::{OpenError, ReadError};
use crate::keys::Keys;
use crate::options::LogIdentity;
use crate::shared::Shared;
use crate::store::Store;

/// What was recorded outside the storage engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Anchor {
    pub(crate) log_id: LogId,
    pub(crate) epoch: u64,
    /// Number of durable events.
    pub(crate) count: u64,
}

/// What the last checkpoint says, its signature not yet looked at; from the earlier layout's file without one.
pub(crate) fn anchor(dir: &Path) -> Result<Option<Anchor>, OpenError> {
    let path = dir.join("tiles").join(CHECKPOINT);
    match crate::whole::read(&path) {
        Ok(bytes) => {
            let damaged = |reason: String| OpenError::Checkpoint { path: path.clone(), reason };
            let note = Note::parse(&bytes).map_err(|error| damaged(error.to_string()))?;
            let checkpoint = Checkpoint::parse(note.text()).map_err(|error| damaged(error.to_string()))?;
            let origin: Origin =
                checkpoint.origin.parse().map_err(|error: OriginError| damaged(error.to_string()))?;
            Ok(Some(Anchor { log_id: origin.log, epoch: origin.epoch, count: checkpoint.size }))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => earlier::read(&dir.join("head")),
        Err(error) => Err(OpenError::io(&path)(error)),
    }
}

/// Which tree a log's checkpoints are of.
pub(crate) fn origin(identity: &LogIdentity) -> String {
    Origin { log: identity.log_id, epoch: identity.epoch }.to_string()
}

/// Tiles of a new log in memory.
pub(crate) fn in_memory(identity: &LogIdentity) -> Tiles {
    let origin = origin(identity);
    let keys = Some(Keys::in_memory(identity.log_id));
    Tiles::new(Box::new(MemoryTiles::default()), keys, origin, None, Builder::default(), Vec::new())
}

/// Tiles of a log in memory that is read only, with what was signed of it.
pub(crate) fn of_kept(
    store: &dyn Store,
    tiles: MemoryTiles,
    signed: Option<Signed>,
    key: Option<VerifyingKey>,
) -> Tiles {
    let origin = origin(&store.identity());
    Tiles::new(Box::new(tiles), key.map(Keys::known), origin, signed, Builder::default(), Vec::new())
}

/// Opens the tiles of the data folder `dir` and compares them with the stored log.
pub(crate) fn open(dir: &Path, store: &dyn Store, read_only: bool) -> Result<Tiles, OpenError> {
    let identity = store.identity();
    let folder = dir.join("tiles");
    let files = FileTiles::open(&folder, read_only).map_err(OpenError::io(&folder))?;
    let path = folder.join(CHECKPOINT);
    let note = files.read(CHECKPOINT).map_err(OpenError::io(&path))?;
    let mut notes = Vec::new();
    let (keys, key_fault) = match open_keys(dir, identity.log_id, read_only, note.is_some()) {
        Ok(keys) => (keys, None),
        Err(problem) if read_only => {
            (Keys::public(&dir.join("keys"), identity.log_id), Some(with_source(&problem)))
        }
        Err(problem) => return Err(problem),
    };
    notes.extend(key_fault.clone());
    let origin = origin(&identity);
    let Some(note) = note else {
        if store.end() > 0 {
            let what = "there was no signed checkpoint: the tree is built from the log, whether any event is \
                        missing at its end is unknown";
            tracing::warn!(events = store.end(), "{what}");
            notes.push(what.to_owned());
        }
        let mut tiles = Tiles::new(Box::new(files), keys, origin, None, Builder::default(), notes);
        tiles.anchor = earlier::read(&dir.join("head")).ok().flatten();
        tiles.key_fault = key_fault;
        return Ok(tiles);
    };
    let damaged = |reason: String| OpenError::Checkpoint { path: path.clone(), reason };
    let candidates = keys.as_ref().map(Keys::candidates).unwrap_or_default();
    let opened = Checkpoint::open(&note, &origin, &candidates).map_err(|error| damaged(with_source(&error)));
    let (signed, built) = match opened {
        Ok((checkpoint, note)) => {
            let built = resume(&files, &folder, &checkpoint).and_then(|builder| {
                // Of a shorter log it is known already that its end is missing.
                let whole = store.end() >= checkpoint.size;
                let compared = if whole { compare_end(&files, &folder, store, &checkpoint) } else { Ok(()) };
                compared.map(|()| builder)
            });
            (Some(Signed { note: note.encode(), checkpoint }), built)
        }
        Err(problem) => (None, Err(problem)),
    };
    let builder = match built {
        Err(problem) if read_only => {
            notes.push(with_source(&problem));
            Builder::default()
        }
        built => built?,
    };
    let mut tiles = Tiles::new(Box::new(files), keys, origin, signed, builder, notes);
    tiles.key_fault = key_fault;
    Ok(tiles)
}

/// Id of the commit that records a key as the log's, so that it is found without looking into events.
pub(crate) fn rotation_commit(log_id: LogId, key: &VerifyingKey) -> CommitId {
    let text = format!("waybill rotation\n{log_id}\n{key}\n");
    let digest = proof::hash::sha256(text.as_bytes());
    CommitId::from_bytes(digest.0[..16].try_into().expect("SHA-256 gives 32 bytes"))
}

/// Finishes or drops a change of keys that was cut short.
pub(crate) fn settle_keys(shared: &Shared) -> Result<(), OpenError> {
    let Some(keys) = &shared.tiles.keys else { return Ok(()) };
    keys.write().unwrap_or_else(PoisonError::into_inner).settle(|key| is_rotated(shared, key))
}

/// Whether the log says that a key has become the log's.
pub(crate) fn is_rotated(shared: &Shared, key: &VerifyingKey) -> Result<bool, ReadError> {
    Ok(shared.find_commit(rotation_commit(shared.identity.log_id, key))?.is_some())
}

fn open_keys(dir: &Path, log_id: LogId, read_only: bool, signed: bool) -> Result<Option<Keys>, OpenError> {
    let folder = dir.join("keys");
    match Keys::open(&folder, log_id, !read_only && !signed) {
        Ok(keys) if !read_only && keys.as_ref().is_none_or(|keys| keys.signing.is_none()) => {
            let reason = "it is missing, and there are checkpoints that it signed".to_owned();
            Err(OpenError::Key { path: folder.join("log.key"), reason })
        }
        other => other,
    }
}

/// The right edge of the signed tree from its tiles, which must give the signed root.
fn resume(files: &FileTiles, folder: &Path, checkpoint: &Checkpoint) -> Result<Builder, OpenError> {
    let tile = |id: TileId| read_tile(files, folder, id);
    let builder = Builder::resume(checkpoint.size, tile, |id| read_bundle(files, folder, id))?;
    if builder.root() == checkpoint.root {
        return Ok(builder);
    }
    Err(OpenError::Tiles {
        path: folder.to_owned(),
        reason: format!(
            "expected root {} over {} events, as it was signed, got {}",
            checkpoint.root,
            checkpoint.size,
            builder.root()
        ),
    })
}

/// Compares the last records below the checkpoint, up to 256 of them, with entries and leaves.
fn compare_end(
    files: &FileTiles,
    folder: &Path,
    store: &dyn Store,
    checkpoint: &Checkpoint,
) -> Result<(), OpenError> {
    let size = checkpoint.size;
    let Some(last) = size.checked_sub(1) else { return Ok(()) };
    let (bundle, at) = BundleId::of_entry(last, size).expect("it is below the size");
    let (leaves, _) = TileId::of_node(0, last, size).expect("it is below the size");
    let hashes = read_tile(files, folder, leaves)?;
    let entries = tile::decode_bundle(&read_bundle(files, folder, bundle)?, bundle.width)
        .map_err(|error| OpenError::Tiles { path: folder.join(bundle.path()), reason: error.to_string() })?;
    let (first, mut source) = (bundle.index * tile::WIDTH, Source::default());
    let mut block = source.block(store, None, first)?;
    for place in 0..=at {
        let position = Position(first + place as u64);
        if position.0 >= block.end() {
            block = source.block(store, None, position.0)?;
        }
        let record = block.get(position).expect("the block holds it");
        let entry = entry::entry(record.bytes());
        if *entry != *entries[place] || proof::hash::leaf_hash(&entry) != hashes[place] {
            return Err(OpenError::Differs { position });
        }
    }
    Ok(())
}

fn read_tile(files: &FileTiles, folder: &Path, id: TileId) -> Result<Vec<proof::Hash>, OpenError> {
    let bytes = read_file(files, folder, &id.path())?;
    let wrong =
        |error: tile::TileError| OpenError::Tiles { path: folder.join(id.path()), reason: error.to_string() };
    tile::decode_tile(&bytes, id.width).map_err(wrong)
}

fn read_bundle(files: &FileTiles, folder: &Path, id: BundleId) -> Result<Bytes, OpenError> {
    read_file(files, folder, &id.path())
}

fn read_file(files: &FileTiles, folder: &Path, path: &str) -> Result<Bytes, OpenError> {
    let bytes = files.read(path).map_err(OpenError::io(&folder.join(path)))?;
    bytes.ok_or_else(|| OpenError::Tiles { path: folder.join(path), reason: "it is missing".into() })
}

fn with_source(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", with_source(source)),
        None => error.to_string(),
    }
}
