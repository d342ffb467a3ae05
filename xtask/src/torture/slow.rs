//! T15: a disk whose syncs take 0.1 to 3 seconds: memory stays bounded, and every answer holds.

use std::process::Command;

use anyhow::Result;

use super::driver::Writer;
use super::report::Finding;
use super::{Bench, Drill};

pub(crate) const DRILL: Drill =
    Drill { name: "slow", what: "slow syncs under a flood", short: 1, long: 20, run };

const DELAYS_MS: [u64; 4] = [100, 300, 1_000, 3_000];
/// Commits under way at once.
const WINDOW: u64 = 50_000;
/// Caches, the queue, and what the flood itself holds.
const RSS_MAX: u64 = 512 << 20;
/// Syncs that a round lives through.
const SYNCS: u64 = 3;

fn run(bench: &Bench) -> Result<Finding> {
    let mut finding = Finding::default();
    let mut acked = 0;
    for round in 0..bench.rounds {
        let delay = *bench.random(round).pick(&DELAYS_MS);
        let data = bench.disk.join("data");
        let write = bench.write(&data, WINDOW);
        let mut command = Command::new("strace");
        command.args(["-qq", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=fdatasync", "-e"]);
        command.arg(format!("inject=fdatasync:delay_enter={delay}ms"));
        let mut writer = Writer::start(command.arg(write.get_program()).args(write.get_args()))?;
        writer.until(|told| told.opened.is_some())?;
        let Some(pid) = writer.traced() else { return Ok(Finding::skipped("strace cannot trace here")) };
        let began = std::time::Instant::now();
        let mut most = 0;
        while began.elapsed().as_millis() < u128::from(delay * SYNCS + 500) {
            most = most.max(resident(pid));
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        // Under strace, killing the writer itself ends both.
        let told = writer.kill_traced(pid)?;
        finding.add("most resident MiB", (most >> 20).saturating_sub(finding.figure("most resident MiB")));
        if most > RSS_MAX {
            finding.fail(format!("round {round}: {most} bytes of memory with syncs of {delay} ms"));
        }
        if let Some(error) = told.error.as_ref().filter(|error| !error.contains("the queue takes at most")) {
            finding.fail(format!("round {round}: the writer said: {error}"));
        }
        acked = acked.max(told.commits());
        let found = bench.check(&data, &[])?;
        if let Some(broken) = found.broken_promise(acked) {
            finding.fail(format!("round {round}: {broken}"));
        }
        acked = acked.max(found.commits);
    }
    finding.add("commits", acked);
    Ok(finding)
}

/// Bytes of memory of a process; 0 where it is gone.
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
}
