"""Every part says now and then that it is alive, on the database's clock; `/readyz` reads it."""

import threading
import time

import structlog
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.db import Database
from dispatcher.model import Heartbeat
from dispatcher.work import Work

log = structlog.get_logger(__name__)

EVERY_S = 4.0


def beat(work: Work, part: str) -> None:
    """Write that the part is alive."""
    alive = insert(Heartbeat).values(part=part, at=func.clock_timestamp())
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
