//! The one table of step roles: what each does, hands on, and runs on where nobody says otherwise.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::terms::{PersonaType, Role};

mod instructions;

pub use instructions::INSTRUCTIONS_VERSION;

/// The strongest model of the default vendor.
pub const OPUS: &str = "claude-opus-4-6";
/// The everyday model of the default vendor.
pub const SONNET: &str = "claude-sonnet-4-6";
/// The agent's program where nobody names one.
pub const DEFAULT_CLI_TOOL: &str = "claude";

/// What a step hands on besides its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Product {
    /// Changes to the code.
    Code,
    /// Pass or fail, with feedback: the only branch of a workflow.
    Verdict,
    /// A prompt that replaces the prompt of later steps.
    Prompt,
    /// A report that later steps read.
    Report,
    /// Scores in five dimensions.
    Scores,
    /// A winner among candidates.
    Judgement,
    /// Answers to questions and assumptions.
    Answers,
    /// A merged branch, or a report of conflicts.
    Merge,
    /// A plan of items.
    Plan,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RoleDefaults {
    /// The role.
    pub role: Role,
    /// What it works on.
    pub input: &'static str,
    /// What it hands on.
    pub product: Product,
    /// The agent's program.
    pub cli_tool: &'static str,
    /// The model; absent where the project's settings name it.
    pub model: Option<&'static str>,
    /// Whether it may stand in a loop.
    pub loops: bool,
}

const fn row(
    role: Role,
    input: &'static str,
    product: Product,
    model: Option<&'static str>,
    loops: bool,
) -> RoleDefaults {
    RoleDefaults { role, input, product, cli_tool: DEFAULT_CLI_TOOL, model, loops }
}

/// Every role, in the stored order of [`Role`].
pub const ROLES: [RoleDefaults; Role::ALL.len()] = [
    row(Role::Designer, "prompt and prior context", Product::Code, Some(OPUS), true),
    row(Role::Checker, "the designer's output", Product::Verdict, Some(SONNET), true),
    row(Role::Optimizer, "approved code", Product::Code, Some(SONNET), false),
    row(Role::Prompter, "the original prompt", Product::Prompt, Some(OPUS), false),
    row(Role::Investigator, "a problem", Product::Report, Some(OPUS), false),
    row(Role::DeepDive, "an issue or question", Product::Report, Some(OPUS), false),
    row(Role::Evaluator, "the current state of the code", Product::Scores, Some(OPUS), false),
    row(Role::Judge, "all candidates", Product::Judgement, Some(OPUS), false),
    row(Role::Answerer, "questions and assumptions", Product::Answers, Some(SONNET), false),
    row(Role::MergeAgent, "branches", Product::Merge, None, false),
    row(Role::Planner, "a goal", Product::Plan, Some(OPUS), false),
    row(Role::Reviewer, "the designer's output", Product::Verdict, Some(SONNET), true),
    row(Role::Custom, "prompt and prior context", Product::Code, Some(SONNET), true),
];

impl Role {
    /// The role's row of the table.
    #[must_use]
    pub const fn defaults(self) -> &'static RoleDefaults {
        &ROLES[self as usize]
    }
    /// Whether its steps issue verdicts.
    #[must_use]
    pub const fn issues_verdicts(self) -> bool {
        matches!(self.defaults().product, Product::Verdict)
    }
}

impl PersonaType {
    /// What a step of such a persona does.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::Designer => Role::Designer,
            Self::Checker => Role::Checker,
            Self::Optimizer => Role::Optimizer,
            Self::Prompter => Role::Prompter,
            Self::Investigator => Role::Investigator,
            Self::Planner => Role::Planner,
            Self::DeepDive => Role::DeepDive,
            Self::Reviewer => Role::Reviewer,
            Self::Evaluator => Role::Evaluator,
            Self::Judge => Role::Judge,
            Self::Answerer => Role::Answerer,
            Self::Custom => Role::Custom,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_role_at_its_place() {
        for role in Role::ALL {
            assert_eq!(role.defaults().role, *role);
        }
    }

    #[test]
    fn defaults_are_those_of_the_platform() {
        for (role, model, loops) in [
            (Role::Designer, Some("claude-opus-4-6"), true),
            (Role::Checker, Some("claude-sonnet-4-6"), true),
            (Role::Optimizer, Some("claude-sonnet-4-6"), false),
            (Role::Prompter, Some("claude-opus-4-6"), false),
            (Role::Investigator, Some("claude-opus-4-6"), false),
            (Role::DeepDive, Some("claude-opus-4-6"), false),
            (Role::Evaluator, Some("claude-opus-4-6"), false),
            (Role::Judge, Some("claude-opus-4-6"), false),
            (Role::Answerer, Some("claude-sonnet-4-6"), false),
            (Role::MergeAgent, None, false),
        ] {
            let row = role.defaults();
            assert_eq!((row.cli_tool, row.model, row.loops), ("claude", model, loops), "{role}");
        }
    }

    #[test]
    fn every_type_of_persona_is_named_like_its_role() {
        for persona in PersonaType::ALL {
            assert_eq!(persona.as_str(), persona.role().as_str());
        }
    }

    #[test]
    fn checkers_and_reviewers_issue_verdicts() {
        let issuing: Vec<_> = Role::ALL.iter().filter(|role| role.issues_verdicts()).collect();
        assert_eq!(issuing, [&Role::Checker, &Role::Reviewer]);
    }
}
