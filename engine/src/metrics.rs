//! A metric's series, folded from the whole log whenever it is asked for: nothing of it is kept.

use domain::metric::{MetricDefinition, built_ins};
use domain::Rejection;
use journal::ReadError;
use projections::{Measure, Narrowed, Series, Wanted};

use crate::decode::{DecodeFault, decode};
use crate::open::Engine;

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
        let MetricQuestion { metric, version, definition, narrowed } = question;
        let (definition, version) = match definition {
            Some(tried) => (tried, None),
            None => {
                let (definition, version) = self.metric_definition(&metric, version)?;
                (definition, Some(version))
            }
        };
        definition.check()?;
        self.measure(&metric, version, definition, narrowed)
    }

    fn metric_definition(
        &self,
        name: &str,
        version: Option<u32>,
    ) -> Result<(MetricDefinition, u32), MetricError> {
        let known = built_ins();
        let Some(found) = known.iter().find(|built_in| built_in.name == name) else {
            let known: Vec<_> = known.iter().map(|built_in| built_in.name).collect();
            return Err(MetricError::Unknown { name: cut(name), known: known.join(", ") });
        };
        match version {
            Some(version) if version != found.version => {
                Err(MetricError::UnknownVersion { name: cut(name), version })
            }
            _ => Ok((found.definition.clone(), found.version)),
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
