//! Every event, its payload as JSON text.

use data_encoding::HEXLOWER;
use domain::Event;
use journal::RawRecord;

use super::{AT, POSITION, PROJECT};
use crate::column::{Column, Kind, Rows};

pub(super) const COLUMNS: &[Column] = &[
    POSITION,
    AT,
    Column::of(
        "stream",
        Kind::Text,
        "the aggregate's history it belongs to, such as `run-01J…`",
        "every event",
    ),
    Column::of("category", Kind::Text, "the kind of aggregate", "every event"),
    Column::of("version", Kind::Count, "place in that stream, from 0", "every event"),
    Column::opt(
        "type",
        Kind::Text,
        "name of the event's type; null where a later release wrote it",
        "every event",
    ),
    Column::of("type_id", Kind::Count, "permanent number of the type", "every event"),
    Column::of("schema_version", Kind::Count, "version of the stored payload's layout", "every event"),
    Column::of("time", Kind::Instant, "when it was recorded", "every event"),
    Column::opt(
        "occurred_at",
        Kind::Instant,
        "when it happened, where that is not when it was recorded",
        "every event",
    ),
    Column::of("commit", Kind::Text, "the commit it came in", "every event"),
    Column::of("commit_index", Kind::Count, "place in that commit, from 0", "every event"),
    Column::of("commit_size", Kind::Count, "number of events in that commit", "every event"),
    Column::opt(
        "actor",
        Kind::Text,
        "who caused it; null for a kind that this release does not know",
        "every event",
    ),
    Column::opt("causation", Kind::Text, "the commit that led to it", "every event"),
    Column::opt("correlation", Kind::Text, "the run or session it belongs to", "every event"),
    PROJECT,
    Column::opt(
        "data",
        Kind::Text,
        "the payload as JSON; null where this release cannot read it",
        "every event",
    ),
    Column::opt(
        "payload_hex",
        Kind::Text,
        "the stored payload, where `data` is null or reads otherwise: an earlier layout, or sealed text that was opened",
        "every event",
    ),
    Column::of(
        "expectation",
        Kind::Count,
        "what the commit expected of its stream: 0 anything, 1 nothing, 2 something, 3 its very version",
        "every event",
    ),
    Column::of("fingerprint", Kind::Text, "fingerprint of the command, 16 hexadecimal digits", "every event"),
];

/// Appends a row. `json` is a buffer that is used again.
pub(super) fn row(rows: &mut Rows, record: &RawRecord, event: Option<&Event>, json: &mut Vec<u8>) {
    let stream = record.stream();
    rows.count(Some(record.position().0))
        .instant(Some(record.occurred_at().unwrap_or(record.time())))
        .shown(Some(stream))
        .shown(Some(stream.category))
        .count(Some(record.version().0))
        .text(event.map(Event::name))
        .count(Some(record.type_id().0.into()))
        .count(Some(record.schema_version().0.into()))
        .instant(Some(record.time()))
        .instant(record.occurred_at())
        .shown(Some(record.commit()))
        .count(Some(record.commit_index().into()))
        .count(Some(record.commit_size().into()))
        .shown(record.actor().ok())
        .shown(record.causation())
        .shown(record.correlation())
        .shown(record.project());
    match event {
        Some(event) => {
            json.clear();
            serde_json::to_writer(&mut *json, event)
                .expect("events are plain data, which JSON always encodes");
            rows.text(Some(std::str::from_utf8(json).expect("JSON is UTF-8")));
        }
        None => {
            rows.text(None);
        }
    }
    // What `data` says is what was stored, or both stand there.
    let is_whole = event.is_some_and(|event| {
        event.schema_version() == record.schema_version() && event.encode() == record.payload()
    });
    rows.text((!is_whole).then(|| HEXLOWER.encode(record.payload())).as_deref())
        .count(Some(record.expectation().into()))
        .shown(Some(format_args!("{:016x}", record.fingerprint().0)));
    rows.end();
}
