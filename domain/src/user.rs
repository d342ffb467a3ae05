//! A user: a person with an account, known by an e-mail address that nobody else has.

use crate::catalogue::{commands, events, plain};
use crate::ids::{Category, ProjectId};
use crate::{Claim, Decider, Rejection, check};

#[cfg(test)]
mod tests;

events! {
    /// Everything that can happen to a user.
    pub enum UserEvent {
        3600 => UserRegistered 1;
        3601 => UserRenamed 1;
        3602 => PasswordSet 1;
        3603 => EmailChanged 1;
        3604 => UserDisabled 1;
        3605 => UserEnabled 1;
        3606 => AdministratorAppointed 1;
        3607 => AdministratorDismissed 1;
    }
}

commands! {
    /// What can be asked of a user.
    pub enum UserCommand {
        "register" => RegisterUser;
        "rename" => RenameUser;
        "set-password" => SetPassword;
        "change-email" => ChangeEmail;
        "disable" => DisableUser;
        "enable" => EnableUser;
        "appoint" => AppointAdministrator;
        "dismiss" => DismissAdministrator;
    }
}

plain! {
    /// Somebody has an account.
    struct UserRegistered {
        /// Their name on screen.
        name: String,
        /// Their address.
        email: String,
        /// Whether they manage the installation.
        administrator: bool,
    }
    /// They are called otherwise.
    struct UserRenamed {
        /// Their name on screen.
        name: String,
    }
    /// They log in with another password. The password itself is nowhere in the log.
    struct PasswordSet {
        /// The argon2id hash as a PHC string.
        password_hash: String,
    }
    /// They have another address.
    struct EmailChanged {
        /// The address.
        email: String,
    }
    /// They no longer get in.
    struct UserDisabled {
        /// Why.
        reason: Option<String>,
    }
    /// They get in again.
    struct UserEnabled {}
    /// They manage the installation.
    struct AdministratorAppointed {}
    /// They no longer manage the installation.
    struct AdministratorDismissed {}
}

plain! {
    /// Gives somebody an account.
    struct RegisterUser {
        /// Their name on screen.
        name: String,
        /// Their address; nobody else may have it.
        email: String,
        /// Whether they manage the installation: accounts, keys, its condition.
        #[serde(default)]
        administrator: bool,
    }
    /// Gives them another name.
    struct RenameUser {
        /// Their name on screen.
        name: String,
    }
    /// Sets what they log in with. Only the hash is sent.
    struct SetPassword {
        /// An argon2id hash as a PHC string: version 19, at least 19 MiB and 2 passes.
        password_hash: String,
    }
    /// Gives them another address.
    struct ChangeEmail {
        /// The address; nobody else may have it.
        email: String,
    }
    /// Keeps them out, and ends what they are logged in with.
    struct DisableUser {
        /// Why.
        reason: Option<String>,
    }
    /// Lets them in again.
    struct EnableUser {}
    /// Lets them manage the installation.
    struct AppointAdministrator {}
    /// Lets them manage the installation no longer.
    struct DismissAdministrator {}
}

/// Least memory of a password's hash, in KiB, and least passes
/// (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>).
pub const MEMORY_MIN_KIB: u32 = 19_456;
/// See [`MEMORY_MIN_KIB`].
pub const PASSES_MIN: u32 = 2;
/// Most of each: a hash that nobody could check in time keeps everybody out.
const MEMORY_MAX_KIB: u32 = 262_144;
const PASSES_MAX: u32 = 10;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Missing,
    Active,
    Disabled,
}

/// A user, as far as their decisions need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct User {
    phase: Phase,
    /// In lower case.
    email: String,
    administrator: bool,
}

impl User {
    fn expect(&self, phase: Phase) -> Result<(), Rejection> {
        match (phase, self.phase) {
            (_, Phase::Missing) => Err(Rejection::NotFound { aggregate: "user" }),
            (Phase::Active, Phase::Disabled) => Err(Rejection::illegal("user", "active", "disabled")),
            (Phase::Disabled, Phase::Active) => Err(Rejection::illegal("user", "disabled", "active")),
            _ => Ok(()),
        }
    }
    fn register(&self, command: &RegisterUser) -> Result<UserEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "user".into() });
        }
        check::name("name", &command.name)?;
        check::email("email", &command.email)?;
        let RegisterUser { name, email, administrator } = command.clone();
        Ok(UserRegistered { name, email, administrator }.into())
    }
    fn change_email(&self, command: &ChangeEmail) -> Result<UserEvent, Rejection> {
        self.expect(Phase::Active)?;
        check::email("email", &command.email)?;
        Ok(EmailChanged { email: command.email.clone() }.into())
    }
    fn administer(&self, appoint: bool) -> Result<UserEvent, Rejection> {
        self.expect(Phase::Active)?;
        match (appoint, self.administrator) {
            (true, false) => Ok(AdministratorAppointed {}.into()),
            (false, true) => Ok(AdministratorDismissed {}.into()),
            (true, true) => Err(Rejection::illegal("user", "no administrator", "one")),
            (false, false) => Err(Rejection::illegal("user", "an administrator", "none")),
        }
    }
}

/// A hash that is worth storing. The refusal leaves the value out: it may be a password by mistake.
fn hash(value: &str) -> Result<(), Rejection> {
    let fits = value.len() <= 300 && strong(value).unwrap_or(false);
    if fits {
        return Ok(());
    }
    let expected = format!(
        "`$argon2id$v=19$m=…,t=…,p=…$salt$hash` with m from {MEMORY_MIN_KIB} to {MEMORY_MAX_KIB}, t from \
         {PASSES_MIN} to {PASSES_MAX}, p from 1 to 16, 16 bytes of salt and 32 of hash or more"
    );
    Err(Rejection::invalid("password_hash", expected, format!("{} bytes", value.len())))
}

/// Reads a PHC string (<https://github.com/P-H-C/phc-string-format>) as argon2 writes it.
fn strong(value: &str) -> Option<bool> {
    let rest = value.strip_prefix("$argon2id$v=19$")?;
    let [costs, salt, hash] = rest.split('$').collect::<Vec<_>>().try_into().ok()?;
    let [memory, passes, lanes] = costs.split(',').collect::<Vec<_>>().try_into().ok()?;
    let number = |text: &str, name: &str| -> Option<u32> {
        let digits = text.strip_prefix(name)?.strip_prefix('=')?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let base64 = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
    // Base64 without padding: 16 bytes are 22 characters, 32 are 43.
    Some(
        (MEMORY_MIN_KIB..=MEMORY_MAX_KIB).contains(&number(memory, "m")?)
            && (PASSES_MIN..=PASSES_MAX).contains(&number(passes, "t")?)
            && (1..=16).contains(&number(lanes, "p")?)
            && (22..=86).contains(&salt.len())
            && (43..=86).contains(&hash.len())
            && base64(salt)
            && base64(hash),
    )
}

fn email_claim(email: &str) -> Claim {
    Claim::new("email", email.to_lowercase())
}

impl Decider for User {
    const CATEGORY: Category = Category(36);
    type Command = UserCommand;
    type Event = UserEvent;

    fn decide(&self, command: &UserCommand) -> Result<Vec<UserEvent>, Rejection> {
        let event = match command {
            UserCommand::RegisterUser(c) => self.register(c)?,
            UserCommand::RenameUser(c) => {
                self.expect(Phase::Active)?;
                check::name("name", &c.name)?;
                UserRenamed { name: c.name.clone() }.into()
            }
            UserCommand::SetPassword(c) => {
                self.expect(Phase::Active)?;
                hash(&c.password_hash)?;
                PasswordSet { password_hash: c.password_hash.clone() }.into()
            }
            UserCommand::ChangeEmail(c) => self.change_email(c)?,
            UserCommand::DisableUser(c) => {
                self.expect(Phase::Active)?;
                check::opt_name("reason", c.reason.as_deref())?;
                UserDisabled { reason: c.reason.clone() }.into()
            }
            UserCommand::EnableUser(EnableUser {}) => {
                self.expect(Phase::Disabled)?;
                UserEnabled {}.into()
            }
            UserCommand::AppointAdministrator(AppointAdministrator {}) => self.administer(true)?,
            UserCommand::DismissAdministrator(DismissAdministrator {}) => self.administer(false)?,
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &UserEvent) {
        match event {
            UserEvent::UserRegistered(e) => {
                let (email, administrator) = (e.email.to_lowercase(), e.administrator);
                *self = Self { phase: Phase::Active, email, administrator };
            }
            UserEvent::EmailChanged(e) => self.email = e.email.to_lowercase(),
            UserEvent::UserDisabled(_) => self.phase = Phase::Disabled,
            UserEvent::UserEnabled(_) => self.phase = Phase::Active,
            UserEvent::AdministratorAppointed(_) => self.administrator = true,
            UserEvent::AdministratorDismissed(_) => self.administrator = false,
            UserEvent::UserRenamed(_) | UserEvent::PasswordSet(_) => {}
        }
    }

    /// A person is of no project.
    fn project(&self) -> Option<ProjectId> {
        None
    }

    fn claims(command: &UserCommand) -> Vec<Claim> {
        match command {
            UserCommand::RegisterUser(RegisterUser { email, .. })
            | UserCommand::ChangeEmail(ChangeEmail { email }) => vec![email_claim(email)],
            _ => vec![],
        }
    }

    /// Somebody who is kept out keeps the address: nobody else may come in under it.
    fn holds(&self, claim: &Claim) -> bool {
        self.phase != Phase::Missing && *claim == email_claim(&self.email)
    }
}

/// A hash of the right form, of nothing.
#[cfg(test)]
pub(crate) fn sample_hash() -> String {
    format!("$argon2id$v=19$m=19456,t=2,p=1${}${}", "A".repeat(22), "B".repeat(43))
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<UserEvent> {
    let hash = format!("$argon2id$v=19$m=19456,t=2,p=1${}${}", "A".repeat(22), "B".repeat(43));
    vec![
        UserRegistered { name: "Ada".into(), email: "Ada@example.org".into(), administrator: false }.into(),
        UserRenamed { name: "Ada L.".into() }.into(),
        PasswordSet { password_hash: hash }.into(),
        EmailChanged { email: "ada@example.com".into() }.into(),
        AdministratorAppointed {}.into(),
        AdministratorDismissed {}.into(),
        UserDisabled { reason: None }.into(),
        UserDisabled { reason: Some("left".into()) }.into(),
        UserEnabled {}.into(),
    ]
}
