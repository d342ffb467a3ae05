"""HTTP: commands, views as of now or of any point, differences, events, exports.

`Client` waits for each answer, as a script or a notebook wants it; `AsyncClient` has the same
methods to be awaited, each of which runs in a thread.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import random
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from os import PathLike
from types import TracebackType
from typing import Any, Literal, Self, TypeAlias, TypeVar, Unpack, overload

from ._http import Reply, Request, Transport, body_of, query, read_json, segment, text
from .model import (
    Answer,
    CommandOptions,
    Diff,
    EventOptions,
    EventPage,
    Filters,
    LogEvent,
    Page,
    Point,
    Position,
    ViewOptions,
)
from .named import Command, View
from .names import CommandName, ViewName
from .problem import WaybillError
from .ulid import new_id

Row = TypeVar("Row")
Body = TypeVar("Body")
Result = TypeVar("Result")
Format: TypeAlias = Literal["ndjson", "csv", "arrow", "parquet"]

# A command that is repeated waits no longer than this, before jitter.
_WAIT_SECONDS_MAX = 5.0


class Export:
    """A typed table on its way: read it once, whole or in pieces, or save it."""

    def __init__(self, table: str, form: Format, reply: Reply) -> None:
        self.table, self.format = table, form
        position = reply.header("waybill-position")
        self.position: Position = None if position is None else int(position)
        """The last position that the rows reflect; give it as `after` to get what is new since."""
        self._reply = reply
        self._whole: bytes | None = None

    def __iter__(self) -> Iterator[bytes]:
        """The table in pieces; raises where it breaks off."""
        return iter([self._whole]) if self._whole is not None else self._reply.chunks()

    def read(self) -> bytes:
        """The whole table."""
        if self._whole is None:
            self._whole = self._reply.read()
        return self._whole

    def save(self, path: str | PathLike[str]) -> int:
        """Writes the table to a file, and gives its length in bytes."""
        with open(path, "wb") as file:
            return sum(file.write(chunk) for chunk in self)

    def close(self) -> None:
        """Lets go of a table that is not read to its end."""
        self._reply.close()


class Client:
    """Requests to one server with one token; any thread may use it."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        timeout: float = 60.0,
        retries: int = 3,
        retry_seconds: float = 0.2,
        context: ssl.SSLContext | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """`url` is such as `http://127.0.0.1:8377`, `token` what `Authorization` shows.

        A command is sent again under its key up to `retries` times where the connection breaks or
        the server is busy; the wait before that begins with `retry_seconds`, doubles, and has
        jitter.
        """
        self._transport = Transport(url, token, timeout, context)
        self._retries, self._retry_seconds, self._wait = retries, retry_seconds, wait

    @property
    def url(self) -> str:
        """Where the server is."""
        return self._transport.url

    @overload
    def command(
        self,
        route: CommandName,
        id: str,
        body: Mapping[str, Any] = ...,
        /,
        **options: Unpack[CommandOptions],
    ) -> Answer: ...
    @overload
    def command(
        self, route: Command[Body], id: str, body: Body, /, **options: Unpack[CommandOptions]
    ) -> Answer: ...
    def command(
        self, route: str, id: str, body: Any = None, /, **options: Unpack[CommandOptions]
    ) -> Answer:
        """Sends a command: durable once this returns, and without any effect where it raises a
        refusal.
        """
        aggregate, _, name = route.partition("/")
        headers = {"content-type": "application/json"}
        headers["idempotency-key"] = options.get("key") or new_id()
        said: dict[str, Any] = dict(options)
        for option, header in _HEADERS.items():
            if option in said:
                headers[header] = text(said[option])
        path = f"/v1/{segment(aggregate)}/{segment(id)}/{segment(name)}"
        data = body_of({} if body is None else body)
        answer = self._repeated(Request("POST", path, data, headers, repeatable=True))
        return _made(Answer, answer)

    @overload
    def view(
        self, name: ViewName, key: str | None = None, **options: Unpack[ViewOptions]
    ) -> Page[dict[str, Any]]: ...
    @overload
    def view(
        self, name: View[Row], key: str | None = None, **options: Unpack[ViewOptions]
    ) -> Page[Row]: ...
    def view(self, name: str, key: str | None = None, **options: Unpack[ViewOptions]) -> Page[Any]:
        """A view, or a row of it, now or at any point; `key` is the aggregate's id where the view
        wants one.
        """
        of = "" if key is None else "/" + "/".join(segment(part) for part in key.split("/"))
        page = self.json(f"/v1/views/{segment(name)}{of}{query(_view_query(options))}")
        rows = {each["key"]: each["row"] for each in page["rows"]}
        place = page["view"], page["version"], page["position"]
        return Page(*place, rows, page.get("summary"), page.get("next"))

    @overload
    def rows(
        self, name: ViewName, key: str | None = None, **options: Unpack[ViewOptions]
    ) -> Iterator[tuple[str, dict[str, Any]]]: ...
    @overload
    def rows(
        self, name: View[Row], key: str | None = None, **options: Unpack[ViewOptions]
    ) -> Iterator[tuple[str, Row]]: ...
    def rows(
        self, name: Any, key: str | None = None, **options: Unpack[ViewOptions]
    ) -> Iterator[tuple[str, Any]]:
        """Every row of a view with its key, page by page, all as of the position of the first page."""
        while True:
            page: Page[Any] = self.view(name, key, **options)
            yield from page.rows.items()
            if page.next is None:
                return
            options["after"] = page.next
            if page.position is not None:
                options.setdefault("at", page.position)
                options.pop("min_position", None)

    def diff(
        self,
        name: View[Any] | ViewName,
        from_: Point,
        to: Point,
        key: str | None = None,
        *,
        limit: int | None = None,
        after: str | None = None,
        filters: Filters | None = None,
    ) -> Diff:
        """What changed in a view between two points, by key and field, with the events that did it."""
        asked = {"from": from_, "to": to, "key": key, "limit": limit, "after": after}
        said = self.json(f"/v1/views/{segment(name)}/diff{query({**asked, **(filters or {})})}")
        said["from_"] = said.pop("from")
        return _made(Diff, said)

    def events(
        self, after: Position = None, limit: int | None = None, **options: Unpack[EventOptions]
    ) -> EventPage:
        """A page of the log behind a position."""
        page = self.json(f"/v1/events{query({'after': after, 'limit': limit, **options})}")
        return _made(EventPage, page)

    def each_event(
        self, after: Position = None, **options: Unpack[EventOptions]
    ) -> Iterator[LogEvent[Any]]:
        """Every event behind a position that is there by now, in one answer that is read as it
        comes.
        """
        path = f"/v1/events{query({'after': after, **options})}"
        accept = {"accept": "application/x-ndjson"}
        reply = self.request(Request("GET", path, headers=accept, repeatable=True))
        for line in _lines(reply.chunks()):
            yield json.loads(line)

    def export(self, table: str, form: Format = "arrow", *, after: Position = None) -> Export:
        """A typed table (docs/export.md), as it is made; read it to its end, or close it."""
        path = f"/v1/export/{segment(table)}{query({'format': form, 'after': after})}"
        return Export(table, form, self.request(Request("GET", path, repeatable=True)))

    def ticket(self) -> str:
        """A token for one WebSocket, good once and for half a minute."""
        headers = {"content-type": "application/json"}
        reply = self.request(Request("POST", "/v1/auth/ticket", b"{}", headers))
        return str(read_json(reply)["ticket"])

    def json(self, path: str) -> Any:
        """Any other answer to a GET that is JSON."""
        return read_json(self.request(Request("GET", path, repeatable=True)))

    def request(self, request: Request) -> Reply:
        """Any request, with the token; raises a `WaybillError` where it does not succeed."""
        return self._transport.send(request)

    def close(self) -> None:
        """Ends the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _repeated(self, request: Request) -> Any:
        for attempt in range(self._retries + 1):
            try:
                return read_json(self.request(request))
            except WaybillError as error:
                if not error.is_transient or attempt == self._retries:
                    raise
                wait = min(self._retry_seconds * 2**attempt, _WAIT_SECONDS_MAX)
                self._wait(wait * (0.5 + random.random()))
        raise AssertionError("the last attempt returns or raises")


class AsyncClient:
    """The same requests, to be awaited."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @overload
    async def command(
        self,
        route: CommandName,
        id: str,
        body: Mapping[str, Any] = ...,
        /,
        **options: Unpack[CommandOptions],
    ) -> Answer: ...
    @overload
    async def command(
        self, route: Command[Body], id: str, body: Body, /, **options: Unpack[CommandOptions]
    ) -> Answer: ...
    async def command(
        self, route: Any, id: str, body: Any = None, /, **options: Unpack[CommandOptions]
    ) -> Answer:
        """As `Client.command`."""
        # The key is made here: whoever cancels and asks again may give it once more.
        options.setdefault("key", new_id())
        return await asyncio.to_thread(lambda: self.client.command(route, id, body, **options))

    @overload
    async def view(
        self, name: ViewName, key: str | None = None, **options: Unpack[ViewOptions]
    ) -> Page[dict[str, Any]]: ...
    @overload
    async def view(
        self, name: View[Row], key: str | None = None, **options: Unpack[ViewOptions]
    ) -> Page[Row]: ...
    async def view(
        self, name: Any, key: str | None = None, **options: Unpack[ViewOptions]
    ) -> Page[Any]:
        """As `Client.view`."""
        return await asyncio.to_thread(lambda: self.client.view(name, key, **options))

    async def diff(
        self,
        name: View[Any] | ViewName,
        from_: Point,
        to: Point,
        key: str | None = None,
        *,
        limit: int | None = None,
        after: str | None = None,
        filters: Filters | None = None,
    ) -> Diff:
        """As `Client.diff`."""
        bounds: dict[str, Any] = {"limit": limit, "after": after, "filters": filters}
        return await asyncio.to_thread(self.client.diff, name, from_, to, key, **bounds)

    async def events(
        self, after: Position = None, limit: int | None = None, **options: Unpack[EventOptions]
    ) -> EventPage:
        """As `Client.events`."""
        return await asyncio.to_thread(lambda: self.client.events(after, limit, **options))

    async def each_event(
        self, after: Position = None, **options: Unpack[EventOptions]
    ) -> AsyncIterator[LogEvent[Any]]:
        """As `Client.each_event`, page by page."""
        while True:
            page = await self.events(after, 1000, **options)
            for event in page.events:
                yield event
            after = page.after
            if not page.more:
                return

    async def export(self, table: str, form: Format = "arrow", *, after: Position = None) -> Export:
        """As `Client.export`, read whole."""

        def whole() -> Export:
            export = self.client.export(table, form, after=after)
            export.read()
            return export

        return await asyncio.to_thread(whole)

    async def ticket(self) -> str:
        """As `Client.ticket`."""
        return await asyncio.to_thread(self.client.ticket)

    async def json(self, path: str) -> Any:
        """As `Client.json`."""
        return await asyncio.to_thread(self.client.json, path)


_HEADERS = {
    "expected": "if-match",
    "occurred_at": "waybill-occurred-at",
    "causation": "waybill-causation",
    "correlation": "waybill-correlation",
    "actor": "waybill-actor",
}


def _made(kind: type[Result], said: Mapping[str, Any]) -> Result:
    """An answer as its type; what a later server says beside it is left out."""
    names = (field.name for field in dataclasses.fields(kind))  # type: ignore[arg-type]
    return kind(**{name: said.get(name) for name in names})


def _view_query(options: ViewOptions) -> dict[str, Any]:
    asked: dict[str, Any] = dict(options)
    filters = asked.pop("filters", {})
    if (seconds := asked.pop("wait", None)) is not None:
        asked["wait"] = round(seconds * 1000)
    return {**asked, **filters}


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Lines of a body that comes in pieces."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
    if rest:
        yield rest
