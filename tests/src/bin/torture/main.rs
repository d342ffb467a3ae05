//! The program that the drills of `cargo xtask torture` run, kill, stop and cut off: it writes and checks.

mod check;
mod mend;
mod post;
mod write;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Writes a history that follows from a seed, and checks what is left of it
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Go on with the history in a data folder; `ACK <commit> <position>` for each that is durable
    Write(write::Write),
    /// Open a data folder, compare every event with the history, and verify; one line of JSON
    Check(check::Check),
    /// Make a data folder from a backup; one line of JSON
    Restore(mend::Restore),
    /// Repair a data folder; one line of JSON
    Repair(mend::Repair),
    /// Send commands to a server until it is gone; `ACK <number> <position>` for each answer
    Post(post::Post),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().verb {
        Verb::Write(write) => write.run(),
        Verb::Check(check) => check.run(),
        Verb::Restore(restore) => restore.run(),
        Verb::Repair(repair) => repair.run(),
        Verb::Post(post) => post.run(),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            println!("ERROR {error}");
            ExitCode::FAILURE
        }
    }
}
