//! Backups pulled from afar, restores that a key must vouch for, and what witnesses have seen.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use domain::ids::{Position, SchemaVersion, TypeId};
use proof::{Note, SigningKey, VerifyingKey, cosignature};
use tempfile::tempdir;

use super::kit::{commit, event, history, noise, open, options};
use crate::{
    BackupError, Journal, KeyChange, NewCommit, NewEvent, PulledTrust, RebuildError, Remote, RestoreError,
    Secrets, VerifyOptions, backup, pull, restore, restore_signed_by,
};

/// The event that records a change of key, its layout written by hand: the journal knows no event.
fn recorded(change: &KeyChange) -> NewEvent {
    let mut payload = Vec::new();
    for text in [change.old.to_string(), change.new.to_string(), change.statement.clone()] {
        let length = u16::try_from(text.len()).unwrap();
        match u8::try_from(length) {
            Ok(length) if length < 251 => payload.push(length),
            _ => payload.extend([&[251][..], &length.to_le_bytes()].concat()),
        }
        payload.extend(text.bytes());
    }
    NewEvent { type_id: TypeId(2), schema_version: SchemaVersion(1), payload }
}

fn fill(journal: &Journal, ids: std::ops::Range<u128>) {
    for id in ids {
        journal.wait_ready();
        drop(journal.append(commit(id % 5, id, 3)));
    }
    journal.barrier().wait().unwrap();
    journal.checkpoint_now().unwrap();
}

/// What a server shows, each file passed through `alter`; and the paths that were asked for.
fn remote(
    journal: &Journal,
    alter: impl Fn(&str, Bytes) -> Option<Bytes> + Send + Sync + 'static,
) -> (Remote, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let (log, paths) = (journal.clone(), Arc::clone(&asked));
    let fetch = move |path: &str| {
        paths.lock().unwrap().push(path.to_owned());
        let file = match path {
            "cosigned" => log.cosigned().map(Bytes::from),
            path => log.tile(path).map_err(|error| std::io::Error::other(error.to_string()))?,
        };
        Ok(file.and_then(|file| alter(path, file)))
    };
    (Remote { fetch: Box::new(fetch), key: journal.verifying_key(), rotations: Vec::new() }, asked)
}

fn honest(journal: &Journal) -> Remote {
    remote(journal, |_, file| Some(file)).0
}

fn cosigned(note: &str) -> String {
    let mut note = Note::parse(note.as_bytes()).unwrap();
    cosignature::cosign(&mut note, &SigningKey::from_seed("witness.example/w1", &[9; 32]).unwrap(), 7);
    note.encode()
}

#[test]
fn a_log_is_pulled_bit_by_bit_and_restored_whole() {
    let dir = tempdir().unwrap();
    let (to, into) = (dir.path().join("backup"), dir.path().join("restored"));
    let journal = Journal::memory(options());
    fill(&journal, 0..300);
    journal
        .append(NewCommit { events: vec![event(&noise(5, 80_000))], ..commit(1, 9_000, 0) })
        .wait()
        .unwrap();
    journal.keep_cosigned(&cosigned(&journal.checkpoint_now().unwrap())).unwrap();
    let first = pull(honest(&journal), &[], &to, |_| {}).unwrap();
    assert_eq!(
        (first.backup.size, first.backup.copied_events, first.trust),
        (901, 901, PulledTrust::FirstUse)
    );
    assert_eq!(first.backup.root, journal.root_at(901).unwrap());
    assert_eq!(fs::read_to_string(to.join("tiles/cosigned")).unwrap(), journal.cosigned().unwrap());
    assert!(!to.join("keys/log.key").exists());
    fill(&journal, 300..310);
    let (remote, asked) = remote(&journal, |_, file| Some(file));
    let second = pull(remote, &[], &to, |_| {}).unwrap();
    assert_eq!((second.backup.size, second.backup.copied_events, second.trust), (931, 30, PulledTrust::Kept));
    let bundles = asked.lock().unwrap().iter().filter(|path| path.starts_with("tile/entries/")).count();
    assert_eq!(bundles, 1, "only what is new is fetched: {asked:?}");
    let none = pull(honest(&journal), std::slice::from_ref(&first.key), &to, |_| {}).unwrap();
    assert_eq!((none.backup.copied_events, none.trust), (0, PulledTrust::Given));
    restore(&to, &into, None, |_| {}).unwrap();
    assert_eq!(history(&open(&into)), history(&journal));
}

#[test]
fn what_another_key_signed_is_not_pulled_and_a_change_of_key_is_followed() {
    let dir = tempdir().unwrap();
    let to = dir.path().join("backup");
    let (journal, other) = (Journal::memory(options()), Journal::memory(options()));
    fill(&journal, 0..10);
    fill(&other, 0..10);
    let stranger = other.verifying_key().unwrap();
    let error = pull(honest(&journal), &[stranger], &to, |_| {}).unwrap_err();
    assert!(matches!(error, BackupError::UnknownKey { .. }) && !to.exists(), "{error}");
    pull(honest(&journal), &[], &to, |_| {}).unwrap();
    let error = pull(honest(&other), &[], &to, |_| {}).unwrap_err();
    assert!(matches!(error, BackupError::OtherLog { .. }), "{error}");
    // Somebody else in the server's place, who shows a key of that name.
    let change = journal.rotate_key(&[7; 32], recorded).unwrap();
    let error = pull(honest(&journal), &[], &to, |_| {}).unwrap_err();
    assert!(
        matches!(error, BackupError::UnknownKey { .. }),
        "nothing says that the key was changed: {error}"
    );
    let rotation = proof::rotation::verify(change.statement.as_bytes(), journal.identity().log_id).unwrap();
    let told = Remote { rotations: vec![rotation], ..honest(&journal) };
    let report = pull(told, &[], &to, |_| {}).unwrap();
    assert_eq!((report.key, report.trust), (change.new, PulledTrust::Kept));
    // From now on the backup goes by the new one.
    assert_eq!(pull(honest(&journal), &[], &to, |_| {}).unwrap().trust, PulledTrust::Kept);
}

#[test]
fn a_server_that_lies_or_goes_away_leaves_the_backup_as_it_was() {
    let dir = tempdir().unwrap();
    let to = dir.path().join("backup");
    let journal = Journal::memory(options());
    fill(&journal, 0..300);
    pull(honest(&journal), &[], &to, |_| {}).unwrap();
    let checkpoint = fs::read(to.join("tiles/checkpoint")).unwrap();
    let seen = journal.checkpoint().unwrap();
    fill(&journal, 300..600);
    let flip = |wanted: &'static str, at: usize| {
        move |path: &str, file: Bytes| {
            let mut bytes = file.to_vec();
            if path.starts_with(wanted) {
                bytes[at] ^= 1;
            }
            Some(bytes.into())
        }
    };
    let gone =
        |wanted: &'static str| move |path: &str, file: Bytes| (!path.starts_with(wanted)).then_some(file);
    let old =
        move |path: &str, file: Bytes| Some(if path == "checkpoint" { seen.clone().into() } else { file });
    for remote in [
        remote(&journal, flip("tile/entries/003", 40_000)).0,
        remote(&journal, flip("tile/entries/004", 1)).0,
        remote(&journal, flip("tile/0/00", 40)).0,
        remote(&journal, flip("checkpoint", 60)).0,
        remote(&journal, gone("tile/entries/005")).0,
        remote(&journal, gone("checkpoint")).0,
    ] {
        let error = pull(remote, &[], &to, |_| {}).unwrap_err();
        assert!(matches!(error, BackupError::Copy(_) | BackupError::OtherHistory { .. }), "{error:?}");
        assert_eq!(fs::read(to.join("tiles/checkpoint")).unwrap(), checkpoint);
    }
    // One that shows what it showed before is no lie: nothing is new.
    assert_eq!(pull(remote(&journal, old).0, &[], &to, |_| {}).unwrap().backup.copied_events, 0);
    let report = pull(honest(&journal), &[], &to, |_| {}).unwrap();
    assert_eq!((report.backup.size, report.backup.root), (1_800, journal.root_at(1_800).unwrap()));
}

fn restored_by(keys: &[VerifyingKey], from: &Path, into: &Path) -> Result<u64, RestoreError> {
    restore_signed_by(keys, from, into, None, |_| {}).map(|report| report.size)
}

#[test]
fn a_backup_is_restored_for_the_key_that_signed_it_and_those_it_was_changed_for_alone() {
    let dir = tempdir().unwrap();
    let (to, into) = (dir.path().join("backup"), dir.path().join("restored"));
    let (journal, other) = (Journal::memory(options()), Journal::memory(options()));
    fill(&journal, 0..300);
    let first = journal.verifying_key().unwrap();
    for seed in [7, 8] {
        journal.rotate_key(&[seed; 32], recorded).unwrap();
        fill(&journal, u128::from(seed) * 1_000..u128::from(seed) * 1_000 + 100);
    }
    journal.backup(&to, Secrets::Leave, |_| {}).unwrap();
    let stranger = other.verifying_key().unwrap();
    let impostor = SigningKey::from_seed(first.name(), &[99; 32]).unwrap().verifying_key().clone();
    for keys in [vec![stranger.clone()], vec![impostor.clone()], vec![stranger.clone(), impostor]] {
        let error = restored_by(&keys, &to, &into).unwrap_err();
        assert!(matches!(&error, RestoreError::UnknownKey { given, .. } if *given == keys.len()), "{error}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing was written");
    }
    let last = journal.verifying_key().unwrap();
    for (number, keys) in
        [vec![last], vec![first], vec![stranger, journal.verifying_key().unwrap()]].iter().enumerate()
    {
        assert_eq!(restored_by(keys, &to, &dir.path().join(number.to_string())).unwrap(), 1_502);
    }
}

#[test]
fn what_witnesses_saw_is_kept_backed_up_and_held_against_the_log() {
    let dir = tempdir().unwrap();
    let (data, to) = (dir.path().join("data"), dir.path().join("backup"));
    let journal = open(&data);
    fill(&journal, 0..50);
    let small = journal.checkpoint().unwrap();
    journal.keep_cosigned(&cosigned(&small)).unwrap();
    fill(&journal, 50..100);
    journal.close().unwrap();
    drop(journal);
    let journal = open(&data);
    assert_eq!(journal.cosigned().unwrap(), cosigned(&small));
    let report = journal.verify(|_| {});
    assert!(report.is_sound() && report.notes.is_empty(), "{report:?}");
    drop(journal);
    backup(&data, &to, Secrets::Copy, |_| {}).unwrap();
    assert_eq!(fs::read(to.join("tiles/cosigned")).unwrap(), cosigned(&small).as_bytes());
    // The log's own key signs that it had more, or had others.
    let key = fs::read_to_string(data.join("keys/log.key")).unwrap();
    let key = SigningKey::from_secret_text(key.trim()).unwrap();
    let text = Note::parse(small.as_bytes()).unwrap().text().to_owned();
    let more = text.replacen("\n150\n", "\n301\n", 1);
    let root = text.lines().nth(2).unwrap();
    let forked = text.replace(root, &proof::hash::leaf_hash(b"another history").to_string());
    for (text, altered, missing) in [(more, true, false), (forked, false, true)] {
        let note = Note::signed(text, &[&key]).unwrap().encode();
        for folder in [&data, &to] {
            fs::write(folder.join("tiles/cosigned"), &note).unwrap();
        }
        let report =
            Journal::open(&data, crate::Options { read_only: true, ..options() }).unwrap().verify(|_| {});
        assert_eq!(
            (report.nothing_altered, report.nothing_missing),
            (Some(altered), Some(missing)),
            "{report:?}"
        );
        let error = restore(&to, &dir.path().join("restored"), None, |_| {}).unwrap_err();
        assert!(matches!(error, RestoreError::Rebuild(RebuildError::Checkpoint { .. })), "{error}");
    }
    fs::write(data.join("tiles/cosigned"), "flipped").unwrap();
    let report = open(&data).verify_with(&VerifyOptions::default(), |_| {}, |_| {});
    assert_eq!(report.nothing_altered, Some(false));
    let restored = restore(&to, &dir.path().join("r"), Some(Position(2)), |_| {});
    assert!(restored.is_err(), "the backup still contradicts what was cosigned");
}
