//! What is derived from records for people and tools: events as JSON, their schemas, a report.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ids::{SchemaVersion, TypeId};
use domain::run::RunEvent;
use domain::{Event, Recorded, aggregates};
use schemars::SchemaGenerator;
use serde_json::{Value, json};

use super::parts::Manifest;
use crate::checkpoint::Checkpoint;
use crate::record::RawRecord;

/// Characters of an event's content in the report.
const EXCERPT: usize = 160;

/// An event as JSON, and whether this release can tell that it has to look just so.
pub(super) struct Line {
    pub(super) text: String,
    /// The event, where type and layout are known.
    pub(super) event: Option<Recorded>,
    /// Whether the stored layout is the one that this release writes: then no other text is right.
    pub(super) certain: bool,
}

/// A record as a line of `events.ndjson`.
pub(super) fn line(record: &RawRecord) -> Line {
    let decoded = record.meta().ok().and_then(|meta| {
        let event =
            Event::decode(meta.stream.category, meta.type_id, meta.schema_version, record.payload()).ok()?;
        Some(Recorded { meta, event })
    });
    let Some(recorded) = decoded else {
        return Line { text: opaque(record).to_string(), event: None, certain: false };
    };
    let text = serde_json::to_string(&recorded).expect("events hold plain data, which JSON always encodes");
    let certain = recorded.event.schema_version() == record.schema_version();
    Line { text, event: Some(recorded), certain }
}

/// What can be said of an event whose type or layout is not known.
fn opaque(record: &RawRecord) -> Value {
    json!({
        "position": record.position(),
        "stream": record.stream(),
        "version": record.version(),
        "type_id": record.type_id(),
        "schema_version": record.schema_version(),
        "time": record.time(),
        "commit": record.commit(),
        "payload_base64": STANDARD.encode(record.payload()),
    })
}

/// Name of the event that ended a run, where this is one.
pub(super) fn ends_run(event: &Event) -> Option<&'static str> {
    match event {
        Event::Run(RunEvent::RunCompleted(_) | RunEvent::RunFailed(_) | RunEvent::RunCancelled(_)) => {
            Some(event.name())
        }
        _ => None,
    }
}

/// `schemas.json`: a JSON schema for every type and layout among the records, as far as this release knows them.
pub(super) fn schemas(records: &[RawRecord]) -> String {
    let stored: BTreeSet<(TypeId, SchemaVersion)> =
        records.iter().map(|record| (record.type_id(), record.schema_version())).collect();
    let known: BTreeMap<TypeId, _> =
        aggregates().into_iter().flat_map(|it| it.events).map(|event| (event.type_id, event)).collect();
    let mut generator = SchemaGenerator::default();
    let mut events = Vec::new();
    for (type_id, stored) in stored {
        let spec = known.get(&type_id);
        events.push(json!({
            "type_id": type_id,
            "type": spec.map(|spec| spec.name),
            "stored_layout": stored,
            "shown_layout": spec.map(|spec| spec.schema_version),
            "schema": spec.map(|spec| (spec.schema)(&mut generator)),
        }));
    }
    let definitions = generator.take_definitions(true);
    pretty(&json!({ "events": events, "$defs": definitions }))
}

pub(super) fn pretty(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("plain data is always JSON");
    text.push('\n');
    text
}

/// `report.md`: what the records say, for people. `story` is what the caller has to tell beside it.
pub(super) fn report(
    manifest: &Manifest,
    checkpoint: &Checkpoint,
    lines: &[Line],
    story: Option<&str>,
) -> String {
    let subject = manifest.streams.first().map_or_else(|| "nothing".to_owned(), |it| it.stream.to_string());
    let mut text = format!("# Evidence of {subject}\n\n");
    put(&mut text, "log", format_args!("{}, epoch {}", manifest.log, manifest.epoch));
    put(&mut text, "events of the log when it was signed", format_args!("{}", checkpoint.size));
    put(&mut text, "signed at", format_args!("{}", checkpoint.extension("time").unwrap_or("unknown")));
    put(&mut text, "root", format_args!("`{}`", checkpoint.root));
    put(&mut text, "made at", format_args!("{}, by waybill {}", manifest.made_at, manifest.software));
    text.push_str(
        "\nThis page is for reading. What proves it are the records; `README.md` says how to check them.\n",
    );
    if let Some(story) = story {
        let _ = write!(text, "\n{}\n", story.trim_end());
    }
    text.push_str("\n## Streams\n\n| stream | events | positions |\n|---|---:|---|\n");
    for part in &manifest.streams {
        let _ = writeln!(
            text,
            "| {} | {} | {} to {} |",
            part.stream, part.events, part.first_position, part.last_position
        );
    }
    text.push_str("\n## Events by type\n\n| type | events |\n|---|---:|\n");
    let mut types: BTreeMap<&str, u64> = BTreeMap::new();
    for line in lines {
        *types
            .entry(line.event.as_ref().map_or("unknown to this release", |it| it.event.name()))
            .or_default() += 1;
    }
    for (name, count) in types {
        let _ = writeln!(text, "| {name} | {count} |");
    }
    text.push_str("\n## Every event\n\n| position | version | recorded | by | type | content |\n|---:|---:|---|---|---|---|\n");
    for line in lines {
        text.push_str(&row(line));
    }
    text
}

fn put(text: &mut String, name: &str, value: std::fmt::Arguments<'_>) {
    let _ = writeln!(text, "- {name}: {value}");
}

fn row(line: &Line) -> String {
    let Some(Recorded { meta, event }) = &line.event else {
        return format!("| | | | | unknown | {} |\n", cell(&line.text));
    };
    let data = serde_json::to_string(event).expect("events hold plain data, which JSON always encodes");
    let (position, version, time, actor) = (meta.position, meta.version, meta.time, meta.actor);
    format!("| {position} | {version} | {time} | {actor} | {} | {} |\n", event.name(), cell(&data))
}

/// A text in a table: on one line, cut, and without what Markdown or a terminal would take for its own.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for c in text.chars().take(EXCERPT) {
        match c {
            '|' | '`' | '<' | '>' | '*' | '_' | '[' | ']' | '\\' | '!' => cell.extend(['\\', c]),
            c if c.is_control() => cell.push('\u{fffd}'),
            c => cell.push(c),
        }
    }
    if text.chars().nth(EXCERPT).is_some() {
        cell.push('…');
    }
    cell
}
