"""A TCP proxy of our own: a wire between two processes that can be cut, held, slowed, or lose an answer."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: closing resets the connection
_CHUNK = 1 << 16
_ANSWER_S = 30.0


@dataclass(frozen=True)
class _Ends:
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter

    def cut(self) -> None:
        for end in (self.client, self.server):
            raw = end.get_extra_info("socket")
            if raw is not None:
                with contextlib.suppress(OSError):
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            end.transport.abort()


class Wire:
    """Listens on a free port of 127.0.0.1 and passes on to `target` there; every fault lasts until `heal`.

    The port stays the same over all faults. `lost_answers` counts answers thrown away. Use it as a context manager.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.lost_answers = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wire", daemon=True)
        self._open: set[_Ends] = set()
        self._flowing = asyncio.Event()
        self._delay_s = 0.0
        self._refusing = False
        self._answers_to_lose = 0
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._listen())
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def heal(self) -> None:
        """Everything flows again; connections that were cut stay cut."""
        self._run(self._set(flowing=True, refusing=False, delay_s=0.0, answers_to_lose=0))

    def slow(self, seconds: float) -> None:
        """Every piece of data in either direction comes so much later."""
        self._run(self._set(delay_s=seconds))

    def stall(self) -> None:
        """Nothing flows and nothing is closed, as behind a firewall that has forgotten its connections."""
        self._run(self._set(flowing=False))

    def cut(self) -> None:
        """Reset every connection that is open now; new ones work."""
        self._run(self._cut())

    def refuse(self) -> None:
        """Reset every connection, open or new."""
        self._run(self._set(refusing=True))
        self._run(self._cut())

    def lose_answers(self, count: int = 1) -> None:
        """Deliver what the client sends, throw away the next `count` answers and cut their connections."""
        self._run(self._set(answers_to_lose=count))

    async def _listen(self) -> None:
        self._flowing.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server:
            self._server.close()
        self._flowing.set()
        await self._cut()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    async def _set(
        self,
        *,
        flowing: bool | None = None,
        refusing: bool | None = None,
        delay_s: float | None = None,
        answers_to_lose: int | None = None,
    ) -> None:
        if flowing is not None:
            (self._flowing.set if flowing else self._flowing.clear)()
        self._refusing = self._refusing if refusing is None else refusing
        self._delay_s = self._delay_s if delay_s is None else delay_s
        self._answers_to_lose = self._answers_to_lose if answers_to_lose is None else answers_to_lose

    async def _cut(self) -> None:
        for ends in list(self._open):
            ends.cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._refusing:
                raise ConnectionRefusedError
            there, server = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            _Ends(writer, writer).cut()
            return
        ends = _Ends(writer, server)
        self._open.add(ends)
        try:
            await asyncio.gather(self._pump(reader, server), self._pump_answers(there, ends))
        except (OSError, asyncio.CancelledError):
            pass  # an end is gone, or the wire is taken down
        finally:
            self._open.discard(ends)
            ends.cut()

    async def _pump(self, source: asyncio.StreamReader, into: asyncio.StreamWriter) -> None:
        while data := await source.read(_CHUNK):
            await self._pass(data, into)
        with contextlib.suppress(OSError):
            into.write_eof()

    async def _pump_answers(self, source: asyncio.StreamReader, ends: _Ends) -> None:
        while data := await source.read(_CHUNK):
            if self._answers_to_lose > 0:
                self._answers_to_lose -= 1
                self.lost_answers += 1
                ends.cut()
                return
            await self._pass(data, ends.client)
        with contextlib.suppress(OSError):
            ends.client.write_eof()

    async def _pass(self, data: bytes, into: asyncio.StreamWriter) -> None:
        if self._delay_s:
            await asyncio.sleep(self._delay_s)
        await self._flowing.wait()
        into.write(data)
        await into.drain()

    def _run(self, act: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(act, self._loop).result(_ANSWER_S)
