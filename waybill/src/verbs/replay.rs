//! `waybill replay`: a run's story, from its events.

use clap::Args;
use domain::StreamId;
use domain::ids::{Position, RunId};
use projections::Query;
use replay::story;
use serde_json::Value;

use crate::cli::{Form, Global};
use crate::failure::{Exit, Failure};
use crate::readers::ViewCall;
use crate::table::Row;
use crate::target::{self, Target, Want};
use crate::{figures, output};

/// Runs that a hint lists.
const LISTED: usize = 8;

/// Tell a run's story in order: steps, messages, tool calls, usage, cost, and what came of it
///
/// `--output json` gives the story as one document, `--output ndjson` the run's events, one per line.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The run's id, or `latest`
    #[arg(long, value_name = "ID|latest")]
    run: String,
    /// Up to and with the event at this position
    #[arg(long, value_name = "POSITION")]
    to: Option<u64>,
    /// Whole texts instead of their first words
    #[arg(long)]
    full: bool,
}

impl Replay {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        let target = target::open(global, Want::Log)?;
        let told = self.told(&target, global.output).await;
        let closed = target.close().await;
        output::print(&told?)?;
        closed.map(|()| Exit::Done)
    }

    async fn told(&self, target: &Target, form: Form) -> Result<String, Failure> {
        let run = named(target, &self.run).await?;
        let events = target.stream(StreamId::from(run)).await?;
        if events.is_empty() {
            return Err(unknown(target, &format!("there is no run `{run}`")).await?);
        }
        let to = self.to.map(Position);
        let mut text = Vec::new();
        let told = match form {
            Form::Table => {
                let width = usize::from(output::width()).min(140);
                let style =
                    story::Style { width, colour: output::colours(&std::io::stdout()), full: self.full };
                story::tell(events, to, style, &mut text)?.events
            }
            Form::Ndjson => story::ndjson(events, to, &mut text)?.events,
            Form::Json => match story::document(events, to) {
                Some(story) => {
                    serde_json::to_writer_pretty(&mut text, &story)?;
                    1
                }
                None => 0,
            },
        };
        if told == 0 {
            let message = format!("run `{run}` has no event up to position {}", self.to.unwrap_or_default());
            return Err(Failure::usage(message).hint("give a later position, or leave --to out"));
        }
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

/// The run that a text means: its id, or `latest`.
pub(super) async fn named(target: &Target, text: &str) -> Result<RunId, Failure> {
    if text == "latest" {
        let query = Query { limit: Some(1), descending: true, ..Query::default() };
        let latest = target.view(&ViewCall { query, ..ViewCall::of("runs") }).await?;
        let id = latest.rows.first().and_then(|row| row.key.parse().ok());
        return id.ok_or_else(|| Failure::usage("there is no run yet").hint("`waybill import` makes some"));
    }
    match text.strip_prefix("run-").unwrap_or(text).parse() {
        Ok(id) => Ok(id),
        Err(_) => {
            let message = format!("`{}` is no id of a run", figures::line(text, 80));
            Err(unknown(target, &message).await?)
        }
    }
}

/// A refusal that says which runs there are.
pub(super) async fn unknown(target: &Target, message: &str) -> Result<Failure, Failure> {
    let query = Query { limit: Some(LISTED), descending: true, ..Query::default() };
    let runs = target.view(&ViewCall { query, ..ViewCall::of("runs") }).await?;
    let hint = match runs.rows.as_slice() {
        [] => "there is none yet: `waybill import` makes some".to_owned(),
        rows => {
            let more = if runs.next.is_some() { "; `waybill view runs` lists all" } else { "" };
            format!("there {}{more}{}", if rows.len() == 1 { "is" } else { "are" }, listed(rows))
        }
    };
    Ok(Failure::usage(message).hint(hint))
}

fn listed(rows: &[Row]) -> String {
    let line = |row: &Row| {
        let title = row.row.0.iter().find(|(field, _)| field == "title").and_then(|(_, value)| match value {
            Value::String(title) => Some(figures::line(title, 60)),
            _ => None,
        });
        format!("\n  {}  {}", row.key, title.unwrap_or_default())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use domain::{Actor, Command};
    use engine::{Engine, Envelope};
    use journal::Options;

    use super::*;

    pub(in crate::verbs) async fn with_run(title: &str) -> (Target, RunId) {
        let engine = Engine::memory(Options::default()).unwrap();
        let (project, run) = (engine::new_ulid(), RunId::from(engine::new_ulid()));
        let project_stream = StreamId::from(domain::ids::ProjectId::from(project));
        let commands = [
            (project_stream, "create", r#"{"slug":"p","name":"P"}"#.to_owned()),
            (
                run.into(),
                "request",
                format!(
                    r#"{{"project":"{}","source":"import","title":"{title}","prompt":"do it"}}"#,
                    domain::ids::ProjectId::from(project)
                ),
            ),
            (run.into(), "start", "{}".to_owned()),
        ];
        for (stream, name, body) in commands {
            let command = Command::parse(stream.category, name, body.as_bytes()).unwrap();
            engine.execute(Envelope::new(stream, command, Actor::Operator)).await.unwrap();
        }
        (Target::Folder(engine), run)
    }

    fn replay(run: &str) -> Replay {
        Replay { run: run.into(), to: None, full: false }
    }

    #[tokio::test]
    async fn the_latest_run_is_told_in_every_form() {
        let (target, run) = with_run("Mend the gate").await;
        let text = replay("latest").told(&target, Form::Table).await.unwrap();
        assert!(text.contains("Mend the gate"), "{text}");
        let json: Value =
            serde_json::from_str(&replay(&run.to_string()).told(&target, Form::Json).await.unwrap()).unwrap();
        assert_eq!(json["run"], run.to_string());
        let lines = replay(&format!("run-{run}")).told(&target, Form::Ndjson).await.unwrap();
        assert_eq!(lines.lines().count(), 2, "{lines}");
    }

    #[tokio::test]
    async fn an_unknown_run_is_answered_with_those_there_are() {
        let (target, run) = with_run("Mend the gate").await;
        for unknown in ["nonsense", &engine::new_ulid().to_string()] {
            let failure = replay(unknown).told(&target, Form::Table).await.unwrap_err();
            assert_eq!(failure.exit, Exit::Usage);
            let hint = failure.hint.unwrap();
            assert!(hint.contains(&run.to_string()) && hint.contains("Mend the gate"), "{hint}");
        }
    }

    #[tokio::test]
    async fn a_story_can_end_early_but_not_before_it_begins() {
        let (target, _) = with_run("t").await;
        let until = |to| Replay { to: Some(to), ..replay("latest") };
        // The writer's own event, the claim of the slug and the project's stand before the run's.
        assert_eq!(until(3).told(&target, Form::Ndjson).await.unwrap().lines().count(), 1);
        let failure = until(0).told(&target, Form::Json).await.unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
    }
}
