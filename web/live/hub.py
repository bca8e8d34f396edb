"""The hub: one a process. Per watched station one reader; per console one bounded queue."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from dispatcher.db import Database
from web.live.nudges import listen
from web.live.reader import Reader
from web.live.subscription import Subscription

T = TypeVar("T")

LOOK_EVERY_S = 1.0
QUEUE_FRAMES = 1024
_THREADS = 4


class Hub:
    """Runs between `start` and `stop`, on one event loop."""

    def __init__(
        self,
        database: Database,
        redis_url: str | None,
        *,
        look_every_s: float = LOOK_EVERY_S,
        queue_frames: int = QUEUE_FRAMES,
    ) -> None:
        self.database = database
        self._redis_url = redis_url
        self._look_every_s = look_every_s
        self._queue_frames = queue_frames
        self._readers: dict[UUID, Reader] = {}
        self._listener: asyncio.Task[None] | None = None
        # Threads of its own: consoles never wait for the web's routes, nor these for consoles.
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="feed")

    async def start(self) -> None:
        """Begin to listen for nudges, if there is a Redis."""
        if self._redis_url:
            self._listener = asyncio.create_task(listen(self._redis_url, self.nudge, self.nudge_all), name="nudges")

    async def stop(self) -> None:
        """End all readers and all who watch."""
        if self._listener:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener
        for station_id in list(self._readers):
            await self._readers.pop(station_id).stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    @asynccontextmanager
    async def watch(self, station_id: UUID) -> AsyncIterator[Subscription]:
        """A queue that receives every event numbered after this call returned, and maybe some from just before.

        Take the snapshot inside, and skip what it holds already. Raises what reading the database raises.
        """
        reader = self._reader(station_id)
        subscription = Subscription(station_id, self._queue_frames)
        reader.subscriptions.add(subscription)
        try:
            await reader.placed()
            yield subscription
        finally:
            reader.subscriptions.discard(subscription)
            if not reader.subscriptions and self._readers.get(station_id) is reader:
                del self._readers[station_id]
                await reader.stop()

    async def read(self, look: Callable[[Session], T]) -> T:
        """Read the database in one of the hub's threads; the connection is free again when this returns."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.database.read, look)

    def nudge(self, station_id: str) -> None:
        """A station's feed has grown; others than the watched ones do not matter here."""
        with suppress(ValueError):
            reader = self._readers.get(UUID(station_id))
            if reader:
                reader.woken.set()

    def nudge_all(self) -> None:
        """Any feed may have grown."""
        for reader in self._readers.values():
            reader.woken.set()

    def _reader(self, station_id: UUID) -> Reader:
        reader = self._readers.get(station_id)
        if reader is None or reader.failed():
            reader = self._readers[station_id] = Reader(self.database, self._threads, station_id, self._look_every_s)
        return reader
