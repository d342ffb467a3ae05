//! Learnings that wait for a review: who reviews one takes it off the queue.

use domain::Event;
use domain::ids::{LearningId, StreamId};
use domain::values::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::learnings::{LearningRow, LearningStatus};
use crate::listed::ListRow;

/// A learning that waits, in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct QueuedRow(LearningRow);

impl ListRow for QueuedRow {
    const NAME: &'static str = "learning-queue";
    const VERSION: u32 = 1;
    const FILTERS: &'static [&'static str] = &["project", "severity", "category", "source"];
    type Key = LearningId;

    fn key(stream: StreamId) -> LearningId {
        stream.id.into()
    }
    fn concerns(event: &Event) -> bool {
        LearningRow::concerns(event)
    }
    fn open(event: &Event, at: Timestamp) -> Option<Self> {
        LearningRow::open(event, at).map(Self)
    }
    fn apply(&mut self, event: &Event, at: Timestamp) {
        self.0.apply(event, at);
    }
    fn is_gone(&self) -> bool {
        self.0.status != LearningStatus::Pending
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{History, check_laws, folded, id, sample};

    #[test]
    fn a_review_takes_it_off_the_queue() {
        let of = |history: History, (learning, name): (u64, &str)| {
            history.any(id::<super::LearningId>(learning).into(), sample(name))
        };
        let events = [
            (1, "LearningProposed"),
            (2, "LearningProposed"),
            (3, "LearningProposed"),
            (1, "LearningApproved"),
            (2, "LearningRejected"),
            (3, "LearningEdited"),
            (1, "LearningRetired"),
        ];
        let history = events.into_iter().fold(History::new(), of);
        check_laws("learning-queue", &history);
        let page = folded("learning-queue", &history).page(&crate::Query::default()).unwrap();
        assert_eq!(
            page.rows.iter().map(|row| row.key.clone()).collect::<Vec<_>>(),
            [id::<super::LearningId>(3).to_string()]
        );
    }
}
