"""Requests and how they travel: connections that are kept, from the standard library alone."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from .problem import WaybillError, closed, network, problem_of

_CHUNK_BYTES = 1 << 16
_IDLE_MAX = 8


@dataclass(slots=True)
class Request:
    """A request as it is sent."""

    method: str
    path: str
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    repeatable: bool = False
    """Whether it may be sent again where nobody knows if it arrived."""


@dataclass(slots=True)
class Reply:
    """An answer whose body is still to be read."""

    response: http.client.HTTPResponse
    connection: http.client.HTTPConnection
    transport: Transport

    def header(self, name: str) -> str | None:
        """A header of it."""
        return self.response.getheader(name)

    def read(self) -> bytes:
        """The whole body."""
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        """The body in pieces; raises where it breaks off."""
        done = False
        try:
            while chunk := self.response.read(_CHUNK_BYTES):
                yield chunk
            if self.response.length:
                raise http.client.IncompleteRead(b"", self.response.length)
            done = True
        except (OSError, http.client.HTTPException) as error:
            raise network(error) from error
        finally:
            self.transport.give_back(self.connection, done and not self.response.will_close)

    def close(self) -> None:
        """Lets go of a body that is not wanted any more."""
        self.transport.give_back(self.connection, False)


class Transport:
    """Connections to one server; any thread may send."""

    def __init__(
        self, url: str, token: str | None, timeout: float, context: ssl.SSLContext | None
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"expected an address such as http://127.0.0.1:8377, got `{url}`")
        self.url = url.rstrip("/")
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._prefix = parts.path.rstrip("/")
        self._token, self._timeout, self._context = token, timeout, context
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()
        self._closed = False

    def send(self, request: Request) -> Reply:
        """Sends a request; raises a `WaybillError` where it does not succeed."""
        headers = {"user-agent": "waybill-python", **request.headers}
        if self._token is not None:
            headers["authorization"] = f"Bearer {self._token}"
        kept = self._take() if request.repeatable else None
        try:
            reply = self._try(kept, request, headers) if kept else None
        except (OSError, http.client.HTTPException):
            reply = None  # The server let go of the connection meanwhile; a new one says how it is.
        if reply is None:
            try:
                reply = self._try(self._new(), request, headers)
            except (OSError, http.client.HTTPException) as error:
                raise network(error) from error
        if not 200 <= reply.response.status < 300:
            raise problem_of(reply.response.status, reply.read())
        return reply

    def close(self) -> None:
        """Ends idle connections; nothing can be sent any more."""
        with self._lock:
            idle, self._idle, self._closed = self._idle, [], True
        for connection in idle:
            connection.close()

    def give_back(self, connection: http.client.HTTPConnection, whole: bool) -> None:
        """Keeps a connection whose answer was read to its end, and ends any other."""
        with self._lock:
            if whole and not self._closed and len(self._idle) < _IDLE_MAX:
                self._idle.append(connection)
                return
        connection.close()

    def _take(self) -> http.client.HTTPConnection | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _new(self) -> http.client.HTTPConnection:
        if self._closed:
            raise closed("the client")
        if self._secure:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=self._timeout, context=self._context
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)

    def _try(
        self, connection: http.client.HTTPConnection, request: Request, headers: Mapping[str, str]
    ) -> Reply:
        try:
            path = self._prefix + request.path
            connection.request(request.method, path, body=request.body, headers=dict(headers))
            return Reply(connection.getresponse(), connection, self)
        except BaseException:
            connection.close()
            raise


def query(parameters: Mapping[str, Any]) -> str:
    """Parameters as they stand behind a path; those that are `None` are left out."""
    given = {name: text(value) for name, value in parameters.items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


def text(value: Any) -> str:
    """A value as a query or header shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone, such as datetime.now(UTC)")
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value)


def segment(part: str) -> str:
    """A part of a path."""
    return quote(part, safe="")


def body_of(value: Any) -> bytes:
    """A value as a JSON body."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def read_json(reply: Reply) -> Any:
    """An answer that is JSON."""
    body = reply.read()
    try:
        return json.loads(body)
    except ValueError as error:
        detail = f"the answer is no JSON: {body[:200]!r}"
        problem = {"status": reply.response.status, "code": "unreadable", "detail": detail}
        raise WaybillError(problem) from error
