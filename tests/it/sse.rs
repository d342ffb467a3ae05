//! The log over HTTP: pages, lines, stored records and blocks, and server-sent events.

use journal::{RawRecord, block, record};
use kit::server::{Answer, Server, send, within};
use kit::story::{self, RUN, create_project};
use serde_json::{Value, json};

async fn imported() -> Server {
    let server = Server::memory().await;
    story::import(&server.engine, &story::session_items(), 64).await;
    server
}

async fn pages(server: &Server, filter: &str, limit: u64) -> Vec<Value> {
    let (mut events, mut after) = (vec![], String::new());
    loop {
        let page = server.get(&format!("/v1/events?limit={limit}{filter}{after}")).await.ok();
        let found = page["events"].as_array().expect("events");
        assert!(found.len() as u64 <= limit);
        events.extend(found.iter().cloned());
        if page["more"] == false {
            return events;
        }
        after = format!("&after={}", page["after"]);
    }
}

async fn accepted(server: &Server, path: &str, kind: &str) -> bytes::Bytes {
    let response = server.request("GET", path).header("accept", kind).send().await.expect("it answers");
    assert_eq!(
        (response.status().as_u16(), response.headers()["content-type"].as_bytes()),
        (200, kind.as_bytes())
    );
    within("the body", response.bytes()).await.expect("it ends well")
}

fn lines(text: &[u8]) -> Vec<Value> {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).expect("lines are JSON")).collect()
}

fn positions(events: &[Value]) -> Vec<u64> {
    events.iter().map(|event| event["position"].as_u64().expect("a position")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_form_holds_the_same_events() {
    let server = imported().await;
    let head = server.head().expect("events were written").0;
    let all = pages(&server, "", 97).await;
    assert_eq!(positions(&all), (0..=head).collect::<Vec<_>>());
    assert!(all == pages(&server, "", 10_000).await);
    let ndjson = lines(&accepted(&server, "/v1/events", "application/x-ndjson").await);
    assert!(ndjson == all, "NDJSON differs from JSON");
    let part = lines(&accepted(&server, "/v1/events?after=9&limit=20", "application/x-ndjson").await);
    assert!(part == all[10..30]);

    let mut rest = accepted(&server, "/v1/events", "application/vnd.waybill.records").await;
    let mut shown = vec![];
    while !rest.is_empty() {
        let record =
            RawRecord::parse(rest.split_to(record::length(&rest).expect("a record tells its length")));
        let record = record.expect("it is a record");
        record.check().expect("its checksum fits");
        shown.push(serde_json::to_value(engine::decode(&record).expect("an event")).expect("JSON"));
    }
    assert!(shown == all, "records differ from JSON");

    let mut blocks = accepted(&server, "/v1/events", "application/vnd.waybill.blocks").await;
    let mut shown = vec![];
    while !blocks.is_empty() {
        let length =
            usize::try_from(u32::from_le_bytes(blocks[..4].try_into().expect("4 bytes"))).expect("small");
        let block = block::decode(blocks.slice(4..4 + length)).expect("it is a block");
        for record in block.records() {
            shown.push(serde_json::to_value(engine::decode(&record).expect("an event")).expect("JSON"));
        }
        blocks = blocks.slice(4 + length..);
    }
    assert!(shown == all, "blocks differ from JSON");
}

/// When it happened; texts of equal form order as instants do.
fn when(event: &Value) -> &str {
    event["occurred_at"].as_str().or_else(|| event["time"].as_str()).expect("every event has a time")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_equal_a_filter_of_the_whole() {
    let server = imported().await;
    let create = create_project(5);
    let _ = server.post(&create.0, &create.1).await.ok();
    let all = pages(&server, "", 10_000).await;
    let of = |field: &str, n: usize| all[n][field].as_str().expect("a text").to_owned();
    let (stream, project) = (of("stream", all.len() / 2), of("project", all.len() / 2));
    let (actor, noon) = (of("actor", all.len() - 1), when(&all[all.len() / 2]).to_owned());
    let filters: Vec<(String, Wanted<'_>)> = vec![
        (format!("stream={stream}"), Box::new(|event| event["stream"] == stream.as_str())),
        (format!("project={project}"), Box::new(|event| event["project"] == project.as_str())),
        ("type=ToolCalled".into(), Box::new(|event| event["type"] == "ToolCalled")),
        ("category=sandbox".into(), Box::new(|event| is_of(event, "sandbox"))),
        ("category=run&type=ToolReturned".into(), Box::new(|event| event["type"] == "ToolReturned")),
        (format!("stream={stream}&type=ToolCalled"), Box::new(|event| event["type"] == "ToolCalled")),
        (format!("stream=run-{RUN}"), Box::new(|_| false)),
        ("category=learning".into(), Box::new(|_| false)),
        (format!("actor={actor}"), Box::new(|event| event["actor"] == actor.as_str())),
        (
            format!("actor={actor}&category=project"),
            Box::new(|event| event["actor"] == actor.as_str() && is_of(event, "project")),
        ),
        ("actor=user-01J00000000000000000000999".into(), Box::new(|_| false)),
        (format!("since={noon}"), Box::new(|event| when(event) >= noon.as_str())),
        (format!("until={noon}"), Box::new(|event| when(event) < noon.as_str())),
        (format!("since={noon}&until={noon}"), Box::new(|_| false)),
    ];
    for (filter, wants) in &filters {
        let expected: Vec<_> = all.iter().filter(|event| wants(event)).cloned().collect();
        for limit in [7, 512, 10_000] {
            let found = pages(&server, &format!("&{filter}"), limit).await;
            assert!(found == expected, "{filter}, limit {limit}: {} of {}", found.len(), expected.len());
        }
        let ndjson = lines(&accepted(&server, &format!("/v1/events?{filter}"), "application/x-ndjson").await);
        assert!(ndjson == expected, "{filter} as NDJSON");
        let few = accepted(&server, &format!("/v1/events?{filter}&limit=3"), "application/x-ndjson").await;
        assert!(lines(&few) == expected[..expected.len().min(3)], "{filter}, 3 lines");
    }
}

type Wanted<'a> = Box<dyn Fn(&Value) -> bool + 'a>;

fn is_of(event: &Value, category: &str) -> bool {
    event["stream"].as_str().is_some_and(|stream| stream.starts_with(category))
}

/// Server-sent events as they come, until `count` of them are there.
async fn sent(response: &mut reqwest::Response, count: usize) -> Vec<(u64, Value)> {
    let (mut text, mut events) = (Vec::new(), Vec::new());
    while events.len() < count {
        let chunk = within("an event", response.chunk()).await.expect("it goes on").expect("it does not end");
        text.extend_from_slice(&chunk);
        while let Some(end) = text.windows(2).position(|two| two == b"\n\n") {
            let one: Vec<u8> = text.drain(..end + 2).collect();
            events.extend(event(&String::from_utf8_lossy(&one)));
        }
    }
    assert_eq!(events.len(), count, "more than was written");
    events
}

fn event(text: &str) -> Option<(u64, Value)> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name).map(str::trim));
    Some((field("id:")?.parse().ok()?, serde_json::from_str(field("data:")?).ok()?))
}

async fn live(server: &Server, query: &str, last: Option<u64>) -> reqwest::Response {
    let mut request = server.request("GET", &format!("/v1/events/live{query}"));
    if let Some(last) = last {
        request = request.header("last-event-id", last.to_string());
    }
    let response = within("the head", request.send()).await.expect("it answers");
    assert_eq!(response.headers()["content-type"].as_bytes(), b"text/event-stream");
    response
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_sent_from_a_place_and_then_as_they_come() {
    let server = imported().await;
    let all = pages(&server, "", 10_000).await;
    let mut behind = live(&server, "?after=9", None).await;
    let mut resumed = live(&server, "?after=2", Some(19)).await;
    let mut now = live(&server, "", None).await;
    let mut filtered = live(&server, "?after=0&category=project", None).await;
    let create = create_project(5);
    let _ = server.post(&create.0, &create.1).await.ok();
    let last: Value = pages(&server, "", 10_000).await.pop().expect("an event");
    for (response, from) in [(&mut behind, 10), (&mut resumed, 20), (&mut now, all.len())] {
        // The claim of the slug comes before the project.
        let events = sent(response, all.len() + 2 - from).await;
        let ids: Vec<_> = events.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, (from as u64..=all.len() as u64 + 1).collect::<Vec<_>>());
        assert!(events.iter().all(|(id, event)| event["position"] == *id));
        assert_eq!(events.last().map(|(_, event)| event), Some(&last));
    }
    let events = sent(&mut filtered, 2).await;
    assert!(events.iter().all(|(_, event)| is_of(event, "project")));
    assert_eq!(events[1].1, last);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_log_has_an_empty_page() {
    let server = Server::memory().await;
    let page = server.get("/v1/events").await.ok();
    assert_eq!(page, json!({ "events": [], "after": null, "head": null, "more": false }));
    let Answer { text, .. } =
        send(server.request("GET", "/v1/events").header("accept", "application/x-ndjson")).await;
    assert_eq!(text, "");
}
