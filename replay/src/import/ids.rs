//! Deterministic ids: ULIDs whose time is the session's start and whose rest follows from what they name.

use domain::Ulid;
use domain::ids::{CommitId, CorrelationId, MessageId, ProjectId, RunId, SandboxId, StepId};
use domain::project::CreateProject;
use domain::values::Timestamp;
use sha2::{Digest, Sha256};

/// The project that importers make for a slug: SHA-256 of the slug, under time 0, for a slug has no time.
#[must_use]
pub fn project_id(slug: &str) -> ProjectId {
    hashed(0, &["project", slug]).into()
}

/// Commit of the command that creates a slug's project.
pub(super) fn project_commit(slug: &str) -> CommitId {
    hashed(0, &["create-project", slug]).into()
}

/// The command that creates a slug's project.
pub(super) fn create_project(slug: &str) -> CreateProject {
    let (slug, name) = (slug.to_owned(), slug.to_owned());
    CreateProject { slug, name, owner: None, repository_url: None, logo_url: None }
}

/// Ids within one session.
#[derive(Debug, Clone)]
pub(super) struct Ids {
    format: &'static str,
    session: String,
    time_ms: u64,
}

impl Ids {
    pub(super) fn new(format: &'static str, session: impl Into<String>, started: Timestamp) -> Self {
        Self { format, session: session.into(), time_ms: u64::try_from(started.millis()).unwrap_or(0) }
    }
    pub(super) fn run(&self) -> RunId {
        self.named("run", 0, 0).into()
    }
    pub(super) fn sandbox(&self) -> SandboxId {
        self.named("sandbox", 0, 0).into()
    }
    pub(super) fn correlation(&self) -> CorrelationId {
        self.run().ulid().into()
    }
    /// The step that begins at `line`.
    pub(super) fn step(&self, line: u64) -> StepId {
        self.in_order("step", line, 0).into()
    }
    /// The `nth` message of `line`.
    pub(super) fn message(&self, line: u64, nth: u32) -> MessageId {
        self.in_order("message", line, nth).into()
    }
    /// The commit of the `nth` command of that kind that `line` leads to.
    pub(super) fn commit(&self, kind: &str, line: u64, nth: u32) -> CommitId {
        self.named(kind, line, nth).into()
    }

    fn named(&self, kind: &str, line: u64, nth: u32) -> Ulid {
        hashed(self.time_ms, &[self.format, &self.session, kind, &line.to_string(), &nth.to_string()])
    }
    /// Like [`Ids::named`], but with the line first, so that the ids of a session sort as its lines stand.
    fn in_order(&self, kind: &str, line: u64, nth: u32) -> Ulid {
        const HASH_BITS: u32 = 48;
        let line_bits = u128::from(u32::try_from(line).unwrap_or(u32::MAX)) << HASH_BITS;
        let hash = self.named(kind, line, nth).random() & ((1 << HASH_BITS) - 1);
        Ulid::from_parts(self.time_ms, line_bits | hash)
    }
}

/// A ULID of the first 80 bits of SHA-256 over the parts, each behind its length.
fn hashed(time_ms: u64, parts: &[&str]) -> Ulid {
    let mut hasher = Sha256::new();
    hasher.update(b"waybill import 1");
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let digest = hasher.finalize();
    let mut random = [0; 16];
    random[6..].copy_from_slice(&digest[..10]);
    Ulid::from_parts(time_ms, u128::from_be_bytes(random))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn ids(format: &'static str, session: &str) -> Ids {
        Ids::new(format, session, Timestamp::from_millis(1_763_681_630_805))
    }

    /// These ids stand in logs: another result would import every session a second time.
    #[test]
    fn ids_never_change() {
        let ids = ids("pi", "s");
        let text = [
            project_id("demo").to_string(),
            project_commit("demo").to_string(),
            ids.run().to_string(),
            ids.sandbox().to_string(),
            ids.step(2).to_string(),
            ids.message(2, 0).to_string(),
            ids.commit("line", 2, 1).to_string(),
        ];
        expect![[r#"
            0000000000K21THP9HY6FGQ82M
            000000000021T9YV4CM6XSDS07
            01KAHSVYJNDB8Y92X9CWQEHG8D
            01KAHSVYJN5JRZS2AE93M5RMNA
            01KAHSVYJN000000QBPD8GAP16
            01KAHSVYJN000000HKP2BMVJEN
            01KAHSVYJN7V5V2EGPRJ83J86G"#]]
        .assert_eq(&text.join("\n"));
    }

    #[test]
    fn every_part_counts() {
        let commit = ids("pi", "s").commit("line", 1, 0);
        assert_eq!(commit, ids("pi", "s").commit("line", 1, 0));
        for other in [
            ids("swe-agent", "s").commit("line", 1, 0),
            ids("pi", "t").commit("line", 1, 0),
            ids("pi", "s").commit("lin", 11, 0),
            ids("pi", "s").commit("line", 2, 0),
            ids("pi", "s").commit("line", 1, 1),
        ] {
            assert_ne!(commit, other);
        }
    }

    #[test]
    fn steps_and_messages_sort_as_lines_do() {
        let ids = ids("pi", "s");
        let steps: Vec<_> = (0..2_000).map(|line| ids.step(line)).collect();
        assert!(steps.is_sorted());
        assert!(ids.message(9, 1) < ids.message(10, 0));
    }
}
