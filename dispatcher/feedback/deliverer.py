"""Delivering: claim and commit, call the centre, record what it said (design: the house; contract: Feedback out)."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Self
from uuid import UUID

import structlog

from dispatcher.db import Database
from dispatcher.feedback.claims import Claimed, claim
from dispatcher.feedback.post import TIMEOUT_S, WHOLE_S, Answer, Post
from dispatcher.feedback.record import record, withdraw
from dispatcher.feedback.schedule import Verdict, verdict
from dispatcher.feedback.signing import signed_headers

log = structlog.get_logger(__name__)

THREADS = 8
RUN_S = 10.0
_BUSY = frozenset({429, 503})


class Deliverer:
    """Delivers what is due, a few cases at once, each case in order; any number of deliverers may run.

    `timeout_s` bounds each step of a call and `whole_s` all of it (well under the lease); a run claims nothing more
    after `run_s`. Made once a process: its connections are kept.
    """

    def __init__(
        self,
        database: Database,
        *,
        timeout_s: float = TIMEOUT_S,
        whole_s: float = WHOLE_S,
        run_s: float = RUN_S,
        threads: int = THREADS,
    ) -> None:
        self._database = database
        self._post = Post(timeout_s, whole_s, threads)
        self._run_s = run_s
        self._threads = threads

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the kept connections."""
        self._post.close()

    def deliver_due(self) -> int:
        """Try what is due until nothing is, or the run's time is over; the number of tries.

        Raises sqlalchemy.exc.DBAPIError when the database is away; what was claimed then is tried after its lease.
        """
        run = _Run(self._database, self._post, time.monotonic() + self._run_s)
        first = run.claim()
        if first is None:
            return 0
        with ThreadPoolExecutor(self._threads, thread_name_prefix="deliver") as pool:
            lanes = [pool.submit(run.lane, first), *(pool.submit(run.lane) for _ in range(self._threads - 1))]
        return sum(lane.result() for lane in lanes)


class _Run:
    """One run: a centre that did not answer or asked for patience is left alone until the next, others are not."""

    def __init__(self, database: Database, post: Post, until: float) -> None:
        self._database = database
        self._post = post
        self._until = until
        self._silent: set[UUID] = set()
        self._lock = threading.Lock()

    def lane(self, claimed: Claimed | None = None) -> int:
        """One thread's share: a claim and a try at a time; whoever ends a feedback finds the case's next."""
        tries = 0
        claimed = claimed or self.claim()
        while claimed:
            self._deliver(claimed)
            tries += 1
            claimed = self.claim()
        return tries

    def claim(self) -> Claimed | None:
        """The next feedback to try, if there is one and time for it."""
        if time.monotonic() >= self._until:
            return None
        with self._lock:
            silent = frozenset(self._silent)
        return self._database.transact(partial(claim, silent=silent))

    def _deliver(self, claimed: Claimed) -> None:
        if claimed.url is None:
            said = self._database.transact(partial(withdraw, claimed=claimed))
            _tell(claimed, said, "no address")
            return
        answer = self._try(claimed, claimed.url)
        if verdict(answer.status) is Verdict.AGAIN and (answer.status is None or answer.status in _BUSY):
            with self._lock:
                self._silent.add(claimed.source_id)
        jitter = random.random()  # noqa: S311  # spreads tries, guards nothing
        said = self._database.transact(partial(record, claimed=claimed, answer=answer, jitter=jitter))
        _tell(claimed, said, answer.reason)

    def _try(self, claimed: Claimed, url: str) -> Answer:
        try:
            headers = signed_headers(claimed.id, claimed.body, claimed.secrets, claimed.claimed_at)
        except ValueError:
            return Answer(None, "no secret to sign with")
        return self._post.send(url, headers, claimed.body)


def _tell(claimed: Claimed, said: Verdict | None, reason: str) -> None:
    if said in {Verdict.REFUSED, Verdict.AGAIN}:
        log.warning("feedback_not_accepted", said=said, feedback=str(claimed.id), tries=claimed.tries, reason=reason)
