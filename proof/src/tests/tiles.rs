//! Tiles and bundles: names, sizes, and where a node or an entry lies.

use bytes::Bytes;
use proptest::prelude::*;

use crate::hash::leaf_hash;
use crate::tests::kit::Tree;
use crate::tile::{
    self, BundleId, TileError, TileId, bundles, decode_bundle, decode_tile, encode_bundle, encode_tile,
    perfect_root, tiles,
};
use crate::tree::Nodes;

#[test]
fn names_are_those_of_the_specification() {
    let names = [
        (TileId { level: 0, index: 1_234_067, width: 256 }, "tile/0/x001/x234/067"),
        (TileId { level: 3, index: 0, width: 7 }, "tile/3/000.p/7"),
        (TileId { level: 63, index: 1000, width: 255 }, "tile/63/x001/000.p/255"),
    ];
    for (id, path) in names {
        assert_eq!((id.path().as_str(), path.parse()), (path, Ok(id)));
    }
    let bundle = BundleId { index: 1_234_067, width: 8 };
    assert_eq!(bundle.to_string(), "tile/entries/x001/x234/067.p/8");
    assert_eq!(bundle.path().parse(), Ok(bundle));
    assert_eq!(bundle.full().path(), "tile/entries/x001/x234/067");
}

#[test]
fn a_name_has_one_spelling() {
    let wrong = [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001/x000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000/",
        "tile/0/000.p/1/",
        "/tile/0/000",
        "tile/0/+00",
        "tile/0/../000",
        "tile/entries/000",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
    ];
    for path in wrong {
        assert!(TileId::parse(path).is_err(), "{path}");
        let bundle = path.replacen("tile/0/", "tile/entries/", 1);
        assert!(bundle == "tile/entries/000" || BundleId::parse(&bundle).is_err(), "{bundle}");
    }
    let largest = TileId { level: 0, index: u64::MAX, width: 256 };
    assert_eq!(TileId::parse(&largest.path()), Ok(largest));
}

#[test]
fn a_tree_of_70_000_has_the_tiles_that_the_specification_counts() {
    let count =
        |level, full: bool| tiles(70_000).filter(move |id| id.level == level && id.is_full() == full).count();
    let partial = |level| tiles(70_000).find(|id| id.level == level && !id.is_full()).map(|id| id.width);
    assert_eq!((count(0, true), partial(0)), (273, Some(112)));
    assert_eq!((count(1, true), partial(1)), (1, Some(17)));
    assert_eq!((count(2, true), partial(2)), (0, Some(1)));
    assert_eq!(tiles(70_000).count(), 273 + 1 + 1 + 1 + 1);
    let of_256: Vec<_> = tiles(256).map(|id| id.path()).collect();
    assert_eq!(of_256, ["tile/0/000", "tile/1/000.p/1"]);
    assert_eq!((tiles(0).count(), bundles(0).count()), (0, 0));
    assert!(tiles(70_000).all(|id| TileId::at(id.level, id.index, 70_000) == Some(id)));
    assert!(bundles(70_000).all(|id| BundleId::at(id.index, 70_000) == Some(id)));
    for (level, index) in [(0, 274), (1, 2), (2, 1), (3, 0), (63, 0), (0, u64::MAX)] {
        assert_eq!(TileId::at(level, index, 70_000), None, "{level}/{index}");
    }
    assert_eq!(BundleId::at(274, 70_000), None);
    assert_eq!(
        bundles(257).map(|id| id.path()).collect::<Vec<_>>(),
        ["tile/entries/000", "tile/entries/001.p/1"]
    );
}

#[test]
fn every_node_and_every_entry_is_found_where_it_lies() {
    const SIZE: u64 = 1_300;
    let tree = Tree::of_numbers(SIZE);
    for size in [1, 2, 255, 256, 257, 600, SIZE] {
        let kept: Vec<TileId> = tiles(size).collect();
        for level in 0..12 {
            for index in 0..size >> level {
                let (id, range) = TileId::of_node(level, index, size).expect("the tree has it");
                assert!(kept.contains(&id), "{id} of {size}");
                let first = id.index * tile::WIDTH;
                let hashes: Vec<_> = range.map(|at| tree.node_at(id.level * 8, first + at as u64)).collect();
                assert_eq!(
                    perfect_root(&hashes),
                    tree.node(level, index).unwrap(),
                    "{level}/{index} of {size}"
                );
            }
            assert_eq!(TileId::of_node(level, size >> level, size), None, "{level} of {size}");
        }
        for index in 0..size {
            let (id, at) = BundleId::of_entry(index, size).expect("the tree has it");
            assert_eq!(id.index * tile::WIDTH + at as u64, index);
            assert!(bundles(size).any(|bundle| bundle == id) && at < usize::from(id.width));
        }
        assert_eq!(BundleId::of_entry(size, size), None);
    }
    assert_eq!(TileId::of_node(63, 2, u64::MAX), None);
    assert_eq!(TileId::of_node(200, 0, u64::MAX), None);
}

#[test]
fn damaged_tiles_and_bundles_are_told_apart() {
    let hashes = [leaf_hash(b"a"), leaf_hash(b"b")];
    assert_eq!(decode_tile(&encode_tile(&hashes), 2).unwrap(), hashes);
    assert_eq!(decode_tile(&[0; 65], 2), Err(TileError::Length { expected: 64, actual: 65 }));
    let bundle = Bytes::from(encode_bundle([&b"one"[..], b"", b"three"]).unwrap());
    assert_eq!(decode_bundle(&bundle, 3).unwrap(), [&b"one"[..], b"", b"three"]);
    assert_eq!(decode_bundle(&bundle, 2), Err(TileError::Count { expected: 2, actual: 3 }));
    let cut = TileError::Cut { entry: 2, expected: 5, actual: 4 };
    assert_eq!(decode_bundle(&bundle.slice(..bundle.len() - 1), 3), Err(cut));
    let headless = TileError::Cut { entry: 2, expected: 2, actual: 1 };
    assert_eq!(decode_bundle(&bundle.slice(..8), 3), Err(headless));
    assert_eq!(encode_bundle([&vec![0; 65_536][..]]), Err(TileError::Entry { actual: 65_536 }));
    assert_eq!(encode_bundle([&vec![0; 65_535][..]]).unwrap().len(), 65_537);
}

proptest! {
    #[test]
    fn bundles_come_back(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..256)) {
        let bundle = encode_bundle(entries.iter().map(Vec::as_slice)).unwrap();
        let width = u16::try_from(entries.len()).unwrap();
        prop_assert_eq!(decode_bundle(&Bytes::from(bundle), width).unwrap(), entries);
    }
}
