//! Words of the field that several aggregates share. Variants are stored by number: append, never reorder.

/// Declares a word list: the text in JSON and on screen, the number in stored form.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant,)+
        }
        impl $name {
            /// Every word, in stored order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            /// The word as JSON and people have it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    )+};
}
pub(crate) use words;

words! {
    /// What an agent does in a step.
    Role {
        /// Implements; validates its own work before it commits.
        Designer = "designer",
        /// Reviews and tests end to end; issues a verdict.
        Checker = "checker",
        /// Polishes without changing behaviour.
        Optimizer = "optimizer",
        /// Expands a vague task into a specification.
        Prompter = "prompter",
        /// Researches the code.
        Investigator = "investigator",
        /// Researches harder problems.
        DeepDive = "deep-dive",
        /// Scores the current state.
        Evaluator = "evaluator",
        /// Compares candidates and names a winner.
        Judge = "judge",
        /// Answers questions from issue sessions.
        Answerer = "answerer",
        /// Merges branches.
        MergeAgent = "merge_agent",
        /// Produces plans.
        Planner = "planner",
        /// Reviews code, readability and upkeep.
        Reviewer = "reviewer",
        /// Anything else.
        Custom = "custom",
    }
    /// Where a run came from.
    RunSource {
        /// A workflow, started by hand.
        Workflow = "workflow",
        /// An issue.
        Issue = "issue",
        /// A sprint of a sprint chain.
        SprintChain = "sprint_chain",
        /// A direct session.
        Sandbox = "sandbox",
        /// A merge of branches.
        MergeAgent = "merge_agent",
        /// A recurring task.
        RecurringTask = "recurring_task",
        /// A trigger.
        Trigger = "trigger",
        /// Recorded history from elsewhere.
        Import = "import",
    }
    /// How a run stands.
    RunStatus {
        /// Requested, not started.
        Pending = "pending",
        /// Started, not ended.
        Running = "running",
        /// Ended as intended.
        Completed = "completed",
        /// Ended by a failure.
        Failed = "failed",
        /// Ended by somebody.
        Cancelled = "cancelled",
    }
    /// How a step stands.
    StepStatus {
        /// Planned, not started.
        Pending = "pending",
        /// Started, not ended.
        Running = "running",
        /// Ended as intended.
        Completed = "completed",
        /// Ended by a failure, which is never a verdict.
        Failed = "failed",
        /// Passed over.
        Skipped = "skipped",
    }
    /// Why a step failed.
    StepFailure {
        /// The agent's process ended without a result.
        Crashed = "crashed",
        /// A checker gave no verdict.
        VerdictMissing = "verdict_missing",
        /// A checker's verdict could not be read.
        VerdictUnparseable = "verdict_unparseable",
        /// The provider refused for its rate limit.
        RateLimited = "rate_limited",
        /// The provider reported an error.
        Provider = "provider",
        /// Somebody interrupted it.
        Aborted = "aborted",
        /// It ran out of time.
        Timeout = "timeout",
        /// Anything else.
        Other = "other",
    }
    /// A kind of telemetry, as OpenTelemetry divides them.
    TelemetrySignal {
        /// Figures that are counted.
        Metrics = "metrics",
        /// Events with their attributes.
        Logs = "logs",
        /// Spans of time.
        Traces = "traces",
    }
    /// Who speaks in a message.
    MessageRole {
        /// The platform or a person.
        User = "user",
        /// The agent.
        Assistant = "assistant",
    }
    /// How hard a model is asked to think.
    Effort {
        /// Not at all.
        Off = "off",
        /// As little as it can.
        Minimal = "minimal",
        /// A little.
        Low = "low",
        /// The middle.
        Medium = "medium",
        /// Much.
        High = "high",
        /// Very much.
        Xhigh = "xhigh",
        /// As much as it can.
        Max = "max",
    }
    /// How continuous integration stands.
    CiStatus {
        /// Queued.
        Pending = "pending",
        /// In progress.
        Running = "running",
        /// All checks passed.
        Passing = "passing",
        /// A check failed.
        Failing = "failing",
        /// Not run.
        Skipped = "skipped",
    }
    /// How a pull request stands.
    PullRequestStatus {
        /// Open for review.
        Open = "open",
        /// Open, not ready for review.
        Draft = "draft",
        /// Merged.
        Merged = "merged",
        /// Closed without a merge.
        Closed = "closed",
    }
    /// What a person did to a running session.
    SteerKind {
        /// Sent a message.
        Message = "message",
        /// Interrupted it.
        Interrupt = "interrupt",
        /// Approved a tool call.
        ApproveTool = "approve_tool",
        /// Denied a tool call.
        DenyTool = "deny_tool",
    }
    /// Kind of session that has a configuration of its own.
    SessionType {
        /// Extracts and reviews learnings.
        Learning = "learning",
        /// Merges branches.
        Merging = "merging",
        /// Finds issues.
        Issue = "issue",
        /// Answers questions.
        Answering = "answering",
        /// Scores.
        Evaluating = "evaluating",
        /// Compares.
        Judging = "judging",
    }
    /// What a member may do.
    MemberRole {
        /// Everything, including deletion and members.
        Owner = "owner",
        /// Settings, members, all resources.
        Admin = "admin",
        /// Their own sandboxes, runs and workflows.
        Member = "member",
        /// Reads everything, the log and proofs included; changes nothing.
        Auditor = "auditor",
        /// Reads views and exports.
        Analyst = "analyst",
    }
    /// Why a sandbox ended.
    KillReason {
        /// Its time was over.
        Timeout = "timeout",
        /// Somebody ended it.
        User = "user",
        /// Its work was done.
        Completion = "completion",
        /// The provider no longer knows it.
        Lost = "lost",
    }
    /// How much a learning matters.
    Severity {
        /// Must be heeded.
        Critical = "critical",
        /// Should be heeded.
        Important = "important",
        /// Good to know.
        Minor = "minor",
    }
    /// What a learning is about.
    LearningCategory {
        /// A preference of the team.
        Preference = "preference",
        /// A pattern of the code.
        Pattern = "pattern",
        /// A trap.
        Gotcha = "gotcha",
        /// A tool.
        Tool = "tool",
        /// The architecture.
        Architecture = "architecture",
    }
    /// Where a learning came from.
    LearningSource {
        /// An agent, during a run.
        Agent = "agent",
        /// Extracted from a session afterwards.
        Extracted = "extracted",
        /// A person.
        Human = "human",
    }
    /// What a persona is for.
    PersonaType {
        /// Implements.
        Designer = "designer",
        /// Reviews and tests; issues a verdict.
        Checker = "checker",
        /// Polishes.
        Optimizer = "optimizer",
        /// Refines prompts.
        Prompter = "prompter",
        /// Researches the code.
        Investigator = "investigator",
        /// Produces plans.
        Planner = "planner",
        /// Researches harder problems.
        DeepDive = "deep-dive",
        /// Reviews code, readability and upkeep.
        Reviewer = "reviewer",
        /// Scores.
        Evaluator = "evaluator",
        /// Compares candidates.
        Judge = "judge",
        /// Answers questions.
        Answerer = "answerer",
        /// Anything else.
        Custom = "custom",
    }
    /// Shape of a workflow.
    WorkflowType {
        /// One pass of one designer.
        SingleDesigner = "single_designer",
        /// A designer and a checker, round and round.
        DesignerChecker = "designer_checker",
        /// Any sequence of step roles, each step set up by itself.
        CustomPipeline = "custom_pipeline",
        /// A sequence of personas.
        PersonaPipeline = "persona_pipeline",
    }
    /// A day of the week.
    Weekday {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
    /// How urgent an issue is.
    Priority {
        /// When there is time.
        Low = "low",
        /// In turn.
        Medium = "medium",
        /// Soon.
        High = "high",
        /// At once.
        Critical = "critical",
    }
    /// What an asset is.
    AssetKind {
        /// A package of knowledge: several files.
        Skill = "skill",
        /// A shell expression under a name.
        Command = "command",
        /// A program that runs beside an agent.
        Script = "script",
    }
    /// What a script is written in.
    ScriptLanguage {
        /// POSIX shell.
        Shell = "shell",
        /// Python 3.
        Python = "python",
    }
    /// When a script runs.
    ScriptMoment {
        /// Before the agent starts.
        BeforeStart = "before_start",
        /// After the agent completes.
        AfterCompletion = "after_completion",
        /// When somebody asks.
        OnDemand = "on_demand",
    }
    /// Where a script wrote something.
    OutputStream {
        /// Standard output.
        Stdout = "stdout",
        /// Standard error.
        Stderr = "stderr",
    }
    /// How a run ended.
    RunOutcome {
        /// As intended.
        Completed = "completed",
        /// By a failure.
        Failed = "failed",
        /// By somebody.
        Cancelled = "cancelled",
    }
    /// What a chain does when a run fails.
    FailurePolicy {
        /// Waits for somebody.
        Pause = "pause",
        /// Goes on with the next.
        Continue = "continue",
        /// Tries again, as often as the chain allows; then waits for somebody.
        Retry = "retry",
        /// Ends the chain.
        Stop = "stop",
    }
    /// How a chain goes from one sprint to the next.
    Advance {
        /// By itself.
        Automatic = "automatic",
        /// When somebody approves.
        Manual = "manual",
    }
    /// What becomes of runs whose time passed while nobody dispatched them.
    MissedRuns {
        /// They are left out; the next one comes at its own time.
        Skip = "skip",
        /// One run makes up for all of them.
        Once = "once",
    }
    /// What an open point of an issue session is.
    PointKind {
        /// A question that somebody must answer.
        Question = "question",
        /// Something taken for granted that somebody must confirm.
        Assumption = "assumption",
    }
    /// Who gave an answer.
    AnswerSource {
        /// An agent.
        Agent = "agent",
        /// A person.
        Human = "human",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_text_in_json_and_a_number_in_storage() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
        assert_eq!(bincode::serialize(&Role::DeepDive).unwrap(), 5_u32.to_le_bytes());
        assert!(serde_json::from_str::<Role>("\"cook\"").unwrap_err().to_string().contains("designer"));
    }
}
