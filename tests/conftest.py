"""What tests share: real stores of their own, a fresh database each, a clock that is set by hand."""

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from dispatcher import migrations
from dispatcher.db import Database, make_engine
from dispatcher.jobs import Job
from dispatcher.protection.keys import KeyRing, use_keys
from dispatcher.settings import Settings
from tests.memory import use_memory

hypothesis_settings.register_profile(
    "bluevest", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
hypothesis_settings.load_profile("bluevest")

use_memory()

_numbers = itertools.count()


@dataclass
class FixedClock:
    """A clock that stands still until it is moved."""

    moment: datetime = datetime(2026, 4, 29, 8, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def forward(self, **span: float) -> datetime:
        self.moment += timedelta(**span)
        return self.moment


@dataclass
class RecordingWaker:
    """Remembers whom a unit of work woke."""

    woken: list[tuple[Job, str]] = field(default_factory=list)
    nudged: list[str] = field(default_factory=list)

    def wake(self, job: Job, key: str = "") -> bool:
        self.woken.append((job, key))
        return True

    def nudge(self, station_id: str) -> None:
        self.nudged.append(station_id)


@pytest.fixture(scope="session")
def keys() -> KeyRing:
    ring = KeyRing.generate()
    use_keys(ring)
    return ring


@pytest.fixture(autouse=True)
def _keys_in_use(keys: KeyRing) -> None:
    """Every test starts with the keys set, whatever the one before did to them."""
    use_keys(keys)


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of this test process's own; BLUEVEST_TEST_DATABASE_URL names another one instead."""
    given = os.environ.get("BLUEVEST_TEST_DATABASE_URL")
    if given:
        yield given
        return
    from bluevest.embedded.postgres import EmbeddedPostgres

    with EmbeddedPostgres(tmp_path_factory.mktemp("stores"), durable=False).running() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Valkey server of this test process's own."""
    from bluevest.embedded.valkey import EmbeddedValkey

    with EmbeddedValkey(tmp_path_factory.mktemp("valkey")).running() as url:
        yield url


@pytest.fixture(scope="session")
def admin(server_url: str) -> Iterator[Engine]:
    engine = create_engine(
        make_url(server_url).set(drivername="postgresql+psycopg", database="postgres"), isolation_level="AUTOCOMMIT"
    )
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def template(admin: Engine) -> Iterator[str]:
    """A database with the newest schema, copied for each test."""
    name = f"template_{os.getpid()}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = create_engine(admin.url.set(database=name))
    migrations.upgrade(engine)
    engine.dispose()
    yield name
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def database_url(admin: Engine, template: str) -> Iterator[str]:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield admin.url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url,
        keys=None,
        keys_file=tmp_path / "keys.json",
        public_url="http://127.0.0.1:8000",
        twilio_auth_token="simulated-auth-token",
    )


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def waker() -> RecordingWaker:
    return RecordingWaker()


@pytest.fixture
def database(settings: Settings, clock: FixedClock, waker: RecordingWaker) -> Iterator[Database]:
    engine = make_engine(settings, pool_size=10)
    yield Database(engine, clock, waker)
    engine.dispose()
