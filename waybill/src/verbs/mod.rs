//! The one list of verbs: one verb, one file.

mod backup;
mod brain;
mod completions;
mod diff;
mod doctor;
mod erase;
mod evidence;
mod export;
mod generate;
mod import;
mod keys;
mod metrics;
mod prove;
mod rebuild;
mod repair;
mod replay;
mod report;
mod restore;
mod search;
mod serve;
mod token;
mod user;
mod verify;
mod view;
mod views;
mod witness;

use clap::Subcommand;

use crate::bench::Bench;
use crate::cli::{Form, Global};
use crate::failure::{Exit, Failure};

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Serve(serve::Serve),
    Import(import::Import),
    Generate(generate::Generate),
    View(view::View),
    Search(search::Search),
    Brain(brain::Brain),
    Diff(diff::Diff),
    Metrics(metrics::Metrics),
    Views(views::Views),
    Rebuild(rebuild::Rebuild),
    Replay(replay::Replay),
    Report(report::Report),
    Verify(verify::Verify),
    Prove(prove::Prove),
    Evidence(evidence::Evidence),
    Export(export::Export),
    Keys(keys::Keys),
    Erase(erase::Erase),
    User(user::User),
    Token(token::Token),
    Witness(witness::Witness),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Repair(repair::Repair),
    Doctor(doctor::Doctor),
    Bench(Bench),
    Completions(completions::Completions),
}

impl Verb {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        if global.output == Form::Html && !self.makes_pages() {
            return Err(Failure::usage("`--output html` is for `replay` and `report`")
                .hint("use table, json or ndjson"));
        }
        match self {
            Self::Serve(verb) => verb.run(global).await,
            Self::Import(verb) => verb.run(global).await,
            Self::Generate(verb) => verb.run(global).await,
            Self::View(verb) => verb.run(global).await,
            Self::Search(verb) => verb.run(global).await,
            Self::Brain(verb) => verb.run(global).await,
            Self::Diff(verb) => verb.run(global).await,
            Self::Metrics(verb) => verb.run(global).await,
            Self::Views(verb) => verb.run(global).await,
            Self::Rebuild(verb) => verb.run(global).await,
            Self::Replay(verb) => verb.run(global).await,
            Self::Report(verb) => verb.run(global).await,
            Self::Verify(verb) => verb.run(global).await,
            Self::Prove(verb) => verb.run(global).await,
            Self::Evidence(verb) => verb.run(global).await,
            Self::Export(verb) => verb.run(global).await,
            Self::Keys(verb) => verb.run(global).await,
            Self::Erase(verb) => verb.run(global).await,
            Self::User(verb) => verb.run(global).await,
            Self::Token(verb) => verb.run(global).await,
            Self::Witness(verb) => verb.run(global).await,
            Self::Backup(verb) => verb.run(global).await,
            Self::Restore(verb) => verb.run(global).await,
            Self::Repair(verb) => verb.run(global).await,
            Self::Doctor(verb) => verb.run(global).await,
            Self::Bench(verb) => verb.run(global).await,
            Self::Completions(verb) => verb.run(),
        }
    }
    /// Whether it has an answer as a page.
    const fn makes_pages(&self) -> bool {
        matches!(self, Self::Replay(_) | Self::Report(_))
    }
    /// What is logged where nothing else is asked for: a server tells what happens, other verbs what goes wrong.
    pub(crate) const fn logs_by_default(&self) -> &'static str {
        match self {
            Self::Serve(_) => "info",
            _ => "warn",
        }
    }
}
