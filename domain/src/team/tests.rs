//! A team: accepted, refused, bounded, and lawful in any order.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with};

fn form() -> Value {
    json!({ "project": id(1), "goal": "g" })
}
fn formed() -> Given<Team> {
    given([]).and_json("form", &form())
}
/// Of a builder (3) and a scout (4).
fn joined() -> Given<Team> {
    formed()
        .and_json("join", &json!({ "session": id(3), "role": "builder" }))
        .and_json("join", &json!({ "session": id(4), "role": "scout" }))
}
fn add(changes: &Value) -> Value {
    with(&json!({ "text": "t", "after": [] }), changes)
}
/// With task 1 of builders, and task 2 of anybody after it.
fn tasked() -> Given<Team> {
    joined()
        .and_json("add-task", &add(&json!({ "role": "builder" })))
        .and_json("add-task", &add(&json!({ "after": [1] })))
}
fn of(task: u32, session: u8) -> Value {
    json!({ "task": task, "session": id(session) })
}
fn claimed() -> Given<Team> {
    tasked().and_json("claim-task", &of(1, 3))
}
fn done() -> Given<Team> {
    claimed().and_json("complete-task", &of(1, 3))
}
fn message(from: Option<u8>, to: Option<u8>) -> Value {
    with(&json!({ "text": "t" }), &json!({ "from": from.map(id), "to": to.map(id) }))
}
fn read(message: u32, session: u8) -> Value {
    json!({ "message": message, "session": id(session) })
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let full = with(&form(), &json!({ "run": id(2), "firing": id(5) }));
    let join = json!({ "session": id(3), "role": "builder" });
    let reason = json!({ "reason": "r" });
    let sent = joined().and_json("send", &message(Some(3), Some(4)));
    check_accepted::<Team>(vec![
        (given([]), "form", full.clone(), vec![("TeamFormed", full)]),
        (formed(), "join", join.clone(), vec![("TeamMemberJoined", join)]),
        (
            tasked(),
            "add-task",
            add(&json!({ "role": "scout", "after": [2, 1] })),
            vec![("TeamTaskAdded", add(&json!({ "task": 3, "role": "scout", "after": [2, 1] })))],
        ),
        (tasked(), "claim-task", of(1, 3), vec![("TeamTaskClaimed", of(1, 3))]),
        (
            claimed(),
            "release-task",
            with(&of(1, 3), &reason),
            vec![("TeamTaskReleased", with(&reason, &json!({ "task": 1 })))],
        ),
        (
            claimed(),
            "complete-task",
            with(&of(1, 3), &json!({ "result": "x" })),
            vec![("TeamTaskCompleted", json!({ "task": 1, "result": "x" }))],
        ),
        (
            joined(),
            "send",
            message(Some(3), Some(4)),
            vec![("TeamMessageSent", with(&message(Some(3), Some(4)), &json!({ "message": 1 })))],
        ),
        (sent, "read", read(1, 4), vec![("TeamMessageRead", read(1, 4))]),
        (formed(), "disband", reason.clone(), vec![("TeamDisbanded", reason)]),
    ]);
}

#[test]
fn nothing_is_asked_of_a_team_that_is_not() {
    let disbanded =
        claimed().and_json("send", &message(None, None)).and_json("disband", &json!({ "reason": "r" }));
    for (team, part) in [(given([]), "team does not exist"), (disbanded, "to be formed, but it is disbanded")]
    {
        for (name, body) in [
            ("join", json!({ "session": id(5), "role": "scout" })),
            ("add-task", add(&json!({}))),
            ("claim-task", of(1, 3)),
            ("release-task", with(&of(1, 3), &json!({ "reason": "r" }))),
            ("complete-task", of(1, 3)),
            ("send", message(None, None)),
            ("read", read(1, 3)),
            ("disband", json!({ "reason": "r" })),
        ] {
            team.when_json(name, &body).refused(part);
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (none, team, tasked, claimed, done) = (given([]), joined(), tasked(), claimed(), done());
    let long = "x".repeat(TEAM_TEXT_MAX_BYTES + 1);
    let long = |field: &str| json!({ field: long });
    check_refused::<Team>(vec![
        (&team, "form", form(), "team exists already"),
        (&none, "form", with(&form(), &json!({ "goal": " " })), "`goal`: expected a text"),
        (&none, "form", with(&form(), &long("goal")), "`goal`: expected at most 65536 bytes"),
        (&team, "join", json!({ "session": id(3), "role": "scout" }), "member `0"),
        (&team, "add-task", add(&json!({ "text": "" })), "`text`: expected a text"),
        (&team, "add-task", add(&long("text")), "`text`: expected at most 65536 bytes"),
        (
            &team,
            "add-task",
            add(&json!({ "after": [1] })),
            "`after`: expected tasks that are on the list, got `1`",
        ),
        (&tasked, "add-task", add(&json!({ "after": [1, 1] })), "`after`: expected each item once"),
        (&tasked, "claim-task", of(1, 5), "unknown member"),
        (&tasked, "claim-task", of(3, 3), "unknown task `3`"),
        (&tasked, "claim-task", of(1, 4), "`session`: expected a builder, whose task it is, got `scout`"),
        (&tasked, "claim-task", of(2, 4), "task 1 comes before task 2 and is not done"),
        (&claimed, "claim-task", of(1, 3), "expected task to be open, but it is claimed"),
        (&done, "claim-task", of(1, 3), "expected task to be open, but it is done"),
        (&tasked, "complete-task", of(1, 3), "expected task to be claimed, but it is open"),
        (&done, "complete-task", of(1, 3), "expected task to be claimed, but it is done"),
        (&claimed, "complete-task", of(1, 4), "who has the task"),
        (&claimed, "complete-task", with(&of(1, 3), &long("result")), "`result`: expected at most 65536"),
        (&claimed, "release-task", with(&of(1, 3), &json!({ "reason": "" })), "`reason`: expected a text"),
        (&claimed, "release-task", with(&of(1, 4), &json!({ "reason": "r" })), "who has the task"),
        (&team, "send", message(Some(5), None), "unknown member"),
        (&team, "send", message(None, Some(5)), "unknown member"),
        (&team, "send", message(Some(3), Some(3)), "`to`: expected another member than who sends it"),
        (&team, "send", with(&message(None, None), &json!({ "text": "" })), "`text`: expected a text"),
        (&team, "read", read(1, 3), "unknown message `1`"),
        (&team, "disband", json!({ "reason": "" }), "`reason`: expected a text"),
    ]);
}

#[test]
fn a_task_is_one_member_s_at_a_time_and_its_successors_wait() {
    let released = claimed().and_json("release-task", &with(&of(1, 3), &json!({ "reason": "r" })));
    released.when_json("claim-task", &of(1, 3)).accepted();
    done().when_json("claim-task", &of(2, 4)).accepted();
}

#[test]
fn a_message_is_read_by_whom_it_is_for_once() {
    let sent = joined()
        .and_json("send", &message(Some(3), Some(4)))
        .and_json("send", &message(Some(3), None))
        .and_json("send", &message(None, None));
    sent.when_json("read", &read(1, 3)).refused("`session`: expected a member that the message is for");
    sent.when_json("read", &read(2, 3)).refused("`session`: expected a member that the message is for");
    for (message, session) in [(1, 4), (2, 4), (3, 3), (3, 4)] {
        let seen = sent.clone().and_json("read", &read(message, session));
        seen.when_json("read", &read(message, session)).refused("has read the message already");
    }
    sent.when_json("read", &read(1, 5)).refused("unknown member");
}

#[test]
fn members_tasks_and_messages_are_bounded() {
    let session = |n: usize| crate::Ulid(n as u128).to_string();
    let full = (0..MEMBERS_MAX)
        .fold(formed(), |team, n| team.and_json("join", &json!({ "session": session(n), "role": "scout" })));
    full.when_json("join", &json!({ "session": session(99), "role": "scout" })).refused("has 50 members");
    let last = TeamTaskAdded { task: TASKS_MAX, text: "t".into(), role: None, after: vec![] };
    let said = TeamMessageSent { message: MESSAGES_MAX, from: None, to: None, text: "t".into() };
    let busy = given::<Team>([samples().remove(0), last.into(), said.into()]);
    busy.when_json("add-task", &add(&json!({}))).refused("the team has 1000 tasks");
    busy.when_json("send", &message(None, None)).refused("the team has 10000 messages");
}

#[test]
fn it_names_its_project_its_run_and_its_members() {
    let form: TeamCommand = command("form", &with(&form(), &json!({ "run": id(2), "firing": id(5) })));
    let project = ProjectId::from_bytes([1; 16]);
    let others = [RunId::from_bytes([2; 16]).into(), FiringId::from_bytes([5; 16]).into()];
    assert_eq!(Team::references(&form), [project.into(), others[0], others[1]]);
    let join: TeamCommand = command("join", &json!({ "session": id(3), "role": "scout" }));
    assert_eq!(Team::references(&join), [SessionId::from_bytes([3; 16]).into()]);
    assert_eq!(formed().state().project(), Some(project));
}

#[test]
fn any_order_of_commands_folds_alike() {
    let commands = [
        ("form", form()),
        ("join", json!({ "session": id(3), "role": "builder" })),
        ("join", json!({ "session": id(4), "role": "scout" })),
        ("add-task", add(&json!({ "role": "builder" }))),
        ("add-task", add(&json!({ "after": [1] }))),
        ("claim-task", of(1, 3)),
        ("claim-task", of(2, 4)),
        ("release-task", with(&of(1, 3), &json!({ "reason": "r" }))),
        ("complete-task", of(1, 3)),
        ("send", message(Some(3), None)),
        ("read", read(1, 4)),
    ];
    check_any_order::<Team>(&given([]), &pool(&commands), |history| {
        let mut holder = BTreeMap::new();
        for event in history {
            match event {
                TeamEvent::TeamTaskClaimed(e) => {
                    assert_eq!(holder.insert(e.task, e.session), None, "a task is one member's at a time");
                }
                TeamEvent::TeamTaskReleased(e) => assert!(holder.remove(&e.task).is_some()),
                TeamEvent::TeamTaskCompleted(e) => assert!(holder.contains_key(&e.task)),
                _ => {}
            }
        }
    });
}
