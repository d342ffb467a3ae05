//! Files that come with the program: the core skills, and the template of a new brain.
//!
//! They are published as assets of a project, or written into its brain, when somebody asks for it; from then on
//! they are the project's own.

/// A skill that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skill {
    /// Its name, by which agent definitions refer to it.
    pub name: &'static str,
    /// What it is good for, in a line.
    pub purpose: &'static str,
    /// What it says.
    pub text: &'static str,
}

/// Skills by name, each with its text from the file of that name.
macro_rules! skills {
    ($($name:literal: $purpose:literal;)+) => {
        [$(Skill { name: $name, purpose: $purpose, text: include_str!(concat!("shipped/skills/", $name, ".md")) }),+]
    };
}

/// The core skills.
pub const SKILLS: [Skill; 9] = skills! {
    "session-handoff": "How to end a session so that the next one can go on";
    "learning-loop": "How to learn from mistakes";
    "review-loop": "How the reviewer scores work and routes it on";
    "research-scan": "How to do a research scan";
    "plan-feature": "How to go from an idea to a specification and tasks";
    "review-code": "How to review code thoroughly";
    "init-project": "How to set up the brain of a new project";
    "prune-memory": "How to keep the brain within its token budget";
    "promote-learning": "How to make knowledge of one project apply in every project";
};

/// Path and text of each file of a new brain, in the order that agents read them.
pub const BRAIN: [(&str, &str); 6] = [
    ("PROJECT.md", include_str!("shipped/brain/PROJECT.md")),
    ("ACTIVE.md", include_str!("shipped/brain/ACTIVE.md")),
    ("BACKLOG.md", include_str!("shipped/brain/BACKLOG.md")),
    ("DECISIONS.md", include_str!("shipped/brain/DECISIONS.md")),
    ("PATTERNS.md", include_str!("shipped/brain/PATTERNS.md")),
    ("MISTAKES.md", include_str!("shipped/brain/MISTAKES.md")),
];

/// The core skill of that name.
#[must_use]
pub fn skill(name: &str) -> Option<&'static Skill> {
    SKILLS.iter().find(|skill| skill.name == name)
}

/// Names of the core skills, as refusals list them.
#[must_use]
pub fn skill_names() -> String {
    SKILLS.map(|skill| skill.name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brain::{ALWAYS_READ_TOKENS, DOCUMENTS, is_always_read, tokens};

    #[test]
    fn the_core_skills_are_those_of_the_stack() {
        let expected = "session-handoff, learning-loop, review-loop, research-scan, plan-feature, review-code, \
                        init-project, prune-memory, promote-learning";
        assert_eq!(skill_names(), expected);
        for it in &SKILLS {
            assert!(
                it.text.starts_with(&format!("# {}\n", it.name)) && it.text.contains(it.purpose),
                "{}",
                it.name
            );
            assert_eq!(skill(it.name), Some(it));
        }
        assert_eq!(skill("none"), None);
    }

    #[test]
    fn a_new_brain_has_every_document_and_room_for_more() {
        let always: u64 =
            BRAIN.iter().filter(|(path, _)| is_always_read(path)).map(|(_, text)| tokens(text)).sum();
        assert!(always < ALWAYS_READ_TOKENS / 10, "{always} tokens");
        for document in DOCUMENTS {
            assert!(BRAIN.iter().any(|(path, text)| *path == document && !text.is_empty()), "{document}");
        }
    }
}
