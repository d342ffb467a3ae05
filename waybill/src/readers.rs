//! What verbs read, from an open folder or over HTTP alike: views, and the records of a stream.

use std::time::Duration;

use domain::ids::{LogId, Position, StreamVersion};
use domain::{Recorded, StreamId};
use engine::{At, Engine, EngineError, ViewAnswer, ViewRequest};
use journal::{CloseError, RawRecord, record};
use projections::Query;
use replay::LogKeys;
use serde::{Deserialize, Serialize};

use crate::client::{Arguments, Client, ClientError};
use crate::failure::Failure;
use crate::table::Row;
use crate::target::Target;

const EVENTS_PER_READ: usize = 4096;

/// A view, and the part of it that is wanted.
#[derive(Debug, Clone, Default)]
pub(crate) struct ViewCall {
    pub(crate) view: String,
    pub(crate) key: Option<String>,
    pub(crate) at: Option<String>,
    pub(crate) query: Query,
}

/// A view's answer as interfaces show it.
#[derive(Serialize)]
struct Shown<'a> {
    view: &'a str,
    version: u32,
    position: Option<Position>,
    rows: &'a [projections::Row],
    summary: Option<&'a serde_json::Value>,
    next: Option<&'a str>,
}

/// A view's answer, read back.
#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    pub(crate) position: Option<u64>,
    pub(crate) rows: Vec<Row>,
    pub(crate) summary: Option<serde_json::Value>,
    pub(crate) next: Option<String>,
}

impl ViewCall {
    /// The rows of a view that match the filters.
    pub(crate) fn of(view: &str) -> Self {
        Self { view: view.to_owned(), ..Self::default() }
    }
    fn arguments(&self) -> Arguments {
        let Query { filters, after, limit, order_by, descending, .. } = &self.query;
        let named = [
            ("at", self.at.clone()),
            ("after", after.clone()),
            ("limit", limit.map(|limit| limit.to_string())),
            ("order_by", order_by.clone()),
            ("order", descending.then(|| "desc".to_owned())),
        ];
        let named = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        filters.iter().cloned().chain(named).collect()
    }
}

impl Target {
    /// A view's answer as JSON text, the same from a folder as over HTTP.
    pub(crate) async fn view_json(&self, call: &ViewCall) -> Result<String, Failure> {
        match self {
            Self::Folder(engine) => {
                let answer = view(engine, call).await?;
                let text = serde_json::to_string(&Shown {
                    view: answer.view,
                    version: answer.version,
                    position: answer.position,
                    rows: &answer.page.rows,
                    summary: answer.page.summary.as_ref(),
                    next: answer.page.next.as_deref(),
                })?;
                Ok(engine.vault().reveal_text(text))
            }
            Self::Server(client) => {
                let path: Vec<&str> =
                    ["v1", "views", &call.view].into_iter().chain(call.key.as_deref()).collect();
                client.json(&path, &call.arguments()).await
            }
        }
    }
    /// A view's rows.
    pub(crate) async fn view(&self, call: &ViewCall) -> Result<Answer, Failure> {
        Ok(serde_json::from_str(&self.view_json(call).await?)?)
    }
    /// The events of a stream in order; unknown ones, of a later release, are left out.
    /// What is sealed is opened by the keys in the data folder, whoever has that open.
    pub(crate) async fn stream(&self, stream: StreamId) -> Result<Vec<Recorded>, Failure> {
        let vault = match self {
            Self::Folder(engine) => engine.vault(),
            // Without its folder, what is sealed says so.
            Self::Server(client) => client.vault(),
        };
        let records = match self {
            Self::Folder(engine) => stored(engine, stream)?,
            Self::Server(client) => fetched(client, stream).await?,
        };
        let mut events = Vec::with_capacity(records.len());
        for record in records {
            match replay::decode(&record) {
                Ok(mut event) => {
                    vault.reveal_event(&mut event.event);
                    events.push(event);
                }
                Err(fault) if fault.is_unknown() => {
                    tracing::warn!(%fault, "left out: a later release wrote it");
                }
                Err(fault) => return Err(fault.into()),
            }
        }
        Ok(events)
    }
    /// Lets go of the folder, in good order. What was acknowledged is safe either way.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        let Self::Folder(engine) = self else { return Ok(()) };
        let closed = tokio::task::spawn_blocking(move || engine.close()).await;
        match closed.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic())) {
            // What the verb did is done: only what is derived from the log waits, for room on the disk, say.
            Err(EngineError::Close(behind @ CloseError::Behind { .. })) => {
                tracing::warn!(%behind, "the next start catches up");
                Ok(())
            }
            closed => Ok(closed?),
        }
    }
}

async fn view(engine: &Engine, call: &ViewCall) -> Result<ViewAnswer, Failure> {
    let at = call.at.as_deref().map(str::parse::<At>).transpose();
    let at =
        at.map_err(|error| Failure::usage(format!("--at: {error}")).hint("leave --at out for the present"))?;
    if at.is_none() {
        engine.caught_up().await;
    }
    let request = ViewRequest {
        view: call.view.clone(),
        key: call.key.clone(),
        query: call.query.clone(),
        at,
        min_position: None,
        wait: Duration::ZERO,
    };
    Ok(engine.view(request).await?)
}

fn stored(engine: &Engine, stream: StreamId) -> Result<Vec<RawRecord>, Failure> {
    let mut records: Vec<RawRecord> = Vec::new();
    loop {
        let from = records.last().map_or(StreamVersion(0), |last| StreamVersion(last.version().0 + 1));
        let more = engine.journal().read_stream(stream, from, EVENTS_PER_READ)?;
        let ended = more.len() < EVENTS_PER_READ;
        records.extend(more);
        if ended {
            return Ok(records);
        }
    }
}

async fn fetched(client: &Client, stream: StreamId) -> Result<Vec<RawRecord>, Failure> {
    records(client, vec![("stream".to_owned(), stream.to_string())]).await
}

/// Stored records of a server, as `arguments` narrow them down.
pub(crate) async fn records(client: &Client, arguments: Arguments) -> Result<Vec<RawRecord>, Failure> {
    let response = client.get(&["v1", "events"], &arguments, "application/vnd.waybill.records").await?;
    let mut bytes = response.bytes().await.map_err(ClientError::from)?;
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let length = record::length(&bytes)?;
        records.push(RawRecord::parse(bytes.split_to(length))?);
    }
    Ok(records)
}

/// A server's public keys, as it shows them.
#[derive(Debug, Deserialize)]
struct Keys {
    log: LogId,
    key: Option<String>,
}

/// The keys of a server's log, and how one led to the next.
pub(crate) async fn server_keys(client: &Client) -> Result<(LogId, LogKeys), Failure> {
    let text = client.json(&["v1", "log", "key"], &Arguments::new()).await?;
    let Keys { log, key } = serde_json::from_str(&text)?;
    let mut keys = LogKeys { current: key.map(|key| key.parse()).transpose()?, ..LogKeys::default() };
    let arguments = [("stream", StreamId::from(log).to_string()), ("type", "SigningKeyRotated".to_owned())];
    let arguments = arguments.map(|(name, value)| (name.to_owned(), value)).into();
    for record in records(client, arguments).await? {
        // What the server says is not believed: only a change that both keys signed counts.
        let Some(Ok(rotation)) = proof::trust::rotation_in(&record, log) else { continue };
        keys.earlier.push(rotation.old.clone());
        keys.rotations.push(rotation);
        keys.records.push(record);
    }
    Ok((log, keys))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_becomes_arguments() {
        let query = Query {
            filters: vec![("model".into(), "a b".into())],
            limit: Some(3),
            descending: true,
            ..Query::default()
        };
        let call = ViewCall { at: Some("7".into()), query, ..ViewCall::of("usage") };
        let text: Vec<_> =
            call.arguments().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(text, ["model=a b", "at=7", "limit=3", "order=desc"]);
    }

    #[tokio::test]
    async fn a_folder_answers_as_http_does() {
        let engine = Engine::memory(journal::Options::default()).unwrap();
        let target = Target::Folder(engine);
        let text = target.view_json(&ViewCall::of("projects")).await.unwrap();
        assert_eq!(
            text,
            r#"{"view":"projects","version":1,"position":null,"rows":[],"summary":null,"next":null}"#
        );
        let call = ViewCall { at: Some("yesterday".into()), ..ViewCall::of("projects") };
        let failure = target.view_json(&call).await.unwrap_err();
        assert!(failure.message.starts_with("--at: expected a position"), "{failure}");
        target.close().await.unwrap();
    }
}
