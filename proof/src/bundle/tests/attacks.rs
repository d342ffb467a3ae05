//! What somebody may try who can write bundles, but has not the log's key.

use bytes::Bytes;
use domain::values::Timestamp;
use expect_test::expect;

use super::kit::{NOW, check, key, log, public, run, shown, trusting};
use crate::bundle::archive;
use crate::bundle::names::{EVENTS, FILES, REPORT};
use crate::bundle::{Evidence, Reliance, Report};
use crate::note::SigningKey;
use crate::record::RawRecord;
use crate::verdict::Outcome;

/// The bundle of other evidence, under the log's key.
fn verify(change: impl FnOnce(&mut Evidence)) -> Report {
    let log = log();
    let mut evidence = log.evidence();
    change(&mut evidence);
    check(&log.bundle(&evidence), &trusting(&[public(1)]))
}

/// The record with another byte at `at`, its checksum made to fit.
fn altered(record: &RawRecord, at: usize) -> RawRecord {
    let mut bytes = record.bytes().to_vec();
    bytes[at] ^= 1;
    let end = bytes.len() - 4;
    let crc = crc32c::crc32c(&bytes[..end]);
    bytes[end..].copy_from_slice(&crc.to_le_bytes());
    RawRecord::parse(bytes.into()).unwrap()
}

/// The bundle with one file replaced, its sums made to fit.
fn with_file(name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Report {
    let log = log();
    let bundle = log.bundle(&log.evidence());
    let mut members = archive::unpack(&bundle).unwrap();
    members.pop();
    let mut files: Vec<Bytes> = members.into_iter().map(|member| member.bytes).collect();
    let place = FILES.iter().position(|file| *file == name).unwrap();
    let mut bytes = files[place].to_vec();
    change(&mut bytes);
    files[place] = bytes.into();
    let packed = archive::pack(&files, Timestamp::from_millis(NOW + 5_000));
    check(&packed.into(), &trusting(&[public(1)]))
}

#[test]
fn an_event_is_left_out() {
    let report = verify(|evidence| drop(evidence.records.remove(10)));
    expect![[r#"
        Incomplete Yes No
        15: expected version 10 of `run-0000000000000000000000001A`, got 11
    "#]]
    .assert_eq(&shown(&report));
    let report = verify(|evidence| drop(evidence.records.remove(0)));
    assert_eq!(report.findings.outcome(), Outcome::Incomplete);
    let report = verify(|evidence| evidence.records.truncate(evidence.records.len() - 3));
    expect![[r#"
        Incomplete Yes No
        28: expected whole commits, got event 2 of 3 of `00000000000000000000000103`
    "#]]
    .assert_eq(&shown(&report));
}

#[test]
fn the_last_commits_are_left_out() {
    // No proof can show it; so the answer names the last version that it is about.
    let report = verify(|evidence| evidence.records.truncate(10));
    assert_eq!(report.findings.outcome(), Outcome::Verified);
    assert!(
        report.findings.notes.iter().any(|note| note.contains("up to version 9")),
        "{:?}",
        report.findings.notes
    );
}

#[test]
fn an_event_is_changed() {
    let report = verify(|evidence| evidence.records[5] = altered(&evidence.records[5], 152));
    let shown = shown(&report);
    assert!(shown.starts_with("Altered No"), "{shown}");
    assert!(
        shown.contains("chain") && shown.contains("not those of the tree that the log signed"),
        "{shown}"
    );
    // The last one has none behind it whose chain would not fit.
    let report = verify(|evidence| {
        let last = evidence.records.pop().unwrap();
        evidence.records.push(altered(&last, 152));
    });
    assert_eq!(report.findings.outcome(), Outcome::Altered);
}

#[test]
fn an_event_of_another_stream_is_slipped_in() {
    let log = log();
    let foreign = log.records.iter().find(|record| record.stream() != run()).unwrap().clone();
    let mut evidence = log.evidence();
    evidence.records.insert(1, foreign);
    let report = check(&log.bundle(&evidence), &trusting(&[public(1)]));
    // It is in the log and whole, so it is evidence of two streams, and says so.
    assert_eq!((report.findings.outcome(), report.streams.len()), (Outcome::Verified, 2));
}

#[test]
fn the_checkpoint_is_signed_by_somebody_else() {
    let thief = SigningKey::from_seed(key(1).name(), &[66; 32]).unwrap();
    let report = verify(|evidence| {
        evidence.checkpoint = crate::Note::signed(evidence.checkpoint.text(), &[&thief]).unwrap();
        evidence.log_keys = vec![thief.verifying_key().clone()];
    });
    assert_eq!(report.findings.outcome(), Outcome::UnknownKey);
}

#[test]
fn a_key_of_another_log_does_not_speak_for_this_one() {
    let elsewhere = SigningKey::from_seed("waybill/elsewhere", &[66; 32]).unwrap();
    let log = log();
    let mut evidence = log.evidence();
    evidence.checkpoint.sign(&elsewhere);
    let report = check(&log.bundle(&evidence), &trusting(&[elsewhere.verifying_key().clone()]));
    assert_eq!(report.findings.outcome(), Outcome::UnknownKey);
}

#[test]
fn a_checkpoint_of_another_tree_is_put_in() {
    let report = verify(|evidence| {
        let mut shorter = log();
        shorter.records.pop();
        let text = shorter.checkpoint().encode();
        evidence.checkpoint = crate::Note::signed(text, &[&key(1)]).unwrap();
    });
    assert_eq!(report.findings.outcome(), Outcome::Altered, "{}", shown(&report));
}

#[test]
fn the_events_for_reading_are_changed() {
    let report = with_file(EVENTS, |bytes| {
        let at = bytes.windows(9).position(|word| word == b"\"version\"").unwrap();
        bytes[at + 10] = b'7';
    });
    expect![[r#"
        Altered No Yes
        0: `events.ndjson` says something else than the record
    "#]]
    .assert_eq(&shown(&report));
    let report = with_file(EVENTS, |bytes| bytes.extend_from_slice(b"{}\n"));
    assert!(shown(&report).contains("has 26 events, the records are 25"), "{}", shown(&report));
    let report = with_file(EVENTS, Vec::clear);
    assert_eq!(report.findings.outcome(), Outcome::Altered);
}

#[test]
fn the_report_for_reading_is_changed() {
    let report = with_file(REPORT, |bytes| bytes.extend_from_slice(b"All is well.\n"));
    let file = report.files.iter().find(|file| file.name == REPORT).unwrap();
    // Nobody has signed it, and the answer says so.
    assert_eq!((report.findings.outcome(), file.reliance), (Outcome::Verified, Reliance::Unproven));
}

#[test]
fn files_that_everything_rests_on_are_emptied() {
    for name in ["manifest.json", "checkpoint", "keys.json", "records.bin", "proofs.json"] {
        let report = with_file(name, Vec::clear);
        assert_ne!(report.findings.outcome(), Outcome::Verified, "{name}");
        let altered = report.findings.outcome() == Outcome::Altered;
        assert!(altered, "{name}: {}", shown(&report));
    }
    let report = with_file("rotations.bin", |bytes| bytes.extend_from_slice(b"WB"));
    assert_eq!(report.findings.outcome(), Outcome::Altered);
    let report = with_file("manifest.json", |bytes| {
        let text = String::from_utf8(bytes.clone()).unwrap().replace("\"epoch\": 1", "\"epoch\": 2");
        *bytes = text.into();
    });
    assert!(shown(&report).contains("another log or epoch"), "{}", shown(&report));
}
