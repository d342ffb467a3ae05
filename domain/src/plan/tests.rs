//! What a plan accepts and refuses, in each of its states.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with};

fn text(title: &str) -> Value {
    json!({ "title": title, "description": "d", "priority": "high", "suggested_prompt": "p" })
}
fn proposal() -> Value {
    json!({ "project": id(1), "title": "t", "rationale": "r", "items": [text("a"), text("b")] })
}
fn proposed() -> Given<Plan> {
    given([]).and_json("propose", &proposal())
}
fn approved() -> Given<Plan> {
    proposed().and(ApprovePlan { note: None })
}
fn convert(item: u32, issue: u8) -> ConvertPlanItem {
    ConvertPlanItem { item, issue: IssueId::from_bytes([issue; 16]) }
}
fn converted() -> Given<Plan> {
    approved().and(convert(1, 4)).and(convert(2, 5))
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let traced = with(&proposal(), &json!({ "run": id(2), "step": id(3) }));
    let words = json!({ "title": "u", "rationale": "s" });
    let added = json!({ "text": text("c") });
    let edited = json!({ "item": 2, "text": text("c") });
    let (one, order) = (json!({ "item": 1 }), json!({ "items": [2, 1] }));
    let (note, reason) = (json!({ "note": "n" }), json!({ "reason": "r" }));
    let became = json!({ "item": 1, "issue": id(4) });
    check_accepted::<Plan>(vec![
        (given([]), "propose", traced.clone(), vec![("PlanProposed", traced)]),
        (given([]), "propose", proposal(), vec![("PlanProposed", proposal())]),
        (proposed(), "reword", words.clone(), vec![("PlanReworded", words)]),
        (proposed(), "add-item", added.clone(), vec![("PlanItemAdded", with(&added, &json!({ "item": 3 })))]),
        (proposed(), "edit-item", edited.clone(), vec![("PlanItemEdited", edited)]),
        (proposed(), "remove-item", one.clone(), vec![("PlanItemRemoved", one.clone())]),
        (approved(), "remove-item", one.clone(), vec![("PlanItemRemoved", one)]),
        (proposed(), "reorder", order.clone(), vec![("PlanReordered", order)]),
        (proposed(), "approve", note.clone(), vec![("PlanApproved", note)]),
        (proposed(), "reject", reason.clone(), vec![("PlanRejected", reason.clone())]),
        (approved(), "convert-item", became.clone(), vec![("PlanItemConverted", became)]),
        (converted(), "complete", json!({}), vec![("PlanCompleted", json!({}))]),
        (converted(), "archive", reason.clone(), vec![("PlanArchived", reason)]),
    ]);
}

#[test]
fn the_lifecycle_has_no_other_ways() {
    let rejected = proposed().and(RejectPlan { reason: "r".into() });
    let phases = [
        ("plan does not exist", given([])),
        ("but it is proposed", proposed()),
        ("but it is approved", approved()),
        ("but it is rejected", rejected),
        ("but it is completed", converted().and(CompletePlan {})),
        ("but it is archived", proposed().and(ArchivePlan { reason: None })),
    ];
    let only = |phase: usize| std::array::from_fn(|n| n == phase);
    //    missing, proposed, approved, rejected, completed, archived
    let ways: [(&str, Value, [bool; 6]); 9] = [
        ("reword", json!({ "title": "u", "rationale": "s" }), only(1)),
        ("add-item", json!({ "text": text("c") }), only(1)),
        ("edit-item", json!({ "item": 1, "text": text("c") }), only(1)),
        ("remove-item", json!({ "item": 1 }), [false, true, true, false, false, false]),
        ("reorder", json!({ "items": [2, 1] }), only(1)),
        ("approve", json!({}), only(1)),
        ("reject", json!({ "reason": "r" }), only(1)),
        ("convert-item", json!({ "item": 1, "issue": id(4) }), only(2)),
        ("archive", json!({}), [false, true, true, true, true, false]),
    ];
    for (name, body, allowed) in ways {
        for ((refusal, phase), allowed) in phases.iter().zip(allowed) {
            phase.when_json(name, &body).accepted_if(allowed, refusal);
        }
    }
    for (refusal, phase) in &phases {
        if *refusal != "but it is approved" {
            phase.when(CompletePlan {}).refused(refusal);
        }
    }
    for (_, phase) in &phases[1..] {
        phase.when_json("propose", &proposal()).refused("plan exists already");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (none, proposed, approved) = (given([]), proposed(), approved());
    let half = approved.clone().and(convert(1, 4));
    let one = proposed.clone().and(RemovePlanItem { item: 1 });
    let proposes = |changes| with(&proposal(), &changes);
    let many = vec![text("a"); ITEMS_MAX + 1];
    let long =
        json!({ "title": "t", "description": "x".repeat(60_000), "priority": "low", "suggested_prompt": "" });
    let rationale = "x".repeat(RATIONALE_MAX_BYTES + 1);
    check_refused(vec![
        (&none, "propose", proposes(json!({ "title": "" })), "`title`: expected 1 to 200 bytes"),
        (
            &none,
            "propose",
            proposes(json!({ "rationale": " " })),
            "`rationale`: expected a text that is not blank",
        ),
        (
            &none,
            "propose",
            proposes(json!({ "rationale": rationale })),
            "`rationale`: expected at most 65536 bytes",
        ),
        (
            &none,
            "propose",
            proposes(json!({ "items": [] })),
            "`items`: expected 1 to 200 items, got `0 items`",
        ),
        (&none, "propose", proposes(json!({ "items": many })), "`items`: expected 1 to 200 items"),
        (&none, "propose", proposes(json!({ "items": [text("")] })), "`title`: expected 1 to 200 bytes"),
        (
            &none,
            "propose",
            proposes(json!({ "items": vec![long; 9] })),
            "`items`: expected 0 to 524288 bytes",
        ),
        (&none, "propose", proposes(json!({ "step": id(3) })), "`step`: expected absent where run is"),
        (&proposed, "reword", json!({ "title": "", "rationale": "r" }), "`title`"),
        (&proposed, "add-item", json!({ "text": text("") }), "`title`"),
        (&proposed, "edit-item", json!({ "item": 3, "text": text("c") }), "unknown item `3`"),
        (&proposed, "edit-item", json!({ "item": 1, "text": text("") }), "`title`"),
        (&proposed, "remove-item", json!({ "item": 0 }), "unknown item `0`"),
        (&one, "remove-item", json!({ "item": 2 }), "a plan has at least one item"),
        (&half, "remove-item", json!({ "item": 1 }), "item 1 has become issue"),
        (&proposed, "reorder", json!({ "items": [1] }), "`items`: expected all 2 items, got `1 items`"),
        (&proposed, "reorder", json!({ "items": [1, 1] }), "`items`: expected each item once, got `1`"),
        (&proposed, "reorder", json!({ "items": [1, 3] }), "unknown item `3`"),
        (&proposed, "reject", json!({ "reason": "" }), "`reason`"),
        (&approved, "convert-item", json!({ "item": 9, "issue": id(4) }), "unknown item `9`"),
        (&half, "convert-item", json!({ "item": 1, "issue": id(5) }), "item 1 has become issue"),
        (&half, "convert-item", json!({ "item": 2, "issue": id(4) }), "stands for item 1 already"),
        (&half, "complete", json!({}), "item 2 is no issue yet"),
    ]);
    half.and(RemovePlanItem { item: 2 }).when(CompletePlan {}).accepted();
}

#[test]
fn numbers_of_items_are_never_given_again() {
    let shorter = proposed().and(RemovePlanItem { item: 2 });
    let again = shorter.when_json("add-item", &json!({ "text": text("c") })).accepted();
    assert!(matches!(&again[..], [PlanEvent::PlanItemAdded(PlanItemAdded { item: 3, .. })]));
    let items: Vec<_> = (0..ITEMS_MAX).map(|n| text(&n.to_string())).collect();
    given::<Plan>([])
        .and_json("propose", &with(&proposal(), &json!({ "items": items })))
        .when_json("add-item", &json!({ "text": text("c") }))
        .refused("a plan has at most 200 items");
}

#[test]
fn it_names_what_it_refers_to() {
    let refers = |name: &str, body: &Value| -> Vec<u16> {
        let command: PlanCommand = command(name, body);
        Plan::references(&command).iter().map(|stream| stream.category.0).collect()
    };
    assert_eq!(refers("propose", &with(&proposal(), &json!({ "run": id(2) }))), [1, 3]);
    assert_eq!(refers("convert-item", &json!({ "item": 1, "issue": id(4) })), [12]);
    assert!(refers("complete", &json!({})).is_empty());
    assert_eq!(proposed().state().project(), Some(ProjectId::from_bytes([1; 16])));
}

#[test]
fn any_order_of_commands_folds_alike() {
    let commands = [
        ("propose", proposal()),
        ("reword", json!({ "title": "u", "rationale": "s" })),
        ("add-item", json!({ "text": text("c") })),
        ("edit-item", json!({ "item": 3, "text": text("d") })),
        ("remove-item", json!({ "item": 1 })),
        ("reorder", json!({ "items": [2, 1] })),
        ("approve", json!({})),
        ("convert-item", json!({ "item": 1, "issue": id(4) })),
        ("convert-item", json!({ "item": 2, "issue": id(5) })),
        ("convert-item", json!({ "item": 3, "issue": id(6) })),
        ("complete", json!({})),
        ("archive", json!({})),
    ];
    check_any_order::<Plan>(&given([]), &pool(&commands), |history| {
        let plan = crate::fold::<Plan>(history);
        assert!(plan.phase == Phase::Missing || !plan.items.is_empty(), "a plan has an item");
    });
}
