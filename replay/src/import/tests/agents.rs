//! Sessions of other agents: what each program records adds up to what is known of it.

use std::collections::BTreeMap;

use domain::Event;
use domain::ids::StepId;
use domain::run::RunEvent;
use domain::values::Usd;
use expect_test::{Expect, expect};

use super::{check, data, import_file};
use crate::import::testing::{Log, commits, found, shown};
use crate::import::{Format, Options, Stop};

/// What an import comes to, in lines.
#[derive(Default)]
struct Summary {
    lines: Vec<String>,
    tokens: [u64; 4],
    cost: Usd,
    without_cost: u32,
    calls: u32,
    raw: u32,
    steps: BTreeMap<StepId, usize>,
}

impl Summary {
    fn of(format: Format, name: &str) -> Self {
        let found = import_file(format, name);
        assert!(commits(&found).len() > 4);
        let mut summary = Self::default();
        for event in Log::of(&found).events() {
            summary.add(event);
        }
        summary
    }
    fn step(&mut self, step: StepId) -> usize {
        let next = self.steps.len() + 1;
        *self.steps.entry(step).or_insert(next)
    }
    fn add(&mut self, event: &Event) {
        let Event::Run(event) = event else { return };
        let line = match event {
            RunEvent::RunRequested(e) => format!("run {:?}: {:?}", e.title, e.prompt),
            RunEvent::StepStarted(e) => {
                format!("step {} {} {:?} {:?}", self.step(e.step), e.role, e.model, e.thinking_effort)
            }
            RunEvent::StepMessageAppended(e) => {
                format!("  {} {:?} {:?} {:?}", e.role, e.content, e.thinking, e.stop_reason)
            }
            RunEvent::ToolCalled(e) => format!("  call {} {} {}", e.call_id, e.tool, e.arguments),
            RunEvent::ToolReturned(e) => {
                format!(
                    "  answer {} {} {:?} {:?}{}",
                    e.call_id,
                    e.tool,
                    e.output,
                    e.duration_ms,
                    if e.is_error { " error" } else { "" }
                )
            }
            RunEvent::StepUsageRecorded(e) => {
                let tokens = [e.input_tokens, e.output_tokens, e.cache_read_tokens, e.cache_write_tokens];
                self.tokens.iter_mut().zip(tokens).for_each(|(sum, tokens)| *sum += tokens);
                self.cost += e.cost_usd.unwrap_or_default();
                self.without_cost += u32::from(e.cost_usd.is_none());
                self.calls += e.calls;
                format!("  used {} {tokens:?} {} calls {:?}", e.model, e.calls, e.cost_usd.map(Usd::as_f64))
            }
            RunEvent::VerdictIssued(e) => format!("  verdict {} {:?}", e.pass, e.feedback),
            RunEvent::ScoresIssued(e) => format!("  composite {}", e.composite),
            RunEvent::StepCompleted(e) => format!("  completed {:?}", e.output),
            RunEvent::StepFailed(e) => format!("  failed {} {:?}", e.failure, e.error),
            RunEvent::RunCompleted(e) => format!("run completed {:?}", e.summary),
            RunEvent::RunFailed(e) => format!("run failed {:?}", e.error),
            RunEvent::AgentLineUnrecognised(e) => {
                self.raw += 1;
                format!("  kept {}", e.raw.chars().take(60).collect::<String>())
            }
            _ => return,
        };
        self.lines.push(line);
    }
    #[track_caller]
    fn check(&self, tokens: [u64; 4], cost: &str, expected: &Expect) {
        assert_eq!(
            (self.tokens, self.cost.to_string().as_str()),
            (tokens, cost),
            "{}",
            self.lines.join("\n")
        );
        expected.assert_eq(&self.lines.join("\n"));
    }
}

#[test]
fn a_stream_of_claude_code_costs_what_its_result_says() {
    let summary = Summary::of(Format::ClaudeCode, "claude-stream.jsonl");
    assert_eq!((summary.calls, summary.raw, summary.without_cost), (2, 0, 0));
    summary.check([240, 74, 2_000, 60], "0.002655", &expect![[r#"
        run Some("594a6f81-0484-4d9a-a974-f8eee8458490"): "no user message in session 594a6f81-0484-4d9a-a974-f8eee8458490"
        step 1 designer Some("claude-sonnet-4-6") None
          assistant "" Some("Let me think.") None
          assistant "I will write a file." None None
          call toolu_stub0001 Bash {"command":"echo hello > hello.txt && cat hello.txt","description":"write a file"}
          answer toolu_stub0001 Bash "hello" None
          assistant "" Some("Let me think.") None
          assistant "All done." None None
          used claude-sonnet-4-6 [240, 74, 2000, 60] 2 calls Some(0.002655)
          completed None
        run completed None"#]]);
}

#[test]
fn a_verdict_makes_a_checker_and_its_absence_is_none() {
    let summary = Summary::of(Format::ClaudeCode, "claude-verdict.jsonl");
    summary.check([120, 22, 0, 0], "0.00046", &expect![[r#"
        run Some("ca6a559f-8ce2-4e17-a621-13215291005c"): "no user message in session ca6a559f-8ce2-4e17-a621-13215291005c"
        step 1 checker Some("claude-sonnet-5-5") None
          call toolu_so StructuredOutput {"pass":false,"feedback":"tests missing"}
          answer toolu_so StructuredOutput "Structured output provided successfully" None
          used claude-sonnet-5-5 [120, 22, 0, 0] 1 calls Some(0.00046)
          verdict false "tests missing"
          completed None
        run completed None"#]]);
    let summary = Summary::of(Format::ClaudeCode, "claude-verdict-missing.jsonl");
    summary.check([240, 74, 2_000, 60], "0.00157", &expect![[r#"
        run Some("4ae8d010-b136-4ace-861c-e1a3764b2aa2"): "no user message in session 4ae8d010-b136-4ace-861c-e1a3764b2aa2"
        step 1 designer Some("claude-sonnet-5-5") None
          assistant "" Some("Let me think.") None
          assistant "All done." None None
          user "[structured-output-enforce] You MUST call the StructuredOutput tool to complete this request. Call this tool now." None None
          assistant "" Some("Let me think.") None
          assistant "All done." None None
          used claude-sonnet-5-5 [240, 74, 2000, 60] 2 calls Some(0.00157)
          completed None
        run completed None"#]]);
}

#[test]
fn a_limit_an_interrupt_and_a_kill_are_failures_and_no_verdicts() {
    Summary::of(Format::ClaudeCode, "claude-rate-limit.jsonl").check([0; 4], "0", &expect![[r#"
        run Some("432ac157-c153-41e2-9693-32664055a257"): "no user message in session 432ac157-c153-41e2-9693-32664055a257"
          kept {"type":"rate_limit_event","rate_limit_info":{"status":"reje
        step 1 designer Some("claude-sonnet-5-5") None
          assistant "You've hit your 5-hour limit · resets 8:18am (UTC)" None Some("stop_sequence")
          failed rate_limited "You've hit your 5-hour limit · resets 8:18am (UTC)"
        run completed None"#]]);
    Summary::of(Format::ClaudeCode, "claude-interrupted.jsonl").check([0; 4], "0", &expect![[r#"
        run Some("21399b94-50b8-49d1-b17c-dad2884cea99"): "no user message in session 21399b94-50b8-49d1-b17c-dad2884cea99"
        step 1 designer Some("claude-sonnet-5-5") None
          user "[Request interrupted by user]" None None
          failed aborted "interrupted by the user"
        run failed "interrupted by the user""#]]);
    Summary::of(Format::ClaudeCode, "claude-terminated.jsonl").check([0; 4], "0", &expect![[r#"
        run Some("adacbca9-3e98-44f8-82db-4e58a647aa82"): "no user message in session adacbca9-3e98-44f8-82db-4e58a647aa82"
        run failed "the stream ends without a result""#]]);
}

/// Two lines of `msg_a` repeat its usage, one line stands twice, and a subagent spoke in between.
#[test]
fn a_transcript_counts_each_model_call_once_and_knows_no_cost() {
    let summary = Summary::of(Format::ClaudeCode, "claude-transcript.jsonl");
    assert_eq!((summary.calls, summary.without_cost), (3, 3));
    summary.check(
        [18, 52, 6_300, 220],
        "0",
        &expect![[r#"
        run Some("Fix the parser"): "Fix the parser"
          kept {"type":"summary","summary":"Fix the parser","leafUuid":"b00
          kept {"type":"file-history-snapshot","messageId":"b0000000-0000-4
        step 1 designer Some("claude-opus-4-6") None
          user "Caveat: the messages below were generated by the user while running local commands." None None
          user "Fix the parser" None None
          assistant "" Some("Where is it?") Some("tool_use")
          call toolu_1 Read {"file_path":"src/parser.rs"}
          used claude-opus-4-6 [10, 40, 3000, 200] 1 calls None
          answer toolu_1 Read "fn parse() {}" None
          user "Look for other parsers" None None
          assistant "There is none." None Some("end_turn")
          used claude-haiku-4-5 [7, 3, 100, 0] 1 calls None
          assistant "It is fixed." None Some("end_turn")
          used claude-opus-4-6 [1, 9, 3200, 20] 1 calls None
          kept {"parentUuid":"b0000000-0000-4000-8000-000000000007","isSide
          completed None
        step 2 designer Some("claude-opus-4-6") None
          user "And the tests?" None None
          user "[Request interrupted by user]" None None
          failed aborted "interrupted by the user"
        run completed None"#]],
    );
}

#[test]
fn results_of_one_session_are_running_totals() {
    let result = |cost: f64, tokens: u64, extra: &str| {
        format!(
            r#"{{"type":"result","subtype":"success","is_error":false,"session_id":"s","result":"ok","total_cost_usd":{cost},"modelUsage":{{"m":{{"inputTokens":{tokens},"outputTokens":1,"costUSD":{cost}}}}}{extra}}}"#
        )
    };
    let said = |id: &str| {
        format!(
            r#"{{"type":"assistant","session_id":"s","uuid":"{id}","message":{{"id":"{id}","model":"m","content":[{{"type":"text","text":"t"}}],"usage":{{"input_tokens":1}}}}}}"#
        )
    };
    let init = r#"{"type":"system","subtype":"init","session_id":"s","model":"m"}"#;
    // The first result carries over what the session cost before this file; the last one is of a new count.
    let since = r#","model_usage_since_last_result":{"m":{"inputTokens":10,"outputTokens":1,"costUSD":0.5}}"#;
    let text = [
        init.to_owned(),
        said("a"),
        result(2.0, 40, since),
        said("b"),
        said("c"),
        result(3.25, 50, ""),
        result(0.25, 5, ""),
    ];
    let found = found(Format::ClaudeCode, &text.join("\n"), &Options::into_slug("demo")).0;
    let mut summary = Summary::default();
    Log::of(&found).events().for_each(|event| summary.add(event));
    let used: Vec<&str> =
        summary.lines.iter().map(String::as_str).filter(|line| line.contains("used")).collect();
    assert_eq!(
        used,
        [
            "  used m [10, 1, 0, 0] 1 calls Some(0.5)",
            "  used m [10, 0, 0, 0] 2 calls Some(1.25)",
            "  used m [5, 1, 0, 0] 0 calls Some(0.25)"
        ]
    );
}

#[test]
fn codex_tells_running_totals_and_no_cost() {
    let summary = Summary::of(Format::Codex, "codex-exec.jsonl");
    assert_eq!(summary.without_cost, 1);
    summary.check([300, 74, 2_000, 0], "0", &expect![[r#"
        run Some("01a1fca7-8b12-7253-9fd1-eee47331d0f3"): "no user message in session 01a1fca7-8b12-7253-9fd1-eee47331d0f3"
          kept {"type":"item.completed","item":{"id":"item_0","type":"error
        step 1 designer None None
          assistant "" Some("**Thinking**\n\nabout it") None
          call item_2 command_execution {"command":"/bin/bash -lc 'echo hello > hello.txt && cat hello.txt'"}
          answer item_2 command_execution "hello\n" None
          assistant "" Some("**Thinking**\n\nabout it") None
          assistant "All done." None None
          used unknown [300, 74, 2000, 0] 0 calls None
          completed None
        run completed None"#]]);
    let summary = Summary::of(Format::Codex, "codex-rollout.jsonl");
    assert_eq!((summary.calls, summary.without_cost), (2, 2));
    summary.check(
        [1_000, 90, 3_500, 0],
        "0",
        &expect![[r#"
        run Some("Count the lines"): "Count the lines"
          kept {"timestamp":"2026-11-20T09:00:00.100Z","type":"response_ite
        step 1 designer Some("gpt-5-codex") None
          user "<environment_context>\n  <cwd>/work</cwd>\n</environment_context>" None None
          user "Count the lines" None None
          assistant "" Some("**Counting**") None
          call call_1 shell {"command":["wc","-l","a.txt"]}
          answer call_1 shell "wc: a.txt: No such file\n" None error
          used gpt-5-codex [500, 60, 1500, 0] 1 calls None
          call call_2 apply_patch {"input":"*** Begin Patch"}
          answer call_2 apply_patch "Success" None
          assistant "There is no such file." None None
          used gpt-5-codex [500, 30, 2000, 0] 1 calls None
          completed None
        step 2 designer Some("gpt-5-codex") Some(High)
          user "Make it" None None
          failed aborted "interrupted"
        run completed None"#]],
    );
}

#[test]
fn a_thread_that_was_resumed_counts_its_growth() {
    let turn = |input: u64| {
        format!(
            "{{\"type\":\"thread.started\",\"thread_id\":\"t\"}}\n{{\"type\":\"turn.started\"}}\n{{\"type\":\"item.started\",\"item\":{{\"id\":\"i{input}\",\"type\":\"command_execution\",\"command\":\"ls\"}}}}\n{{\"type\":\"turn.completed\",\"usage\":{{\"input_tokens\":{input},\"output_tokens\":{input}}}}}\n{{\"type\":\"error\",\"message\":\"Reconnecting\"}}\n"
        )
    };
    let text = turn(2_300)
        + &turn(3_450)
        + "{\"type\":\"turn.started\"}\n{\"type\":\"turn.failed\",\"error\":{\"message\":\"last status: 429\"}}";
    let shown = shown(Format::Codex, &text);
    let lines = |word: &str| shown.lines().filter(|line| line.contains(word)).count();
    assert!(shown.contains("input_tokens=2300") && shown.contains("input_tokens=1150"), "{shown}");
    assert!(shown.contains("failure=\"rate_limited\""), "{shown}");
    assert_eq!((lines("item.started"), lines("Reconnecting")), (2, 2), "what never ended is kept: {shown}");
}

#[test]
fn opencode_adds_up_step_by_step_in_both_forms() {
    let summary = Summary::of(Format::OpenCode, "opencode-run.jsonl");
    assert_eq!((summary.calls, summary.without_cost, summary.raw), (2, 0, 0));
    summary.check([300, 74, 2_000, 0], "0.00261", &expect![[r#"
        run Some("ses_e03576ba6ffedNlCWt8A7mAFmS"): "no user message in session ses_e03576ba6ffedNlCWt8A7mAFmS"
        step 1 designer None None
          assistant "I will write a file." None None
          call call_1 bash {"command":"echo hello > hello.txt && cat hello.txt","description":"write a file"}
          answer call_1 bash "hello\n" Some(155)
          used unknown [150, 37, 1000, 0] 1 calls Some(0.001305)
          assistant "All done." None None
          used unknown [150, 37, 1000, 0] 1 calls Some(0.001305)
          completed None
        run completed None"#]]);
    let summary = Summary::of(Format::OpenCode, "opencode-events.txt");
    assert_eq!((summary.calls, summary.without_cost, summary.raw), (2, 0, 0));
    summary.check(
        [300, 74, 2_000, 0],
        "0.00261",
        &expect![[r#"
        run Some("USE_TOOL please"): "USE_TOOL please"
        step 1 designer None None
          user "USE_TOOL please" None None
          assistant "I will write a file." None None
          call call_1 bash {"command":"echo hello > hello.txt && cat hello.txt","description":"write a file"}
          answer call_1 bash "hello\n" Some(124)
          used stub-1 [150, 37, 1000, 0] 1 calls Some(0.001305)
          assistant "All done." None None
          used stub-1 [150, 37, 1000, 0] 1 calls Some(0.001305)
          completed None
        run completed None"#]],
    );
}

#[test]
fn opencode_failures_and_other_sessions_are_told_apart() {
    check(
        Format::OpenCode,
        r#"{"type":"error","timestamp":1795240272013,"sessionID":"s","error":{"name":"APIError","data":{"message":"slow down","statusCode":429}}}
{"type":"text","timestamp":1795240272014,"sessionID":"other","part":{"id":"p","type":"text","text":"x"}}
{"type":"tool_use","timestamp":1795240272015,"sessionID":"s","part":{"id":"q","type":"tool","tool":"bash","callID":"c","state":{"status":"error","input":{"command":"ls"},"error":"denied"}}}
{"type":"tool_use","timestamp":1795240272015,"sessionID":"s","part":{"id":"r","type":"tool"}}
{"type":"new.type","sessionID":"s"}"#,
        &expect![[r#"
            0 05:51:12 create name="demo" slug="demo"
            0 05:51:12 request project=#0 prompt="no user message in session s" source="import" title="s"
            0 05:51:12 start 
            0 05:51:12 create efforts=[] project=#0 provider="opencode" run=#1 template_id="imported"
            0 05:51:12 start 
            1 05:51:12 start-step cli_tool="opencode" role="designer"
            2 05:51:12 record-unrecognised-line length=104 origin="s:2" raw="{\"type\":\"text\",\"timestamp\":1795240272014,\"sessionID\":\"other\",\"part\":{\"id\":\"p\",\"type\":\"text\",\"text\":\"x\"}}"
            3 05:51:12 record-tool-call arguments="{\"command\":\"ls\"}" call_id="c" tool="bash"
            3 05:51:12 record-tool-result call_id="c" is_error=true output="denied" tool="bash"
            4 BAD missing field `callID`
            5 05:51:12 record-unrecognised-line length=35 origin="s:5" raw="{\"type\":\"new.type\",\"sessionID\":\"s\"}"
            3 05:51:12 fail-step error="the events end in the middle of a turn" failure="crashed"
            5 05:51:12 complete 
            5 05:51:12 kill reason="completion""#]],
    );
}

#[test]
fn the_documented_lines_carry_everything_that_a_run_has() {
    let summary = Summary::of(Format::Ndjson, "generic.ndjson");
    assert_eq!((summary.calls, summary.raw), (2, 1));
    summary.check(
        [34, 11, 300, 0],
        "0.75",
        &expect![[r#"
        run Some("Nightly fix"): "Make the build pass"
        step 1 designer Some("opus") Some(High)
          user "Make the build pass" None None
          assistant "Looking." Some("What broke?") Some("tool_use")
          call c1 bash {"command":"make"}
          answer c1 bash "no rule" Some(4000) error
          used opus [10, 5, 100, 0] 1 calls Some(0.25)
          kept {"type":"progress","at":"2026-11-20T09:00:10Z","percent":50}
          used opus [20, 4, 200, 0] 1 calls Some(0.5)
          completed Some("done")
        step 2 checker Some("sonnet") None
          used sonnet [4, 2, 0, 0] 0 calls None
          verdict true "good"
          completed None
        step 3 evaluator None None
          composite 80.1
          completed None
        run completed Some("The build passes.")"#]],
    );
}

#[test]
fn lines_that_do_not_fit_are_named_and_leave_nothing() {
    let text = r#"{"type":"session","id":"s"}
{"type":"message","role":"robot","content":"x"}
{"type":"message","role":"user","content":"x","extra":1}
{"type":"usage","cost_usd":-1}
{"type":"verdict","pass":true}
{"type":"step","role":"designer"}
{"type":"verdict","pass":true}
{"type":"scores","correctness":1,"type_safety":1,"code_style":1,"test_coverage":1,"completeness":1}
{"type":"tool_result","id":" ","output":""}
{"type":"end"}
{"type":"message","role":"user","content":"x"}"#;
    check(
        Format::Ndjson,
        text,
        &expect![[r#"
        0 00:00:00 create name="demo" slug="demo"
        0 00:00:00 request project=#0 prompt="no user message in session s" source="import" title="s"
        0 00:00:00 start 
        0 00:00:00 create efforts=[] project=#0 provider="ndjson" run=#1 template_id="imported"
        0 00:00:00 start 
        2 BAD unknown variant `robot`, expected `user` or `assistant` at column 32
        3 BAD unknown field `extra`, expected one of `type`, `at`, `role`, `content`, `thinking`, `stop_reason` at column 53
        4 BAD expected US dollars from 0 to 1,000,000, nine decimals, got `-1` at column 30
        5 BAD expected a verdict in a step of role checker or reviewer
        6 00:00:00 start-step role="designer"
        7 BAD expected a verdict in a step of role checker or reviewer
        8 BAD expected scores in a step of role evaluator
        9 BAD the id of the call is blank
        6 00:00:00 complete-step 
        11 BAD expected nothing behind the line of type `end`
        11 00:00:00 complete 
        11 00:00:00 kill reason="completion""#]],
    );
}

#[test]
fn what_is_of_no_agent_says_what_it_is() {
    let refusal = |format, text: &str| match found(format, text, &Options::into_slug("demo")) {
        (found, Err(Stop::Format { actual, .. })) if found.is_empty() => {
            format!("{}: {actual}", format.as_str())
        }
        other => panic!("{other:?}"),
    };
    let mut all = Vec::new();
    for format in [Format::ClaudeCode, Format::Codex, Format::OpenCode, Format::Ndjson] {
        all.extend(["", "plain", r#"{"type":"user"}"#].map(|text| refusal(format, text)));
    }
    all.push(refusal(Format::Ndjson, r#"{"type":"session","id":""}"#));
    expect![[r#"
        claude-code: no line of it is an object with a `type`
        claude-code: no line of it is an object with a `type`
        claude-code: none of its lines names a session; the first is of type `user`
        codex: no line of it is an object with a `type`
        codex: no line of it is an object with a `type`
        codex: its first line is of type `user`
        opencode: no line of it is an object with a `type`
        opencode: no line of it is an object with a `type`
        opencode: none of its lines names a session; the first is of type `user`
        ndjson: no line of it is an object with a `type`
        ndjson: no line of it is an object with a `type`
        ndjson: its first line is of type `user`
        ndjson: its `id` is blank, too long, or not on one line"#]]
    .assert_eq(&all.join("\n"));
}

#[test]
fn every_session_repeats_its_commits_and_each_has_its_own() {
    for (format, name) in [
        (Format::ClaudeCode, "claude-stream.jsonl"),
        (Format::ClaudeCode, "claude-transcript.jsonl"),
        (Format::Codex, "codex-exec.jsonl"),
        (Format::Codex, "codex-rollout.jsonl"),
        (Format::OpenCode, "opencode-events.txt"),
        (Format::OpenCode, "opencode-run.jsonl"),
        (Format::Ndjson, "generic.ndjson"),
    ] {
        let (first, second) = (commits(&import_file(format, name)), commits(&import_file(format, name)));
        assert_eq!(first, second, "{name}");
        let distinct: std::collections::BTreeSet<_> = first.iter().map(|(commit, _)| commit).collect();
        assert_eq!(distinct.len(), first.len(), "{name}");
        // A file that goes on later repeats what was imported of it before.
        let whole = std::fs::read_to_string(data(name)).unwrap();
        let unfinished = Options { finish: false, ..Options::into_slug("demo") };
        let text = |lines: usize| whole.split_inclusive('\n').take(lines).collect::<String>();
        let all = commits(&found(format, &whole, &unfinished).0);
        let half = commits(&found(format, &text(whole.lines().count() - 1), &unfinished).0);
        assert_eq!(half, all[..half.len()], "{name}");
    }
}
