//! Stories as people and machines read them.

use std::ops::ControlFlow;
use std::path::Path;

use domain::Event;
use domain::ids::{LoopId, RunId, StepId};
use domain::run::{
    AppendStepMessage, CiCheck, CompleteRun, CompleteStep, IssueScores, IssueVerdict, IterateLoop,
    OpenPullRequest, QualityScores, RecordCiChecks, RecordToolCall, RecordUsage, RequestRun, Run, RunCommand,
    StartRun, StartStep,
};
use domain::terms::{CiStatus, Effort, MessageRole, Role, RunSource};
use domain::values::{Score, Timestamp, Usd};
use domain::{Decider, StreamId};
use expect_test::{expect, expect_file};

use super::*;
use crate::import::testing::Log;
use crate::import::{Format, Options, import};

/// Records of the commands, a second apart.
pub(crate) fn records(commands: &[RunCommand]) -> Vec<Recorded> {
    let stream = StreamId::from(RunId::from_bytes([1; 16]));
    let mut run = Run::default();
    let mut records = Vec::new();
    for (second, command) in commands.iter().enumerate() {
        let events = run.decide(command).unwrap_or_else(|error| panic!("{command:?}: {error}"));
        for event in events {
            run.evolve(&event);
            let nth = records.len() as u64;
            let at = Timestamp::from_millis(1_763_632_800_000 + second as i64 * 1_000);
            records.push(crate::import::testing::recorded(stream, nth, at, Event::Run(event)));
        }
    }
    records
}

pub(crate) fn step(n: u8) -> StepId {
    StepId::from_bytes([n; 16])
}

pub(crate) fn start(n: u8, role: Role, round: u32) -> RunCommand {
    StartStep {
        step: step(n),
        role,
        sandbox: None,
        persona: None,
        persona_version: None,
        cli_tool: Some("claude".into()),
        model: Some("opus".into()),
        thinking_effort: Some(Effort::High),
        iteration: None,
        loop_id: Some(LoopId::from_bytes([9; 16])),
        loop_iteration: Some(round),
        prompt_digest: None,
    }
    .into()
}

pub(crate) fn said(
    n: u8,
    message: u8,
    role: MessageRole,
    content: &str,
    thinking: Option<&str>,
) -> RunCommand {
    AppendStepMessage {
        step: step(n),
        message: domain::ids::MessageId::from_bytes([message; 16]),
        role,
        content: content.into(),
        thinking: thinking.map(Into::into),
        stop_reason: Some("max_tokens".into()).filter(|_| role == MessageRole::Assistant),
        more: false,
    }
    .into()
}

fn done(n: u8) -> RunCommand {
    CompleteStep { step: step(n), output: None }.into()
}

/// Asking for a run.
pub(crate) fn request() -> RunCommand {
    RequestRun {
        project: domain::ids::ProjectId::from_bytes([7; 16]),
        workflow: None,
        source: RunSource::Workflow,
        title: None,
        prompt: "p".into(),
        configuration: None,
        candidates: None,
        origin: None,
    }
    .into()
}

/// A run through a loop of designer and checker, an evaluation, a pull request and CI.
pub(crate) fn reviewed() -> Vec<Recorded> {
    let usage = |n, cost: Option<f64>| RecordUsage {
        step: step(n),
        provider: None,
        model: "opus".into(),
        input_tokens: 1_200,
        output_tokens: 340,
        cache_read_tokens: 0,
        cache_write_tokens: 0,
        calls: None,
        cost_usd: cost.map(|cost| Usd::from_f64(cost).unwrap()),
    };
    let score = |score| Score::from_f64(score).unwrap();
    let arguments = r#"{"limit":3,"path":"src/a.rs"}"#.to_owned();
    records(&[
        RequestRun {
            project: domain::ids::ProjectId::from_bytes([7; 16]),
            workflow: None,
            source: RunSource::Workflow,
            title: Some("Login page".into()),
            prompt: "Build a login page\nwith tests".into(),
            configuration: None,
            candidates: None,
            origin: None,
        }
        .into(),
        StartRun {}.into(),
        start(1, Role::Designer, 1),
        said(1, 1, MessageRole::User, "Build a login page\nwith tests", None),
        said(
            1,
            2,
            MessageRole::Assistant,
            "I begin with the form.\n\nThen \u{1b}[31mthe tests.",
            Some("Which framework?"),
        ),
        RecordToolCall { step: step(1), call_id: "c".into(), tool: "read".into(), arguments }.into(),
        usage(1, Some(0.25)).into(),
        done(1),
        start(2, Role::Checker, 1),
        IssueVerdict { step: step(2), pass: false, feedback: "No tests".into() }.into(),
        usage(2, None).into(),
        done(2),
        IterateLoop { loop_id: LoopId::from_bytes([9; 16]), iteration: 2, feedback: Some("No tests".into()) }
            .into(),
        start(3, Role::Evaluator, 2),
        IssueScores {
            step: step(3),
            scores: QualityScores {
                correctness: score(90.0),
                type_safety: score(80.5),
                code_style: score(70.0),
                test_coverage: score(60.0),
                completeness: score(100.0),
            },
            weights: None,
            threshold: Some(score(80.0)),
            summary: "solid".into(),
        }
        .into(),
        done(3),
        OpenPullRequest { url: "https://example.org/pull/7".into(), number: 7 }.into(),
        RecordCiChecks {
            status: CiStatus::Failing,
            checks: vec![CiCheck { name: "lint".into(), status: CiStatus::Failing, details_url: None }],
            checked_at: None,
        }
        .into(),
        CompleteRun { summary: Some("The page works".into()) }.into(),
    ])
}

fn text(records: Vec<Recorded>, to: Option<u64>, style: Style) -> String {
    let mut out = Vec::new();
    tell(records, to.map(Position), style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const PLAIN: Style = Style { width: 100, colour: false, full: false };

fn imported(format: Format, name: &str) -> Vec<Recorded> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data").join(name);
    let mut log = Log::default();
    import(format, &path, &Options::into_slug("demo"), &mut |found| {
        let crate::import::Found::Item(item) = found else { panic!("{found:?}") };
        log.take(&item);
        ControlFlow::Continue(())
    })
    .unwrap();
    log.records
}

#[test]
fn a_reviewed_run_reads_from_top_to_bottom() {
    expect![[r#"
        Login page
        run 01040G2081040G2081040G2081 · workflow · 2025-11-20 10:00:00 UTC
        project 070W3GE1R70W3GE1R70W3GE1R7

              0   +0:00:00  requested    Build a login page with tests
              1   +0:00:01  started

              2   +0:00:02  Step 1  designer · claude · opus · effort high · loop round 1
              3   +0:00:03    user       Build a login page with tests
              4   +0:00:04    thinking   Which framework?
              4   +0:00:04    assistant  I begin with the form. Then �[31mthe tests.  (stopped: max_tokens)
              5   +0:00:05    read       src/a.rs
              7   +0:00:07    completed  5.0 s · $0.25 · 1 model call · 1.2 k in · 340 out

              8   +0:00:08  Step 2  checker · claude · opus · effort high · loop round 1
              9   +0:00:09    verdict    fail: No tests
             11   +0:00:11    completed  3.0 s · cost unknown · 1 model call · 1.2 k in · 340 out
             12   +0:00:12  loop         iteration 2: No tests

             13   +0:00:13  Step 3  evaluator · claude · opus · effort high · loop round 2
             14   +0:00:14    scores     80.1, meets 80 (correctness 90, types 80.5, style 70, tests 60, co…
             15   +0:00:14    quality    80.1 over 1 evaluation
             16   +0:00:15    completed  2.0 s · no model call
             17   +0:00:16  PR           #7 https://example.org/pull/7
             18   +0:00:17  CI           failing: lint

             19   +0:00:18  completed    The page works

        Steps     3 · 3 completed · 18.0 s
        Messages  1 of the agent · 1 to it
        Tools     1 call · 0 results · 0 errors
        Tokens    2,400 in · 680 out · 0 read from cache · 0 written to cache
        Models    opus · 2 calls · $0.25 and 1 call of unknown cost
        Cost      $0.25 and 1 call of unknown cost
    "#]]
    .assert_eq(&text(reviewed(), None, PLAIN));
}

#[test]
fn a_story_may_stop_at_a_position_and_tell_everything_whole() {
    expect![[r#"
        Login page
        run 01040G2081040G2081040G2081 · workflow · 2025-11-20 10:0…
        project 070W3GE1R70W3GE1R70W3GE1R7

              0   +0:00:00  requested    Build a login page
                                         with tests
              1   +0:00:01  started

              2   +0:00:02  Step 1  designer · claude · opus · effo…
              3   +0:00:03    user       Build a login page
                                         with tests
              4   +0:00:04    thinking   Which framework?
              4   +0:00:04    assistant  I begin with the form.

                                         Then �[31mthe tests.
                                         (stopped: max_tokens)
              5   +0:00:05    read       {"limit":3,"path":"src/a.rs
                                         "}
                                         so far 4.0 s · $0.25 · 1 m…

        Steps     1 · 6.0 s
        Messages  1 of the agent · 1 to it
        Tools     1 call · 0 results · 0 errors
        Tokens    1,200 in · 340 out · 0 read from cache · 0 writte…
        Models    opus · 1 call · $0.25
        Cost      $0.25

        Told up to position 6, as asked.
    "#]]
    .assert_eq(&text(reviewed(), Some(6), Style { width: 60, full: true, ..PLAIN }));
}

#[test]
fn colour_adds_nothing_but_sequences() {
    let coloured = text(reviewed(), None, Style { colour: true, ..PLAIN });
    assert!(coloured.contains("\u{1b}[31mverdict\u{1b}[0m"));
    let mut plain = String::new();
    for (index, piece) in coloured.split("\u{1b}[").enumerate() {
        plain.push_str(if index == 0 {
            piece
        } else {
            piece.split_once('m').expect("a sequence ends with m").1
        });
    }
    assert_eq!(plain, text(reviewed(), None, PLAIN));
}

#[test]
fn every_line_fits_the_screen() {
    let records = imported(Format::Pi, "pi-large-session.jsonl");
    for width in [60, 80, 137] {
        for full in [false, true] {
            let story = text(records.clone(), None, Style { width, full, ..PLAIN });
            let widest = story.lines().map(shown::columns).max();
            assert!(widest <= Some(width), "{widest:?} columns at width {width}");
        }
    }
}

#[test]
fn an_imported_session_is_told_to_its_end() {
    let story = text(imported(Format::Pi, "pi-large-session.jsonl"), None, PLAIN);
    let lines: Vec<&str> = story.lines().collect();
    let shown = [&lines[..24], &["…"], &lines[lines.len() - 16..]].concat().join("\n");
    expect![[r#"
        read packages/coding-agent/docs/theme.md in full, then theme.ts, and then oauth-selector or any of…
        run 01KAHSVYJNVZMXBA04CJFA13WN · import · 2025-11-20 23:33:01 UTC
        project 0000000000K21THP9HY6FGQ82M

              1   +0:00:00  requested    read packages/coding-agent/docs/theme.md in full, then theme.ts, a…
              2   +0:00:00  started

              5   +0:00:00  Step 1  designer · pi · claude-sonnet-4-5 · effort off
              6   +0:00:00    user       /mode
              7   +0:00:00    assistant  no text  (stopped: aborted)
              9   +0:00:00    failed     aborted: Request was aborted
                                         801 ms · $0.00 · 1 model call · no tokens

             10   +0:00:49  Step 2  designer · pi · claude-sonnet-4-5 · effort off
             11   +0:00:49    user       read packages/coding-agent/docs/theme.md in full, then theme.ts, a…
             12   +0:00:53    assistant  I'll read the theme documentation, theme.ts, and the selector file…
             13   +0:00:53    read       packages/coding-agent/docs/theme.md
             14   +0:00:53    read       packages/coding-agent/src/theme/theme.ts
             15   +0:00:53    bash       find packages/coding-agent/src -name "*selector.ts" -type f
             17   +0:00:53    result     # Pi Coding Agent Themes Themes allow you to customiz…  (564 lines)
             18   +0:00:53    result     import * as fs from "node:fs"; import * as os from "n…  (431 lines)
             19   +0:00:53    result     packages/coding-agent/src/tui/thinking-selector.ts pack…  (7 lines)
             20   +0:00:58    assistant  Now let me read a few of the selector files to understand the patt…
             21   +0:00:58    read       packages/coding-agent/src/tui/oauth-selector.ts
        …
           1927   +2:40:47    bash       cd packages/coding-agent && npm install
           1929   +2:40:49    result     > pi-monorepo@0.0.2 prepare > husky changed 1 package,…  (16 lines)
           1931   +2:40:55    bash       cd /Users/badlogic/workspaces/pi-mono && npm run build -w @marioze…
           1933   +2:40:55    result     Debugger attached. > @mariozechner/pi-coding-agent@0.8…  (30 lines)
           1934   +2:41:01    assistant  Oh wait, these errors look like we have API mismatches! The TUI pa…
           1936   +2:41:01    completed  2 min 10 s · $0.88 · 16 model calls · 7 in · 1.6 k out · 2.8 M cac…

           1937   +2:41:01  completed

        Steps     87 · 65 completed · 22 failed · 2 h 41 min
        Messages  453 of the agent · 88 to it
        Tools     391 calls · 373 results · 19 errors
        Tokens    1,049 in · 83,156 out · 43,229,469 read from cache · 4,296,232 written to cache
        Models    claude-sonnet-4-5 · 452 calls · $30.33
                  gpt-5.1-codex · 1 call · $0.00
        Cost      $30.33"#]]
    .assert_eq(&shown);
}

#[test]
fn a_session_without_times_says_so() {
    let story = text(imported(Format::SweAgent, "pydicom-1458.traj"), None, PLAIN);
    let lines: Vec<&str> = story.lines().collect();
    let shown = [&lines[..14], &["…"], &lines[lines.len() - 12..]].concat().join("\n");
    expect![[r#"
        Pixel Representation attribute should be optional for pixel data handler
        run 0000000000D3GAK7RS0W0G2WX5 · import · times unknown
        project 0000000000K21THP9HY6FGQ82M

              1  requested    We're currently solving the following issue within our repository. Here's the…
              2  started

              5  Step 1  designer · swe-agent
              6    user       We're currently solving the following issue within our repository. Here's the…
              7    assistant  First, I'll create a new Python script to reproduce the bug as described in t…
              8    create     create reproduce_bug.py
              9    result     [File: /pydicom__pydicom/reproduce_bug.py (1 lines total)] 1:  (2 lines)
             10    assistant  Now let's paste in the example code from the issue into the `reproduce_bug.py…
             11    edit       edit 1:1 import numpy as np from pydicom.dataset import Dataset, FileMetaData…
        …
             41    submit     submit
             42    result     diff --git a/pydicom/pixel_data_handlers/numpy_handler.py b/pydic…  (18 lines)
             44    completed  $1.27 · 12 model calls · 122.6 k in · 1.4 k out

             45  completed    diff --git a/pydicom/pixel_data_handlers/numpy_handler.py b/pydicom/pixel_dat…

        Steps     1 · 1 completed
        Messages  12 of the agent · 1 to it
        Tools     12 calls · 12 results · 0 errors
        Tokens    122,612 in · 1,369 out · 0 read from cache · 0 written to cache
        Models    unknown · 12 calls · $1.27
        Cost      $1.27"#]]
    .assert_eq(&shown);
}

#[test]
fn the_document_holds_run_steps_and_sums() {
    let story = document(reviewed(), None).unwrap();
    let mut json = serde_json::to_value(&story).unwrap();
    for step in json["steps"].as_array_mut().unwrap() {
        let events = step["events"].as_array().unwrap().iter().map(|event| event["type"].clone()).collect();
        step["events"] = serde_json::Value::Array(events);
    }
    json["events"] = json["events"].as_array().unwrap().iter().map(|event| event["type"].clone()).collect();
    json["steps"].as_array_mut().unwrap().remove(0);
    expect_file!["snapshots/document.json"].assert_eq(&serde_json::to_string_pretty(&json).unwrap());
    assert_eq!(document(vec![], None), None);
}

#[test]
fn parts_are_joined_in_the_document() {
    let command = |content: &str, more| domain::run::ContinueStepContent {
        step: step(1),
        of: domain::ids::MessageId::from_bytes([1; 16]).to_string(),
        content: content.into(),
        more,
    };
    let RunCommand::AppendStepMessage(mut first) = said(1, 1, MessageRole::User, "a", None) else {
        unreachable!()
    };
    first.more = true;
    let request = RequestRun {
        project: domain::ids::ProjectId::from_bytes([7; 16]),
        workflow: None,
        source: RunSource::Import,
        title: None,
        prompt: "p".into(),
        configuration: None,
        candidates: None,
        origin: None,
    };
    let story = document(
        records(&[
            request.into(),
            StartRun {}.into(),
            start(1, Role::Designer, 1),
            first.into(),
            command("b", true).into(),
            command("c", false).into(),
        ]),
        None,
    );
    let events = story.unwrap().steps.remove(0).events;
    assert_eq!(events.len(), 2);
    let RunEvent::StepMessageAppended(message) = &events[1].data else { panic!("{events:?}") };
    assert_eq!((message.content.as_str(), message.more), ("abc", false));
}

#[test]
fn lines_of_json_are_the_events_as_the_log_shows_them() {
    let mut out = Vec::new();
    let told = ndjson(reviewed(), Some(Position(4)), &mut out).unwrap();
    let lines: Vec<serde_json::Value> =
        String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((told.events, lines.len()), (5, 5));
    assert_eq!(lines[4], serde_json::to_value(&reviewed()[4]).unwrap());
    assert_eq!((&lines[4]["type"], &lines[4]["position"]), (&"StepMessageAppended".into(), &4.into()));
}
