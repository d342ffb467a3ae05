//! The leaves of the patched storage engine against a plain map, also where an append splits the last one.

use std::collections::BTreeMap;
use std::path::Path;

use sled::{Config, Db, Tree};

use super::sled::SEGMENT_LEN;
use crate::tests::kit::noise;

type Model = BTreeMap<Vec<u8>, Vec<u8>>;

fn open(dir: &Path) -> Db {
    // So small a cache that leaves are read back from the file, piece by piece.
    Config::new()
        .path(dir)
        .segment_size(SEGMENT_LEN)
        .cache_capacity(64 << 10)
        .flush_every_ms(None)
        .open()
        .unwrap()
}

fn check(tree: &Tree, model: &Model, context: &str) {
    let stored: Vec<_> = tree.iter().map(Result::unwrap).collect();
    assert_eq!(stored.len(), model.len(), "{context}");
    for ((key, value), (wanted_key, wanted)) in stored.iter().zip(model) {
        assert_eq!((&key[..], &value[..]), (&wanted_key[..], &wanted[..]), "{context}");
    }
    let backwards = tree.iter().rev().map(|entry| entry.unwrap().0.to_vec());
    assert!(backwards.eq(model.keys().rev().cloned()), "{context}");
    for bound in model.keys().step_by(7) {
        let floor = tree.range(..=bound.clone()).next_back().map(|entry| entry.unwrap().0.to_vec());
        assert_eq!(floor.as_ref(), Some(bound), "{context}");
        let above = tree.get_gt(bound).unwrap().map(|(key, _)| key.to_vec());
        let wanted =
            model.range((std::ops::Bound::Excluded(bound.clone()), std::ops::Bound::Unbounded)).next();
        assert_eq!(above.as_ref(), wanted.map(|(key, _)| key), "{context}");
    }
}

/// Appends, mostly, with keys of several lengths; some are put in between, overwritten or removed, also the last ones.
fn step(tree: &Tree, model: &mut Model, state: u64) {
    let last = model.keys().next_back().map_or(0, |key| u64::from_be_bytes(key[..8].try_into().unwrap()));
    let some =
        |share: u64| model.keys().nth((state >> 8) as usize % model.len().max(1)).filter(|_| share > 0);
    let key = match state % 16 {
        0 => some(1).map(|key| [key.as_slice(), b"-after"].concat()),
        1 | 2 => some(1).cloned(),
        3 => model.keys().next_back().cloned(),
        _ => None,
    };
    let remove = matches!(state % 16, 2 | 3);
    let key = key.unwrap_or_else(|| (last + 1 + state % 3).to_be_bytes().to_vec());
    if remove {
        assert_eq!(tree.remove(&key).unwrap().map(|old| old.to_vec()), model.remove(&key));
    } else {
        let value = noise(state | 1, (state >> 20) as usize % 3000);
        tree.insert(&key, value.as_slice()).unwrap();
        model.insert(key, value);
    }
}

#[test]
fn appended_overwritten_and_removed_keys_are_found_before_and_after_every_reopening() {
    for seed in 1..=12_u64 {
        let dir = tempfile::tempdir().unwrap();
        let mut model = Model::new();
        let mut random = noise(seed * 7919, 8 * 6000);
        let mut numbers =
            random.chunks_exact_mut(8).map(|bytes| u64::from_be_bytes((&*bytes).try_into().unwrap()));
        for round in 0..4 {
            let db = open(dir.path());
            let tree = db.open_tree("log").unwrap();
            check(&tree, &model, &format!("seed {seed}, round {round}, opened"));
            for _ in 0..40 << (2 * round % 5) {
                step(&tree, &mut model, numbers.next().expect("there are enough"));
            }
            check(&tree, &model, &format!("seed {seed}, round {round}"));
            db.flush().unwrap();
        }
    }
}

#[test]
fn an_emptied_tree_fills_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = Model::new();
    for round in 0..3_u64 {
        let db = open(dir.path());
        let tree = db.open_tree("log").unwrap();
        for number in 0..100_u64 {
            let key = (round * 1000 + number).to_be_bytes().to_vec();
            tree.insert(&key, b"value".as_slice()).unwrap();
            model.insert(key, b"value".to_vec());
        }
        check(&tree, &model, "filled");
        for key in std::mem::take(&mut model).into_keys() {
            tree.remove(key).unwrap();
        }
        check(&tree, &model, "emptied");
    }
}

#[test]
fn an_append_writes_little_more_than_what_is_appended() {
    let dir = tempfile::tempdir().unwrap();
    let db = open(dir.path());
    let tree = db.open_tree("log").unwrap();
    let (count, length) = (3000_u64, 20_000);
    for number in 0..count {
        tree.insert(number.to_be_bytes(), noise(number + 1, length)).unwrap();
    }
    db.flush().unwrap();
    let written = std::fs::metadata(dir.path().join("db")).unwrap().len();
    let appended = count * length as u64;
    // One entry in 16 is written twice; the file ends with whole segments, one of them filled ahead.
    let allowed = appended + appended / 8 + 3 * SEGMENT_LEN as u64;
    assert!(written < allowed, "{appended} bytes were appended, {written} written");
}
