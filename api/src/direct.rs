//! The shorter way of the request that comes by the thousand: a single command, past the router.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::Method;
use tower::ServiceExt;

use crate::accesses::Peer;
use crate::credentials::Caller;
use crate::problem::Problem;
use crate::state::App;
use crate::{access, commands, pages};

/// Answers a request; whatever is no plain command goes through the router.
pub(crate) async fn answer(app: &App, router: Router, request: Request) -> Response {
    if named(&request).is_none() {
        return router.oneshot(request).await.unwrap_or_else(|never| match never {});
    }
    let (asked, peer) = (access::asked(&request), access::peer(&request));
    let (caller, answer) = command(app, request, peer).await;
    let mut response = answer.into_response();
    app.tell_refusal(caller.as_ref(), response.extensions().get().copied(), &asked, peer).await;
    pages::guard(response.headers_mut());
    response
}

/// The checks that stand before the route in the router, in the same order, and the same handler.
async fn command(
    app: &App,
    request: Request,
    peer: Option<Peer>,
) -> (Option<Caller>, Result<commands::Answer, Problem>) {
    if let Err(problem) = access::check_site(app, request.headers(), request.uri().host()) {
        return (None, Err(problem));
    }
    match access::identify(app, request.method(), request.headers(), peer).await {
        Err(problem) => (None, Err(problem)),
        Ok(caller) => {
            let answer = by(app, &caller, request).await;
            (Some(caller), answer)
        }
    }
}

async fn by(app: &App, caller: &Caller, request: Request) -> Result<commands::Answer, Problem> {
    let (head, body) = request.into_parts();
    // The limit that this extractor has by default is ours.
    let body = Bytes::from_request(Request::new(body), &()).await;
    let timer = app.metrics.command();
    let names = parts(head.uri.path()).expect("it was named by the same path");
    commands::run(app, caller, names, &head.headers, body, timer).await
}

/// What `POST /v1/{aggregate}/{id}/{command}` names, where the path is spelt as it is read: no `%`, no part empty.
fn named(request: &Request) -> Option<[&str; 3]> {
    let names = (*request.method() == Method::POST).then(|| parts(request.uri().path()))??;
    // Routes of the server's own begin with other words, but for those of the log, which takes no commands.
    (names[0] != "log" && names[0].parse::<domain::Category>().is_ok()).then_some(names)
}

fn parts(path: &str) -> Option<[&str; 3]> {
    let mut parts = path.strip_prefix("/v1/").filter(|rest| !rest.contains('%'))?.split('/');
    let names = [parts.next()?, parts.next()?, parts.next()?];
    (parts.next().is_none() && names.iter().all(|part| !part.is_empty())).then_some(names)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[track_caller]
    fn check(method: &str, path: &str, expected: Option<[&str; 3]>) {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        assert_eq!(named(&request), expected, "{method} {path}");
    }

    #[test]
    fn only_plain_commands_take_the_shorter_way() {
        check("POST", "/v1/run/01J/start", Some(["run", "01J", "start"]));
        check("POST", "http://localhost:1/v1/run/01J/start?x=/y", Some(["run", "01J", "start"]));
        check("GET", "/v1/run/01J/start", None);
        for other in [
            "/v1/run/01J/st%61rt",
            "/v1/run/01J/start/",
            "/v1/run//start",
            "/v1/run/01J",
            "/v1/run/01J/start/now",
            "/v2/run/01J/start",
            "/v1/views/runs/01J",
            "/v1/log/verify",
            "/v1/log/keys/rotate",
            "/v1/commands",
            "*",
        ] {
            check("POST", other, None);
        }
    }
}
