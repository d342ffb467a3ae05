//! An access log: who came in, who was turned away, and what was taken out or read in place of its owners.
//!
//! There is one a day for the installation, and one a day for each project in which something of it happened.

use sha2::{Digest, Sha256};

use crate::catalogue::{commands, events, plain};
use crate::ids::{AccessLogId, Category, PassId, ProjectId, StreamId, UserId};
use crate::terms::words;
use crate::values::Timestamp;
use crate::{Decider, Rejection, check};

events! {
    /// Everything that an access log holds.
    pub enum AccessLogEvent {
        3400 => LoggedIn 1;
        3401 => AccessDenied 1;
        3402 => DataExported 1;
        3403 => ContentRead 1;
    }
}

commands! {
    /// What can be asked of an access log: the server asks it of itself.
    pub enum AccessLogCommand {
        "record-login" => RecordLogin;
        "record-denial" => RecordDenial;
        "record-export" => RecordExport;
        "record-read" => RecordRead;
    }
}

words! {
    /// Why somebody was turned away.
    DenialReason {
        /// What they showed is nobody's, or has ended.
        Unknown = "unknown",
        /// The address or the password was wrong.
        Password = "password",
        /// They tried too often.
        Limited = "limited",
        /// It is there, and not for them.
        Forbidden = "forbidden",
        /// For them, it does not exist.
        Hidden = "hidden",
    }
}

plain! {
    /// A person logged in.
    struct LoggedIn {
        /// Who.
        user: UserId,
        /// What they are logged in with.
        pass: PassId,
        /// The network address that they came from, as far as it is known.
        address: Option<String>,
    }
    /// Somebody was turned away. The commit's actor says who, where anybody is known.
    struct AccessDenied {
        /// Why.
        reason: DenialReason,
        /// What was asked for: method and path, or the topic of a subscription.
        asked: String,
        /// The network address that they came from, as far as it is known.
        address: Option<String>,
        /// Others like it before this one that are not in the log one by one.
        left_out: u64,
    }
    /// Data left the house. The commit's actor says by whom.
    struct DataExported {
        /// The project it is of.
        project: ProjectId,
        /// What kind of export.
        what: String,
        /// Of which aggregate, where it is one.
        about: Option<StreamId>,
        /// The network address that it went to, as far as it is known.
        address: Option<String>,
    }
    /// An auditor read what a project's people and agents wrote. The commit's actor says who.
    struct ContentRead {
        /// The project it is of.
        project: ProjectId,
        /// The view, or `events`.
        what: String,
        /// Of which aggregate, where it is one.
        about: Option<StreamId>,
        /// The network address that it went to, as far as it is known.
        address: Option<String>,
    }
}

plain! {
    /// Records that a person logged in.
    struct RecordLogin {
        /// Who.
        user: UserId,
        /// What they are logged in with.
        pass: PassId,
        /// The network address that they came from.
        address: Option<String>,
    }
    /// Records that somebody was turned away.
    struct RecordDenial {
        /// Why.
        reason: DenialReason,
        /// What was asked for, on one line of at most 200 bytes.
        asked: String,
        /// The network address that they came from.
        address: Option<String>,
        /// Others like it before this one that are not in the log one by one.
        #[serde(default)]
        left_out: u64,
    }
    /// Records that data left the house.
    struct RecordExport {
        /// The project it is of.
        project: ProjectId,
        /// What kind of export.
        what: String,
        /// Of which aggregate, where it is one.
        about: Option<StreamId>,
        /// The network address that it went to.
        address: Option<String>,
    }
    /// Records that an auditor read what a project's people and agents wrote.
    struct RecordRead {
        /// The project it is of.
        project: ProjectId,
        /// The view, or `events`.
        what: String,
        /// Of which aggregate, where it is one.
        about: Option<StreamId>,
        /// The network address that it went to.
        address: Option<String>,
    }
}

/// The access log of a day (UTC), of a project or of the installation. Its id is a ULID of the day's first
/// millisecond and 80 bits of SHA-256 over whose it is: nobody else's id comes out alike.
#[must_use]
pub fn access_log_of(project: Option<ProjectId>, at: Timestamp) -> AccessLogId {
    const DAY_MS: i64 = 24 * 3600 * 1000;
    let day = u64::try_from(at.millis().div_euclid(DAY_MS) * DAY_MS).unwrap_or(0);
    let whose = project.map_or([0; 16], ProjectId::to_bytes);
    let digest = Sha256::new().chain_update(b"waybill access log").chain_update(whose).finalize();
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&day.to_be_bytes()[2..]);
    bytes[6..].copy_from_slice(&digest[..10]);
    AccessLogId::from_bytes(bytes)
}

/// Whose it is, once something is in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Empty,
    OfInstallation,
    Of(ProjectId),
}

/// An access log, as far as its decisions need it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AccessLog {
    phase: Phase,
}

impl AccessLog {
    fn of(&self, project: Option<ProjectId>) -> Result<(), Rejection> {
        let wanted = project.map_or(Phase::OfInstallation, Phase::Of);
        if self.phase == Phase::Empty || self.phase == wanted {
            return Ok(());
        }
        Err(Rejection::rule("an access log is of one project, or of the installation", "use its own log"))
    }
}

fn check_texts(what: (&'static str, &str), address: Option<&str>) -> Result<(), Rejection> {
    check::name(what.0, what.1)?;
    check::opt_name("address", address)
}

impl Decider for AccessLog {
    const CATEGORY: Category = Category(34);
    type Command = AccessLogCommand;
    type Event = AccessLogEvent;

    fn decide(&self, command: &AccessLogCommand) -> Result<Vec<AccessLogEvent>, Rejection> {
        let event = match command.clone() {
            AccessLogCommand::RecordLogin(RecordLogin { user, pass, address }) => {
                self.of(None)?;
                check::opt_name("address", address.as_deref())?;
                LoggedIn { user, pass, address }.into()
            }
            AccessLogCommand::RecordDenial(RecordDenial { reason, asked, address, left_out }) => {
                self.of(None)?;
                check_texts(("asked", &asked), address.as_deref())?;
                AccessDenied { reason, asked, address, left_out }.into()
            }
            AccessLogCommand::RecordExport(RecordExport { project, what, about, address }) => {
                self.of(Some(project))?;
                check_texts(("what", &what), address.as_deref())?;
                DataExported { project, what, about, address }.into()
            }
            AccessLogCommand::RecordRead(RecordRead { project, what, about, address }) => {
                self.of(Some(project))?;
                check_texts(("what", &what), address.as_deref())?;
                ContentRead { project, what, about, address }.into()
            }
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &AccessLogEvent) {
        self.phase = match event {
            AccessLogEvent::LoggedIn(_) | AccessLogEvent::AccessDenied(_) => Phase::OfInstallation,
            AccessLogEvent::DataExported(DataExported { project, .. })
            | AccessLogEvent::ContentRead(ContentRead { project, .. }) => Phase::Of(*project),
        };
    }

    fn project(&self) -> Option<ProjectId> {
        match self.phase {
            Phase::Of(project) => Some(project),
            Phase::Empty | Phase::OfInstallation => None,
        }
    }

    fn references(command: &AccessLogCommand) -> Vec<StreamId> {
        match command {
            AccessLogCommand::RecordLogin(RecordLogin { user, pass, .. }) => {
                vec![(*user).into(), (*pass).into()]
            }
            AccessLogCommand::RecordDenial(_) => vec![],
            AccessLogCommand::RecordExport(RecordExport { project, about, .. })
            | AccessLogCommand::RecordRead(RecordRead { project, about, .. }) => {
                [(*project).into()].into_iter().chain(*about).collect()
            }
        }
    }
}

/// One or more of every event.
pub(crate) fn samples() -> Vec<AccessLogEvent> {
    let (user, pass) = (UserId::from_bytes([4; 16]), PassId::from_bytes([5; 16]));
    let (project, address) = (ProjectId::from_bytes([1; 16]), Some("192.0.2.7".to_owned()));
    let about = Some(crate::ids::RunId::from_bytes([2; 16]).into());
    let asked = "POST /v1/run/01J00000000000000000000002/cancel".to_owned();
    vec![
        LoggedIn { user, pass, address: address.clone() }.into(),
        LoggedIn { user, pass, address: None }.into(),
        AccessDenied { reason: DenialReason::Hidden, asked, address: address.clone(), left_out: 3 }.into(),
        DataExported { project, what: "evidence".into(), about, address: address.clone() }.into(),
        ContentRead { project, what: "run-timeline".into(), about, address: address.clone() }.into(),
        ContentRead { project, what: "events".into(), about: None, address: None }.into(),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{
        Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with,
    };

    fn login() -> Value {
        json!({ "user": id(4), "pass": id(5), "address": "192.0.2.7" })
    }
    fn denial() -> Value {
        json!({ "reason": "forbidden", "asked": "GET /x", "address": "::1", "left_out": 2 })
    }
    fn of_project(number: u8) -> Value {
        json!({ "project": id(number), "what": "evidence", "about": format!("run-{}", id(2)), "address": "::1" })
    }
    fn with_login() -> Given<AccessLog> {
        given([]).and_json("record-login", &login())
    }
    fn with_export() -> Given<AccessLog> {
        given([]).and_json("record-export", &of_project(1))
    }

    #[test]
    fn every_command_is_accepted_where_it_fits() {
        check_accepted::<AccessLog>(vec![
            (given([]), "record-login", login(), vec![("LoggedIn", login())]),
            (with_login(), "record-login", login(), vec![("LoggedIn", login())]),
            (with_login(), "record-denial", denial(), vec![("AccessDenied", denial())]),
            (given([]), "record-export", of_project(1), vec![("DataExported", of_project(1))]),
            (with_export(), "record-read", of_project(1), vec![("ContentRead", of_project(1))]),
        ]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (none, installation, project) = (given([]), with_login(), with_export());
        let one = "an access log is of one project, or of the installation";
        let long = "x".repeat(201);
        check_refused(vec![
            (&project, "record-login", login(), one),
            (&project, "record-denial", denial(), one),
            (&installation, "record-export", of_project(1), one),
            (&installation, "record-read", of_project(1), one),
            (&project, "record-read", of_project(2), one),
            (&none, "record-login", with(&login(), &json!({ "address": "" })), "`address`"),
            (&none, "record-denial", with(&denial(), &json!({ "asked": long })), "`asked`"),
            (&none, "record-denial", with(&denial(), &json!({ "address": "a\nb" })), "`address`"),
            (&none, "record-export", with(&of_project(1), &json!({ "what": "" })), "`what`"),
            (&none, "record-read", with(&of_project(1), &json!({ "what": " " })), "`what`"),
            (&none, "record-read", with(&of_project(1), &json!({ "address": "" })), "`address`"),
        ]);
    }

    #[test]
    fn it_belongs_to_the_project_that_is_named_in_it() {
        assert_eq!(with_login().state().project(), None);
        assert_eq!(with_export().state().project(), Some(ProjectId::from_bytes([1; 16])));
        let references =
            |name: &str, body: &Value| AccessLog::references(&command::<AccessLogCommand>(name, body)).len();
        assert_eq!((references("record-login", &login()), references("record-denial", &denial())), (2, 0));
        assert_eq!(references("record-export", &of_project(1)), 2);
        assert_eq!(references("record-read", &with(&of_project(1), &json!({ "about": null }))), 1);
    }

    #[test]
    fn each_day_and_project_has_its_own() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (project, other) = (ProjectId::from_bytes([1; 16]), ProjectId::from_bytes([2; 16]));
        let (morning, night) = (at("2026-11-21T00:00:00.000Z"), at("2026-11-21T23:59:59.999Z"));
        let log = |project| access_log_of(project, morning);
        assert_eq!(log(None), access_log_of(None, night));
        assert_eq!(log(Some(project)), access_log_of(Some(project), night));
        let all = [
            log(None),
            log(Some(project)),
            log(Some(other)),
            access_log_of(None, at("2026-11-22T00:00:00Z")),
        ];
        for (n, one) in all.iter().enumerate() {
            assert!(all[n + 1..].iter().all(|other| other != one), "{one}");
        }
        assert!(log(None) < access_log_of(Some(project), at("2026-11-22T00:00:00Z")), "they sort by day");
    }

    #[test]
    fn any_order_of_commands_folds_alike() {
        let commands = [
            ("record-login", login()),
            ("record-denial", denial()),
            ("record-export", of_project(1)),
            ("record-read", of_project(2)),
        ];
        check_any_order::<AccessLog>(&given([]), &pool(&commands), |history| {
            let of_projects = history.iter().filter(|event| {
                matches!(event, AccessLogEvent::DataExported(_) | AccessLogEvent::ContentRead(_))
            });
            assert!([0, history.len()].contains(&of_projects.count()));
        });
    }
}
