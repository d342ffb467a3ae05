//! Writers to copy beside, folders to copy, and what a folder says of itself.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::cli::run::{Data, End, data_file};

pub(super) const PATIENCE: Duration = Duration::from_secs(120);
const TORTURE: &str = env!("CARGO_BIN_EXE_torture");
const SEED: &str = "7";

/// The words of a verb that copies, with a folder behind the last one.
pub(super) fn text(path: &Path) -> String {
    path.display().to_string()
}

/// A folder beside the data folder, gone with it.
pub(super) fn beside(data: &Data, name: &str) -> PathBuf {
    data.path().with_file_name(name)
}

/// The JSON that a run printed, whatever its exit code.
#[track_caller]
pub(super) fn told(end: &End) -> Value {
    serde_json::from_str(&end.stdout).unwrap_or_else(|error| panic!("{error}: {end:?}"))
}

#[track_caller]
pub(super) fn number(document: &Value, field: &str) -> u64 {
    document[field].as_u64().unwrap_or_else(|| panic!("no number {field} in {document}"))
}

/// A data folder with a recorded session in it.
pub(super) fn imported() -> Data {
    let data = Data::new();
    data.ok(&["import", "pi", &data_file("pi-large-session.jsonl")]);
    data
}

/// Every row of the views that fold the whole log, at a position or now.
pub(super) fn rows(data: &Data, at: Option<u64>) -> Vec<String> {
    let at = at.map(|at| at.to_string());
    let views = ["projects", "project-dashboard", "runs", "usage"].iter();
    let all = views.map(|view| {
        let at = at.as_ref().map_or(vec![], |at| vec!["--at", at]);
        data.ok(&[&["view", view, "--output", "ndjson"], &at[..]].concat())
    });
    all.collect()
}

pub(super) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("it can be made");
    for entry in fs::read_dir(from).expect("it can be read") {
        let from = entry.expect("it can be read").path();
        let to = to.join(from.file_name().expect("it has a name"));
        if from.is_dir() {
            copy_folder(&from, &to);
        } else {
            fs::copy(&from, &to).expect("it can be copied");
        }
    }
}

/// Files under a folder with their inode: another one says that it was written anew.
pub(super) fn inodes(folder: &Path) -> BTreeMap<PathBuf, u64> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("it can be read") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let inode = path.metadata().expect("it is there").ino();
                files.insert(path, inode);
            }
        }
    }
    files
}

/// A process that writes a history as fast as it can, and holds the folder meanwhile.
pub(super) struct Writer {
    child: Child,
    lines: BufReader<ChildStdout>,
    /// Position of the last commit that was acknowledged.
    pub(super) acknowledged: u64,
}

impl Writer {
    pub(super) fn start(data: &Data) -> Self {
        let mut command = Command::new(TORTURE);
        command.arg("write").arg(data.path()).args(["--seed", SEED, "--window", "64"]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it can be run");
        let lines = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Self { child, lines, acknowledged: 0 }
    }
    /// Reads acknowledgements until so many more events are durable.
    pub(super) fn write(&mut self, events: u64) {
        let end = self.acknowledged + events;
        while self.acknowledged < end {
            assert!(self.read(), "the writer ended");
        }
    }
    fn read(&mut self) -> bool {
        let mut line = String::new();
        let read = self.lines.read_line(&mut line).expect("stdout is UTF-8") > 0;
        if let Some(position) = line.strip_prefix("ACK ").and_then(|line| line.trim().split(' ').nth(1)) {
            self.acknowledged = position.parse().expect("a position");
        }
        read
    }
    /// Kills it, and takes in what it had acknowledged.
    pub(super) fn kill(mut self) -> u64 {
        self.child.kill().expect("it still runs");
        while self.read() {}
        self.child.wait().expect("it is this process's child");
        self.acknowledged
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// What is in a folder against the history that a writer wrote: every event as it was, and verified.
#[track_caller]
pub(super) fn check_history(folder: &Path) -> Value {
    let output = Command::new(TORTURE).arg("check").arg(folder).args(["--seed", SEED]).output();
    let output = output.expect("it can be run");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let found: Value = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"));
    assert_eq!((&found["opened"], &found["content"]), (&true.into(), &Value::Null), "{found}");
    assert_eq!(found["verified"], true, "{found}");
    found
}
