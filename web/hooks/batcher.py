"""Waiting orders share a commit: a thread takes what has gathered while the last commit was under way.

Nobody waits for a batch to fill: an order that comes alone is committed alone.
"""

import asyncio
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from dispatcher.db import Database
from dispatcher.errors import DispatcherError, Unavailable
from dispatcher.intake.accept import accept_many
from dispatcher.intake.incoming import Answer, Incoming, Outcome
from dispatcher.intake.sources import KnownSource, SourceBook

log = structlog.get_logger(__name__)

LARGEST: Final = 200
"""Most orders in one commit: beyond it the first of them would wait longer than the commit saves."""
WAITING: Final = 4000
"""Most orders that wait at all: some seconds' worth; more are better sent again than kept in one's hand."""
PATIENCE_S: Final = 20.0
_AWAY: Final = frozenset({"08", "25", "53", "57", "58"})
"""Classes of SQLSTATE: no connection, read-only, out of resources, shut down or cut off, its system failed."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    incoming: Incoming
    answer: "asyncio.Future[Outcome]"
    loop: asyncio.AbstractEventLoop


class Batcher:
    """One a process. `sources` is the process's book of who may send."""

    def __init__(self, database: Database, *, largest: int = LARGEST, waiting: int = WAITING) -> None:
        self.sources = SourceBook(database)
        self._database = database
        self._largest = largest
        self._most_waiting = waiting
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="sources")
        self._open = False

    def start(self) -> None:
        """Begin to take orders."""
        self._open = True
        self._thread = threading.Thread(target=self._work, name="intake", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more, finish those that wait, and come back when the last is answered."""
        self._open = False
        self._reader.shutdown(wait=False, cancel_futures=True)
        thread, self._thread = self._thread, None
        if thread:
            self._queue.put(None)
            thread.join()

    async def look_up(self, name: str, asked_at: float) -> KnownSource | None:
        """The source as it stood at `asked_at` (time.monotonic) or later.

        One thread reads for everybody: a database that hangs holds no thread that others need. Raises Unavailable.
        """
        reading = asyncio.get_running_loop().run_in_executor(self._reader, self.sources.look_up, name, asked_at)
        try:
            return await asyncio.wait_for(reading, PATIENCE_S)
        except (DBAPIError, PoolTimeout, TimeoutError):
            raise Unavailable("the database cannot be read at the moment") from None

    async def accept(self, incoming: Incoming) -> Outcome:
        """Wait until the order is durable. Whoever stops waiting does not take the order back.

        Raises Conflict for a used id with another body, Unavailable when it could not be made
        durable in time (the same order may be sent again).
        """
        if not self._open or self._queue.qsize() >= self._most_waiting:
            raise Unavailable("too many orders are waiting; send this one again")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Outcome] = loop.create_future()
        self._queue.put(_Waiting(incoming, answer, loop))
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await answer
        except TimeoutError:
            raise Unavailable("it is not known yet whether the order is durable; send it again") from None

    def _work(self) -> None:
        while True:
            first = self._queue.get()
            if first is None:
                self._drain()
                return
            self._answer(self._gather(first))

    def _gather(self, first: _Waiting) -> list[_Waiting]:
        """What waits now, up to the largest batch; the sign to stop goes back to the end of the queue."""
        batch = [first]
        with suppress(queue.Empty):
            while len(batch) < self._largest:
                found = self._queue.get_nowait()
                if found is None:
                    self._queue.put(None)
                    break
                batch.append(found)
        return batch

    def _drain(self) -> None:
        with suppress(queue.Empty):
            while True:
                found = self._queue.get_nowait()
                if found is not None:
                    self._answer(self._gather(found))

    def _answer(self, batch: Sequence[_Waiting]) -> None:
        try:
            answers = self._together(batch)
        except _Away:
            batch = [*batch, *self._everybody()]
            answers = [Unavailable("the database cannot be written to at the moment") for _ in batch]
        _deliver(batch, answers)

    def _together(self, batch: Sequence[_Waiting]) -> list[Answer]:
        """All in one transaction; when that fails for a reason of one of them, each in its own."""
        incomings = [waiting.incoming for waiting in batch]
        try:
            return self._transact(incomings)
        except _Away:
            raise
        except Exception as error:  # noqa: BLE001  # one order must not take the others down with it
            log.warning("batch_failed", orders=len(incomings), error=type(error).__name__)
        return [self._alone(incoming) for incoming in incomings]

    def _alone(self, incoming: Incoming) -> Answer:
        try:
            return self._transact([incoming])[0]
        except DispatcherError as error:
            return error
        except _Away:
            return Unavailable("the database cannot be written to at the moment")
        except Exception as error:
            log.exception("order_failed", error=type(error).__name__)
            return Unavailable("the order could not be made durable")

    def _transact(self, incomings: list[Incoming]) -> list[Answer]:
        try:
            return self._database.transact(lambda work: accept_many(work, incomings))
        except (DBAPIError, PoolTimeout) as error:
            if _is_away(error):
                log.error("database_away", error=type(error).__name__)  # noqa: TRY400  # the trace says no more
                raise _Away from None
            raise

    def _everybody(self) -> list[_Waiting]:
        """All who wait: with the database away there is nothing to wait for."""
        found: list[_Waiting] = []
        for _ in range(self._queue.qsize()):
            with suppress(queue.Empty):
                waiting = self._queue.get_nowait()
                if waiting is None:
                    self._queue.put(None)
                else:
                    found.append(waiting)
        return found


class _Away(Exception):
    """The database cannot be reached, for this order as for all others."""


def _is_away(error: DBAPIError | PoolTimeout) -> bool:
    """Whether it is the database that cannot, and not this batch that asks for something impossible."""
    if isinstance(error, PoolTimeout) or error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return isinstance(error, OperationalError | InterfaceError)
    return state[:2] in _AWAY


def _deliver(batch: Sequence[_Waiting], answers: Sequence[Answer]) -> None:
    """Hand the answers to the loops that wait for them, one call a loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Outcome], Answer]]] = {}
    for waiting, answer in zip(batch, answers, strict=True):
        by_loop.setdefault(waiting.loop, []).append((waiting.answer, answer))
    for loop, pairs in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, pairs)


def _settle(pairs: Sequence[tuple["asyncio.Future[Outcome]", Answer]]) -> None:
    for future, answer in pairs:
        if future.done():
            continue
        if isinstance(answer, DispatcherError):
            future.set_exception(answer)
        else:
            future.set_result(answer)
