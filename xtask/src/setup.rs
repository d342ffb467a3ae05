//! What the tests need beside Rust: Python with its packages, Node with its packages, a browser.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell::{found, output, root, run, say};

/// Oldest Node that the dashboard is built and tested with.
const NODE_MAJOR_MIN: u32 = 20;
const CHROMIUM_NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Programs that the tests start.
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) python: PathBuf,
    pub(crate) node: PathBuf,
    pub(crate) chromium: PathBuf,
}

/// Installs what is missing, and says what.
///
/// # Errors
/// Something is missing and cannot be installed from here; the message says what to run.
pub(crate) fn clients(target: &Path) -> Result<Clients> {
    debian(&missing())?;
    let node = found("node").context("no `node` in PATH")?;
    let version = output(Command::new(&node).arg("--version"))?;
    if node_major(&version).is_none_or(|major| major < NODE_MAJOR_MIN) {
        bail!("node {} is too old, expected {NODE_MAJOR_MIN} or newer", version.trim());
    }
    let clients = root().join("tests").join("clients");
    node_packages(&clients)?;
    Ok(Clients {
        python: python_packages(&clients, target)?,
        node,
        chromium: chromium().context("no `chromium` in PATH")?,
    })
}

fn chromium() -> Option<PathBuf> {
    CHROMIUM_NAMES.into_iter().find_map(found)
}

/// Debian's names of what is not there.
fn missing() -> Vec<&'static str> {
    let venv = || {
        Command::new("python3")
            .args(["-c", "import venv, ensurepip"])
            .output()
            .is_ok_and(|it| it.status.success())
    };
    let wanted = [
        ("python3", found("python3").is_some()),
        ("python3-venv", venv()),
        ("nodejs", found("node").is_some()),
        ("npm", found("npm").is_some()),
        ("chromium", chromium().is_some()),
        ("strace", found("strace").is_some()),
    ];
    wanted.into_iter().filter(|(_, there)| !there).map(|(package, _)| package).collect()
}

fn debian(packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let list = packages.join(" ");
    let is_root = output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if found("apt-get").is_none() || !is_root {
        bail!(
            "the tests need what is not installed; run `sudo apt-get install --no-install-recommends {list}`, or install the same by other means"
        );
    }
    say(&format!("installing with apt-get: {list}"));
    let apt_get = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .args(["-qq", "-o", "Dpkg::Use-Pty=0"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    run(&mut apt_get(&["update"]))?;
    run(apt_get(&["install", "--yes", "--no-install-recommends"]).args(packages))
}

/// A virtual environment with the pinned packages; gives its Python.
fn python_packages(clients: &Path, target: &Path) -> Result<PathBuf> {
    let environment = target.join("clients").join("py");
    let python = environment.join("bin").join("python");
    let pinned =
        std::fs::read_to_string(clients.join("requirements.txt")).context("cannot read requirements.txt")?;
    let stamp = environment.join("installed");
    if python.exists() && is_current(&stamp, &pinned) {
        return Ok(python);
    }
    let packages: Vec<_> = pinned.split_whitespace().filter(|word| word.contains("==")).collect();
    say(&format!("installing Python packages: {}", packages.join(" ")));
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(clients.join("requirements.txt")))?;
    std::fs::write(&stamp, pinned).context("cannot note what is installed")?;
    Ok(python)
}

/// Installs the packages that a folder's lock file pins, where others are there.
///
/// # Errors
/// npm fails.
pub(crate) fn node_packages(folder: &Path) -> Result<()> {
    let locked =
        std::fs::read_to_string(folder.join("package-lock.json")).context("cannot read package-lock.json")?;
    let stamp = folder.join("node_modules").join(".installed");
    if is_current(&stamp, &locked) {
        return Ok(());
    }
    let shown = folder.strip_prefix(root()).unwrap_or(folder);
    say(&format!("installing node packages from {}/package-lock.json", shown.display()));
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    run(Command::new("npm").args(arguments).current_dir(folder))?;
    std::fs::write(&stamp, locked).context("cannot note what is installed")
}

/// Whether what was installed last is what is pinned now.
fn is_current(stamp: &Path, pinned: &str) -> bool {
    std::fs::read_to_string(stamp).is_ok_and(|installed| installed == pinned)
}

/// `v20.11.1` as 20.
fn node_major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_version_is_read_or_refused() {
        let cases = [("v20.11.1\n", Some(20)), ("v9", Some(9)), ("20.1", None), ("", None), ("vx.1", None)];
        for (text, major) in cases {
            assert_eq!(node_major(text), major, "{text}");
        }
    }

    #[test]
    fn another_pin_is_installed_again() {
        let stamp = std::env::temp_dir().join(format!("waybill-xtask-stamp-{}", std::process::id()));
        assert!(!is_current(&stamp, "a==1"));
        std::fs::write(&stamp, "a==1").unwrap();
        assert!(is_current(&stamp, "a==1") && !is_current(&stamp, "a==2"));
        std::fs::remove_file(&stamp).unwrap();
    }
}
