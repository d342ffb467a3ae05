//! `waybill keys`: which keys sign the log, a change to a new one, and keys for witnesses.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use domain::ids::LogId;
use proof::{SigningKey, VerifyingKey, cosignature};
use replay::LogKeys;
use serde::{Deserialize, Serialize};
use vault::VaultStatus;

use crate::cli::Global;
use crate::client::ClientError;
use crate::failure::{Exit, Failure};
use crate::target::{self, Target, Want};
use crate::{figures, files, output, readers, table};

/// Show the keys that sign the log, change to a new one, or make one for a witness
#[derive(Debug, Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show the public keys: the one that signs, and those before it
    Show {
        /// Only the key that signs, as --key @FILE reads it
        #[arg(long)]
        plain: bool,
    },
    /// Sign with a new key from now on; the change is an event that both keys sign
    ///
    /// Whoever holds the old key goes on: the log proves that it led to the new one. The old secret is overwritten.
    Rotate,
    /// Show the master key's mark and how many keys it wraps: those that seal secrets and what is said
    Master,
    /// Wrap every key that seals with a new master key, and overwrite the old one
    ///
    /// Copies of wrapped keys, such as in older backups, are of no use from then on.
    RotateMaster,
    /// Make a key for `waybill witness`
    New {
        /// Name of the witness, such as a domain it has: witness.example.com/w1
        #[arg(value_name = "NAME")]
        name: String,
        /// The file for the secret, for its owner alone; must not exist
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

#[derive(Serialize)]
struct Shown {
    log: LogId,
    key: Option<String>,
    /// Newest first.
    earlier: Vec<String>,
}

/// A change of key, as a server tells it too.
#[derive(Serialize, Deserialize)]
struct Changed {
    old_key: String,
    new_key: String,
    statement: String,
}

#[derive(Serialize)]
struct Made {
    key: String,
    file: String,
}

impl Keys {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        match self.what {
            What::Show { plain } => show(global, plain).await,
            What::Rotate => rotate(global).await,
            What::Master => master(global, false).await,
            What::RotateMaster => master(global, true).await,
            What::New { name, out } => new(global, &name, &out),
        }
    }
}

async fn show(global: &Global, plain: bool) -> Result<Exit, Failure> {
    let (log, keys) = match target::open_log(global, false)? {
        Target::Folder(journal) => {
            let read = move || replay::keys(&journal).map(|keys| (journal.identity().log_id, keys));
            tokio::task::spawn_blocking(read).await??
        }
        Target::Server(client) => readers::server_keys(&client).await?,
    };
    let key = keys.current.as_ref().map(ToString::to_string);
    if plain {
        let key = key.ok_or_else(|| {
            Failure::new(Exit::Failed, "the data folder has no key").hint("run `waybill verify`")
        })?;
        output::print(&key)?;
        return Ok(Exit::Done);
    }
    let earlier = keys.earlier.iter().rev().map(ToString::to_string).collect();
    output::document(global.output, &Shown { log, key, earlier }, || {
        told(log, &keys, output::colours(&std::io::stdout()))
    })?;
    Ok(Exit::Done)
}

fn told(log: LogId, keys: &LogKeys, colours: bool) -> String {
    let text = |key: &VerifyingKey| key.to_string();
    let mut facts = vec![("log".to_owned(), log.to_string())];
    facts.push(("signs now".to_owned(), keys.current.as_ref().map_or("no key".to_owned(), text)));
    facts.extend(keys.earlier.iter().rev().map(|key| ("before".to_owned(), key.to_string())));
    let changes = keys.rotations.len() as u64;
    let each = if changes == 0 { "" } else { ", each signed by both keys" };
    facts.push(("changes".to_owned(), format!("{}{each}", figures::count(changes))));
    table::pairs(&facts, colours)
}

async fn rotate(global: &Global) -> Result<Exit, Failure> {
    let target = target::open(global, Want::Log)?;
    let changed = match &target {
        Target::Folder(engine) => {
            let engine = engine.clone();
            let change = tokio::task::spawn_blocking(move || engine.rotate_key()).await??;
            let (old_key, new_key) = (change.old.to_string(), change.new.to_string());
            Changed { old_key, new_key, statement: change.statement }
        }
        Target::Server(client) => {
            let path = ["v1", "log", "keys", "rotate"];
            let response = client.post(&path, "", "application/json").await?;
            serde_json::from_str(&response.text().await.map_err(ClientError::from)?)?
        }
    };
    target.close().await?;
    output::document(global.output, &changed, || {
        let colours = output::colours(&std::io::stdout());
        let facts = [("before", &changed.old_key), ("from now on", &changed.new_key)];
        let facts: Vec<_> = facts.map(|(name, key)| (name.to_owned(), key.clone())).into();
        let verdict = output::bold("The log signs with a new key.", colours);
        let note = "Whoever holds the key before goes on: the log proves that it led to the new one.";
        format!("{verdict}\n\n{}\n{note}\n", table::pairs(&facts, colours))
    })?;
    Ok(Exit::Done)
}

/// The keys that seal, as a server tells it too.
#[derive(Serialize, Deserialize)]
struct Sealing {
    master: Option<String>,
    live: usize,
    locked: usize,
    destroyed: usize,
}

async fn master(global: &Global, rotate: bool) -> Result<Exit, Failure> {
    let target = target::open(global, Want::Log)?;
    let sealing = match &target {
        Target::Folder(engine) => {
            let vault = engine.vault().clone();
            let of = move || if rotate { vault.rotate_master() } else { Ok(vault.status()) };
            let VaultStatus { master, live, locked, destroyed } = tokio::task::spawn_blocking(of).await??;
            Sealing { master, live, locked, destroyed }
        }
        Target::Server(client) if rotate => {
            let response = client.post(&["v1", "vault", "rotate"], "", "application/json").await?;
            serde_json::from_str(&response.text().await.map_err(ClientError::from)?)?
        }
        Target::Server(client) => serde_json::from_str(&client.json(&["v1", "vault"], &Vec::new()).await?)?,
    };
    target.close().await?;
    output::document(global.output, &sealing, || {
        let colours = output::colours(&std::io::stdout());
        let count = |keys: usize| figures::count(keys as u64);
        let facts = [
            ("master key", sealing.master.clone().unwrap_or_else(|| "not here".to_owned())),
            ("keys", count(sealing.live)),
            ("locked", count(sealing.locked)),
            ("destroyed", count(sealing.destroyed)),
        ];
        let facts: Vec<_> = facts.map(|(name, value)| (name.to_owned(), value)).into();
        let note = if rotate {
            "The old master key is overwritten: keep the new `keys/master.key` where the old one was kept."
        } else {
            "Keep `keys/master.key` elsewhere: it is in no backup, and without it nothing that is sealed opens."
        };
        format!("{}\n{note}\n", table::pairs(&facts, colours))
    })?;
    Ok(Exit::Done)
}

fn new(global: &Global, name: &str, out: &Path) -> Result<Exit, Failure> {
    if out.exists() {
        let message =
            format!("`{}` is there already, and a key that is lost cannot be made again", out.display());
        return Err(Failure::usage(message).hint("name another file, or move that one away"));
    }
    let key = SigningKey::from_seed(name, &journal::random_seed()).map_err(|error| {
        Failure::from(error).of(Exit::Usage).hint("a name such as witness.example.com/w1 is unmistakable")
    })?;
    files::replace(out, format!("{}\n", key.to_secret_text()).as_bytes(), files::SECRET)?;
    let made = Made { key: cosignature::verifying_key(&key).to_string(), file: out.display().to_string() };
    output::document(global.output, &made, || {
        let colours = output::colours(&std::io::stdout());
        let facts = [("public key", &made.key), ("secret in", &made.file)];
        let facts: Vec<_> = facts.map(|(name, value)| (name.to_owned(), value.clone())).into();
        let note = "Give the public key to whoever should count this witness; keep the file to yourself.";
        format!("{}\n{note}\n", table::pairs(&facts, colours))
    })?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use journal::{Journal, Options};

    use super::*;

    #[test]
    fn keys_are_told_with_how_often_they_changed() {
        let journal = Journal::memory(Options::default());
        let log = journal.identity().log_id;
        let text = told(log, &replay::keys(&journal).unwrap(), false);
        assert!(text.contains("signs now  waybill/") && text.ends_with("changes    0\n"), "{text}");
        let engine = engine::Engine::memory(Options::default()).unwrap();
        let first = engine.rotate_key().unwrap();
        let second = engine.rotate_key().unwrap();
        let text = told(log, &replay::keys(engine.journal()).unwrap(), false);
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[1].ends_with(&second.new.to_string()), "{text}");
        assert!(
            lines[2].ends_with(&first.new.to_string()) && lines[3].ends_with(&first.old.to_string()),
            "{text}"
        );
    }
}
