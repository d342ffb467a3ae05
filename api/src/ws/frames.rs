//! The frames of `waybill.v1`: JSON objects told apart by `type`. docs/protocol.md tells the rules.

use std::collections::BTreeMap;

use domain::ids::{LogId, Position};
use projections::Row;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::problem::Problem;

/// Sub-protocol that client and server agree on.
pub(crate) const PROTOCOL: &str = "waybill.v1";

/// What a client sends.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ClientFrame {
    /// The first frame: who it is, where no header said so.
    Hello {
        /// The token.
        token: Option<String>,
    },
    /// Opens a subscription.
    Sub {
        /// The client's name for it.
        id: String,
        /// `events`, `view:NAME` or `view:NAME/KEY`.
        topic: String,
        /// Filters, as in the query of the HTTP interface.
        #[serde(default)]
        params: BTreeMap<String, String>,
        /// Where the client is; from the start, or by a snapshot, where absent.
        from: Option<From>,
        /// A view as of a position or an RFC 3339 time: its rows then, and nothing after.
        at: Option<String>,
    },
    /// Ends a subscription.
    Unsub {
        /// The client's name for it.
        id: String,
    },
    /// Asks for a sign of life.
    Ping {},
}

/// A place in a log, as a client keeps it across connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct From {
    /// The log.
    pub(crate) log: LogId,
    /// Its epoch.
    pub(crate) epoch: u64,
    /// The last position that the client has taken into account; null before the first.
    pub(crate) position: Option<Position>,
}

/// What a connection may do.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub(crate) struct Limits {
    /// Subscriptions at once.
    pub(crate) subscriptions: usize,
    /// Bytes of a client's frame.
    pub(crate) frame_bytes: usize,
    /// A client that takes no bytes for so long is closed with 4410.
    pub(crate) stall_ms: u64,
}

/// What the server sends.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ServerFrame<'a> {
    /// The first frame, once the client may subscribe.
    Welcome {
        /// Which log this is.
        log: LogId,
        /// Positions of another epoch are void.
        epoch: u64,
        /// Last durable position.
        head: Option<Position>,
        /// What a connection may do.
        limits: Limits,
    },
    /// A part of the whole view; replaces what the client holds with its first part.
    Snap {
        /// The subscription.
        id: &'a str,
        /// Last event that the whole reflects.
        position: Option<Position>,
        /// Number of the part, from 0.
        part: usize,
        /// Whether it is the last.
        last: bool,
        /// Rows.
        #[schemars(with = "Vec<RowSchema>")]
        data: &'a [Row],
    },
    /// What changed in a view after `from` up to `to`: idempotent.
    Delta {
        /// The subscription.
        id: &'a str,
        /// The client's position.
        from: Option<Position>,
        /// The client's position from now on.
        to: Option<Position>,
        /// Rows to set.
        #[schemars(with = "Vec<RowSchema>")]
        set: &'a [Row],
        /// Keys to delete.
        del: &'a [String],
    },
    /// Events after `from` up to `to`, in order; what lies between was filtered out.
    Events {
        /// The subscription.
        id: &'a str,
        /// The client's position.
        from: Option<Position>,
        /// The client's position from now on.
        to: Option<Position>,
        /// The events.
        #[schemars(with = "Vec<serde_json::Value>")]
        events: &'a [Box<RawValue>],
    },
    /// Nothing more is known up to `position`, the client's position from now on.
    Live {
        /// The subscription.
        id: &'a str,
        /// The position.
        position: Option<Position>,
    },
    /// The view was folded anew, and its new state is the one that is shown from now on. Where rows differ from the old
    /// state, the whole follows as a snapshot; otherwise nothing but events has changed any.
    View {
        /// The subscription.
        id: &'a str,
        /// Name of the view.
        view: &'a str,
        /// Version of the fold and the row.
        version: u32,
        /// The state that is shown, counted since the server began.
        generation: u64,
    },
    /// The subscription was to a point in history and is over: nothing follows.
    End {
        /// The subscription.
        id: &'a str,
        /// Last event that the rows reflect.
        position: Option<Position>,
    },
    /// What the client holds is void: the whole follows.
    Reset {
        /// The subscription.
        id: &'a str,
        /// `log`, `epoch`, `ahead` or `history`.
        reason: &'a str,
    },
    /// Something was refused.
    Error {
        /// The subscription, where it was about one.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        /// What and why.
        problem: &'a Problem,
    },
    /// A sign of life.
    Pong {},
    /// The server goes; resume by position.
    Bye {
        /// Why.
        reason: &'a str,
        /// Come back after so long.
        retry_ms: u64,
    },
}

impl ServerFrame<'_> {
    /// The frame as text.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).expect("frames are plain data, which JSON always encodes")
    }

    /// What stands behind the id of a frame that was made for the empty one: the same for every subscription.
    pub(super) fn behind_id(&self) -> String {
        let text = self.text();
        let (_, rest) =
            text.split_once(r#""id":"""#).expect("the frame has the empty id, before any content");
        rest.to_owned()
    }
}

/// The frame of `kind` for the subscription `id`, with what is the same for every one.
pub(super) fn with_id(kind: &str, id: &str, rest: &str) -> String {
    let id = serde_json::to_string(id).expect("texts are JSON");
    [r#"{"type":""#, kind, r#"","id":"#, &id, rest].concat()
}

/// A row, as the schema shows it.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "stands for a row in the schema only")]
struct RowSchema {
    key: String,
    row: serde_json::Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_frame_reads_as_one_made_for_its_subscription() {
        let shown = [RawValue::from_string(r#"{"id":"","x":1}"#.to_owned()).unwrap()];
        let rows = [Row { key: "\"id\":\"\"".into(), row: shown[0].clone() }];
        let (from, to) = (None, Some(Position(7)));
        for id in ["", "a\"b", "\u{7}ü"] {
            let events = |id| ServerFrame::Events { id, from, to, events: &shown }.text();
            let shared = ServerFrame::Events { id: "", from, to, events: &shown }.behind_id();
            assert_eq!(with_id("events", id, &shared), events(id));
            let delta = |id| ServerFrame::Delta { id, from: to, to, set: &rows, del: &[] }.text();
            let shared = ServerFrame::Delta { id: "", from: to, to, set: &rows, del: &[] }.behind_id();
            assert_eq!(with_id("delta", id, &shared), delta(id));
        }
    }
}
