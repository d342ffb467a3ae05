// Written by `cargo xtask gen`; edits are lost.

/** Rows of each view. */
export interface ViewRows {
  "projects": ProjectRow;
  "project-dashboard": DashboardRow;
  "runs": RunRow;
  "run-timeline": TimelineRow;
  "sandbox-messages": MessageRow;
  "usage": UsageRow;
  "usage-reconciliation": ReconciliationRow;
  "members": MemberRow;
  "project-settings": SettingRow;
  "personas": PersonaRow;
  "persona-versions": PersonaConfigurationVersion;
  "workflows": WorkflowRow;
  "workflow-versions": WorkflowDefinitionVersion;
  "run-next": NextRow;
  "sandboxes": SandboxRow;
  "quality": QualityRow;
  "assets": AssetRow;
  "asset-versions": AssetVersionRow;
  "script-executions": ScriptExecutionRow;
  "script-output": OutputRow;
  "plans": PlanRow;
  "plan-items": PlanPart;
  "issues": IssueRow;
  "issue-history": IssuePart;
  "issue-sessions": IssueSessionRow;
  "issue-findings": SessionPart;
  "answering-sessions": AnsweringSessionRow;
  "answers": AnswerRow;
  "chains": ChainRow;
  "work-chain-items": ChainItemRow;
  "sprint-chain-sprints": SprintRow;
  "schedule": ScheduleRow;
  "recurring-runs": RecurringRunRow;
  "learnings": LearningRow;
  "learning-queue": QueuedRow;
  "learning-documents": LearningDocumentRow;
  "learning-versions": LearningVersionRow;
  "metrics": MetricRow;
  "contexts": ContextRow;
  "context-history": ContextVersionRow;
  "agent-definitions": AgentRow;
  "triggers": TriggerRow;
  "firings": FiringRow;
  "heartbeats": HeartbeatRow;
  "routings": RoutingRow;
  "sessions": SessionRow2;
  "session-messages": SessionLine;
  "unfinished": UnfinishedRow;
  "webhook-deliveries": DeliveryRow;
  "teams": TeamRow;
  "team-board": BoardRow;
  "experiments": ExperimentRow;
  "identity": IdentityRow;
  "reviews": ReviewRow;
  "brain": FileRow;
  "budget": BudgetRow;
  "notifications": NotificationRow;
  "audit-trail": AuditRow;
  "users": UserRow;
  "access": AccessRow;
}

/** Version, scope and filters of each view. */
export const VIEWS = {
  "projects": { version: 1, scope: "live", filters: ["slug", "owner"] },
  "project-dashboard": { version: 1, scope: "live", filters: [] },
  "runs": { version: 1, scope: "live", filters: ["project", "status", "source", "model", "cli_tool", "workflow", "branch", "ci_status"] },
  "run-timeline": { version: 3, scope: "run", filters: [] },
  "sandbox-messages": { version: 1, scope: "sandbox", filters: ["kind", "role", "tool", "step", "is_error", "complete"] },
  "usage": { version: 1, scope: "live", filters: ["project", "model", "day", "provider"] },
  "usage-reconciliation": { version: 1, scope: "run", filters: [] },
  "members": { version: 1, scope: "live", filters: ["project", "status", "role", "user", "email"] },
  "project-settings": { version: 3, scope: "project", filters: [] },
  "personas": { version: 1, scope: "live", filters: ["project", "status", "persona_type", "name", "model", "cli_tool"] },
  "persona-versions": { version: 1, scope: "persona", filters: [] },
  "workflows": { version: 1, scope: "live", filters: ["project", "workflow_type", "archived", "name"] },
  "workflow-versions": { version: 1, scope: "workflow", filters: [] },
  "run-next": { version: 1, scope: "run", filters: [] },
  "sandboxes": { version: 2, scope: "live", filters: ["project", "run", "status", "provider", "template_id", "kill_reason"] },
  "quality": { version: 1, scope: "live", filters: ["project", "run", "persona", "model", "weights_version", "threshold_result", "consistent"] },
  "assets": { version: 2, scope: "live", filters: ["project", "kind", "name", "archived", "shared"] },
  "asset-versions": { version: 1, scope: "asset", filters: ["published", "active"] },
  "script-executions": { version: 1, scope: "live", filters: ["project", "asset", "run", "sandbox", "status", "moment"] },
  "script-output": { version: 1, scope: "script-execution", filters: ["stream"] },
  "plans": { version: 1, scope: "live", filters: ["project", "status", "run"] },
  "plan-items": { version: 1, scope: "plan", filters: [] },
  "issues": { version: 1, scope: "live", filters: ["project", "status", "priority", "work_chain", "run"] },
  "issue-history": { version: 1, scope: "issue", filters: [] },
  "issue-sessions": { version: 1, scope: "live", filters: ["project", "status", "run", "sandbox"] },
  "issue-findings": { version: 1, scope: "issue-session", filters: [] },
  "answering-sessions": { version: 1, scope: "live", filters: ["project", "status", "issue_session", "issue"] },
  "answers": { version: 1, scope: "answering-session", filters: ["source", "kind"] },
  "chains": { version: 1, scope: "live", filters: ["project", "kind", "status", "run", "branch"] },
  "work-chain-items": { version: 1, scope: "work-chain", filters: ["issue", "current", "outcome"] },
  "sprint-chain-sprints": { version: 1, scope: "sprint-chain", filters: ["current", "outcome", "awaits_approval"] },
  "schedule": { version: 1, scope: "live", filters: ["project", "status", "frequency", "workflow"] },
  "recurring-runs": { version: 1, scope: "recurring-task", filters: ["kind", "run"] },
  "learnings": { version: 1, scope: "live", filters: ["project", "status", "severity", "category", "source", "global", "run"] },
  "learning-queue": { version: 1, scope: "live", filters: ["project", "severity", "category", "source"] },
  "learning-documents": { version: 2, scope: "live", filters: ["project", "role", "complete"] },
  "learning-versions": { version: 2, scope: "learning-document", filters: ["active"] },
  "metrics": { version: 1, scope: "live", filters: ["project", "name", "archived"] },
  "contexts": { version: 1, scope: "live", filters: ["project", "session", "archived"] },
  "context-history": { version: 1, scope: "context", filters: ["active"] },
  "agent-definitions": { version: 2, scope: "live", filters: ["project", "name", "role", "archived", "shared"] },
  "triggers": { version: 1, scope: "live", filters: ["project", "kind", "enabled"] },
  "firings": { version: 1, scope: "live", filters: ["project", "trigger", "outcome", "run", "session"] },
  "heartbeats": { version: 1, scope: "live", filters: ["project", "heartbeat", "idle", "agrees"] },
  "routings": { version: 1, scope: "live", filters: ["project", "complexity", "firing"] },
  "sessions": { version: 2, scope: "live", filters: ["project", "mode", "status", "firing", "run", "resumes", "summarised", "ended_without_summary"] },
  "session-messages": { version: 1, scope: "session", filters: ["kind", "role", "tool", "steer", "is_error", "complete"] },
  "unfinished": { version: 1, scope: "live", filters: ["project", "kind"] },
  "webhook-deliveries": { version: 1, scope: "live", filters: ["project", "status", "source", "kind", "verified", "delivery"] },
  "teams": { version: 1, scope: "live", filters: ["project", "run", "firing"] },
  "team-board": { version: 1, scope: "team", filters: [] },
  "experiments": { version: 1, scope: "live", filters: ["project", "status", "winner"] },
  "identity": { version: 1, scope: "live", filters: ["rule"] },
  "reviews": { version: 2, scope: "live", filters: ["project", "status", "run", "action", "turn"] },
  "brain": { version: 3, scope: "live", filters: ["project", "path", "always_read"] },
  "budget": { version: 1, scope: "live", filters: ["project", "name", "plan", "closed"] },
  "notifications": { version: 1, scope: "live", filters: ["project", "kind", "about", "acknowledged"] },
  "audit-trail": { version: 1, scope: "live", filters: ["project", "actor", "aggregate", "event", "stream"] },
  "users": { version: 1, scope: "live", filters: ["email", "status", "administrator"] },
  "access": { version: 1, scope: "live", filters: ["kind", "project", "actor", "user", "reason"] },
} as const;

/** Payload of each event type. */
export interface EventData {
  WriterStarted: WriterStarted;
  SigningKeyRotated: SigningKeyRotated;
  ProjectCreated: ProjectCreated;
  ProjectRenamed: ProjectRenamed;
  ProjectDeleted: ProjectDeleted;
  RepositoryLinked: RepositoryLinked;
  LogoSet: LogoSet;
  SandboxPromptSet: SandboxPromptSet;
  ClaudeMdSet: ClaudeMdSet;
  SessionConfigured: SessionConfigured;
  EnvVarSet: EnvVarSet;
  EnvVarRemoved: EnvVarRemoved;
  GitAuthorSet: GitAuthorSet;
  LearningSettingsSet: LearningSettingsSet;
  MergingSettingsSet: MergingSettingsSet;
  QualityPolicySet: QualityPolicySet;
  MemberInvited: MemberInvited;
  InvitationAccepted: InvitationAccepted;
  MemberRoleChanged: MemberRoleChanged;
  MemberRemoved: MemberRemoved;
  ApiKeyIssued: ApiKeyIssued;
  ApiKeyRevoked: ApiKeyRevoked;
  ProviderKeySealed: ProviderKeySealed;
  InvitationRevoked: InvitationRevoked;
  ProviderKeyRemoved: ProviderKeyRemoved;
  FolderSet: FolderSet;
  NotificationAddressSet: NotificationAddressSet;
  MemberNotificationsSet: MemberNotificationsSet;
  ContentSealingSet: ContentSealingSet;
  SandboxCreated: SandboxCreated;
  SandboxStarted: SandboxStarted;
  SandboxPaused: SandboxPaused;
  SandboxResumed: SandboxResumed;
  SandboxKilled: SandboxKilled;
  SandboxFailed: SandboxFailed;
  MessageAppended: MessageAppended;
  MessageContinued: MessageContinued;
  FilesSyncedIn: FilesSyncedIn;
  FilesSyncedBack: FilesSyncedBack;
  RunRequested: RunRequested;
  RunStarted: RunStarted;
  BranchCreated: BranchCreated;
  StepStarted: StepStarted;
  StepMessageAppended: StepMessageAppended;
  StepContentContinued: StepContentContinued;
  ToolCalled: ToolCalled;
  ToolReturned: ToolReturned;
  StepUsageRecorded: StepUsageRecorded;
  VerdictIssued: VerdictIssued;
  ScoresIssued: ScoresIssued;
  JudgementIssued: JudgementIssued;
  StepCompleted: StepCompleted;
  StepFailed: StepFailed;
  StepSkipped: StepSkipped;
  LoopIterated: LoopIterated;
  LoopForcedOn: LoopForcedOn;
  PullRequestOpened: PullRequestOpened;
  PullRequestUpdated: PullRequestUpdated;
  CiChecksPolled: CiChecksPolled;
  RunScored: RunScored;
  OperatorSteered: OperatorSteered;
  RunForked: RunForked;
  RunCompleted: RunCompleted;
  RunFailed: RunFailed;
  RunCancelled: RunCancelled;
  AgentLineUnrecognised: AgentLineUnrecognised;
  BranchesMerged: BranchesMerged;
  MergeConflicted: MergeConflicted;
  ToolApprovalAwaited: ToolApprovalAwaited;
  InstructionsPinned: InstructionsPinned;
  TelemetryRecorded: TelemetryRecorded;
  LearningProposed: LearningProposed;
  LearningEdited: LearningEdited;
  LearningApproved: LearningApproved;
  LearningRejected: LearningRejected;
  LearningRetired: LearningRetired;
  LearningPromoted: LearningPromoted;
  ContextCreated: ContextCreated;
  ContextVersioned: ContextVersioned;
  ContextActivated: ContextActivated;
  ContextArchived: ContextArchived;
  AssetCreated: AssetCreated;
  AssetRenamed: AssetRenamed;
  AssetVersionAdded: AssetVersionAdded;
  AssetVersionPublished: AssetVersionPublished;
  AssetVersionActivated: AssetVersionActivated;
  AssetVersionWithdrawn: AssetVersionWithdrawn;
  AssetArchived: AssetArchived;
  AssetShared: AssetShared;
  ScriptStarted: ScriptStarted;
  ScriptOutputAppended: ScriptOutputAppended;
  ScriptExited: ScriptExited;
  ScriptFailed: ScriptFailed;
  PlanProposed: PlanProposed;
  PlanReworded: PlanReworded;
  PlanItemAdded: PlanItemAdded;
  PlanItemEdited: PlanItemEdited;
  PlanItemRemoved: PlanItemRemoved;
  PlanReordered: PlanReordered;
  PlanApproved: PlanApproved;
  PlanRejected: PlanRejected;
  PlanItemConverted: PlanItemConverted;
  PlanCompleted: PlanCompleted;
  PlanArchived: PlanArchived;
  IssueSessionRequested: IssueSessionRequested;
  IssueSessionStarted: IssueSessionStarted;
  IssueFound: IssueFound;
  PointRaised: PointRaised;
  FindingConverted: FindingConverted;
  FindingDismissed: FindingDismissed;
  PointsHandedOver: PointsHandedOver;
  IssueSessionCompleted: IssueSessionCompleted;
  IssueSessionFailed: IssueSessionFailed;
  IssueSessionCancelled: IssueSessionCancelled;
  AnsweringSessionRequested: AnsweringSessionRequested;
  AnsweringSessionStarted: AnsweringSessionStarted;
  QuestionAnswered: QuestionAnswered;
  QuestionLeftOpen: QuestionLeftOpen;
  AnsweringSessionCompleted: AnsweringSessionCompleted;
  AnswersPassedOn: AnswersPassedOn;
  AnsweringSessionFailed: AnsweringSessionFailed;
  AnsweringSessionCancelled: AnsweringSessionCancelled;
  IssueOpened: IssueOpened;
  IssueEdited: IssueEdited;
  IssueChained: IssueChained;
  IssueUnchained: IssueUnchained;
  IssueRunStarted: IssueRunStarted;
  IssueRunEnded: IssueRunEnded;
  IssueAnswersAttached: IssueAnswersAttached;
  IssueResolved: IssueResolved;
  IssueDismissed: IssueDismissed;
  IssueReopened: IssueReopened;
  WorkChainCreated: WorkChainCreated;
  WorkChainIssueAdded: WorkChainIssueAdded;
  WorkChainIssueRemoved: WorkChainIssueRemoved;
  WorkChainReordered: WorkChainReordered;
  WorkChainStarted: WorkChainStarted;
  WorkChainRunStarted: WorkChainRunStarted;
  WorkChainRunEnded: WorkChainRunEnded;
  WorkChainAdvanced: WorkChainAdvanced;
  WorkChainRetried: WorkChainRetried;
  WorkChainIssueSkipped: WorkChainIssueSkipped;
  WorkChainPaused: WorkChainPaused;
  WorkChainResumed: WorkChainResumed;
  WorkChainCompleted: WorkChainCompleted;
  WorkChainStopped: WorkChainStopped;
  WorkChainCancelled: WorkChainCancelled;
  SprintChainCreated: SprintChainCreated;
  SprintPromptSet: SprintPromptSet;
  SprintAdvanceSet: SprintAdvanceSet;
  SprintChainStarted: SprintChainStarted;
  SprintStarted: SprintStarted;
  SprintEnded: SprintEnded;
  SprintRetried: SprintRetried;
  SprintPullRequestOpened: SprintPullRequestOpened;
  SprintPullRequestUpdated: SprintPullRequestUpdated;
  SprintApprovalAwaited: SprintApprovalAwaited;
  SprintApproved: SprintApproved;
  SprintChainAdvanced: SprintChainAdvanced;
  SprintSkipped: SprintSkipped;
  SprintChainPaused: SprintChainPaused;
  SprintChainResumed: SprintChainResumed;
  SprintChainCompleted: SprintChainCompleted;
  SprintChainStopped: SprintChainStopped;
  SprintChainCancelled: SprintChainCancelled;
  RecurringTaskCreated: RecurringTaskCreated;
  RecurringTaskEdited: RecurringTaskEdited;
  RecurringTaskRescheduled: RecurringTaskRescheduled;
  RecurringTaskPaused: RecurringTaskPaused;
  RecurringTaskResumed: RecurringTaskResumed;
  RecurringRunDispatched: RecurringRunDispatched;
  RecurringRunsMissed: RecurringRunsMissed;
  RecurringRunTriggered: RecurringRunTriggered;
  RecurringTaskArchived: RecurringTaskArchived;
  LearningDocumentOpened: LearningDocumentOpened;
  LearningVersionCompiled: LearningVersionCompiled;
  LearningVersionActivated: LearningVersionActivated;
  LearningsLeftOut: LearningsLeftOut;
  TaskRouted: TaskRouted;
  RoutingOverridden: RoutingOverridden;
  ReviewOpened: ReviewOpened;
  ReviewCycleScored: ReviewCycleScored;
  ReviewSettled: ReviewSettled;
  ReviewAbandoned: ReviewAbandoned;
  ReviewCycleSandboxed: ReviewCycleSandboxed;
  TriggerCreated: TriggerCreated;
  TriggerConfigured: TriggerConfigured;
  TriggerEnabled: TriggerEnabled;
  TriggerDisabled: TriggerDisabled;
  TriggerDeleted: TriggerDeleted;
  TriggerFired: TriggerFired;
  FiringQueued: FiringQueued;
  FiringSkipped: FiringSkipped;
  FiringDeduplicated: FiringDeduplicated;
  QueuedFiringStarted: QueuedFiringStarted;
  QueuedFiringDropped: QueuedFiringDropped;
  HeartbeatStarted: HeartbeatStarted;
  HeartbeatSummarised: HeartbeatSummarised;
  HeartbeatStopped: HeartbeatStopped;
  BudgetPoolOpened: BudgetPoolOpened;
  BudgetPoolResized: BudgetPoolResized;
  BudgetUsed: BudgetUsed;
  BudgetReserved: BudgetReserved;
  BudgetQueued: BudgetQueued;
  BudgetRequestWithdrawn: BudgetRequestWithdrawn;
  BudgetReservationReleased: BudgetReservationReleased;
  VendorEvidenceRecorded: VendorEvidenceRecorded;
  BudgetPoolClosed: BudgetPoolClosed;
  BrainCreated: BrainCreated;
  BrainTextWritten: BrainTextWritten;
  BrainPruned: BrainPruned;
  DecisionLogged: DecisionLogged;
  DecisionEdited: DecisionEdited;
  DecisionArchived: DecisionArchived;
  DecisionRestored: DecisionRestored;
  DecisionSuperseded: DecisionSuperseded;
  PatternNoted: PatternNoted;
  PatternEdited: PatternEdited;
  PatternArchived: PatternArchived;
  PatternRestored: PatternRestored;
  PatternConsolidated: PatternConsolidated;
  PatternPromoted: PatternPromoted;
  MistakeLogged: MistakeLogged;
  MistakeEdited: MistakeEdited;
  MistakeArchived: MistakeArchived;
  MistakeRestored: MistakeRestored;
  MistakeResolved: MistakeResolved;
  MistakeReopened: MistakeReopened;
  MistakePromoted: MistakePromoted;
  ResearchNoteWritten: ResearchNoteWritten;
  ResearchNoteEdited: ResearchNoteEdited;
  ResearchNoteArchived: ResearchNoteArchived;
  ResearchNoteRestored: ResearchNoteRestored;
  SessionSummarised: SessionSummarised;
  SessionSummaryEdited: SessionSummaryEdited;
  SessionSummaryArchived: SessionSummaryArchived;
  SessionSummaryRestored: SessionSummaryRestored;
  AgentDefined: AgentDefined;
  AgentRevised: AgentRevised;
  AgentVersionActivated: AgentVersionActivated;
  AgentLoaded: AgentLoaded;
  AgentArchived: AgentArchived;
  AgentSandboxSized: AgentSandboxSized;
  AgentShared: AgentShared;
  SessionBuilt: SessionBuilt;
  SessionStarted: SessionStarted;
  SessionSteered: SessionSteered;
  SessionEnded: SessionEnded;
  SessionResumed: SessionResumed;
  NotificationRaised: NotificationRaised;
  NotificationDelivered: NotificationDelivered;
  NotificationDeliveryFailed: NotificationDeliveryFailed;
  NotificationRead: NotificationRead;
  NotificationAcknowledged: NotificationAcknowledged;
  ClaimTaken: ClaimTaken;
  ClaimReleased: ClaimReleased;
  WorkflowCreated: WorkflowCreated;
  WorkflowRenamed: WorkflowRenamed;
  WorkflowDefined: WorkflowDefined;
  WorkflowArchived: WorkflowArchived;
  PersonaCreated: PersonaCreated;
  PersonaRenamed: PersonaRenamed;
  PersonaConfigured: PersonaConfigured;
  PersonaEnabled: PersonaEnabled;
  PersonaDisabled: PersonaDisabled;
  PersonaArchived: PersonaArchived;
  LoggedIn: LoggedIn;
  AccessDenied: AccessDenied;
  DataExported: DataExported;
  ContentRead: ContentRead;
  UserRegistered: UserRegistered;
  UserRenamed: UserRenamed;
  PasswordSet: PasswordSet;
  EmailChanged: EmailChanged;
  UserDisabled: UserDisabled;
  UserEnabled: UserEnabled;
  AdministratorAppointed: AdministratorAppointed;
  AdministratorDismissed: AdministratorDismissed;
  PassIssued: PassIssued;
  PassRevoked: PassRevoked;
  ViewEventSkipped: ViewEventSkipped;
  ViewEventRestored: ViewEventRestored;
  MetricDefined: MetricDefined;
  MetricRevised: MetricRevised;
  MetricArchived: MetricArchived;
  IdentityWritten: IdentityWritten;
  RuleWritten: RuleWritten;
  RuleRemoved: RuleRemoved;
  WebhookReceived: WebhookReceived;
  WebhookEvaluated: WebhookEvaluated;
  WebhookDropped: WebhookDropped;
  TeamFormed: TeamFormed;
  TeamMemberJoined: TeamMemberJoined;
  TeamTaskAdded: TeamTaskAdded;
  TeamTaskClaimed: TeamTaskClaimed;
  TeamTaskReleased: TeamTaskReleased;
  TeamTaskCompleted: TeamTaskCompleted;
  TeamMessageSent: TeamMessageSent;
  TeamMessageRead: TeamMessageRead;
  TeamDisbanded: TeamDisbanded;
  ExperimentOpened: ExperimentOpened;
  ExperimentRunAdded: ExperimentRunAdded;
  ExperimentSettled: ExperimentSettled;
  ExperimentAbandoned: ExperimentAbandoned;
  ErasureRequested: ErasureRequested;
  ErasureCompleted: ErasureCompleted;
}

/** Somebody was turned away. The commit's actor says who, where anybody is known. */
export interface AccessDenied {
  /** The network address that they came from, as far as it is known. */
  address: string | null;
  /** What was asked for: method and path, or the topic of a subscription. */
  asked: string;
  /** Others like it before this one that are not in the log one by one. */
  left_out: number;
  /** Why. */
  reason: DenialReason;
}

/** One access. */
export interface AccessRow {
  /** Of which aggregate. */
  about: StreamId | null;
  /** Who did it; `system` where nobody is known. */
  actor: Actor;
  /** The network address at the other end, as far as it is known. */
  address: string | null;
  /** When. */
  at: Timestamp;
  /** What happened. */
  kind: Kind2;
  /** Denials like this one before it that the log does not hold one by one. */
  left_out: number;
  /** The project it is of; none for logins and denials, which are of the installation. */
  project: ProjectId | null;
  /** Why it was denied. */
  reason: DenialReason | null;
  /** The person who logged in. */
  user: UserId | null;
  /** What was asked for, taken out or read. */
  what: string | null;
}

/** What one witness says. */
export interface Account {
  /** Tokens read from the cache. */
  cache_read_tokens: number;
  /** Tokens written to the cache. */
  cache_write_tokens: number;
  /** Model calls; absent where it does not count them. */
  calls: number | null;
  /** Whether some of the cost is unknown. */
  cost_incomplete: boolean;
  /** What is known of the cost; absent where nothing is. */
  cost_usd: Usd | null;
  /** Events that say it. */
  events: number;
  /** Tokens in, without the cached ones. */
  input_tokens: number;
  /** Tokens out. */
  output_tokens: number;
}

/** system, operator, scheduler, importer, user-…, api-key-… or step-… */
export type Actor = string;

/** They manage the installation. */
export type AdministratorAppointed = Record<string, unknown>;

/** They no longer manage the installation. */
export type AdministratorDismissed = Record<string, unknown>;

/** How a chain goes from one sprint to the next. */
export type Advance = "automatic" | "manual";

/** It is no longer offered. */
export type AgentArchived = Record<string, unknown>;

/** An agent was defined; this is its version 1, and it is active. */
export interface AgentDefined {
  /** What its file says. */
  profile: AgentProfile;
  /** The project it belongs to. */
  project: ProjectId;
}

export type AgentDefinitionId = string;

/** The agent's stream held a line of unknown shape, kept as it came. */
export interface AgentLineUnrecognised {
  /** Length of the whole line in bytes. */
  length: number;
  /** Where it stood, such as `session.jsonl:12`. */
  origin: string;
  /** The line; its first 512 KiB where it is longer. */
  raw: string;
}

/** A version was loaded into a persona. */
export interface AgentLoaded {
  /** The persona. */
  persona: PersonaId;
  /** The version. */
  version: number;
}

/** What an agent file says, with the defaults of its role where it says nothing. */
export interface AgentProfile {
  /** What it is for. */
  description: string | null;
  /** The MCP servers it is given. */
  mcp_servers: Array<string>;
  /** Its model, by alias or name. */
  model: string;
  /** Its name. */
  name: string;
  /** The prompt. */
  prompt: string;
  /** The role of that name, where there is one. */
  role: AgentRole | null;
  /** Whether it runs in a sandbox. */
  sandboxed: boolean;
  /** The skills it refers to, by name. */
  skills: Array<string>;
  /** The file, as it came. */
  text: string;
  /** The tools it may use. */
  tools: Array<string>;
}

/** Another file was put in its place, and is active. */
export interface AgentRevised {
  /** What its file says. */
  profile: AgentProfile;
  /** The version, one more than the last. */
  version: number;
}

/** The job of an agent in the autonomous stack. */
export type AgentRole = "scout" | "architect" | "builder" | "reviewer" | "team-lead" | "memory-janitor" | "initializer";

/** An agent definition. */
export interface AgentRow {
  /** Whether it is no longer offered. */
  archived: boolean;
  /** Its name. */
  name: string;
  /** The personas it was loaded into, with version. */
  personas: Array<[PersonaId, number]>;
  /** What the active version says. */
  profile: AgentProfile;
  /** The project it belongs to. */
  project: ProjectId;
  /** The role of that name. */
  role: AgentRole | null;
  /** How large the sandbox of the active version is, where its file says so. */
  sandbox: AgentSandbox | null;
  /** Whether every project may use it. */
  shared: boolean;
  /** When it last changed. */
  updated_at: Timestamp;
  /** The active version. */
  version: number;
  /** How many versions there are. */
  versions: number;
}

/** What the sandbox of an agent is made with. */
export interface AgentSandbox {
  /** Its CPUs, 1 to 8. */
  cpus: number | null;
  /** Its memory, 256 to 8,192 MB. */
  memory_mb: number | null;
  /** The template, such as a runtime's. */
  template_id: string | null;
  /** How long it may live, 60,000 to 14,400,000 ms. */
  timeout_ms: number | null;
}

/** A version's file says how large its sandbox is; in the commit that brought the file. */
export interface AgentSandboxSized {
  /** What it is made with; what is left out takes the platform's default. */
  sandbox: AgentSandbox;
  /** The version. */
  version: number;
}

/** It may be used in every project. */
export type AgentShared = Record<string, unknown>;

/** An older version, or again a newer one, is in force. */
export interface AgentVersionActivated {
  /** The version in force. */
  version: number;
}

/** What is made of the items of a group. */
export type Aggregation = "count" | "sum" | "mean" | "rate" | "per" | "p50" | "p90" | "p99" | "composite";

/** A question; its key is `item/` and its number. */
export interface AnswerRow {
  /** The latest answer. */
  answer: string | null;
  /** When it was last answered. */
  answered_at: Timestamp | null;
  /** How sure the answerer is. */
  confidence: Share | null;
  /** What it is. */
  kind: PointKind;
  /** Why it was left open, as long as it is. */
  left_open: string | null;
  /** The person, where it was one. */
  person: UserId | null;
  /** The number of the point in the issue session that raised it. */
  point: number | null;
  /** Its number. */
  question: number;
  /** Why so. */
  rationale: string | null;
  /** Who answered. */
  source: AnswerSource | null;
  /** In words. */
  text: string;
}

/** Who gave an answer. */
export type AnswerSource = "agent" | "human";

/** The session was ended by somebody; its answers stand. */
export interface AnsweringSessionCancelled {
  /** Why. */
  reason: string | null;
}

/** Every question is answered or left open. */
export type AnsweringSessionCompleted = Record<string, unknown>;

/** The session ended by a failure; its answers stand. */
export interface AnsweringSessionFailed {
  /** In words. */
  error: string;
}

export type AnsweringSessionId = string;

/** A session was asked for; its questions are numbered from 1, in order. */
export interface AnsweringSessionRequested {
  /** The context in force, with version. */
  context: [ContextId, number] | null;
  /** The issue whose implementation waits for the answers. */
  issue: IssueId | null;
  /** The issue session that raised the questions. */
  issue_session: IssueSessionId | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** What is to be answered. */
  questions: Array<OpenQuestion>;
}

/** An answering session. */
export interface AnsweringSessionRow {
  /** The numbers of those that are answered. */
  answered: Array<number>;
  /** When it was asked for. */
  created_at: Timestamp;
  /** Why it failed or was cancelled. */
  error: string | null;
  /** The issue whose implementation waits. */
  issue: IssueId | null;
  /** The issue session that raised the questions. */
  issue_session: IssueSessionId | null;
  /** The numbers of those that were left open. */
  left_open: Array<number>;
  /** The runs that have the answers. */
  passed_on_to: Array<RunId>;
  /** The persona that answers. */
  persona: PersonaId | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** How many questions there are. */
  questions: number;
  /** How it stands. */
  status: SessionStatus;
  /** When it last changed. */
  updated_at: Timestamp;
}

/** An answerer began; a person needs no start. */
export interface AnsweringSessionStarted {
  /** The persona that answers. */
  persona: PersonaId | null;
  /** The run that it is part of. */
  run: RunId | null;
  /** Where it works. */
  sandbox: SandboxId | null;
}

/** The answers were handed to a run that implements. */
export interface AnswersPassedOn {
  /** The run. */
  run: RunId;
}

export type ApiKeyId = string;

/** An API key works from now on. The secret itself is nowhere in the log. */
export interface ApiKeyIssued {
  /** When it stops working. */
  expires_at: Timestamp | null;
  /** The key. */
  key: ApiKeyId;
  /** What people call it. */
  name: string;
  /** What it may do. */
  scopes: Array<string>;
  /** SHA-256 of the secret, hex. */
  secret_sha256: string;
}

/** An API key works no longer. */
export interface ApiKeyRevoked {
  /** The key. */
  key: ApiKeyId;
}

/** An API key, without anything of its secret. */
export interface ApiKeyRow {
  /** When it stops working. */
  expires_at: Timestamp | null;
  /** When it was made to work. */
  issued_at: Timestamp;
  /** The key. */
  key: ApiKeyId;
  /** What people call it. */
  name: string;
  /** When it was revoked. */
  revoked_at: Timestamp | null;
  /** What it may do. */
  scopes: Array<string>;
}

/** The asset is no longer offered; its versions stay readable. */
export type AssetArchived = Record<string, unknown>;

/** What a version holds. */
export type AssetContent = { skill: { files: Array<SkillFile> } } | { command: { expression: string } } | { script: { language: ScriptLanguage; moment: ScriptMoment; source: string } };

/** An asset was made. Its first version follows in the same commit; none is in force yet. */
export interface AssetCreated {
  /** What it is good for. */
  description: string;
  /** What it is. */
  kind: AssetKind;
  /** Its name; the alias, where it is a command. */
  name: string;
  /** The project it belongs to. */
  project: ProjectId;
}

export type AssetId = string;

/** What an asset is. */
export type AssetKind = "skill" | "command" | "script";

/** It has another name or description. */
export interface AssetRenamed {
  /** What it is good for. */
  description: string;
  /** Its name; the alias, where it is a command. */
  name: string;
}

/** An asset. */
export interface AssetRow {
  /** The one in force for new sessions. */
  active_version: number | null;
  /** Whether it is out of use. */
  archived: boolean;
  /** When it was made. */
  created_at: Timestamp;
  /** The first 200 characters of what it is good for. */
  description_preview: string;
  /** What it is. */
  kind: AssetKind;
  /** Its name. */
  name: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** The published ones. */
  published_versions: Array<number>;
  /** Whether every project may use it. */
  shared: boolean;
  /** When it last changed. */
  updated_at: Timestamp;
  /** How many versions there are. */
  versions: number;
}

/** The asset may be used in every project. */
export type AssetShared = Record<string, unknown>;

/** An older published version, or again a newer one, is in force for sessions that begin from now on. */
export interface AssetVersionActivated {
  /** The version in force. */
  version: number;
}

/** A version was written. It never changes, and is in force for nobody until it is published. */
export interface AssetVersionAdded {
  /** What it holds. */
  content: AssetContent;
  /** Why it was written. */
  note: string | null;
  /** The version, one more than the last. */
  version: number;
}

/** A version was published and is in force for sessions that begin from now on. Running ones keep theirs. */
export interface AssetVersionPublished {
  /** The version in force. */
  version: number;
}

/** A version of an asset; its key is `item/` and the version. */
export interface AssetVersionRow {
  /** Whether it is in force for new sessions. */
  active: boolean;
  /** What it holds, files included. */
  content: AssetContent;
  /** When it was written. */
  created_at: Timestamp;
  /** Why it was written. */
  note: string | null;
  /** Whether it is published. */
  published: boolean;
  /** When it was last published. */
  published_at: Timestamp | null;
  /** The version, from 1. */
  version: number;
  /** Why its publication was taken back, as long as it is. */
  withdrawn: string | null;
}

/** A published version is no longer offered. It can be published again. */
export interface AssetVersionWithdrawn {
  /** Why. */
  reason: string;
  /** The version. */
  version: number;
}

/** Something that somebody did. */
export interface AuditRow {
  /** Who. */
  actor: Actor;
  /** To what kind of thing. */
  aggregate: string;
  /** When. */
  at: Timestamp;
  /** The commit. */
  commit: CommitId;
  /** What, as the event's name. */
  event: string;
  /** In which project. */
  project: ProjectId | null;
  /** To what. */
  stream: StreamId;
  /** The event's place in that stream. */
  version: StreamVersion;
}

/** Who shows it. Variants are stored by number: append, never reorder. */
export type Bearer = { person: { user: UserId } } | { agent: { project: ProjectId; run: RunId; step: StepId | null } };

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

/** What a run of a workflow does. Loops hold neighbouring steps and end with one that issues verdicts. */
export interface Blueprint {
  /** Its loops. */
  loops: Array<PlannedLoop>;
  /** Its steps, in order. */
  steps: Array<PlannedStep>;
}

/** A task, under `item/` and its number, or a message, under `point/` and its number. */
export type BoardRow = { task: TaskRow } | { message: MailRow };

/** A project got a brain. */
export interface BrainCreated {
  /** The project it belongs to. */
  project: ProjectId;
}

/** The brain was pruned; each entry that left its file says so itself. */
export interface BrainPruned {
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

/** A document, or the free section of a file of entries, was written anew. */
export interface BrainTextWritten {
  /** The whole text; empty where it was taken away. */
  content: string;
  /** The file, relative to `.brain/`. */
  path: string;
}

/** The run's branch was made. */
export interface BranchCreated {
  /** The branch it left from. */
  base_branch: string;
  /** The new branch. */
  branch: string;
}

/** Branches were merged. */
export interface BranchesMerged {
  /** The branches that went in. */
  branches: Array<string>;
  /** The commit at its head, 40 or 64 hex digits. */
  commit: string;
  /** The branch that holds them all. */
  into: string;
  /** The merging step. */
  step: StepId;
}

/** The pool takes no more requests. */
export type BudgetPoolClosed = Record<string, unknown>;

export type BudgetPoolId = string;

/** A pool was opened. */
export interface BudgetPoolOpened {
  /** What automated work may use of it, 0 to 1. */
  automated_share: Share;
  /** What it allows. */
  capacity: number;
  /** Length of the window; 0 where the shape has none. */
  length_ms: number;
  /** A short name for lists. */
  name: string;
  /** The plan it stands for. */
  plan: string | null;
  /** The project it belongs to; none where all projects share it. */
  project: ProjectId | null;
  /** When use stops to count. */
  shape: WindowShape;
  /** What it counts. */
  unit: PoolUnit;
}

/** The plan changed. */
export interface BudgetPoolResized {
  /** What automated work may use of it, 0 to 1. */
  automated_share: Share;
  /** What it allows. */
  capacity: number;
  /** The plan it stands for. */
  plan: string | null;
}

/** A request did not fit, and waits. */
export interface BudgetQueued {
  /** How much. */
  amount: number;
  /** When. */
  at: Timestamp;
  /** The firing it is for. */
  firing: FiringId | null;
  /** What it was decided on. */
  level: PoolLevel;
  /** What for. */
  purpose: Purpose;
  /** Why it waits. */
  reason: Shortage;
  /** The request. */
  request: BudgetRequestId;
  /** When it will fit, as far as known. */
  until: Timestamp | null;
}

export type BudgetRequestId = string;

/** A waiting request was given up. */
export interface BudgetRequestWithdrawn {
  /** Why. */
  reason: string | null;
  /** The request. */
  request: BudgetRequestId;
}

/** A promise was taken back unused. */
export interface BudgetReservationReleased {
  /** The request. */
  request: BudgetRequestId;
}

/** A request fitted, and its budget is promised. */
export interface BudgetReserved {
  /** How much. */
  amount: number;
  /** When. */
  at: Timestamp;
  /** When the promise ends by itself. */
  expires_at: Timestamp;
  /** The firing it is for. */
  firing: FiringId | null;
  /** What it was decided on. */
  level: PoolLevel;
  /** What for. */
  purpose: Purpose;
  /** The request. */
  request: BudgetRequestId;
}

/** A budget pool, as of the last thing that happened to it. */
export interface BudgetRow {
  /** When the last of the first twenty fits; absent where nothing waits, or one never fits. */
  all_fit_at: Timestamp | null;
  /** The instant that these figures stand for. */
  as_of: Timestamp;
  /** What automated work may use, 0 to 1. */
  automated_share: Share;
  /** Whether it is closed. */
  closed: boolean;
  /** Length of the window; 0 where it has none. */
  length_ms: number;
  /** What is used and promised. */
  level: PoolLevel;
  /** A short name. */
  name: string;
  /** The plan it stands for. */
  plan: string | null;
  /** The project it belongs to; none where all share it. */
  project: ProjectId | null;
  /** What waits, in order. */
  queue: Array<QueueLine>;
  /** How much waits. */
  queued: number;
  /** When use stops to count. */
  shape: WindowShape;
  /** What it counts. */
  unit: PoolUnit;
}

/** Budget was used. */
export interface BudgetUsed {
  /** How much. */
  amount: number;
  /** When. */
  at: Timestamp;
  /** What for. */
  purpose: Purpose;
  /** The reservation that it settles. */
  request: BudgetRequestId | null;
  /** The run that used it. */
  run: RunId | null;
  /** The session that used it. */
  session: SessionId | null;
}

/** A judge's note on one candidate. */
export interface CandidateNote {
  /** The candidate, as listed. */
  candidate: string;
  /** What the judge says of it. */
  note: string;
}

/** An issue of the chain; its key is `item/` and its place, from 1. */
export interface ChainItemRow {
  /** How many runs there were. */
  attempts: number;
  /** Whether it is the chain's current one. */
  current: boolean;
  /** The issue. */
  issue: IssueId;
  /** How the latest run ended; absent while it works. */
  outcome: RunOutcome | null;
  /** The latest run. */
  run: RunId | null;
  /** Why it was passed over. */
  skipped: string | null;
  /** When it last changed. */
  updated_at: Timestamp;
}

/** What a chain is of. */
export type ChainKind = "work" | "sprint";

/** A chain. */
export interface ChainRow {
  /** How it goes on from one link to the next. */
  advance: Advance;
  /** The branch of a work chain; of a sprint chain, that of the current sprint. */
  branch: string | null;
  /** When it was made. */
  created_at: Timestamp;
  /** The current one, from 1; 0 before the start. */
  current: number;
  /** What it is of. */
  kind: ChainKind;
  /** How many links it has. */
  links: number;
  /** What a failed run leads to. */
  on_failure: FailurePolicy;
  /** Why no further run begins, as long as none does. */
  paused: string | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** Why it was stopped or cancelled. */
  reason: string | null;
  /** The run at work. */
  run: RunId | null;
  /** How many runs there were. */
  runs: number;
  /** How many were passed over. */
  skipped: number;
  /** How it stands. */
  status: ChainStatus;
  /** Its short name. */
  title: string;
  /** When it last changed. */
  updated_at: Timestamp;
}

/** How a chain stands. */
export type ChainStatus = "planned" | "waiting" | "running" | "awaiting" | "completed" | "stopped" | "cancelled";

/** Way of a notification to people. */
export type Channel = "webhook" | "desktop" | "dashboard";

/** How continuous integration stands. */
export interface Ci {
  /** When it was asked. */
  checked_at: Timestamp;
  /** Each check. */
  checks: Array<CiCheck>;
  /** As a whole. */
  status: CiStatus;
}

/** One check of continuous integration. */
export interface CiCheck {
  /** Where its details are. */
  details_url: string | null;
  /** The check's name. */
  name: string;
  /** How it stands. */
  status: CiStatus;
}

/** Continuous integration was asked. */
export interface CiChecksPolled {
  /** When it was asked. */
  checked_at: Timestamp | null;
  /** Each check. */
  checks: Array<CiCheck>;
  /** How it stands as a whole. */
  status: CiStatus;
}

/** How continuous integration stands. */
export type CiStatus = "pending" | "running" | "passing" | "failing" | "skipped";

/** The aggregate does not hold the value, or no longer. */
export interface ClaimReleased {
  /** The aggregate that had taken it. */
  holder: StreamId;
}

/** An aggregate is to hold the value. It does once its own command is in the log. */
export interface ClaimTaken {
  /** The aggregate that holds it. */
  holder: StreamId;
  /** The value. */
  key: string;
  /** What kind of value it is. */
  scope: string;
}

/** Every sandbox's CLAUDE.md says this. */
export interface ClaudeMdSet {
  /** The text; empty for none. */
  content: string;
}

/** Fires on a command. */
export interface CommandCondition {
  /** The command's name. */
  name: string;
}

export type CommitId = string;

/** How a field stands to a value. */
export type Comparison = "is" | "is_not" | "at_least" | "at_most";

/** How many agents a task takes. */
export type Complexity = "solo" | "plan_build" | "full_team";

/** When a trigger fires. Stored by number: append, never reorder. */
export type Condition = { cron: CronCondition } | { webhook: WebhookCondition } | { command: CommandCondition } | { file_change: FileChangeCondition } | { stalled: StalledCondition };

/** The exact versions a run was started with. */
export interface Configuration {
  /** Skills, commands and scripts in force, with version. */
  assets: Array<[AssetId, number]>;
  /** Contexts in force, with version. */
  contexts: Array<[ContextId, number]>;
  /** Learning version in force, where it is one for all roles. */
  learning_version: number | null;
  /** Learning versions in force, by role. */
  learning_versions: Array<[Role, number]>;
  /** Their versions, in the order of `personas`; empty where a run was requested before they were recorded. */
  persona_versions: Array<number>;
  /** Personas taking part. */
  personas: Array<PersonaId>;
  /** Version of the workflow's definition. */
  workflow_version: number | null;
}

/** An auditor read what a project's people and agents wrote. The commit's actor says who. */
export interface ContentRead {
  /** Of which aggregate, where it is one. */
  about: StreamId | null;
  /** The network address that it went to, as far as it is known. */
  address: string | null;
  /** The project it is of. */
  project: ProjectId;
  /** The view, or `events`. */
  what: string;
}

/** Whether prompts and messages are sealed, and under whose key. Variants are stored by number. */
export type ContentSealing = "off" | "project" | "person";

/** Prompts and messages are sealed in this way from now on. */
export interface ContentSealingSet {
  /** Under whose key. */
  sealing: ContentSealing;
}

/** An older version, or again a newer one, is in force. */
export interface ContextActivated {
  /** The version in force. */
  version: number;
}

/** The context is no longer offered; its versions stay readable. */
export type ContextArchived = Record<string, unknown>;

/** A context was made; this is its version 1, and it is active. */
export interface ContextCreated {
  /** What the session's CLAUDE.md says. */
  claude_md: string;
  /** A short name for lists. */
  name: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** The kind of session it is for. */
  session: SessionType;
  /** What the session's system prompt says. */
  system_prompt: string;
}

export type ContextId = string;

/** A context. */
export interface ContextRow {
  /** The one in force for new sessions. */
  active_version: number;
  /** Whether it is out of use. */
  archived: boolean;
  /** When it was made. */
  created_at: Timestamp;
  /** Its short name. */
  name: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** The kind of session it is for. */
  session: SessionType;
  /** When it last changed. */
  updated_at: Timestamp;
  /** How many versions there are. */
  versions: number;
}

/** A version of a context; its key is `item/` and the version. */
export interface ContextVersionRow {
  /** When it was last put in force. */
  activated_at: Timestamp;
  /** How often it was put in force, its making included. */
  activations: number;
  /** Whether it is in force. */
  active: boolean;
  /** What the session's CLAUDE.md says. */
  claude_md: string;
  /** When it was written. */
  created_at: Timestamp;
  /** Why it changed. */
  note: string | null;
  /** What the session's system prompt says. */
  system_prompt: string;
  /** The version, from 1. */
  version: number;
}

/** A new version was written, and is active. */
export interface ContextVersioned {
  /** What the session's CLAUDE.md says. */
  claude_md: string;
  /** Why it changed. */
  note: string | null;
  /** What the session's system prompt says. */
  system_prompt: string;
  /** The version, one more than the last. */
  version: number;
}

/** Fires by the clock. */
export interface CronCondition {
  /** Minute, hour, day of month, month, day of week. */
  expression: string;
  /** IANA time zone, such as `Europe/Berlin`. */
  timezone: string;
}

/** A project's dashboard. Messages, tools and usage are those of its runs. */
export interface DashboardRow {
  /** Messages by agents. */
  assistant_messages: number;
  /** Tokens read from the cache. */
  cache_read_tokens: number;
  /** Tokens written to the cache. */
  cache_write_tokens: number;
  /** Model calls. */
  calls: number;
  /** Model calls whose cost is unknown; the total stands for the others. */
  calls_without_cost: number;
  /** Runs whose continuous integration fails, as last polled. */
  ci_failing: number;
  /** Runs whose continuous integration passes, as last polled. */
  ci_passing: number;
  /** Tokens in, without the cached ones. */
  input_tokens: number;
  /** When anything last happened. */
  last_activity_at: Timestamp;
  /** Tokens out. */
  output_tokens: number;
  /** Learnings that wait for a review. */
  pending_learnings: number;
  /** Mean quality score of the runs that have one. */
  quality_score: Score | null;
  /** The 20 runs that started last, latest first. */
  recent_runs: Array<RecentRun>;
  /** Runs that were ended by somebody. */
  runs_cancelled: number;
  /** Runs that ended as intended. */
  runs_completed: number;
  /** Runs that ended by a failure. */
  runs_failed: number;
  /** Runs asked for, not started. */
  runs_pending: number;
  /** Runs started, not ended. */
  runs_running: number;
  /** Runs that have a quality score. */
  scored_runs: number;
  /** Tools that were called. */
  tool_calls: number;
  /** Tools that answered. */
  tool_results: number;
  /** What the model calls cost, as far as known. */
  total_cost_usd: Usd;
  /** Messages to agents. */
  user_messages: number;
  /** Verdicts that sent it back. */
  verdicts_failed: number;
  /** Verdicts that passed the work. */
  verdicts_passed: number;
}

/** Data left the house. The commit's actor says by whom. */
export interface DataExported {
  /** Of which aggregate, where it is one. */
  about: StreamId | null;
  /** The network address that it went to, as far as it is known. */
  address: string | null;
  /** The project it is of. */
  project: ProjectId;
  /** What kind of export. */
  what: string;
}

export type DataKeyId = string;

export type Date = string;

/** It left its file; the log keeps it. */
export interface DecisionArchived {
  /** Why. */
  reason: string | null;
}

/** Its words changed. */
export interface DecisionEdited {
  /** What was not chosen, and why. */
  alternatives: string;
  /** What was decided. */
  decision: string;
  /** Why. */
  rationale: string;
  /** A short name for lists. */
  title: string;
}

export type DecisionId = string;

/** A decision was made. */
export interface DecisionLogged {
  /** What was not chosen, and why. */
  alternatives: string;
  /** What was decided. */
  decision: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** Why. */
  rationale: string;
  /** The run it came from. */
  run: RunId | null;
  /** The session it came from. */
  session: SessionId | null;
  /** A short name for lists. */
  title: string;
}

/** It is back in its file. */
export type DecisionRestored = Record<string, unknown>;

/** Another decision stands in its place. */
export interface DecisionSuperseded {
  /** That decision. */
  by: DecisionId;
}

/** A delivery. */
export interface DeliveryRow {
  /** Length of the whole body in bytes. */
  body_bytes: number;
  /** Whether the log keeps less than the whole body. */
  body_cut: boolean;
  /** The first 200 characters of the body. */
  body_preview: string;
  /** SHA-256 of the whole body, hex. */
  body_sha256: string;
  /** The sender's id of it. */
  delivery: string;
  /** When triggers were asked, or it was dropped. */
  ended_at: Timestamp | null;
  /** Firings that it led to. */
  firings: Array<FiringId>;
  /** The sender's word for what happened. */
  kind: string;
  /** The project it is for. */
  project: ProjectId;
  /** Why it was dropped. */
  reason: string | null;
  /** When it came. */
  received_at: Timestamp;
  /** Who sent it. */
  source: string;
  /** How it stands. */
  status: DeliveryStatus;
  /** Whether its signature fits. */
  verified: boolean;
}

/** How a delivery stands. */
export type DeliveryStatus = "waiting" | "evaluated" | "dropped";

/** Why somebody was turned away. */
export type DenialReason = "unknown" | "password" | "limited" | "forbidden" | "hidden";

/** A figure in which two witnesses differ. */
export interface Discrepancy {
  /** Which figure. */
  figure: string;
  /** Which telemetry. */
  signal: TelemetrySignal;
  /** What the stream says. */
  stream: string;
  /** What telemetry says. */
  telemetry: string;
}

/** How hard a model is asked to think. */
export type Effort = "off" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

/** They have another address. */
export interface EmailChanged {
  /** The address. */
  email: string;
}

/** An environment variable. */
export interface EnvRow {
  /** Its name. */
  name: string;
  /** Whether its value is secret. */
  secret: boolean;
  /** Its value; never that of a secret. */
  value: string | null;
}

/** Value of an environment variable. Variants are stored by number: append, never reorder. */
export type EnvValue = { plain: { value: string } } | { sealed: { sealed: Sealed } };

/** An environment variable is gone. */
export interface EnvVarRemoved {
  /** Its name. */
  name: string;
}

/** An environment variable has a value. */
export interface EnvVarSet {
  /** Its name. */
  name: string;
  /** Its value; encrypted where secret. */
  value: EnvValue;
}

/** The keys are destroyed: the receipt. The commit's actor says who asked, its time when. */
export interface ErasureCompleted {
  /** The keys. */
  keys: Array<DataKeyId>;
  /** Whose. */
  subject: Subject;
}

/** Keys are to be destroyed; whatever happens, they will be. */
export interface ErasureRequested {
  /** The keys. */
  keys: Array<DataKeyId>;
  /** Why. */
  reason: string;
  /** Whose. */
  subject: Subject;
}

/** How an execution stands. */
export type ExecutionStatus = "running" | "exited" | "failed";

/** The experiment ended without a winner. */
export interface ExperimentAbandoned {
  /** Why. */
  reason: string;
}

/** An experiment was opened. */
export interface ExperimentOpened {
  /** The project it belongs to. */
  project: ProjectId;
  /** The prompt that all its runs have. */
  prompt: string;
  /** A short name for lists. */
  title: string;
  /** What it tries. */
  variants: Array<Variant>;
}

/** An experiment. */
export interface ExperimentRow {
  /** The run whose judge said so. */
  judged_by: RunId | null;
  /** When it was opened. */
  opened_at: Timestamp;
  /** The project it belongs to. */
  project: ProjectId;
  /** The first 200 characters of the prompt that all its runs have. */
  prompt_preview: string;
  /** Why it won, or why there is no winner. */
  reason: string | null;
  /** Its runs, each with its variant. */
  runs: Array<[string, RunId]>;
  /** How it stands. */
  status: ExperimentStatus;
  /** A short name. */
  title: string;
  /** When it last changed. */
  updated_at: Timestamp;
  /** What it tries. */
  variants: Array<Variant>;
  /** The variant that won. */
  winner: string | null;
}

/** A run tries a configuration. */
export interface ExperimentRunAdded {
  /** The run. */
  run: RunId;
  /** The variant's name. */
  variant: string;
}

/** A configuration won. */
export interface ExperimentSettled {
  /** The run whose judge said so. */
  judged_by: RunId | null;
  /** Why. */
  rationale: string;
  /** The variant's name. */
  winner: string;
}

/** How an experiment stands. */
export type ExperimentStatus = "open" | "settled" | "abandoned";

/** Why a step failed. */
export interface Failure {
  /** In words. */
  error: string;
  /** What kind of failure. */
  kind: StepFailure;
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

/** A file of a project's brain, relative to `.brain/`. */
export interface FileRow {
  /** Whether every session reads it. */
  always_read: boolean;
  /** Entries that were archived out of it; the log keeps them. */
  archived: number;
  /** Its length. */
  bytes: number;
  /** Its text. */
  content: string;
  /** Entries in it. */
  entries: number;
  /** Its path. */
  path: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** About how many tokens it takes. */
  tokens: number;
  /** When it last changed. */
  updated_at: Timestamp;
}

/** What changed in it was taken back as a branch. */
export interface FilesSyncedBack {
  /** The branch. */
  branch: string;
  /** The commit at its head, 40 or 64 hex digits; the one it began with where nothing changed. */
  commit: string;
  /** How many files changed. */
  files: number;
}

/** The project's files were copied into it. */
export interface FilesSyncedIn {
  /** The commit they are of, 40 or 64 hex digits. */
  base_commit: string;
  /** How large they were together. */
  bytes: number;
  /** How many files that were. */
  files: number;
}

/** A finding; its key is `item/` and its number. */
export interface Finding {
  /** When it was found. */
  at: Timestamp;
  /** Why it is none. */
  dismissed: string | null;
  /** Its number. */
  finding: number;
  /** The issue that it has become. */
  issue: IssueId | null;
  /** What is to be done. */
  text: IssueText;
}

/** A finding became an issue. */
export interface FindingConverted {
  /** Its number. */
  finding: number;
  /** The issue. */
  issue: IssueId;
}

/** A finding is none. */
export interface FindingDismissed {
  /** Its number. */
  finding: number;
  /** Why. */
  reason: string;
}

/** The condition held on what had fired already. */
export interface FiringDeduplicated {
  /** When and on what. */
  occasion: Occasion;
  /** The firing that it repeats. */
  of: FiringId;
}

export type FiringId = string;

/** The condition held, and the budget was low: the work waits. */
export interface FiringQueued {
  /** When and on what. */
  occasion: Occasion;
  /** The pool whose budget is low. */
  pool: BudgetPoolId;
  /** The request that waits there. */
  request: BudgetRequestId;
  /** The trigger's version in force, where it was at hand. */
  trigger_version: number | null;
  /** When it may fit, as far as known. */
  until: Timestamp | null;
}

/** A firing. */
export interface FiringRow {
  /** When the condition held. */
  at: Timestamp;
  /** What came, in a few words. */
  detail: string | null;
  /** What tells it from others. */
  occasion: string | null;
  /** The firing it repeats. */
  of: FiringId | null;
  /** fired, queued, skipped, deduplicated or dropped. */
  outcome: string;
  /** The pool whose budget was low. */
  pool: BudgetPoolId | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** Why it started nothing. */
  reason: string | null;
  /** The routing that chose the roles. */
  routing: RoutingId | null;
  /** The run it started. */
  run: RunId | null;
  /** The session it started. */
  session: SessionId | null;
  /** When its outcome was recorded. */
  settled_at: Timestamp;
  /** The trigger. */
  trigger: TriggerId;
  /** The trigger's version, where it was at hand. */
  trigger_version: number | null;
  /** When it may fit, as far as known. */
  until: Timestamp | null;
  /** Whether it waited for budget first. */
  was_queued: boolean;
}

/** The condition held, and nothing was started. */
export interface FiringSkipped {
  /** In words. */
  note: string | null;
  /** When and on what. */
  occasion: Occasion;
  /** Why. */
  reason: SkipReason;
}

/** Where the working tree lies on a machine. */
export interface FolderRow {
  /** Since when. */
  at: Timestamp;
  /** The folder. */
  folder: string;
  /** The machine, by the name it goes by. */
  machine: string;
}

/** Its working tree lies here on a machine, or no longer does. */
export interface FolderSet {
  /** The folder, absolute; none where it is there no longer. */
  folder: string | null;
  /** The machine, by the name it goes by. */
  machine: string;
}

/** A run that was made from this one. */
export interface Fork {
  /** The step after which they part. */
  after_step: StepId | null;
  /** When. */
  at: Timestamp;
  /** The new run. */
  into: RunId;
}

/** How often, and at which time of the day. */
export type Frequency = { daily: { hour: number; minute: number } } | { every_other_day: { anchor: Date; hour: number; minute: number } } | { weekly: { hour: number; minute: number; weekday: Weekday } } | { biweekly: { anchor: Date; hour: number; minute: number; weekday: Weekday } } | { monthly: { day: number; hour: number; minute: number } } | { cron: { text: string } };

/** What stands alone. */
export interface GeneralRow {
  /** What every sandbox's CLAUDE.md says. */
  claude_md: string;
  /** Whether prompts and messages are sealed, and under whose key. */
  content_sealing: ContentSealing;
  /** Whether it was deleted. */
  deleted: boolean;
  /** E-mail address of that author. */
  git_author_email: string | null;
  /** Name of the author of agents' commits. */
  git_author_name: string | null;
  /** How learnings are extracted. */
  learning: ModelSettings;
  /** Where its logo is. */
  logo_url: string | null;
  /** How branches are merged. */
  merging: ModelSettings;
  /** Its name on screen. */
  name: string;
  /** Version of the quality policy in force; 0 for equal weights and no threshold. */
  policy_version: number;
  /** Where its code is. */
  repository_url: string | null;
  /** What every session's system prompt ends with. */
  sandbox_prompt: string;
  /** Its name in URLs. */
  slug: string;
}

/** Commits of agents carry this author. */
export interface GitAuthorSet {
  /** E-mail address of the author. */
  email: string;
  /** Name of the author. */
  name: string;
}

export type HeartbeatId = string;

/** A span of a heartbeat. */
export interface HeartbeatRow {
  /** Whether loop and log agree on what was started. */
  agrees: boolean;
  /** Firings of any outcome, as the loop says. */
  came_up: number;
  /** Triggers looked at. */
  checked: number;
  /** Firings that started work, as the loop says. */
  fired: number;
  /** Firings that started work, as the log has them: recorded since the span before. */
  fired_in_log: number;
  /** From this instant. */
  from: Timestamp;
  /** The heartbeat. */
  heartbeat: HeartbeatId;
  /** Whether nothing was started, by the loop and by the log. */
  idle: boolean;
  /** The project it watches. */
  project: ProjectId | null;
  /** Sessions of automated work, as the log has them: built since the span before. */
  sessions_in_log: number;
  /** Whether the loop ended with it. */
  stopped: boolean;
  /** Rounds of the loop. */
  ticks: number;
  /** Up to this instant. */
  to: Timestamp;
}

/** The loop began. */
export interface HeartbeatStarted {
  /** When it began. */
  at: Timestamp;
  /** Time between rounds. */
  interval_ms: number;
  /** The project it watches. */
  project: ProjectId;
}

/** The loop ended. */
export interface HeartbeatStopped {
  /** What it did since the last summary. */
  beats: Beats;
  /** From this instant, where the summary before ended. */
  from: Timestamp;
  /** When it ended. */
  to: Timestamp;
}

/** What the loop did since the summary before, or since it began. */
export interface HeartbeatSummarised {
  /** What it did. */
  beats: Beats;
  /** From this instant, where the summary before ended. */
  from: Timestamp;
  /** Up to this instant. */
  to: Timestamp;
}

/** The identity, or a rule. */
export interface IdentityRow {
  /** Why it changed. */
  note: string | null;
  /** The rule's name; none for the identity. */
  rule: string | null;
  /** The text. */
  text: string;
  /** Since when it is in force. */
  updated_at: Timestamp;
  /** The version. */
  version: number;
}

/** The text that every session's system prompt begins with was written anew. */
export interface IdentityWritten {
  /** Why it changed. */
  note: string | null;
  /** The text. */
  text: string;
  /** The version, one more than the last; the first is 1. */
  version: number;
}

/** The version of the default instructions that its agents get; in the commit that asked for it. */
export interface InstructionsPinned {
  /** The version, from 1. */
  version: number;
}

/** An invitation was taken up; the user is a member now. */
export interface InvitationAccepted {
  /** The invitation. */
  invitation: InvitationId;
  /** The new member. */
  user: UserId;
}

export type InvitationId = string;

/** An invitation can no longer be taken up. */
export interface InvitationRevoked {
  /** The invitation. */
  invitation: InvitationId;
}

/** Answers to its open questions are at hand, for the runs to come. */
export interface IssueAnswersAttached {
  /** The session that gave them. */
  answering_session: AnsweringSessionId;
}

/** A work chain will see to it. */
export interface IssueChained {
  /** The chain. */
  chain: WorkChainId;
}

/** It will not be done. */
export interface IssueDismissed {
  /** Why. */
  reason: string;
}

/** It was reworded. */
export interface IssueEdited {
  /** What is to be done. */
  text: IssueText;
}

/** It found an issue. */
export interface IssueFound {
  /** The finding's number, from 1. */
  finding: number;
  /** What is to be done. */
  text: IssueText;
}

/** The issue itself. */
export interface IssueHead {
  /** The sessions whose answers it has, in order. */
  answering_sessions: Array<AnsweringSessionId>;
  /** Where it came from. */
  origin: IssueOrigin;
  /** The project it belongs to. */
  project: ProjectId;
  /** The run that resolved it. */
  resolved_by: RunId | null;
  /** How many runs there are. */
  runs: number;
  /** What is to be done. */
  text: IssueText;
}

export type IssueId = string;

/** An issue was opened. */
export interface IssueOpened {
  /** Where it came from. */
  origin: IssueOrigin;
  /** The project it belongs to. */
  project: ProjectId;
  /** What is to be done. */
  text: IssueText;
}

/** Where an issue came from. */
export type IssueOrigin = "hand" | { session: { finding: number; session: IssueSessionId } } | { plan: { item: number; plan: PlanId } };

/** A part of an issue. */
export type IssuePart = { issue: IssueHead } | { run: IssueTry };

/** It is open again, and in no chain. */
export interface IssueReopened {
  /** Why. */
  reason: string;
}

/** It is done. */
export interface IssueResolved {
  /** In words. */
  note: string | null;
  /** The run that did it. */
  run: RunId | null;
}

/** An issue. */
export interface IssueRow {
  /** Where the latest answers to its questions are. */
  answering_session: AnsweringSessionId | null;
  /** When it was opened. */
  created_at: Timestamp;
  /** The first 200 characters of what is wrong or wanted. */
  description_preview: string;
  /** What was said when it was resolved, dismissed or reopened. */
  note: string | null;
  /** Where it came from. */
  origin: IssueOrigin;
  /** How urgent it is. */
  priority: Priority;
  /** The project it belongs to. */
  project: ProjectId;
  /** The latest run. */
  run: RunId | null;
  /** How many runs have worked on it. */
  runs: number;
  /** How it stands. */
  status: IssueStatus;
  /** Its short name. */
  title: string;
  /** When it last changed. */
  updated_at: Timestamp;
  /** The work chain that sees to it. */
  work_chain: WorkChainId | null;
}

/** That run ended. A completed one leaves the issue in review, for nobody has said that it is resolved. */
export interface IssueRunEnded {
  /** How. */
  outcome: RunOutcome;
  /** The run. */
  run: RunId;
}

/** A run began to work on it. */
export interface IssueRunStarted {
  /** The run; it is requested under this id. */
  run: RunId;
}

/** The session was ended by somebody; its findings stand. */
export interface IssueSessionCancelled {
  /** Why. */
  reason: string | null;
}

/** The session ended as intended. */
export interface IssueSessionCompleted {
  /** What came out of it. */
  summary: string | null;
}

/** The session ended by a failure; its findings stand. */
export interface IssueSessionFailed {
  /** In words. */
  error: string;
}

/** The session itself. */
export interface IssueSessionHead {
  /** The branch it looks at. */
  branch: string | null;
  /** The context in force, with version. */
  context: [ContextId, number] | null;
  /** What it looks for. */
  prompt: string;
}

export type IssueSessionId = string;

/** A session was asked for. */
export interface IssueSessionRequested {
  /** The branch to look at; the default one where absent. */
  branch: string | null;
  /** The context in force, with version. */
  context: [ContextId, number] | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** What to look for. */
  prompt: string;
  /** A short name. */
  title: string;
}

/** An issue session. */
export interface IssueSessionRow {
  /** When it was asked for. */
  created_at: Timestamp;
  /** How many issues it found. */
  findings: number;
  /** How many of them have become issues. */
  findings_converted: number;
  /** How many of them are dismissed. */
  findings_dismissed: number;
  /** What came out of it, or why it ended. */
  outcome: string | null;
  /** How many questions and assumptions it raised. */
  points: number;
  /** The project it belongs to. */
  project: ProjectId;
  /** The run that it is part of. */
  run: RunId | null;
  /** Where it works. */
  sandbox: SandboxId | null;
  /** How it stands. */
  status: SessionStatus;
  /** Its short name. */
  title: string;
  /** When it last changed. */
  updated_at: Timestamp;
}

/** An agent began to look. */
export interface IssueSessionStarted {
  /** The run that it is part of. */
  run: RunId | null;
  /** Where it works. */
  sandbox: SandboxId | null;
}

/** How an issue stands. */
export type IssueStatus = "open" | "in_chain" | "running" | "in_review" | "resolved" | "dismissed";

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

/** A run that tried; its key is `run/` and its number. */
export interface IssueTry {
  /** When it ended. */
  ended_at: Timestamp | null;
  /** How it ended; absent while it works. */
  outcome: RunOutcome | null;
  /** The run. */
  run: RunId;
  /** When it began. */
  started_at: Timestamp;
}

/** The chain will not see to it any more. */
export interface IssueUnchained {
  /** The chain. */
  chain: WorkChainId;
  /** Why. */
  reason: string;
}

/** A judge's comparison. */
export interface Judgement {
  /** Runs or branches compared. */
  candidates: Array<string>;
  /** Notes per candidate. */
  notes: Array<CandidateNote>;
  /** Why. */
  rationale: string;
  /** One of the candidates. */
  winner: string;
}

/** A judge compared candidates. */
export interface JudgementIssued {
  /** Runs or branches compared. */
  candidates: Array<string>;
  /** Notes per candidate. */
  notes: Array<CandidateNote>;
  /** Why. */
  rationale: string;
  /** The judge's step. */
  step: StepId;
  /** One of the candidates. */
  winner: string;
}

/** Why a sandbox ended. */
export type KillReason = "timeout" | "user" | "completion" | "lost";

/** What a row stands for. */
export type Kind = "message" | "tool_call" | "tool_result";

/** What happened. */
export type Kind2 = "login" | "denied" | "export" | "read";

/** The learning applies from now on. */
export interface LearningApproved {
  /** A word of the reviewer. */
  note: string | null;
  /** Who reviewed it. */
  reviewer: UserId | null;
}

/** What a learning is about. */
export type LearningCategory = "preference" | "pattern" | "gotcha" | "tool" | "architecture";

/** A document was opened; it has no version yet. */
export interface LearningDocumentOpened {
  /** The project it belongs to. */
  project: ProjectId;
  /** The role whose agents read it. */
  role: Role;
}

/** A learning document. */
export interface LearningDocumentRow {
  /** The one in force for new sandboxes; absent before the first. */
  active_version: number | null;
  /** Whether there are none of those. */
  complete: boolean;
  /** When it was opened. */
  created_at: Timestamp;
  /** The learnings of the latest version, in its order. */
  latest_learnings: Array<LearningId>;
  /** Approved learnings that the latest version leaves out by name. */
  left_out: Array<LearningId>;
  /** Approved learnings for the role, global ones among them, that the latest version says nothing of. */
  missing: Array<LearningId>;
  /** The project it belongs to. */
  project: ProjectId;
  /** The role whose agents read it. */
  role: Role;
  /** When it last changed. */
  updated_at: Timestamp;
  /** How many versions there are. */
  versions: number;
}

/** A learning under review was reworded. */
export interface LearningEdited {
  /** What it is about. */
  category: LearningCategory;
  /** How sure its author is, 0 to 1. */
  confidence: Share;
  /** What to do then. */
  correct_behaviour: string;
  /** What was learned. */
  description: string;
  /** The roles it applies to; every role where empty. */
  roles: Array<Role>;
  /** How much it matters. */
  severity: Severity;
  /** When it applies. */
  trigger: string;
}

export type LearningId = string;

/** The learning applies in every project. */
export interface LearningPromoted {
  /** The other projects where it was seen; unknown, and so empty, where it was promoted before they counted. */
  seen_in: Array<ProjectId>;
}

/** A learning was proposed; it waits for review. */
export interface LearningProposed {
  /** What it is about. */
  category: LearningCategory;
  /** How sure its author is, 0 to 1. */
  confidence: Share;
  /** What to do then. */
  correct_behaviour: string;
  /** What was learned. */
  description: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** The roles it applies to; every role where empty. */
  roles: Array<Role>;
  /** The run it came from. */
  run: RunId | null;
  /** The sandbox it came from. */
  sandbox: SandboxId | null;
  /** How much it matters. */
  severity: Severity;
  /** Where it came from. */
  source: LearningSource;
  /** The step of that run. */
  step: StepId | null;
  /** When it applies. */
  trigger: string;
}

/** The learning will not apply. */
export interface LearningRejected {
  /** Why. */
  reason: string;
  /** Who reviewed it. */
  reviewer: UserId | null;
}

/** The learning applied, and no longer does. */
export interface LearningRetired {
  /** Why. */
  reason: string;
}

/** A learning. */
export interface LearningRow {
  /** What it is about. */
  category: LearningCategory;
  /** How sure its author is. */
  confidence: Share;
  /** What to do then. */
  correct_behaviour: string;
  /** When it was proposed. */
  created_at: Timestamp;
  /** What was learned. */
  description: string;
  /** Whether it applies in every project. */
  global: boolean;
  /** What was said with its review or its end. */
  note: string | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** When it was reviewed. */
  reviewed_at: Timestamp | null;
  /** Who reviewed it. */
  reviewer: UserId | null;
  /** The roles it applies to; every role where empty. */
  roles: Array<Role>;
  /** The run it came from. */
  run: RunId | null;
  /** The sandbox it came from. */
  sandbox: SandboxId | null;
  /** The other projects where it was seen. */
  seen_in: Array<ProjectId>;
  /** How much it matters. */
  severity: Severity;
  /** Where it came from. */
  source: LearningSource;
  /** How it stands. */
  status: LearningStatus;
  /** The step of that run. */
  step: StepId | null;
  /** When it applies. */
  trigger: string;
  /** When it last changed. */
  updated_at: Timestamp;
}

/** How learnings are extracted. */
export interface LearningSettingsSet {
  /** The model; the platform's default where absent. */
  model: string | null;
  /** The prompt's template; the platform's default where absent. */
  template: string | null;
}

/** Where a learning came from. */
export type LearningSource = "agent" | "extracted" | "human";

/** How a learning stands. */
export type LearningStatus = "pending" | "approved" | "rejected" | "retired";

/** A version is in force for sandboxes made from now on. */
export interface LearningVersionActivated {
  /** The version in force. */
  version: number;
}

/** A version was compiled. It never changes. */
export interface LearningVersionCompiled {
  /** The learnings it includes, in its order. */
  learnings: Array<LearningId>;
  /** What agents read. */
  markdown: string;
  /** Why it was compiled. */
  note: string | null;
  /** The version, one more than the last. */
  version: number;
}

/** A learning version; its key is `item/` and the version. */
export interface LearningVersionRow {
  /** When it was last put in force. */
  activated_at: Timestamp | null;
  /** Whether it is in force. */
  active: boolean;
  /** When it was compiled. */
  created_at: Timestamp;
  /** The learnings it includes, in its order. */
  learnings: Array<LearningId>;
  /** Approved learnings that it does without, and why. */
  left_out: Array<LeftOut>;
  /** What agents read. */
  markdown: string;
  /** Why it was compiled. */
  note: string | null;
  /** The version, from 1. */
  version: number;
}

/** A version does without approved learnings, for reasons; in the commit that compiled it. */
export interface LearningsLeftOut {
  /** What is left out. */
  left_out: Array<LeftOut>;
  /** The version. */
  version: number;
}

/** An approved learning that a version does without. */
export interface LeftOut {
  /** The learning. */
  learning: LearningId;
  /** Why it is left out; one line. */
  reason: string;
}

/** A person logged in. */
export interface LoggedIn {
  /** The network address that they came from, as far as it is known. */
  address: string | null;
  /** What they are logged in with. */
  pass: PassId;
  /** Who. */
  user: UserId;
}

/** It has another logo, or none. */
export interface LogoSet {
  /** Where its logo is. */
  logo_url: string | null;
}

/** A loop of a workflow. In runs it goes by an id made of its place: 1, 2 and so on. */
export interface LoopDefinition {
  /** How often it is gone through at most. */
  max_iterations: number;
  /** Its name within the workflow. */
  name: string;
}

/** A loop reached its bound and the run goes on regardless. */
export interface LoopForcedOn {
  /** Iterations that were made. */
  iterations: number;
  /** The loop. */
  loop_id: LoopId;
}

export type LoopId = string;

/** A loop goes round again. */
export interface LoopIterated {
  /** What the next designer is told. */
  feedback: string | null;
  /** The iteration that begins, from 1. */
  iteration: number;
  /** The loop. */
  loop_id: LoopId;
}

/** A loop of steps. */
export interface LoopLine {
  /** What the next designer was last told. */
  feedback: string | null;
  /** Its first step. */
  first_step: StepId | null;
  /** Whether it reached its bound and the run went on regardless. */
  forced_on: boolean;
  /** Iterations begun. */
  iterations: number;
  /** Its last step so far. */
  last_step: StepId | null;
  /** The loop. */
  loop_id: LoopId;
  /** What its latest verdict says; absent before the first. */
  passed: boolean | null;
}

/** A message of the mailbox. */
export interface MailRow {
  /** When it was sent. */
  at: Timestamp;
  /** The member who sent it; none for a person. */
  from: SessionId | null;
  /** Its number, from 1. */
  message: number;
  /** Members who have read it. */
  read_by: Array<SessionId>;
  /** What it says. */
  text: string;
  /** The member it is for; none for all. */
  to: SessionId | null;
}

/** A tool server that is handed to the agent. Secrets come from variables of the project, by name. */
export interface McpServer {
  /** Names of the project's variables it is given. */
  env_vars: Array<string>;
  /** Its name, unique within the persona. */
  name: string;
  /** How it is reached. */
  transport: McpTransport;
}

/** An MCP server that a session is given. */
export interface McpServer2 {
  /** How it is started or reached; never a secret. */
  command: string;
  /** Names of the environment variables it gets; their values are not recorded. */
  environment: Array<string>;
  /** Its name. */
  name: string;
}

/** How a tool server is reached. Variants are stored by number: append, never reorder. */
export type McpTransport = { stdio: { args: Array<string>; command: string } } | { http: { url: string } };

/** Somebody was invited. */
export interface MemberInvited {
  /** Where it was sent. */
  email: string;
  /** The invitation. */
  invitation: InvitationId;
  /** What the member will be. */
  role: MemberRole;
}

/** What a member is told, and on which ways. */
export interface MemberNotificationsSet {
  /** The ways it goes. */
  channels: Array<Channel>;
  /** What for. */
  kinds: Array<NotificationKind>;
  /** The project's environment variable with the secret that signs them. */
  secret: string | null;
  /** Where the member's own webhooks go; the project's address where absent. */
  url: string | null;
  /** The member. */
  user: UserId;
}

/** Somebody is no longer a member. */
export interface MemberRemoved {
  /** Who it was. */
  user: UserId;
}

/** What a member may do. */
export type MemberRole = "owner" | "admin" | "member" | "auditor" | "analyst";

/** A member has another role. */
export interface MemberRoleChanged {
  /** The role from now on. */
  role: MemberRole;
  /** The member. */
  user: UserId;
}

/** A member, or an open invitation. */
export interface MemberRow {
  /** Where the invitation was sent. */
  email: string | null;
  /** The open invitation, or the one that was accepted. */
  invitation: InvitationId | null;
  /** When the invitation was sent. */
  invited_at: Timestamp | null;
  /** When access began. */
  joined_at: Timestamp | null;
  /** The project. */
  project: ProjectId;
  /** Providers whose keys of the member are stored. */
  providers: Array<string>;
  /** What the member may do, or will be. */
  role: MemberRole;
  /** Whether there is access. */
  status: Membership;
  /** The member. */
  user: UserId | null;
}

/** Whether somebody has access. */
export type Membership = "invited" | "member";

/** What a merging step came to. */
export interface Merge {
  /** The branches that were to go in. */
  branches: Array<string>;
  /** The commit at its head; none where they conflict. */
  commit: string | null;
  /** What does not fit. */
  conflicts: Array<MergeConflict>;
  /** The branch that was to hold them all. */
  into: string;
}

/** A file that two branches changed in ways that do not fit. */
export interface MergeConflict {
  /** The branch that does not fit. */
  branch: string;
  /** What does not fit, in words; at most 16 KiB. */
  detail: string;
  /** The file. */
  path: string;
}

/** Branches were not merged: they conflict. */
export interface MergeConflicted {
  /** The branches that were to go in. */
  branches: Array<string>;
  /** What does not fit. */
  conflicts: Array<MergeConflict>;
  /** The branch that was to hold them all. */
  into: string;
  /** The merging step. */
  step: StepId;
}

/** How branches are merged. */
export interface MergingSettingsSet {
  /** The model; the platform's default where absent. */
  model: string | null;
  /** The prompt's template; the platform's default where absent. */
  template: string | null;
}

/** A message passed in the session. */
export interface MessageAppended {
  /** What was said; the first part where `more` follows. */
  content: string;
  /** The message. */
  message: MessageId;
  /** Whether more parts follow. */
  more: boolean;
  /** Who speaks. */
  role: MessageRole;
  /** The agent's raw output behind it. */
  stream_log: string | null;
}

/** A further part of a message. */
export interface MessageContinued {
  /** The next part. */
  content: string;
  /** The message. */
  message: MessageId;
  /** Whether more parts follow. */
  more: boolean;
}

export type MessageId = string;

/** Who speaks in a message. */
export type MessageRole = "user" | "assistant";

/** A message, a tool call or a tool result. */
export interface MessageRow {
  /** The tool's arguments, as JSON text. */
  arguments: string | null;
  /** When it began. */
  at: Timestamp;
  /** Whether its last part has come. */
  complete: boolean;
  /** What was said or printed, all parts joined; empty for a tool call. */
  content: string;
  /** How long the tool took, where known. */
  duration_ms: number | null;
  /** The message's id, or the tool call's. */
  id: string;
  /** Whether the tool reported an error. */
  is_error: boolean | null;
  /** What it is. */
  kind: Kind;
  /** Who speaks, of a message. */
  role: MessageRole | null;
  /** The step it belongs to; absent in a direct session. */
  step: StepId | null;
  /** Why the agent stopped here, in its own word. */
  stop_reason: string | null;
  /** The agent's raw output behind a message. */
  stream_log: string | null;
  /** The agent's thinking, where it was shown. */
  thinking: string | null;
  /** The tool's name. */
  tool: string | null;
}

/** A metric is no longer offered; its name is free. */
export type MetricArchived = Record<string, unknown>;

/** A condition on a field. */
export interface MetricCondition {
  /** The field. */
  field: MetricField;
  /** How it must stand to the value. */
  op: Comparison;
  /** The value in text: `true` or `false`, a decimal number, or a word. */
  value: string;
}

/** A metric was defined; that is its version 1. */
export interface MetricDefined {
  /** How it is made. */
  definition: MetricDefinition;
  /** Its name. One that comes with the program is shadowed by it in this project. */
  name: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** What it tells. */
  summary: string;
}

/** How a figure is made of events. */
export interface MetricDefinition {
  /** What is made of the items of a group. */
  aggregation: Aggregation;
  /** The field of a sum, mean, percentile, or of a sum per item; absent of others. */
  field: MetricField | null;
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

/** A metric has another definition from now on. Earlier ones stay answerable. */
export interface MetricRevised {
  /** How it is made. */
  definition: MetricDefinition;
  /** Why it was revised. */
  note: string | null;
  /** The version, one more than the last. */
  version: number;
}

/** A metric. */
export interface MetricRow {
  /** Whether it is out of use. */
  archived: boolean;
  /** When it was defined. */
  created_at: Timestamp;
  /** The definitions, from version 1 on. */
  definitions: Array<MetricDefinition>;
  /** Its name. */
  name: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** What it tells. */
  summary: string;
  /** When it last changed. */
  updated_at: Timestamp;
  /** The latest version. */
  version: number;
}

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

/** It left its file; the log keeps it. */
export interface MistakeArchived {
  /** Why. */
  reason: string | null;
}

/** Its words changed. */
export interface MistakeEdited {
  /** What was tried. */
  attempt: string;
  /** Why it failed. */
  failure: string;
  /** What to do instead. */
  instead: string;
  /** A short name for lists. */
  title: string;
}

/** An approach failed. */
export interface MistakeLogged {
  /** What was tried. */
  attempt: string;
  /** Why it failed. */
  failure: string;
  /** What to do instead. */
  instead: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** The run it came from. */
  run: RunId | null;
  /** The session it came from. */
  session: SessionId | null;
  /** A short name for lists. */
  title: string;
}

/** It was seen in several projects, and its lesson applies in all of them. */
export interface MistakePromoted {
  /** Where else it was seen. */
  projects: Array<ProjectId>;
}

/** It can happen again. */
export type MistakeReopened = Record<string, unknown>;

/** It cannot happen again. */
export interface MistakeResolved {
  /** How that was reached. */
  how: string;
}

/** It is back in its file. */
export type MistakeRestored = Record<string, unknown>;

/** Settings of a model that works for the project. */
export interface ModelSettings {
  /** The model; the platform's default where absent. */
  model: string | null;
  /** The prompt's template; the platform's default where absent. */
  template: string | null;
}

/** What a step used of one model. */
export interface ModelUse {
  /** Tokens read from the cache. */
  cache_read_tokens: number;
  /** Tokens written to the cache. */
  cache_write_tokens: number;
  /** Model calls. */
  calls: number;
  /** Model calls whose cost is unknown; the total stands for the others. */
  calls_without_cost: number;
  /** Tokens in, without the cached ones. */
  input_tokens: number;
  /** The model. */
  model: string;
  /** Tokens out. */
  output_tokens: number;
  /** Who was paid. */
  provider: string | null;
  /** What the model calls cost, as far as known. */
  total_cost_usd: Usd;
}

/** What is to be done next. */
export type Next = "undirected" | "start" | { start_step: StepOrder } | { await: { step: StepId } } | { iterate_loop: { feedback: string | null; iteration: number; loop_id: LoopId } } | { force_loop_on: { iterations: number; loop_id: LoopId } } | "complete" | { fail: { error: string } } | { ended: { status: RunStatus } };

/** What is to be done. */
export interface NextRow {
  /** What comes next; whoever drives the run does it and asks again. */
  next: Next;
  /** Steps that were started or passed over so far. */
  steps: number;
}

/** Somebody took care of it; the commit's actor says who. */
export interface NotificationAcknowledged {
  /** A word about it. */
  note: string | null;
}

/** Where webhooks of notifications go, or that they go nowhere. */
export interface NotificationAddressSet {
  /** The project's environment variable with the secret that signs; never the secret. */
  secret: string | null;
  /** The address; none for no webhooks. */
  url: string | null;
}

/** It went out on one of its ways. */
export interface NotificationDelivered {
  /** The attempt, from 1. */
  attempt: number;
  /** Which way. */
  channel: Channel;
}

/** It did not go out on one of its ways. */
export interface NotificationDeliveryFailed {
  /** The attempt, from 1. */
  attempt: number;
  /** Which way. */
  channel: Channel;
  /** Why. */
  error: string;
  /** Whether no attempt follows. */
  given_up: boolean;
}

/** Why people are told. */
export type NotificationKind = "completed" | "stopped" | "needs_person";

/** People are to be told. */
export interface NotificationRaised {
  /** What it is about. */
  about: StreamId | null;
  /** In full. */
  body: string;
  /** The ways it goes. */
  channels: Array<Channel>;
  /** Why. */
  kind: NotificationKind;
  /** The project it belongs to. */
  project: ProjectId;
  /** In a line. */
  title: string;
}

/** Somebody saw it; the commit's actor says who. */
export type NotificationRead = Record<string, unknown>;

/** A notification. */
export interface NotificationRow {
  /** What it is about. */
  about: StreamId | null;
  /** Whether somebody took care of it. */
  acknowledged: boolean;
  /** Who took care of it. */
  acknowledged_by: Actor | null;
  /** In full. */
  body: string;
  /** How each way stands: open, delivered, failed or given up. */
  channels: Array<[Channel, string]>;
  /** The last failure to deliver. */
  error: string | null;
  /** Why. */
  kind: NotificationKind;
  /** A word about that. */
  note: string | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** When it was raised. */
  raised_at: Timestamp;
  /** Who saw it first. */
  read_by: Actor | null;
  /** In a line. */
  title: string;
}

/** Where notifications go. */
export interface NotificationsRow {
  /** The ways it goes. */
  channels: Array<Channel>;
  /** What a member is told of. */
  kinds: Array<NotificationKind>;
  /** The environment variable with the secret that signs; never the secret. */
  secret: string | null;
  /** The address of webhooks. */
  url: string | null;
  /** The member; none for the project's own address. */
  user: UserId | null;
}

/** Telemetry of one kind. */
export interface Observed {
  /** What it says. */
  account: Account;
  /** Which. */
  signal: TelemetrySignal;
}

/** When and on what a trigger's condition held. */
export interface Occasion {
  /** When the condition held. */
  at: Timestamp;
  /** What came, in a few words. */
  detail: string | null;
  /** What tells this occasion from others of the trigger, such as a delivery id or a due time. */
  key: string | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** The trigger. */
  trigger: TriggerId;
}

/** A question or an assumption that waits for an answer. */
export interface OpenQuestion {
  /** What it is. */
  kind: PointKind;
  /** The number of the point in the issue session that raised it. */
  point: number | null;
  /** In words. */
  text: string;
}

/** A person reached into the running session. */
export interface OperatorSteered {
  /** What was done. */
  kind: SteerKind;
  /** The step that was running. */
  step: StepId;
  /** The message, or the tool's name. */
  text: string;
}

/** A part of the output; its key is `item/` and a number, from 1. */
export interface OutputRow {
  /** When. */
  at: Timestamp;
  /** What was written. */
  content: string;
  /** Where it was written to. */
  stream: OutputStream;
}

/** Where a script wrote something. */
export type OutputStream = "stdout" | "stderr";

export type PassId = string;

/** A pass works from now on. The secret itself is nowhere in the log. */
export interface PassIssued {
  /** Who shows it. */
  bearer: Bearer;
  /** When it ends. */
  expires_at: Timestamp;
  /** SHA-256 of the secret, hex. */
  secret_sha256: string;
}

/** A pass works no longer. */
export type PassRevoked = Record<string, unknown>;

/** They log in with another password. The password itself is nowhere in the log. */
export interface PasswordSet {
  /** The argon2id hash as a PHC string. */
  password_hash: string;
}

/** It left its file; the log keeps it. */
export interface PatternArchived {
  /** Why. */
  reason: string | null;
}

/** It says what another pattern says: that one stands for both, and this one is archived. */
export interface PatternConsolidated {
  /** The pattern that stands for both. */
  into: PatternId;
}

/** Its words changed. */
export interface PatternEdited {
  /** Where it is seen. */
  example: string;
  /** How things are done here. */
  pattern: string;
  /** A short name for lists. */
  title: string;
}

export type PatternId = string;

/** A pattern was noted. */
export interface PatternNoted {
  /** Where it is seen. */
  example: string;
  /** How things are done here. */
  pattern: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** The run it came from. */
  run: RunId | null;
  /** The session it came from. */
  session: SessionId | null;
  /** A short name for lists. */
  title: string;
}

/** It was seen in several projects, and applies in all of them. */
export interface PatternPromoted {
  /** Where else it was seen. */
  projects: Array<ProjectId>;
}

/** It is back in its file. */
export type PatternRestored = Record<string, unknown>;

/** It is gone for good; its versions stay readable. */
export type PersonaArchived = Record<string, unknown>;

/** What a persona is set up with. */
export interface PersonaConfiguration {
  /** Tools it may use; all where empty. */
  allowed_tools: Array<string>;
  /** The agent's program; that of the workflow where absent. */
  cli_tool: string | null;
  /** Commands it is given. */
  commands: Array<AssetId>;
  /** The context it works under. */
  context: ContextId | null;
  /** What its system prompt says besides. */
  instructions: string;
  /** Whether it is told the project's learnings. */
  learnings: boolean;
  /** Tool servers it is given. */
  mcp_servers: Array<McpServer>;
  /** The model; that of the workflow where absent. */
  model: string | null;
  /** What it is for. */
  persona_type: PersonaType;
  /** The composite that its scores must reach; evaluators only. */
  quality_threshold: Score | null;
  /** Whether it works in a sandbox. */
  sandboxed: boolean;
  /** Scripts that run around it. */
  scripts: Array<AssetId>;
  /** Skills it is given. */
  skills: Array<AssetId>;
  /** How hard it is asked to think. */
  thinking_effort: Effort | null;
}

/** A version. */
export interface PersonaConfigurationVersion {
  /** Who wrote it. */
  actor: Actor;
  /** When it was written. */
  at: Timestamp;
  /** What it says. */
  content: PersonaConfiguration;
  /** Whether it is the one in force. */
  current: boolean;
  /** Why it changed. */
  note: string | null;
  /** Its number. */
  version: number;
}

/** It is set up anew. */
export interface PersonaConfigured {
  /** What it is set up with. */
  configuration: PersonaConfiguration;
  /** Why it changed. */
  note: string | null;
  /** The version, one more than the last. */
  version: number;
}

/** A persona was made and is enabled; this is its version 1. */
export interface PersonaCreated {
  /** What it is set up with. */
  configuration: PersonaConfiguration;
  /** What people call it. */
  name: string;
  /** The project it belongs to. */
  project: ProjectId;
}

/** It is not offered, and starts no step. */
export type PersonaDisabled = Record<string, unknown>;

/** It is offered and may work. */
export type PersonaEnabled = Record<string, unknown>;

export type PersonaId = string;

/** It has another name. */
export interface PersonaRenamed {
  /** What people call it. */
  name: string;
}

/** A persona. */
export interface PersonaRow {
  /** Tools it may use; all where empty. */
  allowed_tools: Array<string>;
  /** The agent's program; that of the workflow where absent. */
  cli_tool: string | null;
  /** Number of commands. */
  commands: number;
  /** The context it works under. */
  context: ContextId | null;
  /** When it was made. */
  created_at: Timestamp;
  /** Whether it is told the project's learnings. */
  learnings: boolean;
  /** Names of the tool servers it is given. */
  mcp_servers: Array<string>;
  /** The model; that of the workflow where absent. */
  model: string | null;
  /** What people call it. */
  name: string;
  /** What it is for. */
  persona_type: PersonaType;
  /** The project it belongs to. */
  project: ProjectId;
  /** The composite that its scores must reach. */
  quality_threshold: Score | null;
  /** Whether it works in a sandbox. */
  sandboxed: boolean;
  /** Number of scripts. */
  scripts: number;
  /** Number of skills. */
  skills: number;
  /** Whether it may work. */
  status: PersonaStatus;
  /** How hard it is asked to think. */
  thinking_effort: Effort | null;
  /** When it last changed. */
  updated_at: Timestamp;
  /** Version of its configuration. */
  version: number;
}

/** Whether a persona may work. */
export type PersonaStatus = "enabled" | "disabled" | "archived";

/** What a persona is for. */
export type PersonaType = "designer" | "checker" | "optimizer" | "prompter" | "investigator" | "planner" | "deep-dive" | "reviewer" | "evaluator" | "judge" | "answerer" | "custom";

/** The plan is to be carried out. */
export interface PlanApproved {
  /** In words. */
  note: string | null;
}

/** The plan is put away. */
export interface PlanArchived {
  /** Why. */
  reason: string | null;
}

/** Every item has become an issue. */
export type PlanCompleted = Record<string, unknown>;

/** The plan itself. */
export interface PlanHead {
  /** The numbers of its items, in order. */
  order: Array<number>;
  /** Why it is to be done, and why so. */
  rationale: string;
  /** Its short name. */
  title: string;
}

export type PlanId = string;

/** An item; its key is `item/` and its number. */
export interface PlanItem {
  /** The issue that it has become. */
  issue: IssueId | null;
  /** Its number. */
  item: number;
  /** What is to be done. */
  text: IssueText;
  /** When it last changed. */
  updated_at: Timestamp;
}

/** An item was added at the end. */
export interface PlanItemAdded {
  /** Its number, one more than the last given. */
  item: number;
  /** What is to be done. */
  text: IssueText;
}

/** An item became an issue. */
export interface PlanItemConverted {
  /** The issue. */
  issue: IssueId;
  /** Its number. */
  item: number;
}

/** An item was reworded. */
export interface PlanItemEdited {
  /** Its number. */
  item: number;
  /** What is to be done. */
  text: IssueText;
}

/** An item was taken out; its number is not given again. */
export interface PlanItemRemoved {
  /** Its number. */
  item: number;
}

/** A part of a plan. */
export type PlanPart = { plan: PlanHead } | { item: PlanItem };

/** A plan was proposed; its items are numbered from 1, in order. */
export interface PlanProposed {
  /** What is to be done, in order. */
  items: Array<IssueText>;
  /** The project it belongs to. */
  project: ProjectId;
  /** Why it is to be done, and why so. */
  rationale: string;
  /** The planner's run; none where a person wrote it. */
  run: RunId | null;
  /** The step of that run. */
  step: StepId | null;
  /** A short name. */
  title: string;
}

/** The plan will not be carried out. */
export interface PlanRejected {
  /** Why. */
  reason: string;
}

/** The items stand in another order. */
export interface PlanReordered {
  /** Every item, in order. */
  items: Array<number>;
}

/** It has another title or rationale. */
export interface PlanReworded {
  /** Why it is to be done, and why so. */
  rationale: string;
  /** A short name. */
  title: string;
}

/** A plan. */
export interface PlanRow {
  /** When it was proposed. */
  created_at: Timestamp;
  /** How many items it has. */
  items: number;
  /** How many of them are issues. */
  items_converted: number;
  /** What was said with its approval, its rejection or its end. */
  note: string | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** The first 200 characters of why. */
  rationale_preview: string;
  /** The planner's run; none where a person wrote it. */
  run: RunId | null;
  /** How it stands. */
  status: PlanStatus;
  /** Its short name. */
  title: string;
  /** When it last changed. */
  updated_at: Timestamp;
}

/** How a plan stands. */
export type PlanStatus = "proposed" | "approved" | "rejected" | "completed" | "archived";

/** A loop as a run was requested with. */
export interface PlannedLoop {
  /** What it goes by in the run. */
  loop_id: LoopId;
  /** How often it is gone through at most. */
  max_iterations: number;
}

/** A step as a run was requested with, everything resolved. */
export interface PlannedStep {
  /** The agent's program. */
  cli_tool: string;
  /** Index of the loop it stands in. */
  in_loop: number | null;
  /** The model; absent where the project's settings name it. */
  model: string | null;
  /** The persona it follows, with version. */
  persona: [PersonaId, number] | null;
  /** The composite that its scores must reach. */
  quality_threshold: Score | null;
  /** What the agent does. */
  role: Role;
  /** How hard it is asked to think; the agent's own default where absent. */
  thinking_effort: Effort | null;
}

/** A question or an assumption; its key is `point/` and its number. */
export interface Point {
  /** The session that it was last handed to. */
  answering_session: AnsweringSessionId | null;
  /** When it was raised. */
  at: Timestamp;
  /** The finding that it bears on. */
  finding: number | null;
  /** What it is. */
  kind: PointKind;
  /** Its number. */
  point: number;
  /** In words. */
  text: string;
}

/** What an open point of an issue session is. */
export type PointKind = "question" | "assumption";

/** It met something that the code does not say. */
export interface PointRaised {
  /** The finding that it bears on. */
  finding: number | null;
  /** What it is. */
  kind: PointKind;
  /** The point's number, from 1. */
  point: number;
  /** In words. */
  text: string;
}

/** Points were handed to an answering session. */
export interface PointsHandedOver {
  /** That session. */
  answering_session: AnsweringSessionId;
  /** The points' numbers. */
  points: Array<number>;
}

/** A version of the quality policy. */
export interface PolicyRow {
  /** Since when. */
  at: Timestamp;
  /** The composite that must be reached. */
  threshold: Score | null;
  /** Its version. */
  version: number;
  /** What each dimension counts. */
  weights: PolicyWeights;
}

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

/** What is used and promised in a pool, in its unit. */
export interface PoolLevel {
  /** Used by automated work, as counted. */
  automated: number;
  /** What automated work may use of it. */
  automated_most: number;
  /** Promised to automated work. */
  automated_reserved: number;
  /** What the pool allows. */
  capacity: number;
  /** Whether `used` rests on what the vendor said. */
  from_vendor: boolean;
  /** Used by people, as counted. */
  interactive: number;
  /** Promised and not yet used. */
  reserved: number;
  /** Used in all: what the vendor said and what was used since, else what was counted. */
  used: number;
}

/** What a pool counts. */
export type PoolUnit = "prompts" | "tokens" | "usd_micros" | "cpu_seconds";

/** Dense place of an event in the whole log, from 0, in commit order. */
export type Position = number;

/** How urgent an issue is. */
export type Priority = "low" | "medium" | "high" | "critical";

/** A project was made. */
export interface ProjectCreated {
  /** Where its logo is. */
  logo_url: string | null;
  /** Its name on screen. */
  name: string;
  /** Who owns it, and is its first member. */
  owner: UserId | null;
  /** Where its code is. */
  repository_url: string | null;
  /** Its name in URLs. */
  slug: string;
}

/** It takes no further commands; its history stays. */
export type ProjectDeleted = Record<string, unknown>;

export type ProjectId = string;

/** It has other names. */
export interface ProjectRenamed {
  /** Its name on screen. */
  name: string;
  /** Its name in URLs. */
  slug: string;
}

/** A project. */
export interface ProjectRow {
  /** When it was made. */
  created_at: Timestamp;
  /** Where its logo is. */
  logo_url: string | null;
  /** Members, owners included. */
  members: number;
  /** Its name on screen. */
  name: string;
  /** Who owns it; the one that was owner before, where there are several. */
  owner: UserId | null;
  /** Where its code is. */
  repository_url: string | null;
  /** Runs that were asked for. */
  runs: number;
  /** Its name in URLs. */
  slug: string;
  /** When it or its settings last changed. */
  updated_at: Timestamp;
}

/** What a step is told. */
export interface PromptInputs {
  /** Earlier steps whose output is context, the latest of each place, in order. */
  context: Array<StepId>;
  /** What goes in front of it: what the last verdict wants done better. */
  feedback: string | null;
  /** Where the prompt comes from. */
  source: PromptSource;
}

/** Where a step's prompt comes from. */
export type PromptSource = "run" | { step: StepId };

/** A member's key at a provider is used no longer. */
export interface ProviderKeyRemoved {
  /** Which provider's. */
  provider: string;
  /** Whose key it was. */
  user: UserId;
}

/** A member's key at a provider was stored, encrypted. */
export interface ProviderKeySealed {
  /** Which provider's, such as `anthropic`. */
  provider: string;
  /** The key, encrypted. */
  sealed: Sealed;
  /** Whose key it is. */
  user: UserId;
}

/** A pull request. */
export interface PullRequest {
  /** Its number in the repository. */
  number: number;
  /** How it stands. */
  status: PullRequestStatus;
  /** Where it is. */
  url: string;
}

/** A pull request was opened. */
export interface PullRequestOpened {
  /** Its number in the repository. */
  number: number;
  /** Where it is. */
  url: string;
}

/** How a pull request stands. */
export type PullRequestStatus = "open" | "draft" | "merged" | "closed";

/** The pull request changed. */
export interface PullRequestUpdated {
  /** How it stands now. */
  status: PullRequestStatus;
}

/** What budget is spent for. */
export type Purpose = "interactive" | "automated";

/** How quality is weighed from now on. */
export interface QualityPolicySet {
  /** The composite that must be reached; none for no threshold. */
  threshold: Score | null;
  /** Version of the policy, one more than the last; the first is 1. */
  version: number;
  /** What each dimension counts. */
  weights: PolicyWeights;
}

/** Scores of a step, as it issued them last. */
export interface QualityRow {
  /** When. */
  at: Timestamp;
  /** Weighted mean, as the event has it. */
  composite: Score;
  /** Weighted mean, recomputed from dimensions and weights. */
  composite_recomputed: Score | null;
  /** Whether both composites, and what they mean for the threshold, are the same. */
  consistent: boolean;
  /** The model it was asked for. */
  model: string | null;
  /** The persona it follows. */
  persona: PersonaId | null;
  /** Version of that persona. */
  persona_version: number | null;
  /** The project. */
  project: ProjectId | null;
  /** The run. */
  run: RunId;
  /** The five dimensions. */
  scores: QualityScores;
  /** The evaluator's step. */
  step: StepId;
  /** In words. */
  summary: string;
  /** The threshold in force. */
  threshold: Score | null;
  /** Whether the composite meets the threshold, as the event has it; absent without one. */
  threshold_result: boolean | null;
  /** Version of the project's quality policy whose weights were in force; 0 for equal weights without one. */
  weights_version: number;
}

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

/** A question was answered; a later answer to it takes the place of this one. */
export interface QuestionAnswered {
  /** The answer; of an assumption, whether and how far it holds. */
  answer: string;
  /** How sure the answerer is, 0 to 1. */
  confidence: Share | null;
  /** The person, where it was one. */
  person: UserId | null;
  /** Its number. */
  question: number;
  /** Why so. */
  rationale: string | null;
  /** Who answered. */
  source: AnswerSource;
}

/** A question was given up for now. */
export interface QuestionLeftOpen {
  /** Its number. */
  question: number;
  /** Why. */
  reason: string;
}

/** A request that waits. */
export interface QueueLine {
  /** How much. */
  amount: number;
  /** Since when. */
  at: Timestamp;
  /** The firing it is for. */
  firing: FiringId | null;
  /** When it will fit, if nothing else is used; for the first twenty. */
  fits_at: Timestamp | null;
  /** What for. */
  purpose: Purpose;
  /** Why it waits. */
  reason: Shortage;
  /** The request. */
  request: BudgetRequestId;
}

/** The queued work will not be started. */
export interface QueuedFiringDropped {
  /** Why. */
  reason: string;
}

/** Budget came free, and the queued work was started. */
export interface QueuedFiringStarted {
  /** What was started. */
  started: StartedWork;
}

/** A learning that waits, in full. */
export type QueuedRow = LearningRow;

/** A run in the list of recent ones. */
export interface RecentRun {
  /** Mean composite of its evaluator steps. */
  quality_score: Score | null;
  /** The run. */
  run: RunId;
  /** When work began. */
  started_at: Timestamp;
  /** How it stands. */
  status: RunStatus;
  /** Its short name. */
  title: string | null;
  /** What it cost, as far as known. */
  total_cost_usd: Usd;
}

/** What the witnesses say of one model, or of all. */
export interface ReconciliationRow {
  /** Whether they agree; absent where the run has no telemetry. */
  agrees: boolean | null;
  /** Where they differ. */
  discrepancies: Array<Discrepancy>;
  /** The model; absent of all of them. */
  model: string | null;
  /** The agent's own stream. */
  stream: Account;
  /** Its telemetry, by kind. Kinds are witnesses of the same and never added up. */
  telemetry: Array<Observed>;
}

/** A run was dispatched. */
export interface RecurringRunDispatched {
  /** When the next run is due; none where the schedule has come to its end. */
  next_run_at: Timestamp | null;
  /** The run; it is requested under this id, with the source `recurring_task`. */
  run: RunId;
  /** The time it was due at; the first one, where it makes up for several. */
  scheduled_for: Timestamp;
}

/** A run, or the lack of one; its key is `run/` and a number, from 1. */
export interface RecurringRunRow {
  /** When it happened. */
  at: Timestamp;
  /** What happened. */
  kind: RunKind;
  /** How many were missed. */
  missed: number;
  /** The run. */
  run: RunId | null;
  /** When it was due; of missed ones, the first. Absent where somebody triggered it. */
  scheduled_for: Timestamp | null;
}

/** Somebody let a run begin at once; the schedule goes on as it was. */
export interface RecurringRunTriggered {
  /** The run; it is requested under this id, with the source `recurring_task`. */
  run: RunId;
}

/** The time of runs passed without them. */
export interface RecurringRunsMissed {
  /** How many passed; 1,000 stands for that many or more. */
  count: number;
  /** The first time that passed. */
  first_at: Timestamp;
  /** When the next run is due; none where the schedule has come to its end. */
  next_run_at: Timestamp | null;
}

/** The task is put away. */
export interface RecurringTaskArchived {
  /** Why. */
  reason: string | null;
}

/** A task was made. */
export interface RecurringTaskCreated {
  /** What becomes of runs whose time passed. */
  missed: MissedRuns;
  /** A short name. */
  name: string;
  /** When the first run is due. */
  next_run_at: Timestamp;
  /** The project it belongs to. */
  project: ProjectId;
  /** What its runs are to do. */
  prompt: string;
  /** When. */
  schedule: Schedule;
  /** The workflow that its runs follow. */
  workflow: WorkflowId | null;
}

/** What it does changed. */
export interface RecurringTaskEdited {
  /** A short name. */
  name: string;
  /** What its runs are to do. */
  prompt: string;
  /** The workflow that its runs follow. */
  workflow: WorkflowId | null;
}

/** No run is due until somebody resumes. */
export interface RecurringTaskPaused {
  /** Why. */
  reason: string | null;
}

/** When it does so changed. */
export interface RecurringTaskRescheduled {
  /** What becomes of runs whose time passed. */
  missed: MissedRuns;
  /** When the next run is due; a paused task keeps it for nothing until it is resumed. */
  next_run_at: Timestamp;
  /** When. */
  schedule: Schedule;
}

/** Runs are due again; those of the pause are not made up for. */
export interface RecurringTaskResumed {
  /** When the next run is due; none where the schedule has come to its end. */
  next_run_at: Timestamp | null;
}

/** Its code is here. */
export interface RepositoryLinked {
  /** Where its code is. */
  repository_url: string;
}

/** It left its file; the log keeps it. */
export interface ResearchNoteArchived {
  /** Why. */
  reason: string | null;
}

/** Its words changed. */
export interface ResearchNoteEdited {
  /** What was found. */
  findings: string;
  /** Where, one source a line. */
  sources: string;
  /** A short name for lists. */
  title: string;
}

/** It is back in its file. */
export type ResearchNoteRestored = Record<string, unknown>;

/** Findings were written down. */
export interface ResearchNoteWritten {
  /** What was found. */
  findings: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** The run it came from. */
  run: RunId | null;
  /** The session it came from. */
  session: SessionId | null;
  /** Where, one source a line. */
  sources: string;
  /** A short name for lists. */
  title: string;
}

/** The review ended without a decision. */
export interface ReviewAbandoned {
  /** Why. */
  reason: string;
}

/** What follows from a cycle. */
export type ReviewAction = "ship" | "ship_with_nits" | "revise" | "escalate" | "redesign" | "reresearch" | "stop";

/** The cycle's work was tried in a sandbox of its own; in the commit that scored it. */
export interface ReviewCycleSandboxed {
  /** The cycle, from 1. */
  cycle: number;
  /** The sandbox. */
  sandbox: SandboxId;
}

/** The reviewer scored a cycle, and the rules said what follows. */
export interface ReviewCycleScored {
  /** What follows. */
  action: ReviewAction;
  /** The cycle, from 1. */
  cycle: number;
  /** What needs fixing; the nits, where the work is approved. */
  fix: Array<string>;
  /** What is good. */
  good: Array<string>;
  /** The score of the cycle before. */
  previous: ReviewScore | null;
  /** Whose turn it is; none where the loop is over. */
  routed_to: AgentRole | null;
  /** The score. */
  score: ReviewScore;
  /** The session that reviewed. */
  session: SessionId | null;
  /** The step that reviewed. */
  step: StepId | null;
  /** What the next agent is to do. */
  tasks: Array<ReviewTask>;
  /** How it stands to that. */
  trend: Trend;
}

/** Work came under review. */
export interface ReviewOpened {
  /** The project it belongs to. */
  project: ProjectId;
  /** The run that made it. */
  run: RunId | null;
  /** What is reviewed. */
  subject: string;
}

/** A scored review loop. */
export interface ReviewRow {
  /** What followed. */
  action: ReviewAction | null;
  /** Every cycle, in order. */
  cycles: Array<ReviewCycleScored>;
  /** When it was opened. */
  opened_at: Timestamp;
  /** The project it belongs to. */
  project: ProjectId;
  /** Why it was settled or abandoned. */
  reason: string | null;
  /** The run that made it. */
  run: RunId | null;
  /** Sandboxes that cycles reviewed in, each with its cycle. */
  sandboxes: Array<[number, SandboxId]>;
  /** The last score. */
  score: ReviewScore | null;
  /** What was decided on work that was not approved. */
  settlement: Settlement | null;
  /** How it stands: open, approved, escalated, stopped, settled or abandoned. */
  status: string;
  /** What is reviewed. */
  subject: string;
  /** How it stands to the one before. */
  trend: Trend | null;
  /** Whose turn it is. */
  turn: AgentRole | null;
  /** When it last changed. */
  updated_at: Timestamp;
}

/** A score of the review loop, 1 to 10. */
export type ReviewScore = number;

/** The team lead, or a person, decided on work that was escalated or stopped. */
export interface ReviewSettled {
  /** Why. */
  reason: string;
  /** What was decided. */
  settlement: Settlement;
}

/** A task for the next agent. */
export interface ReviewTask {
  /** Whose it is. */
  role: AgentRole;
  /** What to do. */
  text: string;
}

/** What an agent does in a step. */
export type Role = "designer" | "checker" | "optimizer" | "prompter" | "investigator" | "deep-dive" | "evaluator" | "judge" | "answerer" | "merge_agent" | "planner" | "reviewer" | "custom";

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

/** A person decided otherwise. */
export interface RoutingOverridden {
  /** How many agents. */
  complexity: Complexity;
  /** Why. */
  reason: string;
  /** Which, in the order of their first turn. */
  roles: Array<AgentRole>;
}

/** A decision of the task router. */
export interface RoutingRow {
  /** When it was decided. */
  at: Timestamp;
  /** How many agents. */
  complexity: Complexity;
  /** What was known. */
  facts: RoutingFacts;
  /** The firing it is for. */
  firing: FiringId | null;
  /** Why a person decided otherwise. */
  overridden: string | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** Why, one sentence each. */
  reasons: Array<string>;
  /** Whether reviewer and earlier roles go round. */
  review_loop: boolean;
  /** Which, in the order of their first turn. */
  roles: Array<AgentRole>;
  /** The task. */
  task: string;
}

/** A rule holds no longer. */
export interface RuleRemoved {
  /** Its name. */
  name: string;
}

/** A rule was made, or written anew. */
export interface RuleWritten {
  /** Its name, such as `git-protocol`. */
  name: string;
  /** What it says. */
  text: string;
  /** The version of this rule, one more than the last; the first is 1. */
  version: number;
}

/** The run was ended by somebody. */
export interface RunCancelled {
  /** Why. */
  reason: string | null;
}

/** The run ended as intended. */
export interface RunCompleted {
  /** What came out of it. */
  summary: string | null;
}

/** The run ended by a failure. */
export interface RunFailed {
  /** In words. */
  error: string;
}

/** Another run was made from this one. */
export interface RunForked {
  /** The step after which they part. */
  after_step: StepId | null;
  /** The new run. */
  into: RunId;
}

export type RunId = string;

/** What happened. */
export type RunKind = "dispatched" | "triggered" | "missed";

/** The run. */
export interface RunLine {
  /** Messages by agents. */
  assistant_messages: number;
  /** The branch that left from. */
  base_branch: string | null;
  /** What its workflow has it do. */
  blueprint: Blueprint | null;
  /** Its branch. */
  branch: string | null;
  /** Tokens read from the cache. */
  cache_read_tokens: number;
  /** Tokens written to the cache. */
  cache_write_tokens: number;
  /** Model calls. */
  calls: number;
  /** Model calls whose cost is unknown; the total stands for the others. */
  calls_without_cost: number;
  /** Runs or branches that its judge compares. */
  candidates: Array<string>;
  /** Continuous integration, as last polled. */
  ci: Ci | null;
  /** The exact versions in force. */
  configuration: Configuration;
  /** When it was asked for. */
  created_at: Timestamp;
  /** From start to end. */
  duration_ms: number | null;
  /** When it ended. */
  ended_at: Timestamp | null;
  /** Why it failed or was cancelled. */
  error: string | null;
  /** How many evaluator steps that is. */
  evaluators: number;
  /** Runs that were made from this one. */
  forks: Array<Fork>;
  /** Tokens in, without the cached ones. */
  input_tokens: number;
  /** Version of the default instructions that its agents get. */
  instructions_version: number | null;
  /** What it came from. */
  origin: StreamId | null;
  /** Tokens out. */
  output_tokens: number;
  /** The project it belongs to. */
  project: ProjectId;
  /** The task. */
  prompt: string;
  /** Its pull request. */
  pull_request: PullRequest | null;
  /** Mean composite of its evaluator steps. */
  quality_score: Score | null;
  /** Where it came from. */
  source: RunSource;
  /** When work began. */
  started_at: Timestamp | null;
  /** How it stands. */
  status: RunStatus;
  /** Steps so far, skipped ones included. */
  steps: number;
  /** What came out of it. */
  summary: string | null;
  /** A short name. */
  title: string | null;
  /** Tools that were called. */
  tool_calls: number;
  /** Tools that answered. */
  tool_results: number;
  /** What the model calls cost, as far as known. */
  total_cost_usd: Usd;
  /** Messages to agents. */
  user_messages: number;
  /** The workflow it follows. */
  workflow: WorkflowId | null;
}

/** How a run ended. */
export type RunOutcome = "completed" | "failed" | "cancelled";

/** A run was asked for. */
export interface RunRequested {
  /** What its workflow has it do; none without a workflow. */
  blueprint: Blueprint | null;
  /** Runs or branches that its judge compares. */
  candidates: Array<string>;
  /** The exact versions in force. */
  configuration: Configuration;
  /** What it came from: an issue, chain, recurring task, firing, or the run it was forked from. */
  origin: StreamId | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** The task. */
  prompt: string;
  /** Where it came from. */
  source: RunSource;
  /** A short name for lists. */
  title: string | null;
  /** The workflow it follows, if any. */
  workflow: WorkflowId | null;
}

/** A run. */
export interface RunRow {
  /** Messages by agents. */
  assistant_messages: number;
  /** The branch that left from. */
  base_branch: string | null;
  /** Its branch. */
  branch: string | null;
  /** Tokens read from the cache. */
  cache_read_tokens: number;
  /** Tokens written to the cache. */
  cache_write_tokens: number;
  /** Model calls. */
  calls: number;
  /** Model calls whose cost is unknown; the total stands for the others. */
  calls_without_cost: number;
  /** How continuous integration stands. */
  ci_status: CiStatus | null;
  /** The agent's program, as the latest step names it. */
  cli_tool: string | null;
  /** When it was asked for. */
  created_at: Timestamp;
  /** From start to end; absent before the end, or where it never started. */
  duration_ms: number | null;
  /** When it ended. */
  ended_at: Timestamp | null;
  /** Why it failed or was cancelled. */
  error: string | null;
  /** Tokens in, without the cached ones. */
  input_tokens: number;
  /** The model used last: of the latest call, or asked for by a step that began after it. */
  model: string | null;
  /** Tokens out. */
  output_tokens: number;
  /** The project it belongs to. */
  project: ProjectId;
  /** The first 200 characters of the task. */
  prompt_preview: string;
  /** Its pull request. */
  pull_request: PullRequest | null;
  /** Mean composite of its evaluator steps. */
  quality_score: Score | null;
  /** Where it came from. */
  source: RunSource;
  /** When work began. */
  started_at: Timestamp | null;
  /** How it stands. */
  status: RunStatus;
  /** Steps so far, skipped ones included. */
  steps: number;
  /** Steps that ended as intended. */
  steps_completed: number;
  /** Steps that ended by a failure. */
  steps_failed: number;
  /** Steps that are running: 0 or 1. */
  steps_running: number;
  /** Steps that were passed over. */
  steps_skipped: number;
  /** A short name. */
  title: string | null;
  /** Tools that were called. */
  tool_calls: number;
  /** Tools that answered. */
  tool_results: number;
  /** What the model calls cost, as far as known. */
  total_cost_usd: Usd;
  /** Messages to agents. */
  user_messages: number;
  /** Verdicts that sent it back. */
  verdicts_failed: number;
  /** Verdicts that passed the work. */
  verdicts_passed: number;
  /** The workflow it follows. */
  workflow: WorkflowId | null;
}

/** The run's quality score changed. */
export interface RunScored {
  /** How many evaluator steps that is. */
  evaluators: number;
  /** Mean composite of its evaluator steps. */
  quality_score: Score;
}

/** Where a run came from. */
export type RunSource = "workflow" | "issue" | "sprint_chain" | "sandbox" | "merge_agent" | "recurring_task" | "trigger" | "import";

/** Work began. */
export type RunStarted = Record<string, unknown>;

/** How a run stands. */
export type RunStatus = "pending" | "running" | "completed" | "failed" | "cancelled";

/** Figures that telemetry counts up, as they stood. */
export interface RunningTotals {
  /** Tokens read from the cache. */
  cache_read_tokens: number;
  /** Tokens written to the cache. */
  cache_write_tokens: number;
  /** Number of model calls; 0 where it is not known. */
  calls: number;
  /** What it cost; absent where unknown, which is not zero. */
  cost_usd: Usd | null;
  /** When counting began. */
  counted_since: Timestamp;
  /** Tokens in, without the cached ones. */
  input_tokens: number;
  /** Tokens out. */
  output_tokens: number;
}

/** What a line stands for. */
export type Said = "message" | "tool_call" | "awaits_approval" | "tool_result" | "steer";

/** A sandbox is being created. */
export interface SandboxCreated {
  /** The model of checkers, where not the default. */
  checker_model: string | null;
  /** Its CPUs. */
  cpus: number;
  /** The model of designers, where not the default. */
  designer_model: string | null;
  /** How hard each model is asked to think. */
  efforts: Array<[string, Effort]>;
  /** Its memory, in MB. */
  memory_mb: number;
  /** The project it belongs to. */
  project: ProjectId;
  /** Who provides it, such as `local` or `e2b`. */
  provider: string | null;
  /** The run it works for; none for a direct session. */
  run: RunId | null;
  /** The template it is made from. */
  template_id: string;
  /** How long it may live, in milliseconds. */
  timeout_ms: number;
}

/** What sandboxes of a workflow are made with; what is left out takes the platform's default. */
export interface SandboxDefaults {
  /** The model of checkers. */
  checker_model: string | null;
  /** CPUs of each, 1 to 8. */
  cpus: number | null;
  /** The model of designers. */
  designer_model: string | null;
  /** How hard each model is asked to think; each model once. */
  efforts: Array<[string, Effort]>;
  /** Memory of each, 256 to 8,192 MB. */
  memory_mb: number | null;
  /** Who provides them, such as `local` or `e2b`. */
  provider: string | null;
  /** The template they are made from. */
  template_id: string | null;
  /** How long one may live, 60,000 to 14,400,000 ms. */
  timeout_ms: number | null;
}

/** It broke. */
export interface SandboxFailed {
  /** In words. */
  error: string;
}

export type SandboxId = string;

/** It is gone. */
export interface SandboxKilled {
  /** Why. */
  reason: KillReason;
}

/** It sleeps. */
export type SandboxPaused = Record<string, unknown>;

/** Every session's system prompt ends with this. */
export interface SandboxPromptSet {
  /** The text; empty for none. */
  prompt: string;
}

/** It is awake again. */
export type SandboxResumed = Record<string, unknown>;

/** A sandbox. */
export interface SandboxRow {
  /** The commit that its files are of. */
  base_commit: string | null;
  /** How large they were together. */
  bytes_in: number;
  /** The model of checkers, where not the default. */
  checker_model: string | null;
  /** Its CPUs. */
  cpus: number;
  /** When it was asked for. */
  created_at: Timestamp;
  /** The model of designers, where not the default. */
  designer_model: string | null;
  /** How hard each model is asked to think. */
  efforts: Array<[string, Effort]>;
  /** When it ended or broke. */
  ended_at: Timestamp | null;
  /** How it broke. */
  error: string | null;
  /** Files that were copied into it. */
  files_in: number;
  /** Why it ended. */
  kill_reason: KillReason | null;
  /** Its memory, in MB. */
  memory_mb: number;
  /** Messages of its session. */
  messages: number;
  /** The project it belongs to. */
  project: ProjectId;
  /** Who provides it. */
  provider: string | null;
  /** The run it works for; none for a direct session. */
  run: RunId | null;
  /** When it came up. */
  started_at: Timestamp | null;
  /** How it stands. */
  status: SandboxStatus;
  /** What was taken back, in order. */
  taken_back: Array<TakenBack>;
  /** The template it is made from. */
  template_id: string;
  /** How long it may live, in milliseconds. */
  timeout_ms: number;
}

/** It is up. */
export type SandboxStarted = Record<string, unknown>;

/** How a sandbox stands. */
export type SandboxStatus = "creating" | "running" | "paused" | "killed" | "error";

/** When something recurs. */
export interface Schedule {
  /** How often, and at which time of the day. */
  frequency: Frequency;
  /** The zone of that time, by its IANA name such as `Europe/Berlin`. */
  timezone: string;
}

/** A recurring task. */
export interface ScheduleRow {
  /** When it was made. */
  created_at: Timestamp;
  /** How often, in a word. */
  frequency: string;
  /** The latest run. */
  last_run: RunId | null;
  /** When that was dispatched or triggered. */
  last_run_at: Timestamp | null;
  /** What becomes of runs whose time passed. */
  missed: MissedRuns;
  /** Its short name. */
  name: string;
  /** When the next run is due, in UTC; absent where none is. */
  next_run_at: Timestamp | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** The first 200 characters of what its runs are to do. */
  prompt_preview: string;
  /** How many runs there were. */
  runs: number;
  /** How many were missed. */
  runs_missed: number;
  /** When. */
  schedule: Schedule;
  /** How it stands. */
  status: TaskStatus;
  /** The next ten times, in UTC: `next_run_at` and those that follow by the schedule. */
  upcoming: Array<Timestamp>;
  /** When it last changed. */
  updated_at: Timestamp;
  /** The workflow that its runs follow. */
  workflow: WorkflowId | null;
}

/** a score from 0 to 100, two decimals */
export type Score = number;

/** An evaluator's scores. */
export interface Scores {
  /** Weighted mean of the five. */
  composite: Score;
  /** The five dimensions. */
  scores: QualityScores;
  /** In words. */
  summary: string;
  /** The threshold in force. */
  threshold: Score | null;
  /** Whether the composite meets the threshold; absent without one. */
  threshold_result: boolean | null;
  /** The weights in force. */
  weights: QualityWeights;
}

/** An evaluator scored the work. */
export interface ScoresIssued {
  /** Weighted mean of the five. */
  composite: Score;
  /** The five dimensions. */
  scores: QualityScores;
  /** The evaluator's step. */
  step: StepId;
  /** In words. */
  summary: string;
  /** The threshold in force. */
  threshold: Score | null;
  /** Whether the composite meets the threshold; absent without one. */
  threshold_result: boolean | null;
  /** The weights in force. */
  weights: QualityWeights;
}

/** An execution of a script. */
export interface ScriptExecutionRow {
  /** The script. */
  asset: AssetId;
  /** How long it took, where known. */
  duration_ms: number | null;
  /** When it ended. */
  ended_at: Timestamp | null;
  /** Why it failed. */
  error: string | null;
  /** Its exit code. */
  exit_code: number | null;
  /** Why it ran then. */
  moment: ScriptMoment;
  /** Bytes that it wrote. */
  output_bytes: number;
  /** The project it belongs to. */
  project: ProjectId;
  /** The run it worked for. */
  run: RunId | null;
  /** Where it ran. */
  sandbox: SandboxId | null;
  /** When it started. */
  started_at: Timestamp;
  /** How it stands. */
  status: ExecutionStatus;
  /** The step of that run. */
  step: StepId | null;
  /** The version that ran. */
  version: number;
}

/** It ended by itself. */
export interface ScriptExited {
  /** How long it took, where known. */
  duration_ms: number | null;
  /** Its exit code; 0 means that it succeeded. */
  exit_code: number;
}

/** It never started, or was ended from outside, and has no exit code. */
export interface ScriptFailed {
  /** In words. */
  error: string;
}

/** What a script is written in. */
export type ScriptLanguage = "shell" | "python";

/** When a script runs. */
export type ScriptMoment = "before_start" | "after_completion" | "on_demand";

/** It wrote something. */
export interface ScriptOutputAppended {
  /** What. */
  content: string;
  /** Where to. */
  stream: OutputStream;
}

/** A script was started. */
export interface ScriptStarted {
  /** The script. */
  asset: AssetId;
  /** Why now. */
  moment: ScriptMoment;
  /** The project it belongs to. */
  project: ProjectId;
  /** The run it works for. */
  run: RunId | null;
  /** Where it runs. */
  sandbox: SandboxId | null;
  /** The step of that run. */
  step: StepId | null;
  /** The version that runs, whatever is published meanwhile. */
  version: number;
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

/** A session was put together. */
export interface SessionBuilt {
  /** The firing that started it; none where a person did. */
  firing: FiringId | null;
  /** What ends it. */
  limits: SessionLimits;
  /** How it came about. */
  mode: SessionMode;
  /** What it was put together from. */
  parts: SessionParts;
  /** The project it belongs to. */
  project: ProjectId;
  /** The run it is part of. */
  run: RunId | null;
  /** The sandbox it runs in; none where it runs directly. */
  sandbox: SandboxId | null;
  /** The step of that run. */
  step: StepId | null;
}

/** One kind of session is set up anew; everything earlier is replaced. */
export interface SessionConfigured {
  /** Commands it may use. */
  commands: Array<AssetId>;
  /** The context it works under. */
  context: ContextId | null;
  /** How hard that model is asked to think. */
  default_effort: Effort | null;
  /** Its model, where nothing else is said. */
  default_model: string | null;
  /** Scripts that run around it. */
  scripts: Array<AssetId>;
  /** The kind of session. */
  session: SessionType;
  /** Shell commands that run before it, in order. */
  setup_commands: Array<string>;
  /** Skills it may use. */
  skills: Array<AssetId>;
}

/** How a session ended. */
export type SessionEnd = "done" | "failed" | "time_limit" | "cost_limit" | "stopped";

/** The session ended. */
export interface SessionEnded {
  /** How. */
  end: SessionEnd;
  /** In words. */
  note: string | null;
}

export type SessionId = string;

/** What ends a session. */
export interface SessionLimits {
  /** What it may cost, in millionths of a US dollar; none where a budget pool bounds it. */
  cost_usd_micros: number | null;
  /** When it is done. */
  done_criteria: string;
  /** How long it may take. */
  wall_clock_ms: number;
}

/** A line of a session. */
export interface SessionLine {
  /** Who it was. */
  actor: Actor | null;
  /** When it began. */
  at: Timestamp;
  /** Whether its last part has come. */
  complete: boolean;
  /** The message's id, or the tool call's; absent where somebody stepped in. */
  id: string | null;
  /** Whether the tool reported an error. */
  is_error: boolean | null;
  /** What it is. */
  kind: Said;
  /** Who speaks, of a message. */
  role: MessageRole | null;
  /** How somebody stepped in. */
  steer: SteerKind | null;
  /** What was said, printed or asked for, all parts joined. */
  text: string;
  /** The agent's thinking, where it was shown. */
  thinking: string | null;
  /** The tool's name. */
  tool: string | null;
}

/** How a session came about. */
export type SessionMode = "interactive" | "team" | "standalone";

/** A part of an issue session. */
export type SessionPart = { session: IssueSessionHead } | { finding: Finding } | { point: Point };

/** What a session was put together from: the exact versions, and the prompt they came to. */
export interface SessionParts {
  /** The agent definition, with version. */
  agent: [AgentDefinitionId, number] | null;
  /** The tools it may use. */
  allowed_tools: Array<string>;
  /** Skills, commands and scripts, with version. */
  assets: Array<[AssetId, number]>;
  /** Files of the brain that it was given. */
  brain_files: Array<string>;
  /** The context, with version. */
  context: [ContextId, number] | null;
  /** SHA-256 of the identity's text, in hexadecimal. */
  identity_digest: string | null;
  /** The learning version. */
  learning_version: number | null;
  /** The MCP servers it is given. */
  mcp_servers: Array<McpServer2>;
  /** The persona. */
  persona: PersonaId | null;
  /** The role. */
  role: AgentRole | null;
  /** The rules, by name. */
  rules: Array<string>;
  /** The system prompt, whole. */
  system_prompt: string;
  /** Its working directory, as the agent sees it. */
  working_directory: string;
}

/** It goes on where another session ended; in the commit that built it. */
export interface SessionResumed {
  /** The session before. */
  before: SessionId;
}

/** How one kind of session is set up. */
export interface SessionRow {
  /** Commands it may use. */
  commands: Array<AssetId>;
  /** The context it works under. */
  context: ContextId | null;
  /** How hard that model is asked to think. */
  default_effort: Effort | null;
  /** Its model, where nothing else is said. */
  default_model: string | null;
  /** Scripts that run around it. */
  scripts: Array<AssetId>;
  /** The kind of session. */
  session: SessionType;
  /** Shell commands that run before it, in order. */
  setup_commands: Array<string>;
  /** Skills it may use. */
  skills: Array<AssetId>;
}

/** A session. */
export interface SessionRow2 {
  /** The agent's own name for it. */
  agent_session: string | null;
  /** When it was put together. */
  built_at: Timestamp;
  /** When it ended. */
  ended_at: Timestamp | null;
  /** Whether it ended before it was summed up. */
  ended_without_summary: boolean;
  /** The firing that started it. */
  firing: FiringId | null;
  /** What ends it. */
  limits: SessionLimits;
  /** How it came about. */
  mode: SessionMode;
  /** In words, how it ended. */
  note: string | null;
  /** What it was put together from. */
  parts: SessionParts;
  /** The project it belongs to. */
  project: ProjectId;
  /** The session that it goes on from. */
  resumes: SessionId | null;
  /** The run it is part of. */
  run: RunId | null;
  /** The sandbox it runs in. */
  sandbox: SandboxId | null;
  /** When the agent ran. */
  started_at: Timestamp | null;
  /** built, running, done, failed, time_limit, cost_limit or stopped. */
  status: string;
  /** How often somebody stepped in. */
  steers: number;
  /** The step of that run. */
  step: StepId | null;
  /** Whether it was summed up. */
  summarised: boolean;
  /** Its summary, the last one written. */
  summary: SessionSummaryId | null;
}

/** The agent runs. */
export interface SessionStarted {
  /** The agent's own name for the session. */
  agent_session: string | null;
}

/** How a session stands. */
export type SessionStatus = "requested" | "running" | "completed" | "failed" | "cancelled";

/** Somebody stepped in from outside. */
export interface SessionSteered {
  /** How. */
  kind: SteerKind;
  /** What was said, or the tool call that was approved or denied. */
  text: string;
}

/** A session was summed up. */
export interface SessionSummarised {
  /** What was done. */
  done: string;
  /** What was learned. */
  learned: string;
  /** What comes next. */
  next: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** The run it came from. */
  run: RunId | null;
  /** The session it came from. */
  session: SessionId | null;
  /** A short name for lists. */
  title: string;
}

/** It left its file; the log keeps it. */
export interface SessionSummaryArchived {
  /** Why. */
  reason: string | null;
}

/** Its words changed. */
export interface SessionSummaryEdited {
  /** What was done. */
  done: string;
  /** What was learned. */
  learned: string;
  /** What comes next. */
  next: string;
  /** A short name for lists. */
  title: string;
}

export type SessionSummaryId = string;

/** It is back in its file. */
export type SessionSummaryRestored = Record<string, unknown>;

/** Kind of session that has a configuration of its own. */
export type SessionType = "learning" | "merging" | "issue" | "answering" | "evaluating" | "judging";

/** A setting. */
export type SettingRow = { general: GeneralRow } | { api_key: ApiKeyRow } | { env: EnvRow } | { policy: PolicyRow } | { session: SessionRow } | { folder: FolderRow } | { notifications: NotificationsRow };

/** What the team lead or a person decided on work that was not approved. */
export type Settlement = "ship" | "drop";

/** How much a learning matters. */
export type Severity = "critical" | "important" | "minor";

/** a number from 0 to 1, four decimals */
export type Share = number;

/** Why a request waits. */
export type Shortage = "automated_share" | "capacity" | "vendor" | "behind";

/** The key that signs the log's checkpoints was changed: checkpoints after it are signed by the new one. */
export interface SigningKeyRotated {
  /** The key since, as `name+id+base64`. */
  new_key: string;
  /** The key before, as `name+id+base64`. */
  old_key: string;
  /** A C2SP signed note that names log and keys, with the signatures of both keys: whoever trusts the old key can trust the new one. */
  statement: string;
}

/** A file of a skill. */
export interface SkillFile {
  /** What it says. */
  content: string;
  /** Where it lies, relative to the skill's folder. */
  path: string;
}

/** Why a firing started nothing. */
export type SkipReason = "disabled" | "busy" | "bad_signature" | "missed" | "not_applicable" | "other";

/** The chain goes on in another way from the next end of a sprint on. */
export interface SprintAdvanceSet {
  /** How. */
  advance: Advance;
}

/** The sprint is over, and the next waits for an approval. */
export interface SprintApprovalAwaited {
  /** The sprint that is over. */
  sprint: number;
}

/** Somebody approved what the sprint did. */
export interface SprintApproved {
  /** Who. */
  approver: UserId | null;
  /** In words. */
  note: string | null;
  /** The sprint that is over. */
  sprint: number;
}

/** The next sprint is due. */
export interface SprintChainAdvanced {
  /** That sprint. */
  sprint: number;
}

/** Somebody ended the chain; a running run is not touched. */
export interface SprintChainCancelled {
  /** Why. */
  reason: string | null;
}

/** Every sprint is over. */
export type SprintChainCompleted = Record<string, unknown>;

/** A chain was made. */
export interface SprintChainCreated {
  /** How it goes from one sprint to the next. */
  advance: Advance;
  /** Most tries of one sprint. */
  attempts_max: number;
  /** The branch that each sprint's leaves from; the default one where absent. */
  base_branch: string | null;
  /** What a sprint is to do that has no prompt of its own. */
  default_prompt: string;
  /** What a failed run leads to. */
  on_failure: FailurePolicy;
  /** The project it belongs to. */
  project: ProjectId;
  /** Prompts of single sprints. */
  prompts: Array<SprintPrompt>;
  /** How many sprints there are. */
  sprints: number;
  /** A short name. */
  title: string;
  /** The workflow that every sprint runs. */
  workflow: WorkflowId | null;
}

/** No further run begins until somebody resumes; a running one goes on. */
export interface SprintChainPaused {
  /** Why. */
  reason: string;
}

/** Runs begin again; the current sprint has all its tries anew. */
export type SprintChainResumed = Record<string, unknown>;

/** The chain began: sprint 1 is due. */
export type SprintChainStarted = Record<string, unknown>;

/** A failure ended the chain. */
export interface SprintChainStopped {
  /** Why. */
  reason: string;
}

/** That run ended. What follows from it follows in the same commit. */
export interface SprintEnded {
  /** How it ended. */
  outcome: RunOutcome;
  /** The run. */
  run: RunId;
  /** The sprint. */
  sprint: number;
}

/** The prompt of one sprint, in place of the chain's. */
export interface SprintPrompt {
  /** What it is to do. */
  prompt: string;
  /** The sprint, from 1. */
  sprint: number;
}

/** A sprint has a prompt of its own, or the chain's again. */
export interface SprintPromptSet {
  /** What it is to do; the chain's prompt where absent. */
  prompt: string | null;
  /** The sprint. */
  sprint: number;
}

/** The sprint's pull request was opened. */
export interface SprintPullRequestOpened {
  /** Its number in the repository. */
  number: number;
  /** The sprint. */
  sprint: number;
  /** Where it is. */
  url: string;
}

/** The sprint's pull request changed. */
export interface SprintPullRequestUpdated {
  /** The sprint. */
  sprint: number;
  /** How it stands now. */
  status: PullRequestStatus;
}

/** The same sprint is due again. */
export interface SprintRetried {
  /** Which try it will be. */
  attempt: number;
  /** The sprint. */
  sprint: number;
}

/** A sprint; its key is `item/` and its number. */
export interface SprintRow {
  /** When it was approved. */
  approved_at: Timestamp | null;
  /** Who approved it. */
  approver: UserId | null;
  /** How many runs there were. */
  attempts: number;
  /** Whether the next sprint waits for its approval. */
  awaits_approval: boolean;
  /** Its branch. */
  branch: string | null;
  /** Whether it is the chain's current one. */
  current: boolean;
  /** When that ended. */
  ended_at: Timestamp | null;
  /** How the latest run ended; absent while it works. */
  outcome: RunOutcome | null;
  /** What it is to do, where it has a prompt of its own or has begun; else it takes the chain's. */
  prompt: string | null;
  /** Its pull request. */
  pull_request: PullRequest | null;
  /** The latest run. */
  run: RunId | null;
  /** Why it was passed over. */
  skipped: string | null;
  /** Its number, from 1. */
  sprint: number;
  /** When its latest run began. */
  started_at: Timestamp | null;
}

/** The current sprint was passed over. */
export interface SprintSkipped {
  /** Why. */
  reason: string;
  /** The sprint. */
  sprint: number;
}

/** A run began to work on the current sprint. */
export interface SprintStarted {
  /** Which try of this sprint it is, from 1. */
  attempt: number;
  /** The sprint's branch. */
  branch: string;
  /** What it is to do. */
  prompt: string;
  /** The run; it is requested under this id. */
  run: RunId;
  /** The sprint. */
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

/** Whether somebody gets in. */
export type Standing = "active" | "disabled";

/** What a firing started: a run, a session, or both. */
export interface StartedWork {
  /** The budget that was reserved for it. */
  request: BudgetRequestId | null;
  /** The routing that chose the roles. */
  routing: RoutingId | null;
  /** The run. */
  run: RunId | null;
  /** The session. */
  session: SessionId | null;
}

/** What a person did to a running session. */
export type SteerKind = "message" | "interrupt" | "approve_tool" | "deny_tool";

/** How a person reached into a step. */
export interface Steered {
  /** Who did it. */
  actor: Actor;
  /** When. */
  at: Timestamp;
  /** What was done. */
  kind: SteerKind;
  /** The message, or the tool's name. */
  text: string;
}

/** A step as lists show it. */
export interface StepBrief {
  /** Name of the loop it stands in. */
  in_loop: string | null;
  /** The persona it follows. */
  persona: PersonaId | null;
  /** What the agent does. */
  role: Role;
}

/** A step ended as intended. */
export interface StepCompleted {
  /** What it handed on, where that is not its last message. */
  output: string | null;
  /** The step. */
  step: StepId;
}

/** A further part of a message or of a tool's output. */
export interface StepContentContinued {
  /** The next part. */
  content: string;
  /** Whether more parts follow. */
  more: boolean;
  /** The message's id, or the tool call's. */
  of: string;
  /** The sandbox of that step. */
  sandbox: SandboxId | null;
  /** The step. */
  step: StepId;
}

/** A step of a workflow. */
export interface StepDefinition {
  /** The agent's program; that of the workflow where absent. */
  cli_tool: string | null;
  /** Name of the loop it stands in. */
  in_loop: string | null;
  /** What its system prompt says besides. */
  instructions: string;
  /** The model; that of the workflow where absent. */
  model: string | null;
  /** The persona it follows, with the version when this was defined; persona pipelines only. */
  persona: [PersonaId, number] | null;
  /** What the agent does; of a persona's step, what it did when this was defined. */
  role: Role;
  /** How hard it is asked to think. */
  thinking_effort: Effort | null;
}

/** A step ended by a failure of the machinery, which is never a verdict. */
export interface StepFailed {
  /** In words. */
  error: string;
  /** What kind of failure. */
  failure: StepFailure;
  /** The step. */
  step: StepId;
}

/** Why a step failed. */
export type StepFailure = "crashed" | "verdict_missing" | "verdict_unparseable" | "rate_limited" | "provider" | "aborted" | "timeout" | "other";

export type StepId = string;

/** A step. */
export interface StepLine {
  /** Messages by agents. */
  assistant_messages: number;
  /** Tokens read from the cache. */
  cache_read_tokens: number;
  /** Tokens written to the cache. */
  cache_write_tokens: number;
  /** Model calls. */
  calls: number;
  /** Model calls whose cost is unknown; the total stands for the others. */
  calls_without_cost: number;
  /** The agent's program. */
  cli_tool: string | null;
  /** From start to end. */
  duration_ms: number | null;
  /** When it ended, or was passed over. */
  ended_at: Timestamp | null;
  /** Why it failed. */
  failure: Failure | null;
  /** Tokens in, without the cached ones. */
  input_tokens: number;
  /** Iteration of the whole run, from 1; absent for a skipped step. */
  iteration: number | null;
  /** Its judgement. */
  judgement: Judgement | null;
  /** The loop it stands in. */
  loop_id: LoopId | null;
  /** Iteration of that loop, from 1. */
  loop_iteration: number | null;
  /** What its merge came to. */
  merge: Merge | null;
  /** The model asked for. */
  model: string | null;
  /** What it handed on, where that is not its last message. */
  output: string | null;
  /** Tokens out. */
  output_tokens: number;
  /** The persona it follows. */
  persona: PersonaId | null;
  /** Version of that persona. */
  persona_version: number | null;
  /** The first 120 characters of the first message to the agent. */
  preview: string | null;
  /** SHA-256 of the whole prompt, hex. */
  prompt_digest: string | null;
  /** Its scores. */
  quality: Scores | null;
  /** The composite that its scores must reach, as its persona has it. */
  quality_threshold: Score | null;
  /** What the agent does. */
  role: Role;
  /** Where it works. */
  sandbox: SandboxId | null;
  /** Why it was passed over. */
  skipped: string | null;
  /** When it began. */
  started_at: Timestamp | null;
  /** How it stands. */
  status: StepStatus;
  /** How people reached into it. */
  steers: Array<Steered>;
  /** The step. */
  step: StepId;
  /** How hard it is asked to think. */
  thinking_effort: Effort | null;
  /** Tools that were called. */
  tool_calls: number;
  /** Tools that answered. */
  tool_results: number;
  /** What the model calls cost, as far as known. */
  total_cost_usd: Usd;
  /** What it used, by provider and model in order of first use. */
  usage: Array<ModelUse>;
  /** Messages to agents. */
  user_messages: number;
  /** Its verdict. */
  verdict: Verdict | null;
  /** Calls that wait until somebody approves or denies them. */
  waiting: Array<Waiting>;
}

/** A message passed between platform and agent. */
export interface StepMessageAppended {
  /** What was said; the first part where `more` follows. */
  content: string;
  /** The message. */
  message: MessageId;
  /** Whether more parts follow. */
  more: boolean;
  /** Who speaks. */
  role: MessageRole;
  /** The sandbox of that step. */
  sandbox: SandboxId | null;
  /** The step. */
  step: StepId;
  /** Why the agent stopped here, in its own word. */
  stop_reason: string | null;
  /** The agent's thinking, where it was shown. */
  thinking: string | null;
}

/** A step that is to be started. */
export interface StepOrder {
  /** Which attempt this is, from 1; more than 1 only after failures of the machinery. */
  attempt: number;
  /** The agent's program. */
  cli_tool: string;
  /** Iteration of the whole run, from 1: one more than loops have gone back so far. */
  iteration: number;
  /** The loop it stands in. */
  loop_id: LoopId | null;
  /** Iteration of that loop, from 1. */
  loop_iteration: number | null;
  /** The model; absent where the project's settings name it. */
  model: string | null;
  /** Its place in the workflow, from 1. */
  number: number;
  /** The persona it follows, with version. */
  persona: [PersonaId, number] | null;
  /** What it is told. */
  prompt: PromptInputs;
  /** What the agent does. */
  role: Role;
  /** How hard it is asked to think; the agent's own default where absent. */
  thinking_effort: Effort | null;
  /** How long to wait before it, in milliseconds. */
  wait_ms: number;
}

/** A step was passed over. */
export interface StepSkipped {
  /** Why it was passed over. */
  reason: string;
  /** What it would have done. */
  role: Role;
  /** The step. */
  step: StepId;
}

/** An agent was set to work. */
export interface StepStarted {
  /** The agent's program, such as `claude`, `codex`, `opencode`, `pi`. */
  cli_tool: string | null;
  /** Iteration of the whole run, from 1. */
  iteration: number;
  /** The loop it stands in. */
  loop_id: LoopId | null;
  /** Iteration of that loop, from 1. */
  loop_iteration: number | null;
  /** The model asked for. */
  model: string | null;
  /** The persona it follows. */
  persona: PersonaId | null;
  /** Version of that persona. */
  persona_version: number | null;
  /** SHA-256 of the whole prompt, hex. */
  prompt_digest: string | null;
  /** The composite that its scores must reach, as its persona has it. */
  quality_threshold: Score | null;
  /** What the agent does. */
  role: Role;
  /** Where it works. */
  sandbox: SandboxId | null;
  /** The step. */
  step: StepId;
  /** How hard it is asked to think. */
  thinking_effort: Effort | null;
}

/** How a step stands. */
export type StepStatus = "pending" | "running" | "completed" | "failed" | "skipped";

/** Tokens were used. Figures are differences, never running totals. */
export interface StepUsageRecorded {
  /** Tokens read from the cache. */
  cache_read_tokens: number;
  /** Tokens written to the cache. */
  cache_write_tokens: number;
  /** Number of model calls that the figures stand for; 0 where it is not known. */
  calls: number;
  /** What it cost; absent where unknown, which is not zero. */
  cost_usd: Usd | null;
  /** Tokens in, without the cached ones. */
  input_tokens: number;
  /** The model that answered. */
  model: string;
  /** Tokens out. */
  output_tokens: number;
  /** Who was paid, such as `anthropic`. */
  provider: string | null;
  /** The step. */
  step: StepId;
}

export type StreamId = string;

/** Dense place of an event in its stream, from 0. */
export type StreamVersion = number;

/** Whose words are erased. Variants are stored by number: append, never reorder. */
export type Subject = { project: ProjectId } | { person: UserId };

/** What was taken back out of a sandbox. */
export interface TakenBack {
  /** The branch. */
  branch: string;
  /** The commit at its head. */
  commit: string;
  /** How many files changed. */
  files: number;
}

/** What a trigger asks for. */
export type TaskKind = "quick_fix" | "research" | "change" | "feature" | "upkeep";

/** The router decided. */
export interface TaskRouted {
  /** How many agents. */
  complexity: Complexity;
  /** What was known. */
  facts: RoutingFacts;
  /** The firing it is for; none where a person asked. */
  firing: FiringId | null;
  /** The project it belongs to. */
  project: ProjectId;
  /** Why, one sentence each. */
  reasons: Array<string>;
  /** Whether reviewer and earlier roles go round until the review ends. */
  review_loop: boolean;
  /** Which, in the order of their first turn. */
  roles: Array<AgentRole>;
  /** The task. */
  task: string;
}

/** A task of the list. */
export interface TaskRow {
  /** When it was put on the list. */
  added_at: Timestamp;
  /** Tasks that come before it. */
  after: Array<number>;
  /** Why it was last given back. */
  released: string | null;
  /** What came out of it. */
  result: string | null;
  /** Whose it is; anybody's where absent. */
  role: AgentRole | null;
  /** The member who has it, or did it. */
  session: SessionId | null;
  /** How it stands. */
  status: TaskStatus2;
  /** Its number, from 1. */
  task: number;
  /** What is to be done. */
  text: string;
  /** When it last changed. */
  updated_at: Timestamp;
}

/** How a task stands. */
export type TaskStatus = "active" | "paused" | "archived";

/** How a task stands. */
export type TaskStatus2 = "open" | "claimed" | "done";

/** The team is no more. */
export interface TeamDisbanded {
  /** Why. */
  reason: string;
}

/** A team was formed. */
export interface TeamFormed {
  /** The firing that it came from. */
  firing: FiringId | null;
  /** What it is to reach. */
  goal: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** The run that its sessions are steps of. */
  run: RunId | null;
}

/** A session became a member. */
export interface TeamMemberJoined {
  /** Its role. */
  role: AgentRole;
  /** The session. */
  session: SessionId;
}

/** A member has read a message. */
export interface TeamMessageRead {
  /** The message. */
  message: number;
  /** The member. */
  session: SessionId;
}

/** A message lies in a mailbox. */
export interface TeamMessageSent {
  /** The member who sent it; none for a person. */
  from: SessionId | null;
  /** Its number, from 1. */
  message: number;
  /** What it says. */
  text: string;
  /** The member it is for; none for all. */
  to: SessionId | null;
}

/** A team. */
export interface TeamRow {
  /** Why it is no more. */
  disbanded: string | null;
  /** The firing that it came from. */
  firing: FiringId | null;
  /** When it was formed. */
  formed_at: Timestamp;
  /** The first 200 characters of what it is to reach. */
  goal_preview: string;
  /** Its members, with role. */
  members: Array<[SessionId, AgentRole]>;
  /** Messages between members and people. */
  messages: number;
  /** The project it belongs to. */
  project: ProjectId;
  /** The run that its sessions are steps of. */
  run: RunId | null;
  /** Tasks on the list. */
  tasks: number;
  /** Tasks that a member has. */
  tasks_claimed: number;
  /** Tasks that are done. */
  tasks_done: number;
  /** When it last changed. */
  updated_at: Timestamp;
}

/** A task was put on the list. */
export interface TeamTaskAdded {
  /** Tasks that come before it. */
  after: Array<number>;
  /** Whose it is; anybody's where absent. */
  role: AgentRole | null;
  /** Its number, from 1. */
  task: number;
  /** What is to be done. */
  text: string;
}

/** A member took a task. */
export interface TeamTaskClaimed {
  /** The member. */
  session: SessionId;
  /** The task. */
  task: number;
}

/** A task is done. */
export interface TeamTaskCompleted {
  /** What came out of it. */
  result: string;
  /** The task. */
  task: number;
}

/** A member gave a task back. */
export interface TeamTaskReleased {
  /** Why. */
  reason: string;
  /** The task. */
  task: number;
}

/** The agent's telemetry, which is another witness than its stream, told of tokens. Figures are differences, never running totals. */
export interface TelemetryRecorded {
  /** The agent's own name of its session. */
  agent_session: string | null;
  /** Tokens read from the cache. */
  cache_read_tokens: number;
  /** Tokens written to the cache. */
  cache_write_tokens: number;
  /** Number of model calls that the figures stand for; 0 where it is not known. */
  calls: number;
  /** What it cost; absent where unknown, which is not zero. */
  cost_usd: Usd | null;
  /** Tokens in, without the cached ones. */
  input_tokens: number;
  /** The model that answered. */
  model: string;
  /** Tokens out. */
  output_tokens: number;
  /** Who was paid, such as `anthropic`. */
  provider: string | null;
  /** Of figures that are counted up: how they stood, so that the next difference can be taken. */
  running: RunningTotals | null;
  /** Which kind of telemetry; one agent may tell the same by several. */
  signal: TelemetrySignal;
  /** The step, where it is known. */
  step: StepId | null;
}

/** A kind of telemetry, as OpenTelemetry divides them. */
export type TelemetrySignal = "metrics" | "logs" | "traces";

/** A line of the timeline. */
export type TimelineRow = { run: RunLine } | { step: StepLine } | { loop: LoopLine };

export type Timestamp = string;

/** The agent wants to call a tool, and waits until somebody approves or denies it. */
export interface ToolApprovalAwaited {
  /** Its arguments, JSON text as the agent sent it. */
  arguments: string;
  /** The agent's id of the call. */
  call_id: string;
  /** The step. */
  step: StepId;
  /** The tool's name. */
  tool: string;
}

/** The agent called a tool. */
export interface ToolCalled {
  /** Its arguments, JSON text as the agent sent it. */
  arguments: string;
  /** The agent's id of the call. */
  call_id: string;
  /** The sandbox of that step. */
  sandbox: SandboxId | null;
  /** The step. */
  step: StepId;
  /** The tool's name. */
  tool: string;
}

/** A tool answered. */
export interface ToolReturned {
  /** The agent's id of the call. */
  call_id: string;
  /** How long it took, where known. */
  duration_ms: number | null;
  /** Whether the tool reported an error. */
  is_error: boolean;
  /** Whether more parts follow. */
  more: boolean;
  /** What it printed; the first part where `more` follows. */
  output: string;
  /** The sandbox of that step. */
  sandbox: SandboxId | null;
  /** The step. */
  step: StepId;
  /** The tool's name. */
  tool: string;
}

/** How a score stands to the score of the cycle before. */
export type Trend = "first" | "improving" | "stalled" | "dropped";

/** Its condition or its work changed. */
export interface TriggerConfigured {
  /** When it fires. */
  condition: Condition;
  /** A short name for lists. */
  name: string;
  /** The version, one more than the last. */
  version: number;
  /** What it starts. */
  work: TriggeredWork;
}

/** A trigger was made, enabled; this is its version 1. */
export interface TriggerCreated {
  /** When it fires. */
  condition: Condition;
  /** A short name for lists. */
  name: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** What it starts. */
  work: TriggeredWork;
}

/** It is gone. */
export type TriggerDeleted = Record<string, unknown>;

/** It fires no more until it is enabled. */
export interface TriggerDisabled {
  /** Why. */
  reason: string | null;
}

/** It fires again. */
export type TriggerEnabled = Record<string, unknown>;

/** The condition held, and work was started. */
export interface TriggerFired {
  /** When and on what. */
  occasion: Occasion;
  /** What was started. */
  started: StartedWork;
  /** The trigger's version in force, where it was at hand. */
  trigger_version: number | null;
}

export type TriggerId = string;

/** A trigger. */
export interface TriggerRow {
  /** When it fires. */
  condition: Condition;
  /** Firings that repeated another. */
  deduplicated: number;
  /** Whether it fires. */
  enabled: boolean;
  /** Firings that started work. */
  fired: number;
  /** The kind of its condition. */
  kind: string;
  /** When its condition last held. */
  last_at: Timestamp | null;
  /** A short name. */
  name: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** Firings that wait for budget. */
  queued: number;
  /** Why it does not. */
  reason: string | null;
  /** Firings that were skipped or given up. */
  skipped: number;
  /** When it last changed. */
  updated_at: Timestamp;
  /** Its version in force. */
  version: number;
  /** What it starts. */
  work: TriggeredWork;
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
  pool: BudgetPoolId | null;
  /** The role, where the router is not asked. */
  role: AgentRole | null;
  /** The task, as the agent is told. */
  task: string;
  /** The workflow, where runs follow one. */
  workflow: WorkflowId | null;
}

/** Work under way. */
export interface UnfinishedRow {
  /** What it is. */
  kind: StalledKind;
  /** When something was last heard of it; of a session, of its run too. */
  last_heard_at: Timestamp;
  /** The project it belongs to. */
  project: ProjectId;
  /** When it began. */
  since: Timestamp;
}

/** What a model was used for in a project on a day. */
export interface UsageRow {
  /** Tokens read from the cache. */
  cache_read_tokens: number;
  /** Tokens written to the cache. */
  cache_write_tokens: number;
  /** Model calls. */
  calls: number;
  /** Model calls whose cost is unknown; the total stands for the others. */
  calls_without_cost: number;
  /** The day in UTC, as `2026-11-21`. */
  day: string;
  /** Tokens in, without the cached ones. */
  input_tokens: number;
  /** The model. */
  model: string;
  /** Tokens out. */
  output_tokens: number;
  /** The project. */
  project: ProjectId;
  /** Who was paid; absent where unknown, or where it was not the same for every call. */
  provider: string | null;
  /** Runs that used it. */
  runs: number;
  /** What the model calls cost, as far as known. */
  total_cost_usd: Usd;
}

/** US dollars from 0 to 1,000,000, nine decimals */
export type Usd = number;

/** They no longer get in. */
export interface UserDisabled {
  /** Why. */
  reason: string | null;
}

/** They get in again. */
export type UserEnabled = Record<string, unknown>;

export type UserId = string;

/** Somebody has an account. */
export interface UserRegistered {
  /** Whether they manage the installation. */
  administrator: boolean;
  /** Their address. */
  email: string;
  /** Their name on screen. */
  name: string;
}

/** They are called otherwise. */
export interface UserRenamed {
  /** Their name on screen. */
  name: string;
}

/** A user. */
export interface UserRow {
  /** Whether they manage the installation. */
  administrator: boolean;
  /** Their address. */
  email: string;
  /** Their name on screen. */
  name: string;
  /** Whether they have a password. */
  password: boolean;
  /** Why they are kept out. */
  reason: string | null;
  /** Since when they have an account. */
  registered_at: Timestamp;
  /** Whether they get in. */
  status: Standing;
  /** When it last changed. */
  updated_at: Timestamp;
}

/** A configuration that an experiment tries. */
export interface Variant {
  /** The model that its runs ask for. */
  model: string | null;
  /** Its name in the experiment, such as `opus`. */
  name: string;
  /** What else is different, in words; one line. */
  note: string | null;
  /** The workflow that its runs follow. */
  workflow: WorkflowId | null;
}

/** The vendor said how the pool stands; that overrides the count. */
export interface VendorEvidenceRecorded {
  /** When it was said. */
  at: Timestamp;
  /** Whether the vendor refuses until it resets. */
  exhausted: boolean;
  /** When it resets, where it was said. */
  resets_at: Timestamp | null;
  /** Where it was said, such as `rate_limit_event`. */
  source: string;
  /** The share that is used, 0 to 1, where it was said. */
  used_share: Share | null;
}

/** A checker's verdict. */
export interface Verdict {
  /** What to do better. */
  feedback: string;
  /** Whether the work passes. */
  pass: boolean;
}

/** A checker judged the work. */
export interface VerdictIssued {
  /** What to do better. */
  feedback: string;
  /** Whether it passes. */
  pass: boolean;
  /** The checker's step. */
  step: StepId;
}

/** The view takes an event into account again, in every fold from the beginning on. */
export interface ViewEventRestored {
  /** The event. */
  position: Position;
  /** Why. */
  reason: string;
  /** Name of the view. */
  view: string;
}

/** The view passes over an event, in every fold from the beginning on. */
export interface ViewEventSkipped {
  /** The event. */
  position: Position;
  /** Why. */
  reason: string;
  /** Name of the view. */
  view: string;
}

/** A call that waits until somebody approves or denies it. */
export interface Waiting {
  /** Its arguments, as JSON text. */
  arguments: string;
  /** The agent's id of the call. */
  call_id: string;
  /** Since when. */
  since: Timestamp;
  /** The tool's name. */
  tool: string;
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

/** No trigger was asked, and none will be. */
export interface WebhookDropped {
  /** Why. */
  reason: string;
}

/** Triggers were asked. */
export interface WebhookEvaluated {
  /** Their firings, skipped ones included; none where no trigger is concerned. */
  firings: Array<FiringId>;
}

/** Something came; it waits until triggers are asked. */
export interface WebhookReceived {
  /** The body as text, as far as it is kept; empty where the signature does not fit. */
  body: string;
  /** Length of the whole body in bytes. */
  body_bytes: number;
  /** SHA-256 of the whole body, hex. */
  body_sha256: string;
  /** The sender's id of the delivery. */
  delivery: string;
  /** The sender's word for what happened, such as `issues.opened`. */
  kind: string;
  /** The project it is for. */
  project: ProjectId;
  /** Who sent it, such as `github`. */
  source: string;
  /** Whether its signature fits. */
  verified: boolean;
}

/** A day of the week. */
export type Weekday = "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";

/** When use stops to count. */
export type WindowShape = "rolling" | "from_first_use" | "calendar_month" | "credit";

/** The next issue is due. */
export interface WorkChainAdvanced {
  /** That issue. */
  issue: IssueId;
}

/** Somebody ended the chain; a running run is not touched. */
export interface WorkChainCancelled {
  /** Why. */
  reason: string | null;
}

/** Every issue was seen to or passed over. */
export type WorkChainCompleted = Record<string, unknown>;

/** A chain was made. */
export interface WorkChainCreated {
  /** Most tries of one issue. */
  attempts_max: number;
  /** The branch that one leaves from; the default one where absent. */
  base_branch: string | null;
  /** The branch that every run works on. */
  branch: string;
  /** The issues, in order. */
  issues: Array<IssueId>;
  /** What a failed run leads to. */
  on_failure: FailurePolicy;
  /** The project it belongs to. */
  project: ProjectId;
  /** A short name. */
  title: string;
}

export type WorkChainId = string;

/** An issue was added at the end. */
export interface WorkChainIssueAdded {
  /** The issue. */
  issue: IssueId;
}

/** An issue that was still to come was taken out. */
export interface WorkChainIssueRemoved {
  /** The issue. */
  issue: IssueId;
}

/** The current issue was passed over. */
export interface WorkChainIssueSkipped {
  /** The issue. */
  issue: IssueId;
  /** Why. */
  reason: string;
}

/** No further run begins until somebody resumes; a running one goes on. */
export interface WorkChainPaused {
  /** Why. */
  reason: string;
}

/** The issues still to come stand in another order. */
export interface WorkChainReordered {
  /** All of them, in order. */
  issues: Array<IssueId>;
}

/** Runs begin again; the current issue has all its tries anew. */
export type WorkChainResumed = Record<string, unknown>;

/** The same issue is due again. */
export interface WorkChainRetried {
  /** Which try it will be. */
  attempt: number;
  /** That issue. */
  issue: IssueId;
}

/** That run ended. What follows from it follows in the same commit. */
export interface WorkChainRunEnded {
  /** The issue. */
  issue: IssueId;
  /** How it ended. */
  outcome: RunOutcome;
  /** The run. */
  run: RunId;
}

/** A run began to work on the current issue. */
export interface WorkChainRunStarted {
  /** Which try of this issue it is, from 1. */
  attempt: number;
  /** The issue. */
  issue: IssueId;
  /** The run; it is requested under this id. */
  run: RunId;
}

/** The chain began: its first issue is due. */
export type WorkChainStarted = Record<string, unknown>;

/** A failure ended the chain. */
export interface WorkChainStopped {
  /** Why. */
  reason: string;
}

/** It is gone for good; its versions stay readable. */
export type WorkflowArchived = Record<string, unknown>;

/** A workflow was made; this is its version 1. */
export interface WorkflowCreated {
  /** What it is. */
  definition: WorkflowDefinition;
  /** What it is good for. */
  description: string;
  /** What people call it. */
  name: string;
  /** The project it belongs to. */
  project: ProjectId;
}

/** It is defined anew; runs that have begun keep the version they were requested with. */
export interface WorkflowDefined {
  /** What it is. */
  definition: WorkflowDefinition;
  /** Why it changed. */
  note: string | null;
  /** The version, one more than the last. */
  version: number;
}

/** What a workflow is. */
export interface WorkflowDefinition {
  /** The agent's program where a step names none. */
  cli_tool: string | null;
  /** Its loops. */
  loops: Array<LoopDefinition>;
  /** The model where a step names none. */
  model: string | null;
  /** What its sandboxes are made with. */
  sandbox: SandboxDefaults;
  /** Its steps, in order. */
  steps: Array<StepDefinition>;
  /** How hard a model is asked to think where a step says nothing. */
  thinking_effort: Effort | null;
  /** Its shape. */
  workflow_type: WorkflowType;
}

/** A version. */
export interface WorkflowDefinitionVersion {
  /** Who wrote it. */
  actor: Actor;
  /** When it was written. */
  at: Timestamp;
  /** What it says. */
  content: WorkflowDefinition;
  /** Whether it is the one in force. */
  current: boolean;
  /** Why it changed. */
  note: string | null;
  /** Its number. */
  version: number;
}

export type WorkflowId = string;

/** It has another name or description. */
export interface WorkflowRenamed {
  /** What it is good for. */
  description: string;
  /** What people call it. */
  name: string;
}

/** A workflow. */
export interface WorkflowRow {
  /** Whether it is out of use. */
  archived: boolean;
  /** When it was made. */
  created_at: Timestamp;
  /** What it is good for. */
  description: string;
  /** Number of its loops. */
  loops: number;
  /** What people call it. */
  name: string;
  /** The project it belongs to. */
  project: ProjectId;
  /** Runs that were asked for. */
  runs: number;
  /** Its steps, in order. */
  steps: Array<StepBrief>;
  /** When it last changed. */
  updated_at: Timestamp;
  /** Version of its definition. */
  version: number;
  /** Its shape. */
  workflow_type: WorkflowType;
}

/** Shape of a workflow. */
export type WorkflowType = "single_designer" | "designer_checker" | "custom_pipeline" | "persona_pipeline";

/** A process opened the log and began to write: everything after it comes from this writer. It stands before the writer's first commit, so that opening alone changes nothing. */
export interface WriterStarted {
  /** How commits are made durable, as `/readyz` names it. */
  durability: string;
  /** Bumped by every restore and repair; older positions are void. */
  epoch: number;
  /** Version of the software that writes. */
  software: string;
}
