"""Writing down what the provider has taken: senders that are done at the same moment share a commit."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import text

from dispatcher.db import Database
from dispatcher.messaging import outcome
from dispatcher.messaging.outcome import Taken
from dispatcher.work import Work

log = structlog.get_logger(__name__)

_SHORT = text("SET LOCAL lock_timeout = '200ms'")
"""A case in somebody's hands holds up its own text and no other."""


@dataclass
class _Entry:
    word: Taken
    written: bool = False
    alone: bool = False


class Recorder:
    """Shared by all the threads of one sender. Nobody waits for company: who comes alone is written alone."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Entry] = []
        self._gate = threading.Lock()
        self._pen = threading.Lock()

    def taken(self, word: Taken) -> None:
        """Back when it is durable. Raises what the database raises."""
        entry = _Entry(word)
        with self._gate:
            self._waiting.append(entry)
        with self._pen:
            if not (entry.written or entry.alone):
                self._write_all()
        if entry.alone:
            self._database.transact(lambda work: outcome.taken(work, word))

    def _write_all(self) -> None:
        """All that wait, in one transaction; when that fails, each is left to whoever brought it."""
        with self._gate:
            batch, self._waiting = self._waiting, []
        try:
            self._database.transact(lambda work: _together(work, [entry.word for entry in batch]))
        except Exception as error:  # noqa: BLE001  # whatever it is, it belongs to one of them
            log.info("recorded_alone", texts=len(batch), error=type(error).__name__)
            for entry in batch:
                entry.alone = True
        else:
            for entry in batch:
                entry.written = True


def _together(work: Work, words: Sequence[Taken]) -> None:
    work.session.execute(_SHORT)
    outcome.taken(work, *words)
