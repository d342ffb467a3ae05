//! Words and the table of roles of the autonomous stack. Variants are stored by number: append, never reorder.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::terms::words;

words! {
    /// The job of an agent in the autonomous stack.
    AgentRole {
        /// Researches.
        Scout = "scout",
        /// Plans, specifies, breaks work down into tasks.
        Architect = "architect",
        /// Writes code and tests.
        Builder = "builder",
        /// Scores work and routes it back.
        Reviewer = "reviewer",
        /// Orchestrates a team.
        TeamLead = "team-lead",
        /// Keeps the brain within its budget.
        MemoryJanitor = "memory-janitor",
        /// Sets up the brain of a new project.
        Initializer = "initializer",
    }
    /// What a trigger asks for.
    TaskKind {
        /// A small repair with a clear place.
        QuickFix = "quick_fix",
        /// Findings only, no change.
        Research = "research",
        /// A bounded change that wants a plan, but no research.
        Change = "change",
        /// A whole feature.
        Feature = "feature",
        /// Pruning and archiving of the brain.
        Upkeep = "upkeep",
    }
    /// How many agents a task takes.
    Complexity {
        /// One agent.
        Solo = "solo",
        /// Two agents, one after the other or in a loop.
        PlanBuild = "plan_build",
        /// Scout, architect, builder and reviewer.
        FullTeam = "full_team",
    }
    /// How a session came about.
    SessionMode {
        /// A person drives.
        Interactive = "interactive",
        /// A pipeline from a trigger.
        Team = "team",
        /// One agent, one job.
        Standalone = "standalone",
    }
    /// What budget is spent for.
    Purpose {
        /// A person at the keyboard.
        Interactive = "interactive",
        /// Work that a trigger started.
        Automated = "automated",
    }
    /// Way of a notification to people.
    Channel {
        /// A signed request to an address.
        Webhook = "webhook",
        /// A message on the desktop.
        Desktop = "desktop",
        /// A line on the dashboard.
        Dashboard = "dashboard",
    }
    /// Why people are told.
    NotificationKind {
        /// Work is done.
        Completed = "completed",
        /// Work stopped before it was done.
        Stopped = "stopped",
        /// Somebody has to decide or act.
        NeedsPerson = "needs_person",
    }
}

/// What a role has where its definition says nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleDefaults {
    /// The role.
    pub role: AgentRole,
    /// Its job, in a few words.
    pub job: &'static str,
    /// Its model, by alias.
    pub model: &'static str,
    /// The tools it may use.
    pub tools: &'static [&'static str],
    /// The MCP servers it is given.
    pub mcp_servers: &'static [&'static str],
    /// Whether it runs in a sandbox.
    pub sandboxed: bool,
}

/// The default of every role, in the order of the words.
pub const ROLES: [RoleDefaults; 7] = [
    RoleDefaults {
        role: AgentRole::Scout,
        job: "research",
        model: "sonnet",
        tools: &["Read", "Write", "Glob", "Grep"],
        mcp_servers: &["perplexity"],
        sandboxed: false,
    },
    RoleDefaults {
        role: AgentRole::Architect,
        job: "plans, specifications, task breakdown",
        model: "opus",
        tools: &["Read", "Write", "Edit"],
        mcp_servers: &[],
        sandboxed: false,
    },
    RoleDefaults {
        role: AgentRole::Builder,
        job: "code and tests",
        model: "sonnet",
        tools: &["Read", "Write", "Edit", "Bash", "Glob", "Grep"],
        mcp_servers: &[],
        sandboxed: true,
    },
    RoleDefaults {
        role: AgentRole::Reviewer,
        job: "quality gate with routing",
        model: "sonnet",
        tools: &["Read", "Grep", "Glob", "Bash"],
        mcp_servers: &[],
        sandboxed: true,
    },
    RoleDefaults {
        role: AgentRole::TeamLead,
        job: "orchestration",
        model: "opus",
        tools: &[],
        mcp_servers: &[],
        sandboxed: false,
    },
    RoleDefaults {
        role: AgentRole::MemoryJanitor,
        job: "upkeep of the brain",
        model: "sonnet",
        tools: &["Read", "Write"],
        mcp_servers: &[],
        sandboxed: false,
    },
    RoleDefaults {
        role: AgentRole::Initializer,
        job: "set-up of a project's brain",
        model: "sonnet",
        tools: &["Read", "Write"],
        mcp_servers: &[],
        sandboxed: false,
    },
];

impl AgentRole {
    /// What the role has where its definition says nothing else.
    #[must_use]
    pub const fn defaults(self) -> &'static RoleDefaults {
        &ROLES[self as usize]
    }
    /// The role of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.as_str() == name)
    }
}

/// A score of the review loop, 1 to 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u8", into = "u8")]
#[schemars(extend("minimum" = 1, "maximum" = 10))]
pub struct ReviewScore(u8);

impl ReviewScore {
    /// The score, if it is 1 to 10.
    #[must_use]
    pub const fn new(score: u8) -> Option<Self> {
        if score >= 1 && score <= 10 { Some(Self(score)) } else { None }
    }
    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for ReviewScore {
    type Error = String;
    fn try_from(score: u8) -> Result<Self, String> {
        Self::new(score).ok_or_else(|| format!("expected a score from 1 to 10, got `{score}`"))
    }
}

impl From<ReviewScore> for u8 {
    fn from(score: ReviewScore) -> Self {
        score.0
    }
}

impl std::fmt::Display for ReviewScore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_its_line_in_the_table() {
        for role in AgentRole::ALL {
            assert_eq!(role.defaults().role, *role);
            assert_eq!(AgentRole::named(role.as_str()), Some(*role));
        }
        let sandboxed: Vec<_> = ROLES.iter().filter(|it| it.sandboxed).map(|it| it.role).collect();
        assert_eq!(sandboxed, [AgentRole::Builder, AgentRole::Reviewer]);
        let opus: Vec<_> = ROLES.iter().filter(|it| it.model == "opus").map(|it| it.role).collect();
        assert_eq!(opus, [AgentRole::Architect, AgentRole::TeamLead]);
    }

    #[test]
    fn a_score_is_1_to_10_in_both_forms() {
        assert_eq!(serde_json::from_str::<ReviewScore>("10").unwrap().get(), 10);
        for wrong in ["0", "11", "-1", "7.5", "\"7\"", "null"] {
            assert!(serde_json::from_str::<ReviewScore>(wrong).is_err(), "{wrong}");
        }
        assert!(bincode::deserialize::<ReviewScore>(&[11]).is_err());
    }
}
