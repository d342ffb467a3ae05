//! The same trees in `tlog_tiles` and `ct-merkle`: roots, proofs, tiles and checkpoints agree.

use std::sync::OnceLock;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;
use tlog_tiles::{HashReader, TileHashReader, TileReader};

use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::tests::kit::Tree;
use crate::tile::{self, TileId};
use crate::tree::{
    ProofError, consistency_proof, inclusion_proof, root_at, verify_consistency, verify_inclusion,
};

/// Enough for three levels of tiles.
const LEAVES: u64 = 70_000;

fn tree() -> &'static Tree {
    static TREE: OnceLock<Tree> = OnceLock::new();
    TREE.get_or_init(|| Tree::of_numbers(LEAVES))
}

fn theirs(hash: &Hash) -> tlog_tiles::Hash {
    tlog_tiles::Hash(hash.0)
}

fn ours(hashes: &[tlog_tiles::Hash]) -> Vec<Hash> {
    hashes.iter().map(|hash| Hash(hash.0)).collect()
}

impl HashReader for Tree {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        let node = |index: &u64| {
            let (level, index) = tlog_tiles::split_stored_hash_index(*index);
            theirs(&self.node_at(level, index))
        };
        Ok(indexes.iter().map(node).collect())
    }
}

/// Our tiles as they lie in files, for a reader of theirs.
struct Files;

impl TileReader for Files {
    fn height(&self) -> u8 {
        tile::HEIGHT
    }
    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        Ok(tiles.iter().map(|tile| file(TileId::parse(&path(tile)).expect("a path of ours"))).collect())
    }
    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

/// Their path without the height, which C2SP fixes at 8.
fn path(tile: &tlog_tiles::Tile) -> String {
    tile.path().replacen("tile/8/", "tile/", 1).replacen("tile/data/", "tile/entries/", 1)
}

fn file(id: TileId) -> Vec<u8> {
    let first = id.index * tile::WIDTH;
    let hashes: Vec<_> =
        (first..first + u64::from(id.width)).map(|at| tree().node_at(id.level * 8, at)).collect();
    tile::encode_tile(&hashes)
}

fn sizes() -> impl Strategy<Value = u64> {
    prop_oneof![1..=LEAVES, 1..=600_u64, (0..17_u32).prop_map(|power| 1 << power), 255..=257_u64]
}

proptest! {
    #[test]
    fn roots_and_proofs_are_those_of_tlog_tiles(size in sizes(), at in any::<prop::sample::Index>()) {
        let index = at.index(usize::try_from(size).unwrap()) as u64;
        let (from, root) = (index + 1, root_at(tree(), size).unwrap());
        prop_assert_eq!(theirs(&root), tlog_tiles::tree_hash(size, tree()).unwrap());

        let inclusion = inclusion_proof(tree(), index, size).unwrap();
        prop_assert_eq!(&inclusion, &ours(&tlog_tiles::prove_record(size, index, tree()).unwrap()));
        let consistency = consistency_proof(tree(), from, size).unwrap();
        prop_assert_eq!(&consistency, &ours(&tlog_tiles::prove_tree(size, from, tree()).unwrap()));
    }

    #[test]
    fn altered_proofs_are_judged_alike(
        size in sizes(),
        at in any::<prop::sample::Index>(),
        shift in -2_i64..=2,
        drop in 0..3_usize,
        flip in any::<prop::sample::Index>(),
    ) {
        let index = at.index(usize::try_from(size).unwrap()) as u64;
        let root = root_at(tree(), size).unwrap();
        let mut proof = inclusion_proof(tree(), index, size).unwrap();
        let keep = proof.len().saturating_sub(drop);
        proof.truncate(keep);
        if drop == 2 && !proof.is_empty() {
            let at = flip.index(proof.len());
            proof[at].0[0] ^= 1;
        }
        let claimed = index.saturating_add_signed(shift);
        let leaf = tree().node_at(0, index);
        let proof_of_theirs: Vec<_> = proof.iter().map(theirs).collect();
        let verdict = tlog_tiles::check_record(&proof_of_theirs, size, theirs(&root), claimed, theirs(&leaf));
        prop_assert_eq!(verify_inclusion(claimed, size, &leaf, &proof, &root).is_ok(), verdict.is_ok());

        let (from, from_root) = (claimed.max(1), root_at(tree(), index + 1).unwrap());
        let mut proof = consistency_proof(tree(), index + 1, size).unwrap();
        let keep = proof.len().saturating_sub(drop);
        proof.truncate(keep);
        let proof_of_theirs: Vec<_> = proof.iter().map(theirs).collect();
        let verdict = tlog_tiles::check_tree(&proof_of_theirs, size, theirs(&root), from, theirs(&from_root));
        prop_assert_eq!(verify_consistency(from, &from_root, size, &root, &proof).is_ok(), verdict.is_ok());
    }

    #[test]
    fn tiles_between_two_sizes_are_those_of_tlog_tiles(from in 0..=LEAVES, more in 0..=70_000_u64) {
        let to = from + more;
        let new: Vec<_> = tile::tiles_since(from, to).map(|id| id.path()).collect();
        let new_of_theirs: Vec<_> =
            tlog_tiles::Tile::new_tiles(tile::HEIGHT, from, to).iter().map(path).collect();
        prop_assert_eq!(&new, &new_of_theirs);
        let bundles: Vec<_> = tile::bundles_since(from, to).map(|id| id.path()).collect();
        let leaves = new.iter().filter_map(|path| path.strip_prefix("tile/0/"));
        prop_assert_eq!(bundles, leaves.map(|place| format!("tile/entries/{place}")).collect::<Vec<_>>());
    }

    #[test]
    fn paths_are_those_of_tlog_tiles(level in 0..64_u8, index: u64, width in 1..=256_u16) {
        let id = TileId { level, index, width };
        let tile_of_theirs = tlog_tiles::Tile::new(tile::HEIGHT, level, index, width.into(), false);
        prop_assert_eq!(id.path(), path(&tile_of_theirs));
        prop_assert_eq!(TileId::parse(&id.path()), Ok(id));
    }

    #[test]
    fn a_reader_of_tlog_tiles_finds_our_tiles_in_order(size in sizes(), at in any::<prop::sample::Index>()) {
        let index = at.index(usize::try_from(size).unwrap()) as u64;
        let root = root_at(tree(), size).unwrap();
        // It checks every tile against the root before it answers.
        let reader = TileHashReader::new(size, theirs(&root), &Files);
        let proof = tlog_tiles::prove_record(size, index, &reader).unwrap();
        prop_assert_eq!(ours(&proof), inclusion_proof(tree(), index, size).unwrap());
    }

    #[test]
    fn checkpoints_are_read_alike(
        text in prop_oneof![
            "[a-z/]{0,9}\n[0-9]{0,3}\n(4{43}=|[A-Za-z0-9+/]{42}A=|[A-Za-z0-9+/]{43}=|x)\n([a-z]{0,4}\n){0,3}",
            "(.|\n){0,60}",
        ],
    ) {
        let (read, read_by_them) =
            (Checkpoint::parse(&text), tlog_tiles::Checkpoint::from_bytes(text.as_bytes()));
        prop_assert_eq!(read.is_ok(), read_by_them.is_ok(), "{:?} {:?}", read, read_by_them);
        if let (Ok(read), Ok(read_by_them)) = (read, read_by_them) {
            prop_assert_eq!(read.encode().into_bytes(), read_by_them.to_bytes());
            prop_assert_eq!(&read.origin, read_by_them.origin());
            prop_assert_eq!(read.size, read_by_them.size());
        }
    }

    #[test]
    fn roots_and_proofs_are_those_of_ct_merkle(size in 1..=300_u64, at in any::<prop::sample::Index>()) {
        let mut tree_of_theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        for number in 0..size {
            tree_of_theirs.push(number.to_le_bytes().to_vec());
        }
        prop_assert_eq!(root_at(tree(), size).unwrap().0, <[u8; 32]>::from(*tree_of_theirs.root().as_bytes()));
        let index = at.index(usize::try_from(size).unwrap());
        let bytes = |proof: Result<Vec<Hash>, ProofError>| tile::encode_tile(&proof.unwrap());
        let inclusion = inclusion_proof(tree(), index as u64, size);
        prop_assert_eq!(bytes(inclusion), tree_of_theirs.prove_inclusion(index).as_bytes().to_vec());
        let (from, added) = (index as u64 + 1, usize::try_from(size).unwrap() - index - 1);
        let consistency = consistency_proof(tree(), from, size);
        prop_assert_eq!(bytes(consistency), tree_of_theirs.prove_consistency(added).as_bytes().to_vec());
    }
}
