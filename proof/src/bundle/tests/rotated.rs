//! A log that has changed its key: a holder of the old one follows to the new one.

use domain::log::{LogEvent, SigningKeyRotated, WriterStarted};
use domain::{Event, StreamId};

use super::kit::{Log, check, key, log, origin, public, run, shown, trusting};
use crate::bundle::Evidence;
use crate::rotation;
use crate::trust::Standing;
use crate::verdict::Outcome;

fn rotated(old: u8, new: u8) -> Event {
    let statement = rotation::statement(origin().log, &key(old), &key(new)).unwrap().encode();
    let (old_key, new_key) = (public(old).to_string(), public(new).to_string());
    Event::Log(LogEvent::from(SigningKeyRotated { old_key, new_key, statement }))
}

fn stream() -> StreamId {
    origin().log.into()
}

/// The log of the kit, its key changed from 1 to 2 to 3, and evidence signed by 3.
fn changed() -> (Log, Evidence) {
    let mut log = log();
    log.append(stream(), &[rotated(1, 2)]);
    log.append(stream(), &[rotated(2, 3)]);
    let evidence = Evidence {
        rotations: log.of(stream()),
        checkpoint: log.checkpoint().sign(&[&key(3)]).unwrap(),
        log_keys: vec![public(1), public(2), public(3)],
        ..log.evidence()
    };
    (log, evidence)
}

#[test]
fn a_holder_of_any_earlier_key_follows() {
    let (log, evidence) = changed();
    let bundle = log.bundle(&evidence);
    for (held, standing) in [(1, Standing::Followed), (2, Standing::Followed), (3, Standing::Given)] {
        let report = check(&bundle, &trusting(&[public(held)]));
        assert_eq!(report.findings.outcome(), Outcome::Verified, "key {held}: {}", shown(&report));
        assert_eq!(report.signers[0].standing, standing, "key {held}");
    }
    assert_eq!(check(&bundle, &trusting(&[public(4)])).findings.outcome(), Outcome::UnknownKey);
}

#[test]
fn a_change_of_key_that_is_left_out_breaks_the_way() {
    let (log, mut evidence) = changed();
    evidence.rotations.remove(1);
    let report = check(&log.bundle(&evidence), &trusting(&[public(1)]));
    assert_eq!(report.findings.outcome(), Outcome::UnknownKey);
}

#[test]
fn a_change_of_key_that_one_side_made_alone_is_refused() {
    let mut log = log();
    let text = rotation::statement(origin().log, &key(1), &key(66)).unwrap().text().to_owned();
    let statement = crate::Note::signed(text, &[&key(66)]).unwrap().encode();
    let (old_key, new_key) = (public(1).to_string(), public(66).to_string());
    log.append(stream(), &[Event::Log(SigningKeyRotated { old_key, new_key, statement }.into())]);
    let checkpoint = log.checkpoint().sign(&[&key(66)]).unwrap();
    let evidence = Evidence { rotations: log.of(stream()), checkpoint, ..log.evidence() };
    let report = check(&log.bundle(&evidence), &trusting(&[public(1)]));
    assert_eq!(report.findings.outcome(), Outcome::Altered);
    assert!(
        shown(&report).contains("expected the signatures of both keys, got those of 1"),
        "{}",
        shown(&report)
    );
}

#[test]
fn other_records_are_no_changes_of_key() {
    let mut log = log();
    let started = WriterStarted { epoch: 1, software: "0.1.0".into(), durability: "fdatasync".into() };
    log.append(stream(), &[Event::Log(started.into())]);
    let checkpoint = log.checkpoint().sign(&[&key(1)]).unwrap();
    for rotations in [log.of(stream()), log.of(run())[..1].to_vec()] {
        let evidence = Evidence { rotations, checkpoint: checkpoint.clone(), ..log.evidence() };
        let report = check(&log.bundle(&evidence), &trusting(&[public(1)]));
        assert!(shown(&report).contains("something else than a change of key"), "{}", shown(&report));
    }
}
