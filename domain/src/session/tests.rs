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
/// A firing that started that run.
fn firing(run: u8) -> Firing {
    let occasion = json!({ "project": id(1), "trigger": id(2), "at": "2026-11-21T07:00:00Z" });
    let fired = json!({ "occasion": occasion, "started": { "run": id(run) } });
    crate::fold(&[serde_json::from_value::<crate::firing::TriggerFired>(fired).unwrap().into()])
}
fn fresh() -> Given<Session> {
    given([]).among(FiringId::from_bytes([6; 16]), firing(7))
}
fn built() -> Given<Session> {
    fresh().and_json("build", &build())
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
        (fresh(), "build", of_step(), vec![("SessionBuilt", of_step())]),
        (built(), "start", named.clone(), vec![("SessionStarted", named)]),
        (running(), "steer", steer(), vec![("SessionSteered", steer())]),
        (built(), "end", end(), vec![("SessionEnded", end())]),
    ]);
}

#[test]
fn the_lifecycle_has_no_other_ways() {
    let phases = [
        ("session does not exist", fresh()),
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
    let (none, built, running) = (fresh(), built(), running());
    let step = fresh().and_json("build", &of_step()).and_json("start", &json!({}));
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
    check_any_order::<Session>(&fresh(), &pool(&commands), |_| {});
}

#[test]
fn automated_work_is_refused_without_the_firing_that_started_it() {
    let other = fresh().among(FiringId::from_bytes([6; 16]), firing(5));
    other.when_json("build", &of_step()).refused("the firing started another run");
    let nothing = fresh().among(FiringId::from_bytes([6; 16]), Firing::default());
    nothing.when_json("build", &of_step()).refused("expected firing to be fired, but it is missing");
    let by_hand = with(&build(), &json!({ "mode": "interactive", "firing": null }));
    nothing.when_json("build", &by_hand).accepted();
    let build: SessionCommand = crate::testing::command("build", &build());
    assert_eq!(Session::default().consults(&build), [FiringId::from_bytes([6; 16]).into()]);
    let named = Session::references(&build);
    let (persona, asset) = (PersonaId::from_bytes([3; 16]), AssetId::from_bytes([4; 16]));
    assert!(named.contains(&persona.into()) && named.contains(&asset.into()), "{named:?}");
}
