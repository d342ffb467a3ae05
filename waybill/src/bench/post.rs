//! `waybill bench post`: single commands over HTTP, each connection waiting for one answer before the next.

use std::io;
use std::time::{Duration, Instant};

use clap::Args;
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;

use super::bare::Bare;
use super::http::Endpoint;
use super::load::{Run, Template, check, check_io, prepare};
use super::measure::{Amount, Durations, Row, float};
use super::report::Report;
use super::server::{Server, own_cpu};
use super::words::{self, Words};
use super::{Stage, bulk, disk, progress};
use crate::cli::Global;
use crate::failure::Failure;

/// Runs that a connection writes to in turn.
const RUNS_PER_CONNECTION: usize = 4;
/// Events that a new log gets first. Space is written ahead of a log only from its third segment of 8 MiB on, so that
/// small ones stay small; one that is used is beyond that, and its syncs are shorter.
const FIRST_EVENTS: u64 = 150_000;
const FILLING_CONNECTIONS: usize = 4;
/// Search gets this long to take them in.
const SETTLED_WITHIN: Duration = Duration::from_secs(30);
/// Bytes of an event, as the raw file gets them.
const EVENT_BYTES: usize = 300;

/// Send single commands to a server in another process
///
/// Each is an agent's message for a run: checked, decided, made durable and shown in the views before its answer.
#[derive(Debug, Clone, Args)]
pub(super) struct Post {
    /// Connections that are kept, each with one request under way
    #[arg(long, value_delimiter = ',', value_name = "NUMBER", default_values_t = [1, 16, 64], value_parser = connections)]
    connections: Vec<usize>,
}

pub(super) fn connections(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| (1..=4096).contains(number)).ok_or("expected 1 to 4096".to_owned())
}

impl Post {
    pub(super) async fn run(self, stage: &Stage, global: &Global) -> Result<Report, Failure> {
        let about = "single commands over HTTP, an event of about 300 bytes each, durable before the answer, to a log that has \
             150,000 events";
        let mut report = Report::new("post", about, stage.disk()?);
        let server = Server::find(global, &stage.path("post")).await?;
        let most = self.connections.iter().copied().max().unwrap_or(1);
        let runs = prepare(&server.endpoint, most * RUNS_PER_CONNECTION).await?;
        fill(stage, &server.endpoint, &runs).await?;
        for connections in self.connections {
            let _bar = progress::clock(format!("{connections} connections"), stage.time * 3 / 2);
            let row = measure(stage, &server, &runs, connections).await?;
            report.rows.extend(beside_bare(stage, &server.endpoint, &runs, connections, row, drive).await?);
        }
        server.stop().await?;
        Ok(report)
    }
}

/// Gives the log its first events, and waits until nothing is behind it.
async fn fill(stage: &Stage, endpoint: &Endpoint, runs: &[Run]) -> Result<(), Failure> {
    let _bar = progress::clock("first events".to_owned(), Duration::from_secs(4));
    let mut filled = 0;
    while filled < FIRST_EVENTS {
        let (endpoint, runs) = (endpoint.clone(), runs.to_vec());
        let some = move || bulk::drive(endpoint, runs, FILLING_CONNECTIONS, Duration::from_millis(250));
        filled += stage.one_thread(some).await??.0.events;
    }
    let search = endpoint.get("/v1/search?q=bench&limit=1", "application/json");
    let (mut connection, until) = (endpoint.connect().await?, Instant::now() + SETTLED_WITHIN);
    while Instant::now() < until {
        let (status, answer) = connection.exchange(&search).await?;
        check(status, &answer)?;
        let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap_or_default();
        if answer["complete"] == true {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

async fn measure(stage: &Stage, server: &Server, runs: &[Run], connections: usize) -> Result<Row, Failure> {
    let (endpoint, runs, time) = (server.endpoint.clone(), runs.to_vec(), stage.time);
    let cpu = (server.cpu(), own_cpu());
    let driven = stage.one_thread(move || drive(endpoint, runs, connections, time)).await?;
    let (amount, latency) = driven?;
    let used = |before: Option<Duration>, after: Option<Duration>| Some(after?.saturating_sub(before?));
    let cpu = (used(cpu.0, server.cpu()), used(cpu.1, own_cpu()));
    let dir = stage.dir.path().to_path_buf();
    let raw = stage.blocking(move || Ok(disk::raw(&dir, connections, EVENT_BYTES, time / 2)?)).await?;
    let per_event = |cpu: Duration| cpu.as_secs_f64() * 1e6 / float(amount.events.max(1));
    let mut row = Row::new(name(connections), amount).latency(&latency).beside(&raw);
    if let (Some(server), Some(client)) = cpu {
        row = row.with("server_cpu_us", per_event(server)).with("client_cpu_us", per_event(client));
    }
    Ok(row)
}

/// The row, and what the machine gives any server: the same requests to one that only writes them to a file, and to one
/// that only answers.
pub(super) async fn beside_bare<D, F>(
    stage: &Stage,
    endpoint: &Endpoint,
    runs: &[Run],
    connections: usize,
    row: Row,
    drive: D,
) -> Result<[Row; 3], Failure>
where
    D: Fn(Endpoint, Vec<Run>, usize, Duration) -> F + Copy + Send + 'static,
    F: Future<Output = io::Result<(Amount, Durations)>>,
{
    let measured = |bare: Bare, what: &'static str| async move {
        let (endpoint, runs) = (Endpoint { address: bare.address, ..endpoint.clone() }, runs.to_vec());
        let time = stage.time / 2;
        let driven = stage.one_thread(move || drive(endpoint, runs, connections, time)).await?;
        stage.blocking(|| Ok(bare.stop()?)).await?;
        let (amount, latency) = driven?;
        Ok::<_, Failure>(Row::new(format!("{}: {what}", name(connections)), amount).latency(&latency))
    };
    let file = measured(Bare::writing(&stage.path("bare"))?, "HTTP and a file").await?;
    let alone = measured(Bare::answering()?, "HTTP alone").await?;
    let rate = |row: &Row| row.rate_per_second.unwrap_or_default();
    let ratio = rate(&row) / rate(&file).max(1e-9);
    Ok([row.with("rate_to_http_and_file", ratio), file, alone])
}

pub(super) fn name(connections: usize) -> String {
    if connections == 1 { "1 connection".to_owned() } else { format!("{connections} connections") }
}

/// Closed loops of `connections` connections until `time` is over.
pub(super) async fn drive(
    endpoint: Endpoint,
    runs: Vec<Run>,
    connections: usize,
    time: Duration,
) -> io::Result<(Amount, Durations)> {
    let mut words = words::fresh();
    let mut loops = JoinSet::new();
    let started = Instant::now();
    for number in 0..connections {
        let own = runs.iter().skip(number).step_by(connections);
        let templates = own.map(|run| Template::post(&endpoint, run, &mut words)).collect();
        let ids = Words::new(words.number());
        loops.spawn(connection(endpoint.clone(), templates, ids, started + time));
    }
    let (mut amount, mut latency) = (Amount::default(), Durations::new());
    while let Some(ended) = loops.join_next().await {
        let (one, part) = ended.map_err(io::Error::other)??;
        latency.add(&one);
        amount.events += part.events;
        amount.bytes += part.bytes;
    }
    amount.elapsed = started.elapsed();
    Ok((amount, latency))
}

async fn connection(
    endpoint: Endpoint,
    mut templates: Vec<Template>,
    mut ids: Words,
    until: Instant,
) -> io::Result<(Durations, Amount)> {
    let mut connection = endpoint.connect().await?;
    let (mut latency, mut amount) = (Durations::new(), Amount::default());
    let count = templates.len();
    for turn in (0..count).cycle() {
        let before = Instant::now();
        if before >= until {
            break;
        }
        let request = templates[turn].with(ids.id());
        amount.bytes += u64::try_from(request.len()).unwrap_or(0);
        let (status, body) = connection.exchange(request).await?;
        latency.record(before.elapsed());
        if status != 200 {
            check_io(status, &body)?;
        }
        amount.events += 1;
    }
    connection.write.shutdown().await?;
    Ok((latency, amount))
}
