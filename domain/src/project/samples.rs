//! One or more of every event of a project.

use super::*;
use crate::autonomy::{Channel, NotificationKind};

/// One or more of every event.
pub(crate) fn samples() -> Vec<ProjectEvent> {
    let mut samples = samples_of_settings();
    samples.extend(samples_of_members());
    samples
}

fn sample_sealed() -> Sealed {
    Sealed { key_id: "project-1".into(), nonce: "0f".repeat(24), ciphertext: "a7".repeat(40) }
}

fn samples_of_settings() -> Vec<ProjectEvent> {
    let full = SessionConfigured {
        session: SessionType::Evaluating,
        context: Some(ContextId::from_bytes([2; 16])),
        skills: vec![AssetId::from_bytes([3; 16]), AssetId::from_bytes([4; 16])],
        commands: vec![AssetId::from_bytes([5; 16])],
        scripts: vec![AssetId::from_bytes([6; 16])],
        setup_commands: vec!["cargo fetch".into(), "npm ci".into()],
        default_model: Some("opus".into()),
        default_effort: Some(Effort::High),
    };
    let bare = SessionConfigured {
        session: SessionType::Learning,
        context: None,
        skills: vec![],
        commands: vec![],
        scripts: vec![],
        setup_commands: vec![],
        default_model: None,
        default_effort: None,
    };
    let weights =
        PolicyWeights { correctness: 4, type_safety: 1, code_style: 1, test_coverage: 2, completeness: 2 };
    let plain = EnvValue::Plain { value: "debug".into() };
    vec![
        ProjectCreated {
            slug: "waybill".into(),
            name: "Waybill".into(),
            owner: Some(UserId::from_bytes([1; 16])),
            repository_url: Some("https://github.com/example/waybill".into()),
            logo_url: Some("https://example.org/logo.svg".into()),
        }
        .into(),
        ProjectCreated {
            slug: "b".into(),
            name: "B".into(),
            owner: None,
            repository_url: None,
            logo_url: None,
        }
        .into(),
        ProjectRenamed { name: "Waybill 2".into(), slug: "waybill-2".into() }.into(),
        RepositoryLinked { repository_url: "https://github.com/example/waybill-2".into() }.into(),
        LogoSet { logo_url: Some("https://example.org/new.svg".into()) }.into(),
        LogoSet { logo_url: None }.into(),
        SandboxPromptSet { prompt: "Be brief.".into() }.into(),
        ClaudeMdSet { content: "# Rules\n- test first\n".into() }.into(),
        full.into(),
        bare.into(),
        EnvVarSet { name: "LOG_LEVEL".into(), value: plain }.into(),
        EnvVarSet { name: "API_TOKEN".into(), value: EnvValue::Sealed { sealed: sample_sealed() } }.into(),
        EnvVarRemoved { name: "LOG_LEVEL".into() }.into(),
        GitAuthorSet { name: "Agent".into(), email: "agent@example.org".into() }.into(),
        LearningSettingsSet { model: Some("sonnet".into()), template: Some("Extract: {session}".into()) }
            .into(),
        LearningSettingsSet { model: None, template: None }.into(),
        MergingSettingsSet { model: Some("opus".into()), template: Some("Merge: {branches}".into()) }.into(),
        MergingSettingsSet { model: None, template: None }.into(),
        QualityPolicySet { version: 1, weights: weights.clone(), threshold: Score::from_units(8_000) }.into(),
        QualityPolicySet { version: 2, weights, threshold: None }.into(),
        FolderSet { machine: "laptop".into(), folder: Some("/home/ada/waybill".into()) }.into(),
        FolderSet { machine: "laptop".into(), folder: None }.into(),
        NotificationAddressSet {
            url: Some("https://example.org/hook".into()),
            secret: Some("HOOK_SECRET".into()),
        }
        .into(),
        NotificationAddressSet { url: None, secret: None }.into(),
        ContentSealingSet { sealing: ContentSealing::Person }.into(),
    ]
}

fn samples_of_members() -> Vec<ProjectEvent> {
    let invitation = InvitationId::from_bytes([7; 16]);
    let user = UserId::from_bytes([8; 16]);
    let issued = ApiKeyIssued {
        key: ApiKeyId::from_bytes([9; 16]),
        name: "ci".into(),
        scopes: vec!["runs:write".into(), "views:read".into()],
        secret_sha256: "5e".repeat(32),
        expires_at: Some(Timestamp::from_millis(1_800_000_000_000)),
    };
    let endless = ApiKeyIssued { key: ApiKeyId::from_bytes([10; 16]), expires_at: None, ..issued.clone() };
    vec![
        MemberInvited { invitation, email: "ada@example.org".into(), role: MemberRole::Admin }.into(),
        InvitationAccepted { invitation, user }.into(),
        MemberRoleChanged { user, role: MemberRole::Auditor }.into(),
        ProviderKeySealed { user, provider: "anthropic".into(), sealed: sample_sealed() }.into(),
        ProviderKeyRemoved { user, provider: "anthropic".into() }.into(),
        MemberNotificationsSet {
            user,
            kinds: vec![NotificationKind::NeedsPerson],
            channels: vec![Channel::Webhook, Channel::Desktop],
            url: Some("https://example.org/ada".into()),
            secret: Some("ADA_SECRET".into()),
        }
        .into(),
        InvitationRevoked { invitation: InvitationId::from_bytes([11; 16]) }.into(),
        MemberRemoved { user }.into(),
        ApiKeyRevoked { key: issued.key }.into(),
        issued.into(),
        endless.into(),
        ProjectDeleted {}.into(),
    ]
}
