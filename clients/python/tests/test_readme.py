"""The examples of README.md, run one after the other against a real server."""

import ast
import asyncio
import contextlib
import inspect
import io
import re
import tempfile
import unittest

from kit import ROOT, Waybill

README = ROOT / "clients" / "python" / "README.md"


class Examples(unittest.TestCase):
    def test_they_run_as_they_stand(self):
        server = Waybill()
        self.addCleanup(server.stop)
        server.run("generate", "--projects", "1", "--runs", "5")
        server.start()
        blocks = re.findall(r"```python\n(.*?)```", README.read_text(), re.S)
        self.assertGreaterEqual(len(blocks), 4)
        names = {"url": server.url, "token": server.token}
        printed = io.StringIO()
        folder = self.enterContext(tempfile.TemporaryDirectory())
        with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
            for block in blocks:
                flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
                code = compile(block, README.name, "exec", flags=flags)
                running = eval(code, names)
                if inspect.iscoroutine(running):
                    asyncio.run(asyncio.wait_for(running, 60))
        names["client"].close()
        self.assertGreater(len(printed.getvalue().splitlines()), 4)


if __name__ == "__main__":
    unittest.main()
