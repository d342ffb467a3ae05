//! `waybill bench travel`: views of the past, views folded anew, and what they take, over a log of its own.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use domain::ids::Position;
use engine::{At, Engine, Phase, Source, ViewRequest};
use journal::Options;
use projections::Query;

use super::measure::{Amount, Durations, Row, float};
use super::read::fill;
use super::report::Report;
use super::{Stage, history, progress, server};
use crate::failure::{Exit, Failure};

/// Cross-stream views that are asked for: one that folds most events, one that folds few, one that folds hardly any.
const LIVE: [&str; 3] = ["runs", "usage", "projects"];
/// Points in history that each line asks for.
const POINTS: u64 = 20;
const STREAM_POINTS: u64 = 200;
/// How far behind an earlier question the next one is, where it is near.
const NEAR: u64 = 1_000;

/// Ask a log of its own for the past of its views, and fold them anew
#[derive(Debug, Clone, Args)]
pub(super) struct Travel {
    /// Events of the log
    #[arg(long, value_name = "NUMBER", default_value_t = 500_000, value_parser = clap::value_parser!(u64).range(1_000..=50_000_000))]
    pub(super) events: u64,
    /// Turns of each run, of four events beside five; without any, a fifth of the events begin a run
    #[arg(long, value_name = "NUMBER", default_value_t = history::TURNS)]
    pub(super) turns: usize,
}

impl Travel {
    pub(super) async fn run(self, stage: &Stage) -> Result<Report, Failure> {
        let about =
            "the past of views in process; a rebuild of all live views beside the old, compared and swapped";
        let mut report = Report::new("travel", about, stage.disk()?);
        let dir = stage.path("travel");
        fill(stage, &dir, self.events, self.turns).await?;
        let _bar = progress::clock("travelling".to_owned(), Duration::from_secs(60));
        report.rows = measure(&dir).await?;
        std::fs::remove_dir_all(dir)?;
        Ok(report)
    }
}

async fn measure(dir: &Path) -> Result<Vec<Row>, Failure> {
    let mut rows = vec![catch_up(dir).await?];
    let engine = open(dir)?;
    engine.caught_up().await;
    rows.push(streams(&engine).await?);
    close(engine).await?;
    for view in LIVE {
        for (name, prepared) in [("cold, nothing kept", false), ("cold, checkpoints", true)] {
            rows.push(cold(dir, view, name, prepared).await?);
        }
        rows.push(near(dir, view).await?);
    }
    rows.push(times(dir).await?);
    rows.push(rebuild(dir).await?);
    Ok(rows)
}

fn open(dir: &Path) -> Result<Engine, Failure> {
    Ok(Engine::open(dir, Options { read_only: true, ..Options::default() })?)
}

async fn close(engine: Engine) -> Result<(), Failure> {
    Ok(tokio::task::spawn_blocking(move || engine.close()).await??)
}

fn history(dir: &Path) -> PathBuf {
    dir.join("views").join("history")
}

fn head(engine: &Engine) -> u64 {
    engine.journal().watermark().map_or(0, |head| head.0)
}

/// The first start after the views were lost: what the folder does, with its checkpoints.
async fn catch_up(dir: &Path) -> Result<Row, Failure> {
    server::forget_peak();
    let started = Instant::now();
    let engine = open(dir)?;
    engine.caught_up().await;
    let amount = Amount { events: head(&engine) + 1, bytes: 0, elapsed: started.elapsed() };
    close(engine).await?;
    Ok(memory(Row::new("catch up, all live views", amount)))
}

fn memory(row: Row) -> Row {
    match server::own_memory() {
        Some((now, peak)) => row.with("rss_bytes", now).with("peak_rss_bytes", peak),
        None => row,
    }
}

async fn ask(engine: &Engine, view: &str, key: Option<String>, at: u64) -> Result<Duration, Failure> {
    let query = Query { limit: Some(100), ..Query::default() };
    let at = Some(At::Position(Position(at)));
    let request = ViewRequest { view: view.into(), key, query, at, ..ViewRequest::default() };
    let started = Instant::now();
    engine.view(request).await?;
    Ok(started.elapsed())
}

fn row(name: String, durations: &Durations, elapsed: Duration) -> Row {
    Row::timed(name, Amount { events: durations.count(), bytes: 0, elapsed }).latency(durations)
}

/// Timelines of runs from all over the log, each at a point in the middle of its life.
async fn streams(engine: &Engine) -> Result<Row, Failure> {
    let mut durations = Durations::new();
    let begun = Instant::now();
    let head = head(engine);
    for n in 0..STREAM_POINTS {
        let at = Position(head / STREAM_POINTS * n + head / STREAM_POINTS / 2);
        let Some(record) = engine.journal().get(at)? else { continue };
        let run = record.stream();
        if run.category.to_string() == "run" {
            durations.record(ask(engine, "run-timeline", Some(run.id.to_string()), at.0).await?);
        }
    }
    Ok(row("run-timeline, any position".into(), &durations, begun.elapsed()))
}

/// Each point by a process of its own, as far as what is kept goes.
async fn cold(dir: &Path, view: &str, name: &str, prepared: bool) -> Result<Row, Failure> {
    let mut durations = Durations::new();
    let begun = Instant::now();
    for n in 0..POINTS {
        if !prepared && history(dir).exists() {
            std::fs::rename(history(dir), dir.join("history"))?;
        }
        let engine = open(dir)?;
        engine.caught_up().await;
        let at = head(&engine) / POINTS * (n + 1) - 1;
        durations.record(ask(&engine, view, None, at).await?);
        close(engine).await?;
        if !prepared && dir.join("history").exists() {
            let made = history(dir);
            if made.exists() {
                std::fs::remove_dir_all(&made)?;
            }
            std::fs::rename(dir.join("history"), made)?;
        }
    }
    Ok(row(format!("{view}, {name}"), &durations, begun.elapsed()))
}

/// Points right behind one that was asked for before.
async fn near(dir: &Path, view: &str) -> Result<Row, Failure> {
    let engine = open(dir)?;
    engine.caught_up().await;
    let mut durations = Durations::new();
    let begun = Instant::now();
    let middle = head(&engine) / 2;
    ask(&engine, view, None, middle).await?;
    for n in 1..=POINTS {
        durations.record(ask(&engine, view, None, middle + n * NEAR).await?);
    }
    let row = row(format!("{view}, {NEAR} events on"), &durations, begun.elapsed());
    close(engine).await?;
    Ok(row)
}

/// A view at instants; the first question of all is the slowest.
async fn times(dir: &Path) -> Result<Row, Failure> {
    let engine = open(dir)?;
    engine.caught_up().await;
    let mut durations = Durations::new();
    let begun = Instant::now();
    let head = head(&engine);
    for n in 0..POINTS {
        let Some(record) = engine.journal().get(Position(head / POINTS * n))? else { continue };
        let request = ViewRequest {
            view: "projects".into(),
            at: Some(At::Time(record.time())),
            ..ViewRequest::default()
        };
        let started = Instant::now();
        engine.view(request).await?;
        durations.record(started.elapsed());
    }
    close(engine).await?;
    Ok(row("projects, at an instant".into(), &durations, begun.elapsed()))
}

async fn rebuild(dir: &Path) -> Result<Row, Failure> {
    server::forget_peak();
    let engine = open(dir)?;
    engine.caught_up().await;
    let (started, cpu) = (Instant::now(), server::own_cpu());
    engine.rebuild(&[], Source::Log)?;
    let waiting = engine.clone();
    tokio::task::spawn_blocking(move || waiting.wait_for_rebuild()).await?;
    let (status, whole) = (engine.rebuild_status(), started.elapsed());
    let cpu = server::own_cpu().zip(cpu).map(|(after, before)| after.saturating_sub(before));
    close(engine).await?;
    let differing: u64 = status.views.iter().filter_map(|view| view.rows).map(|rows| rows.differing()).sum();
    if status.phase != Phase::Done || differing > 0 {
        return Err(Failure::new(
            Exit::Failed,
            format!("the rebuild ended {:?}, {differing} rows differ", status.phase),
        ));
    }
    let amount = Amount { events: status.events, bytes: 0, elapsed: Duration::from_secs_f64(status.seconds) };
    let mut row = Row::new("rebuild, all live views", amount).with("with_swap_ms", whole.as_secs_f64() * 1e3);
    if let Some(cpu) = cpu {
        row = row.with("cpu_us", cpu.as_secs_f64() * 1e6 / float(amount.events.max(1)));
    }
    Ok(memory(row))
}

#[cfg(test)]
mod tests {
    use indicatif::ProgressBar;

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_question_is_asked_and_answered() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().to_owned();
        let filled = tokio::task::spawn_blocking(move || {
            history::fill(&path, 30_000, history::TURNS, &ProgressBar::hidden())
        });
        filled.await.unwrap().unwrap();
        let rows = measure(dir.path()).await.unwrap();
        assert_eq!(rows.len(), 2 + 3 * LIVE.len() + 2);
        for row in &rows {
            assert!(row.events > 0 && (row.rate_per_second.is_some() || row.latency.is_some()), "{row:?}");
        }
        assert!(rows.last().unwrap().further["peak_rss_bytes"] > 0.0);
    }
}
