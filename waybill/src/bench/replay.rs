//! `waybill bench replay`: the whole log folded into every live view on one core, and how long opening takes.

use std::path::Path;
use std::time::{Duration, Instant};

use clap::Args;
use journal::{Journal, Options, RawRecord};
use projections::{AnyView, Scope, ViewSpec, Wanted, views};

use super::history::{self, Filled};
use super::measure::{Amount, Row};
use super::read::{fill, raw};
use super::report::Report;
use super::{Stage, progress};
use crate::failure::Failure;

const EVENTS_PER_BATCH: usize = 8192;
const BYTES_PER_BATCH: usize = 8 << 20;
const OPENINGS: usize = 5;

/// Fold a log of its own into all live views
#[derive(Debug, Clone, Args)]
pub(super) struct Replay {
    /// Events of the log
    #[arg(long, value_name = "NUMBER", default_value_t = 500_000, value_parser = clap::value_parser!(u64).range(1_000..=50_000_000))]
    pub(super) events: u64,
}

impl Replay {
    pub(super) async fn run(self, stage: &Stage) -> Result<Report, Failure> {
        let about = "read, decoded and folded on one core; opening and closing the folder beside it";
        let mut report = Report::new("replay", about, stage.disk()?);
        let dir = stage.path("replay");
        let filled = fill(stage, &dir, self.events, history::TURNS).await?;
        let time = stage.time / 2;
        let _bar = progress::clock("folding".to_owned(), time * 7);
        let rows = {
            let dir = dir.clone();
            stage.blocking(move || measure(&dir, &filled, time)).await?
        };
        report.rows = rows;
        std::fs::remove_dir_all(dir)?;
        Ok(report)
    }
}

fn measure(dir: &Path, filled: &Filled, time: Duration) -> Result<Vec<Row>, Failure> {
    let live: Vec<ViewSpec> = views().into_iter().filter(|spec| spec.scope == Scope::Live).collect();
    let raw = raw(dir, &dir.with_extension("raw"), filled.events)?;
    let mut rows = vec![Row::new("decode only", folds(dir, &[], time)?).beside(&raw)];
    rows.push(
        Row::new(format!("fold into all {} live views", live.len()), folds(dir, &live, time)?).beside(&raw),
    );
    for spec in &live {
        rows.push(
            Row::new(format!("fold into {}", spec.name), folds(dir, std::slice::from_ref(spec), time)?)
                .beside(&raw),
        );
    }
    rows.push(open(dir, filled)?);
    Ok(rows)
}

/// Folds the whole log into fresh views, again and again until `time` is over.
fn folds(dir: &Path, specs: &[ViewSpec], time: Duration) -> Result<Amount, Failure> {
    let journal = Journal::open(dir, Options { read_only: true, ..Options::default() })?;
    let (mut amount, started) = (Amount::default(), Instant::now());
    while amount.events == 0 || started.elapsed() < time {
        let mut folded: Vec<Folded> =
            specs.iter().map(|spec| (Wanted::of(&[*spec]), (spec.make)())).collect();
        fold(&journal, &mut folded, &mut amount)?;
    }
    amount.elapsed = started.elapsed();
    Ok(amount)
}

/// A view, and the events that are its.
type Folded = (Wanted, Box<dyn AnyView>);

/// In batches, as the server catches up.
fn fold(journal: &Journal, views: &mut [Folded], amount: &mut Amount) -> Result<(), Failure> {
    let mut cursor = None;
    // Kept from batch to batch, as the server keeps them: events take hundreds of bytes each, and lists that grow anew
    // move them again and again.
    let (mut types, mut events) = (Vec::new(), Vec::new());
    loop {
        let records = journal.read(cursor, EVENTS_PER_BATCH, BYTES_PER_BATCH)?;
        let Some(last) = records.last().map(RawRecord::position) else { return Ok(()) };
        cursor = Some(last);
        types.clear();
        events.clear();
        for record in &records {
            types.push(record.type_id());
            events.push(engine::decode(record)?);
        }
        for (wanted, view) in views.iter_mut() {
            let own = types.iter().zip(&events).filter(|(type_id, _)| wanted.has(**type_id));
            own.for_each(|(_, event)| view.apply(event));
            view.settle(last);
        }
        amount.events += u64::try_from(records.len()).unwrap_or(0);
        amount.bytes +=
            records.iter().map(|record| u64::try_from(record.bytes().len()).unwrap_or(0)).sum::<u64>();
    }
}

/// Opens and closes the log a few times; the row tells of the slowest opening.
fn open(dir: &Path, filled: &Filled) -> Result<Row, Failure> {
    let mut slowest = Duration::ZERO;
    for _ in 0..OPENINGS {
        let started = Instant::now();
        let journal = Journal::open(dir, Options::default())?;
        slowest = slowest.max(started.elapsed());
        journal.close()?;
    }
    let amount = Amount { events: filled.events, bytes: filled.bytes, elapsed: slowest };
    let ms = |duration: Duration| duration.as_secs_f64() * 1e3;
    let row = Row::timed("open after a clean stop", amount).with("open_ms", ms(slowest));
    Ok(row.with("close_ms", ms(filled.closing)))
}

#[cfg(test)]
mod tests {
    use indicatif::ProgressBar;

    use super::*;

    #[test]
    fn every_live_view_is_folded_and_ends_with_rows() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log-folder");
        std::fs::create_dir(&log).unwrap();
        let filled = history::fill(&log, 200, history::TURNS, &ProgressBar::hidden()).unwrap();
        let rows = measure(&log, &filled, Duration::ZERO).unwrap();
        let live = views().into_iter().filter(|spec| spec.scope == Scope::Live).count();
        assert_eq!(rows.len(), live + 3);
        assert!(rows.iter().all(|row| row.events == filled.events), "{rows:?}");
        assert!(rows.last().unwrap().further["open_ms"] > 0.0);

        let journal = Journal::open(&log, Options::default()).unwrap();
        let spec = projections::view("runs").unwrap();
        let mut folded = vec![(Wanted::of(&[spec]), (spec.make)())];
        fold(&journal, &mut folded, &mut Amount::default()).unwrap();
        assert!(folded[0].1.len() > 1, "the history has runs");
    }
}
