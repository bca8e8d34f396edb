"""The web application: which routes a process serves, and what it starts and stops with."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool

from dispatcher.settings import Settings
from web import health, home, pages, problems, resident, volunteer
from web.api import routes
from web.hooks import alerts, twilio
from web.hooks.batcher import Batcher
from web.live import socket
from web.live.hub import Hub
from web.metrics import Metrics
from web.middleware import ApiBodyLimit, OrderCount, SecurityHeaders
from web.probe import Probe
from web.services import Services
from web.session import cookie_name


class Surface(StrEnum):
    """Which doors a process opens: `hooks` and `volunteer` to the outside, `console` to the closed network."""

    ALL = "all"
    HOOKS = "hooks"
    VOLUNTEER = "volunteer"
    CONSOLE = "console"


_ROUTERS: Mapping[Surface, tuple[APIRouter, ...]] = {
    Surface.HOOKS: (alerts.router, twilio.router),
    Surface.VOLUNTEER: (volunteer.router, resident.router),
    Surface.CONSOLE: (routes.router, socket.router),
}


def create_app(services: Services, surface: Surface, redis_url: str | None, *, console: Path | None = None) -> FastAPI:
    """The application for one process; nothing is connected before it starts. Without `redis_url` nobody nudges.

    `console` is the folder of the console's built files, when it is not where `make console` puts it.
    """
    app = FastAPI(
        title="蓝马甲 bluevest",
        summary="Real-time anti-fraud early-warning dispatch",
        version=version("bluevest"),
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    metrics = Metrics()
    app.state.services = services
    app.state.surface = surface
    app.state.metrics = metrics
    app.state.batcher = Batcher(services.database)
    app.state.probe = Probe(services.settings, redis_url)
    app.state.hub = Hub(services.database, redis_url, sent=metrics.frames.inc)
    problems.install(app)
    app.add_middleware(ApiBodyLimit)
    app.add_middleware(OrderCount, metrics=metrics)
    app.add_middleware(SecurityHeaders)
    app.state.console = console or pages.DIST
    for router in (health.router, *_routers(surface)):
        app.include_router(router)
    if serves_counters(services.settings, surface):
        app.include_router(health.counters)
    # Last: the console's pages are whatever belongs to nobody else.
    app.include_router(pages.router if surface in {Surface.ALL, Surface.CONSOLE} else home.router)
    _name_the_cookie(app, services.settings)
    return app


def _name_the_cookie(app: FastAPI, settings: Settings) -> None:
    """The description of the interface names the cookie as this installation calls it."""
    describe = app.openapi

    def described() -> dict[str, Any]:
        found = describe()
        scheme = found.get("components", {}).get("securitySchemes", {}).get("session")
        if scheme:
            scheme["name"] = cookie_name(settings)
        return found

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's own way to extend it


def serves_counters(settings: Settings, surface: Surface) -> bool:
    """Whether `/metrics` is answered: as BLUEVEST_METRICS says, by default where only the closed network asks."""
    if settings.metrics is not None:
        return settings.metrics
    return surface in {Surface.ALL, Surface.CONSOLE}


def _routers(surface: Surface) -> list[APIRouter]:
    return [router for door, routers in _ROUTERS.items() if surface in {Surface.ALL, door} for router in routers]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    hub: Hub = app.state.hub
    probe: Probe = app.state.probe
    batcher: Batcher = app.state.batcher
    batcher.start()
    await hub.start()
    try:
        yield
    finally:
        # In a thread: the last answers come back through this loop.
        await run_in_threadpool(batcher.close)
        await hub.stop()
        probe.stop()
