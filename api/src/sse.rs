//! The log as server-sent events: catching up and following are one loop.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::authority::Action;
use domain::ids::Position;
use http::{HeaderMap, Uri};
use journal::RawRecord;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::credentials::Caller;
use crate::events::{FOLLOWED, Filter, read, show};
use crate::problem::Problem;
use crate::query::Params;
use crate::state::App;

const EVENTS_PER_READ: usize = 1024;

type Sent = Result<Event, Infallible>;

/// `GET /v1/events/live`: from `after`, or from `Last-Event-ID`, or from now on.
pub(crate) async fn live(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let mut params = Params::of(&uri)?;
    let after = params.take::<Position>("after")?;
    let filter = Filter::take_whole(&mut params, caller.sight(Action::Events)?)?;
    app.tell_all_read(&caller, &filter.sight, filter.project, "events").await;
    params.end(FOLLOWED)?;
    let resumed = match headers.get("last-event-id") {
        None => None,
        Some(id) => {
            let text = id.to_str().unwrap_or_default();
            Some(text.parse().map_err(|error| Problem::parameter("Last-Event-ID", &error))?)
        }
    };
    let cursor = resumed.or(after).or_else(|| app.engine.journal().watermark());
    let (sender, receiver) = mpsc::channel(64);
    tokio::spawn(follow(app, caller, filter, cursor, sender));
    let alive = KeepAlive::new().interval(Duration::from_secs(15));
    Ok(Sse::new(ReceiverStream::new(receiver)).keep_alive(alive).into_response())
}

async fn follow(
    app: App,
    caller: Caller,
    filter: Filter,
    mut cursor: Option<Position>,
    sender: mpsc::Sender<Sent>,
) {
    let mut watermark = app.head.subscribe();
    let mut stopping = app.stopping.clone();
    loop {
        let head = *watermark.borrow_and_update();
        while cursor < head {
            // Whoever asked may have lost what let them.
            if !app.is_still(&caller) {
                return;
            }
            let (journal, filter) = (app.engine.journal().clone(), filter.clone());
            let read =
                tokio::task::spawn_blocking(move || read(&journal, &filter, cursor, EVENTS_PER_READ)).await;
            let Ok(Ok((records, reached))) = read else {
                tracing::error!("the log cannot be read: live events end");
                return;
            };
            for record in &records {
                if sender.send(Ok(event(record))).await.is_err() {
                    return;
                }
            }
            if reached == cursor {
                break;
            }
            cursor = reached;
        }
        tokio::select! {
            changed = watermark.changed() => if changed.is_err() { return },
            () = crate::state::stopped(&mut stopping) => return,
            () = sender.closed() => return,
        }
    }
}

fn event(record: &RawRecord) -> Event {
    let mut data = Vec::new();
    show(record, &mut data);
    let data = String::from_utf8(data).expect("JSON is UTF-8");
    Event::default().id(record.position().to_string()).data(data)
}
