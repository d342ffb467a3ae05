//! What HTTP refuses, in which words, and that refusals write nothing.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use kit::raw;
use kit::server::{Answer, Server, TOKEN, send};
use kit::story::{PROJECT, RUN, STEP, create_project, id};
use serde_json::json;

/// What a request looks like, and the answer that it gets.
struct Table<'a> {
    server: &'a Server,
    text: String,
}

impl Table<'_> {
    async fn post(&mut self, path: &str, body: &str) {
        let request = self.server.request("POST", path).header("content-type", "application/json");
        let answer = send(request.body(body.to_owned())).await;
        self.add(&format!("{path} {}", body.chars().take(60).collect::<String>()), &answer);
    }
    async fn get(&mut self, path: &str) {
        let answer = self.server.get(path).await;
        self.add(path, &answer);
    }
    fn add(&mut self, what: &str, answer: &Answer) {
        let port = self.server.address.port().to_string();
        let problem = answer.problem().replace(&port, "PORT");
        writeln!(self.text, "{}\n    {problem}", what.trim()).expect("strings take text");
    }
    fn check(self, expected: &Expect) {
        expected.assert_eq(&self.text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::too_many_lines, reason = "a table of requests and their answers")]
async fn bad_commands_are_refused_and_write_nothing() {
    let server = Server::lived().await;
    let head = server.head();
    let mut table = Table { server: &server, text: String::new() };
    let create = format!("/v1/project/{}/create", id(8));
    let other = format!("/v1/run/{}/request", id(9));
    let step = format!("/v1/run/{RUN}/start-step");
    let deep = format!("{{\"name\":{}1{}}}", "[".repeat(300), "]".repeat(300));
    let long = format!("{{\"slug\":\"p\",\"name\":\"{}\"}}", "x".repeat(5000));
    let unknown_project = json!({ "project": id(77), "source": "workflow", "prompt": "p" }).to_string();
    let usage = |tokens: &str| format!("{{\"step\":\"{STEP}\",\"model\":\"m\",\"input_tokens\":{tokens}}}");
    let record = format!("/v1/run/{RUN}/record-usage");
    for (path, body) in [
        (&create, "{"),
        (&create, ""),
        (&create, "[]"),
        (&create, "null"),
        (&create, "[\"p\",\"Name\",null,null,null]"),
        (&create, "{\"slug\":1,\"name\":\"x\"}"),
        (&create, "{\"slug\":\"p\",\"name\":\"x\",\"extra\":1}"),
        (&create, "{\"slug\":\"p\",\"slug\":\"q\",\"name\":\"x\"}"),
        (&create, "{\"slug\":\"p\",\"name\":\"x\"} trailing"),
        (&create, "{\"slug\":\"Not A Slug\",\"name\":\"x\"}"),
        (&create, "{\"slug\":\"p\",\"name\":\"\"}"),
        (&create, "{\"slug\":\"p\",\"name\":\"\\ud800\"}"),
        (&create, &deep),
        (&create, &long),
        (&record, &usage("-1")),
        (&record, &usage("1.5")),
        (&record, &usage("NaN")),
        (&record, &usage("1e400")),
        (&record, &usage("18446744073709551616")),
        (&other, &unknown_project),
        (&step, "{\"step\":\"x\",\"role\":\"designer\"}"),
        (&step, "{\"step\":\"01J00000000000000000000009\",\"role\":\"king\"}"),
        (&step, "{\"step\":\"01J00000000000000000000009\",\"role\":\"designer\"}"),
        (&format!("/v1/project/{PROJECT}/create"), "{\"slug\":\"p\",\"name\":\"x\"}"),
        (&format!("/v1/run/{}/start", id(9)), "{}"),
        (&format!("/v1/run/{RUN}/fly"), "{}"),
        (&format!("/v1/unicorn/{RUN}/start"), "{}"),
        (&format!("/v1/log/{RUN}/start"), "{}"),
        (&"/v1/run/1/start".to_owned(), "{}"),
        (&"/v1/run/%ff/start".to_owned(), "{}"),
        (&"/v1/nothing".to_owned(), "{}"),
    ] {
        table.post(path, body).await;
    }
    table.check(&expect![[r#"
        /v1/project/01J00000000000000000000008/create {
            400 invalid_body: body of `create` does not fit: EOF while parsing an object at line 1 column 1 | /openapi.json has the schema of every body
        /v1/project/01J00000000000000000000008/create
            400 invalid_body: body of `create` does not fit: missing field `slug` at line 1 column 2 | /openapi.json has the schema of every body
        /v1/project/01J00000000000000000000008/create []
            400 invalid_body: body of `create` does not fit: invalid length 0, expected struct CreateProject with 5 elements at line 1 column 2 | /openapi.json has the schema of every body
        /v1/project/01J00000000000000000000008/create null
            400 invalid_body: body of `create` does not fit: invalid type: null, expected struct CreateProject at line 1 column 4 | /openapi.json has the schema of every body
        /v1/project/01J00000000000000000000008/create ["p","Name",null,null,null]
            400 invalid_body: body of `create` does not fit: expected an object | /openapi.json has the schema of every body
        /v1/project/01J00000000000000000000008/create {"slug":1,"name":"x"}
            400 invalid_body: body of `create` does not fit: invalid type: integer `1`, expected a string at line 1 column 9 | /openapi.json has the schema of every body
        /v1/project/01J00000000000000000000008/create {"slug":"p","name":"x","extra":1}
            400 invalid_body: body of `create` does not fit: unknown field `extra`, expected one of `slug`, `name`, `owner`, `repository_url`, `logo_url` at line 1 column 30 | /openapi.json has the schema of every body
        /v1/project/01J00000000000000000000008/create {"slug":"p","slug":"q","name":"x"}
            400 invalid_body: body of `create` does not fit: duplicate field `slug` at line 1 column 18 | /openapi.json has the schema of every body
        /v1/project/01J00000000000000000000008/create {"slug":"p","name":"x"} trailing
            400 invalid_body: body of `create` does not fit: trailing characters at line 1 column 25 | /openapi.json has the schema of every body
        /v1/project/01J00000000000000000000008/create {"slug":"Not A Slug","name":"x"}
            422 invalid_field [slug]: `slug`: expected 1 to 63 of a-z, 0-9 and single hyphens, no hyphen at either end, got `Not A Slug` | send a value within what is expected; /openapi.json lists every field
        /v1/project/01J00000000000000000000008/create {"slug":"p","name":""}
            422 invalid_field [name]: `name`: expected 1 to 200 bytes on one line, not blank, got `` | send a value within what is expected; /openapi.json lists every field
        /v1/project/01J00000000000000000000008/create {"slug":"p","name":"\ud800"}
            400 invalid_body: body of `create` does not fit: unexpected end of hex escape at line 1 column 27 | /openapi.json has the schema of every body
        /v1/project/01J00000000000000000000008/create {"name":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
            400 invalid_body: body of `create` does not fit: invalid type: sequence, expected a string at line 1 column 8 | /openapi.json has the schema of every body
        /v1/project/01J00000000000000000000008/create {"slug":"p","name":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
            422 invalid_field [name]: `name`: expected 1 to 200 bytes on one line, not blank, got `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` (5000 bytes) | send a value within what is expected; /openapi.json lists every field
        /v1/run/01J00000000000000000000002/record-usage {"step":"01J00000000000000000000003","model":"m","input_toke
            400 invalid_body: body of `record-usage` does not fit: invalid value: integer `-1`, expected u64 at line 1 column 66 | /openapi.json has the schema of every body
        /v1/run/01J00000000000000000000002/record-usage {"step":"01J00000000000000000000003","model":"m","input_toke
            400 invalid_body: body of `record-usage` does not fit: invalid type: floating point `1.5`, expected u64 at line 1 column 67 | /openapi.json has the schema of every body
        /v1/run/01J00000000000000000000002/record-usage {"step":"01J00000000000000000000003","model":"m","input_toke
            400 invalid_body: body of `record-usage` does not fit: expected value at line 1 column 65 | /openapi.json has the schema of every body
        /v1/run/01J00000000000000000000002/record-usage {"step":"01J00000000000000000000003","model":"m","input_toke
            400 invalid_body: body of `record-usage` does not fit: number out of range at line 1 column 69 | /openapi.json has the schema of every body
        /v1/run/01J00000000000000000000002/record-usage {"step":"01J00000000000000000000003","model":"m","input_toke
            400 invalid_body: body of `record-usage` does not fit: invalid type: floating point `1.8446744073709552e+19`, expected u64 at line 1 column 84 | /openapi.json has the schema of every body
        /v1/run/01J00000000000000000000009/request {"project":"01J00000000000000000000077","prompt":"p","source
            422 unknown_reference: `project-01J00000000000000000000077` does not exist | create it first, or check the id
        /v1/run/01J00000000000000000000002/start-step {"step":"x","role":"designer"}
            400 invalid_body: body of `start-step` does not fit: expected a ULID of 26 characters (Crockford base32), got `x` at line 1 column 11 | /openapi.json has the schema of every body
        /v1/run/01J00000000000000000000002/start-step {"step":"01J00000000000000000000009","role":"king"}
            400 invalid_body: body of `start-step` does not fit: unknown variant `king`, expected one of `designer`, `checker`, `optimizer`, `prompter`, `investigator`, `deep-dive`, `evaluator`, `judge`, `answerer`, `merge_agent`, `planner`, `reviewer`, `custom` at line 1 column 50 | /openapi.json has the schema of every body
        /v1/run/01J00000000000000000000002/start-step {"step":"01J00000000000000000000009","role":"designer"}
            409 illegal_state: expected run to be running, but it is completed | read the aggregate's view for its state, then send the command that fits
        /v1/project/01J00000000000000000000001/create {"slug":"p","name":"x"}
            409 already_exists: project exists already | use another id, or repeat the first request under its own idempotency key
        /v1/run/01J00000000000000000000009/start {}
            404 not_found: run does not exist | check the id; the first command of an aggregate creates it
        /v1/run/01J00000000000000000000002/fly {}
            404 unknown_route: unknown command `fly`, expected one of request, start, create-branch, start-step, append-step-message, continue-step-content, record-tool-call, record-tool-result, record-usage, issue-verdict, issue-scores, issue-judgement, complete-step, fail-step, skip-step, iterate-loop, force-loop-on, open-pull-request, update-pull-request, record-ci-checks, steer, fork, complete, fail, cancel, record-unrecognised-line, record-merge, await-approval, record-telemetry | /openapi.json lists every route, command and view
        /v1/unicorn/01J00000000000000000000002/start {}
            404 unknown_route: expected one of log, project, sandbox, run, learning, context, asset, script-execution, plan, issue-session, answering-session, issue, work-chain, sprint-chain, recurring-task, learning-document, routing, review-cycle, trigger, firing, heartbeat, budget-pool, brain, decision, pattern, mistake, research-note, session-summary, agent-definition, session, notification, claim, workflow, persona, access-log, user, pass, view-care, metric, identity, webhook-delivery, team, experiment, erasure, got `unicorn` | /openapi.json lists every route, command and view
        /v1/log/01J00000000000000000000002/start {}
            404 unknown_route: unknown command `start`, expected one of  | /openapi.json lists every route, command and view
        /v1/run/1/start {}
            400 invalid_parameter [id]: `id`: expected a ULID of 26 characters (Crockford base32), got `1` | use the aggregate's ULID; the first command under a new one creates it
        /v1/run/%ff/start {}
            400 invalid_parameter: Invalid URL: Invalid UTF-8 in `id` | percent-encode the path as UTF-8
        /v1/nothing {}
            404 unknown_route: there is no route `/v1/nothing` | /openapi.json lists every route, command and view
    "#]]);
    assert_eq!(server.head(), head);
    // What came before is whole.
    let runs = server.get("/v1/views/runs").await.ok();
    assert_eq!(runs["rows"][0]["row"]["status"], "completed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_headers_are_refused_and_write_nothing() {
    let server = Server::lived().await;
    let head = server.head();
    let mut table = Table { server: &server, text: String::new() };
    let (path, body) = create_project(2);
    for (name, value) in [
        ("idempotency-key", "not a ulid"),
        ("if-match", "yesterday"),
        ("waybill-occurred-at", "yesterday"),
        ("waybill-causation", "1"),
        ("waybill-correlation", "1"),
        ("waybill-actor", "operator"),
        ("waybill-actor", "user-01J00000000000000000000001"),
        ("content-type", "text/plain"),
        ("content-type", "application/x-www-form-urlencoded"),
    ] {
        let request = server.request("POST", &path).header("content-type", "application/json");
        let mut request = request.body(body.to_string()).build().expect("a request");
        request.headers_mut().insert(name, value.parse().expect("a value"));
        let answer = send_built(request).await;
        table.add(&format!("{name}: {value}"), &answer);
    }
    table.check(&expect![[r#"
        idempotency-key: not a ulid
            400 invalid_parameter [idempotency-key]: `idempotency-key`: expected a ULID of 26 characters (Crockford base32), got `not a ulid` | send a ULID of 26 characters (Crockford base32), or leave `idempotency-key` out
        if-match: yesterday
            400 invalid_parameter [if-match]: `if-match`: expected a version, or any, none, exists, got `yesterday` | send a version, or any, none, exists, or leave `if-match` out
        waybill-occurred-at: yesterday
            400 invalid_parameter [waybill-occurred-at]: `waybill-occurred-at`: expected an RFC 3339 time such as 2026-11-21T07:06:00Z, got `yesterday` | send an RFC 3339 time such as 2026-11-21T07:06:00Z, or leave `waybill-occurred-at` out
        waybill-causation: 1
            400 invalid_parameter [waybill-causation]: `waybill-causation`: expected a ULID of 26 characters (Crockford base32), got `1` | send a ULID of 26 characters (Crockford base32), or leave `waybill-causation` out
        waybill-correlation: 1
            400 invalid_parameter [waybill-correlation]: `waybill-correlation`: expected a ULID of 26 characters (Crockford base32), got `1` | send a ULID of 26 characters (Crockford base32), or leave `waybill-correlation` out
        waybill-actor: operator
            400 invalid_parameter: expected importer or step-…, got actor `operator` | leave it out: the token's bearer is the actor
        waybill-actor: user-01J00000000000000000000001
            400 invalid_parameter: expected importer or step-…, got actor `user-01J00000000000000000000001` | leave it out: the token's bearer is the actor
        content-type: text/plain
            415 unsupported_media_type: expected application/json, got `text/plain` | send the command's body as JSON
        content-type: application/x-www-form-urlencoded
            415 unsupported_media_type: expected application/json, got `application/x-www-form-urlencoded` | send the command's body as JSON
    "#]]);
    assert_eq!(server.head(), head);
}

async fn send_built(request: reqwest::Request) -> Answer {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    send(reqwest::RequestBuilder::from_parts(client, request)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_no_text_are_refused() {
    let server = Server::memory().await;
    let host = server.address.to_string();
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("Host", host.as_str()), ("Authorization", &bearer), ("Content-Type", "application/json")];
    let line = format!("POST /v1/project/{PROJECT}/create");
    let body = b"{\"slug\":\"p\",\"name\":\"\xff\xfe\"}";
    let answer = raw::exchange(server.address, &raw::request(&line, &headers, body)).await;
    expect!["400 invalid_body: body of `create` does not fit: invalid unicode code point at line 1 column 21 | /openapi.json has the schema of every body"].assert_eq(&answer.problem());
    let body = b"{\"slug\":\"p\",\"name\":\"\x00\"}";
    let answer = raw::exchange(server.address, &raw::request(&line, &headers, body)).await;
    expect![[r#"400 invalid_body: body of `create` does not fit: control character (\u0000-\u001F) found while parsing a string at line 1 column 21 | /openapi.json has the schema of every body"#]].assert_eq(&answer.problem());
    assert_eq!(server.head(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::too_many_lines, reason = "a table of requests and their answers")]
async fn bad_reads_are_refused() {
    let server = Server::lived().await;
    let mut table = Table { server: &server, text: String::new() };
    for path in [
        "/v1/views/unicorns",
        "/v1/views/runs?colour=red",
        "/v1/views/runs?limit=many",
        "/v1/views/runs?limit=1&limit=2",
        "/v1/views/runs?order=up",
        "/v1/views/runs?order_by=colour",
        "/v1/views/runs?quality_score.min=high",
        "/v1/views/runs?order_by=quality_score&after=x",
        "/v1/views/runs?after=x",
        "/v1/views/runs?at=yesterday",
        "/v1/views/runs?min_position=-1",
        "/v1/views/runs?wait=30001",
        "/v1/views/runs?min_position=999&wait=0",
        "/v1/views/runs/01J00000000000000000000999",
        "/v1/views/runs/x",
        "/v1/views/runs/%ff",
        "/v1/views/run-timeline",
        "/v1/views/run-timeline/01J00000000000000000000999",
        "/v1/views/run-timeline/project-01J00000000000000000000002",
        "/v1/events?after=x",
        "/v1/events?stream=run-1",
        "/v1/events?category=unicorn",
        "/v1/events?type=Unicorn",
        "/v1/events?colour=red",
        "/v1/events/live?limit=1",
        "/assets/none.js",
        "/nowhere",
        "/v1/ws",
    ] {
        table.get(path).await;
    }
    let blocks =
        server.request("GET", "/v1/events?limit=1").header("accept", "application/vnd.waybill.blocks");
    table.add("blocks, limit=1", &send(blocks).await);
    let accept = server.request("GET", "/v1/events").header("accept", "image/png");
    table.add("accept: image/png", &send(accept).await);
    let resumed = server.request("GET", "/v1/events/live").header("last-event-id", "x");
    table.add("last-event-id: x", &send(resumed).await);
    table.check(&expect![[r#"
        /v1/views/unicorns
            404 unknown_route: unknown view `unicorns` | /openapi.json lists every route, command and view
        /v1/views/runs?colour=red
            400 invalid_parameter [colour]: view runs has no filter `colour`, expected one of: project, status, source, model, cli_tool, workflow, branch, ci_status, quality_score.min, quality_score.max, total_cost_usd.min, total_cost_usd.max, duration_ms.min, duration_ms.max, steps.min, steps.max, verdicts_failed.min, verdicts_failed.max | leave it out, or use one of those named
        /v1/views/runs?limit=many
            400 invalid_parameter [limit]: `limit`: expected a whole number of at most 1000000, got `many` | send a whole number of at most 1000000, or leave `limit` out
        /v1/views/runs?limit=1&limit=2
            400 invalid_parameter: `limit` came twice | send each parameter once
        /v1/views/runs?order=up
            400 invalid_parameter: expected asc or desc, got order `up` | leave it out for ascending order
        /v1/views/runs?order_by=colour
            400 invalid_parameter: view runs has no figure `colour` to order by, expected one of: quality_score, total_cost_usd, duration_ms, steps, verdicts_failed | leave `order_by=colour` out for the order of keys
        /v1/views/runs?quality_score.min=high
            400 invalid_parameter: expected a number for `quality_score.min`, got `high` | bounds are numbers such as 70 or 0.5
        /v1/views/runs?order_by=quality_score&after=x
            422 invalid_field: `x` is no key of view runs | use a key that the view shows
        /v1/views/runs?after=x
            422 invalid_field: `x` is no key of view runs | use a key that the view shows
        /v1/views/runs?at=yesterday
            400 invalid_parameter [at]: `at`: expected a position, or an RFC 3339 time such as 2026-11-21T07:06:00Z, got `yesterday` | send a position, or an RFC 3339 time such as 2026-11-21T07:06:00Z, or leave `at` out
        /v1/views/runs?min_position=-1
            400 invalid_parameter [min_position]: `min_position`: expected a position: a whole number from 0, got `-1` | send a position: a whole number from 0, or leave `min_position` out
        /v1/views/runs?wait=30001
            400 invalid_parameter [wait]: `wait`: expected a whole number of at most 30000, got `30001` | send a whole number of at most 30000, or leave `wait` out
        /v1/views/runs?min_position=999&wait=0
            504 not_yet: expected position 999, but the view is at 11 | ask again, or raise `wait`
        /v1/views/runs/01J00000000000000000000999
            404 not_found: view runs has nothing under `01J00000000000000000000999` | check the id; views of lists show what there is
        /v1/views/runs/x
            422 invalid_field: `x` is no key of view runs | use a key that the view shows
        /v1/views/runs/%ff
            400 invalid_parameter: Invalid URL: Invalid UTF-8 in `key` | percent-encode the path as UTF-8
        /v1/views/run-timeline
            400 invalid_parameter: view run-timeline wants the id of an aggregate | name it: /v1/views/{name}/{id}
        /v1/views/run-timeline/01J00000000000000000000999
            404 not_found: view run-timeline has nothing under `run-01J00000000000000000000999` | check the id; views of lists show what there is
        /v1/views/run-timeline/project-01J00000000000000000000002
            422 invalid_field: `project-01J00000000000000000000002` is no key of view run-timeline | use a key that the view shows
        /v1/events?after=x
            400 invalid_parameter [after]: `after`: expected a position: a whole number from 0, got `x` | send a position: a whole number from 0, or leave `after` out
        /v1/events?stream=run-1
            400 invalid_parameter [stream]: `stream`: expected a ULID of 26 characters (Crockford base32), got `1` | send a ULID of 26 characters (Crockford base32), or leave `stream` out
        /v1/events?category=unicorn
            400 invalid_parameter [category]: `category`: expected one of log, project, sandbox, run, learning, context, asset, script-execution, plan, issue-session, answering-session, issue, work-chain, sprint-chain, recurring-task, learning-document, routing, review-cycle, trigger, firing, heartbeat, budget-pool, brain, decision, pattern, mistake, research-note, session-summary, agent-definition, session, notification, claim, workflow, persona, access-log, user, pass, view-care, metric, identity, webhook-delivery, team, experiment, erasure, got `unicorn` | send one of log, project, sandbox, run, learning, context, asset, script-execution, plan, issue-session, answering-session, issue, work-chain, sprint-chain, recurring-task, learning-document, routing, review-cycle, trigger, firing, heartbeat, budget-pool, brain, decision, pattern, mistake, research-note, session-summary, agent-definition, session, notification, claim, workflow, persona, access-log, user, pass, view-care, metric, identity, webhook-delivery, team, experiment, erasure, or leave `category` out
        /v1/events?type=Unicorn
            400 invalid_parameter [type]: unknown event type `Unicorn` | /openapi.json names every event
        /v1/events?colour=red
            400 invalid_parameter [colour]: unknown parameter `colour`, expected one of after, limit, stream, type, category, project, actor, since, until | leave it out
        /v1/events/live?limit=1
            400 invalid_parameter [limit]: unknown parameter `limit`, expected one of after, stream, type, category, project, actor, since, until | leave it out
        /assets/none.js
            404 unknown_route: no such asset | /openapi.json lists every route, command and view
        /nowhere
            404 unknown_route: there is no route `/nowhere` | /openapi.json lists every route, command and view
        /v1/ws
            400 protocol: Connection header did not include 'upgrade' | open it with a WebSocket client
        blocks, limit=1
            400 invalid_parameter: blocks come whole: no limit and no filter | leave them out, or ask for application/vnd.waybill.records
        accept: image/png
            415 unsupported_media_type: expected JSON, NDJSON, records or blocks, got accept `image/png` | ask for application/json, application/x-ndjson, application/vnd.waybill.records or …blocks
        last-event-id: x
            400 invalid_parameter [Last-Event-ID]: `Last-Event-ID`: expected a position: a whole number from 0, got `x` | send a position: a whole number from 0, or leave `Last-Event-ID` out
    "#]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_are_kept_out() {
    let server = Server::lived().await;
    let head = server.head();
    let mut table = Table { server: &server, text: String::new() };
    let (path, body) = create_project(2);
    for (what, value) in [
        ("no token", ""),
        ("wrong token", "Bearer wb_01J000000000000000000TEST0_00"),
        ("basic", "Basic d2I6d2I="),
        ("empty", "Bearer "),
    ] {
        let mut request = server.anonymous("POST", &path).json(&body);
        if !value.is_empty() {
            request = request.header("authorization", value);
        }
        let answer = send(request).await;
        assert_eq!(
            answer.headers.get("www-authenticate").map(reqwest::header::HeaderValue::as_bytes),
            Some(&b"Bearer"[..])
        );
        table.add(what, &answer);
    }
    for (name, value) in [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("host", "rebound.example"),
        ("host", "rebound.example:80"),
    ] {
        let answer = send(server.request("POST", &path).json(&body).header(name, value)).await;
        table.add(&format!("{name}: {value}"), &answer);
    }
    for (method, path) in [("DELETE", path.as_str()), ("PUT", "/v1/events"), ("POST", "/v1/views/runs")] {
        let answer = send(server.request(method, path)).await;
        assert!(answer.headers.contains_key("allow"), "{method} {path}");
        table.add(&format!("{method} {path}"), &answer);
    }
    table.check(&expect![[r#"
        no token
            401 unauthorized: no bearer token came | send `Authorization: Bearer TOKEN`; the token is in the file `token` of the data folder
        wrong token
            401 unauthorized: the token is not this server's, or has ended | send `Authorization: Bearer TOKEN`; the token is in the file `token` of the data folder
        basic
            401 unauthorized: expected a bearer token | send `Authorization: Bearer TOKEN`; the token is in the file `token` of the data folder
        empty
            401 unauthorized: expected a bearer token | send `Authorization: Bearer TOKEN`; the token is in the file `token` of the data folder
        origin: http://evil.example
            403 forbidden_origin: pages of `http://evil.example` may not ask this server | open the server's own page, or allow the origin at its start
        origin: null
            403 forbidden_origin: pages of `null` may not ask this server | open the server's own page, or allow the origin at its start
        host: rebound.example
            421 wrong_host: expected one of 127.0.0.1:PORT, [::1]:PORT, localhost:PORT, waybill.example, got host `rebound.example` | use the address that the server printed at its start
        host: rebound.example:80
            421 wrong_host: expected one of 127.0.0.1:PORT, [::1]:PORT, localhost:PORT, waybill.example, got host `rebound.example:80` | use the address that the server printed at its start
        DELETE /v1/project/01J00000000000000000000002/create
            405 method_not_allowed: `/v1/project/01J00000000000000000000002/create` has no such method | /openapi.json lists every route
        PUT /v1/events
            405 method_not_allowed: `/v1/events` has no such method | /openapi.json lists every route
        POST /v1/views/runs
            405 method_not_allowed: `/v1/views/runs` has no such method | /openapi.json lists every route
    "#]]);
    // All that came of it is that the log tells of it, once for all of its kind.
    let after = head.map_or(String::new(), |head| format!("?after={head}"));
    let told = server.get(&format!("/v1/events{after}")).await.ok();
    let told: Vec<_> =
        told["events"].as_array().expect("events").iter().map(|event| &event["type"]).collect();
    assert_eq!(told, ["AccessDenied"]);
    let own = format!("http://{}", server.address);
    friends_are_let_in(&server, &own).await;
}

async fn friends_are_let_in(server: &Server, own: &str) {
    for (name, value) in [("origin", own), ("origin", "http://allowed.example"), ("host", "WAYBILL.example")]
    {
        let answer = send(server.request("GET", "/v1/views").header(name, value)).await;
        assert_eq!(answer.status, 200, "{name}: {value} {}", answer.text);
    }
}
