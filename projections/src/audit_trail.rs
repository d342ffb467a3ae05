//! Who did what to what, and when: the newest rows of each event type, without the contents of sessions.
//!
//! A row for each event of a large log does not fit into memory, and the log itself answers `GET /v1/events` by
//! actor, time, project, type and stream, back to its first event. So this view keeps the newest 500 rows of each event type: rare
//! changes of settings are not pushed out by the many events of runs, and its size does not grow with the log.

use std::collections::{BTreeMap, VecDeque};

use domain::budget_pool::BudgetPoolEvent;
use domain::ids::{CommitId, ProjectId, StreamVersion, TypeId};
use domain::run::RunEvent;
use domain::sandbox::SandboxEvent;
use domain::values::Timestamp;
use domain::{Actor, StreamId};
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// Something that somebody did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AuditRow {
    /// Who.
    actor: Actor,
    /// What, as the event's name.
    event: String,
    /// To what kind of thing.
    aggregate: String,
    /// To what.
    stream: StreamId,
    /// The event's place in that stream.
    version: StreamVersion,
    /// In which project.
    project: Option<ProjectId>,
    /// The commit.
    commit: CommitId,
    /// When.
    at: Timestamp,
}

/// The view `audit-trail`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct AuditTrail {
    table: Table<u64, AuditRow>,
    next: u64,
    /// The keys of each event type's rows, oldest first.
    kept: BTreeMap<TypeId, VecDeque<u64>>,
}

/// Rows of each event type; the oldest leaves for a new one. The log keeps all of them.
const ROWS_PER_TYPE: usize = 500;

/// What sessions say and use: it comes by the thousand, and has views of its own.
const fn is_content(event: &Event) -> bool {
    matches!(
        event,
        Event::Run(
            RunEvent::StepMessageAppended(_)
                | RunEvent::StepContentContinued(_)
                | RunEvent::ToolCalled(_)
                | RunEvent::ToolReturned(_)
                | RunEvent::StepUsageRecorded(_)
        ) | Event::Sandbox(SandboxEvent::MessageAppended(_) | SandboxEvent::MessageContinued(_))
            | Event::BudgetPool(BudgetPoolEvent::BudgetUsed(_))
    )
}

impl View for AuditTrail {
    const NAME: &'static str = "audit-trail";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["project", "actor", "aggregate", "event", "stream"];
    type Key = u64;
    type Row = AuditRow;

    fn folds(event: &Event) -> bool {
        !is_content(event)
    }
    fn apply(&mut self, event: &Recorded) {
        if is_content(&event.event) {
            return;
        }
        self.next += 1;
        let meta = &event.meta;
        let row = AuditRow {
            actor: meta.actor,
            event: event.event.name().into(),
            aggregate: meta.stream.category.to_string(),
            stream: meta.stream,
            version: meta.version,
            project: meta.project,
            commit: meta.commit,
            at: meta.when(),
        };
        self.table.insert(self.next, row);
        let kept = self.kept.entry(meta.type_id).or_default();
        kept.push_back(self.next);
        if kept.len() > ROWS_PER_TYPE
            && let Some(oldest) = kept.pop_front()
        {
            self.table.remove(&oldest);
        }
    }
    fn table(&self) -> &Table<u64, AuditRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<u64, AuditRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::ContextId;
    use expect_test::expect;

    use super::ROWS_PER_TYPE;
    use crate::testing::{History, check, folded, id, requested, said, sample};

    #[test]
    fn it_says_who_did_what_to_what_and_leaves_out_what_was_said() {
        let history = History::new()
            .run(1, requested("a"))
            .run(1, said(1, 1, "assistant"))
            .any(id::<ContextId>(1).into(), sample("ContextCreated"));
        check(
            "audit-trail",
            &history,
            &expect![[r##"
            1
              actor: "operator"
              aggregate: "run"
              at: "07:00:00.000Z"
              commit: "#00"
              event: "RunRequested"
              project: "#01"
              stream: "run-#01"
            2
              actor: "operator"
              aggregate: "context"
              at: "07:00:02.000Z"
              commit: "#02"
              event: "ContextCreated"
              project: "#01"
              stream: "context-#01"
        "##]],
        );
    }

    #[test]
    fn it_stays_within_its_bound_and_rare_events_outlast_frequent_ones() {
        let first = History::new().any(id::<ContextId>(1).into(), sample("ContextCreated"));
        let history = (0..ROWS_PER_TYPE + 10)
            .fold(first, |history, _| history.any(id::<ContextId>(1).into(), sample("ContextActivated")));
        let view = folded("audit-trail", &history);
        assert_eq!(view.len(), ROWS_PER_TYPE + 1);
        let page = view.page(&crate::Query::default()).unwrap();
        assert!(page.rows[0].row.get().contains("ContextCreated"));
        assert_eq!(page.rows[1].key, "12", "the oldest ten are gone");
    }
}
