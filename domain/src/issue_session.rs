//! An issue session: an agent looks through the code and reports issues, questions and assumptions.

use std::collections::BTreeMap;

use crate::catalogue::{commands, events, plain};
use crate::ids::{AnsweringSessionId, Category, ContextId, IssueId, ProjectId, RunId, SandboxId, StreamId};
use crate::issue::IssueText;
use crate::terms::PointKind;
use crate::{Decider, Rejection, check};

#[cfg(test)]
mod tests;

events! {
    /// Everything that can happen to an issue session.
    pub enum IssueSessionEvent {
        1000 => IssueSessionRequested 1;
        1001 => IssueSessionStarted 1;
        1002 => IssueFound 1;
        1003 => PointRaised 1;
        1004 => FindingConverted 1;
        1005 => FindingDismissed 1;
        1006 => PointsHandedOver 1;
        1007 => IssueSessionCompleted 1;
        1008 => IssueSessionFailed 1;
        1009 => IssueSessionCancelled 1;
    }
}

commands! {
    /// What can be asked of an issue session.
    pub enum IssueSessionCommand {
        "request" => RequestIssueSession;
        "start" => StartIssueSession;
        "report-issue" => ReportIssue;
        "raise-point" => RaisePoint;
        "convert-finding" => ConvertFinding;
        "dismiss-finding" => DismissFinding;
        "hand-over-points" => HandOverPoints;
        "complete" => CompleteIssueSession;
        "fail" => FailIssueSession;
        "cancel" => CancelIssueSession;
    }
}

plain! {
    /// A session was asked for.
    struct IssueSessionRequested {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name.
        title: String,
        /// What to look for.
        prompt: String,
        /// The branch to look at; the default one where absent.
        branch: Option<String>,
        /// The context in force, with version.
        context: Option<(ContextId, u32)>,
    }
    /// An agent began to look.
    struct IssueSessionStarted {
        /// Where it works.
        sandbox: Option<SandboxId>,
        /// The run that it is part of.
        run: Option<RunId>,
    }
    /// It found an issue.
    struct IssueFound {
        /// The finding's number, from 1.
        finding: u32,
        /// What is to be done.
        text: IssueText,
    }
    /// It met something that the code does not say.
    struct PointRaised {
        /// The point's number, from 1.
        point: u32,
        /// What it is.
        kind: PointKind,
        /// In words.
        text: String,
        /// The finding that it bears on.
        finding: Option<u32>,
    }
    /// A finding became an issue.
    struct FindingConverted {
        /// Its number.
        finding: u32,
        /// The issue.
        issue: IssueId,
    }
    /// A finding is none.
    struct FindingDismissed {
        /// Its number.
        finding: u32,
        /// Why.
        reason: String,
    }
    /// Points were handed to an answering session.
    struct PointsHandedOver {
        /// That session.
        answering_session: AnsweringSessionId,
        /// The points' numbers.
        points: Vec<u32>,
    }
    /// The session ended as intended.
    struct IssueSessionCompleted {
        /// What came out of it.
        summary: Option<String>,
    }
    /// The session ended by a failure; its findings stand.
    struct IssueSessionFailed {
        /// In words.
        error: String,
    }
    /// The session was ended by somebody; its findings stand.
    struct IssueSessionCancelled {
        /// Why.
        reason: Option<String>,
    }
}

plain! {
    /// Asks for a session.
    struct RequestIssueSession {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name.
        title: String,
        /// What to look for; at most 64 KiB.
        #[serde(default)]
        prompt: String,
        /// The branch to look at; the default one where absent.
        branch: Option<String>,
        /// The context in force, with version.
        context: Option<(ContextId, u32)>,
    }
    /// Records that an agent begins to look.
    struct StartIssueSession {
        /// Where it works.
        sandbox: Option<SandboxId>,
        /// The run that it is part of.
        run: Option<RunId>,
    }
    /// Records a finding; it gets the next number.
    struct ReportIssue {
        /// What is to be done.
        text: IssueText,
    }
    /// Records a question or an assumption; it gets the next number.
    struct RaisePoint {
        /// What it is.
        kind: PointKind,
        /// In words; 1 byte to 64 KiB.
        text: String,
        /// The finding that it bears on.
        finding: Option<u32>,
    }
    /// Records that a finding has become an issue.
    struct ConvertFinding {
        /// Its number.
        finding: u32,
        /// The issue, opened before.
        issue: IssueId,
    }
    /// Says that a finding is none.
    struct DismissFinding {
        /// Its number.
        finding: u32,
        /// Why.
        reason: String,
    }
    /// Hands points to an answering session; a point may be handed over again.
    struct HandOverPoints {
        /// That session, requested before.
        answering_session: AnsweringSessionId,
        /// The points' numbers, each once.
        points: Vec<u32>,
    }
    /// Ends the session as intended.
    struct CompleteIssueSession {
        /// What came out of it.
        summary: Option<String>,
    }
    /// Ends the session by a failure.
    struct FailIssueSession {
        /// In words.
        error: String,
    }
    /// Ends the session on somebody's wish.
    struct CancelIssueSession {
        /// Why.
        reason: Option<String>,
    }
}

/// Most findings of a session.
pub const FINDINGS_MAX: usize = 1_000;
/// Most points of a session.
pub const POINTS_MAX: usize = 1_000;
/// Longest prompt or point, in bytes.
pub const SESSION_TEXT_MAX_BYTES: usize = 64 * 1024;

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

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Finding {
    Open,
    Converted(IssueId),
    Dismissed,
}

/// An issue session, as far as its decisions need it: numbers, not words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IssueSession {
    project: Option<ProjectId>,
    phase: Phase,
    findings: BTreeMap<u32, Finding>,
    points: u32,
}

fn number_after(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1)
}

impl IssueSession {
    fn expect(&self, allowed: &[Phase], expected: &'static str) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "issue session" }),
            phase if allowed.contains(&phase) => Ok(()),
            phase => Err(Rejection::illegal("issue session", expected, phase.as_str())),
        }
    }
    fn running(&self) -> Result<(), Rejection> {
        self.expect(&[Phase::Running], "running")
    }
    fn not_ended(&self) -> Result<(), Rejection> {
        self.expect(&[Phase::Requested, Phase::Running], "requested or running")
    }
    fn exists(&self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "issue session" }),
            _ => Ok(()),
        }
    }
    fn open_finding(&self, finding: u32) -> Result<(), Rejection> {
        self.exists()?;
        match self.findings.get(&finding) {
            None => Err(Rejection::unknown("finding", finding)),
            Some(Finding::Open) => Ok(()),
            Some(Finding::Converted(issue)) => {
                let rule = format!("finding {finding} has become issue `{issue}` already");
                Err(Rejection::rule(rule, "work on that issue"))
            }
            Some(Finding::Dismissed) => {
                let rule = format!("finding {finding} is dismissed");
                Err(Rejection::rule(rule, "open an issue by hand instead"))
            }
        }
    }
    fn request(&self, command: &RequestIssueSession) -> Result<IssueSessionEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "issue session".into() });
        }
        let RequestIssueSession { project, title, prompt, branch, context } = command.clone();
        check::name("title", &title)?;
        check::within("prompt", &prompt, SESSION_TEXT_MAX_BYTES)?;
        branch.as_deref().map_or(Ok(()), |branch| check::branch("branch", branch))?;
        Ok(IssueSessionRequested { project, title, prompt, branch, context }.into())
    }
    fn report(&self, command: &ReportIssue) -> Result<IssueSessionEvent, Rejection> {
        self.running()?;
        command.text.check()?;
        if self.findings.len() >= FINDINGS_MAX {
            let rule = format!("a session has at most {FINDINGS_MAX} findings");
            return Err(Rejection::rule(rule, "complete it and request another"));
        }
        Ok(IssueFound { finding: number_after(self.findings.len()), text: command.text.clone() }.into())
    }
    fn raise(&self, command: &RaisePoint) -> Result<IssueSessionEvent, Rejection> {
        self.running()?;
        let RaisePoint { kind, text, finding } = command.clone();
        check::filled_within("text", &text, SESSION_TEXT_MAX_BYTES)?;
        if let Some(finding) = finding.filter(|finding| !self.findings.contains_key(finding)) {
            return Err(Rejection::unknown("finding", finding));
        }
        if usize::try_from(self.points).is_ok_and(|points| points >= POINTS_MAX) {
            let rule = format!("a session has at most {POINTS_MAX} points");
            return Err(Rejection::rule(rule, "complete it and request another"));
        }
        Ok(PointRaised { point: self.points + 1, kind, text, finding }.into())
    }
    fn convert(&self, command: &ConvertFinding) -> Result<IssueSessionEvent, Rejection> {
        let ConvertFinding { finding, issue } = *command;
        self.open_finding(finding)?;
        let taken = |other: &Finding| *other == Finding::Converted(issue);
        if let Some((other, _)) = self.findings.iter().find(|(_, other)| taken(other)) {
            let rule = format!("issue `{issue}` stands for finding {other} already");
            return Err(Rejection::rule(rule, "open an issue for each finding"));
        }
        Ok(FindingConverted { finding, issue }.into())
    }
    fn hand_over(&self, command: &HandOverPoints) -> Result<IssueSessionEvent, Rejection> {
        self.exists()?;
        check::some_of("points", &command.points, POINTS_MAX)?;
        check::each_once("points", &command.points)?;
        if let Some(point) = command.points.iter().find(|point| !(1..=self.points).contains(point)) {
            return Err(Rejection::unknown("point", point));
        }
        let HandOverPoints { answering_session, points } = command.clone();
        Ok(PointsHandedOver { answering_session, points }.into())
    }
}

impl Decider for IssueSession {
    const CATEGORY: Category = Category(10);
    type Command = IssueSessionCommand;
    type Event = IssueSessionEvent;

    fn decide(&self, command: &IssueSessionCommand) -> Result<Vec<IssueSessionEvent>, Rejection> {
        let event = match command {
            IssueSessionCommand::RequestIssueSession(c) => self.request(c)?,
            IssueSessionCommand::StartIssueSession(c) => {
                self.expect(&[Phase::Requested], "requested")?;
                IssueSessionStarted { sandbox: c.sandbox, run: c.run }.into()
            }
            IssueSessionCommand::ReportIssue(c) => self.report(c)?,
            IssueSessionCommand::RaisePoint(c) => self.raise(c)?,
            IssueSessionCommand::ConvertFinding(c) => self.convert(c)?,
            IssueSessionCommand::DismissFinding(c) => {
                self.open_finding(c.finding)?;
                check::filled("reason", &c.reason)?;
                FindingDismissed { finding: c.finding, reason: c.reason.clone() }.into()
            }
            IssueSessionCommand::HandOverPoints(c) => self.hand_over(c)?,
            IssueSessionCommand::CompleteIssueSession(c) => {
                self.running()?;
                check::text("summary", c.summary.as_deref().unwrap_or_default())?;
                IssueSessionCompleted { summary: c.summary.clone() }.into()
            }
            IssueSessionCommand::FailIssueSession(c) => {
                self.not_ended()?;
                check::filled("error", &c.error)?;
                IssueSessionFailed { error: c.error.clone() }.into()
            }
            IssueSessionCommand::CancelIssueSession(c) => {
                self.not_ended()?;
                check::text("reason", c.reason.as_deref().unwrap_or_default())?;
                IssueSessionCancelled { reason: c.reason.clone() }.into()
            }
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &IssueSessionEvent) {
        match event {
            IssueSessionEvent::IssueSessionRequested(e) => {
                *self = Self { project: Some(e.project), phase: Phase::Requested, ..Self::default() };
            }
            IssueSessionEvent::IssueSessionStarted(_) => self.phase = Phase::Running,
            IssueSessionEvent::IssueFound(e) => drop(self.findings.insert(e.finding, Finding::Open)),
            IssueSessionEvent::PointRaised(e) => self.points = e.point,
            IssueSessionEvent::FindingConverted(e) => {
                self.findings.insert(e.finding, Finding::Converted(e.issue));
            }
            IssueSessionEvent::FindingDismissed(e) => {
                self.findings.insert(e.finding, Finding::Dismissed);
            }
            IssueSessionEvent::PointsHandedOver(_) => {}
            IssueSessionEvent::IssueSessionCompleted(_) => self.phase = Phase::Completed,
            IssueSessionEvent::IssueSessionFailed(_) => self.phase = Phase::Failed,
            IssueSessionEvent::IssueSessionCancelled(_) => self.phase = Phase::Cancelled,
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn references(command: &IssueSessionCommand) -> Vec<StreamId> {
        match command {
            IssueSessionCommand::RequestIssueSession(c) => {
                let context = c.context.map(|(context, _)| context.into());
                [Some(c.project.into()), context].into_iter().flatten().collect()
            }
            IssueSessionCommand::StartIssueSession(c) => {
                [c.sandbox.map(StreamId::from), c.run.map(StreamId::from)].into_iter().flatten().collect()
            }
            IssueSessionCommand::ConvertFinding(c) => vec![c.issue.into()],
            IssueSessionCommand::HandOverPoints(c) => vec![c.answering_session.into()],
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<IssueSessionEvent> {
    let requested = |branch: Option<&str>, context| IssueSessionRequested {
        project: ProjectId::from_bytes([1; 16]),
        title: "Look for leaks".into(),
        prompt: "Memory above all".into(),
        branch: branch.map(Into::into),
        context,
    };
    let raised = |point, kind, text: &str, finding| PointRaised { point, kind, text: text.into(), finding };
    let sandbox = Some(SandboxId::from_bytes([3; 16]));
    vec![
        requested(Some("main"), Some((ContextId::from_bytes([2; 16]), 3))).into(),
        requested(None, None).into(),
        IssueSessionStarted { sandbox, run: Some(RunId::from_bytes([4; 16])) }.into(),
        IssueSessionStarted { sandbox: None, run: None }.into(),
        IssueFound { finding: 1, text: crate::issue::samples_text("Cache grows") }.into(),
        raised(1, PointKind::Question, "Use the existing cache or bypass it?", Some(1)).into(),
        raised(2, PointKind::Assumption, "Entries may be lost", None).into(),
        FindingConverted { finding: 1, issue: IssueId::from_bytes([5; 16]) }.into(),
        FindingDismissed { finding: 1, reason: "as intended".into() }.into(),
        PointsHandedOver { answering_session: AnsweringSessionId::from_bytes([6; 16]), points: vec![1, 2] }
            .into(),
        IssueSessionCompleted { summary: Some("one leak".into()) }.into(),
        IssueSessionCompleted { summary: None }.into(),
        IssueSessionFailed { error: "the sandbox is gone".into() }.into(),
        IssueSessionCancelled { reason: Some("enough".into()) }.into(),
        IssueSessionCancelled { reason: None }.into(),
    ]
}
