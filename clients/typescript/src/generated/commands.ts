// Written by `cargo xtask gen`; edits are lost.

/** Body of each command, by aggregate and command. */
export interface CommandBodies {
  "project/create": CreateProject;
  "project/rename": RenameProject;
  "project/delete": DeleteProject;
  "project/link-repository": LinkRepository;
  "project/set-logo": SetLogo;
  "project/set-sandbox-prompt": SetSandboxPrompt;
  "project/set-claude-md": SetClaudeMd;
  "project/configure-session": ConfigureSession;
  "project/set-env-var": SetEnvVar;
  "project/remove-env-var": RemoveEnvVar;
  "project/set-git-author": SetGitAuthor;
  "project/set-learning-settings": SetLearningSettings;
  "project/set-merging-settings": SetMergingSettings;
  "project/set-quality-policy": SetQualityPolicy;
  "project/invite-member": InviteMember;
  "project/accept-invitation": AcceptInvitation;
  "project/change-member-role": ChangeMemberRole;
  "project/remove-member": RemoveMember;
  "project/issue-api-key": IssueApiKey;
  "project/revoke-api-key": RevokeApiKey;
  "project/seal-provider-key": SealProviderKey;
  "project/revoke-invitation": RevokeInvitation;
  "project/remove-provider-key": RemoveProviderKey;
  "project/set-folder": SetFolder;
  "project/set-notification-address": SetNotificationAddress;
  "project/set-member-notifications": SetMemberNotifications;
  "project/set-content-sealing": SetContentSealing;
  "sandbox/create": CreateSandbox;
  "sandbox/start": StartSandbox;
  "sandbox/pause": PauseSandbox;
  "sandbox/resume": ResumeSandbox;
  "sandbox/kill": KillSandbox;
  "sandbox/fail": FailSandbox;
  "sandbox/append-message": AppendMessage;
  "sandbox/continue-message": ContinueMessage;
  "sandbox/sync-in": SyncFilesIn;
  "sandbox/sync-back": SyncFilesBack;
  "run/request": RequestRun;
  "run/start": StartRun;
  "run/create-branch": CreateBranch;
  "run/start-step": StartStep;
  "run/append-step-message": AppendStepMessage;
  "run/continue-step-content": ContinueStepContent;
  "run/record-tool-call": RecordToolCall;
  "run/record-tool-result": RecordToolResult;
  "run/record-usage": RecordUsage;
  "run/issue-verdict": IssueVerdict;
  "run/issue-scores": IssueScores;
  "run/issue-judgement": IssueJudgement;
  "run/complete-step": CompleteStep;
  "run/fail-step": FailStep;
  "run/skip-step": SkipStep;
  "run/iterate-loop": IterateLoop;
  "run/force-loop-on": ForceLoopOn;
  "run/open-pull-request": OpenPullRequest;
  "run/update-pull-request": UpdatePullRequest;
  "run/record-ci-checks": RecordCiChecks;
  "run/steer": Steer;
  "run/fork": ForkRun;
  "run/complete": CompleteRun;
  "run/fail": FailRun;
  "run/cancel": CancelRun;
  "run/record-unrecognised-line": RecordUnrecognisedLine;
  "run/record-merge": RecordMerge;
  "run/await-approval": AwaitApproval;
  "run/record-telemetry": RecordTelemetry;
  "learning/propose": ProposeLearning;
  "learning/edit": EditLearning;
  "learning/approve": ApproveLearning;
  "learning/reject": RejectLearning;
  "learning/retire": RetireLearning;
  "learning/promote": PromoteLearning;
  "context/create": CreateContext;
  "context/update": UpdateContext;
  "context/activate": ActivateContext;
  "context/archive": ArchiveContext;
  "asset/create": CreateAsset;
  "asset/rename": RenameAsset;
  "asset/add-version": AddAssetVersion;
  "asset/publish": PublishAssetVersion;
  "asset/activate": ActivateAssetVersion;
  "asset/withdraw": WithdrawAssetVersion;
  "asset/archive": ArchiveAsset;
  "asset/ship": ShipSkill;
  "asset/share": ShareAsset;
  "script-execution/start": StartScript;
  "script-execution/append-output": AppendScriptOutput;
  "script-execution/exit": ExitScript;
  "script-execution/fail": FailScript;
  "plan/propose": ProposePlan;
  "plan/reword": RewordPlan;
  "plan/add-item": AddPlanItem;
  "plan/edit-item": EditPlanItem;
  "plan/remove-item": RemovePlanItem;
  "plan/reorder": ReorderPlan;
  "plan/approve": ApprovePlan;
  "plan/reject": RejectPlan;
  "plan/convert-item": ConvertPlanItem;
  "plan/complete": CompletePlan;
  "plan/archive": ArchivePlan;
  "issue-session/request": RequestIssueSession;
  "issue-session/start": StartIssueSession;
  "issue-session/report-issue": ReportIssue;
  "issue-session/raise-point": RaisePoint;
  "issue-session/convert-finding": ConvertFinding;
  "issue-session/dismiss-finding": DismissFinding;
  "issue-session/hand-over-points": HandOverPoints;
  "issue-session/complete": CompleteIssueSession;
  "issue-session/fail": FailIssueSession;
  "issue-session/cancel": CancelIssueSession;
  "answering-session/request": RequestAnsweringSession;
  "answering-session/start": StartAnsweringSession;
  "answering-session/answer": AnswerQuestion;
  "answering-session/leave-open": LeaveQuestionOpen;
  "answering-session/complete": CompleteAnsweringSession;
  "answering-session/pass-on": PassAnswersOn;
  "answering-session/fail": FailAnsweringSession;
  "answering-session/cancel": CancelAnsweringSession;
  "issue/open": OpenIssue;
  "issue/edit": EditIssue;
  "issue/chain": ChainIssue;
  "issue/unchain": UnchainIssue;
  "issue/start-run": StartIssueRun;
  "issue/end-run": EndIssueRun;
  "issue/attach-answers": AttachAnswers;
  "issue/resolve": ResolveIssue;
  "issue/dismiss": DismissIssue;
  "issue/reopen": ReopenIssue;
  "work-chain/create": CreateWorkChain;
  "work-chain/add-issue": AddChainIssue;
  "work-chain/remove-issue": RemoveChainIssue;
  "work-chain/reorder": ReorderWorkChain;
  "work-chain/start": StartWorkChain;
  "work-chain/start-run": StartChainRun;
  "work-chain/end-run": EndChainRun;
  "work-chain/skip-issue": SkipChainIssue;
  "work-chain/pause": PauseWorkChain;
  "work-chain/resume": ResumeWorkChain;
  "work-chain/cancel": CancelWorkChain;
  "sprint-chain/create": CreateSprintChain;
  "sprint-chain/set-prompt": SetSprintPrompt;
  "sprint-chain/set-advance": SetSprintAdvance;
  "sprint-chain/start": StartSprintChain;
  "sprint-chain/start-sprint": StartSprint;
  "sprint-chain/end-sprint": EndSprint;
  "sprint-chain/approve": ApproveSprint;
  "sprint-chain/skip-sprint": SkipSprint;
  "sprint-chain/open-pull-request": OpenSprintPullRequest;
  "sprint-chain/update-pull-request": UpdateSprintPullRequest;
  "sprint-chain/pause": PauseSprintChain;
  "sprint-chain/resume": ResumeSprintChain;
  "sprint-chain/cancel": CancelSprintChain;
  "recurring-task/create": CreateRecurringTask;
  "recurring-task/edit": EditRecurringTask;
  "recurring-task/reschedule": RescheduleTask;
  "recurring-task/pause": PauseRecurringTask;
  "recurring-task/resume": ResumeRecurringTask;
  "recurring-task/dispatch": DispatchRecurringRun;
  "recurring-task/trigger-now": TriggerRecurringRun;
  "recurring-task/archive": ArchiveRecurringTask;
  "learning-document/open": OpenLearningDocument;
  "learning-document/compile": CompileLearningVersion;
  "learning-document/activate": ActivateLearningVersion;
  "routing/route": RouteTask;
  "routing/override": OverrideRouting;
  "review-cycle/open": OpenReview;
  "review-cycle/score": ScoreReviewCycle;
  "review-cycle/settle": SettleReview;
  "review-cycle/abandon": AbandonReview;
  "trigger/create": CreateTrigger;
  "trigger/configure": ConfigureTrigger;
  "trigger/enable": EnableTrigger;
  "trigger/disable": DisableTrigger;
  "trigger/delete": DeleteTrigger;
  "firing/fire": FireTrigger;
  "firing/queue": QueueFiring;
  "firing/skip": SkipFiring;
  "firing/deduplicate": DeduplicateFiring;
  "firing/start": StartQueuedFiring;
  "firing/drop": DropQueuedFiring;
  "heartbeat/start": StartHeartbeat;
  "heartbeat/summarise": SummariseHeartbeat;
  "heartbeat/stop": StopHeartbeat;
  "budget-pool/open": OpenBudgetPool;
  "budget-pool/resize": ResizeBudgetPool;
  "budget-pool/record-use": RecordBudgetUse;
  "budget-pool/request": RequestBudget;
  "budget-pool/withdraw": WithdrawBudgetRequest;
  "budget-pool/release": ReleaseBudget;
  "budget-pool/record-evidence": RecordVendorEvidence;
  "budget-pool/close": CloseBudgetPool;
  "brain/create": CreateBrain;
  "brain/write": WriteBrainText;
  "brain/record-pruning": RecordBrainPruning;
  "decision/log": LogDecision;
  "decision/edit": EditDecision;
  "decision/archive": ArchiveDecision;
  "decision/restore": RestoreDecision;
  "decision/supersede": SupersedeDecision;
  "pattern/note": NotePattern;
  "pattern/edit": EditPattern;
  "pattern/archive": ArchivePattern;
  "pattern/restore": RestorePattern;
  "pattern/consolidate": ConsolidatePattern;
  "pattern/promote": PromotePattern;
  "mistake/log": LogMistake;
  "mistake/edit": EditMistake;
  "mistake/archive": ArchiveMistake;
  "mistake/restore": RestoreMistake;
  "mistake/resolve": ResolveMistake;
  "mistake/reopen": ReopenMistake;
  "mistake/promote": PromoteMistake;
  "research-note/write": WriteResearchNote;
  "research-note/edit": EditResearchNote;
  "research-note/archive": ArchiveResearchNote;
  "research-note/restore": RestoreResearchNote;
  "session-summary/write": WriteSessionSummary;
  "session-summary/edit": EditSessionSummary;
  "session-summary/archive": ArchiveSessionSummary;
  "session-summary/restore": RestoreSessionSummary;
  "agent-definition/define": DefineAgent;
  "agent-definition/revise": ReviseAgent;
  "agent-definition/activate": ActivateAgentVersion;
  "agent-definition/load": LoadAgent;
  "agent-definition/archive": ArchiveAgent;
  "agent-definition/share": ShareAgent;
  "session/build": BuildSession;
  "session/start": StartSession;
  "session/steer": SteerSession;
  "session/end": EndSession;
  "notification/raise": RaiseNotification;
  "notification/record-delivery": RecordDelivery;
  "notification/record-failure": RecordDeliveryFailure;
  "notification/read": ReadNotification;
  "notification/acknowledge": AcknowledgeNotification;
  "workflow/create": CreateWorkflow;
  "workflow/rename": RenameWorkflow;
  "workflow/define": DefineWorkflow;
  "workflow/archive": ArchiveWorkflow;
  "persona/create": CreatePersona;
  "persona/rename": RenamePersona;
  "persona/configure": ConfigurePersona;
  "persona/enable": EnablePersona;
  "persona/disable": DisablePersona;
  "persona/archive": ArchivePersona;
  "access-log/record-login": RecordLogin;
  "access-log/record-denial": RecordDenial;
  "access-log/record-export": RecordExport;
  "access-log/record-read": RecordRead;
  "user/register": RegisterUser;
  "user/rename": RenameUser;
  "user/set-password": SetPassword;
  "user/change-email": ChangeEmail;
  "user/disable": DisableUser;
  "user/enable": EnableUser;
  "user/appoint": AppointAdministrator;
  "user/dismiss": DismissAdministrator;
  "pass/issue": IssuePass;
  "pass/revoke": RevokePass;
  "view-care/skip-event": SkipViewEvent;
  "view-care/restore-event": RestoreViewEvent;
  "metric/define": DefineMetric;
  "metric/revise": ReviseMetric;
  "metric/archive": ArchiveMetric;
  "identity/write": WriteIdentity;
  "identity/write-rule": WriteRule;
  "identity/remove-rule": RemoveRule;
  "webhook-delivery/receive": ReceiveWebhook;
  "webhook-delivery/evaluate": EvaluateWebhook;
  "webhook-delivery/drop": DropWebhook;
  "team/form": FormTeam;
  "team/join": JoinTeam;
  "team/add-task": AddTeamTask;
  "team/claim-task": ClaimTeamTask;
  "team/release-task": ReleaseTeamTask;
  "team/complete-task": CompleteTeamTask;
  "team/send": SendTeamMessage;
  "team/read": ReadTeamMessage;
  "team/disband": DisbandTeam;
  "experiment/open": OpenExperiment;
  "experiment/add-run": AddExperimentRun;
  "experiment/settle": SettleExperiment;
  "experiment/abandon": AbandonExperiment;
  "erasure/request": RequestErasure;
  "erasure/complete": CompleteErasure;
}

/** Ends the experiment without a winner. */
export interface AbandonExperiment {
  /** Why; 1 byte to 512 KiB. */
  reason: string;
}

/** Ends a review without a decision. */
export interface AbandonReview {
  /** Why. */
  reason: string;
}

/** Takes an open invitation up. */
export interface AcceptInvitation {
  /** The new member's e-mail address, as far as it was verified; it must be the invited one. */
  email?: string | null;
  /** The invitation. */
  invitation: InvitationId;
  /** The new member. */
  user: UserId;
}

/** Records that somebody took care of it. */
export interface AcknowledgeNotification {
  /** A word about it; one line. */
  note?: string | null;
}

/** Puts another version in force, such as to revert. */
export interface ActivateAgentVersion {
  /** A version there is, other than the active one. */
  version: number;
}

/** Puts another published version in force, such as to revert. */
export interface ActivateAssetVersion {
  /** A published version other than the active one. */
  version: number;
}

/** Puts another version in force, such as to revert. */
export interface ActivateContext {
  /** A version there is, other than the active one. */
  version: number;
}

/** Puts another version in force, such as to revert. */
export interface ActivateLearningVersion {
  /** A version there is, other than the active one. */
  version: number;
}

/** Writes the next version, of the same kind. */
export interface AddAssetVersion {
  /** What it holds. */
  content: AssetContent;
  /** Why it is written; one line. */
  note?: string | null;
}

/** Adds an issue at the end. */
export interface AddChainIssue {
  /** The issue. */
  issue: IssueId;
}

/** Records that a run tries a configuration; each run once, at most 200. */
export interface AddExperimentRun {
  /** The run. */
  run: RunId;
  /** The variant's name. */
  variant: string;
}

/** Adds an item at the end of a proposed plan. */
export interface AddPlanItem {
  /** What is to be done. */
  text: IssueText;
}

/** Puts a task on the list; it gets the next number, up to 1,000. */
export interface AddTeamTask {
  /** Tasks that come before it, each once. */
  after?: Array<number>;
  /** Whose it is; anybody's where absent. */
  role?: AgentRole | null;
  /** What is to be done; 1 byte to 64 KiB. */
  text: string;
}

/** How a chain goes from one sprint to the next. */
export type Advance = "automatic" | "manual";

export type AgentDefinitionId = string;

/** The job of an agent in the autonomous stack. */
export type AgentRole = "scout" | "architect" | "builder" | "reviewer" | "team-lead" | "memory-janitor" | "initializer";

/** What is made of the items of a group. */
export type Aggregation = "count" | "sum" | "mean" | "rate" | "per" | "p50" | "p90" | "p99" | "composite";

/** Answers a question, or answers it anew. */
export interface AnswerQuestion {
  /** The answer; 1 byte to 64 KiB. */
  answer: string;
  /** How sure the answerer is, 0 to 1. */
  confidence?: Share | null;
  /** The person; only where it is one. */
  person?: UserId | null;
  /** Its number. */
  question: number;
  /** Why so; at most 64 KiB. */
  rationale?: string | null;
  /** Who answers. */
  source: AnswerSource;
}

/** Who gave an answer. */
export type AnswerSource = "agent" | "human";

export type AnsweringSessionId = string;

export type ApiKeyId = string;

/** Records a message. A text over 512 KiB goes in parts, `more` on all but the last. */
export interface AppendMessage {
  /** What was said. */
  content: string;
  /** The message; a new id. */
  message: MessageId;
  /** Whether more parts follow. */
  more?: boolean;
  /** Who speaks. */
  role: MessageRole;
  /** The agent's raw output behind it; at most 512 KiB together with `content`. */
  stream_log?: string | null;
}

/** Records what it wrote; a text over 512 KiB goes in parts. */
export interface AppendScriptOutput {
  /** What. */
  content: string;
  /** Where to. */
  stream: OutputStream;
}

/** Records a message. A text over 512 KiB goes in parts, `more` on all but the last. */
export interface AppendStepMessage {
  /** What was said. */
  content: string;
  /** The message; a new id. */
  message: MessageId;
  /** Whether more parts follow. */
  more?: boolean;
  /** Who speaks. */
  role: MessageRole;
  /** The step. */
  step: StepId;
  /** Why the agent stopped here, in its own word. */
  stop_reason?: string | null;
  /** The agent's thinking, where it was shown. */
  thinking?: string | null;
}

/** Lets them manage the installation. */
export type AppointAdministrator = Record<string, unknown>;

/** Lets a learning that waits for review apply. */
export interface ApproveLearning {
  /** A word of the reviewer. */
  note?: string | null;
  /** Who reviewed it. */
  reviewer?: UserId | null;
}

/** Lets a proposed plan be carried out. */
export interface ApprovePlan {
  /** In words. */
  note?: string | null;
}

/** Approves what the sprint did, and lets the next be due. */
export interface ApproveSprint {
  /** Who. */
  approver?: UserId | null;
  /** In words. */
  note?: string | null;
}

/** Takes it out of use, for good. */
export type ArchiveAgent = Record<string, unknown>;

/** Takes the asset out of use, for good. */
export type ArchiveAsset = Record<string, unknown>;

/** Takes the context out of use, for good. */
export type ArchiveContext = Record<string, unknown>;

/** Takes it out of its file. */
export interface ArchiveDecision {
  /** Why; one line. */
  reason?: string | null;
}

/** Takes it out of use. */
export type ArchiveMetric = Record<string, unknown>;

/** Takes it out of its file. */
export interface ArchiveMistake {
  /** Why; one line. */
  reason?: string | null;
}

/** Takes it out of its file. */
export interface ArchivePattern {
  /** Why; one line. */
  reason?: string | null;
}

/** Takes it out of use, for good. */
export type ArchivePersona = Record<string, unknown>;

/** Puts a plan away, whatever its state. */
export interface ArchivePlan {
  /** Why. */
  reason?: string | null;
}

/** Puts a task away, for good. */
export interface ArchiveRecurringTask {
  /** Why. */
  reason?: string | null;
}

/** Takes it out of its file. */
export interface ArchiveResearchNote {
  /** Why; one line. */
  reason?: string | null;
}

/** Takes it out of its file. */
export interface ArchiveSessionSummary {
  /** Why; one line. */
  reason?: string | null;
}

/** Takes it out of use, for good. */
export type ArchiveWorkflow = Record<string, unknown>;

/** What a version holds. */
export type AssetContent = { skill: { files: Array<SkillFile> } } | { command: { expression: string } } | { script: { language: ScriptLanguage; moment: ScriptMoment; source: string } };

export type AssetId = string;

/** Hands it the answers of a session, for the runs to come. */
export interface AttachAnswers {
  /** The session that gave them. */
  answering_session: AnsweringSessionId;
}

/** Records that the agent waits until somebody approves or denies a call. */
export interface AwaitApproval {
  /** Its arguments, as JSON text. */
  arguments: string;
  /** The agent's id of the call, which does not wait yet. */
  call_id: string;
  /** The step. */
  step: StepId;
  /** The tool's name. */
  tool: string;
}

/** Who shows it. Variants are stored by number: append, never reorder. */
export type Bearer = { person: { user: UserId } } | { agent: { project: ProjectId; run: RunId; step?: StepId | null } };

/** What the loop looked at and what came of it. */
export interface Beats {
  /** Triggers looked at, over all rounds. */
  checked: number;
  /** Firings that repeated another. */
  deduplicated: number;
  /** Firings that started work, queued ones that were started included. */
  fired: number;
  /** Firings that were queued. */
  queued: number;
  /** Firings that were skipped. */
  skipped: number;
  /** Rounds of the loop. */
  ticks: number;
}

export type BudgetPoolId = string;

export type BudgetRequestId = string;

/** Records how a session is put together. Automated ones name the firing that started them; each is a step of a run. */
export interface BuildSession {
  /** The firing that started it; required for `team` and `standalone`. */
  firing?: FiringId | null;
  /** What ends it: 1,000 to 86,400,000 ms. */
  limits: SessionLimits;
  /** How it came about. */
  mode: SessionMode;
  /** What it is put together from: in the versions of its run, else in those in force. */
  parts: SessionParts;
  /** The project it belongs to. */
  project: ProjectId;
  /** The session that it goes on from; one that has ended. */
  resumes?: SessionId | null;
  /** The run it is part of: a session by itself has a run of source `sandbox`. */
  run: RunId;
  /** The sandbox it runs in; none where it runs directly. */
  sandbox?: SandboxId | null;
  /** The step of that run, whose history has what is said, called and used. */
  step: StepId;
}

/** Ends the session on somebody's wish. */
export interface CancelAnsweringSession {
  /** Why. */
  reason?: string | null;
}

/** Ends the session on somebody's wish. */
export interface CancelIssueSession {
  /** Why. */
  reason?: string | null;
}

/** Ends the run on somebody's wish; a running step is aborted. */
export interface CancelRun {
  /** Why. */
  reason?: string | null;
}

/** Ends the chain. */
export interface CancelSprintChain {
  /** Why. */
  reason?: string | null;
}

/** Ends the chain. */
export interface CancelWorkChain {
  /** Why. */
  reason?: string | null;
}

/** A judge's note on one candidate. */
export interface CandidateNote {
  /** The candidate, as listed. */
  candidate: string;
  /** What the judge says of it. */
  note: string;
}

/** Puts an open issue into a work chain. */
export interface ChainIssue {
  /** The chain. */
  chain: WorkChainId;
}

/** Gives them another address. */
export interface ChangeEmail {
  /** The address; nobody else may have it. */
  email: string;
}

/** Gives a member another role; the last owner stays owner. */
export interface ChangeMemberRole {
  /** The role from now on. */
  role: MemberRole;
  /** The member. */
  user: UserId;
}

/** Way of a notification to people. */
export type Channel = "webhook" | "desktop" | "dashboard";

/** One check of continuous integration. */
export interface CiCheck {
  /** Where its details are. */
  details_url?: string | null;
  /** The check's name. */
  name: string;
  /** How it stands. */
  status: CiStatus;
}

/** How continuous integration stands. */
export type CiStatus = "pending" | "running" | "passing" | "failing" | "skipped";

/** Lets a member take a task that nobody has, once all tasks before it are done. */
export interface ClaimTeamTask {
  /** The member, of the task's role. */
  session: SessionId;
  /** The task. */
  task: number;
}

/** Closes a pool, for good. */
export type CloseBudgetPool = Record<string, unknown>;

/** Fires on a command. */
export interface CommandCondition {
  /** The command's name. */
  name: string;
}

/** How a field stands to a value. */
export type Comparison = "is" | "is_not" | "at_least" | "at_most";

/** Compiles the next version and puts it in force. No approved learning of the version before is lost: it is included, or left out by name. */
export interface CompileLearningVersion {
  /** Approved learnings that apply to the role, global ones of other projects among them: at most 200, each once, in any order. */
  learnings: Array<LearningId>;
  /** Approved learnings that it does without: at most 200, each once, none that it includes. */
  leaves_out?: Array<LeftOut> | null;
  /** Why it is compiled; one line. */
  note?: string | null;
}

/** Ends the session; every question must be answered or left open. */
export type CompleteAnsweringSession = Record<string, unknown>;

/** Records that they are destroyed. */
export interface CompleteErasure {
  /** The keys, as requested. */
  keys: Array<DataKeyId>;
}

/** Ends the session as intended. */
export interface CompleteIssueSession {
  /** What came out of it. */
  summary?: string | null;
}

/** Ends an approved plan of which every item is an issue. */
export type CompletePlan = Record<string, unknown>;

/** Ends the run as intended; no step may be running. */
export interface CompleteRun {
  /** What came out of it. */
  summary?: string | null;
}

/** Ends the running step as intended. */
export interface CompleteStep {
  /** What it hands on, where that is not its last message. */
  output?: string | null;
  /** The step. */
  step: StepId;
}

/** Records that a task is done. */
export interface CompleteTeamTask {
  /** What came out of it; at most 64 KiB. */
  result?: string;
  /** The member who has it. */
  session: SessionId;
  /** The task. */
  task: number;
}

/** When a trigger fires. Stored by number: append, never reorder. */
export type Condition = { cron: CronCondition } | { webhook: WebhookCondition } | { command: CommandCondition } | { file_change: FileChangeCondition } | { stalled: StalledCondition };

/** Sets it up anew: the whole configuration is replaced and gets the next version. */
export interface ConfigurePersona {
  /** What it is set up with. */
  configuration: PersonaSettings;
  /** Why it changes; one line. */
  note?: string | null;
}

/** Sets one kind of session up anew; everything earlier is replaced. */
export interface ConfigureSession {
  /** Commands it may use; at most 1,000. */
  commands?: Array<AssetId>;
  /** The context it works under. */
  context?: ContextId | null;
  /** How hard that model is asked to think. */
  default_effort?: Effort | null;
  /** Its model, where nothing else is said. */
  default_model?: string | null;
  /** Scripts that run around it; at most 1,000. */
  scripts?: Array<AssetId>;
  /** The kind of session. */
  session: SessionType;
  /** Shell commands that run before it, in order; at most 512 KiB together. */
  setup_commands?: Array<string>;
  /** Skills it may use; at most 1,000. */
  skills?: Array<AssetId>;
}

/** Replaces name, condition and work. */
export interface ConfigureTrigger {
  /** When it fires. */
  condition: Condition;
  /** A short name for lists. */
  name: string;
  /** What it starts. */
  work: TriggeredWork;
}

/** Lets another pattern stand for both, and archives this one. */
export interface ConsolidatePattern {
  /** The pattern that stands for both. */
  into: PatternId;
}

/** Whether prompts and messages are sealed, and under whose key. Variants are stored by number. */
export type ContentSealing = "off" | "project" | "person";

export type ContextId = string;

/** Records a further part of the message that was left open. */
export interface ContinueMessage {
  /** The next part. */
  content: string;
  /** The message. */
  message: MessageId;
  /** Whether more parts follow. */
  more?: boolean;
}

/** Records a further part of the message or tool output that was left open. */
export interface ContinueStepContent {
  /** The next part. */
  content: string;
  /** Whether more parts follow. */
  more?: boolean;
  /** The message's id, or the tool call's. */
  of: string;
  /** The step. */
  step: StepId;
}

/** Records that a finding has become an issue. */
export interface ConvertFinding {
  /** Its number. */
  finding: number;
  /** The issue, opened before. */
  issue: IssueId;
}

/** Records that an item of an approved plan has become an issue. */
export interface ConvertPlanItem {
  /** The issue, opened before. */
  issue: IssueId;
  /** Its number. */
  item: number;
}

/** Makes an asset with its version 1, not yet published. */
export interface CreateAsset {
  /** What it holds; this decides what kind of asset it is. */
  content: AssetContent;
  /** What it is good for; at most 16 KiB. */
  description?: string;
  /** Its name. Of a command: letters, digits, `.`, `_` and `-`, for agents call it so. */
  name: string;
  /** The project it belongs to. */
  project: ProjectId;
}

/** Gives a project a brain. */
export interface CreateBrain {
  /** The project it belongs to. */
  project: ProjectId;
  /** Whether it begins with the files that come with the program. */
  template?: boolean;
}

/** Records the run's branch. */
export interface CreateBranch {
  /** The branch it leaves from. */
  base_branch: string;
  /** The new branch. */
  branch: string;
}

/** Makes a context, with its version 1. */
export interface CreateContext {
  /** What the session's CLAUDE.md says. */
  claude_md?: string;
  /** A short name for lists. */
  name: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** The kind of session it is for. */
  session: SessionType;
  /** What the session's system prompt says; at most 512 KiB together with `claude_md`. */
  system_prompt?: string;
}

/** Makes a persona, enabled, with its version 1. */
export interface CreatePersona {
  /** What it is set up with. */
  configuration: PersonaSettings;
  /** What people call it. */
  name: string;
  /** The project it belongs to. */
  project: ProjectId;
}

/** Makes a project. */
export interface CreateProject {
  /** Where its logo is; an http or https URL without credentials. */
  logo_url?: string | null;
  /** Its name on screen. */
  name: string;
  /** Who owns it; becomes its first member. */
  owner?: UserId | null;
  /** Where its code is; an http or https URL without credentials. */
  repository_url?: string | null;
  /** Its name in URLs: 1 to 63 of a-z, 0-9 and single hyphens. */
  slug: string;
}

/** Makes a task. */
export interface CreateRecurringTask {
  /** No run is due up to this time: now, or a later start. 1970 to 2099. */
  after: Timestamp;
  /** What becomes of runs whose time passed; `skip` where absent. */
  missed?: MissedRuns | null;
  /** A short name. */
  name: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** What its runs are to do; 1 byte to 64 KiB. */
  prompt: string;
  /** When. */
  schedule: Schedule;
  /** The workflow that its runs follow. */
  workflow?: WorkflowId | null;
}

/** Creates a sandbox. What is left out takes its default. */
export interface CreateSandbox {
  /** The model of checkers, where not the default. */
  checker_model?: string | null;
  /** Its CPUs, 1 to 8; 2 where absent. */
  cpus?: number | null;
  /** The model of designers, where not the default. */
  designer_model?: string | null;
  /** How hard each model is asked to think; each model once. */
  efforts?: Array<[string, Effort]>;
  /** Its memory, 256 to 8,192 MB; 2,048 where absent. */
  memory_mb?: number | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** Who provides it, such as `local` or `e2b`. */
  provider?: string | null;
  /** The run it works for, which may be requested later; none for a direct session. */
  run?: RunId | null;
  /** The template it is made from; `default` where absent. */
  template_id?: string | null;
  /** How long it may live, 60,000 to 14,400,000 ms; 3,600,000 where absent. */
  timeout_ms?: number | null;
}

/** Makes a chain. */
export interface CreateSprintChain {
  /** How it goes from one sprint to the next; `automatic` where absent. */
  advance?: Advance | null;
  /** Most tries of one sprint, 2 to 10 where failures are tried again; 2 where absent. */
  attempts_max?: number | null;
  /** The branch that each sprint's leaves from; the default one where absent. */
  base_branch?: string | null;
  /** What a sprint is to do that has no prompt of its own; 1 byte to 64 KiB. */
  default_prompt: string;
  /** What a failed run leads to; `pause` where absent. */
  on_failure?: FailurePolicy | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** Prompts of single sprints; each sprint once, together at most 512 KiB. */
  prompts?: Array<SprintPrompt>;
  /** How many sprints there are, 1 to 100. */
  sprints: number;
  /** A short name. */
  title: string;
  /** The workflow that every sprint runs. */
  workflow?: WorkflowId | null;
}

/** Makes a trigger, enabled. */
export interface CreateTrigger {
  /** When it fires. */
  condition: Condition;
  /** A short name for lists. */
  name: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** What it starts. */
  work: TriggeredWork;
}

/** Makes a chain. */
export interface CreateWorkChain {
  /** Most tries of one issue, 2 to 10 where failures are tried again; 2 where absent. */
  attempts_max?: number | null;
  /** The branch that one leaves from; the default one where absent. */
  base_branch?: string | null;
  /** The branch that every run works on. */
  branch: string;
  /** The issues, in order: 1 to 500, each once. */
  issues: Array<IssueId>;
  /** What a failed run leads to; `pause` where absent. */
  on_failure?: FailurePolicy | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** A short name. */
  title: string;
}

/** Makes a workflow, with its version 1. Every persona it names must be enabled. */
export interface CreateWorkflow {
  /** What it is. */
  definition: WorkflowSettings;
  /** What it is good for; at most 512 KiB together with the instructions. */
  description?: string;
  /** What people call it. */
  name: string;
  /** The project it belongs to. */
  project: ProjectId;
}

/** Fires by the clock. */
export interface CronCondition {
  /** Minute, hour, day of month, month, day of week. */
  expression: string;
  /** IANA time zone, such as `Europe/Berlin`. */
  timezone: string;
}

export type DataKeyId = string;

export type Date = string;

export type DecisionId = string;

/** Records that a trigger's condition held on what had fired already. */
export interface DeduplicateFiring {
  /** When and on what. */
  occasion: Occasion;
  /** The firing that it repeats; one of the same trigger. */
  of: FiringId;
}

/** Defines an agent by its file. */
export interface DefineAgent {
  /** The project it belongs to. */
  project: ProjectId;
  /** The file: front matter and prompt, at most 200 KiB. */
  text: string;
}

/** Defines a metric. */
export interface DefineMetric {
  /** How it is made. */
  definition: MetricDefinition;
  /** Its name: a slug, one of the project's metrics. */
  name: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** What it tells; one line. */
  summary: string;
}

/** Defines it anew: the whole definition is replaced and gets the next version. */
export interface DefineWorkflow {
  /** What it is. */
  definition: WorkflowSettings;
  /** Why it changes; one line. */
  note?: string | null;
}

/** Deletes it: it takes no further commands, its history stays. */
export type DeleteProject = Record<string, unknown>;

/** Takes a trigger away, for good. */
export type DeleteTrigger = Record<string, unknown>;

/** Why somebody was turned away. */
export type DenialReason = "unknown" | "password" | "limited" | "forbidden" | "hidden";

/** Takes it out of pickers; it starts no step until it is enabled. */
export type DisablePersona = Record<string, unknown>;

/** Keeps a trigger from firing. */
export interface DisableTrigger {
  /** Why; one line. */
  reason?: string | null;
}

/** Keeps them out, and ends what they are logged in with. */
export interface DisableUser {
  /** Why. */
  reason?: string | null;
}

/** Ends the team. */
export interface DisbandTeam {
  /** Why; 1 byte to 64 KiB. */
  reason: string;
}

/** Lets them manage the installation no longer. */
export type DismissAdministrator = Record<string, unknown>;

/** Says that a finding is none. */
export interface DismissFinding {
  /** Its number. */
  finding: number;
  /** Why. */
  reason: string;
}

/** Says that it will not be done. */
export interface DismissIssue {
  /** Why. */
  reason: string;
}

/** Dispatches the run that is due. Runs whose time passed are left out or made up for, as the task says: a run that is left out needs none, and `run` is then not used. */
export interface DispatchRecurringRun {
  /** What time it is. */
  at: Timestamp;
  /** The run; requested under this id, once it is dispatched. */
  run: RunId;
}

/** Gives queued work up. */
export interface DropQueuedFiring {
  /** Why. */
  reason: string;
}

/** Gives a delivery up. */
export interface DropWebhook {
  /** Why; 1 byte to 512 KiB. */
  reason: string;
}

/** Replaces its words. */
export interface EditDecision {
  /** What was not chosen, and why. */
  alternatives?: string;
  /** What was decided; at most 512 KiB together. */
  decision?: string;
  /** Why. */
  rationale?: string;
  /** A short name for lists; one line. */
  title: string;
}

/** Rewords an issue that nobody works on; every field is replaced. */
export interface EditIssue {
  /** What is to be done. */
  text: IssueText;
}

/** Rewords a learning that waits for review; every field is replaced. */
export interface EditLearning {
  /** What it is about. */
  category: LearningCategory;
  /** How sure its author is, 0 to 1. */
  confidence: Share;
  /** What to do then; 1 byte to 64 KiB. */
  correct_behaviour: string;
  /** What was learned; 1 byte to 64 KiB. */
  description: string;
  /** The roles it applies to, each once; every role where absent. */
  roles?: Array<Role>;
  /** How much it matters. */
  severity: Severity;
  /** When it applies; 1 byte to 64 KiB. */
  trigger: string;
}

/** Replaces its words. */
export interface EditMistake {
  /** What was tried; at most 512 KiB together. */
  attempt?: string;
  /** Why it failed. */
  failure?: string;
  /** What to do instead. */
  instead?: string;
  /** A short name for lists; one line. */
  title: string;
}

/** Replaces its words. */
export interface EditPattern {
  /** Where it is seen. */
  example?: string;
  /** How things are done here; at most 512 KiB together. */
  pattern?: string;
  /** A short name for lists; one line. */
  title: string;
}

/** Rewords an item of a proposed plan; every field is replaced. */
export interface EditPlanItem {
  /** Its number. */
  item: number;
  /** What is to be done. */
  text: IssueText;
}

/** Changes what it does; every field is replaced. */
export interface EditRecurringTask {
  /** A short name. */
  name: string;
  /** What its runs are to do; 1 byte to 64 KiB. */
  prompt: string;
  /** The workflow that its runs follow. */
  workflow?: WorkflowId | null;
}

/** Replaces its words. */
export interface EditResearchNote {
  /** What was found; at most 512 KiB together. */
  findings?: string;
  /** Where, one source a line. */
  sources?: string;
  /** A short name for lists; one line. */
  title: string;
}

/** Replaces its words. */
export interface EditSessionSummary {
  /** What was done; at most 512 KiB together. */
  done?: string;
  /** What was learned. */
  learned?: string;
  /** What comes next. */
  next?: string;
  /** A short name for lists; one line. */
  title: string;
}

/** How hard a model is asked to think. */
export type Effort = "off" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

/** Offers it again. */
export type EnablePersona = Record<string, unknown>;

/** Lets a disabled trigger fire again. */
export type EnableTrigger = Record<string, unknown>;

/** Lets them in again. */
export type EnableUser = Record<string, unknown>;

/** Records that this run ended; the chain advances, tries again, pauses or ends. */
export interface EndChainRun {
  /** How it ended. */
  outcome: RunOutcome;
  /** The run at work. */
  run: RunId;
}

/** Records that this run ended. */
export interface EndIssueRun {
  /** How it ended. */
  outcome: RunOutcome;
  /** The run at work. */
  run: RunId;
}

/** Records that it ended. */
export interface EndSession {
  /** How. */
  end: SessionEnd;
  /** In words; one line. */
  note?: string | null;
}

/** Records that this run ended; the chain advances, waits, tries again, pauses or ends. */
export interface EndSprint {
  /** How it ended. */
  outcome: RunOutcome;
  /** The run at work. */
  run: RunId;
}

/** Value of an environment variable. Variants are stored by number: append, never reorder. */
export type EnvValue = { plain: { value: string } } | { sealed: { sealed: Sealed } };

/** Records that triggers were asked. */
export interface EvaluateWebhook {
  /** Their firings, each once; at most 100. */
  firings: Array<FiringId>;
}

/** Records that it ended by itself. */
export interface ExitScript {
  /** How long it took, in milliseconds. */
  duration_ms?: number | null;
  /** Its exit code. */
  exit_code: number;
}

/** Ends the session by a failure. */
export interface FailAnsweringSession {
  /** In words. */
  error: string;
}

/** Ends the session by a failure. */
export interface FailIssueSession {
  /** In words. */
  error: string;
}

/** Ends the run by a failure; a running step fails with it. */
export interface FailRun {
  /** In words. */
  error: string;
}

/** Records that it broke while it was created or running. */
export interface FailSandbox {
  /** In words. */
  error: string;
}

/** Records that it never started, or was ended from outside. */
export interface FailScript {
  /** In words. */
  error: string;
}

/** Ends the running step by a failure of the machinery. */
export interface FailStep {
  /** In words. */
  error: string;
  /** What kind of failure. */
  failure: StepFailure;
  /** The step. */
  step: StepId;
}

/** What a chain does when a run fails. */
export type FailurePolicy = "pause" | "continue" | "retry" | "stop";

/** Fires when files change and then rest. */
export interface FileChangeCondition {
  /** How long files must rest, 100 to 3,600,000 ms. */
  debounce_ms: number;
  /** Glob patterns, relative to the project's folder. */
  paths: Array<string>;
}

/** Records that a trigger fired and what it started. */
export interface FireTrigger {
  /** When and on what. */
  occasion: Occasion;
  /** What is started: a run or a session at least. */
  started: StartedWork;
}

export type FiringId = string;

/** Lets the run go on although a loop never passed. */
export interface ForceLoopOn {
  /** Iterations that were made. */
  iterations: number;
  /** The loop. */
  loop_id: LoopId;
}

/** Records that another run is made from this one. */
export interface ForkRun {
  /** The step after which they part. */
  after_step?: StepId | null;
  /** The new run. */
  into: RunId;
}

/** Forms a team. */
export interface FormTeam {
  /** The firing that it comes from. */
  firing?: FiringId | null;
  /** What it is to reach; 1 byte to 64 KiB. */
  goal: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** The run that its sessions are steps of. */
  run?: RunId | null;
}

/** How often, and at which time of the day. */
export type Frequency = { daily: { hour: number; minute: number } } | { every_other_day: { anchor: Date; hour: number; minute: number } } | { weekly: { hour: number; minute: number; weekday: Weekday } } | { biweekly: { anchor: Date; hour: number; minute: number; weekday: Weekday } } | { monthly: { day: number; hour: number; minute: number } } | { cron: { text: string } };

/** Hands points to an answering session; a point may be handed over again. */
export interface HandOverPoints {
  /** That session, requested before. */
  answering_session: AnsweringSessionId;
  /** The points' numbers, each once. */
  points: Array<number>;
}

export type InvitationId = string;

/** Invites somebody by e-mail. */
export interface InviteMember {
  /** Where it goes; without an open invitation so far. */
  email: string;
  /** The invitation; a new id. */
  invitation: InvitationId;
  /** What the member will be. */
  role: MemberRole;
}

/** Makes an API key work. Only the secret's digest is sent. */
export interface IssueApiKey {
  /** When it stops working. */
  expires_at?: Timestamp | null;
  /** The key; a new id. */
  key: ApiKeyId;
  /** What people call it. */
  name: string;
  /** What it may do; at least one scope, each once. */
  scopes: Array<string>;
  /** SHA-256 of the secret, 64 lower-case hex digits. */
  secret_sha256: string;
}

export type IssueId = string;

/** Issues a judge's comparison. */
export interface IssueJudgement {
  /** Runs or branches compared; at least 2, each once. */
  candidates: Array<string>;
  /** Notes per candidate. */
  notes?: Array<CandidateNote>;
  /** Why. */
  rationale: string;
  /** The judge's step. */
  step: StepId;
  /** One of the candidates. */
  winner: string;
}

/** Where an issue came from. */
export type IssueOrigin = "hand" | { session: { finding: number; session: IssueSessionId } } | { plan: { item: number; plan: PlanId } };

/** Makes a pass work. Only the secret's digest is sent. */
export interface IssuePass {
  /** Who shows it. */
  bearer: Bearer;
  /** When it ends. */
  expires_at: Timestamp;
  /** SHA-256 of the secret, 64 lower-case hex digits. */
  secret_sha256: string;
}

/** Issues an evaluator's scores; the composite is computed here. */
export interface IssueScores {
  /** The five dimensions. */
  scores: QualityScores;
  /** The evaluator's step. */
  step: StepId;
  /** In words. */
  summary?: string;
  /** The threshold in force; the persona's where absent, then that of the project's policy. */
  threshold?: Score | null;
  /** The weights in force; those of the project's policy where absent, and equal ones without a policy. */
  weights?: QualityWeights | null;
}

export type IssueSessionId = string;

/** What is to be done; of an issue, a finding or an item of a plan. */
export interface IssueText {
  /** What is wrong or wanted. */
  description: string;
  /** How urgent it is. */
  priority: Priority;
  /** What to ask an agent for. */
  suggested_prompt: string;
  /** A short name. */
  title: string;
}

/** Issues a checker's or reviewer's verdict. */
export interface IssueVerdict {
  /** What to do better. */
  feedback?: string;
  /** Whether the work passes. */
  pass: boolean;
  /** The checker's step. */
  step: StepId;
}

/** Lets a loop go round again. */
export interface IterateLoop {
  /** What the next designer is told. */
  feedback?: string | null;
  /** The iteration that begins, from 2 on. */
  iteration: number;
  /** The loop. */
  loop_id: LoopId;
}

/** Makes a session a member; at most 50. */
export interface JoinTeam {
  /** Its role. */
  role: AgentRole;
  /** The session. */
  session: SessionId;
}

/** Why a sandbox ended. */
export type KillReason = "timeout" | "user" | "completion" | "lost";

/** Ends it. */
export interface KillSandbox {
  /** Why. */
  reason: KillReason;
}

/** What a learning is about. */
export type LearningCategory = "preference" | "pattern" | "gotcha" | "tool" | "architecture";

export type LearningDocumentId = string;

export type LearningId = string;

/** Where a learning came from. */
export type LearningSource = "agent" | "extracted" | "human";

/** Gives a question up for now. */
export interface LeaveQuestionOpen {
  /** Its number. */
  question: number;
  /** Why. */
  reason: string;
}

/** An approved learning that a version does without. */
export interface LeftOut {
  /** The learning. */
  learning: LearningId;
  /** Why it is left out; one line. */
  reason: string;
}

/** Says where its code is. */
export interface LinkRepository {
  /** An http or https URL without credentials. */
  repository_url: string;
}

/** Records that the active version was loaded into a persona. */
export interface LoadAgent {
  /** The persona. */
  persona: PersonaId;
}

/** Logs a decision. */
export interface LogDecision {
  /** What was not chosen, and why. */
  alternatives?: string;
  /** What was decided; at most 512 KiB together. */
  decision?: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** Why. */
  rationale?: string;
  /** The run it comes from. */
  run?: RunId | null;
  /** The session it comes from. */
  session?: SessionId | null;
  /** A short name for lists; one line. */
  title: string;
}

/** Logs a failed approach. */
export interface LogMistake {
  /** What was tried; at most 512 KiB together. */
  attempt?: string;
  /** Why it failed. */
  failure?: string;
  /** What to do instead. */
  instead?: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** The run it comes from. */
  run?: RunId | null;
  /** The session it comes from. */
  session?: SessionId | null;
  /** A short name for lists; one line. */
  title: string;
}

/** A loop of a workflow. In runs it goes by an id made of its place: 1, 2 and so on. */
export interface LoopDefinition {
  /** How often it is gone through at most. */
  max_iterations: number;
  /** Its name within the workflow. */
  name: string;
}

export type LoopId = string;

/** An MCP server that a session is given. */
export interface McpServer {
  /** How it is started or reached; never a secret. */
  command: string;
  /** Names of the environment variables it gets; their values are not recorded. */
  environment: Array<string>;
  /** Its name. */
  name: string;
}

/** A tool server that is handed to the agent. Secrets come from variables of the project, by name. */
export interface McpServer2 {
  /** Names of the project's variables it is given. */
  env_vars: Array<string>;
  /** Its name, unique within the persona. */
  name: string;
  /** How it is reached. */
  transport: McpTransport;
}

/** How a tool server is reached. Variants are stored by number: append, never reorder. */
export type McpTransport = { stdio: { args: Array<string>; command: string } } | { http: { url: string } };

/** What a member may do. */
export type MemberRole = "owner" | "admin" | "member" | "auditor" | "analyst";

/** A file that two branches changed in ways that do not fit. */
export interface MergeConflict {
  /** The branch that does not fit. */
  branch: string;
  /** What does not fit, in words; at most 16 KiB. */
  detail: string;
  /** The file. */
  path: string;
}

export type MessageId = string;

/** Who speaks in a message. */
export type MessageRole = "user" | "assistant";

/** A condition on a field. */
export interface MetricCondition {
  /** The field. */
  field: MetricField;
  /** How it must stand to the value. */
  op: Comparison;
  /** The value in text: `true` or `false`, a decimal number, or a word. */
  value: string;
}

/** How a figure is made of events. */
export interface MetricDefinition {
  /** What is made of the items of a group. */
  aggregation: Aggregation;
  /** The field of a sum, mean, percentile, or of a sum per item; absent of others. */
  field?: MetricField | null;
  /** Conditions that items must meet; one whose field is unknown is not met. */
  filters: Array<MetricCondition>;
  /** What values are told apart by, unless a question says otherwise. */
  group_by: Array<MetricDimension>;
  /** What must hold all together for an item to count in a rate, or as a divisor; empty of others. An item for which that is unknown is left out. */
  predicate: Array<MetricCondition>;
  /** What is counted. */
  source: MetricSource;
  /** Fields and weights of a composite; empty of others. */
  weights: Array<MetricWeight>;
}

/** What a metric may be told apart by. */
export type MetricDimension = "project" | "workflow" | "model" | "persona" | "role" | "day" | "learning_version";

/** What is known of an item. */
export type MetricField = "pass" | "verdict" | "status" | "loops_to_pass" | "forced_on" | "verdict_unparseable" | "failure" | "role" | "duration_ms" | "cost_usd" | "calls" | "input_tokens" | "output_tokens" | "cache_read_tokens" | "cache_write_tokens" | "correctness" | "type_safety" | "code_style" | "test_coverage" | "completeness" | "composite" | "threshold_met" | "severity" | "approved" | "check" | "model" | "persona" | "workflow";

/** What a metric counts. */
export type MetricSource = "verdicts" | "runs" | "steps" | "usage" | "scores" | "ci_checks" | "learnings";

/** What a field counts in a composite. */
export interface MetricWeight {
  /** The field, a number. */
  field: MetricField;
  /** What it counts, 1 to 1,000. */
  weight: number;
}

/** What becomes of runs whose time passed while nobody dispatched them. */
export type MissedRuns = "skip" | "once";

/** Notes a pattern. */
export interface NotePattern {
  /** Where it is seen. */
  example?: string;
  /** How things are done here; at most 512 KiB together. */
  pattern?: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** The run it comes from. */
  run?: RunId | null;
  /** The session it comes from. */
  session?: SessionId | null;
  /** A short name for lists; one line. */
  title: string;
}

/** Why people are told. */
export type NotificationKind = "completed" | "stopped" | "needs_person";

/** When and on what a trigger's condition held. */
export interface Occasion {
  /** When the condition held. */
  at: Timestamp;
  /** What came, in a few words. */
  detail?: string | null;
  /** What tells this occasion from others of the trigger, such as a delivery id or a due time. */
  key?: string | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** The trigger. */
  trigger: TriggerId;
}

/** Opens a pool. A known plan gives shape, length, unit and capacity; what is named here stands over it. */
export interface OpenBudgetPool {
  /** What automated work may use of it, 0 to 1; 0.7 where absent. */
  automated_share?: Share | null;
  /** What it allows, 1 or more. */
  capacity?: number | null;
  /** Length of the window, 60,000 ms to 400 days; only for `rolling` and `from_first_use`. */
  length_ms?: number | null;
  /** A short name for lists. */
  name: string;
  /** The plan it stands for, such as `claude-max-20x`. */
  plan?: string | null;
  /** The project it belongs to; none where all projects share it. */
  project?: ProjectId | null;
  /** When use stops to count. */
  shape?: WindowShape | null;
  /** What it counts. */
  unit?: PoolUnit | null;
}

/** Opens an experiment. Its runs name it as their origin. */
export interface OpenExperiment {
  /** The project it belongs to. */
  project: ProjectId;
  /** The prompt that all its runs have; 1 byte to 512 KiB. */
  prompt: string;
  /** A short name for lists; one line. */
  title: string;
  /** What it tries: 2 to 20, each name once. */
  variants: Array<Variant>;
}

/** Opens an issue. */
export interface OpenIssue {
  /** Where it comes from; by hand where absent. */
  origin?: IssueOrigin | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** What is to be done. */
  text: IssueText;
}

/** Opens the document of a role. A project has one for each role. */
export interface OpenLearningDocument {
  /** The project it belongs to. */
  project: ProjectId;
  /** The role whose agents read it. */
  role: Role;
}

/** Records the run's pull request. */
export interface OpenPullRequest {
  /** Its number in the repository. */
  number: number;
  /** Where it is. */
  url: string;
}

/** A question or an assumption that waits for an answer. */
export interface OpenQuestion {
  /** What it is. */
  kind: PointKind;
  /** The number of the point in the issue session that raised it. */
  point?: number | null;
  /** In words. */
  text: string;
}

/** Puts work under review. */
export interface OpenReview {
  /** The project it belongs to. */
  project: ProjectId;
  /** The run that made it. */
  run?: RunId | null;
  /** What is reviewed; 1 byte to 512 KiB. */
  subject: string;
}

/** Records the pull request of a sprint that has a branch. */
export interface OpenSprintPullRequest {
  /** Its number in the repository. */
  number: number;
  /** The sprint. */
  sprint: number;
  /** Where it is. */
  url: string;
}

/** Where a script wrote something. */
export type OutputStream = "stdout" | "stderr";

/** Puts other roles in place of what the router chose. */
export interface OverrideRouting {
  /** Why. */
  reason: string;
  /** Which, in the order of their first turn; 1 to 7, each once. */
  roles: Array<AgentRole>;
}

/** Records that a completed session's answers are handed to a run; each run once. */
export interface PassAnswersOn {
  /** The run, requested before. */
  run: RunId;
}

export type PassId = string;

export type PatternId = string;

/** Lets no run be due. */
export interface PauseRecurringTask {
  /** Why. */
  reason?: string | null;
}

/** Puts it to sleep. */
export type PauseSandbox = Record<string, unknown>;

/** Lets no further run begin. */
export interface PauseSprintChain {
  /** Why. */
  reason: string;
}

/** Lets no further run begin. */
export interface PauseWorkChain {
  /** Why. */
  reason: string;
}

export type PersonaId = string;

/** What a persona is to be set up with. What is left out takes its default. */
export interface PersonaSettings {
  /** Tools it may use, each once; all where empty. */
  allowed_tools?: Array<string>;
  /** The agent's program, such as `claude`, `codex`, `opencode`, `pi`; that of the workflow where absent. */
  cli_tool?: string | null;
  /** Commands it is given, each once; at most 1,000. */
  commands?: Array<AssetId>;
  /** The context it works under. */
  context?: ContextId | null;
  /** What its system prompt says besides; at most 512 KiB. */
  instructions?: string;
  /** Whether it is told the project's learnings; yes where absent. */
  learnings?: boolean | null;
  /** Tool servers it is given, each name once; at most 100. */
  mcp_servers?: Array<McpServer2>;
  /** The model; that of the workflow where absent. */
  model?: string | null;
  /** What it is for. */
  persona_type: PersonaType;
  /** The composite that its scores must reach; evaluators only. */
  quality_threshold?: Score | null;
  /** Whether it works in a sandbox; yes where absent. */
  sandboxed?: boolean | null;
  /** Scripts that run around it, each once; at most 1,000. */
  scripts?: Array<AssetId>;
  /** Skills it is given, each once; at most 1,000. */
  skills?: Array<AssetId>;
  /** How hard it is asked to think. */
  thinking_effort?: Effort | null;
}

/** What a persona is for. */
export type PersonaType = "designer" | "checker" | "optimizer" | "prompter" | "investigator" | "planner" | "deep-dive" | "reviewer" | "evaluator" | "judge" | "answerer" | "custom";

export type PlanId = string;

/** What an open point of an issue session is. */
export type PointKind = "question" | "assumption";

/** What each dimension of quality counts in the composite; shares of their sum. */
export interface PolicyWeights {
  /** Weight of code style. */
  code_style: number;
  /** Weight of completeness. */
  completeness: number;
  /** Weight of correctness. */
  correctness: number;
  /** Weight of test coverage. */
  test_coverage: number;
  /** Weight of type safety. */
  type_safety: number;
}

/** What a pool counts. */
export type PoolUnit = "prompts" | "tokens" | "usd_micros" | "cpu_seconds";

/** Dense place of an event in the whole log, from 0, in commit order. */
export type Position = number;

/** How urgent an issue is. */
export type Priority = "low" | "medium" | "high" | "critical";

export type ProjectId = string;

/** Makes an approved learning that several projects have seen apply in every project. */
export interface PromoteLearning {
  /** The other projects where it was seen: 1 to 100, each once. They are recorded, not looked up. */
  seen_in: Array<ProjectId>;
}

/** Makes a lesson apply in every project, once. */
export interface PromoteMistake {
  /** Where else it was seen; 1 to 100. */
  projects: Array<ProjectId>;
}

/** Makes a pattern apply in every project, once. */
export interface PromotePattern {
  /** Where else it was seen; 1 to 100. */
  projects: Array<ProjectId>;
}

/** Proposes a learning for review. */
export interface ProposeLearning {
  /** What it is about. */
  category: LearningCategory;
  /** How sure its author is, 0 to 1. */
  confidence: Share;
  /** What to do then; 1 byte to 64 KiB. */
  correct_behaviour: string;
  /** What was learned; 1 byte to 64 KiB. */
  description: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** The roles it applies to, each once; every role where absent. */
  roles?: Array<Role>;
  /** The run it comes from. */
  run?: RunId | null;
  /** The sandbox it comes from. */
  sandbox?: SandboxId | null;
  /** How much it matters. */
  severity: Severity;
  /** Where it comes from. */
  source: LearningSource;
  /** The step of that run; only beside `run`. */
  step?: StepId | null;
  /** When it applies; 1 byte to 64 KiB. */
  trigger: string;
}

/** Proposes a plan. */
export interface ProposePlan {
  /** What is to be done, in order: 1 to 200 items, together at most 512 KiB. */
  items: Array<IssueText>;
  /** The project it belongs to. */
  project: ProjectId;
  /** Why it is to be done, and why so; 1 byte to 64 KiB. */
  rationale: string;
  /** The planner's run; none where a person wrote it. */
  run?: RunId | null;
  /** The step of that run; only beside `run`. */
  step?: StepId | null;
  /** A short name. */
  title: string;
}

/** Publishes a version and puts it in force for sessions that begin from then on. */
export interface PublishAssetVersion {
  /** A version that is not published. */
  version: number;
}

/** How a pull request stands. */
export type PullRequestStatus = "open" | "draft" | "merged" | "closed";

/** What budget is spent for. */
export type Purpose = "interactive" | "automated";

/** The five dimensions of quality, each 0 to 100. */
export interface QualityScores {
  /** Does it follow the project's conventions? */
  code_style: Score;
  /** Is every part of the prompt done? */
  completeness: Score;
  /** Does it meet the requirements? */
  correctness: Score;
  /** Are the changes covered by tests? */
  test_coverage: Score;
  /** Are types right and complete? */
  type_safety: Score;
}

/** What each dimension counts in the composite; shares of their sum. */
export interface QualityWeights {
  /** Weight of code style. */
  code_style: number;
  /** Weight of completeness. */
  completeness: number;
  /** Weight of correctness. */
  correctness: number;
  /** Weight of test coverage. */
  test_coverage: number;
  /** Weight of type safety. */
  type_safety: number;
  /** Version of the project's quality policy; 0 for the default of equal weights. */
  version: number;
}

/** Records that a trigger fired and that the work waits for budget. */
export interface QueueFiring {
  /** When and on what. */
  occasion: Occasion;
  /** The pool whose budget is low. */
  pool: BudgetPoolId;
  /** The request that waits there. */
  request: BudgetRequestId;
  /** When it may fit, as far as known; not before the occasion. */
  until?: Timestamp | null;
}

/** Tells people. */
export interface RaiseNotification {
  /** What it is about. */
  about?: StreamId | null;
  /** In full; at most 512 KiB. */
  body?: string;
  /** The ways it goes; each once, one at least. */
  channels: Array<Channel>;
  /** Why. */
  kind: NotificationKind;
  /** The project it belongs to. */
  project: ProjectId;
  /** In a line. */
  title: string;
}

/** Records a question or an assumption; it gets the next number. */
export interface RaisePoint {
  /** The finding that it bears on. */
  finding?: number | null;
  /** What it is. */
  kind: PointKind;
  /** In words; 1 byte to 64 KiB. */
  text: string;
}

/** Records that somebody saw it. */
export type ReadNotification = Record<string, unknown>;

/** Records that a member has read a message to it or to all, once. */
export interface ReadTeamMessage {
  /** The message. */
  message: number;
  /** The member. */
  session: SessionId;
}

/** Keeps a delivery. The same delivery of a sender is kept once in a project. */
export interface ReceiveWebhook {
  /** The body as text, or its first 512 KiB; empty where the signature does not fit. */
  body?: string;
  /** Length of the whole body in bytes. */
  body_bytes: number;
  /** SHA-256 of the whole body, 64 lower-case hex digits. */
  body_sha256: string;
  /** The sender's id of the delivery. */
  delivery: string;
  /** The sender's word for what happened, such as `issues.opened`. */
  kind: string;
  /** The project it is for. */
  project: ProjectId;
  /** Who sends it, such as `github`. */
  source: string;
  /** Whether its signature fits. */
  verified: boolean;
}

/** Records that the brain was pruned. */
export interface RecordBrainPruning {
  /** When. */
  at: Timestamp;
  /** Decisions that left. */
  decisions: number;
  /** Mistakes that left. */
  mistakes: number;
  /** Patterns that left. */
  patterns: number;
  /** Research notes that left. */
  research: number;
  /** Session summaries that left. */
  sessions: number;
}

/** Records what was used. */
export interface RecordBudgetUse {
  /** How much. */
  amount: number;
  /** When. */
  at: Timestamp;
  /** What for. */
  purpose: Purpose;
  /** The reservation that it settles. */
  request?: BudgetRequestId | null;
  /** The run that used it. */
  run?: RunId | null;
  /** The session that used it. */
  session?: SessionId | null;
}

/** Records how continuous integration stands. */
export interface RecordCiChecks {
  /** When it was asked. */
  checked_at?: Timestamp | null;
  /** Each check. */
  checks?: Array<CiCheck>;
  /** How it stands as a whole. */
  status: CiStatus;
}

/** Records that it went out on one of its ways. */
export interface RecordDelivery {
  /** Which way. */
  channel: Channel;
}

/** Records that it did not go out on one of its ways. */
export interface RecordDeliveryFailure {
  /** Which way. */
  channel: Channel;
  /** Why. */
  error: string;
  /** Whether no attempt follows; the tenth is the last in any case. */
  given_up?: boolean;
}

/** Records that somebody was turned away. */
export interface RecordDenial {
  /** The network address that they came from. */
  address?: string | null;
  /** What was asked for, on one line of at most 200 bytes. */
  asked: string;
  /** Others like it before this one that are not in the log one by one. */
  left_out?: number;
  /** Why. */
  reason: DenialReason;
}

/** Records that data left the house. */
export interface RecordExport {
  /** Of which aggregate, where it is one. */
  about?: StreamId | null;
  /** The network address that it went to. */
  address?: string | null;
  /** The project it is of. */
  project: ProjectId;
  /** What kind of export. */
  what: string;
}

/** Records that a person logged in. */
export interface RecordLogin {
  /** The network address that they came from. */
  address?: string | null;
  /** What they are logged in with. */
  pass: PassId;
  /** Who. */
  user: UserId;
}

/** Records what a merging step came to: the merged commit, or what conflicts. */
export interface RecordMerge {
  /** The branches that go in; 1 to 100, each once. */
  branches: Array<string>;
  /** The commit at its head, 40 or 64 lower-case hex digits; none where there are conflicts. */
  commit?: string | null;
  /** What does not fit; at most 1,000. */
  conflicts?: Array<MergeConflict> | null;
  /** The branch that holds them all; another one. */
  into: string;
  /** The step of a merge agent. */
  step: StepId;
}

/** Records that an auditor read what a project's people and agents wrote. */
export interface RecordRead {
  /** Of which aggregate, where it is one. */
  about?: StreamId | null;
  /** The network address that it went to. */
  address?: string | null;
  /** The project it is of. */
  project: ProjectId;
  /** The view, or `events`. */
  what: string;
}

/** Records what the agent's telemetry tells, beside what its stream told. It may come after the run has ended. */
export interface RecordTelemetry {
  /** 1 to 200 readings. */
  readings: Array<TelemetryReading>;
}

/** Records that the agent called a tool. */
export interface RecordToolCall {
  /** Its arguments, as JSON text. */
  arguments: string;
  /** The agent's id of the call. */
  call_id: string;
  /** The step. */
  step: StepId;
  /** The tool's name. */
  tool: string;
}

/** Records what a tool answered. An output over 512 KiB goes in parts, `more` on all but the last. */
export interface RecordToolResult {
  /** The agent's id of the call. */
  call_id: string;
  /** How long it took, in milliseconds. */
  duration_ms?: number | null;
  /** Whether the tool reported an error. */
  is_error?: boolean;
  /** Whether more parts follow. */
  more?: boolean;
  /** What it printed. */
  output: string;
  /** The step. */
  step: StepId;
  /** The tool's name. */
  tool: string;
}

/** Keeps a line of the agent's stream whose shape is unknown. */
export interface RecordUnrecognisedLine {
  /** Length of the whole line in bytes. */
  length: number;
  /** Where it stood, such as `session.jsonl:12`. */
  origin: string;
  /** The line; its first 512 KiB where it is longer. */
  raw: string;
}

/** Records tokens used since the last record: differences, never running totals. */
export interface RecordUsage {
  /** Tokens read from the cache. */
  cache_read_tokens?: number;
  /** Tokens written to the cache. */
  cache_write_tokens?: number;
  /** Number of model calls that the figures stand for; 1 where absent, 0 where it is not known. */
  calls?: number | null;
  /** What it cost; left out where unknown. */
  cost_usd?: Usd | null;
  /** Tokens in, without the cached ones. */
  input_tokens?: number;
  /** The model that answered. */
  model: string;
  /** Tokens out. */
  output_tokens?: number;
  /** Who was paid, such as `anthropic`. */
  provider?: string | null;
  /** The step. */
  step: StepId;
}

/** Records what the vendor says of the pool. */
export interface RecordVendorEvidence {
  /** When it was said. */
  at: Timestamp;
  /** Whether the vendor refuses until it resets. */
  exhausted?: boolean;
  /** When it resets, where it was said; after `at`. */
  resets_at?: Timestamp | null;
  /** Where it was said, such as `rate_limit_event`. */
  source: string;
  /** The share that is used, 0 to 1, where it was said. */
  used_share?: Share | null;
}

/** Gives somebody an account. */
export interface RegisterUser {
  /** Whether they manage the installation: accounts, keys, its condition. */
  administrator?: boolean;
  /** Their address; nobody else may have it. */
  email: string;
  /** Their name on screen. */
  name: string;
}

/** Turns down a learning that waits for review. */
export interface RejectLearning {
  /** Why. */
  reason: string;
  /** Who reviewed it. */
  reviewer?: UserId | null;
}

/** Turns a proposed plan down. */
export interface RejectPlan {
  /** Why. */
  reason: string;
}

/** Takes a promise back that will not be used. */
export interface ReleaseBudget {
  /** The request. */
  request: BudgetRequestId;
}

/** Gives a task back. */
export interface ReleaseTeamTask {
  /** Why; 1 byte to 64 KiB. */
  reason: string;
  /** The member who has it. */
  session: SessionId;
  /** The task. */
  task: number;
}

/** Takes out an issue that is still to come. */
export interface RemoveChainIssue {
  /** The issue. */
  issue: IssueId;
}

/** Removes an environment variable. */
export interface RemoveEnvVar {
  /** Its name. */
  name: string;
}

/** Ends a membership; the last owner stays. */
export interface RemoveMember {
  /** The member. */
  user: UserId;
}

/** Takes out an item that is no issue yet; never the last one. */
export interface RemovePlanItem {
  /** Its number. */
  item: number;
}

/** Takes a member's key at a provider out of use. */
export interface RemoveProviderKey {
  /** Which provider's. */
  provider: string;
  /** Whose key it is. */
  user: UserId;
}

/** Takes a rule out of force. */
export interface RemoveRule {
  /** Its name. */
  name: string;
}

/** Gives it another name and description. */
export interface RenameAsset {
  /** What it is good for; at most 16 KiB. */
  description?: string;
  /** Its name. */
  name: string;
}

/** Gives it another name; no new version. */
export interface RenamePersona {
  /** What people call it. */
  name: string;
}

/** Gives it other names. */
export interface RenameProject {
  /** Its name on screen. */
  name: string;
  /** Its name in URLs: 1 to 63 of a-z, 0-9 and single hyphens. */
  slug: string;
}

/** Gives them another name. */
export interface RenameUser {
  /** Their name on screen. */
  name: string;
}

/** Gives it another name and description; no new version. */
export interface RenameWorkflow {
  /** What it is good for. */
  description?: string;
  /** What people call it. */
  name: string;
}

/** Opens a resolved or dismissed issue, or one in review, again. */
export interface ReopenIssue {
  /** Why. */
  reason: string;
}

/** Records that it can happen again. */
export type ReopenMistake = Record<string, unknown>;

/** Puts the items of a proposed plan in another order. */
export interface ReorderPlan {
  /** Every item's number, each once. */
  items: Array<number>;
}

/** Puts the issues that are still to come in another order. */
export interface ReorderWorkChain {
  /** All of them, each once. */
  issues: Array<IssueId>;
}

/** Records a finding; it gets the next number. */
export interface ReportIssue {
  /** What is to be done. */
  text: IssueText;
}

/** Asks for a session. */
export interface RequestAnsweringSession {
  /** The context in force, with version. */
  context?: [ContextId, number] | null;
  /** The issue whose implementation waits for the answers. */
  issue?: IssueId | null;
  /** The issue session that raised the questions. */
  issue_session?: IssueSessionId | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** What is to be answered: 1 to 200 questions, each 1 byte to 64 KiB, together at most 512 KiB. */
  questions: Array<OpenQuestion>;
}

/** Asks for budget: it is promised, or the request waits. A waiting request asks again under its id. */
export interface RequestBudget {
  /** How much; at most what the pool allows for the purpose. */
  amount: number;
  /** When. */
  at: Timestamp;
  /** The firing it is for. */
  firing?: FiringId | null;
  /** How long the promise holds, 1,000 to 86,400,000 ms; 14,400,000 where absent. */
  holds_ms?: number | null;
  /** What for. */
  purpose: Purpose;
  /** The request; a new id, or one that waits. */
  request: BudgetRequestId;
}

/** Records that keys are to be destroyed. */
export interface RequestErasure {
  /** The keys, each once; at least 1. */
  keys: Array<DataKeyId>;
  /** Why; 1 to 2,000 bytes. */
  reason: string;
  /** Whose; always the same in one stream. */
  subject: Subject;
}

/** Asks for a session. */
export interface RequestIssueSession {
  /** The branch to look at; the default one where absent. */
  branch?: string | null;
  /** The context in force, with version. */
  context?: [ContextId, number] | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** What to look for; at most 64 KiB. */
  prompt?: string;
  /** A short name. */
  title: string;
}

/** Asks for a run; creates it. What its workflow and personas are now is what it will do. */
export interface RequestRun {
  /** Runs or branches that its judge compares; at least 2, each once. */
  candidates?: Array<string> | null;
  /** The exact versions in force. */
  configuration?: RequestedConfiguration | null;
  /** What it comes from: an issue, chain, recurring task, firing, or the run it is forked from. */
  origin?: StreamId | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** The task. */
  prompt: string;
  /** Where it comes from. */
  source: RunSource;
  /** A short name for lists. */
  title?: string | null;
  /** The workflow it follows, if any. */
  workflow?: WorkflowId | null;
}

/** What a run is requested with. Versions are those in force, and looked up; only history that is imported names its own. */
export interface RequestedConfiguration {
  /** Skills, commands and scripts, each once; a version must be published, the one in force where absent. */
  assets?: Array<[AssetId, number | null]>;
  /** Contexts it works under, each once; a version other than the one in force refuses the request. */
  contexts?: Array<[ContextId, number | null]>;
  /** Learning documents whose version in force agents read; one per role. */
  learning_documents?: Array<LearningDocumentId> | null;
  /** Learning version of all roles; of imported history only. */
  learning_version?: number | null;
  /** Learning versions by role; of imported history, or to refuse others than those in force. */
  learning_versions?: Array<[Role, number]> | null;
  /** Personas taking part, each once and enabled; all those of the workflow must be among them. */
  personas?: Array<PersonaId>;
  /** Version of the workflow; where it is given, another one in force refuses the request. */
  workflow_version?: number | null;
}

/** Changes when it does so. */
export interface RescheduleTask {
  /** No run is due up to this time: now, or a later start. 1970 to 2099. */
  after: Timestamp;
  /** What becomes of runs whose time passed; as before where absent. */
  missed?: MissedRuns | null;
  /** When. */
  schedule: Schedule;
}

/** Changes what a pool allows. */
export interface ResizeBudgetPool {
  /** What automated work may use of it, 0 to 1; as before where absent. */
  automated_share?: Share | null;
  /** What it allows, 1 or more. */
  capacity: number;
  /** The plan it stands for. */
  plan?: string | null;
}

/** Says that it is done. */
export interface ResolveIssue {
  /** In words. */
  note?: string | null;
}

/** Records that it cannot happen again, or otherwise than was said. */
export interface ResolveMistake {
  /** How that was reached; 1 byte to 512 KiB. */
  how: string;
}

/** Puts it back into its file. */
export type RestoreDecision = Record<string, unknown>;

/** Puts it back into its file. */
export type RestoreMistake = Record<string, unknown>;

/** Puts it back into its file. */
export type RestorePattern = Record<string, unknown>;

/** Puts it back into its file. */
export type RestoreResearchNote = Record<string, unknown>;

/** Puts it back into its file. */
export type RestoreSessionSummary = Record<string, unknown>;

/** Has the view take an event into account again, such as after the fold was mended. */
export interface RestoreViewEvent {
  /** An event that it passes over. */
  position: Position;
  /** Why; 1 to 2,000 bytes. */
  reason: string;
  /** Name of the view. */
  view: string;
}

/** Lets runs be due again. */
export interface ResumeRecurringTask {
  /** What time it is; the next run is due after it. */
  at: Timestamp;
}

/** Wakes it up. */
export type ResumeSandbox = Record<string, unknown>;

/** Lets runs begin again. */
export type ResumeSprintChain = Record<string, unknown>;

/** Lets runs begin again. */
export type ResumeWorkChain = Record<string, unknown>;

/** Ends an approved learning. */
export interface RetireLearning {
  /** Why. */
  reason: string;
}

/** A score of the review loop, 1 to 10. */
export type ReviewScore = number;

/** A task for the next agent. */
export interface ReviewTask {
  /** Whose it is. */
  role: AgentRole;
  /** What to do. */
  text: string;
}

/** Puts another file in its place; the name stays. */
export interface ReviseAgent {
  /** The file: front matter and prompt, at most 200 KiB. */
  text: string;
}

/** Gives it another definition. */
export interface ReviseMetric {
  /** How it is made; another one than now. */
  definition: MetricDefinition;
  /** Why; one line. */
  note?: string | null;
}

/** Ends an API key. */
export interface RevokeApiKey {
  /** The key. */
  key: ApiKeyId;
}

/** Takes an open invitation back. */
export interface RevokeInvitation {
  /** The invitation. */
  invitation: InvitationId;
}

/** Ends a pass before its time. */
export type RevokePass = Record<string, unknown>;

/** Gives a proposed plan another title and rationale. */
export interface RewordPlan {
  /** Why it is to be done, and why so; 1 byte to 64 KiB. */
  rationale: string;
  /** A short name. */
  title: string;
}

/** What an agent does in a step. */
export type Role = "designer" | "checker" | "optimizer" | "prompter" | "investigator" | "deep-dive" | "evaluator" | "judge" | "answerer" | "merge_agent" | "planner" | "reviewer" | "custom";

/** Routes a task by its facts. */
export interface RouteTask {
  /** What is known. */
  facts: RoutingFacts;
  /** The firing it is for; none where a person asked. */
  firing?: FiringId | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** The task; 1 byte to 512 KiB. */
  task: string;
}

/** What the router knows of a project and a task. */
export interface RoutingFacts {
  /** Whether the project has a brain. */
  brain_exists: boolean;
  /** What is asked for. */
  kind: TaskKind;
  /** Whether a specification of the task exists. */
  specification_exists: boolean;
}

export type RoutingId = string;

export type RunId = string;

/** How a run ended. */
export type RunOutcome = "completed" | "failed" | "cancelled";

/** Where a run came from. */
export type RunSource = "workflow" | "issue" | "sprint_chain" | "sandbox" | "merge_agent" | "recurring_task" | "trigger" | "import";

export type SandboxId = string;

/** What sandboxes of a workflow are made with; what is left out takes the platform's default. */
export interface SandboxSettings {
  /** The model of checkers. */
  checker_model?: string | null;
  /** CPUs of each, 1 to 8. */
  cpus?: number | null;
  /** The model of designers. */
  designer_model?: string | null;
  /** How hard each model is asked to think; each model once. */
  efforts?: Array<[string, Effort]>;
  /** Memory of each, 256 to 8,192 MB. */
  memory_mb?: number | null;
  /** Who provides them, such as `local` or `e2b`. */
  provider?: string | null;
  /** The template they are made from. */
  template_id?: string | null;
  /** How long one may live, 60,000 to 14,400,000 ms. */
  timeout_ms?: number | null;
}

/** When something recurs. */
export interface Schedule {
  /** How often, and at which time of the day. */
  frequency: Frequency;
  /** The zone of that time, by its IANA name such as `Europe/Berlin`. */
  timezone: string;
}

/** a score from 0 to 100, two decimals */
export type Score = number;

/** Scores a cycle; what follows is decided by the rules. */
export interface ScoreReviewCycle {
  /** What needs fixing; at most 100, and one at least below a score of 8. */
  fix?: Array<string>;
  /** What is good; at most 100. */
  good?: Array<string>;
  /** The sandbox it reviewed in; one that no cycle before had. */
  sandbox?: SandboxId | null;
  /** The score, 1 to 10. */
  score: ReviewScore;
  /** The session that reviewed. */
  session?: SessionId | null;
  /** The step that reviewed. */
  step?: StepId | null;
  /** What the next agent is to do; at most 100, none where the work ships. */
  tasks?: Array<ReviewTask>;
}

/** What a script is written in. */
export type ScriptLanguage = "shell" | "python";

/** When a script runs. */
export type ScriptMoment = "before_start" | "after_completion" | "on_demand";

/** Stores a member's key at a provider; an earlier one is replaced. */
export interface SealProviderKey {
  /** The key, 1 to 65,520 bytes: sealed before anything is recorded, and never shown again. */
  key?: string | null;
  /** Which provider's, such as `anthropic`. */
  provider: string;
  /** The key, where it was encrypted before it came: only instead of `key`, and not opened here. */
  sealed?: Sealed | null;
  /** Whose key it is. */
  user: UserId;
}

/** A secret, encrypted; its key is not in the log. */
export interface Sealed {
  /** Ciphertext with its tag, 16 bytes to 64 KiB as lower-case hex. */
  ciphertext: string;
  /** The key that opens it. */
  key_id: string;
  /** Nonce, 12 to 32 bytes as lower-case hex. */
  nonce: string;
}

/** Puts a message into a mailbox; it gets the next number, up to 10,000. */
export interface SendTeamMessage {
  /** The member who sends it; absent for a person. */
  from?: SessionId | null;
  /** What it says; 1 byte to 64 KiB. */
  text: string;
  /** The member it is for, another one; absent for all. */
  to?: SessionId | null;
}

/** How a session ended. */
export type SessionEnd = "done" | "failed" | "time_limit" | "cost_limit" | "stopped";

export type SessionId = string;

/** What ends a session. */
export interface SessionLimits {
  /** What it may cost, in millionths of a US dollar; none where a budget pool bounds it. */
  cost_usd_micros?: number | null;
  /** When it is done. */
  done_criteria: string;
  /** How long it may take. */
  wall_clock_ms: number;
}

/** How a session came about. */
export type SessionMode = "interactive" | "team" | "standalone";

/** What a session was put together from: the exact versions, and the prompt they came to. */
export interface SessionParts {
  /** The agent definition, with version. */
  agent?: [AgentDefinitionId, number] | null;
  /** The tools it may use. */
  allowed_tools: Array<string>;
  /** Skills, commands and scripts, with version. */
  assets: Array<[AssetId, number]>;
  /** Files of the brain that it was given. */
  brain_files: Array<string>;
  /** The context, with version. */
  context?: [ContextId, number] | null;
  /** SHA-256 of the identity's text, in hexadecimal. */
  identity_digest?: string | null;
  /** The learning version. */
  learning_version?: number | null;
  /** The MCP servers it is given. */
  mcp_servers: Array<McpServer>;
  /** The persona. */
  persona?: PersonaId | null;
  /** The role. */
  role?: AgentRole | null;
  /** The rules, by name. */
  rules: Array<string>;
  /** The system prompt, whole. */
  system_prompt: string;
  /** Its working directory, as the agent sees it. */
  working_directory: string;
}

/** Kind of session that has a configuration of its own. */
export type SessionType = "learning" | "merging" | "issue" | "answering" | "evaluating" | "judging";

/** Sets what every sandbox's CLAUDE.md says. */
export interface SetClaudeMd {
  /** The text, at most 512 KiB; empty for none. */
  content: string;
}

/** Says whether prompts and messages are sealed from now on; what is in the log already stays as it is. */
export interface SetContentSealing {
  /** Under whose key. */
  sealing: ContentSealing;
}

/** Gives an environment variable a value. */
export interface SetEnvVar {
  /** Its name: a letter or `_`, then at most 127 letters, digits or `_`. */
  name: string;
  /** Whether it is secret: a plain value of 1 to 65,520 bytes is sealed before anything is recorded, and never shown again. */
  secret?: boolean;
  /** Its value. */
  value: EnvValue;
}

/** Says where its working tree lies on a machine. */
export interface SetFolder {
  /** The folder, absolute and without `..`; absent where it is there no longer. */
  folder?: string | null;
  /** The machine, by the name it goes by; at most 100 of them. */
  machine: string;
}

/** Sets the author of agents' commits. */
export interface SetGitAuthor {
  /** E-mail address of the author. */
  email: string;
  /** Name of the author. */
  name: string;
}

/** Sets how learnings are extracted. */
export interface SetLearningSettings {
  /** The model; the platform's default where absent. */
  model?: string | null;
  /** The prompt's template; the platform's default where absent. */
  template?: string | null;
}

/** Sets or removes its logo. */
export interface SetLogo {
  /** An http or https URL without credentials; absent for no logo. */
  logo_url?: string | null;
}

/** Says what a member is told, and on which ways; everything earlier is replaced. */
export interface SetMemberNotifications {
  /** The ways it goes, each once; nowhere where empty. */
  channels: Array<Channel>;
  /** What for, each once; nothing where empty. */
  kinds: Array<NotificationKind>;
  /** A sealed environment variable of the project, with the secret that signs them; only beside `url`. */
  secret?: string | null;
  /** Where the member's own webhooks go; the project's address where absent. */
  url?: string | null;
  /** The member. */
  user: UserId;
}

/** Sets how branches are merged. */
export interface SetMergingSettings {
  /** The model; the platform's default where absent. */
  model?: string | null;
  /** The prompt's template; the platform's default where absent. */
  template?: string | null;
}

/** Says where webhooks of notifications go. */
export interface SetNotificationAddress {
  /** A sealed environment variable of the project, with the secret that signs; only beside `url`. */
  secret?: string | null;
  /** An http or https URL without credentials; absent for no webhooks. */
  url?: string | null;
}

/** Sets what they log in with. Only the hash is sent. */
export interface SetPassword {
  /** An argon2id hash as a PHC string: version 19, at least 19 MiB and 2 passes. */
  password_hash: string;
}

/** Sets how quality is weighed; the policy gets the next version. */
export interface SetQualityPolicy {
  /** The composite that must be reached; absent for no threshold. */
  threshold?: Score | null;
  /** What each dimension counts; at least one above 0. */
  weights: PolicyWeights;
}

/** Sets what every session's system prompt ends with. */
export interface SetSandboxPrompt {
  /** The text, at most 512 KiB; empty for none. */
  prompt: string;
}

/** Sets how the chain goes on from one sprint to the next. */
export interface SetSprintAdvance {
  /** How. */
  advance: Advance;
}

/** Gives a sprint that has not begun a prompt of its own, or the chain's again. */
export interface SetSprintPrompt {
  /** What it is to do, 1 byte to 64 KiB; the chain's prompt where absent. */
  prompt?: string | null;
  /** The sprint. */
  sprint: number;
}

/** Says which configuration won; two at least must have been tried. */
export interface SettleExperiment {
  /** The run whose judge says so. */
  judged_by?: RunId | null;
  /** Why; 1 byte to 512 KiB. */
  rationale: string;
  /** The variant's name; one that a run has tried. */
  winner: string;
}

/** Decides on work that was escalated or stopped. */
export interface SettleReview {
  /** Why. */
  reason: string;
  /** What is decided. */
  settlement: Settlement;
}

/** What the team lead or a person decided on work that was not approved. */
export type Settlement = "ship" | "drop";

/** How much a learning matters. */
export type Severity = "critical" | "important" | "minor";

/** a number from 0 to 1, four decimals */
export type Share = number;

/** Lets every project use it; it stays with its own. */
export type ShareAgent = Record<string, unknown>;

/** Lets every project use the asset; it stays with its own. */
export type ShareAsset = Record<string, unknown>;

/** Makes an asset of a skill that comes with the program, and publishes it as version 1. */
export interface ShipSkill {
  /** The project it belongs to. */
  project: ProjectId;
  /** The skill's name, such as `review-loop`. */
  skill: string;
}

/** A file of a skill. */
export interface SkillFile {
  /** What it says. */
  content: string;
  /** Where it lies, relative to the skill's folder. */
  path: string;
}

/** Passes the current issue over; no run may be at work. */
export interface SkipChainIssue {
  /** Why. */
  reason: string;
}

/** Records that a trigger's condition held and why nothing was started. */
export interface SkipFiring {
  /** In words; required where the reason is `other`. */
  note?: string | null;
  /** When and on what. */
  occasion: Occasion;
  /** Why. */
  reason: SkipReason;
}

/** Why a firing started nothing. */
export type SkipReason = "disabled" | "busy" | "bad_signature" | "missed" | "not_applicable" | "other";

/** Passes the current sprint over; no run may be at work. */
export interface SkipSprint {
  /** Why. */
  reason: string;
}

/** Passes a step over. */
export interface SkipStep {
  /** Why it is passed over. */
  reason: string;
  /** What it would have done. */
  role: Role;
  /** The step; a new id. */
  step: StepId;
}

/** Has the view pass over an event that breaks it. */
export interface SkipViewEvent {
  /** The event. */
  position: Position;
  /** Why; 1 to 2,000 bytes. */
  reason: string;
  /** Name of the view. */
  view: string;
}

/** The prompt of one sprint, in place of the chain's. */
export interface SprintPrompt {
  /** What it is to do. */
  prompt: string;
  /** The sprint, from 1. */
  sprint: number;
}

/** Fires when work stalls. */
export interface StalledCondition {
  /** The kinds of work that count; all where empty. */
  kinds: Array<StalledKind>;
  /** For how long nothing was heard of it, 60,000 to 604,800,000 ms. */
  quiet_ms: number;
}

/** Work that can stall: that has begun, has not ended, and of which nothing is heard. */
export type StalledKind = "run" | "session" | "review";

/** Records that an answerer begins. */
export interface StartAnsweringSession {
  /** The persona that answers. */
  persona?: PersonaId | null;
  /** The run that it is part of. */
  run?: RunId | null;
  /** Where it works. */
  sandbox?: SandboxId | null;
}

/** Records that a run begins to work on the current issue. */
export interface StartChainRun {
  /** The run; requested under this id, before or after. */
  run: RunId;
}

/** Begins to record a loop, for the first time or after a stop. */
export interface StartHeartbeat {
  /** When it began; not before it last ended. */
  at: Timestamp;
  /** Time between rounds, 1,000 to 3,600,000 ms; 60,000 where absent. */
  interval_ms?: number | null;
  /** The project it watches. */
  project: ProjectId;
}

/** Records that a run begins to work on it. */
export interface StartIssueRun {
  /** The run; requested under this id, before or after. */
  run: RunId;
}

/** Records that an agent begins to look. */
export interface StartIssueSession {
  /** The run that it is part of. */
  run?: RunId | null;
  /** Where it works. */
  sandbox?: SandboxId | null;
}

/** Records what queued work was started. */
export interface StartQueuedFiring {
  /** What is started: a run or a session at least. */
  started: StartedWork;
}

/** Begins the work. */
export type StartRun = Record<string, unknown>;

/** Records that it is up. */
export type StartSandbox = Record<string, unknown>;

/** Records that a script starts. */
export interface StartScript {
  /** The script. */
  asset: AssetId;
  /** Why now. */
  moment: ScriptMoment;
  /** The project it belongs to. */
  project: ProjectId;
  /** The run it works for. */
  run?: RunId | null;
  /** Where it runs. */
  sandbox?: SandboxId | null;
  /** The step of that run; only beside `run`. */
  step?: StepId | null;
  /** The version that runs, from 1. */
  version: number;
}

/** Records that the agent runs. */
export interface StartSession {
  /** The agent's own name for the session. */
  agent_session?: string | null;
}

/** Records that a run begins to work on the current sprint. */
export interface StartSprint {
  /** The sprint's branch, which no other sprint of the chain has. */
  branch: string;
  /** The run; requested under this id, before or after. */
  run: RunId;
}

/** Begins the chain. */
export type StartSprintChain = Record<string, unknown>;

/** Sets an agent to work. Steps are strictly sequential. */
export interface StartStep {
  /** The agent's program, such as `claude`; the persona's where absent. */
  cli_tool?: string | null;
  /** Iteration of the whole run, from 1; 1 where absent. */
  iteration?: number | null;
  /** The loop it stands in. */
  loop_id?: LoopId | null;
  /** Iteration of that loop, from 1. */
  loop_iteration?: number | null;
  /** The model asked for; the persona's where absent. */
  model?: string | null;
  /** The persona it follows; it must be enabled, and of that role or custom. */
  persona?: PersonaId | null;
  /** Version of that persona; the run's where absent, else the present one. */
  persona_version?: number | null;
  /** SHA-256 of the whole prompt, 64 hex digits. */
  prompt_digest?: string | null;
  /** What the agent does. */
  role: Role;
  /** Where it works. */
  sandbox?: SandboxId | null;
  /** The step; a new id. */
  step: StepId;
  /** How hard it is asked to think. */
  thinking_effort?: Effort | null;
}

/** Begins the chain. */
export type StartWorkChain = Record<string, unknown>;

/** What a firing started: a run, a session, or both. */
export interface StartedWork {
  /** The budget that was reserved for it. */
  request?: BudgetRequestId | null;
  /** The routing that chose the roles. */
  routing?: RoutingId | null;
  /** The run. */
  run?: RunId | null;
  /** The session. */
  session?: SessionId | null;
}

/** Records that a person reached into the running step. */
export interface Steer {
  /** What was done. */
  kind: SteerKind;
  /** The message; or the waiting call's id, else the tool's name. */
  text?: string;
}

/** What a person did to a running session. */
export type SteerKind = "message" | "interrupt" | "approve_tool" | "deny_tool";

/** Records that somebody stepped in. A step of a run is steered on the run; a session of an older log may have none. */
export interface SteerSession {
  /** How. */
  kind: SteerKind;
  /** What is said, or the tool call that is approved or denied. */
  text: string;
}

/** Why a step failed. */
export type StepFailure = "crashed" | "verdict_missing" | "verdict_unparseable" | "rate_limited" | "provider" | "aborted" | "timeout" | "other";

export type StepId = string;

/** A step of a workflow. What is left out takes its default. */
export interface StepSettings {
  /** The agent's program, such as `claude`, `codex`, `opencode`, `pi`. */
  cli_tool?: string | null;
  /** Name of the loop it stands in. */
  in_loop?: string | null;
  /** What its system prompt says besides; at most 512 KiB over all steps. */
  instructions?: string;
  /** The model. */
  model?: string | null;
  /** The persona it follows; persona pipelines only. */
  persona?: PersonaId | null;
  /** What the agent does; not in a persona pipeline, where the persona says it. */
  role?: Role | null;
  /** How hard it is asked to think. */
  thinking_effort?: Effort | null;
}

/** Records that the loop ended, and what it did since the last summary. */
export interface StopHeartbeat {
  /** What it did. */
  beats: Beats;
  /** When it ended. */
  to: Timestamp;
}

export type StreamId = string;

/** Whose words are erased. Variants are stored by number: append, never reorder. */
export type Subject = { project: ProjectId } | { person: UserId };

/** Sums up what the loop did since the last summary. Where nothing came up, an hour at least. */
export interface SummariseHeartbeat {
  /** What it did. */
  beats: Beats;
  /** Up to this instant. */
  to: Timestamp;
}

/** Puts another decision in its place, once. */
export interface SupersedeDecision {
  /** That decision. */
  by: DecisionId;
}

/** Records that what changed in it was taken back as a branch; as often as something is. */
export interface SyncFilesBack {
  /** The branch. */
  branch: string;
  /** The commit at its head, 40 or 64 lower-case hex digits. */
  commit: string;
  /** How many files changed. */
  files: number;
}

/** Records that the project's files were copied into it: once, before anything is taken back. */
export interface SyncFilesIn {
  /** The commit they are of, 40 or 64 lower-case hex digits. */
  base_commit: string;
  /** How large they were together. */
  bytes: number;
  /** How many files that were. */
  files: number;
}

/** What a trigger asks for. */
export type TaskKind = "quick_fix" | "research" | "change" | "feature" | "upkeep";

/** What telemetry tells of the tokens that one model used in one session. */
export interface TelemetryReading {
  /** The agent's own name of its session. */
  agent_session?: string | null;
  /** Tokens read from the cache. */
  cache_read_tokens?: number;
  /** Tokens written to the cache. */
  cache_write_tokens?: number;
  /** Number of model calls that the figures stand for; 0 where it is not known. */
  calls?: number;
  /** What it cost; left out where unknown. */
  cost_usd?: Usd | null;
  /** Where the figures are running totals: since when they are counted. What is recorded is the difference. */
  counted_since?: Timestamp | null;
  /** Tokens in, without the cached ones. */
  input_tokens?: number;
  /** The model that answered. */
  model: string;
  /** Tokens out. */
  output_tokens?: number;
  /** Who was paid, such as `anthropic`. */
  provider?: string | null;
  /** Which kind of telemetry. */
  signal: TelemetrySignal;
  /** The step, where it is known. */
  step?: StepId | null;
}

/** A kind of telemetry, as OpenTelemetry divides them. */
export type TelemetrySignal = "metrics" | "logs" | "traces";

export type Timestamp = string;

export type TriggerId = string;

/** Lets a run begin at once, of a paused task too. */
export interface TriggerRecurringRun {
  /** The run; requested under this id, before or after. */
  run: RunId;
}

/** What a trigger starts. */
export interface TriggeredWork {
  /** What a firing is expected to use, in the pool's unit. */
  estimate: number;
  /** What kind of task, for the router. */
  kind: TaskKind;
  /** A team or a single agent. */
  mode: SessionMode;
  /** The budget pool it is admitted by. */
  pool?: BudgetPoolId | null;
  /** The role, where the router is not asked. */
  role?: AgentRole | null;
  /** The task, as the agent is told. */
  task: string;
  /** The workflow, where runs follow one. */
  workflow?: WorkflowId | null;
}

/** Takes an issue out of its work chain. */
export interface UnchainIssue {
  /** Why. */
  reason: string;
}

/** Writes the next version and puts it in force; both texts are replaced. */
export interface UpdateContext {
  /** What the session's CLAUDE.md says. */
  claude_md?: string;
  /** Why it changes; one line. */
  note?: string | null;
  /** What the session's system prompt says; at most 512 KiB together with `claude_md`. */
  system_prompt?: string;
}

/** Records how the pull request stands. */
export interface UpdatePullRequest {
  /** How it stands now. */
  status: PullRequestStatus;
}

/** Records how that pull request stands. */
export interface UpdateSprintPullRequest {
  /** The sprint. */
  sprint: number;
  /** How it stands now. */
  status: PullRequestStatus;
}

/** US dollars from 0 to 1,000,000, nine decimals */
export type Usd = number;

export type UserId = string;

/** A configuration that an experiment tries. */
export interface Variant {
  /** The model that its runs ask for. */
  model?: string | null;
  /** Its name in the experiment, such as `opus`. */
  name: string;
  /** What else is different, in words; one line. */
  note?: string | null;
  /** The workflow that its runs follow. */
  workflow?: WorkflowId | null;
}

/** Fires on a request from outside, whose signature is checked. */
export interface WebhookCondition {
  /** The kinds of event that count, such as `issues.opened`; all where empty. */
  events: Array<string>;
  /** The project's environment variable with the secret that signs. */
  secret: string;
  /** Who sends it, such as `github`. */
  source: string;
}

/** A day of the week. */
export type Weekday = "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";

/** When use stops to count. */
export type WindowShape = "rolling" | "from_first_use" | "calendar_month" | "credit";

/** Takes back the publication of a version. */
export interface WithdrawAssetVersion {
  /** Why. */
  reason: string;
  /** A published version other than the active one. */
  version: number;
}

/** Gives a waiting request up. */
export interface WithdrawBudgetRequest {
  /** Why; one line. */
  reason?: string | null;
  /** The request. */
  request: BudgetRequestId;
}

export type WorkChainId = string;

export type WorkflowId = string;

/** What a workflow is to be. */
export interface WorkflowSettings {
  /** The agent's program where a step names none; `claude` where absent. */
  cli_tool?: string | null;
  /** Its loops, each with a name and 1 to 50 iterations. */
  loops?: Array<LoopDefinition>;
  /** The model where a step names none; that of its role where absent. */
  model?: string | null;
  /** What its sandboxes are made with. */
  sandbox?: SandboxSettings | null;
  /** Its steps, in order, at most 100. A single designer, or a designer & checker, may leave them out. */
  steps?: Array<StepSettings>;
  /** How hard a model is asked to think where a step says nothing. */
  thinking_effort?: Effort | null;
  /** Its shape. */
  workflow_type: WorkflowType;
}

/** Shape of a workflow. */
export type WorkflowType = "single_designer" | "designer_checker" | "custom_pipeline" | "persona_pipeline";

/** Writes a document, or the free section of a file of entries; the whole text is replaced. */
export interface WriteBrainText {
  /** The whole text, at most 512 KiB; empty takes it away. */
  content: string;
  /** The file, relative to `.brain/`: 1 to 200 bytes, no `..`, at most 500 files. */
  path: string;
}

/** Writes the text that every session's system prompt begins with; the whole text is replaced. */
export interface WriteIdentity {
  /** Why it changes; one line. */
  note?: string | null;
  /** The text; 1 byte to 64 KiB. */
  text: string;
}

/** Writes findings down. */
export interface WriteResearchNote {
  /** What was found; at most 512 KiB together. */
  findings?: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** The run it comes from. */
  run?: RunId | null;
  /** The session it comes from. */
  session?: SessionId | null;
  /** Where, one source a line. */
  sources?: string;
  /** A short name for lists; one line. */
  title: string;
}

/** Makes a rule, or writes it anew. */
export interface WriteRule {
  /** Its name: 1 to 63 of a-z, 0-9 and single hyphens; at most 200 rules. */
  name: string;
  /** What it says; 1 byte to 64 KiB. */
  text: string;
}

/** Sums a session up. */
export interface WriteSessionSummary {
  /** What was done; at most 512 KiB together. */
  done?: string;
  /** What was learned. */
  learned?: string;
  /** What comes next. */
  next?: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** The run it comes from. */
  run?: RunId | null;
  /** The session it comes from. */
  session?: SessionId | null;
  /** A short name for lists; one line. */
  title: string;
}
