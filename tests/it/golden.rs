//! What was stored once is read for ever: payloads of every layout, and a whole log.

use std::collections::BTreeSet;

use domain::ids::{SchemaVersion, TypeId};
use domain::{Category, Event, aggregates};
use expect_test::{Expect, expect};
use journal::RawRecord;
use projections::{Scope, views};

fn hex(text: &str) -> Vec<u8> {
    let digits = if text == "-" { "" } else { text };
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("two hex digits"))
        .collect()
}

#[test]
fn every_payload_ever_written_reads_as_it_did() {
    let page = std::fs::read_to_string(kit::root().join("tests/golden/events.txt")).unwrap();
    let mut written = BTreeSet::new();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let parts: Vec<&str> = line.splitn(6, ' ').collect();
        let [aggregate, type_id, name, layout, bytes, json] = parts[..] else { panic!("{line}") };
        let category: Category = aggregate.parse().unwrap();
        let type_id: TypeId = type_id.parse().unwrap();
        let layout = SchemaVersion(layout[1..].parse().unwrap());
        let event = Event::decode(category, type_id, layout, &hex(bytes))
            .unwrap_or_else(|error| panic!("{name} v{layout}: {error}"));
        assert_eq!(event.name(), name);
        // What a later layout adds shows in JSON; what the line had must still be there, unchanged.
        let (now, then) = (serde_json::to_value(&event).unwrap(), serde_json::from_str(json).unwrap());
        assert!(holds(&now, &then), "{name} v{layout}: expected {then}, got {now}");
        if event.schema_version() == layout {
            assert_eq!(
                event.encode(),
                hex(bytes),
                "{name} v{layout} is written with other bytes than before"
            );
        }
        written.insert((type_id, layout));
    }
    for event in aggregates().into_iter().flat_map(|aggregate| aggregate.events) {
        let there = written.contains(&(event.type_id, event.schema_version));
        assert!(there, "{} v{} has no golden line: run `cargo xtask gen`", event.name, event.schema_version);
        for older in event.older {
            let there = written.contains(&(event.type_id, SchemaVersion(*older)));
            assert!(there, "{} v{older} has lost its golden line", event.name);
        }
    }
}

/// Whether `now` has everything that `then` had.
fn holds(now: &serde_json::Value, then: &serde_json::Value) -> bool {
    match (now, then) {
        (serde_json::Value::Object(now), serde_json::Value::Object(then)) => {
            then.iter().all(|(key, value)| now.get(key).is_some_and(|now| holds(now, value)))
        }
        _ => now == then,
    }
}

/// The stored records of a log, one behind the other.
fn records(file: &str) -> Vec<RawRecord> {
    let bytes = std::fs::read(kit::root().join("tests/golden").join(file)).expect("the golden log is there");
    let mut rest = bytes::Bytes::from(bytes);
    let mut records = Vec::new();
    while !rest.is_empty() {
        let length = journal::record::length(&rest).expect("a record begins here");
        let record = RawRecord::parse(rest.split_to(length)).expect("the record is whole");
        record.check().expect("the record is unaltered");
        records.push(record);
    }
    records
}

fn check(file: &str, expected: &Expect) {
    let events: Vec<_> =
        records(file).iter().map(|record| engine::decode(record).expect("this build knows it")).collect();
    let mut shown = format!("{} events\n", events.len());
    for spec in views().into_iter().filter(|spec| spec.scope == Scope::Live) {
        let mut view = (spec.make)();
        events.iter().for_each(|event| view.apply(event));
        let hash: String = view.state_hash().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        shown += &format!("{} v{}: {} rows, state {hash}\n", spec.name, spec.version, view.len());
    }
    expected.assert_eq(&shown);
}

#[test]
fn the_first_log_folds_to_the_same_rows() {
    check(
        "log-1.records",
        &expect![[r#"
        116 events
        projects v1: 1 rows, state bb024f07d4bd32bb
        project-dashboard v1: 1 rows, state b3cc21bf7d5628ca
        runs v1: 3 rows, state 5fc9f073064b9fdd
        usage v1: 2 rows, state d9bddac0e536316f
    "#]],
    );
}
