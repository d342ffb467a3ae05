//! References and consulted aggregates: they exist, in the same project, and are seen as they stand.

use domain::ids::{AssetId, ContextId, LearningDocumentId, LearningId, PersonaId, RunId, SandboxId, StepId};

use super::*;

fn context(n: u64) -> StreamId {
    ContextId::from(id(n)).into()
}

fn new_context(n: u64, project: u64, session: &str) -> Envelope {
    let body = json!({ "project": ProjectId::from(id(project)), "name": "c", "session": session });
    command(context(n), "create", &body)
}

fn configure(n: u64, context: u64) -> Envelope {
    command(
        project(n),
        "configure-session",
        &json!({ "session": "issue", "context": ContextId::from(id(context)) }),
    )
}

#[track_caller]
fn assert_unknown(answer: &Result<Receipt, ExecuteError>, stream: StreamId) {
    let expected = Rejection::UnknownReference { reference: stream.to_string() };
    assert_eq!(*answer, Err(ExecuteError::Rejected(expected)));
}

async fn reopened(engine: Engine, dir: &Path) -> Engine {
    tokio::task::spawn_blocking(move || engine.close()).await.unwrap().unwrap();
    open(dir)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_belongs_to_another_project_does_not_exist() {
    let dir = tempfile::tempdir().unwrap();
    let mut engine = open(dir.path());
    for n in 1..3 {
        engine.execute(create(n)).await.unwrap();
    }
    let (run, sandbox): (StreamId, StreamId) = (RunId::from(id(5)).into(), SandboxId::from(id(6)).into());
    let body = |project: u64| json!({ "project": ProjectId::from(id(project)) });
    let mut requested = body(1);
    requested["source"] = "workflow".into();
    requested["prompt"] = "p".into();
    engine.execute(command(run, "request", &requested)).await.unwrap();
    engine.execute(command(run, "start", &json!({}))).await.unwrap();
    let start = |sandbox: StreamId| {
        let step = StepId::from(id(7));
        let sandbox = SandboxId::from(sandbox.id);
        let body = json!({ "step": step, "role": "designer", "sandbox": sandbox });
        command(run, "start-step", &body)
    };
    for (n, of) in [(6, 2), (8, 1)] {
        let stream: StreamId = SandboxId::from(id(n)).into();
        engine.execute(command(stream, "create", &body(of))).await.unwrap();
    }
    // From memory, and from the log alone.
    assert_unknown(&engine.execute(start(sandbox)).await, sandbox);
    engine = reopened(engine, dir.path()).await;
    assert_unknown(&engine.execute(start(sandbox)).await, sandbox);
    let missing: StreamId = SandboxId::from(id(77)).into();
    assert_unknown(&engine.execute(start(missing)).await, missing);
    engine.execute(start(SandboxId::from(id(8)).into())).await.unwrap();
    engine.execute(new_context(3, 2, "issue")).await.unwrap();
    assert_unknown(&engine.execute(configure(1, 3)).await, context(3));
    assert_unknown(&engine.execute(configure(1, 4)).await, context(4));
    engine.execute(configure(2, 3)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consulted_aggregate_is_seen_as_it_stands() {
    let dir = tempfile::tempdir().unwrap();
    let mut engine = open(dir.path());
    engine.execute(create(1)).await.unwrap();
    engine.execute(new_context(2, 1, "issue")).await.unwrap();
    engine.execute(new_context(3, 1, "merging")).await.unwrap();
    for again in [false, true] {
        if again {
            engine = reopened(engine, dir.path()).await;
        }
        engine.execute(configure(1, 2)).await.unwrap();
        let refused = engine.execute(configure(1, 3)).await;
        assert!(matches!(refused, Err(ExecuteError::Rejected(Rejection::Invalid { .. }))), "{refused:?}");
    }
    // What is submitted before counts, though it is not durable yet.
    let archived = engine.submit(command(context(2), "archive", &json!({}))).await;
    let refused = engine.submit(configure(1, 2)).await;
    let refused = refused.receipt().await;
    assert!(matches!(refused, Err(ExecuteError::Rejected(Rejection::IllegalState { .. }))), "{refused:?}");
    archived.receipt().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aggregates_that_consult_others_at_the_same_time_do_not_wait_for_each_other() {
    let engine = memory();
    engine.execute(create(1)).await.unwrap();
    engine.execute(new_context(2, 1, "issue")).await.unwrap();
    let tasks: Vec<_> = (0..200)
        .map(|n| {
            let engine = engine.clone();
            let update = command(context(2), "update", &json!({ "system_prompt": "p" }));
            tokio::spawn(
                async move { engine.execute(if n % 2 == 0 { configure(1, 2) } else { update }).await },
            )
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_global_learning_may_be_consulted_from_every_project() {
    let engine = memory();
    for n in 1..3 {
        engine.execute(create(n)).await.unwrap();
    }
    let learning: StreamId = LearningId::from(id(3)).into();
    let document: StreamId = LearningDocumentId::from(id(4)).into();
    let proposal = json!({
        "project": ProjectId::from(id(1)), "source": "human", "description": "d", "trigger": "t",
        "correct_behaviour": "c", "severity": "minor", "category": "tool", "confidence": 0.5,
    });
    engine.execute(command(learning, "propose", &proposal)).await.unwrap();
    engine.execute(command(learning, "approve", &json!({}))).await.unwrap();
    let open = json!({ "project": ProjectId::from(id(2)), "role": "designer" });
    engine.execute(command(document, "open", &open)).await.unwrap();
    // Attempts are commands of their own, so that a refusal is not remembered as the answer.
    let compile = || command(document, "compile", &json!({ "learnings": [LearningId::from(id(3))] }));
    assert_unknown(&engine.execute(compile()).await, learning);
    let promote = json!({ "seen_in": [ProjectId::from(id(2))] });
    engine.execute(command(learning, "promote", &promote)).await.unwrap();
    engine.execute(compile()).await.unwrap();
    // A project has one document for each role.
    let second: StreamId = LearningDocumentId::from(id(5)).into();
    let refused = engine.execute(command(second, "open", &open)).await;
    assert!(matches!(refused, Err(ExecuteError::Rejected(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shared_asset_may_be_referred_to_from_every_project() {
    let dir = tempfile::tempdir().unwrap();
    let mut engine = open(dir.path());
    for n in 1..3 {
        engine.execute(create(n)).await.unwrap();
    }
    let asset: StreamId = AssetId::from(id(3)).into();
    let body = json!({
        "project": ProjectId::from(id(1)), "name": "run-tests",
        "content": { "command": { "expression": "make test" } },
    });
    engine.execute(command(asset, "create", &body)).await.unwrap();
    let persona = |n: u64| {
        let configuration = json!({ "persona_type": "checker", "commands": [AssetId::from(id(3))] });
        let body = json!({ "project": ProjectId::from(id(2)), "name": "p", "configuration": configuration });
        command(PersonaId::from(id(n)).into(), "create", &body)
    };
    assert_unknown(&engine.execute(persona(4)).await, asset);
    engine.execute(command(asset, "share", &json!({}))).await.unwrap();
    engine.execute(persona(5)).await.unwrap();
    // From the log alone, too, where its last record names the project it came from.
    engine = reopened(engine, dir.path()).await;
    engine.execute(persona(6)).await.unwrap();
}
