//! `waybill bench append`: the log as a library, beside plain files with one fdatasync per batch of the same size.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use clap::Args;
use domain::ids::{Position, SchemaVersion, StreamVersion, TypeId};
use domain::values::Timestamp;
use domain::{Actor, Category, Expected, Fingerprint, StreamId};
use journal::{Journal, NewCommit, NewEvent, Options, block, record};

use super::measure::{Amount, Durations, Row, float};
use super::report::Report;
use super::server::own_cpu;
use super::words::{self, Words};
use super::{Stage, disk, progress};
use crate::failure::Failure;

/// Append to a log of its own, without server, aggregates and views
#[derive(Debug, Clone, Args)]
pub(super) struct Append {
    /// Bytes of an event's payload
    #[arg(long, value_name = "BYTES", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    event_bytes: u32,
    /// Threads that each wait for one commit before the next
    #[arg(long, value_delimiter = ',', value_name = "THREADS", default_values_t = [1, 16, 64], value_parser = threads)]
    writers: Vec<usize>,
    /// Events of each commit of one thread
    #[arg(long, value_delimiter = ',', value_name = "EVENTS", default_values_t = [64, 256], value_parser = threads)]
    batches: Vec<usize>,
}

fn threads(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| (1..=1024).contains(number)).ok_or("expected 1 to 1024".to_owned())
}

/// Commits of many events that one thread has under way at once, in the second line of each batch.
const UNDER_WAY: usize = 4;
/// Payloads to choose from: so many that two of a kind are rarely in one block, which would compress too well.
const PAYLOADS: u64 = 4096;
/// The log and the files beside it are measured in turns: a disk is not the same from one second to the next.
const TURNS: u32 = 4;

/// One shape of load: so many threads, each with commits of so many events, and so many of them under way.
#[derive(Debug, Clone, Copy)]
struct Shape {
    threads: usize,
    batch: usize,
    under_way: usize,
    event_bytes: usize,
}

impl Shape {
    fn name(self) -> String {
        match self {
            Self { threads: 1, batch: 1, .. } => "1 writer".to_owned(),
            Self { threads, batch: 1, .. } => format!("{threads} writers"),
            Self { batch, under_way: 1, .. } => format!("1 writer, {batch} events per commit"),
            Self { batch, under_way, .. } => {
                format!("1 writer, {batch} events per commit, {under_way} commits under way")
            }
        }
    }
}

impl Append {
    pub(super) async fn run(self, stage: &Stage) -> Result<Report, Failure> {
        let event_bytes = usize::try_from(self.event_bytes).unwrap_or(300);
        let about = format!(
            "durable commits of {event_bytes}-byte events, each thread waiting for its answer where nothing else is \
             said; beside a raw file that grows, one that was written before, and one of the log's own blocks"
        );
        let mut report = Report::new("append", about, stage.disk()?);
        let shape = |threads, batch, under_way| Shape { threads, batch, under_way, event_bytes };
        let singles = self.writers.iter().map(|threads| shape(*threads, 1, 1));
        let batches = self.batches.iter().flat_map(|batch| [1, UNDER_WAY].map(|many| shape(1, *batch, many)));
        for (number, shape) in singles.chain(batches).enumerate() {
            let _bar = progress::clock(shape.name(), stage.time * 3 / 2);
            let (dir, time) = (stage.path(&format!("append-{number}")), stage.time);
            let row = stage.blocking(move || measure(&dir, shape, time)).await?;
            report.rows.push(row);
        }
        Ok(report)
    }
}

fn measure(dir: &Path, shape: Shape, time: Duration) -> Result<Row, Failure> {
    std::fs::create_dir_all(dir)?;
    let journal = Journal::open(dir, Options::default())?;
    let payloads = payloads(shape.event_bytes);
    let batch = shape.threads * shape.batch * shape.under_way;
    let (mut amount, mut latency, mut cpu) = (Amount::default(), Durations::new(), Duration::ZERO);
    let (mut raw, mut again, mut blocks) = (Amount::default(), Amount::default(), Amount::default());
    let beside = time / 4 / TURNS;
    for _ in 0..TURNS {
        let before = own_cpu().unwrap_or_default();
        let (more, durations) = drive(&journal, shape, &payloads, time / TURNS)?;
        cpu += own_cpu().unwrap_or_default().saturating_sub(before);
        amount.add(&more);
        latency.add(&durations);
        raw.add(&disk::raw(dir, batch, shape.event_bytes, beside)?);
        again.add(&disk::raw_again(dir, batch, shape.event_bytes, beside)?);
        blocks.add(&in_blocks(dir, batch, &payloads, beside)?);
    }
    journal.close()?;
    let (log, tiles) = (size_of(&dir.join("log"))?, size_of(&dir.join("tiles"))?);
    // The files stay until the end of the bench: ext4 keeps the inodes of deleted ones back for minutes, and looks at each
    // of them whenever it makes a file, which the lines that follow would pay for.
    let row = Row::new(shape.name(), amount).latency(&latency).beside(&raw);
    let (rate, best) = (amount.rate(), again.rate().max(1e-9));
    let payload = float(amount.bytes.max(1));
    let records = float(amount.bytes + amount.events * u64::try_from(record::OVERHEAD).unwrap_or(0)).max(1.0);
    Ok(row
        .with("raw_again_rate_per_second", best)
        .with("ratio_to_raw_again", rate / best)
        .with("ratio_to_blocks", rate / blocks.rate().max(1e-9))
        .with("blocks_to_raw", blocks.rate() / raw.rate().max(1e-9))
        .with("cpu_us", cpu.as_secs_f64() * 1e6 / float(amount.events.max(1)))
        .with("log_per_payload_byte", float(log) / payload)
        .with("log_per_record_byte", float(log) / records)
        .with("tiles_per_record_byte", float(tiles) / records))
}

fn payloads(event_bytes: usize) -> Vec<Vec<u8>> {
    let mut words = Words::new(1);
    (0..PAYLOADS).map(|_| words.text(event_bytes).into_bytes()).collect()
}

/// Appends batches of `batch` events to a plain file as the log stores them: records, each hashed into the chain of its
/// stream, in compressed blocks, with one fdatasync per batch. A log of this format cannot be faster on one core.
fn in_blocks(dir: &Path, batch: usize, payloads: &[Vec<u8>], limit: Duration) -> io::Result<Amount> {
    let mut file = File::create(dir.join("blocks"))?;
    let (mut words, mut amount, mut chain) = (words::fresh(), Amount::default(), [0; 16]);
    let (stream, mut body) = (StreamId::new(Category(9_000), words.id()), Vec::new());
    let (mut choice, count) = (payloads.iter().cycle(), |events: usize| u64::try_from(events).unwrap_or(0));
    let started = Instant::now();
    while started.elapsed() < limit {
        let commit = words.id().into();
        let (mut first, mut records) = (amount.events, 0);
        for index in 0..batch {
            let payload = choice.next().expect("there is a payload");
            if body.len() + record::OVERHEAD + payload.len() > block::TARGET_LEN {
                file.write_all(&block::encode(Position(first), records, &body))?;
                (first, records) = (first + u64::from(records), 0);
                body.clear();
            }
            let position = amount.events + count(index);
            let parts = record::Parts {
                position: Position(position),
                version: StreamVersion(position),
                stream,
                type_id: TypeId(9_000),
                schema_version: SchemaVersion(1),
                commit_index: u16::try_from(index).unwrap_or(u16::MAX),
                commit_size: u16::try_from(batch).unwrap_or(u16::MAX),
                actor: Actor::System,
                expectation: Expected::Any.kind(),
                project: None,
                commit,
                causation: None,
                correlation: None,
                time: Timestamp::from_millis(0),
                occurred_at: None,
                fingerprint: Fingerprint(words.number()),
                previous: position.checked_sub(1).map(Position),
                chain,
                payload,
            };
            let start = body.len();
            record::encode(&parts, &mut body);
            chain = record::chain(&body[start..]);
            records += 1;
        }
        file.write_all(&block::encode(Position(first), records, &body))?;
        body.clear();
        file.sync_data()?;
        amount.events += count(batch);
        amount.bytes += count(payloads.first().map_or(0, Vec::len) * batch);
    }
    amount.elapsed = started.elapsed();
    Ok(amount)
}

/// Closed loops of `shape.threads` threads until `time` is over.
fn drive(
    journal: &Journal,
    shape: Shape,
    payloads: &[Vec<u8>],
    time: Duration,
) -> Result<(Amount, Durations), Failure> {
    let started = Instant::now();
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..shape.threads)
            .map(|_| scope.spawn(|| writer(journal, shape, payloads, started + time)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a writer of the bench does not panic"))
            .collect()
    });
    let (mut latency, mut events) = (Durations::new(), 0);
    for result in results {
        let (one, count) = result?;
        latency.add(&one);
        events += count;
    }
    let bytes = events * u64::try_from(shape.event_bytes).unwrap_or(0);
    Ok((Amount { events, bytes, elapsed: started.elapsed() }, latency))
}

fn writer(
    journal: &Journal,
    shape: Shape,
    payloads: &[Vec<u8>],
    until: Instant,
) -> Result<(Durations, u64), Failure> {
    let mut words = words::fresh();
    let stream = StreamId::new(Category(9_000), words.id());
    let batch = u64::try_from(shape.batch).unwrap_or(1);
    let (mut latency, mut events) = (Durations::new(), 0);
    let mut window = VecDeque::with_capacity(shape.under_way);
    while Instant::now() < until {
        let before = Instant::now();
        let expected = if events == 0 { Expected::None } else { Expected::Exact(StreamVersion(events - 1)) };
        let commit = commit(stream, expected, payloads, shape.batch, &mut words);
        events += batch;
        if shape.under_way == 1 {
            journal.commit(commit)?;
            latency.record(before.elapsed());
            continue;
        }
        window.push_back((before, journal.append(commit)));
        if window.len() == shape.under_way
            && let Some((before, pending)) = window.pop_front()
        {
            pending.wait()?;
            latency.record(before.elapsed());
        }
    }
    for (before, pending) in window {
        pending.wait()?;
        latency.record(before.elapsed());
    }
    Ok((latency, events))
}

fn commit(
    stream: StreamId,
    expected: Expected,
    payloads: &[Vec<u8>],
    batch: usize,
    words: &mut Words,
) -> NewCommit {
    let event = |payload: &Vec<u8>| NewEvent {
        type_id: TypeId(9_000),
        schema_version: SchemaVersion(1),
        payload: payload.clone(),
    };
    let skip = usize::try_from(words.number() % PAYLOADS).unwrap_or(0);
    NewCommit {
        stream,
        expected,
        commit: words.id().into(),
        fingerprint: Fingerprint(words.number()),
        actor: Actor::System,
        causation: None,
        correlation: None,
        project: None,
        occurred_at: None,
        events: payloads.iter().cycle().skip(skip).take(batch).map(event).collect(),
    }
}

/// Bytes on the disk that the files in a folder and those below it take.
pub(super) fn size_of(path: &Path) -> std::io::Result<u64> {
    let mut total = 0;
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        total += if meta.is_dir() { size_of(&entry.path())? } else { meta.blocks() * 512 };
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_is_measured() {
        let dir = tempfile::tempdir().unwrap();
        for (threads, batch, under_way) in [(1, 1, 1), (4, 1, 1), (1, 64, 1), (1, 64, 4)] {
            let folder = dir.path().join(format!("log-{threads}-{batch}-{under_way}"));
            let shape = Shape { threads, batch, under_way, event_bytes: 300 };
            let row = measure(&folder, shape, Duration::from_millis(60)).unwrap();
            assert!(row.events >= u64::try_from(threads * batch).unwrap(), "{row:?}");
            assert!(
                row.events.is_multiple_of(u64::try_from(batch).unwrap()) && row.bytes == row.events * 300
            );
            assert!(row.ratio_to_raw.unwrap() > 0.0 && row.latency.is_some());
            let further = [
                "ratio_to_raw_again",
                "ratio_to_blocks",
                "blocks_to_raw",
                "log_per_record_byte",
                "tiles_per_record_byte",
            ];
            assert!(further.iter().all(|key| row.further[key] > 0.0), "{row:?}");
            assert!(row.further["log_per_record_byte"] < row.further["log_per_payload_byte"]);
        }
    }

    #[test]
    fn a_file_of_blocks_holds_the_records_that_were_counted() {
        let dir = tempfile::tempdir().unwrap();
        let amount = in_blocks(dir.path(), 300, &payloads(300), Duration::from_millis(20)).unwrap();
        let mut bytes = bytes::Bytes::from(std::fs::read(dir.path().join("blocks")).unwrap());
        let mut records = 0;
        while !bytes.is_empty() {
            let header = block::decode_header(&bytes).unwrap();
            let read = block::decode(bytes.split_to(block::HEADER_LEN + header.stored_len)).unwrap();
            assert_eq!(read.first().0, records, "positions go on");
            records += u64::from(header.count);
        }
        assert_eq!((records, amount.bytes), (amount.events, amount.events * 300));
        assert!(records >= 300);
    }

    #[test]
    fn what_was_counted_is_in_the_log() {
        let journal = Journal::memory(Options::default());
        let shape = Shape { threads: 3, batch: 5, under_way: 2, event_bytes: 10 };
        let (amount, latency) = drive(&journal, shape, &payloads(10), Duration::from_millis(20)).unwrap();
        assert_eq!(journal.watermark().map(|head| head.0 + 1), Some(amount.events));
        assert_eq!(latency.count() * 5, amount.events);
    }
}
