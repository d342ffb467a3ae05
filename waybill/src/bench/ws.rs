//! `waybill bench ws`: how long after a commit its event is with every subscriber.

mod deliveries;
pub(super) mod subscriber;

use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval_at};

use self::deliveries::Posted;
pub(super) use self::deliveries::{Arrivals, Commits};
use super::http::Endpoint;
use super::load::{Run, Template, check, prepare};
use super::measure::{Amount, Row, float};
use super::report::Report;
use super::server::Server;
use super::words::{self, Words};
use super::{Stage, progress};
use crate::cli::Global;
use crate::failure::{Exit, Failure};

/// Connections that commit; together they keep the rate.
const POSTERS: u32 = 4;
/// Sockets that are being opened at once.
const OPENING: usize = 64;
/// The last event is with every subscriber within this, or the bench says how many it is not with.
const LAST_MAX: Duration = Duration::from_secs(10);
const OPEN_MAX: Duration = Duration::from_secs(60);
/// How long the machine's own network is measured.
const WIRE_MAX: Duration = Duration::from_secs(5);
/// Deliveries that are kept for the quantiles.
const DELIVERIES_MAX: u64 = 50_000_000;

/// Commit at a steady rate and time the delivery to many WebSockets
#[derive(Debug, Clone, Args)]
pub(super) struct Ws {
    /// WebSockets that follow every event
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=16_000))]
    pub(super) subscribers: u32,
    /// Commits per second
    #[arg(long, value_name = "PER_SECOND", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) rate: u32,
}

impl Ws {
    pub(super) async fn run(self, stage: &Stage, global: &Global) -> Result<Report, Failure> {
        let Self { subscribers, rate } = self;
        if u64::from(subscribers) * u64::from(rate) * stage.time.as_secs().max(1) > DELIVERIES_MAX {
            let failure = Failure::usage(format!("expected at most {DELIVERIES_MAX} deliveries"));
            return Err(failure.hint("lower --subscribers, --rate or --seconds"));
        }
        raise_file_limit();
        let about = format!("{subscribers} WebSockets that follow every event, {rate} commits per second");
        let mut report = Report::new("ws", about, stage.disk()?);
        let server = Server::find(global, &stage.path("ws")).await?;
        let runs = prepare(&server.endpoint, 16).await?;
        let empty = server.rss_bytes();
        let started = Instant::now();
        let (mut audience, goal) = open(&server.endpoint, subscribers, started).await?;
        let idle = server.rss_bytes();
        let _bar = progress::clock(format!("{subscribers} subscribers"), stage.time);
        let commits = commit(&server.endpoint, &runs, rate, stage.time, started).await?;
        let sent_for = stage.time;
        goal.send_replace(commits.last());
        let arrivals = collect(&mut audience).await?;
        let elapsed = started.elapsed();
        report.rows = rows(&commits, &arrivals, sent_for, subscribers);
        drop(audience);
        report.rows.push(wire(stage, &report.rows, subscribers, rate).await?);
        if let (Some(empty), Some(idle), Some(after)) = (empty, idle, server.rss_bytes()) {
            let amount = Amount { events: u64::from(subscribers), bytes: 0, elapsed };
            let each = (idle - empty) / f64::from(subscribers);
            let row = Row::timed("server memory", amount)
                .with("empty_rss_bytes", empty)
                .with("idle_rss_bytes", idle);
            report.rows.push(row.with("rss_bytes", after).with("socket_rss_bytes", each.max(0.0)));
        }
        server.stop().await?;
        Ok(report)
    }
}

fn rows(commits: &Commits, arrivals: &[Arrivals], sent_for: Duration, subscribers: u32) -> Vec<Row> {
    let (mut frames, mut bytes) = (0, 0);
    for arrivals in arrivals {
        frames += u64::try_from(arrivals.frames.len()).unwrap_or(0);
        bytes += arrivals.bytes;
    }
    let times = commits.deliveries(arrivals);
    let amount = |events, bytes| Amount { events, bytes, elapsed: sent_for };
    let delivered = times.since_start.count();
    let lost = commits.count() * u64::from(subscribers) - delivered;
    vec![
        Row::new("commit, from POST to answer", amount(commits.count(), 0)).latency(&commits.latency()),
        Row::new("delivery, from POST to frame", amount(delivered, bytes))
            .latency(&times.since_start)
            .with("frames", float(frames))
            .with("missing", float(lost)),
        Row::new("delivery, after the answer", amount(delivered, bytes)).latency(&times.since_answer),
    ]
}

/// The same bytes as often to as many connections, with no server between.
async fn wire(stage: &Stage, rows: &[Row], subscribers: u32, rate: u32) -> Result<Row, Failure> {
    let delivered = rows.iter().find(|row| row.bytes > 0 && row.events > 0);
    let each = delivered.map_or(1, |row| (row.bytes / row.events).max(1));
    let each = usize::try_from(each).unwrap_or(usize::MAX);
    let time = stage.time.min(WIRE_MAX);
    let measured = stage.blocking(move || Ok(super::wire::fan_out(subscribers, each, rate, time)?)).await?;
    let (amount, durations) = measured;
    Ok(Row::new("raw TCP, from write to read", amount).latency(&durations))
}

pub(super) type Audience = JoinSet<Result<Arrivals, Failure>>;

/// Opens the sockets; each is live when this returns, and ends at the position that the watch is given.
pub(super) async fn open(
    endpoint: &Endpoint,
    count: u32,
    started: Instant,
) -> Result<(Audience, watch::Sender<Option<u64>>), Failure> {
    let (goal, reach) = watch::channel(None);
    let (live, mut lives) = mpsc::channel(OPENING);
    let opening = Arc::new(Semaphore::new(OPENING));
    let mut audience = JoinSet::new();
    for _ in 0..count {
        let (endpoint, live, reach, opening) =
            (endpoint.clone(), live.clone(), reach.clone(), opening.clone());
        audience.spawn(async move {
            let permit = opening.acquire_owned().await.expect("the semaphore is never closed");
            let subscriber = subscriber::open(&endpoint).await?;
            drop(permit);
            // A bench that gave up does not listen any more.
            let _ = live.send(()).await;
            drop(live);
            subscriber.follow(reach, started, LAST_MAX).await
        });
    }
    drop(live);
    let late = || {
        Failure::new(Exit::Failed, "the sockets did not open in time")
            .hint("lower --subscribers, or raise `ulimit -n`")
    };
    tokio::time::timeout(OPEN_MAX, all_of(&mut lives, count)).await.map_err(|_| late())?;
    // One that ended before it was told to has failed.
    if let Some(ended) = audience.try_join_next() {
        ended??;
        return Err(Failure::new(Exit::Failed, "a socket ended before the bench began"));
    }
    Ok((audience, goal))
}

/// Waits until `count` of them have said so, or none is left who could.
async fn all_of(lives: &mut mpsc::Receiver<()>, count: u32) {
    for _ in 0..count {
        if lives.recv().await.is_none() {
            return;
        }
    }
}

pub(super) async fn collect(audience: &mut Audience) -> Result<Vec<Arrivals>, Failure> {
    let mut arrivals = Vec::with_capacity(audience.len());
    while let Some(ended) = audience.join_next().await {
        arrivals.push(ended??);
    }
    Ok(arrivals)
}

/// Commits `rate` times a second for `time`.
pub(super) async fn commit(
    endpoint: &Endpoint,
    runs: &[Run],
    rate: u32,
    time: Duration,
    started: Instant,
) -> Result<Commits, Failure> {
    let mut words = words::fresh();
    let mut posters: JoinSet<Result<Vec<Posted>, Failure>> = JoinSet::new();
    let gap = Duration::from_secs(1) / rate;
    let begin = tokio::time::Instant::now() + gap;
    for number in 0..POSTERS.min(rate) {
        let own = runs
            .iter()
            .skip(usize::try_from(number).unwrap_or(0))
            .step_by(usize::try_from(POSTERS).unwrap_or(1));
        let templates = own.map(|run| Template::post(endpoint, run, &mut words)).collect();
        let ticks = interval_at(begin + gap * number, gap * POSTERS.min(rate));
        let (endpoint, ids) = (endpoint.clone(), Words::new(words.number()));
        posters.spawn(post(endpoint, templates, ids, ticks, started, begin + time));
    }
    let mut commits = Commits::default();
    while let Some(ended) = posters.join_next().await {
        commits.extend(ended??);
    }
    Ok(commits)
}

async fn post(
    endpoint: Endpoint,
    mut templates: Vec<Template>,
    mut ids: Words,
    mut ticks: tokio::time::Interval,
    started: Instant,
    until: tokio::time::Instant,
) -> Result<Vec<Posted>, Failure> {
    #[derive(serde::Deserialize)]
    struct Answer {
        position: u64,
    }
    // Back in step after a delay: posters that have drifted together would commit in pairs from then on.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut connection = endpoint.connect().await?;
    let mut posted = Vec::new();
    let count = templates.len();
    for turn in (0..count).cycle() {
        if ticks.tick().await >= until {
            break;
        }
        let request = templates[turn].with(ids.id());
        let sent = started.elapsed();
        let (status, body) = connection.exchange(request).await?;
        let answered = started.elapsed();
        check(status, &body)?;
        let Answer { position } = serde_json::from_slice(&body)?;
        posted.push(Posted { position, sent, answered });
    }
    Ok(posted)
}

/// Each socket takes a file handle here, and one in the server, which inherits the limit.
pub(super) fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if limit.current < limit.maximum
        && let Err(error) =
            setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })
    {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::tests::served;

    #[tokio::test]
    async fn every_commit_is_timed_at_every_subscriber() {
        let (engine, endpoint) = served().await;
        let runs = prepare(&endpoint, 8).await.unwrap();
        let started = Instant::now();
        let (mut audience, goal) = open(&endpoint, 3, started).await.unwrap();
        let commits = commit(&endpoint, &runs, 200, Duration::from_millis(200), started).await.unwrap();
        goal.send_replace(commits.last());
        let arrivals = collect(&mut audience).await.unwrap();
        assert!(commits.count() > 0);
        assert_eq!(commits.last(), engine.journal().watermark().map(|head| head.0));
        let rows = rows(&commits, &arrivals, Duration::from_millis(200), 3);
        assert_eq!((rows[1].events, rows[1].further["missing"]), (commits.count() * 3, 0.0), "{rows:?}");
    }

    #[tokio::test]
    async fn a_token_that_is_wrong_ends_the_bench() {
        let (_engine, endpoint) = served().await;
        let wrong = Endpoint { token: "wb_wrong".into(), ..endpoint };
        assert!(open(&wrong, 2, Instant::now()).await.is_err());
    }
}
