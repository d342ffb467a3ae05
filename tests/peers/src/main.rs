//! Threads that each wait for one durable event of 300 bytes before the next: a raw file, tephra, the journal.
//!
//! `waybill-peers FOLDER [SECONDS] [ROUNDS] [THREADS…]` measures each in turn, round by round, in FOLDER on the
//! disk that is to be measured, and prints events per second, latencies in microseconds, and the ratios of the
//! medians of all rounds.

use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use domain::ids::{SchemaVersion, TypeId};
use domain::{Actor, Category, Expected, Fingerprint, StreamId, Ulid};
use journal::{Journal, NewCommit, NewEvent, Options};
use tephra::{Event, EventType, SegmentConfig, SegmentSet, Tag, Tags, WriteCoordinator, WriterConfig};

const EVENT_BYTES: usize = 300;
const WORDS: &str = "the run reads a file and writes its tests before it commits what changed in the branch then \
    asks for review of each step with care while others wait on the sandbox to answer about prices models tokens";

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Numbers that differ and need not be more (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    fn text(&mut self) -> Vec<u8> {
        let words: Vec<&str> = WORDS.split_whitespace().collect();
        let mut text = String::new();
        while text.len() < EVENT_BYTES {
            let at = usize::try_from(self.next() % 1_000_003).unwrap_or(0) % words.len();
            text.push_str(words[at]);
            text.push(' ');
        }
        text.truncate(EVENT_BYTES);
        text.into_bytes()
    }
}

/// What one log did in one round.
struct Measured {
    per_second: f64,
    p50: Duration,
    p99: Duration,
}

/// Closed loops on `threads` threads; `append` gets its thread's numbers and a payload.
fn drive(
    threads: usize,
    time: Duration,
    append: impl Fn(u64, &mut Numbers, Vec<u8>) -> Result<()> + Sync,
) -> Result<Measured> {
    let started = Instant::now();
    let one = |thread: u64| -> Result<Vec<Duration>> {
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15 ^ (thread + 1) << 20);
        let payloads: Vec<_> = (0..64).map(|_| numbers.text()).collect();
        let mut latencies = Vec::new();
        while started.elapsed() < time {
            let payload = payloads[latencies.len() % payloads.len()].clone();
            let before = Instant::now();
            append(thread, &mut numbers, payload)?;
            latencies.push(before.elapsed());
        }
        Ok(latencies)
    };
    let mut all = Vec::new();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads as u64).map(|thread| scope.spawn(move || one(thread))).collect();
        for thread in threads {
            all.extend(thread.join().map_err(|_| "a thread panicked")??);
        }
        Result::Ok(())
    })?;
    let elapsed = started.elapsed().as_secs_f64();
    all.sort_unstable();
    let quantile = |per_mille: usize| all[(all.len() - 1) * per_mille / 1000];
    Ok(Measured { per_second: all.len() as f64 / elapsed, p50: quantile(500), p99: quantile(990) })
}

fn raw(folder: &Path, threads: usize, time: Duration) -> Result<Measured> {
    let mut file = File::create(folder.join("raw"))?;
    let batch = Numbers(7).text().repeat(threads);
    let (started, mut latencies) = (Instant::now(), Vec::new());
    while started.elapsed() < time {
        let before = Instant::now();
        file.write_all(&batch)?;
        file.sync_data()?;
        latencies.push(before.elapsed());
    }
    let per_second = (latencies.len() * threads) as f64 / started.elapsed().as_secs_f64();
    latencies.sort_unstable();
    let quantile = |per_mille: usize| latencies[(latencies.len() - 1) * per_mille / 1000];
    Ok(Measured { per_second, p50: quantile(500), p99: quantile(990) })
}

fn tephra(folder: &Path, threads: usize, time: Duration) -> Result<Measured> {
    let set = SegmentSet::open(folder.join("tephra"), SegmentConfig::new(256 << 20))?;
    let (coordinator, handle) = WriteCoordinator::start(set, WriterConfig::default())?;
    let kind = EventType::new("StepMessageAppended")?;
    let measured = drive(threads, time, |thread, _, payload| {
        let tags = Tags::new([Tag::new(format!("stream:{thread}"))?])?;
        handle.append(vec![Event::new(&kind, &tags, &payload)?], None)?;
        Ok(())
    })?;
    drop(handle);
    coordinator.shutdown();
    Ok(measured)
}

fn waybill(folder: &Path, threads: usize, time: Duration) -> Result<Measured> {
    let journal = Journal::open(&folder.join("waybill"), Options::default())?;
    let measured = drive(threads, time, |thread, numbers, payload| {
        // Ids of commits are ULIDs: milliseconds, then what differs.
        let millis = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        let id = millis << 80 | u128::from(numbers.next()) << 16;
        journal.commit(NewCommit {
            stream: StreamId::new(Category(9_000), Ulid(u128::from(thread) + 1)),
            expected: Expected::Any,
            commit: Ulid(id).into(),
            fingerprint: Fingerprint(numbers.next()),
            actor: Actor::System,
            causation: None,
            correlation: None,
            project: None,
            occurred_at: None,
            events: vec![NewEvent { type_id: TypeId(9_000), schema_version: SchemaVersion(1), payload }],
        })?;
        Ok(())
    })?;
    journal.close()?;
    Ok(measured)
}

type Log = fn(&Path, usize, Duration) -> Result<Measured>;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("expected a folder to work in")?;
    let time = Duration::from_secs_f64(arguments.next().map_or(Ok(2.0), |text| text.parse())?);
    let rounds: usize = arguments.next().map_or(Ok(5), |text| text.parse())?;
    let mut threads = arguments.map(|text| text.parse()).collect::<std::result::Result<Vec<usize>, _>>()?;
    if threads.is_empty() {
        threads = vec![1, 16, 64, 256];
    }
    let folder = Path::new(&folder).join("peers");
    let logs: [(&str, Log); 3] = [("raw file", raw), ("tephra", tephra), ("waybill", waybill)];
    println!("threads  log       events/s   p50 us   p99 us");
    for threads in threads {
        let mut rates: [Vec<f64>; 3] = Default::default();
        for round in 0..rounds {
            for ((name, log), rates) in logs.iter().zip(&mut rates) {
                // Kept to the end: for minutes after a removal some file systems make files more slowly.
                let folder = folder.join(format!("{threads}-{round}-{name}"));
                std::fs::create_dir_all(&folder)?;
                let measured = log(&folder, threads, time)?;
                let (p50, p99) = (measured.p50.as_micros(), measured.p99.as_micros());
                println!("{threads:7}  {name:8} {:9.0} {p50:8} {p99:8}", measured.per_second);
                rates.push(measured.per_second);
            }
        }
        let [raw, tephra, waybill] = rates.map(|mut rates| {
            rates.sort_unstable_by(f64::total_cmp);
            rates[rates.len() / 2]
        });
        println!(
            "{threads:7}  medians of {rounds}: waybill {waybill:.0}/s, {:.2} of tephra, {:.2} of a raw file with one \
             fdatasync per {threads} events",
            waybill / tephra,
            waybill / raw
        );
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
