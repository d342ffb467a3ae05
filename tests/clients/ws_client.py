"""Follows topics of a Waybill server over its WebSocket and prints the state received, as canonical JSON.

Exit codes: 0 every subscription got there, 1 the server broke the protocol, 3 the server refused, 4 out of time.
"""

import argparse
import asyncio
import json
import random
import sys

import websockets

from protocol import Subscription, Violation, canonical, check

SUBPROTOCOL = "waybill.v1"
RETRY_MAX_SECONDS = 0.5


class Refused(Exception):
    """The server said no: wrong token, unknown topic, bad parameters."""


class Dropped(Exception):
    """The client cuts the connection on purpose."""


class Client:
    """Subscriptions that outlive connections."""

    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.subscriptions = {ident: Subscription(ident, topic, options.params.get(ident))
                              for ident, topic in options.sub}
        self.connections = self.frames = self.byes = self.resets = 0
        self.drops_left = options.drops
        self.log = self.epoch = self.head = None

    def done(self):
        """Whether every subscription holds everything up to the asked position."""
        until = self.head if self.options.until == "head" else self.options.until
        return all(subscription.reached(until) for subscription in self.subscriptions.values())

    async def run(self):
        """Connects, and again after every cut, until everything is in."""
        while True:
            try:
                async with self.connect() as socket:
                    self.connections += 1
                    return await self.session(socket)
            except Dropped:
                pass
            except websockets.ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd else 1006
                if code in (4400, 4401, 4403, 1008, 1002, 1003):
                    raise Refused(f"closed with {code} {closed.rcvd.reason}") from closed
                await asyncio.sleep(RETRY_MAX_SECONDS / 10)
            except OSError:
                await asyncio.sleep(RETRY_MAX_SECONDS)

    def connect(self):
        """A connection that always reads on: with a full queue it would not see the server's answer to a close."""
        return websockets.connect(self.options.url, subprotocols=[SUBPROTOCOL], max_size=None, max_queue=None,
                                  close_timeout=2)

    async def session(self, socket):
        """One connection from hello to the end, or to a cut."""
        check(socket.subprotocol == SUBPROTOCOL, f"sub-protocol is {socket.subprotocol}")
        await self.send(socket, {"type": "hello", "token": self.options.token})
        welcome = await self.receive(socket)
        check(welcome["type"] == "welcome", f"first frame is `{welcome['type']}`, expected `welcome`")
        self.log, self.epoch, self.head = welcome["log"], welcome["epoch"], welcome["head"]
        check(isinstance(welcome.get("limits"), dict), "`welcome` without limits")
        for subscription in self.subscriptions.values():
            subscription.welcomed(self.log, self.epoch)
            await self.send(socket, subscription.request())
        budget = self.random.randint(1, self.options.drop_after) if self.drops_left else None
        while not self.done():
            if budget == 0:
                self.drops_left -= 1
                if self.random.random() < 0.5:
                    socket.transport.abort()
                else:
                    await socket.close()
                raise Dropped
            self.apply(await self.receive(socket))
            budget = None if budget is None else budget - 1
        await self.leave(socket)

    async def leave(self, socket):
        """Unsubscribes and waits for an answer to a ping, which shows that the socket is in order to the end."""
        for ident in self.subscriptions:
            await self.send(socket, {"type": "unsub", "id": ident})
        await self.send(socket, {"type": "ping"})
        while (await self.receive(socket))["type"] != "pong":
            pass

    def apply(self, frame):
        """Hands a frame to its subscription."""
        if frame["type"] == "pong":
            return
        if frame["type"] == "bye":
            self.byes += 1
            check(isinstance(frame.get("retry_ms"), int), "`bye` without retry_ms")
            return
        subscription = self.subscriptions.get(frame.get("id"))
        check(subscription is not None, f"`{frame['type']}` for unknown subscription {frame.get('id')}")
        self.resets += frame["type"] == "reset"
        subscription.apply(frame)

    async def receive(self, socket):
        """The next frame; an error frame is a refusal."""
        text = await socket.recv()
        check(isinstance(text, str), "a binary frame")
        frame = json.loads(text)
        check(isinstance(frame, dict) and isinstance(frame.get("type"), str), f"no type in {text[:80]}")
        self.frames += 1
        if frame["type"] == "error":
            raise Refused(canonical(frame.get("problem")))
        return frame

    @staticmethod
    async def send(socket, frame):
        """Sends a frame as JSON text."""
        await socket.send(json.dumps(frame))

    def result(self):
        """What was received."""
        return {"log": self.log, "epoch": self.epoch, "connections": self.connections, "frames": self.frames,
                "resets": self.resets, "byes": self.byes,
                "subscriptions": {ident: sub.result() for ident, sub in self.subscriptions.items()}}


def pair(text):
    """`name=value` as a pair."""
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise argparse.ArgumentTypeError(f"`{text}`, expected name=value")
    return name, value


def parse(arguments):
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="such as ws://127.0.0.1:7171/v1/ws")
    parser.add_argument("--token", required=True)
    parser.add_argument("--sub", type=pair, action="append", required=True, metavar="ID=TOPIC")
    parser.add_argument("--params", type=pair, action="append", default=[], metavar="ID=JSON")
    parser.add_argument("--until", default="head", help="position to reach; `head` is the one a welcome names")
    parser.add_argument("--drops", type=int, default=0, help="cut the connection so many times")
    parser.add_argument("--drop-after", type=int, default=5, help="each time within so many frames")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=60, help="seconds for everything")
    options = parser.parse_args(arguments)
    options.params = {ident: json.loads(text) for ident, text in options.params}
    options.until = options.until if options.until == "head" else int(options.until)
    return options


def main(arguments):
    """Runs the client; the exit code says how it ended."""
    client = Client(parse(arguments))
    try:
        asyncio.run(asyncio.wait_for(client.run(), client.options.timeout))
    except Violation as violation:
        print(f"violation: {violation}", file=sys.stderr)
        return 1
    except (Refused, websockets.InvalidHandshake) as refused:
        print(f"refused: {refused}", file=sys.stderr)
        return 3
    except TimeoutError:
        held = {ident: sub.position for ident, sub in client.subscriptions.items()}
        print(f"out of time: {canonical(held)}, expected {client.options.until}", file=sys.stderr)
        return 4
    print(canonical(client.result()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
