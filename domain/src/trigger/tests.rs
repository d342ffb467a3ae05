//! A trigger: accepted, refused, and lawful in any order.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, given, id, pool, with};

fn work() -> Value {
    json!({ "task": "T", "kind": "research", "mode": "standalone", "estimate": 30 })
}
fn on(condition: &Value) -> Value {
    json!({ "name": "N", "condition": condition, "work": work() })
}
fn by_clock() -> Value {
    on(&json!({ "cron": { "expression": "0 9 * * *", "timezone": "Europe/Berlin" } }))
}
fn create(body: &Value) -> Value {
    with(body, &json!({ "project": id(1) }))
}
fn created() -> Given<Trigger> {
    given([]).and_json("create", &create(&by_clock()))
}
fn disabled() -> Given<Trigger> {
    created().and_json("disable", &json!({}))
}

/// The body as an event shows it: absent options as null inside nested data.
fn shown(body: &Value) -> Value {
    let mut body = body.clone();
    for field in ["role", "workflow", "pool"] {
        body["work"][field] = Value::Null;
    }
    body
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let webhook = json!({ "webhook": { "source": "github", "events": ["push"], "secret": "S" } });
    let files = json!({ "file_change": { "paths": ["src/**/*.rs"], "debounce_ms": 100 } });
    let configured = on(&json!({ "command": { "name": "go" } }));
    let why = json!({ "reason": "r" });
    let mut rows = vec![
        (
            created(),
            "configure",
            configured.clone(),
            vec![("TriggerConfigured", with(&shown(&configured), &json!({ "version": 2 })))],
        ),
        (created(), "disable", why.clone(), vec![("TriggerDisabled", why)]),
        (disabled(), "enable", json!({}), vec![("TriggerEnabled", json!({}))]),
        (disabled(), "delete", json!({}), vec![("TriggerDeleted", json!({}))]),
    ];
    let stalled = json!({ "stalled": { "kinds": ["session"], "quiet_ms": 60_000 } });
    for body in [by_clock(), on(&webhook), on(&files), on(&stalled)] {
        rows.push((given([]), "create", create(&body), vec![("TriggerCreated", create(&shown(&body)))]));
    }
    check_accepted::<Trigger>(rows);
}

#[test]
fn the_lifecycle_has_no_other_ways() {
    let phases = [
        ("trigger does not exist", given([])),
        ("but it is enabled", created()),
        ("but it is disabled", disabled()),
        ("but it is deleted", created().and(DeleteTrigger {})),
    ];
    //       missing, enabled, disabled, deleted
    let ways = [
        ("configure", by_clock(), [false, true, true, false]),
        ("enable", json!({}), [false, false, true, false]),
        ("disable", json!({}), [false, true, false, false]),
        ("delete", json!({}), [false, true, true, false]),
    ];
    for (command, body, allowed) in ways {
        for ((refusal, phase), allowed) in phases.iter().zip(allowed) {
            phase.when_json(command, &body).accepted_if(allowed, refusal);
        }
    }
    for (_, phase) in &phases[1..] {
        phase.when_json("create", &create(&by_clock())).refused("trigger exists already");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let created = created();
    let cron =
        |expression: &str, zone: &str| on(&json!({ "cron": { "expression": expression, "timezone": zone } }));
    let files =
        |paths: Value, rest: u64| on(&json!({ "file_change": { "paths": paths, "debounce_ms": rest } }));
    let stalled = |kinds: Value, quiet: u64| on(&json!({ "stalled": { "kinds": kinds, "quiet_ms": quiet } }));
    let webhook = |source: &str, secret: &str, events: Value| {
        on(&json!({ "webhook": { "source": source, "secret": secret, "events": events } }))
    };
    let worked = |changes: Value| with(&by_clock(), &json!({ "work": with(&work(), &changes) }));
    check_refused(vec![
        (
            &created,
            "configure",
            with(&by_clock(), &json!({ "name": " " })),
            "`name`: expected 1 to 200 bytes",
        ),
        (&created, "configure", cron("9 * *", "UTC"), "`condition.cron.expression`: expected five fields"),
        (&created, "configure", cron("61 * * * *", "UTC"), "expected `minute` as `*`"),
        (&created, "configure", cron("* * * * *", ""), "`condition.cron.timezone`: expected"),
        (&created, "configure", webhook("", "S", json!([])), "`condition.webhook.source`: expected"),
        (&created, "configure", webhook("g", "", json!([])), "`condition.webhook.secret`: expected"),
        (&created, "configure", webhook("g", "S", json!([""])), "`condition.webhook.events`: expected"),
        (
            &created,
            "configure",
            webhook("g", "S", json!(vec!["e"; 101])),
            "`condition.webhook.events`: expected 0 to 100 items",
        ),
        (
            &created,
            "configure",
            on(&json!({ "command": { "name": "Go now" } })),
            "`condition.command.name`: expected 1 to 63 of a-z",
        ),
        (
            &created,
            "configure",
            stalled(json!(["run", "run"]), 60_000),
            "`condition.stalled.kinds`: expected each",
        ),
        (
            &created,
            "configure",
            stalled(json!([]), 59_999),
            "`condition.stalled.quiet_ms`: expected 60000 to",
        ),
        (&created, "configure", stalled(json!([]), 604_800_001), "`condition.stalled.quiet_ms`: expected"),
        (&created, "configure", files(json!([]), 100), "`condition.file_change.paths`: expected one path"),
        (&created, "configure", files(json!(["/etc/*"]), 100), "a path inside the project, without `..`"),
        (&created, "configure", files(json!(["a/../../b"]), 100), "a path inside the project"),
        (&created, "configure", files(json!(["a"]), 99), "expected 100 to 3600000 ms, got `99`"),
        (&created, "configure", worked(json!({ "task": "" })), "`work.task`: expected a text"),
        (
            &created,
            "configure",
            worked(json!({ "mode": "interactive" })),
            "`work.mode`: expected team or standalone, got `interactive`",
        ),
        (&created, "disable", json!({ "reason": "a\nb" }), "`reason`: expected"),
    ]);
}

#[test]
fn no_version_number_is_given_twice() {
    let TriggerEvent::TriggerConfigured(last) =
        samples().into_iter().find(|it| matches!(it, TriggerEvent::TriggerConfigured(_))).unwrap()
    else {
        unreachable!()
    };
    let last = TriggerConfigured { version: u32::MAX, ..last };
    given::<Trigger>([samples().remove(0), last.into()])
        .when_json("configure", &by_clock())
        .refused("no version number left");
}

#[test]
fn it_names_its_project() {
    assert_eq!(created().state().project(), Some(ProjectId::from_bytes([1; 16])));
    let create: TriggerCommand = crate::testing::command("create", &create(&by_clock()));
    assert_eq!(Trigger::references(&create), [ProjectId::from_bytes([1; 16]).into()]);
    assert!(created().state().expect_enabled().is_ok());
    assert_eq!(created().state().version(), 1);
}

#[test]
fn any_order_of_commands_folds_alike() {
    let commands = [
        ("create", create(&by_clock())),
        ("configure", by_clock()),
        ("disable", json!({})),
        ("enable", json!({})),
        ("delete", json!({})),
    ];
    check_any_order::<Trigger>(&given([]), &pool(&commands), |history| {
        let deleted = history.iter().position(|event| matches!(event, TriggerEvent::TriggerDeleted(_)));
        assert!(deleted.is_none_or(|place| place + 1 == history.len()), "nothing follows the end");
    });
}
