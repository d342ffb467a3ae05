//! A heartbeat: accepted, refused, without gaps in any order, and few.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, given, id, pool, with};

fn at(minutes: u32) -> String {
    format!("2026-11-21T{:02}:{:02}:00.000Z", 7 + minutes / 60, minutes % 60)
}
fn beats(ticks: u64, fired: u64) -> Value {
    json!({ "ticks": ticks, "checked": ticks * 4, "fired": fired, "queued": 0, "skipped": 0, "deduplicated": 0 })
}
fn up_to(minutes: u32, ticks: u64, fired: u64) -> Value {
    json!({ "to": at(minutes), "beats": beats(ticks, fired) })
}
fn start(minutes: u32) -> Value {
    json!({ "project": id(1), "at": at(minutes) })
}
fn beating() -> Given<Heartbeat> {
    given([]).and_json("start", &start(0))
}
fn stopped() -> Given<Heartbeat> {
    beating().and_json("stop", &up_to(10, 10, 0))
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let slow = with(&start(0), &json!({ "interval_ms": 3_600_000 }));
    check_accepted::<Heartbeat>(vec![
        (given([]), "start", slow.clone(), vec![("HeartbeatStarted", slow)]),
        (
            stopped(),
            "start",
            start(10),
            vec![("HeartbeatStarted", with(&start(10), &json!({ "interval_ms": 60_000 })))],
        ),
        (
            beating(),
            "summarise",
            up_to(60, 61, 0),
            vec![("HeartbeatSummarised", with(&up_to(60, 61, 0), &json!({ "from": at(0) })))],
        ),
        (
            beating().and_json("summarise", &up_to(5, 5, 1)),
            "stop",
            up_to(6, 1, 0),
            vec![("HeartbeatStopped", with(&up_to(6, 1, 0), &json!({ "from": at(5) })))],
        ),
    ]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let (none, beating, stopped) = (given([]), beating(), stopped());
    let nothing = json!({ "to": at(60), "beats": with(&beats(0, 0), &json!({ "checked": 1 })) });
    check_refused(vec![
        (&none, "summarise", up_to(60, 1, 0), "heartbeat does not exist"),
        (&none, "stop", up_to(60, 1, 0), "heartbeat does not exist"),
        (&stopped, "summarise", up_to(60, 1, 0), "expected heartbeat to be beating, but it is stopped"),
        (&stopped, "stop", up_to(60, 1, 0), "but it is stopped"),
        (&beating, "start", start(1), "expected heartbeat to be stopped, but it is beating"),
        (&stopped, "start", start(9), "`at`: expected 2026-11-21T07:10:00.000Z or later"),
        (&stopped, "start", with(&start(10), &json!({ "project": id(2) })), "`project`: expected"),
        (
            &none,
            "start",
            with(&start(0), &json!({ "interval_ms": 999 })),
            "`interval_ms`: expected 1000 to 3600000 ms",
        ),
        (&beating, "summarise", up_to(59, 59, 0), "nothing came up since 2026-11-21T07:00:00.000Z"),
        (&beating, "summarise", up_to(60, 62, 0), "`beats.ticks`: expected 0 to 61 ticks in that time"),
        (&beating, "summarise", nothing, "`beats`: expected nothing, where there was no tick"),
        (
            &beating,
            "stop",
            json!({ "to": "2026-11-21T06:59:59Z", "beats": beats(1, 0) }),
            "`to`: expected 2026-11-21T07:00:00.000Z or later",
        ),
    ]);
}

#[test]
fn any_order_of_commands_leaves_no_gap_and_few_idle_events() {
    let mut commands = vec![("start", start(0)), ("start", start(300)), ("stop", up_to(200, 9, 0))];
    commands.extend((0..12).map(|at| ("summarise", up_to(at * 20, 3, u64::from(at % 2)))));
    check_any_order::<Heartbeat>(&given([]), &pool(&commands), |history| {
        let mut known = None;
        for event in history {
            match event {
                HeartbeatEvent::HeartbeatStarted(e) => known = Some(e.at),
                HeartbeatEvent::HeartbeatSummarised(e) => {
                    assert_eq!(Some(e.from), known.replace(e.to));
                    assert!(e.beats.came_up() > 0 || e.to.since_ms(e.from) >= IDLE_SPAN_MIN_MS);
                }
                HeartbeatEvent::HeartbeatStopped(e) => assert_eq!(Some(e.from), known.replace(e.to)),
            }
        }
    });
}
