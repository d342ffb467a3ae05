//! A client of the server's HTTP interface, plain HTTP/1.1.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Body, Method, Response, StatusCode, Url};
use serde::Deserialize;
use vault::Vault;

use crate::failure::{Exit, Failure};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait for the next bytes of an answer; a verification of a long log says nothing for a while.
const READ_TIMEOUT: Duration = Duration::from_secs(600);

/// A server, and the token for it.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
    /// The keys in the server's data folder, where that is at hand.
    vault: Vault,
}

/// Why a server was not reached.
#[derive(Debug)]
pub(crate) enum ClientError {
    /// The address is not one of plain HTTP.
    Address(String),
    /// The token holds what a header cannot.
    Token,
    /// There was no answer, or it broke off.
    Http(reqwest::Error),
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(actual) => {
                write!(f, "expected a server such as `http://127.0.0.1:8377`, got `{actual}`")
            }
            Self::Token => f.write_str("the token holds characters that no token has"),
            Self::Http(error) if error.is_connect() => f.write_str("the server cannot be reached"),
            Self::Http(error) if error.is_timeout() => f.write_str("the server did not answer in time"),
            Self::Http(_) => f.write_str("the server's answer broke off"),
        }
    }
}

impl std::error::Error for ClientError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Http(error) => Some(error),
            Self::Address(_) | Self::Token => None,
        }
    }
}

impl ClientError {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Address(_) | Self::Token => Exit::Usage,
            Self::Http(_) => Exit::Unreachable,
        }
    }
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Address(actual) if actual.starts_with("https:") => {
                "this program speaks plain HTTP: go through a tunnel to the server's own port, such as \
                 `ssh -L 8377:127.0.0.1:8377 HOST`"
            }
            Self::Address(_) => "give --server a scheme, a host and a port",
            Self::Token => "give --token what DIR/token holds",
            Self::Http(_) => "check the address, and that `waybill serve` runs there",
        }
        .to_owned()
    }
}

impl From<reqwest::Error> for ClientError {
    fn from(error: reqwest::Error) -> Self {
        // The address may be long and says nothing that the user did not give.
        Self::Http(error.without_url())
    }
}

/// A refusal by the server (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Problem {
    /// Which kind it is, from a closed list.
    #[serde(default)]
    pub(crate) code: String,
    /// What happened.
    #[serde(default)]
    pub(crate) detail: String,
    /// What to do about it.
    #[serde(default)]
    pub(crate) hint: Option<String>,
    /// HTTP status.
    #[serde(default)]
    pub(crate) status: u16,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.detail, self.code)
    }
}

impl std::error::Error for Problem {}

impl Problem {
    pub(crate) fn exit(&self) -> Exit {
        match self.status {
            507 => Exit::DiskFull,
            401 | 403 | 503 => Exit::Unreachable,
            400 | 404 | 405 | 406 | 422 => Exit::Usage,
            _ => Exit::Failed,
        }
    }
}

/// Arguments of a query.
pub(crate) type Arguments = Vec<(String, String)>;

impl Client {
    /// A client of the server at `url`.
    pub(crate) fn new(url: &str, token: &str) -> Result<Self, ClientError> {
        let wrong = || ClientError::Address(url.chars().take(200).collect());
        let base = Url::parse(url).map_err(|_| wrong())?;
        if base.scheme() != "http" || base.host_str().is_none() {
            return Err(wrong());
        }
        let mut bearer = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| ClientError::Token)?;
        bearer.set_sensitive(true);
        let http = reqwest::Client::builder()
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .tcp_nodelay(true)
            // The token goes to the named server only.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { http, base, vault: Vault::memory() })
    }
    /// The same, beside what may be the server's data folder: what it seals can be opened then.
    pub(crate) fn beside(self, data: &Path) -> Self {
        Self { vault: Vault::read(data).unwrap_or_default(), ..self }
    }
    /// What opens sealed text.
    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// A resource, its path in parts that need no escaping.
    pub(crate) async fn get(
        &self,
        path: &[&str],
        query: &Arguments,
        accept: &str,
    ) -> Result<Response, Failure> {
        let request = self.http.request(Method::GET, self.resource(path)).query(query);
        let response = request.header(ACCEPT, accept).send().await.map_err(ClientError::from)?;
        answered(response).await
    }
    /// A resource's JSON text.
    pub(crate) async fn json(&self, path: &[&str], query: &Arguments) -> Result<String, Failure> {
        let response = self.get(path, query, "application/json").await?;
        Ok(response.text().await.map_err(ClientError::from)?)
    }
    /// As [`Client::json`], whatever the status: a server that is not ready says so in its body.
    pub(crate) async fn json_any(&self, path: &[&str]) -> Result<String, Failure> {
        let request = self.http.request(Method::GET, self.resource(path));
        let response = request.send().await.map_err(ClientError::from)?;
        let response = if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            response
        } else {
            answered(response).await?
        };
        Ok(response.text().await.map_err(ClientError::from)?)
    }
    /// Sends `body` and returns the answer, whose own body may be read as it comes.
    pub(crate) async fn post(
        &self,
        path: &[&str],
        body: impl Into<Body>,
        kind: &str,
    ) -> Result<Response, Failure> {
        let request = self.http.request(Method::POST, self.resource(path)).header(CONTENT_TYPE, kind);
        let response = request.body(body).send().await.map_err(ClientError::from)?;
        answered(response).await
    }

    fn resource(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        url.path_segments_mut().expect("an http address has a path").pop_if_empty().extend(path);
        url
    }
}

async fn answered(response: Response) -> Result<Response, Failure> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let text = response.text().await.map_err(ClientError::from)?;
    Err(problem(status, &text).into())
}

/// The problem that an answer tells of, whoever wrote it.
fn problem(status: StatusCode, text: &str) -> Problem {
    let told = serde_json::from_str::<Problem>(text).ok().filter(|problem| !problem.detail.is_empty());
    let other = || Problem {
        code: "other".into(),
        detail: format!("the server answered {status}"),
        hint: Some("check that --server names a Waybill server".into()),
        status: status.as_u16(),
    };
    let mut problem = told.unwrap_or_else(other);
    problem.status = status.as_u16();
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_is_spoken() {
        for wrong in ["https://host:1", "host:8377", "", "file:///etc", "http://"] {
            let failure = Failure::from(Client::new(wrong, "t").expect_err(wrong));
            assert_eq!(failure.exit, Exit::Usage, "{wrong}");
        }
        let tunnel = Failure::from(Client::new("https://host", "t").expect_err("no TLS"));
        assert!(tunnel.hint.unwrap().contains("ssh -L"));
        assert!(matches!(Client::new("http://h:1", "a\nb"), Err(ClientError::Token)));
    }

    #[test]
    fn paths_are_escaped_and_kept_under_the_base() {
        let client = Client::new("http://h:1/under/", "t").unwrap();
        let url = client.resource(&["v1", "views", "usage", "P/a b/2025"]);
        assert_eq!(url.as_str(), "http://h:1/under/v1/views/usage/P%2Fa%20b%2F2025");
        assert_eq!(client.url(), "http://h:1/under");
    }

    #[test]
    fn a_refusal_is_told_with_its_code_and_hint() {
        let text =
            r#"{"code":"unknown_view","title":"x","detail":"unknown view `x`","hint":"look","status":404}"#;
        let failure = Failure::from(problem(StatusCode::NOT_FOUND, text));
        assert_eq!(failure.message, "unknown view `x` (unknown_view)");
        assert_eq!((failure.exit, failure.hint.as_deref()), (Exit::Usage, Some("look")));
        let other = problem(StatusCode::BAD_GATEWAY, "<html>");
        assert!(other.to_string().contains("502"), "{other}");
        assert_eq!(problem(StatusCode::UNAUTHORIZED, "{}").exit(), Exit::Unreachable);
    }

    #[test]
    fn a_token_is_never_shown() {
        let client = Client::new("http://h:1", "wb_secret").unwrap();
        assert!(!format!("{client:?}").contains("wb_secret"));
    }
}
