//! `waybill serve`: the server over the data folder, until a signal ends it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use api::{Config, Listening, Secret, Tls, Token};
use clap::Args;
use engine::{Engine, ViewRequest};
use projections::Query;
use search::Search;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::server_file::ServerFile;
use crate::{last_resort, output, target, trust};

const PORT: u16 = 8377;
/// How long the start waits to know whether anybody has an account.
const USERS_MAX: Duration = Duration::from_secs(2);
/// How long requests under way have for their answers once the log has failed.
const ANSWERS_MAX: Duration = Duration::from_millis(2_500);
/// What is left of the 10 seconds to stop in, once the interfaces have had their 8.
const CLOSE_MAX: Duration = Duration::from_millis(1_900);

/// Serve the data folder over HTTP and WebSocket until Ctrl-C
///
/// Makes the folder and its token where they are missing. Every request needs the token, on this machine too.
/// Ctrl-C or SIGTERM ends it in good order within 10 seconds; a second one ends it at once, which loses nothing
/// that was acknowledged.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to listen [default: 127.0.0.1:8377]
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "port")]
    bind: Option<SocketAddr>,
    /// Where to listen on 127.0.0.1; 0 takes any free port
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Speak TLS with this certificate, PEM, the server's own first; plain HTTP is then left to this machine
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's key, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Listen without TLS where other machines can connect: the token and all data cross the network unencrypted
    #[arg(long, alias = "allow-remote")]
    insecure_bind: bool,
    /// A further name by which clients reach it, as they send it in `Host`; repeat it for more
    #[arg(long = "host", value_name = "NAME:PORT")]
    hosts: Vec<String>,
    /// The origin of a page elsewhere that may ask, such as http://localhost:5173; repeat it for more
    #[arg(long = "origin", value_name = "URL")]
    origins: Vec<String>,
    /// Public key of a witness whose cosignatures are shown with checkpoints and in evidence; repeat it for more
    #[arg(long = "witness", value_name = "KEY|@FILE")]
    witnesses: Vec<String>,
}

impl Serve {
    fn address(&self) -> Result<SocketAddr, Failure> {
        let local = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), self.port.unwrap_or(PORT));
        let address = self.bind.unwrap_or(local);
        if address.ip().is_loopback() || self.insecure_bind || self.tls_cert.is_some() {
            return Ok(address);
        }
        let message =
            format!("{address} can be reached from other machines, and plain HTTP can be read on the way");
        let hint = "give --tls-cert and --tls-key, bind to 127.0.0.1 behind a tunnel or a TLS proxy, or add \
                    --insecure-bind if the network is trusted";
        Err(Failure::usage(message).hint(hint))
    }

    fn tls(&self) -> Result<Option<Tls>, Failure> {
        let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) else { return Ok(None) };
        let read = |path: &Path| {
            std::fs::read(path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
        };
        let hint = "both are PEM, as most authorities hand them out";
        let tls = Tls::from_pem(&read(certificate)?, &read(key)?);
        tls.map(Some).map_err(|error| Failure::usage(error.to_string()).hint(hint))
    }

    /// The address for people, and the one for the command line of this machine, which speaks plain HTTP.
    async fn listen(&self, address: SocketAddr) -> Result<(Listening, String, String), Failure> {
        let tls = self.tls()?;
        let main = TcpListener::bind(address).await.map_err(|error| taken(address, &error))?;
        let address = main.local_addr()?;
        let Some(tls) = tls else {
            let url = format!("http://{}", nearby(address));
            return Ok((main.into(), url.clone(), url));
        };
        let local = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let near = format!("http://{}", local.local_addr()?);
        // A certificate is of a name, and seldom of an address.
        let name = self.hosts.first().cloned().unwrap_or_else(|| nearby(address).to_string());
        Ok((Listening::secure(main, tls, local), format!("https://{name}"), near))
    }

    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        if global.server.is_some() {
            let message = "a server serves a folder, not another server";
            return Err(Failure::usage(message).hint("leave --server and WAYBILL_SERVER out"));
        }
        let (address, witnesses) = (self.address()?, trust::keys(&self.witnesses)?);
        let signals = Signals::new()?;
        raise_handles();
        // Bound first: a port that is taken then costs no opening of the log.
        let (listening, url, near) = self.listen(address).await?;
        let data = std::path::absolute(&global.data)?;
        target::exported::refuse(&data)?;
        let engine = target::open_engine(&data, global.journal())?;
        finish_erasures(&engine).await;
        let (token, created) = load_token(&data)?;
        let file = ServerFile { pid: std::process::id(), url: near };
        file.write(&data)
            .map_err(|error| Failure::from(error).while_doing("server.json could not be written"))?;
        let setup = if has_accounts(&engine).await { None } else { Some(api::fresh_secret()?) };
        output::print(&greeting(&engine, &data, &url, &token, created, setup.as_ref()))?;
        tracing::info!(url, data = %data.display(), "serving");
        let search = target::search(&engine, &data)?;
        let (hosts, origins) = (self.hosts, self.origins);
        let config = Config { token, hosts, origins, witnesses, search: search.clone(), setup };
        let (told, stopping) = tokio::sync::oneshot::channel();
        tokio::spawn(signals.watch(told));
        let failed = engine.journal().failed();
        let served = api::serve(engine.clone(), listening, config, async {
            tokio::select! {
                // A sender that is gone means the same: nobody listens for signals any more.
                _ = stopping => {}
                reason = failed => tracing::error!(reason, "the log failed: the server ends"),
            }
        });
        let failed = engine.journal().failed();
        let served = tokio::select! {
            served = served => served,
            reason = drained(failed) => last_resort::leave(&last_resort::failure(&reason)),
        };
        if let Some(reason) = engine.journal().poisoned() {
            last_resort::leave(&last_resort::failure(&reason));
        }
        let exit = close(engine, search, &data).await?;
        served.map_err(Failure::from)?;
        Ok(exit)
    }
}

/// Goes on with erasures that were cut short. The keys are destroyed by the opening; what is left is the receipt.
async fn finish_erasures(engine: &Engine) {
    match engine.finish_erasures().await {
        Ok(finished) => {
            for erased in finished {
                tracing::warn!(subject = %erased.subject, "finished an erasure that was cut short");
            }
        }
        Err(error) => tracing::error!(%error, "an erasure that was cut short could not be receipted"),
    }
}

/// Whether anybody has an account: until then, whoever reads what this prints may make the first one.
async fn has_accounts(engine: &Engine) -> bool {
    let query = Query { limit: Some(1), ..Query::default() };
    let (view, min_position) = ("users".to_owned(), engine.journal().watermark());
    let users = ViewRequest { view, key: None, query, at: None, min_position, wait: USERS_MAX };
    // Where that cannot be told, the server serves all the same, and prints no link.
    engine.view(users).await.map_or(true, |users| !users.page.rows.is_empty())
}

/// Every connection takes a file handle: as many as the system allows.
fn raise_handles() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // Where it cannot be raised, fewer connections are taken.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

/// Resolves to the reason once the log has failed and requests under way have had time for their answers.
async fn drained(failed: impl Future<Output = String>) -> String {
    let reason = failed.await;
    tokio::time::sleep(ANSWERS_MAX).await;
    reason
}

/// The address to ask it at from this machine.
fn nearby(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
    };
    SocketAddr::new(ip, address.port())
}

fn taken(address: SocketAddr, error: &std::io::Error) -> Failure {
    let hint = "choose another port with --port, or 0 for any that is free";
    Failure::new(Exit::Failed, format!("cannot listen on {address}: {error}")).hint(hint)
}

fn load_token(data: &Path) -> Result<(Token, bool), Failure> {
    Token::load_or_create(&data.join("token")).map_err(|error| {
        let hint = error.hint();
        Failure::from(error).hint(hint)
    })
}

/// What stands on stdout once it serves.
fn greeting(
    engine: &Engine,
    data: &Path,
    url: &str,
    token: &Token,
    created: bool,
    setup: Option<&Secret>,
) -> String {
    let identity = engine.journal().identity();
    let head = engine.journal().watermark();
    let head = head.map_or_else(|| "empty".to_owned(), |head| head.to_string());
    // `ws` of `http`, and `wss` of `https`.
    let socket = url.replacen("http", "ws", 1);
    let new = if created { " (new)" } else { "" };
    let lines = [
        // A browser keeps what stands behind the # to itself: the page signs in with it.
        ("page", format!("{url}/#token={}", token.as_str())),
        ("API docs", format!("{url}/docs")),
        ("WebSocket", format!("{socket}/v1/ws")),
        ("data", data.display().to_string()),
        ("log", format!("{}, epoch {}, head {head}", identity.log_id, identity.epoch)),
        ("token file", format!("{}{new}", data.join("token").display())),
        ("token", token.as_str().to_owned()),
    ];
    let first = setup.map(|setup| ("first user", format!("{url}/setup#code={}", setup.text)));
    let mut text = format!("Waybill {} is ready. Ctrl-C stops it.\n\n", env!("CARGO_PKG_VERSION"));
    for (name, value) in lines.into_iter().chain(first) {
        text.push_str(&format!("  {name:<11} {value}\n"));
    }
    text.push('\n');
    text
}

/// Drains the writer, writes the views' snapshots, and says so.
async fn close(engine: Engine, search: Search, data: &Path) -> Result<Exit, Failure> {
    let started = Instant::now();
    let searching = tokio::task::spawn_blocking(move || search.close());
    let closing = {
        let engine = engine.clone();
        tokio::task::spawn_blocking(move || engine.close())
    };
    let Ok(closed) = tokio::time::timeout(CLOSE_MAX, closing).await else {
        tracing::error!("the log did not close in time");
        let message = "the log or its views did not close in time";
        return Err(Failure::new(Exit::Failed, message)
            .hint("nothing acknowledged is lost; the next start takes longer"));
    };
    if let Err(error) = ServerFile::remove(data) {
        tracing::warn!(%error, "server.json could not be removed");
    }
    closed.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
    // The index is made from the log: what it lacks it catches up with.
    if tokio::time::timeout(CLOSE_MAX.saturating_sub(started.elapsed()), searching).await.is_err() {
        tracing::warn!("the search index did not close in time: the next start catches up");
    }
    let head = engine.journal().watermark();
    let head = head.map_or_else(|| "empty".to_owned(), |head| format!("at position {head}"));
    let views = engine.view_health().len();
    tracing::info!(duration_ms = started.elapsed().as_millis(), "closed");
    let text = format!("Stopped: connections closed, log synced {head}, {views} views saved.\n");
    output::print(&text)?;
    Ok(Exit::Done)
}

/// The signals that end a server.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate())? })
    }
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
    /// Tells of the first one; ends the process at the second.
    async fn watch(mut self, told: tokio::sync::oneshot::Sender<()>) {
        let name = self.next().await;
        tracing::info!(signal = name, "stopping");
        eprintln!("\nStopping; once more ends it at once.");
        // It may have stopped on its own meanwhile.
        let _ = told.send(());
        self.next().await;
        std::process::exit(130);
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use journal::Options;

    use super::*;
    use crate::cli::Cli;
    use crate::verbs::Verb;

    fn address(words: &[&str]) -> Result<String, Failure> {
        let cli = Cli::try_parse_from([&["waybill", "serve"], words].concat()).expect("it parses");
        let Verb::Serve(serve) = cli.verb else { panic!("it is serve") };
        serve.address().map(|address| address.to_string())
    }

    #[test]
    fn it_listens_on_this_machine_unless_told_otherwise() {
        assert_eq!(address(&[]).unwrap(), "127.0.0.1:8377");
        assert_eq!(address(&["--port", "0"]).unwrap(), "127.0.0.1:0");
        assert_eq!(address(&["--bind", "[::1]:80"]).unwrap(), "[::1]:80");
        let failure = address(&["--bind", "0.0.0.0:80"]).expect_err("it is reachable from elsewhere");
        assert_eq!(failure.exit, Exit::Usage);
        let hint = failure.hint.unwrap();
        assert!(hint.contains("--insecure-bind") && hint.contains("--tls-cert"), "{hint}");
        let open = ["--bind", "0.0.0.0:80"];
        for more in [&["--insecure-bind"][..], &["--allow-remote"], &["--tls-cert", "c", "--tls-key", "k"]] {
            assert_eq!(address(&[&open[..], more].concat()).unwrap(), "0.0.0.0:80", "{more:?}");
        }
        let half = Cli::try_parse_from(["waybill", "serve", "--tls-cert", "c"]);
        assert!(half.is_err(), "a certificate without its key");
    }

    #[test]
    fn an_address_of_any_interface_is_asked_on_this_machine() {
        let near = |text: &str| nearby(text.parse().unwrap()).to_string();
        assert_eq!(near("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(near("[::]:80"), "[::1]:80");
        assert_eq!(near("10.0.0.1:80"), "10.0.0.1:80");
    }

    #[test]
    fn the_greeting_says_where_everything_is() {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::memory(Options::default()).unwrap();
        let (token, created) = load_token(dir.path()).unwrap();
        let setup = api::fresh_secret().unwrap();
        let greet = |setup| greeting(&engine, dir.path(), "http://127.0.0.1:8377", &token, created, setup);
        assert!(!greet(None).contains("/setup"));
        let text = greet(Some(&setup));
        assert!(text.contains(&format!("http://127.0.0.1:8377/setup#code={}", setup.text)));
        for part in
            ["http://127.0.0.1:8377/docs", "ws://127.0.0.1:8377/v1/ws", "(new)", token.as_str(), "head empty"]
        {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }
}
