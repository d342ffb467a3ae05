//! Asks a server for commands, and remembers which it acknowledged.

use std::process::Command;
use std::time::Duration;

use kit::server::{Answer, send};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::cli::run::Server;

/// Whether strace may trace here; said aloud where it may not.
pub(crate) fn can_trace() -> bool {
    let traced = Command::new("strace").args(["-qq", "-f", "true"]).output();
    let can = traced.is_ok_and(|output| output.status.success());
    if !can {
        eprintln!("SKIPPED: strace cannot trace here, so no fault was injected");
    }
    can
}

/// A client of a running server.
pub(crate) struct Asked {
    url: String,
    token: String,
    client: reqwest::Client,
    /// Numbers of the projects that were made, as acknowledged.
    pub(crate) acknowledged: Vec<u64>,
    next: u64,
}

impl Asked {
    pub(crate) fn of(server: &Server) -> Self {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build();
        Self {
            url: server.url.clone(),
            token: server.token.clone(),
            client: client.expect("a client needs nothing"),
            acknowledged: Vec::new(),
            next: 0,
        }
    }
    /// As this one goes on, with another server over the same folder.
    pub(crate) fn again(self, server: &Server) -> Self {
        let Self { acknowledged, next, .. } = self;
        Self { acknowledged, next, ..Self::of(server) }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.client.get(format!("{}{path}", self.url)).bearer_auth(&self.token)).await
    }
    pub(crate) async fn ready(&self) -> Value {
        self.get("/readyz").await.json()
    }

    /// Makes the `n`th project; the same number is the same command.
    pub(crate) async fn make(&self, n: u64) -> Result<Answer, reqwest::Error> {
        let id = kit::story::id(n);
        let body = json!({ "slug": format!("project-{n}"), "name": format!("Project {n}") });
        let request = self.client.post(format!("{}/v1/project/{id}/create", self.url));
        let response =
            request.bearer_auth(&self.token).header("Idempotency-Key", &id).json(&body).send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, text: response.text().await? })
    }

    /// Makes the next project; remembers it where that was acknowledged.
    pub(crate) async fn make_next(&mut self) -> Result<Answer, reqwest::Error> {
        self.next += 1;
        let answer = self.make(self.next).await?;
        if answer.status == 200 {
            self.acknowledged.push(self.next);
        }
        Ok(answer)
    }

    /// Makes projects until one is not acknowledged: that answer, or `None` where the connection broke.
    pub(crate) async fn make_until_refused(&mut self, most: usize) -> Option<Answer> {
        for _ in 0..most {
            match self.make_next().await {
                Ok(answer) if answer.status == 200 => {}
                Ok(answer) => return Some(answer),
                Err(_) => return None,
            }
        }
        panic!("{most} commands were all acknowledged");
    }

    /// Everything that was acknowledged is there, as it was.
    pub(crate) async fn check(&self) {
        for n in &self.acknowledged {
            let answer = self.make(*n).await.expect("the server answers").ok();
            assert_eq!(answer["duplicate"], true, "project {n} was acknowledged and is lost: {answer}");
        }
    }
}

/// One connection that is kept. A client with a pool may open another at any time, and that one may have to wait.
pub(crate) struct Line(BufReader<TcpStream>);

impl Line {
    pub(crate) async fn to(server: &Server) -> Self {
        let address = server.url.trim_start_matches("http://");
        Self(BufReader::new(TcpStream::connect(address).await.expect("it listens")))
    }

    /// Makes the next project over this connection; it must be acknowledged.
    pub(crate) async fn make_next(&mut self, asked: &mut Asked) {
        asked.next += 1;
        let (n, token) = (asked.next, &asked.token);
        let (id, host) = (kit::story::id(n), asked.url.trim_start_matches("http://"));
        let body = json!({ "slug": format!("project-{n}"), "name": format!("Project {n}") }).to_string();
        let length = body.len();
        let request = format!(
            "POST /v1/project/{id}/create HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Idempotency-Key: {id}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        self.0.get_mut().write_all(request.as_bytes()).await.expect("the connection is kept");
        let status = self.line().await;
        assert!(status.starts_with("HTTP/1.1 200 "), "{status}");
        let mut length = 0;
        loop {
            let line = self.line().await.to_ascii_lowercase();
            match line.split_once(':') {
                Some(("content-length", value)) => length = value.trim().parse().expect("a length"),
                Some(_) => {}
                None => break,
            }
        }
        let mut answer = vec![0; length];
        self.0.read_exact(&mut answer).await.expect("the answer is whole");
        asked.acknowledged.push(n);
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = kit::server::within("an answer", self.0.read_line(&mut line)).await;
        assert!(read.expect("the connection is kept") > 0, "the server closed the connection");
        line.trim_end().to_owned()
    }
}
