//! `waybill bench read`: the whole log back in order, as a library and over HTTP in each form.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use clap::Args;
use journal::{Journal, Options, RawRecord, RecordError, block, record};

use super::history::{self, Filled};
use super::http::{Connection, Endpoint};
use super::measure::{Amount, Row};
use super::report::Report;
use super::server::Server;
use super::{Stage, disk, progress};
use crate::failure::{Exit, Failure};

/// Read a log of its own from end to end
#[derive(Debug, Clone, Args)]
pub(super) struct Read {
    /// Events of the log
    #[arg(long, value_name = "NUMBER", default_value_t = 500_000, value_parser = clap::value_parser!(u64).range(1_000..=50_000_000))]
    pub(super) events: u64,
}

/// A way to read a whole log; tells events and bytes.
type Pass = fn(&Journal) -> Result<(u64, u64), Failure>;

impl Read {
    pub(super) async fn run(self, stage: &Stage) -> Result<Report, Failure> {
        let about = "the whole log in order, from the page cache; the library opens it anew for each pass, the server once";
        let mut report = Report::new("read", about, stage.disk()?);
        let (dir, raw_path) = (stage.path("read"), stage.path("records"));
        let filled = fill(stage, &dir, self.events, history::TURNS).await?;
        let (events, time) = (filled.events, stage.time / 2);
        let raw = {
            let (dir, raw_path) = (dir.clone(), raw_path);
            stage.blocking(move || raw(&dir, &raw_path, events)).await?
        };
        let library: [(&str, Pass); 3] = [
            ("library, records", scan),
            ("library, blocks", scan_blocks),
            ("library, decoded events", decode),
        ];
        for (name, pass) in library {
            let _bar = progress::clock(name.to_owned(), time);
            let dir = dir.clone();
            let amount = stage.blocking(move || passes(&dir, events, time, pass)).await?;
            report.rows.push(Row::new(name, amount).beside(&raw));
        }
        let server = Server::start(&dir).await?;
        let endpoint = server.endpoint.clone();
        settle(&endpoint, events).await?;
        for (name, kind) in [
            ("HTTP, NDJSON", "x-ndjson"),
            ("HTTP, records", "vnd.waybill.records"),
            ("HTTP, blocks", "vnd.waybill.blocks"),
        ] {
            let _bar = progress::clock(name.to_owned(), time);
            let endpoint = endpoint.clone();
            let amount = stage.one_thread(move || fetch(endpoint, kind, events, time)).await??;
            report.rows.push(Row::new(name, amount).beside(&raw));
        }
        server.stop().await?;
        Ok(report)
    }
}

/// Writes the log that is read.
pub(super) async fn fill(stage: &Stage, dir: &Path, events: u64, turns: usize) -> Result<Filled, Failure> {
    std::fs::create_dir_all(dir)?;
    let (dir, bar) = (dir.to_path_buf(), crate::progress::events(events).with_message("writing a log"));
    let shown = bar.clone();
    let filled = stage.blocking(move || history::fill(&dir, events, turns, &shown)).await;
    bar.finish_and_clear();
    filled
}

/// The same records in a plain file, read as bytes.
pub(super) fn raw(dir: &Path, path: &Path, events: u64) -> Result<Amount, Failure> {
    let journal = Journal::open(dir, Options::default())?;
    let mut file = BufWriter::new(File::create(path)?);
    each(&journal, |record| Ok(file.write_all(record.bytes())?))?;
    file.flush()?;
    let amount = disk::raw_read(path, events)?;
    std::fs::remove_file(path)?;
    Ok(amount)
}

/// Passes over the log, opened anew for each, until `time` is over.
fn passes(dir: &Path, events: u64, time: Duration, pass: Pass) -> Result<Amount, Failure> {
    let (mut amount, begun) = (Amount::default(), Instant::now());
    while amount.events == 0 || begun.elapsed() < time {
        let journal = Journal::open(dir, Options::default())?;
        let started = Instant::now();
        let (read, bytes) = pass(&journal)?;
        amount.elapsed += started.elapsed();
        expect(read, events)?;
        amount.events += read;
        amount.bytes += bytes;
    }
    Ok(amount)
}

fn expect(actual: u64, expected: u64) -> Result<(), Failure> {
    if actual == expected {
        return Ok(());
    }
    Err(Failure::new(Exit::Failed, format!("expected {expected} events back, got {actual}")))
}

/// Calls `take` with every record.
fn each(
    journal: &Journal,
    mut take: impl FnMut(&RawRecord) -> Result<(), Failure>,
) -> Result<(u64, u64), Failure> {
    let (mut events, mut bytes) = (0, 0);
    for block in journal.scan(None) {
        for record in block?.records() {
            take(&record)?;
            events += 1;
            bytes += u64::try_from(record.bytes().len()).unwrap_or(0);
        }
    }
    Ok((events, bytes))
}

fn scan(journal: &Journal) -> Result<(u64, u64), Failure> {
    each(journal, |_| Ok(()))
}

fn decode(journal: &Journal) -> Result<(u64, u64), Failure> {
    each(journal, |record| {
        std::hint::black_box(engine::decode(record)?);
        Ok(())
    })
}

fn scan_blocks(journal: &Journal) -> Result<(u64, u64), Failure> {
    let (mut events, mut bytes) = (0, 0);
    for block in journal.scan(None) {
        let block = block?;
        events += u64::try_from(block.len()).unwrap_or(0);
        bytes += u64::try_from(block.body().len()).unwrap_or(0);
    }
    Ok((events, bytes))
}

/// Waits until the server's views have caught up: they would be measured too.
async fn settle(endpoint: &Endpoint, events: u64) -> Result<(), Failure> {
    let path = format!("/v1/views/projects?min_position={}&wait=30", events - 1);
    let mut last = String::new();
    for _ in 0..20 {
        let (status, body) =
            endpoint.connect().await?.exchange(&endpoint.get(&path, "application/json")).await?;
        if status == 200 {
            return Ok(());
        }
        last = format!("status {status}, {}", String::from_utf8_lossy(&body));
    }
    Err(Failure::new(Exit::Failed, format!("the server's views did not catch up: {last}")))
}

/// Reads the log over HTTP until `time` is over, counting its events without looking into them.
async fn fetch(
    endpoint: Endpoint,
    kind: &'static str,
    events: u64,
    time: Duration,
) -> Result<Amount, Failure> {
    let request = endpoint.get("/v1/events", &format!("application/{kind}"));
    let mut connection = endpoint.connect().await?;
    let (mut amount, started) = (Amount::default(), Instant::now());
    while amount.events == 0 || started.elapsed() < time {
        let (read, bytes) = whole(&mut connection, &request, kind).await?;
        expect(read, events)?;
        amount.events += read;
        amount.bytes += bytes;
    }
    amount.elapsed = started.elapsed();
    Ok(amount)
}

async fn whole(connection: &mut Connection, request: &[u8], kind: &str) -> Result<(u64, u64), Failure> {
    tokio::io::AsyncWriteExt::write_all(&mut connection.write, request).await?;
    let status = connection.read.head().await?;
    let (mut events, mut bytes, mut held) = (0, 0, BytesMut::new());
    while let Some(part) = connection.read.part().await? {
        bytes += u64::try_from(part.len()).unwrap_or(0);
        if kind == "x-ndjson" {
            events += part.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        } else {
            held.extend_from_slice(&part);
            events += count(&mut held, kind == "vnd.waybill.blocks")?;
        }
    }
    let rest = held.len();
    if status != 200 || rest > 0 {
        return Err(Failure::new(
            Exit::Failed,
            format!("the log came with status {status} and {rest} bytes too many"),
        ));
    }
    Ok((events, bytes))
}

/// Counts and drops the whole records, or blocks behind their lengths, at the front of `held`.
fn count(held: &mut BytesMut, blocks: bool) -> Result<u64, Failure> {
    let (mut at, mut events) = (0, 0);
    loop {
        let rest = &held[at..];
        let (length, count) = match (blocks, rest.first_chunk::<4>()) {
            (true, Some(length)) => {
                let length = 4 + usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
                let Some(stored) = rest.get(4..length) else { break };
                (length, u64::from(block::decode_header(stored)?.count))
            }
            (false, Some(_)) => match record::length(rest) {
                Err(RecordError::Short { .. }) => break,
                length => (length?, 1),
            },
            _ => break,
        };
        at += length;
        events += count;
    }
    let _ = held.split_to(at);
    Ok(events)
}

#[cfg(test)]
mod tests {
    use indicatif::ProgressBar;

    use super::*;

    #[test]
    fn every_way_reads_every_event() {
        let dir = tempfile::tempdir().unwrap();
        let filled = history::fill(dir.path(), 300, history::TURNS, &ProgressBar::hidden()).unwrap();
        for pass in [scan as Pass, scan_blocks, decode] {
            let amount = passes(dir.path(), filled.events, Duration::ZERO, pass).unwrap();
            assert_eq!((amount.events, amount.bytes), (filled.events, filled.bytes));
        }
        let raw = raw(dir.path(), &dir.path().join("records"), filled.events).unwrap();
        assert_eq!(raw.bytes, filled.bytes);
        assert!(passes(dir.path(), 5, Duration::ZERO, scan).is_err(), "another number is noticed");
    }

    #[test]
    fn records_and_blocks_are_counted_however_they_come() {
        let dir = tempfile::tempdir().unwrap();
        let filled = history::fill(dir.path(), 200, history::TURNS, &ProgressBar::hidden()).unwrap();
        let journal = Journal::open(dir.path(), Options::default()).unwrap();
        let (mut records, mut blocks) = (Vec::new(), Vec::new());
        let mut keep = |record: &RawRecord| {
            records.extend_from_slice(record.bytes());
            Ok(())
        };
        each(&journal, &mut keep).unwrap();
        for stored in journal.read_blocks(None, usize::MAX).unwrap() {
            blocks.extend_from_slice(&u32::try_from(stored.len()).unwrap().to_le_bytes());
            blocks.extend_from_slice(&stored);
        }
        for (bytes, are_blocks) in [(records, false), (blocks, true)] {
            for size in [1_000, 7_777, bytes.len()] {
                let (mut held, mut events) = (BytesMut::new(), 0);
                for part in bytes.chunks(size) {
                    held.extend_from_slice(part);
                    events += count(&mut held, are_blocks).unwrap();
                }
                assert_eq!(
                    (events, held.len()),
                    (filled.events, 0),
                    "blocks {are_blocks}, in pieces of {size}"
                );
            }
        }
    }
}
