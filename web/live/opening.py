"""What a console begins with: a snapshot that many share, or the events it missed, from memory where they are."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from web.live.frames import Frame

SHARED_S = 1.0
"""So long a snapshot serves others, even if no event comes: what is shown may change without one, such as a name."""


@dataclass(frozen=True)
class Opening:
    """The first frames, and the number they reach to."""

    reached: int
    frames: Sequence[Frame]


class SharedSnapshot:
    """One station's, read once for all who ask at about the same time."""

    def __init__(self, read: Callable[[], Coroutine[Any, Any, Frame]]) -> None:
        self._read = read
        self._newest: asyncio.Task[Frame] | None = None

    async def get(self, at_least: int) -> Frame:
        """A snapshot of this number or a later one: under way, not older than a moment, or read now.

        One that was begun after this was called is good in any case: a database that shows less has begun anew.
        Raises what reading raises; all who wait for one reading fail together.
        """
        newest = self._newest
        if newest is not None:
            found = await asyncio.shield(newest)
            if found.seq >= at_least:
                return found
        if self._newest is None or self._newest is newest:
            self._newest = asyncio.create_task(self._read(), name="snapshot")
            self._newest.add_done_callback(self._keep)
        return await asyncio.shield(self._newest)

    def drop(self) -> None:
        """Whoever asks from now on gets nothing that was begun before."""
        self._newest = None

    def _keep(self, task: asyncio.Task[Frame]) -> None:
        """For a moment; what failed, not at all."""
        if task.cancelled() or task.exception() is not None:
            self._forget(task)
        else:
            asyncio.get_running_loop().call_later(SHARED_S, self._forget, task)

    def _forget(self, task: asyncio.Task[Frame]) -> None:
        if self._newest is task:
            self._newest = None


class Recent:
    """The last events handed out, without a gap: at most so many, and none for longer than it should be kept."""

    def __init__(self, most: int) -> None:
        self._frames: deque[tuple[float, Frame]] = deque(maxlen=most)

    def add(self, frames: Sequence[Frame], at: float) -> None:
        """They follow on what is there."""
        self._frames.extend((at, frame) for frame in frames)

    def newest(self, count: int) -> list[Frame] | None:
        """The last `count` in order; None when there are not so many."""
        have = len(self._frames)
        if not 0 <= count <= have:
            return None
        return [frame for _, frame in islice(self._frames, have - count, None)]

    def forget(self, before: float) -> None:
        """Drop what was added before this moment."""
        while self._frames and self._frames[0][0] < before:
            self._frames.popleft()

    def clear(self) -> None:
        """Drop everything."""
        self._frames.clear()
