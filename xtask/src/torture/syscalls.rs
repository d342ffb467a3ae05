//! T01, T06, T07: every call that reads, writes, syncs or renames fails or kills, at its first, second, … time.

use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result};

use super::driver::Told;
use super::folder::copy;
use super::report::Finding;
use super::{Bench, Drill};

pub(crate) const DRILL: Drill = Drill {
    name: "syscalls",
    what: "each write, sync and rename fails or kills",
    short: 60,
    long: 20_000,
    run,
};

/// Calls that read files, change them, or make changes durable.
const CALLS: [&str; 16] = [
    "openat",
    "read",
    "pread64",
    "pwrite64",
    "write",
    "fsync",
    "fdatasync",
    "sync_file_range",
    "syncfs",
    "rename",
    "renameat2",
    "unlink",
    "ftruncate",
    "fallocate",
    "mkdir",
    "close",
];
const FAULTS: [&str; 5] = ["error=EIO", "error=ENOSPC", "error=EINTR", "retval=0", "signal=KILL"];
/// A number of bytes that is not true can be given by calls that give one; 0 is what a full disk may give, and the end
/// of a file that is shorter than it should be.
const SHORT: [&str; 4] = ["pwrite64", "write", "read", "pread64"];
/// Commits that are in the folder before, and those that the run adds.
const BEFORE: u64 = 12;
const COMMITS: &str = "12";
/// The short form looks at no later occurrences than this.
const SHORT_WHEN: u64 = 6;
/// A run that needs longer hangs, in seconds.
const PATIENCE_S: &str = "60";

/// A fault at a call, at its `when`th time in any one thread, as strace counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    call: &'static str,
    fault: &'static str,
    when: u64,
}

/// Whether strace can be used.
pub(super) fn can_trace() -> bool {
    Command::new("strace").args(["-qq", "-f", "true"]).output().is_ok_and(|it| it.status.success())
}

fn run(bench: &Bench) -> Result<Finding> {
    if !can_trace() {
        return Ok(Finding::skipped("strace cannot trace here"));
    }
    let mut finding = Finding::default();
    let sound = bench.memory.join("sound");
    bench.written(&sound, BEFORE)?;
    let sampled = bench.rounds < DRILL.long;
    occurrences(bench, sampled, &mut finding, |case, _, finding| strike(bench, &sound, case, finding))?;
    Ok(finding)
}

/// Occurrence by occurrence, until no fault strikes any more: then every one has been met. `strike` runs a case, and
/// gives whether its fault struck.
pub(super) fn occurrences(
    bench: &Bench,
    sampled: bool,
    finding: &mut Finding,
    mut strike: impl FnMut(Case, u32, &mut Finding) -> Result<bool>,
) -> Result<()> {
    let mut cases: Vec<Case> = CALLS.iter().flat_map(|call| of_call(call)).collect();
    let (mut round, mut when) = (0, 1);
    while !cases.is_empty() && round < bench.rounds {
        let mut left = Vec::new();
        for case in cases {
            let mut random = bench.random(round);
            if round >= bench.rounds || (sampled && when < SHORT_WHEN && random.below(6) > 0) {
                left.push(case);
                continue;
            }
            round += 1;
            if strike(Case { when, ..case }, round, finding)? {
                left.push(case);
            }
        }
        cases = left;
        when += 1;
    }
    finding.add("occurrences", when - 1);
    finding.add("cases not met to the end", cases.len() as u64);
    Ok(())
}

fn of_call(call: &'static str) -> impl Iterator<Item = Case> {
    let fits = move |fault: &str| {
        (fault != "retval=0" || SHORT.contains(&call))
            // A close that failed has closed all the same.
            && (call != "close" || fault == "signal=KILL")
    };
    FAULTS.into_iter().filter(move |fault| fits(fault)).map(move |fault| Case { call, fault, when: 0 })
}

/// Runs one case; gives whether the fault struck.
fn strike(bench: &Bench, sound: &Path, case: Case, finding: &mut Finding) -> Result<bool> {
    let (dir, trace) = (bench.memory.join("data"), bench.memory.join("trace"));
    copy(sound, &dir)?;
    let mut write = bench.write(&dir, 3);
    write.args(["--commits", COMMITS]);
    let Struck { output, trace, hit } = struck(&write, &trace, case)?;
    let told = Told::of(&String::from_utf8_lossy(&output.stdout));
    finding.add(if hit { "struck" } else { "not met" }, 1);
    finding.add(case.fault, u64::from(hit));
    finding.add("commits acked", told.acked.len() as u64);
    let mut fail = |what: String| finding.fail(format!("{case:?}: {what}"));
    if let Some(wrong) = wrong_end(case, &output) {
        fail(wrong);
    }
    if let Some(line) = synced_again(&trace) {
        fail(format!("a sync of the log follows one that failed: {line}"));
    }
    let found = bench.check(&dir, &[])?;
    if let Some(broken) = found.broken_promise(told.commits().max(BEFORE)) {
        fail(broken);
    }
    Ok(hit)
}

/// How a run ended that met a fault, or did not.
pub(super) struct Struck {
    pub(super) output: Output,
    trace: String,
    /// Whether the fault struck.
    pub(super) hit: bool,
}

/// Runs a program with the fault.
pub(super) fn struck(program: &Command, trace: &Path, case: Case) -> Result<Struck> {
    let Case { call, fault, when } = case;
    let mut command = Command::new("timeout");
    // One `-q` only: that a process was killed must stand in the trace.
    command.args(["-s", "KILL", PATIENCE_S, "strace", "-q", "-f", "-y", "-o"]).arg(trace);
    // Some calls are not those of every processor: the question mark takes them where they are.
    command.arg("-e").arg(format!("trace=?{call},?fsync,?fdatasync"));
    command.arg("-e").arg(format!("inject=?{call}:{fault}:when={when}"));
    command.arg(program.get_program()).args(program.get_args());
    let output = command.output().context("cannot start strace")?;
    let trace = std::fs::read_to_string(trace).context("strace left no trace")?;
    let hit = trace.contains("INJECTED") || trace.contains("killed by SIGKILL");
    Ok(Struck { output, trace, hit })
}

/// What is wrong about how a program ended that was struck: a fault is answered with an error, not with a panic.
pub(super) fn wrong_end(case: Case, output: &Output) -> Option<String> {
    if case.fault != "signal=KILL" && output.status.code().is_none_or(|code| code > 128) {
        return Some(format!("it ended with {} instead of an error", output.status));
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    // sled's panics are caught, and a program cannot go on without its stdout.
    let ours = |line: &&str| !line.contains("/sled/") && !line.contains("io/stdio.rs");
    stderr.lines().filter(|line| line.contains("panicked at")).find(ours).map(str::to_owned)
}

/// A sync of the log's own file that follows one that failed.
fn synced_again(trace: &str) -> Option<&str> {
    let is_sync =
        |line: &str| (line.contains("fsync(") || line.contains("fdatasync(")) && line.contains("/log/db>");
    let failed = |line: &str| is_sync(line) && line.contains("INJECTED") && !line.contains("EINTR");
    let mut lines = trace.lines().skip_while(|line| !failed(line));
    lines.next()?;
    lines.find(|line| is_sync(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_sync_is_found_and_others_are_not() {
        let failed = "7 fdatasync(9</d/log/db>) = -1 EIO (Input/output error) (INJECTED)\n";
        let other = "7 fdatasync(4</d/tiles/checkpoint.tmp>) = 0\n";
        let again = "8 fsync(9</d/log/db>) = 0\n";
        assert_eq!(synced_again(&[other, again, failed, other].concat()), None);
        assert_eq!(synced_again(&[failed, other, again].concat()), Some(again.trim_end()));
    }

    #[test]
    fn only_calls_that_count_bytes_give_a_count() {
        let faults = |call| of_call(call).map(|case| case.fault).collect::<Vec<_>>();
        assert!(faults("pwrite64").contains(&"retval=0") && !faults("fsync").contains(&"retval=0"));
        assert_eq!(faults("close"), ["signal=KILL"]);
    }
}
