"""Errors as the server tells them: RFC 9457 problems, the same over HTTP and in frames."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class Fault(NamedTuple):
    """A field that is at fault, and how."""

    field: str
    detail: str


class WaybillError(Exception):
    """What every refused or failed request raises."""

    status: int
    """HTTP status; 0 where no server answered."""
    code: str
    """One of a closed list (docs/protocol.md); `network`, `unreadable` and `closed` are this
    client's own.
    """
    detail: str
    """What was expected, and what came."""
    hint: str | None
    """What to do."""
    fields: tuple[Fault, ...]
    """The fields at fault."""
    problem: Mapping[str, Any]
    """The whole document."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        self.problem = dict(problem)
        self.status = int(problem.get("status") or 0)
        self.code = str(problem["code"])
        self.detail = str(problem["detail"])
        self.hint = problem.get("hint")
        errors = problem.get("errors") or ()
        self.fields = tuple(Fault(str(each["field"]), str(each["detail"])) for each in errors)
        super().__init__(self.detail)

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.code}: {self.detail}{hint}"

    def __reduce__(self) -> tuple[type[WaybillError], tuple[Mapping[str, Any]]]:
        return type(self), (self.problem,)

    @property
    def is_transient(self) -> bool:
        """Whether the same request may succeed a little later."""
        return self.status in (503, 504) or self.code == "network"


class LogReset(WaybillError):
    """What was held is void: another log, another epoch, or a position that is not there.

    An iterator over events that raised this goes on, if it is asked to, with the first event of the
    log.
    """

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(problem)
        self.reason = str(problem.get("reason", ""))


def network(error: BaseException) -> WaybillError:
    """The server cannot be reached, or the connection broke."""
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    hint = "check that the server runs and try again"
    detail = f"the server cannot be reached: {said}"
    return WaybillError({"status": 0, "code": "network", "detail": detail, "hint": hint})


def closed(what: str) -> WaybillError:
    """Asked of something that was closed."""
    return WaybillError({"status": 0, "code": "closed", "detail": f"{what} was closed"})


def reset(reason: str) -> LogReset:
    """What an iterator over events raises."""
    detail = f"the events so far are void (`{reason}`): the log begins anew"
    hint = "forget what came of them and go on: the next event is the first of the log"
    return LogReset(
        {"status": 0, "code": "reset", "detail": detail, "hint": hint, "reason": reason}
    )


def problem_of(status: int, body: bytes) -> WaybillError:
    """What an answer that is no success says, whatever form it has."""
    text = body.decode("utf-8", "replace")
    try:
        said = json.loads(text)
        if isinstance(said["code"], str) and isinstance(said["detail"], str):
            return WaybillError({"status": status, **said})
    except (ValueError, TypeError, KeyError):
        pass  # Not a problem: something between here and the server answered.
    detail = f"the answer {status} is no problem document: {text[:200]}"
    return WaybillError({"status": status, "code": "unreadable", "detail": detail})
