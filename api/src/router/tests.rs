//! Every route, by everybody, with every kind of credential, on what is theirs and on what is not.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use domain::authority::Scope;
use domain::terms::MemberRole;
use domain::{Actor, Command, StreamId, Ulid, aggregates};
use engine::{Engine, Envelope};
use http::{StatusCode, header};
use journal::Options;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};

use super::*;
use crate::accesses::Accesses;
use crate::credentials::{Credentials, Secret, digest, fresh_secret};
use crate::direct;
use crate::metrics::Metrics;
use crate::password::hash_password;
use crate::relay::Relay;
use crate::serve::Patience;
use crate::state::Inner;
use crate::token::Token;
use crate::witness::Witnessed;
use crate::ws::Pieces;

mod doors;
mod generated;
mod sockets;
mod told;

const TOKEN: &str =
    "wb_01J000000000000000000TEST0_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const HOST: &str = "waybill.example";
const SECRET: &str = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
const PASSWORD: &str = "correct horse battery staple";
/// Projects: one that everybody here has to do with, one that nobody has, one that is not there.
const OWN: u8 = 1;
const FOREIGN: u8 = 2;
const ABSENT: u8 = 3;
const END: &str = "2999-01-01T00:00:00Z";

fn ulid(number: u8) -> String {
    Ulid(u128::from(number)).to_string()
}

/// The `n`th thing of project `p`; 1 is its run, 2 its owner.
fn of(project: u8, n: u8) -> String {
    ulid(project * 20 + n)
}

struct House {
    app: App,
    router: Router,
    /// What each shows: by name, a bearer's token.
    tokens: BTreeMap<String, String>,
    _stop: watch::Sender<bool>,
}

impl House {
    fn new(setup: Option<&Secret>) -> Self {
        let engine = Engine::memory(Options::default()).expect("a log in memory opens");
        let search = ::search::Search::start(engine.journal().clone(), None).expect("there is a thread left");
        let (stop, stopping) = watch::channel(false);
        let app = App::new(Inner {
            head: Relay::new(&engine.journal().subscribe()),
            folded: Relay::new(&engine.progress()),
            metrics: Metrics::new(&engine),
            witnessed: Witnessed::by(vec![], engine.journal()),
            engine,
            token: Token::parse(TOKEN).expect("it is one"),
            credentials: Credentials::new(setup),
            accesses: Accesses::default(),
            hosts: vec![HOST.to_owned()],
            origins: vec![],
            stopping,
            sockets: Arc::new(Semaphore::new(256)),
            patience: Patience::default(),
            waiting: Semaphore::new(8),
            pieces: Pieces::default(),
            searching: Semaphore::new(1),
            search,
        });
        let tokens = [("operator".to_owned(), TOKEN.to_owned())].into();
        Self { router: router(app.clone()), app, tokens, _stop: stop }
    }

    /// The operator gives a command.
    async fn give(&self, stream: &str, command: &str, body: Value) {
        let stream: StreamId = stream.parse().expect("a stream");
        let command = Command::parse(stream.category, command, body.to_string().as_bytes()).expect("it fits");
        let done = self.app.engine.execute(Envelope::new(stream, command, Actor::Operator)).await;
        done.unwrap_or_else(|error| panic!("{body}: {error}"));
    }

    async fn project(&self, project: u8) {
        let (id, owner) = (ulid(project), of(project, 2));
        let create = json!({ "slug": format!("p{project}"), "name": "P", "owner": owner });
        self.give(&format!("project-{id}"), "create", create).await;
        let request =
            json!({ "project": id, "source": "workflow", "prompt": format!("secret of {project}") });
        self.give(&format!("run-{}", of(project, 1)), "request", request).await;
        self.give(&format!("run-{}", of(project, 1)), "start", json!({})).await;
    }

    async fn person(&mut self, name: &str, user: &str) {
        let register = json!({ "name": name, "email": format!("{name}@example.org") });
        self.give(&format!("user-{user}"), "register", register).await;
        self.pass(name, user, json!({ "person": { "user": user } })).await;
    }

    async fn pass(&mut self, name: &str, id: &str, bearer: Value) {
        let issue = json!({ "bearer": bearer, "secret_sha256": digest(SECRET), "expires_at": END });
        self.give(&format!("pass-{id}"), "issue", issue).await;
        self.tokens.insert(name.to_owned(), format!("wbp_{id}_{SECRET}"));
    }

    /// Two projects, and whoever may have to do with the first.
    async fn furnished() -> Self {
        let mut house = Self::new(None);
        house.project(OWN).await;
        house.project(FOREIGN).await;
        let project = format!("project-{}", ulid(OWN));
        for (n, role) in MemberRole::ALL.iter().enumerate() {
            let n = u8::try_from(n).expect("few roles");
            let user = of(OWN, 2 + n);
            house.person(role.as_str(), &user).await;
            if *role != MemberRole::Owner {
                let email = format!("{role}@example.org");
                let invite = json!({ "invitation": user, "email": email, "role": role.as_str() });
                house.give(&project, "invite-member", invite).await;
                house.give(&project, "accept-invitation", json!({ "invitation": user, "user": user })).await;
            }
        }
        house.person("stranger", &of(OWN, 10)).await;
        for (n, scope) in Scope::ALL.iter().enumerate() {
            let key = of(4, u8::try_from(n).expect("few scopes"));
            let (name, scopes) = (scope.as_str(), [scope.as_str()]);
            let issue =
                json!({ "key": key, "name": name, "scopes": scopes, "secret_sha256": digest(SECRET) });
            house.give(&project, "issue-api-key", issue).await;
            house.tokens.insert(name.to_owned(), format!("wb_{key}_{SECRET}"));
        }
        let bearer = json!({ "agent": { "project": ulid(OWN), "run": of(OWN, 1), "step": null } });
        house.pass("agent", &of(OWN, 12), bearer).await;
        house.app.engine.caught_up().await;
        house
    }

    async fn send(&self, request: http::request::Builder, body: &str) -> Response {
        let request = request.header(header::HOST, HOST).body(Body::from(body.to_owned()));
        direct::answer(&self.app, self.router.clone(), request.expect("a request")).await
    }

    async fn ask(&self, shows: &Shows<'_>, method: &str, path: &str, body: &str) -> Answer {
        self.ask_with(shows, method, path, body, &[]).await
    }

    async fn ask_with(
        &self,
        shows: &Shows<'_>,
        method: &str,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        request = match shows {
            Shows::Nothing => request,
            Shows::Bearer(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            Shows::Cookie(pass) => request
                .header(header::COOKIE, format!("waybill={pass}"))
                .header(header::ORIGIN, format!("http://{HOST}")),
        };
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if method == "POST" {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        Answer::of(self.send(request, body).await, path.contains("/live")).await
    }
}

#[derive(Debug, Clone, Copy)]
enum Shows<'a> {
    Nothing,
    Bearer(&'a str),
    Cookie(&'a str),
}

#[derive(Debug, PartialEq)]
struct Answer {
    status: StatusCode,
    text: String,
}

impl Answer {
    /// What follows the log for ever is not read.
    async fn of(response: Response, endless: bool) -> Self {
        let status = response.status();
        if endless && status == StatusCode::OK {
            return Self { status, text: String::new() };
        }
        let bytes = to_bytes(response.into_body(), 64 << 20).await.expect("the answer ends");
        Self { status, text: String::from_utf8_lossy(&bytes).into_owned() }
    }
    fn is_denied(&self) -> bool {
        [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&self.status)
    }
    /// As [`Answer::is_denied`], and not because a rule of the domain says that it misses something.
    fn is_refused_access(&self) -> bool {
        self.is_denied() && (self.status != StatusCode::NOT_FOUND || self.text.contains("\"there is no `"))
    }
    /// With ids of a project made those of none: what is foreign must read as what is absent.
    fn without_ids(&self, project: u8) -> Self {
        let ids = [ulid(project), of(project, 1), of(project, 2)];
        let text = ids.iter().fold(self.text.clone(), |text, id| text.replace(id, "ID"));
        Self { status: self.status, text }
    }
}

const KINDS: [&str; 14] = [
    "operator",
    "owner",
    "admin",
    "member",
    "auditor",
    "analyst",
    "stranger",
    "views:read",
    "exports:read",
    "log:read",
    "proofs:read",
    "runs:write",
    "settings:write",
    "agent",
];

const EVERYBODY: &str = "owner admin member auditor analyst stranger views:read exports:read log:read proofs:read runs:write settings:write agent";
const READERS: &str = "owner admin member auditor analyst views:read agent";
const PROVERS: &str = "owner admin auditor proofs:read";
const WORKERS: &str = "owner admin runs:write";

/// A call that telemetry tells of a run.
fn telemetry(run: &str) -> &'static str {
    let text = |key: &str, value: &str| serde_json::json!({ "key": key, "value": { "stringValue": value } });
    let call = [text("event.name", "api_request"), text("model", "opus"), text("input_tokens", "7")];
    let body = serde_json::json!({ "resourceLogs": [{
        "resource": { "attributes": [text("waybill.run", run)] },
        "scopeLogs": [{ "logRecords": [{ "attributes": call }] }],
    }] });
    body.to_string().leak()
}

/// Method, path and body on a project's things, and who may; the operator always may. Written by hand, beside the
/// routes: whoever changes one must change the other.
fn cases(project: u8) -> Vec<(&'static str, String, &'static str, &'static str)> {
    let (id, run) = (ulid(project), of(project, 1));
    let get = |path: String, who| ("GET", path, "", who);
    let post = |path: String, body, who| ("POST", path, body, who);
    vec![
        get(format!("/v1/views/run-timeline/{run}"), READERS),
        get(format!("/v1/views/runs/{run}"), READERS),
        get(format!("/v1/views/projects/{id}"), READERS),
        get(format!("/v1/views/project-settings/{id}"), READERS),
        get(format!("/v1/log/evidence/{run}"), PROVERS),
        post(
            format!("/v1/run/{run}/complete-step"),
            r#"{"step":"00000000000000000000000001"}"#,
            "owner admin runs:write agent",
        ),
        post("/v1/otlp/v1/logs".to_owned(), telemetry(&run), "owner admin runs:write agent"),
        post(format!("/v1/run/{run}/cancel"), "{}", WORKERS),
        post(format!("/v1/erase/project-{id}"), r#"{"reason":"x"}"#, "owner"),
        post(format!("/v1/project/{id}/set-content-sealing"), r#"{"sealing":"off"}"#, "owner"),
        post(format!("/v1/project/{id}/set-claude-md"), r#"{"content":"x"}"#, "owner admin settings:write"),
        post(
            format!("/v1/project/{id}/revoke-api-key"),
            r#"{"key":"00000000000000000000000001"}"#,
            "owner admin",
        ),
        post(
            format!("/v1/project/{id}/change-member-role"),
            r#"{"user":"00000000000000000000000001","role":"owner"}"#,
            "owner",
        ),
        post(
            format!("/v1/project/{id}/change-member-role"),
            r#"{"user":"00000000000000000000000001","role":"member"}"#,
            "owner admin",
        ),
        post(
            format!("/v1/project/{id}/remove-env-var"),
            r#"{"name":"NO_SUCH"}"#,
            "owner admin settings:write",
        ),
    ]
}

/// As [`cases`], on what is of the installation.
fn common() -> Vec<(&'static str, &'static str, &'static str, &'static str)> {
    vec![
        ("GET", "/readyz", "", ""),
        ("GET", "/metrics", "", ""),
        ("GET", "/v1/auth/me", "", EVERYBODY),
        ("POST", "/v1/auth/ticket", "", EVERYBODY),
        ("GET", "/v1/health", "", EVERYBODY),
        ("GET", "/v1/log", "", EVERYBODY),
        ("GET", "/v1/views", "", EVERYBODY),
        ("POST", "/v1/views/verify", "", ""),
        (
            "GET",
            "/v1/views/runs/diff?from=0&to=1",
            "",
            "owner admin member auditor analyst stranger views:read agent",
        ),
        ("POST", "/v1/views/runs/retry", "", ""),
        ("GET", "/v1/rebuild", "", ""),
        ("POST", "/v1/rebuild", "", ""),
        ("GET", "/v1/views/runs", "", "owner admin member auditor analyst stranger views:read agent"),
        ("GET", "/v1/export/usage", "", "owner admin auditor analyst stranger exports:read"),
        ("GET", "/v1/search?q=a", "", "owner admin member auditor analyst stranger views:read agent"),
        ("GET", "/v1/metrics", "", "owner admin member auditor analyst stranger views:read agent"),
        ("GET", "/v1/metrics/pass-rate", "", "owner admin member auditor analyst stranger views:read agent"),
        ("GET", "/v1/events", "", "owner admin auditor stranger log:read"),
        ("GET", "/v1/events/live", "", "owner admin auditor stranger log:read"),
        ("GET", "/v1/log/key", "", PROVERS),
        ("GET", "/v1/log/proof/inclusion?position=0", "", PROVERS),
        ("GET", "/v1/log/proof/consistency?from=1", "", PROVERS),
        ("POST", "/v1/log/verify", "", ""),
        ("POST", "/v1/log/cosignatures", "", ""),
        ("POST", "/v1/log/keys/rotate", "", ""),
        ("GET", "/v1/vault", "", ""),
        ("POST", "/v1/vault/rotate", "", ""),
        ("POST", "/v1/erase/user-00000000000000000000000009", r#"{"reason":"x"}"#, ""),
        ("GET", "/v1/log/checkpoint", "", PROVERS),
        ("GET", "/v1/log/tile/0/000.p/1", "", PROVERS),
        ("GET", "/v1/log/tile/entries/000.p/1", "", ""),
        ("GET", "/v1/log/records/00", "", ""),
        ("POST", "/v1/commands", "", EVERYBODY),
        ("POST", "/v1/user/00000000000000000000000009/register", r#"{"name":"A","email":"a@b"}"#, ""),
    ]
}

/// Routes that the matrix leaves out: they end or change what is shown, and have tests of their own.
const LEFT_OUT: [&str; 2] = ["/v1/auth/logout", "/v1/auth/password"];

/// Whether a path is one of a route's.
fn is_of(path: &str, route: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (mut parts, mut wanted) = (path.split('/'), route.split('/'));
    loop {
        match (parts.next(), wanted.next()) {
            (None, None) => return true,
            (Some(_), Some(wanted)) if wanted.starts_with("{*") => return true,
            (Some(part), Some(wanted)) if wanted == part || wanted.starts_with('{') => {}
            _ => return false,
        }
    }
}

#[test]
fn the_matrix_has_every_route_that_is_not_open() {
    let asked: Vec<_> = common().into_iter().map(|case| (case.0, case.1.to_owned())).collect();
    let asked: Vec<_> =
        asked.into_iter().chain(cases(OWN).into_iter().map(|case| (case.0, case.1))).collect();
    for (method, route, ..) in routes().into_iter().filter(|(.., need, _)| *need != Need::Open) {
        let found = asked.iter().any(|(by, path)| *by == method && is_of(path, route));
        assert!(found || LEFT_OUT.contains(&route), "{method} {route} is in no case: who may use it?");
    }
}

/// Who may: held against the answer. What is refused for another reason was allowed, as is what is of no project
/// and not there.
fn check(who: &str, allowed: &str, answer: &Answer, what: &str) {
    let may = who == "operator" || allowed.split(' ').any(|one| one == who);
    let hashes = ["/v1/log/tile/", "/v1/log/records/", "/v1/log/checkpoint"];
    let absent = hashes.iter().any(|path| what.contains(path)) && answer.status == StatusCode::NOT_FOUND;
    assert_eq!(may, !answer.is_denied() || absent, "{who} {what}: {} {:.300}", answer.status, answer.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_by_everybody_on_own_and_foreign_things() {
    let house = House::furnished().await;
    let mut asked = 0;
    for who in KINDS {
        let token = house.tokens[who].as_str();
        let by_cookie = token.starts_with("wbp_") && who != "agent";
        let mut shown = vec![Shows::Bearer(token)];
        shown.extend(by_cookie.then_some(Shows::Cookie(token)));
        for shows in shown {
            for (method, path, body, allowed) in common() {
                let answer = house.ask(&shows, method, path, body).await;
                check(who, allowed, &answer, &format!("{method} {path}"));
                assert!(who == "operator" || !answer.text.contains("secret of 2"), "{who} {path}");
                asked += 1;
            }
            for (method, path, body, allowed) in cases(OWN) {
                // What changes something would change what the next one finds: that one asks what is refused anyway.
                if path.ends_with("/cancel") && allowed.split(' ').chain(["operator"]).any(|one| one == who) {
                    continue;
                }
                let answer = house.ask(&shows, method, &path, body).await;
                check(who, allowed, &answer, &format!("{method} {path}"));
                asked += 1;
            }
            if who == "operator" {
                continue;
            }
            for ((method, foreign, body, _), (_, absent, other, _)) in
                cases(FOREIGN).into_iter().zip(cases(ABSENT))
            {
                let there = house.ask(&shows, method, &foreign, body).await;
                let gone = house.ask(&shows, method, &absent, other).await;
                assert!(there.is_denied(), "{who} {method} {foreign}: {there:?}");
                assert_eq!(there.without_ids(FOREIGN), gone.without_ids(ABSENT), "{who} {method} {foreign}");
                asked += 2;
            }
        }
    }
    println!("{asked} requests: {} kinds of credential, {} routes", KINDS.len() + 6, routes().len());
    assert!(asked > 800, "{asked}");
}

#[tokio::test]
async fn nobody_gets_anything_but_what_is_open() {
    let house = House::furnished().await;
    let fill = |path: &str| {
        let run = of(OWN, 1);
        path.replace("{aggregate}", "run")
            .replace("{command}", "start")
            .replace("{name}", "runs")
            .replace("{id}", &run)
            .replace("{run}", &run)
            .replace("{*key}", &run)
            .replace("{*path}", "0/000")
            .replace("{sha256}", "0")
            .replace("{file}", "style.css")
    };
    let wrong = format!("wb_{}_{}", of(4, 0), "0".repeat(64));
    let mut closed = 0;
    for (method, path, need, _) in routes() {
        let path = fill(path);
        for shows in [
            Shows::Nothing,
            Shows::Bearer(&wrong),
            Shows::Bearer("x"),
            Shows::Cookie(&wrong),
            Shows::Cookie(TOKEN),
        ] {
            let answer = house.ask(&shows, method, &path, "{}").await;
            let refused = answer.status == StatusCode::UNAUTHORIZED;
            assert!(need == Need::Open || refused, "{method} {path} {shows:?}: {answer:?}");
            closed += u32::from(refused);
        }
    }
    assert!(closed >= 24 * 5, "{closed}");
    // Commands of every aggregate, by the shorter way and by the router.
    for aggregate in aggregates() {
        for command in &aggregate.commands {
            let path = format!("/v1/{}/{}/{}", aggregate.name, ulid(OWN), command.name);
            let answer = house.ask(&Shows::Nothing, "POST", &path, "{}").await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        }
    }
}

#[tokio::test]
async fn rows_and_events_are_those_of_own_projects() {
    let house = House::furnished().await;
    for who in ["owner", "auditor"] {
        let shows = Shows::Bearer(&house.tokens[who]);
        for path in ["/v1/views/runs", "/v1/views/projects", "/v1/events?limit=1000"] {
            let answer = house.ask(&shows, "GET", path, "").await;
            assert_eq!(answer.status, StatusCode::OK, "{who} {path}");
            assert!(answer.text.contains(&ulid(OWN)), "{who} {path}");
            for foreign in [ulid(FOREIGN), of(FOREIGN, 1), "secret of 2".to_owned()] {
                assert!(!answer.text.contains(&foreign), "{who} {path} shows {foreign}");
            }
            assert!(
                !answer.text.contains("secret_sha256\":\"f") && !answer.text.contains("argon2id"),
                "{path}"
            );
        }
    }
    // What is of one aggregate is shown whole to whoever may see it, whatever its rows say of a project.
    let settings = format!("/v1/views/members/{}", ulid(OWN));
    let timeline = format!("/v1/views/run-timeline/{}", of(OWN, 1));
    let rows = async |who: &str, path: &str| {
        let answer = house.ask(&Shows::Bearer(&house.tokens[who]), "GET", path, "").await;
        let shown: Value = serde_json::from_str(&answer.text).expect("JSON");
        (answer.status, shown["rows"].clone())
    };
    for path in [&settings, &timeline] {
        let (status, all) = rows("operator", path).await;
        if status == StatusCode::OK {
            assert!(all.as_array().is_some_and(|rows| !rows.is_empty()), "{path} {all}");
            assert_eq!(rows("member", path).await, (status, all), "{path}");
        }
    }
    let stranger = house.ask(&Shows::Bearer(&house.tokens["stranger"]), "GET", "/v1/views/runs", "").await;
    let rows: Value = serde_json::from_str(&stranger.text).expect("JSON");
    assert_eq!(rows["rows"], json!([]));
}

#[tokio::test]
async fn a_bulk_is_asked_line_by_line() {
    let house = House::furnished().await;
    let line = |stream: String, command: &str, body: Value| json!({ "stream": stream, "command": command, "body": body });
    let lines = [
        line(format!("run-{}", of(FOREIGN, 1)), "cancel", json!({})),
        line(format!("run-{}", of(ABSENT, 1)), "cancel", json!({})),
        line(
            format!("run-{}", of(5, 1)),
            "request",
            json!({ "project": ulid(FOREIGN), "source": "workflow", "prompt": "x" }),
        ),
        line(
            format!("run-{}", of(5, 2)),
            "request",
            json!({ "project": ulid(OWN), "source": "workflow", "prompt": "x" }),
        ),
        line(format!("run-{}", of(5, 2)), "start", json!({})),
        line(format!("run-{}", of(OWN, 1)), "cancel", json!({})),
    ];
    let body = lines.map(|line| format!("{line}\n")).concat();
    let answer = house.ask(&Shows::Bearer(&house.tokens["member"]), "POST", "/v1/commands", &body).await;
    let codes: Vec<_> = answer
        .text
        .lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).expect("JSON");
            line["error"]["code"].as_str().unwrap_or("done").to_owned()
        })
        .collect();
    assert_eq!(
        codes,
        ["not_found", "not_found", "not_found", "done", "done", "forbidden"],
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn what_is_revoked_or_over_no_longer_works() {
    let mut house = House::furnished().await;
    let me = |token: String, house: &House| {
        let (app, router) = (house.app.clone(), house.router.clone());
        async move {
            let request = Request::builder().uri("/v1/auth/me").header(header::HOST, HOST);
            let request =
                request.header(header::AUTHORIZATION, format!("Bearer {token}")).body(Body::empty());
            direct::answer(&app, router, request.expect("a request")).await.status().as_u16()
        }
    };
    let (key, member) = (house.tokens["log:read"].clone(), house.tokens["member"].clone());
    assert_eq!((me(key.clone(), &house).await, me(member.clone(), &house).await), (200, 200));
    let id = key.split('_').nth(1).expect("an id");
    house.give(&format!("project-{}", ulid(OWN)), "revoke-api-key", json!({ "key": id })).await;
    house.give(&format!("user-{}", of(OWN, 4)), "disable", json!({})).await;
    assert_eq!((me(key, &house).await, me(member, &house).await), (401, 401));
    let issue = json!({ "bearer": { "person": { "user": of(OWN, 10) } }, "secret_sha256": digest(SECRET), "expires_at": "2020-01-01T00:00:00Z" });
    house.give(&format!("pass-{}", of(5, 9)), "issue", issue).await;
    assert_eq!(me(format!("wbp_{}_{SECRET}", of(5, 9)), &house).await, 401);
    house.tokens.clear();
}

#[tokio::test]
async fn a_person_logs_in_acts_and_logs_out() {
    let house = House::furnished().await;
    let user = of(OWN, 2);
    let hash = hash_password(PASSWORD).expect("it is long enough");
    house.give(&format!("user-{user}"), "set-password", json!({ "password_hash": hash })).await;
    let login = |password: &str| json!({ "email": "OWNER@example.org", "password": password }).to_string();
    let wrong = house.ask(&Shows::Nothing, "POST", "/v1/auth/login", &login("wrong horse battery")).await;
    let nobody = json!({ "email": "nobody@example.org", "password": PASSWORD }).to_string();
    let unknown = house.ask(&Shows::Nothing, "POST", "/v1/auth/login", &nobody).await;
    assert_eq!(
        (wrong.status, &wrong),
        (StatusCode::UNAUTHORIZED, &unknown),
        "who has an account does not show"
    );
    let request = |origin: &str| {
        let request = Request::builder().method("POST").uri("/v1/auth/login").header(header::ORIGIN, origin);
        request.header(header::CONTENT_TYPE, "application/json")
    };
    for (origin, name, secure) in
        [(format!("http://{HOST}"), "waybill=", false), (format!("https://{HOST}"), "__Host-waybill=", true)]
    {
        let response = house.send(request(&origin), &login(PASSWORD)).await;
        assert_eq!(response.status(), StatusCode::OK);
        let cookie = response.headers()[header::SET_COOKIE].to_str().expect("text").to_owned();
        assert!(cookie.starts_with(name) && cookie.ends_with("; Secure") == secure, "{cookie}");
        assert!(cookie.contains("; HttpOnly; SameSite=Strict") && cookie.contains("Path=/;"), "{cookie}");
        let pass = cookie.split(['=', ';']).nth(1).expect("a value").to_owned();
        let shows = Shows::Cookie(&pass);
        let me = house.ask(&shows, "GET", "/v1/auth/me", "").await;
        assert!(me.text.contains(&format!("user-{user}")) && me.text.contains("\"owner\""), "{}", me.text);
        let bare = Request::builder().method("POST").uri("/v1/auth/ticket");
        let bare = house.send(bare.header(header::COOKIE, format!("waybill={pass}")), "").await;
        assert_eq!(bare.status(), StatusCode::FORBIDDEN, "a cookie without an origin changes nothing");
        assert_eq!(house.ask(&shows, "POST", "/v1/auth/logout", "").await.status, StatusCode::NO_CONTENT);
        assert_eq!(house.ask(&shows, "GET", "/v1/auth/me", "").await.status, StatusCode::UNAUTHORIZED);
    }
    let form =
        Request::builder().method("POST").uri("/v1/auth/login").header(header::CONTENT_TYPE, "text/plain");
    assert_eq!(house.send(form, &login(PASSWORD)).await.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for _ in 0..10 {
        let _ = house.app.count_try("owner@example.org", None);
    }
    let late = house.ask(&Shows::Nothing, "POST", "/v1/auth/login", &login(PASSWORD)).await;
    assert_eq!(late.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_ticket_is_good_once() {
    let house = House::furnished().await;
    let answer = house.ask(&Shows::Bearer(&house.tokens["analyst"]), "POST", "/v1/auth/ticket", "").await;
    let shown: Value = serde_json::from_str(&answer.text).expect("JSON");
    let ticket = shown["ticket"].as_str().expect("a ticket");
    assert!(house.app.take_ticket(ticket).is_some());
    assert!(house.app.take_ticket(ticket).is_none() && house.app.take_ticket("wbt_x").is_none());
    let bearer = house.ask(&Shows::Bearer(ticket), "GET", "/v1/auth/me", "").await;
    assert_eq!(bearer.status, StatusCode::UNAUTHORIZED, "a ticket opens a socket and nothing else");
}

#[tokio::test]
async fn nobody_but_the_operator_names_another_time_or_actor() {
    let house = House::furnished().await;
    for (name, value) in [("waybill-occurred-at", "2020-01-01T00:00:00Z"), ("waybill-actor", "importer")] {
        let request = Request::builder()
            .method("POST")
            .uri(format!("/v1/project/{}/set-claude-md", ulid(OWN)))
            .header(header::AUTHORIZATION, format!("Bearer {}", house.tokens["owner"]))
            .header(name, value);
        let response = house.send(request, r#"{"content":"x"}"#).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{name}");
    }
}

#[tokio::test]
async fn the_first_account_is_made_once_by_whoever_has_the_link() {
    let code = fresh_secret().expect("the system has randomness");
    let house = House::new(Some(&code));
    let body = |code: &str, email: &str| {
        json!({ "code": code, "name": "Ada", "email": email, "password": PASSWORD }).to_string()
    };
    let ask = async |body: String| house.ask(&Shows::Nothing, "POST", "/v1/auth/setup", &body).await;
    assert_eq!(ask(body("x", "a@b")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(body(&code.text, "no address")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let made = ask(body(&code.text, "a@b")).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    assert!(made.text.contains("\"administrator\":true"), "{}", made.text);
    assert_eq!(ask(body(&code.text, "c@d")).await.status, StatusCode::UNAUTHORIZED);
    let late = House::new(Some(&code));
    let register = json!({ "name": "Eve", "email": "e@f" });
    late.give(&format!("user-{}", ulid(1)), "register", register).await;
    let answer = late.ask(&Shows::Nothing, "POST", "/v1/auth/setup", &body(&code.text, "a@b")).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "there is an account already");
}
