//! A learning: what agents should do better, proposed, reviewed, and perhaps made global.

use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, ProjectId, RunId, SandboxId, StepId, StreamId, UserId};
use crate::terms::{LearningCategory, LearningSource, Role, Severity};
use crate::values::Share;
use crate::{Decider, Rejection, check};

mod layouts;

pub use layouts::*;

events! {
    /// Everything that can happen to a learning.
    pub enum LearningEvent {
        400 => LearningProposed 2 from 1: LearningProposedV1;
        401 => LearningEdited 2 from 1: LearningEditedV1;
        402 => LearningApproved 1;
        403 => LearningRejected 1;
        404 => LearningRetired 1;
        405 => LearningPromoted 2 from 1: LearningPromotedV1;
    }
}

commands! {
    /// What can be asked of a learning.
    pub enum LearningCommand {
        "propose" => ProposeLearning;
        "edit" => EditLearning;
        "approve" => ApproveLearning;
        "reject" => RejectLearning;
        "retire" => RetireLearning;
        "promote" => PromoteLearning;
    }
}

plain! {
    /// A learning was proposed; it waits for review.
    struct LearningProposed {
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
        /// The roles it applies to; every role where empty.
        roles: Vec<Role>,
    }
    /// A learning under review was reworded.
    struct LearningEdited {
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
        /// The roles it applies to; every role where empty.
        roles: Vec<Role>,
    }
    /// The learning applies from now on.
    struct LearningApproved {
        /// Who reviewed it.
        reviewer: Option<UserId>,
        /// A word of the reviewer.
        note: Option<String>,
    }
    /// The learning will not apply.
    struct LearningRejected {
        /// Who reviewed it.
        reviewer: Option<UserId>,
        /// Why.
        reason: String,
    }
    /// The learning applied, and no longer does.
    struct LearningRetired {
        /// Why.
        reason: String,
    }
    /// The learning applies in every project.
    struct LearningPromoted {
        /// The other projects where it was seen; unknown, and so empty, where it was promoted before they counted.
        seen_in: Vec<ProjectId>,
    }
}

plain! {
    /// Proposes a learning for review.
    struct ProposeLearning {
        /// The project it belongs to.
        project: ProjectId,
        /// What was learned; 1 byte to 64 KiB.
        description: String,
        /// When it applies; 1 byte to 64 KiB.
        trigger: String,
        /// What to do then; 1 byte to 64 KiB.
        correct_behaviour: String,
        /// How much it matters.
        severity: Severity,
        /// What it is about.
        category: LearningCategory,
        /// How sure its author is, 0 to 1.
        confidence: Share,
        /// Where it comes from.
        source: LearningSource,
        /// The run it comes from.
        run: Option<RunId>,
        /// The step of that run; only beside `run`.
        step: Option<StepId>,
        /// The sandbox it comes from.
        sandbox: Option<SandboxId>,
        /// The roles it applies to, each once; every role where absent.
        #[serde(default)]
        roles: Vec<Role>,
    }
    /// Rewords a learning that waits for review; every field is replaced.
    struct EditLearning {
        /// What was learned; 1 byte to 64 KiB.
        description: String,
        /// When it applies; 1 byte to 64 KiB.
        trigger: String,
        /// What to do then; 1 byte to 64 KiB.
        correct_behaviour: String,
        /// How much it matters.
        severity: Severity,
        /// What it is about.
        category: LearningCategory,
        /// How sure its author is, 0 to 1.
        confidence: Share,
        /// The roles it applies to, each once; every role where absent.
        #[serde(default)]
        roles: Vec<Role>,
    }
    /// Lets a learning that waits for review apply.
    struct ApproveLearning {
        /// Who reviewed it.
        reviewer: Option<UserId>,
        /// A word of the reviewer.
        note: Option<String>,
    }
    /// Turns down a learning that waits for review.
    struct RejectLearning {
        /// Who reviewed it.
        reviewer: Option<UserId>,
        /// Why.
        reason: String,
    }
    /// Ends an approved learning.
    struct RetireLearning {
        /// Why.
        reason: String,
    }
    /// Makes an approved learning that several projects have seen apply in every project.
    struct PromoteLearning {
        /// The other projects where it was seen: 1 to 100, each once. They are recorded, not looked up.
        seen_in: Vec<ProjectId>,
    }
}

/// Longest text of a learning, in bytes.
pub const LEARNING_TEXT_MAX_BYTES: usize = 64 * 1024;

/// Most other projects that a promotion names.
pub const SEEN_IN_MAX: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Pending,
    Approved {
        global: bool,
    },
    Rejected,
    Retired,
}

impl Phase {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Pending => "pending",
            Self::Approved { global: false } => "approved",
            Self::Approved { global: true } => "approved and global",
            Self::Rejected => "rejected",
            Self::Retired => "retired",
        }
    }
}

/// What an approved learning says to agents.
#[derive(Debug, Clone, PartialEq)]
pub struct Wording {
    /// What was learned.
    pub description: String,
    /// When it applies.
    pub trigger: String,
    /// What to do then.
    pub correct_behaviour: String,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about.
    pub category: LearningCategory,
    /// The roles it applies to; every role where empty.
    pub roles: Vec<Role>,
}

/// A learning: how it stands, and what it says, for documents are compiled from it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Learning {
    project: Option<ProjectId>,
    phase: Phase,
    wording: Option<Wording>,
}

impl Learning {
    /// What it says, once it is approved and for as long as it is.
    ///
    /// # Errors
    /// It is not approved.
    pub fn approved(&self) -> Result<&Wording, Rejection> {
        match (self.phase, &self.wording) {
            (Phase::Approved { .. }, Some(wording)) => Ok(wording),
            _ => Err(self.refuse("approved")),
        }
    }
    fn refuse(&self, expected: &'static str) -> Rejection {
        match self.phase {
            Phase::Missing => Rejection::NotFound { aggregate: "learning" },
            phase => Rejection::illegal("learning", expected, phase.as_str()),
        }
    }
    fn expect_pending(&self) -> Result<(), Rejection> {
        if self.phase == Phase::Pending { Ok(()) } else { Err(self.refuse("pending")) }
    }
    fn propose(&self, command: &ProposeLearning) -> Result<LearningEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "learning".into() });
        }
        texts(&command.description, &command.trigger, &command.correct_behaviour)?;
        if let (None, Some(step)) = (command.run, command.step) {
            return Err(Rejection::invalid("step", "absent where run is", step));
        }
        check::each_once("roles", &command.roles)?;
        let command = command.clone();
        Ok(LearningProposed {
            project: command.project,
            description: command.description,
            trigger: command.trigger,
            correct_behaviour: command.correct_behaviour,
            severity: command.severity,
            category: command.category,
            confidence: command.confidence,
            source: command.source,
            run: command.run,
            step: command.step,
            sandbox: command.sandbox,
            roles: command.roles,
        }
        .into())
    }
    fn edit(&self, command: &EditLearning) -> Result<LearningEvent, Rejection> {
        self.expect_pending()?;
        texts(&command.description, &command.trigger, &command.correct_behaviour)?;
        check::each_once("roles", &command.roles)?;
        let c = command.clone();
        Ok(LearningEdited {
            description: c.description,
            trigger: c.trigger,
            correct_behaviour: c.correct_behaviour,
            severity: c.severity,
            category: c.category,
            confidence: c.confidence,
            roles: c.roles,
        }
        .into())
    }
    fn approve(&self, command: &ApproveLearning) -> Result<LearningEvent, Rejection> {
        self.expect_pending()?;
        check::text("note", command.note.as_deref().unwrap_or_default())?;
        Ok(LearningApproved { reviewer: command.reviewer, note: command.note.clone() }.into())
    }
    fn reject(&self, command: &RejectLearning) -> Result<LearningEvent, Rejection> {
        self.expect_pending()?;
        check::filled("reason", &command.reason)?;
        Ok(LearningRejected { reviewer: command.reviewer, reason: command.reason.clone() }.into())
    }
    fn retire(&self, command: &RetireLearning) -> Result<LearningEvent, Rejection> {
        match self.phase {
            Phase::Approved { .. } => check::filled("reason", &command.reason)?,
            _ => return Err(self.refuse("approved")),
        }
        Ok(LearningRetired { reason: command.reason.clone() }.into())
    }
    fn promote(&self, command: &PromoteLearning) -> Result<LearningEvent, Rejection> {
        if self.phase != (Phase::Approved { global: false }) {
            return Err(self.refuse("approved and not yet global"));
        }
        check::some_of("seen_in", &command.seen_in, SEEN_IN_MAX)?;
        check::each_once("seen_in", &command.seen_in)?;
        if let Some(own) = self.project.filter(|own| command.seen_in.contains(own)) {
            return Err(Rejection::invalid("seen_in", "projects other than its own", own));
        }
        Ok(LearningPromoted { seen_in: command.seen_in.clone() }.into())
    }
}

fn texts(description: &str, trigger: &str, correct_behaviour: &str) -> Result<(), Rejection> {
    let fields =
        [("description", description), ("trigger", trigger), ("correct_behaviour", correct_behaviour)];
    for (field, value) in fields {
        check::filled(field, value)?;
        check::range(field, value.len(), &(1..=LEARNING_TEXT_MAX_BYTES), "bytes")?;
    }
    Ok(())
}

impl Decider for Learning {
    const CATEGORY: Category = Category(4);
    type Command = LearningCommand;
    type Event = LearningEvent;

    fn decide(&self, command: &LearningCommand) -> Result<Vec<LearningEvent>, Rejection> {
        let event = match command {
            LearningCommand::ProposeLearning(c) => self.propose(c)?,
            LearningCommand::EditLearning(c) => self.edit(c)?,
            LearningCommand::ApproveLearning(c) => self.approve(c)?,
            LearningCommand::RejectLearning(c) => self.reject(c)?,
            LearningCommand::RetireLearning(c) => self.retire(c)?,
            LearningCommand::PromoteLearning(c) => self.promote(c)?,
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &LearningEvent) {
        match event {
            LearningEvent::LearningProposed(e) => {
                let wording = Wording {
                    description: e.description.clone(),
                    trigger: e.trigger.clone(),
                    correct_behaviour: e.correct_behaviour.clone(),
                    severity: e.severity,
                    category: e.category,
                    roles: e.roles.clone(),
                };
                *self = Self { project: Some(e.project), phase: Phase::Pending, wording: Some(wording) };
            }
            LearningEvent::LearningEdited(e) => {
                self.wording = Some(Wording {
                    description: e.description.clone(),
                    trigger: e.trigger.clone(),
                    correct_behaviour: e.correct_behaviour.clone(),
                    severity: e.severity,
                    category: e.category,
                    roles: e.roles.clone(),
                });
            }
            LearningEvent::LearningApproved(_) => self.phase = Phase::Approved { global: false },
            LearningEvent::LearningRejected(_) => self.phase = Phase::Rejected,
            LearningEvent::LearningRetired(_) => self.phase = Phase::Retired,
            LearningEvent::LearningPromoted(_) => self.phase = Phase::Approved { global: true },
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn is_global(&self) -> bool {
        self.phase == (Phase::Approved { global: true })
    }

    fn references(command: &LearningCommand) -> Vec<StreamId> {
        match command {
            LearningCommand::ProposeLearning(c) => vec![c.project.into()],
            _ => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<LearningEvent> {
    let proposed = LearningProposed {
        project: ProjectId::from_bytes([1; 16]),
        description: "The test database is shared".into(),
        trigger: "a test writes to the database".into(),
        correct_behaviour: "use a schema of its own per test".into(),
        severity: Severity::Important,
        category: LearningCategory::Gotcha,
        confidence: Share::from_units(8_500).expect("0.85 is a share"),
        source: LearningSource::Agent,
        run: Some(RunId::from_bytes([2; 16])),
        step: Some(StepId::from_bytes([3; 16])),
        sandbox: Some(SandboxId::from_bytes([4; 16])),
        roles: vec![Role::Designer, Role::Checker],
    };
    let by_hand = LearningProposed {
        source: LearningSource::Human,
        run: None,
        step: None,
        sandbox: None,
        roles: vec![],
        ..proposed.clone()
    };
    let reviewer = Some(UserId::from_bytes([5; 16]));
    vec![
        proposed.into(),
        by_hand.into(),
        LearningEdited {
            description: "Tests share one database".into(),
            trigger: "a test writes".into(),
            correct_behaviour: "one schema per test".into(),
            severity: Severity::Critical,
            category: LearningCategory::Architecture,
            confidence: Share::default(),
            roles: vec![Role::Designer],
        }
        .into(),
        LearningApproved { reviewer, note: Some("seen twice".into()) }.into(),
        LearningApproved { reviewer: None, note: None }.into(),
        LearningRejected { reviewer, reason: "true of one test only".into() }.into(),
        LearningRejected { reviewer: None, reason: "duplicate".into() }.into(),
        LearningRetired { reason: "the database is gone".into() }.into(),
        LearningPromoted { seen_in: vec![ProjectId::from_bytes([6; 16])] }.into(),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{
        Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with,
    };

    fn wording() -> Value {
        json!({
            "description": "d", "trigger": "t", "correct_behaviour": "c",
            "severity": "minor", "category": "tool", "confidence": 0.5, "roles": ["checker"],
        })
    }
    fn proposal() -> Value {
        with(&wording(), &json!({ "project": id(1), "source": "human" }))
    }
    fn seen() -> Value {
        json!({ "seen_in": [id(7), id(8)] })
    }
    fn pending() -> Given<Learning> {
        given([]).and_json("propose", &proposal())
    }
    fn approved() -> Given<Learning> {
        pending().and(ApproveLearning { reviewer: None, note: None })
    }

    #[test]
    fn every_command_is_accepted_where_it_fits() {
        let origin = json!({ "source": "agent", "run": id(2), "step": id(3), "sandbox": id(4) });
        let traced = with(&proposal(), &origin);
        let (noted, reasoned) =
            (json!({ "reviewer": id(5), "note": "n" }), json!({ "reviewer": id(5), "reason": "r" }));
        let reason = json!({ "reason": "r" });
        let bounds = |confidence: f64| with(&wording(), &json!({ "confidence": confidence }));
        check_accepted::<Learning>(vec![
            (given([]), "propose", traced.clone(), vec![("LearningProposed", traced)]),
            (given([]), "propose", proposal(), vec![("LearningProposed", proposal())]),
            (pending(), "edit", bounds(0.0), vec![("LearningEdited", bounds(0.0))]),
            (pending(), "edit", bounds(1.0), vec![("LearningEdited", bounds(1.0))]),
            (pending(), "approve", noted.clone(), vec![("LearningApproved", noted)]),
            (pending(), "approve", json!({}), vec![("LearningApproved", json!({}))]),
            (pending(), "reject", reasoned.clone(), vec![("LearningRejected", reasoned)]),
            (approved(), "retire", reason.clone(), vec![("LearningRetired", reason.clone())]),
            (approved(), "promote", seen(), vec![("LearningPromoted", seen())]),
            (
                approved().and_json("promote", &seen()),
                "retire",
                reason.clone(),
                vec![("LearningRetired", reason)],
            ),
        ]);
    }

    #[test]
    fn the_lifecycle_has_no_other_ways() {
        let reason = || String::from("r");
        let phases = [
            ("does not exist", given([])),
            ("but it is pending", pending()),
            ("but it is approved", approved()),
            ("but it is approved and global", approved().and_json("promote", &seen())),
            ("but it is rejected", pending().and(RejectLearning { reviewer: None, reason: reason() })),
            ("but it is retired", approved().and(RetireLearning { reason: reason() })),
        ];
        //             missing, pending, approved, global, rejected, retired
        let ways: [(LearningCommand, [bool; 6]); 5] = [
            (command("edit", &wording()), [false, true, false, false, false, false]),
            (command("approve", &json!({})), [false, true, false, false, false, false]),
            (command("reject", &json!({ "reason": "r" })), [false, true, false, false, false, false]),
            (command("retire", &json!({ "reason": "r" })), [false, false, true, true, false, false]),
            (command("promote", &seen()), [false, false, true, false, false, false]),
        ];
        for (command, allowed) in ways {
            for ((refusal, phase), allowed) in phases.iter().zip(allowed) {
                phase.when(command.clone()).accepted_if(allowed, refusal);
            }
        }
        for (_, phase) in &phases[1..] {
            phase.when_json("propose", &proposal()).refused("learning exists already");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (none, pending, approved) = (given([]), pending(), approved());
        let long = "x".repeat(LEARNING_TEXT_MAX_BYTES + 1);
        let huge = "x".repeat(check::TEXT_MAX_BYTES + 1);
        let proposed = |changes| with(&proposal(), &changes);
        let edited = |changes| with(&wording(), &changes);
        check_refused(vec![
            (
                &none,
                "propose",
                proposed(json!({ "description": "" })),
                "`description`: expected a text that is not blank",
            ),
            (&none, "propose", proposed(json!({ "trigger": " \n" })), "`trigger`: expected a text"),
            (
                &none,
                "propose",
                proposed(json!({ "correct_behaviour": long })),
                "`correct_behaviour`: expected 1 to 65536",
            ),
            (&none, "propose", proposed(json!({ "step": id(3) })), "`step`: expected absent where run is"),
            (
                &pending,
                "edit",
                edited(json!({ "description": long })),
                "`description`: expected 1 to 65536 bytes",
            ),
            (&pending, "edit", edited(json!({ "trigger": "" })), "`trigger`"),
            (&pending, "approve", json!({ "note": huge }), "`note`: expected at most 524288 bytes"),
            (&pending, "reject", json!({ "reason": "" }), "`reason`: expected a text that is not blank"),
            (&approved, "retire", json!({ "reason": " " }), "`reason`: expected a text that is not blank"),
            (
                &none,
                "propose",
                proposed(json!({ "roles": ["judge", "judge"] })),
                "`roles`: expected each item once",
            ),
            (
                &pending,
                "edit",
                edited(json!({ "roles": ["judge", "judge"] })),
                "`roles`: expected each item once",
            ),
            (
                &approved,
                "promote",
                json!({ "seen_in": [] }),
                "`seen_in`: expected 1 to 100 items, got `0 items`",
            ),
            (
                &approved,
                "promote",
                json!({ "seen_in": [id(7), id(7)] }),
                "`seen_in`: expected each item once",
            ),
            (
                &approved,
                "promote",
                json!({ "seen_in": [id(1)] }),
                "`seen_in`: expected projects other than its own",
            ),
        ]);
        let exact = "x".repeat(LEARNING_TEXT_MAX_BYTES);
        none.when_json("propose", &proposed(json!({ "description": exact }))).accepted();
    }

    #[test]
    fn a_confidence_outside_0_to_1_is_no_command() {
        use crate::catalogue::CommandFamily;
        for confidence in ["-0.1", "1.01", "\"high\"", "null"] {
            let body = wording().to_string().replace("0.5", confidence);
            assert!(LearningCommand::parse("edit", body.as_bytes()).is_err(), "{confidence}");
        }
    }

    #[test]
    fn layouts_that_said_nothing_of_roles_are_still_read() {
        use crate::catalogue::{EventFamily, encode};
        use crate::ids::{SchemaVersion, TypeId};
        let old = LearningEditedV1 {
            description: "d".into(),
            trigger: "t".into(),
            correct_behaviour: "c".into(),
            severity: Severity::Minor,
            category: LearningCategory::Tool,
            confidence: Share::default(),
        };
        let read = |type_id, bytes: &[u8]| LearningEvent::decode(TypeId(type_id), SchemaVersion(1), bytes);
        let edited = LearningEdited::from(old.clone());
        assert_eq!(edited.roles, []);
        assert_eq!(read(401, &encode(&old)), Ok(edited.into()));
        assert_eq!(read(405, &[]), Ok(LearningPromoted { seen_in: vec![] }.into()));
    }

    #[test]
    fn what_it_says_is_at_hand_while_it_is_approved() {
        assert_eq!(
            pending().state().approved().unwrap_err().to_string(),
            "expected learning to be approved, but it is pending"
        );
        let worded = pending().and_json("edit", &with(&wording(), &json!({ "description": "better" })));
        let approved = worded.and(ApproveLearning { reviewer: None, note: None });
        assert_eq!(approved.state().approved().unwrap().description, "better");
        assert!(approved.and(RetireLearning { reason: "r".into() }).state().approved().is_err());
    }

    #[test]
    fn it_names_its_project() {
        assert_eq!(pending().state().project(), Some(ProjectId::from_bytes([1; 16])));
        let propose: LearningCommand = command("propose", &proposal());
        assert_eq!(Learning::references(&propose), [ProjectId::from_bytes([1; 16]).into()]);
        assert_eq!(Learning::references(&RejectLearning { reviewer: None, reason: "r".into() }.into()), []);
    }

    #[test]
    fn any_order_of_commands_folds_alike() {
        let commands = [
            ("propose", proposal()),
            ("edit", wording()),
            ("approve", json!({})),
            ("reject", json!({ "reason": "r" })),
            ("retire", json!({ "reason": "r" })),
            ("promote", seen()),
            ("promote", seen()),
        ];
        check_any_order::<Learning>(&given([]), &pool(&commands), |history| {
            let count = |of: fn(&LearningEvent) -> bool| history.iter().filter(|event| of(event)).count();
            let reviews = count(|event| {
                matches!(event, LearningEvent::LearningApproved(_) | LearningEvent::LearningRejected(_))
            });
            assert!(reviews <= 1, "it is reviewed once");
            assert!(
                count(|event| matches!(event, LearningEvent::LearningPromoted(_))) <= 1,
                "it is promoted once"
            );
        });
    }
}
