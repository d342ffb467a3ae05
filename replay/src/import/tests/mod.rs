//! Importers as users see them: lines in, commands out.

mod agents;
mod outcomes;
mod pi;
mod swe_agent;

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use domain::Event;
use domain::run::RunEvent;
use domain::sandbox::SandboxEvent;
use domain::terms::{MessageRole, StepFailure};
use domain::values::Usd;
use expect_test::{Expect, expect};

use super::testing::{Log, commits, found, shown};
use super::*;
use pi::HEADER;

#[track_caller]
fn check(format: Format, text: &str, expected: &Expect) {
    expected.assert_eq(&shown(format, text));
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data").join(name)
}

fn import_file(format: Format, name: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let options = Options::into_slug("demo");
    let end = import(format, &data(name), &options, &mut |one| {
        found.push(one);
        ControlFlow::Continue(())
    });
    end.unwrap();
    found
}

#[test]
fn what_is_no_session_says_what_it_is() {
    let refusal = |format, text: &str| match found(format, text, &Options::into_slug("demo")) {
        (found, Err(Stop::Format { expected, actual })) if found.is_empty() => {
            format!("{expected}, but {actual}")
        }
        other => panic!("{other:?}"),
    };
    let all = [
        refusal(Format::Pi, ""),
        refusal(Format::Pi, "plain text"),
        refusal(Format::Pi, r#"{"type":"user"}"#),
        refusal(Format::Pi, r#"{"type":"response","id":"1"}"#),
        refusal(Format::Pi, r#"{"type":"session","timestamp":"2026-01-01T00:00:00Z"}"#),
        refusal(Format::SweAgent, ""),
        refusal(Format::SweAgent, "{}"),
        refusal(Format::SweAgent, HEADER),
        refusal(Format::SweAgent, r#"{"history":3}"#),
    ];
    expect![[r#"
        a Pi session file, with a line of type `session` and an id, but no line of it is an object with a `type`
        a Pi session file, with a line of type `session` and an id, but no line of it is an object with a `type`
        a Pi session file, with a line of type `session` and an id, but its first line is of type `user`
        a Pi session file, with a line of type `session` and an id, but it is a Pi event stream without a session header; its first line is `response`
        a Pi session file, with a line of type `session` and an id, but its session line does not fit: missing field `id` at column 53
        a SWE-agent trajectory with `trajectory` or `history`, but EOF while parsing a value at line 1 column 0
        a SWE-agent trajectory with `trajectory` or `history`, but it holds no element of either
        a SWE-agent trajectory with `trajectory` or `history`, but it holds no element of either
        a SWE-agent trajectory with `trajectory` or `history`, but invalid type: integer `3`, expected a list at line 1 column 13"#]].assert_eq(&all.join("\n"));
}

#[test]
fn files_that_cannot_be_imported_are_refused_with_a_hint() {
    let refused = |path: &Path, slug: &str| {
        let error = import(Format::Pi, path, &Options::into_slug(slug), &mut |_| panic!("nothing is found"));
        let error = error.unwrap_err();
        assert!(!error.hint().is_empty());
        error
    };
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(refused(folder.path(), "demo"), ImportError::NotAFile { .. }));
    assert!(matches!(refused(&folder.path().join("missing"), "demo"), ImportError::Read { .. }));
    assert!(matches!(refused(&data("pi-large-session.jsonl"), "Not A Slug"), ImportError::Slug(_)));
    assert_eq!(
        "csv".parse::<Format>().unwrap_err().to_string(),
        "expected a format, one of claude-code, codex, opencode, pi, swe-agent, ndjson, outcomes, got `csv`"
    );
    assert!(Format::ALL.iter().all(|format| format.as_str().parse() == Ok(*format)));
}

#[test]
fn the_same_content_gives_the_same_commits_under_any_name() {
    let folder = tempfile::tempdir().unwrap();
    for (format, name) in
        [(Format::Pi, "pi-large-session.jsonl"), (Format::SweAgent, "marshmallow-1867.traj")]
    {
        let copy = folder.path().join("other.name");
        std::fs::copy(data(name), &copy).unwrap();
        let mut other = Vec::new();
        let options = Options::into_slug("demo");
        import(format, &copy, &options, &mut |one| {
            other.push(one);
            ControlFlow::Continue(())
        })
        .unwrap();
        let (first, second) = (commits(&import_file(format, name)), commits(&other));
        assert_eq!(first, second);
        let distinct: std::collections::BTreeSet<_> = first.iter().map(|(commit, _)| commit).collect();
        assert_eq!(distinct.len(), first.len());
    }
}

#[test]
fn a_file_that_has_grown_repeats_its_old_commits() {
    let unfinished = Options { finish: false, ..Options::into_slug("demo") };
    let whole = std::fs::read_to_string(data("pi-large-session.jsonl")).unwrap();
    let half: String = whole.lines().take(500).flat_map(|line| [line, "\n"]).collect();
    let (half, whole) = (found(Format::Pi, &half, &unfinished).0, found(Format::Pi, &whole, &unfinished).0);
    let (half, whole) = (commits(&half), commits(&whole));
    assert!(half.len() > 500 && half.len() < whole.len());
    assert_eq!(half, whole[..half.len()]);
}

#[test]
fn a_session_can_join_a_project_that_exists() {
    let project = ProjectId::from_bytes([7; 16]);
    let options = Options { project: Target::Existing(project), finish: true };
    let (found, _) = found(Format::Pi, HEADER, &options);
    let Found::Item(first) = &found[0] else { panic!("{found:?}") };
    assert_eq!((first.command.name(), first.command.references()), ("request", vec![project.into()]));
    assert!(first.correlation.is_some());
}

#[test]
fn a_sink_that_has_enough_ends_the_import() {
    let mut count = 0;
    let options = Options::into_slug("demo");
    import(Format::Pi, &data("pi-large-session.jsonl"), &options, &mut |_| {
        count += 1;
        if count == 7 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .unwrap();
    assert_eq!(count, 7);
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Totals {
    steps: u64,
    failures: BTreeMap<StepFailure, u64>,
    user_messages: u64,
    assistant_messages: u64,
    tool_calls: BTreeMap<String, u64>,
    tool_results: u64,
    tokens: [u64; 4],
    models: BTreeMap<String, u32>,
    cost: Usd,
    ends: Vec<&'static str>,
}

fn totals(log: &Log) -> Totals {
    let mut totals = Totals::default();
    for event in log.events() {
        match event {
            Event::Run(RunEvent::StepStarted(_)) => totals.steps += 1,
            Event::Run(RunEvent::StepFailed(e)) => *totals.failures.entry(e.failure).or_default() += 1,
            Event::Run(RunEvent::StepMessageAppended(e)) if e.role == MessageRole::User => {
                totals.user_messages += 1;
            }
            Event::Run(RunEvent::StepMessageAppended(_)) => totals.assistant_messages += 1,
            Event::Run(RunEvent::ToolCalled(e)) => *totals.tool_calls.entry(e.tool.clone()).or_default() += 1,
            Event::Run(RunEvent::ToolReturned(_)) => totals.tool_results += 1,
            Event::Run(RunEvent::StepUsageRecorded(e)) => {
                let tokens = [e.input_tokens, e.output_tokens, e.cache_read_tokens, e.cache_write_tokens];
                totals.tokens.iter_mut().zip(tokens).for_each(|(sum, tokens)| *sum += tokens);
                *totals.models.entry(e.model.clone()).or_default() += e.calls;
                totals.cost += e.cost_usd.expect("these files know their costs");
            }
            Event::Run(RunEvent::RunCompleted(_) | RunEvent::RunFailed(_))
            | Event::Sandbox(SandboxEvent::SandboxKilled(_)) => totals.ends.push(event.name()),
            _ => {}
        }
    }
    totals
}

#[test]
fn the_large_pi_session_adds_up_to_what_is_known_of_it() {
    let found = import_file(Format::Pi, "pi-large-session.jsonl");
    let totals = totals(&Log::of(&found));
    assert_eq!((totals.assistant_messages, totals.user_messages, totals.tool_results), (453, 88, 373));
    assert_eq!(totals.tokens, [1_049, 83_156, 43_229_469, 4_296_232]);
    assert_eq!(format!("{:.2}", totals.cost.as_f64()), "30.33");
    expect![[r#"Totals { steps: 87, failures: {Provider: 1, Aborted: 21}, user_messages: 88, assistant_messages: 453, tool_calls: {"bash": 192, "edit": 146, "read": 50, "write": 3}, tool_results: 373, tokens: [1049, 83156, 43229469, 4296232], models: {"claude-sonnet-4-5": 452, "gpt-5.1-codex": 1}, cost: Usd(30330197700), ends: ["RunCompleted", "SandboxKilled"] }"#]].assert_eq(&format!("{totals:?}"));
}

#[test]
fn the_trajectories_add_up_to_their_own_totals() {
    let all = ["marshmallow-1867.traj", "pydicom-1458.traj", "function_calling_simple.traj"]
        .map(|name| format!("{:?}", totals(&Log::of(&import_file(Format::SweAgent, name)))));
    expect![[r#"
        Totals { steps: 1, failures: {}, user_messages: 1, assistant_messages: 11, tool_calls: {"create": 1, "edit": 3, "find_file": 1, "ls": 1, "open": 1, "python": 2, "rm": 1, "submit": 1}, tool_results: 11, tokens: [0, 0, 0, 0], models: {"gpt-4o": 11}, cost: Usd(0), ends: ["RunCompleted", "SandboxKilled"] }
        Totals { steps: 1, failures: {}, user_messages: 1, assistant_messages: 12, tool_calls: {"create": 1, "edit": 5, "find_file": 1, "open": 1, "python": 2, "rm": 1, "submit": 1}, tool_results: 12, tokens: [122612, 1369, 0, 0], models: {"unknown": 12}, cost: Usd(1267190000), ends: ["RunCompleted", "SandboxKilled"] }
        Totals { steps: 1, failures: {}, user_messages: 2, assistant_messages: 5, tool_calls: {"bash": 1, "edit": 1, "find_file": 1, "open": 1, "submit": 1}, tool_results: 5, tokens: [0, 0, 0, 0], models: {}, cost: Usd(0), ends: ["RunCompleted", "SandboxKilled"] }"#]].assert_eq(&all.join("\n"));
}

/// A session of any length, made while it is read.
struct Endless {
    line: Vec<u8>,
    at: usize,
    left: u64,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.line.len() {
            self.at = 0;
            self.left = self.left.saturating_sub(1);
        }
        if self.left == 0 {
            return Ok(0);
        }
        let count = buffer.len().min(self.line.len() - self.at);
        buffer[..count].copy_from_slice(&self.line[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[test]
fn a_long_session_is_held_one_line_at_a_time() {
    let line = format!(
        "{{\"type\":\"message\",\"message\":{{\"role\":\"user\",\"content\":\"{}\"}}}}\n",
        "x".repeat(16 * 1024)
    );
    let lines = 64 * 1024 * 1024 / line.len() as u64;
    let open = || {
        let rest = Endless { line: line.clone().into_bytes(), at: 0, left: lines };
        Ok(Box::new(io::Cursor::new(format!("{HEADER}\n")).chain(rest)) as Box<dyn Read>)
    };
    let source = Source { name: "endless".into(), open: &open };
    let (mut items, mut largest, mut read_bytes) = (0_u64, 0, 0);
    read(Format::Pi, &source, &Options::into_slug("demo"), &mut |one| {
        let Found::Item(item) = one else { panic!("{one:?}") };
        items += 1;
        largest = largest.max(serde_json::to_string(&item.command).unwrap().len());
        read_bytes = read_bytes.max(item.origin.read_bytes);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(items > lines && read_bytes > 60 * 1024 * 1024, "{items} {read_bytes}");
    assert!(largest < 2 * line.len(), "a command holds no more than its line");

    let mut kept = lines::Lines::new(io::BufReader::new(open().unwrap()));
    while kept.next().unwrap().is_some() {
        assert!(kept.held_bytes() <= 1024 * 1024);
    }
}
