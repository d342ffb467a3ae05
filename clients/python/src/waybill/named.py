"""Names that know what they stand for: views their rows, event types payloads, commands bodies.

Each is a text, and can be given wherever the text can.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

Row = TypeVar("Row")
Data = TypeVar("Data")
Body = TypeVar("Body")


class View(str, Generic[Row]):
    """A view's name, and what a client needs to know of it."""

    version: int
    """Version of the fold and the row."""
    scope: str
    """`live`, or the kind of aggregate whose id is the view's key."""
    filters: tuple[str, ...]
    """Fields that rows can be filtered by."""
    figures: tuple[str, ...]
    """Fields that rows can be ordered by, and bounded with `FIELD.min` and `FIELD.max`."""
    columns: Mapping[str, str]
    """What each field of a row holds; empty where rows differ in shape."""

    def __new__(
        cls,
        name: str,
        version: int,
        scope: str,
        filters: tuple[str, ...],
        figures: tuple[str, ...],
        columns: Mapping[str, str],
    ) -> View[Row]:
        view = super().__new__(cls, name)
        view.version, view.scope, view.filters = version, scope, filters
        view.figures, view.columns = figures, columns
        return view


class EventType(str, Generic[Data]):
    """The name of a type of event."""


class Command(str, Generic[Body]):
    """The route of a command, `AGGREGATE/COMMAND`."""

    def __call__(self, body: Body) -> Body:
        """The same body: a type checker has then held it against the command."""
        return body
