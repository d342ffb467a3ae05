//! `waybill evidence`: everything that the log holds of a run, and what proves it, in one file.

use std::path::PathBuf;

use bytes::Bytes;
use clap::Args;
use domain::ids::RunId;
use proof::Trust;
use proof::bundle::{self, Report};
use replay::{EvidenceError, Maker};
use serde::Serialize;

use crate::cli::Global;
use crate::client::{Arguments, ClientError};
use crate::failure::{Exit, Failure};
use crate::target::{self, Target, Want};
use crate::verbs::replay::{named, unknown};
use crate::{figures, files, output, table, trust};

/// Write a run's events and what proves them to one file that anybody can check
///
/// The file is a tar archive: stored records, Merkle proofs, the signed checkpoint, keys, the events as JSON with
/// their schemas, and a report for reading. `waybill-verify FILE --key @log.pub` or `waybill verify --bundle FILE`
/// checks it without a server. Where the log is open for writing, everything is signed first.
#[derive(Debug, Args)]
pub(crate) struct Evidence {
    /// The run's id, or `latest`
    #[arg(value_name = "ID|latest")]
    run: String,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// What was written, for programs.
#[derive(Serialize)]
struct Written<'a> {
    run: RunId,
    file: String,
    bytes: usize,
    report: &'a Report,
}

impl Evidence {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        let target = target::open(global, Want::Log)?;
        let made = self.made(&target).await;
        let closed = target.close().await;
        let (run, bundle) = made?;
        // Checked as a stranger would, though by the log's own keys: what does not hold is not handed out.
        let report = bundle::verify(&bundle, &Trust { bundled: true, ..Trust::default() })?;
        let exit = trust::exit(report.findings.outcome());
        if exit != Exit::Done {
            output::print(&report.text())?;
            return Err(Failure::new(exit, "the evidence does not hold, and was not written")
                .hint("run `waybill verify` to see what is damaged"));
        }
        files::replace(&self.out, &bundle, files::PUBLIC)?;
        let file = self.out.display().to_string();
        let written = Written { run, file: file.clone(), bytes: bundle.len(), report: &report };
        output::document(global.output, &written, || {
            shown(&report, &file, bundle.len(), output::colours(&std::io::stdout()))
        })?;
        closed.map(|()| Exit::Done)
    }

    async fn made(&self, target: &Target) -> Result<(RunId, Bytes), Failure> {
        let run = named(target, &self.run).await?;
        let made = match target {
            Target::Folder(engine) => {
                let (journal, vault) = (engine.journal().clone(), engine.vault().clone());
                let (software, witness_keys) = (env!("CARGO_PKG_VERSION").to_owned(), Vec::new());
                let maker = Maker { made_at: trust::now(), software, witnessed: None, witness_keys, vault };
                let made = move || replay::evidence(&journal, run, &maker);
                match tokio::task::spawn_blocking(made).await? {
                    Err(EvidenceError::Unknown { .. }) => None,
                    other => Some(Bytes::from(other?)),
                }
            }
            Target::Server(client) => {
                let id = run.to_string();
                let path = ["v1", "log", "evidence", &id];
                match client.get(&path, &Arguments::new(), "application/x-tar").await {
                    Ok(response) => Some(response.bytes().await.map_err(ClientError::from)?),
                    Err(failure) if failure.message.contains("there is no run") => None,
                    Err(failure) => return Err(failure),
                }
            }
        };
        match made {
            Some(bundle) => Ok((run, bundle)),
            None => Err(unknown(target, &format!("there is no run `{run}`")).await?),
        }
    }
}

fn shown(report: &Report, file: &str, bytes: usize, colours: bool) -> String {
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut fact = |name: &str, value: String| facts.push((name.to_owned(), value));
    for stream in &report.streams {
        let end =
            stream.ended_by.as_ref().map_or("still open".to_owned(), |event| format!("ended by {event}"));
        fact("stream", format!("{}: {} events, {end}", stream.stream, figures::count(stream.events)));
    }
    for (name, value) in proof::verdict::checkpoint_facts(report.checkpoint.as_ref(), &[]) {
        if name != "signed by" {
            fact(name, value);
        }
    }
    for signer in &report.signers {
        fact("signed by", signer.key.clone());
    }
    fact("written to", format!("{file}, {}", figures::bytes(bytes as u64)));
    fact("to check it", format!("waybill-verify {file} --key @log.pub"));
    format!("{}\n\n{}", output::bold("Evidence written.", colours), table::pairs(&facts, colours))
}

#[cfg(test)]
mod tests {
    use engine::Engine;
    use journal::Options;

    use super::*;
    use crate::verbs::replay::tests::with_run;

    #[tokio::test]
    async fn an_unknown_run_is_answered_with_those_there_are() {
        let target = Target::Folder(Engine::memory(Options::default()).unwrap());
        let missing = engine::new_ulid().to_string();
        for run in [missing.as_str(), "nonsense", "latest"] {
            let evidence = Evidence { run: run.into(), out: "x".into() };
            let failure = evidence.made(&target).await.unwrap_err();
            assert_eq!(failure.exit, Exit::Usage, "{run}: {failure}");
            assert!(failure.hint.is_some());
        }
    }

    #[tokio::test]
    async fn what_was_written_is_told_with_how_to_check_it() {
        let (target, run) = with_run("Mend the gate").await;
        let evidence = Evidence { run: run.to_string(), out: "x".into() };
        let (_, bundle) = evidence.made(&target).await.unwrap();
        let report = bundle::verify(&bundle, &Trust { bundled: true, ..Trust::default() }).unwrap();
        let text = shown(&report, "run.tar", bundle.len(), false);
        assert!(text.contains(&format!("run-{run}: 2 events, still open")), "{text}");
        assert!(text.contains("waybill-verify run.tar --key @log.pub"), "{text}");
    }
}
