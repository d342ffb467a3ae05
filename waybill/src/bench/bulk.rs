//! `waybill bench bulk`: commands as NDJSON, many under way on each connection.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::Args;
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::task::JoinSet;

use super::http::{Connection, Endpoint, Reader};
use super::load::{Run, Template, check_io, prepare};
use super::measure::{Amount, Durations, Row, float};
use super::post::{beside_bare, connections, name};
use super::report::Report;
use super::server::{Server, own_cpu};
use super::words::{self, Words};
use super::{Stage, disk, progress};
use crate::cli::Global;
use crate::failure::Failure;

const RUNS_PER_CONNECTION: usize = 16;
/// Commands sent at once; the raw file gets as many events per sync.
const LINES_PER_CHUNK: usize = 64;
const EVENT_BYTES: usize = 300;
/// Commands whose answers are out; the client waits there.
const AHEAD_MAX: u64 = 4096;

/// Stream commands as NDJSON to a server in another process
#[derive(Debug, Clone, Args)]
pub(super) struct Bulk {
    /// Connections, each with one endless request
    #[arg(long, value_delimiter = ',', value_name = "NUMBER", default_values_t = [1, 4], value_parser = connections)]
    connections: Vec<usize>,
}

impl Bulk {
    pub(super) async fn run(self, stage: &Stage, global: &Global) -> Result<Report, Failure> {
        let about = "commands as NDJSON over HTTP, a commit of about 300 bytes each; latency from sending a command to its answer";
        let mut report = Report::new("bulk", about, stage.disk()?);
        let server = Server::find(global, &stage.path("bulk")).await?;
        let most = self.connections.iter().copied().max().unwrap_or(1);
        let runs = prepare(&server.endpoint, most * RUNS_PER_CONNECTION).await?;
        for connections in self.connections {
            let _bar = progress::clock(name(connections), stage.time * 3 / 2);
            let row = measure(stage, &server, &runs, connections).await?;
            report.rows.extend(beside_bare(stage, &server.endpoint, &runs, connections, row, drive).await?);
        }
        server.stop().await?;
        Ok(report)
    }
}

async fn measure(stage: &Stage, server: &Server, runs: &[Run], connections: usize) -> Result<Row, Failure> {
    let (endpoint, runs, time) = (server.endpoint.clone(), runs.to_vec(), stage.time);
    let (server_before, own_before) = (server.cpu(), own_cpu());
    let (amount, latency) = stage.one_thread(move || drive(endpoint, runs, connections, time)).await??;
    let per_event = |before: Option<Duration>, after: Option<Duration>| {
        Some(after?.saturating_sub(before?).as_secs_f64() * 1e6 / float(amount.events.max(1)))
    };
    let cpu = (per_event(server_before, server.cpu()), per_event(own_before, own_cpu()));
    let dir = stage.dir.path().to_path_buf();
    let batch = connections * LINES_PER_CHUNK;
    let raw = stage.blocking(move || Ok(disk::raw(&dir, batch, EVENT_BYTES, time / 2)?)).await?;
    let row = Row::new(name(connections), amount).latency(&latency).beside(&raw);
    Ok(match cpu {
        (Some(server), Some(client)) => row.with("server_cpu_us", server).with("client_cpu_us", client),
        _ => row,
    })
}

pub(super) async fn drive(
    endpoint: Endpoint,
    runs: Vec<Run>,
    connections: usize,
    time: Duration,
) -> io::Result<(Amount, Durations)> {
    let mut words = words::fresh();
    let mut streams = JoinSet::new();
    let started = Instant::now();
    for number in 0..connections {
        let own = runs.iter().skip(number).step_by(connections);
        let lines = own.map(|run| Template::line(run, &mut words)).collect();
        let ids = Words::new(words.number());
        streams.spawn(stream(endpoint.clone(), lines, ids, started + time));
    }
    let (mut amount, mut latency) = (Amount::default(), Durations::new());
    while let Some(ended) = streams.join_next().await {
        let (one, part) = ended.map_err(io::Error::other)??;
        latency.add(&one);
        amount.events += part.events;
        amount.bytes += part.bytes;
    }
    amount.elapsed = started.elapsed();
    Ok((amount, latency))
}

/// What has been sent and not been answered: how many commands up to and with each chunk, and when it left.
#[derive(Debug, Default)]
struct Ahead {
    chunks: Mutex<VecDeque<(u64, Instant)>>,
    answered: tokio::sync::Notify,
}

impl Ahead {
    fn chunks(&self) -> std::sync::MutexGuard<'_, VecDeque<(u64, Instant)>> {
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Commands of the chunks that wait, or are answered in part.
    fn waiting(&self) -> u64 {
        u64::try_from(self.chunks().len() * LINES_PER_CHUNK).unwrap_or(u64::MAX)
    }
}

async fn stream(
    endpoint: Endpoint,
    lines: Vec<Template>,
    ids: Words,
    until: Instant,
) -> io::Result<(Durations, Amount)> {
    let Connection { mut write, read } = endpoint.connect().await?;
    let head = endpoint.head("POST", "/v1/commands");
    let head = format!("{head}Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");
    write.write_all(head.as_bytes()).await?;
    let ahead = Arc::new(Ahead::default());
    let answers = tokio::spawn(receive(read, ahead.clone()));
    let sent = send(&mut write, lines, ids, until, &ahead, &answers).await;
    let (latency, answered) = answers.await.map_err(io::Error::other)??;
    let bytes = sent?;
    Ok((latency, Amount { events: answered, bytes, elapsed: Duration::ZERO }))
}

async fn send(
    write: &mut OwnedWriteHalf,
    mut lines: Vec<Template>,
    mut ids: Words,
    until: Instant,
    ahead: &Ahead,
    answers: &tokio::task::JoinHandle<io::Result<(Durations, u64)>>,
) -> io::Result<u64> {
    let (mut sent, mut bytes, mut chunk) = (0, 0, Vec::new());
    let mut turn = 0;
    while Instant::now() < until && !answers.is_finished() {
        while ahead.waiting() >= AHEAD_MAX && !answers.is_finished() {
            ahead.answered.notified().await;
        }
        chunk.clear();
        for _ in 0..LINES_PER_CHUNK {
            turn = (turn + 1) % lines.len();
            chunk.extend_from_slice(lines[turn].with(ids.id()));
        }
        sent += u64::try_from(LINES_PER_CHUNK).unwrap_or(0);
        bytes += u64::try_from(chunk.len()).unwrap_or(0);
        ahead.chunks().push_back((sent, Instant::now()));
        write.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).await?;
        chunk.extend_from_slice(b"\r\n");
        write.write_all(&chunk).await?;
    }
    write.write_all(b"0\r\n\r\n").await?;
    Ok(bytes)
}

/// Counts the answers, and ends with the request.
async fn receive(mut read: Reader<OwnedReadHalf>, ahead: Arc<Ahead>) -> io::Result<(Durations, u64)> {
    let received = take(&mut read, &ahead).await;
    // Whatever happened, the sender must not wait for more.
    ahead.chunks().clear();
    ahead.answered.notify_one();
    received
}

async fn take(read: &mut Reader<OwnedReadHalf>, ahead: &Ahead) -> io::Result<(Durations, u64)> {
    let status = read.head().await?;
    let (mut latency, mut answered) = (Durations::new(), 0);
    while let Some(part) = read.part().await? {
        if status != 200 || part.windows(8).any(|window| window == b"\"error\":") {
            check_io(status, &part)?;
            return Err(io::Error::other("the server refused a command"));
        }
        let now = Instant::now();
        answered += part.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        let mut chunks = ahead.chunks();
        while let Some((_, left)) = chunks.front().copied().filter(|(upto, _)| *upto <= answered) {
            latency.record(now.duration_since(left));
            chunks.pop_front();
        }
        drop(chunks);
        ahead.answered.notify_one();
    }
    Ok((latency, answered))
}
