//! Tables of outcomes, line by line.

use std::collections::BTreeMap;

use domain::Event;
use domain::run::RunEvent;
use domain::values::Usd;
use expect_test::expect;

use super::check;
use crate::import::testing::{Log, commits, found, shown};
use crate::import::{Format, Found, Options, Stop};

const TABLE: &str =
    "model,task,resolved,cost,calls\nopus,django-1,true,1.25,12\n\"m,ini\",\"a \"\"b\"\"\nc\",False,,\n";

#[test]
fn a_line_becomes_a_run_with_a_verdict() {
    check(
        Format::Outcomes,
        TABLE,
        &expect![[r#"
            2 00:00:00 create name="demo" slug="demo"
            2 00:00:00 request project=#0 prompt="django-1" source="import" title="django-1"
            2 00:00:00 start 
            2 00:00:00 start-step model="opus" role="designer"
            2 00:00:00 record-usage cache_read_tokens=0 cache_write_tokens=0 calls=12 cost_usd=1.25 input_tokens=0 model="opus" output_tokens=0
            2 00:00:00 complete-step 
            2 00:00:00 start-step role="checker"
            2 00:00:00 issue-verdict feedback="" pass=true
            2 00:00:00 complete-step 
            2 00:00:00 complete 
            3 00:00:00 request project=#0 prompt="a \"b\"\nc" source="import" title="a \"b\""
            3 00:00:00 start 
            3 00:00:00 start-step model="m,ini" role="designer"
            3 00:00:00 complete-step 
            3 00:00:00 start-step role="checker"
            3 00:00:00 issue-verdict feedback=""
            3 00:00:00 complete-step 
            3 00:00:00 complete "#]],
    );
}

fn list() -> (Vec<Found>, Result<(), Stop>) {
    let text = "\u{feff}[\n{\"model\":\"opus\",\"task\":\"django-1\",\"resolved\":true,\"cost\":1.25,\"calls\":12},\n{\"calls\":null,\"model\":\"m,ini\",\"task\":\"a \\\"b\\\"\\nc\",\"resolved\":0}\n]\n";
    found(Format::Outcomes, text, &Options::into_slug("demo"))
}

#[test]
fn every_form_of_a_table_gives_the_same_commits() {
    let csv = commits(&found(Format::Outcomes, TABLE, &Options::into_slug("demo")).0);
    let windows = TABLE.replace('\n', "\r\n").replace("\r\nc", "\nc");
    assert_eq!(commits(&found(Format::Outcomes, &windows, &Options::into_slug("demo")).0), csv);
    let (list, end) = list();
    end.unwrap();
    assert_eq!(commits(&list), csv);
    let lines = "{\"model\":\"opus\",\"task\":\"django-1\",\"resolved\":true,\"cost\":1.25,\"calls\":12.0}\n\n{\"model\":\"m,ini\",\"task\":\"a \\\"b\\\"\\nc\",\"resolved\":false,\"cost\":null}";
    assert_eq!(commits(&found(Format::Outcomes, lines, &Options::into_slug("demo")).0), csv);
    let places: Vec<u64> = list
        .iter()
        .map(|one| match one {
            Found::Item(item) => item.origin.line,
            Found::Bad(bad) => panic!("{bad:?}"),
        })
        .collect();
    assert_eq!((places[0], *places.last().unwrap()), (2, 3));
    let distinct: std::collections::BTreeSet<_> = csv.iter().map(|(commit, _)| commit).collect();
    assert_eq!(distinct.len(), csv.len());
}

#[test]
fn lines_that_cannot_be_used_are_named_and_leave_nothing() {
    let long = "x".repeat(201);
    let text = format!(
        "model,task,resolved,cost,calls\n,t,true,,\n m,t,true,,\n{long},t,true,,\nm, ,true,,\nm,t,maybe,,\nm,t,true,cheap,\nm,t,true,-1,\nm,t,true,NaN,\nm,t,true,,1.5\nm,t,true,,-1\nm,t,true,,1000001\nm,t,true,0.5,0\nm,t,true\nm,t,true,,,\nm,t,1,1e-05,0\n",
    );
    let text = text.replace("1e-05,0", "1e-05,");
    let shown = shown(Format::Outcomes, &text);
    let bad: Vec<&str> = shown.lines().filter(|line| line.contains("BAD")).collect();
    expect![[r#"
        2 BAD `model`: expected 1 to 200 bytes on one line without blanks around, got ``
        3 BAD `model`: expected 1 to 200 bytes on one line without blanks around, got ` m`
        4 BAD `model`: expected 1 to 200 bytes on one line without blanks around, got `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx`
        5 BAD `task`: expected 1 to 524288 bytes that are not all blank, got 1
        6 BAD `resolved`: expected true or false, got `maybe`
        7 BAD `cost`: expected a number, or nothing where it is unknown, got `cheap`
        8 BAD `cost`: expected US dollars from 0 to 1,000,000, nine decimals, got `-1`
        9 BAD `cost`: expected US dollars from 0 to 1,000,000, nine decimals, got `NaN`
        10 BAD `calls`: expected a whole number from 0 to 1000000, got `1.5`
        11 BAD `calls`: expected a whole number from 0 to 1000000, got `-1`
        12 BAD `calls`: expected a whole number from 0 to 1000000, got `1000001`
        13 BAD `calls` is 0, but `cost` is not; leave `calls` empty where it is unknown
        14 BAD expected 5 fields, got 3
        15 BAD expected 5 fields, got 6"#]]
    .assert_eq(&bad.join("\n"));
    assert!(shown.contains("16 00:00:00 record-usage") && shown.contains("cost_usd=0.00001"), "{shown}");
    assert_eq!(shown.lines().filter(|line| line.contains(" request ")).count(), 1);
}

#[test]
fn json_that_cannot_be_used_is_named_and_the_rest_goes_on() {
    let lines = "{\"model\":\"m\",\"task\":\"t\",\"resolved\":2}\n{\"model\":\"m\",\"task\":\"t\"}\n{\"model\":\"m\",\"task\":\"t\",\"resolved\":true,\"price\":1}\n{\n{\"model\":\"m\",\"task\":\"t\",\"resolved\":true}";
    let bad = |text: &str| {
        let shown = shown(Format::Outcomes, text);
        assert_eq!(shown.lines().filter(|line| line.contains(" request ")).count(), 1, "{shown}");
        shown.lines().filter(|line| line.contains("BAD")).collect::<Vec<_>>().join("\n")
    };
    expect![[r#"
        1 BAD `resolved`: expected true or false, got `2`
        2 BAD missing field `resolved`
        3 BAD unknown field `price`, expected one of `model`, `task`, `resolved`, `cost`, `calls`
        4 BAD EOF while parsing an object"#]]
    .assert_eq(&bad(lines));
    expect![[r#"
        3 BAD missing field `task`
        4 BAD the list is broken off"#]]
    .assert_eq(&bad("[{\"model\":\"m\",\"task\":\"t]}\",\"resolved\":true},\n\n{\"model\":\"m\"},\n"));
}

#[test]
fn what_is_no_table_says_what_it_is() {
    let refusal = |text: &str| match found(Format::Outcomes, text, &Options::into_slug("demo")) {
        (found, Err(Stop::Format { actual, .. })) if found.is_empty() => actual,
        other => panic!("{other:?}"),
    };
    let quote = format!("model,task,resolved,cost,calls\nm,\"{}", "x\n".repeat(33 << 20));
    let all =
        ["", "model,task,resolved,cost\n", "task,model,resolved,cost,calls\n", "[1]", "[] x", "[,", &quote]
            .map(refusal);
    expect![[r#"
        it is empty
        its first line is `model,task,resolved,cost`
        its first line is `task,model,resolved,cost,calls`
        line 1: expected an object, a comma or the end of the list, got `1`
        line 1: something stands behind the list
        line 1: expected an object, a comma or the end of the list, got `,`
        one of its lines is longer than 67108864 bytes; look for a quote that is not closed"#]]
    .assert_eq(&all.join("\n"));
}

#[test]
fn passed_and_total_per_model_follow_from_the_events() {
    let mut text = "model,task,resolved,cost,calls\n".to_owned();
    for task in 0..40 {
        for (model, share) in [("opus", 3), ("sonnet", 7)] {
            // Two trials of each task.
            for trial in 0..2 {
                text += &format!("{model},task-{task},{},0.000000001,{task}\n", (task + trial) % share == 0)
                    .replace(",0.000000001,0\n", ",,0\n");
            }
        }
    }
    let found = found(Format::Outcomes, &text, &Options::into_slug("demo")).0;
    let log = Log::of(&found);
    let (mut model, mut rates, mut cost, mut calls) =
        (String::new(), BTreeMap::<String, (u32, u32)>::new(), Usd::default(), 0);
    for event in log.events() {
        match event {
            Event::Run(RunEvent::StepStarted(e)) => model = e.model.clone().unwrap_or(model),
            Event::Run(RunEvent::StepUsageRecorded(e)) => {
                cost += e.cost_usd.expect("each is known");
                calls += e.calls;
            }
            Event::Run(RunEvent::VerdictIssued(e)) => {
                let rate = rates.entry(model.clone()).or_default();
                *rate = (rate.0 + u32::from(e.pass), rate.1 + 1);
            }
            _ => {}
        }
    }
    assert_eq!(rates, BTreeMap::from([("opus".into(), (27, 80)), ("sonnet".into(), (11, 80))]));
    assert_eq!((cost.units(), calls), (156, 4 * (0..40).sum::<u32>()));
}
