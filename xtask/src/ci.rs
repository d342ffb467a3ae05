//! `cargo xtask ci`: every static check and the drills; all of them run, then the ones that failed are named.

use anyhow::{Result, bail};

use crate::shell::{cargo, run, say};
use crate::{dashboard, deny, generate, tidy, tools, torture};

/// A check: what it is called, and what it does.
type Check = (&'static str, fn() -> Result<()>);

/// The quick ones first.
const CHECKS: [Check; 10] = [
    ("format", format),
    ("house rules", tidy::check),
    ("generated files", generate::check),
    ("dashboard and TypeScript client", dashboard::check),
    ("unused dependencies", unused_dependencies),
    ("licences, sources, bans", deny::check),
    ("advisories", deny::advisories),
    ("lints", lints),
    ("documents", documents),
    ("drills", drills),
];

/// Runs every check.
///
/// # Errors
/// Names the checks that failed.
pub(crate) fn ci() -> Result<()> {
    run_all(&CHECKS)
}

fn run_all(checks: &[Check]) -> Result<()> {
    let mut failed = Vec::new();
    for (name, check) in checks {
        say(&format!("checking {name}"));
        if let Err(error) = check() {
            eprintln!("error: {name}: {error:#}");
            failed.push(*name);
        }
    }
    if !failed.is_empty() {
        bail!("{} of {} checks failed: {}", failed.len(), checks.len(), failed.join("; "));
    }
    say(&format!("{} checks passed", checks.len()));
    Ok(())
}

fn format() -> Result<()> {
    run(&mut cargo(&["fmt", "--all", "--check"]))
}

fn lints() -> Result<()> {
    run(&mut cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ]))
}

fn documents() -> Result<()> {
    run(cargo(&["doc", "--workspace", "--no-deps", "--locked", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings"))
}

/// The short form, with another seed each time: it is printed, and once more where something fails. What the tests
/// build is good enough for it.
fn drills() -> Result<()> {
    torture::torture(&torture::Options::short().debug())
}

fn unused_dependencies() -> Result<()> {
    run(std::process::Command::new(tools::MACHETE.path()?)
        .arg("--skip-target-dir")
        .current_dir(crate::shell::root()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_named_and_stops_nothing() {
        let checks: [Check; 3] = [("one", || bail!("no")), ("two", || Ok(())), ("three", || bail!("never"))];
        assert_eq!(run_all(&checks).unwrap_err().to_string(), "2 of 3 checks failed: one; three");
        run_all(&checks[1..2]).unwrap();
    }
}
