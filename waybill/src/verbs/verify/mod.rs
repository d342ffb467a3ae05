//! `waybill verify`: whether the log is as it was written, and whole; or a run, or evidence of one.

mod bundle;
mod report;
mod views;

use std::path::{Path, PathBuf};

use clap::Args;
use domain::StreamId;
use domain::ids::RunId;
use journal::Journal;
use replay::Scope;
use serde_json::json;

use crate::cli::{Form, Global};
use crate::client::ClientError;
use crate::failure::{Exit, Failure};
use crate::target::{self, Target};
use crate::trust::{self, TrustArgs};
use crate::{figures, output, progress};
use report::Report;

/// Check the log: checksums, positions, streams, commits, payloads, tree, signature
///
/// Reads everything and changes nothing; a damaged log is read as far as it can be. With --since only what came
/// after an earlier checkpoint, with --run one run against the signed tree, with --bundle a file that `waybill
/// evidence` made, without folder or server. Whether anything was altered and whether anything is missing are two
/// answers.
///
/// Exit code 0 says that nothing was altered and nothing is missing, 1 that something was altered or cannot be
/// read, 3 that something is missing, 4 that no key that counts has signed it, 5 that it is older than --max-age.
/// Without --key the key in the data folder counts, which says nothing about who put it there.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A checkpoint from before, such as a copy of DIR/tiles/checkpoint: the log must extend it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["run", "bundle", "views"])]
    since: Option<PathBuf>,
    /// Only this run
    #[arg(long, value_name = "ID", conflicts_with_all = ["bundle", "views"])]
    run: Option<String>,
    /// The views instead: fold all of the log twice, in different ways, and compare with each other and with what is
    /// stored or shown
    #[arg(long, conflicts_with = "bundle")]
    views: bool,
    /// Evidence of a run instead of a log
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// Let the log's own keys count that came with --bundle: shows that it is whole, not whose log it is of
    #[arg(long, requires = "bundle")]
    trust_bundled_key: bool,
    #[command(flatten)]
    trust: TrustArgs,
}

impl Verify {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        if self.views {
            return views::verify(global).await;
        }
        if let Some(path) = &self.bundle {
            return bundle::verify(path, &self.trust.trust(self.trust_bundled_key)?, global.output);
        }
        let run = self.run_id()?;
        let (keys, freshness) = (self.trust.keys()?, self.trust.freshness());
        let since = self.since.as_deref().map(checkpoint).transpose()?;
        let scope = Scope { keys, since, stream: run.map(StreamId::from), freshness };
        let text = match target::open_log(global, true).map_err(unreadable)? {
            Target::Folder(journal) => {
                tokio::task::spawn_blocking(move || verify(&journal, &scope)).await??
            }
            Target::Server(client) => {
                let body = asked(&scope, &self.trust).to_string();
                let response = client.post(&["v1", "log", "verify"], body, "application/json").await?;
                response.text().await.map_err(ClientError::from)?
            }
        };
        let report: Report = serde_json::from_str(&text)?;
        if let Some(run) = run.filter(|_| report.is_of_nothing()) {
            let hint = "`waybill view runs` lists the runs there are";
            return Err(Failure::usage(format!("there is no run `{run}`")).hint(hint));
        }
        match global.output {
            Form::Table | Form::Html => output::print(&report.table(output::colours(&std::io::stdout())))?,
            Form::Json | Form::Ndjson => output::print(&text)?,
        }
        Ok(report.exit())
    }

    fn run_id(&self) -> Result<Option<RunId>, Failure> {
        let Some(text) = &self.run else { return Ok(None) };
        let id = text.strip_prefix("run-").unwrap_or(text).parse();
        id.map(Some).map_err(|_| {
            Failure::usage(format!("`{}` is no id of a run", figures::line(text, 80)))
                .hint("`waybill view runs` lists the runs there are")
        })
    }
}

/// An earlier checkpoint. What is no checkpoint at all is the wrong file, not a log that was altered.
fn checkpoint(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = trust::read(path)?;
    proof::trust::Held::read(&bytes).map_err(|error| {
        Failure::from(error)
            .of(Exit::Usage)
            .while_doing(format!("`{}`", path.display()))
            .hint("give a file that holds a signed checkpoint, such as a copy of DIR/tiles/checkpoint")
    })?;
    Ok(bytes)
}

/// What is asked of a server.
fn asked(scope: &Scope, trust: &TrustArgs) -> serde_json::Value {
    json!({
        "since": scope.since.as_ref().map(|note| String::from_utf8_lossy(note)),
        "stream": scope.stream,
        "keys": scope.keys.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "max_age_ms": trust.max_age.map(|age| age.ms),
    })
}

/// A log that cannot be opened at all is not as it was written.
fn unreadable(failure: Failure) -> Failure {
    match failure.exit {
        Exit::Failed => failure.while_doing("not verified"),
        _ => failure,
    }
}

fn verify(journal: &Journal, scope: &Scope) -> Result<String, serde_json::Error> {
    let bar = progress::events(0).with_message("verifying");
    let report = replay::verify_scope(journal, scope, |now| {
        bar.set_length(now.of);
        bar.set_position(now.events);
    });
    bar.finish_and_clear();
    serde_json::to_string(&report)
}

#[cfg(test)]
mod tests {
    use journal::Options;

    use super::*;

    #[test]
    fn the_table_reads_what_a_verification_writes() {
        let journal = Journal::memory(Options::default());
        let report: Report = serde_json::from_str(&verify(&journal, &Scope::default()).unwrap()).unwrap();
        assert_eq!((report.is_of_nothing(), report.exit()), (true, Exit::Done));
    }

    #[test]
    fn only_a_checkpoint_is_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("checkpoint");
        std::fs::write(&path, "no checkpoint").unwrap();
        let failure = checkpoint(&path).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage, "{failure}");
        std::fs::write(&path, Journal::memory(Options::default()).checkpoint_now().unwrap()).unwrap();
        checkpoint(&path).unwrap();
    }
}
