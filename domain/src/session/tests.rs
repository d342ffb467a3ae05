//! A session: accepted, refused, and lawful in any order.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, given, id, pool, with};

fn parts() -> Value {
    let mut parts = serde_json::to_value(&samples()[0]).unwrap()["parts"].clone();
    parts["context"] = Value::Null;
    parts
}
fn build() -> Value {
    json!({ "project": id(1), "mode": "standalone", "firing": id(6), "parts": parts(),
        "limits": { "done_criteria": "d", "wall_clock_ms": 1_000, "cost_usd_micros": 5 } })
}
fn of_step() -> Value {
    with(&build(), &json!({ "run": id(7), "step": id(8), "sandbox": id(9) }))
}
fn built() -> Given<Session> {
    given([]).and_json("build", &build())
}
fn running() -> Given<Session> {
    built().and_json("start", &json!({}))
}
fn steer() -> Value {
    json!({ "kind": "interrupt", "text": "t" })
}
fn end() -> Value {
    json!({ "end": "stopped", "note": "n" })
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let named = json!({ "agent_session": "s" });
    check_accepted::<Session>(vec![
        (given([]), "build", of_step(), vec![("SessionBuilt", of_step())]),
        (built(), "start", named.clone(), vec![("SessionStarted", named)]),
        (running(), "steer", steer(), vec![("SessionSteered", steer())]),
        (built(), "end", end(), vec![("SessionEnded", end())]),
    ]);
}

#[test]
fn the_lifecycle_has_no_other_ways() {
    let phases = [
        ("session does not exist", given([])),
        ("but it is built", built()),
        ("but it is running", running()),
        ("but it is ended", running().and_json("end", &end())),
    ];
    for (command, body, allowed) in [
        ("start", json!({}), [false, true, false, false]),
        ("steer", steer(), [false, false, true, false]),
        ("end", end(), [false, true, true, false]),
    ] {
        for ((refusal, phase), allowed) in phases.iter().zip(allowed) {
            phase.when_json(command, &body).accepted_if(allowed, refusal);
        }
    }
    for (_, phase) in &phases[1..] {
        phase.when_json("build", &build()).refused("session exists already");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (none, built, running) = (given([]), built(), running());
    let step = given([]).and_json("build", &of_step()).and_json("start", &json!({}));
    let part = |changes: Value| with(&build(), &json!({ "parts": with(&parts(), &changes) }));
    let limit = |changes: Value| {
        let limits = json!({ "done_criteria": "d", "wall_clock_ms": 1_000 });
        with(&build(), &json!({ "limits": with(&limits, &changes) }))
    };
    let server = json!([{ "name": "n", "command": "c", "environment": ["KEY=secret"] }]);
    check_refused(vec![
        (&none, "build", with(&build(), &json!({ "firing": null })), "`firing`: expected the firing that"),
        (
            &none,
            "build",
            with(&build(), &json!({ "mode": "interactive" })),
            "`firing`: expected none, where a person drives",
        ),
        (&none, "build", with(&build(), &json!({ "step": id(8) })), "`step`: expected absent where run is"),
        (&none, "build", part(json!({ "system_prompt": "" })), "`parts.system_prompt`: expected a text"),
        (&none, "build", part(json!({ "working_directory": "" })), "`parts.working_directory`"),
        (&none, "build", part(json!({ "identity_digest": "0a" })), "expected 64 hexadecimal digits"),
        (&none, "build", part(json!({ "rules": [""] })), "`parts.rules`: expected 1 to 200 bytes"),
        (&none, "build", part(json!({ "mcp_servers": server })), "names of variables, no values, got `KEY`"),
        (&none, "build", limit(json!({ "done_criteria": " " })), "`limits.done_criteria`: expected a text"),
        (&none, "build", limit(json!({ "wall_clock_ms": 999 })), "`limits.wall_clock_ms`: expected 1000 to"),
        (&built, "start", json!({ "agent_session": "" }), "`agent_session`"),
        (&step, "steer", steer(), "the session is a step of a run"),
        (&running, "end", with(&end(), &json!({ "note": "a\nb" })), "`note`"),
    ]);
}

#[test]
fn any_order_of_commands_folds_alike() {
    let commands =
        [("build", build()), ("start", json!({})), ("steer", steer()), ("steer", steer()), ("end", end())];
    check_any_order::<Session>(&given([]), &pool(&commands), |_| {});
}
