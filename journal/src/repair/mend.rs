//! Records from wherever they are whole, and tiles written anew where they are not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use domain::ids::Position;
use proof::entry;
use proof::tile::{self, BundleId, TileId};

use crate::keys::free_name;
use crate::rebuild::{RebuildError, records};
use crate::store::Store;
use crate::tiles::builder::Piece;
use crate::tiles::{FileTiles, Source, TileStore, stored_tile};

/// The signed records, bundle by bundle: from the tiles, or from the log where the tiles are damaged.
pub(super) struct Bundles<'a> {
    files: &'a FileTiles,
    log: Option<&'a dyn Store>,
    source: Source,
    /// Events taken from the log.
    pub(super) from_log: u64,
}

impl<'a> Bundles<'a> {
    pub(super) fn new(files: &'a FileTiles, log: Option<&'a dyn Store>) -> Self {
        Self { files, log, source: Source::default(), from_log: 0 }
    }

    /// The records of a bundle: those whose leaves are in the tile, if either has them; the root decides in the end.
    pub(super) fn records(&mut self, id: BundleId) -> Result<Vec<Bytes>, RebuildError> {
        let leaves = stored_tile(self.files, TileId { level: 0, index: id.index, width: id.width }).ok();
        let fit = |records: &Vec<Bytes>| match &leaves {
            Some((leaves, _)) => {
                records.iter().zip(leaves).all(|(record, leaf)| entry::leaf(record) == *leaf)
            }
            None => true,
        };
        let from_tiles = records(self.files, id);
        if from_tiles.as_ref().is_ok_and(fit) {
            return from_tiles;
        }
        match self.logged(id) {
            Some(records) if fit(&records) || from_tiles.is_err() => {
                self.from_log += records.len() as u64;
                Ok(records)
            }
            _ => from_tiles,
        }
    }

    fn logged(&mut self, id: BundleId) -> Option<Vec<Bytes>> {
        let (log, first) = (self.log?, id.index * tile::WIDTH);
        let mut records = Vec::new();
        let mut block = self.source.block(log, None, first).ok()?;
        for position in first..first + u64::from(id.width) {
            if position >= block.end() {
                block = self.source.block(log, None, position).ok()?;
            }
            records.push(block.get(Position(position))?.bytes().clone());
        }
        Some(records)
    }
}

/// Writes the files of the tree that are not there as they should be.
pub(super) struct Mender<'a> {
    dir: &'a Path,
    files: &'a FileTiles,
    /// Where a damaged file goes.
    folder: PathBuf,
    /// Only counts, and changes nothing.
    dry: bool,
    /// Files written.
    pub(super) mended: u64,
    /// Folders that damaged files went to.
    pub(super) aside: BTreeSet<PathBuf>,
    /// Partial tiles that the new checkpoint does not need.
    outdated: BTreeMap<String, Option<String>>,
}

impl<'a> Mender<'a> {
    pub(super) fn new(dir: &'a Path, files: &'a FileTiles, dry: bool) -> Self {
        let folder = free_name(&dir.join("tiles"), "damaged");
        Self { dir, files, folder, dry, mended: 0, aside: BTreeSet::new(), outdated: BTreeMap::new() }
    }

    pub(super) fn put(&mut self, piece: Piece, bytes: &[u8]) -> Result<(), RebuildError> {
        self.outdated.extend(piece.outdates());
        let path = piece.path();
        let at = self.dir.join("tiles").join(&path);
        let there = self.files.read(&path).map_err(RebuildError::io(&at))?;
        if there.as_ref().is_some_and(|there| there == bytes) {
            return Ok(());
        }
        self.mended += 1;
        if self.dry {
            return Ok(());
        }
        if there.is_some() {
            let aside = self.folder.join(&path);
            let folder = aside.parent().unwrap_or(&self.folder);
            crate::keys::make_folder(folder)?;
            std::fs::rename(&at, &aside).map_err(RebuildError::io(&aside))?;
            self.aside.insert(self.folder.clone());
        }
        self.files.write(&path, bytes).map_err(RebuildError::io(&at))
    }

    /// Removes what nobody needs once the new checkpoint counts.
    pub(super) fn prune(&self) -> Result<(), RebuildError> {
        let prune = |(folder, keep): (&String, &Option<String>)| self.files.prune(folder, keep.as_deref());
        self.outdated.iter().try_for_each(prune).map_err(RebuildError::io(&self.dir.join("tiles")))
    }

    pub(super) fn sync(&self) -> Result<(), RebuildError> {
        self.files.sync().map_err(RebuildError::io(&self.dir.join("tiles")))
    }
}
