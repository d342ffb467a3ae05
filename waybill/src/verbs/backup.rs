//! `waybill backup`: a copy of the log to be restored from, made while the log is written to.

mod remote;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use journal::{BackupError, BackupReport, Journal, OpenError, PulledTrust, Secrets};
use serde::Serialize;

use crate::cli::Global;
use crate::client::Client;
use crate::failure::{Exit, Failure};
use crate::{figures, output, progress, table, target, trust};

/// Copy the log into a folder, while it is written to: only what is new since the last time
///
/// Beside a running server it reads the signed tree, which is at most about a second behind the log; with --server it
/// pulls that tree over HTTP, from any machine, and goes by --key, or by the key of the backup before. Every event
/// copied is hashed, and the root compared with the signed one before the backup counts. Exit code 9 says that
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
    /// With --server, the log's public key: its text, or @FILE with one on each line; may be repeated
    #[arg(long = "key", value_name = "KEY|@FILE")]
    keys: Vec<String>,
}

/// What a backup came to.
#[derive(Debug, Clone, Serialize)]
struct Report {
    log: String,
    epoch: u64,
    events: u64,
    root: String,
    copied_events: u64,
    copied_bytes: u64,
    duration_ms: u64,
    with_keys: bool,
    /// The key that signed what was pulled, and why it counts.
    key: Option<String>,
    trust: Option<&'static str>,
    to: PathBuf,
}

impl Backup {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        if let Some(url) = &global.server {
            return self.pull(global, url).await;
        }
        if !self.keys.is_empty() {
            return Err(Failure::usage("--key is for a backup from --server").hint(
                "the folder's own key is beside the log; `waybill verify --key` holds one against it",
            ));
        }
        target::check_log(&global.data)?;
        let (data, options) = (global.data.clone(), global.journal());
        let Self { to, with_keys, tiles_only, .. } = self;
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

    /// From a server, over HTTP.
    async fn pull(self, global: &Global, url: &str) -> Result<Exit, Failure> {
        if self.with_keys || self.tiles_only {
            let option = if self.with_keys { "--with-keys" } else { "--tiles-only" };
            return Err(Failure::usage(format!("{option} needs the data folder itself"))
                .hint("the secret key never leaves its machine; run it there with --data DIR"));
        }
        let keys = trust::keys(&self.keys)?;
        let client = Client::new(url, &target::token(global)?)?;
        let (began, to) = (Instant::now(), self.to.clone());
        let (remote, why) = remote::remote(&client).await?;
        let pulled = tokio::task::spawn_blocking(move || {
            let bar = progress::events(0).with_message("backing up");
            let pulled = journal::pull(remote, &keys, &to, |now| {
                bar.set_length(now.of);
                bar.set_position(now.events);
            });
            bar.finish_and_clear();
            pulled
        });
        let pulled = pulled.await?.map_err(|error| {
            // What the network said is why, where it said something.
            why.take().map_or_else(|| error.into(), |failure| failure.while_doing("not backed up"))
        })?;
        let mut report = Report::new(&pulled.backup, began, false, self.to);
        report.key = Some(pulled.key.to_string());
        report.trust = Some(match pulled.trust {
            PulledTrust::Given => "given",
            PulledTrust::Kept => "kept",
            PulledTrust::FirstUse => "first_use",
        });
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
    let copied = copied?;
    // After the log: every key that sealed something in it is there by now.
    vault::copy(data, to)
        .map_err(|error| Failure::from(error).while_doing("wrapped keys were not backed up"))?;
    Ok(copied)
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
            key: None,
            trust: None,
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
        let mut lines = vec![
            ("log", format!("{}, epoch {}", self.log, self.epoch)),
            ("events", figures::count(self.events)),
            ("copied", copied),
            ("root", self.root.clone()),
            ("keys", keys.to_owned()),
        ];
        lines.extend(self.key.iter().map(|key| ("signed by", key.clone())));
        lines.push(("backup", self.to.display().to_string()));
        let lines: Vec<_> = lines.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let mut text = format!("{}\n\n{}", output::bold(verdict, colours), table::pairs(&lines, colours));
        if self.trust == Some("first_use") {
            text.push_str(
                "note: nobody vouches for that key but the server: hold it against the log's own, or give --key; from \
                 now on this backup goes by it\n",
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
            key: None,
            trust: None,
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
        let key = Some("waybill/01J0+abc+key".to_owned());
        let pulled = Report { key, trust: Some("first_use"), to: "b".into(), ..report.clone() }.table(false);
        assert!(pulled.contains("signed by  waybill/01J0+abc+key\n"), "{pulled}");
        assert!(pulled.contains("note: nobody vouches"), "{pulled}");
        let again = Report { copied_events: 0, with_keys: true, ..report }.table(false);
        assert!(again.starts_with("Backed up already") && again.contains("secret and public"), "{again}");
    }
}
