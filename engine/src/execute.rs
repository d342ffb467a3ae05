//! Executes a command: load, decide, append; answered once it is durable.

use std::pin::Pin;
use std::time::Instant;

use domain::ids::{CommitId, CorrelationId, Position, ProjectId, StreamVersion};
use domain::values::Timestamp;
use domain::{Actor, Category, Command, Expected, Fingerprint, Rejection, StreamId};
use journal::{AppendError, Pending, ReadError, Receipt};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tracing::Instrument;

use crate::Engine;
use crate::aggregates::{LoadError, Slot, load, lock};
use crate::claims::Claimant;
use crate::ids::new_ulid;
use crate::in_flight::InFlight;
use crate::neighbours::{Consulted, project_of};
use crate::record::new_commit;
use crate::seal::Prepared;

/// Attempts at a command whose stream others write to at the same time.
pub(crate) const ATTEMPTS_MAX: u32 = 16;

/// A command, and what is known of it beside its body.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// The aggregate it is for.
    pub stream: StreamId,
    /// What is asked.
    pub command: Command,
    /// Idempotency key; a new one where absent.
    pub commit: Option<CommitId>,
    /// What the stream must look like.
    pub expected: Expected,
    /// Who asks.
    pub actor: Actor,
    /// The commit that led to it.
    pub causation: Option<CommitId>,
    /// The run or session it belongs to.
    pub correlation: Option<CorrelationId>,
    /// When it happened, for history that is imported.
    pub occurred_at: Option<Timestamp>,
}

impl Envelope {
    /// A command with nothing else said.
    #[must_use]
    pub fn new(stream: impl Into<StreamId>, command: Command, actor: Actor) -> Self {
        Self {
            stream: stream.into(),
            command,
            commit: None,
            expected: Expected::Any,
            actor,
            causation: None,
            correlation: None,
            occurred_at: None,
        }
    }
}

/// Why a command was not executed. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExecuteError {
    /// A rule refuses it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The command is for another kind of aggregate than the stream.
    #[error("expected a stream of {expected}, got `{actual}`")]
    WrongStream {
        /// Kind that the command is for.
        expected: Category,
        /// The stream that came.
        actual: StreamId,
    },
    /// The stream is not as expected.
    #[error("expected stream `{stream}` at version {expected}, but it is at {}", show(*actual))]
    Conflict {
        /// The stream.
        stream: StreamId,
        /// What was expected.
        expected: Expected,
        /// Its last version.
        actual: Option<StreamVersion>,
    },
    /// Others wrote to the stream at every attempt.
    #[error("stream `{stream}` changed during each of {ATTEMPTS_MAX} attempts")]
    Contended {
        /// The stream.
        stream: StreamId,
    },
    /// The idempotency key stands for another command.
    #[error("idempotency key `{commit}` stands for another command")]
    Reused {
        /// The key.
        commit: CommitId,
    },
    /// The log did not take it.
    #[error("the log did not take the command")]
    Append(#[source] AppendError),
    /// What must be sealed could not be.
    #[error("what must be sealed could not be: {reason}")]
    Sealing {
        /// Why not.
        reason: String,
        /// What to do about it.
        hint: &'static str,
    },
    /// The aggregate could not be loaded.
    #[error("the aggregate could not be loaded")]
    Load(#[from] LoadError),
    /// The log could not be read.
    #[error("the log could not be read")]
    Read(#[from] ReadError),
}

fn show(version: Option<StreamVersion>) -> String {
    version.map_or_else(|| "none".into(), |version| version.to_string())
}

/// What came of deciding, under the aggregate's lock.
enum Decided {
    Appended(Pending),
    Refused {
        error: ExecuteError,
        ahead: bool,
    },
    /// It can be decided once these are at hand.
    Consults {
        streams: Vec<StreamId>,
        project: Option<ProjectId>,
        ahead: bool,
    },
    /// It is accepted once it has what it claims.
    Claims {
        project: Option<ProjectId>,
    },
    Stale,
}

/// A command that has taken its place: what is submitted after it comes after it. The answer is still out.
#[must_use = "whether the command was executed shows only in the receipt"]
pub struct Submission {
    job: Job,
    stage: Stage,
    span: tracing::Span,
    started: Option<Instant>,
}

/// What is asked, and what is settled about it.
#[derive(Clone)]
struct Job {
    engine: Engine,
    /// In a place of its own: thousands may be under way, and each is handed on several times.
    envelope: Box<Envelope>,
    commit: CommitId,
    prepared: Prepared,
    /// Whether it has what it claims.
    claimed: bool,
}

enum Stage {
    Ended(Result<Receipt, ExecuteError>),
    Refused {
        error: ExecuteError,
        slot: Slot,
        durable: Pending<Option<Position>>,
    },
    Appended(InFlight),
    /// Goes on whether or not anybody waits for it: nobody else gets at its claims before it has ended.
    Claiming(JoinHandle<Result<Receipt, ExecuteError>>),
}

impl Engine {
    /// Executes a command. The answer is durable, and a repetition of it under the same idempotency key
    /// gets the same answer, marked as duplicate.
    ///
    /// # Errors
    /// Where it is refused or the log did not take it; then nothing was written.
    pub async fn execute(&self, envelope: impl Into<Box<Envelope>>) -> Result<Receipt, ExecuteError> {
        self.submit(envelope).await.receipt().await
    }

    /// Decides a command and hands it to the log, without waiting until it is durable: many can be under way,
    /// in the order of submission. Ends soon, except where the log's queue is full.
    pub fn submit<E: Into<Box<Envelope>>>(
        &self,
        envelope: E,
    ) -> impl Future<Output = Submission> + Send + use<E> {
        let envelope: Box<Envelope> = envelope.into();
        let commit = envelope.commit.unwrap_or_else(|| new_ulid().into());
        let prepared = Prepared::plain(Fingerprint::default());
        Job { engine: self.clone(), envelope, commit, prepared, claimed: false }.submit()
    }
}

impl Job {
    async fn submit(mut self) -> Submission {
        let envelope = &self.envelope;
        // At `debug`: writing its fields out costs a bulk of small commands a quarter of its rate.
        let span = tracing::debug_span!(
            "command",
            stream = %envelope.stream,
            command = envelope.command.name(),
            actor = %envelope.actor,
            position = tracing::field::Empty,
            duplicate = tracing::field::Empty,
            duration_us = tracing::field::Empty,
            bytes = tracing::field::Empty,
        );
        let started = (!span.is_disabled()).then(Instant::now);
        // What is refused here is refused as it came: nothing of it is told but its stream.
        let Self { engine, envelope, .. } = &mut self;
        let refused = match engine.prepare(envelope).await {
            Ok(prepared) => {
                self.prepared = prepared;
                None
            }
            Err(error) => {
                self.prepared = Prepared::plain(Fingerprint::of(envelope.stream, &envelope.command));
                Some(error)
            }
        };
        let stage = match (self.known(), refused) {
            (Some(answer), _) => Stage::Ended(answer),
            (None, Some(error)) => Stage::Ended(Err(error)),
            (None, None) => self.next_stage(&span).instrument(span.clone()).await,
        };
        Submission { job: self, stage, span, started }
    }
}

impl Submission {
    /// The answer, once it is durable.
    ///
    /// # Errors
    /// Where the command is refused or the log did not take it; then nothing was written.
    pub async fn receipt(self) -> Result<Receipt, ExecuteError> {
        let span = self.span.clone();
        let result = self.job.settle(self.stage, &span).instrument(span.clone()).await;
        if let Some(started) = self.started {
            span.record("duration_us", u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX));
        }
        match &result {
            Ok(receipt) => {
                span.record("position", receipt.position.0);
                span.record("duplicate", receipt.duplicate);
                tracing::debug!(parent: &span, "executed");
            }
            Err(error) => tracing::debug!(parent: &span, %error, "refused"),
        }
        result
    }
}

impl Job {
    /// Whether it need not be decided: it does not fit its stream, or was executed before.
    fn known(&self) -> Option<Result<Receipt, ExecuteError>> {
        let Envelope { stream, command, commit, .. } = &*self.envelope;
        if command.category() != stream.category {
            return Some(Err(ExecuteError::WrongStream { expected: command.category(), actual: *stream }));
        }
        match self.engine.journal().find_commit((*commit)?) {
            Ok(None) => None,
            Ok(Some((receipt, known)))
                if known == self.prepared.fingerprint || Some(known) == self.prepared.other =>
            {
                Some(Ok(Receipt { duplicate: true, ..receipt }))
            }
            Ok(Some(_)) => Some(Err(ExecuteError::Reused { commit: self.commit })),
            Err(error) => Some(Err(error.into())),
        }
    }

    /// Decides on the aggregate as it stands, others' submissions included.
    async fn next_stage(&self, span: &tracing::Span) -> Stage {
        let engine = &self.engine;
        let stream = self.envelope.stream;
        for _ in 0..ATTEMPTS_MAX {
            engine.journal().ready().await;
            let slot = match engine.slot(stream).await {
                Ok(slot) => slot,
                Err(error) => return Stage::Ended(Err(error)),
            };
            let decided = match self.decide(&slot, Consulted::default(), span) {
                Decided::Consults { streams, project, ahead } => {
                    match engine.consult(&streams, project).await {
                        Ok(consulted) => self.decide(&slot, consulted, span),
                        Err(error) => Decided::Refused { error, ahead },
                    }
                }
                decided => decided,
            };
            match decided {
                Decided::Appended(pending) => {
                    return Stage::Appended(InFlight::new(engine.clone(), stream, slot, pending));
                }
                // A key may stand for a commit that is on its way: then the refusal is of a repetition.
                Decided::Refused { error, ahead } if ahead || self.envelope.commit.is_some() => {
                    return Stage::Refused { error, slot, durable: engine.journal().barrier() };
                }
                Decided::Refused { error, .. } => return Stage::Ended(Err(error)),
                Decided::Claims { project } => return self.claiming(project, span).await,
                // The aggregate asked for others meanwhile.
                Decided::Consults { .. } => {}
                Decided::Stale => engine.aggregates().drop_stale(stream, &slot),
            }
        }
        Stage::Ended(Err(ExecuteError::Contended { stream }))
    }

    /// Goes on in a task of its own, and returns once the command has its place or is refused.
    async fn claiming(&self, project: Option<ProjectId>, span: &tracing::Span) -> Stage {
        let (placed, in_place) = oneshot::channel();
        let twin = self.clone();
        let task = tokio::spawn(twin.claimed(project, placed, span.clone()).instrument(span.clone()));
        // An error says that the task has ended: its answer is there.
        let _ = in_place.await;
        Stage::Claiming(task)
    }

    /// Takes what the command claims and executes it, all under the claims' locks.
    fn claimed(
        mut self,
        project: Option<ProjectId>,
        placed: oneshot::Sender<()>,
        span: tracing::Span,
    ) -> Pin<Box<dyn Future<Output = Result<Receipt, ExecuteError>> + Send>> {
        Box::pin(async move {
            let engine = self.engine.clone();
            let claims = self.envelope.command.claims();
            let _locks = engine.claims().lock(&claims).await;
            // Whoever had the locks before may have executed this very command.
            if let Some(answer) = self.known() {
                return answer;
            }
            let (envelope, cause) = (self.envelope.clone(), self.commit);
            let fingerprint = self.prepared.fingerprint;
            let claimant = Claimant { engine: &engine, envelope: &envelope, cause, fingerprint, project };
            let taken = claimant.take_all(&claims).await?;
            self.claimed = true;
            let stage = self.next_stage(&span).await;
            // Nobody may be left to hear it.
            let _ = placed.send(());
            let result = self.settle(stage, &span).await;
            if result.is_err() {
                claimant.release(&taken).await;
            }
            result
        })
    }

    async fn settle(&self, mut stage: Stage, span: &tracing::Span) -> Result<Receipt, ExecuteError> {
        for left in (0..ATTEMPTS_MAX).rev() {
            match stage {
                Stage::Ended(result) => return result,
                // The refusal speaks of events that a crash could still take back: it waits for them.
                Stage::Refused { error, slot, durable } => {
                    durable.await.map_err(ExecuteError::Append)?;
                    if let Some(answer) = self.known() {
                        return answer;
                    }
                    if !lock(&slot).stale {
                        return Err(error);
                    }
                }
                Stage::Appended(mut in_flight) => match in_flight.answer().await {
                    Ok(receipt) => return Ok(receipt),
                    Err(AppendError::Conflict { .. }) => {}
                    Err(AppendError::Reused { commit }) => return Err(ExecuteError::Reused { commit }),
                    Err(error) => return Err(ExecuteError::Append(error)),
                },
                Stage::Claiming(task) => {
                    return match task.await {
                        Ok(result) => result,
                        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                        // The runtime ends.
                        Err(_) => Err(ExecuteError::Append(AppendError::Closed)),
                    };
                }
            }
            // What is submitted is also waited for: after the last attempt, nothing is.
            if left == 0 {
                break;
            }
            stage = self.next_stage(span).await;
        }
        Err(ExecuteError::Contended { stream: self.envelope.stream })
    }

    fn decide(&self, slot: &Slot, consulted: Consulted, span: &tracing::Span) -> Decided {
        let mut others = consulted.others;
        let Envelope { stream, command, expected, .. } = &*self.envelope;
        if let Err(error) = self.engine.check_references(*stream, slot, command) {
            return Decided::Refused { error, ahead: false };
        }
        let mut aggregate = lock(slot);
        if aggregate.stale {
            return Decided::Stale;
        }
        let ahead = consulted.ahead || aggregate.in_flight > 0;
        let actual = aggregate.version;
        if !expected.is_met_by(actual) {
            let (stream, expected) = (*stream, *expected);
            return Decided::Refused { error: ExecuteError::Conflict { stream, expected, actual }, ahead };
        }
        let mut streams = aggregate.state.consults(command);
        if !streams.is_empty() {
            if streams.contains(stream) {
                others.insert(*stream, aggregate.state.clone());
            }
            streams.retain(|stream| others.get(*stream).is_none());
            if !streams.is_empty() {
                let project = project_of(*stream, &aggregate.state, &command.references());
                return Decided::Consults { streams, project, ahead };
            }
        }
        let mut events = match aggregate.state.decide(command, &others) {
            Ok(events) => events,
            Err(rejection) => return Decided::Refused { error: rejection.into(), ahead },
        };
        if !self.claimed && command.claims().iter().any(|claim| !aggregate.state.holds(claim)) {
            let project = project_of(*stream, &aggregate.state, &command.references());
            return Decided::Claims { project };
        }
        if let Err(error) = self.engine.seals().seal(&self.prepared, &mut events) {
            return Decided::Refused { error, ahead };
        }
        events.iter().for_each(|event| aggregate.state.evolve(event));
        let project = aggregate.state.project().or_else(|| stream.as_project());
        let commit = new_commit(
            &self.envelope,
            self.commit,
            self.prepared.fingerprint,
            aggregate.expected(),
            project,
            &events,
        );
        let count = actual.map_or(0, |StreamVersion(last)| last + 1) + events.len() as u64;
        aggregate.version = count.checked_sub(1).map(StreamVersion);
        aggregate.in_flight += 1;
        span.record("bytes", commit.stored_len());
        self.engine.seals().keep(&self.prepared);
        // Appended under the lock: the order in the log is the order of deciding.
        Decided::Appended(self.engine.journal().append(commit))
    }
}

impl Engine {
    /// The aggregate, from memory or from the log.
    pub(crate) async fn slot(&self, stream: StreamId) -> Result<Slot, ExecuteError> {
        if let Some(slot) = self.aggregates().get(stream) {
            return Ok(slot);
        }
        let engine = self.clone();
        let load = move || Ok(engine.aggregates().put(stream, load(engine.journal(), stream)?));
        tokio::task::spawn_blocking(load)
            .await
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }
}
