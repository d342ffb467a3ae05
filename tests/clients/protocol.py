"""Waybill's WebSocket protocol as a client sees it: pure state, no IO. Every frame is checked before it counts."""

import json


class Violation(Exception):
    """The server broke a promise of the protocol."""


def check(holds, what):
    """Raises a violation unless the promise holds."""
    if not holds:
        raise Violation(what)


def is_after(later, earlier):
    """Whether a position lies after another; `None` lies before every position."""
    return later is not None and (earlier is None or later > earlier)


class Subscription:
    """What one subscription has received, and the position up to which that is complete."""

    def __init__(self, ident, topic, params=None):
        self.ident, self.topic, self.params = ident, topic, params or {}
        self.is_log = topic == "events"
        self.log = self.epoch = self.position = self.start = None
        self.server = (None, None)
        self.rows, self.events = {}, []
        self.parts = None
        self.fresh = True
        self.reset_seen = False

    def request(self):
        """The frame that subscribes, or resumes where something was received before."""
        frame = {"type": "sub", "id": self.ident, "topic": self.topic, "params": self.params}
        if not self.fresh:
            frame["from"] = {"log": self.log, "epoch": self.epoch, "position": self.position}
        self.parts, self.reset_seen = None, False
        return frame

    def welcomed(self, log, epoch):
        """Takes the log's identity from a welcome; a resume over another identity must be reset first."""
        self.server = (log, epoch)

    def apply(self, frame):
        """Takes a frame into account."""
        kind = frame["type"]
        handler = {"snap": self._snap, "delta": self._delta, "events": self._events, "live": self._live,
                   "view": self._view, "end": self._live, "reset": self._reset}.get(kind)
        check(handler is not None, f"{self.ident}: unknown frame `{kind}`")
        if kind != "reset" and not self.fresh:
            check((self.log, self.epoch) == self.server, f"{self.ident}: `{kind}` of another log without a reset")
        check(kind == "snap" or self.parts is None, f"{self.ident}: `{kind}` inside a snapshot")
        handler(frame)

    def _arrived(self, position):
        self.position, self.fresh = position, False
        self.log, self.epoch = self.server

    def _snap(self, frame):
        check(not self.is_log, f"{self.ident}: `snap` on a log topic")
        check(self.fresh or self.parts is not None or self.reset_seen,
              f"{self.ident}: `snap` while holding position {self.position} and no reset")
        if self.parts is None:
            check(frame["part"] in (0, 1), f"{self.ident}: snapshot begins with part {frame['part']}")
            self.parts = {"position": frame["position"], "next": frame["part"], "rows": {}}
        parts = self.parts
        check(frame["part"] == parts["next"], f"{self.ident}: part {frame['part']}, expected {parts['next']}")
        check(frame["position"] == parts["position"], f"{self.ident}: parts of one snapshot differ in position")
        for item in frame["data"]:
            check(item["key"] not in parts["rows"], f"{self.ident}: key {item['key']} twice in one snapshot")
            parts["rows"][item["key"]] = item["row"]
        parts["next"] += 1
        if frame["last"]:
            self.rows, self.parts, self.reset_seen = parts["rows"], None, False
            self._arrived(parts["position"])

    def _delta(self, frame):
        check(not self.is_log, f"{self.ident}: `delta` on a log topic")
        check(not self.fresh, f"{self.ident}: `delta` before a snapshot")
        self._continues(frame)
        keys = [item["key"] for item in frame["set"]] + frame["del"]
        check(len(set(keys)) == len(keys), f"{self.ident}: a key twice in one delta")
        for item in frame["set"]:
            self.rows[item["key"]] = item["row"]
        for key in frame["del"]:
            self.rows.pop(key, None)
        self._arrived(frame["to"])

    def _events(self, frame):
        check(self.is_log, f"{self.ident}: `events` on a view topic")
        self._starts(frame["from"])
        self._continues(frame)
        last = frame["from"]
        for event in frame["events"]:
            position = event["position"]
            check(is_after(position, last), f"{self.ident}: event {position} does not come after {last}")
            if not self.params:
                dense = 0 if last is None else last + 1
                check(position == dense, f"{self.ident}: event {position}, expected {dense}")
            last = position
        check(last == frame["to"] or is_after(frame["to"], last), f"{self.ident}: event {last} beyond {frame['to']}")
        if not self.params:
            check(last == frame["to"], f"{self.ident}: frame to {frame['to']} ends with event {last}")
        self.events += frame["events"]
        self._arrived(frame["to"])

    def _live(self, frame):
        check(self.is_log or not self.fresh, f"{self.ident}: `live` before a snapshot")
        position = frame["position"]
        self._starts(position)
        moved = is_after(position, self.position)
        check(moved or position == self.position, f"{self.ident}: `live` goes back to {position} from {self.position}")
        if self.is_log and not self.params:
            check(not moved, f"{self.ident}: `live` jumps over events to {position} from {self.position}")
        self._arrived(position)

    def _view(self, frame):
        """The view was folded anew: where rows differ, a snapshot replaces what is held until it is whole."""
        check(not self.is_log, f"{self.ident}: `view` on a log topic")
        self.reset_seen = True

    def _reset(self, frame):
        check(frame.get("reason"), f"{self.ident}: `reset` without a reason")
        self.rows, self.events, self.position = {}, [], None
        self.fresh, self.reset_seen = True, True

    def _starts(self, position):
        """The server says where a log topic without `from` begins; from there on nothing may be missing."""
        if self.fresh and self.is_log:
            self.start = self.position = position

    def _continues(self, frame):
        came = frame["from"]
        check(came == self.position, f"{self.ident}: frame from {came}, but {self.position} is held")
        check(is_after(frame["to"], came), f"{self.ident}: frame from {came} to {frame['to']} goes nowhere")

    def reached(self, position):
        """Whether everything up to `position` is in."""
        complete = not self.fresh and self.parts is None
        return complete and (position is None or self.position == position or is_after(self.position, position))

    def result(self):
        """The final state."""
        state = {"events": self.events, "start": self.start} if self.is_log else {"rows": self.rows}
        return {"topic": self.topic, "params": self.params, "position": self.position, **state}


def canonical(value):
    """JSON with sorted keys and no spaces, so that equal states are equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
