"""Views, events and exports as data frames of polars or pandas, with the types of their columns.

Instants are timestamps in UTC, money and scores exact decimals, what has a structure of its own
JSON text. Neither library is needed by the rest of the package.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from . import names
from ._tables import TABLES
from .client import Export
from .follow import LiveView
from .model import EventPage, LogEvent, Page
from .named import View

if TYPE_CHECKING:
    import pandas
    import polars

Source: TypeAlias = "Export | Page[Any] | LiveView[Any] | EventPage | Iterable[LogEvent[Any]]"

VIEWS: Mapping[str, View[Any]] = {
    str(view): view for view in vars(names.views).values() if isinstance(view, View)
}
EVENT_COLUMNS = {
    "position": "int",
    "stream": "text",
    "version": "int",
    "type": "text",
    "type_id": "int",
    "schema_version": "int",
    "time": "instant",
    "occurred_at": "instant",
    "commit": "text",
    "commit_index": "int",
    "commit_size": "int",
    "actor": "text",
    "causation": "text",
    "correlation": "text",
    "project": "text",
    "data": "json",
}
# Digits, and those behind the point.
_DECIMALS = {"usd": (18, 9), "score": (5, 2), "share": (5, 4), "number": (27, 9)}


def to_polars(source: Source) -> polars.DataFrame:
    """A data frame of polars; the first column of a view is its key.

    >>> to_polars(client.export("usage"))["cost_usd"].sum()
    """
    import polars

    if isinstance(source, Export) and source.format in ("arrow", "parquet"):
        read = polars.read_ipc_stream if source.format == "arrow" else polars.read_parquet
        frame: polars.DataFrame = read(io.BytesIO(source.read()))
        return frame
    kinds, rows = _table(source)
    types: dict[str, Any] = {
        "text": polars.String,
        "json": polars.String,
        "int": polars.Int64,
        "count": polars.UInt64,
        "float": polars.Float64,
        "flag": polars.Boolean,
        "date": polars.Date,
        "instant": polars.Datetime("ms", "UTC"),
    }
    types.update({kind: polars.Decimal(*places) for kind, places in _DECIMALS.items()})
    schema = {name: types[kind] for name, kind in kinds.items()}
    columns = {name: _cells(rows, name, kind) for name, kind in kinds.items()}
    return polars.DataFrame(columns, schema=schema)


def to_pandas(source: Source) -> pandas.DataFrame:
    """A data frame of pandas, of which numbers, flags and texts may be missing; money is `Decimal`.

    An export is best asked for as `ndjson`, which needs nothing else; `parquet` and `arrow` want
    pyarrow.
    """
    import pandas

    if isinstance(source, Export) and source.format == "parquet":
        return pandas.read_parquet(io.BytesIO(source.read()))
    if isinstance(source, Export) and source.format == "arrow":
        from pyarrow import ipc

        frame: pandas.DataFrame = ipc.open_stream(source.read()).read_pandas()
        return frame
    kinds, rows = _table(source)
    types = {"text": "string", "json": "string", "int": "Int64", "count": "UInt64"}
    types |= {"float": "Float64", "flag": "boolean", "instant": "datetime64[ms, UTC]"}
    columns = {
        name: pandas.Series(_cells(rows, name, kind), dtype=types.get(kind, "object"))
        for name, kind in kinds.items()
    }
    return pandas.DataFrame(columns)


def _table(source: Source) -> tuple[Mapping[str, str], list[Mapping[str, Any]]]:
    """Kinds of the columns, and rows."""
    if isinstance(source, Export):
        return _exported(source)
    if isinstance(source, (Page, LiveView)):
        name = source.view if isinstance(source, Page) else source.name
        rows: list[Mapping[str, Any]] = [{"key": key, **row} for key, row in source.rows.items()]
        view = VIEWS.get(name)
        known = view.columns if view is not None else {}
        kinds = {"key": "text", **known}
        # Where rows differ in shape, or a later server has more fields: as JSON.
        for field in (field for row in rows for field in row):
            kinds.setdefault(field, "json")
        return kinds, rows
    events = source.events if isinstance(source, EventPage) else source
    return EVENT_COLUMNS, list(events)


def _exported(export: Export) -> tuple[Mapping[str, str], list[Mapping[str, Any]]]:
    if export.format != "ndjson":
        raise ValueError(f"expected an export as ndjson, arrow or parquet, got `{export.format}`")
    lines = export.read().splitlines()
    rows = [json.loads(line, parse_float=Decimal) for line in lines]
    kinds = dict(TABLES.get(export.table, {}))
    for field in rows[0] if rows else ():
        kinds.setdefault(field, "json")
    return kinds, rows


def _cells(rows: list[Mapping[str, Any]], name: str, kind: str) -> list[Any]:
    return [None if (value := row.get(name)) is None else _cell(value, kind) for row in rows]


def _cell(value: Any, kind: str) -> Any:
    if kind in _DECIMALS:
        # A number of JSON is a decimal: its shortest form is what the server wrote.
        exact = value if isinstance(value, Decimal) else Decimal(repr(value))
        return exact.quantize(Decimal(1).scaleb(-_DECIMALS[kind][1]))
    if kind == "instant":
        return datetime.fromisoformat(value)
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "json":
        return json.dumps(value, ensure_ascii=False, default=str)
    if kind == "float":
        return float(value)
    return value
