//! One command to one aggregate, given by whoever holds the folder, or through its server.

use domain::{Actor, Command, StreamId};
use engine::Envelope;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client::ClientError;
use crate::failure::{Exit, Failure};
use crate::target::Target;

/// Where a command stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Done {
    /// The aggregate.
    pub(crate) stream: StreamId,
    /// Position of its last event.
    pub(crate) position: u64,
}

impl Target {
    /// Gives a command, and waits until it is durable.
    pub(crate) async fn order(&self, stream: StreamId, command: &str, body: &Value) -> Result<Done, Failure> {
        match self {
            Self::Folder(engine) => {
                let parsed = Command::parse(stream.category, command, body.to_string().as_bytes())
                    .map_err(|error| Failure::usage(error.to_string()))?;
                let receipt = engine.execute(Envelope::new(stream, parsed, Actor::Operator)).await;
                let receipt = receipt.map_err(|error| match &error {
                    engine::ExecuteError::Rejected(rejection) => {
                        Failure::new(Exit::Failed, rejection.to_string()).hint(rejection.hint())
                    }
                    _ => Failure::new(Exit::Failed, error.to_string()),
                })?;
                Ok(Done { stream, position: receipt.position.0 })
            }
            Self::Server(client) => {
                let (kind, id) = (stream.category.to_string(), stream.id.to_string());
                let path = ["v1", kind.as_str(), id.as_str(), command];
                let answer = client.post(&path, body.to_string(), "application/json").await?;
                Ok(serde_json::from_str(&answer.text().await.map_err(ClientError::from)?)?)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use engine::Engine;
    use journal::Options;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn an_order_is_executed_or_says_why_not() {
        let target = Target::Folder(Engine::memory(Options::default()).unwrap());
        let user: StreamId = domain::ids::UserId::from(engine::new_ulid()).into();
        let body = json!({ "name": "Ada", "email": "a@b" });
        assert_eq!(target.order(user, "register", &body).await.unwrap().stream, user);
        let again = target.order(user, "register", &body).await.unwrap_err();
        assert!(again.message.contains("user exists already") && again.hint.is_some(), "{again:?}");
        let unknown = target.order(user, "fly", &body).await.unwrap_err();
        assert_eq!(unknown.exit, Exit::Usage);
    }
}
