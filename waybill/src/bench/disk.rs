//! What the disk itself does, in the same run: a sync alone, and a raw file with one sync per batch.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::measure::{Amount, Durations, Quantiles};
use super::words::Words;

/// Syncs that are timed, and for how long at most.
const SYNCS: usize = 256;
const SYNCS_FOR: Duration = Duration::from_secs(2);
/// A raw file ends there, however much time is left.
const RAW_MAX_BYTES: u64 = 2 << 30;
/// A raw file that is written over again and again.
const AGAIN_BYTES: usize = 16 << 20;

fn fresh(dir: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).open(dir.join("raw"))
}

/// How long fdatasync takes after 4 KiB were appended.
pub(super) fn fdatasync(dir: &Path) -> io::Result<Quantiles> {
    let (mut file, mut durations) = (fresh(dir)?, Durations::new());
    let page = [b'x'; 4096];
    let started = Instant::now();
    for _ in 0..SYNCS {
        file.write_all(&page)?;
        let before = Instant::now();
        file.sync_data()?;
        durations.record(before.elapsed());
        if started.elapsed() > SYNCS_FOR {
            break;
        }
    }
    Ok(durations.quantiles())
}

/// Appends batches of `batch` events of `event_bytes` to a raw file, one write and one fdatasync for each.
pub(super) fn raw(dir: &Path, batch: usize, event_bytes: usize, limit: Duration) -> io::Result<Amount> {
    let mut file = fresh(dir)?;
    let bytes = Words::new(7).text(batch * event_bytes).into_bytes();
    let mut amount = Amount::default();
    let started = Instant::now();
    while started.elapsed() < limit && amount.bytes < RAW_MAX_BYTES {
        file.write_all(&bytes)?;
        file.sync_data()?;
        amount.events += u64::try_from(batch).unwrap_or(u64::MAX);
        amount.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    }
    amount.elapsed = started.elapsed();
    Ok(amount)
}

/// As [`raw`], over the bytes of a file that was written before, from its start again whenever it is at its end: the
/// best that the disk can do, since nothing but the bytes has to be written.
pub(super) fn raw_again(dir: &Path, batch: usize, event_bytes: usize, limit: Duration) -> io::Result<Amount> {
    let mut file = fresh(dir)?;
    let bytes = Words::new(7).text(batch * event_bytes).into_bytes();
    let times = AGAIN_BYTES.div_ceil(bytes.len()).max(1);
    for _ in 0..times {
        file.write_all(&bytes)?;
    }
    file.sync_all()?;
    let mut amount = Amount::default();
    let started = Instant::now();
    'all: loop {
        file.rewind()?;
        for _ in 0..times {
            if started.elapsed() >= limit {
                break 'all;
            }
            file.write_all(&bytes)?;
            file.sync_data()?;
            amount.events += u64::try_from(batch).unwrap_or(u64::MAX);
            amount.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        }
    }
    amount.elapsed = started.elapsed();
    Ok(amount)
}

/// Reads a file of `events` events from its start to its end, as fast as the system hands it over.
pub(super) fn raw_read(path: &Path, events: u64) -> io::Result<Amount> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 20];
    let mut bytes = 0;
    let started = Instant::now();
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(Amount { events, bytes, elapsed: started.elapsed() }),
            read => bytes += u64::try_from(read).unwrap_or(u64::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syncs_are_timed() {
        let dir = tempfile::tempdir().unwrap();
        let quantiles = fdatasync(dir.path()).unwrap();
        assert!(
            quantiles.p50_us <= quantiles.p99_us && quantiles.p99_us <= quantiles.max_us,
            "{quantiles:?}"
        );
        assert!(quantiles.max_us > 0);
    }

    #[test]
    fn a_raw_file_holds_what_was_counted_and_reads_back() {
        let dir = tempfile::tempdir().unwrap();
        let written = raw(dir.path(), 16, 300, Duration::from_millis(20)).unwrap();
        assert!(written.events >= 16 && written.events.is_multiple_of(16), "{written:?}");
        assert_eq!(written.bytes, written.events * 300);
        let read = raw_read(&dir.path().join("raw"), written.events).unwrap();
        assert_eq!((read.bytes, read.events), (written.bytes, written.events));
        let again = raw_again(dir.path(), 16, 300, Duration::from_millis(20)).unwrap();
        assert!(again.events > 0 && again.bytes == again.events * 300, "{again:?}");
        let length = dir.path().join("raw").metadata().unwrap().len();
        assert_eq!(length, 16 * 300 * (16_u64 << 20).div_ceil(16 * 300), "it does not grow");
    }
}
