//! Where in the log an instant lies: the earliest time of each stretch, so that one stretch is read and not the log.

use std::sync::Mutex;

use domain::ids::Position;
use domain::values::Timestamp;
use journal::{Journal, LogIdentity, RawRecord, ReadError};
use sha2::{Digest, Sha256};

use crate::aggregates::lock;
use crate::shelf::Shelf;

/// Positions of one stretch.
const STRETCH: u64 = 8192;
const BYTES_PER_READ: usize = 8 << 20;
/// Magic and format; then log, epoch, end, the minima, and SHA-256 of all that.
const MAGIC: &[u8; 8] = b"WBTIMES\x01";
const HEADER_LEN: usize = 8 + 16 + 8 + 8;
const FILE: &str = "times";

/// Earliest times, in milliseconds, of what has been seen so far.
#[derive(Debug, Default)]
struct Seen {
    minima: Vec<i64>,
    /// The first position that has not been seen.
    end: u64,
}

/// When events were recorded. Clocks run backwards at times, so this keeps what no order of time is needed for.
#[derive(Debug, Default)]
pub(crate) struct Times(Mutex<Seen>);

impl Seen {
    fn take(&mut self, record: &RawRecord) {
        // Only what comes next: a stretch with a gap would claim what it has not seen.
        if record.position().0 != self.end {
            return;
        }
        let (place, time) =
            (usize::try_from(self.end / STRETCH).unwrap_or(usize::MAX), record.time().millis());
        match self.minima.get_mut(place) {
            Some(least) => *least = time.min(*least),
            None => self.minima.push(time),
        }
        self.end += 1;
    }
}

impl Times {
    /// Takes records into account that somebody reads anyway.
    pub(crate) fn take(&self, records: &[RawRecord]) {
        let mut seen = lock(&self.0);
        records.iter().for_each(|record| seen.take(record));
    }
    /// The last position recorded at or before `instant`, as of `head`; `None` where it lies before all.
    pub(crate) fn last(
        &self,
        journal: &Journal,
        instant: Timestamp,
        head: Option<Position>,
    ) -> Result<Option<Position>, ReadError> {
        let Some(head) = head else { return Ok(None) };
        let mut seen = lock(&self.0);
        if seen.end <= head.0 {
            for block in journal.scan(seen.end.checked_sub(1).map(Position)) {
                block?.records().for_each(|record| seen.take(&record));
            }
        }
        let places = seen.minima.iter().enumerate().rev();
        // The last such stretch may reach beyond `head`, and have its only early event there.
        for (place, _) in places.filter(|(_, least)| **least <= instant.millis()) {
            if let Some(found) = last_in(journal, place, instant, head)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Takes over what an earlier process has seen, where it fits this log.
    pub(crate) fn load(shelf: &Shelf, log: &LogIdentity, head: Option<Position>) -> Self {
        let fits = || {
            let bytes = shelf.get(FILE)?;
            let (content, digest) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
            let (found, minima) = content.split_at_checked(HEADER_LEN)?;
            let end = u64::from_le_bytes(found[32..].try_into().ok()?);
            let fits = found == header(log, end)
                && digest == Sha256::digest(content).as_slice()
                && end <= head.map_or(0, |head| head.0 + 1);
            let minima: Vec<i64> =
                minima.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect();
            let whole = u64::try_from(minima.len()).ok()? == end.div_ceil(STRETCH);
            (fits && whole).then_some(Seen { minima, end })
        };
        Self(Mutex::new(fits().unwrap_or_default()))
    }
    /// Leaves it for the next process; where it cannot be written, that reads the log once more.
    pub(crate) fn store(&self, shelf: &Shelf, log: &LogIdentity) {
        let seen = lock(&self.0);
        let mut bytes = header(log, seen.end).to_vec();
        seen.minima.iter().for_each(|least| bytes.extend_from_slice(&least.to_le_bytes()));
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&digest);
        if let Err(error) = shelf.put(FILE, &bytes, false) {
            tracing::warn!(%error, "the times of the log could not be written");
        }
    }
}

fn header(log: &LogIdentity, end: u64) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    header[..8].copy_from_slice(MAGIC);
    header[8..24].copy_from_slice(&log.log_id.to_bytes());
    header[24..32].copy_from_slice(&log.epoch.to_le_bytes());
    header[32..].copy_from_slice(&end.to_le_bytes());
    header
}

/// The last position of a stretch, up to `head`, recorded at or before `instant`.
fn last_in(
    journal: &Journal,
    place: usize,
    instant: Timestamp,
    head: Position,
) -> Result<Option<Position>, ReadError> {
    let first = u64::try_from(place).unwrap_or(u64::MAX).saturating_mul(STRETCH);
    let end = first.saturating_add(STRETCH).min(head.0 + 1);
    let (mut next, mut found) = (first, None);
    while next < end {
        let most = usize::try_from(end - next).unwrap_or(usize::MAX);
        let records = journal.read(next.checked_sub(1).map(Position), most, BYTES_PER_READ)?;
        let Some(last) = records.last() else { break };
        next = last.position().0 + 1;
        let before = records.iter().rev().find(|record| record.time() <= instant);
        found = before.map(RawRecord::position).or(found);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use domain::ids::{ProjectId, SchemaVersion, TypeId};
    use domain::{Actor, Expected, Fingerprint, Ulid};
    use journal::{NewCommit, NewEvent, Options};

    use super::*;

    /// A log whose clock goes three steps forward and one back.
    fn log(events: u128) -> Journal {
        let ticks = AtomicI64::new(0);
        let clock = move || {
            let tick = ticks.fetch_add(1, Ordering::Relaxed);
            Timestamp::from_millis(1_000_000 + tick * 10 - (tick % 4) * 15)
        };
        let journal = Journal::memory(Options { clock: Arc::new(clock), ..Options::default() });
        for n in 0..events {
            let event = NewEvent { type_id: TypeId(100), schema_version: SchemaVersion(1), payload: vec![] };
            drop(journal.append(NewCommit {
                stream: ProjectId::from(Ulid(n)).into(),
                expected: Expected::Any,
                commit: Ulid(n + 1).into(),
                fingerprint: Fingerprint(0),
                actor: Actor::System,
                causation: None,
                correlation: None,
                project: None,
                occurred_at: None,
                events: vec![event],
            }));
            if n % 512 == 0 {
                journal.barrier().wait().unwrap();
            }
        }
        journal.barrier().wait().unwrap();
        journal
    }

    fn plainly(records: &[RawRecord], instant: i64, head: usize) -> Option<Position> {
        let early = |record: &&RawRecord| record.time().millis() <= instant;
        records[..=head].iter().rev().find(early).map(RawRecord::position)
    }

    #[test]
    fn an_instant_is_found_as_by_reading_everything() {
        let journal = log(20_000);
        let records = journal.read(None, usize::MAX, usize::MAX).unwrap();
        let shelf = Shelf::new(None);
        let fed = Times::default();
        fed.take(&records[..9_000]);
        fed.take(&records[12_000..]);
        let head = records.len() - 1;
        for place in (0..records.len()).step_by(617).chain([0, 8_191, 8_192, head]) {
            let time = records[place].time().millis();
            for instant in [time - 1, time, time + 7] {
                for head in [place, head] {
                    let at = Some(Position(head as u64));
                    let found = fed.last(&journal, Timestamp::from_millis(instant), at);
                    assert_eq!(found, Ok(plainly(&records, instant, head)), "{instant} as of {head}");
                }
            }
        }
        fed.store(&shelf, journal.identity());
        let loaded = Times::load(&shelf, journal.identity(), journal.watermark());
        assert_eq!(lock(&loaded.0).end, 20_000);
        let shorter = Times::load(&shelf, journal.identity(), Some(Position(7)));
        assert_eq!(lock(&shorter.0).end, 0, "of a longer log");
    }
}
