"""The bounded queue between a station's reader and one console."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Frame:
    """One event, encoded once for everybody."""

    seq: int
    text: str


class TooSlow(Exception):
    """The console fell further behind than its queue is long."""


class Broken(Exception):
    """The sequence began anew, or the service stops: the console must come again."""


class Subscription:
    """Filled by the reader, emptied by the socket."""

    def __init__(self, station_id: UUID, limit: int) -> None:
        self.station_id = station_id
        self._frames: deque[Frame] = deque()
        self._limit = limit
        self._filled = asyncio.Event()
        self._end: Exception | None = None
        self._ended = asyncio.Event()

    async def next(self) -> Frame:
        """The next event, in order and without a gap.

        Raises TooSlow or Broken, dropping what waits, once it was ended.
        """
        while not self._frames and self._end is None:
            self._filled.clear()
            await self._filled.wait()
        if self._end is not None:
            raise self._end
        return self._frames.popleft()

    async def ended(self) -> None:
        """Wait for the end, whether or not anybody takes frames out.

        Raises TooSlow or Broken, never returns.
        """
        await self._ended.wait()
        raise self._end or Broken

    def offer(self, frames: Sequence[Frame]) -> None:
        """Put frames at the end of the queue; too many end it instead of growing it."""
        if len(self._frames) + len(frames) > self._limit:
            self.finish(TooSlow())
        elif self._end is None:
            self._frames.extend(frames)
            self._filled.set()

    def finish(self, reason: TooSlow | Broken) -> None:
        """End it; the first reason stays."""
        if self._end is None:
            self._end = reason
            self._frames.clear()
            self._filled.set()
            self._ended.set()
