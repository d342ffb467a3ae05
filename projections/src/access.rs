//! Who came in, who was turned away, and what was taken out or read by auditors: the newest of each kind.

use std::collections::{BTreeMap, VecDeque};

use domain::access_log::{AccessLogEvent, ContentRead, DataExported, DenialReason};
use domain::ids::{ProjectId, TypeId, UserId};
use domain::values::Timestamp;
use domain::{Actor, Event, Recorded, StreamId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A person logged in.
    Login,
    /// Somebody was turned away.
    Denied,
    /// Data left the house.
    Export,
    /// An auditor read contents.
    Read,
}

/// One access.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AccessRow {
    /// What happened.
    kind: Kind,
    /// Who did it; `system` where nobody is known.
    actor: Actor,
    /// The person who logged in.
    user: Option<UserId>,
    /// The project it is of; none for logins and denials, which are of the installation.
    project: Option<ProjectId>,
    /// What was asked for, taken out or read.
    what: Option<String>,
    /// Of which aggregate.
    about: Option<StreamId>,
    /// Why it was denied.
    reason: Option<DenialReason>,
    /// The network address at the other end, as far as it is known.
    address: Option<String>,
    /// Denials like this one before it that the log does not hold one by one.
    left_out: u64,
    /// When.
    at: Timestamp,
}

/// The view `access`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Access {
    table: Table<u64, AccessRow>,
    next: u64,
    /// The keys of each kind's rows, oldest first.
    kept: BTreeMap<TypeId, VecDeque<u64>>,
}

/// Rows of each kind; the oldest leaves for a new one. The log keeps all of them.
const ROWS_PER_KIND: usize = 500;

fn row(event: &AccessLogEvent, actor: Actor, at: Timestamp) -> AccessRow {
    let of = |kind, address: &Option<String>| AccessRow {
        kind,
        actor,
        user: None,
        project: None,
        what: None,
        about: None,
        reason: None,
        address: address.clone(),
        left_out: 0,
        at,
    };
    match event {
        AccessLogEvent::LoggedIn(e) => AccessRow { user: Some(e.user), ..of(Kind::Login, &e.address) },
        AccessLogEvent::AccessDenied(e) => AccessRow {
            what: Some(e.asked.clone()),
            reason: Some(e.reason),
            left_out: e.left_out,
            ..of(Kind::Denied, &e.address)
        },
        AccessLogEvent::DataExported(DataExported { project, what, about, address }) => AccessRow {
            project: Some(*project),
            what: Some(what.clone()),
            about: *about,
            ..of(Kind::Export, address)
        },
        AccessLogEvent::ContentRead(ContentRead { project, what, about, address }) => AccessRow {
            project: Some(*project),
            what: Some(what.clone()),
            about: *about,
            ..of(Kind::Read, address)
        },
    }
}

impl View for Access {
    const NAME: &'static str = "access";
    const VERSION: u32 = 1;
    const SCOPE: Scope = Scope::Live;
    const FILTERS: &'static [&'static str] = &["kind", "project", "actor", "user", "reason"];
    type Key = u64;
    type Row = AccessRow;

    fn apply(&mut self, event: &Recorded) {
        let Event::AccessLog(happened) = &event.event else { return };
        self.next += 1;
        self.table.insert(self.next, row(happened, event.meta.actor, event.meta.when()));
        let kept = self.kept.entry(event.meta.type_id).or_default();
        kept.push_back(self.next);
        if kept.len() > ROWS_PER_KIND
            && let Some(oldest) = kept.pop_front()
        {
            self.table.remove(&oldest);
        }
    }
    fn table(&self) -> &Table<u64, AccessRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<u64, AccessRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use domain::access_log::{AccessDenied, LoggedIn};
    use domain::ids::{AccessLogId, RunId};
    use expect_test::expect;

    use super::*;
    use crate::testing::{History, check, folded, id};

    fn happened(history: History, n: u64, event: impl Into<AccessLogEvent>) -> History {
        history.any(id::<AccessLogId>(n).into(), Event::AccessLog(event.into()))
    }
    fn denied(left_out: u64) -> AccessDenied {
        AccessDenied { reason: DenialReason::Hidden, asked: "GET /x".into(), address: None, left_out }
    }

    #[test]
    fn each_access_is_a_row_with_what_is_known_of_it() {
        let address = Some("192.0.2.7".to_owned());
        let login = LoggedIn { user: id(4), pass: id(5), address: address.clone() };
        let (project, about) = (id(1), Some(id::<RunId>(2).into()));
        let mut history = happened(History::new(), 1, login);
        history = happened(history, 1, denied(7));
        history = happened(history, 2, DataExported { project, what: "evidence".into(), about, address });
        let read = ContentRead { project, what: "events".into(), about: None, address: None };
        history = happened(history, 2, read);
        check(
            "access",
            &history,
            &expect![[r##"
                1
                  actor: "operator"
                  address: "192.0.2.7"
                  at: "07:00:00.000Z"
                  kind: "login"
                  user: "#04"
                2; left_out 7
                  actor: "operator"
                  at: "07:00:01.000Z"
                  kind: "denied"
                  reason: "hidden"
                  what: "GET /x"
                3
                  about: "run-#02"
                  actor: "operator"
                  address: "192.0.2.7"
                  at: "07:00:02.000Z"
                  kind: "export"
                  project: "#01"
                  what: "evidence"
                4
                  actor: "operator"
                  at: "07:00:03.000Z"
                  kind: "read"
                  project: "#01"
                  what: "events"
            "##]],
        );
    }

    #[test]
    fn it_stays_within_its_bound_and_logins_outlast_denials() {
        let login = LoggedIn { user: id(4), pass: id(5), address: None };
        let mut history = happened(History::new(), 1, login);
        for n in 0..600 {
            history = happened(history, 1, denied(n));
        }
        let view = folded("access", &history);
        assert_eq!(view.len(), ROWS_PER_KIND + 1);
        let page = view.page(&crate::Query::default()).unwrap();
        assert!(page.rows[0].row.get().contains("\"login\"") && page.rows[1].key == "102");
    }
}
