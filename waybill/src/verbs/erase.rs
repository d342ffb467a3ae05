//! `waybill erase`: what was said in a project or by a person is made unreadable, for good.

use clap::{Args, Subcommand};
use domain::Actor;
use domain::erasure::Subject;
use domain::ids::{ProjectId, UserId};
use engine::EraseError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::cli::Global;
use crate::client::ClientError;
use crate::failure::{Exit, Failure};
use crate::readers::ViewCall;
use crate::target::{self, Target, Want};
use crate::{figures, output, table};

/// Make what was said in a project or by a person unreadable, for good
///
/// Destroys the keys under which prompts and messages were sealed, and leaves a receipt in the log, whose proofs still
/// hold. It reaches what was recorded while the project sealed it, and nothing before; docs/operations.md tells what
/// copies there may be.
#[derive(Debug, Args)]
pub(crate) struct Erase {
    #[command(subcommand)]
    whose: Whose,
}

#[derive(Debug, Subcommand)]
enum Whose {
    /// What was said in a project, and the project's secrets
    Project {
        /// Its id or its name in URLs
        #[arg(value_name = "PROJECT|SLUG")]
        project: String,
        #[command(flatten)]
        why: Why,
    },
    /// What a person said, and their keys at providers
    Person {
        /// Their address or id
        #[arg(value_name = "EMAIL|ID")]
        person: String,
        #[command(flatten)]
        why: Why,
    },
}

#[derive(Debug, Args)]
struct Why {
    /// Why; it is in the log for ever
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Do it: nothing brings it back
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Receipt {
    subject: String,
    keys: Vec<String>,
    commit: String,
    position: u64,
}

impl Erase {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        let why = match &self.whose {
            Whose::Project { why, .. } | Whose::Person { why, .. } => why,
        };
        if !why.yes {
            return Err(Failure::usage("nothing was erased: nothing brings back what is erased")
                .hint("add --yes once you are sure"));
        }
        let target = target::open(global, Want::Log)?;
        let erased = self.whose.erase(&target).await;
        let closed = target.close().await;
        let receipt = erased?;
        output::document(global.output, &receipt, || told(&receipt, output::colours(&std::io::stdout())))?;
        closed.map(|()| Exit::Done)
    }
}

impl Whose {
    async fn erase(self, target: &Target) -> Result<Receipt, Failure> {
        let (subject, why) = match self {
            Self::Project { project, why } => (project_of(target, &project).await?, why),
            Self::Person { person, why } => (person_of(target, &person).await?, why),
        };
        match target {
            Target::Folder(engine) => {
                let erased = engine.erase(subject, why.reason, Actor::Operator).await;
                let erased = erased.map_err(|error| match error {
                    EraseError::Execute(error) => Failure::from(error),
                    error @ EraseError::Vault(_) => Failure::from(error),
                })?;
                Ok(Receipt {
                    subject: subject.to_string(),
                    keys: erased.keys.iter().map(ToString::to_string).collect(),
                    commit: erased.receipt.commit.to_string(),
                    position: erased.receipt.position.0,
                })
            }
            Target::Server(client) => {
                let subject = subject.to_string();
                let path = ["v1", "erase", subject.as_str()];
                let body = json!({ "reason": why.reason }).to_string();
                let answer = client.post(&path, body, "application/json").await?;
                Ok(serde_json::from_str(&answer.text().await.map_err(ClientError::from)?)?)
            }
        }
    }
}

async fn project_of(target: &Target, text: &str) -> Result<Subject, Failure> {
    if let Ok(id) = text.parse::<ProjectId>() {
        return Ok(Subject::Project(id));
    }
    let id = found(target, "projects", "slug", text).await?;
    Ok(Subject::Project(id.parse()?))
}

async fn person_of(target: &Target, text: &str) -> Result<Subject, Failure> {
    if let Ok(id) = text.parse::<UserId>() {
        return Ok(Subject::Person(id));
    }
    let id = found(target, "users", "email", text).await?;
    Ok(Subject::Person(id.parse()?))
}

/// The key of the row of `view` whose `field` is `text`.
async fn found(target: &Target, view: &str, field: &str, text: &str) -> Result<String, Failure> {
    let rows = target.view(&ViewCall::of(view)).await?.rows;
    let is_it = |row: &&Value| row["row"][field].as_str().is_some_and(|own| own.eq_ignore_ascii_case(text));
    let rows: Vec<Value> = rows.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
    let key = rows.iter().find(is_it).and_then(|row| row["key"].as_str());
    key.map(str::to_owned).ok_or_else(|| {
        Failure::usage(format!("{view} have none with {field} `{text}`"))
            .hint(format!("`waybill view {view}` lists them"))
    })
}

fn told(receipt: &Receipt, colours: bool) -> String {
    let facts = [
        ("erased", receipt.subject.clone()),
        ("keys", figures::count(receipt.keys.len() as u64)),
        ("receipt", format!("commit {}, position {}", receipt.commit, receipt.position)),
    ];
    let facts: Vec<_> = facts.map(|(name, value)| (name.to_owned(), value)).into();
    let verdict =
        output::bold("Erased: the keys are destroyed, and what they sealed is unreadable.", colours);
    let note = "Backups that were made before still hold the wrapped keys: make new ones and delete those, or change \
                the master key with `waybill keys rotate-master`.";
    format!("{verdict}\n\n{}\n{note}\n", table::pairs(&facts, colours))
}
