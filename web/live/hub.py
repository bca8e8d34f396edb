"""The hub: one a process. Per watched station one reader; per console one bounded queue."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from dispatcher.db import Database
from web.live.nudges import listen
from web.live.reader import Reader
from web.live.subscription import Subscription

LOOK_EVERY_S = 1.0
QUEUE_FRAMES = 1024
LINGER_S = 30.0
"""So long a station is followed after its last console left: whoever comes back finds what they missed in memory."""
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
        linger_s: float = LINGER_S,
        sent: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._redis_url = redis_url
        self._look_every_s = look_every_s
        self._queue_frames = queue_frames
        self._linger_s = linger_s
        self._sent = sent
        self._readers: dict[UUID, Reader] = {}
        self._leaving: dict[UUID, asyncio.TimerHandle] = {}
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
        while self._leaving:
            self._leaving.popitem()[1].cancel()
        for station_id in list(self._readers):
            await self._readers.pop(station_id).stop()
        # As the end of the process would: so that no reading outlives the database's connections.
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)

    @asynccontextmanager
    async def watch(self, station_id: UUID) -> AsyncIterator[tuple[Reader, Subscription]]:
        """The station's reader, and a queue that receives every event numbered after this call returned.

        Ask the reader for the opening inside. Raises what reading the database raises.
        """
        reader = self._reader(station_id)
        subscription = Subscription(self._queue_frames)
        reader.subscriptions.add(subscription)
        try:
            await reader.placed()
            yield reader, subscription
        finally:
            reader.subscriptions.discard(subscription)
            if not reader.subscriptions and self._readers.get(station_id) is reader:
                self._wait_to_leave(reader)

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
        timer = self._leaving.pop(station_id, None)
        if timer:
            timer.cancel()
        reader = self._readers.get(station_id)
        if reader is None or reader.failed():
            reader = self._readers[station_id] = Reader(
                self._database, self._threads, station_id, self._look_every_s, self._sent
            )
        return reader

    def _wait_to_leave(self, reader: Reader) -> None:
        """Until somebody comes, or the time is over."""
        loop = asyncio.get_running_loop()
        self._leaving[reader.station_id] = loop.call_later(self._linger_s, self._leave, reader.station_id)

    def _leave(self, station_id: UUID) -> None:
        self._leaving.pop(station_id, None)
        reader = self._readers.pop(station_id, None)
        if reader:
            reader.end()
