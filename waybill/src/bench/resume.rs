//! `waybill bench resume`: WebSockets that go on where they were, after the server was killed and after they were cut.

use std::time::{Duration, Instant};

use clap::Args;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::http::Endpoint;
use super::load::prepare;
use super::measure::{Amount, Durations, Row, float};
use super::report::Report;
use super::server::Server;
use super::words::{self, Words};
use super::ws::subscriber::{self, Place, Subscriber, What};
use super::{Stage, progress, ws};
use crate::failure::Failure;

/// First and longest wait before a lost socket is opened again, before jitter; each doubles the one before.
const WAIT_FIRST: Duration = Duration::from_millis(100);
const WAIT_MAX: Duration = Duration::from_secs(2);
/// A socket that cannot go on within this ends the bench.
const RESUME_MAX: Duration = Duration::from_secs(60);
/// Commits per second while all sockets come back: each is for every one of them.
const STORM_RATE: u32 = 1;
/// Sockets that are opened at once at the beginning.
const OPENING: usize = 64;

/// Kill the server below thousands of WebSockets, cut others at random, and time until each is live again
///
/// Each goes on at the place where it was, by the position it has seen; whether it missed an event or got one twice is
/// counted.
#[derive(Debug, Clone, Args)]
pub(super) struct Resume {
    /// WebSockets below which the server is killed
    #[arg(long, value_name = "NUMBER", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=16_000))]
    pub(super) sockets: u32,
    /// WebSockets of which one at a time is cut
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(super) followers: u32,
    /// How often one is cut
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub(super) cuts: u32,
    /// Commits per second while they are
    #[arg(long, value_name = "PER_SECOND", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) rate: u32,
}

impl Resume {
    pub(super) async fn run(self, stage: &Stage) -> Result<Report, Failure> {
        ws::raise_file_limit();
        let Self { sockets, followers, cuts, rate } = self;
        let about = format!(
            "{sockets} WebSockets whose server is killed, then {followers} of which one is cut {cuts} times beside {rate} \
             commits per second"
        );
        let mut report = Report::new("resume", about, stage.disk()?);
        // Always one of its own: nobody else's is to be killed.
        let mut server = Server::start(&stage.path("resume")).await?;
        let runs = prepare(&server.endpoint, 16).await?;
        let _bar = progress::clock(format!("{sockets} sockets"), stage.time * 4);

        let empty = server.rss_bytes();
        let crowd = Crowd::open(&server.endpoint, sockets).await?;
        if let (Some(empty), Some(idle)) = (empty, server.rss_bytes()) {
            let each = ((idle - empty) / f64::from(sockets)).max(0.0);
            let row = Row::timed("idle", Amount { events: sockets.into(), ..Amount::default() });
            let row = row.with("empty_rss_bytes", empty).with("idle_rss_bytes", idle);
            report.rows.push(row.with("socket_rss_bytes", each));
        }
        let started = Instant::now();
        let ready = server.kill_and_start().await?;
        let commits = ws::commit(&server.endpoint, &runs, STORM_RATE, stage.time, started).await?;
        let told = crowd.end(commits.last()).await?;
        report.rows.push(told.row("killed").with("server_ready_ms", ready.as_secs_f64() * 1e3));
        if let Some(peak) = server.peak_rss_bytes() {
            let row =
                Row::timed("the server after that", Amount { events: sockets.into(), ..Amount::default() });
            report.rows.push(row.with("peak_rss_bytes", peak));
        }

        let crowd = Crowd::open(&server.endpoint, followers).await?;
        let started = Instant::now();
        let commits = ws::commit(&server.endpoint, &runs, rate, stage.time, started);
        let (commits, ()) = tokio::join!(commits, crowd.cut(cuts, stage.time));
        report.rows.push(crowd.end(commits?.last()).await?.row("cut"));
        server.stop().await?;
        Ok(report)
    }
}

type Opened = Result<Result<Subscriber, Failure>, tokio::task::JoinError>;

/// Sockets that follow every event and go on where they were.
struct Crowd {
    tasks: JoinSet<Result<Told, Failure>>,
    goal: watch::Sender<Option<u64>>,
    cuts: Vec<mpsc::Sender<()>>,
}

impl Crowd {
    /// Opens them; each is live when this returns.
    async fn open(endpoint: &Endpoint, count: u32) -> Result<Self, Failure> {
        let mut crowd = Self { tasks: JoinSet::new(), goal: watch::channel(None).0, cuts: Vec::new() };
        let mut opening = JoinSet::new();
        for _ in 0..count {
            if opening.len() >= OPENING {
                crowd.take(endpoint, opening.join_next().await)?;
            }
            let endpoint = endpoint.clone();
            opening.spawn(async move { subscriber::open(&endpoint).await });
        }
        while !opening.is_empty() {
            crowd.take(endpoint, opening.join_next().await)?;
        }
        Ok(crowd)
    }
    fn take(&mut self, endpoint: &Endpoint, opened: Option<Opened>) -> Result<(), Failure> {
        let Some(opened) = opened else { return Ok(()) };
        let (cut, asked) = mpsc::channel(1);
        self.cuts.push(cut);
        let follower = Follower { endpoint: endpoint.clone(), chance: words::fresh(), told: Told::default() };
        self.tasks.spawn(follower.follow(opened??, self.goal.subscribe(), asked));
        Ok(())
    }
    /// Cuts one of them at random so many times, evenly over `time`.
    async fn cut(&self, times: u32, time: Duration) {
        let mut chance = words::fresh();
        let mut ticks = tokio::time::interval(time / times.max(1));
        for _ in 0..times {
            ticks.tick().await;
            let which = chance.number() % u64::try_from(self.cuts.len().max(1)).unwrap_or(1);
            // One that is coming back already is not cut again meanwhile: its channel holds one order.
            let _ = self.cuts[usize::try_from(which).unwrap_or(0)].send(()).await;
        }
    }
    /// Waits until every one has come to that position.
    async fn end(mut self, last: Option<u64>) -> Result<Told, Failure> {
        self.goal.send_replace(last);
        let mut told = Told::default();
        while let Some(ended) = self.tasks.join_next().await {
            told.add(&ended??);
        }
        Ok(told)
    }
}

/// What followers went through.
#[derive(Debug, Default)]
struct Told {
    events: u64,
    missing: u64,
    repeated: u64,
    /// From losing a socket to being live again.
    resumed: Durations,
}

impl Told {
    /// Takes a frame into account that came to one who had seen everything up to `seen`.
    fn take(&mut self, seen: u64, from: u64, to: u64, held: u64) {
        self.events += held;
        self.missing += from.saturating_sub(seen) + to.saturating_sub(from).saturating_sub(held);
        self.repeated += seen.saturating_sub(from);
    }
    fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.missing += other.missing;
        self.repeated += other.repeated;
        self.resumed.add(&other.resumed);
    }
    fn row(&self, what: &str) -> Row {
        let amount = Amount { events: self.resumed.count(), ..Amount::default() };
        let all = self.resumed.quantiles().max_us;
        Row::timed(format!("live again, {what}"), amount)
            .latency(&self.resumed)
            .with("all_ms", float(all) / 1e3)
            .with("delivered", float(self.events))
            .with("missing", float(self.missing))
            .with("repeated", float(self.repeated))
    }
}

struct Follower {
    endpoint: Endpoint,
    chance: Words,
    told: Told,
}

impl Follower {
    async fn follow(
        mut self,
        mut socket: Subscriber,
        mut goal: watch::Receiver<Option<u64>>,
        mut cuts: mpsc::Receiver<()>,
    ) -> Result<Told, Failure> {
        let mut lost: Option<Instant> = None;
        loop {
            let wanted = *goal.borrow_and_update();
            if wanted.is_some() && lost.is_none() && socket.place().position >= wanted {
                return Ok(self.told);
            }
            let seen = socket.place().position.unwrap_or(0);
            tokio::select! {
                heard = socket.hear() => match heard.map(|heard| heard.what) {
                    Ok(What::Events { from, to, held }) => self.told.take(seen, from, to, held),
                    Ok(What::Live) => {
                        if let Some(lost) = lost.take() {
                            self.told.resumed.record(lost.elapsed());
                        }
                    }
                    Ok(What::Other) => {}
                    Err(_) => {
                        let since = *lost.get_or_insert_with(Instant::now);
                        socket = self.again(socket.place().clone(), since).await?;
                    }
                },
                Some(()) = cuts.recv() => {
                    let since = *lost.get_or_insert_with(Instant::now);
                    let place = socket.place().clone();
                    drop(socket);
                    socket = self.again(place, since).await?;
                }
                changed = goal.changed() => if changed.is_err() {
                    return Ok(self.told);
                },
            }
        }
    }
    /// The socket opened again at that place, with waits that grow and are drawn anew.
    async fn again(&mut self, place: Place, lost: Instant) -> Result<Subscriber, Failure> {
        let mut wait = WAIT_FIRST;
        loop {
            let most = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX);
            tokio::time::sleep(Duration::from_micros(self.chance.number() % most.max(1))).await;
            match subscriber::open_at(&self.endpoint, Some(place.clone())).await {
                Ok(socket) => return Ok(socket),
                Err(error) if lost.elapsed() > RESUME_MAX => return Err(error),
                Err(_) => wait = (wait * 2).min(WAIT_MAX),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::tests::served;

    #[test]
    fn what_is_missing_and_what_came_twice_is_counted() {
        let mut told = Told::default();
        told.take(5, 5, 8, 3);
        assert_eq!((told.events, told.missing, told.repeated), (3, 0, 0));
        told.take(8, 9, 12, 2);
        assert_eq!((told.events, told.missing, told.repeated), (5, 2, 0));
        told.take(12, 10, 12, 2);
        assert_eq!((told.missing, told.repeated), (2, 2));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sockets_that_are_cut_at_random_miss_nothing_and_get_nothing_twice() {
        let (_engine, endpoint) = served().await;
        let runs = prepare(&endpoint, 4).await.unwrap();
        let crowd = Crowd::open(&endpoint, 8).await.unwrap();
        let time = Duration::from_millis(500);
        let commits = ws::commit(&endpoint, &runs, 200, time, Instant::now());
        let (commits, ()) = tokio::join!(commits, crowd.cut(60, time));
        let commits = commits.unwrap();
        let told = crowd.end(commits.last()).await.unwrap();
        assert_eq!((told.missing, told.repeated), (0, 0));
        assert_eq!(told.events, commits.count() * 8);
        assert!(told.resumed.count() > 0, "{told:?}");
    }
}
