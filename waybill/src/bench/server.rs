//! The server that is measured: another process of this program on a folder of its own, or one that runs already.

use std::fs::File;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::http::Endpoint;
use super::measure::float;
use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::server_file::ServerFile;

const START_MAX: Duration = Duration::from_secs(60);
const STOP_MAX: Duration = Duration::from_secs(12);
const POLL: Duration = Duration::from_millis(5);
/// Clock ticks per second in which Linux counts processor time, on every architecture it is built for here.
const TICKS_PER_SECOND: u64 = 100;

/// A server to measure. One that was started here ends with this value.
pub(super) struct Server {
    pub(super) endpoint: Endpoint,
    pid: u32,
    process: Option<Process>,
    /// Its folder, where it was started here.
    data: Option<PathBuf>,
}

/// A process that does not outlive its owner.
struct Process(std::process::Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already, or it must.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    /// The server that `--server` names, else a new one on the folder `data`.
    pub(super) async fn find(global: &Global, data: &Path) -> Result<Self, Failure> {
        match &global.server {
            Some(url) => Self::named(url, global),
            None => Self::start(data).await,
        }
    }

    /// Starts one on `data`; it is ready when this returns.
    pub(super) async fn start(data: &Path) -> Result<Self, Failure> {
        Self::start_at(data, 0).await
    }

    /// Kills it at once and starts another on its folder and its port; that one is ready when this returns. Also how
    /// long that took.
    pub(super) async fn kill_and_start(&mut self) -> Result<Duration, Failure> {
        let (Some(data), Some(process)) = (self.data.clone(), self.process.take()) else {
            return Err(Failure::usage("expected a server of the bench's own").hint("leave --server away"));
        };
        drop(process);
        let killed = Instant::now();
        // What it wrote of itself would be taken for the next one's.
        ServerFile::remove(&data)?;
        *self = Self::start_at(&data, self.endpoint.address.port()).await?;
        Ok(killed.elapsed())
    }

    async fn start_at(data: &Path, port: u16) -> Result<Self, Failure> {
        std::fs::create_dir_all(data)?;
        let log = data.join("server.log");
        let mut command = std::process::Command::new(std::env::current_exe()?);
        command.args(["serve", "--port", &port.to_string(), "--data"]).arg(data);
        for variable in ["WAYBILL_SERVER", "WAYBILL_TOKEN", "WAYBILL_DATA"] {
            command.env_remove(variable);
        }
        command
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(File::create(&log)?);
        let mut process = Process(command.spawn()?);
        let started = Instant::now();
        let file = loop {
            if let Some(file) = ServerFile::read(data) {
                break file;
            }
            if process.0.try_wait()?.is_some() || started.elapsed() > START_MAX {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                let last = said.lines().next_back().unwrap_or("it said nothing").to_owned();
                return Err(Failure::new(Exit::Failed, format!("the server did not start: {last}")));
            }
            tokio::time::sleep(POLL).await;
        };
        let token = std::fs::read_to_string(data.join("token"))?.trim().to_owned();
        let endpoint = Endpoint { address: address(&file.url)?, token };
        Ok(Self { endpoint, pid: file.pid, process: Some(process), data: Some(data.to_owned()) })
    }

    fn named(url: &str, global: &Global) -> Result<Self, Failure> {
        let address = address(url)?;
        let file = ServerFile::read(&global.data)
            .filter(|file| file.url.trim_end_matches('/') == url.trim_end_matches('/'));
        let in_folder = || std::fs::read_to_string(global.data.join("token")).ok();
        let token = global.token.clone().or_else(in_folder).ok_or_else(|| {
            Failure::new(Exit::Unreachable, "no token for the server")
                .hint("give --token, or --data with the server's folder")
        })?;
        let endpoint = Endpoint { address, token: token.trim().to_owned() };
        Ok(Self { endpoint, pid: file.map_or(0, |file| file.pid), process: None, data: None })
    }

    /// Memory it holds, in bytes; none where its process is not known.
    pub(super) fn rss_bytes(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        parse_memory(&status, "VmRSS:")
    }

    /// The most memory it has ever held, in bytes; none where its process is not known.
    pub(super) fn peak_rss_bytes(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        parse_memory(&status, "VmHWM:")
    }

    /// Processor time that it has used.
    pub(super) fn cpu(&self) -> Option<Duration> {
        cpu_of(&self.pid.to_string())
    }

    /// Stops it in good order, where it was started here.
    pub(super) async fn stop(mut self) -> Result<(), Failure> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        let pid = i32::try_from(process.0.id()).ok().and_then(rustix::process::Pid::from_raw);
        let pid = pid.ok_or_else(|| Failure::new(Exit::Failed, "the server's process has no id"))?;
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).map_err(std::io::Error::from)?;
        let asked = Instant::now();
        while asked.elapsed() < STOP_MAX {
            if process.0.try_wait()?.is_some() {
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
        Err(Failure::new(Exit::Failed, "the server did not stop in time"))
    }
}

/// Processor time that this process has used.
pub(super) fn own_cpu() -> Option<Duration> {
    cpu_of("self")
}

/// Memory that this process holds, and the most it ever held, in bytes.
pub(super) fn own_memory() -> Option<(f64, f64)> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    Some((parse_memory(&status, "VmRSS:")?, parse_memory(&status, "VmHWM:")?))
}

fn cpu_of(process: &str) -> Option<Duration> {
    parse_cpu(&std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
}

/// User and system time: the 14th and 15th field of proc(5), the 12th and 13th behind the name.
fn parse_cpu(stat: &str) -> Option<Duration> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

fn parse_memory(status: &str, name: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(float(line.trim().strip_suffix("kB")?.trim().parse().ok()?) * 1024.0)
}

/// The address in a URL. Benches stay on this machine.
fn address(url: &str) -> Result<SocketAddr, Failure> {
    let wrong = || {
        let message =
            format!("expected a server on this machine such as `http://127.0.0.1:8377`, got `{url}`");
        Failure::usage(message)
            .hint("run the bench where the server runs: a network would be measured instead")
    };
    let host = url.strip_prefix("http://").ok_or_else(wrong)?.trim_end_matches('/');
    let mut addresses = host.to_socket_addrs().map_err(|_| wrong())?;
    addresses.find(|address| address.ip().is_loopback()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_measured() {
        assert_eq!(address("http://127.0.0.1:80/").unwrap().port(), 80);
        assert!(address("http://localhost:80").unwrap().ip().is_loopback());
        for elsewhere in ["http://192.0.2.1:80", "https://127.0.0.1:80", "127.0.0.1:80", "http://127.0.0.1"] {
            assert_eq!(address(elsewhere).expect_err(elsewhere).exit, Exit::Usage);
        }
    }

    #[test]
    fn what_the_system_says_of_a_process_is_read() {
        let status = "Name:\tx\nVmHWM:\t 3 kB\nVmRSS:\t   2048 kB\nRssAnon: 1 kB\n";
        assert_eq!(parse_memory(status, "VmRSS:"), Some(2_097_152.0));
        assert_eq!(parse_memory(status, "VmHWM:"), Some(3_072.0));
        assert!(own_memory().is_some_and(|(now, most)| now > 0.0 && now <= most));
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 1 2 3";
        assert_eq!(parse_cpu(stat), Some(Duration::from_secs(3)));
        assert!(own_cpu().is_some());
    }
}
