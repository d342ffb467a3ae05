//! How a project is set up, and how that changes: settings, members, contexts, assets, personas, workflows.

use domain::StreamId;
use domain::ids::{ApiKeyId, AssetId, ContextId, InvitationId, PersonaId, UserId, WorkflowId};
use domain::terms::SessionType;
use serde_json::json;

use super::World;
use super::script::Script;
use crate::failure::Failure;

const HEX: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// The project itself, with its settings.
pub(super) fn project(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    let (project, owner): (StreamId, UserId) = (world.project.into(), script.id());
    world.people.push(owner);
    account(script, owner, &format!("owner.{}@team.example", owner.to_string().to_lowercase()))?;
    let number = world.number + 1;
    // With a part of its id: another seed's projects may be in the same log.
    let id = world.project.to_string().to_lowercase();
    let slug = format!("generated-{number}-{}", &id[id.len() - 6..]);
    let url = format!("https://git.example/team/{slug}");
    script.tell(
        project,
        "create",
        &json!({ "slug": slug, "name": format!("Project {number}"), "owner": owner }),
    )?;
    script.tell(project, "link-repository", &json!({ "repository_url": url }))?;
    let prompt = script.dice.prose(800);
    script.tell(project, "set-sandbox-prompt", &json!({ "prompt": prompt }))?;
    let content = format!("# Rules\n\n{}", script.dice.prose(2_500));
    script.tell(project, "set-claude-md", &json!({ "content": content }))?;
    script.tell(project, "set-git-author", &json!({ "name": "Agents", "email": "agents@team.example" }))?;
    let plain = json!({ "plain": { "value": "staging" } });
    script.tell(project, "set-env-var", &json!({ "name": "STAGE", "value": plain }))?;
    let sealed = json!({ "key_id": "k1", "nonce": &HEX[..24], "ciphertext": HEX });
    let secret = json!({ "sealed": { "sealed": sealed } });
    script.tell(project, "set-env-var", &json!({ "name": "TOKEN", "value": secret, "secret": true }))?;
    let weights =
        json!({ "correctness": 3, "type_safety": 1, "code_style": 1, "test_coverage": 2, "completeness": 2 });
    script.tell(project, "set-quality-policy", &json!({ "weights": weights, "threshold": 75.0 }))?;
    script.tell(project, "set-learning-settings", &json!({ "model": "claude-sonnet-4-6" }))?;
    script.tell(project, "set-merging-settings", &json!({ "model": "claude-opus-4-6" }))?;
    Ok(())
}

/// An account, as whoever logs in has one; its address is nobody else's, in no other seed either.
fn account(script: &mut Script, user: UserId, email: &str) -> Result<(), Failure> {
    script.tell(user, "register", &json!({ "name": email.split('.').next(), "email": email })).map(|_| ())
}

/// People who are invited and come, and keys.
pub(super) fn members(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    let project = world.project;
    for (n, role) in ["admin", "member", "member", "auditor", "analyst"].into_iter().enumerate() {
        let (invitation, user): (InvitationId, UserId) = (script.id(), script.id());
        let email = format!("person{n}@team.example");
        script.tell(
            project,
            "invite-member",
            &json!({ "invitation": invitation, "email": email, "role": role }),
        )?;
        script.wait(300, 40_000);
        if n == 4 {
            script.tell(project, "revoke-invitation", &json!({ "invitation": invitation }))?;
            continue;
        }
        let accepted = json!({ "invitation": invitation, "user": user, "email": email });
        account(script, user, &format!("person{n}.{}@team.example", user.to_string().to_lowercase()))?;
        script.tell(project, "accept-invitation", &accepted)?;
        world.people.push(user);
    }
    let key: ApiKeyId = script.id();
    let issued = json!({ "key": key, "name": "ci", "scopes": ["runs"], "secret_sha256": HEX });
    script.tell(project, "issue-api-key", &issued)?;
    let sealed = json!({ "key_id": "k1", "nonce": &HEX[..24], "ciphertext": HEX });
    let owner = world.people[0];
    let key = json!({ "user": owner, "provider": "anthropic", "sealed": sealed });
    script.tell(project, "seal-provider-key", &key)?;
    let promoted = world.people[2];
    script.tell(project, "change-member-role", &json!({ "user": promoted, "role": "admin" }))?;
    Ok(())
}

/// A context for each kind of session, which the project's settings name.
pub(super) fn contexts(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    for session in SessionType::ALL {
        let context: ContextId = script.id();
        let created = json!({
            "project": world.project, "name": format!("For {session}"), "session": session,
            "system_prompt": script.dice.prose(1_500), "claude_md": script.dice.prose(900),
        });
        script.tell(context, "create", &created)?;
        let updated = json!({
            "system_prompt": script.dice.prose(1_700), "claude_md": script.dice.prose(900), "note": "clearer",
        });
        script.tell(context, "update", &updated)?;
        let configured =
            json!({ "session": session, "context": context, "default_model": "claude-sonnet-4-6" });
        script.tell(world.project, "configure-session", &configured)?;
        world.contexts.push(context);
    }
    Ok(())
}

/// A skill, a command and a script.
pub(super) fn assets(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    let skill = json!({ "skill": { "files": [
        { "path": "SKILL.md", "content": script.dice.prose(2_000) },
        { "path": "reference/examples.md", "content": script.dice.prose(1_000) },
    ] } });
    let command = json!({ "command": { "expression": "cargo test --workspace --quiet" } });
    let lint =
        json!({ "script": { "language": "shell", "moment": "before_start", "source": "make setup\n" } });
    for (name, content) in [("review-code", skill), ("run-tests", command), ("prepare", lint)] {
        let asset: AssetId = script.id();
        let created = json!({
            "project": world.project, "name": name, "description": script.dice.sentence(), "content": content,
        });
        script.tell(asset, "create", &created)?;
        script.tell(asset, "publish", &json!({ "version": 1 }))?;
        script.tell(asset, "add-version", &json!({ "content": content, "note": "again" }))?;
        world.assets.push((asset, 1));
    }
    Ok(())
}

/// The personas of the pipelines, and one that nobody uses.
pub(super) fn personas(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    let types =
        ["prompter", "designer", "checker", "optimizer", "evaluator", "planner", "answerer", "custom"];
    for persona_type in types {
        let persona: PersonaId = script.id();
        let mut configuration = json!({
            "persona_type": persona_type, "instructions": script.dice.prose(600),
            "skills": [world.assets[0].0], "commands": [world.assets[1].0],
            "model": if persona_type == "designer" { "claude-opus-4-6" } else { "claude-sonnet-4-6" },
        });
        if persona_type == "evaluator" {
            configuration["quality_threshold"] = json!(75.0);
        }
        let created = json!({
            "project": world.project, "name": format!("The {persona_type}"), "configuration": configuration,
        });
        script.tell(persona, "create", &created)?;
        if persona_type == "checker" {
            configuration["instructions"] = script.dice.prose(700).into();
            let again = json!({ "configuration": configuration, "note": "stricter" });
            script.tell(persona, "configure", &again)?;
        }
        world.personas.push(persona);
    }
    let last = world.personas.pop().expect("there are several");
    script.tell(last, "disable", &json!({}))?;
    Ok(())
}

/// A workflow of every type.
pub(super) fn workflows(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    let of = |at: usize| world.personas[at];
    let (prompter, designer, checker, optimizer, evaluator) = (of(0), of(1), of(2), of(3), of(4));
    let loops = json!([{ "name": "review", "max_iterations": 3 }]);
    let custom = json!({ "workflow_type": "custom_pipeline", "loops": loops, "steps": [
        { "role": "investigator" },
        { "role": "designer", "in_loop": "review" },
        { "role": "checker", "in_loop": "review" },
        { "role": "evaluator" },
    ] });
    let personas = json!({ "workflow_type": "persona_pipeline", "loops": loops, "steps": [
        { "persona": prompter },
        { "persona": designer, "in_loop": "review" },
        { "persona": checker, "in_loop": "review" },
        { "persona": optimizer },
        { "persona": evaluator },
    ] });
    let taking_part = vec![prompter, designer, checker, optimizer, evaluator];
    for (name, definition, taking_part) in [
        ("Quick fix", json!({ "workflow_type": "single_designer" }), vec![]),
        ("Build and check", json!({ "workflow_type": "designer_checker" }), vec![]),
        ("Research, build, score", custom, vec![]),
        ("The whole team", personas, taking_part),
    ] {
        let workflow: WorkflowId = script.id();
        let created = json!({
            "project": world.project, "name": name, "description": script.dice.sentence(), "definition": definition,
        });
        script.tell(workflow, "create", &created)?;
        if name == "Build and check" {
            let again = json!({ "workflow_type": "designer_checker", "model": "claude-sonnet-4-6" });
            script.tell(workflow, "define", &json!({ "definition": again, "note": "cheaper" }))?;
        }
        world.workflows.push((workflow, taking_part));
    }
    Ok(())
}

/// What is changed, reverted and put away in the end.
pub(super) fn changes(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    script.tell(world.contexts[0], "activate", &json!({ "version": 1 }))?;
    let (asset, _) = world.assets[0];
    script.tell(asset, "publish", &json!({ "version": 2 }))?;
    world.assets[0].1 = 2;
    script.tell(asset, "withdraw", &json!({ "version": 1, "reason": script.dice.sentence() }))?;
    let (workflow, _) = world.workflows[0];
    script.tell(workflow, "rename", &json!({ "name": "Quick fix, no review" }))?;
    let left = world.people.pop().expect("there are several");
    script.tell(world.project, "remove-member", &json!({ "user": left }))?;
    Ok(())
}
