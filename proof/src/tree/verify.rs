//! Checking proofs against roots: RFC 6962, and for subtrees draft-ietf-plants-merkle-tree-certs.

use super::{ProofError, split};
use crate::hash::{EMPTY_ROOT, Hash, node_hash};

/// Checks that `leaf` is the leaf at `index` of the tree of `size` leaves under `root`.
///
/// # Errors
/// Where the proof does not show it.
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    same(root, inclusion_root(index, size, leaf, proof)?)
}

/// The root that a proof of inclusion leads to.
///
/// # Errors
/// Where there is no such leaf, or the proof has another length.
pub fn inclusion_root(index: u64, size: u64, leaf: &Hash, proof: &[Hash]) -> Result<Hash, ProofError> {
    if index >= size {
        return Err(ProofError::Beyond { index, size });
    }
    let (mut start, mut end) = (0, size);
    let mut right_turns = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        right_turns.push(index >= middle);
        (start, end) = if index < middle { (start, middle) } else { (middle, end) };
    }
    expect_length(right_turns.len(), proof.len())?;
    let steps = right_turns.iter().rev().zip(proof);
    Ok(steps.fold(
        *leaf,
        |node, (right, sibling)| {
            if *right { node_hash(sibling, &node) } else { node_hash(&node, sibling) }
        },
    ))
}

/// Checks that `leaf` is at `index` of the whole tree, given the root of its subtree over `start` to `end`.
///
/// # Errors
/// Where the bounds are not those of a subtree, or the proof does not show it.
pub fn verify_subtree_inclusion(
    index: u64,
    (start, end): (u64, u64),
    leaf: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    check_subtree(start, end)?;
    if index < start || index >= end {
        return Err(ProofError::Beyond { index, size: end });
    }
    verify_inclusion(index - start, end - start, leaf, proof, root)
}

/// Checks that the tree of `to` leaves under `to_root` begins with the tree of `from` leaves under `from_root`.
///
/// # Errors
/// Where the proof does not show it, or `from` is 0: every tree extends the empty one, and nothing is proven.
pub fn verify_consistency(
    from: u64,
    from_root: &Hash,
    to: u64,
    to_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if from > to {
        return Err(ProofError::Backwards { from, to });
    }
    if from == 0 {
        return Err(ProofError::Empty);
    }
    verify_subtree_consistency((0, from), from_root, to, to_root, proof)
}

/// Checks that the subtree over leaves `start` to `end` (exclusive) under `subtree` is part of the tree of `size`
/// leaves under `root`.
///
/// # Errors
/// Where the bounds are not those of a subtree, or the proof does not show it.
pub fn verify_subtree_consistency(
    (start, end): (u64, u64),
    subtree: &Hash,
    size: u64,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if end > size {
        return Err(ProofError::Backwards { from: end, to: size });
    }
    if start == end {
        expect_length(0, proof.len())?;
        return same(&EMPTY_ROOT, *subtree);
    }
    check_subtree(start, end)?;
    let steps = descend(start, end, size);
    // A subtree that the tree has as one node is its own first node; else the proof begins with the last node
    // that both share.
    let shared = steps.iter().any(|step| matches!(step, Step::Within));
    expect_length(steps.len() + usize::from(shared), proof.len())?;
    let (first, siblings) = if shared { (proof[0], &proof[1..]) } else { (*subtree, proof) };
    let (mut within, mut whole) = (first, first);
    for (step, sibling) in steps.iter().rev().zip(siblings) {
        whole = match step {
            Step::Left => node_hash(&whole, sibling),
            Step::Right | Step::Within => node_hash(sibling, &whole),
        };
        if matches!(step, Step::Within) {
            within = node_hash(sibling, &within);
        }
    }
    same(subtree, within)?;
    same(root, whole)
}

/// One step from a node towards the subtree's last shared node, and what the sibling left behind is.
enum Step {
    /// Down to the left; the sibling is outside the subtree.
    Left,
    /// Down to the right; the sibling is outside the subtree.
    Right,
    /// Down to the right; the sibling is part of the subtree.
    Within,
}

fn descend(mut start: u64, end: u64, size: u64) -> Vec<Step> {
    let (mut first, mut last) = (0, size);
    let mut steps = Vec::new();
    while (first, last) != (start, end) {
        let middle = first + split(last - first);
        if end <= middle {
            steps.push(Step::Left);
            last = middle;
        } else if start >= middle {
            steps.push(Step::Right);
            first = middle;
        } else {
            steps.push(Step::Within);
            (first, start) = (middle, middle);
        }
    }
    steps
}

/// Whether a tree has a subtree over these leaves, itself a whole tree or the right edge of one.
fn check_subtree(start: u64, end: u64) -> Result<(), ProofError> {
    let wrong = ProofError::Subtree { start, end };
    let size = end.checked_sub(start).filter(|size| *size > 0).ok_or(wrong)?;
    // Above 2^63 leaves the smallest power of two is 2^64, of which 0 is the only multiple.
    let aligned = size.checked_next_power_of_two().map_or(start == 0, |block| start.is_multiple_of(block));
    if aligned { Ok(()) } else { Err(wrong) }
}

fn expect_length(expected: usize, actual: usize) -> Result<(), ProofError> {
    if expected == actual { Ok(()) } else { Err(ProofError::Length { expected, actual }) }
}

fn same(expected: &Hash, actual: Hash) -> Result<(), ProofError> {
    if *expected == actual { Ok(()) } else { Err(ProofError::Root { expected: *expected, actual }) }
}
