//! The server against its own OpenAPI document: schemathesis asks what the document allows, and what it forbids.

use std::process::{Command, Output};

use kit::server::{Server, TOKEN};
use serde_json::Value;

/// Longer than a run on a busy machine takes; the long form has no such end.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(900);

/// Operations that are asked here: each route of the server's own, and commands and views of a few kinds. The long
/// form asks all of them.
const PATHS: &str = "^/(readyz|livez|metrics|v1/(auth|log|events$|export|search|metrics|views$|views/verify|health|commands|\
    views/runs|views/\\{view\\}|views/run-timeline|rebuild|run/|learning/\\{id\\}/approve))";

/// Seed, cases made up of each operation, and seconds: those of the long form stand in the environment.
fn command(server: &Server) -> Command {
    let mut command = Command::new(kit::python());
    command.args(["-B", "contract.py", "--url", &server.url(""), "--token", TOKEN]);
    match std::env::var("WAYBILL_CONTRACT") {
        Ok(options) => command.args(options.split_whitespace()),
        Err(_) => command.args(["--phases", "coverage", "--seed", "1", "--paths", PATHS]),
    };
    command.current_dir(kit::root().join("tests").join("clients"));
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_does_what_its_document_says() {
    let server = Server::lived().await;
    let mut command = command(&server);
    let ran = tokio::task::spawn_blocking(move || command.output());
    let ran = match std::env::var_os("WAYBILL_CONTRACT") {
        Some(_) => ran.await,
        None => tokio::time::timeout(PATIENCE, ran).await.expect("it ends in time"),
    };
    let Output { status, stdout, stderr } = ran.expect("it is waited for").expect("it starts");
    let said = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{status}: {said}");
    let result: Value = serde_json::from_slice(&stdout).expect("it prints JSON");
    println!("{result}");
    assert_eq!((&result["status"], &result["failures"]), (&0.into(), &Value::Array(vec![])), "{said}");
    assert!(result["operations"].as_u64() > Some(50), "{result}");
    assert!(result["cases"].as_u64() > Some(2_000), "{result}");
}
