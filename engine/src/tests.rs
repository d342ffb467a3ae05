//! Tests of the engine: order, retries, repetitions, refusals, snapshots and views that stand still.

mod claims;
mod laws;
mod neighbours;
mod seal;
mod travel;

use std::fs;
use std::path::Path;
use std::time::Duration;

use domain::ids::{CommitId, Position, ProjectId, SchemaVersion, StreamVersion, TypeId};
use domain::{Actor, Command, Expected, Fingerprint, Rejection, StreamId, Ulid};
use journal::{NewCommit, NewEvent, Options, Receipt};
use serde_json::{Value, json};

use crate::{At, Engine, Envelope, ExecuteError, ViewError, ViewRequest, ViewState};

fn id(n: u64) -> Ulid {
    Ulid(u128::from(n))
}

fn project(n: u64) -> StreamId {
    ProjectId::from(id(n)).into()
}

fn command(stream: StreamId, name: &str, body: &Value) -> Envelope {
    let command = Command::parse(stream.category, name, body.to_string().as_bytes()).unwrap();
    Envelope::new(stream, command, Actor::Operator)
}

fn create(n: u64) -> Envelope {
    command(project(n), "create", &json!({ "slug": format!("p-{n}"), "name": "P" }))
}

fn rename(n: u64, name: &str) -> Envelope {
    command(project(n), "rename", &json!({ "slug": format!("p-{n}"), "name": name }))
}

fn memory() -> Engine {
    Engine::memory(Options::default()).unwrap()
}

/// A commit that goes around the engine, as another node's would.
fn foreign(stream: StreamId, commit: u64, type_id: TypeId, payload: Vec<u8>) -> NewCommit {
    NewCommit {
        stream,
        expected: Expected::Any,
        commit: id(commit).into(),
        fingerprint: Fingerprint(commit),
        actor: Actor::System,
        causation: None,
        correlation: None,
        project: None,
        occurred_at: None,
        events: vec![NewEvent { type_id, schema_version: SchemaVersion(1), payload }],
    }
}

fn foreign_rename(n: u64, commit: u64) -> NewCommit {
    let Command::Project(_) = rename(n, "x").command else { panic!("a command of a project") };
    let renamed = domain::aggregates().into_iter().flat_map(|aggregate| (aggregate.samples)());
    let renamed = renamed.into_iter().find(|event| event.name() == "ProjectRenamed").unwrap();
    foreign(project(n), commit, renamed.type_id(), renamed.encode())
}

async fn projects(engine: &Engine, at: Option<u64>) -> Result<crate::ViewAnswer, ViewError> {
    let at = at.map(|at| At::Position(Position(at)));
    engine.view(ViewRequest { view: "projects".into(), at, ..ViewRequest::default() }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_commands_under_way_keep_their_order() {
    let engine = memory();
    let mut under_way = vec![engine.submit(create(1)).await];
    for n in 1..1000 {
        under_way.push(engine.submit(rename(1, &format!("name {n}"))).await);
    }
    for (n, submission) in (0_u64..).zip(under_way) {
        let Receipt { version, position, duplicate, .. } = submission.receipt().await.unwrap();
        // The fence of the process stands at 0, the claim to the slug at 1.
        assert_eq!((version, position, duplicate), (StreamVersion(n), Position(n + 2), false));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn submissions_that_nobody_waits_for_keep_their_place() {
    for _ in 0..20 {
        let engine = memory();
        drop(engine.submit(create(1)).await);
        for n in 0..200 {
            drop(engine.submit(rename(1, &format!("dropped {n}"))).await);
        }
        let mut under_way = vec![];
        for n in 0..200 {
            let submission = engine.submit(rename(1, &format!("kept {n}"))).await;
            under_way.push(tokio::spawn(submission.receipt()));
        }
        for (n, task) in (0_u64..).zip(under_way) {
            assert_eq!(task.await.unwrap().unwrap().version, StreamVersion(201 + n));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repetition_gets_the_first_answer_even_while_that_is_under_way() {
    let engine = memory();
    for n in 1..100_u64 {
        let commit = CommitId::from(id(1_000 + n));
        let key = Some(commit);
        let keyed = |envelope: Envelope| Envelope { commit: key, expected: Expected::None, ..envelope };
        let first = engine.submit(keyed(create(n))).await;
        let again = tokio::spawn(engine.submit(keyed(create(n))).await.receipt());
        let other =
            tokio::spawn(engine.submit(Envelope { commit: key, ..rename(n, "other") }).await.receipt());
        let first = first.receipt().await.unwrap();
        assert_eq!(again.await.unwrap(), Ok(Receipt { duplicate: true, ..first }));
        assert_eq!(other.await.unwrap(), Err(ExecuteError::Reused { commit }));
        let third = engine.execute(keyed(create(n))).await;
        assert_eq!(third, Ok(Receipt { duplicate: true, ..first }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_waits_until_what_it_speaks_of_is_durable() {
    let engine = memory();
    for n in 1..200 {
        let before = engine.journal().watermark();
        let created = engine.submit(create(n)).await;
        let refused = engine.submit(create(n)).await.receipt().await;
        assert!(
            matches!(refused, Err(ExecuteError::Rejected(Rejection::AlreadyExists { .. }))),
            "{refused:?}"
        );
        assert!(engine.journal().watermark() > before, "refused before the creation was durable");
        created.receipt().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expectations_are_checked_and_say_what_is() {
    let engine = memory();
    engine.execute(create(1)).await.unwrap();
    let expecting = |expected| Envelope { expected, ..rename(1, "other") };
    for expected in [Expected::None, Expected::Exact(StreamVersion(7))] {
        let conflict = engine.execute(expecting(expected)).await;
        let (stream, actual) = (project(1), Some(StreamVersion(0)));
        assert_eq!(conflict, Err(ExecuteError::Conflict { stream, expected, actual }));
    }
    engine.execute(expecting(Expected::Exact(StreamVersion(0)))).await.unwrap();
    engine.execute(expecting(Expected::Exists)).await.unwrap();
    let wrong = engine.execute(Envelope { stream: project(1), ..command_for_run() }).await;
    assert!(matches!(wrong, Err(ExecuteError::WrongStream { .. })), "{wrong:?}");
}

fn command_for_run() -> Envelope {
    command(domain::ids::RunId::from(id(1)).into(), "start", &json!({}))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_write_is_taken_into_account_by_deciding_again() {
    let engine = memory();
    engine.execute(create(1)).await.unwrap();
    engine.journal().append(foreign_rename(1, 5)).await.unwrap();
    // The aggregate in memory does not know of it: the first attempt conflicts.
    let receipt = engine.execute(rename(1, "mine")).await.unwrap();
    assert_eq!(receipt.version, StreamVersion(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attempts_at_a_contended_stream_are_bounded() {
    let engine = memory();
    engine.execute(create(1)).await.unwrap();
    let journal = engine.journal().clone();
    let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
    let others = tokio::spawn(async move {
        let mut written = 0;
        // Bounded, for each attempt of the other side folds all of it again.
        while stopped.try_recv().is_err() && written < 3_000 {
            journal.append(foreign_rename(1, 10 + written)).await.unwrap();
            written += 1;
        }
        written
    });
    let mut accepted = 0;
    for n in 0..10 {
        match engine.execute(rename(1, &format!("mine {n}"))).await {
            Ok(_) => accepted += 1,
            Err(ExecuteError::Contended { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    // The other side may have ended already.
    let _ = stop.send(());
    let foreign = others.await.unwrap();
    engine.journal().barrier().await.unwrap();
    let head = engine.journal().stream_head(project(1)).unwrap().unwrap();
    assert_eq!(head.version, StreamVersion(accepted + foreign), "as many events as acknowledged commits");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_references_are_refused_and_write_nothing() {
    let engine = memory();
    engine.execute(create(1)).await.unwrap();
    let run: StreamId = domain::ids::RunId::from(id(9)).into();
    let body = json!({ "project": ProjectId::from(id(77)), "source": "workflow", "prompt": "p" });
    let refused = engine.execute(command(run, "request", &body)).await;
    assert!(
        matches!(refused, Err(ExecuteError::Rejected(Rejection::UnknownReference { .. }))),
        "{refused:?}"
    );
    assert_eq!(engine.journal().stream_head(run), Ok(None));
}

fn open(dir: &Path) -> Engine {
    Engine::open(dir, Options::default()).unwrap()
}

async fn closed_hashes(engine: Engine) -> Vec<(&'static str, [u8; 32])> {
    engine.caught_up().await;
    let hashes = engine.state_hashes().unwrap();
    tokio::task::spawn_blocking(move || engine.close()).await.unwrap().unwrap();
    hashes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_from_snapshots_equals_a_fold_of_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    for n in 1..50 {
        engine.execute(create(n)).await.unwrap();
    }
    let first = closed_hashes(engine).await;
    let snapshot = dir.path().join("views").join("projects.snap");
    assert!(snapshot.is_file());

    let engine = open(dir.path());
    // Restored before a single event is folded.
    assert_eq!(engine.state_hashes().unwrap(), first);
    engine.execute(rename(1, "after the restart")).await.unwrap();
    let second = closed_hashes(engine).await;
    assert_ne!(first, second);

    let mut bytes = fs::read(&snapshot).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let mut broken = vec![bytes.clone(), bytes[..20].to_vec(), Vec::new()];
    bytes[last] ^= 1;
    // A header that is a valid one but for a bit, the position among others, would fold events twice.
    for at in [8, 12, 28, 36, 43, 44] {
        bytes[at] ^= 1;
        broken.push(bytes.clone());
        bytes[at] ^= 1;
    }
    for broken in broken {
        fs::write(&snapshot, broken).unwrap();
        // The fence of each process is an event as well, but changes no view.
        assert_eq!(closed_hashes(open(dir.path())).await, second);
    }
    fs::remove_dir_all(dir.path().join("views")).unwrap();
    assert_eq!(closed_hashes(open(dir.path())).await, second);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn snapshots_of_before_a_restore_are_not_taken_for_the_restored_log() {
    let dir = tempfile::tempdir().unwrap();
    let (data, backup) = (dir.path().join("data"), dir.path().join("backup"));
    let engine = open(&data);
    let mut hashes = Vec::new();
    for n in 1..20 {
        let position = engine.execute(create(n)).await.unwrap().position;
        engine.caught_up().await;
        hashes.push((position, engine.state_hashes().unwrap()));
    }
    tokio::task::spawn_blocking(move || engine.close()).await.unwrap().unwrap();
    journal::backup(&data, &backup, journal::Secrets::Leave, |_| {}).unwrap();
    for (position, expected) in [hashes[7].clone(), hashes[18].clone()] {
        let into = dir.path().join(format!("at-{position}"));
        let report = journal::restore(&backup, &into, Some(position), |_| {}).unwrap();
        assert_eq!((report.size, report.epoch), (position.0 + 1, 2));
        // Somebody also puts the old snapshots there, which are ahead of this log or of its other epoch.
        fs::create_dir(into.join("views")).unwrap();
        for entry in fs::read_dir(data.join("views")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), into.join("views").join(entry.file_name())).unwrap();
        }
        let engine = open(&into);
        assert!(engine.view_health().iter().all(|health| health.position <= Some(position)));
        engine.caught_up().await;
        assert_eq!(engine.state_hashes().unwrap(), expected);
        // The first write of the new epoch is the fence, which says so.
        engine.execute(create(100)).await.unwrap();
        let fence = engine.journal().get(Position(position.0 + 1)).unwrap().unwrap();
        let domain::Event::Log(domain::log::LogEvent::WriterStarted(fence)) =
            crate::decode(&fence).unwrap().event
        else {
            panic!("{fence:?}");
        };
        assert_eq!(fence.epoch, 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_cannot_be_decoded_stops_the_views_that_fold_it_right_before_it() {
    let engine = memory();
    engine.execute(create(1)).await.unwrap();
    let created = engine.journal().get(Position(2)).unwrap().unwrap().type_id();
    let good = engine.submit(create(2)).await;
    let bad = engine.journal().append(foreign(project(3), 5, created, b"\xff\xff\xff".to_vec()));
    let later = engine.submit(create(4)).await;
    good.receipt().await.unwrap();
    let bad = bad.await.unwrap().position;
    let head = later.receipt().await.unwrap().position;
    // Commands go on, and whoever waits for views is not kept waiting.
    tokio::time::timeout(Duration::from_secs(30), engine.caught_up()).await.unwrap();
    assert_eq!(engine.journal().watermark(), Some(head));
    for health in engine.view_health() {
        let spec = projections::view(health.name).unwrap();
        if !projections::Wanted::of(&[spec]).has(created) {
            assert_eq!((&health.state, health.position), (&ViewState::Live, Some(head)), "{health:?}");
            continue;
        }
        assert!(
            matches!(health.state, ViewState::Quarantined { position, .. } if position == bad),
            "{health:?}"
        );
        assert_eq!(health.position, Some(Position(bad.0 - 1)), "{health:?}");
    }
    let error = projects(&engine, None).await.unwrap_err();
    assert!(matches!(error, ViewError::Quarantined { view: "projects", position, .. } if position == bad));
    let before = projects(&engine, Some(bad.0 - 1)).await.unwrap();
    assert_eq!(before.page.rows.len(), 2);
    let reading = engine.reading("projects", None, projections::Query::default()).unwrap();
    assert!(reading.page().is_err() && reading.changes(Some(Position(0))).is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_of_a_newer_build_changes_no_view() {
    let engine = memory();
    engine.execute(create(1)).await.unwrap();
    engine.journal().append(foreign(project(1), 5, TypeId(65_000), vec![1])).await.unwrap();
    engine.execute(create(2)).await.unwrap();
    engine.caught_up().await;
    assert_eq!((engine.unknown_events(), projects(&engine, None).await.unwrap().page.rows.len()), (1, 2));
    // Nobody may decide on a state that may lack something.
    let refused = engine.execute(rename(1, "x")).await;
    assert!(matches!(refused, Err(ExecuteError::Load(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_of_views_per_stream_are_of_the_right_kind() {
    let engine = memory();
    engine.execute(create(1)).await.unwrap();
    let run = domain::ids::RunId::from(id(9));
    let body = json!({ "project": ProjectId::from(id(1)), "source": "workflow", "prompt": "p" });
    engine.execute(command(run.into(), "request", &body)).await.unwrap();
    let view = |key: String| {
        let request = ViewRequest { view: "run-timeline".into(), key: Some(key), ..ViewRequest::default() };
        engine.view(request)
    };
    assert!(view(run.to_string()).await.is_ok());
    assert!(view(format!("run-{run}")).await.is_ok());
    for wrong in [format!("project-{run}"), format!("x-run-{run}"), "run-1".into(), String::new()] {
        assert!(matches!(view(wrong.clone()).await, Err(ViewError::Query(_))), "{wrong}");
    }
    let missing = domain::ids::RunId::from(id(10)).to_string();
    assert!(matches!(view(missing).await, Err(ViewError::NotFound { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_an_aggregate_is_shows_from_its_first_event_and_never_changes() {
    let engine = memory();
    let asked = || engine.durable_resource(project(1)).unwrap();
    assert!(!asked().exists);
    engine.execute(create(1)).await.unwrap();
    let made = asked();
    assert_eq!((made.exists, made.project, made.made_by), (true, Some(id(1).into()), Some(Actor::Operator)));
    engine.execute(Envelope { actor: Actor::Scheduler, ..rename(1, "other") }).await.unwrap();
    assert_eq!(asked(), made);
    assert!(!engine.durable_resource(project(2)).unwrap().exists, "one is not taken for another");
}
