//! Every proof of transparency-dev/merkle, right ones and wrong ones.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::hash::Hash;
use crate::tree::{
    verify_consistency, verify_inclusion, verify_subtree_consistency, verify_subtree_inclusion,
};

const PROOFS: &str = include_str!("../../testdata/merkle/proofs.ndjson");

/// A hash. Some cases have texts of fewer bytes, as roots that matter only by being equal or not; with zeros
/// behind them they stay so.
fn hash(value: &Value) -> Hash {
    let bytes = STANDARD.decode(value.as_str().unwrap()).unwrap();
    let mut hash = [0; 32];
    hash[..bytes.len()].copy_from_slice(&bytes);
    Hash(hash)
}

/// Whether the leaf has the length of a hash, without which our types refuse it.
fn has_leaf(case: &Value) -> bool {
    case["leafHash"].as_str().is_none_or(|leaf| leaf.parse::<Hash>().is_ok())
}

fn verifies(case: &Value) -> bool {
    let number = |name: &str| case[name].as_u64().unwrap();
    let proof = case["proof"].as_array().map_or(&[][..], |it| it);
    let proof: Vec<Hash> = proof.iter().map(hash).collect();
    let bounds = || (number("start"), number("end"));
    let result = match case["file"].as_str().unwrap().split('/').next().unwrap() {
        "inclusion" => {
            let (leaf, root) = (hash(&case["leafHash"]), hash(&case["root"]));
            verify_inclusion(number("leafIdx"), number("treeSize"), &leaf, &proof, &root)
        }
        "consistency" => {
            let (from, to) = (hash(&case["root1"]), hash(&case["root2"]));
            verify_consistency(number("size1"), &from, number("size2"), &to, &proof)
        }
        "subtreeinclusion" => {
            let (leaf, root) = (hash(&case["leafHash"]), hash(&case["root"]));
            verify_subtree_inclusion(number("leafIdx"), bounds(), &leaf, &proof, &root)
        }
        "subtreeconsistency" => {
            let (subtree, root) = (hash(&case["root1"]), hash(&case["root2"]));
            verify_subtree_consistency(bounds(), &subtree, number("size"), &root, &proof)
        }
        other => panic!("no such kind of proof: {other}"),
    };
    result.is_ok()
}

#[test]
fn every_proof_is_judged_as_its_authors_do() {
    let (mut right, mut wrong) = (0, 0);
    for line in PROOFS.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let wanted = !case["wantErr"].as_bool().unwrap();
        assert_eq!(has_leaf(&case) && verifies(&case), wanted, "{}: {}", case["file"], case["desc"]);
        if wanted { right += 1 } else { wrong += 1 }
    }
    assert_eq!((right + wrong, right > 20, wrong > 400), (518, true, true), "{right} right, {wrong} wrong");
}
