//! `waybill bench access`: what it costs to know who asks and what they may do.

use std::time::Duration;

use api::fresh_secret;
use clap::Args;
use domain::ids::{ApiKeyId, ProjectId};
use serde_json::json;

use super::http::Endpoint;
use super::load::{Run, check, prepare_in};
use super::measure::{Amount, Durations, Row, float};
use super::post::{connections, drive, name};
use super::report::Report;
use super::server::Server;
use super::words::{self, Words};
use super::{Stage, progress};
use crate::cli::Global;
use crate::failure::{Exit, Failure};

/// Turns of each, so that what the machine does meanwhile falls on both.
const TURNS: u32 = 10;

/// Send single commands as the operator, whose token is all that is asked, and as an API key of one project, in turns
///
/// A key is looked up by its id, its secret compared by digest, its end and its scopes looked at, and the command held
/// against its project.
#[derive(Debug, Clone, Args)]
pub(super) struct Access {
    /// Connections that are kept, each with one request under way
    #[arg(long, value_delimiter = ',', value_name = "NUMBER", default_values_t = [1, 64], value_parser = connections)]
    connections: Vec<usize>,
}

/// What one of the two did.
struct Done {
    amount: Amount,
    latency: Durations,
}

impl Done {
    fn nothing() -> Self {
        Self { amount: Amount::default(), latency: Durations::new() }
    }
    fn add(&mut self, (amount, latency): (Amount, Durations)) {
        self.amount.events += amount.events;
        self.amount.bytes += amount.bytes;
        self.amount.elapsed += amount.elapsed;
        self.latency.add(&latency);
    }
}

impl Access {
    pub(super) async fn run(self, stage: &Stage, global: &Global) -> Result<Report, Failure> {
        let about = "single commands over HTTP as the operator and as an API key, in turns";
        let mut report = Report::new("access", about, stage.disk()?);
        let server = Server::find(global, &stage.path("access")).await?;
        let project = ProjectId::from(words::fresh().id());
        let most = self.connections.iter().copied().max().unwrap_or(1);
        let runs = prepare_in(&server.endpoint, project, most).await?;
        let key = Endpoint { token: issue(&server.endpoint, project).await?, ..server.endpoint.clone() };
        for connections in self.connections {
            let _bar = progress::clock(format!("{connections} connections"), stage.time * 2);
            let time = stage.time / TURNS;
            report.rows.extend(measure(stage, [&server.endpoint, &key], &runs, connections, time).await?);
        }
        server.stop().await?;
        Ok(report)
    }
}

/// The token of a new key that may write to the project.
async fn issue(endpoint: &Endpoint, project: ProjectId) -> Result<String, Failure> {
    let secret = fresh_secret().map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    let key = ApiKeyId::from(Words::new(words::fresh().number()).id());
    let body = json!({
        "key": key, "name": "bench", "scopes": ["runs:write"], "secret_sha256": secret.sha256, "expires_at": null,
    });
    let path = format!("/v1/project/{project}/issue-api-key");
    let request = endpoint.request("POST", &path, "application/json", &body.to_string());
    let (status, answer) = endpoint.connect().await?.exchange(&request).await?;
    check(status, &answer)?;
    Ok(format!("wb_{key}_{}", secret.text))
}

async fn measure(
    stage: &Stage,
    who: [&Endpoint; 2],
    runs: &[Run],
    connections: usize,
    time: Duration,
) -> Result<Vec<Row>, Failure> {
    let mut done = [Done::nothing(), Done::nothing()];
    for turn in 0..TURNS as usize {
        // Whoever goes first in one turn goes second in the next.
        for at in [turn % 2, (turn + 1) % 2] {
            let (endpoint, runs) = (who[at].clone(), runs.to_vec());
            let driven = stage.one_thread(move || drive(endpoint, runs, connections, time)).await?;
            done[at].add(driven?);
        }
    }
    let [operator, key] = done;
    let p99 = |done: &Done| float(done.latency.quantiles().p99_us.max(1));
    let row = |who, done: &Done| {
        Row::new(format!("{}, {who}", name(connections)), done.amount)
            .latency(&done.latency)
            .with("rate_to_operator", done.amount.rate() / operator.amount.rate().max(1e-9))
            .with("p99_to_operator", p99(done) / p99(&operator))
    };
    Ok(vec![row("operator", &operator), row("API key", &key)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::tests::served;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_key_may_write_to_its_project_and_to_no_other() {
        let (_engine, endpoint) = served().await;
        let project = ProjectId::from(words::fresh().id());
        let runs = prepare_in(&endpoint, project, 2).await.unwrap();
        let key = Endpoint { token: issue(&endpoint, project).await.unwrap(), ..endpoint.clone() };
        let stage = Stage { dir: tempfile::tempdir().unwrap(), time: Duration::from_millis(400) };
        let rows = measure(&stage, [&endpoint, &key], &runs, 2, stage.time / TURNS).await.unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].further["rate_to_operator"], rows[0].further["p99_to_operator"]), (1.0, 1.0));
        assert!(rows.iter().all(|row| row.events > 0 && row.latency.is_some()), "{rows:?}");
        let others = prepare_in(&endpoint, ProjectId::from(words::fresh().id()), 1).await.unwrap();
        let refused = drive(key, others, 1, Duration::from_millis(50)).await;
        assert!(refused.is_err(), "a key of one project wrote to another");
    }
}
