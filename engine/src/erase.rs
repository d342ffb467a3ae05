//! Erasure: said in the log first, then done, then receipted; cut short anywhere, the next opening goes on.

use std::path::Path;

use domain::erasure::{CompleteErasure, Erasure, ErasureCommand, RequestErasure, Subject};
use domain::ids::DataKeyId;
use domain::{Actor, Command};
use journal::{Journal, Receipt};
use vault::{Vault, VaultError};

use crate::aggregates::{LoadError, load, lock};
use crate::{Engine, Envelope, ExecuteError};

/// Why nothing, or not everything, was erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// The log did not take the request or the receipt.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// A key could not be destroyed: the next start tries again.
    #[error("a key could not be destroyed")]
    Vault(#[from] VaultError),
}

/// What was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// Whose words.
    pub subject: Subject,
    /// The keys that were destroyed.
    pub keys: Vec<DataKeyId>,
    /// Where the receipt stands.
    pub receipt: Receipt,
}

/// Opens the vault of a data folder, and destroys what the log says is to be destroyed: an erasure that was cut short,
/// or one that is later than the backup that the keys are from.
pub(crate) fn open(dir: &Path, read_only: bool, journal: &Journal) -> Result<Vault, crate::EngineError> {
    let vault = if read_only { Vault::read(dir)? } else { Vault::open(dir)? };
    for subject in vault.subjects() {
        let erasure = erasure_of(journal, subject).map_err(crate::EngineError::Erasures)?;
        let doomed: Vec<_> = vault.keys_of(subject).into_iter().filter(|key| erasure.dooms(*key)).collect();
        if doomed.is_empty() {
            continue;
        }
        tracing::warn!(%subject, keys = doomed.len(), "the log says that these keys are erased: destroying them");
        if !read_only {
            vault.destroy(&doomed)?;
        }
    }
    Ok(vault)
}

fn erasure_of(journal: &Journal, subject: Subject) -> Result<Erasure, LoadError> {
    let aggregate = load(journal, subject.erasure())?;
    Ok(aggregate.state.of::<Erasure>().cloned().unwrap_or_default())
}

impl Engine {
    /// Destroys every key of `subject`: what they sealed is erased from then on, everywhere and for good.
    ///
    /// # Errors
    /// Where nothing is sealed for it, the log takes no more, or a key cannot be destroyed; then the next start goes on.
    pub async fn erase(&self, subject: Subject, reason: String, actor: Actor) -> Result<Erased, EraseError> {
        self.finish_erasure(subject, actor).await?;
        let keys = self.vault().keys_of(subject);
        let request = RequestErasure { subject, keys: keys.clone(), reason };
        self.execute(order(subject, request.into(), actor)).await?;
        self.destroy(subject, keys, actor).await
    }

    /// Goes on with erasures that were cut short; gives what they were of.
    ///
    /// # Errors
    /// As [`Engine::erase`].
    pub async fn finish_erasures(&self) -> Result<Vec<Erased>, EraseError> {
        let mut finished = Vec::new();
        for subject in self.vault().subjects() {
            finished.extend(self.finish_erasure(subject, Actor::System).await?);
        }
        Ok(finished)
    }
    async fn finish_erasure(&self, subject: Subject, actor: Actor) -> Result<Option<Erased>, EraseError> {
        let slot = self.fresh_slot(subject.erasure()).await?;
        let pending = {
            let aggregate = lock(&slot);
            aggregate.state.of::<Erasure>().map(|erasure| erasure.pending().to_vec()).unwrap_or_default()
        };
        if pending.is_empty() {
            return Ok(None);
        }
        self.destroy(subject, pending, actor).await.map(Some)
    }

    async fn destroy(
        &self,
        subject: Subject,
        keys: Vec<DataKeyId>,
        actor: Actor,
    ) -> Result<Erased, EraseError> {
        let (vault, doomed) = (self.vault().clone(), keys.clone());
        let destroyed = tokio::task::spawn_blocking(move || vault.destroy(&doomed)).await;
        destroyed.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        self.seals().forget();
        let complete = CompleteErasure { keys: keys.clone() };
        let receipt = self.execute(order(subject, complete.into(), actor)).await?;
        Ok(Erased { subject, keys, receipt })
    }
}

fn order(subject: Subject, command: ErasureCommand, actor: Actor) -> Envelope {
    Envelope::new(subject.erasure(), Command::Erasure(command), actor)
}
