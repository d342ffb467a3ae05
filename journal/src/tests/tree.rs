//! Checkpoints, tiles and proofs as others check them: on every store, across restarts, and under faults.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use domain::ids::Position;
use proof::tile::{self, BundleId, TileId};
use proof::{Checkpoint, Frontier, Hash, Note, entry, tree};
use tempfile::tempdir;

use super::kit::{FaultyTiles, commit, event, noise, on_every_store, open, options, with_tiles};
use crate::{CloseError, Journal, NewCommit, Options, ProveError};

/// Commits of several sizes, two records of which are too long for a bundle.
fn fill(journal: &Journal, from: u128, commits: u128) {
    for id in from..from + commits {
        journal.wait_ready();
        let count = usize::try_from(id % 5 + 1).unwrap();
        drop(journal.append(commit(id % 7, id, count)));
    }
    let large = |id: u128| NewCommit { events: vec![event(&noise(3, 70_000))], ..commit(1, id, 0) };
    journal.append(large(from + 1_000_000)).wait().unwrap();
}

fn leaves(journal: &Journal) -> Vec<Hash> {
    let records = journal.read(None, usize::MAX, usize::MAX).unwrap();
    records.iter().map(|record| entry::leaf(record.bytes())).collect()
}

fn root_of(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::new();
    leaves.iter().for_each(|leaf| frontier.push(*leaf));
    frontier.root()
}

fn signed(journal: &Journal) -> Checkpoint {
    let id = journal.identity();
    let origin = format!("waybill/{}/{}", id.log_id, id.epoch);
    let note = journal.checkpoint().unwrap();
    Checkpoint::open(note.as_bytes(), &origin, &[journal.verifying_key().unwrap()]).unwrap().0
}

#[test]
fn every_event_and_every_earlier_tree_is_proven() {
    on_every_store(options, |journal| {
        assert_eq!(signed(journal).size, 0);
        fill(journal, 0, 300);
        journal.checkpoint_now().unwrap();
        let (leaves, checkpoint) = (leaves(journal), signed(journal));
        let size = leaves.len() as u64;
        assert_eq!((checkpoint.size, checkpoint.root), (size, root_of(&leaves)));
        assert!(checkpoint.extension("time").unwrap().ends_with('Z'));
        for (at, leaf) in leaves.iter().enumerate() {
            let index = at as u64;
            for size in [size, index + 1, (index + 257).min(size)] {
                let root = journal.root_at(size).unwrap();
                let proof = journal.inclusion(Position(index), size).unwrap();
                tree::verify_inclusion(index, size, leaf, &proof, &root).unwrap();
            }
            let from = index + 1;
            assert_eq!(journal.root_at(from).unwrap(), root_of(&leaves[..=at]));
            let proof = journal.consistency(from, size).unwrap();
            let root = journal.root_at(from).unwrap();
            tree::verify_consistency(from, &root, size, &checkpoint.root, &proof).unwrap();
        }
    });
}

#[test]
fn questions_without_an_answer_are_refused() {
    on_every_store(options, |journal| {
        fill(journal, 0, 3);
        journal.checkpoint_now().unwrap();
        let size = journal.status().checkpoint.size;
        let beyond = Err(ProveError::Beyond { signed: size, size: size + 1 });
        assert_eq!(journal.inclusion(Position(0), size + 1), beyond);
        assert_eq!(journal.consistency(1, size + 1), beyond);
        assert_eq!(journal.root_at(size + 1).map(|_| Vec::new()), beyond);
        assert!(matches!(journal.inclusion(Position(2), 2), Err(ProveError::Proof(_))));
        assert!(matches!(journal.consistency(3, 2), Err(ProveError::Proof(_))));
        assert!(matches!(journal.consistency(0, 2), Err(ProveError::Proof(_))));
        for path in
            ["", "lock", "../lock", "tile/0/../../lock", "tile/0/001", "tile/1/000.p/1", "tile/63/000"]
        {
            assert_eq!(journal.tile(path).unwrap(), None, "{path}");
        }
        assert_eq!(journal.tile(&format!("tile/0/000.p/{}", size + 1)).unwrap(), None);
        assert_eq!(journal.tile("tile/entries/000").unwrap(), None);
        assert_eq!(journal.tile(&format!("records/{}", "0".repeat(64))).unwrap(), None);
    });
}

#[test]
fn tiles_hold_every_entry_and_hash_in_any_width() {
    on_every_store(options, |journal| {
        fill(journal, 0, 250);
        journal.checkpoint_now().unwrap();
        let records = journal.read(None, usize::MAX, usize::MAX).unwrap();
        let size = records.len() as u64;
        assert_eq!(journal.tile("checkpoint").unwrap().unwrap(), journal.checkpoint().unwrap());
        let mut entries = Vec::new();
        for id in tile::bundles(size) {
            let bundle = journal.tile(&id.path()).unwrap().unwrap();
            entries.extend(tile::decode_bundle(&bundle, id.width).unwrap());
            let narrow = BundleId { width: id.width - 1, ..id };
            let bundle = journal.tile(&narrow.path()).unwrap().unwrap();
            assert_eq!(tile::decode_bundle(&bundle, narrow.width).unwrap().len(), usize::from(narrow.width));
        }
        for (record, stored) in records.iter().zip(&entries) {
            assert_eq!(entry::entry(record.bytes()), &stored[..]);
            if let Some(stand_in) = entry::StandIn::parse(stored) {
                assert_eq!(journal.tile(&stand_in.path()).unwrap().unwrap(), *record.bytes());
            }
        }
        assert_eq!(entries.len(), records.len());
        for id in tile::tiles(size) {
            let hashes = tile::decode_tile(&journal.tile(&id.path()).unwrap().unwrap(), id.width).unwrap();
            let narrow = TileId { width: 1, ..id };
            assert_eq!(journal.tile(&narrow.path()).unwrap().unwrap(), hashes[0].0.as_slice());
        }
    });
}

/// All files below `tiles`, without the folder.
fn files(dir: &Path) -> BTreeSet<String> {
    let store = crate::tiles::FileTiles::open(&dir.join("tiles"), true).unwrap();
    crate::tiles::TileStore::list(&store).unwrap().into_iter().collect()
}

fn expected_files(size: u64) -> BTreeSet<String> {
    let paths = tile::tiles(size).map(|id| id.path()).chain(tile::bundles(size).map(|id| id.path()));
    paths.chain(["checkpoint".to_owned()]).collect()
}

#[test]
fn the_tree_goes_on_across_restarts_and_leaves_nothing_behind() {
    let dir = tempdir().unwrap();
    let mut before: Option<Checkpoint> = None;
    for round in 0..13_u128 {
        let journal = open(dir.path());
        assert_eq!(journal.notes().len(), 0);
        for id in 0..37 {
            drop(journal.append(commit(round, round * 1000 + id, usize::try_from(round).unwrap() + 1)));
            if id == 20 {
                journal.checkpoint_now().unwrap();
            }
        }
        if round % 3 == 2 {
            journal.barrier().wait().unwrap();
            journal.shared().tiles.signal.abandon();
        } else {
            journal.close().unwrap();
        }
        let now = signed(&journal);
        if let Some(before) = before {
            let proof = journal.consistency(before.size, now.size).unwrap();
            tree::verify_consistency(before.size, &before.root, now.size, &now.root, &proof).unwrap();
        }
        assert_eq!(now.root, root_of(&leaves(&journal)[..usize::try_from(now.size).unwrap()]));
        let (found, expected) = (files(dir.path()), expected_files(now.size));
        // What a stop in between leaves goes when the tree gets there.
        assert!(
            if round % 3 == 2 { found.is_superset(&expected) } else { found == expected },
            "{round}: {found:?}"
        );
        before = Some(now);
    }
    assert!(before.unwrap().size > 2 * 256);
}

#[test]
fn what_a_crash_leaves_beyond_the_checkpoint_is_never_trusted() {
    let dir = tempdir().unwrap();
    let journal = open(dir.path());
    fill(&journal, 0, 50);
    journal.close().unwrap();
    drop(journal);
    // As if the power had gone while tiles of the next checkpoint were written.
    let garbage = dir.path().join("tiles/tile/entries/000");
    fs::write(&garbage, "half").unwrap();
    fs::create_dir_all(dir.path().join("tiles/tile/0/001.p")).unwrap();
    fs::write(dir.path().join("tiles/tile/0/001.p/7"), "half").unwrap();
    let journal = open(dir.path());
    let report = journal.verify(|_| {});
    assert!(
        report.is_sound() && report.notes.iter().any(|note| note.contains("2 files beside")),
        "{report:?}"
    );
    fill(&journal, 100, 300);
    journal.close().unwrap();
    let report = journal.verify(|_| {});
    assert!(report.is_sound() && report.notes.is_empty(), "{report:?}");
    assert_eq!(journal.status().checkpoint.behind_events, 0);
}

#[test]
fn a_checkpoint_comes_by_itself_and_always_closes_a_commit() {
    let dir = tempdir().unwrap();
    let journal = open(dir.path());
    let mut sizes = BTreeSet::new();
    let mut id = 0;
    while sizes.len() < 3 {
        journal.wait_ready();
        drop(journal.append(commit(1, id, 100)));
        id += 1;
        sizes.insert(journal.status().checkpoint.size);
    }
    assert!(sizes.iter().all(|size| size % 100 == 0), "{sizes:?}");
}

#[test]
fn every_flipped_bit_of_tiles_checkpoint_and_keys_is_found() {
    let dir = tempdir().unwrap();
    let journal = open(dir.path());
    fill(&journal, 0, 90);
    fill(&journal, 1000, 20);
    journal.close().unwrap();
    drop(journal);
    let tiles = files(dir.path()).into_iter().map(|path| format!("tiles/{path}"));
    for path in tiles.chain(["keys/log.key".to_owned(), "keys/log.pub".to_owned()]) {
        let path = dir.path().join(path);
        let good = fs::read(&path).unwrap();
        for step in 0..12 {
            let bit = (good.len() * 8 - 1) * step / 11;
            let mut altered = good.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, &altered).unwrap();
            let journal = Journal::open(dir.path(), Options { read_only: true, ..options() }).unwrap();
            let report = journal.verify(|_| {});
            assert_eq!(report.nothing_altered, Some(false), "bit {bit} of {}: {report:?}", path.display());
        }
        fs::remove_file(&path).unwrap();
        let journal = Journal::open(dir.path(), Options { read_only: true, ..options() }).unwrap();
        let report = journal.verify(|_| {});
        let is_key = path.parent().unwrap().ends_with("keys");
        assert!(is_key || !report.is_sound(), "{} is missing: {report:?}", path.display());
        drop(journal);
        fs::write(&path, good).unwrap();
        if is_key {
            super::kit::only_for_owner(&path);
        }
    }
    assert!(open(dir.path()).verify(|_| {}).is_sound());
}

#[test]
fn failing_tiles_hold_back_no_append_and_are_written_anew_afterwards() {
    for fault in [FaultyTiles::WRITE, FaultyTiles::SYNC, FaultyTiles::REPLACE] {
        let (journal, faults) = with_tiles(options());
        fill(&journal, 0, 20);
        journal.checkpoint_now().unwrap();
        let before = journal.status().checkpoint;
        faults.set(fault);
        fill(&journal, 100, 200);
        let error = journal.checkpoint_now().unwrap_err();
        assert!(error.reason.contains("asked for by the test"), "{error}");
        let behind = journal.status().checkpoint;
        assert_eq!((behind.size, behind.root), (before.size, before.root));
        assert!(behind.behind_events > 0 && behind.failing.is_some());
        // Everything that was not signed is lost, as if the disk had never had it.
        faults.forget_unsynced();
        faults.set(FaultyTiles::NONE);
        journal.checkpoint_now().unwrap();
        let now = journal.status().checkpoint;
        assert_eq!((now.behind_events, now.failing, now.root), (0, None, root_of(&leaves(&journal))));
        assert!(journal.verify(|_| {}).is_sound());
    }
}

#[test]
fn a_log_whose_tiles_fail_says_so_when_it_is_closed() {
    let (journal, faults) = with_tiles(options());
    faults.set(FaultyTiles::SYNC);
    fill(&journal, 0, 1);
    assert!(matches!(journal.close(), Err(CloseError::Behind { reason }) if reason.contains("asked for")));
    assert!(journal.checkpoint_now().is_err());
}

#[test]
fn tiles_that_do_not_extend_the_signed_tree_are_never_signed() {
    let journal = Journal::memory(options());
    fill(&journal, 0, 200);
    let before = journal.checkpoint_now().unwrap();
    let mut other = (*journal.shared().tiles.signed().unwrap()).clone();
    other.checkpoint.root = Hash([7; 32]);
    *journal.shared().tiles.signed.write().unwrap() = Some(Arc::new(other));
    fill(&journal, 1000, 200);
    let error = journal.checkpoint_now().unwrap_err();
    assert!(error.reason.contains("do not extend"), "{error}");
    assert_eq!(journal.checkpoint(), Some(before.clone()));
    assert_eq!(journal.shared().tiles.store.read("checkpoint").unwrap().unwrap(), before);
}

#[test]
fn a_log_opened_for_reading_proves_what_was_signed() {
    let dir = tempdir().unwrap();
    let journal = open(dir.path());
    fill(&journal, 0, 10);
    journal.close().unwrap();
    let (size, note) = (journal.status().checkpoint.size, journal.checkpoint());
    drop(journal);
    let journal = Journal::open(dir.path(), Options { read_only: true, ..options() }).unwrap();
    assert_eq!((journal.checkpoint(), journal.status().checkpoint.behind_events), (note, 0));
    assert_eq!(journal.root_at(size).unwrap(), root_of(&leaves(&journal)));
    assert!(journal.checkpoint_now().is_err());
}

fn since(journal: &Journal, note: &str) -> crate::VerifyReport {
    let options = crate::VerifyOptions { since: Some(note.as_bytes().to_vec()), ..Default::default() };
    journal.verify_with(&options, |_| {}, |_| {})
}

#[test]
fn what_came_after_an_earlier_checkpoint_is_verified_alone() {
    let dir = tempdir().unwrap();
    let journal = open(dir.path());
    let mut notes = vec![journal.checkpoint().unwrap()];
    for round in 0..4_u128 {
        fill(&journal, 1000 * round, 100);
        notes.push(journal.checkpoint_now().unwrap());
    }
    let all = journal.watermark().unwrap().0 + 1;
    for note in &notes {
        let size = Checkpoint::parse(Note::parse(note.as_bytes()).unwrap().text()).unwrap().size;
        let report = since(&journal, note);
        assert!(report.is_sound(), "{report:?}");
        assert_eq!((report.events, report.since.unwrap().size), (all - size, size));
    }
    // A checkpoint that says something else, signed by the very key, is what shows a forked log.
    let keys = journal.shared().tiles.keys().unwrap();
    let forged = Checkpoint { root: Hash([7; 32]), ..signed(&journal) };
    let forged = forged.sign(&[keys.signing.as_ref().unwrap()]).unwrap().encode();
    let report = since(&journal, &forged);
    assert_eq!((report.nothing_altered, report.since), (Some(false), None));
    let longer = Checkpoint { size: all + 1, ..signed(&journal) };
    let longer = longer.sign(&[keys.signing.as_ref().unwrap()]).unwrap().encode();
    assert_eq!(since(&journal, &longer).nothing_missing, Some(false));
    let other = Journal::memory(options()).checkpoint().unwrap();
    let report = since(&journal, &other);
    assert!(report.unknown_key && report.nothing_altered.is_none(), "{report:?}");
    assert_eq!(since(&journal, "garbage").nothing_altered, None);
}

#[test]
fn one_stream_is_checked_by_its_chain_and_the_signed_tree() {
    on_every_store(options, |journal| {
        fill(journal, 0, 200);
        journal.checkpoint_now().unwrap();
        let mut seen = 0;
        let stream = super::kit::stream(3);
        let report = journal.verify_stream(stream, &crate::VerifyOptions::default(), |record| {
            assert_eq!((record.stream(), record.version().0), (stream, seen));
            seen += 1;
        });
        assert!(report.is_sound() && report.events == seen && seen > 50, "{report:?}");
        let mut other = (*journal.shared().tiles.signed().unwrap()).clone();
        other.checkpoint.root = Hash([7; 32]);
        let keys = journal.shared().tiles.keys().unwrap();
        let note = other.checkpoint.sign(&[keys.signing.as_ref().unwrap()]).unwrap().encode();
        let good = journal.checkpoint().unwrap();
        journal.shared().tiles.store.replace("checkpoint", note.as_bytes()).unwrap();
        let report = journal.verify_stream(stream, &crate::VerifyOptions::default(), |_| {});
        assert_eq!((report.nothing_altered, report.fault_count), (Some(false), seen));
        journal.shared().tiles.store.replace("checkpoint", good.as_bytes()).unwrap();
    });
}
