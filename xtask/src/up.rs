//! `cargo xtask up`: from a clone to a running server with the demo project in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::dashboard;
use crate::shell::{cargo, root, run, say, shown, target_dir};

const DEMO: &str = "tests/data/pi-large-session.jsonl";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    data: PathBuf,
    port: Option<u16>,
    fresh: bool,
}

impl Options {
    /// The options in `words`; `None` where they do not fit.
    pub(crate) fn parse(words: &[&str]) -> Option<Self> {
        let mut options = Self { data: root().join("data"), port: None, fresh: false };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--data" => options.data = std::path::absolute(words.next()?).ok()?,
                "--port" => options.port = Some(words.next()?.parse().ok()?),
                "--fresh" => options.fresh = true,
                _ => return None,
            }
        }
        Some(options)
    }
}

/// Builds, loads the demo and serves until a signal ends it.
///
/// # Errors
/// A step fails, or the server cannot be started.
pub(crate) fn up(options: &Options) -> Result<()> {
    if options.fresh
        && let Some(aside) = set_aside(&options.data)?
    {
        say(&format!("set the old data folder aside as {}", aside.display()));
    }
    dashboard::build()?;
    say("building waybill (release); the first time takes a few minutes");
    run(&mut cargo(&["build", "--release", "--package", "waybill", "--bin", "waybill"]))?;
    let waybill = target_dir()?.join("release").join(format!("waybill{}", std::env::consts::EXE_SUFFIX));
    say(&format!("loading the demo project from {DEMO} into {}", options.data.display()));
    run(&mut import(&waybill, options))?;
    say("serving; Ctrl-C stops it");
    become_server(serve(&waybill, options))
}

fn import(waybill: &Path, options: &Options) -> Command {
    let mut command = Command::new(waybill);
    command
        .args(["import", "pi", DEMO, "--project", "demo", "--data"])
        .arg(&options.data)
        .current_dir(root());
    command
}

fn serve(waybill: &Path, options: &Options) -> Command {
    let mut command = Command::new(waybill);
    command.args(["serve", "--data"]).arg(&options.data).current_dir(root());
    if let Some(port) = options.port {
        command.args(["--port", &port.to_string()]);
    }
    command
}

/// The server takes this process over, so that signals reach it and its exit code is the answer.
#[cfg(unix)]
fn become_server(mut command: Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(error).with_context(|| format!("cannot start `{}`", shown(&command)))
}

#[cfg(not(unix))]
fn become_server(mut command: Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start `{}`", shown(&command)))?;
    std::process::exit(status.code().unwrap_or(1))
}

/// Renames the folder out of the way, to a name not yet taken; nothing is deleted.
fn set_aside(data: &Path) -> Result<Option<PathBuf>> {
    if !data.exists() {
        return Ok(None);
    }
    let aside = (1..)
        .map(|number: u32| {
            let mut name = data.as_os_str().to_owned();
            name.push(format!(".old-{number}"));
            PathBuf::from(name)
        })
        .find(|path| !path.exists())
        .expect("numbers outlast folders");
    std::fs::rename(data, &aside)
        .with_context(|| format!("cannot rename {} to {}", data.display(), aside.display()))?;
    Ok(Some(aside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_or_refused() {
        let parsed = Options::parse(&["--port", "8080", "--data", "/srv/waybill", "--fresh"]);
        assert_eq!(parsed, Some(Options { data: "/srv/waybill".into(), port: Some(8080), fresh: true }));
        assert_eq!(Options::parse(&[]).map(|options| options.data), Some(root().join("data")));
        for refused in [&["--port"][..], &["--port", "70000"], &["--data"], &["--what"], &["data"]] {
            assert_eq!(Options::parse(refused), None, "{refused:?}");
        }
    }

    #[test]
    fn the_server_is_told_folder_and_port() {
        let options = Options { data: "/srv/w".into(), port: Some(9), fresh: false };
        assert_eq!(shown(&serve(Path::new("/x/waybill"), &options)), "waybill serve --data /srv/w --port 9");
        let import = shown(&import(Path::new("/x/waybill"), &options));
        assert_eq!(import, format!("waybill import pi {DEMO} --project demo --data /srv/w"));
    }

    #[test]
    fn an_old_folder_is_kept_under_a_free_name() {
        let base = std::env::temp_dir().join(format!("waybill-xtask-{}", std::process::id()));
        let data = base.join("data");
        assert_eq!(set_aside(&data).unwrap(), None);
        for number in 1..=2 {
            std::fs::create_dir_all(&data).unwrap();
            std::fs::write(data.join("head"), number.to_string()).unwrap();
            assert_eq!(set_aside(&data).unwrap(), Some(base.join(format!("data.old-{number}"))));
            assert!(!data.exists());
        }
        assert_eq!(std::fs::read_to_string(base.join("data.old-1").join("head")).unwrap(), "1");
        std::fs::remove_dir_all(&base).unwrap();
    }
}
