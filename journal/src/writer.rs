//! The one writer: takes a group, gives positions, makes it durable, and only then shows it and answers.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use domain::ids::Position;

use crate::block::Block;
use crate::commit::Receipt;
use crate::error::AppendError;
use crate::group::{Group, Tails};
use crate::index::Generation;
use crate::options::Fence;
use crate::queue::{Answer, Request};
use crate::shared::Shared;
use crate::space::Full;
use crate::store::{StoreError, StoredBlock};

/// Streams whose last record the writer remembers.
const TAILS: NonZeroUsize = NonZeroUsize::new(1 << 16).expect("it is not 0");

pub(crate) struct Writer {
    shared: Arc<Shared>,
    /// The first free position.
    next: u64,
    tails: Tails,
    fence: Option<Fence>,
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
    pub(crate) index: Generation,
    pub(crate) next: u64,
}

/// The answers of a group, withheld until it is durable.
#[derive(Default)]
pub(crate) struct Answers {
    pub(crate) commits: Vec<(Answer<Receipt>, Result<Receipt, AppendError>)>,
    pub(crate) barriers: Vec<Answer<Option<Position>>>,
}

/// Starts the writer's thread.
pub(crate) fn spawn(shared: &Arc<Shared>) -> JoinHandle<()> {
    let mut writer = Writer {
        next: shared.store.end(),
        tails: Tails::new(TAILS),
        fence: shared.options.fence.clone(),
        shared: Arc::clone(shared),
    };
    let name = "journal-writer".to_owned();
    std::thread::Builder::new().name(name).spawn(move || writer.run()).expect("the system has a thread left")
}

impl Writer {
    fn run(&mut self) {
        while let Some(requests) = self.shared.queue.take() {
            // A panic of the storage engine must fail the commits and not leave them without an answer.
            let done = catch_unwind(AssertUnwindSafe(|| self.handle(requests)));
            if done.is_err() {
                let reason = "the storage engine panicked";
                self.shared.poison(reason);
                if let Some(answers) = self.shared.in_flight.end() {
                    answers.fail(reason);
                }
            }
        }
    }

    fn handle(&mut self, requests: Vec<Request>) {
        let mut answers = Answers::default();
        if let Some(reason) = self.shared.poisoned() {
            refuse_all(requests, &mut answers, &reason);
            return answers.send(None);
        }
        if let Some(full) = self.shared.full(bytes_of(&requests)) {
            refuse_new(&self.shared, requests, &mut answers, full);
            return answers.send(*self.shared.watermark.borrow());
        }
        let stored = self.prepare(requests, &mut answers);
        if stored.blocks.is_empty() {
            return answers.send(*self.shared.watermark.borrow());
        }
        self.shared.in_flight.begin(answers);
        let committed = self.append(stored).and_then(|appended| self.sync(appended));
        if self.shared.in_flight.is_answered() {
            return;
        }
        let result = committed.map(|committed| self.publish(committed));
        let Some(answers) = self.shared.in_flight.end() else { return };
        match result {
            Ok(()) => answers.send(*self.shared.watermark.borrow()),
            Err(error) => {
                self.shared.poison(&error.to_string());
                answers.fail(&error.to_string());
            }
        }
    }

    fn prepare(&mut self, requests: Vec<Request>, answers: &mut Answers) -> Stored {
        let mut group = Group::new(&self.shared, &mut self.tails, &mut self.fence, self.next);
        for request in requests {
            match request {
                Request::Commit(commit, answer) => {
                    let result = group.add(&commit);
                    answers.commits.push((answer, result));
                }
                Request::Barrier(answer) => answers.barriers.push(answer),
            }
        }
        group.finish()
    }

    fn append(&self, stored: Stored) -> Result<Appended, StoreError> {
        debug_assert!(stored.blocks.first().is_none_or(|(block, _)| block.first().0 == self.next));
        let blocks: Vec<StoredBlock> = stored.blocks.iter().map(|(_, stored)| stored.clone()).collect();
        self.shared.store.append(&blocks)?;
        Ok(Appended { stored, started: Instant::now() })
    }

    fn sync(&self, appended: Appended) -> Result<Committed, StoreError> {
        self.shared.store.sync()?;
        let bytes = appended.stored.blocks.iter().map(|(block, _)| block.body().len()).sum();
        self.shared.count_group(bytes, appended.started.elapsed());
        Ok(Committed(appended.stored))
    }

    fn publish(&mut self, Committed(stored): Committed) {
        for (block, _) in stored.blocks {
            self.shared.cache.put(Arc::new(block));
        }
        // Before the watermark, so that whoever sees the position also finds its commit.
        self.shared.index.add(stored.index);
        self.next = stored.next;
        self.shared.watermark.send_replace(self.next.checked_sub(1).map(Position));
    }
}

impl Answers {
    /// A receiver that is gone does not want its answer.
    fn send(self, watermark: Option<Position>) {
        for (answer, result) in self.commits {
            let _ = answer.send(result);
        }
        for answer in self.barriers {
            let _ = answer.send(Ok(watermark));
        }
    }
    pub(crate) fn fail(self, reason: &str) {
        let error = || AppendError::Poisoned { reason: reason.to_owned() };
        for (answer, _) in self.commits {
            let _ = answer.send(Err(error()));
        }
        for answer in self.barriers {
            let _ = answer.send(Err(error()));
        }
    }
}

pub(crate) fn refuse_all(requests: Vec<Request>, answers: &mut Answers, reason: &str) {
    let error = || AppendError::Poisoned { reason: reason.to_owned() };
    for request in requests {
        match request {
            Request::Commit(_, answer) => answers.commits.push((answer, Err(error()))),
            Request::Barrier(answer) => drop(answer.send(Err(error()))),
        }
    }
}

fn bytes_of(requests: &[Request]) -> u64 {
    let bytes = |request: &Request| match request {
        Request::Commit(commit, _) => commit.stored_len() as u64,
        Request::Barrier(_) => 0,
    };
    requests.iter().map(bytes).sum()
}

/// A full disk takes nothing new; what is in the log already is answered as ever.
fn refuse_new(shared: &Shared, requests: Vec<Request>, answers: &mut Answers, full: Full) {
    let Full { free, reserve } = full;
    for request in requests {
        match request {
            Request::Commit(commit, answer) => {
                let known = shared.known_answer(&commit);
                let result = known.unwrap_or(Err(AppendError::NoSpace { free, reserve }));
                answers.commits.push((answer, result));
            }
            Request::Barrier(answer) => answers.barriers.push(answer),
        }
    }
}
