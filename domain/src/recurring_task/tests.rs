//! What a recurring task accepts and refuses, and which runs it dispatches.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with};

/// Daily at 07:00 in UTC; made at noon of 2026-11-21.
fn creation() -> Value {
    json!({
        "project": id(1), "name": "n", "prompt": "p", "after": "2026-11-21T12:00:00.000Z",
        "schedule": { "frequency": { "daily": { "hour": 7, "minute": 0 } }, "timezone": "Etc/UTC" },
    })
}
fn created(missed: &str) -> Given<RecurringTask> {
    given([]).and_json("create", &with(&creation(), &json!({ "missed": missed })))
}
fn paused() -> Given<RecurringTask> {
    created("skip").and(PauseRecurringTask { reason: None })
}
fn day(number: u8) -> String {
    format!("2026-11-{number}T07:00:00.000Z")
}
fn dispatch(run: u8, at: &str) -> Value {
    json!({ "run": id(run), "at": at })
}
fn dispatched(run: u8, scheduled_for: u8) -> (&'static str, Value) {
    let next = day(scheduled_for + 1);
    let body = json!({ "run": id(run), "scheduled_for": day(scheduled_for), "next_run_at": next });
    ("RecurringRunDispatched", body)
}
fn missed(first: u8, count: u32, next: u8) -> (&'static str, Value) {
    ("RecurringRunsMissed", json!({ "first_at": day(first), "count": count, "next_run_at": day(next) }))
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let full = with(&creation(), &json!({ "workflow": id(2), "missed": "once" }));
    let made = |body: &Value| with(body, &json!({ "after": null, "next_run_at": day(22) }));
    let weekly = json!({ "frequency": { "weekly": { "hour": 7, "minute": 0, "weekday": "monday" } }, "timezone": "Etc/UTC" });
    let moved = json!({ "schedule": weekly, "after": "2026-11-21T12:00:00.000Z" });
    let became = json!({ "schedule": weekly, "missed": "once", "next_run_at": day(23) });
    let edited = json!({ "name": "m", "workflow": id(2), "prompt": "q" });
    let (reason, run) = (json!({ "reason": "r" }), json!({ "run": id(3) }));
    let resumed = json!({ "next_run_at": day(25) });
    check_accepted::<RecurringTask>(vec![
        (given([]), "create", full.clone(), vec![("RecurringTaskCreated", made(&full))]),
        (
            given([]),
            "create",
            creation(),
            vec![("RecurringTaskCreated", with(&made(&creation()), &json!({ "missed": "skip" })))],
        ),
        (paused(), "edit", edited.clone(), vec![("RecurringTaskEdited", edited)]),
        (created("once"), "reschedule", moved, vec![("RecurringTaskRescheduled", became)]),
        (created("skip"), "pause", reason.clone(), vec![("RecurringTaskPaused", reason.clone())]),
        (paused(), "resume", json!({ "at": day(24) }), vec![("RecurringTaskResumed", resumed)]),
        (created("skip"), "dispatch", dispatch(3, &day(22)), vec![dispatched(3, 22)]),
        (created("skip"), "dispatch", dispatch(3, &day(23)), vec![missed(22, 2, 24)]),
        (paused(), "trigger-now", run.clone(), vec![("RecurringRunTriggered", run)]),
        (paused(), "archive", reason.clone(), vec![("RecurringTaskArchived", reason)]),
    ]);
}

#[test]
fn the_lifecycle_has_no_other_ways() {
    let phases = [
        ("recurring task does not exist", given([])),
        ("but it is active", created("skip")),
        ("but it is paused", paused()),
        ("but it is archived", paused().and(ArchiveRecurringTask { reason: None })),
    ];
    let ways: [(&str, Value, [bool; 4]); 7] = [
        ("edit", json!({ "name": "m", "prompt": "q" }), [false, true, true, false]),
        (
            "reschedule",
            with(&creation(), &json!({ "project": null, "name": null, "prompt": null })),
            [false, true, true, false],
        ),
        ("pause", json!({}), [false, true, false, false]),
        ("resume", json!({ "at": day(24) }), [false, false, true, false]),
        ("dispatch", dispatch(3, &day(22)), [false, true, false, false]),
        ("trigger-now", json!({ "run": id(3) }), [false, true, true, false]),
        ("archive", json!({}), [false, true, true, false]),
    ];
    for (name, body, allowed) in ways {
        for ((refusal, phase), allowed) in phases.iter().zip(allowed) {
            phase.when_json(name, &body).accepted_if(allowed, refusal);
        }
    }
    for (_, phase) in &phases[1..] {
        phase.when_json("create", &creation()).refused("recurring task exists already");
    }
}

/// What the task does with a dispatch, by how late it comes: `on time` is up to 10 minutes.
#[test]
fn a_late_dispatch_follows_the_policy_for_missed_runs() {
    let on_time = |at: &str, late: bool| (at.to_owned(), late);
    for (at, late) in [
        on_time("2026-11-22T07:00:00.000Z", false),
        on_time("2026-11-22T07:09:59.999Z", false),
        on_time("2026-11-22T07:10:00.000Z", true),
        on_time("2026-11-23T06:59:59.999Z", true),
    ] {
        let skip = if late { vec![missed(22, 1, 23)] } else { vec![dispatched(3, 22)] };
        check_dispatch("skip", &at, &skip);
        check_dispatch("once", &at, &[dispatched(3, 22)]);
    }
    let after_four = [
        missed(23, 3, 26),
        (
            "RecurringRunDispatched",
            json!({
                "run": id(3), "scheduled_for": day(22), "next_run_at": day(26),
            }),
        ),
    ];
    check_dispatch("once", &day(25), &after_four);
    check_dispatch("skip", &day(25), &[missed(22, 4, 26)]);
}

#[track_caller]
fn check_dispatch(policy: &str, at: &str, expected: &[(&'static str, Value)]) {
    use crate::catalogue::EventFamily;
    let events = created(policy).when_json("dispatch", &dispatch(3, at)).accepted();
    let shown: Vec<_> =
        events.iter().map(|event| (event.name(), serde_json::to_value(event).unwrap())).collect();
    assert_eq!(shown, expected, "{policy} at {at}");
}

#[test]
fn missed_runs_are_counted_up_to_a_bound() {
    let minutely = json!({ "frequency": { "cron": { "text": "* * * * *" } }, "timezone": "Etc/UTC" });
    for (policy, counted) in [("skip", MISSED_MAX), ("once", MISSED_MAX - 1)] {
        let task = given::<RecurringTask>([])
            .and_json("create", &with(&creation(), &json!({ "schedule": minutely, "missed": policy })));
        let events = task.when_json("dispatch", &dispatch(3, "2027-11-21T07:00:00.000Z")).accepted();
        let Some(RecurringTaskEvent::RecurringRunsMissed(e)) = events.first() else { panic!("{events:?}") };
        assert_eq!(e.count, counted);
        assert_eq!(e.next_run_at.map(|next| next.to_string()).as_deref(), Some("2027-11-21T07:01:00.000Z"));
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (none, task, asleep) = (given([]), created("skip"), paused());
    let ran = task.clone().and_json("dispatch", &dispatch(3, &day(22)));
    let creates = |changes| with(&creation(), &changes);
    let zone =
        json!({ "schedule": { "frequency": { "daily": { "hour": 7, "minute": 0 } }, "timezone": "x" } });
    let late = json!({ "after": "2100-01-01T00:00:00.000Z" });
    let never = json!({
        "schedule": { "frequency": { "cron": { "text": "0 0 31 2 *" } }, "timezone": "Etc/UTC" },
    });
    let long = "x".repeat(TASK_PROMPT_MAX_BYTES + 1);
    let huge = "x".repeat(check::TEXT_MAX_BYTES + 1);
    check_refused(vec![
        (&none, "create", creates(json!({ "name": "" })), "`name`: expected 1 to 200 bytes"),
        (&none, "create", creates(json!({ "prompt": " " })), "`prompt`: expected a text that is not blank"),
        (&none, "create", creates(json!({ "prompt": long })), "`prompt`: expected at most 65536 bytes"),
        (&none, "create", creates(zone), "`timezone`: expected an IANA timezone"),
        (&none, "create", creates(late), "`after`: expected a time from 1970 to 2099"),
        (&none, "create", creates(never), "the schedule never falls due"),
        (&task, "edit", json!({ "name": "a\nb", "prompt": "p" }), "`name`: expected 1 to 200 bytes"),
        (&task, "pause", json!({ "reason": huge }), "`reason`: expected at most 524288 bytes"),
        (&asleep, "resume", json!({ "at": "1969-12-31T23:59:59.000Z" }), "`at`: expected a time from 1970"),
        (
            &task,
            "dispatch",
            dispatch(3, "2026-11-22T06:59:59.999Z"),
            "due at 2026-11-22T07:00:00.000Z, not yet",
        ),
        (&ran, "dispatch", dispatch(4, &day(22)), "due at 2026-11-23T07:00:00.000Z, not yet"),
        (&ran, "dispatch", dispatch(3, &day(23)), "of this task exists already"),
        (&ran, "trigger-now", json!({ "run": id(3) }), "of this task exists already"),
        (&task, "archive", json!({ "reason": huge }), "`reason`: expected at most 524288 bytes"),
    ]);
}

#[test]
fn a_schedule_comes_to_its_end() {
    let last = given::<RecurringTask>([])
        .and_json("create", &with(&creation(), &json!({ "after": "2099-12-31T00:00:00.000Z" })));
    let ended = last.and_json("dispatch", &dispatch(3, "2099-12-31T07:00:00.000Z"));
    assert_eq!(ended.state().next_run_at, None);
    ended
        .when_json("dispatch", &dispatch(4, "2099-12-31T08:00:00.000Z"))
        .refused("the schedule has come to its end");
}

#[test]
fn a_pause_is_not_made_up_for_and_a_trigger_moves_nothing() {
    let resumed = paused().and_json("resume", &json!({ "at": "2026-11-29T08:00:00.000Z" }));
    assert_eq!(resumed.state().next_run_at.map(|next| next.to_string()).unwrap(), day(30));
    let triggered = created("skip").and(TriggerRecurringRun { run: RunId::from_bytes([3; 16]) });
    assert_eq!(triggered.state().next_run_at.map(|next| next.to_string()).unwrap(), day(22));
}

#[test]
fn it_names_its_project() {
    assert_eq!(paused().state().project(), Some(ProjectId::from_bytes([1; 16])));
    let create: RecurringTaskCommand = command("create", &creation());
    assert_eq!(RecurringTask::references(&create), [ProjectId::from_bytes([1; 16]).into()]);
    assert_eq!(RecurringTask::references(&PauseRecurringTask { reason: None }.into()), []);
}

#[test]
fn any_order_of_commands_folds_alike() {
    let schedule = creation()["schedule"].clone();
    let commands = [
        ("create", with(&creation(), &json!({ "missed": "once" }))),
        ("edit", json!({ "name": "m", "prompt": "q" })),
        ("reschedule", json!({ "schedule": schedule, "after": day(23), "missed": "skip" })),
        ("pause", json!({})),
        ("resume", json!({ "at": day(24) })),
        ("dispatch", dispatch(3, &day(22))),
        ("dispatch", dispatch(4, &day(25))),
        ("dispatch", dispatch(5, &day(29))),
        ("trigger-now", json!({ "run": id(6) })),
    ];
    check_any_order::<RecurringTask>(&given([]), &pool(&commands), |history| {
        let task = crate::fold::<RecurringTask>(history);
        let due = task.next_run_at.map_or(0, Timestamp::millis);
        for event in history {
            if let RecurringTaskEvent::RecurringRunDispatched(e) = event {
                assert!(e.next_run_at.is_none_or(|next| next > e.scheduled_for), "time goes on");
            }
        }
        assert!(history.is_empty() || due > 0);
    });
}
