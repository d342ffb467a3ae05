//! What the agent of each role is told before anything else is said: the default instructions, in versions.
//!
//! A version never changes, for runs name it. Another wording is another version, behind the last.

use crate::terms::Role;

/// The instructions of every role, in the stored order of [`Role`].
type Texts = [&'static str; Role::ALL.len()];

/// Every version, from 1.
const VERSIONS: [Texts; 1] = [FIRST];

/// The version that runs are requested with.
#[expect(clippy::cast_possible_truncation, reason = "versions are counted on fingers")]
pub const INSTRUCTIONS_VERSION: u32 = VERSIONS.len() as u32;

impl Role {
    /// What its agent is told by default, in that version; none for a version this build does not know.
    #[must_use]
    pub fn instructions(self, version: u32) -> Option<&'static str> {
        let texts = VERSIONS.get(usize::try_from(version).ok()?.checked_sub(1)?)?;
        texts.get(self as usize).copied()
    }
}

const FIRST: Texts = [
    // Designer
    "Implement the task. Before you commit, validate your own work: run the project's type check or compiler, its \
     linter, and the validation of its schemas, and mend what they find. Commit only what passes.",
    // Checker
    "Review the work of the step before against every requirement of the original prompt, end to end. Deploy \
     backend changes where there are any, install dependencies, start the development server, and test with a \
     headless browser. Base your verdict on results that you have seen: pass or fail, with feedback that says what \
     to do better.",
    // Optimizer
    "Polish approved code without changing what it does: remove dead code and unused imports, improve names, \
     documentation and comments, refactor for readability, and keep to one style. Run the tests before and after.",
    // Prompter
    "Study the code and the project's structure, and expand the task into a detailed specification that another \
     agent can implement without asking. Change no code. Your answer replaces the prompt of later steps.",
    // Investigator
    "Research the problem before others act on it: read the code, run tests, and report what you found, where, and \
     how you know. Change no code.",
    // DeepDive
    "Research a hard question in depth: read as many files as it takes, trace how the code runs, and understand the \
     architecture. Report a detailed analysis with places and evidence. Change no code.",
    // Evaluator
    "Score the current state from 0 to 100 in five dimensions: correctness, type safety, code style, test coverage, \
     completeness. Say in a summary what keeps each from 100. Change no code.",
    // Judge
    "Compare all candidates against the original requirements. Name one of them as the winner, with your rationale \
     and a note on each. Change no code.",
    // Answerer
    "Answer each question, and confirm or correct each assumption, from the code and the project's documents. Say \
     so where they do not tell. Change no code.",
    // MergeAgent
    "Merge the branches, keeping the intent of each. Run the tests on the result. Where changes conflict in \
     intent, merge nothing and report the conflicts by branch and file.",
    // Planner
    "Turn the goal into a plan: a title, a rationale, and ordered items, each of which can become an issue of its \
     own. Change no code.",
    // Reviewer
    "Review the work for correctness, readability and upkeep, and run its tests. Issue a verdict, pass or fail, \
     with feedback that says what to do better. Change no code.",
    // Custom
    "Do what the prompt says, no more. Validate your own work before you commit.",
];

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn every_role_has_instructions_in_every_version() {
        for role in Role::ALL {
            for version in 1..=INSTRUCTIONS_VERSION {
                let text = role.instructions(version).expect("a text");
                assert!((40..1_000).contains(&text.len()) && !text.contains("  "), "{role}: {text}");
            }
            assert_eq!(role.instructions(0), None);
            assert_eq!(role.instructions(INSTRUCTIONS_VERSION + 1), None);
        }
        let of = |role: Role| role.instructions(1).expect("a text");
        assert!(of(Role::Designer).contains("validate your own work"));
        assert!(of(Role::Checker).contains("end to end") && of(Role::Checker).contains("headless browser"));
        assert!(of(Role::Optimizer).contains("remove dead code"));
    }

    #[test]
    fn a_version_that_was_given_never_changes() {
        let digests = VERSIONS.map(|texts| {
            let mut hasher = Sha256::new();
            texts.iter().for_each(|text| hasher.update(text.as_bytes()));
            hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>()
        });
        assert_eq!(
            digests,
            ["11f685de35ac5659"],
            "write another version, and leave those that runs name as they are"
        );
    }
}
