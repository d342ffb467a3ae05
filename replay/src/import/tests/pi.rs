//! Pi sessions, line by line.

use std::collections::BTreeMap;

use domain::Event;
use domain::run::RunEvent;
use expect_test::expect;

use super::check;
use crate::import::testing::{Log, found};
use crate::import::{Format, Options};

pub(super) const HEADER: &str = r#"{"type":"session","id":"s-1","timestamp":"2025-11-20T10:00:00Z","cwd":"/w","provider":"anthropic","modelId":"sonnet","thinkingLevel":"off"}"#;

fn pi(lines: &[&str]) -> String {
    let mut text = HEADER.to_owned();
    for line in lines {
        text.push('\n');
        text.push_str(line);
    }
    text
}

#[test]
fn a_pi_session_becomes_a_run_with_a_step_per_turn() {
    let text = pi(&[
        r#"{"type":"message","timestamp":"2025-11-20T10:00:01Z","message":{"role":"user","content":"Fix the build\nplease","timestamp":1}}"#,
        r#"{"type":"message","timestamp":"2025-11-20T10:00:05Z","message":{"role":"assistant","content":[{"type":"thinking","thinking":"hm","thinkingSignature":"x"},{"type":"text","text":"Looking."},{"type":"toolCall","id":"c1","name":"bash","arguments":{"command":"make"}},{"type":"toolCall","id":"c2","name":"read","arguments":{"path":"a"}}],"provider":"anthropic","model":"sonnet-4","usage":{"input":3,"output":4,"cacheRead":5,"cacheWrite":6,"cost":{"total":0.009189}},"stopReason":"toolUse"}}"#,
        r#"{"type":"thinking_level_change","timestamp":"2025-11-20T10:00:05.5Z","thinkingLevel":"high"}"#,
        r#"{"type":"message","timestamp":"2025-11-20T10:00:06Z","message":{"role":"toolResult","toolCallId":"c1","toolName":"bash","content":[{"type":"text","text":"no rule"},{"type":"image","data":"AAAAAAA=","mimeType":"image/png"}],"isError":true}}"#,
        r#"{"type":"message","timestamp":"2025-11-20T10:00:06.5Z","message":{"role":"user","content":[{"type":"text","text":"hurry"}]}}"#,
        r#"{"type":"message","timestamp":"2025-11-20T10:00:09Z","message":{"role":"assistant","content":[{"type":"text","text":"Done."}],"model":"sonnet-4","usage":{"input":1,"output":1},"stopReason":"stop"}}"#,
        r#"{"type":"model_change","timestamp":"2025-11-20T11:00:00Z","provider":"openai","modelId":"gpt"}"#,
        r#"{"type":"message","timestamp":"2025-11-20T11:00:01Z","message":{"role":"user","content":"and now?"}}"#,
        r#"{"type":"message","timestamp":"2025-11-20T11:00:02Z","message":{"role":"assistant","content":[],"stopReason":"aborted","errorMessage":"Request was aborted"}}"#,
    ]);
    check(
        Format::Pi,
        &text,
        &expect![[r#"
        0 10:00:00 create name="demo" slug="demo"
        0 10:00:00 request project=#0 prompt="Fix the build\nplease" source="import" title="Fix the build"
        0 10:00:00 start 
        0 10:00:00 create efforts=[] project=#0 provider="pi" run=#1 template_id="imported"
        0 10:00:00 start 
        2 10:00:01 start-step cli_tool="pi" model="sonnet" role="designer" thinking_effort="off"
        2 10:00:01 append-step-message content="Fix the build\nplease" message=#2 role="user"
        3 10:00:05 append-step-message content="Looking." message=#3 role="assistant" stop_reason="toolUse" thinking="hm"
        3 10:00:05 record-tool-call arguments="{\"command\":\"make\"}" call_id="c1" tool="bash"
        3 10:00:05 record-tool-call arguments="{\"path\":\"a\"}" call_id="c2" tool="read"
        3 10:00:05 record-usage cache_read_tokens=5 cache_write_tokens=6 cost_usd=0.009189 input_tokens=3 model="sonnet-4" output_tokens=4 provider="anthropic"
        5 10:00:06 record-tool-result call_id="c1" is_error=true output="no rule\n\n[image image/png, 5 bytes]" tool="bash"
        6 10:00:06 append-step-message content="hurry" message=#4 role="user"
        7 10:00:09 append-step-message content="Done." message=#5 role="assistant" stop_reason="stop"
        7 10:00:09 record-usage cache_read_tokens=0 cache_write_tokens=0 input_tokens=1 model="sonnet-4" output_tokens=1
        7 10:00:09 complete-step 
        9 11:00:01 start-step cli_tool="pi" model="gpt" role="designer" thinking_effort="high"
        9 11:00:01 append-step-message content="and now?" message=#6 role="user"
        10 11:00:02 append-step-message content="" message=#7 role="assistant" stop_reason="aborted"
        10 11:00:02 fail-step error="Request was aborted" failure="aborted"
        10 11:00:02 complete 
        10 11:00:02 kill reason="completion""#]],
    );
    Log::of(&found(Format::Pi, &text, &Options::into_slug("demo")).0);
}

#[test]
fn bad_lines_are_reported_and_unknown_ones_kept() {
    let text = pi(&[
        "not json",
        "[1]",
        r#"{"no":"type"}"#,
        r#"{"type":"message","timestamp":"yesterday","message":{"role":"user","content":"x"}}"#,
        r#"{"type":"message","message":{"role":"user"}}"#,
        r#"{"type":"message","message":{"role":"user","content":[{"type":"text"}]}}"#,
        r#"{"type":"message","message":{"role":"assistant","content":[{"type":"toolCall","id":"","name":"bash","arguments":{}}]}}"#,
        r#"{"type":"message","message":{"role":"assistant","content":[],"usage":{"input":-1}}}"#,
        r#"{"type":"message","message":{"role":"assistant","content":[],"usage":{"cost":{"total":-0.5}}}}"#,
        "",
        r#"{"type":"compaction","timestamp":"2025-11-20T10:00:03Z","summary":"s","tokensBefore":9}"#,
        r#"{"type":"message","timestamp":"2025-11-20T10:00:04Z","message":{"role":"bashExecution","command":"ls","output":""}}"#,
        r#"{"type":"message","timestamp":"2025-11-20T10:00:05Z","message":{"role":"toolResult","toolCallId":"c","toolName":"t","content":[{"type":"video","url":"u"}]}}"#,
        r#"{"type":"session","id":"s-2","timestamp":"2025-11-20T10:00:06Z"}"#,
    ]);
    check(
        Format::Pi,
        &text,
        &expect![[r#"
        0 10:00:00 create name="demo" slug="demo"
        0 10:00:00 request project=#0 prompt="no user message in session s-1" source="import" title="s-1"
        0 10:00:00 start 
        0 10:00:00 create efforts=[] project=#0 provider="pi" run=#1 template_id="imported"
        0 10:00:00 start 
        2 BAD expected a JSON object
        3 BAD expected a JSON object
        4 BAD missing field `type` at column 13
        5 BAD expected an RFC 3339 time such as 2026-11-21T07:06:00Z, got `yesterday` at column 41
        6 BAD missing field `content` at column 15
        7 BAD missing field `text` at column 43
        8 BAD `id` of a toolCall is blank
        9 BAD invalid value: integer `-1`, expected u64 at column 52
        10 BAD expected US dollars from 0 to 1,000,000, nine decimals, got `-0.5` at column 63
        12 10:00:03 record-unrecognised-line length=87 origin="s-1:12" raw="{\"type\":\"compaction\",\"timestamp\":\"2025-11-20T10:00:03Z\",\"summary\":\"s\",\"tokensBefore\":9}"
        13 10:00:04 record-unrecognised-line length=115 origin="s-1:13" raw="{\"type\":\"message\",\"timestamp\":\"2025-11-20T10:00:04Z\",\"message\":{\"role\":\"bashExecution\",\"command\":\"ls\",\"output\":\"\"}}"
        14 10:00:05 start-step cli_tool="pi" model="sonnet" role="designer" thinking_effort="off"
        14 10:00:05 record-tool-result call_id="c" output="[unrecognised block {\"type\":\"video\",\"url\":\"u\"}]" tool="t"
        15 10:00:06 record-unrecognised-line length=64 origin="s-1:15" raw="{\"type\":\"session\",\"id\":\"s-2\",\"timestamp\":\"2025-11-20T10:00:06Z\"}"
        14 10:00:05 fail-step error="the session file ends in the middle of a turn" failure="crashed"
        15 10:00:06 complete 
        15 10:00:06 kill reason="completion""#]],
    );
}

#[test]
fn an_error_is_the_end_of_a_turn_and_a_retry_a_step_of_its_own() {
    let assistant = |stop: &str, error: &str| {
        format!(
            r#"{{"type":"message","message":{{"role":"assistant","content":[],"stopReason":"{stop}"{error}}}}}"#
        )
    };
    let retry = assistant("error", r#","errorMessage":"overloaded""#);
    let late =
        r#"{"type":"message","message":{"role":"toolResult","toolCallId":"c","toolName":"t","content":[]}}"#;
    let text = pi(&[&retry, late, &assistant("length", ""), &assistant("toolUse", "")]);
    check(
        Format::Pi,
        &text,
        &expect![[r#"
        0 10:00:00 create name="demo" slug="demo"
        0 10:00:00 request project=#0 prompt="no user message in session s-1" source="import" title="s-1"
        0 10:00:00 start 
        0 10:00:00 create efforts=[] project=#0 provider="pi" run=#1 template_id="imported"
        0 10:00:00 start 
        2 10:00:00 start-step cli_tool="pi" model="sonnet" role="designer" thinking_effort="off"
        2 10:00:00 append-step-message content="" message=#2 role="assistant" stop_reason="error"
        3 10:00:00 record-tool-result call_id="c" output="" tool="t"
        3 10:00:00 fail-step error="overloaded" failure="provider"
        4 10:00:00 start-step cli_tool="pi" model="sonnet" role="designer" thinking_effort="off"
        4 10:00:00 append-step-message content="" message=#3 role="assistant" stop_reason="length"
        4 10:00:00 complete-step 
        5 10:00:00 start-step cli_tool="pi" model="sonnet" role="designer" thinking_effort="off"
        5 10:00:00 append-step-message content="" message=#4 role="assistant" stop_reason="toolUse"
        5 10:00:00 fail-step error="the session file ends in the middle of a turn" failure="crashed"
        5 10:00:00 complete 
        5 10:00:00 kill reason="completion""#]],
    );
    Log::of(&found(Format::Pi, &text, &Options::into_slug("demo")).0);
}

#[test]
fn a_newer_session_file_and_an_event_stream_are_read_too() {
    let text = r#"{"type":"session","version":3,"id":"s-3","timestamp":"2026-01-01T00:00:00Z","cwd":"/w"}
{"type":"model_change","id":"a","parentId":null,"timestamp":"2026-01-01T00:00:00Z","provider":"stub","modelId":"stub-1"}
{"type":"message","id":"b","parentId":"a","timestamp":"2026-01-01T00:00:01Z","message":{"role":"user","content":[{"type":"text","text":"hi"}],"timestamp":1}}
{"type":"agent_start"}
{"type":"message_update","assistantMessageEvent":{"type":"text_delta","delta":"x"}}
{"type":"message_end","message":{"role":"assistant","content":[{"type":"text","text":"All done."}],"provider":"stub","model":"stub-1","usage":{"input":150,"output":37,"cacheRead":1000,"cacheWrite":0,"totalTokens":1187,"cost":{"total":0.001305}},"stopReason":"stop","timestamp":1767225603000}}
"#;
    check(
        Format::Pi,
        text,
        &expect![[r#"
        0 00:00:00 create name="demo" slug="demo"
        0 00:00:00 request project=#0 prompt="hi" source="import" title="hi"
        0 00:00:00 start 
        0 00:00:00 create efforts=[] project=#0 provider="pi" run=#1 template_id="imported"
        0 00:00:00 start 
        3 00:00:01 start-step cli_tool="pi" model="stub-1" role="designer"
        3 00:00:01 append-step-message content="hi" message=#2 role="user"
        6 00:00:03 append-step-message content="All done." message=#3 role="assistant" stop_reason="stop"
        6 00:00:03 record-usage cache_read_tokens=1000 cache_write_tokens=0 cost_usd=0.001305 input_tokens=150 model="stub-1" output_tokens=37 provider="stub"
        6 00:00:03 complete-step 
        6 00:00:03 complete 
        6 00:00:03 kill reason="completion""#]],
    );
}

#[test]
fn texts_that_exceed_a_command_go_in_parts_and_join_to_the_whole() {
    let long = "é".repeat(700_000);
    let text = pi(&[
        &format!(
            r#"{{"type":"message","message":{{"role":"assistant","stopReason":"toolUse","content":[{{"type":"text","text":"{long}a"}},{{"type":"thinking","thinking":"{long}b"}},{{"type":"toolCall","id":"c","name":"write","arguments":{{"x":"{long}c"}}}}]}}}}"#
        ),
        &format!(
            r#"{{"type":"message","message":{{"role":"toolResult","toolCallId":"c","toolName":"write","content":"{long}d"}}}}"#
        ),
        &format!(r#"{{"type":"custom","data":"{long}"}}"#),
    ]);
    let log = Log::of(&found(Format::Pi, &text, &Options::into_slug("demo")).0);
    let mut joined = BTreeMap::<String, String>::new();
    let (mut said, mut thought, mut call) = (Vec::new(), String::new(), String::new());
    for event in log.events() {
        match event {
            Event::Run(RunEvent::StepMessageAppended(e)) => {
                said.push(e.message.to_string());
                thought.push_str(e.thinking.as_deref().unwrap_or_default());
                joined.insert(e.message.to_string(), e.content.clone());
            }
            Event::Run(RunEvent::ToolCalled(e)) => call.clone_from(&e.arguments),
            Event::Run(RunEvent::ToolReturned(e)) => drop(joined.insert(e.call_id.clone(), e.output.clone())),
            Event::Run(RunEvent::StepContentContinued(e)) => {
                joined.get_mut(&e.of).expect("what goes on has begun").push_str(&e.content);
            }
            _ => {}
        }
    }
    let [.., ahead, message, arguments] = &said[..] else { panic!("{said:?}") };
    assert_eq!((said.len(), joined[ahead].as_str()), (4, ""));
    assert!(thought == format!("{long}b") && joined[message] == format!("{long}a"));
    assert!(joined[arguments] == format!(r#"{{"x":"{long}c"}}"#) && joined["c"] == format!("{long}d"));
    assert_eq!(call, format!(r#"{{"oversize":{{"bytes":1400009,"message":"{arguments}"}}}}"#));
}
