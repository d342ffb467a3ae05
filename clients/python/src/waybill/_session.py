"""What subscriptions hold, and what each frame does to them; knows nothing of sockets."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from .model import LogEvent, Place, Position
from .problem import WaybillError, reset

State: TypeAlias = Literal["waiting", "held", "live", "refused", "ended"]
Frame: TypeAlias = dict[str, Any]


class Unknown:
    """Stands where there is no position, not even that before the first event."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


def is_before(earlier: Position, later: Position) -> bool:
    """Whether a position lies before another; `None` lies before every one."""
    return later is not None and (earlier is None or earlier < later)


class Subscription:
    """The part that views and events share: position, state, what to ask the server for."""

    def __init__(self, topic: str, params: Mapping[str, str], at: str | None = None) -> None:
        self.topic, self.params, self.at = topic, dict(params), at
        self.state: State = "waiting"
        self.position: Position | Unknown = UNKNOWN
        self.problem: WaybillError | None = None
        self.ident: str | None = None
        """Its id on the socket of now; another one each time, so that late frames are told apart.
        """
        self.changed: Callable[[], None] = lambda: None
        self.paused = False
        """Whether the server was asked to wait with it."""
        self._home: tuple[str, int] | None = None
        """Log and epoch that the position belongs to."""

    def request(self, ident: str, server: Place) -> Frame:
        """The frame that asks for it, from where it is; whatever is void the server says so."""
        self.ident = ident
        frame: Frame = {"type": "sub", "id": ident, "topic": self.topic}
        if self.params:
            frame["params"] = self.params
        if self.at is not None:
            frame["at"] = self.at
        elif (place := self.place(server)) is not None:
            frame["from"] = place._asdict()
        self._home = (server.log, server.epoch)
        return frame

    def hold(self, place: Place) -> None:
        """It has been somewhere before."""
        self._home, self.position = (place.log, place.epoch), place.position

    def place(self, server: Place) -> Place | None:
        """Where it goes on from; `None` for the whole."""
        if isinstance(self.position, Unknown) or self._home is None:
            return None
        return Place(*self._home, self.position)

    def take(self, frame: Frame) -> bool:
        """Takes a frame of this subscription; `False` where something is missing before it."""
        kind = frame["type"]
        if kind == "reset":
            self.position = UNKNOWN
            self.void(frame["reason"])
            self.behind()
        elif kind in ("live", "end"):
            if isinstance(self.position, Unknown):
                return False
            self.position = frame["position"]
            self._become("ended" if kind == "end" else "live")
        elif kind != "view" and not self.fold(frame):
            # `view` says that the view was folded anew: what is held stays until a whole comes, if
            # one does.
            return False
        return True

    def fold(self, frame: Frame) -> bool:
        """Takes a frame that carries something."""
        raise NotImplementedError

    def void(self, reason: str) -> None:
        """What is held is void; the whole follows."""

    def forget(self) -> None:
        """Asks for the whole the next time."""
        self.position = UNKNOWN
        self.behind()

    def behind(self) -> None:
        """It is no longer level with the server."""
        if self.state == "live":
            self._become("held")

    def cut(self) -> None:
        """The connection ended: what is held stays, and is no longer live."""
        self.ident = None
        self.behind()

    def refuse(self, problem: WaybillError) -> None:
        """The server refused it."""
        self.ident = None
        self.problem = problem
        self._become("refused")

    def _become(self, state: State) -> None:
        self.state = state
        self.changed()


class ViewSubscription(Subscription):
    """Rows of a view by key."""

    def __init__(self, topic: str, params: Mapping[str, str], at: str | None = None) -> None:
        super().__init__(topic, params, at)
        self.rows: dict[str, Any] = {}
        self.version = 0
        """Goes up with each whole: every row may be another one then."""
        self.noticed: Callable[[list[str], list[str]], None] = lambda changed, removed: None
        self._parts: dict[str, Any] = {}
        self._next = 0

    def fold(self, frame: Frame) -> bool:
        if frame["type"] == "snap":
            return self._part(frame)
        if frame["type"] != "delta" or frame["from"] != self.position:
            return False
        for each in frame["set"]:
            self.rows[each["key"]] = each["row"]
        for key in frame["del"]:
            self.rows.pop(key, None)
        self.position = frame["to"]
        self.noticed([each["key"] for each in frame["set"]], frame["del"])
        self._become("live" if self.state == "live" else "held")
        return True

    def cut(self) -> None:
        self._parts, self._next = {}, 0
        super().cut()

    def forget(self) -> None:
        self._parts, self._next = {}, 0
        super().forget()

    def _part(self, frame: Frame) -> bool:
        if frame["part"] not in (0, self._next):
            return False
        if frame["part"] == 0:
            self._parts = {}
        self._next = frame["part"] + 1
        self._parts.update((each["key"], each["row"]) for each in frame["data"])
        if frame["last"]:
            # What is shown stays until the whole has come, so that nothing flickers. The object
            # stays as well.
            self.rows.clear()
            self.rows.update(self._parts)
            self._parts, self._next = {}, 0
            self.version += 1
            self.position = frame["position"]
            self._become("live" if self.state == "live" else "held")
        return True


class EventSubscription(Subscription):
    """Events of the log in order, those that nobody has taken yet."""

    def __init__(self, params: Mapping[str, str], after: Place | Position | Literal["now"]) -> None:
        super().__init__("events", params)
        self.queue: deque[LogEvent[Any] | WaybillError] = deque()
        self.taken: Position = None
        """The position up to which everything has been taken."""
        self._after: Place | Position | Literal["now"] = after
        if isinstance(after, Place):
            self.hold(after)
            self.taken = after.position

    @property
    def home(self) -> tuple[str, int] | None:
        """Log and epoch that positions belong to."""
        return self._home

    def place(self, server: Place) -> Place | None:
        if isinstance(self.position, Unknown) and not isinstance(self._after, Place):
            begin = server.position if self._after == "now" else self._after
            self.hold(server._replace(position=begin))
            self.taken = begin
        return super().place(server)

    def fold(self, frame: Frame) -> bool:
        if frame["type"] != "events" or frame["from"] != self.position:
            return False
        idle = not self.queue
        self.queue.extend(frame["events"])
        self.position = frame["to"]
        if idle and not frame["events"]:
            self.taken = frame["to"]
        self._become("live" if self.state == "live" else "held")
        return True

    def take(self, frame: Frame) -> bool:
        taken = super().take(frame)
        if taken and frame["type"] == "live" and not self.queue:
            self.taken = frame["position"]
        return taken

    def is_past(self, position: int) -> bool:
        """Whether everything up to a position has been taken."""
        if not is_before(self.taken, position):
            return True
        first = self.queue[0] if self.queue else None
        return isinstance(first, dict) and first["position"] > position

    def next(self) -> LogEvent[Any] | None:
        """The next event; `None` where none has come. Raises where those before it are void."""
        if not self.queue:
            return None
        event = self.queue.popleft()
        if isinstance(event, WaybillError):
            self.taken = None
            raise event
        position = self.position
        if self.queue or isinstance(position, Unknown):
            position = event["position"]
        self.taken = position
        return event

    def void(self, reason: str) -> None:
        """What was not taken yet is never shown; whoever takes events is told."""
        self.queue.clear()
        self.queue.append(reset(reason))
        self.position = None

    def forget(self) -> None:
        # Everything up to the position has come: it is asked for from there, not anew.
        self.behind()


class Session:
    """The subscriptions of one connection after another: which frames go out, and whom those that
    come are for.
    """

    def __init__(self, send: Callable[[Frame], None]) -> None:
        self.subscriptions: list[Subscription] = []
        self.server: Place | None = None
        """Where the server is; `None` while there is no connection."""
        self.gaps = 0
        self._send = send
        self._by_id: dict[str, Subscription] = {}
        self._turn = 0

    @property
    def is_live(self) -> bool:
        """Whether nothing is known to be missing."""
        return all(one.state in ("live", "refused", "ended") for one in self.subscriptions)

    def welcome(self, frame: Frame) -> None:
        """A connection is there: everything is asked for, from where it is."""
        self.server = Place(frame["log"], frame["epoch"], frame["head"])
        self._by_id.clear()
        for one in self.subscriptions:
            if one.state not in ("refused", "ended") and not one.paused:
                self.ask(one)

    def add(self, one: Subscription) -> None:
        """Another subscription."""
        self.subscriptions.append(one)
        if self.server is not None:
            self.ask(one)

    def drop(self, one: Subscription) -> None:
        """One that is not wanted any more."""
        if one in self.subscriptions:
            self.subscriptions.remove(one)
            self.pause(one)

    def ask(self, one: Subscription) -> None:
        """Asks for a subscription, from where it is."""
        one.paused = False
        if self.server is None:
            return
        if one.ident is not None:
            self._by_id.pop(one.ident, None)
        self._turn += 1
        ident = f"s{self._turn}"
        self._by_id[ident] = one
        self._send(one.request(ident, self.server))

    def pause(self, one: Subscription) -> None:
        """Tells the server to send no more of it; `ask` goes on from there."""
        one.paused = True
        ident, one.ident = one.ident, None
        known = self._by_id.pop(ident, None) if ident is not None else None
        if known is not None and self.server is not None:
            self._send({"type": "unsub", "id": ident})

    def receive(self, frame: Frame) -> None:
        """A frame about a subscription."""
        one = self._by_id.get(frame.get("id", ""))
        if one is None:
            return  # Frames of a subscription that was given up may still be under way.
        if frame["type"] == "error":
            self._by_id.pop(frame["id"], None)
            one.refuse(WaybillError(frame["problem"]))
        elif not one.take(frame):
            self.gaps += 1
            self.pause(one)
            one.forget()
            self.ask(one)
        else:
            self._moved(one.position)
            if frame["type"] == "end":
                self._by_id.pop(frame["id"], None)
                one.ident = None

    def _moved(self, position: Position | Unknown) -> None:
        if self.server is None or isinstance(position, Unknown):
            return
        if is_before(self.server.position, position):
            self.server = self.server._replace(position=position)

    def cut(self) -> None:
        """The connection ended."""
        self.server = None
        self._by_id.clear()
        for one in self.subscriptions:
            one.cut()
