//! What is done side by side: a team on one goal, configurations that compete, deliveries, and metrics that compare.

use domain::StreamId;
use domain::ids::{ExperimentId, FiringId, MetricId, RunId, SessionId, TeamId, WebhookDeliveryId};
use domain::terms::RunSource;
use proof::hash::sha256;
use serde_json::{Value, json};

use super::World;
use super::run::{asked, play};
use super::script::Script;
use crate::failure::Failure;

/// A lead and a reviewer join the builder of a firing's run, with a list of tasks and a mailbox.
pub(super) fn team(
    script: &mut Script,
    world: &World,
    (firing, run): (FiringId, RunId),
    builder: SessionId,
) -> Result<(), Failure> {
    let team: TeamId = script.id();
    let goal = script.dice.prose(200);
    let formed = json!({ "project": world.project, "goal": goal, "run": run, "firing": firing });
    script.tell(team, "form", &formed)?;
    let lead = agent(script, world, (firing, run), "team-lead")?;
    let reviewer = agent(script, world, (firing, run), "reviewer")?;
    for (session, role) in [(lead, "team-lead"), (builder, "builder"), (reviewer, "reviewer")] {
        script.tell(team, "join", &json!({ "session": session, "role": role }))?;
    }
    for (role, after) in [("builder", vec![]), ("reviewer", vec![1]), ("builder", vec![2])] {
        let added = json!({ "text": script.dice.sentence(), "role": role, "after": after });
        script.tell(team, "add-task", &added)?;
    }
    let ask = json!({ "from": builder, "to": lead, "text": script.dice.sentence() });
    script.tell(team, "send", &ask)?;
    script.tell(team, "read", &json!({ "message": 1, "session": lead }))?;
    // The last task stays as it is: somebody has it.
    for (task, session) in [(1, builder), (2, reviewer), (3, builder)] {
        script.wait(30, 900);
        script.tell(team, "claim-task", &json!({ "task": task, "session": session }))?;
        if task < 3 {
            let result = script.dice.sentence();
            script.tell(
                team,
                "complete-task",
                &json!({ "task": task, "session": session, "result": result }),
            )?;
        }
    }
    let word = json!({ "text": script.dice.sentence() });
    script.tell(team, "send", &word)?;
    for session in [lead, reviewer] {
        script.tell(session, "end", &json!({ "end": "done" }))?;
        script.let_go(session);
    }
    script.let_go(team);
    Ok(())
}

/// The session of another agent in the run that a firing started.
fn agent(
    script: &mut Script,
    world: &World,
    (firing, run): (FiringId, RunId),
    role: &str,
) -> Result<SessionId, Failure> {
    let session: SessionId = script.id();
    let parts = json!({
        "role": role, "system_prompt": script.dice.prose(600), "allowed_tools": ["Read", "Write"],
        "mcp_servers": [], "rules": [], "assets": [], "brain_files": [], "working_directory": "/work",
    });
    let limits = json!({ "done_criteria": script.dice.sentence(), "wall_clock_ms": 3_600_000 });
    let built = json!({
        "project": world.project, "mode": "team", "firing": firing, "run": run, "step": world.step, "parts": parts,
        "limits": limits,
    });
    script.tell(session, "build", &built)?;
    script.tell(session, "start", &json!({}))?;
    Ok(session)
}

/// One prompt, two models, and a judge's word.
pub(super) fn experiment(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    let experiment: ExperimentId = script.id();
    let (workflow, _) = world.workflows[0];
    let prompt = script.dice.prose(400);
    let opened = json!({
        "project": world.project, "title": script.dice.title(), "prompt": prompt, "variants": [
            { "name": "opus", "model": "claude-opus-4-6", "workflow": workflow },
            { "name": "sonnet", "model": "claude-sonnet-4-6", "workflow": workflow, "note": "a fifth of the price" },
        ],
    });
    script.tell(experiment, "open", &opened)?;
    for variant in ["opus", "sonnet"] {
        let mut asked = asked(script, world, RunSource::Workflow, Some(experiment.into()));
        asked.prompt.clone_from(&prompt);
        asked.workflow = Some(world.workflows[0].clone());
        play(script, world, &asked)?;
        script.tell(experiment, "add-run", &json!({ "variant": variant, "run": asked.run }))?;
        script.let_go(asked.run);
    }
    let winner = *script.dice.pick(&["opus", "sonnet"]);
    script.tell(experiment, "settle", &json!({ "winner": winner, "rationale": script.dice.prose(150) }))?;
    script.let_go(experiment);
    Ok(())
}

/// What a code host sent: one that no trigger was asked about yet, one that was, and one that was forged.
pub(super) fn deliveries(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    for fate in ["waits", "evaluate", "drop"] {
        script.wait(60, 3_000);
        let delivery: WebhookDeliveryId = script.id();
        let body = json!({ "action": "opened", "issue": { "title": script.dice.title() } }).to_string();
        let hash = sha256(body.as_bytes()).to_hex();
        let verified = fate != "drop";
        let received = json!({
            "project": world.project, "source": "github", "delivery": StreamId::from(delivery).to_string(),
            "kind": "issues.opened", "verified": verified, "body": if verified { body.as_str() } else { "" },
            "body_bytes": body.len(), "body_sha256": hash,
        });
        script.tell(delivery, "receive", &received)?;
        match fate {
            "evaluate" => {
                script.tell(delivery, fate, &json!({ "firings": [] }))?;
            }
            "drop" => {
                let reason = json!({ "reason": "the signature does not fit" });
                script.tell(delivery, fate, &reason)?;
            }
            _ => {}
        }
        script.let_go(delivery);
    }
    Ok(())
}

/// The project's own figure, which was weighted otherwise at first.
pub(super) fn metric(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    let weighted = |correctness: u32| -> Value {
        json!({
            "source": "scores", "filters": [], "group_by": ["day"], "aggregation": "composite", "predicate": [],
            "weights": [
                { "field": "correctness", "weight": correctness },
                { "field": "test_coverage", "weight": 1 },
            ],
        })
    };
    let metric: MetricId = script.id();
    let defined = json!({
        "project": world.project, "name": "shipworthy", "summary": "Correct above all, and tested",
        "definition": weighted(1),
    });
    script.tell(metric, "define", &defined)?;
    let revised = json!({ "definition": weighted(3), "note": "tests alone are not enough" });
    script.tell(metric, "revise", &revised)?;
    script.let_go(metric);
    Ok(())
}
