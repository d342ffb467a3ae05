//! The one binary: verbs over a data folder, or over the server that holds it.

mod bench;
mod cli;
mod client;
mod failure;
mod figures;
mod files;
mod generate;
mod last_resort;
mod logs;
mod orders;
mod output;
mod progress;
mod readers;
mod server_file;
mod table;
mod target;
mod trust;
mod verbs;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;
use crate::failure::{Exit, Failure};

/// The system's allocator showed as about a tenth of the server's samples at full load; what this one saves was not
/// measured by itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    logs::start(&cli.global, cli.verb.logs_by_default());
    let result = match tokio::runtime::Runtime::new() {
        Ok(runtime) => {
            let result = runtime.block_on(cli.verb.run(&cli.global));
            // What still runs on a thread of its own must not hold the process back.
            runtime.shutdown_background();
            result
        }
        Err(error) => Err(Failure::from(error)),
    };
    match result {
        // Nothing is put in order on a disk that fails: that could hang, and the next start recovers anyway.
        Err(failure) if failure.exit == Exit::LogFailed => last_resort::leave(&failure),
        Ok(exit) => exit.into(),
        // Nobody reads on: `waybill view runs | head` is no failure.
        Err(failure) if failure.is_closed_pipe() => Exit::Done.into(),
        Err(failure) => {
            eprint!("{failure}");
            failure.exit.into()
        }
    }
}
