//! One proof for many leaves: the nodes that they share are there once, and none that follows from another.

use super::{Nodes, ProofError, split};
use crate::hash::{EMPTY_ROOT, Hash, node_hash};

/// A node of the tree: root of the perfect subtree over leaves `index << level` to `(index + 1) << level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchNode {
    /// Level, from 0 for leaves.
    pub level: u8,
    /// Place in the level.
    pub index: u64,
    /// Its hash.
    pub hash: Hash,
}

/// Proof that leaves are in the tree of `size` leaves: every node that is needed beside them to get the root,
/// from the left. `positions` rise strictly.
///
/// # Errors
/// Where positions do not rise or a leaf is beyond the tree, or a node cannot be had.
pub fn batch_proof<N: Nodes + ?Sized>(
    nodes: &N,
    positions: &[u64],
    size: u64,
) -> Result<Vec<BatchNode>, N::Error>
where
    N::Error: From<ProofError>,
{
    check(positions.iter().copied(), size)?;
    let mut proof = Vec::new();
    let mut leaves = Walk {
        leaves: positions,
        position: |position: &u64| *position,
        hash: |_: &u64| EMPTY_ROOT,
        beside: |level, index| -> Result<Hash, N::Error> {
            let hash = nodes.node(level, index)?;
            proof.push(BatchNode { level, index, hash });
            Ok(hash)
        },
    };
    leaves.root(0, size)?;
    Ok(proof)
}

/// Checks that all of `leaves`, positions rising strictly, are in the tree of `size` leaves under `root`.
///
/// # Errors
/// Where positions do not rise or a leaf is beyond the tree, or the proof does not show it.
pub fn verify_batch(
    leaves: &[(u64, Hash)],
    size: u64,
    proof: &[BatchNode],
    root: &Hash,
) -> Result<(), ProofError> {
    check(leaves.iter().map(|leaf| leaf.0), size)?;
    let mut used = 0;
    let mut walk = Walk {
        leaves,
        position: |leaf: &(u64, Hash)| leaf.0,
        hash: |leaf: &(u64, Hash)| leaf.1,
        beside: |level, index| {
            let node = proof.get(used).filter(|node| (node.level, node.index) == (level, index));
            used += 1;
            node.map(|node| node.hash).ok_or(ProofError::Node { level, index })
        },
    };
    let actual = walk.root(0, size)?;
    if used != proof.len() {
        return Err(ProofError::Length { expected: used, actual: proof.len() });
    }
    if actual == *root { Ok(()) } else { Err(ProofError::Root { expected: *root, actual }) }
}

fn check(positions: impl Iterator<Item = u64>, size: u64) -> Result<(), ProofError> {
    let mut next = 0;
    for index in positions {
        if index >= size {
            return Err(ProofError::Beyond { index, size });
        }
        if index < next {
            return Err(ProofError::Order { index });
        }
        next = index + 1;
    }
    Ok(())
}

/// Walks a tree from the left: leaves that are given, and other nodes as high up as they contain none.
struct Walk<'a, L, P, H, B> {
    /// Those not yet passed.
    leaves: &'a [L],
    position: P,
    hash: H,
    beside: B,
}

impl<L, E, P, H, B> Walk<'_, L, P, H, B>
where
    P: Fn(&L) -> u64,
    H: Fn(&L) -> Hash,
    B: FnMut(u8, u64) -> Result<Hash, E>,
{
    /// Root over leaves `start` to `end` (exclusive). The depth is at most 64.
    fn root(&mut self, start: u64, end: u64) -> Result<Hash, E> {
        let size = end - start;
        if size == 0 {
            return Ok(EMPTY_ROOT);
        }
        let given = self.leaves.first().is_some_and(|leaf| (self.position)(leaf) < end);
        if !given && size.is_power_of_two() {
            let level = size.trailing_zeros();
            return (self.beside)(u8::try_from(level).expect("a level is below 64"), start >> level);
        }
        if size == 1 {
            let (leaf, rest) = self.leaves.split_first().expect("the leaf is given");
            self.leaves = rest;
            return Ok((self.hash)(leaf));
        }
        let middle = start + split(size);
        Ok(node_hash(&self.root(start, middle)?, &self.root(middle, end)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tests::kit::Tree;
    use crate::tree::{inclusion_proof, root_at};

    fn leaves(tree: &Tree, positions: &[u64]) -> Vec<(u64, Hash)> {
        positions.iter().map(|position| (*position, tree.node_at(0, *position))).collect()
    }

    #[test]
    fn one_leaf_needs_the_nodes_of_its_inclusion_proof() {
        let tree = Tree::of_numbers(37);
        for index in 0..37 {
            let batch = batch_proof(&tree, &[index], 37).unwrap();
            let single = inclusion_proof(&tree, index, 37).unwrap();
            // A sibling that is no perfect subtree comes as the perfect ones it is made of.
            assert!(batch.len() >= single.len() && batch.len() <= 2 * single.len(), "leaf {index}");
        }
        let all: Vec<u64> = (0..37).collect();
        assert_eq!(batch_proof(&tree, &all, 37).unwrap(), []);
        assert_eq!(verify_batch(&leaves(&tree, &all), 37, &[], &root_at(&tree, 37).unwrap()), Ok(()));
    }

    #[test]
    fn positions_rise_and_are_in_the_tree() {
        let tree = Tree::of_numbers(8);
        assert_eq!(batch_proof(&tree, &[3, 3], 8), Err(ProofError::Order { index: 3 }));
        assert_eq!(batch_proof(&tree, &[8], 8), Err(ProofError::Beyond { index: 8, size: 8 }));
        let nothing = batch_proof(&tree, &[], 7).unwrap();
        assert_eq!(nothing.len(), 3, "the peaks alone");
        assert_eq!(verify_batch(&[], 7, &nothing, &root_at(&tree, 7).unwrap()), Ok(()));
        assert_eq!(verify_batch(&[], 0, &[], &EMPTY_ROOT), Ok(()));
    }

    proptest! {
        #[test]
        fn any_leaves_prove_themselves_and_nothing_else(
            size in 1..200_u64,
            picks in prop::collection::btree_set(0..200_u64, 1..30),
            at in any::<prop::sample::Index>(),
        ) {
            let tree = Tree::of_numbers(size);
            let positions: Vec<u64> = picks.into_iter().filter(|position| *position < size).collect();
            let (proof, root) = (batch_proof(&tree, &positions, size).unwrap(), root_at(&tree, size).unwrap());
            let leaves = leaves(&tree, &positions);
            prop_assert_eq!(verify_batch(&leaves, size, &proof, &root), Ok(()));
            if !leaves.is_empty() {
                let mut wrong = leaves.clone();
                wrong[at.index(leaves.len())].1.0[3] ^= 1;
                prop_assert!(verify_batch(&wrong, size, &proof, &root).is_err());
                let mut fewer = leaves.clone();
                fewer.remove(at.index(leaves.len()));
                prop_assert!(verify_batch(&fewer, size, &proof, &root).is_err());
            }
            if !proof.is_empty() {
                let mut wrong = proof.clone();
                wrong[at.index(proof.len())].hash.0[3] ^= 1;
                prop_assert!(verify_batch(&leaves, size, &wrong, &root).is_err());
                prop_assert!(verify_batch(&leaves, size, &proof[1..], &root).is_err());
                let more = [&proof[..], &proof[..1]].concat();
                prop_assert!(verify_batch(&leaves, size, &more, &root).is_err());
            }
        }
    }
}
