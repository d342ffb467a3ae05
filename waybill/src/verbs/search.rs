//! `waybill search`: full-text search over prompts, messages, feedback, learnings and the rest.

use std::path::Path;
use std::time::Duration;

use clap::Args;
use domain::ids::{Position, ProjectId, RunId};
use domain::values::Timestamp;
use engine::Engine;
use search::{Cursor, Question};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::cli::{Form, Global};
use crate::client::Arguments;
use crate::failure::{Exit, Failure};
use crate::progress;
use crate::target::{self, Target, Want};
use crate::{figures, output};

/// How long an index that is behind is waited for at a time.
const STEP: Duration = Duration::from_millis(200);

/// Find events by their words: prompts, messages, tool output, feedback, learnings and the rest
///
/// `waybill search rate limit`, `waybill search '"rate limit" retr*' --kind message --since 2026-11-01T00:00:00Z`
///
/// Every word, "phrase" and beginning* must be found; the best come first, of equals the newer.
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// What to look for
    #[arg(required = true)]
    words: Vec<String>,
    /// Only of this project
    #[arg(long, value_name = "ID")]
    project: Option<ProjectId>,
    /// Only of this kind: prompt, message, tool, feedback, or the name of an aggregate
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Only of this run
    #[arg(long, value_name = "ID")]
    run: Option<RunId>,
    /// Only said by this role, such as user or assistant
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// Not before this instant
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    /// Before this instant
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// At most so many hits, up to 100
    #[arg(long, value_name = "HITS", default_value_t = search::LIMIT_DEFAULT)]
    limit: usize,
    /// The page behind the one that gave this
    #[arg(long, value_name = "NEXT")]
    after: Option<Cursor>,
}

/// An answer, read back.
#[derive(Debug, Deserialize)]
struct Answer {
    position: Option<Position>,
    head: Option<Position>,
    complete: bool,
    total: u64,
    hits: Vec<Hit>,
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Hit {
    position: Position,
    stream: String,
    kind: String,
    role: Option<String>,
    time: Timestamp,
    snippet: Snippet,
}

#[derive(Debug, Deserialize)]
struct Snippet {
    text: String,
    ranges: Vec<(usize, usize)>,
}

impl Search {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        let question = Question {
            text: self.words.join(" "),
            project: self.project,
            // Whoever has the folder sees all of it; a server knows who asks.
            sight: domain::authority::Sight::Everything,
            kind: self.kind,
            run: self.run,
            role: self.role,
            since: self.since,
            until: self.until,
            limit: Some(self.limit),
            after: self.after,
        };
        let target = target::open(global, Want::Log)?;
        let answered = match &target {
            Target::Folder(engine) => here(engine, &global.data, question).await,
            Target::Server(client) => client.json(&["v1", "search"], &arguments(&question)).await,
        };
        let closed = target.close().await;
        output::print(&show(&answered?, global.output)?)?;
        closed.map(|()| Exit::Done)
    }
}

/// The answer of the index in the folder, once it reflects the whole log.
async fn here(engine: &Engine, data: &Path, question: Question) -> Result<String, Failure> {
    let search = target::search(engine, data)?;
    // Refused before anything is built.
    if let Err(refused @ search::SearchError::Query(_)) = search.ask(question.clone()) {
        return Err(refused.into());
    }
    if let Some(head) = engine.journal().watermark() {
        let bar = progress::events(head.0 + 1).with_message("indexing");
        while let Err(error) = search.reach(head, STEP).await {
            let search::SearchError::NotYet { reached, .. } = error else { return Err(error.into()) };
            bar.set_position(reached.map_or(0, |reached| reached.0 + 1));
        }
        bar.finish_and_clear();
    }
    let asked = search.clone();
    let answer = tokio::task::spawn_blocking(move || {
        let answer = asked.ask(question);
        asked.close();
        answer
    });
    let answer = answer.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
    Ok(serde_json::to_string(&answer)?)
}

fn arguments(question: &Question) -> Arguments {
    let named = [
        ("q", Some(question.text.clone())),
        ("project", question.project.map(|id| id.to_string())),
        ("kind", question.kind.clone()),
        ("run", question.run.map(|id| id.to_string())),
        ("role", question.role.clone()),
        ("since", question.since.map(|time| time.to_string())),
        ("until", question.until.map(|time| time.to_string())),
        ("limit", question.limit.map(|limit| limit.to_string())),
        ("after", question.after.map(|cursor| cursor.to_string())),
    ];
    named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// An answer's JSON text, in another form.
fn show(json: &str, form: Form) -> Result<String, Failure> {
    #[derive(Deserialize)]
    struct Lines<'a> {
        #[serde(borrow)]
        hits: Vec<&'a RawValue>,
    }
    Ok(match form {
        Form::Json => json.to_owned(),
        Form::Ndjson => {
            let lines: Lines<'_> = serde_json::from_str(json)?;
            lines.hits.iter().map(|hit| format!("{hit}\n")).collect()
        }
        Form::Table | Form::Html => table(&serde_json::from_str(json)?, output::colours(&std::io::stdout())),
    })
}

/// A hit takes two lines: where it stands, and what it says.
fn table(answer: &Answer, colours: bool) -> String {
    let mut text = String::new();
    for hit in &answer.hits {
        let time = hit.time.to_string();
        let time = figures::instant(&time).unwrap_or(time);
        let who = hit.role.as_ref().map_or_else(String::new, |role| format!(" by {role}"));
        text.push_str(&format!("{time}  {}{who}  {}  at {}\n", hit.kind, hit.stream, hit.position));
        text.push_str(&format!("    {}\n", marked(&hit.snippet, colours)));
    }
    if answer.total == 0 {
        text.push_str("nothing found\n");
    } else {
        let shown = answer.hits.len() as u64;
        text.push_str(&format!("{} of {}\n", figures::count(shown), figures::count(answer.total)));
    }
    if let Some(next) = &answer.next {
        text.push_str(&format!("there are more: --after {next}\n"));
    }
    let place =
        |position: Option<Position>| position.map_or_else(|| "nothing".into(), |at| format!("position {at}"));
    let behind = if answer.complete {
        String::new()
    } else {
        format!(", behind the log at {}: what is newer may fit too", place(answer.head))
    };
    text.push_str(&format!("as of {}{behind}\n", place(answer.position)));
    text
}

fn marked(snippet: &Snippet, colours: bool) -> String {
    let chars: Vec<char> = snippet.text.chars().collect();
    let part = |from: usize, to: usize| chars.get(from..to).unwrap_or_default().iter().collect::<String>();
    let (mut text, mut at) = (String::new(), 0);
    for (from, to) in &snippet.ranges {
        text.push_str(&part(at, *from));
        text.push_str(&output::bold(&part(*from, *to), colours));
        at = *to;
    }
    text + &part(at, chars.len())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    const ANSWER: &str = r#"{"position":41,"head":43,"complete":false,"total":1200,"hits":[{"position":7,"stream":"run-01JD0000000000000000000000","event":"StepMessageAppended","kind":"message","project":null,"run":"01JD0000000000000000000000","role":"assistant","time":"2026-11-20T07:06:00.000Z","score":1.5,"snippet":{"text":"…the rate limit","ranges":[[5,9],[10,15]]}}],"next":"41-1"}"#;

    #[test]
    fn a_table_says_where_what_and_how_far() {
        expect![[r"
            2026-11-20 07:06:00  message by assistant  run-01JD0000000000000000000000  at 7
                …the rate limit
            1 of 1,200
            there are more: --after 41-1
            as of position 41, behind the log at position 43: what is newer may fit too
        "]]
        .assert_eq(&table(&serde_json::from_str(ANSWER).unwrap(), false));
    }

    #[test]
    fn what_was_found_is_bold() {
        let answer: Answer = serde_json::from_str(ANSWER).unwrap();
        let bold = marked(&answer.hits[0].snippet, true);
        assert_eq!(bold, "…the \u{1b}[1mrate\u{1b}[0m \u{1b}[1mlimit\u{1b}[0m");
        let odd = Snippet { text: "é".into(), ranges: vec![(0, 9)] };
        assert_eq!(marked(&odd, false), "", "a range that does not fit shows nothing");
    }

    #[test]
    fn other_forms_are_what_came() {
        assert_eq!(show(ANSWER, Form::Json).unwrap(), ANSWER);
        let line = show(ANSWER, Form::Ndjson).unwrap();
        assert!(line.starts_with(r#"{"position":7,"#) && line.lines().count() == 1);
    }

    #[test]
    fn a_question_becomes_arguments() {
        let question = Question { text: "a b".into(), limit: Some(3), ..Question::default() };
        let text: Vec<_> =
            arguments(&question).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(text, ["q=a b", "limit=3"]);
    }
}
