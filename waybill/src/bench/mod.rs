//! `waybill bench`: rates and quantiles, beside what this machine's disk does in the same run.

mod access;
mod all;
mod append;
mod bare;
mod bulk;
mod disk;
mod growth;
mod history;
mod hostile;
mod http;
mod lists;
mod load;
mod measure;
mod post;
mod progress;
mod read;
mod replay;
mod report;
mod resume;
mod scratch;
mod search;
mod server;
mod travel;
mod warm;
mod wire;
mod words;
mod ws;

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, FromArgMatches, Subcommand};
use tempfile::TempDir;

use self::measure::Quantiles;
use self::report::Report;
use crate::cli::Global;
use crate::failure::{Exit, Failure};

/// Measure this machine: rates and latencies, beside its disk's own
///
/// Works in a fresh folder beside the data folder, or in --dir, and removes it at the end. Servers run in a process
/// of their own on the same machine, so that client and server share its cores. With --server, `post`, `bulk` and
/// `ws` measure that server, and what they commit stays in its log.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    #[command(subcommand)]
    what: What,
    /// Where to make the folder; on the disk to measure
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// How long each line of the report is measured [default: 5; for `all` 2]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=600))]
    seconds: Option<u16>,
    /// Print Markdown, as docs/performance.md has it
    #[arg(long, global = true)]
    markdown: bool,
}

#[derive(Debug, Clone, Subcommand)]
enum What {
    Append(append::Append),
    Post(post::Post),
    Access(access::Access),
    Bulk(bulk::Bulk),
    Read(read::Read),
    Replay(replay::Replay),
    Lists(lists::Lists),
    Search(search::Search),
    Travel(travel::Travel),
    Ws(ws::Ws),
    Resume(resume::Resume),
    Growth(growth::Growth),
    Hostile(hostile::Hostile),
    #[command(hide = true)]
    Part(growth::Part),
    /// All of them but `access`, `growth`, `hostile`, `lists`, `resume`, `search` and `travel` with their defaults, for two seconds a line
    All,
}

/// Where and how long a bench works.
struct Stage {
    dir: TempDir,
    time: Duration,
}

impl Bench {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        if let What::Part(part) = self.what {
            // It waits for commits on its thread, which a runtime does not allow on its own.
            return tokio::task::spawn_blocking(move || part.run()).await?.map(|()| Exit::Done);
        }
        let dir = scratch::make(self.dir.as_deref(), &global.data)?;
        let warmed = tokio::task::spawn_blocking(|| warm::touch(warm::BYTES)).await?;
        tracing::debug!(warmed, "memory was touched before measuring");
        let usual = if matches!(self.what, What::All) { 2 } else { 5 };
        let stage = Stage { dir, time: Duration::from_secs(self.seconds.unwrap_or(usual).into()) };
        let reports = tokio::select! {
            reports = self.what.run(&stage, global) => reports?,
            // Dropping what runs ends the server and removes the folder.
            _ = tokio::signal::ctrl_c() => return Err(Failure::new(Exit::Failed, "interrupted; nothing is left behind")),
        };
        report::print(&reports, global.output, self.markdown)?;
        Ok(Exit::Done)
    }
}

impl What {
    async fn run(self, stage: &Stage, global: &Global) -> Result<Vec<Report>, Failure> {
        Ok(vec![match self {
            Self::Append(bench) => bench.run(stage).await?,
            Self::Post(bench) => bench.run(stage, global).await?,
            Self::Access(bench) => bench.run(stage, global).await?,
            Self::Bulk(bench) => bench.run(stage, global).await?,
            Self::Read(bench) => bench.run(stage).await?,
            Self::Replay(bench) => bench.run(stage).await?,
            Self::Lists(bench) => bench.run(stage).await?,
            Self::Search(bench) => bench.run(stage).await?,
            Self::Travel(bench) => bench.run(stage).await?,
            Self::Ws(bench) => bench.run(stage, global).await?,
            Self::Resume(bench) => bench.run(stage).await?,
            Self::Growth(bench) => bench.run(stage).await?,
            Self::Hostile(bench) => bench.run(stage, global).await?,
            // A part of a bench is no bench.
            Self::Part(_) => return Ok(Vec::new()),
            Self::All => return all::run(stage, global).await,
        }])
    }
}

impl Stage {
    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
    fn disk(&self) -> Result<Quantiles, Failure> {
        Ok(disk::fdatasync(self.dir.path())?)
    }
    /// Runs what blocks on a thread of its own.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        tokio::task::spawn_blocking(work).await?
    }
    /// Runs a client on one thread, which takes less of the machine from the server than several do.
    async fn one_thread<T: Send + 'static, F: Future<Output = T>>(
        &self,
        client: impl FnOnce() -> F + Send + 'static,
    ) -> Result<T, Failure> {
        self.blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            Ok(runtime.block_on(client()))
        })
        .await
    }
}

/// A bench as the command line gives it where nothing is said.
trait Defaults: Args + FromArgMatches {
    fn defaults() -> Self {
        let command = Self::augment_args(clap::Command::new("bench").no_binary_name(true));
        let matches = command.get_matches_from(std::iter::empty::<&str>());
        Self::from_arg_matches(&matches).expect("every option of a bench has a default")
    }
}

impl<T: Args + FromArgMatches> Defaults for T {}

#[cfg(test)]
mod tests;
