"""Holds a running server against its OpenAPI document with schemathesis; prints one line of JSON."""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--examples", default="1", help="cases that are made up of each operation, beside those of its edges")
    parser.add_argument("--seconds", help="stop after so long")
    parser.add_argument("--phases", default="coverage,fuzzing")
    parser.add_argument("--paths", default=".", help="operations whose path this regular expression finds")
    return parser.parse_args()


def summary(text):
    """What the last lines say: cases, operations, and what failed."""
    cases = re.search(r"([\d,]+) generated", text)
    tested = re.search(r"Tested: (\d+)", text)
    failures = re.findall(r"❌ (ST\d+[^\n]*)", text)
    return {
        "cases": int(cases.group(1).replace(",", "")) if cases else 0,
        "operations": int(tested.group(1)) if tested else 0,
        "failures": failures,
    }


def main():
    given = options()
    here = pathlib.Path(__file__).parent
    command = [
        *[sys.executable, "-m", "schemathesis.cli", "--config-file", str(here / "schemathesis.toml")],
        *["run", f"{given.url}/openapi.json", "--header", f"Authorization: Bearer {given.token}"],
        *["--phases", given.phases, "--seed", given.seed, "--max-examples", given.examples],
        # Its answer has no end; `tests/it/sse.rs` reads it.
        *["--exclude-path", "/v1/events/live", "--request-timeout", "30"],
        *["--generation-database", "none", "--continue-on-failure", "--no-color"],
        *["--include-path-regex", given.paths],
    ]
    if given.seconds:
        command += ["--max-time", given.seconds]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "160"}
        ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    result = {**summary(ran.stdout), "status": ran.returncode}
    print(json.dumps(result))
    if ran.returncode != 0:
        print(ran.stdout[-20_000:], ran.stderr[-4_000:], file=sys.stderr)


if __name__ == "__main__":
    main()
