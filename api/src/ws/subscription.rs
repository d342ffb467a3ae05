//! One subscription: where the client is, and what it has not seen. Catching up and following are one step.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::authority::{Action, Sight};
use domain::ids::Position;
use engine::{Generation, Reading, Resumed};
use journal::Journal;
use projections::{Delta, Row, Scope};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::frames::{From, ServerFrame, with_id};
use super::session::PROGRESS;
use super::shared::{Key, Piece};
use crate::access::check_view;
use crate::credentials::Caller;
use crate::events::{FILTERS, Filter, read, show};
use crate::problem::{Code, Problem};
use crate::query::Params;
use crate::state::App;
use crate::views::query;

/// A snapshot goes in parts of about this size.
const PART_BYTES: usize = 256 << 10;
const EVENTS_PER_FRAME: usize = 128;
/// A frame of events has about so many bytes at most: whoever reads nothing holds two of them.
const EVENTS_FRAME_BYTES: usize = 32 << 10;
const TOPIC_MAX_BYTES: usize = 300;

enum Topic {
    View(Reading),
    /// A view as it was.
    Past(Reading, engine::At),
    Events(Filter),
}

/// Where the client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// It has nothing, or what it has is void.
    Nothing,
    /// It has taken everything up to here into account.
    Position(Option<Position>),
}

pub(super) struct Subscription {
    topic: Topic,
    /// Topic and parameters: those of equal name are told the same.
    name: Arc<str>,
    at: At,
    /// Which state of the view it was told of last.
    generation: Option<Generation>,
    /// Why what the client brought is void, until it is told.
    void: Option<&'static str>,
    /// Whether the last frame said that nothing more is known.
    live: bool,
    told: Instant,
    span: tracing::Span,
}

/// Frames to send, and whether there is more at once.
#[derive(Default)]
pub(super) struct Output {
    pub(super) frames: Vec<String>,
    pub(super) more: bool,
    /// Whether nothing will follow.
    pub(super) ended: bool,
}

impl Output {
    fn push(&mut self, frame: &ServerFrame<'_>) {
        self.frames.push(frame.text());
    }
}

impl Subscription {
    pub(super) async fn open(
        app: &App,
        caller: &Caller,
        id: &str,
        topic: &str,
        params: BTreeMap<String, String>,
        from: Option<From>,
        at: Option<&str>,
    ) -> Result<Self, Problem> {
        let name = format!("{topic} {params:?}");
        let (parsed, sight) = parse(app, caller, topic, Params::new(params)).await?;
        // Those who see less are told less: they share nothing with those who see more.
        let name = format!("{name} {sight:?}").into();
        let parsed = match at {
            Some(at) => past(parsed, at, from.is_some())?,
            None => parsed,
        };
        let span = tracing::info_span!("subscription", id, topic);
        let void = from.and_then(|from| why_void(app, &from));
        let at = match from {
            Some(from) if void.is_none() => At::Position(from.position),
            _ => At::Nothing,
        };
        span.in_scope(|| tracing::info!(resumed = ?from.and_then(|from| from.position), void, "subscribed"));
        let generation = None;
        Ok(Self { topic: parsed, name, at, generation, void, live: false, told: Instant::now(), span })
    }

    /// Whether it has news when the live views have moved; otherwise, when the log has.
    pub(super) fn follows_views(&self) -> bool {
        matches!(&self.topic, Topic::View(reading) if reading.spec().scope == Scope::Live)
    }

    /// What the client has not seen, a bounded piece of it.
    pub(super) async fn next(&mut self, app: &App, id: &str) -> Result<Output, Problem> {
        let mut output = Output::default();
        if let Some(reason) = self.void.take() {
            output.push(&ServerFrame::Reset { id, reason });
        }
        match &self.topic {
            Topic::View(reading) => {
                let reading = reading.clone();
                self.view(app, reading, id, &mut output).await?;
            }
            Topic::Past(reading, at) => {
                let (reading, at) = (reading.clone(), *at);
                past_rows(reading, at, id, &mut output).await?;
            }
            Topic::Events(filter) => {
                let filter = filter.clone();
                self.events(app, filter, id, &mut output).await?;
            }
        }
        if !output.frames.is_empty() {
            self.told = Instant::now();
        }
        Ok(output)
    }

    async fn view(
        &mut self,
        app: &App,
        reading: Reading,
        id: &str,
        output: &mut Output,
    ) -> Result<(), Problem> {
        let (generation, unbroken) = reading.generation();
        let before = self.generation.replace(generation);
        if let Some(before) = before.filter(|before| *before != generation) {
            let (view, version) = (reading.spec().name, reading.spec().version);
            output.push(&ServerFrame::View { id, view, version, generation: generation.0 });
            if before < unbroken {
                return self.snapshot(reading, id, output).await;
            }
        }
        let since = match self.at {
            At::Nothing => return self.snapshot(reading, id, output).await,
            // To a reader of an empty log every row is news.
            At::Position(None) => match blocking(&reading, |reading| reading.changes(None)).await? {
                // The whole view in one frame, where a snapshot goes in parts.
                Resumed::Delta(delta, _) if part_len(&delta.set) < delta.set.len() => {
                    return self.start_over(reading, id, output).await;
                }
                resumed => return self.changed(reading, &piece(None, resumed), None, id, output).await,
            },
            At::Position(Some(since)) => since,
        };
        let head = match reading.spec().scope {
            Scope::Live => app.engine.folded(),
            Scope::Stream(_) => app.engine.journal().watermark(),
        };
        let key = Key { head, from: Some(since), topic: self.name.clone(), generation };
        let make = || async {
            let changes = move |reading: &Reading| reading.changes(Some(since));
            Ok(piece(Some(since), blocking(&reading, changes).await?))
        };
        let piece = app.pieces.get(key, make).await?;
        self.changed(reading, &piece, Some(since), id, output).await
    }

    async fn changed(
        &mut self,
        reading: Reading,
        piece: &Piece,
        since: Option<Position>,
        id: &str,
        output: &mut Output,
    ) -> Result<(), Problem> {
        if piece.too_far {
            return self.start_over(reading, id, output).await;
        }
        // After a restart the view may have yet to catch up with what the client has seen.
        if piece.to < since {
            return Ok(());
        }
        if let Some(news) = &piece.news {
            output.frames.push(with_id("delta", id, news));
            self.at = At::Position(piece.to);
        }
        self.tell_position(id, piece.to, since, piece.news.is_some(), output);
        Ok(())
    }

    async fn start_over(&mut self, reading: Reading, id: &str, output: &mut Output) -> Result<(), Problem> {
        output.push(&ServerFrame::Reset { id, reason: "history" });
        self.snapshot(reading, id, output).await
    }

    /// The whole view, in parts.
    async fn snapshot(&mut self, reading: Reading, id: &str, output: &mut Output) -> Result<(), Problem> {
        let (page, position) = blocking(&reading, Reading::page).await?;
        parts(&page.rows, position, id, output);
        self.at = At::Position(position);
        self.live = true;
        output.push(&ServerFrame::Live { id, position });
        Ok(())
    }

    async fn events(
        &mut self,
        app: &App,
        filter: Filter,
        id: &str,
        output: &mut Output,
    ) -> Result<(), Problem> {
        let from = match self.at {
            At::Nothing => None,
            At::Position(position) => position,
        };
        let journal = app.engine.journal().clone();
        let head = journal.watermark();
        if from >= head {
            self.at = At::Position(from);
            self.tell_position(id, from, from, false, output);
            return Ok(());
        }
        let key = Key { head, from, topic: self.name.clone(), generation: Generation::default() };
        let make = || async {
            let read = tokio::task::spawn_blocking(move || events(&journal, &filter, from));
            read.await.map_err(|error| Problem::internal(&error))?
        };
        let piece = app.pieces.get(key, make).await?;
        let to = piece.to;
        output.more = to < head && to > from;
        if let Some(news) = &piece.news {
            output.frames.push(with_id("events", id, news));
        } else if output.more {
            // Nothing to say yet; the place is kept, the client's is where it was last told.
            self.at = At::Position(to);
            output.push(&ServerFrame::Live { id, position: to });
            return Ok(());
        }
        let news = piece.news.is_some();
        if news {
            self.at = At::Position(to);
        }
        if !output.more {
            self.tell_position(id, to, from, news, output);
        }
        Ok(())
    }

    /// Says where the client is now: once when it has caught up, and now and then while nothing concerns it.
    fn tell_position(
        &mut self,
        id: &str,
        to: Option<Position>,
        since: Option<Position>,
        news: bool,
        output: &mut Output,
    ) {
        let moved = to > since && !news;
        if !self.live || (moved && self.told.elapsed() >= PROGRESS) {
            output.push(&ServerFrame::Live { id, position: to });
            self.at = At::Position(to);
            self.live = true;
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.span.in_scope(|| tracing::info!(at = ?self.at, "unsubscribed"));
    }
}

/// Rows in parts.
fn parts(rows: &[Row], position: Option<Position>, id: &str, output: &mut Output) {
    let (mut rest, mut part) = (rows, 0);
    loop {
        let (data, after) = rest.split_at(part_len(rest));
        let last = after.is_empty();
        output.push(&ServerFrame::Snap { id, position, part, last, data });
        if last {
            return;
        }
        (rest, part) = (after, part + 1);
    }
}

/// A view as it was, and that this is all.
async fn past_rows(reading: Reading, at: engine::At, id: &str, output: &mut Output) -> Result<(), Problem> {
    let read = tokio::task::spawn_blocking(move || reading.page_at(at)).await;
    let (page, position) = read.map_err(|error| Problem::internal(&error))??;
    parts(&page.rows, position, id, output);
    output.push(&ServerFrame::End { id, position });
    output.ended = true;
    Ok(())
}

/// The topic as of a point in history.
fn past(topic: Topic, at: &str, resumes: bool) -> Result<Topic, Problem> {
    let at: engine::At = at.parse().map_err(|error| Problem::parameter("at", &error))?;
    match topic {
        Topic::View(reading) if !resumes => Ok(Topic::Past(reading, at)),
        Topic::View(_) => {
            let detail = "`at` and `from` came together";
            Err(Problem::new(Code::InvalidParameter, detail, "leave `from` out: history does not go on"))
        }
        _ => {
            let detail = "only a view is read `at` a point in history";
            Err(Problem::new(Code::InvalidParameter, detail, "read events `after` a position over HTTP"))
        }
    }
}

/// What changed since `from`, as every subscriber there is told.
fn piece(from: Option<Position>, resumed: Resumed) -> Piece {
    match resumed {
        Resumed::TooFarBehind => Piece { to: from, news: None, too_far: true },
        Resumed::Delta(Delta { set, del }, to) => {
            let frame = ServerFrame::Delta { id: "", from, to, set: &set, del: &del };
            let news = (!set.is_empty() || !del.is_empty()).then(|| frame.behind_id());
            Piece { to, news, too_far: false }
        }
    }
}

/// The next events after `from`, as every subscriber there is told.
fn events(journal: &Journal, filter: &Filter, from: Option<Position>) -> Result<Piece, Problem> {
    let (records, to) = read(journal, filter, from, EVENTS_PER_FRAME)?;
    let shown = |record| {
        let mut json = Vec::new();
        show(record, &mut json);
        let json = String::from_utf8(json).expect("JSON is UTF-8");
        RawValue::from_string(json).expect("the serializer writes JSON")
    };
    let mut events: Vec<_> = records.iter().map(shown).collect();
    let kept = fitting(events.iter().map(|event| event.get().len()), EVENTS_FRAME_BYTES);
    let to = if kept < events.len() { Some(records[kept - 1].position()) } else { to };
    events.truncate(kept);
    let frame = ServerFrame::Events { id: "", from, to, events: &events };
    let news = (!events.is_empty()).then(|| frame.behind_id());
    Ok(Piece { to, news, too_far: false })
}

/// Live views are read where they stand; per-stream ones may have to read the log.
async fn blocking<T: Send + 'static>(
    reading: &Reading,
    read: impl FnOnce(&Reading) -> Result<T, engine::ViewError> + Send + 'static,
) -> Result<T, Problem> {
    if reading.spec().scope == Scope::Live {
        return Ok(read(reading)?);
    }
    let reading = reading.clone();
    let result = tokio::task::spawn_blocking(move || read(&reading)).await;
    Ok(result.map_err(|error| Problem::internal(&error))??)
}

fn part_len(rows: &[Row]) -> usize {
    fitting(rows.iter().map(|row| row.key.len() + row.row.get().len()), PART_BYTES)
}

/// How many of these go together: as many as have at most so many bytes, and one that is larger alone.
fn fitting(lengths: impl ExactSizeIterator<Item = usize>, most: usize) -> usize {
    let (mut bytes, all) = (0, lengths.len());
    let fits = |length: &usize| {
        bytes += length;
        bytes <= most
    };
    lengths.take_while(fits).count().max(1).min(all)
}

async fn parse(
    app: &App,
    caller: &Caller,
    topic: &str,
    mut params: Params,
) -> Result<(Topic, Sight), Problem> {
    if topic == "events" {
        let sight = caller.sight(Action::Events)?;
        let filter = Filter::take(&mut params, sight.clone())?;
        params.end(FILTERS)?;
        app.tell_all_read(caller, &sight, filter.project, "events").await;
        return Ok((Topic::Events(filter), sight));
    }
    let Some(view) = topic.strip_prefix("view:").filter(|_| topic.len() <= TOPIC_MAX_BYTES) else {
        let detail = format!("unknown topic `{}`", topic.chars().take(80).collect::<String>());
        return Err(Problem::new(
            Code::UnknownRoute,
            detail,
            "subscribe to events, view:NAME or view:NAME/KEY",
        ));
    };
    let (name, key) = view.split_once('/').map_or((view, None), |(name, key)| (name, Some(key)));
    let sight = caller.sight(Action::Views)?;
    let query = query(params, sight.clone())?;
    let ordered = query.order_by.is_some() || query.descending;
    if query.limit.is_some() || query.after.is_some() || ordered {
        let hint = "subscribe with filters; page over HTTP";
        return Err(Problem::new(
            Code::InvalidParameter,
            "a subscription takes no limit, after or order",
            hint,
        ));
    }
    let reading = app.engine.reading(name, key, query)?;
    check_view(app, caller, &reading).await?;
    Ok((Topic::View(reading), sight))
}

/// Why a place that a client brought cannot be resumed from.
fn why_void(app: &App, from: &From) -> Option<&'static str> {
    let journal = app.engine.journal();
    let identity = journal.identity();
    if from.log != identity.log_id {
        Some("log")
    } else if from.epoch != identity.epoch {
        Some("epoch")
    } else if from.position > journal.watermark() {
        Some("ahead")
    } else {
        None
    }
}
