//! The first inputs: golden and recorded data, taken apart.

use std::io::Result;

use domain::examples::{Choices, Examples};
use domain::ids::{LogId, Position};
use journal::block;
use kit::{corpus, root};
use proof::SigningKey;
use proof::record::{RawRecord, length};
use replay::import::Format;

/// Records that are kept.
const RECORDS: usize = 40;
const RECORD_MAX_BYTES: usize = 1024;
/// Largest recorded session that is kept.
const SESSION_MAX_BYTES: usize = 6 << 10;

/// Writes them all, beside those that are kept already.
pub(crate) fn write() -> Result<()> {
    let golden = root().join("tests").join("golden");
    let records = records(&std::fs::read(golden.join("log-1.records"))?);
    let tiles = golden.join("data-2").join("tiles");
    let checkpoint = std::fs::read(tiles.join("checkpoint"))?;
    let key = std::fs::read(golden.join("data-2").join("keys").join("log.pub"))?;
    let all: Vec<(&str, Vec<Vec<u8>>)> = vec![
        ("block", blocks(&records)),
        ("entry", entries(&records)),
        ("record", records),
        ("tile", tiles_of(&tiles)?),
        ("note", vec![checkpoint, key.clone(), key.trim_ascii().to_vec()]),
        ("proof", proofs()),
        ("rotation", vec![rotation()]),
        ("bundle", vec![vec![0; 1024]]),
        ("payload", payloads(&std::fs::read_to_string(golden.join("events.txt"))?)),
        ("command", commands()),
        ("import", sessions()?),
        ("words", texts(WORDS)),
        ("files", texts(FILES)),
        ("manifest", texts(MANIFESTS)),
        ("frame", texts(FRAMES)),
        ("query", texts(QUERIES)),
        ("body", texts(BODIES)),
    ];
    for (target, seeds) in all {
        let kept = if corpus::path(target).exists() { corpus::load(target) } else { Vec::new() };
        println!("{target}: {} inputs", corpus::save(target, kept.into_iter().chain(seeds))?);
    }
    Ok(())
}

fn records(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    while let Ok(length) = length(bytes) {
        let (record, rest) = bytes.split_at(length);
        found.push(record.to_vec());
        bytes = rest;
    }
    found.retain(|record| record.len() <= RECORD_MAX_BYTES);
    found.truncate(RECORDS);
    found
}

fn blocks(records: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let block = |records: &[Vec<u8>]| {
        let first = RawRecord::parse(records[0].clone().into()).expect("a record").position();
        let count = u32::try_from(records.len()).expect("few");
        block::encode(first, count, &records.concat()).to_vec()
    };
    let follow = |pair: &[Vec<u8>]| {
        let at = |record: &Vec<u8>| RawRecord::parse(record.clone().into()).expect("a record").position();
        let (Position(one), Position(other)) = (at(&pair[0]), at(&pair[1]));
        other == one + 1
    };
    let pairs = records.windows(2).filter(|pair| follow(pair)).take(4).map(block);
    pairs.chain(records.iter().take(4).map(|record| block(std::slice::from_ref(record)))).collect()
}

fn entries(records: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let stand_ins = records.iter().take(3).map(|record| proof::entry::StandIn::of(record).encode().to_vec());
    stand_ins.chain(records.iter().take(3).cloned()).collect()
}

/// Contents, with their width before them, and names.
fn tiles_of(tiles: &std::path::Path) -> Result<Vec<Vec<u8>>> {
    let hashes = std::fs::read(tiles.join("tile/0/000.p/118"))?;
    let bundle = std::fs::read(tiles.join("tile/entries/000.p/118"))?;
    let length = 2 + usize::from(u16::from_be_bytes([bundle[0], bundle[1]]));
    let names = ["tile/0/000.p/118", "tile/3/x001/x234/067", "tile/entries/000.p/1", "tile/entries/x001/000"];
    let contents = [[&[3][..], &hashes[..128]].concat(), [&[0][..], &bundle[..length]].concat()];
    Ok(names.iter().map(|name| name.as_bytes().to_vec()).chain(contents).collect())
}

fn proofs() -> Vec<Vec<u8>> {
    let numbers = |low: u64, high: u64| [low.to_be_bytes(), high.to_be_bytes()].concat();
    let of = |low, high, hashes: usize| [numbers(low, high), vec![7; 32 * hashes]].concat();
    vec![of(0, 1, 2), of(1, 2, 3), of(3, 8, 5), of(5, 7, 5), of(4, 8, 4), of(1 << 40, 1 << 41, 42)]
}

fn rotation() -> Vec<u8> {
    let log = LogId::from_bytes([1; 16]);
    let name = proof::Origin { log, epoch: 1 }.key_name();
    let key = |seed| SigningKey::from_seed(name.clone(), &[seed; 32]).expect("the name is one");
    proof::rotation::statement(log, &key(1), &key(2)).expect("it fits").encode().into_bytes()
}

fn payloads(text: &str) -> Vec<Vec<u8>> {
    let payload = |line: &str| {
        let mut words = line.split(' ').skip(1);
        let number: u16 = words.next()?.parse().ok()?;
        let layout: u8 = words.nth(1)?.strip_prefix('v')?.parse().ok()?;
        let hex = words.next()?;
        let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
        let bytes = (0..hex.len()).step_by(2).map(byte).collect::<Option<Vec<_>>>()?;
        Some([&number.to_be_bytes()[..], &[layout], &bytes].concat())
    };
    text.lines().filter(|line| !line.starts_with('#')).filter_map(payload).collect()
}

fn commands() -> Vec<Vec<u8>> {
    let examples = Examples::new();
    let one = |asked| {
        let body = examples.body(asked, &mut Choices::new(1)).to_string();
        format!("{}/{}\n{body}", asked.category, asked.command).into_bytes()
    };
    examples.asked().iter().map(one).collect()
}

fn sessions() -> Result<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    let files = [
        ("claude-terminated.jsonl", Format::ClaudeCode),
        ("claude-transcript.jsonl", Format::ClaudeCode),
        ("codex-exec.jsonl", Format::Codex),
        ("codex-rollout.jsonl", Format::Codex),
        ("opencode-run.jsonl", Format::OpenCode),
        ("pi-large-session.jsonl", Format::Pi),
        ("function_calling_simple.traj", Format::SweAgent),
        ("generic.ndjson", Format::Ndjson),
    ];
    for (name, format) in files {
        let mut file = std::fs::read(root().join("tests").join("data").join(name))?;
        if file.len() > SESSION_MAX_BYTES && name.ends_with("jsonl") {
            let end =
                file[..SESSION_MAX_BYTES].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            file.truncate(end);
        }
        let which = Format::ALL.iter().position(|known| *known == format).expect("it is one of all");
        found.push([&[u8::try_from(which).expect("few")][..], &file].concat());
    }
    Ok(found)
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

const WORDS: &[&str] = &[
    "01J00000000000000000000001",
    "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
    "run-01J00000000000000000000001",
    "user-01J00000000000000000000001",
    "api-key-01J00000000000000000000001",
    "operator",
    "18446744073709551615",
    "2026-11-21T07:06:00Z",
    "2026-11-21T07:06:00.123+05:30",
    "9999-12-31T23:59:59.999Z",
    "0000-01-01T00:00:00Z",
    "2024-02-29",
    "exists",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
];

const FILES: &[&str] = &[
    "---\nname: builder\nmodel: sonnet\ntools: Read, Write, Edit\nsandboxed: true\n---\nYou build.\n",
    "---\nname: scout\ndescription: \"looks: around\"\ntools:\n  - Read\n  - mcp__perplexity\n---\n# Scout\n\nText.\n",
    "no front matter",
    "---\n---\n",
];

const MANIFESTS: &[&str] = &[
    r#"{"manifest":1,"format":"parquet","log":{"id":"01J00000000000000000000001","epoch":1},"exports":[{"after":null,"to":7,"rows":{"runs":1},"checkpoint":null,"files":[{"path":"runs.parquet","table":"runs","rows":1,"bytes":10,"sha256":"00"}]}],"tables":{"runs":[]}}"#,
];

const FRAMES: &[&str] = &[
    r#"{"type":"hello","token":"wb_x_y"}"#,
    r#"{"type":"hello","token":null}"#,
    r#"{"type":"sub","id":"a","topic":"events","params":{"project":"x"}}"#,
    r#"{"type":"sub","id":"a","topic":"view:runs","from":{"log":"01J00000000000000000000001","epoch":1,"position":7}}"#,
    r#"{"type":"sub","id":"a","topic":"view:run-timeline/01J00000000000000000000001","at":"2026-11-21T07:06:00Z"}"#,
    r#"{"type":"unsub","id":"a"}"#,
    r#"{"type":"ping"}"#,
];

const QUERIES: &[&str] = &[
    "/v1/views/runs?at=7&min_position=3&wait=10&limit=5&after=a%20b&order=desc&status=running",
    "/v1/events?after=1&stream=run-01J00000000000000000000001&type=RunStarted&category=run&since=2026-11-21T07:06:00Z",
    "/v1/events?project=01J00000000000000000000001&actor=operator&until=2026-11-21T07:06:00Z",
    "/v1/metrics/pass-rate?by=model,day&since=2026-11-21T07:06:00Z&definition=%7B%22numerator%22%3A1%7D",
    "http://localhost:1/v1/search?q=%22a%20b%22%20c*&limit=3",
    "*",
];

const BODIES: &[&str] = &[
    r#"{"email":"a@b","password":"long enough it is"}"#,
    r#"{"code":"x","name":"A","email":"a@b","password":"long enough it is"}"#,
    r#"{"current":"a","new":"b"}"#,
    r#"{"position":7,"reason":"broken"}"#,
    r#"{"since":"x\n1\n","stream":"run-01J00000000000000000000001","keys":["a+b+c"],"max_age_ms":7}"#,
    "  ",
];
