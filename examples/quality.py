"""Rebuilds the quality table from an export: pass rate, composite, and cost per passed run, by model.

    waybill export events runs verdicts scores usage --out out
    pip install marimo duckdb polars
    WAYBILL_EXPORT=out marimo edit examples/quality.py

Each figure follows the definition of the metric of that name (docs/metrics.md), from the exported events alone, and
so equals `waybill metrics show NAME --by model`.
"""

import marimo

app = marimo.App(width="medium")


@app.cell
def _():
    import os

    import duckdb
    import marimo as mo
    import polars

    folder = os.environ.get("WAYBILL_EXPORT", "out")
    return duckdb, folder, mo, polars


@app.cell
def _(duckdb, folder):
    def read(table):
        """A table of the export; of rows that several files have, the latest."""
        files = f"read_parquet('{folder}/{table}/**/*.parquet', hive_partitioning = true)"
        if table in ("runs", "steps", "learnings"):
            files = f"(SELECT * FROM {files} QUALIFY row_number() OVER (PARTITION BY run ORDER BY position DESC) = 1)"
        return duckdb.sql(f"SELECT * FROM {files}")

    events, runs, verdicts, scores, usage = (
        read(table) for table in ("events", "runs", "verdicts", "scores", "usage")
    )
    return events, runs, scores, usage, verdicts


@app.cell
def _(duckdb, events, usage):
    # A verdict and a score count for the model that made the work: that of the latest step which neither checks,
    # reviews, evaluates nor judges. Where nobody asked for a model, the first one that answered counts.
    makers = duckdb.sql("""
        WITH started AS (
            SELECT position, split_part(stream, '-', 2) AS run, data->>'$.step' AS step,
                   data->>'$.role' AS role, data->>'$.model' AS asked_for
            FROM events WHERE type = 'StepStarted'
        ), answered AS (
            SELECT step, arg_min(model, position) AS model FROM usage GROUP BY step
        )
        SELECT started.position, run, coalesce(asked_for, answered.model) AS model
        FROM started LEFT JOIN answered USING (step)
        WHERE role NOT IN ('checker', 'reviewer', 'evaluator', 'judge')
    """)
    return (makers,)


@app.cell
def _(duckdb, makers, verdicts):
    judged = duckdb.sql("""
        SELECT verdicts.run, verdicts.position, verdicts.pass, makers.model
        FROM verdicts ASOF LEFT JOIN makers
          ON verdicts.run = makers.run AND verdicts.position >= makers.position
    """)
    pass_rate = duckdb.sql("""
        SELECT model, count(*) FILTER (pass) AS passed, count(*) AS verdicts, passed / verdicts AS pass_rate
        FROM judged GROUP BY model
    """)
    return judged, pass_rate


@app.cell
def _(duckdb, makers, scores):
    composite = duckdb.sql("""
        SELECT makers.model, count(*) AS scored,
               avg((correctness + type_safety + code_style + test_coverage + completeness)::DOUBLE / 5) AS composite
        FROM scores ASOF LEFT JOIN makers
          ON scores.run = makers.run AND scores.position >= makers.position
        GROUP BY makers.model
    """)
    return (composite,)


@app.cell
def _(duckdb, judged, makers, runs):
    # What runs with a verdict and a known cost spent, for each whose last verdict passed.
    cost = duckdb.sql("""
        WITH last AS (
            SELECT run, arg_max(pass, position) AS pass FROM judged GROUP BY run
        ), made AS (
            SELECT run, arg_max(model, position) AS model FROM makers GROUP BY run
        )
        SELECT made.model, count(*) FILTER (pass) AS passed_runs, sum(cost_usd)::DOUBLE AS cost_usd,
               CASE WHEN passed_runs > 0 THEN sum(cost_usd)::DOUBLE / passed_runs END AS cost_per_passed_run
        FROM runs JOIN last USING (run) LEFT JOIN made USING (run)
        WHERE calls > 0 AND calls_without_cost = 0
        GROUP BY made.model
    """)
    return (cost,)


@app.cell
def _(composite, cost, duckdb, pass_rate, polars):
    table = duckdb.sql("""
        SELECT model, verdicts, passed, pass_rate, scored, composite, passed_runs, cost_usd, cost_per_passed_run
        FROM pass_rate
        FULL JOIN composite USING (model)
        FULL JOIN cost USING (model)
        ORDER BY verdicts DESC NULLS LAST, model
    """)
    quality = polars.DataFrame(table.fetchall(), schema=table.columns, orient="row", infer_schema_length=None)
    return (quality,)


@app.cell
def _(mo, quality):
    mo.vstack([mo.md("# Quality by model"), mo.ui.table(quality, selection=None)])
    return


if __name__ == "__main__":
    app.run()
