//! The right edge of the tree: takes records in order and gives every tile once it is full.

use bytes::Bytes;
use proof::entry::{self, StandIn};
use proof::tile::{self, BundleId, TileId};
use proof::{Frontier, Hash};

/// Hashes of a full tile, [`tile::WIDTH`], and entries of a full bundle.
const WIDTH: usize = 256;

/// A file of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Hashes.
    Tile(TileId),
    /// Entries.
    Bundle(BundleId),
    /// A record too long for a bundle.
    Record(StandIn),
}

impl Piece {
    /// Where it lies.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Tile(id) => id.path(),
            Self::Bundle(id) => id.path(),
            Self::Record(stand_in) => stand_in.path(),
        }
    }

    /// The partial files that nobody needs once this one is signed: their folder, and the one in it that stays.
    pub(crate) fn outdates(&self) -> Option<(String, Option<String>)> {
        if matches!(self, Self::Record(_)) {
            return None;
        }
        let path = self.path();
        Some(match path.split_once(".p/") {
            Some((folder, name)) => (format!("{folder}.p"), Some(name.to_owned())),
            None => (format!("{path}.p"), None),
        })
    }
}

/// What is not yet in full tiles: at most 255 hashes for each of few levels, and at most 255 entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Builder {
    size: u64,
    levels: Vec<Vec<Hash>>,
    bundle: Vec<u8>,
}

impl Builder {
    /// The right edge of a tree of `size` leaves from its stored tiles.
    pub(crate) fn resume<E>(
        size: u64,
        mut tile: impl FnMut(TileId) -> Result<Vec<Hash>, E>,
        bundle: impl FnOnce(BundleId) -> Result<Bytes, E>,
    ) -> Result<Self, E> {
        let mut levels = Vec::new();
        for id in right_edge(size) {
            levels.push(match id {
                Some(id) => tile(id)?,
                None => Vec::new(),
            });
        }
        let bundle = match last_bundle(size) {
            Some(id) => bundle(id)?.to_vec(),
            None => Vec::new(),
        };
        Ok(Self { size, levels, bundle })
    }

    /// Number of leaves.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Takes the next record; `put` gets whatever became full.
    pub(crate) fn push<E>(
        &mut self,
        record: &[u8],
        put: &mut impl FnMut(Piece, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let entry = entry::entry(record);
        if let Some(stand_in) = StandIn::parse(&entry) {
            put(Piece::Record(stand_in), record)?;
        }
        tile::push_entry(&mut self.bundle, &entry).expect("an entry is at most 65,535 bytes");
        self.size += 1;
        if self.size.is_multiple_of(tile::WIDTH) {
            let id = BundleId { index: self.size / tile::WIDTH - 1, width: 256 };
            put(Piece::Bundle(id), &self.bundle)?;
            self.bundle.clear();
        }
        self.carry(proof::hash::leaf_hash(&entry), put)
    }

    /// Adds a leaf, and to each level above the root of the tile that it filled.
    fn carry<E>(&mut self, leaf: Hash, put: &mut impl FnMut(Piece, &[u8]) -> Result<(), E>) -> Result<(), E> {
        let mut hash = leaf;
        for level in 0_u8.. {
            let at = usize::from(level);
            if self.levels.len() == at {
                self.levels.push(Vec::with_capacity(WIDTH));
            }
            self.levels[at].push(hash);
            if self.levels[at].len() < WIDTH {
                break;
            }
            let id = TileId { level, index: (self.size >> (8 * (at + 1))) - 1, width: 256 };
            put(Piece::Tile(id), &tile::encode_tile(&self.levels[at]))?;
            hash = tile::perfect_root(&self.levels[at]);
            self.levels[at].clear();
        }
        Ok(())
    }

    /// Gives the partial tiles that a tree of this size needs and one of `before` leaves had not.
    pub(crate) fn partials<E>(
        &self,
        before: u64,
        put: &mut impl FnMut(Piece, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.size == before {
            return Ok(());
        }
        if let Some(id) = last_bundle(self.size) {
            put(Piece::Bundle(id), &self.bundle)?;
        }
        let edge = right_edge(self.size).zip(&self.levels);
        for (id, hashes) in edge {
            let Some(id) = id else { continue };
            if self.size >> (8 * id.level) != before >> (8 * id.level) {
                put(Piece::Tile(id), &tile::encode_tile(hashes))?;
            }
        }
        Ok(())
    }

    /// Root of the tree.
    pub(crate) fn root(&self) -> Hash {
        let mut peaks = Vec::new();
        for hashes in self.levels.iter().rev() {
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                let (peak, after) = rest.split_at(1 << rest.len().ilog2());
                peaks.push(tile::perfect_root(peak));
                rest = after;
            }
        }
        Frontier::from_peaks(self.size, peaks).expect("there is one peak for every bit of the size").root()
    }
}

/// The partial tile of every level, from the lowest, of a tree of `size` leaves; `None` where it would be empty.
fn right_edge(size: u64) -> impl Iterator<Item = Option<TileId>> {
    (0..8_u8).take_while(move |level| size >> (8 * level) > 0).map(move |level| {
        let hashes = size >> (8 * level);
        let width = u16::try_from(hashes % tile::WIDTH).expect("it is below 256");
        (width > 0).then_some(TileId { level, index: hashes / tile::WIDTH, width })
    })
}

fn last_bundle(size: u64) -> Option<BundleId> {
    let width = u16::try_from(size % tile::WIDTH).expect("it is below 256");
    (width > 0).then_some(BundleId { index: size / tile::WIDTH, width })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use super::*;

    type Files = BTreeMap<String, Vec<u8>>;

    fn put(files: &mut Files) -> impl FnMut(Piece, &[u8]) -> Result<(), Infallible> {
        |piece, bytes| {
            assert!(files.insert(piece.path(), bytes.to_vec()).is_none(), "{} came twice", piece.path());
            Ok(())
        }
    }

    fn record(number: u64) -> Vec<u8> {
        let mut record = format!("record {number}").into_bytes();
        if number.is_multiple_of(1000) {
            record.resize(70_000, 7);
        }
        record
    }

    fn resumed(files: &Files, size: u64) -> Builder {
        let tile = |id: TileId| tile::decode_tile(&files[&id.path()], id.width);
        Builder::resume(size, tile, |id| Ok(files[&id.path()].clone().into())).unwrap()
    }

    #[test]
    fn the_root_is_that_of_the_frontier_at_every_size_and_goes_on_after_a_stop() {
        let (mut builder, mut frontier, mut files) = (Builder::default(), Frontier::new(), Files::new());
        assert_eq!(builder.root(), proof::hash::EMPTY_ROOT);
        let mut before = 0;
        for number in 0..70_000 {
            builder.push(&record(number), &mut put(&mut files)).unwrap();
            frontier.push(entry::leaf(&record(number)));
            if number % 37 == 0 || number > 65_500 && number < 65_600 {
                assert_eq!((builder.size(), builder.root()), (number + 1, frontier.root()));
                let mut partial = files.clone();
                // What stays as it was is not given again.
                builder
                    .partials(before, &mut |piece, bytes| {
                        partial.insert(piece.path(), bytes.to_vec());
                        Ok::<_, Infallible>(())
                    })
                    .unwrap();
                if before == 0 {
                    builder = resumed(&partial, number + 1);
                }
                before = if number % 74 == 0 { 0 } else { number };
            }
        }
        assert_eq!(files.keys().filter(|path| path.starts_with("records/")).count(), 70);
        assert_eq!(files.len(), 70 + 2 * (70_000 / 256) + 1);
    }

    #[test]
    fn the_files_are_those_that_the_tree_has() {
        for size in [1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537] {
            let (mut builder, mut files) = (Builder::default(), Files::new());
            for number in 1..=size {
                builder.push(&[u8::try_from(number % 251).unwrap()], &mut put(&mut files)).unwrap();
            }
            builder.partials(0, &mut put(&mut files)).unwrap();
            let tiles = tile::tiles(size).map(|id| id.path());
            let mut expected: Vec<String> = tiles.chain(tile::bundles(size).map(|id| id.path())).collect();
            expected.sort_unstable();
            assert_eq!(files.into_keys().collect::<Vec<_>>(), expected, "size {size}");
        }
    }
}
