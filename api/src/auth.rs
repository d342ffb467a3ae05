//! Logging in and out, and who one is: a login is a pass, whose secret lies in a cookie that no script reads.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::access_log::DenialReason;
use domain::authority::Principal;
use domain::ids::{PassId, ProjectId, UserId};
use domain::pass::{Bearer, IssuePass, PassCommand, RevokePass};
use domain::terms::MemberRole;
use domain::user::{RegisterUser, SetPassword, UserCommand};
use domain::values::Timestamp;
use domain::{Actor, Command};
use engine::{Envelope, new_ulid};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::access::{COOKIES, unauthorized};
use crate::accesses::Peer;
use crate::commands::too_large;
use crate::credentials::{Caller, Shown, TICKET_LIFE, secret};
use crate::password::{hash_password_in, verify_in};
use crate::problem::{Code, Problem};
use crate::prove::now;
use crate::query::object;
use crate::state::App;

/// A login lasts so long, whatever is done meanwhile.
const LOGIN_LIFE: Duration = Duration::from_secs(12 * 3600);
/// Whoever has tried too often waits so long for being told.
const LIMITED_WAIT: Duration = Duration::from_secs(1);
const BODY_MAX_BYTES: usize = 8 << 10;

/// What a person logs in with.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    /// Their address.
    email: String,
    /// Their password.
    password: String,
}

/// The first account.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Setup {
    /// What stands behind `#code=` in the link that the server printed.
    code: String,
    /// Their name on screen.
    name: String,
    /// Their address.
    email: String,
    /// Their password, 12 to 1,024 bytes.
    password: String,
}

/// A change of one's own password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    /// The password so far.
    current: String,
    /// The password from now on, 12 to 1,024 bytes.
    new: String,
}

/// Who one is.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Me {
    /// `operator`, `person`, `api_key` or `agent`.
    kind: &'static str,
    /// How the log names them.
    actor: Actor,
    /// The person.
    user: Option<UserId>,
    /// Their address.
    email: Option<String>,
    /// Whether they manage the installation.
    administrator: bool,
    /// Projects, and what one is there; for keys and agents, the project they are of.
    projects: Vec<Membership>,
    /// What an API key is good for.
    scopes: Vec<&'static str>,
    /// When it ends.
    expires_at: Option<Timestamp>,
}

/// A project that one belongs to.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Membership {
    project: ProjectId,
    role: Option<MemberRole>,
}

/// A ticket for one WebSocket, to be sent as the token of its hello.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TicketShown {
    ticket: String,
    /// It is good for so long.
    expires_in_ms: u64,
}

/// Only JSON that says so: a form of another page cannot send that.
fn json<T: DeserializeOwned>(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<T, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let detail = "expected application/json";
        return Err(Problem::new(Code::UnsupportedMediaType, detail, "send the body as JSON"));
    }
    let wrong = |detail: &str| Problem::new(Code::InvalidBody, detail, "/openapi.json has the schema");
    let body = body.map_err(|error| too_large(&error))?;
    if body.len() > BODY_MAX_BYTES {
        return Err(wrong("the body is too large"));
    }
    // What the parser says may repeat what came, and that may be a password.
    object(&body).map_err(|_| wrong("the body does not fit"))
}

async fn is_password(app: &App, password: String, stored: Option<String>) -> Result<bool, Problem> {
    app.credentials.hashing.run(move |memory| verify_in(memory, &password, stored.as_deref())).await
}

/// `POST /v1/auth/login`
pub(crate) async fn login(
    State(app): State<App>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let peer = peer.map(|Extension(peer)| peer);
    let answer = log_in(&app, peer, &headers, body).await;
    let reason = match answer.as_ref().map_err(|problem| problem.code) {
        Err(Code::Unauthorized) => DenialReason::Password,
        Err(Code::LimitReached) => DenialReason::Limited,
        _ => return answer,
    };
    app.tell_denial(None, reason, LOGIN, peer).await;
    if reason == DenialReason::Limited {
        // Whoever goes on trying waits for each answer: a flood is as slow as it has connections.
        tokio::time::sleep(LIMITED_WAIT).await;
    }
    answer
}

const LOGIN: &str = "POST /v1/auth/login";

async fn log_in(
    app: &App,
    peer: Option<Peer>,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Login { email, password } = json(headers, body)?;
    app.count_try(&email, peer)?;
    let account = |email: &str| {
        let email = email.to_owned();
        app.directory(move |directory| {
            directory.account(&email).map(|(user, account)| (user, account.password_hash.clone()))
        })
    };
    let found = account(&email).await?;
    let stored = found.as_ref().and_then(|(_, stored)| stored.clone());
    let right = is_password(app, password, stored).await?;
    let refused = || unauthorized("the address or the password is wrong");
    let (user, _) = found.clone().filter(|_| right).ok_or_else(refused)?;
    let (pass, text) = issue_login(app, user).await?;
    // The password, or the account, may have changed while it was checked.
    if account(&email).await? != found {
        revoke(app, pass, Actor::System).await?;
        return Err(refused());
    }
    app.forget_tries(&email);
    app.tell_login(user, pass, peer).await;
    logged_in(app, headers, &text).await
}

/// Logs a person in: the pass, and what to show for it.
async fn issue_login(app: &App, user: UserId) -> Result<(PassId, String), Problem> {
    let (pass, secret, expires_at) = (PassId::from(new_ulid()), secret()?, after(LOGIN_LIFE));
    let text = format!("wbp_{pass}_{}", secret.text);
    let issue = IssuePass { bearer: Bearer::Person { user }, secret_sha256: secret.sha256, expires_at };
    let issue = Command::Pass(PassCommand::IssuePass(issue));
    app.engine.execute(Envelope::new(pass, issue, Actor::User(user))).await?;
    Ok((pass, text))
}

async fn logged_in(app: &App, headers: &HeaderMap, text: &str) -> Result<Response, Problem> {
    let mut response = Json(shown(&app.caller(text).await?)).into_response();
    set_cookie(&mut response, headers, text, LOGIN_LIFE)?;
    Ok(response)
}

/// `POST /v1/auth/setup`: the first account, which manages the installation.
pub(crate) async fn setup(
    State(app): State<App>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let peer = peer.map(|Extension(peer)| peer);
    let Setup { code, name, email, password } = json(&headers, body)?;
    let make = async {
        let password_hash = hashed(&app, password).await?;
        let user = UserId::from(new_ulid());
        let register = RegisterUser { name, email, administrator: true };
        for command in [UserCommand::RegisterUser(register), SetPassword { password_hash }.into()] {
            app.engine.execute(Envelope::new(user, Command::User(command), Actor::User(user))).await?;
        }
        let (pass, text) = issue_login(&app, user).await?;
        app.tell_login(user, pass, peer).await;
        Ok(text)
    };
    let text = app.with_setup(&code, make).await?;
    logged_in(&app, &headers, &text).await
}

/// The hash of a new password.
async fn hashed(app: &App, password: String) -> Result<String, Problem> {
    app.credentials.hashing.run(move |memory| hash_password_in(memory, &password)).await?.map_err(|error| {
        Problem::new(Code::InvalidField, error.to_string(), "choose another").field("password", "length")
    })
}

fn after(life: Duration) -> Timestamp {
    let life = i64::try_from(life.as_millis()).expect("lives are short");
    Timestamp::from_millis(now().millis().saturating_add(life))
}

/// Over TLS the browser says so by the page's origin; then the cookie never goes without.
fn set_cookie(
    response: &mut Response,
    headers: &HeaderMap,
    value: &str,
    life: Duration,
) -> Result<(), Problem> {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()).unwrap_or_default();
    let secure = origin.starts_with("https://");
    let name = if secure { COOKIES[0] } else { COOKIES[1] };
    let secure = if secure { "; Secure" } else { "" };
    let life = life.as_secs();
    let text = format!("{name}={value}; Path=/; Max-Age={life}; HttpOnly; SameSite=Strict{secure}");
    let value = HeaderValue::from_str(&text).map_err(|error| Problem::internal(&error))?;
    response.headers_mut().append(header::SET_COOKIE, value);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(())
}

async fn revoke(app: &App, pass: PassId, actor: Actor) -> Result<(), Problem> {
    let revoke = Command::Pass(PassCommand::RevokePass(RevokePass {}));
    app.engine.execute(Envelope::new(pass, revoke, actor)).await?;
    Ok(())
}

/// `POST /v1/auth/logout`
pub(crate) async fn logout(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Some(Shown::Pass(pass)) = caller.shown else {
        let hint = "revoke an API key in its project; the operator's token is a file";
        return Err(Problem::new(Code::Forbidden, "only a login or a pass can end itself", hint));
    };
    revoke(&app, pass, caller.actor).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, &headers, "", Duration::ZERO)?;
    Ok(response)
}

/// `POST /v1/auth/password`: ends every login of the person, this one too.
pub(crate) async fn change_password(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Problem> {
    let Principal::Person(person) = &*caller.principal else {
        let hint = "log in as the person, or use `waybill user`";
        return Err(Problem::new(Code::Forbidden, "only a person has a password", hint));
    };
    let PasswordChange { current, new } = json(&headers, body)?;
    app.count_try(&person.email, caller.peer)?;
    let email = person.email.clone();
    let stored = app
        .directory(move |directory| {
            directory.account(&email).and_then(|(_, account)| account.password_hash.clone())
        })
        .await?;
    if !is_password(&app, current, stored).await? {
        return Err(unauthorized("the password is wrong"));
    }
    let password_hash = hashed(&app, new).await?;
    let set = Command::User(UserCommand::SetPassword(SetPassword { password_hash }));
    app.engine.execute(Envelope::new(person.user, set, caller.actor)).await?;
    app.forget_tries(&person.email);
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /v1/auth/ticket`
pub(crate) async fn ticket(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<TicketShown>, Problem> {
    let expires_in_ms = u64::try_from(TICKET_LIFE.as_millis()).unwrap_or(u64::MAX);
    Ok(Json(TicketShown { ticket: app.issue_ticket(&caller)?, expires_in_ms }))
}

/// `GET /v1/auth/me`
pub(crate) async fn me(Extension(caller): Extension<Caller>) -> Json<Me> {
    Json(shown(&caller))
}

fn shown(caller: &Caller) -> Me {
    let of = |kind, projects| Me {
        kind,
        actor: caller.actor,
        user: None,
        email: None,
        administrator: false,
        projects,
        scopes: vec![],
        expires_at: caller.expires_at,
    };
    let one = |project: &ProjectId| vec![Membership { project: *project, role: None }];
    match &*caller.principal {
        Principal::Anonymous => of("nobody", vec![]),
        Principal::Operator => of("operator", vec![]),
        Principal::Person(person) => {
            let roles = person.roles.iter();
            let projects = roles.map(|(project, role)| Membership { project: *project, role: Some(*role) });
            let (user, email) = (Some(person.user), Some(person.email.clone()));
            Me { user, email, administrator: person.administrator, ..of("person", projects.collect()) }
        }
        Principal::ApiKey { project, scopes, .. } => {
            Me { scopes: scopes.iter().map(|scope| scope.as_str()).collect(), ..of("api_key", one(project)) }
        }
        Principal::Agent { project, .. } => of("agent", one(project)),
    }
}
