"""A server that plays what a test says, the real one, and a proxy between it and a client."""

import asyncio
import contextlib
import json
import os
import random
import re
import signal
import subprocess
import tempfile
from pathlib import Path

import websockets

from waybill import Client, Live

ROOT = Path(__file__).resolve().parents[3]
LOG = "01J00000000000000000000LOG"
PATIENCE = 60.0


def welcome(head=0, log=LOG, epoch=1):
    limits = {"frame_bytes": 65536, "stall_ms": 10000, "subscriptions": 256}
    return {"type": "welcome", "log": log, "epoch": epoch, "head": head, "limits": limits}


def snap(ident, position, rows, part=0, last=True):
    data = [{"key": key, "row": row} for key, row in rows.items()]
    return {
        "type": "snap",
        "id": ident,
        "position": position,
        "part": part,
        "last": last,
        "data": data,
    }


def delta(ident, since, to, rows=None, gone=()):
    changed = [{"key": key, "row": row} for key, row in (rows or {}).items()]
    return {
        "type": "delta",
        "id": ident,
        "from": since,
        "to": to,
        "set": changed,
        "del": list(gone),
    }


def some(ident, since, to, positions):
    events = [{"position": at, "type": "E", "data": {}} for at in positions]
    return {"type": "events", "id": ident, "from": since, "to": to, "events": events}


def caught_up(ident, position):
    return {"type": "live", "id": ident, "position": position}


class Peer:
    """The server's end of one socket."""

    def __init__(self, socket):
        self.socket = socket
        self.done = asyncio.Event()

    async def hears(self, kind=None):
        frame = json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE))
        if kind is not None and frame["type"] != kind:
            raise AssertionError(f"expected `{kind}`, got {frame}")
        return frame

    async def says(self, *frames):
        for frame in frames:
            await self.socket.send(json.dumps(frame))

    async def welcomes(self, *args, **kwargs):
        hello = await self.hears("hello")
        await self.says(welcome(*args, **kwargs))
        return hello

    async def ends(self, code=None):
        if code is None:
            self.socket.transport.abort()
        else:
            await self.socket.close(code)
        self.done.set()


class Played:
    """A server whose sockets the test holds, one after the other."""

    async def __aenter__(self):
        self.arrived = asyncio.Queue()
        self.peers = []
        self._server = await websockets.serve(
            self._serve, "127.0.0.1", 0, subprotocols=["waybill.v1"], close_timeout=1
        )
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        for peer in self.peers:
            peer.done.set()
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, socket):
        peer = Peer(socket)
        self.peers.append(peer)
        self.arrived.put_nowait(peer)
        await peer.done.wait()

    async def next(self):
        return await asyncio.wait_for(self.arrived.get(), PATIENCE)

    @contextlib.asynccontextmanager
    async def live(self, head=0, **options):
        """A client that was welcomed, and its first socket."""
        options = {"retry_seconds": 0.01, "chance": lambda: 0.5, **options}
        live = Live(self.url, "wb_test", **options)
        entering = asyncio.create_task(live.__aenter__())
        peer = await self.next()
        await peer.welcomes(head)
        await entering
        try:
            yield live, peer
        finally:
            await live.close()


async def until(what, condition):
    """Waits until something is so."""

    async def wait():
        while not condition():
            await asyncio.sleep(0.002)

    try:
        await asyncio.wait_for(wait(), PATIENCE)
    except TimeoutError:
        raise AssertionError(f"waited {PATIENCE} s in vain for {what}") from None


class Waybill:
    """The real server over a folder of its own."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="waybill-python-")
        self.data = Path(self._folder.name) / "data"
        self.data.mkdir()
        self._process = None
        self._port = "0"

    def run(self, *words):
        """The binary over this folder, to its end."""
        command = [os.environ["WAYBILL_BIN"], *words, "--data", str(self.data)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            raise AssertionError(f"{words}: {ran.returncode} {ran.stderr}")
        return ran.stdout

    def start(self):
        """Serves; after a first time, where it was."""
        words = ["serve", "--data", str(self.data), "--port", self._port, "--log-level", "warn"]
        self._process = subprocess.Popen(
            [os.environ["WAYBILL_BIN"], *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        said = ""
        for line in self._process.stdout:
            said += line
            if found := re.search(r"(http://127\.0\.0\.1:(\d+))/", said):
                self.url, self._port = found.groups()
                if "  token  " in said:
                    break
        else:
            raise AssertionError(f"the server ended: {said}")
        self.token = (self.data / "token").read_text().strip()
        return self

    def kill(self):
        """Ends it as a power cut does."""
        self._end(signal.SIGKILL)

    def stop(self):
        """Ends it, and removes what it wrote."""
        self._end(signal.SIGTERM)
        self._folder.cleanup()

    def _end(self, with_signal):
        if self._process is not None:
            self._process.send_signal(with_signal)
            self._process.wait(PATIENCE)
            self._process.stdout.close()
            self._process = None

    def client(self, **options):
        return Client(self.url, self.token, **options)


OPTIONS = {
    "subprotocols": ["waybill.v1"],
    "max_size": None,
    "compression": None,
    "close_timeout": 1,
}


class Proxy:
    """Hands frames on in both directions; cuts sockets at random from a seed, and loses frames when
    told to.
    """

    def __init__(self, url, seed):
        self._target = "ws" + url.removeprefix("http") + "/v1/ws"
        self._random = random.Random(seed)
        self.cuts_left = 0
        self.cuts = 0
        self.lose = False
        self.lost = []

    async def __aenter__(self):
        self._server = await websockets.serve(self._serve, "127.0.0.1", 0, **OPTIONS)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, client):
        try:
            async with websockets.connect(self._target, proxy=None, **OPTIONS) as server:
                ways = [self._up(client, server), self._down(server, client), self._cut(client)]
                tasks = [asyncio.create_task(way) for way in ways]
                _, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in rest:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                server.transport.abort()
        except (OSError, websockets.WebSocketException):
            pass
        client.transport.abort()

    async def _up(self, client, server):
        with contextlib.suppress(websockets.ConnectionClosed):
            async for text in client:
                await server.send(text)

    async def _down(self, server, client):
        left = self._random.randint(1, 8) if self._random.random() < 0.5 else None
        held = {}
        with contextlib.suppress(websockets.ConnectionClosed):
            async for text in server:
                if self.cuts_left > 0 and left is not None:
                    left -= 1
                    if left <= 0:
                        return self._count()
                await self._hand_on(client, text, held)

    async def _hand_on(self, client, text, held):
        """A change is lost only where another one follows: what a `live` passes over nobody can
        tell.
        """
        frame = json.loads(text)
        ident, carries = frame.get("id"), frame["type"] in ("delta", "events")
        before = held.pop(ident, None)
        if before is not None:
            if carries and self.lose:
                self.lost.append(json.loads(before))
                self.lose = False
            else:
                await client.send(before)
        if carries and self.lose:
            held[ident] = text
        else:
            await client.send(text)

    async def _cut(self, client):
        if self.cuts_left > 0:
            await asyncio.sleep(self._random.random() * 0.06)
            if self.cuts_left > 0:
                return self._count()
        await asyncio.Event().wait()

    def _count(self):
        self.cuts_left -= 1
        self.cuts += 1
