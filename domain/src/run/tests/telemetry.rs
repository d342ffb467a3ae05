//! Telemetry: differences of what is counted up, and what is refused.

use super::*;
use crate::testing::check_refused;
use crate::values::Usd;

const MODEL: &str = "opus";

fn reading(changes: &Value) -> Value {
    with(&json!({ "signal": "metrics", "model": MODEL, "agent_session": "s1" }), changes)
}
fn readings(all: &[Value]) -> Value {
    json!({ "readings": all })
}
#[track_caller]
fn told(run: &Given<Run>, all: &[Value]) -> Vec<(u64, u64, u32, Option<Usd>)> {
    let events = run.when_json("record-telemetry", &readings(all)).accepted();
    let figures = |event: &RunEvent| match event {
        RunEvent::TelemetryRecorded(e) => (e.input_tokens, e.output_tokens, e.calls, e.cost_usd),
        other => panic!("{other:?}"),
    };
    events.iter().map(figures).collect()
}
fn usd(number: f64) -> Option<Usd> {
    Some(Usd::from_f64(number).unwrap())
}
const SINCE: &str = "2026-11-21T00:00:00Z";
const LATER: &str = "2026-11-21T01:00:00Z";

pub(super) fn rows() -> Vec<crate::testing::Accepted<Run>> {
    let told = json!({
        "signal": "metrics", "agent_session": "s1", "model": MODEL, "input_tokens": 5, "output_tokens": 0,
        "cache_read_tokens": 0, "cache_write_tokens": 0, "calls": 0,
    });
    let asked = readings(&[reading(&json!({ "input_tokens": 5 }))]);
    vec![(in_step("designer"), "record-telemetry", asked, vec![("TelemetryRecorded", told)])]
}

#[test]
fn what_is_no_running_total_is_recorded_as_it_is_also_after_the_end() {
    let call = reading(&json!({ "input_tokens": 5, "output_tokens": 7, "calls": 1, "cost_usd": 0.25 }));
    let ended = in_step("designer").and_json("cancel", &json!({}));
    for run in [requested(), in_step("designer"), ended] {
        assert_eq!(told(&run, &[call.clone(), call.clone()]), [(5, 7, 1, usd(0.25)); 2]);
    }
}

#[test]
fn running_totals_become_differences_per_session_and_model() {
    let at = |input: u64, cost: f64, session: &str, since: &str| {
        reading(&json!({
            "input_tokens": input, "cost_usd": cost, "agent_session": session, "counted_since": since,
        }))
    };
    let first = readings(&[at(10, 0.5, "s1", SINCE), at(4, 0.25, "s2", SINCE)]);
    let run = in_step("designer").and_json("record-telemetry", &first);
    assert_eq!(told(&run, &[at(15, 0.75, "s1", SINCE)]), [(5, 0, 0, usd(0.25))]);
    assert_eq!(told(&run, &[at(15, 0.75, "s2", SINCE)]), [(11, 0, 0, usd(0.5))]);
    // Counting began anew, or an exporter that was restarted says less than before.
    assert_eq!(told(&run, &[at(15, 0.75, "s1", LATER)]), [(15, 0, 0, usd(0.75))]);
    assert_eq!(told(&run, &[at(3, 0.1, "s1", SINCE)]), [(3, 0, 0, usd(0.1))]);
    // Within one command, the second is counted from the first.
    let twice = [at(11, 0.5, "s1", SINCE), at(13, 0.75, "s1", SINCE)];
    assert_eq!(told(&run, &twice), [(1, 0, 0, usd(0.0)), (2, 0, 0, usd(0.25))]);
}

#[test]
fn a_cost_that_comes_later_is_whole_and_one_that_is_left_out_is_unknown() {
    let at = |input: u64, cost: Value| {
        reading(&json!({ "input_tokens": input, "cost_usd": cost, "counted_since": SINCE }))
    };
    let run = in_step("designer").and_json("record-telemetry", &readings(&[at(10, Value::Null)]));
    assert_eq!(told(&run, &[at(10, json!(0.5))]), [(0, 0, 0, usd(0.5))]);
    let priced = run.and_json("record-telemetry", &readings(&[at(10, json!(0.5))]));
    assert_eq!(told(&priced, &[at(11, Value::Null)]), [(1, 0, 0, None)]);
    let unpriced = priced.and_json("record-telemetry", &readings(&[at(11, Value::Null)]));
    assert_eq!(told(&unpriced, &[at(11, json!(0.75))]), [(0, 0, 0, usd(0.25))]);
}

#[test]
fn what_says_nothing_or_too_much_is_refused() {
    let one = reading(&json!({ "input_tokens": 1, "counted_since": SINCE }));
    let run = in_step("designer").and_json("record-telemetry", &readings(std::slice::from_ref(&one)));
    let many = |count: usize| {
        let of = |nth: usize| with(&one, &json!({ "agent_session": format!("s{nth}") }));
        readings(&(0..count).map(of).collect::<Vec<_>>())
    };
    let counted = (0..5).fold(in_step("designer"), |run, nth| {
        let of = |other: usize| with(&one, &json!({ "agent_session": format!("of {nth}, {other}") }));
        run.and_json("record-telemetry", &readings(&(0..200).map(of).collect::<Vec<_>>()))
    });
    check_refused(vec![
        (&given([]), "record-telemetry", readings(std::slice::from_ref(&one)), "run does not exist"),
        (&run, "record-telemetry", readings(&[]), "`readings`: expected 1 to 200 items, got `0 items`"),
        (&run, "record-telemetry", many(201), "`readings`: expected 1 to 200 items, got `201 items`"),
        (
            &run,
            "record-telemetry",
            readings(std::slice::from_ref(&one)),
            "the readings say nothing that is not recorded",
        ),
        (
            &run,
            "record-telemetry",
            readings(&[reading(&json!({ "step": id(OTHER_STEP), "calls": 1 }))]),
            "unknown step",
        ),
        (
            &run,
            "record-telemetry",
            readings(&[reading(&json!({ "model": " " }))]),
            "`readings.model`: expected",
        ),
        (
            &run,
            "record-telemetry",
            readings(&[reading(&json!({ "agent_session": "" }))]),
            "`readings.agent_session`: expected",
        ),
        (
            &run,
            "record-telemetry",
            readings(&[reading(&json!({ "provider": "" }))]),
            "`readings.provider`: expected",
        ),
        (
            &counted,
            "record-telemetry",
            readings(&[one]),
            "`readings`: expected 0 to 1000 running totals of one run, got `1001`",
        ),
    ]);
}
