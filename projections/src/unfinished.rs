//! Work that has begun and has not ended, and when something was last heard of it: what triggers on stalled work ask.

use std::collections::BTreeMap;

use domain::ids::{ProjectId, RunId, StreamId};
use domain::review_cycle::ReviewCycleEvent;
use domain::run::RunEvent;
use domain::session::SessionEvent;
use domain::trigger::StalledKind;
use domain::values::Timestamp;
use domain::{Event, Recorded};
use serde::{Deserialize, Serialize};

use crate::listed::rows;
use crate::table::Table;
use crate::view::{Scope, View};

rows! {
    /// Work under way.
    struct UnfinishedRow {
        /// The project it belongs to.
        project: ProjectId,
        /// What it is.
        kind: StalledKind,
        /// When it began.
        since: Timestamp,
        /// When something was last heard of it; of a session, of its run too.
        last_heard_at: Timestamp,
    }
}

/// The view `unfinished`; a row's key is the stream.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Unfinished {
    table: Table<StreamId, UnfinishedRow>,
    /// Projects of runs and sessions that have not begun or not ended.
    projects: BTreeMap<StreamId, ProjectId>,
    /// Sessions under way, by the run that they are steps of.
    sessions: BTreeMap<RunId, Vec<StreamId>>,
}

/// What an event is for the work that it is of.
enum Turn {
    /// It may begin later.
    Known(ProjectId),
    Begins,
    Ends,
    Heard,
}

fn run(event: &RunEvent) -> Turn {
    match event {
        RunEvent::RunRequested(e) => Turn::Known(e.project),
        RunEvent::RunStarted(_) => Turn::Begins,
        RunEvent::RunCompleted(_) | RunEvent::RunFailed(_) | RunEvent::RunCancelled(_) => Turn::Ends,
        _ => Turn::Heard,
    }
}

fn session(event: &SessionEvent) -> Turn {
    match event {
        SessionEvent::SessionBuilt(e) => Turn::Known(e.project),
        SessionEvent::SessionStarted(_) => Turn::Begins,
        SessionEvent::SessionEnded(_) => Turn::Ends,
        SessionEvent::SessionResumed(_) | SessionEvent::SessionSteered(_) => Turn::Heard,
    }
}

impl Unfinished {
    fn take(&mut self, stream: StreamId, kind: StalledKind, turn: &Turn, at: Timestamp) {
        match turn {
            Turn::Known(project) => drop(self.projects.insert(stream, *project)),
            Turn::Begins => {
                if let Some(project) = self.projects.get(&stream).copied() {
                    self.table.insert(stream, UnfinishedRow { project, kind, since: at, last_heard_at: at });
                }
            }
            Turn::Ends => {
                self.projects.remove(&stream);
                self.table.remove(&stream);
            }
            Turn::Heard => {
                if let Some(row) = self.table.get_mut(&stream) {
                    row.last_heard_at = at;
                }
            }
        }
    }
    fn take_session(&mut self, stream: StreamId, event: &SessionEvent, at: Timestamp) {
        self.take(stream, StalledKind::Session, &session(event), at);
        match event {
            SessionEvent::SessionBuilt(e) => {
                let others = e.run.map(|run| self.sessions.entry(run).or_default());
                others.into_iter().filter(|it| !it.contains(&stream)).for_each(|it| it.push(stream));
            }
            SessionEvent::SessionEnded(_) => {
                self.sessions.retain(|_, sessions| {
                    sessions.retain(|session| *session != stream);
                    !sessions.is_empty()
                });
            }
            _ => {}
        }
    }
    fn take_review(&mut self, stream: StreamId, event: &ReviewCycleEvent, at: Timestamp) {
        let kind = StalledKind::Review;
        match event {
            ReviewCycleEvent::ReviewOpened(e) => {
                self.take(stream, kind, &Turn::Known(e.project), at);
                self.take(stream, kind, &Turn::Begins, at);
            }
            ReviewCycleEvent::ReviewCycleScored(e) if e.action.goes_on() => {
                self.take(stream, kind, &Turn::Heard, at);
            }
            ReviewCycleEvent::ReviewCycleSandboxed(_) => self.take(stream, kind, &Turn::Heard, at),
            // What was escalated or stopped waits for somebody who was told.
            ReviewCycleEvent::ReviewCycleScored(_)
            | ReviewCycleEvent::ReviewSettled(_)
            | ReviewCycleEvent::ReviewAbandoned(_) => self.take(stream, kind, &Turn::Ends, at),
        }
    }
}

impl View for Unfinished {
    const NAME: &'static str = "unfinished";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["project", "kind"];
    type Key = StreamId;
    type Row = UnfinishedRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::Run(_) | Event::Session(_) | Event::ReviewCycle(_))
    }
    fn apply(&mut self, event: &Recorded) {
        let (stream, at) = (event.meta.stream, event.meta.when());
        match &event.event {
            Event::Run(happened) => {
                self.take(stream, StalledKind::Run, &run(happened), at);
                let sessions = self.sessions.get(&RunId::from(stream.id)).cloned().unwrap_or_default();
                for session in sessions {
                    self.take(session, StalledKind::Session, &Turn::Heard, at);
                }
            }
            Event::Session(happened) => self.take_session(stream, happened, at),
            Event::ReviewCycle(happened) => self.take_review(stream, happened, at),
            _ => {}
        }
    }
    fn table(&self) -> &Table<StreamId, UnfinishedRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<StreamId, UnfinishedRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::{ReviewCycleId, SessionId};
    use domain::run::{RunCompleted, RunStarted};
    use expect_test::expect;

    use super::*;
    use crate::testing::{History, check, id, requested, said, sample};

    fn under_way() -> History {
        let session = |history: History, name| history.any(id::<SessionId>(1).into(), sample(name));
        let history = ["SessionBuilt", "SessionStarted"].into_iter().fold(History::new(), session);
        let run = RunId::from_bytes([7; 16]);
        history
            .run(1, requested("a"))
            .run(1, RunStarted {})
            .run(2, requested("not begun"))
            .any(run.into(), Event::Run(said(1, 1, "user").into()))
            .any(id::<ReviewCycleId>(1).into(), sample("ReviewOpened"))
            .run(1, said(1, 1, "user"))
            .any(id::<ReviewCycleId>(1).into(), sample("ReviewCycleScored"))
    }

    #[test]
    fn what_is_under_way_says_when_it_was_last_heard_of() {
        check(
            "unfinished",
            &under_way(),
            &expect![[r##"
            run-#01
              kind: "run"
              last_heard_at: "07:00:07.000Z"
              project: "#01"
              since: "07:00:03.000Z"
            review-cycle-#01
              kind: "review"
              last_heard_at: "07:00:08.000Z"
              project: "01040G2081040G2081040G2081"
              since: "07:00:06.000Z"
            session-#01
              kind: "session"
              last_heard_at: "07:00:05.000Z"
              project: "01040G2081040G2081040G2081"
              since: "07:00:01.000Z"
        "##]],
        );
    }

    #[test]
    fn what_has_ended_is_gone() {
        let history = under_way()
            .run(1, RunCompleted { summary: None })
            .any(id::<SessionId>(1).into(), sample("SessionEnded"))
            .any(id::<ReviewCycleId>(1).into(), sample("ReviewAbandoned"));
        check("unfinished", &history, &expect![[r##""##]]);
    }
}
