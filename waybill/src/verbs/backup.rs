//! `waybill backup`: a copy of the log to be restored from, made while the log is written to.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use journal::{BackupError, BackupReport, Journal, OpenError, Secrets};
use serde::Serialize;

use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::{figures, output, progress, table, target};

/// Copy the log into a folder, while it is written to: only what is new since the last time
///
/// Beside a running server it reads the signed tree, which is at most about a second behind the log. Every event
/// copied is hashed, and the root compared with the signed one before the backup counts. Exit code 4 says that
/// another backup is being made in the folder.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The folder of the backup: a new one, or that of an earlier backup of this log
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Copy the secret signing key too: keep the backup as safe as the data folder
    #[arg(long)]
    with_keys: bool,
    /// Read the signed tree alone and do not open the log: for a folder whose log will not open
    #[arg(long)]
    tiles_only: bool,
}

/// What a backup came to.
#[derive(Debug, Serialize)]
struct Report {
    log: String,
    epoch: u64,
    events: u64,
    root: String,
    copied_events: u64,
    copied_bytes: u64,
    duration_ms: u64,
    with_keys: bool,
    to: PathBuf,
}

impl Backup {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        if global.server.is_some() {
            return Err(Failure::usage("a backup is made from the data folder, not through a server")
                .hint("run it on the server's machine with --data DIR; the server goes on meanwhile"));
        }
        target::check_log(&global.data)?;
        let (data, options) = (global.data.clone(), global.journal());
        let Self { to, with_keys, tiles_only } = self;
        let secrets = if with_keys { Secrets::Copy } else { Secrets::Leave };
        let began = Instant::now();
        let folder = to.clone();
        let copied = tokio::task::spawn_blocking(move || {
            let options = (!tiles_only).then_some(options);
            copy(&data, options, &folder, secrets)
        });
        let copied = copied.await??;
        let report = Report::new(&copied, began, with_keys, to);
        output::document(global.output, &report, || report.table(output::colours(&std::io::stdout())))?;
        Ok(Exit::Done)
    }
}

/// Through the log itself, which then signs all it has; where another process has it, or there are no options to open
/// it with, from its signed tree.
fn copy(
    data: &Path,
    options: Option<journal::Options>,
    to: &Path,
    secrets: Secrets,
) -> Result<BackupReport, Failure> {
    let bar = progress::events(0).with_message("backing up");
    let shown = |now: journal::Progress| {
        bar.set_length(now.of);
        bar.set_position(now.events);
    };
    let opened = options.map(|options| Journal::open(data, options));
    let copied: Result<_, BackupError> = match opened {
        Some(Ok(journal)) => {
            let copied = journal.backup(to, secrets, shown);
            journal.close()?;
            copied
        }
        None | Some(Err(OpenError::Locked { .. })) => journal::backup(data, to, secrets, shown),
        Some(Err(error)) => return Err(Failure::from(error).while_doing("not backed up")),
    };
    bar.finish_and_clear();
    Ok(copied?)
}

impl Report {
    fn new(copied: &BackupReport, began: Instant, with_keys: bool, to: PathBuf) -> Self {
        Self {
            log: copied.log.to_string(),
            epoch: copied.epoch,
            events: copied.size,
            root: copied.root.to_string(),
            copied_events: copied.copied_events,
            copied_bytes: copied.copied_bytes,
            duration_ms: figures::elapsed_ms(began),
            with_keys,
            to,
        }
    }
    fn table(&self, colours: bool) -> String {
        let verdict = match self.copied_events {
            0 => "Backed up already: nothing is new, and the backup fits the signed root.",
            _ => "Backed up: every event copied was hashed, and the root is the signed one.",
        };
        let copied = format!(
            "{} events, {}, in {}",
            figures::count(self.copied_events),
            figures::bytes(self.copied_bytes),
            figures::duration_ms(self.duration_ms)
        );
        let keys = if self.with_keys {
            "secret and public: keep the backup as safe as the data folder"
        } else {
            "public half only: keep `keys/log.key` of the data folder elsewhere, or use --with-keys"
        };
        let lines = [
            ("log", format!("{}, epoch {}", self.log, self.epoch)),
            ("events", figures::count(self.events)),
            ("copied", copied),
            ("root", self.root.clone()),
            ("keys", keys.to_owned()),
            ("backup", self.to.display().to_string()),
        ];
        let lines: Vec<_> = lines.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        format!("{}\n\n{}", output::bold(verdict, colours), table::pairs(&lines, colours))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_backup_says_what_was_copied_and_whether_the_key_was() {
        let report = Report {
            log: "01J000000000000000000000M2".into(),
            epoch: 1,
            events: 2_345,
            root: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".into(),
            copied_events: 45,
            copied_bytes: 30_000,
            duration_ms: 120,
            with_keys: false,
            to: "/backups/waybill".into(),
        };
        expect![[r"
            Backed up: every event copied was hashed, and the root is the signed one.

            log     01J000000000000000000000M2, epoch 1
            events  2,345
            copied  45 events, 29 KiB, in 120 ms
            root    47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
            keys    public half only: keep `keys/log.key` of the data folder elsewhere, or use --with-keys
            backup  /backups/waybill
        "]]
        .assert_eq(&report.table(false));
        let again = Report { copied_events: 0, with_keys: true, ..report }.table(false);
        assert!(again.starts_with("Backed up already") && again.contains("secret and public"), "{again}");
    }
}
