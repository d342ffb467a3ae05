"""Against a real server: commands, views, the log, cuts, kills, gaps, tables."""

import asyncio
import json
import os
import time
import unittest
from decimal import Decimal

from waybill import Client, Live, WaybillError, commands, events, is_of, new_id, views
from waybill.frames import to_pandas, to_polars

from kit import PATIENCE, Proxy, Waybill, until

CUTS = int(os.environ.get("WAYBILL_CUTS", "1000"))
KILLS = 3
SUMS = ["calls", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"]


class WithServer(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Waybill().start()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def setUp(self):
        self.client = self.server.client()
        self.addCleanup(self.client.close)

    def project(self, name):
        """A new project; its id, and the position of its birth."""
        ident = new_id()
        made = self.client.command(
            commands.project.create, ident, {"name": name, "slug": name.lower()}
        )
        return ident, made.position


class Commands(WithServer):
    async def test_what_is_commanded_is_seen_at_its_position(self):
        async with Live(self.server.url, self.server.token) as live:
            ident = new_id()
            project = live.view(views.projects)
            log = live.events(after=None, category="project")
            made = await live.http.command(
                commands.project.create, ident, {"name": "One", "slug": "one"}
            )
            await project.reached(made.position)
            self.assertEqual(project.rows[ident]["name"], "One")
            # The first position at which it is one's own write, over HTTP.
            page = await live.http.view(views.projects, ident, min_position=made.position)
            self.assertEqual((page.rows[ident]["slug"], page.view), ("one", "projects"))
            async for event in log:
                if event["position"] == made.position:
                    self.assertTrue(is_of(event, events.ProjectCreated))
                    self.assertEqual(event["data"]["slug"], "one")
                    break
            renamed = await live.http.command(
                commands.project.rename, ident, {"name": "1", "slug": "one"}
            )
            changes = await live.http.diff(views.projects, made.position, renamed.position)
            (change,) = changes.changes
            name = next(field for field in change["fields"] if field["field"] == "name")
            self.assertEqual((name["old"], name["new"]), ("One", "1"))
            self.assertEqual(change["events"][0]["position"], renamed.position)
            then = live.view(views.projects, at=made.position)
            self.assertEqual([change.whole async for change in then], [True])
            self.assertEqual(then.rows[ident]["name"], "One")

    async def test_a_command_sent_twice_is_done_once_and_refusals_are_typed(self):
        ident, key = new_id(), new_id()
        body = {"name": "Two", "slug": "two"}
        first = self.client.command("project/create", ident, body, key=key)
        again = self.client.command("project/create", ident, body, key=key)
        self.assertEqual(
            (again.position, first.duplicate, again.duplicate), (first.position, False, True)
        )
        with self.assertRaises(WaybillError) as raised:
            self.client.command("project/create", new_id(), body)
        self.assertEqual((raised.exception.code, raised.exception.status), ("taken", 409))
        with self.assertRaises(WaybillError) as raised:
            self.client.command("project/rename", ident, {"name": "", "slug": "two"})
        self.assertEqual((raised.exception.code, raised.exception.status), ("invalid_field", 422))
        self.assertEqual([fault.field for fault in raised.exception.fields], ["name"])
        self.assertTrue(raised.exception.hint)
        with self.assertRaises(WaybillError) as raised:
            self.client.command("project/rename", ident, body, expected=7)
        self.assertEqual(raised.exception.code, "version_conflict")
        with self.assertRaises(WaybillError) as raised:
            self.client.view("runs", filters={"colour": "red"})
        self.assertEqual(raised.exception.code, "invalid_parameter")

    async def test_a_wrong_token_is_refused_for_good(self):
        with self.assertRaises(WaybillError) as raised:
            await Live(self.server.url, "wb_wrong").__aenter__()
        self.assertEqual(raised.exception.code, "unauthorized")
        with (
            Client(self.server.url, "wb_wrong") as stranger,
            self.assertRaises(WaybillError) as raised,
        ):
            stranger.view("runs")
        self.assertEqual((raised.exception.code, raised.exception.status), ("unauthorized", 401))

    async def test_a_ticket_opens_a_socket(self):
        async with Live(self.server.url, self.server.token, tickets=True) as live:
            await live.view(views.runs).ready()
            self.assertEqual(live.status.connections, 1)

    async def test_whoever_sees_one_project_follows_it_although_positions_are_missing(self):
        mine, _ = self.project("Mine")
        words = ["--name", "reader", "--scope", "views:read", "--scope", "log:read"]
        key = json.loads(self.server.run("token", "issue", mine, *words, "--output", "json"))[
            "token"
        ]
        async with Live(self.server.url, key) as live:
            view, log = live.view(views.projects), live.events(after=None)
            for name in ("Other", "Another"):
                self.project(name)
            body = commands.project.rename({"name": "Mine still", "slug": "mine"})
            last = await asyncio.to_thread(self.client.command, commands.project.rename, mine, body)
            await view.reached(last.position)
            self.assertEqual([row["name"] for row in view.rows.values()], ["Mine still"])
            seen = []
            async for event in log:
                seen.append(event)
                if event["position"] == last.position:
                    break
            self.assertEqual({event["project"] for event in seen}, {mine})
            self.assertEqual(live.gaps, 0)

    async def test_a_view_that_is_refused_says_why(self):
        async with Live(self.server.url, self.server.token) as live:
            with self.assertRaises(WaybillError) as raised:
                await live.view(views.run_timeline).ready()
            self.assertEqual(raised.exception.code, "invalid_parameter")

    async def test_a_lost_frame_is_seen_and_healed(self):
        ident, _ = self.project("Gap")
        async with Proxy(self.server.url, 1) as proxy, Live(proxy.url, self.server.token) as live:
            view, log = live.view(views.projects), live.events(after=None)
            await view.ready()
            for lost in (1, 2):
                proxy.lose = True
                # Until a change was lost and another one followed, which is what shows it.
                deadline = time.monotonic() + 60
                while len(proxy.lost) < lost and time.monotonic() < deadline:
                    named = {"name": new_id(), "slug": "gap"}
                    rename = commands.project.rename, ident, named
                    last = await asyncio.to_thread(self.client.command, *rename)
                    await asyncio.sleep(0.06)
                await until("the gap to be seen", lambda lost=lost: live.gaps == lost)
                await view.reached(last.position)
                self.assertEqual(view.rows[ident]["name"], named["name"])
            seen = []
            async for event in log:
                seen.append(event["position"])
                if seen[-1] == last.position:
                    break
            self.assertEqual(seen, list(range(last.position + 1)))
            self.assertEqual(len(proxy.lost), 2)


class Disconnects(unittest.IsolatedAsyncioTestCase):
    """Nothing is lost or repeated, however often the connection ends, and although the server is
    killed.
    """

    async def test_a_thousand_cuts_and_a_kill_lose_and_repeat_nothing(self):
        # What asyncio watches in tests takes more time than the thousand connections do.
        asyncio.get_running_loop().set_debug(False)
        server = Waybill().start()
        self.addCleanup(server.stop)
        options = {"retry_seconds": 0.004, "retry_seconds_max": 0.02}
        async with Proxy(server.url, 7) as proxy, Live(proxy.url, server.token, **options) as live:
            view, log = live.view(views.projects), live.events(after=None)
            client = server.client(retries=40, retry_seconds=0.05)
            self.addCleanup(client.close)
            seen, began = [], time.monotonic()

            async def read():
                async for event in log:
                    seen.append(event["position"])

            async def send(command, name):
                body = {"name": name, "slug": "n"}
                return await asyncio.to_thread(client.command, command, ident, body)

            reading = asyncio.create_task(read())
            ident = new_id()
            await send(commands.project.create, "N")
            proxy.cuts_left, written, kills = CUTS, 0, 0
            while proxy.cuts < CUTS:
                sending = asyncio.create_task(send(commands.project.rename, f"N {written}"))
                if proxy.cuts >= CUTS * (kills + 1) // (KILLS + 1):
                    kills += 1
                    await asyncio.to_thread(server.kill)
                    await asyncio.to_thread(server.start)
                await sending
                written += 1
            last = await send(commands.project.rename, "last")
            await view.reached(last.position, timeout=PATIENCE)
            await until("the log to be read", lambda: seen and seen[-1] >= last.position)
            page = await asyncio.to_thread(client.view, views.projects, at=view.position)
            self.assertEqual(dict(view.rows), page.rows)
            self.assertEqual(view.rows[ident]["name"], "last")
            self.assertEqual(seen[: last.position + 1], list(range(last.position + 1)))
            self.assertEqual((proxy.cuts, kills, live.gaps), (CUTS, KILLS, 0))
            self.assertGreater(live.status.connections, CUTS // 3)
            print(
                f"{proxy.cuts} cuts, {kills} kills, {live.status.connections} connections welcomed, "
                f"{len(seen)} events, {time.monotonic() - began:.1f} s"
            )
        await reading


class Tables(unittest.TestCase):
    """Data frames hold what the views show."""

    @classmethod
    def setUpClass(cls):
        cls.server = Waybill()
        cls.server.run("generate", "--projects", "2", "--runs", "8")
        cls.server.start()
        cls.client = cls.server.client()

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        cls.server.stop()

    def test_usage_adds_up_in_every_form(self):
        page = self.client.view(views.usage)
        cost = Decimal(repr(page.summary["total_cost_usd"]))
        self.assertGreater(cost, 0)
        frames = [
            to_polars(self.client.export("usage")),
            to_polars(self.client.export("usage", "parquet")),
            to_polars(self.client.export("usage", "ndjson")),
            to_pandas(self.client.export("usage", "ndjson")),
        ]
        for frame in frames:
            self.assertEqual(frame["cost_usd"].sum(), cost)
            for column in SUMS:
                self.assertEqual(int(frame[column].sum()), page.summary[column], column)
        for frame in (to_polars(page), to_pandas(page)):
            self.assertEqual(frame["total_cost_usd"].sum(), cost)
            for column in SUMS:
                self.assertEqual(int(frame[column].sum()), page.summary[column], column)
        arrow, _, ndjson, _ = frames
        self.assertTrue(arrow.equals(ndjson))
        self.assertEqual(arrow.schema, ndjson.schema)

    def test_every_table_reads_the_same_as_arrow_and_as_ndjson(self):
        for table in ("events", "runs", "steps", "verdicts", "scores", "learnings", "metrics"):
            with self.subTest(table):
                arrow = to_polars(self.client.export(table))
                ndjson = to_polars(self.client.export(table, "ndjson"))
                self.assertEqual(arrow.schema, ndjson.schema)
                self.assertTrue(arrow.equals(ndjson))
                self.assertGreater(arrow.height, 0)
                self.assertEqual(len(to_pandas(self.client.export(table, "ndjson"))), arrow.height)

    def test_every_view_is_a_data_frame(self):
        for name, view in sorted(
            (str(view), view) for view in vars(views).values() if hasattr(view, "scope")
        ):
            if view.scope == "live":
                with self.subTest(name):
                    page = self.client.view(view)
                    frame = to_polars(page)
                    self.assertEqual(frame.height, len(page.rows))
                    if view.columns:
                        self.assertEqual(set(frame.columns), {"key", *view.columns})
                    self.assertEqual(len(to_pandas(page)), len(page.rows))

    def test_all_rows_and_all_events_are_read(self):
        whole = self.client.view(views.runs)
        self.assertEqual(dict(self.client.rows(views.runs, limit=7)), whole.rows)
        log = list(self.client.each_event())
        self.assertEqual([event["position"] for event in log], list(range(len(log))))
        self.assertEqual(to_polars(log)["position"].max(), len(log) - 1)
        started = list(self.client.each_event(type=events.RunStarted))
        self.assertEqual(len(started), sum(event["type"] == "RunStarted" for event in log))


if __name__ == "__main__":
    unittest.main()
