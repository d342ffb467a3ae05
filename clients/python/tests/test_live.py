"""The connection over real sockets, against a server that plays what each test says."""

import asyncio
import unittest
from datetime import UTC, datetime
from unittest import mock

from waybill import Live, LogReset, Place, WaybillError, follow, views

from kit import LOG, Played, caught_up, delta, snap, some, until


class LiveTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.server = await self.enterAsyncContext(Played())

    async def whole(self, peer, position, rows):
        """Answers the next subscription with a whole view."""
        asked = await peer.hears("sub")
        ident = asked["id"]
        await peer.says(snap(ident, position, rows), caught_up(ident, position))
        return asked

    async def test_a_view_is_followed_through_a_cut(self):
        async with self.server.live(7) as (live, peer):
            view = live.view(views.runs, filters={"status": "running"})
            asked = await self.whole(peer, 7, {"a": {"title": "A"}})
            self.assertEqual(asked["params"], {"status": "running"})
            await view.ready()
            self.assertEqual((dict(view.rows), view.position), ({"a": {"title": "A"}}, 7))
            await until("the view to be live", lambda: view.status.phase == "live")
            self.assertEqual((live.status.log, live.status.epoch, live.status.head), (LOG, 1, 7))
            await peer.ends()
            await until("the view to be stale", lambda: view.status.phase == "stale")
            self.assertLess((datetime.now(UTC) - view.status.since).total_seconds(), 60)
            self.assertEqual(dict(view.rows), {"a": {"title": "A"}})
            peer = await self.server.next()
            await peer.welcomes(9)
            asked = await peer.hears("sub")
            self.assertEqual(asked["from"], {"log": LOG, "epoch": 1, "position": 7})
            reached = asyncio.create_task(view.reached(9))
            await peer.says(delta(asked["id"], 7, 8, {"b": {}}), caught_up(asked["id"], 9))
            await reached
            self.assertEqual(sorted(view.rows), ["a", "b"])
            self.assertEqual(live.status.connections, 2)

    async def test_changes_are_the_whole_first_and_then_put_together(self):
        async with self.server.live(1) as (live, peer):
            async with asyncio.timeout(20):
                entering = asyncio.create_task(live.view("runs").__aenter__())
                await self.whole(peer, 1, {"a": {"n": 1}, "b": {}})
                view = await entering
                changes = view.changes()
                first = await anext(changes)
                self.assertEqual(
                    (first.whole, first.changed, first.position), (True, ("a", "b"), 1)
                )
                await peer.says(
                    delta("s1", 1, 2, {"a": {"n": 2}, "c": {}}),
                    delta("s1", 2, 3, {"a": {}}, ["b", "c"]),
                )
                await view.reached(3)
                second = await anext(changes)
                self.assertEqual((second.whole, second.position), (False, 3))
                self.assertEqual((second.changed, second.removed), (("a",), ("b", "c")))
                await peer.says(delta("s1", 3, 4, gone=["a"]), delta("s1", 4, 5, {"a": {}}))
                await view.reached(5)
                third = await anext(changes)
                self.assertEqual((third.changed, third.removed, third.position), (("a",), (), 5))
                await view.close()
                self.assertEqual([change async for change in changes], [])
                self.assertEqual((await peer.hears())["type"], "unsub")

    async def test_events_come_once_until_a_position(self):
        async with self.server.live(5) as (live, peer):
            events = live.events(after=None, until=4, category="run")
            asked = await peer.hears("sub")
            self.assertEqual(asked["params"], {"category": "run"})
            ident = asked["id"]
            await peer.says(some(ident, None, 2, [0, 2]))
            self.assertEqual((await anext(events))["position"], 0)
            self.assertEqual(events.place, Place(LOG, 1, 0))
            await peer.ends()
            peer = await self.server.next()
            await peer.welcomes(5)
            asked = await peer.hears("sub")
            self.assertEqual(asked["from"]["position"], 2)
            await peer.says(some(asked["id"], 2, 9, [4, 7]))
            self.assertEqual([event["position"] async for event in events], [2, 4])
            self.assertEqual(events.position, 4)

    async def test_a_place_of_another_log_is_told(self):
        async with self.server.live(5) as (live, peer):
            events = live.events(after=Place("01J00000000000000000000OLD", 1, 3))
            ident = (await peer.hears("sub"))["id"]
            await peer.says({"type": "reset", "id": ident, "reason": "log"})
            await peer.says(some(ident, None, 0, [0]))
            with self.assertRaises(LogReset):
                await anext(events)
            self.assertEqual((await anext(events))["position"], 0)
            self.assertEqual(events.place, Place(LOG, 1, 0))

    async def test_whoever_takes_slowly_has_the_server_wait(self):
        with mock.patch.multiple(follow, QUEUE_MAX=3, QUEUE_LOW=1):
            async with self.server.live(9) as (live, peer):
                events = live.events(after=None)
                ident = (await peer.hears("sub"))["id"]
                await peer.says(some(ident, None, 3, [0, 1, 2, 3]), some(ident, 3, 4, [4]))
                self.assertEqual(await peer.hears(), {"type": "unsub", "id": ident})
                taken = [(await anext(events))["position"] for _ in range(3)]
                asked = await peer.hears("sub")
                self.assertEqual(asked["from"]["position"], 3)
                await peer.says(some(asked["id"], 3, 5, [4, 5]))
                taken += [(await anext(events))["position"] for _ in range(3)]
                self.assertEqual(taken, [0, 1, 2, 3, 4, 5])

    async def test_a_gap_heals(self):
        async with self.server.live(1) as (live, peer):
            view = live.view("runs")
            await self.whole(peer, 1, {"a": {}})
            await view.ready()
            await peer.says(delta("s1", 2, 3, {"c": {}}))
            self.assertEqual((await peer.hears())["type"], "unsub")
            self.assertNotIn("from", await self.whole(peer, 3, {"b": {}, "c": {}}))
            await view.reached(3)
            self.assertEqual((sorted(view.rows), live.gaps), (["b", "c"], 1))

    async def test_a_refused_view_raises_and_others_go_on(self):
        async with self.server.live(1) as (live, peer):
            view, other = live.view("runs", filters={"colour": "red"}), live.view("projects")
            ident = (await peer.hears("sub"))["id"]
            problem = {
                "status": 400,
                "code": "invalid_parameter",
                "detail": "no",
                "hint": "ask else",
            }
            await peer.says({"type": "error", "id": ident, "problem": problem})
            for waiting in (view.ready(), view.reached(1), anext(view.changes())):
                with self.assertRaises(WaybillError) as raised:
                    await waiting
                self.assertEqual(
                    (raised.exception.code, raised.exception.hint),
                    ("invalid_parameter", "ask else"),
                )
            self.assertEqual(view.status.phase, "refused")
            await self.whole(peer, 1, {})
            await other.ready()
            self.assertEqual(other.status.phase, "live")

    async def test_waiting_ends(self):
        async with self.server.live(1) as (live, peer):
            view = live.view("runs")
            with self.assertRaisesRegex(TimeoutError, "view:runs did not reach position 9"):
                await view.reached(9, timeout=0.01)
            waiting = asyncio.create_task(view.reached(9))
            events = live.events()
            await peer.hears("sub")
        with self.assertRaises(WaybillError) as raised:
            await waiting
        self.assertEqual(raised.exception.code, "closed")
        self.assertEqual([event async for event in events], [])
        with self.assertRaises(WaybillError):
            live.view("runs")

    async def test_waits_double_with_jitter_and_begin_anew_once_welcomed(self):
        waits = []
        options = {"retry_seconds": 0.1, "retry_seconds_max": 0.3}
        async with self.server.live(1, **options) as (live, peer):

            async def pause(seconds):
                waits.append(round(seconds, 3))

            live._pause = pause
            for _ in range(4):
                await peer.ends()
                peer = await self.server.next()
            live._chance = lambda: 0.0
            await peer.welcomes(1)
            await until("a welcome", lambda: live.status.connections == 2)
            await peer.says({"type": "bye", "reason": "the server is stopping", "retry_ms": 1000})
            await peer.ends(1001)
            peer = await self.server.next()
            await peer.ends(4410)
            await self.server.next()
        self.assertEqual(waits, [0.1, 0.2, 0.3, 0.3, 0.5, 0.05])

    async def test_a_stale_connection_can_be_hurried(self):
        async with self.server.live(1, retry_seconds=3600) as (live, peer):
            phases = []
            live.subscribe(lambda status: phases.append(status.phase))
            await peer.ends(1001)
            await until("it to be stale", lambda: live.status.phase == "stale")
            self.assertEqual(live.status.error, "closed with 1001")
            live.reconnect()
            peer = await self.server.next()
            await peer.welcomes(1)
            await until("it to be live", lambda: live.status.phase == "live")
            self.assertEqual((phases[0], phases[-1]), ("stale", "live"))

    async def test_a_silent_socket_is_given_up(self):
        async with self.server.live(1, ping_seconds=0.5) as (live, peer):
            # The other end stops reading: pings are not answered any more.
            peer.socket.transport.pause_reading()
            again = await self.server.next()
            self.assertIn(live.status.phase, ("stale", "connecting"))
            await again.welcomes(1)
            await peer.ends()

    async def test_a_wrong_token_is_refused_for_good(self):
        live = Live(self.server.url, "wb_wrong")
        entering = asyncio.create_task(live.__aenter__())
        peer = await self.server.next()
        self.assertEqual(await peer.hears(), {"type": "hello", "token": "wb_wrong"})
        problem = {"status": 401, "code": "unauthorized", "detail": "who?", "hint": "log in"}
        await peer.says({"type": "error", "problem": problem})
        await peer.ends(4401)
        with self.assertRaises(WaybillError) as raised:
            await entering
        self.assertEqual((raised.exception.code, live.status.phase), ("unauthorized", "refused"))

    async def test_an_ended_login_ends_what_follows(self):
        async with self.server.live(1) as (live, peer):
            view, events = live.view("runs"), live.events()
            await peer.ends(4401)
            for waiting in (view.ready(), anext(events)):
                with self.assertRaises(WaybillError) as raised:
                    await waiting
                self.assertEqual(raised.exception.code, "unauthorized")
            self.assertEqual(live.status.phase, "refused")

    async def test_each_socket_shows_a_ticket_of_its_own(self):
        tickets = iter(["one", "two"])

        async def ticket():
            if (found := next(tickets, None)) is None:
                raise WaybillError({"status": 401, "code": "unauthorized", "detail": "who?"})
            return found

        live = Live(self.server.url, None, ticket=ticket, retry_seconds=0.001)
        entering = asyncio.create_task(live.__aenter__())
        peer = await self.server.next()
        self.assertEqual((await peer.welcomes(1))["token"], "one")
        await entering
        # A role has changed; the next ticket says whether one is still known.
        await peer.ends(4401)
        peer = await self.server.next()
        self.assertEqual((await peer.hears())["token"], "two")
        await peer.ends(4401)
        await until("it to be refused", lambda: live.status.phase == "refused")
        await live.close()

    async def test_nobody_there_is_an_error_of_the_network(self):
        async with Played() as gone:
            url = gone.url
        with self.assertRaises(WaybillError) as raised:
            async with Live(url, "wb_test", open_seconds=0.1, retry_seconds=0.01):
                pass
        self.assertEqual(raised.exception.code, "network")
        self.assertTrue(raised.exception.is_transient)


if __name__ == "__main__":
    unittest.main()
