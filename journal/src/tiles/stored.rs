//! Tiles and bundles as they are stored: a partial one goes once a wider one is signed, and the wider one holds it.

use bytes::Bytes;
use proof::tile::{self, BundleId, TileId};
use proof::{Checkpoint, Hash, Note};

use super::read::{ProveError, unusable};
use super::{CHECKPOINT, TileStore};

/// The hashes of a tile, and how wide the stored one is.
pub(crate) fn stored_tile(store: &dyn TileStore, id: TileId) -> Result<(Vec<Hash>, u16), ProveError> {
    let narrower = |width| TileId { width, ..id };
    let (width, bytes) =
        first(store, id.width, |width| narrower(width).path(), |size| size >> (8 * id.level), id.index)?;
    let path = narrower(width).path();
    let mut hashes = tile::decode_tile(&bytes, width).map_err(|error| unusable(&path, &error))?;
    if width < 256 {
        hashes.truncate(usize::from(id.width));
    }
    Ok((hashes, width))
}

/// The bytes of a bundle.
pub(crate) fn stored_bundle(store: &dyn TileStore, id: BundleId) -> Result<Bytes, ProveError> {
    let narrower = |width| BundleId { width, ..id };
    let (width, bytes) = first(store, id.width, |width| narrower(width).path(), |size| size, id.index)?;
    if width == id.width {
        return Ok(bytes);
    }
    let path = narrower(width).path();
    let entries = tile::decode_bundle(&bytes, width).map_err(|error| unusable(&path, &error))?;
    let entries = entries.iter().take(usize::from(id.width)).map(Bytes::as_ref);
    Ok(tile::encode_bundle(entries).expect("they came from a bundle").into())
}

/// The first file that is there: of the width asked for, a full one, or the one of the last checkpoint.
fn first(
    store: &dyn TileStore,
    width: u16,
    path: impl Fn(u16) -> String,
    hashes: impl Fn(u64) -> u64,
    index: u64,
) -> Result<(u16, Bytes), ProveError> {
    let read = |width: u16| -> Result<Option<(u16, Bytes)>, ProveError> {
        let path = path(width);
        let bytes = store.read(&path).map_err(|error| unusable(&path, &error))?;
        Ok(bytes.map(|bytes| (width, bytes)))
    };
    let newest = || {
        let note = store.read(CHECKPOINT).ok().flatten()?;
        let hashes = hashes(Checkpoint::parse(Note::parse(&note).ok()?.text()).ok()?.size);
        let width = u16::try_from(hashes % tile::WIDTH).expect("it is below 256");
        (hashes / tile::WIDTH == index && width > 0).then_some(width)
    };
    if let Some(found) = read(width)? {
        return Ok(found);
    }
    if let Some(found) = read(256)? {
        return Ok(found);
    }
    // It may become full between these looks.
    let found = newest().filter(|newest| *newest >= width).map_or(Ok(None), &read)?;
    match found {
        Some(found) => Ok(found),
        None => read(256)?.ok_or_else(|| unusable(&path(width), &"it is missing")),
    }
}
