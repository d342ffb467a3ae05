//! Asks a server for commands, and remembers which it acknowledged.

use std::process::Command;
use std::time::Duration;

use kit::server::{Answer, send};
use serde_json::{Value, json};

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
