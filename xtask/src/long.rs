//! The long forms of what the tests do for a minute: schemathesis against the document, and fuzzing of every decoder.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::setup::clients;
use crate::shell::{cargo, root, run, say, target_dir};
use crate::tools;

/// `--seconds N`, `--seed N`, and words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    seconds: u64,
    seed: u64,
    libfuzzer: bool,
    targets: Vec<String>,
}

impl Options {
    /// Reads them; `None` where they do not fit.
    pub(crate) fn parse(words: &[&str]) -> Option<Self> {
        let mut options = Self { seconds: 600, seed: 1, libfuzzer: false, targets: Vec::new() };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--seconds" => options.seconds = words.next()?.parse().ok()?,
                "--seed" => options.seed = words.next()?.parse().ok()?,
                "--libfuzzer" => options.libfuzzer = true,
                target if !target.starts_with('-') => options.targets.push(target.to_owned()),
                _ => return None,
            }
        }
        Some(options)
    }
}

/// `cargo xtask contract`
///
/// # Errors
/// Something is missing, or the server does what its document does not say.
pub(crate) fn contract(options: &Options) -> Result<()> {
    let clients = clients(&target_dir()?)?;
    let Options { seconds, seed, .. } = options;
    say(&format!("asking for {seconds} s, with seed {seed}"));
    let mut test = cargo(&["test", "--workspace", "--test", "it", "--", "contract", "--nocapture"]);
    test.env("WAYBILL_PYTHON", clients.python);
    let said = format!("--phases coverage,fuzzing --examples 1000 --seconds {seconds} --seed {seed}");
    run(test.env("WAYBILL_CONTRACT", said))
}

/// `cargo xtask fuzz`
///
/// # Errors
/// A decoder breaks; the input that broke it is kept.
pub(crate) fn fuzz(options: &Options) -> Result<()> {
    if options.libfuzzer {
        return guided(options);
    }
    let mut command =
        keeper(&["run", "--seconds", &options.seconds.to_string(), "--seed", &options.seed.to_string()]);
    run(command.args(&options.targets))
}

/// The program that keeps the inputs.
fn keeper(words: &[&str]) -> Command {
    let mut command = cargo(&["run", "--quiet", "--package", "waybill-tests", "--bin", "fuzz", "--"]);
    command.args(words);
    command
}

/// With libFuzzer, which needs a nightly compiler: each target for its share, and then the smallest set of inputs that
/// reaches as far.
fn guided(options: &Options) -> Result<()> {
    let fuzz = tools::FUZZ.path()?;
    let all = targets(&root().join("fuzz").join("fuzz_targets"))?;
    let chosen: Vec<_> =
        all.iter().filter(|name| options.targets.is_empty() || options.targets.contains(name)).collect();
    let Some(share) = options.seconds.checked_div(chosen.len() as u64) else {
        bail!("there is no such decoder")
    };
    for name in chosen {
        let folder = target_dir()?.join("fuzz").join("corpus").join(name);
        let shown = folder.to_string_lossy();
        run(&mut keeper(&["give", name, &shown]))?;
        let cargo_fuzz = |verb: &str| {
            let mut command = Command::new(&fuzz);
            command.env("RUSTUP_TOOLCHAIN", "nightly").current_dir(root());
            // No crate of ours has unsafe code, so that counting branches is enough.
            command.args([verb, "--sanitizer", "none", name, &shown]);
            command
        };
        let limits =
            [format!("-max_total_time={share}"), format!("-seed={}", options.seed), "-max_len=49152".into()];
        run(cargo_fuzz("run").arg("--").args(limits))?;
        run(&mut cargo_fuzz("cmin"))?;
        run(&mut keeper(&["take", name, &shown]))?;
    }
    Ok(())
}

fn targets(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for file in std::fs::read_dir(folder).context("cannot list the targets")? {
        let path = file.context("cannot list the targets")?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_or_refused() {
        let parsed = Options::parse(&["--seconds", "7", "note", "--seed", "3", "tile"]).unwrap();
        let targets = vec!["note".to_owned(), "tile".to_owned()];
        assert_eq!(parsed, Options { seconds: 7, seed: 3, libfuzzer: false, targets });
        for wrong in [&["--seconds"][..], &["--seconds", "x"], &["--fast"]] {
            assert_eq!(Options::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn every_target_is_found() {
        let found = targets(&root().join("fuzz").join("fuzz_targets")).unwrap();
        assert!(found.len() > 10 && found.contains(&"record".to_owned()), "{found:?}");
    }
}
