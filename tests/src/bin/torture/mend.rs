//! `torture restore` and `torture repair`: what the journal makes of a backup, and of a damaged folder.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use domain::ids::Position;
use journal::{RepairOptions, RestoreError};
use serde_json::json;

use crate::write::Outcome;

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup
    from: PathBuf,
    /// The data folder to make
    into: PathBuf,
    /// Last position to restore; inside a commit, the last one before that commit
    #[arg(long)]
    at: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct Repair {
    /// The data folder
    dir: PathBuf,
}

impl Restore {
    pub(crate) fn run(self) -> Outcome<ExitCode> {
        let began = Instant::now();
        let restore = |at| journal::restore(&self.from, &self.into, at, |_| {});
        let (restored, inside) = match restore(self.at.map(Position)) {
            Err(RestoreError::InsideCommit { first: Position(0), .. }) => {
                return Err("nothing before it".into());
            }
            Err(RestoreError::InsideCommit { first, .. }) => (restore(Some(Position(first.0 - 1))), true),
            other => (other, false),
        };
        let us = u64::try_from(began.elapsed().as_micros())?;
        match restored {
            Ok(report) => println!(
                "{}",
                json!({ "done": true, "events": report.size, "signed": report.signed, "epoch": report.epoch,
                    "root": report.root.to_string(), "inside": inside, "us": us })
            ),
            Err(error) => println!("{}", json!({ "done": false, "error": crate::check::chain(&error) })),
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Repair {
    pub(crate) fn run(self) -> Outcome<ExitCode> {
        match journal::repair(&self.dir, RepairOptions::default(), |_| {}) {
            Ok(report) => println!(
                "{}",
                json!({ "done": true, "events": report.size, "signed": report.signed, "epoch": report.epoch,
                    "root": report.root.to_string(), "carried": report.carried, "mended": report.mended,
                    "from_log": report.from_log, "lost": report.lost.is_some(), "sound": report.sound })
            ),
            Err(error) => println!("{}", json!({ "done": false, "error": crate::check::chain(&error) })),
        }
        Ok(ExitCode::SUCCESS)
    }
}
