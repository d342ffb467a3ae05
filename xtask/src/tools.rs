//! Checkers that are programs of their own, at a pinned version.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::shell::{cargo, found, output, run, say, target_dir};

/// A checker and its version.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tool {
    name: &'static str,
    version: &'static str,
}

/// Licences, sources, advisories and doubled crates.
pub(crate) const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
/// Dependencies that nothing uses.
pub(crate) const MACHETE: Tool = Tool { name: "cargo-machete", version: "0.9.2" };

/// libFuzzer's driver; its targets need a nightly compiler.
pub(crate) const FUZZ: Tool = Tool { name: "cargo-fuzz", version: "0.13.2" };

impl Tool {
    /// Its path: in `PATH`, or in the target folder, where it is installed if it is missing.
    ///
    /// # Errors
    /// It cannot be installed.
    pub(crate) fn path(self) -> Result<PathBuf> {
        let tools = target_dir()?.join("tools");
        let installed = tools.join("bin").join(format!("{}{}", self.name, std::env::consts::EXE_SUFFIX));
        for path in [found(self.name), Some(installed.clone())].into_iter().flatten() {
            if is_version(&path, self.version) {
                return Ok(path);
            }
        }
        say(&format!("installing {} {} into {}", self.name, self.version, tools.display()));
        run(&mut self.install(&tools))?;
        Ok(installed)
    }

    /// Built to be built soon, not to run fast: it runs once.
    fn install(self, tools: &Path) -> Command {
        let mut command =
            cargo(&["install", "--locked", "--quiet", self.name, "--version", self.version, "--root"]);
        command.arg(tools);
        command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
        command.env("CARGO_PROFILE_RELEASE_LTO", "off");
        command.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        command
    }
}

fn is_version(program: &Path, version: &str) -> bool {
    program.is_file()
        && output(Command::new(program).arg("--version"))
            .is_ok_and(|said| said.split_whitespace().any(|word| word == version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_whole_word() {
        let cargo = PathBuf::from(std::env::var_os("CARGO").expect("cargo runs the tests"));
        let said = output(Command::new(&cargo).arg("--version")).expect("cargo says its version");
        let version = said.split_whitespace().nth(1).expect("`cargo 1.2.3 …`");
        assert!(is_version(&cargo, version));
        assert!(!is_version(&cargo, &version[..version.len() - 1]));
        assert!(!is_version(Path::new("no-such-program"), version));
    }

    #[test]
    fn an_install_is_pinned_and_locked() {
        let shown = crate::shell::shown(&MACHETE.install(Path::new("t")));
        assert_eq!(shown, "cargo install --locked --quiet cargo-machete --version 0.9.2 --root t");
    }
}
