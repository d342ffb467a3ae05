//! Many commands in one request: NDJSON in, one answer line each out, in order, all under way at once.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Range;
use std::pin::pin;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::catalogue::from_json;
use domain::ids::{CommitId, CorrelationId};
use domain::values::Timestamp;
use domain::{Actor, Expected, StreamId};
use engine::{Envelope, Submission};
use futures_util::{FutureExt, StreamExt};
use http::header;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::SendError;
use tokio_stream::wrappers::ReceiverStream;

use crate::access::{admit, unauthorized};
use crate::commands::{Answer, check_claims, named_actor, parse as parse_body};
use crate::credentials::Caller;
use crate::metrics::CommandTimer;
use crate::problem::{Code, Problem};
use crate::state::{App, BODY_MAX_BYTES};

/// Commands under way at once.
const WINDOW: usize = 1024;
/// Answers are handed on when so many bytes are ready, or when no more are.
const CHUNK_BYTES: usize = 64 << 10;
/// Room for a chunk and the answer that ends it.
const OUT_BYTES: usize = CHUNK_BYTES + 1024;

/// One line: a command and what is known of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    stream: StreamId,
    #[serde(borrow)]
    command: Cow<'a, str>,
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
pub(crate) async fn execute(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    body: Body,
) -> Response {
    let (answers, stream) = mpsc::channel::<Result<Bytes, std::io::Error>>(16);
    tokio::spawn(pump(app, caller, Lines::new(body), answers));
    let ndjson = [(header::CONTENT_TYPE, "application/x-ndjson")];
    (ndjson, Body::from_stream(ReceiverStream::new(stream))).into_response()
}

type Answers = mpsc::Sender<Result<Bytes, std::io::Error>>;

/// Reads, submits and answers until the body ends or the client is gone; what was submitted then stays submitted.
async fn pump(app: App, caller: Caller, mut lines: Lines, answers: Answers) {
    // Commits are answered in the order of submission: while the oldest waits, no later one is done.
    let mut window = VecDeque::with_capacity(WINDOW);
    let mut out = Vec::with_capacity(OUT_BYTES);
    loop {
        let Some(oldest) = window.pop_front() else {
            let Some(line) = lines.next().await else { return };
            fill(&app, &caller, &mut window, line, &mut lines).await;
            continue;
        };
        let mut oldest = pin!(answer(oldest));
        let answer = match oldest.as_mut().now_or_never() {
            Some(answer) => answer,
            None => {
                if !out.is_empty() && send(&answers, &mut out).await.is_err() {
                    return;
                }
                let mut more = true;
                loop {
                    tokio::select! {
                        biased;
                        answer = oldest.as_mut() => break answer,
                        line = lines.next(), if more && window.len() < WINDOW => match line {
                            Some(line) => fill(&app, &caller, &mut window, line, &mut lines).await,
                            None => more = false,
                        }
                    }
                }
            }
        };
        write(&mut out, answer);
        if (out.len() > CHUNK_BYTES || window.is_empty()) && send(&answers, &mut out).await.is_err() {
            return;
        }
    }
}

/// A command under way, or why it is none.
type Waiting<'a> = (CommandTimer<'a>, Result<Submission, Problem>);

/// Submits a line and those behind it that are there already.
async fn fill<'a>(
    app: &'a App,
    caller: &Caller,
    window: &mut VecDeque<Waiting<'a>>,
    first: Result<Range<usize>, Problem>,
    lines: &mut Lines,
) {
    let mut next = Some(first);
    while let Some(line) = next {
        let timer = app.metrics.command();
        let envelope = match line.and_then(|line| parse(caller, lines.text(line))) {
            Ok(envelope) if !caller.is_operator() => permit(app, caller, envelope).await,
            parsed => parsed,
        };
        let submitted = match envelope {
            Ok(envelope) => Ok(app.engine.submit(envelope).await),
            Err(problem) => Err(problem),
        };
        window.push_back((timer, submitted));
        next = if window.len() < WINDOW { lines.next_held() } else { None };
    }
}

/// A body may go on for long: whoever sends it, other than the operator, is asked for anew with each line.
async fn permit(app: &App, caller: &Caller, envelope: Box<Envelope>) -> Result<Box<Envelope>, Problem> {
    if !app.is_still(caller) {
        return Err(unauthorized("what was shown at the start has ended"));
    }
    let stream = envelope.stream;
    let admitted = admit(app, caller, envelope).await;
    if let Err(problem) = &admitted {
        let asked = format!("POST /v1/commands {stream}");
        app.tell_refusal(Some(caller), Some(problem.code), &asked, caller.peer).await;
    }
    admitted
}

async fn answer((timer, submitted): Waiting<'_>) -> Result<Answer, Problem> {
    let receipt = submitted?.receipt().await?;
    timer.done(receipt.duplicate);
    Ok(receipt.into())
}

async fn send(answers: &Answers, out: &mut Vec<u8>) -> Result<(), SendError<Result<Bytes, std::io::Error>>> {
    let full = std::mem::replace(out, Vec::with_capacity(OUT_BYTES));
    answers.send(Ok(full.into())).await
}

fn write(out: &mut Vec<u8>, answer: Result<Answer, Problem>) {
    match answer {
        Ok(answer) => answer.write(out),
        Err(problem) => serde_json::to_writer(&mut *out, &serde_json::json!({ "error": problem }))
            .expect("problems are plain data, which JSON always encodes"),
    }
    out.push(b'\n');
}

fn parse(caller: &Caller, line: &[u8]) -> Result<Box<Envelope>, Problem> {
    let line: Line<'_> = from_json(line).map_err(|error| {
        let hint = "send {\"stream\":…,\"command\":…,\"body\":{…}} on one line";
        Problem::new(Code::InvalidBody, format!("the line does not fit: {error}"), hint)
    })?;
    let body = line.body.map_or("{}", RawValue::get);
    let command = parse_body(line.stream.category, &line.command, body.as_bytes())?;
    let mut envelope = Box::new(Envelope::new(line.stream, command, caller.actor));
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
    check_claims(caller, &envelope)?;
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

    /// The next line, as [`Self::text`] takes it until the line after it is asked for. Safe to drop between polls:
    /// what was read is kept.
    async fn next(&mut self) -> Option<Result<Range<usize>, Problem>> {
        loop {
            if let Some(line) = self.next_held() {
                return Some(line);
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
                (self.start, self.searched) = (self.held.len(), self.held.len());
                let rest = trim(&self.held, 0..self.held.len());
                return (!rest.is_empty() && !self.skipping).then_some(Ok(rest));
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

    /// As [`Self::next`], of what was read already.
    fn next_held(&mut self) -> Option<Result<Range<usize>, Problem>> {
        loop {
            let end = self.searched + memchr::memchr(b'\n', &self.held[self.searched..])?;
            let line = trim(&self.held, self.start..end);
            (self.start, self.searched) = (end + 1, end + 1);
            if std::mem::take(&mut self.skipping) || line.is_empty() {
                continue;
            }
            return Some(if line.len() > BODY_MAX_BYTES { Err(too_long()) } else { Ok(line) });
        }
    }

    fn text(&self, line: Range<usize>) -> &[u8] {
        &self.held[line]
    }
}

/// The range without the blanks at both ends.
fn trim(held: &[u8], Range { start, end }: Range<usize>) -> Range<usize> {
    let text = held[start..end].trim_ascii_end();
    let end = start + text.len();
    end - text.trim_ascii_start().len()..end
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
            let text = line.map(|line| String::from_utf8_lossy(lines.text(line)).into_owned());
            all.push(text.map_err(|error| error.code.as_str()));
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
