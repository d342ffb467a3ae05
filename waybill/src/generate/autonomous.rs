//! The autonomous stack: triggers that fire, queue and skip, budgets, routing, sessions, scored reviews, the brain.

use domain::StreamId;
use domain::ids::{
    AgentDefinitionId, BrainId, BudgetPoolId, BudgetRequestId, DecisionId, FiringId, HeartbeatId, MistakeId,
    NotificationId, PatternId, ResearchNoteId, ReviewCycleId, RoutingId, SessionId, SessionSummaryId,
    TriggerId,
};
use domain::terms::RunSource;
use serde_json::{Value, json};

use super::run::{asked, play};
use super::script::Script;
use super::{World, together};
use crate::failure::Failure;

/// The brain, and what agents and people write into it.
pub(super) fn brain(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    let (brain, project): (BrainId, _) = (script.id(), world.project);
    script.tell(brain, "create", &json!({ "project": project }))?;
    for path in ["PROJECT.md", "ACTIVE.md", "BACKLOG.md"] {
        let content = format!("# {path}\n\n{}", script.dice.prose(900));
        script.tell(brain, "write", &json!({ "path": path, "content": content }))?;
    }
    for _ in 0..3 {
        script.wait(600, 9_000);
        let decision: DecisionId = script.id();
        let logged = json!({
            "project": project, "title": script.dice.title(), "decision": script.dice.prose(300),
            "rationale": script.dice.prose(200), "alternatives": script.dice.sentence(),
        });
        script.tell(decision, "log", &logged)?;
        let pattern: PatternId = script.id();
        let noted =
            json!({ "project": project, "title": script.dice.title(), "pattern": script.dice.prose(250) });
        script.tell(pattern, "note", &noted)?;
        let mistake: MistakeId = script.id();
        let logged = json!({
            "project": project, "title": script.dice.title(), "attempt": script.dice.prose(150),
            "failure": script.dice.sentence(), "instead": script.dice.sentence(),
        });
        script.tell(mistake, "log", &logged)?;
        if script.dice.chance(50) {
            script.tell(mistake, "resolve", &json!({ "how": script.dice.sentence() }))?;
        }
        let note: ResearchNoteId = script.id();
        let written = json!({
            "project": project, "title": script.dice.title(), "findings": script.dice.prose(1_200),
            "sources": "https://docs.example/one\nhttps://docs.example/two",
        });
        script.tell(note, "write", &written)?;
        let summary: SessionSummaryId = script.id();
        let written = json!({
            "project": project, "title": script.dice.title(), "done": script.dice.prose(400),
            "learned": script.dice.sentence(), "next": script.dice.sentence(),
        });
        script.tell(summary, "write", &written)?;
    }
    Ok(())
}

/// An agent definition, a pool with use, and a heartbeat with triggers that fire, are skipped and repeat themselves.
pub(super) fn triggers(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    let (project, agent): (_, AgentDefinitionId) = (world.project, script.id());
    let text = format!(
        "---\nname: builder\ndescription: Builds\nmodel: sonnet\ntools: Read, Write\n---\n\n{}\n",
        script.dice.prose(600)
    );
    script.tell(agent, "define", &json!({ "project": project, "text": text }))?;
    let pool: BudgetPoolId = script.id();
    let opened = json!({
        "project": project, "name": "Five hours", "capacity": 1_000, "unit": "prompts", "shape": "from_first_use",
        "length_ms": 18_000_000, "plan": "claude-max-5x",
    });
    script.tell(pool, "open", &opened)?;
    let (heartbeat, began): (HeartbeatId, _) = (script.id(), script.now());
    script.tell(heartbeat, "start", &json!({ "project": project, "at": began }))?;
    let trigger: TriggerId = script.id();
    let condition = json!({ "cron": { "expression": "0 * * * *", "timezone": "UTC" } });
    let work = json!({ "kind": "change", "mode": "team", "task": script.dice.prose(200), "estimate": 20 });
    let created = json!({ "project": project, "name": "Every hour", "condition": condition, "work": work });
    script.tell(trigger, "create", &created)?;
    let first = fire(script, world, trigger, pool)?;
    for name in ["skip", "deduplicate"] {
        script.wait(3_000, 3_900);
        let (firing, occasion): (FiringId, _) = (script.id(), occasion(script, world, trigger));
        let body = match name {
            "skip" => json!({ "occasion": occasion, "reason": "busy" }),
            _ => json!({ "occasion": occasion, "of": first }),
        };
        script.tell(firing, name, &body)?;
    }
    script.wait(60, 120);
    let beats =
        json!({ "ticks": 180, "checked": 180, "fired": 1, "queued": 0, "skipped": 1, "deduplicated": 1 });
    script.tell(heartbeat, "summarise", &json!({ "to": script.now(), "beats": beats }))?;
    Ok(())
}

fn occasion(script: &Script, world: &World, trigger: TriggerId) -> Value {
    json!({ "project": world.project, "trigger": trigger, "at": script.now(), "key": script.now().to_string() })
}

/// A firing with its budget, routing, run, session, review and notice.
fn fire(
    script: &mut Script,
    world: &mut World,
    trigger: TriggerId,
    pool: BudgetPoolId,
) -> Result<FiringId, Failure> {
    let (project, firing): (_, FiringId) = (world.project, script.id());
    let request: BudgetRequestId = script.id();
    let asked_for = json!({
        "request": request, "amount": 20, "purpose": "automated", "at": script.now(), "firing": firing,
    });
    script.tell(pool, "request", &asked_for)?;
    let routing: RoutingId = script.id();
    let facts = json!({ "kind": "change", "brain_exists": true, "specification_exists": false });
    let routed =
        json!({ "project": project, "firing": firing, "task": script.dice.prose(150), "facts": facts });
    let asked = asked(script, world, RunSource::Trigger, Some(firing.into()));
    let (run, session): (_, SessionId) = (asked.run, script.id());
    let started = json!({ "run": run, "session": session, "request": request, "routing": routing });
    let occasion = occasion(script, world, trigger);
    script.tell(firing, "fire", &json!({ "occasion": occasion, "started": started }))?;
    script.tell(routing, "route", &routed)?;
    play(script, world, &asked)?;
    let parts = json!({
        "role": "builder", "system_prompt": script.dice.prose(1_500), "allowed_tools": ["Read", "Write"],
        "mcp_servers": [], "rules": ["no-secrets"], "assets": [], "brain_files": ["PROJECT.md"],
        "working_directory": "/work",
    });
    let limits = json!({ "done_criteria": script.dice.sentence(), "wall_clock_ms": 3_600_000 });
    let built = json!({
        "project": project, "mode": "team", "firing": firing, "run": run, "step": world.step, "parts": parts,
        "limits": limits,
    });
    script.tell(session, "build", &built)?;
    script.tell(session, "start", &json!({}))?;
    together::team(script, world, (firing, run), session)?;
    script.let_go(run);
    script.wait(300, 2_000);
    script.tell(session, "end", &json!({ "end": "done" }))?;
    let used = json!({
        "amount": 17, "purpose": "automated", "at": script.now(), "request": request, "session": session,
    });
    script.tell(pool, "record-use", &used)?;
    review(script, world)?;
    let notification: NotificationId = script.id();
    let raised = json!({
        "project": project, "kind": "completed", "title": script.dice.title(), "body": script.dice.prose(150),
        "channels": ["dashboard", "desktop"], "about": StreamId::from(session),
    });
    script.tell(notification, "raise", &raised)?;
    script.tell(notification, "record-delivery", &json!({ "channel": "desktop" }))?;
    script.tell(notification, "read", &json!({}))?;
    script.tell(notification, "acknowledge", &json!({}))?;
    Ok(firing)
}

/// A review that gets better until it ships.
fn review(script: &mut Script, world: &World) -> Result<(), Failure> {
    let review: ReviewCycleId = script.id();
    let opened = json!({ "project": world.project, "subject": script.dice.prose(120) });
    script.tell(review, "open", &opened)?;
    for score in [5, 7, 9] {
        script.wait(200, 3_000);
        let fix = if score < 8 { vec![script.dice.sentence()] } else { vec![] };
        let tasks = if score < 8 {
            json!([{ "role": "builder", "text": script.dice.sentence() }])
        } else {
            json!([])
        };
        let body = json!({ "score": score, "good": [script.dice.sentence()], "fix": fix, "tasks": tasks });
        script.tell(review, "score", &body)?;
    }
    Ok(())
}
