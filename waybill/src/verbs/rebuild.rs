//! `waybill rebuild`: views folded anew beside the old ones, compared, and swapped in.

use std::time::Duration;

use clap::Args;
use engine::{Engine, Source};
use serde::Deserialize;
use serde_json::Value;

use crate::cli::{Form, Global};
use crate::client::{Arguments, Client, ClientError};
use crate::failure::{Exit, Failure};
use crate::target::{self, Target, Want};
use crate::{figures, output, progress};

/// How often a job is asked how far it is.
const LOOK: Duration = Duration::from_millis(200);

/// Fold views anew from the log, compare them with the old, and swap them in
///
/// Readers see the old state until the new one is ready, and then the new one, without a gap. The report says row by
/// row what differs; nothing should. The old state is kept until --confirm, and --back returns to it. A rebuild that was
/// cut short goes on where it was when it is asked for again.
#[derive(Debug, Args)]
pub(crate) struct Rebuild {
    /// The views
    #[arg(required_unless_present = "all")]
    views: Vec<String>,
    /// Every view that is folded live
    #[arg(long, conflicts_with = "views")]
    all: bool,
    /// Let go of the old state instead
    #[arg(long, conflicts_with = "back")]
    confirm: bool,
    /// Return to the old state instead, with what came since
    #[arg(long)]
    back: bool,
}

impl Rebuild {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        let target = target::open(global, Want::Log)?;
        let done = match &target {
            Target::Folder(engine) => self.here(engine).await,
            Target::Server(client) => self.there(client).await,
        };
        let closed = target.close().await;
        let text = done?;
        closed?;
        report(&text, global.output, self.confirm)
    }

    async fn here(&self, engine: &Engine) -> Result<String, Failure> {
        engine.caught_up().await;
        let status = if self.confirm {
            engine.confirm_rebuild(&self.views)?
        } else {
            let source = if self.back { Source::Kept } else { Source::Log };
            engine.rebuild(&self.views, source)?;
            wait_here(engine).await
        };
        Ok(serde_json::to_string(&status)?)
    }

    async fn there(&self, client: &Client) -> Result<String, Failure> {
        let verb = match (self.confirm, self.back) {
            (true, _) => "confirm",
            (_, true) => "back",
            _ => "rebuild",
        };
        if self.all && verb == "rebuild" {
            post(client, &["v1", "rebuild"], String::new()).await?;
            return wait_there(client).await;
        }
        let mut names = self.views.clone();
        if self.all {
            let status: Status = serde_json::from_str(&status(client).await?)?;
            names = status.kept;
        }
        // One job at a time: each view is a job of its own.
        let mut last = status(client).await?;
        let mut views = Vec::new();
        for name in &names {
            last = post(client, &["v1", "views", name, verb], String::new()).await?;
            if verb != "confirm" {
                last = wait_there(client).await?;
                let mut one: Value = serde_json::from_str(&last)?;
                views.extend(one["views"].as_array_mut().map(std::mem::take).unwrap_or_default());
            }
        }
        if verb == "confirm" {
            return Ok(last);
        }
        let mut all: Value = serde_json::from_str(&last)?;
        all["views"] = views.into();
        Ok(all.to_string())
    }
}

/// The engine's own job, to its end.
pub(super) async fn wait_here(engine: &Engine) -> engine::RebuildStatus {
    let bar = progress::events(0).with_message("rebuilding");
    loop {
        let status = engine.rebuild_status();
        bar.set_length(status.of);
        bar.set_position(status.events);
        if !status.phase.is_under_way() {
            bar.finish_and_clear();
            return status;
        }
        tokio::time::sleep(LOOK / 10).await;
    }
}

/// A server's job, to its end.
pub(super) async fn wait_there(client: &Client) -> Result<String, Failure> {
    let bar = progress::events(0).with_message("rebuilding");
    loop {
        let text = status(client).await?;
        let now: Status = serde_json::from_str(&text)?;
        bar.set_length(now.of);
        bar.set_position(now.events);
        if !matches!(now.phase.as_str(), "folding" | "swapping") {
            bar.finish_and_clear();
            return Ok(text);
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn status(client: &Client) -> Result<String, Failure> {
    client.json(&["v1", "rebuild"], &Arguments::new()).await
}

pub(super) async fn post(client: &Client, path: &[&str], body: String) -> Result<String, Failure> {
    let response = client.post(path, body, "application/json").await?;
    Ok(response.text().await.map_err(ClientError::from)?)
}

/// A job as it is shown.
#[derive(Deserialize)]
struct Status {
    phase: String,
    events: u64,
    of: u64,
    seconds: f64,
    views: Vec<View>,
    kept: Vec<String>,
}

#[derive(Deserialize)]
struct View {
    view: String,
    outcome: Value,
    rows: Option<Rows>,
    differences: Vec<Row>,
}

#[derive(Deserialize)]
struct Rows {
    equal: u64,
    added: u64,
    removed: u64,
    changed: u64,
}

#[derive(Deserialize)]
struct Row {
    key: String,
    fields: Vec<Value>,
}

/// Prints how a job ended, and says so in the exit code.
pub(super) fn report(json: &str, form: Form, only_kept: bool) -> Result<Exit, Failure> {
    let status: Status = serde_json::from_str(json)?;
    match form {
        Form::Json => output::print(json)?,
        Form::Ndjson => {
            let whole: Value = serde_json::from_str(json)?;
            let views = whole["views"].as_array().map_or(&[][..], Vec::as_slice);
            output::print(&views.iter().map(|view| format!("{view}\n")).collect::<String>())?;
        }
        Form::Table | Form::Html => output::print(&table(&status, only_kept))?,
    }
    let swapped = status.views.iter().all(|view| view.outcome == "swapped");
    Ok(if only_kept || swapped { Exit::Done } else { Exit::Failed })
}

fn table(status: &Status, only_kept: bool) -> String {
    let mut text = String::new();
    for view in status.views.iter().filter(|_| !only_kept) {
        let rows = view.rows.as_ref().map_or_else(
            || "not compared, for the old state stood still".to_owned(),
            |Rows { equal, added, removed, changed }| match added + removed + changed {
                0 => format!("{equal} rows, all as before"),
                _ => format!("{equal} rows as before, {added} added, {removed} removed, {changed} changed"),
            },
        );
        match view.outcome["failed"]["reason"].as_str() {
            Some(reason) => text.push_str(&format!("{}: FAILED, the old state stays: {reason}\n", view.view)),
            None => text.push_str(&format!("{}: {rows}\n", view.view)),
        }
        for Row { key, fields } in &view.differences {
            let fields: Vec<_> = fields.iter().filter_map(|field| field["field"].as_str()).collect();
            text.push_str(&format!("    {key}: {}\n", fields.join(", ")));
        }
    }
    if status.events > 0 && status.seconds > 0.0 && !only_kept {
        #[expect(clippy::cast_precision_loss, reason = "counts here stay far below 2^52")]
        let rate = status.events as f64 / status.seconds;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rate is a small number"
        )]
        let rate = figures::count(rate as u64);
        text.push_str(&format!("{} events, {rate} a second\n", figures::count(status.events)));
    }
    match status.kept.as_slice() {
        [] => text.push_str("no older state is kept\n"),
        kept => {
            let kept = kept.join(", ");
            text.push_str(&format!(
                "older states are kept: --confirm lets go of them, --back returns: {kept}\n"
            ));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_report_says_what_differs_and_what_is_kept() {
        let status: Status = serde_json::from_str(
            r#"{"phase":"done","events":3000,"of":3000,"seconds":0.5,"kept":["runs"],"views":[
            {"view":"runs","outcome":"swapped","rows":{"equal":2,"added":0,"removed":0,"changed":1},
             "differences":[{"key":"A","fields":[{"field":"status","old":1,"new":2}]}]},
            {"view":"usage","outcome":"swapped","rows":{"equal":5,"added":0,"removed":0,"changed":0},"differences":[]},
            {"view":"plans","outcome":{"failed":{"reason":"why"}},"rows":null,"differences":[]}]}"#,
        )
        .unwrap();
        expect![[r#"
            runs: 2 rows as before, 0 added, 0 removed, 1 changed
                A: status
            usage: 5 rows, all as before
            plans: FAILED, the old state stays: why
            3,000 events, 6,000 a second
            older states are kept: --confirm lets go of them, --back returns: runs
        "#]]
        .assert_eq(&table(&status, false));
        assert_eq!(table(&Status { kept: vec![], ..status }, true), "no older state is kept\n");
    }
}
