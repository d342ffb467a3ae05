//! What a tree needs to grow: the roots of its perfect subtrees.

use super::ProofError;
use crate::hash::{EMPTY_ROOT, Hash, node_hash};

/// A tree's right edge: at most 64 hashes, enough to append to it and to know its root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The tree without leaves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    /// A tree of `size` leaves, from the roots of its perfect subtrees, the largest first.
    ///
    /// # Errors
    /// Where `size` calls for another number of them.
    pub fn from_peaks(size: u64, peaks: Vec<Hash>) -> Result<Self, ProofError> {
        let expected = size.count_ones() as usize;
        if peaks.len() == expected {
            Ok(Self { size, peaks })
        } else {
            Err(ProofError::Length { expected, actual: peaks.len() })
        }
    }
    /// Appends a leaf.
    pub fn push(&mut self, leaf: Hash) {
        self.push_with(leaf, |_, _, _| {});
    }
    /// Appends a leaf and hands out every node that it makes whole: level, index in the level, hash. The leaf
    /// itself is the first, at level 0.
    ///
    /// # Panics
    /// With 2^64 leaves, which no position counts.
    pub fn push_with(&mut self, leaf: Hash, mut whole: impl FnMut(u8, u64, Hash)) {
        let (mut node, mut level) = (leaf, 0);
        whole(level, self.size, node);
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("there is a peak for every bit of the size");
            node = node_hash(&left, &node);
            level += 1;
            whole(level, self.size >> level, node);
        }
        self.peaks.push(node);
        self.size = self.size.checked_add(1).expect("positions end below 2^64");
    }
    /// The tree's root.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return EMPTY_ROOT };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }
    /// Roots of the perfect subtrees, the largest first: one for every bit of the size.
    #[must_use]
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }
}
