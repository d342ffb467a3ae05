//! One event in words.

use domain::run::{
    CiChecksPolled, QualityScores, RunEvent, ScoresIssued, StepMessageAppended, TelemetryRecorded,
    ToolCalled, ToolReturned,
};
use domain::terms::{CiStatus, MessageRole};

use super::shown::{counted, duration, grouped, money};

/// How a line looks where there is colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Dim,
    User,
    Agent,
    Tool,
    Good,
    Bad,
    Notice,
}

/// A line of the story: a tag, a text, and a remark that stays whole when the text is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Phrase {
    pub(crate) tag: String,
    pub(crate) tone: Tone,
    pub(crate) text: String,
    pub(crate) note: String,
}

impl Phrase {
    fn new(tag: impl Into<String>, tone: Tone, text: impl Into<String>) -> Self {
        Self { tag: tag.into(), tone, text: text.into(), note: String::new() }
    }
    fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }
}

/// The event's lines; `full` leaves nothing out. Events that need no line of their own give none.
pub(crate) fn phrases(event: &RunEvent, full: bool) -> Vec<Phrase> {
    let one = |tag: &str, tone, text: String| vec![Phrase::new(tag, tone, text)];
    match event {
        RunEvent::RunRequested(e) => one("requested", Tone::Notice, e.prompt.clone()),
        RunEvent::RunStarted(_) => one("started", Tone::Notice, String::new()),
        RunEvent::BranchCreated(e) => {
            one("branch", Tone::Notice, format!("{} from {}", e.branch, e.base_branch))
        }
        RunEvent::StepMessageAppended(e) => message(e, full),
        RunEvent::StepContentContinued(e) if full => one("", Tone::Plain, e.content.clone()),
        RunEvent::StepContentContinued(_) | RunEvent::StepUsageRecorded(_) => vec![],
        RunEvent::TelemetryRecorded(e) => one("telemetry", Tone::Dim, telemetry(e)),
        RunEvent::ToolCalled(e) => vec![call(e, full)],
        RunEvent::ToolReturned(e) => vec![answer(e)],
        RunEvent::VerdictIssued(e) => {
            let (tone, word) = if e.pass { (Tone::Good, "pass") } else { (Tone::Bad, "fail") };
            one("verdict", tone, joined(word, &e.feedback))
        }
        RunEvent::ScoresIssued(e) => one("scores", Tone::Notice, scores(e)),
        RunEvent::JudgementIssued(e) => {
            let among = format!("{} wins among {}", e.winner, e.candidates.join(", "));
            one("judgement", Tone::Notice, joined(&among, &e.rationale))
        }
        RunEvent::StepCompleted(e) => one("completed", Tone::Good, e.output.clone().unwrap_or_default()),
        RunEvent::StepFailed(e) => one("failed", Tone::Bad, joined(e.failure.as_str(), &e.error)),
        RunEvent::StepSkipped(e) => one("skipped", Tone::Dim, joined(e.role.as_str(), &e.reason)),
        RunEvent::LoopIterated(e) => {
            let round = format!("iteration {}", e.iteration);
            one("loop", Tone::Notice, joined(&round, e.feedback.as_deref().unwrap_or_default()))
        }
        RunEvent::LoopForcedOn(e) => {
            one("loop", Tone::Bad, format!("goes on without a pass after {} iterations", e.iterations))
        }
        RunEvent::CiChecksPolled(e) => one("CI", Tone::Notice, checks(e)),
        RunEvent::RunScored(e) => {
            let over = counted(e.evaluators.into(), "evaluation");
            one("quality", Tone::Notice, format!("{} over {over}", e.quality_score))
        }
        RunEvent::PullRequestOpened(e) => one("PR", Tone::Notice, format!("#{} {}", e.number, e.url)),
        RunEvent::OperatorSteered(e) => {
            one("operator", Tone::User, joined(&e.kind.as_str().replace('_', " "), &e.text))
        }
        RunEvent::AgentLineUnrecognised(e) => {
            vec![
                Phrase::new("kept raw", Tone::Dim, e.raw.clone())
                    .note(format!("{} bytes", grouped(e.length))),
            ]
        }
        RunEvent::RunCompleted(e) => one("completed", Tone::Good, e.summary.clone().unwrap_or_default()),
        RunEvent::RunFailed(e) => one("failed", Tone::Bad, e.error.clone()),
        RunEvent::RunCancelled(e) => one("cancelled", Tone::Bad, e.reason.clone().unwrap_or_default()),
        other => vec![generic(other)],
    }
}

fn telemetry(e: &TelemetryRecorded) -> String {
    let tokens = [
        (e.input_tokens, "in"),
        (e.output_tokens, "out"),
        (e.cache_read_tokens, "from cache"),
        (e.cache_write_tokens, "to cache"),
    ];
    let used = tokens.iter().filter(|(count, _)| *count > 0);
    let used: Vec<String> = used.map(|(count, what)| format!("{} {what}", grouped(*count))).collect();
    let paid = e.cost_usd.map_or("cost unknown".to_owned(), money);
    format!("{} of {}: {} · {paid}", e.signal, e.model, used.join(" · "))
}

/// A word and what is said about it.
fn joined(word: &str, text: &str) -> String {
    if text.trim().is_empty() { word.to_owned() } else { format!("{word}: {text}") }
}

fn message(e: &StepMessageAppended, full: bool) -> Vec<Phrase> {
    let (tag, tone) = match e.role {
        MessageRole::User => ("user", Tone::User),
        MessageRole::Assistant => ("assistant", Tone::Agent),
    };
    let usual = ["stop", "end_turn", "toolUse", "tool_use"];
    let stopped = e.stop_reason.as_deref().filter(|reason| !usual.contains(reason));
    let note = stopped.map(|reason| format!("stopped: {reason}")).unwrap_or_default();
    let mut phrases = Vec::new();
    if let Some(thinking) = &e.thinking {
        phrases.push(Phrase::new("thinking", Tone::Dim, thinking.clone()));
    }
    let says_nothing = e.content.trim().is_empty();
    if !says_nothing {
        phrases.push(Phrase::new(tag, tone, e.content.clone()).note(note));
    } else if full || !note.is_empty() {
        phrases.push(Phrase::new(tag, Tone::Dim, "no text").note(note));
    }
    phrases
}

/// The argument that tells most about a call, where the arguments are an object.
const TELLING: &[&str] =
    &["command", "path", "file_path", "filename", "file_name", "pattern", "query", "url", "prompt"];

fn call(e: &ToolCalled, full: bool) -> Phrase {
    let whole = || Phrase::new(e.tool.clone(), Tone::Tool, e.arguments.clone());
    if full {
        return whole();
    }
    let Ok(serde_json::Value::Object(fields)) = serde_json::from_str(&e.arguments) else { return whole() };
    let told = TELLING.iter().find_map(|name| fields.get(*name)?.as_str());
    match told.or_else(|| fields.values().find_map(serde_json::Value::as_str)) {
        Some(text) => Phrase::new(e.tool.clone(), Tone::Tool, text),
        None if fields.is_empty() => Phrase::new(e.tool.clone(), Tone::Tool, ""),
        None => whole(),
    }
}

fn answer(e: &ToolReturned) -> Phrase {
    let (tag, tone) = if e.is_error { ("error", Tone::Bad) } else { ("result", Tone::Dim) };
    let lines = e.output.lines().count();
    let mut notes = Vec::new();
    if lines > 1 {
        let more = if e.more { "more than " } else { "" };
        notes.push(format!("{more}{} lines", grouped(lines as u64)));
    }
    notes.extend(e.duration_ms.map(duration));
    let text = if e.output.trim().is_empty() { "nothing" } else { &e.output };
    Phrase::new(tag, tone, text).note(notes.join(", "))
}

fn scores(e: &ScoresIssued) -> String {
    let QualityScores { correctness, type_safety, code_style, test_coverage, completeness } = &e.scores;
    let threshold = match (e.threshold, e.threshold_result) {
        (Some(threshold), Some(true)) => format!(", meets {threshold}"),
        (Some(threshold), _) => format!(", below {threshold}"),
        (None, _) => String::new(),
    };
    let composite = format!(
        "{}{threshold} (correctness {correctness}, types {type_safety}, style {code_style}, tests {test_coverage}, completeness {completeness})",
        e.composite
    );
    joined(&composite, &e.summary)
}

fn checks(e: &CiChecksPolled) -> String {
    let failing = e.checks.iter().filter(|check| check.status == CiStatus::Failing);
    let failing: Vec<&str> = failing.map(|check| check.name.as_str()).collect();
    joined(e.status.as_str(), &failing.join(", "))
}

/// Any other event: its name in words, and its fields.
fn generic(event: &RunEvent) -> Phrase {
    use domain::catalogue::EventFamily;
    let mut name = String::new();
    for c in event.name().chars() {
        if c.is_uppercase() && !name.is_empty() {
            name.push(' ');
        }
        name.extend(c.to_lowercase());
    }
    let fields = match serde_json::to_value(event) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let shown = fields.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{} {value}", key.replace('_', " "))
    });
    Phrase::new("event", Tone::Notice, joined(&name, &shown.collect::<Vec<_>>().join(", ")))
}
