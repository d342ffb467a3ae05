//! Changes of the key: recorded in the log, finished after any stop, and known ever after.

use std::fs;

use proof::{Checkpoint, Note, SigningKey, rotation};
use tempfile::tempdir;

use super::kit::{Mode, commit, event, faulty, on_every_store, open, options};
use crate::{Journal, KeyChange, NewEvent, Options, RotateError};

fn recorded(change: &KeyChange) -> NewEvent {
    event(change.statement.as_bytes())
}

fn opens(journal: &Journal, key: &proof::VerifyingKey) -> bool {
    let origin = format!("waybill/{}/1", journal.identity().log_id);
    let note = journal.checkpoint().unwrap();
    Checkpoint::open(note.as_bytes(), &origin, std::slice::from_ref(key)).is_ok()
}

#[test]
fn the_new_key_signs_from_then_on_and_the_log_says_why() {
    on_every_store(options, |journal| {
        journal.append(commit(1, 1, 1)).wait().unwrap();
        let old = journal.verifying_key().unwrap();
        let change = journal.rotate_key(&[7; 32], recorded).unwrap();
        assert_eq!((&change.old, &journal.verifying_key().unwrap()), (&old, &change.new));
        assert_eq!(change.new.name(), old.name());
        let record = journal.read(None, 10, usize::MAX).unwrap().pop().unwrap();
        let stated = rotation::verify(record.payload(), journal.identity().log_id).unwrap();
        assert_eq!((stated.old, stated.new), (change.old.clone(), change.new.clone()));
        assert!(opens(journal, &change.new) && !opens(journal, &old));
        assert_eq!(journal.status().checkpoint.size, 2);
        let again = journal.rotate_key(&[7; 32], recorded).unwrap_err();
        assert!(matches!(&again, RotateError::Used { key } if *key == change.new), "{again}");
        journal.rotate_key(&[8; 32], recorded).unwrap();
        // Going back to a key that somebody may have given up as lost is refused.
        assert!(matches!(journal.rotate_key(&[7; 32], recorded), Err(RotateError::Used { .. })));
    });
}

#[test]
fn a_change_cut_short_at_any_point_ends_with_the_key_that_the_log_names() {
    for rotated in [false, true] {
        for finished in [false, true] {
            let dir = tempdir().unwrap();
            let journal = open(dir.path());
            journal.append(commit(1, 1, 1)).wait().unwrap();
            let keys = dir.path().join("keys");
            let (old_key, old_pub) =
                (fs::read(keys.join("log.key")).unwrap(), fs::read(keys.join("log.pub")).unwrap());
            let old = journal.verifying_key().unwrap();
            let new = SigningKey::from_seed(old.name(), &[7; 32]).unwrap();
            journal.close().unwrap();
            let note = journal.checkpoint().unwrap();
            if rotated {
                drop(journal);
                let journal = open(dir.path());
                journal.rotate_key(&[7; 32], recorded).unwrap();
                journal.close().unwrap();
            } else {
                drop(journal);
            }
            // As the process left it: the new key written down, or in place already, the public half as it was.
            let name = if finished && rotated { "log.key" } else { "log.key.next" };
            fs::write(keys.join("log.key"), &old_key).unwrap();
            fs::write(keys.join(name), format!("{}\n", new.to_secret_text())).unwrap();
            super::kit::only_for_owner(&keys.join(name));
            fs::write(keys.join("log.pub"), &old_pub).unwrap();
            let reading = Journal::open(dir.path(), Options { read_only: true, ..options() }).unwrap();
            let report = reading.verify(|_| {});
            assert_eq!((report.nothing_missing, report.unknown_key), (Some(true), false), "{report:?}");
            drop(reading);
            let journal = open(dir.path());
            let expected = if rotated { new.verifying_key().clone() } else { old };
            assert_eq!(journal.verifying_key().unwrap(), expected, "in the log: {rotated}");
            assert!(!keys.join("log.key.next").exists());
            journal.append(commit(1, 2, 1)).wait().unwrap();
            journal.checkpoint_now().unwrap();
            assert!(opens(&journal, &expected) && journal.checkpoint().unwrap() != note);
            assert!(journal.verify(|_| {}).is_sound());
            drop(journal);
            assert!(open(dir.path()).verify(|_| {}).is_sound());
        }
    }
}

#[test]
fn a_change_that_cannot_be_recorded_is_none() {
    let (journal, control) = faulty(options());
    let old = journal.verifying_key().unwrap();
    control.set(Mode::SyncFails);
    assert!(matches!(journal.rotate_key(&[7; 32], recorded), Err(RotateError::Append(_))));
    assert_eq!(journal.verifying_key().unwrap(), old);
    let dir = tempdir().unwrap();
    let journal = open(dir.path());
    journal.append(commit(1, 1, 1)).wait().unwrap();
    let events = |_: &KeyChange| event(&vec![0; crate::MAX_COMMIT_BYTES]);
    assert!(matches!(journal.rotate_key(&[7; 32], events), Err(RotateError::Append(_))));
    assert!(!dir.path().join("keys/log.key.next").exists());
    journal.rotate_key(&[9; 32], recorded).unwrap();
    drop(journal);
    let journal = Journal::open(dir.path(), Options { read_only: true, ..options() }).unwrap();
    assert!(matches!(journal.rotate_key(&[8; 32], recorded), Err(RotateError::ReadOnly)));
    assert!(Note::parse(journal.checkpoint().unwrap().as_bytes()).is_ok());
}
