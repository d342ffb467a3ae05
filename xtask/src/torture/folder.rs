//! Folders that drills write into, copy and damage.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::random::Random;
use crate::shell::run;

/// A file system in memory: copies of folders are quick there, and wear nothing out.
const MEMORY: &str = "/dev/shm";

/// Where the folder of that name would be in memory, or below `otherwise`.
pub(crate) fn in_memory(name: &str, otherwise: &Path) -> PathBuf {
    let memory = Path::new(MEMORY);
    let usable = memory.is_dir() && std::fs::create_dir_all(memory.join(name)).is_ok();
    if usable { memory.join(name) } else { otherwise.join(format!("{name}-memory")) }
}

/// Makes the folder, empty.
///
/// # Errors
/// The system refuses.
pub(crate) fn fresh(path: &Path) -> Result<()> {
    remove(path)?;
    std::fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))
}

/// Removes the folder or file, if it is there.
///
/// # Errors
/// The system refuses.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Replaces `to` by a copy of `from`, holes kept.
///
/// # Errors
/// The system refuses.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    remove(to)?;
    run(std::process::Command::new("cp").args(["-a", "--sparse=always"]).arg(from).arg(to))
}

/// Every file below a folder that is not empty, as relative path and length, in order of path.
///
/// # Errors
/// The folder cannot be read.
pub(crate) fn files(root: &Path) -> Result<Vec<(PathBuf, u64)>> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        let entries =
            std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                open.push(entry.path());
            } else if metadata.len() > 0 {
                let path = entry.path();
                let relative = path.strip_prefix(root).expect("it was found below").to_owned();
                found.push((relative, metadata.len()));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The kind of a file of a data folder: files of one kind have one fate.
pub(crate) fn kind(relative: &Path) -> String {
    let text = relative.to_string_lossy();
    let text = text.as_ref();
    let known = [
        ("log/snap.", "sled snap"),
        ("log/db", "sled db"),
        ("log/conf", "sled conf"),
        ("log/blobs", "sled blob"),
        ("tiles/tile/entries/", "entries"),
        ("tiles/tile/", "hash tile"),
        ("tiles/checkpoint", "checkpoint"),
        ("tiles/cosigned", "cosigned"),
        ("tiles/records/", "long record"),
        ("keys/", "key"),
        ("views/", "view snapshot"),
    ];
    let name = known.iter().find(|(start, _)| text.starts_with(start)).map(|(_, name)| *name);
    name.map_or_else(|| text.split('/').next().unwrap_or(text).to_owned(), str::to_owned)
}

/// The kinds of these files, in order of name.
pub(crate) fn kinds(files: &[(PathBuf, u64)]) -> Vec<String> {
    files.iter().map(|(path, _)| kind(path)).collect::<BTreeSet<_>>().into_iter().collect()
}

/// A file of a kind that is chosen first: there are many tiles and one checkpoint.
pub(crate) fn of_any_kind<'a>(random: &mut Random, files: &'a [(PathBuf, u64)]) -> &'a (PathBuf, u64) {
    let chosen = random.pick(&kinds(files)).clone();
    let of_it: Vec<_> = files.iter().filter(|(path, _)| kind(path) == chosen).collect();
    let file: &&(PathBuf, u64) = random.pick(&of_it);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart() {
        for (path, expected) in [
            ("log/db", "sled db"),
            ("log/snap.0000", "sled snap"),
            ("tiles/tile/entries/000.p/5", "entries"),
            ("tiles/tile/0/000", "hash tile"),
            ("head", "head"),
            ("odd/thing", "odd"),
        ] {
            assert_eq!(kind(Path::new(path)), expected);
        }
    }

    #[test]
    fn a_copy_has_the_files_and_replaces_what_was_there() {
        let root = crate::shell::target_dir().unwrap().join(format!("folder-test-{}", std::process::id()));
        fresh(&root.join("a/b")).unwrap();
        std::fs::write(root.join("a/b/full"), "1").unwrap();
        std::fs::write(root.join("a/empty"), "").unwrap();
        fresh(&root.join("c")).unwrap();
        copy(&root.join("a"), &root.join("c")).unwrap();
        assert_eq!(files(&root.join("c")).unwrap(), [(PathBuf::from("b/full"), 1)]);
        remove(&root).unwrap();
        remove(&root).unwrap();
    }
}
