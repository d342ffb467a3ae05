//! The disk under the data folder: its space, and what making something durable takes.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use super::Check;
use crate::figures;

const SYNCS: usize = 64;
const WRITE_BYTES: usize = 4096;
/// Below this the log will soon refuse to grow.
const SPACE_WRONG: u64 = 64 << 20;
const SPACE_WARNING: u64 = 1 << 30;
/// A median above this is a disk that makes every commit wait.
const SLOW_US: u64 = 20_000;
/// A median below this is no disk that waits for anything.
const SUSPICIOUS_US: u64 = 5;

/// The folder, or the nearest one above it that exists.
fn nearest(data: &Path) -> PathBuf {
    data.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("/")).to_owned()
}

pub(super) fn space(data: &Path) -> Check {
    let folder = nearest(data);
    let stat = match rustix::fs::statvfs(&folder) {
        Ok(stat) => stat,
        Err(error) => {
            return Check::wrong("space", error.to_string(), "check that the folder can be reached");
        }
    };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let detail = format!(
        "{} free of {}",
        figures::bytes(free),
        figures::bytes(stat.f_blocks.saturating_mul(stat.f_frsize))
    );
    match free {
        ..SPACE_WRONG => Check::wrong("space", detail, "make room: a full disk takes no more events"),
        SPACE_WRONG..SPACE_WARNING => Check::warning("space", detail, "make room before it runs out"),
        _ => Check::ok("space", detail),
    }
}

/// What a write of 4 KiB with fdatasync took, in microseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Syncs {
    count: usize,
    p50_us: u64,
    p90_us: u64,
    p99_us: u64,
    max_us: u64,
}

/// Measures the disk, with a file that is gone afterwards.
pub(super) fn syncs(data: &Path) -> io::Result<Syncs> {
    let path = nearest(data).join(format!(".waybill-doctor-{}", std::process::id()));
    let measured = measure(&path);
    let removed = std::fs::remove_file(&path);
    let times = measured?;
    removed?;
    Ok(Syncs::of(times))
}

fn measure(path: &Path) -> io::Result<Vec<u64>> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let started = Instant::now();
        file.write_all(&[0x5a; WRITE_BYTES])?;
        file.sync_data()?;
        times.push(u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX));
    }
    Ok(times)
}

impl Syncs {
    fn of(mut times: Vec<u64>) -> Self {
        times.sort_unstable();
        // The smallest value that so many of a hundred do not exceed.
        let quantile = |percent: usize| {
            let rank = (times.len() * percent).div_ceil(100).max(1);
            times.get(rank - 1).copied().unwrap_or(0)
        };
        Self {
            count: times.len(),
            p50_us: quantile(50),
            p90_us: quantile(90),
            p99_us: quantile(99),
            max_us: quantile(100),
        }
    }
    pub(super) fn check(&self) -> Check {
        let Self { count, p50_us, p90_us, p99_us, max_us } = self;
        let detail =
            format!("{count} syncs: p50 {p50_us} µs, p90 {p90_us} µs, p99 {p99_us} µs, max {max_us} µs");
        match *p50_us {
            ..SUSPICIOUS_US => Check::warning(
                "fdatasync",
                detail,
                "this is memory, or a disk that does not wait: a power cut may lose data",
            ),
            SUSPICIOUS_US..SLOW_US => Check::ok("fdatasync", detail),
            _ => Check::warning(
                "fdatasync",
                detail,
                "every commit waits for this: move the folder to a faster disk",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn quantiles_are_values_that_occurred() {
        let syncs = Syncs::of((1..=100).rev().collect());
        assert_eq!((syncs.p50_us, syncs.p90_us, syncs.p99_us, syncs.max_us), (50, 90, 99, 100));
        assert_eq!(Syncs::of(vec![7]).p50_us, 7);
        assert_eq!(Syncs::of(vec![]).max_us, 0);
    }

    #[test]
    fn a_measurement_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let missing = dir.path().join("a/b");
        assert_eq!(syncs(&missing).unwrap().count, SYNCS);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_slow_disk_and_no_disk_are_remarked() {
        let of = |us: u64| Syncs::of(vec![us]).check().state;
        assert_eq!([of(1), of(500), of(50_000)], [State::Warning, State::Ok, State::Warning]);
    }
}
