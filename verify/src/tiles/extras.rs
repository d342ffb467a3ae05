//! Files that the checkpoint does not call for: leftovers, which must agree with the rest, and others.

use std::path::Path;

use proof::hash::{Hash, sha256};
use proof::tile::{BundleId, TileId};
use proof::verdict::plural;

use super::folder::Folder;
use super::report::Report;

/// Looks at every file. What was superseded must be a beginning of what superseded it; what is ahead of the
/// checkpoint is not covered by it.
pub(crate) fn check(folder: &Folder, size: u64, report: &mut Report) -> std::io::Result<()> {
    let mut paths = Vec::new();
    list(folder.root(), folder.root(), &mut paths)?;
    let mut found = Extras::default();
    for path in paths {
        found.file(&path, folder, size, report)?;
    }
    found.say(report);
    Ok(())
}

#[derive(Default)]
struct Extras {
    ahead: u64,
    foreign: Vec<String>,
}

impl Extras {
    fn file(&mut self, path: &str, folder: &Folder, size: u64, report: &mut Report) -> std::io::Result<()> {
        if path == "checkpoint" {
            return Ok(());
        }
        if let Ok(id) = TileId::parse(path) {
            let called_for = TileId::at(id.level, id.index, size).map(|it| (it.path(), it.width));
            return self.part(path, id.width, called_for, folder, report);
        }
        if let Ok(id) = BundleId::parse(path) {
            let called_for = BundleId::at(id.index, size).map(|it| (it.path(), it.width));
            return self.part(path, id.width, called_for, folder, report);
        }
        match path.strip_prefix("records/").map(Hash::from_hex) {
            Some(Ok(name)) => {
                if folder.read(path)?.is_some_and(|bytes| sha256(&bytes) != name) {
                    report.findings.altered(None, format!("`{path}` has another hash than its name"));
                }
            }
            _ => self.foreign.push(path.to_owned()),
        }
        Ok(())
    }

    /// A tile or bundle, beside the one that the checkpoint calls for at its place.
    fn part(
        &mut self,
        path: &str,
        width: u16,
        called_for: Option<(String, u16)>,
        folder: &Folder,
        report: &mut Report,
    ) -> std::io::Result<()> {
        match called_for {
            Some((other, _)) if other == path => {}
            Some((other, most)) if width < most => {
                let (part, whole) = (folder.read(path)?, folder.read(&other)?);
                if let (Some(part), Some(whole)) = (part, whole)
                    && !whole.starts_with(&part)
                {
                    report.findings.altered(None, format!("`{path}` is not the beginning of `{other}`"));
                }
            }
            _ => self.ahead += 1,
        }
        Ok(())
    }

    fn say(self, report: &mut Report) {
        if self.ahead > 0 {
            let (files, are) = (plural(self.ahead, "file"), if self.ahead == 1 { "is" } else { "are" });
            let what = format!("{files} {are} ahead of the checkpoint: written, and not signed for yet");
            report.findings.note(what);
        }
        for path in self.foreign.iter().take(10) {
            report.findings.note(format!("`{path}` is no part of a tiles folder; nothing vouches for it"));
        }
        if self.foreign.len() > 10 {
            report.findings.note(format!("{} more files are no part of it", self.foreign.len() - 10));
        }
    }
}

fn list(root: &Path, folder: &Path, paths: &mut Vec<String>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            list(root, &entry.path(), paths)?;
        } else if let Ok(path) = entry.path().strip_prefix(root) {
            paths.push(path.to_string_lossy().into_owned());
        }
    }
    Ok(())
}
