"""Every part says now and then that it is alive, on the database's clock.

Once as the part, which `/readyz` reads however many of it run; once with its machine's name, which tells the health
check of one container from those of its siblings.
"""

import threading
import time
from datetime import timedelta

import structlog
from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.db import Database
from dispatcher.model import Heartbeat
from dispatcher.parts import name_here
from dispatcher.work import Work

log = structlog.get_logger(__name__)

EVERY_S = 4.0
KEPT = timedelta(days=1)


def beat(work: Work, part: str) -> None:
    """Write that the part is alive, here; what has been silent for a day is forgotten."""
    work.session.execute(delete(Heartbeat).where(Heartbeat.at < func.clock_timestamp() - KEPT))
    alive = insert(Heartbeat).values([{"part": name, "at": func.clock_timestamp()} for name in (part, name_here(part))])
    work.session.execute(alive.on_conflict_do_update(index_elements=["part"], set_={"at": func.clock_timestamp()}))


def start_heartbeat(database: Database, part: str) -> None:
    """Beat in a thread until the process ends."""

    def run() -> None:
        while True:
            try:
                database.transact(lambda work: beat(work, part))
            except SQLAlchemyError as error:
                log.warning("no_heartbeat", error=type(error).__name__)
            time.sleep(EVERY_S)

    threading.Thread(target=run, name="heartbeat", daemon=True).start()
