//! Telemetry of agents, as OTLP over HTTP in JSON: `POST /v1/otlp/v1/{metrics,logs,traces}`.
//!
//! An agent's pass says which run it is; whoever shows something else names it by the resource attribute
//! `waybill.run`. A request that was sent twice is recorded once.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::{Extension, Json};
use domain::StreamId;
use domain::authority::Principal;
use domain::ids::{CommitId, RunId, StepId};
use domain::terms::TelemetrySignal;
use engine::{Envelope, ExecuteError};
use http::{HeaderMap, header};
use replay::otlp::{self, OtlpError};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::access::admit;
use crate::commands::too_large;
use crate::credentials::Caller;
use crate::problem::{Code, Problem};
use crate::query::path;
use crate::state::App;

/// What OTLP answers: nothing more where everything was taken.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Taken {
    /// What was not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    partial_success: Option<Partial>,
}

/// What was not taken of a request.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Partial {
    /// Readings that a rule refused.
    rejected: u64,
    /// The rule.
    error_message: String,
}

/// `POST /v1/otlp/v1/{signal}`
pub(crate) async fn receive(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    signal: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Taken>, Problem> {
    let named = path(signal)?;
    let signal = TelemetrySignal::ALL.iter().copied().find(|signal| signal.as_str() == named);
    let unknown = || Problem::unknown_route("telemetry is metrics, logs or traces".to_owned());
    let signal = signal.ok_or_else(unknown)?;
    check_form(&headers)?;
    let body = body.map_err(|error| too_large(&error))?;
    let (own_run, own_step) = match *caller.principal {
        Principal::Agent { run, step, .. } => (Some(run), step),
        _ => (None, None),
    };
    let mut refused: Option<Partial> = None;
    for told in otlp::read(signal, &body)? {
        let run = told.run.or(own_run).ok_or_else(unnamed)?;
        for (nth, (command, readings)) in told.commands(own_step).into_iter().enumerate() {
            let mut envelope = Box::new(Envelope::new(StreamId::from(run), command, caller.actor));
            envelope.commit = Some(commit(run, own_step, nth, signal, &body));
            let envelope = admit(&app, &caller, envelope).await?;
            app.admit().await?;
            match app.engine.execute(envelope).await {
                Ok(_) => {}
                Err(ExecuteError::Rejected(rejection)) if otlp::is_old(&rejection) => {}
                // The exporter can mend nothing by sending it again: OTLP has it told and taken as it is.
                Err(ExecuteError::Rejected(rejection)) => {
                    let rejected = refused.map_or(0, |known| known.rejected) + readings;
                    refused = Some(Partial { rejected, error_message: rejection.to_string() });
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(Json(Taken { partial_success: refused }))
}

/// An exporter that got no answer sends the same bytes again.
fn commit(run: RunId, step: Option<StepId>, nth: usize, signal: TelemetrySignal, body: &[u8]) -> CommitId {
    let mut hasher = Sha256::new();
    hasher.update(b"waybill otlp 1\0");
    hasher.update(run.to_bytes());
    hasher.update(step.map_or([0; 16], StepId::to_bytes));
    hasher.update((nth as u64).to_be_bytes());
    hasher.update(signal.as_str());
    hasher.update(body);
    let digest: [u8; 32] = hasher.finalize().into();
    let (first, _) = digest.split_first_chunk::<16>().expect("32 bytes begin with 16");
    CommitId::from_bytes(*first)
}

fn unnamed() -> Problem {
    let hint = "show the pass of the run, or set OTEL_RESOURCE_ATTRIBUTES=waybill.run=RUN";
    Problem::new(Code::InvalidBody, "the telemetry does not say of which run it is", hint)
}

fn check_form(headers: &HeaderMap) -> Result<(), Problem> {
    let value = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
    let coding = value(header::CONTENT_ENCODING).trim();
    let plain = coding.is_empty() || coding.eq_ignore_ascii_case("identity");
    if essence.eq_ignore_ascii_case("application/json") && plain {
        return Ok(());
    }
    let actual = if plain { essence } else { coding };
    let detail =
        format!("expected plain application/json, got `{}`", actual.chars().take(80).collect::<String>());
    let hint = "set OTEL_EXPORTER_OTLP_PROTOCOL=http/json and leave OTEL_EXPORTER_OTLP_COMPRESSION out";
    Err(Problem::new(Code::UnsupportedMediaType, detail, hint))
}

impl From<OtlpError> for Problem {
    fn from(error: OtlpError) -> Self {
        Self::new(Code::InvalidBody, error.to_string(), "send OTLP as its JSON mapping has it")
    }
}
