//! What `repair` makes of a damaged folder: every signed event, and the root that was signed.

use std::path::Path;

use anyhow::Result;

use super::folder::{copy, files, kind, of_any_kind};
use super::judge::Whole;
use super::report::Finding;
use super::torn::{DAMAGES, Victim};
use super::{Bench, Drill};

pub(crate) const DRILL: Drill =
    Drill { name: "repair", what: "damaged folders are repaired", short: 12, long: 300, run };

const COMMITS: u64 = 2_500;

fn run(bench: &Bench) -> Result<Finding> {
    let mut finding = Finding::default();
    let (base, sound, damaged) =
        (bench.memory.join("base"), bench.memory.join("sound"), bench.memory.join("damaged"));
    bench.written(&base, COMMITS)?;
    copy(&base, &sound)?;
    let whole = bench.whole(&sound)?;
    let files = files(&base)?;
    for round in 0..bench.rounds {
        let mut random = bench.random(round);
        let (name, damage) = random.pick(&DAMAGES);
        // The log itself, or any kind of file beside it.
        let path =
            if random.below(2) == 0 { Path::new("log/db") } else { &of_any_kind(&mut random, &files).0 };
        copy(&base, &damaged)?;
        let length = std::fs::metadata(base.join(path))?.len();
        damage(&mut random, &Victim { path: &damaged.join(path), length, old: Path::new("none") })?;
        let what = format!("round {round}: {name}, {}", path.display());
        repaired(bench, &mut finding, &damaged, &what, &kind(path), whole)?;
    }
    Ok(finding)
}

fn repaired(
    bench: &Bench,
    finding: &mut Finding,
    damaged: &Path,
    what: &str,
    kind: &str,
    whole: Whole,
) -> Result<()> {
    let kept = bench.memory.join("before");
    copy(damaged, &kept)?;
    let answer = bench.ask(&["repair".as_ref(), damaged.as_os_str()])?;
    // Without a checkpoint nothing says what was signed: that is refused by name.
    if answer["done"] != true {
        finding.add(&format!("{kind} refused"), 1);
        if kind != "checkpoint" || answer["error"].as_str().is_none() {
            let folder = bench.disk.join(format!("failed-{}", finding.failures.len()));
            copy(&kept, &folder)?;
            finding.fail(format!("{what}: {answer}; kept as {}", folder.display()));
        }
        return Ok(());
    }
    let found = bench.check(damaged, &[])?;
    let broken = found.broken_promise(whole.commits);
    if broken.is_some() || found.events != whole.events {
        let folder = bench.disk.join(format!("failed-{}", finding.failures.len()));
        copy(&kept, &folder)?;
        finding.fail(format!("{what}: {broken:?}, {} events; kept as {}", found.events, folder.display()));
    }
    let fate = if answer["sound"] == true { "left as it was, the log whole" } else { "repaired" };
    finding.add(&format!("{kind} {fate}"), 1);
    Ok(())
}
