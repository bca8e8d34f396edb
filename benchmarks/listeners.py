"""Many consoles in one light process, and the bare server to stand beside ours: `python -m benchmarks.listeners WHAT`.

Both are told what to do by lines on standard input and answer each with one line of JSON; times are seconds of
`time.monotonic`, which all processes of a machine share.

    consoles PORT COUNT [COOKIE]   open, state, close, report FIRST LAST FILE, record FILE
    bare FILE                      play COUNT
"""

import asyncio
import base64
import gc
import json
import os
import resource
import select
import socket
import subprocess
import sys
import time
from array import array
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

BACKLOG = 4096
_TEXT, _CLOSE, _PING, _PONG = 0x81, 0x88, 0x89, 0x8A
_SNAPSHOT, _EVENT = b'{"type":"snapshot"', b'{"type":"event","seq":'
_EPOCH, _SEQ = b'"epoch":"', b'"seq":'
_MOST = 1 << 18
_KEY = base64.b64encode(bytes(16)).decode()


class Lost(Exception):
    """A console was sent away, or did not get what it should."""


def masked(opcode: int, payload: bytes) -> bytes:
    """A client's frame of at most 125 bytes; the mask is zero, which leaves the bytes as they are."""
    return bytes((opcode, 0x80 | len(payload), 0, 0, 0, 0)) + payload


class Console:
    """One console: it connects, asks for what it needs, and notes when each event came."""

    def __init__(self, poll: select.epoll, head: bytes) -> None:
        self.ready: Callable[[], None] = self._connected
        self.epoch, self.seq = "", -1
        self.first_at = 0.0
        self.began_at_seq = 0
        self.times = array("d")
        self._poll = poll
        self._head = head
        self._rest = b""
        self._socket = socket.socket()

    def open(self, port: int) -> int:
        """Begin to connect; gives the file's number."""
        self.ready, self.first_at, self._rest = self._connected, 0.0, b""
        self._socket = socket.socket()
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.connect_ex(("127.0.0.1", port))
        self._poll.register(self._socket, select.EPOLLOUT)
        return self._socket.fileno()

    def close(self) -> None:
        """As a line that is cut: without a word."""
        self._socket.close()

    def keep(self, payload: bytes) -> None:
        """Called with every frame's payload; this one keeps none."""

    def _connected(self) -> None:
        self._socket.send(self._head)
        self._poll.modify(self._socket, select.EPOLLIN)
        self.ready = self._answered

    def _answered(self) -> None:
        self._rest += self._socket.recv(_MOST)
        head, found, self._rest = self._rest.partition(b"\r\n\r\n")
        if not found:
            self._rest = head
            return
        if not head.startswith(b"HTTP/1.1 101") or b"sec-websocket-extensions" in head.lower():
            raise Lost(f"answered {head.decode(errors='replace')}")
        first = {"type": "resume", "epoch": self.epoch, "seq": self.seq} if self.seq >= 0 else {"type": "start"}
        self._socket.send(masked(_TEXT, json.dumps(first).encode()))
        self.ready = self._receive

    def _receive(self) -> None:
        data, now = self._socket.recv(_MOST), time.monotonic()
        if not data:
            raise Lost("a console's line ended")
        data, at = self._rest + data if self._rest else data, 0
        while len(data) >= at + 2:
            size, begin = data[at + 1], at + 2
            if size >= 126:
                begin += 2 if size == 126 else 8
                size = int.from_bytes(data[at + 2 : begin])
            end = begin + size
            if len(data) < end:
                break
            self._frame(data[at], data, begin, end, now)
            at = end
        self._rest = data[at:]

    def _frame(self, opcode: int, data: bytes, begin: int, end: int, now: float) -> None:
        if opcode != _TEXT:
            self._control(opcode, data[begin:end])
            return
        if data.startswith(_EVENT, begin):
            number = begin + len(_EVENT)
            seq = int(data[number : data.index(b",", number)])
            if seq != self.seq + 1:
                raise Lost(f"a console at {self.seq} was sent {seq}")
            self.seq = seq
            self.times.append(now)
        elif data.startswith(_SNAPSHOT, begin) and self.seq < 0:
            self._snapshot(data[begin : begin + 200])
        else:
            raise Lost(f"a console was sent {data[begin : begin + 80]!r}")
        self.first_at = self.first_at or now
        self.keep(data[begin:end])

    def _snapshot(self, start: bytes) -> None:
        self.epoch = start.partition(_EPOCH)[2].partition(b'"')[0].decode()
        self.seq = int(start.partition(_SEQ)[2].partition(b",")[0])
        self.began_at_seq = self.seq

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode != _PING:
            raise Lost(f"a console was sent {opcode:#x} {payload[:2].hex()} {payload[2:].decode(errors='replace')}")
        self._socket.send(masked(_PONG, payload))


class Recorder(Console):
    """A console that keeps every frame."""

    def __init__(self, poll: select.epoll, head: bytes) -> None:
        super().__init__(poll, head)
        self.kept: list[str] = []

    def keep(self, payload: bytes) -> None:
        """The first is the snapshot, the others are events."""
        self.kept.append(payload.decode())


class Room:
    """All the consoles and the one loop that serves them."""

    def __init__(self, port: int, count: int, cookie: str) -> None:
        lines = ["GET /ws/console HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Key: {_KEY}", "Sec-WebSocket-Version: 13"]  # fmt: skip
        head = "\r\n".join([*lines, *([f"Cookie: {cookie}"] if cookie else []), "\r\n"]).encode()
        self._poll = select.epoll()
        self._poll.register(0, select.EPOLLIN)
        self._port, self._moment = port, 0.0
        self._recorder = Recorder(self._poll, head)
        self._consoles = [self._recorder, *(Console(self._poll, head) for _ in range(count - 1))]
        self._at: dict[int, Console] = {}

    def run(self) -> None:
        """Until standard input ends. Raises Lost."""
        while True:
            for file, _ in self._poll.poll():
                console = self._at.get(file)
                if console:
                    console.ready()
                elif file == 0 and not self._told():
                    return

    def _told(self) -> bool:
        words = os.read(0, 4096).decode().split()
        if not words:
            return False
        answer: Any = getattr(self, f"_do_{words[0]}")(*words[1:])
        print(json.dumps(answer), flush=True)
        return True

    def _do_open(self) -> None:
        self._moment = time.monotonic()
        self._at = {console.open(self._port): console for console in self._consoles}

    def _do_state(self) -> dict[str, Any]:
        """How many have their first frame, seconds after the moment of `open`, and the least seq."""
        first = sorted(one.first_at - self._moment for one in self._consoles if one.first_at)
        done = len(first) == len(self._consoles)
        return {"first": len(first), "first_s": first if done else [], "seq": min(one.seq for one in self._consoles)}

    def _do_close(self) -> None:
        self._at.clear()
        for console in self._consoles:
            console.close()

    def _do_report(self, first: str, last: str, file: str) -> None:
        """A row of doubles for each console: when each of these events came."""
        with Path(file).open("wb") as written:
            for one in self._consoles:
                part = one.times[int(first) - one.began_at_seq - 1 : int(last) - one.began_at_seq]
                if len(part) != int(last) - int(first) + 1:
                    raise Lost(f"a console has {len(part)} of the events {first} to {last}")
                part.tofile(written)

    def _do_record(self, file: str) -> None:
        Path(file).write_text(json.dumps(self._recorder.kept))


class Bare:
    """`websockets` alone: gives a snapshot or what was missed, and broadcasts frames at their times."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._snapshot, *self._frames = plan["frames"]
        self._at: list[float] = plan["at"]
        self._began_at_seq = int(json.loads(self._snapshot)["seq"])
        self._played = 0
        self._lines: set[ServerConnection] = set()

    async def run(self) -> None:
        """Until standard input ends. Nothing is played while consoles connect."""
        settings: dict[str, Any] = {"compression": None, "backlog": BACKLOG, "open_timeout": None}
        async with serve(self._answer, "127.0.0.1", 0, **settings) as server:
            print(json.dumps(next(iter(server.sockets)).getsockname()[1]), flush=True)
            while words := (await asyncio.to_thread(sys.stdin.readline)).split():
                print(json.dumps(await self._play(int(words[1]))), flush=True)

    async def _answer(self, line: ServerConnection) -> None:
        try:
            first = json.loads(await line.recv())
            missed = self._frames[first["seq"] - self._began_at_seq : self._played] if "seq" in first else None
            self._lines.add(line)
            for frame in [self._snapshot] if missed is None else missed:
                await line.send(frame)
            await line.wait_closed()
        except ConnectionClosed:
            pass
        finally:
            self._lines.discard(line)

    async def _play(self, count: int) -> list[float]:
        """The next frames, as far apart as they once were; gives the moment before each."""
        plan = range(self._played, self._played + count)
        began, sent = time.monotonic() - self._at[self._played], []
        for number in plan:
            await asyncio.sleep(began + self._at[number] - time.monotonic())
            sent.append(time.monotonic())
            broadcast(self._lines, self._frames[number])
            self._played = number + 1
        return sent


class Child:
    """A process that is told things by lines and answers each with one."""

    def __init__(self, *arguments: str) -> None:
        words = [sys.executable, "-m", "benchmarks.listeners", *arguments]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self._process.pid

    def tell(self, line: str) -> Any:
        """Raises RuntimeError when the process has ended; what was wrong stands on standard error."""
        assert self._process.stdin
        with suppress(BrokenPipeError):
            print(line, file=self._process.stdin, flush=True)
        return self.hear()

    def hear(self) -> Any:
        assert self._process.stdout
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the consoles or the bare server ended before their time")
        return json.loads(answer)

    def end(self) -> None:
        self._process.communicate()


def main() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    what, *arguments = sys.argv[1:]
    if what == "bare":
        uvloop.run(Bare(json.loads(Path(arguments[0]).read_text())).run())
        return
    gc.disable()
    port, count, *cookie = arguments
    try:
        Room(int(port), int(count), "".join(cookie)).run()
    except Lost as lost:
        raise SystemExit(f"consoles: {lost}") from None


if __name__ == "__main__":
    main()
