//! Files of a tiles folder.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use domain::ids::Position;
use proof::VerifyingKey;
use proof::hash::Hash;
use proof::tile::{self, BundleId, TileId, decode_bundle, decode_tile};

use super::report::Report;

/// A folder of tiles.
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }
    /// A file's bytes; `None` where there is no such file.
    pub(crate) fn read(&self, path: &str) -> std::io::Result<Option<Bytes>> {
        match std::fs::read(self.root.join(path)) {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(error),
        }
    }
    /// The hashes of a tile, or of the full tile in its place; a fault where there is none that can be used.
    pub(crate) fn tile(&self, id: TileId, report: &mut Report) -> std::io::Result<Option<Vec<Hash>>> {
        let Some((bytes, width)) = self.whole_or_part(&id.path(), &id.full().path(), id.width)? else {
            report.findings.missing(None, format!("`{id}` is missing"));
            return Ok(None);
        };
        match decode_tile(&bytes, width) {
            Ok(mut hashes) => {
                hashes.truncate(id.width.into());
                report.tiles += 1;
                Ok(Some(hashes))
            }
            Err(error) => {
                report.findings.altered(None, format!("`{id}` is damaged: {error}"));
                Ok(None)
            }
        }
    }
    /// The entries of a bundle, or of the full bundle in its place; a fault where there is none that can be used.
    pub(crate) fn entries(&self, id: BundleId, report: &mut Report) -> std::io::Result<Option<Vec<Bytes>>> {
        let first = Some(Position(id.index * tile::WIDTH));
        let Some((bytes, width)) = self.whole_or_part(&id.path(), &id.full().path(), id.width)? else {
            report.findings.missing(first, format!("`{id}` is missing"));
            return Ok(None);
        };
        match decode_bundle(&bytes, width) {
            Ok(mut entries) => {
                entries.truncate(id.width.into());
                report.bundles += 1;
                Ok(Some(entries))
            }
            Err(error) => {
                report.findings.altered(first, format!("`{id}` is damaged: {error}"));
                Ok(None)
            }
        }
    }
    /// A writer that is ahead of its checkpoint may have replaced a part by the whole.
    fn whole_or_part(&self, part: &str, whole: &str, width: u16) -> std::io::Result<Option<(Bytes, u16)>> {
        if let Some(bytes) = self.read(part)? {
            return Ok(Some((bytes, width)));
        }
        Ok(self.read(whole)?.map(|bytes| (bytes, 256)))
    }
    /// Keys that lie where a data folder has them, beside the tiles.
    pub(crate) fn bundled_keys(&self) -> Vec<VerifyingKey> {
        let file = self.root.parent().map(|data| data.join("keys").join("log.pub"));
        let text = file.and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
        text.lines().filter_map(|line| line.trim().parse().ok()).collect()
    }
}
