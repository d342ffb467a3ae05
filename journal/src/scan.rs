//! The log from one position to another, in order, decoded on every core.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;

use domain::ids::Position;

use crate::block::{self, Block};
use crate::error::ReadError;
use crate::rooms::Rooms;
use crate::shared::Shared;

/// Positions that one thread fetches and decodes at a time.
const STEP: u64 = 8192;
/// Stored bytes that are fetched at once.
const FETCH_BYTES: usize = 256 << 10;
/// Stored bytes of one step that are decoded ahead; what is left of a step of large events comes when it is its turn.
const AHEAD_BYTES: usize = 4 << 20;
/// Threads beside the one that asks: more than these wait for the store.
const HELPERS_MAX: usize = 3;
/// Decoded parts that may wait for whoever asks, for each helper.
const PARTS_WAITING: usize = 2;

/// What is made of blocks, in order, each decoded and checked. The first may begin before what was asked for, the last
/// may go on after the end that the log had when the scan began. Ends at the first error. Leaves the cache of blocks
/// alone.
pub struct Scan<T = Block> {
    work: Arc<Work<T>>,
    decoded: Receiver<Step<T>>,
    helpers: Vec<JoinHandle<()>>,
    /// Parts whose turn has not come, by the number of their step.
    early: BTreeMap<u64, Result<Part<T>, ReadError>>,
    /// The step whose turn it is.
    wanted: u64,
    current: VecDeque<Made<T>>,
    /// What the step at hand still has.
    rest: Option<Range<u64>>,
    /// The position after the last block that was given.
    reached: u64,
    ended: bool,
}

/// The number of a step, and its first part.
type Step<T> = (u64, Result<Part<T>, ReadError>);

/// What is left to do.
struct Work<T> {
    shared: Arc<Shared>,
    rooms: Arc<Rooms>,
    make: Box<dyn Fn(Block) -> T + Send + Sync>,
    start: u64,
    end: u64,
    /// Steps handed out.
    steps: AtomicU64,
    stopped: AtomicBool,
}

/// Blocks that begin in one step, and where the others do.
struct Part<T> {
    blocks: Vec<Made<T>>,
    rest: Option<Range<u64>>,
}

/// What was made of a block, and the positions that it had.
struct Made<T> {
    positions: Range<u64>,
    it: T,
}

impl<T: Send + 'static> Scan<T> {
    pub(crate) fn new(
        shared: &Arc<Shared>,
        after: Option<Position>,
        make: impl Fn(Block) -> T + Send + Sync + 'static,
    ) -> Self {
        let start = after.map_or(0, |after| after.0.saturating_add(1));
        let end = shared.watermark.borrow().map_or(0, |last| last.0 + 1);
        let (steps, stopped) = (AtomicU64::new(0), AtomicBool::new(false));
        let (shared, rooms, make) = (Arc::clone(shared), Arc::default(), Box::new(make));
        let work = Arc::new(Work { shared, rooms, make, start, end, steps, stopped });
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let wanted = end.saturating_sub(start) / STEP;
        let helpers =
            cores.saturating_sub(1).min(HELPERS_MAX).min(usize::try_from(wanted).unwrap_or(usize::MAX));
        let (sender, decoded) = sync_channel(PARTS_WAITING * helpers.max(1));
        // Where the system has no thread left, the calling one does it all.
        let helpers = (0..helpers).filter_map(|_| help(&work, &sender).ok()).collect();
        Self {
            work,
            decoded,
            helpers,
            early: BTreeMap::new(),
            wanted: 0,
            current: VecDeque::new(),
            rest: None,
            reached: start,
            ended: false,
        }
    }

    /// The part whose turn it is; decoded here where no helper has it ready.
    fn part(&mut self) -> Option<Result<Part<T>, ReadError>> {
        if let Some(rest) = self.rest.take() {
            return Some(self.work.part(rest));
        }
        loop {
            if let Some(part) = self.early.remove(&self.wanted) {
                self.wanted += 1;
                return Some(part);
            }
            let got = match self.decoded.try_recv() {
                Ok(got) => Some(got),
                Err(TryRecvError::Empty) => self.work.step().or_else(|| self.decoded.recv().ok()),
                Err(TryRecvError::Disconnected) => self.work.step(),
            };
            let (step, part) = got?;
            self.early.insert(step, part);
        }
    }

    fn fail(&mut self, error: ReadError) -> Option<Result<T, ReadError>> {
        self.ended = true;
        self.work.stopped.store(true, Ordering::Relaxed);
        Some(Err(error))
    }

    /// The block, if it goes on where the one before it ended; the first one holds where the scan starts.
    fn follows(&self, block: &Made<T>) -> bool {
        if self.reached == self.work.start {
            return block.positions.contains(&self.reached);
        }
        block.positions.start == self.reached
    }
}

impl<T: Send + 'static> Iterator for Scan<T> {
    type Item = Result<T, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let missing = ReadError::Missing { position: Position(self.reached) };
        while self.current.is_empty() {
            match self.part() {
                Some(Ok(part)) => {
                    self.current.extend(part.blocks);
                    self.rest = part.rest;
                }
                Some(Err(error)) => return self.fail(error),
                None if self.reached < self.work.end => return self.fail(missing),
                None => return None,
            }
        }
        let block = self.current.pop_front()?;
        if !self.follows(&block) {
            return self.fail(missing);
        }
        self.reached = block.positions.end;
        Some(Ok(block.it))
    }
}

impl<T> Drop for Scan<T> {
    fn drop(&mut self) {
        self.work.stopped.store(true, Ordering::Relaxed);
        // A helper that waits for room finds that nobody wants it.
        let (_, closed) = sync_channel(0);
        drop(std::mem::replace(&mut self.decoded, closed));
        for helper in self.helpers.drain(..) {
            // Of one that panicked a step is missing, and the scan has ended there with an error.
            let _ = helper.join();
        }
    }
}

fn help<T: Send + 'static>(work: &Arc<Work<T>>, sender: &SyncSender<Step<T>>) -> io::Result<JoinHandle<()>> {
    let (work, sender) = (Arc::clone(work), sender.clone());
    let run = move || {
        while let Some(step) = work.step() {
            if sender.send(step).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("journal-scan".to_owned()).spawn(run)
}

impl<T> Work<T> {
    /// The next step and its first part; `None` at the end.
    fn step(&self) -> Option<Step<T>> {
        let step = self.steps.fetch_add(1, Ordering::Relaxed);
        let from = step.checked_mul(STEP).and_then(|offset| self.start.checked_add(offset));
        let from = from.filter(|from| *from < self.end && !self.stopped.load(Ordering::Relaxed))?;
        Some((step, self.part(from..from.saturating_add(STEP))))
    }

    /// Decodes the blocks that begin in `range`, and the one that the scan starts in; not more than wait well.
    fn part(&self, range: Range<u64>) -> Result<Part<T>, ReadError> {
        let store = &self.shared.store;
        let is_start = range.start == self.start;
        let first = if is_start { store.floor(range.start)? } else { store.ceiling(range.start)? };
        let (mut blocks, mut bytes) = (Vec::new(), 0);
        let mut fetched = VecDeque::from_iter(first);
        while let Some(stored) = fetched.pop_front() {
            if stored.first >= range.end {
                break;
            }
            bytes += stored.bytes.len();
            let position = Position(stored.first);
            let block = block::decode_in(stored.bytes, &self.rooms)
                .map_err(|source| ReadError::Block { position, source })?;
            let (positions, next) = (block.first().0..block.end(), block.end());
            blocks.push(Made { positions, it: (self.make)(block) });
            if next >= range.end.min(self.end) {
                break;
            }
            if bytes >= AHEAD_BYTES {
                return Ok(Part { blocks, rest: Some(next..range.end) });
            }
            if fetched.is_empty() {
                fetched.extend(store.following(next, FETCH_BYTES)?);
            }
        }
        Ok(Part { blocks, rest: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::kit::{commit, open};
    use crate::{Journal, Options};

    fn positions(journal: &Journal, after: Option<Position>) -> Vec<u64> {
        let blocks = journal.scan(after).map(Result::unwrap);
        blocks
            .flat_map(|block| block.records().map(|record| record.position().0).collect::<Vec<_>>())
            .collect()
    }

    fn fill(journal: &Journal, ids: std::ops::Range<u128>) {
        for id in ids {
            journal.wait_ready();
            drop(journal.append(commit(id % 7, id, 3)));
        }
        journal.barrier().wait().unwrap();
    }

    #[test]
    fn every_event_comes_once_and_in_order_from_any_position() {
        let dir = tempfile::tempdir().unwrap();
        let journal = open(dir.path());
        assert!(positions(&journal, None).is_empty());
        fill(&journal, 0..20_000);
        let end = journal.watermark().unwrap().0 + 1;
        assert_eq!(positions(&journal, None), (0..end).collect::<Vec<_>>());
        for after in [0, 1, 99, end / 2, end - 2] {
            let found = positions(&journal, Some(Position(after)));
            assert!(found[0] <= after + 1, "the block that holds it comes first");
            assert_eq!(found, (found[0]..end).collect::<Vec<_>>());
        }
        assert!(positions(&journal, Some(Position(end - 1))).is_empty());
        assert!(positions(&journal, Some(Position(u64::MAX))).is_empty());
    }

    #[test]
    fn large_events_come_in_parts() {
        let journal = Journal::memory(Options::default());
        for id in 0..200 {
            let payload = crate::tests::kit::noise(id + 1, 100_000);
            let events = vec![crate::tests::kit::event(&payload)];
            journal.append(crate::NewCommit { events, ..commit(1, id.into(), 0) }).wait().unwrap();
        }
        assert_eq!(positions(&journal, None), (0..200).collect::<Vec<_>>());
        let part = journal.scan(None).work.part(0..STEP).unwrap();
        assert!(part.rest.is_some() && part.blocks.len() < 100);
    }

    #[test]
    fn a_scan_that_is_dropped_early_leaves_no_thread_behind() {
        let journal = Journal::memory(Options::default());
        fill(&journal, 0..20_000);
        for count in [0, 1, 5] {
            let scan = journal.scan(None);
            let work = Arc::clone(&scan.work);
            assert_eq!(scan.take(count).count(), count);
            assert_eq!(Arc::strong_count(&work), 1);
        }
    }

    #[test]
    fn a_damaged_block_ends_the_scan_where_it_stands() {
        let dir = tempfile::tempdir().unwrap();
        let journal = open(dir.path());
        fill(&journal, 0..9_000);
        journal.close().unwrap();
        drop(journal);
        let first = {
            let db = sled::Config::new().path(dir.path().join("log")).segment_size(8 << 20).open().unwrap();
            let tree = db.open_tree("log").unwrap();
            let (key, value) = tree.iter().nth(20).unwrap().unwrap();
            let mut altered = value.to_vec();
            altered[100] ^= 1;
            tree.insert(&key, altered).unwrap();
            db.flush().unwrap();
            u64::from_be_bytes(key[..8].try_into().unwrap())
        };
        let options = Options { read_only: true, ..Options::default() };
        let journal = Journal::open(dir.path(), options).unwrap();
        let found: Vec<_> = journal.scan(None).collect();
        let (last, whole) = found.split_last().unwrap();
        assert!(matches!(last, Err(ReadError::Block { position, .. }) if position.0 == first), "{first}");
        assert!(whole.iter().all(Result::is_ok));
        assert!(whole.last().is_none_or(|block| block.as_ref().unwrap().end() <= first), "{first}");
    }
}
