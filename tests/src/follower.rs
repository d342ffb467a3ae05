//! Subscriptions as a client keeps them across connections; every frame is checked before it counts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// What one subscription has received, and the position up to which that is complete.
#[derive(Debug, Clone)]
pub struct Follower {
    /// The client's name for it.
    pub id: String,
    /// The topic.
    pub topic: String,
    /// Filters.
    pub params: BTreeMap<String, String>,
    /// Rows by key, of a view.
    pub rows: BTreeMap<String, Value>,
    /// Events, of the log.
    pub events: Vec<Value>,
    /// Resets that came.
    pub resets: usize,
    /// Place in the log; `None` before anything came.
    place: Option<Place>,
    /// The snapshot that is arriving: its next part, its position, its rows.
    parts: Option<(u64, Position, BTreeMap<String, Value>)>,
    may_snap: bool,
}

type Position = Option<u64>;

#[derive(Debug, Clone)]
struct Place {
    log: Value,
    epoch: Value,
    position: Position,
}

impl Follower {
    /// A subscription that has received nothing.
    #[must_use]
    pub fn new(id: &str, topic: &str) -> Self {
        Self {
            id: id.to_owned(),
            topic: topic.to_owned(),
            params: BTreeMap::new(),
            rows: BTreeMap::new(),
            events: vec![],
            resets: 0,
            place: None,
            parts: None,
            may_snap: true,
        }
    }

    /// With a filter.
    #[must_use]
    pub fn only(mut self, field: &str, value: &str) -> Self {
        self.params.insert(field.to_owned(), value.to_owned());
        self
    }

    /// The frame that subscribes, or resumes.
    pub fn request(&mut self) -> Value {
        self.parts = None;
        self.may_snap = self.place.is_none();
        let mut frame = json!({ "type": "sub", "id": self.id, "topic": self.topic, "params": self.params });
        if let Some(Place { log, epoch, position }) = &self.place {
            frame["from"] = json!({ "log": log, "epoch": epoch, "position": position });
        }
        frame
    }

    /// Last position that is complete; `None` before the first.
    #[must_use]
    pub fn position(&self) -> Position {
        self.place.as_ref().and_then(|place| place.position)
    }

    /// Whether everything up to `position` is in.
    #[must_use]
    pub fn reached(&self, position: u64) -> bool {
        self.parts.is_none() && self.position() >= Some(position)
    }

    /// Takes a frame into account; `welcome` is that of the connection.
    ///
    /// # Panics
    /// The frame breaks the protocol: a gap, a repeat, a jump.
    #[track_caller]
    pub fn take(&mut self, frame: &Value, welcome: &Value) {
        let kind = frame["type"].as_str().unwrap_or_default();
        assert!(kind == "snap" || self.parts.is_none(), "{}: {kind} inside a snapshot", self.id);
        if let (Some(place), true) = (&self.place, kind != "reset") {
            assert_eq!((&place.log, &place.epoch), (&welcome["log"], &welcome["epoch"]), "no reset came");
        }
        let arrived = match kind {
            "snap" => self.snap(frame),
            "delta" => Some(self.delta(frame)),
            "events" => Some(self.events(frame)),
            "live" | "end" => Some(self.live(frame)),
            "view" => {
                // Where rows differ from the old state, the whole follows.
                self.may_snap = true;
                None
            }
            "reset" => {
                assert!(frame["reason"].is_string());
                (self.place, self.may_snap) = (None, true);
                self.rows.clear();
                self.events.clear();
                self.resets += 1;
                None
            }
            other => panic!("{}: unexpected frame {other}: {frame}", self.id),
        };
        if let Some(position) = arrived {
            let (log, epoch) = (welcome["log"].clone(), welcome["epoch"].clone());
            self.place = Some(Place { log, epoch, position });
        }
    }

    fn snap(&mut self, frame: &Value) -> Option<Position> {
        assert!(self.topic != "events" && self.may_snap, "{}: a snapshot nobody waits for", self.id);
        let position = frame["position"].as_u64();
        let (next, at, mut rows) = self.parts.take().unwrap_or((0, position, BTreeMap::new()));
        assert_eq!((frame["part"].as_u64(), position), (Some(next), at), "{}: parts do not fit", self.id);
        for (key, row) in keyed(&frame["data"]) {
            assert!(rows.insert(key, row).is_none(), "{}: a key twice in a snapshot", self.id);
        }
        if frame["last"] != true {
            self.parts = Some((next + 1, at, rows));
            return None;
        }
        (self.rows, self.may_snap) = (rows, false);
        Some(at)
    }

    fn delta(&mut self, frame: &Value) -> Position {
        let to = self.moved(frame);
        for (key, row) in keyed(&frame["set"]) {
            self.rows.insert(key, row);
        }
        for key in frame["del"].as_array().expect("a list of keys") {
            let key = key.as_str().expect("a key");
            let set = frame["set"].as_array().expect("rows");
            assert!(set.iter().all(|row| row["key"] != key), "{}: {key} is set and deleted", self.id);
            self.rows.remove(key);
        }
        to
    }

    fn events(&mut self, frame: &Value) -> Position {
        if self.place.is_none() {
            assert!(frame["from"].is_null(), "{}: the log begins at its start", self.id);
        }
        let (mut last, to) = (frame["from"].as_u64(), self.moved(frame));
        for event in frame["events"].as_array().expect("a list of events") {
            let position = event["position"].as_u64();
            assert!(position > last && position <= to, "{}: {position:?} after {last:?}", self.id);
            if self.params.is_empty() {
                assert_eq!(position, Some(last.map_or(0, |last| last + 1)), "{}: a gap", self.id);
            }
            last = position;
            self.events.push(event.clone());
        }
        assert!(last == to || !self.params.is_empty(), "{}: events up to {to:?} end at {last:?}", self.id);
        to
    }

    fn live(&self, frame: &Value) -> Position {
        let (position, held) = (frame["position"].as_u64(), self.position());
        assert!(frame.get("position").is_some() && position >= held, "{}: back to {position:?}", self.id);
        if self.topic == "events" && self.params.is_empty() {
            assert_eq!(position, held, "{}: a jump over events", self.id);
        }
        position
    }

    fn moved(&self, frame: &Value) -> Position {
        let (from, to) = (frame["from"].as_u64(), frame["to"].as_u64());
        assert_eq!(from, self.position(), "{}: a gap or a repeat before {to:?}", self.id);
        assert!(to > from, "{}: from {from:?} to {to:?}", self.id);
        to
    }

    /// The state in the form of `GET /v1/views/…`: rows by key.
    ///
    /// # Panics
    /// The topic is no view.
    #[must_use]
    pub fn path(&self) -> String {
        let view = self.topic.strip_prefix("view:").expect("a view");
        let params: String = self.params.iter().map(|(field, value)| format!("&{field}={value}")).collect();
        let at = self.position().map_or_else(String::new, |position| format!("at={position}"));
        format!("/v1/views/{view}?{at}{params}")
    }
}

/// Rows of a page, a snapshot or a delta, by key.
///
/// # Panics
/// They are no rows.
#[must_use]
#[track_caller]
pub fn keyed(rows: &Value) -> Vec<(String, Value)> {
    let rows = rows.as_array().unwrap_or_else(|| panic!("expected rows, got {rows}"));
    rows.iter().map(|row| (row["key"].as_str().expect("a key").to_owned(), row["row"].clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(follower: &mut Follower, frames: &[Value]) {
        let welcome = json!({ "log": "L", "epoch": 1 });
        frames.iter().for_each(|frame| follower.take(frame, &welcome));
    }

    fn snap(position: u64) -> Value {
        json!({ "type": "snap", "position": position, "part": 0, "last": true, "data": [{ "key": "a", "row": 1 }] })
    }

    #[test]
    fn a_view_is_its_snapshot_and_deltas() {
        let mut view = Follower::new("v", "view:runs");
        let delta =
            json!({ "type": "delta", "from": 3, "to": 5, "set": [{ "key": "b", "row": 2 }], "del": ["a"] });
        fold(&mut view, &[snap(3), delta]);
        assert_eq!((view.rows.len(), view.rows["b"].clone(), view.position()), (1, json!(2), Some(5)));
        assert_eq!(view.request()["from"], json!({ "log": "L", "epoch": 1, "position": 5 }));
    }

    #[test]
    #[should_panic(expected = "a gap or a repeat before Some(9)")]
    fn a_gap_is_seen() {
        let delta = json!({ "type": "delta", "from": 4, "to": 9, "set": [], "del": [] });
        fold(&mut Follower::new("v", "view:runs"), &[snap(3), delta]);
    }

    #[test]
    #[should_panic(expected = "a snapshot nobody waits for")]
    fn a_snapshot_without_reset_is_seen() {
        fold(&mut Follower::new("v", "view:runs"), &[snap(3), snap(4)]);
    }

    #[test]
    #[should_panic(expected = "back to Some(2)")]
    fn a_step_back_is_seen() {
        fold(&mut Follower::new("v", "view:runs"), &[snap(3), json!({ "type": "live", "position": 2 })]);
    }

    #[test]
    #[should_panic(expected = "a gap")]
    fn a_hole_in_the_log_is_seen() {
        let events = [json!({ "position": 0 }), json!({ "position": 2 })];
        let frame = json!({ "type": "events", "from": null, "to": 2, "events": events });
        fold(&mut Follower::new("e", "events"), &[frame]);
    }
}
