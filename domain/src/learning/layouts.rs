//! Layouts of a learning's events that are still read, and how each becomes today's.

use super::{
    LearningCategory, LearningEdited, LearningPromoted, LearningProposed, LearningSource, ProjectId, RunId,
    SandboxId, Severity, Share, StepId, plain,
};

plain! {
    /// Layout 1 of [`LearningProposed`]: it said nothing of roles.
    struct LearningProposedV1 {
        /// The project it belongs to.
        project: ProjectId,
        /// What was learned.
        description: String,
        /// When it applies.
        trigger: String,
        /// What to do then.
        correct_behaviour: String,
        /// How much it matters.
        severity: Severity,
        /// What it is about.
        category: LearningCategory,
        /// How sure its author is, 0 to 1.
        confidence: Share,
        /// Where it came from.
        source: LearningSource,
        /// The run it came from.
        run: Option<RunId>,
        /// The step of that run.
        step: Option<StepId>,
        /// The sandbox it came from.
        sandbox: Option<SandboxId>,
    }
    /// Layout 1 of [`LearningEdited`]: it said nothing of roles.
    struct LearningEditedV1 {
        /// What was learned.
        description: String,
        /// When it applies.
        trigger: String,
        /// What to do then.
        correct_behaviour: String,
        /// How much it matters.
        severity: Severity,
        /// What it is about.
        category: LearningCategory,
        /// How sure its author is, 0 to 1.
        confidence: Share,
    }
    /// Layout 1 of [`LearningPromoted`]: it did not say where else the learning was seen.
    struct LearningPromotedV1 {}
}

impl From<LearningProposedV1> for LearningProposed {
    fn from(old: LearningProposedV1) -> Self {
        Self {
            project: old.project,
            description: old.description,
            trigger: old.trigger,
            correct_behaviour: old.correct_behaviour,
            severity: old.severity,
            category: old.category,
            confidence: old.confidence,
            source: old.source,
            run: old.run,
            step: old.step,
            sandbox: old.sandbox,
            roles: Vec::new(),
        }
    }
}

impl From<LearningEditedV1> for LearningEdited {
    fn from(old: LearningEditedV1) -> Self {
        let LearningEditedV1 { description, trigger, correct_behaviour, severity, category, confidence } =
            old;
        Self { description, trigger, correct_behaviour, severity, category, confidence, roles: Vec::new() }
    }
}

impl From<LearningPromotedV1> for LearningPromoted {
    fn from(_: LearningPromotedV1) -> Self {
        Self { seen_in: Vec::new() }
    }
}
