//! The log and the views over it.

use engine::{Engine, ViewHealth, ViewState};
use serde::Deserialize;
use serde_json::Value;

use super::{Check, of_failure};
use crate::client::Client;
use crate::failure::Failure;
use crate::figures;

const DEGRADED_HINT: &str = "make room on the disk, or find out why it is slow";

pub(super) async fn of_engine(engine: &Engine) -> Vec<Check> {
    engine.caught_up().await;
    let status = engine.journal().status();
    let events = status.watermark.map_or(0, |head| head.0 + 1);
    let detail = format!("{}, epoch {}, {} events", status.log_id, status.epoch, figures::count(events));
    let mut checks = vec![match status.poisoned {
        Some(reason) => Check::wrong("log", format!("{detail}; stopped: {reason}"), "start it again"),
        None => Check::ok("log", detail),
    }];
    let remark = |note: &String| Check::warning("log", note.clone(), "run `waybill verify`");
    let slow = |reason: &String| Check::warning("log", reason.clone(), DEGRADED_HINT);
    checks.extend(status.degraded.iter().map(slow));
    checks.extend(engine.journal().notes().iter().map(remark));
    checks.extend(engine.view_fault().map(|fault| Check::wrong("views", fault, "run `waybill verify`")));
    checks.extend(engine.view_health().iter().map(view));
    let unknown = engine.unknown_events();
    if unknown > 0 {
        let detail = format!("{unknown} events of a later release change no view here");
        checks.push(Check::warning("views", detail, "update this program"));
    }
    checks
}

fn view(health: &ViewHealth) -> Check {
    let position = health.position.map_or_else(|| "none".to_owned(), |position| position.to_string());
    match &health.state {
        ViewState::Live => {
            let detail = format!(
                "{}: {} rows at position {position}",
                health.name,
                figures::count(health.rows as u64)
            );
            Check::ok("view", detail)
        }
        ViewState::Quarantined { position, reason } => {
            let detail =
                format!("{} stands still at the event at position {position}: {reason}", health.name);
            Check::wrong("view", detail, "update this program; the log itself is not touched by this")
        }
    }
}

/// What a server says of itself, as far as is shown.
#[derive(Debug, Deserialize)]
struct Ready {
    ready: bool,
    problems: Vec<String>,
    #[serde(default)]
    degraded: Vec<String>,
    log: Value,
    #[serde(default)]
    views: Vec<Value>,
    software: String,
}

pub(super) async fn of_server(client: &Client) -> Vec<Check> {
    match ready(client).await {
        Ok(ready) => of_ready(client.url(), &ready),
        Err(failure) => vec![of_failure("server", failure)],
    }
}

async fn ready(client: &Client) -> Result<Ready, Failure> {
    Ok(serde_json::from_str(&client.json_any(&["readyz"]).await?)?)
}

fn of_ready(url: &str, ready: &Ready) -> Vec<Check> {
    let state = if ready.ready { "ready" } else { "not ready" };
    let mut checks = vec![Check::ok("server", format!("{url}: {state}, waybill {}", ready.software))];
    if ready.software != env!("CARGO_PKG_VERSION") {
        let detail = format!("the server is {}, this program {}", ready.software, env!("CARGO_PKG_VERSION"));
        checks.push(Check::warning("server", detail, "use the same release on both sides"));
    }
    let text = |name: &str| match &ready.log[name] {
        Value::String(text) => text.clone(),
        Value::Null => "none".to_owned(),
        other => other.to_string(),
    };
    checks.push(Check::ok("log", format!("{}, epoch {}, head {}", text("log"), text("epoch"), text("head"))));
    checks.push(Check::ok("views", format!("{} live", ready.views.len())));
    let wrong = |problem: &String| Check::wrong("server", problem.clone(), "look at the server's log");
    checks.extend(ready.problems.iter().map(wrong));
    let slow = |reason: &String| Check::warning("server", reason.clone(), DEGRADED_HINT);
    checks.extend(ready.degraded.iter().map(slow));
    checks
}

#[cfg(test)]
mod tests {
    use domain::ids::Position;
    use journal::Options;

    use super::super::State;
    use super::*;

    #[tokio::test]
    async fn a_sound_engine_has_nothing_wrong() {
        let engine = Engine::memory(Options::default()).unwrap();
        let checks = of_engine(&engine).await;
        assert!(checks.iter().all(|check| check.state == State::Ok), "{checks:?}");
        assert!(checks.iter().any(|check| check.detail.starts_with("runs: 0 rows")), "{checks:?}");
    }

    #[test]
    fn a_view_that_stands_still_is_wrong() {
        let state = ViewState::Quarantined { position: Position(7), reason: "overflow".into() };
        let check =
            view(&ViewHealth { name: "runs", version: 1, position: None, rows: 0, rows_put_away: 0, state });
        assert_eq!(check.state, State::Wrong);
        assert!(check.detail.contains("position 7: overflow"));
    }

    #[test]
    fn a_server_s_problems_are_findings() {
        let text = r#"{"ready":false,"problems":["poisoned"],"degraded":["slow"],"software":"0.0.1",
            "log":{"log":"L","epoch":1,"head":null},"views":[{}]}"#;
        let checks = of_ready("http://h", &serde_json::from_str(text).unwrap());
        let states: Vec<_> = checks.iter().map(|check| check.state).collect();
        assert_eq!(states, [State::Ok, State::Warning, State::Ok, State::Ok, State::Wrong, State::Warning]);
    }
}
