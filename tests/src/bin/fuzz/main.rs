//! The program behind `cargo xtask fuzz`: tries decoders with inputs near those that are kept, on any compiler.

mod seeds;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use kit::mutate::{Dice, mended, mutated};
use kit::{corpus, fuzzed};

/// Longest that a decoder may take for an input of [`corpus::INPUT_MAX_BYTES`].
const SLOW: Duration = Duration::from_secs(5);
/// How often it may take longer, for the machine's sake.
const TRIES: usize = 3;

/// Tries every decoder with whatever is near the inputs that are kept
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Write the first inputs: recorded and golden data, taken apart
    Seeds,
    /// Try decoders, each for its share of the time
    Run {
        /// How long altogether
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// Where the dice begin
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Which decoders; all where none is named
        targets: Vec<String>,
    },
    /// Take inputs that another fuzzer keeps in a folder, a file each
    Take {
        /// The decoder
        target: String,
        /// The folder
        folder: PathBuf,
    },
    /// Write the inputs of a decoder into a folder, a file each
    Give {
        /// The decoder
        target: String,
        /// The folder
        folder: PathBuf,
    },
}

fn main() -> ExitCode {
    match Cli::parse().verb {
        Verb::Seeds => seeds::write(),
        Verb::Run { seconds, seed, targets } => return run(seconds, seed, &targets),
        Verb::Take { target, folder } => take(&target, &folder),
        Verb::Give { target, folder } => give(&target, &folder),
    }
    .map_or_else(
        |error| {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

fn take(target: &str, folder: &std::path::Path) -> std::io::Result<()> {
    let mut inputs = corpus::load(target);
    for file in std::fs::read_dir(folder)? {
        inputs.push(std::fs::read(file?.path())?);
    }
    println!("{target}: {} inputs", corpus::save(target, inputs)?);
    Ok(())
}

fn give(target: &str, folder: &std::path::Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (n, input) in corpus::load(target).into_iter().enumerate() {
        std::fs::write(folder.join(format!("{n:05}")), input)?;
    }
    Ok(())
}

fn run(seconds: u64, seed: u64, wanted: &[String]) -> ExitCode {
    let chosen: Vec<_> = fuzzed::TARGETS
        .iter()
        .filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name))
        .collect();
    let Ok(count) = u32::try_from(chosen.len()) else { return ExitCode::FAILURE };
    if count == 0 {
        eprintln!("error: there is no such decoder");
        return ExitCode::from(2);
    }
    let share = Duration::from_secs(seconds) / count;
    let mut broken = 0;
    for (name, _) in chosen {
        broken += usize::from(!tried(name, share, Dice(seed)));
    }
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How long the decoder took; none where it broke.
fn timed(name: &str, input: &[u8]) -> Option<Duration> {
    let before = Instant::now();
    catch_unwind(AssertUnwindSafe(|| fuzzed::run(name, input))).ok().map(|()| before.elapsed())
}

/// Tries one decoder; says what breaks it and keeps that.
fn tried(name: &str, share: Duration, mut dice: Dice) -> bool {
    let (began, kept) = (Instant::now(), corpus::load(name));
    let (mut inputs, mut slowest) = (0_u64, Duration::ZERO);
    while began.elapsed() < share {
        let mut input = mutated(&kept, &mut dice, corpus::INPUT_MAX_BYTES);
        if dice.below(8) != 0 {
            input = mended(name, input);
        }
        inputs += 1;
        // A busy machine may hold one try up; an input that is slow is slow again.
        let taken =
            (0..TRIES).map(|_| timed(name, &input)).find(|taken| taken.is_none_or(|taken| taken <= SLOW));
        slowest = slowest.max(taken.flatten().unwrap_or_default());
        if taken.flatten().is_none() {
            let length = input.len();
            let all = kept.into_iter().chain([input]);
            let saved = corpus::save(name, all).map_err(|error| error.to_string());
            println!(
                "{name}: BROKEN by an input of {length} bytes after {inputs}, {slowest:?}; kept: {saved:?}"
            );
            return false;
        }
    }
    println!(
        "{name}: {inputs} inputs near {} kept ones in {:.1?}, the slowest {slowest:.1?}",
        kept.len(),
        began.elapsed()
    );
    true
}
