//! Runs the binary on a data folder of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A file of `tests/data`.
pub(super) fn data_file(name: &str) -> String {
    kit::root().join("tests").join("data").join(name).display().to_string()
}

/// A data folder, gone in the end.
pub(super) struct Data {
    folder: tempfile::TempDir,
    path: PathBuf,
}

/// How a run ended.
#[derive(Debug)]
pub(super) struct End {
    pub(super) code: i32,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Data {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        let path = folder.path().join("data");
        std::fs::create_dir(&path).expect("the folder is new and empty");
        Self { folder, path }
    }
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
    /// The binary with these words, over this folder, and nothing of the surroundings.
    pub(super) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(kit::waybill());
        command
            .args(words)
            .arg("--data")
            .arg(&self.path)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        for variable in
            ["WAYBILL_DATA", "WAYBILL_SERVER", "WAYBILL_TOKEN", "WAYBILL_LOG", "COLUMNS", "RUST_BACKTRACE"]
        {
            command.env_remove(variable);
        }
        command
    }
    pub(super) fn run(&self, words: &[&str]) -> End {
        let output = self.command(words).output().expect("the binary can be run");
        End {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }
    /// What stands on stdout of a run that must end well.
    #[track_caller]
    pub(super) fn ok(&self, words: &[&str]) -> String {
        let end = self.run(words);
        assert_eq!(end.code, 0, "{words:?}: {end:?}");
        end.stdout
    }
    /// As [`Data::ok`], as JSON.
    #[track_caller]
    pub(super) fn json(&self, words: &[&str]) -> Value {
        let text = self.ok(&[words, &["--output", "json"]].concat());
        serde_json::from_str(&text).expect("stdout is one JSON document")
    }
    /// A server on a free port, ready.
    pub(super) fn serve(&self) -> Server {
        let mut command = self.command(&["serve", "--port", "0", "--log-level", "warn"]);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary can be run");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut greeting = String::new();
        while !greeting.contains("  token  ") && stdout.read_line(&mut greeting).expect("stdout is UTF-8") > 0
        {
        }
        let value = |name: &str| {
            let line =
                greeting.lines().find_map(|line| line.trim_start().strip_prefix(name)?.strip_prefix("  "));
            line.unwrap_or_else(|| panic!("the greeting names no {name}: {greeting}")).trim().to_owned()
        };
        let (page, token) = (value("page"), value("token"));
        let url = page.split_once("/#token=").expect("the page signs in").0.to_owned();
        Server { url, token, child, stdout }
    }
}

/// A running server; killed where a test ends before it is stopped.
pub(super) struct Server {
    pub(super) url: String,
    pub(super) token: String,
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
}

impl Server {
    /// Ends it as Ctrl-C does.
    pub(super) fn stop(mut self) -> End {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status().expect("there is a kill command");
        assert!(sent.success());
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).expect("stdout is UTF-8");
        self.child
            .stderr
            .take()
            .expect("stderr is piped")
            .read_to_string(&mut stderr)
            .expect("stderr is UTF-8");
        let status = self.child.wait().expect("it was not waited for before");
        End { code: status.code().unwrap_or(-1), stdout, stderr }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already needs no more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
