"""The transcripts of docs/protocol.md, played by a server: the client must answer as they say."""

import asyncio
import json
import unittest

from waybill import Live, LiveView, Place, WaybillError
from waybill._session import Session, ViewSubscription

from kit import ROOT, Played, until, welcome

FOLDER = ROOT / "tests" / "golden" / "ws"


def lines(name):
    """Who says what."""
    for line in (FOLDER / f"{name}.txt").read_text().splitlines():
        who, _, said = line.strip().partition(": ")
        yield who, json.loads(said) if said.startswith("{") else said


class Transcripts(unittest.IsolatedAsyncioTestCase):
    """Whatever the client is to say is called for here; what it does say is held against the file."""

    async def play(self, name):
        """Plays a transcript; gives the client, and what it followed by the ids of the file."""
        server = await self.enterAsyncContext(Played())
        live = Live(server.url, "wb_…", retry_seconds=0.01)
        entering = asyncio.create_task(live.__aenter__())
        peer, ours, followed = await server.next(), {}, {}
        for who, frame in lines(name):
            if who == "client" and frame["type"] == "sub":
                ident, asked = frame["id"], self.follow(live, frame)
                followed[ident] = asked
                said = await peer.hears("sub")
                ours[ident] = said["id"]
                self.held_against(frame, {**said, "id": ident})
            elif who == "client" and frame["type"] == "unsub":
                await followed[frame["id"]].close()
                self.assertEqual(await peer.hears(), {**frame, "id": ours[frame["id"]]})
            elif who == "client" and frame["type"] == "hello":
                self.assertEqual(await peer.hears(), frame)
            elif who == "server" and isinstance(frame, str):
                await peer.ends(int(frame.split()[2].rstrip(",")))
            elif who == "server" and frame["type"] != "pong":
                if "id" in frame:
                    frame["id"] = ours[frame["id"]]
                await peer.says(frame)
                if frame["type"] == "welcome":
                    await entering
                elif frame["type"] in ("live", "delta", "events"):
                    held = followed[next(it for it in ours if ours[it] == frame["id"])].held
                    at = frame["position"] if frame["type"] == "live" else frame["to"]
                    await until("it to be there", lambda held=held, at=at: held.position == at)
        self.addAsyncCleanup(live.close)
        return live, followed, server

    def follow(self, live, frame):
        if frame["topic"] == "events":
            place = frame.get("from", {"position": None})["position"]
            return live.events(after=place, **frame.get("params", {}))
        name = frame["topic"].removeprefix("view:")
        if "from" not in frame:
            return live.view(name, filters=frame.get("params"))
        held = ViewSubscription(frame["topic"], frame.get("params", {}))
        held.hold(Place(**frame["from"]))
        view = LiveView(live, name, held)
        live._follow(view)
        return view

    def held_against(self, frame, said):
        """A client that says where it begins where the file leaves it to the server means the same."""
        if frame["topic"] == "events" and "from" not in frame:
            self.assertIsNone(said.pop("from")["position"])
        self.assertEqual(said, frame)

    async def test_every_transcript_is_known(self):
        names = {path.stem for path in FOLDER.glob("*.txt")}
        self.assertEqual(names, {"bye", "empty", "errors", "events", "reset", "resume", "view"})

    async def test_a_view_is_followed(self):
        live, followed, _ = await self.play("view")
        (row,) = followed["p"].rows.values()
        self.assertEqual((row["name"], followed["p"].position), ("Renamed", 3))
        self.assertEqual(live.gaps, 0)

    async def test_a_client_comes_back_with_what_it_held(self):
        live, followed, _ = await self.play("resume")
        self.assertEqual([row["name"] for row in followed["p"].rows.values()], ["Project 2"])
        self.assertEqual((await anext(followed["e"]))["type"], "ProjectCreated")
        self.assertEqual((followed["e"].position, live.status.head, live.gaps), (4, 4, 0))

    async def test_what_is_held_is_of_another_log_or_epoch_or_ahead(self):
        live, followed, _ = await self.play("reset")
        for view in followed.values():
            self.assertEqual((len(view.rows), view.position), (1, 2))
        self.assertEqual((live.gaps, live.status.phase), (0, "live"))

    async def test_the_log_is_followed_whole_and_filtered(self):
        live, followed, _ = await self.play("events")
        types = [(await anext(followed["p"]))["type"] for _ in range(2)]
        self.assertEqual(types, ["ProjectCreated", "ProjectRenamed"])
        self.assertEqual((await anext(followed["e"]))["position"], 3)
        self.assertEqual((followed["p"].position, live.gaps), (3, 0))

    async def test_an_empty_log_has_no_position(self):
        live, followed, _ = await self.play("empty")
        for view in followed.values():
            self.assertEqual((dict(view.rows), view.position), ({}, None))
        self.assertEqual(live.status.phase, "live")

    async def test_the_server_stops(self):
        live, _, server = await self.play("bye")
        await until("it to be stale", lambda: live.status.phase == "stale")
        self.assertEqual(live._asked_seconds, 1.0)
        live.reconnect()
        await (await server.next()).welcomes(0)

    async def test_every_refusal_of_a_subscription_is_an_error(self):
        codes = set()
        for who, frame in lines("errors"):
            if who == "server" and frame["type"] == "error" and frame.get("id"):
                view, session = ViewSubscription("view:runs", {}), Session(lambda _: None)
                session.add(view)
                session.welcome(welcome(1))
                session.receive({**frame, "id": "s1"})
                self.assertEqual(view.state, "refused")
                self.assertIsInstance(view.problem, WaybillError)
                self.assertTrue(view.problem.hint)
                codes.add(view.problem.code)
        self.assertEqual(codes, {"unknown_route", "invalid_parameter", "protocol"})


if __name__ == "__main__":
    unittest.main()
