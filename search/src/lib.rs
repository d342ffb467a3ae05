//! Full-text search over the log: prompts, messages, feedback, learnings, and whatever else people and agents wrote.
//!
//! The index is derived. It follows the durable head on a thread of its own, says in every answer how far it has
//! come, and is built again where it is broken, or of another log, epoch or release. It holds no text: what is
//! shown of a hit is read from the log. Nothing else in the workspace knows the library behind it.

mod answer;
mod ask;
mod calm;
mod follow;
mod index;
mod query;
mod snippet;
mod words;

#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use domain::ids::{Position, ProjectId, UserId};
use journal::Journal;

pub use answer::{Answer, Found, SearchError, Snippet, Status};
pub use query::{
    CLAUSES_MAX, Cursor, DEPTH_MAX, LIMIT_DEFAULT, LIMIT_MAX, PHRASE_MAX_WORDS, PREFIX_MIN_CHARS,
    QUERY_MAX_BYTES, QueryError, Question,
};

use crate::follow::Shared;

/// Whose documents are to be taken out of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Everything of a project.
    Project(ProjectId),
    /// Everything that a person caused.
    Person(UserId),
}

/// Full-text search over one log. A cheap handle; the index is followed for as long as there is one.
#[derive(Clone)]
pub struct Search(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Search {
    /// Follows `journal` with an index in the folder `dir`, or in memory without one. Returns at once: the index
    /// catches up in the background.
    ///
    /// # Errors
    /// Where the system has no thread left.
    pub fn start(journal: Journal, dir: Option<&Path>) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::new(journal, dir.map(Path::to_owned)));
        let thread = std::thread::Builder::new().name("search".into()).spawn({
            let shared = shared.clone();
            move || shared.run()
        })?;
        Ok(Self(Arc::new(Inner { shared, thread: Mutex::new(Some(thread)) })))
    }

    /// Answers from what the index holds now. Blocks, for 2 seconds at most.
    ///
    /// # Errors
    /// Where the question does not fit or takes too long, or there is no index to ask.
    pub fn ask(&self, question: Question) -> Result<Answer, SearchError> {
        let shared = &self.0.shared;
        let checked = ask::check(question, &shared.documents)?;
        let open = shared.open.read().unwrap_or_else(PoisonError::into_inner).clone();
        // Before the searcher is taken: it may hold more than that, never less.
        let progress = shared.progress.borrow().clone();
        let Some(open) = open else {
            let why = progress.fault.unwrap_or_else(|| "it is being opened".into());
            return Err(SearchError::Unavailable(why));
        };
        let asked = || ask::ask(&checked, &open, &shared.journal, &shared.documents, progress.position);
        // A damaged index may make the library panic: it is made anew, and says so.
        let found = catch_unwind(AssertUnwindSafe(asked));
        let found = found.unwrap_or_else(|_| Err(SearchError::Unavailable("it is damaged".into())));
        if let Err(SearchError::Unavailable(why)) = &found {
            tracing::error!(reason = why, "the search index is built again");
            shared.distrust();
        }
        let found = found?;
        let head = shared.journal.watermark();
        Ok(Answer {
            position: progress.position,
            head,
            complete: progress.position == head,
            total: found.total,
            hits: found.hits,
            next: found.next.map(|cursor| cursor.to_string()),
        })
    }

    /// Waits until there is an index to ask, or it is known why there is none; `wait` at most.
    pub async fn opened(&self, wait: Duration) {
        let mut progress = self.0.shared.progress.subscribe();
        let opened = progress.wait_for(|progress| progress.open || progress.fault.is_some());
        // Whoever asks after that is told why it cannot be asked.
        let _ = tokio::time::timeout(wait, opened).await;
    }

    /// Waits until the index reflects `wanted`.
    ///
    /// # Errors
    /// Where it does not within `wait`.
    pub async fn reach(&self, wanted: Position, wait: Duration) -> Result<(), SearchError> {
        let mut progress = self.0.shared.progress.subscribe();
        self.0.shared.want(wanted);
        let reached = progress.wait_for(|progress| progress.open && progress.position >= Some(wanted));
        let reached = matches!(tokio::time::timeout(wait, reached).await, Ok(Ok(_)));
        if reached {
            return Ok(());
        }
        let progress = self.0.shared.progress.borrow().clone();
        match progress.fault {
            Some(why) => Err(SearchError::Unavailable(why)),
            None => Err(SearchError::NotYet { wanted, reached: progress.position }),
        }
    }

    /// Follows how far the index has come.
    #[must_use]
    pub fn status(&self) -> Status {
        let shared = &self.0.shared;
        let progress = shared.progress.borrow().clone();
        let open = shared.open.read().unwrap_or_else(PoisonError::into_inner).clone();
        let searcher = open.map(|open| open.reader.searcher());
        let bytes = searcher.as_ref().and_then(|it| it.space_usage().ok());
        Status {
            position: progress.position,
            head: shared.journal.watermark(),
            documents: searcher.as_ref().map_or(0, tantivy::Searcher::num_docs),
            bytes: bytes.map_or(0, |usage| usage.total().get_bytes()),
            fault: progress.fault,
        }
    }

    /// Takes documents out, and returns once they can no longer be found. What the log still holds comes back when
    /// the index is built again: destroy it there first.
    ///
    /// # Errors
    /// Where there is no index, or it failed meanwhile.
    pub async fn forget(&self, whose: Whose) -> Result<(), SearchError> {
        let gone = |_| SearchError::Unavailable("it stopped".into());
        self.0.shared.forget(whose).await.map_err(gone)
    }

    /// Makes what is indexed durable and stops. Blocks.
    pub fn close(&self) {
        self.0.shared.stop();
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the search thread panicked");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.stop();
    }
}

impl std::fmt::Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Search").field("progress", &*self.0.shared.progress.borrow()).finish_non_exhaustive()
    }
}
