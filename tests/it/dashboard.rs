//! The dashboard and the TypeScript client against the binary: Node runs their tests, here they are counted.

use std::path::PathBuf;
use std::process::Command;

fn folder(path: &str) -> PathBuf {
    kit::root().join(path)
}

#[track_caller]
fn passes(command: &mut Command) {
    command.env("WAYBILL_BIN", kit::waybill()).env("WAYBILL_CHROMIUM", kit::chromium());
    let output = command.output().expect("node starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let tail: Vec<_> = said.lines().rev().take(120).collect();
    let tail: String = tail.into_iter().rev().flat_map(|line| [line, "\n"]).collect();
    assert!(
        output.status.success(),
        "{}\n{tail}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    println!("{tail}");
}

fn vitest(path: &str) -> Command {
    let mut command = Command::new(kit::node());
    command.args(["node_modules/vitest/vitest.mjs", "run", "--no-color"]).current_dir(folder(path));
    command
}

fn driven(file: &str) -> Command {
    let mut command = Command::new(kit::node());
    command.args(["--test", "--test-reporter=spec", file]).current_dir(folder("dashboard"));
    command
}

#[test]
fn the_typescript_client_resumes_through_cuts_and_a_restart() {
    passes(&mut vitest("clients/typescript"));
}

#[test]
fn the_dashboard_works_things_out_as_it_should() {
    passes(&mut vitest("dashboard"));
}

#[test]
fn every_page_of_the_dashboard_does_what_it_promises_in_a_browser() {
    passes(&mut driven("e2e/dashboard.test.mjs"));
}

#[test]
fn the_dashboard_keeps_its_sizes_and_stays_quick() {
    passes(&mut driven("e2e/speed.test.mjs"));
}

#[test]
fn an_open_dashboard_keeps_its_memory() {
    passes(&mut driven("e2e/soak.test.mjs"));
}
