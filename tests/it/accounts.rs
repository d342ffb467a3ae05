//! Accounts, keys and TLS, as people on the command line and in a browser meet them.

use std::io::Write;
use std::process::Stdio;

use domain::{Actor, Command, StreamId};
use engine::{Engine, Envelope};
use journal::Options;
use serde_json::{Value, json};

use crate::cli::run::{Data, End, Server};

const PASSWORD: &str = "correct horse battery staple";
const PROJECT: &str = "01J00000000000000000000001";

fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime needs nothing").block_on(future)
}

/// Status and JSON, or null where the body is none.
fn ask(server: &Server, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> (u16, Value) {
    wait(async {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client needs nothing");
        let method = method.parse().expect("a method");
        let mut request = client.request(method, format!("{}{path}", server.url));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.expect("it answers");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    })
}

/// Runs the binary with a line on its stdin.
fn run_with(data: &Data, words: &[&str], line: &str) -> End {
    let mut command = data.command(words);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary can be run");
    // One that refuses its words reads nothing.
    let _ = child.stdin.take().expect("stdin is piped").write_all(line.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("it is UTF-8");
    End { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn login(server: &Server, email: &str) -> u16 {
    ask(server, "POST", "/v1/auth/login", None, Some(&json!({ "email": email, "password": PASSWORD }))).0
}

#[test]
fn the_first_start_prints_a_link_that_makes_the_owner_once() {
    let data = Data::new();
    let server = data.serve();
    let link = server.greeting.lines().find_map(|line| line.trim_start().strip_prefix("first user"));
    let link = link.expect("the greeting has the link").trim().to_owned();
    let (page, code) = link.split_once("#code=").expect("the code is not sent to the server");
    assert_eq!(page, format!("{}/setup", server.url));
    assert_eq!(ask(&server, "GET", "/setup", None, None).0, 200);
    let ada = json!({ "code": code, "name": "Ada", "email": "ada@example.org", "password": PASSWORD });
    let (status, me) = ask(&server, "POST", "/v1/auth/setup", None, Some(&ada));
    assert_eq!((status, &me["administrator"]), (200, &Value::Bool(true)), "{me}");
    assert_eq!(ask(&server, "POST", "/v1/auth/setup", None, Some(&ada)).0, 401);
    assert_eq!(login(&server, "ada@example.org"), 200);
    let end = server.stop();
    assert_eq!(end.code, 0, "{end:?}");
    let server = data.serve();
    assert!(!server.greeting.contains("first user"), "{}", server.greeting);
    server.stop();
}

#[test]
fn accounts_are_managed_without_a_server_and_with_one() {
    let data = Data::new();
    let add = run_with(&data, &["user", "add", "ada@example.org", "--name", "Ada"], &format!("{PASSWORD}\n"));
    assert_eq!(add.code, 0, "{add:?}");
    let twice = data.run(&["user", "add", "ADA@example.org", "--no-password"]);
    assert_eq!(twice.code, 1, "{twice:?}");
    let short = run_with(&data, &["user", "password", "ada@example.org"], "short\n");
    assert_eq!(short.code, 2, "{short:?}");
    assert!(short.stderr.contains("12 to 1024 bytes"), "{short:?}");
    let server = data.serve();
    assert_eq!(login(&server, "ada@example.org"), 200);
    let _ = data.ok(&["user", "disable", "ada@example.org", "--reason", "left"]);
    assert_eq!(login(&server, "ada@example.org"), 401);
    let _ = data.ok(&["user", "enable", "ada@example.org"]);
    assert_eq!(login(&server, "ada@example.org"), 200);
    let list = data.ok(&["user", "list"]);
    assert!(list.contains("ada@example.org") && !list.contains("argon2id"), "{list}");
    let nobody = data.run(&["user", "disable", "bob@example.org"]);
    assert_eq!(nobody.code, 2, "{nobody:?}");
    server.stop();
}

#[test]
fn a_key_opens_what_its_scopes_say_until_it_is_revoked() {
    let data = Data::new();
    wait(async {
        let engine = Engine::open(data.path(), Options::default()).expect("a new log opens");
        let project: StreamId = format!("project-{PROJECT}").parse().expect("a stream");
        let create = Command::parse(project.category, "create", br#"{"slug":"p","name":"P"}"#);
        let create = Envelope::new(project, create.expect("it fits"), Actor::Operator);
        engine.execute(create).await.expect("nothing is there yet");
        tokio::task::spawn_blocking(move || engine.close()).await.expect("it ends").expect("it closes");
    });
    let issued = data.json(&["token", "issue", PROJECT, "--name", "ci", "--scope", "views:read"]);
    let (key, token) = (issued["key"].as_str().expect("a key"), issued["token"].as_str().expect("a token"));
    assert!(token.starts_with(&format!("wb_{key}_")), "{issued}");
    let wrong = data.run(&["token", "issue", PROJECT, "--name", "ci", "--scope", "all"]);
    assert_eq!(wrong.code, 2, "{wrong:?}");
    let server = data.serve();
    let (status, rows) = ask(&server, "GET", "/v1/views/projects", Some(token), None);
    assert_eq!((status, rows["rows"].as_array().map(Vec::len)), (200, Some(1)), "{rows}");
    assert_eq!(ask(&server, "GET", "/v1/events", Some(token), None).0, 403);
    assert_eq!(ask(&server, "GET", "/metrics", Some(token), None).0, 403);
    let _ = data.ok(&["token", "revoke", PROJECT, key]);
    assert_eq!(ask(&server, "GET", "/v1/views/projects", Some(token), None).0, 401);
    server.stop();
}

#[test]
fn with_a_certificate_others_get_tls_and_this_machine_its_command_line() {
    let data = Data::new();
    let file = |name: &str| kit::root().join("api/testdata").join(name).display().to_string();
    let (certificate, key) = (file("tls-cert.pem"), file("tls-key.pem"));
    let server = data.serve_with(&["--tls-cert", &certificate, "--tls-key", &key]);
    assert!(
        server.url.starts_with("https://127.0.0.1:") && server.greeting.contains("wss://"),
        "{}",
        server.greeting
    );
    let list = data.ok(&["user", "list"]);
    assert!(!list.contains('@'), "{list}");
    let port = server.url.rsplit_once(':').expect("a port").1;
    let plain = wait(async {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client needs nothing");
        client.get(format!("http://127.0.0.1:{port}/livez")).send().await
    });
    assert!(plain.is_err(), "plain HTTP gets no answer there");
    assert_eq!(server.stop().code, 0);
    let wrong = data.run(&["serve", "--port", "0", "--tls-cert", &key, "--tls-key", &key]);
    assert_eq!(wrong.code, 2, "{wrong:?}");
    assert!(wrong.stderr.contains("certificate") && !wrong.stderr.contains("BEGIN"), "{wrong:?}");
}
