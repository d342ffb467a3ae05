//! `waybill import`: recorded sessions of other agents, and tables of outcomes, become runs.

mod lane;
mod project;
mod tally;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use indicatif::ProgressBar;
use replay::import::{Format, Found, ImportError, Options, Target};
use tokio::sync::mpsc;

use self::lane::Lane;
use self::tally::Tally;
use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::target::{self, Want};
use crate::{output, progress};

/// Bytes of the log that an importer keeps in memory: it writes and hardly reads.
const CACHE_BYTES: u32 = 4 << 20;
/// Commands that may wait between reading a file and committing.
const QUEUE: usize = 512;

/// Import recorded sessions: runs, steps, messages, tool calls, usage and cost
///
/// Ids follow from the content, so importing again changes nothing, and an import that was cut off is completed
/// by running it again. A line that cannot be used is reported and counted, and the rest goes on.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// What wrote the files: claude-code, codex, opencode, pi, swe-agent; or what they are: ndjson (docs/import.md),
    /// outcomes (CSV or JSON with model, task, resolved, cost, calls)
    #[arg(value_parser = format)]
    format: Format,
    /// The files
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The project they become part of, by slug or id; a slug that is new makes a project
    #[arg(long, value_name = "SLUG|ID", default_value = "imported")]
    project: String,
    /// The session goes on: leave its run open at the end of the file, so that more can be imported later
    #[arg(long)]
    unfinished: bool,
}

fn format(text: &str) -> Result<Format, String> {
    text.parse().map_err(|error: replay::import::UnknownFormat| error.to_string())
}

/// What the thread that reads hands to the one that commits.
enum Message {
    Found(Found),
    /// A file ended, well or not.
    Ended(PathBuf, Result<(), ImportError>),
}

impl Import {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        let started = Instant::now();
        if global.server.is_none() && target::check_log(&global.data).is_err() {
            self.probe()?;
        }
        let options = journal::Options {
            cache_bytes: CACHE_BYTES.into(),
            block_cache_bytes: CACHE_BYTES as usize,
            ..global.journal()
        };
        let open = |data: &Path| target::open_engine(data, options);
        let target = target::open_with(global, Want::LogOrNew, open)?;
        let project = project::find(&target, &self.project).await?;
        let options = Options { project, finish: !self.unfinished };
        let total = self.paths.iter().filter_map(|path| Some(path.metadata().ok()?.len())).sum();
        let bar = progress::bytes(total).with_message("importing");
        let mut lane = Lane::over(&target);
        let mut tally = Tally::new(&self.project, bar.clone());
        let taken = take(read(self.format, self.paths, options), &mut lane, &mut tally, &bar).await;
        // Whatever happened, what was sent is answered for before the end.
        let settled = lane.finish(&mut tally).await;
        bar.finish_and_clear();
        drop(lane);
        let closed = target.close().await;
        let report = tally.report(started.elapsed());
        if report.files > 0 || report.commits > 0 {
            output::document(global.output, &report, || report.table(output::colours(&std::io::stdout())))?;
        }
        taken.and(settled).and(closed)?;
        match tally.failure {
            Some(failure) => Err(failure),
            None => Ok(report.exit()),
        }
    }
}

impl Import {
    /// That there is something to import: no folder is made for files that cannot be read at all.
    fn probe(&self) -> Result<(), Failure> {
        let project =
            self.project.parse().map_or_else(|_| Target::Slug(self.project.clone()), Target::Existing);
        let options = Options { project, finish: true };
        let mut first = None;
        for path in &self.paths {
            let mut holds = false;
            let mut sink = |found| match found {
                Found::Item(_) => {
                    holds = true;
                    ControlFlow::Break(())
                }
                Found::Bad(_) => ControlFlow::Continue(()),
            };
            match replay::import::import(self.format, path, &options, &mut sink) {
                Ok(()) => return Ok(()),
                Err(_) if holds => return Ok(()),
                Err(error) => first = first.or(Some(Failure::from(error).while_doing(path.display()))),
            }
        }
        first.map_or(Ok(()), Err)
    }
}

/// Reads the files in order, on a thread of its own, as far ahead as the queue allows.
fn read(format: Format, paths: Vec<PathBuf>, options: Options) -> mpsc::Receiver<Message> {
    let (queue, messages) = mpsc::channel(QUEUE);
    std::thread::spawn(move || {
        for path in paths {
            let mut sink = |found| match queue.blocking_send(Message::Found(found)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            };
            let ended = replay::import::import(format, &path, &options, &mut sink);
            if queue.blocking_send(Message::Ended(path, ended)).is_err() {
                return;
            }
        }
    });
    messages
}

async fn take(
    mut messages: mpsc::Receiver<Message>,
    lane: &mut Lane,
    tally: &mut Tally,
    bar: &ProgressBar,
) -> Result<(), Failure> {
    let (mut before, mut size) = (0, 0);
    while let Some(message) = messages.recv().await {
        match message {
            Message::Found(Found::Item(item)) => {
                size = item.origin.read_bytes;
                bar.set_position(before + size);
                tally.found(&item);
                lane.send(*item, tally).await?;
            }
            Message::Found(Found::Bad(line)) => tally.bad(&line),
            Message::Ended(path, ended) => {
                before += size_of(&path).unwrap_or(size);
                size = 0;
                tally.ended(&path, ended);
            }
        }
    }
    Ok(())
}

fn size_of(path: &Path) -> Option<u64> {
    Some(path.metadata().ok()?.len())
}
