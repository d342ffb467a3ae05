//! Secrets and erasure from the outside: what was planted is nowhere in the folder, in no answer, and gone once erased.

use std::fs;
use std::path::Path;

use kit::server::{Server, send};
use kit::socket::Socket;
use kit::story::{PROJECT, RUN, STEP, create_project, id, request, run};
use serde_json::{Value, json};

use crate::cli::run::Data;

const SECRET: &str = "pL4nted\"S3cret/with+all?of=it&ü";
const WORDS: &str = "nobody else may ever read that";

const BASE64: [&str; 6] = [
    "cEw0bnRlZCJTM2NyZXQvd2l0aCthbGw/b2Y9aXQmw7w=",
    "eHBMNG50ZWQiUzNjcmV0L3dpdGgrYWxsP29mPWl0JsO8",
    "eHlwTDRudGVkIlMzY3JldC93aXRoK2FsbD9vZj1pdCbDvA==",
    "cEw0bnRlZCJTM2NyZXQvd2l0aCthbGw_b2Y9aXQmw7w=",
    "eHBMNG50ZWQiUzNjcmV0L3dpdGgrYWxsP29mPWl0JsO8",
    "eHlwTDRudGVkIlMzY3JldC93aXRoK2FsbD9vZj1pdCbDvA==",
];

/// The planted secret as programs print it. Written out by hand: the forms come from elsewhere than the code.
fn forms() -> Vec<String> {
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        SECRET.to_owned(),
        hex.to_uppercase(),
        hex,
        // base64 of it, of `x` before it, and of `xy` before it, in both alphabets: python3 -c 'import base64; …'
        BASE64[0].into(),
        BASE64[1].into(),
        BASE64[2].into(),
        BASE64[3].into(),
        BASE64[4].into(),
        BASE64[5].into(),
        "pL4nted%22S3cret%2Fwith%2Ball%3Fof%3Dit%26%C3%BC".into(),
    ];
    forms.push(serde_json::to_string(SECRET).expect("a text is JSON").trim_matches('"').to_owned());
    let twice = serde_json::to_string(&forms[forms.len() - 1]).expect("a text is JSON");
    forms.push(twice.trim_matches('"').to_owned());
    forms
}

/// Every byte under a folder, but for the token.
fn bytes_of(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("it is a folder") {
        let path = entry.expect("it can be read").path();
        all.extend(if path.is_dir() { bytes_of(&path) } else { fs::read(&path).expect("it can be read") });
    }
    all
}
fn is_in(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
#[track_caller]
fn check_absent(bytes: &[u8], texts: &[String], place: &str) {
    for text in texts {
        assert!(!is_in(bytes, text), "`{text}` is in {place}");
    }
}

fn set_secret(name: &str, value: &str) -> Value {
    json!({ "name": name, "value": { "plain": { "value": value } }, "secret": true })
}
fn message(n: u64, content: &str, more: bool) -> Value {
    json!({ "step": STEP, "message": id(n), "role": "assistant", "content": content, "more": more })
}
/// A project whose run has a step that takes messages.
async fn begun(server: &Server, first: &[(&str, Value)]) {
    let (path, body) = create_project(1);
    let _ = server.post(&path, &body).await.ok();
    for (command, body) in first {
        let _ = server.post(&format!("/v1/project/{PROJECT}/{command}"), body).await.ok();
    }
    let start = json!({ "step": STEP, "role": "designer" });
    for (path, body) in [request(RUN, PROJECT), run(RUN, "start", json!({})), run(RUN, "start-step", start)] {
        let _ = server.post(&path, &body).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planted_secret_is_nowhere_in_any_form() {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let mut said = Vec::new();
    let server = Server::open(folder.path()).await;
    let key = json!({ "user": id(9), "provider": "anthropic", "key": SECRET });
    begun(&server, &[("set-env-var", set_secret("TOKEN", SECRET))]).await;
    // Refusals repeat nothing, whatever does not fit.
    let asked = [
        ("seal-provider-key", key),
        ("set-env-var", json!({ "name": "A", "value": SECRET, "secret": true })),
        ("set-env-var", json!({ "name": "A", "value": { "plain": { "value": [SECRET] } } })),
        ("set-env-var", set_secret("9", SECRET)),
    ];
    for (command, body) in asked {
        let answer = server.post(&format!("/v1/project/{PROJECT}/{command}"), &body).await;
        assert!((400..500).contains(&answer.status), "{command}");
        said.extend(answer.text.into_bytes());
    }
    // Every form by single commands, cut into parts, and in bulk.
    let mut lines = String::new();
    for (n, form) in (100_u64..).step_by(10).zip(forms()) {
        let path = format!("/v1/run/{RUN}/append-step-message");
        let _ = server.post(&path, &message(n, &format!("it is {form} so"), false)).await.ok();
        let cut = form.char_indices().nth(form.chars().count() / 2).map_or(0, |(at, _)| at);
        let _ = server.post(&path, &message(n + 1, &form[..cut], true)).await.ok();
        let rest = json!({ "step": STEP, "of": id(n + 1), "content": &form[cut..], "more": false });
        let _ = server.post(&format!("/v1/run/{RUN}/continue-step-content"), &rest).await.ok();
        let line = json!({ "stream": format!("run-{RUN}"), "command": "append-step-message",
            "body": message(n + 2, &form, false) });
        lines.push_str(&format!("{line}\n"));
    }
    let bulk = send(server.request("POST", "/v1/commands").body(lines)).await;
    assert!(!is_in(bulk.text.as_bytes(), "error"), "{}", bulk.text);
    said.extend(bulk.text.clone().into_bytes());
    // And whatever the server shows.
    let (mut socket, _) = Socket::welcomed(&server).await;
    socket.send(&json!({ "type": "sub", "id": "s", "topic": "events" })).await;
    said.extend(socket.next().await.to_string().into_bytes());
    for path in [
        format!("/v1/views/project-settings/{PROJECT}"),
        format!("/v1/views/run-timeline/{RUN}"),
        "/v1/events?limit=1000".to_owned(),
        "/v1/export/events".to_owned(),
        "/v1/search?q=pL4nted".to_owned(),
        "/metrics".to_owned(),
        "/v1/vault".to_owned(),
    ] {
        said.extend(server.get(&path).await.text.into_bytes());
    }
    check_absent(&said, &forms(), "an answer");
    assert!(is_in(&said, "⟦secret:TOKEN⟧"), "what was taken out is named");
    server.stop().await;
    check_absent(&bytes_of(folder.path()), &forms(), "the data folder");
    // The command line on the folder goes the same way.
    let data = Data::at(folder.path().to_owned());
    let replayed = data.ok(&["replay", "--run", RUN, "--full"]);
    check_absent(replayed.as_bytes(), &forms(), "a replay");
    assert_eq!(data.run(&["verify"]).code, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_is_readable_until_it_is_erased_and_the_log_still_verifies() {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let backup = tempfile::tempdir().expect("there is a folder for temporary files");
    let data = Data::at(folder.path().to_owned());
    let server = Server::open(folder.path()).await;
    begun(&server, &[("set-content-sealing", json!({ "sealing": "project" }))]).await;
    let path = format!("/v1/run/{RUN}/append-step-message");
    let _ = server.post(&path, &message(100, WORDS, false)).await.ok();
    let places = || {
        [
            (format!("/v1/views/runs/{RUN}"), "add a healthcheck"),
            ("/v1/events?limit=1000".to_owned(), WORDS),
            ("/v1/export/events".to_owned(), WORDS),
        ]
    };
    server.engine.caught_up().await;
    let mut tags = Vec::new();
    for (path, words) in places() {
        let answer = server.get(&path).await;
        assert!(is_in(answer.text.as_bytes(), words), "{path}");
        tags.push(answer.headers.get("etag").cloned());
    }
    let (mut socket, _) = Socket::welcomed(&server).await;
    socket.send(&json!({ "type": "sub", "id": "s", "topic": "events" })).await;
    assert!(socket.next().await.to_string().contains(WORDS));
    socket.close().await;

    let erase = format!("/v1/erase/project-{PROJECT}");
    let refused = server.post(&erase, &json!({ "reason": " " })).await;
    assert!((400..500).contains(&refused.status));
    let receipt = server.post(&erase, &json!({ "reason": "asked to" })).await.ok();
    assert_eq!(receipt["keys"].as_array().map(Vec::len), Some(1), "{receipt}");
    server.engine.caught_up().await;
    for ((path, words), tag) in places().into_iter().zip(tags) {
        let mut again = server.request("GET", &path);
        if let Some(tag) = tag {
            again = again.header("if-none-match", tag);
        }
        let answer = send(again).await;
        assert!(!is_in(answer.text.as_bytes(), words) && is_in(answer.text.as_bytes(), "⟦erased⟧"), "{path}");
    }
    let (mut socket, _) = Socket::welcomed(&server).await;
    socket.send(&json!({ "type": "sub", "id": "s", "topic": "events" })).await;
    let frame = socket.next().await.to_string();
    assert!(frame.contains("⟦erased⟧") && !frame.contains(WORDS), "{frame}");
    socket.close().await;
    server.stop().await;

    check_absent(&bytes_of(folder.path()), &[WORDS.to_owned()], "the data folder");
    assert_eq!(data.run(&["verify", "--views"]).code, 0);
    let replayed = data.ok(&["replay", "--run", RUN, "--full"]);
    assert!(replayed.contains("⟦erased⟧") && !replayed.contains(WORDS), "{replayed}");
    let bundle = folder.path().with_extension("tar").display().to_string();
    data.ok(&["evidence", RUN, "--out", &bundle]);
    assert!(!is_in(&fs::read(&bundle).expect("it was written"), WORDS));
    let key = format!("@{}", folder.path().join("keys/log.pub").display());
    assert_eq!(data.run(&["verify", "--bundle", &bundle, "--key", &key]).code, 0);
    fs::remove_file(&bundle).expect("it was written");
    // A backup that is made after it knows nothing of it either, even beside the master key.
    let (to, new) = (backup.path().join("to"), backup.path().join("new"));
    data.ok(&["backup", "--to", &to.display().to_string()]);
    let master = fs::read(folder.path().join("keys/master.key")).expect("it was made");
    check_absent(&bytes_of(&to), &[String::from_utf8(master).expect("it is text")], "the backup");
    data.ok(&["restore", "--from", &to.display().to_string(), "--to", &new.display().to_string()]);
    fs::copy(folder.path().join("keys/master.key"), new.join("keys/master.key")).expect("both are there");
    let restored = Data::at(new);
    assert!(restored.ok(&["replay", "--run", RUN, "--full"]).contains("⟦erased⟧"));
    assert_eq!(restored.run(&["verify"]).code, 0);
}

#[test]
fn the_command_line_erases_on_a_folder_and_changes_the_master_key() {
    let data = Data::new();
    data.ok(&["import", "pi", &crate::cli::run::data_file("pi-large-session.jsonl"), "--project", "demo"]);
    let mark = data.json(&["keys", "rotate-master"])["master"].clone();
    assert_eq!(data.json(&["keys", "master"])["master"], mark);
    let before = fs::read(data.path().join("keys/master.key")).expect("it was made");
    let rotated = data.json(&["keys", "rotate-master"]);
    assert_ne!(rotated["master"], mark);
    assert_ne!(fs::read(data.path().join("keys/master.key")).expect("it was made"), before);
    let without = data.run(&["erase", "project", "demo", "--reason", "x"]);
    assert_eq!(without.code, 2, "{without:?}");
    let nothing = data.run(&["erase", "project", "demo", "--reason", "x", "--yes"]);
    assert_eq!(nothing.code, 1, "{nothing:?}");
    assert!(nothing.stderr.contains("nothing is sealed for it"), "{nothing:?}");
    let nobody = data.run(&["erase", "person", "ada@example.org", "--reason", "x", "--yes"]);
    assert_eq!(nobody.code, 2, "{nobody:?}");
}

/// T71: what was erased stays so, also where an older backup has its key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t71_a_key_that_comes_back_is_destroyed_by_the_next_start() {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let server = Server::open(folder.path()).await;
    begun(&server, &[("set-content-sealing", json!({ "sealing": "project" }))]).await;
    let vault = folder.path().join("vault");
    let file =
        fs::read_dir(&vault).expect("a key was made").next().expect("one").expect("it can be read").path();
    let old = fs::read(&file).expect("it can be read");
    let _ = server.post(&format!("/v1/erase/project-{PROJECT}"), &json!({ "reason": "asked to" })).await.ok();
    server.stop().await;
    fs::write(&file, &old).expect("it can be written");
    let server = Server::open(folder.path()).await;
    assert!(is_in(server.get(&format!("/v1/views/runs/{RUN}")).await.text.as_bytes(), "⟦erased⟧"));
    assert_ne!(fs::read(&file).expect("it can be read"), old);
    server.stop().await;
}

/// S06: what is stored for one place opens in no other, and nothing that is stored is sent anywhere by naming it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s06_a_sealed_value_that_is_moved_does_not_open() {
    let server = Server::memory().await;
    begun(&server, &[("set-env-var", set_secret("TOKEN", SECRET))]).await;
    let (path, body) = create_project(2);
    let _ = server.post(&path, &body).await.ok();
    let events = server.get(&format!("/v1/events?stream=project-{PROJECT}&type=EnvVarSet")).await.ok();
    let sealed = events["events"][0]["data"]["value"]["sealed"]["sealed"].clone();
    assert!(sealed.is_object(), "{events}");
    let moved = json!({ "name": "TOKEN", "value": { "sealed": { "sealed": sealed } } });
    let other = json!({ "name": "OTHER", "value": { "sealed": { "sealed": sealed } } });
    let _ = server.post(&format!("/v1/project/{}/set-env-var", id(2)), &moved).await.ok();
    let _ = server.post(&format!("/v1/project/{PROJECT}/set-env-var"), &other).await.ok();
    let open = |project: &str, name: &str| {
        let name = domain::project::SecretName::variable(name);
        server.engine.open_secret(project.parse().expect("it is an id"), &name)
    };
    assert_eq!(open(PROJECT, "TOKEN").expect("it opens").expose(), SECRET);
    assert!(open(PROJECT, "OTHER").is_err() && open(&id(2), "TOKEN").is_err());
}
