//! `waybill restore`: a data folder from a backup, whole or up to a position.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use domain::ids::Position;
use journal::RestoreReport;
use serde::Serialize;

use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::{figures, output, progress, table, trust};

/// Make a data folder from a backup: all of it, or up to a position
///
/// Every event is hashed, and the root compared with the signed one, before the folder appears under its name. The
/// log's epoch is the next one: clients that come with a place of before are sent a snapshot. A commit is restored
/// whole or not at all. Exit code 4 says that no key given with --key has signed the backup.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup: a folder that `waybill backup` made, or the data folder of a stopped server
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// The data folder to make: none yet, or an empty one
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Up to and with the event at this position, the last one of its commit
    #[arg(long, value_name = "POSITION")]
    at: Option<u64>,
    /// A key that counts, from elsewhere than the backup: its text, or @FILE with one on each line; may be repeated.
    /// Unless it signed the backup, or was changed for the one that did, nothing is written
    #[arg(long = "key", value_name = "KEY|@FILE")]
    keys: Vec<String>,
}

/// What a restore came to.
#[derive(Debug, Serialize)]
struct Report {
    events: u64,
    signed_events: u64,
    left_out_events: u64,
    root: String,
    epoch: u64,
    new_key: bool,
    duration_ms: u64,
    to: PathBuf,
}

impl Restore {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        if global.server.is_some() {
            return Err(Failure::usage("a backup is restored into a folder, not through a server")
                .hint("run it where the new server is to run, without --server"));
        }
        if !self.from.join("tiles").is_dir() {
            return Err(Failure::usage(format!("there is no backup in `{}`", self.from.display()))
                .hint("name a folder that `waybill backup --to` made"));
        }
        let began = Instant::now();
        let (from, to, at) = (self.from, self.to.clone(), self.at.map(Position));
        let keys = trust::keys(&self.keys)?;
        let restored = tokio::task::spawn_blocking(move || {
            let bar = progress::events(0).with_message("restoring");
            let restored = journal::restore_signed_by(&keys, &from, &to, at, |now| {
                bar.set_length(now.of);
                bar.set_position(now.events);
            });
            bar.finish_and_clear();
            let restored = restored.map_err(Failure::from)?;
            vault::copy(&from, &to)
                .map_err(|error| Failure::from(error).while_doing("wrapped keys were not restored"))?;
            Ok::<_, Failure>(restored)
        });
        let report = Report::new(&restored.await??, began, self.to);
        output::document(global.output, &report, || report.table(output::colours(&std::io::stdout())))?;
        Ok(Exit::Done)
    }
}

impl Report {
    fn new(restored: &RestoreReport, began: Instant, to: PathBuf) -> Self {
        Self {
            events: restored.size,
            signed_events: restored.signed,
            left_out_events: restored.signed - restored.size,
            root: restored.root.to_string(),
            epoch: restored.epoch,
            new_key: restored.new_key,
            duration_ms: figures::elapsed_ms(began),
            to,
        }
    }
    fn table(&self, colours: bool) -> String {
        let (verdict, left_out) = if self.left_out_events == 0 {
            ("Restored: all events of the backup, and the root is the signed one.", "none".to_owned())
        } else {
            let last = self.signed_events - 1;
            let left_out = format!(
                "{} events, positions {} to {last}",
                figures::count(self.left_out_events),
                self.events
            );
            ("Restored: the beginning of the backup, whose root the signed one extends.", left_out)
        };
        let lines = [
            ("events", figures::count(self.events)),
            ("left out", left_out),
            ("root", self.root.clone()),
            ("epoch", self.epoch.to_string()),
            ("took", figures::duration_ms(self.duration_ms)),
            ("folder", self.to.display().to_string()),
        ];
        let lines: Vec<_> = lines.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let mut text = format!("{}\n\n{}", output::bold(verdict, colours), table::pairs(&lines, colours));
        if self.new_key {
            text.push_str(
                "note: the backup has no secret key, so a new one was made: give keys/log.pub to whoever pinned \
                 the old one, or put the old `log.key` into the backup's folder `keys` and restore again\n",
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_restore_says_what_it_left_out_and_that_the_key_is_new() {
        let report = Report {
            events: 2_000,
            signed_events: 2_345,
            left_out_events: 345,
            root: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".into(),
            epoch: 2,
            new_key: true,
            duration_ms: 1_250,
            to: "data".into(),
        };
        expect![[r"
            Restored: the beginning of the backup, whose root the signed one extends.

            events    2,000
            left out  345 events, positions 2000 to 2344
            root      47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
            epoch     2
            took      1.2 s
            folder    data
            note: the backup has no secret key, so a new one was made: give keys/log.pub to whoever pinned the old one, or put the old `log.key` into the backup's folder `keys` and restore again
        "]]
        .assert_eq(&report.table(false));
        let whole = Report { events: 2_345, left_out_events: 0, new_key: false, ..report }.table(false);
        assert!(whole.starts_with("Restored: all events") && !whole.contains("note:"), "{whole}");
    }
}
