//! `waybill user`: accounts of people, their passwords, and who is kept out.

use std::io::{IsTerminal, Read};

use api::hash_password;
use clap::{Args, Subcommand};
use domain::StreamId;
use domain::ids::UserId;
use projections::Query;
use serde_json::{Value, json};

use crate::cli::Global;
use crate::failure::{Exit, Failure};
use crate::readers::ViewCall;
use crate::target::{self, Target, Want};
use crate::{output, table};

/// Longest password that is read, with the end of its line.
const INPUT_MAX_BYTES: u64 = 4096;

/// Make and manage accounts of people
///
/// Works on the data folder, or through the server that has it open. A password is read from stdin, so that it
/// stands in no list of processes and in no shell's history; the log holds its argon2id hash.
#[derive(Debug, Args)]
pub(crate) struct User {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Give somebody an account, with a password from stdin
    Add {
        /// Their address; nobody else may have it
        #[arg(value_name = "EMAIL")]
        email: String,
        /// Their name on screen; the address where absent
        #[arg(long)]
        name: Option<String>,
        /// They manage the installation: its accounts and its condition. No project is theirs by that
        #[arg(long)]
        administrator: bool,
        /// Give them no password yet
        #[arg(long)]
        no_password: bool,
    },
    /// List everybody who has an account
    List,
    /// Set a password, read from stdin; ends whatever they are logged in with
    Password {
        /// Whose
        #[arg(value_name = "EMAIL|ID")]
        user: String,
    },
    /// Keep somebody out, and end whatever they are logged in with
    Disable {
        /// Whom
        #[arg(value_name = "EMAIL|ID")]
        user: String,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
    /// Let somebody in again
    Enable {
        /// Whom
        #[arg(value_name = "EMAIL|ID")]
        user: String,
    },
}

impl User {
    pub(crate) async fn run(self, global: &Global) -> Result<Exit, Failure> {
        // Read and hashed first: a password that does not do opens no log.
        let hash = match &self.what {
            What::Add { no_password: false, .. } | What::Password { .. } => Some(read_password()?),
            _ => None,
        };
        let want = if matches!(self.what, What::Add { .. }) { Want::LogOrNew } else { Want::Log };
        let target = target::open(global, want)?;
        let done = self.what.run(&target, global, hash).await;
        let closed = target.close().await;
        done?;
        closed.map(|()| Exit::Done)
    }
}

impl What {
    async fn run(self, target: &Target, global: &Global, hash: Option<String>) -> Result<(), Failure> {
        let password = hash.map(|hash| json!({ "password_hash": hash }));
        let (stream, what) = match self {
            Self::List => {
                let answer = target.view(&ViewCall::of("users")).await?;
                let shown =
                    || table::rows(&answer.rows, output::width(), output::colours(&std::io::stdout()));
                return output::document(global.output, &answer.rows, shown);
            }
            Self::Add { email, name, administrator, .. } => {
                let stream = StreamId::from(UserId::from(engine::new_ulid()));
                let name = name.unwrap_or_else(|| email.clone());
                let body = json!({ "name": name, "email": email, "administrator": administrator });
                target.order(stream, "register", &body).await?;
                if let Some(password) = &password {
                    target.order(stream, "set-password", password).await?;
                }
                (stream, "registered")
            }
            Self::Password { user } => {
                let stream = find(target, &user).await?;
                target.order(stream, "set-password", &password.unwrap_or_default()).await?;
                (stream, "password set")
            }
            Self::Disable { user, reason } => {
                let stream = find(target, &user).await?;
                target.order(stream, "disable", &json!({ "reason": reason })).await?;
                (stream, "disabled")
            }
            Self::Enable { user } => {
                let stream = find(target, &user).await?;
                target.order(stream, "enable", &json!({})).await?;
                (stream, "enabled")
            }
        };
        let done = json!({ "user": UserId::from(stream.id), "done": what });
        output::document(global.output, &done, || format!("{what}: user {}\n", UserId::from(stream.id)))
    }
}

/// The account of that id or address.
async fn find(target: &Target, text: &str) -> Result<StreamId, Failure> {
    if let Ok(user) = text.strip_prefix("user-").unwrap_or(text).parse::<UserId>() {
        return Ok(user.into());
    }
    let rows = target.view(&ViewCall { query: Query::default(), ..ViewCall::of("users") }).await?.rows;
    let is_it = |row: &&table::Row| {
        let email = row.row.get("email").and_then(Value::as_str);
        email.is_some_and(|email| email.to_lowercase() == text.to_lowercase())
    };
    let found = rows.iter().find(is_it).and_then(|row| row.key.parse::<UserId>().ok());
    let none =
        || Failure::usage(format!("nobody has the address `{text}`")).hint("`waybill user list` shows all");
    Ok(found.ok_or_else(none)?.into())
}

/// The hash of the password on stdin, its first line.
fn read_password() -> Result<String, Failure> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        let hint =
            "pipe it, such as `systemd-ask-password | waybill user …` or `pass show … | waybill user …`";
        return Err(Failure::usage("a password typed here would show on the screen").hint(hint));
    }
    let mut text = String::new();
    stdin.lock().take(INPUT_MAX_BYTES).read_to_string(&mut text)?;
    let password = text.lines().next().unwrap_or_default();
    hash_password(password)
        .map_err(|error| Failure::usage(error.to_string()).hint("give it as the first line of stdin"))
}
