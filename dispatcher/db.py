"""The database: one engine, and units of work that start again when somebody else was first."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from dispatcher.clock import Clock, SystemClock
from dispatcher.jobs import Silence, Waker
from dispatcher.settings import Settings
from dispatcher.work import Work

T = TypeVar("T")

TRIES = 5
SERIALIZATION, DEADLOCK, UNIQUE, LOCK_TIMEOUT = "40001", "40P01", "23505", "55P03"
AGAIN = frozenset({SERIALIZATION, DEADLOCK, UNIQUE, LOCK_TIMEOUT})

_NETWORK = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""libpq: seconds, the last one milliseconds. A server that vanished without a word is given up in half a minute."""
_OPTIONS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "idle_in_transaction_session_timeout": "15s",
        "lock_timeout": "10s",
        "statement_timeout": "60s",
        "timezone": "UTC",
    }.items()
)


def make_engine(settings: Settings, pool_size: int = 10) -> Engine:
    """An engine whose sessions never hang: connecting, waiting for a lock and idling all have an end."""
    return create_engine(
        settings.sqlalchemy_url,
        pool_size=pool_size,
        max_overflow=10,
        pool_timeout=10,
        connect_args={**_NETWORK, "options": _OPTIONS, "application_name": "bluevest"},
        hide_parameters=True,
    )


class Database:
    """Runs units of work. `waker` is told after each commit."""

    def __init__(self, engine: Engine, clock: Clock | None = None, waker: Waker | None = None) -> None:
        self.engine = engine
        self.clock = clock or SystemClock()
        self.waker = waker or Silence()
        self._sessions = sessionmaker(engine, expire_on_commit=False)

    def transact(self, act: Callable[[Work], T]) -> T:
        """Run `act` in one transaction and commit it; run it afresh when somebody else was first.

        Raises what `act` raises (nothing is changed then), or sqlalchemy.exc.DBAPIError when the database is away.
        """
        for attempt in range(1, TRIES + 1):
            try:
                with self._sessions() as session:
                    work = Work(session, self.clock.now())
                    result = act(work)
                    work.finish()
            except DBAPIError as error:
                if attempt == TRIES or not _worth_another_try(error):
                    raise
                time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311  # spreads rivals, guards nothing
            else:
                work.tell(self.waker)
                return result
        raise AssertionError("the last try either returns or raises")

    def read(self, look: Callable[[Session], T]) -> T:
        """Run `look` in one read-only, repeatable transaction: all it sees belongs to one moment."""
        with self.engine.connect().execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        ) as connection:
            return look(Session(connection, expire_on_commit=False))


def _worth_another_try(error: DBAPIError) -> bool:
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in AGAIN
