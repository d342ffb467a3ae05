//! One or more of every event of a session.

use super::*;

/// One or more of every event.
pub(crate) fn samples() -> Vec<SessionEvent> {
    let parts = SessionParts {
        role: Some(AgentRole::Scout),
        agent: Some((AgentDefinitionId::from_bytes([2; 16]), 3)),
        persona: Some(PersonaId::from_bytes([3; 16])),
        identity_digest: Some("0a".repeat(32)),
        rules: vec!["git-protocol".into()],
        assets: vec![(AssetId::from_bytes([4; 16]), 1)],
        context: Some((ContextId::from_bytes([5; 16]), 2)),
        learning_version: Some(7),
        brain_files: vec!["PROJECT.md".into()],
        system_prompt: "You research.".into(),
        allowed_tools: vec!["Read".into()],
        mcp_servers: vec![McpServer {
            name: "perplexity".into(),
            command: "bunx @perplexity-ai/mcp-server".into(),
            environment: vec!["PERPLEXITY_API_KEY".into()],
        }],
        working_directory: "/workspace".into(),
    };
    let limits = SessionLimits {
        done_criteria: "a note stands in RESEARCH".into(),
        wall_clock_ms: 1_800_000,
        cost_usd_micros: Some(2_000_000),
    };
    let built = SessionBuilt {
        project: ProjectId::from_bytes([1; 16]),
        mode: SessionMode::Team,
        firing: Some(FiringId::from_bytes([6; 16])),
        run: Some(RunId::from_bytes([7; 16])),
        step: Some(StepId::from_bytes([8; 16])),
        sandbox: Some(SandboxId::from_bytes([9; 16])),
        parts: Box::new(parts),
        limits,
    };
    vec![
        by_hand(&built).into(),
        built.into(),
        SessionResumed { before: SessionId::from_bytes([10; 16]) }.into(),
        SessionStarted { agent_session: Some("0b6e".into()) }.into(),
        SessionSteered { kind: SteerKind::Message, text: "look at the lock file".into() }.into(),
        SessionEnded { end: SessionEnd::Done, note: Some("one note".into()) }.into(),
        SessionEnded { end: SessionEnd::CostLimit, note: None }.into(),
    ]
}

/// The same by hand, of nothing but a prompt.
fn by_hand(built: &SessionBuilt) -> SessionBuilt {
    let parts = SessionParts {
        role: None,
        agent: None,
        persona: None,
        identity_digest: None,
        rules: vec![],
        assets: vec![],
        context: None,
        learning_version: None,
        brain_files: vec![],
        allowed_tools: vec![],
        mcp_servers: vec![],
        ..(*built.parts).clone()
    };
    let (mode, parts) = (SessionMode::Interactive, Box::new(parts));
    SessionBuilt { mode, firing: None, sandbox: None, parts, ..built.clone() }
}
