//! Scores: how they are weighed, what a run's own score is, and how all of it is recomputed from events.
//!
//! A run is scored anew in the commit of each score, never at its end: so a run that fails, or that nobody
//! completes, has the score that its evaluators gave it, and completing a run cannot change what it is worth.

use std::collections::BTreeSet;

use super::*;

impl QualityWeights {
    /// Equal weights, in force where a project has no policy.
    pub const EQUAL: Self =
        Self { version: 0, correctness: 1, type_safety: 1, code_style: 1, test_coverage: 1, completeness: 1 };

    fn total(&self) -> u32 {
        [self.correctness, self.type_safety, self.code_style, self.test_coverage, self.completeness]
            .into_iter()
            .map(u32::from)
            .sum()
    }
    /// Weighted mean of the five dimensions, rounded to hundredths; `None` where all weights are 0.
    #[must_use]
    pub fn composite(&self, scores: &QualityScores) -> Option<Score> {
        let total = u64::from(self.total());
        let parts = [
            (scores.correctness, self.correctness),
            (scores.type_safety, self.type_safety),
            (scores.code_style, self.code_style),
            (scores.test_coverage, self.test_coverage),
            (scores.completeness, self.completeness),
        ];
        let sum: u64 =
            parts.iter().map(|(score, weight)| u64::from(score.units()) * u64::from(*weight)).sum();
        mean(sum, total)
    }
}

impl From<&crate::project::QualityPolicySet> for QualityWeights {
    fn from(policy: &crate::project::QualityPolicySet) -> Self {
        Self {
            version: policy.version,
            correctness: policy.weights.correctness,
            type_safety: policy.weights.type_safety,
            code_style: policy.weights.code_style,
            test_coverage: policy.weights.test_coverage,
            completeness: policy.weights.completeness,
        }
    }
}

/// `sum / count`, rounded half up, as a score.
fn mean(sum: u64, count: u64) -> Option<Score> {
    let rounded = (sum + count / 2).checked_div(count)?;
    u16::try_from(rounded).ok().and_then(Score::from_units)
}

/// Mean of the composites, as a run's own score; `None` where there is none.
fn quality_score(composites: impl Iterator<Item = Score>) -> Option<RunScored> {
    let (sum, count) =
        composites.fold((0_u64, 0_u64), |(sum, count), score| (sum + u64::from(score.units()), count + 1));
    let quality_score = mean(sum, count)?;
    Some(RunScored { quality_score, evaluators: u32::try_from(count).unwrap_or(u32::MAX) })
}

/// What the scores of a run amount to, by the raw dimensions, weights and thresholds alone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recomputed {
    /// Per evaluator step, as it scored last: the composite, and whether it meets the threshold.
    pub steps: BTreeMap<StepId, (Score, Option<bool>)>,
    /// The run's own score.
    pub run: Option<RunScored>,
}

/// Recomputes the scores of a run from its events, without believing what they say was computed.
#[must_use]
pub fn recompute<'a>(history: impl IntoIterator<Item = &'a RunEvent>) -> Recomputed {
    let mut steps = BTreeMap::new();
    for event in history {
        if let RunEvent::ScoresIssued(e) = event
            && let Some(composite) = e.weights.composite(&e.scores)
        {
            steps.insert(e.step, (composite, e.threshold.map(|threshold| composite >= threshold)));
        }
    }
    let run = quality_score(steps.values().map(|(composite, _)| *composite));
    Recomputed { steps, run }
}

impl Run {
    pub(super) fn issue_scores(
        &self,
        command: &IssueScores,
        others: &Others,
    ) -> Result<Vec<RunEvent>, Rejection> {
        self.step_with_role(command.step, &[Role::Evaluator], "scores")?;
        check::text("summary", &command.summary)?;
        let policy = self.project.and_then(|project| others.of::<Project>(project).ok()?.quality_policy());
        let of_persona = self.steps.get(&command.step).and_then(|step| step.quality_threshold);
        if let (Some(persona), Some(given)) = (of_persona, command.threshold)
            && persona != given
        {
            return Err(Rejection::invalid("threshold", format!("{persona}, as its persona has it"), given));
        }
        let of_project = policy.and_then(|policy| policy.threshold);
        let threshold = command.threshold.or(of_persona).or(of_project);
        let IssueScores { step, scores, weights, summary, .. } = command.clone();
        let weights = weights.unwrap_or_else(|| policy.map_or(QualityWeights::EQUAL, Into::into));
        let composite = weights
            .composite(&scores)
            .ok_or_else(|| Rejection::invalid("weights", "at least one weight above 0", "all 0"))?;
        let threshold_result = threshold.map(|threshold| composite >= threshold);
        // A step that scores again replaces its own score.
        let others = self.composites.iter().filter(|(other, _)| **other != step).map(|(_, score)| *score);
        let scored = quality_score(others.chain([composite])).expect("there is at least this composite");
        let issued = ScoresIssued { step, scores, weights, composite, threshold, threshold_result, summary };
        Ok(vec![issued.into(), scored.into()])
    }
    pub(super) fn issue_judgement(&self, command: &IssueJudgement) -> Result<RunEvent, Rejection> {
        self.step_with_role(command.step, &[Role::Judge], "judgement")?;
        check::text("rationale", &command.rationale)?;
        request::candidates(&command.candidates)?;
        let distinct: BTreeSet<_> = command.candidates.iter().collect();
        if !self.candidates.is_empty() && distinct != self.candidates.iter().collect() {
            let expected = format!("the {} the run was requested with", self.candidates.len());
            return Err(Rejection::invalid("candidates", expected, "others"));
        }
        if !distinct.contains(&command.winner) {
            return Err(Rejection::invalid("winner", "one of the candidates", &command.winner));
        }
        for note in &command.notes {
            check::text("notes", &note.note)?;
            if !distinct.contains(&note.candidate) {
                return Err(Rejection::invalid("notes", "notes on the candidates", &note.candidate));
            }
        }
        let IssueJudgement { step, candidates, winner, rationale, notes } = command.clone();
        Ok(JudgementIssued { step, candidates, winner, rationale, notes }.into())
    }
}
