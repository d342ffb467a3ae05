//! A tree's nodes from its tiles, wherever those are kept: files, a server's answers, memory.

use std::cell::RefCell;
use std::collections::BTreeMap;

use bytes::Bytes;

use crate::hash::Hash;
use crate::tile::{TileError, TileId, decode_tile, perfect_root};
use crate::tree::{Nodes, ProofError};

/// Why a node could not be had from tiles.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoredError<E> {
    /// A tile could not be read.
    #[error("`{path}` could not be read")]
    Read {
        /// Its path.
        path: String,
        /// What the reader said.
        source: E,
    },
    /// There is no such tile.
    #[error("`{path}` is missing")]
    Missing {
        /// Its path.
        path: String,
    },
    /// A tile has another length than its name says.
    #[error("`{path}` is damaged")]
    Tile {
        /// Its path.
        path: String,
        /// What is wrong with it.
        source: TileError,
    },
    /// The tree has no such node, or the question no answer.
    #[error("there is no such proof")]
    Proof(#[from] ProofError),
}

/// The nodes of the tree of `size` leaves, from tiles that `read` gives by their paths (`None` where there is none).
/// Nothing is checked: a proof from them is, by whoever has the signed root. Keeps one tile of each level, which is
/// enough for walks from the left.
#[derive(Debug)]
pub struct StoredNodes<F> {
    size: u64,
    read: F,
    last: RefCell<BTreeMap<u8, (TileId, Vec<Hash>)>>,
}

impl<F, E> StoredNodes<F>
where
    F: Fn(&str) -> Result<Option<Bytes>, E>,
{
    /// Of a tree whose tiles are complete: its size is that of a checkpoint.
    pub fn new(size: u64, read: F) -> Self {
        Self { size, read, last: RefCell::default() }
    }

    fn load(&self, id: TileId) -> Result<Vec<Hash>, StoredError<E>> {
        let path = id.path();
        // Where the log has gone on since, the full tile may have replaced the partial one.
        for (path, width) in [(path.clone(), id.width), (id.full().path(), 256)] {
            match (self.read)(&path) {
                Ok(Some(bytes)) => {
                    return decode_tile(&bytes, width).map_err(|source| StoredError::Tile { path, source });
                }
                Ok(None) => {}
                Err(source) => return Err(StoredError::Read { path, source }),
            }
        }
        Err(StoredError::Missing { path })
    }
}

impl<F, E> Nodes for StoredNodes<F>
where
    F: Fn(&str) -> Result<Option<Bytes>, E>,
{
    type Error = StoredError<E>;
    fn node(&self, level: u8, index: u64) -> Result<Hash, StoredError<E>> {
        let (id, range) =
            TileId::of_node(level, index, self.size).ok_or(ProofError::Node { level, index })?;
        let mut last = self.last.borrow_mut();
        if last.get(&id.level).is_none_or(|(kept, _)| *kept != id) {
            last.insert(id.level, (id, self.load(id)?));
        }
        Ok(perfect_root(&last[&id.level].1[range]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::kit::Tree;
    use crate::tile::{encode_tile, tiles};
    use crate::tree::{batch_proof, consistency_proof, inclusion_proof, root_at};

    const SIZE: u64 = 1_100;

    fn files(tree: &Tree, size: u64) -> BTreeMap<String, Bytes> {
        let bytes = |id: TileId| {
            let first = id.index * 256;
            let hashes: Vec<_> =
                (first..first + u64::from(id.width)).map(|at| tree.node_at(id.level * 8, at)).collect();
            (id.path(), encode_tile(&hashes).into())
        };
        tiles(size).map(bytes).collect()
    }

    fn nodes(
        files: &BTreeMap<String, Bytes>,
        size: u64,
    ) -> StoredNodes<impl Fn(&str) -> Result<Option<Bytes>, ProofError>> {
        StoredNodes::new(size, |path: &str| Ok(files.get(path).cloned()))
    }

    #[test]
    fn proofs_from_tiles_are_those_from_the_tree() {
        let tree = Tree::of_numbers(SIZE);
        let files = files(&tree, SIZE);
        for size in [1, 255, 256, 257, 700, 1_024, SIZE] {
            // Partial tiles of smaller trees are gone; those of the newest are at least as wide.
            let nodes = nodes(&files, SIZE);
            assert_eq!(root_at(&nodes, size).unwrap(), root_at(&tree, size).unwrap(), "{size}");
            for index in [0, size / 3, size - 1] {
                let expected = inclusion_proof(&tree, index, size).unwrap();
                assert_eq!(inclusion_proof(&nodes, index, size).unwrap(), expected, "{index} of {size}");
                let expected = consistency_proof(&tree, index + 1, size).unwrap();
                assert_eq!(
                    consistency_proof(&nodes, index + 1, size).unwrap(),
                    expected,
                    "{index} to {size}"
                );
            }
            let positions: Vec<u64> = (0..size).step_by(7).collect();
            let expected = batch_proof(&tree, &positions, size).unwrap();
            assert_eq!(batch_proof(&nodes, &positions, size).unwrap(), expected);
        }
    }

    #[test]
    fn full_tiles_replace_partial_ones_and_others_are_missed() {
        let tree = Tree::of_numbers(SIZE);
        let files = files(&tree, 1_024);
        let mut earlier = self::files(&tree, 900);
        earlier.remove("tile/0/003.p/132").unwrap();
        earlier.insert("tile/0/003".into(), files["tile/0/003"].clone());
        assert_eq!(root_at(&nodes(&earlier, 900), 900), Ok(root_at(&tree, 900).unwrap()));
        let missing = StoredError::Missing { path: "tile/0/004.p/76".into() };
        assert_eq!(nodes(&files, SIZE).node(0, 1_025), Err(missing));
        let none = StoredError::Proof(ProofError::Node { level: 0, index: SIZE });
        assert_eq!(nodes(&files, SIZE).node(0, SIZE), Err(none));
        let damaged = BTreeMap::from([("tile/0/000".to_owned(), Bytes::from_static(b"short"))]);
        assert!(matches!(nodes(&damaged, 256).node(0, 0), Err(StoredError::Tile { .. })));
        let failing = StoredNodes::new(256, |_: &str| Err::<Option<Bytes>, _>(ProofError::Empty));
        assert!(matches!(failing.node(0, 0), Err(StoredError::Read { .. })));
    }
}
