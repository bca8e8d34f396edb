"""Follows one station's events from its last number on, and hands each to all who watch it."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from dispatcher.db import Database
from dispatcher.feed import MOST_REPLAYED, events_after, frame, resume, snapshot
from dispatcher.model import FeedCounter
from web.live.frames import Frame
from web.live.opening import Opening, Recent, SharedSnapshot
from web.live.subscription import Broken, Subscription

T = TypeVar("T")
log = structlog.get_logger(__name__)

RECENT_S = 120.0
"""So long an event stays in memory for consoles that come back."""
_BATCH = 100
_AT_ONCE_BYTES = 64 * 1024
"""More than this is queued, so that what a line holds for a console that stopped reading stays small."""


@dataclass(frozen=True)
class _News:
    """The counter and the next events, of one moment."""

    epoch: UUID
    reached: int
    frames: list[Frame]

    def follows(self, epoch: UUID | None, last: int) -> bool:
        """Whether nothing is missing between `last` and these events."""
        if epoch != self.epoch or self.reached < last:
            return False
        expected = range(last + 1, last + 1 + len(self.frames))
        return [f.seq for f in self.frames] == list(expected) and bool(self.frames) == (self.reached > last)


class Reader:
    """One station's; lives while somebody watches it. Nudged through `woken`, and looking by itself as well.

    Nothing of it depends on who watches: whoever may watch the station sees the same. `sent` is told how many frames
    were written past the queues.
    """

    def __init__(
        self,
        database: Database,
        threads: Executor,
        station_id: UUID,
        look_every_s: float,
        sent: Callable[[int], None],
    ) -> None:
        self.station_id = station_id
        self.subscriptions: set[Subscription] = set()
        self.woken = asyncio.Event()
        self._database = database
        self._threads = threads
        self._look_every_s = look_every_s
        self._sent = sent
        self._epoch: UUID | None = None
        self._last = 0
        self._recent = Recent(MOST_REPLAYED)
        self._snapshot = SharedSnapshot(self._read_snapshot)
        self._loop = asyncio.get_running_loop()
        self._placed: asyncio.Future[None] = self._loop.create_future()
        self._task = asyncio.create_task(self._run(), name=f"feed {station_id}")

    async def placed(self) -> None:
        """Wait until it stands at a number: no event after that one will be missed.

        Raises what reading the database raised.
        """
        await asyncio.shield(self._placed)

    async def start(self) -> Opening:
        """A snapshot that reaches at least to where the reader stands now: subscribe before, and nothing is missed."""
        frame = await self._snapshot.get(self._last)
        return Opening(frame.seq, [frame])

    async def resume(self, epoch: str, seq: int) -> Opening:
        """The events after `seq`, or a snapshot when that is unknown, too old or in the future. Subscribe before."""
        behind = self._last - seq
        if epoch != str(self._epoch) or behind > MOST_REPLAYED:
            return await self.start()
        frames = self._recent.newest(behind)
        if frames is None:
            frames = await self._in_thread(lambda session: _missed(session, self.station_id, epoch, seq))
        return Opening(frames[-1].seq if frames else seq, frames)

    def failed(self) -> bool:
        """Whether it never got to its place."""
        return self._placed.done() and self._placed.exception() is not None

    def end(self) -> None:
        """End it and all who watch."""
        for subscription in list(self.subscriptions):
            subscription.finish(Broken())
        self._task.cancel()
        self._place(Broken())

    async def stop(self) -> None:
        """End it, and wait until it has ended."""
        self.end()
        with suppress(asyncio.CancelledError):
            await self._task

    def _place(self, error: Exception) -> None:
        """Tell those who wait for the place that there will be none; nobody may be waiting, and that is no fault."""
        if not self._placed.done():
            self._placed.set_exception(error)
            self._placed.exception()

    async def _run(self) -> None:
        try:
            start = await self._in_thread(lambda session: _news(session, self.station_id, None))
        except Exception as error:  # noqa: BLE001  # told to whoever waits for the place
            self._place(error)
            return
        self._epoch, self._last = start.epoch, start.reached
        self._placed.set_result(None)
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.woken.wait(), self._look_every_s)
            self.woken.clear()
            self._recent.forget(self._loop.time() - RECENT_S)
            try:
                await self._catch_up()
            except Exception as error:  # noqa: BLE001  # the database is away: the same events are read later
                log.warning("feed_unread", error=type(error).__name__)
                await asyncio.sleep(self._look_every_s)

    async def _catch_up(self) -> None:
        """Read on until nothing is left; only what follows without a gap is handed out."""
        while True:
            last = self._last
            news = await self._in_thread(lambda session: _news(session, self.station_id, last))  # noqa: B023  # awaited
            if not news.follows(self._epoch, last):
                self._begin_anew(news)
                return
            if news.frames:
                self._last = news.frames[-1].seq
                self._hand_out(news.frames)
            if self._last == news.reached:
                return

    def _hand_out(self, frames: Sequence[Frame]) -> None:
        """Without a pause in between: whoever subscribes meanwhile is before all of these or after them."""
        self._recent.add(frames, self._loop.time())
        wires = b"".join(frame.wire for frame in frames)
        at_once = wires if len(wires) <= _AT_ONCE_BYTES else None
        written = sum(_offered(subscription, frames, at_once) for subscription in list(self.subscriptions))
        if written:
            self._sent(written * len(frames))

    def _begin_anew(self, news: _News) -> None:
        """A backup was restored, or events were removed before they were read: consoles start from a snapshot."""
        log.warning("feed_broken", station=str(self.station_id))
        self._epoch, self._last = news.epoch, news.reached
        self._recent.clear()
        self._snapshot.drop()
        for subscription in list(self.subscriptions):
            subscription.finish(Broken())

    async def _read_snapshot(self) -> Frame:
        return await self._in_thread(lambda session: Frame.of(snapshot(session, self.station_id)))

    async def _in_thread(self, look: Callable[[Session], T]) -> T:
        return await self._loop.run_in_executor(self._threads, self._database.read, look)


def _news(session: Session, station_id: UUID, last: int | None) -> _News:
    """What there is after `last`; without it, only the number to start at."""
    counter = session.get_one(FeedCounter, station_id)
    if last is None or counter.seq <= last:
        return _News(counter.epoch, counter.seq, [])
    events = events_after(session, station_id, last, _BATCH)
    return _News(counter.epoch, counter.seq, [Frame.of(frame(event)) for event in events])


def _offered(subscription: Subscription, frames: Sequence[Frame], wires: bytes | None) -> bool:
    """Whatever is wrong with one line keeps nothing from the others."""
    try:
        return subscription.offer(frames, wires)
    except Exception as error:  # noqa: BLE001  # it comes again
        log.warning("line_broken", error=type(error).__name__)
        subscription.finish(Broken())
        return False


def _missed(session: Session, station_id: UUID, epoch: str, seq: int) -> list[Frame]:
    return [Frame.of(message) for message in resume(session, station_id, epoch, seq)]
