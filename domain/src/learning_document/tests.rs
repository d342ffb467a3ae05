//! What a learning document accepts and refuses, and the bytes it compiles to.

use expect_test::expect;
use serde_json::{Value, json};

use super::*;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with};

fn learning(changes: &Value) -> Given<Learning> {
    let proposal = json!({
        "project": id(1), "source": "human", "description": "d", "trigger": "t", "correct_behaviour": "c",
        "severity": "minor", "category": "tool", "confidence": 0.5,
    });
    given([]).and_json("propose", &with(&proposal, changes))
}
fn approved(changes: &Value) -> Learning {
    learning(changes).and_json("approve", &json!({})).state()
}
fn number(number: u8) -> LearningId {
    LearningId::from_bytes([number; 16])
}
/// Learnings 2 to 4 are approved, 5 is for judges, 6 waits for a review.
fn opened() -> Given<LearningDocument> {
    given([])
        .among(number(2), approved(&json!({})))
        .among(number(3), approved(&json!({ "severity": "critical", "description": "two\n# lines\n" })))
        .among(number(4), approved(&json!({ "category": "preference", "roles": ["designer"] })))
        .among(number(5), approved(&json!({ "roles": ["judge"] })))
        .among(number(6), learning(&json!({})).state())
        .and_json("open", &opening())
}
fn opening() -> Value {
    json!({ "project": id(1), "role": "designer" })
}
fn compiling(learnings: &[u8]) -> Value {
    json!({ "learnings": learnings.iter().map(|number| id(*number)).collect::<Vec<_>>() })
}
fn left_out(number: u8) -> Value {
    json!([{ "learning": id(number), "reason": "r" }])
}
fn compiled() -> Given<LearningDocument> {
    opened().and_json("compile", &compiling(&[2, 3])).and_json("compile", &compiling(&[2, 3, 4]))
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let empty = "# Learnings for the role `designer`\n";
    let body = json!({ "learnings": [], "note": "n" });
    let version = with(&body, &json!({ "version": 1, "markdown": empty }));
    let one = json!({ "version": 1 });
    let events = opened().when_json("compile", &compiling(&[2, 3])).accepted();
    let Some(LearningDocumentEvent::LearningVersionCompiled(LearningVersionCompiled {
        markdown: short, ..
    })) = events.first()
    else {
        panic!("{events:?}")
    };
    check_accepted::<LearningDocument>(vec![
        (given([]), "open", opening(), vec![("LearningDocumentOpened", opening())]),
        (
            opened(),
            "compile",
            body,
            vec![("LearningVersionCompiled", version), ("LearningVersionActivated", one.clone())],
        ),
        (
            compiled(),
            "compile",
            with(&compiling(&[2, 3]), &json!({ "leaves_out": left_out(4) })),
            vec![
                (
                    "LearningVersionCompiled",
                    json!({ "version": 3, "markdown": short, "learnings": [id(3), id(2)] }),
                ),
                ("LearningsLeftOut", json!({ "version": 3, "left_out": left_out(4) })),
                ("LearningVersionActivated", json!({ "version": 3 })),
            ],
        ),
        (compiled(), "activate", one.clone(), vec![("LearningVersionActivated", one)]),
    ]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let (none, open, two) = (given([]), opened(), compiled());
    let many: Vec<_> = (0..=LEARNINGS_MAX).map(|n| crate::Ulid(n as u128).to_string()).collect();
    check_refused(vec![
        (&open, "open", opening(), "learning document exists already"),
        (&none, "compile", compiling(&[]), "learning document does not exist"),
        (&none, "activate", json!({ "version": 1 }), "learning document does not exist"),
        (
            &open,
            "compile",
            json!({ "learnings": many }),
            "`learnings`: expected 0 to 200 learnings, got `201`",
        ),
        (&open, "compile", compiling(&[2, 2]), "`learnings`: expected each item once"),
        (
            &open,
            "compile",
            with(&compiling(&[]), &json!({ "note": "a\nb" })),
            "`note`: expected 1 to 200 bytes",
        ),
        (&open, "compile", compiling(&[5]), "does not apply to the role designer"),
        (&open, "compile", compiling(&[6]), "expected learning to be approved, but it is pending"),
        (&open, "compile", compiling(&[7]), "does not exist"),
        (&two, "compile", compiling(&[2, 3]), "of version 2 is approved and would be lost"),
        (
            &two,
            "compile",
            with(&compiling(&[2, 3, 4]), &json!({ "leaves_out": left_out(4) })),
            "`leaves_out`: expected what is not among `learnings`",
        ),
        (
            &open,
            "compile",
            with(&compiling(&[]), &json!({ "leaves_out": left_out(6) })),
            "expected learning to be approved, but it is pending",
        ),
        (&open, "compile", with(&compiling(&[]), &json!({ "leaves_out": left_out(7) })), "does not exist"),
        (
            &open,
            "compile",
            with(&compiling(&[]), &json!({ "leaves_out": [{ "learning": id(2), "reason": "" }] })),
            "`leaves_out`: expected 1 to 200 bytes",
        ),
        (
            &open,
            "compile",
            with(&compiling(&[]), &json!({ "leaves_out": [left_out(2)[0], left_out(2)[0]] })),
            "`leaves_out`: expected each item once",
        ),
        (&two, "activate", json!({ "version": 0 }), "unknown version `0`"),
        (&two, "activate", json!({ "version": 3 }), "unknown version `3`"),
        (&two, "activate", json!({ "version": 2 }), "version 2 is active already"),
    ]);
}

#[test]
fn learnings_compile_to_the_same_bytes_in_any_order() {
    let page = |learnings: &[u8]| {
        let events = opened().when_json("compile", &compiling(learnings)).accepted();
        let Some(LearningDocumentEvent::LearningVersionCompiled(e)) = events.first() else {
            panic!("{events:?}")
        };
        assert_eq!(e.learnings, [number(3), number(4), number(2)]);
        e.markdown.clone()
    };
    let expected = expect![[r#"
        # Learnings for the role `designer`

        ## critical

        ### 030C1G60R30C1G60R30C1G60R3 (tool)

        - What: two
          # lines
        - When: t
        - Do: c

        ## minor

        ### 040G2081040G2081040G208104 (preference)

        - What: d
        - When: t
        - Do: c

        ### 02081040G2081040G2081040G2 (tool)

        - What: d
        - When: t
        - Do: c
    "#]];
    expected.assert_eq(&page(&[2, 3, 4]));
    for order in [[2, 4, 3], [3, 2, 4], [3, 4, 2], [4, 2, 3], [4, 3, 2]] {
        assert_eq!(page(&order), page(&[2, 3, 4]));
    }
}

#[test]
fn what_does_not_fit_a_commit_is_refused() {
    let long = approved(&json!({ "description": "x".repeat(64 * 1024) }));
    let full = (10..20).fold(opened(), |document, n| document.among(number(n), long.clone()));
    let all: Vec<_> = (10..20).collect();
    full.when_json("compile", &compiling(&all))
        .refused("`learnings`: expected 0 to 524288 bytes of markdown");
}

#[test]
fn it_consults_what_it_compiles_and_claims_its_role() {
    let document = opened().state();
    let compile: LearningDocumentCommand = command("compile", &compiling(&[2, 3]));
    assert_eq!(document.consults(&compile), [number(2).into(), number(3).into()]);
    let open: LearningDocumentCommand = command("open", &opening());
    let claims = LearningDocument::claims(&open);
    assert_eq!(claims, [Claim::new("learning document", format!("{}/designer", id(1)))]);
    assert!(document.holds(&claims[0]) && !LearningDocument::default().holds(&claims[0]));
    assert_eq!(LearningDocument::references(&open), [ProjectId::from_bytes([1; 16]).into()]);
    assert_eq!(document.project(), Some(ProjectId::from_bytes([1; 16])));
    assert!(LearningDocument::claims(&compile).is_empty() && document.consults(&open).is_empty());
}

#[test]
fn any_order_of_commands_folds_alike() {
    let commands = [
        ("open", opening()),
        ("compile", compiling(&[2])),
        ("compile", compiling(&[3, 4])),
        ("compile", with(&compiling(&[2]), &json!({ "leaves_out": [left_out(3)[0], left_out(4)[0]] }))),
        ("compile", compiling(&[2, 3, 4])),
        ("compile", compiling(&[6])),
        ("activate", json!({ "version": 1 })),
        ("activate", json!({ "version": 2 })),
    ];
    check_any_order::<LearningDocument>(&opened(), &pool(&commands), |history| {
        let document = crate::fold::<LearningDocument>(history);
        assert!(document.active <= document.last, "what is in force is there");
    });
}

#[test]
fn what_is_no_longer_approved_may_go_without_a_word() {
    let retired =
        learning(&json!({})).and_json("approve", &json!({})).and_json("retire", &json!({ "reason": "r" }));
    let document = compiled().among(number(4), retired.state());
    document.when_json("compile", &compiling(&[2, 3])).accepted();
    let compile: LearningDocumentCommand = command("compile", &compiling(&[2]));
    let asked = [number(2).into(), number(3).into(), number(4).into()];
    assert_eq!(compiled().state().consults(&compile), asked, "what would be lost is asked, too");
}
