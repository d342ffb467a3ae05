//! An answering session: open questions get structured answers, which are passed on to the runs that need them.

use std::collections::BTreeMap;

use crate::catalogue::{commands, events, plain};
use crate::ids::{
    Category, ContextId, IssueId, IssueSessionId, PersonaId, ProjectId, RunId, SandboxId, StreamId, UserId,
};
use crate::terms::{AnswerSource, PointKind};
use crate::values::Share;
use crate::{Decider, Rejection, check};

#[cfg(test)]
mod tests;

events! {
    /// Everything that can happen to an answering session.
    pub enum AnsweringSessionEvent {
        1100 => AnsweringSessionRequested 1;
        1101 => AnsweringSessionStarted 1;
        1102 => QuestionAnswered 1;
        1103 => QuestionLeftOpen 1;
        1104 => AnsweringSessionCompleted 1;
        1105 => AnswersPassedOn 1;
        1106 => AnsweringSessionFailed 1;
        1107 => AnsweringSessionCancelled 1;
    }
}

commands! {
    /// What can be asked of an answering session.
    pub enum AnsweringSessionCommand {
        "request" => RequestAnsweringSession;
        "start" => StartAnsweringSession;
        "answer" => AnswerQuestion;
        "leave-open" => LeaveQuestionOpen;
        "complete" => CompleteAnsweringSession;
        "pass-on" => PassAnswersOn;
        "fail" => FailAnsweringSession;
        "cancel" => CancelAnsweringSession;
    }
}

plain! {
    /// A question or an assumption that waits for an answer.
    struct OpenQuestion {
        /// What it is.
        kind: PointKind,
        /// In words.
        text: String,
        /// The number of the point in the issue session that raised it.
        point: Option<u32>,
    }

    /// A session was asked for; its questions are numbered from 1, in order.
    struct AnsweringSessionRequested {
        /// The project it belongs to.
        project: ProjectId,
        /// The issue session that raised the questions.
        issue_session: Option<IssueSessionId>,
        /// The issue whose implementation waits for the answers.
        issue: Option<IssueId>,
        /// What is to be answered.
        questions: Vec<OpenQuestion>,
        /// The context in force, with version.
        context: Option<(ContextId, u32)>,
    }
    /// An answerer began; a person needs no start.
    struct AnsweringSessionStarted {
        /// The persona that answers.
        persona: Option<PersonaId>,
        /// Where it works.
        sandbox: Option<SandboxId>,
        /// The run that it is part of.
        run: Option<RunId>,
    }
    /// A question was answered; a later answer to it takes the place of this one.
    struct QuestionAnswered {
        /// Its number.
        question: u32,
        /// The answer; of an assumption, whether and how far it holds.
        answer: String,
        /// Why so.
        rationale: Option<String>,
        /// How sure the answerer is, 0 to 1.
        confidence: Option<Share>,
        /// Who answered.
        source: AnswerSource,
        /// The person, where it was one.
        person: Option<UserId>,
    }
    /// A question was given up for now.
    struct QuestionLeftOpen {
        /// Its number.
        question: u32,
        /// Why.
        reason: String,
    }
    /// Every question is answered or left open.
    struct AnsweringSessionCompleted {}
    /// The answers were handed to a run that implements.
    struct AnswersPassedOn {
        /// The run.
        run: RunId,
    }
    /// The session ended by a failure; its answers stand.
    struct AnsweringSessionFailed {
        /// In words.
        error: String,
    }
    /// The session was ended by somebody; its answers stand.
    struct AnsweringSessionCancelled {
        /// Why.
        reason: Option<String>,
    }
}

plain! {
    /// Asks for a session.
    struct RequestAnsweringSession {
        /// The project it belongs to.
        project: ProjectId,
        /// The issue session that raised the questions.
        issue_session: Option<IssueSessionId>,
        /// The issue whose implementation waits for the answers.
        issue: Option<IssueId>,
        /// What is to be answered: 1 to 200 questions, each 1 byte to 64 KiB, together at most 512 KiB.
        questions: Vec<OpenQuestion>,
        /// The context in force, with version.
        context: Option<(ContextId, u32)>,
    }
    /// Records that an answerer begins.
    struct StartAnsweringSession {
        /// The persona that answers.
        persona: Option<PersonaId>,
        /// Where it works.
        sandbox: Option<SandboxId>,
        /// The run that it is part of.
        run: Option<RunId>,
    }
    /// Answers a question, or answers it anew.
    struct AnswerQuestion {
        /// Its number.
        question: u32,
        /// The answer; 1 byte to 64 KiB.
        answer: String,
        /// Why so; at most 64 KiB.
        rationale: Option<String>,
        /// How sure the answerer is, 0 to 1.
        confidence: Option<Share>,
        /// Who answers.
        source: AnswerSource,
        /// The person; only where it is one.
        person: Option<UserId>,
    }
    /// Gives a question up for now.
    struct LeaveQuestionOpen {
        /// Its number.
        question: u32,
        /// Why.
        reason: String,
    }
    /// Ends the session; every question must be answered or left open.
    struct CompleteAnsweringSession {}
    /// Records that a completed session's answers are handed to a run; each run once.
    struct PassAnswersOn {
        /// The run, requested before.
        run: RunId,
    }
    /// Ends the session by a failure.
    struct FailAnsweringSession {
        /// In words.
        error: String,
    }
    /// Ends the session on somebody's wish.
    struct CancelAnsweringSession {
        /// Why.
        reason: Option<String>,
    }
}

/// Most questions of a session.
pub const QUESTIONS_MAX: usize = 200;
/// Most runs that one session's answers are passed on to.
pub const PASSES_MAX: usize = 100;
/// Longest question, answer or rationale, in bytes.
pub const ANSWER_MAX_BYTES: usize = 64 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Requested,
    Running,
    Completed,
    Failed,
    Cancelled,
}

impl Phase {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Requested => "requested",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Whether a question still waits.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Question {
    Waiting,
    Answered,
    LeftOpen,
}

/// An answering session, as far as its decisions need it: which questions wait, not what they say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AnsweringSession {
    project: Option<ProjectId>,
    phase: Phase,
    questions: BTreeMap<u32, Question>,
    passed_on: Vec<RunId>,
}

impl AnsweringSession {
    fn expect(&self, allowed: &[Phase], expected: &'static str) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "answering session" }),
            phase if allowed.contains(&phase) => Ok(()),
            phase => Err(Rejection::illegal("answering session", expected, phase.as_str())),
        }
    }
    fn not_ended(&self) -> Result<(), Rejection> {
        self.expect(&[Phase::Requested, Phase::Running], "requested or running")
    }
    fn question(&self, question: u32) -> Result<Question, Rejection> {
        self.questions.get(&question).copied().ok_or_else(|| Rejection::unknown("question", question))
    }
    fn request(&self, command: &RequestAnsweringSession) -> Result<AnsweringSessionEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "answering session".into() });
        }
        let RequestAnsweringSession { project, issue_session, issue, questions, context } = command.clone();
        check::some_of("questions", &questions, QUESTIONS_MAX)?;
        for question in &questions {
            check::filled_within("text", &question.text, ANSWER_MAX_BYTES)?;
            if let (None, Some(point)) = (issue_session, question.point) {
                return Err(Rejection::invalid("point", "absent where issue_session is", point));
            }
        }
        let bytes = questions.iter().map(|question| question.text.len()).sum();
        check::range("questions", bytes, &(0..=check::TEXT_MAX_BYTES), "bytes together")?;
        Ok(AnsweringSessionRequested { project, issue_session, issue, questions, context }.into())
    }
    fn answer(&self, command: &AnswerQuestion) -> Result<AnsweringSessionEvent, Rejection> {
        self.not_ended()?;
        let AnswerQuestion { question, answer, rationale, confidence, source, person } = command.clone();
        self.question(question)?;
        check::filled_within("answer", &answer, ANSWER_MAX_BYTES)?;
        check::within("rationale", rationale.as_deref().unwrap_or_default(), ANSWER_MAX_BYTES)?;
        if let (AnswerSource::Agent, Some(person)) = (source, person) {
            return Err(Rejection::invalid("person", "absent where an agent answers", person));
        }
        Ok(QuestionAnswered { question, answer, rationale, confidence, source, person }.into())
    }
    fn leave_open(&self, command: &LeaveQuestionOpen) -> Result<AnsweringSessionEvent, Rejection> {
        self.not_ended()?;
        let LeaveQuestionOpen { question, reason } = command.clone();
        if self.question(question)? != Question::Waiting {
            let rule = format!("question {question} is settled already");
            return Err(Rejection::rule(rule, "answer it anew instead"));
        }
        check::filled("reason", &reason)?;
        Ok(QuestionLeftOpen { question, reason }.into())
    }
    fn complete(&self) -> Result<AnsweringSessionEvent, Rejection> {
        self.not_ended()?;
        match self.questions.iter().find(|(_, question)| **question == Question::Waiting) {
            None => Ok(AnsweringSessionCompleted {}.into()),
            Some((number, _)) => Err(Rejection::rule(
                format!("question {number} waits for an answer"),
                "answer it, or leave it open with a reason",
            )),
        }
    }
    fn pass_on(&self, run: RunId) -> Result<AnsweringSessionEvent, Rejection> {
        self.expect(&[Phase::Completed], "completed")?;
        if self.passed_on.contains(&run) {
            let rule = format!("run `{run}` has the answers already");
            return Err(Rejection::rule(rule, "name another run"));
        }
        if self.passed_on.len() >= PASSES_MAX {
            let rule = format!("answers are passed on to at most {PASSES_MAX} runs");
            return Err(Rejection::rule(rule, "request another session"));
        }
        Ok(AnswersPassedOn { run }.into())
    }
}

impl Decider for AnsweringSession {
    const CATEGORY: Category = Category(11);
    type Command = AnsweringSessionCommand;
    type Event = AnsweringSessionEvent;

    fn decide(&self, command: &AnsweringSessionCommand) -> Result<Vec<AnsweringSessionEvent>, Rejection> {
        let event = match command {
            AnsweringSessionCommand::RequestAnsweringSession(c) => self.request(c)?,
            AnsweringSessionCommand::StartAnsweringSession(c) => {
                self.expect(&[Phase::Requested], "requested")?;
                AnsweringSessionStarted { persona: c.persona, sandbox: c.sandbox, run: c.run }.into()
            }
            AnsweringSessionCommand::AnswerQuestion(c) => self.answer(c)?,
            AnsweringSessionCommand::LeaveQuestionOpen(c) => self.leave_open(c)?,
            AnsweringSessionCommand::CompleteAnsweringSession(CompleteAnsweringSession {}) => {
                self.complete()?
            }
            AnsweringSessionCommand::PassAnswersOn(c) => self.pass_on(c.run)?,
            AnsweringSessionCommand::FailAnsweringSession(c) => {
                self.not_ended()?;
                check::filled("error", &c.error)?;
                AnsweringSessionFailed { error: c.error.clone() }.into()
            }
            AnsweringSessionCommand::CancelAnsweringSession(c) => {
                self.not_ended()?;
                check::text("reason", c.reason.as_deref().unwrap_or_default())?;
                AnsweringSessionCancelled { reason: c.reason.clone() }.into()
            }
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &AnsweringSessionEvent) {
        match event {
            AnsweringSessionEvent::AnsweringSessionRequested(e) => {
                let questions = (1..).zip(&e.questions).map(|(number, _)| (number, Question::Waiting));
                *self = Self {
                    project: Some(e.project),
                    phase: Phase::Requested,
                    questions: questions.collect(),
                    passed_on: Vec::new(),
                };
            }
            AnsweringSessionEvent::AnsweringSessionStarted(_) => self.phase = Phase::Running,
            AnsweringSessionEvent::QuestionAnswered(e) => {
                self.questions.insert(e.question, Question::Answered);
            }
            AnsweringSessionEvent::QuestionLeftOpen(e) => {
                self.questions.insert(e.question, Question::LeftOpen);
            }
            AnsweringSessionEvent::AnsweringSessionCompleted(_) => self.phase = Phase::Completed,
            AnsweringSessionEvent::AnswersPassedOn(e) => self.passed_on.push(e.run),
            AnsweringSessionEvent::AnsweringSessionFailed(_) => self.phase = Phase::Failed,
            AnsweringSessionEvent::AnsweringSessionCancelled(_) => self.phase = Phase::Cancelled,
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn references(command: &AnsweringSessionCommand) -> Vec<StreamId> {
        match command {
            AnsweringSessionCommand::RequestAnsweringSession(c) => {
                let session = c.issue_session.map(StreamId::from);
                let (issue, context) = (c.issue.map(StreamId::from), c.context.map(|(id, _)| id.into()));
                [Some(c.project.into()), session, issue, context].into_iter().flatten().collect()
            }
            AnsweringSessionCommand::StartAnsweringSession(c) => {
                let parts =
                    [c.persona.map(StreamId::from), c.sandbox.map(StreamId::from), c.run.map(StreamId::from)];
                parts.into_iter().flatten().collect()
            }
            AnsweringSessionCommand::PassAnswersOn(c) => vec![c.run.into()],
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<AnsweringSessionEvent> {
    let question = |kind, text: &str, point| OpenQuestion { kind, text: text.into(), point };
    let requested = AnsweringSessionRequested {
        project: ProjectId::from_bytes([1; 16]),
        issue_session: Some(IssueSessionId::from_bytes([2; 16])),
        issue: Some(IssueId::from_bytes([3; 16])),
        questions: vec![
            question(PointKind::Question, "Use the existing cache or bypass it?", Some(1)),
            question(PointKind::Assumption, "Entries may be lost", Some(2)),
        ],
        context: Some((ContextId::from_bytes([4; 16]), 1)),
    };
    let by_hand = AnsweringSessionRequested {
        issue_session: None,
        issue: None,
        questions: vec![question(PointKind::Question, "Which port?", None)],
        context: None,
        ..requested.clone()
    };
    let answered = QuestionAnswered {
        question: 1,
        answer: "Use it".into(),
        rationale: Some("It is warm".into()),
        confidence: Some(Share::from_units(9_000).expect("0.9 is a share")),
        source: AnswerSource::Agent,
        person: None,
    };
    let by_person = QuestionAnswered {
        rationale: None,
        confidence: None,
        source: AnswerSource::Human,
        person: Some(UserId::from_bytes([5; 16])),
        ..answered.clone()
    };
    let (persona, sandbox) = (PersonaId::from_bytes([6; 16]), SandboxId::from_bytes([7; 16]));
    let run = RunId::from_bytes([8; 16]);
    vec![
        requested.into(),
        by_hand.into(),
        AnsweringSessionStarted { persona: Some(persona), sandbox: Some(sandbox), run: Some(run) }.into(),
        AnsweringSessionStarted { persona: None, sandbox: None, run: None }.into(),
        answered.into(),
        by_person.into(),
        QuestionLeftOpen { question: 2, reason: "nobody knows".into() }.into(),
        AnsweringSessionCompleted {}.into(),
        AnswersPassedOn { run }.into(),
        AnsweringSessionFailed { error: "the sandbox is gone".into() }.into(),
        AnsweringSessionCancelled { reason: Some("not needed".into()) }.into(),
        AnsweringSessionCancelled { reason: None }.into(),
    ]
}
