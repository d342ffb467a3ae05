//! `waybill-verify`: checks evidence and tiles of a log, for whoever trusts neither server nor network.
//!
//! A small program on purpose: it reads files, hashes, and checks signatures. It has no code that could open a
//! connection, and shares none with the writer of the log but the layouts and proofs of the crate `proof`.

mod cli;
mod run;
mod tiles;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match run::run(&cli) {
        Ok(answer) => {
            let text = if cli.json { answer.json } else { coloured(&answer.text) };
            match std::io::stdout().lock().write_all(text.as_bytes()) {
                Ok(()) => ExitCode::from(answer.code),
                Err(_) => ExitCode::from(run::USAGE),
            }
        }
        Err(error) => {
            eprintln!("error: {error}\nhint: {}", error.hint());
            ExitCode::from(run::USAGE)
        }
    }
}

/// The text with its first line bold, where somebody looks and wants it.
fn coloured(text: &str) -> String {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    match text.split_once('\n') {
        Some((verdict, rest)) if std::io::stdout().is_terminal() && !refused => {
            format!("\u{1b}[1m{verdict}\u{1b}[0m\n{rest}")
        }
        _ => text.to_owned(),
    }
}
