//! What is sealed: secrets, and what people and agents said, under keys that can be destroyed; and what is kept out.
//!
//! The only one that knows a cipher for data. Holds a master key, which wraps a key for each project and person, which
//! seals. Nothing here is in the log: a key that is destroyed leaves the log as it was, and what it sealed unreadable.

mod cipher;
mod error;
mod file;
mod master;
mod redact;
mod secret;
mod store;
#[cfg(test)]
mod tests;
mod text;

use std::borrow::Cow;
use std::fmt::Display;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use data_encoding::HEXLOWER;
use domain::Event;
use domain::erasure::Subject;
use domain::ids::{DataKeyId, ProjectId};
use domain::project::Sealed;
use domain::sealed_text::{self, HEAD_CHARS};
use ulid::Ulid;

use crate::cipher::{NONCE_BYTES, random};
use crate::store::{Held, Store};

pub use error::{OpenError, VaultError};
pub use file::Purpose;
pub use redact::{Carry, PATTERN_MAX_BYTES, Redactor, VALUE_MIN_BYTES};
pub use secret::Plain;
pub use store::{FOLDER, copy};
pub use text::may_be_sealed;

/// Keys of a data folder. A cheap handle.
#[derive(Clone)]
pub struct Vault(Arc<RwLock<Store>>);

/// What a vault holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultStatus {
    /// By what the master key is told from others; none where it is not here.
    pub master: Option<String>,
    /// Keys that seal or open.
    pub live: usize,
    /// Keys that another master key wrapped.
    pub locked: usize,
    /// Keys that were destroyed.
    pub destroyed: usize,
}

impl Vault {
    /// The vault of a data folder, which this process holds. Finishes a change of the master key that was cut short.
    ///
    /// # Errors
    /// A master key that is missing, altered, open to others, or not the one that wrapped the keys there are.
    pub fn open(data: &Path) -> Result<Self, VaultError> {
        Store::open(data, false).map(Self::over)
    }
    /// The vault of a data folder that another process may hold: what cannot be opened stays sealed.
    ///
    /// # Errors
    /// A file that is altered or open to others.
    pub fn read(data: &Path) -> Result<Self, VaultError> {
        Store::open(data, true).map(Self::over)
    }
    /// One in memory.
    #[must_use]
    pub fn memory() -> Self {
        Self::over(Store::memory())
    }
    fn over(store: Store) -> Self {
        Self(Arc::new(RwLock::new(store)))
    }
    // Every change of the store ends in one assignment, so one that panicked left it whole.
    fn store(&self) -> RwLockReadGuard<'_, Store> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
    fn store_mut(&self) -> RwLockWriteGuard<'_, Store> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes sure that there is a key; durable on return.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn ensure(&self, subject: Subject, purpose: Purpose) -> Result<(), VaultError> {
        self.current(subject, purpose).map(|_| ())
    }
    fn current(&self, subject: Subject, purpose: Purpose) -> Result<(Ulid, cipher::KeyBytes), VaultError> {
        if let Some(current) = self.store().current(subject, purpose) {
            return Ok(current);
        }
        let id = Ulid::from_bytes(random());
        self.store_mut().ensure(subject, purpose, id)
    }

    /// Seals a secret of `project` that goes by `name`, under the key of `subject`.
    ///
    /// # Errors
    /// Where a key is wanted that cannot be written.
    pub fn seal_secret(
        &self,
        subject: Subject,
        project: ProjectId,
        name: &str,
        value: &str,
    ) -> Result<Sealed, VaultError> {
        let (id, key) = self.current(subject, Purpose::Secrets)?;
        let (key_id, nonce) = (id.to_string(), random::<NONCE_BYTES>());
        let sealed = cipher::seal(&key, &nonce, &about(project, name, &key_id), value.as_bytes());
        Ok(Sealed { key_id, nonce: HEXLOWER.encode(&nonce), ciphertext: HEXLOWER.encode(&sealed) })
    }
    /// A secret of `project` that goes by `name`.
    ///
    /// # Errors
    /// A key that is missing, destroyed or locked, and bytes that are not those of sealing.
    pub fn open_secret(&self, project: ProjectId, name: &str, sealed: &Sealed) -> Result<Plain, OpenError> {
        let key = self.store().key(&sealed.key_id)?;
        let altered = || OpenError::Altered(sealed.key_id.chars().take(80).collect());
        let nonce = HEXLOWER
            .decode(sealed.nonce.as_bytes())
            .ok()
            .and_then(|nonce| nonce.try_into().ok())
            .ok_or_else(altered)?;
        let bytes = HEXLOWER.decode(sealed.ciphertext.as_bytes()).map_err(|_| altered())?;
        let opened = cipher::open(&key, &nonce, &about(project, name, &sealed.key_id), &bytes);
        let text = opened.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
        text.map(Plain::new).ok_or_else(altered)
    }

    /// Seals a text under the key of `subject`. What is sealed already, or empty, stays as it is.
    ///
    /// # Errors
    /// Where a key is wanted that cannot be written.
    pub fn seal_text(&self, subject: Subject, text: &str) -> Result<String, VaultError> {
        if text.is_empty() || text.starts_with(sealed_text::PREFIX) {
            return Ok(text.to_owned());
        }
        let (id, key) = self.current(subject, Purpose::Content)?;
        // Two pieces: a preview keeps the first whole.
        let cut = text.char_indices().nth(HEAD_CHARS).map_or(text.len(), |(at, _)| at);
        let (head, tail) = text.split_at(cut);
        let mut sealed = text::write(id, &key, head);
        if !tail.is_empty() {
            sealed.push_str(&text::write(id, &key, tail));
        }
        Ok(sealed)
    }
    /// A text as people see it: what is sealed is opened, what is erased says so.
    #[must_use]
    pub fn reveal<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.reveal_with(text.as_bytes(), |opened, out| out.extend_from_slice(opened.as_bytes())) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            // Both what stays and what is put in are whole characters.
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }
    /// As [`Vault::reveal`], of JSON: what is opened stands in strings.
    #[must_use]
    pub fn reveal_json<'a>(&self, json: &'a [u8]) -> Cow<'a, [u8]> {
        self.reveal_with(json, text::escape)
    }
    /// As [`Vault::reveal`], of everything that an event says.
    pub fn reveal_event(&self, event: &mut Event) {
        event.prose(&mut |text| {
            if let Cow::Owned(opened) = self.reveal(text) {
                *text = opened;
            }
        });
    }
    /// As [`Vault::reveal_json`], of a text that is owned.
    #[must_use]
    pub fn reveal_text(&self, json: String) -> String {
        match self.reveal_json(json.as_bytes()) {
            Cow::Borrowed(_) => json,
            Cow::Owned(opened) => String::from_utf8_lossy(&opened).into_owned(),
        }
    }
    fn reveal_with<'a>(&self, bytes: &'a [u8], write: impl Fn(&str, &mut Vec<u8>)) -> Cow<'a, [u8]> {
        if text::find(bytes).is_none() {
            return Cow::Borrowed(bytes);
        }
        let store = self.store();
        text::reveal(bytes, |id| store.key(id), write)
    }

    /// A digest of `text` that tells nothing to whoever has no key of `subject`; none before there is one.
    #[must_use]
    pub fn digest(
        &self,
        subject: Subject,
        purpose: Purpose,
        label: impl Display,
        text: &[u8],
    ) -> Option<[u8; 32]> {
        let (_, key) = self.store().current(subject, purpose)?;
        Some(cipher::digest(&key, &label.to_string(), text))
    }

    /// Ids of the keys of `subject` that were not destroyed.
    #[must_use]
    pub fn keys_of(&self, subject: Subject) -> Vec<DataKeyId> {
        let store = self.store();
        let of = store
            .keys
            .values()
            .filter(|(file, held)| file.subject == subject && !matches!(held, Held::Destroyed));
        of.map(|(file, _)| file.id.into()).collect()
    }
    /// Everybody who has or had a key.
    #[must_use]
    pub fn subjects(&self) -> Vec<Subject> {
        let mut subjects: Vec<_> = self.store().keys.values().map(|(file, _)| file.subject).collect();
        subjects.sort_unstable();
        subjects.dedup();
        subjects
    }
    /// Overwrites keys where they lie and forgets them; durable on return. What they sealed is erased from then on.
    ///
    /// # Errors
    /// Where a file cannot be written: those before it are destroyed.
    pub fn destroy(&self, keys: &[DataKeyId]) -> Result<(), VaultError> {
        let mut store = self.store_mut();
        keys.iter().try_for_each(|key| store.destroy(key.ulid()))
    }

    /// Wraps every key with a new master key and overwrites the old one.
    ///
    /// # Errors
    /// Where a file cannot be written: the next opening goes on.
    pub fn rotate_master(&self) -> Result<VaultStatus, VaultError> {
        self.store_mut().rotate()?;
        Ok(self.status())
    }
    /// What it holds.
    #[must_use]
    pub fn status(&self) -> VaultStatus {
        let store = self.store();
        let count = |which: fn(&Held) -> bool| store.keys.values().filter(|(_, held)| which(held)).count();
        VaultStatus {
            master: store.master.as_ref().map(|master| master.id.clone()),
            live: count(|held| matches!(held, Held::Live(_))),
            locked: count(|held| matches!(held, Held::Locked)),
            destroyed: count(|held| matches!(held, Held::Destroyed)),
        }
    }
}

impl Default for Vault {
    fn default() -> Self {
        Self::memory()
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Vault").field(&self.status()).finish()
    }
}

/// What a secret is bound to: it opens under this name of this project alone.
fn about(project: ProjectId, name: &str, key: &str) -> Vec<u8> {
    format!("waybill secret 1\n{project}\n{name}\n{key}\n").into_bytes()
}
