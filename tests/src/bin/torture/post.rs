//! `torture post`: commands to a server over several connections, until it is gone.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Args;
use domain::Ulid;
use domain::ids::ProjectId;
use serde_json::{Value, json};

use crate::check::sent;
use crate::write::Outcome;

#[derive(Debug, Args)]
pub(crate) struct Post {
    /// The server's address, such as `http://127.0.0.1:8377`
    url: String,
    /// The server's token
    #[arg(long)]
    token: String,
    /// Seed of the ids
    #[arg(long)]
    seed: u64,
    /// The first number; what was sent before is answered as a duplicate
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Connections
    #[arg(long, default_value_t = 8)]
    connections: usize,
}

impl Post {
    #[tokio::main(flavor = "current_thread")]
    pub(crate) async fn run(self) -> Outcome<ExitCode> {
        let next = Arc::new(AtomicU64::new(self.from));
        let client = reqwest::Client::builder().no_proxy().build()?;
        let post = Arc::new(self);
        let mut connections = Vec::new();
        for _ in 0..post.connections {
            connections.push(tokio::spawn(load(Arc::clone(&post), client.clone(), Arc::clone(&next))));
        }
        for connection in connections {
            if let Some(refused) = connection.await? {
                return Err(refused.into());
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn send(&self, client: &reqwest::Client, number: u64) -> reqwest::Result<(u16, String)> {
        let project = ProjectId::from(Ulid(u128::from(number) + 1));
        let answer = client
            .post(format!("{}/v1/project/{project}/create", self.url))
            .bearer_auth(&self.token)
            .header("Idempotency-Key", sent(self.seed, number).to_string())
            .json(&json!({ "slug": format!("p{number}"), "name": format!("Project {number}") }))
            .send()
            .await?;
        let status = answer.status().as_u16();
        Ok((status, answer.text().await?))
    }
}

/// One connection's load; gives the answer that should not have come, if one did.
async fn load(post: Arc<Post>, client: reqwest::Client, next: Arc<AtomicU64>) -> Option<String> {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Ok((status, text)) = post.send(&client, number).await else { return None };
        let position =
            serde_json::from_str::<Value>(&text).ok().and_then(|answer| answer["position"].as_u64());
        let (200, Some(position)) = (status, position) else {
            return Some(format!("number {number}: {status} {text}"));
        };
        let line = format!("ACK {number} {position}\n");
        std::io::stdout().lock().write_all(line.as_bytes()).ok()?;
    }
}
