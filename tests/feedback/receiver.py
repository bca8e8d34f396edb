"""A centre's receiving end: a real HTTP server that checks signatures and fails on command."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


@dataclass(frozen=True)
class Call:
    """One call as it came in."""

    webhook_id: str
    signatures: list[str]
    body: bytes
    genuine: bool

    @property
    def payload(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def type(self) -> str:
        return str(self.payload["type"])

    @property
    def case(self) -> str:
        return str(self.payload["data"]["case"])


Act = Callable[["Handler"], None]


@dataclass
class Receiver:
    """Answers 200 unless `acts` has something for a call: they are used up in order."""

    secret: str
    url: str = ""
    calls: list[Call] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    always: Act | None = None
    gate: threading.Event = field(default_factory=threading.Event)
    meeting: threading.Barrier | None = None
    in_flight: dict[str, int] = field(default_factory=dict)
    most_in_flight: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def types(self) -> list[str]:
        return [call.type for call in self.calls]

    def take(self, handler: "Handler") -> None:
        call = self._read(handler)
        with self.lock:
            self.calls.append(call)
            act = self.always or (self.acts.pop(0) if self.acts else answer(200))
            self.in_flight[call.case] = self.in_flight.get(call.case, 0) + 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight[call.case])
        try:
            act(handler)
        finally:
            with self.lock:
                self.in_flight[call.case] -= 1

    def _read(self, handler: "Handler") -> Call:
        body = handler.rfile.read(int(handler.headers["content-length"]))
        try:
            Webhook(self.secret).verify(body, dict(handler.headers.items()))
            genuine = True
        except WebhookVerificationError:
            genuine = False
        return Call(handler.headers["webhook-id"], handler.headers["webhook-signature"].split(" "), body, genuine)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def do_POST(self) -> None:
        self.receiver.take(self)

    def log_message(self, *args: object) -> None:
        pass


def answer(status: int, body: bytes = b"", **headers: str) -> Act:
    def act(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return act


def hang(handler: Handler) -> None:
    """Say nothing until the test opens the gate."""
    handler.receiver.gate.wait(30)
    handler.close_connection = True


def hang_up(handler: Handler) -> None:
    handler.close_connection = True


def drip(handler: Handler) -> None:
    """A status line that does not end, a byte at a time: no single step is ever slow."""
    handler.close_connection = True
    try:
        handler.wfile.write(b"HTTP/1.1 200 O")
        for _ in range(200):
            if handler.receiver.gate.wait(0.05):
                return
            handler.wfile.write(b"K")
    except OSError:
        return


def meet(handler: Handler) -> None:
    """Answer only once as many calls are here at once as the receiver's barrier asks for."""
    assert handler.receiver.meeting is not None
    try:
        handler.receiver.meeting.wait(20)
    except threading.BrokenBarrierError:
        answer(500)(handler)
    else:
        answer(200)(handler)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *args: object) -> None:
        """A caller that hung up is no error here."""


@contextmanager
def receiving(secret: str) -> Iterator[Receiver]:
    receiver = Receiver(secret)
    handler = type("BoundHandler", (Handler,), {"receiver": receiver})
    server = _Server(("127.0.0.1", 0), handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/feedback"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()
