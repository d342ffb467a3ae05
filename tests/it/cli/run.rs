//! Runs the binary on a data folder of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A file of `tests/data`.
pub(crate) fn data_file(name: &str) -> String {
    kit::root().join("tests").join("data").join(name).display().to_string()
}

/// A data folder, gone in the end.
pub(crate) struct Data {
    folder: tempfile::TempDir,
    path: PathBuf,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Data {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        let path = folder.path().join("data");
        std::fs::create_dir(&path).expect("the folder is new and empty");
        Self { folder, path }
    }
    /// One that lies elsewhere.
    pub(crate) fn at(path: PathBuf) -> Self {
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        Self { folder, path }
    }
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
    /// The binary with these words, over this folder, and nothing of the surroundings.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
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
    pub(crate) fn run(&self, words: &[&str]) -> End {
        let output = self.command(words).output().expect("the binary can be run");
        End {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }
    /// What stands on stdout of a run that must end well.
    #[track_caller]
    pub(crate) fn ok(&self, words: &[&str]) -> String {
        let end = self.run(words);
        assert_eq!(end.code, 0, "{words:?}: {end:?}");
        end.stdout
    }
    /// As [`Data::ok`], as JSON.
    #[track_caller]
    pub(crate) fn json(&self, words: &[&str]) -> Value {
        let text = self.ok(&[words, &["--output", "json"]].concat());
        serde_json::from_str(&text).expect("stdout is one JSON document")
    }
    /// The binary with these words as another program starts it, such as strace.
    pub(crate) fn command_under(&self, wrapper: &[&str], words: &[&str]) -> Command {
        let command = self.command(words);
        let [program, options @ ..] = wrapper else { return command };
        let mut wrapped = Command::new(program);
        wrapped.args(options).arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
        wrapped.current_dir(self.folder.path());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => wrapped.env(name, value),
                None => wrapped.env_remove(name),
            };
        }
        wrapped
    }
    /// A server on a free port, ready.
    pub(crate) fn serve(&self) -> Server {
        self.serve_under(&[])
    }
    /// As [`Data::serve`], with further words.
    pub(crate) fn serve_with(&self, words: &[&str]) -> Server {
        self.serve_as(&[], words)
    }
    /// As [`Data::serve`], as another program starts it.
    pub(crate) fn serve_under(&self, wrapper: &[&str]) -> Server {
        self.serve_as(wrapper, &[])
    }
    fn serve_as(&self, wrapper: &[&str], words: &[&str]) -> Server {
        let words = [&["serve", "--port", "0", "--log-level", "warn"], words].concat();
        let mut command = self.command_under(wrapper, &words);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary can be run");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut greeting = String::new();
        while !greeting.contains("  token  ") && stdout.read_line(&mut greeting).expect("stdout is UTF-8") > 0
        {
        }
        if !greeting.contains("  token  ") {
            let mut stderr = String::new();
            let read = child.stderr.take().expect("stderr is piped").read_to_string(&mut stderr);
            panic!("the server did not start: {read:?} {stderr}");
        }
        let value = |name: &str| {
            let line =
                greeting.lines().find_map(|line| line.trim_start().strip_prefix(name)?.strip_prefix("  "));
            line.unwrap_or_else(|| panic!("the greeting names no {name}: {greeting}")).trim().to_owned()
        };
        let (page, token) = (value("page"), value("token"));
        let url = page.split_once("/#token=").expect("the page signs in").0.to_owned();
        // What stands behind the token ends with an empty line.
        while !greeting.ends_with("\n\n") && stdout.read_line(&mut greeting).expect("stdout is UTF-8") > 0 {}
        let file = std::fs::read(self.path.join("server.json")).expect("a server leaves its address");
        let file: Value = serde_json::from_slice(&file).expect("it is JSON");
        let process = file["pid"].as_u64().and_then(|pid| pid.try_into().ok()).expect("it names its process");
        Server { url, token, process, child, stdout, greeting }
    }
}

/// A running server; killed where a test ends before it is stopped.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) token: String,
    /// What it said once it was ready.
    pub(crate) greeting: String,
    /// Its own, whatever it was started under.
    process: u32,
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
}

impl Server {
    /// Ends it as Ctrl-C does.
    pub(crate) fn stop(self) -> End {
        assert!(self.signal("-INT"), "it ended before it was stopped");
        self.ended()
    }
    /// Kills it.
    pub(crate) fn kill(self) {
        assert!(self.signal("-KILL"), "it ended before it was killed");
        self.ended();
    }
    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.process
    }
    fn signal(&self, name: &str) -> bool {
        let pid = self.process.to_string();
        let sent = Command::new("kill").args([name, &pid]).stderr(Stdio::null()).status();
        sent.expect("there is a kill command").success()
    }
    /// Waits until it has ended.
    pub(crate) fn ended(mut self) -> End {
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
        // One that has ended already needs no more; its number may be another's once it has been waited for.
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal("-KILL");
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
