"""The package and what is written with it are typed throughout: mypy says so."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]

FITS = """
from typing import Any, assert_type

from waybill import Answer, Client, Live, LogEvent, Page, commands, events, is_of, views
from waybill.types import log

def asked(client: Client, event: LogEvent[Any]) -> None:
    page = client.view(views.runs, limit=3)
    assert_type(page, Page[log.RunRow])
    assert_type(client.view("runs"), Page[dict[str, Any]])
    body = commands.project.rename({"name": "A", "slug": "a"})
    answer = client.command(commands.project.rename, "01P", body, expected=3)
    assert_type(answer, Answer)
    client.command("project/delete", "01P", {})
    if is_of(event, events.ProjectRenamed):
        assert_type(event["data"], log.ProjectRenamed)

async def followed(live: Live) -> None:
    async with live.view(views.projects) as projects:
        for row in projects.rows.values():
            assert_type(row, log.ProjectRow)
"""

FAULTS = {
    'client.view("rums")': "call-overload",
    "client.view(views.runs, limt=3)": "call-overload",
    'client.view(views.runs).rows["a"]["titel"]': "typeddict-item",
    'commands.project.rename({"name": "A"})': "typeddict-item",
    'commands.project.rename({"name": 1, "slug": "a"})': "typeddict-item",
    'client.command(commands.project.rename, "01P", commands.project.delete({}))': "misc",
}


class Types(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cache = cls.enterClassContext(tempfile.TemporaryDirectory())

    def mypy(self, *paths):
        words = ["--config-file", "pyproject.toml", "--cache-dir", self.cache, *map(str, paths)]
        command = [sys.executable, "-m", "mypy", *words]
        ran = subprocess.run(command, cwd=PACKAGE, capture_output=True, text=True, check=False)
        return ran.returncode, ran.stdout + ran.stderr

    def test_the_package_is_strictly_typed(self):
        code, said = self.mypy()
        self.assertEqual(code, 0, said)

    def test_what_fits_is_taken_and_what_does_not_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "sample.py"
            file.write_text(FITS)
            code, said = self.mypy(file)
            self.assertEqual(code, 0, said)
            lines = [f"    {fault}" for fault in FAULTS]
            beginning = (
                "from waybill import Client, commands, views\ndef f(client: Client) -> None:\n"
            )
            file.write_text(beginning + "\n".join(lines) + "\n")
            code, said = self.mypy(file)
            self.assertEqual(code, 1, said)
            for at, (fault, kind) in enumerate(FAULTS.items(), 3):
                found = [line for line in said.splitlines() if f"sample.py:{at}:" in line]
                self.assertTrue(any(kind in line for line in found), f"{fault}: {said}")


if __name__ == "__main__":
    unittest.main()
