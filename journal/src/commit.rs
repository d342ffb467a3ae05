//! What goes into the log, and the answer that comes back.

use std::future::Future;
use std::pin::Pin;
use std::sync::Weak;
use std::task::{Context, Poll};

use domain::ids::{CommitId, CorrelationId, Position, ProjectId, SchemaVersion, StreamVersion, TypeId};
use domain::values::Timestamp;
use domain::{Actor, Expected, Fingerprint, StreamId};
use tokio::sync::oneshot;

use crate::error::AppendError;
use crate::shared::Shared;

/// Largest commit, in bytes of its stored records: it has to fit one message of a networked log.
pub const MAX_COMMIT_BYTES: usize = 1024 * 1024;

/// One event to append; the log does not look into the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Permanent number of the event type.
    pub type_id: TypeId,
    /// Version of the payload's layout.
    pub schema_version: SchemaVersion,
    /// The encoded event.
    pub payload: Vec<u8>,
}

/// Events of one stream, appended all or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommit {
    /// The stream they go to.
    pub stream: StreamId,
    /// What the stream must look like before.
    pub expected: Expected,
    /// Id of the commit, and its idempotency key for ever.
    pub commit: CommitId,
    /// Tells a repeated commit from another one under the same id.
    pub fingerprint: Fingerprint,
    /// Who caused it.
    pub actor: Actor,
    /// The commit that led to it.
    pub causation: Option<CommitId>,
    /// The run or session it belongs to.
    pub correlation: Option<CorrelationId>,
    /// The project it belongs to.
    pub project: Option<ProjectId>,
    /// When it happened, for history that is imported.
    pub occurred_at: Option<Timestamp>,
    /// 1 to 65,535 events, at most [`MAX_COMMIT_BYTES`] together.
    pub events: Vec<NewEvent>,
}

impl NewCommit {
    /// Bytes that its records will take.
    #[must_use]
    pub fn stored_len(&self) -> usize {
        self.events.iter().map(|event| crate::record::OVERHEAD + event.payload.len()).sum()
    }
}

/// Where a commit stands in the log. It is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Id of the commit.
    pub commit: CommitId,
    /// The stream it was appended to.
    pub stream: StreamId,
    /// Version of its last event.
    pub version: StreamVersion,
    /// Position of its last event.
    pub position: Position,
    /// Whether it was in the log before: then this is the first answer again.
    pub duplicate: bool,
}

/// The last durable event of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamHead {
    /// Its version.
    pub version: StreamVersion,
    /// Its position.
    pub position: Position,
}

/// An answer that comes once the writer has synced; dropping it does not take the commit back.
#[derive(Debug)]
#[must_use = "whether the commit was accepted shows only in the answer"]
pub struct Pending<T = Receipt> {
    answer: oneshot::Receiver<Result<T, AppendError>>,
    /// Who waits on its own thread can as well help.
    writer: Weak<Shared>,
}

impl<T> Pending<T> {
    pub(crate) fn new(answer: oneshot::Receiver<Result<T, AppendError>>, writer: Weak<Shared>) -> Self {
        Self { answer, writer }
    }
    pub(crate) fn failed(error: AppendError) -> Self {
        let (sender, answer) = oneshot::channel();
        // The receiver is alive: it is returned below.
        let _ = sender.send(Err(error));
        Self { answer, writer: Weak::new() }
    }
    /// Waits on the calling thread. Panics inside an async context: await it there.
    ///
    /// # Errors
    /// As the future: what [`AppendError`] lists.
    pub fn wait(self) -> Result<T, AppendError> {
        if let Some(writer) = self.writer.upgrade() {
            writer.help();
        }
        self.answer.blocking_recv().unwrap_or(Err(AppendError::Closed))
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T, AppendError>;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answer).poll(context).map(|answer| answer.unwrap_or(Err(AppendError::Closed)))
    }
}
