//! Teams as lists show them: the goal, the members, how far their tasks are.

use domain::Event;
use domain::autonomy::AgentRole;
use domain::ids::{FiringId, ProjectId, RunId, SessionId, StreamId, TeamId};
use domain::team::TeamEvent;
use domain::values::Timestamp;

use crate::listed::{ListRow, preview, rows};

rows! {
    /// A team.
    struct TeamRow {
        /// The project it belongs to.
        project: ProjectId,
        /// The first 200 characters of what it is to reach.
        goal_preview: String,
        /// The run that its sessions are steps of.
        run: Option<RunId>,
        /// The firing that it came from.
        firing: Option<FiringId>,
        /// Its members, with role.
        members: Vec<(SessionId, AgentRole)>,
        /// Tasks on the list.
        tasks: u64,
        /// Tasks that a member has.
        tasks_claimed: u64,
        /// Tasks that are done.
        tasks_done: u64,
        /// Messages between members and people.
        messages: u64,
        /// Why it is no more.
        disbanded: Option<String>,
        /// When it was formed.
        formed_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

impl ListRow for TeamRow {
    const NAME: &'static str = "teams";
    const VERSION: u32 = 1;
    const FILTERS: &'static [&'static str] = &["project", "run", "firing"];
    type Key = TeamId;

    fn key(stream: StreamId) -> TeamId {
        stream.id.into()
    }
    fn concerns(event: &Event) -> bool {
        matches!(event, Event::Team(_))
    }
    fn open(event: &Event, at: Timestamp) -> Option<Self> {
        let Event::Team(TeamEvent::TeamFormed(e)) = event else { return None };
        Some(Self {
            project: e.project,
            goal_preview: preview(&e.goal),
            run: e.run,
            firing: e.firing,
            members: vec![],
            tasks: 0,
            tasks_claimed: 0,
            tasks_done: 0,
            messages: 0,
            disbanded: None,
            formed_at: at,
            updated_at: at,
        })
    }
    fn apply(&mut self, event: &Event, at: Timestamp) {
        let Event::Team(event) = event else { return };
        self.updated_at = at;
        match event {
            TeamEvent::TeamFormed(_) | TeamEvent::TeamMessageRead(_) => {}
            TeamEvent::TeamMemberJoined(e) => self.members.push((e.session, e.role)),
            TeamEvent::TeamTaskAdded(_) => self.tasks += 1,
            TeamEvent::TeamTaskClaimed(_) => self.tasks_claimed += 1,
            TeamEvent::TeamTaskReleased(_) => self.tasks_claimed = self.tasks_claimed.saturating_sub(1),
            TeamEvent::TeamTaskCompleted(_) => {
                self.tasks_claimed = self.tasks_claimed.saturating_sub(1);
                self.tasks_done += 1;
            }
            TeamEvent::TeamMessageSent(_) => self.messages += 1,
            TeamEvent::TeamDisbanded(e) => self.disbanded = Some(e.reason.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::{check, sampled};

    #[test]
    fn a_team_counts_its_tasks_and_messages() {
        check(
            "teams",
            &sampled("team", 1),
            &expect![[r##"
            #01; messages 2; tasks 2; tasks_done 1
              disbanded: "the goal is reached"
              firing: "050M2GA1850M2GA1850M2GA185"
              formed_at: "07:00:00.000Z"
              goal_preview: "Sign-in by e-mail"
              members: [["030C1G60R30C1G60R30C1G60R3","team-lead"],["040G2081040G2081040G208104","builder"]]
              project: "01040G2081040G2081040G2081"
              run: "02081040G2081040G2081040G2"
              updated_at: "07:00:12.000Z"
        "##]],
        );
    }
}
