//! A tree in memory, leaf by leaf.

use std::collections::BTreeMap;

use crate::hash::{Hash, leaf_hash};
use crate::tree::{Frontier, Nodes, ProofError};

/// Every whole node of a tree.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) frontier: Frontier,
    nodes: BTreeMap<(u8, u64), Hash>,
}

impl Tree {
    pub(crate) fn push(&mut self, leaf: Hash) {
        let nodes = &mut self.nodes;
        self.frontier.push_with(leaf, |level, index, hash| {
            nodes.insert((level, index), hash);
        });
    }
    /// Of the numbers below `size`, eight bytes each.
    pub(crate) fn of_numbers(size: u64) -> Self {
        let mut tree = Self::default();
        for number in 0..size {
            tree.push(leaf_hash(&number.to_le_bytes()));
        }
        tree
    }
    /// Nodes in the order of a log that stores each as it becomes whole.
    pub(crate) fn node_at(&self, level: u8, index: u64) -> Hash {
        self.nodes[&(level, index)]
    }
}

impl Nodes for Tree {
    type Error = ProofError;
    fn node(&self, level: u8, index: u64) -> Result<Hash, ProofError> {
        Ok(self.node_at(level, index))
    }
}
