//! The Merkle tree of RFC 6962: what is carried to append to it, proofs from it, and their verification.

mod batch;
mod frontier;
mod prove;
#[cfg(test)]
mod tests;
mod verify;

pub use batch::{BatchNode, batch_proof, verify_batch};
pub use frontier::Frontier;
pub use prove::{Nodes, consistency_proof, frontier_at, inclusion_proof, root_at, subtree_root};
pub use verify::{
    inclusion_root, verify_consistency, verify_inclusion, verify_subtree_consistency,
    verify_subtree_inclusion,
};

use crate::hash::Hash;

/// Why something is not a proof, or proves something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// There is no such leaf in the tree.
    #[error("expected a leaf below {size}, got {index}")]
    Beyond {
        /// The leaf.
        index: u64,
        /// Leaves of the tree.
        size: u64,
    },
    /// The later tree is the smaller one.
    #[error("expected a tree of at least {from} leaves, got {to}")]
    Backwards {
        /// Leaves of the earlier tree.
        from: u64,
        /// Leaves of the later tree.
        to: u64,
    },
    /// Nothing can be said about a tree without leaves: everything extends it.
    #[error("expected an earlier tree with leaves, got an empty one")]
    Empty,
    /// The leaves are not those of one subtree.
    #[error("expected the bounds of a subtree, got {start} to {end}")]
    Subtree {
        /// First leaf.
        start: u64,
        /// The leaf after the last.
        end: u64,
    },
    /// Leaves of one proof are not in the order of the tree.
    #[error("expected leaves in rising order, got {index} after a later one or itself")]
    Order {
        /// The leaf.
        index: u64,
    },
    /// A proof of many leaves lacks a node, or has another in its place.
    #[error("expected node {index} of level {level} next in the proof")]
    Node {
        /// Its level.
        level: u8,
        /// Its place in the level.
        index: u64,
    },
    /// The proof has too many or too few hashes.
    #[error("expected a proof of {expected} hashes, got {actual}")]
    Length {
        /// Hashes that the tree's shape calls for.
        expected: usize,
        /// Hashes there.
        actual: usize,
    },
    /// The proof leads to another root.
    #[error("expected root {expected}, got {actual}")]
    Root {
        /// The root that was to be proven.
        expected: Hash,
        /// The root that the proof leads to.
        actual: Hash,
    },
}

/// Size of the largest perfect subtree that leaves something to its right, for trees of two leaves or more.
fn split(size: u64) -> u64 {
    debug_assert!(size > 1);
    1 << (size - 1).ilog2()
}
