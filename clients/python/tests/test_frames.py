"""Data frames: columns have their types, also where there is no row, and money stays exact."""

import json
import unittest
from datetime import UTC, date, datetime
from decimal import Decimal

import pandas
import polars

from waybill import EventPage, Export, Page
from waybill._session import ViewSubscription
from waybill._tables import TABLES
from waybill.follow import LiveView
from waybill.frames import VIEWS, to_pandas, to_polars

RUN = {
    "title": "A",
    "status": "running",
    "created_at": "2026-09-21T14:13:20.005Z",
    "duration_ms": None,
    "total_cost_usd": 0.1,
}


def page(rows, view="runs"):
    return Page(view, 1, 7, rows, None, None)


class Sent:
    """An answer, as an export reads it."""

    def __init__(self, body):
        self.body = body

    def header(self, name):
        return "7"

    def read(self):
        return self.body


def ndjson(table, *rows):
    return Export(table, "ndjson", Sent("".join(json.dumps(row) + "\n" for row in rows).encode()))


class Polars(unittest.TestCase):
    def test_a_view_has_the_types_of_its_columns(self):
        frame = to_polars(page({"01A": RUN, "01B": {**RUN, "total_cost_usd": 0.2}}))
        self.assertEqual(frame.columns[0], "key")
        self.assertEqual(set(frame.columns), {"key", *VIEWS["runs"].columns})
        self.assertEqual(frame["total_cost_usd"].sum(), Decimal("0.300000000"))
        self.assertEqual(frame.schema["created_at"], polars.Datetime("ms", "UTC"))
        self.assertEqual(frame["created_at"][0], datetime(2026, 9, 21, 14, 13, 20, 5000, UTC))
        self.assertEqual(
            (frame.schema["duration_ms"], frame["duration_ms"][0]), (polars.Int64, None)
        )

    def test_an_empty_view_has_the_same_types(self):
        self.assertEqual(to_polars(page({})).schema, to_polars(page({"01A": RUN})).schema)

    def test_a_live_view_is_one_too(self):
        held = ViewSubscription("view:runs", {})
        held.rows["01A"] = RUN
        view = LiveView(None, "runs", held)
        self.assertTrue(to_polars(view).equals(to_polars(page({"01A": RUN}))))

    def test_what_differs_in_shape_is_json(self):
        rows = {"1": {"run": {"a": [1, "ü"]}}, "2": {"step": {"b": None}}}
        frame = to_polars(page(rows, "run-timeline"))
        self.assertEqual(frame.columns, ["key", "run", "step"])
        self.assertEqual(frame.rows(), [("1", '{"a": [1, "ü"]}', None), ("2", None, '{"b": null}')])

    def test_days_and_fields_of_a_later_server_are_there(self):
        frame = to_polars(page({"k": {"day": "2026-11-21", "news": [1]}}, "usage"))
        self.assertEqual((frame["day"][0], frame["news"][0]), ("2026-11-21", "[1]"))

    def test_events_are_one(self):
        event = {"position": 3, "time": "2026-09-21T14:13:20.000Z", "data": {"a": 1}}
        for source in (EventPage([event], 3, 3, False), [event]):
            frame = to_polars(source)
            self.assertEqual(frame["time"][0], datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC))
            self.assertEqual((frame["position"][0], frame["data"][0]), (3, '{"a": 1}'))

    def test_an_export_as_ndjson_has_the_types_of_its_table(self):
        row = {"at": "2026-09-21T14:13:20.005Z", "cost_usd": 1.5, "calls": None, "later": {"a": 1}}
        frame = to_polars(ndjson("usage", row))
        self.assertEqual(frame["cost_usd"].to_list(), [Decimal("1.500000000")])
        self.assertEqual((frame.schema["calls"], frame["later"][0]), (polars.UInt64, '{"a": 1}'))
        self.assertEqual(set(TABLES["usage"]) - set(frame.columns), set())
        with self.assertRaisesRegex(ValueError, "got `csv`"):
            to_polars(Export("usage", "csv", Sent(b"")))

    def test_every_kind_has_a_type(self):
        values = {
            **{"text": "a", "int": -1, "count": 1, "float": 1.5, "flag": True, "json": [1]},
            **{"instant": "2026-09-21T14:13:20.005Z", "date": "2026-09-21", "number": 7},
            **{"usd": 0.000000001, "score": 99.99, "share": 0.1234},
        }
        kinds = {kind for view in VIEWS.values() for kind in view.columns.values()}
        kinds |= {kind for table in TABLES.values() for kind in table.values()}
        self.assertEqual(kinds - set(values), set())
        TABLES["all"] = {kind: kind for kind in values}
        self.addCleanup(TABLES.pop, "all")
        (row,) = to_polars(ndjson("all", values)).to_dicts()
        self.assertEqual(
            [row[kind] for kind in ("usd", "score", "share", "number")],
            [Decimal("0.000000001"), Decimal("99.99"), Decimal("0.1234"), Decimal("7.000000000")],
        )
        self.assertEqual((row["date"], row["flag"], row["json"]), (date(2026, 9, 21), True, "[1]"))
        (row,) = to_pandas(ndjson("all", values)).to_dict("records")
        self.assertEqual((row["usd"], row["score"]), (Decimal("0.000000001"), Decimal("99.99")))
        self.assertEqual((row["date"], row["flag"], row["int"]), (date(2026, 9, 21), True, -1))


class Pandas(unittest.TestCase):
    def test_a_view_has_the_types_of_its_columns(self):
        frame = to_pandas(page({"01A": RUN, "01B": {**RUN, "total_cost_usd": 0.2}}))
        self.assertEqual(frame["total_cost_usd"].sum(), Decimal("0.3"))
        self.assertEqual(str(frame["created_at"].dtype), "datetime64[ms, UTC]")
        self.assertEqual(frame["created_at"][0], pandas.Timestamp("2026-09-21T14:13:20.005Z"))
        self.assertEqual(str(frame["duration_ms"].dtype), "Int64")
        self.assertTrue(pandas.isna(frame["duration_ms"][0]))
        self.assertEqual(list(to_pandas(page({})).dtypes), list(frame.dtypes))

    def test_an_export_as_ndjson_is_one(self):
        frame = to_pandas(
            ndjson("usage", {"at": None, "cost_usd": 2, "input_tokens": 18446744073709551615})
        )
        self.assertEqual(frame["cost_usd"][0], Decimal("2"))
        self.assertEqual(int(frame["input_tokens"][0]), 18446744073709551615)
        self.assertTrue(pandas.isna(frame["at"][0]))


if __name__ == "__main__":
    unittest.main()
