//! The handle: submit, read, follow, close.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::ids::{CommitId, Position, StreamVersion};
use domain::{Fingerprint, StreamId};
use tokio::sync::watch;

use crate::answer::Answer;
use crate::block::Block;
use crate::commit::{NewCommit, Pending, Receipt, StreamHead};
use proof::{Hash, VerifyingKey};

use crate::error::{AppendError, CheckpointError, CloseError, OpenError, ReadError};
use crate::index;
use crate::options::{LogIdentity, Options};
use crate::record::RawRecord;
use crate::scan::Scan;
use crate::shared::Shared;
use crate::status::LogStatus;
use crate::store::Store;
use crate::store::memory::MemoryStore;
use crate::store::sled::SledStore;
use crate::tiles::{self, ProveError, Tiles};
use crate::verify::{self, Progress, VerifyOptions, VerifyReport};
use crate::{watchdog, writer};

/// How long the threads of a failed log are waited for, all together.
const FAILED_PATIENCE: Duration = Duration::from_secs(2);
/// Between two looks at a thread that is ending.
const PAUSE_MAX: Duration = Duration::from_millis(5);

/// An open log. Clones share it; the folder is released when the last one is dropped.
#[derive(Clone)]
pub struct Journal {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    watchdog: Mutex<Option<JoinHandle<()>>>,
}

impl Journal {
    /// Opens the log in the data folder `dir`, and creates both where they are missing.
    ///
    /// # Errors
    /// Where another process has it open, where events are missing from its end, or where it cannot be
    /// read; [`OpenError::hint`] says what to do. Nothing is ever cut off to make a log open.
    pub fn open(dir: &Path, options: Options) -> Result<Self, OpenError> {
        let store = SledStore::open(dir, &options)?;
        let tiles = tiles::open(dir, &store, options.read_only)?;
        Self::start(Box::new(store), tiles, options)
    }

    /// A log in memory: the same writer and the same contract, gone with the last clone.
    ///
    /// # Panics
    /// Where the system has no randomness or no thread left.
    #[must_use]
    pub fn memory(options: Options) -> Self {
        let store = MemoryStore::new((options.clock)());
        let tiles = tiles::in_memory(&store.identity());
        Self::start(Box::new(store), tiles, options)
            .expect("an empty log in memory has nothing that could be damaged")
    }

    pub(crate) fn start(store: Box<dyn Store>, tiles: Tiles, options: Options) -> Result<Self, OpenError> {
        let read_only = options.read_only;
        let shared = Arc::new(Shared::new(store, tiles, options)?);
        let threads = if read_only {
            Vec::new()
        } else {
            tiles::settle_keys(&shared)?;
            tiles::Tiler::begin(&shared).map_err(OpenError::io(Path::new("tiles")))?;
            vec![tiles::spawn(&shared), index::spawn(&shared), writer::spawn(&shared)]
        };
        let watchdog = (!read_only).then(|| watchdog::spawn(&shared));
        let (threads, watchdog) = (Mutex::new(threads), Mutex::new(watchdog));
        Ok(Self { inner: Arc::new(Inner { shared, threads, watchdog }) })
    }

    /// Submits a commit and returns at once; commits are taken in the order of submission.
    ///
    /// The answer comes when the commit is durable. Await [`Self::ready`] before submitting without
    /// waiting for answers, or the queue overflows.
    pub fn append(&self, commit: NewCommit) -> Pending {
        match self.submit(commit) {
            Ok(pending) => pending,
            Err(error) => Pending::failed(error),
        }
    }

    /// Commits on the calling thread, as part of a group with what others submitted; returns once it is
    /// durable. The shortest way for a thread that may wait, for as long as the disk takes: where the disk hangs,
    /// so does this thread. Not for async contexts.
    ///
    /// # Errors
    /// What [`AppendError`] lists.
    pub fn commit(&self, commit: NewCommit) -> Result<Receipt, AppendError> {
        let shared = &self.inner.shared;
        shared.check(&commit)?;
        let (answer, waiting) = Answer::to_thread(&shared.stage.bells);
        shared.queue.push_commit(commit, answer, false)?;
        shared.work(|| waiting.is_answered());
        waiting.wait()
    }

    /// Resolves when the queue is at most half full.
    pub async fn ready(&self) {
        self.shared().queue.ready().await;
    }

    /// As [`Self::ready`], on the calling thread. Not for async contexts.
    pub fn wait_ready(&self) {
        self.shared().queue.wait_ready();
    }

    /// Whether more than half of the queue is taken.
    #[must_use]
    pub fn is_crowded(&self) -> bool {
        self.shared().queue.is_crowded()
    }

    /// What is said to those for whom the queue has no room.
    #[must_use]
    pub fn overloaded(&self) -> AppendError {
        self.shared().queue.overloaded()
    }

    /// As [`Self::ready`], for at most `patience`. Needs a runtime with a timer.
    ///
    /// # Errors
    /// Where the queue stays more than half full: [`AppendError::Overloaded`].
    pub async fn ready_within(&self, patience: Duration) -> Result<(), AppendError> {
        let queue = &self.shared().queue;
        if !queue.is_crowded() {
            return Ok(());
        }
        tokio::time::timeout(patience, queue.ready()).await.map_err(|_| queue.overloaded())
    }

    /// Resolves to the watermark once everything submitted before is answered.
    pub fn barrier(&self) -> Pending<Option<Position>> {
        match self.submit_barrier() {
            Ok(pending) => pending,
            Err(error) => Pending::failed(error),
        }
    }

    /// The durable commit of that id, with its fingerprint.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn find_commit(&self, commit: CommitId) -> Result<Option<(Receipt, Fingerprint)>, ReadError> {
        self.shared().find_commit(commit)
    }

    /// The last durable event of a stream.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn stream_head(&self, stream: StreamId) -> Result<Option<StreamHead>, ReadError> {
        let tail = self.shared().index.stream(self.shared().store.as_ref(), stream)?;
        Ok(tail.map(|tail| tail.head()))
    }

    /// Up to `limit` durable events of a stream from version `from`, in order.
    ///
    /// # Errors
    /// Where the log cannot be read, or the stream's links are broken.
    pub fn read_stream(
        &self,
        stream: StreamId,
        from: StreamVersion,
        limit: usize,
    ) -> Result<Vec<RawRecord>, ReadError> {
        self.shared().read_stream(stream, from, limit)
    }

    /// Durable events after `after` (`None`: from the start), in order: at most `max_events`, and not
    /// more than `max_bytes` of them, but at least one. Empty at the watermark.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn read(
        &self,
        after: Option<Position>,
        max_events: usize,
        max_bytes: usize,
    ) -> Result<Vec<RawRecord>, ReadError> {
        self.shared().read(after, max_events, max_bytes)
    }

    /// Durable blocks from the one that holds the position after `after` (`None`: from the start), in order, decoded
    /// on every core: for whoever reads much of the log.
    #[must_use]
    pub fn scan(&self, after: Option<Position>) -> Scan {
        self.scan_into(after, |block| block)
    }

    /// As [`Self::scan`], with what `make` makes of each block, on every core too. Blocks of which it keeps records
    /// keep the room of their bodies.
    #[must_use]
    pub fn scan_into<T: Send + 'static>(
        &self,
        after: Option<Position>,
        make: impl Fn(Block) -> T + Send + Sync + 'static,
    ) -> Scan<T> {
        Scan::new(&self.inner.shared, after, make)
    }

    /// Stored blocks as they are, for [`crate::block::decode`], from the one that holds the position after
    /// `after`: at least one, and more up to `max_bytes`. The first may begin before. Empty at the watermark.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn read_blocks(&self, after: Option<Position>, max_bytes: usize) -> Result<Vec<Bytes>, ReadError> {
        self.shared().read_blocks(after, max_bytes)
    }

    /// The durable event at a position; `None` above the watermark.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn get(&self, position: Position) -> Result<Option<RawRecord>, ReadError> {
        self.shared().get(position)
    }

    /// The last signed checkpoint, a signed note as C2SP defines it; `None` before the first one. It covers all
    /// events but those of about the last second.
    #[must_use]
    pub fn checkpoint(&self) -> Option<String> {
        self.shared().tiles.signed().map(|signed| signed.note.clone())
    }

    /// Signs a checkpoint over everything that is durable now, and waits for it; gives it as [`Self::checkpoint`]
    /// does.
    ///
    /// # Errors
    /// Where tiles or checkpoint could not be written, or the log is closed or open for reading only.
    pub fn checkpoint_now(&self) -> Result<String, CheckpointError> {
        if self.shared().options.read_only {
            return Err(CheckpointError { reason: "the log is open for reading only".into() });
        }
        let signal = &self.shared().tiles.signal;
        signal.wait_answer(signal.ask()).map_err(|reason| CheckpointError { reason })?;
        Ok(self.checkpoint().expect("a checkpoint was just signed"))
    }

    /// As [`Self::checkpoint_now`], without waiting for it.
    pub fn request_checkpoint(&self) {
        self.shared().tiles.signal.ask();
    }

    /// The public half of the key that signs checkpoints, as `name+id+base64`; `None` where it is not there.
    #[must_use]
    pub fn verifying_key(&self) -> Option<VerifyingKey> {
        self.shared().tiles.verifying_key()
    }

    /// The file of the last signed tree at `path`, as C2SP tlog-tiles names it: `checkpoint`, `tile/…`,
    /// `tile/entries/…`, and `records/…` for a record too long for a bundle. `None` where the tree has no such file;
    /// a partial tile is given in any width up to that of the tree.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn tile(&self, path: &str) -> Result<Option<Bytes>, ProveError> {
        self.shared().tiles.file(path)
    }

    /// Proof that the event at `position` is in the tree of the first `size` events (RFC 6962, section 2.1.1).
    ///
    /// # Errors
    /// Where `position` is not below `size`, or `size` is above the last signed one.
    pub fn inclusion(&self, position: Position, size: u64) -> Result<Vec<Hash>, ProveError> {
        self.shared().tiles.inclusion(position, size)
    }

    /// Proof that the tree of the first `to` events extends that of the first `from` (RFC 6962, section 2.1.2).
    ///
    /// # Errors
    /// Where `from` is 0 or above `to`, or `to` is above the last signed size.
    pub fn consistency(&self, from: u64, to: u64) -> Result<Vec<Hash>, ProveError> {
        self.shared().tiles.consistency(from, to)
    }

    /// Root of the tree of the first `size` events.
    ///
    /// # Errors
    /// Where `size` is above the last signed one.
    pub fn root_at(&self, size: u64) -> Result<Hash, ProveError> {
        self.shared().tiles.root_at(size)
    }

    /// The last durable position; `None` while the log is empty.
    #[must_use]
    pub fn watermark(&self) -> Option<Position> {
        *self.shared().watermark.borrow()
    }

    /// Follows the watermark: changed whenever more is durable.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Option<Position>> {
        self.shared().watermark.subscribe()
    }

    /// Why the writer stopped, if it did: nothing is acknowledged until the log is opened again.
    #[must_use]
    pub fn poisoned(&self) -> Option<String> {
        self.shared().poisoned()
    }

    /// Resolves to the reason once the writer has stopped, which most logs never see. Holds nothing open; for a
    /// log that was closed in good order it never resolves.
    ///
    /// Whoever runs a process on this log should let it end then, without waiting for the log to close: a disk
    /// that fails may hang. The next opening recovers.
    pub fn failed(&self) -> impl Future<Output = String> + Send + use<> {
        let mut failure = self.shared().failure();
        async move {
            let reason = failure.wait_for(Option::is_some).await.ok().and_then(|reason| reason.clone());
            match reason {
                Some(reason) => reason,
                None => std::future::pending().await,
            }
        }
    }

    /// Which log this is.
    #[must_use]
    pub fn identity(&self) -> &LogIdentity {
        &self.shared().identity
    }

    /// What was remarkable at opening, such as a tree that has to be built anew.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.shared().notes
    }

    /// The state of the log.
    #[must_use]
    pub fn status(&self) -> LogStatus {
        self.shared().status()
    }

    /// Reads everything stored and checks it; `progress` is called about every ten thousand events.
    pub fn verify(&self, progress: impl FnMut(Progress)) -> VerifyReport {
        verify::verify(self.shared(), &VerifyOptions::default(), |_| {}, progress)
    }

    /// As [`Self::verify`], with keys and an earlier checkpoint from elsewhere; `visit` gets every record that can be
    /// read, in order.
    pub fn verify_with(
        &self,
        options: &VerifyOptions,
        visit: impl FnMut(&RawRecord),
        progress: impl FnMut(Progress),
    ) -> VerifyReport {
        verify::verify(self.shared(), options, visit, progress)
    }

    /// Checks one stream: its versions, links and chain, and that every event of it is in the signed tree. That no
    /// event was left out at its end shows only when the whole log is verified.
    pub fn verify_stream(
        &self,
        stream: StreamId,
        options: &VerifyOptions,
        visit: impl FnMut(&RawRecord),
    ) -> VerifyReport {
        verify::verify_stream(self.shared(), stream, options, visit)
    }

    /// Takes no more commits, finishes those submitted, and writes indexes and a last checkpoint. Reads go on.
    ///
    /// # Errors
    /// Where the writer had stopped, or where indexes or tiles could not be written.
    pub fn close(&self) -> Result<(), CloseError> {
        self.inner.stop();
        let shared = self.shared();
        if let Some(reason) = shared.poisoned() {
            return Err(CloseError::Poisoned { reason });
        }
        let behind = shared.index.failure().or_else(|| shared.tiles.failing());
        behind.map_or(Ok(()), |reason| Err(CloseError::Behind { reason }))
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.inner.shared
    }
}

impl Inner {
    /// Waits for a thread; for those of a failed log only so long.
    fn ends(&self, thread: &JoinHandle<()>, failed: &mut Option<Instant>) -> bool {
        let mut pause = Duration::from_micros(50);
        while !thread.is_finished() {
            if self.shared.poisoned().is_some() {
                let since = failed.get_or_insert_with(Instant::now);
                if since.elapsed() > FAILED_PATIENCE {
                    return false;
                }
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(PAUSE_MAX);
        }
        true
    }

    fn stop(&self) {
        self.shared.queue.close();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        // The writer is last in the list and ends first: the other threads then have all there is to write.
        let mut failed = None;
        for thread in threads.into_iter().rev() {
            if !self.ends(&thread, &mut failed) {
                // It hangs inside the storage engine, and holds the log for as long as it does.
                continue;
            }
            if thread.join().is_err() {
                self.shared.poison("a thread of the log panicked");
            }
            self.shared.index.finish();
            self.shared.tiles.signal.finish();
        }
        self.shared.leash.end();
        if let Some(watchdog) = self.watchdog.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Nothing depends on it any more.
            let _ = watchdog.join();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Journal({}, {:?})", self.identity().log_id, self.watermark())
    }
}

impl Journal {
    fn submit(&self, commit: NewCommit) -> Result<Pending, AppendError> {
        let shared = &self.inner.shared;
        shared.check(&commit)?;
        let (sender, answer) = tokio::sync::oneshot::channel();
        shared.queue.push_commit(commit, Answer::to_task(sender), true)?;
        Ok(Pending::new(answer, Arc::downgrade(shared)))
    }
    fn submit_barrier(&self) -> Result<Pending<Option<Position>>, AppendError> {
        let shared = &self.inner.shared;
        if shared.options.read_only {
            return Err(AppendError::ReadOnly);
        }
        let (sender, answer) = tokio::sync::oneshot::channel();
        shared.queue.push_barrier(Answer::to_task(sender))?;
        Ok(Pending::new(answer, Arc::downgrade(shared)))
    }
}

impl Shared {
    fn check(&self, commit: &NewCommit) -> Result<(), AppendError> {
        let (actual, events) = (commit.stored_len(), commit.events.len());
        if self.options.read_only {
            return Err(AppendError::ReadOnly);
        }
        if events == 0 {
            return Err(AppendError::Empty);
        }
        if events > usize::from(u16::MAX) {
            return Err(AppendError::TooMany { limit: u16::MAX.into(), actual: events });
        }
        if actual > crate::MAX_COMMIT_BYTES {
            return Err(AppendError::TooLarge { limit: crate::MAX_COMMIT_BYTES, actual });
        }
        match self.poisoned() {
            Some(reason) => Err(AppendError::Poisoned { reason }),
            None => Ok(()),
        }
    }
}
