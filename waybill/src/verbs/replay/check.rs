//! A run held against itself: its events folded and decided anew beside what the live views show.

use domain::ids::RunId;
use domain::{Recorded, StreamId};
use replay::refold::{self, Refold};
use serde::Serialize;
use serde_json::Value;

use crate::cli::Form;
use crate::failure::{Exit, Failure};
use crate::readers::ViewCall;
use crate::table::{self, Row};
use crate::target::Target;
use crate::{figures, output};

/// The check, for programs.
#[derive(Serialize)]
struct Whole<'a> {
    run: String,
    holds: bool,
    exit_code: u8,
    #[serde(flatten)]
    check: &'a Checked,
}

/// What a check came to.
#[derive(Debug, Serialize)]
pub(super) struct Checked {
    #[serde(skip)]
    pub(super) run: RunId,
    #[serde(flatten)]
    pub(super) refold: Refold,
}

/// Checks the run whose events are `records`, to the last of them.
pub(super) async fn check(target: &Target, run: RunId, records: &[Recorded]) -> Result<Checked, Failure> {
    let mut refold = refold::refold(records).ok_or_else(|| Failure::usage("the run has no event"))?;
    let key = run.to_string();
    let at = Some(refold.position.to_string());
    for view in ["runs", "run-timeline"] {
        let call = ViewCall { key: Some(key.clone()), at: at.clone(), ..ViewCall::of(view) };
        compare(&mut refold, view, records, &target.view(&call).await?.rows)?;
    }
    // The present, where nothing has happened to the run since: what the live view holds in memory.
    let now = target.view(&ViewCall { key: Some(key), ..ViewCall::of("runs") }).await?.rows;
    if target.stream(StreamId::from(run)).await?.len() == records.len() {
        compare(&mut refold, "runs", records, &now)?;
        if let Some(row) = now.first() {
            refold.compare_story(records, &object(row));
        }
    }
    Ok(Checked { run, refold })
}

fn object(row: &Row) -> Value {
    Value::Object(row.row.0.iter().cloned().collect())
}

fn compare(refold: &mut Refold, view: &str, records: &[Recorded], rows: &[Row]) -> Result<(), Failure> {
    let mut expected = Vec::new();
    for (key, json) in refold::rows(view, records) {
        expected.push((key, object(&Row { key: String::new(), row: serde_json::from_str(&json)? })));
    }
    for (key, row) in &expected {
        let actual = rows.iter().find(|row| row.key == *key).map(object);
        refold.compare_row(view, key, Some(row), actual.as_ref());
    }
    let known = |key: &str| expected.iter().any(|(expected, _)| expected == key);
    for row in rows.iter().filter(|row| !known(&row.key)) {
        refold.compare_row(view, &row.key, None, Some(&object(row)));
    }
    Ok(())
}

/// The check as text, and how the verb ends.
pub(super) fn shown(check: &Checked, form: Form) -> Result<(Exit, String), Failure> {
    let exit = if check.refold.holds() { Exit::Done } else { Exit::Failed };
    let whole =
        Whole { run: check.run.to_string(), holds: check.refold.holds(), exit_code: exit.code(), check };
    let text = match form {
        Form::Table => told(check),
        Form::Json => serde_json::to_string_pretty(&whole)?,
        Form::Ndjson => serde_json::to_string(&whole)?,
        Form::Html => {
            return Err(Failure::usage("--check has no page of its own")
                .hint("a page of the run has the check in it: leave --check out"));
        }
    };
    Ok((exit, text))
}

fn told(check: &Checked) -> String {
    let refold = &check.refold;
    let colours = output::colours(&std::io::stdout());
    let verdict = if refold.holds() {
        "Holds: the run is what its events make of it.".to_owned()
    } else {
        let count = refold.divergences.len();
        let things = if count == 1 { "thing is" } else { "things are" };
        format!("DIVERGES: {count} {things} not what the events make of the run.")
    };
    let decided = if refold.directed {
        format!("{} decided anew and the same", figures::count(refold.decisions))
    } else {
        "none: the run follows no workflow".to_owned()
    };
    let mut facts = vec![
        ("run".to_owned(), check.run.to_string()),
        ("events".to_owned(), format!("{}, to position {}", figures::count(refold.events), refold.position)),
        ("decisions".to_owned(), decided),
        ("scores".to_owned(), format!("{} made anew and the same", figures::count(refold.scores))),
        ("views".to_owned(), format!("{} fields compared", figures::count(refold.fields))),
    ];
    for by in refold.by_hand.iter().take(20) {
        facts.push((
            "by hand".to_owned(),
            format!("{} at position {}, by {}", by.r#type, by.position, by.actor),
        ));
    }
    for divergence in refold.divergences.iter().take(100) {
        let line = |text: &str| figures::line(text, 200);
        let expected = format!("expected {}, got {}", line(&divergence.expected), line(&divergence.actual));
        let what = format!("position {}, {}: {expected}", divergence.position, line(&divergence.of));
        facts.push(("diverges".to_owned(), what));
    }
    format!("{}\n\n{}", output::bold(&verdict, colours), table::pairs(&facts, colours))
}
