//! The test log of transparency-dev/tessera: its tiles and roots byte for byte, its checkpoints signed and read.

use std::path::PathBuf;

use bytes::Bytes;

use crate::checkpoint::Checkpoint;
use crate::hash::leaf_hash;
use crate::note::{SigningKey, VerifyingKey};
use crate::tests::kit::Tree;
use crate::tile;
use crate::tree::root_at;

const ENTRIES: [&str; 15] = [
    "one", "two", "three", "four", "five", "six", "seven", "eit", "nain", "ten", "ileven", "twelf",
    "threeten", "fourten", "fivten",
];
const SECRET: &str =
    "PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg";
const PUBLIC: &str = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";

fn stored(path: &str) -> Vec<u8> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/tessera/log").join(path);
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn tree() -> Tree {
    let mut tree = Tree::default();
    for entry in ENTRIES {
        tree.push(leaf_hash(entry.as_bytes()));
    }
    tree
}

#[test]
fn the_script_that_built_it_holds_these_keys_and_entries() {
    let script = include_str!("../../testdata/tessera/build_log.sh");
    assert!(script.contains(SECRET) && script.contains(PUBLIC) && script.contains(&ENTRIES.join(" ")));
}

#[test]
fn tiles_and_bundles_are_the_same_bytes() {
    let (tree, mut files) = (tree(), 0);
    for size in 1..=ENTRIES.len() as u64 {
        for id in tile::tiles(size) {
            let hashes: Vec<_> = (0..id.width).map(|at| tree.node_at(id.level * 8, at.into())).collect();
            assert_eq!(tile::encode_tile(&hashes), stored(&id.path()), "{id}");
            assert_eq!(tile::decode_tile(&stored(&id.path()), id.width).unwrap(), hashes, "{id}");
            files += 1;
        }
        for id in tile::bundles(size) {
            let entries = ENTRIES[..id.width.into()].iter().map(|entry| entry.as_bytes());
            assert_eq!(tile::encode_bundle(entries.clone()).unwrap(), stored(&id.path()), "{id}");
            let decoded = tile::decode_bundle(&Bytes::from(stored(&id.path())), id.width).unwrap();
            assert!(decoded.iter().map(|entry| &entry[..]).eq(entries), "{id}");
            files += 1;
        }
    }
    assert_eq!(files, 30);
}

#[test]
fn all_sixteen_checkpoints_are_read_and_signed_alike() {
    let (tree, key) = (tree(), SigningKey::from_secret_text(SECRET).unwrap());
    assert_eq!(key.verifying_key().to_string(), PUBLIC);
    assert_eq!(key.to_secret_text(), SECRET);
    let keys: [VerifyingKey; 1] = [PUBLIC.parse().unwrap()];
    for size in 0..=ENTRIES.len() as u64 {
        let bytes = stored(&format!("checkpoint.{size}"));
        let (checkpoint, _) = Checkpoint::open(&bytes, "example.com/log/testdata", &keys).unwrap();
        assert_eq!((checkpoint.size, checkpoint.root), (size, root_at(&tree, size).unwrap()));
        assert_eq!(checkpoint.extensions, [""; 0]);
        let signed = checkpoint.sign(&[&key]).unwrap().encode();
        assert_eq!(signed.as_bytes(), bytes, "Ed25519 signs alike every time");
    }
    assert_eq!(stored("checkpoint"), stored("checkpoint.15"));
}
