//! `waybill metrics`: figures made of events, by definitions that have versions.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use domain::authority::Sight;
use domain::ids::{CommitId, MetricId, ProjectId, StreamId};
use domain::metric::{
    ArchiveMetric, DefineMetric, MetricCommand, MetricDefinition, MetricDimension, MetricField, ReviseMetric,
    built_ins,
};
use domain::values::Timestamp;
use domain::{Actor, Command};
use engine::{Envelope, MetricQuestion};
use projections::{Narrowed, Query};
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::{Form, Global};
use crate::client::{Arguments, ClientError, Problem};
use crate::failure::{Exit, Failure};
use crate::output;
use crate::readers::ViewCall;
use crate::target::{self, Target, Want};

mod shown;

use shown::{beside, columns, show};

/// Longest definition that is read, in bytes.
const DEFINITION_MAX: u64 = 64 << 10;

/// Show figures that are made of events, each with its definition and the events it comes from
///
/// `waybill metrics show pass-rate --by model`, `waybill metrics compare composite --weight correctness=3`
#[derive(Debug, Args)]
pub(crate) struct Metrics {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the metrics there are
    List,
    /// Record a definition in a file, TOML (`.toml`) or JSON, as a project's metric; a new version where the project has it already
    Define(Define),
    /// Take a project's metric out of use; its versions stay readable
    Archive(Archive),
    /// Show a metric's values
    Show(Show),
    /// Make a metric anew over the whole history, by another definition or other weights; nothing is recorded
    Rebuild(Rebuild),
    /// Show two definitions of a metric side by side
    Compare(Compare),
}

#[derive(Debug, Args)]
struct Show {
    /// The metric
    name: String,
    /// A version of its definition instead of the latest
    #[arg(long, value_name = "VERSION")]
    version: Option<u32>,
    #[command(flatten)]
    part: Part,
}

/// Which items count, and what they are told apart by.
#[derive(Debug, Clone, Args)]
pub(super) struct Part {
    /// By project, workflow, model, persona, role, day or learning_version; several with commas between
    #[arg(long, value_name = "DIMENSIONS", value_delimiter = ',')]
    pub(super) by: Vec<MetricDimension>,
    /// Not before this instant
    #[arg(long, value_name = "TIME")]
    pub(super) since: Option<Timestamp>,
    /// Before this instant
    #[arg(long, value_name = "TIME")]
    pub(super) until: Option<Timestamp>,
    /// Only of this project, by slug or id
    #[arg(long, value_name = "PROJECT")]
    pub(super) project: Option<String>,
}

/// Another definition than the metric has.
#[derive(Debug, Clone, Args)]
#[group(multiple = false)]
struct Tried {
    /// A definition in a file, TOML (`.toml`) or JSON
    #[arg(long, value_name = "FILE")]
    definition: Option<PathBuf>,
    /// Another weight of a composite; repeat it for more fields
    #[arg(long = "weight", value_name = "FIELD=WEIGHT")]
    weights: Vec<String>,
}

#[derive(Debug, Args)]
struct Define {
    /// The metric: 1 to 63 of a-z, 0-9 and hyphens
    name: String,
    /// The definition
    file: PathBuf,
    /// The project it belongs to, by slug or id
    #[arg(long, value_name = "PROJECT")]
    project: String,
    /// What it tells, on one line; of a new metric only
    #[arg(long, value_name = "TEXT")]
    summary: Option<String>,
    /// Why it is revised, on one line
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

#[derive(Debug, Args)]
struct Archive {
    /// The metric
    name: String,
    /// The project it belongs to, by slug or id
    #[arg(long, value_name = "PROJECT")]
    project: String,
}

#[derive(Debug, Args)]
struct Rebuild {
    /// The metric
    name: String,
    #[command(flatten)]
    tried: Tried,
    #[command(flatten)]
    part: Part,
}

#[derive(Debug, Args)]
struct Compare {
    /// The metric
    name: String,
    /// The old version; the latest where a definition is tried, else the one before
    #[arg(long, value_name = "VERSION")]
    old: Option<u32>,
    /// The new version; the latest where none is named
    #[arg(long, value_name = "VERSION", conflicts_with_all = ["definition", "weights"])]
    new: Option<u32>,
    #[command(flatten)]
    tried: Tried,
    #[command(flatten)]
    part: Part,
}

impl Metrics {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        let target = target::open(global, self.what.wants())?;
        let form = global.output;
        let done = match self.what {
            What::List => list(&target, form).await,
            What::Define(define) => define.record(&target, form).await,
            What::Archive(archive) => archive.record(&target, form).await,
            What::Show(show) => show.show(&target, form).await,
            What::Rebuild(rebuild) => rebuild.show(&target, form).await,
            What::Compare(compare) => compare.show(&target, form).await,
        };
        let closed = target.close().await;
        output::print(&done?)?;
        closed.map(|()| Exit::Done)
    }
}

impl What {
    /// Definitions are recorded; everything else only reads.
    const fn wants(&self) -> Want {
        match self {
            Self::Define(_) | Self::Archive(_) => Want::Log,
            Self::List | Self::Show(_) | Self::Rebuild(_) | Self::Compare(_) => Want::Reading,
        }
    }
}

/// A metric in a list. The keys are stable.
#[derive(Debug, Serialize)]
struct Listed {
    name: String,
    version: u32,
    /// Null of one that comes with the program.
    project: Option<String>,
    summary: String,
    definition: Value,
}

/// The metrics that projects have, of a project or name where one is given.
async fn own(target: &Target, filters: &[(&str, String)]) -> Result<Vec<(String, Value)>, Failure> {
    let named = filters.iter().map(|(field, value)| ((*field).to_owned(), value.clone()));
    let filters = named.chain([("archived".to_owned(), "false".to_owned())]).collect();
    let mut query = Query { filters, ..Query::default() };
    let mut own = Vec::new();
    loop {
        let answer = target.view(&ViewCall { query: query.clone(), ..ViewCall::of("metrics") }).await?;
        for row in answer.rows {
            own.push((row.key, serde_json::to_value(&row.row)?));
        }
        match answer.next {
            Some(next) => query.after = Some(next),
            None => return Ok(own),
        }
    }
}

async fn list(target: &Target, form: Form) -> Result<String, Failure> {
    let built_in = |it: domain::metric::BuiltIn| {
        let definition = serde_json::to_value(it.definition)?;
        let (name, summary) = (it.name.to_owned(), it.summary.to_owned());
        Ok(Listed { name, version: it.version, project: None, summary, definition })
    };
    let mut metrics: Vec<Listed> =
        built_ins().into_iter().map(built_in).collect::<Result<_, serde_json::Error>>()?;
    for (_, row) in own(target, &[]).await? {
        let text = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
        let definitions = row["definitions"].as_array().and_then(|all| all.last()).cloned();
        metrics.push(Listed {
            name: text("name"),
            version: row["version"].as_u64().and_then(|it| u32::try_from(it).ok()).unwrap_or_default(),
            project: Some(text("project")),
            summary: text("summary"),
            definition: definitions.unwrap_or_default(),
        });
    }
    Ok(match form {
        Form::Json => serde_json::to_string_pretty(&json!({ "metrics": metrics }))?,
        Form::Ndjson => {
            let lines: Result<Vec<_>, _> = metrics.iter().map(serde_json::to_string).collect();
            lines?.join("\n") + "\n"
        }
        Form::Table | Form::Html => columns(
            &["metric", "version", "project", "what"],
            metrics.into_iter().map(|it| {
                vec![it.name, it.version.to_string(), it.project.unwrap_or_else(|| "–".into()), it.summary]
            }),
        ),
    })
}

impl Define {
    async fn record(&self, target: &Target, form: Form) -> Result<String, Failure> {
        let definition = read(&self.file)?;
        let project = project(target, &self.project).await?;
        let filters = [("project", project.to_string()), ("name", self.name.clone())];
        let known = own(target, &filters).await?;
        let (stream, command) = match known.first() {
            Some((key, _)) => {
                let revise = ReviseMetric { definition, note: self.note.clone() };
                (key.parse::<MetricId>()?.into(), MetricCommand::from(revise))
            }
            None => {
                let summary = self.summary.clone().unwrap_or_else(|| self.name.clone());
                let define = DefineMetric { project, name: self.name.clone(), summary, definition };
                (MetricId::from(engine::new_ulid()).into(), define.into())
            }
        };
        let position = send(target, stream, Command::Metric(command)).await?;
        let version = known.first().and_then(|(_, row)| row["version"].as_u64()).unwrap_or(0) + 1;
        let told = json!({
            "metric": self.name, "project": project, "stream": stream, "version": version, "position": position,
        });
        Ok(match form {
            Form::Table | Form::Html => {
                format!("{} of {project} has version {version}, at {position}\n", self.name)
            }
            Form::Json | Form::Ndjson => told.to_string(),
        })
    }
}

impl Archive {
    async fn record(&self, target: &Target, form: Form) -> Result<String, Failure> {
        let project = project(target, &self.project).await?;
        let known = own(target, &[("project", project.to_string()), ("name", self.name.clone())]).await?;
        let unknown = || {
            let message = format!("project {project} has no metric `{}` in use", self.name);
            Failure::usage(message).hint("see `waybill metrics list`; those of the program stay")
        };
        let (key, _) = known.first().ok_or_else(unknown)?;
        let stream: StreamId = key.parse::<MetricId>()?.into();
        let position = send(target, stream, Command::Metric(ArchiveMetric {}.into())).await?;
        let told = json!({ "metric": self.name, "project": project, "stream": stream, "position": position });
        Ok(match form {
            Form::Table | Form::Html => format!("{} of {project} is out of use, at {position}\n", self.name),
            Form::Json | Form::Ndjson => told.to_string(),
        })
    }
}

/// Sends a command; gives the position of its event.
async fn send(target: &Target, stream: StreamId, command: Command) -> Result<u64, Failure> {
    match target {
        Target::Folder(engine) => {
            let receipt = engine.execute(Envelope::new(stream, command, Actor::Operator)).await?;
            engine.caught_up().await;
            Ok(receipt.position.0)
        }
        Target::Server(client) => {
            let line = json!({
                "stream": stream, "command": command.name(), "body": command, "commit": CommitId::from(engine::new_ulid()),
            });
            let response =
                client.post(&["v1", "commands"], format!("{line}\n"), "application/x-ndjson").await?;
            let text = response.text().await.map_err(ClientError::from)?;
            let told: Value = serde_json::from_str(text.trim())?;
            if let Some(position) = told["position"].as_u64() {
                return Ok(position);
            }
            let problem: Problem = serde_json::from_value(told["error"].clone())?;
            Err(problem.into())
        }
    }
}

impl Show {
    async fn show(&self, target: &Target, form: Form) -> Result<String, Failure> {
        let question = self.part.question(target, &self.name).await?;
        show(&ask(target, MetricQuestion { version: self.version, ..question }).await?, form)
    }
}

impl Rebuild {
    async fn show(&self, target: &Target, form: Form) -> Result<String, Failure> {
        let question = self.part.question(target, &self.name).await?;
        let definition = self.tried.definition(target, &question).await?;
        show(&ask(target, MetricQuestion { definition, ..question }).await?, form)
    }
}

impl Part {
    pub(super) async fn question(&self, target: &Target, metric: &str) -> Result<MetricQuestion, Failure> {
        let project = match &self.project {
            Some(named) => Some(project(target, named).await?),
            None => None,
        };
        let Self { since, until, .. } = *self;
        let by = (!self.by.is_empty()).then(|| self.by.clone());
        // Whoever has the folder sees all of it; a server knows who asks.
        let narrowed = Narrowed { by, since, until, project, sight: Sight::Everything };
        Ok(MetricQuestion { metric: metric.to_owned(), version: None, definition: None, narrowed })
    }
}

/// A project by its id or slug.
async fn project(target: &Target, named: &str) -> Result<ProjectId, Failure> {
    if let Ok(id) = named.parse() {
        return Ok(id);
    }
    let query = Query { filters: vec![("slug".into(), named.to_owned())], ..Query::default() };
    let found = target.view(&ViewCall { query, ..ViewCall::of("projects") }).await?;
    let unknown =
        || Failure::usage(format!("there is no project `{named}`")).hint("see `waybill view projects`");
    let row = found.rows.first().ok_or_else(unknown)?;
    row.key.parse().map_err(|_| unknown())
}

impl Tried {
    /// The definition that is meant, where one is.
    async fn definition(
        &self,
        target: &Target,
        question: &MetricQuestion,
    ) -> Result<Option<MetricDefinition>, Failure> {
        if let Some(file) = &self.definition {
            return read(file).map(Some);
        }
        if self.weights.is_empty() {
            return Ok(None);
        }
        let now = ask(target, question.clone()).await?;
        let mut definition: MetricDefinition = serde_json::from_value(now["definition"].clone())?;
        for text in &self.weights {
            let wrong = || Failure::usage(format!("--weight: expected FIELD=WEIGHT, got `{text}`"));
            let (field, weight) = text.split_once('=').ok_or_else(wrong)?;
            let weight = weight.parse().map_err(|_| wrong())?;
            let field: MetricField = serde_json::from_value(field.into())
                .map_err(|error| Failure::usage(format!("--weight: {error}")))?;
            match definition.weights.iter_mut().find(|it| it.field == field) {
                Some(known) => known.weight = weight,
                None => definition.weights.push(domain::metric::MetricWeight { field, weight }),
            }
        }
        definition.check()?;
        Ok(Some(definition))
    }
}

/// A definition in a file, TOML by its ending, else JSON; lists that are left out are empty.
fn read(path: &Path) -> Result<MetricDefinition, Failure> {
    let wrong = |why: String| {
        Failure::usage(format!("`{}` is no definition of a metric: {why}", path.display()))
            .hint("docs/metrics.md has the form and examples")
    };
    let length = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?.len();
    if length > DEFINITION_MAX {
        return Err(wrong(format!("expected at most {DEFINITION_MAX} bytes, got {length}")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let toml = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    let mut value: Value = if toml {
        toml::from_str(&text).map_err(|error| wrong(error.message().to_owned()))?
    } else {
        serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?
    };
    if let Some(fields) = value.as_object_mut() {
        for list in ["filters", "group_by", "predicate", "weights"] {
            fields.entry(list).or_insert_with(|| json!([]));
        }
    }
    let definition: MetricDefinition =
        serde_json::from_value(value).map_err(|error| wrong(error.to_string()))?;
    definition.check().map_err(|refused| wrong(refused.to_string()))?;
    Ok(definition)
}

/// A metric's series as JSON, the same from a folder as over HTTP.
pub(super) async fn ask(target: &Target, question: MetricQuestion) -> Result<Value, Failure> {
    match target {
        Target::Folder(engine) => {
            engine.caught_up().await;
            let engine = engine.clone();
            let made = tokio::task::spawn_blocking(move || engine.metric(question)).await?;
            let made = made.map_err(|error| match error {
                engine::MetricError::Unknown { .. } | engine::MetricError::UnknownVersion { .. } => {
                    Failure::usage(error.to_string()).hint("see `waybill metrics list`")
                }
                other => other.into(),
            })?;
            Ok(serde_json::to_value(made)?)
        }
        Target::Server(client) => {
            let text = client.json(&["v1", "metrics", &question.metric], &arguments(&question)?).await?;
            Ok(serde_json::from_str(&text)?)
        }
    }
}

fn arguments(question: &MetricQuestion) -> Result<Arguments, Failure> {
    let Narrowed { by, since, until, project, .. } = &question.narrowed;
    let words = |by: &Vec<MetricDimension>| by.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(",");
    let definition = question.definition.as_ref().map(serde_json::to_string).transpose()?;
    let named = [
        ("by", by.as_ref().map(words)),
        ("since", since.map(|time| time.to_string())),
        ("until", until.map(|time| time.to_string())),
        ("project", project.map(|id| id.to_string())),
        ("version", question.version.map(|version| version.to_string())),
        ("definition", definition),
    ];
    Ok(named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}

impl Compare {
    async fn show(&self, target: &Target, form: Form) -> Result<String, Failure> {
        let question = self.part.question(target, &self.name).await?;
        let latest = ask(target, question.clone()).await?;
        let tried = self.tried.definition(target, &question).await?;
        let before = latest["version"].as_u64().and_then(|it| u32::try_from(it).ok());
        let before = before.map(|version| if tried.is_some() { version } else { version - 1 });
        let old = MetricQuestion { version: self.old.or(before), ..question.clone() };
        if old.version == Some(0) {
            return Err(Failure::usage(format!("`{}` has one version only", self.name))
                .hint("name --definition or --weight to compare it with"));
        }
        let new = MetricQuestion { version: self.new, definition: tried, ..question };
        let (old, new) = (ask(target, old).await?, ask(target, new).await?);
        beside(&old, &new, form)
    }
}
