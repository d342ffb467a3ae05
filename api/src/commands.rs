//! One route for every command of every aggregate.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::ids::{CommitId, Position, StreamVersion};
use domain::values::Timestamp;
use domain::{Actor, Category, Command, Expected, StreamId};
use engine::{Envelope, Receipt};
use http::{HeaderMap, HeaderValue, header};
use schemars::JsonSchema;
use serde::Serialize;

use crate::access::admit;
use crate::credentials::Caller;
use crate::late::is_late;
use crate::metrics::CommandTimer;
use crate::problem::{Code, Problem};
use crate::query::path;
use crate::state::{App, BODY_MAX_BYTES};

/// The answer to a command: where it stands in the log. It is durable.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// The commit, which is also the idempotency key.
    pub(crate) commit: CommitId,
    /// The stream it was appended to.
    pub(crate) stream: StreamId,
    /// Version of its last event.
    pub(crate) version: StreamVersion,
    /// Position of its last event.
    pub(crate) position: Position,
    /// Whether it had been executed before: then this is the first answer again.
    pub(crate) duplicate: bool,
}

impl From<Receipt> for Answer {
    fn from(receipt: Receipt) -> Self {
        let Receipt { commit, stream, version, position, duplicate } = receipt;
        Self { commit, stream, version, position, duplicate }
    }
}

impl Answer {
    /// Appends it as JSON.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        serde_json::to_writer(out, self).expect("answers are plain data, which JSON always encodes");
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut body = Vec::with_capacity(ANSWER_BYTES);
        self.write(&mut body);
        let mut response = Response::new(body.into());
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    }
}

/// Room for an answer.
const ANSWER_BYTES: usize = 192;

/// `POST /v1/{aggregate}/{id}/{command}`
pub(crate) async fn execute(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    named: Result<Path<(String, String, String)>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Answer, Problem> {
    let timer = app.metrics.command();
    let (aggregate, id, command) = path(named)?;
    run(&app, &caller, [&aggregate, &id, &command], &headers, body, timer).await
}

/// As the handler, for a path that names aggregate, id and command as they are.
pub(crate) async fn run(
    app: &App,
    caller: &Caller,
    [aggregate, id, command]: [&str; 3],
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
    timer: CommandTimer<'_>,
) -> Result<Answer, Problem> {
    let category: Category = aggregate.parse().map_err(|error| Problem::unknown_route(format!("{error}")))?;
    let stream: StreamId = format!("{category}-{id}")
        .parse()
        .map_err(|error| Problem { hint: ID_HINT.into(), ..Problem::parameter("id", &error) })?;
    check_json(headers)?;
    let body = body.map_err(|error| too_large(&error))?;
    let command = parse(category, command, &body)?;
    let envelope = admit(app, caller, envelope(caller, stream, command, headers)?).await?;
    app.admit().await?;
    let receipt = app.engine.execute(envelope).await?;
    timer.done(receipt.duplicate);
    Ok(receipt.into())
}

const ID_HINT: &str = "use the aggregate's ULID; the first command under a new one creates it";

/// The command in a body. The decoder would take a list for the fields in order; only an object names them.
pub(crate) fn parse(category: Category, name: &str, body: &[u8]) -> Result<Command, Problem> {
    let command = Command::parse(category, name, body)?;
    if body.trim_ascii_start().first().is_some_and(|first| *first != b'{') {
        let detail = format!("body of `{name}` does not fit: expected an object");
        return Err(Problem::new(Code::InvalidBody, detail, "/openapi.json has the schema of every body"));
    }
    Ok(command)
}

pub(crate) fn too_large(error: &BytesRejection) -> Problem {
    if error.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
        let detail = format!("a command takes at most {BODY_MAX_BYTES} bytes");
        return Problem::new(Code::TooLarge, detail, "send long texts in parts with `more`");
    }
    if is_late(error) {
        let detail = "the body did not come in time";
        return Problem::new(Code::BodyTimeout, detail, "send it as a whole, or through /v1/commands");
    }
    Problem::new(Code::InvalidBody, error.body_text(), "send the whole body")
}

fn check_json(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let detail = format!("expected application/json, got `{}`", essence.chars().take(80).collect::<String>());
    Err(Problem::new(Code::UnsupportedMediaType, detail, "send the command's body as JSON"))
}

fn envelope(
    caller: &Caller,
    stream: StreamId,
    command: Command,
    headers: &HeaderMap,
) -> Result<Box<Envelope>, Problem> {
    let mut envelope = Box::new(Envelope::new(stream, command, caller.actor));
    envelope.commit = header::<CommitId>(headers, "idempotency-key")?;
    if let Some(expected) = header::<Quoted>(headers, "if-match")? {
        envelope.expected = expected.0;
    }
    envelope.occurred_at = header::<Timestamp>(headers, "waybill-occurred-at")?;
    envelope.causation = header::<CommitId>(headers, "waybill-causation")?;
    envelope.correlation = header(headers, "waybill-correlation")?;
    if let Some(actor) = header::<Actor>(headers, "waybill-actor")? {
        envelope.actor = named_actor(actor)?;
    }
    check_claims(caller, &envelope)?;
    Ok(envelope)
}

/// History that is imported has times and actors of its own; only whoever holds the log may say so.
pub(crate) fn check_claims(caller: &Caller, envelope: &Envelope) -> Result<(), Problem> {
    if caller.is_operator() || (envelope.occurred_at.is_none() && envelope.actor == caller.actor) {
        return Ok(());
    }
    let hint = "leave them out: the actor is whoever asks, and the time is now";
    Err(Problem::new(Code::Forbidden, "only the operator may name another actor or time", hint))
}

/// Actors that the bearer of the owner's token may name instead of itself: none that is a person or a key.
pub(crate) fn named_actor(actor: Actor) -> Result<Actor, Problem> {
    match actor {
        Actor::Importer | Actor::Step(_) => Ok(actor),
        _ => {
            let detail = format!("expected importer or step-…, got actor `{actor}`");
            Err(Problem::new(Code::InvalidParameter, detail, "leave it out: the token's bearer is the actor"))
        }
    }
}

/// An entity tag as If-Match has it: quotes are optional, `*` stands for any existing version.
struct Quoted(Expected);

impl std::str::FromStr for Quoted {
    type Err = domain::ids::IdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        if bare == "*" { Ok(Self(Expected::Exists)) } else { bare.parse().map(Self) }
    }
}

fn header<T: std::str::FromStr<Err = domain::ids::IdError>>(
    headers: &HeaderMap,
    name: &str,
) -> Result<Option<T>, Problem> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = value.to_str().unwrap_or("bytes that are no text");
    text.trim().parse().map(Some).map_err(|error| Problem::parameter(name, &error))
}
