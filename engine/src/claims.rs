//! Claims: values that only one aggregate may hold at a time are taken before the command that needs them.
//!
//! The claim is durable, at the version it was decided on, before its holder's commit is appended. If the
//! process ends in between, the claim names a holder that does not hold the value: it is void, and whoever
//! wants the value next takes it over. A refusal in between releases it.

use std::collections::BTreeSet;

use domain::claim::{ClaimEvent, Claimed};
use domain::ids::{CommitId, ProjectId};
use domain::{Claim, Event, Fingerprint, Rejection, StreamId};
use journal::{AppendError, NewCommit};
use tokio::sync::{Mutex, MutexGuard};

use crate::Engine;
use crate::aggregates::{Aggregate, load, lock};
use crate::execute::{ATTEMPTS_MAX, Envelope, ExecuteError};
use crate::ids::new_ulid;
use crate::record::stored;

/// Locks that all claims share by a hash; two claims under one lock wait for each other, and no more.
const LOCKS: usize = 1024;

/// One command at a time per claim, from taking it until the command is durable.
pub(crate) struct ClaimLocks(Vec<Mutex<()>>);

impl ClaimLocks {
    pub(crate) fn new() -> Self {
        Self((0..LOCKS).map(|_| Mutex::new(())).collect())
    }
    /// Waits for the locks of all `claims`, in the one order that everybody takes them in.
    pub(crate) async fn lock(&self, claims: &[Claim]) -> Vec<MutexGuard<'_, ()>> {
        let number = |claim: &Claim| {
            let bytes = claim.stream().to_bytes();
            usize::from(u16::from_be_bytes([bytes[StreamId::LEN - 2], bytes[StreamId::LEN - 1]])) % LOCKS
        };
        let numbers: BTreeSet<usize> = claims.iter().map(number).collect();
        let mut guards = Vec::with_capacity(numbers.len());
        for number in numbers {
            guards.push(self.0[number].lock().await);
        }
        guards
    }
}

/// Who takes claims, and for which command.
pub(crate) struct Claimant<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) envelope: &'a Envelope,
    /// The commit that the claims are for.
    pub(crate) cause: CommitId,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) project: Option<ProjectId>,
}

impl Claimant<'_> {
    /// Takes every claim of the command, or none.
    ///
    /// # Errors
    /// A claim that is in force for another.
    pub(crate) async fn take_all(&self, claims: &[Claim]) -> Result<Vec<Claim>, ExecuteError> {
        let mut taken = Vec::new();
        for claim in claims {
            match self.take(claim).await {
                Ok(true) => taken.push(claim.clone()),
                Ok(false) => {}
                Err(error) => {
                    self.release(&taken).await;
                    return Err(error);
                }
            }
        }
        Ok(taken)
    }

    /// Takes a claim that is free or void. Answers whether it had to be taken.
    async fn take(&self, claim: &Claim) -> Result<bool, ExecuteError> {
        let own = self.envelope.stream;
        for _ in 0..ATTEMPTS_MAX {
            let (aggregate, record) = self.record(claim).await?;
            match record.holder() {
                Some(holder) if holder == own => return Ok(false),
                Some(holder) if self.engine.is_in_force(claim, holder).await? => {
                    // Logs of before there were claims may hold the value twice; that much stays.
                    let own = self.engine.fresh_slot(own).await?;
                    if lock(&own).state.holds(claim) {
                        return Ok(false);
                    }
                    // The refusal speaks of what a crash could still take back.
                    self.engine.journal().barrier().await.map_err(ExecuteError::Append)?;
                    return Err(Rejection::taken(claim).into());
                }
                _ => {}
            }
            match self.append(claim, &aggregate, record.taken(claim, own)).await {
                Ok(()) => return Ok(true),
                Err(AppendError::Conflict { .. }) => {}
                Err(error) => return Err(ExecuteError::Append(error)),
            }
        }
        Err(ExecuteError::Contended { stream: claim.stream() })
    }

    /// Gives up what a refused command had taken. A claim that cannot be released is void all the same.
    pub(crate) async fn release(&self, taken: &[Claim]) {
        for claim in taken {
            let Ok((aggregate, record)) = self.record(claim).await else { continue };
            let events = record.released(self.envelope.stream);
            if events.is_empty() {
                continue;
            }
            if let Err(error) = self.append(claim, &aggregate, events).await {
                tracing::debug!(%error, stream = %claim.stream(), "claim was not released");
            }
        }
    }

    async fn append(
        &self,
        claim: &Claim,
        at: &Aggregate,
        events: Vec<ClaimEvent>,
    ) -> Result<(), AppendError> {
        self.engine.journal().ready().await;
        let Envelope { actor, correlation, occurred_at, .. } = *self.envelope;
        let commit = NewCommit {
            stream: claim.stream(),
            expected: at.expected(),
            commit: new_ulid().into(),
            fingerprint: self.fingerprint,
            actor,
            causation: Some(self.cause),
            correlation,
            project: self.project,
            occurred_at,
            events: events.into_iter().map(|event| stored(&Event::Claimed(event))).collect(),
        };
        self.engine.journal().append(commit).await.map(drop)
    }

    /// The claim as the log has it: it changes too seldom to be kept.
    async fn record(&self, claim: &Claim) -> Result<(Aggregate, Claimed), ExecuteError> {
        let aggregate = self.engine.load(claim.stream()).await?;
        let record = aggregate.state.of::<Claimed>().expect("a stream of claims folds to a claim").clone();
        Ok((aggregate, record))
    }
}

impl Engine {
    /// Whether `holder` exists and holds what `claim` stands for. Its command is not under way: that one
    /// would have the claim's lock.
    async fn is_in_force(&self, claim: &Claim, holder: StreamId) -> Result<bool, ExecuteError> {
        let slot = self.fresh_slot(holder).await?;
        let (holds, ahead) = {
            let aggregate = lock(&slot);
            (aggregate.version.is_some() && aggregate.state.holds(claim), aggregate.in_flight > 0)
        };
        if holds || !ahead {
            return Ok(holds);
        }
        // What gives the value up is not durable yet: it counts once it is.
        self.journal().barrier().await.map_err(ExecuteError::Append)?;
        Ok(self.load(holder).await?.state.holds(claim))
    }

    /// The aggregate as the log has it.
    pub(crate) async fn load(&self, stream: StreamId) -> Result<Aggregate, ExecuteError> {
        let engine = self.clone();
        let loaded = tokio::task::spawn_blocking(move || load(engine.journal(), stream)).await;
        Ok(loaded.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?)
    }
}
