"""The other side of the line: a service that records what Twilio's stand-in posts to it, and the real Twilio SDK."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI, Request, Response
from requests.adapters import HTTPAdapter
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from simulator.handset import Exchange
from simulator.serving import Served


@dataclass
class Service:
    """Records every post: path with query, form, whether the signature was right; answers as told."""

    auth_token: str
    url: str = ""
    posts: list[tuple[str, dict[str, str], bool]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, target: str, form: dict[str, str], signature: str) -> int:
        right = RequestValidator(self.auth_token).validate(self.url + target, form, signature)
        with self.lock:
            self.posts.append((target, form, bool(right)))
            return self.answers.pop(0) if self.answers else 200

    def forms(self, path: str) -> list[dict[str, str]]:
        with self.lock:
            return [form for target, form, right in self.posts if target.startswith(path) and right]

    def statuses(self) -> list[str]:
        return [form["MessageStatus"] for form in self.forms("/status")]


def application(service: Service) -> FastAPI:
    app = FastAPI()
    app.state.on_stop = lambda: None

    @app.post("/{path:path}")
    async def take(request: Request, path: str) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        target = f"/{path}" + (f"?{request.url.query}" if request.url.query else "")
        return Response(status_code=service.take(target, form, request.headers.get("x-twilio-signature", "")))

    return app


class _Detour(TwilioHttpClient):  # type: ignore[misc]
    """Sends the SDK's requests to the exchange instead of api.twilio.com."""

    def __init__(self, base_url: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._base_url = base_url
        self.session.trust_env = False
        self.session.mount("http://", HTTPAdapter(pool_maxsize=8))

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return super().request(method, self._base_url + parts.path + query, *args, **kwargs)


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with Exchange() as running:
        yield running


@pytest.fixture
def service(exchange: Exchange) -> Iterator[Service]:
    recording = Service(exchange.auth_token)
    with Served(application(recording)) as served:
        recording.url = served.url
        exchange.post_inbound_to(f"{served.url}/inbound")
        yield recording


def client_of(exchange: Exchange, *, token: str | None = None, timeout: float = 10) -> Any:
    http = _Detour(exchange.url, timeout)
    return Client(exchange.account_sid, token or exchange.auth_token, http_client=http)


@pytest.fixture
def client(exchange: Exchange) -> Iterator[Any]:
    made = client_of(exchange)
    yield made
    made.http_client.session.close()


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Wait until a condition holds; the test fails when it never does."""

    def wait(condition: Callable[[], bool]) -> None:
        give_up = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < give_up, "it never came about"
            time.sleep(0.01)

    return wait
