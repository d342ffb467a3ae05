//! One or more of every event of an asset.

use super::*;

/// One or more of every event.
pub(crate) fn samples() -> Vec<AssetEvent> {
    let created = |kind, name: &str| AssetCreated {
        project: ProjectId::from_bytes([1; 16]),
        kind,
        name: name.into(),
        description: "How tests run here".into(),
    };
    let files = vec![
        SkillFile { path: "SKILL.md".into(), content: "# Testing\n".into() },
        SkillFile { path: "examples/unit.md".into(), content: String::new() },
    ];
    let (language, moment) = (ScriptLanguage::Python, ScriptMoment::AfterCompletion);
    vec![
        created(AssetKind::Skill, "Testing").into(),
        created(AssetKind::Command, "run-tests").into(),
        created(AssetKind::Script, "Seed").into(),
        AssetRenamed { name: "Tests".into(), description: String::new() }.into(),
        AssetVersionAdded { version: 1, content: AssetContent::Skill { files }, note: None }.into(),
        AssetVersionAdded {
            version: 2,
            content: AssetContent::Command { expression: "cargo test".into() },
            note: Some("was make".into()),
        }
        .into(),
        AssetVersionAdded {
            version: 3,
            content: AssetContent::Script { language, moment, source: "print(1)".into() },
            note: None,
        }
        .into(),
        AssetVersionPublished { version: 1 }.into(),
        AssetVersionActivated { version: 1 }.into(),
        AssetVersionWithdrawn { version: 2, reason: "wrong flag".into() }.into(),
        AssetArchived {}.into(),
        AssetShared {}.into(),
    ]
}
