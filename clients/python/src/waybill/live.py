"""One WebSocket, many subscriptions: each resumes from its own position after every cut."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, Self, TypeVar, overload

import websockets
from websockets.asyncio.client import ClientConnection
from websockets.typing import Subprotocol

from ._http import text
from ._session import EventSubscription, Frame, Session, ViewSubscription
from .client import AsyncClient, Client
from .follow import Events, Follower, LiveView, Phase, Status
from .model import Filters, Place, Point, Position
from .named import View
from .names import ViewName
from .problem import WaybillError, closed, network

Row = TypeVar("Row")

PROTOCOL = Subprotocol("waybill.v1")
REFUSED = 4401


class Live:
    """The connection to one server: comes back by itself, until it is closed or refused.

    To be used as `async with connect(url, token) as live`.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        tickets: bool = False,
        open_seconds: float | None = 10.0,
        retry_seconds: float = 0.5,
        retry_seconds_max: float = 15.0,
        ping_seconds: float = 15.0,
        proxy: str | Literal[True] | None = None,
        context: ssl.SSLContext | None = None,
        chance: Callable[[], float] = random.random,
        ticket: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        """`url` is that of the server, such as `http://127.0.0.1:8377`.

        With `tickets`, each socket shows a ticket that is good once in place of the token, got over
        HTTP with it; `ticket` gets one by other means. Entering fails where nobody welcomes within
        `open_seconds`, or waits for ever where that is `None`. The wait before another connection
        doubles from `retry_seconds` to `retry_seconds_max`, times 0.5 to 1.5. Every
        `ping_seconds` a socket is asked whether it lives, and given up after as long again.
        """
        self.http = AsyncClient(Client(url, token, context=context))
        """Requests to the same server with the same token."""
        self._url = "ws" + self.http.client.url.removeprefix("http") + "/v1/ws"
        self._token = token
        self._ticket = ticket or (self.http.ticket if tickets else None)
        self._open_seconds, self._ping_seconds = open_seconds, ping_seconds
        self._retry_min, self._retry_max, self._chance = retry_seconds, retry_seconds_max, chance
        self._retry = retry_seconds
        self._proxy, self._context = proxy, context
        self._session = Session(self._send)
        self._outgoing: asyncio.Queue[Frame] | None = None
        self._asked_seconds: float | None = None
        self._refusal: WaybillError | None = None
        self._said: WaybillError | None = None
        self._status = Status("connecting", datetime.now(UTC), None, None, None, 0, None)
        self._listeners: set[Callable[[Status], None]] = set()
        self._followers: set[Follower] = set()
        self._settled = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    @property
    def status(self) -> Status:
        """How it stands."""
        return self._status

    @property
    def gaps(self) -> int:
        """How often something was missing between frames and was asked for anew."""
        return self._session.gaps

    def subscribe(self, listener: Callable[[Status], None]) -> Callable[[], None]:
        """Calls `listener` when the status changes; returns what ends that."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    @overload
    def view(
        self,
        name: ViewName,
        key: str | None = None,
        *,
        filters: Filters | None = None,
        at: Point | None = None,
    ) -> LiveView[dict[str, Any]]: ...
    @overload
    def view(
        self,
        name: View[Row],
        key: str | None = None,
        *,
        filters: Filters | None = None,
        at: Point | None = None,
    ) -> LiveView[Row]: ...
    def view(
        self,
        name: str,
        key: str | None = None,
        *,
        filters: Filters | None = None,
        at: Point | None = None,
    ) -> LiveView[Any]:
        """Follows a view, of one aggregate where it wants a `key`; with `at`, as it was then, and
        no further.
        """
        topic = f"view:{name}" if key is None else f"view:{name}/{key}"
        held = ViewSubscription(topic, _params(filters or {}), None if at is None else text(at))
        view: LiveView[Any] = LiveView(self, str(name), held)
        self._follow(view)
        return view

    def events(
        self,
        *,
        after: Place | Position | Literal["now"] = "now",
        until: int | None = None,
        stream: str | None = None,
        type: str | None = None,
        category: str | None = None,
        project: str | None = None,
    ) -> Events:
        """Every event behind a position, in order, each once; `None` begins with the first of the
        log.

        With `until`, iterating ends once everything up to that position is taken. A `Place` that
        was kept from `Events.place` goes on where that was.
        """
        given = {"stream": stream, "type": type, "category": category, "project": project}
        filters = {name: value for name, value in given.items() if value is not None}
        events = Events(self, EventSubscription(_params(filters), after), until)
        self._follow(events)
        return events

    def reconnect(self) -> None:
        """Tries again now instead of after the wait."""
        self._hurry.set()

    async def close(self) -> None:
        """Ends it for good; iterators end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._end("closed")
        self.http.client.close()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="waybill")
        try:
            await asyncio.wait_for(self._settled.wait(), self._open_seconds)
        except TimeoutError:
            error = self._status.error or "no welcome in time"
            await self.close()
            raise network(TimeoutError(error)) from None
        except BaseException:
            await self.close()
            raise
        if self._refusal is not None:
            await self.close()
            raise self._refusal
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def _follow(self, follower: LiveView[Any] | Events) -> None:
        if self._status.phase in ("closed", "refused"):
            raise self._refusal or closed("the connection")
        self._followers.add(follower)
        self._session.add(follower.held)
        self._level()

    def _leave(self, follower: Follower) -> None:
        self._followers.discard(follower)
        self._session.drop(follower._subscription)
        self._level()

    async def _run(self) -> None:
        """One connection after another."""
        while True:
            self._asked_seconds = self._said = None
            refusal: WaybillError | None = None
            try:
                code = await self._connection()
                error = f"closed with {code}"
                # A socket that rests on a ticket ends when a role changes: the next ticket says
                # whether one is
                # still known.
                if code == REFUSED and self._ticket is None:
                    refusal = self._said or _unauthorized(error)
            except WaybillError as failed:
                error = str(failed)
                if failed.status == 401:
                    refusal = failed
            except (OSError, TimeoutError, websockets.WebSocketException) as failed:
                error = f"{type(failed).__name__}: {failed}"
            except (ValueError, KeyError, TypeError) as failed:
                error = f"a frame that does not fit the protocol: {failed!r}"
            if refusal is not None:
                self._refusal = refusal
                return self._end("refused", error=error)
            self._session.cut()
            self._show(phase="stale", error=error)
            wait = self._retry if self._asked_seconds is None else self._asked_seconds
            if self._asked_seconds is None:
                self._retry = min(self._retry * 2, self._retry_max)
            await self._pause(wait * (0.5 + self._chance()))

    async def _pause(self, seconds: float) -> None:
        self._hurry.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), seconds)

    async def _connection(self) -> int:
        """From hello to the end; gives the close code."""
        secure: dict[str, Any] = {} if self._context is None else {"ssl": self._context}
        # Not `async with`: that would try again by rules of its own.
        socket = await websockets.connect(
            self._url,
            subprotocols=[PROTOCOL],
            proxy=self._proxy,
            compression=None,
            max_size=None,
            ping_interval=self._ping_seconds,
            ping_timeout=self._ping_seconds,
            open_timeout=10,
            close_timeout=2,
            **secure,
        )
        try:
            token = self._token if self._ticket is None else await self._ticket()
            await socket.send(json.dumps({"type": "hello", "token": token}))
            await self._converse(socket)
        finally:
            self._outgoing = None
            await socket.close()
        return socket.close_code or 1006

    async def _converse(self, socket: ClientConnection) -> None:
        outgoing: asyncio.Queue[Frame] = asyncio.Queue()
        self._outgoing = outgoing

        async def sender() -> None:
            try:
                while True:
                    await socket.send(json.dumps(await outgoing.get()))
            except websockets.ConnectionClosed:
                pass  # The receiving side says so.

        sending = asyncio.create_task(sender())
        try:
            async for message in socket:
                self._receive(json.loads(message))
        except websockets.ConnectionClosed:
            pass
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    def _send(self, frame: Frame) -> None:
        if self._outgoing is not None:
            self._outgoing.put_nowait(frame)

    def _receive(self, frame: Frame) -> None:
        kind = frame["type"]
        if kind == "welcome":
            self._retry = self._retry_min
            self._session.welcome(frame)
            log, epoch, head = frame["log"], frame["epoch"], frame["head"]
            count = self._status.connections + 1
            self._show(log=log, epoch=epoch, head=head, connections=count, error=None)
            self._settled.set()
        elif kind == "bye":
            self._asked_seconds = frame["retry_ms"] / 1000
        elif kind == "error" and frame.get("id") is None:
            # Said before the socket ends, or of a frame that this client would not send.
            self._said = WaybillError(frame["problem"])
        else:
            self._session.receive(frame)
        self._level()

    def _level(self) -> None:
        """Works the phase out from the subscriptions."""
        server = self._session.server
        if server is None or self._status.phase in ("closed", "refused"):
            return
        phase: Phase = "live" if self._session.is_live else "catching-up"
        self._show(phase=phase, head=server.position)

    def _show(self, **changes: Any) -> None:
        before = self._status
        after = replace(before, **changes)
        if after == before:
            return
        if after.phase != before.phase:
            after = replace(after, since=datetime.now(UTC))
        self._status = after
        for listener in self._listeners:
            asyncio.get_running_loop().call_soon(listener, after)

    def _end(self, phase: Phase, **changes: Any) -> None:
        self._session.cut()
        if self._status.phase != "refused":
            self._show(phase=phase, **changes)
        self._settled.set()
        for follower in list(self._followers):
            follower._subscription.changed()


connect = Live


def _unauthorized(error: str) -> WaybillError:
    detail = f"the server refused the connection: {error}"
    hint = "log in, or show another token"
    return WaybillError({"status": 401, "code": "unauthorized", "detail": detail, "hint": hint})


def _params(filters: Filters) -> dict[str, str]:
    return {name: text(value) for name, value in filters.items()}
