"""A line that can be cut: forwards every connection to a server, until it is severed and healed again."""

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

HOST = "127.0.0.1"
_RESET = struct.pack("ii", 1, 0)  # close says RST, as a line does that is simply gone
_PIECE = 65536


class Cutter:
    """Listens on a port of its own (`url`) and forwards to `port`. Use it as a context manager."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="cutter", daemon=True)
        self._writers: set[asyncio.StreamWriter] = set()
        self._under_way: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        # Holds the port while nobody listens there, so that nobody else gets it; connections are refused then.
        self._placeholder = _bound(0)
        self.port: int = self._placeholder.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self.heal()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._placeholder.close()

    def cut(self) -> None:
        """Reset every connection, and refuse new ones."""
        self._run(self._cut())

    def heal(self) -> None:
        """Take connections again."""
        self._run(self._listen())

    @contextmanager
    def severed(self) -> Iterator[None]:
        """Cut while the block lasts."""
        self.cut()
        try:
            yield
        finally:
            self.heal()

    def _run(self, doing: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(doing, self._loop).result()

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._take, sock=_bound(self.port))

    async def _cut(self) -> None:
        server, self._server = self._server, None
        if server:
            server.close()
        for task in self._under_way:
            task.cancel()
        for writer in self._writers:
            _abort(writer)
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if server:
            await server.wait_closed()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._under_way.add(task)
        try:
            await self._forward(reader, writer)
        except asyncio.CancelledError:
            pass  # the line was cut
        finally:
            self._under_way.discard(task)
            _abort(writer)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        far: asyncio.StreamWriter | None = None
        try:
            far_reader, far = await asyncio.open_connection(HOST, self._target)
            self._writers.add(far)
            await asyncio.gather(_pour(reader, far), _pour(far_reader, writer))
        except OSError:
            pass  # one side is gone: so is the connection
        finally:
            self._writers.discard(writer)
            if far:
                self._writers.discard(far)
                _abort(far)


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Everything from one side to the other, and its end."""
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()
    with suppress(OSError):
        writer.write_eof()


def _abort(writer: asyncio.StreamWriter) -> None:
    open_socket = writer.get_extra_info("socket")
    with suppress(OSError):
        open_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


def _bound(port: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((HOST, port))
    return made
