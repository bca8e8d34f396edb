from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from websockets.exceptions import InvalidStatus

from dispatcher import installation
from dispatcher.db import Database
from dispatcher.protection.keys import KeyRing
from dispatcher.settings import Settings
from tests.web.live import Live, live
from web.app import Surface, create_app
from web.services import Services

PARTS = ("worker dispatch", "worker messages", "worker feedback", "timekeeper")


@pytest.fixture
def set_up(database: Database, keys: KeyRing) -> Database:
    database.transact(lambda work: installation.claim(work, keys, None))
    return database


@contextmanager
def running(
    settings: Settings, database: Database, redis_url: str | None, surface: Surface = Surface.ALL
) -> Iterator[Live]:
    unbuilt = Path(settings.keys_file or "").parent / "no-console"
    with live(create_app(Services(settings, database), surface, redis_url, console=unbuilt)) as server:
        yield server


def get(server: Live, path: str) -> httpx.Response:
    return httpx.get(f"{server.url}{path}", trust_env=False, timeout=30)


def beat(database: Database, part: str, age_s: int) -> None:
    statement = text(
        "INSERT INTO heartbeats (part, at) VALUES (:part, clock_timestamp() - make_interval(secs => :age)) "
        "ON CONFLICT (part) DO UPDATE SET at = excluded.at"
    )
    with database.engine.begin() as connection:
        connection.execute(statement, {"part": part, "age": age_s})


def test_ready_names_every_part(set_up: Database, settings: Settings, redis_url: str) -> None:
    for part in PARTS:
        beat(set_up, part, 1)
    with running(settings, set_up, redis_url) as server:
        answer = get(server, "/readyz")
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")
        assert answer.json()["parts"] == dict.fromkeys(("postgres", "redis", *PARTS), "ok")

        beat(set_up, "worker messages", 16)
        degraded = get(server, "/readyz")
        assert (degraded.status_code, degraded.json()["status"]) == (200, "degraded")
        assert [part for part, state in degraded.json()["parts"].items() if state == "degraded"] == ["worker messages"]


def test_without_redis_and_workers_orders_are_still_taken(set_up: Database, settings: Settings) -> None:
    with running(settings, set_up, "redis://127.0.0.1:1/0") as server:
        answer = get(server, "/readyz")
    assert answer.status_code == 200
    assert answer.json()["parts"]["postgres"] == "ok"
    assert answer.json()["parts"]["redis"] == "degraded"


def test_a_database_that_takes_no_writes_is_not_ready(set_up: Database, settings: Settings) -> None:
    with running(settings, set_up, None) as server:
        assert get(server, "/readyz").status_code == 200
        with set_up.engine.begin() as connection:
            connection.execute(text("LOCK TABLE installation IN EXCLUSIVE MODE"))
            locked = get(server, "/readyz")
        assert (locked.status_code, locked.json()["parts"]["postgres"]) == (503, "degraded")
        assert get(server, "/healthz").status_code == 200
        assert get(server, "/readyz").status_code == 200


def test_a_database_that_is_not_there_is_not_ready(database: Database, settings: Settings) -> None:
    gone = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/none"})
    with running(gone, database, None) as server:
        assert get(server, "/readyz").status_code == 503


def test_the_counters_are_for_prometheus(set_up: Database, settings: Settings) -> None:
    with running(settings, set_up, None) as server:
        httpx.post(f"{server.url}/hooks/nobody/alerts", content=b"{}", trust_env=False, timeout=60)
        answer = get(server, "/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'bluevest_orders_total{status="404"} 1.0' in answer.text
    assert "bluevest_console_sockets 0.0" in answer.text


@pytest.mark.parametrize(
    ("surface", "has", "has_not"),
    [
        (Surface.HOOKS, "/hooks/{source}/alerts", "/api/cases"),
        (Surface.VOLUNTEER, "/readyz", "/api/cases"),
        (Surface.CONSOLE, "/api/cases", "/hooks/{source}/alerts"),
        (Surface.ALL, "/api/cases", "/docs"),
    ],
)
def test_a_surface_opens_its_own_doors_alone(
    set_up: Database, settings: Settings, surface: Surface, has: str, has_not: str
) -> None:
    with running(settings, set_up, None, surface) as server:
        paths = get(server, "/openapi.json").json()["paths"]
        assert has in paths
        assert has_not not in paths
        assert get(server, "/docs").status_code == 404
        home = get(server, "/")
        assert get(server, "/api/cases").status_code == (401 if "/api/cases" in paths else 404)
    assert "模拟" in home.text
    assert "openapi.json" in home.text
    assert "frame-ancestors 'none'" in home.headers["content-security-policy"]
    assert home.headers["x-content-type-options"] == "nosniff"
    assert home.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("surface", list(Surface))
def test_doors_that_are_no_part_of_the_description_stand_on_their_surface_too(
    set_up: Database, settings: Settings, surface: Surface
) -> None:
    """An unsigned callback is refused, a made-up task has its page, a console without a cookie is told so."""
    with running(settings, set_up, None, surface) as server:
        callback = httpx.post(f"{server.url}/hooks/twilio/inbound", data={"Body": "1"}, trust_env=False, timeout=60)
        task = get(server, "/t/nobody").headers["content-type"]
        with pytest.raises(InvalidStatus) as refused, server.watch(None):
            pass
    assert callback.status_code == (403 if surface in {Surface.ALL, Surface.HOOKS} else 404)
    assert task.startswith("text/html") == (surface in {Surface.ALL, Surface.VOLUNTEER})
    assert (refused.value.response.status_code == 401) == (surface in {Surface.ALL, Surface.CONSOLE})


def test_a_real_provider_is_no_simulation(set_up: Database, settings: Settings) -> None:
    real = settings.model_copy(update={"twilio_account_sid": "AC" + "1" * 32})
    with running(real, set_up, None) as server:
        assert "模拟" not in get(server, "/").text
