//! An experiment: one prompt under several configurations, the runs that try them, and which of them won.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, ProjectId, RunId, StreamId, WorkflowId};
use crate::{Decider, Rejection, check};

events! {
    /// Everything that can happen to an experiment.
    pub enum ExperimentEvent {
        4300 => ExperimentOpened 1;
        4301 => ExperimentRunAdded 1;
        4302 => ExperimentSettled 1;
        4303 => ExperimentAbandoned 1;
    }
}

commands! {
    /// What can be asked of an experiment.
    pub enum ExperimentCommand {
        "open" => OpenExperiment;
        "add-run" => AddExperimentRun;
        "settle" => SettleExperiment;
        "abandon" => AbandonExperiment;
    }
}

plain! {
    /// A configuration that an experiment tries.
    struct Variant {
        /// Its name in the experiment, such as `opus`.
        name: String,
        /// The workflow that its runs follow.
        workflow: Option<WorkflowId>,
        /// The model that its runs ask for.
        model: Option<String>,
        /// What else is different, in words; one line.
        note: Option<String>,
    }
    /// An experiment was opened.
    struct ExperimentOpened {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name for lists.
        title: String,
        /// The prompt that all its runs have.
        prompt: String,
        /// What it tries.
        variants: Vec<Variant>,
    }
    /// A run tries a configuration.
    struct ExperimentRunAdded {
        /// The variant's name.
        variant: String,
        /// The run.
        run: RunId,
    }
    /// A configuration won.
    struct ExperimentSettled {
        /// The variant's name.
        winner: String,
        /// Why.
        rationale: String,
        /// The run whose judge said so.
        judged_by: Option<RunId>,
    }
    /// The experiment ended without a winner.
    struct ExperimentAbandoned {
        /// Why.
        reason: String,
    }
}

plain! {
    /// Opens an experiment. Its runs name it as their origin.
    struct OpenExperiment {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name for lists; one line.
        title: String,
        /// The prompt that all its runs have; 1 byte to 512 KiB.
        prompt: String,
        /// What it tries: 2 to 20, each name once.
        variants: Vec<Variant>,
    }
    /// Records that a run tries a configuration; each run once, at most 200.
    struct AddExperimentRun {
        /// The variant's name.
        variant: String,
        /// The run.
        run: RunId,
    }
    /// Says which configuration won; two at least must have been tried.
    struct SettleExperiment {
        /// The variant's name; one that a run has tried.
        winner: String,
        /// Why; 1 byte to 512 KiB.
        rationale: String,
        /// The run whose judge says so.
        judged_by: Option<RunId>,
    }
    /// Ends the experiment without a winner.
    struct AbandonExperiment {
        /// Why; 1 byte to 512 KiB.
        reason: String,
    }
}

/// Most configurations of an experiment.
pub const VARIANTS_MAX: usize = 20;
/// Most runs of an experiment.
pub const RUNS_MAX: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Open,
    Settled,
    Abandoned,
}

/// An experiment, as far as its decisions need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Experiment {
    project: Option<ProjectId>,
    phase: Phase,
    variants: BTreeSet<String>,
    runs: BTreeMap<RunId, String>,
}

impl Experiment {
    fn expect_open(&self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "experiment" }),
            Phase::Open => Ok(()),
            Phase::Settled => Err(Rejection::illegal("experiment", "open", "settled")),
            Phase::Abandoned => Err(Rejection::illegal("experiment", "open", "abandoned")),
        }
    }
    fn open(&self, command: &OpenExperiment) -> Result<ExperimentEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "experiment".into() });
        }
        let OpenExperiment { project, title, prompt, variants } = command.clone();
        check::name("title", &title)?;
        check::filled("prompt", &prompt)?;
        check::range("variants", variants.len(), &(2..=VARIANTS_MAX), "variants")?;
        let names: Vec<_> = variants.iter().map(|variant| &variant.name).collect();
        check::each_once("variants", &names)?;
        for variant in &variants {
            check::name("variants", &variant.name)?;
            check::opt_name("variants", variant.model.as_deref())?;
            check::opt_name("variants", variant.note.as_deref())?;
        }
        Ok(ExperimentOpened { project, title, prompt, variants }.into())
    }
    fn add_run(&self, command: &AddExperimentRun) -> Result<ExperimentEvent, Rejection> {
        self.expect_open()?;
        let AddExperimentRun { variant, run } = command.clone();
        if !self.variants.contains(&variant) {
            return Err(Rejection::unknown("variant", variant));
        }
        if self.runs.contains_key(&run) {
            return Err(Rejection::AlreadyExists { what: format!("run `{run}` of the experiment") });
        }
        if self.runs.len() >= RUNS_MAX {
            let rule = format!("the experiment has {RUNS_MAX} runs, the most there may be");
            return Err(Rejection::rule(rule, "settle it, or open another"));
        }
        Ok(ExperimentRunAdded { variant, run }.into())
    }
    fn settle(&self, command: &SettleExperiment) -> Result<ExperimentEvent, Rejection> {
        self.expect_open()?;
        let SettleExperiment { winner, rationale, judged_by } = command.clone();
        check::filled("rationale", &rationale)?;
        let tried: BTreeSet<_> = self.runs.values().collect();
        if tried.len() < 2 {
            let rule = format!("{} of the variants have been tried", tried.len());
            return Err(Rejection::rule(rule, "add runs of two variants at least"));
        }
        if !tried.contains(&winner) {
            return Err(Rejection::invalid("winner", "a variant that a run has tried", winner));
        }
        Ok(ExperimentSettled { winner, rationale, judged_by }.into())
    }
}

impl Decider for Experiment {
    const CATEGORY: Category = Category(43);
    type Command = ExperimentCommand;
    type Event = ExperimentEvent;

    fn decide(&self, command: &ExperimentCommand) -> Result<Vec<ExperimentEvent>, Rejection> {
        let event = match command {
            ExperimentCommand::OpenExperiment(c) => self.open(c)?,
            ExperimentCommand::AddExperimentRun(c) => self.add_run(c)?,
            ExperimentCommand::SettleExperiment(c) => self.settle(c)?,
            ExperimentCommand::AbandonExperiment(c) => {
                self.expect_open()?;
                check::filled("reason", &c.reason)?;
                ExperimentAbandoned { reason: c.reason.clone() }.into()
            }
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &ExperimentEvent) {
        match event {
            ExperimentEvent::ExperimentOpened(e) => {
                let variants = e.variants.iter().map(|variant| variant.name.clone()).collect();
                let (project, phase) = (Some(e.project), Phase::Open);
                *self = Self { project, phase, variants, runs: BTreeMap::new() };
            }
            ExperimentEvent::ExperimentRunAdded(e) => drop(self.runs.insert(e.run, e.variant.clone())),
            ExperimentEvent::ExperimentSettled(_) => self.phase = Phase::Settled,
            ExperimentEvent::ExperimentAbandoned(_) => self.phase = Phase::Abandoned,
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn references(command: &ExperimentCommand) -> Vec<StreamId> {
        match command {
            ExperimentCommand::OpenExperiment(c) => {
                let workflows = c.variants.iter().take(VARIANTS_MAX).filter_map(|variant| variant.workflow);
                [c.project.into()].into_iter().chain(workflows.map(StreamId::from)).collect()
            }
            ExperimentCommand::AddExperimentRun(c) => vec![c.run.into()],
            ExperimentCommand::SettleExperiment(c) => c.judged_by.map(StreamId::from).into_iter().collect(),
            ExperimentCommand::AbandonExperiment(_) => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<ExperimentEvent> {
    let variant = |name: &str, model: Option<&str>, workflow| Variant {
        name: name.into(),
        workflow,
        model: model.map(Into::into),
        note: None,
    };
    let plain = Variant { note: Some("no checker".into()), ..variant("plain", None, None) };
    let added = |variant: &str, run| ExperimentRunAdded {
        variant: variant.into(),
        run: RunId::from_bytes([run; 16]),
    };
    vec![
        ExperimentOpened {
            project: ProjectId::from_bytes([1; 16]),
            title: "Which model mends the build?".into(),
            prompt: "The build fails on main. Fix it.".into(),
            variants: vec![variant("opus", Some("opus"), Some(WorkflowId::from_bytes([2; 16]))), plain],
        }
        .into(),
        added("opus", 3).into(),
        added("plain", 4).into(),
        ExperimentSettled {
            winner: "opus".into(),
            rationale: "the smaller change".into(),
            judged_by: Some(RunId::from_bytes([5; 16])),
        }
        .into(),
        ExperimentAbandoned { reason: "the build was mended by hand".into() }.into(),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{
        Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with,
    };

    fn variant(name: &str) -> Value {
        json!({ "name": name, "workflow": id(2), "model": "opus", "note": "n" })
    }
    fn open() -> Value {
        json!({ "project": id(1), "title": "T", "prompt": "p", "variants": [variant("a"), variant("b")] })
    }
    fn opened() -> Given<Experiment> {
        given([]).and_json("open", &open())
    }
    fn add(variant: &str, run: u8) -> Value {
        json!({ "variant": variant, "run": id(run) })
    }
    fn tried() -> Given<Experiment> {
        opened().and_json("add-run", &add("a", 3)).and_json("add-run", &add("b", 4))
    }
    fn settle(winner: &str) -> Value {
        json!({ "winner": winner, "rationale": "r" })
    }

    #[test]
    fn every_command_is_accepted_where_it_fits() {
        let judged = with(&settle("b"), &json!({ "judged_by": id(5) }));
        let reason = json!({ "reason": "r" });
        check_accepted::<Experiment>(vec![
            (given([]), "open", open(), vec![("ExperimentOpened", open())]),
            (opened(), "add-run", add("a", 3), vec![("ExperimentRunAdded", add("a", 3))]),
            (tried(), "settle", judged.clone(), vec![("ExperimentSettled", judged)]),
            (opened(), "abandon", reason.clone(), vec![("ExperimentAbandoned", reason)]),
        ]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (none, open_one, tried) = (given([]), opened(), tried());
        let settled = tried.clone().and_json("settle", &settle("a"));
        let abandoned = opened().and_json("abandon", &json!({ "reason": "r" }));
        let one_sided = opened().and_json("add-run", &add("a", 3));
        let changed = |changes: Value| with(&open(), &changes);
        let many: Vec<_> = (0..=VARIANTS_MAX).map(|n| variant(&n.to_string())).collect();
        let bare = |changes: Value| json!({ "variants": [with(&variant("a"), &changes), variant("b")] });
        check_refused(vec![
            (&open_one, "open", open(), "experiment exists already"),
            (&none, "open", changed(json!({ "title": "" })), "`title`: expected 1 to 200 bytes"),
            (&none, "open", changed(json!({ "prompt": " " })), "`prompt`: expected a text"),
            (
                &none,
                "open",
                changed(json!({ "variants": [variant("a")] })),
                "`variants`: expected 2 to 20 variants",
            ),
            (&none, "open", changed(json!({ "variants": many })), "`variants`: expected 2 to 20 variants"),
            (
                &none,
                "open",
                changed(json!({ "variants": [variant("a"), variant("a")] })),
                "expected each item once",
            ),
            (&none, "open", changed(bare(json!({ "name": "" }))), "`variants`: expected 1 to 200 bytes"),
            (&none, "open", changed(bare(json!({ "model": "" }))), "`variants`: expected 1 to 200 bytes"),
            (&none, "open", changed(bare(json!({ "note": "a\nb" }))), "`variants`: expected 1 to 200 bytes"),
            (&none, "add-run", add("a", 3), "experiment does not exist"),
            (&none, "settle", settle("a"), "experiment does not exist"),
            (&none, "abandon", json!({ "reason": "r" }), "experiment does not exist"),
            (&open_one, "add-run", add("c", 3), "unknown variant `c`"),
            (&tried, "add-run", add("b", 3), "of the experiment exists already"),
            (&one_sided, "settle", settle("a"), "1 of the variants have been tried"),
            (&tried, "settle", settle("c"), "`winner`: expected a variant that a run has tried, got `c`"),
            (
                &tried,
                "settle",
                with(&settle("a"), &json!({ "rationale": "" })),
                "`rationale`: expected a text",
            ),
            (&open_one, "abandon", json!({ "reason": "" }), "`reason`: expected a text"),
            (&settled, "add-run", add("a", 9), "to be open, but it is settled"),
            (&abandoned, "settle", settle("a"), "to be open, but it is abandoned"),
        ]);
    }

    #[test]
    fn runs_are_bounded() {
        let added = |n: usize| ExperimentRunAdded { variant: "a".into(), run: crate::Ulid(n as u128).into() };
        let history = std::iter::once(samples().remove(0)).chain((0..RUNS_MAX).map(|n| added(n).into()));
        given::<Experiment>(history)
            .when_json("add-run", &json!({ "variant": "opus", "run": id(9) }))
            .refused("the experiment has 200 runs");
    }

    #[test]
    fn it_names_its_project_and_its_runs() {
        let open: ExperimentCommand = command("open", &open());
        let project = ProjectId::from_bytes([1; 16]);
        let workflow: StreamId = WorkflowId::from_bytes([2; 16]).into();
        assert_eq!(Experiment::references(&open), [project.into(), workflow, workflow]);
        let add: ExperimentCommand = command("add-run", &add("a", 3));
        assert_eq!(Experiment::references(&add), [RunId::from_bytes([3; 16]).into()]);
        assert_eq!(opened().state().project(), Some(project));
    }

    #[test]
    fn any_order_of_commands_folds_alike() {
        let commands = [
            ("open", open()),
            ("add-run", add("a", 3)),
            ("add-run", add("b", 4)),
            ("settle", settle("a")),
            ("abandon", json!({ "reason": "r" })),
        ];
        check_any_order::<Experiment>(&given([]), &pool(&commands), |_| {});
    }
}
