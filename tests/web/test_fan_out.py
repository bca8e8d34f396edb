"""The short way to a console that keeps up: the same events as by the queue, in order, each once, and no further."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select, update
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame as Received
from websockets.frames import Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from dispatcher.db import Database
from dispatcher.model import Case, Officer
from dispatcher.settings import SecondFactor, Settings
from tests.access.world import World
from tests.web.live import Live, hear, live, say
from web.app import Surface, create_app
from web.live import socket as console_socket
from web.live.frames import Frame, wire
from web.live.hub import Hub
from web.live.line import LineProtocol
from web.live.subscription import Broken, Subscription, TooSlow
from web.services import Services

LIMIT = 8


@given(st.text())
@example("蓝" * 41 + "马")
@example("x" * 125)
@example("x" * 126)
@example("x" * 65_535)
@example("x" * 65_536)
def test_a_finished_frame_is_what_a_client_understands(text: str) -> None:
    client = ClientProtocol(parse_uri("ws://here/"), state=State.OPEN, max_size=None)
    client.receive_data(wire(text))
    [frame] = client.events_received()
    assert isinstance(frame, Received)
    assert (frame.opcode, frame.fin, bytes(frame.data).decode()) == (Opcode.TEXT, True, text)
    assert Frame(1, wire(text)).text == text


class Terminal:
    """A console whose line can be held up; a socket's task serves it as ours does."""

    def __init__(self, began: int, *, short_way: bool) -> None:
        self.began = began
        self.got: list[int] = []
        self.reads = asyncio.Event()
        self.reads.set()
        self.ended: Exception | None = None
        self.subscription = Subscription(LIMIT)
        self._short_way = short_way

    def write(self, wires: bytes) -> bool:
        if not self.reads.is_set():
            return False
        self.got.extend(wires)
        return True

    async def serve(self) -> None:
        self.subscription.begin(self.began, self.write if self._short_way else None)
        try:
            while True:
                frame = await self.subscription.next()
                if not (self._short_way and self.write(frame.wire)):
                    await self.reads.wait()
                    self.got.extend(frame.wire)
        except (TooSlow, Broken) as end:
            self.ended = end


def numbered(first: int, count: int) -> list[Frame]:
    return [Frame(seq, bytes((seq,))) for seq in range(first, first + count)]


ACTS = st.one_of(
    st.tuples(st.just("offer"), st.integers(1, 4)),
    st.tuples(st.just("offer too much at once"), st.integers(1, 4)),
    st.tuples(st.just("turn"), st.integers(1, 3)),
    st.tuples(st.sampled_from(["stop reading", "read", "begin"]), st.just(0)),
)


@given(acts=st.lists(ACTS, max_size=40), known=st.integers(0, 6), short_way=st.booleans())
def test_whatever_comes_at_whatever_moment_a_console_gets_each_event_once_or_is_sent_away(
    acts: list[tuple[str, int]], known: int, short_way: bool
) -> None:
    """`known` events are in its snapshot and in its queue as well."""

    async def play() -> None:
        console, last = Terminal(known, short_way=short_way), 0
        task: asyncio.Task[None] | None = None
        for act, count in [*acts, ("begin", 0), ("read", 0), ("turn", 4)]:
            if act.startswith("offer"):
                frames = numbered(last + 1, count)
                last += count
                at_once = b"".join(frame.wire for frame in frames) if act == "offer" else None
                console.subscription.offer(frames, at_once)
            elif act == "turn":
                for _ in range(count):
                    await asyncio.sleep(0)
            elif act == "begin":
                task = task or asyncio.create_task(console.serve())
            elif act == "read":
                console.reads.set()
            else:
                console.reads.clear()
            assert len(console.subscription._frames) <= LIMIT
        for _ in range(LIMIT):
            await asyncio.sleep(0)
        assert task
        assert console.got == list(range(known + 1, known + 1 + len(console.got)))
        if console.ended is None:
            assert console.got == list(range(known + 1, last + 1))
        else:
            assert isinstance(console.ended, TooSlow)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(play())


def test_a_gap_ends_the_line_on_either_way() -> None:
    async def play(*, short_way: bool) -> None:
        console = Terminal(0, short_way=short_way)
        task = asyncio.create_task(console.serve())
        await asyncio.sleep(0)
        console.subscription.offer(numbered(2, 1), b"\2")
        await task
        assert (console.got, type(console.ended)) == ([], Broken)

    for short_way in (True, False):
        asyncio.run(play(short_way=short_way))


def test_nothing_is_written_past_the_queue_once_the_line_is_being_ended() -> None:
    """Somebody who looked at the session again cancels the task, or the reader ends the queue."""

    async def play(*, cancelled: bool) -> None:
        console = Terminal(0, short_way=True)
        task = asyncio.create_task(console.serve())
        await asyncio.sleep(0)
        assert console.subscription.offer(numbered(1, 1), b"\1")
        if cancelled:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        else:
            console.subscription.finish(Broken())
        assert not console.subscription.offer(numbered(2, 1), b"\2")
        await asyncio.gather(task, return_exceptions=True)
        assert console.got == [1]

    for cancelled in (True, False):
        asyncio.run(play(cancelled=cancelled))


class Wire(asyncio.Transport):
    """The other end's side of a connection."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.written = b""
        self.closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def pause_reading(self) -> None:
        pass


def test_finished_frames_are_written_while_the_line_is_open_and_at_no_other_time() -> None:
    """Not before the upgrade, not while the other end does not read, not after the end was said."""
    transport, told = Wire(), []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        write = scope["state"]["write_frame"]

        def tells() -> None:
            before = transport.written
            told.append(write(wire("蓝")))
            assert transport.written == before + (wire("蓝") if told[-1] else b"")

        tells()
        await send({"type": "websocket.accept"})
        tells()
        line.pause_writing()
        tells()
        line.resume_writing()
        tells()
        await send({"type": "websocket.close", "code": 1012})
        assert not transport.closing
        tells()

    async def play() -> None:
        nonlocal line
        config = Config(application, log_config=None, ws=LineProtocol, lifespan="off")
        config.load()
        line = LineProtocol(config, ServerState(), {})
        line.connection_made(transport)
        line.data_received(
            b"GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        await asyncio.gather(*line.tasks)
        line.transport.close()
        line.connection_lost(None)

    line: LineProtocol
    asyncio.run(play())
    assert told == [False, True, False, True, False]


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@contextmanager
def serving(
    settings: Settings,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    queue_frames: int = 1024,
    ws: Any = LineProtocol,
) -> Iterator[Live]:
    monkeypatch.setattr(console_socket, "LOOK_AGAIN_S", 0.1)
    app = create_app(
        Services(settings.model_copy(update={"second_factor": SecondFactor.OPTIONAL}), database), Surface.CONSOLE, None
    )
    frames = app.state.metrics.frames
    app.state.hub = Hub(database, None, look_every_s=0.02, queue_frames=queue_frames, sent=frames.inc)
    with live(app, ws) as server:
        yield server


def test_consoles_that_keep_up_are_written_to_at_once_and_counted(
    world: World, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    write = LineProtocol.write_frame

    def noting(line: LineProtocol, frames: bytes) -> bool:
        done = write(line, frames)
        written.append(done)
        return done

    monkeypatch.setattr(LineProtocol, "write_frame", noting)
    world.officer("zhang")
    with (
        serving(settings, database, monkeypatch) as server,
        server.sign_in("zhang") as client,
        server.watch(client) as one,
        server.watch(client) as other,
    ):
        for connection in (one, other):
            say(connection, {"type": "start"})
            assert hear(connection)["type"] == "snapshot"
        for seq in (1, 2, 3):
            world.case()
            assert [hear(connection)["seq"] for connection in (one, other)] == [seq, seq]
        say(one, {"type": "ping"})
        assert hear(one) == {"type": "pong"}
        assert server.app.state.metrics.frames._value.get() == 6
    assert written == [True] * 8


def test_a_server_without_the_short_way_sends_the_same(
    world: World, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.officer("zhang")
    with (
        serving(settings, database, monkeypatch, ws="websockets-sansio") as server,
        server.sign_in("zhang") as client,
        server.watch(client) as connection,
    ):
        say(connection, {"type": "start"})
        assert hear(connection)["type"] == "snapshot"
        for seq in (1, 2, 3):
            case = world.case()
            event = hear(connection)
            assert (event["seq"], event["case"]["id"]) == (seq, str(case.id))
        assert server.app.state.metrics.frames._value.get() == 3


def test_a_console_that_stops_reading_is_closed_although_nothing_was_ever_queued_before(
    world: World, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One event at a time, small enough for the short way: the line fills, then the queue, then it is too slow."""
    world.officer("zhang")
    case = world.case()
    with (
        serving(settings, database, monkeypatch, queue_frames=10) as server,
        server.sign_in("zhang") as client,
        server.watch(client, max_queue=1) as slow,
        server.watch(client) as quick,
    ):
        for connection in (slow, quick):
            say(connection, {"type": "start"})
            assert hear(connection)["seq"] == 1
        count = 1
        while not server.app.state.metrics.slow._value.get():
            database.transact(
                lambda work: work.emit_case("case.updated", work.session.get_one(Case, case.id), noise="x" * 50_000)
            )
            count += 1
            assert hear(quick)["seq"] == count
            assert count < 5000
        seen: list[int] = []
        with pytest.raises(ConnectionClosed) as closed:
            seen.extend(hear(slow)["seq"] for _ in range(count))
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1013
        assert seen == list(range(2, 2 + len(seen)))
        assert 0 < len(seen) < count - 1


def test_an_officer_who_was_removed_gets_no_event_after_the_next_look(
    world: World, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, stays = world.officer("zhang"), world.officer("liu")
    with (
        serving(settings, database, monkeypatch) as server,
        server.sign_in(gone.name) as hers,
        server.sign_in(stays.name) as his,
        server.watch(hers) as one,
        server.watch(his) as other,
    ):
        for connection in (one, other):
            say(connection, {"type": "start"})
            assert hear(connection)["type"] == "snapshot"
        database.transact(
            lambda work: work.session.execute(update(Officer).where(Officer.id == gone.id).values(active=False))
        )
        with pytest.raises(ConnectionClosed) as closed:
            one.recv(timeout=30)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401
        world.case()
        assert hear(other)["seq"] == 1
        assert list(database.read(lambda s: s.scalars(select(Officer.active).order_by(Officer.name)).all())) == [
            True,
            False,
        ]


def test_the_first_look_is_never_later_than_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def noting(seconds: float) -> None:
        waits.append(seconds)

    def looked(*_: object) -> None:
        if len(waits) == 3:
            raise LookupError

    async def at_once(act: object, *_: object) -> None:
        looked()

    monkeypatch.setattr(console_socket.asyncio, "sleep", noting)
    monkeypatch.setattr(console_socket, "run_in_threadpool", at_once)
    line = object.__new__(console_socket._Line)
    line._socket = line._context = line._place = type("Anything", (), {"code": ""})()  # type: ignore[assignment]
    for _ in range(50):
        waits.clear()
        with pytest.raises(LookupError):
            asyncio.run(line._look_again())
        assert 0 <= waits[0] <= console_socket.LOOK_AGAIN_S
        assert waits[1:] == [console_socket.LOOK_AGAIN_S] * 2


def test_consoles_that_come_and_go_leave_no_line_in_the_log(
    world: World,
    settings: Settings,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    world.officer("zhang")
    with (
        caplog.at_level(logging.INFO),
        serving(settings, database, monkeypatch) as server,
        server.sign_in("zhang") as client,
    ):
        caplog.clear()
        with server.watch(client) as connection:
            say(connection, {"type": "start"})
            assert hear(connection)["type"] == "snapshot"
        assert [r.getMessage() for r in caplog.records if r.name.startswith("uvicorn")] == []
