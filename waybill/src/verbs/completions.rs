//! `waybill completions`: what a shell needs to complete the command line.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::failure::{Exit, Failure};
use crate::output;

/// Print what a shell needs to complete the command line
///
/// For bash: `waybill completions bash > ~/.local/share/bash-completion/completions/waybill`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        output::print(&script(self.shell))?;
        Ok(Exit::Done)
    }
}

fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "waybill", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn every_shell_learns_every_verb() {
        let command = Cli::command();
        let verbs: Vec<_> = command.get_subcommands().map(clap::Command::get_name).collect();
        assert!(verbs.contains(&"serve"), "{verbs:?}");
        for shell in Shell::value_variants() {
            let script = script(*shell);
            assert!(verbs.iter().all(|verb| script.contains(verb)), "{shell}");
        }
    }
}
