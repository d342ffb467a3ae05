//! The words that metric definitions are made of. The lists only grow: their order is stored.

use crate::ids::IdError;
use crate::terms::words;

words! {
    /// What a metric counts.
    MetricSource {
        /// Verdicts, each once.
        Verdicts = "verdicts",
        /// Runs, as they stand.
        Runs = "runs",
        /// Steps that ended.
        Steps = "steps",
        /// Records of usage, each once.
        Usage = "usage",
        /// Scores of evaluators, each once.
        Scores = "scores",
        /// The checks of continuous integration of each run, as polled last.
        CiChecks = "ci_checks",
        /// Learnings, as they stand.
        Learnings = "learnings",
    }
    /// What a metric may be told apart by.
    MetricDimension {
        /// The project, by id.
        Project = "project",
        /// The workflow that the run follows, by id.
        Workflow = "workflow",
        /// The model: that of a step or of usage itself; elsewhere the one that made the work which is judged.
        Model = "model",
        /// The persona, by id; as with the model.
        Persona = "persona",
        /// The role of the step.
        Role = "role",
        /// The day in UTC, as `2026-11-21`.
        Day = "day",
        /// The learning version that the run was asked for with.
        LearningVersion = "learning_version",
    }
    /// What is known of an item.
    MetricField {
        /// Whether the work passes: a verdict, the last verdict of a run, a check that has ended.
        Pass = "pass",
        /// The verdict's number in its run, from 1.
        Verdict = "verdict",
        /// How it stands, in the words of its kind.
        Status = "status",
        /// Verdicts of a run up to the first that passed, that one included.
        LoopsToPass = "loops_to_pass",
        /// Whether a loop of a run that has verdicts or loops was forced on.
        ForcedOn = "forced_on",
        /// Whether the verdict of a checker's or reviewer's step could not be read.
        VerdictUnparseable = "verdict_unparseable",
        /// What kind of failure ended the step.
        Failure = "failure",
        /// The role of the step.
        Role = "role",
        /// From start to end, in milliseconds.
        DurationMs = "duration_ms",
        /// US dollars; unknown where the cost of a part is unknown.
        CostUsd = "cost_usd",
        /// Model calls; unknown where 0 stands for it.
        Calls = "calls",
        /// Tokens in, without the cached ones.
        InputTokens = "input_tokens",
        /// Tokens out.
        OutputTokens = "output_tokens",
        /// Tokens read from the cache.
        CacheReadTokens = "cache_read_tokens",
        /// Tokens written to the cache.
        CacheWriteTokens = "cache_write_tokens",
        /// Score of a dimension, 0 to 100.
        Correctness = "correctness",
        /// Score of a dimension, 0 to 100.
        TypeSafety = "type_safety",
        /// Score of a dimension, 0 to 100.
        CodeStyle = "code_style",
        /// Score of a dimension, 0 to 100.
        TestCoverage = "test_coverage",
        /// Score of a dimension, 0 to 100.
        Completeness = "completeness",
        /// The composite as it was issued, 0 to 100.
        Composite = "composite",
        /// Whether the composite met the threshold in force.
        ThresholdMet = "threshold_met",
        /// How much a learning matters.
        Severity = "severity",
        /// Whether a learning that was decided on was approved.
        Approved = "approved",
        /// Name of a check.
        Check = "check",
        /// The model, as the dimension has it.
        Model = "model",
        /// The persona's id, as the dimension has it.
        Persona = "persona",
        /// The workflow's id.
        Workflow = "workflow",
    }
    /// How a field stands to a value.
    Comparison {
        /// The same.
        Is = "is",
        /// Not the same.
        IsNot = "is_not",
        /// A number that is no less.
        AtLeast = "at_least",
        /// A number that is no more.
        AtMost = "at_most",
    }
    /// What is made of the items of a group.
    Aggregation {
        /// How many there are.
        Count = "count",
        /// Sum of a field.
        Sum = "sum",
        /// Mean of a field.
        Mean = "mean",
        /// Share of items that a predicate holds for.
        Rate = "rate",
        /// Sum of a field, divided by the number of items that a predicate holds for.
        Per = "per",
        /// Median of a field, by nearest rank.
        P50 = "p50",
        /// 90th percentile of a field, by nearest rank.
        P90 = "p90",
        /// 99th percentile of a field, by nearest rank.
        P99 = "p99",
        /// Weighted mean of several fields.
        Composite = "composite",
    }
}

/// What values a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Flag,
    /// A number.
    Number,
    /// A word or name.
    Word,
}

impl MetricField {
    /// What values it has.
    #[must_use]
    pub const fn kind(self) -> Kind {
        use MetricField as F;
        match self {
            F::Pass | F::ForcedOn | F::VerdictUnparseable | F::ThresholdMet | F::Approved => Kind::Flag,
            F::Status
            | F::Failure
            | F::Role
            | F::Severity
            | F::Check
            | F::Model
            | F::Persona
            | F::Workflow => Kind::Word,
            _ => Kind::Number,
        }
    }
    /// Whether items of that source have it.
    #[must_use]
    pub const fn is_of(self, source: MetricSource) -> bool {
        use MetricField as F;
        use MetricSource as S;
        match self {
            F::Pass => matches!(source, S::Verdicts | S::Runs | S::CiChecks),
            F::Verdict => matches!(source, S::Verdicts),
            F::Status => matches!(source, S::Runs | S::Steps | S::CiChecks | S::Learnings),
            F::LoopsToPass | F::ForcedOn => matches!(source, S::Runs),
            F::VerdictUnparseable | F::Failure => matches!(source, S::Steps),
            F::Role => matches!(source, S::Steps | S::Usage),
            F::DurationMs => matches!(source, S::Runs | S::Steps),
            F::CostUsd
            | F::Calls
            | F::InputTokens
            | F::OutputTokens
            | F::CacheReadTokens
            | F::CacheWriteTokens => matches!(source, S::Runs | S::Steps | S::Usage),
            F::Correctness
            | F::TypeSafety
            | F::CodeStyle
            | F::TestCoverage
            | F::Completeness
            | F::Composite
            | F::ThresholdMet => matches!(source, S::Scores),
            F::Severity | F::Approved => matches!(source, S::Learnings),
            F::Check => matches!(source, S::CiChecks),
            F::Model | F::Persona | F::Workflow => !matches!(source, S::Learnings),
        }
    }
}

impl Aggregation {
    /// Whether it is of one field.
    #[must_use]
    pub const fn wants_field(self) -> bool {
        matches!(self, Self::Sum | Self::Mean | Self::Per | Self::P50 | Self::P90 | Self::P99)
    }
    /// Whether it asks a predicate of each item.
    #[must_use]
    pub const fn wants_predicate(self) -> bool {
        matches!(self, Self::Rate | Self::Per)
    }
}

impl std::str::FromStr for MetricDimension {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let found = Self::ALL.iter().find(|dimension| dimension.as_str() == text);
        let known = || Self::ALL.iter().map(|dimension| dimension.as_str()).collect::<Vec<_>>().join(", ");
        found.copied().ok_or_else(|| IdError::new(format!("one of {}", known()), text))
    }
}
