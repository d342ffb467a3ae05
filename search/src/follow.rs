//! The thread that keeps the index behind the durable head. Nobody who writes to the log ever waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use domain::ids::Position;
use domain::{Actor, Event, Recorded, sealed_text};
use journal::{Journal, RawRecord};
use projections::Documents;
use tantivy::Term;
use tokio::sync::{oneshot, watch};

use crate::Whose;
use crate::calm::{Calm, GATHER};
use crate::index::{Fields, IndexError, Stamp, Store, actor_key, reason};

const EVENTS_PER_BATCH: usize = 4096;
const BYTES_PER_BATCH: usize = 8 << 20;
/// How long what was added may wait until it can be found: at the head, and while the log is far ahead.
const COMMIT_EVERY: Duration = Duration::from_secs(1);
const COMMIT_EVERY_BEHIND: Duration = Duration::from_secs(10);
/// How far ahead the log is then.
const FAR_BEHIND: u64 = 100_000;
/// After so long an index that failed is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(5);
/// An index that failed so often in a row is made anew.
const FAILURES_MAX: u32 = 3;

/// What readers see of the index: set when it is open.
pub(crate) struct Open {
    pub(crate) reader: tantivy::IndexReader,
    pub(crate) fields: Fields,
}

/// How far the index has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Progress {
    /// Last event that can be found.
    pub(crate) position: Option<Position>,
    /// Whether there is an index.
    pub(crate) open: bool,
    /// Why it stands still, if it does.
    pub(crate) fault: Option<String>,
}

/// Whose documents are to be taken out, and who waits for it.
type Asked = (Whose, oneshot::Sender<()>);

/// What the thread and readers share.
pub(crate) struct Shared {
    pub(crate) journal: Journal,
    pub(crate) documents: Documents,
    pub(crate) open: RwLock<Option<Arc<Open>>>,
    pub(crate) progress: watch::Sender<Progress>,
    /// Highest position that somebody waits for, plus one.
    wanted: AtomicU64,
    /// What is to be taken out; none once nobody does it any more.
    forget: Mutex<Option<Vec<Asked>>>,
    wake: watch::Sender<()>,
    stop: AtomicBool,
    /// Set by a reader to whom the index looked damaged.
    distrusted: AtomicBool,
    dir: Option<PathBuf>,
}

/// Why following ended for now.
enum Ended {
    Stopped,
    Failed(IndexError),
    /// The log cannot be read: nothing that could be made anew.
    Log(String),
}

impl From<IndexError> for Ended {
    fn from(error: IndexError) -> Self {
        Self::Failed(error)
    }
}

impl Shared {
    pub(crate) fn new(journal: Journal, dir: Option<PathBuf>) -> Self {
        Self {
            journal,
            documents: Documents::new(),
            open: RwLock::new(None),
            progress: watch::Sender::new(Progress::default()),
            wanted: AtomicU64::new(0),
            forget: Mutex::new(Some(Vec::new())),
            wake: watch::Sender::new(()),
            stop: AtomicBool::new(false),
            distrusted: AtomicBool::new(false),
            dir,
        }
    }
    /// Asks that `position` can be found soon; what is not in the log yet hastens nothing.
    pub(crate) fn want(&self, position: Position) {
        if Some(position) > self.journal.watermark() {
            return;
        }
        self.wanted.fetch_max(position.0.saturating_add(1), Ordering::AcqRel);
        self.wake.send_replace(());
    }
    /// Asks that documents be taken out.
    pub(crate) fn forget(&self, whose: Whose) -> oneshot::Receiver<()> {
        let (done, told) = oneshot::channel();
        if let Some(asked) = &mut *self.forget.lock().unwrap_or_else(PoisonError::into_inner) {
            asked.push((whose, done));
        }
        self.wake.send_replace(());
        told
    }
    /// Asks for an index that can be trusted.
    pub(crate) fn distrust(&self) {
        self.distrusted.store(true, Ordering::Release);
        self.wake.send_replace(());
    }
    /// Asks the thread to end.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        self.wake.send_replace(());
    }
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Follows until it is stopped; whatever goes wrong with the index is mended here.
    pub(crate) fn run(&self) {
        yield_to_others();
        self.keep_following();
        *self.forget.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn keep_following(&self) {
        let waiting = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let Ok(waiting) = waiting else { return self.stand_still("the system has no timer left") };
        let mut failures = 0;
        while !self.stopped() {
            let before = self.progress.borrow().position;
            let followed = catch_unwind(AssertUnwindSafe(|| self.follow(&waiting)));
            // Nobody searches in what is about to be replaced.
            *self.open.write().unwrap_or_else(PoisonError::into_inner) = None;
            let why = match followed {
                Ok(Ended::Stopped) => return,
                Ok(Ended::Log(why)) => return self.stand_still(&why),
                Ok(Ended::Failed(error)) => reason(&error),
                Err(_) => "the index panicked".to_owned(),
            };
            let advanced = self.progress.borrow().position > before;
            failures = if advanced { 1 } else { failures + 1 };
            tracing::error!(reason = why, failures, "search index failed");
            let distrusted = self.distrusted.swap(false, Ordering::AcqRel);
            if distrusted || failures >= FAILURES_MAX {
                self.remove();
            }
            let fault = (!distrusted).then_some(why);
            self.progress.send_replace(Progress { position: None, open: false, fault });
            if !distrusted {
                self.pause(&waiting, RETRY_AFTER);
            }
        }
    }

    fn stand_still(&self, why: &str) {
        tracing::error!(reason = why, "search index stands still");
        self.progress.send_modify(|progress| progress.fault = Some(why.to_owned()));
    }

    fn remove(&self) {
        if let Some(dir) = &self.dir
            && let Err(error) = std::fs::remove_dir_all(dir)
        {
            tracing::warn!(%error, path = %dir.display(), "search index could not be removed");
        }
    }

    fn pause(&self, waiting: &tokio::runtime::Runtime, length: Duration) {
        let mut wake = self.wake.subscribe();
        let until = Instant::now() + length;
        while !self.stopped() && Instant::now() < until {
            let left = until.saturating_duration_since(Instant::now());
            let _ = waiting.block_on(async { tokio::time::timeout(left, wake.changed()).await });
        }
    }

    /// One loop for building and for following: over `(cursor, watermark]`.
    fn follow(&self, waiting: &tokio::runtime::Runtime) -> Ended {
        match self.follow_with(waiting) {
            Ok(()) => Ended::Stopped,
            Err(ended) => ended,
        }
    }

    fn follow_with(&self, waiting: &tokio::runtime::Runtime) -> Result<(), Ended> {
        let identity = self.journal.identity();
        let stamp = Stamp::new(&self.documents, identity.log_id, identity.epoch);
        let mut store = Store::open(self.dir.as_deref(), stamp, self.journal.watermark())?;
        let open = Open { reader: store.reader.clone(), fields: store.fields };
        *self.open.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(open));
        let mut cursor = store.position();
        self.progress.send_replace(Progress { position: cursor, open: true, fault: None });
        let (mut watermark, mut wake) = (self.journal.subscribe(), self.wake.subscribe());
        let mut added_since: Option<Instant> = None;
        let mut calm = Calm::default();
        loop {
            let head = *watermark.borrow_and_update();
            wake.borrow_and_update();
            // The log's own reserve is not for the index.
            let full = self.journal.status().space.is_some_and(|space| space.full);
            self.tell_of_space(full);
            let hurry = self.wanted.load(Ordering::Acquire) > next(cursor);
            let postponed = calm.postpones(next(cursor), next(head), Instant::now()) && !hurry;
            if cursor < head && !full && !postponed {
                cursor = Some(self.add_batch(&store, cursor)?);
                added_since.get_or_insert_with(Instant::now);
            }
            // A batch may go beyond what was the head when it began.
            let behind = next(head).saturating_sub(next(cursor));
            let every = if behind > FAR_BEHIND { COMMIT_EVERY_BEHIND } else { COMMIT_EVERY };
            let forgotten = self.forget_asked(&store);
            let wanted = self.wanted.load(Ordering::Acquire);
            let awaited = cursor.is_some_and(|cursor| cursor.0 + 1 >= wanted)
                && store.position().is_none_or(|at| at.0 + 1 < wanted);
            let due = added_since.is_some_and(|since| since.elapsed() >= every || awaited);
            if due || !forgotten.is_empty() || (self.stopped() && added_since.is_some()) {
                store.commit(cursor)?;
                added_since = None;
                self.progress.send_modify(|progress| progress.position = cursor);
                // Whoever asked may have gone.
                for done in forgotten {
                    let _ = done.send(());
                }
            }
            if self.stopped() {
                return Ok(());
            }
            if self.distrusted.load(Ordering::Acquire) {
                return Err(IndexError::Unfit("a search found it damaged".into()).into());
            }
            if cursor >= head || full || postponed {
                let rest = added_since.map(|since| every.saturating_sub(since.elapsed()));
                let soon = rest.unwrap_or(GATHER).min(GATHER);
                let rest = if postponed { Some(soon) } else { rest.or(full.then_some(RETRY_AFTER)) };
                let gather = if hurry { Duration::ZERO } else { soon };
                waiting.block_on(woken(&mut watermark, &mut wake, rest, gather));
            }
        }
    }

    /// Says why the index stands still while the disk is full, and no longer.
    fn tell_of_space(&self, full: bool) {
        if self.progress.borrow().fault.is_some() != full {
            let fault = full.then(|| "the disk is full".to_owned());
            self.progress.send_modify(|progress| progress.fault = fault);
        }
    }

    fn add_batch(&self, store: &Store, cursor: Option<Position>) -> Result<Position, Ended> {
        let records = self.journal.read(cursor, EVENTS_PER_BATCH, BYTES_PER_BATCH);
        let records = records.map_err(|error| Ended::Log(reason(&error)))?;
        for record in &records {
            // What cannot be read cannot be found; the views and `verify` say so.
            let Some(recorded) = decode(record) else { continue };
            if let Some(document) = self.documents.of(&recorded) {
                store.add(&recorded, &document)?;
            }
        }
        let last = records.last().map(RawRecord::position);
        last.ok_or_else(|| Ended::Log("the log ends before its head".to_owned()))
    }

    /// Takes out what was asked for; the senders wait for the commit.
    fn forget_asked(&self, store: &Store) -> Vec<oneshot::Sender<()>> {
        let mut list = self.forget.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = list.as_mut().map(std::mem::take).unwrap_or_default();
        drop(list);
        let delete = |(whose, done)| {
            store.delete(match whose {
                Whose::Project(id) => Term::from_field_text(store.fields.project, &id.to_string()),
                Whose::Person(id) => Term::from_field_bytes(store.fields.actor, &actor_key(Actor::User(id))),
            });
            done
        };
        asked.into_iter().map(delete).collect()
    }
}

/// The first position that comes after.
fn next(position: Option<Position>) -> u64 {
    position.map_or(0, |position| position.0.saturating_add(1))
}

/// Resolves when there is something to do, and no later than after `rest`; not before `gather` is over where only the
/// log has moved.
async fn woken(
    watermark: &mut watch::Receiver<Option<Position>>,
    wake: &mut watch::Receiver<()>,
    rest: Option<Duration>,
    gather: Duration,
) {
    let rest = async {
        match rest {
            Some(rest) => tokio::time::sleep(rest).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        // The log is closed: what is left is to be told to stop.
        changed = watermark.changed() => match changed {
            Err(_) => drop(wake.changed().await),
            Ok(()) => drop(tokio::time::timeout(gather, wake.changed()).await),
        },
        _ = wake.changed() => {}
        () = rest => {}
    }
}

/// The event in a record, where this build knows it.
pub(crate) fn decode(record: &RawRecord) -> Option<Recorded> {
    let meta = record.meta().ok()?;
    let event = Event::decode(meta.stream.category, meta.type_id, meta.schema_version, record.payload());
    let mut event = event.ok()?;
    // What is sealed can be erased, and the index never holds it.
    event.prose(&mut |text| {
        if text.starts_with(sealed_text::PREFIX) {
            text.clear();
        }
    });
    Some(Recorded { meta, event })
}

/// Whoever waits for an answer goes first: this thread and those that the index starts from it take what is left.
fn yield_to_others() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, 10) {
        tracing::debug!(%error, "the search thread runs at the usual priority");
    }
}
