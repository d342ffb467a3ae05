//! A server in this process, and the smallest client that tests need.

use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use api::{Config, Patience, ServeError, Token};
use domain::ids::Position;
use domain::values::Timestamp;
use engine::{Engine, EngineError};
use http::{HeaderMap, Method};
use journal::{OpenError, Options};
use reqwest::RequestBuilder;
use search::Search;
use serde_json::Value;
use tokio::net::TcpSocket;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::story;

/// The token of every server of the tests.
pub const TOKEN: &str =
    "wb_01J000000000000000000TEST0_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for what must come, and fails where it does not.
///
/// # Panics
/// It did not come; the message says what.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited {PATIENCE:?} in vain for {what}"),
    }
}

/// A running server.
pub struct Server {
    /// The engine behind it.
    pub engine: Engine,
    /// Where it listens.
    pub address: SocketAddr,
    client: reqwest::Client,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), ServeError>>,
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Panics
    /// It is none.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{error} in {} {}", self.status, self.text))
    }
    /// The body as JSON, where the status is 200.
    ///
    /// # Panics
    /// The status is another one.
    #[must_use]
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }
    /// Status and problem in one line, as people read them.
    ///
    /// # Panics
    /// The answer is no problem.
    #[must_use]
    #[track_caller]
    pub fn problem(&self) -> String {
        let kind = self.headers.get("content-type").and_then(|kind| kind.to_str().ok());
        assert_eq!(kind, Some("application/problem+json"), "{} {}", self.status, self.text);
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        show_problem(&problem)
    }
}

/// A problem in one line: status, code, detail, fields, hint.
///
/// # Panics
/// A field is missing.
#[must_use]
#[track_caller]
pub fn show_problem(problem: &Value) -> String {
    let text = |field: &str| match problem[field].as_str() {
        Some(text) if !text.is_empty() => text.to_owned(),
        _ => panic!("no {field} in {problem}"),
    };
    let fields = problem["errors"].as_array().map_or(&[][..], Vec::as_slice);
    let fields: Vec<_> = fields.iter().filter_map(|error| error["field"].as_str()).collect();
    let at = if fields.is_empty() { String::new() } else { format!(" [{}]", fields.join(", ")) };
    assert!(text("type").ends_with(&text("code")) && !text("title").is_empty());
    format!("{} {}{at}: {} | {}", problem["status"], text("code"), text("detail"), text("hint"))
}

/// Options under which a log is the same at every run, but for its id.
#[must_use]
pub fn still() -> Options {
    let clock = || Timestamp::from_millis(1_790_000_000_000);
    Options { clock: Arc::new(clock), ..Options::default() }
}

impl Server {
    /// Over a log in memory whose clock stands still.
    ///
    /// # Panics
    /// It cannot start.
    pub async fn memory() -> Self {
        Self::over(Engine::memory(still()).expect("a log in memory opens")).await
    }

    /// With the whole life of a run in it.
    ///
    /// # Panics
    /// It cannot start, or refuses a command.
    pub async fn lived() -> Self {
        let server = Self::memory().await;
        for (path, body) in story::life() {
            let _ = server.post(&path, &body).await.ok();
        }
        server.engine.caught_up().await;
        server
    }

    /// Over the log of a folder.
    ///
    /// # Panics
    /// It cannot start.
    pub async fn open(folder: &Path) -> Self {
        // Connections of a server that stopped may hold on for a moment.
        let opened = async {
            loop {
                match Engine::open(folder, Options::default()) {
                    Err(EngineError::Open(OpenError::Locked { .. })) => tokio::task::yield_now().await,
                    opened => return opened.expect("the log opens"),
                }
            }
        };
        Self::over(within("the folder", opened).await).await
    }

    /// Over an engine.
    ///
    /// # Panics
    /// It cannot start.
    pub async fn over(engine: Engine) -> Self {
        Self::patient(engine, Patience::default(), None).await
    }

    /// With another patience, and another size of the kernel's buffer for what it sends.
    ///
    /// # Panics
    /// It cannot start.
    pub async fn patient(engine: Engine, patience: Patience, send_buffer: Option<u32>) -> Self {
        let socket = TcpSocket::new_v4().expect("the system has sockets");
        if let Some(bytes) = send_buffer {
            socket.set_send_buffer_size(bytes).expect("connections take the listener's size over");
        }
        socket.bind(([127, 0, 0, 1], 0).into()).expect("a port is free");
        let listener = socket.listen(1024).expect("it listens");
        let address = listener.local_addr().expect("it has an address");
        let token = Token::parse(TOKEN).expect("the token is well formed");
        let origins = vec!["http://allowed.example".to_owned()];
        let search = Search::start(engine.journal().clone(), None).expect("there is a thread left");
        let hosts = vec!["waybill.example".to_owned()];
        let config = Config { token, hosts, origins, witnesses: Vec::new(), search, setup: None };
        let (stop, stopped) = oneshot::channel();
        let stopped = async {
            // A server whose handle is dropped stops as well.
            let _ = stopped.await;
        };
        let served = tokio::spawn(api::serve_with(engine.clone(), listener, config, patience, stopped));
        let client = reqwest::Client::builder().no_proxy().build().expect("a client needs nothing");
        Self { engine, address, client, stop, served }
    }

    /// The address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A request with the token.
    ///
    /// # Panics
    /// The method is none.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.anonymous(method, path).bearer_auth(TOKEN)
    }

    /// A request without it.
    ///
    /// # Panics
    /// The method is none.
    pub fn anonymous(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        self.client.request(method, self.url(path))
    }

    /// Reads a path.
    pub async fn get(&self, path: &str) -> Answer {
        send(self.request("GET", path)).await
    }

    /// Sends a command.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.request("POST", path).json(body)).await
    }

    /// Waits until the metrics say so.
    pub async fn metric(&self, line: &str) {
        let told = async {
            while !self.get("/metrics").await.text.lines().any(|one| one == line) {
                tokio::task::yield_now().await;
            }
        };
        within(line, told).await;
    }

    /// Last durable position.
    #[must_use]
    pub fn head(&self) -> Option<Position> {
        self.engine.journal().watermark()
    }

    /// Tells it to stop, and waits until it has; gives the time that took. The engine stays open.
    ///
    /// # Panics
    /// It failed.
    pub async fn stop(self) -> Duration {
        let began = Instant::now();
        // The receiver lives in the server, which is about to hear it.
        let _ = self.stop.send(());
        within("the server to stop", self.served).await.expect("it does not panic").expect("it ends well");
        began.elapsed()
    }
}

/// Sends a request and reads the answer whole.
///
/// # Panics
/// There is none.
pub async fn send(request: RequestBuilder) -> Answer {
    let answered = async {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok::<_, reqwest::Error>(Answer { status, headers, text: response.text().await? })
    };
    within("an answer", answered).await.expect("the server answers")
}
