//! `waybill bench hostile`: what well-behaved clients notice of thousands that stall, do not read, and flood.

mod attackers;
mod busy;

use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;

use self::attackers::{Siege, Told};
use self::busy::Busy;
use super::http::Endpoint;
use super::load::{Run, prepare};
use super::measure::{Amount, Durations, Row, float};
use super::report::Report;
use super::server::Server;
use super::{Stage, progress, ws};
use crate::cli::Global;
use crate::failure::Failure;

/// Well-behaved clients that follow every event.
const FOLLOWERS: u32 = 16;
/// How often the hostile ones come, and it is quiet before, between and after. What one quiet part measured differs from
/// the next by more than half on a machine that is shared: both sides of a ratio are taken over the whole time.
const TURNS: u32 = 3;
/// How long the server gets to see that they are gone: what that costs is no part of quiet.
const CLEARED: Duration = Duration::from_secs(2);

/// Time well-behaved clients beside hostile ones and without them, in turns
///
/// The hostile ones share this machine's cores with the server, on a thread of their own that runs only where no other
/// wants the core: they stand for other machines, whose cores they would use. Connections that stall within
/// a request's head and come again once they are cut off, WebSockets that subscribe to every event and read nothing,
/// and floods of pings, subscriptions and logins, each as fast as it is answered. What is left of their share of these
/// cores is told by a third part of each turn, in which threads that have nothing to do with the server keep every core
/// busy in the same way.
#[derive(Debug, Clone, Args)]
pub(super) struct Hostile {
    /// Connections that never end their request's head
    #[arg(long, value_name = "NUMBER", default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(0..=9_000))]
    pub(super) stalled: u32,
    /// WebSockets that follow every event and never read
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(0..=4_000))]
    pub(super) deaf: u32,
    /// WebSockets that flood with pings
    #[arg(long, value_name = "NUMBER", default_value_t = 16, value_parser = clap::value_parser!(u32).range(0..=256))]
    pub(super) pings: u32,
    /// WebSockets that flood with subscriptions and their ends
    #[arg(long, value_name = "NUMBER", default_value_t = 16, value_parser = clap::value_parser!(u32).range(0..=256))]
    pub(super) subscriptions: u32,
    /// Connections that flood with logins
    #[arg(long, value_name = "NUMBER", default_value_t = 16, value_parser = clap::value_parser!(u32).range(0..=256))]
    pub(super) logins: u32,
    /// Commits of the well-behaved per second
    #[arg(long, value_name = "PER_SECOND", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) rate: u32,
}

impl Hostile {
    pub(super) async fn run(self, stage: &Stage, global: &Global) -> Result<Report, Failure> {
        ws::raise_file_limit();
        let Self { stalled, deaf, pings, subscriptions, logins, rate } = self;
        let about = format!(
            "{rate} commits per second and {FOLLOWERS} followers, beside {stalled} connections that stall, {deaf} \
             WebSockets that do not read, and floods: {pings} of pings, {subscriptions} of subscriptions, {logins} \
             of logins"
        );
        let mut report = Report::new("hostile", about, stage.disk()?);
        let server = Server::find(global, &stage.path("hostile")).await?;
        let runs = prepare(&server.endpoint, 16).await?;
        let _bar = progress::clock("hostile clients".to_owned(), stage.time * (3 * TURNS + 1));
        let mut quiet = behave(&server.endpoint, &runs, rate, stage.time).await?;
        let quiet_peak = server.peak_rss_bytes();
        let (mut busy, mut beside, mut told) = (Measured::default(), Measured::default(), Vec::new());
        for _ in 0..TURNS {
            let siege = Siege::lay(&server.endpoint, &self);
            siege.stands().await;
            beside.add(&behave(&server.endpoint, &runs, rate, stage.time).await?);
            told.push(siege.lift());
            tokio::time::sleep(CLEARED).await;
            quiet.add(&behave(&server.endpoint, &runs, rate, stage.time).await?);
            let cores = Busy::begin();
            busy.add(&behave(&server.endpoint, &runs, rate, stage.time).await?);
            drop(cores);
        }
        report.rows =
            rows(&[("quiet", quiet), ("every core busy", busy), ("beside hostile clients", beside)]);
        report.rows.push(counted(&told));
        if let (Some(quiet), Some(peak)) = (quiet_peak, server.peak_rss_bytes()) {
            let row = Row::timed("server memory", Amount::default());
            report.rows.push(row.with("quiet_peak_rss_bytes", quiet).with("peak_rss_bytes", peak));
        }
        server.stop().await?;
        Ok(report)
    }
}

/// What well-behaved clients measured.
#[derive(Default)]
struct Measured {
    commits: u64,
    expected: u64,
    delivered: u64,
    posts: Durations,
    deliveries: Durations,
    time: Duration,
}

impl Measured {
    fn add(&mut self, more: &Self) {
        self.commits += more.commits;
        self.expected += more.expected;
        self.delivered += more.delivered;
        self.posts.add(&more.posts);
        self.deliveries.add(&more.deliveries);
        self.time += more.time;
    }
}

async fn behave(endpoint: &Endpoint, runs: &[Run], rate: u32, time: Duration) -> Result<Measured, Failure> {
    let started = Instant::now();
    let (mut audience, goal) = ws::open(endpoint, FOLLOWERS, started).await?;
    let commits = ws::commit(endpoint, runs, rate, time, started).await?;
    goal.send_replace(commits.last());
    let arrivals = ws::collect(&mut audience).await?;
    let times = commits.deliveries(&arrivals);
    Ok(Measured {
        commits: commits.count(),
        expected: commits.count() * u64::from(FOLLOWERS),
        delivered: times.since_start.count(),
        posts: commits.latency(),
        deliveries: times.since_start,
        time,
    })
}

fn rows(phases: &[(&str, Measured)]) -> Vec<Row> {
    let mut rows = Vec::new();
    let p99 = |durations: &Durations| float(durations.quantiles().p99_us.max(1));
    let quiet = phases.first().map(|(_, quiet)| (p99(&quiet.posts), p99(&quiet.deliveries)));
    for (name, measured) in phases {
        let amount = |events| Amount { events, bytes: 0, elapsed: measured.time };
        let (posts, deliveries) = quiet.unwrap_or((1.0, 1.0));
        rows.push(
            Row::new(format!("commit, {name}"), amount(measured.commits))
                .latency(&measured.posts)
                .with("p99_to_quiet", p99(&measured.posts) / posts),
        );
        rows.push(
            Row::new(format!("delivery, {name}"), amount(measured.delivered))
                .latency(&measured.deliveries)
                .with("missing", float(measured.expected.saturating_sub(measured.delivered)))
                .with("p99_to_quiet", p99(&measured.deliveries) / deliveries),
        );
    }
    rows
}

/// What the hostile ones did, all times together.
fn counted(sieges: &[Arc<Told>]) -> Row {
    let sum = |count: fn(&Told) -> u64| float(sieges.iter().map(|told| count(told)).sum());
    Row::timed("hostile clients", Amount::default())
        .with("stalled_connections", sum(Told::stalled))
        .with("deaf_sockets", sum(Told::deaf))
        .with("pings", sum(Told::pings))
        .with("subscriptions", sum(Told::subscriptions))
        .with("logins", sum(Told::logins))
        .with("refused_logins", sum(Told::refused_logins))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::tests::served;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_kind_of_attack_is_made_and_nothing_is_missed_beside_it() {
        let (_engine, endpoint) = served().await;
        let runs = prepare(&endpoint, 4).await.unwrap();
        let few = Hostile { stalled: 20, deaf: 5, pings: 2, subscriptions: 2, logins: 2, rate: 50 };
        let siege = Siege::lay(&endpoint, &few);
        siege.stands().await;
        let measured = behave(&endpoint, &runs, 50, Duration::from_millis(500)).await.unwrap();
        assert!(measured.commits > 0 && measured.delivered == measured.expected);
        let made = |told: &Told| told.pings() > 0 && told.subscriptions() > 0 && told.logins() > 0;
        // Attacks and hashes of passwords get what cores are spare, beside other tests after seconds.
        let limit = Instant::now() + Duration::from_secs(60);
        while !made(siege.so_far()) && Instant::now() < limit {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let told = siege.lift();
        assert_eq!((told.stalled(), told.deaf()), (20, 5));
        assert!(made(&told), "{told:?}");
        let rows = rows(&[("quiet", measured)]);
        assert_eq!((rows.len(), rows[1].further["missing"], rows[0].further["p99_to_quiet"]), (2, 0.0, 1.0));
    }
}
