//! Metrics that come with the program, defined like any other. A project's own metric of the same name goes first.

use super::definition::{MetricCondition, MetricDefinition, MetricWeight};
use super::terms::{Aggregation, Comparison, MetricDimension, MetricField, MetricSource};

/// A metric that comes with the program.
#[derive(Debug, Clone, PartialEq)]
pub struct BuiltIn {
    /// Its name.
    pub name: &'static str,
    /// What it tells.
    pub summary: &'static str,
    /// Its version.
    pub version: u32,
    /// How it is made.
    pub definition: MetricDefinition,
}

fn of(source: MetricSource, aggregation: Aggregation) -> MetricDefinition {
    let (filters, group_by, predicate, weights) = (vec![], vec![], vec![], vec![]);
    MetricDefinition { source, filters, group_by, aggregation, field: None, predicate, weights }
}

fn is_true(field: MetricField) -> Vec<MetricCondition> {
    vec![MetricCondition { field, op: Comparison::Is, value: "true".into() }]
}

fn rate(source: MetricSource, field: MetricField) -> MetricDefinition {
    MetricDefinition { predicate: is_true(field), ..of(source, Aggregation::Rate) }
}

fn mean(source: MetricSource, field: MetricField) -> MetricDefinition {
    MetricDefinition { field: Some(field), ..of(source, Aggregation::Mean) }
}

fn composite() -> MetricDefinition {
    use MetricField::{CodeStyle, Completeness, Correctness, TestCoverage, TypeSafety};
    let fields = [Correctness, TypeSafety, CodeStyle, TestCoverage, Completeness];
    let weights = fields.into_iter().map(|field| MetricWeight { field, weight: 1 }).collect();
    MetricDefinition { weights, ..of(MetricSource::Scores, Aggregation::Composite) }
}

/// Every one of them, in the order documents show them.
#[must_use]
pub fn built_ins() -> Vec<BuiltIn> {
    use {MetricField as F, MetricSource as S};
    let cost = MetricDefinition {
        field: Some(F::CostUsd),
        predicate: is_true(F::Pass),
        ..of(S::Runs, Aggregation::Per)
    };
    let step_time =
        MetricDefinition { group_by: vec![MetricDimension::Role], ..mean(S::Steps, F::DurationMs) };
    let learning = MetricDefinition {
        group_by: vec![MetricDimension::Project, MetricDimension::LearningVersion],
        ..rate(S::Verdicts, F::Pass)
    };
    let rows = [
        ("pass-rate", "Share of verdicts that passed the work.", rate(S::Verdicts, F::Pass)),
        (
            "loops-to-pass",
            "Mean number of verdicts until a run's work passed.",
            mean(S::Runs, F::LoopsToPass),
        ),
        ("composite", "Weighted mean of the five dimensions of quality, 0 to 100.", composite()),
        (
            "cost-per-passed-run",
            "US dollars spent on runs with a verdict, for each whose work passed at last.",
            cost,
        ),
        ("step-time", "Mean milliseconds from start to end of a step.", step_time),
        (
            "force-continue-rate",
            "Share of runs with verdicts or loops that a loop without success was forced on in.",
            rate(S::Runs, F::ForcedOn),
        ),
        (
            "unparseable-verdict-rate",
            "Share of checkers' and reviewers' steps whose verdict could not be read.",
            rate(S::Steps, F::VerdictUnparseable),
        ),
        ("ci-pass-rate", "Share of checks that passed, of those that ended.", rate(S::CiChecks, F::Pass)),
        (
            "learning-effect",
            "Share of verdicts that passed, by the learning version a run was asked for with.",
            learning,
        ),
    ];
    let built_in = |(name, summary, definition)| BuiltIn { name, summary, version: 1, definition };
    rows.map(built_in).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_one_can_be_answered_and_has_a_name_of_its_own() {
        let mut names = std::collections::BTreeSet::new();
        for built_in in built_ins() {
            assert_eq!(built_in.definition.check(), Ok(()), "{}", built_in.name);
            assert!(names.insert(built_in.name), "{} is there twice", built_in.name);
        }
    }
}
