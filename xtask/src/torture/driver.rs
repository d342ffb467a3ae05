//! The driver as a child process: written to, killed, stopped, and asked what is left.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::Bench;

/// Longer than a check of what drills write takes on a busy machine; a process that needs more hangs.
const PATIENCE_S: &str = "120";

/// What a writer said until it ended.
#[derive(Debug, Default, Clone)]
pub(crate) struct Told {
    /// What it found when it opened the log; none where it did not get so far.
    pub(crate) opened: Option<Value>,
    /// Number and position of every acknowledged commit, in the order of the answers.
    pub(crate) acked: Vec<(u64, u64)>,
    /// For each of them, what the caller's counter said when the answer was read.
    marks: Vec<usize>,
    /// Backups that it finished.
    pub(crate) backups: Vec<Backup>,
    /// What it complained of.
    pub(crate) error: Option<String>,
    pub(crate) closed: bool,
}

/// A backup that a writer made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Backup {
    /// Events that were answered before it began.
    pub(crate) answered: u64,
    /// Events that it covers.
    pub(crate) events: u64,
    /// Events that it copied.
    pub(crate) copied: u64,
}

impl Backup {
    fn parse(numbers: &str) -> Option<Self> {
        let mut numbers = numbers.split(' ').map_while(|number| number.parse().ok());
        Some(Self { answered: numbers.next()?, events: numbers.next()?, copied: numbers.next()? })
    }
}

impl Told {
    /// Reads everything at once.
    pub(crate) fn of(stdout: &str) -> Self {
        let mut told = Self::default();
        for line in stdout.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
            told.line(line, 0);
        }
        told
    }
    fn line(&mut self, line: &str, mark: usize) {
        match line.split_once(' ') {
            Some(("ACK", numbers)) => {
                let numbers = numbers.split_once(' ');
                let parsed = numbers
                    .and_then(|(number, position)| Some((number.parse().ok()?, position.parse().ok()?)));
                self.marks.extend(parsed.map(|_| mark));
                self.acked.extend(parsed);
            }
            Some(("OPEN", json)) => self.opened = serde_json::from_str(json).ok(),
            Some(("BACKUP", numbers)) => self.backups.extend(Backup::parse(numbers)),
            Some(("CLOSED", _)) => self.closed = true,
            Some(("ERROR", error)) => self.error = Some(error.to_owned()),
            _ => {}
        }
    }
    /// The number of commits that must be found: all up to the last acknowledged one.
    pub(crate) fn commits(&self) -> u64 {
        self.acked.iter().map(|(number, _)| number + 1).max().unwrap_or(0)
    }
    /// The number of commits that were acknowledged before the caller's counter went beyond `mark`.
    pub(crate) fn commits_by(&self, mark: usize) -> u64 {
        let answers = self.acked.iter().zip(&self.marks).filter(|(_, at)| **at <= mark);
        answers.map(|((number, _), _)| number + 1).max().unwrap_or(0)
    }
    pub(crate) fn opened_in_us(&self) -> Option<u64> {
        self.opened.as_ref()?["open_us"].as_u64()
    }
}

/// A child whose answers are read as they come. Killed when dropped.
pub(crate) struct Writer {
    child: Child,
    told: Arc<Mutex<Told>>,
    reader: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts `command` and reads its answers.
    ///
    /// # Errors
    /// It cannot be started.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        Self::marked(command, || 0)
    }

    /// As [`Self::start`], and asks `counter` at every answer.
    ///
    /// # Errors
    /// It cannot be started.
    pub(crate) fn marked(
        command: &mut Command,
        counter: impl Fn() -> usize + Send + 'static,
    ) -> Result<Self> {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start the driver")?;
        let stdout = child.stdout.take().expect("stdout is piped");
        let told = Arc::new(Mutex::new(Told::default()));
        let writes = Arc::clone(&told);
        let read = move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let mark = counter();
                writes.lock().unwrap_or_else(PoisonError::into_inner).line(&line, mark);
            }
        };
        Ok(Self { child, told, reader: Some(std::thread::spawn(read)) })
    }

    pub(crate) fn told(&self) -> Told {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until what it said meets `condition`, or it ended.
    pub(crate) fn until(&mut self, condition: impl Fn(&Told) -> bool) -> Result<()> {
        let began = Instant::now();
        while !condition(&self.told()) && self.child.try_wait()?.is_none() {
            if began.elapsed() > Duration::from_secs(60) {
                bail!("waited in vain for the driver");
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// `SIGKILL`; gives everything it said before.
    pub(crate) fn kill(mut self) -> Result<Told> {
        self.child.kill().context("cannot kill the driver")?;
        self.ended()
    }

    /// The process that this one traces, where it is strace.
    pub(crate) fn traced(&self) -> Option<u32> {
        let pid = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
        children.split_whitespace().next()?.parse().ok()
    }

    /// `SIGKILL` to the traced process; whoever traces it ends with it.
    pub(crate) fn kill_traced(mut self, pid: u32) -> Result<Told> {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).context("no process has that number")?;
        // It may have ended by itself.
        let _ = kill_process(pid, Signal::KILL);
        self.ended()
    }

    /// Waits for its end; gives everything it said.
    pub(crate) fn ended(&mut self) -> Result<Told> {
        self.child.wait()?;
        if let Some(reader) = self.reader.take() {
            reader.join().expect("reading lines does not panic");
        }
        Ok(self.told())
    }

    /// `SIGSTOP`, until no thread of it says anything any more; with `settled`, until none is inside a write or sync
    /// either. The signal stops a process only once one of its threads has taken it, which on a busy machine takes a
    /// while: what the others acknowledge until then must be on the disk that is copied next.
    ///
    /// # Errors
    /// It does not stop within 30 s.
    pub(crate) fn stop(&self, settled: bool) -> Result<()> {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::STOP).context("cannot stop the driver")?;
        let began = Instant::now();
        while !all_stopped(self.child.id(), settled) {
            ensure!(began.elapsed() < Duration::from_secs(30), "the driver does not stop");
            std::thread::yield_now();
        }
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether each thread is stopped or gone; where it need not be `settled`, or waits for the disk. One at least must be
/// stopped: then the others stop as well before they say another word.
fn all_stopped(pid: u32, settled: bool) -> bool {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return true };
    let states: Vec<char> = tasks
        .flatten()
        .filter_map(|task| {
            let stat = std::fs::read_to_string(task.path().join("stat")).ok()?;
            // The name stands in parentheses and may hold anything; the state follows it.
            stat.rsplit_once(") ")?.1.chars().next()
        })
        .collect();
    let stopped = |state: &char| matches!(state, 'T' | 't' | 'Z' | 'X');
    (states.is_empty() || states.iter().any(stopped))
        && states.iter().all(|state| stopped(state) || (!settled && *state == 'D'))
}

/// What a check found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    /// Why it would not open, or how the check itself ended.
    pub(crate) refused: Option<String>,
    /// It ended without an answer: a panic or a hang.
    pub(crate) broken: bool,
    pub(crate) events: u64,
    pub(crate) commits: u64,
    /// How what is there differs from what was written.
    pub(crate) difference: Option<String>,
    /// None where it was not verified.
    pub(crate) verified: Option<bool>,
    pub(crate) notes: Vec<String>,
    pub(crate) open_us: u64,
    pub(crate) cpu_us: u64,
}

impl Found {
    fn parse(line: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(line).with_context(|| format!("no JSON: {line}"))?;
        if value["opened"] == false {
            let why = value["error"].as_str().unwrap_or("no reason given").to_owned();
            return Ok(Self { refused: Some(why), ..Self::default() });
        }
        let strings = |name: &str| -> Vec<String> {
            value[name]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|it| it.as_str().map(str::to_owned))
                .collect()
        };
        Ok(Self {
            events: value["events"].as_u64().unwrap_or(0),
            commits: value["commits"].as_u64().unwrap_or(0),
            difference: value["content"].as_str().map(str::to_owned),
            verified: value["verified"].as_bool(),
            notes: strings("notes"),
            open_us: value["open_us"].as_u64().unwrap_or(0),
            cpu_us: value["cpu_us"].as_u64().unwrap_or(0),
            ..Self::default()
        })
    }

    /// What of the promise to whoever was answered is broken: `acked` commits must be there, whole and unaltered.
    pub(crate) fn broken_promise(&self, acked: u64) -> Option<String> {
        if let Some(why) = &self.refused {
            return Some(format!("cannot be opened: {why}"));
        }
        if let Some(difference) = &self.difference {
            return Some(difference.clone());
        }
        if self.commits < acked {
            return Some(format!("{acked} commits were acknowledged, {} are there", self.commits));
        }
        (self.verified == Some(false)).then(|| "verify finds faults".to_owned())
    }
}

impl Bench {
    /// `torture write` on a folder, with this drill's history.
    pub(crate) fn write(&self, dir: &Path, window: u64) -> Command {
        let mut command = Command::new(&self.driver);
        command.arg("write").arg(dir).args(["--seed", &self.history(), "--window", &window.to_string()]);
        command
    }

    /// Writes that many commits and closes the log.
    ///
    /// # Errors
    /// It fails.
    pub(crate) fn written(&self, dir: &Path, commits: u64) -> Result<()> {
        let told = Writer::start(self.write(dir, 100).args(["--commits", &commits.to_string()]))?.ended()?;
        if !told.closed {
            bail!("the driver did not write its history: {:?}", told.error);
        }
        Ok(())
    }

    /// The seed of this drill's history.
    pub(crate) fn history(&self) -> String {
        (self.seed | 1).to_string()
    }

    /// `torture check` on a folder.
    ///
    /// # Errors
    /// It cannot be started.
    pub(crate) fn check(&self, dir: &Path, arguments: &[&str]) -> Result<Found> {
        let mut command = Command::new("timeout");
        command.args(["-s", "KILL", PATIENCE_S]).arg(&self.driver).arg("check").arg(dir);
        let output = command.args(["--seed", &self.history()]).args(arguments).output()?;
        let stdout = String::from_utf8_lossy(&output.stdout);
        match stdout.lines().rev().find(|line| line.starts_with('{')) {
            Some(line) if output.status.success() => Found::parse(line),
            _ => {
                let stderr = String::from_utf8_lossy(&output.stderr);
                let said = stdout
                    .lines()
                    .chain(stderr.lines())
                    .find(|line| !line.trim().is_empty())
                    .unwrap_or("nothing")
                    .to_owned();
                let refused = Some(format!("{} after saying: {said}", output.status));
                Ok(Found { refused, broken: true, ..Found::default() })
            }
        }
    }

    /// What the driver answers, as JSON.
    ///
    /// # Errors
    /// It cannot be started, or says nothing.
    pub(crate) fn ask(&self, arguments: &[&OsStr]) -> Result<Value> {
        let mut command = Command::new("timeout");
        let output = command.args(["-s", "KILL", PATIENCE_S]).arg(&self.driver).args(arguments).output()?;
        let stdout = String::from_utf8_lossy(&output.stdout);
        let answer = stdout.lines().find_map(|line| serde_json::from_str(line).ok());
        answer.with_context(|| {
            format!("{}: {stdout}{}", output.status, String::from_utf8_lossy(&output.stderr))
        })
    }

    /// Exit code of `waybill verify` on a folder; none where a signal ended it.
    ///
    /// # Errors
    /// It cannot be started.
    pub(crate) fn verify(&self, dir: &Path, arguments: &[&str]) -> Result<Option<i32>> {
        let mut command = Command::new("timeout");
        command.args(["-s", "KILL", PATIENCE_S]).arg(&self.waybill).arg("--data").arg(dir).arg("verify");
        Ok(command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status()?.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_until_the_end_and_half_a_line_is_none() {
        let script =
            "echo 'OPEN {\"open_us\":7}'; echo 'ACK 0 1'; echo 'ACK 1 4'; printf 'ACK 2'; kill -9 $$";
        let told = Writer::start(Command::new("sh").args(["-c", script])).unwrap().ended().unwrap();
        assert_eq!((told.opened_in_us(), told.commits(), told.closed), (Some(7), 2, false));
        assert_eq!(told.acked, [(0, 1), (1, 4)]);
    }

    #[test]
    fn a_stopped_child_says_nothing_more_until_it_is_killed() {
        let mut child =
            Writer::start(Command::new("sh").args(["-c", "echo 'ACK 0 0'; exec sleep 1000"])).unwrap();
        child.until(|told| told.commits() == 1).unwrap();
        child.stop(true).unwrap();
        assert_eq!(child.kill().unwrap().commits(), 1);
    }

    #[test]
    fn a_broken_promise_is_named() {
        let sound = |commits| Found { commits, verified: Some(true), ..Found::default() };
        assert_eq!(sound(5).broken_promise(5), None);
        assert!(sound(4).broken_promise(5).unwrap().contains("5 commits were acknowledged, 4 are there"));
        let refused = Found::parse("{\"opened\":false,\"error\":\"why\"}").unwrap();
        assert_eq!(refused.broken_promise(0).unwrap(), "cannot be opened: why");
        let altered = Found { verified: Some(false), ..sound(5) };
        assert!(altered.broken_promise(5).is_some());
        assert!(Found::parse("garbage").is_err());
    }
}
