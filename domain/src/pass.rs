//! A pass: what a person is logged in with, or an agent works under, until it ends or is revoked.
//!
//! The log knows when it was given and to whom, and the digest of its secret; never the secret.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, ProjectId, RunId, StepId, StreamId, UserId};
use crate::values::Timestamp;
use crate::{Decider, Rejection, check};

events! {
    /// Everything that can happen to a pass.
    pub enum PassEvent {
        3700 => PassIssued 1;
        3701 => PassRevoked 1;
    }
}

commands! {
    /// What can be asked of a pass.
    pub enum PassCommand {
        "issue" => IssuePass;
        "revoke" => RevokePass;
    }
}

/// Who shows it. Variants are stored by number: append, never reorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Bearer {
    /// A person who has logged in.
    Person {
        /// Who it is.
        user: UserId,
    },
    /// An agent at work.
    Agent {
        /// The project that the run is of.
        project: ProjectId,
        /// The run.
        run: RunId,
        /// The step, where it is for one only.
        step: Option<StepId>,
    },
}

plain! {
    /// A pass works from now on. The secret itself is nowhere in the log.
    struct PassIssued {
        /// Who shows it.
        bearer: Bearer,
        /// SHA-256 of the secret, hex.
        secret_sha256: String,
        /// When it ends.
        expires_at: Timestamp,
    }
    /// A pass works no longer.
    struct PassRevoked {}
}

plain! {
    /// Makes a pass work. Only the secret's digest is sent.
    struct IssuePass {
        /// Who shows it.
        bearer: Bearer,
        /// SHA-256 of the secret, 64 lower-case hex digits.
        secret_sha256: String,
        /// When it ends.
        expires_at: Timestamp,
    }
    /// Ends a pass before its time.
    struct RevokePass {}
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Missing,
    Working,
    Revoked,
}

/// A pass: whose it is, and whether it was revoked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pass {
    phase: Phase,
    project: Option<ProjectId>,
}

impl Decider for Pass {
    const CATEGORY: Category = Category(37);
    type Command = PassCommand;
    type Event = PassEvent;

    fn decide(&self, command: &PassCommand) -> Result<Vec<PassEvent>, Rejection> {
        let event = match (command, self.phase) {
            (PassCommand::IssuePass(c), Phase::Missing) => {
                check::sha256("secret_sha256", &c.secret_sha256)?;
                let IssuePass { bearer, secret_sha256, expires_at } = c.clone();
                PassIssued { bearer, secret_sha256, expires_at }.into()
            }
            (PassCommand::IssuePass(_), _) => {
                return Err(Rejection::AlreadyExists { what: "pass".into() });
            }
            (PassCommand::RevokePass(RevokePass {}), Phase::Working) => PassRevoked {}.into(),
            (PassCommand::RevokePass(_), Phase::Missing) => {
                return Err(Rejection::NotFound { aggregate: "pass" });
            }
            (PassCommand::RevokePass(_), Phase::Revoked) => {
                return Err(Rejection::illegal("pass", "working", "revoked"));
            }
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &PassEvent) {
        match event {
            PassEvent::PassIssued(e) => {
                self.phase = Phase::Working;
                self.project = match e.bearer {
                    Bearer::Agent { project, .. } => Some(project),
                    Bearer::Person { .. } => None,
                };
            }
            PassEvent::PassRevoked(_) => self.phase = Phase::Revoked,
        }
    }

    fn project(&self) -> Option<ProjectId> {
        self.project
    }

    fn references(command: &PassCommand) -> Vec<StreamId> {
        match command {
            PassCommand::IssuePass(IssuePass { bearer: Bearer::Person { user }, .. }) => vec![(*user).into()],
            PassCommand::IssuePass(IssuePass { bearer: Bearer::Agent { project, run, .. }, .. }) => {
                vec![(*project).into(), (*run).into()]
            }
            PassCommand::RevokePass(_) => vec![],
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<PassEvent> {
    let issued = |bearer| -> PassEvent {
        let expires_at = Timestamp::from_millis(1_800_000_000_000);
        PassIssued { bearer, secret_sha256: "0f".repeat(32), expires_at }.into()
    };
    let (project, run) = (ProjectId::from_bytes([1; 16]), RunId::from_bytes([2; 16]));
    vec![
        issued(Bearer::Person { user: UserId::from_bytes([4; 16]) }),
        issued(Bearer::Agent { project, run, step: None }),
        issued(Bearer::Agent { project, run, step: Some(StepId::from_bytes([3; 16])) }),
        PassRevoked {}.into(),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{
        Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with,
    };

    fn person() -> Value {
        let (sha, end) = ("0f".repeat(32), "2026-11-22T07:00:00.000Z");
        json!({ "bearer": { "person": { "user": id(4) } }, "secret_sha256": sha, "expires_at": end })
    }
    fn agent() -> Value {
        with(&person(), &json!({ "bearer": { "agent": { "project": id(1), "run": id(2), "step": id(3) } } }))
    }
    fn issued() -> Given<Pass> {
        given([]).and_json("issue", &person())
    }

    #[test]
    fn every_command_is_accepted_where_it_fits() {
        check_accepted::<Pass>(vec![
            (given([]), "issue", person(), vec![("PassIssued", person())]),
            (given([]), "issue", agent(), vec![("PassIssued", agent())]),
            (issued(), "revoke", json!({}), vec![("PassRevoked", json!({}))]),
        ]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (none, one, revoked) = (given([]), issued(), issued().and_json("revoke", &json!({})));
        let digest = |text: &str| with(&person(), &json!({ "secret_sha256": text }));
        let secret = "S3cret".repeat(11);
        check_refused(vec![
            (&none, "issue", digest(""), "`secret_sha256`: expected 64 lower-case hex digits, got `0 bytes`"),
            (&none, "issue", digest(&"0F".repeat(32)), "expected 64 lower-case hex digits"),
            (&none, "issue", digest(&secret), "expected 64 lower-case hex digits, got `66 bytes`"),
            (&one, "issue", person(), "pass exists already"),
            (&revoked, "issue", person(), "pass exists already"),
            (&none, "revoke", json!({}), "pass does not exist"),
            (&revoked, "revoke", json!({}), "expected pass to be working, but it is revoked"),
        ]);
    }

    #[test]
    fn it_names_whose_it_is() {
        let streams = |body: &Value| Pass::references(&command::<PassCommand>("issue", body));
        let run = RunId::from_bytes([2; 16]);
        assert_eq!(streams(&person()), [UserId::from_bytes([4; 16]).into()]);
        assert_eq!(streams(&agent()), [ProjectId::from_bytes([1; 16]).into(), run.into()]);
        assert_eq!(Pass::references(&RevokePass {}.into()), []);
        assert_eq!(issued().state().project(), None);
        let of_agent = given::<Pass>([]).and_json("issue", &agent()).state();
        assert_eq!(of_agent.project(), Some(ProjectId::from_bytes([1; 16])));
    }

    #[test]
    fn any_order_of_commands_folds_alike() {
        let commands = [("issue", person()), ("issue", agent()), ("revoke", json!({}))];
        check_any_order::<Pass>(&given([]), &pool(&commands), |history| assert!(history.len() <= 2));
    }
}
