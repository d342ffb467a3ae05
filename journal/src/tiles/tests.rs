//! What both stores of tiles promise.

use std::collections::BTreeSet;
use std::fs;

use super::{FileTiles, MemoryTiles, TileStore};

fn on_every_store(test: impl Fn(&dyn TileStore)) {
    test(&MemoryTiles::default());
    let dir = tempfile::tempdir().unwrap();
    test(&FileTiles::open(&dir.path().join("a/b/tiles"), false).unwrap());
}

#[test]
fn what_was_written_is_read_back_listed_and_replaced() {
    on_every_store(|store| {
        assert_eq!(store.read("tile/0/000").unwrap(), None);
        assert_eq!(store.list().unwrap(), [""; 0]);
        store.write("tile/0/000", b"long content").unwrap();
        store.write("tile/entries/x001/000.p/3", b"b").unwrap();
        store.sync().unwrap();
        store.sync().unwrap();
        store.write("tile/0/000", b"short").unwrap();
        store.replace("checkpoint", b"one").unwrap();
        store.replace("checkpoint", b"two").unwrap();
        assert_eq!(store.read("tile/0/000").unwrap().unwrap(), "short");
        assert_eq!(store.read("checkpoint").unwrap().unwrap(), "two");
        assert_eq!(store.list().unwrap(), ["checkpoint", "tile/0/000", "tile/entries/x001/000.p/3"]);
    });
}

#[test]
fn pruning_keeps_what_it_is_told_to_and_nothing_else_of_the_folder() {
    on_every_store(|store| {
        for name in ["1", "2", "30"] {
            store.write(&format!("tile/0/001.p/{name}"), b"x").unwrap();
        }
        store.write("tile/0/001", b"x").unwrap();
        store.write("tile/0/001.pq", b"x").unwrap();
        store.prune("tile/0/001.p", Some("30")).unwrap();
        assert_eq!(store.list().unwrap(), ["tile/0/001", "tile/0/001.p/30", "tile/0/001.pq"]);
        store.prune("tile/0/001.p", None).unwrap();
        store.prune("tile/0/001.p", None).unwrap();
        assert_eq!(store.list().unwrap(), ["tile/0/001", "tile/0/001.pq"]);
        store.write("tile/0/001.p/4", b"again").unwrap();
        store.sync().unwrap();
        assert_eq!(store.read("tile/0/001.p/4").unwrap().unwrap(), "again");
    });
}

#[test]
fn many_files_share_one_sync_and_none_is_kept_open() {
    let dir = tempfile::tempdir().unwrap();
    let store = FileTiles::open(dir.path(), false).unwrap();
    let open = || fs::read_dir("/proc/self/fd").unwrap().count();
    let before = open();
    let mut expected = BTreeSet::new();
    for number in 0..300 {
        let path = format!("tile/0/{number:03}");
        store.write(&path, path.as_bytes()).unwrap();
        expected.insert(path);
    }
    assert!(open() < before + 100, "files stay open");
    store.sync().unwrap();
    assert_eq!(store.list().unwrap().into_iter().collect::<BTreeSet<_>>(), expected);
}

#[test]
fn a_folder_that_is_only_read_is_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let store = FileTiles::open(&dir.path().join("tiles"), true).unwrap();
    assert_eq!((store.read("checkpoint").unwrap(), store.list().unwrap().len()), (None, 0));
    assert!(!dir.path().join("tiles").exists());
}
