//! The one writer: makes a group durable, and only then shows it and answers.
//!
//! Writing is a role that one thread has at a time: a thread of the journal, or one that waits for its commit
//! and has nothing better to do. While it waits for the disk, others make the next group.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use domain::ids::Position;

use super::answer::{Answer, Bells};
use super::group::Draft;
use super::queue::Request;
use super::shared::Shared;
use super::sync::thread::{self, JoinHandle};
use super::sync::{Arc, Lull, Mutex, MutexGuard, PoisonError, TryLockError};
use crate::block::Block;
use crate::commit::Receipt;
use crate::error::AppendError;
use crate::index::Entries;
use crate::options::Fence;
use crate::store::{StoreError, StoredBlock};

/// The group in the making, and the role of writing.
pub(crate) struct Stage {
    pub(crate) bells: Arc<Bells>,
    draft: Mutex<Draft>,
    role: Mutex<()>,
}

/// A group that is written, but that a power cut could still take back.
struct Appended {
    stored: Stored,
    started: Instant,
}

/// A group that is durable: only this can be shown or answered with success.
struct Committed(Stored);

/// What a group leaves in the log.
pub(crate) struct Stored {
    pub(crate) blocks: Vec<(Block, StoredBlock)>,
    pub(crate) index: Entries,
    pub(crate) next: u64,
}

/// The answers of a group, withheld until it is durable.
#[derive(Default)]
pub(crate) struct Answers {
    pub(crate) commits: Vec<(Answer<Receipt>, Result<Receipt, AppendError>)>,
    pub(crate) barriers: Vec<Answer<Option<Position>>>,
    /// Which bell tells their end: that of every other group.
    pub(crate) bell: u8,
}

/// Starts the thread that writes for those that do not write themselves.
pub(crate) fn spawn(shared: &Arc<Shared>) -> JoinHandle<()> {
    let shared = Arc::clone(shared);
    let run = move || {
        let mut lull = Lull::new();
        loop {
            let more = shared.queue.wait(&mut lull);
            // Also at the end: then nothing is under way any more.
            let role = shared.stage.role.lock().unwrap_or_else(PoisonError::into_inner);
            shared.write(role, || false);
            if !more {
                return;
            }
        }
    };
    let name = "journal-writer".to_owned();
    thread::Builder::new().name(name).spawn(run).expect("the system has a thread left")
}

impl Stage {
    pub(crate) fn new(end: u64, fence: Option<Fence>) -> Self {
        Self { bells: Arc::default(), draft: Mutex::new(Draft::new(end, fence)), role: Mutex::new(()) }
    }
    fn draft(&self) -> MutexGuard<'_, Draft> {
        // A panic while it was held has poisoned the writer: what is in it is never written.
        self.draft.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// Writes on the calling thread until `done`, as long as nobody else does: the calling thread waits for
    /// something that was submitted before.
    pub(crate) fn work(&self, done: impl FnMut() -> bool) {
        drop(self.absorbed());
        match self.stage.role.try_lock() {
            Ok(role) => self.write(role, done),
            Err(TryLockError::Poisoned(role)) => self.write(role.into_inner(), done),
            // Whoever writes gives the role back only while nothing waits in the draft.
            Err(TryLockError::WouldBlock) => {}
        }
    }

    /// Makes the next group on the calling thread, which has nothing better to do, and leaves the writing of it
    /// to the writer: a disk that hangs does not hold this thread.
    pub(crate) fn help(&self) {
        drop(self.absorbed());
        // Whoever writes gives the role back only while nothing waits in the draft.
        if !matches!(self.stage.role.try_lock(), Err(TryLockError::WouldBlock)) {
            self.queue.poke();
        }
    }

    /// The draft with everything that waited.
    fn absorbed(&self) -> MutexGuard<'_, Draft> {
        let mut draft = self.stage.draft();
        // A panic of the storage engine must fail the commits and not leave them without an answer.
        let absorbed = catch_unwind(AssertUnwindSafe(|| draft.absorb(self)));
        if absorbed.is_err() {
            self.poison("the storage engine panicked");
        }
        draft
    }

    /// Writes groups until `done`, or until nothing waits.
    fn write(&self, role: MutexGuard<'_, ()>, mut done: impl FnMut() -> bool) {
        loop {
            let mut draft = self.absorbed();
            if draft.is_empty() {
                // Given back while nobody can add to the draft: who adds then finds the role free.
                drop(role);
                return;
            }
            if done() {
                drop(role);
                drop(draft);
                return self.queue.poke();
            }
            let taken = draft.take();
            drop(draft);
            if let Some((stored, answers)) = taken {
                let written = catch_unwind(AssertUnwindSafe(|| self.write_group(stored, answers)));
                if written.is_err() {
                    let reason = "the storage engine panicked";
                    self.poison(reason);
                    if let Some(answers) = self.in_flight.end() {
                        answers.fail(reason, &self.stage.bells);
                    }
                }
            }
        }
    }

    fn write_group(&self, stored: Stored, answers: Answers) {
        if let Some(reason) = self.poisoned() {
            // What was taken in before the writer stopped must not be written after.
            return answers.fail(&reason, &self.stage.bells);
        }
        if stored.blocks.is_empty() {
            return answers.send(*self.watermark.borrow(), &self.stage.bells);
        }
        self.in_flight.begin(answers);
        let committed = self.append(stored).and_then(|appended| self.sync(appended));
        if self.in_flight.is_answered() {
            return;
        }
        let result = committed.map(|committed| self.publish(committed));
        match (result, self.in_flight.end()) {
            (Ok(()), answers) => {
                if let Some(answers) = answers {
                    answers.send(*self.watermark.borrow(), &self.stage.bells);
                }
                // Last: whoever is told of it now takes no core from one who waits for an answer.
                self.watermark.send_modify(|_| {});
            }
            (Err(error), Some(answers)) => {
                self.poison(&error.to_string());
                answers.fail(&error.to_string(), &self.stage.bells);
            }
            (Err(_), None) => {}
        }
    }

    /// Answers for a writer that does not come back.
    pub(crate) fn answer_for_the_writer(&self, reason: &str) {
        if let Some(answers) = self.in_flight.give_up() {
            answers.fail(reason, &self.stage.bells);
        }
        // The log has failed: what waits is refused as it is taken in.
        if let Some((_, answers)) = self.absorbed().take() {
            answers.fail(reason, &self.stage.bells);
        }
    }

    fn append(&self, stored: Stored) -> Result<Appended, StoreError> {
        let blocks: Vec<StoredBlock> = stored.blocks.iter().map(|(_, stored)| stored.clone()).collect();
        self.store.append(&blocks)?;
        Ok(Appended { stored, started: Instant::now() })
    }

    fn sync(&self, appended: Appended) -> Result<Committed, StoreError> {
        self.store.sync()?;
        let bytes = appended.stored.blocks.iter().map(|(block, _)| block.body().len()).sum();
        self.count_group(bytes, appended.started.elapsed());
        Ok(Committed(appended.stored))
    }

    /// Shows it to whoever looks; those that follow the log are told afterwards.
    fn publish(&self, Committed(stored): Committed) {
        for (block, _) in stored.blocks {
            self.cache.put(Arc::new(block));
        }
        // Before the watermark, so that whoever sees the position also finds its commit.
        self.index.add(stored.index);
        let end = stored.next.checked_sub(1).map(Position);
        self.watermark.send_if_modified(|watermark| {
            *watermark = end;
            false
        });
    }
}

impl Answers {
    /// Takes a request in that is going to be refused.
    pub(crate) fn refuse(&mut self, request: Request) {
        match request {
            Request::Commit(_, answer) => {
                answer.taken(self.bell);
                self.commits.push((answer, Err(AppendError::Closed)));
            }
            Request::Barrier(answer) => self.barriers.push(answer),
        }
    }
    fn send(self, watermark: Option<Position>, bells: &Bells) {
        let mut ring = false;
        for (answer, result) in self.commits {
            ring |= answer.send(result);
        }
        for answer in self.barriers {
            answer.send(Ok(watermark));
        }
        if ring {
            bells[usize::from(self.bell) % 2].ring();
        }
    }
    pub(crate) fn fail(self, reason: &str, bells: &Bells) {
        let error = || AppendError::Poisoned { reason: reason.to_owned() };
        let commits = self.commits.into_iter().map(|(answer, _)| (answer, Err(error()))).collect();
        for answer in self.barriers {
            answer.send(Err(error()));
        }
        Self { commits, barriers: Vec::new(), bell: self.bell }.send(None, bells);
    }
}
