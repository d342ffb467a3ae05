//! Many commands in one request: NDJSON in, one answer line each out, in order, all under way at once.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::ids::{CommitId, CorrelationId};
use domain::values::Timestamp;
use domain::{Actor, Expected, StreamId};
use engine::{Envelope, Submission};
use futures_util::stream::FuturesOrdered;
use futures_util::{FutureExt, StreamExt};
use http::header;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::commands::{Answer, named_actor, parse as parse_body};
use crate::problem::{Code, Problem};
use crate::state::{App, BODY_MAX_BYTES};

/// Commands under way at once.
const WINDOW: usize = 1024;
/// Answers are handed on when so many bytes are ready, or when no more are.
const CHUNK_BYTES: usize = 64 << 10;

/// One line: a command and what is known of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    stream: StreamId,
    command: String,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    commit: Option<CommitId>,
    expected: Option<String>,
    occurred_at: Option<Timestamp>,
    causation: Option<CommitId>,
    correlation: Option<CorrelationId>,
    actor: Option<Actor>,
}

/// `POST /v1/commands`
pub(crate) async fn execute(State(app): State<App>, body: Body) -> Response {
    let (answers, stream) = mpsc::channel::<Result<Bytes, std::io::Error>>(16);
    tokio::spawn(pump(app, Lines::new(body), answers));
    let ndjson = [(header::CONTENT_TYPE, "application/x-ndjson")];
    (ndjson, Body::from_stream(ReceiverStream::new(stream))).into_response()
}

async fn pump(app: App, mut lines: Lines, answers: mpsc::Sender<Result<Bytes, std::io::Error>>) {
    let mut window = FuturesOrdered::new();
    let mut ended = false;
    let mut out = Vec::new();
    loop {
        tokio::select! {
            biased;
            Some(answer) = window.next(), if !window.is_empty() => {
                write(&mut out, answer);
                while let Some(Some(answer)) = window.next().now_or_never() {
                    write(&mut out, answer);
                    if out.len() > CHUNK_BYTES {
                        break;
                    }
                }
                if answers.send(Ok(std::mem::take(&mut out).into())).await.is_err() {
                    // The client is gone; what was submitted stays submitted.
                    return;
                }
            }
            line = lines.next(), if !ended && window.len() < WINDOW => match line {
                Some(line) => {
                    let submitted = submit(&app, line).await;
                    window.push_back(answer(app.clone(), submitted));
                }
                None => ended = true,
            },
            else => return,
        }
    }
}

async fn submit(app: &App, line: Result<Bytes, Problem>) -> Result<Submission, Problem> {
    let envelope = parse(app, &line?)?;
    Ok(app.engine.submit(envelope).await)
}

async fn answer(app: App, submitted: Result<Submission, Problem>) -> Result<Answer, Problem> {
    let timer = app.metrics.command();
    let receipt = submitted?.receipt().await?;
    timer.done(receipt.duplicate);
    Ok(receipt.into())
}

fn write(out: &mut Vec<u8>, answer: Result<Answer, Problem>) {
    let written = match answer {
        Ok(answer) => serde_json::to_writer(&mut *out, &answer),
        Err(problem) => serde_json::to_writer(&mut *out, &serde_json::json!({ "error": problem })),
    };
    written.expect("answers are plain data, which JSON always encodes");
    out.push(b'\n');
}

fn parse(app: &App, line: &[u8]) -> Result<Envelope, Problem> {
    let line: Line<'_> = serde_json::from_slice(line).map_err(|error| {
        let hint = "send {\"stream\":…,\"command\":…,\"body\":{…}} on one line";
        Problem::new(Code::InvalidBody, format!("the line does not fit: {error}"), hint)
    })?;
    let body = line.body.map_or("{}", RawValue::get);
    let command = parse_body(line.stream.category, &line.command, body.as_bytes())?;
    let mut envelope = Envelope::new(line.stream, command, app.token.actor());
    envelope.commit = line.commit;
    if let Some(expected) = line.expected {
        envelope.expected =
            expected.parse::<Expected>().map_err(|error| Problem::parameter("expected", &error))?;
    }
    envelope.occurred_at = line.occurred_at;
    envelope.causation = line.causation;
    envelope.correlation = line.correlation;
    if let Some(actor) = line.actor {
        envelope.actor = named_actor(actor)?;
    }
    Ok(envelope)
}

/// The body's lines, blank ones left out; one that is too long is answered and passed over.
struct Lines {
    body: axum::body::BodyDataStream,
    held: Vec<u8>,
    /// Start of what is not handed out yet, and how far it was searched for a line's end.
    start: usize,
    searched: usize,
    /// Whether the line that is being passed over has been answered.
    skipping: bool,
    ended: bool,
}

impl Lines {
    fn new(body: Body) -> Self {
        let body = body.into_data_stream();
        Self { body, held: Vec::new(), start: 0, searched: 0, skipping: false, ended: false }
    }

    /// Safe to drop between polls: what was read is kept.
    async fn next(&mut self) -> Option<Result<Bytes, Problem>> {
        loop {
            if let Some(end) = self.held[self.searched..].iter().position(|byte| *byte == b'\n') {
                let line = Bytes::copy_from_slice(self.held[self.start..self.searched + end].trim_ascii());
                self.start = self.searched + end + 1;
                self.searched = self.start;
                if std::mem::take(&mut self.skipping) || line.is_empty() {
                    continue;
                }
                return Some(if line.len() > BODY_MAX_BYTES { Err(too_long()) } else { Ok(line) });
            }
            self.held.drain(..self.start);
            self.start = 0;
            self.searched = self.held.len();
            if self.held.len() > BODY_MAX_BYTES {
                self.held.clear();
                self.searched = 0;
                if !std::mem::replace(&mut self.skipping, true) {
                    return Some(Err(too_long()));
                }
            }
            if self.ended {
                let rest = std::mem::take(&mut self.held);
                self.searched = 0;
                let rest = rest.trim_ascii();
                return (!rest.is_empty() && !self.skipping).then(|| Ok(Bytes::copy_from_slice(rest)));
            }
            match self.body.next().await {
                Some(Ok(chunk)) => self.held.extend_from_slice(&chunk),
                Some(Err(error)) => {
                    self.ended = true;
                    self.held.clear();
                    self.searched = 0;
                    let detail = format!("the body broke off: {error}");
                    return Some(Err(Problem::new(
                        Code::InvalidBody,
                        detail,
                        "send the rest again: repeats are harmless",
                    )));
                }
                None => self.ended = true,
            }
        }
    }
}

fn too_long() -> Problem {
    let detail = format!("a line takes at most {BODY_MAX_BYTES} bytes");
    Problem::new(Code::TooLarge, detail, "send long texts in parts with `more`")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines(chunks: Vec<Vec<u8>>) -> Vec<Result<String, &'static str>> {
        let chunks = chunks.into_iter().map(|chunk| Ok::<_, std::io::Error>(Bytes::from(chunk)));
        let mut lines = Lines::new(Body::from_stream(tokio_stream::iter(chunks)));
        let mut all = Vec::new();
        while let Some(line) = lines.next().await {
            all.push(
                line.map(|line| String::from_utf8_lossy(&line).into_owned())
                    .map_err(|error| error.code.as_str()),
            );
        }
        all
    }

    #[tokio::test]
    async fn lines_survive_any_chunking() {
        let text = b"a\n\nbc\r\n  d \nlast".to_vec();
        for size in 1..text.len() {
            let chunks = text.chunks(size).map(<[u8]>::to_vec).collect();
            assert_eq!(lines(chunks).await, ["a", "bc", "d", "last"].map(|line| Ok(line.to_owned())));
        }
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_answered_once_and_passed_over() {
        let long = vec![vec![b'x'; BODY_MAX_BYTES]; 3];
        let chunks = [vec![b"a\n".to_vec()], long, vec![b"\nb\n".to_vec()]].concat();
        assert_eq!(lines(chunks).await, [Ok("a".to_owned()), Err("too_large"), Ok("b".to_owned())]);
    }
}
