//! Folders of tiles as a log writes them, and every way in which one may not be.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use domain::ids::{CommitId, LogId, Position, SchemaVersion, StreamVersion, TypeId};
use domain::values::Timestamp;
use domain::{Actor, Category, Fingerprint, StreamId, Ulid};
use expect_test::expect;
use proof::hash::Hash;
use proof::order::Tail;
use proof::record::{Parts, encode};
use proof::tile::{bundles, encode_bundle, encode_tile, tiles};
use proof::trust::Trust;
use proof::{Checkpoint, Frontier, Origin, Outcome, RawRecord, SigningKey, entry};
use tempfile::TempDir;

use super::report::Report;

const NOW: i64 = 1_763_680_000_000;
/// Full bundles, a partial one, and a second level of tiles.
const SIZE: u64 = 600;
/// A record that is too long for a bundle.
const LONG: u64 = 300;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(origin().key_name(), &[seed; 32]).unwrap()
}

fn origin() -> Origin {
    Origin { log: LogId::from(Ulid(7)), epoch: 1 }
}

fn stream(number: u64) -> StreamId {
    StreamId::new(Category(3), Ulid(number.into()))
}

/// Records of five streams, in commits of one or of three events.
fn records() -> Vec<RawRecord> {
    let mut tails: HashMap<StreamId, Tail> = HashMap::new();
    let mut records = Vec::new();
    while records.len() < usize::try_from(SIZE).unwrap() {
        let first = records.len() as u64;
        let (stream, size) = (stream(first % 5), if first.is_multiple_of(9) { 3 } else { 1 });
        for index in 0..size {
            let position = Position(first + u64::from(index));
            let tail = tails.get(&stream);
            let payload = vec![7; if position.0 == LONG { 70_000 } else { 20 }];
            let parts = Parts {
                position,
                version: StreamVersion(tail.map_or(0, |tail| tail.version.0 + 1)),
                stream,
                type_id: TypeId(9_999),
                schema_version: SchemaVersion(1),
                commit_index: index,
                commit_size: size,
                actor: Actor::System,
                expectation: 0,
                project: None,
                commit: CommitId::from(Ulid(first.into())),
                causation: None,
                correlation: None,
                time: Timestamp::from_millis(NOW),
                occurred_at: None,
                fingerprint: Fingerprint(0),
                previous: tail.map(|tail| tail.position),
                chain: tail.map_or([0; 16], |tail| tail.chain),
                payload: &payload,
            };
            let mut bytes = Vec::new();
            encode(&parts, &mut bytes);
            let record = RawRecord::parse(bytes.into()).unwrap();
            tails.insert(stream, Tail::of(&record));
            records.push(record);
        }
    }
    records
}

/// Writes the folder of a log of these records, signed by key 1.
fn write(folder: &Path, records: &[RawRecord]) {
    let put = |path: &str, bytes: &[u8]| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    let (mut frontier, mut nodes) = (Frontier::new(), HashMap::<(u8, u64), Hash>::new());
    let entries: Vec<_> = records.iter().map(|record| entry::entry(record.bytes())).collect();
    for (record, entry) in records.iter().zip(&entries) {
        frontier.push_with(proof::hash::leaf_hash(entry), |level, index, hash| {
            nodes.insert((level, index), hash);
        });
        if let Some(stand_in) = entry::StandIn::parse(entry) {
            put(&stand_in.path(), record.bytes());
        }
    }
    for id in tiles(frontier.size()) {
        let first = id.index * 256;
        let hashes = (first..first + u64::from(id.width)).map(|at| nodes[&(id.level * 8, at)]);
        put(&id.path(), &encode_tile(&hashes.collect::<Vec<_>>()));
    }
    for id in bundles(frontier.size()) {
        let first = usize::try_from(id.index * 256).unwrap();
        let entries = entries[first..first + usize::from(id.width)].iter().map(|entry| &**entry);
        put(&id.path(), &encode_bundle(entries).unwrap());
    }
    let checkpoint = Checkpoint {
        origin: origin().to_string(),
        size: frontier.size(),
        root: frontier.root(),
        extensions: vec![format!("time {}", Timestamp::from_millis(NOW))],
    };
    put("checkpoint", checkpoint.sign(&[&key(1)]).unwrap().encode().as_bytes());
}

fn folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &records());
    dir
}

fn trust() -> Trust {
    Trust { keys: vec![key(1).verifying_key().clone()], ..Trust::default() }
}

fn check(dir: &Path) -> Report {
    super::verify(dir, &trust(), |_, _| {}).unwrap()
}

/// What a folder shows after a change.
fn after(change: impl FnOnce(&Path)) -> String {
    let dir = folder();
    change(dir.path());
    let report = check(dir.path());
    let faults = report.findings.faults.iter().map(|fault| match fault.position {
        Some(position) => format!("\n{position}: {}", fault.what),
        None => format!("\n{}", fault.what),
    });
    let notes = report.findings.notes.iter().map(|note| format!("\nnote: {note}"));
    format!("{:?}{}{}", report.findings.outcome(), faults.collect::<String>(), notes.collect::<String>())
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut open = vec![dir.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

#[test]
fn a_whole_folder_is_verified() {
    let report = check(folder().path());
    let root = report.checkpoint.as_ref().unwrap().root.to_string();
    expect![[r#"
        Verified: nothing was altered and nothing is missing.

        nothing altered  yes
        nothing missing  yes
        log              00000000000000000000000007, epoch 1
        checkpoint       of 600 events, at 2025-11-20T23:06:40.000Z
        root             ROOT
        signed by        waybill/00000000000000000000000007+5252587c+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c (a key that you gave)
        read             600 events of 5 streams, 194,828 bytes
        files            3 bundles, 4 tiles, 1 long record
    "#]]
    .assert_eq(&report.text().replace(&root, "ROOT"));
}

#[test]
fn a_flipped_bit_in_any_file_is_found() {
    let dir = folder();
    for path in files(dir.path()) {
        let length = fs::read(&path).unwrap().len();
        for at in [0, 1, length / 3, length / 2, length - 2, length - 1] {
            flip(&path, at);
            let report = check(dir.path());
            let outcome = report.findings.outcome();
            let name = path.display();
            // The origin's log and the key's name tell whose key would count: with others, none is known.
            let stranger = path.ends_with("checkpoint") && outcome == Outcome::UnknownKey;
            assert!(outcome == Outcome::Altered || stranger, "{name} at {at}: {outcome:?}");
            flip(&path, at);
        }
    }
    assert_eq!(check(dir.path()).findings.outcome(), Outcome::Verified);
}

#[test]
fn a_missing_file_is_named_and_the_rest_is_checked() {
    let remove = |path: &'static str| after(move |dir| fs::remove_file(dir.join(path)).unwrap());
    expect!["Incomplete\n256: `tile/entries/001` is missing"].assert_eq(&remove("tile/entries/001"));
    expect!["Incomplete\n`tile/0/001` is missing"].assert_eq(&remove("tile/0/001"));
    expect!["Incomplete\n`tile/1/000.p/2` is missing"].assert_eq(&remove("tile/1/000.p/2"));
    let long = after(|dir| fs::remove_dir_all(dir.join("records")).unwrap());
    assert!(long.starts_with("Incomplete\n300: `records/"), "{long}");
    let both = after(|dir| {
        fs::remove_file(dir.join("tile/entries/001")).unwrap();
        fs::remove_file(dir.join("tile/0/001")).unwrap();
    });
    expect![[r#"
        Incomplete
        `tile/0/001` is missing
        256: `tile/entries/001` is missing
        256: 344 events from here on cannot be checked"#]]
    .assert_eq(&both);
    let nothing = after(|dir| fs::remove_file(dir.join("checkpoint")).unwrap());
    expect!["UnknownKey\n`checkpoint` is missing: nothing says what the events should be"]
        .assert_eq(&nothing);
}

#[test]
fn whoever_rewrites_the_tiles_still_lacks_the_signature() {
    // All hashes anew over altered events, under the old checkpoint.
    let rewritten = after(|dir| {
        let checkpoint = fs::read(dir.join("checkpoint")).unwrap();
        let mut records = records();
        let mut bytes = records[599].bytes().to_vec();
        bytes[152] ^= 1;
        let end = bytes.len() - 4;
        let crc = crc32c::crc32c(&bytes[..end]);
        bytes[end..].copy_from_slice(&crc.to_le_bytes());
        records[599] = RawRecord::parse(bytes.into()).unwrap();
        write(dir, &records);
        fs::write(dir.join("checkpoint"), checkpoint).unwrap();
    });
    assert!(rewritten.starts_with("Altered\nthe events have root "), "{rewritten}");
    // Signed with another key of the same name.
    let forged = after(|dir| {
        let text = fs::read_to_string(dir.join("checkpoint")).unwrap();
        let body = text.split_once("\n\n").unwrap().0;
        let note = proof::Note::signed(format!("{body}\n"), &[&key(66)]).unwrap();
        fs::write(dir.join("checkpoint"), note.encode()).unwrap();
    });
    assert!(forged.starts_with("UnknownKey"), "{forged}");
}

#[test]
fn a_log_with_a_gap_in_a_stream_is_told_although_it_is_signed() {
    let dir = tempfile::tempdir().unwrap();
    let mut records = records();
    records.truncate(550);
    // The writer itself left one out and signed the rest.
    records.remove(500);
    write(dir.path(), &records);
    let report = check(dir.path());
    assert_eq!(report.findings.outcome(), Outcome::Altered);
    let faults: Vec<_> = report.findings.faults.iter().map(|fault| fault.what.as_str()).collect();
    assert!(
        faults.iter().any(|what| what.starts_with("the record says that it stands at 501")),
        "{faults:?}"
    );
    assert!(faults.iter().any(|what| what.starts_with("expected version")), "{faults:?}");
}

#[test]
fn leftovers_must_agree_and_what_is_ahead_is_said() {
    let beginning = |dir: &Path, part: &str, whole: &str, bytes: usize| {
        let path = dir.join(part);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &fs::read(dir.join(whole)).unwrap()[..bytes]).unwrap();
    };
    assert_eq!(after(|dir| beginning(dir, "tile/0/001.p/9", "tile/0/001", 9 * 32)), "Verified");
    let wrong = after(|dir| {
        beginning(dir, "tile/0/001.p/9", "tile/0/001", 9 * 32);
        flip(&dir.join("tile/0/001.p/9"), 40);
    });
    assert_eq!(wrong, "Altered\n`tile/0/001.p/9` is not the beginning of `tile/0/001`");
    let ahead = after(|dir| beginning(dir, "tile/entries/002.p/200", "tile/entries/002.p/88", 100));
    assert_eq!(ahead, "Verified\nnote: 1 file is ahead of the checkpoint: written, and not signed for yet");
    let foreign = after(|dir| fs::write(dir.join("notes.txt"), "x").unwrap());
    assert_eq!(foreign, "Verified\nnote: `notes.txt` is no part of a tiles folder; nothing vouches for it");
}

#[test]
fn a_full_tile_stands_in_for_a_part_that_was_removed() {
    let verified = after(|dir| {
        let ahead = folder();
        let mut records = records();
        records.truncate(500);
        for path in files(dir) {
            fs::remove_file(path).unwrap();
        }
        write(dir, &records);
        for (part, whole) in
            [("tile/0/001.p/244", "tile/0/001"), ("tile/entries/001.p/244", "tile/entries/001")]
        {
            fs::remove_file(dir.join(part)).unwrap();
            fs::copy(ahead.path().join(whole), dir.join(whole)).unwrap();
        }
    });
    assert_eq!(
        verified,
        "Verified\nnote: 2 files are ahead of the checkpoint: written, and not signed for yet"
    );
}

#[test]
fn keys_of_the_data_folder_count_only_when_asked_for() {
    let data = tempfile::tempdir().unwrap();
    let tiles = data.path().join("tiles");
    write(&tiles, &records());
    fs::create_dir(data.path().join("keys")).unwrap();
    fs::write(data.path().join("keys/log.pub"), format!("{}\n", key(1).verifying_key())).unwrap();
    let outcome = |trust: &Trust| super::verify(&tiles, trust, |_, _| {}).unwrap().findings.outcome();
    assert_eq!(outcome(&Trust::default()), Outcome::UnknownKey);
    assert_eq!(outcome(&Trust { bundled: true, ..Trust::default() }), Outcome::Verified);
}
