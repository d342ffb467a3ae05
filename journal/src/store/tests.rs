//! The stored index against a plain map, and blocks cut into parts.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use domain::ids::{CommitId, Position, StreamVersion};
use domain::{Category, StreamId, Ulid};

use super::StoreError;
use super::parts::{self, PartKey};
use super::runs::Runs;
use crate::block::{self, BlockError};
use crate::group::Tail;
use crate::index::{Entries, Generation};
use crate::record;
use crate::tests::kit::{noise, parts};

fn stream(number: u64) -> StreamId {
    StreamId::new(Category(2), Ulid(number.into()))
}

fn commit(number: u64) -> CommitId {
    CommitId::from(Ulid(number.into()))
}

/// Commits `round * size ..`, each on one of 500 streams.
fn generation(round: u64, size: u64) -> Generation {
    let positions = round * size..(round + 1) * size;
    let head = |at| Tail { version: StreamVersion(at / 500), position: Position(at), chain: [3; 16] };
    let mut generation = Generation::default();
    generation.add(Entries {
        commits: positions.clone().map(|at| (commit(at), Position(at))).collect(),
        streams: positions.clone().map(|at| (stream(at % 500), head(at))).collect(),
        end: positions.end,
    });
    generation
}

fn check(runs: &Runs, end: u64) {
    let mut heads = HashMap::new();
    for at in 0..end {
        heads.insert(at % 500, at);
        assert_eq!(runs.commit(commit(at)).unwrap(), Some(Position(at)));
    }
    for (number, at) in heads {
        assert_eq!(runs.stream(stream(number)).unwrap().unwrap().position, Position(at), "stream {number}");
    }
    for unknown in end..end + 200 {
        assert_eq!(runs.commit(commit(unknown)).unwrap(), None);
    }
    assert_eq!(runs.stream(stream(500)).unwrap(), None);
    assert_eq!(runs.indexed_to(), end);
}

#[test]
fn merged_runs_find_every_commit_and_the_last_event_of_every_stream() {
    let dir = tempfile::tempdir().unwrap();
    let db = sled::Config::new().path(dir.path()).open().unwrap();
    let runs = Runs::open(&db).unwrap();
    for round in 0..75 {
        runs.add(&generation(round, 130)).unwrap();
        if round % 25 == 7 {
            check(&runs, (round + 1) * 130);
        }
    }
    check(&runs, 75 * 130);
    let stored = db.open_tree("runs").unwrap();
    let runs_stored =
        stored.iter().keys().map(|key| key.unwrap()[..8].to_vec()).collect::<std::collections::BTreeSet<_>>();
    assert!(runs_stored.len() < 20, "merged runs are removed: {}", runs_stored.len());
    check(&Runs::open(&db).unwrap(), 75 * 130);
}

#[test]
fn ids_that_come_in_no_order_are_found_whatever_older_and_newer_runs_hold() {
    let dir = tempfile::tempdir().unwrap();
    let db = sled::Config::new().path(dir.path()).open().unwrap();
    let runs = Runs::open(&db).unwrap();
    // Late, then early, then between them, and then all over the place: what an import brings.
    let mut at = 0;
    let mut all = Vec::new();
    for round in 0..20_u64 {
        let start = [9_000, 100, 4_000, 20_000][usize::try_from(round % 4).unwrap()] + round * 7;
        let commits: Vec<_> = (0..40).map(|number| (start + number * 131) * 1_000 + round).collect();
        let (mut entries, before) = (Entries::default(), at);
        for id in &commits {
            entries.commits.push((commit(*id), Position(at)));
            let tail = Tail { version: StreamVersion(0), position: Position(at), chain: [3; 16] };
            entries.streams.push((stream(*id), tail));
            at += 1;
        }
        entries.end = at;
        let mut generation = Generation::default();
        generation.add(entries);
        runs.add(&generation).unwrap();
        all.extend(commits.into_iter().zip(before..));
        for runs in [&runs, &Runs::open(&db).unwrap()] {
            for (id, at) in &all {
                assert_eq!(runs.commit(commit(*id)).unwrap(), Some(Position(*at)));
                assert_eq!(runs.stream(stream(*id)).unwrap().unwrap().position, Position(*at));
                assert_eq!(runs.commit(commit(id + 500)).unwrap(), None);
            }
        }
    }
}

#[test]
fn a_damaged_filter_or_manifest_voids_the_index_and_a_damaged_chunk_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let db = sled::Config::new().path(dir.path()).open().unwrap();
    Runs::open(&db).unwrap().add(&generation(0, 100)).unwrap();
    let damage = |tree: &str| {
        let tree = db.open_tree(tree).unwrap();
        let (key, value) = tree.iter().next().unwrap().unwrap();
        let mut altered = value.to_vec();
        altered[9] ^= 4;
        tree.insert(&key, altered).unwrap();
        move || drop(tree.insert(key, value).unwrap())
    };
    for tree in ["filters", "meta"] {
        let repair = damage(tree);
        assert_eq!(Runs::open(&db).unwrap().indexed_to(), 0, "{tree}");
        repair();
    }
    let _repair = damage("runs");
    let runs = Runs::open(&db).unwrap();
    assert_eq!(runs.indexed_to(), 100);
    assert!(runs.commit(commit(1)).is_err());
    runs.clear().unwrap();
    assert_eq!((runs.indexed_to(), runs.commit(commit(1)).unwrap()), (0, None));
}

#[test]
fn a_large_block_is_cut_and_joined_and_a_lost_part_is_named() {
    let mut body = Vec::new();
    record::encode(&parts(3, &noise(1, 200_000)), &mut body);
    let whole = block::encode(Position(3), 1, &body);
    let split = parts::split(&whole);
    assert_eq!(split.len(), 4);
    assert!(split.iter().all(|value| value.len() <= parts::MAX_LEN));
    let header = block::decode_header(&split[0]).unwrap();
    let join = |values: &[Bytes]| {
        let next = |part: u16| Ok::<_, StoreError>(values.get(usize::from(part)).cloned());
        parts::join(&header, values[0].clone(), next).unwrap()
    };
    assert_eq!(join(&split), Ok(whole));
    assert_eq!(join(&split[..3]), Err(BlockError::Part { part: 3, reason: "missing" }));
    let mut altered = split.clone();
    altered[2] = altered[2].iter().map(|byte| byte ^ 1).collect();
    assert_eq!(join(&altered), Err(BlockError::Part { part: 2, reason: "damaged" }));
}

#[test]
fn keys_sort_by_position_then_part() {
    let keys = [(0, 0), (0, 1), (1, 0), (255, 9), (256, 0), (u64::MAX, u16::MAX)];
    let encoded = keys.map(|(first, part)| PartKey { first, part }.encode());
    assert!(encoded.is_sorted());
    assert_eq!(encoded.map(|key| PartKey::decode(&key).map(|key| (key.first, key.part))), keys.map(Ok));
    assert!(PartKey::decode(b"short").is_err());
}

/// A folder as a killed process leaves it.
fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to.join("blobs")).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

fn small_segments(path: &std::path::Path) -> sled::Db {
    let config = sled::Config::new().path(path).segment_size(64 << 10).cache_capacity(64 << 10);
    config.flush_every_ms(None).open().unwrap()
}

fn content(tree: &sled::Tree) -> BTreeMap<Vec<u8>, Vec<u8>> {
    tree.iter().map(|entry| entry.map(|(key, value)| (key.to_vec(), value.to_vec())).unwrap()).collect()
}

#[test]
fn a_killed_process_leaves_what_a_snapshot_and_the_log_after_it_say() {
    let dir = tempfile::tempdir().unwrap();
    let (path, mut model) = (dir.path().join("db"), BTreeMap::new());
    let db = small_segments(&path);
    let tree = db.open_tree("t").unwrap();
    let mut seed = 1_u64;
    let mut next = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap()
    };
    for round in 0..40 {
        for _ in 0..150 {
            let key = (next() % 700).to_be_bytes().to_vec();
            match next() % 4 {
                0 => {
                    tree.remove(&key).unwrap();
                    model.remove(&key);
                }
                1 => {
                    let mut batch = sled::Batch::default();
                    for offset in 0..3_usize {
                        let (key, value) =
                            ((1_000 + next() % 90 + offset).to_be_bytes().to_vec(), noise(2, 40));
                        batch.insert(key.clone(), value.clone());
                        model.insert(key, value);
                    }
                    tree.apply_batch(batch).unwrap();
                }
                _ => {
                    let value = noise(u64::try_from(next()).unwrap(), next() % 400);
                    tree.insert(&key, value.clone()).unwrap();
                    model.insert(key, value);
                }
            }
        }
        // Now behind what was written before, now with much of it after.
        if round % 3 != 1 {
            assert!(db.context.pagecache.snapshot_after(0).unwrap());
        }
        db.flush().unwrap();
        let killed = dir.path().join(format!("killed-{round}"));
        copy(&path, &killed);
        // What a process that was killed over a snapshot leaves.
        std::fs::write(killed.join("snap.generating"), b"half of one").unwrap();
        for _ in 0..2 {
            let again = small_segments(&killed);
            assert_eq!(content(&again.open_tree("t").unwrap()), model, "round {round}");
            again.open_tree("t").unwrap().insert(b"more", b"x").unwrap();
            model.insert(b"more".to_vec(), b"x".to_vec());
        }
        model.remove(b"more".as_slice());
        std::fs::remove_dir_all(killed).unwrap();
    }
    let grown = path.join("db").metadata().unwrap().len();
    assert!(grown < 8 << 20, "segments are used again: {grown}");
}

#[test]
fn a_snapshot_taken_while_others_write_holds_no_part_of_a_batch() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("db");
    let db = small_segments(&path);
    let trees: Vec<_> = (0..3).map(|number| db.open_tree(format!("t{number}")).unwrap()).collect();
    std::thread::scope(|scope| {
        for tree in &trees {
            scope.spawn(move || {
                for round in 0..300_u64 {
                    let mut batch = sled::Batch::default();
                    (0..5_u64).for_each(|key| batch.insert(&key.to_be_bytes(), &round.to_be_bytes()));
                    batch.insert(&(round + 9).to_be_bytes(), noise(round, 200));
                    tree.apply_batch(batch).unwrap();
                }
            });
        }
        for _ in 0..50 {
            db.context.pagecache.snapshot_after(0).unwrap();
        }
    });
    db.flush().unwrap();
    copy(&path, &dir.path().join("killed"));
    let again = small_segments(&dir.path().join("killed"));
    for (number, tree) in trees.iter().enumerate() {
        assert_eq!(content(&again.open_tree(format!("t{number}")).unwrap()), content(tree), "tree {number}");
    }
}

#[test]
fn a_merge_cut_short_is_begun_anew_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let db = sled::Config::new().path(dir.path()).open().unwrap();
    let (size, rounds) = (9_000, 8);
    let runs = Runs::open(&db).unwrap();
    (0..rounds).for_each(|round| runs.add(&generation(round, size)).unwrap());
    // Begun with the last generation, and too large to be done with it.
    drop(runs);
    let stored = || -> Vec<Vec<u8>> {
        let tree = db.open_tree("runs").unwrap();
        let mut ids: Vec<_> = tree.iter().keys().map(|key| key.unwrap()[..8].to_vec()).collect();
        ids.dedup();
        ids
    };
    let merged = (2 * rounds).to_be_bytes().to_vec();
    assert!(stored().contains(&merged), "the merge has written something");
    let runs = Runs::open(&db).unwrap();
    check(&runs, rounds * size);
    (rounds..rounds + 40).for_each(|round| runs.add(&generation(round, size)).unwrap());
    check(&runs, (rounds + 40) * size);
    let after = stored();
    assert!(!after.contains(&merged), "{after:?}");
    // Eight levels' worth of runs of each kind would be a log of a million generations.
    assert!(after.len() < 40, "{}", after.len());
}

#[test]
fn a_run_that_no_manifest_came_to_name_takes_no_later_one_with_it() {
    for cut in [1_u64, 5] {
        let dir = tempfile::tempdir().unwrap();
        let db = sled::Config::new().path(dir.path()).open().unwrap();
        let meta = db.open_tree("meta").unwrap();
        let runs = Runs::open(&db).unwrap();
        (0..cut).for_each(|round| runs.add(&generation(round, 700)).unwrap());
        let named = meta.get("runs").unwrap().unwrap();
        runs.add(&generation(cut, 700)).unwrap();
        drop(runs);
        // The process was killed when the values of its last runs were there, and their names were not.
        meta.insert("runs", named).unwrap();
        let runs = Runs::open(&db).unwrap();
        // What is left over is removed bit by bit, while the log goes on.
        for round in cut..cut + 30 {
            runs.add(&generation(round, 700)).unwrap();
            check(&runs, (round + 1) * 700);
        }
        check(&Runs::open(&db).unwrap(), (cut + 30) * 700);
    }
}

#[test]
fn an_index_that_is_built_anew_is_not_removed_with_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    let db = sled::Config::new().path(dir.path()).open().unwrap();
    let runs = Runs::open(&db).unwrap();
    (0..5).for_each(|round| runs.add(&generation(round, 700)).unwrap());
    drop(runs);
    let filters = db.open_tree("filters").unwrap();
    let first = filters.iter().keys().next().unwrap().unwrap();
    filters.remove(first).unwrap();
    let runs = Runs::open(&db).unwrap();
    assert_eq!(runs.indexed_to(), 0, "it is void");
    for round in 0..30 {
        runs.add(&generation(round, 700)).unwrap();
        check(&runs, (round + 1) * 700);
    }
    check(&Runs::open(&db).unwrap(), 30 * 700);
}
