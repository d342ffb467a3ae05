//! A budget pool: accepted, refused, and within its bounds in any order.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, given, id, pool, with};

fn at(hour: u32) -> String {
    format!("2026-11-21T{hour:02}:00:00.000Z")
}
fn opened() -> Given<BudgetPool> {
    given([]).and_json("open", &json!({ "name": "P", "plan": "claude-max-20x" }))
}
fn ask(request: u8, amount: u64) -> Value {
    json!({ "request": id(request), "at": at(7), "amount": amount, "purpose": "automated" })
}
fn used(amount: u64, purpose: &str) -> Value {
    json!({ "at": at(7), "amount": amount, "purpose": purpose })
}
fn reserved() -> Given<BudgetPool> {
    opened().and_json("request", &ask(2, 100))
}
/// One request is promised 100 of 140, one waits for 50.
fn short() -> Given<BudgetPool> {
    reserved().and_json("request", &ask(3, 50))
}
fn level(reserved: u64) -> Value {
    json!({ "automated": 0, "interactive": 0, "reserved": reserved, "automated_reserved": reserved, "used": 0,
        "from_vendor": false, "capacity": 200, "automated_most": 140 })
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let by_plan = json!({ "name": "P", "plan": "claude-max-20x", "shape": "rolling", "length_ms": 18_000_000,
        "unit": "prompts", "capacity": 200, "automated_share": 0.7 });
    let by_hand = json!({ "project": id(1), "name": "Credit", "shape": "credit", "unit": "usd_micros",
        "capacity": 5, "automated_share": 1.0 });
    let weekly = json!({ "name": "Week", "shape": "from_first_use", "length_ms": 604_800_000_u64, "unit": "tokens",
        "capacity": 9, "automated_share": 0.5 });
    let settle = with(&used(90, "automated"), &json!({ "request": id(2), "run": id(4), "session": id(5) }));
    let evidence =
        json!({ "at": at(7), "used_share": 0.95, "exhausted": false, "resets_at": at(9), "source": "s" });
    let promised = json!({ "firing": id(9), "expires_at": at(11), "level": level(0) });
    let waits = json!({ "reason": "automated_share", "until": at(11), "level": level(100) });
    let firing = json!({ "firing": id(9) });
    let why = json!({ "request": id(3), "reason": "r" });
    check_accepted::<BudgetPool>(vec![
        (
            given([]),
            "open",
            json!({ "name": "P", "plan": "claude-max-20x" }),
            vec![("BudgetPoolOpened", by_plan)],
        ),
        (
            given([]),
            "open",
            by_hand.clone(),
            vec![("BudgetPoolOpened", with(&by_hand, &json!({ "length_ms": 0 })))],
        ),
        (given([]), "open", weekly.clone(), vec![("BudgetPoolOpened", weekly)]),
        (
            opened(),
            "resize",
            json!({ "capacity": 800 }),
            vec![("BudgetPoolResized", json!({ "capacity": 800, "automated_share": 0.7 }))],
        ),
        (reserved(), "record-use", settle.clone(), vec![("BudgetUsed", settle)]),
        (
            opened(),
            "request",
            with(&ask(2, 100), &firing),
            vec![("BudgetReserved", with(&ask(2, 100), &promised))],
        ),
        (reserved(), "request", ask(3, 50), vec![("BudgetQueued", with(&ask(3, 50), &waits))]),
        (short(), "withdraw", why.clone(), vec![("BudgetRequestWithdrawn", why)]),
        (
            reserved(),
            "release",
            json!({ "request": id(2) }),
            vec![("BudgetReservationReleased", json!({ "request": id(2) }))],
        ),
        (opened(), "record-evidence", evidence.clone(), vec![("VendorEvidenceRecorded", evidence)]),
        (opened(), "close", json!({}), vec![("BudgetPoolClosed", json!({}))]),
    ]);
}

#[test]
fn a_waiting_request_is_promised_once_it_fits_and_none_overtakes_it() {
    let freed = short().and_json("release", &json!({ "request": id(2) }));
    let BudgetPoolEvent::BudgetQueued(behind) = &freed.when_json("request", &ask(4, 1)).accepted()[0] else {
        panic!("a new request waits behind the one that waits")
    };
    assert_eq!((behind.reason, behind.until), (Shortage::Behind, None));
    let person = with(&ask(4, 1), &json!({ "purpose": "interactive" }));
    assert!(matches!(
        freed.when_json("request", &person).accepted()[..],
        [BudgetPoolEvent::BudgetReserved(_)]
    ));
    let done = freed.and_json("request", &ask(3, 50));
    assert!(done.state().waiting.is_empty());
    assert!(matches!(
        done.when_json("request", &ask(4, 1)).accepted()[..],
        [BudgetPoolEvent::BudgetReserved(_)]
    ));
}

#[test]
fn what_does_not_fit_is_refused() {
    let (none, open, reserved, short) = (given([]), opened(), reserved(), short());
    let closed = opened().and_json("close", &json!({}));
    let open_with = |changes: Value| {
        with(&json!({ "name": "P", "shape": "rolling", "unit": "tokens", "capacity": 5 }), &changes)
    };
    let asked = |changes: Value| with(&ask(3, 50), &changes);
    let said = |changes: Value| with(&json!({ "at": at(7), "exhausted": true, "source": "s" }), &changes);
    check_refused(vec![
        (&none, "close", json!({}), "budget pool does not exist"),
        (&closed, "request", ask(2, 1), "expected budget pool to be open, but it is closed"),
        (&closed, "open", open_with(json!({})), "budget pool exists already"),
        (&open, "open", open_with(json!({})), "budget pool exists already"),
        (&none, "open", open_with(json!({ "name": "" })), "`name`"),
        (&none, "open", open_with(json!({ "plan": "" })), "`plan`"),
        (&none, "open", open_with(json!({ "shape": null })), "`shape`: expected a value, or a plan"),
        (&none, "open", open_with(json!({ "unit": null })), "`unit`: expected a value, or a plan"),
        (&none, "open", open_with(json!({ "capacity": null, "plan": "x" })), "`capacity`: expected a value"),
        (&none, "open", open_with(json!({ "capacity": 0 })), "`capacity`: expected 1 to"),
        (&none, "open", open_with(json!({ "length_ms": 59_999 })), "`length_ms`: expected 60000 to"),
        (
            &none,
            "open",
            open_with(json!({ "shape": "credit", "length_ms": 60_000 })),
            "`length_ms`: expected none for `credit`",
        ),
        (&open, "resize", json!({ "capacity": 0 }), "`capacity`: expected 1 to"),
        (&open, "resize", json!({ "capacity": 1, "plan": " " }), "`plan`"),
        (
            &open,
            "record-use",
            with(&used(1, "automated"), &json!({ "request": id(2) })),
            "unknown reservation `",
        ),
        (&reserved, "request", ask(2, 1), "exists already"),
        (&open, "request", ask(2, 0), "`amount`: expected 1 to 140 units for this purpose"),
        (&open, "request", ask(2, 141), "`amount`: expected 1 to 140 units for this purpose"),
        (
            &open,
            "request",
            with(&ask(2, 201), &json!({ "purpose": "interactive" })),
            "`amount`: expected 1 to 200 units",
        ),
        (&open, "request", asked(json!({ "holds_ms": 999 })), "`holds_ms`: expected 1000 to 86400000 ms"),
        (&short, "request", asked(json!({ "amount": 51 })), "a waiting request keeps its amount and purpose"),
        (&short, "request", asked(json!({})), "does not fit yet: `automated_share`"),
        (&open, "withdraw", json!({ "request": id(3) }), "unknown waiting request `"),
        (&short, "withdraw", json!({ "request": id(3), "reason": "a\nb" }), "`reason`"),
        (&short, "release", json!({ "request": id(3) }), "unknown reservation `"),
        (&open, "record-evidence", said(json!({ "source": "" })), "`source`"),
        (
            &open,
            "record-evidence",
            said(json!({ "exhausted": false })),
            "`used_share`: expected a share, or `exhausted`, got `neither`",
        ),
        (
            &open,
            "record-evidence",
            said(json!({ "resets_at": at(7) })),
            "`resets_at`: expected a time after 2026-11-21T07:00:00.000Z",
        ),
    ]);
}

#[test]
fn requests_that_wait_are_bounded() {
    let mut full = short().state();
    full.waiting = vec![full.waiting[0]; REQUESTS_MAX];
    let ask = crate::testing::command("request", &ask(4, 50));
    assert!(full.decide(&ask).unwrap_err().to_string().contains("`waiting`: expected 0 to 999 before"));
}

#[test]
fn known_plans_open_without_more_words() {
    for plan in PLANS {
        let open = json!({ "name": "P", "plan": plan.name });
        let Some(BudgetPoolEvent::BudgetPoolOpened(e)) =
            given::<BudgetPool>([]).when_json("open", &open).accepted().pop()
        else {
            panic!("a pool is opened")
        };
        assert_eq!(
            (e.shape, e.length_ms, e.unit, e.capacity),
            (plan.shape, plan.length_ms, plan.unit, plan.capacity)
        );
    }
}

#[test]
fn it_names_its_project_where_it_has_one() {
    let open: BudgetPoolCommand =
        crate::testing::command("open", &json!({ "project": id(1), "name": "P", "plan": "perplexity-pro" }));
    assert_eq!(BudgetPool::references(&open), [ProjectId::from_bytes([1; 16]).into()]);
    let own = given::<BudgetPool>([]).and(open);
    assert_eq!(own.state().project(), Some(ProjectId::from_bytes([1; 16])));
    assert_eq!(opened().state().project(), None);
}

#[test]
fn any_order_of_commands_promises_no_more_than_there_is() {
    let mut commands = vec![
        ("open", json!({ "name": "P", "plan": "claude-max-20x" })),
        ("resize", json!({ "capacity": 200 })),
        ("record-evidence", json!({ "at": at(7), "used_share": 0.5, "source": "s" })),
        ("record-use", with(&used(20, "automated"), &json!({ "request": id(2) }))),
        ("withdraw", json!({ "request": id(3) })),
        ("release", json!({ "request": id(2) })),
        ("release", json!({ "request": id(3) })),
    ];
    commands.extend((2..8).map(|request| ("request", ask(request, 45))));
    check_any_order::<BudgetPool>(&given([]), &pool(&commands), |history| {
        for event in history {
            if let BudgetPoolEvent::BudgetReserved(e) = event {
                let level = &e.level;
                assert!(level.automated + level.automated_reserved + e.amount <= level.automated_most);
                assert!(level.used + level.reserved + e.amount <= level.capacity);
            }
        }
    });
}
