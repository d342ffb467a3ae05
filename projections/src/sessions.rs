//! Every session, with the parts it was put together from.

use domain::autonomy::SessionMode;
use domain::ids::{FiringId, ProjectId, RunId, SandboxId, SessionId, SessionSummaryId, StepId};
use domain::session::{SessionEvent, SessionLimits, SessionParts};
use domain::session_summary::SessionSummaryEvent;
use domain::values::Timestamp;
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// A session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SessionRow {
    /// The project it belongs to.
    project: ProjectId,
    /// How it came about.
    mode: SessionMode,
    /// built, running, done, failed, time_limit, cost_limit or stopped.
    status: String,
    /// The firing that started it.
    firing: Option<FiringId>,
    /// The run it is part of.
    run: Option<RunId>,
    /// The step of that run.
    step: Option<StepId>,
    /// The sandbox it runs in.
    sandbox: Option<SandboxId>,
    /// What it was put together from.
    parts: Box<SessionParts>,
    /// What ends it.
    limits: SessionLimits,
    /// The session that it goes on from.
    resumes: Option<SessionId>,
    /// Whether it was summed up.
    summarised: bool,
    /// Its summary, the last one written.
    summary: Option<SessionSummaryId>,
    /// Whether it ended before it was summed up.
    ended_without_summary: bool,
    /// The agent's own name for it.
    agent_session: Option<String>,
    /// How often somebody stepped in.
    steers: u64,
    /// In words, how it ended.
    note: Option<String>,
    /// When it was put together.
    built_at: Timestamp,
    /// When the agent ran.
    started_at: Option<Timestamp>,
    /// When it ended.
    ended_at: Option<Timestamp>,
}

/// The view `sessions`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Sessions {
    table: Table<SessionId, SessionRow>,
}

impl View for Sessions {
    const NAME: &'static str = "sessions";
    const VERSION: u32 = 2;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] =
        &["project", "mode", "status", "firing", "run", "resumes", "summarised", "ended_without_summary"];
    type Key = SessionId;
    type Row = SessionRow;

    fn folds(event: &Event) -> bool {
        matches!(event, Event::Session(_) | Event::SessionSummary(_))
    }
    fn apply(&mut self, event: &Recorded) {
        if let Event::SessionSummary(SessionSummaryEvent::SessionSummarised(e)) = &event.event {
            if let Some(row) = e.session.and_then(|session| self.table.get_mut(&session)) {
                (row.summarised, row.summary) = (true, Some(event.meta.stream.id.into()));
            }
            return;
        }
        let Event::Session(happened) = &event.event else { return };
        let (id, at) = (SessionId::from(event.meta.stream.id), event.meta.when());
        if let SessionEvent::SessionBuilt(e) = happened {
            let row = SessionRow {
                project: e.project,
                mode: e.mode,
                status: "built".into(),
                firing: e.firing,
                run: e.run,
                step: e.step,
                sandbox: e.sandbox,
                parts: e.parts.clone(),
                limits: e.limits.clone(),
                resumes: None,
                summarised: false,
                summary: None,
                ended_without_summary: false,
                agent_session: None,
                steers: 0,
                note: None,
                built_at: at,
                started_at: None,
                ended_at: None,
            };
            self.table.insert(id, row);
            return;
        }
        let Some(row) = self.table.get_mut(&id) else { return };
        match happened {
            SessionEvent::SessionBuilt(_) => {}
            SessionEvent::SessionStarted(e) => {
                row.status = "running".into();
                row.agent_session.clone_from(&e.agent_session);
                row.started_at = Some(at);
            }
            SessionEvent::SessionResumed(e) => row.resumes = Some(e.before),
            SessionEvent::SessionSteered(_) => row.steers += 1,
            SessionEvent::SessionEnded(e) => {
                row.status = e.end.to_string();
                row.note.clone_from(&e.note);
                row.ended_without_summary = !row.summarised;
                row.ended_at = Some(at);
            }
        }
    }
    fn table(&self) -> &Table<SessionId, SessionRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<SessionId, SessionRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::{History, check, id, sample, sampled};

    #[test]
    fn a_session_that_ends_without_a_summary_says_so() {
        use domain::ids::{SessionId, SessionSummaryId};
        use domain::session_summary::{SessionSummarised, SessionSummaryEvent};
        let summed = |session: u64| {
            let domain::Event::SessionSummary(SessionSummaryEvent::SessionSummarised(e)) =
                sample("SessionSummarised")
            else {
                panic!("a summary")
            };
            let e = SessionSummarised { session: Some(id(session)), ..e };
            domain::Event::SessionSummary(e.into())
        };
        let of = |history: History, n: u64, name| history.any(id::<SessionId>(n).into(), sample(name));
        let history = of(of(History::new(), 1, "SessionBuilt"), 2, "SessionBuilt");
        let history = history.any(id::<SessionSummaryId>(5).into(), summed(1));
        let history = of(of(history, 1, "SessionEnded"), 2, "SessionEnded");
        let history = history.any(id::<SessionSummaryId>(6).into(), summed(2));
        let view = crate::testing::folded("sessions", &history);
        let rows = view.page(&crate::Query::default()).unwrap().rows;
        let shown = |n: usize| -> serde_json::Value { serde_json::from_str(rows[n].row.get()).unwrap() };
        let of = |n: usize| (shown(n)["summarised"].clone(), shown(n)["ended_without_summary"].clone());
        assert_eq!(of(0), (true.into(), false.into()));
        assert_eq!(of(1), (true.into(), true.into()), "a summary that comes late was none at the end");
        assert_eq!(shown(0)["summary"], id::<SessionSummaryId>(5).to_string());
    }

    #[test]
    fn a_session_from_its_parts_to_its_end() {
        let history = sampled("session", 1);
        check(
            "sessions",
            &history,
            &expect![[r##"
                #01; steers 1
                  agent_session: "0b6e"
                  built_at: "07:00:01.000Z"
                  ended_at: "07:00:06.000Z"
                  ended_without_summary: true
                  firing: "060R30C1G60R30C1G60R30C1G6"
                  limits: {"cost_usd_micros":2000000,"done_criteria":"a note stands in RESEARCH","wall_clock_ms":1800000}
                  mode: "team"
                  parts: {"agent":["02081040G2081040G2081040G2",3],"allowed_tools":["Read"],"assets":[["040G2081040G2081040G208104",1]],"brain_files":["PROJECT.md"],"context":["050M2GA1850M2GA1850M2GA185",2],"identity_digest":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","learning_version":7,"mcp_servers":[{"command":"bunx @perplexity-ai/mcp-server","environment":["PERPLEXITY_API_KEY"],"name":"perplexity"}],"persona":"030C1G60R30C1G60R30C1G60R3","role":"scout","rules":["git-protocol"],"system_prompt":"You research.","working_directory":"/workspace"}
                  project: "01040G2081040G2081040G2081"
                  resumes: "0A1850M2GA1850M2GA1850M2GA"
                  run: "070W3GE1R70W3GE1R70W3GE1R7"
                  sandbox: "09144GJ289144GJ289144GJ289"
                  started_at: "07:00:03.000Z"
                  status: "cost_limit"
                  step: "081040G2081040G2081040G208"
                  summarised: false
            "##]],
        );
    }
}
