//! The dashboard's build and checks, and those of the TypeScript client: npm does the work, this says when.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::setup;
use crate::shell::{found, root, run, say};

/// What a build is made from; whatever is newer than the build makes it anew.
const SOURCES: [&str; 6] = [
    "dashboard/src",
    "dashboard/scripts",
    "dashboard/index.html",
    "dashboard/vite.config.ts",
    "dashboard/package-lock.json",
    "clients/typescript/src",
];
/// Written last by a build.
const BUILT: &str = "dashboard/dist/site/index.html.gz";
/// Folders with a `package-lock.json` of their own.
const PACKAGES: [&str; 2] = ["clients/typescript", "dashboard"];

/// Builds the dashboard where its sources changed, so that the next binary carries it. Without npm, the binary has
/// the plain page, and this says so.
///
/// # Errors
/// The packages cannot be installed, or the build fails.
pub(crate) fn build() -> Result<()> {
    if !is_stale(root())? {
        return Ok(());
    }
    if found("npm").is_none() {
        say(
            "no `npm` in PATH: the server will have the plain page instead of the dashboard; install Node 20.19 or newer for it",
        );
        return Ok(());
    }
    let folder = root().join("dashboard");
    setup::node_packages(&folder)?;
    say("building the dashboard");
    run(npm(&folder).args(["run", "--silent", "build"]))
}

/// Installs what the dashboard and the client are checked and tested with.
///
/// # Errors
/// npm fails.
pub(crate) fn install() -> Result<()> {
    PACKAGES.iter().try_for_each(|folder| setup::node_packages(&root().join(folder)))
}

/// Types, lints and format.
///
/// # Errors
/// A check fails, or npm is missing.
pub(crate) fn check() -> Result<()> {
    if found("npm").is_none() {
        bail!("no `npm` in PATH; `cargo xtask test` installs it on Debian");
    }
    install()?;
    PACKAGES.iter().try_for_each(|folder| run(npm(&root().join(folder)).args(["run", "--silent", "check"])))
}

fn npm(folder: &Path) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(folder);
    command
}

fn is_stale(root: &Path) -> Result<bool> {
    let Ok(built) = root.join(BUILT).metadata() else { return Ok(true) };
    let built = built.modified().context("the disk keeps no times")?;
    for source in SOURCES {
        if newest(&root.join(source))? > built {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The last change of a file, or of anything in a folder.
fn newest(path: &Path) -> Result<SystemTime> {
    let about = path.metadata().with_context(|| format!("cannot see {}", path.display()))?;
    let mut last = about.modified().context("the disk keeps no times")?;
    if about.is_dir() {
        for entry in std::fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))? {
            last = last.max(newest(&entry.context("cannot list a folder")?.path())?);
        }
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_stale_without_a_result_and_after_a_change() {
        let root = std::env::temp_dir().join(format!("waybill-xtask-dashboard-{}", std::process::id()));
        for source in SOURCES {
            let path = root.join(source);
            let is_folder = path.extension().is_none();
            std::fs::create_dir_all(if is_folder { &path } else { path.parent().unwrap() }).unwrap();
            std::fs::write(if is_folder { path.join("a.ts") } else { path }, "").unwrap();
        }
        assert!(is_stale(&root).unwrap());
        let built = root.join(BUILT);
        std::fs::create_dir_all(built.parent().unwrap()).unwrap();
        let file = std::fs::File::create(&built).unwrap();
        let later = SystemTime::now() + std::time::Duration::from_secs(60);
        file.set_modified(later).unwrap();
        assert!(!is_stale(&root).unwrap());
        let changed = std::fs::File::create(root.join("clients/typescript/src/a.ts")).unwrap();
        changed.set_modified(later + std::time::Duration::from_secs(1)).unwrap();
        assert!(is_stale(&root).unwrap());
        std::fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn every_source_is_there() {
        for path in SOURCES.iter().chain(&PACKAGES) {
            assert!(root().join(path).exists(), "{path}");
        }
    }
}
