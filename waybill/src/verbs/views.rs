//! `waybill views`: how the views stand, and what is done about one that an event broke.

use clap::{Args, Subcommand};
use domain::Actor;
use domain::ids::Position;
use engine::Engine;
use serde_json::{Value, json};

use super::rebuild::{post, report, wait_here, wait_there};
use crate::cli::{Form, Global};
use crate::client::Client;
use crate::failure::{Exit, Failure};
use crate::target::{self, Target, Want};
use crate::{output, table};

/// Show how the views stand, or mend one that an event broke
///
/// An event that breaks a view stops that view alone; it stands still right before the event.
#[derive(Debug, Args)]
pub(crate) struct Views {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Clone, Subcommand)]
enum What {
    /// Fold the view anew, such as with a release that takes the event
    Retry {
        /// The view
        view: String,
    },
    /// Have the view pass over an event from now on, and fold it anew; the log says so for ever
    Skip(Skip),
    /// Have the view take an event into account again that it passes over, and fold it anew
    Restore(Skip),
}

#[derive(Debug, Clone, Args)]
struct Skip {
    /// The view
    view: String,
    /// The event
    #[arg(long, value_name = "POSITION")]
    position: u64,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

impl Views {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        let want = if self.what.is_none() { Want::Reading } else { Want::Log };
        let target = target::open(global, want)?;
        let told = match (&target, &self.what) {
            (Target::Folder(engine), None) => {
                engine.caught_up().await;
                Ok(serde_json::to_string(&json!({ "views": engine.view_health() }))?)
            }
            (Target::Server(client), None) => client.json_any(&["readyz"]).await,
            (Target::Folder(engine), Some(what)) => what.here(engine).await,
            (Target::Server(client), Some(what)) => what.there(client).await,
        };
        let closed = target.close().await;
        let text = told?;
        closed?;
        match self.what {
            None => list(&text, global.output),
            Some(_) => report(&text, global.output, false),
        }
    }
}

impl What {
    async fn here(&self, engine: &Engine) -> Result<String, Failure> {
        engine.caught_up().await;
        match self.clone() {
            Self::Retry { view } => engine.retry_view(&view)?,
            Self::Skip(Skip { view, position, reason }) => {
                engine.skip_view_event(&view, Position(position), reason, Actor::Operator).await?;
            }
            Self::Restore(Skip { view, position, reason }) => {
                engine.restore_view_event(&view, Position(position), reason, Actor::Operator).await?;
            }
        }
        Ok(serde_json::to_string(&wait_here(engine).await)?)
    }

    async fn there(&self, client: &Client) -> Result<String, Failure> {
        let (view, verb, body) = match self {
            Self::Retry { view } => (view, "retry", String::new()),
            Self::Skip(skip) => (&skip.view, "skip", skip.body()),
            Self::Restore(skip) => (&skip.view, "restore", skip.body()),
        };
        post(client, &["v1", "views", view, verb], body).await?;
        wait_there(client).await
    }
}

impl Skip {
    fn body(&self) -> String {
        json!({ "position": self.position, "reason": self.reason }).to_string()
    }
}

fn list(json: &str, form: Form) -> Result<Exit, Failure> {
    let told: Value = serde_json::from_str(json)?;
    let views = told["views"].as_array().map_or(&[][..], Vec::as_slice);
    match form {
        Form::Json => output::print(&serde_json::to_string_pretty(views)?)?,
        Form::Ndjson => output::print(&views.iter().map(|view| format!("{view}\n")).collect::<String>())?,
        Form::Table | Form::Html => {
            let columns = [("view", false), ("rows", true), ("position", true), ("state", false)];
            let columns = columns.map(|(name, right)| (name.to_owned(), right));
            let rows = views.iter().map(|view| {
                let text = |field: &str| view[field].as_str().unwrap_or_default().to_owned();
                let number =
                    |field: &str| view[field].as_u64().map(|number| number.to_string()).unwrap_or_default();
                vec![text("name"), number("rows"), number("position"), state(&view["state"])]
            });
            output::print(&table::plain(&columns, rows, output::colours(&std::io::stdout())))?;
        }
    }
    let well = views.iter().all(|view| view["state"] == "live");
    Ok(if well { Exit::Done } else { Exit::Failed })
}

fn state(state: &Value) -> String {
    let broken = &state["quarantined"];
    match broken["position"].as_u64() {
        None => "follows the log".to_owned(),
        Some(at) => {
            format!("STANDS STILL at the event at position {at}: {}", broken["reason"].as_str().unwrap_or(""))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_that_stands_still_is_told_with_its_event() {
        let broken = json!({ "quarantined": { "position": 7, "reason": "why" } });
        assert_eq!(state(&broken), "STANDS STILL at the event at position 7: why");
        assert_eq!(state(&json!("live")), "follows the log");
        let views = json!({ "views": [{ "name": "runs", "rows": 1, "position": 6, "state": broken }] });
        assert_eq!(list(&views.to_string(), Form::Table).unwrap(), Exit::Failed);
    }
}
