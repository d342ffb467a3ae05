//! `waybill token`: API keys of a project, and passes of agents.

use api::{Secret, fresh_secret};
use clap::{Args, Subcommand};
use domain::StreamId;
use domain::authority::Scope;
use domain::ids::{ApiKeyId, PassId, ProjectId, RunId};
use domain::values::Timestamp;
use serde_json::{Value, json};

use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::output;
use crate::target::{self, Target, Want};

/// Make and revoke API keys of a project, and passes for agents
///
/// The secret is shown once; the log holds its SHA-256. Whoever has it can do what its scopes say, in that project.
#[derive(Debug, Args)]
pub(crate) struct Token {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make an API key
    Issue {
        /// The project it is of
        #[arg(value_name = "PROJECT")]
        project: ProjectId,
        /// What people call it
        #[arg(long)]
        name: String,
        /// What it is good for; repeat it for more
        #[arg(long = "scope", required = true, value_name = "SCOPE", value_parser = scope)]
        scopes: Vec<Scope>,
        /// When it ends; never where absent
        #[arg(long, value_name = "TIME")]
        expires_at: Option<Timestamp>,
    },
    /// End an API key
    Revoke {
        /// The project it is of
        #[arg(value_name = "PROJECT")]
        project: ProjectId,
        /// The key's id: what stands between `wb_` and the secret
        #[arg(value_name = "KEY")]
        key: ApiKeyId,
    },
    /// Make a pass for an agent at work in one run
    Agent {
        /// The project that the run is of
        #[arg(value_name = "PROJECT")]
        project: ProjectId,
        /// The run
        #[arg(value_name = "RUN")]
        run: RunId,
        /// When it ends
        #[arg(long, value_name = "TIME")]
        expires_at: Timestamp,
    },
}

fn scope(text: &str) -> Result<Scope, String> {
    let known = || Scope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ");
    Scope::of(text).ok_or_else(|| format!("expected one of {}", known()))
}

impl Token {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        let target = target::open(global, Want::Log)?;
        let done = self.what.run(&target).await;
        let closed = target.close().await;
        let (text, shown) = done?;
        output::document(global.output, &shown, || format!("{text}\n"))?;
        closed.map(|()| Exit::Done)
    }
}

impl What {
    /// The text for people, and the document.
    async fn run(self, target: &Target) -> Result<(String, Value), Failure> {
        let secret = || fresh_secret().map_err(|error| Failure::new(Exit::Failed, error.to_string()));
        match self {
            Self::Issue { project, name, scopes, expires_at } => {
                let Secret { text, sha256 } = secret()?;
                let key = ApiKeyId::from(engine::new_ulid());
                let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
                let body = json!({
                    "key": key, "name": name, "scopes": scopes, "secret_sha256": sha256, "expires_at": expires_at
                });
                target.order(project.into(), "issue-api-key", &body).await?;
                let token = format!("wb_{key}_{text}");
                Ok((token.clone(), json!({ "key": key, "token": token })))
            }
            Self::Revoke { project, key } => {
                target.order(project.into(), "revoke-api-key", &json!({ "key": key })).await?;
                Ok((format!("revoked: {key}"), json!({ "key": key, "done": "revoked" })))
            }
            Self::Agent { project, run, expires_at } => {
                let Secret { text, sha256 } = secret()?;
                let pass = PassId::from(engine::new_ulid());
                let bearer = json!({ "agent": { "project": project, "run": run, "step": null } });
                let body = json!({ "bearer": bearer, "secret_sha256": sha256, "expires_at": expires_at });
                target.order(StreamId::from(pass), "issue", &body).await?;
                let token = format!("wbp_{pass}_{text}");
                Ok((token.clone(), json!({ "pass": pass, "token": token })))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_those_that_there_are() {
        assert_eq!(scope("runs:write"), Ok(Scope::RunsWrite));
        assert!(scope("members:write").unwrap_err().contains("views:read, exports:read"));
    }
}
