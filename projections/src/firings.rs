//! Every firing of a trigger, with its outcome.

use domain::firing::{FiringEvent, Occasion, StartedWork};
use domain::ids::{BudgetPoolId, FiringId, ProjectId, RoutingId, RunId, SessionId, TriggerId};
use domain::values::Timestamp;
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// A firing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct FiringRow {
    /// The project it belongs to.
    project: ProjectId,
    /// The trigger.
    trigger: TriggerId,
    /// The trigger's version, where it was at hand.
    trigger_version: Option<u32>,
    /// When the condition held.
    at: Timestamp,
    /// What tells it from others.
    occasion: Option<String>,
    /// What came, in a few words.
    detail: Option<String>,
    /// fired, queued, skipped, deduplicated or dropped.
    outcome: String,
    /// Whether it waited for budget first.
    was_queued: bool,
    /// The run it started.
    run: Option<RunId>,
    /// The session it started.
    session: Option<SessionId>,
    /// The routing that chose the roles.
    routing: Option<RoutingId>,
    /// The pool whose budget was low.
    pool: Option<BudgetPoolId>,
    /// When it may fit, as far as known.
    until: Option<Timestamp>,
    /// The firing it repeats.
    of: Option<FiringId>,
    /// Why it started nothing.
    reason: Option<String>,
    /// When its outcome was recorded.
    settled_at: Timestamp,
}

/// The view `firings`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Firings {
    table: Table<FiringId, FiringRow>,
}

impl FiringRow {
    fn new(occasion: &Occasion, outcome: &str, settled_at: Timestamp) -> Self {
        Self {
            project: occasion.project,
            trigger: occasion.trigger,
            trigger_version: None,
            at: occasion.at,
            occasion: occasion.key.clone(),
            detail: occasion.detail.clone(),
            outcome: outcome.into(),
            was_queued: false,
            run: None,
            session: None,
            routing: None,
            pool: None,
            until: None,
            of: None,
            reason: None,
            settled_at,
        }
    }
    fn started(mut self, started: &StartedWork) -> Self {
        self.outcome = "fired".into();
        self.run = started.run;
        self.session = started.session;
        self.routing = started.routing;
        self
    }
    /// The row of a firing's first event; none for a later one.
    fn first(event: &FiringEvent, at: Timestamp) -> Option<Self> {
        Some(match event {
            FiringEvent::TriggerFired(e) => Self {
                trigger_version: e.trigger_version,
                ..Self::new(&e.occasion, "fired", at).started(&e.started)
            },
            FiringEvent::FiringQueued(e) => Self {
                trigger_version: e.trigger_version,
                was_queued: true,
                pool: Some(e.pool),
                until: e.until,
                ..Self::new(&e.occasion, "queued", at)
            },
            FiringEvent::FiringSkipped(e) => {
                let note = e.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
                let reason = Some(format!("{}{note}", e.reason));
                Self { reason, ..Self::new(&e.occasion, "skipped", at) }
            }
            FiringEvent::FiringDeduplicated(e) => {
                Self { of: Some(e.of), ..Self::new(&e.occasion, "deduplicated", at) }
            }
            FiringEvent::QueuedFiringStarted(_) | FiringEvent::QueuedFiringDropped(_) => return None,
        })
    }
}

impl View for Firings {
    const NAME: &'static str = "firings";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["project", "trigger", "outcome", "run", "session"];
    type Key = FiringId;
    type Row = FiringRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::Firing(_))
    }
    fn apply(&mut self, event: &Recorded) {
        let Event::Firing(happened) = &event.event else { return };
        let (id, at) = (FiringId::from(event.meta.stream.id), event.meta.when());
        if let Some(row) = FiringRow::first(happened, at) {
            self.table.insert(id, row);
            return;
        }
        let Some(row) = self.table.get_mut(&id) else { return };
        row.settled_at = at;
        match happened {
            FiringEvent::QueuedFiringStarted(e) => *row = row.clone().started(&e.started),
            FiringEvent::QueuedFiringDropped(e) => {
                row.outcome = "dropped".into();
                row.reason = Some(e.reason.clone());
            }
            _ => {}
        }
    }
    fn table(&self) -> &Table<FiringId, FiringRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<FiringId, FiringRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::{FiringId, StreamId};
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn each_firing_has_one_outcome() {
        let firing = |number: u64| StreamId::from(id::<FiringId>(number));
        let history = History::new()
            .any(firing(1), sample("TriggerFired"))
            .any(firing(2), sample("FiringQueued"))
            .any(firing(3), sample("FiringQueued"))
            .any(firing(4), sample("FiringSkipped"))
            .any(firing(5), sample("FiringDeduplicated"))
            .any(firing(2), sample("QueuedFiringStarted"))
            .any(firing(3), sample("QueuedFiringDropped"));
        check(
            "firings",
            &history,
            &expect![[r##"
            #01; trigger_version 1
              at: "07:00:00.000Z"
              detail: "due"
              occasion: "09:00"
              outcome: "fired"
              project: "01040G2081040G2081040G2081"
              routing: "050M2GA1850M2GA1850M2GA185"
              run: "030C1G60R30C1G60R30C1G60R3"
              session: "040G2081040G2081040G208104"
              settled_at: "07:00:00.000Z"
              trigger: "02081040G2081040G2081040G2"
              was_queued: false
            #02; trigger_version 1
              at: "07:00:00.000Z"
              detail: "due"
              occasion: "09:00"
              outcome: "fired"
              pool: "070W3GE1R70W3GE1R70W3GE1R7"
              project: "01040G2081040G2081040G2081"
              session: "040G2081040G2081040G208104"
              settled_at: "07:00:05.000Z"
              trigger: "02081040G2081040G2081040G2"
              until: "07:00:00.000Z"
              was_queued: true
            #03; trigger_version 1
              at: "07:00:00.000Z"
              detail: "due"
              occasion: "09:00"
              outcome: "dropped"
              pool: "070W3GE1R70W3GE1R70W3GE1R7"
              project: "01040G2081040G2081040G2081"
              reason: "done by hand"
              settled_at: "07:00:06.000Z"
              trigger: "02081040G2081040G2081040G2"
              until: "07:00:00.000Z"
              was_queued: true
            #04
              at: "07:00:00.000Z"
              outcome: "skipped"
              project: "01040G2081040G2081040G2081"
              reason: "busy"
              settled_at: "07:00:03.000Z"
              trigger: "02081040G2081040G2081040G2"
              was_queued: false
            #05
              at: "07:00:00.000Z"
              of: "081040G2081040G2081040G208"
              outcome: "deduplicated"
              project: "01040G2081040G2081040G2081"
              settled_at: "07:00:04.000Z"
              trigger: "02081040G2081040G2081040G2"
              was_queued: false
        "##]],
        );
    }
}
