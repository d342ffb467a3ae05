//! Learnings as lists show them: what each says, how it stands, who reviewed it.

use domain::Event;
use domain::ids::{LearningId, ProjectId, RunId, SandboxId, StepId, StreamId, UserId};
use domain::learning::{LearningEvent, LearningProposed};
use domain::terms::{LearningCategory, LearningSource, Role, Severity};
use domain::values::{Share, Timestamp};

use crate::listed::{ListRow, rows, states};

states! {
    /// How a learning stands.
    LearningStatus {
        /// Waits for a review.
        Pending,
        /// Applies in its project, or everywhere where it is global.
        Approved,
        /// Turned down.
        Rejected,
        /// Applied once.
        Retired,
    }
}

rows! {
    /// A learning.
    struct LearningRow {
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
        /// How sure its author is.
        confidence: Share,
        /// The roles it applies to; every role where empty.
        roles: Vec<Role>,
        /// Where it came from.
        source: LearningSource,
        /// The run it came from.
        run: Option<RunId>,
        /// The step of that run.
        step: Option<StepId>,
        /// The sandbox it came from.
        sandbox: Option<SandboxId>,
        /// How it stands.
        status: LearningStatus,
        /// Whether it applies in every project.
        global: bool,
        /// The other projects where it was seen.
        seen_in: Vec<ProjectId>,
        /// Who reviewed it.
        reviewer: Option<UserId>,
        /// What was said with its review or its end.
        note: Option<String>,
        /// When it was proposed.
        created_at: Timestamp,
        /// When it was reviewed.
        reviewed_at: Option<Timestamp>,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

impl LearningRow {
    pub(crate) fn new(e: &LearningProposed, at: Timestamp) -> Self {
        Self {
            project: e.project,
            description: e.description.clone(),
            trigger: e.trigger.clone(),
            correct_behaviour: e.correct_behaviour.clone(),
            severity: e.severity,
            category: e.category,
            confidence: e.confidence,
            roles: e.roles.clone(),
            source: e.source,
            run: e.run,
            step: e.step,
            sandbox: e.sandbox,
            status: LearningStatus::Pending,
            global: false,
            seen_in: vec![],
            reviewer: None,
            note: None,
            created_at: at,
            reviewed_at: None,
            updated_at: at,
        }
    }
    fn review(
        &mut self,
        status: LearningStatus,
        reviewer: Option<UserId>,
        note: Option<&str>,
        at: Timestamp,
    ) {
        (self.status, self.reviewer, self.reviewed_at) = (status, reviewer, Some(at));
        self.note = note.map(str::to_owned);
    }
    pub(crate) fn change(&mut self, event: &LearningEvent, at: Timestamp) {
        self.updated_at = at;
        match event {
            LearningEvent::LearningProposed(_) => {}
            LearningEvent::LearningEdited(e) => {
                self.description.clone_from(&e.description);
                self.trigger.clone_from(&e.trigger);
                self.correct_behaviour.clone_from(&e.correct_behaviour);
                (self.severity, self.category, self.confidence) = (e.severity, e.category, e.confidence);
                self.roles.clone_from(&e.roles);
            }
            LearningEvent::LearningApproved(e) => {
                self.review(LearningStatus::Approved, e.reviewer, e.note.as_deref(), at);
            }
            LearningEvent::LearningRejected(e) => {
                self.review(LearningStatus::Rejected, e.reviewer, Some(&e.reason), at);
            }
            LearningEvent::LearningRetired(e) => {
                (self.status, self.note) = (LearningStatus::Retired, Some(e.reason.clone()));
            }
            LearningEvent::LearningPromoted(e) => {
                self.global = true;
                self.seen_in.clone_from(&e.seen_in);
            }
        }
    }
}

impl ListRow for LearningRow {
    const NAME: &'static str = "learnings";
    const VERSION: u32 = 1;
    const FILTERS: &'static [&'static str] =
        &["project", "status", "severity", "category", "source", "global", "run"];
    type Key = LearningId;

    fn key(stream: StreamId) -> LearningId {
        stream.id.into()
    }
    fn concerns(event: &Event) -> bool {
        matches!(event, Event::Learning(_))
    }
    fn open(event: &Event, at: Timestamp) -> Option<Self> {
        let Event::Learning(LearningEvent::LearningProposed(e)) = event else { return None };
        Some(Self::new(e, at))
    }
    fn apply(&mut self, event: &Event, at: Timestamp) {
        if let Event::Learning(event) = event {
            self.change(event, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn a_learning_shows_its_review_and_its_reach() {
        let of = |history: History, name| history.any(id::<super::LearningId>(1).into(), sample(name));
        let names = ["LearningProposed", "LearningEdited", "LearningApproved", "LearningPromoted"];
        check(
            "learnings",
            &names.into_iter().fold(History::new(), of),
            &expect![[r##"
            #01
              category: "architecture"
              correct_behaviour: "one schema per test"
              created_at: "07:00:00.000Z"
              description: "Tests share one database"
              global: true
              note: "seen twice"
              project: "01040G2081040G2081040G2081"
              reviewed_at: "07:00:02.000Z"
              reviewer: "050M2GA1850M2GA1850M2GA185"
              roles: ["designer"]
              run: "02081040G2081040G2081040G2"
              sandbox: "040G2081040G2081040G208104"
              seen_in: ["060R30C1G60R30C1G60R30C1G6"]
              severity: "critical"
              source: "agent"
              status: "approved"
              step: "030C1G60R30C1G60R30C1G60R3"
              trigger: "a test writes"
              updated_at: "07:00:03.000Z"
        "##]],
        );
    }
}
