//! Trajectories, element by element.

use expect_test::expect;

use super::check;
use crate::import::Format;

#[test]
fn a_trajectory_becomes_a_run_with_one_step() {
    let text = r#"{"trajectory":[
{"action":"ls -F\n","observation":"a\n","response":"Look.\n```\nls -F\n```","thought":"Look.","execution_time":0.2166,"state":{"x":1}},
{"action":"","observation":"no command found","response":"","thought":"Hm."},
{"action":3},
{"action":"submit","observation":"diff","response":"Submit."}],
"history":[{"role":"system","content":"You are…"},{"role":"user","content":"Demo","is_demo":true},{"role":"user","content":[{"type":"text","text":"Solve.\nISSUE:\nIt breaks\nbadly"}]}],
"info":{"exit_status":"submitted (exit_cost)","submission":"diff","model_stats":{"instance_cost":1.5,"tokens_sent":10,"tokens_received":2,"api_calls":3}},
"replay_config":"{\"agent\":{\"model\":{\"name\":\"gpt4\"}}}"}"#;
    check(
        Format::SweAgent,
        text,
        &expect![[r#"
        0 00:00:00 create name="demo" slug="demo"
        0 00:00:00 request project=#0 prompt="Solve.\nISSUE:\nIt breaks\nbadly" source="import" title="It breaks"
        0 00:00:00 start 
        0 00:00:00 create efforts=[] project=#0 provider="swe-agent" run=#1 template_id="imported"
        0 00:00:00 start 
        0 00:00:00 start-step cli_tool="swe-agent" model="gpt4" role="designer"
        1 00:00:00 append-step-message content="Solve.\nISSUE:\nIt breaks\nbadly" message=#2 role="user"
        2 00:00:00 append-step-message content="Look.\n```\nls -F\n```" message=#3 role="assistant"
        2 00:00:00 record-tool-call arguments="{\"command\":\"ls -F\\n\"}" call_id="action-2" tool="ls"
        2 00:00:00 record-tool-result call_id="action-2" duration_ms=217 output="a\n" tool="ls"
        3 00:00:00 append-step-message content="Hm." message=#4 role="assistant"
        3 00:00:00 append-step-message content="no command found" message=#5 role="user"
        4 BAD invalid type: integer `3`, expected a string
        5 00:00:00 append-step-message content="Submit." message=#6 role="assistant"
        5 00:00:00 record-tool-call arguments="{\"command\":\"submit\"}" call_id="action-5" tool="submit"
        5 00:00:00 record-tool-result call_id="action-5" output="diff" tool="submit"
        5 00:00:00 record-usage cache_read_tokens=0 cache_write_tokens=0 calls=3 cost_usd=1.5 input_tokens=10 model="gpt4" output_tokens=2
        5 00:00:00 complete-step 
        5 00:00:00 complete summary="diff"
        5 00:00:00 kill reason="completion""#]],
    );
}

#[test]
fn a_history_without_steps_is_told_message_by_message() {
    let text = r#"{"history":[
{"role":"system","content":"You are…"},{"role":"user","content":"Fix it"},
{"role":"assistant","content":"I look","action":"find x","tool_calls":[{"id":"c1","function":{"name":"find","arguments":"{\"x\":1}"}}]},
{"role":"tool","content":"found","tool_call_ids":["c1"]},
{"role":"assistant","content":"I open","action":"open x"},
{"role":"user","content":"opened"},
{"role":"robot","content":"?"},
{"role":"user","content":"go on"}],
"info":{"exit_status":"exit_cost"}}"#;
    check(
        Format::SweAgent,
        text,
        &expect![[r#"
        0 00:00:00 create name="demo" slug="demo"
        0 00:00:00 request project=#0 prompt="Fix it" source="import" title="Fix it"
        0 00:00:00 start 
        0 00:00:00 create efforts=[] project=#0 provider="swe-agent" run=#1 template_id="imported"
        0 00:00:00 start 
        0 00:00:00 start-step cli_tool="swe-agent" role="designer"
        2 00:00:00 append-step-message content="You are…" message=#2 role="user"
        2 00:00:00 append-step-message content="Fix it" message=#3 role="user"
        3 00:00:00 append-step-message content="I look" message=#4 role="assistant"
        3 00:00:00 record-tool-call arguments="{\"x\":1}" call_id="c1" tool="find"
        4 00:00:00 record-tool-result call_id="c1" output="found" tool="find"
        5 00:00:00 append-step-message content="I open" message=#5 role="assistant"
        5 00:00:00 record-tool-call arguments="{\"command\":\"open x\"}" call_id="action-5" tool="open"
        6 00:00:00 record-tool-result call_id="action-5" output="opened" tool="open"
        7 BAD unknown role `robot`
        8 00:00:00 append-step-message content="go on" message=#6 role="user"
        8 00:00:00 fail error="exit_cost"
        8 00:00:00 kill reason="completion""#]],
    );
}

#[test]
fn a_trajectory_that_breaks_off_is_kept_as_far_as_it_goes() {
    let text = "{\"trajectory\":[{\"action\":\"ls\",\"response\":\"Look.\"},\n{\"action\":";
    check(
        Format::SweAgent,
        text,
        &expect![[r#"
        0 00:00:00 create name="demo" slug="demo"
        0 00:00:00 request project=#0 prompt="no task in this trajectory" source="import"
        0 00:00:00 start 
        0 00:00:00 create efforts=[] project=#0 provider="swe-agent" run=#1 template_id="imported"
        0 00:00:00 start 
        0 00:00:00 start-step cli_tool="swe-agent" role="designer"
        1 00:00:00 append-step-message content="Look." message=#2 role="assistant"
        1 00:00:00 record-tool-call arguments="{\"command\":\"ls\"}" call_id="action-1" tool="ls"
        1 00:00:00 record-tool-result call_id="action-1" output="" tool="ls"
        2 BAD EOF while parsing a value at line 2 column 10
        2 00:00:00 fail error="the trajectory file is broken off"
        2 00:00:00 kill reason="completion""#]],
    );
}
