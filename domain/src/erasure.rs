//! An erasure: keys of a project or a person are destroyed, and with them what they sealed.
//!
//! The log stays as it is, and its proofs hold: what was sealed under a destroyed key is no text any more. One stream for
//! each project or person, under the same id.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, DataKeyId, ErasureId, IdError, ProjectId, StreamId, UserId};
use crate::{Decider, Rejection, check};

/// Longest reason, in bytes.
const REASON_MAX_BYTES: usize = 2_000;
/// Keys that one erasure destroys; a project or person has one or two at a time.
const KEYS_MAX: usize = 1_000;

events! {
    /// Everything that can happen to an erasure.
    pub enum ErasureEvent {
        4700 => ErasureRequested 1;
        4701 => ErasureCompleted 1;
    }
}

commands! {
    /// What can be asked of an erasure: the server asks it of itself.
    pub enum ErasureCommand {
        "request" => RequestErasure;
        "complete" => CompleteErasure;
    }
}

/// Whose words are erased. Variants are stored by number: append, never reorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// What was said in a project, and its secrets.
    Project(ProjectId),
    /// What a person said, and their keys at providers.
    Person(UserId),
}

impl Subject {
    /// The stream that tells of its erasures.
    #[must_use]
    pub fn erasure(self) -> StreamId {
        let id = match self {
            Self::Project(id) => id.to_bytes(),
            Self::Person(id) => id.to_bytes(),
        };
        ErasureId::from_bytes(id).into()
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project(id) => write!(f, "project-{id}"),
            Self::Person(id) => write!(f, "user-{id}"),
        }
    }
}

impl FromStr for Subject {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.split_once('-') {
            Some(("project", id)) => id.parse().map(Self::Project),
            Some(("user", id)) => id.parse().map(Self::Person),
            _ => Err(IdError::new("project-ULID or user-ULID", text)),
        }
    }
}

plain! {
    /// Keys are to be destroyed; whatever happens, they will be.
    struct ErasureRequested {
        /// Whose.
        subject: Subject,
        /// The keys.
        keys: Vec<DataKeyId>,
        /// Why.
        reason: String,
    }
    /// The keys are destroyed: the receipt. The commit's actor says who asked, its time when.
    struct ErasureCompleted {
        /// Whose.
        subject: Subject,
        /// The keys.
        keys: Vec<DataKeyId>,
    }
}

plain! {
    /// Records that keys are to be destroyed.
    struct RequestErasure {
        /// Whose; always the same in one stream.
        subject: Subject,
        /// The keys, each once; at least 1.
        keys: Vec<DataKeyId>,
        /// Why; 1 to 2,000 bytes.
        reason: String,
    }
    /// Records that they are destroyed.
    struct CompleteErasure {
        /// The keys, as requested.
        keys: Vec<DataKeyId>,
    }
}

/// The erasures of one project or person.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Erasure {
    subject: Option<Subject>,
    /// Keys of the erasure that is under way.
    pending: Vec<DataKeyId>,
    /// Every key that was ever to be destroyed.
    doomed: BTreeSet<DataKeyId>,
}

impl Erasure {
    /// Whose they are.
    #[must_use]
    pub const fn subject(&self) -> Option<Subject> {
        self.subject
    }
    /// Keys of an erasure that is not completed.
    #[must_use]
    pub fn pending(&self) -> &[DataKeyId] {
        &self.pending
    }
    /// Whether the key may be used no more.
    #[must_use]
    pub fn dooms(&self, key: DataKeyId) -> bool {
        self.doomed.contains(&key)
    }

    fn request(&self, command: &RequestErasure) -> Result<ErasureEvent, Rejection> {
        let RequestErasure { subject, keys, reason } = command.clone();
        if self.subject.is_some_and(|own| own != subject) {
            return Err(Rejection::invalid("subject", "the one of this stream", subject));
        }
        check::filled_within("reason", &reason, REASON_MAX_BYTES)?;
        if keys.is_empty() {
            let hint = "only what was recorded while sealing was on can be erased: `set-content-sealing` of the project";
            return Err(Rejection::rule("nothing is sealed for it", hint));
        }
        check::range("keys", keys.len(), &(1..=KEYS_MAX), "keys")?;
        check::each_once("keys", &keys)?;
        if !self.pending.is_empty() {
            return Err(Rejection::rule("an erasure is under way", "wait until it is completed"));
        }
        Ok(ErasureRequested { subject, keys, reason }.into())
    }
    fn complete(&self, command: &CompleteErasure) -> Result<ErasureEvent, Rejection> {
        let subject = self.subject.ok_or(Rejection::NotFound { aggregate: "erasure" })?;
        if self.pending.is_empty() {
            return Err(Rejection::rule("no erasure is under way", "request one first"));
        }
        if command.keys != self.pending {
            return Err(Rejection::invalid("keys", "the keys that were requested", "others"));
        }
        Ok(ErasureCompleted { subject, keys: command.keys.clone() }.into())
    }
}

impl Decider for Erasure {
    const CATEGORY: Category = Category(47);
    type Command = ErasureCommand;
    type Event = ErasureEvent;

    fn decide(&self, command: &ErasureCommand) -> Result<Vec<ErasureEvent>, Rejection> {
        let event = match command {
            ErasureCommand::RequestErasure(c) => self.request(c)?,
            ErasureCommand::CompleteErasure(c) => self.complete(c)?,
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &ErasureEvent) {
        match event {
            ErasureEvent::ErasureRequested(e) => {
                self.subject = Some(e.subject);
                self.pending.clone_from(&e.keys);
                self.doomed.extend(e.keys.iter().copied());
            }
            ErasureEvent::ErasureCompleted(_) => self.pending.clear(),
        }
    }

    fn references(command: &ErasureCommand) -> Vec<StreamId> {
        match command {
            ErasureCommand::RequestErasure(RequestErasure { subject: Subject::Project(project), .. }) => {
                vec![StreamId::from(*project)]
            }
            _ => Vec::new(),
        }
    }

    /// An erasure of a person is of no project.
    fn project(&self) -> Option<ProjectId> {
        match self.subject {
            Some(Subject::Project(project)) => Some(project),
            _ => None,
        }
    }
}

/// One of every event.
pub(crate) fn samples() -> Vec<ErasureEvent> {
    let keys = || vec![DataKeyId::from_bytes([7; 16]), DataKeyId::from_bytes([8; 16])];
    let project = Subject::Project(ProjectId::from_bytes([1; 16]));
    let person = Subject::Person(UserId::from_bytes([2; 16]));
    vec![
        ErasureRequested { subject: project, keys: keys(), reason: "the contract has ended".into() }.into(),
        ErasureCompleted { subject: person, keys: keys() }.into(),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{Given, check_accepted, check_any_order, check_refused, given, pool, with};

    fn subject() -> Value {
        json!({ "project": ProjectId::from_bytes([1; 16]) })
    }
    fn body(key: u8) -> Value {
        json!({ "subject": subject(), "keys": [DataKeyId::from_bytes([key; 16])], "reason": "why" })
    }
    fn keys(key: u8) -> Value {
        json!({ "keys": [DataKeyId::from_bytes([key; 16])] })
    }
    fn requested() -> Given<Erasure> {
        given([]).and_json("request", &body(7))
    }

    #[test]
    fn every_command_is_accepted_where_it_fits() {
        let done = with(&keys(7), &json!({ "subject": subject() }));
        check_accepted::<Erasure>(vec![
            (given([]), "request", body(7), vec![("ErasureRequested", body(7))]),
            (requested(), "complete", keys(7), vec![("ErasureCompleted", done)]),
            (
                requested().and_json("complete", &keys(7)),
                "request",
                body(8),
                vec![("ErasureRequested", body(8))],
            ),
        ]);
        let state = requested().and_json("complete", &keys(7)).state().clone();
        assert!(state.dooms(DataKeyId::from_bytes([7; 16])) && !state.dooms(DataKeyId::from_bytes([8; 16])));
        assert!(state.pending().is_empty());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (none, one) = (given::<Erasure>([]), requested());
        let ended = requested().and_json("complete", &keys(7));
        let another = json!({ "subject": { "person": UserId::from_bytes([2; 16]) } });
        check_refused(vec![
            (&none, "request", with(&body(7), &json!({ "reason": " " })), "`reason`: expected a text"),
            (&none, "request", with(&body(7), &json!({ "keys": [] })), "nothing is sealed for it"),
            (&one, "request", body(8), "an erasure is under way"),
            (&ended, "request", with(&body(8), &another), "`subject`: expected the one of this stream"),
            (&none, "complete", keys(7), "erasure does not exist"),
            (&one, "complete", keys(8), "`keys`: expected the keys that were requested"),
            (&ended, "complete", keys(7), "no erasure is under way"),
        ]);
    }

    #[test]
    fn any_order_of_commands_leaves_it_whole() {
        let commands =
            [("request", body(7)), ("request", body(8)), ("complete", keys(7)), ("complete", keys(8))];
        check_any_order::<Erasure>(&given([]), &pool(&commands), |history| {
            let asked = history.iter().filter(|event| matches!(event, ErasureEvent::ErasureRequested(_)));
            assert!((asked.count() * 2).abs_diff(history.len()) <= 1, "each is completed before the next");
        });
    }

    #[test]
    fn a_subject_has_one_spelling() {
        for subject in
            [Subject::Project(ProjectId::from_bytes([1; 16])), Subject::Person(UserId::from_bytes([2; 16]))]
        {
            assert_eq!(subject.to_string().parse(), Ok(subject));
        }
        assert!("run-01JD0000000000000000000000".parse::<Subject>().is_err());
    }
}
