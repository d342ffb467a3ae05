//! T01, T02 over HTTP: `kill -9` of the server under load; an answered command is in the log.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use super::driver::Writer;
use super::report::Finding;
use super::{Bench, Drill};

pub(crate) const DRILL: Drill =
    Drill { name: "serve", what: "kill -9 of the server under load over HTTP", short: 6, long: 100, run };

/// Longest life of a server under load.
const LIFE_MS: u64 = 400;
/// Numbers that are sent once more after a kill.
const AGAIN: u64 = 24;

/// A server under way. Killed when dropped.
struct Server {
    child: Child,
    url: String,
    token: String,
}

impl Server {
    fn start(bench: &Bench, dir: &Path) -> Result<Self> {
        let mut command = Command::new(&bench.waybill);
        command.arg("--data").arg(dir).args(["serve", "--port", "0"]).stdout(Stdio::piped());
        let log = std::fs::File::options().create(true).append(true).open(bench.disk.join("server.log"))?;
        let mut child = command.stderr(log).spawn().context("cannot start the server")?;
        let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let page = stdout.lines().map_while(Result::ok).find(|line| line.trim_start().starts_with("page "));
        let mut server = Self { child, url: String::new(), token: String::new() };
        let page = page.context("the server did not say where it is")?;
        let (url, token) =
            page.trim().trim_start_matches("page").trim().split_once("/#token=").context("no token")?;
        (server.url, server.token) = (url.to_owned(), token.to_owned());
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // `SIGKILL`; it may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(bench: &Bench) -> Result<Finding> {
    let mut finding = Finding::default();
    let (dir, answers) = (bench.disk.join("data"), bench.disk.join("answers"));
    let mut file = std::fs::File::create(&answers)?;
    let mut next = 0_u64;
    for round in 0..bench.rounds {
        let mut random = bench.random(round);
        let server = Server::start(bench, &dir).with_context(|| format!("round {round}"))?;
        let mut command = Command::new(&bench.driver);
        command.args(["post", &server.url, "--token", &server.token, "--seed", &bench.history()]);
        let from = next.saturating_sub(AGAIN).to_string();
        let mut load =
            Writer::start(command.args(["--from", &from, "--connections", *random.pick(&["1", "8", "32"])]))?;
        load.until(|told| !told.acked.is_empty())?;
        std::thread::sleep(random.up_to_ms(LIFE_MS));
        drop(server);
        let told = load.ended()?;
        for (number, position) in &told.acked {
            writeln!(file, "{number} {position}")?;
        }
        next = next.max(told.commits());
        finding.add("commands answered", told.acked.len() as u64);
        if let Some(error) = told.error {
            finding.fail(format!("round {round}: {error}"));
        }
        let found = bench.check(&dir, &["--posted", &answers.to_string_lossy(), "--leave"])?;
        if let Some(broken) = found.broken_promise(0) {
            finding.fail(format!("round {round}: {broken}"));
        }
    }
    let said = std::fs::read_to_string(bench.disk.join("server.log"))?;
    if said.contains("panicked") {
        finding.fail("the server panicked; what it said is in server.log".into());
    }
    Ok(finding)
}
