//! Every error that leaves the house: RFC 9457 problems with a closed set of codes, and a hint.

mod care;
mod proof;

use axum::response::{IntoResponse, Response};
use domain::Rejection;
use domain::catalogue::ParseError;
use domain::ids::IdError;
use engine::{ExecuteError, ViewError};
use http::{HeaderValue, StatusCode, header};
use journal::{AppendError, ReadError};
use projections::QueryError;
use schemars::JsonSchema;
use serde::Serialize;

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $text:literal, $status:ident;)*) => {
        /// What went wrong, as programs tell it apart. The set is closed: a new one is a new version.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $text)] $code,)*
        }
        impl Code {
            /// Every code, in order.
            pub const ALL: &[Self] = &[$(Self::$code),*];
            /// The code in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$code => $text,)* }
            }
            /// Its HTTP status.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$code => StatusCode::$status,)* }
            }
        }
    };
}

codes! {
    /// The body is not the JSON that the command or frame wants.
    InvalidBody = "invalid_body", BAD_REQUEST;
    /// A parameter or header does not fit.
    InvalidParameter = "invalid_parameter", BAD_REQUEST;
    /// A field's value is out of what the domain allows.
    InvalidField = "invalid_field", UNPROCESSABLE_ENTITY;
    /// Something that the command names does not exist.
    UnknownReference = "unknown_reference", UNPROCESSABLE_ENTITY;
    /// There is no such aggregate, command, view or route.
    UnknownRoute = "unknown_route", NOT_FOUND;
    /// There is nothing under that id.
    NotFound = "not_found", NOT_FOUND;
    /// The method is none of this route's.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED;
    /// It exists already.
    AlreadyExists = "already_exists", CONFLICT;
    /// Another holds a value that only one may hold.
    Taken = "taken", CONFLICT;
    /// The command does not fit the state.
    IllegalState = "illegal_state", CONFLICT;
    /// A rule forbids it.
    RuleBroken = "rule_broken", CONFLICT;
    /// The stream is not at the expected version.
    VersionConflict = "version_conflict", PRECONDITION_FAILED;
    /// The idempotency key stands for another command.
    IdempotencyKeyReused = "idempotency_key_reused", CONFLICT;
    /// Others changed the stream at every attempt.
    Contended = "contended", SERVICE_UNAVAILABLE;
    /// The body did not come in time.
    BodyTimeout = "body_timeout", REQUEST_TIMEOUT;
    /// The body or message is too large.
    TooLarge = "too_large", PAYLOAD_TOO_LARGE;
    /// The content type is not taken here.
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE;
    /// No token, or a wrong one.
    Unauthorized = "unauthorized", UNAUTHORIZED;
    /// It is there, and whoever asks may not do that.
    Forbidden = "forbidden", FORBIDDEN;
    /// The page that asks is not allowed to.
    ForbiddenOrigin = "forbidden_origin", FORBIDDEN;
    /// The host name is not this server's.
    WrongHost = "wrong_host", MISDIRECTED_REQUEST;
    /// A view has not reached the position in time.
    NotYet = "not_yet", GATEWAY_TIMEOUT;
    /// A view stands still at an event that broke it.
    ViewQuarantined = "view_quarantined", SERVICE_UNAVAILABLE;
    /// Full-text search has no index to ask at the moment.
    SearchUnavailable = "search_unavailable", SERVICE_UNAVAILABLE;
    /// More work is waiting than the server takes.
    Overloaded = "overloaded", SERVICE_UNAVAILABLE;
    /// The disk is full: no writes until there is room again, and reads go on.
    DiskFull = "disk_full", INSUFFICIENT_STORAGE;
    /// The log takes no writes.
    ReadOnly = "read_only", SERVICE_UNAVAILABLE;
    /// The log failed.
    LogFailed = "log_failed", INTERNAL_SERVER_ERROR;
    /// A frame does not fit the protocol.
    Protocol = "protocol", BAD_REQUEST;
    /// A limit of the connection is reached.
    LimitReached = "limit_reached", TOO_MANY_REQUESTS;
    /// A defect of the server.
    Internal = "internal", INTERNAL_SERVER_ERROR;
}

/// A field at fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldError {
    /// Its name in JSON.
    pub field: String,
    /// What was expected and what came.
    pub detail: String,
}

/// An error as clients get it, over HTTP, in WebSocket frames and on the command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Problem {
    /// A reference that stands for the code.
    pub r#type: String,
    /// The code.
    pub code: Code,
    /// HTTP status.
    pub status: u16,
    /// The code in words.
    pub title: String,
    /// What was expected and what came.
    pub detail: String,
    /// What to do.
    pub hint: String,
    /// Fields at fault.
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// A problem of that code.
    pub fn new(code: Code, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            r#type: format!("/docs#{}", code.as_str()),
            code,
            status: code.status().as_u16(),
            title: code.as_str().replace('_', " "),
            detail: detail.into(),
            hint: hint.into(),
            errors: vec![],
        }
    }
    /// A parameter or header that does not fit.
    pub fn parameter(field: &str, error: &IdError) -> Self {
        let hint = format!("send {}, or leave `{field}` out", error.expected);
        Self::new(Code::InvalidParameter, format!("`{field}`: {error}"), hint)
            .field(field, &error.to_string())
    }
    /// With a field at fault.
    #[must_use]
    pub fn field(mut self, field: &str, detail: &str) -> Self {
        self.errors.push(FieldError { field: field.to_owned(), detail: detail.to_owned() });
        self
    }
    /// A route that does not exist.
    pub fn unknown_route(detail: impl Into<String>) -> Self {
        Self::new(Code::UnknownRoute, detail, "/openapi.json lists every route, command and view")
    }
    /// A defect, told without its inside; the log has the rest.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "internal error");
        Self::new(Code::Internal, "the server failed", "look at the server's log; nothing was half written")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).expect("a problem is plain data, which JSON always encodes");
        let mut response = (self.code.status(), body).into_response();
        let json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        // For whoever stands outside: what went wrong, without reading it out of the body.
        response.extensions_mut().insert(self.code);
        if self.code == Code::Unauthorized {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if matches!(self.code, Code::Overloaded | Code::Contended) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let code = match &rejection {
            Rejection::NotFound { .. } => Code::NotFound,
            Rejection::AlreadyExists { .. } => Code::AlreadyExists,
            Rejection::Taken { .. } => Code::Taken,
            Rejection::Unknown { .. } | Rejection::UnknownReference { .. } => Code::UnknownReference,
            Rejection::Invalid { .. } => Code::InvalidField,
            Rejection::IllegalState { .. } => Code::IllegalState,
            Rejection::Rule { .. } => Code::RuleBroken,
        };
        let problem = Self::new(code, rejection.to_string(), rejection.hint());
        match rejection.field() {
            Some(field) => problem.field(field, &rejection.to_string()),
            None => problem,
        }
    }
}

impl From<ParseError> for Problem {
    fn from(error: ParseError) -> Self {
        match &error {
            ParseError::UnknownCommand { .. } => Self::unknown_route(error.to_string()),
            ParseError::Malformed { .. } => {
                Self::new(Code::InvalidBody, error.to_string(), "/openapi.json has the schema of every body")
            }
        }
    }
}

impl From<AppendError> for Problem {
    fn from(error: AppendError) -> Self {
        let detail = error.to_string();
        match error {
            AppendError::Conflict { .. } => Self::new(Code::VersionConflict, detail, VERSION_HINT),
            AppendError::Reused { .. } => Self::new(Code::IdempotencyKeyReused, detail, REUSED_HINT),
            AppendError::TooLarge { .. } | AppendError::TooMany { .. } => {
                Self::new(Code::TooLarge, detail, "send it in parts: a commit takes at most 1 MiB")
            }
            AppendError::Overloaded { .. } => {
                Self::new(Code::Overloaded, detail, "send it again in a second")
            }
            AppendError::NoSpace { .. } => Self::new(Code::DiskFull, detail, FULL_HINT),
            AppendError::ReadOnly => {
                Self::new(Code::ReadOnly, detail, "/readyz says why the log takes no writes")
            }
            AppendError::Closed => {
                Self::new(Code::Overloaded, "the server is stopping", "send it again in a second")
            }
            AppendError::Poisoned { .. } => Self::new(
                Code::LogFailed,
                detail,
                "the server ends: start it again once the disk is well, then send it again under the same \
                 idempotency key",
            ),
            AppendError::Empty | AppendError::Unreadable { .. } => Self::internal(&error),
        }
    }
}

const FULL_HINT: &str =
    "make room on the disk of the data folder, then send it again: nothing needs to be restarted";
const VERSION_HINT: &str = "read the stream again and decide anew, or leave the expectation out";
const REUSED_HINT: &str = "use a new ULID for a new command";

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        Self::new(Code::LogFailed, error.to_string(), "run `waybill verify` on the data folder")
    }
}

impl From<ExecuteError> for Problem {
    fn from(error: ExecuteError) -> Self {
        let detail = error.to_string();
        match error {
            ExecuteError::Rejected(rejection) => rejection.into(),
            ExecuteError::WrongStream { .. } => Self::new(
                Code::InvalidParameter,
                detail,
                "use the stream of an aggregate that knows the command",
            ),
            ExecuteError::Conflict { .. } => Self::new(Code::VersionConflict, detail, VERSION_HINT),
            ExecuteError::Contended { .. } => Self::new(Code::Contended, detail, "send it again"),
            ExecuteError::Reused { .. } => Self::new(Code::IdempotencyKeyReused, detail, REUSED_HINT),
            ExecuteError::Append(error) => error.into(),
            ExecuteError::Read(error) => error.into(),
            ExecuteError::Sealing { hint, .. } => {
                tracing::error!(detail, "what must be sealed could not be");
                Self::new(Code::Internal, detail, hint)
            }
            ExecuteError::Load(error) => {
                tracing::error!(%error, "aggregate cannot be loaded");
                Self::new(Code::LogFailed, detail, "run `waybill verify` on the data folder")
            }
        }
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        match &error {
            QueryError::UnknownFilter { field, .. } => Self::new(
                Code::InvalidParameter,
                error.to_string(),
                "leave it out, or use one of those named",
            )
            .field(field, "unknown filter"),
            QueryError::UnknownFigure { figure, .. } => Self::new(
                Code::InvalidParameter,
                error.to_string(),
                format!("leave `order_by={figure}` out for the order of keys"),
            ),
            QueryError::BadNumber { .. } => {
                Self::new(Code::InvalidParameter, error.to_string(), "bounds are numbers such as 70 or 0.5")
            }
            QueryError::BadKey { .. } => {
                Self::new(Code::InvalidField, error.to_string(), "use a key that the view shows")
            }
            QueryError::Lost { .. } | QueryError::BadSnapshot { .. } => Self::internal(&error),
        }
    }
}

impl From<ViewError> for Problem {
    fn from(error: ViewError) -> Self {
        let detail = error.to_string();
        match error {
            ViewError::UnknownView(_) => Self::unknown_route(detail),
            ViewError::KeyMissing(_) => {
                Self::new(Code::InvalidParameter, detail, "name it: /v1/views/{name}/{id}")
            }
            ViewError::Query(error) => error.into(),
            ViewError::NotFound { .. } => {
                Self::new(Code::NotFound, detail, "check the id; views of lists show what there is")
            }
            ViewError::NotYet { .. } => Self::new(Code::NotYet, detail, "ask again, or raise `wait`"),
            ViewError::Quarantined { .. } => Self::new(
                Code::ViewQuarantined,
                detail,
                "`waybill views retry` folds it anew, `waybill views skip` passes over the event",
            ),
            ViewError::BackToFront { .. } => {
                Self::new(Code::InvalidField, detail, "name the earlier point first")
            }
            ViewError::Read(error) => error.into(),
            ViewError::Decode(fault) => {
                Self::new(Code::LogFailed, fault.to_string(), "run `waybill verify` on the data folder")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_code_field_and_hint() {
        let problem = Problem::from(Rejection::invalid("memory_mb", "256 to 8192 MB", 9_000));
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(json["code"], "invalid_field");
        assert_eq!(json["status"], 422);
        assert_eq!(json["errors"][0]["field"], "memory_mb");
        assert!(json["hint"].as_str().unwrap().len() > 10);
    }

    #[test]
    fn codes_are_distinct() {
        let distinct: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(distinct.len(), Code::ALL.len());
    }
}
