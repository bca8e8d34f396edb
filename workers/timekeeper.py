"""The timekeeper: every second it runs the clocks that are due and wakes whoever was not woken.

Several may run; they share the work by SKIP LOCKED. When Redis is away it does the jobs itself.
"""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog

from dispatcher import sweep
from dispatcher.freezes.clocks import due_freezes, run_freeze
from dispatcher.jobs import Job
from dispatcher.roster.following import due_people, follow_plan
from dispatcher.roster.records import reckon
from dispatcher.tracking.clocks import due_cases, run_clocks
from dispatcher.work import Work
from workers.heartbeat import start_heartbeat
from workers.shop import Shop
from workers.table import TABLE

log = structlog.get_logger(__name__)
T = TypeVar("T")

TICK_S = 1.0
TIDY_S = 600.0


class Aside:
    """Does jobs itself, in a thread for each kind, so that a provider that hangs stops no clock."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._threads: dict[Job, threading.Thread] = {}
        self._waiting: dict[Job, dict[str, None]] = {job: {} for job in Job}

    def run(self, job: Job, key: str) -> None:
        """Have the job done after those of its kind that wait already; one that waits is not put there twice."""
        self._waiting[job][key] = None
        under_way = self._threads.get(job)
        if under_way is None or not under_way.is_alive():
            thread = threading.Thread(target=self._work_off, args=(job,), daemon=True)
            self._threads[job] = thread
            thread.start()

    def _work_off(self, job: Job) -> None:
        """In the order of asking, so that no station is left out; what comes as this ends waits for the next tick."""
        waiting = self._waiting[job]
        while waiting:
            for key in list(waiting):
                del waiting[key]
                _attempt(job, TABLE[job], self._shop, key)


def run_timekeeper(shop: Shop, stop: threading.Event) -> None:
    """Sweep until told to stop. A database that is away is tried again at the next tick."""
    start_heartbeat(shop.database, "timekeeper")
    aside = Aside(shop)
    tidy_at = time.monotonic()
    while not stop.is_set():
        started = time.monotonic()
        _attempt("tick", tick, shop, aside.run)
        if started >= tidy_at:
            keep = timedelta(days=shop.settings.event_days)
            _attempt("tidy", shop.database.transact, partial(sweep.tidy, keep=keep))
            _attempt("records", shop.database.transact, partial(reckon, zone=shop.settings.zone))
            tidy_at = started + TIDY_S
        stop.wait(max(0.05, TICK_S - (time.monotonic() - started)))


def tick(shop: Shop, run: Callable[[Job, str], None] | None = None) -> None:
    """One sweep: due clocks first, those of stop-payments before all others, each in a transaction of its own, then who
    comes on or goes off duty, then the wake-ups that got lost.

    `run` does a job for which no worker could be woken; by default here and at once.
    """
    now = shop.database.clock.now()
    _run_due_clocks(shop, "stops", run_freeze, shop.database.read(lambda session: due_freezes(session, now)))
    _run_due_clocks(shop, "clocks", run_clocks, shop.database.read(lambda session: due_cases(session, now)))
    _turn_duty(shop, shop.database.read(lambda session: due_people(session, now)))
    for job, key in shop.database.read(lambda session: sweep.lost_wakeups(session, now)):
        if shop.waker.wake(job, key):
            continue
        if run:
            run(job, key)
        else:
            _attempt(job, TABLE[job], shop, key)


def _run_due_clocks(shop: Shop, what: str, run: Callable[..., bool], due: Sequence[UUID]) -> None:
    """Cases that somebody has just now come last and are waited for, for as long as a tick lasts in all."""

    def once(row_id: UUID, *, wait: bool = False) -> Callable[[Work], bool]:
        return lambda work: run(work, row_id, wait=wait)

    transact = shop.database.transact
    busy = [row_id for row_id in due if _attempt(what, transact, once(row_id)) is False]
    until = time.monotonic() + TICK_S
    for row_id in busy:
        if time.monotonic() >= until:
            return
        _attempt(what, transact, once(row_id, wait=True))


def _turn_duty(shop: Shop, due: Sequence[UUID]) -> None:
    """For as long as a tick lasts: a whole district may change shifts at once, and cases have clocks too."""
    until = time.monotonic() + TICK_S
    for volunteer_id in due:
        if time.monotonic() >= until:
            return
        act = partial(follow_plan, volunteer_id=volunteer_id, zone=shop.settings.zone)
        _attempt("duty", shop.database.transact, act)


def _attempt(what: str, act: Callable[..., T], *arguments: object) -> T | None:
    """Do it; what fails is written down and stops nothing else, for the next tick finds it again."""
    try:
        return act(*arguments)
    except Exception as error:  # noqa: BLE001  # a row nobody can read must not stop everybody's clocks
        log.warning("not_done", what=what, error=type(error).__name__)
        return None
