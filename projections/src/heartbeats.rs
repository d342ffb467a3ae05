//! What the daemon's loop did, span by span, beside what the log has: the proof that idling started no agent.

use std::collections::BTreeMap;

use domain::autonomy::SessionMode;
use domain::firing::FiringEvent;
use domain::heartbeat::{Beats, HeartbeatEvent};
use domain::ids::{FiringId, HeartbeatId, ProjectId};
use domain::session::SessionEvent;
use domain::values::Timestamp;
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// A span of a heartbeat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct HeartbeatRow {
    /// The project it watches.
    project: Option<ProjectId>,
    /// The heartbeat.
    heartbeat: HeartbeatId,
    /// From this instant.
    from: Timestamp,
    /// Up to this instant.
    to: Timestamp,
    /// Rounds of the loop.
    ticks: u64,
    /// Triggers looked at.
    checked: u64,
    /// Firings that started work, as the loop says.
    fired: u64,
    /// Firings of any outcome, as the loop says.
    came_up: u64,
    /// Firings that started work, as the log has them: recorded since the span before.
    fired_in_log: u64,
    /// Sessions of automated work, as the log has them: built since the span before.
    sessions_in_log: u64,
    /// Whether nothing was started, by the loop and by the log.
    idle: bool,
    /// Whether loop and log agree on what was started.
    agrees: bool,
    /// Whether the loop ended with it.
    stopped: bool,
}

/// The view `heartbeats`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Heartbeats {
    table: Table<u64, HeartbeatRow>,
    projects: BTreeMap<HeartbeatId, ProjectId>,
    /// What the log has since the last span of each project.
    since: BTreeMap<ProjectId, Since>,
    /// The projects of firings that wait.
    waiting: BTreeMap<FiringId, ProjectId>,
}

/// What the log has since the last span.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Since {
    fired: u64,
    sessions: u64,
}

impl Heartbeats {
    fn fired(&mut self, project: ProjectId) {
        self.since.entry(project).or_default().fired += 1;
    }
    fn apply_firing(&mut self, id: FiringId, event: &FiringEvent) {
        match event {
            FiringEvent::TriggerFired(e) => self.fired(e.occasion.project),
            FiringEvent::FiringQueued(e) => {
                self.waiting.insert(id, e.occasion.project);
            }
            FiringEvent::QueuedFiringStarted(_) => {
                if let Some(project) = self.waiting.remove(&id) {
                    self.fired(project);
                }
            }
            FiringEvent::QueuedFiringDropped(_) => {
                self.waiting.remove(&id);
            }
            FiringEvent::FiringSkipped(_) | FiringEvent::FiringDeduplicated(_) => {}
        }
    }
    fn span(
        &mut self,
        heartbeat: HeartbeatId,
        (from, to): (Timestamp, Timestamp),
        beats: &Beats,
        stopped: bool,
    ) {
        let project = self.projects.get(&heartbeat).copied();
        let since = project.and_then(|project| self.since.remove(&project)).unwrap_or_default();
        let row = HeartbeatRow {
            project,
            heartbeat,
            from,
            to,
            ticks: beats.ticks,
            checked: beats.checked,
            fired: beats.fired,
            came_up: beats.came_up(),
            fired_in_log: since.fired,
            sessions_in_log: since.sessions,
            idle: beats.fired == 0 && since == Since::default(),
            agrees: beats.fired == since.fired,
            stopped,
        };
        let key = self.table.len() as u64 + 1;
        self.table.insert(key, row);
    }
}

impl View for Heartbeats {
    const NAME: &'static str = "heartbeats";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["project", "heartbeat", "idle", "agrees"];
    type Key = u64;
    type Row = HeartbeatRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::Heartbeat(_) | Event::Firing(_) | Event::Session(_))
    }
    fn apply(&mut self, event: &Recorded) {
        let heartbeat = HeartbeatId::from(event.meta.stream.id);
        match &event.event {
            Event::Heartbeat(HeartbeatEvent::HeartbeatStarted(e)) => {
                self.projects.insert(heartbeat, e.project);
            }
            Event::Heartbeat(HeartbeatEvent::HeartbeatSummarised(e)) => {
                self.span(heartbeat, (e.from, e.to), &e.beats, false);
            }
            Event::Heartbeat(HeartbeatEvent::HeartbeatStopped(e)) => {
                self.span(heartbeat, (e.from, e.to), &e.beats, true);
            }
            Event::Firing(happened) => self.apply_firing(event.meta.stream.id.into(), happened),
            Event::Session(SessionEvent::SessionBuilt(e)) if e.mode != SessionMode::Interactive => {
                self.since.entry(e.project).or_default().sessions += 1;
            }
            _ => {}
        }
    }
    fn table(&self) -> &Table<u64, HeartbeatRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<u64, HeartbeatRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::{FiringId, HeartbeatId, SessionId, StreamId};
    use expect_test::expect;

    use super::{Event, SessionEvent, SessionMode};
    use crate::testing::{History, check, id, sample, sampled};

    #[test]
    fn a_span_is_idle_where_loop_and_log_say_so() {
        let beat = StreamId::from(id::<HeartbeatId>(1));
        let firing = |number: u64| StreamId::from(id::<FiringId>(number));
        let samples = sampled("session", 1).events.into_iter().map(|recorded| recorded.event);
        let is_automated = |event: &Event| match event {
            Event::Session(SessionEvent::SessionBuilt(e)) => e.mode != SessionMode::Interactive,
            _ => false,
        };
        let automated = samples.into_iter().find(is_automated).expect("a sample is automated");
        // A person's session, the second one, is no work of the loop's.
        let history = History::new()
            .any(beat, sample("HeartbeatStarted"))
            .any(beat, sample("HeartbeatSummarised"))
            .any(firing(1), sample("FiringQueued"))
            .any(firing(1), sample("QueuedFiringStarted"))
            .any(id::<SessionId>(1).into(), automated)
            .any(id::<SessionId>(2).into(), sample("SessionBuilt"))
            .any(beat, sample("HeartbeatSummarised"))
            .any(firing(2), sample("TriggerFired"))
            .any(beat, sample("HeartbeatStopped"));
        check(
            "heartbeats",
            &history,
            &expect![[r##"
                1; checked 240; ticks 60
                  agrees: true
                  from: "07:00:00.000Z"
                  heartbeat: "#01"
                  idle: true
                  project: "01040G2081040G2081040G2081"
                  stopped: false
                  to: "08:00:00.000Z"
                2; checked 240; fired_in_log 1; sessions_in_log 1; ticks 60
                  agrees: false
                  from: "07:00:00.000Z"
                  heartbeat: "#01"
                  idle: false
                  project: "01040G2081040G2081040G2081"
                  stopped: false
                  to: "08:00:00.000Z"
                3; came_up 10; checked 20; fired 1; fired_in_log 1; ticks 5
                  agrees: true
                  from: "08:00:00.000Z"
                  heartbeat: "#01"
                  idle: false
                  project: "01040G2081040G2081040G2081"
                  stopped: true
                  to: "09:00:00.000Z"
            "##]],
        );
    }
}
