//! OTLP as its JSON mapping writes it: whole numbers may be texts, and what is unknown is passed over.

use domain::terms::TelemetrySignal;
use domain::values::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// A request of any kind.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Envelope {
    resource_metrics: Vec<ResourceOf>,
    resource_logs: Vec<ResourceOf>,
    resource_spans: Vec<ResourceOf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ResourceOf {
    resource: Named,
    scope_metrics: Vec<Scope>,
    scope_logs: Vec<Scope>,
    scope_spans: Vec<Scope>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    attributes: Attributes,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Scope {
    metrics: Vec<Metric>,
    log_records: Vec<Record>,
    spans: Vec<Record>,
}

/// What one resource sent.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) attributes: Attributes,
    pub(super) metrics: Vec<Metric>,
    pub(super) records: Vec<Record>,
}

impl Envelope {
    pub(super) fn resources(self, signal: TelemetrySignal) -> impl Iterator<Item = Sent> {
        let all = match signal {
            TelemetrySignal::Metrics => self.resource_metrics,
            TelemetrySignal::Logs => self.resource_logs,
            TelemetrySignal::Traces => self.resource_spans,
        };
        all.into_iter().map(|of| {
            let scopes = of.scope_metrics.into_iter().chain(of.scope_logs).chain(of.scope_spans);
            let (mut metrics, mut records) = (Vec::new(), Vec::new());
            for scope in scopes {
                metrics.extend(scope.metrics);
                records.extend(scope.log_records);
                records.extend(scope.spans);
            }
            Sent { attributes: of.resource.attributes, metrics, records }
        })
    }
}

/// A log record or a span.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Record {
    event_name: String,
    body: Option<AnyValue>,
    pub(super) attributes: Attributes,
}

impl Record {
    /// The event's name where no attribute has it.
    pub(super) fn name(&self) -> Option<String> {
        let body = || self.body.as_ref().and_then(AnyValue::text);
        Some(self.event_name.clone()).filter(|name| !name.is_empty()).or_else(body)
    }
}

/// A metric.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Metric {
    pub(super) name: String,
    pub(super) sum: Option<Points>,
    pub(super) histogram: Option<Points>,
    pub(super) gauge: Option<Points>,
}

/// The points of a metric.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Points {
    aggregation_temporality: Value,
    pub(super) data_points: Vec<Point>,
}

impl Points {
    /// Whether each point counts from the beginning; otherwise it counts from the point before it.
    pub(super) fn is_cumulative(&self) -> bool {
        self.aggregation_temporality == 2
            || self.aggregation_temporality == "AGGREGATION_TEMPORALITY_CUMULATIVE"
    }
}

/// A point of a metric.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Point {
    pub(super) attributes: Attributes,
    start_time_unix_nano: Value,
    as_int: Value,
    as_double: Value,
    sum: Value,
}

impl Point {
    /// Its value; of a histogram, the sum.
    pub(super) fn value(&self) -> f64 {
        [&self.as_int, &self.as_double, &self.sum].into_iter().find_map(float).unwrap_or_default()
    }
    /// When its series began.
    pub(super) fn since(&self) -> Timestamp {
        let nanos = match &self.start_time_unix_nano {
            Value::String(text) => text.parse().unwrap_or_default(),
            other => other.as_i64().unwrap_or_default(),
        };
        Timestamp::from_millis(nanos / 1_000_000)
    }
}

/// Attributes by their names.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Attributes(Vec<Attribute>);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Attribute {
    key: String,
    value: AnyValue,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AnyValue {
    string_value: Option<String>,
    int_value: Value,
    double_value: Value,
}

impl AnyValue {
    fn text(&self) -> Option<String> {
        let number = || float(&self.int_value).or_else(|| float(&self.double_value)).map(|n| n.to_string());
        self.string_value.clone().or_else(number)
    }
    fn number(&self) -> Option<f64> {
        // Some exporters write numbers as texts.
        let written = || self.string_value.as_ref()?.parse().ok().filter(|number: &f64| number.is_finite());
        float(&self.int_value).or_else(|| float(&self.double_value)).or_else(written)
    }
}

impl Attributes {
    fn get(&self, name: &str) -> Option<&AnyValue> {
        self.0.iter().find(|attribute| attribute.key == name).map(|attribute| &attribute.value)
    }
    /// A text that is not empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.text().filter(|text| !text.trim().is_empty())
    }
    /// The first of these that there is.
    pub(super) fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.text(name))
    }
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.get(name)?.number()
    }
    /// A whole number; 0 where it is not there.
    pub(super) fn count(&self, name: &str) -> u64 {
        whole(self.number(name).unwrap_or_default())
    }
}

fn float(value: &Value) -> Option<f64> {
    let number = match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_f64(),
    };
    number.filter(|number: &f64| number.is_finite())
}

/// The nearest whole number; 0 for what is less, or beyond what counts exactly.
pub(super) fn whole(number: f64) -> u64 {
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    let rounded = number.round();
    if !(0.0..=EXACT_MAX).contains(&rounded) {
        return 0;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked against 0 and 2^53")]
    let whole = rounded as u64;
    whole
}
