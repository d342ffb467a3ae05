//! One or more of every event of a run.

use super::*;
use crate::flow::{PlannedLoop, PlannedStep};
use crate::ids::{AssetId, ContextId, MessageId, RunId, WorkflowId};
use crate::terms::{CiStatus, Effort, MessageRole, PullRequestStatus, RunSource, SteerKind, TelemetrySignal};
use crate::values::{Timestamp, Usd};

/// One or more of every event.
pub(crate) fn samples() -> Vec<RunEvent> {
    let mut samples = samples_of_the_run();
    samples.extend(samples_of_ci());
    samples.extend(samples_of_steps());
    samples.extend(samples_of_content());
    samples.extend(samples_of_judging());
    samples.extend(samples_of_merging());
    samples.extend(samples_of_telemetry());
    samples
}

fn sample_blueprint() -> Blueprint {
    let step = |role, persona, in_loop| PlannedStep {
        role,
        persona,
        cli_tool: "claude".into(),
        model: Some("opus".into()),
        thinking_effort: None,
        in_loop,
        quality_threshold: None,
    };
    let persona = Some((PersonaId::from_bytes([4; 16]), 2));
    let mut merger = step(Role::MergeAgent, None, None);
    (merger.model, merger.thinking_effort) = (None, Some(Effort::Low));
    merger.quality_threshold = Score::from_units(7_500);
    Blueprint {
        steps: vec![step(Role::Designer, persona, Some(0)), step(Role::Checker, None, Some(0)), merger],
        loops: vec![PlannedLoop { loop_id: LoopId::from_bytes([13; 16]), max_iterations: 3 }],
    }
}

fn samples_of_the_run() -> Vec<RunEvent> {
    let configuration = Configuration {
        workflow_version: Some(3),
        personas: vec![PersonaId::from_bytes([4; 16])],
        persona_versions: vec![2],
        contexts: vec![(ContextId::from_bytes([5; 16]), 2)],
        learning_version: Some(7),
        learning_versions: vec![(Role::Designer, 7)],
        assets: vec![(AssetId::from_bytes([6; 16]), 1)],
    };
    let requested = RunRequested {
        project: ProjectId::from_bytes([1; 16]),
        workflow: Some(WorkflowId::from_bytes([2; 16])),
        source: RunSource::Workflow,
        title: Some("Fix the build".into()),
        prompt: "The build fails on main. Fix it.".into(),
        configuration,
        blueprint: Some(sample_blueprint()),
        candidates: vec!["fix/a".into(), "fix/b".into()],
        origin: Some(RunId::from_bytes([7; 16]).into()),
    };
    let bare = RunRequested {
        workflow: None,
        source: RunSource::Import,
        title: None,
        configuration: Configuration {
            workflow_version: None,
            personas: vec![],
            persona_versions: vec![],
            contexts: vec![],
            learning_version: None,
            learning_versions: vec![],
            assets: vec![],
        },
        blueprint: None,
        candidates: vec![],
        origin: None,
        ..requested.clone()
    };
    let (into, step) = (RunId::from_bytes([3; 16]), StepId::from_bytes([11; 16]));
    vec![
        requested.into(),
        bare.into(),
        InstructionsPinned { version: 1 }.into(),
        RunStarted {}.into(),
        BranchCreated { branch: "fix/build".into(), base_branch: "main".into() }.into(),
        PullRequestOpened { url: "https://github.com/example/waybill/pull/12".into(), number: 12 }.into(),
        PullRequestUpdated { status: PullRequestStatus::Merged }.into(),
        OperatorSteered { step, kind: SteerKind::Message, text: "look at the lock file".into() }.into(),
        RunForked { into, after_step: Some(step) }.into(),
        RunForked { into, after_step: None }.into(),
        RunCompleted { summary: Some("The build passes.".into()) }.into(),
        RunCompleted { summary: None }.into(),
        RunFailed { error: "no disk left".into() }.into(),
        RunCancelled { reason: Some("superseded".into()) }.into(),
        RunCancelled { reason: None }.into(),
        AgentLineUnrecognised {
            origin: "session.jsonl:12".into(),
            raw: r#"{"type":"new"}"#.into(),
            length: 14,
        }
        .into(),
    ]
}

fn samples_of_ci() -> Vec<RunEvent> {
    let check = CiCheck {
        name: "build".into(),
        status: CiStatus::Passing,
        details_url: Some("https://ci.example.org/1".into()),
    };
    let undetailed = CiCheck { name: "lint".into(), status: CiStatus::Skipped, details_url: None };
    vec![
        CiChecksPolled {
            status: CiStatus::Passing,
            checks: vec![check, undetailed],
            checked_at: Some(Timestamp::from_millis(1_763_682_000_000)),
        }
        .into(),
        CiChecksPolled { status: CiStatus::Pending, checks: vec![], checked_at: None }.into(),
    ]
}

fn samples_of_steps() -> Vec<RunEvent> {
    let step = StepId::from_bytes([11; 16]);
    let started = StepStarted {
        step,
        role: Role::Designer,
        sandbox: Some(SandboxId::from_bytes([12; 16])),
        persona: Some(PersonaId::from_bytes([4; 16])),
        cli_tool: Some("claude".into()),
        model: Some("claude-opus-4-6".into()),
        thinking_effort: Some(Effort::High),
        iteration: 1,
        loop_id: Some(LoopId::from_bytes([13; 16])),
        loop_iteration: Some(1),
        prompt_digest: Some("5e".repeat(32)),
        persona_version: Some(2),
        quality_threshold: None,
    };
    let usage = StepUsageRecorded {
        step,
        provider: Some("anthropic".into()),
        model: "claude-opus-4-6".into(),
        input_tokens: 12,
        output_tokens: 345,
        cache_read_tokens: 67_890,
        cache_write_tokens: 1_234,
        calls: 1,
        cost_usd: Usd::from_units(51_234_000),
    };
    vec![
        started_bare(step).into(),
        started.into(),
        StepUsageRecorded { provider: None, cost_usd: None, ..usage.clone() }.into(),
        usage.into(),
        StepCompleted { step, output: Some("done".into()) }.into(),
        StepCompleted { step, output: None }.into(),
        StepFailed { step, failure: StepFailure::RateLimited, error: "429".into() }.into(),
        StepSkipped { step, role: Role::Optimizer, reason: "nothing to polish".into() }.into(),
    ]
}

fn samples_of_content() -> Vec<RunEvent> {
    let step = StepId::from_bytes([11; 16]);
    let sandbox = Some(SandboxId::from_bytes([12; 16]));
    let message = MessageId::from_bytes([14; 16]);
    let said = StepMessageAppended {
        step,
        sandbox,
        message,
        role: MessageRole::Assistant,
        content: "The lock file is stale; ".into(),
        thinking: Some("It must be the lock file.".into()),
        stop_reason: Some("tool_use".into()),
        more: true,
    };
    let mut asked = said.clone();
    (asked.sandbox, asked.role, asked.thinking, asked.stop_reason) = (None, MessageRole::User, None, None);
    let part =
        StepContentContinued { step, sandbox, of: message.to_string(), content: "done".into(), more: false };
    let (call_id, tool) = ("toolu_01".to_owned(), "Bash".to_owned());
    let called = ToolCalled { step, sandbox, call_id, tool, arguments: r#"{"command":"make"}"#.into() };
    let returned = ToolReturned {
        step,
        sandbox,
        call_id: called.call_id.clone(),
        tool: called.tool.clone(),
        is_error: false,
        output: "Compiling".into(),
        duration_ms: Some(1_250),
        more: false,
    };
    vec![
        StepMessageAppended { more: false, ..asked }.into(),
        said.into(),
        StepContentContinued { sandbox: None, more: true, ..part.clone() }.into(),
        part.into(),
        ToolCalled { sandbox: None, arguments: String::new(), ..called.clone() }.into(),
        called.into(),
        ToolReturned { sandbox: None, is_error: true, duration_ms: None, more: true, ..returned.clone() }
            .into(),
        returned.into(),
    ]
}

fn samples_of_merging() -> Vec<RunEvent> {
    let (step, into) = (StepId::from_bytes([11; 16]), "release".to_owned());
    let branches = vec!["fix/a".to_owned(), "fix/b".to_owned()];
    let conflict = MergeConflict {
        branch: "fix/b".into(),
        path: "src/lock.rs".into(),
        detail: "both rename the same function".into(),
    };
    let (call_id, tool) = ("toolu_02".into(), "Bash".into());
    vec![
        BranchesMerged { step, branches: branches.clone(), into: into.clone(), commit: "5e".repeat(20) }
            .into(),
        MergeConflicted { step, branches, into, conflicts: vec![conflict] }.into(),
        ToolApprovalAwaited { step, call_id, tool, arguments: r#"{"command":"rm -r target"}"#.into() }.into(),
    ]
}

fn started_bare(step: StepId) -> StepStarted {
    StepStarted {
        step,
        role: Role::Custom,
        sandbox: None,
        persona: None,
        cli_tool: None,
        model: None,
        thinking_effort: None,
        iteration: 2,
        loop_id: None,
        loop_iteration: None,
        prompt_digest: None,
        persona_version: None,
        quality_threshold: Score::from_units(8_000),
    }
}

fn samples_of_judging() -> Vec<RunEvent> {
    let step = StepId::from_bytes([11; 16]);
    let loop_id = LoopId::from_bytes([13; 16]);
    let score = |units| Score::from_units(units).expect("a sample lies within 0 to 100");
    let scored = ScoresIssued {
        step,
        scores: QualityScores {
            correctness: score(9_000),
            type_safety: score(8_500),
            code_style: score(7_000),
            test_coverage: score(6_000),
            completeness: score(10_000),
        },
        weights: QualityWeights::EQUAL,
        composite: score(8_100),
        threshold: Some(score(8_000)),
        threshold_result: Some(true),
        summary: "Good; more tests.".into(),
    };
    let judged = JudgementIssued {
        step,
        candidates: vec!["fix/a".into(), "fix/b".into()],
        winner: "fix/b".into(),
        rationale: "smaller".into(),
        notes: vec![CandidateNote { candidate: "fix/a".into(), note: "touches too much".into() }],
    };
    vec![
        VerdictIssued { step, pass: false, feedback: "tests are missing".into() }.into(),
        VerdictIssued { step, pass: true, feedback: String::new() }.into(),
        ScoresIssued { threshold: None, threshold_result: None, summary: String::new(), ..scored.clone() }
            .into(),
        scored.into(),
        RunScored { quality_score: score(8_100), evaluators: 1 }.into(),
        JudgementIssued { notes: vec![], ..judged.clone() }.into(),
        judged.into(),
        LoopIterated { loop_id, iteration: 2, feedback: Some("tests are missing".into()) }.into(),
        LoopIterated { loop_id, iteration: 3, feedback: None }.into(),
        LoopForcedOn { loop_id, iterations: 3 }.into(),
    ]
}

fn samples_of_telemetry() -> Vec<RunEvent> {
    let observed = TelemetryRecorded {
        signal: TelemetrySignal::Metrics,
        agent_session: Some("5f0c8b1e".into()),
        step: Some(StepId::from_bytes([11; 16])),
        provider: Some("anthropic".into()),
        model: "claude-opus-4-6".into(),
        input_tokens: 12,
        output_tokens: 345,
        cache_read_tokens: 67_890,
        cache_write_tokens: 1_234,
        calls: 1,
        cost_usd: Usd::from_units(51_234_000),
        running: Some(RunningTotals {
            counted_since: Timestamp::from_millis(1_795_244_400_000),
            input_tokens: 24,
            output_tokens: 690,
            cache_read_tokens: 67_890,
            cache_write_tokens: 2_468,
            calls: 2,
            cost_usd: None,
        }),
    };
    let bare = TelemetryRecorded {
        signal: TelemetrySignal::Logs,
        agent_session: None,
        step: None,
        provider: None,
        cost_usd: None,
        running: None,
        ..observed.clone()
    };
    vec![observed.into(), bare.into()]
}
