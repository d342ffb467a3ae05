"""Shows that the protocol checks can fail, and that the client gets through cuts against a small server."""

import asyncio
import json
import types
import unittest

import websockets

import tlog
from protocol import Subscription, Violation, canonical
from ws_client import Client, Refused, parse

LOG, EPOCH, HEAD = "01J0000000000000000000LOG0", 1, 39


class LogOfTiles(unittest.TestCase):
    """The computations of `tlog.py`, against vectors of the RFCs."""

    def test_signatures_are_those_of_rfc_8032(self):
        public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        signature = bytes.fromhex(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        )
        self.assertTrue(tlog.is_signed(public, b"r", signature))
        self.assertFalse(tlog.is_signed(public, b"s", signature))
        self.assertFalse(tlog.is_signed(public, b"r", signature[:63] + b"\1"))

    def test_roots_and_proofs_are_those_of_certificate_transparency(self):
        leaves = [tlog.leaf_hash(bytes.fromhex(text)) for text in ("", "00", "10", "2021", "3031")]
        root = "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"
        self.assertEqual(tlog.root_of(leaves).hex(), root)
        pair = [tlog.root_of(leaves[2:4]), leaves[4]]
        self.assertEqual(tlog.root_of_inclusion(0, 5, leaves[0], [leaves[1]] + pair).hex(), root)
        self.assertNotEqual(tlog.root_of_inclusion(1, 5, leaves[0], [leaves[1]] + pair).hex(), root)
        self.assertIsNone(tlog.root_of_inclusion(0, 5, leaves[0], pair))
        roots = tlog.root_of(leaves[:2]), bytes.fromhex(root)
        self.assertTrue(tlog.is_consistent(2, roots[0], 5, roots[1], pair))
        self.assertFalse(tlog.is_consistent(2, roots[0], 5, roots[1], pair[::-1]))
        self.assertFalse(tlog.is_consistent(2, roots[0], 2, roots[1], []))


def subscription(topic="view:runs", params=None):
    sub = Subscription("a", topic, params)
    sub.welcomed(LOG, EPOCH)
    return sub


def snap(position, rows, part=0, last=True):
    data = [{"key": key, "row": row} for key, row in rows.items()]
    return {"type": "snap", "id": "a", "position": position, "part": part, "last": last, "data": data}


def delta(since, to, rows=None, gone=()):
    changed = [{"key": key, "row": row} for key, row in (rows or {}).items()]
    return {"type": "delta", "id": "a", "from": since, "to": to, "set": changed, "del": list(gone)}


def events(since, to, positions):
    return {"type": "events", "id": "a", "from": since, "to": to, "events": [{"position": at} for at in positions]}


def live(position):
    return {"type": "live", "id": "a", "position": position}


def reset():
    return {"type": "reset", "id": "a", "reason": "epoch changed"}


class ProtocolTest(unittest.TestCase):
    """One promise a test: frames that keep it, and frames that break it."""

    def fold(self, frames, topic="view:runs", params=None):
        sub = subscription(topic, params)
        for frame in frames:
            sub.apply(frame)
        return sub

    def breaks(self, expected, frames, topic="view:runs", params=None):
        with self.assertRaisesRegex(Violation, expected):
            self.fold(frames, topic, params)

    def test_a_view_is_its_snapshot_and_deltas(self):
        sub = self.fold([snap(3, {"x": 1}, last=False), snap(3, {"y": 2}, part=1), live(3),
                         delta(3, 7, {"x": 5, "z": 9}, ["y"]), live(8)])
        self.assertEqual((sub.rows, sub.position), ({"x": 5, "z": 9}, 8))
        self.assertTrue(sub.reached(8) and not sub.reached(9))

    def test_an_empty_log_has_no_position(self):
        sub = self.fold([snap(None, {}), live(None)])
        self.assertTrue(sub.reached(None) and not sub.reached(0))
        self.assertTrue(self.fold([snap(None, {}), delta(None, 0, {"x": 1})]).reached(0))

    def test_a_gap_or_a_repeat_in_deltas_is_seen(self):
        self.breaks("from 5, but 3 is held", [snap(3, {}), delta(5, 6)])
        self.breaks("from 3, but 6 is held", [snap(3, {}), delta(3, 6), delta(3, 6)])
        self.breaks("goes nowhere", [snap(3, {}), delta(3, 3)])
        self.breaks("before a snapshot", [delta(None, 3)])
        self.breaks("twice in one delta", [snap(3, {"x": 1}), delta(3, 4, {"x": 2}, ["x"])])
        self.breaks("goes back to 2", [snap(3, {}), live(2)])

    def test_a_broken_snapshot_is_seen(self):
        self.breaks("part 2, expected 1", [snap(3, {}, last=False), snap(3, {}, part=2)])
        self.breaks("differ in position", [snap(3, {}, last=False), snap(4, {}, part=1)])
        self.breaks("twice in one snapshot", [snap(3, {"x": 1}, last=False), snap(3, {"x": 1}, part=1)])
        self.breaks("inside a snapshot", [snap(3, {}, last=False), live(3)])
        self.breaks("no reset", [snap(3, {}), snap(4, {})])
        self.breaks("begins with part 2", [snap(3, {}, part=2)])

    def test_a_log_is_dense_unless_filtered(self):
        self.assertEqual(len(self.fold([events(None, 2, [0, 1, 2]), events(2, 3, [3])], "events").events), 4)
        self.breaks("event 2, expected 1", [events(None, 2, [0, 2])], "events")
        self.breaks("ends with event 1", [events(None, 2, [0, 1])], "events")
        self.breaks("jumps over events", [events(None, 0, [0]), live(4)], "events")
        filtered = {"category": "run"}
        self.assertEqual(self.fold([events(None, 9, [2, 5]), live(20)], "events", filtered).position, 20)
        self.breaks("does not come after 5", [events(None, 9, [5, 5])], "events", filtered)
        self.breaks("beyond 4", [events(None, 4, [5])], "events", filtered)
        self.breaks("from 8, but 9 is held", [events(None, 9, [5]), events(8, 10, [10])], "events", filtered)

    def test_a_reset_starts_over_and_resume_names_what_is_held(self):
        sub = self.fold([snap(3, {"x": 1})])
        self.assertEqual(sub.request()["from"], {"log": LOG, "epoch": EPOCH, "position": 3})
        sub.apply(reset())
        sub.apply(snap(2, {"y": 1}))
        self.assertEqual((sub.rows, sub.position), ({"y": 1}, 2))
        sub.welcomed(LOG, EPOCH + 1)
        with self.assertRaisesRegex(Violation, "without a reset"):
            sub.apply(delta(2, 3))
        self.breaks("without a reason", [{"type": "reset", "id": "a"}])

    def test_a_view_that_was_folded_anew_may_send_the_whole(self):
        sub = self.fold([snap(3, {"k": 1}), live(3), {"type": "view", "id": "a"}, snap(4, {"j": 2})])
        self.assertEqual(sub.rows, {"j": 2})
        self.breaks("and no reset", [snap(3, {"k": 1}), live(3), snap(4, {"j": 2})])

    def test_frames_of_the_wrong_kind_are_seen(self):
        self.breaks("on a log topic", [snap(3, {})], "events")
        self.breaks("on a view topic", [events(None, 0, [0])])
        self.breaks("unknown frame", [{"type": "gossip", "id": "a"}])


class Server:
    """A log of counters: event n bumps row n % 5. It keeps the protocol, or breaks it as `fault` says."""

    def __init__(self, fault=None):
        self.fault = fault

    async def serve(self, socket):
        try:
            await self.talk(socket)
        except websockets.ConnectionClosed:
            pass  # The client leaves as it likes; that is what is tried.

    async def talk(self, socket):
        hello = json.loads(await socket.recv())
        if hello["token"] != "right":
            problem = {"code": "unauthorised", "hint": "send the token"}
            return await self.send(socket, type="error", problem=problem)
        await self.send(socket, type="welcome", log=LOG, epoch=EPOCH, head=HEAD, limits={})
        async for text in socket:
            frame = json.loads(text)
            if frame["type"] == "sub":
                await (self.log if frame["topic"] == "events" else self.view)(socket, frame)
            elif frame["type"] == "ping":
                await self.send(socket, type="pong")

    async def log(self, socket, sub):
        held = sub.get("from", {}).get("position")
        for at in range(0 if held is None else held + 1, HEAD + 1):
            since = at - 1 if at else None
            if self.fault == "gap" and at == 20:
                continue
            await self.send(socket, type="events", id=sub["id"], **{"from": since}, to=at, events=[{"position": at}])

    async def view(self, socket, sub):
        held = sub.get("from", {}).get("position")
        if held is None:
            held = 9
            data = [{"key": str(key), "row": self.row(key, held)} for key in range(5)]
            await self.send(socket, type="snap", id=sub["id"], position=held, part=0, last=False, data=data[:3])
            await self.send(socket, type="snap", id=sub["id"], position=held, part=1, last=True, data=data[3:])
        for at in range(held + 1, HEAD + 1):
            changed = [{"key": str(at % 5), "row": self.row(at % 5, at)}]
            await self.send(socket, type="delta", id=sub["id"], **{"from": at - 1}, to=at, set=changed, **{"del": []})

    @staticmethod
    def row(key, at):
        return {"count": len([event for event in range(at + 1) if event % 5 == key])}

    @staticmethod
    async def send(socket, **frame):
        await socket.send(json.dumps(frame))


class ClientTest(unittest.IsolatedAsyncioTestCase):
    """The client against the small server, over real sockets."""

    async def follow(self, server, *more, token="right"):
        async with websockets.serve(server.serve, "127.0.0.1", 0, subprotocols=["waybill.v1"]) as listening:
            port = listening.sockets[0].getsockname()[1]
            url = f"ws://127.0.0.1:{port}/v1/ws"
            client = Client(parse(["--url", url, "--token", token, "--sub", "v=view:runs", "--sub", "e=events", *more]))
            await asyncio.wait_for(client.run(), 20)
            return types.SimpleNamespace(**client.result())

    async def test_cuts_change_nothing(self):
        straight = await self.follow(Server())
        cut = await self.follow(Server(), "--drops", "12", "--seed", "7")
        self.assertEqual((straight.connections, cut.connections), (1, 13))
        self.assertEqual(canonical(straight.subscriptions), canonical(cut.subscriptions))
        self.assertEqual(straight.subscriptions["v"]["rows"], {str(key): {"count": 8} for key in range(5)})
        self.assertEqual(len(straight.subscriptions["e"]["events"]), HEAD + 1)

    async def test_a_gap_ends_it(self):
        with self.assertRaisesRegex(Violation, "from 20, but 19 is held"):
            await self.follow(Server("gap"))

    async def test_a_wrong_token_is_told(self):
        with self.assertRaisesRegex(Refused, "unauthorised"):
            await self.follow(Server(), token="wrong")


if __name__ == "__main__":
    unittest.main()
