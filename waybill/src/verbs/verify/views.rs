//! Whether views are what their events make of them.

use engine::check_views;
use serde_json::Value;

use crate::cli::{Form, Global};
use crate::client::ClientError;
use crate::failure::{Exit, Failure};
use crate::target::{self, Target};
use crate::{output, progress, table};

pub(super) async fn verify(global: &Global) -> Result<Exit, Failure> {
    let text = match target::open_log(global, false)? {
        Target::Folder(journal) => {
            let dir = global.data.join("views");
            let check = move || {
                let events = journal.watermark().map_or(0, |head| head.0 + 1);
                let bar = progress::events(events).with_message("folding");
                let report = check_views(&journal, Some(dir.as_path()), |now| bar.set_position(now.0 + 1));
                bar.finish_and_clear();
                report
            };
            serde_json::to_string(&tokio::task::spawn_blocking(check).await??)?
        }
        Target::Server(client) => {
            let response = client.post(&["v1", "views", "verify"], "", "application/json").await?;
            response.text().await.map_err(ClientError::from)?
        }
    };
    let report: Value = serde_json::from_str(&text)?;
    match global.output {
        Form::Json => output::print(&text)?,
        Form::Ndjson => {
            let views = report["views"].as_array().map_or(&[][..], Vec::as_slice);
            output::print(&views.iter().map(|view| format!("{view}\n")).collect::<String>())?;
        }
        Form::Table | Form::Html => output::print(&shown(&report, output::colours(&std::io::stdout())))?,
    }
    Ok(if report["verified"] == true { Exit::Done } else { Exit::Failed })
}

fn shown(report: &Value, colours: bool) -> String {
    let columns = [("view", false), ("rows", true), ("stored at", true), ("state", false), ("hash", false)];
    let columns = columns.map(|(name, right)| (name.to_owned(), right));
    let views = report["views"].as_array().map_or(&[][..], Vec::as_slice);
    let rows = views.iter().map(|view| {
        let number = |field: &str| view[field].as_u64().map(|number| number.to_string()).unwrap_or_default();
        let text = |field: &str| view[field].as_str().unwrap_or_default().to_owned();
        let hash: String = text("state_hash").chars().take(16).collect();
        vec![text("view"), number("rows"), number("stored_position"), state(view), hash]
    });
    let table = table::plain(&columns, rows, colours);
    let word = if report["verified"] == true {
        "Verified: every view is what its events make of it."
    } else {
        "NOT VERIFIED."
    };
    let position =
        report["position"].as_u64().map_or_else(|| "an empty log".into(), |at| format!("position {at}"));
    format!("{word}\n\n{table}as of {position}\n")
}

fn state(view: &Value) -> String {
    let key = view["first_difference"].as_str().unwrap_or("nothing of a row");
    if let Some(position) = view["poisoned_at"].as_u64() {
        return format!("the event at position {position} BREAKS it");
    }
    if view["deterministic"] != true {
        return format!("two folds DIFFER, first in {key}");
    }
    match view["stored_equal"].as_bool() {
        Some(true) => "as stored".to_owned(),
        Some(false) => format!("what is stored DIFFERS, first in {key}"),
        None => "two folds agree".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_view_that_differs_is_told_with_its_first_key() {
        let view = |deterministic: bool, stored: Option<bool>, poisoned: Option<u64>| {
            state(&json!({ "deterministic": deterministic, "stored_equal": stored, "poisoned_at": poisoned,
                "first_difference": "K" }))
        };
        assert_eq!(view(true, None, None), "two folds agree");
        assert_eq!(view(true, Some(true), None), "as stored");
        assert_eq!(view(true, Some(false), None), "what is stored DIFFERS, first in K");
        assert_eq!(view(false, Some(true), None), "two folds DIFFER, first in K");
        assert_eq!(view(true, None, Some(7)), "the event at position 7 BREAKS it");
        let report = json!({ "verified": false, "position": 3, "views": [] });
        assert!(
            shown(&report, false).starts_with("NOT VERIFIED.")
                && shown(&report, false).ends_with("position 3\n")
        );
    }
}
