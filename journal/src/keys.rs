//! The key that signs checkpoints: a file that only its owner reads, and its public half beside it.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use domain::ids::LogId;
use proof::{Origin, SigningKey, VerifyingKey};

use crate::error::{OpenError, ReadError};
use crate::tiles::{replace_file, sync_folder};

/// The secret half.
const SECRET: &str = "log.key";
/// The public half.
const PUBLIC: &str = "log.pub";
/// The secret half of the key that is to replace it.
const NEXT: &str = "log.key.next";

/// The log's keys as far as this process has them.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    /// `None` in memory.
    folder: Option<PathBuf>,
    /// `None` where the log is open for reading and only the public half is there.
    pub(crate) signing: Option<SigningKey>,
    pub(crate) verifying: VerifyingKey,
    /// What the file of the public half says, where a replacement was cut short.
    published: Option<VerifyingKey>,
    /// The replacement that was cut short before.
    next: Option<SigningKey>,
}

/// Name of a log's keys. It outlives restores and repairs, so that whoever pinned a key can go on.
pub(crate) fn name(log_id: LogId) -> String {
    Origin { log: log_id, epoch: 1 }.key_name()
}

/// 32 bytes of the system's randomness, to make a key of.
///
/// # Panics
/// Where the system has no randomness.
#[must_use]
pub fn random_seed() -> [u8; 32] {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).expect("the system gives randomness");
    seed
}

/// A key from 32 bytes of the system's randomness.
///
/// # Panics
/// Where the system has no randomness.
pub(crate) fn fresh(log_id: LogId) -> SigningKey {
    SigningKey::from_seed(name(log_id), &random_seed()).expect("the name has no space and no plus")
}

impl Keys {
    /// Keys of a log in memory.
    pub(crate) fn in_memory(log_id: LogId) -> Self {
        Self::of(fresh(log_id), None)
    }

    pub(crate) fn of(signing: SigningKey, folder: Option<PathBuf>) -> Self {
        let verifying = signing.verifying_key().clone();
        Self { folder, signing: Some(signing), verifying, published: None, next: None }
    }

    /// Reads the keys in `folder`; makes them where `create` says that there can have been none. `None` where
    /// there are none.
    pub(crate) fn open(folder: &Path, log_id: LogId, create: bool) -> Result<Option<Self>, OpenError> {
        let secret = read_secret(&folder.join(SECRET), log_id)?;
        let next = read_secret(&folder.join(NEXT), log_id)?;
        let published = read_public(&folder.join(PUBLIC), log_id)?;
        let mut keys = match (secret, &published) {
            (Some(secret), _) => Self::of(secret, Some(folder.to_owned())),
            (None, None) if create => return Self::create(folder, log_id).map(Some),
            (None, Some(verifying)) => Self {
                folder: Some(folder.to_owned()),
                signing: None,
                verifying: verifying.clone(),
                published: None,
                next: None,
            },
            (None, None) => return Ok(None),
        };
        keys.next = next;
        keys.published = published.filter(|published| *published != keys.verifying);
        Ok(Some(keys))
    }

    /// The public half alone, which is in no folder.
    pub(crate) fn known(verifying: VerifyingKey) -> Self {
        Self { folder: None, signing: None, verifying, published: None, next: None }
    }

    /// The public half alone, where it can be read.
    pub(crate) fn public(folder: &Path, log_id: LogId) -> Option<Self> {
        let verifying = read_public(&folder.join(PUBLIC), log_id).ok().flatten()?;
        Some(Self { folder: Some(folder.to_owned()), signing: None, verifying, published: None, next: None })
    }

    /// The secret half alone, where it can be read: the public one follows from it.
    pub(crate) fn secret(folder: &Path, log_id: LogId) -> Option<Self> {
        let signing = read_secret(&folder.join(SECRET), log_id).ok().flatten()?;
        Some(Self::of(signing, Some(folder.to_owned())))
    }

    /// Names of the files of the key in force that are not there.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let Some(folder) = &self.folder else { return Vec::new() };
        [SECRET, PUBLIC].into_iter().filter(|name| !folder.join(name).exists()).collect()
    }

    /// Whether the file of the public half says something that no change of key explains: it is missing, no key, or
    /// that of another one.
    pub(crate) fn is_public_lost(&self, log_id: LogId) -> bool {
        let (Some(folder), Some(_), None) = (&self.folder, &self.signing, &self.next) else { return false };
        !matches!(read_public(&folder.join(PUBLIC), log_id), Ok(Some(published)) if published == self.verifying)
    }

    /// Writes the public half anew; one that lies there is moved away.
    pub(crate) fn mend_public(&mut self) -> Result<(), OpenError> {
        let path = self.folder.as_ref().map(|folder| folder.join(PUBLIC));
        if let Some(path) = path.filter(|path| path.exists()) {
            set_aside(&path)?;
        }
        self.publish()
    }

    fn create(folder: &Path, log_id: LogId) -> Result<Self, OpenError> {
        make_folder(folder)?;
        let keys = Self::of(fresh(log_id), Some(folder.to_owned()));
        let secret = keys.signing.as_ref().expect("it was just made");
        write(&folder.join(SECRET), &secret.to_secret_text(), 0o600)?;
        write(&folder.join(PUBLIC), &keys.verifying.to_string(), 0o644)?;
        Ok(keys)
    }

    /// Writes them into another folder, as far as they are here, the secret half if it is wanted. A secret half of
    /// another key that lies there is moved away: it would be taken for the one in force.
    pub(crate) fn copy_to(&self, folder: &Path, secret: bool) -> Result<(), OpenError> {
        make_folder(folder)?;
        let path = folder.join(SECRET);
        if let Some(signing) = self.signing.as_ref().filter(|_| secret) {
            write(&path, &signing.to_secret_text(), 0o600)?;
        } else if path.exists() && !self.is_secret_of(&path) {
            set_aside(&path)?;
        }
        write(&folder.join(PUBLIC), &self.verifying.to_string(), 0o644)
    }

    /// Whether a file holds the secret half of the key in force.
    fn is_secret_of(&self, path: &Path) -> bool {
        let text = read(path).ok().flatten().unwrap_or_default();
        SigningKey::from_secret_text(&text).is_ok_and(|key| *key.verifying_key() == self.verifying)
    }

    /// Moves whatever key files there are out of the way and makes new ones.
    pub(crate) fn renew(folder: &Path, log_id: LogId) -> Result<Self, OpenError> {
        for path in [SECRET, NEXT, PUBLIC].map(|name| folder.join(name)).iter().filter(|path| path.exists()) {
            set_aside(path)?;
        }
        Self::create(folder, log_id)
    }

    /// Keys that may have signed the last checkpoint.
    pub(crate) fn candidates(&self) -> Vec<VerifyingKey> {
        let next = self.next.as_ref().map(|next| next.verifying_key().clone());
        [Some(self.verifying.clone()), self.published.clone(), next].into_iter().flatten().collect()
    }

    /// Reads the files once more: they must still fit each other and what was read at opening.
    pub(crate) fn check(
        &self,
        is_rotated: impl Fn(&VerifyingKey) -> Result<bool, ReadError>,
    ) -> Result<(), OpenError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        // Halves that differ are those of a change that was cut short, or somebody put one of them there.
        let newest = self.next.as_ref().map_or(&self.verifying, |next| next.verifying_key());
        if let Some(published) = self.published.as_ref().filter(|_| !is_rotated(newest).unwrap_or(false)) {
            return Err(self.differs(&folder.join(PUBLIC), published));
        }
        let log_id = self.verifying.name().strip_prefix("waybill/").and_then(|id| id.parse().ok());
        let stored = Self::open(folder, log_id.expect("the name was checked at opening"), false)?;
        let same = |stored: &Self| stored.verifying == self.verifying && stored.published == self.published;
        if stored.as_ref().is_some_and(same) {
            return Ok(());
        }
        let reason = format!("expected `{}`, as it was at opening", self.verifying);
        Err(OpenError::Key { path: folder.join(PUBLIC), reason })
    }

    /// Finishes or drops a replacement that was cut short; `is_rotated` tells whether the log says that a key has
    /// become the log's.
    pub(crate) fn settle(
        &mut self,
        is_rotated: impl Fn(&VerifyingKey) -> Result<bool, ReadError>,
    ) -> Result<(), OpenError> {
        let Some(folder) = self.folder.clone() else { return Ok(()) };
        if let Some(next) = self.next.take() {
            if is_rotated(next.verifying_key())? {
                self.published.get_or_insert_with(|| self.verifying.clone());
                self.verifying = next.verifying_key().clone();
                self.signing = Some(next);
                promote(&folder)?;
            } else {
                set_aside(&folder.join(NEXT))?;
            }
        }
        let path = folder.join(PUBLIC);
        match self.published.take() {
            Some(_) if is_rotated(&self.verifying)? => self.publish(),
            Some(published) => Err(self.differs(&path, &published)),
            None if !path.exists() => self.publish(),
            None => Ok(()),
        }
    }

    fn differs(&self, path: &Path, published: &VerifyingKey) -> OpenError {
        let reason =
            format!("expected `{}`, the public half of `{SECRET}`, got `{published}`", self.verifying);
        OpenError::Key { path: path.to_owned(), reason }
    }

    /// Writes down the key that is to replace this one.
    pub(crate) fn prepare(&self, next: &SigningKey) -> Result<(), OpenError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        write(&folder.join(NEXT), &next.to_secret_text(), 0o600)
    }

    /// Moves the key that was written down out of the way.
    pub(crate) fn drop_prepared(&self) -> Result<(), OpenError> {
        self.folder.as_ref().map_or(Ok(()), |folder| set_aside(&folder.join(NEXT)))
    }

    /// Makes the key that was written down the log's.
    pub(crate) fn replace(&mut self, next: SigningKey) -> Result<(), OpenError> {
        if let Some(folder) = &self.folder {
            promote(folder)?;
            self.published = Some(self.verifying.clone());
        }
        self.verifying = next.verifying_key().clone();
        self.signing = Some(next);
        Ok(())
    }

    /// Writes the public half.
    pub(crate) fn publish(&mut self) -> Result<(), OpenError> {
        self.published = None;
        let Some(folder) = &self.folder else { return Ok(()) };
        write(&folder.join(PUBLIC), &self.verifying.to_string(), 0o644)
    }
}

fn promote(folder: &Path) -> Result<(), OpenError> {
    fs::rename(folder.join(NEXT), folder.join(SECRET)).map_err(OpenError::io(&folder.join(NEXT)))?;
    sync_folder(folder).map_err(OpenError::io(folder))
}

/// Moves a file away under the first free name; nothing is ever deleted.
fn set_aside(path: &Path) -> Result<(), OpenError> {
    fs::rename(path, free_name(path, "unused")).map_err(OpenError::io(path))
}

/// The first free one of `path.what-1`, `path.what-2` and so on.
pub(crate) fn free_name(path: &Path, what: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let free = (1_u64..).map(|number| path.with_file_name(format!("{name}.{what}-{number}")));
    free.into_iter().find(|path| !path.exists()).expect("there are more names than files")
}

pub(crate) fn make_folder(folder: &Path) -> Result<(), OpenError> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(OpenError::io(folder))?;
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.map_or(Ok(()), |parent| sync_folder(parent).map_err(OpenError::io(parent)))
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), OpenError> {
    replace_file(path, format!("{text}\n").as_bytes(), mode).map_err(OpenError::io(path))
}

fn read(path: &Path) -> Result<Option<String>, OpenError> {
    match crate::whole::read(path) {
        Ok(bytes) => {
            let line =
                String::from_utf8(bytes).ok().and_then(|text| text.strip_suffix('\n').map(str::to_owned));
            let wrong =
                || OpenError::Key { path: path.to_owned(), reason: "expected one line of text".into() };
            line.ok_or_else(wrong).map(Some)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(OpenError::io(path)(error)),
    }
}

fn read_secret(path: &Path, log_id: LogId) -> Result<Option<SigningKey>, OpenError> {
    let Some(text) = read(path)? else { return Ok(None) };
    let wrong = |reason| OpenError::Key { path: path.to_owned(), reason };
    let mode = fs::metadata(path).map_err(OpenError::io(path))?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(wrong(format!("expected a file that only its owner reads, mode 600, got mode {mode:o}")));
    }
    let key = SigningKey::from_secret_text(&text).map_err(|error| wrong(error.to_string()))?;
    named(key.name(), log_id).map_err(wrong)?;
    Ok(Some(key))
}

fn read_public(path: &Path, log_id: LogId) -> Result<Option<VerifyingKey>, OpenError> {
    let Some(text) = read(path)? else { return Ok(None) };
    let wrong = |reason| OpenError::Key { path: path.to_owned(), reason };
    let key: VerifyingKey = text.parse().map_err(|error: proof::note::KeyError| wrong(error.to_string()))?;
    named(key.name(), log_id).map_err(wrong)?;
    Ok(Some(key))
}

fn named(actual: &str, log_id: LogId) -> Result<(), String> {
    let expected = name(log_id);
    if actual == expected {
        Ok(())
    } else {
        Err(format!("expected a key of `{expected}`, got one of `{actual}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: LogId = LogId::from_bytes([7; 16]);

    fn open(folder: &Path) -> Result<Keys, OpenError> {
        Keys::open(folder, LOG, true).map(|keys| keys.expect("they are made where they are missing"))
    }

    #[test]
    fn a_key_is_made_once_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("keys");
        assert!(Keys::open(&folder, LOG, false).unwrap().is_none());
        let made = open(&folder).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join(SECRET))), (0o700, 0o600));
        assert_eq!(open(&folder).unwrap().verifying, made.verifying);
        assert_eq!(made.verifying.name(), name(LOG));
        assert!(matches!(Keys::open(&folder, LogId::from_bytes([8; 16]), true), Err(OpenError::Key { .. })));
        fs::set_permissions(folder.join(SECRET), fs::Permissions::from_mode(0o640)).unwrap();
        assert!(open(&folder).unwrap_err().to_string().contains("640"));
    }

    #[test]
    fn every_flipped_bit_of_either_file_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("keys");
        open(&folder).unwrap();
        for file in [SECRET, PUBLIC] {
            let path = folder.join(file);
            let good = fs::read(&path).unwrap();
            for bit in 0..good.len() * 8 {
                let mut altered = good.clone();
                altered[bit / 8] ^= 1 << (bit % 8);
                fs::write(&path, &altered).unwrap();
                let found = open(&folder).and_then(|mut keys| keys.settle(|_| Ok(false)));
                assert!(matches!(found, Err(OpenError::Key { .. })), "bit {bit} of {file}");
            }
            fs::write(&path, good).unwrap();
        }
        open(&folder).unwrap().settle(|_| Ok(false)).unwrap();
    }

    #[test]
    fn a_replacement_that_was_cut_short_is_finished_if_the_log_has_it_and_dropped_if_not() {
        for rotated in [false, true] {
            for steps in 1..4 {
                let dir = tempfile::tempdir().unwrap();
                let mut keys = open(dir.path()).unwrap();
                let (old, next) = (keys.verifying.clone(), fresh(LOG));
                keys.prepare(&next).unwrap();
                if steps > 1 && rotated {
                    keys.replace(next.clone()).unwrap();
                }
                if steps > 2 && rotated {
                    keys.publish().unwrap();
                }
                let mut keys = open(dir.path()).unwrap();
                assert!(keys.candidates().contains(next.verifying_key()));
                keys.settle(|key| Ok(rotated && key == next.verifying_key())).unwrap();
                let expected = if rotated { next.verifying_key() } else { &old };
                assert_eq!(&keys.verifying, expected, "{steps} steps, in the log: {rotated}");
                let mut again = open(dir.path()).unwrap();
                assert_eq!(again.candidates(), std::slice::from_ref(expected));
                again.settle(|_| Ok(false)).unwrap();
                assert_eq!(again.signing.unwrap().verifying_key(), expected);
            }
        }
    }
}
