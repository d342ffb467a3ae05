//! What can happen to a work chain, and what can be asked of it.

use super::{FailurePolicy, IssueId, ProjectId, RunId, RunOutcome, commands, events, plain};

events! {
    /// Everything that can happen to a work chain.
    pub enum WorkChainEvent {
        1300 => WorkChainCreated 1;
        1301 => WorkChainIssueAdded 1;
        1302 => WorkChainIssueRemoved 1;
        1303 => WorkChainReordered 1;
        1304 => WorkChainStarted 1;
        1305 => WorkChainRunStarted 1;
        1306 => WorkChainRunEnded 1;
        1307 => WorkChainAdvanced 1;
        1308 => WorkChainRetried 1;
        1309 => WorkChainIssueSkipped 1;
        1310 => WorkChainPaused 1;
        1311 => WorkChainResumed 1;
        1312 => WorkChainCompleted 1;
        1313 => WorkChainStopped 1;
        1314 => WorkChainCancelled 1;
    }
}

commands! {
    /// What can be asked of a work chain.
    pub enum WorkChainCommand {
        "create" => CreateWorkChain;
        "add-issue" => AddChainIssue;
        "remove-issue" => RemoveChainIssue;
        "reorder" => ReorderWorkChain;
        "start" => StartWorkChain;
        "start-run" => StartChainRun;
        "end-run" => EndChainRun;
        "skip-issue" => SkipChainIssue;
        "pause" => PauseWorkChain;
        "resume" => ResumeWorkChain;
        "cancel" => CancelWorkChain;
    }
}

plain! {
    /// A chain was made.
    struct WorkChainCreated {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name.
        title: String,
        /// The branch that every run works on.
        branch: String,
        /// The branch that one leaves from; the default one where absent.
        base_branch: Option<String>,
        /// What a failed run leads to.
        on_failure: FailurePolicy,
        /// Most tries of one issue.
        attempts_max: u32,
        /// The issues, in order.
        issues: Vec<IssueId>,
    }
    /// An issue was added at the end.
    struct WorkChainIssueAdded {
        /// The issue.
        issue: IssueId,
    }
    /// An issue that was still to come was taken out.
    struct WorkChainIssueRemoved {
        /// The issue.
        issue: IssueId,
    }
    /// The issues still to come stand in another order.
    struct WorkChainReordered {
        /// All of them, in order.
        issues: Vec<IssueId>,
    }
    /// The chain began: its first issue is due.
    struct WorkChainStarted {}
    /// A run began to work on the current issue.
    struct WorkChainRunStarted {
        /// The issue.
        issue: IssueId,
        /// The run; it is requested under this id.
        run: RunId,
        /// Which try of this issue it is, from 1.
        attempt: u32,
    }
    /// That run ended. What follows from it follows in the same commit.
    struct WorkChainRunEnded {
        /// The issue.
        issue: IssueId,
        /// The run.
        run: RunId,
        /// How it ended.
        outcome: RunOutcome,
    }
    /// The next issue is due.
    struct WorkChainAdvanced {
        /// That issue.
        issue: IssueId,
    }
    /// The same issue is due again.
    struct WorkChainRetried {
        /// That issue.
        issue: IssueId,
        /// Which try it will be.
        attempt: u32,
    }
    /// The current issue was passed over.
    struct WorkChainIssueSkipped {
        /// The issue.
        issue: IssueId,
        /// Why.
        reason: String,
    }
    /// No further run begins until somebody resumes; a running one goes on.
    struct WorkChainPaused {
        /// Why.
        reason: String,
    }
    /// Runs begin again; the current issue has all its tries anew.
    struct WorkChainResumed {}
    /// Every issue was seen to or passed over.
    struct WorkChainCompleted {}
    /// A failure ended the chain.
    struct WorkChainStopped {
        /// Why.
        reason: String,
    }
    /// Somebody ended the chain; a running run is not touched.
    struct WorkChainCancelled {
        /// Why.
        reason: Option<String>,
    }
}

plain! {
    /// Makes a chain.
    struct CreateWorkChain {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name.
        title: String,
        /// The branch that every run works on.
        branch: String,
        /// The branch that one leaves from; the default one where absent.
        base_branch: Option<String>,
        /// What a failed run leads to; `pause` where absent.
        on_failure: Option<FailurePolicy>,
        /// Most tries of one issue, 2 to 10 where failures are tried again; 2 where absent.
        attempts_max: Option<u32>,
        /// The issues, in order: 1 to 500, each once.
        issues: Vec<IssueId>,
    }
    /// Adds an issue at the end.
    struct AddChainIssue {
        /// The issue.
        issue: IssueId,
    }
    /// Takes out an issue that is still to come.
    struct RemoveChainIssue {
        /// The issue.
        issue: IssueId,
    }
    /// Puts the issues that are still to come in another order.
    struct ReorderWorkChain {
        /// All of them, each once.
        issues: Vec<IssueId>,
    }
    /// Begins the chain.
    struct StartWorkChain {}
    /// Records that a run begins to work on the current issue.
    struct StartChainRun {
        /// The run; requested under this id, before or after.
        run: RunId,
    }
    /// Records that this run ended; the chain advances, tries again, pauses or ends.
    struct EndChainRun {
        /// The run at work.
        run: RunId,
        /// How it ended.
        outcome: RunOutcome,
    }
    /// Passes the current issue over; no run may be at work.
    struct SkipChainIssue {
        /// Why.
        reason: String,
    }
    /// Lets no further run begin.
    struct PauseWorkChain {
        /// Why.
        reason: String,
    }
    /// Lets runs begin again.
    struct ResumeWorkChain {}
    /// Ends the chain.
    struct CancelWorkChain {
        /// Why.
        reason: Option<String>,
    }
}
