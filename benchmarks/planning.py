"""Orders a second until their offers and texts are committed, through RQ and PostgreSQL, beside an empty RQ job each.

The orders are durable before the clock runs, as are the jobs of the floor: what is timed is the worker's part alone,
from the moment it may begin. Once more with all parts at work, from the first order to the last committed offer.
"""

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import psycopg

from benchmarks import senders
from benchmarks.bare_worker import STARTED, bare_queue
from benchmarks.order_to_text import PATIENT, usage_of
from benchmarks.rows import compared, plain, written
from benchmarks.service import STATION, Running, child, command, recorder, roster, running, without
from benchmarks.usage import watched
from bluevest.commands.context import opened
from tests.builders import station

ROUNDS, ORDERS, STATIONS, LINES = 3, 1000, 10, 64
HOT = "440306-T99"
_LOOK_S, _GIVE_UP_S = 0.005, 120.0


@dataclass(frozen=True)
class Bench:
    """A service with its centre, and a connection to look at what was committed."""

    service: Running
    rows: psycopg.Connection[Any]
    many: int

    def orders(self, stations: Sequence[str], run: str) -> float:
        """Send one order a case, to the stations in turn; the moment of the first."""
        given = [
            senders.order(self.many * int(run[1:]) + n, stations[n % len(stations)], run) for n in range(self.many)
        ]
        requests = list(senders.signed("bench", self.service.secret, given, run))
        began = time.monotonic()
        port = int(self.service.url.rpartition(":")[2])
        senders.send(port, requests, LINES, a_second=900).rate(202)
        return began

    def planned(self, already: int) -> None:
        """Back as soon as every order's offer and text are committed. Raises RuntimeError when they never are."""
        give_up = time.monotonic() + _GIVE_UP_S
        while self.offers() - already < self.many:
            if time.monotonic() > give_up:
                raise RuntimeError(f"{self.offers() - already} offers for {self.many} orders")
            time.sleep(_LOOK_S)

    def offers(self) -> int:
        """Offers with their texts that everybody can see."""
        found = self.rows.execute("SELECT count(*) FROM messages WHERE template = 'offer'").fetchone()
        self.rows.rollback()
        return int(found[0]) if found else 0


def measure(rounds: int = ROUNDS, many: int = ORDERS) -> dict[str, Any]:
    """Orders a second at ten stations and at one, and with everything at work."""
    ten = [f"440306-T{n:02d}" for n in range(STATIONS)]
    found: dict[str, list[float]] = {"ten": [], "hot": [], "floor": [], "all": []}
    with _bench(ten, rounds, many) as bench, child("benchmarks.bare_worker", bench.service.redis_url) as bare:
        with watched(bench.service.pid) as usage:
            for turn in range(rounds):
                found["ten"].append(_round(bench, ten, f"T{turn}"))
                found["hot"].append(_round(bench, [HOT], f"H{turn + rounds}"))
                found["floor"].append(_floor(bench, bare.pid))
        for turn in range(rounds):
            already, began = bench.offers(), bench.orders(ten, f"A{turn + 2 * rounds}")
            bench.planned(already)
            found["all"].append(many / (time.monotonic() - began))
    beside, unit = "an empty RQ job each", "a second"
    rows = [
        compared("c. orders planned, ten stations", unit, found["ten"], beside, found["floor"], at_least=4),
        compared("c. orders planned, one hot station", unit, found["hot"], beside, found["floor"], at_least=4),
        plain("c. from order to offer, all parts at work", unit, *found["all"]),
        plain("f. memory while planning, all parts", "MB", usage.peak_mb),
    ]
    return {"rows": written(rows), "a_second": found, "orders": many, "usage": usage_of(usage)}


@contextmanager
def _bench(ten: Sequence[str], rounds: int, many: int) -> Iterator[Bench]:
    with recorder() as provider, running(provider, people=5) as service, tempfile.TemporaryDirectory() as folder:
        with opened(service.data) as own:
            for code in (*ten, HOT):
                own.database.transact(partial(station, code=code))
        for code in (*ten, HOT, STATION):
            command(service.data, "policy", "set", code, stdin=json.dumps(PATIENT))
        file = Path(folder) / "roster.csv"
        people = (rounds * many + 100) * 2
        # Half of all for the hot station, and twice as many in all for the ten, which plan twice as often.
        file.write_text(roster(people * 2, on_duty=True, stations=[*ten, *[HOT] * STATIONS], first=10_000))
        command(service.data, "roster", "import", str(file))
        with psycopg.connect(service.database_url) as rows:
            yield Bench(service, rows, many)


def _round(bench: Bench, stations: Sequence[str], run: str) -> float:
    """Orders a second of the dispatch worker, with the other workers out of its way."""
    with without(bench.service, "messages", "feedback", "timekeeper") as rest:
        (worker,) = [part for part in rest if part.is_running() and "dispatch" in part.cmdline()]
        already = bench.offers()
        worker.suspend()
        try:
            bench.orders(stations, run)
        finally:
            began = time.monotonic()
            worker.resume()
        bench.planned(already)
        return bench.many / (time.monotonic() - began)


def _floor(bench: Bench, pid: int) -> float:
    queue, worker = bare_queue(bench.service.redis_url), psutil.Process(pid)
    worker.suspend()
    try:
        for number in range(bench.many - 1):
            queue.enqueue_call("benchmarks.bare_worker.empty", args=(number,), result_ttl=0)
        queue.enqueue_call("benchmarks.bare_worker.started", args=(0, bench.service.redis_url), result_ttl=0)
    finally:
        began = time.monotonic()
        worker.resume()
    popped: Any = queue.connection.blpop([STARTED], timeout=int(_GIVE_UP_S))
    return bench.many / (float(popped[1].split()[1]) - began)
