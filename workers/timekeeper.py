"""The timekeeper: every second it runs the clocks that are due and wakes whoever was not woken.

Several may run; they share the work by SKIP LOCKED. When Redis is away it does the jobs itself.
"""

import threading
import time
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from dispatcher import sweep
from dispatcher.errors import DispatcherError
from dispatcher.tracking.clocks import due_cases, run_clocks
from workers.heartbeat import start_heartbeat
from workers.shop import Shop
from workers.table import TABLE

log = structlog.get_logger(__name__)

TICK_S = 1.0
TIDY_S = 600.0


def run_timekeeper(shop: Shop, stop: threading.Event) -> None:
    """Sweep until told to stop. A database that is away is tried again at the next tick."""
    start_heartbeat(shop.database, "timekeeper")
    tidy_at = time.monotonic()
    while not stop.is_set():
        started = time.monotonic()
        try:
            tick(shop)
            if started >= tidy_at:
                shop.database.transact(partial(sweep.tidy, keep=timedelta(days=shop.settings.event_days)))
                tidy_at = started + TIDY_S
        except (SQLAlchemyError, DispatcherError) as error:
            log.warning("tick_failed", error=type(error).__name__)
        stop.wait(max(0.05, TICK_S - (time.monotonic() - started)))


def tick(shop: Shop) -> None:
    """One sweep: due clocks first, each case in a transaction of its own, then the wake-ups that got lost."""
    now = shop.database.clock.now()
    for case_id in shop.database.read(lambda session: due_cases(session, now)):
        shop.database.transact(partial(run_clocks, case_id=case_id))
    for job, key in shop.database.read(lambda session: sweep.lost_wakeups(session, now)):
        if not shop.waker.wake(job, key):
            TABLE[job](shop, key)
