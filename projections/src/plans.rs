//! Plans as lists show them: how they stand, and how many of their items have become issues.

use domain::Event;
use domain::ids::{PlanId, ProjectId, RunId, StreamId};
use domain::plan::PlanEvent;
use domain::values::Timestamp;

use crate::listed::{ListRow, count, preview, rows, states};

states! {
    /// How a plan stands.
    PlanStatus {
        /// Waits for an approval.
        Proposed,
        /// To be carried out.
        Approved,
        /// Turned down.
        Rejected,
        /// Every item is an issue.
        Completed,
        /// Put away.
        Archived,
    }
}

rows! {
    /// A plan.
    struct PlanRow {
        /// The project it belongs to.
        project: ProjectId,
        /// Its short name.
        title: String,
        /// The first 200 characters of why.
        rationale_preview: String,
        /// How it stands.
        status: PlanStatus,
        /// The planner's run; none where a person wrote it.
        run: Option<RunId>,
        /// How many items it has.
        items: u64,
        /// How many of them are issues.
        items_converted: u64,
        /// What was said with its approval, its rejection or its end.
        note: Option<String>,
        /// When it was proposed.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

impl ListRow for PlanRow {
    const NAME: &'static str = "plans";
    const VERSION: u32 = 1;
    const FILTERS: &'static [&'static str] = &["project", "status", "run"];
    type Key = PlanId;

    fn key(stream: StreamId) -> PlanId {
        stream.id.into()
    }
    fn concerns(event: &Event) -> bool {
        matches!(event, Event::Plan(_))
    }
    fn open(event: &Event, at: Timestamp) -> Option<Self> {
        let Event::Plan(PlanEvent::PlanProposed(e)) = event else { return None };
        Some(Self {
            project: e.project,
            title: e.title.clone(),
            rationale_preview: preview(&e.rationale),
            status: PlanStatus::Proposed,
            run: e.run,
            items: count(e.items.len()),
            items_converted: 0,
            note: None,
            created_at: at,
            updated_at: at,
        })
    }
    fn apply(&mut self, event: &Event, at: Timestamp) {
        let Event::Plan(event) = event else { return };
        self.updated_at = at;
        match event {
            PlanEvent::PlanReworded(e) => {
                self.title.clone_from(&e.title);
                self.rationale_preview = preview(&e.rationale);
            }
            PlanEvent::PlanItemAdded(_) => self.items += 1,
            PlanEvent::PlanItemRemoved(_) => self.items = self.items.saturating_sub(1),
            PlanEvent::PlanItemConverted(_) => self.items_converted += 1,
            PlanEvent::PlanApproved(e) => {
                (self.status, self.note) = (PlanStatus::Approved, e.note.clone());
            }
            PlanEvent::PlanRejected(e) => {
                (self.status, self.note) = (PlanStatus::Rejected, Some(e.reason.clone()));
            }
            PlanEvent::PlanCompleted(_) => self.status = PlanStatus::Completed,
            PlanEvent::PlanArchived(e) => {
                (self.status, self.note) = (PlanStatus::Archived, e.reason.clone());
            }
            PlanEvent::PlanProposed(_) | PlanEvent::PlanItemEdited(_) | PlanEvent::PlanReordered(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn a_plan_counts_what_became_of_its_items() {
        let of = |history: History, name| history.any(id::<super::PlanId>(1).into(), sample(name));
        let names = ["PlanProposed", "PlanItemAdded", "PlanItemRemoved", "PlanApproved", "PlanItemConverted"];
        check(
            "plans",
            &names.into_iter().fold(History::new(), of),
            &expect![[r##"
                #01; items 2; items_converted 1
                  created_at: "07:00:00.000Z"
                  note: "go"
                  project: "01040G2081040G2081040G2081"
                  rationale_preview: "It fills the memory within a day"
                  run: "02081040G2081040G2081040G2"
                  status: "approved"
                  title: "A cache with a bound"
                  updated_at: "07:00:04.000Z"
            "##]],
        );
    }
}
