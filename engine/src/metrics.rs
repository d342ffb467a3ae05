//! A metric's series, folded from the whole log whenever it is asked for: nothing of it is kept.

use domain::Rejection;
use domain::ids::ProjectId;
use domain::metric::{MetricDefinition, built_ins};
use journal::ReadError;
use projections::{Measure, Narrowed, Query, Series, Wanted};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decode::{DecodeFault, decode};
use crate::open::Engine;
use crate::view_read::ViewError;

/// A metric, and the part of history that it is asked of.
#[derive(Debug, Clone)]
pub struct MetricQuestion {
    /// Its name.
    pub metric: String,
    /// A version of its definition; the latest where none is named.
    pub version: Option<u32>,
    /// A definition to try instead of those it has.
    pub definition: Option<MetricDefinition>,
    /// Which items count, and what they are told apart by.
    pub narrowed: Narrowed,
}

/// A metric that can be asked for. The keys are stable.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MetricListed {
    /// Its name.
    pub name: String,
    /// The latest version of its definition.
    pub version: u32,
    /// The project it belongs to; absent of one that comes with the program.
    pub project: Option<ProjectId>,
    /// What it tells.
    pub summary: String,
    /// The definition.
    pub definition: MetricDefinition,
}

/// A row of the view `metrics`, read back.
#[derive(Deserialize)]
struct OwnMetric {
    project: ProjectId,
    name: String,
    summary: String,
    version: u32,
    definitions: Vec<MetricDefinition>,
}

/// Why a metric has no answer.
#[derive(Debug, thiserror::Error)]
pub enum MetricError {
    /// There is no metric of that name.
    #[error("unknown metric `{name}`, expected one of {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// It has no such version.
    #[error("metric `{name}` has no version {version}")]
    UnknownVersion {
        /// The metric.
        name: String,
        /// What was asked for.
        version: u32,
    },
    /// Several projects have one of that name.
    #[error("several projects have a metric `{0}`, name one of them")]
    Ambiguous(String),
    /// The metrics that projects have cannot be read.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The definition does not hold together.
    #[error(transparent)]
    Definition(#[from] Rejection),
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An event that it is made of cannot be read.
    #[error(transparent)]
    Event(#[from] DecodeFault),
}

impl Engine {
    /// The values of a metric. Reads the whole log: not for a thread that others wait for.
    ///
    /// # Errors
    /// An unknown metric or version, a definition that does not hold together, or a log that cannot be read.
    pub fn metric(&self, question: MetricQuestion) -> Result<Series, MetricError> {
        let MetricQuestion { metric, version, definition, mut narrowed } = question;
        let (definition, version) = match definition {
            Some(tried) => (tried, None),
            None => {
                let (definition, version) = self.metric_definition(&metric, version, &mut narrowed)?;
                (definition, Some(version))
            }
        };
        definition.check()?;
        self.measure(&metric, version, definition, narrowed)
    }

    /// The metrics there are: those of the program, then those of projects that the reader sees.
    ///
    /// # Errors
    /// Where the metrics of projects cannot be read.
    pub fn metrics(&self, narrowed: &Narrowed) -> Result<Vec<MetricListed>, MetricError> {
        let built_in = built_ins().into_iter().map(|it| MetricListed {
            name: it.name.to_owned(),
            version: it.version,
            project: None,
            summary: it.summary.to_owned(),
            definition: it.definition,
        });
        let own = self.own_metrics(narrowed)?.into_iter().filter_map(|it| {
            let OwnMetric { project, name, summary, version, mut definitions } = it;
            let definition = definitions.pop()?;
            Some(MetricListed { name, version, project: Some(project), summary, definition })
        });
        Ok(built_in.chain(own).collect())
    }

    /// The definition of that name and version: of the project that is asked of, or of the only one that has such a
    /// metric, or that of the program.
    fn metric_definition(
        &self,
        name: &str,
        version: Option<u32>,
        narrowed: &mut Narrowed,
    ) -> Result<(MetricDefinition, u32), MetricError> {
        let known = built_ins();
        let found = known.iter().find(|built_in| built_in.name == name);
        let own = self.own_metrics(narrowed)?;
        let mut named = own.iter().filter(|metric| metric.name == name);
        // A project's own goes first where the question is of that project.
        if narrowed.project.is_some() || found.is_none() {
            let (first, second) = (named.next(), named.next());
            if second.is_some() {
                return Err(MetricError::Ambiguous(cut(name)));
            }
            if let Some(metric) = first {
                narrowed.project = Some(metric.project);
                let asked = version.unwrap_or(metric.version);
                let place = asked.checked_sub(1).and_then(|place| usize::try_from(place).ok());
                let definition = place.and_then(|place| metric.definitions.get(place)).cloned();
                let unknown = || MetricError::UnknownVersion { name: cut(name), version: asked };
                return Ok((definition.ok_or_else(unknown)?, asked));
            }
        }
        let Some(found) = found else {
            let names = known.iter().map(|it| it.name).chain(own.iter().map(|it| it.name.as_str()));
            return Err(MetricError::Unknown {
                name: cut(name),
                known: names.collect::<Vec<_>>().join(", "),
            });
        };
        match version {
            Some(version) if version != found.version => {
                Err(MetricError::UnknownVersion { name: cut(name), version })
            }
            _ => Ok((found.definition.clone(), found.version)),
        }
    }

    /// The metrics that projects have defined, of those the reader sees.
    fn own_metrics(&self, narrowed: &Narrowed) -> Result<Vec<OwnMetric>, MetricError> {
        let mut filters = vec![("archived".to_owned(), "false".to_owned())];
        filters.extend(narrowed.project.map(|project| ("project".to_owned(), project.to_string())));
        let mut query = Query { filters, sight: narrowed.sight.clone(), ..Query::default() };
        let mut own = Vec::new();
        loop {
            let (page, _) = self.reading("metrics", None, query.clone())?.page()?;
            own.extend(page.rows.iter().filter_map(|row| serde_json::from_str(row.row.get()).ok()));
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(own),
            }
        }
    }

    fn measure(
        &self,
        name: &str,
        version: Option<u32>,
        definition: MetricDefinition,
        narrowed: Narrowed,
    ) -> Result<Series, MetricError> {
        let wanted = Wanted::those(Measure::folds);
        let mut measure = Measure::new(definition, narrowed);
        let Some(head) = self.journal().watermark() else { return Ok(measure.series(name, version, None)) };
        for block in self.journal().scan(None) {
            let block = block?;
            for record in block.records() {
                if record.position() > head || !wanted.has(record.type_id()) {
                    continue;
                }
                match decode(&record) {
                    Ok(event) => measure.apply(&event),
                    Err(fault) if fault.is_unknown() => {}
                    Err(fault) => return Err(fault.into()),
                }
            }
            if block.last() >= head {
                break;
            }
        }
        Ok(measure.series(name, version, Some(head)))
    }
}

/// What was asked for, as far as an answer repeats it.
fn cut(name: &str) -> String {
    name.chars().take(80).collect()
}
