//! T09: a disk that fills up at any moment, is written to and opened while full, and gets room again.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::driver::Writer;
use super::image::Image;
use super::report::Finding;
use super::{Bench, Drill};

pub(crate) const DRILL: Drill =
    Drill { name: "space", what: "a disk fills up and gets room again", short: 3, long: 100, run };

/// Longest life of a writer before and while the disk fills.
const LIFE_MS: u64 = 150;
/// Size of the disk.
const MIB: u64 = 96;
/// Rounds on one disk, before its log takes all of it.
const ROUNDS_PER_DISK: u32 = 20;

fn run(bench: &Bench) -> Result<Finding> {
    let mut finding = Finding::default();
    let mut disk: Option<(Image, u64)> = None;
    for round in 0..bench.rounds {
        let (image, acked) = match disk.take() {
            Some(disk) if round % ROUNDS_PER_DISK > 0 => disk,
            old => {
                drop(old);
                match Image::sized(&bench.disk, &format!("disk-{round}"), MIB << 20) {
                    Ok(image) => (image, 0),
                    Err(error) => return Ok(Finding::skipped(format!("nothing can be mounted: {error}"))),
                }
            }
        };
        let acked = fill(bench, round, image.folder(), acked, &mut finding)?;
        disk = Some((image, acked));
        if !finding.failures.is_empty() {
            break;
        }
    }
    Ok(finding)
}

/// One filling; gives how many commits must be there.
fn fill(bench: &Bench, round: u32, disk: &Path, acked: u64, finding: &mut Finding) -> Result<u64> {
    let mut random = bench.random(round);
    let (data, filler) = (disk.join("data"), disk.join("filler"));
    let mut writer = Writer::start(bench.write(&data, 10).args(["--pause-us", "200"]))?;
    writer.until(|told| told.opened.is_some())?;
    std::thread::sleep(random.up_to_ms(LIFE_MS));
    // It ends where there is no room left, which is what it is for.
    let _ =
        Command::new("dd").args(["if=/dev/zero", "bs=64K"]).arg(format!("of={}", filler.display())).output();
    std::thread::sleep(random.up_to_ms(LIFE_MS));
    let killed = random.below(2) == 0;
    // Refused for want of room, the writer ends by itself.
    let told = if killed { writer.kill()? } else { writer.ended()? };
    let expected =
        |error: &String| error.contains("bytes free to append") || error.contains("the writer stopped");
    if told.error.as_ref().is_some_and(|error| !expected(error)) {
        finding.fail(format!("round {round}: the writer said: {:?}", told.error));
    }
    finding.add("refused early", u64::from(told.error.as_ref().is_some_and(|it| it.contains("bytes free"))));
    let acked = acked.max(told.commits());
    // On the full disk it opens, or says that there is no room for it.
    let found = bench.check(&data, &["--leave"])?;
    match &found.refused {
        Some(why) if !found.broken && why.contains("free disk space") => finding.add("full: refused", 1),
        _ => {
            finding.add("full: opened", 1);
            if let Some(broken) = found.broken_promise(acked) {
                finding.fail(format!("round {round}: on the full disk: {broken}"));
            }
        }
    }
    std::fs::remove_file(&filler)?;
    let found = bench.check(&data, &[])?;
    if let Some(broken) = found.broken_promise(acked) {
        finding.fail(format!("round {round}: with room again: {broken}"));
    }
    Ok(acked.max(found.commits))
}
