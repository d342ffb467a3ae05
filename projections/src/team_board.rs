//! One team's shared list of tasks, and its mailbox.

use domain::autonomy::AgentRole;
use domain::ids::{Category, SessionId};
use domain::team::{Team, TeamEvent};
use domain::values::Timestamp;
use domain::{Decider, Event};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::listed::{PartKey, PartRow, rows, states};
use crate::table::Table;

states! {
    /// How a task stands.
    TaskStatus {
        /// Nobody has it.
        Open,
        /// A member has it.
        Claimed,
        /// It is done.
        Done,
    }
}

rows! {
    /// A task of the list.
    struct TaskRow {
        /// Its number, from 1.
        task: u32,
        /// What is to be done.
        text: String,
        /// Whose it is; anybody's where absent.
        role: Option<AgentRole>,
        /// Tasks that come before it.
        after: Vec<u32>,
        /// How it stands.
        status: TaskStatus,
        /// The member who has it, or did it.
        session: Option<SessionId>,
        /// Why it was last given back.
        released: Option<String>,
        /// What came out of it.
        result: Option<String>,
        /// When it was put on the list.
        added_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
    /// A message of the mailbox.
    struct MailRow {
        /// Its number, from 1.
        message: u32,
        /// The member who sent it; none for a person.
        from: Option<SessionId>,
        /// The member it is for; none for all.
        to: Option<SessionId>,
        /// What it says.
        text: String,
        /// Members who have read it.
        read_by: Vec<SessionId>,
        /// When it was sent.
        at: Timestamp,
    }
}

/// A task, under `item/` and its number, or a message, under `point/` and its number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BoardRow {
    /// A task.
    Task(TaskRow),
    /// A message.
    Message(MailRow),
}

fn change(rows: &mut Table<PartKey, BoardRow>, task: u32, at: Timestamp, to: impl FnOnce(&mut TaskRow)) {
    if let Some(BoardRow::Task(row)) = rows.get_mut(&PartKey::Item(task)) {
        row.updated_at = at;
        to(row);
    }
}

impl PartRow for BoardRow {
    const NAME: &'static str = "team-board";
    const VERSION: u32 = 1;
    const CATEGORY: Category = Team::CATEGORY;

    fn apply(rows: &mut Table<PartKey, Self>, event: &Event, at: Timestamp) {
        let Event::Team(event) = event else { return };
        match event {
            TeamEvent::TeamFormed(_) | TeamEvent::TeamMemberJoined(_) | TeamEvent::TeamDisbanded(_) => {}
            TeamEvent::TeamTaskAdded(e) => {
                let row = TaskRow {
                    task: e.task,
                    text: e.text.clone(),
                    role: e.role,
                    after: e.after.clone(),
                    status: TaskStatus::Open,
                    session: None,
                    released: None,
                    result: None,
                    added_at: at,
                    updated_at: at,
                };
                rows.insert(PartKey::Item(e.task), Self::Task(row));
            }
            TeamEvent::TeamTaskClaimed(e) => change(rows, e.task, at, |row| {
                (row.status, row.session) = (TaskStatus::Claimed, Some(e.session));
            }),
            TeamEvent::TeamTaskReleased(e) => change(rows, e.task, at, |row| {
                (row.status, row.session) = (TaskStatus::Open, None);
                row.released = Some(e.reason.clone());
            }),
            TeamEvent::TeamTaskCompleted(e) => change(rows, e.task, at, |row| {
                (row.status, row.result) = (TaskStatus::Done, Some(e.result.clone()));
            }),
            TeamEvent::TeamMessageSent(e) => {
                let (message, from, to, text) = (e.message, e.from, e.to, e.text.clone());
                let row = MailRow { message, from, to, text, read_by: vec![], at };
                rows.insert(PartKey::Point(message), Self::Message(row));
            }
            TeamEvent::TeamMessageRead(e) => {
                if let Some(Self::Message(row)) = rows.get_mut(&PartKey::Point(e.message)) {
                    row.read_by.push(e.session);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::{check, sampled};

    #[test]
    fn a_board_has_every_task_and_message() {
        check(
            "team-board",
            &sampled("team", 1),
            &expect![[r#"
            item/00001 is a task; task 1
              added_at: "07:00:03.000Z"
              released: "needs a design first"
              result: "in branch sign-in"
              role: "builder"
              session: "040G2081040G2081040G208104"
              status: "done"
              text: "Send the link"
              updated_at: "07:00:08.000Z"
            item/00002 is a task; task 2
              added_at: "07:00:04.000Z"
              after: [1]
              status: "open"
              text: "Test a wrong link"
              updated_at: "07:00:04.000Z"
            point/00001 is a message; message 1
              at: "07:00:09.000Z"
              from: "040G2081040G2081040G208104"
              read_by: ["030C1G60R30C1G60R30C1G60R3"]
              text: "Task 1 is done."
              to: "030C1G60R30C1G60R30C1G60R3"
            point/00002 is a message; message 2
              at: "07:00:10.000Z"
              text: "Stop at noon."
        "#]],
        );
    }
}
