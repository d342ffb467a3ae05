//! `waybill doctor`: whether folder, token, disk, log and views are as they should be.

mod disk;
mod folder;
mod log;

use clap::Args;
use serde::Serialize;

use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::output;
use crate::target::{self, Target, Want};

/// Check the data folder, its token, the disk under it, the log and the views
///
/// Changes nothing. Exit code 1 where something is wrong; each finding says what to do.
#[derive(Debug, Args)]
pub(crate) struct Doctor {}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// As it should be.
    Ok,
    /// Worth knowing.
    Warning,
    /// Wrong.
    Wrong,
}

/// A check, and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    pub(super) check: String,
    pub(super) state: State,
    pub(super) detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hint: Option<String>,
}

impl Check {
    pub(super) fn ok(check: &str, detail: impl Into<String>) -> Self {
        Self { check: check.to_owned(), state: State::Ok, detail: detail.into(), hint: None }
    }
    pub(super) fn warning(check: &str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { state: State::Warning, hint: Some(hint.into()), ..Self::ok(check, detail) }
    }
    pub(super) fn wrong(check: &str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { state: State::Wrong, hint: Some(hint.into()), ..Self::ok(check, detail) }
    }
}

/// What was found. The keys are stable.
#[derive(Debug, Serialize)]
struct Report {
    ok: bool,
    version: &'static str,
    system: String,
    data: String,
    checks: Vec<Check>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fdatasync: Option<disk::Syncs>,
}

impl Doctor {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        let data = std::path::absolute(&global.data)?;
        let mut checks = Vec::new();
        let mut fdatasync = None;
        // With --server the folder may be on another machine.
        if global.server.is_none() {
            target::exported::refuse(&data)?;
            checks.extend(folder::check(&data));
            checks.push(disk::space(&data));
            match disk::syncs(&data) {
                Ok(syncs) => {
                    checks.push(syncs.check());
                    fdatasync = Some(syncs);
                }
                Err(error) => {
                    let hint = "without writing there, nothing can be recorded";
                    checks.push(Check::wrong("fdatasync", format!("cannot be measured: {error}"), hint));
                }
            }
        }
        let has_log = data.join("log").is_dir() || data.join("head").is_file() || global.server.is_some();
        if has_log {
            checks.extend(log(global).await);
        } else {
            checks.push(Check::ok("log", "none yet: `waybill import` or `waybill serve` makes one"));
        }
        let report = Report {
            ok: checks.iter().all(|check| check.state != State::Wrong),
            version: env!("CARGO_PKG_VERSION"),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            data: data.display().to_string(),
            checks,
            fdatasync,
        };
        output::document(global.output, &report, || report.table(output::colours(&std::io::stdout())))?;
        Ok(if report.ok { Exit::Done } else { Exit::Failed })
    }
}

/// The log and its views, from the folder or from the server that has it open.
async fn log(global: &Global) -> Vec<Check> {
    let target = match target::open(global, Want::Log) {
        Ok(target) => target,
        Err(failure) => return vec![of_failure("log", failure)],
    };
    let mut checks = match &target {
        Target::Folder(engine) => log::of_engine(engine).await,
        Target::Server(client) => log::of_server(client).await,
    };
    if let Err(failure) = target.close().await {
        checks.push(of_failure("log", failure));
    }
    checks
}

/// A failure as a finding.
pub(super) fn of_failure(check: &str, failure: Failure) -> Check {
    let hint = failure.hint.unwrap_or_else(|| "run it again with -vv for every detail".to_owned());
    Check::wrong(check, failure.message, hint)
}

impl Report {
    fn table(&self, colours: bool) -> String {
        let mut text = format!("waybill {} on {}, data folder {}\n\n", self.version, self.system, self.data);
        for check in &self.checks {
            let mark = match check.state {
                State::Ok => "ok   ",
                State::Warning => "note ",
                State::Wrong => "WRONG",
            };
            let mark = output::bold(mark, colours && check.state != State::Ok);
            text.push_str(&format!("{mark}  {:<12} {}\n", check.check, check.detail));
            if let Some(hint) = &check.hint {
                text.push_str(&format!("       {:<12} hint: {hint}\n", ""));
            }
        }
        let wrong = self.checks.iter().filter(|check| check.state == State::Wrong).count();
        let verdict = match wrong {
            0 => "Nothing is wrong.".to_owned(),
            1 => "1 thing is wrong.".to_owned(),
            more => format!("{more} things are wrong."),
        };
        text.push_str(&format!("\n{verdict}\n"));
        text
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn every_finding_says_what_to_do() {
        let checks = vec![
            Check::ok("folder", "is there"),
            Check::warning("space", "900 MiB free", "make room soon"),
            Check::wrong("token", "can be read by others", "chmod 600 it"),
        ];
        let (system, data) = ("linux x86_64".to_owned(), "/d".to_owned());
        let report = Report { ok: false, version: "1.2.3", system, data, checks, fdatasync: None };
        expect![[r#"
            waybill 1.2.3 on linux x86_64, data folder /d

            ok     folder       is there
            note   space        900 MiB free
                                hint: make room soon
            WRONG  token        can be read by others
                                hint: chmod 600 it

            1 thing is wrong.
        "#]]
        .assert_eq(&report.table(false));
    }
}
