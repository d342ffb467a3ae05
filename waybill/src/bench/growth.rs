//! `waybill bench growth`: what everything costs as one log grows to millions of events.

mod part;
mod plan;

use std::path::Path;
use std::time::Duration;

use clap::Args;

pub(super) use self::part::Part;
use self::part::{Found, Task};
use super::append::size_of;
use super::measure::{Amount, Row, float};
use super::report::Report;
use super::{Stage, progress};
use crate::failure::Failure;
use crate::figures;

/// Events at which a log is measured, as far as it grows.
const STAGES: [u64; 4] = [1_000_000, 10_000_000, 30_000_000, 100_000_000];

/// Grow one log, with a stream for every five events, and measure it on its way
#[derive(Debug, Clone, Args)]
pub(super) struct Growth {
    /// Events of the log in the end; it is also measured at 1, 10 and 30 million
    #[arg(long, value_name = "NUMBER", default_value_t = 10_000_000, value_parser = clap::value_parser!(u64).range(10_000..=100_000_000))]
    events: u64,
}

impl Growth {
    pub(super) async fn run(self, stage: &Stage) -> Result<Report, Failure> {
        let about = "one log that grows, by commits of one 300-byte event, 4,096 under way, and a stream for every five \
                     events; each line in a process of its own";
        let mut report = Report::new("growth", about, stage.disk()?);
        let stages: Vec<u64> =
            STAGES.into_iter().filter(|events| *events < self.events).chain([self.events]).collect();
        let dir = stage.path("growth");
        std::fs::create_dir_all(&dir)?;
        let mut groups: Vec<Vec<Row>> = Vec::new();
        let mut stream = 0;
        for events in stages {
            let _bar = progress::clock(format!("growing to {}", short(events)), Duration::from_secs(60));
            let folder = dir.clone();
            let measured = stage.blocking(move || measure(&folder, events, stream)).await?;
            stream = measured.1;
            groups.push(measured.0);
        }
        std::fs::remove_dir_all(&dir)?;
        // By what is measured, so that the eye sees whether it stays the same.
        let lines = groups.first().map_or(0, Vec::len);
        report.rows =
            (0..lines).flat_map(|line| groups.iter().map(move |group| group[line].clone())).collect();
        Ok(report)
    }
}

/// Grows the log in `folder` to `events` and measures it; gives the rows, and the first stream not begun.
fn measure(folder: &Path, events: u64, stream: u64) -> Result<(Vec<Row>, u64), Failure> {
    // The log is closed in good order after a little more only.
    let grown = part::run(folder, Task::Grow, events - events / 100, stream)?;
    let killed = part::run(folder, Task::Open, 0, 0)?;
    let closed = part::run(folder, Task::Close, events, grown.stream)?;
    let opened = part::run(folder, Task::Open, 0, 0)?;
    let looked = part::run(folder, Task::Look, 0, closed.stream)?;
    let read = part::run(folder, Task::Read, 0, 0)?;
    let verified = part::run(folder, Task::Verify, 0, 0)?;
    let disk = |name: &str| Ok::<_, Failure>(float(size_of(&folder.join(name))?) / float(read.bytes.max(1)));
    let name = |what: &str| format!("{}: {what}", short(events));
    let append = Row::new(name("append, the last fifth"), amount(&grown))
        .with("cpu_us", per_event(&grown))
        .with("longest_pause_ms", grown.pause_ms)
        .with("peak_rss_bytes", grown.peak_bytes)
        .with("log_per_record_byte", disk("log")?)
        .with("tiles_per_record_byte", disk("tiles")?);
    let scan = |what, found: &Found| {
        Row::new(name(what), amount(found))
            .with("cpu_us", per_event(found))
            .with("peak_rss_bytes", found.peak_bytes)
    };
    let rows = vec![
        append,
        opening(name("open after kill -9"), &killed),
        opening(name("open after a clean stop"), &opened),
        looking(name("look up, just opened"), &looked, [looked.stream_cold_us, looked.commit_cold_us]),
        looking(name("look up, again"), &looked, [looked.stream_warm_us, looked.commit_warm_us])
            .with("unknown_commit_us", looked.unknown_us),
        scan("read", &read),
        scan("verify", &verified),
    ];
    Ok((rows, closed.stream))
}

fn opening(name: String, found: &Found) -> Row {
    Row::timed(name, Amount { elapsed: Duration::from_secs_f64(found.open_ms / 1e3), ..amount(found) })
        .with("open_ms", found.open_ms)
        .with("open_cpu_ms", found.open_cpu_ms)
        .with("rss_bytes", found.rss_bytes)
        .with("peak_rss_bytes", found.peak_bytes)
}

fn looking(name: String, found: &Found, [stream, commit]: [f64; 2]) -> Row {
    Row::timed(name, amount(found)).with("stream_us", stream).with("commit_us", commit)
}

fn amount(found: &Found) -> Amount {
    let elapsed = Duration::from_secs_f64(found.seconds);
    Amount { events: found.events, bytes: found.bytes, elapsed }
}

fn per_event(found: &Found) -> f64 {
    found.cpu_seconds * 1e6 / float(found.events.max(1))
}

/// A number of events in a word.
fn short(events: u64) -> String {
    if events.is_multiple_of(1_000_000) {
        format!("{} M", events / 1_000_000)
    } else {
        figures::count(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_say_what_was_found() {
        let found =
            Found { events: 2_000, seconds: 0.5, cpu_seconds: 0.01, open_ms: 12.5, ..Found::default() };
        assert!((per_event(&found) - 5.0).abs() < 1e-9);
        let row = opening("x".into(), &found);
        assert_eq!((row.further["open_ms"], row.rate_per_second), (12.5, None));
        assert_eq!(short(10_000_000), "10 M");
        assert_eq!(short(10_500), "10,500");
    }
}
