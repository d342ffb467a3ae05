//! Roots and proofs from stored nodes (RFC 6962, sections 2.1.1 and 2.1.2).

use super::{Frontier, ProofError, split};
use crate::hash::{EMPTY_ROOT, Hash, node_hash};

/// Where the nodes of a tree are kept.
pub trait Nodes {
    /// Why a node could not be had.
    type Error;
    /// Root of the perfect subtree over leaves `index << level` to `(index + 1) << level`.
    ///
    /// # Errors
    /// Where it is not kept or cannot be read.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;
}

/// Root of the tree of the first `size` leaves.
///
/// # Errors
/// Where a node cannot be had.
pub fn root_at<N: Nodes + ?Sized>(nodes: &N, size: u64) -> Result<Hash, N::Error> {
    if size == 0 { Ok(EMPTY_ROOT) } else { subtree_root(nodes, 0, size) }
}

/// The right edge of the tree of the first `size` leaves.
///
/// # Errors
/// Where a node cannot be had.
pub fn frontier_at<N: Nodes + ?Sized>(nodes: &N, size: u64) -> Result<Frontier, N::Error> {
    let levels = (0..64_u8).rev().filter(|level| size >> level & 1 == 1);
    // Above a peak's own bit, the size tells how many such subtrees stand before it.
    let peaks = levels.map(|level| nodes.node(level, (size >> level) - 1)).collect::<Result<_, _>>()?;
    Ok(Frontier::from_peaks(size, peaks).expect("there is one peak for every bit of the size"))
}

/// Root of the subtree over leaves `start` to `end` (exclusive), which must be one that a tree has: `start` is
/// a multiple of the smallest power of two that takes all its leaves.
///
/// # Errors
/// Where a node cannot be had.
///
/// # Panics
/// Where there is no leaf.
pub fn subtree_root<N: Nodes + ?Sized>(nodes: &N, start: u64, end: u64) -> Result<Hash, N::Error> {
    let size = end.checked_sub(start).filter(|size| *size > 0).expect("a subtree has leaves");
    if size.is_power_of_two() {
        let level = size.trailing_zeros();
        return nodes.node(u8::try_from(level).expect("a level is below 64"), start >> level);
    }
    let middle = start + split(size);
    Ok(node_hash(&subtree_root(nodes, start, middle)?, &subtree_root(nodes, middle, end)?))
}

/// Proof that the leaf at `index` is in the tree of `size` leaves: the siblings on the way up.
///
/// # Errors
/// Where there is no such leaf, or a node cannot be had.
pub fn inclusion_proof<N: Nodes + ?Sized>(nodes: &N, index: u64, size: u64) -> Result<Vec<Hash>, N::Error>
where
    N::Error: From<ProofError>,
{
    if index >= size {
        return Err(ProofError::Beyond { index, size }.into());
    }
    let (mut start, mut end) = (0, size);
    let mut proof = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        let (sibling, inner) =
            if index < middle { ((middle, end), (start, middle)) } else { ((start, middle), (middle, end)) };
        proof.push(subtree_root(nodes, sibling.0, sibling.1)?);
        (start, end) = inner;
    }
    proof.reverse();
    Ok(proof)
}

/// Proof that the tree of `to` leaves begins with the tree of `from` leaves; empty where they are equal.
///
/// # Errors
/// Where `from` is 0 or above `to`, or a node cannot be had.
pub fn consistency_proof<N: Nodes + ?Sized>(nodes: &N, from: u64, to: u64) -> Result<Vec<Hash>, N::Error>
where
    N::Error: From<ProofError>,
{
    if from == 0 {
        return Err(ProofError::Empty.into());
    }
    if from > to {
        return Err(ProofError::Backwards { from, to }.into());
    }
    let (mut start, mut end) = (0, to);
    let mut proof = Vec::new();
    while from < end {
        let middle = start + split(end - start);
        if from <= middle {
            proof.push(subtree_root(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(subtree_root(nodes, start, middle)?);
            start = middle;
        }
    }
    // Where the earlier tree is the left part whole, the verifier has its root already.
    if start > 0 {
        proof.push(subtree_root(nodes, start, end)?);
    }
    proof.reverse();
    Ok(proof)
}
