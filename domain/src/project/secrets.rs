//! Secrets of a project: what comes in the clear is sealed before anything is decided, and what is stored is found again.

use super::*;
use crate::Command;
use crate::erasure::Subject;

/// Whether prompts and messages are sealed, and under whose key. Variants are stored by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContentSealing {
    /// They are not.
    #[default]
    Off,
    /// Under a key of the project.
    Project,
    /// What a person says under a key of that person, everything else under one of the project.
    Person,
}

plain! {
    /// Prompts and messages are sealed in this way from now on.
    struct ContentSealingSet {
        /// Under whose key.
        sealing: ContentSealing,
    }
    /// Says whether prompts and messages are sealed from now on; what is in the log already stays as it is.
    struct SetContentSealing {
        /// Under whose key.
        sealing: ContentSealing,
    }
}

/// Which secret of a project, and whose key seals it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretName {
    /// What it is bound to; permanent.
    pub bound: String,
    /// What people call it, as in a marker in its place.
    pub shown: String,
    /// Whose key seals it; the project's where none is named.
    pub person: Option<UserId>,
}

impl SecretName {
    /// An environment variable.
    #[must_use]
    pub fn variable(name: &str) -> Self {
        Self { bound: format!("env/{name}"), shown: name.to_owned(), person: None }
    }
    /// A member's key at a provider.
    #[must_use]
    pub fn provider_key(user: UserId, provider: &str) -> Self {
        let (bound, shown) = (format!("provider/{user}/{provider}"), format!("{provider} key"));
        Self { bound, shown, person: Some(user) }
    }
    /// Whose key seals it, in `project`.
    #[must_use]
    pub fn subject(&self, project: ProjectId) -> Subject {
        self.person.map_or(Subject::Project(project), Subject::Person)
    }
}

impl ProjectEvent {
    /// The secret that it stores.
    #[must_use]
    pub fn secret(&self) -> Option<(SecretName, &Sealed)> {
        match self {
            Self::EnvVarSet(EnvVarSet { name, value: EnvValue::Sealed { sealed } }) => {
                Some((SecretName::variable(name), sealed))
            }
            Self::ProviderKeySealed(e) => Some((SecretName::provider_key(e.user, &e.provider), &e.sealed)),
            _ => None,
        }
    }
}

impl Command {
    /// The secret that came with it in the clear.
    #[must_use]
    pub fn plain_secret(&self) -> Option<(SecretName, &str)> {
        match self {
            Self::Project(ProjectCommand::SetEnvVar(SetEnvVar {
                name,
                value: EnvValue::Plain { value },
                secret: true,
            })) => Some((SecretName::variable(name), value)),
            Self::Project(ProjectCommand::SealProviderKey(c)) if c.sealed.is_none() => {
                Some((SecretName::provider_key(c.user, &c.provider), c.key.as_deref()?))
            }
            _ => None,
        }
    }
    /// The same with that secret sealed.
    #[must_use]
    pub fn with_sealed(self, sealed: Sealed) -> Self {
        match self {
            Self::Project(ProjectCommand::SetEnvVar(c)) => {
                Self::Project(SetEnvVar { value: EnvValue::Sealed { sealed }, ..c }.into())
            }
            Self::Project(ProjectCommand::SealProviderKey(c)) => {
                Self::Project(SealProviderKey { key: None, sealed: Some(sealed), ..c }.into())
            }
            other => other,
        }
    }
}

impl Project {
    /// Whether its prompts and messages are sealed.
    #[must_use]
    pub const fn content_sealing(&self) -> ContentSealing {
        self.content_sealing
    }
    /// That what is to be a secret can be one, before it is sealed.
    ///
    /// # Errors
    /// A name or value that would be refused.
    pub fn check_secret(name: &SecretName, value: &str) -> Result<(), Rejection> {
        let most = ENV_VALUE_MAX_BYTES - SEALING_BYTES;
        check::name("name", &name.shown)?;
        check::range("value", value.len(), &(1..=most), "bytes")?;
        if value.contains('\0') {
            return Err(Rejection::invalid("value", "a text without NUL", "one with NUL"));
        }
        Ok(())
    }
}

/// Bytes that sealing adds to a value.
const SEALING_BYTES: usize = 16;
