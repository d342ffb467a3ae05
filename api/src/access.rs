//! Who gets in: this server's names, pages that may ask, and who asks for what.

use std::cell::Cell;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::authority::{Action, Denied, Principal, Resource, action_of, attribute, authorize};
use domain::ids::ProjectId;
use domain::{Command, Expected};
use engine::{Envelope, Reading, ViewError};
use http::header::HeaderName;
use http::{HeaderMap, Method, header};

use crate::accesses::Peer;
use crate::credentials::{Caller, denial};
use crate::problem::{Code, Problem};
use crate::state::App;

/// The request's host and origin must be ours: a page elsewhere, or a name that was rebound to this
/// address, gets nothing, token or not.
pub(crate) async fn same_site(State(app): State<App>, request: Request, next: Next) -> Response {
    match check_site(&app, request.headers(), request.uri().host()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

pub(crate) fn check_site(app: &App, headers: &HeaderMap, uri_host: Option<&str>) -> Result<(), Problem> {
    let host = match only(headers, &header::HOST) {
        Ok(named) => named.or(uri_host).unwrap_or_default(),
        Err(Twice) => "",
    };
    // The names that are known are in lower case.
    if !app.hosts.iter().any(|known| known.eq_ignore_ascii_case(host)) {
        let host = host.to_ascii_lowercase();
        let detail = format!("expected one of {}, got host `{}`", app.hosts.join(", "), clip(&host));
        return Err(Problem::new(
            Code::WrongHost,
            detail,
            "use the address that the server printed at its start",
        ));
    }
    let origin = match only(headers, &header::ORIGIN) {
        Ok(None) => return Ok(()),
        Ok(Some(origin)) => origin.to_ascii_lowercase(),
        Err(Twice) => String::new(),
    };
    let own = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    if own.is_some_and(|own| app.hosts.iter().any(|host| host == own)) || app.origins.contains(&origin) {
        return Ok(());
    }
    let detail = format!("pages of `{}` may not ask this server", clip(&origin));
    Err(Problem::new(
        Code::ForbiddenOrigin,
        detail,
        "open the server's own page, or allow the origin at its start",
    ))
}

/// A header came twice: whoever stands before this server may have read the other one.
struct Twice;

/// A header's text, empty where it is none; `None` where it is not there.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Twice> {
    let mut values = headers.get_all(name).into_iter();
    let first = values.next().map(|value| value.to_str().unwrap_or_default());
    if values.next().is_some() { Err(Twice) } else { Ok(first) }
}

fn clip(text: &str) -> String {
    text.chars().take(80).collect()
}

/// What a route demands before its handler runs. There is no route without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing: the route holds no data.
    Open,
    /// Somebody who is known. The handler authorises what the request names, by [`Caller::may`] or
    /// [`Caller::sight`].
    Known,
    /// Somebody who may do that to the installation.
    Installation(Action),
    /// Somebody who is known. Whoever shows nothing only asks whether they are, as every page does when it is opened:
    /// they are refused, and the log is not told.
    Myself,
}

/// Stands before every handler: who asks, and whether they may. The handler finds the [`Caller`].
pub(crate) async fn guard(
    State((app, need)): State<(App, Need)>,
    mut request: Request,
    next: Next,
) -> Response {
    if need == Need::Open {
        return next.run(request).await;
    }
    let (asked, peer) = (asked(&request), peer(&request));
    let shows_nothing =
        [header::AUTHORIZATION, header::COOKIE].iter().all(|name| !request.headers().contains_key(name));
    let known = identify(&app, request.method(), request.headers(), peer).await;
    let caller = known.as_ref().ok().cloned();
    let admitted = known.and_then(|caller| match need {
        Need::Installation(action) => caller.may(action, &Resource::INSTALLATION).map(|()| caller),
        Need::Myself => caller.may(Action::Status, &Resource::INSTALLATION).map(|()| caller),
        Need::Open | Need::Known => Ok(caller),
    });
    let response = match admitted {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    };
    if need != Need::Myself || !shows_nothing {
        app.tell_refusal(caller.as_ref(), response.extensions().get().copied(), &asked, peer).await;
    }
    response
}

/// What is asked for, in a line: a query may hold what is searched for, and stays out.
pub(crate) fn asked(request: &Request) -> String {
    format!("{} {}", request.method(), request.uri().path())
}

/// Where a request comes from, as far as it is known.
pub(crate) fn peer(request: &Request) -> Option<Peer> {
    request.extensions().get().copied()
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Names of the cookie that a page is logged in with: the first where it came over TLS.
pub(crate) const COOKIES: [&str; 2] = ["__Host-waybill", "waybill"];

/// The pass in a cookie. Two of one name are none: one of them was planted.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut found = pairs.filter(|(name, _)| COOKIES.contains(name));
    let (_, pass) = found.next()?;
    found.next().is_none().then_some(pass)
}

/// Who asks: the one place that turns a request into somebody.
pub(crate) async fn identify(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
    peer: Option<Peer>,
) -> Result<Caller, Problem> {
    Ok(Caller { peer, ..known(app, method, headers).await? })
}

async fn known(app: &App, method: &Method, headers: &HeaderMap) -> Result<Caller, Problem> {
    if headers.contains_key(header::AUTHORIZATION) {
        let token = bearer(headers).ok_or_else(|| unauthorized("expected a bearer token"))?;
        return app.caller(token).await;
    }
    let pass = cookie(headers).ok_or_else(|| unauthorized("no bearer token came"))?;
    // A cookie goes along by itself: what changes something must come from a page that says whose it is.
    if !method.is_safe() && !headers.contains_key(header::ORIGIN) {
        let hint = "let a page of this server send it, or use a bearer token";
        return Err(Problem::new(Code::ForbiddenOrigin, "a cookie came without an origin", hint));
    }
    let caller = app.caller(pass).await?;
    // The operator's token and keys of programs have no business in a browser's jar.
    match *caller.principal {
        Principal::Person(_) => Ok(caller),
        _ => Err(unauthorized("the cookie holds no login")),
    }
}

pub(crate) fn unauthorized(detail: &str) -> Problem {
    Problem::new(
        Code::Unauthorized,
        detail,
        "send `Authorization: Bearer TOKEN`; the token is in the file `token` of the data folder",
    )
}

/// What a caller asks of an aggregate: the command as it counts, and what it expects of the stream.
pub(crate) async fn admit(
    app: &App,
    caller: &Caller,
    mut envelope: Box<Envelope>,
) -> Result<Box<Envelope>, Problem> {
    if caller.is_operator() {
        return Ok(envelope);
    }
    attribute(&caller.principal, &mut envelope.command);
    let resource = app.engine.resource(envelope.stream, &envelope.command).await?;
    caller.may(action(app, &envelope.command, resource.project)?, &resource)?;
    // What was allowed is to make it: where another is quicker, that one is not theirs.
    let fresh = !resource.exists && envelope.expected == Expected::Any;
    if fresh {
        envelope.expected = Expected::None;
    }
    Ok(envelope)
}

/// What a command does. The few that turn on what somebody is in the project are told so as of everything durable.
fn action(app: &App, command: &Command, project: Option<ProjectId>) -> Result<Action, Problem> {
    let failed = Cell::new(None);
    let role_of = |user| {
        let role = app.directory_now(|directory| project.and_then(|project| directory.role(project, user)));
        role.map_err(|problem| failed.set(Some(problem))).ok().flatten()
    };
    let action = action_of(command, &role_of);
    failed.take().map_or(Ok(action), Err)
}

/// Whether a caller may see the aggregate that a view is of; any other answer is that of one that is not there. A list
/// is cut to what they see. Either way the log is told who looks in from outside.
pub(crate) async fn check_view(app: &App, caller: &Caller, reading: &Reading) -> Result<(), Problem> {
    if caller.is_operator() {
        return Ok(());
    }
    let Some(stream) = reading.stream() else {
        let query = reading.query();
        let named = query.filters.iter().find(|(field, _)| field == "project");
        let only = named.and_then(|(_, project)| project.parse().ok());
        app.tell_all_read(caller, &query.sight, only, reading.spec().name).await;
        return Ok(());
    };
    let resource = app.engine.durable_resource(stream)?;
    match authorize(&caller.principal, Action::Views, &resource) {
        Ok(()) => {
            if let Some(project) = resource.project {
                app.tell_read(caller, project, reading.spec().name, Some(stream)).await;
            }
            Ok(())
        }
        Err(Denied::Hidden) => {
            Err(ViewError::NotFound { view: reading.spec().name, key: stream.to_string() }.into())
        }
        Err(denied) => Err(denial(denied, &resource)),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_cookie_counts_where_it_is_the_only_one() {
        let of = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, HeaderValue::from_static(line));
            }
            cookie(&headers).map(ToOwned::to_owned)
        };
        assert_eq!(of(&["a=b; waybill=x; c=d"]).as_deref(), Some("x"));
        assert_eq!(of(&["__Host-waybill=x"]).as_deref(), Some("x"));
        for none in [&["a=b"][..], &["waybill=x; waybill=y"], &["waybill=x", "__Host-waybill=y"], &[]] {
            assert_eq!(of(none), None, "{none:?}");
        }
    }
}
