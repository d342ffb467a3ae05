//! Commands, where programs and folders are, and a line on what is being done.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The workspace's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate lies one folder below the workspace")
}

/// Says on stderr what comes next.
pub(crate) fn say(what: &str) {
    eprintln!("xtask: {what}");
}

/// Cargo in the workspace, as if started by hand.
///
/// `cargo run` describes this crate in variables; a build script that watches them would run again each time.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let described = name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"));
        if described {
            command.env_remove(name);
        }
    }
    command.args(arguments).current_dir(root());
    command
}

/// Runs a command to its end.
///
/// # Errors
/// It cannot be started, or it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = command.status().with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed: {status}");
    }
    Ok(())
}

/// What a command prints on stdout.
///
/// # Errors
/// It cannot be started, or it fails.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = command.output().with_context(|| format!("cannot start `{shown}`"))?;
    if !output.status.success() {
        bail!("`{shown}` failed: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr).trim_end());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The program of that name in `PATH`.
pub(crate) fn found(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// The folder that cargo builds into.
///
/// # Errors
/// Cargo does not say.
pub(crate) fn target_dir() -> Result<PathBuf> {
    let metadata = output(&mut cargo(&["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: serde_json::Value =
        serde_json::from_str(&metadata).context("cargo metadata is not JSON")?;
    let folder = metadata["target_directory"].as_str().context("cargo metadata names no target_directory")?;
    Ok(PathBuf::from(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_typed() {
        assert_eq!(shown(Command::new("/usr/bin/git").args(["status", "-s"])), "git status -s");
    }

    #[test]
    fn a_failing_command_is_an_error_that_names_it() {
        let error = run(Command::new("false").arg("x")).expect_err("it exits with 1").to_string();
        assert!(error.starts_with("`false x` failed: exit status: 1"), "{error}");
        let error = output(Command::new("no-such-program").arg("y")).expect_err("there is none").to_string();
        assert_eq!(error, "cannot start `no-such-program y`");
        let error = output(Command::new("sh").args(["-c", "echo why >&2; exit 3"]))
            .expect_err("it exits with 3")
            .to_string();
        assert!(error.ends_with("exit status: 3\nwhy"), "{error}");
    }

    #[test]
    fn cargo_says_where_it_builds_and_programs_are_found() {
        assert!(target_dir().expect("the workspace is in order").is_absolute());
        assert!(found("sh").is_some_and(|path| path.is_absolute()));
        assert!(found("no-such-program").is_none());
        assert!(root().join("xtask").join("Cargo.toml").is_file());
    }

    #[test]
    fn cargo_is_not_told_of_this_crate() {
        let command = cargo(&["build"]);
        let removed: Vec<_> =
            command.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        assert!(
            removed.contains(&"CARGO_PKG_NAME".as_ref()) && removed.contains(&"CARGO_MANIFEST_DIR".as_ref()),
            "{removed:?}"
        );
    }
}
