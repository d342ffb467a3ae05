"""Bodies of commands.

Written by `cargo xtask gen`; edits are lost.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class AbandonExperiment(TypedDict):
    """Ends the experiment without a winner."""
    reason: str
    """Why; 1 byte to 512 KiB."""


class AbandonReview(TypedDict):
    """Ends a review without a decision."""
    reason: str
    """Why."""


class AcceptInvitation(TypedDict):
    """Takes an open invitation up."""
    email: NotRequired[str | None]
    """The new member's e-mail address, as far as it was verified; it must be the invited one."""
    invitation: InvitationId
    """The invitation."""
    user: UserId
    """The new member."""


class AcknowledgeNotification(TypedDict):
    """Records that somebody took care of it."""
    note: NotRequired[str | None]
    """A word about it; one line."""


class ActivateAgentVersion(TypedDict):
    """Puts another version in force, such as to revert."""
    version: int
    """A version there is, other than the active one."""


class ActivateAssetVersion(TypedDict):
    """Puts another published version in force, such as to revert."""
    version: int
    """A published version other than the active one."""


class ActivateContext(TypedDict):
    """Puts another version in force, such as to revert."""
    version: int
    """A version there is, other than the active one."""


class ActivateLearningVersion(TypedDict):
    """Puts another version in force, such as to revert."""
    version: int
    """A version there is, other than the active one."""


class AddAssetVersion(TypedDict):
    """Writes the next version, of the same kind."""
    content: AssetContent
    """What it holds."""
    note: NotRequired[str | None]
    """Why it is written; one line."""


class AddChainIssue(TypedDict):
    """Adds an issue at the end."""
    issue: IssueId
    """The issue."""


class AddExperimentRun(TypedDict):
    """Records that a run tries a configuration; each run once, at most 200."""
    run: RunId
    """The run."""
    variant: str
    """The variant's name."""


class AddPlanItem(TypedDict):
    """Adds an item at the end of a proposed plan."""
    text: IssueText
    """What is to be done."""


class AddTeamTask(TypedDict):
    """Puts a task on the list; it gets the next number, up to 1,000."""
    after: NotRequired[list[int]]
    """Tasks that come before it, each once."""
    role: NotRequired[AgentRole | None]
    """Whose it is; anybody's where absent."""
    text: str
    """What is to be done; 1 byte to 64 KiB."""


# How a chain goes from one sprint to the next.
Advance: TypeAlias = Literal["automatic", "manual"]


AgentDefinitionId: TypeAlias = "str"


# The job of an agent in the autonomous stack.
AgentRole: TypeAlias = Literal[
    "scout",
    "architect",
    "builder",
    "reviewer",
    "team-lead",
    "memory-janitor",
    "initializer",
]


# What is made of the items of a group.
Aggregation: TypeAlias = Literal[
    "count",
    "sum",
    "mean",
    "rate",
    "per",
    "p50",
    "p90",
    "p99",
    "composite",
]


class AnswerQuestion(TypedDict):
    """Answers a question, or answers it anew."""
    answer: str
    """The answer; 1 byte to 64 KiB."""
    confidence: NotRequired[Share | None]
    """How sure the answerer is, 0 to 1."""
    person: NotRequired[UserId | None]
    """The person; only where it is one."""
    question: int
    """Its number."""
    rationale: NotRequired[str | None]
    """Why so; at most 64 KiB."""
    source: AnswerSource
    """Who answers."""


# Who gave an answer.
AnswerSource: TypeAlias = Literal["agent", "human"]


AnsweringSessionId: TypeAlias = "str"


ApiKeyId: TypeAlias = "str"


class AppendMessage(TypedDict):
    """Records a message. A text over 512 KiB goes in parts, `more` on all but the last."""
    content: str
    """What was said."""
    message: MessageId
    """The message; a new id."""
    more: NotRequired[bool]
    """Whether more parts follow."""
    role: MessageRole
    """Who speaks."""
    stream_log: NotRequired[str | None]
    """The agent's raw output behind it; at most 512 KiB together with `content`."""


class AppendScriptOutput(TypedDict):
    """Records what it wrote; a text over 512 KiB goes in parts."""
    content: str
    """What."""
    stream: OutputStream
    """Where to."""


class AppendStepMessage(TypedDict):
    """Records a message. A text over 512 KiB goes in parts, `more` on all but the last."""
    content: str
    """What was said."""
    message: MessageId
    """The message; a new id."""
    more: NotRequired[bool]
    """Whether more parts follow."""
    role: MessageRole
    """Who speaks."""
    step: StepId
    """The step."""
    stop_reason: NotRequired[str | None]
    """Why the agent stopped here, in its own word."""
    thinking: NotRequired[str | None]
    """The agent's thinking, where it was shown."""


# Lets them manage the installation.
AppointAdministrator: TypeAlias = "dict[str, Any]"


class ApproveLearning(TypedDict):
    """Lets a learning that waits for review apply."""
    note: NotRequired[str | None]
    """A word of the reviewer."""
    reviewer: NotRequired[UserId | None]
    """Who reviewed it."""


class ApprovePlan(TypedDict):
    """Lets a proposed plan be carried out."""
    note: NotRequired[str | None]
    """In words."""


class ApproveSprint(TypedDict):
    """Approves what the sprint did, and lets the next be due."""
    approver: NotRequired[UserId | None]
    """Who."""
    note: NotRequired[str | None]
    """In words."""


# Takes it out of use, for good.
ArchiveAgent: TypeAlias = "dict[str, Any]"


# Takes the asset out of use, for good.
ArchiveAsset: TypeAlias = "dict[str, Any]"


# Takes the context out of use, for good.
ArchiveContext: TypeAlias = "dict[str, Any]"


class ArchiveDecision(TypedDict):
    """Takes it out of its file."""
    reason: NotRequired[str | None]
    """Why; one line."""


# Takes it out of use.
ArchiveMetric: TypeAlias = "dict[str, Any]"


class ArchiveMistake(TypedDict):
    """Takes it out of its file."""
    reason: NotRequired[str | None]
    """Why; one line."""


class ArchivePattern(TypedDict):
    """Takes it out of its file."""
    reason: NotRequired[str | None]
    """Why; one line."""


# Takes it out of use, for good.
ArchivePersona: TypeAlias = "dict[str, Any]"


class ArchivePlan(TypedDict):
    """Puts a plan away, whatever its state."""
    reason: NotRequired[str | None]
    """Why."""


class ArchiveRecurringTask(TypedDict):
    """Puts a task away, for good."""
    reason: NotRequired[str | None]
    """Why."""


class ArchiveResearchNote(TypedDict):
    """Takes it out of its file."""
    reason: NotRequired[str | None]
    """Why; one line."""


class ArchiveSessionSummary(TypedDict):
    """Takes it out of its file."""
    reason: NotRequired[str | None]
    """Why; one line."""


# Takes it out of use, for good.
ArchiveWorkflow: TypeAlias = "dict[str, Any]"


# What a version holds.
AssetContent: TypeAlias = "AssetContentAsSkill | AssetContentAsCommand | AssetContentAsScript"


class AssetContentAsCommand(TypedDict):
    """A shell expression, which agents call by the asset's name."""
    command: AssetContentCommand


class AssetContentAsScript(TypedDict):
    """A program that runs beside an agent."""
    script: AssetContentScript


class AssetContentAsSkill(TypedDict):
    """A package of knowledge; every file is written into the sandbox."""
    skill: AssetContentSkill


class AssetContentCommand(TypedDict):
    expression: str
    """Such as `npx vitest run --reporter=verbose`; 1 byte to 64 KiB."""


class AssetContentScript(TypedDict):
    language: ScriptLanguage
    """What it is written in."""
    moment: ScriptMoment
    """When it runs."""
    source: str
    """The program; 1 byte to 512 KiB."""


class AssetContentSkill(TypedDict):
    files: list[SkillFile]
    """1 to 200 files, together at most 512 KiB; each path once, and none both a file and a folder.
    """


AssetId: TypeAlias = "str"


class AttachAnswers(TypedDict):
    """Hands it the answers of a session, for the runs to come."""
    answering_session: AnsweringSessionId
    """The session that gave them."""


class AwaitApproval(TypedDict):
    """Records that the agent waits until somebody approves or denies a call."""
    arguments: str
    """Its arguments, as JSON text."""
    call_id: str
    """The agent's id of the call, which does not wait yet."""
    step: StepId
    """The step."""
    tool: str
    """The tool's name."""


# Who shows it. Variants are stored by number: append, never reorder.
Bearer: TypeAlias = "BearerAsPerson | BearerAsAgent"


class BearerAgent(TypedDict):
    project: ProjectId
    """The project that the run is of."""
    run: RunId
    """The run."""
    step: NotRequired[StepId | None]
    """The step, where it is for one only."""


class BearerAsAgent(TypedDict):
    """An agent at work."""
    agent: BearerAgent


class BearerAsPerson(TypedDict):
    """A person who has logged in."""
    person: BearerPerson


class BearerPerson(TypedDict):
    user: UserId
    """Who it is."""


class Beats(TypedDict):
    """What the loop looked at and what came of it."""
    checked: int
    """Triggers looked at, over all rounds."""
    deduplicated: int
    """Firings that repeated another."""
    fired: int
    """Firings that started work, queued ones that were started included."""
    queued: int
    """Firings that were queued."""
    skipped: int
    """Firings that were skipped."""
    ticks: int
    """Rounds of the loop."""


BudgetPoolId: TypeAlias = "str"


BudgetRequestId: TypeAlias = "str"


class BuildSession(TypedDict):
    """Records how a session is put together. Automated ones name the firing that started them; each
    is a step of a run.
    """
    firing: NotRequired[FiringId | None]
    """The firing that started it; required for `team` and `standalone`."""
    limits: SessionLimits
    """What ends it: 1,000 to 86,400,000 ms."""
    mode: SessionMode
    """How it came about."""
    parts: SessionParts
    """What it is put together from: in the versions of its run, else in those in force."""
    project: ProjectId
    """The project it belongs to."""
    resumes: NotRequired[SessionId | None]
    """The session that it goes on from; one that has ended."""
    run: RunId
    """The run it is part of: a session by itself has a run of source `sandbox`."""
    sandbox: NotRequired[SandboxId | None]
    """The sandbox it runs in; none where it runs directly."""
    step: StepId
    """The step of that run, whose history has what is said, called and used."""


class CancelAnsweringSession(TypedDict):
    """Ends the session on somebody's wish."""
    reason: NotRequired[str | None]
    """Why."""


class CancelIssueSession(TypedDict):
    """Ends the session on somebody's wish."""
    reason: NotRequired[str | None]
    """Why."""


class CancelRun(TypedDict):
    """Ends the run on somebody's wish; a running step is aborted."""
    reason: NotRequired[str | None]
    """Why."""


class CancelSprintChain(TypedDict):
    """Ends the chain."""
    reason: NotRequired[str | None]
    """Why."""


class CancelWorkChain(TypedDict):
    """Ends the chain."""
    reason: NotRequired[str | None]
    """Why."""


class CandidateNote(TypedDict):
    """A judge's note on one candidate."""
    candidate: str
    """The candidate, as listed."""
    note: str
    """What the judge says of it."""


class ChainIssue(TypedDict):
    """Puts an open issue into a work chain."""
    chain: WorkChainId
    """The chain."""


class ChangeEmail(TypedDict):
    """Gives them another address."""
    email: str
    """The address; nobody else may have it."""


class ChangeMemberRole(TypedDict):
    """Gives a member another role; the last owner stays owner."""
    role: MemberRole
    """The role from now on."""
    user: UserId
    """The member."""


# Way of a notification to people.
Channel: TypeAlias = Literal["webhook", "desktop", "dashboard"]


class CiCheck(TypedDict):
    """One check of continuous integration."""
    details_url: NotRequired[str | None]
    """Where its details are."""
    name: str
    """The check's name."""
    status: CiStatus
    """How it stands."""


# How continuous integration stands.
CiStatus: TypeAlias = Literal["pending", "running", "passing", "failing", "skipped"]


class ClaimTeamTask(TypedDict):
    """Lets a member take a task that nobody has, once all tasks before it are done."""
    session: SessionId
    """The member, of the task's role."""
    task: int
    """The task."""


# Closes a pool, for good.
CloseBudgetPool: TypeAlias = "dict[str, Any]"


class CommandCondition(TypedDict):
    """Fires on a command."""
    name: str
    """The command's name."""


# How a field stands to a value.
Comparison: TypeAlias = Literal["is", "is_not", "at_least", "at_most"]


class CompileLearningVersion(TypedDict):
    """Compiles the next version and puts it in force. No approved learning of the version before is
    lost: it is included, or left out by name.
    """
    learnings: list[LearningId]
    """Approved learnings that apply to the role, global ones of other projects among them: at most
    200, each once, in any order.
    """
    leaves_out: NotRequired[list[LeftOut] | None]
    """Approved learnings that it does without: at most 200, each once, none that it includes."""
    note: NotRequired[str | None]
    """Why it is compiled; one line."""


# Ends the session; every question must be answered or left open.
CompleteAnsweringSession: TypeAlias = "dict[str, Any]"


class CompleteErasure(TypedDict):
    """Records that they are destroyed."""
    keys: list[DataKeyId]
    """The keys, as requested."""


class CompleteIssueSession(TypedDict):
    """Ends the session as intended."""
    summary: NotRequired[str | None]
    """What came out of it."""


# Ends an approved plan of which every item is an issue.
CompletePlan: TypeAlias = "dict[str, Any]"


class CompleteRun(TypedDict):
    """Ends the run as intended; no step may be running."""
    summary: NotRequired[str | None]
    """What came out of it."""


class CompleteStep(TypedDict):
    """Ends the running step as intended."""
    output: NotRequired[str | None]
    """What it hands on, where that is not its last message."""
    step: StepId
    """The step."""


class CompleteTeamTask(TypedDict):
    """Records that a task is done."""
    result: NotRequired[str]
    """What came out of it; at most 64 KiB."""
    session: SessionId
    """The member who has it."""
    task: int
    """The task."""


# When a trigger fires. Stored by number: append, never reorder.
Condition: TypeAlias = "ConditionAsCron | ConditionAsWebhook | ConditionAsCommand | ConditionAsFileChange | ConditionAsStalled"


class ConditionAsCommand(TypedDict):
    """On a command."""
    command: CommandCondition


class ConditionAsCron(TypedDict):
    """By the clock."""
    cron: CronCondition


class ConditionAsFileChange(TypedDict):
    """When files change and then rest."""
    file_change: FileChangeCondition


class ConditionAsStalled(TypedDict):
    """When work stalls."""
    stalled: StalledCondition


class ConditionAsWebhook(TypedDict):
    """On a request from outside."""
    webhook: WebhookCondition


class ConfigurePersona(TypedDict):
    """Sets it up anew: the whole configuration is replaced and gets the next version."""
    configuration: PersonaSettings
    """What it is set up with."""
    note: NotRequired[str | None]
    """Why it changes; one line."""


class ConfigureSession(TypedDict):
    """Sets one kind of session up anew; everything earlier is replaced."""
    commands: NotRequired[list[AssetId]]
    """Commands it may use; at most 1,000."""
    context: NotRequired[ContextId | None]
    """The context it works under."""
    default_effort: NotRequired[Effort | None]
    """How hard that model is asked to think."""
    default_model: NotRequired[str | None]
    """Its model, where nothing else is said."""
    scripts: NotRequired[list[AssetId]]
    """Scripts that run around it; at most 1,000."""
    session: SessionType
    """The kind of session."""
    setup_commands: NotRequired[list[str]]
    """Shell commands that run before it, in order; at most 512 KiB together."""
    skills: NotRequired[list[AssetId]]
    """Skills it may use; at most 1,000."""


class ConfigureTrigger(TypedDict):
    """Replaces name, condition and work."""
    condition: Condition
    """When it fires."""
    name: str
    """A short name for lists."""
    work: TriggeredWork
    """What it starts."""


class ConsolidatePattern(TypedDict):
    """Lets another pattern stand for both, and archives this one."""
    into: PatternId
    """The pattern that stands for both."""


# Whether prompts and messages are sealed, and under whose key. Variants are stored by number.
ContentSealing: TypeAlias = Literal["off", "project", "person"]


ContextId: TypeAlias = "str"


class ContinueMessage(TypedDict):
    """Records a further part of the message that was left open."""
    content: str
    """The next part."""
    message: MessageId
    """The message."""
    more: NotRequired[bool]
    """Whether more parts follow."""


class ContinueStepContent(TypedDict):
    """Records a further part of the message or tool output that was left open."""
    content: str
    """The next part."""
    more: NotRequired[bool]
    """Whether more parts follow."""
    of: str
    """The message's id, or the tool call's."""
    step: StepId
    """The step."""


class ConvertFinding(TypedDict):
    """Records that a finding has become an issue."""
    finding: int
    """Its number."""
    issue: IssueId
    """The issue, opened before."""


class ConvertPlanItem(TypedDict):
    """Records that an item of an approved plan has become an issue."""
    issue: IssueId
    """The issue, opened before."""
    item: int
    """Its number."""


class CreateAsset(TypedDict):
    """Makes an asset with its version 1, not yet published."""
    content: AssetContent
    """What it holds; this decides what kind of asset it is."""
    description: NotRequired[str]
    """What it is good for; at most 16 KiB."""
    name: str
    """Its name. Of a command: letters, digits, `.`, `_` and `-`, for agents call it so."""
    project: ProjectId
    """The project it belongs to."""


class CreateBrain(TypedDict):
    """Gives a project a brain."""
    project: ProjectId
    """The project it belongs to."""
    template: NotRequired[bool]
    """Whether it begins with the files that come with the program."""


class CreateBranch(TypedDict):
    """Records the run's branch."""
    base_branch: str
    """The branch it leaves from."""
    branch: str
    """The new branch."""


class CreateContext(TypedDict):
    """Makes a context, with its version 1."""
    claude_md: NotRequired[str]
    """What the session's CLAUDE.md says."""
    name: str
    """A short name for lists."""
    project: ProjectId
    """The project it belongs to."""
    session: SessionType
    """The kind of session it is for."""
    system_prompt: NotRequired[str]
    """What the session's system prompt says; at most 512 KiB together with `claude_md`."""


class CreatePersona(TypedDict):
    """Makes a persona, enabled, with its version 1."""
    configuration: PersonaSettings
    """What it is set up with."""
    name: str
    """What people call it."""
    project: ProjectId
    """The project it belongs to."""


class CreateProject(TypedDict):
    """Makes a project."""
    logo_url: NotRequired[str | None]
    """Where its logo is; an http or https URL without credentials."""
    name: str
    """Its name on screen."""
    owner: NotRequired[UserId | None]
    """Who owns it; becomes its first member."""
    repository_url: NotRequired[str | None]
    """Where its code is; an http or https URL without credentials."""
    slug: str
    """Its name in URLs: 1 to 63 of a-z, 0-9 and single hyphens."""


class CreateRecurringTask(TypedDict):
    """Makes a task."""
    after: Timestamp
    """No run is due up to this time: now, or a later start. 1970 to 2099."""
    missed: NotRequired[MissedRuns | None]
    """What becomes of runs whose time passed; `skip` where absent."""
    name: str
    """A short name."""
    project: ProjectId
    """The project it belongs to."""
    prompt: str
    """What its runs are to do; 1 byte to 64 KiB."""
    schedule: Schedule
    """When."""
    workflow: NotRequired[WorkflowId | None]
    """The workflow that its runs follow."""


class CreateSandbox(TypedDict):
    """Creates a sandbox. What is left out takes its default."""
    checker_model: NotRequired[str | None]
    """The model of checkers, where not the default."""
    cpus: NotRequired[int | None]
    """Its CPUs, 1 to 8; 2 where absent."""
    designer_model: NotRequired[str | None]
    """The model of designers, where not the default."""
    efforts: NotRequired[list[list[str | Effort]]]
    """How hard each model is asked to think; each model once."""
    memory_mb: NotRequired[int | None]
    """Its memory, 256 to 8,192 MB; 2,048 where absent."""
    project: ProjectId
    """The project it belongs to."""
    provider: NotRequired[str | None]
    """Who provides it, such as `local` or `e2b`."""
    run: NotRequired[RunId | None]
    """The run it works for, which may be requested later; none for a direct session."""
    template_id: NotRequired[str | None]
    """The template it is made from; `default` where absent."""
    timeout_ms: NotRequired[int | None]
    """How long it may live, 60,000 to 14,400,000 ms; 3,600,000 where absent."""


class CreateSprintChain(TypedDict):
    """Makes a chain."""
    advance: NotRequired[Advance | None]
    """How it goes from one sprint to the next; `automatic` where absent."""
    attempts_max: NotRequired[int | None]
    """Most tries of one sprint, 2 to 10 where failures are tried again; 2 where absent."""
    base_branch: NotRequired[str | None]
    """The branch that each sprint's leaves from; the default one where absent."""
    default_prompt: str
    """What a sprint is to do that has no prompt of its own; 1 byte to 64 KiB."""
    on_failure: NotRequired[FailurePolicy | None]
    """What a failed run leads to; `pause` where absent."""
    project: ProjectId
    """The project it belongs to."""
    prompts: NotRequired[list[SprintPrompt]]
    """Prompts of single sprints; each sprint once, together at most 512 KiB."""
    sprints: int
    """How many sprints there are, 1 to 100."""
    title: str
    """A short name."""
    workflow: NotRequired[WorkflowId | None]
    """The workflow that every sprint runs."""


class CreateTrigger(TypedDict):
    """Makes a trigger, enabled."""
    condition: Condition
    """When it fires."""
    name: str
    """A short name for lists."""
    project: ProjectId
    """The project it belongs to."""
    work: TriggeredWork
    """What it starts."""


class CreateWorkChain(TypedDict):
    """Makes a chain."""
    attempts_max: NotRequired[int | None]
    """Most tries of one issue, 2 to 10 where failures are tried again; 2 where absent."""
    base_branch: NotRequired[str | None]
    """The branch that one leaves from; the default one where absent."""
    branch: str
    """The branch that every run works on."""
    issues: list[IssueId]
    """The issues, in order: 1 to 500, each once."""
    on_failure: NotRequired[FailurePolicy | None]
    """What a failed run leads to; `pause` where absent."""
    project: ProjectId
    """The project it belongs to."""
    title: str
    """A short name."""


class CreateWorkflow(TypedDict):
    """Makes a workflow, with its version 1. Every persona it names must be enabled."""
    definition: WorkflowSettings
    """What it is."""
    description: NotRequired[str]
    """What it is good for; at most 512 KiB together with the instructions."""
    name: str
    """What people call it."""
    project: ProjectId
    """The project it belongs to."""


class CronCondition(TypedDict):
    """Fires by the clock."""
    expression: str
    """Minute, hour, day of month, month, day of week."""
    timezone: str
    """IANA time zone, such as `Europe/Berlin`."""


DataKeyId: TypeAlias = "str"


Date: TypeAlias = "str"


DecisionId: TypeAlias = "str"


class DeduplicateFiring(TypedDict):
    """Records that a trigger's condition held on what had fired already."""
    occasion: Occasion
    """When and on what."""
    of: FiringId
    """The firing that it repeats; one of the same trigger."""


class DefineAgent(TypedDict):
    """Defines an agent by its file."""
    project: ProjectId
    """The project it belongs to."""
    text: str
    """The file: front matter and prompt, at most 200 KiB."""


class DefineMetric(TypedDict):
    """Defines a metric."""
    definition: MetricDefinition
    """How it is made."""
    name: str
    """Its name: a slug, one of the project's metrics."""
    project: ProjectId
    """The project it belongs to."""
    summary: str
    """What it tells; one line."""


class DefineWorkflow(TypedDict):
    """Defines it anew: the whole definition is replaced and gets the next version."""
    definition: WorkflowSettings
    """What it is."""
    note: NotRequired[str | None]
    """Why it changes; one line."""


# Deletes it: it takes no further commands, its history stays.
DeleteProject: TypeAlias = "dict[str, Any]"


# Takes a trigger away, for good.
DeleteTrigger: TypeAlias = "dict[str, Any]"


# Why somebody was turned away.
DenialReason: TypeAlias = Literal["unknown", "password", "limited", "forbidden", "hidden"]


# Takes it out of pickers; it starts no step until it is enabled.
DisablePersona: TypeAlias = "dict[str, Any]"


class DisableTrigger(TypedDict):
    """Keeps a trigger from firing."""
    reason: NotRequired[str | None]
    """Why; one line."""


class DisableUser(TypedDict):
    """Keeps them out, and ends what they are logged in with."""
    reason: NotRequired[str | None]
    """Why."""


class DisbandTeam(TypedDict):
    """Ends the team."""
    reason: str
    """Why; 1 byte to 64 KiB."""


# Lets them manage the installation no longer.
DismissAdministrator: TypeAlias = "dict[str, Any]"


class DismissFinding(TypedDict):
    """Says that a finding is none."""
    finding: int
    """Its number."""
    reason: str
    """Why."""


class DismissIssue(TypedDict):
    """Says that it will not be done."""
    reason: str
    """Why."""


class DispatchRecurringRun(TypedDict):
    """Dispatches the run that is due. Runs whose time passed are left out or made up for, as the
    task says: a run that is left out needs none, and `run` is then not used.
    """
    at: Timestamp
    """What time it is."""
    run: RunId
    """The run; requested under this id, once it is dispatched."""


class DropQueuedFiring(TypedDict):
    """Gives queued work up."""
    reason: str
    """Why."""


class DropWebhook(TypedDict):
    """Gives a delivery up."""
    reason: str
    """Why; 1 byte to 512 KiB."""


class EditDecision(TypedDict):
    """Replaces its words."""
    alternatives: NotRequired[str]
    """What was not chosen, and why."""
    decision: NotRequired[str]
    """What was decided; at most 512 KiB together."""
    rationale: NotRequired[str]
    """Why."""
    title: str
    """A short name for lists; one line."""


class EditIssue(TypedDict):
    """Rewords an issue that nobody works on; every field is replaced."""
    text: IssueText
    """What is to be done."""


class EditLearning(TypedDict):
    """Rewords a learning that waits for review; every field is replaced."""
    category: LearningCategory
    """What it is about."""
    confidence: Share
    """How sure its author is, 0 to 1."""
    correct_behaviour: str
    """What to do then; 1 byte to 64 KiB."""
    description: str
    """What was learned; 1 byte to 64 KiB."""
    roles: NotRequired[list[Role]]
    """The roles it applies to, each once; every role where absent."""
    severity: Severity
    """How much it matters."""
    trigger: str
    """When it applies; 1 byte to 64 KiB."""


class EditMistake(TypedDict):
    """Replaces its words."""
    attempt: NotRequired[str]
    """What was tried; at most 512 KiB together."""
    failure: NotRequired[str]
    """Why it failed."""
    instead: NotRequired[str]
    """What to do instead."""
    title: str
    """A short name for lists; one line."""


class EditPattern(TypedDict):
    """Replaces its words."""
    example: NotRequired[str]
    """Where it is seen."""
    pattern: NotRequired[str]
    """How things are done here; at most 512 KiB together."""
    title: str
    """A short name for lists; one line."""


class EditPlanItem(TypedDict):
    """Rewords an item of a proposed plan; every field is replaced."""
    item: int
    """Its number."""
    text: IssueText
    """What is to be done."""


class EditRecurringTask(TypedDict):
    """Changes what it does; every field is replaced."""
    name: str
    """A short name."""
    prompt: str
    """What its runs are to do; 1 byte to 64 KiB."""
    workflow: NotRequired[WorkflowId | None]
    """The workflow that its runs follow."""


class EditResearchNote(TypedDict):
    """Replaces its words."""
    findings: NotRequired[str]
    """What was found; at most 512 KiB together."""
    sources: NotRequired[str]
    """Where, one source a line."""
    title: str
    """A short name for lists; one line."""


class EditSessionSummary(TypedDict):
    """Replaces its words."""
    done: NotRequired[str]
    """What was done; at most 512 KiB together."""
    learned: NotRequired[str]
    """What was learned."""
    next: NotRequired[str]
    """What comes next."""
    title: str
    """A short name for lists; one line."""


# How hard a model is asked to think.
Effort: TypeAlias = Literal["off", "minimal", "low", "medium", "high", "xhigh", "max"]


# Offers it again.
EnablePersona: TypeAlias = "dict[str, Any]"


# Lets a disabled trigger fire again.
EnableTrigger: TypeAlias = "dict[str, Any]"


# Lets them in again.
EnableUser: TypeAlias = "dict[str, Any]"


class EndChainRun(TypedDict):
    """Records that this run ended; the chain advances, tries again, pauses or ends."""
    outcome: RunOutcome
    """How it ended."""
    run: RunId
    """The run at work."""


class EndIssueRun(TypedDict):
    """Records that this run ended."""
    outcome: RunOutcome
    """How it ended."""
    run: RunId
    """The run at work."""


class EndSession(TypedDict):
    """Records that it ended."""
    end: SessionEnd
    """How."""
    note: NotRequired[str | None]
    """In words; one line."""


class EndSprint(TypedDict):
    """Records that this run ended; the chain advances, waits, tries again, pauses or ends."""
    outcome: RunOutcome
    """How it ended."""
    run: RunId
    """The run at work."""


# Value of an environment variable. Variants are stored by number: append, never reorder.
EnvValue: TypeAlias = "EnvValueAsPlain | EnvValueAsSealed"


class EnvValueAsPlain(TypedDict):
    """Not secret, shown to everybody who may read the project."""
    plain: EnvValuePlain


class EnvValueAsSealed(TypedDict):
    """Secret, encrypted."""
    sealed: EnvValueSealed


class EnvValuePlain(TypedDict):
    value: str
    """The value; at most 64 KiB."""


class EnvValueSealed(TypedDict):
    sealed: Sealed
    """The value, encrypted."""


class EvaluateWebhook(TypedDict):
    """Records that triggers were asked."""
    firings: list[FiringId]
    """Their firings, each once; at most 100."""


class ExitScript(TypedDict):
    """Records that it ended by itself."""
    duration_ms: NotRequired[int | None]
    """How long it took, in milliseconds."""
    exit_code: int
    """Its exit code."""


class FailAnsweringSession(TypedDict):
    """Ends the session by a failure."""
    error: str
    """In words."""


class FailIssueSession(TypedDict):
    """Ends the session by a failure."""
    error: str
    """In words."""


class FailRun(TypedDict):
    """Ends the run by a failure; a running step fails with it."""
    error: str
    """In words."""


class FailSandbox(TypedDict):
    """Records that it broke while it was created or running."""
    error: str
    """In words."""


class FailScript(TypedDict):
    """Records that it never started, or was ended from outside."""
    error: str
    """In words."""


class FailStep(TypedDict):
    """Ends the running step by a failure of the machinery."""
    error: str
    """In words."""
    failure: StepFailure
    """What kind of failure."""
    step: StepId
    """The step."""


# What a chain does when a run fails.
FailurePolicy: TypeAlias = Literal["pause", "continue", "retry", "stop"]


class FileChangeCondition(TypedDict):
    """Fires when files change and then rest."""
    debounce_ms: int
    """How long files must rest, 100 to 3,600,000 ms."""
    paths: list[str]
    """Glob patterns, relative to the project's folder."""


class FireTrigger(TypedDict):
    """Records that a trigger fired and what it started."""
    occasion: Occasion
    """When and on what."""
    started: StartedWork
    """What is started: a run or a session at least."""


FiringId: TypeAlias = "str"


class ForceLoopOn(TypedDict):
    """Lets the run go on although a loop never passed."""
    iterations: int
    """Iterations that were made."""
    loop_id: LoopId
    """The loop."""


class ForkRun(TypedDict):
    """Records that another run is made from this one."""
    after_step: NotRequired[StepId | None]
    """The step after which they part."""
    into: RunId
    """The new run."""


class FormTeam(TypedDict):
    """Forms a team."""
    firing: NotRequired[FiringId | None]
    """The firing that it comes from."""
    goal: str
    """What it is to reach; 1 byte to 64 KiB."""
    project: ProjectId
    """The project it belongs to."""
    run: NotRequired[RunId | None]
    """The run that its sessions are steps of."""


# How often, and at which time of the day.
Frequency: TypeAlias = "FrequencyAsDaily | FrequencyAsEveryOtherDay | FrequencyAsWeekly | FrequencyAsBiweekly | FrequencyAsMonthly | FrequencyAsCron"


class FrequencyAsBiweekly(TypedDict):
    """Once every two weeks, counted from a date so that it never drifts."""
    biweekly: FrequencyBiweekly


class FrequencyAsCron(TypedDict):
    """As a cron text says: minute, hour, day of the month, month, day of the week."""
    cron: FrequencyCron


class FrequencyAsDaily(TypedDict):
    """Every day."""
    daily: FrequencyDaily


class FrequencyAsEveryOtherDay(TypedDict):
    """Every other day, counted from a date so that it never drifts."""
    every_other_day: FrequencyEveryOtherDay


class FrequencyAsMonthly(TypedDict):
    """Once a month."""
    monthly: FrequencyMonthly


class FrequencyAsWeekly(TypedDict):
    """Once a week."""
    weekly: FrequencyWeekly


class FrequencyBiweekly(TypedDict):
    anchor: Date
    """It falls on the first such weekday on or after this date, and on every second one from there.
    """
    hour: int
    """Hour of the day, 0 to 23."""
    minute: int
    """Minute of the hour, 0 to 59."""
    weekday: Weekday
    """The day of the week."""


class FrequencyCron(TypedDict):
    text: str
    """Such as `*/15 9-17 * * 1-5`; at most 200 bytes."""


class FrequencyDaily(TypedDict):
    hour: int
    """Hour of the day, 0 to 23."""
    minute: int
    """Minute of the hour, 0 to 59."""


class FrequencyEveryOtherDay(TypedDict):
    anchor: Date
    """A day it falls on; days of the calendar count, in the schedule's zone."""
    hour: int
    """Hour of the day, 0 to 23."""
    minute: int
    """Minute of the hour, 0 to 59."""


class FrequencyMonthly(TypedDict):
    day: int
    """The day of the month, 1 to 31; in a shorter month, its last day."""
    hour: int
    """Hour of the day, 0 to 23."""
    minute: int
    """Minute of the hour, 0 to 59."""


class FrequencyWeekly(TypedDict):
    hour: int
    """Hour of the day, 0 to 23."""
    minute: int
    """Minute of the hour, 0 to 59."""
    weekday: Weekday
    """The day of the week."""


class HandOverPoints(TypedDict):
    """Hands points to an answering session; a point may be handed over again."""
    answering_session: AnsweringSessionId
    """That session, requested before."""
    points: list[int]
    """The points' numbers, each once."""


InvitationId: TypeAlias = "str"


class InviteMember(TypedDict):
    """Invites somebody by e-mail."""
    email: str
    """Where it goes; without an open invitation so far."""
    invitation: InvitationId
    """The invitation; a new id."""
    role: MemberRole
    """What the member will be."""


class IssueApiKey(TypedDict):
    """Makes an API key work. Only the secret's digest is sent."""
    expires_at: NotRequired[Timestamp | None]
    """When it stops working."""
    key: ApiKeyId
    """The key; a new id."""
    name: str
    """What people call it."""
    scopes: list[str]
    """What it may do; at least one scope, each once."""
    secret_sha256: str
    """SHA-256 of the secret, 64 lower-case hex digits."""


IssueId: TypeAlias = "str"


class IssueJudgement(TypedDict):
    """Issues a judge's comparison."""
    candidates: list[str]
    """Runs or branches compared; at least 2, each once."""
    notes: NotRequired[list[CandidateNote]]
    """Notes per candidate."""
    rationale: str
    """Why."""
    step: StepId
    """The judge's step."""
    winner: str
    """One of the candidates."""


# Where an issue came from.
IssueOrigin: TypeAlias = 'Literal["hand"] | IssueOriginAsSession | IssueOriginAsPlan'


class IssueOriginAsPlan(TypedDict):
    """An item of a plan."""
    plan: IssueOriginPlan


class IssueOriginAsSession(TypedDict):
    """An issue session found it."""
    session: IssueOriginSession


class IssueOriginPlan(TypedDict):
    item: int
    """The item's number there."""
    plan: PlanId
    """The plan."""


class IssueOriginSession(TypedDict):
    finding: int
    """The finding's number there."""
    session: IssueSessionId
    """The session."""


class IssuePass(TypedDict):
    """Makes a pass work. Only the secret's digest is sent."""
    bearer: Bearer
    """Who shows it."""
    expires_at: Timestamp
    """When it ends."""
    secret_sha256: str
    """SHA-256 of the secret, 64 lower-case hex digits."""


class IssueScores(TypedDict):
    """Issues an evaluator's scores; the composite is computed here."""
    scores: QualityScores
    """The five dimensions."""
    step: StepId
    """The evaluator's step."""
    summary: NotRequired[str]
    """In words."""
    threshold: NotRequired[Score | None]
    """The threshold in force; the persona's where absent, then that of the project's policy."""
    weights: NotRequired[QualityWeights | None]
    """The weights in force; those of the project's policy where absent, and equal ones without a
    policy.
    """


IssueSessionId: TypeAlias = "str"


class IssueText(TypedDict):
    """What is to be done; of an issue, a finding or an item of a plan."""
    description: str
    """What is wrong or wanted."""
    priority: Priority
    """How urgent it is."""
    suggested_prompt: str
    """What to ask an agent for."""
    title: str
    """A short name."""


# Issues a checker's or reviewer's verdict.
IssueVerdict = TypedDict(
    "IssueVerdict",
    {
        # What to do better.
        "feedback": "NotRequired[str]",
        # Whether the work passes.
        "pass": "bool",
        # The checker's step.
        "step": "StepId",
    },
)


class IterateLoop(TypedDict):
    """Lets a loop go round again."""
    feedback: NotRequired[str | None]
    """What the next designer is told."""
    iteration: int
    """The iteration that begins, from 2 on."""
    loop_id: LoopId
    """The loop."""


class JoinTeam(TypedDict):
    """Makes a session a member; at most 50."""
    role: AgentRole
    """Its role."""
    session: SessionId
    """The session."""


# Why a sandbox ended.
KillReason: TypeAlias = Literal["timeout", "user", "completion", "lost"]


class KillSandbox(TypedDict):
    """Ends it."""
    reason: KillReason
    """Why."""


# What a learning is about.
LearningCategory: TypeAlias = Literal["preference", "pattern", "gotcha", "tool", "architecture"]


LearningDocumentId: TypeAlias = "str"


LearningId: TypeAlias = "str"


# Where a learning came from.
LearningSource: TypeAlias = Literal["agent", "extracted", "human"]


class LeaveQuestionOpen(TypedDict):
    """Gives a question up for now."""
    question: int
    """Its number."""
    reason: str
    """Why."""


class LeftOut(TypedDict):
    """An approved learning that a version does without."""
    learning: LearningId
    """The learning."""
    reason: str
    """Why it is left out; one line."""


class LinkRepository(TypedDict):
    """Says where its code is."""
    repository_url: str
    """An http or https URL without credentials."""


class LoadAgent(TypedDict):
    """Records that the active version was loaded into a persona."""
    persona: PersonaId
    """The persona."""


class LogDecision(TypedDict):
    """Logs a decision."""
    alternatives: NotRequired[str]
    """What was not chosen, and why."""
    decision: NotRequired[str]
    """What was decided; at most 512 KiB together."""
    project: ProjectId
    """The project it belongs to."""
    rationale: NotRequired[str]
    """Why."""
    run: NotRequired[RunId | None]
    """The run it comes from."""
    session: NotRequired[SessionId | None]
    """The session it comes from."""
    title: str
    """A short name for lists; one line."""


class LogMistake(TypedDict):
    """Logs a failed approach."""
    attempt: NotRequired[str]
    """What was tried; at most 512 KiB together."""
    failure: NotRequired[str]
    """Why it failed."""
    instead: NotRequired[str]
    """What to do instead."""
    project: ProjectId
    """The project it belongs to."""
    run: NotRequired[RunId | None]
    """The run it comes from."""
    session: NotRequired[SessionId | None]
    """The session it comes from."""
    title: str
    """A short name for lists; one line."""


class LoopDefinition(TypedDict):
    """A loop of a workflow. In runs it goes by an id made of its place: 1, 2 and so on."""
    max_iterations: int
    """How often it is gone through at most."""
    name: str
    """Its name within the workflow."""


LoopId: TypeAlias = "str"


class McpServer(TypedDict):
    """An MCP server that a session is given."""
    command: str
    """How it is started or reached; never a secret."""
    environment: list[str]
    """Names of the environment variables it gets; their values are not recorded."""
    name: str
    """Its name."""


class McpServer2(TypedDict):
    """A tool server that is handed to the agent. Secrets come from variables of the project, by
    name.
    """
    env_vars: list[str]
    """Names of the project's variables it is given."""
    name: str
    """Its name, unique within the persona."""
    transport: McpTransport
    """How it is reached."""


# How a tool server is reached. Variants are stored by number: append, never reorder.
McpTransport: TypeAlias = "McpTransportAsStdio | McpTransportAsHttp"


class McpTransportAsHttp(TypedDict):
    """An HTTP endpoint."""
    http: McpTransportHttp


class McpTransportAsStdio(TypedDict):
    """A program that speaks over its standard input and output."""
    stdio: McpTransportStdio


class McpTransportHttp(TypedDict):
    url: str
    """An http or https URL without credentials."""


class McpTransportStdio(TypedDict):
    args: list[str]
    """Its arguments; at most 100."""
    command: str
    """The program."""


# What a member may do.
MemberRole: TypeAlias = Literal["owner", "admin", "member", "auditor", "analyst"]


class MergeConflict(TypedDict):
    """A file that two branches changed in ways that do not fit."""
    branch: str
    """The branch that does not fit."""
    detail: str
    """What does not fit, in words; at most 16 KiB."""
    path: str
    """The file."""


MessageId: TypeAlias = "str"


# Who speaks in a message.
MessageRole: TypeAlias = Literal["user", "assistant"]


class MetricCondition(TypedDict):
    """A condition on a field."""
    field: MetricField
    """The field."""
    op: Comparison
    """How it must stand to the value."""
    value: str
    """The value in text: `true` or `false`, a decimal number, or a word."""


class MetricDefinition(TypedDict):
    """How a figure is made of events."""
    aggregation: Aggregation
    """What is made of the items of a group."""
    field: NotRequired[MetricField | None]
    """The field of a sum, mean, percentile, or of a sum per item; absent of others."""
    filters: list[MetricCondition]
    """Conditions that items must meet; one whose field is unknown is not met."""
    group_by: list[MetricDimension]
    """What values are told apart by, unless a question says otherwise."""
    predicate: list[MetricCondition]
    """What must hold all together for an item to count in a rate, or as a divisor; empty of others.
    An item for which that is unknown is left out.
    """
    source: MetricSource
    """What is counted."""
    weights: list[MetricWeight]
    """Fields and weights of a composite; empty of others."""


# What a metric may be told apart by.
MetricDimension: TypeAlias = Literal[
    "project",
    "workflow",
    "model",
    "persona",
    "role",
    "day",
    "learning_version",
]


# What is known of an item.
MetricField: TypeAlias = Literal[
    "pass",
    "verdict",
    "status",
    "loops_to_pass",
    "forced_on",
    "verdict_unparseable",
    "failure",
    "role",
    "duration_ms",
    "cost_usd",
    "calls",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "correctness",
    "type_safety",
    "code_style",
    "test_coverage",
    "completeness",
    "composite",
    "threshold_met",
    "severity",
    "approved",
    "check",
    "model",
    "persona",
    "workflow",
]


# What a metric counts.
MetricSource: TypeAlias = Literal[
    "verdicts",
    "runs",
    "steps",
    "usage",
    "scores",
    "ci_checks",
    "learnings",
]


class MetricWeight(TypedDict):
    """What a field counts in a composite."""
    field: MetricField
    """The field, a number."""
    weight: int
    """What it counts, 1 to 1,000."""


# What becomes of runs whose time passed while nobody dispatched them.
MissedRuns: TypeAlias = Literal["skip", "once"]


class NotePattern(TypedDict):
    """Notes a pattern."""
    example: NotRequired[str]
    """Where it is seen."""
    pattern: NotRequired[str]
    """How things are done here; at most 512 KiB together."""
    project: ProjectId
    """The project it belongs to."""
    run: NotRequired[RunId | None]
    """The run it comes from."""
    session: NotRequired[SessionId | None]
    """The session it comes from."""
    title: str
    """A short name for lists; one line."""


# Why people are told.
NotificationKind: TypeAlias = Literal["completed", "stopped", "needs_person"]


class Occasion(TypedDict):
    """When and on what a trigger's condition held."""
    at: Timestamp
    """When the condition held."""
    detail: NotRequired[str | None]
    """What came, in a few words."""
    key: NotRequired[str | None]
    """What tells this occasion from others of the trigger, such as a delivery id or a due time."""
    project: ProjectId
    """The project it belongs to."""
    trigger: TriggerId
    """The trigger."""


class OpenBudgetPool(TypedDict):
    """Opens a pool. A known plan gives shape, length, unit and capacity; what is named here stands
    over it.
    """
    automated_share: NotRequired[Share | None]
    """What automated work may use of it, 0 to 1; 0.7 where absent."""
    capacity: NotRequired[int | None]
    """What it allows, 1 or more."""
    length_ms: NotRequired[int | None]
    """Length of the window, 60,000 ms to 400 days; only for `rolling` and `from_first_use`."""
    name: str
    """A short name for lists."""
    plan: NotRequired[str | None]
    """The plan it stands for, such as `claude-max-20x`."""
    project: NotRequired[ProjectId | None]
    """The project it belongs to; none where all projects share it."""
    shape: NotRequired[WindowShape | None]
    """When use stops to count."""
    unit: NotRequired[PoolUnit | None]
    """What it counts."""


class OpenExperiment(TypedDict):
    """Opens an experiment. Its runs name it as their origin."""
    project: ProjectId
    """The project it belongs to."""
    prompt: str
    """The prompt that all its runs have; 1 byte to 512 KiB."""
    title: str
    """A short name for lists; one line."""
    variants: list[Variant]
    """What it tries: 2 to 20, each name once."""


class OpenIssue(TypedDict):
    """Opens an issue."""
    origin: NotRequired[IssueOrigin | None]
    """Where it comes from; by hand where absent."""
    project: ProjectId
    """The project it belongs to."""
    text: IssueText
    """What is to be done."""


class OpenLearningDocument(TypedDict):
    """Opens the document of a role. A project has one for each role."""
    project: ProjectId
    """The project it belongs to."""
    role: Role
    """The role whose agents read it."""


class OpenPullRequest(TypedDict):
    """Records the run's pull request."""
    number: int
    """Its number in the repository."""
    url: str
    """Where it is."""


class OpenQuestion(TypedDict):
    """A question or an assumption that waits for an answer."""
    kind: PointKind
    """What it is."""
    point: NotRequired[int | None]
    """The number of the point in the issue session that raised it."""
    text: str
    """In words."""


class OpenReview(TypedDict):
    """Puts work under review."""
    project: ProjectId
    """The project it belongs to."""
    run: NotRequired[RunId | None]
    """The run that made it."""
    subject: str
    """What is reviewed; 1 byte to 512 KiB."""


class OpenSprintPullRequest(TypedDict):
    """Records the pull request of a sprint that has a branch."""
    number: int
    """Its number in the repository."""
    sprint: int
    """The sprint."""
    url: str
    """Where it is."""


# Where a script wrote something.
OutputStream: TypeAlias = Literal["stdout", "stderr"]


class OverrideRouting(TypedDict):
    """Puts other roles in place of what the router chose."""
    reason: str
    """Why."""
    roles: list[AgentRole]
    """Which, in the order of their first turn; 1 to 7, each once."""


class PassAnswersOn(TypedDict):
    """Records that a completed session's answers are handed to a run; each run once."""
    run: RunId
    """The run, requested before."""


PassId: TypeAlias = "str"


PatternId: TypeAlias = "str"


class PauseRecurringTask(TypedDict):
    """Lets no run be due."""
    reason: NotRequired[str | None]
    """Why."""


# Puts it to sleep.
PauseSandbox: TypeAlias = "dict[str, Any]"


class PauseSprintChain(TypedDict):
    """Lets no further run begin."""
    reason: str
    """Why."""


class PauseWorkChain(TypedDict):
    """Lets no further run begin."""
    reason: str
    """Why."""


PersonaId: TypeAlias = "str"


class PersonaSettings(TypedDict):
    """What a persona is to be set up with. What is left out takes its default."""
    allowed_tools: NotRequired[list[str]]
    """Tools it may use, each once; all where empty."""
    cli_tool: NotRequired[str | None]
    """The agent's program, such as `claude`, `codex`, `opencode`, `pi`; that of the workflow where
    absent.
    """
    commands: NotRequired[list[AssetId]]
    """Commands it is given, each once; at most 1,000."""
    context: NotRequired[ContextId | None]
    """The context it works under."""
    instructions: NotRequired[str]
    """What its system prompt says besides; at most 512 KiB."""
    learnings: NotRequired[bool | None]
    """Whether it is told the project's learnings; yes where absent."""
    mcp_servers: NotRequired[list[McpServer2]]
    """Tool servers it is given, each name once; at most 100."""
    model: NotRequired[str | None]
    """The model; that of the workflow where absent."""
    persona_type: PersonaType
    """What it is for."""
    quality_threshold: NotRequired[Score | None]
    """The composite that its scores must reach; evaluators only."""
    sandboxed: NotRequired[bool | None]
    """Whether it works in a sandbox; yes where absent."""
    scripts: NotRequired[list[AssetId]]
    """Scripts that run around it, each once; at most 1,000."""
    skills: NotRequired[list[AssetId]]
    """Skills it is given, each once; at most 1,000."""
    thinking_effort: NotRequired[Effort | None]
    """How hard it is asked to think."""


# What a persona is for.
PersonaType: TypeAlias = Literal[
    "designer",
    "checker",
    "optimizer",
    "prompter",
    "investigator",
    "planner",
    "deep-dive",
    "reviewer",
    "evaluator",
    "judge",
    "answerer",
    "custom",
]


PlanId: TypeAlias = "str"


# What an open point of an issue session is.
PointKind: TypeAlias = Literal["question", "assumption"]


class PolicyWeights(TypedDict):
    """What each dimension of quality counts in the composite; shares of their sum."""
    code_style: int
    """Weight of code style."""
    completeness: int
    """Weight of completeness."""
    correctness: int
    """Weight of correctness."""
    test_coverage: int
    """Weight of test coverage."""
    type_safety: int
    """Weight of type safety."""


# What a pool counts.
PoolUnit: TypeAlias = Literal["prompts", "tokens", "usd_micros", "cpu_seconds"]


# Dense place of an event in the whole log, from 0, in commit order.
Position: TypeAlias = "int"


# How urgent an issue is.
Priority: TypeAlias = Literal["low", "medium", "high", "critical"]


ProjectId: TypeAlias = "str"


class PromoteLearning(TypedDict):
    """Makes an approved learning that several projects have seen apply in every project."""
    seen_in: list[ProjectId]
    """The other projects where it was seen: 1 to 100, each once. They are recorded, not looked up.
    """


class PromoteMistake(TypedDict):
    """Makes a lesson apply in every project, once."""
    projects: list[ProjectId]
    """Where else it was seen; 1 to 100."""


class PromotePattern(TypedDict):
    """Makes a pattern apply in every project, once."""
    projects: list[ProjectId]
    """Where else it was seen; 1 to 100."""


class ProposeLearning(TypedDict):
    """Proposes a learning for review."""
    category: LearningCategory
    """What it is about."""
    confidence: Share
    """How sure its author is, 0 to 1."""
    correct_behaviour: str
    """What to do then; 1 byte to 64 KiB."""
    description: str
    """What was learned; 1 byte to 64 KiB."""
    project: ProjectId
    """The project it belongs to."""
    roles: NotRequired[list[Role]]
    """The roles it applies to, each once; every role where absent."""
    run: NotRequired[RunId | None]
    """The run it comes from."""
    sandbox: NotRequired[SandboxId | None]
    """The sandbox it comes from."""
    severity: Severity
    """How much it matters."""
    source: LearningSource
    """Where it comes from."""
    step: NotRequired[StepId | None]
    """The step of that run; only beside `run`."""
    trigger: str
    """When it applies; 1 byte to 64 KiB."""


class ProposePlan(TypedDict):
    """Proposes a plan."""
    items: list[IssueText]
    """What is to be done, in order: 1 to 200 items, together at most 512 KiB."""
    project: ProjectId
    """The project it belongs to."""
    rationale: str
    """Why it is to be done, and why so; 1 byte to 64 KiB."""
    run: NotRequired[RunId | None]
    """The planner's run; none where a person wrote it."""
    step: NotRequired[StepId | None]
    """The step of that run; only beside `run`."""
    title: str
    """A short name."""


class PublishAssetVersion(TypedDict):
    """Publishes a version and puts it in force for sessions that begin from then on."""
    version: int
    """A version that is not published."""


# How a pull request stands.
PullRequestStatus: TypeAlias = Literal["open", "draft", "merged", "closed"]


# What budget is spent for.
Purpose: TypeAlias = Literal["interactive", "automated"]


class QualityScores(TypedDict):
    """The five dimensions of quality, each 0 to 100."""
    code_style: Score
    """Does it follow the project's conventions?"""
    completeness: Score
    """Is every part of the prompt done?"""
    correctness: Score
    """Does it meet the requirements?"""
    test_coverage: Score
    """Are the changes covered by tests?"""
    type_safety: Score
    """Are types right and complete?"""


class QualityWeights(TypedDict):
    """What each dimension counts in the composite; shares of their sum."""
    code_style: int
    """Weight of code style."""
    completeness: int
    """Weight of completeness."""
    correctness: int
    """Weight of correctness."""
    test_coverage: int
    """Weight of test coverage."""
    type_safety: int
    """Weight of type safety."""
    version: int
    """Version of the project's quality policy; 0 for the default of equal weights."""


class QueueFiring(TypedDict):
    """Records that a trigger fired and that the work waits for budget."""
    occasion: Occasion
    """When and on what."""
    pool: BudgetPoolId
    """The pool whose budget is low."""
    request: BudgetRequestId
    """The request that waits there."""
    until: NotRequired[Timestamp | None]
    """When it may fit, as far as known; not before the occasion."""


class RaiseNotification(TypedDict):
    """Tells people."""
    about: NotRequired[StreamId | None]
    """What it is about."""
    body: NotRequired[str]
    """In full; at most 512 KiB."""
    channels: list[Channel]
    """The ways it goes; each once, one at least."""
    kind: NotificationKind
    """Why."""
    project: ProjectId
    """The project it belongs to."""
    title: str
    """In a line."""


class RaisePoint(TypedDict):
    """Records a question or an assumption; it gets the next number."""
    finding: NotRequired[int | None]
    """The finding that it bears on."""
    kind: PointKind
    """What it is."""
    text: str
    """In words; 1 byte to 64 KiB."""


# Records that somebody saw it.
ReadNotification: TypeAlias = "dict[str, Any]"


class ReadTeamMessage(TypedDict):
    """Records that a member has read a message to it or to all, once."""
    message: int
    """The message."""
    session: SessionId
    """The member."""


class ReceiveWebhook(TypedDict):
    """Keeps a delivery. The same delivery of a sender is kept once in a project."""
    body: NotRequired[str]
    """The body as text, or its first 512 KiB; empty where the signature does not fit."""
    body_bytes: int
    """Length of the whole body in bytes."""
    body_sha256: str
    """SHA-256 of the whole body, 64 lower-case hex digits."""
    delivery: str
    """The sender's id of the delivery."""
    kind: str
    """The sender's word for what happened, such as `issues.opened`."""
    project: ProjectId
    """The project it is for."""
    source: str
    """Who sends it, such as `github`."""
    verified: bool
    """Whether its signature fits."""


class RecordBrainPruning(TypedDict):
    """Records that the brain was pruned."""
    at: Timestamp
    """When."""
    decisions: int
    """Decisions that left."""
    mistakes: int
    """Mistakes that left."""
    patterns: int
    """Patterns that left."""
    research: int
    """Research notes that left."""
    sessions: int
    """Session summaries that left."""


class RecordBudgetUse(TypedDict):
    """Records what was used."""
    amount: int
    """How much."""
    at: Timestamp
    """When."""
    purpose: Purpose
    """What for."""
    request: NotRequired[BudgetRequestId | None]
    """The reservation that it settles."""
    run: NotRequired[RunId | None]
    """The run that used it."""
    session: NotRequired[SessionId | None]
    """The session that used it."""


class RecordCiChecks(TypedDict):
    """Records how continuous integration stands."""
    checked_at: NotRequired[Timestamp | None]
    """When it was asked."""
    checks: NotRequired[list[CiCheck]]
    """Each check."""
    status: CiStatus
    """How it stands as a whole."""


class RecordDelivery(TypedDict):
    """Records that it went out on one of its ways."""
    channel: Channel
    """Which way."""


class RecordDeliveryFailure(TypedDict):
    """Records that it did not go out on one of its ways."""
    channel: Channel
    """Which way."""
    error: str
    """Why."""
    given_up: NotRequired[bool]
    """Whether no attempt follows; the tenth is the last in any case."""


class RecordDenial(TypedDict):
    """Records that somebody was turned away."""
    address: NotRequired[str | None]
    """The network address that they came from."""
    asked: str
    """What was asked for, on one line of at most 200 bytes."""
    left_out: NotRequired[int]
    """Others like it before this one that are not in the log one by one."""
    reason: DenialReason
    """Why."""


class RecordExport(TypedDict):
    """Records that data left the house."""
    about: NotRequired[StreamId | None]
    """Of which aggregate, where it is one."""
    address: NotRequired[str | None]
    """The network address that it went to."""
    project: ProjectId
    """The project it is of."""
    what: str
    """What kind of export."""


# Records that a person logged in.
RecordLogin = TypedDict(
    "RecordLogin",
    {
        # The network address that they came from.
        "address": "NotRequired[str | None]",
        # What they are logged in with.
        "pass": "PassId",
        # Who.
        "user": "UserId",
    },
)


class RecordMerge(TypedDict):
    """Records what a merging step came to: the merged commit, or what conflicts."""
    branches: list[str]
    """The branches that go in; 1 to 100, each once."""
    commit: NotRequired[str | None]
    """The commit at its head, 40 or 64 lower-case hex digits; none where there are conflicts."""
    conflicts: NotRequired[list[MergeConflict] | None]
    """What does not fit; at most 1,000."""
    into: str
    """The branch that holds them all; another one."""
    step: StepId
    """The step of a merge agent."""


class RecordRead(TypedDict):
    """Records that an auditor read what a project's people and agents wrote."""
    about: NotRequired[StreamId | None]
    """Of which aggregate, where it is one."""
    address: NotRequired[str | None]
    """The network address that it went to."""
    project: ProjectId
    """The project it is of."""
    what: str
    """The view, or `events`."""


class RecordTelemetry(TypedDict):
    """Records what the agent's telemetry tells, beside what its stream told. It may come after the
    run has ended.
    """
    readings: list[TelemetryReading]
    """1 to 200 readings."""


class RecordToolCall(TypedDict):
    """Records that the agent called a tool."""
    arguments: str
    """Its arguments, as JSON text."""
    call_id: str
    """The agent's id of the call."""
    step: StepId
    """The step."""
    tool: str
    """The tool's name."""


class RecordToolResult(TypedDict):
    """Records what a tool answered. An output over 512 KiB goes in parts, `more` on all but the
    last.
    """
    call_id: str
    """The agent's id of the call."""
    duration_ms: NotRequired[int | None]
    """How long it took, in milliseconds."""
    is_error: NotRequired[bool]
    """Whether the tool reported an error."""
    more: NotRequired[bool]
    """Whether more parts follow."""
    output: str
    """What it printed."""
    step: StepId
    """The step."""
    tool: str
    """The tool's name."""


class RecordUnrecognisedLine(TypedDict):
    """Keeps a line of the agent's stream whose shape is unknown."""
    length: int
    """Length of the whole line in bytes."""
    origin: str
    """Where it stood, such as `session.jsonl:12`."""
    raw: str
    """The line; its first 512 KiB where it is longer."""


class RecordUsage(TypedDict):
    """Records tokens used since the last record: differences, never running totals."""
    cache_read_tokens: NotRequired[int]
    """Tokens read from the cache."""
    cache_write_tokens: NotRequired[int]
    """Tokens written to the cache."""
    calls: NotRequired[int | None]
    """Number of model calls that the figures stand for; 1 where absent, 0 where it is not known."""
    cost_usd: NotRequired[Usd | None]
    """What it cost; left out where unknown."""
    input_tokens: NotRequired[int]
    """Tokens in, without the cached ones."""
    model: str
    """The model that answered."""
    output_tokens: NotRequired[int]
    """Tokens out."""
    provider: NotRequired[str | None]
    """Who was paid, such as `anthropic`."""
    step: StepId
    """The step."""


class RecordVendorEvidence(TypedDict):
    """Records what the vendor says of the pool."""
    at: Timestamp
    """When it was said."""
    exhausted: NotRequired[bool]
    """Whether the vendor refuses until it resets."""
    resets_at: NotRequired[Timestamp | None]
    """When it resets, where it was said; after `at`."""
    source: str
    """Where it was said, such as `rate_limit_event`."""
    used_share: NotRequired[Share | None]
    """The share that is used, 0 to 1, where it was said."""


class RegisterUser(TypedDict):
    """Gives somebody an account."""
    administrator: NotRequired[bool]
    """Whether they manage the installation: accounts, keys, its condition."""
    email: str
    """Their address; nobody else may have it."""
    name: str
    """Their name on screen."""


class RejectLearning(TypedDict):
    """Turns down a learning that waits for review."""
    reason: str
    """Why."""
    reviewer: NotRequired[UserId | None]
    """Who reviewed it."""


class RejectPlan(TypedDict):
    """Turns a proposed plan down."""
    reason: str
    """Why."""


class ReleaseBudget(TypedDict):
    """Takes a promise back that will not be used."""
    request: BudgetRequestId
    """The request."""


class ReleaseTeamTask(TypedDict):
    """Gives a task back."""
    reason: str
    """Why; 1 byte to 64 KiB."""
    session: SessionId
    """The member who has it."""
    task: int
    """The task."""


class RemoveChainIssue(TypedDict):
    """Takes out an issue that is still to come."""
    issue: IssueId
    """The issue."""


class RemoveEnvVar(TypedDict):
    """Removes an environment variable."""
    name: str
    """Its name."""


class RemoveMember(TypedDict):
    """Ends a membership; the last owner stays."""
    user: UserId
    """The member."""


class RemovePlanItem(TypedDict):
    """Takes out an item that is no issue yet; never the last one."""
    item: int
    """Its number."""


class RemoveProviderKey(TypedDict):
    """Takes a member's key at a provider out of use."""
    provider: str
    """Which provider's."""
    user: UserId
    """Whose key it is."""


class RemoveRule(TypedDict):
    """Takes a rule out of force."""
    name: str
    """Its name."""


class RenameAsset(TypedDict):
    """Gives it another name and description."""
    description: NotRequired[str]
    """What it is good for; at most 16 KiB."""
    name: str
    """Its name."""


class RenamePersona(TypedDict):
    """Gives it another name; no new version."""
    name: str
    """What people call it."""


class RenameProject(TypedDict):
    """Gives it other names."""
    name: str
    """Its name on screen."""
    slug: str
    """Its name in URLs: 1 to 63 of a-z, 0-9 and single hyphens."""


class RenameUser(TypedDict):
    """Gives them another name."""
    name: str
    """Their name on screen."""


class RenameWorkflow(TypedDict):
    """Gives it another name and description; no new version."""
    description: NotRequired[str]
    """What it is good for."""
    name: str
    """What people call it."""


class ReopenIssue(TypedDict):
    """Opens a resolved or dismissed issue, or one in review, again."""
    reason: str
    """Why."""


# Records that it can happen again.
ReopenMistake: TypeAlias = "dict[str, Any]"


class ReorderPlan(TypedDict):
    """Puts the items of a proposed plan in another order."""
    items: list[int]
    """Every item's number, each once."""


class ReorderWorkChain(TypedDict):
    """Puts the issues that are still to come in another order."""
    issues: list[IssueId]
    """All of them, each once."""


class ReportIssue(TypedDict):
    """Records a finding; it gets the next number."""
    text: IssueText
    """What is to be done."""


class RequestAnsweringSession(TypedDict):
    """Asks for a session."""
    context: NotRequired[list[ContextId | int] | None]
    """The context in force, with version."""
    issue: NotRequired[IssueId | None]
    """The issue whose implementation waits for the answers."""
    issue_session: NotRequired[IssueSessionId | None]
    """The issue session that raised the questions."""
    project: ProjectId
    """The project it belongs to."""
    questions: list[OpenQuestion]
    """What is to be answered: 1 to 200 questions, each 1 byte to 64 KiB, together at most 512 KiB.
    """


class RequestBudget(TypedDict):
    """Asks for budget: it is promised, or the request waits. A waiting request asks again under its
    id.
    """
    amount: int
    """How much; at most what the pool allows for the purpose."""
    at: Timestamp
    """When."""
    firing: NotRequired[FiringId | None]
    """The firing it is for."""
    holds_ms: NotRequired[int | None]
    """How long the promise holds, 1,000 to 86,400,000 ms; 14,400,000 where absent."""
    purpose: Purpose
    """What for."""
    request: BudgetRequestId
    """The request; a new id, or one that waits."""


class RequestErasure(TypedDict):
    """Records that keys are to be destroyed."""
    keys: list[DataKeyId]
    """The keys, each once; at least 1."""
    reason: str
    """Why; 1 to 2,000 bytes."""
    subject: Subject
    """Whose; always the same in one stream."""


class RequestIssueSession(TypedDict):
    """Asks for a session."""
    branch: NotRequired[str | None]
    """The branch to look at; the default one where absent."""
    context: NotRequired[list[ContextId | int] | None]
    """The context in force, with version."""
    project: ProjectId
    """The project it belongs to."""
    prompt: NotRequired[str]
    """What to look for; at most 64 KiB."""
    title: str
    """A short name."""


class RequestRun(TypedDict):
    """Asks for a run; creates it. What its workflow and personas are now is what it will do."""
    candidates: NotRequired[list[str] | None]
    """Runs or branches that its judge compares; at least 2, each once."""
    configuration: NotRequired[RequestedConfiguration | None]
    """The exact versions in force."""
    origin: NotRequired[StreamId | None]
    """What it comes from: an issue, chain, recurring task, firing, or the run it is forked from."""
    project: ProjectId
    """The project it belongs to."""
    prompt: str
    """The task."""
    source: RunSource
    """Where it comes from."""
    title: NotRequired[str | None]
    """A short name for lists."""
    workflow: NotRequired[WorkflowId | None]
    """The workflow it follows, if any."""


class RequestedConfiguration(TypedDict):
    """What a run is requested with. Versions are those in force, and looked up; only history that
    is imported names its own.
    """
    assets: NotRequired[list[list[AssetId | int | None]]]
    """Skills, commands and scripts, each once; a version must be published, the one in force where
    absent.
    """
    contexts: NotRequired[list[list[ContextId | int | None]]]
    """Contexts it works under, each once; a version other than the one in force refuses the
    request.
    """
    learning_documents: NotRequired[list[LearningDocumentId] | None]
    """Learning documents whose version in force agents read; one per role."""
    learning_version: NotRequired[int | None]
    """Learning version of all roles; of imported history only."""
    learning_versions: NotRequired[list[list[Role | int]] | None]
    """Learning versions by role; of imported history, or to refuse others than those in force."""
    personas: NotRequired[list[PersonaId]]
    """Personas taking part, each once and enabled; all those of the workflow must be among them."""
    workflow_version: NotRequired[int | None]
    """Version of the workflow; where it is given, another one in force refuses the request."""


class RescheduleTask(TypedDict):
    """Changes when it does so."""
    after: Timestamp
    """No run is due up to this time: now, or a later start. 1970 to 2099."""
    missed: NotRequired[MissedRuns | None]
    """What becomes of runs whose time passed; as before where absent."""
    schedule: Schedule
    """When."""


class ResizeBudgetPool(TypedDict):
    """Changes what a pool allows."""
    automated_share: NotRequired[Share | None]
    """What automated work may use of it, 0 to 1; as before where absent."""
    capacity: int
    """What it allows, 1 or more."""
    plan: NotRequired[str | None]
    """The plan it stands for."""


class ResolveIssue(TypedDict):
    """Says that it is done."""
    note: NotRequired[str | None]
    """In words."""


class ResolveMistake(TypedDict):
    """Records that it cannot happen again, or otherwise than was said."""
    how: str
    """How that was reached; 1 byte to 512 KiB."""


# Puts it back into its file.
RestoreDecision: TypeAlias = "dict[str, Any]"


# Puts it back into its file.
RestoreMistake: TypeAlias = "dict[str, Any]"


# Puts it back into its file.
RestorePattern: TypeAlias = "dict[str, Any]"


# Puts it back into its file.
RestoreResearchNote: TypeAlias = "dict[str, Any]"


# Puts it back into its file.
RestoreSessionSummary: TypeAlias = "dict[str, Any]"


class RestoreViewEvent(TypedDict):
    """Has the view take an event into account again, such as after the fold was mended."""
    position: Position
    """An event that it passes over."""
    reason: str
    """Why; 1 to 2,000 bytes."""
    view: str
    """Name of the view."""


class ResumeRecurringTask(TypedDict):
    """Lets runs be due again."""
    at: Timestamp
    """What time it is; the next run is due after it."""


# Wakes it up.
ResumeSandbox: TypeAlias = "dict[str, Any]"


# Lets runs begin again.
ResumeSprintChain: TypeAlias = "dict[str, Any]"


# Lets runs begin again.
ResumeWorkChain: TypeAlias = "dict[str, Any]"


class RetireLearning(TypedDict):
    """Ends an approved learning."""
    reason: str
    """Why."""


# A score of the review loop, 1 to 10.
ReviewScore: TypeAlias = "int"


class ReviewTask(TypedDict):
    """A task for the next agent."""
    role: AgentRole
    """Whose it is."""
    text: str
    """What to do."""


class ReviseAgent(TypedDict):
    """Puts another file in its place; the name stays."""
    text: str
    """The file: front matter and prompt, at most 200 KiB."""


class ReviseMetric(TypedDict):
    """Gives it another definition."""
    definition: MetricDefinition
    """How it is made; another one than now."""
    note: NotRequired[str | None]
    """Why; one line."""


class RevokeApiKey(TypedDict):
    """Ends an API key."""
    key: ApiKeyId
    """The key."""


class RevokeInvitation(TypedDict):
    """Takes an open invitation back."""
    invitation: InvitationId
    """The invitation."""


# Ends a pass before its time.
RevokePass: TypeAlias = "dict[str, Any]"


class RewordPlan(TypedDict):
    """Gives a proposed plan another title and rationale."""
    rationale: str
    """Why it is to be done, and why so; 1 byte to 64 KiB."""
    title: str
    """A short name."""


# What an agent does in a step.
Role: TypeAlias = Literal[
    "designer",
    "checker",
    "optimizer",
    "prompter",
    "investigator",
    "deep-dive",
    "evaluator",
    "judge",
    "answerer",
    "merge_agent",
    "planner",
    "reviewer",
    "custom",
]


class RouteTask(TypedDict):
    """Routes a task by its facts."""
    facts: RoutingFacts
    """What is known."""
    firing: NotRequired[FiringId | None]
    """The firing it is for; none where a person asked."""
    project: ProjectId
    """The project it belongs to."""
    task: str
    """The task; 1 byte to 512 KiB."""


class RoutingFacts(TypedDict):
    """What the router knows of a project and a task."""
    brain_exists: bool
    """Whether the project has a brain."""
    kind: TaskKind
    """What is asked for."""
    specification_exists: bool
    """Whether a specification of the task exists."""


RoutingId: TypeAlias = "str"


RunId: TypeAlias = "str"


# How a run ended.
RunOutcome: TypeAlias = Literal["completed", "failed", "cancelled"]


# Where a run came from.
RunSource: TypeAlias = Literal[
    "workflow",
    "issue",
    "sprint_chain",
    "sandbox",
    "merge_agent",
    "recurring_task",
    "trigger",
    "import",
]


SandboxId: TypeAlias = "str"


class SandboxSettings(TypedDict):
    """What sandboxes of a workflow are made with; what is left out takes the platform's default."""
    checker_model: NotRequired[str | None]
    """The model of checkers."""
    cpus: NotRequired[int | None]
    """CPUs of each, 1 to 8."""
    designer_model: NotRequired[str | None]
    """The model of designers."""
    efforts: NotRequired[list[list[str | Effort]]]
    """How hard each model is asked to think; each model once."""
    memory_mb: NotRequired[int | None]
    """Memory of each, 256 to 8,192 MB."""
    provider: NotRequired[str | None]
    """Who provides them, such as `local` or `e2b`."""
    template_id: NotRequired[str | None]
    """The template they are made from."""
    timeout_ms: NotRequired[int | None]
    """How long one may live, 60,000 to 14,400,000 ms."""


class Schedule(TypedDict):
    """When something recurs."""
    frequency: Frequency
    """How often, and at which time of the day."""
    timezone: str
    """The zone of that time, by its IANA name such as `Europe/Berlin`."""


# a score from 0 to 100, two decimals
Score: TypeAlias = "float"


class ScoreReviewCycle(TypedDict):
    """Scores a cycle; what follows is decided by the rules."""
    fix: NotRequired[list[str]]
    """What needs fixing; at most 100, and one at least below a score of 8."""
    good: NotRequired[list[str]]
    """What is good; at most 100."""
    sandbox: NotRequired[SandboxId | None]
    """The sandbox it reviewed in; one that no cycle before had."""
    score: ReviewScore
    """The score, 1 to 10."""
    session: NotRequired[SessionId | None]
    """The session that reviewed."""
    step: NotRequired[StepId | None]
    """The step that reviewed."""
    tasks: NotRequired[list[ReviewTask]]
    """What the next agent is to do; at most 100, none where the work ships."""


# What a script is written in.
ScriptLanguage: TypeAlias = Literal["shell", "python"]


# When a script runs.
ScriptMoment: TypeAlias = Literal["before_start", "after_completion", "on_demand"]


class SealProviderKey(TypedDict):
    """Stores a member's key at a provider; an earlier one is replaced."""
    key: NotRequired[str | None]
    """The key, 1 to 65,520 bytes: sealed before anything is recorded, and never shown again."""
    provider: str
    """Which provider's, such as `anthropic`."""
    sealed: NotRequired[Sealed | None]
    """The key, where it was encrypted before it came: only instead of `key`, and not opened here.
    """
    user: UserId
    """Whose key it is."""


class Sealed(TypedDict):
    """A secret, encrypted; its key is not in the log."""
    ciphertext: str
    """Ciphertext with its tag, 16 bytes to 64 KiB as lower-case hex."""
    key_id: str
    """The key that opens it."""
    nonce: str
    """Nonce, 12 to 32 bytes as lower-case hex."""


# Puts a message into a mailbox; it gets the next number, up to 10,000.
SendTeamMessage = TypedDict(
    "SendTeamMessage",
    {
        # The member who sends it; absent for a person.
        "from": "NotRequired[SessionId | None]",
        # What it says; 1 byte to 64 KiB.
        "text": "str",
        # The member it is for, another one; absent for all.
        "to": "NotRequired[SessionId | None]",
    },
)


# How a session ended.
SessionEnd: TypeAlias = Literal["done", "failed", "time_limit", "cost_limit", "stopped"]


SessionId: TypeAlias = "str"


class SessionLimits(TypedDict):
    """What ends a session."""
    cost_usd_micros: NotRequired[int | None]
    """What it may cost, in millionths of a US dollar; none where a budget pool bounds it."""
    done_criteria: str
    """When it is done."""
    wall_clock_ms: int
    """How long it may take."""


# How a session came about.
SessionMode: TypeAlias = Literal["interactive", "team", "standalone"]


class SessionParts(TypedDict):
    """What a session was put together from: the exact versions, and the prompt they came to."""
    agent: NotRequired[list[AgentDefinitionId | int] | None]
    """The agent definition, with version."""
    allowed_tools: list[str]
    """The tools it may use."""
    assets: list[list[AssetId | int]]
    """Skills, commands and scripts, with version."""
    brain_files: list[str]
    """Files of the brain that it was given."""
    context: NotRequired[list[ContextId | int] | None]
    """The context, with version."""
    identity_digest: NotRequired[str | None]
    """SHA-256 of the identity's text, in hexadecimal."""
    learning_version: NotRequired[int | None]
    """The learning version."""
    mcp_servers: list[McpServer]
    """The MCP servers it is given."""
    persona: NotRequired[PersonaId | None]
    """The persona."""
    role: NotRequired[AgentRole | None]
    """The role."""
    rules: list[str]
    """The rules, by name."""
    system_prompt: str
    """The system prompt, whole."""
    working_directory: str
    """Its working directory, as the agent sees it."""


# Kind of session that has a configuration of its own.
SessionType: TypeAlias = Literal[
    "learning",
    "merging",
    "issue",
    "answering",
    "evaluating",
    "judging",
]


class SetClaudeMd(TypedDict):
    """Sets what every sandbox's CLAUDE.md says."""
    content: str
    """The text, at most 512 KiB; empty for none."""


class SetContentSealing(TypedDict):
    """Says whether prompts and messages are sealed from now on; what is in the log already stays as
    it is.
    """
    sealing: ContentSealing
    """Under whose key."""


class SetEnvVar(TypedDict):
    """Gives an environment variable a value."""
    name: str
    """Its name: a letter or `_`, then at most 127 letters, digits or `_`."""
    secret: NotRequired[bool]
    """Whether it is secret: a plain value of 1 to 65,520 bytes is sealed before anything is
    recorded, and never shown again.
    """
    value: EnvValue
    """Its value."""


class SetFolder(TypedDict):
    """Says where its working tree lies on a machine."""
    folder: NotRequired[str | None]
    """The folder, absolute and without `..`; absent where it is there no longer."""
    machine: str
    """The machine, by the name it goes by; at most 100 of them."""


class SetGitAuthor(TypedDict):
    """Sets the author of agents' commits."""
    email: str
    """E-mail address of the author."""
    name: str
    """Name of the author."""


class SetLearningSettings(TypedDict):
    """Sets how learnings are extracted."""
    model: NotRequired[str | None]
    """The model; the platform's default where absent."""
    template: NotRequired[str | None]
    """The prompt's template; the platform's default where absent."""


class SetLogo(TypedDict):
    """Sets or removes its logo."""
    logo_url: NotRequired[str | None]
    """An http or https URL without credentials; absent for no logo."""


class SetMemberNotifications(TypedDict):
    """Says what a member is told, and on which ways; everything earlier is replaced."""
    channels: list[Channel]
    """The ways it goes, each once; nowhere where empty."""
    kinds: list[NotificationKind]
    """What for, each once; nothing where empty."""
    secret: NotRequired[str | None]
    """A sealed environment variable of the project, with the secret that signs them; only beside
    `url`.
    """
    url: NotRequired[str | None]
    """Where the member's own webhooks go; the project's address where absent."""
    user: UserId
    """The member."""


class SetMergingSettings(TypedDict):
    """Sets how branches are merged."""
    model: NotRequired[str | None]
    """The model; the platform's default where absent."""
    template: NotRequired[str | None]
    """The prompt's template; the platform's default where absent."""


class SetNotificationAddress(TypedDict):
    """Says where webhooks of notifications go."""
    secret: NotRequired[str | None]
    """A sealed environment variable of the project, with the secret that signs; only beside `url`.
    """
    url: NotRequired[str | None]
    """An http or https URL without credentials; absent for no webhooks."""


class SetPassword(TypedDict):
    """Sets what they log in with. Only the hash is sent."""
    password_hash: str
    """An argon2id hash as a PHC string: version 19, at least 19 MiB and 2 passes."""


class SetQualityPolicy(TypedDict):
    """Sets how quality is weighed; the policy gets the next version."""
    threshold: NotRequired[Score | None]
    """The composite that must be reached; absent for no threshold."""
    weights: PolicyWeights
    """What each dimension counts; at least one above 0."""


class SetSandboxPrompt(TypedDict):
    """Sets what every session's system prompt ends with."""
    prompt: str
    """The text, at most 512 KiB; empty for none."""


class SetSprintAdvance(TypedDict):
    """Sets how the chain goes on from one sprint to the next."""
    advance: Advance
    """How."""


class SetSprintPrompt(TypedDict):
    """Gives a sprint that has not begun a prompt of its own, or the chain's again."""
    prompt: NotRequired[str | None]
    """What it is to do, 1 byte to 64 KiB; the chain's prompt where absent."""
    sprint: int
    """The sprint."""


class SettleExperiment(TypedDict):
    """Says which configuration won; two at least must have been tried."""
    judged_by: NotRequired[RunId | None]
    """The run whose judge says so."""
    rationale: str
    """Why; 1 byte to 512 KiB."""
    winner: str
    """The variant's name; one that a run has tried."""


class SettleReview(TypedDict):
    """Decides on work that was escalated or stopped."""
    reason: str
    """Why."""
    settlement: Settlement
    """What is decided."""


# What the team lead or a person decided on work that was not approved.
Settlement: TypeAlias = Literal["ship", "drop"]


# How much a learning matters.
Severity: TypeAlias = Literal["critical", "important", "minor"]


# a number from 0 to 1, four decimals
Share: TypeAlias = "float"


# Lets every project use it; it stays with its own.
ShareAgent: TypeAlias = "dict[str, Any]"


# Lets every project use the asset; it stays with its own.
ShareAsset: TypeAlias = "dict[str, Any]"


class ShipSkill(TypedDict):
    """Makes an asset of a skill that comes with the program, and publishes it as version 1."""
    project: ProjectId
    """The project it belongs to."""
    skill: str
    """The skill's name, such as `review-loop`."""


class SkillFile(TypedDict):
    """A file of a skill."""
    content: str
    """What it says."""
    path: str
    """Where it lies, relative to the skill's folder."""


class SkipChainIssue(TypedDict):
    """Passes the current issue over; no run may be at work."""
    reason: str
    """Why."""


class SkipFiring(TypedDict):
    """Records that a trigger's condition held and why nothing was started."""
    note: NotRequired[str | None]
    """In words; required where the reason is `other`."""
    occasion: Occasion
    """When and on what."""
    reason: SkipReason
    """Why."""


# Why a firing started nothing.
SkipReason: TypeAlias = Literal[
    "disabled",
    "busy",
    "bad_signature",
    "missed",
    "not_applicable",
    "other",
]


class SkipSprint(TypedDict):
    """Passes the current sprint over; no run may be at work."""
    reason: str
    """Why."""


class SkipStep(TypedDict):
    """Passes a step over."""
    reason: str
    """Why it is passed over."""
    role: Role
    """What it would have done."""
    step: StepId
    """The step; a new id."""


class SkipViewEvent(TypedDict):
    """Has the view pass over an event that breaks it."""
    position: Position
    """The event."""
    reason: str
    """Why; 1 to 2,000 bytes."""
    view: str
    """Name of the view."""


class SprintPrompt(TypedDict):
    """The prompt of one sprint, in place of the chain's."""
    prompt: str
    """What it is to do."""
    sprint: int
    """The sprint, from 1."""


class StalledCondition(TypedDict):
    """Fires when work stalls."""
    kinds: list[StalledKind]
    """The kinds of work that count; all where empty."""
    quiet_ms: int
    """For how long nothing was heard of it, 60,000 to 604,800,000 ms."""


# Work that can stall: that has begun, has not ended, and of which nothing is heard.
StalledKind: TypeAlias = Literal["run", "session", "review"]


class StartAnsweringSession(TypedDict):
    """Records that an answerer begins."""
    persona: NotRequired[PersonaId | None]
    """The persona that answers."""
    run: NotRequired[RunId | None]
    """The run that it is part of."""
    sandbox: NotRequired[SandboxId | None]
    """Where it works."""


class StartChainRun(TypedDict):
    """Records that a run begins to work on the current issue."""
    run: RunId
    """The run; requested under this id, before or after."""


class StartHeartbeat(TypedDict):
    """Begins to record a loop, for the first time or after a stop."""
    at: Timestamp
    """When it began; not before it last ended."""
    interval_ms: NotRequired[int | None]
    """Time between rounds, 1,000 to 3,600,000 ms; 60,000 where absent."""
    project: ProjectId
    """The project it watches."""


class StartIssueRun(TypedDict):
    """Records that a run begins to work on it."""
    run: RunId
    """The run; requested under this id, before or after."""


class StartIssueSession(TypedDict):
    """Records that an agent begins to look."""
    run: NotRequired[RunId | None]
    """The run that it is part of."""
    sandbox: NotRequired[SandboxId | None]
    """Where it works."""


class StartQueuedFiring(TypedDict):
    """Records what queued work was started."""
    started: StartedWork
    """What is started: a run or a session at least."""


# Begins the work.
StartRun: TypeAlias = "dict[str, Any]"


# Records that it is up.
StartSandbox: TypeAlias = "dict[str, Any]"


class StartScript(TypedDict):
    """Records that a script starts."""
    asset: AssetId
    """The script."""
    moment: ScriptMoment
    """Why now."""
    project: ProjectId
    """The project it belongs to."""
    run: NotRequired[RunId | None]
    """The run it works for."""
    sandbox: NotRequired[SandboxId | None]
    """Where it runs."""
    step: NotRequired[StepId | None]
    """The step of that run; only beside `run`."""
    version: int
    """The version that runs, from 1."""


class StartSession(TypedDict):
    """Records that the agent runs."""
    agent_session: NotRequired[str | None]
    """The agent's own name for the session."""


class StartSprint(TypedDict):
    """Records that a run begins to work on the current sprint."""
    branch: str
    """The sprint's branch, which no other sprint of the chain has."""
    run: RunId
    """The run; requested under this id, before or after."""


# Begins the chain.
StartSprintChain: TypeAlias = "dict[str, Any]"


class StartStep(TypedDict):
    """Sets an agent to work. Steps are strictly sequential."""
    cli_tool: NotRequired[str | None]
    """The agent's program, such as `claude`; the persona's where absent."""
    iteration: NotRequired[int | None]
    """Iteration of the whole run, from 1; 1 where absent."""
    loop_id: NotRequired[LoopId | None]
    """The loop it stands in."""
    loop_iteration: NotRequired[int | None]
    """Iteration of that loop, from 1."""
    model: NotRequired[str | None]
    """The model asked for; the persona's where absent."""
    persona: NotRequired[PersonaId | None]
    """The persona it follows; it must be enabled, and of that role or custom."""
    persona_version: NotRequired[int | None]
    """Version of that persona; the run's where absent, else the present one."""
    prompt_digest: NotRequired[str | None]
    """SHA-256 of the whole prompt, 64 hex digits."""
    role: Role
    """What the agent does."""
    sandbox: NotRequired[SandboxId | None]
    """Where it works."""
    step: StepId
    """The step; a new id."""
    thinking_effort: NotRequired[Effort | None]
    """How hard it is asked to think."""


# Begins the chain.
StartWorkChain: TypeAlias = "dict[str, Any]"


class StartedWork(TypedDict):
    """What a firing started: a run, a session, or both."""
    request: NotRequired[BudgetRequestId | None]
    """The budget that was reserved for it."""
    routing: NotRequired[RoutingId | None]
    """The routing that chose the roles."""
    run: NotRequired[RunId | None]
    """The run."""
    session: NotRequired[SessionId | None]
    """The session."""


class Steer(TypedDict):
    """Records that a person reached into the running step."""
    kind: SteerKind
    """What was done."""
    text: NotRequired[str]
    """The message; or the waiting call's id, else the tool's name."""


# What a person did to a running session.
SteerKind: TypeAlias = Literal["message", "interrupt", "approve_tool", "deny_tool"]


class SteerSession(TypedDict):
    """Records that somebody stepped in. A step of a run is steered on the run; a session of an
    older log may have none.
    """
    kind: SteerKind
    """How."""
    text: str
    """What is said, or the tool call that is approved or denied."""


# Why a step failed.
StepFailure: TypeAlias = Literal[
    "crashed",
    "verdict_missing",
    "verdict_unparseable",
    "rate_limited",
    "provider",
    "aborted",
    "timeout",
    "other",
]


StepId: TypeAlias = "str"


class StepSettings(TypedDict):
    """A step of a workflow. What is left out takes its default."""
    cli_tool: NotRequired[str | None]
    """The agent's program, such as `claude`, `codex`, `opencode`, `pi`."""
    in_loop: NotRequired[str | None]
    """Name of the loop it stands in."""
    instructions: NotRequired[str]
    """What its system prompt says besides; at most 512 KiB over all steps."""
    model: NotRequired[str | None]
    """The model."""
    persona: NotRequired[PersonaId | None]
    """The persona it follows; persona pipelines only."""
    role: NotRequired[Role | None]
    """What the agent does; not in a persona pipeline, where the persona says it."""
    thinking_effort: NotRequired[Effort | None]
    """How hard it is asked to think."""


class StopHeartbeat(TypedDict):
    """Records that the loop ended, and what it did since the last summary."""
    beats: Beats
    """What it did."""
    to: Timestamp
    """When it ended."""


StreamId: TypeAlias = "str"


# Whose words are erased. Variants are stored by number: append, never reorder.
Subject: TypeAlias = "SubjectAsProject | SubjectAsPerson"


class SubjectAsPerson(TypedDict):
    """What a person said, and their keys at providers."""
    person: UserId


class SubjectAsProject(TypedDict):
    """What was said in a project, and its secrets."""
    project: ProjectId


class SummariseHeartbeat(TypedDict):
    """Sums up what the loop did since the last summary. Where nothing came up, an hour at least."""
    beats: Beats
    """What it did."""
    to: Timestamp
    """Up to this instant."""


class SupersedeDecision(TypedDict):
    """Puts another decision in its place, once."""
    by: DecisionId
    """That decision."""


class SyncFilesBack(TypedDict):
    """Records that what changed in it was taken back as a branch; as often as something is."""
    branch: str
    """The branch."""
    commit: str
    """The commit at its head, 40 or 64 lower-case hex digits."""
    files: int
    """How many files changed."""


class SyncFilesIn(TypedDict):
    """Records that the project's files were copied into it: once, before anything is taken back."""
    base_commit: str
    """The commit they are of, 40 or 64 lower-case hex digits."""
    bytes: int
    """How large they were together."""
    files: int
    """How many files that were."""


# What a trigger asks for.
TaskKind: TypeAlias = Literal["quick_fix", "research", "change", "feature", "upkeep"]


class TelemetryReading(TypedDict):
    """What telemetry tells of the tokens that one model used in one session."""
    agent_session: NotRequired[str | None]
    """The agent's own name of its session."""
    cache_read_tokens: NotRequired[int]
    """Tokens read from the cache."""
    cache_write_tokens: NotRequired[int]
    """Tokens written to the cache."""
    calls: NotRequired[int]
    """Number of model calls that the figures stand for; 0 where it is not known."""
    cost_usd: NotRequired[Usd | None]
    """What it cost; left out where unknown."""
    counted_since: NotRequired[Timestamp | None]
    """Where the figures are running totals: since when they are counted. What is recorded is the
    difference.
    """
    input_tokens: NotRequired[int]
    """Tokens in, without the cached ones."""
    model: str
    """The model that answered."""
    output_tokens: NotRequired[int]
    """Tokens out."""
    provider: NotRequired[str | None]
    """Who was paid, such as `anthropic`."""
    signal: TelemetrySignal
    """Which kind of telemetry."""
    step: NotRequired[StepId | None]
    """The step, where it is known."""


# A kind of telemetry, as OpenTelemetry divides them.
TelemetrySignal: TypeAlias = Literal["metrics", "logs", "traces"]


Timestamp: TypeAlias = "str"


TriggerId: TypeAlias = "str"


class TriggerRecurringRun(TypedDict):
    """Lets a run begin at once, of a paused task too."""
    run: RunId
    """The run; requested under this id, before or after."""


class TriggeredWork(TypedDict):
    """What a trigger starts."""
    estimate: int
    """What a firing is expected to use, in the pool's unit."""
    kind: TaskKind
    """What kind of task, for the router."""
    mode: SessionMode
    """A team or a single agent."""
    pool: NotRequired[BudgetPoolId | None]
    """The budget pool it is admitted by."""
    role: NotRequired[AgentRole | None]
    """The role, where the router is not asked."""
    task: str
    """The task, as the agent is told."""
    workflow: NotRequired[WorkflowId | None]
    """The workflow, where runs follow one."""


class UnchainIssue(TypedDict):
    """Takes an issue out of its work chain."""
    reason: str
    """Why."""


class UpdateContext(TypedDict):
    """Writes the next version and puts it in force; both texts are replaced."""
    claude_md: NotRequired[str]
    """What the session's CLAUDE.md says."""
    note: NotRequired[str | None]
    """Why it changes; one line."""
    system_prompt: NotRequired[str]
    """What the session's system prompt says; at most 512 KiB together with `claude_md`."""


class UpdatePullRequest(TypedDict):
    """Records how the pull request stands."""
    status: PullRequestStatus
    """How it stands now."""


class UpdateSprintPullRequest(TypedDict):
    """Records how that pull request stands."""
    sprint: int
    """The sprint."""
    status: PullRequestStatus
    """How it stands now."""


# US dollars from 0 to 1,000,000, nine decimals
Usd: TypeAlias = "float"


UserId: TypeAlias = "str"


class Variant(TypedDict):
    """A configuration that an experiment tries."""
    model: NotRequired[str | None]
    """The model that its runs ask for."""
    name: str
    """Its name in the experiment, such as `opus`."""
    note: NotRequired[str | None]
    """What else is different, in words; one line."""
    workflow: NotRequired[WorkflowId | None]
    """The workflow that its runs follow."""


class WebhookCondition(TypedDict):
    """Fires on a request from outside, whose signature is checked."""
    events: list[str]
    """The kinds of event that count, such as `issues.opened`; all where empty."""
    secret: str
    """The project's environment variable with the secret that signs."""
    source: str
    """Who sends it, such as `github`."""


# A day of the week.
Weekday: TypeAlias = Literal[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
]


# When use stops to count.
WindowShape: TypeAlias = Literal["rolling", "from_first_use", "calendar_month", "credit"]


class WithdrawAssetVersion(TypedDict):
    """Takes back the publication of a version."""
    reason: str
    """Why."""
    version: int
    """A published version other than the active one."""


class WithdrawBudgetRequest(TypedDict):
    """Gives a waiting request up."""
    reason: NotRequired[str | None]
    """Why; one line."""
    request: BudgetRequestId
    """The request."""


WorkChainId: TypeAlias = "str"


WorkflowId: TypeAlias = "str"


class WorkflowSettings(TypedDict):
    """What a workflow is to be."""
    cli_tool: NotRequired[str | None]
    """The agent's program where a step names none; `claude` where absent."""
    loops: NotRequired[list[LoopDefinition]]
    """Its loops, each with a name and 1 to 50 iterations."""
    model: NotRequired[str | None]
    """The model where a step names none; that of its role where absent."""
    sandbox: NotRequired[SandboxSettings | None]
    """What its sandboxes are made with."""
    steps: NotRequired[list[StepSettings]]
    """Its steps, in order, at most 100. A single designer, or a designer & checker, may leave them
    out.
    """
    thinking_effort: NotRequired[Effort | None]
    """How hard a model is asked to think where a step says nothing."""
    workflow_type: WorkflowType
    """Its shape."""


# Shape of a workflow.
WorkflowType: TypeAlias = Literal[
    "single_designer",
    "designer_checker",
    "custom_pipeline",
    "persona_pipeline",
]


class WriteBrainText(TypedDict):
    """Writes a document, or the free section of a file of entries; the whole text is replaced."""
    content: str
    """The whole text, at most 512 KiB; empty takes it away."""
    path: str
    """The file, relative to `.brain/`: 1 to 200 bytes, no `..`, at most 500 files."""


class WriteIdentity(TypedDict):
    """Writes the text that every session's system prompt begins with; the whole text is replaced.
    """
    note: NotRequired[str | None]
    """Why it changes; one line."""
    text: str
    """The text; 1 byte to 64 KiB."""


class WriteResearchNote(TypedDict):
    """Writes findings down."""
    findings: NotRequired[str]
    """What was found; at most 512 KiB together."""
    project: ProjectId
    """The project it belongs to."""
    run: NotRequired[RunId | None]
    """The run it comes from."""
    session: NotRequired[SessionId | None]
    """The session it comes from."""
    sources: NotRequired[str]
    """Where, one source a line."""
    title: str
    """A short name for lists; one line."""


class WriteRule(TypedDict):
    """Makes a rule, or writes it anew."""
    name: str
    """Its name: 1 to 63 of a-z, 0-9 and single hyphens; at most 200 rules."""
    text: str
    """What it says; 1 byte to 64 KiB."""


class WriteSessionSummary(TypedDict):
    """Sums a session up."""
    done: NotRequired[str]
    """What was done; at most 512 KiB together."""
    learned: NotRequired[str]
    """What was learned."""
    next: NotRequired[str]
    """What comes next."""
    project: ProjectId
    """The project it belongs to."""
    run: NotRequired[RunId | None]
    """The run it comes from."""
    session: NotRequired[SessionId | None]
    """The session it comes from."""
    title: str
    """A short name for lists; one line."""
