//! How an import's commands reach the log: straight into the engine, or in bulk over HTTP; in order either way,
//! and no more under way than a bound.

use std::collections::VecDeque;

use domain::Actor;
use engine::{Engine, Envelope, ExecuteError, Submission};
use futures_util::StreamExt;
use replay::import::{Item, Origin};
use serde::{Deserialize, Serialize};

use super::tally::Tally;
use crate::client::{Client, ClientError, Problem};
use crate::failure::{Exit, Failure};
use crate::target::Target;

/// Commands under way at once.
const WINDOW: usize = 512;
/// Commands of one request, and bytes at which it is full.
const BATCH_COMMANDS: usize = 4096;
const BATCH_BYTES: usize = 4 << 20;

/// The way to the log.
pub(super) enum Lane {
    Engine(Engine, VecDeque<(Origin, Submission)>),
    Server(Client, Batch),
}

/// What came of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct Taken {
    pub(super) position: u64,
    pub(super) duplicate: bool,
}

/// Lines of a request, and where each came from.
#[derive(Default)]
pub(super) struct Batch {
    origins: VecDeque<Origin>,
    body: Vec<u8>,
}

impl Lane {
    pub(super) fn over(target: &Target) -> Self {
        match target {
            Target::Folder(engine) => Self::Engine(engine.clone(), VecDeque::new()),
            Target::Server(client) => Self::Server(client.clone(), Batch::default()),
        }
    }

    /// Sends a command. It is answered for by now or later; at the latest by [`Lane::finish`].
    pub(super) async fn send(&mut self, item: Item, tally: &mut Tally) -> Result<(), Failure> {
        match self {
            Self::Engine(engine, window) => {
                if window.len() >= WINDOW {
                    settle(window, WINDOW / 2, tally).await?;
                }
                let origin = item.origin.clone();
                window.push_back((origin, engine.submit(envelope(item)).await));
                Ok(())
            }
            Self::Server(client, batch) => {
                batch.push(&item)?;
                if batch.origins.len() >= BATCH_COMMANDS || batch.body.len() >= BATCH_BYTES {
                    return batch.post(client, tally).await;
                }
                Ok(())
            }
        }
    }

    /// Waits until every command is answered.
    pub(super) async fn finish(&mut self, tally: &mut Tally) -> Result<(), Failure> {
        match self {
            Self::Engine(_, window) => settle(window, 0, tally).await,
            Self::Server(client, batch) => batch.post(client, tally).await,
        }
    }
}

fn envelope(item: Item) -> Envelope {
    Envelope {
        commit: Some(item.commit),
        correlation: item.correlation,
        occurred_at: item.occurred_at,
        ..Envelope::new(item.stream, item.command, Actor::Importer)
    }
}

/// Takes answers until at most `left` are out.
async fn settle(
    window: &mut VecDeque<(Origin, Submission)>,
    left: usize,
    tally: &mut Tally,
) -> Result<(), Failure> {
    while window.len() > left {
        let Some((origin, submission)) = window.pop_front() else { break };
        match submission.receipt().await {
            Ok(receipt) => {
                tally.taken(Taken { position: receipt.position.0, duplicate: receipt.duplicate });
            }
            Err(error @ (ExecuteError::Append(_) | ExecuteError::Load(_) | ExecuteError::Read(_))) => {
                window.clear();
                let failure = Failure::from(error);
                let hint = "run `waybill doctor`; then import again, which repeats nothing";
                return Err(if failure.hint.is_some() { failure } else { failure.hint(hint) });
            }
            Err(error) => tally.refused(&origin, &crate::failure::with_sources(&error)),
        }
    }
    Ok(())
}

/// A command as the bulk interface wants it.
#[derive(Serialize)]
struct Line<'a> {
    stream: domain::StreamId,
    command: &'a str,
    body: &'a domain::Command,
    commit: domain::ids::CommitId,
    #[serde(skip_serializing_if = "Option::is_none")]
    occurred_at: Option<domain::values::Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation: Option<domain::ids::CorrelationId>,
    actor: Actor,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Taken(Taken),
    Refused { error: Problem },
}

impl Batch {
    fn push(&mut self, item: &Item) -> Result<(), Failure> {
        let line = Line {
            stream: item.stream,
            command: item.command.name(),
            body: &item.command,
            commit: item.commit,
            occurred_at: item.occurred_at,
            correlation: item.correlation,
            actor: Actor::Importer,
        };
        serde_json::to_writer(&mut self.body, &line)?;
        self.body.push(b'\n');
        self.origins.push_back(item.origin.clone());
        Ok(())
    }

    /// Sends what is there, and reads an answer for every line.
    async fn post(&mut self, client: &Client, tally: &mut Tally) -> Result<(), Failure> {
        if self.origins.is_empty() {
            return Ok(());
        }
        let (body, mut origins) = (std::mem::take(&mut self.body), std::mem::take(&mut self.origins));
        let response = client.post(&["v1", "commands"], body, "application/x-ndjson").await?;
        let mut chunks = response.bytes_stream();
        let mut held = Vec::new();
        while let Some(chunk) = chunks.next().await {
            held.extend_from_slice(&chunk.map_err(ClientError::from)?);
            let Some(end) = held.iter().rposition(|byte| *byte == b'\n') else { continue };
            for line in held[..end].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                answer(line, &mut origins, tally)?;
            }
            held.drain(..=end);
        }
        if origins.is_empty() {
            return Ok(());
        }
        let message = format!("the server answered all but {} commands", origins.len());
        Err(Failure::new(Exit::Unreachable, message)
            .hint("import again: what it took already is not repeated"))
    }
}

fn answer(line: &[u8], origins: &mut VecDeque<Origin>, tally: &mut Tally) -> Result<(), Failure> {
    let Some(origin) = origins.pop_front() else {
        return Err(Failure::new(Exit::Failed, "the server answered more commands than it was sent"));
    };
    match serde_json::from_slice(line)? {
        Answer::Taken(taken) => tally.taken(taken),
        Answer::Refused { error } if error.status >= 500 => {
            return Err(Failure::from(error).while_doing(format_args!("{}:{}", origin.file, origin.line)));
        }
        Answer::Refused { error } => tally.refused(&origin, &error.to_string()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::Command;
    use domain::ids::ProjectId;
    use journal::Options;

    use super::*;
    use crate::verbs::import::tally::tests::tally;

    fn item(slug: &str, body: &str) -> Item {
        let stream = domain::StreamId::from(replay::import::project_id(slug));
        Item {
            origin: Origin { file: "f".into(), line: 1, read_bytes: 10 },
            stream,
            commit: replay::import::project_id(body).ulid().into(),
            command: Command::parse(stream.category, "create", body.as_bytes()).unwrap(),
            occurred_at: None,
            correlation: None,
        }
    }

    #[tokio::test]
    async fn every_command_is_answered_for_in_order() {
        let target = Target::Folder(Engine::memory(Options::default()).unwrap());
        let mut lane = Lane::over(&target);
        let mut tally = tally();
        for nth in 0..2 * WINDOW {
            let body = format!(r#"{{"slug":"p{nth}","name":"P"}}"#);
            lane.send(item(&format!("p{nth}"), &body), &mut tally).await.unwrap();
        }
        let again = r#"{"slug":"p0","name":"P"}"#;
        lane.send(item("p0", again), &mut tally).await.unwrap();
        lane.send(item("p0", r#"{"slug":"p0","name":"Other"}"#), &mut tally).await.unwrap();
        lane.finish(&mut tally).await.unwrap();
        let report = tally.report(std::time::Duration::from_secs(1));
        assert_eq!((report.new, report.duplicates, report.rejected), (2 * WINDOW as u64, 1, 1));
    }

    #[test]
    fn answers_belong_to_lines_in_order() {
        let mut batch = Batch::default();
        batch.push(&item("a", r#"{"slug":"a","name":"A"}"#)).unwrap();
        let line: serde_json::Value = serde_json::from_slice(&batch.body).unwrap();
        assert_eq!(
            (&line["command"], &line["body"]["slug"], &line["actor"]),
            (&"create".into(), &"a".into(), &"importer".into())
        );
        let id = line["stream"].as_str().unwrap().strip_prefix("project-").unwrap();
        assert!(id.parse::<ProjectId>().is_ok());
        let mut tally = tally();
        let origins = &mut batch.origins;
        answer(
            br#"{"commit":"x","stream":"s","version":0,"position":7,"duplicate":true}"#,
            origins,
            &mut tally,
        )
        .unwrap();
        assert!(answer(b"{}", origins, &mut tally).is_err(), "an answer too many");
        let refusal = br#"{"error":{"code":"rule_broken","detail":"no","hint":"h","status":409,"title":"t","errors":[]}}"#;
        origins.push_back(Origin { file: "f".into(), line: 3, read_bytes: 0 });
        answer(refusal, origins, &mut tally).unwrap();
        origins.push_back(Origin { file: "f".into(), line: 4, read_bytes: 0 });
        let broken = br#"{"error":{"code":"log_failed","detail":"disk","status":500}}"#;
        assert!(answer(broken, origins, &mut tally).unwrap_err().message.starts_with("f:4: disk"));
        let report = tally.report(std::time::Duration::ZERO);
        assert_eq!((report.duplicates, report.rejected), (1, 1));
    }
}
