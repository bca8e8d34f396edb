"""How long from the centre's 202 until the provider has the request for the text, beside a bare RQ job's way.

The floor is one committed row, then a job put on an empty queue until a worker of plain RQ has begun it. Idle, the two
take turns order by order; under load, round by round.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

import psycopg
from rq import Queue

from benchmarks import senders
from benchmarks.bare_worker import STARTED, bare_queue
from benchmarks.rows import Row, compared, plain, written
from benchmarks.service import STATION, Recorder, Running, child, command, recorder, running
from benchmarks.usage import Usage, watched

IDLE, PAUSE_S = 100, 0.15
A_SECOND, LOAD_S, ROUNDS, LINES = 100, 8, 3, 32
_SETTLED_S, _GIVE_UP_S = 0.5, 60.0
PATIENT = {
    "levels": {
        "high": {
            "wave": 1,
            "most": 1,
            "answer_s": 1800,
            "sign_s": 1800,
            "contact_s": 3600,
            "meet_s": 7200,
            "feedback_s": 86400,
        }
    }
}
"""Nobody answers here, and nobody is asked a second time."""


@dataclass(frozen=True)
class Bench:
    """What both ways are measured with."""

    service: Running
    provider: Recorder
    rows: psycopg.Connection[Any]
    queue: Queue


def measure(idle: int = IDLE, rounds: int = ROUNDS, load_s: float = LOAD_S) -> dict[str, Any]:
    """Milliseconds, median and 99th percentile, idle and at 100 orders a second."""
    with _bench(people=idle + round(rounds * A_SECOND * load_s) + 50) as bench:
        ours, floor, answers = _idle(bench, idle)
        with watched(bench.service.pid) as usage:
            loaded, loaded_floor, delays = _loaded(bench, rounds, load_s)
    rows = [
        plain("b. order → 202, idle, median", "ms", median(answers)),
        plain("b. order → 202, idle, p99", "ms", p99(answers)),
        *_pair("idle", [ours], [floor], 3),
        *_pair(f"{A_SECOND} a second", loaded, loaded_floor, 5),
    ]
    return {
        "rows": written(rows),
        "idle_ms": {"answer": answers, "text": ours, "floor": floor},
        "loaded_ms": {"text": loaded, "floor": loaded_floor, "answer": delays},
        "usage": usage_of(usage),
    }


def usage_of(usage: Usage) -> dict[str, Any]:
    """As JSON keeps it."""
    return {"cpu_s": round(usage.cpu_s, 2), "peak_mb": round(usage.peak_mb, 1), "parts_mb": usage.parts_mb}


def p99(values: Sequence[float]) -> float:
    """The 99th percentile."""
    return quantiles(values, n=100)[98]


def _pair(how: str, ours: Sequence[Sequence[float]], floor: Sequence[Sequence[float]], goal: float) -> list[Row]:
    beside = "commit, RQ enqueue → start"
    return [
        compared(
            f"b. 202 → text request, {how}, {name}",
            "ms",
            [of(one) for one in ours],
            beside,
            [of(one) for one in floor],
            at_most=goal,
        )
        for name, of in (("median", median), ("p99", p99))
    ]


@contextmanager
def _bench(people: int) -> Iterator[Bench]:
    with recorder() as provider, running(provider, people) as service:
        command(service.data, "policy", "set", STATION, stdin=json.dumps(PATIENT))
        with child("benchmarks.bare_worker", service.redis_url), psycopg.connect(service.database_url) as rows:
            rows.execute("CREATE TABLE bench_floor (id int)")
            rows.commit()
            yield Bench(service, provider, rows, bare_queue(service.redis_url))


def _idle(bench: Bench, orders: int) -> tuple[list[float], list[float], list[float]]:
    """Texts, floors and answers, a pair after a pair; the first few of each only warm up."""
    said, floors, answers = [], [], []
    for number in range(orders + 5):
        time.sleep(PAUSE_S)
        sent = _send(bench, [senders.order(number, STATION, "I")], f"I{number}", None)
        said += sent.said
        answers += sent.took_ms
        time.sleep(PAUSE_S)
        floors += floor_ms(bench, 1, None)
    return _text_ms(bench, said)[5:], floors[5:], answers[5:]


def _loaded(bench: Bench, rounds: int, load_s: float) -> tuple[list[list[float]], ...]:
    ours, floors, answers = [], [], []
    many = round(A_SECOND * load_s)
    for turn in range(rounds):
        orders = [senders.order((turn + 1) * 100_000 + n, STATION, "L") for n in range(many)]
        sent = _send(bench, orders, f"L{turn}", A_SECOND)
        ours.append(_text_ms(bench, sent.said))
        answers.append(sent.took_ms)
        time.sleep(_SETTLED_S)
        floors.append(floor_ms(bench, many, A_SECOND))
    return ours, floors, answers


def _send(bench: Bench, orders: list[dict[str, Any]], run: str, a_second: float | None) -> senders.Answers:
    port = int(bench.service.url.rpartition(":")[2])
    requests = list(senders.signed("bench", bench.service.secret, orders, run))
    answers = senders.send(port, requests, min(LINES, len(orders)), a_second=a_second)
    answers.rate(202)
    return answers


def _text_ms(bench: Bench, said: Sequence[tuple[float, bytes]]) -> list[float]:
    """From each answer until its case's text was asked for, once all have been."""
    answered = {json.loads(body)["case_id"]: at for at, body in said}
    give_up = time.monotonic() + _GIVE_UP_S
    while time.monotonic() < give_up:
        arrived = bench.provider.arrived()
        texts = bench.rows.execute(
            "SELECT case_id::text, id::text FROM messages WHERE case_id = ANY(%s::uuid[]) AND template = 'offer'",
            (list(answered),),
        ).fetchall()
        bench.rows.rollback()
        found = {case: arrived[text] for case, text in texts if text in arrived}
        if len(found) == len(answered):
            return [(found[case] - at) * 1000 for case, at in answered.items()]
        time.sleep(_SETTLED_S)
    raise RuntimeError(f"{len(answered) - len(found)} of {len(answered)} orders came to no text")


def floor_ms(bench: Bench, jobs: int, a_second: float | None) -> list[float]:
    """Each from before its row's commit until its job has begun."""
    began: dict[int, float] = {}
    first = time.monotonic()
    for number in range(jobs):
        if a_second:
            time.sleep(max(0.0, first + number / a_second - time.monotonic()))
        began[number] = time.monotonic()
        bench.rows.execute("INSERT INTO bench_floor VALUES (1)")
        bench.rows.commit()
        bench.queue.enqueue_call("benchmarks.bare_worker.started", args=(number, bench.service.redis_url), result_ttl=0)
    took = []
    for _ in range(jobs):
        popped: Any = bench.queue.connection.blpop([STARTED], timeout=30)
        number, at = popped[1].split()
        took.append((float(at) - began[int(number)]) * 1000)
    return took
