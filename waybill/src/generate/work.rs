//! Work that is found, planned and done in order: issues and their chains, plans, sprints, recurring tasks.

use domain::Event;
use domain::ids::{
    AnsweringSessionId, IssueId, IssueSessionId, PlanId, RecurringTaskId, RunId, SprintChainId, StreamId,
    WorkChainId,
};
use domain::terms::{Priority, RunSource};
use domain::values::Timestamp;
use serde_json::{Value, json};

use super::World;
use super::run::{asked, play};
use super::script::{Script, has};
use crate::failure::Failure;

/// Tries of a chain's item that are made up at most.
const TRIES_MAX: usize = 40;

fn text(script: &mut Script) -> Value {
    json!({
        "title": script.dice.title(), "description": script.dice.prose(600),
        "priority": script.dice.pick(Priority::ALL), "suggested_prompt": script.dice.prose(300),
    })
}

fn open(script: &mut Script, world: &World, origin: &Value, text: &Value) -> Result<IssueId, Failure> {
    let issue: IssueId = script.id();
    script.tell(issue, "open", &json!({ "project": world.project, "origin": origin, "text": text }))?;
    Ok(issue)
}

/// A session finds issues and raises questions, which are answered; a chain works the issues off.
pub(super) fn issues_and_chain(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    let session: IssueSessionId = script.id();
    let requested = json!({
        "project": world.project, "title": "What is wrong here?", "prompt": script.dice.prose(200), "branch": "main",
    });
    script.tell(session, "request", &requested)?;
    script.tell(session, "start", &json!({}))?;
    let findings: Vec<Value> = (0..4).map(|_| text(script)).collect();
    for finding in &findings {
        script.wait(20, 200);
        script.tell(session, "report-issue", &json!({ "text": finding }))?;
    }
    let mut questions = Vec::new();
    for (point, kind) in [(1, "question"), (2, "assumption")] {
        let words = script.dice.sentence();
        script.tell(session, "raise-point", &json!({ "kind": kind, "text": words, "finding": point }))?;
        questions.push(json!({ "kind": kind, "text": words, "point": point }));
    }
    let answers = answer(script, world, session, &questions)?;
    let handed = json!({ "answering_session": answers, "points": [1, 2] });
    script.tell(session, "hand-over-points", &handed)?;
    let mut issues = Vec::new();
    for (at, finding) in findings.iter().enumerate() {
        let number = at + 1;
        if number == findings.len() {
            let dismissed = json!({ "finding": number, "reason": script.dice.sentence() });
            script.tell(session, "dismiss-finding", &dismissed)?;
            continue;
        }
        let origin = json!({ "session": { "session": session, "finding": number } });
        let issue = open(script, world, &origin, finding)?;
        script.tell(session, "convert-finding", &json!({ "finding": number, "issue": issue }))?;
        script.tell(issue, "attach-answers", &json!({ "answering_session": answers }))?;
        issues.push(issue);
    }
    script.tell(session, "complete", &json!({ "summary": script.dice.prose(200) }))?;
    chain(script, world, &issues)
}

fn answer(
    script: &mut Script,
    world: &World,
    session: IssueSessionId,
    questions: &[Value],
) -> Result<AnsweringSessionId, Failure> {
    let answering: AnsweringSessionId = script.id();
    let requested = json!({ "project": world.project, "issue_session": session, "questions": questions });
    script.tell(answering, "request", &requested)?;
    script.tell(answering, "start", &json!({}))?;
    script.wait(60, 900);
    let agent =
        json!({ "question": 1, "answer": script.dice.prose(200), "source": "agent", "confidence": 0.8 });
    script.tell(answering, "answer", &agent)?;
    let person = world.people[0];
    let human =
        json!({ "question": 2, "answer": script.dice.sentence(), "source": "human", "person": person });
    script.tell(answering, "answer", &human)?;
    script.tell(answering, "complete", &json!({}))?;
    Ok(answering)
}

/// Runs on one branch, an issue after the other.
fn chain(script: &mut Script, world: &mut World, issues: &[IssueId]) -> Result<(), Failure> {
    let chain: WorkChainId = script.id();
    let created = json!({
        "project": world.project, "title": "Everything that was found", "branch": format!("chain/{}", world.number),
        "issues": issues, "on_failure": "retry", "attempts_max": 3,
    });
    script.tell(chain, "create", &created)?;
    for issue in issues {
        script.tell(*issue, "chain", &json!({ "chain": chain }))?;
    }
    script.tell(chain, "start", &json!({}))?;
    let mut at = 0;
    for _ in 0..TRIES_MAX {
        let issue = issues[at];
        let asked = asked(script, world, RunSource::Issue, Some(issue.into()));
        let run = asked.run;
        script.tell(issue, "start-run", &json!({ "run": run }))?;
        script.tell(chain, "start-run", &json!({ "run": run }))?;
        let outcome = play(script, world, &asked)?;
        script.let_go(asked.run);
        let ended = json!({ "run": run, "outcome": outcome });
        script.tell(issue, "end-run", &ended)?;
        let events = script.tell(chain, "end-run", &ended)?;
        if has(&events, "WorkChainAdvanced") || has(&events, "WorkChainCompleted") {
            script.tell(issue, "resolve", &json!({ "note": script.dice.sentence() }))?;
            at += 1;
        }
        if has(&events, "WorkChainPaused") {
            script.wait(600, 7_200);
            script.tell(chain, "resume", &json!({}))?;
            let events = script.tell(chain, "skip-issue", &json!({ "reason": script.dice.sentence() }))?;
            at += 1;
            if has(&events, "WorkChainCompleted") {
                return Ok(());
            }
        }
        if has(&events, "WorkChainCompleted") || has(&events, "WorkChainStopped") {
            return Ok(());
        }
    }
    script.tell(chain, "cancel", &json!({ "reason": "too many tries" })).map(|_| ())
}

/// A plan whose items become issues.
pub(super) fn plan(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    let plan: PlanId = script.id();
    let items: Vec<Value> = (0..3).map(|_| text(script)).collect();
    let proposed = json!({
        "project": world.project, "title": script.dice.title(), "rationale": script.dice.prose(500), "items": items,
    });
    script.tell(plan, "propose", &proposed)?;
    let further = text(script);
    script.tell(plan, "add-item", &json!({ "text": further }))?;
    script.tell(plan, "remove-item", &json!({ "item": 4 }))?;
    script.tell(plan, "reorder", &json!({ "items": [3, 1, 2] }))?;
    script.wait(600, 7_200);
    script.tell(plan, "approve", &json!({ "note": script.dice.sentence() }))?;
    for (at, item) in items.iter().enumerate() {
        let origin = json!({ "plan": { "plan": plan, "item": at + 1 } });
        let issue = open(script, world, &origin, item)?;
        script.tell(plan, "convert-item", &json!({ "item": at + 1, "issue": issue }))?;
        if at == 0 {
            script.tell(issue, "dismiss", &json!({ "reason": script.dice.sentence() }))?;
            script.tell(issue, "reopen", &json!({ "reason": script.dice.sentence() }))?;
        }
    }
    script.tell(plan, "complete", &json!({})).map(|_| ())
}

/// Sprints, each on a branch of its own, approved one by one.
pub(super) fn sprints(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    let chain: SprintChainId = script.id();
    let created = json!({
        "project": world.project, "title": "The next three sprints", "sprints": 3,
        "default_prompt": script.dice.prose(400), "advance": "manual", "on_failure": "retry",
        "prompts": [{ "sprint": 2, "prompt": script.dice.prose(300) }], "workflow": world.workflows[1].0,
    });
    script.tell(chain, "create", &created)?;
    script.tell(chain, "start", &json!({}))?;
    let mut sprint = 1;
    for _ in 0..TRIES_MAX {
        let mut asked = asked(script, world, RunSource::SprintChain, Some(chain.into()));
        asked.workflow = Some(world.workflows[1].clone());
        let run = asked.run;
        let branch = format!("sprint/{}/{sprint}", world.number);
        script.tell(chain, "start-sprint", &json!({ "run": run, "branch": branch }))?;
        let outcome = play(script, world, &asked)?;
        script.let_go(asked.run);
        let mut events = script.tell(chain, "end-sprint", &json!({ "run": run, "outcome": outcome }))?;
        if has(&events, "SprintChainPaused") {
            script.tell(chain, "resume", &json!({}))?;
            events = script.tell(chain, "skip-sprint", &json!({ "reason": script.dice.sentence() }))?;
        } else if !has(&events, "SprintRetried") && !has(&events, "SprintChainStopped") {
            let number = script.dice.between(1, 100_000);
            let url = format!("https://git.example/team/repo/pull/{number}");
            script.tell(
                chain,
                "open-pull-request",
                &json!({ "sprint": sprint, "url": url, "number": number }),
            )?;
            script.wait(600, 30_000);
            if !has(&events, "SprintChainCompleted") {
                let approver = world.people[0];
                events = script.tell(chain, "approve", &json!({ "approver": approver }))?;
            }
            script.tell(chain, "update-pull-request", &json!({ "sprint": sprint, "status": "merged" }))?;
        }
        if has(&events, "SprintChainAdvanced") {
            sprint += 1;
        }
        if has(&events, "SprintChainCompleted") || has(&events, "SprintChainStopped") {
            return Ok(());
        }
    }
    script.tell(chain, "cancel", &json!({ "reason": "too many tries" })).map(|_| ())
}

/// The instant that an event says a task is due next.
fn due(events: &[Event]) -> Option<Timestamp> {
    events.iter().rev().find_map(|event| {
        let value = serde_json::to_value(event).ok()?;
        value.get("next_run_at")?.as_str()?.parse().ok()
    })
}

/// A task that recurs: dispatched on time, late, by hand, paused and put away.
pub(super) fn recurring_task(script: &mut Script, world: &mut World) -> Result<(), Failure> {
    let task: RecurringTaskId = script.id();
    let schedule =
        json!({ "frequency": { "daily": { "hour": 3, "minute": 30 } }, "timezone": "Europe/Berlin" });
    let created = json!({
        "project": world.project, "name": "Nightly upkeep", "prompt": script.dice.prose(300), "schedule": schedule,
        "after": script.now(), "missed": "once",
    });
    let mut events = script.tell(task, "create", &created)?;
    for days_late in [0, 2] {
        let Some(due) = due(&events) else { break };
        script.wait_until(due);
        script.wait(1 + days_late * 86_400, 20 + days_late * 86_400);
        let run: RunId = script.id();
        events = script.tell(task, "dispatch", &json!({ "run": run, "at": script.now() }))?;
        recurred(script, world, run, task.into())?;
    }
    let run: RunId = script.id();
    script.tell(task, "trigger-now", &json!({ "run": run }))?;
    recurred(script, world, run, task.into())?;
    script.tell(task, "pause", &json!({ "reason": script.dice.sentence() }))?;
    if script.dice.chance(50) {
        script.tell(task, "resume", &json!({ "at": script.now() }))?;
    }
    Ok(())
}

fn recurred(script: &mut Script, world: &mut World, run: RunId, task: StreamId) -> Result<(), Failure> {
    let mut asked = asked(script, world, RunSource::RecurringTask, Some(task));
    asked.run = run;
    play(script, world, &asked)?;
    script.let_go(asked.run);
    Ok(())
}
