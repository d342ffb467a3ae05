//! The page as a whole: what it shows, what it does not let through, what it asks for.

use domain::ids::Position;
use domain::run::RunCommand;
use domain::terms::MessageRole;
use proof::hash::sha256;

use super::*;
use crate::refold::refold;
use crate::story::document;
use crate::story::tests::{records, reviewed, said, start};

fn made(records: Vec<domain::Recorded>) -> String {
    let check = refold(&records);
    let story = document(records, None).unwrap();
    page(&Page {
        story: &story,
        in_force: &[],
        check: check.as_ref(),
        witnesses: &[],
        proofs: None,
        made_at: Timestamp::from_millis(1_763_632_900_000),
        software: "1.0.0",
        full: false,
    })
}

/// The parts between `open` and the next `close`.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open).skip(1).filter_map(|rest| rest.split_once(close).map(|(inner, _)| inner)).collect()
}

#[test]
fn every_event_has_its_place_and_every_link_leads_to_one() {
    let html = made(reviewed());
    for position in 0..20 {
        assert_eq!(html.matches(&format!(" id=\"p{position}\"")).count(), 1, "position {position}");
    }
    for target in between(&html, "href=\"#", "\"") {
        assert!(html.contains(&format!("id=\"{target}\"")), "{target}");
    }
    for told in
        ["Why did each loop stop?", "before a verdict passed", "No tests", "#7", "lint", "80.1", "$0.25"]
    {
        assert!(html.contains(told), "{told}");
    }
}

#[test]
fn nothing_is_asked_of_a_network_and_the_style_is_the_one_that_is_allowed() {
    let html = made(reviewed());
    let style = between(&html, "<style>", "</style>")[0];
    let policy = between(&html, "Content-Security-Policy\" content=\"", "\">")[0];
    let hash = sha256(style.as_bytes());
    assert_eq!(
        policy,
        format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
    );
    for asking in ["<script", "<link", "<img", "src=", "url(", "@import", " style=", "<iframe", "onclick"] {
        assert!(!html.contains(asking), "{asking}");
    }
    assert!(between(&html, "href=\"", "\"").iter().all(|target| target.starts_with('#')));
}

#[test]
fn what_an_agent_writes_is_shown_and_not_obeyed() {
    let hostile = "</pre><script>alert(1)</script><img src=x onerror=alert(1)> \u{202e}";
    let RunCommand::RequestRun(mut request) = crate::story::tests::request() else { unreachable!() };
    (request.title, request.prompt) = (Some(hostile.into()), hostile.into());
    let html = made(records(&[
        request.into(),
        domain::run::StartRun {}.into(),
        start(1, domain::terms::Role::Designer, 1),
        said(1, 1, MessageRole::Assistant, hostile, Some(hostile)),
    ]));
    assert!(!html.contains("<script") && !html.contains("<img") && !html.contains('\u{202e}'));
    assert!(html.matches("&lt;script&gt;alert(1)").count() >= 5);
}

#[test]
fn a_long_text_is_cut_and_says_so_unless_all_is_wanted() {
    let long = "a".repeat(30_000);
    let RunCommand::RequestRun(request) = crate::story::tests::request() else { unreachable!() };
    let records = records(&[
        request.into(),
        domain::run::StartRun {}.into(),
        start(1, domain::terms::Role::Designer, 1),
        said(1, 1, MessageRole::Assistant, &long, None),
    ]);
    let story = document(records, Some(Position(9))).unwrap();
    let of = |full| {
        page(&Page {
            story: &story,
            in_force: &[],
            check: None,
            witnesses: &[],
            proofs: None,
            made_at: story.requested_at,
            software: "1",
            full,
        })
    };
    assert!(of(false).contains("10,000 more characters") && !of(false).contains(&long));
    assert!(of(true).contains(&long));
}
