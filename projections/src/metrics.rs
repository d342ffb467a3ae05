//! The metrics that projects have defined, with every version of their definitions.

use domain::Event;
use domain::ids::{MetricId, ProjectId, StreamId};
use domain::metric::{MetricDefinition, MetricEvent};
use domain::values::Timestamp;

use crate::listed::{ListRow, rows};

rows! {
    /// A metric.
    struct MetricRow {
        /// The project it belongs to.
        project: ProjectId,
        /// Its name.
        name: String,
        /// What it tells.
        summary: String,
        /// The latest version.
        version: u32,
        /// The definitions, from version 1 on.
        definitions: Vec<MetricDefinition>,
        /// Whether it is out of use.
        archived: bool,
        /// When it was defined.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

impl ListRow for MetricRow {
    const NAME: &'static str = "metrics";
    const VERSION: u32 = 1;
    const FILTERS: &'static [&'static str] = &["project", "name", "archived"];
    type Key = MetricId;

    fn key(stream: StreamId) -> MetricId {
        stream.id.into()
    }
    fn concerns(event: &Event) -> bool {
        matches!(event, Event::Metric(_))
    }
    fn open(event: &Event, at: Timestamp) -> Option<Self> {
        let Event::Metric(MetricEvent::MetricDefined(e)) = event else { return None };
        Some(Self {
            project: e.project,
            name: e.name.clone(),
            summary: e.summary.clone(),
            version: 1,
            definitions: vec![e.definition.clone()],
            archived: false,
            created_at: at,
            updated_at: at,
        })
    }
    fn apply(&mut self, event: &Event, at: Timestamp) {
        let Event::Metric(event) = event else { return };
        self.updated_at = at;
        match event {
            MetricEvent::MetricDefined(_) => {}
            MetricEvent::MetricRevised(e) => {
                self.version = e.version;
                self.definitions.push(e.definition.clone());
            }
            MetricEvent::MetricArchived(_) => self.archived = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::Query;
    use crate::testing::{check_laws, folded, sampled};

    #[test]
    fn a_metric_keeps_every_definition() {
        let history = sampled("metric", 1);
        check_laws("metrics", &history);
        let rows = folded("metrics", &history).page(&Query::default()).unwrap().rows;
        let row: Value = serde_json::from_str(rows[0].row.get()).unwrap();
        assert_eq!((&row["version"], &row["archived"]), (&3.into(), &true.into()));
        assert_eq!(row["definitions"].as_array().unwrap().len(), 3);
        assert_eq!(row["definitions"][1]["group_by"][1], "day");
    }
}
