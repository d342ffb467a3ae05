//! A session: accepted, refused, and lawful in any order.

use serde_json::{Value, json};

use super::*;
use crate::agent_definition::AgentDefinition;
use crate::asset::Asset;
use crate::context::Context;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, given, id, pool, with};

fn parts() -> Value {
    let mut parts = serde_json::to_value(&samples()[1]).unwrap()["parts"].clone();
    parts["context"] = Value::Null;
    parts["agent"] = Value::Null;
    parts["assets"] = json!([]);
    parts
}
fn build() -> Value {
    json!({ "project": id(1), "mode": "standalone", "firing": id(6), "run": id(7), "step": id(8),
        "sandbox": id(9), "parts": parts(),
        "limits": { "done_criteria": "d", "wall_clock_ms": 1_000, "cost_usd_micros": 5 } })
}
/// A run of recorded versions: of context 5, version 2; of asset 4, version 1; learning version 7.
fn run() -> Run {
    let event =
        crate::run::samples().into_iter().find(|it| matches!(it, crate::run::RunEvent::RunRequested(_)));
    let crate::run::RunEvent::RunRequested(mut e) = event.unwrap() else { panic!("the first event") };
    e.configuration.assets = vec![(AssetId::from_bytes([4; 16]), 1)];
    crate::fold(&[e.into()])
}
/// A session as older logs have it: of no run.
fn alone() -> Given<Session> {
    let SessionEvent::SessionBuilt(built) = samples().remove(0) else { panic!("the first event") };
    given([SessionBuilt { run: None, step: None, ..built }.into()])
}
/// A firing that started that run.
fn firing(run: u8) -> Firing {
    let occasion = json!({ "project": id(1), "trigger": id(2), "at": "2026-11-21T07:00:00Z" });
    let fired = json!({ "occasion": occasion, "started": { "run": id(run) } });
    crate::fold(&[serde_json::from_value::<crate::firing::TriggerFired>(fired).unwrap().into()])
}
fn fresh() -> Given<Session> {
    given([]).among(FiringId::from_bytes([6; 16]), firing(7)).among(RunId::from_bytes([7; 16]), run())
}
fn built() -> Given<Session> {
    fresh().and_json("build", &build())
}
fn running() -> Given<Session> {
    built().and_json("start", &json!({}))
}
/// With that session as the one before (10).
#[expect(clippy::needless_pass_by_value, reason = "it stands at the end of a chain")]
fn after(before: Given<Session>) -> Given<Session> {
    fresh().among(SessionId::from_bytes([10; 16]), before.state())
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
        (fresh(), "build", build(), vec![("SessionBuilt", build())]),
        (
            after(running().and_json("end", &end())),
            "build",
            with(&build(), &json!({ "resumes": id(10) })),
            vec![("SessionBuilt", build()), ("SessionResumed", json!({ "before": id(10) }))],
        ),
        (built(), "start", named.clone(), vec![("SessionStarted", named)]),
        (alone().and_json("start", &json!({})), "steer", steer(), vec![("SessionSteered", steer())]),
        (built(), "end", end(), vec![("SessionEnded", end())]),
    ]);
}

#[test]
fn the_lifecycle_has_no_other_ways() {
    let phases = [
        ("session does not exist", fresh()),
        ("but it is built", alone()),
        ("but it is running", alone().and_json("start", &json!({}))),
        ("but it is ended", alone().and_json("end", &end())),
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
        (&none, "build", with(&build(), &json!({ "resumes": id(10) })), "`session-0"),
        (
            &after(built.clone()),
            "build",
            with(&build(), &json!({ "resumes": id(10) })),
            "expected session to be ended, to be resumed, but it is built",
        ),
        (&none, "build", part(json!({ "system_prompt": "" })), "`parts.system_prompt`: expected a text"),
        (&none, "build", part(json!({ "working_directory": "" })), "`parts.working_directory`"),
        (&none, "build", part(json!({ "identity_digest": "0a" })), "expected 64 hexadecimal digits"),
        (&none, "build", part(json!({ "rules": [""] })), "`parts.rules`: expected 1 to 200 bytes"),
        (&none, "build", part(json!({ "mcp_servers": server })), "names of variables, no values, got `KEY`"),
        (&none, "build", limit(json!({ "done_criteria": " " })), "`limits.done_criteria`: expected a text"),
        (&none, "build", limit(json!({ "wall_clock_ms": 999 })), "`limits.wall_clock_ms`: expected 1000 to"),
        (&built, "start", json!({ "agent_session": "" }), "`agent_session`"),
        (&running, "steer", steer(), "the session is a step of a run"),
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
    other.when_json("build", &build()).refused("the firing started another run");
    let nothing = fresh().among(FiringId::from_bytes([6; 16]), Firing::default());
    nothing.when_json("build", &build()).refused("expected firing to be fired, but it is missing");
    let by_hand = with(&build(), &json!({ "mode": "interactive", "firing": null }));
    nothing.when_json("build", &by_hand).accepted();
    let build: SessionCommand = crate::testing::command("build", &build());
    let [firing, run] = [FiringId::from_bytes([6; 16]).into(), RunId::from_bytes([7; 16]).into()];
    assert_eq!(Session::default().consults(&build), [firing, run]);
    let named = Session::references(&build);
    assert!(named.contains(&PersonaId::from_bytes([3; 16]).into()), "{named:?}");
}

/// With an agent definition (2) in its first version, and, beyond what the run recorded, a context (11) in its
/// first version and an asset (12) whose first version is published.
fn equipped() -> Given<Session> {
    let agent = json!({ "project": id(1), "text": "---\nname: scout\n---\nYou research." });
    let context = json!({ "project": id(1), "name": "C", "session": "judging" });
    let content = json!({ "command": { "expression": "make" } });
    let asset = json!({ "project": id(1), "name": "make", "content": content });
    let asset = given::<Asset>([]).and_json("create", &asset).and_json("publish", &json!({ "version": 1 }));
    fresh()
        .among(
            AgentDefinitionId::from_bytes([2; 16]),
            given::<AgentDefinition>([]).and_json("define", &agent).state(),
        )
        .among(ContextId::from_bytes([11; 16]), given::<Context>([]).and_json("create", &context).state())
        .among(AssetId::from_bytes([12; 16]), asset.state())
}
fn of(changes: &Value) -> Value {
    with(&build(), &json!({ "parts": with(&parts(), changes) }))
}

#[test]
fn a_session_has_the_versions_of_its_run_or_those_in_force() {
    for changes in [
        json!({ "context": [id(5), 2], "assets": [[id(4), 1]], "agent": [id(2), 1] }),
        json!({ "context": [id(11), 1], "assets": [[id(12), 1]] }),
        json!({ "learning_version": null }),
    ] {
        equipped().when_json("build", &of(&changes)).accepted();
    }
    for (changes, part) in [
        (
            json!({ "context": [id(5), 1] }),
            "`parts.context`: expected version 2, of its run or in force, got `1`",
        ),
        (json!({ "context": [id(11), 2] }), "`parts.context`: expected version 1, of its run or in force"),
        (json!({ "context": [id(13), 1] }), "`context-0"),
        (json!({ "assets": [[id(4), 2]] }), "`parts.assets`: expected version 1, of its run or in force"),
        (json!({ "assets": [[id(12), 2]] }), "`assets`: expected a published version, got `2`"),
        (json!({ "assets": [[id(13), 1]] }), "`asset-0"),
        (
            json!({ "agent": [id(2), 2] }),
            "`parts.agent`: expected version 1, of its run or in force, got `2`",
        ),
        (json!({ "agent": [id(13), 1] }), "`agent-definition-0"),
        (
            json!({ "learning_version": 8 }),
            "`parts.learning_version`: expected a learning version that its run",
        ),
    ] {
        equipped().when_json("build", &of(&changes)).refused(part);
    }
    given::<Session>([])
        .among(FiringId::from_bytes([6; 16]), firing(7))
        .when_json("build", &build())
        .refused("`run-0");
}

#[test]
fn every_session_is_a_step_of_a_run() {
    for missing in ["run", "step"] {
        let body = with(&build(), &json!({ missing: null })).to_string();
        let error =
            <SessionCommand as crate::catalogue::CommandFamily>::parse("build", body.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(&format!("missing field `{missing}`")), "{error}");
    }
}
