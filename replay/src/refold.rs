//! A run held against itself: its events folded anew, its decisions decided anew, and what differs named.

use domain::catalogue::EventFamily;
use domain::flow::{Flow, Next, StepOrder};
use domain::ids::{Position, StreamVersion};
use domain::run::{RunEvent, ScoresIssued, StepStarted};
use domain::{Actor, Event, Recorded};
use serde::Serialize;
use serde_json::Value;

use crate::story::document;

/// Something that is not as it follows from the events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Divergence {
    /// The event, or the position of the state.
    pub position: Position,
    /// What differs: an event's type, or a view and its field.
    pub of: String,
    /// What follows from the events.
    pub expected: String,
    /// What the log or the view holds.
    pub actual: String,
}

/// What a check of a run came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refold {
    /// Events of the run.
    pub events: u64,
    /// The last of them.
    pub position: Position,
    /// Whether the run follows a workflow: of another, nobody decides but whoever drives it.
    pub directed: bool,
    /// Decisions that were decided anew and came out the same.
    pub decisions: u64,
    /// Scores whose weighted mean was made anew and came out the same.
    pub scores: u64,
    /// Decisions that a person or the machinery took instead of the workflow: ended early, passed over.
    pub by_hand: Vec<ByHand>,
    /// Fields of views that were compared.
    pub fields: u64,
    /// What differs.
    pub divergences: Vec<Divergence>,
}

/// A decision that the workflow did not take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ByHand {
    /// The event.
    pub position: Position,
    /// Its type.
    pub r#type: &'static str,
    /// Who took it.
    pub actor: Actor,
}

/// The check of a run's own events; `None` where there is none.
#[must_use]
pub fn refold(records: &[Recorded]) -> Option<Refold> {
    let last = records.last()?;
    let mut check = Refold {
        events: records.len() as u64,
        position: last.meta.position,
        directed: false,
        decisions: 0,
        scores: 0,
        by_hand: vec![],
        fields: 0,
        divergences: vec![],
    };
    let mut flow = Flow::default();
    for (nth, recorded) in records.iter().enumerate() {
        let Event::Run(event) = &recorded.event else { continue };
        let expected = StreamVersion(nth as u64);
        if recorded.meta.version != expected {
            check.diverges(
                recorded,
                format!("version {expected} of the run"),
                format!("version {}", recorded.meta.version),
            );
        }
        check.decision(recorded, event, &flow.next());
        if let RunEvent::ScoresIssued(e) = event {
            check.score(recorded, e);
        }
        flow.evolve(event);
        check.directed |= !matches!(flow.next(), Next::Undirected);
    }
    Some(check)
}

/// The rows of a view that the run's own events give, as JSON by their keys.
#[must_use]
pub fn rows(view: &str, records: &[Recorded]) -> Vec<(String, String)> {
    let Some(spec) = projections::view(view) else { return Vec::new() };
    let mut folded = (spec.make)();
    for recorded in records {
        folded.apply(recorded);
        folded.settle(recorded.meta.position);
    }
    let page = folded.page(&projections::Query::default());
    let page = page.expect("a question without filters and keys is answered by every view");
    page.rows.into_iter().map(|row| (row.key, row.row.get().to_owned())).collect()
}

/// The events that the workflow decides, and what each would be.
enum Taken {
    /// As decided.
    Same,
    /// By somebody else, which the rules allow.
    ByHand,
    /// Otherwise than decided.
    Other { expected: String, actual: String },
    /// Nothing that is decided.
    None,
}

impl Refold {
    /// Whether nothing differs.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.divergences.is_empty()
    }
    fn diverges(&mut self, recorded: &Recorded, expected: String, actual: String) {
        let (position, of) = (recorded.meta.position, recorded.event.name().to_owned());
        self.divergences.push(Divergence { position, of, expected, actual });
    }
    fn decision(&mut self, recorded: &Recorded, event: &RunEvent, next: &Next) {
        match taken(event, next) {
            Taken::Same => self.decisions += 1,
            Taken::ByHand => self.by_hand.push(ByHand {
                position: recorded.meta.position,
                r#type: event.name(),
                actor: recorded.meta.actor,
            }),
            Taken::Other { expected, actual } => self.diverges(recorded, expected, actual),
            Taken::None => {}
        }
    }
    fn score(&mut self, recorded: &Recorded, e: &ScoresIssued) {
        let composite = e.weights.composite(&e.scores);
        let result = e.threshold.map(|threshold| e.composite >= threshold);
        if composite != Some(e.composite) {
            let expected = composite.map_or("none: all weights are 0".to_owned(), |mean| mean.to_string());
            self.diverges(recorded, format!("composite {expected}"), format!("composite {}", e.composite));
        } else if result != e.threshold_result {
            let word = |result: Option<bool>| {
                format!("threshold_result {}", result.map_or("none".to_owned(), |met| met.to_string()))
            };
            self.diverges(recorded, word(result), word(e.threshold_result));
        } else {
            self.scores += 1;
        }
    }
    /// Compares a view's row of the run, as JSON, with the one that the run's own events give.
    pub fn compare_row(&mut self, view: &str, key: &str, expected: Option<&Value>, actual: Option<&Value>) {
        let whole = |value: Option<&Value>| value.map_or("no row", |_| "a row").to_owned();
        let of =
            |field: &str| format!("view {view}, {key}{}{field}", if field.is_empty() { "" } else { ", " });
        let (Some(Value::Object(expected)), Some(Value::Object(actual))) = (expected, actual) else {
            if expected.is_some() == actual.is_some() {
                return;
            }
            let (of, position) = (of(""), self.position);
            self.divergences.push(Divergence {
                position,
                of,
                expected: whole(expected),
                actual: whole(actual),
            });
            return;
        };
        let fields: std::collections::BTreeSet<&String> = expected.keys().chain(actual.keys()).collect();
        for field in fields {
            self.fields += 1;
            let (expected, actual) = (expected.get(field), actual.get(field));
            if expected != actual {
                let text = |value: Option<&Value>| value.map_or("nothing".to_owned(), short);
                let (expected, actual, of) = (text(expected), text(actual), of(field));
                self.divergences.push(Divergence { position: self.position, of, expected, actual });
            }
        }
    }
    /// Compares the row of the list of runs with sums that are folded by other code than the view's: the story's.
    pub fn compare_story(&mut self, records: &[Recorded], row: &Value) {
        let Some(story) = document(records.iter().cloned(), None) else { return };
        let json = serde_json::to_value(&story).expect("a story holds plain data, which JSON always encodes");
        let totals = &json["totals"];
        let pairs = [
            ("status", &json["status"]),
            ("quality_score", &json["quality_score"]),
            ("title", &json["title"]),
            ("steps_completed", &totals["steps_completed"]),
            ("steps_failed", &totals["steps_failed"]),
            ("steps_skipped", &totals["steps_skipped"]),
            ("assistant_messages", &totals["assistant_messages"]),
            ("user_messages", &totals["user_messages"]),
            ("tool_calls", &totals["tool_calls"]),
            ("tool_results", &totals["tool_results"]),
            ("input_tokens", &totals["input_tokens"]),
            ("output_tokens", &totals["output_tokens"]),
            ("cache_read_tokens", &totals["cache_read_tokens"]),
            ("cache_write_tokens", &totals["cache_write_tokens"]),
        ];
        for (field, expected) in pairs {
            self.fields += 1;
            let actual = &row[field];
            if expected != actual {
                let (expected, actual) = (short(expected), short(actual));
                let of = format!("view runs, {field}, by the story's sums");
                self.divergences.push(Divergence { position: self.position, of, expected, actual });
            }
        }
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn taken(event: &RunEvent, next: &Next) -> Taken {
    if matches!(next, Next::Undirected) {
        return Taken::None;
    }
    let other = |actual: String| Taken::Other { expected: words(next), actual };
    match (event, next) {
        (RunEvent::RunStarted(_), Next::Start) | (RunEvent::RunCompleted(_), Next::Complete) => Taken::Same,
        (RunEvent::StepStarted(e), Next::StartStep(order)) => match differs(e, order) {
            None => Taken::Same,
            Some((expected, actual)) => Taken::Other { expected, actual },
        },
        (RunEvent::LoopIterated(e), Next::IterateLoop { loop_id, iteration, feedback })
            if e.loop_id == *loop_id && e.iteration == *iteration =>
        {
            if e.feedback == *feedback {
                Taken::Same
            } else {
                Taken::Other {
                    expected: format!("feedback {}", quoted(feedback.as_deref())),
                    actual: format!("feedback {}", quoted(e.feedback.as_deref())),
                }
            }
        }
        (RunEvent::LoopForcedOn(e), Next::ForceLoopOn { loop_id, iterations })
            if e.loop_id == *loop_id && e.iterations == *iterations =>
        {
            Taken::Same
        }
        (RunEvent::RunFailed(e), Next::Fail { error }) if e.error == *error => Taken::Same,
        // What a person may do at any time, and what a step that is cut short leads to.
        (RunEvent::RunFailed(_) | RunEvent::RunCancelled(_) | RunEvent::StepSkipped(_), _) => Taken::ByHand,
        (RunEvent::RunStarted(_), _) => other("the run was started".into()),
        (RunEvent::RunCompleted(_), _) => other("the run was completed".into()),
        (RunEvent::StepStarted(e), _) => other(format!("a {} step was started", e.role)),
        (RunEvent::LoopIterated(e), _) => {
            other(format!("loop {} was sent round again, iteration {}", e.loop_id, e.iteration))
        }
        (RunEvent::LoopForcedOn(e), _) => {
            other(format!("loop {} was forced on after {} iterations", e.loop_id, e.iterations))
        }
        _ => Taken::None,
    }
}

fn quoted(text: Option<&str>) -> String {
    text.map_or("none".to_owned(), |text| format!("`{}`", crate::story::shown::one_line(text, 80)))
}

/// The first field in which a step is not the one that was called for.
fn differs(e: &StepStarted, order: &StepOrder) -> Option<(String, String)> {
    let shown =
        |name: &str, value: Option<String>| format!("{name} {}", value.unwrap_or_else(|| "none".into()));
    let id = |id: Option<domain::ids::PersonaId>| id.map(|id| id.to_string());
    let of = |name, expected: Option<String>, actual: Option<String>| {
        (expected != actual).then(|| (shown(name, expected), shown(name, actual)))
    };
    let text = |value: Option<u32>| value.map(|value| value.to_string());
    of("role", Some(order.role.to_string()), Some(e.role.to_string()))
        .or_else(|| of("persona", id(order.persona.map(|(id, _)| id)), id(e.persona)))
        .or_else(|| {
            of("persona_version", text(order.persona.map(|(_, version)| version)), text(e.persona_version))
        })
        .or_else(|| of("loop", order.loop_id.map(|id| id.to_string()), e.loop_id.map(|id| id.to_string())))
        .or_else(|| of("loop_iteration", text(order.loop_iteration), text(e.loop_iteration)))
        .or_else(|| of("iteration", text(Some(order.iteration)), text(Some(e.iteration))))
        .or_else(|| of("cli_tool", Some(order.cli_tool.clone()), e.cli_tool.clone()))
        // Without a model in the workflow, the project's settings name it.
        .or_else(|| order.model.clone().and_then(|model| of("model", Some(model), e.model.clone())))
        .or_else(|| {
            let effort = order.thinking_effort?;
            of(
                "thinking_effort",
                Some(effort.to_string()),
                e.thinking_effort.map(|effort| effort.to_string()),
            )
        })
}

fn words(next: &Next) -> String {
    match next {
        Next::Undirected => "whatever whoever drives the run decides".into(),
        Next::Start => "the run is started".into(),
        Next::StartStep(order) => format!("a {} step is started", order.role),
        Next::Await { step } => format!("step {step} ends first"),
        Next::IterateLoop { loop_id, iteration, .. } => {
            format!("loop {loop_id} is sent round again, iteration {iteration}")
        }
        Next::ForceLoopOn { loop_id, iterations } => {
            format!("loop {loop_id} is forced on after {iterations} iterations")
        }
        Next::Complete => "the run is completed".into(),
        Next::Fail { error } => format!("the run fails: {error}"),
        Next::Ended { status } => format!("nothing: the run is {status}"),
    }
}

#[cfg(test)]
mod tests;
