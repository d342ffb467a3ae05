//! Two witnesses of what a run used: the agent's own stream beside its telemetry, by model, with every difference.

use std::fmt;
use std::str::FromStr;

use domain::ids::IdError;
use domain::run::RunEvent;
use domain::terms::TelemetrySignal;
use domain::values::Usd;
use domain::{Decider, Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// `all`, or `model/NAME`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum WitnessKey {
    All,
    Model(String),
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Model(name) => write!(f, "model/{name}"),
        }
    }
}

impl FromStr for WitnessKey {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong =
            || IdError { expected: "`all`, or `model/NAME`".into(), actual: text.chars().take(80).collect() };
        match text.strip_prefix("model/") {
            Some(name) => Ok(Self::Model(name.to_owned())),
            None if text == "all" => Ok(Self::All),
            None => Err(wrong()),
        }
    }
}

/// What one witness says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Account {
    /// Events that say it.
    events: u64,
    /// Tokens in, without the cached ones.
    input_tokens: u64,
    /// Tokens out.
    output_tokens: u64,
    /// Tokens read from the cache.
    cache_read_tokens: u64,
    /// Tokens written to the cache.
    cache_write_tokens: u64,
    /// Model calls; absent where it does not count them.
    calls: Option<u64>,
    /// What is known of the cost; absent where nothing is.
    cost_usd: Option<Usd>,
    /// Whether some of the cost is unknown.
    cost_incomplete: bool,
}

/// Telemetry of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Observed {
    /// Which.
    signal: TelemetrySignal,
    /// What it says.
    account: Account,
}

/// A figure in which two witnesses differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Discrepancy {
    /// Which telemetry.
    signal: TelemetrySignal,
    /// Which figure.
    figure: String,
    /// What the stream says.
    stream: String,
    /// What telemetry says.
    telemetry: String,
}

/// What the witnesses say of one model, or of all.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ReconciliationRow {
    /// The model; absent of all of them.
    model: Option<String>,
    /// The agent's own stream.
    stream: Account,
    /// Its telemetry, by kind. Kinds are witnesses of the same and never added up.
    telemetry: Vec<Observed>,
    /// Where they differ.
    discrepancies: Vec<Discrepancy>,
    /// Whether they agree; absent where the run has no telemetry.
    agrees: Option<bool>,
}

/// The view `usage-reconciliation`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct UsageReconciliation {
    table: Table<WitnessKey, ReconciliationRow>,
    /// Kinds of telemetry that told something of the run: each is then held against the stream in every row.
    signals: Vec<TelemetrySignal>,
}

/// What one event says.
struct Said {
    tokens: [u64; 4],
    /// None where it is not counted.
    calls: Option<u64>,
    cost_usd: Option<Usd>,
}

impl Account {
    fn take(&mut self, said: &Said) {
        self.events += 1;
        let sums = [
            &mut self.input_tokens,
            &mut self.output_tokens,
            &mut self.cache_read_tokens,
            &mut self.cache_write_tokens,
        ];
        for (sum, tokens) in sums.into_iter().zip(said.tokens) {
            *sum = sum.saturating_add(tokens);
        }
        // One event that does not count makes the whole unknown.
        self.calls = match (self.events, self.calls, said.calls) {
            (1, _, calls) => calls,
            (_, Some(sum), Some(calls)) => Some(sum.saturating_add(calls)),
            _ => None,
        };
        match (said.cost_usd, &mut self.cost_usd) {
            (Some(cost), Some(sum)) => *sum += cost,
            (Some(cost), none) => *none = Some(cost),
            (None, _) => self.cost_incomplete = true,
        }
    }
}

impl ReconciliationRow {
    fn compare(&mut self, signals: &[TelemetrySignal]) {
        let silent = Account::default();
        self.discrepancies.clear();
        for signal in signals {
            let observed = self.telemetry.iter().find(|observed| observed.signal == *signal);
            let account = observed.map_or(&silent, |observed| &observed.account);
            differences(*signal, &self.stream, account, &mut self.discrepancies);
        }
        self.agrees = (!signals.is_empty()).then_some(self.discrepancies.is_empty());
    }
}

fn differences(signal: TelemetrySignal, stream: &Account, other: &Account, out: &mut Vec<Discrepancy>) {
    let mut differ = |figure: &str, stream: String, telemetry: String| {
        if stream != telemetry {
            out.push(Discrepancy { signal, figure: figure.to_owned(), stream, telemetry });
        }
    };
    for (figure, a, b) in [
        ("input_tokens", stream.input_tokens, other.input_tokens),
        ("output_tokens", stream.output_tokens, other.output_tokens),
        ("cache_read_tokens", stream.cache_read_tokens, other.cache_read_tokens),
        ("cache_write_tokens", stream.cache_write_tokens, other.cache_write_tokens),
    ] {
        differ(figure, a.to_string(), b.to_string());
    }
    if let (Some(a), Some(b)) = (stream.calls, other.calls) {
        differ("calls", a.to_string(), b.to_string());
    }
    // What one of them does not know in full cannot be held against the other.
    if let (Some(a), Some(b), false, false) =
        (stream.cost_usd, other.cost_usd, stream.cost_incomplete, other.cost_incomplete)
    {
        let slack = stream.events.max(other.events);
        // Each figure came rounded to a billionth.
        if a.units().abs_diff(b.units()) > slack {
            differ("cost_usd", a.as_f64().to_string(), b.as_f64().to_string());
        }
    }
}

impl UsageReconciliation {
    fn witness(&mut self, model: &str, signal: Option<TelemetrySignal>, said: &Said) {
        for key in [WitnessKey::All, WitnessKey::Model(model.to_owned())] {
            let fresh = || ReconciliationRow {
                model: match &key {
                    WitnessKey::All => None,
                    WitnessKey::Model(name) => Some(name.clone()),
                },
                ..ReconciliationRow::default()
            };
            let row = self.table.get_or_insert_with(key.clone(), fresh);
            let account = match signal {
                None => &mut row.stream,
                Some(signal) => {
                    let place = row.telemetry.iter().position(|known| known.signal == signal);
                    let place = place.unwrap_or_else(|| {
                        row.telemetry.push(Observed { signal, account: Account::default() });
                        row.telemetry.len() - 1
                    });
                    &mut row.telemetry[place].account
                }
            };
            account.take(said);
            row.telemetry.sort_by_key(|observed| observed.signal);
            row.compare(&self.signals);
        }
    }
    /// A kind of telemetry that is first heard of: rows it has said nothing of so far differ from now on.
    fn hear(&mut self, signal: TelemetrySignal) {
        if self.signals.contains(&signal) {
            return;
        }
        self.signals.push(signal);
        self.signals.sort_unstable();
        let keys: Vec<WitnessKey> = self.table.keys().cloned().collect();
        for key in keys {
            if let Some(row) = self.table.get_mut(&key) {
                row.compare(&self.signals);
            }
        }
    }
}

impl View for UsageReconciliation {
    const NAME: &'static str = "usage-reconciliation";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Stream(domain::run::Run::CATEGORY);
    type Key = WitnessKey;
    type Row = ReconciliationRow;

    fn apply(&mut self, event: &Recorded) {
        match &event.event {
            Event::Run(RunEvent::StepUsageRecorded(e)) => {
                let said = Said {
                    tokens: [e.input_tokens, e.output_tokens, e.cache_read_tokens, e.cache_write_tokens],
                    calls: Some(u64::from(e.calls)).filter(|calls| *calls > 0),
                    cost_usd: e.cost_usd,
                };
                self.witness(&e.model, None, &said);
            }
            Event::Run(RunEvent::TelemetryRecorded(e)) => {
                let said = Said {
                    tokens: [e.input_tokens, e.output_tokens, e.cache_read_tokens, e.cache_write_tokens],
                    calls: Some(u64::from(e.calls)).filter(|calls| *calls > 0),
                    cost_usd: e.cost_usd,
                };
                self.hear(e.signal);
                self.witness(&e.model, Some(e.signal), &said);
            }
            _ => {}
        }
    }
    fn table(&self) -> &Table<WitnessKey, ReconciliationRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<WitnessKey, ReconciliationRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use domain::run::{StepUsageRecorded, TelemetryRecorded};
    use expect_test::expect;

    use super::*;
    use crate::testing::{History, check, id, requested};

    fn used(model: &str, output_tokens: u64, cost: Option<f64>) -> StepUsageRecorded {
        StepUsageRecorded {
            step: id(1),
            provider: None,
            model: model.into(),
            input_tokens: 10,
            output_tokens,
            cache_read_tokens: 0,
            cache_write_tokens: 0,
            calls: 1,
            cost_usd: cost.map(|cost| Usd::from_f64(cost).unwrap()),
        }
    }
    fn observed(signal: TelemetrySignal, calls: u32, of: StepUsageRecorded) -> TelemetryRecorded {
        TelemetryRecorded {
            signal,
            agent_session: None,
            step: None,
            provider: None,
            model: of.model,
            input_tokens: of.input_tokens,
            output_tokens: of.output_tokens,
            cache_read_tokens: of.cache_read_tokens,
            cache_write_tokens: of.cache_write_tokens,
            calls,
            cost_usd: of.cost_usd,
            running: None,
        }
    }

    #[test]
    fn witnesses_that_say_the_same_agree_whatever_parts_they_tell_it_in() {
        let history = History::new()
            .run(1, requested("a"))
            .run(1, used("opus", 5, Some(0.25)))
            .run(1, used("opus", 6, Some(0.5)))
            .run(1, observed(TelemetrySignal::Logs, 1, used("opus", 5, Some(0.25))))
            .run(1, observed(TelemetrySignal::Logs, 1, used("opus", 6, Some(0.500_000_001))));
        check(
            "usage-reconciliation",
            &history,
            &expect![[r#"
            all
              agrees: true
              stream: {"cache_read_tokens":0,"cache_write_tokens":0,"calls":2,"cost_incomplete":false,"cost_usd":0.75,"events":2,"input_tokens":20,"output_tokens":11}
              telemetry: [{"account":{"cache_read_tokens":0,"cache_write_tokens":0,"calls":2,"cost_incomplete":false,"cost_usd":0.750000001,"events":2,"input_tokens":20,"output_tokens":11},"signal":"logs"}]
            model/opus
              agrees: true
              model: "opus"
              stream: {"cache_read_tokens":0,"cache_write_tokens":0,"calls":2,"cost_incomplete":false,"cost_usd":0.75,"events":2,"input_tokens":20,"output_tokens":11}
              telemetry: [{"account":{"cache_read_tokens":0,"cache_write_tokens":0,"calls":2,"cost_incomplete":false,"cost_usd":0.750000001,"events":2,"input_tokens":20,"output_tokens":11},"signal":"logs"}]
        "#]],
        );
    }

    #[test]
    fn every_figure_that_differs_is_named_by_model_and_kind_of_telemetry() {
        let history = History::new()
            .run(1, requested("a"))
            .run(1, used("opus", 5, Some(0.25)))
            .run(1, used("haiku", 1, None))
            .run(1, observed(TelemetrySignal::Metrics, 0, used("opus", 7, Some(0.5))))
            .run(1, observed(TelemetrySignal::Traces, 1, used("opus", 5, None)));
        check(
            "usage-reconciliation",
            &history,
            &expect![[r#"
            all
              agrees: false
              discrepancies: [{"figure":"input_tokens","signal":"metrics","stream":"20","telemetry":"10"},{"figure":"output_tokens","signal":"metrics","stream":"6","telemetry":"7"},{"figure":"input_tokens","signal":"traces","stream":"20","telemetry":"10"},{"figure":"output_tokens","signal":"traces","stream":"6","telemetry":"5"},{"figure":"calls","signal":"traces","stream":"2","telemetry":"1"}]
              stream: {"cache_read_tokens":0,"cache_write_tokens":0,"calls":2,"cost_incomplete":true,"cost_usd":0.25,"events":2,"input_tokens":20,"output_tokens":6}
              telemetry: [{"account":{"cache_read_tokens":0,"cache_write_tokens":0,"calls":null,"cost_incomplete":false,"cost_usd":0.5,"events":1,"input_tokens":10,"output_tokens":7},"signal":"metrics"},{"account":{"cache_read_tokens":0,"cache_write_tokens":0,"calls":1,"cost_incomplete":true,"cost_usd":null,"events":1,"input_tokens":10,"output_tokens":5},"signal":"traces"}]
            model/haiku
              agrees: false
              discrepancies: [{"figure":"input_tokens","signal":"metrics","stream":"10","telemetry":"0"},{"figure":"output_tokens","signal":"metrics","stream":"1","telemetry":"0"},{"figure":"input_tokens","signal":"traces","stream":"10","telemetry":"0"},{"figure":"output_tokens","signal":"traces","stream":"1","telemetry":"0"}]
              model: "haiku"
              stream: {"cache_read_tokens":0,"cache_write_tokens":0,"calls":1,"cost_incomplete":true,"cost_usd":null,"events":1,"input_tokens":10,"output_tokens":1}
            model/opus
              agrees: false
              discrepancies: [{"figure":"output_tokens","signal":"metrics","stream":"5","telemetry":"7"},{"figure":"cost_usd","signal":"metrics","stream":"0.25","telemetry":"0.5"}]
              model: "opus"
              stream: {"cache_read_tokens":0,"cache_write_tokens":0,"calls":1,"cost_incomplete":false,"cost_usd":0.25,"events":1,"input_tokens":10,"output_tokens":5}
              telemetry: [{"account":{"cache_read_tokens":0,"cache_write_tokens":0,"calls":null,"cost_incomplete":false,"cost_usd":0.5,"events":1,"input_tokens":10,"output_tokens":7},"signal":"metrics"},{"account":{"cache_read_tokens":0,"cache_write_tokens":0,"calls":1,"cost_incomplete":true,"cost_usd":null,"events":1,"input_tokens":10,"output_tokens":5},"signal":"traces"}]
        "#]],
        );
    }

    #[test]
    fn one_witness_alone_agrees_with_nobody() {
        check(
            "usage-reconciliation",
            &History::new().run(1, requested("a")).run(1, used("opus", 5, None)),
            &expect![[r#"
                all
                  stream: {"cache_read_tokens":0,"cache_write_tokens":0,"calls":1,"cost_incomplete":true,"cost_usd":null,"events":1,"input_tokens":10,"output_tokens":5}
                model/opus
                  model: "opus"
                  stream: {"cache_read_tokens":0,"cache_write_tokens":0,"calls":1,"cost_incomplete":true,"cost_usd":null,"events":1,"input_tokens":10,"output_tokens":5}
            "#]],
        );
        assert_eq!("model/a/b".parse(), Ok(WitnessKey::Model("a/b".into())));
        assert!("model".parse::<WitnessKey>().is_err());
    }
}
