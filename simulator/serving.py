import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

import uvicorn
from fastapi import FastAPI

_START_WITHIN = 20.0
_DRAIN_SECONDS = 2


class _Server(uvicorn.Server):
    """A server that tells the application to let its waiting readers go before it drains them."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_level="warning",
                access_log=False,
                ws="none",
                timeout_graceful_shutdown=_DRAIN_SECONDS,
            )
        )
        self._on_stop: Callable[[], None] = app.state.on_stop

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stop()
        await super().shutdown(sockets)


def serve_until_stopped(app: FastAPI, host: str, port: int) -> None:
    """Serve in the main thread until SIGINT or SIGTERM, then return. Ends with 2 when the port cannot be had.

    uvicorn raises the signal once more when it has stopped; handlers of our own make that a quiet end.
    """
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as trouble:
        sys.stderr.write(f"cannot listen on {host} port {port}: {os.strerror(trouble.errno or 0)}\n")
        raise SystemExit(2) from None
    server = _Server(app, host, port)

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.run([listening])


class Served:
    """Serves an application in a thread while the `with` block lasts: on `port` if it is free, else on one that is."""

    def __init__(self, app: FastAPI, port: int = 0) -> None:
        try:
            self._socket = socket.create_server(("127.0.0.1", port))
        except OSError:
            self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = _Server(app, "127.0.0.1", 0)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        give_up = time.monotonic() + _START_WITHIN
        while not self._server.started:
            if time.monotonic() > give_up or not self._thread.is_alive():
                raise RuntimeError("the simulated server did not start")
            time.sleep(0.005)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(_START_WITHIN)
