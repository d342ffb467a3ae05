//! What a sprint chain accepts and refuses, and how it advances.

use serde_json::{Value, json};

use super::*;
use crate::testing::{
    Given, check_accepted, check_any_order, check_range, check_refused, command, given, id, pool, with,
};

fn run(number: u8) -> RunId {
    RunId::from_bytes([number; 16])
}
fn creation() -> Value {
    json!({ "project": id(1), "title": "t", "sprints": 2, "default_prompt": "p" })
}
fn created(changes: &Value) -> Given<SprintChain> {
    given([]).and_json("create", &with(&creation(), changes))
}
fn started(changes: &Value) -> Given<SprintChain> {
    created(changes).and(StartSprintChain {})
}
fn start(number: u8) -> StartSprint {
    StartSprint { run: run(number), branch: format!("sprint/{number}") }
}
fn end(number: u8, outcome: RunOutcome) -> EndSprint {
    EndSprint { run: run(number), outcome }
}
fn running(changes: &Value) -> Given<SprintChain> {
    started(changes).and(start(20))
}
fn automatic() -> Value {
    json!({})
}
fn manual() -> Value {
    json!({ "advance": "manual" })
}
fn awaiting() -> Given<SprintChain> {
    running(&manual()).and(end(20, RunOutcome::Completed))
}
fn skip() -> SkipSprint {
    SkipSprint { reason: "r".into() }
}
fn pause() -> PauseSprintChain {
    PauseSprintChain { reason: "r".into() }
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let full = with(
        &creation(),
        &json!({
            "workflow": id(2), "prompts": [{ "sprint": 2, "prompt": "q" }], "base_branch": "main",
            "advance": "manual", "on_failure": "retry", "attempts_max": 3,
        }),
    );
    let prompt = json!({ "sprint": 2, "prompt": "q" });
    let pull = json!({ "sprint": 1, "url": "https://x.org/1", "number": 1 });
    let merged = json!({ "sprint": 1, "status": "merged" });
    let begun = json!({ "sprint": 1, "run": id(20), "branch": "b", "prompt": "p", "attempt": 1 });
    let ends = |outcome: &str| json!({ "run": id(20), "outcome": outcome });
    let ended = |outcome: &str| ("SprintEnded", with(&ends(outcome), &json!({ "sprint": 1 })));
    let (reason, one) = (json!({ "reason": "r" }), json!({ "sprint": 1 }));
    let told = json!({ "reason": format!("run `{}` failed", id(20)) });
    let approval = json!({ "approver": id(4), "note": "n" });
    let on = || ("SprintChainAdvanced", json!({ "sprint": 2 }));
    let (retry, stop) = (json!({ "on_failure": "retry" }), json!({ "on_failure": "stop" }));
    let opened = running(&automatic()).and_json("open-pull-request", &pull);
    check_accepted::<SprintChain>(vec![
        (given([]), "create", full.clone(), vec![("SprintChainCreated", full)]),
        (created(&automatic()), "set-prompt", prompt.clone(), vec![("SprintPromptSet", prompt)]),
        (created(&automatic()), "set-advance", manual(), vec![("SprintAdvanceSet", manual())]),
        (created(&automatic()), "start", json!({}), vec![("SprintChainStarted", json!({}))]),
        (
            started(&automatic()),
            "start-sprint",
            json!({ "run": id(20), "branch": "b" }),
            vec![("SprintStarted", begun)],
        ),
        (running(&automatic()), "end-sprint", ends("completed"), vec![ended("completed"), on()]),
        (
            running(&manual()),
            "end-sprint",
            ends("completed"),
            vec![ended("completed"), ("SprintApprovalAwaited", one.clone())],
        ),
        (
            running(&retry),
            "end-sprint",
            ends("failed"),
            vec![ended("failed"), ("SprintRetried", with(&one, &json!({ "attempt": 2 })))],
        ),
        (
            running(&automatic()),
            "end-sprint",
            ends("failed"),
            vec![ended("failed"), ("SprintChainPaused", told.clone())],
        ),
        (running(&stop), "end-sprint", ends("failed"), vec![ended("failed"), ("SprintChainStopped", told)]),
        (
            running(&json!({ "sprints": 1, "advance": "manual" })),
            "end-sprint",
            ends("completed"),
            vec![ended("completed"), ("SprintChainCompleted", json!({}))],
        ),
        (awaiting(), "approve", approval.clone(), vec![("SprintApproved", with(&approval, &one)), on()]),
        (
            started(&manual()),
            "skip-sprint",
            reason.clone(),
            vec![("SprintSkipped", with(&reason, &one)), on()],
        ),
        (running(&automatic()), "open-pull-request", pull.clone(), vec![("SprintPullRequestOpened", pull)]),
        (opened, "update-pull-request", merged.clone(), vec![("SprintPullRequestUpdated", merged)]),
        (awaiting(), "pause", reason.clone(), vec![("SprintChainPaused", reason.clone())]),
        (awaiting().and(pause()), "resume", json!({}), vec![("SprintChainResumed", json!({}))]),
        (awaiting(), "cancel", reason.clone(), vec![("SprintChainCancelled", reason)]),
    ]);
}

#[test]
fn what_is_left_out_takes_its_default() {
    use crate::catalogue::EventFamily;
    let usual = json!({ "prompts": [], "advance": "automatic", "on_failure": "pause", "attempts_max": 1 });
    let events = given::<SprintChain>([]).when_json("create", &creation()).accepted();
    assert_eq!(events[0].name(), "SprintChainCreated");
    let shown = serde_json::to_value(&events[0]).expect("events are plain data");
    assert_eq!(with(&shown, &json!({})), with(&creation(), &usual));
}

#[test]
fn the_lifecycle_has_no_other_ways() {
    let phases = [
        ("sprint chain does not exist", given([])),
        ("but it is planned", created(&automatic())),
        ("but it is waiting for a run", started(&automatic())),
        ("but it is running", running(&automatic())),
        ("but it is waiting for an approval", awaiting()),
        ("but it is paused", running(&automatic()).and(end(20, RunOutcome::Failed))),
        ("but it is paused", awaiting().and(pause())),
        ("but it is completed", started(&automatic()).and(skip()).and(skip())),
        ("but it is stopped", running(&json!({ "on_failure": "stop" })).and(end(20, RunOutcome::Failed))),
        ("but it is cancelled", created(&automatic()).and(CancelSprintChain { reason: None })),
    ];
    let reason = json!({ "reason": "r" });
    let yes = |of: &[usize]| std::array::from_fn(|n| of.contains(&n));
    // 0 missing, 1 planned, 2 waiting, 3 running, 4 awaiting, 5 failed, 6 awaiting and paused, 7.. ended
    let ways: [(&str, Value, [bool; 10]); 9] = [
        ("set-prompt", json!({ "sprint": 2, "prompt": "q" }), yes(&[1, 2, 3, 4, 5, 6])),
        ("set-advance", manual(), yes(&[1, 2, 3, 4, 5, 6])),
        ("start", json!({}), yes(&[1])),
        ("start-sprint", json!({ "run": id(21), "branch": "b" }), yes(&[2])),
        ("approve", json!({}), yes(&[4, 6])),
        ("skip-sprint", reason.clone(), yes(&[2, 5])),
        ("pause", reason.clone(), yes(&[2, 3, 4])),
        ("resume", json!({}), yes(&[5, 6])),
        ("cancel", reason, yes(&[1, 2, 3, 4, 5, 6])),
    ];
    for (name, body, allowed) in ways {
        for ((refusal, phase), allowed) in phases.iter().zip(allowed) {
            phase.when_json(name, &body).accepted_if(allowed, refusal);
        }
    }
    for (place, (refusal, phase)) in phases.iter().enumerate() {
        let refusal = if matches!(place, 2 | 4..=6) { "unknown run at work" } else { refusal };
        phase.when(end(20, RunOutcome::Completed)).accepted_if(place == 3, refusal);
        if place > 0 {
            phase.when_json("create", &creation()).refused("sprint chain exists already");
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (none, waiting, busy) = (given([]), started(&automatic()), running(&automatic()));
    let second = busy.clone().and(end(20, RunOutcome::Completed));
    let creates = |changes| with(&creation(), &changes);
    let long = "x".repeat(SPRINT_PROMPT_MAX_BYTES + 1);
    let prompts = |list: Value| json!({ "prompts": list });
    let much: Vec<_> = (1..=9).map(|n| json!({ "sprint": n, "prompt": "x".repeat(60_000) })).collect();
    let huge = "x".repeat(check::TEXT_MAX_BYTES + 1);
    check_range(&none, "create", &creation(), "sprints", (1, 100));
    check_refused(vec![
        (&none, "create", creates(json!({ "title": "" })), "`title`: expected 1 to 200 bytes"),
        (&none, "create", creates(json!({ "base_branch": "a b" })), "`base_branch`: expected a branch name"),
        (&none, "create", creates(json!({ "default_prompt": " " })), "`default_prompt`: expected a text"),
        (&none, "create", creates(json!({ "default_prompt": long })), "`default_prompt`: expected at most"),
        (
            &none,
            "create",
            creates(prompts(json!([{ "sprint": 3, "prompt": "q" }]))),
            "`sprint`: expected 1 to 2 as a sprint of this chain",
        ),
        (
            &none,
            "create",
            creates(prompts(json!([{ "sprint": 1, "prompt": "" }]))),
            "`prompt`: expected a text",
        ),
        (
            &none,
            "create",
            creates(prompts(json!([{ "sprint": 1, "prompt": "q" }, { "sprint": 1, "prompt": "r" }]))),
            "`prompts`: expected each item once",
        ),
        (
            &none,
            "create",
            with(&creates(json!({ "sprints": 9 })), &prompts(json!(much))),
            "`prompts`: expected 0 to 524288 bytes together",
        ),
        (&none, "create", creates(json!({ "attempts_max": 11 })), "`attempts_max`: expected 1 to 10 tries"),
        (&waiting, "set-prompt", json!({ "sprint": 3 }), "`sprint`: expected 1 to 2"),
        (&waiting, "set-prompt", json!({ "sprint": 2, "prompt": "" }), "`prompt`: expected a text"),
        (&busy, "set-prompt", json!({ "sprint": 1 }), "sprint 1 has its prompt already"),
        (&second, "set-prompt", json!({ "sprint": 1 }), "sprint 1 has its prompt already"),
        (
            &waiting,
            "start-sprint",
            json!({ "run": id(20), "branch": "" }),
            "`branch`: expected a branch name",
        ),
        (
            &second,
            "start-sprint",
            json!({ "run": id(21), "branch": "sprint/20" }),
            "`branch`: expected another branch than sprint 1's",
        ),
        (&busy, "end-sprint", json!({ "run": id(21), "outcome": "failed" }), "unknown run at work"),
        (&awaiting(), "approve", json!({ "note": huge }), "`note`: expected at most 524288 bytes"),
        (&waiting, "skip-sprint", json!({ "reason": "" }), "`reason`: expected a text that is not blank"),
        (&busy, "pause", json!({ "reason": " " }), "`reason`: expected a text that is not blank"),
        (&busy, "cancel", json!({ "reason": huge }), "`reason`: expected at most 524288 bytes"),
    ]);
}

#[test]
fn a_pull_request_needs_a_branch_and_stands_alone() {
    let (none, waiting, busy) = (given([]), started(&automatic()), running(&automatic()));
    let pull = json!({ "sprint": 1, "url": "https://x.org/1", "number": 1 });
    let opened = busy.clone().and_json("open-pull-request", &pull);
    check_refused(vec![
        (&none, "open-pull-request", pull.clone(), "sprint chain does not exist"),
        (&waiting, "open-pull-request", pull.clone(), "unknown sprint with a branch `1`"),
        (&busy, "open-pull-request", with(&pull, &json!({ "url": "x" })), "`url`: expected an http"),
        (&opened, "open-pull-request", pull, "an open pull request of sprint 1 exists already"),
        (&none, "update-pull-request", json!({ "sprint": 1, "status": "open" }), "does not exist"),
        (
            &busy,
            "update-pull-request",
            json!({ "sprint": 1, "status": "open" }),
            "unknown sprint with a pull request `1`",
        ),
    ]);
}

#[test]
fn each_sprint_gets_its_own_prompt_or_the_chain_s() {
    let chain = started(&json!({ "sprints": 3, "prompts": [{ "sprint": 2, "prompt": "second" }] }));
    let prompts = |mut chain: Given<SprintChain>| {
        let mut prompts = vec![];
        for number in 1..=3 {
            let events = chain.when(start(number)).accepted();
            let [SprintChainEvent::SprintStarted(e)] = &events[..] else { panic!("{events:?}") };
            prompts.push(e.prompt.clone());
            chain = chain.and(start(number)).and(end(number, RunOutcome::Completed));
        }
        assert_eq!(chain.state().shown(), "completed");
        prompts
    };
    assert_eq!(prompts(chain.clone()), ["p", "second", "p"]);
    let changed = chain
        .and(SetSprintPrompt { sprint: 2, prompt: None })
        .and(SetSprintPrompt { sprint: 3, prompt: Some("third".into()) });
    assert_eq!(prompts(changed), ["p", "p", "third"]);
}

#[test]
fn pull_requests_outlive_the_chain_and_may_be_opened_anew() {
    let ended = running(&automatic()).and(CancelSprintChain { reason: None });
    let pull = json!({ "sprint": 1, "url": "https://x.org/1", "number": 1 });
    let closed = ended
        .and_json("open-pull-request", &pull)
        .and(UpdateSprintPullRequest { sprint: 1, status: PullRequestStatus::Closed });
    closed.when_json("open-pull-request", &pull).accepted();
}

#[test]
fn a_retry_keeps_its_branch_and_a_resumed_chain_its_running_try() {
    let retry = json!({ "on_failure": "retry" });
    let again = running(&retry).and(end(20, RunOutcome::Failed));
    let tried = again.and(StartSprint { run: run(21), branch: "sprint/20".into() });
    assert_eq!(tried.state().attempts, 2);
    let resumed = tried.clone().and(pause()).and(ResumeSprintChain {});
    assert_eq!(resumed.state().attempts, 2);
    let failed = tried.and(end(21, RunOutcome::Failed));
    assert_eq!((failed.state().shown(), failed.and(ResumeSprintChain {}).state().attempts), ("paused", 0));
    // Held before its end, a sprint that completes waits with the chain.
    let held = running(&automatic()).and(pause()).and(end(20, RunOutcome::Completed));
    assert_eq!((held.state().shown(), held.state().current), ("paused", 2));
    held.when(start(21)).refused("but it is paused");
}

#[test]
fn it_names_its_project() {
    assert_eq!(created(&automatic()).state().project(), Some(ProjectId::from_bytes([1; 16])));
    let create: SprintChainCommand = command("create", &creation());
    assert_eq!(SprintChain::references(&create), [ProjectId::from_bytes([1; 16]).into()]);
    assert_eq!(SprintChain::references(&StartSprintChain {}.into()), []);
}

#[test]
fn any_order_of_commands_folds_alike() {
    let commands = [
        ("create", with(&creation(), &json!({ "on_failure": "retry" }))),
        ("set-prompt", json!({ "sprint": 2, "prompt": "q" })),
        ("set-advance", manual()),
        ("set-advance", json!({ "advance": "automatic" })),
        ("start", json!({})),
        ("start-sprint", json!({ "run": id(20), "branch": "a" })),
        ("start-sprint", json!({ "run": id(21), "branch": "b" })),
        ("end-sprint", json!({ "run": id(20), "outcome": "completed" })),
        ("end-sprint", json!({ "run": id(21), "outcome": "failed" })),
        ("approve", json!({})),
        ("skip-sprint", json!({ "reason": "r" })),
        ("open-pull-request", json!({ "sprint": 1, "url": "https://x.org", "number": 1 })),
        ("update-pull-request", json!({ "sprint": 1, "status": "closed" })),
        ("pause", json!({ "reason": "r" })),
        ("resume", json!({})),
    ];
    check_any_order::<SprintChain>(&given([]), &pool(&commands), |history| {
        let mut due = 0;
        for event in history {
            if let SprintChainEvent::SprintChainAdvanced(e) = event {
                assert!(e.sprint == due + 1 || due == 0 && e.sprint == 2, "one sprint after another");
                due = e.sprint;
            }
            if let SprintChainEvent::SprintStarted(e) = event {
                assert!((1..=2).contains(&e.sprint) && e.attempt <= 2);
            }
        }
    });
}
