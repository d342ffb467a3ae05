//! The stored index against a plain map, and blocks cut into parts.

use std::collections::HashMap;

use bytes::Bytes;
use domain::ids::{CommitId, Position, StreamVersion};
use domain::{Category, StreamId, Ulid};

use super::StoreError;
use super::parts::{self, PartKey};
use super::runs::Runs;
use crate::block::{self, BlockError};
use crate::group::Tail;
use crate::index::Generation;
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
    Generation {
        commits: positions.clone().map(|at| (commit(at), Position(at))).collect(),
        streams: positions.clone().map(|at| (stream(at % 500), head(at))).collect(),
        end: positions.end,
    }
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
