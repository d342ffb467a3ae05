//! The dashboard that the binary carries; built without one, it has the plain page instead.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, Uri, header};

use crate::pages;
use crate::problem::Problem;
use crate::query::path;

/// A file of the built dashboard.
struct File {
    /// Its path below the site.
    path: &'static str,
    plain: &'static [u8],
    /// The same, packed, where that is shorter to send.
    gzip: Option<&'static [u8]>,
}

const FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/dashboard.rs"));
const PAGE: &str = "index.html";
/// Files below it carry a digest of their bytes in their names, so they never change.
const NAMED_BY_CONTENT: &str = "app/";

/// `GET /`, and every page of the dashboard: it reads the address itself.
pub(crate) async fn page(headers: HeaderMap) -> Response {
    match find(PAGE) {
        Some(file) => send(file, &headers),
        None => pages::live().await,
    }
}

/// `GET /app/{file}`
pub(crate) async fn asset(
    headers: HeaderMap,
    file: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let name = format!("{NAMED_BY_CONTENT}{}", path(file)?);
    find(&name).map(|file| send(file, &headers)).ok_or_else(|| Problem::unknown_route("no such asset"))
}

/// A browser that asks for a page gets the dashboard, which knows its pages; anybody else, that there is no such route.
pub(crate) async fn unknown(method: Method, uri: Uri, headers: HeaderMap, _: Request) -> Response {
    if wants_page(&method, uri.path(), &headers) && find(PAGE).is_some() {
        return page(headers).await;
    }
    let path: String = uri.path().chars().take(200).collect();
    Problem::unknown_route(format!("there is no route `{path}`")).into_response()
}

fn wants_page(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let is_page = !path.starts_with("/v1/") && !path.rsplit('/').next().unwrap_or_default().contains('.');
    method == Method::GET && is_page && accept.contains("text/html")
}

fn find(path: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.path == path)
}

fn send(file: &File, asked: &HeaderMap) -> Response {
    let takes_gzip = asked
        .get(header::ACCEPT_ENCODING)
        .and_then(|taken| taken.to_str().ok())
        .is_some_and(|taken| taken.split(',').any(|each| each.trim() == "gzip"));
    let packed = file.gzip.filter(|_| takes_gzip);
    let mut response = packed.unwrap_or(file.plain).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(file.path)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if packed.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let kept = if file.path.starts_with(NAMED_BY_CONTENT) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    response
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(text: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(text))])
    }

    #[test]
    fn only_a_browser_that_asks_for_a_page_gets_one() {
        let browser = accepting("text/html,application/xhtml+xml,*/*;q=0.8");
        assert!(wants_page(&Method::GET, "/p/demo/runs", &browser));
        assert!(wants_page(&Method::GET, "/audit", &browser));
        for (method, path) in
            [(Method::GET, "/v1/nothing"), (Method::POST, "/audit"), (Method::GET, "/app/gone.js")]
        {
            assert!(!wants_page(&method, path, &browser), "{method} {path}");
        }
        assert!(!wants_page(&Method::GET, "/audit", &accepting("*/*")));
        assert!(!wants_page(&Method::GET, "/audit", &HeaderMap::new()));
    }

    #[test]
    fn a_file_is_packed_for_whoever_takes_that() {
        let file = File { path: "app/x-1.js", plain: b"plain", gzip: Some(b"packed") };
        let taking = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static("br, gzip"))]);
        let encoding = |response: Response| response.headers().get(header::CONTENT_ENCODING).cloned();
        assert_eq!(encoding(send(&file, &taking)), Some(HeaderValue::from_static("gzip")));
        assert_eq!(encoding(send(&file, &HeaderMap::new())), None);
        assert_eq!(
            send(&file, &taking).headers()[header::CACHE_CONTROL],
            "public, max-age=31536000, immutable"
        );
        let page = File { path: PAGE, plain: b"", gzip: None };
        assert_eq!(send(&page, &taking).headers()[header::CACHE_CONTROL], "no-cache");
    }

    #[test]
    fn what_is_carried_has_a_type_and_is_whole() {
        for file in FILES {
            assert_ne!(media_type(file.path), "application/octet-stream", "{}", file.path);
            assert!(!file.plain.is_empty(), "{}", file.path);
        }
        assert!(FILES.is_empty() || find(PAGE).is_some());
    }
}
