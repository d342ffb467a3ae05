//! T14: two processes on one folder; the second is refused, and a killed one's lock is nobody's.

use std::process::{Command, Stdio};

use anyhow::Result;

use super::driver::Writer;
use super::report::Finding;
use super::{Bench, Drill};

pub(crate) const DRILL: Drill =
    Drill { name: "two", what: "two processes on one folder", short: 4, long: 50, run };

fn run(bench: &Bench) -> Result<Finding> {
    let mut finding = Finding::default();
    for round in 0..bench.rounds {
        let dir = bench.disk.join("data");
        let mut random = bench.random(round);
        let mut first = Writer::start(&mut bench.write(&dir, 10))?;
        first.until(|told| told.commits() > 0)?;
        let second = Writer::start(&mut bench.write(&dir, 10))?.ended()?;
        match &second.error {
            Some(error) if error.contains("is open in process") && second.acked.is_empty() => {
                finding.add("refused", 1);
            }
            _ => finding.fail(format!("round {round}: the second writer was not refused: {second:?}")),
        }
        if !verb_is_refused(bench, &dir)? {
            finding.fail(format!("round {round}: `waybill verify` opened a folder that is being written"));
        }
        std::thread::sleep(random.up_to_ms(20));
        let told = first.kill()?;
        let found = bench.check(&dir, &[])?;
        if let Some(broken) = found.broken_promise(told.commits()) {
            finding.fail(format!("round {round}: {broken}"));
        }
    }
    Ok(finding)
}

fn verb_is_refused(bench: &Bench, dir: &std::path::Path) -> Result<bool> {
    let mut command = Command::new(&bench.waybill);
    let output = command.arg("--data").arg(dir).arg("verify").stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    Ok(!output.status.success() && said.contains("open in process") && !said.contains("panicked"))
}
