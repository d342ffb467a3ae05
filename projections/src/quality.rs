//! Scores of every evaluator step, with the composite recomputed from its dimensions and weights.

use std::fmt;
use std::str::FromStr;

use domain::ids::{IdError, PersonaId, ProjectId, RunId, StepId};
use domain::run::{QualityScores, RunEvent, ScoresIssued, StepStarted};
use domain::terms::Role;
use domain::values::{Score, Timestamp};
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::table::Table;
use crate::view::{Scope, View};

/// `run/step`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct QualityKey {
    run: RunId,
    step: StepId,
}

impl fmt::Display for QualityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.run, self.step)
    }
}

impl FromStr for QualityKey {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong =
            || IdError { expected: "run/step, two ULIDs".into(), actual: text.chars().take(80).collect() };
        let (run, step) = text.split_once('/').ok_or_else(wrong)?;
        Ok(Self { run: run.parse()?, step: step.parse()? })
    }
}

/// Scores of a step, as it issued them last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct QualityRow {
    /// The project.
    project: Option<ProjectId>,
    /// The run.
    run: RunId,
    /// The evaluator's step.
    step: StepId,
    /// The persona it follows.
    persona: Option<PersonaId>,
    /// Version of that persona.
    persona_version: Option<u32>,
    /// The model it was asked for.
    model: Option<String>,
    /// The five dimensions.
    scores: QualityScores,
    /// Version of the project's quality policy whose weights were in force; 0 for equal weights without one.
    weights_version: u32,
    /// Weighted mean, as the event has it.
    composite: Score,
    /// Weighted mean, recomputed from dimensions and weights.
    composite_recomputed: Option<Score>,
    /// The threshold in force.
    threshold: Option<Score>,
    /// Whether the composite meets the threshold, as the event has it; absent without one.
    threshold_result: Option<bool>,
    /// Whether both composites, and what they mean for the threshold, are the same.
    consistent: bool,
    /// In words.
    summary: String,
    /// When.
    at: Timestamp,
}

/// The view `quality`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Quality {
    table: Table<QualityKey, QualityRow>,
    /// The evaluator step that a run is in: steps are sequential.
    evaluating: BTreeMap<RunId, Evaluating>,
}

/// An evaluator step that has begun: who evaluates, by which version of its configuration and which model.
type Evaluating = (StepId, Option<PersonaId>, Option<u32>, Option<String>);

impl Quality {
    fn begin(&mut self, run: RunId, e: &StepStarted) {
        if e.role == Role::Evaluator {
            self.evaluating.insert(run, (e.step, e.persona, e.persona_version, e.model.clone()));
        }
    }
    fn score(&mut self, run: RunId, e: &ScoresIssued, event: &Recorded) {
        let begun = self.evaluating.get(&run).filter(|(step, ..)| *step == e.step).cloned();
        let (_, persona, persona_version, model) = begun.unwrap_or((e.step, None, None, None));
        let recomputed = e.weights.composite(&e.scores);
        let meets = |composite: Score| e.threshold.map(|threshold| composite >= threshold);
        let row = QualityRow {
            project: event.meta.project,
            run,
            step: e.step,
            persona,
            persona_version,
            model,
            scores: e.scores.clone(),
            weights_version: e.weights.version,
            composite: e.composite,
            composite_recomputed: recomputed,
            threshold: e.threshold,
            threshold_result: e.threshold_result,
            consistent: recomputed == Some(e.composite) && meets(e.composite) == e.threshold_result,
            summary: e.summary.clone(),
            at: event.meta.when(),
        };
        self.table.insert(QualityKey { run, step: e.step }, row);
    }
}

impl View for Quality {
    const NAME: &'static str = "quality";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] =
        &["project", "run", "persona", "model", "weights_version", "threshold_result", "consistent"];
    const FIGURES: &'static [&'static str] = &["composite"];
    type Key = QualityKey;
    type Row = QualityRow;

    fn folds(event: &Event) -> bool {
        matches!(
            event,
            Event::Run(
                RunEvent::StepStarted(_)
                    | RunEvent::ScoresIssued(_)
                    | RunEvent::StepCompleted(_)
                    | RunEvent::StepFailed(_)
            )
        )
    }
    fn apply(&mut self, event: &Recorded) {
        let Event::Run(happened) = &event.event else { return };
        let run = RunId::from(event.meta.stream.id);
        match happened {
            RunEvent::StepStarted(e) => self.begin(run, e),
            RunEvent::ScoresIssued(e) => self.score(run, e, event),
            RunEvent::StepCompleted(_) | RunEvent::StepFailed(_) => {
                self.evaluating.remove(&run);
            }
            _ => {}
        }
    }
    fn figure(row: &QualityRow, name: &str) -> Option<f64> {
        (name == "composite").then(|| row.composite.as_f64())
    }
    fn table(&self) -> &Table<QualityKey, QualityRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<QualityKey, QualityRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use domain::run::{QualityWeights, StepCompleted};
    use expect_test::expect;

    use super::*;
    use crate::testing::{History, check, id, requested, started};

    fn score(number: f64) -> Score {
        Score::from_f64(number).unwrap()
    }
    fn issued(step: u64, composite: f64, result: Option<bool>) -> ScoresIssued {
        let (good, fair) = (score(90.0), score(50.0));
        let scores = QualityScores {
            correctness: good,
            type_safety: fair,
            code_style: fair,
            test_coverage: fair,
            completeness: fair,
        };
        ScoresIssued {
            step: id(step),
            scores,
            weights: QualityWeights { version: 4, correctness: 3, ..QualityWeights::EQUAL },
            composite: score(composite),
            threshold: Some(score(60.0)),
            threshold_result: result,
            summary: "fine".into(),
        }
    }

    #[test]
    fn scores_stand_beside_what_they_amount_to() {
        let followed =
            StepStarted { persona: Some(id(4)), persona_version: Some(2), ..started(1, Role::Evaluator) };
        let history = History::new()
            .run(1, requested("a"))
            .run(1, followed)
            .run(1, issued(1, 10.0, Some(false)))
            .run(1, issued(1, 67.14, Some(true)))
            .run(1, StepCompleted { step: id(1), output: None })
            .run(1, started(2, Role::Evaluator))
            .run(1, issued(2, 99.0, Some(true)))
            .run(1, issued(3, 67.14, Some(false)));
        check(
            "quality",
            &history,
            &expect![[r##"
            #01/#01; composite 67.14; composite_recomputed 67.14; persona_version 2; threshold 60.0; weights_version 4
              at: "07:00:03.000Z"
              consistent: true
              model: "opus"
              persona: "#04"
              project: "#01"
              run: "#01"
              scores: {"code_style":50.0,"completeness":50.0,"correctness":90.0,"test_coverage":50.0,"type_safety":50.0}
              step: "#01"
              summary: "fine"
              threshold_result: true
            #01/#02; composite 99.0; composite_recomputed 67.14; threshold 60.0; weights_version 4
              at: "07:00:06.000Z"
              consistent: false
              model: "opus"
              project: "#01"
              run: "#01"
              scores: {"code_style":50.0,"completeness":50.0,"correctness":90.0,"test_coverage":50.0,"type_safety":50.0}
              step: "#02"
              summary: "fine"
              threshold_result: true
            #01/#03; composite 67.14; composite_recomputed 67.14; threshold 60.0; weights_version 4
              at: "07:00:07.000Z"
              consistent: false
              project: "#01"
              run: "#01"
              scores: {"code_style":50.0,"completeness":50.0,"correctness":90.0,"test_coverage":50.0,"type_safety":50.0}
              step: "#03"
              summary: "fine"
              threshold_result: false
        "##]],
        );
    }

    #[test]
    fn keys_are_two_ids() {
        let key = QualityKey { run: id(1), step: id(2) };
        assert_eq!(key.to_string().parse::<QualityKey>().unwrap(), key);
        assert!("x/y".parse::<QualityKey>().is_err() && "x".parse::<QualityKey>().is_err());
    }
}
