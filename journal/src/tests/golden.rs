//! The files of a small fixed log's tree, byte for byte: whoever reads them reads them for ever.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::RwLock;

use domain::ids::LogId;
use proof::{Checkpoint, SigningKey, entry, tile};

use super::kit::{commit, event, options};
use crate::keys::{self, Keys};
use crate::store::Store;
use crate::store::memory::MemoryStore;
use crate::tiles::{TileStore, in_memory};
use crate::{Journal, NewCommit};

type Files = BTreeMap<String, Vec<u8>>;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/tiles-1")
}

/// 260 small events in commits of one to four, and a record too long for a bundle.
fn fixed_log() -> Journal {
    let log_id = LogId::from_bytes([1; 16]);
    let store = MemoryStore::of(log_id);
    let mut tiles = in_memory(&store.identity());
    let key = SigningKey::from_seed(keys::name(log_id), &[7; 32]).unwrap();
    tiles.keys = Some(RwLock::new(Keys::of(key, None)));
    let journal = Journal::start(Box::new(store), tiles, options()).unwrap();
    let mut events = 0;
    for id in 0_u128.. {
        let count = usize::try_from(id % 4 + 1).unwrap().min(260 - events);
        if count == 0 {
            break;
        }
        let small = |at: usize| event(&[u8::try_from(at % 251).unwrap()]);
        let events_of = (events..events + count).map(small).collect();
        drop(journal.append(NewCommit { events: events_of, ..commit(id % 3, id, 0) }));
        events += count;
    }
    journal.append(NewCommit { events: vec![event(&[9; 70_000])], ..commit(1, 1_000, 0) }).wait().unwrap();
    journal.checkpoint_now().unwrap();
    journal
}

fn written(journal: &Journal) -> Files {
    let store = &journal.shared().tiles.store;
    let read = |path: String| {
        let bytes = store.read(&path).unwrap().unwrap().to_vec();
        (path, bytes)
    };
    store.list().unwrap().into_iter().map(read).collect()
}

fn golden() -> Files {
    let store = crate::tiles::FileTiles::open(&folder(), true).unwrap();
    let read = |path: String| {
        let bytes = fs::read(folder().join(&path)).unwrap();
        (path, bytes)
    };
    store.list().unwrap().into_iter().map(read).collect()
}

#[test]
fn the_tree_of_a_fixed_log_is_written_as_it_was_before() {
    let files = written(&fixed_log());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        for (path, bytes) in &files {
            let path = folder().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
    let golden = golden();
    assert_eq!(files.keys().collect::<Vec<_>>(), golden.keys().collect::<Vec<_>>());
    for (path, bytes) in files {
        assert!(golden[&path] == bytes, "`{path}` is written with other bytes than before");
    }
}

#[test]
fn the_golden_tree_is_read_as_others_read_it() {
    let files = golden();
    let name = keys::name(LogId::from_bytes([1; 16]));
    let key = SigningKey::from_seed(&name, &[7; 32]).unwrap().verifying_key().clone();
    let (checkpoint, _) = Checkpoint::open(&files["checkpoint"], &format!("{name}/1"), &[key]).unwrap();
    let mut frontier = proof::Frontier::new();
    for id in tile::bundles(checkpoint.size) {
        let bundle = files[&id.path()].clone().into();
        for (at, stored) in tile::decode_bundle(&bundle, id.width).unwrap().into_iter().enumerate() {
            let record = match entry::StandIn::parse(&stored) {
                Some(stand_in) => files[&stand_in.path()].clone().into(),
                None => stored.clone(),
            };
            let record = crate::RawRecord::parse(record).unwrap();
            assert_eq!(record.position().0, id.index * tile::WIDTH + at as u64);
            frontier.push(entry::leaf(record.bytes()));
        }
    }
    assert_eq!((frontier.size(), frontier.root()), (261, checkpoint.root));
}
