//! cargo-deny over `deny.toml`: licences, sources and bans always, advisories where their database can be had.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::shell::{root, run, say};
use crate::tools;

/// A network that is closed often says nothing at all.
const DATABASE_PATIENCE: Duration = Duration::from_secs(60);

/// Licences, sources and bans.
///
/// # Errors
/// Something is not allowed, or the tool cannot be had.
pub(crate) fn check() -> Result<()> {
    run(&mut cargo_deny(&["check", "--hide-inclusion-graph", "bans", "licenses", "sources"])?)
}

/// Advisories against the newest database; says so where there is none, and lets it pass.
///
/// # Errors
/// A dependency has an advisory that `deny.toml` does not excuse, or the tool cannot be had.
pub(crate) fn advisories() -> Result<()> {
    let fetch = cargo_deny(&["fetch", "db"])?.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if ends_well(fetch.context("cannot start cargo-deny")?, DATABASE_PATIENCE)? {
        return run(&mut cargo_deny(&["--offline", "check", "--hide-inclusion-graph", "advisories"])?);
    }
    say("NOT CHECKED: advisory database unreachable; known vulnerabilities of dependencies would go unseen");
    Ok(())
}

fn cargo_deny(arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(tools::DENY.path()?);
    command.args(arguments).current_dir(root());
    Ok(command)
}

/// Whether the process succeeds in time; it is ended when it does not.
fn ends_well(mut child: Child, patience: Duration) -> Result<bool> {
    let began = Instant::now();
    while began.elapsed() < patience {
        if let Some(status) = child.try_wait().context("cannot wait for cargo-deny")? {
            return Ok(status.success());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill().context("cannot end cargo-deny")?;
    child.wait().context("cannot wait for cargo-deny")?;
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_ends() {
        let ends = |script: &str, patience| {
            let child = Command::new("sh").args(["-c", script]).spawn().unwrap();
            ends_well(child, patience).unwrap()
        };
        assert!(ends("exit 0", DATABASE_PATIENCE));
        assert!(!ends("exit 1", DATABASE_PATIENCE));
        assert!(!ends("exec tail -f /dev/null", Duration::from_millis(10)));
    }
}
