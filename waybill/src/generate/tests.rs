//! The same seed tells the same; what is told is taken; and every live view has something to show.

use engine::{Engine, Envelope, ViewRequest};
use projections::{Scope, views};

use super::*;

fn plan(seed: u64) -> Plan {
    Plan { seed, projects: 2, runs: 12, start: "2026-10-05T08:00:00Z".parse().expect("a time") }
}

fn told(plan: Plan) -> Vec<Told> {
    let mut generator = Generator::new(plan);
    let mut all = Vec::new();
    while let Some(scene) = generator.scene().unwrap_or_else(|failure| panic!("{failure}")) {
        all.extend(scene);
    }
    all
}

#[test]
fn a_seed_tells_the_same_history_and_another_seed_another() {
    let first = told(plan(1));
    assert_eq!(first, told(plan(1)));
    assert_ne!(first, told(plan(2)));
    assert!(first.windows(2).all(|pair| pair[0].occurred_at <= pair[1].occurred_at));
}

#[test]
fn many_seeds_know_the_rules() {
    for seed in 10..22 {
        assert!(told(Plan { projects: 1, ..plan(seed) }).len() > 500, "{seed}");
    }
}

#[tokio::test]
async fn the_log_takes_it_and_every_live_view_has_rows() {
    let engine = Engine::memory(journal::Options::default()).expect("a log in memory opens");
    for told in told(plan(3)) {
        let Told { stream, command, commit, occurred_at, actor, correlation } = told;
        let name = command.name();
        let envelope = Envelope {
            commit: Some(commit),
            occurred_at: Some(occurred_at),
            correlation,
            ..Envelope::new(stream, command, actor)
        };
        let taken = engine.execute(envelope).await;
        assert!(taken.is_ok(), "{stream} {name}: {taken:?}");
    }
    engine.caught_up().await;
    let mut empty = Vec::new();
    for spec in views().into_iter().filter(|spec| spec.scope == Scope::Live) {
        let request = ViewRequest { view: spec.name.to_owned(), ..ViewRequest::default() };
        let answer = engine.view(request).await.expect("the view answers");
        if answer.page.rows.is_empty() {
            empty.push(spec.name);
        }
    }
    // Who came in is for the server alone to say.
    let known = ["identity", "access"];
    assert_eq!(empty, known, "views without rows");
    assert!(engine.journal().verify(|_| {}).is_sound());
}

#[test]
fn what_makes_a_history_worth_looking_at_is_in_it() {
    let all = told(plan(4));
    let has = |aggregate: &str, name: &str| {
        all.iter().any(|told| told.stream.category.to_string() == aggregate && told.command.name() == name)
    };
    for (aggregate, name) in [
        ("run", "iterate-loop"),
        ("run", "force-loop-on"),
        ("run", "fail-step"),
        ("run", "issue-scores"),
        ("run", "complete"),
        ("learning", "approve"),
        ("learning", "reject"),
        ("learning-document", "compile"),
        ("context", "activate"),
        ("work-chain", "end-run"),
        ("sprint-chain", "approve"),
        ("recurring-task", "dispatch"),
        ("answering-session", "answer"),
        ("plan", "convert-item"),
        ("asset", "publish"),
    ] {
        assert!(has(aggregate, name), "no {aggregate} {name}");
    }
    let mut sizes: Vec<usize> =
        all.iter().map(|told| serde_json::to_vec(&told.command).unwrap().len()).collect();
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    assert!((150..3_000).contains(&median) && sizes[sizes.len() - 1] > 50_000, "{median}");
}
