"""The web application under a real uvicorn, in a thread, on a free port of 127.0.0.1."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from websockets.sync.client import ClientConnection, connect

from tests.access.world import PASSWORD
from web.live.line import LineProtocol

COOKIE = "bluevest"


@dataclass
class Live:
    app: FastAPI
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def sign_in(self, name: str, **more: str) -> Iterator[httpx.Client]:
        """A client that carries the officer's cookie."""
        with httpx.Client(base_url=self.url, trust_env=False, timeout=60) as client:
            answer = client.post("/api/session", json={"username": name, "password": PASSWORD, **more})
            assert answer.status_code == 200, answer.text
            yield client

    @contextmanager
    def watch(
        self, client: httpx.Client | None, station: str | None = None, **options: Any
    ) -> Iterator[ClientConnection]:
        """An open socket with the client's cookie."""
        headers = dict(options.pop("headers", {}))
        if client:
            headers["Cookie"] = f"{COOKIE}={client.cookies[COOKIE]}"
        query = f"?station={station}" if station else ""
        address = f"ws://127.0.0.1:{self.port}/ws/console{query}"
        with connect(address, additional_headers=headers, proxy=None, **options) as connection:
            yield connection


@contextmanager
def live(app: FastAPI, ws: Any = LineProtocol) -> Iterator[Live]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, ws=ws, ws_per_message_deflate=False, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            threading.Event().wait(0.01)
        yield Live(app, listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()
        assert not thread.is_alive()


def say(connection: ClientConnection, message: dict[str, Any]) -> None:
    connection.send(json.dumps(message))


def hear(connection: ClientConnection) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(connection.recv(timeout=30))
    return found
