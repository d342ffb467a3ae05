//! Every trigger that is not deleted, with what came of its firings.

use std::collections::BTreeMap;

use domain::firing::{FiringEvent, Occasion};
use domain::ids::{FiringId, ProjectId, TriggerId};
use domain::trigger::{Condition, TriggerEvent, TriggeredWork};
use domain::values::Timestamp;
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// A trigger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TriggerRow {
    /// The project it belongs to.
    project: ProjectId,
    /// A short name.
    name: String,
    /// The kind of its condition.
    kind: String,
    /// When it fires.
    condition: Condition,
    /// What it starts.
    work: TriggeredWork,
    /// Whether it fires.
    enabled: bool,
    /// Why it does not.
    reason: Option<String>,
    /// Its version in force.
    version: u32,
    /// Firings that started work.
    fired: u64,
    /// Firings that wait for budget.
    queued: u64,
    /// Firings that were skipped or given up.
    skipped: u64,
    /// Firings that repeated another.
    deduplicated: u64,
    /// When its condition last held.
    last_at: Option<Timestamp>,
    /// When it last changed.
    updated_at: Timestamp,
}

/// The view `triggers`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Triggers {
    table: Table<TriggerId, TriggerRow>,
    /// The triggers of firings that wait.
    waiting: BTreeMap<FiringId, TriggerId>,
}

impl TriggerRow {
    fn configure(&mut self, name: &str, condition: &Condition, work: &TriggeredWork) {
        self.name = name.into();
        self.kind = condition.kind().into();
        self.condition = condition.clone();
        self.work = work.clone();
    }
}

impl Triggers {
    fn apply_own(&mut self, id: TriggerId, event: &TriggerEvent, at: Timestamp) {
        if let TriggerEvent::TriggerCreated(e) = event {
            let row = TriggerRow {
                project: e.project,
                name: e.name.clone(),
                kind: e.condition.kind().into(),
                condition: e.condition.clone(),
                work: e.work.clone(),
                enabled: true,
                reason: None,
                version: 1,
                fired: 0,
                queued: 0,
                skipped: 0,
                deduplicated: 0,
                last_at: None,
                updated_at: at,
            };
            self.table.insert(id, row);
            return;
        }
        if matches!(event, TriggerEvent::TriggerDeleted(_)) {
            self.table.remove(&id);
            return;
        }
        let Some(row) = self.table.get_mut(&id) else { return };
        row.updated_at = at;
        match event {
            TriggerEvent::TriggerConfigured(e) => {
                row.version = e.version;
                row.configure(&e.name, &e.condition, &e.work);
            }
            TriggerEvent::TriggerEnabled(_) => (row.enabled, row.reason) = (true, None),
            TriggerEvent::TriggerDisabled(e) => (row.enabled, row.reason) = (false, e.reason.clone()),
            TriggerEvent::TriggerCreated(_) | TriggerEvent::TriggerDeleted(_) => {}
        }
    }
    fn count(&mut self, occasion: &Occasion, counter: impl Fn(&mut TriggerRow) -> &mut u64) {
        if let Some(row) = self.table.get_mut(&occasion.trigger) {
            *counter(row) += 1;
            row.last_at = row.last_at.max(Some(occasion.at));
        }
    }
    fn apply_firing(&mut self, id: FiringId, event: &FiringEvent) {
        match event {
            FiringEvent::TriggerFired(e) => self.count(&e.occasion, |row| &mut row.fired),
            FiringEvent::FiringQueued(e) => {
                self.waiting.insert(id, e.occasion.trigger);
                self.count(&e.occasion, |row| &mut row.queued);
            }
            FiringEvent::FiringSkipped(e) => self.count(&e.occasion, |row| &mut row.skipped),
            FiringEvent::FiringDeduplicated(e) => self.count(&e.occasion, |row| &mut row.deduplicated),
            FiringEvent::QueuedFiringStarted(_) => self.settle(id, |row| &mut row.fired),
            FiringEvent::QueuedFiringDropped(_) => self.settle(id, |row| &mut row.skipped),
        }
    }
    /// A firing that waited has its outcome.
    fn settle(&mut self, id: FiringId, counter: impl Fn(&mut TriggerRow) -> &mut u64) {
        let Some(trigger) = self.waiting.remove(&id) else { return };
        if let Some(row) = self.table.get_mut(&trigger) {
            row.queued = row.queued.saturating_sub(1);
            *counter(row) += 1;
        }
    }
}

impl View for Triggers {
    const NAME: &'static str = "triggers";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["project", "kind", "enabled"];
    type Key = TriggerId;
    type Row = TriggerRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::Trigger(_) | Event::Firing(_))
    }
    fn apply(&mut self, event: &Recorded) {
        match &event.event {
            Event::Trigger(happened) => {
                self.apply_own(event.meta.stream.id.into(), happened, event.meta.when());
            }
            Event::Firing(happened) => self.apply_firing(event.meta.stream.id.into(), happened),
            _ => {}
        }
    }
    fn table(&self) -> &Table<TriggerId, TriggerRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<TriggerId, TriggerRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::{FiringId, StreamId, TriggerId};
    use expect_test::expect;

    use crate::testing::{History, check, sample};

    #[test]
    fn a_trigger_counts_its_firings_by_outcome() {
        let trigger = StreamId::from(TriggerId::from_bytes([2; 16]));
        let firing = |number: u8| StreamId::from(FiringId::from_bytes([number; 16]));
        let history = History::new()
            .any(trigger, sample("TriggerCreated"))
            .any(firing(1), sample("TriggerFired"))
            .any(firing(2), sample("FiringQueued"))
            .any(firing(3), sample("FiringQueued"))
            .any(firing(4), sample("FiringQueued"))
            .any(firing(2), sample("QueuedFiringStarted"))
            .any(firing(3), sample("QueuedFiringDropped"))
            .any(firing(5), sample("FiringDeduplicated"))
            .any(trigger, sample("TriggerDisabled"));
        check(
            "triggers",
            &history,
            &expect![[r#"
            02081040G2081040G2081040G2; deduplicated 1; fired 2; queued 1; skipped 1; version 1
              condition: {"cron":{"expression":"0 9 * * *","timezone":"Europe/Berlin"}}
              enabled: false
              kind: "cron"
              last_at: "07:00:00.000Z"
              name: "cron"
              project: "01040G2081040G2081040G2081"
              reason: "too noisy"
              updated_at: "07:00:08.000Z"
              work: {"estimate":30,"kind":"research","mode":"standalone","pool":"030C1G60R30C1G60R30C1G60R3","role":"scout","task":"Scan the news of our dependencies","workflow":"02081040G2081040G2081040G2"}
        "#]],
        );
        let gone = history.any(trigger, sample("TriggerDeleted"));
        check("triggers", &gone, &expect![""]);
    }
}
