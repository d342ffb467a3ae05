//! Typed tables over HTTP, written while the log is read: `GET /v1/export/{table}`.

use std::io::{self, Write};

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::authority::{Action, Sight};
use domain::ids::Position;
use export::{Format, Range, Table};
use http::{HeaderName, Uri, header};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::credentials::Caller;
use crate::problem::{Code, Problem};
use crate::query::{Params, path};
use crate::state::App;

/// Bytes that are gathered before they are sent.
const CHUNK_BYTES: usize = 64 << 10;
/// Chunks that may wait for the reader.
const WAITING: usize = 4;

/// `GET /v1/export/{table}`
pub(crate) async fn table(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    place: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Response, Problem> {
    let unknown = |error: export::UnknownTable| Problem::unknown_route(error.to_string());
    let table: Table = path(place)?.parse().map_err(unknown)?;
    let mut params = Params::of(&uri)?;
    let format = format(params.text("format"))?;
    let after = params.take::<Position>("after")?;
    params.end("format, after")?;
    let journal = app.engine.journal().clone();
    let sight = caller.sight(Action::Export)?;
    if let Sight::Projects(projects) = &sight {
        for project in projects {
            app.tell_export(&caller, *project, table.as_str(), None).await;
        }
    }
    let range = Range { after, to: journal.watermark(), sight, vault: app.engine.vault().clone() };
    let head = range.to.map(|head| (HeaderName::from_static("waybill-position"), head.to_string()));
    let (chunks, stream) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let out = Chunks { chunks: chunks.clone(), held: Vec::with_capacity(CHUNK_BYTES) };
        if let Err(error) = export::stream(&journal, table, format, &range, out) {
            // The status line is out: breaking the body off is the only way left to say it.
            let _ = chunks.blocking_send(Err(io::Error::other(error.to_string())));
        }
    });
    let body = Body::from_stream(ReceiverStream::new(stream));
    let kind = [(header::CONTENT_TYPE, format.media_type())];
    Ok((kind, axum::response::AppendHeaders(head), body).into_response())
}

fn format(text: Option<String>) -> Result<Format, Problem> {
    let Some(text) = text else { return Ok(Format::Ndjson) };
    let problem = |detail: String| {
        let hint = "ask for ndjson, csv, arrow or parquet";
        Problem::new(Code::InvalidParameter, detail, hint).field("format", "not one of these")
    };
    let format: Format = text.parse().map_err(|error: export::UnknownFormat| problem(error.to_string()))?;
    if format.streams() {
        Ok(format)
    } else {
        Err(problem(format!("`{text}` cannot be sent as it is written")))
    }
}

/// Sends what is written, in chunks; waits while the reader does not keep up.
struct Chunks {
    chunks: mpsc::Sender<io::Result<Bytes>>,
    held: Vec<u8>,
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= CHUNK_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.held, Vec::with_capacity(CHUNK_BYTES));
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the reader went away");
        self.chunks.blocking_send(Ok(chunk.into())).map_err(gone)
    }
}
