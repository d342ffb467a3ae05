//! SWE-agent trajectories: one agent invocation per file, so one run with one step.
//!
//! A file holds no times: every event happened at [`unknown_time`]. It names no session either: its identity is
//! the digest of its content. Usage stands in it as one total, which is recorded once, at the end. Observations
//! of the shell's state (`state`), copies of the prompt (`query`) and settings are not taken over.

mod document;
mod shapes;

use std::collections::BTreeMap;

use domain::check::TEXT_MAX_BYTES;
use domain::ids::StepId;
use domain::run::{RecordUsage, StartStep};
use domain::terms::{MessageRole, Role};
use domain::values::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::ids::Ids;
use super::session::{Answer, Ending, Opening, Place, Saying, Session};
use super::{Flow, Options, Sink, Source, Stop, text};
use document::{End, Mark, Piece};
use shapes::{Info, Message, ModelStats, ReplayConfig, Step, replay_config};

const CLI_TOOL: &str = "swe-agent";

/// When a trajectory's events happened: 1970-01-01T00:00:00Z, which stands for "unknown". An import's own time
/// would make two imports of one file differ.
#[must_use]
pub fn unknown_time() -> Timestamp {
    Timestamp::from_millis(0)
}

/// What a first pass over the file finds.
#[derive(Default)]
struct Outlook {
    steps: u64,
    messages: u64,
    /// The first message that sets a task.
    task: Option<String>,
    info: Option<Info>,
    config: ReplayConfig,
    /// Parts that are not of their shape.
    bad: Vec<(Mark, String)>,
}

pub(super) fn read(source: &Source<'_>, options: &Options, sink: &mut Sink<'_>) -> Flow {
    let (outlook, end) = look_through(source)?;
    let ids = Ids::new(CLI_TOOL, end.digest.as_str(), unknown_time());
    let session = Session::new(sink, source.name.clone(), ids, options, place(Mark::default()));
    let mut trajectory = Trajectory::new(session, outlook);
    trajectory.open(options)?;
    let by_steps = trajectory.outlook.steps > 0;
    document::read((source.open)()?, &mut |piece, mark| match piece {
        Piece::Step(raw) if by_steps => trajectory.step(raw, mark),
        Piece::Message(raw) if !by_steps => trajectory.message(raw, mark),
        _ => Ok(()),
    })?;
    trajectory.close(options, end.broken)
}

fn place(mark: Mark) -> Place {
    Place { line: mark.line, read_bytes: mark.read_bytes, time: unknown_time() }
}

fn look_through(source: &Source<'_>) -> Result<(Outlook, End), Stop> {
    let mut outlook = Outlook::default();
    let end = document::read((source.open)()?, &mut |piece, mark| {
        match piece {
            Piece::Step(_) => outlook.steps += 1,
            Piece::Message(raw) => {
                outlook.messages += 1;
                if outlook.task.is_none() {
                    outlook.task = task(raw);
                }
            }
            Piece::Info(raw) => match parse(raw) {
                Ok(info) => outlook.info = Some(info),
                Err(reason) => outlook.bad.push((mark, format!("`info`: {reason}"))),
            },
            Piece::ReplayConfig(raw) => match replay_config(raw) {
                Ok(config) => outlook.config = config,
                Err(error) => outlook.bad.push((mark, format!("`replay_config`: {}", without_place(&error)))),
            },
        }
        Ok(())
    })?;
    if outlook.steps + outlook.messages == 0 {
        let actual = end.broken.map_or_else(|| "it holds no element of either".into(), |(_, reason)| reason);
        return Err(Stop::Format {
            expected: "a SWE-agent trajectory with `trajectory` or `history`",
            actual,
        });
    }
    Ok((outlook, end))
}

fn task(raw: &RawValue) -> Option<String> {
    let message: Message = parse(raw).ok()?;
    let is_task = message.role == "user" && !message.is_demo && !message.content.trim().is_empty();
    is_task.then_some(message.content)
}

fn parse<T: DeserializeOwned>(raw: &RawValue) -> Result<T, String> {
    serde_json::from_str(raw.get()).map_err(|error| without_place(&error))
}

/// The parser counts lines within the element; where that stands is in the origin.
fn without_place(error: &serde_json::Error) -> String {
    error.to_string().split(" at line ").next().unwrap_or_default().to_owned()
}

/// The issue's own first line, past the instructions around it.
fn title(task: &str) -> Option<String> {
    let issue = task.split_once("ISSUE:\n").map_or(task, |(_, issue)| issue);
    text::title(issue)
}

struct Trajectory<'a, 's> {
    session: Session<'a, 's>,
    outlook: Outlook,
    model: Option<String>,
    step: StepId,
    /// Calls that have had no answer, by id, in order.
    pending: Vec<(String, String)>,
    /// Names of the tools called, by call id.
    tools: BTreeMap<String, String>,
    elements: u64,
}

impl<'a, 's> Trajectory<'a, 's> {
    fn new(session: Session<'a, 's>, outlook: Outlook) -> Self {
        let model = outlook.config.agent.as_ref().and_then(|agent| agent.model.as_ref()?.name.as_deref());
        let model = model.and_then(text::label);
        let step = session.step_id();
        Self { session, outlook, model, step, pending: vec![], tools: BTreeMap::new(), elements: 0 }
    }

    fn open(&mut self, options: &Options) -> Flow {
        let statement =
            self.outlook.config.problem_statement.as_ref().and_then(|problem| problem.text.clone());
        let statement = statement.filter(|statement| !statement.trim().is_empty());
        let prompt = statement.or_else(|| self.outlook.task.clone());
        let title = prompt.as_deref().and_then(title);
        let prompt = prompt.map_or_else(|| "no task in this trajectory".into(), |prompt| clipped(&prompt));
        self.session.open(options, Opening { title, prompt, provider: CLI_TOOL })?;
        self.session.start_step(StartStep {
            step: self.step,
            role: Role::Designer,
            sandbox: Some(self.session.sandbox()),
            persona: None,
            persona_version: None,
            cli_tool: Some(CLI_TOOL.into()),
            model: self.model.clone(),
            thinking_effort: None,
            iteration: None,
            loop_id: None,
            loop_iteration: None,
            prompt_digest: None,
        })?;
        for (mark, reason) in std::mem::take(&mut self.outlook.bad) {
            self.session.at(place(mark));
            self.session.bad(reason)?;
        }
        // A history tells its task itself; steps do not.
        match self.outlook.task.take().filter(|_| self.outlook.steps > 0) {
            Some(task) => {
                self.at(Mark { line: 1, read_bytes: 0 });
                self.say(MessageRole::User, &task)
            }
            None => Ok(()),
        }
    }

    /// Several elements may stand on one line: their number takes the place of the line in ids.
    fn at(&mut self, mark: Mark) {
        self.session.at_element(place(mark), self.elements + 1);
        self.elements += 1;
    }
    fn say(&mut self, role: MessageRole, content: &str) -> Flow {
        self.session.say(self.step, Saying { role, content, thinking: "", stop_reason: None })
    }

    fn step(&mut self, raw: &RawValue, mark: Mark) -> Flow {
        self.at(mark);
        let step: Step = match parse(raw) {
            Ok(step) => step,
            Err(reason) => return self.session.bad(reason),
        };
        let said = if step.response.trim().is_empty() { &step.thought } else { &step.response };
        self.say(MessageRole::Assistant, said)?;
        let call_id = format!("action-{}", self.elements);
        let Some((tool, arguments)) = command(&step.action) else {
            // Nothing was run: what came back is the platform's remark on the answer.
            return if step.observation.is_empty() {
                Ok(())
            } else {
                self.say(MessageRole::User, &step.observation)
            };
        };
        self.session.call(self.step, call_id.clone(), tool.clone(), &arguments)?;
        let (output, duration_ms) = (step.observation.as_str(), step.execution_time.and_then(millis));
        self.session.answer(self.step, Answer { call_id, tool, is_error: false, output, duration_ms })
    }

    fn message(&mut self, raw: &RawValue, mark: Mark) -> Flow {
        self.at(mark);
        let message: Message = match parse(raw) {
            Ok(message) => message,
            Err(reason) => return self.session.bad(reason),
        };
        match message.role.as_str() {
            "assistant" => self.assistant(&message),
            "tool" => self.observation(&message),
            // Older releases answer an action in the user's name.
            "user" if !self.pending.is_empty() => self.observation(&message),
            "system" | "user" => self.say(MessageRole::User, &message.content),
            other => self.session.bad(format!("unknown role `{}`", text::clip(other, 80))),
        }
    }

    fn assistant(&mut self, message: &Message) -> Flow {
        let calls = match self.calls(message) {
            Ok(calls) => calls,
            Err(reason) => return self.session.bad(reason),
        };
        self.say(MessageRole::Assistant, &message.content)?;
        self.pending.clear();
        for (call_id, tool, arguments) in calls {
            self.session.call(self.step, call_id.clone(), tool.clone(), &arguments)?;
            self.tools.insert(call_id.clone(), tool.clone());
            self.pending.push((call_id, tool));
        }
        Ok(())
    }

    /// Id, tool and arguments of each call of a message.
    fn calls(&self, message: &Message) -> Result<Vec<(String, String, String)>, String> {
        let Some(calls) = message.tool_calls.as_ref().filter(|calls| !calls.is_empty()) else {
            let called = message.action.as_deref().and_then(command);
            let id = format!("action-{}", self.elements);
            return Ok(called.into_iter().map(|(tool, arguments)| (id.clone(), tool, arguments)).collect());
        };
        let whole = |call: &shapes::ToolCall| {
            let id = text::call_id(&call.id).ok_or("`id` of a tool call is blank")?;
            let tool = text::label(&call.function.name).ok_or("`name` of a tool call is blank")?;
            Ok((id, tool, call.function.arguments.clone()))
        };
        calls.iter().map(whole).collect()
    }

    fn observation(&mut self, message: &Message) -> Flow {
        let named = message.tool_call_ids.iter().flatten().filter_map(|id| text::call_id(id));
        let mut answered: Vec<(String, String)> = named
            .map(|id| {
                let tool = self.tools.get(&id).cloned().unwrap_or_else(|| "unknown".into());
                (id, tool)
            })
            .collect();
        if answered.is_empty() {
            answered.extend(self.pending.first().cloned());
        }
        if answered.is_empty() {
            return self.say(MessageRole::User, &message.content);
        }
        self.pending.retain(|(id, _)| answered.iter().all(|(answered, _)| answered != id));
        for (call_id, tool) in answered {
            let output = message.content.as_str();
            self.session
                .answer(self.step, Answer { call_id, tool, is_error: false, output, duration_ms: None })?;
        }
        Ok(())
    }

    fn close(mut self, options: &Options, broken: Option<(Mark, String)>) -> Flow {
        if let Some((mark, reason)) = &broken {
            self.at(*mark);
            self.session.bad(reason.clone())?;
        }
        let info = self.outlook.info.take().unwrap_or_default();
        let Place { line, read_bytes, .. } = self.session.place();
        self.at(Mark { line, read_bytes });
        if let Some(stats) = &info.model_stats {
            self.usage(stats)?;
        }
        if !options.finish {
            return Ok(());
        }
        let error = match &info.exit_status {
            Some(status) if status.starts_with("submitted") => None,
            Some(status) if !status.trim().is_empty() => Some(clipped(status)),
            _ => broken.map(|_| "the trajectory file is broken off".into()),
        };
        if error.is_none() {
            let last = self.session.place();
            self.session.end_step(self.step, 0, last, Ending::Completed { output: None })?;
        }
        self.session.close(info.submission.as_deref().map(clipped), error)
    }

    fn usage(&mut self, stats: &ModelStats) -> Flow {
        self.session.run(RecordUsage {
            step: self.step,
            provider: None,
            model: self.model.clone().unwrap_or_else(|| "unknown".into()),
            input_tokens: stats.tokens_sent,
            output_tokens: stats.tokens_received,
            cache_read_tokens: 0,
            cache_write_tokens: 0,
            calls: stats.api_calls.map(|calls| calls.max(1)),
            cost_usd: stats.instance_cost,
        })
    }
}

/// Tool and arguments of an action, a line of shell whose first word names the tool.
fn command(action: &str) -> Option<(String, String)> {
    let tool = text::label(action.split_whitespace().next()?)?;
    Some((tool, serde_json::json!({ "command": action }).to_string()))
}

fn clipped(text: &str) -> String {
    text::clip(text, TEXT_MAX_BYTES).to_owned()
}

fn millis(seconds: f64) -> Option<u64> {
    let ms = (seconds * 1_000.0).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within 0 to 2^53 by the check before"
    )]
    (0.0..9e15).contains(&ms).then_some(ms as u64)
}
