"""Runs the notebook in examples/ as its cells stand, and prints its quality table as JSON.

Cells run in the order in which what they need becomes known, as marimo runs them; marimo itself is not needed: what
it shows is nothing that a test looks at.
"""

import ast
import inspect
import json
import sys
import types
from pathlib import Path


class App:
    """Keeps the cells."""

    def __init__(self, **_):
        self.cells = []

    def cell(self, function=None, **_):
        if function is None:
            return self.cell
        self.cells.append(function)
        return function


class Silent(types.ModuleType):
    """A marimo whose every word does nothing."""

    def __getattr__(self, name):
        return self

    def __call__(self, *_, **__):
        return self


def returned(source, name_of_line):
    """The names that the cell at that line hands on."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.lineno <= name_of_line <= node.end_lineno and node.name == "_":
            last = node.body[-1]
            if not isinstance(last, ast.Return) or last.value is None:
                return []
            value = last.value
            return [part.id for part in (value.elts if isinstance(value, ast.Tuple) else [value])]
    raise SystemExit("a cell without a body")


def main(notebook):
    marimo = Silent("marimo")
    marimo.App = App
    sys.modules["marimo"] = marimo
    source = Path(notebook).read_text()
    names = {"__name__": "notebook"}
    exec(compile(source, notebook, "exec"), names)
    known, waiting = {}, list(names["app"].cells)
    while waiting:
        ready = [cell for cell in waiting if set(inspect.signature(cell).parameters) <= set(known)]
        if not ready:
            raise SystemExit("cells that wait for what no cell gives")
        for cell in ready:
            waiting.remove(cell)
            given = cell(*(known[name] for name in inspect.signature(cell).parameters))
            handed_on = returned(source, cell.__code__.co_firstlineno + 1)
            known.update(zip(handed_on, given or ()))
    print(json.dumps(known["quality"].to_dicts()))


main(sys.argv[1])
