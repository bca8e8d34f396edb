"""What the proxy in front may say about the client, and what a surface tells everybody."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import select
from uvicorn import Server

from bluevest.embedded.ports import free_port
from dispatcher.db import Database
from dispatcher.model import AuditEntry
from dispatcher.settings import Settings
from web.app import Surface, create_app
from web.serve import configuration
from web.services import Services


@contextmanager
def served(settings: Settings, database: Database, surface: Surface = Surface.ALL) -> Iterator[str]:
    """The application as `bluevest web` serves it; gives its address."""
    port = free_port()
    app = create_app(Services(settings, database), surface, None)
    server = Server(configuration(app, settings, "127.0.0.1", port))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            threading.Event().wait(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


def address_in_the_audit(settings: Settings, database: Database, forwarded: str) -> str | None:
    """Where somebody seems to come from who tries to sign in through 127.0.0.1 and says this about themselves."""
    with served(settings, database) as url:
        asked = {"username": "nobody", "password": "whatever it may be"}
        answer = httpx.post(
            f"{url}/api/session", json=asked, headers={"X-Forwarded-For": forwarded}, trust_env=False, timeout=30
        )
    assert answer.status_code == 401
    return database.read(lambda session: session.scalars(select(AuditEntry.address)).one())


def trusting(settings: Settings, proxies: str) -> Settings:
    return Settings(**{**settings.model_dump(), "trusted_proxies": proxies})


def test_a_stranger_cannot_choose_the_address_that_the_audit_shows(settings: Settings, database: Database) -> None:
    assert address_in_the_audit(settings, database, "203.0.113.9") == "127.0.0.1"


def test_nor_one_beside_the_trusted_proxies(settings: Settings, database: Database) -> None:
    assert address_in_the_audit(trusting(settings, "192.0.2.0/24"), database, "203.0.113.9") == "127.0.0.1"


def test_the_proxy_says_who_asks(settings: Settings, database: Database) -> None:
    trusted = trusting(settings, "192.0.2.0/24, 127.0.0.1")
    assert address_in_the_audit(trusted, database, "203.0.113.9") == "203.0.113.9"


def test_what_the_client_wrote_before_the_proxy_counts_for_nothing(settings: Settings, database: Database) -> None:
    trusted = trusting(settings, "127.0.0.0/8")
    assert address_in_the_audit(trusted, database, "10.9.9.9, 203.0.113.9") == "203.0.113.9"


@pytest.mark.parametrize("surface", list(Surface))
def test_counters_are_told_inside_only(settings: Settings, database: Database, surface: Surface) -> None:
    inside = surface in {Surface.ALL, Surface.CONSOLE}
    for wanted, told in ((None, inside), (True, True), (False, False)):
        with served(settings.model_copy(update={"metrics": wanted}), database, surface) as url:
            answer = httpx.get(f"{url}/metrics", trust_env=False, timeout=30)
            assert ("bluevest_orders" in answer.text) == told
            assert httpx.get(f"{url}/healthz", trust_env=False, timeout=30).status_code == 200
