//! T01, T07: `backup`, `restore` and `repair` meet a fault at every call; what they were made of stays whole, and the next
//! attempt succeeds.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::folder::{copy, remove};
use super::judge::Whole;
use super::report::Finding;
use super::syscalls::{Case, Struck, can_trace, occurrences, struck, wrong_end};
use super::{Bench, Drill};

pub(crate) const DRILL: Drill = Drill {
    name: "copies",
    what: "faults at every call of backup, restore and repair",
    short: 24,
    long: 20_000,
    run,
};

/// Commits of the log: enough that there are several bundles, and full tiles.
const COMMITS: u64 = 150;

#[derive(Debug, Clone, Copy)]
enum Verb {
    Backup,
    Restore,
    Repair,
}

struct Folders {
    /// A whole log, one whose store is destroyed, and a backup; none of them is written to.
    sound: PathBuf,
    damaged: PathBuf,
    backup: PathBuf,
    /// What a case works on.
    data: PathBuf,
    made: PathBuf,
    trace: PathBuf,
    whole: Whole,
}

fn run(bench: &Bench) -> Result<Finding> {
    if !can_trace() {
        return Ok(Finding::skipped("strace cannot trace here"));
    }
    let at = |name: &str| bench.memory.join(name);
    let (sound, damaged, backup, data) = (at("sound"), at("damaged"), at("backup"), at("data"));
    bench.written(&sound, COMMITS)?;
    copy(&sound, &data)?;
    let whole = bench.whole(&data)?;
    copy(&sound, &damaged)?;
    std::fs::write(damaged.join("log/db"), b"?")?;
    let mut command = Command::new(&bench.waybill);
    command.arg("--data").arg(&sound).args(["backup", "--with-keys", "--to"]).arg(&backup);
    crate::shell::run(command.stdout(Stdio::null()))?;
    let folders = Folders { sound, damaged, backup, data, made: at("made"), trace: at("trace"), whole };
    let mut finding = Finding::default();
    for verb in [Verb::Backup, Verb::Restore, Verb::Repair] {
        let part = Bench { rounds: bench.rounds / 3, ..bench.again() };
        let sampled = bench.rounds < DRILL.long;
        occurrences(&part, sampled, &mut finding, |case, _, finding| {
            folders.strike(&part, verb, case, finding)
        })?;
    }
    Ok(finding)
}

impl Folders {
    /// Runs a verb into the fault, and then once more without; gives whether the fault struck.
    fn strike(&self, bench: &Bench, verb: Verb, case: Case, finding: &mut Finding) -> Result<bool> {
        let start = if matches!(verb, Verb::Repair) { &self.damaged } else { &self.sound };
        copy(start, &self.data)?;
        remove(&self.made)?;
        let Struck { output, hit, .. } = struck(&self.command(bench, verb), &self.trace, case)?;
        finding.add(&format!("{verb:?} {}", if hit { "struck" } else { "not met" }), u64::from(hit));
        let mut fail = |what: String| finding.fail(format!("{verb:?} {case:?}: {what}"));
        if let Some(wrong) = wrong_end(case, &output) {
            fail(wrong);
        }
        // What says that it is done is done; what does not is done by the next attempt.
        let done = matches!(output.status.code(), Some(0 | 3));
        let restored = matches!(verb, Verb::Restore) && self.made.exists();
        if !done && !restored {
            let again = self.command(bench, verb).output().context("cannot start the product")?;
            if !matches!(again.status.code(), Some(0 | 3)) {
                let said = String::from_utf8_lossy(&again.stderr).into_owned();
                fail(format!("the next attempt ended with {}: {said}", again.status));
                return Ok(hit);
            }
        }
        if let Some(broken) = self.broken(bench, verb)? {
            fail(broken);
        }
        Ok(hit)
    }

    fn command(&self, bench: &Bench, verb: Verb) -> Command {
        let mut command = Command::new(&bench.waybill);
        command.stdin(Stdio::null()).arg("--data").arg(&self.data);
        match verb {
            Verb::Backup => command.args(["backup", "--with-keys", "--to"]).arg(&self.made),
            Verb::Restore => {
                command.args(["restore", "--from"]).arg(&self.backup).arg("--to").arg(&self.made)
            }
            Verb::Repair => command.arg("repair"),
        };
        command
    }

    /// What is not as it should be afterwards: the log itself, and what was made of it.
    fn broken(&self, bench: &Bench, verb: Verb) -> Result<Option<String>> {
        let restored = bench.memory.join("restored");
        let log: &Path = match verb {
            Verb::Repair => &self.data,
            Verb::Restore => &self.made,
            Verb::Backup => {
                if let Some(broken) = self.differs(bench, &self.data)? {
                    return Ok(Some(format!("the log: {broken}")));
                }
                remove(&restored)?;
                let answer = bench.ask(&["restore".as_ref(), self.made.as_os_str(), restored.as_os_str()])?;
                if answer["done"] != true {
                    return Ok(Some(format!("the backup: {answer}")));
                }
                &restored
            }
        };
        self.differs(bench, log)
    }

    fn differs(&self, bench: &Bench, log: &Path) -> Result<Option<String>> {
        let found = bench.check(log, &[])?;
        let broken = found.broken_promise(self.whole.commits);
        let fewer = found.events < self.whole.events;
        Ok(broken.or_else(|| fewer.then(|| format!("{} of {} events", found.events, self.whole.events))))
    }
}
