//! The command line: options of every verb, and what the long help says.

use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};

use crate::verbs::Verb;

const AFTER_HELP: &str = "\
Exit codes:
  0  done
  1  failed; from `verify`, `prove` and `witness`: altered; from `doctor`: something is wrong
  2  wrong usage: unknown verb, option, view, filter, format or id
  3  done in part; from `verify`: something is missing; from `import`: lines were bad or refused;
     from `repair`: the folder is whole, but events may be lost
  4  from `verify`, `prove`, `witness`, `backup` and `restore`: no key that counts has signed it
  5  from `verify` and `prove`: signed longer ago than --max-age
  6  writing to the log failed: left at once; look at the disk, then start again
  7  refused: the folder is of a later release, or lies on a network file system
  8  the disk is full
  9  not reachable: no server there, its token refused, or the folder held by another program";

const AFTER_LONG_HELP: &str = "\
Where a verb works:
  With --server it asks that server. Otherwise it opens the data folder; where a server has the
  folder open, the verb finds it by DIR/server.json and asks it instead. The token is --token, else
  the one in DIR/token, which only its owner may read. Where DIR is an export of all events, replay,
  view, views, metrics, report, diff and export read it in memory, and say what of it is proven.

Exit codes:
  0  done
  1  failed; from `verify`, `prove` and `witness`: altered; from `doctor`: something is wrong
  2  wrong usage: unknown verb, option, view, filter, format or id
  3  done in part; from `verify`: something is missing; from `import`: lines were bad or refused;
     from `repair`: the folder is whole, but events may be lost
  4  from `verify`, `prove`, `witness`, `backup` and `restore`: no key that counts has signed it
  5  from `verify` and `prove`: signed longer ago than --max-age
  6  writing to the log failed: left at once; look at the disk, then start again
  7  refused: the folder is of a later release, or lies on a network file system
  8  the disk is full
  9  not reachable: no server there, its token refused, or the folder held by another program

Colours and progress bars appear on a terminal only; NO_COLOR turns colours off.";

/// The record that cannot lie, for AI coding agents.
#[derive(Debug, Parser)]
#[command(name = "waybill", version, after_help = AFTER_HELP, after_long_help = AFTER_LONG_HELP)]
#[command(arg_required_else_help = true, subcommand_required = true, max_term_width = 110)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// Options of every verb.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every verb")]
pub(crate) struct Global {
    /// The data folder; for verbs that read, an export too
    #[arg(
        long,
        global = true,
        env = "WAYBILL_DATA",
        hide_env_values = true,
        value_name = "DIR",
        default_value = "data"
    )]
    pub(crate) data: PathBuf,
    /// Ask the server there instead, such as http://127.0.0.1:8377
    #[arg(long, global = true, env = "WAYBILL_SERVER", hide_env_values = true, value_name = "URL")]
    pub(crate) server: Option<String>,
    /// The server's token; else the one in DIR/token
    #[arg(long, global = true, env = "WAYBILL_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// Open a data folder on a network file system too: its locks and its fsync may not hold
    #[arg(long, global = true, env = "WAYBILL_ALLOW_NETWORK_FOLDER", hide_env_values = true)]
    pub(crate) allow_network_folder: bool,
    /// How the answer is written to stdout
    #[arg(long, short, global = true, value_name = "FORM", default_value = "table")]
    pub(crate) output: Form,
    /// Log more to stderr: -v for what happens, -vv for every detail
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// What to log, such as `debug` or `engine=debug,warn`; goes before -v
    #[arg(
        long = "log-level",
        visible_alias = "log",
        global = true,
        env = "WAYBILL_LOG",
        hide_env_values = true,
        value_name = "FILTER"
    )]
    pub(crate) log_level: Option<String>,
    /// How log lines are written
    #[arg(long, global = true, value_name = "FORM", default_value = "text")]
    pub(crate) log_format: LogForm,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people
    Table,
    /// One JSON document
    Json,
    /// One JSON document per line
    Ndjson,
    /// One page that asks nothing of any network; from `replay` and `report`
    Html,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogForm {
    /// For people
    Text,
    /// One JSON object per line
    Json,
}

impl Global {
    /// How a log is opened, where nothing else is said.
    pub(crate) fn journal(&self) -> journal::Options {
        journal::Options { allow_network: self.allow_network_folder, ..journal::Options::default() }
    }
}

#[cfg(test)]
mod tests;
