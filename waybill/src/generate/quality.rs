//! What is learned: learnings are reviewed, compiled into documents, reverted, retired and promoted.

use domain::ids::{LearningDocumentId, LearningId, ProjectId, RunId, StepId};
use domain::terms::{LearningCategory, Role, Severity};
use serde_json::json;

use super::World;
use super::script::Script;
use crate::failure::Failure;

/// Learnings of a document at most.
const COMPILED_MAX: usize = 50;
const PROMOTED_MAX: usize = 50;

/// An agent proposes a learning.
pub(super) fn propose(
    script: &mut Script,
    world: &mut World,
    run: RunId,
    step: StepId,
) -> Result<(), Failure> {
    let learning: LearningId = script.id();
    let roles = if script.dice.chance(50) { vec![] } else { vec![Role::Designer, Role::Checker] };
    let proposed = json!({
        "project": world.project, "run": run, "step": step, "source": "agent", "roles": roles,
        "description": script.dice.prose(200), "trigger": script.dice.sentence(),
        "correct_behaviour": script.dice.prose(150), "confidence": script.dice.between(40, 99) as f64 / 100.0,
        "severity": script.dice.pick(Severity::ALL), "category": script.dice.pick(LearningCategory::ALL),
    });
    script.tell(learning, "propose", &proposed)?;
    world.proposed.push(learning);
    Ok(())
}

/// What a person noticed, and nobody has looked at yet.
pub(super) fn noticed(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    for category in LearningCategory::ALL {
        let learning: LearningId = script.id();
        let proposed = json!({
            "project": world.project, "source": "human", "roles": [], "description": script.dice.prose(200),
            "trigger": script.dice.sentence(), "correct_behaviour": script.dice.prose(150), "confidence": 1.0,
            "severity": script.dice.pick(Severity::ALL), "category": category,
        });
        script.tell(learning, "propose", &proposed)?;
    }
    Ok(())
}

/// A person looks through what was proposed.
pub(super) fn review_learnings(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    for learning in std::mem::take(&mut world.proposed) {
        let reviewer = *script.dice.pick(&world.people);
        script.wait(20, 600);
        if script.dice.chance(70) {
            script.tell(
                learning,
                "approve",
                &json!({ "reviewer": reviewer, "note": script.dice.sentence() }),
            )?;
            world.approved.push(learning);
            world.quality = (world.quality + 60).min(9_500);
        } else {
            script.tell(
                learning,
                "reject",
                &json!({ "reviewer": reviewer, "reason": script.dice.sentence() }),
            )?;
        }
    }
    if world.approved.len() > 4 && script.dice.chance(30) {
        let retired = world.approved.remove(0);
        script.tell(retired, "retire", &json!({ "reason": script.dice.sentence() }))?;
    }
    if world.approved.len() > 2 && world.promoted.len() < PROMOTED_MAX && script.dice.chance(20) {
        let seen: ProjectId = script.id();
        let promoted = world.approved.remove(0);
        script.tell(promoted, "promote", &json!({ "seen_in": [seen] }))?;
        world.promoted.push(promoted);
    }
    Ok(())
}

/// Approved learnings become the next version of each role's document; sometimes the one before was better.
pub(super) fn compile_documents(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    if world.approved.is_empty() {
        return Ok(());
    }
    if world.documents.is_empty() {
        for role in [Role::Designer, Role::Checker] {
            let document: LearningDocumentId = script.id();
            script.tell(document, "open", &json!({ "project": world.project, "role": role }))?;
            world.documents.push((role, document, 0));
        }
    }
    // What no longer fits is retired: an approved one may not be lost.
    while world.approved.len() > COMPILED_MAX {
        let oldest = world.approved.remove(0);
        script.tell(oldest, "retire", &json!({ "reason": script.dice.sentence() }))?;
    }
    let newest: Vec<LearningId> = world.promoted.iter().chain(&world.approved).copied().collect();
    for (_, document, version) in &mut world.documents {
        script.tell(*document, "compile", &json!({ "learnings": newest, "note": "reviewed" }))?;
        *version += 1;
        if *version > 1 && script.dice.chance(20) {
            script.tell(*document, "activate", &json!({ "version": *version - 1 }))?;
        }
    }
    Ok(())
}
