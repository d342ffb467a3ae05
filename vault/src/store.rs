//! Keys on disk and in memory: opened together, made on first use, destroyed for good.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use domain::erasure::Subject;
use ulid::Ulid;
use zeroize::Zeroizing;

use crate::cipher::{self, KeyBytes};
use crate::file::{KeyFile, Purpose};
use crate::master::{self, MASTER, Master, NEXT};
use crate::{OpenError, VaultError};

/// Where wrapped keys lie in a data folder and in a backup of one.
pub const FOLDER: &str = "vault";

/// A key, as far as it can be used.
#[derive(Clone)]
pub(crate) enum Held {
    Live(KeyBytes),
    /// Wrapped by a master key that is not here.
    Locked,
    Destroyed,
}

pub(crate) struct Store {
    /// The data folder; none in memory.
    pub(crate) data: Option<PathBuf>,
    read_only: bool,
    pub(crate) master: Option<Master>,
    pub(crate) keys: BTreeMap<Ulid, (KeyFile, Held)>,
    current: BTreeMap<(Subject, Purpose), Ulid>,
}

impl Store {
    pub(crate) fn memory() -> Self {
        let (keys, current) = (BTreeMap::new(), BTreeMap::new());
        Self { data: None, read_only: false, master: Some(Master::fresh()), keys, current }
    }

    /// Opens what is there.
    pub(crate) fn open(data: &Path, read_only: bool) -> Result<Self, VaultError> {
        let files = read(&data.join(FOLDER))?;
        let mut master = current(data)?;
        if !read_only && master.is_none() {
            let live = files.values().filter(|file| !file.is_destroyed()).count();
            master = following(data, live)?;
        }
        let mut store = Self {
            data: Some(data.to_owned()),
            read_only,
            master,
            keys: BTreeMap::new(),
            current: BTreeMap::new(),
        };
        let next = Master::read(&data.join(NEXT))?;
        for file in files.into_values() {
            let held = store.held(&file, next.as_ref())?;
            store.hold(file, held);
        }
        if let (Some(next), false) = (next, read_only) {
            store.finish_rotation(data, next)?;
        }
        Ok(store)
    }

    fn held(&self, file: &KeyFile, next: Option<&Master>) -> Result<Held, VaultError> {
        if file.is_destroyed() {
            return Ok(Held::Destroyed);
        }
        let masters = [self.master.as_ref(), next];
        if let Some(key) = masters.into_iter().flatten().find_map(|master| file.unwrap(master)) {
            return Ok(Held::Live(key));
        }
        if self.read_only {
            return Ok(Held::Locked);
        }
        let path = self.path(file.id).unwrap_or_default();
        match &self.master {
            Some(master) if master.id != file.master => {
                let (expected, actual) = (file.master.clone(), master.id.clone());
                Err(VaultError::WrongMaster { path, expected, actual })
            }
            _ => Err(VaultError::Malformed { path, expected: "a wrapped key" }),
        }
    }
    fn hold(&mut self, file: KeyFile, held: Held) {
        if !matches!(held, Held::Destroyed) {
            self.current.insert((file.subject, file.purpose), file.id);
        }
        self.keys.insert(file.id, (file, held));
    }
    fn path(&self, id: Ulid) -> Option<PathBuf> {
        self.data.as_ref().map(|data| data.join(FOLDER).join(name(id)))
    }

    /// The key that seals now for somebody; none before the first.
    pub(crate) fn current(&self, subject: Subject, purpose: Purpose) -> Option<(Ulid, KeyBytes)> {
        let id = self.current.get(&(subject, purpose))?;
        match &self.keys.get(id)?.1 {
            Held::Live(key) => Some((*id, key.clone())),
            Held::Locked | Held::Destroyed => None,
        }
    }
    /// As [`Store::current`]; made where there is none. Durable on return.
    pub(crate) fn ensure(
        &mut self,
        subject: Subject,
        purpose: Purpose,
        id: Ulid,
    ) -> Result<(Ulid, KeyBytes), VaultError> {
        if let Some(current) = self.current(subject, purpose) {
            return Ok(current);
        }
        let master = self.master()?;
        let key = Zeroizing::new(cipher::random());
        let file = KeyFile::wrap(id, subject, purpose, &key, &master, cipher::random());
        self.write(&file)?;
        self.hold(file, Held::Live(key.clone()));
        Ok((id, key))
    }
    /// The master key; made with the first key that it wraps.
    fn master(&mut self) -> Result<Master, VaultError> {
        if self.read_only {
            return Err(VaultError::ReadOnly);
        }
        if let Some(master) = &self.master {
            return Ok(master.clone());
        }
        let master = Master::fresh();
        if let Some(data) = &self.data {
            let path = data.join(MASTER);
            master::folder(path.parent().unwrap_or(data))?;
            master.write(&path)?;
        }
        self.master = Some(master.clone());
        Ok(master)
    }
    fn write(&self, file: &KeyFile) -> Result<(), VaultError> {
        let Some(data) = &self.data else { return Ok(()) };
        master::folder(&data.join(FOLDER))?;
        master::put(&data.join(FOLDER).join(name(file.id)), file.text().as_bytes())
    }

    /// The key of that id.
    pub(crate) fn key(&self, id: &str) -> Result<KeyBytes, OpenError> {
        let found = Ulid::from_string(id).ok().and_then(|id| self.keys.get(&id));
        let Some((file, held)) = found else { return Err(OpenError::MissingKey(short(id))) };
        match held {
            Held::Live(key) => Ok(key.clone()),
            Held::Locked => Err(OpenError::WrongMaster(short(id))),
            Held::Destroyed => {
                Err(OpenError::DestroyedKey { key: file.id.to_string(), subject: file.subject })
            }
        }
    }

    /// Overwrites a key where it lies, and forgets it; durable on return. One that is destroyed or unknown stays so.
    pub(crate) fn destroy(&mut self, id: Ulid) -> Result<(), VaultError> {
        if self.read_only {
            return Err(VaultError::ReadOnly);
        }
        let Some((file, held)) = self.keys.get_mut(&id) else { return Ok(()) };
        let destroyed = file.destroyed();
        if let Some(data) = &self.data {
            master::overwrite(&data.join(FOLDER).join(name(id)), destroyed.text().as_bytes())?;
        }
        let of = (file.subject, file.purpose);
        (*file, *held) = (destroyed, Held::Destroyed);
        if self.current.get(&of) == Some(&id) {
            self.current.remove(&of);
        }
        Ok(())
    }

    /// Wraps every key with a new master key; a crash at any moment leaves one that the next opening finishes.
    pub(crate) fn rotate(&mut self) -> Result<(), VaultError> {
        if self.read_only {
            return Err(VaultError::ReadOnly);
        }
        self.master()?;
        let next = Master::fresh();
        let Some(data) = self.data.clone() else {
            self.master = Some(next);
            return Ok(());
        };
        next.write(&data.join(NEXT))?;
        self.finish_rotation(&data, next)
    }
    fn finish_rotation(&mut self, data: &Path, next: Master) -> Result<(), VaultError> {
        for (file, held) in self.keys.values_mut() {
            let Held::Live(key) = held else { continue };
            if file.master != next.id {
                let (id, of, purpose) = (file.id, file.subject, file.purpose);
                *file = KeyFile::wrap(id, of, purpose, key, &next, cipher::random());
                master::put(&data.join(FOLDER).join(name(id)), file.text().as_bytes())?;
            }
        }
        // The old one goes last, and is overwritten: copies of keys that it wrapped are of no use from then on.
        let (old, new) = (data.join(MASTER), data.join(NEXT));
        if old.exists() {
            master::overwrite(&old, &vec![b'0'; next.text().len()])?;
            fs::remove_file(&old).map_err(VaultError::io(&old))?;
        }
        fs::rename(&new, &old).map_err(VaultError::io(&old))?;
        let folder = old.parent().unwrap_or(data);
        fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(VaultError::io(folder))?;
        self.master = Some(next);
        Ok(())
    }
}

/// The master key to go on with where there is none under its name: that of a change that was cut short, by which every
/// key is wrapped already.
fn following(data: &Path, live: usize) -> Result<Option<Master>, VaultError> {
    let next = Master::read(&data.join(NEXT))?;
    if next.is_none() && live > 0 {
        return Err(VaultError::NoMaster { path: data.join(MASTER), keys: live });
    }
    Ok(next)
}

/// The master key under its name; none where it was overwritten already, because the next one wraps everything.
fn current(data: &Path) -> Result<Option<Master>, VaultError> {
    match Master::read(&data.join(MASTER)) {
        Err(VaultError::Malformed { .. }) if data.join(NEXT).exists() => Ok(None),
        read => read,
    }
}

fn name(id: Ulid) -> String {
    format!("{id}.key")
}

/// An id as a refusal shows it.
fn short(id: &str) -> String {
    id.chars().take(80).collect()
}

/// The key files of a folder; a folder that is not there has none.
pub(crate) fn read(folder: &Path) -> Result<BTreeMap<Ulid, KeyFile>, VaultError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(VaultError::io(folder)(error)),
    };
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(VaultError::io(folder))?.path();
        if path.extension().is_none_or(|ending| ending != "key") {
            continue;
        }
        master::private(&path)?;
        let malformed = || VaultError::Malformed { path: path.clone(), expected: "a wrapped key" };
        let text = fs::read_to_string(&path).map_err(VaultError::io(&path))?;
        let file: KeyFile = text.parse().map_err(|()| malformed())?;
        if path.file_name().is_none_or(|of| *of != *name(file.id)) {
            return Err(malformed());
        }
        files.insert(file.id, file);
    }
    Ok(files)
}

/// Copies the wrapped keys of one folder to another: destroyed ones are destroyed there too. Gives how many there are.
///
/// # Errors
/// A folder that cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<usize, VaultError> {
    let (files, there) = (read(&from.join(FOLDER))?, read(&to.join(FOLDER))?);
    if files.is_empty() {
        return Ok(0);
    }
    let folder = to.join(FOLDER);
    master::folder(&folder)?;
    for file in files.values() {
        let path = folder.join(name(file.id));
        match there.get(&file.id) {
            Some(old) if old == file => {}
            // What is destroyed stays so, wherever it is copied from.
            Some(old) if old.is_destroyed() => {}
            Some(_) if file.is_destroyed() => master::overwrite(&path, file.text().as_bytes())?,
            _ => master::put(&path, file.text().as_bytes())?,
        }
    }
    Ok(files.len())
}
