//! Secrets are sealed and kept out, what is said is sealed and erased; repetitions are known whatever changed meanwhile.

use domain::erasure::Subject;
use domain::ids::{RunId, UserId};
use domain::project::SecretName;
use domain::sealed_text::{ERASED, PREFIX};
use vault::{OpenError, Vault};

use super::*;
use crate::SecretError;

const SECRET: &str = "hunter2/Hunter2+hunter2";

fn run() -> StreamId {
    RunId::from(id(77)).into()
}
fn step() -> String {
    id(78).to_string()
}
fn set_secret(name: &str, value: &str) -> Envelope {
    let body = json!({ "name": name, "value": { "plain": { "value": value } }, "secret": true });
    command(project(1), "set-env-var", &body)
}
fn seal_content(sealing: &str) -> Envelope {
    command(project(1), "set-content-sealing", &json!({ "sealing": sealing }))
}
fn request(prompt: &str) -> Envelope {
    let body = json!({ "project": id(1).to_string(), "source": "workflow", "prompt": prompt });
    command(run(), "request", &body)
}
fn message(n: u64, content: &str, more: bool) -> Envelope {
    let message = id(1_000 + n).to_string();
    let body =
        json!({ "step": step(), "message": message, "role": "assistant", "content": content, "more": more });
    command(run(), "append-step-message", &body)
}
fn part(of: u64, content: &str, more: bool) -> Envelope {
    let of = id(1_000 + of).to_string();
    command(
        run(),
        "continue-step-content",
        &json!({ "step": step(), "of": of, "content": content, "more": more }),
    )
}
fn named(n: u64, envelope: Envelope) -> Envelope {
    Envelope { commit: Some(CommitId::from(id(n))), ..envelope }
}

async fn give(engine: &Engine, envelopes: impl IntoIterator<Item = Envelope>) {
    for envelope in envelopes {
        let name = envelope.command.name();
        engine.execute(envelope).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}
/// A project with a run whose step takes messages.
async fn begun(engine: &Engine, first: impl IntoIterator<Item = Envelope>) {
    give(engine, [create(1)]).await;
    give(engine, first).await;
    let start = command(run(), "start-step", &json!({ "step": step(), "role": "designer" }));
    give(engine, [request("do it"), command(run(), "start", &json!({})), start]).await;
}
/// Every record of the log, as it is stored.
fn stored(engine: &Engine) -> Vec<u8> {
    let records = engine.journal().read(None, usize::MAX, usize::MAX).unwrap();
    records.iter().flat_map(|record| record.bytes().to_vec()).collect()
}
#[track_caller]
fn check_absent(engine: &Engine, text: &str) {
    let stored = stored(engine);
    assert!(!stored.windows(text.len()).any(|window| window == text.as_bytes()), "`{text}` is in the log");
}
/// What was said in the run, as it is stored.
fn said(engine: &Engine) -> Vec<String> {
    let records = engine.journal().read_stream(run(), StreamVersion(0), usize::MAX).unwrap();
    let mut said = Vec::new();
    for record in records {
        let mut event = crate::decode(&record).unwrap().event;
        event.prose(&mut |text| said.push(text.clone()));
    }
    said
}
fn variable(name: &str) -> SecretName {
    SecretName::variable(name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_comes_in_the_clear_and_is_stored_sealed() {
    let engine = memory();
    begun(&engine, [set_secret("TOKEN", SECRET)]).await;
    check_absent(&engine, SECRET);
    let own = ProjectId::from(id(1));
    assert_eq!(engine.open_secret(own, &variable("TOKEN")).unwrap().expose(), SECRET);
    let unknown = Err(SecretError::Unknown("OTHER".into()));
    assert_eq!(engine.open_secret(own, &variable("OTHER")), unknown);
    give(&engine, [command(project(1), "remove-env-var", &json!({ "name": "TOKEN" }))]).await;
    assert_eq!(engine.open_secret(own, &variable("TOKEN")), Err(SecretError::Unknown("TOKEN".into())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repetition_of_a_secret_is_known_and_another_value_is_not() {
    let engine = memory();
    give(&engine, [create(1)]).await;
    let first = engine.execute(named(500, set_secret("TOKEN", SECRET))).await.unwrap();
    let again = engine.execute(named(500, set_secret("TOKEN", SECRET))).await.unwrap();
    assert_eq!((again.position, again.duplicate), (first.position, true));
    let other = engine.execute(named(500, set_secret("TOKEN", "another value"))).await.unwrap_err();
    assert!(matches!(other, ExecuteError::Reused { .. }), "{other}");
    check_absent(&engine, "another value");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_do_for_a_secret_is_refused_without_its_value() {
    let engine = memory();
    give(&engine, [create(1)]).await;
    let long = "x".repeat(65_521);
    for (envelope, words) in [
        (set_secret("TOKEN", ""), "`value`: expected 1 to 65520 bytes, got `0`"),
        (set_secret("TOKEN", &long), "`value`: expected 1 to 65520 bytes, got `65521`"),
        (set_secret("TOKEN", "hunter2\0hunter2"), "`value`: expected a text without NUL"),
        (set_secret("9TOKEN", SECRET), "`name`: expected 1 to 128 letters"),
    ] {
        let error = engine.execute(envelope).await.unwrap_err().to_string();
        assert!(error.contains(words) && !error.contains("hunter2"), "{error}");
    }
    let nowhere = Envelope { stream: project(2), ..set_secret("TOKEN", SECRET) };
    let error = engine.execute(nowhere).await.unwrap_err();
    assert_eq!(error.to_string(), "project does not exist");
    assert_eq!(engine.vault().subjects(), [Subject::Project(id(1).into())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn known_secrets_are_kept_out_of_every_text() {
    let engine = memory();
    begun(&engine, [set_secret("TOKEN", SECRET)]).await;
    let quoted = serde_json::to_string(&format!("key={SECRET}")).unwrap();
    give(&engine, [message(1, &format!("it is {SECRET}!"), false), message(2, &quoted, false)]).await;
    give(&engine, [command(project(1), "set-claude-md", &json!({ "content": format!("use {SECRET}") }))])
        .await;
    give(&engine, [rename(1, &format!("P {SECRET}"))]).await;
    check_absent(&engine, SECRET);
    assert_eq!(said(&engine)[1..], ["it is ⟦secret:TOKEN⟧!", "\"key=⟦secret:TOKEN⟧\""]);
    // A field that takes no other text says so, and not what it held.
    let names = json!({ "name": format!("{SECRET}"), "value": { "plain": { "value": "x" } } });
    let error = engine.execute(command(project(1), "set-env-var", &names)).await.unwrap_err().to_string();
    assert!(error.contains("`name`") && !error.contains("hunter2"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_is_kept_out_wherever_it_is_cut() {
    for cut in 1..SECRET.len() {
        let engine = memory();
        begun(&engine, [set_secret("TOKEN", SECRET)]).await;
        let (head, tail) = SECRET.split_at(cut);
        give(&engine, [message(1, &format!("it is {head}"), true), part(1, &format!("{tail}!"), false)])
            .await;
        let joined = said(&engine)[1..].concat();
        assert!(joined.starts_with("it is ") && joined.ends_with("⟦secret:TOKEN⟧!"), "{cut}: {joined}");
        assert!(!joined.contains(&SECRET[4..]), "{cut}: {joined}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_was_refused_takes_nothing_with_it_and_a_repeated_one_is_known() {
    let engine = memory();
    begun(&engine, [set_secret("TOKEN", SECRET)]).await;
    let (head, tail) = SECRET.split_at(8);
    give(&engine, [named(600, message(1, head, true))]).await;
    engine.execute(part(2, "of another", false)).await.unwrap_err();
    let again = engine.execute(named(600, message(1, head, true))).await.unwrap();
    assert!(again.duplicate);
    let end = named(601, part(1, tail, false));
    assert!(!engine.execute(end.clone()).await.unwrap().duplicate);
    assert!(engine.execute(end).await.unwrap().duplicate);
    assert_eq!(said(&engine)[1..].concat(), "⟦secret:TOKEN⟧");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_is_sealed_shown_and_erased() {
    let engine = memory();
    begun(&engine, [seal_content("project")]).await;
    let long = format!("a long story {}", "é".repeat(300));
    give(&engine, [message(1, &long, false), message(2, "short", false)]).await;
    for text in ["do it", "a long story", "short"] {
        check_absent(&engine, text);
    }
    let stored = said(&engine);
    assert!(stored.iter().all(|text| text.starts_with(PREFIX)));
    let shown: Vec<_> = stored.iter().map(|text| engine.vault().reveal(text).into_owned()).collect();
    assert_eq!(shown, ["do it", long.as_str(), "short"]);

    let subject = Subject::Project(id(1).into());
    let erased = engine.erase(subject, "asked to".into(), Actor::Operator).await.unwrap();
    assert_eq!(erased.keys.len(), 1);
    assert!(stored.iter().all(|text| engine.vault().reveal(text) == ERASED));
    let receipts = engine.journal().read_stream(subject.erasure(), StreamVersion(0), 10).unwrap();
    let names: Vec<_> = receipts.iter().map(|record| crate::decode(record).unwrap().event.name()).collect();
    assert_eq!(names, ["ErasureRequested", "ErasureCompleted"]);
    // Life goes on, under another key.
    give(&engine, [message(3, "after", false)]).await;
    let after = said(&engine).pop().unwrap();
    assert_eq!(engine.vault().reveal(&after), "after");
    // Nothing is sealed for a stranger.
    let stranger = Subject::Person(UserId::from(id(9)));
    let refused = engine.erase(stranger, "x".into(), Actor::Operator).await.unwrap_err();
    assert_eq!(refused.to_string(), "nothing is sealed for it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_erased_without_the_project() {
    let engine = memory();
    begun(&engine, [seal_content("person")]).await;
    let user = UserId::from(id(9));
    let steer = command(run(), "steer", &json!({ "kind": "message", "text": "stop that" }));
    give(&engine, [Envelope { actor: Actor::User(user), ..steer }, message(1, "stopped", false)]).await;
    engine.erase(Subject::Person(user), "asked to".into(), Actor::Operator).await.unwrap();
    let shown: Vec<_> = said(&engine).iter().map(|text| engine.vault().reveal(text).into_owned()).collect();
    assert_eq!(shown, ["do it", ERASED, "stopped"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repetition_is_known_across_a_change_of_sealing_and_nothing_tells_what_was_said() {
    let engine = memory();
    begun(&engine, []).await;
    give(&engine, [named(700, message(1, "one", false)), seal_content("project")]).await;
    assert!(engine.execute(named(700, message(1, "one", false))).await.unwrap().duplicate);
    let two = message(2, "two", false);
    let plain = Fingerprint::of(two.stream, &two.command);
    let receipt = engine.execute(named(701, two.clone())).await.unwrap();
    assert!(engine.execute(named(701, two)).await.unwrap().duplicate);
    let (_, kept) = engine.journal().find_commit(receipt.commit).unwrap().unwrap();
    assert_ne!(kept, plain, "whoever guesses the text could check it against the fingerprint");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_that_passes_for_sealed_is_not() {
    let engine = memory();
    begun(&engine, []).await;
    give(&engine, [message(1, &format!("{PREFIX}KEY:AAAA⟧"), false)]).await;
    assert_eq!(said(&engine)[1], "⟦sealed-1:KEY:AAAA⟧");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_that_was_cut_short_is_finished_by_the_next_opening() {
    let dir = tempfile::tempdir().unwrap();
    let subject = Subject::Project(id(1).into());
    let (sealed, keys) = {
        let engine = Engine::open(dir.path(), Options::default()).unwrap();
        begun(&engine, [seal_content("project"), set_secret("TOKEN", SECRET)]).await;
        let keys = engine.vault().keys_of(subject);
        // The request is durable, and then the process ends.
        let body = json!({ "subject": subject, "keys": keys, "reason": "asked to" });
        give(&engine, [command(subject.erasure(), "request", &body)]).await;
        engine.close().unwrap();
        (said(&engine), keys)
    };
    assert_eq!(Vault::read(dir.path()).unwrap().reveal(&sealed[0]), "do it");
    let engine = Engine::open(dir.path(), Options::default()).unwrap();
    assert_eq!(engine.vault().reveal(&sealed[0]), ERASED);
    let secret = engine.open_secret(id(1).into(), &variable("TOKEN")).unwrap_err();
    let SecretError::Sealed { source: OpenError::DestroyedKey { .. }, .. } = secret else {
        panic!("{secret}")
    };
    let finished = engine.finish_erasures().await.unwrap();
    assert_eq!(finished.iter().map(|erased| erased.keys.clone()).collect::<Vec<_>>(), [keys]);
    assert_eq!(engine.finish_erasures().await.unwrap(), []);
    engine.close().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_are_known_again_after_a_start() {
    let dir = tempfile::tempdir().unwrap();
    {
        let engine = Engine::open(dir.path(), Options::default()).unwrap();
        begun(&engine, [set_secret("TOKEN", SECRET)]).await;
        // Replaced, and looked for all the same: it may still be in force elsewhere.
        give(&engine, [set_secret("TOKEN", "a second value")]).await;
        engine.close().unwrap();
    }
    let engine = Engine::open(dir.path(), Options::default()).unwrap();
    give(&engine, [message(1, &format!("{SECRET}, a second value"), false)]).await;
    assert_eq!(said(&engine)[1], "⟦secret:TOKEN⟧, ⟦secret:TOKEN⟧");
    assert_eq!(engine.open_secret(id(1).into(), &variable("TOKEN")).unwrap().expose(), "a second value");
    engine.close().unwrap();
}
