//! What can happen to a sprint chain, and what can be asked of it.

use super::{
    Advance, FailurePolicy, ProjectId, PullRequestStatus, RunId, RunOutcome, UserId, WorkflowId, commands,
    events, plain,
};

events! {
    /// Everything that can happen to a sprint chain.
    pub enum SprintChainEvent {
        1400 => SprintChainCreated 1;
        1401 => SprintPromptSet 1;
        1402 => SprintAdvanceSet 1;
        1403 => SprintChainStarted 1;
        1404 => SprintStarted 1;
        1405 => SprintEnded 1;
        1406 => SprintRetried 1;
        1407 => SprintPullRequestOpened 1;
        1408 => SprintPullRequestUpdated 1;
        1409 => SprintApprovalAwaited 1;
        1410 => SprintApproved 1;
        1411 => SprintChainAdvanced 1;
        1412 => SprintSkipped 1;
        1413 => SprintChainPaused 1;
        1414 => SprintChainResumed 1;
        1415 => SprintChainCompleted 1;
        1416 => SprintChainStopped 1;
        1417 => SprintChainCancelled 1;
    }
}

commands! {
    /// What can be asked of a sprint chain.
    pub enum SprintChainCommand {
        "create" => CreateSprintChain;
        "set-prompt" => SetSprintPrompt;
        "set-advance" => SetSprintAdvance;
        "start" => StartSprintChain;
        "start-sprint" => StartSprint;
        "end-sprint" => EndSprint;
        "approve" => ApproveSprint;
        "skip-sprint" => SkipSprint;
        "open-pull-request" => OpenSprintPullRequest;
        "update-pull-request" => UpdateSprintPullRequest;
        "pause" => PauseSprintChain;
        "resume" => ResumeSprintChain;
        "cancel" => CancelSprintChain;
    }
}

plain! {
    /// The prompt of one sprint, in place of the chain's.
    struct SprintPrompt {
        /// The sprint, from 1.
        sprint: u32,
        /// What it is to do.
        prompt: String,
    }

    /// A chain was made.
    struct SprintChainCreated {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name.
        title: String,
        /// The workflow that every sprint runs.
        workflow: Option<WorkflowId>,
        /// How many sprints there are.
        sprints: u32,
        /// What a sprint is to do that has no prompt of its own.
        default_prompt: String,
        /// Prompts of single sprints.
        prompts: Vec<SprintPrompt>,
        /// The branch that each sprint's leaves from; the default one where absent.
        base_branch: Option<String>,
        /// How it goes from one sprint to the next.
        advance: Advance,
        /// What a failed run leads to.
        on_failure: FailurePolicy,
        /// Most tries of one sprint.
        attempts_max: u32,
    }
    /// A sprint has a prompt of its own, or the chain's again.
    struct SprintPromptSet {
        /// The sprint.
        sprint: u32,
        /// What it is to do; the chain's prompt where absent.
        prompt: Option<String>,
    }
    /// The chain goes on in another way from the next end of a sprint on.
    struct SprintAdvanceSet {
        /// How.
        advance: Advance,
    }
    /// The chain began: sprint 1 is due.
    struct SprintChainStarted {}
    /// A run began to work on the current sprint.
    struct SprintStarted {
        /// The sprint.
        sprint: u32,
        /// The run; it is requested under this id.
        run: RunId,
        /// The sprint's branch.
        branch: String,
        /// What it is to do.
        prompt: String,
        /// Which try of this sprint it is, from 1.
        attempt: u32,
    }
    /// That run ended. What follows from it follows in the same commit.
    struct SprintEnded {
        /// The sprint.
        sprint: u32,
        /// The run.
        run: RunId,
        /// How it ended.
        outcome: RunOutcome,
    }
    /// The same sprint is due again.
    struct SprintRetried {
        /// The sprint.
        sprint: u32,
        /// Which try it will be.
        attempt: u32,
    }
    /// The sprint's pull request was opened.
    struct SprintPullRequestOpened {
        /// The sprint.
        sprint: u32,
        /// Where it is.
        url: String,
        /// Its number in the repository.
        number: u64,
    }
    /// The sprint's pull request changed.
    struct SprintPullRequestUpdated {
        /// The sprint.
        sprint: u32,
        /// How it stands now.
        status: PullRequestStatus,
    }
    /// The sprint is over, and the next waits for an approval.
    struct SprintApprovalAwaited {
        /// The sprint that is over.
        sprint: u32,
    }
    /// Somebody approved what the sprint did.
    struct SprintApproved {
        /// The sprint that is over.
        sprint: u32,
        /// Who.
        approver: Option<UserId>,
        /// In words.
        note: Option<String>,
    }
    /// The next sprint is due.
    struct SprintChainAdvanced {
        /// That sprint.
        sprint: u32,
    }
    /// The current sprint was passed over.
    struct SprintSkipped {
        /// The sprint.
        sprint: u32,
        /// Why.
        reason: String,
    }
    /// No further run begins until somebody resumes; a running one goes on.
    struct SprintChainPaused {
        /// Why.
        reason: String,
    }
    /// Runs begin again; the current sprint has all its tries anew.
    struct SprintChainResumed {}
    /// Every sprint is over.
    struct SprintChainCompleted {}
    /// A failure ended the chain.
    struct SprintChainStopped {
        /// Why.
        reason: String,
    }
    /// Somebody ended the chain; a running run is not touched.
    struct SprintChainCancelled {
        /// Why.
        reason: Option<String>,
    }
}

plain! {
    /// Makes a chain.
    struct CreateSprintChain {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name.
        title: String,
        /// The workflow that every sprint runs.
        workflow: Option<WorkflowId>,
        /// How many sprints there are, 1 to 100.
        sprints: u32,
        /// What a sprint is to do that has no prompt of its own; 1 byte to 64 KiB.
        default_prompt: String,
        /// Prompts of single sprints; each sprint once, together at most 512 KiB.
        #[serde(default)]
        prompts: Vec<SprintPrompt>,
        /// The branch that each sprint's leaves from; the default one where absent.
        base_branch: Option<String>,
        /// How it goes from one sprint to the next; `automatic` where absent.
        advance: Option<Advance>,
        /// What a failed run leads to; `pause` where absent.
        on_failure: Option<FailurePolicy>,
        /// Most tries of one sprint, 2 to 10 where failures are tried again; 2 where absent.
        attempts_max: Option<u32>,
    }
    /// Gives a sprint that has not begun a prompt of its own, or the chain's again.
    struct SetSprintPrompt {
        /// The sprint.
        sprint: u32,
        /// What it is to do, 1 byte to 64 KiB; the chain's prompt where absent.
        prompt: Option<String>,
    }
    /// Sets how the chain goes on from one sprint to the next.
    struct SetSprintAdvance {
        /// How.
        advance: Advance,
    }
    /// Begins the chain.
    struct StartSprintChain {}
    /// Records that a run begins to work on the current sprint.
    struct StartSprint {
        /// The run; requested under this id, before or after.
        run: RunId,
        /// The sprint's branch, which no other sprint of the chain has.
        branch: String,
    }
    /// Records that this run ended; the chain advances, waits, tries again, pauses or ends.
    struct EndSprint {
        /// The run at work.
        run: RunId,
        /// How it ended.
        outcome: RunOutcome,
    }
    /// Approves what the sprint did, and lets the next be due.
    struct ApproveSprint {
        /// Who.
        approver: Option<UserId>,
        /// In words.
        note: Option<String>,
    }
    /// Passes the current sprint over; no run may be at work.
    struct SkipSprint {
        /// Why.
        reason: String,
    }
    /// Records the pull request of a sprint that has a branch.
    struct OpenSprintPullRequest {
        /// The sprint.
        sprint: u32,
        /// Where it is.
        url: String,
        /// Its number in the repository.
        number: u64,
    }
    /// Records how that pull request stands.
    struct UpdateSprintPullRequest {
        /// The sprint.
        sprint: u32,
        /// How it stands now.
        status: PullRequestStatus,
    }
    /// Lets no further run begin.
    struct PauseSprintChain {
        /// Why.
        reason: String,
    }
    /// Lets runs begin again.
    struct ResumeSprintChain {}
    /// Ends the chain.
    struct CancelSprintChain {
        /// Why.
        reason: Option<String>,
    }
}
