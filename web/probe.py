"""Asks the stores and the parts whether they are well; never waits long for an answer."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import redis.asyncio as redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.db import make_engine
from dispatcher.parts import FRESH_S, PARTS
from dispatcher.settings import Settings

OK, DEGRADED = "ok", "degraded"
_LONGEST_S = 2.5


@dataclass(frozen=True)
class Health:
    """`ready`: orders can be accepted. `parts`: ok or degraded by name."""

    ready: bool
    parts: Mapping[str, str]


class Probe:
    """One a process; at most one look at the database at a time, so that a hung one holds one thread."""

    def __init__(self, settings: Settings, redis_url: str | None) -> None:
        # A connection of its own: a busy pool is no reason to call PostgreSQL unwell.
        self._engine = make_engine(settings, pool_size=1)
        self._redis_url = redis_url
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="probe")
        self._running: Future[dict[str, float]] | None = None

    async def look(self) -> Health:
        """Write to PostgreSQL, greet Redis, read the heartbeats."""
        ages, redis_well = await asyncio.gather(self._database(), self._redis())
        parts = {"postgres": DEGRADED if ages is None else OK, "redis": OK if redis_well else DEGRADED}
        parts |= {part: _state((ages or {}).get(part)) for part in PARTS}
        return Health(ages is not None, parts)

    def stop(self) -> None:
        """Ask no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._engine.dispose()

    async def _database(self) -> dict[str, float] | None:
        """Seconds since each part's heartbeat, or None while PostgreSQL takes no writes."""
        if self._running is None or self._running.done():
            self._running = self._threads.submit(_write_and_read, self._engine)
        with suppress(TimeoutError, SQLAlchemyError):
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self._running)), _LONGEST_S)
        return None

    async def _redis(self) -> bool:
        if self._redis_url is None:
            return False
        with suppress(RedisError, OSError, TimeoutError):
            async with redis.from_url(self._redis_url, socket_connect_timeout=1, socket_timeout=1) as client:
                return bool(await asyncio.wait_for(client.ping(), _LONGEST_S))
        return False


def _write_and_read(engine: Engine) -> dict[str, float]:
    """A real write in a short transaction. Raises SQLAlchemyError."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = '2s'"))
        connection.execute(text("SET LOCAL lock_timeout = '2s'"))
        written = connection.execute(text("UPDATE installation SET probed_at = clock_timestamp() RETURNING id"))
        written.scalar_one()
        beats = connection.execute(
            text("SELECT part, extract(epoch FROM clock_timestamp() - at)::float8 AS age FROM heartbeats")
        )
        return {row.part: row.age for row in beats}


def _state(age: float | None) -> str:
    return OK if age is not None and age < FRESH_S else DEGRADED
