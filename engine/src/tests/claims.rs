//! Values that only one may hold: races, repetitions, giving back, crashes and refusals in between.

use domain::claim::Claimed;
use domain::{Claim, Decider, Event};

use super::*;
use crate::aggregates::load;
use crate::claims::Claimant;

fn claim(slug: &str) -> Claim {
    Claim::new("project slug", slug)
}

fn make(n: u64, slug: &str) -> Envelope {
    command(project(n), "create", &json!({ "slug": slug, "name": "P" }))
}

fn renamed(n: u64, slug: &str) -> Envelope {
    command(project(n), "rename", &json!({ "slug": slug, "name": "P" }))
}

fn delete(n: u64) -> Envelope {
    command(project(n), "delete", &json!({}))
}

#[track_caller]
fn assert_taken(answer: &Result<Receipt, ExecuteError>, slug: &str) {
    let expected = Rejection::Taken { scope: "project slug", key: format!("`{slug}`") };
    assert_eq!(*answer, Err(ExecuteError::Rejected(expected)));
}

/// What is in the log of a claim: `taken` or `released`, and by whose project.
fn history(engine: &Engine, slug: &str) -> Vec<(&'static str, StreamId)> {
    let records = engine.journal().read_stream(claim(slug).stream(), StreamVersion(0), 1000).unwrap();
    let told = records.iter().map(|record| match crate::decode(record).unwrap().event {
        Event::Claimed(domain::claim::ClaimEvent::ClaimTaken(e)) => ("taken", e.holder),
        Event::Claimed(domain::claim::ClaimEvent::ClaimReleased(e)) => ("released", e.holder),
        other => panic!("{other:?}"),
    });
    told.collect()
}

/// Takes a slug as a command of project `n` would, and leaves it at that.
async fn take_only(engine: &Engine, n: u64, slug: &str) -> Result<Vec<Claim>, ExecuteError> {
    let envelope = make(n, slug);
    let fingerprint = Fingerprint(0);
    let claimant = Claimant {
        engine,
        envelope: &envelope,
        cause: id(99).into(),
        fingerprint,
        project: Some(id(n).into()),
    };
    claimant.take_all(&[claim(slug)]).await
}

async fn close(engine: Engine) {
    tokio::task::spawn_blocking(move || engine.close()).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_want_a_slug_at_once_exactly_one_gets_it() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let mut winners = Vec::new();
    for (round, slug) in (1_u64..).zip(["one", "two", "three", "four"]) {
        let under_way: Vec<_> = (0..64)
            .map(|n| {
                let engine = engine.clone();
                tokio::spawn(async move { (n, engine.execute(make(round * 100 + n, slug)).await) })
            })
            .collect();
        let mut won = Vec::new();
        for task in under_way {
            match task.await.unwrap() {
                (n, Ok(_)) => won.push(round * 100 + n),
                (_, answer) => assert_taken(&answer, slug),
            }
        }
        assert_eq!(won.len(), 1, "{slug}: {won:?}");
        assert_eq!(history(&engine, slug), [("taken", project(won[0]))]);
        winners.push((slug, won[0]));
    }
    close(engine).await;

    let engine = open(dir.path());
    for (slug, winner) in winners {
        assert_taken(&engine.execute(make(1000, slug)).await, slug);
        engine.execute(renamed(winner, slug)).await.unwrap();
    }
    // Without its claim, the loser is not there either.
    assert_eq!(engine.journal().stream_head(project(1000)), Ok(None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_submitted_one_after_the_other_wait_for_nobody_but_the_claim() {
    let engine = memory();
    // The first has its place and its lock when the second is submitted, and nobody polls it meanwhile.
    let first = engine.submit(make(1, "a")).await;
    let second = engine.submit(make(2, "a")).await;
    let third = engine.submit(rename(1, "renamed")).await;
    assert_taken(&second.receipt().await, "a");
    assert_eq!(first.receipt().await.unwrap().version, StreamVersion(0));
    assert_eq!(third.receipt().await.unwrap().version, StreamVersion(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_again_gets_the_first_answer_and_never_taken() {
    let engine = memory();
    for n in 1..50_u64 {
        let slug = format!("s-{n}");
        let keyed = || Envelope { commit: Some(id(1_000 + n).into()), ..make(n, &slug) };
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let (engine, envelope) = (engine.clone(), keyed());
                tokio::spawn(async move { engine.execute(envelope).await })
            })
            .collect();
        let mut receipts = Vec::new();
        for task in tasks {
            receipts.push(task.await.unwrap().unwrap());
        }
        assert_eq!(receipts.iter().filter(|receipt| !receipt.duplicate).count(), 1);
        assert!(receipts.iter().all(|receipt| receipt.position == receipts[0].position));
        assert_eq!(history(&engine, &slug), [("taken", project(n))]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slug_that_is_given_up_can_be_taken_over() {
    let engine = memory();
    engine.execute(make(1, "a")).await.unwrap();
    engine.execute(renamed(1, "b")).await.unwrap();
    engine.execute(make(2, "a")).await.unwrap();
    assert_eq!(
        history(&engine, "a"),
        [("taken", project(1)), ("released", project(1)), ("taken", project(2))]
    );
    assert_taken(&engine.execute(renamed(1, "a")).await, "a");
    assert_taken(&engine.execute(renamed(2, "b")).await, "b");
    engine.execute(delete(2)).await.unwrap();
    engine.execute(renamed(1, "a")).await.unwrap();
    // Its own name again is no news to the claim.
    engine.execute(renamed(1, "a")).await.unwrap();
    engine.execute(make(3, "b")).await.unwrap();
    assert_eq!(history(&engine, "a").len(), 5);
    assert_eq!(history(&engine, "b").last(), Some(&("taken", project(3))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_whose_command_never_came_is_void() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    assert_eq!(take_only(&engine, 1, "a").await, Ok(vec![claim("a")]));
    assert_eq!(take_only(&engine, 2, "b").await, Ok(vec![claim("b")]));
    // The process ends here, between the claim and its command.
    close(engine).await;

    let engine = open(dir.path());
    engine.execute(make(3, "a")).await.unwrap();
    assert_taken(&engine.execute(make(1, "a")).await, "a");
    // Who had taken it and tries again gets it as well.
    engine.execute(make(2, "b")).await.unwrap();
    assert_eq!(history(&engine, "b"), [("taken", project(2))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_command_leaves_no_claim() {
    let engine = memory();
    engine.execute(make(1, "a")).await.unwrap();
    for refused in [
        make(1, "b"),
        make(2, "Not A Slug"),
        Envelope { expected: Expected::Exists, ..make(3, "b") },
        renamed(4, "b"),
    ] {
        let head = engine.journal().watermark();
        assert!(engine.execute(refused).await.is_err());
        assert_eq!(engine.journal().watermark(), head, "it left a trace");
    }
    // Refused after the claim is taken: another node has made the project, which this one learns too late.
    assert!(engine.execute(renamed(5, "x")).await.is_err());
    let made = domain::project::Project::default().decide(&match make(5, "c").command {
        Command::Project(command) => command,
        _ => panic!("a command of a project"),
    });
    let made = Event::Project(made.unwrap().remove(0));
    engine.journal().append(foreign(project(5), 7, made.type_id(), made.encode())).await.unwrap();
    let late = engine.execute(make(5, "d")).await;
    assert!(matches!(late, Err(ExecuteError::Rejected(Rejection::AlreadyExists { .. }))), "{late:?}");
    assert_eq!(history(&engine, "d"), [("taken", project(5)), ("released", project(5))]);
    engine.execute(make(6, "d")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_projects_of_one_slug_from_before_there_were_claims_stay_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let Command::Project(create) = make(1, "old").command else { panic!("a command of a project") };
    let made = Event::Project(domain::project::Project::default().decide(&create).unwrap().remove(0));
    for n in 1..3 {
        engine.journal().append(foreign(project(n), n, made.type_id(), made.encode())).await.unwrap();
    }
    close(engine).await;

    let engine = open(dir.path());
    engine.caught_up().await;
    assert_eq!(projects(&engine, None).await.unwrap().page.rows.len(), 2);
    for n in 1..3 {
        engine.execute(renamed(n, "old")).await.unwrap();
    }
    engine.execute(renamed(1, "new")).await.unwrap();
    assert_taken(&engine.execute(renamed(2, "new")).await, "new");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_one_log_never_both_have_a_claim() {
    let engine = memory();
    let stale = load(engine.journal(), claim("a").stream()).unwrap();
    assert_eq!(take_only(&engine, 1, "a").await.map(|taken| taken.len()), Ok(1));
    // Another one decided at the same time that it was free.
    let taken = stale.state.of::<Claimed>().unwrap().taken(&claim("a"), project(2)).remove(0);
    let late = NewCommit {
        expected: stale.expected(),
        ..foreign(
            claim("a").stream(),
            8,
            Event::Claimed(taken.clone()).type_id(),
            Event::Claimed(taken).encode(),
        )
    };
    let refused = engine.journal().append(late).await;
    assert!(matches!(refused, Err(journal::AppendError::Conflict { .. })), "{refused:?}");
}
