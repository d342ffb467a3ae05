"""Reads an export with DuckDB and Polars, and prints what both make of it: they must agree."""

import json
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import polars

SUMS = ["input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "calls"]


def number(value):
    """A sum as JSON shows it: exact, and 0 where there is no row."""
    return str(Decimal(value or 0).normalize() + 0)


def with_duckdb(folder):
    """Sums by SQL over the partitioned files."""
    files = lambda table: f"read_parquet('{folder}/{table}/**/*.parquet', hive_partitioning = true)"
    run = lambda query: duckdb.sql(query).fetchall()
    sums = ", ".join(f"sum({column})" for column in SUMS)
    *totals, cost = run(f"SELECT {sums}, sum(cost_usd) FROM {files('usage')}")[0]
    return {
        "usage": {column: int(total or 0) for column, total in zip(SUMS, totals)},
        "cost_usd": number(cost),
        "days": sorted(str(day) for (day,) in run(f"SELECT DISTINCT date FROM {files('usage')}")),
        "models": {
            model: [passed, total]
            for model, passed, total in run(
                f"SELECT model, count(*) FILTER (pass), count(*) FROM {files('verdicts')} "
                f"JOIN {files('runs')} USING (run) GROUP BY model"
            )
        },
        "types": dict(run(f"SELECT type, count(*) FROM {files('events')} GROUP BY type")),
    }


def with_polars(folder):
    """The same by data frames."""
    scan = lambda table: polars.scan_parquet(f"{folder}/{table}/**/*.parquet", hive_partitioning=True)
    usage = scan("usage").collect()
    judged = scan("verdicts").join(scan("runs"), on="run").group_by("model")
    judged = judged.agg(polars.col("pass").sum().alias("passed"), polars.len().alias("total")).collect()
    types = scan("events").group_by("type").len().collect()
    return {
        "usage": {column: int(usage[column].sum() or 0) for column in SUMS},
        "cost_usd": number(usage["cost_usd"].sum()),
        "days": sorted(str(day) for day in usage["date"].unique()),
        "models": {row["model"]: [row["passed"], row["total"]] for row in judged.iter_rows(named=True)},
        "types": dict(types.iter_rows()),
    }


def rows(folder, form):
    """Rows of the usage table in another format."""
    file = Path(folder) / f"usage.{form}"
    if form == "arrow":
        return polars.read_ipc(file).height
    if form == "sqlite":
        import sqlite3

        database = sqlite3.connect(Path(folder) / "export.sqlite")
        return database.execute("SELECT count(*) FROM usage").fetchall()[0][0]
    read = "read_csv" if form == "csv" else "read_json"
    return duckdb.sql(f"SELECT count(*) FROM {read}('{file}')").fetchall()[0][0]


def main():
    """Compares the two readers over a folder of Parquet, and counts rows in the folders beside it."""
    root = Path(sys.argv[1])
    by_duckdb, by_polars = with_duckdb(root / "parquet"), with_polars(root / "parquet")
    if by_duckdb != by_polars:
        sys.exit(f"the readers disagree:\n{by_duckdb}\n{by_polars}")
    by_duckdb["rows"] = {form: rows(root / form, form) for form in ["arrow", "csv", "ndjson", "sqlite"]}
    print(json.dumps(by_duckdb))


if __name__ == "__main__":
    main()
