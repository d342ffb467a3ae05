//! One or more of every event of a sandbox.

use super::*;

/// One or more of every event.
pub(crate) fn samples() -> Vec<SandboxEvent> {
    let message = MessageId::from_bytes([3; 16]);
    let created = SandboxCreated {
        project: ProjectId::from_bytes([1; 16]),
        run: Some(RunId::from_bytes([2; 16])),
        template_id: "rust".into(),
        timeout_ms: 3_600_000,
        memory_mb: 4_096,
        cpus: 4,
        designer_model: Some("opus".into()),
        checker_model: Some("sonnet".into()),
        efforts: vec![("opus".into(), Effort::High), ("sonnet".into(), Effort::Off)],
        provider: Some("local".into()),
    };
    let direct = SandboxCreated {
        run: None,
        designer_model: None,
        checker_model: None,
        efforts: vec![],
        provider: None,
        ..created.clone()
    };
    let said = |role, content: &str, stream_log: Option<&str>, more| MessageAppended {
        message,
        role,
        content: content.into(),
        stream_log: stream_log.map(Into::into),
        more,
    };
    vec![
        created.into(),
        direct.into(),
        SandboxStarted {}.into(),
        said(MessageRole::User, "Fix the build", None, false).into(),
        said(MessageRole::Assistant, "On it: ", Some("{\"type\":\"text\"}\n"), true).into(),
        MessageContinued { message, content: "done".into(), more: false }.into(),
        SandboxPaused {}.into(),
        SandboxResumed {}.into(),
        FilesSyncedIn { base_commit: "5e".repeat(20), files: 412, bytes: 1_234_567 }.into(),
        FilesSyncedBack { branch: "fix/build".into(), commit: "6f".repeat(20), files: 3 }.into(),
        SandboxFailed { error: "out of disk".into() }.into(),
        SandboxKilled { reason: KillReason::Lost }.into(),
    ]
}
