"""Rows of views and payloads of events, as they come from the server.

Written by `cargo xtask gen`; edits are lost.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class AccessDenied(TypedDict):
    """Somebody was turned away. The commit's actor says who, where anybody is known."""
    address: str | None
    """The network address that they came from, as far as it is known."""
    asked: str
    """What was asked for: method and path, or the topic of a subscription."""
    left_out: int
    """Others like it before this one that are not in the log one by one."""
    reason: DenialReason
    """Why."""


class AccessRow(TypedDict):
    """One access."""
    about: StreamId | None
    """Of which aggregate."""
    actor: Actor
    """Who did it; `system` where nobody is known."""
    address: str | None
    """The network address at the other end, as far as it is known."""
    at: Timestamp
    """When."""
    kind: Kind2
    """What happened."""
    left_out: int
    """Denials like this one before it that the log does not hold one by one."""
    project: ProjectId | None
    """The project it is of; none for logins and denials, which are of the installation."""
    reason: DenialReason | None
    """Why it was denied."""
    user: UserId | None
    """The person who logged in."""
    what: str | None
    """What was asked for, taken out or read."""


class Account(TypedDict):
    """What one witness says."""
    cache_read_tokens: int
    """Tokens read from the cache."""
    cache_write_tokens: int
    """Tokens written to the cache."""
    calls: int | None
    """Model calls; absent where it does not count them."""
    cost_incomplete: bool
    """Whether some of the cost is unknown."""
    cost_usd: Usd | None
    """What is known of the cost; absent where nothing is."""
    events: int
    """Events that say it."""
    input_tokens: int
    """Tokens in, without the cached ones."""
    output_tokens: int
    """Tokens out."""


# system, operator, scheduler, importer, user-…, api-key-… or step-…
Actor: TypeAlias = "str"


# They manage the installation.
AdministratorAppointed: TypeAlias = "dict[str, Any]"


# They no longer manage the installation.
AdministratorDismissed: TypeAlias = "dict[str, Any]"


# How a chain goes from one sprint to the next.
Advance: TypeAlias = Literal["automatic", "manual"]


# It is no longer offered.
AgentArchived: TypeAlias = "dict[str, Any]"


class AgentDefined(TypedDict):
    """An agent was defined; this is its version 1, and it is active."""
    profile: AgentProfile
    """What its file says."""
    project: ProjectId
    """The project it belongs to."""


AgentDefinitionId: TypeAlias = "str"


class AgentLineUnrecognised(TypedDict):
    """The agent's stream held a line of unknown shape, kept as it came."""
    length: int
    """Length of the whole line in bytes."""
    origin: str
    """Where it stood, such as `session.jsonl:12`."""
    raw: str
    """The line; its first 512 KiB where it is longer."""


class AgentLoaded(TypedDict):
    """A version was loaded into a persona."""
    persona: PersonaId
    """The persona."""
    version: int
    """The version."""


class AgentProfile(TypedDict):
    """What an agent file says, with the defaults of its role where it says nothing."""
    description: str | None
    """What it is for."""
    mcp_servers: list[str]
    """The MCP servers it is given."""
    model: str
    """Its model, by alias or name."""
    name: str
    """Its name."""
    prompt: str
    """The prompt."""
    role: AgentRole | None
    """The role of that name, where there is one."""
    sandboxed: bool
    """Whether it runs in a sandbox."""
    skills: list[str]
    """The skills it refers to, by name."""
    text: str
    """The file, as it came."""
    tools: list[str]
    """The tools it may use."""


class AgentRevised(TypedDict):
    """Another file was put in its place, and is active."""
    profile: AgentProfile
    """What its file says."""
    version: int
    """The version, one more than the last."""


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


class AgentRow(TypedDict):
    """An agent definition."""
    archived: bool
    """Whether it is no longer offered."""
    name: str
    """Its name."""
    personas: list[list[PersonaId | int]]
    """The personas it was loaded into, with version."""
    profile: AgentProfile
    """What the active version says."""
    project: ProjectId
    """The project it belongs to."""
    role: AgentRole | None
    """The role of that name."""
    sandbox: AgentSandbox | None
    """How large the sandbox of the active version is, where its file says so."""
    shared: bool
    """Whether every project may use it."""
    updated_at: Timestamp
    """When it last changed."""
    version: int
    """The active version."""
    versions: int
    """How many versions there are."""


class AgentSandbox(TypedDict):
    """What the sandbox of an agent is made with."""
    cpus: int | None
    """Its CPUs, 1 to 8."""
    memory_mb: int | None
    """Its memory, 256 to 8,192 MB."""
    template_id: str | None
    """The template, such as a runtime's."""
    timeout_ms: int | None
    """How long it may live, 60,000 to 14,400,000 ms."""


class AgentSandboxSized(TypedDict):
    """A version's file says how large its sandbox is; in the commit that brought the file."""
    sandbox: AgentSandbox
    """What it is made with; what is left out takes the platform's default."""
    version: int
    """The version."""


# It may be used in every project.
AgentShared: TypeAlias = "dict[str, Any]"


class AgentVersionActivated(TypedDict):
    """An older version, or again a newer one, is in force."""
    version: int
    """The version in force."""


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


class AnswerRow(TypedDict):
    """A question; its key is `item/` and its number."""
    answer: str | None
    """The latest answer."""
    answered_at: Timestamp | None
    """When it was last answered."""
    confidence: Share | None
    """How sure the answerer is."""
    kind: PointKind
    """What it is."""
    left_open: str | None
    """Why it was left open, as long as it is."""
    person: UserId | None
    """The person, where it was one."""
    point: int | None
    """The number of the point in the issue session that raised it."""
    question: int
    """Its number."""
    rationale: str | None
    """Why so."""
    source: AnswerSource | None
    """Who answered."""
    text: str
    """In words."""


# Who gave an answer.
AnswerSource: TypeAlias = Literal["agent", "human"]


class AnsweringSessionCancelled(TypedDict):
    """The session was ended by somebody; its answers stand."""
    reason: str | None
    """Why."""


# Every question is answered or left open.
AnsweringSessionCompleted: TypeAlias = "dict[str, Any]"


class AnsweringSessionFailed(TypedDict):
    """The session ended by a failure; its answers stand."""
    error: str
    """In words."""


AnsweringSessionId: TypeAlias = "str"


class AnsweringSessionRequested(TypedDict):
    """A session was asked for; its questions are numbered from 1, in order."""
    context: list[ContextId | int] | None
    """The context in force, with version."""
    issue: IssueId | None
    """The issue whose implementation waits for the answers."""
    issue_session: IssueSessionId | None
    """The issue session that raised the questions."""
    project: ProjectId
    """The project it belongs to."""
    questions: list[OpenQuestion]
    """What is to be answered."""


class AnsweringSessionRow(TypedDict):
    """An answering session."""
    answered: list[int]
    """The numbers of those that are answered."""
    created_at: Timestamp
    """When it was asked for."""
    error: str | None
    """Why it failed or was cancelled."""
    issue: IssueId | None
    """The issue whose implementation waits."""
    issue_session: IssueSessionId | None
    """The issue session that raised the questions."""
    left_open: list[int]
    """The numbers of those that were left open."""
    passed_on_to: list[RunId]
    """The runs that have the answers."""
    persona: PersonaId | None
    """The persona that answers."""
    project: ProjectId
    """The project it belongs to."""
    questions: int
    """How many questions there are."""
    status: SessionStatus
    """How it stands."""
    updated_at: Timestamp
    """When it last changed."""


class AnsweringSessionStarted(TypedDict):
    """An answerer began; a person needs no start."""
    persona: PersonaId | None
    """The persona that answers."""
    run: RunId | None
    """The run that it is part of."""
    sandbox: SandboxId | None
    """Where it works."""


class AnswersPassedOn(TypedDict):
    """The answers were handed to a run that implements."""
    run: RunId
    """The run."""


ApiKeyId: TypeAlias = "str"


class ApiKeyIssued(TypedDict):
    """An API key works from now on. The secret itself is nowhere in the log."""
    expires_at: Timestamp | None
    """When it stops working."""
    key: ApiKeyId
    """The key."""
    name: str
    """What people call it."""
    scopes: list[str]
    """What it may do."""
    secret_sha256: str
    """SHA-256 of the secret, hex."""


class ApiKeyRevoked(TypedDict):
    """An API key works no longer."""
    key: ApiKeyId
    """The key."""


class ApiKeyRow(TypedDict):
    """An API key, without anything of its secret."""
    expires_at: Timestamp | None
    """When it stops working."""
    issued_at: Timestamp
    """When it was made to work."""
    key: ApiKeyId
    """The key."""
    name: str
    """What people call it."""
    revoked_at: Timestamp | None
    """When it was revoked."""
    scopes: list[str]
    """What it may do."""


# The asset is no longer offered; its versions stay readable.
AssetArchived: TypeAlias = "dict[str, Any]"


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


class AssetCreated(TypedDict):
    """An asset was made. Its first version follows in the same commit; none is in force yet."""
    description: str
    """What it is good for."""
    kind: AssetKind
    """What it is."""
    name: str
    """Its name; the alias, where it is a command."""
    project: ProjectId
    """The project it belongs to."""


AssetId: TypeAlias = "str"


# What an asset is.
AssetKind: TypeAlias = Literal["skill", "command", "script"]


class AssetRenamed(TypedDict):
    """It has another name or description."""
    description: str
    """What it is good for."""
    name: str
    """Its name; the alias, where it is a command."""


class AssetRow(TypedDict):
    """An asset."""
    active_version: int | None
    """The one in force for new sessions."""
    archived: bool
    """Whether it is out of use."""
    created_at: Timestamp
    """When it was made."""
    description_preview: str
    """The first 200 characters of what it is good for."""
    kind: AssetKind
    """What it is."""
    name: str
    """Its name."""
    project: ProjectId
    """The project it belongs to."""
    published_versions: list[int]
    """The published ones."""
    shared: bool
    """Whether every project may use it."""
    updated_at: Timestamp
    """When it last changed."""
    versions: int
    """How many versions there are."""


# The asset may be used in every project.
AssetShared: TypeAlias = "dict[str, Any]"


class AssetVersionActivated(TypedDict):
    """An older published version, or again a newer one, is in force for sessions that begin from
    now on.
    """
    version: int
    """The version in force."""


class AssetVersionAdded(TypedDict):
    """A version was written. It never changes, and is in force for nobody until it is published."""
    content: AssetContent
    """What it holds."""
    note: str | None
    """Why it was written."""
    version: int
    """The version, one more than the last."""


class AssetVersionPublished(TypedDict):
    """A version was published and is in force for sessions that begin from now on. Running ones
    keep theirs.
    """
    version: int
    """The version in force."""


class AssetVersionRow(TypedDict):
    """A version of an asset; its key is `item/` and the version."""
    active: bool
    """Whether it is in force for new sessions."""
    content: AssetContent
    """What it holds, files included."""
    created_at: Timestamp
    """When it was written."""
    note: str | None
    """Why it was written."""
    published: bool
    """Whether it is published."""
    published_at: Timestamp | None
    """When it was last published."""
    version: int
    """The version, from 1."""
    withdrawn: str | None
    """Why its publication was taken back, as long as it is."""


class AssetVersionWithdrawn(TypedDict):
    """A published version is no longer offered. It can be published again."""
    reason: str
    """Why."""
    version: int
    """The version."""


class AuditRow(TypedDict):
    """Something that somebody did."""
    actor: Actor
    """Who."""
    aggregate: str
    """To what kind of thing."""
    at: Timestamp
    """When."""
    commit: CommitId
    """The commit."""
    event: str
    """What, as the event's name."""
    project: ProjectId | None
    """In which project."""
    stream: StreamId
    """To what."""
    version: StreamVersion
    """The event's place in that stream."""


# Who shows it. Variants are stored by number: append, never reorder.
Bearer: TypeAlias = "BearerAsPerson | BearerAsAgent"


class BearerAgent(TypedDict):
    project: ProjectId
    """The project that the run is of."""
    run: RunId
    """The run."""
    step: StepId | None
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


class Blueprint(TypedDict):
    """What a run of a workflow does. Loops hold neighbouring steps and end with one that issues
    verdicts.
    """
    loops: list[PlannedLoop]
    """Its loops."""
    steps: list[PlannedStep]
    """Its steps, in order."""


# A task, under `item/` and its number, or a message, under `point/` and its number.
BoardRow: TypeAlias = "BoardRowAsTask | BoardRowAsMessage"


class BoardRowAsMessage(TypedDict):
    """A message."""
    message: MailRow


class BoardRowAsTask(TypedDict):
    """A task."""
    task: TaskRow


class BrainCreated(TypedDict):
    """A project got a brain."""
    project: ProjectId
    """The project it belongs to."""


class BrainPruned(TypedDict):
    """The brain was pruned; each entry that left its file says so itself."""
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


class BrainTextWritten(TypedDict):
    """A document, or the free section of a file of entries, was written anew."""
    content: str
    """The whole text; empty where it was taken away."""
    path: str
    """The file, relative to `.brain/`."""


class BranchCreated(TypedDict):
    """The run's branch was made."""
    base_branch: str
    """The branch it left from."""
    branch: str
    """The new branch."""


class BranchesMerged(TypedDict):
    """Branches were merged."""
    branches: list[str]
    """The branches that went in."""
    commit: str
    """The commit at its head, 40 or 64 hex digits."""
    into: str
    """The branch that holds them all."""
    step: StepId
    """The merging step."""


# The pool takes no more requests.
BudgetPoolClosed: TypeAlias = "dict[str, Any]"


BudgetPoolId: TypeAlias = "str"


class BudgetPoolOpened(TypedDict):
    """A pool was opened."""
    automated_share: Share
    """What automated work may use of it, 0 to 1."""
    capacity: int
    """What it allows."""
    length_ms: int
    """Length of the window; 0 where the shape has none."""
    name: str
    """A short name for lists."""
    plan: str | None
    """The plan it stands for."""
    project: ProjectId | None
    """The project it belongs to; none where all projects share it."""
    shape: WindowShape
    """When use stops to count."""
    unit: PoolUnit
    """What it counts."""


class BudgetPoolResized(TypedDict):
    """The plan changed."""
    automated_share: Share
    """What automated work may use of it, 0 to 1."""
    capacity: int
    """What it allows."""
    plan: str | None
    """The plan it stands for."""


class BudgetQueued(TypedDict):
    """A request did not fit, and waits."""
    amount: int
    """How much."""
    at: Timestamp
    """When."""
    firing: FiringId | None
    """The firing it is for."""
    level: PoolLevel
    """What it was decided on."""
    purpose: Purpose
    """What for."""
    reason: Shortage
    """Why it waits."""
    request: BudgetRequestId
    """The request."""
    until: Timestamp | None
    """When it will fit, as far as known."""


BudgetRequestId: TypeAlias = "str"


class BudgetRequestWithdrawn(TypedDict):
    """A waiting request was given up."""
    reason: str | None
    """Why."""
    request: BudgetRequestId
    """The request."""


class BudgetReservationReleased(TypedDict):
    """A promise was taken back unused."""
    request: BudgetRequestId
    """The request."""


class BudgetReserved(TypedDict):
    """A request fitted, and its budget is promised."""
    amount: int
    """How much."""
    at: Timestamp
    """When."""
    expires_at: Timestamp
    """When the promise ends by itself."""
    firing: FiringId | None
    """The firing it is for."""
    level: PoolLevel
    """What it was decided on."""
    purpose: Purpose
    """What for."""
    request: BudgetRequestId
    """The request."""


class BudgetRow(TypedDict):
    """A budget pool, as of the last thing that happened to it."""
    all_fit_at: Timestamp | None
    """When the last of the first twenty fits; absent where nothing waits, or one never fits."""
    as_of: Timestamp
    """The instant that these figures stand for."""
    automated_share: Share
    """What automated work may use, 0 to 1."""
    closed: bool
    """Whether it is closed."""
    length_ms: int
    """Length of the window; 0 where it has none."""
    level: PoolLevel
    """What is used and promised."""
    name: str
    """A short name."""
    plan: str | None
    """The plan it stands for."""
    project: ProjectId | None
    """The project it belongs to; none where all share it."""
    queue: list[QueueLine]
    """What waits, in order."""
    queued: int
    """How much waits."""
    shape: WindowShape
    """When use stops to count."""
    unit: PoolUnit
    """What it counts."""


class BudgetUsed(TypedDict):
    """Budget was used."""
    amount: int
    """How much."""
    at: Timestamp
    """When."""
    purpose: Purpose
    """What for."""
    request: BudgetRequestId | None
    """The reservation that it settles."""
    run: RunId | None
    """The run that used it."""
    session: SessionId | None
    """The session that used it."""


class CandidateNote(TypedDict):
    """A judge's note on one candidate."""
    candidate: str
    """The candidate, as listed."""
    note: str
    """What the judge says of it."""


class ChainItemRow(TypedDict):
    """An issue of the chain; its key is `item/` and its place, from 1."""
    attempts: int
    """How many runs there were."""
    current: bool
    """Whether it is the chain's current one."""
    issue: IssueId
    """The issue."""
    outcome: RunOutcome | None
    """How the latest run ended; absent while it works."""
    run: RunId | None
    """The latest run."""
    skipped: str | None
    """Why it was passed over."""
    updated_at: Timestamp
    """When it last changed."""


# What a chain is of.
ChainKind: TypeAlias = Literal["work", "sprint"]


class ChainRow(TypedDict):
    """A chain."""
    advance: Advance
    """How it goes on from one link to the next."""
    branch: str | None
    """The branch of a work chain; of a sprint chain, that of the current sprint."""
    created_at: Timestamp
    """When it was made."""
    current: int
    """The current one, from 1; 0 before the start."""
    kind: ChainKind
    """What it is of."""
    links: int
    """How many links it has."""
    on_failure: FailurePolicy
    """What a failed run leads to."""
    paused: str | None
    """Why no further run begins, as long as none does."""
    project: ProjectId
    """The project it belongs to."""
    reason: str | None
    """Why it was stopped or cancelled."""
    run: RunId | None
    """The run at work."""
    runs: int
    """How many runs there were."""
    skipped: int
    """How many were passed over."""
    status: ChainStatus
    """How it stands."""
    title: str
    """Its short name."""
    updated_at: Timestamp
    """When it last changed."""


# How a chain stands.
ChainStatus: TypeAlias = Literal[
    "planned",
    "waiting",
    "running",
    "awaiting",
    "completed",
    "stopped",
    "cancelled",
]


# Way of a notification to people.
Channel: TypeAlias = Literal["webhook", "desktop", "dashboard"]


class Ci(TypedDict):
    """How continuous integration stands."""
    checked_at: Timestamp
    """When it was asked."""
    checks: list[CiCheck]
    """Each check."""
    status: CiStatus
    """As a whole."""


class CiCheck(TypedDict):
    """One check of continuous integration."""
    details_url: str | None
    """Where its details are."""
    name: str
    """The check's name."""
    status: CiStatus
    """How it stands."""


class CiChecksPolled(TypedDict):
    """Continuous integration was asked."""
    checked_at: Timestamp | None
    """When it was asked."""
    checks: list[CiCheck]
    """Each check."""
    status: CiStatus
    """How it stands as a whole."""


# How continuous integration stands.
CiStatus: TypeAlias = Literal["pending", "running", "passing", "failing", "skipped"]


class ClaimReleased(TypedDict):
    """The aggregate does not hold the value, or no longer."""
    holder: StreamId
    """The aggregate that had taken it."""


class ClaimTaken(TypedDict):
    """An aggregate is to hold the value. It does once its own command is in the log."""
    holder: StreamId
    """The aggregate that holds it."""
    key: str
    """The value."""
    scope: str
    """What kind of value it is."""


class ClaudeMdSet(TypedDict):
    """Every sandbox's CLAUDE.md says this."""
    content: str
    """The text; empty for none."""


class CommandCondition(TypedDict):
    """Fires on a command."""
    name: str
    """The command's name."""


CommitId: TypeAlias = "str"


# How a field stands to a value.
Comparison: TypeAlias = Literal["is", "is_not", "at_least", "at_most"]


# How many agents a task takes.
Complexity: TypeAlias = Literal["solo", "plan_build", "full_team"]


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


class Configuration(TypedDict):
    """The exact versions a run was started with."""
    assets: list[list[AssetId | int]]
    """Skills, commands and scripts in force, with version."""
    contexts: list[list[ContextId | int]]
    """Contexts in force, with version."""
    learning_version: int | None
    """Learning version in force, where it is one for all roles."""
    learning_versions: list[list[Role | int]]
    """Learning versions in force, by role."""
    persona_versions: list[int]
    """Their versions, in the order of `personas`; empty where a run was requested before they were
    recorded.
    """
    personas: list[PersonaId]
    """Personas taking part."""
    workflow_version: int | None
    """Version of the workflow's definition."""


class ContentRead(TypedDict):
    """An auditor read what a project's people and agents wrote. The commit's actor says who."""
    about: StreamId | None
    """Of which aggregate, where it is one."""
    address: str | None
    """The network address that it went to, as far as it is known."""
    project: ProjectId
    """The project it is of."""
    what: str
    """The view, or `events`."""


# Whether prompts and messages are sealed, and under whose key. Variants are stored by number.
ContentSealing: TypeAlias = Literal["off", "project", "person"]


class ContentSealingSet(TypedDict):
    """Prompts and messages are sealed in this way from now on."""
    sealing: ContentSealing
    """Under whose key."""


class ContextActivated(TypedDict):
    """An older version, or again a newer one, is in force."""
    version: int
    """The version in force."""


# The context is no longer offered; its versions stay readable.
ContextArchived: TypeAlias = "dict[str, Any]"


class ContextCreated(TypedDict):
    """A context was made; this is its version 1, and it is active."""
    claude_md: str
    """What the session's CLAUDE.md says."""
    name: str
    """A short name for lists."""
    project: ProjectId
    """The project it belongs to."""
    session: SessionType
    """The kind of session it is for."""
    system_prompt: str
    """What the session's system prompt says."""


ContextId: TypeAlias = "str"


class ContextRow(TypedDict):
    """A context."""
    active_version: int
    """The one in force for new sessions."""
    archived: bool
    """Whether it is out of use."""
    created_at: Timestamp
    """When it was made."""
    name: str
    """Its short name."""
    project: ProjectId
    """The project it belongs to."""
    session: SessionType
    """The kind of session it is for."""
    updated_at: Timestamp
    """When it last changed."""
    versions: int
    """How many versions there are."""


class ContextVersionRow(TypedDict):
    """A version of a context; its key is `item/` and the version."""
    activated_at: Timestamp
    """When it was last put in force."""
    activations: int
    """How often it was put in force, its making included."""
    active: bool
    """Whether it is in force."""
    claude_md: str
    """What the session's CLAUDE.md says."""
    created_at: Timestamp
    """When it was written."""
    note: str | None
    """Why it changed."""
    system_prompt: str
    """What the session's system prompt says."""
    version: int
    """The version, from 1."""


class ContextVersioned(TypedDict):
    """A new version was written, and is active."""
    claude_md: str
    """What the session's CLAUDE.md says."""
    note: str | None
    """Why it changed."""
    system_prompt: str
    """What the session's system prompt says."""
    version: int
    """The version, one more than the last."""


class CronCondition(TypedDict):
    """Fires by the clock."""
    expression: str
    """Minute, hour, day of month, month, day of week."""
    timezone: str
    """IANA time zone, such as `Europe/Berlin`."""


class DashboardRow(TypedDict):
    """A project's dashboard. Messages, tools and usage are those of its runs."""
    assistant_messages: int
    """Messages by agents."""
    cache_read_tokens: int
    """Tokens read from the cache."""
    cache_write_tokens: int
    """Tokens written to the cache."""
    calls: int
    """Model calls."""
    calls_without_cost: int
    """Model calls whose cost is unknown; the total stands for the others."""
    ci_failing: int
    """Runs whose continuous integration fails, as last polled."""
    ci_passing: int
    """Runs whose continuous integration passes, as last polled."""
    input_tokens: int
    """Tokens in, without the cached ones."""
    last_activity_at: Timestamp
    """When anything last happened."""
    output_tokens: int
    """Tokens out."""
    pending_learnings: int
    """Learnings that wait for a review."""
    quality_score: Score | None
    """Mean quality score of the runs that have one."""
    recent_runs: list[RecentRun]
    """The 20 runs that started last, latest first."""
    runs_cancelled: int
    """Runs that were ended by somebody."""
    runs_completed: int
    """Runs that ended as intended."""
    runs_failed: int
    """Runs that ended by a failure."""
    runs_pending: int
    """Runs asked for, not started."""
    runs_running: int
    """Runs started, not ended."""
    scored_runs: int
    """Runs that have a quality score."""
    tool_calls: int
    """Tools that were called."""
    tool_results: int
    """Tools that answered."""
    total_cost_usd: Usd
    """What the model calls cost, as far as known."""
    user_messages: int
    """Messages to agents."""
    verdicts_failed: int
    """Verdicts that sent it back."""
    verdicts_passed: int
    """Verdicts that passed the work."""


class DataExported(TypedDict):
    """Data left the house. The commit's actor says by whom."""
    about: StreamId | None
    """Of which aggregate, where it is one."""
    address: str | None
    """The network address that it went to, as far as it is known."""
    project: ProjectId
    """The project it is of."""
    what: str
    """What kind of export."""


DataKeyId: TypeAlias = "str"


Date: TypeAlias = "str"


class DecisionArchived(TypedDict):
    """It left its file; the log keeps it."""
    reason: str | None
    """Why."""


class DecisionEdited(TypedDict):
    """Its words changed."""
    alternatives: str
    """What was not chosen, and why."""
    decision: str
    """What was decided."""
    rationale: str
    """Why."""
    title: str
    """A short name for lists."""


DecisionId: TypeAlias = "str"


class DecisionLogged(TypedDict):
    """A decision was made."""
    alternatives: str
    """What was not chosen, and why."""
    decision: str
    """What was decided."""
    project: ProjectId
    """The project it belongs to."""
    rationale: str
    """Why."""
    run: RunId | None
    """The run it came from."""
    session: SessionId | None
    """The session it came from."""
    title: str
    """A short name for lists."""


# It is back in its file.
DecisionRestored: TypeAlias = "dict[str, Any]"


class DecisionSuperseded(TypedDict):
    """Another decision stands in its place."""
    by: DecisionId
    """That decision."""


class DeliveryRow(TypedDict):
    """A delivery."""
    body_bytes: int
    """Length of the whole body in bytes."""
    body_cut: bool
    """Whether the log keeps less than the whole body."""
    body_preview: str
    """The first 200 characters of the body."""
    body_sha256: str
    """SHA-256 of the whole body, hex."""
    delivery: str
    """The sender's id of it."""
    ended_at: Timestamp | None
    """When triggers were asked, or it was dropped."""
    firings: list[FiringId]
    """Firings that it led to."""
    kind: str
    """The sender's word for what happened."""
    project: ProjectId
    """The project it is for."""
    reason: str | None
    """Why it was dropped."""
    received_at: Timestamp
    """When it came."""
    source: str
    """Who sent it."""
    status: DeliveryStatus
    """How it stands."""
    verified: bool
    """Whether its signature fits."""


# How a delivery stands.
DeliveryStatus: TypeAlias = Literal["waiting", "evaluated", "dropped"]


# Why somebody was turned away.
DenialReason: TypeAlias = Literal["unknown", "password", "limited", "forbidden", "hidden"]


class Discrepancy(TypedDict):
    """A figure in which two witnesses differ."""
    figure: str
    """Which figure."""
    signal: TelemetrySignal
    """Which telemetry."""
    stream: str
    """What the stream says."""
    telemetry: str
    """What telemetry says."""


# How hard a model is asked to think.
Effort: TypeAlias = Literal["off", "minimal", "low", "medium", "high", "xhigh", "max"]


class EmailChanged(TypedDict):
    """They have another address."""
    email: str
    """The address."""


class EnvRow(TypedDict):
    """An environment variable."""
    name: str
    """Its name."""
    secret: bool
    """Whether its value is secret."""
    value: str | None
    """Its value; never that of a secret."""


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


class EnvVarRemoved(TypedDict):
    """An environment variable is gone."""
    name: str
    """Its name."""


class EnvVarSet(TypedDict):
    """An environment variable has a value."""
    name: str
    """Its name."""
    value: EnvValue
    """Its value; encrypted where secret."""


class ErasureCompleted(TypedDict):
    """The keys are destroyed: the receipt. The commit's actor says who asked, its time when."""
    keys: list[DataKeyId]
    """The keys."""
    subject: Subject
    """Whose."""


class ErasureRequested(TypedDict):
    """Keys are to be destroyed; whatever happens, they will be."""
    keys: list[DataKeyId]
    """The keys."""
    reason: str
    """Why."""
    subject: Subject
    """Whose."""


# How an execution stands.
ExecutionStatus: TypeAlias = Literal["running", "exited", "failed"]


class ExperimentAbandoned(TypedDict):
    """The experiment ended without a winner."""
    reason: str
    """Why."""


class ExperimentOpened(TypedDict):
    """An experiment was opened."""
    project: ProjectId
    """The project it belongs to."""
    prompt: str
    """The prompt that all its runs have."""
    title: str
    """A short name for lists."""
    variants: list[Variant]
    """What it tries."""


class ExperimentRow(TypedDict):
    """An experiment."""
    judged_by: RunId | None
    """The run whose judge said so."""
    opened_at: Timestamp
    """When it was opened."""
    project: ProjectId
    """The project it belongs to."""
    prompt_preview: str
    """The first 200 characters of the prompt that all its runs have."""
    reason: str | None
    """Why it won, or why there is no winner."""
    runs: list[list[str | RunId]]
    """Its runs, each with its variant."""
    status: ExperimentStatus
    """How it stands."""
    title: str
    """A short name."""
    updated_at: Timestamp
    """When it last changed."""
    variants: list[Variant]
    """What it tries."""
    winner: str | None
    """The variant that won."""


class ExperimentRunAdded(TypedDict):
    """A run tries a configuration."""
    run: RunId
    """The run."""
    variant: str
    """The variant's name."""


class ExperimentSettled(TypedDict):
    """A configuration won."""
    judged_by: RunId | None
    """The run whose judge said so."""
    rationale: str
    """Why."""
    winner: str
    """The variant's name."""


# How an experiment stands.
ExperimentStatus: TypeAlias = Literal["open", "settled", "abandoned"]


class Failure(TypedDict):
    """Why a step failed."""
    error: str
    """In words."""
    kind: StepFailure
    """What kind of failure."""


# What a chain does when a run fails.
FailurePolicy: TypeAlias = Literal["pause", "continue", "retry", "stop"]


class FileChangeCondition(TypedDict):
    """Fires when files change and then rest."""
    debounce_ms: int
    """How long files must rest, 100 to 3,600,000 ms."""
    paths: list[str]
    """Glob patterns, relative to the project's folder."""


class FileRow(TypedDict):
    """A file of a project's brain, relative to `.brain/`."""
    always_read: bool
    """Whether every session reads it."""
    archived: int
    """Entries that were archived out of it; the log keeps them."""
    bytes: int
    """Its length."""
    content: str
    """Its text."""
    entries: int
    """Entries in it."""
    path: str
    """Its path."""
    project: ProjectId
    """The project it belongs to."""
    tokens: int
    """About how many tokens it takes."""
    updated_at: Timestamp
    """When it last changed."""


class FilesSyncedBack(TypedDict):
    """What changed in it was taken back as a branch."""
    branch: str
    """The branch."""
    commit: str
    """The commit at its head, 40 or 64 hex digits; the one it began with where nothing changed."""
    files: int
    """How many files changed."""


class FilesSyncedIn(TypedDict):
    """The project's files were copied into it."""
    base_commit: str
    """The commit they are of, 40 or 64 hex digits."""
    bytes: int
    """How large they were together."""
    files: int
    """How many files that were."""


class Finding(TypedDict):
    """A finding; its key is `item/` and its number."""
    at: Timestamp
    """When it was found."""
    dismissed: str | None
    """Why it is none."""
    finding: int
    """Its number."""
    issue: IssueId | None
    """The issue that it has become."""
    text: IssueText
    """What is to be done."""


class FindingConverted(TypedDict):
    """A finding became an issue."""
    finding: int
    """Its number."""
    issue: IssueId
    """The issue."""


class FindingDismissed(TypedDict):
    """A finding is none."""
    finding: int
    """Its number."""
    reason: str
    """Why."""


class FiringDeduplicated(TypedDict):
    """The condition held on what had fired already."""
    occasion: Occasion
    """When and on what."""
    of: FiringId
    """The firing that it repeats."""


FiringId: TypeAlias = "str"


class FiringQueued(TypedDict):
    """The condition held, and the budget was low: the work waits."""
    occasion: Occasion
    """When and on what."""
    pool: BudgetPoolId
    """The pool whose budget is low."""
    request: BudgetRequestId
    """The request that waits there."""
    trigger_version: int | None
    """The trigger's version in force, where it was at hand."""
    until: Timestamp | None
    """When it may fit, as far as known."""


class FiringRow(TypedDict):
    """A firing."""
    at: Timestamp
    """When the condition held."""
    detail: str | None
    """What came, in a few words."""
    occasion: str | None
    """What tells it from others."""
    of: FiringId | None
    """The firing it repeats."""
    outcome: str
    """fired, queued, skipped, deduplicated or dropped."""
    pool: BudgetPoolId | None
    """The pool whose budget was low."""
    project: ProjectId
    """The project it belongs to."""
    reason: str | None
    """Why it started nothing."""
    routing: RoutingId | None
    """The routing that chose the roles."""
    run: RunId | None
    """The run it started."""
    session: SessionId | None
    """The session it started."""
    settled_at: Timestamp
    """When its outcome was recorded."""
    trigger: TriggerId
    """The trigger."""
    trigger_version: int | None
    """The trigger's version, where it was at hand."""
    until: Timestamp | None
    """When it may fit, as far as known."""
    was_queued: bool
    """Whether it waited for budget first."""


class FiringSkipped(TypedDict):
    """The condition held, and nothing was started."""
    note: str | None
    """In words."""
    occasion: Occasion
    """When and on what."""
    reason: SkipReason
    """Why."""


class FolderRow(TypedDict):
    """Where the working tree lies on a machine."""
    at: Timestamp
    """Since when."""
    folder: str
    """The folder."""
    machine: str
    """The machine, by the name it goes by."""


class FolderSet(TypedDict):
    """Its working tree lies here on a machine, or no longer does."""
    folder: str | None
    """The folder, absolute; none where it is there no longer."""
    machine: str
    """The machine, by the name it goes by."""


class Fork(TypedDict):
    """A run that was made from this one."""
    after_step: StepId | None
    """The step after which they part."""
    at: Timestamp
    """When."""
    into: RunId
    """The new run."""


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


class GeneralRow(TypedDict):
    """What stands alone."""
    claude_md: str
    """What every sandbox's CLAUDE.md says."""
    content_sealing: ContentSealing
    """Whether prompts and messages are sealed, and under whose key."""
    deleted: bool
    """Whether it was deleted."""
    git_author_email: str | None
    """E-mail address of that author."""
    git_author_name: str | None
    """Name of the author of agents' commits."""
    learning: ModelSettings
    """How learnings are extracted."""
    logo_url: str | None
    """Where its logo is."""
    merging: ModelSettings
    """How branches are merged."""
    name: str
    """Its name on screen."""
    policy_version: int
    """Version of the quality policy in force; 0 for equal weights and no threshold."""
    repository_url: str | None
    """Where its code is."""
    sandbox_prompt: str
    """What every session's system prompt ends with."""
    slug: str
    """Its name in URLs."""


class GitAuthorSet(TypedDict):
    """Commits of agents carry this author."""
    email: str
    """E-mail address of the author."""
    name: str
    """Name of the author."""


HeartbeatId: TypeAlias = "str"


# A span of a heartbeat.
HeartbeatRow = TypedDict(
    "HeartbeatRow",
    {
        # Whether loop and log agree on what was started.
        "agrees": "bool",
        # Firings of any outcome, as the loop says.
        "came_up": "int",
        # Triggers looked at.
        "checked": "int",
        # Firings that started work, as the loop says.
        "fired": "int",
        # Firings that started work, as the log has them: recorded since the span before.
        "fired_in_log": "int",
        # From this instant.
        "from": "Timestamp",
        # The heartbeat.
        "heartbeat": "HeartbeatId",
        # Whether nothing was started, by the loop and by the log.
        "idle": "bool",
        # The project it watches.
        "project": "ProjectId | None",
        # Sessions of automated work, as the log has them: built since the span before.
        "sessions_in_log": "int",
        # Whether the loop ended with it.
        "stopped": "bool",
        # Rounds of the loop.
        "ticks": "int",
        # Up to this instant.
        "to": "Timestamp",
    },
)


class HeartbeatStarted(TypedDict):
    """The loop began."""
    at: Timestamp
    """When it began."""
    interval_ms: int
    """Time between rounds."""
    project: ProjectId
    """The project it watches."""


# The loop ended.
HeartbeatStopped = TypedDict(
    "HeartbeatStopped",
    {
        # What it did since the last summary.
        "beats": "Beats",
        # From this instant, where the summary before ended.
        "from": "Timestamp",
        # When it ended.
        "to": "Timestamp",
    },
)


# What the loop did since the summary before, or since it began.
HeartbeatSummarised = TypedDict(
    "HeartbeatSummarised",
    {
        # What it did.
        "beats": "Beats",
        # From this instant, where the summary before ended.
        "from": "Timestamp",
        # Up to this instant.
        "to": "Timestamp",
    },
)


class IdentityRow(TypedDict):
    """The identity, or a rule."""
    note: str | None
    """Why it changed."""
    rule: str | None
    """The rule's name; none for the identity."""
    text: str
    """The text."""
    updated_at: Timestamp
    """Since when it is in force."""
    version: int
    """The version."""


class IdentityWritten(TypedDict):
    """The text that every session's system prompt begins with was written anew."""
    note: str | None
    """Why it changed."""
    text: str
    """The text."""
    version: int
    """The version, one more than the last; the first is 1."""


class InstructionsPinned(TypedDict):
    """The version of the default instructions that its agents get; in the commit that asked for it.
    """
    version: int
    """The version, from 1."""


class InvitationAccepted(TypedDict):
    """An invitation was taken up; the user is a member now."""
    invitation: InvitationId
    """The invitation."""
    user: UserId
    """The new member."""


InvitationId: TypeAlias = "str"


class InvitationRevoked(TypedDict):
    """An invitation can no longer be taken up."""
    invitation: InvitationId
    """The invitation."""


class IssueAnswersAttached(TypedDict):
    """Answers to its open questions are at hand, for the runs to come."""
    answering_session: AnsweringSessionId
    """The session that gave them."""


class IssueChained(TypedDict):
    """A work chain will see to it."""
    chain: WorkChainId
    """The chain."""


class IssueDismissed(TypedDict):
    """It will not be done."""
    reason: str
    """Why."""


class IssueEdited(TypedDict):
    """It was reworded."""
    text: IssueText
    """What is to be done."""


class IssueFound(TypedDict):
    """It found an issue."""
    finding: int
    """The finding's number, from 1."""
    text: IssueText
    """What is to be done."""


class IssueHead(TypedDict):
    """The issue itself."""
    answering_sessions: list[AnsweringSessionId]
    """The sessions whose answers it has, in order."""
    origin: IssueOrigin
    """Where it came from."""
    project: ProjectId
    """The project it belongs to."""
    resolved_by: RunId | None
    """The run that resolved it."""
    runs: int
    """How many runs there are."""
    text: IssueText
    """What is to be done."""


IssueId: TypeAlias = "str"


class IssueOpened(TypedDict):
    """An issue was opened."""
    origin: IssueOrigin
    """Where it came from."""
    project: ProjectId
    """The project it belongs to."""
    text: IssueText
    """What is to be done."""


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


# A part of an issue.
IssuePart: TypeAlias = "IssuePartAsIssue | IssuePartAsRun"


class IssuePartAsIssue(TypedDict):
    """The issue itself."""
    issue: IssueHead


class IssuePartAsRun(TypedDict):
    """A run that tried."""
    run: IssueTry


class IssueReopened(TypedDict):
    """It is open again, and in no chain."""
    reason: str
    """Why."""


class IssueResolved(TypedDict):
    """It is done."""
    note: str | None
    """In words."""
    run: RunId | None
    """The run that did it."""


class IssueRow(TypedDict):
    """An issue."""
    answering_session: AnsweringSessionId | None
    """Where the latest answers to its questions are."""
    created_at: Timestamp
    """When it was opened."""
    description_preview: str
    """The first 200 characters of what is wrong or wanted."""
    note: str | None
    """What was said when it was resolved, dismissed or reopened."""
    origin: IssueOrigin
    """Where it came from."""
    priority: Priority
    """How urgent it is."""
    project: ProjectId
    """The project it belongs to."""
    run: RunId | None
    """The latest run."""
    runs: int
    """How many runs have worked on it."""
    status: IssueStatus
    """How it stands."""
    title: str
    """Its short name."""
    updated_at: Timestamp
    """When it last changed."""
    work_chain: WorkChainId | None
    """The work chain that sees to it."""


class IssueRunEnded(TypedDict):
    """That run ended. A completed one leaves the issue in review, for nobody has said that it is
    resolved.
    """
    outcome: RunOutcome
    """How."""
    run: RunId
    """The run."""


class IssueRunStarted(TypedDict):
    """A run began to work on it."""
    run: RunId
    """The run; it is requested under this id."""


class IssueSessionCancelled(TypedDict):
    """The session was ended by somebody; its findings stand."""
    reason: str | None
    """Why."""


class IssueSessionCompleted(TypedDict):
    """The session ended as intended."""
    summary: str | None
    """What came out of it."""


class IssueSessionFailed(TypedDict):
    """The session ended by a failure; its findings stand."""
    error: str
    """In words."""


class IssueSessionHead(TypedDict):
    """The session itself."""
    branch: str | None
    """The branch it looks at."""
    context: list[ContextId | int] | None
    """The context in force, with version."""
    prompt: str
    """What it looks for."""


IssueSessionId: TypeAlias = "str"


class IssueSessionRequested(TypedDict):
    """A session was asked for."""
    branch: str | None
    """The branch to look at; the default one where absent."""
    context: list[ContextId | int] | None
    """The context in force, with version."""
    project: ProjectId
    """The project it belongs to."""
    prompt: str
    """What to look for."""
    title: str
    """A short name."""


class IssueSessionRow(TypedDict):
    """An issue session."""
    created_at: Timestamp
    """When it was asked for."""
    findings: int
    """How many issues it found."""
    findings_converted: int
    """How many of them have become issues."""
    findings_dismissed: int
    """How many of them are dismissed."""
    outcome: str | None
    """What came out of it, or why it ended."""
    points: int
    """How many questions and assumptions it raised."""
    project: ProjectId
    """The project it belongs to."""
    run: RunId | None
    """The run that it is part of."""
    sandbox: SandboxId | None
    """Where it works."""
    status: SessionStatus
    """How it stands."""
    title: str
    """Its short name."""
    updated_at: Timestamp
    """When it last changed."""


class IssueSessionStarted(TypedDict):
    """An agent began to look."""
    run: RunId | None
    """The run that it is part of."""
    sandbox: SandboxId | None
    """Where it works."""


# How an issue stands.
IssueStatus: TypeAlias = Literal[
    "open",
    "in_chain",
    "running",
    "in_review",
    "resolved",
    "dismissed",
]


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


class IssueTry(TypedDict):
    """A run that tried; its key is `run/` and its number."""
    ended_at: Timestamp | None
    """When it ended."""
    outcome: RunOutcome | None
    """How it ended; absent while it works."""
    run: RunId
    """The run."""
    started_at: Timestamp
    """When it began."""


class IssueUnchained(TypedDict):
    """The chain will not see to it any more."""
    chain: WorkChainId
    """The chain."""
    reason: str
    """Why."""


class Judgement(TypedDict):
    """A judge's comparison."""
    candidates: list[str]
    """Runs or branches compared."""
    notes: list[CandidateNote]
    """Notes per candidate."""
    rationale: str
    """Why."""
    winner: str
    """One of the candidates."""


class JudgementIssued(TypedDict):
    """A judge compared candidates."""
    candidates: list[str]
    """Runs or branches compared."""
    notes: list[CandidateNote]
    """Notes per candidate."""
    rationale: str
    """Why."""
    step: StepId
    """The judge's step."""
    winner: str
    """One of the candidates."""


# Why a sandbox ended.
KillReason: TypeAlias = Literal["timeout", "user", "completion", "lost"]


# What a row stands for.
Kind: TypeAlias = Literal["message", "tool_call", "tool_result"]


# What happened.
Kind2: TypeAlias = Literal["login", "denied", "export", "read"]


class LearningApproved(TypedDict):
    """The learning applies from now on."""
    note: str | None
    """A word of the reviewer."""
    reviewer: UserId | None
    """Who reviewed it."""


# What a learning is about.
LearningCategory: TypeAlias = Literal["preference", "pattern", "gotcha", "tool", "architecture"]


class LearningDocumentOpened(TypedDict):
    """A document was opened; it has no version yet."""
    project: ProjectId
    """The project it belongs to."""
    role: Role
    """The role whose agents read it."""


class LearningDocumentRow(TypedDict):
    """A learning document."""
    active_version: int | None
    """The one in force for new sandboxes; absent before the first."""
    complete: bool
    """Whether there are none of those."""
    created_at: Timestamp
    """When it was opened."""
    latest_learnings: list[LearningId]
    """The learnings of the latest version, in its order."""
    left_out: list[LearningId]
    """Approved learnings that the latest version leaves out by name."""
    missing: list[LearningId]
    """Approved learnings for the role, global ones among them, that the latest version says nothing
    of.
    """
    project: ProjectId
    """The project it belongs to."""
    role: Role
    """The role whose agents read it."""
    updated_at: Timestamp
    """When it last changed."""
    versions: int
    """How many versions there are."""


class LearningEdited(TypedDict):
    """A learning under review was reworded."""
    category: LearningCategory
    """What it is about."""
    confidence: Share
    """How sure its author is, 0 to 1."""
    correct_behaviour: str
    """What to do then."""
    description: str
    """What was learned."""
    roles: list[Role]
    """The roles it applies to; every role where empty."""
    severity: Severity
    """How much it matters."""
    trigger: str
    """When it applies."""


LearningId: TypeAlias = "str"


class LearningPromoted(TypedDict):
    """The learning applies in every project."""
    seen_in: list[ProjectId]
    """The other projects where it was seen; unknown, and so empty, where it was promoted before
    they counted.
    """


class LearningProposed(TypedDict):
    """A learning was proposed; it waits for review."""
    category: LearningCategory
    """What it is about."""
    confidence: Share
    """How sure its author is, 0 to 1."""
    correct_behaviour: str
    """What to do then."""
    description: str
    """What was learned."""
    project: ProjectId
    """The project it belongs to."""
    roles: list[Role]
    """The roles it applies to; every role where empty."""
    run: RunId | None
    """The run it came from."""
    sandbox: SandboxId | None
    """The sandbox it came from."""
    severity: Severity
    """How much it matters."""
    source: LearningSource
    """Where it came from."""
    step: StepId | None
    """The step of that run."""
    trigger: str
    """When it applies."""


class LearningRejected(TypedDict):
    """The learning will not apply."""
    reason: str
    """Why."""
    reviewer: UserId | None
    """Who reviewed it."""


class LearningRetired(TypedDict):
    """The learning applied, and no longer does."""
    reason: str
    """Why."""


# A learning.
LearningRow = TypedDict(
    "LearningRow",
    {
        # What it is about.
        "category": "LearningCategory",
        # How sure its author is.
        "confidence": "Share",
        # What to do then.
        "correct_behaviour": "str",
        # When it was proposed.
        "created_at": "Timestamp",
        # What was learned.
        "description": "str",
        # Whether it applies in every project.
        "global": "bool",
        # What was said with its review or its end.
        "note": "str | None",
        # The project it belongs to.
        "project": "ProjectId",
        # When it was reviewed.
        "reviewed_at": "Timestamp | None",
        # Who reviewed it.
        "reviewer": "UserId | None",
        # The roles it applies to; every role where empty.
        "roles": "list[Role]",
        # The run it came from.
        "run": "RunId | None",
        # The sandbox it came from.
        "sandbox": "SandboxId | None",
        # The other projects where it was seen.
        "seen_in": "list[ProjectId]",
        # How much it matters.
        "severity": "Severity",
        # Where it came from.
        "source": "LearningSource",
        # How it stands.
        "status": "LearningStatus",
        # The step of that run.
        "step": "StepId | None",
        # When it applies.
        "trigger": "str",
        # When it last changed.
        "updated_at": "Timestamp",
    },
)


class LearningSettingsSet(TypedDict):
    """How learnings are extracted."""
    model: str | None
    """The model; the platform's default where absent."""
    template: str | None
    """The prompt's template; the platform's default where absent."""


# Where a learning came from.
LearningSource: TypeAlias = Literal["agent", "extracted", "human"]


# How a learning stands.
LearningStatus: TypeAlias = Literal["pending", "approved", "rejected", "retired"]


class LearningVersionActivated(TypedDict):
    """A version is in force for sandboxes made from now on."""
    version: int
    """The version in force."""


class LearningVersionCompiled(TypedDict):
    """A version was compiled. It never changes."""
    learnings: list[LearningId]
    """The learnings it includes, in its order."""
    markdown: str
    """What agents read."""
    note: str | None
    """Why it was compiled."""
    version: int
    """The version, one more than the last."""


class LearningVersionRow(TypedDict):
    """A learning version; its key is `item/` and the version."""
    activated_at: Timestamp | None
    """When it was last put in force."""
    active: bool
    """Whether it is in force."""
    created_at: Timestamp
    """When it was compiled."""
    learnings: list[LearningId]
    """The learnings it includes, in its order."""
    left_out: list[LeftOut]
    """Approved learnings that it does without, and why."""
    markdown: str
    """What agents read."""
    note: str | None
    """Why it was compiled."""
    version: int
    """The version, from 1."""


class LearningsLeftOut(TypedDict):
    """A version does without approved learnings, for reasons; in the commit that compiled it."""
    left_out: list[LeftOut]
    """What is left out."""
    version: int
    """The version."""


class LeftOut(TypedDict):
    """An approved learning that a version does without."""
    learning: LearningId
    """The learning."""
    reason: str
    """Why it is left out; one line."""


# A person logged in.
LoggedIn = TypedDict(
    "LoggedIn",
    {
        # The network address that they came from, as far as it is known.
        "address": "str | None",
        # What they are logged in with.
        "pass": "PassId",
        # Who.
        "user": "UserId",
    },
)


class LogoSet(TypedDict):
    """It has another logo, or none."""
    logo_url: str | None
    """Where its logo is."""


class LoopDefinition(TypedDict):
    """A loop of a workflow. In runs it goes by an id made of its place: 1, 2 and so on."""
    max_iterations: int
    """How often it is gone through at most."""
    name: str
    """Its name within the workflow."""


class LoopForcedOn(TypedDict):
    """A loop reached its bound and the run goes on regardless."""
    iterations: int
    """Iterations that were made."""
    loop_id: LoopId
    """The loop."""


LoopId: TypeAlias = "str"


class LoopIterated(TypedDict):
    """A loop goes round again."""
    feedback: str | None
    """What the next designer is told."""
    iteration: int
    """The iteration that begins, from 1."""
    loop_id: LoopId
    """The loop."""


class LoopLine(TypedDict):
    """A loop of steps."""
    feedback: str | None
    """What the next designer was last told."""
    first_step: StepId | None
    """Its first step."""
    forced_on: bool
    """Whether it reached its bound and the run went on regardless."""
    iterations: int
    """Iterations begun."""
    last_step: StepId | None
    """Its last step so far."""
    loop_id: LoopId
    """The loop."""
    passed: bool | None
    """What its latest verdict says; absent before the first."""


# A message of the mailbox.
MailRow = TypedDict(
    "MailRow",
    {
        # When it was sent.
        "at": "Timestamp",
        # The member who sent it; none for a person.
        "from": "SessionId | None",
        # Its number, from 1.
        "message": "int",
        # Members who have read it.
        "read_by": "list[SessionId]",
        # What it says.
        "text": "str",
        # The member it is for; none for all.
        "to": "SessionId | None",
    },
)


class McpServer(TypedDict):
    """A tool server that is handed to the agent. Secrets come from variables of the project, by
    name.
    """
    env_vars: list[str]
    """Names of the project's variables it is given."""
    name: str
    """Its name, unique within the persona."""
    transport: McpTransport
    """How it is reached."""


class McpServer2(TypedDict):
    """An MCP server that a session is given."""
    command: str
    """How it is started or reached; never a secret."""
    environment: list[str]
    """Names of the environment variables it gets; their values are not recorded."""
    name: str
    """Its name."""


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


class MemberInvited(TypedDict):
    """Somebody was invited."""
    email: str
    """Where it was sent."""
    invitation: InvitationId
    """The invitation."""
    role: MemberRole
    """What the member will be."""


class MemberNotificationsSet(TypedDict):
    """What a member is told, and on which ways."""
    channels: list[Channel]
    """The ways it goes."""
    kinds: list[NotificationKind]
    """What for."""
    secret: str | None
    """The project's environment variable with the secret that signs them."""
    url: str | None
    """Where the member's own webhooks go; the project's address where absent."""
    user: UserId
    """The member."""


class MemberRemoved(TypedDict):
    """Somebody is no longer a member."""
    user: UserId
    """Who it was."""


# What a member may do.
MemberRole: TypeAlias = Literal["owner", "admin", "member", "auditor", "analyst"]


class MemberRoleChanged(TypedDict):
    """A member has another role."""
    role: MemberRole
    """The role from now on."""
    user: UserId
    """The member."""


class MemberRow(TypedDict):
    """A member, or an open invitation."""
    email: str | None
    """Where the invitation was sent."""
    invitation: InvitationId | None
    """The open invitation, or the one that was accepted."""
    invited_at: Timestamp | None
    """When the invitation was sent."""
    joined_at: Timestamp | None
    """When access began."""
    project: ProjectId
    """The project."""
    providers: list[str]
    """Providers whose keys of the member are stored."""
    role: MemberRole
    """What the member may do, or will be."""
    status: Membership
    """Whether there is access."""
    user: UserId | None
    """The member."""


# Whether somebody has access.
Membership: TypeAlias = Literal["invited", "member"]


class Merge(TypedDict):
    """What a merging step came to."""
    branches: list[str]
    """The branches that were to go in."""
    commit: str | None
    """The commit at its head; none where they conflict."""
    conflicts: list[MergeConflict]
    """What does not fit."""
    into: str
    """The branch that was to hold them all."""


class MergeConflict(TypedDict):
    """A file that two branches changed in ways that do not fit."""
    branch: str
    """The branch that does not fit."""
    detail: str
    """What does not fit, in words; at most 16 KiB."""
    path: str
    """The file."""


class MergeConflicted(TypedDict):
    """Branches were not merged: they conflict."""
    branches: list[str]
    """The branches that were to go in."""
    conflicts: list[MergeConflict]
    """What does not fit."""
    into: str
    """The branch that was to hold them all."""
    step: StepId
    """The merging step."""


class MergingSettingsSet(TypedDict):
    """How branches are merged."""
    model: str | None
    """The model; the platform's default where absent."""
    template: str | None
    """The prompt's template; the platform's default where absent."""


class MessageAppended(TypedDict):
    """A message passed in the session."""
    content: str
    """What was said; the first part where `more` follows."""
    message: MessageId
    """The message."""
    more: bool
    """Whether more parts follow."""
    role: MessageRole
    """Who speaks."""
    stream_log: str | None
    """The agent's raw output behind it."""


class MessageContinued(TypedDict):
    """A further part of a message."""
    content: str
    """The next part."""
    message: MessageId
    """The message."""
    more: bool
    """Whether more parts follow."""


MessageId: TypeAlias = "str"


# Who speaks in a message.
MessageRole: TypeAlias = Literal["user", "assistant"]


class MessageRow(TypedDict):
    """A message, a tool call or a tool result."""
    arguments: str | None
    """The tool's arguments, as JSON text."""
    at: Timestamp
    """When it began."""
    complete: bool
    """Whether its last part has come."""
    content: str
    """What was said or printed, all parts joined; empty for a tool call."""
    duration_ms: int | None
    """How long the tool took, where known."""
    id: str
    """The message's id, or the tool call's."""
    is_error: bool | None
    """Whether the tool reported an error."""
    kind: Kind
    """What it is."""
    role: MessageRole | None
    """Who speaks, of a message."""
    step: StepId | None
    """The step it belongs to; absent in a direct session."""
    stop_reason: str | None
    """Why the agent stopped here, in its own word."""
    stream_log: str | None
    """The agent's raw output behind a message."""
    thinking: str | None
    """The agent's thinking, where it was shown."""
    tool: str | None
    """The tool's name."""


# A metric is no longer offered; its name is free.
MetricArchived: TypeAlias = "dict[str, Any]"


class MetricCondition(TypedDict):
    """A condition on a field."""
    field: MetricField
    """The field."""
    op: Comparison
    """How it must stand to the value."""
    value: str
    """The value in text: `true` or `false`, a decimal number, or a word."""


class MetricDefined(TypedDict):
    """A metric was defined; that is its version 1."""
    definition: MetricDefinition
    """How it is made."""
    name: str
    """Its name. One that comes with the program is shadowed by it in this project."""
    project: ProjectId
    """The project it belongs to."""
    summary: str
    """What it tells."""


class MetricDefinition(TypedDict):
    """How a figure is made of events."""
    aggregation: Aggregation
    """What is made of the items of a group."""
    field: MetricField | None
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


class MetricRevised(TypedDict):
    """A metric has another definition from now on. Earlier ones stay answerable."""
    definition: MetricDefinition
    """How it is made."""
    note: str | None
    """Why it was revised."""
    version: int
    """The version, one more than the last."""


class MetricRow(TypedDict):
    """A metric."""
    archived: bool
    """Whether it is out of use."""
    created_at: Timestamp
    """When it was defined."""
    definitions: list[MetricDefinition]
    """The definitions, from version 1 on."""
    name: str
    """Its name."""
    project: ProjectId
    """The project it belongs to."""
    summary: str
    """What it tells."""
    updated_at: Timestamp
    """When it last changed."""
    version: int
    """The latest version."""


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


class MistakeArchived(TypedDict):
    """It left its file; the log keeps it."""
    reason: str | None
    """Why."""


class MistakeEdited(TypedDict):
    """Its words changed."""
    attempt: str
    """What was tried."""
    failure: str
    """Why it failed."""
    instead: str
    """What to do instead."""
    title: str
    """A short name for lists."""


class MistakeLogged(TypedDict):
    """An approach failed."""
    attempt: str
    """What was tried."""
    failure: str
    """Why it failed."""
    instead: str
    """What to do instead."""
    project: ProjectId
    """The project it belongs to."""
    run: RunId | None
    """The run it came from."""
    session: SessionId | None
    """The session it came from."""
    title: str
    """A short name for lists."""


class MistakePromoted(TypedDict):
    """It was seen in several projects, and its lesson applies in all of them."""
    projects: list[ProjectId]
    """Where else it was seen."""


# It can happen again.
MistakeReopened: TypeAlias = "dict[str, Any]"


class MistakeResolved(TypedDict):
    """It cannot happen again."""
    how: str
    """How that was reached."""


# It is back in its file.
MistakeRestored: TypeAlias = "dict[str, Any]"


class ModelSettings(TypedDict):
    """Settings of a model that works for the project."""
    model: str | None
    """The model; the platform's default where absent."""
    template: str | None
    """The prompt's template; the platform's default where absent."""


class ModelUse(TypedDict):
    """What a step used of one model."""
    cache_read_tokens: int
    """Tokens read from the cache."""
    cache_write_tokens: int
    """Tokens written to the cache."""
    calls: int
    """Model calls."""
    calls_without_cost: int
    """Model calls whose cost is unknown; the total stands for the others."""
    input_tokens: int
    """Tokens in, without the cached ones."""
    model: str
    """The model."""
    output_tokens: int
    """Tokens out."""
    provider: str | None
    """Who was paid."""
    total_cost_usd: Usd
    """What the model calls cost, as far as known."""


# What is to be done next.
Next: TypeAlias = 'Literal["undirected", "start"] | NextAsStartStep | NextAsAwait | NextAsIterateLoop | NextAsForceLoopOn | Literal["complete"] | NextAsFail | NextAsEnded'


# Wait for the running step to end.
NextAsAwait = TypedDict(
    "NextAsAwait",
    {
        "await": "NextAwait",
    },
)


class NextAsEnded(TypedDict):
    """Nothing: the run has ended."""
    ended: NextEnded


class NextAsFail(TypedDict):
    """Fail the run."""
    fail: NextFail


class NextAsForceLoopOn(TypedDict):
    """Go on although the loop never passed."""
    force_loop_on: NextForceLoopOn


class NextAsIterateLoop(TypedDict):
    """Send the loop round again."""
    iterate_loop: NextIterateLoop


class NextAsStartStep(TypedDict):
    """Start this step."""
    start_step: StepOrder


class NextAwait(TypedDict):
    step: StepId
    """The step."""


class NextEnded(TypedDict):
    status: RunStatus
    """How."""


class NextFail(TypedDict):
    error: str
    """In words."""


class NextForceLoopOn(TypedDict):
    iterations: int
    """Iterations that were made."""
    loop_id: LoopId
    """The loop."""


class NextIterateLoop(TypedDict):
    feedback: str | None
    """What the next designer is told."""
    iteration: int
    """The iteration that begins."""
    loop_id: LoopId
    """The loop."""


class NextRow(TypedDict):
    """What is to be done."""
    next: Next
    """What comes next; whoever drives the run does it and asks again."""
    steps: int
    """Steps that were started or passed over so far."""


class NotificationAcknowledged(TypedDict):
    """Somebody took care of it; the commit's actor says who."""
    note: str | None
    """A word about it."""


class NotificationAddressSet(TypedDict):
    """Where webhooks of notifications go, or that they go nowhere."""
    secret: str | None
    """The project's environment variable with the secret that signs; never the secret."""
    url: str | None
    """The address; none for no webhooks."""


class NotificationDelivered(TypedDict):
    """It went out on one of its ways."""
    attempt: int
    """The attempt, from 1."""
    channel: Channel
    """Which way."""


class NotificationDeliveryFailed(TypedDict):
    """It did not go out on one of its ways."""
    attempt: int
    """The attempt, from 1."""
    channel: Channel
    """Which way."""
    error: str
    """Why."""
    given_up: bool
    """Whether no attempt follows."""


# Why people are told.
NotificationKind: TypeAlias = Literal["completed", "stopped", "needs_person"]


class NotificationRaised(TypedDict):
    """People are to be told."""
    about: StreamId | None
    """What it is about."""
    body: str
    """In full."""
    channels: list[Channel]
    """The ways it goes."""
    kind: NotificationKind
    """Why."""
    project: ProjectId
    """The project it belongs to."""
    title: str
    """In a line."""


# Somebody saw it; the commit's actor says who.
NotificationRead: TypeAlias = "dict[str, Any]"


class NotificationRow(TypedDict):
    """A notification."""
    about: StreamId | None
    """What it is about."""
    acknowledged: bool
    """Whether somebody took care of it."""
    acknowledged_by: Actor | None
    """Who took care of it."""
    body: str
    """In full."""
    channels: list[list[Channel | str]]
    """How each way stands: open, delivered, failed or given up."""
    error: str | None
    """The last failure to deliver."""
    kind: NotificationKind
    """Why."""
    note: str | None
    """A word about that."""
    project: ProjectId
    """The project it belongs to."""
    raised_at: Timestamp
    """When it was raised."""
    read_by: Actor | None
    """Who saw it first."""
    title: str
    """In a line."""


class NotificationsRow(TypedDict):
    """Where notifications go."""
    channels: list[Channel]
    """The ways it goes."""
    kinds: list[NotificationKind]
    """What a member is told of."""
    secret: str | None
    """The environment variable with the secret that signs; never the secret."""
    url: str | None
    """The address of webhooks."""
    user: UserId | None
    """The member; none for the project's own address."""


class Observed(TypedDict):
    """Telemetry of one kind."""
    account: Account
    """What it says."""
    signal: TelemetrySignal
    """Which."""


class Occasion(TypedDict):
    """When and on what a trigger's condition held."""
    at: Timestamp
    """When the condition held."""
    detail: str | None
    """What came, in a few words."""
    key: str | None
    """What tells this occasion from others of the trigger, such as a delivery id or a due time."""
    project: ProjectId
    """The project it belongs to."""
    trigger: TriggerId
    """The trigger."""


class OpenQuestion(TypedDict):
    """A question or an assumption that waits for an answer."""
    kind: PointKind
    """What it is."""
    point: int | None
    """The number of the point in the issue session that raised it."""
    text: str
    """In words."""


class OperatorSteered(TypedDict):
    """A person reached into the running session."""
    kind: SteerKind
    """What was done."""
    step: StepId
    """The step that was running."""
    text: str
    """The message, or the tool's name."""


class OutputRow(TypedDict):
    """A part of the output; its key is `item/` and a number, from 1."""
    at: Timestamp
    """When."""
    content: str
    """What was written."""
    stream: OutputStream
    """Where it was written to."""


# Where a script wrote something.
OutputStream: TypeAlias = Literal["stdout", "stderr"]


PassId: TypeAlias = "str"


class PassIssued(TypedDict):
    """A pass works from now on. The secret itself is nowhere in the log."""
    bearer: Bearer
    """Who shows it."""
    expires_at: Timestamp
    """When it ends."""
    secret_sha256: str
    """SHA-256 of the secret, hex."""


# A pass works no longer.
PassRevoked: TypeAlias = "dict[str, Any]"


class PasswordSet(TypedDict):
    """They log in with another password. The password itself is nowhere in the log."""
    password_hash: str
    """The argon2id hash as a PHC string."""


class PatternArchived(TypedDict):
    """It left its file; the log keeps it."""
    reason: str | None
    """Why."""


class PatternConsolidated(TypedDict):
    """It says what another pattern says: that one stands for both, and this one is archived."""
    into: PatternId
    """The pattern that stands for both."""


class PatternEdited(TypedDict):
    """Its words changed."""
    example: str
    """Where it is seen."""
    pattern: str
    """How things are done here."""
    title: str
    """A short name for lists."""


PatternId: TypeAlias = "str"


class PatternNoted(TypedDict):
    """A pattern was noted."""
    example: str
    """Where it is seen."""
    pattern: str
    """How things are done here."""
    project: ProjectId
    """The project it belongs to."""
    run: RunId | None
    """The run it came from."""
    session: SessionId | None
    """The session it came from."""
    title: str
    """A short name for lists."""


class PatternPromoted(TypedDict):
    """It was seen in several projects, and applies in all of them."""
    projects: list[ProjectId]
    """Where else it was seen."""


# It is back in its file.
PatternRestored: TypeAlias = "dict[str, Any]"


# It is gone for good; its versions stay readable.
PersonaArchived: TypeAlias = "dict[str, Any]"


class PersonaConfiguration(TypedDict):
    """What a persona is set up with."""
    allowed_tools: list[str]
    """Tools it may use; all where empty."""
    cli_tool: str | None
    """The agent's program; that of the workflow where absent."""
    commands: list[AssetId]
    """Commands it is given."""
    context: ContextId | None
    """The context it works under."""
    instructions: str
    """What its system prompt says besides."""
    learnings: bool
    """Whether it is told the project's learnings."""
    mcp_servers: list[McpServer]
    """Tool servers it is given."""
    model: str | None
    """The model; that of the workflow where absent."""
    persona_type: PersonaType
    """What it is for."""
    quality_threshold: Score | None
    """The composite that its scores must reach; evaluators only."""
    sandboxed: bool
    """Whether it works in a sandbox."""
    scripts: list[AssetId]
    """Scripts that run around it."""
    skills: list[AssetId]
    """Skills it is given."""
    thinking_effort: Effort | None
    """How hard it is asked to think."""


class PersonaConfigurationVersion(TypedDict):
    """A version."""
    actor: Actor
    """Who wrote it."""
    at: Timestamp
    """When it was written."""
    content: PersonaConfiguration
    """What it says."""
    current: bool
    """Whether it is the one in force."""
    note: str | None
    """Why it changed."""
    version: int
    """Its number."""


class PersonaConfigured(TypedDict):
    """It is set up anew."""
    configuration: PersonaConfiguration
    """What it is set up with."""
    note: str | None
    """Why it changed."""
    version: int
    """The version, one more than the last."""


class PersonaCreated(TypedDict):
    """A persona was made and is enabled; this is its version 1."""
    configuration: PersonaConfiguration
    """What it is set up with."""
    name: str
    """What people call it."""
    project: ProjectId
    """The project it belongs to."""


# It is not offered, and starts no step.
PersonaDisabled: TypeAlias = "dict[str, Any]"


# It is offered and may work.
PersonaEnabled: TypeAlias = "dict[str, Any]"


PersonaId: TypeAlias = "str"


class PersonaRenamed(TypedDict):
    """It has another name."""
    name: str
    """What people call it."""


class PersonaRow(TypedDict):
    """A persona."""
    allowed_tools: list[str]
    """Tools it may use; all where empty."""
    cli_tool: str | None
    """The agent's program; that of the workflow where absent."""
    commands: int
    """Number of commands."""
    context: ContextId | None
    """The context it works under."""
    created_at: Timestamp
    """When it was made."""
    learnings: bool
    """Whether it is told the project's learnings."""
    mcp_servers: list[str]
    """Names of the tool servers it is given."""
    model: str | None
    """The model; that of the workflow where absent."""
    name: str
    """What people call it."""
    persona_type: PersonaType
    """What it is for."""
    project: ProjectId
    """The project it belongs to."""
    quality_threshold: Score | None
    """The composite that its scores must reach."""
    sandboxed: bool
    """Whether it works in a sandbox."""
    scripts: int
    """Number of scripts."""
    skills: int
    """Number of skills."""
    status: PersonaStatus
    """Whether it may work."""
    thinking_effort: Effort | None
    """How hard it is asked to think."""
    updated_at: Timestamp
    """When it last changed."""
    version: int
    """Version of its configuration."""


# Whether a persona may work.
PersonaStatus: TypeAlias = Literal["enabled", "disabled", "archived"]


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


class PlanApproved(TypedDict):
    """The plan is to be carried out."""
    note: str | None
    """In words."""


class PlanArchived(TypedDict):
    """The plan is put away."""
    reason: str | None
    """Why."""


# Every item has become an issue.
PlanCompleted: TypeAlias = "dict[str, Any]"


class PlanHead(TypedDict):
    """The plan itself."""
    order: list[int]
    """The numbers of its items, in order."""
    rationale: str
    """Why it is to be done, and why so."""
    title: str
    """Its short name."""


PlanId: TypeAlias = "str"


class PlanItem(TypedDict):
    """An item; its key is `item/` and its number."""
    issue: IssueId | None
    """The issue that it has become."""
    item: int
    """Its number."""
    text: IssueText
    """What is to be done."""
    updated_at: Timestamp
    """When it last changed."""


class PlanItemAdded(TypedDict):
    """An item was added at the end."""
    item: int
    """Its number, one more than the last given."""
    text: IssueText
    """What is to be done."""


class PlanItemConverted(TypedDict):
    """An item became an issue."""
    issue: IssueId
    """The issue."""
    item: int
    """Its number."""


class PlanItemEdited(TypedDict):
    """An item was reworded."""
    item: int
    """Its number."""
    text: IssueText
    """What is to be done."""


class PlanItemRemoved(TypedDict):
    """An item was taken out; its number is not given again."""
    item: int
    """Its number."""


# A part of a plan.
PlanPart: TypeAlias = "PlanPartAsPlan | PlanPartAsItem"


class PlanPartAsItem(TypedDict):
    """An item."""
    item: PlanItem


class PlanPartAsPlan(TypedDict):
    """The plan itself."""
    plan: PlanHead


class PlanProposed(TypedDict):
    """A plan was proposed; its items are numbered from 1, in order."""
    items: list[IssueText]
    """What is to be done, in order."""
    project: ProjectId
    """The project it belongs to."""
    rationale: str
    """Why it is to be done, and why so."""
    run: RunId | None
    """The planner's run; none where a person wrote it."""
    step: StepId | None
    """The step of that run."""
    title: str
    """A short name."""


class PlanRejected(TypedDict):
    """The plan will not be carried out."""
    reason: str
    """Why."""


class PlanReordered(TypedDict):
    """The items stand in another order."""
    items: list[int]
    """Every item, in order."""


class PlanReworded(TypedDict):
    """It has another title or rationale."""
    rationale: str
    """Why it is to be done, and why so."""
    title: str
    """A short name."""


class PlanRow(TypedDict):
    """A plan."""
    created_at: Timestamp
    """When it was proposed."""
    items: int
    """How many items it has."""
    items_converted: int
    """How many of them are issues."""
    note: str | None
    """What was said with its approval, its rejection or its end."""
    project: ProjectId
    """The project it belongs to."""
    rationale_preview: str
    """The first 200 characters of why."""
    run: RunId | None
    """The planner's run; none where a person wrote it."""
    status: PlanStatus
    """How it stands."""
    title: str
    """Its short name."""
    updated_at: Timestamp
    """When it last changed."""


# How a plan stands.
PlanStatus: TypeAlias = Literal["proposed", "approved", "rejected", "completed", "archived"]


class PlannedLoop(TypedDict):
    """A loop as a run was requested with."""
    loop_id: LoopId
    """What it goes by in the run."""
    max_iterations: int
    """How often it is gone through at most."""


class PlannedStep(TypedDict):
    """A step as a run was requested with, everything resolved."""
    cli_tool: str
    """The agent's program."""
    in_loop: int | None
    """Index of the loop it stands in."""
    model: str | None
    """The model; absent where the project's settings name it."""
    persona: list[PersonaId | int] | None
    """The persona it follows, with version."""
    quality_threshold: Score | None
    """The composite that its scores must reach."""
    role: Role
    """What the agent does."""
    thinking_effort: Effort | None
    """How hard it is asked to think; the agent's own default where absent."""


class Point(TypedDict):
    """A question or an assumption; its key is `point/` and its number."""
    answering_session: AnsweringSessionId | None
    """The session that it was last handed to."""
    at: Timestamp
    """When it was raised."""
    finding: int | None
    """The finding that it bears on."""
    kind: PointKind
    """What it is."""
    point: int
    """Its number."""
    text: str
    """In words."""


# What an open point of an issue session is.
PointKind: TypeAlias = Literal["question", "assumption"]


class PointRaised(TypedDict):
    """It met something that the code does not say."""
    finding: int | None
    """The finding that it bears on."""
    kind: PointKind
    """What it is."""
    point: int
    """The point's number, from 1."""
    text: str
    """In words."""


class PointsHandedOver(TypedDict):
    """Points were handed to an answering session."""
    answering_session: AnsweringSessionId
    """That session."""
    points: list[int]
    """The points' numbers."""


class PolicyRow(TypedDict):
    """A version of the quality policy."""
    at: Timestamp
    """Since when."""
    threshold: Score | None
    """The composite that must be reached."""
    version: int
    """Its version."""
    weights: PolicyWeights
    """What each dimension counts."""


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


class PoolLevel(TypedDict):
    """What is used and promised in a pool, in its unit."""
    automated: int
    """Used by automated work, as counted."""
    automated_most: int
    """What automated work may use of it."""
    automated_reserved: int
    """Promised to automated work."""
    capacity: int
    """What the pool allows."""
    from_vendor: bool
    """Whether `used` rests on what the vendor said."""
    interactive: int
    """Used by people, as counted."""
    reserved: int
    """Promised and not yet used."""
    used: int
    """Used in all: what the vendor said and what was used since, else what was counted."""


# What a pool counts.
PoolUnit: TypeAlias = Literal["prompts", "tokens", "usd_micros", "cpu_seconds"]


# Dense place of an event in the whole log, from 0, in commit order.
Position: TypeAlias = "int"


# How urgent an issue is.
Priority: TypeAlias = Literal["low", "medium", "high", "critical"]


class ProjectCreated(TypedDict):
    """A project was made."""
    logo_url: str | None
    """Where its logo is."""
    name: str
    """Its name on screen."""
    owner: UserId | None
    """Who owns it, and is its first member."""
    repository_url: str | None
    """Where its code is."""
    slug: str
    """Its name in URLs."""


# It takes no further commands; its history stays.
ProjectDeleted: TypeAlias = "dict[str, Any]"


ProjectId: TypeAlias = "str"


class ProjectRenamed(TypedDict):
    """It has other names."""
    name: str
    """Its name on screen."""
    slug: str
    """Its name in URLs."""


class ProjectRow(TypedDict):
    """A project."""
    created_at: Timestamp
    """When it was made."""
    logo_url: str | None
    """Where its logo is."""
    members: int
    """Members, owners included."""
    name: str
    """Its name on screen."""
    owner: UserId | None
    """Who owns it; the one that was owner before, where there are several."""
    repository_url: str | None
    """Where its code is."""
    runs: int
    """Runs that were asked for."""
    slug: str
    """Its name in URLs."""
    updated_at: Timestamp
    """When it or its settings last changed."""


class PromptInputs(TypedDict):
    """What a step is told."""
    context: list[StepId]
    """Earlier steps whose output is context, the latest of each place, in order."""
    feedback: str | None
    """What goes in front of it: what the last verdict wants done better."""
    source: PromptSource
    """Where the prompt comes from."""


# Where a step's prompt comes from.
PromptSource: TypeAlias = 'Literal["run"] | PromptSourceAsStep'


class PromptSourceAsStep(TypedDict):
    """What this prompter's step handed on, which replaces the run's prompt."""
    step: StepId


class ProviderKeyRemoved(TypedDict):
    """A member's key at a provider is used no longer."""
    provider: str
    """Which provider's."""
    user: UserId
    """Whose key it was."""


class ProviderKeySealed(TypedDict):
    """A member's key at a provider was stored, encrypted."""
    provider: str
    """Which provider's, such as `anthropic`."""
    sealed: Sealed
    """The key, encrypted."""
    user: UserId
    """Whose key it is."""


class PullRequest(TypedDict):
    """A pull request."""
    number: int
    """Its number in the repository."""
    status: PullRequestStatus
    """How it stands."""
    url: str
    """Where it is."""


class PullRequestOpened(TypedDict):
    """A pull request was opened."""
    number: int
    """Its number in the repository."""
    url: str
    """Where it is."""


# How a pull request stands.
PullRequestStatus: TypeAlias = Literal["open", "draft", "merged", "closed"]


class PullRequestUpdated(TypedDict):
    """The pull request changed."""
    status: PullRequestStatus
    """How it stands now."""


# What budget is spent for.
Purpose: TypeAlias = Literal["interactive", "automated"]


class QualityPolicySet(TypedDict):
    """How quality is weighed from now on."""
    threshold: Score | None
    """The composite that must be reached; none for no threshold."""
    version: int
    """Version of the policy, one more than the last; the first is 1."""
    weights: PolicyWeights
    """What each dimension counts."""


class QualityRow(TypedDict):
    """Scores of a step, as it issued them last."""
    at: Timestamp
    """When."""
    composite: Score
    """Weighted mean, as the event has it."""
    composite_recomputed: Score | None
    """Weighted mean, recomputed from dimensions and weights."""
    consistent: bool
    """Whether both composites, and what they mean for the threshold, are the same."""
    model: str | None
    """The model it was asked for."""
    persona: PersonaId | None
    """The persona it follows."""
    persona_version: int | None
    """Version of that persona."""
    project: ProjectId | None
    """The project."""
    run: RunId
    """The run."""
    scores: QualityScores
    """The five dimensions."""
    step: StepId
    """The evaluator's step."""
    summary: str
    """In words."""
    threshold: Score | None
    """The threshold in force."""
    threshold_result: bool | None
    """Whether the composite meets the threshold, as the event has it; absent without one."""
    weights_version: int
    """Version of the project's quality policy whose weights were in force; 0 for equal weights
    without one.
    """


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


class QuestionAnswered(TypedDict):
    """A question was answered; a later answer to it takes the place of this one."""
    answer: str
    """The answer; of an assumption, whether and how far it holds."""
    confidence: Share | None
    """How sure the answerer is, 0 to 1."""
    person: UserId | None
    """The person, where it was one."""
    question: int
    """Its number."""
    rationale: str | None
    """Why so."""
    source: AnswerSource
    """Who answered."""


class QuestionLeftOpen(TypedDict):
    """A question was given up for now."""
    question: int
    """Its number."""
    reason: str
    """Why."""


class QueueLine(TypedDict):
    """A request that waits."""
    amount: int
    """How much."""
    at: Timestamp
    """Since when."""
    firing: FiringId | None
    """The firing it is for."""
    fits_at: Timestamp | None
    """When it will fit, if nothing else is used; for the first twenty."""
    purpose: Purpose
    """What for."""
    reason: Shortage
    """Why it waits."""
    request: BudgetRequestId
    """The request."""


class QueuedFiringDropped(TypedDict):
    """The queued work will not be started."""
    reason: str
    """Why."""


class QueuedFiringStarted(TypedDict):
    """Budget came free, and the queued work was started."""
    started: StartedWork
    """What was started."""


# A learning that waits, in full.
QueuedRow: TypeAlias = "LearningRow"


class RecentRun(TypedDict):
    """A run in the list of recent ones."""
    quality_score: Score | None
    """Mean composite of its evaluator steps."""
    run: RunId
    """The run."""
    started_at: Timestamp
    """When work began."""
    status: RunStatus
    """How it stands."""
    title: str | None
    """Its short name."""
    total_cost_usd: Usd
    """What it cost, as far as known."""


class ReconciliationRow(TypedDict):
    """What the witnesses say of one model, or of all."""
    agrees: bool | None
    """Whether they agree; absent where the run has no telemetry."""
    discrepancies: list[Discrepancy]
    """Where they differ."""
    model: str | None
    """The model; absent of all of them."""
    stream: Account
    """The agent's own stream."""
    telemetry: list[Observed]
    """Its telemetry, by kind. Kinds are witnesses of the same and never added up."""


class RecurringRunDispatched(TypedDict):
    """A run was dispatched."""
    next_run_at: Timestamp | None
    """When the next run is due; none where the schedule has come to its end."""
    run: RunId
    """The run; it is requested under this id, with the source `recurring_task`."""
    scheduled_for: Timestamp
    """The time it was due at; the first one, where it makes up for several."""


class RecurringRunRow(TypedDict):
    """A run, or the lack of one; its key is `run/` and a number, from 1."""
    at: Timestamp
    """When it happened."""
    kind: RunKind
    """What happened."""
    missed: int
    """How many were missed."""
    run: RunId | None
    """The run."""
    scheduled_for: Timestamp | None
    """When it was due; of missed ones, the first. Absent where somebody triggered it."""


class RecurringRunTriggered(TypedDict):
    """Somebody let a run begin at once; the schedule goes on as it was."""
    run: RunId
    """The run; it is requested under this id, with the source `recurring_task`."""


class RecurringRunsMissed(TypedDict):
    """The time of runs passed without them."""
    count: int
    """How many passed; 1,000 stands for that many or more."""
    first_at: Timestamp
    """The first time that passed."""
    next_run_at: Timestamp | None
    """When the next run is due; none where the schedule has come to its end."""


class RecurringTaskArchived(TypedDict):
    """The task is put away."""
    reason: str | None
    """Why."""


class RecurringTaskCreated(TypedDict):
    """A task was made."""
    missed: MissedRuns
    """What becomes of runs whose time passed."""
    name: str
    """A short name."""
    next_run_at: Timestamp
    """When the first run is due."""
    project: ProjectId
    """The project it belongs to."""
    prompt: str
    """What its runs are to do."""
    schedule: Schedule
    """When."""
    workflow: WorkflowId | None
    """The workflow that its runs follow."""


class RecurringTaskEdited(TypedDict):
    """What it does changed."""
    name: str
    """A short name."""
    prompt: str
    """What its runs are to do."""
    workflow: WorkflowId | None
    """The workflow that its runs follow."""


class RecurringTaskPaused(TypedDict):
    """No run is due until somebody resumes."""
    reason: str | None
    """Why."""


class RecurringTaskRescheduled(TypedDict):
    """When it does so changed."""
    missed: MissedRuns
    """What becomes of runs whose time passed."""
    next_run_at: Timestamp
    """When the next run is due; a paused task keeps it for nothing until it is resumed."""
    schedule: Schedule
    """When."""


class RecurringTaskResumed(TypedDict):
    """Runs are due again; those of the pause are not made up for."""
    next_run_at: Timestamp | None
    """When the next run is due; none where the schedule has come to its end."""


class RepositoryLinked(TypedDict):
    """Its code is here."""
    repository_url: str
    """Where its code is."""


class ResearchNoteArchived(TypedDict):
    """It left its file; the log keeps it."""
    reason: str | None
    """Why."""


class ResearchNoteEdited(TypedDict):
    """Its words changed."""
    findings: str
    """What was found."""
    sources: str
    """Where, one source a line."""
    title: str
    """A short name for lists."""


# It is back in its file.
ResearchNoteRestored: TypeAlias = "dict[str, Any]"


class ResearchNoteWritten(TypedDict):
    """Findings were written down."""
    findings: str
    """What was found."""
    project: ProjectId
    """The project it belongs to."""
    run: RunId | None
    """The run it came from."""
    session: SessionId | None
    """The session it came from."""
    sources: str
    """Where, one source a line."""
    title: str
    """A short name for lists."""


class ReviewAbandoned(TypedDict):
    """The review ended without a decision."""
    reason: str
    """Why."""


# What follows from a cycle.
ReviewAction: TypeAlias = Literal[
    "ship",
    "ship_with_nits",
    "revise",
    "escalate",
    "redesign",
    "reresearch",
    "stop",
]


class ReviewCycleSandboxed(TypedDict):
    """The cycle's work was tried in a sandbox of its own; in the commit that scored it."""
    cycle: int
    """The cycle, from 1."""
    sandbox: SandboxId
    """The sandbox."""


class ReviewCycleScored(TypedDict):
    """The reviewer scored a cycle, and the rules said what follows."""
    action: ReviewAction
    """What follows."""
    cycle: int
    """The cycle, from 1."""
    fix: list[str]
    """What needs fixing; the nits, where the work is approved."""
    good: list[str]
    """What is good."""
    previous: ReviewScore | None
    """The score of the cycle before."""
    routed_to: AgentRole | None
    """Whose turn it is; none where the loop is over."""
    score: ReviewScore
    """The score."""
    session: SessionId | None
    """The session that reviewed."""
    step: StepId | None
    """The step that reviewed."""
    tasks: list[ReviewTask]
    """What the next agent is to do."""
    trend: Trend
    """How it stands to that."""


class ReviewOpened(TypedDict):
    """Work came under review."""
    project: ProjectId
    """The project it belongs to."""
    run: RunId | None
    """The run that made it."""
    subject: str
    """What is reviewed."""


class ReviewRow(TypedDict):
    """A scored review loop."""
    action: ReviewAction | None
    """What followed."""
    cycles: list[ReviewCycleScored]
    """Every cycle, in order."""
    opened_at: Timestamp
    """When it was opened."""
    project: ProjectId
    """The project it belongs to."""
    reason: str | None
    """Why it was settled or abandoned."""
    run: RunId | None
    """The run that made it."""
    sandboxes: list[list[int | SandboxId]]
    """Sandboxes that cycles reviewed in, each with its cycle."""
    score: ReviewScore | None
    """The last score."""
    settlement: Settlement | None
    """What was decided on work that was not approved."""
    status: str
    """How it stands: open, approved, escalated, stopped, settled or abandoned."""
    subject: str
    """What is reviewed."""
    trend: Trend | None
    """How it stands to the one before."""
    turn: AgentRole | None
    """Whose turn it is."""
    updated_at: Timestamp
    """When it last changed."""


# A score of the review loop, 1 to 10.
ReviewScore: TypeAlias = "int"


class ReviewSettled(TypedDict):
    """The team lead, or a person, decided on work that was escalated or stopped."""
    reason: str
    """Why."""
    settlement: Settlement
    """What was decided."""


class ReviewTask(TypedDict):
    """A task for the next agent."""
    role: AgentRole
    """Whose it is."""
    text: str
    """What to do."""


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


class RoutingFacts(TypedDict):
    """What the router knows of a project and a task."""
    brain_exists: bool
    """Whether the project has a brain."""
    kind: TaskKind
    """What is asked for."""
    specification_exists: bool
    """Whether a specification of the task exists."""


RoutingId: TypeAlias = "str"


class RoutingOverridden(TypedDict):
    """A person decided otherwise."""
    complexity: Complexity
    """How many agents."""
    reason: str
    """Why."""
    roles: list[AgentRole]
    """Which, in the order of their first turn."""


class RoutingRow(TypedDict):
    """A decision of the task router."""
    at: Timestamp
    """When it was decided."""
    complexity: Complexity
    """How many agents."""
    facts: RoutingFacts
    """What was known."""
    firing: FiringId | None
    """The firing it is for."""
    overridden: str | None
    """Why a person decided otherwise."""
    project: ProjectId
    """The project it belongs to."""
    reasons: list[str]
    """Why, one sentence each."""
    review_loop: bool
    """Whether reviewer and earlier roles go round."""
    roles: list[AgentRole]
    """Which, in the order of their first turn."""
    task: str
    """The task."""


class RuleRemoved(TypedDict):
    """A rule holds no longer."""
    name: str
    """Its name."""


class RuleWritten(TypedDict):
    """A rule was made, or written anew."""
    name: str
    """Its name, such as `git-protocol`."""
    text: str
    """What it says."""
    version: int
    """The version of this rule, one more than the last; the first is 1."""


class RunCancelled(TypedDict):
    """The run was ended by somebody."""
    reason: str | None
    """Why."""


class RunCompleted(TypedDict):
    """The run ended as intended."""
    summary: str | None
    """What came out of it."""


class RunFailed(TypedDict):
    """The run ended by a failure."""
    error: str
    """In words."""


class RunForked(TypedDict):
    """Another run was made from this one."""
    after_step: StepId | None
    """The step after which they part."""
    into: RunId
    """The new run."""


RunId: TypeAlias = "str"


# What happened.
RunKind: TypeAlias = Literal["dispatched", "triggered", "missed"]


class RunLine(TypedDict):
    """The run."""
    assistant_messages: int
    """Messages by agents."""
    base_branch: str | None
    """The branch that left from."""
    blueprint: Blueprint | None
    """What its workflow has it do."""
    branch: str | None
    """Its branch."""
    cache_read_tokens: int
    """Tokens read from the cache."""
    cache_write_tokens: int
    """Tokens written to the cache."""
    calls: int
    """Model calls."""
    calls_without_cost: int
    """Model calls whose cost is unknown; the total stands for the others."""
    candidates: list[str]
    """Runs or branches that its judge compares."""
    ci: Ci | None
    """Continuous integration, as last polled."""
    configuration: Configuration
    """The exact versions in force."""
    created_at: Timestamp
    """When it was asked for."""
    duration_ms: int | None
    """From start to end."""
    ended_at: Timestamp | None
    """When it ended."""
    error: str | None
    """Why it failed or was cancelled."""
    evaluators: int
    """How many evaluator steps that is."""
    forks: list[Fork]
    """Runs that were made from this one."""
    input_tokens: int
    """Tokens in, without the cached ones."""
    instructions_version: int | None
    """Version of the default instructions that its agents get."""
    origin: StreamId | None
    """What it came from."""
    output_tokens: int
    """Tokens out."""
    project: ProjectId
    """The project it belongs to."""
    prompt: str
    """The task."""
    pull_request: PullRequest | None
    """Its pull request."""
    quality_score: Score | None
    """Mean composite of its evaluator steps."""
    source: RunSource
    """Where it came from."""
    started_at: Timestamp | None
    """When work began."""
    status: RunStatus
    """How it stands."""
    steps: int
    """Steps so far, skipped ones included."""
    summary: str | None
    """What came out of it."""
    title: str | None
    """A short name."""
    tool_calls: int
    """Tools that were called."""
    tool_results: int
    """Tools that answered."""
    total_cost_usd: Usd
    """What the model calls cost, as far as known."""
    user_messages: int
    """Messages to agents."""
    workflow: WorkflowId | None
    """The workflow it follows."""


# How a run ended.
RunOutcome: TypeAlias = Literal["completed", "failed", "cancelled"]


class RunRequested(TypedDict):
    """A run was asked for."""
    blueprint: Blueprint | None
    """What its workflow has it do; none without a workflow."""
    candidates: list[str]
    """Runs or branches that its judge compares."""
    configuration: Configuration
    """The exact versions in force."""
    origin: StreamId | None
    """What it came from: an issue, chain, recurring task, firing, or the run it was forked from."""
    project: ProjectId
    """The project it belongs to."""
    prompt: str
    """The task."""
    source: RunSource
    """Where it came from."""
    title: str | None
    """A short name for lists."""
    workflow: WorkflowId | None
    """The workflow it follows, if any."""


class RunRow(TypedDict):
    """A run."""
    assistant_messages: int
    """Messages by agents."""
    base_branch: str | None
    """The branch that left from."""
    branch: str | None
    """Its branch."""
    cache_read_tokens: int
    """Tokens read from the cache."""
    cache_write_tokens: int
    """Tokens written to the cache."""
    calls: int
    """Model calls."""
    calls_without_cost: int
    """Model calls whose cost is unknown; the total stands for the others."""
    ci_status: CiStatus | None
    """How continuous integration stands."""
    cli_tool: str | None
    """The agent's program, as the latest step names it."""
    created_at: Timestamp
    """When it was asked for."""
    duration_ms: int | None
    """From start to end; absent before the end, or where it never started."""
    ended_at: Timestamp | None
    """When it ended."""
    error: str | None
    """Why it failed or was cancelled."""
    input_tokens: int
    """Tokens in, without the cached ones."""
    model: str | None
    """The model used last: of the latest call, or asked for by a step that began after it."""
    output_tokens: int
    """Tokens out."""
    project: ProjectId
    """The project it belongs to."""
    prompt_preview: str
    """The first 200 characters of the task."""
    pull_request: PullRequest | None
    """Its pull request."""
    quality_score: Score | None
    """Mean composite of its evaluator steps."""
    source: RunSource
    """Where it came from."""
    started_at: Timestamp | None
    """When work began."""
    status: RunStatus
    """How it stands."""
    steps: int
    """Steps so far, skipped ones included."""
    steps_completed: int
    """Steps that ended as intended."""
    steps_failed: int
    """Steps that ended by a failure."""
    steps_running: int
    """Steps that are running: 0 or 1."""
    steps_skipped: int
    """Steps that were passed over."""
    title: str | None
    """A short name."""
    tool_calls: int
    """Tools that were called."""
    tool_results: int
    """Tools that answered."""
    total_cost_usd: Usd
    """What the model calls cost, as far as known."""
    user_messages: int
    """Messages to agents."""
    verdicts_failed: int
    """Verdicts that sent it back."""
    verdicts_passed: int
    """Verdicts that passed the work."""
    workflow: WorkflowId | None
    """The workflow it follows."""


class RunScored(TypedDict):
    """The run's quality score changed."""
    evaluators: int
    """How many evaluator steps that is."""
    quality_score: Score
    """Mean composite of its evaluator steps."""


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


# Work began.
RunStarted: TypeAlias = "dict[str, Any]"


# How a run stands.
RunStatus: TypeAlias = Literal["pending", "running", "completed", "failed", "cancelled"]


class RunningTotals(TypedDict):
    """Figures that telemetry counts up, as they stood."""
    cache_read_tokens: int
    """Tokens read from the cache."""
    cache_write_tokens: int
    """Tokens written to the cache."""
    calls: int
    """Number of model calls; 0 where it is not known."""
    cost_usd: Usd | None
    """What it cost; absent where unknown, which is not zero."""
    counted_since: Timestamp
    """When counting began."""
    input_tokens: int
    """Tokens in, without the cached ones."""
    output_tokens: int
    """Tokens out."""


# What a line stands for.
Said: TypeAlias = Literal["message", "tool_call", "awaits_approval", "tool_result", "steer"]


class SandboxCreated(TypedDict):
    """A sandbox is being created."""
    checker_model: str | None
    """The model of checkers, where not the default."""
    cpus: int
    """Its CPUs."""
    designer_model: str | None
    """The model of designers, where not the default."""
    efforts: list[list[str | Effort]]
    """How hard each model is asked to think."""
    memory_mb: int
    """Its memory, in MB."""
    project: ProjectId
    """The project it belongs to."""
    provider: str | None
    """Who provides it, such as `local` or `e2b`."""
    run: RunId | None
    """The run it works for; none for a direct session."""
    template_id: str
    """The template it is made from."""
    timeout_ms: int
    """How long it may live, in milliseconds."""


class SandboxDefaults(TypedDict):
    """What sandboxes of a workflow are made with; what is left out takes the platform's default."""
    checker_model: str | None
    """The model of checkers."""
    cpus: int | None
    """CPUs of each, 1 to 8."""
    designer_model: str | None
    """The model of designers."""
    efforts: list[list[str | Effort]]
    """How hard each model is asked to think; each model once."""
    memory_mb: int | None
    """Memory of each, 256 to 8,192 MB."""
    provider: str | None
    """Who provides them, such as `local` or `e2b`."""
    template_id: str | None
    """The template they are made from."""
    timeout_ms: int | None
    """How long one may live, 60,000 to 14,400,000 ms."""


class SandboxFailed(TypedDict):
    """It broke."""
    error: str
    """In words."""


SandboxId: TypeAlias = "str"


class SandboxKilled(TypedDict):
    """It is gone."""
    reason: KillReason
    """Why."""


# It sleeps.
SandboxPaused: TypeAlias = "dict[str, Any]"


class SandboxPromptSet(TypedDict):
    """Every session's system prompt ends with this."""
    prompt: str
    """The text; empty for none."""


# It is awake again.
SandboxResumed: TypeAlias = "dict[str, Any]"


class SandboxRow(TypedDict):
    """A sandbox."""
    base_commit: str | None
    """The commit that its files are of."""
    bytes_in: int
    """How large they were together."""
    checker_model: str | None
    """The model of checkers, where not the default."""
    cpus: int
    """Its CPUs."""
    created_at: Timestamp
    """When it was asked for."""
    designer_model: str | None
    """The model of designers, where not the default."""
    efforts: list[list[str | Effort]]
    """How hard each model is asked to think."""
    ended_at: Timestamp | None
    """When it ended or broke."""
    error: str | None
    """How it broke."""
    files_in: int
    """Files that were copied into it."""
    kill_reason: KillReason | None
    """Why it ended."""
    memory_mb: int
    """Its memory, in MB."""
    messages: int
    """Messages of its session."""
    project: ProjectId
    """The project it belongs to."""
    provider: str | None
    """Who provides it."""
    run: RunId | None
    """The run it works for; none for a direct session."""
    started_at: Timestamp | None
    """When it came up."""
    status: SandboxStatus
    """How it stands."""
    taken_back: list[TakenBack]
    """What was taken back, in order."""
    template_id: str
    """The template it is made from."""
    timeout_ms: int
    """How long it may live, in milliseconds."""


# It is up.
SandboxStarted: TypeAlias = "dict[str, Any]"


# How a sandbox stands.
SandboxStatus: TypeAlias = Literal["creating", "running", "paused", "killed", "error"]


class Schedule(TypedDict):
    """When something recurs."""
    frequency: Frequency
    """How often, and at which time of the day."""
    timezone: str
    """The zone of that time, by its IANA name such as `Europe/Berlin`."""


class ScheduleRow(TypedDict):
    """A recurring task."""
    created_at: Timestamp
    """When it was made."""
    frequency: str
    """How often, in a word."""
    last_run: RunId | None
    """The latest run."""
    last_run_at: Timestamp | None
    """When that was dispatched or triggered."""
    missed: MissedRuns
    """What becomes of runs whose time passed."""
    name: str
    """Its short name."""
    next_run_at: Timestamp | None
    """When the next run is due, in UTC; absent where none is."""
    project: ProjectId
    """The project it belongs to."""
    prompt_preview: str
    """The first 200 characters of what its runs are to do."""
    runs: int
    """How many runs there were."""
    runs_missed: int
    """How many were missed."""
    schedule: Schedule
    """When."""
    status: TaskStatus
    """How it stands."""
    upcoming: list[Timestamp]
    """The next ten times, in UTC: `next_run_at` and those that follow by the schedule."""
    updated_at: Timestamp
    """When it last changed."""
    workflow: WorkflowId | None
    """The workflow that its runs follow."""


# a score from 0 to 100, two decimals
Score: TypeAlias = "float"


class Scores(TypedDict):
    """An evaluator's scores."""
    composite: Score
    """Weighted mean of the five."""
    scores: QualityScores
    """The five dimensions."""
    summary: str
    """In words."""
    threshold: Score | None
    """The threshold in force."""
    threshold_result: bool | None
    """Whether the composite meets the threshold; absent without one."""
    weights: QualityWeights
    """The weights in force."""


class ScoresIssued(TypedDict):
    """An evaluator scored the work."""
    composite: Score
    """Weighted mean of the five."""
    scores: QualityScores
    """The five dimensions."""
    step: StepId
    """The evaluator's step."""
    summary: str
    """In words."""
    threshold: Score | None
    """The threshold in force."""
    threshold_result: bool | None
    """Whether the composite meets the threshold; absent without one."""
    weights: QualityWeights
    """The weights in force."""


class ScriptExecutionRow(TypedDict):
    """An execution of a script."""
    asset: AssetId
    """The script."""
    duration_ms: int | None
    """How long it took, where known."""
    ended_at: Timestamp | None
    """When it ended."""
    error: str | None
    """Why it failed."""
    exit_code: int | None
    """Its exit code."""
    moment: ScriptMoment
    """Why it ran then."""
    output_bytes: int
    """Bytes that it wrote."""
    project: ProjectId
    """The project it belongs to."""
    run: RunId | None
    """The run it worked for."""
    sandbox: SandboxId | None
    """Where it ran."""
    started_at: Timestamp
    """When it started."""
    status: ExecutionStatus
    """How it stands."""
    step: StepId | None
    """The step of that run."""
    version: int
    """The version that ran."""


class ScriptExited(TypedDict):
    """It ended by itself."""
    duration_ms: int | None
    """How long it took, where known."""
    exit_code: int
    """Its exit code; 0 means that it succeeded."""


class ScriptFailed(TypedDict):
    """It never started, or was ended from outside, and has no exit code."""
    error: str
    """In words."""


# What a script is written in.
ScriptLanguage: TypeAlias = Literal["shell", "python"]


# When a script runs.
ScriptMoment: TypeAlias = Literal["before_start", "after_completion", "on_demand"]


class ScriptOutputAppended(TypedDict):
    """It wrote something."""
    content: str
    """What."""
    stream: OutputStream
    """Where to."""


class ScriptStarted(TypedDict):
    """A script was started."""
    asset: AssetId
    """The script."""
    moment: ScriptMoment
    """Why now."""
    project: ProjectId
    """The project it belongs to."""
    run: RunId | None
    """The run it works for."""
    sandbox: SandboxId | None
    """Where it runs."""
    step: StepId | None
    """The step of that run."""
    version: int
    """The version that runs, whatever is published meanwhile."""


class Sealed(TypedDict):
    """A secret, encrypted; its key is not in the log."""
    ciphertext: str
    """Ciphertext with its tag, 16 bytes to 64 KiB as lower-case hex."""
    key_id: str
    """The key that opens it."""
    nonce: str
    """Nonce, 12 to 32 bytes as lower-case hex."""


class SessionBuilt(TypedDict):
    """A session was put together."""
    firing: FiringId | None
    """The firing that started it; none where a person did."""
    limits: SessionLimits
    """What ends it."""
    mode: SessionMode
    """How it came about."""
    parts: SessionParts
    """What it was put together from."""
    project: ProjectId
    """The project it belongs to."""
    run: RunId | None
    """The run it is part of."""
    sandbox: SandboxId | None
    """The sandbox it runs in; none where it runs directly."""
    step: StepId | None
    """The step of that run."""


class SessionConfigured(TypedDict):
    """One kind of session is set up anew; everything earlier is replaced."""
    commands: list[AssetId]
    """Commands it may use."""
    context: ContextId | None
    """The context it works under."""
    default_effort: Effort | None
    """How hard that model is asked to think."""
    default_model: str | None
    """Its model, where nothing else is said."""
    scripts: list[AssetId]
    """Scripts that run around it."""
    session: SessionType
    """The kind of session."""
    setup_commands: list[str]
    """Shell commands that run before it, in order."""
    skills: list[AssetId]
    """Skills it may use."""


# How a session ended.
SessionEnd: TypeAlias = Literal["done", "failed", "time_limit", "cost_limit", "stopped"]


class SessionEnded(TypedDict):
    """The session ended."""
    end: SessionEnd
    """How."""
    note: str | None
    """In words."""


SessionId: TypeAlias = "str"


class SessionLimits(TypedDict):
    """What ends a session."""
    cost_usd_micros: int | None
    """What it may cost, in millionths of a US dollar; none where a budget pool bounds it."""
    done_criteria: str
    """When it is done."""
    wall_clock_ms: int
    """How long it may take."""


class SessionLine(TypedDict):
    """A line of a session."""
    actor: Actor | None
    """Who it was."""
    at: Timestamp
    """When it began."""
    complete: bool
    """Whether its last part has come."""
    id: str | None
    """The message's id, or the tool call's; absent where somebody stepped in."""
    is_error: bool | None
    """Whether the tool reported an error."""
    kind: Said
    """What it is."""
    role: MessageRole | None
    """Who speaks, of a message."""
    steer: SteerKind | None
    """How somebody stepped in."""
    text: str
    """What was said, printed or asked for, all parts joined."""
    thinking: str | None
    """The agent's thinking, where it was shown."""
    tool: str | None
    """The tool's name."""


# How a session came about.
SessionMode: TypeAlias = Literal["interactive", "team", "standalone"]


# A part of an issue session.
SessionPart: TypeAlias = "SessionPartAsSession | SessionPartAsFinding | SessionPartAsPoint"


class SessionPartAsFinding(TypedDict):
    """A finding."""
    finding: Finding


class SessionPartAsPoint(TypedDict):
    """A question or an assumption."""
    point: Point


class SessionPartAsSession(TypedDict):
    """The session itself."""
    session: IssueSessionHead


class SessionParts(TypedDict):
    """What a session was put together from: the exact versions, and the prompt they came to."""
    agent: list[AgentDefinitionId | int] | None
    """The agent definition, with version."""
    allowed_tools: list[str]
    """The tools it may use."""
    assets: list[list[AssetId | int]]
    """Skills, commands and scripts, with version."""
    brain_files: list[str]
    """Files of the brain that it was given."""
    context: list[ContextId | int] | None
    """The context, with version."""
    identity_digest: str | None
    """SHA-256 of the identity's text, in hexadecimal."""
    learning_version: int | None
    """The learning version."""
    mcp_servers: list[McpServer2]
    """The MCP servers it is given."""
    persona: PersonaId | None
    """The persona."""
    role: AgentRole | None
    """The role."""
    rules: list[str]
    """The rules, by name."""
    system_prompt: str
    """The system prompt, whole."""
    working_directory: str
    """Its working directory, as the agent sees it."""


class SessionResumed(TypedDict):
    """It goes on where another session ended; in the commit that built it."""
    before: SessionId
    """The session before."""


class SessionRow(TypedDict):
    """How one kind of session is set up."""
    commands: list[AssetId]
    """Commands it may use."""
    context: ContextId | None
    """The context it works under."""
    default_effort: Effort | None
    """How hard that model is asked to think."""
    default_model: str | None
    """Its model, where nothing else is said."""
    scripts: list[AssetId]
    """Scripts that run around it."""
    session: SessionType
    """The kind of session."""
    setup_commands: list[str]
    """Shell commands that run before it, in order."""
    skills: list[AssetId]
    """Skills it may use."""


class SessionRow2(TypedDict):
    """A session."""
    agent_session: str | None
    """The agent's own name for it."""
    built_at: Timestamp
    """When it was put together."""
    ended_at: Timestamp | None
    """When it ended."""
    ended_without_summary: bool
    """Whether it ended before it was summed up."""
    firing: FiringId | None
    """The firing that started it."""
    limits: SessionLimits
    """What ends it."""
    mode: SessionMode
    """How it came about."""
    note: str | None
    """In words, how it ended."""
    parts: SessionParts
    """What it was put together from."""
    project: ProjectId
    """The project it belongs to."""
    resumes: SessionId | None
    """The session that it goes on from."""
    run: RunId | None
    """The run it is part of."""
    sandbox: SandboxId | None
    """The sandbox it runs in."""
    started_at: Timestamp | None
    """When the agent ran."""
    status: str
    """built, running, done, failed, time_limit, cost_limit or stopped."""
    steers: int
    """How often somebody stepped in."""
    step: StepId | None
    """The step of that run."""
    summarised: bool
    """Whether it was summed up."""
    summary: SessionSummaryId | None
    """Its summary, the last one written."""


class SessionStarted(TypedDict):
    """The agent runs."""
    agent_session: str | None
    """The agent's own name for the session."""


# How a session stands.
SessionStatus: TypeAlias = Literal["requested", "running", "completed", "failed", "cancelled"]


class SessionSteered(TypedDict):
    """Somebody stepped in from outside."""
    kind: SteerKind
    """How."""
    text: str
    """What was said, or the tool call that was approved or denied."""


class SessionSummarised(TypedDict):
    """A session was summed up."""
    done: str
    """What was done."""
    learned: str
    """What was learned."""
    next: str
    """What comes next."""
    project: ProjectId
    """The project it belongs to."""
    run: RunId | None
    """The run it came from."""
    session: SessionId | None
    """The session it came from."""
    title: str
    """A short name for lists."""


class SessionSummaryArchived(TypedDict):
    """It left its file; the log keeps it."""
    reason: str | None
    """Why."""


class SessionSummaryEdited(TypedDict):
    """Its words changed."""
    done: str
    """What was done."""
    learned: str
    """What was learned."""
    next: str
    """What comes next."""
    title: str
    """A short name for lists."""


SessionSummaryId: TypeAlias = "str"


# It is back in its file.
SessionSummaryRestored: TypeAlias = "dict[str, Any]"


# Kind of session that has a configuration of its own.
SessionType: TypeAlias = Literal[
    "learning",
    "merging",
    "issue",
    "answering",
    "evaluating",
    "judging",
]


# A setting.
SettingRow: TypeAlias = "SettingRowAsGeneral | SettingRowAsApiKey | SettingRowAsEnv | SettingRowAsPolicy | SettingRowAsSession | SettingRowAsFolder | SettingRowAsNotifications"


class SettingRowAsApiKey(TypedDict):
    """An API key."""
    api_key: ApiKeyRow


class SettingRowAsEnv(TypedDict):
    """An environment variable."""
    env: EnvRow


class SettingRowAsFolder(TypedDict):
    """Where the working tree lies on a machine."""
    folder: FolderRow


class SettingRowAsGeneral(TypedDict):
    """What stands alone."""
    general: GeneralRow


class SettingRowAsNotifications(TypedDict):
    """Where notifications go."""
    notifications: NotificationsRow


class SettingRowAsPolicy(TypedDict):
    """A version of the quality policy."""
    policy: PolicyRow


class SettingRowAsSession(TypedDict):
    """How one kind of session is set up."""
    session: SessionRow


# What the team lead or a person decided on work that was not approved.
Settlement: TypeAlias = Literal["ship", "drop"]


# How much a learning matters.
Severity: TypeAlias = Literal["critical", "important", "minor"]


# a number from 0 to 1, four decimals
Share: TypeAlias = "float"


# Why a request waits.
Shortage: TypeAlias = Literal["automated_share", "capacity", "vendor", "behind"]


class SigningKeyRotated(TypedDict):
    """The key that signs the log's checkpoints was changed: checkpoints after it are signed by the
    new one.
    """
    new_key: str
    """The key since, as `name+id+base64`."""
    old_key: str
    """The key before, as `name+id+base64`."""
    statement: str
    """A C2SP signed note that names log and keys, with the signatures of both keys: whoever trusts
    the old key can trust the new one.
    """


class SkillFile(TypedDict):
    """A file of a skill."""
    content: str
    """What it says."""
    path: str
    """Where it lies, relative to the skill's folder."""


# Why a firing started nothing.
SkipReason: TypeAlias = Literal[
    "disabled",
    "busy",
    "bad_signature",
    "missed",
    "not_applicable",
    "other",
]


class SprintAdvanceSet(TypedDict):
    """The chain goes on in another way from the next end of a sprint on."""
    advance: Advance
    """How."""


class SprintApprovalAwaited(TypedDict):
    """The sprint is over, and the next waits for an approval."""
    sprint: int
    """The sprint that is over."""


class SprintApproved(TypedDict):
    """Somebody approved what the sprint did."""
    approver: UserId | None
    """Who."""
    note: str | None
    """In words."""
    sprint: int
    """The sprint that is over."""


class SprintChainAdvanced(TypedDict):
    """The next sprint is due."""
    sprint: int
    """That sprint."""


class SprintChainCancelled(TypedDict):
    """Somebody ended the chain; a running run is not touched."""
    reason: str | None
    """Why."""


# Every sprint is over.
SprintChainCompleted: TypeAlias = "dict[str, Any]"


class SprintChainCreated(TypedDict):
    """A chain was made."""
    advance: Advance
    """How it goes from one sprint to the next."""
    attempts_max: int
    """Most tries of one sprint."""
    base_branch: str | None
    """The branch that each sprint's leaves from; the default one where absent."""
    default_prompt: str
    """What a sprint is to do that has no prompt of its own."""
    on_failure: FailurePolicy
    """What a failed run leads to."""
    project: ProjectId
    """The project it belongs to."""
    prompts: list[SprintPrompt]
    """Prompts of single sprints."""
    sprints: int
    """How many sprints there are."""
    title: str
    """A short name."""
    workflow: WorkflowId | None
    """The workflow that every sprint runs."""


class SprintChainPaused(TypedDict):
    """No further run begins until somebody resumes; a running one goes on."""
    reason: str
    """Why."""


# Runs begin again; the current sprint has all its tries anew.
SprintChainResumed: TypeAlias = "dict[str, Any]"


# The chain began: sprint 1 is due.
SprintChainStarted: TypeAlias = "dict[str, Any]"


class SprintChainStopped(TypedDict):
    """A failure ended the chain."""
    reason: str
    """Why."""


class SprintEnded(TypedDict):
    """That run ended. What follows from it follows in the same commit."""
    outcome: RunOutcome
    """How it ended."""
    run: RunId
    """The run."""
    sprint: int
    """The sprint."""


class SprintPrompt(TypedDict):
    """The prompt of one sprint, in place of the chain's."""
    prompt: str
    """What it is to do."""
    sprint: int
    """The sprint, from 1."""


class SprintPromptSet(TypedDict):
    """A sprint has a prompt of its own, or the chain's again."""
    prompt: str | None
    """What it is to do; the chain's prompt where absent."""
    sprint: int
    """The sprint."""


class SprintPullRequestOpened(TypedDict):
    """The sprint's pull request was opened."""
    number: int
    """Its number in the repository."""
    sprint: int
    """The sprint."""
    url: str
    """Where it is."""


class SprintPullRequestUpdated(TypedDict):
    """The sprint's pull request changed."""
    sprint: int
    """The sprint."""
    status: PullRequestStatus
    """How it stands now."""


class SprintRetried(TypedDict):
    """The same sprint is due again."""
    attempt: int
    """Which try it will be."""
    sprint: int
    """The sprint."""


class SprintRow(TypedDict):
    """A sprint; its key is `item/` and its number."""
    approved_at: Timestamp | None
    """When it was approved."""
    approver: UserId | None
    """Who approved it."""
    attempts: int
    """How many runs there were."""
    awaits_approval: bool
    """Whether the next sprint waits for its approval."""
    branch: str | None
    """Its branch."""
    current: bool
    """Whether it is the chain's current one."""
    ended_at: Timestamp | None
    """When that ended."""
    outcome: RunOutcome | None
    """How the latest run ended; absent while it works."""
    prompt: str | None
    """What it is to do, where it has a prompt of its own or has begun; else it takes the chain's.
    """
    pull_request: PullRequest | None
    """Its pull request."""
    run: RunId | None
    """The latest run."""
    skipped: str | None
    """Why it was passed over."""
    sprint: int
    """Its number, from 1."""
    started_at: Timestamp | None
    """When its latest run began."""


class SprintSkipped(TypedDict):
    """The current sprint was passed over."""
    reason: str
    """Why."""
    sprint: int
    """The sprint."""


class SprintStarted(TypedDict):
    """A run began to work on the current sprint."""
    attempt: int
    """Which try of this sprint it is, from 1."""
    branch: str
    """The sprint's branch."""
    prompt: str
    """What it is to do."""
    run: RunId
    """The run; it is requested under this id."""
    sprint: int
    """The sprint."""


class StalledCondition(TypedDict):
    """Fires when work stalls."""
    kinds: list[StalledKind]
    """The kinds of work that count; all where empty."""
    quiet_ms: int
    """For how long nothing was heard of it, 60,000 to 604,800,000 ms."""


# Work that can stall: that has begun, has not ended, and of which nothing is heard.
StalledKind: TypeAlias = Literal["run", "session", "review"]


# Whether somebody gets in.
Standing: TypeAlias = Literal["active", "disabled"]


class StartedWork(TypedDict):
    """What a firing started: a run, a session, or both."""
    request: BudgetRequestId | None
    """The budget that was reserved for it."""
    routing: RoutingId | None
    """The routing that chose the roles."""
    run: RunId | None
    """The run."""
    session: SessionId | None
    """The session."""


# What a person did to a running session.
SteerKind: TypeAlias = Literal["message", "interrupt", "approve_tool", "deny_tool"]


class Steered(TypedDict):
    """How a person reached into a step."""
    actor: Actor
    """Who did it."""
    at: Timestamp
    """When."""
    kind: SteerKind
    """What was done."""
    text: str
    """The message, or the tool's name."""


class StepBrief(TypedDict):
    """A step as lists show it."""
    in_loop: str | None
    """Name of the loop it stands in."""
    persona: PersonaId | None
    """The persona it follows."""
    role: Role
    """What the agent does."""


class StepCompleted(TypedDict):
    """A step ended as intended."""
    output: str | None
    """What it handed on, where that is not its last message."""
    step: StepId
    """The step."""


class StepContentContinued(TypedDict):
    """A further part of a message or of a tool's output."""
    content: str
    """The next part."""
    more: bool
    """Whether more parts follow."""
    of: str
    """The message's id, or the tool call's."""
    sandbox: SandboxId | None
    """The sandbox of that step."""
    step: StepId
    """The step."""


class StepDefinition(TypedDict):
    """A step of a workflow."""
    cli_tool: str | None
    """The agent's program; that of the workflow where absent."""
    in_loop: str | None
    """Name of the loop it stands in."""
    instructions: str
    """What its system prompt says besides."""
    model: str | None
    """The model; that of the workflow where absent."""
    persona: list[PersonaId | int] | None
    """The persona it follows, with the version when this was defined; persona pipelines only."""
    role: Role
    """What the agent does; of a persona's step, what it did when this was defined."""
    thinking_effort: Effort | None
    """How hard it is asked to think."""


class StepFailed(TypedDict):
    """A step ended by a failure of the machinery, which is never a verdict."""
    error: str
    """In words."""
    failure: StepFailure
    """What kind of failure."""
    step: StepId
    """The step."""


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


class StepLine(TypedDict):
    """A step."""
    assistant_messages: int
    """Messages by agents."""
    cache_read_tokens: int
    """Tokens read from the cache."""
    cache_write_tokens: int
    """Tokens written to the cache."""
    calls: int
    """Model calls."""
    calls_without_cost: int
    """Model calls whose cost is unknown; the total stands for the others."""
    cli_tool: str | None
    """The agent's program."""
    duration_ms: int | None
    """From start to end."""
    ended_at: Timestamp | None
    """When it ended, or was passed over."""
    failure: Failure | None
    """Why it failed."""
    input_tokens: int
    """Tokens in, without the cached ones."""
    iteration: int | None
    """Iteration of the whole run, from 1; absent for a skipped step."""
    judgement: Judgement | None
    """Its judgement."""
    loop_id: LoopId | None
    """The loop it stands in."""
    loop_iteration: int | None
    """Iteration of that loop, from 1."""
    merge: Merge | None
    """What its merge came to."""
    model: str | None
    """The model asked for."""
    output: str | None
    """What it handed on, where that is not its last message."""
    output_tokens: int
    """Tokens out."""
    persona: PersonaId | None
    """The persona it follows."""
    persona_version: int | None
    """Version of that persona."""
    preview: str | None
    """The first 120 characters of the first message to the agent."""
    prompt_digest: str | None
    """SHA-256 of the whole prompt, hex."""
    quality: Scores | None
    """Its scores."""
    quality_threshold: Score | None
    """The composite that its scores must reach, as its persona has it."""
    role: Role
    """What the agent does."""
    sandbox: SandboxId | None
    """Where it works."""
    skipped: str | None
    """Why it was passed over."""
    started_at: Timestamp | None
    """When it began."""
    status: StepStatus
    """How it stands."""
    steers: list[Steered]
    """How people reached into it."""
    step: StepId
    """The step."""
    thinking_effort: Effort | None
    """How hard it is asked to think."""
    tool_calls: int
    """Tools that were called."""
    tool_results: int
    """Tools that answered."""
    total_cost_usd: Usd
    """What the model calls cost, as far as known."""
    usage: list[ModelUse]
    """What it used, by provider and model in order of first use."""
    user_messages: int
    """Messages to agents."""
    verdict: Verdict | None
    """Its verdict."""
    waiting: list[Waiting]
    """Calls that wait until somebody approves or denies them."""


class StepMessageAppended(TypedDict):
    """A message passed between platform and agent."""
    content: str
    """What was said; the first part where `more` follows."""
    message: MessageId
    """The message."""
    more: bool
    """Whether more parts follow."""
    role: MessageRole
    """Who speaks."""
    sandbox: SandboxId | None
    """The sandbox of that step."""
    step: StepId
    """The step."""
    stop_reason: str | None
    """Why the agent stopped here, in its own word."""
    thinking: str | None
    """The agent's thinking, where it was shown."""


class StepOrder(TypedDict):
    """A step that is to be started."""
    attempt: int
    """Which attempt this is, from 1; more than 1 only after failures of the machinery."""
    cli_tool: str
    """The agent's program."""
    iteration: int
    """Iteration of the whole run, from 1: one more than loops have gone back so far."""
    loop_id: LoopId | None
    """The loop it stands in."""
    loop_iteration: int | None
    """Iteration of that loop, from 1."""
    model: str | None
    """The model; absent where the project's settings name it."""
    number: int
    """Its place in the workflow, from 1."""
    persona: list[PersonaId | int] | None
    """The persona it follows, with version."""
    prompt: PromptInputs
    """What it is told."""
    role: Role
    """What the agent does."""
    thinking_effort: Effort | None
    """How hard it is asked to think; the agent's own default where absent."""
    wait_ms: int
    """How long to wait before it, in milliseconds."""


class StepSkipped(TypedDict):
    """A step was passed over."""
    reason: str
    """Why it was passed over."""
    role: Role
    """What it would have done."""
    step: StepId
    """The step."""


class StepStarted(TypedDict):
    """An agent was set to work."""
    cli_tool: str | None
    """The agent's program, such as `claude`, `codex`, `opencode`, `pi`."""
    iteration: int
    """Iteration of the whole run, from 1."""
    loop_id: LoopId | None
    """The loop it stands in."""
    loop_iteration: int | None
    """Iteration of that loop, from 1."""
    model: str | None
    """The model asked for."""
    persona: PersonaId | None
    """The persona it follows."""
    persona_version: int | None
    """Version of that persona."""
    prompt_digest: str | None
    """SHA-256 of the whole prompt, hex."""
    quality_threshold: Score | None
    """The composite that its scores must reach, as its persona has it."""
    role: Role
    """What the agent does."""
    sandbox: SandboxId | None
    """Where it works."""
    step: StepId
    """The step."""
    thinking_effort: Effort | None
    """How hard it is asked to think."""


# How a step stands.
StepStatus: TypeAlias = Literal["pending", "running", "completed", "failed", "skipped"]


class StepUsageRecorded(TypedDict):
    """Tokens were used. Figures are differences, never running totals."""
    cache_read_tokens: int
    """Tokens read from the cache."""
    cache_write_tokens: int
    """Tokens written to the cache."""
    calls: int
    """Number of model calls that the figures stand for; 0 where it is not known."""
    cost_usd: Usd | None
    """What it cost; absent where unknown, which is not zero."""
    input_tokens: int
    """Tokens in, without the cached ones."""
    model: str
    """The model that answered."""
    output_tokens: int
    """Tokens out."""
    provider: str | None
    """Who was paid, such as `anthropic`."""
    step: StepId
    """The step."""


StreamId: TypeAlias = "str"


# Dense place of an event in its stream, from 0.
StreamVersion: TypeAlias = "int"


# Whose words are erased. Variants are stored by number: append, never reorder.
Subject: TypeAlias = "SubjectAsProject | SubjectAsPerson"


class SubjectAsPerson(TypedDict):
    """What a person said, and their keys at providers."""
    person: UserId


class SubjectAsProject(TypedDict):
    """What was said in a project, and its secrets."""
    project: ProjectId


class TakenBack(TypedDict):
    """What was taken back out of a sandbox."""
    branch: str
    """The branch."""
    commit: str
    """The commit at its head."""
    files: int
    """How many files changed."""


# What a trigger asks for.
TaskKind: TypeAlias = Literal["quick_fix", "research", "change", "feature", "upkeep"]


class TaskRouted(TypedDict):
    """The router decided."""
    complexity: Complexity
    """How many agents."""
    facts: RoutingFacts
    """What was known."""
    firing: FiringId | None
    """The firing it is for; none where a person asked."""
    project: ProjectId
    """The project it belongs to."""
    reasons: list[str]
    """Why, one sentence each."""
    review_loop: bool
    """Whether reviewer and earlier roles go round until the review ends."""
    roles: list[AgentRole]
    """Which, in the order of their first turn."""
    task: str
    """The task."""


class TaskRow(TypedDict):
    """A task of the list."""
    added_at: Timestamp
    """When it was put on the list."""
    after: list[int]
    """Tasks that come before it."""
    released: str | None
    """Why it was last given back."""
    result: str | None
    """What came out of it."""
    role: AgentRole | None
    """Whose it is; anybody's where absent."""
    session: SessionId | None
    """The member who has it, or did it."""
    status: TaskStatus2
    """How it stands."""
    task: int
    """Its number, from 1."""
    text: str
    """What is to be done."""
    updated_at: Timestamp
    """When it last changed."""


# How a task stands.
TaskStatus: TypeAlias = Literal["active", "paused", "archived"]


# How a task stands.
TaskStatus2: TypeAlias = Literal["open", "claimed", "done"]


class TeamDisbanded(TypedDict):
    """The team is no more."""
    reason: str
    """Why."""


class TeamFormed(TypedDict):
    """A team was formed."""
    firing: FiringId | None
    """The firing that it came from."""
    goal: str
    """What it is to reach."""
    project: ProjectId
    """The project it belongs to."""
    run: RunId | None
    """The run that its sessions are steps of."""


class TeamMemberJoined(TypedDict):
    """A session became a member."""
    role: AgentRole
    """Its role."""
    session: SessionId
    """The session."""


class TeamMessageRead(TypedDict):
    """A member has read a message."""
    message: int
    """The message."""
    session: SessionId
    """The member."""


# A message lies in a mailbox.
TeamMessageSent = TypedDict(
    "TeamMessageSent",
    {
        # The member who sent it; none for a person.
        "from": "SessionId | None",
        # Its number, from 1.
        "message": "int",
        # What it says.
        "text": "str",
        # The member it is for; none for all.
        "to": "SessionId | None",
    },
)


class TeamRow(TypedDict):
    """A team."""
    disbanded: str | None
    """Why it is no more."""
    firing: FiringId | None
    """The firing that it came from."""
    formed_at: Timestamp
    """When it was formed."""
    goal_preview: str
    """The first 200 characters of what it is to reach."""
    members: list[list[SessionId | AgentRole]]
    """Its members, with role."""
    messages: int
    """Messages between members and people."""
    project: ProjectId
    """The project it belongs to."""
    run: RunId | None
    """The run that its sessions are steps of."""
    tasks: int
    """Tasks on the list."""
    tasks_claimed: int
    """Tasks that a member has."""
    tasks_done: int
    """Tasks that are done."""
    updated_at: Timestamp
    """When it last changed."""


class TeamTaskAdded(TypedDict):
    """A task was put on the list."""
    after: list[int]
    """Tasks that come before it."""
    role: AgentRole | None
    """Whose it is; anybody's where absent."""
    task: int
    """Its number, from 1."""
    text: str
    """What is to be done."""


class TeamTaskClaimed(TypedDict):
    """A member took a task."""
    session: SessionId
    """The member."""
    task: int
    """The task."""


class TeamTaskCompleted(TypedDict):
    """A task is done."""
    result: str
    """What came out of it."""
    task: int
    """The task."""


class TeamTaskReleased(TypedDict):
    """A member gave a task back."""
    reason: str
    """Why."""
    task: int
    """The task."""


class TelemetryRecorded(TypedDict):
    """The agent's telemetry, which is another witness than its stream, told of tokens. Figures are
    differences, never running totals.
    """
    agent_session: str | None
    """The agent's own name of its session."""
    cache_read_tokens: int
    """Tokens read from the cache."""
    cache_write_tokens: int
    """Tokens written to the cache."""
    calls: int
    """Number of model calls that the figures stand for; 0 where it is not known."""
    cost_usd: Usd | None
    """What it cost; absent where unknown, which is not zero."""
    input_tokens: int
    """Tokens in, without the cached ones."""
    model: str
    """The model that answered."""
    output_tokens: int
    """Tokens out."""
    provider: str | None
    """Who was paid, such as `anthropic`."""
    running: RunningTotals | None
    """Of figures that are counted up: how they stood, so that the next difference can be taken."""
    signal: TelemetrySignal
    """Which kind of telemetry; one agent may tell the same by several."""
    step: StepId | None
    """The step, where it is known."""


# A kind of telemetry, as OpenTelemetry divides them.
TelemetrySignal: TypeAlias = Literal["metrics", "logs", "traces"]


# A line of the timeline.
TimelineRow: TypeAlias = "TimelineRowAsRun | TimelineRowAsStep | TimelineRowAsLoop"


class TimelineRowAsLoop(TypedDict):
    """A loop."""
    loop: LoopLine


class TimelineRowAsRun(TypedDict):
    """The run."""
    run: RunLine


class TimelineRowAsStep(TypedDict):
    """A step."""
    step: StepLine


Timestamp: TypeAlias = "str"


class ToolApprovalAwaited(TypedDict):
    """The agent wants to call a tool, and waits until somebody approves or denies it."""
    arguments: str
    """Its arguments, JSON text as the agent sent it."""
    call_id: str
    """The agent's id of the call."""
    step: StepId
    """The step."""
    tool: str
    """The tool's name."""


class ToolCalled(TypedDict):
    """The agent called a tool."""
    arguments: str
    """Its arguments, JSON text as the agent sent it."""
    call_id: str
    """The agent's id of the call."""
    sandbox: SandboxId | None
    """The sandbox of that step."""
    step: StepId
    """The step."""
    tool: str
    """The tool's name."""


class ToolReturned(TypedDict):
    """A tool answered."""
    call_id: str
    """The agent's id of the call."""
    duration_ms: int | None
    """How long it took, where known."""
    is_error: bool
    """Whether the tool reported an error."""
    more: bool
    """Whether more parts follow."""
    output: str
    """What it printed; the first part where `more` follows."""
    sandbox: SandboxId | None
    """The sandbox of that step."""
    step: StepId
    """The step."""
    tool: str
    """The tool's name."""


# How a score stands to the score of the cycle before.
Trend: TypeAlias = Literal["first", "improving", "stalled", "dropped"]


class TriggerConfigured(TypedDict):
    """Its condition or its work changed."""
    condition: Condition
    """When it fires."""
    name: str
    """A short name for lists."""
    version: int
    """The version, one more than the last."""
    work: TriggeredWork
    """What it starts."""


class TriggerCreated(TypedDict):
    """A trigger was made, enabled; this is its version 1."""
    condition: Condition
    """When it fires."""
    name: str
    """A short name for lists."""
    project: ProjectId
    """The project it belongs to."""
    work: TriggeredWork
    """What it starts."""


# It is gone.
TriggerDeleted: TypeAlias = "dict[str, Any]"


class TriggerDisabled(TypedDict):
    """It fires no more until it is enabled."""
    reason: str | None
    """Why."""


# It fires again.
TriggerEnabled: TypeAlias = "dict[str, Any]"


class TriggerFired(TypedDict):
    """The condition held, and work was started."""
    occasion: Occasion
    """When and on what."""
    started: StartedWork
    """What was started."""
    trigger_version: int | None
    """The trigger's version in force, where it was at hand."""


TriggerId: TypeAlias = "str"


class TriggerRow(TypedDict):
    """A trigger."""
    condition: Condition
    """When it fires."""
    deduplicated: int
    """Firings that repeated another."""
    enabled: bool
    """Whether it fires."""
    fired: int
    """Firings that started work."""
    kind: str
    """The kind of its condition."""
    last_at: Timestamp | None
    """When its condition last held."""
    name: str
    """A short name."""
    project: ProjectId
    """The project it belongs to."""
    queued: int
    """Firings that wait for budget."""
    reason: str | None
    """Why it does not."""
    skipped: int
    """Firings that were skipped or given up."""
    updated_at: Timestamp
    """When it last changed."""
    version: int
    """Its version in force."""
    work: TriggeredWork
    """What it starts."""


class TriggeredWork(TypedDict):
    """What a trigger starts."""
    estimate: int
    """What a firing is expected to use, in the pool's unit."""
    kind: TaskKind
    """What kind of task, for the router."""
    mode: SessionMode
    """A team or a single agent."""
    pool: BudgetPoolId | None
    """The budget pool it is admitted by."""
    role: AgentRole | None
    """The role, where the router is not asked."""
    task: str
    """The task, as the agent is told."""
    workflow: WorkflowId | None
    """The workflow, where runs follow one."""


class UnfinishedRow(TypedDict):
    """Work under way."""
    kind: StalledKind
    """What it is."""
    last_heard_at: Timestamp
    """When something was last heard of it; of a session, of its run too."""
    project: ProjectId
    """The project it belongs to."""
    since: Timestamp
    """When it began."""


class UsageRow(TypedDict):
    """What a model was used for in a project on a day."""
    cache_read_tokens: int
    """Tokens read from the cache."""
    cache_write_tokens: int
    """Tokens written to the cache."""
    calls: int
    """Model calls."""
    calls_without_cost: int
    """Model calls whose cost is unknown; the total stands for the others."""
    day: str
    """The day in UTC, as `2026-11-21`."""
    input_tokens: int
    """Tokens in, without the cached ones."""
    model: str
    """The model."""
    output_tokens: int
    """Tokens out."""
    project: ProjectId
    """The project."""
    provider: str | None
    """Who was paid; absent where unknown, or where it was not the same for every call."""
    runs: int
    """Runs that used it."""
    total_cost_usd: Usd
    """What the model calls cost, as far as known."""


# US dollars from 0 to 1,000,000, nine decimals
Usd: TypeAlias = "float"


class UserDisabled(TypedDict):
    """They no longer get in."""
    reason: str | None
    """Why."""


# They get in again.
UserEnabled: TypeAlias = "dict[str, Any]"


UserId: TypeAlias = "str"


class UserRegistered(TypedDict):
    """Somebody has an account."""
    administrator: bool
    """Whether they manage the installation."""
    email: str
    """Their address."""
    name: str
    """Their name on screen."""


class UserRenamed(TypedDict):
    """They are called otherwise."""
    name: str
    """Their name on screen."""


class UserRow(TypedDict):
    """A user."""
    administrator: bool
    """Whether they manage the installation."""
    email: str
    """Their address."""
    name: str
    """Their name on screen."""
    password: bool
    """Whether they have a password."""
    reason: str | None
    """Why they are kept out."""
    registered_at: Timestamp
    """Since when they have an account."""
    status: Standing
    """Whether they get in."""
    updated_at: Timestamp
    """When it last changed."""


class Variant(TypedDict):
    """A configuration that an experiment tries."""
    model: str | None
    """The model that its runs ask for."""
    name: str
    """Its name in the experiment, such as `opus`."""
    note: str | None
    """What else is different, in words; one line."""
    workflow: WorkflowId | None
    """The workflow that its runs follow."""


class VendorEvidenceRecorded(TypedDict):
    """The vendor said how the pool stands; that overrides the count."""
    at: Timestamp
    """When it was said."""
    exhausted: bool
    """Whether the vendor refuses until it resets."""
    resets_at: Timestamp | None
    """When it resets, where it was said."""
    source: str
    """Where it was said, such as `rate_limit_event`."""
    used_share: Share | None
    """The share that is used, 0 to 1, where it was said."""


# A checker's verdict.
Verdict = TypedDict(
    "Verdict",
    {
        # What to do better.
        "feedback": "str",
        # Whether the work passes.
        "pass": "bool",
    },
)


# A checker judged the work.
VerdictIssued = TypedDict(
    "VerdictIssued",
    {
        # What to do better.
        "feedback": "str",
        # Whether it passes.
        "pass": "bool",
        # The checker's step.
        "step": "StepId",
    },
)


class ViewEventRestored(TypedDict):
    """The view takes an event into account again, in every fold from the beginning on."""
    position: Position
    """The event."""
    reason: str
    """Why."""
    view: str
    """Name of the view."""


class ViewEventSkipped(TypedDict):
    """The view passes over an event, in every fold from the beginning on."""
    position: Position
    """The event."""
    reason: str
    """Why."""
    view: str
    """Name of the view."""


class Waiting(TypedDict):
    """A call that waits until somebody approves or denies it."""
    arguments: str
    """Its arguments, as JSON text."""
    call_id: str
    """The agent's id of the call."""
    since: Timestamp
    """Since when."""
    tool: str
    """The tool's name."""


class WebhookCondition(TypedDict):
    """Fires on a request from outside, whose signature is checked."""
    events: list[str]
    """The kinds of event that count, such as `issues.opened`; all where empty."""
    secret: str
    """The project's environment variable with the secret that signs."""
    source: str
    """Who sends it, such as `github`."""


class WebhookDropped(TypedDict):
    """No trigger was asked, and none will be."""
    reason: str
    """Why."""


class WebhookEvaluated(TypedDict):
    """Triggers were asked."""
    firings: list[FiringId]
    """Their firings, skipped ones included; none where no trigger is concerned."""


class WebhookReceived(TypedDict):
    """Something came; it waits until triggers are asked."""
    body: str
    """The body as text, as far as it is kept; empty where the signature does not fit."""
    body_bytes: int
    """Length of the whole body in bytes."""
    body_sha256: str
    """SHA-256 of the whole body, hex."""
    delivery: str
    """The sender's id of the delivery."""
    kind: str
    """The sender's word for what happened, such as `issues.opened`."""
    project: ProjectId
    """The project it is for."""
    source: str
    """Who sent it, such as `github`."""
    verified: bool
    """Whether its signature fits."""


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


class WorkChainAdvanced(TypedDict):
    """The next issue is due."""
    issue: IssueId
    """That issue."""


class WorkChainCancelled(TypedDict):
    """Somebody ended the chain; a running run is not touched."""
    reason: str | None
    """Why."""


# Every issue was seen to or passed over.
WorkChainCompleted: TypeAlias = "dict[str, Any]"


class WorkChainCreated(TypedDict):
    """A chain was made."""
    attempts_max: int
    """Most tries of one issue."""
    base_branch: str | None
    """The branch that one leaves from; the default one where absent."""
    branch: str
    """The branch that every run works on."""
    issues: list[IssueId]
    """The issues, in order."""
    on_failure: FailurePolicy
    """What a failed run leads to."""
    project: ProjectId
    """The project it belongs to."""
    title: str
    """A short name."""


WorkChainId: TypeAlias = "str"


class WorkChainIssueAdded(TypedDict):
    """An issue was added at the end."""
    issue: IssueId
    """The issue."""


class WorkChainIssueRemoved(TypedDict):
    """An issue that was still to come was taken out."""
    issue: IssueId
    """The issue."""


class WorkChainIssueSkipped(TypedDict):
    """The current issue was passed over."""
    issue: IssueId
    """The issue."""
    reason: str
    """Why."""


class WorkChainPaused(TypedDict):
    """No further run begins until somebody resumes; a running one goes on."""
    reason: str
    """Why."""


class WorkChainReordered(TypedDict):
    """The issues still to come stand in another order."""
    issues: list[IssueId]
    """All of them, in order."""


# Runs begin again; the current issue has all its tries anew.
WorkChainResumed: TypeAlias = "dict[str, Any]"


class WorkChainRetried(TypedDict):
    """The same issue is due again."""
    attempt: int
    """Which try it will be."""
    issue: IssueId
    """That issue."""


class WorkChainRunEnded(TypedDict):
    """That run ended. What follows from it follows in the same commit."""
    issue: IssueId
    """The issue."""
    outcome: RunOutcome
    """How it ended."""
    run: RunId
    """The run."""


class WorkChainRunStarted(TypedDict):
    """A run began to work on the current issue."""
    attempt: int
    """Which try of this issue it is, from 1."""
    issue: IssueId
    """The issue."""
    run: RunId
    """The run; it is requested under this id."""


# The chain began: its first issue is due.
WorkChainStarted: TypeAlias = "dict[str, Any]"


class WorkChainStopped(TypedDict):
    """A failure ended the chain."""
    reason: str
    """Why."""


# It is gone for good; its versions stay readable.
WorkflowArchived: TypeAlias = "dict[str, Any]"


class WorkflowCreated(TypedDict):
    """A workflow was made; this is its version 1."""
    definition: WorkflowDefinition
    """What it is."""
    description: str
    """What it is good for."""
    name: str
    """What people call it."""
    project: ProjectId
    """The project it belongs to."""


class WorkflowDefined(TypedDict):
    """It is defined anew; runs that have begun keep the version they were requested with."""
    definition: WorkflowDefinition
    """What it is."""
    note: str | None
    """Why it changed."""
    version: int
    """The version, one more than the last."""


class WorkflowDefinition(TypedDict):
    """What a workflow is."""
    cli_tool: str | None
    """The agent's program where a step names none."""
    loops: list[LoopDefinition]
    """Its loops."""
    model: str | None
    """The model where a step names none."""
    sandbox: SandboxDefaults
    """What its sandboxes are made with."""
    steps: list[StepDefinition]
    """Its steps, in order."""
    thinking_effort: Effort | None
    """How hard a model is asked to think where a step says nothing."""
    workflow_type: WorkflowType
    """Its shape."""


class WorkflowDefinitionVersion(TypedDict):
    """A version."""
    actor: Actor
    """Who wrote it."""
    at: Timestamp
    """When it was written."""
    content: WorkflowDefinition
    """What it says."""
    current: bool
    """Whether it is the one in force."""
    note: str | None
    """Why it changed."""
    version: int
    """Its number."""


WorkflowId: TypeAlias = "str"


class WorkflowRenamed(TypedDict):
    """It has another name or description."""
    description: str
    """What it is good for."""
    name: str
    """What people call it."""


class WorkflowRow(TypedDict):
    """A workflow."""
    archived: bool
    """Whether it is out of use."""
    created_at: Timestamp
    """When it was made."""
    description: str
    """What it is good for."""
    loops: int
    """Number of its loops."""
    name: str
    """What people call it."""
    project: ProjectId
    """The project it belongs to."""
    runs: int
    """Runs that were asked for."""
    steps: list[StepBrief]
    """Its steps, in order."""
    updated_at: Timestamp
    """When it last changed."""
    version: int
    """Version of its definition."""
    workflow_type: WorkflowType
    """Its shape."""


# Shape of a workflow.
WorkflowType: TypeAlias = Literal[
    "single_designer",
    "designer_checker",
    "custom_pipeline",
    "persona_pipeline",
]


class WriterStarted(TypedDict):
    """A process opened the log and began to write: everything after it comes from this writer. It
    stands before the writer's first commit, so that opening alone changes nothing.
    """
    durability: str
    """How commits are made durable, as `/readyz` names it."""
    epoch: int
    """Bumped by every restore and repair; older positions are void."""
    software: str
    """Version of the software that writes."""
