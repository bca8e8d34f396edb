"""How long from the centre's 202 until the provider has the request for the text, one order at a time."""

import time
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

import psycopg
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from benchmarks.service import STATION, running
from simulator.centre import Centre
from simulator.handset import Exchange

ORDERS = 60
PAUSE_S = 0.25


def measure() -> dict[str, Any]:
    """Milliseconds: the answer to the centre, from the answer to the provider's request, and the floor beside it."""
    answers: list[float] = []
    texts: list[float] = []
    floors: list[float] = []
    with (
        Exchange() as exchange,
        running(exchange, people=ORDERS + 20) as service,
        Centre(service.url, "bench", service.secret) as centre,
        psycopg.connect(service.database_url) as rows,
    ):
        rows.execute("CREATE TABLE bench_floor (id int)")
        rows.commit()
        queue = Queue("bench", connection=Redis.from_url(service.redis_url), serializer=JSONSerializer)
        for number in range(ORDERS):
            time.sleep(PAUSE_S)
            answered, texted = _one(centre, exchange, number)
            answers.append(answered)
            texts.append(texted)
            floors.append(_floor(rows, queue))
    return {
        "orders": ORDERS,
        "answer_ms": _summary(answers),
        "answer_to_text_request_ms": _summary(texts),
        "floor_commit_enqueue_dequeue_ms": _summary(floors),
        "ratio_median": round(median(texts) / median(floors), 2),
    }


def _one(centre: Centre, exchange: Exchange, number: int) -> tuple[float, float]:
    known = len(exchange.texts())
    order = {
        "alert_no": f"BENCH-{number:05d}",
        "station": STATION,
        "level": "high",
        "kind": "fund",
        "fraud_type": "fake_investment",
        "resident": {
            "name": "测某试",
            "phone": f"+861370099{number:04d}",
            "location": {"lon": 113.86, "lat": 22.58, "crs": "wgs84"},
        },
    }
    started = time.perf_counter()
    receipt = centre.send_alert(order)
    answered = time.perf_counter()
    if receipt.status != 202:
        raise RuntimeError(f"{datetime.now(UTC)}: answered {receipt.status}")
    while len(exchange.texts()) == known:
        exchange.look(1)
    return (answered - started) * 1000, (time.perf_counter() - answered) * 1000


def _floor(rows: psycopg.Connection[Any], queue: Queue) -> float:
    """One commit, one bare RQ job onto an empty queue and off it again."""
    started = time.perf_counter()
    rows.execute("INSERT INTO bench_floor VALUES (1)")
    rows.commit()
    job = queue.enqueue_call("time.time", result_ttl=0)
    Queue.dequeue_any([queue], timeout=None, connection=queue.connection, serializer=JSONSerializer)
    job.delete()
    return (time.perf_counter() - started) * 1000


def _summary(values: list[float]) -> dict[str, float]:
    return {"median": round(median(values), 1), "p99": round(quantiles(values, n=100)[98], 1)}
