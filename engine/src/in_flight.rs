//! A commit that the log has taken in, until its answer is heard.

use domain::StreamId;
use journal::{AppendError, Pending, Receipt};

use crate::Engine;
use crate::aggregates::{Slot, lock};

/// A submission whose answer is out. Where it is not a plain yes, the aggregate in memory is not what the log
/// holds, and is dropped. Where nobody is left to hear it, it is heard in the background: until then the
/// aggregate in memory is ahead of the log, and one loaded in its place would be behind.
pub(crate) struct InFlight {
    engine: Engine,
    stream: StreamId,
    slot: Slot,
    /// Until the answer has come.
    pending: Option<Pending>,
    accepted: bool,
    /// Whether whoever submitted it is gone.
    orphan: bool,
}

impl InFlight {
    pub(crate) fn new(engine: Engine, stream: StreamId, slot: Slot, pending: Pending) -> Self {
        engine.awaiting().begin();
        Self { engine, stream, slot, pending: Some(pending), accepted: false, orphan: false }
    }
    pub(crate) async fn answer(&mut self) -> Result<Receipt, AppendError> {
        let answer = match &mut self.pending {
            Some(pending) => self.engine.awaiting().answer(pending).await,
            None => Err(AppendError::Closed),
        };
        self.pending = None;
        self.accepted = matches!(answer, Ok(Receipt { duplicate: false, .. }));
        answer
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if !self.orphan
            && self.pending.is_some()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (engine, slot, pending) = (self.engine.clone(), self.slot.clone(), self.pending.take());
            let mut orphan =
                Self { engine, slot, pending, stream: self.stream, accepted: false, orphan: true };
            runtime.spawn(async move { orphan.answer().await });
            return;
        }
        self.engine.awaiting().end();
        let mut aggregate = lock(&self.slot);
        aggregate.in_flight = aggregate.in_flight.saturating_sub(1);
        drop(aggregate);
        if !self.accepted {
            self.engine.aggregates().drop_stale(self.stream, &self.slot);
        }
    }
}
