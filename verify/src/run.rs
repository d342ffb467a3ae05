//! From arguments to an answer.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use domain::values::Timestamp;
use proof::bundle::{self, BundleError};
use proof::note::KeyError;
use proof::trust::{Freshness, Trust};
use proof::{Outcome, VerifyingKey};
use serde::Serialize;

use crate::cli::Cli;
use crate::tiles;

/// Exit code for wrong usage and files that cannot be read.
pub(crate) const USAGE: u8 = 2;

/// What is printed, and the exit code.
pub(crate) struct Answer {
    pub(crate) code: u8,
    pub(crate) text: String,
    pub(crate) json: String,
}

/// Why nothing was verified.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error("`{}` cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("`{}` has more than {} bytes", path.display(), bundle::MAX_BYTES)]
    TooLarge { path: PathBuf },
    #[error("key `{text}` cannot be used: {source}")]
    Key { text: String, source: KeyError },
    #[error("`{}` holds no key", path.display())]
    NoKey { path: PathBuf },
    #[error("`{}` is no folder of tiles", path.display())]
    NoTiles { path: PathBuf },
    #[error(transparent)]
    Later(#[from] BundleError),
}

impl RunError {
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Read { .. } => "check the path and that the file is yours to read",
            Self::TooLarge { .. } => {
                "a bundle is read into memory; make one of fewer events, or verify the tiles"
            }
            Self::Key { .. } => "give it as `name+id+base64`, or a file that holds it as @FILE",
            Self::NoKey { .. } => "the file should have keys as `name+id+base64`, one on each line",
            Self::NoTiles { .. } => {
                "give the folder that has `checkpoint` and `tile` in it, such as DATA/tiles"
            }
            Self::Later(_) => "a later release made it: verify it with that one",
        }
    }
}

/// Verifies what the arguments name.
pub(crate) fn run(cli: &Cli) -> Result<Answer, RunError> {
    let freshness = cli.max_age.map(|age| Freshness { now: now(), max_age_ms: age.ms });
    let trust = Trust { keys: keys(&cli.keys)?, bundled: cli.trust_bundled_key, freshness };
    match (&cli.bundle, &cli.tiles) {
        (Some(path), _) => {
            let size = std::fs::metadata(path).map_err(|source| unreadable(path, source))?.len();
            if size > bundle::MAX_BYTES as u64 {
                return Err(RunError::TooLarge { path: path.clone() });
            }
            let bytes = std::fs::read(path).map_err(|source| unreadable(path, source))?;
            let report = bundle::verify(&bytes.into(), &trust)?;
            Ok(answer(report.findings.outcome(), report.text(), &report))
        }
        (None, Some(folder)) => {
            if !folder.join("checkpoint").exists() && !folder.join("tile").exists() {
                return Err(RunError::NoTiles { path: folder.clone() });
            }
            let report =
                tiles::verify(folder, &trust, progress()).map_err(|source| unreadable(folder, source))?;
            Ok(answer(report.findings.outcome(), report.text(), &report))
        }
        (None, None) => unreachable!("clap asks for one of them"),
    }
}

fn answer(outcome: Outcome, text: String, report: &impl Serialize) -> Answer {
    #[derive(Serialize)]
    struct Whole<'a, T> {
        outcome: Outcome,
        exit_code: u8,
        #[serde(flatten)]
        report: &'a T,
    }
    let code = outcome.code();
    let whole = Whole { outcome, exit_code: code, report };
    let mut json = serde_json::to_string_pretty(&whole).expect("plain data is always JSON");
    json.push('\n');
    Answer { code, text, json }
}

fn unreadable(path: &Path, source: std::io::Error) -> RunError {
    RunError::Read { path: path.to_owned(), source }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The keys that were given, each once.
fn keys(texts: &[String]) -> Result<Vec<VerifyingKey>, RunError> {
    let mut keys: Vec<VerifyingKey> = Vec::new();
    let mut add = |text: &str| -> Result<(), RunError> {
        let key = text.parse().map_err(|source| RunError::Key { text: without_value(text), source })?;
        if !keys.contains(&key) {
            keys.push(key);
        }
        Ok(())
    };
    for text in texts {
        let Some(path) = text.strip_prefix('@').map(PathBuf::from) else {
            add(text)?;
            continue;
        };
        let file = std::fs::read_to_string(&path).map_err(|source| unreadable(&path, source))?;
        let lines: Vec<_> = file.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if lines.is_empty() {
            return Err(RunError::NoKey { path });
        }
        lines.into_iter().try_for_each(&mut add)?;
    }
    Ok(keys)
}

/// A key's text up to its value, which may be secret where somebody took the wrong file.
fn without_value(text: &str) -> String {
    text.rsplit_once('+').map_or("…", |(name, _)| name).chars().take(80).collect()
}

/// Shows how far it is, where somebody looks.
fn progress() -> impl FnMut(u64, u64) {
    let shown = std::io::stderr().is_terminal();
    move |done, of| {
        if shown {
            let end = if done == of { "\r\u{1b}[K" } else { "" };
            eprint!("\r{done} of {of} events{end}");
        }
    }
}
