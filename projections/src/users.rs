//! Everybody who has an account. Whether there is a password is shown; its hash never is.

use domain::ids::UserId;
use domain::user::UserEvent;
use domain::values::Timestamp;
use domain::{Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// Whether somebody gets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// They do.
    Active,
    /// They are kept out.
    Disabled,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct UserRow {
    /// Their name on screen.
    name: String,
    /// Their address.
    email: String,
    /// Whether they get in.
    status: Standing,
    /// Whether they manage the installation.
    administrator: bool,
    /// Whether they have a password.
    password: bool,
    /// Why they are kept out.
    reason: Option<String>,
    /// Since when they have an account.
    registered_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
}

/// The view `users`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Users {
    table: Table<UserId, UserRow>,
}

impl UserRow {
    fn apply(&mut self, event: &UserEvent, at: Timestamp) {
        match event {
            UserEvent::UserRegistered(_) => return,
            UserEvent::UserRenamed(e) => self.name.clone_from(&e.name),
            UserEvent::PasswordSet(_) => self.password = true,
            UserEvent::EmailChanged(e) => self.email.clone_from(&e.email),
            UserEvent::UserDisabled(e) => {
                self.status = Standing::Disabled;
                self.reason.clone_from(&e.reason);
            }
            UserEvent::UserEnabled(_) => {
                self.status = Standing::Active;
                self.reason = None;
            }
            UserEvent::AdministratorAppointed(_) => self.administrator = true,
            UserEvent::AdministratorDismissed(_) => self.administrator = false,
        }
        self.updated_at = self.updated_at.max(at);
    }
}

impl View for Users {
    const NAME: &'static str = "users";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["email", "status", "administrator"];
    type Key = UserId;
    type Row = UserRow;

    fn apply(&mut self, event: &Recorded) {
        let Event::User(happened) = &event.event else { return };
        let (user, at) = (UserId::from(event.meta.stream.id), event.meta.when());
        match (happened, self.table.contains(&user)) {
            (UserEvent::UserRegistered(e), false) => {
                let row = UserRow {
                    name: e.name.clone(),
                    email: e.email.clone(),
                    status: Standing::Active,
                    administrator: e.administrator,
                    password: false,
                    reason: None,
                    registered_at: at,
                    updated_at: at,
                };
                self.table.insert(user, row);
            }
            (_, true) => {
                if let Some(row) = self.table.get_mut(&user) {
                    row.apply(happened, at);
                }
            }
            (_, false) => {}
        }
    }
    fn table(&self) -> &Table<UserId, UserRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<UserId, UserRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use domain::user::{
        AdministratorAppointed, EmailChanged, PasswordSet, UserDisabled, UserEnabled, UserRegistered,
        UserRenamed,
    };
    use expect_test::expect;

    use super::*;
    use crate::Query;
    use crate::testing::{History, check, folded, id};

    fn user(history: History, n: u64, event: impl Into<UserEvent>) -> History {
        history.any(id::<UserId>(n).into(), Event::User(event.into()))
    }
    fn registered(name: &str) -> UserRegistered {
        UserRegistered { name: name.into(), email: format!("{name}@b.example"), administrator: false }
    }

    #[test]
    fn an_account_shows_its_latest_state_and_no_hash() {
        let hash = "$argon2id$secret-looking";
        let mut history = user(History::new(), 1, registered("ada"));
        history = user(history, 2, registered("bob"));
        history = user(history, 1, UserRenamed { name: "Ada L.".into() });
        history = user(history, 1, PasswordSet { password_hash: hash.into() });
        history = user(history, 1, EmailChanged { email: "ada@c.example".into() });
        history = user(history, 1, AdministratorAppointed {});
        history = user(history, 2, UserDisabled { reason: Some("left".into()) });
        history = user(history, 3, UserRenamed { name: "nobody".into() });
        check(
            "users",
            &history,
            &expect![[r##"
                #01
                  administrator: true
                  email: "ada@c.example"
                  name: "Ada L."
                  password: true
                  registered_at: "07:00:00.000Z"
                  status: "active"
                  updated_at: "07:00:05.000Z"
                #02
                  administrator: false
                  email: "bob@b.example"
                  name: "bob"
                  password: false
                  reason: "left"
                  registered_at: "07:00:01.000Z"
                  status: "disabled"
                  updated_at: "07:00:06.000Z"
            "##]],
        );
        let page = folded("users", &history).page(&Query::default()).unwrap();
        assert!(page.rows.iter().all(|row| !row.row.get().contains("argon2id")));
        let again = user(history, 2, UserEnabled {});
        assert!(
            folded("users", &again).page(&Query::default()).unwrap().rows[1].row.get().contains("active")
        );
    }
}
