//! The tree against its definition, over every small size.

use std::convert::Infallible;

use super::*;
use crate::hash::{EMPTY_ROOT, leaf_hash, node_hash};

/// The definition of RFC 6962, section 2.1, word for word.
fn root_by_definition(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => EMPTY_ROOT,
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&root_by_definition(left), &root_by_definition(right))
        }
    }
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|at| leaf_hash(&at.to_le_bytes())).collect()
}

struct Leaves(Vec<Hash>);

#[derive(Debug, PartialEq)]
struct Failed(ProofError);

impl From<ProofError> for Failed {
    fn from(error: ProofError) -> Self {
        Self(error)
    }
}

impl Nodes for Leaves {
    type Error = Failed;
    fn node(&self, level: u8, index: u64) -> Result<Hash, Failed> {
        let (start, width) = (usize::try_from(index << level).unwrap(), 1 << level);
        Ok(root_by_definition(&self.0[start..start + width]))
    }
}

const SIZES: u64 = 40;

#[test]
fn roots_and_frontiers_agree_with_the_definition() {
    let all = Leaves(leaves(SIZES));
    let mut frontier = Frontier::new();
    for size in 0..=SIZES {
        let expected = root_by_definition(&all.0[..usize::try_from(size).unwrap()]);
        assert_eq!((frontier.size(), frontier.root()), (size, expected));
        assert_eq!(root_at(&all, size).unwrap(), expected, "size {size}");
        assert_eq!(frontier_at(&all, size).unwrap(), frontier, "size {size}");
        let peaks = frontier.peaks().to_vec();
        assert_eq!(Frontier::from_peaks(size, peaks), Ok(frontier.clone()));
        if size < SIZES {
            frontier.push(all.0[usize::try_from(size).unwrap()]);
        }
    }
    let wrong = Frontier::from_peaks(3, vec![EMPTY_ROOT]);
    assert_eq!(wrong, Err(ProofError::Length { expected: 2, actual: 1 }));
}

#[test]
fn a_push_hands_out_every_node_that_is_whole() {
    let all = Leaves(leaves(SIZES));
    let (mut frontier, mut seen) = (Frontier::new(), 0_u64);
    for leaf in &all.0 {
        frontier.push_with(*leaf, |level, index, hash| {
            assert_eq!(all.node(level, index).unwrap(), hash, "node {level}/{index}");
            seen += 1;
        });
    }
    let whole: u64 = (0..64).map(|level| SIZES >> level).sum();
    assert_eq!(seen, whole);
}

#[test]
fn every_leaf_proves_that_it_is_in_every_tree_and_nowhere_else() {
    let all = Leaves(leaves(SIZES));
    for size in 1..=SIZES {
        let root = root_at(&all, size).unwrap();
        for index in 0..size {
            let proof = inclusion_proof(&all, index, size).unwrap();
            let leaf = &all.0[usize::try_from(index).unwrap()];
            assert_eq!(verify_inclusion(index, size, leaf, &proof, &root), Ok(()), "{index} of {size}");
            for other in (0..size).filter(|other| *other != index) {
                assert!(verify_inclusion(other, size, leaf, &proof, &root).is_err(), "{other} of {size}");
            }
            for at in 0..proof.len() {
                let mut wrong = proof.clone();
                wrong[at].0[7] ^= 1;
                assert!(verify_inclusion(index, size, leaf, &wrong, &root).is_err());
            }
            let longer = [&proof[..], &[root]].concat();
            assert!(verify_inclusion(index, size, leaf, &longer, &root).is_err());
        }
    }
    assert_eq!(inclusion_proof(&all, 3, 3), Err(Failed(ProofError::Beyond { index: 3, size: 3 })));
}

#[test]
fn every_tree_proves_that_it_begins_with_every_smaller_one() {
    let all = Leaves(leaves(SIZES));
    for to in 1..=SIZES {
        let to_root = root_at(&all, to).unwrap();
        for from in 1..=to {
            let from_root = root_at(&all, from).unwrap();
            let proof = consistency_proof(&all, from, to).unwrap();
            assert_eq!(verify_consistency(from, &from_root, to, &to_root, &proof), Ok(()), "{from} to {to}");
            for at in 0..proof.len() {
                let mut wrong = proof.clone();
                wrong[at].0[7] ^= 1;
                assert!(verify_consistency(from, &from_root, to, &to_root, &wrong).is_err());
            }
            if from < to {
                assert!(verify_consistency(from, &to_root, to, &to_root, &proof).is_err());
                assert!(verify_consistency(from, &from_root, to, &from_root, &proof).is_err());
            }
        }
    }
    assert_eq!(consistency_proof(&all, 0, 3), Err(Failed(ProofError::Empty)));
    let backwards = ProofError::Backwards { from: 4, to: 3 };
    assert_eq!(consistency_proof(&all, 4, 3), Err(Failed(backwards)));
    assert_eq!(verify_consistency(4, &EMPTY_ROOT, 3, &EMPTY_ROOT, &[]), Err(backwards));
}

#[test]
fn the_largest_trees_are_walked_in_bounded_steps() {
    struct Same;
    impl Nodes for Same {
        type Error = Infallible;
        fn node(&self, _: u8, _: u64) -> Result<Hash, Infallible> {
            Ok(EMPTY_ROOT)
        }
    }
    let size = u64::MAX;
    assert_eq!(frontier_at(&Same, size).unwrap().root(), root_at(&Same, size).unwrap());
    let leaf = leaf_hash(b"");
    assert!(matches!(inclusion_root(size - 1, size, &leaf, &[]), Err(ProofError::Length { .. })));
    assert!(matches!(verify_consistency(1 << 63, &leaf, size, &leaf, &[]), Err(ProofError::Length { .. })));
    let wide = verify_subtree_consistency((1, u64::MAX), &leaf, size, &leaf, &[]);
    assert!(matches!(wide, Err(ProofError::Subtree { .. })));
}
