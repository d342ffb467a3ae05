//! What agents' telemetry says of tokens and cost, out of OTLP as JSON (<https://opentelemetry.io/docs/specs/otlp>).
//!
//! Three dialects are understood: that of Claude Code (`claude_code.*`), that of Codex (`codex.*`), and the
//! conventions for generative AI (`gen_ai.*`). Whatever else an agent sends is passed over.

mod shapes;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use domain::ids::{RunId, StepId};
use domain::run::{RecordTelemetry, TELEMETRY_IS_OLD, TELEMETRY_READINGS_MAX, TelemetryReading};
use domain::terms::TelemetrySignal;
use domain::values::{Timestamp, Usd};
use domain::{Command, Rejection};

use self::shapes::{Attributes, Envelope, Metric, Point, Record};

/// Why a body is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum OtlpError {
    /// It is no OTLP in JSON.
    #[error("the body is not OTLP in JSON: {reason}")]
    Malformed {
        /// Why not.
        reason: String,
    },
    /// An attribute that names a run or step does not.
    #[error("the attribute `{name}` is no id: {reason}")]
    Id {
        /// The attribute.
        name: &'static str,
        /// Why not.
        reason: String,
    },
}

/// What one agent's process told.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The run, where the resource names it by `waybill.run`.
    pub run: Option<RunId>,
    /// What was told, one reading for each session and model.
    pub readings: Vec<TelemetryReading>,
}

impl Told {
    /// Commands to the run that record it, each with the number of its readings; what names no step is of `step`.
    #[must_use]
    pub fn commands(self, step: Option<StepId>) -> Vec<(Command, u64)> {
        let named = |reading: TelemetryReading| TelemetryReading { step: reading.step.or(step), ..reading };
        let readings: Vec<_> = self.readings.into_iter().map(named).collect();
        let command = |part: &[TelemetryReading]| {
            let command = RecordTelemetry { readings: part.to_vec() };
            (Command::Run(command.into()), part.len() as u64)
        };
        readings.chunks(TELEMETRY_READINGS_MAX).map(command).collect()
    }
}

/// Whether a command was refused because it tells nothing new: that is no fault of anybody.
#[must_use]
pub fn is_old(rejection: &Rejection) -> bool {
    matches!(rejection, Rejection::Rule { rule, .. } if rule == TELEMETRY_IS_OLD)
}

/// The resource attribute that names the run.
const RUN: &str = "waybill.run";
/// The one that names the step.
const STEP: &str = "waybill.step";

/// What is summed up for itself: session, provider, model, and whether the cost is known.
type Key = (Option<String>, Option<String>, String, bool);

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    input: u64,
    output: u64,
    cache_read: u64,
    cache_write: u64,
    calls: u32,
    cost: Option<f64>,
    since: Option<Timestamp>,
}

/// What the body of one request says of tokens and cost.
///
/// # Errors
/// Where it is no OTLP in JSON, or names a run or step that is no id.
pub fn read(signal: TelemetrySignal, body: &[u8]) -> Result<Vec<Told>, OtlpError> {
    // A list would be taken for the fields in order.
    if body.trim_ascii_start().first().is_some_and(|first| *first != b'{') {
        return Err(OtlpError::Malformed { reason: "expected an object".into() });
    }
    let envelope: Envelope =
        serde_json::from_slice(body).map_err(|error| OtlpError::Malformed { reason: error.to_string() })?;
    let mut all = Vec::new();
    for resource in envelope.resources(signal) {
        let run = id(&resource.attributes, RUN)?;
        let step = id(&resource.attributes, STEP)?;
        let mut sums: BTreeMap<Key, Sums> = BTreeMap::new();
        match signal {
            TelemetrySignal::Metrics => resource.metrics.iter().for_each(|metric| counted(metric, &mut sums)),
            TelemetrySignal::Logs => resource.records.iter().for_each(|record| logged(record, &mut sums)),
            TelemetrySignal::Traces => resource.records.iter().for_each(|record| traced(record, &mut sums)),
        }
        let readings: Vec<_> =
            sums.into_iter().filter_map(|(key, sums)| reading(signal, step, key, &sums)).collect();
        if !readings.is_empty() {
            all.push(Told { run, readings });
        }
    }
    Ok(all)
}

fn id<T: std::str::FromStr<Err = domain::ids::IdError>>(
    attributes: &Attributes,
    name: &'static str,
) -> Result<Option<T>, OtlpError> {
    let Some(text) = attributes.text(name) else { return Ok(None) };
    text.parse()
        .map(Some)
        .map_err(|error: domain::ids::IdError| OtlpError::Id { name, reason: error.to_string() })
}

fn reading(signal: TelemetrySignal, step: Option<StepId>, key: Key, sums: &Sums) -> Option<TelemetryReading> {
    let (session, provider, model, _) = key;
    let nothing = [sums.input, sums.output, sums.cache_read, sums.cache_write] == [0; 4];
    if nothing && sums.calls == 0 && sums.cost.is_none() {
        return None;
    }
    Some(TelemetryReading {
        signal,
        agent_session: session,
        step,
        provider,
        model,
        input_tokens: sums.input,
        output_tokens: sums.output,
        cache_read_tokens: sums.cache_read,
        cache_write_tokens: sums.cache_write,
        calls: sums.calls,
        cost_usd: sums.cost.and_then(|cost| Usd::from_f64(cost).ok()),
        counted_since: sums.since,
    })
}

/// Points of the metrics that count tokens or dollars.
fn counted(metric: &Metric, sums: &mut BTreeMap<Key, Sums>) {
    let series = [&metric.sum, &metric.histogram, &metric.gauge].into_iter().flatten();
    for (points, cumulative) in series.map(|data| (&data.data_points, data.is_cumulative())) {
        for point in points {
            let attributes = &point.attributes;
            let conventional = metric.name == "gen_ai.client.token.usage";
            let model = if conventional {
                attributes.first(&["gen_ai.response.model", "gen_ai.request.model"])
            } else {
                attributes.text("model")
            };
            let provider = attributes.first(&["gen_ai.provider.name", "gen_ai.system"]);
            let session = attributes.first(&["session.id", "gen_ai.conversation.id", "conversation.id"]);
            let key =
                (session, provider.or_else(|| vendor(&metric.name)), model.unwrap_or_else(unknown), true);
            let kind = attributes.first(&["type", "gen_ai.token.type"]).unwrap_or_default();
            let found = match (metric.name.as_str(), kind.as_str()) {
                ("claude_code.token.usage" | "gen_ai.client.token.usage", "input") => Found::Input,
                ("claude_code.token.usage" | "gen_ai.client.token.usage", "output") => Found::Output,
                ("claude_code.token.usage", "cacheRead") => Found::CacheRead,
                ("claude_code.token.usage", "cacheCreation") => Found::CacheWrite,
                ("claude_code.cost.usage", _) => Found::Cost,
                _ => continue,
            };
            sums.entry(key).or_default().add(&found, point, cumulative);
        }
    }
}

/// What a point of a metric counts.
enum Found {
    Input,
    Output,
    CacheRead,
    CacheWrite,
    Cost,
}

impl Sums {
    fn add(&mut self, found: &Found, point: &Point, cumulative: bool) {
        let value = point.value();
        let tokens = shapes::whole(value);
        match found {
            Found::Input => self.input = self.input.saturating_add(tokens),
            Found::Output => self.output = self.output.saturating_add(tokens),
            Found::CacheRead => self.cache_read = self.cache_read.saturating_add(tokens),
            Found::CacheWrite => self.cache_write = self.cache_write.saturating_add(tokens),
            Found::Cost => self.cost = Some(self.cost.unwrap_or_default() + value),
        }
        if cumulative {
            // Series of one process begin within moments of each other: the first one stands for all.
            let since = point.since();
            self.since = Some(self.since.map_or(since, |known| known.min(since)));
        }
    }
    fn call(&mut self, input: u64, output: u64, cache_read: u64, cache_write: u64, cost: Option<f64>) {
        self.input = self.input.saturating_add(input);
        self.output = self.output.saturating_add(output);
        self.cache_read = self.cache_read.saturating_add(cache_read);
        self.cache_write = self.cache_write.saturating_add(cache_write);
        self.calls = self.calls.saturating_add(1);
        if let Some(cost) = cost {
            self.cost = Some(self.cost.unwrap_or_default() + cost);
        }
    }
}

/// Events of logs that stand for one model call each.
fn logged(record: &Record, sums: &mut BTreeMap<Key, Sums>) {
    let a = &record.attributes;
    let name = a.text("event.name").or_else(|| record.name());
    let model = a.text("model").unwrap_or_else(unknown);
    match name.as_deref() {
        Some("api_request" | "claude_code.api_request") => {
            let cost = a.number("cost_usd");
            let key = (a.text("session.id"), Some("anthropic".into()), model, cost.is_some());
            sums.entry(key).or_default().call(
                a.count("input_tokens"),
                a.count("output_tokens"),
                a.count("cache_read_tokens"),
                a.count("cache_creation_tokens"),
                cost,
            );
        }
        Some("codex.sse_event") if a.text("event.kind").as_deref() == Some("response.completed") => {
            let cached = a.count("cached_token_count");
            let key = (a.text("conversation.id"), Some("openai".into()), model, false);
            // What came from the cache is counted within what went in.
            let input = a.count("input_token_count").saturating_sub(cached);
            sums.entry(key).or_default().call(input, a.count("output_token_count"), cached, 0, None);
        }
        _ => {}
    }
}

/// Spans that stand for one model call each.
fn traced(record: &Record, sums: &mut BTreeMap<Key, Sums>) {
    let a = &record.attributes;
    let operation = a.text("gen_ai.operation.name").unwrap_or_default();
    if !matches!(operation.as_str(), "chat" | "text_completion" | "generate_content") {
        return;
    }
    let (read, written) = (
        a.count("gen_ai.usage.cache_read.input_tokens"),
        a.count("gen_ai.usage.cache_creation.input_tokens"),
    );
    let model = a.first(&["gen_ai.response.model", "gen_ai.request.model"]).unwrap_or_else(unknown);
    let provider = a.first(&["gen_ai.provider.name", "gen_ai.system"]);
    let key = (a.text("gen_ai.conversation.id"), provider, model, false);
    // Both cache counts are within what went in.
    let input = a.count("gen_ai.usage.input_tokens").saturating_sub(read).saturating_sub(written);
    sums.entry(key).or_default().call(input, a.count("gen_ai.usage.output_tokens"), read, written, None);
}

fn vendor(metric: &str) -> Option<String> {
    metric.starts_with("claude_code.").then(|| "anthropic".to_owned())
}

fn unknown() -> String {
    "unknown".to_owned()
}
