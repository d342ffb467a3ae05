"""Every view, event and command by its name: each knows what it holds.

Written by `cargo xtask gen`; edits are lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from .named import Command, EventType, View

if TYPE_CHECKING:
    from .types import bodies, log

ViewName: TypeAlias = Literal[
    "projects",
    "project-dashboard",
    "runs",
    "run-timeline",
    "sandbox-messages",
    "usage",
    "usage-reconciliation",
    "members",
    "project-settings",
    "personas",
    "persona-versions",
    "workflows",
    "workflow-versions",
    "run-next",
    "sandboxes",
    "quality",
    "assets",
    "asset-versions",
    "script-executions",
    "script-output",
    "plans",
    "plan-items",
    "issues",
    "issue-history",
    "issue-sessions",
    "issue-findings",
    "answering-sessions",
    "answers",
    "chains",
    "work-chain-items",
    "sprint-chain-sprints",
    "schedule",
    "recurring-runs",
    "learnings",
    "learning-queue",
    "learning-documents",
    "learning-versions",
    "metrics",
    "contexts",
    "context-history",
    "agent-definitions",
    "triggers",
    "firings",
    "heartbeats",
    "routings",
    "sessions",
    "session-messages",
    "unfinished",
    "webhook-deliveries",
    "teams",
    "team-board",
    "experiments",
    "identity",
    "reviews",
    "brain",
    "budget",
    "notifications",
    "audit-trail",
    "users",
    "access",
]
EventName: TypeAlias = Literal[
    "WriterStarted",
    "SigningKeyRotated",
    "ProjectCreated",
    "ProjectRenamed",
    "ProjectDeleted",
    "RepositoryLinked",
    "LogoSet",
    "SandboxPromptSet",
    "ClaudeMdSet",
    "SessionConfigured",
    "EnvVarSet",
    "EnvVarRemoved",
    "GitAuthorSet",
    "LearningSettingsSet",
    "MergingSettingsSet",
    "QualityPolicySet",
    "MemberInvited",
    "InvitationAccepted",
    "MemberRoleChanged",
    "MemberRemoved",
    "ApiKeyIssued",
    "ApiKeyRevoked",
    "ProviderKeySealed",
    "InvitationRevoked",
    "ProviderKeyRemoved",
    "FolderSet",
    "NotificationAddressSet",
    "MemberNotificationsSet",
    "ContentSealingSet",
    "SandboxCreated",
    "SandboxStarted",
    "SandboxPaused",
    "SandboxResumed",
    "SandboxKilled",
    "SandboxFailed",
    "MessageAppended",
    "MessageContinued",
    "FilesSyncedIn",
    "FilesSyncedBack",
    "RunRequested",
    "RunStarted",
    "BranchCreated",
    "StepStarted",
    "StepMessageAppended",
    "StepContentContinued",
    "ToolCalled",
    "ToolReturned",
    "StepUsageRecorded",
    "VerdictIssued",
    "ScoresIssued",
    "JudgementIssued",
    "StepCompleted",
    "StepFailed",
    "StepSkipped",
    "LoopIterated",
    "LoopForcedOn",
    "PullRequestOpened",
    "PullRequestUpdated",
    "CiChecksPolled",
    "RunScored",
    "OperatorSteered",
    "RunForked",
    "RunCompleted",
    "RunFailed",
    "RunCancelled",
    "AgentLineUnrecognised",
    "BranchesMerged",
    "MergeConflicted",
    "ToolApprovalAwaited",
    "InstructionsPinned",
    "TelemetryRecorded",
    "LearningProposed",
    "LearningEdited",
    "LearningApproved",
    "LearningRejected",
    "LearningRetired",
    "LearningPromoted",
    "ContextCreated",
    "ContextVersioned",
    "ContextActivated",
    "ContextArchived",
    "AssetCreated",
    "AssetRenamed",
    "AssetVersionAdded",
    "AssetVersionPublished",
    "AssetVersionActivated",
    "AssetVersionWithdrawn",
    "AssetArchived",
    "AssetShared",
    "ScriptStarted",
    "ScriptOutputAppended",
    "ScriptExited",
    "ScriptFailed",
    "PlanProposed",
    "PlanReworded",
    "PlanItemAdded",
    "PlanItemEdited",
    "PlanItemRemoved",
    "PlanReordered",
    "PlanApproved",
    "PlanRejected",
    "PlanItemConverted",
    "PlanCompleted",
    "PlanArchived",
    "IssueSessionRequested",
    "IssueSessionStarted",
    "IssueFound",
    "PointRaised",
    "FindingConverted",
    "FindingDismissed",
    "PointsHandedOver",
    "IssueSessionCompleted",
    "IssueSessionFailed",
    "IssueSessionCancelled",
    "AnsweringSessionRequested",
    "AnsweringSessionStarted",
    "QuestionAnswered",
    "QuestionLeftOpen",
    "AnsweringSessionCompleted",
    "AnswersPassedOn",
    "AnsweringSessionFailed",
    "AnsweringSessionCancelled",
    "IssueOpened",
    "IssueEdited",
    "IssueChained",
    "IssueUnchained",
    "IssueRunStarted",
    "IssueRunEnded",
    "IssueAnswersAttached",
    "IssueResolved",
    "IssueDismissed",
    "IssueReopened",
    "WorkChainCreated",
    "WorkChainIssueAdded",
    "WorkChainIssueRemoved",
    "WorkChainReordered",
    "WorkChainStarted",
    "WorkChainRunStarted",
    "WorkChainRunEnded",
    "WorkChainAdvanced",
    "WorkChainRetried",
    "WorkChainIssueSkipped",
    "WorkChainPaused",
    "WorkChainResumed",
    "WorkChainCompleted",
    "WorkChainStopped",
    "WorkChainCancelled",
    "SprintChainCreated",
    "SprintPromptSet",
    "SprintAdvanceSet",
    "SprintChainStarted",
    "SprintStarted",
    "SprintEnded",
    "SprintRetried",
    "SprintPullRequestOpened",
    "SprintPullRequestUpdated",
    "SprintApprovalAwaited",
    "SprintApproved",
    "SprintChainAdvanced",
    "SprintSkipped",
    "SprintChainPaused",
    "SprintChainResumed",
    "SprintChainCompleted",
    "SprintChainStopped",
    "SprintChainCancelled",
    "RecurringTaskCreated",
    "RecurringTaskEdited",
    "RecurringTaskRescheduled",
    "RecurringTaskPaused",
    "RecurringTaskResumed",
    "RecurringRunDispatched",
    "RecurringRunsMissed",
    "RecurringRunTriggered",
    "RecurringTaskArchived",
    "LearningDocumentOpened",
    "LearningVersionCompiled",
    "LearningVersionActivated",
    "LearningsLeftOut",
    "TaskRouted",
    "RoutingOverridden",
    "ReviewOpened",
    "ReviewCycleScored",
    "ReviewSettled",
    "ReviewAbandoned",
    "ReviewCycleSandboxed",
    "TriggerCreated",
    "TriggerConfigured",
    "TriggerEnabled",
    "TriggerDisabled",
    "TriggerDeleted",
    "TriggerFired",
    "FiringQueued",
    "FiringSkipped",
    "FiringDeduplicated",
    "QueuedFiringStarted",
    "QueuedFiringDropped",
    "HeartbeatStarted",
    "HeartbeatSummarised",
    "HeartbeatStopped",
    "BudgetPoolOpened",
    "BudgetPoolResized",
    "BudgetUsed",
    "BudgetReserved",
    "BudgetQueued",
    "BudgetRequestWithdrawn",
    "BudgetReservationReleased",
    "VendorEvidenceRecorded",
    "BudgetPoolClosed",
    "BrainCreated",
    "BrainTextWritten",
    "BrainPruned",
    "DecisionLogged",
    "DecisionEdited",
    "DecisionArchived",
    "DecisionRestored",
    "DecisionSuperseded",
    "PatternNoted",
    "PatternEdited",
    "PatternArchived",
    "PatternRestored",
    "PatternConsolidated",
    "PatternPromoted",
    "MistakeLogged",
    "MistakeEdited",
    "MistakeArchived",
    "MistakeRestored",
    "MistakeResolved",
    "MistakeReopened",
    "MistakePromoted",
    "ResearchNoteWritten",
    "ResearchNoteEdited",
    "ResearchNoteArchived",
    "ResearchNoteRestored",
    "SessionSummarised",
    "SessionSummaryEdited",
    "SessionSummaryArchived",
    "SessionSummaryRestored",
    "AgentDefined",
    "AgentRevised",
    "AgentVersionActivated",
    "AgentLoaded",
    "AgentArchived",
    "AgentSandboxSized",
    "AgentShared",
    "SessionBuilt",
    "SessionStarted",
    "SessionSteered",
    "SessionEnded",
    "SessionResumed",
    "NotificationRaised",
    "NotificationDelivered",
    "NotificationDeliveryFailed",
    "NotificationRead",
    "NotificationAcknowledged",
    "ClaimTaken",
    "ClaimReleased",
    "WorkflowCreated",
    "WorkflowRenamed",
    "WorkflowDefined",
    "WorkflowArchived",
    "PersonaCreated",
    "PersonaRenamed",
    "PersonaConfigured",
    "PersonaEnabled",
    "PersonaDisabled",
    "PersonaArchived",
    "LoggedIn",
    "AccessDenied",
    "DataExported",
    "ContentRead",
    "UserRegistered",
    "UserRenamed",
    "PasswordSet",
    "EmailChanged",
    "UserDisabled",
    "UserEnabled",
    "AdministratorAppointed",
    "AdministratorDismissed",
    "PassIssued",
    "PassRevoked",
    "ViewEventSkipped",
    "ViewEventRestored",
    "MetricDefined",
    "MetricRevised",
    "MetricArchived",
    "IdentityWritten",
    "RuleWritten",
    "RuleRemoved",
    "WebhookReceived",
    "WebhookEvaluated",
    "WebhookDropped",
    "TeamFormed",
    "TeamMemberJoined",
    "TeamTaskAdded",
    "TeamTaskClaimed",
    "TeamTaskReleased",
    "TeamTaskCompleted",
    "TeamMessageSent",
    "TeamMessageRead",
    "TeamDisbanded",
    "ExperimentOpened",
    "ExperimentRunAdded",
    "ExperimentSettled",
    "ExperimentAbandoned",
    "ErasureRequested",
    "ErasureCompleted",
]
CommandName: TypeAlias = Literal[
    "project/create",
    "project/rename",
    "project/delete",
    "project/link-repository",
    "project/set-logo",
    "project/set-sandbox-prompt",
    "project/set-claude-md",
    "project/configure-session",
    "project/set-env-var",
    "project/remove-env-var",
    "project/set-git-author",
    "project/set-learning-settings",
    "project/set-merging-settings",
    "project/set-quality-policy",
    "project/invite-member",
    "project/accept-invitation",
    "project/change-member-role",
    "project/remove-member",
    "project/issue-api-key",
    "project/revoke-api-key",
    "project/seal-provider-key",
    "project/revoke-invitation",
    "project/remove-provider-key",
    "project/set-folder",
    "project/set-notification-address",
    "project/set-member-notifications",
    "project/set-content-sealing",
    "sandbox/create",
    "sandbox/start",
    "sandbox/pause",
    "sandbox/resume",
    "sandbox/kill",
    "sandbox/fail",
    "sandbox/append-message",
    "sandbox/continue-message",
    "sandbox/sync-in",
    "sandbox/sync-back",
    "run/request",
    "run/start",
    "run/create-branch",
    "run/start-step",
    "run/append-step-message",
    "run/continue-step-content",
    "run/record-tool-call",
    "run/record-tool-result",
    "run/record-usage",
    "run/issue-verdict",
    "run/issue-scores",
    "run/issue-judgement",
    "run/complete-step",
    "run/fail-step",
    "run/skip-step",
    "run/iterate-loop",
    "run/force-loop-on",
    "run/open-pull-request",
    "run/update-pull-request",
    "run/record-ci-checks",
    "run/steer",
    "run/fork",
    "run/complete",
    "run/fail",
    "run/cancel",
    "run/record-unrecognised-line",
    "run/record-merge",
    "run/await-approval",
    "run/record-telemetry",
    "learning/propose",
    "learning/edit",
    "learning/approve",
    "learning/reject",
    "learning/retire",
    "learning/promote",
    "context/create",
    "context/update",
    "context/activate",
    "context/archive",
    "asset/create",
    "asset/rename",
    "asset/add-version",
    "asset/publish",
    "asset/activate",
    "asset/withdraw",
    "asset/archive",
    "asset/ship",
    "asset/share",
    "script-execution/start",
    "script-execution/append-output",
    "script-execution/exit",
    "script-execution/fail",
    "plan/propose",
    "plan/reword",
    "plan/add-item",
    "plan/edit-item",
    "plan/remove-item",
    "plan/reorder",
    "plan/approve",
    "plan/reject",
    "plan/convert-item",
    "plan/complete",
    "plan/archive",
    "issue-session/request",
    "issue-session/start",
    "issue-session/report-issue",
    "issue-session/raise-point",
    "issue-session/convert-finding",
    "issue-session/dismiss-finding",
    "issue-session/hand-over-points",
    "issue-session/complete",
    "issue-session/fail",
    "issue-session/cancel",
    "answering-session/request",
    "answering-session/start",
    "answering-session/answer",
    "answering-session/leave-open",
    "answering-session/complete",
    "answering-session/pass-on",
    "answering-session/fail",
    "answering-session/cancel",
    "issue/open",
    "issue/edit",
    "issue/chain",
    "issue/unchain",
    "issue/start-run",
    "issue/end-run",
    "issue/attach-answers",
    "issue/resolve",
    "issue/dismiss",
    "issue/reopen",
    "work-chain/create",
    "work-chain/add-issue",
    "work-chain/remove-issue",
    "work-chain/reorder",
    "work-chain/start",
    "work-chain/start-run",
    "work-chain/end-run",
    "work-chain/skip-issue",
    "work-chain/pause",
    "work-chain/resume",
    "work-chain/cancel",
    "sprint-chain/create",
    "sprint-chain/set-prompt",
    "sprint-chain/set-advance",
    "sprint-chain/start",
    "sprint-chain/start-sprint",
    "sprint-chain/end-sprint",
    "sprint-chain/approve",
    "sprint-chain/skip-sprint",
    "sprint-chain/open-pull-request",
    "sprint-chain/update-pull-request",
    "sprint-chain/pause",
    "sprint-chain/resume",
    "sprint-chain/cancel",
    "recurring-task/create",
    "recurring-task/edit",
    "recurring-task/reschedule",
    "recurring-task/pause",
    "recurring-task/resume",
    "recurring-task/dispatch",
    "recurring-task/trigger-now",
    "recurring-task/archive",
    "learning-document/open",
    "learning-document/compile",
    "learning-document/activate",
    "routing/route",
    "routing/override",
    "review-cycle/open",
    "review-cycle/score",
    "review-cycle/settle",
    "review-cycle/abandon",
    "trigger/create",
    "trigger/configure",
    "trigger/enable",
    "trigger/disable",
    "trigger/delete",
    "firing/fire",
    "firing/queue",
    "firing/skip",
    "firing/deduplicate",
    "firing/start",
    "firing/drop",
    "heartbeat/start",
    "heartbeat/summarise",
    "heartbeat/stop",
    "budget-pool/open",
    "budget-pool/resize",
    "budget-pool/record-use",
    "budget-pool/request",
    "budget-pool/withdraw",
    "budget-pool/release",
    "budget-pool/record-evidence",
    "budget-pool/close",
    "brain/create",
    "brain/write",
    "brain/record-pruning",
    "decision/log",
    "decision/edit",
    "decision/archive",
    "decision/restore",
    "decision/supersede",
    "pattern/note",
    "pattern/edit",
    "pattern/archive",
    "pattern/restore",
    "pattern/consolidate",
    "pattern/promote",
    "mistake/log",
    "mistake/edit",
    "mistake/archive",
    "mistake/restore",
    "mistake/resolve",
    "mistake/reopen",
    "mistake/promote",
    "research-note/write",
    "research-note/edit",
    "research-note/archive",
    "research-note/restore",
    "session-summary/write",
    "session-summary/edit",
    "session-summary/archive",
    "session-summary/restore",
    "agent-definition/define",
    "agent-definition/revise",
    "agent-definition/activate",
    "agent-definition/load",
    "agent-definition/archive",
    "agent-definition/share",
    "session/build",
    "session/start",
    "session/steer",
    "session/end",
    "notification/raise",
    "notification/record-delivery",
    "notification/record-failure",
    "notification/read",
    "notification/acknowledge",
    "workflow/create",
    "workflow/rename",
    "workflow/define",
    "workflow/archive",
    "persona/create",
    "persona/rename",
    "persona/configure",
    "persona/enable",
    "persona/disable",
    "persona/archive",
    "access-log/record-login",
    "access-log/record-denial",
    "access-log/record-export",
    "access-log/record-read",
    "user/register",
    "user/rename",
    "user/set-password",
    "user/change-email",
    "user/disable",
    "user/enable",
    "user/appoint",
    "user/dismiss",
    "pass/issue",
    "pass/revoke",
    "view-care/skip-event",
    "view-care/restore-event",
    "metric/define",
    "metric/revise",
    "metric/archive",
    "identity/write",
    "identity/write-rule",
    "identity/remove-rule",
    "webhook-delivery/receive",
    "webhook-delivery/evaluate",
    "webhook-delivery/drop",
    "team/form",
    "team/join",
    "team/add-task",
    "team/claim-task",
    "team/release-task",
    "team/complete-task",
    "team/send",
    "team/read",
    "team/disband",
    "experiment/open",
    "experiment/add-run",
    "experiment/settle",
    "experiment/abandon",
    "erasure/request",
    "erasure/complete",
]


class views:
    """Every view."""

    projects: View[log.ProjectRow] = View(
        "projects", 1, "live",
        ("slug", "owner"),
        (),
        {"created_at": "instant", "logo_url": "text", "members": "int", "name": "text", "owner":
        "text", "repository_url": "text", "runs": "int", "slug": "text", "updated_at": "instant"},
    )
    project_dashboard: View[log.DashboardRow] = View(
        "project-dashboard", 1, "live",
        (),
        (),
        {"assistant_messages": "int", "cache_read_tokens": "int", "cache_write_tokens": "int",
        "calls": "int", "calls_without_cost": "int", "ci_failing": "int", "ci_passing": "int",
        "input_tokens": "int", "last_activity_at": "instant", "output_tokens": "int",
        "pending_learnings": "int", "quality_score": "score", "recent_runs": "json",
        "runs_cancelled": "int", "runs_completed": "int", "runs_failed": "int", "runs_pending":
        "int", "runs_running": "int", "scored_runs": "int", "tool_calls": "int", "tool_results":
        "int", "total_cost_usd": "usd", "user_messages": "int", "verdicts_failed": "int",
        "verdicts_passed": "int"},
    )
    runs: View[log.RunRow] = View(
        "runs", 1, "live",
        ("project", "status", "source", "model", "cli_tool", "workflow", "branch", "ci_status"),
        ("quality_score", "total_cost_usd", "duration_ms", "steps", "verdicts_failed"),
        {"assistant_messages": "int", "base_branch": "text", "branch": "text", "cache_read_tokens":
        "int", "cache_write_tokens": "int", "calls": "int", "calls_without_cost": "int",
        "ci_status": "text", "cli_tool": "text", "created_at": "instant", "duration_ms": "int",
        "ended_at": "instant", "error": "text", "input_tokens": "int", "model": "text",
        "output_tokens": "int", "project": "text", "prompt_preview": "text", "pull_request": "json",
        "quality_score": "score", "source": "text", "started_at": "instant", "status": "text",
        "steps": "int", "steps_completed": "int", "steps_failed": "int", "steps_running": "int",
        "steps_skipped": "int", "title": "text", "tool_calls": "int", "tool_results": "int",
        "total_cost_usd": "usd", "user_messages": "int", "verdicts_failed": "int",
        "verdicts_passed": "int", "workflow": "text"},
    )
    run_timeline: View[log.TimelineRow] = View(
        "run-timeline", 3, "run",
        (),
        (),
        {},
    )
    sandbox_messages: View[log.MessageRow] = View(
        "sandbox-messages", 1, "sandbox",
        ("kind", "role", "tool", "step", "is_error", "complete"),
        (),
        {"arguments": "text", "at": "instant", "complete": "flag", "content": "text", "duration_ms":
        "int", "id": "text", "is_error": "flag", "kind": "text", "role": "text", "step": "text",
        "stop_reason": "text", "stream_log": "text", "thinking": "text", "tool": "text"},
    )
    usage: View[log.UsageRow] = View(
        "usage", 1, "live",
        ("project", "model", "day", "provider"),
        (),
        {"cache_read_tokens": "int", "cache_write_tokens": "int", "calls": "int",
        "calls_without_cost": "int", "day": "text", "input_tokens": "int", "model": "text",
        "output_tokens": "int", "project": "text", "provider": "text", "runs": "int",
        "total_cost_usd": "usd"},
    )
    usage_reconciliation: View[log.ReconciliationRow] = View(
        "usage-reconciliation", 1, "run",
        (),
        (),
        {"agrees": "flag", "discrepancies": "json", "model": "text", "stream": "json", "telemetry":
        "json"},
    )
    members: View[log.MemberRow] = View(
        "members", 1, "live",
        ("project", "status", "role", "user", "email"),
        (),
        {"email": "text", "invitation": "text", "invited_at": "instant", "joined_at": "instant",
        "project": "text", "providers": "json", "role": "text", "status": "text", "user": "text"},
    )
    project_settings: View[log.SettingRow] = View(
        "project-settings", 3, "project",
        (),
        (),
        {},
    )
    personas: View[log.PersonaRow] = View(
        "personas", 1, "live",
        ("project", "status", "persona_type", "name", "model", "cli_tool"),
        (),
        {"allowed_tools": "json", "cli_tool": "text", "commands": "int", "context": "text",
        "created_at": "instant", "learnings": "flag", "mcp_servers": "json", "model": "text",
        "name": "text", "persona_type": "text", "project": "text", "quality_threshold": "score",
        "sandboxed": "flag", "scripts": "int", "skills": "int", "status": "text", "thinking_effort":
        "text", "updated_at": "instant", "version": "int"},
    )
    persona_versions: View[log.PersonaConfigurationVersion] = View(
        "persona-versions", 1, "persona",
        (),
        (),
        {"actor": "text", "at": "instant", "content": "json", "current": "flag", "note": "text",
        "version": "int"},
    )
    workflows: View[log.WorkflowRow] = View(
        "workflows", 1, "live",
        ("project", "workflow_type", "archived", "name"),
        (),
        {"archived": "flag", "created_at": "instant", "description": "text", "loops": "int", "name":
        "text", "project": "text", "runs": "int", "steps": "json", "updated_at": "instant",
        "version": "int", "workflow_type": "text"},
    )
    workflow_versions: View[log.WorkflowDefinitionVersion] = View(
        "workflow-versions", 1, "workflow",
        (),
        (),
        {"actor": "text", "at": "instant", "content": "json", "current": "flag", "note": "text",
        "version": "int"},
    )
    run_next: View[log.NextRow] = View(
        "run-next", 1, "run",
        (),
        (),
        {"next": "json", "steps": "int"},
    )
    sandboxes: View[log.SandboxRow] = View(
        "sandboxes", 2, "live",
        ("project", "run", "status", "provider", "template_id", "kill_reason"),
        (),
        {"base_commit": "text", "bytes_in": "int", "checker_model": "text", "cpus": "int",
        "created_at": "instant", "designer_model": "text", "efforts": "json", "ended_at": "instant",
        "error": "text", "files_in": "int", "kill_reason": "text", "memory_mb": "int", "messages":
        "int", "project": "text", "provider": "text", "run": "text", "started_at": "instant",
        "status": "text", "taken_back": "json", "template_id": "text", "timeout_ms": "int"},
    )
    quality: View[log.QualityRow] = View(
        "quality", 1, "live",
        ("project", "run", "persona", "model", "weights_version", "threshold_result", "consistent"),
        ("composite",),
        {"at": "instant", "composite": "score", "composite_recomputed": "score", "consistent":
        "flag", "model": "text", "persona": "text", "persona_version": "int", "project": "text",
        "run": "text", "scores": "json", "step": "text", "summary": "text", "threshold": "score",
        "threshold_result": "flag", "weights_version": "int"},
    )
    assets: View[log.AssetRow] = View(
        "assets", 2, "live",
        ("project", "kind", "name", "archived", "shared"),
        (),
        {"active_version": "int", "archived": "flag", "created_at": "instant",
        "description_preview": "text", "kind": "text", "name": "text", "project": "text",
        "published_versions": "json", "shared": "flag", "updated_at": "instant", "versions": "int"},
    )
    asset_versions: View[log.AssetVersionRow] = View(
        "asset-versions", 1, "asset",
        ("published", "active"),
        (),
        {"active": "flag", "content": "json", "created_at": "instant", "note": "text", "published":
        "flag", "published_at": "instant", "version": "int", "withdrawn": "text"},
    )
    script_executions: View[log.ScriptExecutionRow] = View(
        "script-executions", 1, "live",
        ("project", "asset", "run", "sandbox", "status", "moment"),
        (),
        {"asset": "text", "duration_ms": "int", "ended_at": "instant", "error": "text", "exit_code":
        "int", "moment": "text", "output_bytes": "int", "project": "text", "run": "text", "sandbox":
        "text", "started_at": "instant", "status": "text", "step": "text", "version": "int"},
    )
    script_output: View[log.OutputRow] = View(
        "script-output", 1, "script-execution",
        ("stream",),
        (),
        {"at": "instant", "content": "text", "stream": "text"},
    )
    plans: View[log.PlanRow] = View(
        "plans", 1, "live",
        ("project", "status", "run"),
        (),
        {"created_at": "instant", "items": "int", "items_converted": "int", "note": "text",
        "project": "text", "rationale_preview": "text", "run": "text", "status": "text", "title":
        "text", "updated_at": "instant"},
    )
    plan_items: View[log.PlanPart] = View(
        "plan-items", 1, "plan",
        (),
        (),
        {},
    )
    issues: View[log.IssueRow] = View(
        "issues", 1, "live",
        ("project", "status", "priority", "work_chain", "run"),
        (),
        {"answering_session": "text", "created_at": "instant", "description_preview": "text",
        "note": "text", "origin": "json", "priority": "text", "project": "text", "run": "text",
        "runs": "int", "status": "text", "title": "text", "updated_at": "instant", "work_chain":
        "text"},
    )
    issue_history: View[log.IssuePart] = View(
        "issue-history", 1, "issue",
        (),
        (),
        {},
    )
    issue_sessions: View[log.IssueSessionRow] = View(
        "issue-sessions", 1, "live",
        ("project", "status", "run", "sandbox"),
        (),
        {"created_at": "instant", "findings": "int", "findings_converted": "int",
        "findings_dismissed": "int", "outcome": "text", "points": "int", "project": "text", "run":
        "text", "sandbox": "text", "status": "text", "title": "text", "updated_at": "instant"},
    )
    issue_findings: View[log.SessionPart] = View(
        "issue-findings", 1, "issue-session",
        (),
        (),
        {},
    )
    answering_sessions: View[log.AnsweringSessionRow] = View(
        "answering-sessions", 1, "live",
        ("project", "status", "issue_session", "issue"),
        (),
        {"answered": "json", "created_at": "instant", "error": "text", "issue": "text",
        "issue_session": "text", "left_open": "json", "passed_on_to": "json", "persona": "text",
        "project": "text", "questions": "int", "status": "text", "updated_at": "instant"},
    )
    answers: View[log.AnswerRow] = View(
        "answers", 1, "answering-session",
        ("source", "kind"),
        (),
        {"answer": "text", "answered_at": "instant", "confidence": "share", "kind": "text",
        "left_open": "text", "person": "text", "point": "int", "question": "int", "rationale":
        "text", "source": "text", "text": "text"},
    )
    chains: View[log.ChainRow] = View(
        "chains", 1, "live",
        ("project", "kind", "status", "run", "branch"),
        (),
        {"advance": "text", "branch": "text", "created_at": "instant", "current": "int", "kind":
        "text", "links": "int", "on_failure": "text", "paused": "text", "project": "text", "reason":
        "text", "run": "text", "runs": "int", "skipped": "int", "status": "text", "title": "text",
        "updated_at": "instant"},
    )
    work_chain_items: View[log.ChainItemRow] = View(
        "work-chain-items", 1, "work-chain",
        ("issue", "current", "outcome"),
        (),
        {"attempts": "int", "current": "flag", "issue": "text", "outcome": "text", "run": "text",
        "skipped": "text", "updated_at": "instant"},
    )
    sprint_chain_sprints: View[log.SprintRow] = View(
        "sprint-chain-sprints", 1, "sprint-chain",
        ("current", "outcome", "awaits_approval"),
        (),
        {"approved_at": "instant", "approver": "text", "attempts": "int", "awaits_approval": "flag",
        "branch": "text", "current": "flag", "ended_at": "instant", "outcome": "text", "prompt":
        "text", "pull_request": "json", "run": "text", "skipped": "text", "sprint": "int",
        "started_at": "instant"},
    )
    schedule: View[log.ScheduleRow] = View(
        "schedule", 1, "live",
        ("project", "status", "frequency", "workflow"),
        (),
        {"created_at": "instant", "frequency": "text", "last_run": "text", "last_run_at": "instant",
        "missed": "text", "name": "text", "next_run_at": "instant", "project": "text",
        "prompt_preview": "text", "runs": "int", "runs_missed": "int", "schedule": "json", "status":
        "text", "upcoming": "json", "updated_at": "instant", "workflow": "text"},
    )
    recurring_runs: View[log.RecurringRunRow] = View(
        "recurring-runs", 1, "recurring-task",
        ("kind", "run"),
        (),
        {"at": "instant", "kind": "text", "missed": "int", "run": "text", "scheduled_for":
        "instant"},
    )
    learnings: View[log.LearningRow] = View(
        "learnings", 1, "live",
        ("project", "status", "severity", "category", "source", "global", "run"),
        (),
        {"category": "text", "confidence": "share", "correct_behaviour": "text", "created_at":
        "instant", "description": "text", "global": "flag", "note": "text", "project": "text",
        "reviewed_at": "instant", "reviewer": "text", "roles": "json", "run": "text", "sandbox":
        "text", "seen_in": "json", "severity": "text", "source": "text", "status": "text", "step":
        "text", "trigger": "text", "updated_at": "instant"},
    )
    learning_queue: View[log.QueuedRow] = View(
        "learning-queue", 1, "live",
        ("project", "severity", "category", "source"),
        (),
        {"category": "text", "confidence": "share", "correct_behaviour": "text", "created_at":
        "instant", "description": "text", "global": "flag", "note": "text", "project": "text",
        "reviewed_at": "instant", "reviewer": "text", "roles": "json", "run": "text", "sandbox":
        "text", "seen_in": "json", "severity": "text", "source": "text", "status": "text", "step":
        "text", "trigger": "text", "updated_at": "instant"},
    )
    learning_documents: View[log.LearningDocumentRow] = View(
        "learning-documents", 2, "live",
        ("project", "role", "complete"),
        (),
        {"active_version": "int", "complete": "flag", "created_at": "instant", "latest_learnings":
        "json", "left_out": "json", "missing": "json", "project": "text", "role": "text",
        "updated_at": "instant", "versions": "int"},
    )
    learning_versions: View[log.LearningVersionRow] = View(
        "learning-versions", 2, "learning-document",
        ("active",),
        (),
        {"activated_at": "instant", "active": "flag", "created_at": "instant", "learnings": "json",
        "left_out": "json", "markdown": "text", "note": "text", "version": "int"},
    )
    metrics: View[log.MetricRow] = View(
        "metrics", 1, "live",
        ("project", "name", "archived"),
        (),
        {"archived": "flag", "created_at": "instant", "definitions": "json", "name": "text",
        "project": "text", "summary": "text", "updated_at": "instant", "version": "int"},
    )
    contexts: View[log.ContextRow] = View(
        "contexts", 1, "live",
        ("project", "session", "archived"),
        (),
        {"active_version": "int", "archived": "flag", "created_at": "instant", "name": "text",
        "project": "text", "session": "text", "updated_at": "instant", "versions": "int"},
    )
    context_history: View[log.ContextVersionRow] = View(
        "context-history", 1, "context",
        ("active",),
        (),
        {"activated_at": "instant", "activations": "int", "active": "flag", "claude_md": "text",
        "created_at": "instant", "note": "text", "system_prompt": "text", "version": "int"},
    )
    agent_definitions: View[log.AgentRow] = View(
        "agent-definitions", 2, "live",
        ("project", "name", "role", "archived", "shared"),
        (),
        {"archived": "flag", "name": "text", "personas": "json", "profile": "json", "project":
        "text", "role": "text", "sandbox": "json", "shared": "flag", "updated_at": "instant",
        "version": "int", "versions": "int"},
    )
    triggers: View[log.TriggerRow] = View(
        "triggers", 1, "live",
        ("project", "kind", "enabled"),
        (),
        {"condition": "json", "deduplicated": "int", "enabled": "flag", "fired": "int", "kind":
        "text", "last_at": "instant", "name": "text", "project": "text", "queued": "int", "reason":
        "text", "skipped": "int", "updated_at": "instant", "version": "int", "work": "json"},
    )
    firings: View[log.FiringRow] = View(
        "firings", 1, "live",
        ("project", "trigger", "outcome", "run", "session"),
        (),
        {"at": "instant", "detail": "text", "occasion": "text", "of": "text", "outcome": "text",
        "pool": "text", "project": "text", "reason": "text", "routing": "text", "run": "text",
        "session": "text", "settled_at": "instant", "trigger": "text", "trigger_version": "int",
        "until": "instant", "was_queued": "flag"},
    )
    heartbeats: View[log.HeartbeatRow] = View(
        "heartbeats", 1, "live",
        ("project", "heartbeat", "idle", "agrees"),
        (),
        {"agrees": "flag", "came_up": "int", "checked": "int", "fired": "int", "fired_in_log":
        "int", "from": "instant", "heartbeat": "text", "idle": "flag", "project": "text",
        "sessions_in_log": "int", "stopped": "flag", "ticks": "int", "to": "instant"},
    )
    routings: View[log.RoutingRow] = View(
        "routings", 1, "live",
        ("project", "complexity", "firing"),
        (),
        {"at": "instant", "complexity": "text", "facts": "json", "firing": "text", "overridden":
        "text", "project": "text", "reasons": "json", "review_loop": "flag", "roles": "json",
        "task": "text"},
    )
    sessions: View[log.SessionRow2] = View(
        "sessions", 2, "live",
        ("project", "mode", "status", "firing", "run", "resumes", "summarised",
        "ended_without_summary"),
        (),
        {"agent_session": "text", "built_at": "instant", "ended_at": "instant",
        "ended_without_summary": "flag", "firing": "text", "limits": "json", "mode": "text", "note":
        "text", "parts": "json", "project": "text", "resumes": "text", "run": "text", "sandbox":
        "text", "started_at": "instant", "status": "text", "steers": "int", "step": "text",
        "summarised": "flag", "summary": "text"},
    )
    session_messages: View[log.SessionLine] = View(
        "session-messages", 1, "session",
        ("kind", "role", "tool", "steer", "is_error", "complete"),
        (),
        {"actor": "text", "at": "instant", "complete": "flag", "id": "text", "is_error": "flag",
        "kind": "text", "role": "text", "steer": "text", "text": "text", "thinking": "text", "tool":
        "text"},
    )
    unfinished: View[log.UnfinishedRow] = View(
        "unfinished", 1, "live",
        ("project", "kind"),
        (),
        {"kind": "text", "last_heard_at": "instant", "project": "text", "since": "instant"},
    )
    webhook_deliveries: View[log.DeliveryRow] = View(
        "webhook-deliveries", 1, "live",
        ("project", "status", "source", "kind", "verified", "delivery"),
        (),
        {"body_bytes": "int", "body_cut": "flag", "body_preview": "text", "body_sha256": "text",
        "delivery": "text", "ended_at": "instant", "firings": "json", "kind": "text", "project":
        "text", "reason": "text", "received_at": "instant", "source": "text", "status": "text",
        "verified": "flag"},
    )
    teams: View[log.TeamRow] = View(
        "teams", 1, "live",
        ("project", "run", "firing"),
        (),
        {"disbanded": "text", "firing": "text", "formed_at": "instant", "goal_preview": "text",
        "members": "json", "messages": "int", "project": "text", "run": "text", "tasks": "int",
        "tasks_claimed": "int", "tasks_done": "int", "updated_at": "instant"},
    )
    team_board: View[log.BoardRow] = View(
        "team-board", 1, "team",
        (),
        (),
        {},
    )
    experiments: View[log.ExperimentRow] = View(
        "experiments", 1, "live",
        ("project", "status", "winner"),
        (),
        {"judged_by": "text", "opened_at": "instant", "project": "text", "prompt_preview": "text",
        "reason": "text", "runs": "json", "status": "text", "title": "text", "updated_at":
        "instant", "variants": "json", "winner": "text"},
    )
    identity: View[log.IdentityRow] = View(
        "identity", 1, "live",
        ("rule",),
        (),
        {"note": "text", "rule": "text", "text": "text", "updated_at": "instant", "version": "int"},
    )
    reviews: View[log.ReviewRow] = View(
        "reviews", 2, "live",
        ("project", "status", "run", "action", "turn"),
        (),
        {"action": "text", "cycles": "json", "opened_at": "instant", "project": "text", "reason":
        "text", "run": "text", "sandboxes": "json", "score": "int", "settlement": "text", "status":
        "text", "subject": "text", "trend": "text", "turn": "text", "updated_at": "instant"},
    )
    brain: View[log.FileRow] = View(
        "brain", 3, "live",
        ("project", "path", "always_read"),
        (),
        {"always_read": "flag", "archived": "int", "bytes": "int", "content": "text", "entries":
        "int", "path": "text", "project": "text", "tokens": "int", "updated_at": "instant"},
    )
    budget: View[log.BudgetRow] = View(
        "budget", 1, "live",
        ("project", "name", "plan", "closed"),
        (),
        {"all_fit_at": "instant", "as_of": "instant", "automated_share": "share", "closed": "flag",
        "length_ms": "int", "level": "json", "name": "text", "plan": "text", "project": "text",
        "queue": "json", "queued": "int", "shape": "text", "unit": "text"},
    )
    notifications: View[log.NotificationRow] = View(
        "notifications", 1, "live",
        ("project", "kind", "about", "acknowledged"),
        (),
        {"about": "text", "acknowledged": "flag", "acknowledged_by": "text", "body": "text",
        "channels": "json", "error": "text", "kind": "text", "note": "text", "project": "text",
        "raised_at": "instant", "read_by": "text", "title": "text"},
    )
    audit_trail: View[log.AuditRow] = View(
        "audit-trail", 1, "live",
        ("project", "actor", "aggregate", "event", "stream"),
        (),
        {"actor": "text", "aggregate": "text", "at": "instant", "commit": "text", "event": "text",
        "project": "text", "stream": "text", "version": "int"},
    )
    users: View[log.UserRow] = View(
        "users", 1, "live",
        ("email", "status", "administrator"),
        (),
        {"administrator": "flag", "email": "text", "name": "text", "password": "flag", "reason":
        "text", "registered_at": "instant", "status": "text", "updated_at": "instant"},
    )
    access: View[log.AccessRow] = View(
        "access", 1, "live",
        ("kind", "project", "actor", "user", "reason"),
        (),
        {"about": "text", "actor": "text", "address": "text", "at": "instant", "kind": "text",
        "left_out": "int", "project": "text", "reason": "text", "user": "text", "what": "text"},
    )


class events:
    """Every type of event."""

    WriterStarted: EventType[log.WriterStarted] = EventType("WriterStarted")
    SigningKeyRotated: EventType[log.SigningKeyRotated] = EventType("SigningKeyRotated")
    ProjectCreated: EventType[log.ProjectCreated] = EventType("ProjectCreated")
    ProjectRenamed: EventType[log.ProjectRenamed] = EventType("ProjectRenamed")
    ProjectDeleted: EventType[log.ProjectDeleted] = EventType("ProjectDeleted")
    RepositoryLinked: EventType[log.RepositoryLinked] = EventType("RepositoryLinked")
    LogoSet: EventType[log.LogoSet] = EventType("LogoSet")
    SandboxPromptSet: EventType[log.SandboxPromptSet] = EventType("SandboxPromptSet")
    ClaudeMdSet: EventType[log.ClaudeMdSet] = EventType("ClaudeMdSet")
    SessionConfigured: EventType[log.SessionConfigured] = EventType("SessionConfigured")
    EnvVarSet: EventType[log.EnvVarSet] = EventType("EnvVarSet")
    EnvVarRemoved: EventType[log.EnvVarRemoved] = EventType("EnvVarRemoved")
    GitAuthorSet: EventType[log.GitAuthorSet] = EventType("GitAuthorSet")
    LearningSettingsSet: EventType[log.LearningSettingsSet] = EventType("LearningSettingsSet")
    MergingSettingsSet: EventType[log.MergingSettingsSet] = EventType("MergingSettingsSet")
    QualityPolicySet: EventType[log.QualityPolicySet] = EventType("QualityPolicySet")
    MemberInvited: EventType[log.MemberInvited] = EventType("MemberInvited")
    InvitationAccepted: EventType[log.InvitationAccepted] = EventType("InvitationAccepted")
    MemberRoleChanged: EventType[log.MemberRoleChanged] = EventType("MemberRoleChanged")
    MemberRemoved: EventType[log.MemberRemoved] = EventType("MemberRemoved")
    ApiKeyIssued: EventType[log.ApiKeyIssued] = EventType("ApiKeyIssued")
    ApiKeyRevoked: EventType[log.ApiKeyRevoked] = EventType("ApiKeyRevoked")
    ProviderKeySealed: EventType[log.ProviderKeySealed] = EventType("ProviderKeySealed")
    InvitationRevoked: EventType[log.InvitationRevoked] = EventType("InvitationRevoked")
    ProviderKeyRemoved: EventType[log.ProviderKeyRemoved] = EventType("ProviderKeyRemoved")
    FolderSet: EventType[log.FolderSet] = EventType("FolderSet")
    NotificationAddressSet: EventType[log.NotificationAddressSet] = EventType(
        "NotificationAddressSet"
    )
    MemberNotificationsSet: EventType[log.MemberNotificationsSet] = EventType(
        "MemberNotificationsSet"
    )
    ContentSealingSet: EventType[log.ContentSealingSet] = EventType("ContentSealingSet")
    SandboxCreated: EventType[log.SandboxCreated] = EventType("SandboxCreated")
    SandboxStarted: EventType[log.SandboxStarted] = EventType("SandboxStarted")
    SandboxPaused: EventType[log.SandboxPaused] = EventType("SandboxPaused")
    SandboxResumed: EventType[log.SandboxResumed] = EventType("SandboxResumed")
    SandboxKilled: EventType[log.SandboxKilled] = EventType("SandboxKilled")
    SandboxFailed: EventType[log.SandboxFailed] = EventType("SandboxFailed")
    MessageAppended: EventType[log.MessageAppended] = EventType("MessageAppended")
    MessageContinued: EventType[log.MessageContinued] = EventType("MessageContinued")
    FilesSyncedIn: EventType[log.FilesSyncedIn] = EventType("FilesSyncedIn")
    FilesSyncedBack: EventType[log.FilesSyncedBack] = EventType("FilesSyncedBack")
    RunRequested: EventType[log.RunRequested] = EventType("RunRequested")
    RunStarted: EventType[log.RunStarted] = EventType("RunStarted")
    BranchCreated: EventType[log.BranchCreated] = EventType("BranchCreated")
    StepStarted: EventType[log.StepStarted] = EventType("StepStarted")
    StepMessageAppended: EventType[log.StepMessageAppended] = EventType("StepMessageAppended")
    StepContentContinued: EventType[log.StepContentContinued] = EventType("StepContentContinued")
    ToolCalled: EventType[log.ToolCalled] = EventType("ToolCalled")
    ToolReturned: EventType[log.ToolReturned] = EventType("ToolReturned")
    StepUsageRecorded: EventType[log.StepUsageRecorded] = EventType("StepUsageRecorded")
    VerdictIssued: EventType[log.VerdictIssued] = EventType("VerdictIssued")
    ScoresIssued: EventType[log.ScoresIssued] = EventType("ScoresIssued")
    JudgementIssued: EventType[log.JudgementIssued] = EventType("JudgementIssued")
    StepCompleted: EventType[log.StepCompleted] = EventType("StepCompleted")
    StepFailed: EventType[log.StepFailed] = EventType("StepFailed")
    StepSkipped: EventType[log.StepSkipped] = EventType("StepSkipped")
    LoopIterated: EventType[log.LoopIterated] = EventType("LoopIterated")
    LoopForcedOn: EventType[log.LoopForcedOn] = EventType("LoopForcedOn")
    PullRequestOpened: EventType[log.PullRequestOpened] = EventType("PullRequestOpened")
    PullRequestUpdated: EventType[log.PullRequestUpdated] = EventType("PullRequestUpdated")
    CiChecksPolled: EventType[log.CiChecksPolled] = EventType("CiChecksPolled")
    RunScored: EventType[log.RunScored] = EventType("RunScored")
    OperatorSteered: EventType[log.OperatorSteered] = EventType("OperatorSteered")
    RunForked: EventType[log.RunForked] = EventType("RunForked")
    RunCompleted: EventType[log.RunCompleted] = EventType("RunCompleted")
    RunFailed: EventType[log.RunFailed] = EventType("RunFailed")
    RunCancelled: EventType[log.RunCancelled] = EventType("RunCancelled")
    AgentLineUnrecognised: EventType[log.AgentLineUnrecognised] = EventType("AgentLineUnrecognised")
    BranchesMerged: EventType[log.BranchesMerged] = EventType("BranchesMerged")
    MergeConflicted: EventType[log.MergeConflicted] = EventType("MergeConflicted")
    ToolApprovalAwaited: EventType[log.ToolApprovalAwaited] = EventType("ToolApprovalAwaited")
    InstructionsPinned: EventType[log.InstructionsPinned] = EventType("InstructionsPinned")
    TelemetryRecorded: EventType[log.TelemetryRecorded] = EventType("TelemetryRecorded")
    LearningProposed: EventType[log.LearningProposed] = EventType("LearningProposed")
    LearningEdited: EventType[log.LearningEdited] = EventType("LearningEdited")
    LearningApproved: EventType[log.LearningApproved] = EventType("LearningApproved")
    LearningRejected: EventType[log.LearningRejected] = EventType("LearningRejected")
    LearningRetired: EventType[log.LearningRetired] = EventType("LearningRetired")
    LearningPromoted: EventType[log.LearningPromoted] = EventType("LearningPromoted")
    ContextCreated: EventType[log.ContextCreated] = EventType("ContextCreated")
    ContextVersioned: EventType[log.ContextVersioned] = EventType("ContextVersioned")
    ContextActivated: EventType[log.ContextActivated] = EventType("ContextActivated")
    ContextArchived: EventType[log.ContextArchived] = EventType("ContextArchived")
    AssetCreated: EventType[log.AssetCreated] = EventType("AssetCreated")
    AssetRenamed: EventType[log.AssetRenamed] = EventType("AssetRenamed")
    AssetVersionAdded: EventType[log.AssetVersionAdded] = EventType("AssetVersionAdded")
    AssetVersionPublished: EventType[log.AssetVersionPublished] = EventType("AssetVersionPublished")
    AssetVersionActivated: EventType[log.AssetVersionActivated] = EventType("AssetVersionActivated")
    AssetVersionWithdrawn: EventType[log.AssetVersionWithdrawn] = EventType("AssetVersionWithdrawn")
    AssetArchived: EventType[log.AssetArchived] = EventType("AssetArchived")
    AssetShared: EventType[log.AssetShared] = EventType("AssetShared")
    ScriptStarted: EventType[log.ScriptStarted] = EventType("ScriptStarted")
    ScriptOutputAppended: EventType[log.ScriptOutputAppended] = EventType("ScriptOutputAppended")
    ScriptExited: EventType[log.ScriptExited] = EventType("ScriptExited")
    ScriptFailed: EventType[log.ScriptFailed] = EventType("ScriptFailed")
    PlanProposed: EventType[log.PlanProposed] = EventType("PlanProposed")
    PlanReworded: EventType[log.PlanReworded] = EventType("PlanReworded")
    PlanItemAdded: EventType[log.PlanItemAdded] = EventType("PlanItemAdded")
    PlanItemEdited: EventType[log.PlanItemEdited] = EventType("PlanItemEdited")
    PlanItemRemoved: EventType[log.PlanItemRemoved] = EventType("PlanItemRemoved")
    PlanReordered: EventType[log.PlanReordered] = EventType("PlanReordered")
    PlanApproved: EventType[log.PlanApproved] = EventType("PlanApproved")
    PlanRejected: EventType[log.PlanRejected] = EventType("PlanRejected")
    PlanItemConverted: EventType[log.PlanItemConverted] = EventType("PlanItemConverted")
    PlanCompleted: EventType[log.PlanCompleted] = EventType("PlanCompleted")
    PlanArchived: EventType[log.PlanArchived] = EventType("PlanArchived")
    IssueSessionRequested: EventType[log.IssueSessionRequested] = EventType("IssueSessionRequested")
    IssueSessionStarted: EventType[log.IssueSessionStarted] = EventType("IssueSessionStarted")
    IssueFound: EventType[log.IssueFound] = EventType("IssueFound")
    PointRaised: EventType[log.PointRaised] = EventType("PointRaised")
    FindingConverted: EventType[log.FindingConverted] = EventType("FindingConverted")
    FindingDismissed: EventType[log.FindingDismissed] = EventType("FindingDismissed")
    PointsHandedOver: EventType[log.PointsHandedOver] = EventType("PointsHandedOver")
    IssueSessionCompleted: EventType[log.IssueSessionCompleted] = EventType("IssueSessionCompleted")
    IssueSessionFailed: EventType[log.IssueSessionFailed] = EventType("IssueSessionFailed")
    IssueSessionCancelled: EventType[log.IssueSessionCancelled] = EventType("IssueSessionCancelled")
    AnsweringSessionRequested: EventType[log.AnsweringSessionRequested] = EventType(
        "AnsweringSessionRequested"
    )
    AnsweringSessionStarted: EventType[log.AnsweringSessionStarted] = EventType(
        "AnsweringSessionStarted"
    )
    QuestionAnswered: EventType[log.QuestionAnswered] = EventType("QuestionAnswered")
    QuestionLeftOpen: EventType[log.QuestionLeftOpen] = EventType("QuestionLeftOpen")
    AnsweringSessionCompleted: EventType[log.AnsweringSessionCompleted] = EventType(
        "AnsweringSessionCompleted"
    )
    AnswersPassedOn: EventType[log.AnswersPassedOn] = EventType("AnswersPassedOn")
    AnsweringSessionFailed: EventType[log.AnsweringSessionFailed] = EventType(
        "AnsweringSessionFailed"
    )
    AnsweringSessionCancelled: EventType[log.AnsweringSessionCancelled] = EventType(
        "AnsweringSessionCancelled"
    )
    IssueOpened: EventType[log.IssueOpened] = EventType("IssueOpened")
    IssueEdited: EventType[log.IssueEdited] = EventType("IssueEdited")
    IssueChained: EventType[log.IssueChained] = EventType("IssueChained")
    IssueUnchained: EventType[log.IssueUnchained] = EventType("IssueUnchained")
    IssueRunStarted: EventType[log.IssueRunStarted] = EventType("IssueRunStarted")
    IssueRunEnded: EventType[log.IssueRunEnded] = EventType("IssueRunEnded")
    IssueAnswersAttached: EventType[log.IssueAnswersAttached] = EventType("IssueAnswersAttached")
    IssueResolved: EventType[log.IssueResolved] = EventType("IssueResolved")
    IssueDismissed: EventType[log.IssueDismissed] = EventType("IssueDismissed")
    IssueReopened: EventType[log.IssueReopened] = EventType("IssueReopened")
    WorkChainCreated: EventType[log.WorkChainCreated] = EventType("WorkChainCreated")
    WorkChainIssueAdded: EventType[log.WorkChainIssueAdded] = EventType("WorkChainIssueAdded")
    WorkChainIssueRemoved: EventType[log.WorkChainIssueRemoved] = EventType("WorkChainIssueRemoved")
    WorkChainReordered: EventType[log.WorkChainReordered] = EventType("WorkChainReordered")
    WorkChainStarted: EventType[log.WorkChainStarted] = EventType("WorkChainStarted")
    WorkChainRunStarted: EventType[log.WorkChainRunStarted] = EventType("WorkChainRunStarted")
    WorkChainRunEnded: EventType[log.WorkChainRunEnded] = EventType("WorkChainRunEnded")
    WorkChainAdvanced: EventType[log.WorkChainAdvanced] = EventType("WorkChainAdvanced")
    WorkChainRetried: EventType[log.WorkChainRetried] = EventType("WorkChainRetried")
    WorkChainIssueSkipped: EventType[log.WorkChainIssueSkipped] = EventType("WorkChainIssueSkipped")
    WorkChainPaused: EventType[log.WorkChainPaused] = EventType("WorkChainPaused")
    WorkChainResumed: EventType[log.WorkChainResumed] = EventType("WorkChainResumed")
    WorkChainCompleted: EventType[log.WorkChainCompleted] = EventType("WorkChainCompleted")
    WorkChainStopped: EventType[log.WorkChainStopped] = EventType("WorkChainStopped")
    WorkChainCancelled: EventType[log.WorkChainCancelled] = EventType("WorkChainCancelled")
    SprintChainCreated: EventType[log.SprintChainCreated] = EventType("SprintChainCreated")
    SprintPromptSet: EventType[log.SprintPromptSet] = EventType("SprintPromptSet")
    SprintAdvanceSet: EventType[log.SprintAdvanceSet] = EventType("SprintAdvanceSet")
    SprintChainStarted: EventType[log.SprintChainStarted] = EventType("SprintChainStarted")
    SprintStarted: EventType[log.SprintStarted] = EventType("SprintStarted")
    SprintEnded: EventType[log.SprintEnded] = EventType("SprintEnded")
    SprintRetried: EventType[log.SprintRetried] = EventType("SprintRetried")
    SprintPullRequestOpened: EventType[log.SprintPullRequestOpened] = EventType(
        "SprintPullRequestOpened"
    )
    SprintPullRequestUpdated: EventType[log.SprintPullRequestUpdated] = EventType(
        "SprintPullRequestUpdated"
    )
    SprintApprovalAwaited: EventType[log.SprintApprovalAwaited] = EventType("SprintApprovalAwaited")
    SprintApproved: EventType[log.SprintApproved] = EventType("SprintApproved")
    SprintChainAdvanced: EventType[log.SprintChainAdvanced] = EventType("SprintChainAdvanced")
    SprintSkipped: EventType[log.SprintSkipped] = EventType("SprintSkipped")
    SprintChainPaused: EventType[log.SprintChainPaused] = EventType("SprintChainPaused")
    SprintChainResumed: EventType[log.SprintChainResumed] = EventType("SprintChainResumed")
    SprintChainCompleted: EventType[log.SprintChainCompleted] = EventType("SprintChainCompleted")
    SprintChainStopped: EventType[log.SprintChainStopped] = EventType("SprintChainStopped")
    SprintChainCancelled: EventType[log.SprintChainCancelled] = EventType("SprintChainCancelled")
    RecurringTaskCreated: EventType[log.RecurringTaskCreated] = EventType("RecurringTaskCreated")
    RecurringTaskEdited: EventType[log.RecurringTaskEdited] = EventType("RecurringTaskEdited")
    RecurringTaskRescheduled: EventType[log.RecurringTaskRescheduled] = EventType(
        "RecurringTaskRescheduled"
    )
    RecurringTaskPaused: EventType[log.RecurringTaskPaused] = EventType("RecurringTaskPaused")
    RecurringTaskResumed: EventType[log.RecurringTaskResumed] = EventType("RecurringTaskResumed")
    RecurringRunDispatched: EventType[log.RecurringRunDispatched] = EventType(
        "RecurringRunDispatched"
    )
    RecurringRunsMissed: EventType[log.RecurringRunsMissed] = EventType("RecurringRunsMissed")
    RecurringRunTriggered: EventType[log.RecurringRunTriggered] = EventType("RecurringRunTriggered")
    RecurringTaskArchived: EventType[log.RecurringTaskArchived] = EventType("RecurringTaskArchived")
    LearningDocumentOpened: EventType[log.LearningDocumentOpened] = EventType(
        "LearningDocumentOpened"
    )
    LearningVersionCompiled: EventType[log.LearningVersionCompiled] = EventType(
        "LearningVersionCompiled"
    )
    LearningVersionActivated: EventType[log.LearningVersionActivated] = EventType(
        "LearningVersionActivated"
    )
    LearningsLeftOut: EventType[log.LearningsLeftOut] = EventType("LearningsLeftOut")
    TaskRouted: EventType[log.TaskRouted] = EventType("TaskRouted")
    RoutingOverridden: EventType[log.RoutingOverridden] = EventType("RoutingOverridden")
    ReviewOpened: EventType[log.ReviewOpened] = EventType("ReviewOpened")
    ReviewCycleScored: EventType[log.ReviewCycleScored] = EventType("ReviewCycleScored")
    ReviewSettled: EventType[log.ReviewSettled] = EventType("ReviewSettled")
    ReviewAbandoned: EventType[log.ReviewAbandoned] = EventType("ReviewAbandoned")
    ReviewCycleSandboxed: EventType[log.ReviewCycleSandboxed] = EventType("ReviewCycleSandboxed")
    TriggerCreated: EventType[log.TriggerCreated] = EventType("TriggerCreated")
    TriggerConfigured: EventType[log.TriggerConfigured] = EventType("TriggerConfigured")
    TriggerEnabled: EventType[log.TriggerEnabled] = EventType("TriggerEnabled")
    TriggerDisabled: EventType[log.TriggerDisabled] = EventType("TriggerDisabled")
    TriggerDeleted: EventType[log.TriggerDeleted] = EventType("TriggerDeleted")
    TriggerFired: EventType[log.TriggerFired] = EventType("TriggerFired")
    FiringQueued: EventType[log.FiringQueued] = EventType("FiringQueued")
    FiringSkipped: EventType[log.FiringSkipped] = EventType("FiringSkipped")
    FiringDeduplicated: EventType[log.FiringDeduplicated] = EventType("FiringDeduplicated")
    QueuedFiringStarted: EventType[log.QueuedFiringStarted] = EventType("QueuedFiringStarted")
    QueuedFiringDropped: EventType[log.QueuedFiringDropped] = EventType("QueuedFiringDropped")
    HeartbeatStarted: EventType[log.HeartbeatStarted] = EventType("HeartbeatStarted")
    HeartbeatSummarised: EventType[log.HeartbeatSummarised] = EventType("HeartbeatSummarised")
    HeartbeatStopped: EventType[log.HeartbeatStopped] = EventType("HeartbeatStopped")
    BudgetPoolOpened: EventType[log.BudgetPoolOpened] = EventType("BudgetPoolOpened")
    BudgetPoolResized: EventType[log.BudgetPoolResized] = EventType("BudgetPoolResized")
    BudgetUsed: EventType[log.BudgetUsed] = EventType("BudgetUsed")
    BudgetReserved: EventType[log.BudgetReserved] = EventType("BudgetReserved")
    BudgetQueued: EventType[log.BudgetQueued] = EventType("BudgetQueued")
    BudgetRequestWithdrawn: EventType[log.BudgetRequestWithdrawn] = EventType(
        "BudgetRequestWithdrawn"
    )
    BudgetReservationReleased: EventType[log.BudgetReservationReleased] = EventType(
        "BudgetReservationReleased"
    )
    VendorEvidenceRecorded: EventType[log.VendorEvidenceRecorded] = EventType(
        "VendorEvidenceRecorded"
    )
    BudgetPoolClosed: EventType[log.BudgetPoolClosed] = EventType("BudgetPoolClosed")
    BrainCreated: EventType[log.BrainCreated] = EventType("BrainCreated")
    BrainTextWritten: EventType[log.BrainTextWritten] = EventType("BrainTextWritten")
    BrainPruned: EventType[log.BrainPruned] = EventType("BrainPruned")
    DecisionLogged: EventType[log.DecisionLogged] = EventType("DecisionLogged")
    DecisionEdited: EventType[log.DecisionEdited] = EventType("DecisionEdited")
    DecisionArchived: EventType[log.DecisionArchived] = EventType("DecisionArchived")
    DecisionRestored: EventType[log.DecisionRestored] = EventType("DecisionRestored")
    DecisionSuperseded: EventType[log.DecisionSuperseded] = EventType("DecisionSuperseded")
    PatternNoted: EventType[log.PatternNoted] = EventType("PatternNoted")
    PatternEdited: EventType[log.PatternEdited] = EventType("PatternEdited")
    PatternArchived: EventType[log.PatternArchived] = EventType("PatternArchived")
    PatternRestored: EventType[log.PatternRestored] = EventType("PatternRestored")
    PatternConsolidated: EventType[log.PatternConsolidated] = EventType("PatternConsolidated")
    PatternPromoted: EventType[log.PatternPromoted] = EventType("PatternPromoted")
    MistakeLogged: EventType[log.MistakeLogged] = EventType("MistakeLogged")
    MistakeEdited: EventType[log.MistakeEdited] = EventType("MistakeEdited")
    MistakeArchived: EventType[log.MistakeArchived] = EventType("MistakeArchived")
    MistakeRestored: EventType[log.MistakeRestored] = EventType("MistakeRestored")
    MistakeResolved: EventType[log.MistakeResolved] = EventType("MistakeResolved")
    MistakeReopened: EventType[log.MistakeReopened] = EventType("MistakeReopened")
    MistakePromoted: EventType[log.MistakePromoted] = EventType("MistakePromoted")
    ResearchNoteWritten: EventType[log.ResearchNoteWritten] = EventType("ResearchNoteWritten")
    ResearchNoteEdited: EventType[log.ResearchNoteEdited] = EventType("ResearchNoteEdited")
    ResearchNoteArchived: EventType[log.ResearchNoteArchived] = EventType("ResearchNoteArchived")
    ResearchNoteRestored: EventType[log.ResearchNoteRestored] = EventType("ResearchNoteRestored")
    SessionSummarised: EventType[log.SessionSummarised] = EventType("SessionSummarised")
    SessionSummaryEdited: EventType[log.SessionSummaryEdited] = EventType("SessionSummaryEdited")
    SessionSummaryArchived: EventType[log.SessionSummaryArchived] = EventType(
        "SessionSummaryArchived"
    )
    SessionSummaryRestored: EventType[log.SessionSummaryRestored] = EventType(
        "SessionSummaryRestored"
    )
    AgentDefined: EventType[log.AgentDefined] = EventType("AgentDefined")
    AgentRevised: EventType[log.AgentRevised] = EventType("AgentRevised")
    AgentVersionActivated: EventType[log.AgentVersionActivated] = EventType("AgentVersionActivated")
    AgentLoaded: EventType[log.AgentLoaded] = EventType("AgentLoaded")
    AgentArchived: EventType[log.AgentArchived] = EventType("AgentArchived")
    AgentSandboxSized: EventType[log.AgentSandboxSized] = EventType("AgentSandboxSized")
    AgentShared: EventType[log.AgentShared] = EventType("AgentShared")
    SessionBuilt: EventType[log.SessionBuilt] = EventType("SessionBuilt")
    SessionStarted: EventType[log.SessionStarted] = EventType("SessionStarted")
    SessionSteered: EventType[log.SessionSteered] = EventType("SessionSteered")
    SessionEnded: EventType[log.SessionEnded] = EventType("SessionEnded")
    SessionResumed: EventType[log.SessionResumed] = EventType("SessionResumed")
    NotificationRaised: EventType[log.NotificationRaised] = EventType("NotificationRaised")
    NotificationDelivered: EventType[log.NotificationDelivered] = EventType("NotificationDelivered")
    NotificationDeliveryFailed: EventType[log.NotificationDeliveryFailed] = EventType(
        "NotificationDeliveryFailed"
    )
    NotificationRead: EventType[log.NotificationRead] = EventType("NotificationRead")
    NotificationAcknowledged: EventType[log.NotificationAcknowledged] = EventType(
        "NotificationAcknowledged"
    )
    ClaimTaken: EventType[log.ClaimTaken] = EventType("ClaimTaken")
    ClaimReleased: EventType[log.ClaimReleased] = EventType("ClaimReleased")
    WorkflowCreated: EventType[log.WorkflowCreated] = EventType("WorkflowCreated")
    WorkflowRenamed: EventType[log.WorkflowRenamed] = EventType("WorkflowRenamed")
    WorkflowDefined: EventType[log.WorkflowDefined] = EventType("WorkflowDefined")
    WorkflowArchived: EventType[log.WorkflowArchived] = EventType("WorkflowArchived")
    PersonaCreated: EventType[log.PersonaCreated] = EventType("PersonaCreated")
    PersonaRenamed: EventType[log.PersonaRenamed] = EventType("PersonaRenamed")
    PersonaConfigured: EventType[log.PersonaConfigured] = EventType("PersonaConfigured")
    PersonaEnabled: EventType[log.PersonaEnabled] = EventType("PersonaEnabled")
    PersonaDisabled: EventType[log.PersonaDisabled] = EventType("PersonaDisabled")
    PersonaArchived: EventType[log.PersonaArchived] = EventType("PersonaArchived")
    LoggedIn: EventType[log.LoggedIn] = EventType("LoggedIn")
    AccessDenied: EventType[log.AccessDenied] = EventType("AccessDenied")
    DataExported: EventType[log.DataExported] = EventType("DataExported")
    ContentRead: EventType[log.ContentRead] = EventType("ContentRead")
    UserRegistered: EventType[log.UserRegistered] = EventType("UserRegistered")
    UserRenamed: EventType[log.UserRenamed] = EventType("UserRenamed")
    PasswordSet: EventType[log.PasswordSet] = EventType("PasswordSet")
    EmailChanged: EventType[log.EmailChanged] = EventType("EmailChanged")
    UserDisabled: EventType[log.UserDisabled] = EventType("UserDisabled")
    UserEnabled: EventType[log.UserEnabled] = EventType("UserEnabled")
    AdministratorAppointed: EventType[log.AdministratorAppointed] = EventType(
        "AdministratorAppointed"
    )
    AdministratorDismissed: EventType[log.AdministratorDismissed] = EventType(
        "AdministratorDismissed"
    )
    PassIssued: EventType[log.PassIssued] = EventType("PassIssued")
    PassRevoked: EventType[log.PassRevoked] = EventType("PassRevoked")
    ViewEventSkipped: EventType[log.ViewEventSkipped] = EventType("ViewEventSkipped")
    ViewEventRestored: EventType[log.ViewEventRestored] = EventType("ViewEventRestored")
    MetricDefined: EventType[log.MetricDefined] = EventType("MetricDefined")
    MetricRevised: EventType[log.MetricRevised] = EventType("MetricRevised")
    MetricArchived: EventType[log.MetricArchived] = EventType("MetricArchived")
    IdentityWritten: EventType[log.IdentityWritten] = EventType("IdentityWritten")
    RuleWritten: EventType[log.RuleWritten] = EventType("RuleWritten")
    RuleRemoved: EventType[log.RuleRemoved] = EventType("RuleRemoved")
    WebhookReceived: EventType[log.WebhookReceived] = EventType("WebhookReceived")
    WebhookEvaluated: EventType[log.WebhookEvaluated] = EventType("WebhookEvaluated")
    WebhookDropped: EventType[log.WebhookDropped] = EventType("WebhookDropped")
    TeamFormed: EventType[log.TeamFormed] = EventType("TeamFormed")
    TeamMemberJoined: EventType[log.TeamMemberJoined] = EventType("TeamMemberJoined")
    TeamTaskAdded: EventType[log.TeamTaskAdded] = EventType("TeamTaskAdded")
    TeamTaskClaimed: EventType[log.TeamTaskClaimed] = EventType("TeamTaskClaimed")
    TeamTaskReleased: EventType[log.TeamTaskReleased] = EventType("TeamTaskReleased")
    TeamTaskCompleted: EventType[log.TeamTaskCompleted] = EventType("TeamTaskCompleted")
    TeamMessageSent: EventType[log.TeamMessageSent] = EventType("TeamMessageSent")
    TeamMessageRead: EventType[log.TeamMessageRead] = EventType("TeamMessageRead")
    TeamDisbanded: EventType[log.TeamDisbanded] = EventType("TeamDisbanded")
    ExperimentOpened: EventType[log.ExperimentOpened] = EventType("ExperimentOpened")
    ExperimentRunAdded: EventType[log.ExperimentRunAdded] = EventType("ExperimentRunAdded")
    ExperimentSettled: EventType[log.ExperimentSettled] = EventType("ExperimentSettled")
    ExperimentAbandoned: EventType[log.ExperimentAbandoned] = EventType("ExperimentAbandoned")
    ErasureRequested: EventType[log.ErasureRequested] = EventType("ErasureRequested")
    ErasureCompleted: EventType[log.ErasureCompleted] = EventType("ErasureCompleted")


class commands:
    """Every command, by aggregate."""

    class project:
        """Commands of the aggregate project."""

        create: Command[bodies.CreateProject] = Command("project/create")
        rename: Command[bodies.RenameProject] = Command("project/rename")
        delete: Command[bodies.DeleteProject] = Command("project/delete")
        link_repository: Command[bodies.LinkRepository] = Command("project/link-repository")
        set_logo: Command[bodies.SetLogo] = Command("project/set-logo")
        set_sandbox_prompt: Command[bodies.SetSandboxPrompt] = Command("project/set-sandbox-prompt")
        set_claude_md: Command[bodies.SetClaudeMd] = Command("project/set-claude-md")
        configure_session: Command[bodies.ConfigureSession] = Command("project/configure-session")
        set_env_var: Command[bodies.SetEnvVar] = Command("project/set-env-var")
        remove_env_var: Command[bodies.RemoveEnvVar] = Command("project/remove-env-var")
        set_git_author: Command[bodies.SetGitAuthor] = Command("project/set-git-author")
        set_learning_settings: Command[bodies.SetLearningSettings] = Command(
            "project/set-learning-settings"
        )
        set_merging_settings: Command[bodies.SetMergingSettings] = Command(
            "project/set-merging-settings"
        )
        set_quality_policy: Command[bodies.SetQualityPolicy] = Command("project/set-quality-policy")
        invite_member: Command[bodies.InviteMember] = Command("project/invite-member")
        accept_invitation: Command[bodies.AcceptInvitation] = Command("project/accept-invitation")
        change_member_role: Command[bodies.ChangeMemberRole] = Command("project/change-member-role")
        remove_member: Command[bodies.RemoveMember] = Command("project/remove-member")
        issue_api_key: Command[bodies.IssueApiKey] = Command("project/issue-api-key")
        revoke_api_key: Command[bodies.RevokeApiKey] = Command("project/revoke-api-key")
        seal_provider_key: Command[bodies.SealProviderKey] = Command("project/seal-provider-key")
        revoke_invitation: Command[bodies.RevokeInvitation] = Command("project/revoke-invitation")
        remove_provider_key: Command[bodies.RemoveProviderKey] = Command(
            "project/remove-provider-key"
        )
        set_folder: Command[bodies.SetFolder] = Command("project/set-folder")
        set_notification_address: Command[bodies.SetNotificationAddress] = Command(
            "project/set-notification-address"
        )
        set_member_notifications: Command[bodies.SetMemberNotifications] = Command(
            "project/set-member-notifications"
        )
        set_content_sealing: Command[bodies.SetContentSealing] = Command(
            "project/set-content-sealing"
        )

    class sandbox:
        """Commands of the aggregate sandbox."""

        create: Command[bodies.CreateSandbox] = Command("sandbox/create")
        start: Command[bodies.StartSandbox] = Command("sandbox/start")
        pause: Command[bodies.PauseSandbox] = Command("sandbox/pause")
        resume: Command[bodies.ResumeSandbox] = Command("sandbox/resume")
        kill: Command[bodies.KillSandbox] = Command("sandbox/kill")
        fail: Command[bodies.FailSandbox] = Command("sandbox/fail")
        append_message: Command[bodies.AppendMessage] = Command("sandbox/append-message")
        continue_message: Command[bodies.ContinueMessage] = Command("sandbox/continue-message")
        sync_in: Command[bodies.SyncFilesIn] = Command("sandbox/sync-in")
        sync_back: Command[bodies.SyncFilesBack] = Command("sandbox/sync-back")

    class run:
        """Commands of the aggregate run."""

        request: Command[bodies.RequestRun] = Command("run/request")
        start: Command[bodies.StartRun] = Command("run/start")
        create_branch: Command[bodies.CreateBranch] = Command("run/create-branch")
        start_step: Command[bodies.StartStep] = Command("run/start-step")
        append_step_message: Command[bodies.AppendStepMessage] = Command("run/append-step-message")
        continue_step_content: Command[bodies.ContinueStepContent] = Command(
            "run/continue-step-content"
        )
        record_tool_call: Command[bodies.RecordToolCall] = Command("run/record-tool-call")
        record_tool_result: Command[bodies.RecordToolResult] = Command("run/record-tool-result")
        record_usage: Command[bodies.RecordUsage] = Command("run/record-usage")
        issue_verdict: Command[bodies.IssueVerdict] = Command("run/issue-verdict")
        issue_scores: Command[bodies.IssueScores] = Command("run/issue-scores")
        issue_judgement: Command[bodies.IssueJudgement] = Command("run/issue-judgement")
        complete_step: Command[bodies.CompleteStep] = Command("run/complete-step")
        fail_step: Command[bodies.FailStep] = Command("run/fail-step")
        skip_step: Command[bodies.SkipStep] = Command("run/skip-step")
        iterate_loop: Command[bodies.IterateLoop] = Command("run/iterate-loop")
        force_loop_on: Command[bodies.ForceLoopOn] = Command("run/force-loop-on")
        open_pull_request: Command[bodies.OpenPullRequest] = Command("run/open-pull-request")
        update_pull_request: Command[bodies.UpdatePullRequest] = Command("run/update-pull-request")
        record_ci_checks: Command[bodies.RecordCiChecks] = Command("run/record-ci-checks")
        steer: Command[bodies.Steer] = Command("run/steer")
        fork: Command[bodies.ForkRun] = Command("run/fork")
        complete: Command[bodies.CompleteRun] = Command("run/complete")
        fail: Command[bodies.FailRun] = Command("run/fail")
        cancel: Command[bodies.CancelRun] = Command("run/cancel")
        record_unrecognised_line: Command[bodies.RecordUnrecognisedLine] = Command(
            "run/record-unrecognised-line"
        )
        record_merge: Command[bodies.RecordMerge] = Command("run/record-merge")
        await_approval: Command[bodies.AwaitApproval] = Command("run/await-approval")
        record_telemetry: Command[bodies.RecordTelemetry] = Command("run/record-telemetry")

    class learning:
        """Commands of the aggregate learning."""

        propose: Command[bodies.ProposeLearning] = Command("learning/propose")
        edit: Command[bodies.EditLearning] = Command("learning/edit")
        approve: Command[bodies.ApproveLearning] = Command("learning/approve")
        reject: Command[bodies.RejectLearning] = Command("learning/reject")
        retire: Command[bodies.RetireLearning] = Command("learning/retire")
        promote: Command[bodies.PromoteLearning] = Command("learning/promote")

    class context:
        """Commands of the aggregate context."""

        create: Command[bodies.CreateContext] = Command("context/create")
        update: Command[bodies.UpdateContext] = Command("context/update")
        activate: Command[bodies.ActivateContext] = Command("context/activate")
        archive: Command[bodies.ArchiveContext] = Command("context/archive")

    class asset:
        """Commands of the aggregate asset."""

        create: Command[bodies.CreateAsset] = Command("asset/create")
        rename: Command[bodies.RenameAsset] = Command("asset/rename")
        add_version: Command[bodies.AddAssetVersion] = Command("asset/add-version")
        publish: Command[bodies.PublishAssetVersion] = Command("asset/publish")
        activate: Command[bodies.ActivateAssetVersion] = Command("asset/activate")
        withdraw: Command[bodies.WithdrawAssetVersion] = Command("asset/withdraw")
        archive: Command[bodies.ArchiveAsset] = Command("asset/archive")
        ship: Command[bodies.ShipSkill] = Command("asset/ship")
        share: Command[bodies.ShareAsset] = Command("asset/share")

    class script_execution:
        """Commands of the aggregate script-execution."""

        start: Command[bodies.StartScript] = Command("script-execution/start")
        append_output: Command[bodies.AppendScriptOutput] = Command(
            "script-execution/append-output"
        )
        exit: Command[bodies.ExitScript] = Command("script-execution/exit")
        fail: Command[bodies.FailScript] = Command("script-execution/fail")

    class plan:
        """Commands of the aggregate plan."""

        propose: Command[bodies.ProposePlan] = Command("plan/propose")
        reword: Command[bodies.RewordPlan] = Command("plan/reword")
        add_item: Command[bodies.AddPlanItem] = Command("plan/add-item")
        edit_item: Command[bodies.EditPlanItem] = Command("plan/edit-item")
        remove_item: Command[bodies.RemovePlanItem] = Command("plan/remove-item")
        reorder: Command[bodies.ReorderPlan] = Command("plan/reorder")
        approve: Command[bodies.ApprovePlan] = Command("plan/approve")
        reject: Command[bodies.RejectPlan] = Command("plan/reject")
        convert_item: Command[bodies.ConvertPlanItem] = Command("plan/convert-item")
        complete: Command[bodies.CompletePlan] = Command("plan/complete")
        archive: Command[bodies.ArchivePlan] = Command("plan/archive")

    class issue_session:
        """Commands of the aggregate issue-session."""

        request: Command[bodies.RequestIssueSession] = Command("issue-session/request")
        start: Command[bodies.StartIssueSession] = Command("issue-session/start")
        report_issue: Command[bodies.ReportIssue] = Command("issue-session/report-issue")
        raise_point: Command[bodies.RaisePoint] = Command("issue-session/raise-point")
        convert_finding: Command[bodies.ConvertFinding] = Command("issue-session/convert-finding")
        dismiss_finding: Command[bodies.DismissFinding] = Command("issue-session/dismiss-finding")
        hand_over_points: Command[bodies.HandOverPoints] = Command("issue-session/hand-over-points")
        complete: Command[bodies.CompleteIssueSession] = Command("issue-session/complete")
        fail: Command[bodies.FailIssueSession] = Command("issue-session/fail")
        cancel: Command[bodies.CancelIssueSession] = Command("issue-session/cancel")

    class answering_session:
        """Commands of the aggregate answering-session."""

        request: Command[bodies.RequestAnsweringSession] = Command("answering-session/request")
        start: Command[bodies.StartAnsweringSession] = Command("answering-session/start")
        answer: Command[bodies.AnswerQuestion] = Command("answering-session/answer")
        leave_open: Command[bodies.LeaveQuestionOpen] = Command("answering-session/leave-open")
        complete: Command[bodies.CompleteAnsweringSession] = Command("answering-session/complete")
        pass_on: Command[bodies.PassAnswersOn] = Command("answering-session/pass-on")
        fail: Command[bodies.FailAnsweringSession] = Command("answering-session/fail")
        cancel: Command[bodies.CancelAnsweringSession] = Command("answering-session/cancel")

    class issue:
        """Commands of the aggregate issue."""

        open: Command[bodies.OpenIssue] = Command("issue/open")
        edit: Command[bodies.EditIssue] = Command("issue/edit")
        chain: Command[bodies.ChainIssue] = Command("issue/chain")
        unchain: Command[bodies.UnchainIssue] = Command("issue/unchain")
        start_run: Command[bodies.StartIssueRun] = Command("issue/start-run")
        end_run: Command[bodies.EndIssueRun] = Command("issue/end-run")
        attach_answers: Command[bodies.AttachAnswers] = Command("issue/attach-answers")
        resolve: Command[bodies.ResolveIssue] = Command("issue/resolve")
        dismiss: Command[bodies.DismissIssue] = Command("issue/dismiss")
        reopen: Command[bodies.ReopenIssue] = Command("issue/reopen")

    class work_chain:
        """Commands of the aggregate work-chain."""

        create: Command[bodies.CreateWorkChain] = Command("work-chain/create")
        add_issue: Command[bodies.AddChainIssue] = Command("work-chain/add-issue")
        remove_issue: Command[bodies.RemoveChainIssue] = Command("work-chain/remove-issue")
        reorder: Command[bodies.ReorderWorkChain] = Command("work-chain/reorder")
        start: Command[bodies.StartWorkChain] = Command("work-chain/start")
        start_run: Command[bodies.StartChainRun] = Command("work-chain/start-run")
        end_run: Command[bodies.EndChainRun] = Command("work-chain/end-run")
        skip_issue: Command[bodies.SkipChainIssue] = Command("work-chain/skip-issue")
        pause: Command[bodies.PauseWorkChain] = Command("work-chain/pause")
        resume: Command[bodies.ResumeWorkChain] = Command("work-chain/resume")
        cancel: Command[bodies.CancelWorkChain] = Command("work-chain/cancel")

    class sprint_chain:
        """Commands of the aggregate sprint-chain."""

        create: Command[bodies.CreateSprintChain] = Command("sprint-chain/create")
        set_prompt: Command[bodies.SetSprintPrompt] = Command("sprint-chain/set-prompt")
        set_advance: Command[bodies.SetSprintAdvance] = Command("sprint-chain/set-advance")
        start: Command[bodies.StartSprintChain] = Command("sprint-chain/start")
        start_sprint: Command[bodies.StartSprint] = Command("sprint-chain/start-sprint")
        end_sprint: Command[bodies.EndSprint] = Command("sprint-chain/end-sprint")
        approve: Command[bodies.ApproveSprint] = Command("sprint-chain/approve")
        skip_sprint: Command[bodies.SkipSprint] = Command("sprint-chain/skip-sprint")
        open_pull_request: Command[bodies.OpenSprintPullRequest] = Command(
            "sprint-chain/open-pull-request"
        )
        update_pull_request: Command[bodies.UpdateSprintPullRequest] = Command(
            "sprint-chain/update-pull-request"
        )
        pause: Command[bodies.PauseSprintChain] = Command("sprint-chain/pause")
        resume: Command[bodies.ResumeSprintChain] = Command("sprint-chain/resume")
        cancel: Command[bodies.CancelSprintChain] = Command("sprint-chain/cancel")

    class recurring_task:
        """Commands of the aggregate recurring-task."""

        create: Command[bodies.CreateRecurringTask] = Command("recurring-task/create")
        edit: Command[bodies.EditRecurringTask] = Command("recurring-task/edit")
        reschedule: Command[bodies.RescheduleTask] = Command("recurring-task/reschedule")
        pause: Command[bodies.PauseRecurringTask] = Command("recurring-task/pause")
        resume: Command[bodies.ResumeRecurringTask] = Command("recurring-task/resume")
        dispatch: Command[bodies.DispatchRecurringRun] = Command("recurring-task/dispatch")
        trigger_now: Command[bodies.TriggerRecurringRun] = Command("recurring-task/trigger-now")
        archive: Command[bodies.ArchiveRecurringTask] = Command("recurring-task/archive")

    class learning_document:
        """Commands of the aggregate learning-document."""

        open: Command[bodies.OpenLearningDocument] = Command("learning-document/open")
        compile: Command[bodies.CompileLearningVersion] = Command("learning-document/compile")
        activate: Command[bodies.ActivateLearningVersion] = Command("learning-document/activate")

    class routing:
        """Commands of the aggregate routing."""

        route: Command[bodies.RouteTask] = Command("routing/route")
        override: Command[bodies.OverrideRouting] = Command("routing/override")

    class review_cycle:
        """Commands of the aggregate review-cycle."""

        open: Command[bodies.OpenReview] = Command("review-cycle/open")
        score: Command[bodies.ScoreReviewCycle] = Command("review-cycle/score")
        settle: Command[bodies.SettleReview] = Command("review-cycle/settle")
        abandon: Command[bodies.AbandonReview] = Command("review-cycle/abandon")

    class trigger:
        """Commands of the aggregate trigger."""

        create: Command[bodies.CreateTrigger] = Command("trigger/create")
        configure: Command[bodies.ConfigureTrigger] = Command("trigger/configure")
        enable: Command[bodies.EnableTrigger] = Command("trigger/enable")
        disable: Command[bodies.DisableTrigger] = Command("trigger/disable")
        delete: Command[bodies.DeleteTrigger] = Command("trigger/delete")

    class firing:
        """Commands of the aggregate firing."""

        fire: Command[bodies.FireTrigger] = Command("firing/fire")
        queue: Command[bodies.QueueFiring] = Command("firing/queue")
        skip: Command[bodies.SkipFiring] = Command("firing/skip")
        deduplicate: Command[bodies.DeduplicateFiring] = Command("firing/deduplicate")
        start: Command[bodies.StartQueuedFiring] = Command("firing/start")
        drop: Command[bodies.DropQueuedFiring] = Command("firing/drop")

    class heartbeat:
        """Commands of the aggregate heartbeat."""

        start: Command[bodies.StartHeartbeat] = Command("heartbeat/start")
        summarise: Command[bodies.SummariseHeartbeat] = Command("heartbeat/summarise")
        stop: Command[bodies.StopHeartbeat] = Command("heartbeat/stop")

    class budget_pool:
        """Commands of the aggregate budget-pool."""

        open: Command[bodies.OpenBudgetPool] = Command("budget-pool/open")
        resize: Command[bodies.ResizeBudgetPool] = Command("budget-pool/resize")
        record_use: Command[bodies.RecordBudgetUse] = Command("budget-pool/record-use")
        request: Command[bodies.RequestBudget] = Command("budget-pool/request")
        withdraw: Command[bodies.WithdrawBudgetRequest] = Command("budget-pool/withdraw")
        release: Command[bodies.ReleaseBudget] = Command("budget-pool/release")
        record_evidence: Command[bodies.RecordVendorEvidence] = Command(
            "budget-pool/record-evidence"
        )
        close: Command[bodies.CloseBudgetPool] = Command("budget-pool/close")

    class brain:
        """Commands of the aggregate brain."""

        create: Command[bodies.CreateBrain] = Command("brain/create")
        write: Command[bodies.WriteBrainText] = Command("brain/write")
        record_pruning: Command[bodies.RecordBrainPruning] = Command("brain/record-pruning")

    class decision:
        """Commands of the aggregate decision."""

        log: Command[bodies.LogDecision] = Command("decision/log")
        edit: Command[bodies.EditDecision] = Command("decision/edit")
        archive: Command[bodies.ArchiveDecision] = Command("decision/archive")
        restore: Command[bodies.RestoreDecision] = Command("decision/restore")
        supersede: Command[bodies.SupersedeDecision] = Command("decision/supersede")

    class pattern:
        """Commands of the aggregate pattern."""

        note: Command[bodies.NotePattern] = Command("pattern/note")
        edit: Command[bodies.EditPattern] = Command("pattern/edit")
        archive: Command[bodies.ArchivePattern] = Command("pattern/archive")
        restore: Command[bodies.RestorePattern] = Command("pattern/restore")
        consolidate: Command[bodies.ConsolidatePattern] = Command("pattern/consolidate")
        promote: Command[bodies.PromotePattern] = Command("pattern/promote")

    class mistake:
        """Commands of the aggregate mistake."""

        log: Command[bodies.LogMistake] = Command("mistake/log")
        edit: Command[bodies.EditMistake] = Command("mistake/edit")
        archive: Command[bodies.ArchiveMistake] = Command("mistake/archive")
        restore: Command[bodies.RestoreMistake] = Command("mistake/restore")
        resolve: Command[bodies.ResolveMistake] = Command("mistake/resolve")
        reopen: Command[bodies.ReopenMistake] = Command("mistake/reopen")
        promote: Command[bodies.PromoteMistake] = Command("mistake/promote")

    class research_note:
        """Commands of the aggregate research-note."""

        write: Command[bodies.WriteResearchNote] = Command("research-note/write")
        edit: Command[bodies.EditResearchNote] = Command("research-note/edit")
        archive: Command[bodies.ArchiveResearchNote] = Command("research-note/archive")
        restore: Command[bodies.RestoreResearchNote] = Command("research-note/restore")

    class session_summary:
        """Commands of the aggregate session-summary."""

        write: Command[bodies.WriteSessionSummary] = Command("session-summary/write")
        edit: Command[bodies.EditSessionSummary] = Command("session-summary/edit")
        archive: Command[bodies.ArchiveSessionSummary] = Command("session-summary/archive")
        restore: Command[bodies.RestoreSessionSummary] = Command("session-summary/restore")

    class agent_definition:
        """Commands of the aggregate agent-definition."""

        define: Command[bodies.DefineAgent] = Command("agent-definition/define")
        revise: Command[bodies.ReviseAgent] = Command("agent-definition/revise")
        activate: Command[bodies.ActivateAgentVersion] = Command("agent-definition/activate")
        load: Command[bodies.LoadAgent] = Command("agent-definition/load")
        archive: Command[bodies.ArchiveAgent] = Command("agent-definition/archive")
        share: Command[bodies.ShareAgent] = Command("agent-definition/share")

    class session:
        """Commands of the aggregate session."""

        build: Command[bodies.BuildSession] = Command("session/build")
        start: Command[bodies.StartSession] = Command("session/start")
        steer: Command[bodies.SteerSession] = Command("session/steer")
        end: Command[bodies.EndSession] = Command("session/end")

    class notification:
        """Commands of the aggregate notification."""

        raise_: Command[bodies.RaiseNotification] = Command("notification/raise")
        record_delivery: Command[bodies.RecordDelivery] = Command("notification/record-delivery")
        record_failure: Command[bodies.RecordDeliveryFailure] = Command(
            "notification/record-failure"
        )
        read: Command[bodies.ReadNotification] = Command("notification/read")
        acknowledge: Command[bodies.AcknowledgeNotification] = Command("notification/acknowledge")

    class workflow:
        """Commands of the aggregate workflow."""

        create: Command[bodies.CreateWorkflow] = Command("workflow/create")
        rename: Command[bodies.RenameWorkflow] = Command("workflow/rename")
        define: Command[bodies.DefineWorkflow] = Command("workflow/define")
        archive: Command[bodies.ArchiveWorkflow] = Command("workflow/archive")

    class persona:
        """Commands of the aggregate persona."""

        create: Command[bodies.CreatePersona] = Command("persona/create")
        rename: Command[bodies.RenamePersona] = Command("persona/rename")
        configure: Command[bodies.ConfigurePersona] = Command("persona/configure")
        enable: Command[bodies.EnablePersona] = Command("persona/enable")
        disable: Command[bodies.DisablePersona] = Command("persona/disable")
        archive: Command[bodies.ArchivePersona] = Command("persona/archive")

    class access_log:
        """Commands of the aggregate access-log."""

        record_login: Command[bodies.RecordLogin] = Command("access-log/record-login")
        record_denial: Command[bodies.RecordDenial] = Command("access-log/record-denial")
        record_export: Command[bodies.RecordExport] = Command("access-log/record-export")
        record_read: Command[bodies.RecordRead] = Command("access-log/record-read")

    class user:
        """Commands of the aggregate user."""

        register: Command[bodies.RegisterUser] = Command("user/register")
        rename: Command[bodies.RenameUser] = Command("user/rename")
        set_password: Command[bodies.SetPassword] = Command("user/set-password")
        change_email: Command[bodies.ChangeEmail] = Command("user/change-email")
        disable: Command[bodies.DisableUser] = Command("user/disable")
        enable: Command[bodies.EnableUser] = Command("user/enable")
        appoint: Command[bodies.AppointAdministrator] = Command("user/appoint")
        dismiss: Command[bodies.DismissAdministrator] = Command("user/dismiss")

    class pass_:
        """Commands of the aggregate pass."""

        issue: Command[bodies.IssuePass] = Command("pass/issue")
        revoke: Command[bodies.RevokePass] = Command("pass/revoke")

    class view_care:
        """Commands of the aggregate view-care."""

        skip_event: Command[bodies.SkipViewEvent] = Command("view-care/skip-event")
        restore_event: Command[bodies.RestoreViewEvent] = Command("view-care/restore-event")

    class metric:
        """Commands of the aggregate metric."""

        define: Command[bodies.DefineMetric] = Command("metric/define")
        revise: Command[bodies.ReviseMetric] = Command("metric/revise")
        archive: Command[bodies.ArchiveMetric] = Command("metric/archive")

    class identity:
        """Commands of the aggregate identity."""

        write: Command[bodies.WriteIdentity] = Command("identity/write")
        write_rule: Command[bodies.WriteRule] = Command("identity/write-rule")
        remove_rule: Command[bodies.RemoveRule] = Command("identity/remove-rule")

    class webhook_delivery:
        """Commands of the aggregate webhook-delivery."""

        receive: Command[bodies.ReceiveWebhook] = Command("webhook-delivery/receive")
        evaluate: Command[bodies.EvaluateWebhook] = Command("webhook-delivery/evaluate")
        drop: Command[bodies.DropWebhook] = Command("webhook-delivery/drop")

    class team:
        """Commands of the aggregate team."""

        form: Command[bodies.FormTeam] = Command("team/form")
        join: Command[bodies.JoinTeam] = Command("team/join")
        add_task: Command[bodies.AddTeamTask] = Command("team/add-task")
        claim_task: Command[bodies.ClaimTeamTask] = Command("team/claim-task")
        release_task: Command[bodies.ReleaseTeamTask] = Command("team/release-task")
        complete_task: Command[bodies.CompleteTeamTask] = Command("team/complete-task")
        send: Command[bodies.SendTeamMessage] = Command("team/send")
        read: Command[bodies.ReadTeamMessage] = Command("team/read")
        disband: Command[bodies.DisbandTeam] = Command("team/disband")

    class experiment:
        """Commands of the aggregate experiment."""

        open: Command[bodies.OpenExperiment] = Command("experiment/open")
        add_run: Command[bodies.AddExperimentRun] = Command("experiment/add-run")
        settle: Command[bodies.SettleExperiment] = Command("experiment/settle")
        abandon: Command[bodies.AbandonExperiment] = Command("experiment/abandon")

    class erasure:
        """Commands of the aggregate erasure."""

        request: Command[bodies.RequestErasure] = Command("erasure/request")
        complete: Command[bodies.CompleteErasure] = Command("erasure/complete")
