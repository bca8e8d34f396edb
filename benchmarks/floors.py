"""Servers to stand beside ours: `python -m benchmarks.floors route|echo PORT [SECRET]`."""

import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import uvicorn
from fastapi import FastAPI
from standardwebhooks.webhooks import Webhook

from dispatcher.ids import new_id
from dispatcher.intake.incoming import Incoming, Outcome
from dispatcher.intake.sources import KnownSource
from web import problems
from web.hooks import alerts
from web.metrics import Metrics
from web.middleware import ApiBodyLimit, OrderCount, SecurityHeaders
from web.patience import PatientProtocol

_A_SECOND = 1_000_000


class _Nowhere:
    """Takes every order and writes it nowhere."""

    def __init__(self, secret: str) -> None:
        self.sources = self
        self._keys = ((Webhook(secret), None),)

    def at_hand(self, name: str) -> KnownSource:
        return KnownSource(new_id(), name, None, _A_SECOND, self._keys)

    async def accept(self, _incoming: Incoming) -> Outcome:
        return Outcome(new_id(), new_id(), duplicate=False)


def route(secret: str) -> FastAPI:
    """The front door for orders with its model, its signatures and its middleware, and no database behind it."""
    app = FastAPI()
    app.state.batcher = _Nowhere(secret)
    clock = SimpleNamespace(now=lambda: datetime.now(UTC))
    app.state.services = SimpleNamespace(
        database=SimpleNamespace(clock=clock), settings=SimpleNamespace(zone=ZoneInfo("Asia/Shanghai"))
    )
    problems.install(app)
    app.add_middleware(ApiBodyLimit)
    app.add_middleware(OrderCount, metrics=Metrics())
    app.add_middleware(SecurityHeaders)
    app.include_router(alerts.router)
    return app


def echo() -> FastAPI:
    """A bare application that gives the JSON back."""
    app = FastAPI()

    @app.post("/echo")
    async def give_back(body: dict[str, Any]) -> dict[str, Any]:
        return body

    return app


def main() -> None:
    kind, port = sys.argv[1], int(sys.argv[2])
    app = echo() if kind == "echo" else route(sys.argv[3])
    http: Any = "httptools" if kind == "echo" else PatientProtocol
    uvicorn.run(app, host="127.0.0.1", port=port, http=http, log_config=None, access_log=False, server_header=False)


if __name__ == "__main__":
    main()
