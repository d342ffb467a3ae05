//! `cargo xtask gen`: files that come from the registries, committed and checked for drift.

mod commands;
mod events;
mod golden;
mod python;
mod schema;
mod typescript;

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::shell::{root, say};

/// A generated file: where it lies, and what it holds.
type Generated = (&'static str, fn() -> String);

const FILES: [Generated; 8] = [
    ("docs/commands.md", commands::page),
    ("docs/events.md", events::page),
    (golden::FILE, golden::page),
    ("clients/typescript/src/generated/log.ts", typescript::log),
    ("clients/typescript/src/generated/commands.ts", typescript::commands),
    ("clients/python/src/waybill/types/log.py", python::log),
    ("clients/python/src/waybill/types/bodies.py", python::bodies),
    ("clients/python/src/waybill/names.py", python::names),
];

/// Writes every file that is out of date.
///
/// # Errors
/// A file cannot be written.
pub(crate) fn write() -> Result<()> {
    for (name, text) in stale(root()) {
        let path = root().join(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot create the folder of {name}"))?;
        }
        std::fs::write(&path, text).with_context(|| format!("cannot write {name}"))?;
        say(&format!("wrote {name}"));
    }
    Ok(())
}

/// Says which files are out of date.
///
/// # Errors
/// Some are.
pub(crate) fn check() -> Result<()> {
    let names: Vec<_> = stale(root()).into_iter().map(|(name, _)| name).collect();
    if !names.is_empty() {
        bail!("out of date: {}; `cargo xtask gen` writes them", names.join(", "));
    }
    Ok(())
}

fn stale(root: &Path) -> Vec<(&'static str, String)> {
    let fresh = FILES.iter().map(|(name, generate)| (*name, generate()));
    fresh
        .filter(|(name, text)| std::fs::read_to_string(root.join(name)).ok().as_ref() != Some(text))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_missing_or_edited_is_stale() {
        let root = std::env::temp_dir().join(format!("waybill-xtask-gen-{}", std::process::id()));
        std::fs::create_dir_all(root.join("docs")).unwrap();
        assert_eq!(stale(&root).len(), FILES.len());
        for (name, generate) in FILES {
            std::fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            std::fs::write(root.join(name), generate()).unwrap();
        }
        assert_eq!(stale(&root), []);
        std::fs::write(root.join("docs/events.md"), "edited").unwrap();
        assert_eq!(stale(&root).iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["docs/events.md"]);
        std::fs::remove_dir_all(&root).unwrap();
    }
}
