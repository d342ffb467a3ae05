//! Damage from outside: refused or named, never taken for a shorter log.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use domain::ids::{LogId, Position};
use proof::SigningKey;
use tempfile::{TempDir, tempdir};

use super::kit::{commit, open, options};
use crate::block;
use crate::earlier;
use crate::tiles::Anchor;
use crate::{AppendError, Journal, OpenError, Options, ReadError, VerifyOptions, VerifyReport};

/// A closed log of 20 events in 20 blocks.
fn closed_log() -> TempDir {
    let dir = tempdir().unwrap();
    let journal = open(dir.path());
    for id in 0..20 {
        journal.append(commit(id % 4, id, 1)).wait().unwrap();
    }
    journal.close().unwrap();
    dir
}

/// Changes stored blocks behind the log's back.
pub(super) fn edit(dir: &Path, change: impl FnOnce(&sled::Tree)) {
    let db =
        sled::Config::new().path(dir.join("log")).segment_size(8 << 20).flush_every_ms(None).open().unwrap();
    change(&db.open_tree("log").unwrap());
    db.flush().unwrap();
}

pub(super) fn key(position: u64) -> Vec<u8> {
    [position.to_be_bytes().as_slice(), &[0, 0]].concat()
}

fn flip(dir: &Path, position: u64, byte: usize) {
    edit(dir, |tree| {
        let mut value = tree.get(key(position)).unwrap().unwrap().to_vec();
        value[byte] ^= 0x10;
        tree.insert(key(position), value).unwrap();
    });
}

fn read_only() -> Options {
    Options { read_only: true, ..options() }
}

fn verify(journal: &Journal) -> VerifyReport {
    let mut seen = 0;
    let report = journal.verify(|progress| seen = progress.events);
    assert_eq!(seen, report.events);
    report
}

fn positions(report: &VerifyReport) -> Vec<u64> {
    report.faults.iter().map(|fault| fault.position.0).collect()
}

#[test]
fn a_flipped_bit_is_named_by_reads_and_by_verify() {
    for byte in [0, 5, 9, 30, 34, 60, 120] {
        let dir = closed_log();
        flip(dir.path(), 7, byte);
        let refused = Journal::open(dir.path(), options()).unwrap_err();
        assert!(matches!(refused, OpenError::Read(ReadError::Block { .. })), "byte {byte}: {refused}");
        let journal = Journal::open(dir.path(), read_only()).unwrap();
        let error = journal.read(Some(Position(5)), 10, usize::MAX).unwrap_err();
        assert!(matches!(error, ReadError::Block { position: Position(7), .. }), "byte {byte}: {error}");
        assert!(journal.get(Position(7)).is_err());
        assert_eq!(journal.read(None, 7, usize::MAX).unwrap().len(), 7);
        assert_eq!(journal.read(Some(Position(7)), 100, usize::MAX).unwrap().len(), 12);
        let report = verify(&journal);
        assert_eq!((report.nothing_altered, report.events), (Some(false), 19), "byte {byte}");
        assert!(positions(&report).contains(&7));
    }
}

#[test]
fn a_removed_block_is_missing_but_nothing_is_altered() {
    let dir = closed_log();
    edit(dir.path(), |tree| drop(tree.remove(key(7)).unwrap()));
    assert!(matches!(Journal::open(dir.path(), options()), Err(OpenError::Read(ReadError::Missing { .. }))));
    let journal = Journal::open(dir.path(), read_only()).unwrap();
    assert_eq!(journal.get(Position(7)), Err(ReadError::Missing { position: Position(7) }));
    let report = verify(&journal);
    // The tiles still hold the event, so that the tree is checked to its root.
    assert_eq!((report.nothing_altered, report.nothing_missing), (Some(true), Some(false)));
    assert!(!report.is_sound());
    assert!(report.faults[0].what.contains("1 events are missing"), "{:?}", report.faults);
}

#[test]
fn a_log_that_ends_too_early_is_refused_and_says_by_how_much() {
    let dir = closed_log();
    edit(dir.path(), |tree| {
        for position in 17..20 {
            tree.remove(key(position)).unwrap();
        }
    });
    let error = Journal::open(dir.path(), options()).unwrap_err();
    assert!(matches!(error, OpenError::Shortened { expected: 20, actual: 17 }));
    assert_eq!(error.to_string(), "the log should hold 20 events, holds 17: 3 are missing");
    assert!(error.hint().contains("backup"));
    // Refusing has cut nothing off: it stays refused, and what is there can be read.
    assert!(Journal::open(dir.path(), options()).is_err());
    let journal = Journal::open(dir.path(), read_only()).unwrap();
    assert_eq!(journal.append(commit(1, 99, 1)).wait(), Err(AppendError::ReadOnly));
    assert_eq!(journal.watermark(), Some(Position(16)));
    assert_eq!(journal.notes().len(), 1);
    let report = verify(&journal);
    assert_eq!((report.nothing_altered, report.nothing_missing), (Some(true), Some(false)));
    assert_eq!(report.checkpoint.unwrap().size, 20);
}

#[test]
fn an_emptied_log_is_refused() {
    let dir = closed_log();
    fs::remove_dir_all(dir.path().join("log")).unwrap();
    assert!(matches!(Journal::open(dir.path(), options()), Err(OpenError::Gone { expected: 20 })));
}

#[test]
fn a_damaged_last_block_is_refused_but_the_rest_can_be_read() {
    let dir = closed_log();
    flip(dir.path(), 19, 10);
    assert!(matches!(Journal::open(dir.path(), options()), Err(OpenError::Read(ReadError::Block { .. }))));
    let journal = Journal::open(dir.path(), read_only()).unwrap();
    assert_eq!(journal.watermark(), Some(Position(18)));
    assert_eq!(verify(&journal).nothing_altered, Some(false));
}

/// Makes a folder one of the earlier layout: a head file, no tiles and no keys.
fn make_earlier(dir: &Path, count: u64) -> Anchor {
    let log_id = open(dir).identity().log_id;
    fs::remove_dir_all(dir.join("tiles")).unwrap();
    fs::remove_dir_all(dir.join("keys")).unwrap();
    let anchor = Anchor { log_id, epoch: 1, count };
    fs::write(dir.join("head"), earlier::encode(anchor)).unwrap();
    anchor
}

#[test]
fn missing_tiles_are_built_again_but_not_silently() {
    let dir = closed_log();
    fs::remove_dir_all(dir.path().join("tiles")).unwrap();
    let journal = Journal::open(dir.path(), read_only()).unwrap();
    let report = verify(&journal);
    assert_eq!((report.nothing_altered, report.nothing_missing, report.fault_count), (None, None, 0));
    drop(journal);
    let journal = open(dir.path());
    assert!(journal.notes()[0].contains("no signed checkpoint"), "{:?}", journal.notes());
    journal.checkpoint_now().unwrap();
    assert_eq!(journal.status().checkpoint.size, 20);
    assert!(verify(&journal).is_sound());
}

#[test]
fn the_head_file_of_the_earlier_layout_is_compared_once_and_then_the_tree_is_built() {
    let dir = closed_log();
    let anchor = make_earlier(dir.path(), 20);
    let head = dir.path().join("head");
    let write = |anchor| fs::write(&head, earlier::encode(anchor)).unwrap();
    let report = verify(&Journal::open(dir.path(), read_only()).unwrap());
    assert_eq!((report.nothing_altered, report.nothing_missing), (None, Some(true)));
    write(Anchor { count: 21, ..anchor });
    let error = Journal::open(dir.path(), options()).unwrap_err();
    assert!(matches!(error, OpenError::Shortened { expected: 21, actual: 20 }), "{error}");
    write(Anchor { log_id: LogId::from_bytes([9; 16]), ..anchor });
    assert!(matches!(Journal::open(dir.path(), options()), Err(OpenError::OtherLog { .. })));
    write(Anchor { epoch: 2, ..anchor });
    let error = Journal::open(dir.path(), options()).unwrap_err();
    assert!(matches!(error, OpenError::OtherEpoch { expected: 2, actual: 1 }), "{error}");
    fs::write(&head, "garbage").unwrap();
    assert!(matches!(Journal::open(dir.path(), options()), Err(OpenError::Head { .. })));
    assert!(Journal::open(dir.path(), read_only()).unwrap().notes()[0].contains("damaged"));
    write(anchor);
    let journal = open(dir.path());
    journal.close().unwrap();
    assert_eq!(journal.status().checkpoint.size, 20);
    drop(journal);
    // From now on the checkpoint counts, and the file is left as it is.
    write(Anchor { count: 99, ..anchor });
    assert!(verify(&open(dir.path())).is_sound());
    assert!(head.exists());
}

#[test]
fn a_checkpoint_of_another_log_or_altered_is_refused() {
    let (dir, other) = (closed_log(), closed_log());
    let (path, good) = (dir.path().join("tiles/checkpoint"), dir.path().join("good"));
    fs::copy(&path, &good).unwrap();
    fs::copy(other.path().join("tiles/checkpoint"), &path).unwrap();
    assert!(matches!(Journal::open(dir.path(), options()), Err(OpenError::OtherLog { .. })));
    fs::write(&path, fs::read_to_string(&good).unwrap().replace("/1\n", "/2\n")).unwrap();
    let error = Journal::open(dir.path(), options()).unwrap_err();
    assert!(matches!(error, OpenError::OtherEpoch { expected: 2, actual: 1 }), "{error}");
    // Less is claimed than was signed: without its signature nothing of it counts.
    fs::write(&path, fs::read_to_string(&good).unwrap().replace("\n20\n", "\n19\n")).unwrap();
    let error = Journal::open(dir.path(), options()).unwrap_err();
    assert!(matches!(error, OpenError::Checkpoint { .. }), "{error}");
    assert_eq!(verify(&Journal::open(dir.path(), read_only()).unwrap()).nothing_altered, Some(false));
    fs::copy(&good, &path).unwrap();
    open(dir.path());
}

#[test]
fn a_key_that_is_missing_or_of_another_log_is_named() {
    let (dir, other) = (closed_log(), closed_log());
    let (path, good) = (dir.path().join("keys/log.key"), dir.path().join("good"));
    let public = fs::read(dir.path().join("keys/log.pub")).unwrap();
    let name = open(dir.path()).verifying_key().unwrap().name().to_owned();
    let foreign = SigningKey::from_seed(name, &[3; 32]).unwrap();
    fs::write(dir.path().join("keys/log.pub"), format!("{}\n", foreign.verifying_key())).unwrap();
    assert!(matches!(Journal::open(dir.path(), options()), Err(OpenError::Key { .. })));
    assert_eq!(verify(&Journal::open(dir.path(), read_only()).unwrap()).nothing_altered, Some(false));
    fs::rename(&path, &good).unwrap();
    let error = Journal::open(dir.path(), options()).unwrap_err();
    assert!(matches!(&error, OpenError::Key { .. }) && error.to_string().contains("log.key"), "{error}");
    fs::copy(other.path().join("keys/log.pub"), dir.path().join("keys/log.pub")).unwrap();
    assert!(!verify(&Journal::open(dir.path(), read_only()).unwrap()).is_sound(), "a key of another log");
    fs::write(dir.path().join("keys/log.pub"), &public).unwrap();
    // The public half is enough to verify, but a folder without the secret one cannot be written to.
    let log = Journal::open(dir.path(), read_only()).unwrap();
    let report = verify(&log);
    assert_eq!((report.nothing_altered, report.nothing_missing), (Some(true), Some(false)));
    assert!(report.faults[0].what.contains("`keys/log.key` is missing"), "{:?}", report.faults);
    // Whoever holds a key from elsewhere has no use for the folder's.
    let pinned =
        VerifyOptions { keys: log.verifying_key().into_iter().collect(), ..VerifyOptions::default() };
    let report = log.verify_with(&pinned, |_| {}, |_| {});
    assert!(report.is_sound() && report.notes[0].contains("`keys/log.key` is missing"), "{report:?}");
    drop(log);
    fs::rename(dir.path().join("keys/log.pub"), dir.path().join("pub")).unwrap();
    let report = verify(&Journal::open(dir.path(), read_only()).unwrap());
    assert_eq!((report.nothing_altered, report.nothing_missing, report.unknown_key), (None, None, true));
    assert!(report.notes.iter().any(|note| note.contains("`keys/log.key` and `keys/log.pub`")), "{report:?}");
    fs::copy(other.path().join("keys/log.key"), &path).unwrap();
    assert!(matches!(Journal::open(dir.path(), options()), Err(OpenError::Key { .. })));
    fs::rename(&good, &path).unwrap();
    let report = verify(&Journal::open(dir.path(), read_only()).unwrap());
    assert_eq!((report.nothing_altered, report.nothing_missing), (Some(true), Some(false)));
    assert!(report.faults[0].what.contains("`keys/log.pub` is missing"), "{:?}", report.faults);
    assert!(verify(&open(dir.path())).is_sound(), "the start writes it anew");
    assert!(verify(&Journal::open(dir.path(), read_only()).unwrap()).is_sound());
}

#[test]
fn a_record_that_is_not_the_signed_one_is_refused_although_its_checksums_fit() {
    let dir = closed_log();
    edit(dir.path(), |tree| {
        let value = Bytes::from(tree.get(key(19)).unwrap().unwrap().to_vec());
        let mut body = block::decode(value).unwrap().body().to_vec();
        body[184] ^= 1;
        let end = body.len() - 4;
        let crc = crc32c::crc32c(&body[..end]).to_le_bytes();
        body[end..].copy_from_slice(&crc);
        tree.insert(key(19), block::encode(Position(19), 1, &body).as_ref()).unwrap();
    });
    let error = Journal::open(dir.path(), options()).unwrap_err();
    assert!(matches!(error, OpenError::Differs { position: Position(19) }), "{error}");
    let report = verify(&Journal::open(dir.path(), read_only()).unwrap());
    assert_eq!((report.nothing_altered, report.nothing_missing), (Some(false), Some(true)));
    assert_eq!(positions(&report), [19, 19, 0], "{:?}", report.faults);
}

#[test]
fn a_swapped_record_breaks_the_chain_of_its_stream() {
    let dir = closed_log();
    edit(dir.path(), |tree| {
        // A well-formed block with a record of another history in place of the real one.
        let body = super::kit::body_of(7, 1).0;
        tree.insert(key(7), block::encode(Position(7), 1, &body).as_ref()).unwrap();
    });
    let report = verify(&Journal::open(dir.path(), read_only()).unwrap());
    assert!(!report.is_sound());
    assert!(positions(&report).contains(&7) && positions(&report).contains(&11), "{:?}", report.faults);
}
