//! The log over HTTP: pages of events with filters, as JSON, NDJSON, or the stored records themselves.

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use domain::authority::{Action, Resource, Sight};
use domain::ids::{Category, Position, ProjectId};
use domain::values::Timestamp;
use domain::{Actor, StreamId, aggregates};
use engine::decode;
use http::{HeaderMap, Uri, header};
use journal::{Journal, RawRecord, ReadError};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::credentials::Caller;
use crate::problem::{Code, Problem};
use crate::query::Params;
use crate::state::App;

const EVENTS_PER_READ: usize = 8192;
const BYTES_PER_READ: usize = 4 << 20;
/// Events of a JSON page where the request does not say, and at most.
const PAGE_DEFAULT: u64 = 100;
const PAGE_MAX: u64 = 10_000;

const PARAMETERS: &str = "after, limit, stream, type, category, project, actor, since, until";
/// What a subscription may ask for beside the place to begin at.
pub(crate) const FILTERS: &str = "stream, type, category, project";
/// What a reader of server-sent events may ask for.
pub(crate) const FOLLOWED: &str = "after, stream, type, category, project, actor, since, until";

/// Which events are wanted. Filtered ones still move the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) stream: Option<StreamId>,
    pub(crate) type_id: Option<u16>,
    pub(crate) category: Option<Category>,
    pub(crate) project: Option<ProjectId>,
    pub(crate) actor: Option<Actor>,
    /// Not before it happened; when it was recorded, where nobody said otherwise.
    pub(crate) since: Option<Timestamp>,
    /// Only before it.
    pub(crate) until: Option<Timestamp>,
    /// Events of these projects only.
    pub(crate) sight: Sight,
}

impl Filter {
    /// Takes what a subscription filters by out of the parameters, for whoever sees so much.
    pub(crate) fn take(params: &mut Params, sight: Sight) -> Result<Self, Problem> {
        let named = params.text("type").map(|name| type_id(&name)).transpose()?;
        Ok(Self {
            stream: params.take("stream")?,
            type_id: named,
            category: params.take("category")?,
            project: params.take("project")?,
            sight,
            ..Self::default()
        })
    }
    /// Takes the filter out of the parameters, with who did it and when.
    pub(crate) fn take_whole(params: &mut Params, sight: Sight) -> Result<Self, Problem> {
        let (actor, since, until) = (params.take("actor")?, params.take("since")?, params.take("until")?);
        Ok(Self { actor, since, until, ..Self::take(params, sight)? })
    }
    fn is_all(&self) -> bool {
        *self == Self::default()
    }
    pub(crate) fn wants(&self, record: &RawRecord) -> bool {
        self.stream.is_none_or(|stream| record.stream() == stream)
            && self.type_id.is_none_or(|id| record.type_id().0 == id)
            && self.category.is_none_or(|category| record.stream().category == category)
            && self.project.is_none_or(|project| record.project() == Some(project))
            && self.actor.is_none_or(|actor| record.actor().is_ok_and(|by| by == actor))
            && (self.since.is_none() && self.until.is_none() || self.in_time(record))
            && self.sight.sees(record.project().or_else(|| record.stream().as_project()))
    }
    fn in_time(&self, record: &RawRecord) -> bool {
        let at = record.occurred_at().unwrap_or_else(|| record.time());
        self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
    }
}

fn type_id(name: &str) -> Result<u16, Problem> {
    let mut events = aggregates().into_iter().flat_map(|aggregate| aggregate.events);
    let found = events.find(|event| event.name == name).map(|event| event.type_id.0);
    found.or_else(|| name.parse().ok()).ok_or_else(|| {
        let detail = format!("unknown event type `{}`", name.chars().take(80).collect::<String>());
        Problem::new(Code::InvalidParameter, detail, "/openapi.json names every event")
            .field("type", "unknown")
    })
}

/// One event as JSON; one that this build cannot read is shown by its envelope, its payload as hex.
pub(crate) fn show(record: &RawRecord, out: &mut Vec<u8>) {
    let written = match decode(record) {
        Ok(event) => serde_json::to_writer(&mut *out, &event),
        Err(fault) => serde_json::to_writer(
            &mut *out,
            &serde_json::json!({
                "position": record.position(),
                "stream": record.stream(),
                "version": record.version(),
                "type_id": record.type_id(),
                "schema_version": record.schema_version(),
                "time": record.time(),
                "commit": record.commit(),
                "type": null,
                "unreadable": fault.to_string(),
                "payload_hex": HEXLOWER.encode(record.payload()),
            }),
        ),
    };
    written.expect("events are plain data, which JSON always encodes");
}

/// The next wanted events after `cursor`, and the position read up to.
pub(crate) fn read(
    journal: &Journal,
    filter: &Filter,
    cursor: Option<Position>,
    max: usize,
) -> Result<(Vec<RawRecord>, Option<Position>), ReadError> {
    let records = match filter.stream {
        Some(stream) => return read_stream(journal, stream, filter, cursor, max),
        None => journal.read(cursor, max, BYTES_PER_READ)?,
    };
    let reached = records.last().map(RawRecord::position).or(cursor);
    Ok((records.into_iter().filter(|record| filter.wants(record)).collect(), reached))
}

/// As [`read`], along one stream: what lies between its events is passed over.
fn read_stream(
    journal: &Journal,
    stream: StreamId,
    filter: &Filter,
    cursor: Option<Position>,
    max: usize,
) -> Result<(Vec<RawRecord>, Option<Position>), ReadError> {
    let head = journal.watermark();
    let from = first_version_after(journal, stream, cursor)?;
    let Some(from) = from else { return Ok((vec![], head)) };
    let records = journal.read_stream(stream, from, max)?;
    let reached = if records.len() < max { head } else { records.last().map(RawRecord::position) };
    let within = |record: &RawRecord| Some(record.position()) <= reached.max(head) && filter.wants(record);
    Ok((records.into_iter().filter(within).collect(), reached.max(cursor)))
}

/// Versions grow with positions: the first version behind a position is found by halving.
fn first_version_after(
    journal: &Journal,
    stream: StreamId,
    cursor: Option<Position>,
) -> Result<Option<domain::ids::StreamVersion>, ReadError> {
    use domain::ids::StreamVersion;
    let Some(head) = journal.stream_head(stream)? else { return Ok(None) };
    let Some(cursor) = cursor else { return Ok(Some(StreamVersion(0))) };
    if head.position <= cursor {
        return Ok(None);
    }
    let (mut low, mut high) = (0, head.version.0);
    while low < high {
        let middle = low + (high - low) / 2;
        let record = journal.read_stream(stream, StreamVersion(middle), 1)?;
        if record.first().is_some_and(|record| record.position() > cursor) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(Some(StreamVersion(low)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Page,
    Ndjson,
    Records,
    Blocks,
}

impl Form {
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let accept = headers.get(header::ACCEPT).map_or("*/*", |accept| accept.to_str().unwrap_or_default());
        let wants = |kind: &str| {
            accept.split(',').any(|one| one.split(';').next().is_some_and(|one| one.trim() == kind))
        };
        Ok(match () {
            () if wants("application/x-ndjson") => Self::Ndjson,
            () if wants("application/vnd.waybill.records") => Self::Records,
            () if wants("application/vnd.waybill.blocks") => Self::Blocks,
            () if wants("application/json") || wants("*/*") || wants("application/*") => Self::Page,
            () => {
                let detail = format!("expected JSON, NDJSON, records or blocks, got accept `{accept}`");
                let hint = "ask for application/json, application/x-ndjson, application/vnd.waybill.records or …blocks";
                return Err(Problem::new(Code::UnsupportedMediaType, detail, hint));
            }
        })
    }
    const fn media_type(self) -> &'static str {
        match self {
            Self::Page => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Records => "application/vnd.waybill.records",
            Self::Blocks => "application/vnd.waybill.blocks",
        }
    }
}

/// `GET /v1/events`
pub(crate) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let form = Form::of(&headers)?;
    let mut params = Params::of(&uri)?;
    let after = params.take::<Position>("after")?;
    let limit = params.number("limit", u64::MAX)?;
    let filter = Filter::take_whole(&mut params, caller.sight(Action::Events)?)?;
    params.end(PARAMETERS)?;
    if form == Form::Blocks {
        // They hold records of every project.
        caller.may(Action::WholeLog, &Resource::INSTALLATION)?;
    }
    if form == Form::Blocks && (limit.is_some() || !filter.is_all()) {
        let hint = "leave them out, or ask for application/vnd.waybill.records";
        return Err(Problem::new(Code::InvalidParameter, "blocks come whole: no limit and no filter", hint));
    }
    app.tell_all_read(&caller, &filter.sight, filter.project, "events").await;
    if form == Form::Page {
        let limit = limit.unwrap_or(PAGE_DEFAULT).min(PAGE_MAX);
        let read = move || {
            json_page(app.engine.journal(), &filter, after, usize::try_from(limit).unwrap_or(usize::MAX))
        };
        let body = tokio::task::spawn_blocking(read).await.map_err(|error| Problem::internal(&error))??;
        return Ok(([(header::CONTENT_TYPE, form.media_type())], body).into_response());
    }
    let (chunks, stream) = mpsc::channel(4);
    let journal = app.engine.journal().clone();
    tokio::task::spawn_blocking(move || match form {
        Form::Blocks => send_blocks(&journal, after, &chunks),
        _ => send(&journal, &filter, after, limit.unwrap_or(u64::MAX), form, &chunks),
    });
    let body = Body::from_stream(ReceiverStream::new(stream));
    Ok(([(header::CONTENT_TYPE, form.media_type())], body).into_response())
}

fn json_page(
    journal: &Journal,
    filter: &Filter,
    after: Option<Position>,
    limit: usize,
) -> Result<Vec<u8>, Problem> {
    let head = journal.watermark();
    let (mut found, mut cursor) = (Vec::new(), after);
    while found.len() < limit && cursor < head {
        let (records, reached) = read(journal, filter, cursor, EVENTS_PER_READ)?;
        if reached == cursor {
            break;
        }
        cursor = reached;
        found.extend(records);
    }
    if found.len() > limit {
        found.truncate(limit);
        cursor = found.last().map(RawRecord::position);
    }
    let mut body = b"{\"events\":[".to_vec();
    for (index, record) in found.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        show(record, &mut body);
    }
    let rest = serde_json::json!({ "after": cursor, "head": head, "more": cursor < head });
    body.extend_from_slice(b"],");
    body.extend_from_slice(&rest.to_string().as_bytes()[1..]);
    Ok(body)
}

type Chunks = mpsc::Sender<Result<Bytes, std::io::Error>>;

fn send(
    journal: &Journal,
    filter: &Filter,
    after: Option<Position>,
    mut left: u64,
    form: Form,
    chunks: &Chunks,
) {
    let head = journal.watermark();
    let mut cursor = after;
    while cursor < head && left > 0 {
        let max = usize::try_from(left).unwrap_or(usize::MAX).min(EVENTS_PER_READ);
        let (records, reached) = match read(journal, filter, cursor, max) {
            Ok(read) => read,
            Err(error) => {
                // The status line is out: breaking the body off is the only way left to say it.
                let _ = chunks.blocking_send(Err(std::io::Error::other(error.to_string())));
                return;
            }
        };
        if reached == cursor {
            return;
        }
        cursor = reached;
        let mut chunk = Vec::new();
        for record in records.iter().take_while(|record| Some(record.position()) <= head) {
            match form {
                Form::Records => chunk.extend_from_slice(record.bytes()),
                _ => {
                    show(record, &mut chunk);
                    chunk.push(b'\n');
                }
            }
            left = left.saturating_sub(1);
        }
        if !chunk.is_empty() && chunks.blocking_send(Ok(chunk.into())).is_err() {
            return;
        }
    }
}

/// Stored blocks as they are, each behind its length as u32 little endian.
fn send_blocks(journal: &Journal, after: Option<Position>, chunks: &Chunks) {
    let head = journal.watermark();
    let mut cursor = after;
    while cursor < head {
        let blocks = match journal.read_blocks(cursor, BYTES_PER_READ) {
            Ok(blocks) => blocks,
            Err(error) => {
                let _ = chunks.blocking_send(Err(std::io::Error::other(error.to_string())));
                return;
            }
        };
        // Every stored block holds at least one record.
        let last = blocks.last().and_then(|block| journal::block::decode_header(block).ok());
        let Some(last) = last else { return };
        for block in blocks {
            let length = u32::try_from(block.len()).unwrap_or(u32::MAX).to_le_bytes();
            let sent = chunks.blocking_send(Ok(Bytes::copy_from_slice(&length)));
            if sent.is_err() || chunks.blocking_send(Ok(block)).is_err() {
                return;
            }
        }
        cursor = Some(Position(last.first.0 + u64::from(last.count) - 1));
    }
}
