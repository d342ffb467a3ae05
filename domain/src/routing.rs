//! A routing: how many agents a task takes and which roles, decided from facts, with the reasons.

use crate::autonomy::{AgentRole, Complexity, TaskKind};
use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, FiringId, ProjectId, StreamId};
use crate::{Decider, Rejection, check};

events! {
    /// Everything that can happen to a routing.
    pub enum RoutingEvent {
        3000 => TaskRouted 1;
        3001 => RoutingOverridden 1;
    }
}

commands! {
    /// What can be asked of a routing.
    pub enum RoutingCommand {
        "route" => RouteTask;
        "override" => OverrideRouting;
    }
}

plain! {
    /// What the router knows of a project and a task.
    struct RoutingFacts {
        /// What is asked for.
        kind: TaskKind,
        /// Whether the project has a brain.
        brain_exists: bool,
        /// Whether a specification of the task exists.
        specification_exists: bool,
    }
    /// The router decided.
    struct TaskRouted {
        /// The project it belongs to.
        project: ProjectId,
        /// The firing it is for; none where a person asked.
        firing: Option<FiringId>,
        /// The task.
        task: String,
        /// What was known.
        facts: RoutingFacts,
        /// How many agents.
        complexity: Complexity,
        /// Which, in the order of their first turn.
        roles: Vec<AgentRole>,
        /// Whether reviewer and earlier roles go round until the review ends.
        review_loop: bool,
        /// Why, one sentence each.
        reasons: Vec<String>,
    }
    /// A person decided otherwise.
    struct RoutingOverridden {
        /// How many agents.
        complexity: Complexity,
        /// Which, in the order of their first turn.
        roles: Vec<AgentRole>,
        /// Why.
        reason: String,
    }
}

plain! {
    /// Routes a task by its facts.
    struct RouteTask {
        /// The project it belongs to.
        project: ProjectId,
        /// The firing it is for; none where a person asked.
        firing: Option<FiringId>,
        /// The task; 1 byte to 512 KiB.
        task: String,
        /// What is known.
        facts: RoutingFacts,
    }
    /// Puts other roles in place of what the router chose.
    struct OverrideRouting {
        /// Which, in the order of their first turn; 1 to 7, each once.
        roles: Vec<AgentRole>,
        /// Why.
        reason: String,
    }
}

/// What the router chose, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// How many agents.
    pub complexity: Complexity,
    /// Which, in the order of their first turn.
    pub roles: Vec<AgentRole>,
    /// Why, one sentence each.
    pub reasons: Vec<&'static str>,
}

impl Route {
    /// Whether reviewer and earlier roles go round until the review ends.
    #[must_use]
    pub fn review_loop(&self) -> bool {
        loops(&self.roles)
    }
}

fn loops(roles: &[AgentRole]) -> bool {
    roles.len() > 1 && roles.contains(&AgentRole::Reviewer)
}

/// The router: a pure function from facts to agents. The first rule that fits decides.
#[must_use]
pub fn route(facts: &RoutingFacts) -> Route {
    use AgentRole::{Architect, Builder, Initializer, MemoryJanitor, Reviewer, Scout};
    let (roles, why) = match (facts.kind, facts.specification_exists) {
        _ if !facts.brain_exists => {
            (vec![Initializer], "the project has no brain yet, so it is set up before any other work")
        }
        (TaskKind::Upkeep, _) => (vec![MemoryJanitor], "upkeep of the brain is one agent's job"),
        (TaskKind::Research, _) => (vec![Scout], "findings are asked for, and no change"),
        (TaskKind::QuickFix, _) => (vec![Builder], "a quick fix takes the builder alone"),
        (TaskKind::Change | TaskKind::Feature, true) => {
            (vec![Builder, Reviewer], "the specification exists, so it is built and reviewed in a loop")
        }
        (TaskKind::Change, false) => {
            (vec![Architect, Builder], "a bounded change without a specification is planned, then built")
        }
        (TaskKind::Feature, false) => (
            vec![Scout, Architect, Builder, Reviewer],
            "a full feature without a specification takes the whole team",
        ),
    };
    let complexity = complexity(&roles);
    let count = match complexity {
        Complexity::Solo => "one agent, so solo",
        Complexity::PlanBuild => "two agents, so plan and build",
        Complexity::FullTeam => "more than two agents, so a full team",
    };
    Route { complexity, roles, reasons: vec![why, count] }
}

fn complexity(roles: &[AgentRole]) -> Complexity {
    match roles.len() {
        0 | 1 => Complexity::Solo,
        2 => Complexity::PlanBuild,
        _ => Complexity::FullTeam,
    }
}

/// A routing, as far as its decisions need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Routing {
    project: Option<ProjectId>,
    roles: Vec<AgentRole>,
}

impl Routing {
    fn route(&self, command: &RouteTask) -> Result<RoutingEvent, Rejection> {
        if self.project.is_some() {
            return Err(Rejection::AlreadyExists { what: "routing".into() });
        }
        check::filled("task", &command.task)?;
        let RouteTask { project, firing, task, facts } = command.clone();
        let route = route(&facts);
        Ok(TaskRouted {
            project,
            firing,
            task,
            facts,
            complexity: route.complexity,
            review_loop: route.review_loop(),
            reasons: route.reasons.into_iter().map(Into::into).collect(),
            roles: route.roles,
        }
        .into())
    }
    fn replace(&self, command: &OverrideRouting) -> Result<RoutingEvent, Rejection> {
        if self.project.is_none() {
            return Err(Rejection::NotFound { aggregate: "routing" });
        }
        let OverrideRouting { roles, reason } = command.clone();
        check::range("roles", roles.len(), &(1..=AgentRole::ALL.len()), "roles")?;
        if let Some(role) = roles.iter().enumerate().find(|(at, role)| roles[..*at].contains(role)) {
            return Err(Rejection::invalid("roles", "each role once", role.1));
        }
        if roles == self.roles {
            return Err(Rejection::rule("these roles are chosen already", "name other roles"));
        }
        check::filled("reason", &reason)?;
        Ok(RoutingOverridden { complexity: complexity(&roles), roles, reason }.into())
    }
}

impl Decider for Routing {
    const CATEGORY: Category = Category(30);
    type Command = RoutingCommand;
    type Event = RoutingEvent;

    fn decide(&self, command: &RoutingCommand) -> Result<Vec<RoutingEvent>, Rejection> {
        let event = match command {
            RoutingCommand::RouteTask(c) => self.route(c)?,
            RoutingCommand::OverrideRouting(c) => self.replace(c)?,
        };
        Ok(vec![event])
    }
    fn evolve(&mut self, event: &RoutingEvent) {
        match event {
            RoutingEvent::TaskRouted(e) => {
                *self = Self { project: Some(e.project), roles: e.roles.clone() };
            }
            RoutingEvent::RoutingOverridden(e) => self.roles.clone_from(&e.roles),
        }
    }
    fn project(&self) -> Option<ProjectId> {
        self.project
    }
    fn references(command: &RoutingCommand) -> Vec<StreamId> {
        match command {
            RoutingCommand::RouteTask(c) => {
                [c.project.into()].into_iter().chain(c.firing.map(StreamId::from)).collect()
            }
            RoutingCommand::OverrideRouting(_) => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<RoutingEvent> {
    let facts = RoutingFacts { kind: TaskKind::Feature, brain_exists: true, specification_exists: false };
    vec![
        TaskRouted {
            project: ProjectId::from_bytes([1; 16]),
            firing: Some(FiringId::from_bytes([2; 16])),
            task: "Let people sign in by e-mail".into(),
            facts,
            complexity: Complexity::FullTeam,
            roles: vec![AgentRole::Scout, AgentRole::Architect, AgentRole::Builder, AgentRole::Reviewer],
            review_loop: true,
            reasons: vec!["a full feature".into()],
        }
        .into(),
        RoutingOverridden {
            complexity: Complexity::Solo,
            roles: vec![AgentRole::Builder],
            reason: "it is two lines".into(),
        }
        .into(),
    ]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{Given, check_accepted, check_any_order, check_refused, given, id, pool, with};

    fn ask(kind: &str) -> Value {
        json!({ "project": id(1), "task": "T",
            "facts": { "kind": kind, "brain_exists": true, "specification_exists": false } })
    }
    fn routed() -> Given<Routing> {
        given([]).and_json("route", &ask("quick_fix"))
    }

    #[test]
    fn every_combination_of_facts_has_its_line() {
        let mut table = String::new();
        for brain_exists in [true, false] {
            for kind in TaskKind::ALL {
                for specification_exists in [false, true] {
                    let route = route(&RoutingFacts { kind: *kind, brain_exists, specification_exists });
                    let roles: Vec<_> = route.roles.iter().map(|role| role.as_str()).collect();
                    let known = [(brain_exists, "brain"), (specification_exists, "spec")];
                    let known: Vec<_> = known.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
                    table += &format!(
                        "{kind:<9} {:<10} {:<10} {}{}\n",
                        known.join("+"),
                        route.complexity,
                        roles.join(" → "),
                        if route.review_loop() { " (loop)" } else { "" }
                    );
                    assert_eq!(route.reasons.len(), 2);
                }
            }
        }
        expect![[r#"
            quick_fix brain      solo       builder
            quick_fix brain+spec solo       builder
            research  brain      solo       scout
            research  brain+spec solo       scout
            change    brain      plan_build architect → builder
            change    brain+spec plan_build builder → reviewer (loop)
            feature   brain      full_team  scout → architect → builder → reviewer (loop)
            feature   brain+spec plan_build builder → reviewer (loop)
            upkeep    brain      solo       memory-janitor
            upkeep    brain+spec solo       memory-janitor
            quick_fix            solo       initializer
            quick_fix spec       solo       initializer
            research             solo       initializer
            research  spec       solo       initializer
            change               solo       initializer
            change    spec       solo       initializer
            feature              solo       initializer
            feature   spec       solo       initializer
            upkeep               solo       initializer
            upkeep    spec       solo       initializer
        "#]]
        .assert_eq(&table);
    }

    #[test]
    fn every_command_is_accepted_where_it_fits() {
        let mut expected = ask("research");
        expected["complexity"] = json!("solo");
        expected["roles"] = json!(["scout"]);
        expected["review_loop"] = json!(false);
        expected["reasons"] = json!(["findings are asked for, and no change", "one agent, so solo"]);
        let other = json!({ "roles": ["builder", "reviewer"], "reason": "risky" });
        check_accepted::<Routing>(vec![
            (given([]), "route", ask("research"), vec![("TaskRouted", expected)]),
            (
                routed(),
                "override",
                other.clone(),
                vec![("RoutingOverridden", with(&other, &json!({ "complexity": "plan_build" })))],
            ),
        ]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (none, routed) = (given([]), routed());
        let other = json!({ "roles": ["scout"], "reason": "r" });
        check_refused(vec![
            (&none, "override", other.clone(), "routing does not exist"),
            (&routed, "route", ask("research"), "routing exists already"),
            (&none, "route", with(&ask("research"), &json!({ "task": " " })), "`task`: expected a text"),
            (&routed, "override", with(&other, &json!({ "reason": "" })), "`reason`: expected a text"),
            (&routed, "override", with(&other, &json!({ "roles": [] })), "`roles`: expected 1 to 7 roles"),
            (
                &routed,
                "override",
                with(&other, &json!({ "roles": ["scout", "scout"] })),
                "`roles`: expected each role once, got `scout`",
            ),
            (
                &routed,
                "override",
                with(&other, &json!({ "roles": ["builder"] })),
                "these roles are chosen already",
            ),
        ]);
    }

    #[test]
    fn it_names_its_project_and_its_firing() {
        assert_eq!(routed().state().project(), Some(ProjectId::from_bytes([1; 16])));
        let route: RoutingCommand =
            crate::testing::command("route", &with(&ask("change"), &json!({ "firing": id(2) })));
        assert_eq!(
            Routing::references(&route),
            [ProjectId::from_bytes([1; 16]).into(), FiringId::from_bytes([2; 16]).into()]
        );
    }

    #[test]
    fn any_order_of_commands_folds_alike() {
        let commands = [
            ("route", ask("feature")),
            ("route", ask("change")),
            ("override", json!({ "roles": ["builder"], "reason": "r" })),
            ("override", json!({ "roles": ["scout"], "reason": "r" })),
        ];
        check_any_order::<Routing>(&given([]), &pool(&commands), |_| {});
    }
}
