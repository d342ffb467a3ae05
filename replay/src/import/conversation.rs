//! A session that is told line by line: one step at a time, made of turns.

use std::collections::BTreeMap;
use std::io::BufReader;

use domain::ids::StepId;
use domain::run::{IssueScores, IssueVerdict, QualityScores, RecordUsage, StartStep};
use domain::terms::{Effort, MessageRole, Role, StepFailure};
use domain::values::{Timestamp, Usd};
use serde::de::DeserializeOwned;

use super::lines::{Line, Lines};
use super::session::{Answer, Ending, Place, Saying, Session};
use super::{Flow, Source, Stop, text};

/// Why a line leads nowhere: it is bad, or the import stops.
pub(super) enum Trouble {
    Bad(String),
    Stop(Stop),
}

impl From<String> for Trouble {
    fn from(reason: String) -> Self {
        Self::Bad(reason)
    }
}

impl From<Stop> for Trouble {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

/// What comes of a line.
pub(super) type Told = Result<(), Trouble>;

/// Parses a line; why it does not fit is told without the parser's line number, which is always 1.
pub(super) fn parse<T: DeserializeOwned>(line: &str) -> Result<T, String> {
    serde_json::from_str(line).map_err(|error| {
        let text = error.to_string();
        let reason = text.split(" at line ").next().unwrap_or_default();
        format!("{reason} at column {}", error.column())
    })
}

/// Hands over every line of the file, in order.
pub(super) fn each_line(source: &Source<'_>, mut take: impl FnMut(&Line<'_>) -> Flow) -> Flow {
    let mut lines = Lines::new(BufReader::new((source.open)()?));
    while let Some(line) = lines.next()? {
        take(&line)?;
    }
    Ok(())
}

/// What model calls used; cost and number of calls are left out where unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Used {
    /// In without the cached ones, out, read from the cache, written to it.
    pub(super) tokens: [u64; 4],
    pub(super) calls: Option<u32>,
    pub(super) cost: Option<Usd>,
}

impl Used {
    /// What was used since `before`; what a figure that has fallen says is taken as it is, for it was counted anew.
    pub(super) fn since(self, before: Self) -> Self {
        let has_fallen = self.tokens.iter().zip(before.tokens).any(|(now, then)| *now < then)
            || self.cost.zip(before.cost).is_some_and(|(now, then)| now < then);
        if has_fallen {
            return self;
        }
        let mut tokens = self.tokens;
        tokens.iter_mut().zip(before.tokens).for_each(|(now, then)| *now -= then);
        let units = |cost: Usd| cost.units() - before.cost.map_or(0, Usd::units);
        let calls = match (self.calls, before.calls) {
            (Some(now), Some(then)) => now.checked_sub(then),
            (now, _) => now,
        };
        Self { tokens, calls, cost: self.cost.and_then(|cost| Usd::from_units(units(cost))) }
    }
    /// Whether nothing was used.
    pub(super) fn is_nothing(self) -> bool {
        self.tokens == [0; 4] && self.cost.is_none_or(|cost| cost.units() == 0)
    }
}

struct Step {
    id: StepId,
    began: u64,
    last: Place,
    /// How it ends if nothing follows; none in the middle of a turn.
    ending: Option<Ending>,
    /// Whether the agent has said or done something.
    answered: bool,
}

/// The session, step by step.
pub(super) struct Conversation<'a, 's> {
    pub(super) session: Session<'a, 's>,
    /// The session's own id, for lines that are kept as they are.
    id: String,
    cli_tool: Option<String>,
    pub(super) role: Role,
    pub(super) model: Option<String>,
    pub(super) provider: Option<String>,
    pub(super) effort: Option<Effort>,
    step: Option<Step>,
    /// Names of tools whose answer has not come, by call.
    tools: BTreeMap<String, String>,
}

impl<'a, 's> Conversation<'a, 's> {
    pub(super) fn new(session: Session<'a, 's>, id: &str, cli_tool: Option<&str>) -> Self {
        Self {
            session,
            id: id.to_owned(),
            cli_tool: cli_tool.map(str::to_owned),
            role: Role::Designer,
            model: None,
            provider: None,
            effort: None,
            step: None,
            tools: BTreeMap::new(),
        }
    }

    /// Takes a line in: `told` reads it, and a bad one is reported.
    pub(super) fn settle(&mut self, told: Told) -> Flow {
        match told {
            Ok(()) => Ok(()),
            Err(Trouble::Bad(reason)) => self.session.bad(reason),
            Err(Trouble::Stop(stop)) => Err(stop),
        }
    }
    /// Moves on to a line; what has no time of its own happened when the line before did.
    pub(super) fn at(&mut self, line: &Line<'_>) {
        let time = self.session.place().time;
        self.session.at(Place { line: line.number, read_bytes: line.read_bytes, time });
    }
    /// When the line in hand happened.
    pub(super) fn on(&mut self, time: Option<Timestamp>) {
        if let Some(time) = time {
            self.session.at(Place { time, ..self.session.place() });
        }
    }
    pub(super) fn keep_raw(&mut self, raw: &str) -> Flow {
        self.session.keep_raw(&self.id, raw)
    }
    pub(super) const fn is_in_step(&self) -> bool {
        self.step.is_some()
    }

    /// What the running step does.
    pub(super) fn running_role(&self) -> Option<Role> {
        self.step.as_ref().map(|_| self.role)
    }

    /// The running step, or a new one; the turn goes on.
    fn step(&mut self) -> Result<StepId, Stop> {
        let place = self.session.place();
        if let Some(step) = &mut self.step {
            (step.last, step.ending) = (place, None);
            return Ok(step.id);
        }
        let id = self.session.step_id();
        self.step = Some(Step { id, began: place.line, last: place, ending: None, answered: false });
        self.session.start_step(StartStep {
            step: id,
            role: self.role,
            sandbox: Some(self.session.sandbox()),
            persona: None,
            persona_version: None,
            cli_tool: self.cli_tool.clone(),
            model: self.model.clone(),
            thinking_effort: self.effort,
            iteration: None,
            loop_id: None,
            loop_iteration: None,
            prompt_digest: None,
        })?;
        Ok(id)
    }
    fn answering(&mut self) -> Result<StepId, Stop> {
        let id = self.step()?;
        if let Some(step) = &mut self.step {
            step.answered = true;
        }
        Ok(id)
    }
    /// Begins a step, unless the running one has had no answer yet.
    pub(super) fn begin(&mut self) -> Flow {
        if self.step.as_ref().is_some_and(|step| step.answered || step.ending.is_some()) {
            let middle = || Ending::Completed { output: None };
            self.end(middle)?;
        }
        self.step().map(drop)
    }
    /// The turn is over, unless something follows before the next one begins.
    pub(super) fn over(&mut self, ending: Ending) {
        if let Some(step) = &mut self.step {
            (step.last, step.ending) = (self.session.place(), Some(ending));
        }
    }
    /// Ends the running step, if there is one; `otherwise` says how where the turn is not over.
    pub(super) fn end(&mut self, otherwise: impl FnOnce() -> Ending) -> Flow {
        let Some(step) = self.step.take() else { return Ok(()) };
        self.tools.clear();
        self.session.end_step(step.id, step.began, step.last, step.ending.unwrap_or_else(otherwise))
    }

    pub(super) fn user(&mut self, content: &str) -> Flow {
        let step = self.step()?;
        let role = MessageRole::User;
        self.session.say(step, Saying { role, content, thinking: "", stop_reason: None })
    }
    pub(super) fn assistant(&mut self, content: &str, thinking: &str, stop_reason: Option<&str>) -> Flow {
        let step = self.answering()?;
        let (role, stop_reason) = (MessageRole::Assistant, stop_reason.and_then(text::label));
        self.session.say(step, Saying { role, content, thinking, stop_reason })
    }
    pub(super) fn call(&mut self, Call { id, tool, arguments }: Call) -> Flow {
        let step = self.answering()?;
        self.tools.insert(id.clone(), tool.clone());
        self.session.call(step, id, tool, &arguments)
    }
    /// A tool's answer; of a call that is not known here the tool is not either.
    pub(super) fn answer(
        &mut self,
        id: &str,
        is_error: bool,
        output: &str,
        duration_ms: Option<u64>,
    ) -> Told {
        let call_id = text::call_id(id).ok_or("the id of the call is blank".to_owned())?;
        let step = self.answering()?;
        let tool = self.tools.remove(&call_id).unwrap_or_else(|| "unknown".into());
        Ok(self.session.answer(step, Answer { call_id, tool, is_error, output, duration_ms })?)
    }
    /// What was used since the last record, by the model named or the one in use.
    pub(super) fn used(&mut self, model: Option<&str>, used: Used) -> Flow {
        if used.is_nothing() {
            return Ok(());
        }
        let step = self.answering()?;
        let model = model.and_then(text::label).or_else(|| self.model.clone());
        let [input_tokens, output_tokens, cache_read_tokens, cache_write_tokens] = used.tokens;
        self.session.run(RecordUsage {
            step,
            provider: self.provider.clone(),
            model: model.unwrap_or_else(|| "unknown".into()),
            input_tokens,
            output_tokens,
            cache_read_tokens,
            cache_write_tokens,
            calls: Some(used.calls.unwrap_or(0)),
            cost_usd: used.cost,
        })
    }
    pub(super) fn verdict(&mut self, pass: bool, feedback: &str) -> Flow {
        let step = self.answering()?;
        let feedback = text::clip(feedback, domain::check::TEXT_MAX_BYTES).to_owned();
        self.session.run(IssueVerdict { step, pass, feedback })
    }
    /// Scores, under the weights and the threshold in force.
    pub(super) fn scores(&mut self, scores: QualityScores, summary: String) -> Flow {
        let step = self.answering()?;
        self.session.run(IssueScores { step, scores, weights: None, threshold: None, summary })
    }

    /// Ends the session. `unended` says what became of a turn that is not over; `error` fails the run.
    pub(super) fn finish(mut self, unended: &str, error: Option<String>) -> Flow {
        self.end(|| failed(StepFailure::Crashed, unended))?;
        self.session.close(None, error)
    }
}

/// A tool call as commands take it.
pub(super) struct Call {
    id: String,
    tool: String,
    arguments: String,
}

impl Call {
    pub(super) fn new(id: &str, tool: &str, arguments: impl Into<String>) -> Result<Self, String> {
        let id = text::call_id(id).ok_or("the id of the call is blank")?;
        let tool = text::label(tool).ok_or("the name of the tool is blank")?;
        Ok(Self { id, tool, arguments: arguments.into() })
    }
}

pub(super) const fn completed() -> Ending {
    Ending::Completed { output: None }
}

pub(super) fn failed(failure: StepFailure, error: &str) -> Ending {
    let error = text::clip(error, domain::check::TEXT_MAX_BYTES);
    let error = if error.trim().is_empty() { "no reason given" } else { error };
    Ending::Failed { failure, error: error.to_owned() }
}

/// Title and prompt of a session: its first task, or that it has none.
pub(super) fn opening(prompt: Option<&str>, id: &str, provider: &'static str) -> super::session::Opening {
    let prompt = prompt.filter(|prompt| !prompt.trim().is_empty());
    super::session::Opening {
        title: prompt.and_then(text::title).or_else(|| text::label(id)),
        prompt: prompt.map_or_else(
            || format!("no user message in session {}", text::clip(id, 200)),
            |prompt| text::clip(prompt, domain::check::TEXT_MAX_BYTES).to_owned(),
        ),
        provider,
    }
}
