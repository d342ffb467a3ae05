//! Every decoder of bytes that others may have had a hand in, as a function that must not panic whatever comes.
//!
//! `fuzz/` hands them to libFuzzer, `tests/it/fuzzed.rs` replays what it found, and `src/bin/fuzz.rs` mutates that on
//! the stable compiler.

use std::io::{Cursor, Read};
use std::ops::ControlFlow;

use bytes::Bytes;
use domain::catalogue::EventSpec;
use domain::ids::{LogId, SchemaVersion, TypeId};
use domain::{Category, Command, Event, aggregates};
use journal::block;
use proof::entry::StandIn;
use proof::tile::{self, BundleId, TileId};
use proof::trust::Held;
use proof::{Checkpoint, Hash, Note, RawRecord, Trust, VerifyingKey, bundle, rotation, tree};
use replay::import::{Format, Found, ImportError, Options, import_from};

/// A decoder: its name, which is that of its corpus, and what is done with an input.
pub type Target = (&'static str, fn(&[u8]));

/// Every one.
pub const TARGETS: &[Target] = &[
    ("record", record),
    ("block", stored_block),
    ("entry", entry),
    ("tile", tile_of_hashes),
    ("note", note),
    ("proof", merkle_proof),
    ("rotation", change_of_key),
    ("bundle", evidence),
    ("payload", payload),
    ("command", command),
    ("import", session),
    ("words", words),
    ("files", files),
    ("manifest", manifest),
    ("frame", frame),
    ("query", query),
    ("body", body),
];

/// Hands `input` to the decoder of that name.
///
/// # Panics
/// There is none of that name, or it found what must not be.
pub fn run(name: &str, input: &[u8]) {
    let (_, decode) = TARGETS.iter().find(|(known, _)| *known == name).expect("a decoder of the list");
    decode(input);
}

/// Number that the first byte gives, and the rest.
fn split(input: &[u8]) -> (usize, &[u8]) {
    input.split_first().map_or((0, input), |(first, rest)| (usize::from(*first), rest))
}

/// One stored record, and the event in it.
fn record(input: &[u8]) {
    let Ok(record) = RawRecord::parse(Bytes::copy_from_slice(input)) else { return };
    assert_eq!(record.bytes().as_ref(), input, "what was read is what is kept");
    let _ = replay::decode(&record).map(|event| serde_json::to_vec(&event).expect("events are JSON"));
}

/// One stored block, all of its records, and their events.
fn stored_block(input: &[u8]) {
    let _ = block::decode_header(input);
    let Ok(block) = block::decode(Bytes::copy_from_slice(input)) else { return };
    assert!(block.len() > 0 && block.first() <= block.last());
    for record in block.records() {
        let _ = replay::decode(&record);
    }
}

/// An entry of a tree, or what stands in for a long one.
fn entry(input: &[u8]) {
    let _ = proof::entry::leaf(input);
    if let Some(stand_in) = StandIn::parse(input) {
        assert_eq!(stand_in.encode().as_slice(), input);
        let _ = stand_in.path();
    }
}

/// Tiles and bundles by content, and their names by text.
fn tile_of_hashes(input: &[u8]) {
    let (width, rest) = split(input);
    let width = u16::try_from(width + 1).expect("at most 256");
    let _ = tile::decode_tile(rest, width);
    let _ = tile::decode_bundle(&Bytes::copy_from_slice(rest), width);
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(tile) = text.parse::<TileId>() {
        assert_eq!(tile.path(), text, "a place has one name");
    }
    if let Ok(bundle) = text.parse::<BundleId>() {
        assert_eq!(bundle.path(), text, "a place has one name");
    }
}

/// A signed note, a checkpoint with its signatures, and a key.
fn note(input: &[u8]) {
    if let Ok(note) = Note::parse(input) {
        let _ = note.text();
    }
    let _ = Held::read(input);
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        let again = Checkpoint::parse(&checkpoint.encode()).ok();
        assert_eq!(again.as_ref(), Some(&checkpoint), "it reads what it writes");
    }
    if let Ok(key) = text.parse::<VerifyingKey>() {
        assert!(key.to_string().parse::<VerifyingKey>().ok() == Some(key), "it reads what it writes");
    }
}

/// A proof of inclusion and one of consistency: two numbers, two roots, and the way between.
fn merkle_proof(input: &[u8]) {
    let Some((numbers, rest)) = input.split_first_chunk::<16>() else { return };
    let number = |at: usize| u64::from_be_bytes(numbers[at..at + 8].try_into().expect("8 bytes"));
    let hashes: Vec<Hash> = rest.as_chunks::<32>().0.iter().map(|bytes| Hash(*bytes)).collect();
    let [one, other, way @ ..] = hashes.as_slice() else { return };
    let (low, high) = (number(0), number(8));
    let _ = tree::verify_inclusion(low, high, one, way, other);
    let _ = tree::verify_consistency(low, one, high, other, way);
    let _ = tree::verify_subtree_inclusion(low, (low & !1, high), one, way, other);
}

/// A statement that a log has another key.
fn change_of_key(input: &[u8]) {
    let _ = rotation::verify(input, LogId::from_bytes([1; 16]));
}

/// Evidence of a run, as a stranger checks it.
fn evidence(input: &[u8]) {
    let trust = Trust { keys: Vec::new(), bundled: true, freshness: None };
    if let Ok(report) = bundle::verify(&Bytes::copy_from_slice(input), &trust) {
        let _ = report.text();
    }
}

/// Number of an event's type, big endian, layout, and the payload as it is stored.
fn payload(input: &[u8]) {
    let Some(([high, low, layout], payload)) = input.split_first_chunk::<3>() else { return };
    let type_id = TypeId(u16::from_be_bytes([*high, *low]));
    let known = |events: &[EventSpec]| events.iter().any(|event| event.type_id == type_id);
    let Some(aggregate) = aggregates().into_iter().find(|aggregate| known(&aggregate.events)) else { return };
    let category: Category = aggregate.name.parse().expect("the registry names its kinds");
    let layout = SchemaVersion((*layout).into());
    let Ok(event) = Event::decode(category, type_id, layout, payload) else { return };
    let again = Event::decode(category, type_id, event.schema_version(), &event.encode());
    assert_eq!(again.as_ref(), Ok(&event), "it reads what it writes");
    let _ = serde_json::to_vec(&event).expect("events are JSON");
}

/// A line `aggregate/command`, and the body as HTTP takes it.
fn command(input: &[u8]) {
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else { return };
    let Some((category, name)) =
        std::str::from_utf8(&input[..end]).ok().and_then(|line| line.split_once('/'))
    else {
        return;
    };
    let Ok(category) = category.parse() else { return };
    let _ = Command::parse(category, name, &input[end + 1..]);
}

/// A file of another tool: a byte for which one, and the file.
fn session(input: &[u8]) {
    let (which, file) = split(input);
    let format = Format::ALL[which % Format::ALL.len()];
    let open = || Ok(Box::new(Cursor::new(file.to_vec())) as Box<dyn Read>);
    let mut found = 0_u32;
    let mut sink = |_: Found| {
        found += 1;
        if found < 10_000 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let read = import_from(format, "a file", &open, &Options::into_slug("fuzzed"), &mut sink);
    assert!(!matches!(read, Err(ImportError::Read { .. })), "memory can be read");
}

/// Whatever is parsed from a text by itself: ids, instants, actors, points in history.
fn words(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    /// What is read is written so that it is read again.
    fn both<T: std::str::FromStr + std::fmt::Display + PartialEq + std::fmt::Debug>(text: &str) {
        let Ok(value) = text.parse::<T>() else { return };
        let again = value.to_string().parse::<T>().ok();
        assert_eq!(again, Some(value), "it reads what it writes: {text}");
    }
    both::<domain::ids::RunId>(text);
    both::<domain::StreamId>(text);
    both::<domain::Actor>(text);
    both::<domain::ids::Position>(text);
    both::<domain::values::Timestamp>(text);
    both::<domain::calendar::Date>(text);
    both::<Hash>(text);
    let _ = text.parse::<engine::At>();
    let _ = text.parse::<domain::Expected>();
    let _ = text.parse::<search::Cursor>();
}

/// Files that people and agents edit: definitions of agents.
fn files(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let _ = domain::agent_definition::file::read(text);
}

/// What an export, and so a copy taken away, says of itself.
fn manifest(input: &[u8]) {
    let Ok(manifest) = serde_json::from_slice::<export::Manifest>(input) else { return };
    let written = serde_json::to_vec(&manifest).expect("it is JSON");
    assert_eq!(serde_json::from_slice::<export::Manifest>(&written).ok(), Some(manifest));
}

/// A text frame of a WebSocket's client.
fn frame(input: &[u8]) {
    api::fuzzed::frame(input);
}

/// A request's path and query.
fn query(input: &[u8]) {
    api::fuzzed::query(input);
}

/// A body of a route that is no command's.
fn body(input: &[u8]) {
    api::fuzzed::body(input);
}
