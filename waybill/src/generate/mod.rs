//! Whole histories, made up from a seed and told through the real commands: projects as teams leave them behind.
//!
//! Each command is decided on while it is made up, with the same aggregates that the log has, so that a command
//! which would be refused ends the generator and not the log. Runs of a workflow are driven by what the domain says
//! is next. What a further aggregate needs is a scene of its own, and a line in [`SCENES`].

mod autonomous;
mod dice;
mod quality;
mod run;
mod script;
mod setup;
#[cfg(test)]
mod tests;
mod together;
mod work;

use domain::ids::{
    AssetId, ContextId, LearningDocumentId, LearningId, PersonaId, ProjectId, StepId, UserId, WorkflowId,
};
use domain::terms::Role;
use domain::values::Timestamp;

use self::script::Script;
pub(crate) use self::script::Told;
use crate::failure::Failure;

/// What is to be generated. The same plan gives the same commands, byte for byte.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) projects: u64,
    /// Runs of each project, beside those of its chains and tasks.
    pub(crate) runs: u64,
    /// When the first project begins.
    pub(crate) start: Timestamp,
}

/// A project's things, as far as later scenes need them.
struct World {
    /// Which project it is, from 0.
    number: u64,
    project: ProjectId,
    people: Vec<UserId>,
    contexts: Vec<ContextId>,
    /// Published assets with the version in force.
    assets: Vec<(AssetId, u32)>,
    personas: Vec<PersonaId>,
    workflows: Vec<(WorkflowId, Vec<PersonaId>)>,
    /// Learnings that wait for review.
    proposed: Vec<LearningId>,
    approved: Vec<LearningId>,
    /// Those of them that apply in every project.
    promoted: Vec<LearningId>,
    documents: Vec<(Role, LearningDocumentId, u32)>,
    /// The step that was begun last.
    step: Option<StepId>,
    /// Drifts from run to run: better with learnings, worse now and then. Hundredths of a score.
    quality: u64,
}

type Scene = fn(&mut Script, &mut World) -> Result<(), Failure>;

/// What happens in a project: once before its runs, after each tenth of them, and at the end.
static SCENES: [(Moment, Scene); 21] = [
    (Moment::First, setup::project),
    (Moment::First, setup::members),
    (Moment::First, setup::contexts),
    (Moment::First, setup::assets),
    (Moment::First, setup::personas),
    (Moment::First, setup::workflows),
    (Moment::Often, quality::review_learnings),
    (Moment::Often, quality::compile_documents),
    (Moment::Often, work::recurring_task),
    (Moment::Last, work::issues_and_chain),
    (Moment::Last, work::plan),
    (Moment::Last, work::sprints),
    (Moment::Last, autonomous::brain),
    (Moment::Last, quality::noticed),
    (Moment::Last, autonomous::triggers),
    (Moment::Last, setup::changes),
    (Moment::Last, run::lone_sandbox),
    (Moment::Last, together::experiment),
    (Moment::Last, together::deliveries),
    (Moment::Last, together::metric),
    (Moment::Last, run::under_way),
];

/// When a scene is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    First,
    Often,
    Last,
}

/// Runs between two scenes that are played often.
const OFTEN: u64 = 10;

/// Generates histories scene by scene.
pub(crate) struct Generator {
    script: Script,
    plan: Plan,
    world: Option<World>,
    /// Scenes left of the project at hand, last first.
    left: Vec<Scene>,
    /// Projects done or under way.
    projects: u64,
}

impl Generator {
    pub(crate) fn new(plan: Plan) -> Self {
        Self { script: Script::new(plan.seed, plan.start), plan, world: None, left: Vec::new(), projects: 0 }
    }
    /// Events of all that was generated so far.
    pub(crate) fn events(&self) -> u64 {
        self.script.events
    }
    /// The next scene's commands, in order; none when all is told.
    ///
    /// # Errors
    /// A command that a rule refuses.
    pub(crate) fn scene(&mut self) -> Result<Option<Vec<Told>>, Failure> {
        loop {
            let Some(scene) = self.left.pop() else {
                if self.projects == self.plan.projects {
                    return Ok(None);
                }
                self.begin();
                continue;
            };
            let world = self.world.as_mut().expect("a scene belongs to a project");
            scene(&mut self.script, world)?;
            let told = self.script.take();
            if !told.is_empty() {
                return Ok(Some(told));
            }
        }
    }

    fn begin(&mut self) {
        let of =
            |moment: Moment| SCENES.iter().filter(move |(when, _)| *when == moment).map(|(_, scene)| *scene);
        let mut scenes: Vec<Scene> = of(Moment::First).collect();
        for run in 1..=self.plan.runs {
            scenes.push(run::any);
            if run % OFTEN == 0 || run == self.plan.runs {
                scenes.extend(of(Moment::Often));
            }
        }
        scenes.extend(of(Moment::Last));
        scenes.reverse();
        self.left = scenes;
        let number = self.projects;
        self.projects += 1;
        self.script.wait(600, 7_200);
        self.world = Some(World {
            number,
            project: self.script.id(),
            people: Vec::new(),
            contexts: Vec::new(),
            assets: Vec::new(),
            personas: Vec::new(),
            workflows: Vec::new(),
            proposed: Vec::new(),
            approved: Vec::new(),
            promoted: Vec::new(),
            documents: Vec::new(),
            step: None,
            quality: 7_000,
        });
    }
}
