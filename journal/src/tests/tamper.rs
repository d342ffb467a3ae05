//! Damage from outside: refused or named, never taken for a shorter log.

use std::fs;
use std::path::Path;

use domain::ids::{LogId, Position};
use tempfile::{TempDir, tempdir};

use super::kit::{commit, open, options};
use crate::head::Head;
use crate::{AppendError, Journal, OpenError, Options, ReadError, VerifyReport};

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
fn edit(dir: &Path, change: impl FnOnce(&sled::Tree)) {
    let db =
        sled::Config::new().path(dir.join("log")).segment_size(8 << 20).flush_every_ms(None).open().unwrap();
    change(&db.open_tree("log").unwrap());
    db.flush().unwrap();
}

fn key(position: u64) -> Vec<u8> {
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
        let journal = open(dir.path());
        let error = journal.read(Some(Position(5)), 10, usize::MAX).unwrap_err();
        assert!(matches!(error, ReadError::Block { position: Position(7), .. }), "byte {byte}: {error}");
        assert!(journal.get(Position(7)).is_err());
        assert_eq!(journal.read(None, 7, usize::MAX).unwrap().len(), 7);
        assert_eq!(journal.read(Some(Position(7)), 100, usize::MAX).unwrap().len(), 12);
        let report = verify(&journal);
        assert_eq!((report.nothing_altered, report.events), (false, 19), "byte {byte}");
        assert!(positions(&report).contains(&7));
    }
}

#[test]
fn a_removed_block_is_missing_but_nothing_is_altered() {
    let dir = closed_log();
    edit(dir.path(), |tree| drop(tree.remove(key(7)).unwrap()));
    let journal = open(dir.path());
    assert_eq!(journal.get(Position(7)), Err(ReadError::Missing { position: Position(7) }));
    let report = verify(&journal);
    assert!(!report.nothing_missing && !report.is_sound());
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
    assert_eq!((report.nothing_altered, report.nothing_missing, report.head), (true, false, Some(20)));
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
    assert!(!verify(&journal).nothing_altered);
}

#[test]
fn a_missing_head_file_is_written_again_but_not_silently() {
    let dir = closed_log();
    fs::remove_file(dir.path().join("head")).unwrap();
    let journal = open(dir.path());
    assert!(journal.notes()[0].contains("20 events"), "{:?}", journal.notes());
    assert_eq!(Head::read(&dir.path().join("head")).unwrap().unwrap().count, 20);
}

#[test]
fn a_head_file_of_another_log_or_damaged_is_refused() {
    let dir = closed_log();
    let path = dir.path().join("head");
    let head = Head::read(&path).unwrap().unwrap();
    assert_eq!(head.count, 20);
    Head { log_id: LogId::from_bytes([9; 16]), ..head }.write(&path).unwrap();
    assert!(matches!(Journal::open(dir.path(), options()), Err(OpenError::OtherLog { .. })));
    Head { epoch: 2, ..head }.write(&path).unwrap();
    assert!(matches!(
        Journal::open(dir.path(), options()),
        Err(OpenError::OtherEpoch { expected: 2, actual: 1 })
    ));
    fs::write(&path, "garbage").unwrap();
    assert!(matches!(Journal::open(dir.path(), options()), Err(OpenError::Head { .. })));
    assert!(Journal::open(dir.path(), read_only()).unwrap().notes()[0].contains("damaged"));
    head.write(&path).unwrap();
    open(dir.path());
}

#[test]
fn a_swapped_record_breaks_the_chain_of_its_stream() {
    let dir = closed_log();
    edit(dir.path(), |tree| {
        // A well-formed block with a record of another history in place of the real one.
        let body = super::kit::body_of(7, 1).0;
        tree.insert(key(7), crate::block::encode(Position(7), 1, &body).as_ref()).unwrap();
    });
    let report = verify(&open(dir.path()));
    assert!(!report.is_sound());
    assert!(positions(&report).contains(&7) && positions(&report).contains(&11), "{:?}", report.faults);
}
