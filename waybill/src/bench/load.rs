//! Commands as clients send them: one message of an agent for one of many runs, about 300 bytes as an event.

use std::io;

use domain::Ulid;
use domain::ids::ProjectId;
use serde_json::json;

use super::http::Endpoint;
use super::words::{self, Words};
use crate::failure::{Exit, Failure};

/// Bytes of a message's text; with ids and lengths its event has about 300.
const CONTENT_BYTES: usize = 240;
/// Stands in a template for an id of 26 characters.
const MESSAGE: &str = "MESSAGEMESSAGEMESSAGEMESSA";
const COMMIT: &str = "COMMITCOMMITCOMMITCOMMITCO";
const ULID_CHARS: usize = MESSAGE.len();

/// A run that takes messages.
#[derive(Debug, Clone)]
pub(super) struct Run {
    run: String,
    step: String,
}

/// Makes `count` runs with a step under way, in a project of their own.
pub(super) async fn prepare(endpoint: &Endpoint, count: usize) -> Result<Vec<Run>, Failure> {
    prepare_in(endpoint, ProjectId::from(words::fresh().id()), count).await
}

/// As [`prepare`], in a new project of that id.
pub(super) async fn prepare_in(
    endpoint: &Endpoint,
    project: ProjectId,
    count: usize,
) -> Result<Vec<Run>, Failure> {
    let mut words = words::fresh();
    let project = project.to_string();
    let slug = format!("bench-{}", project.to_ascii_lowercase());
    let mut lines = format!(
        "{}\n",
        json!({
            "stream": format!("project-{project}"), "command": "create", "body": {"slug": slug, "name": "Bench"},
        })
    );
    let runs: Vec<Run> =
        (0..count).map(|_| Run { run: words.id().to_string(), step: words.id().to_string() }).collect();
    for Run { run, step } in &runs {
        let stream = format!("run-{run}");
        let request = json!({"project": project, "source": "sandbox", "title": "bench", "prompt": "bench"});
        for (command, body) in [
            ("request", request),
            ("start", json!({})),
            ("start-step", json!({"step": step, "role": "designer", "cli_tool": "pi", "model": "bench"})),
        ] {
            lines.push_str(&format!("{}\n", json!({"stream": stream, "command": command, "body": body})));
        }
    }
    let request = endpoint.request("POST", "/v1/commands", "application/x-ndjson", &lines);
    let (status, answers) = endpoint.connect().await?.exchange(&request).await?;
    check(status, &answers)?;
    Ok(runs)
}

/// Fails where an answer is a refusal, and says which.
pub(super) fn check(status: u16, answer: &[u8]) -> Result<(), Failure> {
    let text = String::from_utf8_lossy(answer);
    let refused = text.lines().find(|line| status != 200 || line.starts_with("{\"error\""));
    match refused {
        None if status == 200 => Ok(()),
        _ => {
            let said: String = refused.unwrap_or_default().chars().take(300).collect();
            Err(Failure::new(Exit::Failed, format!("the server refused a command with {status}: {said}")))
        }
    }
}

/// As [`check`], within a task that speaks of input and output only.
pub(super) fn check_io(status: u16, answer: &[u8]) -> io::Result<()> {
    check(status, answer).map_err(|failure| io::Error::other(failure.message))
}

/// A command whose ids are filled in for each sending, in place.
#[derive(Debug, Clone)]
pub(super) struct Template {
    bytes: Vec<u8>,
    message_at: usize,
    commit_at: usize,
}

impl Template {
    fn new(text: String) -> Self {
        let at = |mark| text.find(mark).expect("the template holds both marks");
        Self { message_at: at(MESSAGE), commit_at: at(COMMIT), bytes: text.into_bytes() }
    }

    /// A whole request for `POST /v1/run/{id}/append-step-message`.
    pub(super) fn post(endpoint: &Endpoint, run: &Run, words: &mut Words) -> Self {
        let body = body(run, words);
        let head = endpoint.head("POST", &format!("/v1/run/{}/append-step-message", run.run));
        let length = body.len();
        Self::new(format!(
            "{head}Content-Type: application/json\r\nIdempotency-Key: {COMMIT}\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// A line for `POST /v1/commands`.
    pub(super) fn line(run: &Run, words: &mut Words) -> Self {
        let Run { run: id, .. } = run;
        let body = body(run, words);
        let stream = format!("run-{id}");
        Self::new(format!(
            "{{\"stream\":\"{stream}\",\"command\":\"append-step-message\",\"commit\":\"{COMMIT}\",\"body\":{body}}}\n"
        ))
    }

    /// The command under a new id, which is both the message's and the commit's.
    pub(super) fn with(&mut self, id: Ulid) -> &[u8] {
        let mut text = [0; ULID_CHARS];
        let text = id.array_to_str(&mut text).as_bytes();
        for at in [self.message_at, self.commit_at] {
            self.bytes[at..at + text.len()].copy_from_slice(text);
        }
        &self.bytes
    }
}

fn body(run: &Run, words: &mut Words) -> String {
    let content = words.text(CONTENT_BYTES);
    let step = &run.step;
    format!(
        "{{\"step\":\"{step}\",\"message\":\"{MESSAGE}\",\"role\":\"assistant\",\"content\":\"{content}\"}}"
    )
}

#[cfg(test)]
mod tests {
    use domain::{Category, Command};

    use super::*;

    fn run() -> Run {
        let mut words = Words::new(3);
        Run { run: words.id().to_string(), step: words.id().to_string() }
    }

    #[test]
    fn a_line_is_a_command_of_about_300_bytes() {
        let mut words = Words::new(1);
        let mut line = Template::line(&run(), &mut words);
        let (first, second) = (words.id(), words.id());
        let text = String::from_utf8(line.with(first).to_vec()).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (value["commit"].as_str(), value["body"]["message"].as_str()),
            (Some(&*first.to_string()), Some(&*first.to_string()))
        );
        let run: Category = "run".parse().unwrap();
        let body = value["body"].to_string();
        Command::parse(run, value["command"].as_str().unwrap(), body.as_bytes())
            .expect("the server takes it");
        assert!(String::from_utf8(line.with(second).to_vec()).unwrap().contains(&second.to_string()));
        assert!((280..=330).contains(&(CONTENT_BYTES + 16 + 1 + 16 + 4 + 8 + 1 + 1 + 1)), "as stored");
    }

    #[test]
    fn a_post_says_its_own_length() {
        let endpoint = Endpoint { address: "127.0.0.1:1".parse().unwrap(), token: "wb_t".into() };
        let mut post = Template::post(&endpoint, &run(), &mut Words::new(1));
        let text = String::from_utf8(post.with(Words::new(2).id()).to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())), "{head}");
        assert!(!text.contains(COMMIT) && !text.contains(MESSAGE));
    }

    #[test]
    fn a_refusal_ends_the_bench_and_says_why() {
        assert!(check(200, b"{\"commit\":\"x\"}\n{\"commit\":\"error\"}\n").is_ok());
        let failure = check(200, b"{\"commit\":\"x\"}\n{\"error\":{\"code\":\"invalid\"}}\n")
            .expect_err("one was refused");
        assert!(failure.message.contains("invalid"), "{failure}");
        assert!(check(401, b"").is_err());
    }
}
