//! `waybill replay`: a run's story, from its events.

mod check;
mod follow;
mod report;
mod step;

use std::path::PathBuf;

use clap::Args;
use domain::ids::{Position, RunId};
use domain::values::Timestamp;
use domain::{Recorded, StreamId};
use engine::At;
use projections::Query;
use replay::story::{self, Style};
use serde_json::Value;

use crate::cli::{Form, Global};
use crate::failure::{Exit, Failure};
use crate::readers::ViewCall;
use crate::table::Row;
use crate::target::{self, Target, Want};
use crate::{figures, files, output};

/// Runs that a hint lists.
const LISTED: usize = 8;

/// Tell a run's story in order: steps, messages, tool calls, usage, cost, and what came of it
///
/// `--output json` gives the story as one document, `--output ndjson` the run's events, one per line, `--output html`
/// one page that asks nothing of any network. `--step` goes through it event by event, `--follow` goes on while the
/// run does, `--check` folds and decides it anew and names what differs.
#[derive(Debug, Default, Args)]
pub(crate) struct Replay {
    /// The run's id, or `latest`
    #[arg(value_name = "ID|latest", required_unless_present = "named")]
    run: Option<String>,
    /// The same as an option
    #[arg(long = "run", value_name = "ID|latest", conflicts_with = "run")]
    named: Option<String>,
    /// Up to and with the event at this position, or the last one that happened by this time
    #[arg(long, visible_alias = "to", value_name = "POSITION|TIME")]
    until: Option<String>,
    /// Whole texts instead of their first words
    #[arg(long)]
    full: bool,
    /// Event by event, each with how the run stood after it; asks where to go on a terminal
    #[arg(long, conflicts_with_all = ["follow", "check"])]
    step: bool,
    /// Go on while the run does, until it ends
    #[arg(long, conflicts_with_all = ["until", "check"])]
    follow: bool,
    /// Fold the run anew, decide its workflow's decisions anew, and name what differs; exit code 1 where something does
    #[arg(long, conflicts_with = "until")]
    check: bool,
    /// Write to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Replay {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        if self.follow {
            return follow::follow(&self, global).await;
        }
        let target = target::open(global, Want::Reading)?;
        let told = self.told(&target, global.output).await;
        let closed = target.close().await;
        let (exit, text) = told?;
        match &self.out {
            Some(path) => {
                files::replace(path, text.as_bytes(), files::PUBLIC)?;
                eprintln!("written to {}", path.display());
            }
            None => output::print(&text)?,
        }
        closed.map(|()| exit)
    }

    /// What is to be shown, and how the verb ends.
    async fn told(&self, target: &Target, form: Form) -> Result<(Exit, String), Failure> {
        let (run, records) = self.records(target).await?;
        if self.check {
            let check = check::check(target, run, &records).await?;
            return check::shown(&check, form);
        }
        let to = self.bound(&records)?;
        if to.is_some_and(|to| records.first().is_some_and(|first| first.meta.position > to)) {
            return Err(self.too_early(run));
        }
        if self.step {
            let mut frames = story::Frames::new(records, to).ok_or_else(|| self.too_early(run))?;
            return Ok((
                Exit::Done,
                step::step(&mut frames, self.style(self.out.is_none()), form, self.out.is_none())?,
            ));
        }
        let mut text = Vec::new();
        match form {
            Form::Table => {
                story::tell(records, to, self.style(self.out.is_none()), &mut text)?;
            }
            Form::Ndjson => {
                story::ndjson(records, to, &mut text)?;
            }
            Form::Json => {
                let story = story::document(records, to).ok_or_else(|| self.too_early(run))?;
                serde_json::to_writer_pretty(&mut text, &story)?;
            }
            Form::Html => text = report::page(target, run, records, to, self.full).await?.into_bytes(),
        }
        Ok((Exit::Done, String::from_utf8_lossy(&text).into_owned()))
    }

    /// The run that is meant, and its events.
    async fn records(&self, target: &Target) -> Result<(RunId, Vec<Recorded>), Failure> {
        let text = self.run.as_deref().or(self.named.as_deref()).unwrap_or("latest");
        let run = named(target, text).await?;
        let records = target.stream(StreamId::from(run)).await?;
        if records.is_empty() {
            return Err(unknown(target, &format!("there is no run `{run}`")).await?);
        }
        Ok((run, records))
    }

    /// The last event to be told.
    fn bound(&self, records: &[Recorded]) -> Result<Option<Position>, Failure> {
        let Some(until) = &self.until else { return Ok(None) };
        let at: At = until.parse().map_err(|error| {
            Failure::usage(format!("--until: {error}")).hint("leave --until out to tell the run to its end")
        })?;
        Ok(match at {
            At::Position(position) => Some(position),
            At::Time(instant) => Some(Self::by(records, instant)?),
        })
    }
    fn by(records: &[Recorded], instant: Timestamp) -> Result<Position, Failure> {
        story::until(records, instant).ok_or_else(|| {
            let first = records.first().map_or(instant, |first| first.meta.when());
            Failure::usage(format!("the run began at {first}, after {instant}")).hint("give a later time")
        })
    }
    fn too_early(&self, run: RunId) -> Failure {
        let until = self.until.as_deref().unwrap_or_default();
        let message = format!("run `{run}` has no event up to position {until}");
        Failure::usage(message).hint("give a later position, or leave --until out")
    }
    fn style(&self, to_stdout: bool) -> Style {
        let width = usize::from(output::width()).min(140);
        let colour = to_stdout && output::colours(&std::io::stdout());
        Style { width, colour, full: self.full }
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
        Replay { run: Some(run.into()), ..Replay::default() }
    }

    async fn text(replay: Replay, target: &Target, form: Form) -> String {
        replay.told(target, form).await.unwrap().1
    }

    #[tokio::test]
    async fn the_latest_run_is_told_in_every_form() {
        let (target, run) = with_run("Mend the gate").await;
        let told = text(replay("latest"), &target, Form::Table).await;
        assert!(told.contains("Mend the gate"), "{told}");
        let json: Value =
            serde_json::from_str(&text(replay(&run.to_string()), &target, Form::Json).await).unwrap();
        assert_eq!(json["run"], run.to_string());
        let lines = text(replay(&format!("run-{run}")), &target, Form::Ndjson).await;
        assert_eq!(lines.lines().count(), 2, "{lines}");
        let page =
            text(Replay { named: Some(run.to_string()), ..Replay::default() }, &target, Form::Html).await;
        assert!(page.starts_with("<!doctype html>") && page.contains("Mend the gate"), "{page}");
        // The log in memory signs, so its page has a proof, and the check of the run.
        assert!(page.contains("The signed checkpoint") && page.contains("holds"), "{page}");
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
        let until = |to: &str| Replay { until: Some(to.into()), ..replay("latest") };
        // The writer's own event, the claim of the slug and the project's stand before the run's.
        assert_eq!(text(until("3"), &target, Form::Ndjson).await.lines().count(), 1);
        assert_eq!(text(until("2999-01-01T00:00:00Z"), &target, Form::Ndjson).await.lines().count(), 2);
        for early in ["0", "1999-01-01T00:00:00Z", "yesterday"] {
            let failure = until(early).told(&target, Form::Json).await.unwrap_err();
            assert_eq!(failure.exit, Exit::Usage, "{early}: {failure}");
        }
    }

    #[tokio::test]
    async fn a_run_is_gone_through_event_by_event_where_nobody_is_asked() {
        let (target, _) = with_run("Mend the gate").await;
        let stepped = || Replay { step: true, ..replay("latest") };
        let told = text(stepped(), &target, Form::Table).await;
        assert!(told.contains("event 1 of 2") && told.contains("event 2 of 2"), "{told}");
        let frames: Value = serde_json::from_str(&text(stepped(), &target, Form::Json).await).unwrap();
        assert_eq!(frames[1]["standing"]["status"], "running");
        assert_eq!(text(stepped(), &target, Form::Ndjson).await.lines().count(), 2);
    }

    #[tokio::test]
    async fn a_run_that_is_what_its_events_make_of_it_holds() {
        let (target, _) = with_run("Mend the gate").await;
        let check = Replay { check: true, ..replay("latest") };
        let (exit, told) = check.told(&target, Form::Table).await.unwrap();
        assert_eq!(exit, Exit::Done, "{told}");
        assert!(told.starts_with("Holds: "), "{told}");
        let (_, json) = check.told(&target, Form::Json).await.unwrap();
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&json["holds"], &json["events"]), (&true.into(), &2.into()));
        assert!(json["fields"].as_u64() > Some(40), "{json}");
    }
}
