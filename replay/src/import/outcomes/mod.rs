//! Tables of outcomes, as benchmarks publish them: a run per line, made by one model and judged once.
//!
//! A line becomes a run with two steps: a designer with the model, its calls and its cost, and a checker whose
//! verdict says whether the task is resolved. A table holds no times: every event happened at
//! [`unknown_time`](super::unknown_time). A run's identity is its model, its task, and how often the pair stood in
//! the file before, so that trials stay apart and a second import of the same table is nothing but duplicates. Of a
//! line that cannot be used nothing is taken over.

mod csv;
mod json;
mod row;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::ops::ControlFlow;

use domain::Command;
use domain::ids::StepId;
use domain::run::{
    CompleteRun, CompleteStep, IssueVerdict, RecordUsage, RequestRun, RunCommand, StartRun, StartStep,
};
use domain::terms::{Role, RunSource};

use self::row::Row;
use super::ids::{Ids, create_project, project_commit};
use super::swe_agent::unknown_time;
use super::{BadLine, Flow, Found, Item, Options, Origin, Sink, Source, Stop, Target, project_id};

/// What a table of outcomes looks like.
const EXPECTED: &str = "a table of outcomes: CSV with the header `model,task,resolved,cost,calls`, or JSON objects with these fields";

/// A line of the table, and where it stands.
struct Entry {
    line: u64,
    read_bytes: u64,
    /// What it says, or why it cannot be used.
    row: Result<Row, String>,
}

/// Takes a line.
type Take<'a> = dyn FnMut(Entry) -> Flow + 'a;

pub(super) fn read(source: &Source<'_>, options: &Options, sink: &mut Sink<'_>) -> Flow {
    let mut reader = BufReader::new((source.open)()?);
    let first = first_byte(&mut reader)?;
    let mut table = Table { sink, file: &source.name, options, seen: BTreeMap::new(), opened: false };
    let mut take = |entry| table.entry(entry);
    match first {
        Some(b'[') => json::array(reader, &mut take),
        Some(b'{') => json::lines(reader, &mut take),
        _ => csv::read(reader, &mut take),
    }
}

/// The first byte that is neither blank nor a mark of byte order. The buffer is not consumed.
fn first_byte(reader: &mut impl BufRead) -> Result<Option<u8>, Stop> {
    let ahead = reader.fill_buf()?;
    let text = ahead.strip_prefix("\u{feff}".as_bytes()).unwrap_or(ahead);
    Ok(text.iter().copied().find(|byte| !byte.is_ascii_whitespace()))
}

/// The table, line by line.
struct Table<'a, 's> {
    sink: &'a mut Sink<'s>,
    file: &'a str,
    options: &'a Options,
    /// How often each pair of model and task has come, by a hash of the two.
    seen: BTreeMap<[u8; 16], u64>,
    /// Whether the command that makes the project has gone out.
    opened: bool,
}

impl Table<'_, '_> {
    fn entry(&mut self, entry: Entry) -> Flow {
        let Entry { line, read_bytes, row } = entry;
        let origin = Origin { file: self.file.to_owned(), line, read_bytes };
        match row {
            Ok(row) => self.row(&origin, row),
            Err(reason) => self.hand_over(Found::Bad(BadLine { origin, reason })),
        }
    }

    fn row(&mut self, origin: &Origin, row: Row) -> Flow {
        if let (false, Target::Slug(slug)) = (self.opened, &self.options.project) {
            let (stream, commit) = (project_id(slug).into(), project_commit(slug));
            let command = Command::Project(create_project(slug).into());
            let (origin, occurred_at) = (origin.clone(), Some(unknown_time()));
            let item = Item { origin, stream, commit, command, occurred_at, correlation: None };
            self.hand_over(Found::Item(Box::new(item)))?;
        }
        self.opened = true;
        let identity = row.identity();
        let trial = self.seen.entry(identity).or_default();
        let ids = Ids::new("outcomes", format!("{}-{trial}", hex(&identity)), unknown_time());
        *trial += 1;
        for (name, command) in self.commands(&ids, row) {
            self.hand_over(Found::Item(Box::new(Item {
                origin: origin.clone(),
                stream: ids.run().into(),
                commit: ids.commit(name, 0, 0),
                command: Command::Run(command),
                occurred_at: Some(unknown_time()),
                correlation: Some(ids.correlation()),
            })))?;
        }
        Ok(())
    }

    /// What a line asks for, each command under a name of its own, so that what is alike stays a duplicate even
    /// where something else differs.
    fn commands(&self, ids: &Ids, row: Row) -> Vec<(&'static str, RunCommand)> {
        let project = match &self.options.project {
            Target::Existing(project) => *project,
            Target::Slug(slug) => project_id(slug),
        };
        let (work, check) = (ids.step(1), ids.step(2));
        let request = RequestRun {
            project,
            workflow: None,
            source: RunSource::Import,
            title: super::text::title(&row.task),
            prompt: row.task,
            configuration: None,
            candidates: None,
            origin: None,
        };
        let mut commands = vec![
            ("request", request.into()),
            ("start", StartRun {}.into()),
            ("work", step(work, Role::Designer, Some(row.model.clone()))),
        ];
        if row.calls.is_some_and(|calls| calls > 0) || row.cost.is_some() {
            let usage = RecordUsage {
                step: work,
                provider: None,
                model: row.model,
                input_tokens: 0,
                output_tokens: 0,
                cache_read_tokens: 0,
                cache_write_tokens: 0,
                calls: Some(row.calls.unwrap_or(0)),
                cost_usd: row.cost,
            };
            commands.push(("usage", usage.into()));
        }
        commands.extend([
            ("end-work", CompleteStep { step: work, output: None }.into()),
            ("check", step(check, Role::Checker, None)),
            ("verdict", IssueVerdict { step: check, pass: row.resolved, feedback: String::new() }.into()),
            ("end-check", CompleteStep { step: check, output: None }.into()),
        ]);
        if self.options.finish {
            commands.push(("end-run", CompleteRun { summary: None }.into()));
        }
        commands
    }

    fn hand_over(&mut self, found: Found) -> Flow {
        match (self.sink)(found) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stop::Sink),
        }
    }
}

fn step(step: StepId, role: Role, model: Option<String>) -> RunCommand {
    StartStep {
        step,
        role,
        sandbox: None,
        persona: None,
        persona_version: None,
        cli_tool: None,
        model,
        thinking_effort: None,
        iteration: None,
        loop_id: None,
        loop_iteration: None,
        prompt_digest: None,
    }
    .into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
