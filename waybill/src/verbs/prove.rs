//! `waybill prove`: that an event is in the log, or that the log extends an earlier one, for somebody else to check.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::ids::Position;
use journal::{Journal, ProveError};
use proof::trust::Standing;
use proof::{Hash, Outcome, Trust, entry};
use replay::{Consistency, Inclusion, LogKeys, Shown};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cli::{Form, Global};
use crate::client::Client;
use crate::failure::{Exit, Failure};
use crate::target::{self, Target};
use crate::trust::{self, TrustArgs};
use crate::{figures, files, output, readers, table};

/// Prove that an event is in the signed log, or that the log extends an earlier one
///
/// The proof is that of RFC 6962, with the signed checkpoint that it leads to. It is checked before it is printed:
/// by --key, or by the key that the log itself gives. `--output json` and --out have all of it for other programs.
#[derive(Debug, Args)]
pub(crate) struct Prove {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Prove that the event at a position is in the log
    Inclusion {
        /// The event
        #[arg(value_name = "POSITION")]
        position: u64,
        /// In the tree of the first so many events, instead of all that are signed
        #[arg(long, value_name = "EVENTS")]
        size: Option<u64>,
        #[command(flatten)]
        common: Common,
    },
    /// Prove that the log of TO events begins with the log of FROM events
    Consistency {
        /// Events of the earlier log
        #[arg(value_name = "FROM")]
        from: u64,
        /// Events of the later log, instead of all that are signed
        #[arg(value_name = "TO")]
        to: Option<u64>,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, Args)]
struct Common {
    /// Write the proof to a file, as JSON
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
}

impl Common {
    /// Without a key, the log's own counts: it shows that the proof is right, not whose log it is of.
    fn trust(&self) -> Result<Trust, Failure> {
        let trust = self.trust.trust(false)?;
        Ok(Trust { bundled: trust.keys.is_empty(), ..trust })
    }
}

impl Prove {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        match self.what {
            What::Inclusion { position, size, common } => {
                let trust = common.trust()?;
                let (proof, leaf, keys) = inclusion(global, position, size).await?;
                let shown = proof.check(&leaf, &keys, &trust);
                let told = Told::inclusion(&proof);
                told.show(&proof, &shown, &common, global.output)
            }
            What::Consistency { from, to, common } => {
                let trust = common.trust()?;
                let (proof, keys) = consistency(global, from, to).await?;
                let shown = proof.check(&keys, &trust);
                let told = Told::consistency(&proof);
                told.show(&proof, &shown, &common, global.output)
            }
        }
    }
}

/// The proof, the leaf of the event as it is stored, and the log's keys.
async fn inclusion(
    global: &Global,
    position: u64,
    size: Option<u64>,
) -> Result<(Inclusion, Hash, LogKeys), Failure> {
    let at = Position(position);
    match target::open_log(global, false)? {
        Target::Folder(journal) => {
            in_folder(journal, move |journal| {
                let proof = replay::inclusion(journal, at, size).map_err(no_proof)?;
                let record = journal.get(at)?.ok_or_else(|| gone(position))?;
                Ok((proof, entry::leaf(record.bytes()), replay::keys(journal)?))
            })
            .await
        }
        Target::Server(client) => {
            let size = size.map(|size| ("size", size));
            let arguments = [("position", position)].into_iter().chain(size);
            let proof = asked(&client, "inclusion", arguments).await?;
            let after = position.checked_sub(1).map(|after| ("after".to_owned(), after.to_string()));
            let arguments = after.into_iter().chain([("limit".to_owned(), "1".to_owned())]).collect();
            let record = readers::records(&client, arguments).await?.pop();
            let record = record.filter(|record| record.position() == at).ok_or_else(|| gone(position))?;
            Ok((proof, entry::leaf(record.bytes()), readers::server_keys(&client).await?.1))
        }
    }
}

async fn consistency(global: &Global, from: u64, to: Option<u64>) -> Result<(Consistency, LogKeys), Failure> {
    match target::open_log(global, false)? {
        Target::Folder(journal) => {
            in_folder(journal, move |journal| {
                Ok((replay::consistency(journal, from, to).map_err(no_proof)?, replay::keys(journal)?))
            })
            .await
        }
        Target::Server(client) => {
            let to = to.map(|to| ("to", to));
            let proof = asked(&client, "consistency", [("from", from)].into_iter().chain(to)).await?;
            Ok((proof, readers::server_keys(&client).await?.1))
        }
    }
}

/// Reads a folder on a thread that may wait for it.
async fn in_folder<T: Send + 'static>(
    journal: Journal,
    read: impl FnOnce(&Journal) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(move || read(&journal)).await?
}

async fn asked<T: DeserializeOwned>(
    client: &Client,
    what: &str,
    arguments: impl Iterator<Item = (&str, u64)>,
) -> Result<T, Failure> {
    let arguments = arguments.map(|(name, value)| (name.to_owned(), value.to_string())).collect();
    Ok(serde_json::from_str(&client.json(&["v1", "log", "proof", what], &arguments).await?)?)
}

/// What is not there was asked for wrongly; a tile that cannot be read is another matter.
fn no_proof(error: ProveError) -> Failure {
    let hint = match &error {
        ProveError::Beyond { signed, .. } => format!(
            "the last checkpoint covers {} events; a server signs what is new within a second",
            figures::count(*signed)
        ),
        ProveError::Proof(_) => "positions count from 0, sizes from 1, and FROM is not above TO".to_owned(),
        ProveError::Tile { .. } => "run `waybill verify` to see what is damaged".to_owned(),
    };
    let exit = if matches!(error, ProveError::Tile { .. }) { Exit::Failed } else { Exit::Usage };
    Failure::from(error).of(exit).hint(hint)
}

fn gone(position: u64) -> Failure {
    Failure::new(Exit::Failed, format!("the log has no event at position {position} that can be read"))
        .hint("run `waybill verify` to see what is damaged")
}

/// What a proof is of, for people.
struct Told {
    verdict: String,
    facts: Vec<(String, String)>,
    hashes: Vec<String>,
}

impl Told {
    fn inclusion(proof: &Inclusion) -> Self {
        let Inclusion { position, size, leaf, root, proof, .. } = proof;
        let (at, of) = (figures::count(*position), figures::count(*size));
        Self {
            verdict: format!("Proven: the event at position {at} is in the log of {of} events."),
            facts: vec![("leaf".into(), leaf.clone()), ("tree".into(), format!("{of} events, root {root}"))],
            hashes: proof.clone(),
        }
    }
    fn consistency(proof: &Consistency) -> Self {
        let Consistency { from, from_root, to, to_root, proof, .. } = proof;
        let (from, to) = (figures::count(*from), figures::count(*to));
        Self {
            verdict: format!("Proven: the log of {to} events begins with the log of {from} events."),
            facts: vec![
                ("earlier".into(), format!("{from} events, root {from_root}")),
                ("later".into(), format!("{to} events, root {to_root}")),
            ],
            hashes: proof.clone(),
        }
    }

    /// Prints it with what the check found, and writes the file where one is wanted and the proof holds.
    fn show<T: Serialize>(
        &self,
        proof: &T,
        shown: &Shown,
        common: &Common,
        form: Form,
    ) -> Result<Exit, Failure> {
        #[derive(Serialize)]
        struct Whole<'a, T> {
            outcome: Outcome,
            exit_code: u8,
            proof: &'a T,
            checked: &'a Shown,
        }
        let outcome = shown.findings.outcome();
        let whole = Whole { outcome, exit_code: outcome.code(), proof, checked: shown };
        let mut out = None;
        if let Some(path) = common.out.as_deref().filter(|_| outcome != Outcome::Altered) {
            let mut text = serde_json::to_string_pretty(proof)?;
            text.push('\n');
            files::replace(path, text.as_bytes(), files::PUBLIC)?;
            out = Some(path.display().to_string());
        }
        output::document(form, &whole, || self.table(shown, out, output::colours(&std::io::stdout())))?;
        Ok(trust::exit(outcome))
    }

    fn table(&self, shown: &Shown, out: Option<String>, colours: bool) -> String {
        let outcome = shown.findings.outcome();
        let verdict = match outcome {
            Outcome::Verified => self.verdict.as_str(),
            Outcome::Altered => "NOT PROVEN: the proof does not hold.",
            Outcome::Stale => "STALE: the proof holds, but the checkpoint is older than was asked for.",
            Outcome::UnknownKey | Outcome::Incomplete => {
                "UNKNOWN KEY: the proof holds, but no key that counts signed the checkpoint."
            }
        };
        let own = shown.signers.iter().any(|signer| signer.standing == Standing::Bundled);
        let signed = proof::verdict::checkpoint_facts(shown.checkpoint.as_ref(), &shown.signers);
        let signed = signed.into_iter().map(|(name, value)| match value.split_once(" (came along") {
            // Why a key counts is said in other words of a bundle.
            Some((key, _)) => (name.to_owned(), figures::line(key, 400)),
            None => (name.to_owned(), figures::line(&value, 400)),
        });
        let mut facts: Vec<_> = self.facts.iter().cloned().chain(signed).collect();
        facts.extend(out.map(|path| ("written to".to_owned(), path)));
        let mut text = format!("{}\n\n{}", output::bold(verdict, colours), table::pairs(&facts, colours));
        text.push_str(&format!("\nproof, {} hashes:\n", self.hashes.len()));
        self.hashes.iter().for_each(|hash| text.push_str(&format!("  {}\n", figures::line(hash, 80))));
        for fault in &shown.findings.faults {
            text.push_str(&format!("fault: {}\n", figures::line(&fault.what, 400)));
        }
        if own {
            text.push_str("note: by the log's own key; give --key from elsewhere to know whose log it is\n");
        }
        for note in &shown.findings.notes {
            text.push_str(&format!("note: {}\n", figures::line(note, 400)));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use journal::Options;

    use super::*;

    fn journal() -> (engine::Engine, Inclusion) {
        let engine = engine::Engine::memory(Options::default()).unwrap();
        engine.rotate_key().unwrap();
        let proof = replay::inclusion(engine.journal(), Position(0), None).unwrap();
        (engine, proof)
    }

    fn shown(engine: &engine::Engine, proof: &Inclusion, trust: &Trust) -> String {
        let leaf = entry::leaf(engine.journal().get(Position(0)).unwrap().unwrap().bytes());
        let shown = proof.check(&leaf, &replay::keys(engine.journal()).unwrap(), trust);
        Told::inclusion(proof).table(&shown, None, false)
    }

    #[test]
    fn a_proof_is_told_with_who_signed_it() {
        let (engine, proof) = journal();
        let text = shown(&engine, &proof, &Trust { bundled: true, ..Trust::default() });
        assert!(text.starts_with("Proven: the event at position 0 is in the log of 2 events."), "{text}");
        assert!(
            text.contains("\nnote: by the log's own key") && text.contains("\nproof, 1 hashes:\n"),
            "{text}"
        );
        let unknown = shown(&engine, &proof, &Trust::default());
        assert!(unknown.starts_with("UNKNOWN KEY"), "{unknown}");
        let wrong = Inclusion { position: 1, ..proof };
        let wrong = shown(&engine, &wrong, &Trust { bundled: true, ..Trust::default() });
        assert!(wrong.starts_with("NOT PROVEN") && wrong.contains("\nfault: "), "{wrong}");
    }

    #[test]
    fn what_is_not_signed_is_a_wrong_question() {
        let (engine, _) = journal();
        let failure = no_proof(replay::inclusion(engine.journal(), Position(0), Some(99)).unwrap_err());
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.hint.unwrap().contains("2 events"));
    }
}
