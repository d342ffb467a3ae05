//! A team of sessions at one goal: its shared list of tasks, and the messages between its members.

use std::collections::BTreeMap;

use crate::autonomy::AgentRole;
use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, FiringId, ProjectId, RunId, SessionId, StreamId};
use crate::{Decider, Rejection, check};

#[cfg(test)]
mod tests;

events! {
    /// Everything that can happen to a team.
    pub enum TeamEvent {
        4200 => TeamFormed 1;
        4201 => TeamMemberJoined 1;
        4202 => TeamTaskAdded 1;
        4203 => TeamTaskClaimed 1;
        4204 => TeamTaskReleased 1;
        4205 => TeamTaskCompleted 1;
        4206 => TeamMessageSent 1;
        4207 => TeamMessageRead 1;
        4208 => TeamDisbanded 1;
    }
}

commands! {
    /// What can be asked of a team.
    pub enum TeamCommand {
        "form" => FormTeam;
        "join" => JoinTeam;
        "add-task" => AddTeamTask;
        "claim-task" => ClaimTeamTask;
        "release-task" => ReleaseTeamTask;
        "complete-task" => CompleteTeamTask;
        "send" => SendTeamMessage;
        "read" => ReadTeamMessage;
        "disband" => DisbandTeam;
    }
}

plain! {
    /// A team was formed.
    struct TeamFormed {
        /// The project it belongs to.
        project: ProjectId,
        /// What it is to reach.
        goal: String,
        /// The run that its sessions are steps of.
        run: Option<RunId>,
        /// The firing that it came from.
        firing: Option<FiringId>,
    }
    /// A session became a member.
    struct TeamMemberJoined {
        /// The session.
        session: SessionId,
        /// Its role.
        role: AgentRole,
    }
    /// A task was put on the list.
    struct TeamTaskAdded {
        /// Its number, from 1.
        task: u32,
        /// What is to be done.
        text: String,
        /// Whose it is; anybody's where absent.
        role: Option<AgentRole>,
        /// Tasks that come before it.
        after: Vec<u32>,
    }
    /// A member took a task.
    struct TeamTaskClaimed {
        /// The task.
        task: u32,
        /// The member.
        session: SessionId,
    }
    /// A member gave a task back.
    struct TeamTaskReleased {
        /// The task.
        task: u32,
        /// Why.
        reason: String,
    }
    /// A task is done.
    struct TeamTaskCompleted {
        /// The task.
        task: u32,
        /// What came out of it.
        result: String,
    }
    /// A message lies in a mailbox.
    struct TeamMessageSent {
        /// Its number, from 1.
        message: u32,
        /// The member who sent it; none for a person.
        from: Option<SessionId>,
        /// The member it is for; none for all.
        to: Option<SessionId>,
        /// What it says.
        text: String,
    }
    /// A member has read a message.
    struct TeamMessageRead {
        /// The message.
        message: u32,
        /// The member.
        session: SessionId,
    }
    /// The team is no more.
    struct TeamDisbanded {
        /// Why.
        reason: String,
    }
}

plain! {
    /// Forms a team.
    struct FormTeam {
        /// The project it belongs to.
        project: ProjectId,
        /// What it is to reach; 1 byte to 64 KiB.
        goal: String,
        /// The run that its sessions are steps of.
        run: Option<RunId>,
        /// The firing that it comes from.
        firing: Option<FiringId>,
    }
    /// Makes a session a member; at most 50.
    struct JoinTeam {
        /// The session.
        session: SessionId,
        /// Its role.
        role: AgentRole,
    }
    /// Puts a task on the list; it gets the next number, up to 1,000.
    struct AddTeamTask {
        /// What is to be done; 1 byte to 64 KiB.
        text: String,
        /// Whose it is; anybody's where absent.
        role: Option<AgentRole>,
        /// Tasks that come before it, each once.
        #[serde(default)]
        after: Vec<u32>,
    }
    /// Lets a member take a task that nobody has, once all tasks before it are done.
    struct ClaimTeamTask {
        /// The task.
        task: u32,
        /// The member, of the task's role.
        session: SessionId,
    }
    /// Gives a task back.
    struct ReleaseTeamTask {
        /// The task.
        task: u32,
        /// The member who has it.
        session: SessionId,
        /// Why; 1 byte to 64 KiB.
        reason: String,
    }
    /// Records that a task is done.
    struct CompleteTeamTask {
        /// The task.
        task: u32,
        /// The member who has it.
        session: SessionId,
        /// What came out of it; at most 64 KiB.
        #[serde(default)]
        result: String,
    }
    /// Puts a message into a mailbox; it gets the next number, up to 10,000.
    struct SendTeamMessage {
        /// The member who sends it; absent for a person.
        from: Option<SessionId>,
        /// The member it is for, another one; absent for all.
        to: Option<SessionId>,
        /// What it says; 1 byte to 64 KiB.
        text: String,
    }
    /// Records that a member has read a message to it or to all, once.
    struct ReadTeamMessage {
        /// The message.
        message: u32,
        /// The member.
        session: SessionId,
    }
    /// Ends the team.
    struct DisbandTeam {
        /// Why; 1 byte to 64 KiB.
        reason: String,
    }
}

/// Longest text of a team, in bytes.
pub const TEAM_TEXT_MAX_BYTES: usize = 64 * 1024;
/// Most members.
pub const MEMBERS_MAX: usize = 50;
/// Most tasks.
pub const TASKS_MAX: u32 = 1_000;
/// Most messages.
pub const MESSAGES_MAX: u32 = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Formed,
    Disbanded,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum TaskPhase {
    Open,
    Claimed(SessionId),
    Done,
}

#[derive(Debug, Clone, PartialEq)]
struct Task {
    role: Option<AgentRole>,
    after: Vec<u32>,
    phase: TaskPhase,
}

#[derive(Debug, Clone, PartialEq)]
struct Message {
    from: Option<SessionId>,
    to: Option<SessionId>,
    read_by: Vec<SessionId>,
}

/// A team, as far as its decisions need it: who may do what next, no texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Team {
    project: Option<ProjectId>,
    phase: Phase,
    members: BTreeMap<SessionId, AgentRole>,
    tasks: BTreeMap<u32, Task>,
    messages: BTreeMap<u32, Message>,
}

/// The number after the last; none where `most` are given.
fn next<T>(numbered: &BTreeMap<u32, T>, most: u32, what: &str) -> Result<u32, Rejection> {
    let last = numbered.last_key_value().map_or(0, |(last, _)| *last);
    if last >= most {
        return Err(Rejection::rule(
            format!("the team has {most} {what}, the most there may be"),
            "form another team",
        ));
    }
    Ok(last + 1)
}

impl Team {
    fn expect_formed(&self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "team" }),
            Phase::Formed => Ok(()),
            Phase::Disbanded => Err(Rejection::illegal("team", "formed", "disbanded")),
        }
    }
    fn member(&self, session: SessionId) -> Result<AgentRole, Rejection> {
        self.expect_formed()?;
        self.members.get(&session).copied().ok_or_else(|| Rejection::unknown("member", session))
    }
    fn task(&self, task: u32) -> Result<&Task, Rejection> {
        self.tasks.get(&task).ok_or_else(|| Rejection::unknown("task", task))
    }
    fn join(&self, command: &JoinTeam) -> Result<TeamEvent, Rejection> {
        self.expect_formed()?;
        let JoinTeam { session, role } = *command;
        if self.members.contains_key(&session) {
            return Err(Rejection::AlreadyExists { what: format!("member `{session}`") });
        }
        if self.members.len() >= MEMBERS_MAX {
            let rule = format!("the team has {MEMBERS_MAX} members, the most there may be");
            return Err(Rejection::rule(rule, "form another team"));
        }
        Ok(TeamMemberJoined { session, role }.into())
    }
    fn add_task(&self, command: &AddTeamTask) -> Result<TeamEvent, Rejection> {
        self.expect_formed()?;
        let AddTeamTask { text, role, after } = command.clone();
        check::filled_within("text", &text, TEAM_TEXT_MAX_BYTES)?;
        let task = next(&self.tasks, TASKS_MAX, "tasks")?;
        check::each_once("after", &after)?;
        // Only tasks that are there come before it: so no task waits for itself.
        if let Some(unknown) = after.iter().find(|before| !self.tasks.contains_key(before)) {
            return Err(Rejection::invalid("after", "tasks that are on the list", unknown));
        }
        Ok(TeamTaskAdded { task, text, role, after }.into())
    }
    fn claim(&self, command: &ClaimTeamTask) -> Result<TeamEvent, Rejection> {
        let ClaimTeamTask { task, session } = *command;
        let role = self.member(session)?;
        let found = self.task(task)?;
        match found.phase {
            TaskPhase::Open => {}
            TaskPhase::Claimed(_) => return Err(Rejection::illegal("task", "open", "claimed")),
            TaskPhase::Done => return Err(Rejection::illegal("task", "open", "done")),
        }
        if let Some(expected) = found.role.filter(|expected| *expected != role) {
            return Err(Rejection::invalid("session", format!("a {expected}, whose task it is"), role));
        }
        let undone = |before: &&u32| self.tasks.get(before).is_some_and(|it| it.phase != TaskPhase::Done);
        if let Some(before) = found.after.iter().find(undone) {
            let rule = format!("task {before} comes before task {task} and is not done");
            return Err(Rejection::rule(rule, "take that one first, or another"));
        }
        Ok(TeamTaskClaimed { task, session }.into())
    }
    /// Refuses where the member has not taken the task.
    fn expect_claimed(&self, task: u32, session: SessionId) -> Result<(), Rejection> {
        self.member(session)?;
        match self.task(task)?.phase {
            TaskPhase::Claimed(by) if by == session => Ok(()),
            TaskPhase::Claimed(by) => {
                Err(Rejection::invalid("session", format!("`{by}`, who has the task"), session))
            }
            TaskPhase::Open => Err(Rejection::illegal("task", "claimed", "open")),
            TaskPhase::Done => Err(Rejection::illegal("task", "claimed", "done")),
        }
    }
    fn send(&self, command: &SendTeamMessage) -> Result<TeamEvent, Rejection> {
        self.expect_formed()?;
        let SendTeamMessage { from, to, text } = command.clone();
        from.into_iter().chain(to).try_for_each(|session| self.member(session).map(drop))?;
        if let (Some(from), Some(to)) = (from, to)
            && from == to
        {
            return Err(Rejection::invalid("to", "another member than who sends it", to));
        }
        check::filled_within("text", &text, TEAM_TEXT_MAX_BYTES)?;
        Ok(TeamMessageSent { message: next(&self.messages, MESSAGES_MAX, "messages")?, from, to, text }
            .into())
    }
    fn read(&self, command: &ReadTeamMessage) -> Result<TeamEvent, Rejection> {
        let ReadTeamMessage { message, session } = *command;
        self.member(session)?;
        let found = self.messages.get(&message).ok_or_else(|| Rejection::unknown("message", message))?;
        if found.from == Some(session) || found.to.is_some_and(|to| to != session) {
            return Err(Rejection::invalid("session", "a member that the message is for", session));
        }
        if found.read_by.contains(&session) {
            return Err(Rejection::rule("the member has read the message already", "nothing is left to do"));
        }
        Ok(TeamMessageRead { message, session }.into())
    }
}

impl Decider for Team {
    const CATEGORY: Category = Category(42);
    type Command = TeamCommand;
    type Event = TeamEvent;

    fn decide(&self, command: &TeamCommand) -> Result<Vec<TeamEvent>, Rejection> {
        let event = match command {
            TeamCommand::FormTeam(c) => {
                if self.phase != Phase::Missing {
                    return Err(Rejection::AlreadyExists { what: "team".into() });
                }
                check::filled_within("goal", &c.goal, TEAM_TEXT_MAX_BYTES)?;
                let FormTeam { project, goal, run, firing } = c.clone();
                TeamFormed { project, goal, run, firing }.into()
            }
            TeamCommand::JoinTeam(c) => self.join(c)?,
            TeamCommand::AddTeamTask(c) => self.add_task(c)?,
            TeamCommand::ClaimTeamTask(c) => self.claim(c)?,
            TeamCommand::ReleaseTeamTask(c) => {
                self.expect_claimed(c.task, c.session)?;
                check::filled_within("reason", &c.reason, TEAM_TEXT_MAX_BYTES)?;
                TeamTaskReleased { task: c.task, reason: c.reason.clone() }.into()
            }
            TeamCommand::CompleteTeamTask(c) => {
                self.expect_claimed(c.task, c.session)?;
                check::within("result", &c.result, TEAM_TEXT_MAX_BYTES)?;
                TeamTaskCompleted { task: c.task, result: c.result.clone() }.into()
            }
            TeamCommand::SendTeamMessage(c) => self.send(c)?,
            TeamCommand::ReadTeamMessage(c) => self.read(c)?,
            TeamCommand::DisbandTeam(c) => {
                self.expect_formed()?;
                check::filled_within("reason", &c.reason, TEAM_TEXT_MAX_BYTES)?;
                TeamDisbanded { reason: c.reason.clone() }.into()
            }
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &TeamEvent) {
        let mut set = |task: u32, phase: TaskPhase| {
            if let Some(task) = self.tasks.get_mut(&task) {
                task.phase = phase;
            }
        };
        match event {
            TeamEvent::TeamFormed(e) => {
                *self = Self { project: Some(e.project), phase: Phase::Formed, ..Self::default() };
            }
            TeamEvent::TeamMemberJoined(e) => drop(self.members.insert(e.session, e.role)),
            TeamEvent::TeamTaskAdded(e) => {
                let task = Task { role: e.role, after: e.after.clone(), phase: TaskPhase::Open };
                self.tasks.insert(e.task, task);
            }
            TeamEvent::TeamTaskClaimed(e) => set(e.task, TaskPhase::Claimed(e.session)),
            TeamEvent::TeamTaskReleased(e) => set(e.task, TaskPhase::Open),
            TeamEvent::TeamTaskCompleted(e) => set(e.task, TaskPhase::Done),
            TeamEvent::TeamMessageSent(e) => {
                self.messages.insert(e.message, Message { from: e.from, to: e.to, read_by: vec![] });
            }
            TeamEvent::TeamMessageRead(e) => {
                if let Some(message) = self.messages.get_mut(&e.message) {
                    message.read_by.push(e.session);
                }
            }
            TeamEvent::TeamDisbanded(_) => self.phase = Phase::Disbanded,
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn references(command: &TeamCommand) -> Vec<StreamId> {
        match command {
            TeamCommand::FormTeam(c) => {
                let others = [c.run.map(StreamId::from), c.firing.map(StreamId::from)];
                [c.project.into()].into_iter().chain(others.into_iter().flatten()).collect()
            }
            TeamCommand::JoinTeam(c) => vec![c.session.into()],
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<TeamEvent> {
    let [lead, builder] = [[3; 16], [4; 16]].map(SessionId::from_bytes);
    vec![
        TeamFormed {
            project: ProjectId::from_bytes([1; 16]),
            goal: "Sign-in by e-mail".into(),
            run: Some(RunId::from_bytes([2; 16])),
            firing: Some(FiringId::from_bytes([5; 16])),
        }
        .into(),
        TeamMemberJoined { session: lead, role: AgentRole::TeamLead }.into(),
        TeamMemberJoined { session: builder, role: AgentRole::Builder }.into(),
        TeamTaskAdded {
            task: 1,
            text: "Send the link".into(),
            role: Some(AgentRole::Builder),
            after: vec![],
        }
        .into(),
        TeamTaskAdded { task: 2, text: "Test a wrong link".into(), role: None, after: vec![1] }.into(),
        TeamTaskClaimed { task: 1, session: builder }.into(),
        TeamTaskReleased { task: 1, reason: "needs a design first".into() }.into(),
        TeamTaskClaimed { task: 1, session: builder }.into(),
        TeamTaskCompleted { task: 1, result: "in branch sign-in".into() }.into(),
        TeamMessageSent { message: 1, from: Some(builder), to: Some(lead), text: "Task 1 is done.".into() }
            .into(),
        TeamMessageSent { message: 2, from: None, to: None, text: "Stop at noon.".into() }.into(),
        TeamMessageRead { message: 1, session: lead }.into(),
        TeamDisbanded { reason: "the goal is reached".into() }.into(),
    ]
}
