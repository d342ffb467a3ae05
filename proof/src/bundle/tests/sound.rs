//! Bundles as they are made, under keys that are known or not.

use domain::ids::{SchemaVersion, TypeId};
use domain::values::Timestamp;
use expect_test::expect;

use super::kit::{Log, NOW, check, key, log, origin, public, run, shown, trusting};
use crate::bundle::{Reliance, build, verify};
use crate::cosignature;
use crate::note::SigningKey;
use crate::trust::{Freshness, Standing, Trust};
use crate::verdict::{Answer, Outcome};

#[test]
fn a_bundle_is_verified_with_the_logs_key_alone() {
    let log = log();
    let report = check(&log.bundle(&log.evidence()), &trusting(&[public(1)]));
    assert_eq!(report.findings.outcome(), Outcome::Verified, "{}", shown(&report));
    assert_eq!(
        (report.findings.nothing_altered, report.findings.nothing_missing),
        (Answer::Yes, Answer::Yes)
    );
    assert_eq!(report.events, log.of(run()).len() as u64);
    assert_eq!(report.signers[0].standing, Standing::Given);
    let held = report.checkpoint.as_ref().unwrap();
    assert_eq!((held.log, held.size), (origin().log, log.records.len() as u64));
    assert_eq!(held.time, Some(Timestamp::from_millis(NOW)));
    let notes = report.findings.notes.join("\n");
    expect![[r#"
        made at 2025-11-20T23:06:45.000Z by waybill 0.1.0, as the bundle says itself
        `run-0000000000000000000000001A` ended with RunCancelled; no gap up to version 24, what was added later is not known"#]]
    .assert_eq(&notes);
}

#[test]
fn each_file_says_how_far_it_can_be_relied_on() {
    let log = log();
    let report = check(&log.bundle(&log.evidence()), &trusting(&[public(1)]));
    let of = |reliance| {
        report.files.iter().filter(|file| file.reliance == reliance).map(|file| file.name).collect::<Vec<_>>()
    };
    assert_eq!(of(Reliance::Proven), ["checkpoint", "records.bin", "rotations.bin", "proofs.json"]);
    assert_eq!(
        of(Reliance::Derived),
        ["README.md", "manifest.json", "schemas.json", "events.ndjson", "report.md"]
    );
    assert_eq!(of(Reliance::Unproven), ["keys.json"]);
    let told = crate::bundle::Evidence { story: Some("It went well.".into()), ..log.evidence() };
    let report = check(&log.bundle(&told), &trusting(&[public(1)]));
    let story = report.files.iter().find(|file| file.name == "report.md").unwrap();
    assert_eq!((report.findings.outcome(), story.reliance), (Outcome::Verified, Reliance::Unproven));
}

#[test]
fn without_a_known_key_nothing_is_known() {
    let log = log();
    let bundle = log.bundle(&log.evidence());
    let stranger = SigningKey::from_seed(origin().key_name(), &[9; 32]).unwrap();
    let elsewhere = SigningKey::from_seed("waybill/other", &[1; 32]).unwrap();
    for keys in [vec![], vec![stranger.verifying_key().clone()], vec![elsewhere.verifying_key().clone()]] {
        let report = check(&bundle, &trusting(&keys));
        assert_eq!(report.findings.outcome(), Outcome::UnknownKey);
        assert_eq!(
            (report.findings.nothing_altered, report.findings.nothing_missing),
            (Answer::Unknown, Answer::Unknown)
        );
        assert_eq!(report.signers[0].standing, Standing::Unknown);
        assert!(report.files.iter().all(|file| file.reliance == Reliance::Unproven));
    }
    let report = check(&bundle, &Trust { bundled: true, ..Trust::default() });
    assert_eq!(
        (report.findings.outcome(), report.signers[0].standing),
        (Outcome::Verified, Standing::Bundled)
    );
}

#[test]
fn a_witness_vouches_for_the_tree_and_says_when_it_saw_it() {
    let log = log();
    let witness = SigningKey::from_seed("witness.example.com", &[5; 32]).unwrap();
    let mut evidence = log.evidence();
    cosignature::cosign(&mut evidence.checkpoint, &witness, 1_763_680_001);
    evidence.witness_keys = vec![cosignature::verifying_key(&witness)];
    let bundle = log.bundle(&evidence);
    let report = check(&bundle, &trusting(&[cosignature::verifying_key(&witness)]));
    assert_eq!(report.findings.outcome(), Outcome::Verified, "{}", shown(&report));
    let standings: Vec<_> = report.signers.iter().map(|it| (it.standing, it.witnessed_at)).collect();
    let seen = Timestamp::from_millis(1_763_680_001_000);
    assert_eq!(standings, [(Standing::Unknown, None), (Standing::Given, Some(seen))]);
    // A witness that the bundle brings along vouches for nothing, even where the log's own keys are let count.
    let report = check(&bundle, &trusting(&[]));
    assert_eq!(report.findings.outcome(), Outcome::UnknownKey);
}

#[test]
fn age_is_counted_from_the_signed_time() {
    let log = log();
    let bundle = log.bundle(&log.evidence());
    let at = |age_ms: i64, max_age_ms| {
        let now = Timestamp::from_millis(NOW + age_ms);
        let trust = Trust { freshness: Some(Freshness { now, max_age_ms }), ..trusting(&[public(1)]) };
        check(&bundle, &trust)
    };
    assert_eq!(at(60_000, 60_000).findings.outcome(), Outcome::Verified);
    assert_eq!(at(60_001, 60_000).findings.outcome(), Outcome::Stale);
    let early = at(-1, 60_000);
    assert!(
        early.findings.outcome() == Outcome::Verified
            && early.findings.notes.iter().any(|note| note.contains("not come yet"))
    );
    let mut timeless = log.evidence();
    let checkpoint = crate::Checkpoint { extensions: vec![], ..log.checkpoint() };
    timeless.checkpoint = checkpoint.sign(&[&key(1)]).unwrap();
    let freshness = Some(Freshness { now: Timestamp::from_millis(NOW), max_age_ms: 60_000 });
    let report = check(&log.bundle(&timeless), &Trust { freshness, ..trusting(&[public(1)]) });
    assert_eq!(
        report.findings.outcome(),
        Outcome::Stale,
        "an age that is not known is none that was asked for"
    );
}

#[test]
fn an_open_run_is_said_to_be_open() {
    let mut log = Log::default();
    let samples = super::kit::log().of(run());
    let first: Vec<_> = samples[..3]
        .iter()
        .map(|record| (record.type_id(), record.schema_version(), record.payload().to_vec()))
        .collect();
    log.commit(run(), &first);
    let report = check(&log.bundle(&log.evidence()), &trusting(&[public(1)]));
    assert_eq!(report.findings.outcome(), Outcome::Verified);
    assert_eq!(report.streams[0].ended_by, None);
    assert!(report.findings.notes.iter().any(|note| note.contains("version 2; later events are not known")));
}

#[test]
fn events_of_a_later_release_are_proven_but_not_read() {
    let mut log = log();
    log.commit(run(), &[(TypeId(60_000), SchemaVersion(1), b"later".to_vec())]);
    let report = check(&log.bundle(&log.evidence()), &trusting(&[public(1)]));
    assert_eq!((report.findings.outcome(), report.unknown_events), (Outcome::Verified, 1));
}

#[test]
fn the_same_evidence_gives_the_same_bytes() {
    let log = log();
    assert_eq!(log.bundle(&log.evidence()), log.bundle(&log.evidence()));
    let mut nothing = log.evidence();
    nothing.records.clear();
    assert!(build(&nothing, &log.tree).is_err());
    let mut unordered = log.evidence();
    unordered.records.swap(0, 1);
    let bundle = log.bundle(&unordered);
    assert_eq!(verify(&bundle, &trusting(&[public(1)])).unwrap().findings.outcome(), Outcome::Altered);
}

#[test]
fn a_report_reads_well() {
    let log = log();
    let report = check(&log.bundle(&log.evidence()), &trusting(&[public(1)]));
    expect![[r#"
        Verified: nothing was altered and nothing is missing.

        nothing altered     yes
        nothing missing     yes
        log                 00000000000000000000000007, epoch 1
        checkpoint          of 33 events, at 2025-11-20T23:06:40.000Z
        root                ROOT
        signed by           waybill/00000000000000000000000007+5252587c+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c (a key that you gave)
        stream              run-0000000000000000000000001A: 25 events, to version 24, ended by RunCancelled
        proven              checkpoint, records.bin, rotations.bin, proofs.json
        derived anew, same  README.md, manifest.json, schemas.json, events.ndjson, report.md
        unproven            keys.json
        note: made at 2025-11-20T23:06:45.000Z by waybill 0.1.0, as the bundle says itself
        note: `run-0000000000000000000000001A` ended with RunCancelled; no gap up to version 24, what was added later is not known
    "#]].assert_eq(&report.text().replace(&log.tree.frontier.root().to_string(), "ROOT"));
    let report = check(&log.bundle(&log.evidence()), &trusting(&[]));
    let first: String = report.text().lines().take(6).map(|line| format!("{line}\n")).collect();
    expect![[r#"
        UNKNOWN KEY: everything fits together, but nobody vouches for the key that signed it.

        nothing altered  unknown
        nothing missing  unknown
        log              00000000000000000000000007, epoch 1
        checkpoint       of 33 events, at 2025-11-20T23:06:40.000Z
    "#]]
    .assert_eq(&first);
}

#[test]
fn what_strangers_wrote_does_not_reach_the_terminal_raw() {
    let log = log();
    let evidence = crate::bundle::Evidence { software: "\u{1b}[2J\n0.1.0".into(), ..log.evidence() };
    let text = check(&log.bundle(&evidence), &trusting(&[public(1)])).text();
    assert!(text.contains("by waybill [2J0.1.0,") && !text.contains('\u{1b}'), "{text}");
}

/// A bundle of this version. It is never made anew: a later release has another beside it.
const GOLDEN: &[u8] = include_bytes!("../../../testdata/golden/evidence-1.tar");

#[test]
fn the_bundle_that_is_kept_holds_what_is_written_today() {
    let report = check(&GOLDEN.into(), &trusting(&[public(1)]));
    assert_eq!(report.findings.outcome(), Outcome::Verified, "{}", shown(&report));
    let kept = crate::bundle::archive::unpack(&GOLDEN.into()).unwrap();
    let log = super::kit::small();
    let today = crate::bundle::archive::unpack(&log.bundle(&log.evidence())).unwrap();
    // What has a layout; texts and schemas may be worded anew.
    for (at, name) in crate::bundle::names::FILES.into_iter().enumerate() {
        if name != "README.md" && name != "schemas.json" && name != "report.md" {
            assert_eq!(kept[at].bytes, today[at].bytes, "{name}");
        }
    }
}
