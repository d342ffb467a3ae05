//! The store's files as they lie on the disk: every checksum in them, whether the store still reads it or not.
//!
//! The layout is sled's: segments with a header of crc32, lsn and a second lsn; in them messages of crc32, kind,
//! length, number of the segment, page and body.

use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::sled::SEGMENT_LEN;

/// Bytes of a segment's header.
const SEGMENT_HEADER: usize = 20;
/// A message that would begin closer to a segment's end is not written.
const MAX_MESSAGE_HEADER: usize = 32;
const CAP: u8 = 2;
const LAST_KIND: u8 = 11;

/// What the files say about themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StoreScan {
    /// Messages whose checksum fits.
    pub(crate) messages: u64,
    /// Bytes of `db` that no checksum covers and nothing reads: what the last segment has behind the end of the log,
    /// where an earlier use of it or a crash leaves anything.
    pub(crate) behind: Range<u64>,
    /// What is altered.
    pub(crate) faults: Vec<String>,
}

impl StoreScan {
    /// What was looked at, in a sentence.
    pub(crate) fn note(&self) -> String {
        let (messages, behind) = (self.messages, self.behind.end - self.behind.start);
        format!(
            "the store's files were read as they lie: {messages} messages; {behind} bytes behind the end are not used"
        )
    }
}

/// Reads the files of the store in `folder`.
///
/// # Errors
/// Where they cannot be read.
pub(crate) fn scan(folder: &Path) -> io::Result<StoreScan> {
    let mut found = StoreScan::default();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let sound = match name.as_str() {
            "conf" => is_conf(&crate::whole::read(&path)?),
            name if name.starts_with("snap.") && !name.ends_with("generating") => {
                is_snapshot(&crate::whole::read(&path)?)
            }
            _ => true,
        };
        if !sound {
            found.faults.push(format!("`{name}` does not fit its checksum"));
        }
    }
    segments(&folder.join("db"), &mut found)?;
    Ok(found)
}

fn is_conf(bytes: &[u8]) -> bool {
    bytes.split_last_chunk::<4>().is_some_and(|(body, crc)| crc32fast::hash(body) == u32::from_le_bytes(*crc))
}

fn is_snapshot(bytes: &[u8]) -> bool {
    let Some((rest, crc)) = bytes.split_last_chunk::<4>() else { return false };
    let Some((body, length)) = rest.split_last_chunk::<8>() else { return false };
    crc32fast::hash(body) == u32::from_le_bytes(*crc) && u64::from_le_bytes(*length) == body.len() as u64
}

fn segments(path: &Path, found: &mut StoreScan) -> io::Result<()> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let starts: Vec<u64> = (0..length).step_by(SEGMENT_LEN).collect();
    let mut header = [0; SEGMENT_HEADER];
    let mut last = 0;
    for start in &starts {
        if length - start >= SEGMENT_HEADER as u64 {
            file.read_exact_at(&mut header, *start)?;
            last = last.max(lsn(&header).unwrap_or(0));
        }
    }
    let mut buffer = vec![0; SEGMENT_LEN];
    for start in starts {
        let filled =
            usize::try_from((length - start).min(SEGMENT_LEN as u64)).expect("it is at most a segment");
        file.read_exact_at(&mut buffer[..filled], start)?;
        segment(start, &buffer[..filled], last, found);
    }
    Ok(())
}

/// The place in the store's log that a segment begins at; `None` where its header does not fit its checksum.
fn lsn(bytes: &[u8]) -> Option<u64> {
    let crc = u32::from_le_bytes(bytes[..4].try_into().expect("four bytes")) ^ u32::MAX;
    let lsn = u64::from_le_bytes(bytes[4..12].try_into().expect("eight bytes")) ^ (u64::MAX >> 1);
    (crc32fast::hash(&bytes[4..SEGMENT_HEADER]) == crc).then_some(lsn)
}

fn segment(start: u64, bytes: &[u8], last: u64, found: &mut StoreScan) {
    if bytes.iter().all(|byte| *byte == 0) {
        return;
    }
    let Some(lsn) = bytes.get(..SEGMENT_HEADER).and_then(lsn) else {
        found.faults.push(format!("the segment at byte {start} of `db` does not fit its checksum"));
        return;
    };
    let number = lsn / SEGMENT_LEN as u64;
    let mut at = SEGMENT_HEADER;
    while at + MAX_MESSAGE_HEADER <= bytes.len() {
        match message(&bytes[at..], number) {
            Some((kind, length)) => {
                found.messages += 1;
                at += length;
                if kind == CAP {
                    break;
                }
            }
            None => return behind(start, at, bytes, number, lsn == last, found),
        }
    }
}

/// What stands where no message does: the end of the log in its last segment, else something altered.
fn behind(start: u64, at: usize, bytes: &[u8], number: u64, is_last: bool, found: &mut StoreScan) {
    let rest = &bytes[at..];
    // A message whose length still leads to a whole one was not the last.
    let goes_on = header(rest).is_some_and(|header| {
        let next = header.len + header.body;
        next <= rest.len() && header.kind != 0 && message(&rest[next..], number).is_some()
    });
    let place = start + at as u64;
    if !is_last || goes_on || is_one_bit_off(rest, number) {
        found.faults.push(format!("the message at byte {place} of `db` does not fit its checksum"));
    } else {
        found.behind = place..place + rest.len() as u64;
    }
}

/// Whether one other bit before its body makes a message of it: one in its length leads astray, and what a crash
/// leaves is none.
fn is_one_bit_off(bytes: &[u8], number: u64) -> bool {
    let Some(head) = bytes.first_chunk::<MAX_MESSAGE_HEADER>() else { return false };
    (0..head.len() * 8).any(|bit| {
        let mut other = *head;
        other[bit / 8] ^= 1 << (bit % 8);
        header(&other).is_some_and(|header| header.len > bit / 8 && fits(&header, &other, bytes, number))
    })
}

/// Kind and whole length of the message that begins `bytes`, if its checksum fits and it belongs to the segment.
fn message(bytes: &[u8], number: u64) -> Option<(u8, usize)> {
    let header = header(bytes)?;
    fits(&header, bytes, bytes, number).then_some((header.kind, header.len + header.body))
}

/// Whether a message with that header, as it stands in `head`, has its body in `bytes` and belongs to the segment.
fn fits(header: &Header, head: &[u8], bytes: &[u8], number: u64) -> bool {
    if header.number != number || !(1..=LAST_KIND).contains(&header.kind) {
        return false;
    }
    let end = header.len.checked_add(header.body);
    let Some(body) = end.and_then(|end| bytes.get(header.len..end)) else { return false };
    let mut crc = crc32fast::Hasher::new();
    crc.update(body);
    crc.update(&head[4..header.len]);
    crc.finalize() ^ u32::MAX == header.crc
}

struct Header {
    crc: u32,
    kind: u8,
    body: usize,
    number: u64,
    /// Its own bytes.
    len: usize,
}

fn header(bytes: &[u8]) -> Option<Header> {
    let (crc, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first()?;
    let (body, rest) = varint(rest)?;
    let (number, rest) = varint(rest)?;
    let (_page, rest) = varint(rest)?;
    let body = usize::try_from(body).ok()?;
    Some(Header { crc: u32::from_le_bytes(*crc), kind: *kind, body, number, len: bytes.len() - rest.len() })
}

/// A number as sled writes it, in 1 to 9 bytes.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (number, used) = match *first {
        first @ 0..=240 => (first.into(), 0),
        first @ 241..=248 => (240 + 256 * (u64::from(first) - 241) + u64::from(*rest.first()?), 1),
        249 => (2288 + 256 * u64::from(*rest.first()?) + u64::from(*rest.get(1)?), 2),
        first => {
            let used = usize::from(first) - 247;
            let mut number = [0; 8];
            number[..used].copy_from_slice(rest.get(..used)?);
            (u64::from_le_bytes(number), used)
        }
    };
    Some((number, &rest[used..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::kit::{commit, copy_folder, noise, open};
    use crate::{NewCommit, Options};

    /// A closed log over more than two segments.
    fn log() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let journal = open(dir.path());
        for id in 0..30 {
            let event = crate::tests::kit::event(&noise(id.try_into().unwrap(), 700_000));
            journal.append(NewCommit { events: vec![event], ..commit(1, id, 0) }).wait().unwrap();
        }
        for id in 100..1_000 {
            journal.wait_ready();
            drop(journal.append(commit(id % 9, id, 2)));
        }
        journal.close().unwrap();
        dir
    }

    #[test]
    fn a_log_that_was_closed_is_sound_and_nearly_all_of_it_is_covered() {
        let dir = log();
        let found = scan(&dir.path().join("log")).unwrap();
        assert_eq!(found.faults, [""; 0]);
        let length = fs::metadata(dir.path().join("log/db")).unwrap().len();
        assert!(found.messages > 100 && length > 2 * SEGMENT_LEN as u64, "{found:?}");
        assert!(found.behind.end - found.behind.start <= SEGMENT_LEN as u64, "{found:?} of {length}");
    }

    /// Where the messages of the last segment are: header, and end.
    fn last_messages(db: &[u8], behind: &Range<u64>) -> Vec<(Range<usize>, usize)> {
        let end = usize::try_from(behind.start).unwrap();
        let start = end - end % SEGMENT_LEN;
        let number = lsn(&db[start..]).unwrap() / SEGMENT_LEN as u64;
        let (mut at, mut all) = (start + SEGMENT_HEADER, Vec::new());
        while at < end {
            let (_, length) = message(&db[at..], number).unwrap();
            all.push((at..at + header(&db[at..]).unwrap().len, at + length));
            at += length;
        }
        assert_eq!(at, end);
        all
    }

    #[test]
    fn a_flipped_bit_anywhere_below_the_end_of_the_log_is_found() {
        let dir = log();
        let folder = dir.path().join("log");
        let behind = scan(&folder).unwrap().behind;
        let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        for path in names.into_iter().filter(|path| path.is_file()) {
            let good = fs::read(&path).unwrap();
            let mut unclaimed = 0..0;
            if path.ends_with("db") {
                let messages = last_messages(&good, &behind);
                let (header, end) = messages.last().unwrap();
                // The body of the very last message, which a crash may leave half written: the next test.
                unclaimed = header.end..*end;
            }
            for step in 0..60 {
                let bit = (good.len() * 8 - 1) * step / 59;
                let of_db = path.ends_with("db");
                if of_db && (behind.contains(&(bit as u64 / 8)) || unclaimed.contains(&(bit / 8))) {
                    continue;
                }
                let mut altered = good.clone();
                altered[bit / 8] ^= 1 << (bit % 8);
                fs::write(&path, &altered).unwrap();
                let found = scan(&folder).unwrap();
                assert!(!found.faults.is_empty(), "bit {bit} of {}: {found:?}", path.display());
            }
            fs::write(&path, good).unwrap();
        }
    }

    #[test]
    fn a_flipped_bit_in_the_body_of_the_last_message_is_found_or_costs_no_event() {
        let dir = log();
        let behind = scan(&dir.path().join("log")).unwrap().behind;
        let good = fs::read(dir.path().join("log/db")).unwrap();
        let read_only = || Options { read_only: true, scan_store: true, ..Options::default() };
        let copy = tempfile::tempdir().unwrap();
        copy_folder(dir.path(), copy.path());
        let whole = crate::Journal::open(copy.path(), read_only()).unwrap();
        assert!(whole.verify(|_| {}).is_sound(), "a copy as it is");
        let watermark = whole.watermark();
        drop(whole);
        let messages = last_messages(&good, &behind);
        let (header, end) = messages.last().unwrap();
        let body = header.end * 8..end * 8;
        assert!(!body.is_empty());
        for step in 0..8 {
            let bit = body.start + (body.len() - 1) * step / 7;
            let copy = tempfile::tempdir().unwrap();
            copy_folder(dir.path(), copy.path());
            let mut altered = good.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            fs::write(copy.path().join("log/db"), &altered).unwrap();
            // Refused at the start is found, too.
            let Ok(journal) = crate::Journal::open(copy.path(), read_only()) else { continue };
            let sound = journal.verify(|_| {}).is_sound();
            assert!(!sound || journal.watermark() == watermark, "bit {bit} took events and nobody saw it");
        }
    }

    #[test]
    fn a_flipped_bit_in_any_header_of_the_last_segment_is_found() {
        let dir = log();
        let folder = dir.path().join("log");
        let behind = scan(&folder).unwrap().behind;
        let db = File::options().read(true).write(true).open(folder.join("db")).unwrap();
        let good = fs::read(folder.join("db")).unwrap();
        let messages = last_messages(&good, &behind);
        let (first, last) = (messages.first().unwrap(), messages.last().unwrap());
        for (header, _) in [first, last] {
            for byte in header.clone() {
                for bit in 0..8 {
                    db.write_all_at(&[good[byte] ^ 1 << bit], byte as u64).unwrap();
                    let found = scan(&folder).unwrap();
                    assert!(!found.faults.is_empty(), "bit {bit} of {byte} in {header:?}: {found:?}");
                }
                db.write_all_at(&good[byte..=byte], byte as u64).unwrap();
            }
        }
        assert_eq!(scan(&folder).unwrap().faults, [""; 0]);
    }

    #[test]
    fn a_log_that_was_killed_or_reopened_has_no_fault() {
        let dir = log();
        for round in 0_u128..3 {
            let journal = open(dir.path());
            for id in 0..200 {
                drop(journal.append(commit(round, 10_000 * (round + 1) + id, 3)));
            }
            journal.barrier().wait().unwrap();
            let found = scan(&dir.path().join("log")).unwrap();
            assert_eq!(found.faults, [""; 0], "while it is open");
            journal.shared().index.abandon();
            journal.shared().tiles.signal.abandon();
            drop(journal);
            assert_eq!(scan(&dir.path().join("log")).unwrap().faults, [""; 0]);
        }
        let options = Options { read_only: true, scan_store: true, ..Options::default() };
        let report = crate::Journal::open(dir.path(), options).unwrap().verify(|_| {});
        assert!(report.is_sound(), "{report:?}");
    }
}
