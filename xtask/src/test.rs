//! `cargo xtask test`: installs what the tests need, runs every one, and counts.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::dashboard;
use crate::setup::{Clients, clients};
use crate::shell::{cargo, root, run, say, target_dir};

/// How many tests ended how.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Tally {
    /// Adds a closing line of the test runner; other lines change nothing.
    fn add(&mut self, line: &str) {
        let Some(counts) = line.trim().strip_prefix("test result: ") else { return };
        for part in counts.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let (Some(Ok(count)), Some(what)) = (words.next().map(str::parse::<u64>), words.next()) else {
                continue;
            };
            match what {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.ignored += count,
                _ => {}
            }
        }
    }
}

/// Runs the tests, or those whose name contains `filter`.
///
/// # Errors
/// Something is missing, does not build, or fails, or no test ran.
pub(crate) fn test(filter: Option<&str>) -> Result<()> {
    let target = target_dir()?;
    let clients = clients(&target)?;
    dashboard::install()?;
    dashboard::build()?;
    say("building");
    run(&mut cargo(&["build", "--workspace", "--all-targets"]))?;
    if filter.is_none() {
        say("testing the test clients");
        run(&mut client_tests(&clients))?;
    }
    say("testing");
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    command.env("WAYBILL_BIN", target.join("debug").join(format!("waybill{}", std::env::consts::EXE_SUFFIX)));
    command.env("WAYBILL_PYTHON", &clients.python);
    command.env("WAYBILL_NODE", &clients.node);
    command.env("WAYBILL_CHROMIUM", &clients.chromium);
    if let Some(filter) = filter {
        command.args(["--", filter]);
    }
    let (tally, succeeded) = counted(&mut command)?;
    println!("tests: {} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.ignored);
    if !succeeded {
        bail!("tests failed; the names stand above");
    }
    if tally.passed == 0 {
        bail!("no test ran");
    }
    Ok(())
}

fn client_tests(clients: &Clients) -> Command {
    let mut command = Command::new(&clients.python);
    command.args(["-B", "-m", "unittest"]).current_dir(root().join("tests").join("clients"));
    command
}

/// Runs the command, passes its stdout on line by line, and adds up the closing lines.
fn counted(command: &mut Command) -> Result<(Tally, bool)> {
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
    let stdout = child.stdout.take().expect("stdout is piped");
    let mut tally = Tally::default();
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line.context("cannot read what the tests print")?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        tally.add(&line);
    }
    Ok((tally, child.wait().context("cannot wait for cargo")?.success()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_add_up_and_nothing_else_counts() {
        let mut tally = Tally::default();
        for line in [
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.10s",
            "test it::says ... ok",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.02s",
            "the story of 9 passed; 9 failed",
            "test result: broken",
        ] {
            tally.add(line);
        }
        assert_eq!(tally, Tally { passed: 15, failed: 2, ignored: 1 });
    }

    #[test]
    fn a_failing_runner_is_seen_with_its_counts() {
        let script =
            "echo 'test result: FAILED. 1 passed; 1 failed; 0 ignored'; printf '\\377 no end'; exit 101";
        let (tally, succeeded) = counted(Command::new("sh").args(["-c", script])).unwrap();
        assert_eq!((tally, succeeded), (Tally { passed: 1, failed: 1, ignored: 0 }, false));
    }
}
