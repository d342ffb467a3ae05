"""What requests are answered with, and what they may be asked with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypedDict, TypeGuard, TypeVar

from .named import EventType

Row = TypeVar("Row")
Data = TypeVar("Data")

# Place in the log, dense from 0; `None` stands before the first event.
Position: TypeAlias = int | None
# A point in history: a position, an instant, or an instant as RFC 3339 text.
Point: TypeAlias = int | str | datetime
# What a filter is compared with; as in a query, `True` is `true`.
Filters: TypeAlias = Mapping[str, str | int | float | bool]


class Place(NamedTuple):
    """A position that means something on its own: log and epoch belong to it."""

    log: str
    epoch: int
    position: Position


@dataclass(frozen=True, slots=True)
class Answer:
    """What an accepted command is answered with; it is durable then."""

    commit: str
    stream: str
    version: int
    position: int
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of a view by key, in the order asked for, and the position that they reflect."""

    view: str
    version: int
    position: Position
    rows: dict[str, Row]
    summary: Any
    next: str | None


class LogEvent(TypedDict, Generic[Data]):
    """An event as every interface shows it."""

    position: int
    stream: str
    version: int
    type: str
    type_id: int
    schema_version: int
    time: str
    occurred_at: str | None
    commit: str
    commit_index: int
    commit_size: int
    actor: str
    causation: str | None
    correlation: str | None
    project: str | None
    data: Data


def is_of(event: LogEvent[Any], kind: EventType[Data]) -> TypeGuard[LogEvent[Data]]:
    """Whether an event is of that type; a type checker then knows its payload."""
    return event["type"] == str(kind)


@dataclass(frozen=True, slots=True)
class EventPage:
    """A page of the log; `after` is where the next one begins, also where a filter let nothing
    through.
    """

    events: list[LogEvent[Any]]
    after: Position
    head: Position
    more: bool


class FieldChange(TypedDict, total=False):
    """A field before and after; a side is absent where the row was not there."""

    field: str
    old: Any
    new: Any


class Touched(TypedDict):
    """An event that touched a row."""

    position: int
    type: str
    stream: str


class RowChange(TypedDict):
    """What changed in a row, and the first events that did it."""

    key: str
    change: Literal["added", "removed", "changed"]
    fields: list[FieldChange]
    events: list[Touched]
    events_total: int


class RowCounts(TypedDict):
    """How many rows there are of each kind of change."""

    equal: int
    added: int
    removed: int
    changed: int


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed in a view between two points; `next` is the key to go on after."""

    view: str
    version: int
    from_: Position
    to: Position
    rows: RowCounts
    changes: list[RowChange]
    next: str | None


class CommandOptions(TypedDict, total=False):
    """What a command may say beside its body."""

    key: str
    """Id of the commit, a ULID; a new one where absent. Repeating it is safe for ever."""
    expected: int | Literal["none", "exists", "any"]
    """Last version of the stream that the decision rests on."""
    occurred_at: datetime | str
    """When it happened, for history that is imported."""
    causation: str
    """The commit that led to it."""
    correlation: str
    """The run or session it belongs to."""
    actor: str
    """`importer` or `step-…` in place of the token's bearer."""


class ViewOptions(TypedDict, total=False):
    """How a view may be asked for."""

    at: Point
    """As of that point in history."""
    min_position: int
    """Not before this position is reflected: read your own writes."""
    wait: float
    """How many seconds to wait for it; 5 where absent, at most 30."""
    limit: int
    """At most so many rows."""
    after: str
    """Rows behind that key."""
    order: Literal["asc", "desc"]
    order_by: str
    """A figure of the view; by key where absent."""
    filters: Filters
    """Rows whose field equals the value; `FIGURE.min` and `FIGURE.max` are bounds."""


class EventOptions(TypedDict, total=False):
    """Which events are wanted."""

    stream: str
    type: str
    category: str
    project: str
    actor: str
    since: datetime | str
    """Happened then or later."""
    until: datetime | str
    """Happened before."""
