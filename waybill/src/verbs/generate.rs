//! `waybill generate`: whole histories, made up from a seed, into a folder or a server.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use clap::Args;
use domain::values::Timestamp;
use engine::{Engine, Envelope, Submission};
use serde::{Deserialize, Serialize};

use crate::cli::Global;
use crate::client::{Client, Problem};
use crate::failure::{Exit, Failure};
use crate::generate::{Generator, Plan, Told};
use crate::target::{self, Target, Want};
use crate::{figures, output, progress, table};

/// Commands under way at once.
const WINDOW: usize = 512;
/// Commands of one request.
const BATCH: usize = 2_048;
/// Events of a run, about: for the progress bar only.
const EVENTS_PER_RUN: u64 = 110;

/// Fill a folder or a server with made-up histories: projects with runs, reviews, learnings, chains and the rest
///
/// Every command is a real one and follows the rules. The same seed gives the same commands and ids, byte for byte;
/// the log adds when it recorded them, its own id, and what it claims and fences for itself.
#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// Projects
    #[arg(long, value_name = "NUMBER", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    projects: u64,
    /// Runs of each project, beside those of its chains and tasks
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    runs: u64,
    /// What chance begins with
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// When the first project begins
    #[arg(long, value_name = "TIME", default_value = "2026-10-05T08:00:00Z")]
    start: Timestamp,
}

/// What was generated. The keys are stable.
#[derive(Debug, Default, Serialize)]
struct Report {
    seed: u64,
    projects: u64,
    commits: u64,
    /// Commands that were in the log before.
    duplicates: u64,
    events: u64,
    position: Option<u64>,
    duration_ms: u64,
    rate_per_second: f64,
}

/// What came of a command.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Taken {
    position: u64,
    duplicate: bool,
}

impl Report {
    fn taken(&mut self, taken: Taken) {
        self.commits += 1;
        self.duplicates += u64::from(taken.duplicate);
        self.position = self.position.max(Some(taken.position));
    }
    fn table(&self, colours: bool) -> String {
        let count = figures::count;
        let pairs = [
            ("seed", self.seed.to_string()),
            ("projects", count(self.projects)),
            ("commits", format!("{} ({} known before)", count(self.commits), count(self.duplicates))),
            ("events", count(self.events)),
            ("position", self.position.map_or_else(|| "none".to_owned(), count)),
            ("took", figures::duration_ms(self.duration_ms)),
            ("events per second", format!("{:.0}", self.rate_per_second)),
        ];
        table::pairs(&pairs.map(|(name, value)| (name.to_owned(), value)), colours)
    }
}

impl Generate {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        let Self { projects, runs, seed, start } = self;
        let target = target::open(global, Want::LogOrNew)?;
        let started = Instant::now();
        let mut report = Report { seed, projects, ..Report::default() };
        let bar = progress::events(projects * (runs + 10) * EVENTS_PER_RUN).with_message("generating");
        let mut generator = Generator::new(Plan { seed, projects, runs, start });
        let mut lane = Lane::over(&target);
        let mut told = Ok(());
        loop {
            let scene = match generator.scene() {
                Ok(Some(scene)) => scene,
                Ok(None) => break,
                Err(failure) => {
                    told = Err(failure);
                    break;
                }
            };
            told = lane.send(scene, &mut report).await;
            bar.set_position(generator.events());
            if told.is_err() {
                break;
            }
        }
        let settled = if told.is_ok() { lane.finish(&mut report).await } else { Ok(()) };
        bar.finish_and_clear();
        drop(lane);
        let closed = target.close().await;
        report.events = generator.events();
        report.timed(started.elapsed());
        told.and(settled).and(closed)?;
        output::document(global.output, &report, || report.table(output::colours(&std::io::stdout())))?;
        Ok(Exit::Done)
    }
}

impl Report {
    fn timed(&mut self, took: Duration) {
        self.duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        #[expect(clippy::cast_precision_loss, reason = "a rate is read to three digits")]
        let events = self.events as f64;
        self.rate_per_second = (events / took.as_secs_f64().max(1e-3)).round();
    }
}

/// The way to the log, in order; the first refusal ends it.
enum Lane {
    Engine(Engine, VecDeque<Submission>),
    Server(Client, Vec<u8>, usize),
}

/// A command as the bulk interface wants it.
#[derive(Serialize)]
struct Line<'a> {
    stream: domain::StreamId,
    command: &'a str,
    body: &'a domain::Command,
    commit: domain::ids::CommitId,
    occurred_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation: Option<domain::ids::CorrelationId>,
    actor: domain::Actor,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Taken(Taken),
    Refused { error: Problem },
}

impl Lane {
    fn over(target: &Target) -> Self {
        match target {
            Target::Folder(engine) => Self::Engine(engine.clone(), VecDeque::new()),
            Target::Server(client) => Self::Server(client.clone(), Vec::new(), 0),
        }
    }

    async fn send(&mut self, scene: Vec<Told>, report: &mut Report) -> Result<(), Failure> {
        for told in scene {
            match self {
                Self::Engine(engine, window) => {
                    if window.len() >= WINDOW {
                        settle(window, WINDOW / 2, report).await?;
                    }
                    window.push_back(engine.submit(envelope(told)).await);
                }
                Self::Server(client, body, lines) => {
                    write(body, &told)?;
                    *lines += 1;
                    if *lines >= BATCH {
                        post(client, body, lines, report).await?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn finish(&mut self, report: &mut Report) -> Result<(), Failure> {
        match self {
            Self::Engine(_, window) => settle(window, 0, report).await,
            Self::Server(client, body, lines) => post(client, body, lines, report).await,
        }
    }
}

fn envelope(told: Told) -> Envelope {
    let Told { stream, command, commit, occurred_at, actor, correlation } = told;
    Envelope {
        commit: Some(commit),
        occurred_at: Some(occurred_at),
        correlation,
        ..Envelope::new(stream, command, actor)
    }
}

async fn settle(window: &mut VecDeque<Submission>, left: usize, report: &mut Report) -> Result<(), Failure> {
    while window.len() > left {
        let Some(submission) = window.pop_front() else { break };
        let receipt = submission.receipt().await?;
        report.taken(Taken { position: receipt.position.0, duplicate: receipt.duplicate });
    }
    Ok(())
}

fn write(body: &mut Vec<u8>, told: &Told) -> Result<(), Failure> {
    let Told { stream, command, commit, occurred_at, actor, correlation } = told;
    let line = Line {
        stream: *stream,
        command: command.name(),
        body: command,
        commit: *commit,
        occurred_at: *occurred_at,
        correlation: *correlation,
        actor: *actor,
    };
    serde_json::to_writer(&mut *body, &line)?;
    body.push(b'\n');
    Ok(())
}

/// Sends what is there, and reads an answer for every line.
async fn post(
    client: &Client,
    body: &mut Vec<u8>,
    lines: &mut usize,
    report: &mut Report,
) -> Result<(), Failure> {
    if *lines == 0 {
        return Ok(());
    }
    let sent = std::mem::take(lines);
    let response = client.post(&["v1", "commands"], std::mem::take(body), "application/x-ndjson").await?;
    let answers = response.bytes().await.map_err(crate::client::ClientError::from)?;
    let mut answered = 0;
    for line in answers.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match serde_json::from_slice(line)? {
            Answer::Taken(taken) => report.taken(taken),
            Answer::Refused { error } => {
                return Err(Failure::from(error).while_doing("a command was refused"));
            }
        }
        answered += 1;
    }
    if answered == sent {
        return Ok(());
    }
    let message = format!("the server answered {answered} of {sent} commands");
    Err(Failure::new(Exit::Unreachable, message).hint("generate again: what it took already is not repeated"))
}
