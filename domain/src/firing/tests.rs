//! A firing: accepted, refused, and lawful in any order.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, given, id, pool, with};

const NOON: &str = "2026-11-21T12:00:00.000Z";

fn occasion() -> Value {
    json!({ "project": id(1), "trigger": id(2), "at": NOON, "key": "k", "detail": "d" })
}
fn started() -> Value {
    json!({ "run": id(3), "session": id(4), "routing": id(5), "request": id(6) })
}
fn fire() -> Value {
    json!({ "occasion": occasion(), "started": started() })
}
fn queue() -> Value {
    json!({ "occasion": occasion(), "pool": id(7), "request": id(6) })
}
/// Nothing yet, beside an enabled trigger and a firing of it.
fn fresh() -> Given<Firing> {
    let created = crate::trigger::samples().remove(0);
    let trigger: Trigger = crate::fold(&[created]);
    let fired = TriggerFired {
        occasion: serde_json::from_value(occasion()).unwrap(),
        trigger_version: None,
        started: serde_json::from_value(started()).unwrap(),
    };
    let other: Firing = crate::fold(&[fired.into()]);
    given([]).among(TriggerId::from_bytes([2; 16]), trigger).among(FiringId::from_bytes([8; 16]), other)
}
fn queued() -> Given<Firing> {
    fresh().and_json("queue", &queue())
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let until = with(&queue(), &json!({ "until": NOON }));
    let skip = json!({ "occasion": occasion(), "reason": "other", "note": "n" });
    let repeat = json!({ "occasion": occasion(), "of": id(8) });
    let start = json!({ "started": started() });
    let reason = json!({ "reason": "r" });
    let version = json!({ "trigger_version": 1 });
    check_accepted::<Firing>(vec![
        (fresh(), "fire", fire(), vec![("TriggerFired", with(&fire(), &version))]),
        (fresh(), "queue", until.clone(), vec![("FiringQueued", with(&until, &version))]),
        (fresh(), "skip", skip.clone(), vec![("FiringSkipped", skip)]),
        (fresh(), "deduplicate", repeat.clone(), vec![("FiringDeduplicated", repeat)]),
        (queued(), "start", start.clone(), vec![("QueuedFiringStarted", start)]),
        (queued(), "drop", reason.clone(), vec![("QueuedFiringDropped", reason)]),
    ]);
}

#[test]
fn the_lifecycle_has_no_other_ways() {
    let skip = json!({ "occasion": occasion(), "reason": "busy" });
    let repeat = json!({ "occasion": occasion(), "of": id(8) });
    let phases = [
        ("firing does not exist", fresh()),
        ("but it is queued", queued()),
        ("but it is fired", fresh().and_json("fire", &fire())),
        ("but it is skipped", fresh().and_json("skip", &skip)),
        ("but it is deduplicated", fresh().and_json("deduplicate", &repeat)),
        ("but it is fired", queued().and_json("start", &json!({ "started": started() }))),
        ("but it is dropped", queued().and_json("drop", &json!({ "reason": "r" }))),
    ];
    for (refusal, phase) in &phases {
        let queued = *refusal == "but it is queued";
        phase.when_json("start", &json!({ "started": started() })).accepted_if(queued, refusal);
        phase.when_json("drop", &json!({ "reason": "r" })).accepted_if(queued, refusal);
    }
    for (_, phase) in &phases[1..] {
        for (command, body) in
            [("fire", fire()), ("queue", queue()), ("skip", skip.clone()), ("deduplicate", repeat.clone())]
        {
            phase.when_json(command, &body).refused("firing exists already");
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (none, queued) = (fresh(), queued());
    let when = |changes: Value| with(&fire(), &json!({ "occasion": with(&occasion(), &changes) }));
    let other = json!({ "occasion": occasion(), "reason": "other" });
    let nothing = json!({ "routing": id(5) });
    check_refused(vec![
        (&none, "fire", when(json!({ "key": "a\nb" })), "`occasion.key`: expected"),
        (&none, "fire", when(json!({ "detail": "" })), "`occasion.detail`: expected"),
        (
            &none,
            "fire",
            with(&fire(), &json!({ "started": nothing })),
            "`started`: expected the run or the session that was started, got `neither`",
        ),
        (&queued, "start", json!({ "started": nothing }), "`started`: expected the run"),
        (
            &none,
            "queue",
            with(&queue(), &json!({ "until": "2026-11-21T11:59:59Z" })),
            "`until`: expected a time not before",
        ),
        (&none, "skip", other.clone(), "`note`: expected why, where the reason is `other`"),
        (&none, "skip", with(&other, &json!({ "note": "" })), "`note`: expected 1 to 200 bytes"),
        (&queued, "drop", json!({ "reason": " " }), "`reason`: expected a text"),
    ]);
}

#[test]
fn it_says_what_it_started() {
    let (run, other) = (Some(RunId::from_bytes([3; 16])), Some(RunId::from_bytes([9; 16])));
    let fired: Firing = fresh().and_json("fire", &fire()).state();
    assert_eq!(fired.trigger(), Some(TriggerId::from_bytes([2; 16])));
    assert!(fired.expect_fired(run).is_ok() && fired.expect_fired(None).is_ok());
    assert_eq!(fired.expect_fired(other).unwrap_err().to_string(), "the firing started another run");
    let waits = queued().state().expect_fired(run).unwrap_err();
    assert_eq!(waits.to_string(), "expected firing to be fired, but it is queued");
}

#[test]
fn any_order_of_commands_folds_alike() {
    let commands = [
        ("fire", fire()),
        ("queue", queue()),
        ("queue", queue()),
        ("skip", json!({ "occasion": occasion(), "reason": "missed" })),
        ("deduplicate", json!({ "occasion": occasion(), "of": id(8) })),
        ("start", json!({ "started": started() })),
        ("drop", json!({ "reason": "r" })),
    ];
    check_any_order::<Firing>(&fresh(), &pool(&commands), |history| {
        assert!(history.len() <= 2, "a firing has one outcome, and a queued one another");
    });
}

#[test]
fn a_trigger_that_is_disabled_does_not_fire_and_a_repeat_is_of_the_same_trigger() {
    let trigger = TriggerId::from_bytes([2; 16]);
    let events =
        [crate::trigger::samples().remove(0), crate::trigger::TriggerDisabled { reason: None }.into()];
    let off = fresh().among(trigger, crate::fold::<Trigger>(&events));
    off.when_json("fire", &fire()).refused("expected trigger to be enabled, but it is disabled");
    off.when_json("queue", &queue()).refused("expected trigger to be enabled, but it is disabled");
    off.when_json("skip", &json!({ "occasion": occasion(), "reason": "disabled" })).accepted();
    let fired = TriggerFired {
        occasion: Occasion {
            trigger: TriggerId::from_bytes([9; 16]),
            ..serde_json::from_value(occasion()).unwrap()
        },
        trigger_version: None,
        started: serde_json::from_value(started()).unwrap(),
    };
    let foreign = fresh().among(FiringId::from_bytes([8; 16]), crate::fold::<Firing>(&[fired.into()]));
    let repeat = json!({ "occasion": occasion(), "of": id(8) });
    foreign.when_json("deduplicate", &repeat).refused("the firing that it repeats is another trigger's");
    let fire: FiringCommand = crate::testing::command("fire", &fire());
    assert_eq!(Firing::references(&fire), [ProjectId::from_bytes([1; 16]).into()]);
    assert_eq!(Firing::default().consults(&fire), [trigger.into()]);
}
