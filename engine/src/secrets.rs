//! A project's secrets in the clear, for what runs its agents. No interface hands them out.

use domain::ids::ProjectId;
use domain::project::{EnvVarRemoved, ProjectEvent, ProviderKeyRemoved, Sealed, SecretName};
use journal::ReadError;
use vault::{OpenError, Plain};

use crate::Engine;

/// Why there is no secret to be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The log could not be read.
    #[error("the log could not be read")]
    Read(#[from] ReadError),
    /// The project has none of that name.
    #[error("the project has no secret `{0}`")]
    Unknown(String),
    /// It is there and does not open.
    #[error("secret `{name}` does not open")]
    Sealed {
        /// Its name.
        name: String,
        /// Why not.
        source: OpenError,
    },
}

impl Engine {
    /// The value in force of a secret variable of `project`, or of a member's key at a provider.
    ///
    /// # Errors
    /// None of that name, and one whose key is missing, destroyed or locked.
    pub fn open_secret(&self, project: ProjectId, name: &SecretName) -> Result<Plain, SecretError> {
        let mut found: Option<Sealed> = None;
        self.each_project_event(project, |event| {
            match event {
                ProjectEvent::EnvVarSet(_) | ProjectEvent::ProviderKeySealed(_) => {}
                ProjectEvent::EnvVarRemoved(EnvVarRemoved { name: of })
                    if SecretName::variable(of) == *name =>
                {
                    found = None;
                }
                ProjectEvent::ProviderKeyRemoved(ProviderKeyRemoved { user, provider })
                    if SecretName::provider_key(*user, provider) == *name =>
                {
                    found = None;
                }
                ProjectEvent::MemberRemoved(e) if name.person == Some(e.user) => found = None,
                _ => {}
            }
            match event.secret() {
                Some((of, sealed)) if of == *name => found = Some(sealed.clone()),
                // Set anew in the open: what was secret is in force no longer.
                None if matches!(event, ProjectEvent::EnvVarSet(e) if SecretName::variable(&e.name) == *name) => {
                    found = None;
                }
                _ => {}
            }
        })?;
        let shown = || name.shown.clone();
        let sealed = found.ok_or_else(|| SecretError::Unknown(shown()))?;
        let opened = self.vault().open_secret(project, &name.bound, &sealed);
        opened.map_err(|source| SecretError::Sealed { name: shown(), source })
    }
}
