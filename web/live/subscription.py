"""The bounded queue between a station's reader and one console, and the way past it for one that keeps up."""

import asyncio
from collections import deque
from collections.abc import Sequence

from web.live.frames import Frame
from web.live.line import Write


class TooSlow(Exception):
    """The console fell further behind than its queue is long."""


class Broken(Exception):
    """The sequence began anew, or the service stops: the console must come again."""


class Subscription:
    """Filled by the reader, emptied by the socket; both on one event loop."""

    def __init__(self, limit: int) -> None:
        self._frames: deque[Frame] = deque()
        self._limit = limit
        self._reached = -1
        self._write: Write | None = None
        self._idle = False
        self._filled = asyncio.Event()
        self._end: Exception | None = None
        self._ended = asyncio.Event()

    def begin(self, reached: int, write: Write | None) -> None:
        """The console has everything up to this number; from now on `next` gives what follows on it.

        With `write`, events may reach the console without being given by `next`, whenever somebody waits in there.
        """
        self._reached, self._write = reached, write

    async def next(self) -> Frame:
        """The next event to send, in order and without a gap.

        Raises TooSlow or Broken, dropping what waits, once it was ended; Broken when events are missing.
        """
        while True:
            await self._something()
            if self._end is not None:
                raise self._end
            frame = self._frames.popleft()
            if frame.seq > self._reached + 1:
                raise Broken
            if frame.seq == self._reached + 1:
                self._reached = frame.seq
                return frame

    async def _something(self) -> None:
        """Wait for a frame in the queue, or the end."""
        while not self._frames and self._end is None:
            self._filled.clear()
            self._idle = True
            try:
                await self._filled.wait()
            finally:
                self._idle = False

    async def ended(self) -> None:
        """Wait for the end, whether or not anybody takes frames out.

        Raises TooSlow or Broken, never returns.
        """
        await self._ended.wait()
        raise self._end or Broken

    def offer(self, frames: Sequence[Frame], wires: bytes | None) -> bool:
        """Write them at once where nothing is before them and the console reads, else put them at the end of the queue.

        `wires` are all of them in one piece; without it they are queued. Too many end the queue instead of growing
        it. Gives whether they were written.
        """
        if wires is not None and self._follows(frames[0]) and self._write is not None and self._write(wires):
            self._reached = frames[-1].seq
            return True
        if len(self._frames) + len(frames) > self._limit:
            self.finish(TooSlow())
        elif self._end is None:
            self._frames.extend(frames)
            self._filled.set()
        return False

    def _follows(self, frame: Frame) -> bool:
        """Whether it is the next one for the console, and nobody is about to send anything else."""
        return self._idle and not self._frames and self._end is None and frame.seq == self._reached + 1

    def finish(self, reason: TooSlow | Broken) -> None:
        """End it; the first reason stays."""
        if self._end is None:
            self._end = reason
            self._frames.clear()
            self._filled.set()
            self._ended.set()
