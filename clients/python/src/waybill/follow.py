"""What is held of a live connection: views by their rows, events one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeAlias, TypeVar

from ._session import EventSubscription, Unknown, ViewSubscription, is_before
from .model import LogEvent, Place, Position
from .problem import WaybillError, closed

if TYPE_CHECKING:
    from .live import Live

Row = TypeVar("Row")
Phase: TypeAlias = Literal["connecting", "catching-up", "live", "stale", "refused", "closed"]

# Events that nobody has taken; the server is asked to wait, and to go on once few are left.
QUEUE_MAX = 8192
QUEUE_LOW = 1024


@dataclass(frozen=True, slots=True)
class Status:
    """How the connection, or what is held through it, stands."""

    phase: Phase
    since: datetime
    """When this phase began; what a stale view shows was so then."""
    head: Position
    """The last durable position that is known of."""
    log: str | None
    epoch: int | None
    connections: int
    """Connections so far that were welcomed."""
    error: str | None
    """Why the last connection ended."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is different in a view since it was looked at last."""

    position: Position
    whole: bool
    """Whether every row may be another one; the keys below are those that are there then."""
    changed: tuple[str, ...]
    removed: tuple[str, ...]


class Follower:
    """The part that views and events share: being woken, and ending."""

    def __init__(self, live: Live, held: ViewSubscription | EventSubscription) -> None:
        self._live = live
        self._subscription = held
        self._closed = False
        self._waiting: set[asyncio.Future[None]] = set()
        held.changed = self._wake

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def _woken(self) -> None:
        """Waits for any change."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)

    def _over(self, problem: WaybillError | None) -> bool:
        """Whether nothing will come any more; raises where that is because somebody refused."""
        if problem is not None:
            raise problem
        if self._live.status.phase == "refused" and self._live._refusal is not None:
            raise self._live._refusal
        return self._closed or self._live.status.phase == "closed"

    async def close(self) -> None:
        """Ends the subscription; what is held stays as it is."""
        self._closed = True
        self._live._leave(self)
        self._wake()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


class LiveView(Follower, Generic[Row]):
    """A view that is followed: its rows are always those of one position of the log."""

    def __init__(self, live: Live, name: str, held: ViewSubscription) -> None:
        super().__init__(live, held)
        self.name = name
        self.held = held
        self.rows: Mapping[str, Row] = MappingProxyType(held.rows)
        """Rows by key: the same object always, and between two awaits nothing in it changes."""
        self._watchers: set[_Watcher] = set()
        held.noticed = self._noticed

    @property
    def position(self) -> Position:
        """The position that the rows reflect; `None` also while there are none yet."""
        return None if isinstance(self.held.position, Unknown) else self.held.position

    @property
    def status(self) -> Status:
        """How the view stands: live, catching up, stale and since when, or refused."""
        status = self._live.status
        if self.held.state == "refused":
            return replace(status, phase="refused", error=str(self.held.problem))
        if status.phase in ("live", "catching-up"):
            level = self.held.state in ("live", "ended")
            return replace(status, phase="live" if level else "catching-up")
        return status

    async def ready(self, timeout: float | None = 30.0) -> Self:
        """Waits until there is a whole, and gives the view itself."""
        await self._until(lambda: self.held.version > 0, "is not there", timeout)
        return self

    async def reached(self, position: int, timeout: float | None = 30.0) -> None:
        """Waits until the rows reflect that position: read your own writes."""

        def is_there() -> bool:
            at, there = self.held.position, self.held.version > 0
            return there and not isinstance(at, Unknown) and not is_before(at, position)

        await self._until(is_there, f"did not reach position {position}", timeout)

    async def changes(self) -> AsyncIterator[Change]:
        """What is different, whenever something is: the whole first; changes that nobody took are
        put together.
        """
        watcher = _Watcher()
        self._watchers.add(watcher)
        try:
            while True:
                if (change := watcher.take(self.held)) is not None:
                    yield change
                    continue
                if self._over(self.held.problem) or self.held.state == "ended":
                    return
                await self._woken()
        finally:
            self._watchers.discard(watcher)

    def __aiter__(self) -> AsyncIterator[Change]:
        return self.changes()

    async def __aenter__(self) -> Self:
        return await self.ready()

    def _noticed(self, changed: list[str], removed: list[str]) -> None:
        for watcher in self._watchers:
            watcher.notice(changed, removed)

    async def _until(
        self, is_so: Callable[[], bool], otherwise: str, timeout: float | None
    ) -> None:
        async def wait() -> None:
            while not is_so():
                if self._over(self.held.problem):
                    raise closed(self.held.topic)
                await self._woken()

        try:
            await asyncio.wait_for(wait(), timeout)
        except TimeoutError:
            raise TimeoutError(f"{self.held.topic} {otherwise} within {timeout} s") from None


class _Watcher:
    """What one iteration over a view has not been told yet: keys, so it stays as small as the view."""

    def __init__(self) -> None:
        self._version = 0
        self._changed: dict[str, None] = {}
        self._removed: dict[str, None] = {}

    def notice(self, changed: list[str], removed: list[str]) -> None:
        for key in changed:
            self._changed[key] = None
            self._removed.pop(key, None)
        for key in removed:
            self._removed[key] = None
            self._changed.pop(key, None)

    def take(self, held: ViewSubscription) -> Change | None:
        position = held.position
        if held.version == 0 or isinstance(position, Unknown):
            return None
        whole = self._version != held.version
        if not (whole or self._changed or self._removed):
            return None
        changed, removed = tuple(self._changed), tuple(self._removed)
        self._version, self._changed, self._removed = held.version, {}, {}
        if whole:
            return Change(position, True, tuple(held.rows), ())
        return Change(position, False, changed, removed)


class Events(Follower):
    """Events of the log that are followed: to be iterated by one at a time, and each comes once."""

    def __init__(self, live: Live, held: EventSubscription, until: int | None) -> None:
        super().__init__(live, held)
        self.held = held
        self._until = until
        held.changed = self._came

    @property
    def position(self) -> Position:
        """The position up to which everything has been taken."""
        return self.held.taken

    @property
    def place(self) -> Place | None:
        """Where to go on from another time, `events(after=place)`; `None` before the first
        connection.
        """
        return None if self.held.home is None else Place(*self.held.home, self.held.taken)

    @property
    def status(self) -> Status:
        """How it stands: `live` where everything that is known of has been taken."""
        status = self._live.status
        if self.held.state == "refused":
            return replace(status, phase="refused", error=str(self.held.problem))
        if status.phase in ("live", "catching-up"):
            level = self.held.state == "live" and not self.held.queue
            return replace(status, phase="live" if level else "catching-up")
        return status

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> LogEvent[Any]:
        while True:
            if self._until is not None and self.held.is_past(self._until):
                raise StopAsyncIteration
            event = self.held.next()
            if event is not None:
                self._taken()
                return event
            if self._over(self.held.problem):
                raise StopAsyncIteration
            await self._woken()

    async def __aenter__(self) -> Self:
        return self

    def _came(self) -> None:
        if len(self.held.queue) > QUEUE_MAX and self.held.ident is not None:
            # Whoever takes slowly makes nobody wait: the server reads the log again from here
            # later.
            self._live._session.pause(self.held)
            self.held.behind()
        self._wake()

    def _taken(self) -> None:
        if self.held.paused and len(self.held.queue) <= QUEUE_LOW and not self._closed:
            self._live._session.ask(self.held)
